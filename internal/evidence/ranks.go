package evidence

import (
	"math"
	"slices"
	"sort"

	"github.com/aclements/go-moremath/stats"
)

// exactRanks is the size below which R's wilcox.test takes the exact distribution.
const exactRanks = 50

// MannWhitney gives U of x (pairs with x greater, ties one half) and the two-sided
// p-value. It is exact up to 50 values a side without ties and 25 with them, and
// beyond that normal with corrections for ties and continuity. Refusal "all_ties" where
// every value is the same, "too_few_rows" where a side is empty.
//
// Mann & Whitney (1947), Annals of Mathematical Statistics 18(1): 50–60.
func MannWhitney(x, y []float64) (u, p float64, err error) {
	m, n := len(x), len(y)
	if m == 0 || n == 0 {
		return 0, 0, refuse("too_few_rows", "need", 1, "have", 0)
	}
	both := sorted(append(slices.Clone(x), y...))
	if both[0] == both[len(both)-1] {
		return 0, 0, refuse("all_ties")
	}
	tied, ties := tiedPart(both)
	if !ties && max(m, n) <= stats.MannWhitneyExactLimit {
		r, err := stats.MannWhitneyUTest(x, y, stats.LocationDiffers)
		if err != nil {
			return 0, 0, refuse("all_ties")
		}
		return r.U, min(1, r.P), nil
	}
	// Twice the rank sum, so that mid-ranks are whole.
	seen := 0
	for _, v := range x {
		seen += doubledRank(both, v)
	}
	mf, nf, all := float64(m), float64(n), float64(m+n)
	u = float64(seen)/2 - float64(mf*(mf+1))/2
	if max(m, n) <= stats.MannWhitneyTiesExactLimit {
		return u, tiedRankSumP(both, m, seen), nil
	}
	sd := math.Sqrt(float64(mf*nf) / 12 * (all + 1 - tied/float64(all*(all-1))))
	return u, min(1, normalTails(max(0, math.Abs(u-float64(mf*nf)/2)-0.5)/sd)), nil
}

// doubledRank is twice the mid-rank of v, which is among the sorted values.
func doubledRank(s []float64, v float64) int {
	low, _ := slices.BinarySearch(s, v)
	high := sort.Search(len(s), func(i int) bool { return s[i] > v })
	return low + 1 + high
}

// tiedRankSumP counts, of all ways to choose m of the pooled values, those whose doubled
// rank sum is as small as the one seen and those where it is as large. Ties make the
// distribution lopsided, so one tail does not stand for both; go-moremath, which takes
// the lower tail of the smaller U for either, is off by a sixth at times.
//
// Klotz (1966), Journal of the American Statistical Association 61(315): 772–787.
func tiedRankSumP(both []float64, m, seen int) float64 {
	most := len(both) * (len(both) + 1)
	ways := make([][]float64, m+1)
	for k := range ways {
		ways[k] = make([]float64, most+1)
	}
	ways[0][0] = 1
	for i, v := range both {
		rank := doubledRank(both, v)
		for k := min(i+1, m); k >= 1; k-- {
			for s := rank; s <= most; s++ {
				ways[k][s] += ways[k-1][s-rank]
			}
		}
	}
	low, high := sum(ways[m][:seen+1]), sum(ways[m][seen:])
	return min(1, 2*min(low, high)/sum(ways[m]))
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
