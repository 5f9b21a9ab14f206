// Package store keeps everything in one database: SQLite embedded, or
// PostgreSQL. It holds rows and queries and no rules. Only a [Tx] can write.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"

	"beforehand/models"
)

// Store is the database. Its embedded Reader answers from outside any transaction.
type Store struct {
	Reader
	writer   *gorm.DB
	db       *sql.DB // where writes go
	ro       *sql.DB // where reads go; the same as db on PostgreSQL
	postgres bool
	jobs     *river.Client[*sql.Tx]
	health   *sql.DB     // one connection that asks whether all is well, when the others are all taken
	working  func() bool // whether this process works jobs; nil when it does not
	dsn      string      // of PostgreSQL, for a connection of its own
	news     announcer
	standby  *standby // nil when there is none
}

// Settings are what an operator may tune of a database; the zero value is good.
type Settings struct {
	// Connections are open at once at most; on SQLite, those that read. 0 is by
	// the number of processors.
	Connections int
	// ReadDSN is a streaming standby of the database, a postgres:// URL, from
	// which is read what may lag; "" is none.
	ReadDSN string
	// ReadLag is how far the standby may be behind; 0 is ten seconds.
	ReadLag time.Duration
	// Log is told when the standby comes and goes; nil is told nothing.
	Log *slog.Logger
}

// leastConnections are enough to migrate and to notify while a request is answered.
const leastConnections = 4

// Open opens a database: a postgres:// URL, or the path of an SQLite file,
// whose folder is made when it is missing. It does not migrate.
func Open(ctx context.Context, dsn string) (*Store, error) { return OpenWith(ctx, dsn, Settings{}) }

// OpenWith is Open with settings.
func OpenWith(ctx context.Context, dsn string, set Settings) (*Store, error) {
	if set.Connections != 0 && set.Connections < leastConnections {
		return nil, fmt.Errorf("%d connections to the database are too few: %d are wanted, or more", set.Connections, leastConnections)
	}
	if !isPostgres(dsn) {
		if set.ReadDSN != "" {
			return nil, errors.New("a second database to read from needs PostgreSQL: SQLite has no standby")
		}
		return openSQLite(ctx, dsn, set)
	}
	s, err := openPostgres(ctx, dsn, set)
	if err == nil && set.ReadDSN != "" {
		if err = s.openStandby(ctx, set); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, err
}

// pool opens connections to a PostgreSQL server, as many as the settings say.
func pool(dsn string, set Settings) (db *sql.DB, full string, err error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, "", errors.New("the database address is not a URL") // the cause would show the password
	}
	q := u.Query()
	q.Set("timezone", "UTC")
	u.RawQuery = q.Encode()
	conf, err := pgx.ParseConfig(u.String())
	if err != nil {
		return nil, "", errors.New("the database address cannot be understood") // the cause would show the password
	}
	db = stdlib.OpenDB(*conf, stdlib.OptionAfterConnect(uncompiled))
	n := set.Connections
	if n == 0 {
		n = max(24, 4*runtime.NumCPU()) // more than there are workers of jobs
	}
	db.SetMaxOpenConns(n)
	// All of them: workers come in bursts, and what they leave would be closed and
	// opened again for the next.
	db.SetMaxIdleConns(max(n, leastConnections))
	db.SetConnMaxIdleTime(time.Minute)
	return db, u.String(), nil
}

// uncompiled keeps the server from compiling what it is asked: that takes some
// 60 ms for the list of a union's officer, which is read in less.
func uncompiled(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, "SET jit = off")
	return err
}

func openPostgres(ctx context.Context, dsn string, set Settings) (*Store, error) {
	db, full, err := pool(dsn, set)
	if err != nil {
		return nil, err
	}
	if err := enough(ctx, db, set.Connections); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	g, err := gorm.Open(postgresDialector{&postgres.Dialector{Config: &postgres.Config{Conn: db}}}, gormConfig())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	health, err := sql.Open("pgx", full)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	health.SetMaxOpenConns(1)
	health.SetConnMaxIdleTime(time.Minute)
	s := &Store{Reader: Reader{db: g, postgres: true, tenants: &tenants{}}, writer: g, db: db, ro: db, health: health, postgres: true, dsn: full}
	s.news.say = s.notify
	return s, nil
}

// enough reaches the server, and refuses more connections than it would ever give.
func enough(ctx context.Context, db *sql.DB, wanted int) error {
	var most int
	if err := db.QueryRowContext(ctx, "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int").Scan(&most); err != nil {
		return fmt.Errorf("reach PostgreSQL: %w", err)
	}
	if wanted > most {
		return fmt.Errorf("%d connections are more than the server gives, which is %d to everybody: ask for fewer, or raise its max_connections", wanted, most)
	}
	return nil
}

// sqliteDSN opens with a write-ahead log and real foreign keys. Writing
// transactions take the lock at once: a read that turns into a write would
// otherwise fail under load in spite of the busy timeout. Times are stored in
// UTC as SQLite writes them, which the job queue compares as text. The first 2 GiB
// of the file, which is all that SQLite maps, are read without a copy; of what lies
// beyond each connection keeps 16 MB.
func sqliteDSN(path string, readOnly bool) string {
	q := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)" +
		"&_pragma=synchronous(NORMAL)&_pragma=recursive_triggers(1)&_pragma=secure_delete(1)&_pragma=mmap_size(2147483648)&_pragma=cache_size(-16000)&_time_format=sqlite&_timezone=UTC"
	if readOnly {
		return q + "&_pragma=query_only(1)"
	}
	return q + "&_txlock=immediate"
}

func openSQLite(ctx context.Context, path string, set Settings) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	// One writer: SQLite has one anyway, and waiting in Go is fair and never SQLITE_BUSY.
	db, err := sqliteDB(sqliteDSN(path, false), 1)
	if err != nil {
		return nil, err
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open SQLite at %s: %w", path, err), db.Close())
	}
	ro, err := sqliteDB(sqliteDSN(path, true), max(4, 2*runtime.NumCPU()))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	readers := set.Connections
	if readers == 0 {
		readers = max(4, 2*runtime.NumCPU())
	}
	ro.SetMaxOpenConns(readers)
	ro.SetMaxIdleConns(readers)
	write, err := gorm.Open(sqliteDialector{Conn: lasting{db}}, gormConfig())
	if err != nil {
		return nil, errors.Join(err, db.Close(), ro.Close())
	}
	read, err := gorm.Open(sqliteDialector{Conn: lasting{ro}}, gormConfig())
	if err != nil {
		return nil, errors.Join(err, db.Close(), ro.Close())
	}
	return &Store{Reader: Reader{db: read, tenants: &tenants{}}, writer: write, db: db, ro: ro, health: ro}, nil
}

func gormConfig() *gorm.Config {
	return &gorm.Config{
		TranslateError:         true,
		SkipDefaultTransaction: true, // a Tx is the transaction
		Logger:                 counter{logger.Discard},
		// The store has no clock of its own: every instant comes from the use case.
		NowFunc: func() time.Time { return time.Time{} },
	}
}

// Close closes the database. Stop the jobs first.
func (s *Store) Close() error {
	s.news.close()
	if s.standby != nil {
		s.standby.close()
	}
	if s.ro != s.db {
		return errors.Join(s.ro.Close(), s.db.Close())
	}
	return errors.Join(s.health.Close(), s.db.Close())
}

// Engine is "postgres" or "sqlite".
func (s *Store) Engine() string {
	if s.postgres {
		return "postgres"
	}
	return "sqlite"
}

// Within runs one transaction: all of it happens or none.
func (s *Store) Within(ctx context.Context, do func(*Tx) error) error {
	t := &Tx{store: s}
	err := s.writer.WithContext(ctx).Transaction(func(g *gorm.DB) error {
		t.Reader = Reader{db: g, postgres: s.postgres, inTx: true}
		return do(t)
	})
	if err == nil {
		s.news.grew(t.grown) // it has committed: not a moment before
	}
	return translate(err)
}

// translate turns what the database refused into an error a person can use.
func translate(err error) error {
	if _, ours := errors.AsType[*models.Error](err); ours {
		return err // translated before, perhaps to something more telling
	}
	var state interface{ SQLState() string }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &state) && (state.SQLState() == "40P01" || state.SQLState() == "40001"):
		return models.Fail(models.Conflict, "busy").Because(err) // nothing was changed: it may be tried again
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return models.Fail(models.Conflict, "duplicate").Because(err)
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return models.Missing("reference").Because(err)
	case errors.Is(err, gorm.ErrCheckConstraintViolated):
		return models.Fail(models.Invalid, "conflict").Because(err)
	}
	return unavailable(err)
}

// Tx is a transaction, the only thing that can write.
type Tx struct {
	Reader
	store *Store
	grown map[string]int64 // sizes of the logs that it appended to, by organisation
}

// sql gives the driver's transaction, for the job queue.
func (t *Tx) sql() (*sql.Tx, error) {
	switch p := t.db.Statement.ConnPool.(type) {
	case *sql.Tx:
		return p, nil
	case *lastingTx:
		return p.Tx, nil
	}
	return nil, fmt.Errorf("not in a transaction: %T", t.db.Statement.ConnPool)
}

// Reader reads, inside a transaction or outside one. Every method takes the
// organisation, save those that find out which one it is.
type Reader struct {
	db       *gorm.DB
	postgres bool
	inTx     bool
	tenants  *tenants // nil where it need not be known
	effort   effort   // of a search; the zero value is usualEffort
}

// Unlocked reads in the same transaction without locking what it reads.
func (r Reader) Unlocked() Reader {
	r.inTx = false
	return r
}

// locking locks the rows that are read, inside a transaction. SQLite has
// locked the whole database by then.
func (r Reader) locking() Reader {
	if r.inTx && r.postgres {
		r.db = r.db.Clauses(clause.Locking{Strength: "NO KEY UPDATE"})
	}
	return r
}

func one[T any](ctx context.Context, r Reader, noun, where string, args ...any) (T, error) {
	var row T
	res := r.db.WithContext(ctx).Where(where, args...).Limit(1).Find(&row)
	if res.Error != nil {
		return row, translate(res.Error)
	}
	if res.RowsAffected == 0 {
		return row, models.Missing(noun)
	}
	return row, nil
}

func many[T any](ctx context.Context, r Reader, order, where string, args ...any) ([]T, error) {
	rows := []T{}
	err := r.db.WithContext(ctx).Where(where, args...).Order(order).Find(&rows).Error
	return rows, translate(err)
}

// few are the rows of one record, put in order here. SQLite, asked for an order
// that another index has, walks an organisation's whole table by that index
// rather than look up a few rows and sort them.
func few[T any](ctx context.Context, r Reader, order func(a, b T) int, where string, args ...any) ([]T, error) {
	rows := []T{}
	err := r.db.WithContext(ctx).Where(where, args...).Find(&rows).Error
	slices.SortFunc(rows, order)
	return rows, translate(err)
}

func raw[T any](ctx context.Context, r Reader, query string, args ...any) ([]T, error) {
	rows := []T{}
	err := r.db.WithContext(ctx).Raw(query, args...).Scan(&rows).Error
	return rows, translate(err)
}

// Add writes a new row of any kind.
func (t *Tx) Add(ctx context.Context, row any) error {
	return translate(t.db.WithContext(ctx).Create(row).Error)
}

// save writes a row back if nobody has since it was read at this version.
func save[T any](ctx context.Context, t *Tx, row *T, noun, org, id string, readAt int) error {
	res := t.db.WithContext(ctx).Model(row).Where("org_id = ? AND id = ? AND version = ?", org, id, readAt).Select("*").Updates(row)
	if res.Error != nil {
		return translate(res.Error)
	}
	if res.RowsAffected == 0 {
		return models.Fail(models.Stale, "stale_version").With("noun", noun)
	}
	return nil
}
