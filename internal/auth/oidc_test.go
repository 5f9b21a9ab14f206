package auth_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"beforehand/internal/auth"
	"beforehand/models"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	ps := i.providers()
	flow, back := i.begin(ps, false)
	who, err := ps.Finish(t.Context(), flow, back, noon)
	if err != nil {
		t.Fatal(err)
	}
	if who.Provider.ID != "council" || who.Issuer != i.url || who.Subject != "subject-1" || who.Email != "sian@tywi.example" ||
		!who.EmailVerified || who.Name != "Siân Rhys" || who.SecondFactor || !who.AuthTime.Equal(noon.Add(-time.Minute)) || who.IDToken == "" {
		t.Errorf("%+v", who)
	}
	if len(who.Roles) != 1 || who.Roles[0].Role != models.RoleCDO {
		t.Errorf("%+v", who.Roles)
	}
	// The verifier went to the token endpoint, where it was checked, and nowhere else.
	var kept struct{ Verifier string }
	if err := json.Unmarshal(flow, &kept); err != nil || len(kept.Verifier) < 43 || i.seen[0].Get("code_verifier") != kept.Verifier {
		t.Errorf("%q, %v", kept.Verifier, err)
	}
	// The issuer has used up the code.
	if _, err := ps.Finish(t.Context(), flow, back, noon); code(t, err, models.Unauthenticated) != "oidc_refused" {
		t.Errorf("the same answer twice: %v", err)
	}
	if i.asked["/token"] != 2 || i.asked["/.well-known/openid-configuration"] != 1 || i.asked["/userinfo"] != 0 {
		t.Errorf("asked for %v", i.asked)
	}
	if s := fmt.Sprintf("%v %+v %#v", who, who, ps.Of("tywi")); strings.Contains(s, "s3cret") {
		t.Errorf("the client's secret shows: %s", s)
	}
}

func TestBegin(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	ps := i.providers()
	one, _, err := ps.Begin(t.Context(), "tywi", "council", redirectURL, true, noon)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := ps.Begin(t.Context(), "tywi", "council", redirectURL, false, noon)
	if err != nil {
		t.Fatal(err)
	}
	a, b := i.query(one), i.query(other)
	for _, key := range []string{"state", "nonce", "code_challenge"} {
		if a.Get(key) == b.Get(key) {
			t.Errorf("%s is the same twice", key)
		}
	}
	if a.Get("prompt") != "login" || a.Get("max_age") != "0" || b.Has("prompt") || b.Has("max_age") || a.Get("scope") != "openid email" {
		t.Errorf("%v and %v", a, b)
	}
	for _, unknown := range [][2]string{{"tywi", "other"}, {"other", "council"}, {"", ""}} {
		if _, _, err := ps.Begin(t.Context(), unknown[0], unknown[1], redirectURL, false, noon); models.KindOf(err) != models.NotFound {
			t.Errorf("%q: %v", unknown, err)
		}
	}
	if got := ps.Of("tywi"); len(got) != 1 || got[0].Name.Cy != "Cyngor Tywi" || len(ps.Of("other")) != 0 {
		t.Errorf("%+v", got)
	}
}

func (i *issuer) query(address string) url.Values {
	i.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		i.t.Fatal(err)
	}
	return u.Query()
}

func TestAnswersThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(flow *[]byte, back url.Values, now *time.Time)
		want   string
	}{
		"wrong state":         {func(_ *[]byte, q url.Values, _ *time.Time) { q.Set("state", "x") }, "oidc_refused"},
		"no state":            {func(_ *[]byte, q url.Values, _ *time.Time) { q.Del("state") }, "oidc_refused"},
		"two states":          {func(_ *[]byte, q url.Values, _ *time.Time) { q.Add("state", "x") }, "oidc_refused"},
		"two codes":           {func(_ *[]byte, q url.Values, _ *time.Time) { q.Add("code", "x") }, "oidc_refused"},
		"no code":             {func(_ *[]byte, q url.Values, _ *time.Time) { q.Del("code") }, "oidc_refused"},
		"wrong code":          {func(_ *[]byte, q url.Values, _ *time.Time) { q.Set("code", "x") }, "oidc_refused"},
		"another issuer":      {func(_ *[]byte, q url.Values, _ *time.Time) { q.Set("iss", "https://evil.example") }, "oidc_refused"},
		"an empty issuer":     {func(_ *[]byte, q url.Values, _ *time.Time) { q.Set("iss", "") }, "oidc_refused"},
		"too late":            {func(_ *[]byte, _ url.Values, now *time.Time) { *now = noon.Add(10 * time.Minute) }, "oidc_refused"},
		"no flow":             {func(f *[]byte, _ url.Values, _ *time.Time) { *f = nil }, "oidc_refused"},
		"an empty flow":       {func(f *[]byte, q url.Values, _ *time.Time) { *f = []byte("{}"); q.Del("state") }, "oidc_refused"},
		"person says no":      {func(_ *[]byte, q url.Values, _ *time.Time) { q.Set("error", "access_denied") }, "oidc_denied"},
		"provider says no":    {func(_ *[]byte, q url.Values, _ *time.Time) { q.Set("error", "login_required") }, "oidc_refused"},
		"no, with no state":   {func(_ *[]byte, q url.Values, _ *time.Time) { q.Set("error", "access_denied"); q.Del("state") }, "oidc_refused"},
		"no, by another":      {func(_ *[]byte, q url.Values, _ *time.Time) { q.Set("error", "access_denied"); q.Set("iss", "x") }, "oidc_refused"},
		"wrong verifier":      {alteredFlow(t, "verifier", "x"), "oidc_refused"},
		"no nonce kept":       {alteredFlow(t, "nonce", ""), "oidc_refused"},
		"another nonce":       {alteredFlow(t, "nonce", "x"), "oidc_refused"},
		"provider taken away": {alteredFlow(t, "provider", "gone"), "oidc_refused"},
		"another redirect":    {alteredFlow(t, "redirectURL", "https://evil.example"), "oidc_refused"},
	} {
		i := newIssuer(t)
		ps := i.providers()
		flow, back := i.begin(ps, false)
		now := noon
		c.change(&flow, back, &now)
		who, err := ps.Finish(t.Context(), flow, back, now)
		if got := code(t, err, models.Unauthenticated); got != c.want || who.Subject != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func alteredFlow(t *testing.T, key, value string) func(*[]byte, url.Values, *time.Time) {
	return func(flow *[]byte, _ url.Values, _ *time.Time) { *flow = altered(t, *flow, key, value) }
}

func TestMixUp(t *testing.T) {
	t.Parallel()
	honest, evil := newIssuer(t), newIssuer(t)
	p, q := honest.provider(), evil.provider()
	q.ID = "evil"
	ps := auth.NewProviders([]auth.Provider{p, q}, home())
	// A person begins with the evil one, which sends them to the honest one; the
	// honest one's code must not go to the evil one.
	_, flow, err := ps.Begin(t.Context(), "tywi", "evil", redirectURL, false, noon)
	if err != nil {
		t.Fatal(err)
	}
	var kept struct{ State string }
	if err := json.Unmarshal(flow, &kept); err != nil {
		t.Fatal(err)
	}
	back := url.Values{"code": {"honest"}, "state": {kept.State}, "iss": {honest.url}}
	if _, err := ps.Finish(t.Context(), flow, back, noon); code(t, err, models.Unauthenticated) != "oidc_refused" || evil.asked["/token"] != 0 {
		t.Errorf("%v, and the code was sent %d times", err, evil.asked["/token"])
	}
	// One that promises to name itself must.
	honest.metadata = func(m map[string]any) { m["authorization_response_iss_parameter_supported"] = true }
	flow, back = honest.begin(ps, false)
	if _, err := ps.Finish(t.Context(), flow, back, noon); code(t, err, models.Unauthenticated) != "oidc_refused" {
		t.Errorf("no issuer: %v", err)
	}
	flow, back = honest.begin(ps, false)
	back.Set("iss", honest.url)
	if _, err := ps.Finish(t.Context(), flow, back, noon); err != nil {
		t.Error(err)
	}
}

func TestTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	set := func(key string, value any) func(*issuer) {
		return func(i *issuer) { i.token = func(m map[string]any) { m[key] = value } }
	}
	for name, change := range map[string]func(*issuer){
		"wrong nonce":            set("nonce", "x"),
		"no nonce":               set("nonce", nil),
		"wrong issuer":           set("iss", "https://evil.example"),
		"no issuer":              set("iss", nil),
		"wrong audience":         set("aud", "somebody-else"),
		"no audience":            set("aud", nil),
		"several and no party":   set("aud", []string{"beforehand", "somebody-else"}),
		"for another party":      set("azp", "somebody-else"),
		"expired":                set("exp", noon.Add(-time.Second).Unix()),
		"no expiry":              set("exp", nil),
		"not yet":                set("nbf", noon.Add(time.Hour).Unix()),
		"no subject":             set("sub", nil),
		"long subject":           set("sub", strings.Repeat("x", 256)),
		"another access token":   set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
		"an address that is 5":   set("email", 5),
		"a number of groups":     set("groups", 5),
		"groups of things":       set("groups", []any{"digital-team", map[string]any{}}),
		"a time in words":        set("auth_time", "noon"),
		"a time beyond time":     set("auth_time", 1e300),
		"no token":               func(i *issuer) { i.sign = func(map[string]any) string { return "" } },
		"rubbish":                func(i *issuer) { i.sign = func(map[string]any) string { return "a.b.c" } },
		"alg none":               func(i *issuer) { i.sign = unsigned },
		"HS256 by public key":    func(i *issuer) { i.sign = i.byPublicKey },
		"another's key":          func(i *issuer) { i.sign = newIssuer(t).byFirstKey },
		"tampered":               func(i *issuer) { i.sign = i.tamperedToken },
		"a weaker algorithm":     func(i *issuer) { i.rotate(jose.RS512, "rs512") },
		"discovery lies":         func(i *issuer) { i.metadata = func(m map[string]any) { m["issuer"] = "https://evil.example" } },
		"keys over http":         func(i *issuer) { i.metadata = func(m map[string]any) { m["jwks_uri"] = "http://evil.example/keys" } },
		"code over http":         func(i *issuer) { i.metadata = func(m map[string]any) { m["token_endpoint"] = "http://evil.example/" } },
		"a script for sign-in":   func(i *issuer) { i.metadata = func(m map[string]any) { m["authorization_endpoint"] = "javascript:1" } },
		"someone else's details": func(i *issuer) { set("email", nil)(i); i.info = map[string]any{"sub": "subject-2", "email": "x@y.z"} },
		"nobody's details":       func(i *issuer) { set("email", nil)(i); i.info = map[string]any{"email": "x@y.z"} },
		"token is refused":       func(i *issuer) { i.status["/token"] = http.StatusUnauthorized },
	} {
		i := newIssuer(t)
		change(i)
		ps := i.providers()
		address, flow, err := ps.Begin(t.Context(), "tywi", "council", redirectURL, false, noon)
		if err == nil {
			_, err = ps.Finish(t.Context(), flow, i.agree(address), noon)
		}
		if got := code(t, err, models.Unauthenticated); got != "oidc_refused" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func segment(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func unsigned(claims map[string]any) string {
	b, _ := json.Marshal(claims)
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(b) + "."
}

// byPublicKey signs with what everybody can read.
func (i *issuer) byPublicKey(claims map[string]any) string {
	public, err := i.keys[0].Public().MarshalJSON()
	if err != nil {
		i.t.Error(err)
	}
	return signed(i.t, jose.JSONWebKey{Key: public, KeyID: i.keys[0].KeyID, Algorithm: string(jose.HS256)}, claims)
}

func (i *issuer) byFirstKey(claims map[string]any) string { return signed(i.t, i.keys[0], claims) }

// tamperedToken keeps the signature of other claims.
func (i *issuer) tamperedToken(claims map[string]any) string {
	parts := strings.Split(i.byFirstKey(claims), ".")
	claims["sub"] = "subject-2"
	return parts[0] + "." + segment(i.t, claims) + "." + parts[2]
}

func TestAlgorithms(t *testing.T) {
	t.Parallel()
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.PS256, jose.EdDSA} {
		i := newIssuer(t)
		i.rotate(alg, "k")
		if _, err := i.signIn(i.providers(), false); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
	}
}

func TestSeveralAudiences(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	i.token = func(m map[string]any) { m["aud"], m["azp"] = []string{"somebody-else", "beforehand"}, "beforehand" }
	if _, err := i.signIn(i.providers(), false); err != nil {
		t.Error(err)
	}
}

func TestKeyRotation(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	ps := i.providers()
	old := i.keys[0]
	if _, err := i.signIn(ps, false); err != nil {
		t.Fatal(err)
	}
	flow, back := i.begin(ps, false)
	i.rotate(jose.ES256, "second")
	if _, err := ps.Finish(t.Context(), flow, back, noon); err != nil {
		t.Errorf("a new key in the middle: %v", err)
	}
	i.sign = func(claims map[string]any) string { return signed(t, old, claims) }
	if _, err := i.signIn(ps, false); code(t, err, models.Unauthenticated) != "oidc_refused" {
		t.Errorf("a key that was removed: %v", err)
	}
	// A key that was removed and never replaced ends with what discovery is worth.
	third := newIssuer(t)
	ps = third.providers()
	if _, err := third.signIn(ps, false); err != nil {
		t.Fatal(err)
	}
	gone := third.keys[0]
	third.rotate(jose.ES256, "other")
	third.sign = func(claims map[string]any) string {
		claims["exp"] = noon.Add(3 * time.Hour).Unix()
		return signed(t, gone, claims)
	}
	later := noon.Add(2 * time.Hour)
	address, flow, err := ps.Begin(t.Context(), "tywi", "council", redirectURL, false, later)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ps.Finish(t.Context(), flow, third.agree(address), later); code(t, err, models.Unauthenticated) != "oidc_refused" {
		t.Errorf("two hours later: %v", err)
	}
}

func TestFresh(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at any
		ok bool
	}{
		"now":             {noon.Unix(), true},
		"two minutes ago": {noon.Add(-2 * time.Minute).Unix(), true},
		"a clock ahead":   {noon.Add(20 * time.Second).Unix(), true},
		"longer ago":      {noon.Add(-121 * time.Second).Unix(), false},
		"in the future":   {noon.Add(time.Minute).Unix(), false},
		"not said":        {nil, false},
		"at no time":      {0, false},
		"in fractions":    {float64(noon.Unix()) - 0.5, true},
		"in quotes":       {"1788782400", false},
	} {
		i := newIssuer(t)
		i.token = func(m map[string]any) { m["auth_time"] = c.at }
		_, err := i.signIn(i.providers(), true)
		if (err == nil) != c.ok || err != nil && models.CodeOf(err) != "oidc_refused" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token, info any
		want        []models.Role
	}{
		"a list":                    {[]string{"managers", "x"}, nil, []models.Role{models.RoleManager}},
		"a text":                    {"digital-team", nil, []models.Role{models.RoleCDO}},
		"both, in the file's order": {[]string{"managers", "digital-team"}, nil, []models.Role{models.RoleCDO, models.RoleManager}},
		"none that is known":        {[]string{"x"}, nil, nil},
		"none":                      {[]string{}, []string{"managers"}, nil},
		"another case":              {[]string{"Managers"}, nil, nil},
		"from userinfo":             {nil, []string{"managers"}, []models.Role{models.RoleManager}},
		"a text from userinfo":      {nil, "managers", []models.Role{models.RoleManager}},
		"from neither":              {nil, nil, nil},
		"the token's word goes":     {"digital-team", "managers", []models.Role{models.RoleCDO}},
		"a text is one value":       {"digital-team,managers", nil, nil},
		"a name in another case":    {map[string]any{}, nil, nil},
	} {
		i := newIssuer(t)
		i.token = func(m map[string]any) { m["groups"] = c.token }
		if name == "a name in another case" {
			i.token = func(m map[string]any) { m["groups"], m["Groups"] = []string{}, []string{"managers"} }
		}
		i.info = map[string]any{"sub": "subject-1", "groups": c.info}
		who, err := i.signIn(i.providers(), false)
		var got []models.Role
		for _, m := range who.Roles {
			got = append(got, m.Role)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestUserInfo(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	i.token = func(m map[string]any) { m["email"], m["name"], m["email_verified"] = nil, nil, true }
	i.info = map[string]any{"sub": "subject-1", "email": "info@tywi.example", "email_verified": "false", "name": "Siân"}
	who, err := i.signIn(i.providers(), false)
	if err != nil || who.Email != "info@tywi.example" || who.EmailVerified || who.Name != "Siân" || len(who.Roles) != 1 {
		t.Errorf("%+v, %v", who, err)
	}
	i.info["email_verified"] = "true"
	if who, err := i.signIn(i.providers(), false); err != nil || !who.EmailVerified {
		t.Errorf("%+v, %v", who, err)
	}
	i.metadata = func(m map[string]any) { delete(m, "userinfo_endpoint") }
	if who, err := i.signIn(i.providers(), false); err != nil || who.Email != "" || who.EmailVerified {
		t.Errorf("%+v, %v", who, err)
	}
	i.metadata, i.status["/userinfo"] = nil, http.StatusServiceUnavailable
	if _, err := i.signIn(i.providers(), false); err == nil {
		t.Error("userinfo is down, and the sign-in goes on without roles")
	}
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trust    bool
		amr, acr any
		want     bool
	}{
		"mfa, trusted":         {true, []string{"pwd", "mfa"}, nil, true},
		"mfa as a text":        {true, "mfa", nil, true},
		"mfa, not trusted":     {false, []string{"mfa"}, nil, false},
		"password, trusted":    {true, []string{"pwd"}, nil, false},
		"class, trusted":       {true, nil, "urn:two", true},
		"class, not trusted":   {false, nil, "urn:two", false},
		"another class":        {true, nil, "urn:one", false},
		"an empty class":       {true, nil, "", false},
		"nothing said":         {true, nil, nil, false},
		"nothing like mfa":     {true, []string{"mfa2", "MFA"}, nil, false},
		"mfa in another claim": {true, nil, "mfa", false},
	} {
		i := newIssuer(t)
		i.token = func(m map[string]any) { m["amr"], m["acr"] = c.amr, c.acr }
		who, err := i.signIn(i.providers(func(p *auth.Provider) {
			p.TrustSecondFactor, p.SecondFactorACR = c.trust, []string{"urn:two"}
		}), false)
		if err != nil || who.SecondFactor != c.want {
			t.Errorf("%s: %v, %v", name, who.SecondFactor, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	const discovery = "/.well-known/openid-configuration"
	i := newIssuer(t)
	ps := i.providers()
	i.status[discovery] = http.StatusServiceUnavailable
	_, _, err := ps.Begin(t.Context(), "tywi", "council", redirectURL, false, noon)
	if got := code(t, err, models.Conflict); got != "oidc_unreachable" {
		t.Errorf("%v", err)
	}
	if _, ok := ps.LogoutURL(t.Context(), "tywi", "council", "", ""); ok {
		t.Error("a provider that is down has no way out")
	}
	delete(i.status, discovery)
	if _, err := i.signIn(ps, false); err != nil {
		t.Errorf("it is back: %v", err)
	}
	flow, back := i.begin(ps, false)
	i.status["/token"] = http.StatusBadGateway
	if _, err := ps.Finish(t.Context(), flow, back, noon); code(t, err, models.Conflict) != "oidc_unreachable" {
		t.Errorf("%v", err)
	}
	// Without an allowed prefix nobody looks inside, whoever configured it.
	outside := auth.NewProviders([]auth.Provider{i.provider()}, nil)
	if _, _, err := outside.Begin(t.Context(), "tywi", "council", redirectURL, false, noon); code(t, err, models.Conflict) != "oidc_unreachable" {
		t.Errorf("%v", err)
	}
	// The keys are elsewhere, where nobody answers.
	nowhere := newIssuer(t)
	nowhere.metadata = func(m map[string]any) { m["jwks_uri"] = "http://127.0.0.1:1/keys" }
	if _, err := nowhere.signIn(nowhere.providers(), false); code(t, err, models.Conflict) != "oidc_unreachable" {
		t.Errorf("%v", err)
	}
}

func TestLogoutURL(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	got, ok := i.providers().LogoutURL(t.Context(), "tywi", "council", "id.to.ken", "https://beforehand.example/")
	q := i.query(got)
	if !ok || !strings.HasPrefix(got, i.url+"/bye?") || q.Get("from") != "here" || q.Get("id_token_hint") != "id.to.ken" ||
		q.Get("client_id") != "beforehand" || q.Get("post_logout_redirect_uri") != "https://beforehand.example/" {
		t.Errorf("%q, %v", got, ok)
	}
	if got, ok := i.providers().LogoutURL(t.Context(), "tywi", "other", "", ""); ok {
		t.Errorf("%q", got)
	}
	for _, end := range []any{nil, "", "javascript:1", "http://evil.example/"} {
		i.metadata = func(m map[string]any) { m["end_session_endpoint"] = end }
		if got, ok := i.providers().LogoutURL(t.Context(), "tywi", "council", "", ""); ok {
			t.Errorf("%v: %q", end, got)
		}
	}
}

func TestPublicClientAndPostedSecret(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		methods []string
		secret  auth.Secret
		posted  string
	}{
		"public":       {[]string{"none"}, "", ""},
		"posted":       {[]string{"client_secret_post"}, "s3cret", "s3cret"},
		"basic first":  {[]string{"client_secret_post", "client_secret_basic"}, "s3cret", "basic"},
		"says nothing": {nil, "s3cret", "basic"},
	} {
		i := newIssuer(t)
		i.metadata = func(m map[string]any) { m["token_endpoint_auth_methods_supported"] = c.methods }
		_, _ = i.signIn(i.providers(func(p *auth.Provider) { p.ClientSecret = c.secret }), false)
		if len(i.seen) != 1 {
			t.Fatalf("%s: the code was sent %d times", name, len(i.seen))
		}
		form := i.seen[0]
		if basic := c.posted == "basic"; basic == form.Has("client_id") || !basic && form.Get("client_secret") != c.posted {
			t.Errorf("%s: %v", name, form)
		}
	}
}

func FuzzFlow(f *testing.F) {
	ps := auth.NewProviders([]auth.Provider{{Organisation: "tywi", ID: "council", Issuer: "https://login.example"}}, home())
	f.Add([]byte(`{"organisation":"tywi","provider":"council","state":"a","nonce":"b","verifier":"c","expires":"2026-09-07T11:00:00Z"}`), "state=a&code=x")
	f.Add([]byte(`{}`), "state=&state=")
	f.Fuzz(func(t *testing.T, flow []byte, query string) {
		q, err := url.ParseQuery(query)
		if err != nil || q.Has("state") && q.Get("state") != "" {
			return // the right state would go on to the network
		}
		if _, err := ps.Finish(t.Context(), flow, q, noon); models.CodeOf(err) != "oidc_refused" {
			t.Errorf("%s with %s: %v", flow, query, err)
		}
	})
}
