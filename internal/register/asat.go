package register

import (
	"context"
	"slices"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// past is a day in the past, and its last instant.
type past struct {
	day     models.Date
	instant time.Time
}

func (r *Register) askedAt(ctx context.Context, a models.Actor, f store.Filter, on models.Date) (store.Filter, past, error) {
	f, err := r.asked(ctx, a, store.Filter{Stage: f.Stage, Class: f.Class, Late: f.Late})
	if err != nil {
		return f, past{}, err
	}
	if on > f.Sees.On {
		return f, past{}, field("at", "in_future")
	}
	org, err := r.store.Organisation(ctx, a.OrgID)
	return f, past{on, endOf(on, org.Location())}, err
}

// listedAt is a page of what a filter of the actor's chooses of a past day.
func (r *Register) listedAt(ctx context.Context, a models.Actor, f store.Filter, at past, p Page) ([]models.Deployment, string, error) {
	after, err := store.ParseCursor(p.After)
	if err != nil {
		return nil, "", err
	}
	rows, next, err := r.store.DeploymentsAt(ctx, a.OrgID, f, at.instant, after, p.Limit)
	if err != nil {
		return nil, "", err
	}
	out := make([]models.Deployment, len(rows))
	for i, then := range rows {
		if out[i], err = asThen(then, f.Sees); err != nil {
			return nil, "", err
		}
	}
	return out, next.String(), nil
}

// asThen is a deployment as it was saved. What was withheld in that save stays
// so, and so does what has been withheld since.
func asThen(t store.Then, sees store.Sees) (models.Deployment, error) {
	d := models.Deployment{OrgID: t.OrgID, ID: t.ID, Ref: t.Ref, Stage: t.Stage, Class: t.Class, Late: t.Late, Version: t.Number, CreatedAt: t.CreatedAt, UpdatedAt: t.At, RecordJSON: t.Record}
	rec, err := readRecord(t.Record)
	if err != nil {
		return d, err
	}
	if !sees.Whole {
		now, err := readRecord(t.Now)
		if err != nil {
			return d, err
		}
		rec.Withheld = append(slices.Clone(rec.Withheld), now.Withheld...)
		rec = rec.ForAudience("public", sees.On)
	}
	d.NameEn, d.NameCy, d.ServiceAreaID = rec.Name.En, rec.Name.Cy, rec.ServiceAreaID
	showColumns(&d, rec)
	return d, nil
}
