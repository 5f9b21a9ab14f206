package evidence

import "math"

// ClusterJackknife gives c'β of an OLS fit with the jackknife standard error that
// leaves out one cluster at a time, CV3 = (G−1)/G·Σ(β(g) − β)², and Student's interval
// on G−1 degrees of freedom. Refusal "one_cluster" for a single cluster or where the
// rest of the rows cannot tell the coefficient without one of them.
//
// MacKinnon, Nielsen & Webb (2023), Journal of Econometrics 232(2): 272–299; the
// jackknife form: the same authors, Journal of Applied Econometrics 38(5) (2023):
// 671–694.
func ClusterJackknife(x [][]float64, y []float64, cluster []int, c []float64, confidence float64) (Estimate, error) {
	whole, err := OLS(x, y)
	if err != nil {
		return Estimate{}, err
	}
	var leftOut []float64
	for _, g := range distinct(cluster) {
		var keptX [][]float64
		var keptY []float64
		for i := range y {
			if cluster[i] != g {
				keptX, keptY = append(keptX, x[i]), append(keptY, y[i])
			}
		}
		part, err := OLS(keptX, keptY)
		if err != nil {
			return Estimate{}, refuse("one_cluster")
		}
		leftOut = append(leftOut, part.Combine(c))
	}
	return jackknifed(whole.Combine(c), leftOut, confidence, "cv3")
}

// jackknifed puts the CV3 interval round an effect.
func jackknifed(effect float64, leftOut []float64, confidence float64, method string) (Estimate, error) {
	if len(leftOut) < 2 {
		return Estimate{}, refuse("one_cluster")
	}
	var squares total
	for _, b := range leftOut {
		squares.add(float64((b - effect) * (b - effect)))
	}
	g := float64(len(leftOut))
	se := math.Sqrt((g - 1) / g * squares.value())
	if negligible(se, leftOut) {
		return Estimate{}, refuse("constant")
	}
	return studentEstimate(effect, se, g-1, confidence, method), nil
}

func distinct(labels []int) []int {
	seen := map[int]bool{}
	var out []int
	for _, label := range labels {
		if !seen[label] {
			seen[label] = true
			out = append(out, label)
		}
	}
	return out
}
