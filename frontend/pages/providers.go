package pages

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// asking is a sign-in with a provider that is under way.
type asking struct {
	State        []byte          `json:"state"`
	Lang         models.Language `json:"lang"`
	Next         string          `json:"next"`
	Organisation string          `json:"organisation"`
	Provider     string          `json:"provider"`
	// Fresh says that the provider was asked for a new proof.
	Fresh bool `json:"fresh"`
}

// stepProvider is what the session calls it.
const stepProvider = "provider"

// came is the provider that a session came from.
type came struct {
	Organisation string `json:"organisation"`
	Provider     string `json:"provider"`
	IDToken      string `json:"idToken"`
}

// leaving is where to sign out at a provider.
type leaving struct {
	Organisation string `json:"organisation"`
	Provider     string `json:"provider"`
	Address      string `json:"address"`
}

// What a session keeps, by name.
const (
	keptProvider = "provider"
	keptLeave    = "leave"
	keptForm     = "form"
	keptHalfway  = "halfway"
)

func (p *Pages) keep(ctx context.Context, name string, v any) {
	if b, err := json.Marshal(v); err == nil {
		p.Sessions.Keep(ctx, name, string(b))
	}
}

// kept gives a value of the session, if there is one.
func kept[T any](ctx context.Context, p *Pages, name string) (T, bool) {
	var v T
	s := p.Sessions.Kept(ctx, name)
	return v, s != "" && json.Unmarshal([]byte(s), &v) == nil
}

func (p *Pages) cameBy(ctx context.Context) (came, bool) { return kept[came](ctx, p, keptProvider) }

// startProvider is the address that leads to a provider. It is a link and not
// a form, which our content policy would let lead nowhere else.
func startProvider(ctx context.Context, o register.Provider, next string, fresh bool) templ.SafeURL {
	q := url.Values{"lang": {string(design.Of(ctx).Lang)}}
	if next != "" {
		q.Set("next", next)
	}
	if fresh {
		q.Set("fresh", "1")
	}
	return templ.SafeURL("/auth/start/" + url.PathEscape(o.Organisation) + "/" + url.PathEscape(o.ID) + "?" + q.Encode())
}

// StartProvider leads to a provider. Another site may lead here whoever has not
// signed in; anybody else it could have an identity linked that is not theirs.
func (p *Pages) StartProvider(c *gin.Context) error {
	ctx := c.Request.Context()
	if site := c.GetHeader("Sec-Fetch-Site"); !web.Actor(ctx).Anonymous() && (site == "cross-site" || site == "same-site") {
		return models.Fail(models.Forbidden, "cross_origin")
	}
	a := asking{
		Lang: design.Of(ctx).Lang, Next: local(c.Query("next")), Organisation: param(c, "organisation"), Provider: param(c, "provider"), Fresh: c.Query("fresh") == "1",
	}
	address, state, err := p.Register.AskProvider(ctx, a.Organisation, a.Provider, a.Fresh)
	if err != nil {
		return err
	}
	a.State = state
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	p.Sessions.Await(ctx, stepProvider, b)
	c.Redirect(http.StatusSeeOther, address)
	return nil
}

// ReturnProvider takes what a provider sends back. Somebody who is signed in
// has proved again who they are only if the provider was asked to see to it.
func (p *Pages) ReturnProvider(c *gin.Context) error {
	ctx := c.Request.Context()
	var a asking
	b, ok := p.Sessions.Awaited(ctx, stepProvider)
	if !ok || json.Unmarshal(b, &a) != nil {
		return models.Fail(models.Unauthenticated, "oidc_refused")
	}
	here := design.Of(ctx)
	here.Lang = a.Lang
	ctx = design.At(ctx, here)
	c.Request = c.Request.WithContext(ctx)
	who := web.Actor(ctx)
	in, err := p.Register.TakeProvider(ctx, who, a.State, c.Request.URL.Query())
	if err != nil {
		return err
	}
	switch {
	case who.Anonymous() || who.UserID != in.UserID:
		err = p.Sessions.Begin(ctx, in.SignIn, who.From)
	case a.Fresh:
		err = p.Sessions.Prove(ctx, in.SecondFactor)
	}
	if err != nil {
		return err
	}
	p.keep(ctx, keptProvider, came{a.Organisation, a.Provider, in.IDToken})
	if a.Next == "" {
		a.Next = "/" + string(a.Lang)
	}
	c.Redirect(http.StatusSeeOther, a.Next)
	return nil
}

// Between makes a handler of one whose address has no language of its own. Who
// is refused there is told why: the way to sign in is what has just failed.
func (p *Pages) Between(h func(c *gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		p.between(c)
		err := h(c)
		if models.CodeOf(err) == "step_up_required" {
			err = p.stepUp(c)
		}
		if err != nil {
			p.Problem(c, err)
		}
	}
}

// between is where such an address stands: in the language asked for, or the
// reader's; its problems are read as those of signing in.
func (p *Pages) between(c *gin.Context) {
	l := web.Language(c.Request.Context())
	for _, known := range []models.Language{models.English, models.Welsh} {
		if c.Query("lang") == string(known) {
			l = known
		}
	}
	web.WithLanguage(c, l)
	here := p.here(c, l)
	here.Path, here.Query = "/sign-in", url.Values{}
	c.Request = c.Request.WithContext(design.At(c.Request.Context(), here))
}
