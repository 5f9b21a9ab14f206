package models

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// locked are the claims whose plan had been locked at the instant of reading;
// before that they are drafts. Those of a supplier's word are left out: no rows
// will ever bear them out.
func (f GateFacts) locked() []ClaimState {
	return slices.DeleteFunc(slices.Clone(f.Claims), func(c ClaimState) bool { return !c.LockedBy(f.Until) || c.VendorStated() })
}

// claims are those that stood at the instant of reading.
func (f GateFacts) claims() []ClaimState {
	return slices.DeleteFunc(f.locked(), func(c ClaimState) bool { return c.Status(f.Until) == ClaimWithdrawn })
}

// evaluated asks for claims analysed and shared, guardrails reported, doubts
// answered and the unions' time to respond. Where no claim was made, it goes by
// what the record asserts, and says so.
func (g *Gate) evaluated(f GateFacts) {
	const s = StageEvaluated
	claims := f.claims()
	for _, c := range f.locked() {
		g.doubts(f, c) // of a claim that was withdrawn, too
	}
	switch {
	case len(claims) > 0:
	case len(f.locked()) > 0 || f.Deployment.EffectiveClass() >= ClassC:
		// All were withdrawn, or the class asks for rows: what the record asserts
		// does not take their place.
		g.block(s, "claims_missing", "claims", nil)
		return
	default:
		g.evaluatedAsserted(f)
		return
	}
	var shared Date
	for _, c := range claims {
		item := "claim." + c.Ref
		on, done := c.sharedOn(f)
		switch {
		case !done:
			g.block(s, "claim_unshared", item, nil, "claim", c.Sentence())
		case c.ResultAt(f.Until).Unfinished:
			g.block(s, "window_unfinished", item, nil, "claim", c.Sentence())
		}
		shared = max(shared, on)
		if r := c.ResultAt(f.Until); r != nil {
			for _, rail := range r.RailList() {
				if rail.State == GuardNotReported {
					g.block(s, "guardrail_unreported", item, nil, "guardrail", rail.Name)
				}
			}
		}
	}
	g.responseWindow(f, shared, "claims")
}

// sharedOn is the day on which the claim's last result was shared.
func (c ClaimState) sharedOn(f GateFacts) (Date, bool) {
	r := c.ResultAt(f.Until)
	if r == nil {
		return 0, false
	}
	at, shared := c.SharedSince(r.No, f.Until)
	if !shared {
		return 0, false
	}
	return DateOf(at, f.Zone), true
}

// doubts block while a challenge has had no answer.
func (g *Gate) doubts(f GateFacts, c ClaimState) {
	for _, x := range c.Challenges {
		if x.Unanswered(f.Until) {
			u := f.union(x.UnionID)
			g.block(StageEvaluated, "challenge_unanswered", "challenge."+x.No, &u, "challenge", x.No, "due", x.DueOn)
		}
	}
}

func (f GateFacts) union(id string) Union {
	if u, ok := f.Scope.Union(id); ok {
		return u.Union
	}
	return Union{ID: id}
}

func (g *Gate) evaluatedAsserted(f GateFacts) {
	const s = StageEvaluated
	e := f.Record.Evidence
	var shared Date
	if len(e.Claims) == 0 {
		g.block(s, "claims_missing", "evidence.claims", nil)
	} else {
		g.Warnings = append(g.Warnings, reason("warn.evidence_asserted"))
	}
	for i, c := range e.Claims {
		if c.AnalysedOn == 0 || c.AnalysedOn > f.At || c.SharedOn == 0 || c.SharedOn > f.At {
			g.block(s, "claim_unshared", "evidence.claims["+strconv.Itoa(i)+"]", nil, "claim", c.Sentence)
		}
		shared = max(shared, c.SharedOn)
	}
	if len(e.Guardrails) == 0 {
		g.block(s, "guardrails_missing", "evidence.guardrails", nil)
	}
	for i, rail := range e.Guardrails {
		if rail.State == "" || rail.State == "not_reported" {
			g.block(s, "guardrail_unreported", "evidence.guardrails["+strconv.Itoa(i)+"]", nil, "guardrail", rail.Name)
		}
	}
	g.responseWindow(f, shared, "evidence.claims")
}

func (g *Gate) responseWindow(f GateFacts, shared Date, item string) {
	if shared != 0 && shared <= f.At {
		if ends := f.Calendar.AddWorking(shared, f.Profile.ResponseDays); ends > f.At {
			g.block(StageEvaluated, "response_window", item, nil, "shared", shared, "ends", ends)
		}
	}
}

// guardrails keep a deployment from going live when one has failed, whether
// the record says so or rows do: a good gain never makes up for it.
func (g *Gate) guardrails(f GateFacts) {
	for i, rail := range f.Record.Evidence.Guardrails {
		g.guardrail("evidence.guardrails["+strconv.Itoa(i)+"]", rail.Name, GuardState(rail.State))
	}
	for _, k := range f.found() {
		g.guardrail("claim."+k.claim, k.rail.Name, k.rail.State)
	}
}

// railFound is a guardrail as it was found last.
type railFound struct {
	claim string
	rail  Rail
	at    time.Time
}

// found is how each guardrail came out last, over all claims. A breach is not
// undone by withdrawing the claim, by other rows of the same days, by a plan
// without the guardrail or with a laxer one: only by finding it held on the same
// terms over days that came after the breach was found, in a result that the
// unions may read.
func (f GateFacts) found() []railFound {
	var out []railFound
	for _, r := range f.ownResults() {
		for _, rail := range r.RailList() {
			known := false
			for i, o := range out {
				if o.rail.Metric != rail.Metric || o.rail.Kind != rail.Kind {
					continue
				}
				same := o.claim == r.claim.Ref
				known = known || same
				breached := o.rail.State == GuardBreached
				clears := rail.State == GuardHeld && !rail.laxer(o.rail) && r.from > DateOf(o.at, f.Zone) && r.shared && !r.Unfinished
				if breached && clears || same && !breached {
					out[i].rail, out[i].at = rail, r.At
				}
			}
			if !known {
				out = append(out, railFound{r.claim.Ref, rail, r.At})
			}
		}
	}
	return out
}

// observedFrom is the first day that a locked plan observes; none where rows
// have no days, or the claim was withdrawn.
func (c ClaimState) observedFrom(planNo int) Date {
	for _, p := range c.Plans {
		var plan Plan
		if p.No == planNo && c.WithdrawnAt == nil && json.Unmarshal([]byte(p.Body), &plan) == nil && plan.Has(RoleOfDate) {
			return plan.Observation.From
		}
	}
	return 0
}

type ownResult struct {
	ClaimResult
	claim Claim
	// from is the first day that its plan observed, of rows that have days; a
	// result of a claim that was withdrawn is of none.
	from   Date
	shared bool
}

// ownResults are all results of the claims' own up to the instant of reading, oldest first.
func (f GateFacts) ownResults() []ownResult {
	var out []ownResult
	for _, c := range f.Claims {
		for _, r := range c.Results {
			if r.ChallengeID == nil && !r.At.After(f.Until) {
				_, shared := c.SharedSince(r.No, f.Until)
				out = append(out, ownResult{r, c.Claim, c.observedFrom(r.PlanNo), shared})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b ownResult) int { return a.At.Compare(b.At) })
	return out
}

func (g *Gate) guardrail(item string, name Text, state GuardState) {
	switch state {
	case GuardBreached:
		g.block(StageLive, "guardrail_failed", item, nil, "guardrail", name)
	case GuardNotSafe:
		g.Warnings = append(g.Warnings, reason("warn.guardrail_not_shown_safe", "guardrail", name))
	case GuardHeld, GuardNotReported:
	}
}

// Unfinished says whether the rows end before the window that was planned, or
// are of less than four weeks of one.
func (r Result) Unfinished() bool {
	return slices.ContainsFunc(r.Limitations, func(l Reason) bool { return l.Code == "limit.window_unfinished" || l.Code == "limit.rows_span" })
}
