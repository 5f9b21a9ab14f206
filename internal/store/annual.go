package store

import (
	"context"
	"time"

	"beforehand/models"
)

// YearRow is a record that a year's report counts.
type YearRow struct {
	No     string
	Ref    string
	Kind   string
	Weight int
	Late   bool
	At     time.Time
	// Before is the instant that At is compared with.
	Before *time.Time
}

// Within is a stretch of time, the end left out.
type Within struct{ From, Until time.Time }

func (r Reader) year(ctx context.Context, query string, args ...any) ([]YearRow, error) {
	return raw[YearRow](ctx, r, query, args...)
}

// YearRegistered are the deployments that were registered; ideas are the
// employer's own and are not counted.
func (r Reader) YearRegistered(ctx context.Context, org string, w Within) ([]YearRow, error) {
	return r.year(ctx, "SELECT ref AS no, ref, 1 AS weight, late, created_at AS at FROM deployments WHERE org_id = ? AND audience <> 'employer' AND created_at >= ? AND created_at < ? ORDER BY ref", org, w.From, w.Until)
}

// YearNotices are the notices that were served, by kind.
func (r Reader) YearNotices(ctx context.Context, org string, w Within) ([]YearRow, error) {
	return r.year(ctx, `SELECT n.no, d.ref, n.kind, 1 AS weight, n.served_at AS at FROM notices n JOIN deployments d ON d.org_id = n.org_id AND d.id = n.deployment_id
		WHERE n.org_id = ? AND n.served_at >= ? AND n.served_at < ? ORDER BY n.no`, org, w.From, w.Until)
}

// The first notice of a deployment, and its first move into use. Rows are joined
// and not aggregated, for SQLite gives the least of some instants as text.
const (
	firstNotice = `JOIN notices f ON f.org_id = d.org_id AND f.id = (SELECT n.id FROM notices n WHERE n.org_id = d.org_id AND n.deployment_id = d.id ORDER BY n.served_at, n.id LIMIT 1) `
	firstUse    = `JOIN stage_moves u ON u.org_id = d.org_id AND u.id = (SELECT m.id FROM stage_moves m WHERE m.org_id = d.org_id AND m.deployment_id = d.id AND m.to_stage IN ('pilot', 'live') ORDER BY m.at, m.id LIMIT 1) `
)

// YearFirstNotices are the deployments whose first notice was served, and when
// each was first in use: in a pilot or live.
func (r Reader) YearFirstNotices(ctx context.Context, org string, w Within) ([]YearRow, error) {
	return r.year(ctx, `SELECT d.ref AS no, d.ref, 1 AS weight, d.late, f.served_at AS at, u.at AS before, f.kind FROM deployments d `+firstNotice+`LEFT `+firstUse+`
		WHERE d.org_id = ? AND f.served_at >= ? AND f.served_at < ? ORDER BY d.ref`, org, w.From, w.Until)
}

// YearFirstUse are the deployments that were first in pilot or live use, with
// when their first notice was served.
func (r Reader) YearFirstUse(ctx context.Context, org string, w Within) ([]YearRow, error) {
	return r.year(ctx, `SELECT d.ref AS no, d.ref, 1 AS weight, u.at, f.served_at AS before FROM deployments d `+firstNotice+firstUse+`
		WHERE d.org_id = ? AND u.at >= ? AND u.at < ? ORDER BY d.ref`, org, w.From, w.Until)
}

// YearComments are the unions' comments, with the answer that each has: the
// kind is the disposition, withdrawn, or "". One that was corrected is counted as
// its correction.
func (r Reader) YearComments(ctx context.Context, org string, w Within) ([]YearRow, error) {
	return r.year(ctx, `SELECT d.ref AS no, d.ref, COALESCE(x.verdict, CASE WHEN z.comment_id IS NOT NULL THEN 'withdrawn' ELSE '' END) AS kind, 1 AS weight, c.late, c.at
		FROM comments c JOIN deployments d ON d.org_id = c.org_id AND d.id = c.deployment_id
		LEFT JOIN dispositions x ON x.org_id = c.org_id AND x.comment_id = c.id
		LEFT JOIN comment_withdrawals z ON z.org_id = c.org_id AND z.comment_id = c.id
		LEFT JOIN comments k ON k.org_id = c.org_id AND k.corrects = c.id
		WHERE c.org_id = ? AND c.union_id IS NOT NULL AND k.id IS NULL AND c.at >= ? AND c.at < ? ORDER BY c.at, c.id`, org, w.From, w.Until)
}

// YearOutcomes are how consultation with a union ended.
func (r Reader) YearOutcomes(ctx context.Context, org string, w Within) ([]YearRow, error) {
	return r.year(ctx, `SELECT u.abbreviation AS no, d.ref, o.outcome AS kind, 1 AS weight, o.at FROM union_outcomes o
		JOIN deployments d ON d.org_id = o.org_id AND d.id = o.deployment_id JOIN unions u ON u.org_id = o.org_id AND u.id = o.union_id
		WHERE o.org_id = ? AND o.at >= ? AND o.at < ? ORDER BY d.ref, u.abbreviation`, org, w.From, w.Until)
}

// YearMeetings are the meetings that were to be: the kind is held, offered, or
// by whom it was cancelled, and the weight is nought where another was offered
// in the place of a cancelled one.
func (r Reader) YearMeetings(ctx context.Context, org string, w Within) ([]YearRow, error) {
	return r.year(ctx, `SELECT m.no, COALESCE(d.ref, '') AS ref, CASE WHEN m.status <> 'cancelled' THEN m.status WHEN m.cancelled_by = 'employer' THEN 'by_employer' ELSE 'by_union' END AS kind,
		CASE WHEN EXISTS (SELECT 1 FROM meetings n WHERE n.org_id = m.org_id AND n.replaces = m.id) THEN 0 ELSE 1 END AS weight, m.starts_at AS at
		FROM meetings m LEFT JOIN deployments d ON d.org_id = m.org_id AND d.id = m.deployment_id
		WHERE m.org_id = ? AND m.starts_at >= ? AND m.starts_at < ? ORDER BY m.no`, org, w.From, w.Until)
}

// YearResults are the newest results of claims that were shared, by grade.
func (r Reader) YearResults(ctx context.Context, org string, w Within) ([]YearRow, error) {
	return r.year(ctx, `SELECT c.ref AS no, d.ref, x.grade AS kind, 1 AS weight, s.at FROM claims c JOIN deployments d ON d.org_id = c.org_id AND d.id = c.deployment_id
		JOIN claim_shares s ON s.org_id = c.org_id AND s.claim_id = c.id AND s.result_no = (SELECT MAX(t.result_no) FROM claim_shares t WHERE t.org_id = c.org_id AND t.claim_id = c.id AND t.at < ?)
		JOIN claim_results x ON x.org_id = c.org_id AND x.claim_id = c.id AND x.no = s.result_no
		WHERE c.org_id = ? AND s.at >= ? AND s.at < ? ORDER BY c.ref`, w.Until, org, w.From, w.Until)
}

// YearOverrides are the overrides that took effect.
func (r Reader) YearOverrides(ctx context.Context, org string, w Within) ([]YearRow, error) {
	return r.year(ctx, `SELECT d.ref AS no, d.ref, o.to_stage AS kind, 1 AS weight, o.second_at AS at FROM overrides o JOIN deployments d ON d.org_id = o.org_id AND d.id = o.deployment_id
		WHERE o.org_id = ? AND o.second_at >= ? AND o.second_at < ? ORDER BY o.second_at, o.id`, org, w.From, w.Until)
}

// YearNumbered are what was made in a table whose rows have a number of their
// own: disputes, engagements, questionnaires, statements, actions, barriers,
// requests, flags. The kind is what became of each.
func (r Reader) YearNumbered(ctx context.Context, org, what string, w Within) ([]YearRow, error) {
	q, ok := map[string]string{
		"disputes":       "SELECT no, outcome AS kind, 1 AS weight, at FROM disputes WHERE org_id = ? AND at >= ? AND at < ? ORDER BY no",
		"statements":     "SELECT no, status AS kind, 1 AS weight, at FROM statements WHERE org_id = ? AND at >= ? AND at < ? ORDER BY no",
		"questionnaires": "SELECT no, '' AS kind, 1 AS weight, at FROM questionnaires WHERE org_id = ? AND at >= ? AND at < ? ORDER BY no",
		"barriers":       "SELECT no, CASE WHEN settled_on IS NULL THEN '' ELSE 'settled' END AS kind, 1 AS weight, at FROM barriers WHERE org_id = ? AND at >= ? AND at < ? ORDER BY no",
		"actions":        "SELECT no, CASE WHEN done_on IS NULL THEN '' WHEN done_on <= due_on THEN 'in_time' ELSE 'late' END AS kind, 1 AS weight, at FROM actions WHERE org_id = ? AND at >= ? AND at < ? ORDER BY no",
		"flags":          "SELECT no, status AS kind, 1 AS weight, at FROM flags WHERE org_id = ? AND at >= ? AND at < ? ORDER BY no",
		"invited":        "SELECT e.no, '' AS kind, COALESCE(SUM(g.invited), 0) AS weight, e.at FROM engagements e JOIN engagement_groups g ON g.org_id = e.org_id AND g.engagement_id = e.id WHERE e.org_id = ? AND e.at >= ? AND e.at < ? GROUP BY e.no, e.at ORDER BY e.no",
		"attended":       "SELECT e.no, '' AS kind, COALESCE(SUM(g.attended), 0) AS weight, e.at FROM engagements e JOIN engagement_groups g ON g.org_id = e.org_id AND g.engagement_id = e.id WHERE e.org_id = ? AND e.at >= ? AND e.at < ? GROUP BY e.no, e.at ORDER BY e.no",
	}[what]
	if !ok {
		return nil, models.Missing(what)
	}
	return r.year(ctx, q, org, w.From, w.Until)
}

// YearRequests are the information requests that were asked, by their number.
func (r Reader) YearRequests(ctx context.Context, org string, w Within) ([]models.RequestState, error) {
	return r.requests(ctx, "q.org_id = ? AND q.asked_at >= ? AND q.asked_at < ? ORDER BY q.no", org, w.From, w.Until)
}

// RecognisedIn are the unions recognised at some time between two days, by name.
func (r Reader) RecognisedIn(ctx context.Context, org string, first, last models.Date) ([]models.Union, error) {
	return many[models.Union](ctx, r, "abbreviation", `org_id = ? AND id IN (SELECT union_id FROM recognitions WHERE org_id = ? AND from_date <= ? AND (to_date IS NULL OR to_date >= ?))`, org, org, last, first)
}

// LedgerHead is an organisation's log as it is: how long, and when its last
// entry was written.
func (r Reader) LedgerHead(ctx context.Context, org string) (int64, time.Time, error) {
	size, err := r.LedgerSize(ctx, org)
	if err != nil || size == 0 {
		return size, time.Time{}, err
	}
	rows, err := r.LedgerEntries(ctx, org, size-1, 1)
	if err != nil || len(rows) == 0 {
		return size, time.Time{}, err
	}
	return size, rows[0].At, nil
}
