package evidence

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// mostSteps is the longest panel or series.
const mostSteps = 400

// Observation is one unit in one step: its mean and whether it had the deployment.
type Observation struct {
	Unit, Step int
	Treated    bool
	Value      float64
}

// panel is units in steps with the parts of the normal equations that each unit adds once
// its own mean is taken away. A unit can then be left out by subtraction.
type panel struct {
	units []panelUnit
	steps int
}

// panelUnit counts a unit's observations in each step, treated ones among them, and adds
// up its values, which are from the mean of all.
type panelUnit struct {
	step         []int // steps the unit has, as columns
	n, treated   []float64
	value        []float64
	rows, with   float64
	sum, sumWith float64
}

// TwoWay fits value = unit + step + effect·treated by least squares and gives the effect with
// the cluster jackknife CV3 over units and Student's interval on units − 1. Units and steps may
// be any numbers, and any may be missing. The cost is units × steps³/6. Refusals:
// "too_few_rows" for none, "bad_spec" above 400 steps, "singular" where the effect cannot be told
// from units and steps (all treated at once), "one_cluster" where it rests on one unit,
// "constant" without residuals.
//
// Two-way fixed effects weigh the units' effects unevenly, some below nought, when effects grow
// with time: Goodman-Bacon (2021), Journal of Econometrics 225(2): 254–277. Leaving units out
// from the within-unit sums: Frisch & Waugh (1933), Econometrica 1(4): 387–401; CV3: MacKinnon,
// Nielsen & Webb (2023), Journal of Applied Econometrics 38(5): 671–694.
func TwoWay(ctx context.Context, all []Observation, confidence float64) (Estimate, error) {
	if len(all) == 0 {
		return Estimate{}, refuse("too_few_rows", "need", 1, "have", 0)
	}
	p := newPanel(all)
	if p.steps > mostSteps {
		return Estimate{}, refuse("bad_spec", "field", "step_days")
	}
	whole := newNormal(p.steps)
	for i := range p.units {
		whole.add(&p.units[i], 1)
	}
	work := newNormal(p.steps)
	effect, ok := work.effect(whole)
	if !ok {
		return Estimate{}, refuse("singular")
	}
	leftOut := make([]float64, len(p.units))
	for i := range p.units {
		if ctx.Err() != nil {
			return Estimate{}, ctx.Err()
		}
		whole.add(&p.units[i], -1)
		leftOut[i], ok = work.effect(whole)
		whole.add(&p.units[i], 1)
		if !ok {
			return Estimate{}, refuse("one_cluster")
		}
	}
	return jackknifed(effect, leftOut, confidence, "cv3_twoway")
}

func newPanel(all []Observation) *panel {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Observation) int {
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Step, b.Step))
	})
	values, steps := make([]float64, len(all)), make([]int, len(all))
	for i, o := range all {
		values[i], steps[i] = o.Value, o.Step
	}
	slices.Sort(steps)
	steps = slices.Compact(steps)
	centre := Mean(values)
	p := &panel{steps: len(steps)}
	for i, o := range all {
		if i == 0 || all[i-1].Unit != o.Unit {
			p.units = append(p.units, panelUnit{})
		}
		column, _ := slices.BinarySearch(steps, o.Step)
		p.units[len(p.units)-1].add(column, o.Treated, o.Value-centre)
	}
	return p
}

func (u *panelUnit) add(column int, treated bool, v float64) {
	last := len(u.step) - 1
	if last < 0 || u.step[last] != column {
		u.step = append(u.step, column)
		u.n, u.treated, u.value = append(u.n, 0), append(u.treated, 0), append(u.value, 0)
		last++
	}
	u.n[last]++
	u.value[last] += v
	u.rows++
	u.sum += v
	if treated {
		u.treated[last]++
		u.with++
		u.sumWith += v
	}
}

// normal is X'X and X'y with the units' means taken out: one column a step but the first,
// and the deployment last.
type normal struct {
	size int
	a    []float64 // lower triangle by rows, in a full square
	b    []float64
}

func newNormal(steps int) *normal {
	return &normal{size: steps, a: make([]float64, steps*steps), b: make([]float64, steps)}
}

// add adds a unit's part, or with −1 takes it away.
func (m *normal) add(u *panelUnit, sign float64) {
	last := m.size - 1
	for i, s := range u.step {
		if s == 0 {
			continue
		}
		row := m.a[(s-1)*m.size:]
		for j, t := range u.step[:i+1] {
			if t > 0 {
				row[t-1] -= float64(sign * u.n[i] * u.n[j] / u.rows)
			}
		}
		row[s-1] += float64(sign * u.n[i])
		m.b[s-1] += float64(sign * (u.value[i] - float64(u.n[i]*u.sum)/u.rows))
		m.a[last*m.size+s-1] += float64(sign * (u.treated[i] - float64(u.n[i]*u.with)/u.rows))
	}
	m.a[last*m.size+last] += float64(sign*u.with) * (u.rows - u.with) / u.rows
	m.b[last] += float64(sign * (u.sumWith - float64(u.with*u.sum)/u.rows))
}

// effect solves for the last coefficient by Cholesky, leaving out columns that say nothing
// new. It fails where the deployment's is one of them.
func (m *normal) effect(from *normal) (float64, bool) {
	copy(m.a, from.a)
	copy(m.b, from.b)
	n := m.size
	for j := range n {
		row := m.a[j*n : j*n+j+1]
		pivot := row[j]
		for k := range j {
			pivot -= float64(row[k] * row[k])
		}
		if !(pivot > 1e-9*from.a[j*n+j]) || !(pivot > 1e-12) {
			if j == n-1 {
				return 0, false
			}
			m.skip(j)
			continue
		}
		root := math.Sqrt(pivot)
		row[j] = root
		for i := j + 1; i < n; i++ {
			other := m.a[i*n : i*n+j+1]
			v := other[j]
			for k := range j {
				v -= float64(other[k] * row[k])
			}
			other[j] = v / root
		}
		v := m.b[j]
		for k := range j {
			v -= float64(row[k] * m.b[k])
		}
		m.b[j] = v / root
	}
	return m.b[n-1] / m.a[n*n-1], true
}

// skip takes a column out of the system.
func (m *normal) skip(j int) {
	for i := j; i < m.size; i++ {
		m.a[i*m.size+j] = 0
	}
	m.b[j] = 0
}
