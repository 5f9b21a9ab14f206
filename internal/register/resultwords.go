package register

import (
	"beforehand/models"
	"beforehand/policy"
)

// BundledMetrics are the definitions that come with the product.
func BundledMetrics() []models.Metric { return policy.Metrics() }

// ResultWords says a result in both languages, a line a sentence: the figure
// with its grade beside it, the rules and reasons, every guardrail, and what it
// cannot say.
func ResultWords(res models.Result) []models.Text {
	p := res.Primary
	say := func(code string, pairs ...any) models.Text {
		params := models.Params{}
		for i := 0; i+1 < len(pairs); i += 2 {
			params[pairs[i].(string)] = pairs[i+1] //nolint:forcetypeassert // written out here
		}
		return Both(models.Reason{Code: code, Params: params})
	}
	unit := p.EffectUnit()
	out := []models.Text{
		say("result.effect", "name", p.Name, "effect", p.Main.Effect, "low", p.Main.Low, "high", p.Main.High, "unit", unit, "grade", string(res.Grade.Grade), "percent", res.Confidence*100),
		say("result.change", "before", p.Before, "after", p.After, "unit", p.LevelUnit()),
		say("result.people", "comparison", p.Workers[0], "with", p.Workers[1], "rows", p.Used),
	}
	if p.MDE > 0 {
		out = append(out, say("result.mde", "mde", p.MDE, "unit", unit))
	}
	out = append(out, Both(Reasons(res.Verdict.Rule)), Both(Reasons(res.Verdict.Why)), Both(Reasons(res.Grade.Rule)))
	for _, w := range res.Grade.Why {
		out = append(out, Both(Reasons(w)))
	}
	for _, g := range res.Guardrails {
		out = append(out, say("result.guardrail", "name", g.Name, "state", models.Reason{Code: "guardrail." + string(g.State)}, "why", Reasons(g.Why)))
	}
	if res.Hours != nil {
		code := "result.hours"
		if res.Scenario {
			code = "result.hours_scenario"
		}
		out = append(out, say(code, "effect", res.Hours.Effect, "low", res.Hours.Low, "high", res.Hours.High))
	}
	for _, l := range res.Limitations {
		out = append(out, Both(Reasons(l)))
	}
	return append(out, say("result.made", "software", res.Software, "seed", itoa64(res.Seed), "draws", res.Draws, "method", p.Main.How()))
}
