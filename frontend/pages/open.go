package pages

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// openFiles are the files of open data in the order in which they are listed.
var openFiles = []register.OpenFile{
	register.OpenRegisterCSV, register.OpenRegisterJSON, register.OpenHistoryCSV, register.OpenHistoryJSON, register.OpenOMB, register.OpenCatalogue,
}

// OpenData lists what anybody may take away, and how to follow the register.
func (p *Pages) OpenData(c *gin.Context) error {
	if design.Of(c.Request.Context()).Org.Slug == "" {
		return models.Fail(models.Invalid, "organisation_required")
	}
	return p.render(c, http.StatusOK, openPage())
}

// openLink is the address of a file of open data.
func openLink(ctx context.Context, file string) templ.SafeURL {
	return templ.SafeURL("/open/" + design.Of(ctx).Org.Slug + "/" + file)
}

// forEverybody are the pages that everybody may want, with an account or without.
var forEverybody = []struct{ code, path string }{
	{"page.missing.title", "/missing"}, {"page.open.title", "/open-data"}, {"page.flag.title", "/flag"}, {"page.verify.title", "/verify"},
}

// otherForms are the forms of other registers that a deployment is offered in.
var otherForms = []struct{ code, file string }{
	{"page.forms.atrs", "atrs.html?language="}, {"page.forms.atrsjson", "atrs.json?language="}, {"page.forms.dutch", "algoritmeregister.json?language="},
}

// RaiseFlagForm asks what is in use and may not be in the register.
func (p *Pages) RaiseFlagForm(c *gin.Context) error {
	return p.show(c, flagSheet(c.Request.Context(), "", "", faults{}))
}

func flagSheet(ctx context.Context, system, text string, f faults) sheet {
	return sheet{
		title: design.Say(ctx, "page.flag.title"), lead: []string{design.Say(ctx, "page.flag.lead"), design.Say(ctx, "page.flag.anonymous")},
		path: "/flag", button: design.Say(ctx, "page.flag.raise"), faults: f, at: "system",
		ask: []question{ask(ctx, "system", "system", system), ask(ctx, "text", "flagtext", text).text("6")},
	}
}

// RaiseFlag takes it down, and shows the link to the answer once.
func (p *Pages) RaiseFlag(c *gin.Context) error {
	ctx := c.Request.Context()
	system, text := typed(c, "system"), clean2(c.PostForm("text"))
	flag, link, err := p.Register.RaiseFlag(ctx, publicActor(ctx), system, text, design.Of(ctx).Lang)
	if again(err) {
		return p.show(c, flagSheet(ctx, system, text, faultsOf(ctx, err)))
	}
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	return p.render(c, http.StatusOK, flagTakenPage(flag.No, link))
}

// publicActor is whoever asks, as the public: who somebody is is not asked, and
// not noted either when they have signed in.
func publicActor(ctx context.Context) models.Actor {
	a := web.Actor(ctx)
	return models.Actor{OrgID: a.OrgID, From: a.From}
}

// FlaggedForm asks for the code of a flag.
func (p *Pages) FlaggedForm(c *gin.Context) error {
	return p.show(c, flaggedSheet(c.Request.Context(), faults{}))
}

func flaggedSheet(ctx context.Context, f faults) sheet {
	return sheet{
		title: design.Say(ctx, "page.flagged.title"), lead: []string{design.Say(ctx, "page.flagged.lead")}, path: "/flagged", button: design.Say(ctx, "page.flagged.button"),
		faults: f, at: "code", scripts: []string{fragmentScript}, ask: []question{ask(ctx, "code", "flagcode", "").as("text", "off", "govuk-input--width-20")},
	}
}

// Flagged shows what became of a flag.
func (p *Pages) Flagged(c *gin.Context) error {
	ctx := c.Request.Context()
	flag, err := p.Register.FlagByCode(ctx, web.Actor(ctx).From, typed(c, "code"))
	if models.KindOf(err) == models.NotFound {
		return p.show(c, flaggedSheet(ctx, fault("code", design.Say(ctx, "page.flagged.unknown"))))
	}
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	return p.render(c, http.StatusOK, flaggedPage(flag))
}
