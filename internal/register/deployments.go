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
	s, err := r.opened(ctx, rd, a, d, act)
	return s, hiddenAs("deployment", err)
}

// hiddenAs says of a record that may not be read what is said of one that is
// not there: whatever part of it was asked for.
func hiddenAs(noun string, err error) error {
	if models.KindOf(err) == models.NotFound {
		return models.Missing(noun).Because(err)
	}
	return err
}

// openToRead is open for what reads and decides nothing else: it asks the
// database as little as it can. Of the unions in scope it knows the actor's.
func (r *Register) openToRead(ctx context.Context, a models.Actor, ref, act string) (subject, error) {
	d, err := r.store.DeploymentToRead(ctx, a.OrgID, ref)
	if err != nil {
		return subject{}, err
	}
	s := subject{Deployment: d.Deployment, area: d.Area()}
	if s.rec, err = readRecord(d.RecordJSON); err != nil {
		return s, err
	}
	s.res, err = r.checkToRead(ctx, a, d, act)
	return s, err
}

// checkToRead refuses who may not read a deployment, as if it did not exist.
func (r *Register) checkToRead(ctx context.Context, a models.Actor, d store.Opened, act string) (policy.Resource, error) {
	res := policy.Resource{OrgID: d.OrgID, AreaPath: d.AreaPath, Audience: d.Audience, OwnerID: d.CreatedBy}
	if d.Audience != models.AudienceEmployer {
		today := models.DateOf(r.Now(), models.Organisation{Zone: d.Zone}.Location())
		for _, union := range a.Unions() {
			in, err := r.store.UnionReads(ctx, d.OrgID, []string{d.ID}, union, today)
			if err != nil {
				return res, err
			}
			if len(in) > 0 {
				res.UnionsInScope = append(res.UnionsInScope, union)
			}
		}
	}
	return res, hiddenAs("deployment", r.check(a, act, res))
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
	if err := routine(ctx, tx, a, in.Record); err != nil {
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

func deploymentEntry(d models.Deployment, more map[string]any) entry {
	data := map[string]any{"ref": d.Ref, "version": d.Version, "stage": string(d.Stage), "class": string(d.EffectiveClass()), "late": d.Late, "record": ledger.Hash([]byte(d.RecordJSON))}
	for k, v := range more {
		data[k] = v
	}
	return entry{subject: d.ID, deployment: d.ID, data: data}
}

// Deployment is one deployment as the actor may read it, with its record.
func (r *Register) Deployment(ctx context.Context, a models.Actor, ref string) (DeploymentView, error) {
	s, err := r.openToRead(ctx, a, ref, "deployment.read")
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
	showColumns(&v.Deployment, masked)
	return v
}

// showColumns takes out of the columns what is withheld in the record: they
// were made from the whole of it.
func showColumns(d *models.Deployment, masked models.Record) {
	d.UseFamily, d.AIClass, d.RiskLevel = masked.UseFamily, masked.AIClass, masked.RiskLevel
	d.ReviewDue, d.GoLivePlanned = masked.Dates.ReviewDue, masked.Dates.GoLivePlanned
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
// the next page, and a total that stops at store.CountCap unless asked exactly.
// A page of a search may have fewer rows than asked for and still have a next one.
func (r *Register) Deployments(ctx context.Context, a models.Actor, f store.Filter, p Page) ([]models.Deployment, string, store.Total, error) {
	f, err := r.asked(ctx, a, f)
	if err != nil {
		return nil, "", store.Total{}, err
	}
	l, err := r.listed(ctx, a, f, p)
	if err != nil {
		return nil, "", store.Total{}, err
	}
	next := l.Next.String()
	if p.After == "" && next == "" {
		return l.Rows, next, store.Total{Count: len(l.Rows)}, nil // that was all
	}
	total, err := r.store.CountDeployments(ctx, a.OrgID, f, p.Exact, l)
	total.Count = max(total.Count, len(l.Rows)) // a search looks for both, and not as far
	return l.Rows, next, total, err
}

// asked makes a filter one of the actor's: with what they may see, and without
// what they may not find out by asking for it.
func (r *Register) asked(ctx context.Context, a models.Actor, f store.Filter) (store.Filter, error) {
	var err error
	if f.Sees, err = r.sees(ctx, a); err != nil {
		return f, err
	}
	if !f.Sees.Whole {
		for name, asked := range map[string]bool{"supplier": f.Supplier != "", "model": f.Model != "", "workerData": f.WorkerData != "", "savingOver": f.SavingOver > 0} {
			if asked {
				return f, field("query."+name, "not_allowed")
			}
		}
	}
	if f.Ask != "" && !mayQuestion(a, f.Sees) {
		return f, field("query.ask", "not_allowed")
	}
	if f.AreaPath != "" {
		area, err := r.store.ServiceArea(ctx, a.OrgID, f.AreaPath)
		if err != nil {
			return f, err
		}
		f.AreaPath = area.Path
	}
	return f, nil
}

// listed is a page of what a filter of the actor's chooses.
func (r *Register) listed(ctx context.Context, a models.Actor, f store.Filter, p Page) (store.Listing, error) {
	after, err := store.ParseCursor(p.After)
	if err != nil {
		return store.Listing{}, err
	}
	l, err := r.store.DeploymentLines(ctx, a.OrgID, f, after, p.Limit)
	if err != nil || f.Sees.Whole {
		return l, err
	}
	rows := l.Rows
	for i := range rows {
		if rows[i].RecordJSON == "" {
			continue // nothing is withheld
		}
		// A list says to all what it says to the public, as the search does.
		rec, err := readRecord(rows[i].RecordJSON)
		if err != nil {
			return store.Listing{}, err
		}
		showColumns(&rows[i], rec.ForAudience("public", f.Sees.On))
	}
	return l, nil
}

// sees turns the policy's reach for reading deployments into what a list shows.
func (r *Register) sees(ctx context.Context, a models.Actor) (store.Sees, error) {
	org, err := r.store.Organisation(ctx, a.OrgID)
	if err != nil {
		return store.Sees{}, err
	}
	s := store.Sees{On: models.DateOf(r.Now(), org.Location()), Under: a.AreaPath}
	res := own(a)
	res.AreaPath = a.AreaPath
	res.Audience = models.AudiencePublic
	if err := r.check(a, "deployment.read", res); err != nil {
		return s, err
	}
	res.Audience = models.AudienceEmployer
	s.All = r.check(a, "deployment.read", res) == nil
	res.Audience = models.AudienceParties
	s.Parties = r.check(a, "deployment.read", res) == nil
	s.Unions = a.Unions()
	s.Whole = audienceOf(a, res) == ""
	return s, nil
}
