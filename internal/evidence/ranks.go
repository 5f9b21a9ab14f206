package evidence

import (
	"errors"

	"github.com/aclements/go-moremath/stats"
)

// exactRanks is the size below which R's wilcox.test takes the exact distribution.
const exactRanks = 50

// MannWhitney gives U of x (pairs with x greater, ties one half) and the two-sided
// p-value. It is exact up to 50 values a side without ties and 25 with them, and
// beyond that normal with corrections for ties and continuity: the rules of
// go-moremath, which does it. Refusal "all_ties" where every value is the same,
// "too_few_rows" where a side is empty.
//
// Mann & Whitney (1947), Annals of Mathematical Statistics 18(1): 50–60.
func MannWhitney(x, y []float64) (u, p float64, err error) {
	r, err := stats.MannWhitneyUTest(x, y, stats.LocationDiffers)
	switch {
	case errors.Is(err, stats.ErrSamplesEqual):
		return 0, 0, refuse("all_ties")
	case err != nil:
		return 0, 0, refuse("too_few_rows", "need", 1, "have", min(len(x), len(y)))
	}
	return r.U, min(1, r.P), nil
}

// rankSumCounts gives, for u = 0…m·n, how many of the orders of m and n untied values
// have that U. It adds and never subtracts, so no digits cancel.
func rankSumCounts(m, n int) []float64 {
	most := m * n
	ways := make([][]float64, m+1)
	for k := range ways {
		ways[k] = make([]float64, most+1)
	}
	ways[0][0] = 1
	// One value after another is given to y, or to x with as many below it as were
	// given to y before.
	for r := range m + n {
		for k := min(r+1, m); k >= 1; k-- {
			below := r - (k - 1) // values of y beneath the k-th of x
			if below > n {
				continue
			}
			for u := below; u <= most; u++ {
				ways[k][u] += ways[k-1][u-below]
			}
		}
	}
	return ways[m]
}

// signedRankCounts gives, for v = 0…n(n+1)/2, how many of the 2^n patterns of signs
// have positive ranks that add up to v.
func signedRankCounts(n int) []float64 {
	ways := make([]float64, n*(n+1)/2+1)
	ways[0] = 1
	for rank := 1; rank <= n; rank++ {
		for v := len(ways) - 1; v >= rank; v-- {
			ways[v] += ways[v-rank]
		}
	}
	return ways
}

// lowerRank is the smallest value whose chance of at most it reaches tail, at least 1.
func lowerRank(ways []float64, tail float64) int {
	all := sum(ways)
	below := 0.0
	for v, w := range ways {
		below += w
		// R's qwilcox allows the same shade.
		if below/all >= tail-1e-15 {
			return max(1, v)
		}
	}
	return len(ways) - 1
}

// tiedPart is Σ(t³−t) over groups of t equal values among sorted ones.
func tiedPart(s []float64) (part float64, groups bool) {
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && s[j] == s[i] {
			j++
		}
		if t := float64(j - i); t > 1 {
			part += float64(t*t*t) - t
			groups = true
		}
		i = j
	}
	return part, groups
}
