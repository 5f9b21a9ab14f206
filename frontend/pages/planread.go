package pages

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"beforehand/models"
)

// plan is the plan that the answers make. The error names every answer that
// cannot be read.
func (f planForm) plan() (models.Plan, error) {
	r := planReader{v: f.v}
	p := models.Plan{
		Sentence: r.text("sentence"), Metric: r.get("metric"), Population: r.text("population"), DecisionRule: r.text("decisionRule"),
		Claimed: models.Claimed{Amount: r.float("claimed.amount"), Relative: r.tick("claimed.relative")},
		Design:  models.ClaimDesign(r.get("design")), Unit: models.UnitOf(r.get("unit")), Measurement: models.Measurement(r.get("measurement")), Checking: models.CheckingTime(r.get("checkingTime")),
		Baseline: r.window("baseline"), Observation: r.window("observation"), KeepUntil: r.day("keepUntil"),
		Sampling: models.Sampling{
			Frame: r.text("sampling.frame"), Size: r.int("sampling.size"), Invited: [2]int{r.int("sampling.invited[0]"), r.int("sampling.invited[1]")},
			Dropped: r.int("sampling.dropped"), Volunteers: r.tick("sampling.volunteers"), Allocation: r.float("sampling.allocation"),
		},
		Estimator: r.get("estimator"), Interval: r.get("interval"), Confidence: r.float("confidence"), Draws: r.int("draws"), Seed: r.seed("seed"),
		Adjusted: r.tick("adjustedForBaseline"), Lags: r.int("lags"), StepDays: r.int("stepDays"), Independent: r.get("independent"),
		Reading: models.Reading{
			DecimalComma: r.tick("reading.decimalComma"), DateForm: r.get("reading.dateForm"), With: r.get("reading.with"), Comparison: r.get("reading.comparison"),
			Before: r.get("reading.before"), After: r.get("reading.after"), Unit: r.get("reading.unit"), StaffNumber: r.get("reading.staffNumber"), Reference: r.get("reading.reference"),
		},
	}
	r.lists(f, &p)
	if vendor := (models.VendorFigure{Says: r.text("vendor.says"), Source: r.get("vendor.source")}); vendor != (models.VendorFigure{}) {
		p.Vendor = &vendor
	}
	volume := models.Volume{PerYear: r.float("volume.perYear"), Source: r.get("volume.source"), HourPence: r.pence("volume.hourPence"), CashablePercent: r.int("volume.cashablePercent")}
	if volume != (models.Volume{}) {
		p.Volume = &volume
	}
	return p, r.faults.Err()
}

type planReader struct {
	v      url.Values
	faults models.Faults
}

func (r *planReader) get(name string) string { return r.v.Get(name) }

func (r *planReader) tick(name string) bool { return r.v.Get(name) == "yes" }

func (r *planReader) text(name string) models.Text {
	return models.Text{En: r.get(name + ".en"), Cy: r.get(name + ".cy")}
}

// float reads a number; a comma stands for the point where there is no other.
func (r *planReader) float(name string) float64 {
	s := r.get(name)
	if s == "" {
		return 0
	}
	plain := withoutThousands(strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "−", "-"))
	if !strings.Contains(plain, ".") && strings.Count(plain, ",") == 1 {
		plain = strings.Replace(plain, ",", ".", 1)
	}
	n, err := strconv.ParseFloat(plain, 64)
	if err != nil || n-n != 0 {
		r.faults.Add(name, "not_a_number", "value", s)
		return 0
	}
	return n
}

func (r *planReader) int(name string) int {
	s := r.get(name)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(withoutThousands(strings.ReplaceAll(s, " ", "")), 10, 32)
	if err != nil {
		r.faults.Add(name, "not_a_number", "value", s)
	}
	return int(n)
}

func (r *planReader) seed(name string) uint64 {
	s := r.get(name)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		r.faults.Add(name, "not_a_number", "value", s)
	}
	return n
}

// pence reads pounds.
func (r *planReader) pence(name string) int64 {
	n := r.float(name) * 100
	if n < -1e12 || n > 1e12 {
		r.faults.Add(name, "not_a_number", "value", r.get(name))
		return 0
	}
	return int64(n + 0.5)
}

func (r *planReader) day(name string) models.Date { return dayTyped(&r.faults, r.v, name) }

func (r *planReader) window(name string) models.Window {
	return models.Window{From: r.day(name + ".from"), To: r.day(name + ".to")}
}

func (r *planReader) lists(f planForm, p *models.Plan) {
	for i := range f.used("guardrails") {
		at := rowName("guardrails", i)
		g := models.PlanGuardrail{Metric: r.get(at + ".metric"), Kind: models.GuardKind(r.get(at + ".kind")), Margin: r.float(at + ".margin")}
		if r.get(at+".was") == g.Metric {
			g.Name = r.text(at + ".name") // the name is that of the metric it was given for
		}
		p.Guardrails = append(p.Guardrails, g)
	}
	for i := range f.used("secondaries") {
		p.Secondaries = append(p.Secondaries, r.get(rowName("secondaries", i)))
	}
	for i := range f.used("columns") {
		at := rowName("columns", i)
		p.Columns = append(p.Columns, models.Column{Heading: r.get(at + ".heading"), Role: models.ColumnRole(r.get(at + ".role")), Metric: r.get(at + ".metric"), SelfReport: r.tick(at + ".selfReport")})
	}
}

// thousands is a number whose commas stand between thousands: "1,200". One that
// begins with nought has a comma for its point: "0,125".
var thousands = regexp.MustCompile(`^-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$`)

func withoutThousands(s string) string {
	if thousands.MatchString(s) {
		return strings.ReplaceAll(s, ",", "")
	}
	return s
}
