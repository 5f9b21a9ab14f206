package evidence

import "math"

// Version goes into every result; it changes when a figure could change.
const Version = "1"

// Design is how the comparison was made.
type Design string

// The designs that rest on rows.
const (
	RandomisedTask          Design = "randomised_task"
	RandomisedStaff         Design = "randomised_staff"
	Stepped                 Design = "stepped"
	DifferenceInDifferences Design = "difference_in_differences"
	InterruptedSeries       Design = "interrupted_series"
	Matched                 Design = "matched"
	Paired                  Design = "paired"
	BeforeAfter             Design = "before_after"
	Survey                  Design = "survey"
)

// Estimator is what is compared between arms or windows.
type Estimator string

// The estimators. The 20 % trimmed mean takes a fifth from each end.
const (
	EstimateMean           Estimator = "mean"
	EstimateMedian         Estimator = "median"
	EstimateTrimmedMean    Estimator = "trimmed_mean"
	EstimateHodgesLehmann  Estimator = "hodges_lehmann"
	EstimateLogRatio       Estimator = "log_ratio"
	EstimateShare          Estimator = "share"
	EstimateSelectionRatio Estimator = "selection_ratio"
)

// Interval is how the interval is made; "" asks for the design's default.
type Interval string

// The intervals. Rank, percentile and Katz are not asked for: they are what
// Hodges–Lehmann, medians and selection ratios use.
const (
	IntervalT          Interval = "t"
	IntervalBCa        Interval = "bca"
	IntervalBootstrapT Interval = "bootstrap_t"
	IntervalNewcombe   Interval = "newcombe"
	IntervalRank       Interval = "rank"
	IntervalPercentile Interval = "percentile"
	IntervalKatz       Interval = "katz"
)

// NoDay stands in Rows.Day for a row without a date.
const NoDay = math.MinInt32

// Rows are the frozen rows of one measure, column by column. A column is as long
// as Value, or nil when nobody has it.
type Rows struct {
	Worker []int32   // index of the pseudonym, -1 none
	Team   []int32   // -1 none
	Arm    []int8    // 1 with the deployment, 0 comparison, -1 none stated
	Period []int8    // 0 baseline window, 1 observation window, -1 outside both
	Day    []int32   // days since 1970-01-01; NoDay when none
	Group  []int32   // protected or other group, -1 none
	Pair   []int32   // matched pair, -1 none
	Value  []float64 // NaN where missing
	Volume []float64 // units of work a row stands for; nil = 1 each
}

// Spec is the part of a locked plan that decides the figure.
type Spec struct {
	Design        Design
	Estimator     Estimator
	Interval      Interval
	ByRow         bool    // the unit of analysis is the row (an applicant, a respondent)
	ByTeam        bool    // the unit that was assigned is the team
	Confidence    float64 // 0 = 0.95
	Draws         int     // 0 = 2000; 200 to 100,000
	Seed          uint64
	MinPeople     int     // k, at least 5; 0 = 10
	Covariate     bool    // adjust randomised staff for their baseline mean
	Reference     int32   // the reference group of a selection ratio, -1 = the highest rate
	StartDay      int32   // of the deployment (interrupted series)
	StepDays      int32   // length of a step, 0 = 7
	Lags          int     // Newey–West; 0 = the rule of [Lags]
	Allocation    float64 // planned share of units in arm 1; 0 = 0.5 where randomised, else unchecked
	Invited       [2]int  // units invited per arm (comparison, with); 0 when not stated
	LowerIsBetter bool    // a fall is a gain (minutes, errors)
}

// Estimate is an effect with its interval: with minus without, or after minus
// before; for log_ratio and selection_ratio a ratio, whose SE is of its logarithm.
type Estimate struct {
	Effect, Low, High float64
	SE, DF, P         float64 // 0 where the method has none; P is two-sided
	Method            string  // stable code
}

// Summary describes the unit values of one arm in one window.
type Summary struct {
	Arm, Period          int8
	Rows, Workers, Teams int
	Mean, SD, Median     float64
	P10, P25, P75, P90   float64
}

// SeriesPoint is one step of an interrupted series. Counterfactual is the
// baseline's line carried on; before the start it equals Fitted.
type SeriesPoint struct {
	Day                          int32 // first day of the step
	N                            int   // workers (rows when by row)
	Mean, Fitted, Counterfactual float64
	After                        bool
}

// Segment is how an interrupted series changed at the start: its level at once, its slope
// per step; ratios for log_ratio. Lags are those of the standard error.
type Segment struct {
	Level, Slope float64
	Lags         int
}

// QuantileEffect is the effect at one quantile of the units.
type QuantileEffect struct{ Q, Effect, Low, High float64 }

// Balance is a standardised difference between the arms before the start.
type Balance struct {
	What       string // "baseline_mean", "baseline_volume"
	Difference float64
}

// Check is a test of the design rather than of the claim.
type Check struct {
	Code              string // "pre_trend", "sample_ratio", "attrition", "four_fifths"
	OK                bool
	Statistic, P      float64
	Effect, Low, High float64
}

// GroupRate is one group's selection rate against the reference's. A suppressed
// group carries its number and nothing else.
type GroupRate struct {
	Group                     int32
	N, Selected               int
	Rate, Ratio, Low, High, P float64
	Reference                 bool
	Suppressed                bool
}

// WorseOff is the share of treated workers whose own mean moved the wrong way,
// with its Wilson interval.
type WorseOff struct {
	Count, Of        int
	Share, Low, High float64
	Suppressed       bool
}

// Note is a limitation in a stable code.
type Note struct {
	Code   string
	Params map[string]any
}

// Analysis is everything one set of rows says under one plan.
type Analysis struct {
	Design    Design
	Estimator Estimator
	Interval  Interval // as used
	Unit      string   // "worker", "team", "row", "pair", "task"

	Primary     Estimate
	Sensitivity []Estimate // other estimators and intervals of the same effect, in a fixed order
	Summaries   []Summary
	Before      float64 // treated arm in the baseline, or the comparison where there is no baseline
	After       float64 // treated arm in the observation window
	MDE         float64 // smallest effect found with 80 % power, on the scale of Effect
	HedgesG     float64 // 0 where the design has none

	Checks    []Check
	Balances  []Balance
	Balanced  bool // a baseline was compared, every balance is below 0.25, and the pre-trend holds
	WorseOff  *WorseOff
	Quantiles []QuantileEffect
	Series    []SeriesPoint
	Segment   *Segment
	Groups    []GroupRate
	Notes     []Note

	Rows, Used, Missing, Outside int
	Workers                      [2]int // comparison, with; one-arm designs use [0, n]
}
