package pages

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// signIn is the form of the sign-in page.
type signIn struct {
	email string
	next  string
	fault string
}

// SignInForm asks who is there.
func (p *Pages) SignInForm(c *gin.Context) error {
	return p.render(c, http.StatusOK, signInPage(signIn{next: local(c.Query("next"))}))
}

// SignIn signs somebody in. A wrong address and a wrong password get one answer.
func (p *Pages) SignIn(c *gin.Context) error {
	ctx := c.Request.Context()
	form := signIn{email: typed(c, "email"), next: local(c.PostForm("next"))}
	a, err := p.Register.SignIn(ctx, form.email, c.PostForm("password"), clean(c.Query("organisation")))
	if models.KindOf(err) == models.Unauthenticated {
		form.fault = design.Say(ctx, "error.bad_credentials")
		return p.render(c, http.StatusUnprocessableEntity, signInPage(form))
	}
	if err != nil {
		return err
	}
	if err := p.Sessions.Begin(ctx, a); err != nil {
		return err
	}
	to := form.next
	if to == "" {
		to = "/" + string(design.Of(ctx).Lang)
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// SignOut ends the session.
func (p *Pages) SignOut(c *gin.Context) error {
	if err := p.Sessions.End(c.Request.Context()); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/"+string(web.Language(c.Request.Context())))
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
