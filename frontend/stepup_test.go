package frontend

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"beforehand/internal/register/registertest"
	"beforehand/models"
)

// in is the value of an input of a page.
func in(t *testing.T, body, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no input %q", name)
	}
	return html.UnescapeString(m[1])
}

func code(t *testing.T, s *site, secret string) url.Values {
	t.Helper()
	return url.Values{"code": {need(totp.GenerateCode(secret, s.Clock.Now()))(t)}}
}

func with(v url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func TestOneTimeCodes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(t, "cdo")
	b.get(t, "/en/account/codes").wants(t, 200, "One-time codes are not set up.", "Recovery codes left: 0")
	begun := b.post(t, "/en/account/codes", url.Values{"do": {"begin"}}).wants(t, 200, "Add the account to your app")
	secret := in(t, begun.body, "_secret")
	if !strings.Contains(begun.text, secret) || !strings.Contains(begun.body, `src="data:image/png;base64,`) {
		t.Error("the secret is not on the page both as text and as a picture")
	}
	wrong := b.post(t, "/en/account/codes", url.Values{"do": {"confirm"}, "code": {"12"}, "_secret": {secret}, "_picture": {in(t, begun.body, "_picture")}})
	wrong.wants(t, 422, secret, "Code: The code is wrong, has been used, or has lapsed.")
	kept := b.post(t, "/en/account/codes", with(code(t, s, secret), "do", "confirm")).wants(t, 200, "Keep these codes")
	recovery := regexp.MustCompile(`<code class="app-hash">([^<]+)</code>`).FindAllStringSubmatch(kept.body, -1)
	if len(recovery) != 10 {
		t.Fatalf("%d recovery codes", len(recovery))
	}
	b.get(t, "/cy/account/codes").wants(t, 200, "Codau adfer sy’n weddill: 10")

	// A sign-in takes both, and a code once.
	s.Clock.Set(s.Clock.Now().Add(time.Minute))
	half := func() *browser {
		half := s.browser()
		r := half.post(t, "/en/sign-in", url.Values{"email": {"cdo@tywi.example"}, "password": {registertest.Password}, "next": {"/en/register"}})
		if r.status != 303 || r.header.Get("Location") != "/en/sign-in/code" {
			t.Fatal(r.status, r.header)
		}
		return half
	}
	one := half()
	one.get(t, "/en/sign-in/code").wants(t, 200, "Give your code")
	one.post(t, "/en/sign-in/code", url.Values{}).wants(t, 422, "Code: Give an answer.")
	now := code(t, s, secret)
	if r := one.post(t, "/en/sign-in/code", now); r.status != 303 || r.header.Get("Location") != "/en/register" {
		t.Fatal(r.status, r.header)
	}
	one.get(t, "/en").wants(t, 200, "Signed in: cdo")
	two := half()
	two.post(t, "/cy/sign-in/code", now).wants(t, 422, "Mae’r cod yn anghywir neu wedi’i ddefnyddio.")
	two.post(t, "/en/sign-in/code", url.Values{"code": {recovery[0][1]}}).wants(t, 303)
	two.get(t, "/en/account").wants(t, 200, "Recovery codes left 9")
	late := half()
	s.Clock.Set(s.Clock.Now().Add(11 * time.Minute))
	if r := late.post(t, "/en/sign-in/code", url.Values{"code": {recovery[1][1]}}); r.header.Get("Location") != "/en/sign-in" {
		t.Error("a code counts long after the password")
	}
	late.get(t, "/en/sign-in").wants(t, 200, "It took too long to give the code.")
	if r := s.browser().get(t, "/en/sign-in/code"); r.header.Get("Location") != "/en/sign-in" {
		t.Error("the second step stands without the first")
	}
}

func TestStepUpLosesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(t, "admin")
	version := in(t, b.get(t, "/en/access").body, "version")
	s.Clock.Set(s.Clock.Now().Add(models.FreshFor + time.Minute))
	if r := b.get(t, "/en/account/password"); r.status != 303 || r.header.Get("Location") != "/en/prove?next=%2Fen%2Faccount%2Fpassword" {
		t.Fatal(r.status, r.header)
	}
	form := url.Values{"version": {version}, "secondFactorRoles": {"cdo", "hr"}, "securityLogDays": {"500"}, "invitationDays": {"60"}}
	ask := b.post(t, "/en/access", form).wants(t, 403, "Prove that it is you")
	if in(t, ask.body, "carry.securityLogDays") != "500" || in(t, ask.body, "next") != "/en/access" {
		t.Error("the form is not carried along")
	}
	carried := url.Values{"next": {"/en/access"}, "again": {"1"}, "carry.version": {version}, "carry.secondFactorRoles": {"cdo", "hr"}, "carry.securityLogDays": {"500"}, "carry.invitationDays": {"60"}}
	wrong := b.post(t, "/en/prove", with(carried, "password", "wrong")).wants(t, 422, "Password: This is not your present password.")
	if in(t, wrong.body, "carry.securityLogDays") != "500" || strings.Contains(wrong.body, `value="wrong"`) {
		t.Error("a wrong password loses the form, or is shown again")
	}
	carried.Set("password", registertest.Password)
	on := b.post(t, "/en/prove", carried).wants(t, 200, "Carry on")
	if in(t, on.body, "securityLogDays") != "500" || !strings.Contains(on.body, `action="/en/access"`) || strings.Contains(on.body, registertest.Password) {
		t.Error(on.body)
	}
	b.post(t, "/en/access", form).wants(t, 303)
	b.get(t, "/en/access").wants(t, 200, "The settings are saved.")

	// Now the digital officer's role waits for a second factor, on every page.
	cdo := s.as(t, "cdo")
	cdo.get(t, "/en/register").wants(t, 200, "A role of yours waits for a second factor", "Chief digital officer’s team: this role does not count")
	cdo.get(t, "/cy").wants(t, 200, "Mae un o’ch rolau’n aros am ail ffactor")
	// A password is never carried: its page is opened anew.
	s.Clock.Set(s.Clock.Now().Add(models.FreshFor + time.Minute))
	lost := cdo.post(t, "/en/account/password", url.Values{"old": {registertest.Password}, "password": {"another long phrase"}}).wants(t, 403)
	if strings.Contains(lost.body, "another long phrase") {
		t.Error("a password is carried along")
	}
	if r := cdo.post(t, "/en/prove", url.Values{"next": {"/en/account/password"}, "password": {registertest.Password}}); r.header.Get("Location") != "/en/account/password" {
		t.Error(r.header)
	}
	for _, next := range []string{"https://evil.example/", "//evil.example"} {
		s.Clock.Set(s.Clock.Now().Add(models.FreshFor + time.Minute))
		r := cdo.post(t, "/en/prove", url.Values{"next": {next}, "password": {registertest.Password}})
		if r.header.Get("Location") != "/en" {
			t.Errorf("%s leads to %s", next, r.header.Get("Location"))
		}
	}
}

func TestTooManyAttempts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	var last answer
	for range 8 {
		last = b.post(t, "/en/sign-in", url.Values{"email": {"cdo@tywi.example"}, "password": {"x"}})
	}
	last.wants(t, 429, "Too many attempts. Wait ")
	if last.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}
