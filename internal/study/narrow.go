package study

import (
	"beforehand/internal/evidence"
	"beforehand/models"
)

// narrow takes the rows and the plan to what a question asks. It is refused when
// it and an answer that was given before differ by a few people: two answers
// must not tell of them by their difference.
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
	all := a.rows
	asked, err := asks(all, q)
	if err != nil {
		return said(err)
	}
	// Every answer that was given before is one to take this one from: the claim's
	// own, of all rows, and those to earlier questions.
	for _, before := range append([]models.Question{{}}, a.Asked...) {
		other, err := asks(all, before)
		if err != nil {
			return said(err)
		}
		if differ := apart(all, asked, other); differ > 0 && differ < a.Least {
			return said(evidence.Refusal{Code: "too_few_left_out", Params: map[string]any{"least": a.Least}})
		}
	}
	a.rows = all.only(asked)
	return nil
}

// asks is the test that a row is one that a question is about.
func asks(all *Rows, q models.Question) (func(i int) bool, error) {
	wanted, spoken := int32(-1), int32(-1)
	for _, only := range []struct {
		name string
		of   *names
		to   *int32
	}{{q.Group, &all.groups, &wanted}, {q.Language, &all.languages, &spoken}} {
		if only.name == "" {
			continue
		}
		if *only.to = only.of.known(only.name); *only.to < 0 {
			return nil, evidence.Refusal{Code: "no_such_group", Params: map[string]any{"group": only.name}}
		}
	}
	return func(i int) bool {
		return (wanted < 0 || all.group[i] == wanted) && (spoken < 0 || all.language[i] == spoken) && inWindow(q, all.period[i], all.date[i])
	}, nil
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

// apart counts the people of whom a row is in one question's rows and not in
// the other's: whom the difference of two answers would tell of.
func apart(all *Rows, one, other func(int) bool) int {
	people := map[int32]bool{}
	for i, w := range all.worker {
		if one(i) == other(i) {
			continue
		}
		if w < 0 {
			w = int32(-2 - i)
		}
		people[w] = true
	}
	return len(people)
}
