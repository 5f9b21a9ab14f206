package register

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// ClaimView is a claim as somebody may read it: what has not been shared is
// left out for whoever is not of the employer.
type ClaimView struct {
	models.ClaimState
	Deployment     string // its ref
	DeploymentName models.Text
	// Plan is the plan being written, for who may change it, and else the one locked.
	Plan   models.Plan
	Status models.ClaimStatus
	Grade  models.Grade
	// Result is the last result that the reader may see, read.
	Result   *models.Result
	ResultNo int
	// SharedNo is the number of the last result that was shared.
	SharedNo int
	// Unshared is how many results there are that the reader may not see.
	Unshared int
	// Reinvestments are asked of a gain that was shared.
	Reinvestments []models.Reinvestment
	Run           *models.Run // the last one, for the employer's side
	// Parties says whether the reader is of a party or the audit.
	Parties bool
	Today   models.Date
	Zone    *time.Location
	Can     []string
}

var claimActs = []string{"claim.revise", "claim.lock", "claim.withdraw", "dataset.upload", "claim.analyse", "claim.share", "claim.challenge", "reinvestment.report"}

// Claim is one claim.
func (r *Register) Claim(ctx context.Context, a models.Actor, ref string) (ClaimView, error) {
	c, s, err := r.openClaim(ctx, r.store.Reader, a, ref, "claim.read")
	if err != nil {
		return ClaimView{}, err
	}
	v, err := r.claimView(ctx, a, c, s)
	if err != nil {
		return v, err
	}
	if last := v.ResultAt(r.Now()); last != nil {
		res, err := r.store.Result(ctx, c.OrgID, c.ID, last.No)
		if err != nil {
			return v, err
		}
		v.Result, v.ResultNo = &models.Result{}, last.No
		if err := json.Unmarshal([]byte(res.Body), v.Result); err != nil {
			return v, err
		}
	}
	if v.Reinvestments, err = r.store.Reinvestments(ctx, c.OrgID, c.ID); err != nil {
		return v, err
	}
	if insider(a) {
		runs, err := r.store.Runs(ctx, c.OrgID, c.ID, 50)
		if err != nil {
			return v, err
		}
		if i := slices.IndexFunc(runs, func(run models.Run) bool { return run.ChallengeID == nil }); i >= 0 {
			v.Run = &runs[i]
		}
	}
	return v, nil
}

// insider says whether somebody reads what has not been shared.
func insider(a models.Actor) bool { return a.EmployerSide() || a.Has(models.RoleAuditor) }

func (r *Register) claimView(ctx context.Context, a models.Actor, c models.ClaimState, s subject) (ClaimView, error) {
	org, err := r.store.Organisation(ctx, s.OrgID)
	if err != nil {
		return ClaimView{}, err
	}
	return r.claimViewIn(org, a, c, s)
}

func (r *Register) claimViewIn(org models.Organisation, a models.Actor, c models.ClaimState, s subject) (ClaimView, error) {
	now := r.Now()
	v := ClaimView{Deployment: s.Ref, DeploymentName: s.rec.Name, Zone: org.Location(), Today: models.DateOf(now, org.Location()), Parties: insider(a) || len(a.Unions()) > 0}
	v.Can = r.policy.Allowed(a, claimActs, s.res)
	if !insider(a) {
		v.Unshared = hideUnshared(&c, v.Parties, now)
	}
	body := c.PlanJSON
	if p := c.Locked(); p != nil && !slices.Contains(v.Can, "claim.revise") {
		body = p.Body
	}
	if !insider(a) {
		c.PlanJSON = ""
	}
	plan, err := readPlan(body)
	v.Plan = plan.Plan
	v.ClaimState, v.Status, v.Grade, v.SharedNo = c, c.Status(now), c.GradeAt(now), c.SharedUpTo(now)
	v.Can = slices.DeleteFunc(v.Can, func(act string) bool { return !possible(act, v.ClaimState, now) })
	return v, err
}

// hideUnshared takes out of a claim what its reader may not see yet: results
// beyond those shared. What a union's question found is read by whoever reads
// the claim's own: the employer does not decide when.
func hideUnshared(c *models.ClaimState, party bool, now time.Time) (hidden int) {
	upTo := c.SharedUpTo(now)
	all := len(c.Results)
	c.Results = slices.DeleteFunc(slices.Clone(c.Results), func(x models.ClaimResult) bool {
		return x.No > upTo && (x.ChallengeID == nil || upTo == 0 && !party)
	})
	if upTo == 0 && !party {
		for i := range c.Challenges {
			c.Challenges[i].Results = nil
		}
	}
	for i := range c.Datasets {
		c.Datasets[i].FileName = ""
	}
	return all - len(c.Results)
}

// possible says whether an act makes sense of a claim as it stands.
func possible(act string, c models.ClaimState, now time.Time) bool {
	if c.WithdrawnAt != nil {
		return c.Locked() != nil && (act == "claim.challenge" || act == "reinvestment.report")
	}
	locked := c.Locked()
	switch act {
	case "dataset.upload":
		return locked != nil && !c.VendorStated()
	case "claim.analyse":
		return locked != nil && c.Rows(locked.No) != nil
	case "claim.share":
		last := c.ResultAt(now)
		return last != nil && c.SharedUpTo(now) < last.No
	case "claim.challenge", "reinvestment.report":
		return locked != nil
	}
	return true
}

// Claims are the claims of a deployment that the actor may read, oldest first.
func (r *Register) Claims(ctx context.Context, a models.Actor, ref string) ([]ClaimView, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return nil, err
	}
	all, err := r.store.Claims(ctx, s.OrgID, s.ID)
	if err != nil {
		return nil, err
	}
	out := []ClaimView{}
	for _, c := range all {
		of := s
		of.res = claimResource(s, c, r.Now())
		if r.check(a, "claim.read", of.res) != nil {
			continue
		}
		v, err := r.claimView(ctx, a, c, of)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// AllClaims are the claims of the organisation that the actor may read, newest first.
func (r *Register) AllClaims(ctx context.Context, a models.Actor, p Page) ([]ClaimView, string, error) {
	after, err := store.ParseCursor(p.After)
	if err != nil {
		return nil, "", err
	}
	rows, next, err := r.store.AllClaims(ctx, a.OrgID, after, p.Limit)
	if err != nil {
		return nil, "", err
	}
	about, err := r.read(ctx, a, distinct(rows, func(c models.ClaimState) string { return c.DeploymentID }))
	if err != nil {
		return nil, "", err
	}
	out := []ClaimView{}
	for _, c := range rows {
		s, ok := about.claim(c)
		if !ok {
			continue
		}
		v, err := r.claimViewIn(about.org, a, c, s)
		if err != nil {
			return nil, "", err
		}
		out = append(out, v)
	}
	return out, next.String(), nil
}

// ResultFile is a result as it was worked out, byte for byte.
func (r *Register) ResultFile(ctx context.Context, a models.Actor, ref string, no int) (models.ClaimResult, error) {
	v, err := r.Claim(ctx, a, ref)
	if err != nil {
		return models.ClaimResult{}, err
	}
	if !slices.ContainsFunc(v.Results, func(x models.ClaimResult) bool { return x.No == no }) {
		return models.ClaimResult{}, models.Missing("result")
	}
	return r.store.Result(ctx, v.OrgID, v.ID, no)
}

// LockedPlanFile is a plan as it was locked, byte for byte.
func (r *Register) LockedPlanFile(ctx context.Context, a models.Actor, ref string, no int) (models.LockedPlan, error) {
	c, _, err := r.openClaim(ctx, r.store.Reader, a, ref, "claim.read")
	if err != nil {
		return models.LockedPlan{}, err
	}
	for _, p := range c.Plans {
		if p.No == no {
			return p, nil
		}
	}
	return models.LockedPlan{}, models.Missing("plan")
}

// PlanDiff is what changed between two locked plans.
func (r *Register) PlanDiff(ctx context.Context, a models.Actor, ref string, from, to int) ([]models.FieldChange, error) {
	before, err := r.LockedPlanFile(ctx, a, ref, from)
	if err != nil {
		return nil, err
	}
	after, err := r.LockedPlanFile(ctx, a, ref, to)
	if err != nil {
		return nil, err
	}
	return models.DiffJSON([]byte(before.Body), []byte(after.Body))
}
