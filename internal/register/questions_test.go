package register_test

import (
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

func TestQuestionsOfScrutiny(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx, h := t.Context(), registertest.New(t, s)
		d, _ := h.Noticed(t)
		counts := func() map[store.Question]int { return need(h.Questions(ctx, h.Scrutiny))(t) }
		for q, n := range counts() {
			if n != 0 {
				t.Errorf("%s: %d before anything happened", q, n)
			}
		}
		asks := func(q store.Question) {
			t.Helper()
			rows, _, total, err := h.Deployments(ctx, h.Scrutiny, store.Filter{Ask: q}, register.Page{Limit: 10})
			if must(t, err); total.Count != 1 || len(rows) != 1 || rows[0].Ref != d.Ref || counts()[q] != 1 {
				t.Errorf("%s: %d found, %d counted", q, total.Count, counts()[q])
			}
		}
		comment := need(h.MakeComment(ctx, h.Rep, d.Ref, commentInput("Caseloads must not rise.")))(t)
		asks(store.AskUnanswered)
		need(h.Dispose(ctx, h.CDO, comment.ID, "accepted", "It was changed", nil))(t)
		if counts()[store.AskUnanswered] != 0 {
			t.Error("a comment with an answer is asked about")
		}
		need(h.RequestOverride(ctx, h.CDO, d.Ref, models.StageDecided, "Emergency", models.MustDate("2026-10-01")))(t)
		if counts()[store.AskOverridden] != 0 {
			t.Error("an override that one person has signed is in force")
		}
		for _, o := range need(h.Overrides(ctx, h.CDO, d.Ref))(t) {
			must(t, second(h.SignOverride(ctx, h.Approver, o.ID, o.Version)))
		}
		asks(store.AskOverridden)
		breached := h.Shared(t, d.Ref, 11, 60)
		asks(store.AskGuardrail)
		need(h.MakeChallenge(ctx, h.Officer, breached.Ref, register.ChallengeInput{Ground: "baseline", Body: "It was a busy spring"}))(t)
		asks(store.AskDisputed)
		now := need(h.Register.Deployment(ctx, h.CDO, d.Ref))(t)
		need(h.MarkLate(ctx, h.CDO, d.Ref, now.Version, "Found in use"))(t)
		asks(store.AskLate)
		h.Clock.Set(h.Clock.Now().Add(24 * time.Hour))
		if counts()[store.AskLiveUnevidenced]+counts()[store.AskReviewOverdue] != 0 {
			t.Error("a deployment that is not in use is asked about as if it were")
		}
	})
}

func TestQuestionsAreNotPutByAUnion(t *testing.T) {
	t.Parallel()
	ctx, h := t.Context(), registertest.New(t, storetest.Open(t, "sqlite"))
	h.Noticed(t)
	for _, a := range []models.Actor{h.Officer, h.OtherOfficer, h.Rep, h.Admin, {OrgID: h.Org.ID}} {
		if _, _, _, err := h.Deployments(ctx, a, store.Filter{Ask: store.AskDisputed}, register.Page{Limit: 10}); models.KindOf(err) != models.Invalid {
			t.Errorf("%s asks which deployments are disputed: %v", a.Email, err)
		}
		if _, err := h.Facets(ctx, a, store.Filter{Ask: store.AskDisputed}); models.KindOf(err) != models.Invalid {
			t.Errorf("%s counts which deployments are disputed: %v", a.Email, err)
		}
		if _, err := h.Questions(ctx, a); !refused(err) {
			t.Errorf("%s reads the questions: %v", a.Email, err)
		}
	}
}

func refused(err error) bool {
	return models.KindOf(err) == models.Forbidden || models.KindOf(err) == models.Unauthenticated || models.KindOf(err) == models.NotFound
}
