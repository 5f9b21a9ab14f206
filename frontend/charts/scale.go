package charts

import "math"

// scale turns values of an axis into places on the canvas.
type scale struct {
	low, high float64 // values at the ends
	from, to  float64 // places of the ends
}

// newScale fits values with a little air, and leaves room where all are the same.
func newScale(values []float64, from, to float64) scale {
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	// Values that differ only where floats end have no ticks between them.
	if least := max(math.Abs(low)*1e-6, math.Abs(high)*1e-6, 1e-12); high-low <= least {
		air := max(least, math.Abs(high)/10)
		if air == 0 {
			air = 1
		}
		return scale{low - air, high + air, from, to}
	}
	air := (high - low) * 0.05
	return scale{low - air, high + air, from, to}
}

func (s scale) at(v float64) float64 {
	return s.from + (v-s.low)/(s.high-s.low)*(s.to-s.from)
}

// ticks are round values inside the scale, about as many as are wanted: steps of
// 1, 2 or 5 times a power of ten.
func (s scale) ticks(wanted int) []float64 {
	rough := (s.high - s.low) / float64(wanted)
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	step := 10 * power
	for _, m := range []float64{1, 2, 5} {
		if m*power >= rough*0.999 {
			step = m * power
			break
		}
	}
	var out []float64
	// By whole steps, so that errors do not add up and nought is nought.
	for i := math.Ceil(s.low / step); i*step <= s.high && len(out) <= 2*wanted+2; i++ {
		v := i * step
		if step < 1 {
			v = i / math.Round(1/step) // keeps 0.3 from being 0.30000000000000004
		}
		out = append(out, v+0) // and nought from being minus nought
	}
	return out
}

// daySteps are the steps of an axis of days: weeks, and what is near months and years.
var daySteps = []int{1, 7, 14, 28, 56, 91, 182, 364, 728, 1820, 3640}

// dayTicks are days from the first to the last, at most as many as are wanted.
func dayTicks(first, last, wanted int) []int {
	step := max(1, (last-first)/wanted)
	for _, s := range daySteps {
		if (last-first)/s < wanted {
			step = s
			break
		}
	}
	var out []int
	for d := first; d <= last; d += step {
		out = append(out, d)
	}
	return out
}
