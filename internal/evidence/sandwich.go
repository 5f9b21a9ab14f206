package evidence

import "math"

// Combine is c'β: a weighted sum of the coefficients.
func (f *Fit) Combine(c []float64) float64 { return dot(c, f.Coefficients) }

// Classical is the standard error of c'β where all errors have one variance and are
// independent: √(s²·c'(X'X)⁻¹c), s² over rows − columns.
func (f *Fit) Classical(c []float64) float64 {
	return math.Sqrt(dot(f.Residuals, f.Residuals) / float64(f.DF) * dot(c, f.towards(c)))
}

// HC3 is the standard error of c'β under unequal variances, each residual divided by
// one minus its leverage. Refusal "singular" where a row alone decides a coefficient.
//
// MacKinnon & White (1985), Journal of Econometrics 29(3): 305–325; in this form
// Long & Ervin (2000), The American Statistician 54(3): 217–224.
func (f *Fit) HC3(c []float64) (float64, error) {
	var v total
	for i, pull := range f.pull(c) {
		rest := 1 - f.Leverage[i]
		if rest < 1e-10 {
			return 0, refuse("singular")
		}
		d := pull * f.Residuals[i] / rest
		v.add(float64(d * d))
	}
	return math.Sqrt(v.value()), nil
}

// NeweyWest is the standard error of c'β for rows in order of time whose errors go
// together up to a number of lags, with Bartlett's weights 1 − j/(lags+1); small
// multiplies the variance by n/(n−k).
//
// Newey & West (1987), Econometrica 55(3): 703–708.
func (f *Fit) NeweyWest(c []float64, lags int, small bool) float64 {
	scores := f.pull(c)
	for i := range scores {
		scores[i] *= f.Residuals[i]
	}
	v := bartlett(scores, lags)
	if small {
		v *= float64(len(scores)) / float64(f.DF)
	}
	return math.Sqrt(max(0, v))
}

// bartlett is the long-run variance of the sum of scores, up to rounding not negative.
func bartlett(scores []float64, lags int) float64 {
	v := dot(scores, scores)
	for j := 1; j <= lags && j < len(scores); j++ {
		weight := 1 - float64(j)/float64(lags+1)
		v += float64(2 * weight * dot(scores[j:], scores[:len(scores)-j]))
	}
	return v
}

// CR1 is the standard error of c'β for errors that go together within clusters, with
// the factor G/(G−1)·(n−1)/(n−k). cluster names the cluster of each row. Refusal
// "one_cluster" for a single one.
//
// Liang & Zeger (1986), Biometrika 73(1): 13–22; factor: MacKinnon, Nielsen & Webb
// (2023), Journal of Econometrics 232(2): 272–299, eq. for CV1.
func (f *Fit) CR1(c []float64, cluster []int) (float64, error) {
	number, place := map[int]int{}, 0
	var scores []float64
	for i, pull := range f.pull(c) {
		at, known := number[cluster[i]]
		if !known {
			at, place = place, place+1
			number[cluster[i]] = at
			scores = append(scores, 0)
		}
		scores[at] += float64(pull * f.Residuals[i])
	}
	if len(scores) < 2 {
		return 0, refuse("one_cluster")
	}
	g, n := float64(len(scores)), float64(len(f.x))
	factor := g / (g - 1) * (n - 1) / float64(f.DF)
	return math.Sqrt(factor * dot(scores, scores)), nil
}
