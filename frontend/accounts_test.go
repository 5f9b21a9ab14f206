package frontend

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// accountPages are the pages below one's own account.
var accountPages = []string{"", "/password", "/email", "/codes", "/passkeys", "/sessions", "/tokens", "/permissions", "/data"}

func TestAccountPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, name := range []string{"admin", "cdo", "manager", "unison", "rep", "auditor", "councillor"} {
		b := s.as(t, name)
		for _, lang := range []string{"/en", "/cy"} {
			for _, path := range accountPages {
				b.get(t, lang+"/account"+path).wants(t, 200)
			}
			b.get(t, lang+"/prove").wants(t, 200)
		}
	}
	for _, path := range accountPages {
		if a := s.browser().get(t, "/en/account"+path); a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/en/sign-in?next=") {
			t.Errorf("%s without an account: %d", path, a.status)
		}
	}
	for _, path := range []string{"/forgot-password", "/reset-password", "/invitation", "/signed-out", "/sign-in"} {
		s.browser().get(t, "/en"+path).wants(t, 200)
		s.browser().get(t, "/cy"+path).wants(t, 200)
	}
}

func TestWhoSeesWhichPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	all := map[string]string{"/people": "People", "/addresses": "Service addresses", "/access": "Access settings", "/security-log": "Security log", "/service-accounts": "Service accounts"}
	for name, may := range map[string][]string{
		"admin": {"/people", "/access", "/service-accounts"}, "cdo": {"/service-accounts"}, "unison": {"/people", "/addresses", "/security-log"}, "auditor": {"/people", "/access", "/security-log", "/service-accounts"}, "councillor": nil,
	} {
		b := s.as(t, name)
		menu := b.get(t, "/en/organisation")
		for path, title := range all {
			listed := strings.Contains(menu.body, `href="/en`+path+`"`)
			page := b.get(t, "/en"+path)
			b.get(t, "/cy"+path)
			for _, want := range may {
				if want == path {
					page.wants(t, 200, title)
					if !listed {
						t.Errorf("%s: the contents page does not list %s", name, path)
					}
				}
			}
			if listed && page.status != 200 {
				t.Errorf("%s: the contents page lists %s, which answers %d", name, path, page.status)
			}
		}
	}
}

func TestTokensAndSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, other := s.as(t, "cdo"), s.as(t, "cdo")
	b.get(t, "/en/account/tokens").wants(t, 200, "You have no tokens.", "Read gates")
	b.post(t, "/en/account/tokens", url.Values{"days": {"400"}}).wants(t, 422, "Name: Give an answer.", "How many days it lasts: Give a value from 1 to 366.")
	b.post(t, "/en/account/tokens", url.Values{"name": {"x"}, "days": {"3"}, "scopes": {"account.remove"}}).wants(t, 422, "What it may do: ")
	made := b.post(t, "/en/account/tokens", url.Values{"name": {"pipeline"}, "days": {"30"}, "scopes": {"gate.read", "deployment.read"}}).wants(t, 200, "Copy it now", "pipeline")
	secret := regexp.MustCompile(`id="token">([^<]+)<`).FindStringSubmatch(made.body)[1]
	list := b.get(t, "/cy/account/tokens").wants(t, 200, "pipeline", "Dilys", "Darllen pyrth").without(t, secret)
	if strings.Contains(list.body, secret) {
		t.Error("the token is shown twice")
	}
	ends := regexp.MustCompile(`value="revoke"><input type="hidden" name="id" value="([^"]+)"`).FindStringSubmatch(list.body)[1]
	b.post(t, "/en/account/tokens", url.Values{"do": {"revoke"}, "id": {ends}}).wants(t, 303)
	b.get(t, "/en/account/tokens").wants(t, 200, "The token has ended.", "Ended")

	b.get(t, "/en/account/sessions").wants(t, 200, "This one", "End all others")
	b.post(t, "/en/account/sessions", url.Values{"do": {"others"}}).wants(t, 303)
	other.get(t, "/en").wants(t, 200).without(t, "Signed in")
	b.get(t, "/en/account/sessions").wants(t, 200, "All your other sign-ins have ended.").without(t, "End all others")
}

func TestOnesOwnData(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(t, "rep")
	file := b.post(t, "/en/account/data", url.Values{"do": {"export"}})
	var held map[string]any
	if err := json.Unmarshal([]byte(file.body), &held); err != nil || !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment;") {
		t.Fatal(err, file.header)
	}
	if held["account"].(map[string]any)["email"] != "rep@tywi.example" || len(held["roles"].([]any)) != 1 || strings.Contains(file.body, "argon2") {
		t.Error(file.body)
	}
	b.post(t, "/en/account/data", url.Values{"do": {"remove"}, "confirm": {"yes"}}).wants(t, 422, "Type “remove”, just so.")
	b.post(t, "/cy/account/data", url.Values{"do": {"remove"}, "confirm": {"dileu"}}).wants(t, 303)
	b.get(t, "/cy").wants(t, 200, "Mae eich cyfrif wedi’i ddileu.").without(t, "Wedi mewngofnodi")
	s.as(t, "unison").post(t, "/en/account/data", url.Values{"do": {"remove"}, "confirm": {"remove"}}).wants(t, 422, "This is the union’s last officer.")
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.Deploy(t)
	s.as(t, "cdo").get(t, "/en/account/permissions?deployment="+d.Ref).wants(t, 200, "Serve a notice", "A policy line allows it.")
	cy := s.as(t, "unison").get(t, "/cy/account/permissions").wants(t, 200, "Gwneud sylw", "Mae llinell bolisi yn ei ganiatáu.", "Nid oes llinell bolisi sy’n gadael i’ch rolau wneud hyn.")
	if strings.Contains(cy.body, "no policy line") || strings.Contains(cy.text, "the policy line does") {
		t.Error("a reason is in English")
	}
	s.as(t, "unison").get(t, "/en/account/permissions?deployment="+d.Ref).wants(t, 404, "There is a problem")
}
