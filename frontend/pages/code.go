package pages

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// halfway is somebody whose password was right and who has yet to give a code.
type halfway struct {
	User string `json:"user"`
	Org  string `json:"org"`
	Next string `json:"next"`
	// Until is when the password is too long ago.
	Until time.Time `json:"until"`
	// slug is the short name of the organisation.
	slug string
}

// halfFor is how long after the password a code may be given. It is kept, and
// not awaited: asking for a passkey meanwhile, in vain, must not undo it.
const halfFor = 10 * time.Minute

// awaitCode keeps who it is, and asks for the second factor.
func (p *Pages) awaitCode(c *gin.Context, in models.SignIn, next string) error {
	ctx := c.Request.Context()
	p.keep(ctx, keptHalfway, halfway{User: in.UserID, Org: in.OrgID, Next: next, Until: p.Register.Now().Add(halfFor)})
	return p.done(c, "/sign-in/code", "")
}

// halfwayIn is who has given a password and no code.
func (p *Pages) halfwayIn(ctx context.Context) (halfway, bool) {
	h, ok := kept[halfway](ctx, p, keptHalfway)
	if !ok || !p.Register.Now().Before(h.Until) {
		return h, false
	}
	all, err := p.Register.Organisations(ctx)
	for _, o := range all {
		if o.ID == h.Org {
			h.slug = o.Slug
		}
	}
	return h, err == nil
}

func codeSheet(ctx context.Context, h halfway, f faults) sheet {
	return sheet{
		title: design.Say(ctx, "page.code.title"), lead: []string{design.Say(ctx, "page.code.lead")}, path: "/sign-in/code",
		ask:    []question{ask(ctx, "code", "anycode", "").as("text", "one-time-code", "govuk-input--width-20")},
		button: design.Say(ctx, "page.signin.button"), scripts: []string{"passkey.js"}, faults: f, at: "code", after: codeOtherwise(h),
	}
}

// CodeForm asks for the second factor.
func (p *Pages) CodeForm(c *gin.Context) error {
	ctx := c.Request.Context()
	h, ok := p.halfwayIn(ctx)
	if !ok {
		return p.done(c, "/sign-in", "")
	}
	return p.show(c, codeSheet(ctx, h, faults{}))
}

// GiveCode takes the second factor. A code that is wrong may be given again,
// as long as the password is not too long ago.
func (p *Pages) GiveCode(c *gin.Context) error {
	ctx := c.Request.Context()
	h, ok := p.halfwayIn(ctx)
	if !ok {
		return p.done(c, "/sign-in", "page.code.late")
	}
	code := typed(c, "code")
	if code == "" {
		return p.show(c, codeSheet(ctx, h, fault("code", design.Say(ctx, "field.required"))))
	}
	from := web.Actor(ctx).From
	in, err := p.Register.SecondFactor(ctx, from, models.SignIn{UserID: h.User, OrgID: h.Org}, code)
	if again(err) {
		return p.show(c, codeSheet(ctx, h, faultsOf(ctx, err)))
	}
	if err != nil {
		return err
	}
	return p.arrive(c, in, from, h.Next)
}

// passkeyNext is where a passkey leads to.
func passkeyNext(ctx context.Context, next string) string {
	if next == "" {
		return string(design.Link(ctx, ""))
	}
	return next
}

// SignedOut says that nobody is signed in any more, and how to sign out at the
// provider, too.
func (p *Pages) SignedOut(c *gin.Context) error {
	ctx := c.Request.Context()
	l, _ := kept[leaving](ctx, p, keptLeave)
	name := ""
	for _, o := range p.Register.Providers(l.Organisation) {
		if o.ID == l.Provider {
			name = o.Name.In(design.Of(ctx).Lang)
		}
	}
	return p.render(c, http.StatusOK, signedOutPage(l, name))
}
