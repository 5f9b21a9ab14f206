package store_test

import (
	"slices"
	"testing"
	"time"

	"beforehand/internal/seed"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
	"beforehand/policy"
)

// A search of a list ends when it has looked far enough. Its pages may be short,
// and its total what it has found so far, but from page to page nothing is left
// out or found twice.
func TestASearchThatLooksNoFurtherGoesOnOnItsNextPage(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		org := seeded(t, s, 1200)
		const limit, few, far = 20, 25, 120
		sees := store.Sees{All: true, Parties: true, Whole: true}
		lists := map[string]store.Filter{
			"by name": {Sort: store.SortName}, "by name, last first": {Sort: store.SortName, Desc: true}, "by change": {Sort: store.SortUpdated, Desc: true},
			"by review": {Sort: store.SortReview}, "from the first on": {Sort: store.SortCreated}, "live": {Sort: store.SortCreated, Desc: true, Stage: models.StageLive},
		}
		for _, text := range []string{"letters", "summarise", "allocate", "nothing-of-this-kind"} {
			words := store.Filter{Text: text, Sort: store.SortCreated, Desc: true, Sees: sees}
			has, err := paged(t, s, org.ID, words, 200)
			if err != nil {
				t.Fatal(err)
			}
			for what, f := range lists {
				f.Sees = sees
				want, err := paged(t, s, org.ID, f, 200)
				if err != nil {
					t.Fatal(err)
				}
				want = slices.DeleteFunc(want, func(id string) bool { return !slices.Contains(has, id) })
				f.Text = text
				s.LookNoFurther(10, 30, few, far)
				short := 0
				got, err := paged(t, s, org.ID, f, limit, func(rows int) {
					if rows < limit {
						short++
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%q, %s: %d of %d, or in another order", text, what, len(got), len(want))
				}
				if many := len(has) > few; short > 0 && !many || text == "allocate" && what == "by name, last first" && short == 0 {
					t.Errorf("%q, %s: %d short pages, of %d hits", text, what, short, len(has))
				}
				total, err := s.CountDeployments(t.Context(), org.ID, f, false, store.Listing{})
				if err != nil || total.Count > len(want) || total.More != (total.Count < len(want)) {
					t.Errorf("%q, %s: counted %+v of %d, %v", text, what, total, len(want), err)
				}
				if exact, err := s.CountDeployments(t.Context(), org.ID, f, true, store.Listing{}); err != nil || exact != (store.Total{Count: len(want)}) {
					t.Errorf("%q, %s: counted exactly %+v of %d, %v", text, what, exact, len(want), err)
				}
				s.LookNoFurther(0, 0, 0, 0)
			}
		}
	})
}

// Words that few have are begun from: no line is looked at for them.
func TestWhatFewHaveIsNotWalkedFor(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		org := seeded(t, s, 700)
		f := store.Filter{Text: "summarise", Sort: store.SortName, Sees: store.Sees{All: true, Parties: true, Whole: true}}
		statements := func(rare int) (int64, []string) {
			s.LookNoFurther(10, 30, 10_000, 10_000)
			s.BeginFrom(rare)
			ctx, sent := store.Counted(t.Context())
			l, err := s.DeploymentLines(ctx, org.ID, f, store.Cursor{}, 50)
			rows := l.Rows
			if err != nil || len(rows) == 0 {
				t.Fatal(len(rows), err)
			}
			names := make([]string, len(rows))
			for i, d := range rows {
				names[i] = d.NameEn
			}
			return sent(), names
		}
		statements(0) // what is asked once and remembered
		walked, far := statements(0)
		begun, near := statements(1000)
		if !slices.Equal(far, near) || !slices.IsSorted(near) {
			t.Errorf("%d and %d found", len(far), len(near))
		}
		if begun > 7 || walked < 2*begun {
			t.Errorf("%d statements, %d when it was walked for", begun, walked)
		}
	})
}

// Where there are no more hits, the steps of a walk become longer.
func TestAWalkInVainTakesLongerSteps(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ found, wanted int }{{0, 51}, {1, 51}, {50, 51}, {40, 51}, {995, 1001}, {99, 101}} {
		if n := store.StepsInVain(x.found, x.wanted); n > 25 {
			t.Errorf("%d steps to the end of a walk that has found %d of %d", n, x.found, x.wanted)
		}
	}
}

// seeded is an organisation with so many deployments.
func seeded(t *testing.T, s *store.Store, deployments int) models.Organisation {
	t.Helper()
	return seededUntil(t, s, deployments, 1, time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC))
}

func seededUntil(t *testing.T, s *store.Store, deployments, organisations int, until time.Time) models.Organisation {
	t.Helper()
	size := seed.Size{Deployments: deployments, Organisations: organisations, Light: 100, Seed: 7, Until: until}
	if err := seed.Make(t.Context(), s, policy.Bundled(), size, func(seed.Progress) {}); err != nil {
		t.Fatal(err)
	}
	org, err := s.OrganisationBySlug(t.Context(), seed.Slug(size.Seed, 1))
	if err != nil {
		t.Fatal(err)
	}
	return org
}

// paged are the ids of a list, page by page; each but the last page is told of.
func paged(t *testing.T, s *store.Store, org string, f store.Filter, limit int, told ...func(rows int)) ([]string, error) {
	t.Helper()
	var ids []string
	for after, begun := (store.Cursor{}), false; !begun || after.ID != ""; begun = true {
		rows, next, err := s.Deployments(t.Context(), org, f, after, limit)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			ids = append(ids, d.ID)
		}
		if next.ID != "" {
			for _, tell := range told {
				tell(len(rows))
			}
		}
		after = next
	}
	return ids, nil
}
