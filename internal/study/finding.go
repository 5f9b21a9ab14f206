package study

import (
	"beforehand/internal/evidence"
	"beforehand/models"
)

// armNames and periodNames are what the numbers of the statistics are called.
var (
	armNames    = map[int8]string{0: "comparison", 1: "with", -1: "with"}
	periodNames = map[int8]string{0: "before", 1: "after", -1: "after"}
)

// finding says an analysis in the metric's unit. Shares are said in percentage points.
func (a *analysis) finding(m models.Metric, x evidence.Analysis) models.Finding {
	ratio := x.Estimator == evidence.EstimateLogRatio || x.Estimator == evidence.EstimateSelectionRatio
	points, effects := 1.0, 1.0
	if m.Kind == models.MetricShare {
		points = 100
		if !ratio {
			effects = 100
		}
	}
	f := models.Finding{
		Metric: m.Key, Name: m.Name, UnitName: m.Unit, Better: m.Better, Estimator: string(x.Estimator), Unit: x.Unit, Ratio: ratio, Points: points == 100,
		Before: x.Before * points, After: x.After * points, Main: measured(x.Primary.Times(effects)), MDE: x.MDE * effects, HedgesG: x.HedgesG,
		Workers: x.Workers, Rows: x.Rows, Used: x.Used, Missing: x.Missing, Balanced: x.Balanced,
		Sensitivity: []models.Measured{}, Summaries: []models.ArmSummary{}, Checks: []models.SoundnessCheck{}, Imbalances: []models.Imbalance{},
		WorseOff: a.few(worseOff(x.WorseOff)),
	}
	for _, e := range x.Sensitivity {
		f.Sensitivity = append(f.Sensitivity, measured(e.Times(effects)))
	}
	for _, s := range x.Summaries {
		f.Summaries = append(f.Summaries, models.ArmSummary{
			Arm: armNames[s.Arm], Period: periodNames[s.Period], Rows: s.Rows, Workers: s.Workers, Teams: s.Teams,
			Mean: s.Mean * points, SD: s.SD * points, Median: s.Median * points, P10: s.P10 * points, P25: s.P25 * points, P75: s.P75 * points, P90: s.P90 * points,
		})
	}
	for _, c := range x.Checks {
		f.Checks = append(f.Checks, models.SoundnessCheck(c))
	}
	for _, b := range x.Balances {
		f.Imbalances = append(f.Imbalances, models.Imbalance(b))
	}
	for _, q := range x.Quantiles {
		f.Quantiles = append(f.Quantiles, models.QuantileShift{Q: q.Q, Effect: q.Effect * effects, Low: q.Low * effects, High: q.High * effects})
	}
	for _, p := range x.Series {
		f.Series = append(f.Series, models.SeriesStep{
			From: epoch + models.Date(p.Day), People: p.N, Mean: p.Mean * points, Fitted: p.Fitted * points, Counterfactual: p.Counterfactual * points, After: p.After,
		})
	}
	for _, g := range x.Groups {
		f.Groups = append(f.Groups, a.groupRate(g))
	}
	for _, n := range x.Notes {
		f.Notes = append(f.Notes, models.Reason{Code: "limit." + n.Code, Params: n.Params})
	}
	return f
}

func measured(e evidence.Estimate) models.Measured {
	return models.Measured{Effect: e.Effect, Low: e.Low, High: e.High, SE: e.SE, DF: e.DF, P: e.P, Method: e.Method}
}

func (a *analysis) groupRate(g evidence.GroupRate) models.GroupRate {
	name := ""
	if int(g.Group) < len(a.rows.groups.list) && g.Group >= 0 {
		name = a.rows.groups.list[g.Group]
	}
	return models.GroupRate{
		Group: name, People: g.N, Selected: g.Selected, Rate: g.Rate, Ratio: g.Ratio, Low: g.Low, High: g.High, P: g.P,
		Reference: g.Reference, Suppressed: g.Suppressed,
	}
}

func worseOff(w *evidence.WorseOff) *models.WorseOff {
	if w == nil {
		return nil
	}
	return &models.WorseOff{Of: w.Of, Count: w.Count, Share: w.Share, Suppressed: w.Suppressed}
}
