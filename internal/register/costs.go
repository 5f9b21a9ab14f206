package register

import (
	"context"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// NewCost is an amount of a year.
type NewCost struct {
	Year     int
	Kind     string
	Pence    int64
	Cashable bool
	Booked   string
	Note     string
	// Claim is the ref of the claim, and Attachment the id of the file, that
	// bears it out; a saving that is said to be evidenced needs a claim.
	Claim, Attachment string
}

// largestCost is a thousand million pounds, in pence.
const largestCost = 100_000_000_000

func (in NewCost) check() error {
	var f models.Faults
	among(&f, "kind", in.Kind, models.CostKinds)
	if in.Year < 1990 || in.Year > 2100 {
		f.Add("year", "out_of_range", "min", "1990", "max", "2100")
	}
	if in.Pence < 0 || in.Pence > largestCost {
		f.Add("pence", "out_of_range", "min", "0", "max", "100000000000")
	}
	models.CheckText(&f, "booked", in.Booked, 300)
	models.CheckText(&f, "note", in.Note, 2000)
	if in.Cashable && in.Kind != "saving_claimed" && in.Kind != "saving_evidenced" {
		f.Add("cashable", "not_a_saving")
	}
	if in.Kind == "saving_evidenced" && in.Claim == "" {
		f.Add("claim", "required")
	}
	return f.Err()
}

// EnterCost enters an amount of a year: what was spent, is foreseen, or is said
// or shown to be saved. It stays; a wrong one is taken back with a reason.
func (r *Register) EnterCost(ctx context.Context, a models.Actor, ref string, in NewCost) (models.CostEntry, error) {
	var c models.CostEntry
	if err := in.check(); err != nil {
		return c, err
	}
	err := r.change(ctx, a, "cost.enter", func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.open(ctx, tx.Reader, a, ref, "cost.enter")
		if err != nil {
			return entry{}, err
		}
		c = models.CostEntry{OrgID: a.OrgID, ID: newID(), DeploymentID: s.ID, Year: in.Year, Kind: in.Kind, Pence: in.Pence, Cashable: in.Cashable, Booked: in.Booked, Note: in.Note, ByUserID: a.UserID, At: at}
		if in.Claim != "" {
			claim, err := tx.Claim(ctx, a.OrgID, in.Claim)
			if err != nil || claim.DeploymentID != s.ID {
				return entry{}, field("claim", "unknown_reference")
			}
			if in.Kind == "saving_evidenced" && !bearsOut(claim, at) {
				return entry{}, field("claim", "claim_not_supported")
			}
			c.ClaimID = &claim.ID
		}
		if in.Attachment != "" {
			if _, err := handedIn(ctx, tx.Reader, a, in.Attachment); err != nil {
				return entry{}, field("attachment", "unknown_reference")
			}
			c.AttachmentID = &in.Attachment
		}
		return entry{subject: c.ID, deployment: s.ID, data: map[string]any{"ref": s.Ref, "year": c.Year, "kind": c.Kind, "pence": c.Pence, "cashable": c.Cashable, "cost": hashOf(c)}}, tx.Add(ctx, &c)
	})
	return c, err
}

// bearsOut says whether a claim bears a saving out: its newest shared result
// supports it, if only in part, and it was not withdrawn.
func bearsOut(c models.ClaimState, until time.Time) bool {
	if c.WithdrawnAt != nil {
		return false
	}
	var verdict models.ClaimVerdict
	for _, res := range c.Results {
		if _, shared := c.SharedSince(res.No, until); shared && res.ChallengeID == nil {
			verdict = res.Verdict
		}
	}
	return verdict == "supported" || verdict == "supported_in_part"
}

// ReverseCost takes an entry back, with a reason. Both stay to be seen.
func (r *Register) ReverseCost(ctx context.Context, a models.Actor, id, reason string) error {
	var f models.Faults
	spoken(&f, "reason", reason, 2000)
	if err := f.Err(); err != nil {
		return err
	}
	return r.change(ctx, a, "cost.reverse", func(tx *store.Tx, at time.Time) (entry, error) {
		c, err := tx.CostEntry(ctx, a.OrgID, id)
		if err != nil {
			return entry{}, err
		}
		s, err := r.costsOf(ctx, tx.Reader, a, c.DeploymentID)
		if err != nil {
			return entry{}, hiddenAs("cost", err)
		}
		if err := r.check(a, "cost.reverse", s.res); err != nil {
			return entry{}, err
		}
		row := models.CostReversal{OrgID: a.OrgID, EntryID: c.ID, Reason: reason, ByUserID: a.UserID, At: at}
		return entry{subject: c.ID, deployment: s.ID, data: map[string]any{"ref": s.Ref, "reason": hashWords(reason)}}, tx.Add(ctx, &row)
	})
}

// costsOf opens a deployment's costs. Parties and councillors read them from
// when they may read the deployment; the public does not.
func (r *Register) costsOf(ctx context.Context, rd store.Reader, a models.Actor, deploymentID string) (subject, error) {
	d, err := rd.DeploymentByID(ctx, a.OrgID, deploymentID)
	if err != nil {
		return subject{}, err
	}
	s, err := r.opened(ctx, rd, a, d, "deployment.read")
	if err != nil {
		return s, err
	}
	if err := r.check(a, "cost.read", s.res); err != nil {
		return s, err
	}
	if s.rec.Keeps("costs", audienceOf(a, s.res), models.DateOf(r.Now(), time.UTC)) {
		return s, models.Missing("cost")
	}
	return s, nil
}

// CostSheet is what a deployment has cost and saved.
type CostSheet struct {
	Ref     string
	Name    models.Text
	Entries []models.CostState
	Totals  models.CostTotals
	// Through is the financial year up to which amounts count as spent.
	Through int
	// Claims are the refs of the claims that bear amounts out, by id; of those
	// that nobody but the employer reads yet there is none.
	Claims map[string]string
	// Files are the files that bear amounts out, by id.
	Files map[string]models.Attachment
	Can   []string
}

// Costs are the amounts of a deployment with their totals, to date and foreseen.
func (r *Register) Costs(ctx context.Context, a models.Actor, ref string) (CostSheet, error) {
	d, err := r.store.Deployment(ctx, a.OrgID, ref)
	if err != nil {
		return CostSheet{}, err
	}
	s, err := r.costsOf(ctx, r.store.Reader, a, d.ID)
	if err != nil {
		return CostSheet{}, hiddenAs("deployment", err)
	}
	org, err := r.store.Organisation(ctx, a.OrgID)
	if err != nil {
		return CostSheet{}, err
	}
	entries, err := r.store.Costs(ctx, a.OrgID, d.ID)
	if err != nil {
		return CostSheet{}, err
	}
	claims, err := r.store.Claims(ctx, a.OrgID, d.ID)
	if err != nil {
		return CostSheet{}, err
	}
	refs := map[string]string{}
	for _, c := range claims {
		if len(c.Shares) > 0 {
			refs[c.ID] = c.Ref
		}
	}
	var cited []string
	for _, e := range entries {
		if e.AttachmentID != nil {
			cited = append(cited, *e.AttachmentID)
		}
	}
	files, err := r.store.Attachments(ctx, a.OrgID, cited)
	if err != nil {
		return CostSheet{}, err
	}
	through := models.FinancialYear(models.DateOf(r.Now(), org.Location()))
	return CostSheet{d.Ref, s.rec.Name, entries, models.Totals(entries, through), through, refs, files, r.policy.Allowed(a, []string{"cost.enter", "cost.reverse"}, s.res)}, nil
}
