package pages

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// account is what the page of one's own account shows.
type account struct {
	actor     models.Actor
	factors   register.Factors
	providers []register.Provider
	// organisations are those that the reader has a role in.
	organisations []models.Organisation
	faults        faults
}

// accountSheet is a form below the page of one's own account.
func accountSheet(ctx context.Context, name string) sheet {
	return sheet{
		title: design.Say(ctx, name+".title"), lead: []string{design.Say(ctx, name+".lead")}, button: design.Say(ctx, name+".button"),
		crumbs: accountCrumbs(ctx),
	}
}

func accountCrumbs(ctx context.Context) []design.Crumb {
	return []design.Crumb{{Text: design.Say(ctx, "page.home.link"), Path: ""}, {Text: design.Say(ctx, "page.account.title"), Path: "/account"}}
}

// freshly refuses whoever has not proved of late who they are.
func freshly(a models.Actor) error {
	if a.Anonymous() {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	if a.Lapsed {
		return models.Fail(models.Unauthenticated, "step_up_required").With("act", "account.change")
	}
	return nil
}

// Account is the reader's own account.
func (p *Pages) Account(c *gin.Context) error { return p.showAccount(c, faults{}) }

func (p *Pages) showAccount(c *gin.Context, f faults) error {
	ctx := c.Request.Context()
	v := account{actor: web.Actor(ctx), faults: f}
	if v.actor.Anonymous() {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	var err error
	if v.factors, err = p.Register.Factors(ctx, v.actor); err != nil {
		return err
	}
	if v.organisations, err = p.Register.OwnOrganisations(ctx, v.actor); err != nil {
		return err
	}
	v.providers = p.Register.Providers(design.Of(ctx).Org.Slug)
	status := http.StatusOK
	if f.any() {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, accountPage(v))
}

// identity is how an identity's provider is called: by name, or by its address.
func (v account) identity(ctx context.Context, i models.Identity) string {
	for _, o := range v.providers {
		if o.Issuer == i.Issuer {
			return o.Name.In(design.Of(ctx).Lang)
		}
	}
	return i.Issuer
}

// linkable are the providers that the account does not know yet.
func (v account) linkable() []register.Provider {
	var out []register.Provider
	for _, o := range v.providers {
		known := false
		for _, i := range v.factors.Identities {
			known = known || i.Issuer == o.Issuer
		}
		if !known {
			out = append(out, o)
		}
	}
	return out
}

// ChangeAccount takes a provider away from the account, or changes the
// organisation that the reader works for.
func (p *Pages) ChangeAccount(c *gin.Context) error {
	ctx := c.Request.Context()
	if c.PostForm("do") == "work" {
		return p.work(c)
	}
	err := p.Register.UnlinkIdentity(ctx, web.Actor(ctx), c.PostForm("issuer"), c.PostForm("subject"))
	if again(err) {
		return p.showAccount(c, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/account", "page.account.unlinked")
}

// work changes the organisation that the reader works for.
func (p *Pages) work(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	to, err := p.Register.Work(ctx, a, typed(c, "organisation"))
	if again(err) {
		return p.showAccount(c, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	all, err := p.Register.OwnOrganisations(ctx, a)
	if err != nil {
		return err
	}
	if err := p.Sessions.Move(ctx, to); err != nil {
		return err
	}
	for _, o := range all {
		if o.ID == to {
			return p.done(c, "", "page.work.done", "name", o.Name())
		}
	}
	return p.done(c, "", "")
}

func emailSheets(ctx context.Context, f register.Factors, email, code string, wrong faults) (change, confirm sheet) {
	change = accountSheet(ctx, "page.email")
	change.path, change.hidden, change.at = "/account/email", []pair{{"do", "ask"}}, "email"
	change.ask = []question{ask(ctx, "email", "email", email).as("email", "email", "govuk-input--width-20")}
	change.lead = []string{design.Say(ctx, "page.email.lead"), design.Say(ctx, "page.email.unverified")}
	if f.EmailVerified {
		change.lead[1] = design.Say(ctx, "page.email.verified")
	}
	change.scripts = []string{fragmentScript}
	confirm = accountSheet(ctx, "page.emailcode")
	confirm.path, confirm.hidden, confirm.at = "/account/email", []pair{{"do", "confirm"}}, "code"
	confirm.ask = []question{ask(ctx, "code", "mailcode", code).as("text", "off", "")}
	if code != "" || wrong.by["code"] != "" {
		confirm.faults = wrong
	} else {
		change.faults = wrong
	}
	return change.settle(), confirm.settle()
}

// EmailForm asks for a new address, or for the code that was mailed to it.
func (p *Pages) EmailForm(c *gin.Context) error {
	if err := p.fresh(c); err != nil {
		return err
	}
	return p.showEmail(c, web.Actor(c.Request.Context()).Email, "", faults{})
}

func (p *Pages) showEmail(c *gin.Context, email, code string, wrong faults) error {
	ctx := c.Request.Context()
	f, err := p.Register.Factors(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	status := http.StatusOK
	if wrong.any() {
		status = http.StatusUnprocessableEntity
	}
	change, confirm := emailSheets(ctx, f, email, code, wrong)
	return p.render(c, status, emailPage(change, confirm))
}

// ChangeEmail mails a code to an address, or takes it.
func (p *Pages) ChangeEmail(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	email, code, done := a.Email, "", "page.email.sent"
	to := "/account/email"
	var err error
	if c.PostForm("do") == "confirm" {
		code, done, to = typed(c, "code"), "page.emailcode.done", "/account"
		_, err = p.Register.ConfirmEmail(ctx, a, code)
	} else {
		email = typed(c, "email")
		err = p.Register.ChangeEmail(ctx, a, email)
	}
	if again(err) {
		return p.showEmail(c, email, code, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, to, done, "email", email)
}

// emailLine is the address, and whether it is known to reach whoever has it.
func (v account) emailLine(ctx context.Context) string {
	code := "page.account.email.unverified"
	if v.factors.EmailVerified {
		code = "page.account.email.verified"
	}
	return design.Say(ctx, code, "email", v.actor.Email)
}

// yesNo says one of two sentences.
func yesNo(ctx context.Context, yes bool, code string) string {
	if yes {
		return design.Say(ctx, code+".yes")
	}
	return design.Say(ctx, code+".no")
}
