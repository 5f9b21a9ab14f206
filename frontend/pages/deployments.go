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
	text, stage, class, late, sort string

	use    string
	facets []store.Facet
	rows   []models.Deployment
	next   string
	total  int
	first  bool
}

// filtered says whether anything was asked for.
func (l list) filtered() bool {
	return l.text != "" || l.stage != "" || l.class != "" || l.late != "" || l.use != ""
}

// sorts are the orders on offer, each the way round that people mean.
var sorts = map[string]store.Filter{
	"updated": {Sort: store.SortUpdated, Desc: true},
	"created": {Sort: store.SortCreated, Desc: true},
	"name":    {Sort: store.SortName},
	"review":  {Sort: store.SortReview},
}

var sortNames = []string{"updated", "created", "name", "review"}

// asked reads the filter form. What is not a choice chooses nothing.
func asked(q url.Values) (list, store.Filter) {
	l := list{text: q.Get("q"), stage: q.Get("stage"), class: q.Get("class"), late: q.Get("late"), use: q.Get("use"), sort: q.Get("sort"), first: q.Get("after") == ""}
	if !slices.Contains(sortNames, l.sort) {
		l.sort = sortNames[0]
	}
	if !slices.Contains(models.Stages, models.Stage(l.stage)) {
		l.stage = ""
	}
	if !slices.Contains(classes, models.ChangeClass(l.class)) {
		l.class = ""
	}
	if !slices.Contains(models.UseFamilies, models.UseFamily(l.use)) {
		l.use = ""
	}
	f := sorts[l.sort]
	f.Text, f.Stage, f.Class = l.text, models.Stage(l.stage), models.ChangeClass(l.class)
	f.UseFamily = models.UseFamily(l.use)
	switch l.late {
	case "yes", "no":
		late := l.late == "yes"
		f.Late = &late
	default:
		l.late = ""
	}
	return l, f
}

var classes = []models.ChangeClass{models.ClassA, models.ClassB, models.ClassC, models.ClassD}

// Deployments lists the register.
func (p *Pages) Deployments(c *gin.Context) error {
	ctx := c.Request.Context()
	q := design.Of(ctx).Query
	l, f := asked(q)
	var err error
	l.rows, l.next, l.total, err = p.Register.Deployments(ctx, web.Actor(ctx), f, register.Page{After: q.Get("after"), Limit: perPage})
	if err != nil {
		return err
	}
	if l.facets, err = p.Register.Facets(ctx, web.Actor(ctx), f); err != nil {
		return err
	}
	return p.render(c, http.StatusOK, registerPage(l))
}

// count says how many there are, up to where counting stops.
func (l list) count(ctx context.Context) string {
	if l.total > store.CountCap {
		return design.Say(ctx, "page.register.many")
	}
	return design.Say(ctx, "page.register.total", "count", l.total)
}

// page is the address of this list from a cursor on.
func (l list) page(ctx context.Context, after string) templ.SafeURL {
	q := url.Values{}
	for name, v := range map[string]string{"q": l.text, "stage": l.stage, "class": l.class, "late": l.late, "use": l.use, "sort": l.sort, "after": after} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return design.Link(ctx, "/register?"+q.Encode())
}

// Deployment shows one deployment.
func (p *Pages) Deployment(c *gin.Context) error {
	v, err := p.dossier(c.Request.Context(), param(c, "ref"))
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(v.gate.faults) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, deploymentPage(v))
}

func (l list) firstPage(ctx context.Context) templ.SafeURL {
	if l.first {
		return ""
	}
	return l.page(ctx, "")
}

func (l list) nextPage(ctx context.Context) templ.SafeURL {
	if l.next == "" {
		return ""
	}
	return l.page(ctx, l.next)
}

// facetWords are the words of a facet's values, by its column.
var facetWords = map[string]string{"stage": "stage.", "class": "changeClass.", "use_family": "useFamily.", "late": "page.late."}

// facetNames are the names of the answers of the filter, by a facet's column.
var facetNames = map[string]string{"stage": "stage", "class": "class", "use_family": "use", "late": "late"}

// narrower is the address of this list with one more answer of the filter.
func (l list) narrower(ctx context.Context, f store.Facet) templ.SafeURL {
	n := l
	switch f.Column {
	case "stage":
		n.stage = f.Value
	case "class":
		n.class = f.Value
	case "use_family":
		n.use = f.Value
	default:
		n.late = f.Value
	}
	return n.page(ctx, "")
}

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
