package register

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/internal/study"
	"beforehand/models"
)

// AnalyseJob works a run out.
type AnalyseJob struct {
	Org string `json:"org"`
	Run string `json:"run"`
}

// Kind is the stable name of the job.
func (AnalyseJob) Kind() string { return "claim.analyse" }

// Queue keeps long analyses from holding up letters and notices.
func (AnalyseJob) Queue() string { return store.LongQueue }

// analysisTimeout is the longest that an analysis may take.
const analysisTimeout = 10 * time.Minute

// StartRun promises an analysis of the rows in force under the locked plan.
// One runs at a time.
func (r *Register) StartRun(ctx context.Context, a models.Actor, ref string) (models.Run, error) {
	var run models.Run
	err := r.change(ctx, a, "claim.analyse", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openClaim(ctx, tx.Reader, a, ref, "claim.analyse")
		if err != nil {
			return entry{}, err
		}
		run, err = r.addRun(ctx, tx, a, c, nil, at)
		return claimEntry(c.Claim, s, map[string]any{"run": run.ID}), err
	})
	return run, err
}

// addRun writes a run and promises its work.
func (r *Register) addRun(ctx context.Context, tx *store.Tx, a models.Actor, c models.ClaimState, challenge *string, at time.Time) (models.Run, error) {
	locked := c.Locked()
	switch {
	case c.WithdrawnAt != nil && challenge == nil:
		return models.Run{}, models.Fail(models.Conflict, "claim_withdrawn").With("claim", c.Ref)
	case locked == nil:
		return models.Run{}, models.Fail(models.Conflict, "plan_not_locked").With("claim", c.Ref)
	case challenge == nil && c.Rows(locked.No) == nil:
		return models.Run{}, models.Fail(models.Conflict, "no_rows").With("claim", c.Ref)
	}
	if challenge == nil {
		last, err := tx.Runs(ctx, c.OrgID, c.ID, 20)
		if err != nil {
			return models.Run{}, err
		}
		for _, run := range last {
			if !run.State.Ended() && run.ChallengeID == nil {
				return models.Run{}, models.Fail(models.Conflict, "run_under_way").With("claim", c.Ref)
			}
		}
	}
	run := models.Run{OrgID: c.OrgID, ID: newID(), ClaimID: c.ID, ChallengeID: challenge, State: models.RunQueued, ByUserID: a.UserID, At: at}
	if err := tx.Add(ctx, &run); err != nil {
		return run, err
	}
	return run, tx.Promise(ctx, AnalyseJob{Org: c.OrgID, Run: run.ID})
}

// Run is a run that the actor may follow: the employer's own, or one that
// answers their union's question.
func (r *Register) Run(ctx context.Context, a models.Actor, id string) (models.Run, error) {
	run, _, _, err := r.openRun(ctx, r.store.Reader, a, id, "claim.read")
	return run, err
}

func (r *Register) openRun(ctx context.Context, rd store.Reader, a models.Actor, id, act string) (models.Run, models.ClaimState, subject, error) {
	run, err := rd.Run(ctx, a.OrgID, id)
	if err != nil {
		return run, models.ClaimState{}, subject{}, err
	}
	c, err := rd.ClaimByID(ctx, run.OrgID, run.ClaimID)
	if err != nil {
		return run, c, subject{}, err
	}
	s, err := r.openedClaim(ctx, rd, a, c, act)
	if err == nil && !insider(a) && (run.ChallengeID == nil || len(a.Unions()) == 0) {
		err = models.Missing("run")
	}
	return run, c, s, hiddenAs("run", err)
}

// CancelRun stops a run. What it had done is thrown away.
func (r *Register) CancelRun(ctx context.Context, a models.Actor, id string) (models.Run, error) {
	var run models.Run
	err := r.change(ctx, a, "run.cancel", func(tx *store.Tx, at time.Time) (entry, error) {
		var c models.ClaimState
		var s subject
		var err error
		if run, c, s, err = r.openRun(ctx, tx.Reader, a, id, "run.cancel"); err != nil {
			return entry{}, err
		}
		if run.ChallengeID != nil {
			return entry{}, models.Fail(models.Forbidden, "forbidden").With("act", "run.cancel") // a union's question is not the employer's to stop
		}
		run.State, run.EndedAt = models.RunCancelled, &at
		saved, err := tx.SaveRun(ctx, &run)
		if err == nil && !saved {
			err = models.Fail(models.Conflict, "run_ended")
		}
		return claimEntry(c.Claim, s, map[string]any{"run": run.ID}), err
	})
	return run, err
}

// Analyse starts a run and works it out at once: for commands that end before
// jobs do.
func (r *Register) Analyse(ctx context.Context, a models.Actor, ref string) (models.Run, error) {
	run, err := r.StartRun(ctx, a, ref)
	if err != nil {
		return run, err
	}
	if err := r.analyse(ctx, AnalyseJob{Org: run.OrgID, Run: run.ID}, store.Attempt{}); err != nil {
		return run, err
	}
	return r.store.Run(ctx, run.OrgID, run.ID)
}

// WorkRuns works out what is queued in an organisation now, without waiting for
// the queue: for a story told faster than the clock runs. The jobs find it done.
func (r *Register) WorkRuns(ctx context.Context, org string) error {
	queued, err := r.store.QueuedRuns(ctx, org)
	if err != nil {
		return err
	}
	for _, run := range queued {
		if err := r.analyse(ctx, AnalyseJob{Org: run.OrgID, Run: run.ID}, store.Attempt{}); err != nil {
			return err
		}
	}
	return nil
}

// analyse works a run out. It is done again from the start when the server
// died over it.
func (r *Register) analyse(ctx context.Context, j AnalyseJob, try store.Attempt) error {
	run, err := r.store.Run(ctx, j.Org, j.Run)
	if err != nil || run.State.Ended() {
		return err
	}
	c, err := r.store.ClaimByID(ctx, run.OrgID, run.ClaimID)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &watch{Register: r, run: run, cancel: cancel}
	w.tell(ctx, 0)
	res, set, err := r.workOut(ctx, c, run, func(share float64) { w.tell(ctx, share) })
	if w.cancelled {
		return nil
	}
	// What takes too long once does so again, and after the last try nobody would
	// hear of it. What a database that is away cost in time is no fault of its.
	tooLong := errors.Is(err, context.DeadlineExceeded) && models.KindOf(err) != models.Unavailable
	if tooLong || err != nil && try.Last && !models.Refused(err) {
		err = models.Fail(models.Invalid, "analysis_too_long").Because(err)
	}
	return r.endRun(context.WithoutCancel(ctx), c, run, set, res, err)
}

// watch tells how far a run has come, and finds out that it was cancelled.
type watch struct {
	*Register
	run       models.Run
	cancel    context.CancelFunc
	last      time.Time
	cancelled bool
}

// tellEvery is how often progress is written down.
const tellEvery = time.Second

func (w *watch) tell(ctx context.Context, share float64) {
	now := w.Now()
	if w.cancelled || !w.last.IsZero() && now.Sub(w.last) < tellEvery {
		return
	}
	w.last = now
	w.run.State, w.run.Percent = models.RunRunning, min(99, int(share*100))
	saved := true
	err := w.store.Within(ctx, func(tx *store.Tx) (err error) {
		saved, err = tx.SaveRun(ctx, &w.run)
		return err
	})
	if err == nil && !saved {
		w.cancelled = true
		w.cancel()
	}
}

// workOut loads the rows and analyses them.
func (r *Register) workOut(ctx context.Context, c models.ClaimState, run models.Run, progress func(float64)) (models.Result, *models.Dataset, error) {
	locked := c.Locked()
	set := c.Rows(locked.No)
	if run.ChallengeID != nil {
		// A question is about what the union has read.
		if locked, set = sharedRows(c, run.At); set == nil {
			return models.Result{}, nil, models.Fail(models.Conflict, "no_rows").With("claim", c.Ref)
		}
	}
	if set == nil {
		return models.Result{}, nil, models.Fail(models.Conflict, "no_rows").With("claim", c.Ref)
	}
	plan, err := readPlan(locked.Body)
	if err != nil {
		return models.Result{}, set, err
	}
	var q *models.Question
	if run.ChallengeID != nil {
		if q, err = questionOf(c, *run.ChallengeID); err != nil {
			return models.Result{}, set, err
		}
	}
	st, err := r.study(ctx, c, *locked, plan)
	if err != nil {
		return models.Result{}, set, err
	}
	if st.Asked, err = askedBefore(c, set.ID); err != nil {
		return models.Result{}, set, err
	}
	rows, err := r.rowsOf(ctx, *set, plan.Plan)
	if err != nil {
		return models.Result{}, set, err
	}
	st.ReadOn, st.Replaced = models.DateOf(set.At, time.UTC), replaced(c, *set)
	res, err := st.Analyse(ctx, study.Data{Rows: rows, SHA256: set.SHA256}, q, progress)
	return res, set, err
}

// sharedRows are the rows, and the plan, of the last result of the claim's own
// that had been shared at an instant; none when they have been purged.
func sharedRows(c models.ClaimState, at time.Time) (*models.LockedPlan, *models.Dataset) {
	upTo := c.SharedUpTo(at)
	for i := len(c.Results) - 1; i >= 0; i-- {
		res := c.Results[i]
		if res.ChallengeID != nil || res.No > upTo {
			continue
		}
		for j, d := range c.Datasets {
			if d.ID == res.DatasetID && d.PurgedAt == nil {
				return &c.Plans[res.PlanNo-1], &c.Datasets[j]
			}
		}
		return nil, nil
	}
	return nil, nil
}

// askedBefore are the questions that have been answered of some rows.
func askedBefore(c models.ClaimState, datasetID string) ([]models.Question, error) {
	var out []models.Question
	for _, res := range c.Results {
		if res.ChallengeID == nil || res.DatasetID != datasetID {
			continue
		}
		q, err := questionOf(c, *res.ChallengeID)
		if err != nil {
			return nil, err
		}
		out = append(out, *q)
	}
	return out, nil
}

// replaced is how many files of the claim's rows there were before these of
// which a result had been worked out.
func replaced(c models.ClaimState, set models.Dataset) int {
	n := 0
	for _, d := range c.Datasets {
		if d.No < set.No && slices.ContainsFunc(c.Results, func(x models.ClaimResult) bool { return x.ChallengeID == nil && x.DatasetID == d.ID }) {
			n++
		}
	}
	return n
}

func valueColumns(p models.Plan) int {
	n := 0
	for _, c := range p.Columns {
		if c.Role == models.RoleOfValue {
			n++
		}
	}
	return n
}

func questionOf(c models.ClaimState, challengeID string) (*models.Question, error) {
	for _, x := range c.Challenges {
		if x.ID == challengeID {
			var q models.Question
			return &q, json.Unmarshal([]byte(x.Question), &q)
		}
	}
	return nil, models.Missing("challenge")
}

// study is what of a claim a result is a function of.
func (r *Register) study(ctx context.Context, c models.ClaimState, locked models.LockedPlan, plan models.FrozenPlan) (study.Study, error) {
	p, err := r.profileOf(ctx, models.Actor{OrgID: c.OrgID})
	if err != nil {
		return study.Study{}, err
	}
	s := study.Study{
		Plan: plan.Plan, PlanSHA256: locked.SHA256, Metrics: plan.ByKey(), Least: p.LeastPeople,
		Independent: plan.Independent != "",
	}
	org, err := r.store.Organisation(ctx, c.OrgID)
	if err != nil {
		return s, err
	}
	s.LockedFirst = !locked.AfterLook && models.DateOf(locked.At, org.Location()) <= plan.Observation.From
	moves, err := r.store.Moves(ctx, c.OrgID, c.DeploymentID)
	if err != nil {
		return s, err
	}
	for _, m := range moves {
		if m.ToStage == models.StagePilot || m.ToStage == models.StageLive {
			s.MonthsOn = models.DateOf(m.At, org.Location()).MonthsUntil(plan.Observation.From)
			break
		}
	}
	s.Again, err = r.foundBefore(ctx, c, plan)
	return s, err
}

// foundBefore says whether an earlier claim on the same deployment found the
// same metric at grade E4, over other days.
func (r *Register) foundBefore(ctx context.Context, c models.ClaimState, plan models.FrozenPlan) (bool, error) {
	all, err := r.store.Claims(ctx, c.OrgID, c.DeploymentID)
	if err != nil {
		return false, err
	}
	for _, o := range all {
		last := o.ResultAt(r.Now())
		if o.ID == c.ID || o.WithdrawnAt != nil || last == nil || o.SharedUpTo(r.Now()) < last.No || last.Grade != models.GradeE4 && last.Grade != models.GradeE5 {
			continue
		}
		theirs, err := readPlan(o.Plans[last.PlanNo-1].Body)
		if err != nil {
			return false, err
		}
		found := last.Verdict == models.VerdictSupported || last.Verdict == models.VerdictInPart
		if found && sameMetric(theirs, plan) && theirs.Observation.To < plan.Observation.From {
			return true, nil
		}
	}
	return false, nil
}

// sameMetric says whether two plans measure the same, by the same definition.
func sameMetric(a, b models.FrozenPlan) bool {
	return a.Metric == b.Metric && reflect.DeepEqual(a.ByKey()[a.Metric], b.ByKey()[b.Metric])
}

// endRun writes down what came of a run: a result, or why there is none.
func (r *Register) endRun(ctx context.Context, c models.ClaimState, run models.Run, set *models.Dataset, res models.Result, failed error) error {
	refusal, refused := errors.AsType[*models.Error](failed)
	if failed != nil && !models.Refused(failed) {
		return failed // the queue tries again
	}
	a := models.Actor{OrgID: run.OrgID, UserID: run.ByUserID}
	return r.change(ctx, a, "claim.result", func(tx *store.Tx, at time.Time) (entry, error) {
		run.EndedAt, run.Percent = &at, 100
		data := map[string]any{"ref": c.Ref, "run": run.ID}
		now, err := tx.ClaimByID(ctx, run.OrgID, run.ClaimID) // locks it: numbers have no gaps
		if err != nil {
			return entry{}, err
		}
		if now.WithdrawnAt != nil && run.ChallengeID == nil {
			// Nobody could share it any more: there is no such result.
			run.State, run.EndedAt = models.RunCancelled, &at
			_, err := tx.SaveRun(ctx, &run)
			return entry{subject: c.ID, deployment: c.DeploymentID, data: data}, err
		}
		if refused {
			why := models.Reason{Code: "error." + refusal.Code, Params: refusal.Params}
			b, err := json.Marshal(why)
			if err != nil {
				return entry{}, err
			}
			run.State, run.Refusal = models.RunRefused, string(b)
			data["refused"] = refusal.Code
		} else {
			no, err := r.addResult(ctx, tx, run, set, res, at, data)
			if err != nil {
				return entry{}, err
			}
			run.State, run.ResultNo = models.RunDone, &no
		}
		saved, err := tx.SaveRun(ctx, &run)
		if err == nil && !saved {
			err = models.Fail(models.Conflict, "run_ended") // cancelled at the last moment: nothing is kept
		}
		return entry{subject: c.ID, deployment: c.DeploymentID, data: data}, err
	})
}

// addResult keeps a result as it is printed, byte for byte.
func (r *Register) addResult(ctx context.Context, tx *store.Tx, run models.Run, set *models.Dataset, res models.Result, at time.Time, data map[string]any) (int, error) {
	body, err := PrintResult(res)
	if err != nil {
		return 0, err
	}
	rails, err := json.Marshal(models.RailsOf(res))
	if err != nil {
		return 0, err
	}
	no, err := tx.NextResult(ctx, run.OrgID, run.ClaimID)
	if err != nil {
		return 0, err
	}
	row := models.ClaimResult{
		OrgID: run.OrgID, ClaimID: run.ClaimID, No: no, PlanNo: set.PlanNo, DatasetID: set.ID, ChallengeID: run.ChallengeID, Body: string(body), SHA256: ledger.Hash(body),
		Grade: res.Grade.Grade, Verdict: res.Verdict.Verdict, Unfinished: res.Unfinished(), Rails: string(rails), ByUserID: run.ByUserID, At: at,
	}
	data["no"], data["result"], data["grade"], data["verdict"] = no, row.SHA256, string(row.Grade), string(row.Verdict)
	return no, tx.Add(ctx, &row)
}

// PrintResult gives a result as it is kept and printed: the same bytes wherever
// it was worked out.
func PrintResult(res models.Result) ([]byte, error) {
	b, err := json.MarshalIndent(res, "", "  ")
	return append(b, '\n'), err
}

// RefusalOf is why a run came to nothing, if it did.
func RefusalOf(run models.Run) (models.Reason, bool) {
	var why models.Reason
	if run.Refusal == "" || json.Unmarshal([]byte(run.Refusal), &why) != nil {
		return why, false
	}
	why.Params = reasonsWithin(why.Params)
	return why, true
}

// reasonsWithin turns what JSON made of a reason inside a reason back into one.
func reasonsWithin(p models.Params) models.Params {
	for k, v := range p {
		if s, isText := v.(string); isText && len(s) == len("2026-01-02") {
			if d, err := models.ParseDate(s); err == nil {
				p[k] = d
			}
		}
		m, isObject := v.(map[string]any)
		if !isObject {
			continue
		}
		if code, isReason := m["code"].(string); isReason {
			inner, _ := m["params"].(map[string]any)
			p[k] = models.Reason{Code: code, Params: reasonsWithin(inner)}
		} else {
			en, _ := m["en"].(string)
			cy, _ := m["cy"].(string)
			p[k] = models.Text{En: en, Cy: cy}
		}
	}
	return p
}

// Reasons makes the reasons of a result that was read back fit to be said.
func Reasons(r models.Reason) models.Reason {
	r.Params = reasonsWithin(r.Params)
	return r
}
