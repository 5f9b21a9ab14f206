package evidence

import "math"

// Wilson gives the score interval of a share of count in n, 0 ≤ count ≤ n, n ≥ 1;
// else a Refusal "bad_spec". The effect is the share itself.
//
// Wilson (1927), Journal of the American Statistical Association 22(158): 209–212.
func Wilson(count, n int, confidence float64) (Estimate, error) {
	if n < 1 || count < 0 || count > n {
		return Estimate{}, refuse("bad_spec", "field", "count")
	}
	size, p := float64(n), float64(count)/float64(n)
	z := normalQuantile(1 - (1-confidence)/2)
	z2 := float64(z * z)
	within := float64(p*(1-p))/size + z2/float64(4*float64(size*size))
	centre, half := p+z2/(2*size), float64(z*math.Sqrt(within))
	scale := 1 + z2/size
	low, high := max(0, (centre-half)/scale), min(1, (centre+half)/scale)
	// At the ends the bound is the share itself, which rounding would miss.
	if count == 0 {
		low = 0
	}
	if count == n {
		high = 1
	}
	return Estimate{Effect: p, Low: low, High: high, SE: math.Sqrt(float64(p*(1-p)) / size), Method: "wilson"}, nil
}

// Newcombe gives the difference of two shares, count1/n1 − count2/n2, with the
// hybrid score interval made of the two Wilson intervals, without continuity
// correction. The standard error is the unpooled one and the p-value Fisher's.
// Refusal "bad_spec" for counts that cannot be.
//
// Newcombe (1998), Statistics in Medicine 17: 873–890, method 10.
func Newcombe(count1, n1, count2, n2 int, confidence float64) (Estimate, error) {
	a, err := Wilson(count1, n1, confidence)
	if err != nil {
		return Estimate{}, err
	}
	b, err := Wilson(count2, n2, confidence)
	if err != nil {
		return Estimate{}, err
	}
	p, err := FisherExact(count1, n1-count1, count2, n2-count2)
	if err != nil {
		return Estimate{}, err
	}
	d := a.Effect - b.Effect
	return Estimate{
		Effect: d,
		Low:    d - math.Hypot(a.Effect-a.Low, b.High-b.Effect),
		High:   d + math.Hypot(a.High-a.Effect, b.Effect-b.Low),
		SE:     math.Hypot(a.SE, b.SE), P: p, Method: "newcombe",
	}, nil
}
