package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// A total of a search is of the deployments registered last, or of as many as are
// enough; where it is not of all, it says so. A page of the search that is known
// changes what it costs, and not that.
func TestTheTotalOfASearchIsOfTheRecentOnes(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		const deployments, recent, enough = 900, 120, 15
		org := seeded(t, s, deployments)
		all := store.Sees{All: true, Parties: true, Whole: true}
		union := store.Sees{Unions: []string{unionOf(t, s, org.ID)}, On: models.DateOf(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), time.UTC)}
		since := registered(t, s, org.ID, store.Filter{Sees: all})[recent-1]
		type effort struct{ first, rare, few int }
		efforts := []effort{{20, 0, 25}, {5, 0, deployments}, {400, 0, deployments}, {20, 1000, deployments}}
		stopped, beyond, short := 0, 0, 0
		for what, l := range map[string]struct {
			store.Filter
			walked bool
		}{
			"newest": {store.Filter{Sees: all, Sort: store.SortCreated, Desc: true}, false}, "by name": {store.Filter{Sees: all, Sort: store.SortName}, false},
			"by review": {store.Filter{Sees: all, Sort: store.SortReview}, true}, "live": {store.Filter{Sees: all, Sort: store.SortCreated, Desc: true, Stage: models.StageLive}, true},
			"class B": {store.Filter{Sees: all, Sort: store.SortCreated, Desc: true, Class: models.ClassB}, true}, "class C": {store.Filter{Sees: all, Sort: store.SortCreated, Desc: true, Class: models.ClassC}, true}, "class C, by name": {store.Filter{Sees: all, Sort: store.SortName, Class: models.ClassC}, true},
			"a union's": {store.Filter{Sees: union, Sort: store.SortCreated, Desc: true}, true}, "a union's, by name": {store.Filter{Sees: union, Sort: store.SortName}, true},
		} {
			f := l.Filter
			lines := len(registered(t, s, org.ID, f))
			for _, f.Text = range []string{"letters", "summarise", "allocate letters", "Arbenlan", "DEP-2024-012"} {
				hits := registered(t, s, org.ID, f)
				among := len(slices.DeleteFunc(slices.Clone(hits), func(at time.Time) bool { return at.Before(since) }))
				for _, e := range efforts {
					s.LookNoFurther(e.first, max(10, e.first), e.few, deployments)
					s.BeginFrom(e.rare)
					s.CountAmong(recent, enough)
					who := fmt.Sprintf("%q, %s, %+v: of %d there are %d recent ones", f.Text, what, e, len(hits), among)
					for _, total := range totals(t, s, org.ID, f) {
						if total.Count > len(hits) || !total.More && total.Count < len(hits) || total.Count < min(enough, len(hits)) || total.More && len(hits) < enough {
							t.Errorf("%s, counted %+v", who, total)
						}
						if among >= enough && f.Sort != store.SortReview && total.Count < among {
							t.Errorf("%s, counted %+v", who, total)
						}
						if f.Sort == store.SortReview && total.More && total.Count == len(hits) {
							t.Errorf("%s, counted %+v, and looked at all", who, total)
						}
						if all := (store.Total{Count: len(hits)}); total != all && l.walked && (e.rare > 0 || lines < e.first) {
							t.Errorf("%s, counted %+v of a short list or of few hits", who, total)
						} else if total.Count < len(hits)*2/3 {
							stopped++
						}
						if total.Count == enough && among < enough && total.More {
							beyond++
						}
						if l.walked && lines < e.first && among >= enough && among < len(hits) {
							short++
						}
					}
					if f.Sort == store.SortReview {
						continue
					}
					of := figures(t, s, org.ID, f)
					if of.Count > len(hits) || of.Count < min(enough, len(hits)) || among >= enough && of.Count < among || e.rare > 0 && l.walked && of.Count != len(hits) || !of.More && of.Count != len(hits) {
						t.Errorf("%s, the figures are of %+v", who, of)
					}
				}
				s.CountAmong(deployments, enough)
				for _, total := range totals(t, s, org.ID, f) {
					if total != (store.Total{Count: len(hits)}) {
						t.Errorf("%q, %s: counted %+v of %d where all are recent", f.Text, what, total, len(hits))
					}
				}
			}
		}
		if stopped < 20 || beyond < 5 || short < 3 {
			t.Errorf("%d totals stopped at the recent ones, %d with enough, %d of a short list: nothing was tried", stopped, beyond, short)
		}
	})
}

// The total of a search is found with a page of it: hardly more is asked.
func TestAPageOfASearchKnowsItsTotal(t *testing.T) {
	t.Parallel()
	const deployments = store.CountCap + 50 // all of which have "DEP"
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		org := seeded(t, s, deployments)
		f := store.Filter{Sees: store.Sees{All: true, Parties: true, Whole: true}, Sort: store.SortCreated, Desc: true}
		since := registered(t, s, org.ID, f)[99]
		for _, f.Text = range []string{"letters", "summarise", "allocate letters", "Arbenlan", "DEP-2024-012", "2024", "2021", "DEP", "nothing-of-this-kind"} {
			hits := registered(t, s, org.ID, f)
			want, err := paged(t, s, org.ID, f, 200) // all are recent yet
			if err != nil || len(want) != len(hits) {
				t.Fatal(len(want), err)
			}
			among := len(slices.DeleteFunc(slices.Clone(hits), func(at time.Time) bool { return at.Before(since) }))
			for _, x := range []struct{ recent, enough, limit int }{{deployments, 15, 25}, {100, 15, 10}, {100, 30, 4}} {
				s.CountAmong(x.recent, x.enough)
				asked, pages, ids := 0, 0, []string{}
				for after := (store.Cursor{}); pages == 0 || after.ID != ""; pages++ {
					l, err := s.DeploymentLines(t.Context(), org.ID, f, after, x.limit)
					if err != nil {
						t.Fatal(err)
					}
					ctx, sent := store.Counted(t.Context())
					total, err := s.CountDeployments(ctx, org.ID, f, false, l)
					if err != nil || total.Count > len(hits) || !total.More && total.Count != len(hits) || total.Count < min(len(hits), x.enough, store.CountCap) || among >= x.enough && total.Count < among {
						t.Errorf("%q, %+v: counted %+v of %d, %d recent ones, %v", f.Text, x, total, len(hits), among, err)
					}
					after = l.Next
					for _, d := range l.Rows {
						ids = append(ids, d.ID)
					}
					if sent() > 0 {
						asked++
					}
				}
				if !slices.Equal(ids, want) {
					t.Errorf("%q, %+v: %d of %d on the pages, or in another order", f.Text, x, len(ids), len(want))
				}
				if asked > pages/3 { // where the recent ones are enough for the page, and not for a total
					t.Errorf("%q, %+v: counted once more for %d of %d pages", f.Text, x, asked, pages)
				}
			}
		}
	})
}

// PostgreSQL looks into the words' index even for what all have: what it reads from end to
// end until it has found enough may have all of it at the end.
func TestALookGoesIntoTheIndex(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "postgres")
	org := seeded(t, s, 1200)
	for _, text := range []string{"DEP", "letters", "allocate letters", "DEP-2024", "Arbenlan"} {
		first, err := s.DeploymentLines(t.Context(), org.ID, store.Filter{Text: text, Sort: store.SortCreated, Desc: true, Sees: store.Sees{All: true, Whole: true}}, store.Cursor{}, 5)
		if err != nil || first.Next.ID == "" {
			t.Fatal(text, err)
		}
		for _, after := range []store.Cursor{{}, first.Next} {
			plans, err := s.PlansOfLooks(t.Context(), org.ID, text, after)
			if err != nil || len(plans) != 2 {
				t.Fatal(len(plans), err)
			}
			for _, plan := range plans {
				if strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "deployments_fts_words") {
					t.Errorf("%q, after %v:\n%s", text, after, plan)
				}
			}
		}
	}
}

// What was registered by a clock that was ahead is the newest there is, and found first.
func TestASearchFindsWhatAClockAheadRegistered(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		org := seededUntil(t, s, 800, 2, time.Date(2095, 9, 1, 0, 0, 0, 0, time.UTC))
		f := store.Filter{Sees: store.Sees{All: true, Parties: true, Whole: true}, Sort: store.SortCreated, Desc: true}
		for _, f.Text = range []string{"letters", "Arbenlan", "summarise"} {
			s.CountAmong(0, 5)
			want, err := s.DeploymentLines(t.Context(), org.ID, f, store.Cursor{}, 4)
			if err != nil || len(want.Rows) != 4 || want.Rows[0].CreatedAt.Year() < 2090 {
				t.Fatal(f.Text, len(want.Rows), err)
			}
			s.CountAmong(50, 5)
			got, err := s.DeploymentLines(t.Context(), org.ID, f, store.Cursor{}, 4)
			if err != nil || got.Next != want.Next || !slices.EqualFunc(got.Rows, want.Rows, func(a, b models.Deployment) bool { return a.ID == b.ID }) {
				t.Errorf("%q: %d found, and next %v for %v, %v", f.Text, len(got.Rows), got.Next, want.Next, err)
			}
		}
	})
}

// What was registered in one instant is in the order of its ids, and none is left out
// between two pages.
func TestASearchPagesThroughAnInstant(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		org := seeded(t, s, 200)
		statements := []string{"UPDATE deployments SET created_at = '2026-08-31 12:00:00+00:00'"}
		if s.Engine() == "sqlite" {
			statements = append(statements, "UPDATE deployments_fts SET rowid = (unixepoch('2026-08-31 12:00:00') << 30) + (rowid & 1073741823)")
		} else {
			statements = append(statements, "UPDATE deployments_fts SET created_at = '2026-08-31 12:00:00+00:00'")
		}
		for _, sql := range statements {
			if err := s.Raw(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		f := store.Filter{Text: "letters", Sees: store.Sees{All: true, Parties: true, Whole: true}, Sort: store.SortCreated, Desc: true}
		total, err := s.CountDeployments(t.Context(), org.ID, f, true, store.Listing{})
		if err != nil || total.Count < 30 {
			t.Fatal(total, err)
		}
		ids, err := paged(t, s, org.ID, f, 7)
		if err != nil || len(ids) != total.Count || !slices.IsSortedFunc(ids, func(a, b string) int { return strings.Compare(b, a) }) {
			t.Errorf("%d of %d on the pages, sorted %v, %v", len(ids), total.Count, slices.IsSorted(ids), err)
		}
	})
}

// Between the statement that finds the places and that which reads them deployments
// may be saved, and have other places then: they are found nevertheless.
func TestASearchFindsWhatIsSavedMeanwhile(t *testing.T) {
	t.Parallel()
	for what, x := range map[string]struct {
		class models.ChangeClass
		first []string // done before
		moved string
	}{
		"newest": {moved: "deployments_fts MATCH 'letters'"}, "class B": {class: models.ClassB, moved: "deployments_fts MATCH 'letters'"},
		"one of many of a second": {
			first: []string{
				"UPDATE deployments SET created_at = '2026-08-31 12:00:00+00:00'",
				"UPDATE deployments_fts SET rowid = (unixepoch('2026-08-31 12:00:00') << 30) + (rowid & 1073741823)",
			},
			moved: "deployment_id = (SELECT MAX(deployment_id) FROM deployments_fts WHERE deployments_fts MATCH 'letters')",
		},
	} {
		s := storetest.Open(t, "sqlite")
		org := seeded(t, s, 300)
		for _, sql := range x.first {
			if err := s.Raw(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		f := store.Filter{Text: "letters", Class: x.class, Sees: store.Sees{All: true, Parties: true, Whole: true}, Sort: store.SortCreated, Desc: true}
		s.LookNoFurther(20, 30, 10, 300)
		s.BeginFrom(0)
		want, err := s.DeploymentLines(t.Context(), org.ID, f, store.Cursor{}, 10)
		if err != nil || len(want.Rows) != 10 || want.Next.ID == "" {
			t.Fatal(what, len(want.Rows), err)
		}
		total, err := s.CountDeployments(t.Context(), org.ID, f, true, store.Listing{})
		if err != nil {
			t.Fatal(err)
		}
		moved := false
		if err := s.AfterPlaces(func() {
			moved = true
			if err := s.Raw(t.Context(), "UPDATE deployments_fts SET rowid = rowid + 1 WHERE rowid IN (SELECT rowid FROM deployments_fts WHERE "+x.moved+")"); err != nil {
				t.Error(err)
			}
		}); err != nil {
			t.Fatal(err)
		}
		got, err := s.DeploymentLines(t.Context(), org.ID, f, store.Cursor{}, 10)
		if err != nil || !moved || got.Next != want.Next || !slices.EqualFunc(got.Rows, want.Rows, func(a, b models.Deployment) bool { return a.ID == b.ID }) {
			t.Errorf("%s: %d of %d, and next %v for %v, %v", what, len(got.Rows), len(want.Rows), got.Next, want.Next, err)
		}
		if counted, err := s.CountDeployments(t.Context(), org.ID, f, false, got); err != nil || counted != total {
			t.Errorf("%s: counted %+v of %+v, %v", what, counted, total, err)
		}
	}
}

// totals are those of a search by itself, with its first page, and with the next.
func totals(t *testing.T, s *store.Store, org string, f store.Filter) (out []store.Total) {
	t.Helper()
	known, err := s.DeploymentLines(t.Context(), org, f, store.Cursor{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	next, err := s.DeploymentLines(t.Context(), org, f, known.Next, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []store.Listing{{}, known, next} {
		total, err := s.CountDeployments(t.Context(), org, f, false, l)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, total)
	}
	return out
}

// figures is of how many the figures beside a list are.
func figures(t *testing.T, s *store.Store, org string, f store.Filter) store.Total {
	t.Helper()
	n := 0
	figures, err := s.Facets(t.Context(), org, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range figures.By {
		if x.Column == "stage" {
			n += x.Count
		}
	}
	if figures.Of.Count != n {
		t.Errorf("%q: figures of %d, and they say of %+v", f.Text, n, figures.Of)
	}
	return figures.Of
}

// registered are when the deployments of a list were registered, the last first.
func registered(t *testing.T, s *store.Store, org string, f store.Filter) []time.Time {
	t.Helper()
	s.LookNoFurther(0, 0, 0, 0)
	var at []time.Time
	for after, begun := (store.Cursor{}), false; !begun || after.ID != ""; begun = true {
		rows, next, err := s.Deployments(t.Context(), org, f, after, 200)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range rows {
			at = append(at, d.CreatedAt)
		}
		after = next
	}
	slices.SortFunc(at, func(a, b time.Time) int { return b.Compare(a) })
	return at
}

func unionOf(t *testing.T, s *store.Store, org string) string {
	t.Helper()
	unions, err := s.Unions(t.Context(), org)
	if err != nil || len(unions) == 0 {
		t.Fatal(len(unions), err)
	}
	return unions[0].ID
}
