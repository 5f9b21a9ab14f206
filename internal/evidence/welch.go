package evidence

import "math"

// Welch gives the difference of two means, x minus y, with an interval that does
// not ask for equal variances. Needs two values on each side and some spread on one
// of them, else a Refusal "too_few_rows" or "constant".
//
// Welch (1947), Biometrika 34(1–2): 28–35; degrees of freedom of Satterthwaite
// (1946), Biometrics Bulletin 2(6): 110–114.
func Welch(x, y []float64, confidence float64) (Estimate, error) {
	if len(x) < 2 || len(y) < 2 {
		return Estimate{}, refuse("too_few_rows", "need", 2, "have", min(len(x), len(y)))
	}
	vx, vy := Variance(x)/float64(len(x)), Variance(y)/float64(len(y))
	se := math.Sqrt(vx + vy)
	if negligible(se, x, y) {
		return Estimate{}, refuse("constant")
	}
	df := satterthwaite(vx, float64(len(x)-1), vy, float64(len(y)-1))
	return studentEstimate(Mean(x)-Mean(y), se, df, confidence, "welch"), nil
}

// satterthwaite is the degrees of freedom of a sum of two squared standard errors.
func satterthwaite(vx, dfx, vy, dfy float64) float64 {
	// As shares of the sum, so that squares of tiny variances do not vanish.
	a, b := vx/(vx+vy), vy/(vx+vy)
	return 1 / (float64(a*a)/dfx + float64(b*b)/dfy)
}

// LogRatio gives the ratio of two geometric means, x over y: Welch's interval of the
// difference of mean logarithms, turned back. The SE is that of the logarithm. Refusal
// "not_positive" for a value that is not; else as [Welch].
//
// Keene (1995), Statistics in Medicine 14(8): 811–819, on the logarithm's place.
func LogRatio(x, y []float64, confidence float64) (Estimate, error) {
	logs := func(values []float64) (out []float64, good bool) {
		for _, v := range values {
			if !(v > 0) {
				return nil, false
			}
			out = append(out, math.Log(v))
		}
		return out, true
	}
	lx, positive := logs(x)
	ly, alsoPositive := logs(y)
	if !positive || !alsoPositive {
		return Estimate{}, refuse("not_positive")
	}
	e, err := Welch(lx, ly, confidence)
	e.Effect, e.Low, e.High = math.Exp(e.Effect), math.Exp(e.Low), math.Exp(e.High)
	e.Method = "welch_log_ratio"
	return e, err
}

// Student gives the mean of one sample with its interval. Needs two values and some
// spread, else a Refusal "too_few_rows" or "constant".
//
// Student (1908), Biometrika 6(1): 1–25.
func Student(x []float64, confidence float64) (Estimate, error) {
	if len(x) < 2 {
		return Estimate{}, refuse("too_few_rows", "need", 2, "have", len(x))
	}
	n := float64(len(x))
	se := math.Sqrt(Variance(x) / n)
	if negligible(se, x) {
		return Estimate{}, refuse("constant")
	}
	return studentEstimate(Mean(x), se, n-1, confidence, "student"), nil
}

// PairedT gives the mean of after − before over pairs of the same length; it is
// [Student] on the differences.
func PairedT(after, before []float64, confidence float64) (Estimate, error) {
	if len(after) != len(before) {
		return Estimate{}, refuse("bad_spec", "field", "pairs")
	}
	d := make([]float64, len(after))
	for i := range d {
		d[i] = after[i] - before[i]
	}
	return Student(d, confidence)
}

// Yuen gives the difference of two trimmed means, x minus y, or with no y the
// trimmed mean of x, each with a share cut from either end. Needs two values left on
// each side, else a Refusal "too_few_rows"; "constant" where what is left has no
// spread.
//
// Yuen (1974), Biometrika 61(1): 165–170; one sample: Tukey & McLaughlin (1963),
// Sankhyā A 25(3): 331–352.
func Yuen(x, y []float64, share, confidence float64) (Estimate, error) {
	mx, vx, hx := winsorised(sorted(x), share)
	if hx < 2 {
		return Estimate{}, refuse("too_few_rows", "need", 2, "have", hx)
	}
	if y == nil {
		if se := math.Sqrt(vx); !negligible(se, x) {
			return studentEstimate(mx, se, float64(hx-1), confidence, "yuen"), nil
		}
		return Estimate{}, refuse("constant")
	}
	my, vy, hy := winsorised(sorted(y), share)
	if hy < 2 {
		return Estimate{}, refuse("too_few_rows", "need", 2, "have", hy)
	}
	se := math.Sqrt(vx + vy)
	if negligible(se, x, y) {
		return Estimate{}, refuse("constant")
	}
	df := satterthwaite(vx, float64(hx-1), vy, float64(hy-1))
	return studentEstimate(mx-my, se, df, confidence, "yuen"), nil
}
