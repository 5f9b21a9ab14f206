package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// belongs checks that all a record points to is this organisation's own. What
// is another's is not found.
func (r *Register) belongs(ctx context.Context, tx *store.Tx, a models.Actor, rec models.Record) error {
	if _, err := tx.ServiceArea(ctx, a.OrgID, rec.ServiceAreaID); err != nil {
		return err
	}
	if err := r.withholdingEnds(ctx, tx, a, rec); err != nil {
		return err
	}
	roles, err := tx.JobRolesOf(ctx, a.OrgID, rec.Groups)
	if err != nil {
		return err
	}
	for i, g := range rec.Groups {
		if _, ok := roles[g.JobRoleID]; !ok {
			e := models.Missing("job_role")
			e.Fields = []models.Field{{Path: "groups[" + itoa(i) + "].jobRole", Code: "not_found", Params: models.Params{"value": g.JobRoleID}}}
			return e
		}
	}
	return nil
}

// routine checks that what is called a routine update is one: of a deployment
// that has been decided, with no new use, group or worker data.
func routine(ctx context.Context, tx *store.Tx, a models.Actor, rec models.Record) error {
	if !rec.Staffing.RoutineUpdate {
		return nil
	}
	if rec.Staffing.RoutineOf == "" {
		return field("staffing.routineUpdateOf", "required")
	}
	// Read, not locked: two records that name each other would wait for ever.
	rd := tx.Unlocked()
	of, err := rd.Deployment(ctx, a.OrgID, rec.Staffing.RoutineOf)
	if err != nil {
		return err
	}
	moves, err := rd.Moves(ctx, a.OrgID, of.ID)
	if err != nil {
		return err
	}
	version := 0
	for _, m := range moves {
		if m.ToStage == models.StageDecided {
			version = m.Version
		}
	}
	notRoutine := field("staffing.routineUpdateOf", "not_routine", "ref", of.Ref)
	if rank := of.Stage.Rank(); version == 0 || rank < models.StageDecided.Rank() || rank > models.StageLive.Rank() {
		return notRoutine
	}
	v, err := rd.Version(ctx, a.OrgID, of.ID, version)
	if err != nil {
		return err
	}
	decided, err := readRecord(v.RecordJSON)
	if err != nil {
		return err
	}
	if !models.RoutineOf(rec, decided) {
		return notRoutine
	}
	return nil
}

// withholdingEnds bounds how long a field may be withheld at a time.
func (r *Register) withholdingEnds(ctx context.Context, tx *store.Tx, a models.Actor, rec models.Record) error {
	if len(rec.Withheld) == 0 {
		return nil
	}
	org, err := tx.Organisation(ctx, a.OrgID)
	if err != nil {
		return err
	}
	p, err := r.profile(org)
	if err != nil {
		return err
	}
	latest := models.DateOf(r.Now(), org.Location()).AddDays(p.WithholdDays)
	var f models.Faults
	for i, w := range rec.Withheld {
		if w.Until > latest {
			f.Add("withheld["+itoa(i)+"].until", "out_of_range", "min", "", "max", latest.String())
		}
	}
	return f.Err()
}

// Judgement is who says that a change is not material, and why.
type Judgement struct {
	NotMaterial bool
	Reason      string
}

// Revise saves a new version of a record. A material change after a notice
// was served voids what was approved, unless it is judged otherwise with a
// reason, which stays on the record.
func (r *Register) Revise(ctx context.Context, a models.Actor, ref string, readAt int, edit func(models.Record) (models.Record, error), j Judgement) (DeploymentView, error) {
	var s subject
	err := r.change(ctx, a, "deployment.revise", func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		if s, err = r.open(ctx, tx.Reader, a, ref, "deployment.revise"); err != nil {
			return entry{}, err
		}
		if err := versionIs("deployment", s.Version, readAt); err != nil {
			return entry{}, err
		}
		if s.rec, err = edit(s.rec); err != nil {
			return entry{}, err
		}
		// Read again: an edit may have written into the lists of the old one.
		before, err := readRecord(s.RecordJSON)
		if err != nil {
			return entry{}, err
		}
		return r.revised(ctx, tx, a, &s, before, j, at)
	})
	if err != nil {
		return DeploymentView{}, err
	}
	return r.view(a, s), nil
}

// revised writes a subject whose record has been edited.
func (r *Register) revised(ctx context.Context, tx *store.Tx, a models.Actor, s *subject, before models.Record, j Judgement, at time.Time) (entry, error) {
	if err := s.rec.Validate(); err != nil {
		return entry{}, err
	}
	if err := r.belongs(ctx, tx, a, s.rec); err != nil {
		return entry{}, err
	}
	// What was routine stays so while nothing that made it so has changed.
	if b := before.Staffing; !b.RoutineUpdate || b.RoutineOf != s.rec.Staffing.RoutineOf || !models.RoutineOf(s.rec, before) {
		if err := routine(ctx, tx, a, s.rec); err != nil {
			return entry{}, err
		}
	}
	if s.rec.ServiceAreaID != before.ServiceAreaID {
		area, err := tx.ServiceArea(ctx, a.OrgID, s.rec.ServiceAreaID)
		if err != nil {
			return entry{}, err
		}
		moved := s.res
		moved.AreaPath = area.Path
		if err := r.check(a, "deployment.revise", moved); err != nil {
			return entry{}, err
		}
		s.area = area
	}
	s.rec = becomeFull(s.rec)
	changes, err := models.Diff(before, s.rec)
	if err != nil {
		return entry{}, err
	}
	if err := r.ownAssessments(a, *s, changes); err != nil {
		return entry{}, err
	}
	org, err := tx.Organisation(ctx, a.OrgID)
	if err != nil {
		return entry{}, err
	}
	notices, err := tx.Notices(ctx, s.OrgID, s.ID)
	if err != nil {
		return entry{}, err
	}
	readAt := s.Version
	s.Version++
	markIfInUse(&s.Deployment, s.rec, "", models.DateOf(at, org.Location()))
	if err := fill(&s.Deployment, s.rec, at, len(notices) > 0); err != nil {
		return entry{}, err
	}
	if err := tx.SaveDeployment(ctx, &s.Deployment, s.rec, readAt); err != nil {
		return entry{}, err
	}
	if err := addVersion(ctx, tx, a, s.Deployment, at, j.Reason); err != nil {
		return entry{}, err
	}
	kinds, err := r.noteMaterial(ctx, tx, a, s, before, j, at, len(notices) > 0)
	return deploymentEntry(s.Deployment, map[string]any{"fields": paths(changes), "material": kinds}), err
}

// ownAssessments holds somebody who may revise only as an assurer to what an
// assurer sees to: the assessments.
func (r *Register) ownAssessments(a models.Actor, s subject, changes []models.FieldChange) error {
	a.Grants = slices.DeleteFunc(slices.Clone(a.Grants), func(g models.Grant) bool { return g.Role == models.RoleAssurer })
	if len(a.Grants) > 0 && r.check(a, "deployment.revise", s.res) == nil {
		return nil
	}
	for _, c := range changes {
		if !strings.HasPrefix(c.Path, "assessments") {
			return models.Fail(models.Forbidden, "forbidden").With("act", "deployment.revise")
		}
	}
	return nil
}

// noteMaterial writes down a material change once the unions have been told something.
func (r *Register) noteMaterial(ctx context.Context, tx *store.Tx, a models.Actor, s *subject, before models.Record, j Judgement, at time.Time, told bool) ([]string, error) {
	kinds := models.Material(before, s.rec)
	if len(kinds) == 0 || !told {
		return nil, nil
	}
	m := models.MaterialChange{OrgID: s.OrgID, DeploymentID: s.ID, Version: s.Version, Fields: kinds, Material: true, At: at}
	if j.NotMaterial {
		if slices.Contains(kinds, "worker_group") {
			return nil, models.Fail(models.Invalid, "materiality_group")
		}
		if strings.TrimSpace(j.Reason) == "" {
			return nil, models.Fail(models.Invalid, "materiality_reason")
		}
		if err := r.check(a, "materiality.judge", s.res); err != nil {
			return nil, err
		}
		m.Material, m.Reason, m.JudgedBy, m.JudgedAt = false, j.Reason, &a.UserID, &at
	}
	if err := tx.Add(ctx, &m); err != nil || m.Material {
		return kinds, err
	}
	return kinds, tx.Add(ctx, judgement(m))
}

// judgement is the row of a judgement that is kept for good.
func judgement(m models.MaterialChange) *store.Judgement {
	return &store.Judgement{OrgID: m.OrgID, ID: newID(), DeploymentID: m.DeploymentID, Version: m.Version, Material: m.Material, Reason: m.Reason, ByUserID: *m.JudgedBy, At: *m.JudgedAt}
}

func paths(changes []models.FieldChange) []string {
	out := make([]string, 0, len(changes))
	for _, c := range changes {
		out = append(out, c.Path)
	}
	return out
}

// JudgeMateriality says of a material change, with a reason, that it was not
// material after all, or that it was.
func (r *Register) JudgeMateriality(ctx context.Context, a models.Actor, ref string, version int, material bool, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return models.Fail(models.Invalid, "materiality_reason")
	}
	return r.change(ctx, a, "materiality.judge", func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.open(ctx, tx.Reader, a, ref, "materiality.judge")
		if err != nil {
			return entry{}, err
		}
		changes, err := tx.MaterialChanges(ctx, s.OrgID, s.ID)
		if err != nil {
			return entry{}, err
		}
		i := slices.IndexFunc(changes, func(m models.MaterialChange) bool { return m.Version == version })
		if i < 0 {
			return entry{}, models.Missing("material_change")
		}
		m := changes[i]
		if !material && slices.Contains(m.Fields, "worker_group") {
			return entry{}, models.Fail(models.Invalid, "materiality_group")
		}
		m.Material, m.Reason, m.JudgedBy, m.JudgedAt = material, reason, &a.UserID, &at
		if err := tx.Add(ctx, judgement(m)); err != nil {
			return entry{}, err
		}
		return deploymentEntry(s.Deployment, map[string]any{"of": version, "material": material, "reason": ledger.Hash([]byte(reason))}), tx.JudgeMaterial(ctx, m)
	})
}

// MaterialChanges are the material changes of a deployment and who judged them.
func (r *Register) MaterialChanges(ctx context.Context, a models.Actor, ref string) ([]models.MaterialChange, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return nil, err
	}
	return r.store.MaterialChanges(ctx, s.OrgID, s.ID)
}

// alter changes a deployment's state, not its record, as a version of its own.
func (r *Register) alter(ctx context.Context, a models.Actor, ref, act string, readAt int, note string, do func(tx *store.Tx, s *subject, at time.Time) error) (DeploymentView, error) {
	var s subject
	err := r.change(ctx, a, act, func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		if s, err = r.open(ctx, tx.Reader, a, ref, act); err != nil {
			return entry{}, err
		}
		if err := versionIs("deployment", s.Version, readAt); err != nil {
			return entry{}, err
		}
		if err := do(tx, &s, at); err != nil {
			return entry{}, err
		}
		s.Version++
		s.UpdatedAt = at
		s.Audience = models.Widest(s.Audience, models.AudienceAt(s.Stage, s.Late, false))
		if err := tx.SaveState(ctx, &s.Deployment, readAt); err != nil {
			return entry{}, err
		}
		return deploymentEntry(s.Deployment, nil), addVersion(ctx, tx, a, s.Deployment, at, note)
	})
	if err != nil {
		return DeploymentView{}, err
	}
	return r.view(a, s), nil
}

// MarkLate marks a deployment as found in use before its notice had run. The
// mark never clears.
func (r *Register) MarkLate(ctx context.Context, a models.Actor, ref string, readAt int, reason string) (DeploymentView, error) {
	if strings.TrimSpace(reason) == "" {
		return DeploymentView{}, field("reason", "required")
	}
	return r.alter(ctx, a, ref, "deployment.mark_late", readAt, reason, func(tx *store.Tx, s *subject, at time.Time) error {
		if s.Late {
			return models.Fail(models.Conflict, "late_never_clears")
		}
		org, err := tx.Organisation(ctx, s.OrgID)
		s.Late, s.LateReason, s.LateOn = true, reason, models.DateOf(at, org.Location())
		return err
	})
}

// RaiseClass sets a higher change class than the computed one, with a reason.
func (r *Register) RaiseClass(ctx context.Context, a models.Actor, ref string, readAt int, class models.ChangeClass, reason string) (DeploymentView, error) {
	if strings.TrimSpace(reason) == "" {
		return DeploymentView{}, models.Fail(models.Invalid, "class_reason")
	}
	if len(class) != 1 || class < models.ClassA || class > models.ClassD {
		return DeploymentView{}, field("class", "unknown_value", "value", string(class), "allowed", "A, B, C, D")
	}
	return r.alter(ctx, a, ref, "deployment.raise_class", readAt, reason, func(_ *store.Tx, s *subject, _ time.Time) error {
		if class <= s.EffectiveClass() {
			return models.Fail(models.Conflict, "class_lowered").With("class", string(s.EffectiveClass()))
		}
		s.RaisedTo, s.RaisedReason = class, reason
		return nil
	})
}
