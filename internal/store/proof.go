package store

import (
	"context"
	"time"

	"beforehand/internal/ledger"
	"beforehand/models"
)

// SigningKeys are an organisation's keys, oldest first; the first named its log.
func (r Reader) SigningKeys(ctx context.Context, org string) ([]models.SigningKey, error) {
	return many[models.SigningKey](ctx, r, "made_at, id", "org_id = ?", org)
}

// ReplaceKey ends a key at an instant; without its secret it never signs again.
func (t *Tx) ReplaceKey(ctx context.Context, org, id string, until time.Time, secret string) error {
	return t.exec(ctx, "UPDATE signing_keys SET signs_until = ?, secret = ? WHERE org_id = ? AND id = ?", until, secret, org, id)
}

// AddCheckpoint keeps a checkpoint; one of that size that is there already is
// the same, and stays.
func (t *Tx) AddCheckpoint(ctx context.Context, c models.Checkpoint) error {
	if _, err := t.Checkpoint(ctx, c.OrgID, c.Size); models.KindOf(err) != models.NotFound {
		return err
	}
	return t.Add(ctx, &c)
}

// Checkpoint is that of a size.
func (r Reader) Checkpoint(ctx context.Context, org string, size int64) (models.Checkpoint, error) {
	c, err := one[models.Checkpoint](ctx, r, "checkpoint", "org_id = ? AND size = ?", org, size)
	if err != nil {
		return c, err
	}
	return c, r.cosigned(ctx, org, &c)
}

// FirstCheckpoint is the earliest that holds an entry.
func (r Reader) FirstCheckpoint(ctx context.Context, org string, seq int64) (models.Checkpoint, error) {
	return r.checkpoint(ctx, org, "org_id = ? AND size > ?", "size", seq)
}

// LastCheckpoint is the newest that holds an entry; -1 is any entry at all.
func (r Reader) LastCheckpoint(ctx context.Context, org string, seq int64) (models.Checkpoint, error) {
	return r.checkpoint(ctx, org, "org_id = ? AND size > ?", "size DESC", seq)
}

// WitnessedCheckpoint is the earliest that holds an entry and has been countersigned.
func (r Reader) WitnessedCheckpoint(ctx context.Context, org string, seq int64) (models.Checkpoint, error) {
	return r.checkpoint(ctx, org, "org_id = ? AND size > ? AND EXISTS (SELECT 1 FROM cosignatures s WHERE s.org_id = checkpoints.org_id AND s.size = checkpoints.size)", "size", seq)
}

func (r Reader) checkpoint(ctx context.Context, org, where, order string, seq int64) (models.Checkpoint, error) {
	rows := []models.Checkpoint{}
	if err := r.db.WithContext(ctx).Where(where, org, seq).Order(order).Limit(1).Find(&rows).Error; err != nil {
		return models.Checkpoint{}, translate(err)
	}
	if len(rows) == 0 {
		return models.Checkpoint{}, models.Missing("checkpoint")
	}
	return rows[0], r.cosigned(ctx, org, &rows[0])
}

func (r Reader) cosigned(ctx context.Context, org string, c *models.Checkpoint) error {
	var err error
	c.Cosignatures, err = many[models.Cosignature](ctx, r, "at, witness_id", "org_id = ? AND size = ?", org, c.Size)
	return err
}

// Checkpoints are an organisation's, newest first, below a size; 0 is from the newest.
func (r Reader) Checkpoints(ctx context.Context, org string, below int64, limit int) ([]models.Checkpoint, error) {
	db := r.db.WithContext(ctx).Where("org_id = ?", org)
	if below > 0 {
		db = db.Where("size < ?", below)
	}
	rows := []models.Checkpoint{}
	if err := db.Order("size DESC").Limit(limit).Find(&rows).Error; err != nil || len(rows) == 0 {
		return rows, translate(err)
	}
	lines, err := many[models.Cosignature](ctx, r, "at, witness_id", "org_id = ? AND size BETWEEN ? AND ?", org, rows[len(rows)-1].Size, rows[0].Size)
	if err != nil {
		return nil, err
	}
	of := map[int64][]models.Cosignature{}
	for _, l := range lines {
		of[l.Size] = append(of[l.Size], l)
	}
	for i := range rows {
		rows[i].Cosignatures = of[rows[i].Size]
	}
	return rows, nil
}

// AllCheckpoints are an organisation's, oldest first, from a size on, without
// their cosignatures.
func (r Reader) AllCheckpoints(ctx context.Context, org string, from int64, limit int) ([]models.Checkpoint, error) {
	rows := []models.Checkpoint{}
	err := r.db.WithContext(ctx).Where("org_id = ? AND size >= ?", org, from).Order("size").Limit(limit).Find(&rows).Error
	return rows, translate(err)
}

// Witnesses are an organisation's, by when they were added, also those that ended.
func (r Reader) Witnesses(ctx context.Context, org string) ([]models.Witness, error) {
	return many[models.Witness](ctx, r, "at, id", "org_id = ?", org)
}

// Witness is one of an organisation's.
func (r Reader) Witness(ctx context.Context, org, id string) (models.Witness, error) {
	return one[models.Witness](ctx, r, "witness", "org_id = ? AND id = ?", org, id)
}

// EndWitness ends a witness: it countersigns no more.
func (t *Tx) EndWitness(ctx context.Context, org, id string, at time.Time) error {
	return t.exec(ctx, "UPDATE witnesses SET ended_at = ? WHERE org_id = ? AND id = ? AND ended_at IS NULL", at, org, id)
}

// CheckpointAddresses are where unions are sent each day's checkpoint.
func (r Reader) CheckpointAddresses(ctx context.Context, org string) ([]models.CheckpointAddress, error) {
	return many[models.CheckpointAddress](ctx, r, "union_id", "org_id = ?", org)
}

// SetCheckpointAddress puts a union's address in the place of another.
func (t *Tx) SetCheckpointAddress(ctx context.Context, a models.CheckpointAddress) error {
	if err := t.RemoveCheckpointAddress(ctx, a.OrgID, a.UnionID); err != nil {
		return err
	}
	return t.Add(ctx, &a)
}

// RemoveCheckpointAddress ends the sending to a union.
func (t *Tx) RemoveCheckpointAddress(ctx context.Context, org, union string) error {
	return t.exec(ctx, "DELETE FROM checkpoint_addresses WHERE org_id = ? AND union_id = ?", org, union)
}

// EntriesAbout are the entries of the log with one of these subjects, in its order.
func (r Reader) EntriesAbout(ctx context.Context, org string, subjects []string) ([]LedgerRow, error) {
	rows := []LedgerRow{}
	err := r.db.WithContext(ctx).Where("org_id = ? AND subject IN ?", org, subjects).Order("seq").Find(&rows).Error
	return rows, translate(err)
}

// EntriesOf are the entries of one verb about a deployment, in the log's order.
func (r Reader) EntriesOf(ctx context.Context, org, deploymentID, verb string) ([]LedgerRow, error) {
	rows := []LedgerRow{}
	err := r.db.WithContext(ctx).Where("org_id = ? AND deployment_id = ? AND verb = ?", org, deploymentID, verb).Order("seq").Find(&rows).Error
	return rows, translate(err)
}

// Backups are the backups of this installation, newest first.
func (r Reader) Backups(ctx context.Context, limit int) ([]models.Backup, error) {
	rows := []models.Backup{}
	err := r.db.WithContext(ctx).Order("at DESC, id DESC").Limit(limit).Find(&rows).Error
	return rows, translate(err)
}

// LastGoodBackup is the newest that was made and tried.
func (r Reader) LastGoodBackup(ctx context.Context) (models.Backup, error) {
	rows := []models.Backup{}
	if err := r.db.WithContext(ctx).Where("failed = ''").Order("at DESC, id DESC").Limit(1).Find(&rows).Error; err != nil {
		return models.Backup{}, translate(err)
	}
	if len(rows) == 0 {
		return models.Backup{}, models.Missing("backup")
	}
	return rows[0], nil
}

// RemovedBackup writes down that a backup's time was over.
func (t *Tx) RemovedBackup(ctx context.Context, id string, at time.Time) error {
	return t.exec(ctx, "UPDATE backups SET removed_at = ? WHERE id = ?", at, id)
}

// AuditRows are the entries of a log from a number on, as an audit reads them.
// They are scanned by hand: an audit reads the whole log.
func (r Reader) AuditRows(ctx context.Context, org string, from int64, limit int) ([]ledger.Row, error) {
	rows, err := r.db.WithContext(ctx).Raw("SELECT seq, at, verb, subject, body, leaf FROM ledger_entries WHERE org_id = ? AND seq >= ? ORDER BY seq LIMIT ?", org, from, limit).Rows()
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	out := make([]ledger.Row, 0, 256)
	for rows.Next() {
		var v ledger.Row
		if err := rows.Scan(&v.Seq, &v.At, &v.Verb, &v.Subject, &v.Body, &v.Leaf); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, translate(rows.Err())
}

// NodeRows are the nodes of a log's tree from a position on and before another.
func (r Reader) NodeRows(ctx context.Context, org string, from, before int64) ([]ledger.Node, error) {
	rows, err := r.db.WithContext(ctx).Raw("SELECT pos, hash FROM ledger_hashes WHERE org_id = ? AND pos >= ? AND pos < ? ORDER BY pos", org, from, before).Rows()
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	out := make([]ledger.Node, 0, 256)
	for rows.Next() {
		var v ledger.Node
		if err := rows.Scan(&v.Pos, &v.Hash); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, translate(rows.Err())
}

// NoticesAfter are an organisation's served notices by id, after one.
func (r Reader) NoticesAfter(ctx context.Context, org, after string, limit int) ([]models.Notice, error) {
	rows := []models.Notice{}
	err := r.db.WithContext(ctx).Where("org_id = ? AND id > ?", org, after).Order("id").Limit(limit).Find(&rows).Error
	return rows, translate(err)
}

// DeliveryIDs are the ids of every event of a delivery.
func (r Reader) DeliveryIDs(ctx context.Context, org string) ([]string, error) {
	return raw[string](ctx, r, "SELECT id FROM deliveries WHERE org_id = ?", org)
}

// GoodBackups are those that were made, tried and not yet removed, newest first.
func (r Reader) GoodBackups(ctx context.Context) ([]models.Backup, error) {
	return many[models.Backup](ctx, r, "at DESC, id DESC", "failed = '' AND removed_at IS NULL")
}
