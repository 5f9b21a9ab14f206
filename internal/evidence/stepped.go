package evidence

import (
	"cmp"
	"slices"
)

// stepped is a rollout in which workers or teams get the deployment at different times, in an
// order that was drawn.
func (a *analyser) stepped() error {
	cells, subject, err := a.crossing()
	if err != nil {
		return err
	}
	all := make([]Observation, len(cells))
	values := make([]float64, len(cells))
	for i := range cells {
		c := &cells[i]
		values[i] = c.value()
		all[i] = Observation{Unit: int(c.unit), Step: int(c.step), Treated: c.arm == 1, Value: values[i]}
	}
	if negligible(slices.Max(values)-slices.Min(values), values) {
		return refuse("constant")
	}
	a.at(0.3)
	e, err := TwoWay(a.ctx, all, a.spec.Confidence)
	if err != nil {
		return err
	}
	e.Method += subject
	a.out.Primary, a.out.Interval = e, IntervalT
	a.replaced(a.spec.Interval, IntervalT)
	a.out.MDE = reach(e.SE, e.DF, a.spec.Confidence, usualPower)
	a.note("effects_may_differ")
	if clusters := int(e.DF) + 1; clusters < 10 {
		a.note("few_clusters", "clusters", clusters)
	}
	return nil
}

// crossing averages the rows within unit, step and arm, the first step beginning with the
// first day.
func (a *analyser) crossing() (cells []cell, subject string, err error) {
	f := a.frame
	f.keep(func(i int32) bool { return f.arm(i) != noArm && f.worker(i) >= 0 && f.day(i) != NoDay })
	if err := a.needArms(); err != nil {
		return nil, "", err
	}
	origin := int32(0)
	for k, i := range f.kept {
		if k == 0 || f.day(i) < origin {
			origin = f.day(i)
		}
	}
	cells, err = f.byStep(a.ctx, origin, a.spec.StepDays, f.worker, f.arm)
	if err != nil {
		return nil, "", err
	}
	if err := a.countCrossing(cells); err != nil {
		return nil, "", err
	}
	if a.spec.ByTeam {
		a.out.Unit = "team"
		return teamCells(cells), "_teams", nil
	}
	return cells, "_workers", nil
}

// countCrossing counts the people with and without the deployment, and describes both. Those
// who crossed are in both counts.
func (a *analyser) countCrossing(cells []cell) error {
	var arms [2]map[int32]*mean
	var order [2][]int32
	arms[0], arms[1] = map[int32]*mean{}, map[int32]*mean{}
	teams := [2]map[int32]bool{{}, {}}
	for i := range cells {
		c := &cells[i]
		if arms[c.arm][c.unit] == nil {
			arms[c.arm][c.unit] = &mean{}
			order[c.arm] = append(order[c.arm], c.unit)
		}
		arms[c.arm][c.unit].merge(c.mean)
		if c.team >= 0 {
			teams[c.arm][c.team] = true
		}
	}
	a.out.Workers = [2]int{len(order[0]), len(order[1])}
	if err := a.enough(len(order[0]), len(order[1])); err != nil {
		return err
	}
	var crossed [2][]float64
	for arm := range arms {
		var values []float64
		s := Summary{Arm: int8(arm), Period: int8(arm), Workers: len(order[arm]), Teams: len(teams[arm])}
		for _, unit := range order[arm] {
			m := arms[arm][unit]
			values = append(values, m.value())
			s.Rows += m.rows
			if arms[1-arm][unit] != nil {
				crossed[arm] = append(crossed[arm], m.value())
			}
		}
		a.summarise(s, values)
	}
	if len(crossed[1]) == 0 {
		// Nobody crossed: the effect is not told apart from who has it.
		return refuse("singular")
	}
	a.out.Before, a.out.After = Mean(crossed[0]), Mean(crossed[1])
	return nil
}

// teamCells averages the workers of a team in each step and arm. Workers without a team
// stand for themselves, under numbers below those of teams.
func teamCells(cells []cell) []cell {
	at := map[cellKey]int{}
	var out []cell
	for i := range cells {
		c := &cells[i]
		unit := c.team
		if unit < 0 {
			unit = -1 - c.unit
		}
		key := cellKey{unit, c.step, c.arm}
		k, known := at[key]
		if !known {
			k = len(out)
			at[key] = k
			out = append(out, cell{unit: unit, team: c.team, step: c.step, arm: c.arm})
		}
		out[k].add(c.value(), 1)
	}
	slices.SortFunc(out, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.step, b.step), cmp.Compare(a.arm, b.arm))
	})
	return out
}
