package models

import "strings"

// ResultFormat names the form of a result file.
const ResultFormat = "beforehand-evidence-result/1"

// Result is what an analysis found: the same plan, rows and seed give the same
// bytes on every machine. Figures are rounded to twelve significant digits.
type Result struct {
	Format string `json:"format"`
	// Software is the version of the statistics; a figure may change with it.
	Software   string   `json:"software"`
	Plan       string   `json:"planSha256" doc:"SHA-256 of the plan's canonical JSON"`
	Data       DataMark `json:"data"`
	Confidence float64  `json:"confidence"`
	Draws      int      `json:"draws"`
	Seed       uint64   `json:"seed"`
	// Question is the other way of looking that a challenge asked for.
	Question *Question `json:"question,omitempty"`

	Primary    Finding            `json:"primary"`
	Guardrails []GuardrailFinding `json:"guardrails" nullable:"false"`
	// Secondaries are judged together: AdjustedP is after Benjamini and Hochberg.
	Secondaries []Finding   `json:"secondaries,omitempty" nullable:"false"`
	SelfReport  *SelfReport `json:"selfReport,omitempty"`
	// Hours and Money are of the sampled staff, in a year.
	Hours *Measured `json:"hoursPerYear,omitempty"`
	Money *Money    `json:"moneyPerYear,omitempty"`

	// Scenario says that hours and money rest on a volume far beyond what the rows show.
	Scenario bool `json:"scenario,omitempty" doc:"Hours and money rest on a volume far beyond what the rows show"`

	Grade       Graded   `json:"grade"`
	Verdict     Judged   `json:"verdict"`
	Limitations []Reason `json:"limitations" nullable:"false"`
}

// DataMark says which rows a result was worked out from.
type DataMark struct {
	SHA256 string `json:"sha256" doc:"Of the file as it was sent"`
	// Rows is the hash of the rows as read, with workers numbered in the order
	// in which they appear: whoever has the file can work it out.
	Rows    string `json:"rowsSha256"`
	Count   int    `json:"rows"`
	Outside int    `json:"outside" doc:"Rows dated outside both windows"`
}

// Question is another look at the same frozen rows, asked for by a union.
type Question struct {
	Estimator string  `json:"estimator,omitempty" enum:"mean,median,trimmed_mean,hodges_lehmann,log_ratio,share"`
	Interval  string  `json:"interval,omitempty" enum:"t,bca,bootstrap_t,newcombe"`
	Unit      UnitOf  `json:"unit,omitempty" enum:"worker,team,row"`
	Baseline  *Window `json:"baseline,omitempty" doc:"Only days of the baseline within these"`
	Observed  *Window `json:"observation,omitempty" doc:"Only days of the observation within these"`
	// Language and Group keep only the rows of one.
	Language string `json:"language,omitempty" maxLength:"60"`
	Group    string `json:"group,omitempty" maxLength:"60"`
	// Metric is another metric of the plan, instead of the primary one.
	Metric string `json:"metric,omitempty" maxLength:"60"`
}

// Measured is an effect and its interval: with the deployment less without it,
// or after less before. Of a ratio it is the ratio.
type Measured struct {
	Effect float64 `json:"effect"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	SE     float64 `json:"standardError,omitempty"`
	DF     float64 `json:"degreesOfFreedom,omitempty"`
	P      float64 `json:"p,omitempty"`
	Method string  `json:"method"`
}

// methods are the ways in which an effect is worked out; a method's code is one
// of them and, after it, what it was worked out of.
var methods = []string{
	"bootstrap_t_trimmed_mean", "bca_trimmed_mean", "bootstrap_t", "bca", "welch", "student", "yuen", "percentile_median", "rank_hodges_lehmann",
	"newcombe", "linearised", "hc3_ancova", "cv3_twoway", "katz",
}

// How says in words how the effect was worked out, and of what.
func (m Measured) How() Reason {
	for _, way := range methods {
		if of, ok := strings.CutPrefix(m.Method, way+"_"); ok {
			return reason("method.of", "method", reason("method."+way), "of", reason("methodOf."+of))
		}
	}
	return reason("method." + m.Method)
}

// EffectUnit is what an effect of the finding is in.
func (f Finding) EffectUnit() Reason {
	switch {
	case f.Ratio:
		return reason("unit.times")
	case f.Points:
		return reason("unit.points")
	}
	return reason("unit.own", "unit", f.UnitName)
}

// LevelUnit is what the levels before and after are in.
func (f Finding) LevelUnit() Reason {
	if f.Points {
		return reason("unit.percent")
	}
	return reason("unit.own", "unit", f.UnitName)
}

// Finding is what was found of one metric.
type Finding struct {
	Metric    string `json:"metric"`
	Name      Text   `json:"name"`
	UnitName  Text   `json:"unit"`
	Better    Better `json:"better"`
	Estimator string `json:"estimator"`
	Unit      string `json:"unitOfAnalysis"`
	Ratio     bool   `json:"ratio,omitempty" doc:"The effect is a ratio, and 1 is no effect"`
	// Points says that it is a share: levels are per cent, effects percentage points.
	Points bool     `json:"points,omitempty" doc:"Levels are per cent, and effects percentage points"`
	Before float64  `json:"before"`
	After  float64  `json:"after"`
	Main   Measured `json:"main"`
	// MDE is the smallest effect that this test would have found four times in five.
	MDE      float64 `json:"minimumDetectableEffect,omitempty"`
	HedgesG  float64 `json:"hedgesG,omitempty"`
	Workers  [2]int  `json:"workers" doc:"Comparison, with the deployment"`
	Rows     int     `json:"rows"`
	Used     int     `json:"used"`
	Missing  int     `json:"missing"`
	Balanced bool    `json:"balanced"`

	Sensitivity []Measured       `json:"sensitivity" nullable:"false"`
	Summaries   []ArmSummary     `json:"summaries" nullable:"false"`
	Checks      []SoundnessCheck `json:"checks" nullable:"false"`
	Imbalances  []Imbalance      `json:"imbalances" nullable:"false"`
	WorseOff    *WorseOff        `json:"worseOff,omitempty"`
	Quantiles   []QuantileShift  `json:"quantiles,omitempty" nullable:"false"`
	Series      []SeriesStep     `json:"series,omitempty" nullable:"false"`
	Groups      []GroupRate      `json:"groups,omitempty" nullable:"false"`
	AdjustedP   *float64         `json:"adjustedP,omitempty"`
	Notes       []Reason         `json:"notes,omitempty" nullable:"false"`
}

// ArmSummary is one arm in one period, of workers' means.
type ArmSummary struct {
	Arm     string  `json:"arm" enum:"comparison,with"`
	Period  string  `json:"period" enum:"before,after"`
	Rows    int     `json:"rows"`
	Workers int     `json:"workers"`
	Teams   int     `json:"teams,omitempty"`
	Mean    float64 `json:"mean"`
	SD      float64 `json:"standardDeviation"`
	Median  float64 `json:"median"`
	P10     float64 `json:"p10"`
	P25     float64 `json:"p25"`
	P75     float64 `json:"p75"`
	P90     float64 `json:"p90"`
}

// SoundnessCheck is a check of the design: pre_trend, sample_ratio, attrition.
type SoundnessCheck struct {
	Code      string  `json:"code"`
	OK        bool    `json:"ok"`
	Statistic float64 `json:"statistic,omitempty"`
	P         float64 `json:"p,omitempty"`
	Effect    float64 `json:"effect,omitempty"`
	Low       float64 `json:"low,omitempty"`
	High      float64 `json:"high,omitempty"`
}

// Imbalance is a standardised difference between the arms before anything began.
type Imbalance struct {
	What       string  `json:"what"`
	Difference float64 `json:"difference"`
}

// WorseOff is how many of the staff with the deployment were made worse off.
type WorseOff struct {
	Of    int `json:"of"`
	Count int `json:"count,omitempty"`
	// Share is of one; Suppressed says that the count is below the least
	// number of people that anything is said of.
	Share      float64 `json:"share,omitempty"`
	Suppressed bool    `json:"suppressed,omitempty"`
}

// QuantileShift is the effect at a quantile of the staff.
type QuantileShift struct {
	Q      float64 `json:"q"`
	Effect float64 `json:"effect"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// SeriesStep is one step of a series.
type SeriesStep struct {
	From           Date    `json:"from" format:"date"`
	People         int     `json:"people"`
	Mean           float64 `json:"mean"`
	Fitted         float64 `json:"fitted"`
	Counterfactual float64 `json:"counterfactual"`
	After          bool    `json:"after"`
}

// GroupRate is how often one group is selected, against the reference.
type GroupRate struct {
	Group      string  `json:"group"`
	People     int     `json:"people,omitempty"`
	Selected   int     `json:"selected,omitempty"`
	Rate       float64 `json:"rate,omitempty"`
	Ratio      float64 `json:"ratio,omitempty"`
	Low        float64 `json:"low,omitempty"`
	High       float64 `json:"high,omitempty"`
	P          float64 `json:"p,omitempty"`
	Reference  bool    `json:"reference,omitempty"`
	Suppressed bool    `json:"suppressed,omitempty"`
}

// SelfReport is what people said of themselves, beside what was timed and
// never pooled with it.
type SelfReport struct {
	Finding Finding `json:"finding"`
	// Gap is the self-reported effect less the one timed.
	Gap float64 `json:"gap"`
}

// Money is what hours cost, in pence a year; only the cashable part leaves a budget.
type Money struct {
	Pence           Measured `json:"pence"`
	Cashable        Measured `json:"cashable"`
	CashablePercent int      `json:"cashablePercent"`
}

// GuardState is how a guardrail came out.
type GuardState string

// The states of a guardrail.
const (
	GuardHeld        GuardState = "held"
	GuardNotSafe     GuardState = "not_shown_safe"
	GuardBreached    GuardState = "breached"
	GuardNotReported GuardState = "not_reported"
)

// GuardrailFinding is a guardrail, what was found, and how it is judged.
type GuardrailFinding struct {
	PlanGuardrail
	State   GuardState `json:"state" enum:"held,not_shown_safe,breached,not_reported"`
	Why     Reason     `json:"why"`
	Finding *Finding   `json:"finding,omitempty"`
	// Better is the metric's, and Definition the hash of its whole definition.
	Better     Better `json:"better,omitempty"`
	Definition string `json:"definition,omitempty"`
	// Over is how many workers are beyond a limit.
	Over *WorseOff `json:"over,omitempty"`
}
