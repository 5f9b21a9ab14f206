package store

import (
	"context"
	"time"

	"beforehand/internal/ledger"
)

// LedgerRow is a sealed entry as it lies in the log.
type LedgerRow struct {
	OrgID        string
	Seq          int64
	At           time.Time
	Verb         string
	Subject      string
	DeploymentID *string
	Body         string
	Leaf         []byte
}

// TableName is ledger_entries.
func (LedgerRow) TableName() string { return "ledger_entries" }

// Append seals an entry and puts it at the end of its organisation's log. It
// takes the lock on the log's head, so it comes last in a transaction: changes
// queue only for this. The entry's Seq is set here.
func (t *Tx) Append(ctx context.Context, e ledger.Entry, deploymentID *string) (int64, error) {
	// The update is the lock, on both engines, and gives a sequence without gaps.
	seq, err := raw[int64](ctx, t.Reader, "UPDATE ledger_heads SET size = size + 1 WHERE org_id = ? RETURNING size - 1", e.Org)
	if err != nil {
		return 0, err
	}
	if len(seq) == 0 {
		if err := t.exec(ctx, "INSERT INTO ledger_heads (org_id, size) VALUES (?, 1)", e.Org); err != nil {
			return 0, err
		}
		seq = []int64{0}
	}
	e.Seq = seq[0]
	body, leaf, err := ledger.Seal(e)
	if err != nil {
		return 0, err
	}
	return e.Seq, t.Add(ctx, &LedgerRow{e.Org, e.Seq, e.At, e.Verb, e.Subject, deploymentID, string(body), leaf[:]})
}

func (t *Tx) exec(ctx context.Context, query string, args ...any) error {
	return translate(t.db.WithContext(ctx).Exec(query, args...).Error)
}

// LedgerSize is the number of entries in an organisation's log.
func (r Reader) LedgerSize(ctx context.Context, org string) (int64, error) {
	n, err := raw[int64](ctx, r, "SELECT size FROM ledger_heads WHERE org_id = ?", org)
	if err != nil || len(n) == 0 {
		return 0, err
	}
	return n[0], nil
}

// LedgerEntries are the entries from a sequence number on.
func (r Reader) LedgerEntries(ctx context.Context, org string, from int64, limit int) ([]LedgerRow, error) {
	rows := []LedgerRow{}
	err := r.db.WithContext(ctx).Where("org_id = ? AND seq >= ?", org, from).Order("seq").Limit(limit).Find(&rows).Error
	return rows, translate(err)
}

// Timeline are the entries of one deployment, oldest first, from a sequence number on.
func (r Reader) Timeline(ctx context.Context, org, deploymentID string, from int64, limit int) ([]LedgerRow, error) {
	rows := []LedgerRow{}
	err := r.db.WithContext(ctx).Where("org_id = ? AND deployment_id = ? AND seq >= ?", org, deploymentID, from).Order("seq").Limit(limit).Find(&rows).Error
	return rows, translate(err)
}

// NextNumber takes the next number of a series in a year. The row stays
// locked to the end of the transaction, so the series has no gaps.
func (t *Tx) NextNumber(ctx context.Context, org, series string, year int) (int, error) {
	n, err := raw[int](ctx, t.Reader, `INSERT INTO counters (org_id, series, year, last) VALUES (?, ?, ?, 1)
		ON CONFLICT (org_id, series, year) DO UPDATE SET last = counters.last + 1 RETURNING last`, org, series, year)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}
