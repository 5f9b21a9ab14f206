package pages

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/models"
)

// headAt is the heading of a column, or "" of one without.
func headAt(all []string, i int) string {
	if i < len(all) {
		return all[i]
	}
	return ""
}

// over says how many workers are beyond a limit.
func over(ctx context.Context, w models.WorseOff) string {
	if w.Suppressed {
		return design.Say(ctx, "page.suppressed")
	}
	return design.Say(ctx, "page.guardrails.over", "number", w.Count, "of", w.Of)
}

// imbalanceOf names what the arms were compared by.
func imbalanceOf(ctx context.Context, what string) string {
	if !words.Has(words.English, "balance."+what) {
		return what
	}
	return design.Say(ctx, "balance."+what)
}

// claimedGrade is what was claimed, with the grade of a claim that nothing has shown.
func claimedGrade(ctx context.Context, p models.FrozenPlan, g models.Grade) string {
	return design.Say(ctx, "page.claimed.grade", "claimed", claimedAmount(ctx, p), "grade", string(g))
}

func claimedAmount(ctx context.Context, p models.FrozenPlan) string {
	m := p.ByKey()[p.Metric]
	code := "page.claimed.amount"
	if p.Claimed.Relative {
		code = "page.claimed.relative"
	}
	out := design.Say(ctx, code, "amount", p.Claimed.Amount, "unit", m.Unit)
	if m.Better != "" {
		out += " (" + design.Say(ctx, "better."+string(m.Better)) + ")"
	}
	return out
}

func (v claimPage) challengeNo(id string) string {
	for _, x := range v.Challenges {
		if x.ID == id {
			return x.No
		}
	}
	return ""
}

// sharedWhen says when a result was first shared. One that answers a union's
// question is the union's at once.
func (v claimPage) sharedWhen(ctx context.Context, r models.ClaimResult) string {
	if at, ok := v.SharedSince(r.No, v.now); ok {
		return design.Instant(ctx, at)
	}
	if r.ChallengeID != nil {
		return design.Say(ctx, "page.claim.with_parties")
	}
	return design.Say(ctx, "page.claim.unshared_yet")
}

// fieldName is what a field of a plan is called, by its path.
func fieldName(ctx context.Context, path string) string {
	name, _, _ := strings.Cut(strings.NewReplacer("[", ".").Replace(path), ".")
	if !words.Has(words.English, "page.plan."+name) {
		return name
	}
	return design.Say(ctx, "page.plan."+name)
}

// valueOf is a value of a document as a person reads it.
func valueOf(ctx context.Context, v any) string {
	switch v := v.(type) {
	case nil:
		return design.Say(ctx, "page.none")
	case string:
		return orNone(ctx, v)
	case bool:
		if v {
			return design.Say(ctx, "page.yes")
		}
		return design.Say(ctx, "page.no")
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(b)
	}
}

// questionLines say what another look at the rows is.
func questionLines(ctx context.Context, p models.FrozenPlan, q models.Question) []design.Line {
	var out []design.Line
	add := func(there bool, code, value string) {
		if there {
			out = append(out, design.Line{Text: design.Say(ctx, "page.pair", "first", design.Say(ctx, code), "second", value)})
		}
	}
	add(q.Metric != "", "page.ask.lookmetric", metricName(ctx, p, q.Metric))
	add(q.Estimator != "", "page.ask.lookestimator", design.Say(ctx, "estimator."+orMean(q.Estimator)))
	add(q.Interval != "", "page.ask.lookinterval", design.Say(ctx, "interval."+orT(q.Interval)))
	add(q.Unit != "", "page.ask.lookunit", design.Say(ctx, "unitOf."+orWorker(string(q.Unit))))
	if q.Baseline != nil {
		add(true, "page.plan.baseline", windowOf(ctx, *q.Baseline))
	}
	if q.Observed != nil {
		add(true, "page.plan.observation", windowOf(ctx, *q.Observed))
	}
	add(q.Language != "", "page.ask.looklanguage", q.Language)
	add(q.Group != "", "page.ask.lookgroup", q.Group)
	return out
}

func orMean(s string) string   { return otherwise(s, models.Estimators[0]) }
func orT(s string) string      { return otherwise(s, models.Intervals[0]) }
func orWorker(s string) string { return otherwise(s, string(models.Units[0])) }

func otherwise(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

func windowOf(ctx context.Context, w models.Window) string {
	if w == (models.Window{}) {
		return ""
	}
	return design.Say(ctx, "page.window", "from", design.Day(ctx, w.From), "to", design.Day(ctx, w.To))
}
