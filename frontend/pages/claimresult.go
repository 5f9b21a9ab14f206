package pages

import (
	"context"
	"math"
	"strconv"

	"beforehand/frontend/design"
	"beforehand/models"
)

// resultRows are what was found, in short, each figure beside its grade.
func (v claimPage) resultRows(ctx context.Context) []design.Row {
	r := v.Result
	p := r.Primary
	var out []design.Row
	add := func(code string, lines ...string) {
		if all := plainLines(lines...); len(all) > 0 {
			out = append(out, design.Row{Key: design.Say(ctx, code), Value: design.Lines(all)})
		}
	}
	add("page.result.metric", p.Name.In(design.Of(ctx).Lang), design.Say(ctx, "better."+string(p.Better)))
	add("page.result.effect", graded(ctx, p, r.Grade.Grade), direction(ctx, p), design.Say(ctx, "page.result.confidence", "percent", r.Confidence*100))
	add("page.result.change", design.Say(ctx, "page.result.from_to", "before", p.Before, "after", p.After, "unit", p.LevelUnit(), "grade", string(r.Grade.Grade)))
	add("page.result.counts",
		design.Say(ctx, "page.result.workers", "with", p.Workers[1], "comparison", p.Workers[0]),
		design.Say(ctx, "page.result.rows", "used", count(ctx, p.Used), "rows", count(ctx, p.Rows), "missing", count(ctx, p.Missing)),
		design.Say(ctx, "page.result.unit", "unit", v.unitWord(ctx, p.Unit)),
	)
	add("page.result.verdict", said(ctx, r.Verdict.Rule), said(ctx, r.Verdict.Why))
	add("page.result.grade", append([]string{design.Say(ctx, "grade."+string(r.Grade.Grade)), said(ctx, r.Grade.Rule)}, saidAll(ctx, r.Grade.Why)...)...)
	if p.MDE > 0 {
		add("page.result.mde", design.Say(ctx, "result.mde", "mde", p.MDE, "unit", p.EffectUnit()))
	}
	if p.HedgesG != 0 {
		add("page.result.hedges", design.Say(ctx, "page.result.hedges_of", "size", p.HedgesG, "grade", string(r.Grade.Grade)))
	}
	if w := p.WorseOff; w != nil {
		add("page.result.worse", worseOff(ctx, *w, r.Grade.Grade))
	}
	if r.Hours != nil {
		add("page.result.hours", design.Say(ctx, gainOf(*r, "hours"), "interval", interval(ctx, *r.Hours), "grade", string(r.Grade.Grade)))
	}
	if m := r.Money; m != nil {
		add("page.result.money", design.Say(ctx, gainOf(*r, "money"), "interval", money(ctx, m.Pence), "grade", string(r.Grade.Grade)))
		add("page.result.cashable", design.Say(ctx, "page.result.cashable_of", "percent", m.CashablePercent, "interval", money(ctx, m.Cashable), "grade", string(r.Grade.Grade)))
	}
	add("page.result.made", design.Say(ctx, "page.result.made_by", "method", p.Main.How(), "software", r.Software, "seed", strconv.FormatUint(r.Seed, 10), "draws", count(ctx, r.Draws)))
	return out
}

// gainOf is the sentence of hours or money: of the staff in the sample, or of a
// scenario beyond them.
func gainOf(r models.Result, what string) string {
	if r.Scenario {
		return "page.result.scenario_" + what
	}
	return "page.result." + what + "_of"
}

// direction says in words which way an effect goes, and whether that is better.
func direction(ctx context.Context, f models.Finding) string {
	nought := 0.0
	if f.Ratio {
		nought = 1
	}
	m := f.Main
	if m.Low <= nought && m.High >= nought {
		return design.Say(ctx, "page.result.spans")
	}
	size := m.Effect - nought
	code := "page.result.higher_worse"
	switch lower := size < 0; {
	case lower && f.Better == models.LowerIsBetter:
		code = "page.result.lower_better"
	case lower:
		code = "page.result.lower_worse"
	case f.Better == models.HigherIsBetter:
		code = "page.result.higher_better"
	}
	amount := design.Say(ctx, "page.result.amount", "size", math.Abs(size), "unit", f.EffectUnit())
	if f.Ratio {
		amount = share(ctx, math.Abs(size))
	}
	return design.Say(ctx, code, "amount", amount)
}

// unitWord is what was compared.
func (v claimPage) unitWord(ctx context.Context, unit string) string {
	if unit == "" {
		return design.Say(ctx, "page.none")
	}
	return design.Say(ctx, "unitOf."+unit)
}

// money writes pence with their interval as pounds.
func money(ctx context.Context, m models.Measured) string {
	pound := func(v float64) string {
		if v < 0 {
			return "−£" + figure(ctx, -v/100)
		}
		return "£" + figure(ctx, v/100)
	}
	return design.Say(ctx, "figure.interval", "effect", pound(m.Effect), "low", pound(m.Low), "high", pound(m.High))
}

// worseOff says how many staff were made worse off; too few are not told of.
func worseOff(ctx context.Context, w models.WorseOff, g models.Grade) string {
	if w.Suppressed {
		return design.Say(ctx, "page.suppressed")
	}
	return design.Say(ctx, "page.result.worse_of", "number", w.Count, "of", w.Of, "share", share(ctx, w.Share), "grade", string(g))
}

// marginOf says the limit of a guardrail.
func marginOf(ctx context.Context, p models.FrozenPlan, g models.PlanGuardrail) string {
	switch g.Kind {
	case models.GuardRatio:
		return design.Say(ctx, "guardKind."+string(g.Kind)) + ": " + figure(ctx, g.Margin)
	default:
		m := p.ByKey()[g.Metric]
		return design.Say(ctx, "guardKind."+string(g.Kind)) + ": " + figure(ctx, g.Margin) + " " + design.SayReason(ctx, models.Finding{UnitName: m.Unit, Points: m.Kind == models.MetricShare}.EffectUnit())
	}
}

// railName is what a guardrail is called.
func railName(ctx context.Context, p models.FrozenPlan, g models.PlanGuardrail) design.Line {
	if g.Name != (models.Text{}) {
		return design.In(ctx, g.Name)
	}
	return design.Line{Text: metricName(ctx, p, g.Metric)}
}

// checked is a check of the design in a sentence.
func checked(ctx context.Context, c models.SoundnessCheck) string {
	state := "page.check.failed"
	if c.OK {
		state = "page.check.passed"
	}
	out := design.Say(ctx, "page.pair", "first", design.Say(ctx, "check."+c.Code), "second", design.Say(ctx, state))
	if c.P > 0 {
		out += " (p = " + chance(ctx, c.P) + ")"
	}
	return out
}

// selfReport says what people said of themselves, and the gap to what was timed.
func selfReported(ctx context.Context, r models.Result) []string {
	f := r.SelfReport.Finding
	return []string{
		design.Say(ctx, "page.self.effect", "effect", graded(ctx, f, models.GradeE1)),
		design.Say(ctx, "page.self.gap", "gap", r.SelfReport.Gap, "unit", f.EffectUnit()),
		design.Say(ctx, "page.self.never"),
	}
}
