package seed

import (
	"beforehand/internal/ledger"
	"beforehand/models"
)

// live takes a deployment from stage to stage as far as its goal and the time
// allow, each gate's clock run.
func (l *life) live(goal models.Stage) {
	if l.oneIn(4) && l.after(1, 6) {
		l.revise()
	}
	if goal == models.StageIdea || !l.after(2, 15) {
		return
	}
	l.move(models.StageFormative, "deployment.move", models.RoleCDO, "")
	if goal == models.StageFormative || !l.after(3, 12) {
		return
	}
	kind := models.NoticeChange
	if l.d.Late {
		kind = models.NoticeLate
	}
	l.notice = l.serve(kind)
	if l.notice == nil {
		return
	}
	if goal == models.StageNoticed {
		return
	}
	if goal == models.StageWithdrawn {
		if l.after(10, 40) {
			l.move(models.StageWithdrawn, "deployment.move", models.RoleCDO, l.text("other").En)
			l.end = l.at // nobody comments on it any more
		}
		return
	}
	l.decide(goal)
}

// decide goes on from the notice, when its period has run.
func (l *life) decide(goal models.Stage) {
	if !l.notBefore(l.earliest[models.BeforeDecision]) {
		return
	}
	l.settle()
	if !l.after(1, 8) {
		return
	}
	l.decided = l.at
	l.move(models.StageDecided, "deployment.decide", models.RoleApprover, l.text("answer").En)
	if goal == models.StageDecided || !l.notBefore(l.earliest[models.BeforePilot]) || !l.after(1, 10) {
		return
	}
	l.move(models.StagePilot, "deployment.move", models.RoleCDO, "")
	if l.oneIn(3) {
		l.claim()
	}
	if goal == models.StagePilot || !l.after(20, 40) {
		return
	}
	l.move(models.StageEvaluated, "deployment.move", models.RoleCDO, "")
	if goal == models.StageEvaluated || !l.after(1, 9) || l.serve(models.NoticeRollout) == nil {
		return
	}
	if !l.notBefore(l.earliest[models.BeforeRollout]) {
		return
	}
	l.move(models.StageLive, "deployment.go_live", models.RoleApprover, "")
	for _, to := range []models.Stage{models.StagePaused, models.StageRetired} {
		if goal == to && l.after(5, 20) {
			l.move(to, "deployment.move", models.RoleCDO, l.text("adverse").En)
		}
	}
}

// settle records how consultation with each union ended.
func (l *life) settle() {
	for _, p := range l.notice.parties {
		by := l.by(models.RoleCDO)
		o := models.UnionOutcome{OrgID: l.org.ID, ID: l.id(l.at), DeploymentID: l.d.ID, UnionID: p.union.ID, Outcome: pick(l.chance, models.Outcomes), Version: 1, ByUserID: by, At: l.at}
		switch o.Outcome {
		case "not_agreed":
			o.EmployerStatement = l.text("answer").En
		case "no_response":
			o.Reminders = l.between(1, 3)
		}
		l.ended[o.UnionID] = o.Outcome
		l.rows = append(l.rows, &o)
		l.note("outcome.record", o.ID, by, l.at, map[string]any{
			"ref": l.d.Ref, "union": o.UnionID, "outcome": o.Outcome, "employer": ledger.Hash([]byte(o.EmployerStatement)), "unionStatement": ledger.Hash([]byte(o.UnionStatement)),
		})
	}
}

// claim writes down one measurable sentence and the plan so far.
func (l *life) claim() {
	by := l.by(models.RoleManager)
	on := models.DateOf(l.at, l.zone)
	p := models.Plan{
		Sentence: l.text("claim"), Metric: "case_note_minutes", Population: l.text("oneLine"), Claimed: models.Claimed{Amount: float64(l.between(2, 20))},
		Design: models.DesignBeforeAfter, Unit: "worker", Measurement: "system_timestamps", Checking: models.CheckingIncluded,
		Baseline: models.Window{From: on.AddDays(-60), To: on.AddDays(-20)}, Observation: models.Window{From: on, To: on.AddDays(56)},
		Sampling: models.Sampling{Frame: l.text("oneLine"), Size: l.between(20, 200)}, DecisionRule: l.text("plan"),
	}
	l.fail(p.Check(l.m.metrics))
	body, err := ledger.Canonical(p)
	l.fail(err)
	c := models.Claim{
		OrgID: l.org.ID, ID: l.id(l.at), Ref: number("CL", on.Year(), l.next("claim", on.Year())), DeploymentID: l.d.ID, SentenceEn: p.Sentence.En, SentenceCy: p.Sentence.Cy,
		PlanJSON: string(body), ByUserID: by, CreatedAt: l.at, Version: 1,
	}
	l.rows = append(l.rows, &c)
	l.note("claim.make", c.ID, by, l.at, map[string]any{"ref": c.Ref, "deployment": l.d.Ref, "plan": ledger.Hash(body)})
}
