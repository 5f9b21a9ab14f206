package register

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// Limits of what is kept of forms that were not sent.
const (
	keptFormBytes = 256 << 10
	keptForms     = 40
	keepForms     = 30 * 24 * time.Hour
)

// KeptForm is what somebody typed into a form, and when.
type KeptForm struct {
	Path    string
	Answers url.Values
	At      time.Time
}

// KeepForm keeps what the actor typed into the form of a path and has not
// sent, in place of what was kept of it before. It is theirs alone, sealed, and
// gone after thirty days; it is no part of the register and not in its log, and
// a matter of somebody's own like what they are told of: hence the act.
// What is typed into a union's room is not taken: the room keeps drafts itself.
func (r *Register) KeepForm(ctx context.Context, a models.Actor, path string, answers url.Values) error {
	if err := r.check(a, "inbox.choose", selfOf(a)); err != nil {
		return err
	}
	if err := checkKept(path); err != nil {
		return err
	}
	b, err := json.Marshal(answers)
	if err != nil {
		return err
	}
	if len(b) > keptFormBytes {
		return models.Fail(models.TooLarge, "body_too_large")
	}
	sealed, err := r.sealer.Seal(b, aboutForm(a, path))
	if err != nil {
		return err
	}
	all, err := r.store.KeptForms(ctx, a.OrgID, a.UserID)
	if err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error {
		for i, old := range all {
			if i >= keptForms-1 && old.Path != path {
				if err := tx.DropKeptForm(ctx, a.OrgID, a.UserID, old.Path); err != nil {
					return err
				}
			}
		}
		return tx.KeepForm(ctx, models.KeptForm{OrgID: a.OrgID, UserID: a.UserID, Path: path, Sealed: sealed, At: r.Now()})
	})
}

// aboutForm is what a seal is about: a row that was put in another's place does
// not open.
func aboutForm(a models.Actor, path string) string {
	return "form " + a.OrgID + " " + a.UserID + " " + path
}

func checkKept(path string) error {
	var f models.Faults
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "/room") {
		f.Add("path", "not_allowed")
	}
	models.CheckText(&f, "path", path, 200)
	return f.Err()
}

// KeptForm is what the actor typed into the form of a path and has not sent.
func (r *Register) KeptForm(ctx context.Context, a models.Actor, path string) (KeptForm, error) {
	if err := r.check(a, "inbox.choose", selfOf(a)); err != nil {
		return KeptForm{}, err
	}
	row, err := r.store.KeptForm(ctx, a.OrgID, a.UserID, path)
	if err != nil {
		return KeptForm{}, err
	}
	return r.unsealed(a, row)
}

func (r *Register) unsealed(a models.Actor, row models.KeptForm) (KeptForm, error) {
	out := KeptForm{Path: row.Path, At: row.At}
	b, err := r.sealer.Open(row.Sealed, aboutForm(a, row.Path))
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(b, &out.Answers)
}

// DropKeptForm throws away what was kept of a form: it was sent, or nobody
// wants it any more.
func (r *Register) DropKeptForm(ctx context.Context, a models.Actor, path string) error {
	if err := r.check(a, "inbox.choose", selfOf(a)); err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error { return tx.DropKeptForm(ctx, a.OrgID, a.UserID, path) })
}
