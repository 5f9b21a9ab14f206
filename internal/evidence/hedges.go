package evidence

import "math"

// HedgesG gives the difference of two means, x minus y, in pooled standard
// deviations, with Hedges' exact correction for small samples. Needs two values on
// each side and some spread, else a Refusal "too_few_rows" or "constant".
//
// Hedges (1981), Journal of Educational Statistics 6(2): 107–128.
func HedgesG(x, y []float64) (float64, error) {
	if len(x) < 2 || len(y) < 2 {
		return 0, refuse("too_few_rows", "need", 2, "have", min(len(x), len(y)))
	}
	sd, df := pooledDeviation(x, y)
	if negligible(sd, x, y) {
		return 0, refuse("constant")
	}
	return HedgesJ(df) * (Mean(x) - Mean(y)) / sd, nil
}

// HedgesJ is the factor that takes the bias from a standardised difference with df
// degrees of freedom, df > 1: Γ(df/2) ÷ (√(df/2) Γ((df−1)/2)).
func HedgesJ(df float64) float64 {
	a, _ := math.Lgamma(df / 2)
	b, _ := math.Lgamma((df - 1) / 2)
	return math.Exp(a - b - math.Log(df/2)/2)
}

func pooledDeviation(x, y []float64) (sd, df float64) {
	dfx, dfy := float64(len(x)-1), float64(len(y)-1)
	df = dfx + dfy
	return math.Sqrt((float64(dfx*Variance(x)) + float64(dfy*Variance(y))) / df), df
}
