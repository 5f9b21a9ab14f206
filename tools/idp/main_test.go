package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/storage"
)

const (
	verifier = "a-verifier-of-at-least-forty-three-characters-x"
	back     = "http://localhost:1/signin"
	bye      = "http://localhost:1/bye"
)

// browser keeps cookies and stops at the client's own addresses.
type browser struct {
	t      testing.TB
	issuer string
	http   *http.Client
}

func open(t testing.TB) browser {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + strings.Replace(server.Listener.Addr().String(), "127.0.0.1", "localhost", 1)
	storage.RegisterClients(storage.WebClient("client", "secret", back))
	handler, err := newProvider(issuer, newStore(bye))
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = handler
	server.Start()
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stop := func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "localhost:1" {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return browser{t, issuer, &http.Client{Jar: jar, CheckRedirect: stop}}
}

// do returns where the request ended, its status and its body.
func (b browser) do(r *http.Request, err error) (*url.URL, int, string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	answer, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	at := answer.Request.URL
	if to, err := answer.Location(); err == nil {
		at = to
	}
	return at, answer.StatusCode, string(body)
}

func (b browser) get(path string, query url.Values) (*url.URL, int, string) {
	b.t.Helper()
	return b.do(http.NewRequest(http.MethodGet, b.issuer+path+"?"+query.Encode(), nil))
}

func (b browser) post(path string, form url.Values, auth ...string) (*url.URL, int, string) {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.issuer+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if len(auth) == 2 {
		r.SetBasicAuth(auth[0], auth[1])
	}
	return b.do(r, err)
}

// authorize starts a sign-in as a client does; extra is name, value, name, value.
func (b browser) authorize(extra ...string) *url.URL {
	b.t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {"client"}, "redirect_uri": {back}, "response_type": {"code"}, "scope": {"openid profile email groups"},
		"state": {"st"}, "nonce": {"once"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for pair := range slices.Chunk(extra, 2) {
		q.Set(pair[0], pair[1])
	}
	at, _, _ := b.get("/authorize", q)
	return at
}

func (b browser) signIn(form *url.URL, name, secret string) (*url.URL, int) {
	b.t.Helper()
	at, status, _ := b.post(loginPath, url.Values{"id": {form.Query().Get(loginParam)}, "username": {name}, "password": {secret}})
	return at, status
}

// exchange gives the claims of the ID token, and both tokens.
func (b browser) exchange(at *url.URL, verifier, secret string) (claims map[string]any, idToken, access string, status int) {
	b.t.Helper()
	_, status, body := b.post("/oauth/token", url.Values{"grant_type": {"authorization_code"}, "code": {at.Query().Get("code")}, "redirect_uri": {back}, "code_verifier": {verifier}}, "client", secret)
	var tokens struct {
		ID     string `json:"id_token"`
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &tokens); err != nil {
		b.t.Fatalf("%v in %s", err, body)
	}
	if status != http.StatusOK {
		return nil, "", "", status
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(tokens.ID, ".")[1])
	if err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		b.t.Fatal(err)
	}
	return claims, tokens.ID, tokens.Access, status
}

func isForm(at *url.URL) bool { return at.Path == loginPath }

func TestSignIn(t *testing.T) {
	b := open(t)
	form := b.authorize()
	if !isForm(form) {
		t.Fatalf("a first sign-in went to %s", form)
	}
	if at, status := b.signIn(form, "cdo-idp", "wrong"); !isForm(at) || status != http.StatusUnauthorized {
		t.Fatalf("a wrong password went to %s with %d", at, status)
	}
	at, _ := b.signIn(form, "cdo-idp", password)
	if !strings.HasPrefix(at.String(), back+"?") || at.Query().Get("state") != "st" {
		t.Fatalf("went to %s", at)
	}
	claims, _, access, _ := b.exchange(at, verifier, "secret")
	for name, want := range map[string]any{"iss": b.issuer, "sub": "sub-cdo", "nonce": "once", "name": "Catrin Digidol", "email": "cdo-idp@tywi.example"} {
		if claims[name] != want {
			t.Errorf("%s is %v, want %v", name, claims[name], want)
		}
	}
	for name, want := range map[string]string{"groups": "digital-team", "amr": "pwd"} {
		if list, ok := claims[name].([]any); !ok || len(list) != 1 || list[0] != want {
			t.Errorf("%s is %v, want %s alone", name, claims[name], want)
		}
	}
	if when, ok := claims["auth_time"].(float64); !ok || time.Since(time.Unix(int64(when), 0)).Abs() > time.Minute {
		t.Errorf("auth_time is %v", claims["auth_time"])
	}

	r, err := http.NewRequest(http.MethodGet, b.issuer+"/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+access)
	if _, status, body := b.do(r, err); status != http.StatusOK || !strings.Contains(body, `"groups":["digital-team"]`) {
		t.Errorf("userinfo: %d %s", status, body)
	}
	if _, _, _, status := b.exchange(at, verifier, "secret"); status == http.StatusOK {
		t.Error("a code was taken twice")
	}
}

func TestClientIsHeldToTheProtocol(t *testing.T) {
	b := open(t)
	if at := b.authorize("code_challenge", "", "code_challenge_method", ""); at.Query().Get("error") == "" {
		t.Errorf("without PKCE it went to %s", at)
	}
	if at := b.authorize("redirect_uri", "http://localhost:1/elsewhere"); at.Host == "localhost:1" {
		t.Errorf("an address that is not registered was gone to: %s", at)
	}
	for name, with := range map[string][2]string{"verifier": {"another-verifier-of-forty-three-characters-and-more", "secret"}, "secret": {verifier, "wrong"}} {
		at, _ := b.signIn(b.authorize("prompt", "login"), "manager-idp", password)
		if _, _, _, status := b.exchange(at, with[0], with[1]); status == http.StatusOK {
			t.Errorf("a wrong %s was taken", name)
		}
	}
}

func TestSession(t *testing.T) {
	b := open(t)
	at, _ := b.signIn(b.authorize(), "nobody-idp", password)
	first, idToken, _, _ := b.exchange(at, verifier, "secret")
	if _, ok := first["groups"]; ok {
		t.Errorf("nobody has groups: %v", first["groups"])
	}

	silent := b.authorize("max_age", "3600")
	if isForm(silent) {
		t.Fatal("the second sign-in asked again")
	}
	second, _, _, _ := b.exchange(silent, verifier, "secret")
	if second["auth_time"] != first["auth_time"] || second["sub"] != "sub-nobody" {
		t.Errorf("first %v, then %v", first, second)
	}
	for _, ask := range [][]string{{"prompt", "login"}, {"max_age", "0"}} {
		if at := b.authorize(ask...); !isForm(at) {
			t.Errorf("%v did not ask again: %s", ask, at)
		}
	}

	if at, _, _ := b.get("/end_session", url.Values{"id_token_hint": {idToken}, "post_logout_redirect_uri": {"http://localhost:1/elsewhere"}}); at.Host == "localhost:1" {
		t.Errorf("signing out went to %s", at)
	}
	if at, _, _ := b.get("/end_session", url.Values{"id_token_hint": {idToken}, "post_logout_redirect_uri": {bye}, "state": {"s"}}); at.String() != bye+"?state=s" {
		t.Errorf("signing out went to %s", at)
	}
	if at := b.authorize(); !isForm(at) {
		t.Errorf("after signing out, the session was still there: %s", at)
	}
}
