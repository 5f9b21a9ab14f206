package store

import (
	"context"
	"strings"
)

// Raw runs a statement as it stands, for tests and repair by hand: what the
// database refuses, it refuses here too.
func (s *Store) Raw(ctx context.Context, statement string) error {
	_, err := s.db.ExecContext(ctx, statement)
	return err
}

// Schema describes our tables, indexes and triggers as text, sorted.
func (s *Store) Schema(ctx context.Context) (string, error) {
	q := `SELECT type || ' ' || name || ': ' || COALESCE(sql, '') FROM sqlite_master
		WHERE name NOT LIKE 'river_%' AND name NOT LIKE 'goose_%' AND name NOT LIKE 'sqlite_%' AND tbl_name NOT LIKE 'river_%' AND name NOT LIKE 'deployments_fts_%' ORDER BY type, name`
	if s.postgres {
		q = `SELECT line FROM (
			SELECT 'column ' || table_name || '.' || column_name || ': ' || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '') AS line
				FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE 'river_%' AND table_name NOT LIKE 'goose_%'
			UNION ALL SELECT 'index ' || indexname || ': ' || indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename NOT LIKE 'river_%' AND tablename NOT LIKE 'goose_%'
			UNION ALL SELECT 'trigger ' || tgrelid::regclass || '.' || tgname || ': ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text NOT LIKE 'river_%'
			UNION ALL SELECT 'constraint ' || conrelid::regclass || '.' || conname || ': ' || pg_get_constraintdef(oid) FROM pg_constraint
				WHERE conrelid <> 0 AND connamespace = current_schema()::regnamespace AND conrelid::regclass::text NOT LIKE 'river_%' AND conrelid::regclass::text NOT LIKE 'goose_%'
			UNION ALL SELECT 'policy ' || tablename || '.' || policyname || ': ' || qual FROM pg_policies WHERE schemaname = current_schema()
			UNION ALL SELECT 'walled ' || relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relrowsecurity AND relforcerowsecurity
		) l ORDER BY line`
	}
	lines, err := raw[string](ctx, s.Reader, q)
	return strings.Join(lines, "\n") + "\n", err
}

// CountRows counts a table's rows as the transaction sees them, for tests.
func (r Reader) CountRows(ctx context.Context, table string) (int, error) {
	n, err := raw[int](ctx, r, "SELECT COUNT(*) FROM "+quoted(table))
	if err != nil || len(n) == 0 {
		return 0, err
	}
	return n[0], nil
}

// Set sets a setting of PostgreSQL until the transaction ends, for tests.
func (t *Tx) Set(ctx context.Context, name, value string) error {
	return t.exec(ctx, "SELECT set_config(?, ?, TRUE)", name, value)
}
