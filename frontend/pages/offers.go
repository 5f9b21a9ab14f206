package pages

import (
	"context"
	"slices"
	"strings"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
	"beforehand/policy"
)

// offer gathers the links to what the reader may do to a deployment.
func (v *dossier) offer(ctx context.Context) {
	base := "/deployments/" + v.Ref
	add := func(may bool, code, path string) {
		if may {
			v.acts = append(v.acts, design.Crumb{Text: design.Say(ctx, code), Path: path})
		}
	}
	ended := v.Stage == models.StageWithdrawn || v.Stage == models.StageRetired
	add(v.could["deployment.revise"], "page.prepare.link", base+"/prepare")
	add(v.could["notice.draft"] && !ended && v.Stage != models.StageIdea, "page.draft.link", base+"/notices/new")
	for _, name := range stepNames {
		hidden := name == "late" && v.Late || name == "class" && v.EffectiveClass() == models.ClassD || ended
		add(mayStep(name, v.could) && !hidden, "page.step."+name, base+"/step/"+name)
	}
	add(v.could["comment.make"] && !ended, "page.comment.formal", base+"/comments/new?kind=formal_response")
	add(v.could["request.ask"] && !ended, "page.request.ask", base+"/requests/new")
	add(v.could["score.read"] || !web.Actor(ctx).Anonymous(), "page.score.heading", base+"/scorecards")
	add(v.could["deployment.revise"] || v.could["materiality.judge"], "page.changes.title", base+"/changes")
}

// outcomeLinks lead to how consultation ended with each union, for who records
// it and for the union itself.
func (v dossier) outcomeLinks(ctx context.Context) []design.Crumb {
	var out []design.Crumb
	mine := web.Actor(ctx).Unions()
	for _, u := range v.scope.Unions {
		states := v.could["outcome.state"] && slices.Contains(mine, u.Union.ID)
		if v.could["outcome.record"] || states {
			out = append(out, design.Crumb{Text: design.Say(ctx, "page.outcome.title", "union", u.Union.Abbreviation), Path: "/deployments/" + v.Ref + "/outcomes/" + u.Union.ID})
		}
	}
	return out
}

// mend is who can mend a blocker of a gate, and where, for a reader who may.
type mend struct{ who, path string }

// mends are the acts that mend each kind of blocker, and the page that it is
// done on below the deployment; "" is the topic of the record.
var mends = map[string]struct{ act, path string }{
	"field_missing": {"deployment.revise", ""}, "contract_awarded": {"deployment.mark_late", "/step/late"}, "in_use": {"deployment.mark_late", "/step/late"},
	"item_empty": {"deployment.revise", ""}, "item_language": {"deployment.revise", ""}, "assessment_open": {"deployment.revise", "/prepare/checks"},
	"cost_missing": {"deployment.revise", "/prepare/value"}, "plan_unlocked": {"claim.make", "/claims/new"}, "comments_unanswered": {"comment.dispose", "#comments"},
	"request_overdue": {"request.answer", "#requests"}, "outcome_missing": {"outcome.record", "#outcomes"}, "training_short": {"deployment.revise", "/prepare/promises"},
	"stop_unnamed": {"deployment.revise", "/prepare/stopping"}, "baseline_missing": {"deployment.revise", "/prepare/value"}, "commitment_open": {"deployment.revise", "/prepare/promises"},
	"review_date": {"deployment.revise", "/prepare/dates"}, "approval_void": {"deployment.decide", "/step/move?to=decided"}, "hold": {"hold.lift", "#over"},
	"not_served": {"notice.serve", "/notices/new"}, "no_evidence": {"delivery.record", "#notices"}, "change_not_served": {"notice.serve", "/notices/new"}, "stage_first": {"deployment.move", "/step/move"},
	"claims_missing": {"claim.make", "/claims/new"}, "claim_unshared": {"claim.share", "#evidence"}, "challenge_unanswered": {"challenge.answer", "#evidence"},
	"guardrails_missing": {"claim.revise", "#evidence"}, "guardrail_unreported": {"claim.analyse", "#evidence"}, "guardrail_failed": {"claim.analyse", "#evidence"},
}

// mend says who can mend a blocker; the page is for who may do so themselves.
func (g gatePanel) mend(ctx context.Context, b models.Blocker) mend {
	how, known := mends[b.Code]
	if !known {
		return mend{}
	}
	m := mend{who: whoMay(ctx, how.act)}
	if !g.could[how.act] {
		return m
	}
	m.path = "/deployments/" + g.ref + how.path
	if how.path != "" {
		return m
	}
	path := b.Item
	if label, of := b.Params["label"].(models.Reason); of {
		path = recordPath(label.Code)
	}
	t, in := topicOf(path)
	if !in {
		m.path = "/deployments/" + g.ref + "/prepare"
		return m
	}
	m.path = "/deployments/" + g.ref + "/prepare/" + t.id + "#" + anchorOf(t, path, "")
	return m
}

// others says whether something besides the period of a notice blocks: then
// its date is not the only thing to wait for.
func (g gatePanel) others() bool {
	return slices.ContainsFunc(g.Blockers, func(b models.Blocker) bool {
		return b.Code != "period_running" && b.Code != "stage_first"
	})
}

// whoMay names the roles that have a line for an act.
func whoMay(ctx context.Context, act string) string {
	var out []string
	for _, r := range models.Roles {
		reach, ok := policy.Permitted(r, act)
		if !ok {
			continue
		}
		name := design.Say(ctx, "role."+string(r))
		if limit := hintFor(ctx, "page.who."+reach); limit != "" {
			name = design.Say(ctx, "page.who", "role", name, "limit", limit)
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}
