package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// copySettings make the text of a copy the same on every server, and let it
// take the time that it takes.
const copySettings = `SET LOCAL client_encoding = 'UTF8'; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres';
	SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL timezone = 'UTC';
	SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL beforehand.room = 'copy'`

// part is the name of the table's part. A slash can be in no other part's name.
func (t TableDump) part() string { return "table/" + t.Name }

// columns are the table's columns as SQL lists them.
func (t TableDump) columns() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = quoted(c)
	}
	return strings.Join(names, ", ")
}

// dumpPostgres copies every table in one transaction, which sees the database
// as it was at its first question.
func (s *Store) dumpPostgres(ctx context.Context, scratch string, put func(string, int64, io.Reader) error, at func(Reader) error) (d Dump, err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return d, err
	}
	defer func() { _ = conn.Close() }() // it only read
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return d, err
	}
	defer func() { _ = tx.Rollback() }() // it only read
	if _, err := tx.ExecContext(ctx, copySettings); err != nil {
		return d, err
	}
	d = Dump{Engine: "postgres"}
	if d.Version, d.Queue, err = versions(ctx, tx); err != nil {
		return d, err
	}
	if d.Tables, err = postgresTables(ctx, tx); err != nil {
		return d, err
	}
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: tx}), gormConfig())
	if err != nil {
		return d, err
	}
	if err := at(Reader{db: g, postgres: true}); err != nil {
		return d, err
	}
	for i := range d.Tables {
		t := &d.Tables[i]
		if err := scratchFile(scratch, t.part(), put, func(f *os.File) (err error) {
			t.Rows, err = copyOut(ctx, conn, f, "COPY (SELECT "+t.columns()+" FROM "+quoted(t.Name)+") TO STDOUT")
			return err
		}); err != nil {
			return d, fmt.Errorf("copy %s: %w", t.Name, err)
		}
	}
	// A sequence is in no transaction: read last, it has passed every row above.
	d.Sequences, err = postgresSequences(ctx, tx)
	return d, err
}

// copyOut runs a COPY on the connection of the transaction.
func copyOut(ctx context.Context, conn *sql.Conn, w io.Writer, query string) (rows int64, err error) {
	err = conn.Raw(func(c any) error {
		var tag pgconn.CommandTag
		tag, err = c.(*stdlib.Conn).Conn().PgConn().CopyTo(ctx, w, query)
		rows = tag.RowsAffected()
		return err
	})
	return rows, err
}

// scratchFile fills a file, hands it out and removes it: a part's size must be
// known before its bytes are.
func scratchFile(scratch, name string, put func(string, int64, io.Reader) error, fill func(f *os.File) error) (err error) {
	f, err := os.CreateTemp(scratch, "dump-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if err := fill(f); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return put(name, size, f)
}

// migrating says that a table belongs to the migrations, which fill it anew.
func migrating(table string) bool { return table == goose.DefaultTablename || table == queueVersions }

// querier is a connection, a transaction or the whole pool.
type querier interface {
	rowQuerier
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// postgresTables are the tables of the schema with the columns that can be
// written, those first which others refer to. Unlogged tables hold nothing that
// would outlive a crash, so nothing that a copy should keep.
func postgresTables(ctx context.Context, q querier) ([]TableDump, error) {
	tables, err := pairs(ctx, q, `SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relpersistence = 'p'
			AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
			AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
		ORDER BY c.relname, a.attnum`)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	references, err := pairs(ctx, q, `SELECT f.relname, t.relname FROM pg_constraint k JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
		WHERE k.contype = 'f' AND f.relnamespace = current_schema()::regnamespace AND k.conrelid <> k.confrelid`)
	if err != nil {
		return nil, fmt.Errorf("list the foreign keys: %w", err)
	}
	var list []TableDump
	for _, p := range tables {
		if migrating(p[0]) {
			continue
		}
		if n := len(list); n > 0 && list[n-1].Name == p[0] {
			list[n-1].Columns = append(list[n-1].Columns, p[1])
			continue
		}
		list = append(list, TableDump{Name: p[0], Columns: []string{p[1]}})
	}
	return inOrder(list, references)
}

// inOrder puts tables behind those that they refer to.
func inOrder(tables []TableDump, references [][2]string) ([]TableDump, error) {
	var done []TableDump
	waiting := map[string]bool{}
	for _, t := range tables {
		waiting[t.Name] = true
	}
	for len(done) < len(tables) {
		before := len(done)
		for _, t := range tables {
			blocked := slices.ContainsFunc(references, func(r [2]string) bool { return r[0] == t.Name && waiting[r[1]] })
			if waiting[t.Name] && !blocked {
				done = append(done, t)
				delete(waiting, t.Name)
			}
		}
		if len(done) == before {
			return nil, errors.New("tables refer to one another in a circle")
		}
	}
	return done, nil
}

func postgresSequences(ctx context.Context, q querier) ([]SequenceDump, error) {
	names, err := pairs(ctx, q, `SELECT s.relname, COALESCE(t.relname, '') FROM pg_class s
		LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
		LEFT JOIN pg_class t ON t.oid = d.refobjid
		WHERE s.relkind = 'S' AND s.relnamespace = current_schema()::regnamespace ORDER BY s.relname`)
	if err != nil {
		return nil, fmt.Errorf("list the sequences: %w", err)
	}
	var list []SequenceDump
	for _, p := range names {
		if migrating(p[1]) {
			continue
		}
		s := SequenceDump{Name: p[0]}
		if err := q.QueryRowContext(ctx, "SELECT last_value, is_called FROM "+quoted(s.Name)).Scan(&s.Last, &s.Called); err != nil {
			return nil, fmt.Errorf("read sequence %s: %w", s.Name, err)
		}
		list = append(list, s)
	}
	return list, nil
}

func pairs(ctx context.Context, q querier, query string) (list [][2]string, err error) {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p [2]string
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, rows.Err()
}
