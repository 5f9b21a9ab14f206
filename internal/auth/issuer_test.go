package auth_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"beforehand/internal/auth"
	"beforehand/internal/fetch"
	"beforehand/models"
)

const redirectURL = "https://beforehand.example/tywi/sign-in/council/back"

// issuer is a provider: discovery, keys, tokens and userinfo. Its fields change
// what it says; the changes are made between requests.
type issuer struct {
	t    *testing.T
	url  string
	mu   sync.Mutex
	keys []jose.JSONWebKey // the last one signs
	// codes are given out and not used up.
	codes map[string]url.Values
	// metadata, token and info change what is said.
	metadata, token func(map[string]any)
	info            map[string]any
	// sign makes the ID token in the usual way's place.
	sign func(claims map[string]any) string
	// status answers at a path in the usual answer's place.
	status map[string]int
	// seen are the requests for tokens; asked counts them all.
	seen  []url.Values
	asked map[string]int
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{t: t, codes: map[string]url.Values{}, asked: map[string]int{}, status: map[string]int{}}
	i.rotate(jose.ES256, "first")
	srv := httptest.NewServer(i)
	t.Cleanup(srv.Close)
	i.url = srv.URL
	return i
}

// rotate leaves the provider with one new key.
func (i *issuer) rotate(alg jose.SignatureAlgorithm, id string) {
	i.t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	var key any
	var err error
	switch alg {
	case jose.ES256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.EdDSA:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		i.t.Fatal(err)
	}
	i.keys = []jose.JSONWebKey{{Key: key, KeyID: id, Algorithm: string(alg), Use: "sig"}}
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked[r.URL.Path]++
	if status := i.status[r.URL.Path]; status != 0 {
		w.WriteHeader(status)
		return
	}
	var answer any
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		m := map[string]any{
			"issuer": i.url, "authorization_endpoint": i.url + "/authorise", "token_endpoint": i.url + "/token",
			"jwks_uri": i.url + "/keys", "userinfo_endpoint": i.url + "/userinfo",
			"end_session_endpoint": i.url + "/bye?from=here", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		}
		if i.metadata != nil {
			i.metadata(m)
		}
		answer = m
	case "/keys":
		var set jose.JSONWebKeySet
		for _, k := range i.keys {
			set.Keys = append(set.Keys, k.Public())
		}
		answer = set
	case "/token":
		answer = i.exchange(w, r)
	case "/userinfo":
		if r.Header.Get("Authorization") != "Bearer access" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer = i.info
	}
	if answer != nil {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// exchange gives tokens for a code, once, to who asked for the code.
func (i *issuer) exchange(w http.ResponseWriter, r *http.Request) any {
	_ = r.ParseForm()
	i.seen = append(i.seen, r.PostForm)
	asked, ok := i.codes[r.PostForm.Get("code")]
	delete(i.codes, r.PostForm.Get("code"))
	user, password, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	if !ok || user != "beforehand" || password != "s3cret" || r.PostForm.Get("redirect_uri") != asked.Get("redirect_uri") ||
		asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		return map[string]any{"error": "invalid_grant"}
	}
	claims := map[string]any{
		"iss": i.url, "sub": "subject-1", "aud": "beforehand", "nonce": asked.Get("nonce"),
		"iat": noon.Unix(), "exp": noon.Add(5 * time.Minute).Unix(), "auth_time": noon.Add(-time.Minute).Unix(),
		"email": "sian@tywi.example", "email_verified": true, "name": "Siân Rhys", "groups": []string{"digital-team", "other"},
	}
	if i.token != nil {
		i.token(claims)
	}
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	sign := i.sign
	if sign == nil {
		sign = func(claims map[string]any) string { return signed(i.t, i.keys[len(i.keys)-1], claims) }
	}
	return map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": sign(claims)}
}

func signed(t *testing.T, key jose.JSONWebKey, claims map[string]any) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}, nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Error(err)
	}
	jws, err := s.Sign(payload)
	if err != nil {
		t.Error(err)
		return ""
	}
	text, err := jws.CompactSerialize()
	if err != nil {
		t.Error(err)
	}
	return text
}

// provider is the issuer as an organisation configures it.
func (i *issuer) provider() auth.Provider {
	return auth.Provider{
		Organisation: "tywi", ID: "council", Name: models.Text{En: "Tywi Council", Cy: "Cyngor Tywi"},
		Issuer: i.url, ClientID: "beforehand", ClientSecret: "s3cret", Scopes: []string{"openid", "email"}, RoleClaim: "groups",
		Roles: []auth.RoleMapping{
			{Value: "digital-team", Role: models.RoleCDO},
			{Value: "managers", Role: models.RoleManager, ServiceArea: "Adult social care"},
		},
	}
}

func (i *issuer) providers(change ...func(*auth.Provider)) *auth.Providers {
	p := i.provider()
	for _, c := range change {
		c(&p)
	}
	return auth.NewProviders([]auth.Provider{p}, home())
}

// home is a client that reaches this machine.
func home() *http.Client {
	return fetch.NewClient([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
}

// begin begins a sign-in, and the person agrees to it at the provider.
func (i *issuer) begin(ps *auth.Providers, fresh bool) (flow []byte, back url.Values) {
	i.t.Helper()
	address, flow, err := ps.Begin(i.t.Context(), "tywi", "council", redirectURL, fresh, noon)
	if err != nil {
		i.t.Fatal(err)
	}
	return flow, i.agree(address)
}

func (i *issuer) agree(address string) url.Values {
	i.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		i.t.Fatal(err)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 ||
		q.Get("client_id") != "beforehand" || len(q.Get("state")) < 26 || len(q.Get("nonce")) < 26 || q.Get("redirect_uri") != redirectURL {
		i.t.Errorf("asked for with %v", q)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	code := rand.Text()
	i.codes[code] = q
	return url.Values{"code": {code}, "state": {q.Get("state")}}
}

// signIn goes all the way.
func (i *issuer) signIn(ps *auth.Providers, fresh bool) (auth.Identity, error) {
	i.t.Helper()
	flow, back := i.begin(ps, fresh)
	return ps.Finish(i.t.Context(), flow, back, noon)
}
