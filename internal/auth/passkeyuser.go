package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"beforehand/models"
)

// passkeyUser is an account in the library's terms.
type passkeyUser struct {
	PasskeyUser
	credentials webauthn.Credentials
}

func newPasskeyUser(u PasskeyUser) (passkeyUser, error) {
	user := passkeyUser{PasskeyUser: u}
	for _, p := range u.Passkeys {
		var c webauthn.Credential
		if err := json.Unmarshal(p.Data, &c); err != nil {
			return passkeyUser{}, fmt.Errorf("auth: stored passkey %s: %w", p.ID, err)
		}
		user.credentials = append(user.credentials, c)
	}
	return user, nil
}

func (u passkeyUser) has(id []byte) bool {
	return slices.ContainsFunc(u.credentials, func(c webauthn.Credential) bool { return bytes.Equal(c.ID, id) })
}

// WebAuthnID is the user handle.
func (u passkeyUser) WebAuthnID() []byte { return []byte(u.ID) }

// WebAuthnName tells two accounts on one device apart.
func (u passkeyUser) WebAuthnName() string { return u.Email }

// WebAuthnDisplayName is what the device greets with.
func (u passkeyUser) WebAuthnDisplayName() string { return u.Name }

// WebAuthnCredentials are the account's passkeys.
func (u passkeyUser) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

// both gives the options and the state of a ceremony.
func both(options any, session *webauthn.SessionData) (json.RawMessage, []byte, error) {
	o, err := json.Marshal(options)
	if err != nil {
		return nil, nil, err
	}
	s, err := json.Marshal(session)
	return o, s, err
}

// readSession reads a state. The library checks its expiry only when it has one,
// and asks for the person's finger or PIN only when the state says so.
func readSession(state []byte) (webauthn.SessionData, error) {
	var s webauthn.SessionData
	if err := json.Unmarshal(state, &s); err != nil {
		return s, err
	}
	if s.Expires.IsZero() {
		return s, errors.New("a state without an expiry")
	}
	s.UserVerification = protocol.VerificationRequired
	return s, nil
}

// passkeyRefused is the one answer to everything that is wrong with an answer of
// a device: more would tell who has an account.
func passkeyRefused(cause error) error {
	var e *protocol.Error
	if errors.As(cause, &e) && e.DevInfo != "" {
		cause = fmt.Errorf("%w: %s", cause, e.DevInfo)
	}
	return models.Fail(models.Unauthenticated, "passkey_refused").Because(cause)
}
