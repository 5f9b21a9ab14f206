package register_test

import (
	"testing"
	"time"

	va "github.com/descope/virtualwebauthn"

	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// device is somebody's device with one passkey.
type device struct {
	rp   va.RelyingParty
	auth va.Authenticator
	cred va.Credential
}

// newDevice passes over keys with a coordinate that begins with a nought: the
// library that plays the device leaves the nought out.
func newDevice(userID string) *device {
	d := &device{
		rp:   va.RelyingParty{ID: "localhost", Name: "Beforehand", Origin: registertest.BaseURL},
		auth: va.NewAuthenticatorWithOptions(va.AuthenticatorOptions{UserHandle: []byte(userID)}),
	}
	for {
		const whole = 77
		if d.cred = va.NewCredential(va.KeyTypeEC2); len(d.cred.Key.AttestationData()) == whole {
			return d
		}
	}
}

func (d *device) register(t *testing.T, h *registertest.House, a models.Actor) []string {
	t.Helper()
	options, state, err := h.BeginPasskey(t.Context(), a)
	must(t, err)
	parsed := need(va.ParseAttestationOptions(string(options)))(t)
	_, codes, err := h.FinishPasskey(t.Context(), a, state, []byte(va.CreateAttestationResponse(d.rp, d.auth, d.cred, *parsed)), "Work laptop")
	must(t, err)
	return codes
}

func (d *device) show(t *testing.T, h *registertest.House, a models.Actor) (models.SignIn, error) {
	t.Helper()
	options, state, err := h.AskPasskey()
	must(t, err)
	parsed := need(va.ParseAssertionOptions(string(options)))(t)
	return h.TakePasskey(t.Context(), a, state, []byte(va.CreateAssertionResponse(d.rp, d.auth, d.cred, *parsed)), "")
}

// TestPasskeys: a passkey is both factors, a password alone is none any more,
// and a counter that goes back is refused, written down and told.
func TestPasskeys(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		working(t, h)
		d := newDevice(h.Officer.UserID)
		d.cred.Counter = 7
		if codes := d.register(t, h, h.Officer); len(codes) != 10 {
			t.Errorf("%d recovery codes", len(codes))
		}
		public := models.Actor{From: from}
		d.cred.Counter = 8
		who := need(d.show(t, h, public))(t)
		if who.UserID != h.Officer.UserID || who.OrgID != h.Org.ID || !who.SecondFactor {
			t.Errorf("%+v", who)
		}
		_, err := h.SignIn(ctx, from, withPassword("unison@tywi.example", registertest.Password))
		code(t, err, "second_factor_required")
		d.cred.Counter = 8
		_, err = d.show(t, h, public)
		code(t, err, "passkey_cloned")
		waitFor(t, func() bool { return len(sentTo(h, "unison@tywi.example")) >= 3 }) // an address, a passkey, a copy
		if kinds := events(t, h, h.Officer.UserID); kinds[0] != "passkey.cloned" {
			t.Errorf("the log says %v", kinds)
		}
		d.cred.Counter = 9
		must(t, second(d.show(t, h, public)))
		keys := need(s.Passkeys(ctx, h.Officer.UserID))(t)
		if len(keys) != 1 || keys[0].LastUsedAt == nil {
			t.Errorf("%+v", keys)
		}
		code(t, h.RemovePasskey(ctx, h.OtherOfficer, keys[0].ID), "not_found")
		must(t, h.RemovePasskey(ctx, h.Officer, keys[0].ID))
		_, err = d.show(t, h, public)
		code(t, err, "passkey_refused")
		must(t, second(h.SignIn(ctx, from, withPassword("unison@tywi.example", registertest.Password))))
	})
}

// TestAProof: what binds a union wants a fresh proof, and a proof is the whole
// of what somebody signs in with.
func TestAProof(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d := h.Formative(t)
	lapsed := h.Officer
	lapsed.Lapsed = true
	formal := commentInput("We do not agree.")
	formal.Kind = "formal_response"
	_, err := h.MakeComment(ctx, lapsed, d.Ref, formal)
	code(t, err, "step_up_required")
	must(t, second(h.MakeComment(ctx, lapsed, d.Ref, commentInput("Caseloads must not rise."))))
	_, err = h.Prove(ctx, lapsed, "not the password", "")
	code(t, err, "bad_credentials")
	if factor := need(h.Prove(ctx, lapsed, registertest.Password, ""))(t); factor {
		t.Error("a password is one factor")
	}
	secret, _ := enrol(t, h, h.Officer)
	h.Clock.Set(h.Clock.Now().Add(time.Minute))
	_, err = h.Prove(ctx, lapsed, registertest.Password, "")
	code(t, err, "second_factor_required")
	if factor := need(h.Prove(ctx, lapsed, registertest.Password, oneTime(t, h, secret)))(t); !factor {
		t.Error("a password and a code are two")
	}
	asToken := lapsed
	asToken.TokenID, asToken.Scopes = "a token", []string{"account.prove"}
	_, err = h.Prove(ctx, asToken, registertest.Password, oneTime(t, h, secret))
	code(t, err, "forbidden")
}
