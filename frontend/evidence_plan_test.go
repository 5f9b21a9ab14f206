package frontend

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"beforehand/internal/register/registertest"
	"beforehand/models"
)

var (
	inputs    = regexp.MustCompile(`<input [^>]*>`)
	selects   = regexp.MustCompile(`(?s)<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>`)
	selected  = regexp.MustCompile(`<option value="([^"]*)" selected`)
	first     = regexp.MustCompile(`<option value="([^"]*)"`)
	areas     = regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>`)
	attribute = regexp.MustCompile(`(name|value|type)="([^"]*)"`)
)

// filled are the answers of the page's main form, as a browser would send them.
func filled(t *testing.T, body string) url.Values {
	t.Helper()
	v := url.Values{}
	_, main, _ := strings.Cut(body, `id="main-content"`)
	for _, tag := range inputs.FindAllString(main, -1) {
		at := map[string]string{}
		for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
			at[m[1]] = html.UnescapeString(m[2])
		}
		if (at["type"] == "radio" || at["type"] == "checkbox") && !strings.Contains(tag, " checked") {
			continue
		}
		v.Add(at["name"], at["value"])
	}
	for _, m := range selects.FindAllStringSubmatch(main, -1) {
		chosen := selected.FindStringSubmatch(m[2])
		if chosen == nil {
			chosen = first.FindStringSubmatch(m[2])
		}
		v.Add(m[1], html.UnescapeString(chosen[1]))
	}
	for _, m := range areas.FindAllStringSubmatch(main, -1) {
		v.Add(m[1], html.UnescapeString(m[2]))
	}
	return v
}

func TestMakingAClaim(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	form := "/en/deployments/" + dep + "/claims/new"
	b := s.as(t, "manager")
	blank := b.get(t, form).wants(t, 200, "Make a claim", "Chance decides which staff have it.", "Active minutes for each case note", "Guardrails", "Columns of the file", "Save the draft")
	if filled(t, blank.body).Get("seed") == "" {
		t.Error("no seed is suggested")
	}
	b.get(t, "/cy/deployments/"+dep+"/claims/new").wants(t, 200, "Gwneud honiad", "Hap sy’n penderfynu pa staff", "Cadw’r drafft")
	s.as(t, "unison").get(t, form).wants(t, 403)
	s.as(t, "unison").post(t, form, url.Values{"sentence.en": {"x"}}).wants(t, 403)
	if a := s.browser().get(t, form); a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/en/sign-in") {
		t.Error(a.status)
	}
	s.browser().post(t, form, url.Values{}).wants(t, 401)
	b.get(t, "/en/deployments/DEP-2026-999/claims/new").wants(t, 404)

	v := filled(t, blank.body)
	v.Set("claimed.amount", "ten")
	v.Set("baseline.from-day", "30")
	v.Set("baseline.from-month", "2")
	v.Set("baseline.from-year", "2026")
	v.Set("columns[3].heading", "minutes") // rows before it are empty: they close up
	v.Set("population.en", "Social <b>workers</b>")
	wrong := b.post(t, form, v).wants(t, 422, "There is a problem", "How large a gain is claimed: “ten” is not a number.", "First day of the baseline: “30 2 2026” is not a date", "Social <b>workers</b>")
	if again := filled(t, wrong.body); again.Get("claimed.amount") != "ten" || again.Get("baseline.from-day") != "30" || again.Get("columns[0].heading") != "minutes" || again.Get("columns[3].heading") != "" {
		t.Errorf("what was typed is not kept: %v", again)
	}
	v.Set("claimed.amount", "10")
	v.Del("baseline.from-day")
	v.Del("baseline.from-month")
	v.Del("baseline.from-year")
	b.post(t, form, v).wants(t, 422, "The claim in English: Give an answer.", "What it holds, row 1: Give an answer.")
	b.post(t, "/cy/deployments/"+dep+"/claims/new", v).wants(t, 422, "Mae problem", "Yr honiad yn Saesneg: Rhowch ateb.")

	v.Set("sentence.en", "A case note takes ten minutes less.")
	v.Set("columns[3].heading", "")
	v.Set("metric", "case_note_minutes")
	v.Set("do", "suggest")
	more := filled(t, b.post(t, form, v).wants(t, 200, "Make a claim").body)
	if more.Get("guardrails[0].metric") != "blind_audit_errors" || more.Get("sentence.en") != "A case note takes ten minutes less." {
		t.Errorf("the metric’s guardrails are not suggested: %v", more)
	}
	more.Set("do", "add.columns")
	if n := filled(t, b.post(t, form, more).wants(t, 200).body).Get("count.columns"); n != "13" {
		t.Errorf("%s columns", n)
	}
	v.Set("do", "save")
	leads(t, b.post(t, form, v), "/en/claims/CL-2026-001")
	leads(t, b.post(t, form, v), "/en/deployments/"+dep+"#evidence") // a form that is sent twice counts once
	b.get(t, "/en/claims/CL-2026-001").wants(t, 200, "The draft is saved.", "A case note takes ten minutes less.", "This claim is being written.", "Claimed: 10 minutes a case note", "grade E0")
	s.as(t, "unison").get(t, "/en/claims/CL-2026-001").wants(t, 404)
	b.get(t, "/en/claims/CL-2026-001/rows").wants(t, 409, "has not been locked")

	lock := b.get(t, "/en/claims/CL-2026-001/lock").wants(t, 200, "Still missing", "Design: Give an answer.").without(t, "Lock the plan")
	if !strings.Contains(lock.body, `href="/en/claims/CL-2026-001/plan#decisionRule.en"`) {
		t.Error("what is missing leads nowhere")
	}
	b.post(t, "/en/claims/CL-2026-001/lock", url.Values{"version": {"1"}}).wants(t, 422, "There is a problem", "Still missing")
}

// A plan that is saved through the form as it is shown is the same plan.
func TestAPlanGoesThroughTheForm(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	p := registertest.Plan()
	p.Vendor = &models.VendorFigure{Says: models.Text{En: "Half the time", Cy: "Hanner yr amser"}, Source: "Brochure"}
	p.Reading = models.Reading{DecimalComma: true, DateForm: "dd.mm.yyyy", With: "ie", Comparison: "na", Unit: "min", StaffNumber: "E[0-9]{6}", Reference: "men"}
	p.Sampling.Invited, p.Sampling.Dropped, p.Sampling.Volunteers, p.Sampling.Allocation = [2]int{20, 26}, 3, true, 0.5
	p.Estimator, p.Interval, p.Confidence, p.Adjusted, p.Lags, p.StepDays, p.Independent = "median", "bca", 0.98, true, 3, 14, "A university"
	p.Secondaries = []string{"letter_minutes"}
	p.Columns = append(p.Columns, models.Column{Heading: "own", Role: models.RoleOfValue, Metric: "case_note_minutes", SelfReport: true})
	p.Volume.HourPence = 2455
	p.Claimed = models.Claimed{Amount: 12.5, Relative: true}
	v := need(s.MakeClaim(t.Context(), s.Manager, dep, p))(t)
	b := s.as(t, "manager")
	page := "/en/claims/" + v.Ref + "/plan"
	shown := filled(t, b.get(t, page).wants(t, 200, "Change the plan of "+v.Ref).body)
	leads(t, b.post(t, page, shown), "/en/claims/"+v.Ref)
	again := need(s.Register.Claim(t.Context(), s.Manager, v.Ref))(t)
	if again.PlanJSON != v.PlanJSON {
		t.Errorf("the form changes a plan:\n%s\n%s", v.PlanJSON, again.PlanJSON)
	}
	stale := b.post(t, page, shown).wants(t, 422, "changed")
	if filled(t, stale.body).Get("reading.staffNumber") != "E[0-9]{6}" {
		t.Error("what was typed is not kept")
	}
	s.as(t, "unison").get(t, page).wants(t, 404)
	b.get(t, "/cy/claims/"+v.Ref+"/plan").wants(t, 200, "Newid cynllun")
}

func TestLockingAPlan(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	v := need(s.MakeClaim(t.Context(), s.Manager, dep, registertest.Plan()))(t)
	b := s.as(t, "manager")
	page := "/en/claims/" + v.Ref
	check := b.get(t, page+"/lock").wants(t, 200, "Check the plan of", "Lock the plan: the unions will read it", "UNISON", "Difference in differences").without(t, "Still missing", "Why the plan is locked anew")
	b.get(t, "/cy/claims/"+v.Ref+"/lock").wants(t, 200, "Cloi’r cynllun: bydd yr undebau’n ei ddarllen")
	leads(t, b.post(t, page+"/lock", url.Values{"version": {in(t, check.body, "version")}}), page)
	b.get(t, page).wants(t, 200, "The plan is locked.", "Plan 1, locked on").without(t, "Check the plan and lock it")
	s.as(t, "unison").get(t, page).wants(t, 200, "Plan 1, locked on")
	s.as(t, "unison").get(t, page+"/lock").wants(t, 403)

	leads(t, b.upload(t, page+"/rows", "notes.csv", registertest.Rows(12, 9, 20)), page+"/rows")
	form := filled(t, b.get(t, page+"/plan").body)
	form.Set("claimed.amount", "5")
	leads(t, b.post(t, page+"/plan", form), page)
	b.get(t, page).wants(t, 200, "The plan has been changed since it was locked.", "Check the plan and lock it", "Claimed: 10 minutes a case note")
	anew := b.get(t, page+"/lock").wants(t, 200, "Why the plan is locked anew", "claimed.amount", "Rows are already there to look at.")
	version := in(t, anew.body, "version")
	b.post(t, page+"/lock", url.Values{"version": {version}}).wants(t, 422, "Why the plan is locked anew: Give an answer.")
	leads(t, b.post(t, page+"/lock", url.Values{"version": {version}, "reason": {"We were too bold."}}), page)
	s.as(t, "unison").get(t, page).wants(t, 200, "Plan 2, locked on", "We were too bold.", "Locked after rows were there", "What plan 2 changed", "claimed.amount")
	s.as(t, "unison").get(t, "/cy/claims/"+v.Ref).wants(t, 200, "Yr hyn a newidiodd cynllun 2")
}

func TestAMetricIsDefined(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(t, "manager")
	b.get(t, "/en/metrics").wants(t, 200, "Define a metric of your own")
	s.as(t, "unison").get(t, "/en/metrics").without(t, "Define a metric of your own")
	s.as(t, "unison").get(t, "/en/define-metric").wants(t, 403)
	if a := s.browser().get(t, "/en/define-metric"); a.status != 303 {
		t.Error(a.status)
	}
	v := url.Values{"key": {"Call Minutes"}, "name.en": {"Minutes a call"}, "min": {"none"}}
	b.post(t, "/en/define-metric", v).wants(t, 422, "Smallest value that is possible: “none” is not a number.")
	v.Set("min", "0")
	wrong := b.post(t, "/en/define-metric", v).wants(t, 422, "Key: “Call Minutes” is not written as it must be.", "Unit in English: Give an answer.", "Kind of number: Give an answer.")
	if !strings.Contains(wrong.body, `value="Minutes a call"`) {
		t.Error("the name is not kept")
	}
	for name, value := range map[string]string{"key": "call_minutes", "unit.en": "minutes a call", "captured.en": "Talk.", "notCaptured.en": "Waiting.", "source.en": "Telephony.", "kind": "duration", "better": "lower", "checkingTime": "not_applicable", "max": "480", "guardrails": "worker_satisfaction"} {
		v.Set(name, value)
	}
	leads(t, b.post(t, "/en/define-metric", v), "/en/metrics/call_minutes")
	s.as(t, "unison").get(t, "/en/metrics/call_minutes").wants(t, 200, "Minutes a call", "Waiting.", "0 to 480").without(t, "Define it anew")
	b.get(t, "/cy/define-metric?key=call_minutes").wants(t, 200, "Diffinio metrig", "Waiting.")
}

func TestHowManyPeople(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(t, "rep")
	b.get(t, "/en/sample-size").wants(t, 200, "How many people a test needs", "Design").without(t, "Answer")
	b.post(t, "/en/sample-size", url.Values{"standardDeviation": {"x"}}).wants(t, 422, "is not a number")
	b.post(t, "/en/sample-size", url.Values{"design": {"randomised_staff"}}).wants(t, 422, "Effect to be found: Give an answer.")
	b.post(t, "/en/sample-size", url.Values{"design": {"randomised_staff"}, "standardDeviation": {"10"}, "effect": {"5"}, "people[0]": {"20"}, "people[1]": {"20"}}).
		wants(t, 200, "Answer", "People needed in each group", "Smallest effect that so many people would show", "a power of 80 %")
	b.post(t, "/cy/sample-size", url.Values{"design": {"randomised_staff"}, "standardDeviation": {"10"}, "effect": {"5"}}).wants(t, 200, "Pobl sydd eu hangen ym mhob grŵp")
}
