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

// LockKeys keeps an organisation's keys from being ended before this transaction
// is over. SQLite has locked the whole database by then.
func (t *Tx) LockKeys(ctx context.Context, org string) error {
	if !t.postgres {
		return nil
	}
	return t.exec(ctx, "SELECT 1 FROM signing_keys WHERE org_id = ? FOR UPDATE", org)
}

// SkipNumbers moves every series of an organisation on, so that no number is
// given again that a lost entry may have had.
func (t *Tx) SkipNumbers(ctx context.Context, org string, by int) error {
	return t.exec(ctx, "UPDATE counters SET last = last + ? WHERE org_id = ?", by, org)
}

// EndAllSessions signs everybody out.
func (t *Tx) EndAllSessions(ctx context.Context) error {
	return t.exec(ctx, "DELETE FROM sessions WHERE 1 = 1")
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

// WitnessedCheckpoint is the earliest that holds an entry and has been
// countersigned by one of these witnesses.
func (r Reader) WitnessedCheckpoint(ctx context.Context, org string, seq int64, by []string) (models.Checkpoint, error) {
	return r.checkpoint(ctx, org, "org_id = ? AND size > ? AND EXISTS (SELECT 1 FROM cosignatures s WHERE s.org_id = checkpoints.org_id AND s.size = checkpoints.size AND s.witness_id IN ?)", "size", seq, by)
}

func (r Reader) checkpoint(ctx context.Context, org, where, order string, args ...any) (models.Checkpoint, error) {
	rows := []models.Checkpoint{}
	if err := r.db.WithContext(ctx).Where(where, append([]any{org}, args...)...).Order(order).Limit(1).Find(&rows).Error; err != nil {
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
func (r Reader) AuditRows(ctx context.Context, org string, from int64, limit int) ([]ledger.Row, error) {
	into := func(v *ledger.Row) []any { return []any{&v.Seq, &v.At, &v.Verb, &v.Subject, &v.Body, &v.Leaf} }
	return scanned(ctx, r, into, "SELECT seq, at, verb, subject, body, leaf FROM ledger_entries WHERE org_id = ? AND seq >= ? ORDER BY seq LIMIT ?", org, from, limit)
}

// NodeRows are the nodes of a log's tree from a position on and before another.
func (r Reader) NodeRows(ctx context.Context, org string, from, before int64) ([]ledger.Node, error) {
	into := func(v *ledger.Node) []any { return []any{&v.Pos, &v.Hash} }
	return scanned(ctx, r, into, "SELECT pos, hash FROM ledger_hashes WHERE org_id = ? AND pos >= ? AND pos < ? ORDER BY pos", org, from, before)
}

// scanned reads rows by hand, which costs half of what [raw] does: for what
// reads hundreds of them, or a whole log.
func scanned[T any](ctx context.Context, r Reader, into func(*T) []any, query string, args ...any) ([]T, error) {
	rows, err := r.db.WithContext(ctx).Raw(query, args...).Rows()
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(into(&v)...); err != nil {
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

// DeliveryRow is an event of a delivery with what it is of.
type DeliveryRow struct {
	ID             string
	Event          models.DeliveryEvent
	At, RecordedAt time.Time
	UnionID, No    string
	SHA256         string `gorm:"column:sha256"`
}

// DeliveriesAfter are the events of all deliveries by id, after one.
func (r Reader) DeliveriesAfter(ctx context.Context, org, after string, limit int) ([]DeliveryRow, error) {
	return raw[DeliveryRow](ctx, r, `SELECT d.id, d.event, d.at, d.recorded_at, COALESCE(p.union_id, '') AS union_id, n.no, n.sha256
		FROM deliveries d JOIN notices n ON n.org_id = d.org_id AND n.id = d.notice_id
		LEFT JOIN notice_recipients p ON p.org_id = d.org_id AND p.id = d.recipient_id AND p.notice_id = d.notice_id
		WHERE d.org_id = ? AND d.id > ? ORDER BY d.id LIMIT ?`, org, after, limit)
}

// AllAcknowledgements are an organisation's.
func (r Reader) AllAcknowledgements(ctx context.Context, org string) ([]Acknowledgement, error) {
	return raw[Acknowledgement](ctx, r, "SELECT * FROM acknowledgements WHERE org_id = ?", org)
}

// CommentHash is a comment's hash beside its words, which are gone when they
// were redacted.
type CommentHash struct {
	ID     string
	SHA256 string `gorm:"column:sha256"`
	Body   *string
}

// CommentHashes are those of all comments.
func (r Reader) CommentHashes(ctx context.Context, org string) ([]CommentHash, error) {
	return raw[CommentHash](ctx, r, "SELECT c.id, c.sha256, w.body FROM comments c LEFT JOIN comment_words w ON w.org_id = c.org_id AND w.comment_id = c.id WHERE c.org_id = ?", org)
}

// BesideLog counts rows that stand where the log does not reach.
func (r Reader) BesideLog(ctx context.Context, org string) (int, error) {
	size, err := r.LedgerSize(ctx, org)
	if err != nil {
		return 0, err
	}
	n, err := raw[int](ctx, r, `SELECT (SELECT COUNT(*) FROM ledger_entries WHERE org_id = ? AND (seq < 0 OR seq >= ?))
		+ (SELECT COUNT(*) FROM ledger_hashes WHERE org_id = ? AND (pos < 0 OR pos >= ?))`, org, size, org, ledger.Position(size))
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// Unlisted are the entries about notices, deliveries and comments that are not
// found under the deployment of what they are about.
func (r Reader) Unlisted(ctx context.Context, org string) ([]int64, error) {
	return raw[int64](ctx, r, `SELECT e.seq FROM ledger_entries e JOIN (
			SELECT org_id, id, deployment_id FROM notices UNION ALL SELECT org_id, id, deployment_id FROM comments UNION ALL SELECT org_id, id, id FROM deployments
			UNION ALL SELECT d.org_id, d.id, n.deployment_id FROM deliveries d JOIN notices n ON n.org_id = d.org_id AND n.id = d.notice_id
		) s ON s.org_id = e.org_id AND s.id = e.subject
		WHERE e.org_id = ? AND COALESCE(e.deployment_id, '') <> s.deployment_id ORDER BY e.seq LIMIT 100`, org)
}

// GoodBackups are those in a folder that were made, tried and not yet removed,
// newest first.
func (r Reader) GoodBackups(ctx context.Context, folder string) ([]models.Backup, error) {
	return many[models.Backup](ctx, r, "at DESC, id DESC", "failed = '' AND removed_at IS NULL AND folder = ?", folder)
}
