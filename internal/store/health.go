package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
)

// SchemaVersions are the schema's version as it is, and as this release wants it.
func (s *Store) SchemaVersions(ctx context.Context) (have, want int64, err error) {
	dialect, dir := goose.DialectSQLite3, "migrations/sqlite"
	if s.postgres {
		dialect, dir = goose.DialectPostgres, "migrations/postgres"
	}
	files, err := fs.Sub(migrations, dir)
	if err != nil {
		return 0, 0, err
	}
	p, err := goose.NewProvider(dialect, s.db, files)
	if err != nil {
		return 0, 0, err
	}
	return p.GetVersions(ctx)
}

// wanted is the schema's version that this release wants.
var wanted = sync.OnceValues(func() (int64, error) {
	files, err := fs.Glob(migrations, "migrations/postgres/*.sql")
	if err != nil {
		return 0, err
	}
	newest := int64(0)
	for _, f := range files {
		n, err := goose.NumericComponent(f)
		if err != nil {
			return 0, err
		}
		newest = max(newest, n)
	}
	return newest, nil
})

// Ready says whether requests can be answered and what they promise be done:
// the database answers, its schema is this release's or a later one's, and the
// jobs are worked. The error says which is not so. It asks on a connection of its
// own: a replica whose others are all in use has enough to do, and is not gone.
func (s *Store) Ready(ctx context.Context) error {
	want, err := wanted()
	if err != nil {
		return err
	}
	var have int64
	if err := s.health.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&have); err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	if have < want {
		return fmt.Errorf("the schema is at %d, and %d is wanted", have, want)
	}
	if s.working == nil || !s.working() {
		return errors.New("the jobs are not worked")
	}
	return nil
}

// Clock is the database server's time, zero where it has none of its own, and
// that of the newest entry in any log.
func (s *Store) Clock(ctx context.Context) (server, newest time.Time, err error) {
	if s.postgres {
		if err := s.ro.QueryRowContext(ctx, "SELECT now()").Scan(&server); err != nil {
			return server, newest, err
		}
	}
	rows, err := raw[LedgerRow](ctx, s.Reader, "SELECT e.* FROM ledger_heads h JOIN ledger_entries e ON e.org_id = h.org_id AND e.seq = h.size - 1")
	for _, row := range rows {
		if row.At.After(newest) {
			newest = row.At
		}
	}
	return server.UTC(), newest, err
}

// LateJobs counts the jobs that were due before an instant and are still
// waiting, and those that were given up.
func (s *Store) LateJobs(ctx context.Context, before time.Time) (late, givenUp int, err error) {
	counts, err := raw[struct{ Late, GivenUp int }](ctx, s.Reader, `SELECT
		COUNT(CASE WHEN state IN ('available', 'retryable', 'scheduled') AND scheduled_at < ? THEN 1 END) AS late,
		COUNT(CASE WHEN state = 'discarded' THEN 1 END) AS given_up FROM river_job`, before.UTC())
	if err != nil {
		return 0, 0, err
	}
	return counts[0].Late, counts[0].GivenUp, nil
}
