package pages

import (
	"context"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// Unions lists the unions, their branches, and who acts for each.
func (p *Pages) Unions(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "organisation.read"); err != nil {
		return err
	}
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	officers, err := p.Register.Officers(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	b := board{title: design.Say(ctx, "page.unions.title"), crumbs: organisationCrumbs(ctx), lead: []string{design.Say(ctx, "page.unions.lead"), design.Say(ctx, "page.unions.names")}}
	for _, o := range []struct{ act, code, path string }{
		{"union.add", "page.unions.add", "/organisation/unions/new"},
		{"branch.add", "page.branches.add", "/organisation/branches/new"},
		{"officer.appoint", "page.officers.add", "/organisation/officers/new"},
		{"service_address.agree", "page.agree.title", "/organisation/service-addresses/new"},
	} {
		b.do = append(b.do, offer(ctx, o.act, o.code, o.path)...)
	}
	unions := grid{caption: design.Say(ctx, "page.unions.caption"), none: design.Say(ctx, "page.unions.none"), heads: heads(ctx, "union", "name", "branches")}
	for _, u := range s.unions {
		var names []templ.Component
		for _, x := range s.branch {
			if x.UnionID == u.ID {
				names = append(names, plain(x.Name))
			}
		}
		if names == nil {
			names = append(names, plain(design.Say(ctx, "page.none")))
		}
		unions.rows = append(unions.rows, []templ.Component{plain(u.Abbreviation), plain(u.Name), stacked(names)})
	}
	b.parts = []templ.Component{gridTable(unions), gridTable(officerGrid(ctx, s, officers, models.DateOf(p.Register.Now(), design.Of(ctx).Org.Location())))}
	return p.showBoard(c, b)
}

func unionCrumbs(ctx context.Context) []design.Crumb {
	return organisationCrumbs(ctx, design.Say(ctx, "page.unions.title"), "/organisation/unions")
}

// NewUnionForm asks for a union.
func (p *Pages) NewUnionForm(c *gin.Context) error { return p.newUnion(c, url.Values{}, faults{}) }

func (p *Pages) newUnion(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "union.add"); err != nil {
		return err
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.unions.add"), crumbs: unionCrumbs(ctx), lead: []string{design.Say(ctx, "page.unions.add_lead")}, path: "/organisation/unions/new", faults: wrong, at: "abbreviation",
		button: design.Say(ctx, "page.unions.button"), ask: []question{ask(ctx, "name", "unionname", v.Get("name")), ask(ctx, "abbreviation", "abbreviation", v.Get("abbreviation")).as("text", "off", "govuk-input--width-10")},
	})
}

// AddUnion adds a union.
func (p *Pages) AddUnion(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	_, err := p.Register.AddUnion(ctx, web.Actor(ctx), v.Get("name"), v.Get("abbreviation"))
	if again(err) {
		return p.newUnion(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/organisation/unions", "page.unions.added")
}

// NewBranchForm asks for a branch.
func (p *Pages) NewBranchForm(c *gin.Context) error { return p.newBranch(c, url.Values{}, faults{}) }

func (p *Pages) newBranch(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "branch.add"); err != nil {
		return err
	}
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.branches.add"), crumbs: unionCrumbs(ctx), lead: []string{design.Say(ctx, "page.branches.lead")}, path: "/organisation/branches/new", faults: wrong, at: "name",
		button: design.Say(ctx, "page.branches.button"), ask: []question{ask(ctx, "union", "itsunion", v.Get("union")).oneOf(s.unionOptions(ctx)), ask(ctx, "name", "branchname", v.Get("name"))},
	})
}

// AddBranch adds a branch.
func (p *Pages) AddBranch(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	_, err := p.Register.AddBranch(ctx, web.Actor(ctx), v.Get("union"), v.Get("name"))
	if again(err) {
		return p.newBranch(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/organisation/unions", "page.branches.added")
}
