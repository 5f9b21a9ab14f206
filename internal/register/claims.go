package register

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// Freeze gives the canonical JSON of a plan with the definitions that it
// names, and its hash: what is locked, and what a result names.
func Freeze(p models.FrozenPlan) (body []byte, sha string, err error) {
	if body, err = ledger.Canonical(p); err != nil {
		return nil, "", err
	}
	return body, ledger.Hash(body), nil
}

// openClaim loads a claim and asks whether the actor may do something to it. A
// claim that may not be read is not found.
func (r *Register) openClaim(ctx context.Context, rd store.Reader, a models.Actor, ref, act string) (models.ClaimState, subject, error) {
	c, err := rd.Claim(ctx, a.OrgID, ref)
	if err != nil {
		return c, subject{}, err
	}
	s, err := r.openedClaim(ctx, rd, a, c, act)
	return c, s, err
}

func (r *Register) openedClaim(ctx context.Context, rd store.Reader, a models.Actor, c models.ClaimState, act string) (subject, error) {
	d, err := rd.DeploymentByID(ctx, a.OrgID, c.DeploymentID)
	if err != nil {
		return subject{}, err
	}
	s, err := r.opened(ctx, rd, a, d, "deployment.read")
	if err != nil {
		return s, models.Missing("claim").Because(err)
	}
	s.res = claimResource(s, c, r.Now())
	return s, r.check(a, act, s.res)
}

// claimResource is what the policy needs of a claim. Until its plan is locked
// it is the employer's own; the parties and scrutiny read it from then on, and
// everybody when a result has been shared.
func claimResource(s subject, c models.ClaimState, now time.Time) policy.Resource {
	res := s.res
	res.OwnerID = c.ByUserID
	switch {
	case len(c.Plans) == 0:
		res.Audience = models.AudienceEmployer
	case c.SharedUpTo(now) == 0 && res.Audience != models.AudienceEmployer:
		res.Audience = models.AudienceParties
	}
	return res
}

func readPlan(body string) (models.FrozenPlan, error) {
	var p models.FrozenPlan
	err := json.Unmarshal([]byte(body), &p)
	return p, err
}

func claimEntry(c models.Claim, s subject, more map[string]any) entry {
	data := map[string]any{"ref": c.Ref, "deployment": s.Ref}
	for k, v := range more {
		data[k] = v
	}
	return entry{subject: c.ID, deployment: s.ID, data: data}
}

// MakeClaim writes down one measurable sentence about a deployment, and the
// plan so far. Nobody but the employer reads it until the plan is locked.
func (r *Register) MakeClaim(ctx context.Context, a models.Actor, ref string, p models.Plan) (ClaimView, error) {
	var c models.Claim
	err := r.change(ctx, a, "claim.make", func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.open(ctx, tx.Reader, a, ref, "claim.make")
		if err != nil {
			return entry{}, err
		}
		if s.Stage == models.StageWithdrawn {
			return entry{}, models.Fail(models.Conflict, "deployment_withdrawn").With("ref", s.Ref)
		}
		body, err := r.planBody(ctx, tx.Reader, a, p)
		if err != nil {
			return entry{}, err
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		year := models.DateOf(at, org.Location()).Year()
		n, err := tx.NextNumber(ctx, a.OrgID, "claim", year)
		if err != nil {
			return entry{}, err
		}
		c = models.Claim{
			OrgID: a.OrgID, ID: newID(), Ref: fmt.Sprintf("CL-%d-%03d", year, n), DeploymentID: s.ID, SentenceEn: p.Sentence.En, SentenceCy: p.Sentence.Cy,
			PlanJSON: body, ByUserID: a.UserID, CreatedAt: at, Version: 1,
		}
		return claimEntry(c, s, map[string]any{"plan": ledger.Hash([]byte(body))}), tx.Add(ctx, &c)
	})
	if err != nil {
		return ClaimView{}, err
	}
	return r.Claim(ctx, a, c.Ref)
}

// planBody checks a plan as far as it goes and gives it as it is kept.
func (r *Register) planBody(ctx context.Context, rd store.Reader, a models.Actor, p models.Plan) (string, error) {
	metrics, err := r.metrics(ctx, rd, a.OrgID)
	if err != nil {
		return "", err
	}
	if err := p.Check(metrics); err != nil {
		return "", err
	}
	b, err := ledger.Canonical(p)
	return string(b), err
}

// alterClaim changes a claim that nobody has changed since it was read.
func (r *Register) alterClaim(ctx context.Context, a models.Actor, ref, act string, readAt int, do func(tx *store.Tx, c *models.ClaimState, s subject, at time.Time) (map[string]any, error)) (ClaimView, error) {
	err := r.change(ctx, a, act, func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openClaim(ctx, tx.Reader, a, ref, act)
		if err != nil {
			return entry{}, err
		}
		if err := versionIs("claim", c.Version, readAt); err != nil {
			return entry{}, err
		}
		if c.WithdrawnAt != nil {
			return entry{}, models.Fail(models.Conflict, "claim_withdrawn").With("claim", c.Ref)
		}
		data, err := do(tx, &c, s, at)
		if err != nil {
			return entry{}, err
		}
		c.Version++
		return claimEntry(c.Claim, s, data), tx.SaveClaim(ctx, &c.Claim, readAt)
	})
	if err != nil {
		return ClaimView{}, err
	}
	return r.Claim(ctx, a, ref)
}

// ReviseClaim changes the plan that is being written. What was locked stays
// locked until it is locked again, with a reason.
func (r *Register) ReviseClaim(ctx context.Context, a models.Actor, ref string, readAt int, p models.Plan) (ClaimView, error) {
	return r.alterClaim(ctx, a, ref, "claim.revise", readAt, func(tx *store.Tx, c *models.ClaimState, _ subject, _ time.Time) (map[string]any, error) {
		body, err := r.planBody(ctx, tx.Reader, a, p)
		if err != nil {
			return nil, err
		}
		c.PlanJSON, c.SentenceEn, c.SentenceCy = body, p.Sentence.En, p.Sentence.Cy
		if len(c.Plans) > 0 {
			// What the parties read is the claim that was locked.
			locked, err := readPlan(c.Locked().Body)
			if err != nil {
				return nil, err
			}
			c.SentenceEn, c.SentenceCy = locked.Sentence.En, locked.Sentence.Cy
		}
		return map[string]any{"plan": ledger.Hash([]byte(body))}, nil
	})
}

// LockClaim freezes the plan with the definitions that it names. From then on
// the unions in scope read it. A plan that was locked before is locked anew
// with a reason, and the difference shows.
func (r *Register) LockClaim(ctx context.Context, a models.Actor, ref string, readAt int, reason string) (ClaimView, error) {
	return r.alterClaim(ctx, a, ref, "claim.lock", readAt, func(tx *store.Tx, c *models.ClaimState, s subject, at time.Time) (map[string]any, error) {
		p, err := readPlan(c.PlanJSON)
		if err != nil {
			return nil, err
		}
		metrics, err := r.metrics(ctx, tx.Reader, a.OrgID)
		if err != nil {
			return nil, err
		}
		if err := p.Lockable(metrics); err != nil {
			return nil, err
		}
		body, sha, err := Freeze(p.Plan.Freeze(metrics))
		if err != nil {
			return nil, err
		}
		looked, err := lookedAt(ctx, tx, *c, p.Plan)
		if err != nil {
			return nil, err
		}
		row := models.LockedPlan{OrgID: c.OrgID, ClaimID: c.ID, No: len(c.Plans) + 1, Body: string(body), SHA256: sha, AfterLook: looked, ByUserID: a.UserID, At: at}
		if last := c.Locked(); last != nil {
			if c.VendorStated() != (p.Design == models.DesignVendor) {
				return nil, models.Fail(models.Conflict, "vendor_only").With("claim", c.Ref)
			}
			if last.SHA256 == sha {
				return nil, models.Fail(models.Conflict, "plan_unchanged")
			}
			if models.IsTBC(reason) {
				return nil, field("reason", "required")
			}
			row.Reason = strings.TrimSpace(reason)
		}
		var f models.Faults
		if models.CheckText(&f, "reason", reason, 2000); len(f) > 0 {
			return nil, f.Err()
		}
		if err := tx.Add(ctx, &row); err != nil {
			return nil, err
		}
		c.SentenceEn, c.SentenceCy = p.Sentence.En, p.Sentence.Cy
		if err := r.tellUnions(ctx, tx, *c, s, ClaimLocked); err != nil {
			return nil, err
		}
		return map[string]any{"no": row.No, "plan": sha, "afterLook": row.AfterLook}, nil
	})
}

// lookedAt says whether rows had been sent of a metric, for this claim or for
// another on the same deployment, of days that the plan observes or later ones:
// whoever plans anew has seen them.
func lookedAt(ctx context.Context, tx *store.Tx, c models.ClaimState, plan models.Plan) (bool, error) {
	all, err := tx.Claims(ctx, c.OrgID, c.DeploymentID)
	if err != nil {
		return false, err
	}
	for _, o := range all {
		for _, d := range o.Datasets {
			theirs, err := readPlan(o.Plans[d.PlanNo-1].Body)
			if err != nil {
				return false, err
			}
			if (o.ID == c.ID || theirs.Measures(plan.Metric)) && theirs.Observation.To >= plan.Observation.From {
				return true, nil
			}
		}
	}
	return false, nil
}

// WithdrawClaim takes a claim back. What was found and not shared yet is shared
// with it, for otherwise nobody would ever read it. All that was found stays readable, and a
// guardrail that was breached stays breached.
func (r *Register) WithdrawClaim(ctx context.Context, a models.Actor, ref string, readAt int, reason string) (ClaimView, error) {
	var f models.Faults
	if models.IsTBC(reason) {
		f.Add("reason", "required")
	}
	models.CheckText(&f, "reason", reason, 2000)
	if err := f.Err(); err != nil {
		return ClaimView{}, err
	}
	return r.alterClaim(ctx, a, ref, "claim.withdraw", readAt, func(tx *store.Tx, c *models.ClaimState, s subject, at time.Time) (map[string]any, error) {
		c.WithdrawnAt, c.WithdrawnReason = &at, strings.TrimSpace(reason)
		data := map[string]any{"reason": ledger.Hash([]byte(c.WithdrawnReason)), "locked": len(c.Plans) > 0}
		if last := c.ResultAt(at); last != nil && c.SharedUpTo(at) < last.No {
			no, err := r.share(ctx, tx, a, *c, s, at)
			if err != nil {
				return nil, err
			}
			data["upTo"] = no
		}
		return data, nil
	})
}

// ShareClaim shares every result so far with the unions: the last one and
// those before it. The time that they have to respond begins, and so do the
// months after which it is asked where the gain went.
func (r *Register) ShareClaim(ctx context.Context, a models.Actor, ref string, readAt int) (ClaimView, error) {
	return r.alterClaim(ctx, a, ref, "claim.share", readAt, func(tx *store.Tx, c *models.ClaimState, s subject, at time.Time) (map[string]any, error) {
		last := c.ResultAt(at)
		if last == nil {
			return nil, models.Fail(models.Conflict, "claim_unanalysed").With("claim", c.Ref)
		}
		if c.SharedUpTo(at) >= last.No {
			return nil, models.Fail(models.Conflict, "claim_shared").With("claim", c.Ref)
		}
		no, err := r.share(ctx, tx, a, *c, s, at)
		return map[string]any{"upTo": no, "result": last.SHA256}, err
	})
}

// share shares every result so far, and gives the number of the last.
func (r *Register) share(ctx context.Context, tx *store.Tx, a models.Actor, c models.ClaimState, s subject, at time.Time) (int, error) {
	no := c.Results[len(c.Results)-1].No
	share := models.ClaimShare{OrgID: c.OrgID, ClaimID: c.ID, ResultNo: no, ByUserID: a.UserID, At: at}
	if err := tx.Add(ctx, &share); err != nil {
		return no, err
	}
	if len(c.Shares) == 0 && c.WithdrawnAt == nil {
		if err := r.scheduleReinvestment(ctx, tx, c, at); err != nil {
			return no, err
		}
	}
	return no, r.tellUnions(ctx, tx, c, s, ClaimShared)
}
