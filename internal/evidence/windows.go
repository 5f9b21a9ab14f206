package evidence

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// seen is a worker's means in the two windows, from their centre, with 1 where the worker
// has the window and 0 (and a mean of 0) where not.
type seen struct{ has, mean [2]float64 }

// overlap is workers of whom some are in both windows and some in one.
type overlap struct {
	units  []seen
	centre [2]float64
}

// newOverlap takes means with NaN for a window a worker does not have. Units are sorted, so
// that their numbering does not matter.
func newOverlap(before, after []float64) overlap {
	o := overlap{units: make([]seen, len(before))}
	for period, column := range [][]float64{before, after} {
		var present []float64
		for _, v := range column {
			if !math.IsNaN(v) {
				present = append(present, v)
			}
		}
		o.centre[period] = Mean(present)
		for i, v := range column {
			if !math.IsNaN(v) {
				o.units[i].has[period], o.units[i].mean[period] = 1, v-o.centre[period]
			}
		}
	}
	slices.SortFunc(o.units, func(a, b seen) int {
		return cmp.Or(
			cmp.Compare(a.has[0], b.has[0]), cmp.Compare(a.has[1], b.has[1]),
			cmp.Compare(a.mean[0], b.mean[0]), cmp.Compare(a.mean[1], b.mean[1]))
	})
	return o
}

// sums are what a draw needs to know.
type sums struct{ n, s, squares [2]float64 }

// linearised gives the difference of the two means, from the centre, and the standard error
// that comes from each worker's pull on it.
//
// Binder (1983), International Statistical Review 51(3): 279–292, for the linearisation.
func linearised(t sums, n, s1, s0, cross float64, clusters float64) (effect, se float64) {
	m0, m1 := t.s[0]/t.n[0], t.s[1]/t.n[1]
	own := func(p int, m float64) float64 { return (t.squares[p] - float64(t.s[p]*m)) / float64(t.n[p]*t.n[p]) }
	both := cross - float64(m0*s1) - float64(m1*s0) + float64(n*float64(m0*m1))
	v := own(0, m0) + own(1, m1) - float64(2*both)/float64(t.n[0]*t.n[1])
	return m1 - m0, math.Sqrt(max(0, v) * clusters / (clusters - 1))
}

// draw gives effect and standard error of as many units as pick chooses.
func (o overlap) draw(pick func() int) (effect, se float64) {
	var t sums
	var n, s0, s1, cross float64
	for range o.units {
		u := &o.units[pick()]
		for p := range 2 {
			t.n[p] += u.has[p]
			t.s[p] += u.mean[p]
			t.squares[p] += float64(u.mean[p] * u.mean[p])
		}
		both := u.has[0] * u.has[1]
		n += both
		s0 += float64(both * u.mean[0])
		s1 += float64(both * u.mean[1])
		cross += float64(u.mean[0] * u.mean[1])
	}
	if t.n[0] == 0 || t.n[1] == 0 {
		return math.NaN(), 0
	}
	return linearised(t, n, s1, s0, cross, float64(len(o.units)))
}

// estimate is the effect itself with its standard error.
func (o overlap) estimate() (effect, se float64) {
	next := -1
	effect, se = o.draw(func() int { next++; return next })
	return o.centre[1] - o.centre[0] + effect, se
}

func (o overlap) moments() func() func(*stream, []float64) {
	least := 1e-12 * max(math.Abs(o.centre[0]), math.Abs(o.centre[1]))
	shift := o.centre[1] - o.centre[0]
	return func() func(*stream, []float64) {
		return func(s *stream, out []float64) {
			effect, se := o.draw(func() int { return s.below(len(o.units)) })
			if !(se > least) || math.IsNaN(effect) {
				out[0] = math.NaN()
				return
			}
			out[0], out[1] = shift+effect, effect/se
		}
	}
}

// influences are the units' pulls on the effect, times their number.
func (o overlap) influences() []float64 {
	var n [2]float64
	for _, u := range o.units {
		n[0], n[1] = n[0]+u.has[0], n[1]+u.has[1]
	}
	out := make([]float64, len(o.units))
	for i, u := range o.units {
		out[i] = (u.mean[1]/n[1] - u.mean[0]/n[0]) * float64(len(o.units))
	}
	return out
}

// quantiles are the differences of the windows' quantiles, workers drawn whole.
func (o overlap) quantiles(at []float64) func() func(*stream, []float64) {
	return func() func(*stream, []float64) {
		var values [2][]float64
		return func(s *stream, out []float64) {
			values[0], values[1] = values[0][:0], values[1][:0]
			for range o.units {
				u := &o.units[s.below(len(o.units))]
				for p := range 2 {
					if u.has[p] == 1 {
						values[p] = append(values[p], o.centre[p]+u.mean[p])
					}
				}
			}
			slices.Sort(values[0])
			slices.Sort(values[1])
			for i, q := range at {
				out[i] = quantileSorted(values[1], q) - quantileSorted(values[0], q)
			}
		}
	}
}

// BeforeAfterMeans gives mean(after) − mean(before) over workers, NaN standing for a window a
// worker does not have, with three intervals: Student's on the linearised standard error and
// workers − 1, the studentised bootstrap and BCa over whole workers. Refusals as [BootstrapT].
//
// Davison & Hinkley (1997), § 2.7 and ch. 5, for the studentised bootstrap with a linearised
// standard error.
func BeforeAfterMeans(ctx context.Context, before, after []float64, b Bootstrap) (t, bootstrapT, bca Estimate, err error) {
	return newOverlap(before, after).estimates(ctx, b, nil)
}

func (o overlap) estimates(ctx context.Context, b Bootstrap, progress func(float64)) (t, bt, bca Estimate, err error) {
	effect, se := o.estimate()
	if !(se > 1e-12*max(math.Abs(o.centre[0]), math.Abs(o.centre[1]))) {
		return t, bt, bca, refuse("constant")
	}
	t = studentEstimate(effect, se, float64(len(o.units)-1), b.Confidence, "linearised")
	drawn, err := b.run(ctx, len(o.units), 2, o.moments(), progress)
	if err != nil {
		return t, bt, bca, err
	}
	bt = Estimate{Effect: effect, SE: se, Method: "bootstrap_t"}
	bt.Low, bt.High, bt.P = studentised(effect, se, drawn[1], b.Confidence)
	bca = Estimate{Effect: effect, Method: "bca"}
	bca.Low, bca.High = biasCorrected(effect, acceleration(o.influences()), drawn[0], b.Confidence)
	return t, bt.holding(), bca.holding(), nil
}
