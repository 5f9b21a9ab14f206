package store

import (
	"context"
	"time"

	"beforehand/models"
)

// chunk is a piece of a dataset's compressed rows.
type chunk struct {
	OrgID     string `gorm:"primaryKey"`
	DatasetID string `gorm:"primaryKey"`
	No        int    `gorm:"primaryKey"`
	Body      []byte
}

// TableName is dataset_chunks.
func (chunk) TableName() string { return "dataset_chunks" }

// AddChunk writes one piece of a dataset's rows. Pieces are numbered from 0.
func (t *Tx) AddChunk(ctx context.Context, org, datasetID string, no int, body []byte) error {
	return t.Add(ctx, &chunk{org, datasetID, no, body})
}

// Chunk reads one piece of a dataset's rows.
func (r Reader) Chunk(ctx context.Context, org, datasetID string, no int) ([]byte, error) {
	c, err := one[chunk](ctx, r, "dataset", "org_id = ? AND dataset_id = ? AND no = ?", org, datasetID, no)
	return c.Body, err
}

// Dataset finds one by its id.
func (r Reader) Dataset(ctx context.Context, org, id string) (models.Dataset, error) {
	return one[models.Dataset](ctx, r, "dataset", "org_id = ? AND id = ?", org, id)
}

// DueForPurge are the datasets of all organisations whose rows may be kept no longer.
func (r Reader) DueForPurge(ctx context.Context, by models.Date, limit int) ([]models.Dataset, error) {
	return raw[models.Dataset](ctx, r, "SELECT * FROM datasets WHERE purged_at IS NULL AND purge_on <= ? ORDER BY purge_on, org_id, id LIMIT ?", by, limit)
}

// Purge destroys a dataset's rows and the secret that re-keyed them; what was
// said of them, and their hash, stay. It is not found when that was done.
func (t *Tx) Purge(ctx context.Context, org, id string, at time.Time) error {
	if err := t.affect(ctx, "dataset", "UPDATE datasets SET purged_at = ?, secret = NULL WHERE org_id = ? AND id = ? AND purged_at IS NULL", at, org, id); err != nil {
		return err
	}
	return t.exec(ctx, "DELETE FROM dataset_chunks WHERE org_id = ? AND dataset_id = ?", org, id)
}
