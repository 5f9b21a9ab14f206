package store_test

import (
	"context"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// unavailable wants an error that says what is wrong with the database, and when
// to ask again.
func unavailable(t *testing.T, what string, err error, code string) {
	t.Helper()
	if models.KindOf(err) != models.Unavailable || models.CodeOf(err) != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func promise(ctx context.Context, s *store.Store) error {
	return s.Within(ctx, func(tx *store.Tx) error { return tx.Promise(ctx, Hourly{}) })
}

// TestAServerThatIsAway breaks connections at each step of a transaction, takes
// no new ones, and at last refuses them.
func TestAServerThatIsAway(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	g := storetest.NewGate(t)
	s := need(store.Open(ctx, g.DSN))(t)
	t.Cleanup(func() { _ = s.Close() })
	must(t, s.Prepare())
	read := func() error { _, err := s.OnlyOrganisation(ctx); return err }
	for _, broken := range []struct {
		at string
		do func(tx *store.Tx) error
	}{
		{"commit", func(*store.Tx) error { return nil }},
		{"write", func(tx *store.Tx) error { return tx.Add(ctx, &models.Organisation{ID: "one", Slug: "one"}) }},
		{"read", func(tx *store.Tx) error { _, err := tx.OnlyOrganisation(ctx); return err }},
		{"promise", func(tx *store.Tx) error { return tx.Promise(ctx, Hourly{}) }},
	} {
		must(t, promise(ctx, s))
		unavailable(t, broken.at, s.Within(ctx, func(tx *store.Tx) error {
			g.Shut()
			return broken.do(tx)
		}), "database_away")
		unavailable(t, "a transaction begun later", promise(ctx, s), "database_away")
		unavailable(t, "a reading later", read(), "database_away")
		g.Open()
	}
	if err := read(); models.KindOf(err) != models.NotFound {
		t.Errorf("when it is back: %v", err)
	}
	g.Stop()
	unavailable(t, "a refused connection", read(), "database_away")
}

// TestAServerThatEndsOurConnections as one does that is stopped, or has no more of them.
func TestAServerThatEndsOurConnections(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dsn := storetest.DSN(t, "postgres")
	s, other := need(store.Open(ctx, dsn))(t), need(store.Open(ctx, dsn))(t)
	t.Cleanup(func() { _, _ = s.Close(), other.Close() })
	end := "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
	unavailable(t, "ended in a transaction", s.Within(ctx, func(tx *store.Tx) error {
		must(t, other.Raw(ctx, end))
		_, err := tx.OnlyOrganisation(ctx)
		return err
	}), "database_away")
	name := strings.TrimPrefix(need(url.Parse(dsn))(t).Path, "/")
	must(t, other.Raw(ctx, "ALTER DATABASE "+name+" CONNECTION LIMIT 0"))
	must(t, other.Raw(ctx, end))
	eventually(t, "there are too many connections", func() bool {
		_, err := s.OnlyOrganisation(ctx) // the first may still have been ended
		return models.CodeOf(err) == "database_busy"
	})
}

// TestAFullDisk is one page more than SQLite may have.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := storetest.Open(t, "sqlite")
	must(t, s.Raw(ctx, "VACUUM")) // no page is free
	must(t, s.Raw(ctx, "PRAGMA max_page_count = 1"))
	unavailable(t, "a full disk", s.Within(ctx, func(tx *store.Tx) error {
		return tx.Promise(ctx, slices.Repeat([]store.Job{Hourly{}}, 2000)...)
	}), "database_full")
	if _, err := s.OnlyOrganisation(ctx); models.KindOf(err) != models.NotFound {
		t.Errorf("reading from a full disk: %v", err)
	}
	must(t, s.Raw(ctx, "PRAGMA max_page_count = 1073741823"))
	must(t, s.Raw(ctx, "PRAGMA query_only = 1"))
	unavailable(t, "one that may only be read", promise(ctx, s), "database_full")
	must(t, s.Raw(ctx, "PRAGMA query_only = 0"))
	must(t, promise(ctx, s))
}

// TestAFileThatAnotherHasLocked for longer than we wait.
func TestAFileThatAnotherHasLocked(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dsn := filepath.Clean(storetest.DSN(t, "sqlite"))
	s, other := need(store.Open(ctx, dsn))(t), need(store.Open(ctx, dsn))(t)
	t.Cleanup(func() { _, _ = s.Close(), other.Close() })
	must(t, s.Prepare())
	must(t, s.Raw(ctx, "PRAGMA busy_timeout = 20"))
	must(t, other.Within(ctx, func(*store.Tx) error {
		unavailable(t, "locked", promise(ctx, s), "database_busy")
		return nil
	}))
	must(t, promise(ctx, s))
}

// TestWhoHasGoneIsNotTheDatabasesFault on either engine.
func TestWhoHasGoneIsNotTheDatabasesFault(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		err := s.Within(ctx, func(tx *store.Tx) error {
			cancel()
			_, err := tx.OnlyOrganisation(ctx)
			return err
		})
		if err != nil && models.KindOf(err) == models.Unavailable || models.KindOf(promise(ctx, s)) == models.Unavailable {
			t.Error(err)
		}
	})
}
