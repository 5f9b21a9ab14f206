package pages

import (
	"context"
	"slices"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/models"
)

func monthName(ctx context.Context, month int) string {
	if month == 0 {
		return design.Say(ctx, "page.reinvest.planned")
	}
	return design.Say(ctx, "page.reinvest.after", "number", month)
}

// reinvested is in a word whether it was said where a gain went, with its colour.
func (v claimPage) reinvested(ctx context.Context, r models.Reinvestment) (text, colour string) {
	switch {
	case r.Shares != "":
		return design.Say(ctx, "page.reinvest.said"), "green"
	case r.Overdue(v.Today):
		return design.Say(ctx, "page.reinvest.overdue"), "red"
	default:
		return design.Say(ctx, "page.reinvest.waiting"), "grey"
	}
}

func (v claimPage) mayReinvest(r models.Reinvestment) bool {
	return v.may("reinvestment.report") && r.Shares == "" && r.DueOn <= v.Today
}

// mayPlanGain says whether the reader may say where the gain is planned to go.
func (v claimPage) mayPlanGain() bool {
	return v.may("reinvestment.report") && !slices.ContainsFunc(v.Reinvestments, func(r models.Reinvestment) bool { return r.Month == 0 })
}

// shareLines say where a gain went.
func shareLines(ctx context.Context, r models.Reinvestment) []design.Line {
	shares := register.SharesOf(r)
	var out []design.Line
	for _, use := range models.ReinvestmentUses {
		if n := shares[use]; n > 0 {
			out = append(out, design.Line{Text: design.Say(ctx, "page.pair", "first", design.Say(ctx, "reinvest."+use), "second", design.Say(ctx, "page.percent", "percent", n))})
		}
	}
	if r.Note != "" {
		out = append(out, design.Line{Text: r.Note})
	}
	if len(out) == 0 {
		return plainLines(design.Say(ctx, "page.none"))
	}
	return out
}
