package frontend

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"beforehand/internal/register"
	"beforehand/models"
)

// badges are what a form says at its answers: the text of each error message,
// by the id of the answer it stands at.
func badges(t *testing.T, a answer) map[string]string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for n := range doc.Descendants() {
		for _, x := range n.Attr {
			if id, ok := strings.CutSuffix(x.Val, "-error"); ok && x.Key == "id" && n.Data == "p" {
				var text strings.Builder
				for d := range n.Descendants() {
					if d.Type == html.TextNode && d.Parent == n {
						text.WriteString(d.Data)
					}
				}
				out[id] = strings.TrimSpace(text.String())
			}
		}
	}
	return out
}

func date(v url.Values, name, day, month, year string) url.Values {
	out := maps.Clone(v)
	out.Set(name+"-day", day)
	out.Set(name+"-month", month)
	out.Set(name+"-year", year)
	return out
}

// Whatever is wrong with a form stands at the answer that is wrong, and what
// was typed is still there.
func TestProblemsOfTheOrganisationsForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	branch := need(s.Branches(t.Context(), s.HR))(t)[0].ID
	long := strings.Repeat("x", 201)
	past := url.Values{"from-day": {"1"}, "from-month": {"3"}, "from-year": {"2027"}, "to-day": {"1"}, "to-month": {"2"}, "to-year": {"2027"}}
	for name, tc := range map[string]struct {
		who, path string
		form      url.Values
		want      map[string]string
	}{
		"a service area without a name":         {"admin", "/services", url.Values{"name.cy": {"Llyfrgelloedd"}}, map[string]string{"name.en": "Give an answer."}},
		"a service area with long names":        {"admin", "/services", url.Values{"name.en": {long}, "name.cy": {long}}, map[string]string{"name.en": "Use 200 characters or fewer.", "name.cy": "Use 200 characters or fewer."}},
		"a service area that is there":          {"admin", "/services", url.Values{"name.en": {"Human resources"}}, map[string]string{"name.en": "There is already one of these."}},
		"a unit without a name":                 {"hr", "/bargaining-units", url.Values{}, map[string]string{"name": "Give an answer."}},
		"a unit that is there":                  {"hr", "/bargaining-units", url.Values{"name": {"NJC: corporate"}}, map[string]string{"name": "There is already one of these."}},
		"a job role with nothing":               {"hr", "/job-roles/new", url.Values{}, map[string]string{"title": "Give an answer.", "serviceArea": "Give an answer."}},
		"a job role with no numbers":            {"hr", "/job-roles/new", url.Values{"headcount": {"ten"}, "fte": {"9,5"}, "agencyCount": {"1.5"}}, map[string]string{"headcount": "“ten” is not a number.", "fte": "“9,5” is not a number.", "agencyCount": "“1.5” is not a number."}},
		"a job role with impossible ones":       {"hr", "/job-roles/new", url.Values{"title": {"Librarian"}, "serviceArea": {s.Area.ID}, "headcount": {"-1"}, "fte": {"NaN"}, "agencyCount": {"10000001"}, "soc2020": {"24"}, "grade": {strings.Repeat("g", 41)}}, map[string]string{"headcount": "Give a value from 0 to 10000000.", "fte": "Give a value from 0 to 10000000.", "agencyCount": "Give a value from 0 to 10000000.", "soc2020": "“24” is not written as it must be.", "grade": "Use 40 characters or fewer."}},
		"a union with nothing":                  {"admin", "/unions/new", url.Values{}, map[string]string{"name": "Give an answer.", "abbreviation": "Give an answer."}},
		"a union that looks like another":       {"admin", "/unions/new", url.Values{"name": {"Another"}, "abbreviation": {"gmb"}}, map[string]string{"abbreviation": "There is a union by this name, or by one that looks like it."}},
		"a branch of no union":                  {"hr", "/branches/new", url.Values{"name": {"A branch"}}, map[string]string{"union": "Give an answer."}},
		"a branch without a name":               {"hr", "/branches/new", url.Values{"union": {s.GMB.ID}}, map[string]string{"name": "Give an answer."}},
		"an officer of no branch":               {"unison", "/officers/new", url.Values{}, map[string]string{"branch": "Give an answer."}},
		"an officer with nothing else":          {"unison", "/officers/new", url.Values{"branch": {unisonBranch(t, s)}}, map[string]string{"email": "Give an answer.", "post": "Give an answer.", "from": "Give an answer."}},
		"an officer from no day":                {"unison", "/officers/new", date(url.Values{"branch": {unisonBranch(t, s)}}, "from", "31", "2", "2027"), map[string]string{"from": "“31 2 2027” is not a date such as 2026-09-07."}},
		"an officer whom the union has not":     {"unison", "/officers/new", date(url.Values{"branch": {unisonBranch(t, s)}, "email": {"gmb@tywi.example"}, "post": {"deputy"}}, "from", "1", "3", "2027"), map[string]string{"email": "Nobody with the address “gmb@tywi.example” holds a role of this union here."}},
		"an address of no branch":               {"hr", "/service-addresses/new", url.Values{}, map[string]string{"branch": "Give an answer."}},
		"an address with nothing else":          {"hr", "/service-addresses/new", url.Values{"branch": {branch}}, map[string]string{"channel": "Give an answer.", "address": "Give an answer.", "from": "Give an answer.", "languages": "Give an answer."}},
		"an address that is none":               {"hr", "/service-addresses/new", typedToo(past, "branch", branch, "channel", "email", "address", "branch office", "languages", "cy"), map[string]string{"address": "“branch office” is not an e-mail address.", "to": "The dates are in the wrong order."}},
		"a recognition with nothing":            {"hr", "/recognitions/new", url.Values{}, map[string]string{"branch": "Give an answer.", "bargainingUnit": "Give an answer.", "from": "Give an answer."}},
		"a recognition with dates in disorder":  {"hr", "/recognitions/new", typedToo(past, "branch", branch, "bargainingUnit", s.Unit.ID, "contested", "yes"), map[string]string{"to": "The dates are in the wrong order.", "contestedNote": "Give an answer."}},
		"a recognition with periods":            {"hr", "/recognitions/new", typedToo(past, "branch", branch, "count.periods", "3", "periods[0].days", "ten", "periods[2].before", "pilot"), map[string]string{"periods[0].days": "“ten” is not a number.", "periods[2].days": "Give an answer."}},
		"a recognition with impossible periods": {"hr", "/recognitions/new", typedToo(past, "branch", branch, "bargainingUnit", s.Unit.ID, "count.periods", "3", "periods[1].days", "731", "periods[1].kind", "calendar"), map[string]string{"to": "The dates are in the wrong order.", "periods[1].days": "Give a value from 0 to 730.", "periods[1].before": "Give an answer."}},
		"closure days":                          {"hr", "/closure-days", url.Values{"version": {"1"}, "lines": {"2026-12-29 Closed\n2026-02-30 Never\ntomorrow"}}, map[string]string{"lines": "Line 2 cannot be read. Line 3 cannot be read."}},
		"settings with nothing":                 {"admin", "/settings", url.Values{"version": {"1"}}, map[string]string{"name.en": "Give an answer.", "zone": "Give an answer.", "profile": "Give an answer."}},
		"settings that cannot be":               {"admin", "/settings", url.Values{"version": {"1"}, "name.en": {"Tywi"}, "zone": {"Cardiff"}, "profile": {"none"}, "contact": {"nobody"}, "headerColour": {"blue"}}, map[string]string{"zone": "“Cardiff” is not one of: Europe/London.", "profile": "“none” cannot be chosen here.", "contact": "“nobody” is not an e-mail address.", "headerColour": "“blue” is not a colour such as #1d70b8."}},
		"a colour too light":                    {"admin", "/settings", url.Values{"version": {"1"}, "name.en": {"Tywi"}, "zone": {"Europe/London"}, "profile": {"wales-partnership"}, "headerColour": {"#777777"}}, map[string]string{"headerColour": "White text on this colour has a contrast of 4.47 to 1. It must be 4.5 to 1 or more."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := s.as(t, tc.who).post(t, "/en/organisation"+tc.path, tc.form).wants(t, http.StatusUnprocessableEntity)
			if got := badges(t, a); !maps.Equal(got, tc.want) {
				t.Errorf("problems:\n got %v\nwant %v", got, tc.want)
			}
			for name, all := range tc.form {
				if name != "version" && !strings.HasPrefix(name, "count.") && !strings.Contains(a.body, html.EscapeString(strings.TrimSpace(strings.Split(all[0], "\n")[0]))) {
					t.Errorf("what was typed as %s is lost", name)
				}
			}
		})
	}
}

func typedToo(v url.Values, pairs ...string) url.Values {
	out := maps.Clone(v)
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

func unisonBranch(t *testing.T, s *site) string {
	t.Helper()
	for _, b := range need(s.Branches(t.Context(), s.HR))(t) {
		if b.UnionID == s.Unison.ID {
			return b.ID
		}
	}
	t.Fatal("UNISON has no branch")
	return ""
}

// Forms are offered to whoever may send them, and refused to the others.
func TestWhoChangesTheOrganisation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	may := map[string][]string{
		"/services": {"admin"}, "/settings": {"admin"}, "/unions/new": {"admin"}, "/officers/new": {"admin", "unison"}, "/closure-days": {"admin", "hr"},
		"/bargaining-units": {"hr"}, "/job-roles/new": {"hr"}, "/branches/new": {"hr"}, "/service-addresses/new": {"hr"}, "/recognitions/new": {"hr"},
		"/job-roles/" + s.Role.ID: {"hr"}, "/recognitions/" + need(s.Recognitions(t.Context(), s.HR))(t)[0].ID: {"hr"},
	}
	for _, who := range []string{"admin", "hr", "unison", "cdo", "councillor", "auditor"} {
		b := s.as(t, who)
		for path, all := range may {
			path = "/en/organisation" + path
			page := b.get(t, path)
			offered := page.status == 200 && strings.Contains(page.body, `action="`+path+`"`)
			allowed := strings.Contains(" "+strings.Join(all, " ")+" ", " "+who+" ")
			if offered != allowed {
				t.Errorf("%s is offered %s: %v", who, path, offered)
			}
			if sent := b.post(t, path, url.Values{}); !allowed && sent.status != http.StatusForbidden {
				t.Errorf("%s sends %s: %d", who, path, sent.status)
			}
		}
	}
	for path := range may {
		if a := s.browser().get(t, "/en/organisation"+path); a.status != http.StatusSeeOther && a.status != http.StatusNotFound {
			t.Errorf("%s without an account: %d", path, a.status)
		}
	}
}

func TestAnOrganisationIsBuilt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	admin, hr := s.as(t, "admin"), s.as(t, "hr")
	admin.post(t, "/en/organisation/services", url.Values{"name.en": {"Residential care"}, "name.cy": {"Gofal preswyl"}, "parent": {s.Area.ID}}).wants(t, 303)
	tree := admin.get(t, "/en/organisation/services").wants(t, 200, "The service area is added.", "Residential care")
	if !regexp.MustCompile(`Adult social care\s*<ul[^>]*>\s*<li>\s*Residential care`).MatchString(tree.body) {
		t.Error("the new area does not stand below its parent")
	}
	admin.get(t, "/cy/organisation/services").wants(t, 200, "Gofal preswyl")
	hr.post(t, "/en/organisation/bargaining-units", url.Values{"name": {"NJC: care homes"}}).wants(t, 303)
	units := need(s.BargainingUnits(t.Context(), s.HR))(t)
	unit := units[0].ID
	for _, u := range units {
		if u.Name == "NJC: care homes" {
			unit = u.ID
		}
	}
	hr.post(t, "/en/organisation/job-roles/new", url.Values{"title": {"Care worker"}, "serviceArea": {s.Area.ID}, "headcount": {"31"}, "fte": {"24.5"}, "agencyCount": {"4"}, "bargainingUnit": {unit}}).wants(t, 303)
	hr.get(t, "/en/organisation/job-roles").wants(t, 200, "The job role is added.", "Care worker", "24.5", "NJC: care homes")
	admin.post(t, "/en/organisation/unions/new", url.Values{"name": {"Unite the Union"}, "abbreviation": {"Unite"}}).wants(t, 303)
	unite := need(s.Unions(t.Context(), s.HR))(t)[2]
	hr.post(t, "/en/organisation/branches/new", url.Values{"union": {unite.ID}, "name": {"Unite Tywi"}}).wants(t, 303)
	branch := ""
	for _, b := range need(s.Branches(t.Context(), s.HR))(t) {
		if b.UnionID == unite.ID {
			branch = b.ID
		}
	}
	form := date(url.Values{"branch": {branch}, "bargainingUnit": {unit}, "subjects": {"Pay\n\nHours"}, "periods[1].before": {"pilot"}, "periods[1].days": {"56"}, "periods[1].kind": {"calendar"}, "periods[1].clear": {"yes"}, "periods[1].class": {"B"}}, "from", "1", "3", "2026")
	hr.post(t, "/en/organisation/recognitions/new", typedToo(form, "do", "add.periods", "count.periods", "3")).wants(t, 200, "Days, row 4")
	hr.post(t, "/en/organisation/recognitions/new", form).wants(t, 303)
	hr.get(t, "/en/organisation/recognitions").wants(t, 200, "Unite: Unite Tywi", "Pay, Hours", "B: assistive, before the pilot: 56 calendar days, clear days", "Not agreed", "All subjects")
	hr.get(t, "/cy/organisation/recognitions").wants(t, 200, "B: cynorthwyol, cyn y peilot: 56 diwrnod calendr, diwrnodau clir")
	hr.post(t, "/en/organisation/service-addresses/new", date(url.Values{"branch": {branch}, "channel": {"post"}, "address": {"1 Heol y Bont"}, "languages": {"en", "cy"}}, "from", "1", "3", "2026")).wants(t, 303)
	hr.get(t, "/en/addresses").wants(t, 200, "The union has been asked to confirm it.", "1 Heol y Bont", "Not confirmed")
}

func TestWhoWouldBeTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const page = "/en/organisation/recognitions/who-would-be-told"
	b := s.as(t, "councillor")
	first := b.get(t, page).wants(t, 200, "Social worker (46)").without(t, "Unions that would be told")
	if !strings.Contains(first.body, `name="on-day" type="text" inputmode="numeric" value="7"`) {
		t.Error("today is not filled in")
	}
	ask := page + "?ask=yes&on-day=7&on-month=9&on-year=2026"
	b.get(t, ask).wants(t, 422, "Job roles: Give an answer.")
	b.get(t, ask+"&on-year=x&jobRoles="+s.Role.ID).wants(t, 200)
	b.get(t, page+"?ask=yes&on-day=31&on-month=2&on-year=2027&jobRoles="+s.Role.ID).wants(t, 422, "Day: “31 2 2027” is not a date")
	b.get(t, ask+"&jobRoles="+s.Role.ID).wants(t, 200, "Unions that would be told on Monday 7 September 2026", "UNISON has been recognised since Monday 1 January 2024 for Social worker (46 people affected).", "GMB has been recognised").without(t, "Job roles with no recognised union")
	b.get(t, page+"?ask=yes&on-day=7&on-month=9&on-year=2023&jobRoles="+s.Role.ID).wants(t, 200, "No union is recognised for these job roles on Thursday 7 September 2023.", "Job roles with no recognised union", "These staff are told directly.")
	b.get(t, ask+"&jobRoles=nobody").wants(t, 404)
	s.as(t, "unison").get(t, strings.Replace(ask, "/en/", "/cy/", 1)+"&jobRoles="+s.OtherRole.ID).wants(t, 200, "Undebau a gâi wybod ar ddydd Llun 7 Medi 2026", "GMB").without(t, "UNISON wedi")
	s.browser().get(t, ask).wants(t, 303)
	// The very rule of a deployment's scope: the same unions, and the same whys.
	d := s.Formative(t)
	scope, _, err := s.Scope(t.Context(), s.CDO, d.Ref)
	if err != nil || len(scope.Unions) == 0 {
		t.Fatal(scope, err)
	}
	told := b.get(t, ask+"&jobRoles="+s.Role.ID)
	for _, u := range scope.Unions {
		told.wants(t, 200, u.Union.Abbreviation)
	}
}

// Two people change one record: the second sees both, loses nothing, and may
// then go on.
func TestBothAreShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	hr, admin := s.as(t, "hr"), s.as(t, "admin")
	role := "/en/organisation/job-roles/" + s.Role.ID
	form := url.Values{"version": {"1"}, "title": {"Social worker"}, "serviceArea": {s.Area.ID}, "headcount": {"50"}, "fte": {"41.5"}, "agencyCount": {"0"}, "grade": {"J"}}
	hr.post(t, role, form).wants(t, 303)
	clash := hr.post(t, role, typedToo(form, "headcount", "48")).wants(t, 412, "What somebody else has changed", "Headcount, without agency staff 50 48").without(t, "Title Social worker Social worker")
	if in(t, clash.body, "version") != "2" || !strings.Contains(clash.body, `name="headcount" type="text" value="48"`) {
		t.Error("what was typed cannot be sent again")
	}
	hr.post(t, role, typedToo(form, "headcount", "48", "version", "2")).wants(t, 303)
	if j := need(s.JobRole(t.Context(), s.HR, s.Role.ID))(t); j.Headcount != 48 || j.Version != 3 {
		t.Errorf("%+v", j)
	}

	r := need(s.Recognitions(t.Context(), s.HR))(t)[0]
	agreement := "/en/organisation/recognitions/" + r.ID
	terms := url.Values{"version": {strconv.Itoa(r.Version)}, "contested": {"yes"}, "contestedNote": {"GMB disputes it"}, "periods[0].before": {"pilot"}, "periods[0].days": {"2"}, "periods[0].kind": {"working"}}
	hr.get(t, agreement).wants(t, 200, "With ", "All subjects")
	hr.post(t, agreement, date(terms, "to", "1", "1", "2025")).wants(t, 422, "Give a value that is not below 2026-09-07.")
	hr.post(t, agreement, terms).wants(t, 303)
	hr.get(t, "/en/organisation/recognitions").wants(t, 200, "Contested", "GMB disputes it", "Every class, before the pilot: 2 working days")
	hr.get(t, "/cy/organisation/recognitions").wants(t, 200, "Dan her", "Pob dosbarth, cyn y peilot: 2 ddiwrnod gwaith")
	hr.post(t, agreement, typedToo(terms, "periods[0].days", "3")).wants(t, 412, "Every class, before the pilot: 2 working days Every class, before the pilot: 3 working days")

	const days = "/en/organisation/closure-days"
	hr.post(t, days, url.Values{"version": {"1"}, "lines": {"2026-12-29 Closed\n2026-12-28"}}).wants(t, 303)
	hr.get(t, days).wants(t, 200, "Monday 28 December 2026 None Tuesday 29 December 2026 Closed")
	admin.post(t, days, url.Values{"version": {"1"}, "lines": {"2026-12-31 Closed"}}).wants(t, 412, "2026-12-31 Closed", "What somebody else has changed")

	const settings = "/en/organisation/settings"
	conf := url.Values{"version": {"1"}, "name.en": {"Tywi Council"}, "zone": {"Europe/London"}, "profile": {"england-local-government"}, "headerColour": {"#1D70B8"}}
	admin.post(t, settings, conf).wants(t, 412, "Policy profile Wales: social partnership England")
	admin.post(t, settings, typedToo(conf, "version", "2")).wants(t, 303)
	s.as(t, "councillor").get(t, settings).wants(t, 200, "An administrator may change these.", "#1d70b8")
}

func TestTheHeadersColour(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if body := s.browser().get(t, "/en").body; strings.Contains(body, "/brand/") {
		t.Error("a colour that nobody chose")
	}
	need(s.Configure(t.Context(), s.Admin, 1, register.Configuration{Name: models.Text{En: "Tywi"}, Zone: "Europe/London", Profile: "wales-partnership", HeaderColour: "#005A2B"}))(t)
	page := s.browser().get(t, "/en")
	if !strings.Contains(page.body, `<link rel="stylesheet" href="/brand/005a2b.css">`) || strings.Contains(page.header.Get("Content-Security-Policy"), "unsafe") {
		t.Error("the page does not ask for the colour's style")
	}
	css := s.browser().get(t, "/brand/005a2b.css")
	if css.status != 200 || css.header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(css.header.Get("Cache-Control"), "immutable") || css.body != "@media screen{.govuk-generic-header{background:#005a2b}}\n" {
		t.Errorf("%d %v %q", css.status, css.header, css.body)
	}
	for _, name := range []string{"005A2B.css", "005a2b", "005a2.css", "005a2b0.css", "gggggg.css", "005a2b.css.css", "ffffff.css", "005a2b%7d.css", ".css", "x}body{.css"} {
		if a := s.browser().get(t, "/brand/"+url.PathEscape(name)); a.status != 404 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
}

func TestProfilesArePlain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(t, "unison")
	b.get(t, "/en/organisation/profiles").wants(t, 200, "Wales: social partnership", "In use here", "starting points to be bargained locally. They are not legal advice.")
	for _, lang := range []string{"en", "cy"} {
		for _, p := range need(s.Profiles(s.CDO))(t) {
			b.get(t, "/"+lang+"/organisation/profiles/"+p.Code).wants(t, 200)
		}
	}
	b.get(t, "/en/organisation/profiles/wales-partnership").wants(t, 200,
		"B: assistive, before the pilot: 28 calendar days", "16 (class D only)", "SPPP-16", "These were law when they were last checked, and bind whom they name.", "Applies from Monday 1 April 2024.",
		"Guidance This is advice. It binds nobody by itself.", "30 days", "It sets no number of days.", "Checked on Saturday 21 November 2026.")
	eu := b.get(t, "/en/organisation/profiles/eu-ai-act-26-7").wants(t, 200, "Not yet in force This has been made law and does not bind yet.")
	// What does not bind stands below the heading that says so.
	at := strings.Index(eu.text, "AIA-26-7")
	if split := strings.Index(eu.text, "Not binding"); split < 0 || at < split {
		t.Errorf("a rule that is not in force stands at %d, the heading at %d", at, split)
	}
	b.get(t, "/en/organisation/profiles/nonsense").wants(t, 404)
}

// Officers are named to the parties, and to nobody else.
func TestOfficersAreNamedToTheParties(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	branch := unisonBranch(t, s)
	form := date(url.Values{"branch": {branch}, "email": {"rep@tywi.example"}, "post": {"deputy"}}, "from", "1", "3", "2026")
	s.as(t, "admin").post(t, "/en/organisation/officers/new", form).wants(t, 303)
	// From the first on, the union sees to its own.
	s.as(t, "admin").post(t, "/en/organisation/officers/new", date(form, "from", "2", "3", "2026")).wants(t, 403)
	s.as(t, "unison").post(t, "/en/organisation/officers/new", date(form, "from", "2", "3", "2027")).wants(t, 303)
	s.as(t, "unison").get(t, "/en/organisation/officers/new").wants(t, 200, "UNISON: UNISON Tywi").without(t, "GMB: GMB Tywi")
	for who, named := range map[string]bool{"unison": true, "hr": true, "cdo": true, "auditor": true, "gmb": false, "admin": false, "councillor": false} {
		page := s.as(t, who).get(t, "/en/organisation/unions").wants(t, 200, "UNISON: UNISON Tywi Deputy", "In force", "Not begun")
		if got := !strings.Contains(page.text, "Named to the parties only"); got != named {
			t.Errorf("%s reads the name: %v", who, got)
		}
	}
}

func TestWhatThePagesSayOfThemselves(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	b.get(t, "/en/accessibility").wants(t, 200, "What was not tested", "ai@tywi.example", "Tywi Council")
	b.get(t, "/cy/accessibility").wants(t, 200, "Datganiad hygyrchedd", "Cyngor Tywi")
	b.get(t, "/en/privacy").wants(t, 200, "400 days, unless the administrator has set otherwise", "90 days", "no lists of members")
	b.get(t, "/cy/privacy").wants(t, 200, "400 diwrnod", "Preifatrwydd")
	b.get(t, "/en").wants(t, 200, "Accessibility statement", "Privacy").without(t, "No translator")
	b.get(t, "/cy").wants(t, 200, "Nid yw cyfieithydd wedi gwirio’r holl Gymraeg hon eto.")
	b.get(t, "/cy/organisation/welsh").wants(t, 200, "0% o destunau Cymraeg", "page")
	b.get(t, "/en/organisation/welsh").wants(t, 200, "0% of the Welsh texts", "beforehand words unchecked", "every Welsh page says that they are not")
	b.get(t, "/en/organisation").wants(t, 303)
	if len(b.cookies) != 0 {
		t.Errorf("reading set cookies: %v", b.cookies)
	}
}
