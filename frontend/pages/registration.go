package pages

import (
	"net/url"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// RegistrationForm asks the six answers that make a draft.
func (p *Pages) RegistrationForm(c *gin.Context) error {
	return p.showRegistration(c, url.Values{}, faults{})
}

func (p *Pages) showRegistration(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "deployment.register"); err != nil {
		return err
	}
	areas, err := p.areaOptions(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	if len(areas) != 1 {
		areas = append([]design.Option{{Text: design.Say(ctx, "page.choose")}}, areas...)
	}
	one := func(name, key string) question { return ask(ctx, name, key, v.Get(name)) }
	s := sheet{
		title: design.Say(ctx, "page.registration.title"), crumbs: registerCrumbs(ctx), path: "/deployments/new", faults: wrong, at: "name",
		lead: []string{design.Say(ctx, "page.registration.lead"), design.Say(ctx, "page.registration.then")}, button: design.Say(ctx, "page.registration.button"),
		hidden: []pair{{"key", otherwise(v.Get("key"), web.RequestID(ctx))}},
		ask: []question{
			one("name", "deploymentname"), one("purpose", "deploymentpurpose").text("4"), one("serviceArea", "deploymentarea").oneOf(areas),
			one("useFamily", "deploymentuse").oneOf(options(ctx, "page.choose", "useFamily.", models.UseFamilies)), one("owner", "deploymentowner"),
			one("decisionStatus", "deploymentstatus").oneOf(options(ctx, "page.choose", "decisionStatus.", decisionStatuses)),
		},
	}
	if len(areas) == 0 {
		s.warning = design.Say(ctx, "page.registration.no_areas")
	}
	return p.show(c, s)
}

// Registration registers a draft. What was typed is in the language of the page.
func (p *Pages) Registration(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c, "purpose")
	text := func(s string) models.Text {
		if design.Of(ctx).Lang == models.Welsh {
			return models.Text{Cy: s}
		}
		return models.Text{En: s}
	}
	rec := models.Record{
		Name: text(v.Get("name")), Purpose: text(v.Get("purpose")), ServiceAreaID: v.Get("serviceArea"),
		UseFamily: models.UseFamily(v.Get("useFamily")), Owner: v.Get("owner"), DecisionStatus: v.Get("decisionStatus"),
	}
	d, err := p.Register.RegisterDeployment(keyed(ctx, v.Get("key")), web.Actor(ctx), register.Registration{Record: rec})
	switch {
	case sentBefore(err):
		return p.done(c, "/register?sort=created", "page.registration.sent")
	case again(err):
		return p.showRegistration(c, v, wholeTexts(faultsOf(ctx, err), "name", "purpose"))
	case err != nil:
		return err
	}
	return p.done(c, "/deployments/"+d.Ref+"/prepare", "page.registration.done", "ref", d.Ref)
}

// wholeTexts puts what is wrong with one language of a text at the text: only
// one is asked for.
func wholeTexts(f faults, names ...string) faults {
	for _, name := range names {
		for _, l := range []string{".en", ".cy"} {
			f = nearest(f, name+l, name)
		}
	}
	return f
}
