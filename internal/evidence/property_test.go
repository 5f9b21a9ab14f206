package evidence

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// anyRows draws rows of a few workers, with gaps, ties and odd values now and then.
func anyRows(t *rapid.T, spec Spec, odd bool) Rows {
	n := rapid.SampledFrom([]int{0, 3, 60, 300, 600}).Draw(t, "rows")
	workers := rapid.SampledFrom([]int{1, 8, 14, 30}).Draw(t, "workers")
	seed := rapid.Uint64().Draw(t, "seed")
	scales := []float64{1e-9, 1, 30, 1e12}
	if odd {
		scales = append(scales, 1e-160, 1e160) // whose squares are nought and infinite
	}
	scale := rapid.SampledFrom(scales).Draw(t, "scale")
	coarse := rapid.Bool().Draw(t, "coarse")
	binary := spec.Estimator == EstimateShare || spec.Estimator == EstimateSelectionRatio
	r := rand.New(rand.NewPCG(seed, 1))
	var rows table
	for range n {
		w := r.IntN(workers)
		v := math.Exp(r.NormFloat64()) * scale
		if coarse {
			v = (1 + math.Round(v/scale)) * scale
		}
		if binary {
			v = float64(r.IntN(2))
		}
		day := r.IntN(200)
		period, arm := day/100, w%2
		switch spec.Design {
		case Stepped:
			arm = count(day > 30+40*(w%4))
		case RandomisedTask:
			arm = r.IntN(2)
		}
		switch {
		case odd && r.IntN(20) == 0:
			v, arm = math.NaN(), -1
		case odd && r.IntN(40) == 0:
			arm = 1 - arm
		}
		if odd && r.IntN(20) == 0 {
			day, period = NoDay, -1
		}
		rows.row(w, arm, period, day, v)
		rows.Team = append(rows.Team, int32(w/3))
		rows.Pair = append(rows.Pair, int32(w/2))
		rows.Group = append(rows.Group, int32(w%3))
	}
	return rows.Rows
}

func anySpec(t *rapid.T) Spec {
	return Spec{
		Design:        rapid.SampledFrom(designs).Draw(t, "design"),
		Estimator:     rapid.SampledFrom(estimators).Draw(t, "estimator"),
		Interval:      rapid.SampledFrom(intervals).Draw(t, "interval"),
		ByRow:         rapid.IntRange(0, 3).Draw(t, "by row") == 3,
		ByTeam:        rapid.IntRange(0, 3).Draw(t, "by team") == 3,
		Covariate:     rapid.IntRange(0, 2).Draw(t, "covariate") == 2,
		LowerIsBetter: rapid.Bool().Draw(t, "lower"),
		Reference:     int32(rapid.IntRange(-1, 2).Draw(t, "reference")),
		StartDay:      100, MinPeople: 5, Draws: 200,
	}
}

// Whatever comes in, there is a figure whose interval holds it, or a refusal; never NaN.
func TestAnyRowsGiveAFigureOrARefusal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := anySpec(t)
		a, err := Analyse(context.Background(), anyRows(t, spec, true), spec, nil)
		var refusal Refusal
		if err != nil {
			if !errors.As(err, &refusal) {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		noNaN(t, reflect.ValueOf(a))
		for _, e := range append([]Estimate{a.Primary}, a.Sensitivity...) {
			if !(e.Low <= e.Effect && e.Effect <= e.High) || e.SE < 0 || e.P < 0 || e.P > 1 {
				t.Fatalf("%+v", e)
			}
		}
		if a.Used+a.Missing+a.Outside != a.Rows || a.Used < 0 || a.Outside < 0 {
			t.Fatalf("rows: %d used, %d missing, %d outside of %d", a.Used, a.Missing, a.Outside, a.Rows)
		}
	})
}

func shuffled(rows Rows, r *rand.Rand) Rows {
	order := r.Perm(len(rows.Value))
	return Rows{
		Worker: taken(rows.Worker, order), Team: taken(rows.Team, order), Arm: taken(rows.Arm, order),
		Period: taken(rows.Period, order), Day: taken(rows.Day, order), Group: taken(rows.Group, order),
		Pair: taken(rows.Pair, order), Value: taken(rows.Value, order),
	}
}

func taken[T any](column []T, order []int) []T {
	out := make([]T, len(column))
	for i, k := range order {
		out[i] = column[k]
	}
	return out
}

func alike(a, b, scale float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(scale), math.Abs(a)) }

func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := anySpec(t)
		rows := anyRows(t, spec, false)
		// Equal values that differ by rounding alone may trade places in a draw.
		a, errA := Analyse(context.Background(), rows, spec, nil)
		b, errB := Analyse(context.Background(), shuffled(rows, rand.New(rand.NewPCG(1, 1))), spec, nil)
		if (errA == nil) != (errB == nil) {
			t.Fatalf("%v, %v", errA, errB)
		}
		if errA != nil {
			return
		}
		scale := math.Abs(a.Before) + math.Abs(a.After)
		if !alike(a.Primary.Effect, b.Primary.Effect, scale) || !alike(a.Primary.Low, b.Primary.Low, scale) || !alike(a.Primary.High, b.Primary.High, scale) {
			t.Fatalf("%+v\n%+v", a.Primary, b.Primary)
		}
	})
}

func TestScalingIsCarriedThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := anySpec(t)
		spec.Estimator = rapid.SampledFrom([]Estimator{EstimateMean, EstimateMedian, EstimateTrimmedMean, EstimateHodgesLehmann}).Draw(t, "linear")
		rows := anyRows(t, spec, false)
		a, err := Analyse(context.Background(), rows, spec, nil)
		if err != nil {
			return
		}
		const factor = 8 // a power of two, so that the sums are the same but for the exponent
		scaled := rows
		scaled.Value = make([]float64, len(rows.Value))
		for i, v := range rows.Value {
			scaled.Value[i] = v * factor
		}
		b, err := Analyse(context.Background(), scaled, spec, nil)
		if err != nil {
			t.Fatal(err)
		}
		scale := factor * (math.Abs(a.Before) + math.Abs(a.After))
		want := a.Primary.Times(factor)
		if !alike(want.Effect, b.Primary.Effect, scale) || !alike(want.Low, b.Primary.Low, scale) || !alike(want.High, b.Primary.High, scale) {
			t.Fatalf("%+v\n%+v", want, b.Primary)
		}
	})
}

func FuzzPrimitives(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 4.0, uint8(3), uint8(9))
	f.Add(0.0, 0.0, 0.0, 1e300, uint8(0), uint8(0))
	f.Add(-1e-300, 5.0, 5.0, 5.0, uint8(7), uint8(7))
	f.Fuzz(func(t *testing.T, a, b, c, d float64, k, n uint8) {
		if !finite(a, b, c, d) || max(math.Abs(a), math.Abs(b), math.Abs(c), math.Abs(d)) > 1e100 {
			t.Skip()
		}
		x, y := []float64{a, b, c}, []float64{d, a, b, c}
		for name, of := range map[string]func() (Estimate, error){
			"welch":   func() (Estimate, error) { return Welch(x, y, 0.95) },
			"student": func() (Estimate, error) { return Student(x, 0.95) },
			"yuen":    func() (Estimate, error) { return Yuen(x, y, 0.2, 0.95) },
			"shift":   func() (Estimate, error) { return HodgesLehmannShift(x, y, 0.95) },
			"centre":  func() (Estimate, error) { return HodgesLehmann(x, 0.95) },
			"wilson":  func() (Estimate, error) { return Wilson(int(k), int(n), 0.95) },
			"ratio":   func() (Estimate, error) { return SelectionRatio(int(k), int(n), int(n), int(n), 0.95) },
		} {
			e, err := of()
			if err == nil && (!finite(e.Effect, e.Low, e.High, e.SE, e.P) || e.Low > e.Effect || e.High < e.Effect) {
				t.Errorf("%s: %+v", name, e)
			}
		}
	})
}
