package register_test

import (
	"os"
	"testing"

	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

func TestMain(m *testing.M) {
	if os.Getenv(sinkEnv) != "" {
		os.Exit(serveSink())
	}
	os.Exit(storetest.Main(m))
}

func need[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestTheSpine is the main job from end to end: register, serve, ask, comment,
// answer, decide, pilot, with the pause of domain section 5.
func TestTheSpine(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		d, n := h.Noticed(t)
		if d.Stage != models.StageNoticed || n.No != "N-2026-001" || d.Audience != models.AudiencePublic {
			t.Fatalf("stage %s, notice %s, audience %s", d.Stage, n.No, d.Audience)
		}
		if got := len(h.Outbox.Sent()); got != 2 {
			t.Fatalf("%d mails for two unions", got)
		}
		g := need(h.Gate(ctx, h.CDO, d.Ref, models.StagePilot, 0))(t)
		// 28 calendar days from Monday 7 September 2026.
		if g.Open || g.Earliest != models.MustDate("2026-10-05") {
			t.Fatalf("open %v, earliest %v, blockers %v", g.Open, g.Earliest, g.Blockers)
		}
		q := need(h.Ask(ctx, h.Officer, d.Ref, "", "How many cases does each worker carry?"))(t)
		if q.DueOn != models.MustDate("2026-09-21") {
			t.Fatalf("asked on 7 September, due on %v", q.DueOn)
		}
		c := need(h.MakeComment(ctx, h.Officer, d.Ref, commentInput("Caseloads must not rise.")))(t)
		h.Clock.SetTo("2026-09-23 11:00")
		must(t, second(h.Answer(ctx, h.Manager, q.No, 1, "Between 18 and 24.")))
		must(t, second(h.Dispose(ctx, h.Manager, c.ID, "accepted", "A caseload guardrail was added.", nil)))
		g = need(h.Gate(ctx, h.Officer, d.Ref, models.StagePilot, 0))(t)
		// 22 and 23 September are not counted for UNISON.
		if g.Earliest != models.MustDate("2026-10-07") {
			t.Fatalf("earliest %v", g.Earliest)
		}
		for _, u := range []models.Union{h.Unison, h.GMB} {
			must(t, second(h.RecordOutcome(ctx, h.CDO, d.Ref, 0, u.ID, "consensus", "", 0)))
		}
		h.Clock.SetTo("2026-10-07 09:00")
		if _, err := h.Move(ctx, h.CDO, d.Ref, d.Version, models.StageDecided, "Agreed"); models.KindOf(err) != models.Forbidden {
			t.Fatalf("a digital officer may not decide: %v", err)
		}
		d = need(h.Move(ctx, h.Approver, d.Ref, d.Version, models.StageDecided, "Agreed with both unions"))(t)
		d = need(h.Move(ctx, h.CDO, d.Ref, d.Version, models.StagePilot, ""))(t)
		if d.Stage != models.StagePilot {
			t.Fatal(d.Stage)
		}
		past := need(h.Gate(ctx, h.CDO, d.Ref, models.StageDecided, models.MustDate("2026-09-21")))(t)
		if past.Open || past.Stage != models.StageNoticed || !has(past, "comments_unanswered") {
			t.Fatalf("on 21 September: stage %s, %v", past.Stage, past.Blockers)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func has(g interface{ Has(string) bool }, code string) bool { return g.Has(code) }
