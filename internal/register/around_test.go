package register_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beforehand/internal/seed"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
	"beforehand/policy"
)

// What a gate is told that there is, is what each read by itself finds; and of
// the comments it is told all that its rules go by.
func TestAGateIsToldOfWhatThereIs(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		size := seed.Size{Deployments: 60, Comments: 400, Organisations: 1, Light: 0, Seed: 3, Until: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)}
		must(t, seed.Make(ctx, s, policy.Bundled(), size, func(seed.Progress) {}))
		org := need(s.OrganisationBySlug(ctx, seed.Slug(size.Seed, 1)))(t)
		rows, _, err := s.Deployments(ctx, org.ID, store.Filter{Sees: store.Sees{All: true, Parties: true, Whole: true}}, store.Cursor{}, 200)
		must(t, err)
		seen := 0
		for _, d := range rows {
			id := d.ID
			there := store.Around{
				Organisation: org,
				Closures:     len(need(s.ClosureDays(ctx, org.ID))(t)) > 0,
				Requests:     len(need(s.Requests(ctx, org.ID, id))(t)) > 0,
				Meetings:     len(need(s.MeetingsOf(ctx, org.ID, id))(t)) > 0,
				Outcomes:     len(need(s.Outcomes(ctx, org.ID, id))(t)) > 0,
				Claims:       len(need(s.Claims(ctx, org.ID, id))(t)) > 0,
				Holds:        len(need(s.Holds(ctx, org.ID, id))(t)) > 0,
				Overrides:    len(need(s.Overrides(ctx, org.ID, id))(t)) > 0,
				Material:     len(need(s.MaterialChanges(ctx, org.ID, id))(t)) > 0,
				Additions:    len(need(s.ScopeAdditions(ctx, org.ID, id))(t)) > 0,
			}
			if diff := cmp.Diff(there, need(s.Around(ctx, org.ID, id))(t)); diff != "" {
				t.Errorf("%s: -read, +told:\n%s", id, diff)
			}
			var all []models.CommentState
			for _, c := range need(s.Comments(ctx, org.ID, id))(t) {
				if c.UnionID == nil {
					continue
				}
				k := models.CommentState{Comment: models.Comment{UnionID: c.UnionID, Kind: c.Kind, At: c.At}, CorrectedAt: c.CorrectedAt, WithdrawnAt: c.WithdrawnAt}
				if c.Disposition != nil {
					k.Disposition = &models.Disposition{At: c.Disposition.At}
				}
				all = append(all, k)
			}
			told := need(s.UnionComments(ctx, org.ID, id))(t)
			if len(all) != len(told) {
				t.Fatalf("%s: %d comments of unions, told of %d", id, len(all), len(told))
			}
			for i := range all {
				if diff := cmp.Diff(all[i], told[i]); diff != "" {
					t.Errorf("%s: -read, +told:\n%s", id, diff)
				}
			}
			seen += len(told)
		}
		if seen < 50 {
			t.Errorf("only %d comments were looked at", seen)
		}
	})
}
