package pages

import (
	"context"
	"strconv"

	"beforehand/frontend/design"
	"beforehand/internal/register"
)

// sections are what the page holds, in order.
func (v claimPage) sections(ctx context.Context) []section {
	var out []section
	for _, s := range []struct {
		there bool
		id    string
		code  string
	}{
		{true, "result", "page.claim.result"},
		{len(v.figures) > 0, "figures", "page.claim.figures"},
		{v.Result != nil && len(v.Result.Guardrails) > 0, "guardrails", "page.claim.guardrails"},
		{v.Result != nil, "working", "page.claim.working"},
		{v.Result != nil && len(v.Result.Limitations) > 0, "limitations", "page.claim.limitations"},
		{v.frozen.Vendor != nil, "vendor", "page.claim.vendor"},
		{true, "challenges", "page.claim.challenges"},
		{true, "reinvestment", "page.claim.reinvestment"},
		{true, "plan", "page.claim.plan"},
		{true, "data", "page.claim.data"},
		{len(v.Results) > 0, "results", "page.claim.results"},
	} {
		if s.there {
			out = append(out, section{s.id, design.Say(ctx, s.code)})
		}
	}
	return out
}

func claimCrumbs(ctx context.Context, v register.ClaimView) []design.Crumb {
	return []design.Crumb{
		{Text: design.Say(ctx, "page.register.title"), Path: "/register"},
		{Text: v.Deployment, Path: "/deployments/" + v.Deployment},
		{Text: design.Say(ctx, "page.claims.title"), Path: "/claims"},
	}
}

// below are the pages above one that belongs to a claim.
func below(ctx context.Context, v register.ClaimView) []design.Crumb {
	return append(claimCrumbs(ctx, v), design.Crumb{Text: v.Ref, Path: "/claims/" + v.Ref})
}

// resultFile is where a result can be had as it was worked out.
func resultFile(ctx context.Context, ref string, no int) string {
	address := "/api/v1/claims/" + ref + "/results/" + strconv.Itoa(no)
	if h := design.Of(ctx); h.Actor.UserID == "" && h.Org.Slug != "" {
		address += "?organisation=" + h.Org.Slug
	}
	return address
}
