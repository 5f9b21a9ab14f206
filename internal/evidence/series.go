package evidence

import (
	"cmp"
	"slices"
)

// leastSteps is how many steps a side of an interrupted series must have.
const leastSteps = 8

// series is an interrupted series: means of steps before and after the start, against the
// line of the steps before carried on.
func (a *analyser) series() error {
	if err := a.needPeriods(); err != nil {
		return err
	}
	f, start := a.frame, a.spec.StartDay
	f.keep(func(i int32) bool { return f.day(i) != NoDay })
	a.oneArm()
	if left := f.keep(func(i int32) bool { return (f.day(i) >= start) == (f.period(i) == observation) }); left > 0 {
		a.note("window_contradicts_start", "rows", left)
	}
	if !a.spec.ByRow {
		f.keep(func(i int32) bool { return f.worker(i) >= 0 })
	}
	steps, err := a.stepMeans()
	if err != nil {
		return err
	}
	if err := a.answerSeries(steps); err != nil {
		return err
	}
	a.note("no_comparison")
	return nil
}

// stepMean is one step: the mean over workers of their means in it.
type stepMean struct {
	step  int32
	mean  float64
	units int
}

func (a *analyser) stepMeans() ([]stepMean, error) {
	f := a.frame
	unit := f.worker
	if a.spec.ByRow {
		a.out.Unit = "row"
		unit = func(i int32) int32 { return i }
	}
	if len(f.kept) == 0 {
		return nil, refuse("too_few_rows", "need", 1, "have", 0)
	}
	cells, err := f.byStep(a.ctx, a.spec.StartDay, a.spec.StepDays, unit, func(int32) int { return 1 })
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(cells, func(x, y cell) int { return cmp.Compare(x.step, y.step) })
	if err := a.countSides(cells); err != nil {
		return nil, err
	}
	var steps []stepMean
	for i := 0; i < len(cells); {
		j := i
		var values []float64
		for ; j < len(cells) && cells[j].step == cells[i].step; j++ {
			values = append(values, cells[j].value())
		}
		steps = append(steps, stepMean{cells[i].step, Mean(values), peopleIn(cells[i:j])})
		i = j
	}
	return a.withPeople(steps), nil
}

// countSides counts the people and describes the two windows.
func (a *analyser) countSides(cells []cell) error {
	var sides [2]map[int32]*mean
	sides[0], sides[1] = map[int32]*mean{}, map[int32]*mean{}
	var order [2][]int32
	for i := range cells {
		c := &cells[i]
		side := 0
		if c.step >= 0 {
			side = 1
		}
		if sides[side][c.unit] == nil {
			sides[side][c.unit] = &mean{}
			order[side] = append(order[side], c.unit)
		}
		sides[side][c.unit].merge(c.mean)
	}
	before, _ := slices.BinarySearchFunc(cells, 0, func(c cell, start int) int { return cmp.Compare(int(c.step), start) })
	people := [2]int{peopleIn(cells[:before]), peopleIn(cells[before:])}
	a.out.Workers = [2]int{0, peopleIn(cells)}
	if err := a.enough(people[0], people[1]); err != nil {
		return err
	}
	for side := range sides {
		var values []float64
		s := Summary{Arm: 1, Period: int8(side), Workers: people[side]}
		for _, unit := range order[side] {
			values = append(values, sides[side][unit].value())
			s.Rows += sides[side][unit].rows
		}
		a.summarise(s, values)
	}
	return nil
}

// peopleIn counts the workers of cells; where none is known, each unit is a person.
func peopleIn(cells []cell) int {
	workers, units := map[int32]bool{}, map[int32]bool{}
	for i := range cells {
		units[cells[i].unit] = true
		if w := cells[i].worker; w >= 0 {
			workers[w] = true
		}
	}
	if len(workers) > 0 {
		return len(workers)
	}
	return len(units)
}

// withPeople leaves out the steps of fewer than k people.
func (a *analyser) withPeople(steps []stepMean) (kept []stepMean) {
	for _, s := range steps {
		if s.units >= a.spec.MinPeople {
			kept = append(kept, s)
		}
	}
	if left := len(steps) - len(kept); left > 0 {
		a.note("steps_left_out", "steps", left)
	}
	return kept
}

func (a *analyser) answerSeries(steps []stepMean) error {
	var at []int
	var y []float64
	for _, s := range steps {
		at, y = append(at, int(s.step)), append(y, s.mean)
	}
	if before, after := sides(at); min(before, after) < leastSteps {
		return refuse("too_few_steps", "need", leastSteps, "before", before, "after", after)
	}
	if len(at) > mostSteps {
		return refuse("bad_spec", "field", "step_days")
	}
	if negligible(slices.Max(y)-slices.Min(y), y) {
		return refuse("constant")
	}
	a.at(0.3)
	fit, err := segmented(a.ctx, at, y, a.spec.Lags, a.spec.Confidence)
	if err != nil {
		return err
	}
	a.out.Primary, a.out.Interval = fit.Estimate, IntervalT
	a.replaced(a.spec.Interval, IntervalT)
	a.out.MDE = fit.Estimate.SE * (fit.Critical + normalQuantile(usualPower))
	a.otherSegments(at, y, fit)
	var before, after []float64
	for i, s := range steps {
		p := SeriesPoint{
			Day: a.spec.StartDay + s.step*a.spec.StepDays, N: s.units, Mean: s.mean,
			Fitted: fit.Fitted[i], Counterfactual: fit.Without[i], After: s.step >= 0,
		}
		a.out.Series = append(a.out.Series, p)
		if p.After {
			after = append(after, s.mean)
		} else {
			before = append(before, s.mean)
		}
	}
	a.out.Before, a.out.After = Mean(before), Mean(after)
	return nil
}

// otherSegments sets the classical and the HC3 intervals beside the fixed-b one; both take
// the steps for independent.
func (a *analyser) otherSegments(at []int, y []float64, fit Segments) {
	x, c := segmentColumns(at)
	plain, err := OLS(x, y)
	if err != nil {
		return
	}
	effect, df := fit.Estimate.Effect, float64(plain.DF)
	if se := plain.Classical(c); !negligible(se, y) {
		a.out.Sensitivity = append(a.out.Sensitivity, studentEstimate(effect, se, df, a.spec.Confidence, "classical_segmented"))
	}
	if se, err := plain.HC3(c); err == nil && !negligible(se, y) {
		a.out.Sensitivity = append(a.out.Sensitivity, studentEstimate(effect, se, df, a.spec.Confidence, "hc3_segmented"))
	}
	a.out.Segment = &Segment{Level: fit.Level, Slope: fit.Slope, Lags: fit.Lags}
}
