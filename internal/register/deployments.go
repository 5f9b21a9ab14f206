package register

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// subject is a deployment that has been opened for somebody.
type subject struct {
	models.Deployment
	rec   models.Record
	area  models.ServiceArea
	scope models.Scope // only when it was needed to decide who may read
	res   policy.Resource
}

// open loads a deployment and asks whether the actor may do something to it.
func (r *Register) open(ctx context.Context, rd store.Reader, a models.Actor, ref, act string) (subject, error) {
	d, err := rd.Deployment(ctx, a.OrgID, ref)
	if err != nil {
		return subject{}, err
	}
	return r.opened(ctx, rd, a, d, act)
}

func (r *Register) opened(ctx context.Context, rd store.Reader, a models.Actor, d models.Deployment, act string) (subject, error) {
	s := subject{Deployment: d}
	var err error
	if s.area, err = rd.ServiceArea(ctx, d.OrgID, d.ServiceAreaID); err != nil {
		return s, err
	}
	s.res = policy.Resource{OrgID: d.OrgID, AreaPath: s.area.Path, Audience: d.Audience, OwnerID: d.CreatedBy}
	if s.rec, err = readRecord(d.RecordJSON); err != nil {
		return s, err
	}
	if len(a.Unions()) > 0 && d.Audience != models.AudienceEmployer {
		if err := r.scopeOf(ctx, rd, &s, models.Date(0)); err != nil {
			return s, err
		}
	}
	return s, r.check(a, act, s.res)
}

// scopeOf derives the unions in scope on a day; no day is today.
func (r *Register) scopeOf(ctx context.Context, rd store.Reader, s *subject, on models.Date) error {
	org, err := rd.Organisation(ctx, s.OrgID)
	if err != nil {
		return err
	}
	if on == 0 {
		on = models.DateOf(r.Now(), org.Location())
	}
	facts, err := scopeFacts(ctx, rd, s.Deployment, s.rec, on)
	if err != nil {
		return err
	}
	s.scope = models.DeriveScope(facts)
	s.res.UnionsInScope = s.res.UnionsInScope[:0]
	for _, u := range s.scope.Unions {
		s.res.UnionsInScope = append(s.res.UnionsInScope, u.Union.ID)
	}
	return r.partiesStay(ctx, rd, s)
}

// partiesStay keeps a union that was ever served as a reader, whatever has
// become of its recognition: it was told, and may look up what.
func (r *Register) partiesStay(ctx context.Context, rd store.Reader, s *subject) error {
	notices, err := rd.Notices(ctx, s.OrgID, s.ID)
	if err != nil || len(notices) == 0 {
		return err
	}
	recipients, err := rd.Recipients(ctx, s.OrgID, noticeIDs(notices))
	for _, p := range recipients {
		if !slices.Contains(s.res.UnionsInScope, p.UnionID) {
			s.res.UnionsInScope = append(s.res.UnionsInScope, p.UnionID)
		}
	}
	return err
}

func noticeIDs(notices []models.Notice) []string {
	ids := make([]string, len(notices))
	for i, n := range notices {
		ids[i] = n.ID
	}
	return ids
}

func scopeFacts(ctx context.Context, rd store.Reader, d models.Deployment, rec models.Record, on models.Date) (models.ScopeFacts, error) {
	f := models.ScopeFacts{Groups: rec.Groups, On: on, Unions: map[string]models.Union{}}
	var err error
	if f.Roles, err = rd.JobRolesOf(ctx, d.OrgID, rec.Groups); err != nil {
		return f, err
	}
	if f.Recognitions, err = rd.Recognitions(ctx, d.OrgID); err != nil {
		return f, err
	}
	unions, err := rd.Unions(ctx, d.OrgID)
	if err != nil {
		return f, err
	}
	for _, u := range unions {
		f.Unions[u.ID] = u
	}
	f.Additions, err = rd.ScopeAdditions(ctx, d.OrgID, d.ID)
	return f, err
}

// Registration is a new deployment.
type Registration struct {
	Record models.Record
	// LateReason says why a system already in use is registered only now.
	LateReason string
	// Source and SourceKey name the row of an import that it comes from.
	Source, SourceKey string
	// Stage is idea, or retired for an import of something already ended.
	Stage models.Stage
}

// RegisterDeployment records a deployment before it is used. Six answers are
// enough for a draft. One that is already in use gets a late mark that never
// clears.
func (r *Register) RegisterDeployment(ctx context.Context, a models.Actor, in Registration) (models.Deployment, error) {
	var d models.Deployment
	if err := r.mayRegister(ctx, a, in.Record.ServiceAreaID); err != nil {
		return d, err
	}
	if err := in.Record.Validate(); err != nil {
		return d, err
	}
	err := r.change(ctx, a, "deployment.register", func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		d, err = r.register(ctx, tx, a, in, at)
		return deploymentEntry(d, nil), err
	})
	return d, err
}

func (r *Register) mayRegister(ctx context.Context, a models.Actor, areaID string) error {
	if areaID == "" {
		return r.check(a, "deployment.register", own(a))
	}
	res, _, err := r.area(ctx, r.store.Reader, a, areaID)
	if err != nil {
		return err
	}
	return r.check(a, "deployment.register", res)
}

// register writes a new deployment inside a transaction of the caller's.
func (r *Register) register(ctx context.Context, tx *store.Tx, a models.Actor, in Registration, at time.Time) (models.Deployment, error) {
	var d models.Deployment
	org, err := tx.Organisation(ctx, a.OrgID)
	if err != nil {
		return d, err
	}
	if err := r.belongs(ctx, tx, a, in.Record); err != nil {
		return d, err
	}
	today := models.DateOf(at, org.Location())
	n, err := tx.NextNumber(ctx, a.OrgID, "deployment", today.Year())
	if err != nil {
		return d, err
	}
	d = models.Deployment{
		OrgID: a.OrgID, ID: newID(), Ref: fmt.Sprintf("DEP-%d-%03d", today.Year(), n),
		Stage: models.StageIdea, Version: 1, CreatedBy: a.UserID, CreatedAt: at,
	}
	if in.Stage == models.StageRetired {
		d.Stage = models.StageRetired
	} else {
		markIfInUse(&d, in.Record, in.LateReason, today)
	}
	if in.Source != "" {
		d.Source, d.SourceKey = &in.Source, &in.SourceKey
	}
	rec := becomeFull(in.Record)
	if err := fill(&d, rec, at, false); err != nil {
		return d, err
	}
	if err := tx.AddDeployment(ctx, &d, rec); err != nil {
		return d, err
	}
	if d.Stage == models.StageRetired {
		if err := tx.Add(ctx, &models.StageMove{OrgID: d.OrgID, ID: newID(), DeploymentID: d.ID, FromStage: models.StageIdea, ToStage: d.Stage, Reason: "import", Version: 1, ByUserID: a.UserID, At: at}); err != nil {
			return d, err
		}
	}
	return d, addVersion(ctx, tx, a, d, at, "")
}

// markIfInUse sets the late mark of something that is used before its notice has run.
func markIfInUse(d *models.Deployment, rec models.Record, reason string, today models.Date) {
	inUse := rec.DecisionStatus == "already_in_use" || rec.Dates.InUseSince != 0 && rec.Dates.InUseSince <= today
	if d.Late || !inUse || d.Stage.Rank() >= models.StagePilot.Rank() {
		return
	}
	if strings.TrimSpace(reason) == "" {
		reason = "in_use"
	}
	d.Late, d.LateReason, d.LateOn = true, reason, today
}

// becomeFull turns a light entry into a full one when it must be.
func becomeFull(rec models.Record) models.Record {
	if rec.Light && len(models.MustBeFull(rec)) > 0 {
		rec.Light = false
	}
	return rec
}

// fill computes a deployment's columns from its record.
func fill(d *models.Deployment, rec models.Record, at time.Time, noticed bool) error {
	b, err := ledger.Canonical(rec)
	if err != nil {
		return err
	}
	d.RecordJSON = string(b)
	d.NameEn, d.NameCy = rec.Name.En, rec.Name.Cy
	d.ServiceAreaID, d.UseFamily, d.AIClass, d.RiskLevel = rec.ServiceAreaID, rec.UseFamily, rec.AIClass, rec.RiskLevel
	d.ReviewDue, d.GoLivePlanned = rec.Dates.ReviewDue, rec.Dates.GoLivePlanned
	class, _ := models.Classify(rec)
	if noticed {
		class = models.Raise(class, d.Class) // never below what the unions were told
	}
	d.Class = class
	d.Audience = models.Widest(d.Audience, models.AudienceAt(d.Stage, d.Late, noticed))
	d.UpdatedAt = at
	return nil
}

func addVersion(ctx context.Context, tx *store.Tx, a models.Actor, d models.Deployment, at time.Time, note string) error {
	return tx.Add(ctx, &models.Version{
		OrgID: d.OrgID, DeploymentID: d.ID, Number: d.Version, RecordJSON: d.RecordJSON, SHA256: ledger.Hash([]byte(d.RecordJSON)),
		Class: d.EffectiveClass(), Stage: d.Stage, Late: d.Late, ByUserID: a.UserID, At: at, Note: note,
	})
}

func deploymentEntry(d models.Deployment, more map[string]any) entry {
	data := map[string]any{"ref": d.Ref, "version": d.Version, "stage": string(d.Stage), "class": string(d.EffectiveClass()), "late": d.Late, "record": ledger.Hash([]byte(d.RecordJSON))}
	for k, v := range more {
		data[k] = v
	}
	return entry{subject: d.ID, deployment: d.ID, data: data}
}

// belongs checks that all a record points to is this organisation's own. What
// is another's is not found.
func (r *Register) belongs(ctx context.Context, tx *store.Tx, a models.Actor, rec models.Record) error {
	if _, err := tx.ServiceArea(ctx, a.OrgID, rec.ServiceAreaID); err != nil {
		return err
	}
	if err := routine(ctx, tx, a, rec); err != nil {
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
	of, err := tx.Deployment(ctx, a.OrgID, rec.Staffing.RoutineOf)
	if err != nil {
		return err
	}
	decided, err := readRecord(of.RecordJSON)
	if err != nil {
		return err
	}
	if rank := of.Stage.Rank(); rank < models.StageDecided.Rank() || rank > models.StageLive.Rank() || !models.RoutineOf(rec, decided) {
		return field("staffing.routineUpdateOf", "not_routine", "ref", of.Ref)
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

// Deployment is one deployment as the actor may read it, with its record.
func (r *Register) Deployment(ctx context.Context, a models.Actor, ref string) (DeploymentView, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return DeploymentView{}, err
	}
	return r.view(a, s), nil
}

// DeploymentView is a deployment as somebody may read it.
type DeploymentView struct {
	models.Deployment
	Record models.Record
	Area   models.ServiceArea
	Why    []models.Reason // of the class
	Can    []string
}

var deploymentActs = []string{
	"deployment.revise", "deployment.move", "deployment.decide", "deployment.go_live", "deployment.mark_late", "deployment.raise_class",
	"materiality.judge", "scope.add", "hold.place", "hold.lift", "override.request", "override.sign", "notice.draft", "notice.serve",
	"comment.make", "comment.dispose", "outcome.record", "outcome.state", "request.ask", "request.answer", "score.give",
}

func (r *Register) view(a models.Actor, s subject) DeploymentView {
	masked := s.rec.ForAudience(audienceOf(a, s.res), models.DateOf(r.Now(), time.UTC))
	_, why := models.Classify(masked)
	if s.RaisedTo > s.Class {
		why = append(why, models.Reason{Code: "class.raised", Params: models.Params{"reason": s.RaisedReason}})
	}
	v := DeploymentView{Deployment: s.Deployment, Area: s.area, Why: why, Can: r.policy.Allowed(a, deploymentActs, s.res)}
	v.Record = masked
	return v
}

// audienceOf is the circle whose withheld fields an actor may not read. A
// union that is not in scope reads what the public reads.
func audienceOf(a models.Actor, res policy.Resource) string {
	switch {
	case a.EmployerSide() || a.Has(models.RoleAuditor):
		return ""
	case slices.ContainsFunc(a.Unions(), func(id string) bool { return slices.Contains(res.UnionsInScope, id) }):
		return "unions"
	case a.Has(models.RoleScrutiny):
		return "scrutiny"
	default:
		return "public"
	}
}

// Page is what a list was asked for.
type Page struct {
	After string
	Limit int
	Exact bool
}

// Deployments is a page of the register as the actor may see it, the cursor of
// the next page, and a total that stops at store.CountCap+1 unless asked exactly.
func (r *Register) Deployments(ctx context.Context, a models.Actor, f store.Filter, p Page) ([]models.Deployment, string, int, error) {
	sees, err := r.sees(ctx, a)
	if err != nil {
		return nil, "", 0, err
	}
	f.Sees = sees
	if !sees.All {
		// What may be withheld is not to be found out by asking for it.
		for name, asked := range map[string]bool{"supplier": f.Supplier != "", "model": f.Model != "", "workerData": f.WorkerData != "", "savingOver": f.SavingOver > 0} {
			if asked {
				return nil, "", 0, field("query."+name, "not_allowed")
			}
		}
	}
	if f.AreaPath != "" {
		area, err := r.store.ServiceArea(ctx, a.OrgID, f.AreaPath)
		if err != nil {
			return nil, "", 0, err
		}
		f.AreaPath = area.Path
	}
	after, err := store.ParseCursor(p.After)
	if err != nil {
		return nil, "", 0, err
	}
	rows, next, err := r.store.Deployments(ctx, a.OrgID, f, after, p.Limit)
	if err != nil {
		return nil, "", 0, err
	}
	total, err := r.store.CountDeployments(ctx, a.OrgID, f, p.Exact)
	return rows, next.String(), total, err
}

// sees turns the policy's reach for reading deployments into what a list shows.
func (r *Register) sees(ctx context.Context, a models.Actor) (store.Sees, error) {
	org, err := r.store.Organisation(ctx, a.OrgID)
	if err != nil {
		return store.Sees{}, err
	}
	s := store.Sees{On: models.DateOf(r.Now(), org.Location())}
	res := own(a)
	res.Audience = models.AudiencePublic
	if err := r.check(a, "deployment.read", res); err != nil {
		return s, err
	}
	res.Audience = models.AudienceEmployer
	s.All = r.check(a, "deployment.read", res) == nil
	res.Audience = models.AudienceParties
	s.Parties = r.check(a, "deployment.read", res) == nil
	s.Unions = a.Unions()
	return s, nil
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

// AddToScope adds a union that was not derived, with a reason.
func (r *Register) AddToScope(ctx context.Context, a models.Actor, ref, unionID, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return field("reason", "required")
	}
	return r.change(ctx, a, "scope.add", func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.open(ctx, tx.Reader, a, ref, "scope.add")
		if err != nil {
			return entry{}, err
		}
		u, err := tx.Union(ctx, a.OrgID, unionID)
		if err != nil {
			return entry{}, err
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		on := models.DateOf(at, org.Location())
		if err := r.scopeOf(ctx, tx.Reader, &s, on); err != nil {
			return entry{}, err
		}
		if _, in := s.scope.Union(u.ID); in {
			return entry{}, models.Fail(models.Conflict, "union_in_scope").With("union", u.Abbreviation)
		}
		add := models.ScopeAddition{OrgID: s.OrgID, DeploymentID: s.ID, UnionID: u.ID, Reason: reason, ByUserID: a.UserID, On: on}
		return entry{subject: s.ID, deployment: s.ID, data: map[string]any{"ref": s.Ref, "union": u.Abbreviation, "on": on}}, tx.Add(ctx, &add)
	})
}

// Scope is who must be told of a deployment, and why.
func (r *Register) Scope(ctx context.Context, a models.Actor, ref string) (models.Scope, map[string]models.JobRole, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return models.Scope{}, nil, err
	}
	if err := r.scopeOf(ctx, r.store.Reader, &s, 0); err != nil {
		return models.Scope{}, nil, err
	}
	roles, err := r.store.JobRolesOf(ctx, s.OrgID, s.rec.Groups)
	if slices.Contains(s.rec.ItemsWithheld(audienceOf(a, s.res), models.DateOf(r.Now(), time.UTC)), groupsItem) {
		// The whys and the groups told directly would show who is affected.
		s.scope.Unserved = nil
		for i := range s.scope.Unions {
			s.scope.Unions[i].Why = []models.Reason{{Code: "item.withheld_here"}}
		}
	}
	return s.scope, roles, err
}

// groupsItem is the notice item that says who is affected.
const groupsItem = 6

// Versions are the saves of a deployment, newest first, below a number.
func (r *Register) Versions(ctx context.Context, a models.Actor, ref string, below, limit int) ([]models.Version, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return nil, err
	}
	all, err := r.store.Versions(ctx, s.OrgID, s.ID, below, limit)
	if audienceOf(a, s.res) != "" {
		all = slices.DeleteFunc(all, draftOnly)
	}
	return all, err
}

// draftOnly says whether a save was the employer's own: an idea, before anybody
// else was to read it.
func draftOnly(v models.Version) bool { return v.Stage == models.StageIdea && !v.Late }

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
	if audienceOf(a, s.res) != "" && draftOnly(v) {
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
