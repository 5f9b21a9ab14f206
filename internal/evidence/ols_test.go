package evidence

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// Four points and a line: every figure worked by hand. y = 1, 3, 2, 5 at x = 0…3.
var (
	lineX = [][]float64{{1, 0}, {1, 1}, {1, 2}, {1, 3}}
	lineY = []float64{1, 3, 2, 5}
	slope = []float64{0, 1}
)

func TestLine(t *testing.T) {
	fit, err := OLS(lineX, lineY)
	if err != nil {
		t.Fatal(err)
	}
	// Slope 1.1, constant 1.1; residuals −0.1, 0.8, −1.3, 0.6; squares 2.7.
	wantNear(t, "slope", fit.Combine(slope), 1.1, 1e-12)
	wantNear(t, "classical", fit.Classical(slope), math.Sqrt(2.7/2/5), 1e-12)
	// Leverage 0.7, 0.3, 0.3, 0.7; pulls −0.3, −0.1, 0.1, 0.3.
	want := 0.0
	for i, e := range []float64{-0.1, 0.8, -1.3, 0.6} {
		pull, rest := []float64{-0.3, -0.1, 0.1, 0.3}[i], 1-[]float64{0.7, 0.3, 0.3, 0.7}[i]
		want += pull * e / rest * pull * e / rest
	}
	se, err := fit.HC3(slope)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "HC3", se, math.Sqrt(want), 1e-12)
	// Scores 0.03, −0.08, −0.13, 0.18; one lag weighs a half, twice.
	s := []float64{0.03, -0.08, -0.13, 0.18}
	v := s[0]*s[0] + s[1]*s[1] + s[2]*s[2] + s[3]*s[3] + s[0]*s[1] + s[1]*s[2] + s[2]*s[3]
	wantNear(t, "Newey–West", fit.NeweyWest(slope, 1, false), math.Sqrt(v), 1e-12)
	wantNear(t, "with n/(n−k)", fit.NeweyWest(slope, 1, true), math.Sqrt(2*v), 1e-12)
	// Clusters of two: scores −0.05 and 0.05; 2/1 · 3/2 on their squares.
	cr1, err := fit.CR1(slope, []int{7, 7, 3, 3})
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "CR1", cr1, math.Sqrt(3*2*0.05*0.05), 1e-12)
}

func TestSingularIsRefused(t *testing.T) {
	_, err := OLS([][]float64{{1, 2}, {1, 2}, {1, 2}}, []float64{1, 2, 3})
	if !isRefusal(err, "singular") {
		t.Error(err)
	}
	_, err = OLS([][]float64{{1, 2}, {1, 3}}, []float64{1, 2})
	if !isRefusal(err, "too_few_rows") {
		t.Error(err)
	}
}

// The panel's short way must come to what dummies and refitting come to.
func TestTwoWayIsTheDummyRegression(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const units, steps = 7, 5
	var all []Observation
	var x [][]float64
	var y []float64
	var cluster []int
	for u := range units {
		for s := range steps {
			if (u+2*s)%11 == 3 {
				continue // a gap
			}
			o := Observation{Unit: u, Step: 3 * s, Treated: s > u%4, Value: r.NormFloat64() + float64(u)}
			all = append(all, o)
			row := make([]float64, units+steps)
			row[u] = 1
			if s > 0 {
				row[units+s-1] = 1
			}
			if o.Treated {
				row[units+steps-1] = 1
			}
			x, y, cluster = append(x, row), append(y, o.Value), append(cluster, u)
		}
	}
	fast, err := TwoWay(context.Background(), all, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	c := make([]float64, units+steps)
	c[units+steps-1] = 1
	whole, err := OLS(x, y)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "effect", fast.Effect, whole.Combine(c), 1e-10)
	squares := 0.0
	for leave := range units {
		var keptX [][]float64
		var keptY []float64
		for i := range y {
			if cluster[i] != leave {
				// Without the unit's own dummy, which would be all nought.
				row := append(append([]float64{}, x[i][:leave]...), x[i][leave+1:]...)
				keptX, keptY = append(keptX, row), append(keptY, y[i])
			}
		}
		fit, err := OLS(keptX, keptY)
		if err != nil {
			t.Fatal(err)
		}
		off := fit.Coefficients[units+steps-2] - fast.Effect
		squares += off * off
	}
	wantNear(t, "CV3", fast.SE, math.Sqrt(6.0/7*squares), 1e-10)
}

func TestClusterJackknifeOfAMean(t *testing.T) {
	// With a constant alone and clusters of one, CV3 is the standard error of a mean.
	y := []float64{2, 4, 4, 7, 9}
	x := [][]float64{{1}, {1}, {1}, {1}, {1}}
	e, err := ClusterJackknife(x, y, []int{1, 2, 3, 4, 5}, []float64{1}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "se", e.SE, math.Sqrt(Variance(y)/5), 1e-12)
	if _, err := ClusterJackknife(x, y, []int{1, 1, 1, 1, 1}, []float64{1}, 0.95); !isRefusal(err, "one_cluster") {
		t.Error(err)
	}
}

func TestSegmentedFindsAStep(t *testing.T) {
	var at []int
	var y []float64
	r := rand.New(rand.NewPCG(4, 4))
	for s := -10; s < 10; s++ {
		v := 10 + 0.5*float64(s) + 0.01*r.NormFloat64()
		if s >= 0 {
			v -= 3 + 0.2*float64(s)
		}
		at, y = append(at, s), append(y, v)
	}
	got, err := Segmented(at, y, 0, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	// Mean of 3 + 0.2·s over s = 0…9.
	wantNear(t, "effect", got.Estimate.Effect, -3.9, 0.02)
	wantNear(t, "slope", got.Slope, -0.2, 0.02)
	if got.Lags != 6 || got.Critical < 2 || got.Critical > 8 || got.Carried < 0 || got.Carried > 0.9 {
		t.Errorf("lags %d, critical %.3f", got.Lags, got.Critical)
	}
	if _, err := Segmented([]int{-2, -1, 0, 1, 2}, []float64{1, 2, 3, 4, 6}, 0, 0.95); !isRefusal(err, "too_few_steps") {
		t.Error(err)
	}
}

// More lags make a noisier standard error, and so a larger critical value.
func TestMoreLagsReachWider(t *testing.T) {
	at, y := make([]int, 0, 40), make([]float64, 0, 40)
	r := rand.New(rand.NewPCG(1, 1))
	for s := -20; s < 20; s++ {
		at, y = append(at, s), append(y, r.NormFloat64())
	}
	narrow, err := Segmented(at, y, 1, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := Segmented(at, y, 12, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	if !(narrow.Critical > 1.96 && wide.Critical > narrow.Critical) {
		t.Errorf("critical values %.3f and %.3f", narrow.Critical, wide.Critical)
	}
}
