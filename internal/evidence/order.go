package evidence

import (
	"math"
	"slices"
)

// trim is the part a 20 % trimmed mean leaves out at each end.
const trim = 0.2

// Quantile is the value below which a share q of x lies, by linear interpolation
// at (n−1)q of the sorted values; NaN of nothing. x is not changed.
//
// Hyndman & Fan (1996), The American Statistician 50(4): 361–365, definition 7.
func Quantile(x []float64, q float64) float64 {
	return quantileSorted(sorted(x), q)
}

// Median is the middle value, or the mean of the two in the middle.
func Median(x []float64) float64 { return Quantile(x, 0.5) }

// TrimmedMean is the mean without the lowest and the highest ⌊n·share⌋ values, for
// a share of 0 to below one half; NaN of nothing.
//
// Tukey & McLaughlin (1963), Sankhyā A 25(3): 331–352.
func TrimmedMean(x []float64, share float64) float64 {
	s := sorted(x)
	cut := trimmedAway(len(s), share)
	return Mean(s[cut : len(s)-cut])
}

// winsorised gives the trimmed mean of sorted values, the standard error that goes
// with it, squared, and the number of values left.
//
// Yuen (1974), Biometrika 61(1): 165–170.
func winsorised(s []float64, share float64) (mean, squaredError float64, left int) {
	cut := trimmedAway(len(s), share)
	left = len(s) - 2*cut
	w := slices.Clone(s)
	for i := range cut {
		w[i], w[len(w)-1-i] = s[cut], s[len(s)-1-cut]
	}
	n, h := float64(len(s)), float64(left)
	return Mean(s[cut : len(s)-cut]), Variance(w) * (n - 1) / float64(h*(h-1)), left
}

func trimmedAway(n int, share float64) int {
	// 0.2·5 is a little under 1 in binary for some shares; the shade is put back.
	return int(math.Floor(float64(float64(n)*share) + 1e-9))
}

func sorted(x []float64) []float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	return s
}

func quantileSorted(s []float64, q float64) float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	at := float64(len(s)-1) * q
	i := min(int(at), len(s)-1)
	if i == len(s)-1 {
		return s[i]
	}
	return s[i] + float64((at-float64(i))*(s[i+1]-s[i]))
}
