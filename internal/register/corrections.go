package register

import (
	"context"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// CorrectComment adds a correction to a comment. Both stay.
func (r *Register) CorrectComment(ctx context.Context, a models.Actor, id, body string) (models.CommentState, error) {
	var next models.CommentState
	err := r.change(ctx, a, "comment.correct", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openComment(ctx, tx.Reader, a, id, "comment.correct")
		if err != nil {
			return entry{}, err
		}
		in := CommentInput{Target: c.Target, TargetKey: c.TargetKey, Kind: c.Kind, Dimension: c.Dimension, Circle: c.Reach, Language: c.Language, Body: body}
		if err := in.check(); err != nil {
			return entry{}, err
		}
		if c.WithdrawnAt != nil {
			return entry{}, models.Fail(models.Conflict, "comment_withdrawn")
		}
		if c.CorrectedBy != nil {
			return entry{}, models.Fail(models.Conflict, "comment_corrected")
		}
		late, err := r.windowClosed(ctx, tx.Reader, s, deref(c.UnionID))
		if err != nil {
			return entry{}, err
		}
		next.Comment = c.Comment
		next.ID, next.Corrects, next.Circle, next.SHA256, next.Late, next.ByUserID, next.At = newID(), &c.ID, c.Reach, ledger.Hash([]byte(body)), late, a.UserID, at
		return commentEntry(next.Comment, s), addComment(ctx, tx, &next.Comment, body)
	})
	next.Body, next.Reach, next.AuthorName = body, next.Circle, a.Name
	return next, err
}

// WithdrawComment withdraws a comment. Its words stay, marked.
func (r *Register) WithdrawComment(ctx context.Context, a models.Actor, id string) error {
	return r.change(ctx, a, "comment.withdraw", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openComment(ctx, tx.Reader, a, id, "comment.withdraw")
		if err != nil {
			return entry{}, err
		}
		if c.WithdrawnAt != nil {
			return entry{}, models.Fail(models.Conflict, "comment_withdrawn")
		}
		return commentEntry(c.Comment, s), tx.Add(ctx, &commentWithdrawal{c.OrgID, c.ID, a.UserID, at})
	})
}

type commentWithdrawal struct {
	OrgID     string
	CommentID string
	ByUserID  string
	At        time.Time
}

// TableName is comment_withdrawals.
func (commentWithdrawal) TableName() string { return "comment_withdrawals" }

// RedactComment takes personal data out of a comment: runs of its words are
// replaced by a mark, and nothing else. What is left and the reason are shown,
// and the hash of the original stays.
func (r *Register) RedactComment(ctx context.Context, a models.Actor, id, body, reason string) error {
	var f models.Faults
	if strings.TrimSpace(reason) == "" {
		f.Add("reason", "required")
	}
	models.CheckText(&f, "body", body, longestComment)
	models.CheckText(&f, "reason", reason, 2000)
	if err := f.Err(); err != nil {
		return err
	}
	return r.change(ctx, a, "comment.redact", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openComment(ctx, tx.Reader, a, id, "comment.redact")
		if err != nil {
			return entry{}, err
		}
		if c.Redacted {
			return entry{}, models.Fail(models.Conflict, "comment_redacted")
		}
		if !models.IsRedaction(c.Body, body) {
			return entry{}, field("body", "not_a_redaction", "mark", models.RedactionMark)
		}
		row := commentRedaction{c.OrgID, c.ID, body, reason, a.UserID, at}
		if err := tx.Add(ctx, &row); err != nil {
			return entry{}, err
		}
		e := commentEntry(c.Comment, s)
		e.data["redacted"] = ledger.Hash([]byte(body))
		return e, tx.EraseWords(ctx, c.OrgID, c.ID)
	})
}

type commentRedaction struct {
	OrgID     string
	CommentID string
	Body      string
	Reason    string
	ByUserID  string
	At        time.Time
}

// TableName is comment_redactions.
func (commentRedaction) TableName() string { return "comment_redactions" }

// WidenComment lets more people read a comment. Only the author's side may,
// and it cannot be taken back.
func (r *Register) WidenComment(ctx context.Context, a models.Actor, id string, circle models.Circle) error {
	if circle != models.CircleScrutiny && circle != models.CirclePublic {
		return field("circle", "unknown_value", "value", string(circle), "allowed", "scrutiny, public")
	}
	return r.change(ctx, a, "comment.widen", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openComment(ctx, tx.Reader, a, id, "comment.widen")
		if err != nil {
			return entry{}, err
		}
		if !circle.WiderThan(c.Reach) {
			return entry{}, models.Fail(models.Conflict, "circle_narrower")
		}
		e := commentEntry(c.Comment, s)
		e.data["circle"] = string(circle)
		return e, tx.Add(ctx, &commentWidening{c.OrgID, c.ID, circle, a.UserID, at})
	})
}

type commentWidening struct {
	OrgID     string
	CommentID string
	Circle    models.Circle
	ByUserID  string
	At        time.Time
}

// TableName is comment_widenings.
func (commentWidening) TableName() string { return "comment_widenings" }
