package register_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"beforehand/internal/notice"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// TestSilenceIsTold: two working days without sufficient evidence on a union
// tell the digital officer, once, and the clock has not started. Once is also
// when another replica took the job over from one that was alive.
func TestSilenceIsTold(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		h.Outbox.Fail = func(m notice.Mail) error {
			if strings.HasPrefix(m.To, "branch@") {
				return errors.New("connection refused")
			}
			return nil
		}
		d := h.Formative(t)
		draft := need(h.DraftNotice(ctx, h.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
		n := need(h.ServeNotice(ctx, h.CDO, draft.ID, draft.Version))(t)
		must(t, h.Acknowledge(ctx, h.OtherOfficer, n.No, "")) // GMB has it, whatever became of the mail
		h.Clock.SetTo("2026-09-10 09:00")
		again := register.WatchSilence{Org: h.Org.ID, Notice: n.ID, Due: h.Now()}
		must(t, s.Within(ctx, func(tx *store.Tx) error { return tx.Promise(ctx, again, again, again) }))
		stop := need(s.Work(ctx, h.Workers(), store.JobSettings{Workers: 20, FirstRetry: time.Hour, Log: slog.New(slog.DiscardHandler)}))(t)
		defer func() { must(t, stop(context.WithoutCancel(ctx))) }()
		waitFor(t, func() bool { return storetest.Idle(t, s, time.Now()) && len(sentTo(h, "cdo@tywi.example")) > 0 })
		if told := entriesOf(t, h, "notice.alert"); told != 1 || len(sentTo(h, "cdo@tywi.example")) != 1 {
			t.Errorf("told %d times, in %d mails", told, len(sentTo(h, "cdo@tywi.example")))
		}
		m := sentTo(h, "cdo@tywi.example")[0]
		if m.To != "cdo@tywi.example" || !strings.Contains(m.Text, "UNISON") || strings.Contains(m.Text, "GMB") {
			t.Errorf("to %s: %s", m.To, m.Text)
		}
		v := need(h.Notice(ctx, h.CDO, n.No))(t)
		for _, p := range v.Parties {
			if p.Union == "UNISON" && (!p.ServedAt.IsZero() || len(p.Events) == 0 || p.Events[0].Event != models.Deferred) {
				t.Errorf("UNISON: served at %v, events %v", p.ServedAt, p.Events)
			}
			if p.Union == "GMB" && p.ServedAt.IsZero() {
				t.Error("GMB acknowledged and counts as not served")
			}
		}
		g := need(h.Gate(ctx, h.CDO, d.Ref, models.StageDecided, 0))(t)
		if !g.Has("no_evidence") {
			t.Errorf("blockers: %v", g.Blockers)
		}
	})
}

// TestAPermanentRefusalIsABounceAtOnce: the server's 550 ends the tries.
func TestAPermanentRefusalIsABounceAtOnce(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "sqlite")
	h := registertest.New(t, s)
	sink := notice.SMTP{Host: "127.0.0.1", Port: refusing(t), TLS: notice.TLSNone, Timeout: 5 * time.Second}
	h.Outbox.Fail = func(m notice.Mail) error { return sink.Send(context.Background(), m) }
	d := h.Formative(t)
	ctx := t.Context()
	draft := need(h.DraftNotice(ctx, h.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
	n := need(h.ServeNotice(ctx, h.CDO, draft.ID, draft.Version))(t)
	stop := need(s.Work(ctx, h.Workers(), store.JobSettings{Workers: 20, FirstRetry: 10 * time.Minute, Log: slog.New(slog.DiscardHandler)}))(t)
	defer func() { must(t, stop(context.WithoutCancel(ctx))) }()
	bounced := func() int {
		count := 0
		for _, p := range need(h.Notice(ctx, h.CDO, n.No))(t).Parties {
			for _, e := range p.Events {
				if e.Event == models.Bounced && strings.Contains(e.Detail, "550") {
					count++
				}
			}
		}
		return count
	}
	waitFor(t, func() bool { return bounced() == 2 })
	waitFor(t, func() bool { return storetest.Idle(t, s, time.Now().Add(30*time.Minute)) }) // none is tried again in ten
}

// entriesOf counts the entries of one verb in the log.
func entriesOf(t testing.TB, h *registertest.House, verb string) int {
	t.Helper()
	n := 0
	for _, e := range need(h.Store.LedgerEntries(t.Context(), h.Org.ID, 0, 10_000))(t) {
		if e.Verb == verb {
			n++
		}
	}
	return n
}

// waitFor looks again and again until something is so, for a minute at most.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	tick, deadline := time.NewTicker(50*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it did not come to pass in a minute")
		}
	}
}
