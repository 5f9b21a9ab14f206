package pages

import (
	"net/url"
	"slices"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// under says whether a service area stands right below another; "" is the top.
func under(a models.ServiceArea, parent string) bool {
	if a.ParentID == nil {
		return parent == ""
	}
	return *a.ParentID == parent
}

func hasBelow(all []models.ServiceArea, id string) bool {
	return slices.ContainsFunc(all, func(a models.ServiceArea) bool { return under(a, id) })
}

// Services shows the service areas as a tree, with a form for one more.
func (p *Pages) Services(c *gin.Context) error { return p.services(c, url.Values{}, faults{}) }

func (p *Pages) services(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "organisation.read"); err != nil {
		return err
	}
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	b := board{title: design.Say(ctx, "page.services.title"), crumbs: organisationCrumbs(ctx), lead: []string{design.Say(ctx, "page.services.lead")}}
	if len(s.areas) == 0 {
		b.parts = []templ.Component{paragraph(design.Say(ctx, "page.services.none"))}
	} else {
		b.parts = []templ.Component{areaTree(s.areas, "")}
	}
	if could(ctx, "service_area.add") {
		b.form = &sheet{
			title: design.Say(ctx, "page.services.add"), path: "/organisation/services", button: design.Say(ctx, "page.services.button"), faults: wrong, at: "name.en",
			ask: []question{
				ask(ctx, "name.en", "nameen", v.Get("name.en")), ask(ctx, "name.cy", "namecy", v.Get("name.cy")),
				ask(ctx, "parent", "parentarea", v.Get("parent")).oneOf(s.areaOptions(ctx, "page.services.top")),
			},
		}
	}
	return p.showBoard(c, b)
}

// AddService adds a service area.
func (p *Pages) AddService(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	_, err := p.Register.AddServiceArea(ctx, web.Actor(ctx), models.Text{En: v.Get("name.en"), Cy: v.Get("name.cy")}, v.Get("parent"))
	if again(err) {
		return p.services(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/organisation/services", "page.services.added")
}

// Units lists the bargaining units, with a form for one more.
func (p *Pages) Units(c *gin.Context) error { return p.units(c, url.Values{}, faults{}) }

func (p *Pages) units(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "organisation.read"); err != nil {
		return err
	}
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	roles, err := p.Register.JobRoles(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	g := grid{caption: design.Say(ctx, "page.units.caption"), none: design.Say(ctx, "page.units.none"), heads: heads(ctx, "name", "jobroles")}
	for _, u := range s.units {
		var titles []templ.Component
		for _, r := range roles {
			if r.BargainingUnitID != nil && *r.BargainingUnitID == u.ID {
				titles = append(titles, plain(r.Title))
			}
		}
		if titles == nil {
			titles = append(titles, plain(design.Say(ctx, "page.none")))
		}
		g.rows = append(g.rows, []templ.Component{plain(u.Name), stacked(titles)})
	}
	b := board{title: design.Say(ctx, "page.units.title"), crumbs: organisationCrumbs(ctx), lead: []string{design.Say(ctx, "page.units.lead")}, parts: []templ.Component{gridTable(g)}}
	if could(ctx, "bargaining_unit.add") {
		b.form = &sheet{
			title: design.Say(ctx, "page.units.add"), path: "/organisation/bargaining-units", button: design.Say(ctx, "page.units.button"), faults: wrong, at: "name",
			ask: []question{ask(ctx, "name", "unitname", v.Get("name"))},
		}
	}
	return p.showBoard(c, b)
}

// AddUnit adds a bargaining unit.
func (p *Pages) AddUnit(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	_, err := p.Register.AddBargainingUnit(ctx, web.Actor(ctx), v.Get("name"))
	if again(err) {
		return p.units(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/organisation/bargaining-units", "page.units.added")
}
