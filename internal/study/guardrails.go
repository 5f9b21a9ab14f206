package study

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"

	"beforehand/internal/evidence"
	"beforehand/models"
)

// guardrail judges one guardrail of the plan. One that cannot be worked out is
// not reported, with the reason: that is no pass. Only a cancelled analysis is
// an error.
func (a *analysis) guardrail(g models.PlanGuardrail) (models.GuardrailFinding, error) {
	m := a.Metrics[g.Metric]
	out := models.GuardrailFinding{PlanGuardrail: g, State: models.GuardNotReported, Better: m.Better, Definition: definition(m)}
	if out.Name == (models.Text{}) {
		out.Name = m.Name
	}
	judge := map[models.GuardKind]func(*models.GuardrailFinding) error{
		models.GuardMargin: a.margin, models.GuardLimit: a.limit, models.GuardRatio: a.ratio,
	}[g.Kind]
	err := judge(&out)
	if why, refused := Why(err); refused {
		out.Why = why
		return out, nil
	}
	return out, err
}

// definition is the hash of what a metric measures; how it is worded is not in it.
func definition(m models.Metric) string {
	b, err := json.Marshal(models.Metric{Key: m.Key, Kind: m.Kind, Better: m.Better, Unit: models.Text{En: m.Unit.En}, Checking: m.Checking, MinutesEach: m.MinutesEach})
	if err != nil {
		panic(err) // a definition is plain values
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// margin asks whether the interval of the change excludes the margin.
func (a *analysis) margin(g *models.GuardrailFinding) error {
	f, err := a.find(g.Metric, "", "", false)
	if err != nil {
		return err
	}
	m := a.Metrics[g.Metric]
	worse := m.Better == models.LowerIsBetter
	state := evidence.NonInferior(evidence.Estimate{Effect: f.Main.Effect, Low: f.Main.Low, High: f.Main.High}, g.Margin, worse)
	g.Finding, g.State = &f, models.GuardState(state)
	bound := f.Main.High
	if !worse {
		bound = -f.Main.Low
	}
	g.Why = why("guard.margin_"+string(g.State), "bound", bound, "margin", g.Margin, "unit", f.EffectUnit(), "effect", f.Main.Effect)
	return nil
}

// limit asks whether any worker's mean with the deployment is beyond the limit.
func (a *analysis) limit(g *models.GuardrailFinding) error {
	m := a.Metrics[g.Metric]
	column := a.column(g.Metric, false)
	if column < 0 {
		return evidence.Refusal{Code: "no_column", Params: map[string]any{"metric": g.Metric}}
	}
	a.done += a.step
	sums, counts := map[int32]float64{}, map[int32]float64{}
	for i, v := range a.rows.values[column] {
		if a.rows.period[i] != 1 || a.rows.arm[i] == 0 || math.IsNaN(v) || a.rows.worker[i] < 0 {
			continue
		}
		sums[a.rows.worker[i]] += v
		counts[a.rows.worker[i]]++
	}
	if len(sums) < a.Least {
		return evidence.Refusal{Code: "too_few_people", Params: map[string]any{"people": "fewer", "least": a.Least}}
	}
	over := 0
	for w, sum := range sums {
		mean := sum / counts[w]
		if m.Better == models.LowerIsBetter && mean > g.Margin || m.Better == models.HigherIsBetter && mean < g.Margin {
			over++
		}
	}
	g.Over = &models.WorseOff{Of: len(sums), Count: over, Share: float64(over) / float64(len(sums))}
	g.State = models.GuardHeld
	if over > 0 {
		g.State = models.GuardBreached
	}
	g.Over = a.few(g.Over)
	g.Why = why("guard.limit_"+string(g.State), "margin", g.Margin, "unit", m.Unit, "of", len(sums))
	return nil
}

// ratio asks whether every group is selected at a fair share of the reference's
// rate: the four-fifths rule is one such share (29 CFR 1607.4 D).
func (a *analysis) ratio(g *models.GuardrailFinding) error {
	plan := a.Plan
	defer func() { a.Plan = plan }()
	a.Plan.Unit = "row"
	f, err := a.find(g.Metric, "selection_ratio", "", false)
	if err != nil {
		return err
	}
	g.Finding = &f
	switch {
	case f.Main.Low >= g.Margin:
		g.State = models.GuardHeld
	case f.Main.Effect < g.Margin && f.Main.High < 1:
		g.State = models.GuardBreached
	default:
		g.State = models.GuardNotSafe
	}
	lowest := ""
	for _, r := range f.Groups {
		if !r.Suppressed && !r.Reference && r.Ratio == f.Main.Effect {
			lowest = r.Group
		}
	}
	g.Why = why("guard.ratio_"+string(g.State), "ratio", f.Main.Effect, "margin", g.Margin, "group", lowest, "low", f.Main.Low)
	return nil
}

// few takes a count out that tells of fewer people than anything is said of:
// of those who are counted, or of the rest.
func (a *analysis) few(w *models.WorseOff) *models.WorseOff {
	if w == nil {
		return nil
	}
	if rest := w.Of - w.Count; w.Suppressed || w.Count > 0 && w.Count < a.Least || rest > 0 && rest < a.Least {
		return &models.WorseOff{Of: w.Of, Suppressed: true}
	}
	return w
}

func why(code string, pairs ...any) models.Reason {
	r := models.Reason{Code: code, Params: models.Params{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Params[pairs[i].(string)] = pairs[i+1] //nolint:forcetypeassert // written out in this package
	}
	return r
}
