package api_test

import (
	"slices"
	"strings"
	"time"

	"beforehand/internal/register"
	"beforehand/models"
)

// between are the unions that somebody may be with, or of.
var betweenThem = []whose{byOwn, byOther, otherArea, otherOrg}

// byCaller says whether whoever asks speaks for the union of the side: what the
// other side must have done before them is then the employer's.
func (s side) byCaller() bool {
	return s.caller != nil && slices.Contains(s.caller.actor.Unions(), s.union.ID)
}

// withUnions are the unions that whoever asks would name: their own, or UNISON.
func (s side) withUnions(w *world) []string {
	if mine := s.caller.actor.Unions(); len(mine) > 0 {
		return mine
	}
	if s.caller.actor.OrgID == w.second.Org.ID {
		return []string{w.second.Unison.ID}
	}
	return []string{w.first.Unison.ID}
}

func (w *world) dispute(s side) models.DisputeState {
	w.t.Helper()
	return keep(w, s, "dispute", func() models.DisputeState {
		d := w.madeAt(s, models.StageFormative)
		return need(s.OpenDispute(w.t.Context(), s.voice, d.Ref, register.NewDispute{Subject: "Caseloads", Remedy: "No more than 20 cases"}))(w.t)
	})
}

// asked is a dispute in which the other side than the caller's wants the hold lifted.
func (w *world) asked(s side) models.DisputeState {
	by, name := s.voice, "asked by a union"
	if s.byCaller() {
		by, name = s.CDO, "asked by the employer"
	}
	return keep(w, s, name, func() models.DisputeState {
		delete(w.kept, "dispute "+string(s.whose))
		d := w.dispute(s)
		delete(w.kept, "dispute "+string(s.whose))
		return need(s.AskOfHold(w.t.Context(), by, d.No, d.Version, "lift", 0, "The committee has met"))(w.t)
	})
}

func (w *world) meeting(s side) models.MeetingState {
	return keep(w, s, "meeting", func() models.MeetingState {
		in := register.NewMeeting{Unions: []string{s.union.ID}, Title: "Case notes", Kind: "consultation"}
		if s.whose == otherArea {
			in.Deployment = w.deployment(s).Ref
		}
		now := s.Clock.Now()
		defer s.Clock.Set(now)
		s.Clock.Set(now.Add(-48 * time.Hour)) // so that it can be held today
		in.StartsAt = now.Add(-24 * time.Hour)
		return need(s.OfferMeeting(w.t.Context(), s.HR, in))(w.t)
	})
}

func (w *world) held2(s side) models.MeetingState {
	return keep(w, s, "held meeting", func() models.MeetingState {
		m := w.meeting(s)
		delete(w.kept, "meeting "+string(s.whose))
		return need(s.HoldMeeting(w.t.Context(), s.HR, m.No, m.Version, map[string]int{models.EmployerParty: 2, s.union.ID: 3}))(w.t)
	})
}

// minuted is a meeting with minutes by the other side than the caller's.
func (w *world) minuted(s side) models.MeetingState {
	by, name := s.voice, "minuted by a union"
	if s.byCaller() {
		by, name = s.HR, "minuted by the employer"
	}
	return keep(w, s, name, func() models.MeetingState {
		delete(w.kept, "held meeting "+string(s.whose))
		m := w.held2(s)
		delete(w.kept, "held meeting "+string(s.whose))
		return need(s.WriteMinutes(w.t.Context(), by, m.No, m.Version, "Agreed: a guardrail.", ""))(w.t)
	})
}

// refOf is the deployment that something is about; none of the whole organisation.
func (w *world) refOf(s side) string {
	if s.whose == ownOrg || s.whose == byOwn || s.whose == byOther {
		return ""
	}
	return w.deployment(s).Ref
}

func (w *world) engagement(s side) models.EngagementState {
	return keep(w, s, "engagement", func() models.EngagementState {
		return need(s.RecordEngagement(w.t.Context(), s.HR, register.NewEngagement{
			Deployment: w.refOf(s), Kind: "survey", Title: "Survey", HeldOn: models.MustDate("2026-09-01"), Groups: []models.EngagementGroup{{JobFamily: "Social work", Staff: 46, Invited: 20, Attended: 12}},
		}))(w.t)
	})
}

func (w *world) questionnaire(s side) models.QuestionnaireState {
	return keep(w, s, "questionnaire", func() models.QuestionnaireState {
		return need(s.SendQuestionnaire(w.t.Context(), s.HR, register.NewQuestionnaire{
			Title: models.Text{En: "Partnership"}, ClosesOn: models.MustDate("2026-10-30"), Unions: []string{s.union.ID}, Questions: []models.Text{{En: "Were you told in time?"}},
		}))(w.t)
	})
}

func (w *world) action(s side) models.Action {
	return keep(w, s, "action", func() models.Action {
		by := s.voice
		if s.whose == ownOrg || s.whose == ownArea || s.whose == idea {
			by = s.CDO
		}
		return need(s.AddAction(w.t.Context(), by, register.NewAction{Deployment: w.refOf(s), Text: "Show what it cost", Owner: "Head of digital", DueOn: models.MustDate("2026-10-30")}))(w.t)
	})
}

func (w *world) barrier(s side) models.Barrier {
	return keep(w, s, "barrier", func() models.Barrier {
		by := s.voice
		if s.whose == ownOrg {
			by = s.HR
		}
		return need(s.RaiseBarrier(w.t.Context(), by, "", "Two meetings were cancelled"))(w.t)
	})
}

// statement is one that the other side than the caller's has proposed.
func (w *world) statement(s side) models.StatementState {
	by, name := s.voice, "statement of a union"
	if s.byCaller() {
		by, name = s.CDO, "statement of the employer"
	}
	return keep(w, s, name, func() models.StatementState {
		return need(s.ProposeStatement(w.t.Context(), by, register.NewStatement{Deployment: w.refOf(s), Unions: []string{s.union.ID}, Title: "Agreed", Text: "No more than 20 cases."}))(w.t)
	})
}

func (w *world) cost(s side) models.CostEntry {
	return keep(w, s, "cost", func() models.CostEntry {
		return need(s.EnterCost(w.t.Context(), s.CDO, w.deployment(s).Ref, register.NewCost{Year: 2026, Kind: "one_off", Pence: 1_250_000}))(w.t)
	})
}

// entry is one in the room of the side's union.
func (w *world) entry(s side, kind models.RoomKind) models.RoomEntry {
	return keep(w, s, "entry "+string(kind), func() models.RoomEntry {
		in := register.RoomInput{UnionID: s.union.ID, Kind: kind, Title: "Workload", Body: "Caseloads must not rise."}
		if kind == models.RoomDraft {
			in.Deployment = w.madeAt(s, models.StageFormative).Ref
		}
		return need(s.WriteRoom(w.t.Context(), s.voice, in))(w.t)
	})
}

func (w *world) roomFile(s side) models.RoomFile {
	return keep(w, s, "room file", func() models.RoomFile {
		e := w.entry(s, models.RoomDocument)
		return need(s.AttachRoom(w.t.Context(), s.voice, s.union.ID, e.ID, "survey.txt", []byte("secret\n")))(w.t)
	})
}

// raised is a flag with the code of its link.
type raised struct {
	models.Flag
	code string
}

func (w *world) flag(s side) raised {
	return keep(w, s, "flag", func() raised {
		f, link, err := s.RaiseFlag(w.t.Context(), models.Actor{OrgID: s.Org.ID}, "A chatbot", "It answered me.", models.English)
		must(w.t, err)
		_, code, _ := strings.Cut(link, "#code=")
		return raised{f, code}
	})
}

func (w *world) hook(s side) models.Hook {
	return keep(w, s, "hook "+s.Org.ID, func() models.Hook {
		h, _, err := s.AddHook(w.t.Context(), s.CDO, register.NewHook{Kind: "webhook", URL: "https://hooks.example.org/x"})
		must(w.t, err)
		return h
	})
}

var (
	meetingBody   = object{"title": "Case notes", "kind": "consultation", "startsAt": "2026-10-15T10:00:00Z"}
	engagedBody   = object{"kind": "survey", "title": "Survey", "heldOn": "2026-09-01", "groups": []object{{"staff": 46, "invited": 20, "attended": 12}}}
	questionsBody = object{"title": object{"en": "Partnership"}, "closesOn": "2026-10-30", "questions": []object{{"en": "Were you told in time?"}}}
	actionBody    = object{"text": "Show what it cost", "owner": "Head of digital", "dueOn": "2026-10-30"}
	statementBody = object{"title": "Agreed", "text": "No more than 20 cases."}
	costBody      = object{"year": 2026, "kind": "one_off", "pence": 1250000}
	noteBody      = object{"kind": "note", "title": "Workload", "body": "Caseloads must not rise."}
	draftEntry    = object{"kind": "draft", "title": "Our response", "body": "Caseloads must not rise."}
	flagBody      = object{"system": "A chatbot", "text": "It answered me."}
	closedFlag    = object{"status": "closed", "answer": "It is a recorded message."}
	hookBody      = object{"kind": "webhook", "url": "https://hooks.example.org/x"}
)

// about is a request that makes something about the deployment of the side, if
// it has one.
func aboutOf(path string, body object, unions bool) func(w *world, s side) call {
	return func(w *world, s side) call {
		b := body.with(object{})
		if ref := w.refOf(s); ref != "" {
			b["deployment"] = ref
		}
		if unions {
			b["unions"] = s.withUnions(w)
			if s.whose == otherArea && len(s.caller.actor.Unions()) == 0 {
				b["unions"] = []string{s.GMB.ID} // UNISON is not in scope there
			}
		}
		return call{path: path, body: b}
	}
}

func init() {
	made := []whose{ownOrg, ownArea, otherArea, otherOrg}
	for _, more := range []map[string]fixture{disputeFixtures(), meetingFixtures(made), engagementFixtures(made), actionFixtures(made), statementFixtures(made), costFixtures(), roomFixtures(), flagFixtures(), inboxFixtures()} {
		for name, f := range more {
			if _, twice := fixtures[name]; twice {
				panic(name + " has two fixtures")
			}
			fixtures[name] = f
		}
	}
}

func disputeFixtures() map[string]fixture {
	of := func(part string, body object) fixture {
		return fixture{whose: betweenThem, call: func(w *world, s side) call {
			d := w.dispute(s)
			return call{path: "disputes/" + d.No + part, match: d.Version, body: orNil(body)}
		}}
	}
	return map[string]fixture{
		"GET /disputes":      {whose: settings, call: plain("disputes", nil)},
		"GET /disputes/{no}": of("", nil),
		"POST /deployments/{ref}/disputes": {whose: []whose{ownArea, formative, idea, otherArea, otherOrg}, call: func(w *world, s side) call {
			b := object{"subject": "Caseloads", "remedy": "No more than 20 cases"}
			if len(s.caller.actor.Unions()) == 0 {
				b["union"] = s.union.ID
			}
			if s.whose == ownArea || s.whose == formative {
				return call{path: "deployments/" + w.madeAt(s, models.StageFormative).Ref + "/disputes", body: b}
			}
			return call{path: "deployments/" + w.deployment(s).Ref + "/disputes", body: b, refused: s.whose == idea}
		}},
		"POST /disputes/{no}/advance": of("/advance", object{"text": "Not settled"}),
		"POST /disputes/{no}/ask":     of("/ask", object{"what": "lift", "text": "The committee has met"}),
		"POST /disputes/{no}/agree": {whose: betweenThem, call: func(w *world, s side) call {
			d := w.asked(s)
			return call{path: "disputes/" + d.No + "/agree", match: d.Version, body: object{"what": "lift"}}
		}},
		"POST /disputes/{no}/settle": of("/settle", object{"outcome": "settled", "text": "Agreed"}),
	}
}

func meetingFixtures(made []whose) map[string]fixture {
	of := func(m func(*world, side) models.MeetingState, part string, body func(s side) any) fixture {
		return fixture{whose: betweenThem, call: func(w *world, s side) call {
			at := m(w, s)
			c := call{path: "meetings/" + at.No + part, match: at.Version}
			if body != nil {
				c.body = body(s)
			}
			return c
		}}
	}
	say := func(o object) func(side) any { return func(side) any { return o } }
	return map[string]fixture{
		"GET /meetings":                              {whose: settings, call: plain("meetings", nil)},
		"POST /meetings":                             {whose: made, call: aboutOf("meetings", meetingBody, true)},
		"GET /meetings/{no}":                         of((*world).meeting, "", nil),
		"POST /meetings/{no}/cancel":                 of((*world).meeting, "/cancel", say(object{"why": "Somebody is ill"})),
		"POST /meetings/{no}/hold":                   of((*world).meeting, "/hold", func(s side) any { return object{"people": object{"employer": 2, s.union.ID: 3}} }),
		"POST /meetings/{no}/minutes":                of((*world).held2, "/minutes", say(object{"text": "Agreed: a guardrail."})),
		"POST /meetings/{no}/minutes/{number}/agree": of((*world).minuted, "/minutes/1/agree", say(object{})),
	}
}

func engagementFixtures(made []whose) map[string]fixture {
	return map[string]fixture{
		"GET /engagements":  {whose: settings, call: plain("engagements", nil)},
		"POST /engagements": {whose: made, call: aboutOf("engagements", engagedBody, false)},
		"GET /engagements/{no}": {whose: []whose{ownOrg, ownArea, formative, idea, otherArea, otherOrg}, call: func(w *world, s side) call {
			return call{path: "engagements/" + w.engagement(s).No}
		}},
		"GET /questionnaires":      {whose: settings, call: plain("questionnaires", nil)},
		"POST /questionnaires":     {whose: settings, call: plain("questionnaires", func(s side) object { return questionsBody.with(object{"unions": []string{s.union.ID}}) })},
		"GET /questionnaires/{no}": {whose: []whose{byOwn, byOther, otherOrg}, call: func(w *world, s side) call { return call{path: "questionnaires/" + w.questionnaire(s).No} }},
		"POST /questionnaires/{no}/answers": {whose: []whose{byOwn, byOther, otherOrg}, call: func(w *world, s side) call {
			return call{path: "questionnaires/" + w.questionnaire(s).No + "/answers", body: object{"answers": []object{{"number": 1, "text": "Twice out of three."}}}}
		}},
	}
}

func actionFixtures(made []whose) map[string]fixture {
	whoseActions := []whose{ownOrg, ownArea, byOwn, byOther, otherArea, otherOrg}
	of := func(part string, body object) fixture {
		return fixture{whose: whoseActions, call: func(w *world, s side) call {
			x := w.action(s)
			return call{path: "actions/" + x.No + part, match: x.Version, body: orNil(body)}
		}}
	}
	return map[string]fixture{
		"GET /actions":              {whose: settings, call: plain("actions", nil)},
		"POST /actions":             {whose: made, call: aboutOf("actions", actionBody, false)},
		"POST /actions/ask":         {whose: made, call: aboutOf("actions/ask", actionBody, false)},
		"GET /actions/{no}":         of("", nil),
		"POST /actions/{no}/finish": of("/finish", object{"note": "Done"}),
		"GET /barriers":             {whose: settings, call: plain("barriers", nil)},
		"POST /barriers":            {whose: made, call: aboutOf("barriers", object{"text": "Two meetings were cancelled"}, false)},
		"POST /barriers/{no}/settle": {whose: []whose{ownOrg, byOwn, byOther, otherOrg}, call: func(w *world, s side) call {
			x := w.barrier(s)
			return call{path: "barriers/" + x.No + "/settle", match: x.Version, body: object{"text": "Dates are set a year ahead"}}
		}},
	}
}

func statementFixtures(made []whose) map[string]fixture {
	of := func(part string, body object) fixture {
		return fixture{whose: betweenThem, call: func(w *world, s side) call {
			st := w.statement(s)
			return call{path: "statements/" + st.No + part, match: st.Version, body: orNil(body)}
		}}
	}
	return map[string]fixture{
		"GET /statements":              {whose: settings, call: plain("statements", nil)},
		"POST /statements":             {whose: made, call: aboutOf("statements", statementBody, true)},
		"GET /statements/{no}":         of("", nil),
		"POST /statements/{no}/sign":   of("/sign", object{}),
		"POST /statements/{no}/refuse": of("/refuse", object{"text": "Workload is not safe."}),
		"POST /positions": {whose: []whose{byOwn, byOther, otherOrg}, call: plain("positions", func(s side) object {
			return object{"year": 2025, "union": s.union.ID, "agrees": true}
		})},
	}
}

func costFixtures() map[string]fixture {
	return map[string]fixture{
		"GET /deployments/{ref}/costs":  {whose: deployments, call: at("/costs", nil)},
		"POST /deployments/{ref}/costs": {whose: writing, call: at("/costs", costBody)},
		"POST /costs/{id}/reverse": {whose: []whose{ownArea, idea, otherArea, otherOrg}, call: func(w *world, s side) call {
			return call{path: "costs/" + w.cost(s).ID + "/reverse", body: object{"reason": "Booked twice"}}
		}},
	}
}

func roomFixtures() map[string]fixture {
	rooms := []whose{byOwn, byOther, otherOrg}
	of := func(kind models.RoomKind, part string, body object) fixture {
		return fixture{whose: rooms, call: func(w *world, s side) call {
			e := w.entry(s, kind)
			return call{path: "room/" + e.ID + part, query: "union=" + s.union.ID, match: e.Version, body: orNil(body)}
		}}
	}
	whole := func(body object) fixture {
		return fixture{whose: rooms, call: func(_ *world, s side) call {
			return call{path: "room", query: "union=" + s.union.ID, body: orNil(body)}
		}}
	}
	return map[string]fixture{
		"GET /room":             whole(nil),
		"POST /room":            whole(noteBody),
		"PUT /room/{id}":        of(models.RoomNote, "", noteBody),
		"DELETE /room/{id}":     of(models.RoomNote, "", nil),
		"POST /room/{id}/tally": of(models.RoomConcern, "/tally", object{"members": 3}),
		"POST /room/{id}/file":  of(models.RoomDraft, "/file", nil),
		"POST /room/{id}/files": {whose: rooms, call: func(w *world, s side) call {
			e := w.entry(s, models.RoomDocument)
			return call{path: "room/" + e.ID + "/files", query: "name=survey.txt&union=" + s.union.ID, body: []byte("secret\n"), headers: headers{"Content-Type": "application/octet-stream"}}
		}},
		"GET /room/files/{id}": {whose: rooms, call: func(w *world, s side) call {
			return call{path: "room/files/" + w.roomFile(s).ID, query: "union=" + s.union.ID}
		}},
	}
}

func flagFixtures() map[string]fixture {
	return map[string]fixture{
		"GET /flags":  {whose: settings, call: plain("flags", nil)},
		"POST /flags": {whose: settings, call: plain("flags", func(side) object { return flagBody })},
		"POST /flags/look": {whose: []whose{ownOrg, stranger}, call: func(w *world, s side) call {
			if s.whose == stranger {
				return call{path: "flags/look", body: object{"code": "no-flag-has-this-code"}}
			}
			return call{path: "flags/look", body: object{"code": w.flag(s).code}}
		}},
		"POST /flags/{no}/settle": {whose: []whose{ownOrg, otherOrg}, call: func(w *world, s side) call {
			f := w.flag(s)
			return call{path: "flags/" + f.No + "/settle", match: f.Version, body: closedFlag}
		}},
	}
}

func inboxFixtures() map[string]fixture {
	of := func(part string, body object) fixture {
		return fixture{whose: []whose{ownOrg, otherOrg}, call: func(w *world, s side) call {
			return call{path: "hooks/" + w.hook(s).ID + part, body: orNil(body)}
		}}
	}
	return map[string]fixture{
		"GET /reports/{year}":             {whose: settings, call: plain("reports/2025", nil)},
		"GET /reports/{year}/{report}":    {whose: settings, call: func(w *world, s side) call { return call{path: "reports/2025/annual", query: "form=html"} }},
		"GET /deployments/{ref}/template": {whose: deployments, call: at("/template", nil)},
		"POST /templates": {whose: []whose{ownArea, otherArea, otherOrg}, call: func(w *world, s side) call {
			t := need(w.first.Template(w.t.Context(), w.first.CDO, w.deployment(w.side(ownArea, s.caller)).Ref))(w.t)
			return call{path: "templates", body: object{"serviceArea": s.area.ID, "template": asObject(w.t, t)}}
		}},
		"GET /inbox":                 {whose: settings, call: plain("inbox", nil)},
		"POST /inbox/read":           {whose: settings, call: plain("inbox/read", func(side) object { return object{} })},
		"GET /duties":                {whose: settings, call: plain("duties", nil)},
		"GET /notification-choices":  {whose: settings, call: plain("notification-choices", nil)},
		"PUT /notification-choices":  {whose: settings, call: plain("notification-choices", func(side) object { return object{"choices": []object{{"topic": "dispute", "mode": "daily"}}} })},
		"POST /calendar-link":        {whose: settings, call: plain("calendar-link", nil)},
		"DELETE /calendar-link":      {whose: settings, call: plain("calendar-link", nil)},
		"GET /notification-settings": {whose: settings, call: plain("notification-settings", nil)},
		"PUT /notification-settings": {whose: settings, call: func(w *world, s side) call {
			now := need(s.NotificationSettings(w.t.Context(), s.Admin))(w.t)
			return call{path: "notification-settings", match: now.Version, body: object{"escalateTo": s.HR.Email}}
		}},
		"GET /messages":           {whose: settings, call: plain("messages", nil)},
		"GET /hooks":              {whose: settings, call: plain("hooks", nil)},
		"POST /hooks":             {whose: settings, call: plain("hooks", func(side) object { return hookBody })},
		"DELETE /hooks/{id}":      of("", nil),
		"POST /hooks/{id}/replay": of("/replay", object{"since": "2026-09-01T00:00:00Z"}),
	}
}

// hidePartner makes what some may not know of.
func (e *existence) hidePartner() {
	w, nobody := e.world, &principal{}
	all := func(but ...string) []string {
		return slices.DeleteFunc(everybody(), func(n string) bool { return slices.Contains(but, n) })
	}
	mine := map[whose][]string{byOwn: {"union_officer", "union_rep"}, byOther: {"other_officer"}, otherArea: {"other_officer"}}
	for _, who := range betweenThem {
		s := w.side(who, nobody)
		var from []string
		if who != otherOrg {
			from = slices.Concat(outsiders, slices.DeleteFunc(slices.Clone(unions), func(n string) bool { return slices.Contains(mine[who], n) }))
		}
		e.put("dispute", w.dispute(s).No, s, from...)
		e.put("meeting", w.meeting(s).No, s, from...)
		e.put("statement", w.statement(s).No, s, from...)
		e.put("action", w.action(s).No, s, from...)
		if who == otherArea {
			continue
		}
		e.put("questionnaire", w.questionnaire(s).No, s, from...)
		var notMine []string
		if who != otherOrg {
			notMine = all(mine[who]...)
		}
		for _, kind := range models.RoomKinds {
			e.put("entry", w.entry(s, kind).ID, s, notMine...)
		}
		e.put("room file", w.roomFile(s).ID, s, notMine...)
		e.put("room", s.union.ID, s, notMine...)
	}
	notScrutiny := slices.Concat(unions, outsiders, []string{"scrutiny", "suspended"})
	for who, from := range map[whose][]string{idea: notScrutiny, otherArea: slices.Concat(outsiders, mine[byOwn]), otherOrg: nil} {
		s := w.side(who, nobody)
		e.put("engagement", w.engagement(s).No, s, from...)
		e.put("cost", w.cost(s).ID, s, from...)
	}
	theirs := w.side(otherOrg, nobody)
	e.put("barrier", w.barrier(theirs).No, theirs)
	e.put("flag", w.flag(theirs).No, theirs)
	e.put("hook", w.hook(theirs).ID, theirs)
	for _, who := range []whose{ownOrg} {
		s := w.side(who, nobody)
		e.put("barrier", w.barrier(s).No, s, outsiders...)
		e.put("flag", w.flag(s).No, s, slices.Concat(unions, []string{"scrutiny", "suspended", "none", "leaver", "unproven"})...)
		e.put("hook", w.hook(s).ID, s, slices.Concat(unions, []string{"scrutiny", "suspended", "none", "leaver", "unproven"})...)
	}
}

// listPartner is what is asked about it.
func (e *existence) listPartner(add func(kind, method, path string, body any, by ...string)) {
	w := e.world
	s := w.side(byOwn, &principal{})
	speak := []string{"cdo", "hr", "union_officer", "other_officer", "their_cdo", "their_hr", "their_officer"}
	for _, noun := range []string{"dispute", "meeting", "engagement", "questionnaire", "action", "statement"} {
		add(noun, "GET", noun+"s/{X}", nil)
	}
	for part, body := range map[string]any{"advance": object{"text": "x"}, "ask": object{"what": "lift", "text": "x"}, "agree": object{"what": "lift"}, "settle": object{"outcome": "settled", "text": "x"}} {
		add("dispute", "POST", "disputes/{X}/"+part, body, speak...)
	}
	for part, body := range map[string]any{"cancel": object{"why": "x"}, "hold": object{"people": object{"employer": 1}}, "minutes": object{"text": "x"}, "minutes/1/agree": object{}} {
		add("meeting", "POST", "meetings/{X}/"+part, body, speak...)
	}
	add("meeting", "POST", "meetings", meetingBody.with(object{"unions": []string{s.Unison.ID}, "replaces": "{X}"}), "union_officer")
	add("meeting", "POST", "actions", actionBody.with(object{"meeting": "{X}"}), "union_officer", "other_officer", "their_cdo")
	add("meeting", "POST", "actions/ask", actionBody.with(object{"meeting": "{X}"}), "scrutiny")
	add("questionnaire", "POST", "questionnaires/{X}/answers", object{"answers": []object{{"number": 1, "text": "x"}}}, "union_officer", "other_officer", "their_officer")
	add("action", "POST", "actions/{X}/finish", object{"note": "x"}, speak...)
	add("barrier", "POST", "barriers/{X}/settle", object{"text": "x"}, speak...)
	add("statement", "POST", "statements/{X}/sign", object{}, speak...)
	add("statement", "POST", "statements/{X}/refuse", object{"text": "x"}, speak...)
	add("cost", "POST", "costs/{X}/reverse", object{"reason": "x"}, "cdo", "manager", "their_cdo")
	add("flag", "POST", "flags/{X}/settle", closedFlag, "cdo", "their_cdo")
	add("hook", "DELETE", "hooks/{X}", nil, "cdo", "admin", "other_admin", "their_cdo")
	add("hook", "POST", "hooks/{X}/replay", object{"since": "2026-09-01T00:00:00Z"}, "cdo", "admin", "other_admin", "their_cdo")
	add("hook", "GET", "messages?hook={X}", nil, "cdo", "admin", "auditor", "other_admin", "their_cdo")

	inside := []string{"union_officer", "union_rep", "other_officer", "their_officer"}
	add("entry", "PUT", "room/{X}", noteBody, inside...)
	add("entry", "PUT", "room/{X}?union="+s.GMB.ID, noteBody, inside...)
	add("entry", "DELETE", "room/{X}", nil, inside...)
	add("entry", "POST", "room/{X}/tally", object{"members": 3}, inside...)
	add("entry", "POST", "room/{X}/tally", object{"members": 3000}, inside...)
	add("entry", "POST", "room/{X}/file", nil, inside...)
	add("room file", "GET", "room/files/{X}", nil, inside...)
	add("room file", "GET", "room/files/{X}?union="+s.GMB.ID, nil, inside...)
	add("room", "GET", "room?union={X}", nil, inside...)
	add("room", "GET", "room?union={X}&deployment=DEP-2026-001", nil, inside...)
	add("room", "POST", "room?union={X}", noteBody, inside...)
	add("room", "POST", "room?union={X}", noteBody.with(object{"kind": "draft", "body": nil}), inside...)
	add("room", "PUT", "room/"+anyID+"?union={X}", draftEntry, inside...)
	add("room", "DELETE", "room/"+anyID+"?union={X}", nil, inside...)
	add("room", "POST", "positions", object{"year": 2025, "union": "{X}", "agrees": true}, inside...)

	for _, list := range []string{"disputes", "meetings", "engagements", "actions", "statements", "room"} {
		add("deployment", "GET", list+"?deployment={X}", nil, "cdo", "union_officer", "other_officer", "scrutiny", "their_cdo", "their_officer")
	}
	add("deployment", "GET", "deployments/{X}/costs", nil)
	add("deployment", "POST", "deployments/{X}/costs", costBody, "cdo", "manager", "their_cdo")
	add("deployment", "POST", "deployments/{X}/disputes", object{"union": s.Unison.ID, "subject": "x", "remedy": "y"}, "cdo", "union_officer")
	add("deployment", "POST", "deployments/{X}/disputes", object{"subject": "x", "remedy": "y"}, "union_officer", "other_officer", "their_officer")
	about := object{"deployment": "{X}"}
	add("deployment", "POST", "meetings", meetingBody.with(about).with(object{"unions": []string{s.Unison.ID}}), "hr", "union_officer")
	add("deployment", "POST", "meetings", meetingBody.with(about), "other_officer", "their_officer")
	add("deployment", "POST", "engagements", engagedBody.with(about), "cdo", "hr", "their_hr")
	add("deployment", "POST", "actions", actionBody.with(about), "cdo", "union_officer", "other_officer", "their_officer")
	add("deployment", "POST", "actions/ask", actionBody.with(about), "scrutiny")
	add("deployment", "POST", "barriers", about.with(object{"text": "x"}), "union_officer", "other_officer", "their_officer", "their_hr")
	add("deployment", "POST", "statements", statementBody.with(about), "union_officer", "other_officer", "their_officer")
	add("deployment", "POST", "room", draftEntry.with(about), "union_officer", "union_rep", "other_officer", "their_officer")
	add("deployment", "POST", "flags/"+w.flag(w.side(ownOrg, &principal{})).No+"/settle", about.with(object{"status": "known", "answer": "x"}), "cdo")

	costs := "deployments/" + w.deployment(w.side(ownArea, &principal{})).Ref + "/costs"
	add("claim", "POST", costs, costBody.with(object{"kind": "saving_evidenced", "claim": "{X}"}), "cdo", "manager")
	add("attachment", "POST", costs, costBody.with(object{"attachment": "{X}"}), "cdo", "manager")
	add("attachment", "POST", "questionnaires/"+w.questionnaire(s).No+"/answers", object{"answers": []object{{"number": 1, "text": "x", "attachment": "{X}"}}}, "union_officer")
	add("comment", "POST", "engagements", engagedBody.with(object{"themes": []object{{"text": "x", "comment": "{X}"}}}), "cdo", "hr", "their_hr")
	for _, path := range []string{"meetings", "statements", "questionnaires"} {
		body := map[string]object{"meetings": meetingBody, "statements": statementBody, "questionnaires": questionsBody}[path]
		add("union", "POST", path, body.with(object{"unions": []string{"{X}"}}), "cdo", "hr", "union_officer", "their_cdo")
	}
	add("union", "POST", "actions", actionBody.with(object{"party": "{X}"}), "cdo", "union_officer", "their_cdo")
	add("area", "POST", "flags/"+w.flag(w.side(ownOrg, &principal{})).No+"/settle", object{"status": "idea", "answer": "x", "serviceArea": "{X}"}, "cdo")
	add("email", "PUT", "notification-settings", object{"escalateTo": "{X}"}, "admin", "other_admin")
}

// anyID is the id of nothing.
const anyID = "01990f5e-2d6e-7c34-9d3c-0a8f4f6f2a10"
