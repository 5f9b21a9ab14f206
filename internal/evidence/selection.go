package evidence

import "math"

// FourFifths is the ratio of selection rates below which a difference is commonly
// looked into: US Uniform Guidelines on Employee Selection Procedures (1978), 29 CFR
// § 1607.4(D). It is a rule of thumb, not a test, and not British law.
const FourFifths = 0.8

// SelectionRatio gives (count1/n1) ÷ (count2/n2), the second group being the
// reference, with the interval of the logarithm of the ratio and Fisher's p-value.
// The SE is that of the logarithm. Where nobody of a group was selected one half is
// added to the counts for the interval alone; where nobody of the reference was,
// there is no ratio: Refusal "no_selection". Refusal "bad_spec" for counts that
// cannot be.
//
// Katz, Baptista, Azen & Pike (1978), Biometrics 34(3): 469–474, method C; one half:
// Walter (1975), Biometrika 62(2): 371–374.
func SelectionRatio(count1, n1, count2, n2 int, confidence float64) (Estimate, error) {
	if n1 < 1 || n2 < 1 || count1 < 0 || count2 < 0 || count1 > n1 || count2 > n2 {
		return Estimate{}, refuse("bad_spec", "field", "count")
	}
	if count2 == 0 {
		return Estimate{}, refuse("no_selection")
	}
	p, err := FisherExact(count1, n1-count1, count2, n2-count2)
	if err != nil {
		return Estimate{}, err
	}
	ratio := (float64(count1) / float64(n1)) / (float64(count2) / float64(n2))
	centre, se := logRatioOfShares(float64(count1), float64(n1), float64(count2), float64(n2))
	half := normalQuantile(1-(1-confidence)/2) * se
	low, high := math.Exp(centre-half), math.Exp(centre+half)
	return Estimate{Effect: ratio, Low: min(low, ratio), High: max(high, ratio), SE: se, P: p, Method: "katz"}, nil
}

func logRatioOfShares(count1, n1, count2, n2 float64) (centre, se float64) {
	variance := func() float64 { return max(0, 1/count1-1/n1) + max(0, 1/count2-1/n2) }
	// All selected on both sides would leave an interval of no width.
	if count1 == 0 || variance() == 0 {
		count1, n1, count2, n2 = count1+0.5, n1+0.5, count2+0.5, n2+0.5
		if count1 == n1 {
			n1, n2 = n1+0.5, n2+0.5
		}
	}
	return math.Log(count1/n1) - math.Log(count2/n2), math.Sqrt(variance())
}
