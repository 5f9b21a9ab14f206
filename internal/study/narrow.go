package study

import (
	"beforehand/internal/evidence"
	"beforehand/models"
)

// narrow takes the rows and the plan to what a question asks. What is left out
// must be as many people as what is kept, at the least: two answers must not
// tell of a few by their difference.
func (a *analysis) narrow(q models.Question) error {
	if q.Estimator != "" {
		a.Plan.Estimator = q.Estimator
	}
	if q.Estimator != "" || q.Unit != "" {
		a.Plan.Interval = "" // the plan's was chosen for another estimator
	}
	if q.Interval != "" {
		a.Plan.Interval = q.Interval
	}
	if q.Unit != "" {
		a.Plan.Unit = q.Unit
	}
	wanted, spoken := int32(-1), int32(-1)
	if q.Group != "" {
		if wanted = a.rows.groups.known(q.Group); wanted < 0 {
			return said(evidence.Refusal{Code: "no_such_group", Params: map[string]any{"group": q.Group}})
		}
	}
	if q.Language != "" {
		if spoken = a.rows.languages.known(q.Language); spoken < 0 {
			return said(evidence.Refusal{Code: "no_such_group", Params: map[string]any{"group": q.Language}})
		}
	}
	all := a.rows
	asked := func(i int) bool {
		return (wanted < 0 || all.group[i] == wanted) && (spoken < 0 || all.language[i] == spoken)
	}
	kept := all.only(func(i int) bool { return asked(i) && inWindow(q, all.period[i], all.date[i]) })
	if left := leftOut(all, kept, asked); left > 0 && left < a.Least {
		return said(evidence.Refusal{Code: "too_few_left_out", Params: map[string]any{"least": a.Least}})
	}
	a.rows = kept
	return nil
}

// known is the number of a name that has appeared, or -1.
func (n *names) known(s string) int32 {
	if i, ok := n.index[s]; ok {
		return i
	}
	return -1
}

func inWindow(q models.Question, period int8, d models.Date) bool {
	switch {
	case period == 0 && q.Baseline != nil:
		return q.Baseline.Holds(d)
	case period == 1 && q.Observed != nil:
		return q.Observed.Holds(d)
	}
	return true
}

// leftOut counts the people whom a question leaves out: of whom a row is not
// asked for, or none is left in a window.
func leftOut(all, kept *Rows, asked func(int) bool) int {
	type stay struct {
		person int32
		period int8
	}
	in := make(map[stay]bool, len(kept.worker))
	for i, w := range kept.worker {
		in[stay{w, kept.period[i]}] = true
	}
	out := map[int32]bool{}
	for i, w := range all.worker {
		if asked(i) && in[stay{w, all.period[i]}] {
			continue
		}
		if w < 0 {
			w = int32(-2 - i)
		}
		out[w] = true
	}
	return len(out)
}
