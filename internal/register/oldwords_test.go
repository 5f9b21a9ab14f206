package register_test

import (
	"testing"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
)

// What the release before wrote while this one already ran stands in its place
// after the next sweep.
func TestWordsOfTheReleaseBeforeFindTheirPlace(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "postgres")
	h := registertest.New(t, s)
	h.Deploy(t)
	h.Deploy(t)           // a page of one asks for two
	newest := h.Deploy(t) // without its instant it would come last, after what is older
	if _, err := s.Pool().ExecContext(t.Context(), "UPDATE deployments_fts SET created_at = DEFAULT WHERE deployment_id = (SELECT id FROM deployments WHERE ref = $1)", newest.Ref); err != nil {
		t.Fatal(err)
	}
	f := store.Filter{Text: "DEP", Sort: store.SortCreated, Desc: true}
	if err := s.Sweep(t.Context(), h.Now(), h.Now(), h.Now()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for p := (register.Page{Limit: 1}); ; {
		rows, next, _, err := h.Deployments(t.Context(), h.CDO, f, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range rows {
			seen[d.Ref] = true
		}
		if p.After = next; next == "" {
			break
		}
	}
	if len(seen) != 3 {
		t.Errorf("found %v", seen)
	}
}

// A total is of the list that it stands beside, however many of it are shown.
func TestTotalsByReviewCountWhatIsListed(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		for i := range 6 {
			in := register.Registration{Record: h.Record()}
			if i%2 == 0 {
				in.Record.Dates.ReviewDue = 0
			}
			if _, err := h.RegisterDeployment(t.Context(), h.CDO, in); err != nil {
				t.Fatal(err)
			}
		}
		for _, limit := range []int{2, 3, 50} {
			for _, exact := range []bool{false, true} {
				rows, _, total, err := h.Deployments(t.Context(), h.CDO, store.Filter{Sort: store.SortReview}, register.Page{Limit: limit, Exact: exact})
				if err != nil || total.Count != 3 || len(rows) != min(limit, 3) {
					t.Errorf("by %d, exact %v: %d of %d, %v", limit, exact, len(rows), total.Count, err)
				}
			}
		}
	})
}
