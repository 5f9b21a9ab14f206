package pages

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
)

// fragmentScript fills in a code that came in a link, after its #.
const fragmentScript = "fragment.js"

func forgotSheet(ctx context.Context, email string, f faults) sheet {
	return sheet{
		title: design.Say(ctx, "page.forgot.title"), lead: []string{design.Say(ctx, "page.forgot.lead")}, path: "/forgot-password",
		ask:    []question{ask(ctx, "email", "email", email).as("email", "username", "govuk-input--width-20")},
		button: design.Say(ctx, "page.forgot.button"), faults: f, at: "email",
	}
}

// ForgotForm asks for the address of an account.
func (p *Pages) ForgotForm(c *gin.Context) error {
	return p.show(c, forgotSheet(c.Request.Context(), "", faults{}))
}

// Forgot has a code mailed, and says the same whether there is such an account.
func (p *Pages) Forgot(c *gin.Context) error {
	ctx := c.Request.Context()
	email := typed(c, "email")
	if email == "" {
		return p.show(c, forgotSheet(ctx, "", fault("email", design.Say(ctx, "field.required"))))
	}
	if err := p.Register.AskReset(ctx, web.Actor(ctx).From, email); err != nil {
		return err
	}
	return p.render(c, http.StatusOK, sheetPage(sheet{
		title: design.Say(ctx, "page.forgot.sent"), lead: []string{design.Say(ctx, "page.forgot.sent_lead"), design.Say(ctx, "page.forgot.sent_how")},
		bare: true, after: more("/reset-password", design.Say(ctx, "page.forgot.code")),
	}))
}

func resetSheet(ctx context.Context, code string, f faults) sheet {
	return sheet{
		title: design.Say(ctx, "page.reset.title"), lead: []string{design.Say(ctx, "page.reset.lead")}, path: "/reset-password",
		ask: []question{
			ask(ctx, "code", "mailcode", code).as("text", "off", ""),
			ask(ctx, "password", "newpassword", "").secret("new-password"),
		},
		button: design.Say(ctx, "page.reset.button"), scripts: []string{fragmentScript}, faults: f, at: "code",
		after: more("/forgot-password", design.Say(ctx, "page.reset.again")),
	}
}

// ResetForm asks for the code that was mailed, and a new password.
func (p *Pages) ResetForm(c *gin.Context) error {
	return p.show(c, resetSheet(c.Request.Context(), "", faults{}))
}

// Reset gives a new password.
func (p *Pages) Reset(c *gin.Context) error {
	ctx := c.Request.Context()
	code := typed(c, "code")
	err := p.Register.Reset(ctx, web.Actor(ctx).From, code, c.PostForm("password"))
	if again(err) {
		return p.show(c, resetSheet(ctx, code, faultsOf(ctx, err)))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/sign-in", "page.reset.done")
}

// fresh sends on, to prove again who they are, whoever is to give a password
// or a code: no page carries those along.
func (p *Pages) fresh(c *gin.Context) error { return freshly(web.Actor(c.Request.Context())) }

func passwordSheet(ctx context.Context, has bool, f faults) sheet {
	s := accountSheet(ctx, "page.password")
	s.path, s.faults, s.at = "/account/password", f, "password"
	s.lead = append(s.lead, design.Say(ctx, "page.password.rule"))
	if has {
		s.ask = append(s.ask, ask(ctx, "old", "oldpassword", "").secret("current-password"))
	}
	s.ask = append(s.ask, ask(ctx, "password", "newpassword", "").secret("new-password"))
	return s
}

// PasswordForm asks for a new password.
func (p *Pages) PasswordForm(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := p.fresh(c); err != nil {
		return err
	}
	f, err := p.Register.Factors(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	return p.show(c, passwordSheet(ctx, f.HasPassword, faults{}))
}

// ChangePassword changes it.
func (p *Pages) ChangePassword(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	err := p.Register.ChangePassword(ctx, a, c.PostForm("old"), c.PostForm("password"))
	if again(err) {
		f, err2 := p.Register.Factors(ctx, a)
		if err2 != nil {
			return err2
		}
		return p.show(c, passwordSheet(ctx, f.HasPassword, faultsOf(ctx, err)))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/account", "page.password.done")
}
