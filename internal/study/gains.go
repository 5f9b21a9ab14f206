package study

import (
	"math"
	"reflect"
	"strconv"

	"beforehand/internal/evidence"
	"beforehand/models"
)

// secondaries are judged together: with many looks, some would find something
// by chance (Benjamini & Hochberg 1995).
func (a *analysis) secondaries(res *models.Result) error {
	var p []float64
	for _, key := range a.Plan.Secondaries {
		f, err := a.find(key, "", string(evidence.IntervalT), false)
		if why, refused := Why(err); refused {
			res.Secondaries = append(res.Secondaries, models.Finding{
				Metric: key, Name: a.Metrics[key].Name, UnitName: a.Metrics[key].Unit, Notes: []models.Reason{why},
				Sensitivity: []models.Measured{}, Summaries: []models.ArmSummary{}, Checks: []models.SoundnessCheck{}, Imbalances: []models.Imbalance{},
			})
			continue
		}
		if err != nil {
			return err
		}
		res.Secondaries = append(res.Secondaries, f)
		if f.Main.P > 0 {
			p = append(p, f.Main.P)
		}
	}
	adjusted := evidence.BenjaminiHochberg(p)
	n := 0
	for i := range res.Secondaries {
		if res.Secondaries[i].Rows > 0 && res.Secondaries[i].Main.P > 0 {
			res.Secondaries[i].AdjustedP = &adjusted[n]
			n++
		}
	}
	return nil
}

// selfReport works out what people said of themselves, and the gap to what was timed.
func (a *analysis) selfReport(res *models.Result) error {
	if a.column(a.Plan.Metric, true) < 0 {
		return nil
	}
	f, err := a.find(a.Plan.Metric, a.Plan.Estimator, a.Plan.Interval, true)
	if _, refused := Why(err); refused {
		a.unsaid = true
		return nil
	}
	if err == nil {
		res.SelfReport = &models.SelfReport{Finding: f, Gap: f.Main.Effect - res.Primary.Main.Effect}
	}
	return err
}

// gains turns minutes into hours and money of the sampled staff, the interval
// carried through, and no further than them. What is a ratio or no time at work
// gives none.
func (a *analysis) gains(res *models.Result) {
	m, v := a.Metrics[a.Plan.Metric], a.Plan.Volume
	if v == nil || m.MinutesEach == 0 || res.Primary.Ratio {
		return
	}
	gain, ok := res.Primary.Gain(models.Claimed{})
	if !ok {
		return
	}
	e := evidence.Scale(evidence.Estimate{Effect: gain.Effect, Low: gain.Low, High: gain.High, Method: gain.Method}, v.PerYear, m.MinutesEach)
	hours := measured(e)
	res.Hours = &hours
	seen := a.all.yearly()
	res.Scenario = seen > 0 && v.PerYear > farBeyond*seen
	if v.HourPence > 0 {
		pence := e.Times(float64(v.HourPence))
		res.Money = &models.Money{
			Pence: measured(pence), Cashable: measured(pence.Times(float64(v.CashablePercent) / 100)), CashablePercent: v.CashablePercent,
		}
	}
}

// farBeyond is how many times what the rows show a year's volume may be before
// its hours are a scenario.
const farBeyond = 2

// yearly is how much work the rows of the observation show of those with the
// deployment, as if it went on for a year; 0 when there are no dates.
func (r *Rows) yearly() float64 {
	work, first, last := 0.0, models.Date(0), models.Date(0)
	for i, d := range r.date {
		if r.period[i] != 1 || r.arm[i] == 0 || d == 0 {
			continue
		}
		if !math.IsNaN(r.volume[i]) {
			work += r.volume[i]
		}
		if first == 0 || d < first {
			first = d
		}
		last = max(last, d)
	}
	if first == 0 {
		return 0
	}
	return work * 365 / float64(last-first+1)
}

// muchMissing is the share of missing values from which it is said, and a
// difference between the arms that is said whatever the share.
const muchMissing = 0.05

// limitations are what the figure cannot say, the plan's own first.
func (a *analysis) limitations(res models.Result) []models.Reason {
	out := []models.Reason{}
	say := func(when bool, code string, pairs ...any) {
		if when {
			out = append(out, why("limit."+code, pairs...))
		}
	}
	p := a.Plan
	last := a.rows.last(p.Design.Arms() && p.Design != models.DesignStepped) // with steps, the comparison ends by itself
	if last == 0 {
		last = a.ReadOn // without dates, no row is of a day after it was sent
	}
	say(last != 0 && last.AddDays(slack) < p.Observation.To, "window_unfinished", "last", last, "until", p.Observation.To)
	for period, w := range []models.Window{p.Baseline, p.Observation} {
		days := a.rows.span(int8(period))
		say(w != models.Window{} && days > 0 && days < models.LeastWindow-slack, "rows_span", "days", days, "least", models.LeastWindow, "period", models.Reason{Code: "period." + []string{"before", "after"}[period]})
	}
	say(!a.LockedFirst, "locked_late")
	say(a.Replaced > 0, "rows_replaced", "count", a.Replaced)
	say(p.Sampling.Volunteers, "volunteers")
	say(p.Measurement == "diary", "diary")
	say(p.Checking == models.CheckingExcluded, "checking_excluded")
	column := a.column(res.Primary.Metric, false)
	without, n0 := a.rows.missing(column, 0)
	with, n1 := a.rows.missing(column, 1)
	say(n0 > 0 && without > muchMissing || n1 > 0 && with > muchMissing || n0 > 0 && n1 > 0 && math.Abs(with-without) > muchMissing,
		"values_missing", "with", math.Round(with*100), "without", math.Round(without*100))
	say(res.Data.Outside > 0, "rows_outside", "count", res.Data.Outside)
	say(p.Sampling.Dropped > 0, "dropped", "count", p.Sampling.Dropped)
	for _, c := range res.Primary.Checks {
		say(!c.OK, c.Code+"_failed", "p", c.P)
	}
	say(res.Hours != nil && !res.Scenario, "sampled_only")
	say(res.Scenario, "scenario", "seen", a.all.yearly())
	say(a.unsaid, "self_report_unsaid")
	return append(out, res.Primary.Notes...)
}

// slack is how many days before its end a window's last row may lie: weekends
// and bank holidays have none.
const slack = 5

// round takes every figure of a result to twelve significant digits: what is
// beyond them differs from machine to machine and means nothing.
func round(res *models.Result) { roundIn(reflect.ValueOf(res).Elem()) }

// nought is what is too small to be told from no effect, in any unit that
// people measure in: sums of rounded values leave as much behind.
const nought = 1e-12

func roundIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.Float64:
		v.SetFloat(digits(v.Float()))
	case reflect.Pointer:
		if !v.IsNil() {
			roundIn(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i)
			switch v.Type().Field(i).Name {
			case "Effect", "Low", "High":
				if math.Abs(f.Float()) < nought {
					f.SetFloat(0)
				}
			}
			roundIn(f)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			roundIn(v.Index(i))
		}
	case reflect.Map:
		if p, ok := v.Interface().(models.Params); ok {
			for k, x := range p {
				if f, isFloat := x.(float64); isFloat {
					p[k] = digits(f)
				}
			}
		}
	default: // nothing else holds a figure
	}
}

func digits(f float64) float64 {
	if f == 0 || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	r, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 12, 64), 64)
	if err != nil {
		return f
	}
	return r
}
