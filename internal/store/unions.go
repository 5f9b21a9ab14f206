package store

import (
	"context"

	"beforehand/models"
)

// Unions are all unions, by abbreviation.
func (r Reader) Unions(ctx context.Context, org string) ([]models.Union, error) {
	return many[models.Union](ctx, r, "abbreviation, id", "org_id = ?", org)
}

// Union finds one by its id, or by its abbreviation, which is as unique.
func (r Reader) Union(ctx context.Context, org, id string) (models.Union, error) {
	return one[models.Union](ctx, r, "union", "org_id = ? AND (id = ? OR abbreviation = ?)", org, id, id)
}

// Branches are all branches, by name.
func (r Reader) Branches(ctx context.Context, org string) ([]models.Branch, error) {
	return many[models.Branch](ctx, r, "name, id", "org_id = ?", org)
}

// Branch finds one.
func (r Reader) Branch(ctx context.Context, org, id string) (models.Branch, error) {
	return one[models.Branch](ctx, r, "branch", "org_id = ? AND id = ?", org, id)
}

// Officers are the officers and deputies of all branches.
func (r Reader) Officers(ctx context.Context, org string) ([]models.Officer, error) {
	return many[models.Officer](ctx, r, "branch_id, post, from_date, id", "org_id = ?", org)
}

// Recognitions are all agreements, oldest first.
func (r Reader) Recognitions(ctx context.Context, org string) ([]models.Recognition, error) {
	return many[models.Recognition](ctx, r, "from_date, id", "org_id = ?", org)
}

// Recognition finds one.
func (r Reader) Recognition(ctx context.Context, org, id string) (models.Recognition, error) {
	return one[models.Recognition](ctx, r, "recognition", "org_id = ? AND id = ?", org, id)
}

// SaveRecognition writes an agreement back.
func (t *Tx) SaveRecognition(ctx context.Context, v *models.Recognition, readAt int) error {
	return save(ctx, t, v, "recognition", v.OrgID, v.ID, readAt)
}

// ServiceAddresses are where branches have agreed to be served.
func (r Reader) ServiceAddresses(ctx context.Context, org string) ([]models.ServiceAddress, error) {
	return many[models.ServiceAddress](ctx, r, "branch_id, channel, address, from_date", "org_id = ?", org)
}

// ServiceAddress finds one.
func (r Reader) ServiceAddress(ctx context.Context, org, id string) (models.ServiceAddress, error) {
	return one[models.ServiceAddress](ctx, r.locking(), "service_address", "org_id = ? AND id = ?", org, id)
}

// SaveAddress writes an address back.
func (t *Tx) SaveAddress(ctx context.Context, s *models.ServiceAddress) error {
	return translate(t.db.WithContext(ctx).Model(s).Where("org_id = ? AND id = ?", s.OrgID, s.ID).Select("*").Updates(s).Error)
}
