package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"beforehand/models"
)

const (
	// flowTime is how long a person may take to come back from the provider.
	flowTime = 10 * time.Minute
	// freshness is how long ago a person may have proved themselves when a fresh
	// proof is asked for, and skew how far a provider's clock may be ahead.
	freshness = 2 * time.Minute
	skew      = 30 * time.Second
)

// Identity is who a provider says somebody is. Issuer and Subject together are
// what an account is tied to; an address can pass to somebody else.
type Identity struct {
	Provider        Provider
	Issuer, Subject string
	Email           string
	// EmailVerified is the provider's word that the address is the person's.
	EmailVerified bool
	Name          string
	Roles         []RoleMapping
	// SecondFactor says that the provider has asked for one, and is trusted to.
	SecondFactor bool
	// AuthTime is when the person proved themselves; zero when it is not said.
	AuthTime time.Time
	// IDToken is for [Providers.LogoutURL].
	IDToken string
}

// flow is a sign-in on its way.
type flow struct {
	Organisation string    `json:"organisation"`
	Provider     string    `json:"provider"`
	RedirectURL  string    `json:"redirectURL"`
	State        string    `json:"state"`
	Nonce        string    `json:"nonce"`
	Verifier     string    `json:"verifier"`
	Fresh        bool      `json:"fresh,omitempty"`
	Expires      time.Time `json:"expires"`
}

// Begin gives the provider's address to send a person to, and the flow, which
// the caller keeps in the person's session on the server and takes out, once,
// for [Providers.Finish]. Fresh has them prove themselves again, although they
// may be signed in there.
func (ps *Providers) Begin(ctx context.Context, organisation, id, redirectURL string, fresh bool, now time.Time) (address string, state []byte, err error) {
	p, ok := ps.find(organisation, id)
	if !ok {
		return "", nil, models.Missing("provider")
	}
	d, err := ps.discover(ctx, p, now)
	if err != nil {
		return "", nil, err
	}
	f := flow{
		Organisation: organisation,
		Provider:     id,
		RedirectURL:  redirectURL,
		State:        rand.Text(),
		Nonce:        rand.Text(),
		Verifier:     oauth2.GenerateVerifier(),
		Fresh:        fresh,
		Expires:      now.Add(flowTime),
	}
	options := []oauth2.AuthCodeOption{
		oauth2.S256ChallengeOption(f.Verifier),
		oauth2.SetAuthURLParam("nonce", f.Nonce),
	}
	if fresh {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	config := d.config
	config.RedirectURL = redirectURL
	state, err = json.Marshal(f)
	return config.AuthCodeURL(f.State, options...), state, err
}

// Finish takes what a person came back with: the flow from their session and
// the query of the address they came back to.
func (ps *Providers) Finish(ctx context.Context, state []byte, query url.Values, now time.Time) (Identity, error) {
	var f flow
	if err := json.Unmarshal(state, &f); err != nil {
		return Identity{}, oidcRefused(err)
	}
	p, ok := ps.find(f.Organisation, f.Provider)
	if !ok {
		return Identity{}, oidcRefused(fmt.Errorf("no provider %q for %q any more", f.Provider, f.Organisation))
	}
	if err := f.check(query, now); err != nil {
		return Identity{}, oidcRefused(err)
	}
	d, err := ps.discover(ctx, p, now)
	if err != nil {
		return Identity{}, err
	}
	if err := checkAnswer(query, p.Issuer, d.saysIssuer); err != nil {
		return Identity{}, err
	}
	config := d.config
	config.RedirectURL = f.RedirectURL
	token, err := config.Exchange(ps.with(ctx), query.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return Identity{}, failed(err)
	}
	return ps.identify(ctx, d, p, f, token, now)
}

// check says whether an answer belongs to the flow.
func (f flow) check(query url.Values, now time.Time) error {
	if f.State == "" || f.Nonce == "" || f.Verifier == "" {
		return errors.New("not a flow")
	}
	if !now.Before(f.Expires) {
		return errors.New("the flow is too old")
	}
	for _, key := range []string{"state", "code", "iss", "error"} {
		if len(query[key]) > 1 {
			return fmt.Errorf("%s is said twice", key)
		}
	}
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(f.State)) != 1 {
		return errors.New("the state is not this flow's")
	}
	return nil
}

// checkAnswer looks at what the provider answered, before anything in it is
// used. An answer that names another issuer was meant to be sent to the wrong
// provider (RFC 9207).
func checkAnswer(query url.Values, issuer string, saysIssuer bool) error {
	if (saysIssuer || query.Has("iss")) && query.Get("iss") != issuer {
		return oidcRefused(fmt.Errorf("the answer is from %q", query.Get("iss")))
	}
	if code := query.Get("error"); code == "access_denied" {
		return models.Fail(models.Unauthenticated, "oidc_denied")
	} else if code != "" {
		return oidcRefused(fmt.Errorf("the provider answers %q: %q", code, query.Get("error_description")))
	}
	if query.Get("code") == "" {
		return oidcRefused(errors.New("the answer has no code"))
	}
	return nil
}

// failed tells a provider that cannot be reached from one that refuses.
func failed(err error) error {
	if _, ok := errors.AsType[*url.Error](err); ok {
		return oidcUnreachable(err)
	}
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok && e.Response != nil && e.Response.StatusCode >= http.StatusInternalServerError {
		return oidcUnreachable(err)
	}
	return oidcRefused(err)
}
