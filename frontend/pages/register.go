package pages

import (
	"context"
	"net/http"
	"net/url"

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
	at      models.Date
	parts   design.DateParts
	figures store.Figures
	rows    []models.Deployment
	areas   map[string]models.Text
	next    string
	total   store.Total
	first   bool
	// without counts what would be found if one answer were left out.
	without []lighter
	// sides is what both sides say of what a question of scrutiny has found.
	sides []bothSides
	views []register.SavedView
	// personal says that the reader may keep views.
	personal bool
	name     string
	faults   faults
	// typed is what was typed to be searched for.
	typed string
}

// lighter is the list with one answer fewer, and how much it finds.
type lighter struct {
	name  string
	total store.Total
}

// Deployments lists the register.
func (p *Pages) Deployments(c *gin.Context) error {
	return p.list(c, design.Of(c.Request.Context()).Query, faults{})
}

func (p *Pages) list(c *gin.Context, q url.Values, wrong faults) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	l, err := listAsked(q)
	if err := p.knownArea(ctx, a, &l); err != nil {
		return err
	}
	if err == nil && l.at != 0 {
		l.rows, l.next, l.total, err = p.Register.DeploymentsAt(ctx, a, l.filter(""), l.at, register.Page{After: q.Get("after"), Limit: perPage})
	}
	if err != nil {
		// A day that is none, or to come, shows the register of now; too long a text, all of it.
		if l.faults = faultsOf(ctx, err); l.faults.by["at"] == "" && l.faults.by["q"] == "" {
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

// knownArea leaves out a service area that is none.
func (p *Pages) knownArea(ctx context.Context, a models.Actor, l *list) error {
	id := l.answers.Get("area")
	if id == "" {
		return nil
	}
	names, err := p.Register.AreaNames(ctx, a, []string{id})
	if len(names) == 0 {
		l.answers.Del("area")
	}
	return err
}

// now finds what is on the register now.
func (p *Pages) now(ctx context.Context, a models.Actor, after string, l *list) error {
	var err error
	if l.rows, l.next, l.total, err = p.Register.Deployments(ctx, a, l.filter(""), register.Page{After: after, Limit: perPage}); err != nil {
		return err
	}
	if l.figures, err = p.Register.Facets(ctx, a, l.filter("")); err != nil {
		return err
	}
	if l.answers.Get("ask") != "" {
		if err := p.gatherSides(ctx, a, l); err != nil {
			return err
		}
	}
	chosen := l.chosen()
	if len(l.rows) > 0 || l.next != "" || !l.first || len(chosen) == 0 {
		return nil
	}
	filters := make([]store.Filter, len(chosen))
	for i, name := range chosen {
		filters[i] = l.filter(name)
	}
	totals, err := p.Register.CountEach(ctx, a, filters)
	if err != nil {
		return err
	}
	for i, t := range totals {
		if t.Count > 0 || t.More {
			l.without = append(l.without, lighter{chosen[i], t})
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
	for _, f := range l.figures.By {
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

// totalOf says how many there are, up to where counting stops.
func totalOf(ctx context.Context, t store.Total) string {
	switch {
	case !t.More:
		return design.Say(ctx, "page.register.total", "count", t.Count)
	case t.Count == store.CountCap:
		return design.Say(ctx, "page.register.many")
	default:
		return design.Say(ctx, "page.register.least", "count", t.Count)
	}
}

// counted is what says of which deployments the figures are, where not of all.
func (l list) counted() string {
	if l.figures.Of.Count < store.CountCap {
		return "page.register.looked"
	}
	return "page.register.newest"
}

// broke says that a search has looked far enough without filling its page.
func (l list) broke() bool { return l.next != "" && len(l.rows) < perPage }

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
