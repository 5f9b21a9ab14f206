package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/internal/web"
	"beforehand/models"
)

// perPage is how many deployments a page of the register lists.
const perPage = 25

// list is a page of the register: what was asked for and what was found.
type list struct {
	// answers are those of the filter that choose something, by name.
	answers url.Values
	// at is the past day that is asked for, 0 is now.
	at     models.Date
	parts  design.DateParts
	facets []store.Facet
	rows   []models.Deployment
	areas  map[string]models.Text
	next   string
	total  int
	first  bool
	// without counts what would be found if one answer were left out.
	without []lighter
	// sides is what both sides say of what a question of scrutiny has found.
	sides []bothSides
	views []register.SavedView
	// personal says that the reader may keep views.
	personal bool
	name     string
	faults   faults
}

// lighter is the list with one answer fewer, and how much it finds.
type lighter struct {
	name  string
	count int
}

// choice is an answer of the filter that is chosen from a list.
type choice struct {
	name, facet, label, words string
	values                    []string
	set                       func(f *store.Filter, v string)
}

func texts[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = string(v)
	}
	return out
}

var classes = []models.ChangeClass{models.ClassA, models.ClassB, models.ClassC, models.ClassD}

// choices are the lists of the filter, in the order in which they stand.
var choices = []choice{
	{"stage", "stage", "page.column.stage", "stage.", texts(models.Stages), func(f *store.Filter, v string) { f.Stage = models.Stage(v) }},
	{"class", "class", "page.column.class", "changeClass.", texts(classes), func(f *store.Filter, v string) { f.Class = models.ChangeClass(v) }},
	{"use", "use_family", "page.facet.use", "useFamily.", texts(models.UseFamilies), func(f *store.Filter, v string) { f.UseFamily = models.UseFamily(v) }},
	{"ai", "ai_class", "record.aiClass", "aiClass.", texts(models.AIClasses), func(f *store.Filter, v string) { f.AIClass = models.AIClass(v) }},
	{"risk", "risk_level", "record.riskLevel", "riskLevel.", texts(models.RiskLevels), func(f *store.Filter, v string) { f.Risk = models.RiskLevel(v) }},
	{"late", "late", "page.late", "page.late.", []string{"yes", "no"}, func(f *store.Filter, v string) { late := v == "yes"; f.Late = &late }},
}

// atOnce are the answers that choose among what there was on a past day.
var atOnce = []string{"stage", "class", "late"}

// sorts are the orders on offer, each the way round that people mean.
var sorts = map[string]store.Filter{
	"updated": {Sort: store.SortUpdated, Desc: true},
	"created": {Sort: store.SortCreated, Desc: true},
	"name":    {Sort: store.SortName},
	"review":  {Sort: store.SortReview},
}

var sortNames = []string{"updated", "created", "name", "review"}

// listAsked reads the filter form. What is not a choice chooses nothing; a day
// that is none is a fault.
func listAsked(q url.Values) (l list, wrong error) {
	l = list{answers: url.Values{}, first: q.Get("after") == "", parts: partsOf(q, "at")}
	keep := func(name string, ok bool) {
		if v := q.Get(name); ok && v != "" {
			l.answers.Set(name, v)
		}
	}
	keep("q", true)
	keep("sort", slices.Contains(sortNames[1:], q.Get("sort")))
	keep("ask", slices.Contains(store.Questions, store.Question(q.Get("ask"))))
	keep("area", true)
	for _, c := range choices {
		keep(c.name, slices.Contains(c.values, q.Get(c.name)))
	}
	for _, name := range columnNames {
		if slices.Contains(q["cols"], name) {
			l.answers.Add("cols", name)
		}
	}
	var f models.Faults
	if l.at = dayTyped(&f, q, "at"); l.at != 0 {
		for _, part := range []string{"at-day", "at-month", "at-year"} {
			keep(part, true)
		}
	}
	return l, f.Err()
}

// filter is what the answers choose, one of them left out.
func (l list) filter(but string) store.Filter {
	f := sorts[otherwise(l.answers.Get("sort"), sortNames[0])]
	say := func(name string) string {
		if name == but {
			return ""
		}
		return l.answers.Get(name)
	}
	f.Text, f.Ask, f.AreaPath = say("q"), store.Question(say("ask")), say("area")
	for _, c := range choices {
		if v := say(c.name); v != "" {
			c.set(&f, v)
		}
	}
	return f
}

// chosen are the names of the answers that leave something out.
func (l list) chosen() []string {
	names := []string{"q", "ask", "area"}
	for _, c := range choices {
		names = append(names, c.name)
	}
	return slices.DeleteFunc(names, func(n string) bool { return l.answers.Get(n) == "" || l.at != 0 && !slices.Contains(atOnce, n) })
}

// Deployments lists the register.
func (p *Pages) Deployments(c *gin.Context) error {
	return p.list(c, design.Of(c.Request.Context()).Query, faults{})
}

func (p *Pages) list(c *gin.Context, q url.Values, wrong faults) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	l, err := listAsked(q)
	if err == nil && l.at != 0 {
		l.rows, l.next, l.total, err = p.Register.DeploymentsAt(ctx, a, l.filter(""), l.at, register.Page{After: q.Get("after"), Limit: perPage})
	}
	if err != nil {
		// A day that is none, or to come, shows the register of now.
		if l.faults = faultsOf(ctx, err); l.faults.by["at"] == "" {
			return err
		}
		l.at = 0
	}
	l.faults = l.faults.and(wrong)
	l.name = q.Get("name")
	if l.at == 0 {
		if err := p.now(ctx, a, q.Get("after"), &l); err != nil {
			return err
		}
	}
	if err := p.around(ctx, a, &l); err != nil {
		return err
	}
	status := http.StatusOK
	if l.faults.any() {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, registerPage(l))
}

// now finds what is on the register now.
func (p *Pages) now(ctx context.Context, a models.Actor, after string, l *list) error {
	var err error
	if l.rows, l.next, l.total, err = p.Register.Deployments(ctx, a, l.filter(""), register.Page{After: after, Limit: perPage}); err != nil {
		return err
	}
	if l.facets, err = p.Register.Facets(ctx, a, l.filter("")); err != nil {
		return err
	}
	if l.answers.Get("ask") != "" {
		if err := p.gatherSides(ctx, a, l); err != nil {
			return err
		}
	}
	chosen := l.chosen()
	if len(l.rows) > 0 || !l.first || len(chosen) == 0 {
		return nil
	}
	filters := make([]store.Filter, len(chosen))
	for i, name := range chosen {
		filters[i] = l.filter(name)
	}
	counts, err := p.Register.CountEach(ctx, a, filters)
	if err != nil {
		return err
	}
	for i, n := range counts {
		if n > 0 {
			l.without = append(l.without, lighter{chosen[i], n})
		}
	}
	return nil
}

// around finds what stands around the list: the names of the service areas in
// it, and the reader's own views.
func (p *Pages) around(ctx context.Context, a models.Actor, l *list) error {
	ids := []string{l.answers.Get("area")}
	for _, d := range l.rows {
		ids = append(ids, d.ServiceAreaID)
	}
	for _, f := range l.facets {
		if f.Column == "service_area_id" {
			ids = append(ids, f.Value)
		}
	}
	var err error
	if l.areas, err = p.Register.AreaNames(ctx, a, ids); err != nil || a.Anonymous() {
		return err
	}
	l.views, err = p.Register.SavedViews(ctx, a)
	l.personal = err == nil
	if hidden(err) {
		return nil
	}
	return err
}

// count says how many there are, up to where counting stops.
func (l list) count(ctx context.Context) string {
	if l.total > store.CountCap {
		return design.Say(ctx, "page.register.many")
	}
	return design.Say(ctx, "page.register.total", "count", l.total)
}

// address is that of this list, changed by some names and values; "" takes an
// answer out.
func (l list) address(ctx context.Context, path string, pairs ...string) templ.SafeURL {
	q := url.Values{}
	for name, all := range l.answers {
		q[name] = all
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Del(pairs[i]); pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return design.Link(ctx, path)
}

func (l list) firstPage(ctx context.Context) templ.SafeURL {
	if l.first {
		return ""
	}
	return l.address(ctx, "/register")
}

func (l list) nextPage(ctx context.Context) templ.SafeURL {
	if l.next == "" {
		return ""
	}
	return l.address(ctx, "/register", "after", l.next)
}

// value is what a value of a facet is called.
func (l list) value(ctx context.Context, c choice, v string) string {
	if c.name == "area" {
		return design.In(ctx, l.areas[v]).Text
	}
	return design.Say(ctx, c.words+v)
}

// areaChoice is the answer that is not of a closed list.
var areaChoice = choice{name: "area", facet: "service_area_id", label: "page.column.area"}

// narrowing are the facets that still choose among what was found.
func (l list) narrowing(column string) []store.Facet {
	var out []store.Facet
	for _, f := range l.facets {
		if f.Column == column && f.Value != "" {
			out = append(out, f)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// areaOptions are the service areas to choose from: those in which something
// was found, and the one that is chosen.
func (l list) areaOptions(ctx context.Context) []design.Option {
	out := []design.Option{{Text: design.Say(ctx, "page.any")}}
	for id, name := range l.areas {
		out = append(out, design.Option{Value: id, Text: design.In(ctx, name).Text})
	}
	slices.SortFunc(out[1:], func(a, b design.Option) int { return compareFolded(a.Text, b.Text) })
	return out
}

// answerName is what an answer of the filter is called, with what was answered.
func (l list) answerName(ctx context.Context, name string) string {
	switch name {
	case "q":
		return design.Say(ctx, "page.register.search") + ": " + l.answers.Get("q")
	case "ask":
		return design.Say(ctx, "page.scrutiny."+l.answers.Get("ask"))
	case "area":
		return design.Say(ctx, areaChoice.label) + ": " + l.value(ctx, areaChoice, l.answers.Get("area"))
	}
	for _, c := range choices {
		if c.name == name {
			return design.Say(ctx, c.label) + ": " + l.value(ctx, c, l.answers.Get(name))
		}
	}
	return name
}
