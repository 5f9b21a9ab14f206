package evidence

import "slices"

// enough refuses fewer workers than k. least is the smaller side.
func (a *analyser) enough(people ...int) error {
	if have := slices.Min(people); have < a.spec.MinPeople {
		return refuse("too_few_people", "need", a.spec.MinPeople, "have", have)
	}
	return nil
}

// needArms refuses rows that state no arm, or only one.
func (a *analyser) needArms() error {
	var seen [3]bool
	for _, i := range a.frame.kept {
		seen[a.frame.arm(i)] = true
	}
	switch {
	case !seen[0] && !seen[1]:
		return refuse("no_arm")
	case !seen[0]:
		return refuse("one_arm", "arm", 1)
	case !seen[1]:
		return refuse("one_arm", "arm", 0)
	}
	return nil
}

// needPeriods refuses rows of only one window.
func (a *analyser) needPeriods() error {
	var seen [2]bool
	for _, i := range a.frame.kept {
		seen[a.frame.period(i)] = true
	}
	switch {
	case !seen[baseline]:
		return refuse("one_period", "period", observation)
	case !seen[observation]:
		return refuse("one_period", "period", baseline)
	}
	return nil
}

// needObservation leaves the observation window's rows, and refuses where there are none.
func (a *analyser) needObservation() error {
	seen := slices.ContainsFunc(a.frame.kept, func(i int32) bool { return a.frame.period(i) == observation })
	if !seen {
		return refuse("one_period", "period", baseline)
	}
	return nil
}

// workersByArm sorts workers into arms and leaves out those seen in both, with a note.
func (a *analyser) workersByArm() (arms [2][]worker, err error) {
	workers, err := a.frame.byWorker(a.ctx)
	if err != nil {
		return arms, err
	}
	both, none, lost := 0, 0, 0
	for _, w := range workers {
		switch arm := w.arm(); arm {
		case -1:
			both++
			lost += w.rows()
		case noArm:
			none++
			lost += w.rows()
		default:
			arms[arm] = append(arms[arm], w)
		}
	}
	a.frame.outside += lost
	if both > 0 {
		a.note("workers_in_both_arms", "workers", both)
	}
	if none > 0 {
		a.note("workers_without_arm", "workers", none)
	}
	return arms, nil
}

// treatedWorkers are all workers of a design with one arm. Rows may state the arm of the
// person or only when the deployment was in use; who never had it is left out.
func (a *analyser) treatedWorkers() ([]worker, error) {
	workers, err := a.frame.byWorker(a.ctx)
	if err != nil {
		return nil, err
	}
	treated := slices.ContainsFunc(workers, func(w worker) bool { return w.had(1) })
	if !treated {
		return workers, nil
	}
	var kept []worker
	left := 0
	for _, w := range workers {
		if w.arm() == 0 {
			left += w.rows()
			continue
		}
		kept = append(kept, w)
	}
	if a.frame.outside += left; left > 0 {
		a.note("comparison_ignored", "rows", left)
	}
	return kept, nil
}

func (w *worker) had(arm int) bool {
	return w.cells[baseline][arm].rows+w.cells[observation][arm].rows > 0
}

func (w *worker) rows() int { return w.window(baseline).rows + w.window(observation).rows }

// both says whether a worker has rows in both windows.
func (w *worker) both() bool {
	return w.window(baseline).rows > 0 && w.window(observation).rows > 0
}

// inBoth keeps the workers that have both windows.
func (a *analyser) inBoth(workers []worker) (kept []worker) {
	for _, w := range workers {
		if w.both() {
			kept = append(kept, w)
			continue
		}
		a.frame.outside += w.rows()
	}
	return kept
}

func each(workers []worker, of func(*worker) float64) []float64 {
	out := make([]float64, len(workers))
	for i := range workers {
		out[i] = of(&workers[i])
	}
	return out
}

// windowMeans are the workers' means in a window, of those that have one.
func windowMeans(workers []worker, period int) (means []float64) {
	for i := range workers {
		if m := workers[i].window(period); m.rows > 0 {
			means = append(means, m.value())
		}
	}
	return means
}
