package study

import (
	"context"
	"errors"
	"slices"

	"beforehand/internal/evidence"
	"beforehand/models"
)

// Study is a plan and what is known beside it.
type Study struct {
	Plan models.Plan
	// PlanSHA256 is the hash of its canonical JSON.
	PlanSHA256 string
	Metrics    map[string]models.Metric
	// Replaced is how many files of rows there were before, of which a result had
	// been worked out.
	Replaced int
	// ReadOn is the day on which the rows were sent; 0 when nobody knows.
	ReadOn models.Date
	// Asked are the questions that were answered of the same rows before.
	Asked []models.Question
	// Least is the fewest people that anything is said of.
	Least int
	// LockedFirst, Again, Independent and MonthsOn are what the grade asks for
	// and rows cannot tell: see [models.GradeFacts].
	LockedFirst, Again, Independent bool
	MonthsOn                        int
}

// Data is the rows and where they came from.
type Data struct {
	Rows *Rows
	// SHA256 is of the file as it was sent.
	SHA256 string
}

// Analyse works a plan out over rows: the primary metric, or what a question
// asks instead; guardrails, secondaries and self-report; hours and money; grade
// and verdict. progress is told from 0 to 1; it may be nil.
//
// An error is a models.Error, invalid, that says in words why there can be no
// figure, or the context's when it was cancelled.
func (s Study) Analyse(ctx context.Context, d Data, q *models.Question, progress func(float64)) (models.Result, error) {
	if progress == nil {
		progress = func(float64) {}
	}
	a := &analysis{Study: s, ctx: ctx, rows: d.Rows, all: d.Rows, step: 1 / float64(1+len(s.Plan.Guardrails)+len(s.Plan.Secondaries)), progress: progress}
	res := models.Result{
		Format: models.ResultFormat, Software: evidence.Version, Plan: s.PlanSHA256, Question: q,
		Data:       models.DataMark{SHA256: d.SHA256, Rows: d.Rows.Sum(), Count: d.Rows.Rows(), Outside: d.Rows.Outside()},
		Confidence: s.confidence(), Draws: s.draws(), Seed: s.Plan.Seed,
	}
	if err := a.work(&res, q); err != nil {
		return models.Result{}, err
	}
	res.Grade = models.GradeOf(models.GradeFacts{
		Plan: a.Plan, Primary: &res.Primary, Guardrails: res.Guardrails, LockedFirst: s.LockedFirst, Replaced: s.Replaced > 0,
		Again: s.Again, Independent: s.Independent, MonthsOn: s.MonthsOn,
	})
	res.Verdict = models.Judge(res.Primary, s.Plan.Claimed)
	if res.Primary.Metric != s.Plan.Metric {
		res.Verdict = models.JudgeOther(res.Primary)
	}
	res.Limitations = a.limitations(res)
	round(&res)
	return res, nil
}

func (s Study) confidence() float64 {
	if s.Plan.Confidence == 0 {
		return 0.95
	}
	return s.Plan.Confidence
}

func (s Study) draws() int {
	if s.Plan.Draws == 0 {
		return 2000
	}
	return s.Plan.Draws
}

// analysis is a study under way.
type analysis struct {
	Study
	ctx  context.Context //nolint:containedctx // an analysis lives as long as its call
	rows *Rows           // those that are asked about
	all  *Rows
	done float64
	// unsaid says that too few said anything of themselves.
	unsaid   bool
	step     float64
	progress func(float64)
}

func (a *analysis) work(res *models.Result, q *models.Question) error {
	primary := a.Plan.Metric
	if q != nil {
		if err := a.narrow(*q); err != nil {
			return err
		}
		if q.Metric != "" {
			primary = q.Metric
		}
	}
	var err error
	if res.Primary, err = a.find(primary, a.Plan.Estimator, a.Plan.Interval, false); err != nil {
		return said(err)
	}
	res.Guardrails = []models.GuardrailFinding{}
	if q != nil {
		return nil // a question is about one metric
	}
	for _, g := range a.Plan.Guardrails {
		found, err := a.guardrail(g)
		if err != nil {
			return err
		}
		res.Guardrails = append(res.Guardrails, found)
	}
	if err := a.secondaries(res); err != nil {
		return err
	}
	if err := a.selfReport(res); err != nil {
		return err
	}
	a.gains(res)
	return nil
}

// column is the place of a metric's values among the value columns, or -1.
func (a *analysis) column(metric string, self bool) int {
	i := -1
	for _, c := range a.Plan.Columns {
		if c.Role != models.RoleOfValue {
			continue
		}
		i++
		if c.Metric == metric && c.SelfReport == self {
			return i
		}
	}
	return -1
}

// find analyses one metric. "" takes the estimator that its kind asks for.
func (a *analysis) find(key, estimator, interval string, self bool) (models.Finding, error) {
	m, known := a.Metrics[key]
	column := a.column(key, self)
	if !known || column < 0 {
		return models.Finding{}, evidence.Refusal{Code: "no_column", Params: map[string]any{"metric": key}}
	}
	if estimator == "" || estimator == "share" != (m.Kind == models.MetricShare) && slices.Contains([]string{"share", "mean"}, estimator) {
		estimator = "mean"
		if m.Kind == models.MetricShare {
			estimator = "share"
		}
	}
	found, err := evidence.Analyse(a.ctx, a.rows.of(column), a.spec(m, estimator, interval), a.within())
	a.done += a.step
	if err != nil {
		return models.Finding{}, err
	}
	return a.finding(m, found), nil
}

// within tells the progress of one part as that of the whole.
func (a *analysis) within() func(float64) {
	from := a.done
	return func(share float64) { a.progress(min(1, from+a.step*share)) }
}

func (a *analysis) spec(m models.Metric, estimator, interval string) evidence.Spec {
	p := a.Plan
	return evidence.Spec{
		Design: evidence.Design(p.Design), Estimator: evidence.Estimator(estimator), Interval: evidence.Interval(interval),
		ByRow: p.Unit == "row", ByTeam: p.Unit == "team", Confidence: a.confidence(), Draws: a.draws(), Seed: p.Seed, MinPeople: a.Least,
		Covariate: p.Adjusted, Reference: a.reference(), StartDay: int32(p.Observation.From - epoch), StepDays: int32(p.StepDays), //nolint:gosec // at most 92
		Lags: p.Lags, Allocation: p.Sampling.Allocation, Invited: p.Sampling.Invited, LowerIsBetter: m.Better == models.LowerIsBetter,
	}
}

// reference is the number of the group that selection ratios are taken against, or -1.
func (a *analysis) reference() int32 {
	if i, ok := a.rows.groups.index[a.Plan.Reading.Reference]; ok {
		return i
	}
	return -1
}

// said turns a refusal into words; anything else stays what it is.
func said(err error) error {
	if why, ok := Why(err); ok {
		return models.Fail(models.Invalid, "analysis_refused").With("why", why).Because(err)
	}
	return err
}

// Why is a refusal as a reason that has words.
func Why(err error) (models.Reason, bool) {
	if r, ok := errors.AsType[evidence.Refusal](err); ok {
		return models.Reason{Code: "refusal." + r.Code, Params: r.Params}, true
	}
	return models.Reason{}, false
}
