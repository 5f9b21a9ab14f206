package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// signIn is the form of the sign-in page.
type signIn struct {
	email string
	next  string
	// organisation is the short name of the one to sign in to, when it is known.
	organisation string
	// organisations to choose from, when somebody belongs to several.
	organisations []design.Option
	providers     []register.Provider
	faults        faults
}

// SignInForm asks who is there, and, when asked to, of which organisation.
func (p *Pages) SignInForm(c *gin.Context) error {
	form := signIn{next: local(c.Query("next"))}
	if c.Query("choose") == "1" {
		if err := p.choose(c, &form); err != nil {
			return err
		}
	}
	return p.showSignIn(c, form)
}

func (p *Pages) showSignIn(c *gin.Context, f signIn) error {
	ctx := c.Request.Context()
	all, err := p.Register.Organisations(ctx)
	if err != nil {
		return err
	}
	if f.organisation == "" {
		f.organisation = clean(c.Query("organisation"))
	}
	if f.organisation == "" && len(all) == 1 {
		f.organisation = all[0].Slug
	}
	if f.organisation != "" {
		f.providers = p.Register.Providers(f.organisation)
	}
	return p.show(c, f.sheet(ctx))
}

func (f signIn) sheet(ctx context.Context) sheet {
	s := sheet{
		title: design.Say(ctx, "page.signin.title"), lead: []string{design.Say(ctx, "page.signin.public")}, path: "/sign-in",
		ask: []question{
			ask(ctx, "email", "email", f.email).as("email", "username", "govuk-input--width-20"),
			ask(ctx, "password", "password", "").secret("current-password"),
		},
		button: design.Say(ctx, "page.signin.button"), scripts: []string{"passkey.js"}, faults: f.faults, at: "email", after: signInOtherwise(f),
	}
	if f.next != "" {
		s.hidden = []pair{{"next", f.next}}
	}
	if f.organisations != nil {
		s.at = "organisation"
		s.ask = append([]question{ask(ctx, "organisation", "organisation", f.organisation).oneOf(f.organisations)}, s.ask...)
	}
	return s
}

// choose asks which organisation is meant.
func (p *Pages) choose(c *gin.Context, f *signIn) error {
	ctx := c.Request.Context()
	all, err := p.Register.Organisations(ctx)
	f.organisations = []design.Option{{Value: "", Text: design.Say(ctx, "page.choose")}}
	for _, o := range all {
		f.organisations = append(f.organisations, design.Option{Value: o.Slug, Text: o.Name().In(design.Of(ctx).Lang)})
	}
	return err
}

// SignIn signs somebody in. A wrong address and a wrong password get one answer.
func (p *Pages) SignIn(c *gin.Context) error {
	ctx := c.Request.Context()
	form := signIn{email: typed(c, "email"), next: local(c.PostForm("next")), organisation: typed(c, "organisation")}
	if form.organisation == "" {
		form.organisation = clean(c.Query("organisation"))
	}
	from := web.Actor(ctx).From
	in, err := p.Register.SignIn(ctx, from, register.Credentials{Email: form.email, Password: c.PostForm("password"), Organisation: form.organisation})
	switch code := models.CodeOf(err); {
	case err == nil:
		return p.arrive(c, in, from, form.next)
	case code == "second_factor_required":
		return p.awaitCode(c, in, form.next)
	case code == "organisation_required":
		if err := p.choose(c, &form); err != nil {
			return err
		}
	case models.KindOf(err) != models.Unauthenticated:
		return err
	}
	form.faults = faultsOf(ctx, err)
	return p.showSignIn(c, form)
}

// arrive begins a session, and leads where somebody was going.
func (p *Pages) arrive(c *gin.Context, in models.SignIn, from models.Origin, next string) error {
	if err := p.Sessions.Begin(c.Request.Context(), in, from); err != nil {
		return err
	}
	if next == "" {
		next = "/" + string(design.Of(c.Request.Context()).Lang)
	}
	c.Redirect(http.StatusSeeOther, next)
	return nil
}

// SignOut ends the session. Whoever came by a provider is told how to sign out
// there, too: our content policy lets no form lead to another site.
func (p *Pages) SignOut(c *gin.Context) error {
	ctx := c.Request.Context()
	came, byProvider := p.cameBy(ctx)
	if err := p.Register.SignOut(ctx, web.Actor(ctx)); err != nil {
		return err
	}
	if err := p.Sessions.End(ctx); err != nil {
		return err
	}
	to := "/" + string(web.Language(ctx))
	if byProvider {
		if address, ok := p.Register.LeaveProvider(ctx, came.Organisation, came.Provider, came.IDToken); ok {
			p.keep(ctx, keptLeave, leaving{came.Organisation, came.Provider, address})
			to += "/signed-out"
		}
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// toSignIn sends the reader to sign in and come back here.
func (p *Pages) toSignIn(c *gin.Context) {
	here := design.Of(c.Request.Context())
	back := local(c.Request.URL.RequestURI())
	c.Redirect(http.StatusSeeOther, "/"+string(here.Lang)+"/sign-in?next="+url.QueryEscape(back))
}

// local lets through only the address of a page of ours: a link to the sign-in
// page must not lead anywhere else.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || next != clean(next) || strings.Contains(next, `\`) {
		return ""
	}
	if strings.HasPrefix(next, "/en/") || strings.HasPrefix(next, "/cy/") {
		return next
	}
	return ""
}
