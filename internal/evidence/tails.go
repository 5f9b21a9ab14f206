package evidence

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// largeDF is where Student's distribution is the normal one to every digit shown.
const largeDF = 1e9

// studentTails is the chance that |T| exceeds |t| with df degrees of freedom. It
// takes the incomplete beta itself: one minus a distribution function would lose
// every digit of a small p-value.
func studentTails(t, df float64) float64 {
	if df >= largeDF {
		return normalTails(t)
	}
	t2 := float64(t * t)
	if math.IsInf(t2, 0) {
		return 0
	}
	return mathext.RegIncBeta(df/2, 0.5, df/(df+t2))
}

// studentQuantile is the t below which a share p of Student's distribution lies.
func studentQuantile(p, df float64) float64 {
	if df >= largeDF {
		return normalQuantile(p)
	}
	if p < 0.5 {
		return -studentQuantile(1-p, df)
	}
	if p == 0.5 {
		return 0
	}
	return bisect(func(t float64) float64 { return 2*(1-p) - studentTails(t, df) }, 0, 1)
}

// bisect finds where an increasing function passes zero, to the last bit; high is
// doubled until it lies beyond.
func bisect(f func(float64) float64, low, high float64) float64 {
	for f(high) < 0 && high < math.MaxFloat64/4 {
		low, high = high, 2*high
	}
	for range 200 {
		middle := low + (high-low)/2
		if middle == low || middle == high {
			break
		}
		if f(middle) < 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

func normalTails(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

func normalQuantile(p float64) float64 { return distuv.UnitNormal.Quantile(p) }

func chiSquaredTail(x, df float64) float64 { return mathext.GammaIncRegComp(df/2, x/2) }

// studentEstimate puts Student's interval and p-value round an effect.
func studentEstimate(effect, se, df, confidence float64, method string) Estimate {
	half := studentQuantile(1-(1-confidence)/2, df) * se
	return Estimate{
		Effect: effect, Low: effect - half, High: effect + half,
		SE: se, DF: df, P: studentTails(effect/se, df), Method: method,
	}
}
