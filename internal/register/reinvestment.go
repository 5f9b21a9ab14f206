package register

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// scheduleReinvestment writes down when it will be asked where a gain went:
// 3, 6 and 12 months after a result was first shared.
func (r *Register) scheduleReinvestment(ctx context.Context, tx *store.Tx, c models.ClaimState, at time.Time) error {
	org, err := tx.Organisation(ctx, c.OrgID)
	if err != nil {
		return err
	}
	today := models.DateOf(at, org.Location())
	for _, month := range models.ReinvestmentMonths {
		row := models.Reinvestment{OrgID: c.OrgID, ClaimID: c.ID, Month: month, DueOn: today.AddMonths(month)}
		if err := tx.Add(ctx, &row); err != nil {
			return err
		}
	}
	return nil
}

// Reinvest says where a gain goes, or went: month 0 is the plan, and 3, 6 and
// 12 are what came of it. Shares are per cents by use and sum to 100.
func (r *Register) Reinvest(ctx context.Context, a models.Actor, ref string, month int, shares map[string]int, note string) (ClaimView, error) {
	var f models.Faults
	if month != 0 && !slices.Contains(models.ReinvestmentMonths, month) {
		f.Add("month", "unknown_value", "value", itoa(month), "allowed", "0, 3, 6, 12")
	}
	models.CheckText(&f, "note", note, 5000)
	if err := f.Err(); err != nil {
		return ClaimView{}, err
	}
	if err := models.CheckShares(shares); err != nil {
		return ClaimView{}, err
	}
	err := r.change(ctx, a, "reinvestment.report", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openClaim(ctx, tx.Reader, a, ref, "reinvestment.report")
		if err != nil {
			return entry{}, err
		}
		b, err := json.Marshal(shares)
		if err != nil {
			return entry{}, err
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		v := models.Reinvestment{OrgID: c.OrgID, ClaimID: c.ID, Month: month, DueOn: models.DateOf(at, org.Location()), Shares: string(b), Note: note, ByUserID: &a.UserID, At: &at, AskedAt: &at}
		e := claimEntry(c.Claim, s, map[string]any{"month": month, "shares": ledger.Hash(b)})
		return e, answerReinvestment(ctx, tx, c, v)
	})
	if err != nil {
		return ClaimView{}, err
	}
	return r.Claim(ctx, a, ref)
}

// answerReinvestment writes an answer: into the row that asked, or, of what is
// planned, into one of its own.
func answerReinvestment(ctx context.Context, tx *store.Tx, c models.ClaimState, v models.Reinvestment) error {
	if c.Locked() == nil {
		return models.Fail(models.Conflict, "plan_not_locked").With("claim", c.Ref)
	}
	rows, err := tx.Reinvestments(ctx, c.OrgID, c.ID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Month != v.Month {
			continue
		}
		if row.Shares != "" {
			return models.Fail(models.Conflict, "reinvestment_answered")
		}
		if row.DueOn > v.DueOn {
			return models.Fail(models.Conflict, "reinvestment_early").With("date", row.DueOn)
		}
		v.DueOn = row.DueOn
		if row.AskedAt != nil {
			v.AskedAt = row.AskedAt
		}
		return tx.SaveReinvestment(ctx, &v)
	}
	if v.Month != 0 {
		return models.Fail(models.Conflict, "reinvestment_unasked")
	}
	return tx.Add(ctx, &v)
}

// AskReinvestments asks whoever made a claim where its gain went, when it is time.
func (r *Register) AskReinvestments(ctx context.Context) error {
	due, err := r.store.Unasked(ctx, models.DateOf(r.Now(), time.UTC))
	if err != nil {
		return err
	}
	var errs []error
	for _, v := range due {
		errs = append(errs, r.askReinvestment(ctx, v))
	}
	return errors.Join(errs...)
}

func (r *Register) askReinvestment(ctx context.Context, v models.Reinvestment) error {
	c, err := r.store.ClaimByID(ctx, v.OrgID, v.ClaimID)
	if err != nil {
		return err
	}
	// Another worker may ask the same, or it is answered: then there is nothing to ask.
	return ended(r.change(ctx, models.Actor{OrgID: v.OrgID}, "reinvestment.ask", func(tx *store.Tx, at time.Time) (entry, error) {
		if err := tx.AskReinvestment(ctx, v, at); err != nil {
			return entry{}, err
		}
		e := entry{subject: c.ID, deployment: c.DeploymentID, data: map[string]any{"ref": c.Ref, "month": v.Month, "due": v.DueOn}}
		return e, tx.Promise(ctx, ClaimLetter{ID: newID(), Org: c.OrgID, Claim: c.ID, User: c.ByUserID, What: ClaimReinvest})
	}))
}

// SharesOf reads where a gain went; nil when nobody has said.
func SharesOf(v models.Reinvestment) map[string]int {
	if v.Shares == "" {
		return nil
	}
	shares := map[string]int{}
	if err := json.Unmarshal([]byte(v.Shares), &shares); err != nil {
		return nil // the database holds only what an answer wrote
	}
	return shares
}
