package store

import (
	"context"
	"time"

	"beforehand/models"
)

// Visit is when somebody was last on their first page, and when the visit
// before that one ended.
type Visit struct {
	OrgID    string `gorm:"primaryKey"`
	UserID   string `gorm:"primaryKey"`
	BeforeAt time.Time
	LastAt   time.Time
}

// Visit finds when somebody was last here.
func (r Reader) Visit(ctx context.Context, org, user string) (Visit, error) {
	return one[Visit](ctx, r, "visit", "org_id = ? AND user_id = ?", org, user)
}

// NoteVisit keeps when somebody was here.
func (t *Tx) NoteVisit(ctx context.Context, v Visit) error {
	return t.exec(ctx, `INSERT INTO visits (org_id, user_id, before_at, last_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (org_id, user_id) DO UPDATE SET before_at = excluded.before_at, last_at = excluded.last_at`, v.OrgID, v.UserID, v.BeforeAt, v.LastAt)
}

// Readable are those of some deployments that a reader sees, in one statement.
func (r Reader) Readable(ctx context.Context, org string, sees Sees, ids []string) (map[string]models.Deployment, error) {
	out := map[string]models.Deployment{}
	if len(ids) == 0 {
		return out, nil
	}
	c := r.where(org, Filter{Sees: sees})
	c.and("d.id IN ?", ids)
	rows, err := raw[models.Deployment](ctx, r, "SELECT d.* FROM deployments d WHERE "+c.sql(), c.args...)
	for _, d := range rows {
		out[d.ID] = d
	}
	return out, err
}

// DeploymentsByID are some deployments, by their ids.
func (r Reader) DeploymentsByID(ctx context.Context, org string, ids []string) (map[string]models.Deployment, error) {
	return r.Readable(ctx, org, Sees{All: true, Whole: true}, ids)
}

// ChangesFrom are the newest entries about deployments, from a sequence number
// and an instant on, newest first.
func (r Reader) ChangesFrom(ctx context.Context, org string, from int64, since time.Time, limit int) ([]LedgerRow, error) {
	rows := []LedgerRow{}
	err := r.db.WithContext(ctx).Where("org_id = ? AND seq >= ? AND at > ? AND deployment_id IS NOT NULL", org, from, since).Order("seq DESC").Limit(limit).Find(&rows).Error
	return rows, translate(err)
}

// NoticesOpen are notices served since an instant of deployments that a reader
// sees and that have neither ended nor been withdrawn, newest first; of some
// unions only, when they are named.
func (r Reader) NoticesOpen(ctx context.Context, org string, sees Sees, unions []string, since time.Time, limit int) ([]models.Notice, error) {
	c := r.where(org, Filter{Sees: sees})
	c.and("n.served_at >= ? AND d.stage NOT IN ('retired', 'withdrawn') AND NOT EXISTS (SELECT 1 FROM notices s WHERE s.org_id = n.org_id AND s.supersedes_id = n.id)", since)
	if len(unions) > 0 {
		c.and("EXISTS (SELECT 1 FROM notice_recipients p WHERE p.org_id = n.org_id AND p.notice_id = n.id AND p.union_id IN ?)", unions)
	}
	return raw[models.Notice](ctx, r, "SELECT n.* FROM notices n JOIN deployments d ON d.org_id = n.org_id AND d.id = n.deployment_id WHERE "+c.sql()+" ORDER BY n.served_at DESC, n.id LIMIT ?", append(c.args, limit)...)
}

// LogSizes are the sizes of all logs, by organisation.
func (r Reader) LogSizes(ctx context.Context) (map[string]int64, error) {
	type row struct {
		OrgID string
		Size  int64
	}
	rows, err := raw[row](ctx, r, "SELECT org_id, size FROM ledger_heads")
	out := map[string]int64{}
	for _, x := range rows {
		out[x.OrgID] = x.Size
	}
	return out, err
}
