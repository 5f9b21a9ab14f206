package evidence

import (
	"context"
	"errors"
	"math"
	"testing"
)

// near says that two figures agree to a relative tolerance.
func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*math.Max(1, math.Abs(want))
}

func wantNear(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !near(got, want, tolerance) {
		t.Errorf("%s = %.10g, want %.10g", what, got, want)
	}
}

// Extra hours of sleep under two drugs: Student (1908), Biometrika 6(1): 1–25; the data
// set "sleep" of R, whose help pages give the t-tests.
var (
	sleep1 = []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	sleep2 = []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
)

func TestSleep(t *testing.T) {
	welch, err := Welch(sleep1, sleep2, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	// R: t.test(extra ~ group, data = sleep).
	wantNear(t, "df", welch.DF, 17.776, 1e-4)
	wantNear(t, "p", welch.P, 0.07939, 1e-4)
	wantNear(t, "low", welch.Low, -3.3654832, 1e-7)
	wantNear(t, "high", welch.High, 0.2054832, 1e-7)
	paired, err := PairedT(sleep1, sleep2, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "paired effect", paired.Effect, -1.58, 1e-12)
	wantNear(t, "paired p", paired.P, 0.002833, 1e-3)
	wantNear(t, "paired low", paired.Low, -2.4598858, 1e-7)
	wantNear(t, "paired high", paired.High, -0.7001142, 1e-7)
}

func TestOrder(t *testing.T) {
	x := []float64{4, 1, 3, 2}
	wantNear(t, "quantile", Quantile(x, 0.25), 1.75, 0)
	wantNear(t, "median", Median(x), 2.5, 0)
	wantNear(t, "trimmed", TrimmedMean([]float64{100, 1, 2, 3, -50}, 0.2), 2, 1e-15)
	wantNear(t, "variance", Variance(x), 5.0/3, 1e-15)
	if x[0] != 4 {
		t.Error("the caller's values were sorted")
	}
	// A mean far from nought takes nothing from the variance.
	wantNear(t, "shifted", Variance([]float64{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}), 30, 1e-12)
}

func TestStudentQuantile(t *testing.T) {
	// The tables of every textbook.
	for _, c := range []struct{ p, df, want float64 }{
		{0.975, 1, 12.706205}, {0.975, 10, 2.228139}, {0.995, 30, 2.749996}, {0.975, 1e12, 1.959964}, {0.025, 10, -2.228139},
	} {
		wantNear(t, "t", studentQuantile(c.p, c.df), c.want, 1e-6)
	}
	wantNear(t, "tails", studentTails(2.228138852, 10), 0.05, 1e-8)
	wantNear(t, "normal tails", normalTails(1.959963985), 0.05, 1e-9)
	wantNear(t, "chi-squared", chiSquaredTail(3.841458821, 1), 0.05, 1e-8)
}

func TestShares(t *testing.T) {
	// Newcombe (1998), Statistics in Medicine 17: 857–872, table I: 81 of 263 and 15 of 148.
	w, err := Wilson(81, 263, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "low", w.Low, 0.2553, 1e-4)
	wantNear(t, "high", w.High, 0.3662, 1e-4)
	w, _ = Wilson(15, 148, 0.95)
	wantNear(t, "low", w.Low, 0.0624, 1e-4)
	wantNear(t, "high", w.High, 0.1605, 1e-4)
	// Newcombe (1998), Statistics in Medicine 17: 873–890, table II, method 10.
	for _, c := range []struct {
		a, m, b, n int
		low, high  float64
	}{
		{56, 70, 48, 80, 0.0524, 0.3339},
		{9, 10, 3, 10, 0.1705, 0.8090},
		{6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775},
		{10, 10, 0, 20, 0.6791, 1},
		{10, 10, 0, 10, 0.6075, 1},
	} {
		e, err := Newcombe(c.a, c.m, c.b, c.n, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		wantNear(t, "low", e.Low, c.low, 6e-5)
		wantNear(t, "high", e.High, c.high, 6e-5)
	}
}

func TestFisher(t *testing.T) {
	for _, c := range []struct {
		table [4]int
		want  float64
	}{
		// Fisher's tea: 34 of 70 tables are as unlikely as three cups of four right.
		{[4]int{3, 1, 1, 3}, 34.0 / 70},
		{[4]int{4, 0, 0, 4}, 2.0 / 70},
		// Twins of convicts, Fisher (1935): 2 of 15 against 10 of 3; R gives 0.0005367.
		{[4]int{2, 10, 15, 3}, 0.0005367241},
		{[4]int{0, 5, 0, 5}, 1},
	} {
		p, err := FisherExact(c.table[0], c.table[1], c.table[2], c.table[3])
		if err != nil {
			t.Fatal(err)
		}
		wantNear(t, "p", p, c.want, 1e-8)
	}
}

func TestSelectionRatio(t *testing.T) {
	// Worked by hand: 20/50 against 30/50; se² = 1/20 − 1/50 + 1/30 − 1/50.
	e, err := SelectionRatio(20, 50, 30, 50, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	se := math.Sqrt(1.0/20 - 1.0/50 + 1.0/30 - 1.0/50)
	wantNear(t, "ratio", e.Effect, 2.0/3, 1e-15)
	wantNear(t, "low", e.Low, 2.0/3*math.Exp(-1.959963985*se), 1e-9)
	wantNear(t, "high", e.High, 2.0/3*math.Exp(1.959963985*se), 1e-9)
	for _, c := range [][4]int{{0, 10, 5, 10}, {10, 10, 10, 10}, {10, 10, 5, 10}} {
		e, err := SelectionRatio(c[0], c[1], c[2], c[3], 0.95)
		if err != nil || !finite(e.Low, e.High, e.SE) || !(e.Low < e.High) {
			t.Errorf("%v: %+v, %v", c, e, err)
		}
	}
	if _, err := SelectionRatio(5, 10, 0, 10, 0.95); !isRefusal(err, "no_selection") {
		t.Errorf("nobody of the reference: %v", err)
	}
}

// Permeability constants of the human chorioamnion: Hollander & Wolfe, Nonparametric
// Statistical Methods (1973), p. 69; depression scores, p. 29: both in R's help of wilcox.test.
func TestRanks(t *testing.T) {
	term := []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
	early := []float64{1.15, 0.88, 0.90, 0.74, 1.21}
	u, p, err := MannWhitney(term, early)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "U", u, 35, 0)
	wantNear(t, "p", p, 2*0.1272, 1e-3)
	e, err := HodgesLehmannShift(term, early, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "shift", e.Effect, 0.305, 1e-12)
	wantNear(t, "low", e.Low, -0.15, 1e-12)
	wantNear(t, "high", e.High, 0.76, 1e-12)
	first := []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	second := []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
	d := make([]float64, len(first))
	for i := range d {
		d[i] = first[i] - second[i]
	}
	e, err = HodgesLehmann(d, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	// V = 40, one-sided p = 0.01953.
	wantNear(t, "p", e.P, 2*0.01953125, 1e-9)
	wantNear(t, "centre", e.Effect, 0.46, 1e-9)
}

func TestRankCountsAreBinomial(t *testing.T) {
	for m := 1; m <= 7; m++ {
		for n := 1; n <= 7; n++ {
			wantNear(t, "orders", sum(rankSumCounts(m, n)), math.Round(math.Exp(logChoose(m+n, m))), 1e-12)
		}
	}
	wantNear(t, "signs", sum(signedRankCounts(12)), 4096, 0)
}

func TestOrderStatisticsOfDifferences(t *testing.T) {
	x, y := sorted([]float64{1, 5, 2.5, -3}), sorted([]float64{0.5, 4, 4, -7, 2})
	var all, means []float64
	for i, a := range x {
		for _, b := range y {
			all = append(all, a-b)
		}
		for _, b := range x[i:] {
			means = append(means, (a+b)/2)
		}
	}
	all, means = sorted(all), sorted(means)
	for k := range all {
		got := nthSmallest(int64(k+1), func(v float64) int64 { return differencesUpTo(x, y, v) })
		wantNear(t, "difference", got, all[k], 0)
	}
	for k := range means {
		got := nthSmallest(int64(k+1), func(v float64) int64 { return meansUpTo(x, v) })
		wantNear(t, "mean", got, means[k], 0)
	}
}

func TestHedges(t *testing.T) {
	// Γ(5) = 24 and Γ(4.5) = 105√π/16.
	wantNear(t, "J", HedgesJ(10), 24/(math.Sqrt(5)*105*math.Sqrt(math.Pi)/16), 1e-12)
	g, err := HedgesG([]float64{1, 2, 3}, []float64{2, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "g", g, -HedgesJ(4), 1e-12)
}

func TestLogRatio(t *testing.T) {
	// Geometric means 2 and 8.
	e, err := LogRatio([]float64{1, 4, 2}, []float64{4, 16, 8}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "ratio", e.Effect, 0.25, 1e-12)
	wantNear(t, "low by high", e.Low*e.High, 0.0625, 1e-12)
	wantNear(t, "change", e.Relative().Effect, -0.75, 1e-12)
	if _, err := LogRatio([]float64{1, 0}, []float64{1, 2}, 0.95); !isRefusal(err, "not_positive") {
		t.Error(err)
	}
}

func TestAdjusted(t *testing.T) {
	// Benjamini & Hochberg (1995), § 3.2: fifteen p-values of a trial of thrombolysis, of
	// which four are declared at 5 %.
	p := []float64{
		0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
		0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
	}
	q := BenjaminiHochberg(p)
	declared := 0
	for _, v := range q {
		declared += count(v <= 0.05)
	}
	if declared != 4 {
		t.Errorf("%d declared, want 4", declared)
	}
	wantNear(t, "first", q[0], 0.0015, 1e-12)
	if got := BenjaminiHochberg(nil); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

func TestBootstrapIsNearTheClosedForm(t *testing.T) {
	b := Bootstrap{Draws: 20_000, Seed: 3, Confidence: 0.95}
	x := []float64{3.1, 2.7, 4.4, 3.9, 5.2, 2.2, 3.3, 4.1, 3.6, 4.8, 2.9, 3.7, 4.0, 3.2, 4.6, 3.8}
	plain, err := Student(x, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string]func(context.Context, []float64, []float64, Bootstrap) (Estimate, error){"t": BootstrapT, "bca": BCa} {
		e, err := of(context.Background(), x, nil, b)
		if err != nil {
			t.Fatal(err)
		}
		wantNear(t, name+" low", e.Low, plain.Low, 0.03)
		wantNear(t, name+" high", e.High, plain.High, 0.03)
	}
	_, err = BootstrapT(context.Background(), []float64{1, 1, 1}, nil, b)
	if !isRefusal(err, "constant") {
		t.Errorf("no spread: %v", err)
	}
}

func TestGuard(t *testing.T) {
	for _, c := range []struct {
		low, effect, high float64
		higher            bool
		want              Guard
	}{
		{-1, 0.2, 0.9, true, GuardHeld},
		{-1, 0.2, 1, true, GuardNotShownSafe},
		{0.1, 1.2, 2, true, GuardBreached},
		{0.1, 0.8, 2, true, GuardNotShownSafe},
		{-0.1, 1.2, 2, true, GuardNotShownSafe},
		{-0.9, 0, 3, false, GuardHeld},
		{-3, -1.5, -0.2, false, GuardBreached},
	} {
		if got := NonInferior(Estimate{Low: c.low, Effect: c.effect, High: c.high}, 1, c.higher); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestScale(t *testing.T) {
	e := Scale(Estimate{Effect: -10, Low: -12, High: -8, SE: 1}, 600, 1)
	if e.Effect != -100 || e.Low != -120 || e.High != -80 || e.SE != 10 {
		t.Errorf("%+v", e)
	}
	e = e.Times(-1)
	if e.Effect != 100 || e.Low != 80 || e.High != 120 {
		t.Errorf("%+v", e)
	}
}

func TestPower(t *testing.T) {
	// Two arms of 64 find half a standard deviation with 80 %: the example of Cohen (1988), ch. 2.
	n, err := SampleSize(Power{Design: PowerTwoArm, SD: 1, Effect: 0.5})
	if err != nil || n < 63 || n > 64 {
		t.Errorf("n = %d, %v", n, err)
	}
	d, err := MinimumDetectable(Power{Design: PowerTwoArm, SD: 1, N: [2]int{64, 64}})
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "mde", d, 0.5, 0.005)
	clustered, err := MinimumDetectable(Power{Design: PowerTwoArm, SD: 1, N: [2]int{640, 640}, ICC: 0.1, PerCluster: 10})
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "clusters", clustered, d*math.Sqrt(1.9/10), 0.01)
	share, err := SampleSize(Power{Design: PowerShare, BaseRate: 0.5, Effect: 0.1})
	if err != nil || share < 380 || share > 395 {
		t.Errorf("share: %d, %v", share, err)
	}
	for _, bad := range []Power{
		{Design: "odd", SD: 1},
		{Design: PowerTwoArm},
		{Design: PowerPaired, SD: 1, Correlation: 1, N: [2]int{0, 9}},
		{Design: PowerShare, BaseRate: 1.2},
		{Design: PowerTwoArm, SD: 1, N: [2]int{1, 50}},
		{Design: PowerTwoArm, SD: 1, ICC: 2},
	} {
		if _, err := MinimumDetectable(bad); !isRefusal(err, "bad_spec") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestRefusalReadsAsText(t *testing.T) {
	err := refuse("too_few_people", "need", 10, "have", 3)
	if got, want := err.Error(), "evidence: too_few_people have=3 need=10"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var r Refusal
	if !errors.As(err, &r) || r.Params["need"] != 10 {
		t.Errorf("%#v", r)
	}
}
