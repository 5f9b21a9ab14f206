package pages

import (
	"context"
	"net/url"
	"slices"
	"unicode/utf8"

	"beforehand/frontend/design"
	"beforehand/internal/store"
	"beforehand/models"
)

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

// mostText is how long a text may be that is searched for, as in the API.
const mostText = 200

// listAsked reads the filter form. What is not a choice chooses nothing; a day
// that is none is a fault.
func listAsked(q url.Values) (l list, wrong error) {
	l = list{answers: url.Values{}, typed: q.Get("q"), first: q.Get("after") == "", parts: partsOf(q, "at")}
	keep := func(name string, ok bool) {
		if v := q.Get(name); ok && v != "" {
			l.answers.Set(name, v)
		}
	}
	keep("q", utf8.RuneCountInString(q.Get("q")) <= mostText)
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
	if n := utf8.RuneCountInString(q.Get("q")); n > mostText {
		f.Add("q", "too_long", "max", mostText, "length", n)
	}
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

// value is what a value of a facet is called.
func (l list) value(ctx context.Context, c choice, v string) string {
	if c.name == "area" {
		return design.In(ctx, l.areas[v]).Text
	}
	return design.Say(ctx, c.words+v)
}

// areaChoice is the answer that is not of a closed list.
var areaChoice = choice{name: "area", facet: "service_area_id", label: "page.column.area"}

// narrowing are the figures that still choose among what was found.
func (l list) narrowing(column string) []store.Facet {
	var out []store.Facet
	for _, f := range l.figures.By {
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
