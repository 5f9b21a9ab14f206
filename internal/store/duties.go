package store

import (
	"context"

	"beforehand/models"
)

// Owed is a row of something owed: which deployment, what number, by when.
type Owed struct {
	No           string
	DeploymentID string
	Party        string
	Due          models.Date
}

// owed lists what is open, from one question each. Every list is bounded: a
// person cannot work through more.
const mostOwed = 500

func (r Reader) owed(ctx context.Context, query string, args ...any) ([]Owed, error) {
	return raw[Owed](ctx, r, query+" LIMIT ?", append(args, mostOwed)...)
}

// OpenRequests are information requests without an answer that stands: never
// answered, and not withheld until a day to come.
func (r Reader) OpenRequests(ctx context.Context, org string, today models.Date) ([]Owed, error) {
	return r.owed(ctx, `SELECT q.no, q.deployment_id, q.union_id AS party, q.due_on AS due FROM information_requests q WHERE q.org_id = ?
		AND NOT EXISTS (SELECT 1 FROM information_request_events e WHERE e.org_id = q.org_id AND e.request_id = q.id AND (e.kind = 'answered' OR e.kind = 'withheld' AND e.expires_on >= ?))
		ORDER BY q.due_on, q.no`, org, today)
}

// OpenComments are a union's comments without an answer, by deployment: one row
// for each.
func (r Reader) OpenComments(ctx context.Context, org string) ([]Owed, error) {
	return r.owed(ctx, `SELECT d.ref AS no, c.deployment_id, 'employer' AS party FROM comments c JOIN deployments d ON d.org_id = c.org_id AND d.id = c.deployment_id
		WHERE c.org_id = ? AND c.union_id IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM dispositions x WHERE x.org_id = c.org_id AND x.comment_id = c.id)
		AND NOT EXISTS (SELECT 1 FROM comment_withdrawals x WHERE x.org_id = c.org_id AND x.comment_id = c.id)
		AND NOT EXISTS (SELECT 1 FROM comments k WHERE k.org_id = c.org_id AND k.corrects = c.id)
		GROUP BY d.ref, c.deployment_id ORDER BY d.ref`, org)
}

// Unacknowledged are notices that a union has not acknowledged.
func (r Reader) Unacknowledged(ctx context.Context, org string) ([]Owed, error) {
	return r.owed(ctx, `SELECT n.no, n.deployment_id, p.union_id AS party FROM notice_recipients p JOIN notices n ON n.org_id = p.org_id AND n.id = p.notice_id
		WHERE p.org_id = ? AND NOT EXISTS (SELECT 1 FROM acknowledgements a WHERE a.org_id = p.org_id AND a.recipient_id = p.id) ORDER BY n.served_at, n.no`, org)
}

// ReviewsDue are deployments in use whose review is due by a day.
func (r Reader) ReviewsDue(ctx context.Context, org string, by models.Date) ([]Owed, error) {
	return r.owed(ctx, `SELECT ref AS no, id AS deployment_id, 'employer' AS party, review_due AS due FROM deployments
		WHERE org_id = ? AND stage IN ('pilot', 'evaluated', 'live', 'paused') AND review_due IS NOT NULL AND review_due <= ? ORDER BY review_due, ref`, org, by)
}

// ChallengesDue are a union's challenges of a claim without an answer.
func (r Reader) ChallengesDue(ctx context.Context, org string) ([]Owed, error) {
	return r.owed(ctx, `SELECT c.ref AS no, c.deployment_id, 'employer' AS party, x.due_on AS due FROM challenges x JOIN claims c ON c.org_id = x.org_id AND c.id = x.claim_id
		WHERE x.org_id = ? AND NOT EXISTS (SELECT 1 FROM challenge_answers a WHERE a.org_id = x.org_id AND a.challenge_id = x.id)
		AND NOT EXISTS (SELECT 1 FROM challenge_closings z WHERE z.org_id = x.org_id AND z.challenge_id = x.id) ORDER BY x.due_on, x.id`, org)
}

// ReinvestmentsDue are questions where gains went that were asked by a day.
func (r Reader) ReinvestmentsDue(ctx context.Context, org string, by models.Date) ([]Owed, error) {
	return r.owed(ctx, `SELECT c.ref AS no, c.deployment_id, 'employer' AS party, v.due_on AS due FROM reinvestments v JOIN claims c ON c.org_id = v.org_id AND c.id = v.claim_id
		WHERE v.org_id = ? AND v.shares = '' AND v.due_on <= ? ORDER BY v.due_on, c.ref`, org, by)
}

// OverridesToSign are overrides that one person has signed.
func (r Reader) OverridesToSign(ctx context.Context, org string, today models.Date) ([]Owed, error) {
	return r.owed(ctx, `SELECT d.ref AS no, o.deployment_id, 'employer' AS party, o.expires_on AS due FROM overrides o JOIN deployments d ON d.org_id = o.org_id AND d.id = o.deployment_id
		WHERE o.org_id = ? AND o.second_by IS NULL AND o.expires_on >= ? ORDER BY o.expires_on, d.ref`, org, today)
}
