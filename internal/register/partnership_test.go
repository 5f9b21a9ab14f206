package register_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/models"
)

// partners are the records between parties that use cases are tried on.
type partners struct {
	dispute            models.DisputeState
	offered, cancelled models.MeetingState
	held               models.MeetingState
	engagement         models.EngagementState
	questionnaire      models.QuestionnaireState
	action             models.Action
	barrier            models.Barrier
	statement          models.StatementState
	cost               models.CostEntry
	roomNote, concern  models.RoomEntry
	roomDraft          models.RoomEntry
	roomFile           models.RoomFile
	flag               models.Flag
	hook               models.Hook
}

// between makes them.
func (f *records) between(t testing.TB, h *registertest.House) {
	t.Helper()
	ctx := t.Context()
	ref := f.noticed.Ref
	f.dispute = need(h.OpenDispute(ctx, h.Officer, ref, register.NewDispute{Subject: "Caseloads", Remedy: "A cap of 20 cases"}))(t)
	f.dispute = need(h.AskOfHold(ctx, h.CDO, f.dispute.No, f.dispute.Version, "lift", 0, "The pilot is paid for"))(t)
	at := h.Clock.Now().Add(2 * time.Hour)
	meet := func(title string) models.MeetingState {
		return need(h.OfferMeeting(ctx, h.CDO, register.NewMeeting{Deployment: ref, Unions: []string{h.Unison.ID}, Title: title, Kind: "consultation", StartsAt: at}))(t)
	}
	f.offered, f.held = meet("Workload"), meet("Pilot")
	f.cancelled = need(h.CancelMeeting(ctx, h.CDO, meet("Cancelled").No, 1, "Diaries"))(t)
	h.Clock.Set(at.Add(time.Hour))
	f.held = need(h.HoldMeeting(ctx, h.CDO, f.held.No, 1, map[string]int{models.EmployerParty: 2, h.Unison.ID: 3}))(t)
	f.held = need(h.WriteMinutes(ctx, h.CDO, f.held.No, f.held.Version, "We talked about the pilot.", ""))(t)
	f.engagement = need(h.RecordEngagement(ctx, h.HR, engagement(ref)))(t)
	f.questionnaire = need(h.SendQuestionnaire(ctx, h.HR, questions(h)))(t)
	f.action = need(h.AddAction(ctx, h.CDO, register.NewAction{Deployment: ref, Text: "Publish the audit", Owner: "Head of digital", DueOn: models.MustDate("2026-10-01")}))(t)
	f.barrier = need(h.RaiseBarrier(ctx, h.Officer, ref, "Papers come the day before"))(t)
	f.statement = need(h.ProposeStatement(ctx, h.CDO, register.NewStatement{Deployment: ref, Unions: []string{h.Unison.ID}, Title: "The pilot", Text: "Both sides support the pilot."}))(t)
	f.cost = need(h.EnterCost(ctx, h.CDO, ref, register.NewCost{Year: 2026, Kind: "one_off", Pence: 123_456}))(t)
	f.roomNote = need(h.WriteRoom(ctx, h.Rep, register.RoomInput{Kind: models.RoomNote, Title: "Before the meeting", Body: secretWords}))(t)
	f.concern = need(h.WriteRoom(ctx, h.Rep, register.RoomInput{Kind: models.RoomConcern, Deployment: ref, Title: "Caseloads", Dimension: "LOAD"}))(t)
	f.roomDraft = need(h.WriteRoom(ctx, h.Officer, register.RoomInput{Kind: models.RoomDraft, Deployment: ref, Title: "Our response", Body: "We do not agree."}))(t)
	f.roomFile = need(h.AttachRoom(ctx, h.Rep, "", f.roomNote.ID, "survey.txt", []byte(secretWords)))(t)
	f.flag, _ = flagged(t, h)
	f.hook, _ = hooked(t, h, "https://hooks.example/in")
}

// secretWords are in the room, and must be nowhere else.
const secretWords = "xyzzy-plugh the members would accept a cap of 22"

func engagement(ref string) register.NewEngagement {
	return register.NewEngagement{
		Deployment: ref, Kind: "focus_group", Title: "Notes by machine", HeldOn: models.MustDate("2026-09-04"),
		Groups: []models.EngagementGroup{{JobFamily: "Social work", Grade: "J", Staff: 40, Invited: 20, Attended: 12}, {JobFamily: "Social work", Grade: "G", Staff: 40, Invited: 20, Attended: 4}},
		Themes: []models.Theme{{Dimension: "LOAD", Text: "More cases may follow"}},
	}
}

func questions(h *registertest.House) register.NewQuestionnaire {
	year := 2026
	return register.NewQuestionnaire{
		Title: models.Text{En: "The year", Cy: "Y flwyddyn"}, ClosesOn: models.MustDate("2026-10-30"), AnnualFor: &year, Unions: []string{h.Unison.ID, h.GMB.ID},
		Questions: []models.Text{{En: "What went well?", Cy: "Beth aeth yn dda?"}},
	}
}

func flagged(t testing.TB, h *registertest.House) (models.Flag, string) {
	t.Helper()
	f, link, err := h.RaiseFlag(t.Context(), models.Actor{OrgID: h.Org.ID}, "A chat window", "It answers tenants", models.English)
	must(t, err)
	return f, link
}

func hooked(t testing.TB, h *registertest.House, url string) (models.Hook, string) {
	t.Helper()
	hook, secret, err := h.AddHook(t.Context(), h.CDO, register.NewHook{Kind: "webhook", URL: url})
	must(t, err)
	return hook, secret
}

// partnership calls every use case between parties.
func partnership(h *registertest.House, f records) map[string]func(a models.Actor) error {
	ctx := f.t.Context()
	ref := f.noticed.Ref
	soon := h.Clock.Now().Add(48 * time.Hour)
	return map[string]func(a models.Actor) error{
		"OpenDispute": func(a models.Actor) error {
			return second(h.OpenDispute(ctx, a, ref, register.NewDispute{UnionID: h.GMB.ID, Subject: "Grades", Remedy: "A review"}))
		},
		"AdvanceDispute": func(a models.Actor) error {
			return second(h.AdvanceDispute(ctx, a, f.dispute.No, f.dispute.Version, "Not settled here"))
		},
		"AskOfHold": func(a models.Actor) error {
			return second(h.AskOfHold(ctx, a, f.dispute.No, f.dispute.Version, "lift", 0, "Please"))
		},
		"AgreeOfHold": func(a models.Actor) error {
			return second(h.AgreeOfHold(ctx, a, f.dispute.No, f.dispute.Version, "lift"))
		},
		"SettleDispute": func(a models.Actor) error {
			return second(h.SettleDispute(ctx, a, f.dispute.No, f.dispute.Version, "settled", "A cap was agreed"))
		},
		"Dispute":  func(a models.Actor) error { return second(h.Register.Dispute(ctx, a, f.dispute.No)) },
		"Disputes": func(a models.Actor) error { return second(h.Disputes(ctx, a, "")) },
		"OfferMeeting": func(a models.Actor) error {
			return second(h.OfferMeeting(ctx, a, register.NewMeeting{Unions: []string{h.Unison.ID}, Title: "Again", Kind: "briefing", StartsAt: soon}))
		},
		"CancelMeeting": func(a models.Actor) error { return second(h.CancelMeeting(ctx, a, f.offered.No, 1, "Ill")) },
		"HoldMeeting": func(a models.Actor) error {
			return second(h.HoldMeeting(ctx, a, f.offered.No, 1, map[string]int{models.EmployerParty: 1, h.Unison.ID: 1}))
		},
		"WriteMinutes": func(a models.Actor) error {
			return second(h.WriteMinutes(ctx, a, f.held.No, f.held.Version, "Our text", ""))
		},
		"AgreeMinutes":      func(a models.Actor) error { return second(h.AgreeMinutes(ctx, a, f.held.No, f.held.Version, 1, "")) },
		"Meeting":           func(a models.Actor) error { return second(h.Register.Meeting(ctx, a, f.held.No)) },
		"Meetings":          func(a models.Actor) error { return second(h.Meetings(ctx, a, "")) },
		"RecordEngagement":  func(a models.Actor) error { return second(h.RecordEngagement(ctx, a, engagement(""))) },
		"Engagement":        func(a models.Actor) error { return second(h.Register.Engagement(ctx, a, f.engagement.No)) },
		"Engagements":       func(a models.Actor) error { return second(h.Engagements(ctx, a, ref)) },
		"SendQuestionnaire": func(a models.Actor) error { return second(h.SendQuestionnaire(ctx, a, questions(h))) },
		"AnswerQuestionnaire": func(a models.Actor) error {
			return second(h.AnswerQuestionnaire(ctx, a, f.questionnaire.No, "", []register.GivenAnswer{{Number: 1, Text: "Little"}}))
		},
		"Questionnaire":  func(a models.Actor) error { return second(h.Register.Questionnaire(ctx, a, f.questionnaire.No)) },
		"Questionnaires": func(a models.Actor) error { return second(h.Questionnaires(ctx, a)) },
		"AddAction": func(a models.Actor) error {
			return second(h.AddAction(ctx, a, register.NewAction{Text: "Report to the committee", Owner: "Head of digital", DueOn: models.MustDate("2026-10-01")}))
		},
		"FinishAction": func(a models.Actor) error { return second(h.FinishAction(ctx, a, f.action.No, 1, "Published")) },
		"Action":       func(a models.Actor) error { return second(h.Register.Action(ctx, a, f.action.No)) },
		"Actions":      func(a models.Actor) error { return second(h.Actions(ctx, a, "")) },
		"RaiseBarrier": func(a models.Actor) error { return second(h.RaiseBarrier(ctx, a, "", "No facility time")) },
		"SettleBarrier": func(a models.Actor) error {
			return second(h.SettleBarrier(ctx, a, f.barrier.No, 1, "Papers come a week before"))
		},
		"Barriers": func(a models.Actor) error { return second(h.Barriers(ctx, a)) },
		"ProposeStatement": func(a models.Actor) error {
			return second(h.ProposeStatement(ctx, a, register.NewStatement{Unions: []string{h.Unison.ID}, Title: "Another", Text: "Words"}))
		},
		"SignStatement": func(a models.Actor) error { return second(h.SignStatement(ctx, a, f.statement.No, 1, "")) },
		"RefuseStatement": func(a models.Actor) error {
			return second(h.RefuseStatement(ctx, a, f.statement.No, 1, "", "We do not"))
		},
		"Statement":  func(a models.Actor) error { return second(h.Register.Statement(ctx, a, f.statement.No)) },
		"Statements": func(a models.Actor) error { return second(h.Statements(ctx, a, "")) },
		"StatePosition": func(a models.Actor) error {
			return second(h.StatePosition(ctx, a, 2026, h.Unison.ID, true, "", models.English))
		},
		"EnterCost": func(a models.Actor) error {
			return second(h.EnterCost(ctx, a, ref, register.NewCost{Year: 2026, Kind: "running", Pence: 5}))
		},
		"ReverseCost": func(a models.Actor) error { return h.ReverseCost(ctx, a, f.cost.ID, "Wrong year") },
		"Costs":       func(a models.Actor) error { return second(h.Costs(ctx, a, ref)) },

		"WriteRoom": func(a models.Actor) error {
			return second(h.WriteRoom(ctx, a, register.RoomInput{UnionID: h.Unison.ID, Kind: models.RoomNote, Title: "Another"}))
		},
		"ReviseRoom": func(a models.Actor) error {
			return second(h.ReviseRoom(ctx, a, f.roomNote.ID, 1, register.RoomInput{UnionID: h.Unison.ID, Kind: models.RoomNote, Title: "Changed"}))
		},
		"RemoveRoom": func(a models.Actor) error { return h.RemoveRoom(ctx, a, h.Unison.ID, f.roomNote.ID, 1) },
		"TallyRoom":  func(a models.Actor) error { return h.TallyRoom(ctx, a, h.Unison.ID, f.concern.ID, 3) },
		"AttachRoom": func(a models.Actor) error {
			return second(h.AttachRoom(ctx, a, h.Unison.ID, f.roomNote.ID, "x.txt", []byte("words enough")))
		},
		"RoomFile":  func(a models.Actor) error { return second(h.RoomFile(ctx, a, h.Unison.ID, f.roomFile.ID)) },
		"FileDraft": func(a models.Actor) error { return second(h.FileDraft(ctx, a, h.Unison.ID, f.roomDraft.ID, 1)) },
		"Room":      func(a models.Actor) error { return second(h.Room(ctx, a, h.Unison.ID, "")) },

		"RaiseFlag": func(a models.Actor) error {
			if a.UserID != "" {
				return nil // anybody may; what it leaves is tried by nobody
			}
			_, _, err := h.RaiseFlag(ctx, a, "Another", "It scores people", models.Welsh)
			return err
		},
		"Flags": func(a models.Actor) error { return second(h.Flags(ctx, a)) },
		"SettleFlag": func(a models.Actor) error {
			return second(h.SettleFlag(ctx, a, f.flag.No, 1, register.Settlement{Status: "idea", Answer: "We are looking at it", ServiceArea: h.Area.ID}))
		},
		"NotificationSettings":   func(a models.Actor) error { return second(h.NotificationSettings(ctx, a)) },
		"ConfigureNotifications": func(a models.Actor) error { return second(h.ConfigureNotifications(ctx, a, 0, h.HR.Email, "")) },
		"Messages":               func(a models.Actor) error { return second(h.Messages(ctx, a, "", "", "", 10)) },
		"AddHook": func(a models.Actor) error {
			_, _, err := h.AddHook(ctx, a, register.NewHook{Kind: "teams", URL: "https://teams.example/x"})
			return err
		},
		"Hooks":   func(a models.Actor) error { return second(h.Hooks(ctx, a)) },
		"EndHook": func(a models.Actor) error { return h.EndHook(ctx, a, f.hook.ID) },
		"ReplayHook": func(a models.Actor) error {
			return second(h.ReplayHook(ctx, a, f.hook.ID, h.Clock.Now().Add(-time.Hour)))
		},

		"WriteOpen":           func(a models.Actor) error { return h.WriteOpen(ctx, a, register.OpenRegisterCSV, io.Discard) },
		"PublishedDeployment": func(a models.Actor) error { return second(h.PublishedDeployment(ctx, a, ref)) },
		"RegisterFeed":        func(a models.Actor) error { return h.RegisterFeed(ctx, a, models.English, "", io.Discard) },
		"WindowsCalendar":     func(a models.Actor) error { return second(h.WindowsCalendar(ctx, a, models.Welsh)) },
		"WriteATRS": func(a models.Actor) error {
			return h.WriteATRS(ctx, a, ref, "4", "json", models.English, &bytes.Buffer{})
		},
		"Algoritmeregister": func(a models.Actor) error { return second(h.Algoritmeregister(ctx, a, ref)) },
		"Facets":            func(a models.Actor) error { return second(h.Facets(ctx, a, storeFilter())) },
		"Template":          func(a models.Actor) error { return second(h.Template(ctx, a, ref)) },
		"RegisterTemplate": func(a models.Actor) error {
			return second(h.RegisterTemplate(ctx, a, models.TemplateOf(h.Record(), models.Text{En: "Nodiadau Ltd"}, ""), h.Area.ID))
		},
		"AnnualReport": func(a models.Actor) error { return second(h.AnnualReport(ctx, a, 2026)) },
		"ReportYears":  func(a models.Actor) error { return second(h.ReportYears(ctx, a)) },
		"Report": func(a models.Actor) error {
			return second(h.Report(ctx, a, register.ReportScrutiny, 2026, models.Welsh))
		},
		"WriteReport": func(a models.Actor) error {
			return h.WriteReport(ctx, a, register.ReportScrutiny, 2026, "html", models.English, io.Discard)
		},
	}
}

func storeFilter() store.Filter { return store.Filter{} }
