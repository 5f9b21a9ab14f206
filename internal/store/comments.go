package store

import (
	"context"
	"time"

	"beforehand/models"
)

const commentColumns = `SELECT c.*, w.body AS words, u.name AS author_name, COALESCE(n.abbreviation, '') AS union_abbrev,
	r.body AS redacted_body, r.reason AS redacted_why, x.at AS withdrawn_at, k.id AS corrected_by, k.at AS corrected_at,
	(SELECT CASE WHEN SUM(CASE WHEN z.circle = 'public' THEN 1 ELSE 0 END) > 0 THEN 'public' WHEN COUNT(*) > 0 THEN 'scrutiny' ELSE '' END
	   FROM comment_widenings z WHERE z.org_id = c.org_id AND z.comment_id = c.id) AS widened,
	d.verdict, d.reason AS answer, d.changed_in_version, d.by_user_id AS answered_by, d.at AS answered_at
	FROM comments c
	JOIN users u ON u.id = c.by_user_id
	LEFT JOIN comment_words w ON w.org_id = c.org_id AND w.comment_id = c.id
	LEFT JOIN unions n ON n.org_id = c.org_id AND n.id = c.union_id
	LEFT JOIN comment_redactions r ON r.org_id = c.org_id AND r.comment_id = c.id
	LEFT JOIN comment_withdrawals x ON x.org_id = c.org_id AND x.comment_id = c.id
	LEFT JOIN comments k ON k.org_id = c.org_id AND k.corrects = c.id
	LEFT JOIN dispositions d ON d.org_id = c.org_id AND d.comment_id = c.id `

type commentRow struct {
	models.Comment
	Words            *string
	AuthorName       string
	UnionAbbrev      string
	RedactedBody     *string
	RedactedWhy      *string
	WithdrawnAt      *time.Time
	CorrectedBy      *string
	CorrectedAt      *time.Time
	Widened          models.Circle
	Verdict          *string
	Answer           *string
	ChangedInVersion *int
	AnsweredBy       *string
	AnsweredAt       *time.Time
}

func (c commentRow) state() models.CommentState {
	s := models.CommentState{
		Comment: c.Comment, AuthorName: c.AuthorName, UnionAbbrev: c.UnionAbbrev,
		Reach: c.Circle, WithdrawnAt: c.WithdrawnAt, CorrectedBy: c.CorrectedBy, CorrectedAt: c.CorrectedAt,
	}
	if c.Words != nil {
		s.Body = *c.Words
	}
	if c.RedactedBody != nil {
		s.Redacted, s.Body, s.RedactedWhy = true, *c.RedactedBody, *c.RedactedWhy
	}
	if c.Widened.WiderThan(s.Reach) {
		s.Reach = c.Widened
	}
	if c.Verdict != nil {
		s.Disposition = &models.Disposition{
			OrgID: c.OrgID, CommentID: c.ID, Verdict: *c.Verdict, Reason: *c.Answer,
			ChangedInVersion: c.ChangedInVersion, ByUserID: *c.AnsweredBy, At: *c.AnsweredAt,
		}
	}
	return s
}

func (r Reader) comments(ctx context.Context, where string, args ...any) ([]models.CommentState, error) {
	rows, err := raw[commentRow](ctx, r, commentColumns+where, args...)
	if err != nil {
		return nil, err
	}
	out := make([]models.CommentState, len(rows))
	for i, row := range rows {
		out[i] = row.state()
	}
	return out, nil
}

// Comments are the comments on a deployment with all that happened to them, oldest first.
func (r Reader) Comments(ctx context.Context, org, deploymentID string) ([]models.CommentState, error) {
	return r.comments(ctx, "WHERE c.org_id = ? AND c.deployment_id = ? ORDER BY c.at, c.id", org, deploymentID)
}

// UnionComments are what a gate asks of the comments that unions made on a
// deployment, oldest first: of what kind, when, and when they were answered,
// corrected or withdrawn. Their words, authors and readers are left out.
func (r Reader) UnionComments(ctx context.Context, org, deploymentID string) ([]models.CommentState, error) {
	type row struct {
		UnionID     *string
		Kind        models.CommentKind
		At          time.Time
		CorrectedAt *time.Time
		WithdrawnAt *time.Time
		AnsweredAt  *time.Time
	}
	// Looked up for each comment: joined, PostgreSQL reads all that were ever
	// answered as soon as a deployment has some hundreds.
	rows, err := raw[row](ctx, r, `SELECT c.union_id, c.kind, c.at,
		(SELECT k.at FROM comments k WHERE k.org_id = c.org_id AND k.corrects = c.id) AS corrected_at,
		(SELECT x.at FROM comment_withdrawals x WHERE x.org_id = c.org_id AND x.comment_id = c.id) AS withdrawn_at,
		(SELECT d.at FROM dispositions d WHERE d.org_id = c.org_id AND d.comment_id = c.id) AS answered_at
		FROM comments c WHERE c.org_id = ? AND c.deployment_id = ? AND c.union_id IS NOT NULL ORDER BY c.at, c.id`, org, deploymentID)
	if err != nil {
		return nil, err
	}
	out := make([]models.CommentState, len(rows))
	for i, c := range rows {
		out[i] = models.CommentState{Comment: models.Comment{UnionID: c.UnionID, Kind: c.Kind, At: c.At}, CorrectedAt: c.CorrectedAt, WithdrawnAt: c.WithdrawnAt}
		if c.AnsweredAt != nil {
			out[i].Disposition = &models.Disposition{At: *c.AnsweredAt}
		}
	}
	return out, nil
}

// Comment finds one.
func (r Reader) Comment(ctx context.Context, org, id string) (models.CommentState, error) {
	rows, err := r.comments(ctx, "WHERE c.org_id = ? AND c.id = ?", org, id)
	if err != nil {
		return models.CommentState{}, err
	}
	if len(rows) == 0 {
		return models.CommentState{}, models.Missing("comment")
	}
	return rows[0], nil
}

// Unanswered are the union comments of an organisation that still lack a
// disposition, oldest first, after a keyset of instant and id.
func (r Reader) Unanswered(ctx context.Context, org string, after Cursor, limit int) ([]models.CommentState, Cursor, error) {
	where := `WHERE c.org_id = ? AND c.union_id IS NOT NULL AND d.comment_id IS NULL AND x.comment_id IS NULL AND k.id IS NULL`
	args := []any{org}
	if after.ID != "" {
		at, err := time.Parse(time.RFC3339Nano, after.Key)
		if err != nil {
			return nil, Cursor{}, badCursor()
		}
		where += " AND (c.at > ? OR c.at = ? AND c.id > ?)"
		args = append(args, at, at, after.ID)
	}
	rows, err := r.comments(ctx, where+" ORDER BY c.at, c.id LIMIT ?", append(args, limit+1)...)
	if err != nil || len(rows) <= limit {
		return rows, Cursor{}, err
	}
	last := rows[limit-1]
	return rows[:limit], Cursor{last.At.UTC().Format(time.RFC3339Nano), last.ID}, nil
}

// EraseWords removes the words of a comment. The database allows it only
// after a redaction has been written down.
func (t *Tx) EraseWords(ctx context.Context, org, commentID string) error {
	return t.exec(ctx, "DELETE FROM comment_words WHERE org_id = ? AND comment_id = ?", org, commentID)
}

// Requests are the information requests on a deployment with their events, oldest first.
func (r Reader) Requests(ctx context.Context, org, deploymentID string) ([]models.RequestState, error) {
	return r.requests(ctx, "q.org_id = ? AND q.deployment_id = ? ORDER BY q.asked_at, q.id", org, deploymentID)
}

// Request finds one by its number.
func (r Reader) Request(ctx context.Context, org, no string) (models.RequestState, error) {
	rows, err := r.requests(ctx, "q.org_id = ? AND q.no = ?", org, no)
	if err != nil {
		return models.RequestState{}, err
	}
	if len(rows) == 0 {
		return models.RequestState{}, models.Missing("request")
	}
	return rows[0], nil
}

func (r Reader) requests(ctx context.Context, where string, args ...any) ([]models.RequestState, error) {
	type row struct {
		models.Request
		UnionAbbrev string
	}
	rows, err := raw[row](ctx, r, `SELECT q.*, n.abbreviation AS union_abbrev FROM information_requests q
		JOIN unions n ON n.org_id = q.org_id AND n.id = q.union_id WHERE `+where, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, q := range rows {
		ids[i] = q.ID
	}
	events, err := many[models.RequestEvent](ctx, r, "at, id", "org_id = ? AND request_id IN ?", rows[0].OrgID, ids)
	if err != nil {
		return nil, err
	}
	byRequest := map[string][]models.RequestEvent{}
	for _, e := range events {
		byRequest[e.RequestID] = append(byRequest[e.RequestID], e)
	}
	out := make([]models.RequestState, len(rows))
	for i, q := range rows {
		out[i] = models.RequestState{Request: q.Request, UnionAbbrev: q.UnionAbbrev, Events: byRequest[q.ID]}
	}
	return out, nil
}

// SaveRequest moves the version of a request on.
func (t *Tx) SaveRequest(ctx context.Context, q *models.Request, readAt int) error {
	return save(ctx, t, q, "request", q.OrgID, q.ID, readAt)
}

// Outcomes are how consultation with each union on a deployment ended.
func (r Reader) Outcomes(ctx context.Context, org, deploymentID string) ([]models.UnionOutcome, error) {
	return many[models.UnionOutcome](ctx, r, "at, id", "org_id = ? AND deployment_id = ?", org, deploymentID)
}

// SaveOutcome writes an outcome back.
func (t *Tx) SaveOutcome(ctx context.Context, o *models.UnionOutcome, readAt int) error {
	return save(ctx, t, o, "outcome", o.OrgID, o.ID, readAt)
}

// OutcomesOf are how consultation on each of some deployments ended, union by union.
func (r Reader) OutcomesOf(ctx context.Context, org string, deploymentIDs []string) ([]models.UnionOutcome, error) {
	return many[models.UnionOutcome](ctx, r, "deployment_id, at, id", "org_id = ? AND deployment_id IN ?", org, deploymentIDs)
}

// CommentWords are the words of a comment, in a row of their own so that a
// redaction can take them out.
type CommentWords struct {
	OrgID     string
	CommentID string
	Body      string
}

// TableName is comment_words.
func (CommentWords) TableName() string { return "comment_words" }
