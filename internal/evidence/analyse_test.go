package evidence

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"
)

// study is a difference-in-differences of 12 workers a side, 4 rows a window, in which the
// treated fall by 5 more than the rest.
func study() table {
	var t table
	for w := range 24 {
		for k := range 4 {
			noise := float64((w*7+k*5)%9) - 4
			level := 40 + float64(w)
			t.row(w, w%2, baseline, 10*k, level+noise)
			after := level - 1 + float64((w*5+k*3)%7) - 3
			if w%2 == 1 {
				after -= 5
			}
			t.row(w, w%2, observation, 100+10*k, after)
			t.Team = append(t.Team, int32(w%6), int32(w%6))
			t.Pair = append(t.Pair, int32(w/2), int32(w/2))
			t.Group = append(t.Group, int32(w%2), int32(w%2))
		}
	}
	return t
}

func TestDifferenceInDifferencesByHand(t *testing.T) {
	rows := study().Rows
	spec := Spec{Design: DifferenceInDifferences, Interval: IntervalT, LowerIsBetter: true, MinPeople: 5}
	a, err := Analyse(context.Background(), rows, spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	// The same from the rows, the long way.
	var cells [24][2]float64
	for i, v := range rows.Value {
		cells[rows.Worker[i]][rows.Period[i]] += v / 4
	}
	var arms [2][]float64
	for w, c := range cells {
		arms[w%2] = append(arms[w%2], c[1]-c[0])
	}
	want, err := Welch(arms[1], arms[0], 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "effect", a.Primary.Effect, want.Effect, 1e-12)
	wantNear(t, "low", a.Primary.Low, want.Low, 1e-12)
	wantNear(t, "high", a.Primary.High, want.High, 1e-12)
	if a.Primary.Method != "welch_worker_changes" || a.Unit != "worker" || a.Workers != [2]int{12, 12} {
		t.Errorf("%s, %s, %v", a.Primary.Method, a.Unit, a.Workers)
	}
	if a.Rows != 192 || a.Used != 192 || len(a.Summaries) != 4 || len(a.Balances) != 2 {
		t.Errorf("rows %d, used %d, %d summaries, balances %v", a.Rows, a.Used, len(a.Summaries), a.Balances)
	}
	wantNear(t, "change of the treated", a.After-a.Before, Mean(arms[1]), 1e-12)
}

// notes lists the codes of an analysis.
func notes(a Analysis) (codes []string) {
	for _, n := range a.Notes {
		codes = append(codes, n.Code)
	}
	return codes
}

func hasNote(a Analysis, code string) bool {
	for _, c := range notes(a) {
		if c == code {
			return true
		}
	}
	return false
}

func TestEveryDesignGivesAFigure(t *testing.T) {
	crossing := study()
	for i := range crossing.Arm {
		crossing.Arm[i] = int8(count(int(crossing.Day[i]) > 5+30*int(crossing.Worker[i]%4)))
	}
	mixed := study()
	for i := range mixed.Arm {
		mixed.Arm[i] = int8(i / 2 % 2)
	}
	for _, c := range []struct {
		name         string
		rows         Rows
		spec         Spec
		method, unit string
	}{
		{"tasks", mixed.Rows, Spec{Design: RandomisedTask}, "student_task_differences", "task"},
		{"staff", study().Rows, Spec{Design: RandomisedStaff}, "welch_worker_means", "worker"},
		{"staff adjusted", study().Rows, Spec{Design: RandomisedStaff, Covariate: true}, "hc3_ancova_worker_means", "worker"},
		{"staff by team", study().Rows, Spec{Design: RandomisedStaff, ByTeam: true}, "welch_team_means", "team"},
		{"stepped", crossing.Rows, Spec{Design: Stepped}, "cv3_twoway_workers", "worker"},
		{"stepped by team", crossing.Rows, Spec{Design: Stepped, ByTeam: true}, "cv3_twoway_teams", "team"},
		{"differences", study().Rows, Spec{Design: DifferenceInDifferences}, "bootstrap_t_worker_changes", "worker"},
		{"differences by team", study().Rows, Spec{Design: DifferenceInDifferences, ByTeam: true, Interval: IntervalT}, "welch_team_changes", "team"},
		{"matched", study().Rows, Spec{Design: Matched}, "student_pair_changes", "pair"},
		{"paired", study().Rows, Spec{Design: Paired}, "student_worker_changes", "worker"},
		{"before and after", study().Rows, Spec{Design: BeforeAfter}, "linearised_worker_means", "worker"},
		{"before and after, rows", study().Rows, Spec{Design: BeforeAfter, ByRow: true}, "welch_rows", "row"},
		{"survey by worker", study().Rows, Spec{Design: Survey}, "welch_worker_means", "worker"},
		{"survey by row", study().Rows, Spec{Design: Survey, ByRow: true}, "welch_rows", "row"},
		{"log", study().Rows, Spec{Design: Paired, Estimator: EstimateLogRatio}, "student_worker_changes", "worker"},
		{"median", study().Rows, Spec{Design: Paired, Estimator: EstimateMedian}, "percentile_median_worker_changes", "worker"},
		{"trimmed", study().Rows, Spec{Design: Paired, Estimator: EstimateTrimmedMean}, "yuen_worker_changes", "worker"},
		{"ranks", study().Rows, Spec{Design: Paired, Estimator: EstimateHodgesLehmann}, "rank_hodges_lehmann_worker_changes", "worker"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.spec.MinPeople = 5
			a, err := Analyse(context.Background(), c.rows, c.spec, nil)
			if err != nil {
				t.Fatal(err)
			}
			if a.Primary.Method != c.method || a.Unit != c.unit {
				t.Errorf("%s of %s, want %s of %s", a.Primary.Method, a.Unit, c.method, c.unit)
			}
			if a.Rows != a.Used+a.Missing+a.Outside {
				t.Errorf("rows do not add up: %d, %d, %d, %d", a.Rows, a.Used, a.Missing, a.Outside)
			}
			if !(a.Primary.Low <= a.Primary.Effect && a.Primary.Effect <= a.Primary.High) || a.MDE == 0 && c.spec.Estimator != EstimateMedian {
				t.Errorf("%+v, MDE %g", a.Primary, a.MDE)
			}
			if a.Interval == "" {
				t.Error("no interval named")
			}
			noNaN(t, reflect.ValueOf(a))
		})
	}
}

// noNaN walks a value for floats that are not finite.
func noNaN(t interface{ Errorf(string, ...any) }, v reflect.Value) {
	switch v.Kind() {
	case reflect.Float64:
		if !finite(v.Float()) {
			t.Errorf("a figure is %g", v.Float())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			noNaN(t, v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			noNaN(t, v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			noNaN(t, v.MapIndex(k))
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			noNaN(t, v.Elem())
		}
	default:
	}
}

// TestRefusals holds each code to the rows that cause it.
func TestRefusals(t *testing.T) {
	did := Spec{Design: DifferenceInDifferences, MinPeople: 5}
	with := func(change func(*Spec)) Spec { s := did; change(&s); return s }
	set := func(change func(*table)) Rows { s := study(); change(&s); return s.Rows }
	all := func(v float64) Rows {
		return set(func(s *table) {
			for i := range s.Value {
				s.Value[i] = v
			}
		})
	}
	same := func(column func(*table) []int8, v int8) Rows {
		return set(func(s *table) {
			for i := range column(s) {
				column(s)[i] = v
			}
		})
	}
	arm := func(s *table) []int8 { return s.Arm }
	period := func(s *table) []int8 { return s.Period }
	for _, c := range []struct {
		name string
		rows Rows
		spec Spec
		code string
	}{
		{"nothing", Rows{}, did, "too_few_rows"},
		{"all missing", all(math.NaN()), did, "too_few_rows"},
		{"all equal", all(7), did, "constant"},
		{"no arm", same(arm, -1), did, "no_arm"},
		{"one arm", same(arm, 1), did, "one_arm"},
		{"no period", same(period, -1), did, "no_period"},
		{"one period", same(period, 1), did, "one_period"},
		{"few people", study().Rows, with(func(s *Spec) { s.MinPeople = 13 }), "too_few_people"},
		{"infinite", set(func(s *table) { s.Value[3] = math.Inf(1) }), did, "not_finite"},
		{"minus infinite", set(func(s *table) { s.Value[3] = math.Inf(-1) }), did, "not_finite"},
		{"not binary", study().Rows, with(func(s *Spec) { s.Estimator = EstimateShare }), "not_binary"},
		{"not positive", set(func(s *table) { s.Value[3] = 0 }), with(func(s *Spec) { s.Estimator = EstimateLogRatio }), "not_positive"},
		{"few steps", study().Rows, Spec{Design: InterruptedSeries, StartDay: 50, MinPeople: 5}, "too_few_steps"},
		{"all treated at once", study().Rows, Spec{Design: Stepped, MinPeople: 5}, "singular"},
		{"ranks of one value", all(7), with(func(s *Spec) { s.Estimator = EstimateHodgesLehmann }), "constant"},
		{"one team an arm", set(func(s *table) {
			for i := range s.Team {
				s.Team[i] = int32(s.Arm[i])
			}
		}), with(func(s *Spec) { s.ByTeam = true }), "one_cluster"},
		{"columns of two lengths", set(func(s *table) { s.Arm = s.Arm[1:] }), did, "bad_spec"},
		{"no design", study().Rows, Spec{}, "bad_spec"},
		{"odd estimator", study().Rows, with(func(s *Spec) { s.Estimator = "best" }), "bad_spec"},
		{"odd interval", study().Rows, with(func(s *Spec) { s.Interval = "narrow" }), "bad_spec"},
		{"confidence", study().Rows, with(func(s *Spec) { s.Confidence = 1 }), "bad_spec"},
		{"too many draws", study().Rows, with(func(s *Spec) { s.Draws = 1e6 }), "bad_spec"},
		{"k of one", study().Rows, with(func(s *Spec) { s.MinPeople = 1 }), "bad_spec"},
		{"changes by row", study().Rows, with(func(s *Spec) { s.ByRow = true }), "bad_spec"},
		{"median of a series", study().Rows, Spec{Design: InterruptedSeries, Estimator: EstimateMedian}, "bad_spec"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Analyse(context.Background(), c.rows, c.spec, nil)
			if !isRefusal(err, c.code) {
				t.Errorf("%v, want %s", err, c.code)
			}
		})
	}
}

func TestAMillionRowsOfOneWorkerAreRefused(t *testing.T) {
	const n = 1_000_000
	rows := Rows{Worker: make([]int32, n), Arm: make([]int8, n), Period: make([]int8, n), Value: make([]float64, n)}
	for i := range n {
		rows.Arm[i], rows.Period[i], rows.Value[i] = int8(i%2), int8(i/2%2), float64(i%97)
	}
	for _, d := range []Design{RandomisedTask, Paired, BeforeAfter, Survey} {
		_, err := Analyse(context.Background(), rows, Spec{Design: d}, nil)
		if !isRefusal(err, "too_few_people") {
			t.Errorf("%s: %v", d, err)
		}
	}
	rows.Day = make([]int32, n)
	for i := range n {
		rows.Day[i] = int32(100*int(rows.Period[i]) + i%100)
	}
	for _, d := range []Design{Survey, BeforeAfter, InterruptedSeries} {
		_, err := Analyse(context.Background(), rows, Spec{Design: d, ByRow: true, StartDay: 100}, nil)
		if !isRefusal(err, "too_few_people") {
			t.Errorf("%s by row: %v", d, err)
		}
	}
}

func TestCancelledAnalysisEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	told := 0
	_, err := Analyse(ctx, study().Rows, Spec{Design: DifferenceInDifferences, MinPeople: 5, Draws: 100_000}, func(float64) {
		if told++; told == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestProgressNeverFalls(t *testing.T) {
	last := 0.0
	_, err := Analyse(context.Background(), study().Rows, Spec{Design: DifferenceInDifferences, MinPeople: 5, Draws: 50_000}, func(share float64) {
		if share < last || share > 1 {
			t.Errorf("%g after %g", share, last)
		}
		last = share
	})
	if err != nil || last != 1 {
		t.Errorf("%v, ended at %g", err, last)
	}
}

func TestNotes(t *testing.T) {
	did := Spec{Design: DifferenceInDifferences, MinPeople: 5}
	flat := study()
	for i := range flat.Value {
		if flat.Arm[i] == 0 {
			flat.Value[i] = 20
		}
	}
	once := study()
	for i := range once.Value {
		if once.Worker[i] == 3 && once.Period[i] == 0 {
			once.Value[i] = math.NaN()
		}
	}
	for _, c := range []struct {
		name string
		rows Rows
		spec Spec
		code string
	}{
		{"whole teams", study().Rows, did, "few_teams"},
		{"an arm without spread", flat.Rows, did, "zero_variance_arm"},
		{"a worker seen once", once.Rows, did, "workers_without_both_windows"},
		{"an interval that medians lack", study().Rows, Spec{Design: Paired, MinPeople: 5, Estimator: EstimateMedian, Interval: IntervalBCa}, "interval_replaced"},
		{"no comparison", study().Rows, Spec{Design: Paired, MinPeople: 5}, "no_comparison"},
	} {
		a, err := Analyse(context.Background(), c.rows, c.spec, nil)
		if err != nil || !hasNote(a, c.code) {
			t.Errorf("%s: %v, %v", c.name, err, notes(a))
		}
		noNaN(t, reflect.ValueOf(a))
	}
}

func TestFewWorseOffAreNotCounted(t *testing.T) {
	a, err := Analyse(context.Background(), study().Rows, Spec{Design: DifferenceInDifferences, MinPeople: 5, LowerIsBetter: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a.WorseOff == nil || !a.WorseOff.Suppressed || a.WorseOff.Count != 0 || a.WorseOff.Of != 12 {
		t.Errorf("%+v", a.WorseOff)
	}
	a, err = Analyse(context.Background(), study().Rows, Spec{Design: DifferenceInDifferences, MinPeople: 5}, nil)
	if err != nil || a.WorseOff.Suppressed || a.WorseOff.Share < 0.9 {
		t.Errorf("%+v, %v", a.WorseOff, err)
	}
}

// rates makes applicants of groups, n and selected.
func rates(groups ...[2]int) Rows {
	var t table
	for g, c := range groups {
		for i := range c[0] {
			t.row(-1, 1, observation, NoDay, float64(count(i < c[1])))
			t.Group = append(t.Group, int32(g))
		}
	}
	return t.Rows
}

func TestSelectionRatios(t *testing.T) {
	spec := Spec{Design: Survey, Estimator: EstimateSelectionRatio, ByRow: true, Reference: 0, MinPeople: 10}
	a, err := Analyse(context.Background(), rates([2]int{100, 50}, [2]int{50, 20}, [2]int{40, 18}), spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "lowest", a.Primary.Effect, 0.8, 1e-12)
	if len(a.Groups) != 3 || !a.Groups[0].Reference || a.Groups[1].Selected != 20 || !a.Checks[0].OK {
		t.Errorf("%+v, %+v", a.Groups, a.Checks)
	}
	// One small group: it and the next smallest are hidden.
	a, err = Analyse(context.Background(), rates([2]int{100, 50}, [2]int{50, 20}, [2]int{40, 18}, [2]int{4, 1}), spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !a.Groups[3].Suppressed || !a.Groups[2].Suppressed || a.Groups[1].Suppressed || a.Groups[3].N != 0 {
		t.Errorf("%+v", a.Groups)
	}
	for _, c := range []struct {
		rows Rows
		code string
	}{
		{rates([2]int{100, 50}, [2]int{4, 1}), "too_few_people"},
		{rates([2]int{100, 50}), "one_group"},
		{rates([2]int{100, 0}, [2]int{50, 0}), "no_selection"},
		{rates([2]int{100, 0}, [2]int{50, 1}), "no_selection"},
		{rates([2]int{100, 100}, [2]int{50, 50}), "constant"},
	} {
		if _, err := Analyse(context.Background(), c.rows, spec, nil); !isRefusal(err, c.code) {
			t.Errorf("%v, want %s", err, c.code)
		}
	}
}

func TestDesignChecks(t *testing.T) {
	spec := Spec{Design: RandomisedStaff, MinPeople: 5, Invited: [2]int{12, 40}}
	a, err := Analyse(context.Background(), study().Rows, spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]Check{}
	for _, c := range a.Checks {
		found[c.Code] = c
	}
	if c := found["sample_ratio"]; !c.OK || c.Statistic != 0 {
		t.Errorf("%+v", c)
	}
	if c := found["attrition"]; c.OK || c.Effect != 0.7 {
		t.Errorf("%+v", c)
	}
	if _, asked := found["pre_trend"]; !asked {
		t.Errorf("%+v", a.Checks)
	}
	c, err := SampleRatio([2]int{60, 40}, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "chi-squared", c.Statistic, 4, 1e-12)
	wantNear(t, "p", c.P, 0.04550026, 1e-7)
}
