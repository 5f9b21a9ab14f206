package evidence

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
)

// oursDrawn is how many draws of ours stand against twice as many of the other program's.
const oursDrawn = 100_000

// drawnOnes are the figures that come of draws. Which streams they come from differs, so
// they are held to the error of drawing and not to the digits.
var drawnOnes = map[string]func(c comparison, seed uint64) (ours, error){
	"bootstrap-t, mean":                                     drawnMean(0),
	"bca, mean":                                             drawnMean(1),
	"bootstrap-t, difference of means":                      drawnMean(0),
	"bca, difference of means":                              drawnMean(1),
	"bootstrap-t, difference of trimmed means":              drawnTrimmed(0),
	"bca, difference of trimmed means":                      drawnTrimmed(1),
	"percentile, difference of medians":                     drawnMedian,
	"bootstrap-t, workers drawn, difference in differences": drawnThrough(DifferenceInDifferences, IntervalBootstrapT),
	"bca, workers drawn, difference in differences":         drawnThrough(DifferenceInDifferences, IntervalBCa),
	"bootstrap-t, before and after":                         drawnThrough(BeforeAfter, IntervalBootstrapT),
	"bca, before and after":                                 drawnThrough(BeforeAfter, IntervalBCa),
	"fixed-b critical value":                                critical,
}

func manyDraws(seed uint64) Bootstrap {
	return Bootstrap{Draws: oursDrawn, Seed: seed, Confidence: 0.95}
}

func drawnMean(which int) func(comparison, uint64) (ours, error) {
	return func(c comparison, seed uint64) (ours, error) {
		t, bca, err := newContrast(c.x, c.y).meanBoth(context.Background(), manyDraws(seed), nil)
		return of([]Estimate{t, bca}[which]), err
	}
}

func drawnTrimmed(which int) func(comparison, uint64) (ours, error) {
	return func(c comparison, seed uint64) (ours, error) {
		t, bca, err := newContrast(c.x, c.y).trimmedBoth(context.Background(), manyDraws(seed), nil)
		return of([]Estimate{t, bca}[which]), err
	}
}

func drawnMedian(c comparison, seed uint64) (ours, error) {
	q, err := newContrast(c.x, c.y).atQuantiles(context.Background(), manyDraws(seed), []float64{0.5}, nil)
	if err != nil {
		return nil, err
	}
	return ours{"low": q[0].Low, "high": q[0].High}, nil
}

func drawnThrough(d Design, i Interval) func(comparison, uint64) (ours, error) {
	return func(c comparison, seed uint64) (ours, error) {
		rows := rowsOf(c.rows(c.Rows), false)
		if d == BeforeAfter {
			rows = ofTreated(rows)
		}
		a, err := Analyse(context.Background(), rows, Spec{Design: d, Interval: i, Draws: oursDrawn, Seed: seed}, nil)
		return of(a.Primary), err
	}
}

// critical is the 95 % critical value of the t of a segmented series whose errors carry over.
// Its stream is fixed, so there is one seed and fewer draws.
func critical(c comparison, _ uint64) (ours, error) {
	x, combination := segmentColumns(whole(c.step))
	fit, err := OLS(x, c.y)
	if err != nil {
		return nil, err
	}
	null := newSeriesNull(fit, whole(c.step), fit.pull(combination), int(c.Args["lags"]))
	return ours{"effect": quantileSorted(null.draw(context.Background(), c.Args["carry"]), 0.95)}, nil
}

func TestDrawsAgainstOtherSoftware(t *testing.T) {
	_, cases := references(t)
	var out strings.Builder
	fmt.Fprintf(&out, "\n%-54s %-28s %-6s %12s  %12s %9s  %s\n", "method", "data", "figure", "theirs", "ours, 1st", "4 s.e.", "furthest of three seeds, in s.e.")
	found := map[string]bool{}
	for _, c := range cases {
		draw, known := drawnOnes[c.Method]
		if !known {
			continue
		}
		found[c.Method] = true
		mine := float64(oursDrawn)
		if c.Method == "fixed-b critical value" {
			mine = criticalDraws
		}
		first, furthest := ours{}, ours{}
		for seed := uint64(1); seed <= 3; seed++ {
			got, err := draw(c, seed)
			if err != nil {
				t.Fatalf("%s of %s: %v", c.Method, c.data(), err)
			}
			for name, want := range c.Want {
				if seed == 1 {
					first[name] = got[name]
				}
				furthest[name] = max(furthest[name], c.apart(name, got[name], want, mine))
			}
		}
		for _, name := range []string{"low", "high", "effect", "p"} {
			want, given := c.Want[name]
			if !given {
				continue
			}
			if !(furthest[name] <= 4) {
				t.Errorf("%s of %s: %s is %.1f standard errors from %g", c.Method, c.data(), name, furthest[name], want)
			}
			fmt.Fprintf(&out, "%-54s %-28s %-6s %12.6g  %12.6g %9.2g  %.1f\n", c.Method, c.data(), name, want, first[name], 4*c.drawingError(name, mine), furthest[name])
		}
	}
	for name := range drawnOnes {
		if !found[name] {
			t.Errorf("%s: nothing to compare with", name)
		}
	}
	t.Log(out.String())
}

// apart is how many standard errors lie between a figure and the other program's. Medians
// have bounds of four instead.
func (c comparison) apart(name string, got, want, draws float64) float64 {
	bounds, few := c.Bounds[name]
	if !few {
		return math.Abs(got-want) / c.drawingError(name, draws)
	}
	slack := 1e-12 * math.Abs(want)
	if got < bounds[0]-slack || got > bounds[1]+slack {
		return math.Inf(1)
	}
	return 0
}

// drawingError is the standard error of the difference of two drawn figures, from how those of
// the other program's batches spread.
func (c comparison) drawingError(name string, draws float64) float64 {
	if b, few := c.Bounds[name]; few {
		return (b[1] - b[0]) / 8
	}
	return c.Spread[name] * math.Sqrt(1/c.Batches+c.Batch/draws)
}
