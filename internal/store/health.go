package store

import (
	"context"
	"io/fs"
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
