// Package pages is the pages: each handler decodes, asks the register and
// renders. What a reader may do is what the views of the register say; no rule
// is worked out here.
package pages

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Site is what every page has, errors included.
type Site struct {
	// Assets are the names of the built files, by the names they were built from.
	Assets  map[string]string
	Version string
}

// Pages are the handlers of the pages.
type Pages struct {
	Site
	Register *register.Register
	Sessions *web.Sessions
	// Updates tell pages that are open of what is new.
	Updates *web.Live
}

// Answer makes a handler of one that may fail: the error becomes a page. Who
// has not signed in is sent to do so, and comes back; so is who must prove
// again who they are.
func (p *Pages) Answer(h func(c *gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := h(c)
		if models.CodeOf(err) == "step_up_required" {
			err = p.stepUp(c)
		}
		switch {
		case err == nil:
		case models.KindOf(err) == models.Unauthenticated && c.Request.Method == http.MethodGet:
			p.toSignIn(c)
		case lapsed(c, err) && p.sendAgain(c) == nil:
		default:
			p.Problem(c, err)
		}
	}
}

// lapsed says whether a form may have been refused only because its session had
// ended: whoever is nobody is told of what they could read before that it is
// not there.
func lapsed(c *gin.Context, err error) bool {
	return c.Request.Method == http.MethodPost && web.Actor(c.Request.Context()).Anonymous() && hidden(err)
}

// Arrive finds out where a page stands, in the language of its address.
func (p *Pages) Arrive(l models.Language) gin.HandlerFunc {
	return func(c *gin.Context) {
		web.WithLanguage(c, l)
		here := p.here(c, l)
		if err := p.nameOrganisation(c.Request.Context(), &here); err != nil {
			p.Problem(c, err)
			c.Abort()
			return
		}
		if !here.Actor.Anonymous() {
			here.SessionLeft = p.Sessions.Left(c.Request.Context())
		}
		here.Menu = p.menu(design.At(c.Request.Context(), here), here.Actor)
		c.Request = c.Request.WithContext(design.At(c.Request.Context(), here))
	}
}

// here is where a request stands, as far as the request itself tells.
func (s Site) here(c *gin.Context, l models.Language) design.Here {
	query := url.Values{}
	for name, values := range c.Request.URL.Query() {
		for _, v := range values {
			query.Add(clean(name), clean(v))
		}
	}
	path := clean(c.Request.URL.EscapedPath())
	return design.Here{
		Lang: l, Path: strings.TrimPrefix(path, "/"+string(l)), Query: query, Actor: web.Actor(c.Request.Context()), Assets: s.Assets, Version: s.Version,
	}
}

// nameOrganisation finds the reader's organisation, which the public may read
// only the name of.
func (p *Pages) nameOrganisation(ctx context.Context, h *design.Here) error {
	if h.Actor.OrgID == "" {
		return nil
	}
	var err error
	h.Org, err = p.Register.Employer(ctx, h.Actor)
	return err
}

// render writes a whole page, or nothing of it.
func (p *Pages) render(c *gin.Context, status int, page templ.Component) error {
	ctx := c.Request.Context()
	here := design.Of(ctx)
	here.Flash = p.Sessions.TakeFlash(ctx)
	return write(design.At(ctx, here), c, status, page)
}

// write writes a page in a context of its own, which says where the page stands.
func write(ctx context.Context, c *gin.Context, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(ctx, &b); err != nil {
		return err
	}
	whole := b.Bytes()
	if mayPress(c, status) && TakesGzip(c) {
		c.Header("Content-Encoding", "gzip")
		whole = Press(whole)
	}
	c.Data(status, "text/html; charset=utf-8", whole)
	return nil
}

// done sends the reader on after a form was accepted, with a sentence for the
// next page.
func (p *Pages) done(c *gin.Context, path, code string, pairs ...any) error {
	ctx := c.Request.Context()
	if err := p.sent(c); err != nil {
		return err
	}
	if code != "" {
		p.Sessions.Flash(ctx, design.Say(ctx, code, pairs...))
	}
	c.Redirect(http.StatusSeeOther, string(design.Link(ctx, path)))
	return nil
}

// clean takes out of an address what no database takes in: bytes that are not
// UTF-8, and control characters.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// param is a part of the address.
func param(c *gin.Context, name string) string { return clean(c.Param(name)) }

// typed is an answer of a form on one line, cleaned and without space around it.
func typed(c *gin.Context, name string) string { return trimmed(c.PostForm(name)) }

func trimmed(s string) string { return strings.TrimSpace(clean(s)) }

// hidden says whether an error only says that a reader may not have a part of
// a page: the part is left out.
func hidden(err error) bool {
	switch models.KindOf(err) {
	case models.NotFound, models.Forbidden, models.Unauthenticated:
		return true
	default:
		return false
	}
}
