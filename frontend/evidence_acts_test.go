package frontend

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"beforehand/internal/register/registertest"
	"beforehand/models"
)

// upload sends a file of rows, as a browser does.
func (b *browser) upload(t *testing.T, path, name, text string) answer {
	t.Helper()
	return b.postFiles(t, path, nil, map[string][2]string{"file": {name, text}})
}

// postFiles sends a form as a browser sends one that holds files: each by the
// name of its question, with its own name and what it holds.
func (b *browser) postFiles(t *testing.T, path string, form url.Values, files map[string][2]string) answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, all := range form {
		for _, v := range all {
			if err := w.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	for question, f := range files {
		part := need(w.CreateFormFile(question, f[0]))(t)
		if _, err := part.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	for name, v := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: v})
	}
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, r)
	a := answer{status: rec.Code, header: rec.Header(), body: rec.Body.String()}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && a.header.Get("Location") == "" {
		a.text = checkPage(t, "POST "+path, a.body, path)
	}
	return a
}

func leads(t *testing.T, a answer, to string) answer {
	t.Helper()
	if got := a.header.Get("Location"); a.status != 303 || got != to {
		t.Fatalf("%d leads to %q, want %q: %s", a.status, got, to, a.text)
	}
	return a
}

func TestRowsAreUploadedAndAnalysed(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	v := s.Locked(t, dep)
	page := "/en/claims/" + v.Ref
	b := s.as(t, "manager")
	b.get(t, page+"/rows").wants(t, 200, "Rows for "+v.Ref, "Workers stand under pseudonyms", "caseload", "Worker (pseudonym)", "Upload the rows and freeze them").without(t, "Analyse the rows")
	b.get(t, "/cy/claims/"+v.Ref+"/rows").wants(t, 200, "Rhesi ar gyfer "+v.Ref, "Ffeil o resi")
	for _, who := range []string{"unison", "councillor"} {
		s.as(t, who).get(t, page+"/rows").wants(t, 403)
		s.as(t, who).upload(t, page+"/rows", "notes.csv", registertest.Rows(12, 9, 20)).wants(t, 403)
	}
	if a := s.browser().get(t, page+"/rows"); a.status != 404 {
		t.Error(a.status)
	}

	b.upload(t, page+"/rows", "", "").wants(t, 422, "There is a problem", "File of rows: Give an answer.")
	b.post(t, page+"/rows", url.Values{"file": {"x"}}).wants(t, 422, "File of rows: Give an answer.")
	b.upload(t, page+"/rows", "notes.csv", "a,b\n1,2\n").wants(t, 422, "The headings are not those of the plan.")
	bad := strings.Replace(registertest.Rows(12, 9, 20), "w001,", "anna@tywi.example,", 2)
	refused := b.upload(t, page+"/rows", "notes.csv", bad).wants(t, 422, "The file was refused and nothing of it was kept.", "Cells with a problem", "this looks like an e-mail address", "worker")
	if strings.Contains(refused.body, "anna@") || !strings.Contains(refused.body, "<title>Error: ") {
		t.Error("the page repeats who it is, or does not say Error")
	}
	b.upload(t, "/cy/claims/"+v.Ref+"/rows", "notes.csv", bad).wants(t, 422, "Gwrthodwyd y ffeil")

	leads(t, b.upload(t, page+"/rows", "notes.csv", registertest.Rows(12, 9, 20)), page+"/rows")
	b.get(t, page+"/rows").wants(t, 200, "The rows have been read and frozen.", "Rows that are held", "notes.csv", "Rows: 144. People: 24.", "Analyse the rows", "Upload other rows")
	b.upload(t, page+"/rows", "notes.csv", registertest.Rows(12, 9, 20)).wants(t, 422, "These rows are held for "+v.Ref+" already.")

	started := b.post(t, page+"/runs", url.Values{})
	run := started.header.Get("Location")
	if started.status != 303 || !strings.HasPrefix(run, page+"/runs/") {
		t.Fatal(started.status, run)
	}
	waiting := b.get(t, run).wants(t, 200, "Waiting", "Done: 0 %", "Cancel the analysis", "looks again by itself")
	if waiting.header.Get("Refresh") == "" {
		t.Error("the page does not look again")
	}
	b.get(t, strings.Replace(run, "/en/", "/cy/", 1)).wants(t, 200, "Yn aros", "Canslo’r dadansoddiad")
	b.get(t, page).wants(t, 200, "An analysis is under way.")
	b.post(t, page+"/runs", url.Values{}).wants(t, 422, "An analysis of "+v.Ref+" is under way.")
	s.as(t, "unison").get(t, run).wants(t, 404)
	leads(t, b.post(t, run, url.Values{}), page)
	b.get(t, run).wants(t, 200, "The analysis has been cancelled.", "Cancelled").without(t, "Cancel the analysis")

	run = b.post(t, page+"/runs", url.Values{}).header.Get("Location")
	if err := s.WorkRuns(t.Context(), s.Org.ID); err != nil {
		t.Fatal(err)
	}
	leads(t, b.get(t, run), page)
	b.get(t, page).wants(t, 200, "The analysis is done.", "grade E3", "Held")
}

func TestAnAnalysisIsRefused(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	v := s.Locked(t, dep)
	b := s.as(t, "manager")
	page := "/en/claims/" + v.Ref
	leads(t, b.upload(t, page+"/rows", "few.csv", registertest.Rows(4, 9, 20)), page+"/rows")
	run := b.post(t, page+"/runs", url.Values{}).header.Get("Location")
	if err := s.WorkRuns(t.Context(), s.Org.ID); err != nil {
		t.Fatal(err)
	}
	b.get(t, run).wants(t, 200, "No figure can be given", "There can be no figure.", "There are fewer people than anything may be said of.")
	b.get(t, strings.Replace(run, "/en/", "/cy/", 1)).wants(t, 200, "Ni ellir rhoi ffigur")
	b.get(t, page).wants(t, 200, "gave no figure", "There are fewer people than anything may be said of.")
}

func TestSharingAndWithdrawing(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	v := s.Analysed(t, dep, 9, 20)
	b := s.as(t, "manager")
	page := "/en/claims/" + v.Ref
	form := b.get(t, page+"/share").wants(t, 200, "Share the results with", "UNISON", "Results to be shared: 1.", "grade E3", "None can be kept back.")
	version := in(t, form.body, "version")
	b.post(t, page+"/share", url.Values{"version": {"1"}}).wants(t, 422, "changed")
	leads(t, b.post(t, page+"/share", url.Values{"version": {version}}), page)
	b.get(t, page).wants(t, 200, "The results have been shared.").without(t, "Share the results")
	s.as(t, "unison").get(t, page).wants(t, 200, "grade E3")
	s.as(t, "unison").get(t, page+"/share").wants(t, 403)
	s.as(t, "unison").get(t, page+"/withdraw").wants(t, 403)

	version = in(t, b.get(t, page+"/withdraw").wants(t, 200, "You are about to withdraw a claim for good.", "What was found stays").body, "version")
	b.get(t, "/cy/claims/"+v.Ref+"/withdraw").wants(t, 200, "Rydych ar fin tynnu honiad yn ôl am byth.")
	b.post(t, page+"/withdraw", url.Values{"version": {version}, "reason": {" "}}).wants(t, 422, "Why you withdraw it: Give an answer.")
	stale := b.post(t, page+"/withdraw", url.Values{"version": {"1"}, "reason": {"The pilot ended."}}).wants(t, 422)
	if !strings.Contains(stale.body, "The pilot ended.") {
		t.Error("the reason is not kept")
	}
	leads(t, b.post(t, page+"/withdraw", url.Values{"version": {version}, "reason": {"The pilot ended."}}), page)
	s.browser().get(t, page).wants(t, 200, "Withdrawn on", "The pilot ended.", "grade E3")
	b.get(t, page+"/rows").wants(t, 409, "has been withdrawn")
}

func TestAChallengeAndItsAnswer(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	v := s.Shared(t, dep, 9, 20)
	page := "/en/claims/" + v.Ref
	b := s.as(t, "unison")
	b.get(t, page+"/challenge").wants(t, 200, "Challenge this claim", "Another look at the same rows", "Only some days of the observation", "Hodges–Lehmann", "grade E3")
	b.get(t, "/cy/claims/"+v.Ref+"/challenge").wants(t, 200, "Herio’r honiad hwn", "Golwg arall ar yr un rhesi")
	s.as(t, "manager").get(t, page+"/challenge").wants(t, 403)
	s.as(t, "rep").get(t, page+"/challenge").wants(t, 403)
	if a := s.browser().get(t, page+"/challenge"); a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/en/sign-in?next=") {
		t.Error(a.status, a.header.Get("Location"))
	}
	form := url.Values{
		"ground": {"baseline"}, "body": {"March was not like other months."}, "figures": {"We counted −4 minutes."}, "question.estimator": {"median"},
		"question.observation.from-day": {"1"}, "question.observation.from-month": {"1"}, "question.observation.from-year": {"2026"},
		"question.observation.to-day": {"28"}, "question.observation.to-month": {"6"}, "question.observation.to-year": {"2026"},
	}
	refused := b.post(t, page+"/challenge", form).wants(t, 422, "Ask for days within the plan’s window", "March was not like other months.", "We counted −4 minutes.")
	if !strings.Contains(refused.body, `<option value="median" selected`) || !strings.Contains(refused.body, `value="2026"`) {
		t.Error("what was chosen is not kept")
	}
	b.post(t, page+"/challenge", url.Values{"question.baseline.from-day": {"x"}}).wants(t, 422, "is not a date")
	b.post(t, page+"/challenge", url.Values{}).wants(t, 422, "Ground: Give an answer.", "What you doubt, and why: Give an answer.")
	form.Set("question.observation.from-month", "6")
	form.Set("key", in(t, refused.body, "key"))
	leads(t, b.post(t, page+"/challenge", form), page+"#challenges")
	leads(t, b.post(t, page+"/challenge", form), page+"#challenges")
	b.get(t, page).wants(t, 200, "CH-2026-001, UNISON: Baseline", "Your challenge is on the record.", "March was not like other months.", "We counted −4 minutes.", "asserted: grade E0", "Not answered yet.", "The rows have given no answer to this yet.", "Disputed by UNISON.", "Let challenge CH-2026-001 rest").without(t, "CH-2026-002")
	if err := s.WorkRuns(t.Context(), s.Org.ID); err != nil {
		t.Fatal(err)
	}
	b.get(t, page).wants(t, 200, "Active minutes for each case note: ", "Result 2 (JSON)", "answers challenge CH-2026-001")
	s.browser().get(t, page).wants(t, 200, "CH-2026-001, UNISON: Baseline", "Result 2 (JSON)") // it is not the employer who decides when

	answerPage := "/en/challenges/CH-2026-001/answer"
	s.as(t, "manager").get(t, answerPage).wants(t, 409, "somebody else must answer")
	s.as(t, "unison").get(t, answerPage).wants(t, 403)
	s.as(t, "gmb").get(t, "/en/challenges/CH-2026-001/rest").wants(t, 403)
	s.as(t, "cdo").get(t, "/en/challenges/CH-2026-999/answer").wants(t, 404)
	cdo := s.as(t, "cdo")
	cdo.get(t, answerPage).wants(t, 200, "Answer challenge CH-2026-001", "March was not like other months.", "There is one answer, and it stays.")
	cdo.post(t, answerPage, url.Values{"answer": {"Noted."}}).wants(t, 422, "What you find: Give an answer.", "Your reasons: Give an answer.", "Noted.")
	leads(t, cdo.post(t, answerPage, url.Values{"finding": {"upheld_in_part"}, "answer": {"The median is shown beside it."}}), page+"#challenge-CH-2026-001")
	cdo.get(t, page).wants(t, 200, "Challenge CH-2026-001 has been answered.", "March was not like other months.", "Upheld in part", "The median is shown beside it.")
	cdo.get(t, answerPage).wants(t, 409, "answered already")
	s.browser().get(t, "/cy/claims/"+v.Ref).wants(t, 200, "March was not like other months.", "Cadarnhawyd yn rhannol", "The median is shown beside it.")

	b.get(t, "/en/challenges/CH-2026-001/rest").wants(t, 200, "no longer disputed by this challenge")
	leads(t, b.post(t, "/en/challenges/CH-2026-001/rest", url.Values{}), page+"#challenge-CH-2026-001")
	b.get(t, page).wants(t, 200, "Let rest", "March was not like other months.").without(t, "Disputed by UNISON.")
	b.post(t, "/en/challenges/CH-2026-001/rest", url.Values{}).wants(t, 409)
}

func TestAChallengeWantsAFreshProof(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	v := s.Shared(t, dep, 9, 20)
	b := s.as(t, "unison")
	s.Clock.Set(s.Clock.Now().Add(models.FreshFor + time.Minute))
	b.get(t, "/en/claims/"+v.Ref+"/challenge").wants(t, 200, "Challenge this claim")
	ask := b.post(t, "/en/claims/"+v.Ref+"/challenge", url.Values{"ground": {"sample"}, "body": {"Volunteers only."}}).wants(t, 403, "Prove that it is you")
	if in(t, ask.body, "carry.body") != "Volunteers only." {
		t.Error("the challenge is not carried along")
	}
}

func TestWhereAGainWent(t *testing.T) {
	t.Parallel()
	s, dep := evidenced(t)
	v := s.Shared(t, dep, 9, 20)
	page := "/en/claims/" + v.Ref
	b := s.as(t, "manager")
	b.get(t, page+"/reinvestment/3").wants(t, 200, "Where the gain goes: After 3 months", "Direct work with people", "Not known")
	b.get(t, page+"/reinvestment/4").wants(t, 404)
	s.as(t, "unison").get(t, page+"/reinvestment/3").wants(t, 403)
	wrong := b.post(t, page+"/reinvestment/0", url.Values{"shares.direct_work": {"60"}, "shares.backlog": {"30"}, "note": {"Visits"}}).wants(t, 422, "The shares sum to 90 and must sum to 100.", "Visits")
	if in(t, strings.ReplaceAll(wrong.body, `type="text" `, ""), "shares.direct_work") != "60" {
		t.Error("the shares are not kept")
	}
	b.post(t, page+"/reinvestment/0", url.Values{"shares.direct_work": {"most"}}).wants(t, 422, "Direct work with people: “most” is not a number.")
	b.post(t, page+"/reinvestment/3", url.Values{"shares.direct_work": {"100"}}).wants(t, 422, "This is asked on")
	leads(t, b.post(t, page+"/reinvestment/0", url.Values{"shares.direct_work": {"60"}, "shares.backlog": {"40 %"}, "note": {"Visits"}}), page+"#reinvestment")
	s.browser().get(t, page).wants(t, 200, "Planned", "Direct work with people: 60 %", "Backlog: 40 %", "Visits")
	b.get(t, page).without(t, "Say where the gain is planned to go")
	s.Clock.Set(s.Clock.Now().Add(100 * 24 * time.Hour))
	b = s.as(t, "manager")
	b.get(t, page).wants(t, 200, "Overdue", "Say where the gain went: After 3 months")
	leads(t, b.post(t, page+"/reinvestment/3", url.Values{"shares.unknown": {"100"}}), page+"#reinvestment")
	s.browser().get(t, "/cy/claims/"+v.Ref).wants(t, 200, "Anhysbys: 100 %")
}
