package seed

import (
	"context"
	"fmt"
	"time"

	"beforehand/internal/ledger"
	"beforehand/models"
)

// life is a deployment while what becomes of it is made up: each act at its
// time, with its rows, its version and its entry, until the stretch of time
// ends. Rows wait until the deployment itself, as it stands at the end, is known.
type life struct {
	*employer
	d        models.Deployment
	rec      models.Record
	at, end  time.Time
	rows     []any
	err      error
	notice   *served // the one that starts the clock of the decision
	earliest map[models.Trigger]models.Date
	ended    map[string]string // how consultation with a union ended
	decided  time.Time
}

// deploy makes one deployment and all that belongs to it.
func (e *employer) deploy(ctx context.Context, from, end time.Time) error {
	goal, first := e.goal(), e.held == nil
	if first {
		goal = models.StageNoticed // there must be one that can take comments
	}
	late := goal != models.StageIdea && e.oneIn(30)
	l := &life{employer: e, at: from.UTC().Truncate(time.Microsecond), end: end, earliest: map[models.Trigger]models.Date{}, ended: map[string]string{}}
	l.rec = e.record(l.at, goal == models.StageIdea, late)
	if first {
		l.rec.Groups = []models.Group{{JobRoleID: e.roles[0].ID, Headcount: e.roles[0].Headcount}}
	}
	l.register()
	l.live(goal)
	if l.err != nil {
		return l.err
	}
	if goal != models.StageIdea {
		e.able--
	}
	if len(l.speakers()) == 0 {
		return l.write(ctx, 0)
	}
	// The newest one that can have comments waits: the last takes what is left.
	if e.held != nil {
		if err := e.held.write(ctx, e.talk()); err != nil {
			return err
		}
	}
	e.held = l
	return nil
}

// write gives the deployment to the database, with so many comments.
func (l *life) write(ctx context.Context, comments int) error {
	l.comment(comments)
	if l.err != nil {
		return l.err
	}
	if err := l.m.bulk.AddDeployment(ctx, &l.d, l.rec); err != nil {
		return err
	}
	if err := l.m.bulk.Add(ctx, l.rows...); err != nil {
		return err
	}
	l.m.done.Deployments++
	l.m.done.Rows = l.m.bulk.Rows
	l.m.tell(l.m.done)
	return nil
}

// goal is the stage that a deployment is on its way to. Which it reaches, time
// tells.
func (e *employer) goal() models.Stage {
	if e.percent(e.m.size.Light) {
		return models.StageIdea
	}
	n := e.IntN(100)
	for _, g := range []struct {
		stage models.Stage
		upTo  int
	}{{models.StageFormative, 14}, {models.StageNoticed, 38}, {models.StageWithdrawn, 41}, {models.StageDecided, 52}, {models.StagePilot, 66}, {models.StageEvaluated, 72}, {models.StageLive, 95}, {models.StagePaused, 97}} {
		if n < g.upTo {
			return g.stage
		}
	}
	return models.StageRetired
}

// fail keeps the first error.
func (l *life) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// working is an instant of office hours on the next working day, before the
// hour from which evidence counts the day after.
func (e *employer) working(at time.Time) time.Time {
	day := e.calendar.NextWorking(models.DateOf(at, e.zone))
	w := day.At(9, 0, e.zone).Add(time.Duration(e.IntN(7*3600)) * time.Second).Add(time.Duration(e.IntN(1e6)) * time.Microsecond).UTC()
	if w.Before(at) {
		return e.working(day.AddDays(1).At(0, 0, e.zone))
	}
	return w
}

// after moves on by at least some days, and says whether that is still in time.
func (l *life) after(low, high int) bool {
	next := l.working(l.at.Add(time.Duration(l.between(low, high))*24*time.Hour + time.Minute))
	return l.reach(next)
}

// notBefore moves on to a day, if it is not over.
func (l *life) notBefore(d models.Date) bool {
	if start := d.At(0, 0, l.zone).UTC(); start.After(l.at) {
		return l.reach(l.working(start))
	}
	return l.after(0, 0)
}

func (l *life) reach(next time.Time) bool {
	if l.err != nil || !next.Before(l.end.Add(-time.Hour)) {
		return false
	}
	l.at = next
	return true
}

func (l *life) by(role models.Role) string { return even(l.chance, l.people[role]).ID }

func (l *life) note(verb, subject, actor string, at time.Time, data map[string]any) {
	l.fail(l.act(verb, subject, l.d.ID, actor, at, data))
}

// state is what an entry says of a deployment as it has become.
func (l *life) state(more map[string]any) map[string]any {
	data := map[string]any{"ref": l.d.Ref, "version": l.d.Version, "stage": string(l.d.Stage), "class": string(l.d.EffectiveClass()), "late": l.d.Late, "record": ledger.Hash([]byte(l.d.RecordJSON))}
	for k, v := range more {
		data[k] = v
	}
	return data
}

// save writes the deployment as it is now as a version.
func (l *life) save(actor, why string) {
	l.d.UpdatedAt = l.at
	l.rows = append(l.rows, &models.Version{
		OrgID: l.d.OrgID, DeploymentID: l.d.ID, Number: l.d.Version, RecordJSON: l.d.RecordJSON, SHA256: ledger.Hash([]byte(l.d.RecordJSON)),
		Class: l.d.EffectiveClass(), Stage: l.d.Stage, Late: l.d.Late, ByUserID: actor, At: l.at, Note: why,
	})
}

// fill computes the columns from the record.
func (l *life) fill() {
	if err := l.rec.Validate(); err != nil {
		l.fail(fmt.Errorf("a made record is not good: %w", err))
	}
	b, err := ledger.Canonical(l.rec)
	l.fail(err)
	l.d.RecordJSON = string(b)
	l.d.NameEn, l.d.NameCy, l.d.ServiceAreaID = l.rec.Name.En, l.rec.Name.Cy, l.rec.ServiceAreaID
	l.d.UseFamily, l.d.AIClass, l.d.RiskLevel = l.rec.UseFamily, l.rec.AIClass, l.rec.RiskLevel
	l.d.ReviewDue, l.d.GoLivePlanned = l.rec.Dates.ReviewDue, l.rec.Dates.GoLivePlanned
	l.d.Class, _ = models.Classify(l.rec)
	l.widen(false)
}

func (l *life) widen(noticed bool) {
	l.d.Audience = models.Widest(l.d.Audience, models.AudienceAt(l.d.Stage, l.d.Late, noticed))
}

// number is the n-th of a series in a year, such as DEP-2026-007.
func number(prefix string, year, n int) string { return fmt.Sprintf("%s-%d-%03d", prefix, year, n) }

func (l *life) register() {
	by := l.by(models.RoleManager)
	today := models.DateOf(l.at, l.zone)
	l.d = models.Deployment{
		OrgID: l.org.ID, ID: l.id(l.at), Ref: number("DEP", today.Year(), l.next("deployment", today.Year())),
		Stage: models.StageIdea, Version: 1, CreatedBy: by, CreatedAt: l.at,
	}
	if l.rec.DecisionStatus == "already_in_use" {
		l.d.Late, l.d.LateReason, l.d.LateOn = true, "in_use", today
	}
	l.fill()
	l.save(by, "")
	l.note("deployment.register", l.d.ID, by, l.at, l.state(nil))
}

// move takes the deployment into its next stage.
func (l *life) move(to models.Stage, verb string, role models.Role, reason string) {
	by := l.by(role)
	from := l.d.Stage
	l.d.Stage, l.d.Version = to, l.d.Version+1
	l.widen(false)
	l.rows = append(l.rows, &models.StageMove{OrgID: l.d.OrgID, ID: l.id(l.at), DeploymentID: l.d.ID, FromStage: from, ToStage: to, Reason: reason, Version: l.d.Version, ByUserID: by, At: l.at})
	l.save(by, reason)
	l.note(verb, l.d.ID, by, l.at, l.state(nil))
}

// revise changes the record before anybody was told of it.
func (l *life) revise() {
	by := l.by(models.RoleManager)
	before := l.rec
	l.rec.ExpectedBenefit, l.rec.Problem = l.text("claim"), l.text("why")
	changes, err := models.Diff(before, l.rec)
	l.fail(err)
	fields := make([]string, 0, len(changes))
	for _, c := range changes {
		fields = append(fields, c.Path)
	}
	l.d.Version++
	l.fill()
	l.save(by, "")
	l.note("deployment.revise", l.d.ID, by, l.at, l.state(map[string]any{"fields": fields, "material": []string(nil)}))
}
