package evidence

import "math"

// The thresholds of the checks.
const (
	// BalanceNegligible is the standardised difference below which arms are commonly called
	// alike: Austin (2009), Statistics in Medicine 28(25): 3083–3107.
	BalanceNegligible = 0.1
	// BalanceLimit is the one above which adjustment is no longer trusted: Stuart (2010),
	// Statistical Science 25(1): 1–21, after Rubin (2001).
	BalanceLimit = 0.25

	preTrendLevel    = 0.05
	sampleRatioLevel = 0.01 // our choice; online experiments, with far more units, use 0.001 or less
)

// StandardisedDifference is the difference of two means in the root of the mean of the two
// variances; NaN below two values a side, 0 where both are the same constant.
//
// Austin (2009), as above.
func StandardisedDifference(x, y []float64) float64 {
	d := Mean(x) - Mean(y)
	sd := math.Sqrt((Variance(x) + Variance(y)) / 2)
	if negligible(sd, x, y) && negligible(math.Abs(d), x, y) {
		return 0
	}
	return d / sd
}

// SampleRatio tests whether units fell into two arms (comparison, with) as planned, share
// being the planned one of the second. The statistic is Pearson's chi-squared on one degree
// of freedom. Refusal "bad_spec" for no units or a share not inside 0 and 1.
//
// Pearson (1900), Philosophical Magazine 50(302): 157–175.
func SampleRatio(counts [2]int, share float64) (Check, error) {
	n := float64(counts[0] + counts[1])
	if min(counts[0], counts[1]) < 0 || n == 0 || !(share > 0 && share < 1) {
		return Check{}, refuse("bad_spec", "field", "allocation")
	}
	off := float64(counts[1]) - n*share
	statistic := off * off / (n * share * (1 - share))
	p := chiSquaredTail(statistic, 1)
	c := Check{Code: "sample_ratio", OK: p >= sampleRatioLevel, Statistic: statistic, P: p}
	if w, err := Wilson(counts[1], counts[0]+counts[1], usualConfidence); err == nil {
		c.Effect, c.Low, c.High = w.Effect, w.Low, w.High
	}
	return c, nil
}

func (a *analyser) sampleRatio(counts [2]int) {
	if a.spec.Allocation == 0 {
		return
	}
	if c, err := SampleRatio(counts, a.spec.Allocation); err == nil {
		a.out.Checks = append(a.out.Checks, c)
	}
}

// attrition compares the shares that were invited and are not in the figure. It is all
// right when the interval of the difference holds nought.
func (a *analyser) attrition() {
	invited, seen := a.spec.Invited, a.out.Workers
	if invited[0] == 0 || invited[1] == 0 {
		return
	}
	if invited[0] < seen[0] || invited[1] < seen[1] {
		a.note("invited_too_few", "comparison", invited[0], "with", invited[1])
		return
	}
	e, err := Newcombe(invited[1]-seen[1], invited[1], invited[0]-seen[0], invited[0], a.spec.Confidence)
	if err != nil {
		return
	}
	a.out.Checks = append(a.out.Checks, Check{
		Code: "attrition", OK: e.Low <= 0 && e.High >= 0, P: e.P,
		Effect: e.Effect, Low: e.Low, High: e.High,
	})
}

// compareBaselines sets the arms side by side as they were before the start.
func (a *analyser) compareBaselines(arms [2][]worker) {
	before := [2][]float64{windowMeans(arms[0], baseline), windowMeans(arms[1], baseline)}
	if min(len(before[0]), len(before[1])) < a.spec.MinPeople {
		a.note("no_baseline")
		return
	}
	a.balance("baseline_mean", before)
	var volume [2][]float64
	for arm, workers := range arms {
		for i := range workers {
			if m := workers[i].window(baseline); m.rows > 0 {
				volume[arm] = append(volume[arm], m.weight.value())
			}
		}
	}
	a.balance("baseline_volume", volume)
	ok := a.preTrend(arms)
	a.out.Balanced = ok
	for _, b := range a.out.Balances {
		a.out.Balanced = a.out.Balanced && math.Abs(b.Difference) < BalanceLimit
	}
}

func (a *analyser) balance(what string, arms [2][]float64) {
	d := StandardisedDifference(arms[1], arms[0])
	if !finite(d) {
		// Two constants apart have no scale; they are apart all the same.
		a.note("balance_without_spread", "what", what)
		d = math.Copysign(1e6, Mean(arms[1])-Mean(arms[0]))
	}
	a.out.Balances = append(a.out.Balances, Balance{What: what, Difference: d})
}

// preTrend asks whether the arms were already moving apart: each worker's change from the
// first half of the baseline to the second, by date, compared by Welch's test. Not finding
// a difference does not show that there is none. Without dates it cannot be asked.
func (a *analyser) preTrend(arms [2][]worker) (ok bool) {
	var moved [2][]float64
	for arm, workers := range arms {
		for _, w := range workers {
			if w.early.rows > 0 && w.late.rows > 0 {
				moved[arm] = append(moved[arm], w.late.value()-w.early.value())
			}
		}
	}
	e, err := Welch(moved[1], moved[0], a.spec.Confidence)
	if err != nil || min(len(moved[0]), len(moved[1])) < a.spec.MinPeople {
		a.note("pre_trend_unknown")
		return false
	}
	c := Check{
		Code: "pre_trend", OK: e.P >= preTrendLevel, Statistic: e.Effect / e.SE, P: e.P,
		Effect: e.Effect, Low: e.Low, High: e.High,
	}
	a.out.Checks = append(a.out.Checks, c)
	return c.OK
}
