package frontend

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"beforehand/internal/register"
	"beforehand/models"
)

// summary are the answers that the error summary of a page leads to.
func (a answer) summary(t *testing.T) []string {
	t.Helper()
	_, rest, ok := strings.Cut(a.body, `class="govuk-error-summary__body"`)
	if !ok {
		return nil
	}
	list, _, _ := strings.Cut(rest, "</ul>")
	var out []string
	for i, part := range strings.Split(list, `href="#`) {
		if i > 0 {
			id, _, _ := strings.Cut(part, `"`)
			out = append(out, id)
		}
	}
	return out
}

// TestWhatIsWrongStandsAtItsAnswer sends each form of a deployment with what
// is wrong, and holds that the summary leads to the answer, that the answer
// says it, and that what was typed is still there.
func TestWhatIsWrongStandsAtItsAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	idea := s.Deploy(t)
	d, n := s.Noticed(t)
	draft, err := s.DraftNotice(t.Context(), s.CDO, d.Ref, register.DraftInput{Kind: models.NoticeChange})
	if err != nil {
		t.Fatal(err)
	}
	q, err := s.Ask(t.Context(), s.Officer, d.Ref, s.Unison.ID, "How many calls?")
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.MakeComment(t.Context(), s.Officer, d.Ref, register.CommentInput{UnionID: s.Unison.ID, Kind: "concern", Body: "Workload"})
	if err != nil {
		t.Fatal(err)
	}
	of, prepare := "/en/deployments/"+d.Ref, "/en/deployments/"+idea.Ref+"/prepare/"
	version := func(form url.Values, v int) url.Values {
		form.Set("version", fmt.Sprint(v))
		return form
	}
	people := map[string]*browser{}
	for _, test := range []struct {
		who, path string
		form      url.Values
		at        []string
		kept      string
	}{
		{"cdo", "/en/deployments/new", url.Values{"name": {strings.Repeat("n", 101)}}, []string{"name", "purpose", "serviceArea", "useFamily", "owner", "decisionStatus"}, "nnn"},
		{"cdo", prepare + "about", version(url.Values{"publicContact": {"nobody"}, "licences": {"many"}, "name.en": {"Kept words"}}, 1), []string{"licences"}, "Kept words"},
		{"cdo", prepare + "about", version(url.Values{"publicContact": {"nobody"}, "name.en": {"Kept words"}}, 1), []string{"serviceArea", "useFamily", "decisionStatus", "owner", "publicContact"}, "Kept words"},
		{"cdo", prepare + "purpose", version(url.Values{"purpose.en": {"P"}, "natureOfChange.cy": {strings.Repeat("gair ", 301)}}, 1), []string{"natureOfChange.cy"}, "gair gair"},
		{"cdo", prepare + "working", version(url.Values{"humanReview.minutesAllowed": {"ten"}}, 1), []string{"humanReview.minutesAllowed"}, "ten"},
		{"cdo", prepare + "workers", version(url.Values{"count.groups": {"2"}, "groups[0].headcount": {"5"}, "groups[1].jobRole": {s.Role.ID}, "groups[1].headcount": {"x"}}, 1), []string{"groups[1].headcount"}, "5"},
		{"cdo", prepare + "workers", version(url.Values{"count.groups": {"1"}, "groups[0].headcount": {"5"}}, 1), []string{"groups[0].jobRole"}, "5"},
		{"cdo", prepare + "data", version(url.Values{"noWorkerData": {"yes"}, "count.workerData": {"1"}, "workerData[0].source": {"A log"}}, 1), []string{"noWorkerData", "workerData[0].category"}, "A log"},
		{"cdo", prepare + "supply", version(url.Values{"count.suppliers": {"1"}, "suppliers[0].role": {"Host"}, "count.models": {"1"}, "models[0].version": {"2"}}, 1), []string{"suppliers[0].name", "models[0].name"}, "Host"},
		{"cdo", prepare + "supply", version(url.Values{"count.suppliers": {"1"}, "suppliers[0].name": {"Host"}, "suppliers[0].contractEnd-day": {"31"}, "suppliers[0].contractEnd-month": {"2"}, "suppliers[0].contractEnd-year": {"2027"}}, 1), []string{"suppliers[0].contractEnd-day"}, "31"},
		{"cdo", prepare + "checks", version(url.Values{"riskLevel": {"presumed_high_but_not"}, "count.assessments": {"1"}, "assessments[0].by": {"DPO"}}, 1), []string{"riskReason.en", "assessments[0].kind", "assessments[0].state"}, "DPO"},
		{"cdo", prepare + "promises", version(url.Values{"training.percentDone": {"101"}, "count.commitments": {"1"}, "commitments[0].owner": {"HR"}}, 1), []string{"training.percentDone", "commitments[0].kind", "commitments[0].status"}, "HR"},
		{"cdo", prepare + "stopping", version(url.Values{"failSafe.withinMinutes": {"soon"}}, 1), []string{"failSafe.withinMinutes"}, "soon"},
		{"cdo", prepare + "value", version(url.Values{"count.costs": {"1"}, "costs[0].pence": {"lots"}}, 1), []string{"costs[0].pence"}, "lots"},
		{"cdo", prepare + "value", version(url.Values{"count.costs": {"1"}, "costs[0].pence": {"£1,200.50"}, "costs[0].year": {"1066"}}, 1), []string{"costs[0].kind", "costs[0].year"}, "£1,200.50"},
		{"cdo", prepare + "dates", version(url.Values{"dates.pilotPlanned-day": {"1"}, "dates.pilotPlanned-month": {"9"}, "dates.pilotPlanned-year": {"2027"}, "dates.goLivePlanned-day": {"1"}, "dates.goLivePlanned-month": {"6"}, "dates.goLivePlanned-year": {"2027"}}, 1), []string{"dates.pilotPlanned-day"}, "2027"},
		{"cdo", prepare + "withheld", version(url.Values{"count.withheld": {"1"}, "withheld[0].field": {"costs"}}, 1), []string{"withheld[0].audience", "withheld[0].ground", "withheld[0].until-day", "withheld[0].decidedBy"}, "costs"},
		{"cdo", of + "/step/late", version(url.Values{}, d.Version), []string{"reason"}, ""},
		{"cdo", of + "/step/class", version(url.Values{"class": {"D"}}, d.Version), []string{"reason"}, ""},
		{"cdo", of + "/step/scope", url.Values{"reason": {"They asked"}}, []string{"union"}, "They asked"},
		{"cdo", of + "/step/hold", url.Values{"ground": {""}}, []string{"ground", "until-day"}, ""},
		{"cdo", of + "/step/override", url.Values{"ground": {"A storm"}}, []string{"to", "expiresOn-day"}, "A storm"},
		{"approver", of + "/step/move", version(url.Values{"to": {"withdrawn"}}, d.Version), []string{"reason"}, ""},
		{"cdo", of + "/outcomes/" + s.Unison.ID, version(url.Values{"outcome": {"not_agreed"}}, 0), []string{"statement"}, ""},
		{"cdo", of + "/outcomes/" + s.Unison.ID, version(url.Values{"outcome": {"no_response"}}, 0), []string{"reminders"}, ""},
		{"unison", of + "/outcomes/" + s.Unison.ID, version(url.Values{}, 0), []string{"statement"}, ""},
		{"cdo", of + "/scorecards/employer", version(url.Values{"LOAD.direction": {"-1"}, "LOAD.reach": {"some"}, "LOAD.evidence": {"A survey"}}, 0), []string{"LOAD.reach"}, "A survey"},
		{"cdo", of + "/scorecards/employer", version(url.Values{"LOAD.direction": {"-1"}}, 0), []string{"LOAD.likelihood", "LOAD.reversibility", "LOAD.duration", "LOAD.confidence"}, ""},
		{"cdo", of + "/notices/new", url.Values{"kind": {"change"}, "meetings[1]-day": {"40"}, "howToAsk.en": {"Write to us"}}, []string{"meetings[1]-day"}, "Write to us"},
		{"cdo", of + "/notices/new", url.Values{"kind": {"supplementary"}, "supersedes": {n.No}, "notWorse": {"Only a name"}}, []string{"correction.en"}, "Only a name"},
		{"cdo", "/en/drafts/" + draft.ID + "/change", version(url.Values{"languages": {"fr"}, "howToAsk.cy": {"Ysgrifennwch"}}, draft.Version), []string{"languages"}, "Ysgrifennwch"},
		{"unison", of + "/comments/new", url.Values{"body": {"Words"}}, []string{"kind"}, "Words"},
		{"unison", of + "/comments/new", url.Values{"kind": {"concern"}, "target": {"notice"}, "targetKey": {n.No + "#9"}}, []string{"body"}, ""},
		{"cdo", "/en/comments/" + c.ID + "/answer", url.Values{"reason": {"noted"}}, []string{"verdict", "reason"}, "noted"},
		{"cdo", "/en/comments/" + c.ID + "/answer", url.Values{"verdict": {"accepted"}, "reason": {"We agree"}, "changed": {"99"}}, []string{"changed"}, "We agree"},
		{"cdo", "/en/answers", url.Values{"comment": {c.ID}, c.ID + ".verdict": {"accepted"}}, []string{c.ID + ".reason"}, ""},
		{"unison", "/en/comments/" + c.ID + "/widen", url.Values{}, []string{"circle"}, ""},
		{"unison", "/en/comments/" + c.ID + "/correct", url.Values{}, []string{"body"}, ""},
		{"unison", of + "/requests/new", url.Values{"question": {"tbc"}}, []string{"question"}, "tbc"},
		{"cdo", "/en/requests/" + q.No + "/answer", version(url.Values{}, q.Version), []string{"text"}, ""},
		{"cdo", "/en/requests/" + q.No + "/withhold", version(url.Values{"text": {"Some of it"}}, q.Version), []string{"ground", "expiresOn-day"}, "Some of it"},
	} {
		if people[test.who] == nil {
			people[test.who] = s.as(t, test.who)
		}
		if strings.Contains(test.path, "/prepare/") {
			whole(test.form)
		}
		a := people[test.who].post(t, test.path, test.form)
		if a.status != 422 {
			t.Errorf("%s %v: status %d\n%s", test.path, test.form, a.status, a.text)
			continue
		}
		got := a.summary(t)
		slices.Sort(got)
		want := slices.Sorted(slices.Values(test.at))
		if !slices.Equal(got, want) {
			t.Errorf("%s %v: the summary leads to %q, want %q", test.path, test.form, got, want)
		}
		if !strings.Contains(a.body, "govuk-error-message") {
			t.Errorf("%s: no answer says what is wrong with it", test.path)
		}
		if !strings.Contains(a.body, test.kept) {
			t.Errorf("%s: what was typed is gone: %q", test.path, test.kept)
		}
	}
}

// recordLists are the lists of a record.
var recordLists = []string{"alternatives", "groups", "workerData", "suppliers", "models", "assessments", "commitments", "costs", "evidence.claims", "evidence.guardrails", "withheld"}

// whole makes a form one that came whole, as a browser sends it.
func whole(form url.Values) {
	form.Set("end", "1")
	for _, l := range recordLists {
		if !form.Has("count." + l) {
			form.Set("count."+l, "0")
		}
	}
}

// TestAFormThatDidNotComeWholeChangesNothing: what is not in it would be taken
// for emptied.
func TestAFormThatDidNotComeWholeChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	b := s.as(t, "cdo")
	page := "/en/deployments/" + d.Ref + "/prepare/supply"
	good := url.Values{"version": {fmt.Sprint(d.Version)}}
	whole(good)
	for _, leave := range []string{"version", "end", "count.suppliers", "count.models"} {
		form := maps.Clone(good)
		form.Del(leave)
		b.post(t, page, form).wants(t, 422)
	}
	form := maps.Clone(good)
	form.Set("version", "99") // a version that never was: everything stands side by side
	b.post(t, page, form).wants(t, 412, "Somebody else saved this meanwhile", "Suppliers")
	now, err := s.Deployment(t.Context(), s.CDO, d.Ref)
	if err != nil || now.Version != d.Version || len(now.Record.Suppliers) == 0 {
		t.Errorf("version %d, suppliers %v: %v", now.Version, now.Record.Suppliers, err)
	}
}

// TestSavingNothingMakesNoVersion: a topic that is opened and saved, once or
// twice, leaves no mark.
func TestSavingNothingMakesNoVersion(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.Deploy(t)
	b := s.as(t, "cdo")
	page := "/en/deployments/" + d.Ref + "/prepare/stopping"
	form := url.Values{"version": {"1"}, "failSafe.who": {"Somebody else"}}
	whole(form)
	for range 3 {
		if a := b.post(t, page, form); a.status != 303 {
			t.Fatalf("status %d: %s", a.status, a.text)
		}
	}
	if now, err := s.Deployment(t.Context(), s.CDO, d.Ref); err != nil || now.Version != 2 || now.Record.FailSafe.Who != "Somebody else" {
		t.Errorf("version %d after the same form three times (%v)", now.Version, err)
	}
}

// TestWhatWasCheckedIsServed: a record that changes between the check and the
// press of the button is not served unread.
func TestWhatWasCheckedIsServed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.Formative(t)
	draft, err := s.DraftNotice(t.Context(), s.CDO, d.Ref, register.DraftInput{Kind: models.NoticeChange, Meetings: []models.Date{models.MustDate("2026-09-14"), models.MustDate("2026-09-21")}})
	if err != nil {
		t.Fatal(err)
	}
	b := s.as(t, "cdo")
	page := "/en/drafts/" + draft.ID
	shown := b.get(t, page).wants(t, 200, "Every mandatory item is filled")
	seal := hiddenValue(t, shown.body, "checked")
	if _, err := s.Revise(t.Context(), s.Manager, d.Ref, d.Version, func(r models.Record) (models.Record, error) {
		r.AdverseEffects.En = "Something that nobody has checked"
		return r, nil
	}, register.Judgement{}); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"version": {"1"}, "checked": {seal}}
	again := b.post(t, page+"/serve", form).wants(t, 412, "has changed since you checked it", "Something that nobody has checked")
	if n, err := s.Notices(t.Context(), s.CDO, d.Ref); err != nil || len(n) != 0 {
		t.Fatalf("%d notices were served (%v)", len(n), err)
	}
	form.Set("checked", hiddenValue(t, again.body, "checked"))
	if a := b.post(t, page+"/serve", form); a.status != 303 {
		t.Errorf("status %d: %s", a.status, a.text)
	}
}

// hiddenValue is a hidden answer of a page.
func hiddenValue(t *testing.T, body, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `name="`+name+`" value="`)
	if !ok {
		t.Fatalf("the page has no hidden %q", name)
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// TestACommentOnAPartIsMadeWhereThePartStands: links lead to it from an item, an
// impact and a claim, and the comment says what it is about.
func TestACommentOnAPartIsMadeWhereThePartStands(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, n := s.Noticed(t)
	claim := s.Locked(t, d.Ref)
	b := s.as(t, "unison")
	for _, part := range []struct{ page, target, key, about string }{
		{"/en/notices/" + n.No, "notice", n.No + "#9", "About: item 9 of notice " + n.No},
		{"/en/deployments/" + d.Ref + "/scorecards", "impact", "LOAD", "About: the impact on Workload and intensity"},
		{"/en/claims/" + claim.Ref, "claim", claim.Ref, "About: claim " + claim.Ref},
	} {
		form := "/en/deployments/" + d.Ref + "/comments/new"
		link := form + "?" + url.Values{"target": {part.target}, "key": {part.key}}.Encode()
		if a := b.get(t, part.page); !strings.Contains(a.body, strings.ReplaceAll(link, "&", "&amp;")) {
			t.Errorf("%s does not lead to %s", part.page, link)
		}
		b.get(t, link).wants(t, 200, part.about)
		if a := b.post(t, form, url.Values{"target": {part.target}, "targetKey": {part.key}, "kind": {"concern"}, "body": {"About " + part.target}}); a.status != 303 {
			t.Errorf("%s: status %d: %s", part.target, a.status, a.text)
		}
		b.get(t, "/en/deployments/"+d.Ref).wants(t, 200, part.about, "About "+part.target)
		s.as(t, "cdo").get(t, part.page).without(t, "Comment on")
	}
}
