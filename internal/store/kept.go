package store

import (
	"context"

	"gorm.io/gorm/clause"

	"beforehand/models"
)

// KeptForm is what somebody typed into a form and has not sent.
func (r Reader) KeptForm(ctx context.Context, org, user, path string) (models.KeptForm, error) {
	return one[models.KeptForm](ctx, r, "form", "org_id = ? AND user_id = ? AND path = ?", org, user, path)
}

// KeptForms are all that somebody has not sent, newest first.
func (r Reader) KeptForms(ctx context.Context, org, user string) ([]models.KeptForm, error) {
	return many[models.KeptForm](ctx, r, "at DESC, path", "org_id = ? AND user_id = ?", org, user)
}

// KeepForm writes what somebody typed in place of what was kept before.
func (t *Tx) KeepForm(ctx context.Context, k models.KeptForm) error {
	return translate(t.db.WithContext(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&k).Error)
}

// DropKeptForm removes what was kept of a form.
func (t *Tx) DropKeptForm(ctx context.Context, org, user, path string) error {
	return t.exec(ctx, "DELETE FROM kept_forms WHERE org_id = ? AND user_id = ? AND path = ?", org, user, path)
}
