package store

import (
	"context"
	"fmt"
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
	if err := t.Add(ctx, &LedgerRow{e.Org, e.Seq, e.At, e.Verb, e.Subject, deploymentID, string(body), leaf[:]}); err != nil {
		return 0, err
	}
	if t.grown == nil {
		t.grown = map[string]int64{}
	}
	t.grown[e.Org] = e.Seq + 1
	return e.Seq, t.addNodes(ctx, e.Org, e.Seq, leaf)
}

// LedgerNode is a node of a log's tree: a leaf or a complete subtree.
type LedgerNode struct {
	OrgID string
	Pos   int64
	Hash  []byte
}

// TableName is ledger_hashes.
func (LedgerNode) TableName() string { return "ledger_hashes" }

// addNodes keeps the nodes that come into being with a leaf.
func (t *Tx) addNodes(ctx context.Context, org string, seq int64, leaf ledger.Root) error {
	made, err := ledger.Nodes(seq, leaf, t.Nodes(ctx, org))
	if err != nil {
		return fmt.Errorf("grow the tree of the log: %w", err)
	}
	rows := make([]LedgerNode, len(made))
	for i := range made {
		rows[i] = LedgerNode{org, ledger.Position(seq) + int64(i), made[i][:]}
	}
	return t.Add(ctx, &rows)
}

// Nodes reads the nodes of an organisation's tree, in one query.
func (r Reader) Nodes(ctx context.Context, org string) ledger.Hashes {
	return func(positions []int64) ([]ledger.Root, error) {
		if len(positions) == 0 {
			return nil, nil
		}
		rows, err := raw[LedgerNode](ctx, r, "SELECT org_id, pos, hash FROM ledger_hashes WHERE org_id = ? AND pos IN ?", org, positions)
		if err != nil {
			return nil, err
		}
		at := make(map[int64]ledger.Root, len(rows))
		for _, n := range rows {
			if len(n.Hash) != ledger.HashBytes {
				return nil, fmt.Errorf("node %d of the log's tree has %d bytes", n.Pos, len(n.Hash))
			}
			at[n.Pos] = ledger.Root(n.Hash)
		}
		out := make([]ledger.Root, len(positions))
		for i, p := range positions {
			hash, ok := at[p]
			if !ok {
				return nil, fmt.Errorf("node %d of the log's tree is missing", p)
			}
			out[i] = hash
		}
		return out, nil
	}
}

// Head is how far an organisation's log has come.
type Head struct {
	OrgID, Slug string
	Size        int64
	// Root is the RFC 6962 hash of the tree, of 32 bytes.
	Root []byte
}

// Heads are those of every organisation, by short name.
func (r Reader) Heads(ctx context.Context) ([]Head, error) {
	heads, err := raw[Head](ctx, r, "SELECT h.org_id, o.slug, h.size FROM ledger_heads h JOIN organisations o ON o.id = h.org_id ORDER BY o.slug")
	if err != nil {
		return nil, err
	}
	for i := range heads {
		root, err := ledger.TreeRoot(heads[i].Size, r.Nodes(ctx, heads[i].OrgID))
		if err != nil {
			// A tree with gaps must not stop a backup, of all things.
			if root, err = r.rootOfEntries(ctx, heads[i].OrgID); err != nil {
				return nil, err
			}
		}
		heads[i].Root = root[:]
	}
	return heads, nil
}

// rootOfEntries works the hash of a log out from its entries.
func (r Reader) rootOfEntries(ctx context.Context, org string) (ledger.Root, error) {
	var g ledger.Growth
	for {
		rows, err := r.LedgerEntries(ctx, org, g.Size(), 500)
		if err != nil || len(rows) == 0 {
			return g.Root(), err
		}
		for _, row := range rows {
			if row.Seq != g.Size() {
				return ledger.Root{}, fmt.Errorf("entry %d of the log is missing", g.Size())
			}
			g.Add(ledger.Leaf([]byte(row.Body)))
		}
	}
}

// growTrees gives the logs of a release without trees their nodes. A tree that
// has any is left alone: what is missing in it, a check of the log shall find.
func (s *Store) growTrees(ctx context.Context) error {
	bare, err := raw[string](ctx, s.Reader, "SELECT org_id FROM ledger_heads h WHERE size > 0 AND NOT EXISTS (SELECT 1 FROM ledger_hashes n WHERE n.org_id = h.org_id)")
	if err != nil || len(bare) == 0 {
		return err
	}
	for _, org := range bare {
		err := s.Within(ctx, func(t *Tx) error {
			var fold ledger.Fold
			for {
				rows, err := t.LedgerEntries(ctx, org, fold.Size(), 500)
				if err != nil || len(rows) == 0 {
					return err
				}
				var nodes []LedgerNode
				for _, row := range rows {
					at := ledger.Position(fold.Size())
					for i, hash := range fold.Add(ledger.Leaf([]byte(row.Body))) {
						nodes = append(nodes, LedgerNode{org, at + int64(i), hash[:]})
					}
				}
				if err := t.Add(ctx, &nodes); err != nil {
					return err
				}
			}
		})
		if err != nil {
			return fmt.Errorf("grow the tree of a log: %w", err)
		}
	}
	return nil
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

// Timeline are the entries of one deployment, oldest first, from a sequence
// number on, without their leaves.
func (r Reader) Timeline(ctx context.Context, org, deploymentID string, from int64, limit int) ([]ledger.Row, error) {
	into := func(v *ledger.Row) []any { return []any{&v.Seq, &v.At, &v.Verb, &v.Subject, &v.Body} }
	return scanned(ctx, r, into, "SELECT seq, at, verb, subject, body FROM ledger_entries WHERE org_id = ? AND deployment_id = ? AND seq >= ? ORDER BY seq LIMIT ?", org, deploymentID, from, limit)
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
