package frontend

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/models"
)

func TestPeople(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.as(t, "unison")
	list := officer.get(t, "/en/people").wants(t, 200, "rep@tywi.example", "Suspend", "Union rep").without(t, "cdo@tywi.example")
	id := regexp.MustCompile(`value="suspend"[^>]*><input type="hidden" name="id" value="([^"]+)"`).FindAllStringSubmatch(list.body, -1)
	if len(id) == 0 {
		t.Fatal("nobody can be suspended")
	}
	members := need(s.Members(t.Context(), s.Officer))(t)
	for _, m := range members {
		if m.Name == "rep" {
			form := url.Values{"do": {"suspend"}, "id": {m.ID}, "version": {"1"}}
			officer.post(t, "/en/people", form).wants(t, 303)
			officer.get(t, "/en/people").wants(t, 200, "The role is suspended.", "Suspended", "Resume")
			officer.post(t, "/en/people", form).wants(t, 422, "Somebody else has changed this")
			officer.post(t, "/en/people", url.Values{"do": {"resume"}, "id": {m.ID}, "version": {"2"}}).wants(t, 303)
		}
		if m.Name == "unison" {
			officer.post(t, "/en/people", url.Values{"do": {"end"}, "id": {m.ID}}).wants(t, 200, "You are about to end a role for good: unison, Union officer.")
			officer.post(t, "/en/people", url.Values{"do": {"end_now"}, "id": {m.ID}, "version": {"1"}}).wants(t, 422, "This is the union’s last officer.")
			page := "/en/people/" + m.ID + "/lend"
			officer.get(t, page).wants(t, 200, "Lend a role", "First day")
			form := url.Values{
				"email": {"rep@tywi.example"}, "from-day": {"31"}, "from-month": {"2"}, "from-year": {"2027"}, "to-day": {"9"}, "to-month": {"9"}, "to-year": {"2026"},
			}
			refused := officer.post(t, page, form).wants(t, 422, "First day: “2027-2-31” is not a date")
			if !strings.Contains(refused.body, `value="31"`) {
				t.Error("the date is lost")
			}
			form.Set("from-day", "8")
			form.Set("from-month", "9")
			form.Set("from-year", "2026")
			form.Set("email", "cdo@tywi.example")
			officer.post(t, page, form).wants(t, 422, "There is nobody of your side")
			form.Set("email", "rep@tywi.example")
			officer.post(t, page, form).wants(t, 303)
			officer.get(t, "/cy/people").wants(t, 200, "Benthycwyd gan unison, o ddydd Mawrth 8 Medi 2026 tan ddydd Mercher 9 Medi 2026")
		}
	}
	officer.post(t, "/en/people", url.Values{"do": {"nonsense"}}).wants(t, 404)
}

func TestRemovingAnAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	admin, officer, rep := s.as(t, "admin"), s.as(t, "unison"), s.as(t, "rep")
	page := func(a models.Actor) string { return "/en/people/" + a.UserID + "/remove" }
	for name, tc := range map[string]struct {
		b        *browser
		may, not []models.Actor
	}{
		"admin":  {admin, []models.Actor{s.HR, s.Auditor}, []models.Actor{s.Rep, s.Admin}},
		"unison": {officer, []models.Actor{s.Rep}, []models.Actor{s.HR, s.OtherOfficer, s.Officer}},
		"rep":    {rep, nil, []models.Actor{s.Rep, s.Officer, s.HR}},
	} {
		list := tc.b.get(t, "/en/people").body
		for _, a := range tc.may {
			if !strings.Contains(list, page(a)) {
				t.Errorf("%s is not offered to remove %s", name, a.Name)
			}
		}
		for _, a := range tc.not {
			if strings.Contains(list, page(a)) {
				t.Errorf("%s is offered to remove %s", name, a.Name)
			}
		}
	}
	// What is of the other side, or nobody's, is not there; and a rep removes no one.
	for _, a := range []models.Actor{s.Rep, {UserID: "nobody"}} {
		admin.get(t, page(a)).wants(t, 404)
	}
	admin.post(t, page(s.Rep), url.Values{}).wants(t, 403)
	officer.get(t, page(s.OtherOfficer)).wants(t, 404)
	officer.post(t, page(s.OtherOfficer), url.Values{}).wants(t, 404)
	rep.get(t, page(s.Officer)).wants(t, 404)
	rep.post(t, page(s.Officer), url.Values{}).wants(t, 404)
	officer.post(t, page(s.Officer), url.Values{}).wants(t, 422, "This is the union’s last officer.")

	officer.get(t, page(s.Rep)).wants(t, 200, "Remove somebody’s account", "rep", "such as “UNISON rep”", "This cannot be undone.")
	officer.get(t, "/cy/people/"+s.Rep.UserID+"/remove").wants(t, 200, "Dileu cyfrif rhywun", "er enghraifft “cynrychiolydd UNISON”")
	s.Clock.Set(s.Clock.Now().Add(models.FreshFor + time.Minute))
	officer.get(t, "/en/people").wants(t, 200, "Remove account", "Lend")
	if r := officer.get(t, page(s.Rep)); r.status != 303 || r.header.Get("Location") != "/en/prove?next="+url.QueryEscape(page(s.Rep)) {
		t.Error(r.status, r.header)
	}
	ask := officer.post(t, page(s.Rep), url.Values{}).wants(t, 403, "Prove that it is you")
	if in(t, ask.body, "next") != page(s.Rep) {
		t.Error("the proof does not lead back")
	}
	rep.get(t, "/en").wants(t, 200, "Signed in: rep")
	officer.post(t, "/en/prove", url.Values{"next": {page(s.Rep)}, "password": {registertest.Password}}).wants(t, 303)
	officer.post(t, page(s.Rep), url.Values{}).wants(t, 303)
	officer.get(t, "/en/people").wants(t, 200, "The account has been removed.").without(t, "rep@tywi.example")
	rep.get(t, "/en").wants(t, 200).without(t, "Signed in")
	officer.get(t, page(s.Rep)).wants(t, 404)

	admin.post(t, "/en/prove", url.Values{"password": {registertest.Password}}).wants(t, 303)
	admin.get(t, page(s.HR)).wants(t, 200, "such as “HR or workforce lead”")
	admin.post(t, page(s.HR), url.Values{}).wants(t, 303)
	admin.get(t, "/cy/people").wants(t, 200, "The account has been removed.").without(t, "hr@tywi.example")
}

func TestServiceAddresses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(t, "unison")
	list := b.get(t, "/en/addresses").wants(t, 200, "Not confirmed", "UNISON Tywi").without(t, "GMB Tywi")
	id := in(t, list.body, "id")
	b.post(t, "/en/addresses", url.Values{"do": {"confirm"}, "id": {id}}).wants(t, 303)
	b.get(t, "/en/addresses").wants(t, 200, "The address is confirmed.", "Confirmed by the union")
	b.post(t, "/en/addresses", url.Values{"do": {"confirm"}, "id": {id}}).wants(t, 422, "This address has been confirmed already.")
	b.post(t, "/en/addresses", url.Values{"do": {"end"}, "id": {id}}).wants(t, 200, "From tomorrow no notice will be served")
	s.as(t, "gmb").post(t, "/en/addresses", url.Values{"do": {"end_now"}, "id": {id}}).wants(t, 404)
	b.post(t, "/cy/addresses", url.Values{"do": {"end_now"}, "id": {id}}).wants(t, 303)
	b.get(t, "/cy/addresses").wants(t, 200, "Daw’r cyfeiriad i ben heddiw.", "Wedi dod i ben")
}

func TestTheSecurityLog(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.browser().post(t, "/en/sign-in", url.Values{"email": {"rep@tywi.example"}, "password": {"wrong"}})
	b := s.as(t, "auditor")
	b.get(t, "/en/security-log").wants(t, 200, "A sign-in was refused.", "Somebody signed in.")
	b.get(t, "/en/security-log?kind=session.begin").wants(t, 200, "auditor").without(t, "rep")
	b.get(t, "/cy/security-log?kind=totp.add").wants(t, 200, "Dim i’w ddangos.")
	b.get(t, "/en/security-log?after=nonsense").wants(t, 422)
	for _, e := range models.SecurityKinds {
		b.get(t, "/cy/security-log?kind="+string(e)).wants(t, 200)
	}
}

func TestSeveralOrganisations(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Found(t, "elsewhere")
	b := s.browser()
	b.get(t, "/en/sign-in").wants(t, 200, "Sign in").without(t, "Choose")
	b.get(t, "/cy/sign-in?choose=1").wants(t, 200, "Sefydliad", "Cyngor Tywi")
	b.post(t, "/en/sign-in?organisation=elsewhere", url.Values{"email": {"cdo@elsewhere.example"}, "password": {registertest.Password}}).wants(t, 303)
	b.post(t, "/en/sign-out", url.Values{}).wants(t, 303)
	b.post(t, "/en/sign-in", url.Values{"email": {"cdo@elsewhere.example"}, "password": {registertest.Password}, "organisation": {"tywi"}}).wants(t, 422)
}

func TestWorkingForAnotherOrganisation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tywi, somebody := s.Org, s.CDO
	s.Found(t, "elsewhere")
	m := models.Membership{OrgID: s.Org.ID, ID: "00000000-0000-7000-8000-000000000001", UserID: somebody.UserID, Role: models.RoleAuditor, Version: 1, CreatedAt: s.Clock.Now()}
	b := s.as(t, "cdo")
	b.get(t, "/en/account").wants(t, 200).without(t, "Your organisations", "Work here")
	b.post(t, "/en/account", url.Values{"do": {"work"}, "organisation": {"elsewhere"}}).wants(t, 404)
	b.post(t, "/en/account", url.Values{"do": {"work"}, "organisation": {"no such"}}).wants(t, 404)
	if err := s.Store.Within(t.Context(), func(tx *store.Tx) error { return tx.Add(t.Context(), &m) }); err != nil {
		t.Fatal(err)
	}

	page := b.get(t, "/en/account").wants(t, 200, "Your organisations", "You work here now", "Work here")
	if in(t, page.body, "organisation") != "elsewhere" || strings.Contains(page.body, `value="`+tywi.Slug+`"`) {
		t.Error("the wrong organisations are offered")
	}
	b.get(t, "/cy/account").wants(t, 200, "Eich sefydliadau", "Gweithio yma")
	b.get(t, "/en/security-log").wants(t, 404)
	b.post(t, "/en/account", url.Values{"do": {"work"}}).wants(t, 422, "Say which organisation you mean.")
	before := b.cookies["beforehand"]
	// No fresh proof is asked for: it is the same person, who has the role already.
	s.Clock.Set(s.Clock.Now().Add(models.FreshFor + time.Minute))
	if r := b.post(t, "/en/account", url.Values{"do": {"work"}, "organisation": {"elsewhere"}}); r.status != 303 || r.header.Get("Location") != "/en" {
		t.Fatal(r.status, r.header)
	}
	if b.cookies["beforehand"] == before {
		t.Error("the session keeps its token")
	}
	b.get(t, "/en").wants(t, 200, "You now work for Tywi Council.", "Signed in: cdo")
	b.get(t, "/en/security-log").wants(t, 200)
	if again := b.get(t, "/en/account"); in(t, again.body, "organisation") != tywi.Slug {
		t.Error("there is no way back")
	}
	b.post(t, "/cy/account", url.Values{"do": {"work"}, "organisation": {tywi.Slug}}).wants(t, 303)
	b.get(t, "/cy").wants(t, 200, "Y sefydliad rydych yn gweithio iddo nawr yw Cyngor Tywi.")
	b.get(t, "/en/security-log").wants(t, 404)
	s.browser().post(t, "/en/account", url.Values{"do": {"work"}, "organisation": {"elsewhere"}}).wants(t, 401)
}

// Another site must not have an identity linked to whoever is signed in here.
func TestNoOtherSiteStartsASignInOfSomebodySignedIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(t, "cdo")
	for from, want := range map[string]int{"cross-site": 403, "same-origin": 404, "": 404} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/auth/start/tywi/nobody", nil)
		r.Header.Set("Sec-Fetch-Site", from)
		for name, v := range b.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: v})
		}
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: %d, want %d", from, w.Code, want)
		}
	}
}

func TestProviders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.browser().get(t, "/auth/start/tywi/nobody").wants(t, 404)
	b := s.browser()
	back := b.get(t, "/auth/return?code=x&state=y").wants(t, 401, "The sign-in could not be confirmed.")
	if !strings.Contains(back.body, `href="/cy/sign-in"`) {
		t.Error("the other language leads nowhere")
	}
	b.get(t, "/auth/start/tywi/nobody?lang=cy").wants(t, 404, "Heb ganfod y dudalen")
}
