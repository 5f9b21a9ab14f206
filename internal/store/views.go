package store

import (
	"context"
	"time"
)

// SavedView is a filter of the register that somebody gave a name.
type SavedView struct {
	OrgID  string `gorm:"primaryKey"`
	ID     string `gorm:"primaryKey"`
	UserID string
	Name   string
	Query  string
	At     time.Time
}

// SavedViews are those of somebody, by name.
func (r Reader) SavedViews(ctx context.Context, org, user string) ([]SavedView, error) {
	return many[SavedView](ctx, r, "name, id", "org_id = ? AND user_id = ?", org, user)
}

// RemoveView takes a view of somebody's away.
func (t *Tx) RemoveView(ctx context.Context, org, user, id string) error {
	return t.affect(ctx, "view", "DELETE FROM saved_views WHERE org_id = ? AND user_id = ? AND id = ?", org, user, id)
}
