package pages

import (
	"net/url"
	"strconv"
	"strings"

	"beforehand/models"
)

// planValues are the answers that make a plan.
func planValues(p models.Plan) url.Values {
	b := planWriter{v: url.Values{}}
	b.text("sentence", p.Sentence)
	b.text("population", p.Population)
	b.text("decisionRule", p.DecisionRule)
	b.float("claimed.amount", p.Claimed.Amount)
	b.tick("claimed.relative", p.Claimed.Relative)
	for name, s := range map[string]string{
		"metric": p.Metric, "design": string(p.Design), "unit": string(p.Unit), "measurement": string(p.Measurement), "checkingTime": string(p.Checking),
		"estimator": p.Estimator, "interval": p.Interval, "independent": p.Independent,
		"reading.dateForm": p.Reading.DateForm, "reading.with": p.Reading.With, "reading.comparison": p.Reading.Comparison, "reading.before": p.Reading.Before,
		"reading.after": p.Reading.After, "reading.unit": p.Reading.Unit, "reading.staffNumber": p.Reading.StaffNumber, "reading.reference": p.Reading.Reference,
	} {
		b.set(name, s)
	}
	b.tick("reading.decimalComma", p.Reading.DecimalComma)
	b.window("baseline", p.Baseline)
	b.window("observation", p.Observation)
	b.day("keepUntil", p.KeepUntil)
	b.text("sampling.frame", p.Sampling.Frame)
	b.int("sampling.size", p.Sampling.Size)
	b.int("sampling.invited[0]", p.Sampling.Invited[0])
	b.int("sampling.invited[1]", p.Sampling.Invited[1])
	b.int("sampling.dropped", p.Sampling.Dropped)
	b.tick("sampling.volunteers", p.Sampling.Volunteers)
	b.float("sampling.allocation", p.Sampling.Allocation)
	b.float("confidence", p.Confidence)
	b.int("draws", p.Draws)
	if p.Seed > 0 {
		b.set("seed", strconv.FormatUint(p.Seed, 10))
	}
	b.tick("adjustedForBaseline", p.Adjusted)
	b.int("lags", p.Lags)
	b.int("stepDays", p.StepDays)
	b.lists(p)
	if v := p.Vendor; v != nil {
		b.text("vendor.says", v.Says)
		b.set("vendor.source", v.Source)
	}
	if v := p.Volume; v != nil {
		b.float("volume.perYear", v.PerYear)
		b.set("volume.source", v.Source)
		b.float("volume.hourPence", float64(v.HourPence)/100)
		b.int("volume.cashablePercent", v.CashablePercent)
	}
	return b.v
}

type planWriter struct{ v url.Values }

func (b planWriter) set(name, s string) {
	if s != "" {
		b.v.Set(name, s)
	}
}

func (b planWriter) text(name string, t models.Text) {
	b.set(name+".en", t.En)
	b.set(name+".cy", t.Cy)
}

func (b planWriter) float(name string, f float64) {
	if f != 0 {
		b.set(name, strconv.FormatFloat(f, 'f', -1, 64))
	}
}

func (b planWriter) int(name string, n int) {
	if n != 0 {
		b.set(name, strconv.Itoa(n))
	}
}

func (b planWriter) tick(name string, yes bool) {
	if yes {
		b.set(name, "yes")
	}
}

func (b planWriter) day(name string, d models.Date) {
	if d != 0 {
		y, m, day := d.Time().Date()
		b.set(name+"-day", strconv.Itoa(day))
		b.set(name+"-month", strconv.Itoa(int(m)))
		b.set(name+"-year", strconv.Itoa(y))
	}
}

func (b planWriter) window(name string, w models.Window) {
	b.day(name+".from", w.From)
	b.day(name+".to", w.To)
}

func (b planWriter) lists(p models.Plan) {
	for i, g := range p.Guardrails {
		at := rowName("guardrails", i)
		b.set(at+".metric", g.Metric)
		b.set(at+".was", g.Metric)
		b.set(at+".kind", string(g.Kind))
		b.float(at+".margin", g.Margin)
		b.text(at+".name", g.Name)
	}
	for i, key := range p.Secondaries {
		b.set(rowName("secondaries", i), key)
	}
	for i, c := range p.Columns {
		at := rowName("columns", i)
		b.set(at+".heading", c.Heading)
		b.set(at+".role", string(c.Role))
		b.set(at+".metric", c.Metric)
		b.tick(at+".selfReport", c.SelfReport)
	}
}

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
	plain := strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "−", "-")
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
	n, err := strconv.ParseInt(strings.ReplaceAll(s, " ", ""), 10, 32)
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
