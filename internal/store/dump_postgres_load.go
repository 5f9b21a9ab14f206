package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/rivermigrate"
)

// loadPostgres migrates an empty schema to the dump's version and fills its
// tables in one transaction. A server that is started meanwhile waits.
func loadPostgres(ctx context.Context, dsn string, d Dump, part func(string) (io.ReadCloser, error)) (err error) {
	s, err := Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	unlock, err := s.lockMigrations(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := vacantPostgres(ctx, s.db); err != nil {
		return err
	}
	if err = s.migrateTo(ctx, d); err == nil {
		err = s.fill(ctx, d, part)
	}
	if err != nil {
		// Also when the caller is gone: a half-made schema would pass for a database.
		if left := s.vacate(context.WithoutCancel(ctx)); left != nil {
			err = errors.Join(err, fmt.Errorf("the database is left half filled: %w", left))
		}
	}
	return err
}

// migrateTo brings an empty schema up to the versions of a dump. The caller
// holds the lock on migrations.
func (s *Store) migrateTo(ctx context.Context, d Dump) error {
	files, err := fs.Sub(migrations, "migrations/postgres")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, s.db, files)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.UpTo(ctx, d.Version); err != nil {
		return fmt.Errorf("migrate to version %d: %w", d.Version, err)
	}
	m, err := rivermigrate.New(s.driver(), nil)
	if err != nil {
		return err
	}
	if _, err := m.GetVersion(d.Queue); err != nil {
		return fmt.Errorf("the job queue has no version %d: %w", d.Queue, ErrNewer)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{TargetVersion: d.Queue}); err != nil {
		return fmt.Errorf("migrate the job queue to version %d: %w", d.Queue, err)
	}
	return nil
}

// fill copies the rows into a schema of the dump's version. What the schema has
// is asked of the database; the dump must have the same.
func (s *Store) fill(ctx context.Context, d Dump, part func(string) (io.ReadCloser, error)) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // the transaction has ended by then
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	tables, err := postgresTables(ctx, tx)
	if err != nil {
		return err
	}
	if err := sameTables(d.Tables, tables); err != nil {
		return err
	}
	walled, err := walledTables(ctx, tx)
	if err != nil {
		return err
	}
	if err := bare(ctx, tx, tables, walled); err != nil {
		return err
	}
	said := map[string]TableDump{}
	for _, t := range d.Tables {
		said[t.Name] = t
	}
	for _, t := range tables {
		// The text lists the columns in the order in which the dump names them.
		if err := fillTable(ctx, conn, said[t.Name], part); err != nil {
			return fmt.Errorf("fill %s: %w", t.Name, err)
		}
	}
	for _, t := range tables {
		if _, err := tx.ExecContext(ctx, "ALTER TABLE "+quoted(t.Name)+" ENABLE TRIGGER USER"); err != nil {
			return fmt.Errorf("wake the triggers of %s: %w", t.Name, err)
		}
	}
	for _, name := range walled {
		if _, err := tx.ExecContext(ctx, "ALTER TABLE "+quoted(name)+" FORCE ROW LEVEL SECURITY"); err != nil {
			return fmt.Errorf("wall in %s: %w", name, err)
		}
	}
	if err := setSequences(ctx, tx, d.Sequences); err != nil {
		return err
	}
	return tx.Commit()
}

// walledTables are those whose rows even their owner sees by the policy only.
// Rows cannot be copied into one as long as that is so.
func walledTables(ctx context.Context, tx *sql.Tx) ([]string, error) {
	rows, err := tx.QueryContext(ctx, "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relforcerowsecurity ORDER BY 1")
	if err != nil {
		return nil, fmt.Errorf("list walled tables: %w", err)
	}
	defer func() { _ = rows.Close() }() // it was read to its end
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// bare puts the triggers to sleep, which have had their say on these rows once,
// takes the walls down until the transaction is over, and removes the rows that
// migrations wrote.
func bare(ctx context.Context, tx *sql.Tx, tables []TableDump, walled []string) error {
	names := make([]string, len(tables))
	statements := []string{copySettings}
	for i, t := range tables {
		names[i] = quoted(t.Name)
		statements = append(statements, "ALTER TABLE "+names[i]+" DISABLE TRIGGER USER")
	}
	for _, name := range walled {
		statements = append(statements, "ALTER TABLE "+quoted(name)+" NO FORCE ROW LEVEL SECURITY")
	}
	if len(names) > 0 {
		statements = append(statements, "TRUNCATE "+strings.Join(names, ", "))
	}
	for _, q := range statements {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("make ready: %w", err)
		}
	}
	return nil
}

func fillTable(ctx context.Context, conn *sql.Conn, t TableDump, part func(string) (io.ReadCloser, error)) error {
	r, err := part(t.part())
	if err != nil {
		return err
	}
	var rows int64
	err = conn.Raw(func(c any) error {
		tag, err := c.(*stdlib.Conn).Conn().PgConn().CopyFrom(ctx, r, "COPY "+quoted(t.Name)+" ("+t.columns()+") FROM STDIN")
		rows = tag.RowsAffected()
		return err
	})
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok && (strings.HasPrefix(refused.Code, "22") || strings.HasPrefix(refused.Code, "23")) {
		err = errors.Join(ErrDump, err) // the text is none, or breaks a constraint
	}
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	if rows != t.Rows {
		return fmt.Errorf("%d rows, the dump says %d: %w", rows, t.Rows, ErrDump)
	}
	return nil
}

func setSequences(ctx context.Context, tx *sql.Tx, said []SequenceDump) error {
	here, err := postgresSequences(ctx, tx)
	if err != nil {
		return err
	}
	if len(here) != len(said) {
		return fmt.Errorf("there are %d sequences and not %d: %w", len(said), len(here), ErrDump)
	}
	for i, s := range said {
		if here[i].Name != s.Name || s.Last < 1 {
			return fmt.Errorf("sequence %s is not as at that version: %w", here[i].Name, ErrDump)
		}
		if _, err := tx.ExecContext(ctx, "SELECT setval($1::regclass, $2, $3)", quoted(s.Name), s.Last, s.Called); err != nil {
			return fmt.Errorf("set sequence %s: %w", s.Name, err)
		}
	}
	return nil
}

// vacantPostgres says whether nothing is in the schema, save what belongs to an
// extension.
func vacantPostgres(ctx context.Context, db *sql.DB) error {
	var schema sql.NullString
	if err := db.QueryRowContext(ctx, "SELECT current_schema()").Scan(&schema); err != nil {
		return err
	}
	if !schema.Valid {
		return errors.New("the database has no schema to fill")
	}
	there, err := contents(ctx, db)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		return fmt.Errorf("%s is there: %w", there[0][0], ErrNotEmpty)
	}
	return nil
}

// vacate removes everything from a schema that was empty.
func (s *Store) vacate(ctx context.Context) error {
	there, err := contents(ctx, s.db)
	if err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	for _, p := range there {
		if _, err := tx.ExecContext(ctx, p[1]); err != nil {
			return fmt.Errorf("remove %s: %w", p[0], err)
		}
	}
	return tx.Commit()
}

// contents are the things in the schema, each with what removes it. They
// depend on one another, so some are gone by the time their turn comes.
func contents(ctx context.Context, q querier) ([][2]string, error) {
	list, err := pairs(ctx, q, `WITH o AS (
			SELECT 1 AS turn, oid, 'pg_class'::regclass AS of, relname::text AS name,
				'DROP ' || CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END
					|| ' IF EXISTS ' || oid::regclass || ' CASCADE' AS gone
				FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
			UNION ALL SELECT 2, oid, 'pg_proc'::regclass, proname::text, 'DROP ROUTINE IF EXISTS ' || oid::regprocedure || ' CASCADE'
				FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
			UNION ALL SELECT 3, oid, 'pg_type'::regclass, typname::text, 'DROP TYPE IF EXISTS ' || oid::regtype || ' CASCADE'
				FROM pg_type WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('e', 'd', 'r')
		) SELECT name, gone FROM o
		WHERE NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = o.of AND e.objid = o.oid AND e.deptype = 'e')
		ORDER BY turn, name`)
	if err != nil {
		return nil, fmt.Errorf("list what is in the database: %w", err)
	}
	return list, nil
}

// ScratchPostgres makes a schema of its own in a database, where a dump can be
// tried beside what is in use. Drop removes it with everything in it.
func ScratchPostgres(ctx context.Context, dsn string) (scratch string, drop func() error, err error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return "", nil, errors.New("the database address is not a URL") // the cause would show the password
	}
	name := "beforehand_try_" + strings.ToLower(rand.Text())
	if err := execOn(ctx, dsn, "CREATE SCHEMA "+name); err != nil {
		return "", nil, fmt.Errorf("make a schema to try in: %w", err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropping)
		defer cancel()
		if err := execOn(ctx, dsn, "DROP SCHEMA IF EXISTS "+name+" CASCADE"); err != nil {
			return fmt.Errorf("remove the schema %s: %w", name, err)
		}
		return nil
	}, nil
}

// dropping is how long removing a tried dump may take: also when whoever asked
// is gone.
const dropping = 5 * time.Minute

func execOn(ctx context.Context, dsn, statement string) (err error) {
	s, err := openPostgres(ctx, dsn, Settings{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Raw(ctx, statement)
}
