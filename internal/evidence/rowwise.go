package evidence

import "math"

// survey compares respondents: two arms in the observation window, or else two windows.
func (a *analyser) survey() error {
	arms, known := a.asked()
	byRow := a.spec.ByRow || !known
	switch {
	case arms && byRow:
		return a.rowsByArm()
	case arms:
		found, err := a.observedArms()
		if err != nil {
			return err
		}
		return a.armMeans(found)
	case byRow:
		return a.rowsByPeriod()
	}
	return a.windows()
}

// asked says whether respondents of both arms answered in the observation window, and
// whether it is known who they were.
func (a *analyser) asked() (arms, known bool) {
	f := a.frame
	var seen [3]bool
	for _, i := range f.kept {
		known = known || f.worker(i) >= 0
		if f.period(i) == observation {
			seen[f.arm(i)] = true
		}
	}
	return seen[0] && seen[1], known
}

// beforeAfter compares two windows of one arm, without a comparison.
func (a *analyser) beforeAfter() error {
	if a.spec.ByRow {
		return a.rowsByPeriod()
	}
	return a.windows()
}

// rowsByArm compares the rows of two arms in the observation window.
func (a *analyser) rowsByArm() error {
	f := a.frame
	f.keep(func(i int32) bool { return f.period(i) == observation && f.arm(i) != noArm })
	if err := a.needArms(); err != nil {
		return err
	}
	return a.rowSides(f.arm, func(side int) (arm, period int) { return side, observation })
}

// rowsByPeriod compares the rows of two windows, of the arm with the deployment where arms
// are stated.
func (a *analyser) rowsByPeriod() error {
	f := a.frame
	a.oneArm()
	if err := a.needPeriods(); err != nil {
		return err
	}
	a.note("no_comparison")
	return a.rowSides(f.period, func(side int) (arm, period int) { return 1, side })
}

// oneArm leaves out the comparison where arms are stated in both windows: one that is only
// stated before the start is the same people without the deployment.
func (a *analyser) oneArm() {
	f := a.frame
	var seen [2][3]bool
	for _, i := range f.kept {
		seen[f.period(i)][f.arm(i)] = true
	}
	if seen[observation][0] && seen[observation][1] {
		if rows := f.keep(func(i int32) bool { return f.arm(i) != 0 }); rows > 0 {
			a.note("comparison_ignored", "rows", rows)
		}
	}
}

// rowSides compares rows as units. side sorts a row into 0 or 1.
func (a *analyser) rowSides(side func(int32) int, cell func(int) (arm, period int)) error {
	f := a.frame
	a.out.Unit = "row"
	var values [2][]float64
	var people, teams [2]map[int32]bool
	for s := range people {
		people[s], teams[s] = map[int32]bool{}, map[int32]bool{}
	}
	for _, i := range f.kept {
		s := side(i)
		values[s] = append(values[s], f.value(i))
		if w := f.worker(i); w >= 0 {
			people[s][w] = true
		}
		if t := f.team(i); t >= 0 {
			teams[s][t] = true
		}
	}
	if len(f.rows.Volume) > 0 {
		a.note("volume_ignored")
	}
	counts := a.peopleOnSides(values, people)
	if err := a.enough(counts[0], counts[1]); err != nil {
		return err
	}
	for s := range values {
		arm, period := cell(s)
		summary := summaryOf(arm, period)
		summary.Rows, summary.Workers, summary.Teams = len(values[s]), counts[s], len(teams[s])
		a.summarise(summary, values[s])
	}
	a.out.Workers = counts
	if _, period := cell(0); period == baseline {
		a.out.Workers = [2]int{0, max(counts[0], counts[1])}
	} else {
		a.sampleRatio([2]int{len(values[0]), len(values[1])})
	}
	a.out.Before, a.out.After = Mean(values[0]), Mean(values[1])
	if a.spec.Estimator == EstimateShare {
		return a.shareOfRows(values)
	}
	if err := a.answer(newContrast(values[1], values[0]), "rows"); err != nil {
		return err
	}
	a.standardise(Mean(values[1])-Mean(values[0]), values[0], values[1])
	return nil
}

// peopleOnSides counts persons: workers where they are known for every side, else rows.
func (a *analyser) peopleOnSides(values [2][]float64, people [2]map[int32]bool) (counts [2]int) {
	for s := range counts {
		counts[s] = len(values[s])
		if known := len(people[s]); known > 0 && known < counts[s] {
			counts[s] = known
			a.note("rows_not_independent", "rows", len(values[s]), "workers", known)
		}
	}
	return counts
}

// smoothedError is the standard error of a difference of shares with one yes and one no added
// on each side, so that shares of 0 and 1 have one too.
//
// Agresti & Caffo (2000), The American Statistician 54(4): 280–288.
func smoothedError(yes, n [2]int) float64 {
	variance := 0.0
	for s := range n {
		size := float64(n[s] + 2)
		p := float64(yes[s]+1) / size
		variance += float64(p*(1-p)) / size
	}
	return math.Sqrt(variance)
}

// shareOfRows compares shares of yes among rows. Newcombe's interval is the primary one;
// Welch's stands beside it, or the other way round where "t" was asked for.
func (a *analyser) shareOfRows(values [2][]float64) error {
	yes := [2]int{int(sum(values[0])), int(sum(values[1]))}
	n := [2]int{len(values[0]), len(values[1])}
	if yes[0]+yes[1] == 0 || yes[0]+yes[1] == n[0]+n[1] {
		return refuse("constant")
	}
	score, err := Newcombe(yes[1], n[1], yes[0], n[0], a.spec.Confidence)
	if err != nil {
		return err
	}
	score.Method += "_rows"
	a.out.Primary, a.out.Interval = score, IntervalNewcombe
	z := normalQuantile(1-(1-a.spec.Confidence)/2) + normalQuantile(usualPower)
	a.out.MDE = z * smoothedError(yes, n)
	if welch, err := Welch(values[1], values[0], a.spec.Confidence); err == nil {
		welch.Method += "_rows"
		a.out.Sensitivity = []Estimate{welch}
		if a.spec.Interval == IntervalT {
			a.out.Primary, a.out.Sensitivity, a.out.Interval = welch, []Estimate{score}, IntervalT
		}
	}
	a.replaced(a.spec.Interval, a.out.Interval)
	return nil
}
