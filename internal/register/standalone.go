package register

import (
	"context"
	"io"

	"beforehand/internal/report"
	"beforehand/internal/study"
	"beforehand/models"
	"beforehand/policy"
)

// Standalone is an analysis without a register: a plan in YAML or JSON, a file
// of rows, and what the register would know beside them.
type Standalone struct {
	Plan []byte
	Rows io.Reader
	// Least is the fewest people that anything is said of.
	Least int
	// LockedFirst says that the plan was locked before rows were there to look
	// at; Again, and MonthsOn, are for the grade: see [models.GradeFacts].
	LockedFirst, Again bool
	MonthsOn           int
	// Replaced is how many files of rows had been analysed before; ReadOn is the
	// day that the rows were sent, for files without dates.
	Replaced int
	ReadOn   models.Date
}

// AnalyseFile works a plan out over a file as the register does: from the same
// plan, rows and seed come the same bytes. Refused rows are an error with an
// entry a cell.
func AnalyseFile(ctx context.Context, in Standalone, progress func(float64)) ([]byte, models.FrozenPlan, error) {
	plan, own, err := report.ReadPlan(in.Plan)
	if err != nil {
		return nil, models.FrozenPlan{}, err
	}
	metrics := map[string]models.Metric{}
	for _, m := range append(policy.Metrics(), own...) {
		metrics[m.Key] = m
	}
	if err := plan.Lockable(metrics); err != nil {
		return nil, models.FrozenPlan{}, err
	}
	if plan.Design == models.DesignVendor {
		return nil, models.FrozenPlan{}, models.Fail(models.Conflict, "vendor_has_no_rows").With("claim", plan.Sentence)
	}
	frozen := plan.Freeze(metrics)
	_, sha, err := Freeze(frozen)
	if err != nil {
		return nil, frozen, err
	}
	rows := study.NewRows(valueColumns(plan))
	rep, err := report.ReadDataset(ctx, in.Rows, plan, frozen.ByKey(), rows.Add, nil)
	if err == nil {
		err = refusedRows(rep)
	}
	if err != nil {
		return nil, frozen, err
	}
	st := study.Study{
		Plan: plan, PlanSHA256: sha, Metrics: frozen.ByKey(), Least: in.Least, LockedFirst: in.LockedFirst, Again: in.Again,
		Independent: plan.Independent != "", MonthsOn: in.MonthsOn,
		Replaced: in.Replaced, ReadOn: in.ReadOn,
	}
	res, err := st.Analyse(ctx, study.Data{Rows: rows, SHA256: rep.SHA256}, nil, progress)
	if err != nil {
		return nil, frozen, err
	}
	body, err := PrintResult(res)
	return body, frozen, err
}
