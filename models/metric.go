package models

import "math"

// farthest is beyond anything that people measure: sums of such values still
// tell one from another.
const farthest = 1e12

// MetricKind is what sort of number a metric is.
type MetricKind string

// The kinds of metric.
const (
	MetricDuration MetricKind = "duration" // time a piece of work takes: positive and skewed
	MetricCount    MetricKind = "count"    // how many, or how many for each
	MetricShare    MetricKind = "share"    // each row is yes (1) or no (0)
	MetricScore    MetricKind = "score"    // an answer on a scale
)

// MetricKinds are all of them.
var MetricKinds = []MetricKind{MetricDuration, MetricCount, MetricShare, MetricScore}

// Better is the direction in which a metric gets better.
type Better string

// The directions.
const (
	LowerIsBetter  Better = "lower"
	HigherIsBetter Better = "higher"
)

// CheckingTime says whether the time spent checking and editing what the
// deployment put out is in the figure (domain section 7).
type CheckingTime string

// What can be said of checking time.
const (
	CheckingIncluded CheckingTime = "included"
	CheckingExcluded CheckingTime = "excluded"
	CheckingNone     CheckingTime = "not_applicable"
)

// CheckingTimes are all that can be said of it.
var CheckingTimes = []CheckingTime{CheckingIncluded, CheckingExcluded, CheckingNone}

// Metric is the definition of something measured. It is bilingual, and the
// unions read it before anything is collected.
type Metric struct {
	Key    string     `json:"key" maxLength:"60" doc:"Small letters, digits and underscores"`
	Name   Text       `json:"name"`
	Unit   Text       `json:"unit" doc:"What one of it is called, such as minutes a note"`
	Kind   MetricKind `json:"kind" enum:"duration,count,share,score"`
	Better Better     `json:"better" enum:"lower,higher"`
	// Captured and NotCaptured say what the figure holds and what it leaves out.
	Captured    Text         `json:"captured"`
	NotCaptured Text         `json:"notCaptured"`
	Source      Text         `json:"source" doc:"The system that the figures come from"`
	Checking    CheckingTime `json:"checkingTime" enum:"included,excluded,not_applicable"`
	// MinutesEach is how many minutes of staff time one of the unit is; 0 when
	// the metric is not time at work.
	MinutesEach float64 `json:"minutesEach,omitempty" minimum:"0" doc:"Minutes of staff time in one of the unit; none when it is not time at work"`
	// Min and Max bound what is possible, in the unit; a value beyond them refuses a file.
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
	// Guardrails are the keys of metrics that should be watched beside it.
	Guardrails []string `json:"guardrails,omitempty" nullable:"false"`
}

// Possible says whether a value can be one of this metric.
func (m Metric) Possible(v float64) bool {
	if m.Kind == MetricShare && v != 0 && v != 1 || math.Abs(v) > farthest {
		return false
	}
	return (m.Min == nil || v >= *m.Min) && (m.Max == nil || v <= *m.Max)
}
