package pages

import (
	"net/url"
	"strconv"

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
