package pages

import (
	"context"
	"strings"
	"time"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// figure writes a measured number in the page's language.
func figure(ctx context.Context, v float64) string {
	return words.Figure(string(design.Of(ctx).Lang), v)
}

// count writes a whole number in the page's language.
func count(ctx context.Context, n int) string {
	return words.Number(string(design.Of(ctx).Lang), n)
}

// share writes a share of one in per cent.
func share(ctx context.Context, v float64) string {
	return design.Say(ctx, "page.percent", "percent", v*100)
}

// chance writes a p value.
func chance(ctx context.Context, p float64) string {
	if p > 0 && p < 0.001 {
		return "< 0.001"
	}
	return figure(ctx, p)
}

// interval writes an effect with its interval.
func interval(ctx context.Context, m models.Measured) string {
	return design.Say(ctx, "figure.interval", "effect", m.Effect, "low", m.Low, "high", m.High)
}

// graded is an effect with its interval, its unit and its grade: none is ever
// said without the grade.
func graded(ctx context.Context, f models.Finding, g models.Grade) string {
	return design.Say(ctx, "page.effect", "interval", interval(ctx, f.Main), "unit", f.EffectUnit(), "grade", string(g))
}

// said is a reason that was kept in a result, in the page's language.
func said(ctx context.Context, r models.Reason) string {
	return design.SayReason(ctx, register.Reasons(r))
}

func saidAll(ctx context.Context, all []models.Reason) []string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = said(ctx, r)
	}
	return out
}

// plainLines makes lines of texts in the page's language.
func plainLines(all ...string) []design.Line {
	out := make([]design.Line, 0, len(all))
	for _, s := range all {
		if s != "" {
			out = append(out, design.Line{Text: s})
		}
	}
	return out
}

// claimColour is the colour of a claim's state; the word says the same.
func claimColour(s models.ClaimStatus) string {
	switch s {
	case models.ClaimStatus(models.VerdictSupported):
		return "green"
	case models.ClaimStatus(models.VerdictInPart):
		return "turquoise"
	case models.ClaimStatus(models.VerdictNotShown):
		return "yellow"
	case models.ClaimStatus(models.VerdictContradicted):
		return "red"
	case models.ClaimDisputed:
		return "orange"
	case models.ClaimUnverified, models.ClaimWithdrawn:
		return "grey"
	}
	return "grey"
}

// railColour is the colour of a guardrail's state; the word says the same.
func railColour(s models.GuardState) string {
	switch s {
	case models.GuardHeld:
		return "green"
	case models.GuardBreached:
		return "red"
	case models.GuardNotSafe:
		return "orange"
	case models.GuardNotReported:
		return "grey"
	}
	return "grey"
}

// disputing are the unions that dispute a claim now.
func disputing(v register.ClaimView, now time.Time) string {
	var names []string
	for _, x := range v.Challenges {
		if x.Standing(now) && !strings.Contains(strings.Join(names, ", ")+",", x.UnionAbbrev+",") {
			names = append(names, x.UnionAbbrev)
		}
	}
	return strings.Join(names, ", ")
}

// found says in a line what was found of a claim, with its grade, or why there
// is no figure to say.
func found(ctx context.Context, v register.ClaimView) string {
	switch {
	case v.Result != nil:
		return graded(ctx, v.Result.Primary, v.Grade)
	case v.VendorStated():
		return design.Say(ctx, "page.found.vendor", "grade", string(v.Grade))
	case v.Unshared > 0:
		return design.Say(ctx, "page.found.unshared")
	default:
		return design.Say(ctx, "page.found.none")
	}
}

// allowedOn are the acts that somebody may do to a deployment, once they have
// proved who they are.
func (p *Pages) allowedOn(ctx context.Context, ref string) map[string]bool {
	out := map[string]bool{}
	a := web.Actor(ctx)
	if a.Anonymous() {
		return out
	}
	a.Lapsed = false
	all, err := p.Register.Permissions(ctx, a, ref)
	if err != nil {
		return out // nothing is offered; what is asked for by its address says why
	}
	for _, d := range all {
		out[d.Act] = d.Allowed
	}
	return out
}

// read loads, for claims of a list, the last result that the reader may see.
func (p *Pages) read(ctx context.Context, all []register.ClaimView) ([]register.ClaimView, error) {
	a := web.Actor(ctx)
	for i, v := range all {
		if v.ResultAt(p.Register.Now()) == nil {
			continue
		}
		whole, err := p.Register.Claim(ctx, a, v.Ref)
		if err != nil {
			return nil, err
		}
		all[i].Result, all[i].ResultNo = whole.Result, whole.ResultNo
	}
	return all, nil
}
