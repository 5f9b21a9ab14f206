package models

import (
	"slices"
	"strings"
)

// Plan is how a claim will be put to the test: everything that is fixed before
// the first look at the data (domain section 7). Locked, it is frozen and hashed.
type Plan struct {
	// Sentence is the claim itself: one sentence that can be measured.
	Sentence Text `json:"sentence"`

	Metric     string  `json:"metric" maxLength:"60" doc:"Key of the primary metric, of which there is one"`
	Population Text    `json:"population" doc:"Whose work it is"`
	Claimed    Claimed `json:"claimed"`
	// Vendor is what the supplier says. It stands beside the result, never in it.
	Vendor *VendorFigure `json:"vendor,omitempty"`

	Design      ClaimDesign `json:"design" enum:"randomised_task,randomised_staff,stepped,difference_in_differences,interrupted_series,matched,paired,before_after,survey,vendor_stated"`
	Baseline    Window      `json:"baseline,omitzero"`
	Observation Window      `json:"observation,omitzero"`
	Unit        UnitOf      `json:"unit" enum:"worker,team,row" doc:"What is compared: workers' means, teams' means, or single rows such as applicants"`
	Sampling    Sampling    `json:"sampling"`
	Measurement Measurement `json:"measurement" enum:"system_timestamps,observed,diary,survey,estimate"`
	// Checking says whether checking and editing time is in the figure.
	Checking CheckingTime `json:"checkingTime" enum:"included,excluded,not_applicable"`

	Estimator  string  `json:"estimator,omitempty" enum:"mean,median,trimmed_mean,hodges_lehmann,log_ratio,share" doc:"Default: mean, or share for a share"`
	Interval   string  `json:"interval,omitempty" enum:"t,bca,bootstrap_t,newcombe" doc:"Default: what the design is known to hold with"`
	Confidence float64 `json:"confidence,omitempty" minimum:"0.95" maximum:"0.99" doc:"Default 0.95"`
	Draws      int     `json:"draws,omitempty" minimum:"500" maximum:"100000" doc:"Draws of a bootstrap, default 2,000"`
	Seed       uint64  `json:"seed,omitempty" maximum:"9007199254740991" doc:"Seed of the draws: the same seed gives the same digits"`
	Adjusted   bool    `json:"adjustedForBaseline,omitempty" doc:"Randomised staff: adjust for each worker's baseline"`
	Lags       int     `json:"lags,omitempty" minimum:"0" maximum:"60" doc:"Interrupted series: lags of the errors, 0 for the rule"`
	StepDays   int     `json:"stepDays,omitempty" minimum:"1" maximum:"92" doc:"Days in a step of a series, default 7"`

	Guardrails   []PlanGuardrail `json:"guardrails,omitempty" maxItems:"20" nullable:"false"`
	Secondaries  []string        `json:"secondaries,omitempty" maxItems:"20" nullable:"false" doc:"Keys of other metrics, judged together (Benjamini–Hochberg)"`
	DecisionRule Text            `json:"decisionRule" doc:"What will be done on which result"`

	Columns []Column `json:"columns,omitempty" maxItems:"60" nullable:"false"`
	Reading Reading  `json:"reading,omitzero" doc:"How the file is written"`

	// Volume is how many units of the metric's work the sampled staff do in a
	// year: a gain in minutes times it is hours.
	Volume *Volume `json:"volume,omitempty"`
	// Independent names who works it out, when they are independent of the
	// employer and the supplier.
	Independent string `json:"independent,omitempty" maxLength:"200"`
	// KeepUntil is the day on which the rows are purged; their hash stays.
	KeepUntil Date `json:"keepUntil,omitzero" format:"date"`
}

// FrozenPlan is a plan as it is locked: with the definitions of its metrics, so
// that nothing it means can change.
type FrozenPlan struct {
	Plan
	Metrics []Metric `json:"metrics" nullable:"false"`
}

// ByKey are the frozen definitions by key.
func (p FrozenPlan) ByKey() map[string]Metric {
	out := make(map[string]Metric, len(p.Metrics))
	for _, m := range p.Metrics {
		out[m.Key] = m
	}
	return out
}

// Freeze puts the definitions that a plan names beside it, by key.
func (p Plan) Freeze(metrics map[string]Metric) FrozenPlan {
	seen := map[string]bool{}
	out := FrozenPlan{Plan: p, Metrics: []Metric{}}
	for _, key := range p.MetricKeys() {
		if m, ok := metrics[key]; ok && !seen[key] {
			seen[key] = true
			out.Metrics = append(out.Metrics, m)
		}
	}
	slices.SortFunc(out.Metrics, func(a, b Metric) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// ClaimDesign is the design of a claim's test.
type ClaimDesign string

// The designs of domain section 7.
const (
	DesignRandomisedTask  ClaimDesign = "randomised_task"
	DesignRandomisedStaff ClaimDesign = "randomised_staff"
	DesignStepped         ClaimDesign = "stepped"
	DesignDifference      ClaimDesign = "difference_in_differences"
	DesignSeries          ClaimDesign = "interrupted_series"
	DesignMatched         ClaimDesign = "matched"
	DesignPaired          ClaimDesign = "paired"
	DesignBeforeAfter     ClaimDesign = "before_after"
	DesignSurvey          ClaimDesign = "survey"
	DesignVendor          ClaimDesign = "vendor_stated"
)

// The closed lists of a plan.
var (
	ClaimDesigns = []ClaimDesign{
		DesignRandomisedTask, DesignRandomisedStaff, DesignStepped, DesignDifference, DesignSeries,
		DesignMatched, DesignPaired, DesignBeforeAfter, DesignSurvey, DesignVendor,
	}
	Units        = []UnitOf{"worker", "team", "row"}
	Measurements = []Measurement{"system_timestamps", "observed", "diary", "survey", "estimate"}
	Estimators   = []string{"mean", "median", "trimmed_mean", "hodges_lehmann", "log_ratio", "share"}
	Intervals    = []string{"t", "bca", "bootstrap_t", "newcombe"}
	GuardKinds   = []GuardKind{GuardMargin, GuardLimit, GuardRatio}
	ColumnRoles  = []ColumnRole{
		RoleOfWorker, RoleOfTeam, RoleOfArm, RoleOfPeriod, RoleOfDate, RoleOfValue, RoleOfVolume,
		RoleOfLanguage, RoleOfGroup, RoleOfPair, RoleOfUnit,
	}
	DateForms = []string{"yyyy-mm-dd", "dd/mm/yyyy", "dd.mm.yyyy"}
)

// UnitOf is the unit of analysis.
type UnitOf string

// Measurement is how a figure is come by.
type Measurement string

// Claimed is the size of the gain that the claim states, in the metric's unit
// or, when relative, in per cent of what it was before. It is positive: the
// metric says which way is better.
type Claimed struct {
	Amount   float64 `json:"amount" minimum:"0"`
	Relative bool    `json:"relative,omitempty" doc:"The amount is per cent of the baseline"`
}

// VendorFigure is a supplier's own figure: grade E0, and never pooled.
type VendorFigure struct {
	Says   Text   `json:"says"`
	Source string `json:"source" maxLength:"2000"`
}

// Window is a span of civil days, both ends in it.
type Window struct {
	From Date `json:"from" format:"date"`
	To   Date `json:"to" format:"date"`
}

// Holds says whether a day lies in the window.
func (w Window) Holds(d Date) bool { return d != 0 && d >= w.From && d <= w.To }

// Days is how many days the window has.
func (w Window) Days() int { return int(w.To-w.From) + 1 }

// Sampling says who could have taken part, and who did.
type Sampling struct {
	Frame      Text   `json:"frame" doc:"Whom the sample was drawn from"`
	Size       int    `json:"size,omitempty" minimum:"0" doc:"People in the frame"`
	Invited    [2]int `json:"invited,omitempty" doc:"People invited or assigned: comparison, with the deployment"`
	Dropped    int    `json:"dropped,omitempty" minimum:"0"`
	Volunteers bool   `json:"volunteers,omitempty" doc:"People chose for themselves to take part"`
	// Allocation is the planned share of units with the deployment, when randomised.
	Allocation float64 `json:"allocation,omitempty" minimum:"0" maximum:"1"`
}

// GuardKind is how a guardrail is judged.
type GuardKind string

// The kinds of guardrail.
const (
	// GuardMargin holds when the interval of the change excludes the margin.
	GuardMargin GuardKind = "margin"
	// GuardLimit holds when no worker's mean with the deployment is beyond the limit.
	GuardLimit GuardKind = "limit"
	// GuardRatio holds when no group is selected at less than this share of the
	// rate of the group selected most, its interval counted.
	GuardRatio GuardKind = "selection_ratio"
)

// PlanGuardrail is a limit set beforehand that must hold whatever the gain.
type PlanGuardrail struct {
	Metric string    `json:"metric" maxLength:"60" doc:"Key of a metric"`
	Name   Text      `json:"name"`
	Kind   GuardKind `json:"kind" enum:"margin,limit,selection_ratio"`
	// Margin is in the metric's unit, for a share in percentage points; a
	// selection ratio's is the least ratio, such as 0.8.
	Margin float64 `json:"margin" minimum:"0"`
}

// ColumnRole is what a column of the data is for.
type ColumnRole string

// The roles of a column. Constants are named RoleOf so that nobody takes them
// for roles of people.
const (
	RoleOfWorker   ColumnRole = "worker" // a pseudonym
	RoleOfTeam     ColumnRole = "team"
	RoleOfArm      ColumnRole = "arm"
	RoleOfPeriod   ColumnRole = "period"
	RoleOfDate     ColumnRole = "date"
	RoleOfValue    ColumnRole = "value" // of the metric named
	RoleOfVolume   ColumnRole = "volume"
	RoleOfLanguage ColumnRole = "language"
	RoleOfGroup    ColumnRole = "group"
	RoleOfPair     ColumnRole = "pair"
	RoleOfUnit     ColumnRole = "unit" // the unit that the row's values are in
)

// Column says what the column under a heading is. A file may hold no column
// that the plan does not name.
type Column struct {
	Heading string     `json:"heading" maxLength:"200"`
	Role    ColumnRole `json:"role" enum:"worker,team,arm,period,date,value,volume,language,group,pair,unit"`
	// Metric is the metric whose values the column holds.
	Metric string `json:"metric,omitempty" maxLength:"60"`
	// SelfReport marks values that people gave of themselves: never pooled with
	// timings, and the gap between the two is shown.
	SelfReport bool `json:"selfReport,omitempty"`
}

// Reading says how the file is written.
type Reading struct {
	DecimalComma bool   `json:"decimalComma,omitempty" doc:"12,5 is twelve and a half"`
	DateForm     string `json:"dateForm,omitempty" enum:"yyyy-mm-dd,dd/mm/yyyy,dd.mm.yyyy" doc:"Default yyyy-mm-dd"`
	// With and Comparison are the words of the arm column; Before and After those of the period column.
	With       string `json:"with,omitempty" maxLength:"60" doc:"Default: with"`
	Comparison string `json:"comparison,omitempty" maxLength:"60" doc:"Default: comparison"`
	Before     string `json:"before,omitempty" maxLength:"60" doc:"Default: before"`
	After      string `json:"after,omitempty" maxLength:"60" doc:"Default: after"`
	// Unit is the word that a unit column must hold in every row.
	Unit string `json:"unit,omitempty" maxLength:"60"`
	// StaffNumber is a pattern (RE2) of the employer's own staff numbers, to be refused.
	StaffNumber string `json:"staffNumber,omitempty" maxLength:"200"`
	// Reference is the group that a selection ratio is taken against; "" is the one selected most.
	Reference string `json:"reference,omitempty" maxLength:"100"`
}

// Words are the reading with what is left out filled in.
func (r Reading) Words() Reading {
	for _, d := range []struct {
		to   *string
		word string
	}{{&r.DateForm, "yyyy-mm-dd"}, {&r.With, "with"}, {&r.Comparison, "comparison"}, {&r.Before, "before"}, {&r.After, "after"}} {
		if *d.to == "" {
			*d.to = d.word
		}
	}
	return r
}

// Volume turns minutes into hours and money for the sampled frame, and no further.
type Volume struct {
	PerYear float64 `json:"perYear" minimum:"0" doc:"Units of work that the sampled staff do in a year"`
	Source  string  `json:"source" maxLength:"500"`
	// HourPence is what an hour costs; cashable is the share of it that leaves a budget.
	HourPence       int64 `json:"hourPence,omitempty" minimum:"0" doc:"Cost of an hour, in pence"`
	CashablePercent int   `json:"cashablePercent,omitempty" minimum:"0" maximum:"100" doc:"Share of the money that leaves a budget; the rest is time"`
}
