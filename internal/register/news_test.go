package register_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

func inboxOf(t *testing.T, h *registertest.House, a models.Actor) []models.InboxItem {
	t.Helper()
	items, _, err := h.Inbox(t.Context(), a, "", 100)
	must(t, err)
	return items
}

func codes(items []models.InboxItem, topic models.Topic) []string {
	var out []string
	for _, i := range items {
		if i.Topic == topic {
			out = append(out, i.Code)
		}
	}
	return out
}

// TestRemindersAndEscalation reminds whoever owes an answer seven and two days
// before, once each, and tells the person named when it is overdue.
func TestRemindersAndEscalation(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		must(t, s.Prepare())
		d, _ := h.Noticed(t)
		q := need(h.Ask(ctx, h.Officer, d.Ref, "", "How many cases?"))(t) // due on 21 September
		need(h.ConfigureNotifications(ctx, h.Admin, 0, h.HR.Email, ""))(t)
		for _, day := range []string{"2026-09-08", "2026-09-14", "2026-09-14", "2026-09-15", "2026-09-19", "2026-09-20", "2026-09-21"} {
			h.Clock.SetTo(day + " 08:00")
			must(t, h.Remind(ctx))
		}
		got := codes(inboxOf(t, h, h.CDO), models.TopicDeadline)
		if n := len(slices.DeleteFunc(slices.Clone(got), func(c string) bool { return c != "duty.request_answer" })); n != 2 {
			t.Errorf("reminded %d times, not at 7 and at 2 days: %v", n, got)
		}
		if n := len(codes(inboxOf(t, h, h.Officer), models.TopicDeadline)); n != 0 {
			t.Errorf("the union is reminded %d times of what the employer owes", n)
		}
		if n := len(codes(inboxOf(t, h, h.HR), models.TopicEscalation)); n != 0 {
			t.Errorf("escalated %d times before it was overdue", n)
		}
		for _, day := range []string{"2026-09-22", "2026-09-23"} {
			h.Clock.SetTo(day + " 08:00")
			must(t, h.Remind(ctx))
		}
		if got := codes(inboxOf(t, h, h.HR), models.TopicEscalation); !slices.Equal(got, []string{"duty.request_answer"}) {
			t.Errorf("escalated: %v", got)
		}
		due := need(h.Duties(ctx, h.CDO))(t)
		if len(due) == 0 || due[0].No != q.No || due[0].Due != models.MustDate("2026-09-21") || due[0].Path != "/deployments/"+d.Ref {
			t.Errorf("%+v", due)
		}
		need(h.Answer(ctx, h.CDO, q.No, 1, "Twelve."))(t)
		for _, x := range need(h.Duties(ctx, h.CDO))(t) {
			if x.Code == "request_answer" {
				t.Error("what was answered is still owed")
			}
		}
	})
}

// TestTheDailyMail brings a day's news once, in the reader's language, and leaves
// out what they do not want to hear of.
func TestTheDailyMail(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		d, _ := h.Noticed(t)
		must(t, h.ChooseTopics(ctx, h.Manager, map[models.Topic]models.Mode{models.TopicComment: models.ModeOff}))
		h.Clock.SetTo("2026-09-08 10:00")
		need(h.MakeComment(ctx, h.Rep, d.Ref, commentInput("Caseloads must not rise.")))(t)
		workingJobsOnce(t, h)
		if got := codes(inboxOf(t, h, h.CDO), models.TopicComment); !slices.Equal(got, []string{"news.comment.make"}) {
			t.Errorf("the digital officer was told %v", got)
		}
		if got := codes(inboxOf(t, h, h.Manager), models.TopicComment); len(got) != 0 {
			t.Errorf("the manager, who does not want to hear of comments, was told %v", got)
		}
		for _, who := range []models.Actor{h.Rep, h.Admin, h.Scrutiny} {
			if got := codes(inboxOf(t, h, who), models.TopicComment); len(got) != 0 {
				t.Errorf("%s was told %v", who.Email, got)
			}
		}
		before := len(h.Outbox.Sent())
		for _, wall := range []string{"2026-09-09 06:59", "2026-09-09 07:10", "2026-09-09 12:00", "2026-09-10 07:10"} {
			h.Clock.SetTo(wall)
			must(t, h.SendDaily(ctx))
			workingJobsOnce(t, h)
		}
		var mine int
		for _, m := range h.Outbox.Sent()[before:] {
			if strings.Contains(m.To, h.CDO.Email) {
				mine++
				if !strings.Contains(m.Text, d.Ref) || strings.Contains(m.Text, "map[") || strings.Contains(m.Text, "Caseloads") || strings.Contains(m.Text, "⟦") {
					t.Errorf("the daily mail:\n%s", m.Text)
				}
			}
		}
		if mine != 1 {
			t.Errorf("%d daily mails of one day", mine)
		}
	})
}

// workingJobsOnce works the jobs until none is left.
func workingJobsOnce(t *testing.T, h *registertest.House) {
	t.Helper()
	stop, err := h.Store.Work(t.Context(), h.Workers(), jobSettings())
	must(t, err)
	eventually(t, "jobs are left", func() bool {
		return storetest.Idle(t, h.Store, time.Now().Add(time.Minute))
	})
	must(t, stop(t.Context()))
}

// TestADisputeHoldsTheGate is its status quo: bounded, lifted by both sides only.
func TestADisputeHoldsTheGate(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		d, _ := h.Noticed(t)
		x := need(h.OpenDispute(ctx, h.Officer, d.Ref, register.NewDispute{Subject: "Caseloads", Remedy: "A cap"}))(t)
		held := func(day string) bool {
			g := need(h.Gate(ctx, h.CDO, d.Ref, models.StageDecided, models.MustDate(day)))(t)
			return g.Has("hold")
		}
		// Ten working days from Monday 7 September: the status quo lies to the 21st.
		if x.DueOn != models.MustDate("2026-09-21") || !held("2026-09-21") || held("2026-09-22") {
			t.Errorf("due on %s; held %v, %v", x.DueOn, held("2026-09-21"), held("2026-09-22"))
		}
		if _, err := h.LiftHold(ctx, h.CDO, *x.HoldID, 1, "We need it"); models.CodeOf(err) != "hold_of_dispute" {
			t.Errorf("the employer lifts it alone: %v", err)
		}
		if _, err := h.AskOfHold(ctx, h.CDO, x.No, x.Version, "extend", models.MustDate("2027-09-01"), "Long"); models.KindOf(err) != models.Invalid {
			t.Errorf("beyond its bound: %v", err)
		}
		x = need(h.AskOfHold(ctx, h.CDO, x.No, x.Version, "lift", 0, "The pilot is paid for"))(t)
		if _, err := h.AgreeOfHold(ctx, h.CDO, x.No, x.Version, "lift"); models.CodeOf(err) != "own_question" {
			t.Errorf("the employer agrees with itself: %v", err)
		}
		if _, err := h.SettleDispute(ctx, h.CDO, x.No, x.Version, "settled", "We think so"); models.CodeOf(err) != "dispute_not_yours" {
			t.Errorf("the employer settles a union's dispute: %v", err)
		}
		if _, err := h.OpenDispute(ctx, h.Officer, d.Ref, register.NewDispute{Subject: "Again", Remedy: "Again"}); models.CodeOf(err) != "dispute_runs" {
			t.Errorf("a second dispute renews the status quo: %v", err)
		}
		h.Clock.Set(h.Clock.Now().Add(24 * time.Hour))
		x = need(h.AgreeOfHold(ctx, h.Officer, x.No, x.Version, "lift"))(t)
		if held("2026-09-09") || x.Hold.LiftedOn != models.MustDate("2026-09-08") {
			t.Errorf("both agreed to lift it: %+v", x.Hold)
		}
	})
}
