package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"beforehand/internal/fetch"
	"beforehand/models"
)

// discoveryAge is how long what a provider says about itself is believed; it
// is also the longest that a key it has withdrawn can go on working.
const discoveryAge = time.Hour

// Providers signs people in with their organisations' own providers.
type Providers struct {
	all    []Provider
	client *http.Client

	mu    sync.Mutex
	found map[string]*discovered // by organisation/id
}

// NewProviders takes the configured providers and the client that fetches from
// them; without one it is [fetch.NewClient]'s, with nothing allowed. Nothing is
// fetched yet: a provider that is down does not keep the server from starting.
func NewProviders(all []Provider, client *http.Client) *Providers {
	if client == nil {
		client = fetch.NewClient(nil)
	}
	return &Providers{all: slices.Clone(all), client: client, found: map[string]*discovered{}}
}

// Of lists an organisation's providers, in the order of the file.
func (ps *Providers) Of(organisation string) []Provider {
	var out []Provider
	for _, p := range ps.all {
		if p.Organisation == organisation {
			out = append(out, p)
		}
	}
	return out
}

func (ps *Providers) find(organisation, id string) (Provider, bool) {
	for _, p := range ps.all {
		if p.Organisation == organisation && p.ID == id {
			return p, true
		}
	}
	return Provider{}, false
}

// discovered is what a provider says about itself.
type discovered struct {
	provider *oidc.Provider
	config   oauth2.Config
	keys     oidc.KeySet
	// endSession is where a person signs out, or "".
	endSession string
	// saysIssuer promises that each answer names its issuer (RFC 9207).
	saysIssuer bool
	at         time.Time
}

// discover gives what a provider says about itself, fetched anew when it is
// old. The lock is not held while fetching, so that a slow provider holds up
// nobody else's; two at once fetch twice, and nothing is lost.
func (ps *Providers) discover(ctx context.Context, p Provider, now time.Time) (*discovered, error) {
	key := p.Organisation + "/" + p.ID
	ps.mu.Lock()
	old := ps.found[key]
	ps.mu.Unlock()
	if old != nil && now.Before(old.at.Add(discoveryAge)) {
		return old, nil
	}
	d, err := ps.fetch(ctx, p)
	if err != nil {
		return nil, err
	}
	d.at = now
	ps.mu.Lock()
	ps.found[key] = d
	ps.mu.Unlock()
	return d, nil
}

func (ps *Providers) fetch(ctx context.Context, p Provider) (*discovered, error) {
	provider, err := oidc.NewProvider(ps.with(ctx), p.Issuer)
	if _, ok := errors.AsType[*oidc.IssuerMismatchError](err); ok {
		return nil, oidcRefused(err)
	}
	if err != nil {
		return nil, oidcUnreachable(err)
	}
	var says struct {
		Keys        string   `json:"jwks_uri"`
		EndSession  string   `json:"end_session_endpoint"`
		SaysIssuer  bool     `json:"authorization_response_iss_parameter_supported"`
		AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := provider.Claims(&says); err != nil {
		return nil, oidcUnreachable(err)
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = authStyle(p, says.AuthMethods)
	for what, address := range map[string]string{
		"authorization_endpoint": endpoint.AuthURL, "token_endpoint": endpoint.TokenURL, "jwks_uri": says.Keys,
	} {
		if _, err := webAddress(address); err != nil {
			return nil, oidcRefused(fmt.Errorf("%s: %w", what, err))
		}
	}
	return &discovered{
		provider: provider,
		config: oauth2.Config{
			ClientID: p.ClientID, ClientSecret: string(p.ClientSecret), Endpoint: endpoint, Scopes: p.Scopes,
		},
		// The set outlives the request that made it.
		keys:       oidc.NewRemoteKeySet(ps.with(context.WithoutCancel(ctx)), says.Keys),
		endSession: says.EndSession,
		saysIssuer: says.SaysIssuer,
	}, nil
}

// authStyle is how the client names itself to the token endpoint. It is never
// left to trial and error: a code that is sent twice is used up.
func authStyle(p Provider, methods []string) oauth2.AuthStyle {
	basic := len(methods) == 0 || slices.Contains(methods, "client_secret_basic")
	if p.ClientSecret != "" && (basic || !slices.Contains(methods, "client_secret_post")) {
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}

// with lets both libraries use our client.
func (ps *Providers) with(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, ps.client)
}

// LogoutURL gives the address at which a person signs out of the provider as
// well, and comes back to returnTo; not every provider has one.
func (ps *Providers) LogoutURL(ctx context.Context, organisation, id, idToken, returnTo string) (string, bool) {
	p, ok := ps.find(organisation, id)
	if !ok {
		return "", false
	}
	// The zero time takes what is known, however old.
	d, err := ps.discover(ctx, p, time.Time{})
	if err != nil || d.endSession == "" {
		return "", false
	}
	u, err := webAddress(d.endSession)
	if err != nil {
		return "", false
	}
	q := u.Query()
	q.Set("client_id", p.ClientID)
	setUnlessEmpty(q, "id_token_hint", idToken)
	setUnlessEmpty(q, "post_logout_redirect_uri", returnTo)
	u.RawQuery = q.Encode()
	return u.String(), true
}

func setUnlessEmpty(q url.Values, key, value string) {
	if value != "" {
		q.Set(key, value)
	}
}

func oidcRefused(cause error) error {
	return models.Fail(models.Unauthenticated, "oidc_refused").Because(cause)
}

func oidcUnreachable(cause error) error {
	return models.Fail(models.Conflict, "oidc_unreachable").Because(cause)
}
