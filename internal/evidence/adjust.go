package evidence

import "sort"

// BenjaminiHochberg gives the adjusted p-values of a family of tests, in the order
// given: p(i)·m/i made monotone from the largest down, at most 1. Declaring those
// below q keeps the expected share of false discoveries at or below q when the
// tests are independent or positively dependent.
//
// Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57(1): 289–300.
func BenjaminiHochberg(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return p[order[a]] > p[order[b]] })
	adjusted := make([]float64, len(p))
	least := 1.0
	for k, i := range order {
		rank := len(p) - k
		least = min(least, p[i]*float64(len(p))/float64(rank))
		adjusted[i] = least
	}
	return adjusted
}
