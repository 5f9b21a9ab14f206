package evidence

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
)

// rowsOf makes rows of a data set; a missing value is NaN, as a form leaves it.
func rowsOf(columns map[string][]float64, volume bool) Rows {
	number := func(name string) (out []int32) {
		for _, v := range columns[name] {
			out = append(out, int32(v))
		}
		return out
	}
	side := func(name string) (out []int8) {
		for _, v := range columns[name] {
			out = append(out, int8(v))
		}
		return out
	}
	r := Rows{
		Worker: number("worker"), Team: number("team"), Arm: side("arm"), Period: side("period"),
		Day: number("day"), Group: number("group"), Pair: number("pair"), Value: slices.Clone(columns["value"]),
	}
	for i, missing := range columns["missing"] {
		if missing == 1 {
			r.Value[i] = math.NaN()
		}
	}
	if r.Period == nil {
		r.Period = slices.Repeat([]int8{observation}, len(r.Value))
	}
	if volume {
		r.Volume = columns["volume"]
	}
	return r
}

// plans are the plans by what the other programs were asked.
var plans = map[string]Spec{
	"difference in differences":            {Design: DifferenceInDifferences, Interval: IntervalT},
	"difference in differences, teams":     {Design: DifferenceInDifferences, Interval: IntervalT, ByTeam: true},
	"difference in differences, log ratio": {Design: DifferenceInDifferences, Interval: IntervalT, Estimator: EstimateLogRatio},
	"paired":                               {Design: Paired},
	"before and after":                     {Design: BeforeAfter, Interval: IntervalT},
	"randomised staff":                     {Design: RandomisedStaff},
	"randomised staff, covariate":          {Design: RandomisedStaff, Covariate: true},
	"randomised tasks":                     {Design: RandomisedTask},
	"matched":                              {Design: Matched},
	"stepped":                              {Design: Stepped},
	"stepped, teams":                       {Design: Stepped, ByTeam: true},
	"interrupted series":                   {Design: InterruptedSeries},
	"survey, share":                        {Design: Survey, Estimator: EstimateShare, ByRow: true},
	"selection ratio":                      {Design: Survey, Estimator: EstimateSelectionRatio, ByRow: true},
}

// ofTreated leaves the rows of arm 1, for the designs that have no other.
func ofTreated(r Rows) Rows {
	var order []int
	for i, arm := range r.Arm {
		if arm == 1 {
			order = append(order, i)
		}
	}
	out := Rows{
		Worker: taken(r.Worker, order), Team: taken(r.Team, order), Arm: taken(r.Arm, order),
		Period: taken(r.Period, order), Day: taken(r.Day, order), Pair: taken(r.Pair, order), Value: taken(r.Value, order),
	}
	if r.Volume != nil {
		out.Volume = taken(r.Volume, order)
	}
	return out
}

func TestAnalyseAgainstOtherSoftware(t *testing.T) {
	_, cases := references(t)
	tallies := map[string]*tally{}
	for _, c := range cases {
		name, through := strings.CutPrefix(c.Method, "analyse: ")
		if !through {
			continue
		}
		spec, known := plans[name]
		if !known {
			t.Errorf("no plan for %s", name)
			continue
		}
		rows := rowsOf(c.rows(c.Rows), c.Args["volume"] == 1)
		if spec.Design == Paired || spec.Design == BeforeAfter {
			rows = ofTreated(rows)
		}
		spec.MinPeople, spec.Draws = leastPeople, leastDraws
		a, err := Analyse(context.Background(), rows, spec, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := of(a.Primary)
		if a.Segment != nil {
			got["level"], got["slope"] = a.Segment.Level, a.Segment.Slope
		}
		row := tallies[name]
		if row == nil {
			row = &tally{sets: map[string]bool{}}
			tallies[name] = row
		}
		row.cases++
		for figure, want := range c.Want {
			d := off(got[figure], want)
			row.add(c, figure, d)
			if !(d <= closed) {
				t.Errorf("%s of %s, volume %g: %s = %.17g, %s says %.17g", name, c.Rows, c.Args["volume"], figure, got[figure], c.By, want)
			}
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "\n%-38s %5s %7s  greatest relative error\n", "design", "cases", "figures")
	for _, name := range slices.Sorted(maps.Keys(plans)) {
		row := tallies[name]
		if row == nil {
			t.Errorf("%s: nothing to compare with", name)
			continue
		}
		fmt.Fprintf(&out, "%-38s %5d %7d  %.1e  %s\n", name, row.cases, row.figures, row.greatest, row.at)
	}
	t.Log(out.String())
}
