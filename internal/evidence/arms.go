package evidence

import "math"

// staff is randomised staff: workers' means in the observation window, arm against arm,
// or adjusted for their own baseline.
func (a *analyser) staff() error {
	if err := a.needArms(); err != nil {
		return err
	}
	if err := a.needObservation(); err != nil {
		return err
	}
	if a.spec.ByRow {
		return a.rowsByArm()
	}
	arms, err := a.observedArms()
	if err != nil {
		return err
	}
	if a.spec.Covariate {
		return a.adjusted(arms)
	}
	return a.armMeans(arms)
}

// observedArms are the workers with rows in the observation window, by arm.
func (a *analyser) observedArms() ([2][]worker, error) {
	arms, err := a.workersByArm()
	if err != nil {
		return arms, err
	}
	for arm := range arms {
		arms[arm] = a.having(arms[arm], observation)
	}
	a.out.Workers = [2]int{len(arms[0]), len(arms[1])}
	if err := a.enough(len(arms[0]), len(arms[1])); err != nil {
		return arms, err
	}
	a.describeArms(arms)
	// A baseline of a few is neither a comparison nor fit to be shown.
	if len(windowMeans(arms[1], baseline)) < a.spec.MinPeople {
		a.out.Before = Mean(windowMeans(arms[0], observation))
	}
	a.compareBaselines(arms)
	a.sampleRatio(a.out.Workers)
	a.fewTeams(arms)
	return arms, nil
}

// having keeps the workers with rows in a window.
func (a *analyser) having(workers []worker, period int) (kept []worker) {
	for _, w := range workers {
		if w.window(period).rows > 0 {
			kept = append(kept, w)
			continue
		}
		a.frame.outside += w.rows()
	}
	return kept
}

func (w *worker) observed() float64 { return w.window(observation).value() }
func (w *worker) before() float64   { return w.window(baseline).value() }

func (a *analyser) armMeans(arms [2][]worker) error {
	x, y, subject := each(arms[1], (*worker).observed), each(arms[0], (*worker).observed), "worker_means"
	if a.spec.ByTeam {
		a.out.Unit, subject = "team", "team_means"
		x, y = teamMeans(arms[1], (*worker).observed), teamMeans(arms[0], (*worker).observed)
	}
	if err := a.answer(newContrast(x, y), subject); err != nil {
		return err
	}
	a.standardise(Mean(x)-Mean(y), each(arms[0], (*worker).observed), each(arms[1], (*worker).observed))
	return nil
}

// tasks is randomised tasks: each worker is their own comparison.
func (a *analyser) tasks() error {
	a.out.Unit = "task"
	if err := a.needArms(); err != nil {
		return err
	}
	if err := a.needObservation(); err != nil {
		return err
	}
	f := a.frame
	f.keep(func(i int32) bool { return f.period(i) == observation && f.arm(i) != noArm })
	if err := a.needArms(); err != nil {
		return err
	}
	workers, err := f.byWorker(a.ctx)
	if err != nil {
		return err
	}
	var both []worker
	var d, with, without []float64
	var counts [2]int
	for _, w := range workers {
		cells := w.cells[observation]
		counts[0], counts[1] = counts[0]+cells[0].rows, counts[1]+cells[1].rows
		if cells[0].rows == 0 || cells[1].rows == 0 {
			f.outside += w.rows()
			continue
		}
		both = append(both, w)
		with, without = append(with, cells[1].value()), append(without, cells[0].value())
		d = append(d, cells[1].value()-cells[0].value())
	}
	if left := len(workers) - len(both); left > 0 {
		a.note("workers_in_one_arm_only", "workers", left)
	}
	a.out.Workers = [2]int{len(both), len(both)}
	if err := a.enough(len(both)); err != nil {
		return err
	}
	a.describeCells(both, 0, without)
	a.describeCells(both, 1, with)
	a.out.Before, a.out.After = Mean(without), Mean(with)
	a.sampleRatio(counts)
	a.worseOff(d)
	if err := a.answer(newContrast(d, nil), "task_differences"); err != nil {
		return err
	}
	a.standardise(Mean(d), without)
	return nil
}

// describeCells summarises one arm of workers who have both.
func (a *analyser) describeCells(workers []worker, arm int, values []float64) {
	s := summaryOf(arm, observation)
	s.Workers, s.Teams = len(workers), teamsOf(workers)
	for _, w := range workers {
		s.Rows += w.cells[observation][arm].rows
	}
	a.summarise(s, values)
}

// adjusted is the comparison of means adjusted for each worker's own baseline, with its own
// slope in each arm and the baseline centred, so that it cannot do worse than no adjustment
// in large samples; standard errors are HC3.
//
// Lin (2013), Annals of Applied Statistics 7(1): 295–318.
func (a *analyser) adjusted(arms [2][]worker) error {
	var with [2][]worker
	for arm := range arms {
		for _, w := range arms[arm] {
			if w.both() {
				with[arm] = append(with[arm], w)
			}
		}
	}
	if min(len(with[0]), len(with[1])) < a.spec.MinPeople {
		a.note("covariate_dropped")
		return a.armMeans(arms)
	}
	if left := len(arms[0]) + len(arms[1]) - len(with[0]) - len(with[1]); left > 0 {
		a.note("workers_without_baseline", "workers", left)
	}
	figure := func(of func(*worker) float64) (x, y []float64, subject string) {
		if a.spec.ByTeam {
			return teamMeans(with[1], of), teamMeans(with[0], of), "_team_means"
		}
		return each(with[1], of), each(with[0], of), "_worker_means"
	}
	x, y, subject := figure((*worker).observed)
	x0, y0, _ := figure((*worker).before)
	e, err := Ancova(x, x0, y, y0, a.spec.Confidence)
	if isRefusal(err, "singular", "too_few_rows", "constant") {
		a.note("covariate_dropped")
		return a.armMeans(arms)
	}
	if err != nil {
		return err
	}
	return a.besideUnadjusted(e, arms, subject)
}

// besideUnadjusted puts the adjusted figure first and the others beside it.
func (a *analyser) besideUnadjusted(e Estimate, arms [2][]worker, subject string) error {
	asked := a.spec.Interval
	a.spec.Interval = ""
	if err := a.armMeans(arms); err != nil {
		return err
	}
	a.replaced(asked, IntervalT)
	e.Method += subject
	a.out.Sensitivity = append([]Estimate{a.out.Primary}, a.out.Sensitivity...)
	a.out.Primary, a.out.Interval = e, IntervalT
	a.out.MDE = reach(e.SE, e.DF, a.spec.Confidence, usualPower)
	return nil
}

// Ancova gives the difference x − y of two arms' outcomes adjusted for a covariate (x0, y0,
// as long as x, y) that is centred at its mean over both arms and has a slope in each;
// standard error HC3, Student's interval on n − 4. Refusals as [OLS]; "constant" without
// residuals.
//
// Lin (2013), as above, § 4; MacKinnon & White (1985).
func Ancova(x, x0, y, y0 []float64, confidence float64) (Estimate, error) {
	if len(x) != len(x0) || len(y) != len(y0) {
		return Estimate{}, refuse("bad_spec", "field", "covariate")
	}
	outcome := append(append([]float64(nil), x...), y...)
	covariate, _ := centred(append(append([]float64(nil), x0...), y0...))
	// In deviations, so that the test for a constant column is about its spread.
	scale := math.Sqrt(dot(covariate, covariate) / max(1, float64(len(covariate))))
	if negligible(scale, x0, y0) {
		return Estimate{}, refuse("singular")
	}
	rows := make([][]float64, len(outcome))
	for i, c := range covariate {
		with := 0.0
		if i < len(x) {
			with = 1
		}
		rows[i] = []float64{1, with, c / scale, with * c / scale}
	}
	fit, err := OLS(rows, outcome)
	if err != nil {
		return Estimate{}, err
	}
	treatment := []float64{0, 1, 0, 0}
	se, err := fit.HC3(treatment)
	if err != nil {
		return Estimate{}, err
	}
	if negligible(se, x, y) {
		return Estimate{}, refuse("constant")
	}
	return studentEstimate(fit.Combine(treatment), se, float64(fit.DF), confidence, "hc3_ancova"), nil
}
