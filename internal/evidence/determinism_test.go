package evidence

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden file")

// goldenSpecs are one of each way to a figure.
func goldenSpecs() map[string]Spec {
	return map[string]Spec{
		"1 differences":         {Design: DifferenceInDifferences},
		"2 differences bca":     {Design: DifferenceInDifferences, Interval: IntervalBCa, Draws: 5000},
		"3 differences trimmed": {Design: DifferenceInDifferences, Estimator: EstimateTrimmedMean},
		"4 staff adjusted":      {Design: RandomisedStaff, Covariate: true},
		"5 paired log":          {Design: Paired, Estimator: EstimateLogRatio},
		"6 before and after":    {Design: BeforeAfter},
		"7 ranks":               {Design: Paired, Estimator: EstimateHodgesLehmann},
		"8 series":              {Design: InterruptedSeries, StartDay: 150},
		"9 median":              {Design: Matched, Estimator: EstimateMedian},
	}
}

func goldenText(t *testing.T) (text string, bits uint64) {
	t.Helper()
	rows := manyRows(6000, 60)
	sum := fnv.New64a()
	var b strings.Builder
	specs := goldenSpecs()
	for _, name := range sortedNames(specs) {
		spec := specs[name]
		spec.Seed = 20261122
		a, err := Analyse(context.Background(), rows, spec, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		fmt.Fprintf(&b, "%s:", name)
		e := a.Primary
		for _, v := range []float64{e.Effect, e.Low, e.High, e.SE, e.DF, e.P, a.Before, a.After, a.MDE, a.HedgesG} {
			fmt.Fprintf(&b, " %.12g", v)
			fmt.Fprintf(sum, "%x", math.Float64bits(v))
		}
		for _, s := range a.Sensitivity {
			fmt.Fprintf(&b, "\n  %s %.12g %.12g %.12g", s.Method, s.Effect, s.Low, s.High)
			fmt.Fprintf(sum, "%x%x", math.Float64bits(s.Low), math.Float64bits(s.High))
		}
		b.WriteByte('\n')
	}
	return b.String(), sum.Sum64()
}

func sortedNames(m map[string]Spec) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	for i := range names {
		for j := i; j > 0 && names[j] < names[j-1]; j-- {
			names[j], names[j-1] = names[j-1], names[j]
		}
	}
	return names
}

// TestDeterminismAcrossMachines is run for other architectures too; the file is the same.
func TestDeterminismAcrossMachines(t *testing.T) {
	const file = "testdata/determinism.golden"
	got, bits := goldenText(t)
	t.Logf("%s: raw bits %x", runtime.GOARCH, bits)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("figures differ from %s:\n%s", file, got)
	}
}

func TestDeterminismAcrossCores(t *testing.T) {
	rows := study().Rows
	for _, d := range []Design{DifferenceInDifferences, Paired, BeforeAfter, Matched} {
		spec := Spec{Design: d, MinPeople: 5, Seed: 9, Draws: 20_000, Interval: IntervalBootstrapT}
		var results []Analysis
		for _, cores := range []int{1, 2, 5} {
			before := runtime.GOMAXPROCS(cores)
			a, err := Analyse(context.Background(), rows, spec, nil)
			runtime.GOMAXPROCS(before)
			if err != nil {
				t.Fatal(err)
			}
			results = append(results, a)
		}
		if !reflect.DeepEqual(results[0], results[1]) || !reflect.DeepEqual(results[0], results[2]) {
			t.Errorf("%s depends on the number of cores", d)
		}
	}
}

func TestAnotherSeedGivesOtherDigits(t *testing.T) {
	spec := Spec{Design: DifferenceInDifferences, MinPeople: 5, Seed: 1}
	a, err := Analyse(context.Background(), study().Rows, spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	spec.Seed = 2
	b, err := Analyse(context.Background(), study().Rows, spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a.Primary.Low == b.Primary.Low || a.Primary.Effect != b.Primary.Effect {
		t.Errorf("%+v, %+v", a.Primary, b.Primary)
	}
}
