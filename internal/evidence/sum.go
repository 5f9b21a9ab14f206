package evidence

import "math"

// total is a compensated running sum, so that a million small rows after a large
// one are not lost and the order of rows does not matter to the digits shown.
//
// Neumaier (1974), Zeitschrift für angewandte Mathematik und Mechanik 54: 39–51.
type total struct{ sum, lost float64 }

func (t *total) add(v float64) {
	s := t.sum + v
	if math.Abs(t.sum) >= math.Abs(v) {
		t.lost += (t.sum - s) + v
	} else {
		t.lost += (v - s) + t.sum
	}
	t.sum = s
}

func (t *total) merge(o total) {
	t.add(o.sum)
	t.lost += o.lost
}

func (t total) value() float64 { return t.sum + t.lost }

func sum(x []float64) float64 {
	var t total
	for _, v := range x {
		t.add(v)
	}
	return t.value()
}

// Mean is the arithmetic mean, NaN of nothing.
func Mean(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	return sum(x) / float64(len(x))
}

// Variance is the sample variance, with n−1 beneath, in the units of x squared; NaN
// of fewer than two values. It makes two passes, and takes from the second the
// rounding left in the mean.
//
// Chan, Golub & LeVeque (1983), The American Statistician 37(3): 242–247, eq. 1.7.
func Variance(x []float64) float64 {
	if len(x) < 2 {
		return math.NaN()
	}
	mean := Mean(x)
	var squares, rest total
	for _, v := range x {
		d := v - mean
		squares.add(float64(d * d))
		rest.add(d)
	}
	n := float64(len(x))
	left := rest.value()
	return max(0, squares.value()-float64(left*left)/n) / (n - 1)
}

func standardDeviation(x []float64) float64 { return math.Sqrt(Variance(x)) }

// negligible says that a spread is no more than what rounding leaves behind.
func negligible(spread float64, x ...[]float64) bool {
	largest := 0.0
	for _, column := range x {
		for _, v := range column {
			largest = max(largest, math.Abs(v))
		}
	}
	return !(spread > 1e-12*largest)
}

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
