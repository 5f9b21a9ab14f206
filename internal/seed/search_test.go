package seed_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/seed"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
	"beforehand/policy"
)

// A search looks at the newest first and stops when it has enough; in another
// order it finds everything at once. Page by page both find the same, in one
// organisation and in one of several, whoever asks and whatever else is asked.
func TestSearchingTheNewestFindsTheSame(t *testing.T) {
	t.Parallel()
	// Of one organisation more than a thousand have a common word: for fewer no list is walked.
	for organisations, deployments := range map[int]int{1: 3400, 3: 2600} {
		storetest.Run(t, func(t *testing.T, s *store.Store) {
			size := seed.Size{Deployments: deployments, Organisations: organisations, Light: 100, Seed: 11, Until: small.Until}
			if err := seed.Make(t.Context(), s, policy.Bundled(), size, func(seed.Progress) {}); err != nil {
				t.Fatal(err)
			}
			h := registertest.Empty(t, s)
			h.Clock.Set(small.Until.Add(time.Hour))
			var err error
			if h.Org, err = s.OrganisationBySlug(t.Context(), seed.Slug(size.Seed, 1)); err != nil {
				t.Fatal(err)
			}
			for _, role := range []models.Role{models.RoleCDO, models.RoleUnionOfficer} {
				a := wearing(t, h, role)
				for _, f := range []store.Filter{
					{Text: "letters"},
					{Text: "allocate"},
					{Text: "allocate letters"},
					{Text: "Arbenlan"},
					{Text: "llythyrau"},
					{Text: "DEP-2024-012"},
					{Text: "nothing-of-this-kind"},
					{Text: "letters", Stage: models.StageLive},
					{Text: "the"},
					{Text: "DEP"},
				} {
					agree(t, h, a, f)
				}
				if organisations == 1 {
					walked(t, h, a)
				}
			}
		})
	}
}

// agree walks a search in the usual order and holds it against the same by name.
func agree(t *testing.T, h *registertest.House, a models.Actor, f store.Filter) {
	t.Helper()
	who := fmt.Sprintf("%v, %q %s", a.EmployerSide(), f.Text, f.Stage)
	f.Sort = store.SortName
	want := all(t, h, a, f)
	slices.SortFunc(want, func(x, y models.Deployment) int {
		return -cmp.Or(x.CreatedAt.Compare(y.CreatedAt), cmp.Compare(x.ID, y.ID))
	})
	f.Sort, f.Desc = store.SortCreated, true
	var got []models.Deployment
	for p := (register.Page{Limit: 23}); ; {
		rows, next, total, err := h.Deployments(t.Context(), a, f, p)
		if err != nil {
			t.Fatal(who, err)
		}
		if most := upTo(len(want)); total != most {
			t.Fatalf("%s: %+v in all, want %+v", who, total, most)
		}
		got = append(got, rows...)
		if p.After = next; next == "" {
			break
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%s: found %d, want %d", who, len(got), len(want))
	}
	for i := range got {
		if got[i].ID != want[i].ID {
			t.Fatalf("%s: at %d is %s, want %s", who, i, got[i].Ref, want[i].Ref)
		}
	}
}

func upTo(n int) store.Total {
	return store.Total{Count: min(n, store.CountCap), More: n > store.CountCap}
}

// walked holds searches in lists that something else narrows or puts in order
// against the same lists without words, and the words without a list.
func walked(t *testing.T, h *registertest.House, a models.Actor) {
	t.Helper()
	cdo := wearing(t, h, models.RoleCDO)
	for _, text := range []string{"letters", "Arbenlan", "DEP-2024-012", "?"} {
		has := map[string]bool{}
		for _, d := range all(t, h, cdo, store.Filter{Text: text, Sort: store.SortCreated, Desc: true}) {
			has[d.ID] = true
		}
		for what, f := range map[string]store.Filter{
			"all": {}, "live": {Stage: models.StageLive}, "paused and D": {Stage: models.StagePaused, Class: models.ClassD},
		} {
			for _, order := range []store.Filter{{Sort: store.SortName}, {Sort: store.SortUpdated, Desc: true}, {Sort: store.SortReview}, {Sort: store.SortCreated, Desc: true}} {
				f.Sort, f.Desc, f.Text = order.Sort, order.Desc, ""
				want := slices.DeleteFunc(all(t, h, a, f), func(d models.Deployment) bool { return !has[d.ID] })
				f.Text = text
				got, next, total, err := h.Deployments(t.Context(), a, f, register.Page{Limit: 31})
				if err != nil {
					t.Fatal(err)
				}
				if most := upTo(len(want)); total != most {
					t.Errorf("%q in %s by %s: %+v in all, want %+v", text, what, f.Sort, total, most)
				}
				if next != "" {
					got = all(t, h, a, f)
				}
				if !slices.EqualFunc(got, want, func(x, y models.Deployment) bool { return x.ID == y.ID }) {
					t.Errorf("%v, %q in %s by %s: found %d, want %d in their order", a.EmployerSide(), text, what, f.Sort, len(got), len(want))
				}
			}
		}
	}
}

// What was registered at one instant stands in the order of its ids, on
// whatever page it falls.
func TestSearchingAmongWhatWasRegisteredAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		for range 60 {
			h.Deploy(t)
		}
		for _, limit := range []int{1, 7, 59, 60} {
			var got []string
			for p := (register.Page{Limit: limit}); ; {
				rows, next, total, err := h.Deployments(t.Context(), h.CDO, store.Filter{Text: "DEP", Sort: store.SortCreated, Desc: true}, p)
				if err != nil || total.Count != 60 {
					t.Fatal(total, err)
				}
				for _, d := range rows {
					got = append(got, d.ID)
				}
				if p.After = next; next == "" {
					break
				}
			}
			if len(got) != 60 || !slices.IsSortedFunc(got, func(a, b string) int { return cmp.Compare(b, a) }) {
				t.Errorf("by %d: %d, or not in order", limit, len(got))
			}
		}
	})
}
