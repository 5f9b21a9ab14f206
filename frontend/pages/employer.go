package pages

import (
	"context"
	"net/url"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// EmployerForm shows the employer's settings: as a form to whoever may change them.
func (p *Pages) EmployerForm(c *gin.Context) error {
	ctx := c.Request.Context()
	o, err := p.Register.Organisation(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	if could(ctx, "organisation.configure") {
		return p.employer(c, employerValues(o), faults{}, nil)
	}
	var rows []design.Row
	for _, d := range p.employerRows(ctx, o) {
		rows = append(rows, design.Row{Key: d.label, Value: plain(orNone(ctx, d.now))})
	}
	return p.showBoard(c, board{title: design.Say(ctx, "page.employer.title"), crumbs: organisationCrumbs(ctx), lead: []string{design.Say(ctx, "page.employer.admin")}, parts: []templ.Component{design.SummaryList(rows)}})
}

// employerRows are the settings in words, each with the label of its question.
func (p *Pages) employerRows(ctx context.Context, o models.Organisation) []difference {
	profile := o.Profile
	if all, err := p.Register.Profiles(web.Actor(ctx)); err == nil {
		for _, x := range all {
			if x.Code == o.Profile {
				profile = design.In(ctx, x.Name).Text
			}
		}
	}
	var out []difference
	for _, x := range [][2]string{{"orgnameen", o.NameEn}, {"orgnamecy", o.NameCy}, {"zone", o.Zone}, {"profile", profile}, {"contact", o.Contact}, {"headercolour", o.HeaderColour}} {
		out = append(out, difference{label: design.Say(ctx, "page.ask."+x[0]), now: x[1]})
	}
	return out
}

func employerValues(o models.Organisation) url.Values {
	return url.Values{
		"name.en": {o.NameEn}, "name.cy": {o.NameCy}, "zone": {o.Zone}, "profile": {o.Profile}, "contact": {o.Contact}, "headerColour": {o.HeaderColour}, "version": {strconv.Itoa(o.Version)},
	}
}

func (p *Pages) employer(c *gin.Context, v url.Values, wrong faults, before templ.Component) error {
	ctx := c.Request.Context()
	all, err := p.Register.Profiles(web.Actor(ctx))
	if err != nil {
		return err
	}
	choices := []design.Option{}
	for _, x := range all {
		choices = append(choices, design.Option{Value: x.Code, Text: design.In(ctx, x.Name).Text})
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.employer.title"), crumbs: organisationCrumbs(ctx), lead: []string{design.Say(ctx, "page.employer.lead")}, path: "/organisation/settings", faults: wrong, at: "name.en",
		button: design.Say(ctx, "page.employer.button"), hidden: []pair{{"version", v.Get("version")}}, ask: []question{
			ask(ctx, "name.en", "orgnameen", v.Get("name.en")), ask(ctx, "name.cy", "orgnamecy", v.Get("name.cy")), ask(ctx, "zone", "zone", v.Get("zone")).as("text", "off", "govuk-input--width-20"),
			ask(ctx, "profile", "profile", v.Get("profile")).oneOf(choices), ask(ctx, "contact", "contact", v.Get("contact")).as("email", "off", "govuk-input--width-20"),
			ask(ctx, "headerColour", "headercolour", v.Get("headerColour")).as("text", "off", "govuk-input--width-10"),
		},
		after: more("/organisation/profiles", design.Say(ctx, "page.employer.profiles")),
	}.beside(before))
}

// ConfigureEmployer changes the settings. When somebody else has in the
// meantime, both are shown.
func (p *Pages) ConfigureEmployer(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	v := typedAnswers(c)
	in := register.Configuration{Name: models.Text{En: v.Get("name.en"), Cy: v.Get("name.cy")}, Zone: v.Get("zone"), Profile: v.Get("profile"), Contact: v.Get("contact"), HeaderColour: v.Get("headerColour")}
	_, err := p.Register.Configure(ctx, a, readVersion(v), in)
	if err == nil {
		return p.done(c, "/organisation/settings", "page.employer.done")
	}
	if !again(err) {
		return err
	}
	if models.KindOf(err) != models.Stale {
		return p.employer(c, v, faultsOf(ctx, err), nil)
	}
	now, shown := p.Register.Organisation(ctx, a)
	if shown != nil {
		return shown
	}
	both := p.employerRows(ctx, now)
	yours := p.employerRows(ctx, models.Organisation{NameEn: in.Name.En, NameCy: in.Name.Cy, Zone: in.Zone, Profile: in.Profile, Contact: in.Contact, HeaderColour: in.HeaderColour})
	for i := range both {
		both[i].yours = yours[i].now
	}
	v.Set("version", strconv.Itoa(now.Version))
	return p.employer(c, v, faultsOf(ctx, err), collision(ctx, both))
}
