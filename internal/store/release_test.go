package store_test

import (
	"compress/gzip"
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // restores a dump

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// TestUpFromEachRelease brings the databases of every release up to this one:
// their rows are still there, and their logs and notices still the same bytes.
func TestUpFromEachRelease(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "releases", "*.gz"))
	must(t, err)
	if len(files) < 2 {
		t.Fatalf("there are %d fixtures of releases", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			s := need(store.Open(t.Context(), restored(t, file)))(t)
			defer func() { must(t, s.Close()) }()
			must(t, s.Migrate(t.Context()))
			checkDemo(t, s)
		})
	}
}

func restored(t *testing.T, file string) string {
	t.Helper()
	f := need(os.Open(file))(t)
	defer func() { must(t, f.Close()) }()
	b := need(io.ReadAll(need(gzip.NewReader(f))(t)))(t)
	if strings.HasSuffix(file, ".sqlite.gz") {
		path := filepath.Join(t.TempDir(), "beforehand.db")
		must(t, os.WriteFile(path, b, 0o600))
		return path
	}
	url := storetest.PostgresURL(t)
	// A connection of its own: the dump leaves it without a search path.
	db := need(sql.Open("pgx", url))(t)
	defer func() { must(t, db.Close()) }()
	if _, err := db.ExecContext(t.Context(), string(b)); err != nil {
		t.Fatal(err)
	}
	return url
}

func checkDemo(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := t.Context()
	org := need(s.OrganisationBySlug(ctx, "tywi"))(t)
	d := need(s.Deployment(ctx, org.ID, "DEP-2026-003"))(t)
	if d.Stage != models.StagePilot || d.NameCy == "" {
		t.Errorf("DEP-2026-003 stands at %s and is called %q", d.Stage, d.NameCy)
	}
	n := need(s.Notice(ctx, org.ID, "N-2026-001"))(t)
	if ledger.Hash([]byte(n.Content)) != n.SHA256 {
		t.Error("the notice is not what was served")
	}
	rows := need(s.LedgerEntries(ctx, org.ID, 0, 100_000))(t)
	if len(rows) < 50 {
		t.Errorf("%d entries", len(rows))
	}
	for i, r := range rows {
		if leaf := ledger.Leaf([]byte(r.Body)); r.Seq != int64(i) || string(leaf[:]) != string(r.Leaf) {
			t.Errorf("entry %d is not what was written", i)
		}
	}
	if got := need(s.Comments(ctx, org.ID, d.ID))(t); len(got) != 4 || got[0].Body == "" {
		t.Errorf("%d comments", len(got))
	}
}
