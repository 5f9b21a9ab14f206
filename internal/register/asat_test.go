package register_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// stagesAt are the stages of the deployments that somebody finds on a day.
func stagesAt(t *testing.T, h *registertest.House, a models.Actor, f store.Filter, on models.Date) []models.Stage {
	t.Helper()
	rows, _, total, err := h.DeploymentsAt(t.Context(), a, f, on, register.Page{Limit: 10})
	must(t, err)
	out := []models.Stage{}
	for _, d := range rows {
		out = append(out, d.Stage)
	}
	if total != (store.Total{Count: len(out)}) {
		t.Errorf("%+v counted, %d listed", total, len(out))
	}
	return out
}

func TestTheRegisterAsItWasAtTheEndOfADay(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx, h := t.Context(), registertest.New(t, s)
		day := func() models.Date { return models.DateOf(h.Clock.Now(), h.Org.Location()) }
		later := func() { h.Clock.Set(h.Clock.Now().Add(48 * time.Hour)) }
		before := day() - 1
		d := h.Deploy(t)
		idea := day()
		later()
		d = need(h.Move(ctx, h.CDO, d.Ref, d.Version, models.StageFormative, ""))(t)
		formative := day()
		later()
		draft := need(h.DraftNotice(ctx, h.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
		need(h.ServeNotice(ctx, h.CDO, draft.ID, draft.Version))(t)
		noticed := day()
		later()
		// Its name of today is not its name of then.
		need(h.Revise(ctx, h.CDO, d.Ref, need(h.Register.Deployment(ctx, h.CDO, d.Ref))(t).Version, func(r models.Record) (models.Record, error) {
			r.Name.En = "Called otherwise"
			return r, nil
		}, register.Judgement{}))(t)

		public := models.Actor{OrgID: h.Org.ID}
		is := func(stages ...models.Stage) []models.Stage { return append([]models.Stage{}, stages...) }
		for _, c := range []struct {
			who     string
			a       models.Actor
			on      models.Date
			want    []models.Stage
			filters store.Filter
		}{
			{"cdo before it was registered", h.CDO, before, is(), store.Filter{}},
			{"cdo", h.CDO, idea, is(models.StageIdea), store.Filter{}},
			{"cdo", h.CDO, formative, is(models.StageFormative), store.Filter{}},
			{"cdo, the day after", h.CDO, formative + 1, is(models.StageFormative), store.Filter{}},
			{"cdo", h.CDO, noticed, is(models.StageNoticed), store.Filter{}},
			{"cdo by its stage of then", h.CDO, formative, is(models.StageFormative), store.Filter{Stage: models.StageFormative}},
			{"cdo by its stage of now", h.CDO, formative, is(), store.Filter{Stage: models.StageNoticed}},
			{"auditor", h.Auditor, idea, is(models.StageIdea), store.Filter{}},
			// What was the employer's own, or the parties', when it was saved stays theirs.
			{"councillor", h.Scrutiny, idea, is(), store.Filter{}},
			{"councillor", h.Scrutiny, formative, is(models.StageFormative), store.Filter{}},
			{"union in scope", h.Officer, idea, is(), store.Filter{}},
			{"union in scope", h.Officer, formative, is(models.StageFormative), store.Filter{}},
			{"public", public, formative, is(), store.Filter{}},
			{"public", public, noticed, is(models.StageNoticed), store.Filter{}},
			{"a filter that a save does not answer is none", h.CDO, noticed, is(models.StageNoticed), store.Filter{UseFamily: "rostering"}},
		} {
			if got := stagesAt(t, h, c.a, c.filters, c.on); !slices.Equal(got, c.want) {
				t.Errorf("%s on %s: %v, want %v", c.who, c.on, got, c.want)
			}
		}
		rows, _, _, err := h.DeploymentsAt(ctx, public, store.Filter{}, noticed, register.Page{Limit: 10})
		if must(t, err); rows[0].NameEn == "Called otherwise" || rows[0].NameEn == "" {
			t.Errorf("it was called %q", rows[0].NameEn)
		}
		if _, _, _, err := h.DeploymentsAt(ctx, h.CDO, store.Filter{}, day()+1, register.Page{Limit: 10}); models.KindOf(err) != models.Invalid {
			t.Errorf("a day to come: %v", err)
		}
	})
}

func TestWhatIsWithheldNowOrWasThenIsNotInAListOfThen(t *testing.T) {
	t.Parallel()
	ctx, h := t.Context(), registertest.New(t, storetest.Open(t, "sqlite"))
	d, _ := h.Noticed(t)
	on := models.DateOf(h.Clock.Now(), h.Org.Location())
	public := models.Actor{OrgID: h.Org.ID}
	use := func(a models.Actor) models.UseFamily {
		rows, _, _, err := h.DeploymentsAt(ctx, a, store.Filter{}, on, register.Page{Limit: 10})
		must(t, err)
		return rows[0].UseFamily
	}
	if use(public) == "" {
		t.Fatal("nothing is withheld yet")
	}
	h.Clock.Set(h.Clock.Now().Add(48 * time.Hour))
	need(h.Revise(ctx, h.CDO, d.Ref, d.Version, func(r models.Record) (models.Record, error) {
		r.Withheld = append(r.Withheld, models.Withheld{Field: "useFamily", Audience: "public", Ground: "security", Until: models.MustDate("2026-12-31"), DecidedBy: "Head of digital"})
		return r, nil
	}, register.Judgement{}))(t)
	if use(public) != "" || use(h.CDO) == "" {
		t.Errorf("the public reads %q, the employer %q", use(public), use(h.CDO))
	}
}

func TestListsTurnPagesInFewStatements(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		rec := h.Record()
		for i := range 7 {
			rec.Name.En = fmt.Sprintf("Tool %d", i)
			need(h.RegisterDeployment(t.Context(), h.CDO, register.Registration{Record: rec}))(t)
		}
		on := models.DateOf(h.Clock.Now(), h.Org.Location())
		seen, after := map[string]bool{}, ""
		for range 4 {
			rows, next, _, err := h.DeploymentsAt(t.Context(), h.CDO, store.Filter{}, on, register.Page{After: after, Limit: 2})
			must(t, err)
			for _, d := range rows {
				seen[d.Ref] = true
			}
			after = next
		}
		if len(seen) != 7 || after != "" {
			t.Errorf("%d of 7 on four pages, then %q", len(seen), after)
		}
		for name, list := range map[string]struct {
			most int64
			read func(ctx context.Context) error
		}{
			"as at": {5, func(ctx context.Context) error {
				_, _, _, err := h.DeploymentsAt(ctx, h.CDO, store.Filter{}, on, register.Page{Limit: 25})
				return err
			}},
			"questions": {2, func(ctx context.Context) error { return second(h.Questions(ctx, h.Scrutiny)) }},
			"facets":    {2, func(ctx context.Context) error { return second(h.Facets(ctx, h.CDO, store.Filter{})) }},
		} {
			ctx, statements := store.Counted(t.Context())
			if must(t, list.read(ctx)); statements() > list.most {
				t.Errorf("%s: %d statements, at most %d", name, statements(), list.most)
			}
		}
		each := need(h.EachDeployment(t.Context(), h.CDO, store.Filter{Sort: store.SortName}, 0))(t)
		n := 0
		for _, err := range each {
			must(t, err)
			n++
		}
		if n != 7 {
			t.Errorf("%d of 7 are walked", n)
		}
	})
}
