package auth

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"beforehand/models"
)

// passkeyTime is how long a person has to answer their device.
const passkeyTime = 5 * time.Minute

// Passkeys registers passkeys and signs people in with them (WebAuthn).
type Passkeys struct {
	// rp is nil where there can be no passkeys.
	rp *webauthn.WebAuthn
}

// Passkey is what is kept of one: never more than its public half.
type Passkey struct {
	// ID is the credential's, in base64url.
	ID string
	// Data is the library's record of it, in JSON. It changes with each sign-in.
	Data []byte
}

// PasskeyUser is an account as passkeys see it. The device shows Name and Email;
// ID is what it gives back when the person signs in.
type PasskeyUser struct {
	ID, Name, Email string
	Passkeys        []Passkey
}

// NewPasskeys makes passkeys for the server at baseURL, under the name that
// devices show. A host that is an IP address, or a single name other than
// localhost, can have none, as the standard has it: see [Passkeys.Available].
func NewPasskeys(baseURL, name string) (*Passkeys, error) {
	u, err := url.Parse(baseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("auth: passkeys: %q is not an address such as https://host.example", baseURL)
	}
	host := strings.ToLower(u.Hostname())
	if protocol.ValidateRPID(host) != nil {
		return &Passkeys{}, nil //nolint:nilerr // what is wrong with the host is what Available says
	}
	limit := webauthn.TimeoutConfig{Enforce: true, Timeout: passkeyTime, TimeoutUVD: passkeyTime}
	resident := true
	rp, err := webauthn.New(&webauthn.Config{
		RPID:                  host,
		RPDisplayName:         name,
		RPOrigins:             []string{origin(u)},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &resident,
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			UserVerification:   protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: limit, Registration: limit},
		// We ask for no extension and read no answer to one; some password
		// programs volunteer them all the same.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("auth: passkeys: %w", err)
	}
	return &Passkeys{rp: rp}, nil
}

// origin writes an origin as browsers do: without a port that goes without
// saying.
func origin(u *url.URL) string {
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return u.Scheme + "://" + host
}

// Available says whether this server's address can have passkeys.
func (p *Passkeys) Available() bool { return p.rp != nil }

// BeginRegistration gives the options for navigator.credentials.create, with
// the key publicKey around them, and the state that the caller keeps on the
// server and takes out, once, for [Passkeys.FinishRegistration].
func (p *Passkeys) BeginRegistration(u PasskeyUser) (options json.RawMessage, state []byte, err error) {
	if err := p.available(); err != nil {
		return nil, nil, err
	}
	user, err := newPasskeyUser(u)
	if err != nil {
		return nil, nil, err
	}
	creation, session, err := p.rp.BeginRegistration(user, webauthn.WithExclusions(user.credentials.CredentialDescriptors()))
	if err != nil {
		return nil, nil, fmt.Errorf("auth: begin a passkey: %w", err)
	}
	return both(creation, session)
}

// FinishRegistration checks the device's answer and gives the passkey to keep.
// Whether another account has the same credential is for the caller to see.
func (p *Passkeys) FinishRegistration(u PasskeyUser, state, response []byte) (Passkey, error) {
	if err := p.available(); err != nil {
		return Passkey{}, err
	}
	user, err := newPasskeyUser(u)
	if err != nil {
		return Passkey{}, err
	}
	session, err := readSession(state)
	if err != nil {
		return Passkey{}, passkeyRefused(err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Passkey{}, passkeyRefused(err)
	}
	credential, err := p.rp.CreateCredential(user, session, parsed)
	if err != nil {
		return Passkey{}, passkeyRefused(err)
	}
	if user.has(credential.ID) {
		return Passkey{}, passkeyRefused(errors.New("the account has this passkey already"))
	}
	return keep(credential)
}

// BeginSignIn gives the options for navigator.credentials.get, with the key
// publicKey around them, and the state that the caller keeps on the server and
// takes out, once, for [Passkeys.FinishSignIn]. Nobody says who they are first:
// the device knows.
func (p *Passkeys) BeginSignIn() (options json.RawMessage, state []byte, err error) {
	if err := p.available(); err != nil {
		return nil, nil, err
	}
	assertion, session, err := p.rp.BeginDiscoverableLogin()
	if err != nil {
		return nil, nil, fmt.Errorf("auth: begin a passkey sign-in: %w", err)
	}
	return both(assertion, session)
}

// FinishSignIn checks the device's answer and says who has signed in. Find
// fetches the account that the device names. Used is the passkey with its new
// counter, for the caller to keep in the old one's place; a counter that did not
// go on means that there are two copies of the passkey, and is refused.
func (p *Passkeys) FinishSignIn(state, response []byte, find func(userID string) (PasskeyUser, error)) (userID string, used Passkey, err error) {
	if err := p.available(); err != nil {
		return "", Passkey{}, err
	}
	session, err := readSession(state)
	if err != nil {
		return "", Passkey{}, passkeyRefused(err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return "", Passkey{}, passkeyRefused(err)
	}
	var user passkeyUser
	credential, err := p.rp.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		u, err := find(string(handle))
		if err != nil {
			return nil, err
		}
		user, err = newPasskeyUser(u)
		return user, err
	}, session, parsed)
	if err != nil {
		return "", Passkey{}, passkeyRefused(err)
	}
	if credential.Authenticator.CloneWarning {
		return "", Passkey{}, models.Fail(models.Unauthenticated, "passkey_cloned")
	}
	used, err = keep(credential)
	return user.ID, used, err
}

func (p *Passkeys) available() error {
	if !p.Available() {
		return models.Fail(models.Conflict, "passkeys_unavailable")
	}
	return nil
}

func keep(c *webauthn.Credential) (Passkey, error) {
	data, err := json.Marshal(c)
	return Passkey{ID: base64.RawURLEncoding.EncodeToString(c.ID), Data: data}, err
}
