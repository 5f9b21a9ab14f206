package evidence

import (
	"context"
	"math"
	"math/rand/v2"
)

// How many series are drawn for a critical value, whose own error is then about one part
// in a hundred, and for what an autocorrelation looks like in residuals.
const (
	criticalDraws = 10_000
	carriedDraws  = 400
)

// seriesNull draws what a regression on a series gives where nothing happened.
type seriesNull struct {
	basis [][]float64 // orthonormal, of the regressors
	pull  []float64
	gap   []float64 // steps since the one before
	lags  int
	small float64 // n/(n−k)

	stream         *rand.Rand
	errors, scores []float64
}

func newSeriesNull(f *Fit, step []int, pull []float64, lags int) *seriesNull {
	n := len(pull)
	d := &seriesNull{
		basis: f.orthonormal(), pull: pull, gap: make([]float64, n), lags: lags,
		small: float64(n) / float64(f.DF),
		//nolint:gosec // draws must be the same every time; nothing is secret
		stream: rand.New(rand.NewPCG(uint64(n), uint64(lags))),
		errors: make([]float64, n), scores: make([]float64, n),
	}
	for i := 1; i < n; i++ {
		d.gap[i] = float64(step[i] - step[i-1])
	}
	return d
}

// next makes residuals of a new series in d.errors, and gives its effect.
func (d *seriesNull) next(carry float64) (effect float64) {
	for i := range d.errors {
		z := d.stream.NormFloat64()
		if i > 0 && carry > 0 {
			rho := math.Pow(carry, d.gap[i])
			z = float64(rho*d.errors[i-1]) + float64(math.Sqrt(1-float64(rho*rho))*z)
		}
		d.errors[i] = z
	}
	effect = dot(d.pull, d.errors)
	for _, q := range d.basis {
		along := dot(q, d.errors)
		for i := range d.errors {
			d.errors[i] -= float64(along * q[i])
		}
	}
	return effect
}

// draw gives |t| of the effect in many series, sorted; what it gives is of no use once the
// context has ended.
func (d *seriesNull) draw(ctx context.Context, carry float64) []float64 {
	drawn := make([]float64, criticalDraws)
	for k := range drawn {
		if k%64 == 0 && ctx.Err() != nil {
			break
		}
		effect := d.next(carry)
		for i := range d.scores {
			d.scores[i] = d.pull[i] * d.errors[i]
		}
		drawn[k] = math.Abs(effect) / math.Sqrt(bartlett(d.scores, d.lags)*d.small)
	}
	return sorted(drawn)
}

// carried is the autocorrelation of errors, 0 to 0.9, whose residuals show the observed one
// on average. Residuals show less than there is, the more so the shorter the series.
//
// Andrews (1993), Econometrica 61(1): 139–165, who matches medians and not means.
func (d *seriesNull) carried(ctx context.Context, observed float64) float64 {
	const steps, length = 9, 0.1
	before := 0.0
	for k := 0; k <= steps && ctx.Err() == nil; k++ {
		carry := float64(k) * length
		var shown total
		for range carriedDraws {
			d.next(carry)
			shown.add(autocorrelation(d.errors))
		}
		now := shown.value() / carriedDraws
		if now >= observed {
			if k == 0 || now <= before {
				return carry
			}
			return carry - float64(length*(now-observed))/(now-before)
		}
		before = now
	}
	return steps * length
}

// autocorrelation is the first of residuals, whose mean is nought; 0 where all are nought.
func autocorrelation(e []float64) float64 {
	all := dot(e, e)
	if !(all > 0) {
		return 0
	}
	return dot(e[1:], e[:len(e)-1]) / all
}

// orthonormal spans the columns of X, by Gram and Schmidt done twice.
func (f *Fit) orthonormal() [][]float64 {
	var basis [][]float64
	for j := range f.Coefficients {
		q := make([]float64, len(f.x))
		for i, row := range f.x {
			q[i] = row[j]
		}
		for range 2 {
			for _, b := range basis {
				along := dot(b, q)
				for i := range q {
					q[i] -= float64(along * b[i])
				}
			}
		}
		length := math.Sqrt(dot(q, q))
		for i := range q {
			q[i] /= length
		}
		basis = append(basis, q)
	}
	return basis
}

// shareBeyond is the two-sided p-value of t among drawn |t|, never nought.
func shareBeyond(drawn []float64, t float64) float64 {
	beyond := 1
	for i := len(drawn) - 1; i >= 0 && drawn[i] >= t; i-- {
		beyond++
	}
	return float64(beyond) / float64(len(drawn)+1)
}
