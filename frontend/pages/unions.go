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

// NewAddressForm asks where a branch has agreed to be served.
func (p *Pages) NewAddressForm(c *gin.Context) error { return p.newAddress(c, url.Values{}, faults{}) }

func (p *Pages) newAddress(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "service_address.agree"); err != nil {
		return err
	}
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.agree.title"), crumbs: organisationCrumbs(ctx, design.Say(ctx, "page.addresses.title"), "/addresses"), lead: []string{design.Say(ctx, "page.agree.lead")},
		path: "/organisation/service-addresses/new", faults: wrong, at: "address", button: design.Say(ctx, "page.agree.button"), ask: []question{
			ask(ctx, "branch", "branch", v.Get("branch")).oneOf(s.branchOptions(ctx)),
			ask(ctx, "channel", "channel", v.Get("channel")).oneOf(options(ctx, "page.choose", "channel.", []models.Channel{models.ByEmail, models.ByHand, models.ByPost})),
			ask(ctx, "address", "serviceaddress", v.Get("address")),
			ask(ctx, "languages", "noticelanguages", "").manyOf(options(ctx, "", "language.", []models.Language{models.English, models.Welsh}), v["languages"]),
			dated(ask(ctx, "from", "firstday", ""), partsOf(v, "from")), dated(ask(ctx, "to", "lastday", ""), partsOf(v, "to")),
		},
	})
}

// AgreeAddress records where a branch has agreed to be served. The union
// confirms it where it sees its addresses.
func (p *Pages) AgreeAddress(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	var f models.Faults
	in := models.ServiceAddress{BranchID: v.Get("branch"), Channel: models.Channel(v.Get("channel")), Address: v.Get("address"), From: dayTyped(&f, v, "from"), To: dayTyped(&f, v, "to")}
	for _, l := range v["languages"] {
		in.Languages = append(in.Languages, models.Language(l))
	}
	err := f.Err()
	if err == nil {
		_, err = p.Register.AgreeAddress(ctx, web.Actor(ctx), in)
	}
	if again(err) {
		return p.newAddress(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/addresses", "page.agree.done")
}
