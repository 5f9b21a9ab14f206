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

// proof is the page on which somebody proves again who they are.
type proof struct {
	// next is the page to go on to, or the form to send again with kept.
	next  string
	again bool
	kept  []pair
	// factors are what there is to prove it with.
	factors   register.Factors
	providers []register.Provider
	faults    faults
}

// mark is before the names of the answers that a proof carries along.
const mark = "carry."

func (v proof) sheet(ctx context.Context) sheet {
	s := sheet{
		title: design.Say(ctx, "page.prove.title"), lead: []string{design.Say(ctx, "page.prove.lead")}, path: "/prove",
		button: design.Say(ctx, "page.prove.button"), scripts: []string{"passkey.js"}, faults: v.faults, after: proveOtherwise(v),
		hidden: []pair{{"next", v.next}},
	}
	if v.again {
		s.hidden = append(s.hidden, pair{"again", "1"})
		for _, k := range v.kept {
			s.hidden = append(s.hidden, pair{mark + k.name, k.value})
		}
	}
	if v.factors.HasPassword {
		s.ask = append(s.ask, ask(ctx, "password", "password", "").secret("current-password"))
	}
	if v.coded() {
		s.ask = append(s.ask, ask(ctx, "code", "anycode", "").as("text", "one-time-code", "govuk-input--width-20"))
	}
	if len(s.ask) > 0 {
		s.at = s.ask[0].ID
	}
	// Who has neither still has a form: a passkey sends it.
	s.bare = len(s.ask) == 0
	if s.bare {
		s.before = proveBare(s)
		if len(v.factors.Passkeys)+len(v.providers) == 0 {
			s.lead = []string{design.Say(ctx, "error.nothing_to_prove_with")}
		}
	}
	return s
}

// coded says whether a code is asked for.
func (v proof) coded() bool {
	return v.factors.OneTimeCodes || v.factors.RecoveryCodes > 0 || len(v.factors.Passkeys) > 0
}

// prepare finds what the actor can prove it with.
func (p *Pages) prepare(ctx context.Context, v *proof) error {
	var err error
	if v.factors, err = p.Register.Factors(ctx, web.Actor(ctx)); err != nil {
		return err
	}
	if len(v.factors.Identities) > 0 {
		for _, o := range p.Register.Providers(design.Of(ctx).Org.Slug) {
			for _, i := range v.factors.Identities {
				if i.Issuer == o.Issuer {
					v.providers = append(v.providers, o)
				}
			}
		}
	}
	if v.again && len(v.providers) > 0 {
		p.keep(ctx, keptForm, onward{v.next, names(v.kept), values(v.kept)})
	}
	return nil
}

// ProveForm asks whoever is signed in to prove again who they are.
func (p *Pages) ProveForm(c *gin.Context) error {
	ctx := c.Request.Context()
	if web.Actor(ctx).Anonymous() {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	v := proof{next: local(c.Query("next"))}
	if err := p.prepare(ctx, &v); err != nil {
		return err
	}
	return p.show(c, v.sheet(ctx))
}

// stepUp answers what wants a fresh proof: a page is come back to, and a form
// is carried along so that nothing typed is lost. What was a password or a code
// must be typed again.
func (p *Pages) stepUp(c *gin.Context) error {
	ctx := c.Request.Context()
	next := local(c.Request.URL.RequestURI())
	if c.Request.Method != http.MethodPost {
		c.Redirect(http.StatusSeeOther, string(design.Link(ctx, "/prove?next="+url.QueryEscape(next))))
		return nil
	}
	v := proof{next: next}
	if answers, lossy := carried(c.Request.PostForm); !lossy {
		v.again, v.kept = true, answers
	}
	if err := p.prepare(ctx, &v); err != nil {
		return err
	}
	return p.render(c, http.StatusForbidden, sheetPage(v.sheet(ctx).settle()))
}

// Prove takes the proof. Who has proved it otherwise meanwhile, by a passkey,
// just goes on.
func (p *Pages) Prove(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	v := proof{next: local(c.PostForm("next")), again: c.PostForm("again") == "1"}
	_ = c.PostForm("") // the form is read
	for name, all := range c.Request.PostForm {
		if rest, ok := strings.CutPrefix(name, mark); ok && !fragile(rest) {
			for _, value := range all {
				v.kept = append(v.kept, pair{rest, value})
			}
		}
	}
	if a.Lapsed || a.OneFactor {
		second, err := p.Register.Prove(ctx, a, c.PostForm("password"), typed(c, "code"))
		if again(err) {
			if err2 := p.prepare(ctx, &v); err2 != nil {
				return err2
			}
			v.faults = faultsOf(ctx, err)
			switch models.CodeOf(err) {
			case "second_factor_required", "bad_code":
				v.faults = fault("code", v.faults.general)
			case "bad_credentials":
				v.faults = fault("password", design.Say(ctx, "field.wrong_password"))
			}
			return p.show(c, v.sheet(ctx))
		}
		if err != nil {
			return err
		}
		if err := p.Sessions.Prove(ctx, second); err != nil {
			return err
		}
	}
	if v.again {
		return p.render(c, http.StatusOK, onwardPage(v.next, v.kept))
	}
	if v.next == "" {
		v.next = string(design.Link(ctx, ""))
	}
	c.Redirect(http.StatusSeeOther, v.next)
	return nil
}

// proved is where a proof at a provider leads to.
func (v proof) proved(ctx context.Context) string {
	if v.again {
		return "/" + string(design.Of(ctx).Lang) + "/prove/carry-on"
	}
	return v.next
}
