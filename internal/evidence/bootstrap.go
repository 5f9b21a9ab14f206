package evidence

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// chunkWork is about how many picks a goroutine makes between two looks at the
// context, a millisecond or so.
const chunkWork = 250_000

// resampling is one bootstrap: how many draws, from what seed, and how a draw is made.
type resampling struct {
	draws int
	seed  uint64
	units int // picks in a draw
	width int // statistics a draw gives
	// start gives a function with scratch of its own that fills out with the
	// statistics of one draw; NaN in the first says that the draw has none.
	start    func() func(s *stream, out []float64)
	progress func(share float64)
}

// run makes all draws on all cores and gives each statistic's draws in order of the
// draw, without those that have none. The digits depend on the seed alone.
func (r resampling) run(ctx context.Context) ([][]float64, error) {
	all := make([]float64, r.draws*r.width)
	chunk := min(r.draws, max(1, chunkWork/max(1, r.units)))
	chunks := (r.draws + chunk - 1) / chunk
	var next atomic.Int64
	done := make(chan struct{}, chunks)
	var cores sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), chunks) {
		cores.Go(func() {
			draw, s := r.start(), new(stream)
			for ctx.Err() == nil {
				first := (int(next.Add(1)) - 1) * chunk
				if first >= r.draws {
					return
				}
				for i := first; i < min(first+chunk, r.draws); i++ {
					s.reseed(r.seed, i)
					draw(s, all[i*r.width:(i+1)*r.width])
				}
				done <- struct{}{}
			}
		})
	}
	r.report(ctx, done, chunks)
	cores.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return split(all, r.width), nil
}

// report tells of progress from the caller's goroutine.
func (r resampling) report(ctx context.Context, done <-chan struct{}, chunks int) {
	for i := range chunks {
		select {
		case <-ctx.Done():
			return
		case <-done:
			if r.progress != nil {
				r.progress(float64(i+1) / float64(chunks))
			}
		}
	}
}

func split(all []float64, width int) [][]float64 {
	out := make([][]float64, width)
	for i := 0; i < len(all); i += width {
		if math.IsNaN(all[i]) {
			continue
		}
		for j := range out {
			out[j] = append(out[j], all[i+j])
		}
	}
	return out
}

// drawQuantile is the quantile of draws at (B+1)p, which is right for any B when the
// observed value is one more draw.
//
// Davison & Hinkley, Bootstrap Methods and their Application (1997), § 5.2.
func drawQuantile(s []float64, p float64) float64 {
	at := min(max(p*float64(len(s)+1)-1, 0), float64(len(s)-1))
	if math.IsNaN(at) {
		return at
	}
	i := min(int(at), len(s)-1)
	if i == len(s)-1 {
		return s[i]
	}
	return s[i] + float64((at-float64(i))*(s[i+1]-s[i]))
}

// percentile takes the interval straight from the draws.
//
// Efron & Tibshirani, An Introduction to the Bootstrap (1993), ch. 13.
func percentile(draws []float64, confidence float64) (low, high float64) {
	s, tail := sorted(draws), (1-confidence)/2
	return drawQuantile(s, tail), drawQuantile(s, 1-tail)
}

// studentised turns draws of (θ* − θ)/se* into an interval and a two-sided p-value.
//
// Efron & Tibshirani (1993), ch. 12.
func studentised(effect, se float64, t []float64, confidence float64) (low, high, p float64) {
	s, tail := sorted(t), (1-confidence)/2
	low = effect - float64(drawQuantile(s, 1-tail)*se)
	high = effect - float64(drawQuantile(s, tail)*se)
	observed := effect / se
	i, _ := slices.BinarySearch(s, observed)
	least := min(len(s)-i, i) + 1
	return low, high, min(1, 2*float64(least)/float64(len(s)+1))
}

// biasCorrected is the BCa interval; acceleration comes from the jackknife.
//
// Efron (1987), Journal of the American Statistical Association 82(397): 171–185;
// Efron & Tibshirani (1993), eqs 14.9, 14.10 and 14.14.
func biasCorrected(effect, acceleration float64, draws []float64, confidence float64) (low, high float64) {
	s := sorted(draws)
	below, equal := 0, 0
	for _, v := range s {
		switch {
		case v < effect:
			below++
		case v == effect:
			equal++
		}
	}
	// Ties with the estimate count one half; the ends are kept off 0 and 1.
	share := (float64(below) + float64(equal)/2) / float64(len(s))
	edge := 1 / float64(len(s)+1)
	z0 := normalQuantile(min(max(share, edge), 1-edge))
	at := func(p float64) float64 {
		z := z0 + normalQuantile(p)
		return normalCDF(z0 + z/(1-float64(acceleration*z)))
	}
	tail := (1 - confidence) / 2
	return drawQuantile(s, at(tail)), drawQuantile(s, at(1-tail))
}

// acceleration is a sixth of the skewness of the influence of the units, for samples
// drawn apart from each other: Σᵢ nᵢ⁻³ Σⱼ l³ ÷ (6·(Σᵢ nᵢ⁻² Σⱼ l²)^1.5).
//
// Davison & Hinkley (1997), § 5.3.
func acceleration(influences ...[]float64) float64 {
	var cubes, squares total
	for _, l := range influences {
		n := float64(len(l))
		for _, v := range l {
			v /= n
			squares.add(float64(v * v))
			cubes.add(float64(float64(v*v) * v))
		}
	}
	if !(squares.value() > 0) {
		return 0
	}
	return cubes.value() / (6 * math.Pow(squares.value(), 1.5))
}
