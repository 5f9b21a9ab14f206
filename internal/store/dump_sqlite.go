package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"gorm.io/gorm"
)

// sqlitePart is the one part of a dump of SQLite: a database file.
const sqlitePart = "database.sqlite"

// dumpSQLite lets SQLite write a copy: it reads in one transaction, which
// holds up no writer, and what it writes is packed and has no log beside it.
func (s *Store) dumpSQLite(ctx context.Context, scratch string, put func(string, int64, io.Reader) error, at func(Reader) error) (d Dump, err error) {
	dir, err := os.MkdirTemp(scratch, "dump-")
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, sqlitePart)
	if err := s.vacuumInto(ctx, path); err != nil {
		return d, fmt.Errorf("write the copy: %w", err)
	}
	d, err = readCopy(ctx, path, at)
	if err != nil {
		return d, err
	}
	f, err := os.Open(path) //nolint:gosec // made above
	if err != nil {
		return d, err
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return d, err
	}
	return d, put(sqlitePart, info.Size(), f)
}

// vacuumInto has a connection of its own: those that read are kept from writing
// anything, a copy included, and the one that writes is needed.
func (s *Store) vacuumInto(ctx context.Context, path string) (err error) {
	var from string
	if err := s.ro.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&from); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: from}).EscapedPath()+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	return err
}

// readCopy says what is in a file, which nobody writes to.
func readCopy(ctx context.Context, path string, at func(Reader) error) (d Dump, err error) {
	// Opened as no server opens it: it would make a log beside the file. What
	// a schema from outside says is not trusted to call functions.
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_pragma=query_only(1)&_pragma=trusted_schema(0)&_time_format=sqlite&_timezone=UTC")
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	d = Dump{Engine: "sqlite"}
	if d.Version, d.Queue, err = versions(ctx, db); err != nil {
		return d, err
	}
	if d.Tables, err = sqliteTables(ctx, db); err != nil {
		return d, err
	}
	for i := range d.Tables {
		t := &d.Tables[i]
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+quoted(t.Name)).Scan(&t.Rows); err != nil {
			return d, fmt.Errorf("count the rows of %s: %w", t.Name, err)
		}
	}
	if at == nil {
		return d, nil
	}
	g, err := gorm.Open(sqliteDialector{Conn: db}, gormConfig())
	if err != nil {
		return d, err
	}
	return d, at(Reader{db: g})
}

// sqliteTables leaves out those that only serve a virtual table.
func sqliteTables(ctx context.Context, db *sql.DB) (tables []TableDump, err error) {
	rows, err := db.QueryContext(ctx, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t TableDump
		if err := rows.Scan(&t.Name); err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, rows.Err()
}

// vacantSQLite says whether no file is there, nor one that SQLite keeps beside it.
func vacantSQLite(path string) error {
	for _, beside := range []string{"", "-wal", "-shm", "-journal"} {
		_, err := os.Lstat(path + beside)
		if err == nil {
			return fmt.Errorf("%s is there: %w", filepath.Base(path)+beside, ErrNotEmpty)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// loadSQLite writes the file beside its place, checks it and only then gives it
// its name.
func loadSQLite(ctx context.Context, path string, d Dump, part func(string) (io.ReadCloser, error)) (err error) {
	if err := vacantSQLite(path); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	f, err := os.CreateTemp(dir, ".loading-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	if err := fillFile(f, part); err != nil {
		return err
	}
	if err := checkCopy(ctx, f.Name(), d); err != nil {
		return err
	}
	// A link, since it refuses to replace what has come there meanwhile.
	if err := os.Link(f.Name(), path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s is there: %w", filepath.Base(path), ErrNotEmpty)
		}
		return fmt.Errorf("name the database: %w", err)
	}
	return syncFolder(dir)
}

func fillFile(f *os.File, part func(string) (io.ReadCloser, error)) error {
	r, err := part(sqlitePart)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, r.Close(), f.Sync(), f.Close())
}

// checkCopy says whether a file is sound and holds what its dump says.
func checkCopy(ctx context.Context, path string, d Dump) error {
	got, err := readCopy(ctx, path, func(r Reader) error {
		said, err := raw[string](ctx, r, "PRAGMA quick_check(1)")
		if err == nil && (len(said) != 1 || said[0] != "ok") {
			err = fmt.Errorf("SQLite says %q: %w", said, ErrDump)
		}
		return err
	})
	if err != nil {
		return errors.Join(ErrDump, err)
	}
	if got.Version != d.Version || got.Queue != d.Queue {
		return fmt.Errorf("the file has version %d: %w", got.Version, ErrDump)
	}
	if err := sameTables(d.Tables, got.Tables); err != nil {
		return err
	}
	rows := map[string]int64{}
	for _, t := range got.Tables {
		rows[t.Name] = t.Rows
	}
	for _, t := range d.Tables {
		if rows[t.Name] != t.Rows {
			return fmt.Errorf("%s has %d rows, the dump says %d: %w", t.Name, rows[t.Name], t.Rows, ErrDump)
		}
	}
	return nil
}

func syncFolder(dir string) error {
	f, err := os.Open(dir) //nolint:gosec // the data folder
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
