package evidence

import "math"

// FisherExact gives the two-sided p-value of the table [a b; c d]: the chance,
// margins fixed and odds equal, of a table no more likely than this one. Tables
// within a relative 1e-7 of it count as equally likely, as in R's fisher.test.
// Refusal "bad_spec" for a negative cell or an empty table.
//
// Fisher (1935), Journal of the Royal Statistical Society 98(1): 39–82; the
// two-sided rule is that of Freeman & Halton (1951), Biometrika 38(1–2): 141–149.
func FisherExact(a, b, c, d int) (float64, error) {
	if min(a, b, c, d) < 0 || a+b+c+d == 0 {
		return 0, refuse("bad_spec", "field", "table")
	}
	row, other, column := a+b, c+d, a+c
	whole := logChoose(row+other, column)
	chance := func(x int) float64 {
		return math.Exp(logChoose(row, x) + logChoose(other, column-x) - whole)
	}
	limit := chance(a) * (1 + 1e-7)
	var p total
	for x := max(0, column-other); x <= min(row, column); x++ {
		if c := chance(x); c <= limit {
			p.add(c)
		}
	}
	return min(1, p.value()), nil
}

func logChoose(n, k int) float64 { return logFactorial(n) - logFactorial(k) - logFactorial(n-k) }

func logFactorial(n int) float64 {
	v, _ := math.Lgamma(float64(n) + 1)
	return v
}
