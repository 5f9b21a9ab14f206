package evidence

import (
	"math"
	"slices"
	"sort"
)

// HodgesLehmannShift gives the median of all differences x − y with the interval of
// the rank-sum test. Below 50 a side and without ties it is exact, the same as R's
// wilcox.test(conf.int = TRUE); otherwise the ranks of the bounds come from the normal
// approximation with corrections for ties and continuity. (R solves the test's
// equation instead and differs there in the third digit or so.) Differences are never
// stored, so memory is that of x and y. Refusal "all_ties" where all values are equal,
// "too_few_rows" where a side is empty.
//
// Hodges & Lehmann (1963), Annals of Mathematical Statistics 34(2): 598–611; interval:
// Bauer (1972), Journal of the American Statistical Association 67(339): 687–690.
func HodgesLehmannShift(x, y []float64, confidence float64) (Estimate, error) {
	m, n := len(x), len(y)
	if m == 0 || n == 0 {
		return Estimate{}, refuse("too_few_rows", "need", 1, "have", 0)
	}
	both := sorted(append(slices.Clone(x), y...))
	tied, ties := tiedPart(both)
	pairs := int64(m) * int64(n) // more than 32 bits hold
	mf, nf, all := float64(m), float64(n), float64(m+n)
	variance := float64(mf*nf) / 12 * (all + 1 - tied/float64(all*max(1, all-1)))
	if both[0] == both[len(both)-1] {
		return Estimate{}, refuse("all_ties")
	}
	tail := (1 - confidence) / 2
	rank := rankByNormal(float64(mf*nf)/2, variance, tail)
	if !ties && m < exactRanks && n < exactRanks {
		rank = int64(lowerRank(rankSumCounts(m, n), tail))
	}
	sx, sy := sorted(x), sorted(y)
	nth := func(k int64) float64 {
		return nthSmallest(k, func(t float64) int64 { return differencesUpTo(sx, sy, t) })
	}
	_, p, err := MannWhitney(x, y)
	if err != nil {
		return Estimate{}, err
	}
	return Estimate{
		Effect: middle(pairs, nth), Low: nth(rank), High: nth(pairs - rank + 1), P: p,
		Method: "rank_hodges_lehmann",
	}, nil
}

// HodgesLehmann gives the median of all means of two values of x, each with itself
// too, with the interval of the signed-rank test. Below 50 values, none zero or tied in
// size, it is exact, the same as R's wilcox.test(x, conf.int = TRUE); otherwise normal
// with corrections for ties and continuity, zeros left out of the ranks. Refusal
// "all_ties" where all values are equal, "too_few_rows" for none.
//
// Hodges & Lehmann (1963), as above; interval: Tukey's, in Hollander, Wolfe & Chicken,
// Nonparametric Statistical Methods (3rd ed., 2014), § 3.3.
func HodgesLehmann(x []float64, confidence float64) (Estimate, error) {
	if len(x) == 0 {
		return Estimate{}, refuse("too_few_rows", "need", 1, "have", 0)
	}
	s := sorted(x)
	if s[0] == s[len(s)-1] {
		return Estimate{}, refuse("all_ties")
	}
	sizes := make([]float64, 0, len(s))
	for _, v := range s {
		if v != 0 {
			sizes = append(sizes, math.Abs(v))
		}
	}
	slices.Sort(sizes)
	tied, ties := tiedPart(sizes)
	n := len(s)
	nf, tail := float64(n), (1-confidence)/2
	pairs := int64(n) * int64(n+1) / 2
	rank := rankByNormal(float64(pairs)/2, nf*(nf+1)*(2*nf+1)/24-tied/48, tail)
	exact := !ties && len(sizes) == n && n < exactRanks
	if exact {
		rank = int64(lowerRank(signedRankCounts(n), tail))
	}
	nth := func(k int64) float64 { return nthSmallest(k, func(t float64) int64 { return meansUpTo(s, t) }) }
	return Estimate{
		Effect: middle(pairs, nth), Low: nth(rank), High: nth(pairs - rank + 1),
		P: signedRankP(s, sizes, tied, exact), Method: "rank_hodges_lehmann",
	}, nil
}

// signedRankP is the two-sided p-value of the signed-rank test of a median of zero.
//
// Wilcoxon (1945), Biometrics Bulletin 1(6): 80–83.
func signedRankP(s, sizes []float64, tied float64, exact bool) float64 {
	var v float64
	for _, value := range s {
		if value > 0 {
			low := sort.SearchFloat64s(sizes, value)
			high := sort.Search(len(sizes), func(i int) bool { return sizes[i] > value })
			v += float64(low+1+high) / 2
		}
	}
	n := float64(len(sizes))
	if exact {
		ways := signedRankCounts(len(sizes))
		up, down := sum(ways[int(v):]), sum(ways[:int(v)+1])
		return min(1, 2*min(up, down)/sum(ways))
	}
	sd := math.Sqrt(n*(n+1)*(2*n+1)/24 - tied/48)
	if !(sd > 0) {
		return 1
	}
	off := math.Abs(v - n*(n+1)/4)
	return min(1, normalTails(max(0, off-0.5)/sd))
}

// rankByNormal is the rank of the lower bound by the normal approximation.
func rankByNormal(mean, variance, tail float64) int64 {
	z := normalQuantile(1 - tail)
	return max(1, int64(math.Floor(mean-float64(z*math.Sqrt(max(0, variance)))+0.5)))
}

// middle is the median of n values, given their order statistics.
func middle(n int64, nth func(int64) float64) float64 {
	if n%2 == 1 {
		return nth(n/2 + 1)
	}
	a, b := nth(n/2), nth(n/2+1)
	return a + (b-a)/2
}

// nthSmallest finds the k-th smallest (from 1) of values that are only counted. It
// halves the ordered range of all floating-point numbers, so it ends on the value
// itself after at most 64 counts.
func nthSmallest(k int64, upTo func(float64) int64) float64 {
	low, high := orderedBits(math.Inf(-1)), orderedBits(math.Inf(1))
	for low < high {
		middle := low + (high-low)/2
		if upTo(fromOrderedBits(middle)) >= k {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return fromOrderedBits(low)
}

func orderedBits(v float64) uint64 {
	b := math.Float64bits(v)
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}

func fromOrderedBits(b uint64) float64 {
	if b>>63 == 1 {
		return math.Float64frombits(b &^ (1 << 63))
	}
	return math.Float64frombits(^b)
}

// differencesUpTo counts the differences x − y that are at most t, of sorted values.
func differencesUpTo(x, y []float64, t float64) (count int64) {
	j := len(y)
	for i := len(x) - 1; i >= 0; i-- {
		// The smaller x is, the more of y stays within t below it.
		for j > 0 && x[i]-y[j-1] <= t {
			j--
		}
		count += int64(len(y) - j)
	}
	return count
}

// meansUpTo counts the means of two values, each pair once and each value with
// itself, that are at most t.
func meansUpTo(s []float64, t float64) (count int64) {
	j := len(s)
	for i := range s {
		for j > i && (s[i]+s[j-1])/2 > t {
			j--
		}
		if j <= i {
			break
		}
		count += int64(j - i)
	}
	return count
}
