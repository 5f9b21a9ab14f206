package evidence

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Fit is a least-squares fit: y on the columns of X, which the caller gives row by
// row with its own constant.
type Fit struct {
	Coefficients []float64
	Fitted       []float64
	Residuals    []float64
	Leverage     []float64 // diagonal of X(X'X)⁻¹X'
	DF           int       // rows − columns

	x       [][]float64
	root    *mat.TriDense // R⁻¹
	inverse *mat.SymDense // (X'X)⁻¹
}

// OLS fits y on x by QR; x has a row for each y and all rows the same length. Needs
// more rows than columns ("too_few_rows") and columns that are not combinations of
// each other ("singular").
//
// Golub & Van Loan, Matrix Computations (4th ed., 2013), § 5.3.
func OLS(x [][]float64, y []float64) (*Fit, error) {
	n := len(y)
	if n == 0 || len(x) != n || len(x[0]) == 0 || n <= len(x[0]) {
		return nil, refuse("too_few_rows", "need", columns(x)+1, "have", n)
	}
	k := len(x[0])
	design := mat.NewDense(n, k, nil)
	for i, row := range x {
		design.SetRow(i, row)
	}
	var qr mat.QR
	qr.Factorize(design) //nolint:misspell // gonum spells it so
	var r mat.Dense
	qr.RTo(&r)
	if rankDeficient(&r, design, k) {
		return nil, refuse("singular")
	}
	var beta mat.VecDense
	if err := qr.SolveVecTo(&beta, false, mat.NewVecDense(n, append([]float64(nil), y...))); err != nil {
		return nil, refuse("singular")
	}
	fit := &Fit{Coefficients: beta.RawVector().Data, DF: n - k, x: x}
	fit.invert(r.Slice(0, k, 0, k))
	fit.compare(y)
	return fit, nil
}

func columns(x [][]float64) int {
	if len(x) == 0 {
		return 1
	}
	return len(x[0])
}

// rankDeficient holds each diagonal element of R against the length of its column.
func rankDeficient(r, x *mat.Dense, k int) bool {
	for j := range k {
		if math.Abs(r.At(j, j)) <= 1e-10*mat.Norm(x.ColView(j), 2) {
			return true
		}
	}
	return false
}

// invert makes (X'X)⁻¹ = R⁻¹R⁻ᵀ.
func (f *Fit) invert(r mat.Matrix) {
	k, _ := r.Dims()
	upper := mat.NewTriDense(k, mat.Upper, nil)
	upper.Copy(r)
	f.root = new(mat.TriDense)
	// A condition number is a warning; the rank was settled before.
	_ = f.root.InverseTri(upper)
	f.inverse = mat.NewSymDense(k, nil)
	f.inverse.SymOuterK(1, f.root)
}

func (f *Fit) compare(y []float64) {
	for i, row := range f.x {
		fitted := dot(row, f.Coefficients)
		f.Fitted = append(f.Fitted, fitted)
		f.Residuals = append(f.Residuals, y[i]-fitted)
		f.Leverage = append(f.Leverage, f.leverage(row))
	}
}

// leverage is the squared length of R⁻ᵀ·row. By way of (X'X)⁻¹ it would lose twice the
// digits where columns nearly go together.
func (f *Fit) leverage(row []float64) float64 {
	var h float64
	for j := range row {
		var z float64
		for i := range j + 1 {
			z += float64(f.root.At(i, j) * row[i])
		}
		h += float64(z * z)
	}
	return h
}

// towards is (X'X)⁻¹c.
func (f *Fit) towards(c []float64) []float64 {
	out := make([]float64, len(c))
	for i := range out {
		for j := range c {
			out[i] += float64(f.inverse.At(i, j) * c[j])
		}
	}
	return out
}

// pull is how much each row weighs in the combination c of coefficients, so that
// c'β = Σ pull·y.
func (f *Fit) pull(c []float64) []float64 {
	direction := f.towards(c)
	out := make([]float64, len(f.x))
	for i, row := range f.x {
		out[i] = dot(row, direction)
	}
	return out
}

func dot(a, b []float64) float64 {
	var s float64
	for i := range a {
		s += float64(a[i] * b[i])
	}
	return s
}
