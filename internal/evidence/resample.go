package evidence

import (
	"context"
	"math"
	"slices"
)

// contrast is what most designs come down to: one value per unit, in one sample (y is
// nil, the effect is where x lies) or two (the effect is x against y). Both are sorted,
// so that neither the order of rows nor the numbering of workers matters.
type contrast struct{ x, y []float64 }

func newContrast(x, y []float64) contrast {
	c := contrast{x: sorted(x)}
	if y != nil {
		c.y = sorted(y)
	}
	return c
}

// moments resamples the units of either sample by itself and gives the difference of
// means and its t; a draw without spread has none.
func (c contrast) moments() func() func(*stream, []float64) {
	x, mx := centred(c.x)
	y, my := centred(c.y)
	least := smallestSpread(c.x, c.y)
	return func() func(*stream, []float64) {
		return func(s *stream, out []float64) {
			dx, vx := drawMoments(s, x)
			dy, vy := drawMoments(s, y)
			se := math.Sqrt(vx + vy)
			if !(se > least) {
				out[0] = math.NaN()
				return
			}
			out[0] = (mx - my) + (dx - dy)
			out[1] = (dx - dy) / se
		}
	}
}

// smallestSpread is the standard error below which a draw counts as without spread.
func smallestSpread(x, y []float64) float64 {
	largest := 0.0
	for _, column := range [][]float64{x, y} {
		for _, v := range column {
			largest = max(largest, math.Abs(v))
		}
	}
	return 1e-12 * largest
}

// centred takes the mean away first, so that squares do not cancel.
func centred(x []float64) ([]float64, float64) {
	if len(x) == 0 {
		return nil, 0
	}
	mean := Mean(x)
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v - mean
	}
	return out, mean
}

// drawMoments picks as many values as there are and gives their mean and its squared
// standard error. It is the inner loop of everything.
func drawMoments(s *stream, x []float64) (mean, squaredError float64) {
	if len(x) < 2 {
		return 0, 0
	}
	var sum, squares float64
	for range x {
		v := x[s.below(len(x))]
		sum += v
		squares += float64(v * v)
	}
	n := float64(len(x))
	mean = sum / n
	return mean, max(0, squares-float64(sum*mean)) / float64(n*(n-1))
}

// trimmedMoments does the same for 20 % trimmed means.
func (c contrast) trimmedMoments() func() func(*stream, []float64) {
	effect := c.locate(func(s []float64) float64 { return TrimmedMean(s, trim) })
	least := smallestSpread(c.x, c.y)
	return func() func(*stream, []float64) {
		px, py := make([]float64, len(c.x)), make([]float64, len(c.y))
		return func(s *stream, out []float64) {
			mx, vx := drawTrimmed(s, c.x, px)
			my, vy := drawTrimmed(s, c.y, py)
			se := math.Sqrt(vx + vy)
			if !(se > least) {
				out[0] = math.NaN()
				return
			}
			out[0] = mx - my
			out[1] = (mx - my - effect) / se
		}
	}
}

func drawTrimmed(s *stream, x, scratch []float64) (mean, squaredError float64) {
	if len(x) == 0 {
		return 0, 0
	}
	drawSorted(s, x, scratch)
	mean, squaredError, _ = winsorised(scratch, trim)
	return mean, squaredError
}

// drawSorted fills scratch with a sorted draw from sorted values.
func drawSorted(s *stream, x, scratch []float64) {
	for i := range scratch {
		scratch[i] = x[s.below(len(x))]
	}
	slices.Sort(scratch)
}

// quantiles resamples as moments does and gives the effect at each quantile.
func (c contrast) quantiles(at []float64) func() func(*stream, []float64) {
	return func() func(*stream, []float64) {
		px, py := make([]float64, len(c.x)), make([]float64, len(c.y))
		return func(s *stream, out []float64) {
			drawSorted(s, c.x, px)
			if c.y != nil {
				drawSorted(s, c.y, py)
			}
			for i, q := range at {
				out[i] = quantileSorted(px, q)
				if c.y != nil {
					out[i] -= quantileSorted(py, q)
				}
			}
		}
	}
}

// locate applies a measure of location to both samples.
func (c contrast) locate(of func([]float64) float64) float64 {
	if c.y == nil {
		return of(c.x)
	}
	return of(c.x) - of(c.y)
}

// influences are those of the mean, of either sample.
func (c contrast) influences() [][]float64 {
	x, _ := centred(c.x)
	y, _ := centred(c.y)
	for i := range y {
		y[i] = -y[i]
	}
	return [][]float64{x, y}
}

// leftOut are the jackknife influences of a location, (n−1)(θ − θ without the unit).
//
// Efron & Tibshirani (1993), eq. 14.15.
func (c contrast) leftOut(ctx context.Context, of func([]float64) float64) ([][]float64, error) {
	var out [][]float64
	for k, sample := range [][]float64{c.x, c.y} {
		if len(sample) == 0 {
			continue
		}
		whole, sign := of(sample), float64(1-2*k)
		l := make([]float64, len(sample))
		rest := make([]float64, len(sample)-1)
		for i := range sample {
			if i%64 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			copy(rest, sample[:i])
			copy(rest[i:], sample[i+1:])
			l[i] = sign * float64(len(sample)-1) * (whole - of(rest))
		}
		out = append(out, l)
	}
	return out, nil
}
