package pages

import (
	"context"
	"encoding/base64"
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
)

// codes is what the page of one-time codes shows.
type codes struct {
	factors register.Factors
	// begun is a new secret that waits for its first code.
	begun  *register.OneTimeSecret
	faults faults
}

// CodesForm says whether there are one-time codes, and how to have them.
func (p *Pages) CodesForm(c *gin.Context) error {
	if err := p.fresh(c); err != nil {
		return err
	}
	return p.showCodes(c, codes{})
}

func (p *Pages) showCodes(c *gin.Context, v codes) error {
	ctx := c.Request.Context()
	var err error
	if v.factors, err = p.Register.Factors(ctx, web.Actor(ctx)); err != nil {
		return err
	}
	status := http.StatusOK
	if v.faults.any() {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, codesPage(v))
}

// picture is the QR code as the address of an image.
func (v codes) picture() string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(v.begun.QR)
}

// ChangeCodes begins, confirms or removes one-time codes, or makes new
// recovery codes. What is shown once is answered at once, at this address.
func (p *Pages) ChangeCodes(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	switch c.PostForm("do") {
	case "begin":
		t, err := p.Register.BeginTOTP(ctx, a)
		if again(err) {
			return p.showCodes(c, codes{faults: faultsOf(ctx, err)})
		}
		if err != nil {
			return err
		}
		return p.showCodes(c, codes{begun: &t})
	case "confirm":
		return p.confirmCodes(c)
	case "remove":
		if err := p.Register.RemoveTOTP(ctx, a); err != nil {
			return err
		}
		return p.done(c, "/account/codes", "page.codes.removed")
	default:
		made, err := p.Register.NewRecoveryCodes(ctx, a)
		if again(err) {
			return p.showCodes(c, codes{faults: faultsOf(ctx, err)})
		}
		if err != nil {
			return err
		}
		return p.render(c, http.StatusOK, recoveryPage(made))
	}
}

// confirmCodes takes the first code. A page that refuses it shows the secret
// again: it came with the form, from whoever was shown it, and stands unsealed
// nowhere else.
func (p *Pages) confirmCodes(c *gin.Context) error {
	ctx := c.Request.Context()
	made, err := p.Register.ConfirmTOTP(ctx, web.Actor(ctx), typed(c, "code"))
	switch {
	case again(err):
		v := codes{faults: faultsOf(ctx, err)}
		if qr, bad := base64.StdEncoding.DecodeString(c.PostForm("_picture")); bad == nil && len(qr) > 0 && v.faults.by["code"] != "" {
			v.begun = &register.OneTimeSecret{Secret: typed(c, "_secret"), QR: qr}
		}
		return p.showCodes(c, v)
	case err != nil:
		return err
	}
	// A code was given just now: that is a second factor.
	if err := p.Sessions.Prove(ctx, true); err != nil {
		return err
	}
	if len(made) == 0 {
		return p.done(c, "/account/codes", "page.codes.added")
	}
	return p.render(c, http.StatusOK, recoveryPage(made))
}

// PasskeysForm lists the passkeys and adds one.
func (p *Pages) PasskeysForm(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := p.fresh(c); err != nil {
		return err
	}
	f, err := p.Register.Factors(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	return p.render(c, http.StatusOK, passkeysPage(f))
}

// RemovePasskey takes one away.
func (p *Pages) RemovePasskey(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := p.Register.RemovePasskey(ctx, web.Actor(ctx), c.PostForm("id")); err != nil {
		return err
	}
	return p.done(c, "/account/passkeys", "page.passkeys.removed")
}

// sheet is the form for the first code of a new secret.
func (v codes) sheet(ctx context.Context) sheet {
	return sheet{
		path: "/account/codes", hidden: []pair{{"do", "confirm"}, {"_secret", v.begun.Secret}, {"_picture", base64.StdEncoding.EncodeToString(v.begun.QR)}},
		ask:    []question{ask(ctx, "code", "newcode", "").as("text", "one-time-code", "govuk-input--width-10")},
		button: design.Say(ctx, "page.codes.confirm"), faults: v.faults, at: "code",
	}.settle()
}

// list is what was wrong, for the summary.
func (v codes) list(ctx context.Context) []design.Fault {
	if v.begun != nil {
		return v.sheet(ctx).list()
	}
	return sheet{faults: v.faults}.settle().list()
}
