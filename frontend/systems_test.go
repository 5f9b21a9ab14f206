package frontend

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/register/registertest"
	"beforehand/models"
)

func TestServiceAccounts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, auditor := s.as(t, "cdo"), s.as(t, "auditor")
	const page = "/en/service-accounts"
	b.get(t, page).wants(t, 200, "There are no service accounts.", "Add a service account", "Read gates", "Register a deployment").without(t, "Serve a notice", "Read the metrics")
	admin := s.as(t, "admin").get(t, page).wants(t, 200, "Add a service account").without(t, "Read gates")
	if !strings.Contains(admin.body, `value="metrics.read"`) || strings.Contains(admin.body, `value="deployment.read"`) {
		t.Error("an administrator is not offered just what they may give")
	}
	auditor.get(t, page).wants(t, 200, "There are no service accounts.").without(t, "Add a service account")

	b.post(t, page, url.Values{"do": {"nonsense"}}).wants(t, 404)
	b.post(t, page, url.Values{"do": {"add"}, "name": {"pipeline"}, "days": {"30"}}).wants(t, 422, "What it may do: Give an answer.")
	wrong := b.post(t, page, url.Values{"do": {"add"}, "days": {"400"}, "scopes": {"gate.read", "metrics.read"}})
	wrong.wants(t, 422, "Name: Give an answer.", "How many days it lasts: Give a value from 1 to 366.", "What it may do: You may not give away “metrics.read”")
	if !regexp.MustCompile(`value="gate.read"[^>]* checked`).MatchString(wrong.body) {
		t.Error("what was chosen is lost")
	}
	form := url.Values{"do": {"add"}, "name": {"release pipeline"}, "days": {"30"}, "serviceArea": {s.Area.ID}, "scopes": {"gate.read", "deployment.read"}}
	auditor.post(t, page, form).wants(t, 403)
	s.as(t, "unison").post(t, page, form).wants(t, 404)
	s.browser().post(t, page, form).wants(t, 401)

	s.Clock.Set(s.Clock.Now().Add(models.FreshFor + time.Minute))
	b.get(t, page).wants(t, 200, "There are no service accounts.", "Add a service account")
	ask := b.post(t, page, form).wants(t, 403, "Prove that it is you")
	if strings.Count(ask.body, `name="carry.scopes"`) != 2 || in(t, ask.body, "carry.name") != "release pipeline" {
		t.Error("the form is not carried along")
	}
	carried := url.Values{"next": {page}, "again": {"1"}, "password": {registertest.Password}}
	for name, v := range form {
		carried["carry."+name] = v
	}
	on := b.post(t, "/en/prove", carried).wants(t, 200, "Carry on")
	if in(t, on.body, "do") != "add" || !strings.Contains(on.body, `action="`+page+`"`) {
		t.Error(on.body)
	}
	made := b.post(t, page, form).wants(t, 200, "Copy it now", "release pipeline", "Back to the service accounts")
	secret := regexp.MustCompile(`id="token">([^<]+)<`).FindStringSubmatch(made.body)[1]
	hint := secret[:len(auth.TokenPrefix)+4]
	for _, reader := range []*browser{b, auditor} {
		list := reader.get(t, "/cy/service-accounts").wants(t, 200, "release pipeline", hint+"…", "Dilys", "Gofal cymdeithasol oedolion", "Erioed", "Darllen pyrth", "Gweithredoedd: 2")
		if strings.Contains(list.body, secret) {
			t.Error("the token is shown twice")
		}
		if offered := strings.Contains(list.body, `value="end"`); offered != (reader == b) {
			t.Errorf("ending is offered: %t", offered)
		}
	}
	if a := need(s.ActorOfToken(t.Context(), secret, models.Origin{}))(t); a.Name != "release pipeline" || !a.Has(models.RoleService) {
		t.Errorf("%+v", a)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, page, nil)
	r.Header.Set("Authorization", "Bearer "+secret)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code == http.StatusOK {
		t.Error("another system reads the page")
	}

	id := in(t, b.get(t, page).body, "id")
	b.post(t, page, url.Values{"do": {"end"}, "id": {id}}).wants(t, 200, "You are about to end a service account for good: release pipeline.", "the other system is shut out")
	b.post(t, "/cy/service-accounts", url.Values{"do": {"end"}, "id": {id}}).wants(t, 200, "Terfynu’r cyfrif gwasanaeth")
	b.post(t, page, url.Values{"do": {"end"}, "id": {s.CDO.UserID}}).wants(t, 404)
	b.post(t, page, url.Values{"do": {"end_now"}, "id": {s.CDO.UserID}}).wants(t, 404)
	auditor.post(t, page, url.Values{"do": {"end_now"}, "id": {id}}).wants(t, 403)
	b.post(t, page, url.Values{"do": {"end_now"}, "id": {id}}).wants(t, 303)
	b.get(t, page).wants(t, 200, "The service account has ended.", "There are no service accounts.")
	if _, err := s.ActorOfToken(t.Context(), secret, models.Origin{}); models.CodeOf(err) != "bad_credentials" {
		t.Error(err)
	}
}
