package models

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// The least that a plan must have (domain section 7).
const (
	// LeastWindow is days in a baseline or an observation window: four weeks.
	LeastWindow = 28
	// LeastGuardrails is how many guardrails a plan sets beforehand.
	LeastGuardrails = 3
	// LongestKept is how long rows may be kept after the observation ends, in days.
	LongestKept = 3 * 366
)

// Check says what is wrong with a plan as far as it has been filled in, one
// entry a field: a draft may lack anything. metrics are the definitions by key.
func (p Plan) Check(metrics map[string]Metric) error {
	var f Faults
	p.lists(&f)
	p.numbers(&f)
	for path, key := range p.MetricKeys() {
		if key != "" {
			if _, ok := metrics[key]; !ok {
				f.Add(path, "unknown_metric", "value", key)
			}
		}
	}
	p.columns(&f)
	for _, w := range []struct {
		path string
		Window
	}{{"baseline", p.Baseline}, {"observation", p.Observation}} {
		if w.Window != (Window{}) && (w.From == 0 || w.To == 0 || w.To < w.From) {
			f.Add(w.path, "date_order")
		}
	}
	for l, t := range map[string]string{"sentence.en": p.Sentence.En, "sentence.cy": p.Sentence.Cy} {
		CheckText(&f, l, t, 300)
	}
	if p.Sentence == (Text{}) {
		f.Add("sentence", "required")
	}
	for path, t := range map[string]Text{"population": p.Population, "decisionRule": p.DecisionRule, "sampling.frame": p.Sampling.Frame} {
		CheckText(&f, path+".en", t.En, 5000)
		CheckText(&f, path+".cy", t.Cy, 5000)
	}
	return f.Err()
}

// MetricKeys are the metrics that the plan names, by where it names them.
func (p Plan) MetricKeys() map[string]string {
	keys := map[string]string{"metric": p.Metric}
	for i, g := range p.Guardrails {
		keys[at("guardrails", i, "metric")] = g.Metric
	}
	for i, k := range p.Secondaries {
		keys["secondaries["+strconv.Itoa(i)+"]"] = k
	}
	for i, c := range p.Columns {
		if c.Metric != "" {
			keys[at("columns", i, "metric")] = c.Metric
		}
	}
	return keys
}

func (p Plan) lists(f *Faults) {
	oneOf(f, "design", p.Design, ClaimDesigns)
	oneOf(f, "unit", p.Unit, Units)
	oneOf(f, "measurement", p.Measurement, Measurements)
	oneOf(f, "checkingTime", p.Checking, CheckingTimes)
	oneOf(f, "estimator", p.Estimator, Estimators)
	oneOf(f, "interval", p.Interval, Intervals)
	oneOf(f, "reading.dateForm", p.Reading.DateForm, DateForms)
	seen := map[string]bool{}
	for i, g := range p.Guardrails {
		known(f, at("guardrails", i, "kind"), g.Kind, GuardKinds)
		key := g.Metric + "/" + string(g.Kind)
		if seen[key] {
			f.Add(at("guardrails", i, "metric"), "duplicate", "value", g.Metric)
		}
		seen[key] = true
	}
	for i, k := range p.Secondaries {
		if k == p.Metric || slices.Contains(p.Secondaries[:i], k) {
			f.Add("secondaries["+strconv.Itoa(i)+"]", "duplicate", "value", k)
		}
	}
	CheckText(f, "reading.staffNumber", p.Reading.StaffNumber, 200)
}

// within checks a number against bounds; what is not a number is out of them.
func within(f *Faults, path string, v, least, most float64) {
	if math.IsNaN(v) || v < least || v > most {
		f.Add(path, "out_of_range", "min", least, "max", most)
	}
}

func (p Plan) numbers(f *Faults) {
	within(f, "claimed.amount", p.Claimed.Amount, 0, 1e9)
	if p.Claimed.Relative {
		within(f, "claimed.amount", p.Claimed.Amount, 0, 100)
	}
	if p.Confidence != 0 {
		within(f, "confidence", p.Confidence, 0.95, 0.99)
	}
	if p.Draws != 0 {
		within(f, "draws", float64(p.Draws), 500, 100_000)
	}
	if p.Seed > 1<<53-1 {
		f.Add("seed", "out_of_range", "min", 0, "max", 1<<53-1)
	}
	within(f, "lags", float64(p.Lags), 0, 60)
	within(f, "stepDays", float64(p.StepDays), 0, 92)
	within(f, "sampling.allocation", p.Sampling.Allocation, 0, 1)
	for i, g := range p.Guardrails {
		least, most := 0.0, 1e9
		if g.Kind == GuardRatio {
			least, most = 0.5, 1
		}
		within(f, at("guardrails", i, "margin"), g.Margin, least, most)
	}
	for path, n := range map[string]int{"sampling.size": p.Sampling.Size, "sampling.dropped": p.Sampling.Dropped, "sampling.invited[0]": p.Sampling.Invited[0], "sampling.invited[1]": p.Sampling.Invited[1]} {
		nonNegative(f, path, n)
	}
	if v := p.Volume; v != nil {
		within(f, "volume.perYear", v.PerYear, 0, 1e12)
		within(f, "volume.hourPence", float64(v.HourPence), 0, 1e9)
		within(f, "volume.cashablePercent", float64(v.CashablePercent), 0, 100)
		needed(f, "volume.source", v.Source)
	}
}

// columns checks that each role is there once, and each value column has a metric.
func (p Plan) columns(f *Faults) {
	heads, roles := map[string]bool{}, map[string]bool{}
	for i, c := range p.Columns {
		head := strings.ToLower(strings.TrimSpace(c.Heading))
		if head == "" {
			f.Add(at("columns", i, "heading"), "required")
		} else if heads[head] {
			f.Add(at("columns", i, "heading"), "duplicate", "value", c.Heading)
		}
		heads[head] = true
		CheckText(f, at("columns", i, "heading"), c.Heading, 200)
		known(f, at("columns", i, "role"), c.Role, ColumnRoles)
		if (c.Role == RoleOfValue) != (c.Metric != "") {
			f.Add(at("columns", i, "metric"), "column_metric")
		}
		key := string(c.Role) + "/" + c.Metric
		if c.SelfReport {
			key += "/self"
		}
		if roles[key] {
			f.Add(at("columns", i, "role"), "duplicate", "value", string(c.Role))
		}
		roles[key] = true
		if c.SelfReport && (c.Role != RoleOfValue || c.Metric != p.Metric) {
			f.Add(at("columns", i, "selfReport"), "self_report_metric")
		}
	}
}

// Has says whether the file has a column of a role.
func (p Plan) Has(role ColumnRole) bool {
	return slices.ContainsFunc(p.Columns, func(c Column) bool { return c.Role == role })
}

// Arms says whether the design compares staff with the deployment to others.
func (d ClaimDesign) Arms() bool {
	return slices.Contains([]ClaimDesign{DesignRandomisedTask, DesignRandomisedStaff, DesignStepped, DesignDifference, DesignMatched}, d)
}

// NeedsBaseline says whether the design rests on a baseline window.
func (d ClaimDesign) NeedsBaseline() bool {
	return slices.Contains([]ClaimDesign{DesignDifference, DesignSeries, DesignPaired, DesignBeforeAfter}, d)
}

// Lockable says what a plan still lacks before it can be locked, one entry a
// field. A vendor's figure needs no rows, and so no windows and no columns.
func (p Plan) Lockable(metrics map[string]Metric) error {
	if err := p.Check(metrics); err != nil {
		return err
	}
	var f Faults
	p.said(&f)
	if p.Design != DesignVendor {
		p.windows(&f)
		p.rows(&f)
		p.guardrailsLockable(&f)
		if p.Design.Randomised() {
			if p.Sampling.Invited[0] == 0 || p.Sampling.Invited[1] == 0 {
				f.Add("sampling.invited", "required")
			}
			if p.Sampling.Allocation <= 0 || p.Sampling.Allocation >= 1 {
				f.Add("sampling.allocation", "required")
			}
		}
		if p.KeepUntil == 0 {
			f.Add("keepUntil", "required")
		} else if p.Observation.To != 0 && (p.KeepUntil <= p.Observation.To || p.KeepUntil > p.Observation.To.AddDays(LongestKept)) {
			f.Add("keepUntil", "out_of_range", "min", p.Observation.To.AddDays(1).String(), "max", p.Observation.To.AddDays(LongestKept).String())
		}
	}
	return f.Err()
}

// guardrailsLockable asks for guardrails of metrics of their own: the claim
// itself is none.
func (p Plan) guardrailsLockable(f *Faults) {
	metrics := map[string]bool{}
	for i, g := range p.Guardrails {
		metrics[g.Metric] = true
		if g.Metric == p.Metric {
			f.Add(at("guardrails", i, "metric"), "guardrail_is_claim")
		}
	}
	if len(metrics) < LeastGuardrails {
		f.Add("guardrails", "too_few", "min", LeastGuardrails)
	}
}

func (p Plan) said(f *Faults) {
	for _, need := range []struct {
		path  string
		there bool
	}{
		{"metric", p.Metric != ""},
		{"population", p.Population != Text{}},
		{"claimed.amount", p.Claimed.Amount > 0},
		{"design", p.Design != ""},
		{"unit", p.Unit != "" || p.Design == DesignVendor},
		{"measurement", p.Measurement != "" || p.Design == DesignVendor},
		{"checkingTime", p.Checking != ""},
		{"sampling.frame", p.Sampling.Frame != Text{} || p.Design == DesignVendor},
		{"decisionRule", p.DecisionRule != Text{}},
		{"vendor", p.Vendor != nil || p.Design != DesignVendor},
	} {
		if !need.there {
			f.Add(need.path, "required")
		}
	}
}

// windows are four weeks at least, and one is over before the other begins.
func (p Plan) windows(f *Faults) {
	for _, w := range []struct {
		path   string
		needed bool
		Window
	}{{"baseline", p.Design.NeedsBaseline(), p.Baseline}, {"observation", true, p.Observation}} {
		switch {
		case w.Window == (Window{}):
			if w.needed {
				f.Add(w.path, "required")
			}
		case w.Days() < LeastWindow:
			f.Add(w.path, "window_short", "min", LeastWindow, "days", w.Days())
		}
	}
	if p.Baseline != (Window{}) && p.Observation != (Window{}) && p.Baseline.To >= p.Observation.From {
		f.Add("observation", "windows_overlap")
	}
}

// rows are the columns without which the design cannot be worked out.
func (p Plan) rows(f *Faults) {
	if len(p.Columns) == 0 {
		f.Add("columns", "required")
		return
	}
	lack := func(role ColumnRole, when bool) {
		if when && !p.Has(role) {
			f.Add("columns", "column_missing", "role", reason("column."+string(role)))
		}
	}
	lack(RoleOfWorker, p.Unit != "row")
	lack(RoleOfTeam, p.Unit == "team")
	lack(RoleOfArm, p.Design.Arms())
	lack(RoleOfPair, p.Design == DesignMatched)
	lack(RoleOfGroup, slices.ContainsFunc(p.Guardrails, func(g PlanGuardrail) bool { return g.Kind == GuardRatio }))
	lack(RoleOfDate, p.Design == DesignSeries || p.Design == DesignStepped || !p.Has(RoleOfPeriod))
	for path, key := range p.MetricKeys() {
		if key != "" && !strings.HasPrefix(path, "columns") && !p.Measures(key) {
			f.Add(path, "metric_without_column", "value", key)
		}
	}
}

// Measures says whether a column holds a metric's values.
func (p Plan) Measures(key string) bool {
	return slices.ContainsFunc(p.Columns, func(c Column) bool { return c.Role == RoleOfValue && c.Metric == key && !c.SelfReport })
}
