package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
)

var (
	// ErrEngine says that a dump is of the other engine than the database.
	ErrEngine = errors.New("the dump is of another database engine")
	// ErrNotEmpty says that there is something already where a dump should go.
	ErrNotEmpty = errors.New("the database is not empty")
	// ErrNewer says that a dump was made by a later release than this one.
	ErrNewer = errors.New("the dump is of a later release")
	// ErrDump says that what is in a dump is not what it says is in it, or not
	// what a database of its version holds.
	ErrDump = errors.New("the dump does not fit")
)

// Dump says what a copy of the database holds.
type Dump struct {
	// Engine is "postgres" or "sqlite". A dump goes back into the same one.
	Engine string `json:"engine"`
	// Version and Queue are the schema's versions: ours, and that of the job queue.
	Version int64 `json:"version"`
	Queue   int   `json:"queue"`
	// Tables are in an order in which no row comes before one that it refers to.
	Tables    []TableDump    `json:"tables"`
	Sequences []SequenceDump `json:"sequences,omitempty"`
}

// TableDump says what a dump has of one table.
type TableDump struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns,omitempty"` // none on SQLite, whose dump is one file
	Rows    int64    `json:"rows"`
}

// SequenceDump is where a sequence of PostgreSQL stood.
type SequenceDump struct {
	Name   string `json:"name"`
	Last   int64  `json:"last"`
	Called bool   `json:"called"` // whether Last has been handed out
}

// Parts names the parts of the dump, in the order in which Dump hands them out.
func (d Dump) Parts() []string {
	if d.Engine == "sqlite" {
		return []string{sqlitePart}
	}
	parts := make([]string, len(d.Tables))
	for i, t := range d.Tables {
		parts[i] = t.part()
	}
	return parts
}

// Dump copies the whole database as it stood at one moment, while others go on
// writing to it. What must be known of that moment is read in at, before put is
// handed the parts one after the other. The scratch folder holds one part at a
// time.
func (s *Store) Dump(ctx context.Context, scratch string, put func(name string, size int64, r io.Reader) error, at func(Reader) error) (Dump, error) {
	dump := s.dumpSQLite
	if s.postgres {
		dump = s.dumpPostgres
	}
	d, err := dump(ctx, scratch, put, at)
	if err != nil {
		return d, fmt.Errorf("copy the database: %w", err)
	}
	return d, nil
}

// Load fills an empty database from a dump, whose version it then has: migrate
// it afterwards. When it fails it leaves the database empty, or says that it
// could not.
func Load(ctx context.Context, dsn string, d Dump, part func(name string) (io.ReadCloser, error)) error {
	if err := Fits(dsn, d); err != nil {
		return err
	}
	load := loadSQLite
	if isPostgres(dsn) {
		load = loadPostgres
	}
	if err := load(ctx, dsn, d, part); err != nil {
		return fmt.Errorf("load the dump: %w", err)
	}
	return nil
}

// Fits says whether a dump is one for the engine of an address, and one that
// this release knows: nil, ErrEngine, ErrNewer or ErrDump.
func Fits(dsn string, d Dump) error {
	engine := "sqlite"
	if isPostgres(dsn) {
		engine = "postgres"
	}
	if d.Engine != engine {
		return fmt.Errorf("load a dump of %q into %s: %w", d.Engine, engine, ErrEngine)
	}
	if d.Version < 1 || d.Queue < 1 {
		return fmt.Errorf("load a dump of version %d: %w", d.Version, ErrDump)
	}
	newest, err := newestVersion(engine)
	if err != nil {
		return err
	}
	if d.Version > newest {
		return fmt.Errorf("load a dump of version %d with a release of version %d: %w", d.Version, newest, ErrNewer)
	}
	return nil
}

// Vacant says whether a dump may be loaded into a database: nil, or ErrNotEmpty.
func Vacant(ctx context.Context, dsn string) error {
	if !isPostgres(dsn) {
		return vacantSQLite(dsn)
	}
	s, err := Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // it was only asked
	return vacantPostgres(ctx, s.db)
}

// versions are those of the schema, ours and the job queue's.
func versions(ctx context.Context, q rowQuerier) (ours int64, queue int, err error) {
	row := q.QueryRowContext(ctx, `SELECT COALESCE((SELECT MAX(version_id) FROM `+goose.DefaultTablename+` WHERE is_applied), 0),
		COALESCE((SELECT MAX(version) FROM `+queueVersions+` WHERE line = 'main'), 0)`)
	if err := row.Scan(&ours, &queue); err != nil {
		return 0, 0, fmt.Errorf("read the version of the schema: %w", err)
	}
	return ours, queue, nil
}

// queueVersions is the table in which the job queue keeps its version.
const queueVersions = "river_migration"

type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// newestVersion is the version of the schema that this release brings.
func newestVersion(engine string) (int64, error) {
	files, err := fs.Glob(migrations, "migrations/"+engine+"/*.sql")
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, f := range files {
		n, err := goose.NumericComponent(f)
		if err != nil {
			return 0, fmt.Errorf("read migrations: %w", err)
		}
		newest = max(newest, n)
	}
	return newest, nil
}

// sameTables says in what the tables of a dump differ from those of a database.
func sameTables(dump, here []TableDump) error {
	shape := func(tables []TableDump) map[string][]string {
		m := map[string][]string{}
		for _, t := range tables {
			m[t.Name] = slices.Sorted(slices.Values(t.Columns))
		}
		return m
	}
	in, want := shape(dump), shape(here)
	if len(in) != len(dump) {
		return fmt.Errorf("a table is there twice: %w", ErrDump)
	}
	for name := range maps.Keys(want) {
		if columns, ok := in[name]; !ok || !slices.Equal(columns, want[name]) {
			return fmt.Errorf("table %s is not as at that version: %w", name, ErrDump)
		}
	}
	if len(in) != len(want) {
		return fmt.Errorf("there are %d tables and not %d: %w", len(in), len(want), ErrDump)
	}
	return nil
}

// quoted is a name as both engines take one that was not chosen here.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// FileHashes are those of every attachment that a row names, each once, sorted.
func (r Reader) FileHashes(ctx context.Context) ([]string, error) {
	return raw[string](ctx, r, "SELECT DISTINCT sha256 FROM attachments ORDER BY sha256")
}
