package register_test

import (
	"testing"
	"time"

	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

func TestAVisitEndsAfterAWhile(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx, h := t.Context(), registertest.New(t, s)
		wait := func(d time.Duration) time.Time {
			h.Clock.Set(h.Clock.Now().Add(d))
			return need(h.Visit(ctx, h.CDO))(t)
		}
		first := wait(0)
		if since := wait(10 * time.Minute); !since.Equal(first) {
			t.Errorf("a reload moves it from %s to %s", first, since)
		}
		left := h.Clock.Now()
		wait(20 * time.Minute) // still the same visit
		last := h.Clock.Now()
		if since := wait(31 * time.Minute); !since.After(left) || since.After(last) {
			t.Errorf("who comes back after half an hour is told since %s, and was here until %s", since, last)
		}
		if other := need(h.Visit(ctx, h.Officer))(t); other.Before(last) {
			t.Errorf("somebody else’s visit began at %s", other)
		}
	})
}

func TestChangesAreThoseThatSomebodyMayRead(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx, h := t.Context(), registertest.New(t, s)
		verbs := func(a models.Actor, since time.Time) map[string]int {
			all, _, err := h.Changes(ctx, a, since, 50)
			must(t, err)
			out := map[string]int{}
			for _, c := range all {
				out[c.Verb]++
			}
			return out
		}
		d := h.Formative(t)
		if n := len(verbs(h.CDO, time.Time{})); n != 0 {
			t.Errorf("%d of one’s own doings are news", n)
		}
		if verbs(h.Manager, time.Time{})["deployment.register"] != 1 || verbs(h.Officer, time.Time{})["deployment.move"] != 1 {
			t.Errorf("the manager reads %v, the union %v", verbs(h.Manager, time.Time{}), verbs(h.Officer, time.Time{}))
		}
		// GMB is in scope of nothing here that is not noticed; an idea is nobody else's.
		h.Deploy(t)
		if n := verbs(h.Officer, time.Time{})["deployment.register"]; n != 1 {
			t.Errorf("the union reads of %d registrations; one is an idea of the employer’s", n)
		}
		then := h.Clock.Now()
		size := need(s.LedgerSize(ctx, h.Org.ID))(t)
		if need(h.NewsSince(ctx, h.Officer, size))(t) {
			t.Error("nothing is news")
		}
		need(h.Ask(ctx, h.OtherOfficer, need(noticed(t, h))(t), "", "How many cases?"))(t)
		for _, c := range []struct {
			a    models.Actor
			want int
		}{{h.Officer, 0}, {h.Manager, 1}, {h.OtherOfficer, 0}} {
			if n := verbs(c.a, then)["request.ask"]; n != c.want {
				t.Errorf("%s is told of %d requests, want %d", c.a.Email, n, c.want)
			}
		}
		if !need(h.NewsSince(ctx, h.Officer, size))(t) || d.Ref == "" {
			t.Error("a notice is news to a union")
		}
	})
}

// noticed is the ref of a deployment whose notice has been served.
func noticed(t *testing.T, h *registertest.House) (string, error) {
	d, _ := h.Noticed(t)
	return d.Ref, nil
}

func TestOpenWindowsAreOfTheReadersUnions(t *testing.T) {
	t.Parallel()
	ctx, h := t.Context(), registertest.New(t, storetest.Open(t, "sqlite"))
	d, n := h.Noticed(t)
	for _, a := range []models.Actor{h.Officer, h.CDO, h.Scrutiny} {
		all := need(h.OpenWindows(ctx, a))(t)
		if len(all) != 1 || all[0].No != n.No || all[0].Ref != d.Ref || all[0].Until <= models.DateOf(h.Clock.Now(), h.Org.Location()) {
			t.Errorf("%s: %+v", a.Email, all)
		}
	}
	h.Clock.Set(h.Clock.Now().Add(200 * 24 * time.Hour))
	if all := need(h.OpenWindows(ctx, h.CDO))(t); len(all) != 0 {
		t.Errorf("closed long ago: %+v", all)
	}
}

func TestTheFirstPageTakesAsManyStatementsWhateverThereIs(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	count := func() map[string]int64 {
		out := map[string]int64{}
		for name, read := range map[string]func(a models.Actor) error{
			"duties": func(a models.Actor) error {
				ctx, n := store.Counted(t.Context())
				err := second(h.Duties(ctx, a))
				out["duties"] = n()
				return err
			},
			"windows": func(a models.Actor) error {
				ctx, n := store.Counted(t.Context())
				err := second(h.OpenWindows(ctx, a))
				out["windows"] = n()
				return err
			},
			"changes": func(a models.Actor) error {
				ctx, n := store.Counted(t.Context())
				_, _, err := h.Changes(ctx, a, time.Time{}, 10)
				out["changes"] = n()
				return err
			},
		} {
			if err := read(h.Officer); err != nil {
				t.Fatal(name, err)
			}
		}
		return out
	}
	h.Noticed(t)
	before := count()
	for range 3 {
		d, _ := h.Noticed(t)
		need(h.MakeComment(t.Context(), h.Rep, d.Ref, commentInput("Caseloads must not rise.")))(t)
		need(h.Ask(t.Context(), h.Officer, d.Ref, "", "How many cases?"))(t)
	}
	for name, n := range count() {
		if n != before[name] {
			t.Errorf("%s: %d statements for one deployment, %d for four", name, before[name], n)
		}
	}
}
