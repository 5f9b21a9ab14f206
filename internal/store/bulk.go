package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"gorm.io/gorm"

	"beforehand/internal/ledger"
	"beforehand/models"
)

// Bulk writes the rows of organisations that are new, many at a time: by COPY
// on PostgreSQL, by prepared inserts of many rows on SQLite. Every constraint
// holds as it does for single rows, so rows that others point to are added
// before them. What it may write is as wide as what a [Tx] may: the rules are
// the caller's to keep.
type Bulk struct {
	store  *Store
	tables []*bulkTable // in the order in which they were first needed
	byName map[string]*bulkTable
	kinds  map[reflect.Type]*bulkKind
	logs   map[string]*ledger.Growth
	// last is the last number of each series.
	last map[counterKey]int
	held int
	pipe *bulkPipe
	// Rows is how many rows have been given to the database.
	Rows int64
}

// counterKey names a series of numbers.
type counterKey struct {
	org, series string
	year        int
}

// bulkTable holds rows of a table that are still to be written.
type bulkTable struct {
	name    string
	columns []string
	rows    [][]any
}

// bulkKind is how a row of one Go type is taken apart.
type bulkKind struct {
	table  *bulkTable
	fields []func(context.Context, reflect.Value) (any, bool)
}

// heldRows is how many rows are held before they are written. It bounds the
// memory of whoever writes in bulk: some tens of megabytes.
const heldRows = 20_000

// Bulk begins writing in bulk. One at a time may be under way.
func (s *Store) Bulk() *Bulk {
	return &Bulk{store: s, byName: map[string]*bulkTable{}, kinds: map[reflect.Type]*bulkKind{}, logs: map[string]*ledger.Growth{}, last: map[counterKey]int{}}
}

// Within runs one transaction: all that is added in it is there afterwards, or
// nothing. After an error the Bulk is of no more use.
func (b *Bulk) Within(ctx context.Context, do func() error) error {
	conn, err := b.store.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // it goes back to the pool; the transaction has ended
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if b.store.postgres {
		// What checks that a row is there which another points to is planned
		// once, when the tables are empty: it would read them whole ever after.
		if _, err := tx.ExecContext(ctx, "SET LOCAL enable_seqscan = off"); err != nil {
			return err
		}
	}
	b.pipe = b.startPipe(ctx, conn, tx)
	err = do()
	if err == nil {
		err = b.flush()
	}
	if err := errors.Join(err, b.pipe.close()); err != nil {
		return translate(err)
	}
	if err := b.saveHeads(ctx, tx); err != nil {
		return translate(err)
	}
	return translate(tx.Commit())
}

// saveHeads writes how far the logs and the series of numbers have come.
func (b *Bulk) saveHeads(ctx context.Context, tx *sql.Tx) error {
	head := "UPDATE ledger_heads SET size = ?1 WHERE org_id = ?2"
	counter := "INSERT INTO counters (org_id, series, year, last) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (org_id, series, year) DO UPDATE SET last = excluded.last"
	if b.store.postgres {
		head, counter = strings.ReplaceAll(head, "?", "$"), strings.ReplaceAll(counter, "?", "$")
	}
	for org, log := range b.logs {
		if _, err := tx.ExecContext(ctx, head, log.Size(), org); err != nil {
			return err
		}
	}
	for k, last := range b.last {
		if _, err := tx.ExecContext(ctx, counter, k.org, k.series, k.year, last); err != nil {
			return err
		}
	}
	clear(b.last)
	return nil
}

// Add adds rows of any kind that a [Tx] could add.
func (b *Bulk) Add(ctx context.Context, rows ...any) error {
	for _, row := range rows {
		v := reflect.Indirect(reflect.ValueOf(row))
		kind, err := b.kindOf(v)
		if err != nil {
			return err
		}
		values := make([]any, len(kind.fields))
		for i, field := range kind.fields {
			value, _ := field(ctx, v)
			if values[i], err = b.plain(value); err != nil {
				return fmt.Errorf("%s.%s: %w", kind.table.name, kind.table.columns[i], err)
			}
		}
		kind.table.rows = append(kind.table.rows, values)
		b.held++
	}
	if b.held < heldRows {
		return nil
	}
	return b.flush()
}

// kindOf knows how the ORM would write a type, so that both write the same.
func (b *Bulk) kindOf(v reflect.Value) (*bulkKind, error) {
	if kind, ok := b.kinds[v.Type()]; ok {
		return kind, nil
	}
	stmt := &gorm.Statement{DB: b.store.writer}
	if err := stmt.Parse(reflect.New(v.Type()).Interface()); err != nil {
		return nil, err
	}
	kind := &bulkKind{}
	var columns []string
	for _, f := range stmt.Schema.Fields {
		if f.DBName != "" {
			columns = append(columns, f.DBName)
			kind.fields = append(kind.fields, f.ValueOf)
		}
	}
	kind.table = b.table(stmt.Schema.Table, columns)
	b.kinds[v.Type()] = kind
	return kind, nil
}

func (b *Bulk) table(name string, columns []string) *bulkTable {
	if t, ok := b.byName[name]; ok {
		return t
	}
	t := &bulkTable{name: name, columns: columns}
	b.tables = append(b.tables, t)
	b.byName[name] = t
	return t
}

// plain is a value as a driver takes it.
func (b *Bulk) plain(v any) (any, error) {
	switch v := v.(type) {
	case models.Date:
		if b.store.postgres && v != 0 {
			return v.Time(), nil // COPY is binary: a text would be read first
		}
	case string, time.Time, []byte, int64, bool, float64, nil:
		return v, nil
	}
	return driver.DefaultParameterConverter.ConvertValue(v)
}

// AddDeployment adds a deployment and what its record lifts into tables.
func (b *Bulk) AddDeployment(ctx context.Context, d *models.Deployment, rec models.Record) error {
	if err := b.Add(ctx, d); err != nil {
		return err
	}
	in := b.store.lifted(d, rec)
	b.store.words(&in, d, rec, place(d))
	for _, into := range in.order {
		name, columns, _ := strings.Cut(strings.TrimSuffix(into, ")"), " (")
		t := b.table(name, strings.Split(columns, ", "))
		for _, row := range in.rows[into] {
			for i := range row {
				var err error
				if row[i], err = b.plain(row[i]); err != nil {
					return err
				}
			}
			t.rows = append(t.rows, row)
			b.held++
		}
	}
	return nil
}

// SetCounter says what the last number of a series is in a year.
func (b *Bulk) SetCounter(org, series string, year, last int) {
	b.last[counterKey{org, series, year}] = last
}

// Append puts an entry at the end of an organisation's log, which must have
// begun in this Bulk. Entries come in the order of their time.
func (b *Bulk) Append(ctx context.Context, row LedgerRow, p ledger.Prepared) error {
	log, begun := b.logs[row.OrgID]
	if !begun {
		log = &ledger.Growth{}
		b.logs[row.OrgID] = log
		// An organisation that has a log already is refused here.
		if err := b.Add(ctx, &ledgerHead{OrgID: row.OrgID}); err != nil {
			return err
		}
	}
	row.Seq = log.Size()
	body, leaf := p.Seal(row.Seq)
	row.Body, row.Leaf = string(body), leaf[:]
	if err := b.Add(ctx, &row); err != nil {
		return err
	}
	at := ledger.Position(row.Seq)
	for i, hash := range log.Add(leaf) {
		if err := b.Add(ctx, &LedgerNode{row.OrgID, at + int64(i), hash[:]}); err != nil {
			return err
		}
	}
	return nil
}

type ledgerHead struct {
	OrgID string
	Size  int64
}

// TableName is ledger_heads.
func (ledgerHead) TableName() string { return "ledger_heads" }

// flush hands the rows that are held to the database.
func (b *Bulk) flush() error {
	var batch []bulkTable
	for _, t := range b.tables {
		if len(t.rows) > 0 {
			batch = append(batch, *t)
			t.rows = nil
		}
	}
	b.Rows += int64(b.held)
	b.held = 0
	return b.pipe.put(batch)
}
