package register

import (
	"context"
	"slices"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

func addVersion(ctx context.Context, tx *store.Tx, a models.Actor, d models.Deployment, at time.Time, note string) error {
	return tx.Add(ctx, &models.Version{
		OrgID: d.OrgID, DeploymentID: d.ID, Number: d.Version, RecordJSON: d.RecordJSON, SHA256: ledger.Hash([]byte(d.RecordJSON)),
		Class: d.EffectiveClass(), Stage: d.Stage, Late: d.Late, ByUserID: a.UserID, At: at, Note: note,
	})
}

// Versions are the saves of a deployment, newest first, below a number.
func (r *Register) Versions(ctx context.Context, a models.Actor, ref string, below, limit int) ([]models.Version, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return nil, err
	}
	all, err := r.store.Versions(ctx, s.OrgID, s.ID, below, limit)
	return slices.DeleteFunc(all, func(v models.Version) bool { return r.before(a, s, v) }), err
}

// draftOnly says whether a save was the employer's own: an idea, before anybody
// else was to read it.
func draftOnly(v models.Version) bool { return v.Stage == models.StageIdea && !v.Late }

// partiesOnly says whether a save was for the parties: before the first notice.
func partiesOnly(v models.Version) bool { return v.Stage == models.StageFormative && !v.Late }

// before says whether a save was made before somebody was to read any: what was
// for the parties stays theirs when the deployment is public.
func (r *Register) before(a models.Actor, s subject, v models.Version) bool {
	if audienceOf(a, s.res) != "" && draftOnly(v) {
		return true
	}
	res := s.res
	res.Audience = models.AudienceParties
	return partiesOnly(v) && r.check(a, "deployment.read", res) != nil
}

// VersionView is one save, as the actor may read it.
type VersionView struct {
	models.Version
	Record models.Record
}

// Version is one save of a deployment by its number.
func (r *Register) Version(ctx context.Context, a models.Actor, ref string, number int) (VersionView, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return VersionView{}, err
	}
	v, err := r.store.Version(ctx, s.OrgID, s.ID, number)
	if err != nil {
		return VersionView{}, err
	}
	return r.versionView(a, s, v)
}

// AsAt is the save of a deployment that was in force at the end of a day.
func (r *Register) AsAt(ctx context.Context, a models.Actor, ref string, on models.Date) (VersionView, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return VersionView{}, err
	}
	org, err := r.store.Organisation(ctx, s.OrgID)
	if err != nil {
		return VersionView{}, err
	}
	v, err := r.store.VersionAt(ctx, s.OrgID, s.ID, endOf(on, org.Location()))
	if err != nil {
		return VersionView{}, err
	}
	return r.versionView(a, s, v)
}

// versionView hides in a save what was withheld in it, and what is withheld now.
func (r *Register) versionView(a models.Actor, s subject, v models.Version) (VersionView, error) {
	if r.before(a, s, v) {
		return VersionView{}, models.Missing("version")
	}
	rec, err := readRecord(v.RecordJSON)
	own := rec.Withheld
	rec.Withheld = append(slices.Clone(own), s.rec.Withheld...)
	rec = rec.ForAudience(audienceOf(a, s.res), models.DateOf(r.Now(), time.UTC))
	rec.Withheld = own
	return VersionView{v, rec}, err
}

// Diff is what changed between two saves of a deployment.
func (r *Register) Diff(ctx context.Context, a models.Actor, ref string, from, to int) ([]models.FieldChange, error) {
	before, err := r.Version(ctx, a, ref, from)
	if err != nil {
		return nil, err
	}
	after, err := r.Version(ctx, a, ref, to)
	if err != nil {
		return nil, err
	}
	return models.Diff(before.Record, after.Record)
}

// endOf is the last microsecond of a day in a zone.
func endOf(d models.Date, zone *time.Location) time.Time {
	return d.AddDays(1).At(0, 0, zone).Add(-time.Microsecond).UTC()
}
