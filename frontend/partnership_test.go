package frontend

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/models"
)

// everybody are the roles of a house.
var everybody = []string{"admin", "cdo", "manager", "hr", "assurer", "approver", "unison", "rep", "gmb", "councillor", "auditor"}

// on is a date as a form asks for it.
func on(v url.Values, name, day string) url.Values {
	d := models.MustDate(day).Time()
	v.Set(name+"-day", strconv.Itoa(d.Day()))
	v.Set(name+"-month", strconv.Itoa(int(d.Month())))
	v.Set(name+"-year", strconv.Itoa(d.Year()))
	return v
}

// follow sends a form that must be taken, and gives the page that it leads to.
func (b *browser) follow(t *testing.T, path string, form url.Values) (string, answer) {
	t.Helper()
	a := b.post(t, path, form)
	if a.status != http.StatusSeeOther {
		t.Fatalf("POST %s: status %d\n%s", path, a.status, a.text)
	}
	to := a.header.Get("Location")
	to, _, _ = strings.Cut(to, "#")
	return to, b.get(t, to).wants(t, 200)
}

// version is the version that a page's form holds.
func version(t *testing.T, a answer) []string {
	t.Helper()
	return []string{in(t, a.body, "version")}
}

func number(path string) string {
	return path[strings.LastIndex(path, "/")+1:]
}

func TestPartnershipPagesByRole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	s.Clock.Set(s.Clock.Now().Add(time.Minute))
	parties := []string{"cdo", "manager", "hr", "assurer", "approver", "unison", "rep", "gmb", "councillor", "auditor"}
	of := func(names ...string) []string { return names }
	may := map[string][]string{
		"/partnership": parties, "/disputes": parties, "/meetings": parties, "/engagements": parties, "/questionnaires": parties, "/actions": parties, "/barriers": parties, "/statements": parties,
		"/deployments/" + d.Ref + "/costs": parties, "/deployments/" + d.Ref: everybody,
		"/meetings/new": of("cdo", "hr", "unison", "gmb"), "/engagements/new": of("cdo", "hr"), "/questionnaires/new": of("cdo", "hr"), "/statements/new": of("cdo", "hr", "unison", "gmb"),
		"/deployments/" + d.Ref + "/dispute": of("cdo", "unison", "gmb"),
		"/room":                              of("unison", "rep", "gmb"), "/room/new?kind=draft": of("unison", "rep", "gmb"),
		"/inbox": everybody, "/notifications": everybody, "/duties": everybody, "": everybody,
		"/hooks": of("cdo", "auditor"), "/messages": of("admin", "cdo", "auditor"), "/notification-settings": of("admin"),
		"/flags": of("cdo", "manager", "hr", "auditor"),
	}
	for _, who := range everybody {
		b := s.as(t, who)
		menu := b.get(t, "/en").body
		for path, names := range may {
			allowed := false
			for _, n := range names {
				allowed = allowed || n == who
			}
			for _, lang := range []string{"/en", "/cy"} {
				a := b.get(t, lang+path)
				if allowed != (a.status == http.StatusOK) || !allowed && a.status != http.StatusForbidden && a.status != http.StatusNotFound {
					t.Errorf("%s %s%s: status %d", who, lang, path, a.status)
				}
				if strings.HasPrefix(path, "/room") && !allowed && a.status != http.StatusNotFound {
					t.Errorf("%s is told of a room: %d", who, a.status)
				}
			}
			if strings.Count(path, "/") == 1 && strings.Contains(menu, `govuk-service-navigation__link" href="/en`+path+`"`) && !allowed {
				t.Errorf("%s is offered %s", who, path)
			}
		}
	}
	nobody := s.browser()
	for path := range may {
		if path == "" {
			continue
		}
		if a := nobody.get(t, "/en"+path); a.status != http.StatusSeeOther && a.status != http.StatusNotFound && (path != "/deployments/"+d.Ref || a.status != 200) {
			t.Errorf("nobody %s: status %d", path, a.status)
		}
	}
}

func TestDisputePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	union, cdo := s.as(t, "unison"), s.as(t, "cdo")
	page := "/en/deployments/" + d.Ref + "/dispute"
	union.get(t, page).wants(t, 200, "Local discussion", "10 working days", "It keeps the status quo.", "or for 60 days")
	union.post(t, page, url.Values{"subject": {"Notes by machine"}}).wants(t, 422, "What you ask for: Give an answer.").keeps(t, "Notes by machine")
	to, shown := union.follow(t, page, url.Values{"subject": {"Notes by machine"}, "remedy": {"Leave it be.\r\n\r\nUntil it is proved."}})
	shown.wants(t, 200, "Notes by machine", "The status quo holds until", "Present stage", "Leave it be.", "UNISON opened the dispute", "Take it to the next stage")
	no := number(to)
	if no == "" || !strings.HasPrefix(no, "DSP-") {
		t.Fatal(to)
	}
	union.get(t, "/cy/disputes/"+no).wants(t, 200, "Trafodaeth leol", "Agorodd UNISON yr anghydfod")
	cdo.get(t, "/en/disputes").wants(t, 200, "Notes by machine", no, "UNISON")
	cdo.get(t, "/en/disputes?deployment="+d.Ref).wants(t, 200, "Only what is about "+d.Ref)
	s.as(t, "gmb").get(t, "/en/disputes/"+no).wants(t, 404)
	s.as(t, "gmb").get(t, "/en/disputes").wants(t, 200, "There are no disputes.")
	s.as(t, "councillor").get(t, "/en/disputes/"+no).wants(t, 200, "Notes by machine").without(t, "What you can do")
	s.as(t, "councillor").get(t, "/en/disputes/"+no+"/settle").wants(t, 403)
	cdo.get(t, "/en/deployments/"+d.Ref).wants(t, 200, "Notes by machine", "A hold lies on the deployment", no)

	// The other side asks to lift, and this one agrees.
	cdo.get(t, "/en/disputes/"+no+"/agree-lift").wants(t, 409)
	cdo.get(t, "/en/disputes/"+no+"/nonsense").wants(t, 404)
	ask := cdo.get(t, "/en/disputes/"+no+"/extend").wants(t, 200, "Ask the other side to let it lie on")
	cdo.post(t, "/en/disputes/"+no+"/extend", url.Values{"version": version(t, ask), "text": {"More time"}}).wants(t, 422, "Until when: Give an answer.").keeps(t, "More time")
	cdo.follow(t, "/en/disputes/"+no+"/lift", url.Values{"version": version(t, ask), "text": {"It is safe."}})
	agree := union.get(t, "/en/disputes/"+no+"/agree-lift").wants(t, 200, "The employer asks to lift the status quo", "It is safe.")
	union.post(t, "/en/disputes/"+no+"/agree-lift", url.Values{"version": {"1"}}).wants(t, 422, "Somebody else has changed this")
	_, after := union.follow(t, "/en/disputes/"+no+"/agree-lift", url.Values{"version": version(t, agree)})
	after.wants(t, 200, "UNISON agreed: the status quo was lifted").without(t, "The status quo holds until")
	next := union.get(t, "/en/disputes/"+no+"/advance").wants(t, 200, "Joint consultative committee", "15 working days")
	union.follow(t, "/en/disputes/"+no+"/advance", url.Values{"version": version(t, next), "text": {"Not settled there."}})
	end := union.get(t, "/en/disputes/"+no+"/settle").wants(t, 200, "A dispute that has ended is not opened again").without(t, "Decided outside")
	union.post(t, "/en/disputes/"+no+"/settle", url.Values{"version": version(t, end)}).wants(t, 422, "Outcome: Give an answer.")
	_, over := union.follow(t, "/en/disputes/"+no+"/settle", url.Values{"version": version(t, end), "outcome": {"withdrawn"}, "text": {"Let go."}})
	over.wants(t, 200, "Withdrawn", "Let go.").without(t, "What you can do")
	union.get(t, "/en/disputes/"+no+"/settle").wants(t, 409)
}

func TestMeetingPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	union, cdo, hr := s.as(t, "unison"), s.as(t, "cdo"), s.as(t, "hr")
	const page = "/en/meetings/new"
	form := on(url.Values{"title": {"Joint meeting"}, "kind": {"consultation"}, "time": {"10:30"}, "place": {"County Hall"}, "deployment": {d.Ref}}, "startsAt", "2026-09-15")
	union.post(t, page, url.Values{"title": {"Joint meeting"}, "time": {"half past"}}).wants(t, 422, "“half past” is not a time such as 9:30.", "Day: Give an answer.").keeps(t, "Joint meeting")
	wrong := url.Values{}
	for k, v := range form {
		wrong[k] = v
	}
	wrong.Set("deployment", "DEP-2026-999")
	union.post(t, page, wrong).wants(t, 422, "There is no “DEP-2026-999” here.").keeps(t, "County Hall")
	to, shown := union.follow(t, page, form)
	shown.wants(t, 200, "Joint meeting", "15 September 2026", "10:30", "Offered", "County Hall", "UNISON").without(t, "Record that it was held")
	first := number(to)
	s.as(t, "councillor").get(t, "/cy/meetings/"+first).wants(t, 200, "Wedi ei gynnig")
	s.as(t, "gmb").get(t, "/en/meetings/"+first).wants(t, 404)

	cancel := cdo.get(t, "/en/meetings/"+first+"/cancel").wants(t, 200, "counted against it", "Cancel the meeting for: The employer")
	cdo.post(t, "/en/meetings/"+first+"/cancel", url.Values{"version": version(t, cancel)}).wants(t, 422, "Why it is cancelled: Give an answer.")
	_, off := cdo.follow(t, "/en/meetings/"+first+"/cancel", url.Values{"version": version(t, cancel), "why": {"The room is flooded."}})
	off.wants(t, 200, "Cancelled by The employer on", "The room is flooded.", "has offered none in its place", "Offer a meeting in its place")
	cdo.get(t, "/en/meetings/"+first+"/hold").wants(t, 409)
	cdo.get(t, "/en/meetings").wants(t, 200, "Cancelled by the employer, not replaced")

	again := hr.get(t, page+"?replaces="+first+"&deployment="+d.Ref).wants(t, 200, "It stands in for "+first).keeps(t, "Joint meeting")
	form = on(url.Values{"title": {"Joint meeting"}, "kind": {"consultation"}, "time": {"14.00"}, "deployment": {d.Ref}, "replaces": {in(t, again.body, "replaces")}, "unions": {s.Unison.ID}}, "startsAt", "2026-09-17")
	to, shown = hr.follow(t, page, form)
	second := number(to)
	shown.wants(t, 200, "In place of", first)
	cdo.get(t, "/en/meetings/"+first).wants(t, 200, "Replaced by", second).without(t, "Offer a meeting in its place")

	s.Clock.SetTo("2026-09-17 16:00")
	union, hr = s.as(t, "unison"), s.as(t, "hr")
	hold := hr.get(t, "/en/meetings/"+second+"/hold").wants(t, 200, "How many came of: UNISON")
	people := url.Values{"version": version(t, hold), "people.employer": {"2"}}
	hr.post(t, "/en/meetings/"+second+"/hold", people).wants(t, 422)
	people.Set("people."+s.Unison.ID, "x")
	hr.post(t, "/en/meetings/"+second+"/hold", people).wants(t, 422, "“x” is not a number.")
	people.Set("people."+s.Unison.ID, "3")
	_, held := hr.follow(t, "/en/meetings/"+second+"/hold", people)
	held.wants(t, 200, "Held", "There are no minutes to read.", "Write minutes").without(t, "Agree to the minutes")

	write := hr.get(t, "/en/meetings/"+second+"/minutes")
	_, wrote := hr.follow(t, "/en/meetings/"+second+"/minutes", url.Values{"version": version(t, write), "text": {"We met.\r\nWe agreed."}})
	wrote.wants(t, 200, "Minutes 1, written by The employer", "We agreed.").without(t, "Agreed by all who came")
	s.as(t, "councillor").get(t, "/en/meetings/"+second).wants(t, 200).without(t, "We agreed.")
	yes := union.get(t, "/en/meetings/"+second+"/agree").wants(t, 200, "We agreed.", "Agree to minutes 1 for: UNISON")
	_, agreed := union.follow(t, "/en/meetings/"+second+"/agree", url.Values{"version": version(t, yes), "number": {in(t, yes.body, "number")}})
	agreed.wants(t, 200, "Agreed by all who came", "Agreed to by: The employer, UNISON")
	s.as(t, "councillor").get(t, "/en/meetings/"+second).wants(t, 200, "We agreed.")
	union.get(t, "/en/meetings/"+second+"/minutes").wants(t, 409)
}

func TestEngagementPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	b := s.as(t, "hr")
	const page = "/en/engagements/new"
	b.get(t, page+"?deployment="+d.Ref).wants(t, 200, "Add another group").keeps(t, d.Ref)
	form := on(url.Values{
		"title": {"Focus group"}, "kind": {"focus_group"}, "deployment": {d.Ref}, "count.groups": {"3"}, "count.themes": {"2"},
		"groups[0].jobFamily": {"Social work"}, "groups[0].grade": {"J"}, "groups[0].staff": {"40"}, "groups[0].invited": {"20"}, "groups[0].attended": {"18"},
		"groups[2].jobFamily": {"Support"}, "groups[2].grade": {"C"}, "groups[2].staff": {"40"}, "groups[2].invited": {"4"}, "groups[2].attended": {"x"},
		"themes[1].text": {"Who answers for a draft?"}, "themes[1].dimension": {"LIAB"},
	}, "heldOn", "2026-09-01")
	more := url.Values{"do": {"add.groups"}}
	for k, v := range form {
		more[k] = v
	}
	added := b.post(t, page, more).wants(t, 200)
	if !strings.Contains(added.body, `name="groups[3].jobFamily"`) || in(t, added.body, "groups[2].jobFamily") != "Support" {
		t.Error("no row was added, or one was lost")
	}
	b.post(t, page, form).wants(t, 422, "“x” is not a number.").keeps(t, "Social work")
	form.Set("groups[2].attended", "50")
	wrong := b.post(t, page, form).wants(t, 422)
	if !strings.Contains(wrong.body, `href="#groups[2].jobFamily"`) {
		t.Error("the fault does not lead to the row that it is in")
	}
	form.Set("groups[2].attended", "1")
	c := need(s.MakeComment(t.Context(), s.Officer, d.Ref, register.CommentInput{Target: "deployment", Kind: "concern", Body: "Drafts blame nobody."}))(t)
	more.Set("do", "add.themes")
	b.post(t, page, more).wants(t, 200, "UNISON", "Drafts blame nobody.")
	form.Set("themes[1].comment", "0190a1b2-0000-7000-8000-000000000000")
	b.post(t, page, form).wants(t, 422, "Comment it is linked to, row 2:")
	elsewhere := maps.Clone(form)
	elsewhere.Del("deployment")
	b.post(t, page, elsewhere).wants(t, 422, "What was said, row 2:")
	form.Set("themes[1].comment", c.ID)
	to, shown := b.follow(t, page, form)
	if !strings.Contains(shown.body, "/deployments/"+d.Ref+"#comment-"+c.ID) {
		t.Error("the theme does not lead to the comment")
	}
	shown.wants(t, 200, "Focus group", "80 staff, 24 invited, 19 came", "Under-represented", "As its share", "less than four fifths", "Who answers for a draft?", "Accountability for AI error")
	for _, who := range []string{"unison", "councillor", "auditor"} {
		s.as(t, who).get(t, "/cy/engagements/"+number(to)).wants(t, 200, "Heb gynrychiolaeth ddigonol")
	}
	s.as(t, "unison").get(t, "/en/engagements").wants(t, 200, "19 of 24").without(t, "Record an engagement")
	s.as(t, "unison").post(t, page, form).wants(t, 403)
}

func TestQuestionnairePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(t, "hr")
	const page = "/en/questionnaires/new"
	form := on(url.Values{
		"title.en": {"Yearly questions"}, "unions": {s.Unison.ID, s.GMB.ID}, "annualFor": {"2026"}, "count.questions": {"3"}, "questions[0].en": {"Were you told in time?"}, "questions[2].cy": {"Beth arall?"},
	}, "closesOn", "2026-09-20")
	b.post(t, page, url.Values{"title.en": {"Yearly questions"}, "annualFor": {"soon"}}).wants(t, 422, "“soon” is not a number.").keeps(t, "Yearly questions")
	b.post(t, page, on(url.Values{"title.en": {"Yearly questions"}, "unions": {s.Unison.ID}}, "closesOn", "2026-09-20")).wants(t, 422, "Question in English, row 1: Give a value from 1 to 50.")
	to, shown := b.follow(t, page, form)
	shown.wants(t, 200, "Yearly questions", "1. Were you told in time?", "Beth arall?", "and the employer none", "2026 to 2027")
	answer := "/en/questionnaires/" + number(to) + "/answer"
	b.get(t, answer).wants(t, 403)
	union := s.as(t, "unison")
	union.get(t, answer).wants(t, 200, "1. Were you told in time?", "Check the answers")
	union.post(t, answer, url.Values{"do": {"check"}, "answer-1": {"Yes."}}).wants(t, 422, "2. Beth arall?: Give an answer.").keeps(t, "Yes.")
	given := url.Values{"do": {"check"}, "answer-1": {"Not once."}, "answer-2": {"Dim."}, "language": {"cy"}}
	union.postFiles(t, answer, given, map[string][2]string{"evidence-1.file": {"diary.html", "<html>"}}).wants(t, 422, "Files of this type are not accepted.").keeps(t, "Not once.")
	held := union.postFiles(t, answer, url.Values{"do": {"check"}, "answer-1": {"Not once."}}, map[string][2]string{"evidence-1.file": {"../diary.txt", "told: never"}}).wants(t, 422, "File in evidence: diary.txt")
	given.Set("evidence-1", in(t, held.body, "evidence-1"))
	b.get(t, "/en/attachments/"+given.Get("evidence-1")).wants(t, 404)
	union.post(t, answer, url.Values{"do": {"check"}, "answer-1": {"Not once."}, "evidence-1": given["evidence-1"], "evidence-1.leave": {"yes"}}).wants(t, 422).without(t, "diary.txt")
	union.post(t, answer, given).wants(t, 200, "diary.txt")
	long := maps.Clone(given)
	long.Set("answer-2", strings.Repeat("x", 2<<20))
	union.postFiles(t, answer, long, nil).wants(t, 413)
	union.post(t, answer, given).wants(t, 200, "Check your answers before you file them", "Not once.", "File these answers")
	given.Set("do", "change")
	union.post(t, answer, given).wants(t, 200, "Check the answers").keeps(t, "Not once.")
	given.Set("do", "send")
	_, filed := union.follow(t, answer, given)
	filed.wants(t, 200, "Not once.").without(t, "Answer the questions")
	union.get(t, answer).wants(t, 409)
	b.get(t, to).wants(t, 200, "UNISON").without(t, "Not once.")
	s.as(t, "gmb").get(t, to).wants(t, 200, "Your answer is wanted").without(t, "Not once.")
	s.Clock.SetTo("2026-09-21 10:00")
	s.as(t, "hr").get(t, to).wants(t, 200, "Not once.", "No answer")
	late := s.as(t, "gmb")
	late.get(t, answer).wants(t, 200, "marked late")
	late.post(t, answer, given).wants(t, 422, "is not there any more") // another union's file
	theirs := maps.Clone(given)
	theirs.Del("evidence-1")
	_, filed = late.follow(t, answer, theirs)
	filed.wants(t, 200, "Late")
	s.as(t, "councillor").get(t, "/cy"+strings.TrimPrefix(to, "/en")).wants(t, 200, "Dim.", "diary.txt")
	for _, who := range []string{"unison", "gmb", "hr", "councillor"} {
		got := s.as(t, who).get(t, "/en/attachments/"+given.Get("evidence-1"))
		if got.status != 200 || got.body != "told: never" || got.header.Get("Content-Disposition") != "attachment; filename=diary.txt" {
			t.Errorf("%s: %d %s", who, got.status, got.body)
		}
	}
	s.as(t, "admin").get(t, "/en/attachments/"+given.Get("evidence-1")).wants(t, 404)
	s.browser().get(t, "/en/attachments/"+given.Get("evidence-1")).wants(t, 303)
	if !strings.Contains(s.as(t, "hr").get(t, to).body, `lang="cy">Dim.`) {
		t.Error("the language of an answer is not said")
	}
}

func TestActionAndBarrierPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	union, cdo, scrutiny := s.as(t, "unison"), s.as(t, "cdo"), s.as(t, "councillor")
	const page = "/en/actions"
	form := on(url.Values{"text": {"Count the cases."}, "party": {"employer"}, "owner": {"Head of digital"}, "deployment": {d.Ref}}, "dueOn", "2026-09-20")
	cdo.post(t, page, url.Values{"text": {"Count the cases."}}).wants(t, 422, "Office that sees to it: Give an answer.").keeps(t, "Count the cases.")
	cdo.follow(t, page, form)
	scrutiny.get(t, page).wants(t, 200, "Ask for an action", "Ask the employer for it").without(t, "Add an action")
	_, asked := scrutiny.follow(t, page, on(url.Values{"text": {"Report to us."}, "owner": {"Director"}}, "dueOn", "2026-10-01"))
	asked.wants(t, 200, "Asked for by councillors", "Report to us.")
	s.as(t, "assurer").get(t, page).wants(t, 200, "Count the cases.").without(t, "Add an action")
	s.as(t, "assurer").post(t, page, form).wants(t, 403)
	finish := page + "/ACT-2026-001/finish"
	union.get(t, finish).wants(t, 403)
	scrutiny.get(t, finish).wants(t, 403)
	f := cdo.get(t, finish).wants(t, 200, "Count the cases.")
	cdo.post(t, finish, url.Values{"version": version(t, f)}).wants(t, 422, "How it was done: Give an answer.")
	_, done := cdo.follow(t, finish, url.Values{"version": version(t, f), "note": {"Counted."}})
	done.wants(t, 200, "Counted.", "Done")
	cdo.get(t, finish).wants(t, 409)
	cdo.get(t, "/en/deployments/"+d.Ref).wants(t, 200, "Partnership", "Count the cases.")

	const barriers = "/en/barriers"
	union.post(t, barriers, url.Values{"deployment": {d.Ref}}).wants(t, 422, "What stands in the way: Give an answer.")
	union.follow(t, barriers, url.Values{"text": {"No time off for reps."}, "deployment": {d.Ref}})
	cdo.get(t, barriers).wants(t, 200, "No time off for reps.", "UNISON", "Still stands").without(t, "Settle BAR-2026-001")
	cdo.get(t, barriers+"/BAR-2026-001/settle").wants(t, 403)
	settle := union.get(t, barriers+"/BAR-2026-001/settle").wants(t, 200)
	union.post(t, barriers+"/BAR-2026-001/settle", url.Values{"version": version(t, settle)}).wants(t, 422)
	_, settled := union.follow(t, barriers+"/BAR-2026-001/settle", url.Values{"version": version(t, settle), "text": {"A day a week."}})
	settled.wants(t, 200, "Settled", "A day a week.")
	union.get(t, "/cy/partnership").wants(t, 200, "Nid oes rhwystr yn sefyll.")
}

func TestStatementPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cdo, union, gmb := s.as(t, "cdo"), s.as(t, "unison"), s.as(t, "gmb")
	const page = "/en/statements/new"
	cdo.post(t, page, url.Values{"title": {"Ar y cyd"}, "language": {"cy"}}).wants(t, 422, "Text of the statement: Give an answer.").keeps(t, "Ar y cyd")
	to, shown := cdo.follow(t, page, url.Values{"title": {"Ar y cyd"}, "text": {"Cytunwn."}, "language": {"cy"}, "unions": {s.Unison.ID, s.GMB.ID}})
	shown.wants(t, 200, "Ar y cyd", "Cytunwn.", "Its signature", "Nothing yet").without(t, "What you can do")
	if !strings.Contains(shown.body, `<p class="govuk-body" lang="cy">Cytunwn.`) {
		t.Error("the language of the text is not said")
	}
	cdo.get(t, to+"/sign").wants(t, 409)
	s.as(t, "rep").get(t, to+"/sign").wants(t, 403)
	sign := union.get(t, to+"/sign").wants(t, 200, "Sign the statement for: UNISON", "Cytunwn.")
	_, signed := union.follow(t, to+"/sign", url.Values{"version": version(t, sign)})
	signed.wants(t, 200, "Proposed")
	refuse := gmb.get(t, to+"/refuse").wants(t, 200)
	gmb.post(t, to+"/refuse", url.Values{"version": version(t, refuse)}).wants(t, 422, "Your own text: Give an answer.")
	_, refused := gmb.follow(t, to+"/refuse", url.Values{"version": version(t, refuse), "text": {"We do not."}})
	refused.wants(t, 200, "Not agreed", "Cytunwn.", "In the words of: GMB", "We do not.")
	s.as(t, "councillor").get(t, "/cy"+strings.TrimPrefix(to, "/en")).wants(t, 200, "Heb ei gytuno", "We do not.")
}

func TestCostPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	cdo := s.as(t, "cdo")
	page := "/en/deployments/" + d.Ref + "/costs"
	cdo.get(t, page).wants(t, 200, "No amounts are entered.", "Enter an amount")
	for _, bad := range []string{"1.234,56", "12.3", "1,23.00", "-4", "1e6", "twelve", "£", "1 234"} {
		cdo.post(t, page, url.Values{"year": {"2026"}, "kind": {"one_off"}, "amount": {bad}}).wants(t, 422, "“"+bad+"” is not an amount such as 1,234.56.").keeps(t, bad)
	}
	cdo.post(t, page, url.Values{"year": {"MMXXVI"}}).wants(t, 422, "Amount in pounds: Give an answer.", "Financial year: “MMXXVI” is not a number.")
	cdo.post(t, page, url.Values{"year": {"2026"}, "kind": {"one_off"}, "amount": {"5"}, "cashable": {"yes"}}).wants(t, 422)
	_, shown := cdo.follow(t, page, url.Values{"year": {"2026"}, "kind": {"one_off"}, "amount": {"£1,234.56"}, "booked": {"Digital"}})
	shown.wants(t, 200, "£1,234.56", "2026 to 2027", "Digital")
	_, shown = cdo.follow(t, page, url.Values{"year": {"2026"}, "kind": {"saving_claimed"}, "amount": {"0.07"}, "cashable": {"yes"}})
	shown.wants(t, 200, "£0.07", "Cashable")
	twice := url.Values{"key": {"one"}, "year": {"2026"}, "kind": {"running"}, "amount": {"77"}}
	for range 2 {
		cdo.postFiles(t, page, twice, map[string][2]string{"attachment.file": {"invoice.txt", "seventy-seven"}}).wants(t, 303)
	}
	shown = cdo.get(t, page).wants(t, 200, "invoice.txt", "1 kB")
	other := need(s.RegisterDeployment(t.Context(), s.CDO, register.Registration{Record: s.Record()}))(t)
	cdo.postFiles(t, "/en/deployments/"+other.Ref+"/costs", twice, map[string][2]string{"attachment.file": {"invoice.txt", "seventy-seven"}}).wants(t, 303)
	cdo.get(t, "/en/deployments/"+other.Ref+"/costs").wants(t, 200, "£77") // the same form elsewhere is another
	if n := strings.Count(shown.body, "invoice.txt"); n != 1 {
		t.Errorf("an amount sent twice stands %d times", n)
	}
	cdo.postFiles(t, page, url.Values{"year": {"2026"}}, map[string][2]string{"attachment.file": {"invoice.exe", "MZ\x00\x01"}}).wants(t, 422)
	file := shown.body[strings.Index(shown.body, "/en/attachments/"):][:len("/en/attachments/")+36]
	if got := s.as(t, "unison").get(t, file); got.body != "seventy-seven" {
		t.Errorf("the file: %d %s", got.status, got.body)
	}
	s.as(t, "councillor").get(t, file).wants(t, 200)
	s.as(t, "admin").get(t, file).wants(t, 404)
	s.LoseFiles(t)
	away := cdo.postFiles(t, page, url.Values{"year": {"2031"}, "kind": {"running"}, "amount": {"78"}}, map[string][2]string{"attachment.file": {"late.txt", "seventy-eight"}})
	away.wants(t, 503, "The file could be neither kept nor read").keeps(t, "2031")
	if away.header.Get("Retry-After") != "60" {
		t.Error("it does not say when to try again")
	}
	id := shown.body[strings.Index(shown.body, d.Ref+"/costs/")+len(d.Ref+"/costs/"):][:36]
	s.as(t, "unison").get(t, page).wants(t, 200, "£1,234.56").without(t, "Enter an amount", "Take back")
	s.as(t, "unison").get(t, page+"/"+id).wants(t, 403)
	cdo.post(t, page+"/"+id, url.Values{}).wants(t, 422, "Why it is taken back: Give an answer.")
	_, back := cdo.follow(t, page+"/"+id, url.Values{"reason": {"Entered twice."}})
	back.wants(t, 200, "Taken back", "Entered twice.")
	if !strings.Contains(back.body, "<s>£") {
		t.Error("what is taken back is not struck through")
	}
	s.as(t, "councillor").get(t, "/cy/deployments/"+d.Ref+"/costs").wants(t, 200, "Wedi ei dynnu’n ôl")
	cdo.get(t, "/en/deployments/"+d.Ref).wants(t, 200, "Costs and savings", "Spent to date: £")
}

func TestRoomPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	union, rep := s.as(t, "unison"), s.as(t, "rep")
	const secret = "Our members fear the caseload"
	rep.get(t, "/en/room").wants(t, 200, "Room of UNISON", "There are no drafts.", "the database does not keep the room shut by itself")
	rep.post(t, "/en/room/new", url.Values{"kind": {"draft"}, "title": {secret}}).wants(t, 422, "Deployment it is about: Give an answer.", "Text: Give an answer.").keeps(t, secret)
	rep.get(t, "/en/room/new?kind=nonsense").wants(t, 404)
	to, shown := rep.follow(t, "/en/room/new", url.Values{"kind": {"draft"}, "title": {secret}, "body": {"We ask for a limit."}, "deployment": {d.Ref}, "commentKind": {"formal_response"}, "language": {"en"}})
	shown.wants(t, 200, secret, "We ask for a limit.", "An officer of your union files drafts.").without(t, "File this draft")
	rep.get(t, to+"/file").wants(t, 403)
	edit := union.get(t, to+"/edit").keeps(t, secret)
	union.follow(t, to+"/edit", url.Values{"version": version(t, edit), "kind": {"draft"}, "title": {secret}, "body": {"We ask for a limit, watched daily."}, "deployment": {d.Ref}, "commentKind": {"formal_response"}, "language": {"en"}})
	union.post(t, to+"/edit", url.Values{"version": version(t, edit), "kind": {"draft"}, "title": {secret}, "body": {"x"}, "deployment": {d.Ref}}).wants(t, 422, "Somebody else has changed this")

	_, noted := rep.follow(t, "/en/room/new", url.Values{"kind": {"note"}, "title": {"Ask the region first"}})
	noted.wants(t, 200, "Ask the region first")
	concern, _ := rep.follow(t, "/en/room/new", url.Values{"kind": {"concern"}, "title": {"Drafts leave things out"}, "deployment": {d.Ref}})
	rep.post(t, concern+"/tally", url.Values{"members": {"many"}}).wants(t, 422, "“many” is not a number.")
	rep.post(t, concern+"/tally", url.Values{"members": {"0"}}).wants(t, 422)
	_, few := rep.follow(t, concern+"/tally", url.Values{"members": {"4"}})
	few.wants(t, 200, "Fewer than 5 members")
	_, five := rep.follow(t, concern+"/tally", url.Values{"members": {"1"}})
	five.wants(t, 200, "5 members")

	// A document lies in the room, and only there.
	rep.get(t, concern+"/attachments").wants(t, 200, "Add the file")
	rep.upload(t, concern+"/attachments", "", "").wants(t, 422, "File: Give an answer.")
	rep.upload(t, concern+"/attachments", "tally.txt", "").wants(t, 422)
	rep.upload(t, concern+"/attachments", "tally.txt", "twelve said so").wants(t, 303)
	held := rep.get(t, concern).wants(t, 200, "tally.txt")
	file := held.body[strings.Index(held.body, `/en/room/files/`):][:len("/en/room/files/")+36]
	if got := rep.get(t, file); got.status != 200 || got.body != "twelve said so" || !strings.Contains(got.header.Get("Content-Disposition"), "tally.txt") {
		t.Errorf("%d %q %v", got.status, got.body, got.header)
	}

	for _, who := range everybody {
		if who == "unison" || who == "rep" {
			continue
		}
		b := s.as(t, who)
		for _, path := range []string{to, to + "/edit", to + "/file", to + "/remove", concern, file, "/en/room?union=" + s.Unison.ID, "/en/room/new?union=" + s.Unison.ID} {
			if a := b.get(t, path); strings.Contains(a.body, secret) || a.status == 200 && !strings.HasPrefix(path, "/en/room/new") || a.status != 404 && a.status != 200 {
				t.Errorf("%s %s: %d", who, path, a.status)
			}
		}
		for _, path := range []string{to + "/file", to + "/edit", to + "/remove", concern + "/tally", concern + "/attachments", "/en/room/new?union=" + s.Unison.ID} {
			if a := b.post(t, path, url.Values{"version": {"2"}, "kind": {"note"}, "title": {"x"}, "members": {"3"}}); a.status != 404 {
				t.Errorf("%s POST %s: %d", who, path, a.status)
			}
		}
		for _, path := range []string{"/en", "/en/inbox", "/en/duties", "/en/partnership", "/en/deployments/" + d.Ref, "/en/ledger"} {
			if a := b.get(t, path); strings.Contains(a.body, secret) || strings.Contains(a.body, "We ask for a limit") || strings.Contains(a.body, "Ask the region") || strings.Contains(a.body, "Drafts leave things out") {
				t.Errorf("%s reads of a room at %s", who, path)
			}
		}
	}
	gmb := s.as(t, "gmb")
	gmb.get(t, "/en/room").wants(t, 200, "Room of GMB", "There are no drafts.")

	// Filing wants a fresh proof, and is read by the other side from then on.
	s.Clock.Set(s.Clock.Now().Add(models.FreshFor + time.Minute))
	warn := union.get(t, to+"/file").wants(t, 200, "From then on the employer", "We ask for a limit, watched daily.")
	v := version(t, warn)
	union.post(t, to+"/file", url.Values{"version": v}).wants(t, 403, "Prove that it is you")
	on := union.post(t, "/en/prove", url.Values{"next": {to + "/file"}, "again": {"1"}, "carry.version": v, "password": {registertest.Password}}).wants(t, 200, "Carry on")
	if in(t, on.body, "version") != v[0] {
		t.Error("the form is not carried along")
	}
	_, filed := union.follow(t, to+"/file", url.Values{"version": v})
	filed.wants(t, 200, "Filed", "Read it as it was filed").without(t, "File this draft", "Change it")
	union.get(t, to+"/file").wants(t, 409)
	s.as(t, "cdo").get(t, "/en/deployments/"+d.Ref).wants(t, 200, "We ask for a limit, watched daily.").without(t, secret)

	gone := union.get(t, to+"/remove").wants(t, 200, "The entry goes for good", "stays where it was filed")
	union.follow(t, to+"/remove", url.Values{"version": version(t, gone)})
	union.get(t, to).wants(t, 404)
	s.as(t, "cdo").get(t, "/en/deployments/"+d.Ref).wants(t, 200, "We ask for a limit, watched daily.")
}

// keeps asks that a refused form holds what was typed.
func (a answer) keeps(t *testing.T, text string) answer {
	t.Helper()
	if !strings.Contains(a.body, text) {
		t.Errorf("what was typed is lost: %q", text)
	}
	return a
}

func TestInboxDutiesAndNotifications(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, n := s.Noticed(t)
	if err := s.DeliverAll(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	union := s.as(t, "unison")
	union.get(t, "/en/duties").wants(t, 200, "Acknowledge notice "+n.No, d.Ref)
	union.get(t, "/en").wants(t, 200, "What you owe", "Acknowledge notice "+n.No)
	union.get(t, "/cy/duties").wants(t, 200, "Yr hyn sy’n ddyledus gennych")
	s.as(t, "auditor").get(t, "/en/duties").wants(t, 200, "You owe nothing now.")
	need(s.Register.OpenDispute(t.Context(), s.Officer, d.Ref, register.NewDispute{Subject: "Notes", Remedy: "Stop"}))(t)
	s.Clock.SetTo("2026-09-22 10:00")
	late := s.as(t, "cdo").get(t, "/en/duties").wants(t, 200, "Overdue", "Settle dispute DSP-2026-001")
	if strings.Index(late.text, "Settle dispute") > strings.Index(late.text, "Later") && strings.Contains(late.text, "Later") {
		t.Error("what is overdue is not first")
	}

	item := models.InboxItem{OrgID: s.Org.ID, UserID: s.Officer.UserID, ID: "01900000-0000-7000-8000-000000000001", Topic: models.TopicDispute, Key: "k", Code: "duty.dispute_stage", Params: models.Params{"no": "DSP-2026-001", "name": models.Text{En: "Draft case notes", Cy: "Drafftio"}, "ref": d.Ref, "due": models.MustDate("2026-09-21")}, Path: "/disputes/DSP-2026-001", DueOn: models.MustDate("2026-09-21"), Mode: models.ModeInbox, At: s.Clock.Now()}
	s.tell(t, item)
	union = s.as(t, "unison")
	got := union.get(t, "/en/inbox").wants(t, 200, "You have not looked at", "Settle dispute DSP-2026-001 on Draft case notes", "New", "Mark all as read")
	union.get(t, "/cy/inbox").wants(t, 200, "Drafftio")
	if strings.Contains(got.text, "map[") {
		t.Error(got.text)
	}
	union.post(t, "/en/inbox", url.Values{"id": {item.ID}}).wants(t, 303)
	union.post(t, "/en/inbox", url.Values{}).wants(t, 303)
	union.get(t, "/en/inbox").wants(t, 200, "Marked as read.", "You have not looked at 0").without(t, "Mark all as read")
	s.as(t, "gmb").get(t, "/en/inbox").wants(t, 200).without(t, "DSP-2026-001 on Draft")

	const page = "/en/notifications"
	union.get(t, page).wants(t, 200, "What you are told", "Disputes", "Not at all", "Make a private calendar address")
	union.post(t, page, url.Values{"do": {"choose"}, "topics.dispute": {"loudly"}}).wants(t, 422)
	union.follow(t, page, url.Values{"do": {"choose"}, "topics.dispute": {"off"}})
	if modes := need(s.TopicModes(t.Context(), s.Officer))(t); modes[models.TopicDispute] != models.ModeOff {
		t.Error(modes)
	}
	union.post(t, page, url.Values{"do": {"nonsense"}}).wants(t, 404)
	union.post(t, page, url.Values{"do": {"link"}}).wants(t, 200, "it is not shown again", "/calendar/", ".ics")
	union.get(t, page).wants(t, 200, "Replace it with a new address").without(t, "/calendar/")
	_, ended := union.follow(t, page, url.Values{"do": {"unlink"}})
	ended.wants(t, 200, "Make a private calendar address")
}

func TestHookAndMessagePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cdo, admin, auditor := s.as(t, "cdo"), s.as(t, "admin"), s.as(t, "auditor")
	const page = "/en/hooks"
	cdo.get(t, page).wants(t, 200, "No other system is told of anything.", "Tell another system")
	auditor.get(t, page).wants(t, 200).without(t, "Tell another system")
	cdo.post(t, page, url.Values{"kind": {"webhook"}, "url": {"ftp://example.org"}}).wants(t, 422).keeps(t, "ftp://example.org")
	made := cdo.post(t, page, url.Values{"kind": {"webhook"}, "url": {"https://hooks.example.org/in"}, "topics": {"dispute"}}).wants(t, 200, "Copy the secret now", "hooks.example.org")
	secret := made.body[strings.Index(made.body, `id="token">`)+len(`id="token">`):][:12]
	list := auditor.get(t, "/cy/hooks").wants(t, 200, "hooks.example.org", "Anghydfodau", "Yn gweithio")
	if strings.Contains(list.body, secret) || strings.Contains(list.body, "/in\"") {
		t.Error("the secret or the address is shown again")
	}
	hooks := need(s.Hooks(t.Context(), s.CDO))(t)
	one := page + "/" + hooks[0].ID
	auditor.get(t, one+"/end").wants(t, 403)
	cdo.get(t, one+"/nonsense").wants(t, 404)
	cdo.get(t, page+"/nope/end").wants(t, 404)
	cdo.post(t, one+"/replay", url.Values{}).wants(t, 422, "Since which day: Give an answer.")
	_, again := cdo.follow(t, one+"/replay", on(url.Values{}, "since", "2026-09-01"))
	again.wants(t, 200, "Messages about 0 records are sent again.")
	cdo.get(t, one+"/end").wants(t, 200, "It is told nothing more")
	_, over := cdo.follow(t, one+"/end", url.Values{})
	over.wants(t, 200, "No other system is told of anything.")

	admin.get(t, "/en/messages").wants(t, 200, "No message has been sent yet.")
	admin.get(t, "/cy/messages?state=failed").wants(t, 200, "Nid oes neges fel yna.")

	const settings = "/en/notification-settings"
	admin.post(t, settings, url.Values{"version": {"0"}, "escalateTo": {"nobody@example.org"}}).wants(t, 422).keeps(t, "nobody@example.org")
	_, kept := admin.follow(t, settings, url.Values{"version": {"0"}, "escalateTo": {"cdo@tywi.example"}, "licence": {"Open Government Licence v3.0"}})
	kept.wants(t, 200, "The settings are kept.").keeps(t, "cdo@tywi.example").keeps(t, "Open Government Licence v3.0")
	admin.post(t, settings, url.Values{"version": {"0"}}).wants(t, 422, "Somebody else has changed this")
}

func TestFlagPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	public := models.Actor{OrgID: s.Org.ID}
	for _, system := range []string{"A chat robot", "A sorting machine", "A rota tool"} {
		if _, _, err := s.RaiseFlag(t.Context(), public, system, "It answers the telephone.", models.English); err != nil {
			t.Fatal(err)
		}
	}
	cdo := s.as(t, "cdo")
	cdo.get(t, "/en/flags").wants(t, 200, "A chat robot", "It answers the telephone.", "Answer FLG-2026-001", "No flag has been answered.")
	s.as(t, "auditor").get(t, "/cy/flags").wants(t, 200, "A chat robot").without(t, "Ateb FLG")
	const one = "/en/flags/FLG-2026-001"
	s.as(t, "auditor").get(t, one).wants(t, 403)
	form := cdo.get(t, one).wants(t, 200, "It answers the telephone.", "Give this answer")
	cdo.post(t, one, url.Values{"version": version(t, form), "status": {"known"}}).wants(t, 422, "Answer: Give an answer.", "Deployment: Give an answer.")
	cdo.post(t, one, url.Values{"version": version(t, form), "status": {"idea"}, "answer": {"Thank you."}}).wants(t, 422, "Service area: Give an answer.").keeps(t, "Thank you.")
	_, done := cdo.follow(t, one, url.Values{"version": version(t, form), "status": {"known"}, "answer": {"We know."}, "deployment": {d.Ref}})
	done.wants(t, 200, "Known already", "We know.", d.Ref)
	cdo.get(t, one).wants(t, 409)
	_, idea := cdo.follow(t, "/en/flags/FLG-2026-002", url.Values{"version": {"1"}, "status": {"idea"}, "answer": {"Registered."}, "serviceArea": {s.Area.ID}, "inUse": {"yes"}})
	idea.wants(t, 200, "Now an idea in the register")
	_, closed := cdo.follow(t, "/en/flags/FLG-2026-003", url.Values{"version": {"1"}, "status": {"closed"}, "answer": {"It is a spreadsheet."}})
	closed.wants(t, 200, "Every flag has an answer.")
}

// tell puts something into somebody's inbox.
func (s *site) tell(t *testing.T, item models.InboxItem) {
	t.Helper()
	if err := s.Store.Within(t.Context(), func(tx *store.Tx) error {
		_, err := tx.AddInbox(t.Context(), &item)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
