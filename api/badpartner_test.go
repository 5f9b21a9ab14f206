package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"beforehand/api"
	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// partnerScene is a world with one of each thing that is between the parties.
type partnerScene struct {
	*world
	formative                 register.DeploymentView
	dispute                   models.DisputeState
	meeting, gathered, agreed models.MeetingState
	questionnaire             models.QuestionnaireState
	action                    models.Action
	barrier                   models.Barrier
	statement                 models.StatementState
	note, draft, concern      models.RoomEntry
	claim                     register.ClaimView // of another deployment
	hook                      models.Hook
	raised                    raised
	settings                  int
}

func newPartnerScene(t *testing.T, w *world) *partnerScene {
	t.Helper()
	ctx, h := t.Context(), w.first
	s := w.side(byOwn, w.people["none"])
	p := &partnerScene{world: w, formative: w.madeAt(s, models.StageFormative)}
	p.dispute = w.dispute(s)
	p.meeting = w.meeting(s)
	delete(w.kept, "meeting "+string(byOwn))
	p.gathered = w.held2(s)
	delete(w.kept, "held meeting "+string(byOwn))
	w.kept["meeting "+string(byOwn)] = nil
	m := w.held2(s)
	m = need(h.WriteMinutes(ctx, h.HR, m.No, m.Version, "Agreed: a guardrail.", ""))(t)
	p.agreed = need(h.AgreeMinutes(ctx, h.Officer, m.No, m.Version, 1, ""))(t)
	p.questionnaire, p.action, p.barrier, p.statement = w.questionnaire(s), w.action(w.side(ownOrg, w.people["cdo"])), w.barrier(s), w.statement(s)
	p.note, p.draft, p.concern = w.entry(s, models.RoomNote), w.entry(s, models.RoomDraft), w.entry(s, models.RoomConcern)
	p.claim = w.claim(w.side(ownArea, w.people["none"]))
	p.hook, p.raised = w.hook(w.side(ownOrg, w.people["cdo"])), w.flag(w.side(ownOrg, w.people["cdo"]))
	return p
}

// spoilt is an operation with a body that is good, to be spoilt.
type spoilt struct {
	by, method, path string
	body             object
	version          int // 0 when none is asked for
}

func (p *partnerScene) operations() []spoilt {
	ref, unison := p.formative.Ref, p.first.Unison.ID
	return []spoilt{
		{"union_officer", "POST", "deployments/" + ref + "/disputes", object{"subject": "x", "remedy": "y"}, 0},
		{"union_officer", "POST", "disputes/" + p.dispute.No + "/advance", object{"text": "x"}, p.dispute.Version},
		{"union_officer", "POST", "disputes/" + p.dispute.No + "/ask", object{"what": "lift", "text": "x"}, p.dispute.Version},
		{"union_officer", "POST", "disputes/" + p.dispute.No + "/agree", object{"what": "lift"}, p.dispute.Version},
		{"union_officer", "POST", "disputes/" + p.dispute.No + "/settle", object{"outcome": "settled", "text": "x"}, p.dispute.Version},
		{"hr", "POST", "meetings", meetingBody.with(object{"unions": []string{unison}}), 0},
		{"hr", "POST", "meetings/" + p.meeting.No + "/cancel", object{"why": "x"}, p.meeting.Version},
		{"hr", "POST", "meetings/" + p.meeting.No + "/hold", object{"people": object{"employer": 1, unison: 1}}, p.meeting.Version},
		{"hr", "POST", "meetings/" + p.gathered.No + "/minutes", object{"text": "x"}, p.gathered.Version},
		{"hr", "POST", "meetings/" + p.gathered.No + "/minutes/1/agree", object{}, p.gathered.Version},
		{"hr", "POST", "engagements", engagedBody, 0},
		{"hr", "POST", "questionnaires", questionsBody.with(object{"unions": []string{unison}}), 0},
		{"union_officer", "POST", "questionnaires/" + p.questionnaire.No + "/answers", object{"answers": []object{{"number": 1, "text": "x"}}}, 0},
		{"cdo", "POST", "actions", actionBody, 0},
		{"scrutiny", "POST", "actions/ask", actionBody, 0},
		{"cdo", "POST", "actions/" + p.action.No + "/finish", object{"note": "x"}, p.action.Version},
		{"union_officer", "POST", "barriers", object{"text": "x"}, 0},
		{"union_officer", "POST", "barriers/" + p.barrier.No + "/settle", object{"text": "x"}, p.barrier.Version},
		{"cdo", "POST", "statements", statementBody.with(object{"unions": []string{unison}}), 0},
		{"cdo", "POST", "statements/" + p.statement.No + "/sign", object{}, p.statement.Version},
		{"cdo", "POST", "statements/" + p.statement.No + "/refuse", object{"text": "x"}, p.statement.Version},
		{"union_officer", "POST", "positions", object{"year": 2025, "agrees": true}, 0},
		{"cdo", "POST", "deployments/" + ref + "/costs", costBody, 0},
		{"union_officer", "POST", "room", noteBody, 0},
		{"union_officer", "PUT", "room/" + p.note.ID, noteBody, p.note.Version},
		{"union_officer", "POST", "room/" + p.concern.ID + "/tally", object{"members": 3}, 0},
		{"none", "POST", "flags?organisation=tywi", flagBody, 0},
		{"none", "POST", "flags/look", object{"code": p.raised.code}, 0},
		{"cdo", "POST", "flags/" + p.raised.No + "/settle", closedFlag, p.raised.Version},
		{"cdo", "POST", "inbox/read", object{}, 0},
		{"cdo", "PUT", "notification-choices", object{"choices": []object{{"topic": "dispute", "mode": "daily"}}}, 0},
		{"admin", "PUT", "notification-settings", object{"licence": "OGL-UK-3.0"}, 0},
		{"cdo", "POST", "hooks", hookBody, 0},
		{"cdo", "POST", "hooks/" + p.hook.ID + "/replay", object{"since": "2026-09-01T00:00:00Z"}, 0},
	}
}

// TestBadPartner throws at every operation between the parties what is no good:
// each gets a clear refusal, and nothing is written.
func TestBadPartner(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		p := newPartnerScene(t, w)
		for _, op := range p.operations() {
			for _, a := range op.spoil(w) {
				w.forgive()
				w.refused(t, a)
			}
		}
		for _, a := range p.badOnce() {
			w.forgive()
			a.name = "once: " + a.name
			w.refused(t, a)
		}
	})
}

// spoil is a good request in the ways in which any can be bad.
func (op spoilt) spoil(w *world) []attempt {
	h := headers{}
	if op.version > 0 {
		h["If-Match"] = fmt.Sprintf(`"%d"`, op.version)
	}
	try := func(name string, body any, status int, code string) attempt {
		return attempt{name: name, by: w.people[op.by], method: op.method, path: op.path, body: body, headers: h, status: status, code: code}
	}
	all := []attempt{
		try("an unknown field", op.body.with(object{"surprise": 1}), 422, "invalid"),
		try("no body", "", 400, "malformed_json"),
		try("half a body", `{"text": "`, 400, "malformed_json"),
		try("a list for an object", `[]`, 422, "invalid"),
		try("null", `null`, 422, "invalid"),
		try("over 1 MiB", `{"text":"`+strings.Repeat("x", 1<<20)+`"}`, 413, "body_too_large"),
		try("not UTF-8", "{\"text\":\"\xff\xfe\"}", 422, "not_utf8"),
	}
	for _, name := range sortedNames(op.body) {
		wrong := any([]any{map[string]any{}})
		if _, list := op.body[name].([]object); list {
			wrong = "text"
		}
		if _, list := op.body[name].([]string); list {
			wrong = "text"
		}
		all = append(all, try("a wrong type for "+name, op.body.with(object{name: wrong}), 422, "invalid"))
		if s, text := op.body[name].(string); text && name != "startsAt" && name != "since" {
			all = append(all, try("NUL in "+name, op.body.with(object{name: s + "\x00"}), 422, "invalid"),
				try("an escape character in "+name, op.body.with(object{name: s + "\x1b[31m"}), 422, "invalid"),
				try("far too much of "+name, op.body.with(object{name: strings.Repeat("x", 200_000)}), 422, "invalid"))
		}
	}
	if op.version > 0 {
		stale, none := try("a version that is gone by", op.body, 412, "stale_version"), try("no version", op.body, 428, "version_required")
		stale.headers, none.headers = headers{"If-Match": `"99"`}, nil
		word := try("a word for a version", op.body, 412, "version_malformed")
		word.headers = headers{"If-Match": `"new"`}
		all = append(all, stale, none, word)
	}
	return all
}

func sortedNames(o object) []string {
	var names []string
	b, _ := json.Marshal(o)
	dec := json.NewDecoder(strings.NewReader(string(b)))
	for depth := 0; ; {
		tok, err := dec.Token()
		if err != nil {
			return names
		}
		switch v := tok.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth++
			} else {
				depth--
			}
		case string:
			if _, is := o[v]; is && depth == 1 {
				names = append(names, v)
			}
		}
	}
}

// badOnce are the ways in which one of them can be bad and the others cannot.
func (p *partnerScene) badOnce() []attempt {
	var all []attempt
	try := func(name, by, method, path string, body any, version, status int, code string, fields ...string) {
		h := headers{}
		if version > 0 {
			h["If-Match"] = fmt.Sprintf(`"%d"`, version)
		}
		all = append(all, attempt{name: name, by: p.people[by], method: method, path: path, body: body, headers: h, status: status, code: code, fields: fields})
	}
	unison, gmb := p.first.Unison.ID, p.first.GMB.ID

	disputes := "deployments/" + p.formative.Ref + "/disputes"
	try("a dispute without a remedy", "union_officer", "POST", disputes, object{"subject": "x", "remedy": "TBC"}, 0, 422, "invalid", "remedy")
	try("blanks for a subject", "union_officer", "POST", disputes, object{"subject": " \t ", "remedy": "y"}, 0, 422, "invalid", "subject")
	try("a dispute with nobody", "cdo", "POST", disputes, object{"subject": "x", "remedy": "y"}, 0, 422, "invalid", "union")
	try("a dispute for another union", "union_officer", "POST", disputes, object{"union": gmb, "subject": "x", "remedy": "y"}, 0, 409, "not_a_party")
	d := "disputes/" + p.dispute.No
	until := p.dispute.Hold.Until
	try("a hold extended to a day that is gone by", "union_officer", "POST", d+"/ask", object{"what": "extend", "until": until.String(), "text": "x"}, 1, 422, "invalid", "until")
	try("a hold extended beyond its bound", "union_officer", "POST", d+"/ask", object{"what": "extend", "until": until.AddDays(61).String(), "text": "x"}, 1, 422, "invalid", "until")
	try("a hold extended for ever", "union_officer", "POST", d+"/ask", object{"what": "extend", "until": "9999-12-31", "text": "x"}, 1, 422, "invalid", "until")
	try("a hold extended to no day", "union_officer", "POST", d+"/ask", object{"what": "extend", "text": "x"}, 1, 422, "invalid", "until")
	try("agreed to what nobody asked", "cdo", "POST", d+"/agree", object{"what": "extend"}, 1, 409, "nothing_asked")
	try("the employer withdraws the union’s", "cdo", "POST", d+"/settle", object{"outcome": "withdrawn", "text": "x"}, 1, 409, "dispute_not_yours")
	try("settled by the employer alone", "cdo", "POST", d+"/settle", object{"outcome": "settled", "text": "x"}, 1, 409, "dispute_not_yours")
	try("not settled before its last stage", "cdo", "POST", d+"/settle", object{"outcome": "not_settled", "text": "x"}, 1, 409, "dispute_more_stages")
	try("decided by nobody outside", "union_officer", "POST", d+"/settle", object{"outcome": "decided_outside", "text": "x"}, 1, 409, "dispute_no_outside")
	try("the hold of a dispute lifted beside it", "cdo", "POST", "holds/"+p.dispute.Hold.ID+"/lift", object{"reason": "x"}, p.dispute.Hold.Version, 409, "hold_of_dispute")
	try("a hold beyond its bound", "cdo", "POST", "deployments/"+p.formative.Ref+"/holds", object{"ground": "x", "until": "2026-11-07"}, 0, 422, "invalid", "until")
	try("a hold of long ago", "cdo", "POST", "deployments/"+p.formative.Ref+"/holds", object{"ground": "x", "until": "2026-09-06"}, 0, 422, "invalid", "until")
	try("a number of eastern digits", "cdo", "GET", "disputes/DSP-٢٠٢٦-٠٠١", nil, 0, 404, "not_found")
	try("a number too long", "cdo", "GET", "disputes/"+strings.Repeat("D", 41), nil, 0, 422, "invalid", "no")
	try("NUL for a number", "cdo", "GET", "disputes/%00", nil, 0, 404, "not_found")

	try("a meeting with nobody", "hr", "POST", "meetings", meetingBody, 0, 422, "invalid", "unions")
	try("a meeting with one union twice", "hr", "POST", "meetings", meetingBody.with(object{"unions": []string{unison, unison}}), 0, 422, "invalid", "unions[1]")
	try("a meeting of others", "union_officer", "POST", "meetings", meetingBody.with(object{"unions": []string{gmb}}), 0, 422, "invalid", "unions")
	try("a meeting of long ago", "hr", "POST", "meetings", meetingBody.with(object{"unions": []string{unison}, "startsAt": "1999-01-01T10:00:00Z"}), 0, 422, "invalid", "startsAt")
	try("a meeting in the year 9999", "hr", "POST", "meetings", meetingBody.with(object{"unions": []string{unison}, "startsAt": "9999-01-01T10:00:00Z"}), 0, 422, "invalid", "startsAt")
	try("a meeting in place of one that was not cancelled", "hr", "POST", "meetings", meetingBody.with(object{"unions": []string{unison}, "replaces": p.meeting.No}), 0, 409, "meeting_not_cancelled")
	try("one side alone came", "hr", "POST", "meetings/"+p.meeting.No+"/hold", object{"people": object{"employer": 4}}, 1, 422, "invalid", "people")
	try("fewer than none came", "hr", "POST", "meetings/"+p.meeting.No+"/hold", object{"people": object{"employer": 4, unison: -1}}, 1, 422, "invalid", "people."+unison)
	try("somebody else came", "hr", "POST", "meetings/"+p.meeting.No+"/hold", object{"people": object{"employer": 4, gmb: 1}}, 1, 422, "invalid", "people."+gmb)
	try("minutes of a meeting to come", "hr", "POST", "meetings/"+p.meeting.No+"/minutes", object{"text": "x"}, 1, 409, "meeting_not_held")
	try("a meeting cancelled after it was held", "hr", "POST", "meetings/"+p.gathered.No+"/cancel", object{"why": "x"}, p.gathered.Version, 409, "meeting_over")
	try("minutes changed after both agreed", "hr", "POST", "meetings/"+p.agreed.No+"/minutes", object{"text": "Nothing was agreed."}, p.agreed.Version, 409, "minutes_agreed")
	try("minutes agreed to again", "hr", "POST", "meetings/"+p.agreed.No+"/minutes/1/agree", object{}, p.agreed.Version, 409, "minutes_agreed")
	try("minutes that nobody wrote", "hr", "POST", "meetings/"+p.gathered.No+"/minutes/7/agree", object{}, p.gathered.Version, 409, "minutes_newer")

	try("more came than there are", "hr", "POST", "engagements", engagedBody.with(object{"groups": []object{{"staff": 5, "invited": 9, "attended": 9}}}), 0, 422, "invalid", "groups[0]")
	try("one group twice", "hr", "POST", "engagements", engagedBody.with(object{"groups": []object{{"staff": 5, "invited": 1, "attended": 1}, {"staff": 5, "invited": 1, "attended": 1}}}), 0, 422, "invalid", "groups[1]")
	try("engagement in the future", "hr", "POST", "engagements", engagedBody.with(object{"heldOn": "2026-09-08"}), 0, 422, "invalid", "heldOn")
	try("a questionnaire closed before it was sent", "hr", "POST", "questionnaires", questionsBody.with(object{"unions": []string{unison}, "closesOn": "2026-09-07"}), 0, 422, "invalid", "closesOn")
	try("no questions", "hr", "POST", "questionnaires", questionsBody.with(object{"unions": []string{unison}, "questions": []object{}}), 0, 422, "invalid", "questions")
	answers := "questionnaires/" + p.questionnaire.No + "/answers"
	try("an answer to a question that there is not", "union_officer", "POST", answers, object{"answers": []object{{"number": 2, "text": "x"}}}, 0, 422, "invalid", "answers[0].number")
	try("one question answered twice", "union_officer", "POST", answers, object{"answers": []object{{"number": 1, "text": "x"}, {"number": 1, "text": "y"}}}, 0, 422, "invalid", "answers[1].number")
	try("the employer answers for a union", "cdo", "POST", answers, object{"answers": []object{{"number": 1, "text": "x"}}}, 0, 403, "forbidden")

	try("an action for yesterday", "cdo", "POST", "actions", actionBody.with(object{"dueOn": "2026-09-06"}), 0, 422, "invalid", "dueOn")
	try("a union gives another union work", "union_officer", "POST", "actions", actionBody.with(object{"party": gmb}), 0, 422, "invalid", "party")
	try("councillors give a union work", "scrutiny", "POST", "actions/ask", actionBody.with(object{"party": unison}), 0, 422, "invalid", "party")
	try("the employer settles what a union met", "hr", "POST", "barriers/"+p.barrier.No+"/settle", object{"text": "x"}, 1, 403, "forbidden")

	st := "statements/" + p.statement.No
	try("a statement signed twice by one side", "union_officer", "POST", st+"/sign", object{}, p.statement.Version, 409, "statement_given")
	try("a statement signed and refused by one side", "union_officer", "POST", st+"/refuse", object{"text": "x"}, p.statement.Version, 409, "statement_given")
	try("a statement signed for another", "cdo", "POST", st+"/sign", object{"party": unison}, 99, 412, "stale_version")
	try("no position and no reason", "union_officer", "POST", "positions", object{"year": 2025, "agrees": false}, 0, 422, "invalid", "statement")
	try("a position on a year to come", "union_officer", "POST", "positions", object{"year": 2030, "agrees": true}, 0, 422, "invalid", "year")

	costs := "deployments/" + p.formative.Ref + "/costs"
	try("a cost for another deployment’s claim", "cdo", "POST", costs, costBody.with(object{"kind": "saving_evidenced", "claim": p.claim.Ref}), 0, 422, "invalid", "claim")
	try("a saving that nothing shows", "cdo", "POST", costs, costBody.with(object{"kind": "saving_evidenced"}), 0, 422, "invalid", "claim")
	try("less than nothing", "cdo", "POST", costs, costBody.with(object{"pence": -1}), 0, 422, "invalid", "pence")
	try("more pence than there are", "cdo", "POST", costs, costBody.with(object{"pence": 1e18}), 0, 422, "invalid", "pence")
	try("half a penny", "cdo", "POST", costs, costBody.with(object{"pence": 0.5}), 0, 422, "invalid", "pence")
	try("a cost that is cashable", "cdo", "POST", costs, costBody.with(object{"cashable": true}), 0, 422, "invalid", "cashable")

	draft := "room/" + p.draft.ID
	try("a draft without a deployment", "union_officer", "POST", "room", draftEntry, 0, 422, "invalid", "deployment")
	try("a note filed", "union_officer", "POST", "room/"+p.note.ID+"/file", nil, 1, 409, "not_a_draft")
	try("a draft turned into a note", "union_officer", "PUT", draft, noteBody, 1, 422, "invalid", "kind")
	try("a note counted", "union_officer", "POST", "room/"+p.note.ID+"/tally", object{"members": 3}, 0, 409, "not_a_concern")
	try("501 members", "union_officer", "POST", "room/"+p.concern.ID+"/tally", object{"members": 501}, 0, 422, "invalid", "members")
	for name, body := range map[string][]byte{"nothing": {}, "a page": []byte("<!doctype html><script>alert(1)</script>"), "a program": []byte("\x7fELF\x02\x01\x01\x00")} {
		status, code := 422, "attachment_type"
		if len(body) == 0 {
			status, code = 400, "attachment_empty"
		}
		all = append(all, attempt{name: "a file of " + name, by: p.people["union_officer"], method: "POST", path: "room/" + p.note.ID + "/files?name=x.txt", body: body, headers: headers{"Content-Type": "application/octet-stream"}, status: status, code: code})
	}
	all = append(all,
		attempt{name: "a file of 6 MB", by: p.people["union_officer"], method: "POST", path: "room/" + p.note.ID + "/files?name=x.txt", body: []byte(strings.Repeat("x", 6<<20)), headers: headers{"Content-Type": "application/octet-stream"}, status: 413, code: "upload_too_large"},
		attempt{name: "a file without a name", by: p.people["union_officer"], method: "POST", path: "room/" + p.note.ID + "/files", body: []byte("x"), headers: headers{"Content-Type": "application/octet-stream"}, status: 422, code: "invalid", fields: []string{"name"}})

	try("a flag of 10 MB", "none", "POST", "flags?organisation=tywi", `{"system":"x","text":"`+strings.Repeat("x", 10<<20)+`"}`, 0, 413, "body_too_large")
	try("a flag of nothing", "none", "POST", "flags?organisation=tywi", object{"system": " ", "text": " "}, 0, 422, "invalid", "system", "text")
	try("a flag that says who", "none", "POST", "flags?organisation=tywi", flagBody.with(object{"email": "me@example.org"}), 0, 422, "invalid", "email")
	try("a flag to nobody", "none", "POST", "flags", flagBody, 0, 422, "organisation_required")
	try("a code of nothing", "none", "POST", "flags/look", object{"code": "x"}, 0, 404, "not_found")
	try("a flag settled again as nothing", "cdo", "POST", "flags/"+p.raised.No+"/settle", closedFlag.with(object{"status": "open"}), 1, 422, "invalid", "status")
	try("known, but not what", "cdo", "POST", "flags/"+p.raised.No+"/settle", closedFlag.with(object{"status": "known"}), 1, 422, "invalid", "deployment")
	try("an idea of nowhere", "cdo", "POST", "flags/"+p.raised.No+"/settle", closedFlag.with(object{"status": "idea"}), 1, 422, "invalid", "serviceArea")

	for name, url := range map[string]string{
		"http": "http://hooks.example.org/x", "an address at home": "https://192.168.1.9/x", "this machine": "https://localhost/x", "this machine by number": "https://127.0.0.1/x",
		"the address of the cloud’s secrets": "https://169.254.169.254/latest/meta-data", "this machine in IPv6": "https://[::1]/x", "one number": "https://2130706433/x",
		"somebody’s password": "https://me:secret@hooks.example.org/x", "a fragment": "https://hooks.example.org/x#y", "a file": "file:///etc/passwd", "no host": "https:///x", "words": "tell me",
	} {
		try("a hook to "+name, "cdo", "POST", "hooks", hookBody.with(object{"url": url}), 0, 422, "invalid", "url")
	}
	try("a hook of an unknown topic", "cdo", "POST", "hooks", hookBody.with(object{"topics": []string{"gossip"}}), 0, 422, "invalid", "topics[0]")
	try("a topic twice", "cdo", "PUT", "notification-choices", object{"choices": []object{{"topic": "dispute", "mode": "daily"}, {"topic": "dispute", "mode": "off"}}}, 0, 422, "invalid", "choices[1].topic")
	try("an unknown mode", "cdo", "PUT", "notification-choices", object{"choices": []object{{"topic": "dispute", "mode": "loud"}}}, 0, 422, "invalid", "choices[0].mode")
	try("told of by a union’s officer", "admin", "PUT", "notification-settings", object{"escalateTo": p.first.Officer.Email}, 0, 422, "invalid", "escalateTo")
	try("an unknown state of messages", "admin", "GET", "messages?state=lost", nil, 0, 422, "invalid", "state")
	try("nothing of a page", "cdo", "GET", "inbox?limit=0", nil, 0, 422, "invalid", "limit")
	try("NUL for a cursor", "cdo", "GET", "inbox?cursor=%00", nil, 0, 422, "invalid", "cursor")

	for _, path := range []string{"disputes", "meetings", "engagements", "questionnaires", "actions", "barriers", "statements", "disputes/" + p.dispute.No, "meetings/" + p.meeting.No, "statements/" + p.statement.No, "deployments/" + p.formative.Ref + "/costs", "room", "flags", "messages", "hooks", "inbox", "duties"} {
		try("the public reads "+path, "none", "GET", path+"?organisation=tywi", nil, 0, 401, "unauthenticated")
	}
	return all
}

// TestAnswersBetweenPartiesAreKept sends each thing that makes something twice with a key, and
// once more with the same key and other words.
func TestAnswersBetweenPartiesAreKept(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		w := newWorldOn(t, s)
		p := newPartnerScene(t, w)
		for i, op := range p.operations() {
			if op.method != "POST" || op.version > 0 || strings.HasPrefix(op.path, "room") || strings.HasPrefix(op.path, "flags") || strings.HasPrefix(op.path, "hooks") && !strings.Contains(op.path, "replay") || op.path == "inbox/read" {
				continue
			}
			key := headers{"Idempotency-Key": fmt.Sprintf("key-%d", i)}
			first := w.allowed(t, w.people[op.by], op.method, op.path, op.body, key)
			before := w.state(w.second.Org)
			again := w.askAs(w.people[op.by], op.method, op.path, op.body, key)
			if again.Status != first.Status || string(again.Body) != string(first.Body) || again.Header.Get("Idempotent-Replayed") != "true" {
				t.Errorf("%s: %s, and again %s", op.path, first, again)
			}
			other := w.askAs(w.people[op.by], op.method, op.path, op.body.with(object{"surprise": 1}), key)
			if other.Status != 422 || other.problem(t).Code != "idempotency_reused" {
				t.Errorf("%s with the key of another: %s", op.path, other)
			}
			unchanged(t, before, w.state(w.second.Org))
			if strings.HasSuffix(op.path, "/answers") {
				w.refused(t, attempt{name: "answers twice", by: w.people[op.by], method: "POST", path: op.path, body: op.body, status: 409, code: "questionnaire_answered"})
			}
		}
		// What holds a secret, or is in a room, is kept under no key.
		for _, sent := range []struct {
			by, path string
			body     object
		}{{"cdo", "hooks", hookBody}, {"union_officer", "room", noteBody}, {"cdo", "calendar-link", nil}, {"cdo", "flags", flagBody}} {
			before := w.state().counts["idempotency_keys"]
			w.allowed(t, w.people[sent.by], "POST", sent.path, orNil(sent.body), headers{"Idempotency-Key": "secret"})
			if after := w.state().counts["idempotency_keys"]; after != before {
				t.Errorf("the answer of %s is kept", sent.path)
			}
		}
	})
}

// TestRoomsAreNotThere asks for rooms that are another's and of unions that do
// not exist: nobody can tell the two apart.
func TestRoomsAreNotThere(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		s := w.side(byOther, w.people["none"])
		e := w.entry(s, models.RoomNote)
		for _, by := range []string{"union_officer", "union_rep", "cdo", "admin", "auditor", "scrutiny", "none"} {
			theirs := w.askAs(w.people[by], "GET", "room?organisation=tywi&union="+w.first.GMB.ID, nil)
			nobodys := w.askAs(w.people[by], "GET", "room?organisation=tywi&union="+anyID, nil)
			if shape(theirs, w.first.GMB.ID) != shape(nobodys, anyID) || theirs.Status < 400 {
				t.Errorf("%s tells them apart: %s, %s", by, theirs, nobodys)
			}
			if strings.Contains(string(theirs.Body), e.Title) {
				t.Errorf("%s reads it: %s", by, theirs)
			}
		}
	})
}

// TestFlags raises a flag as nobody, reads what became of it, and is stopped
// after many.
func TestFlags(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		got := into[api.RaisedFlag](t, w.allowed(t, nil, "POST", "flags?organisation=tywi", object{"system": "Robot \u202e tobor 🤖 ẁ", "text": "I saw it.", "language": "cy"}))
		_, code, cut := strings.Cut(got.Link, "/cy/flagged#code=")
		if !cut || !strings.HasPrefix(got.No, "FLG-2026-") {
			t.Fatalf("%+v", got)
		}
		look := func() api.FlagAnswer {
			return into[api.FlagAnswer](t, w.allowed(t, nil, "POST", "flags/look", object{"code": code}))
		}
		if f := look(); f.Status != "open" || f.No != got.No || f.Answer != "" {
			t.Errorf("%+v", f)
		}
		made := into[api.Flag](t, w.allowed(t, w.people["cdo"], "POST", "flags/"+got.No+"/settle", object{"status": "idea", "answer": "We look into it.", "serviceArea": w.first.Area.ID, "inUse": true}, ifMatch(1)))
		if made.Status != "idea" || made.Version != 2 {
			t.Errorf("%+v", made)
		}
		if f := look(); f.Status != "idea" || f.Answer != "We look into it." {
			t.Errorf("%+v", f)
		}
		w.refused(t, attempt{name: "answered again", by: w.people["cdo"], method: "POST", path: "flags/" + got.No + "/settle", body: closedFlag, headers: ifMatch(2), status: 409, code: "flag_settled"})
		for _, path := range []string{"flags?organisation=tywi", "flags/look"} {
			w.forgive()
			body := flagBody
			if strings.HasSuffix(path, "look") {
				body = object{"code": "guess"}
			}
			var last answer
			for range 40 {
				if last = w.askAs(w.people["none"], "POST", path, body); last.Status == http.StatusTooManyRequests {
					break
				}
			}
			if last.Status != http.StatusTooManyRequests || last.Header.Get("Retry-After") == "" {
				t.Errorf("%s is answered for ever: %s", path, last)
			}
		}
	})
}

// TestInboxSaysWhatHappened looks that what somebody was told is said in both
// languages after it has lain in the database, and that what is owed is too.
func TestInboxSaysWhatHappened(t *testing.T) {
	onWorlds(t, func(t *testing.T, w *world) {
		ctx, h := t.Context(), w.first
		p := newPartnerScene(t, w)
		for _, job := range []string{"dispute.open", "meeting.offer", "statement.propose"} {
			must(t, h.Store.Within(ctx, func(tx *store.Tx) error {
				_, err := tx.AddInbox(ctx, &models.InboxItem{
					OrgID: h.Org.ID, ID: anyID[:len(anyID)-2] + fmt.Sprint(10+len(job)), UserID: h.HR.UserID, Topic: models.TopicDispute, Key: job, Code: "news." + job,
					Params: models.Params{"no": "X-2026-001", "ref": p.formative.Ref, "name": models.Text{En: "Notes", Cy: "Nodiadau"}, "union": "UNISON", "stage": models.Reason{Code: "stage.pilot"}, "year": 2026},
					Path:   "/x", Mode: models.ModeInbox, At: h.Clock.Now().UTC().Truncate(time.Microsecond),
				})
				return err
			}))
		}
		box := into[api.Inbox](t, w.allowed(t, w.people["hr"], "GET", "inbox?limit=2", nil))
		if len(box.Items) != 2 || box.Unread != 3 || box.Next == "" {
			t.Fatalf("%+v", box)
		}
		next := into[api.Inbox](t, w.allowed(t, w.people["hr"], "GET", box.Next, nil))
		for _, i := range append(box.Items, next.Items...) {
			if s := i.What.En + i.What.Cy; strings.Contains(s, "⟦") || strings.Contains(s, "map[") || i.What.En == i.What.Cy {
				t.Errorf("%s is said as %+v", i.Code, i.What)
			}
		}
		w.allowed(t, w.people["hr"], "POST", "inbox/read", object{"id": box.Items[0].ID})
		if again := into[api.Inbox](t, w.allowed(t, w.people["hr"], "GET", "inbox", nil)); again.Unread != 2 || again.Items[0].ReadAt == "" {
			t.Errorf("%+v", again)
		}
		w.allowed(t, w.people["cdo"], "POST", "inbox/read", object{"id": box.Items[1].ID}) // nobody else’s
		w.allowed(t, w.people["hr"], "POST", "inbox/read", object{})
		if again := into[api.Inbox](t, w.allowed(t, w.people["hr"], "GET", "inbox", nil)); again.Unread != 0 {
			t.Errorf("%+v", again)
		}
		for _, by := range []string{"cdo", "hr", "union_officer"} {
			owed := into[api.List[api.Duty]](t, w.allowed(t, w.people[by], "GET", "duties", nil))
			if len(owed.Items) == 0 {
				t.Errorf("%s owes nothing", by)
			}
			for _, d := range owed.Items {
				if s := d.What.En + d.What.Cy; strings.Contains(s, "⟦") {
					t.Errorf("%s is said as %+v", d.Code, d.What)
				}
			}
		}
	})
}
