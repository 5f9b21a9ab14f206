package store

import (
	"context"
	"slices"
	"time"

	"beforehand/models"
)

// resultColumns are all of a result but its body, which may be large.
const resultColumns = "org_id, claim_id, no, plan_no, dataset_id, challenge_id, sha256, grade, verdict, unfinished, rails, by_user_id, at"

// Claim finds one by its ref, with all that has happened to it.
func (r Reader) Claim(ctx context.Context, org, ref string) (models.ClaimState, error) {
	c, err := one[models.Claim](ctx, r.locking(), "claim", "org_id = ? AND ref = ?", org, ref)
	if err != nil {
		return models.ClaimState{}, err
	}
	return r.claimState(ctx, c)
}

// ClaimByID finds one by its id.
func (r Reader) ClaimByID(ctx context.Context, org, id string) (models.ClaimState, error) {
	c, err := one[models.Claim](ctx, r.locking(), "claim", "org_id = ? AND id = ?", org, id)
	if err != nil {
		return models.ClaimState{}, err
	}
	return r.claimState(ctx, c)
}

// ClaimsByID finds several by their ids.
func (r Reader) ClaimsByID(ctx context.Context, org string, ids []string) (map[string]models.ClaimState, error) {
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	states, err := inParts(ids, func(part []string) ([]models.ClaimState, error) {
		rows, err := many[models.Claim](ctx, r, "id", "org_id = ? AND id IN ?", org, part)
		if err != nil {
			return nil, err
		}
		return r.claimStates(ctx, org, rows)
	})
	byID := make(map[string]models.ClaimState, len(states))
	for _, c := range states {
		byID[c.ID] = c
	}
	return byID, err
}

func (r Reader) claimState(ctx context.Context, c models.Claim) (models.ClaimState, error) {
	all, err := r.claimStates(ctx, c.OrgID, []models.Claim{c})
	if err != nil {
		return models.ClaimState{}, err
	}
	return all[0], nil
}

// Claims are the claims made of a deployment, oldest first.
func (r Reader) Claims(ctx context.Context, org, deploymentID string) ([]models.ClaimState, error) {
	rows, err := many[models.Claim](ctx, r, "created_at, id", "org_id = ? AND deployment_id = ?", org, deploymentID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return r.claimStates(ctx, org, rows)
}

// AllClaims are an organisation's claims, newest first, after a keyset of
// instant and id.
func (r Reader) AllClaims(ctx context.Context, org string, after Cursor, limit int) ([]models.ClaimState, Cursor, error) {
	where, args := "org_id = ?", []any{org}
	if after.ID != "" {
		at, err := time.Parse(time.RFC3339Nano, after.Key)
		if err != nil {
			return nil, Cursor{}, badCursor()
		}
		where += " AND (created_at < ? OR created_at = ? AND id < ?)"
		args = append(args, at, at, after.ID)
	}
	rows, err := raw[models.Claim](ctx, r, "SELECT * FROM claims WHERE "+where+" ORDER BY created_at DESC, id DESC LIMIT ?", append(args, limit+1)...)
	if err != nil || len(rows) == 0 {
		return nil, Cursor{}, err
	}
	var next Cursor
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = Cursor{last.CreatedAt.UTC().Format(time.RFC3339Nano), last.ID}
	}
	states, err := r.claimStates(ctx, org, rows)
	return states, next, err
}

// claimStates loads what happened to claims: a query a table, whatever their number.
func (r Reader) claimStates(ctx context.Context, org string, claims []models.Claim) ([]models.ClaimState, error) {
	ids, index := make([]string, len(claims)), map[string]int{}
	out := make([]models.ClaimState, len(claims))
	for i, c := range claims {
		ids[i], index[c.ID] = c.ID, i
		out[i] = models.ClaimState{Claim: c}
	}
	plans, err := many[models.LockedPlan](ctx, r, "claim_id, no", "org_id = ? AND claim_id IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range plans {
		i := index[p.ClaimID]
		out[i].Plans = append(out[i].Plans, p)
	}
	sets, err := many[models.Dataset](ctx, r, "claim_id, no", "org_id = ? AND claim_id IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	for _, d := range sets {
		i := index[d.ClaimID]
		out[i].Datasets = append(out[i].Datasets, d)
	}
	results, err := raw[models.ClaimResult](ctx, r, "SELECT "+resultColumns+" FROM claim_results WHERE org_id = ? AND claim_id IN ? ORDER BY claim_id, no", org, ids)
	if err != nil {
		return nil, err
	}
	for _, x := range results {
		i := index[x.ClaimID]
		out[i].Results = append(out[i].Results, x)
	}
	shares, err := many[models.ClaimShare](ctx, r, "claim_id, result_no", "org_id = ? AND claim_id IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	for _, x := range shares {
		i := index[x.ClaimID]
		out[i].Shares = append(out[i].Shares, x)
	}
	challenges, err := r.challenges(ctx, "c.org_id = ? AND c.claim_id IN ? ORDER BY c.at, c.id", org, ids)
	if err != nil {
		return nil, err
	}
	for _, x := range challenges {
		i := index[x.ClaimID]
		for _, res := range out[i].Results {
			if res.ChallengeID != nil && *res.ChallengeID == x.ID {
				x.Results = append(x.Results, res.No)
			}
		}
		out[i].Challenges = append(out[i].Challenges, x)
	}
	return out, nil
}

func (r Reader) challenges(ctx context.Context, where string, args ...any) ([]models.ChallengeState, error) {
	type row struct {
		models.Challenge
		UnionAbbrev string
		Finding     *string
		Answer      *string
		AnsweredBy  *string
		AnsweredAt  *time.Time
		ClosedAt    *time.Time
	}
	rows, err := raw[row](ctx, r, `SELECT c.*, n.abbreviation AS union_abbrev, a.finding, a.answer, a.by_user_id AS answered_by, a.at AS answered_at, x.at AS closed_at
		FROM challenges c
		JOIN unions n ON n.org_id = c.org_id AND n.id = c.union_id
		LEFT JOIN challenge_answers a ON a.org_id = c.org_id AND a.challenge_id = c.id
		LEFT JOIN challenge_closings x ON x.org_id = c.org_id AND x.challenge_id = c.id
		WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	out := make([]models.ChallengeState, len(rows))
	for i, c := range rows {
		out[i] = models.ChallengeState{Challenge: c.Challenge, UnionAbbrev: c.UnionAbbrev, AnsweredBy: c.AnsweredBy, AnsweredAt: c.AnsweredAt, ClosedAt: c.ClosedAt}
		if c.Finding != nil {
			out[i].Finding, out[i].Answer = *c.Finding, *c.Answer
		}
	}
	return out, nil
}

// Challenge finds one by its number.
func (r Reader) Challenge(ctx context.Context, org, no string) (models.ChallengeState, error) {
	rows, err := r.challenges(ctx, "c.org_id = ? AND c.no = ?", org, no)
	if err != nil {
		return models.ChallengeState{}, err
	}
	if len(rows) == 0 {
		return models.ChallengeState{}, models.Missing("challenge")
	}
	return rows[0], nil
}

// SaveClaim writes a claim back if nobody has since it was read.
func (t *Tx) SaveClaim(ctx context.Context, c *models.Claim, readAt int) error {
	return save(ctx, t, c, "claim", c.OrgID, c.ID, readAt)
}

// Result is one result with its body.
func (r Reader) Result(ctx context.Context, org, claimID string, no int) (models.ClaimResult, error) {
	return one[models.ClaimResult](ctx, r, "result", "org_id = ? AND claim_id = ? AND no = ?", org, claimID, no)
}

// NextResult is the number that a claim's next result gets.
func (t *Tx) NextResult(ctx context.Context, org, claimID string) (int, error) {
	n, err := raw[int](ctx, t.Reader, "SELECT COALESCE(MAX(no), 0) + 1 FROM claim_results WHERE org_id = ? AND claim_id = ?", org, claimID)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// MetricRow is an employer's own definition of a metric; its body is JSON.
type MetricRow struct {
	OrgID    string `gorm:"primaryKey"`
	Key      string `gorm:"primaryKey"`
	No       int    `gorm:"primaryKey"`
	Body     string
	ByUserID string
	At       time.Time
}

// TableName is metrics.
func (MetricRow) TableName() string { return "metrics" }

// Metrics are an employer's own definitions in force, by key.
func (r Reader) Metrics(ctx context.Context, org string) ([]MetricRow, error) {
	return raw[MetricRow](ctx, r, `SELECT m.* FROM metrics m WHERE m.org_id = ?
		AND m.no = (SELECT MAX(x.no) FROM metrics x WHERE x.org_id = m.org_id AND x.key = m.key) ORDER BY m.key`, org)
}

// Run is an analysis under way or ended.
func (r Reader) Run(ctx context.Context, org, id string) (models.Run, error) {
	return one[models.Run](ctx, r, "run", "org_id = ? AND id = ?", org, id)
}

// Runs are the runs of a claim, newest first.
func (r Reader) Runs(ctx context.Context, org, claimID string, limit int) ([]models.Run, error) {
	return raw[models.Run](ctx, r, "SELECT * FROM claim_runs WHERE org_id = ? AND claim_id = ? ORDER BY at DESC, id DESC LIMIT ?", org, claimID, limit)
}

// QueuedRuns are the runs of an organisation that nobody has begun.
func (r Reader) QueuedRuns(ctx context.Context, org string) ([]models.Run, error) {
	return many[models.Run](ctx, r, "at, id", "org_id = ? AND state = 'queued'", org)
}

// SaveRun writes a run back unless it has ended. It says whether it did.
func (t *Tx) SaveRun(ctx context.Context, run *models.Run) (bool, error) {
	res := t.db.WithContext(ctx).Model(run).Where("org_id = ? AND id = ? AND ended_at IS NULL", run.OrgID, run.ID).Select("*").Updates(run)
	return res.RowsAffected == 1, translate(res.Error)
}

// Reinvestments are what was asked and answered of a claim's gain, by month.
func (r Reader) Reinvestments(ctx context.Context, org, claimID string) ([]models.Reinvestment, error) {
	return many[models.Reinvestment](ctx, r, "month", "org_id = ? AND claim_id = ?", org, claimID)
}

// Unasked are the reinvestments of all organisations that are due by a day and
// have not been asked for.
func (r Reader) Unasked(ctx context.Context, by models.Date) ([]models.Reinvestment, error) {
	return many[models.Reinvestment](ctx, r, "due_on, org_id, claim_id", "asked_at IS NULL AND shares = '' AND due_on <= ?", by)
}

// OverdueReinvestments are those of an organisation that were due before a day.
func (r Reader) OverdueReinvestments(ctx context.Context, org string, before models.Date) ([]models.Reinvestment, error) {
	return many[models.Reinvestment](ctx, r, "due_on, claim_id", "org_id = ? AND shares = '' AND due_on < ?", org, before)
}

// SaveReinvestment writes one back; an answer stays.
func (t *Tx) SaveReinvestment(ctx context.Context, v *models.Reinvestment) error {
	res := t.db.WithContext(ctx).Model(v).Where("org_id = ? AND claim_id = ? AND month = ? AND shares = ''", v.OrgID, v.ClaimID, v.Month).Select("*").Updates(v)
	if res.Error == nil && res.RowsAffected == 0 {
		return models.Fail(models.Conflict, "reinvestment_answered")
	}
	return translate(res.Error)
}

// AskReinvestment notes that somebody was asked where a gain went, who has not
// been asked yet and has not said. It is not found when they were meanwhile.
func (t *Tx) AskReinvestment(ctx context.Context, v models.Reinvestment, at time.Time) error {
	return t.affect(ctx, "reinvestment", "UPDATE reinvestments SET asked_at = ? WHERE org_id = ? AND claim_id = ? AND month = ? AND shares = '' AND asked_at IS NULL",
		at, v.OrgID, v.ClaimID, v.Month)
}

// OverdueChallenges are those of an organisation that were due before a day and
// have had no answer.
func (r Reader) OverdueChallenges(ctx context.Context, org string, before models.Date) ([]models.ChallengeState, error) {
	return r.challenges(ctx, "c.org_id = ? AND c.due_on < ? AND a.challenge_id IS NULL AND x.challenge_id IS NULL ORDER BY c.due_on, c.id LIMIT 200", org, before)
}

// inUse is what holds of a deployment d that is in use: live, or found in use
// before its notice had run and not ended since.
const inUse = "(d.stage IN ('live', 'paused') OR d.late AND d.stage NOT IN ('retired', 'withdrawn'))"

// LiveWithoutEvidence are deployments in use of which no result was ever shared.
func (r Reader) LiveWithoutEvidence(ctx context.Context, org string) ([]models.Deployment, error) {
	return raw[models.Deployment](ctx, r, `SELECT d.* FROM deployments d WHERE d.org_id = ? AND `+inUse+`
		AND NOT EXISTS (SELECT 1 FROM claims c JOIN claim_shares s ON s.org_id = c.org_id AND s.claim_id = c.id WHERE c.org_id = d.org_id AND c.deployment_id = d.id)
		ORDER BY d.ref LIMIT 200`, org)
}
