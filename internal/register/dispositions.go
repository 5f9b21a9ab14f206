package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// Dispose answers a comment, with a reason; there is one answer. "Noted" is
// not an answer. What changed because of it is named by its version.
func (r *Register) Dispose(ctx context.Context, a models.Actor, id, verdict, reason string, changedIn *int) (models.Disposition, error) {
	var d models.Disposition
	if strings.EqualFold(strings.TrimSpace(verdict), "noted") {
		return d, models.Fail(models.Invalid, "noted_refused")
	}
	var f models.Faults
	if !slices.Contains(models.Verdicts, verdict) {
		f.Add("verdict", "unknown_value", "value", verdict, "allowed", strings.Join(models.Verdicts, ", "))
	}
	if models.IsTBC(reason) || strings.EqualFold(strings.Trim(strings.TrimSpace(reason), "."), "noted") {
		f.Add("reason", "required")
	}
	models.CheckText(&f, "reason", reason, longestComment)
	if err := f.Err(); err != nil {
		return d, err
	}
	err := r.change(ctx, a, "comment.dispose", func(tx *store.Tx, at time.Time) (entry, error) {
		c, s, err := r.openComment(ctx, tx.Reader, a, id, "comment.read")
		if err != nil {
			return entry{}, err
		}
		if err := r.check(a, "comment.dispose", s.res); err != nil {
			return entry{}, err
		}
		if c.WithdrawnAt != nil {
			return entry{}, models.Fail(models.Conflict, "comment_withdrawn")
		}
		if c.Disposition != nil {
			return entry{}, models.Fail(models.Conflict, "disposition_exists")
		}
		if changedIn != nil {
			if _, err := tx.Version(ctx, s.OrgID, s.ID, *changedIn); err != nil {
				return entry{}, err
			}
		}
		d = models.Disposition{OrgID: c.OrgID, CommentID: c.ID, Verdict: verdict, Reason: reason, ChangedInVersion: changedIn, ByUserID: a.UserID, At: at}
		err = tx.Add(ctx, &d)
		if models.KindOf(err) == models.Conflict {
			return entry{}, models.Fail(models.Conflict, "disposition_exists")
		}
		return entry{subject: c.ID, deployment: s.ID, data: map[string]any{"ref": s.Ref, "verdict": verdict, "reason": ledger.Hash([]byte(reason))}}, err
	})
	return d, err
}

// Unanswered are the comments of the whole organisation that still lack an
// answer, oldest first.
func (r *Register) Unanswered(ctx context.Context, a models.Actor, p Page) ([]CommentView, string, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return nil, "", err
	}
	after, err := store.ParseCursor(p.After)
	if err != nil {
		return nil, "", err
	}
	rows, next, err := r.store.Unanswered(ctx, a.OrgID, after, p.Limit)
	if err != nil {
		return nil, "", err
	}
	about, err := r.read(ctx, a, distinct(rows, func(c models.CommentState) string { return c.DeploymentID }))
	if err != nil {
		return nil, "", err
	}
	out := []CommentView{}
	for _, c := range rows {
		s, ok := about.of(c.DeploymentID)
		if !ok {
			continue
		}
		if v, ok := r.commentView(a, s, c); ok {
			out = append(out, v)
		}
	}
	return out, next.String(), nil
}
