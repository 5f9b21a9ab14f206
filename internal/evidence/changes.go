package evidence

import "slices"

// changes is difference-in-differences: how much more the treated workers changed from the
// baseline to the observation window than the comparison did.
func (a *analyser) changes() error {
	if err := a.needArms(); err != nil {
		return err
	}
	if err := a.needPeriods(); err != nil {
		return err
	}
	arms, err := a.workersByArm()
	if err != nil {
		return err
	}
	everyone := [2]int{len(arms[0]), len(arms[1])}
	for arm := range arms {
		arms[arm] = a.inBoth(arms[arm])
	}
	if c, w := everyone[0]-len(arms[0]), everyone[1]-len(arms[1]); c+w > 0 {
		a.note("workers_without_both_windows", "comparison", c, "with", w)
	}
	a.out.Workers = [2]int{len(arms[0]), len(arms[1])}
	if err := a.enough(len(arms[0]), len(arms[1])); err != nil {
		return err
	}
	a.describeArms(arms)
	a.compareBaselines(arms)
	a.sampleRatio(a.out.Workers)
	a.worseOff(each(arms[1], (*worker).change))
	a.fewTeams(arms)
	x, y, subject := each(arms[1], (*worker).change), each(arms[0], (*worker).change), "worker_changes"
	if a.spec.ByTeam {
		a.out.Unit, subject = "team", "team_changes"
		x, y = teamChanges(arms[1]), teamChanges(arms[0])
	}
	if err := a.answer(newContrast(x, y), subject); err != nil {
		return err
	}
	a.standardise(Mean(x)-Mean(y), windowMeans(arms[0], baseline), windowMeans(arms[1], baseline))
	return nil
}

func (a *analyser) describeArms(arms [2][]worker) {
	for arm, workers := range arms {
		a.describe(arm, baseline, workers)
		a.describe(arm, observation, workers)
	}
	a.out.Before = Mean(windowMeans(arms[1], baseline))
	a.out.After = Mean(windowMeans(arms[1], observation))
}

// paired is one arm measured twice.
func (a *analyser) paired() error {
	if err := a.needPeriods(); err != nil {
		return err
	}
	workers, err := a.treatedWorkers()
	if err != nil {
		return err
	}
	both := a.inBoth(workers)
	if lost := len(workers) - len(both); lost > 0 {
		a.note("workers_without_both_windows", "comparison", 0, "with", lost)
	}
	a.out.Workers = [2]int{0, len(both)}
	if err := a.enough(len(both)); err != nil {
		return err
	}
	a.note("no_comparison")
	a.describeArms([2][]worker{nil, both})
	d := each(both, (*worker).change)
	a.worseOff(d)
	subject := "worker_changes"
	if a.spec.ByTeam {
		a.out.Unit, subject, d = "team", "team_changes", teamChanges(both)
	}
	if err := a.answer(newContrast(d, nil), subject); err != nil {
		return err
	}
	a.standardise(Mean(d), windowMeans(both, baseline))
	return nil
}

// teamChanges averages the changes of each team's workers. Workers without a team are
// teams of their own, so that nobody is lost.
func teamChanges(workers []worker) []float64 { return teamMeans(workers, (*worker).change) }

// teamMeans averages a figure of each team's workers, in order of the team's number.
func teamMeans(workers []worker, of func(*worker) float64) []float64 {
	teams := map[int32]*mean{}
	var order []int32
	var out []float64
	for i := range workers {
		w := &workers[i]
		if w.team < 0 {
			out = append(out, of(w))
			continue
		}
		if teams[w.team] == nil {
			teams[w.team] = &mean{}
			order = append(order, w.team)
		}
		teams[w.team].add(of(w), 1)
	}
	slices.Sort(order)
	for _, team := range order {
		out = append(out, teams[team].value())
	}
	return out
}
