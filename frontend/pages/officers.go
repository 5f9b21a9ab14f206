package pages

import (
	"context"
	"net/url"
	"slices"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

func officerGrid(ctx context.Context, s structure, all []register.OfficerView, today models.Date) grid {
	g := grid{
		title: design.Say(ctx, "page.officers.title"), id: "officers", caption: design.Say(ctx, "page.officers.caption"), none: design.Say(ctx, "page.officers.none"),
		heads: heads(ctx, "branch", "post", "name", "validfrom", "validto", "status"),
	}
	for _, o := range all {
		branch := s.branchOf(o.BranchID)
		name := o.Name
		if name == "" {
			name = design.Say(ctx, "page.officers.unnamed")
		}
		text, colour := spell(ctx, o.From, o.To, today)
		g.rows = append(g.rows, []templ.Component{plain(s.union(branch.UnionID) + ": " + branch.Name), plain(design.Say(ctx, "post."+o.Post)), plain(name), dayCell(o.From), dayCell(o.To), design.Tag(text, colour)})
	}
	return g
}

// spell says whether what runs from a day to a day runs today.
func spell(ctx context.Context, from, to, today models.Date) (text, colour string) {
	switch {
	case today < from:
		return design.Say(ctx, "page.spell.to_come"), "blue"
	case to != 0 && to < today:
		return design.Say(ctx, "page.spell.over"), "grey"
	default:
		return design.Say(ctx, "page.spell.runs"), "green"
	}
}

// NewOfficerForm asks who is to act for a branch.
func (p *Pages) NewOfficerForm(c *gin.Context) error { return p.newOfficer(c, url.Values{}, faults{}) }

func (p *Pages) newOfficer(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "officer.appoint"); err != nil {
		return err
	}
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	if a := web.Actor(ctx); !a.Has(models.RoleAdmin) {
		// A union sees to its own posts.
		s.branch = slices.DeleteFunc(s.branch, func(b models.Branch) bool { return !slices.Contains(a.Unions(), b.UnionID) })
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.officers.add"), crumbs: unionCrumbs(ctx), lead: []string{design.Say(ctx, "page.officers.lead")}, path: "/organisation/officers/new", faults: wrong, at: "email",
		button: design.Say(ctx, "page.officers.button"), ask: []question{
			ask(ctx, "branch", "branch", v.Get("branch")).oneOf(s.branchOptions(ctx)), ask(ctx, "email", "officeremail", v.Get("email")).as("email", "off", "govuk-input--width-20"),
			ask(ctx, "post", "post", v.Get("post")).oneOf(options(ctx, "page.choose", "post.", []string{"officer", "deputy"})),
			dated(ask(ctx, "from", "firstday", ""), partsOf(v, "from")), dated(ask(ctx, "to", "lastday", ""), partsOf(v, "to")),
		},
	})
}

// AppointOfficer appoints somebody.
func (p *Pages) AppointOfficer(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	var f models.Faults
	from, to := dayTyped(&f, v, "from"), dayTyped(&f, v, "to")
	err := f.Err()
	if err == nil {
		_, err = p.Register.AppointOfficer(ctx, web.Actor(ctx), v.Get("branch"), v.Get("email"), v.Get("post"), from, to)
	}
	if again(err) {
		return p.newOfficer(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/organisation/unions#officers", "page.officers.added")
}
