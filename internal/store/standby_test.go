package store_test

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"testing"
	"time"

	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// TestReadsThatMayLagComeFromTheStandby is on two real servers, of which one
// streams to the other: pausing what it replays shows whose answer it is.
func TestReadsThatMayLagComeFromTheStandby(t *testing.T) {
	t.Parallel()
	primary := cluster(t, storetest.StartCluster)
	dsn, err := primary.Database()
	if err != nil {
		t.Fatal(err)
	}
	second := cluster(t, primary.StartStandby)
	s, err := store.OpenWith(t.Context(), dsn, store.Settings{ReadDSN: onServer(t, dsn, second.URL()), ReadLag: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	admin, err := sql.Open("pgx", second.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	found := func(slug string) { foundOrg(t, s, slug) }
	seen := func(slug string) bool {
		t.Helper()
		if _, err := s.OrganisationBySlug(t.Context(), slug); err != nil {
			t.Fatalf("the primary does not have %s: %v", slug, err)
		}
		_, err := s.OrganisationBySlug(store.MayLag(t.Context()), slug)
		if err != nil && models.KindOf(err) != models.NotFound {
			t.Fatal(err)
		}
		return err == nil
	}
	found("one")
	eventually(t, "the standby follows", func() bool { return seen("one") })

	if _, err := admin.ExecContext(t.Context(), "SELECT pg_wal_replay_pause()"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it pauses", func() bool {
		var state string
		err := admin.QueryRowContext(t.Context(), "SELECT pg_get_wal_replay_pause_state()").Scan(&state)
		return err == nil && state == "paused"
	})
	found("two")
	if seen("two") {
		t.Error("what the standby has not got was read at once: nothing came from it")
	}
	eventually(t, "the primary is read when the standby is too far behind", func() bool { return seen("two") })
	// Inside a transaction the mark means nothing.
	if err := s.Within(t.Context(), func(tx *store.Tx) error {
		_, err := tx.OrganisationBySlug(store.MayLag(t.Context()), "two")
		return err
	}); err != nil {
		t.Error(err)
	}
	if _, err := admin.ExecContext(t.Context(), "SELECT pg_wal_replay_resume()"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the standby is read again", s.ReadsStandby)

	if err := second.Control("stop", "-m", "immediate"); err != nil {
		t.Fatal(err)
	}
	found("three")
	if !seen("three") {
		t.Error("the standby is gone, and the primary was not asked")
	}
	if s.ReadsStandby() {
		t.Error("a standby that is gone is still asked")
	}
}

func TestAStandbyIsForPostgreSQLOnly(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		dsn string
		set store.Settings
	}{
		{t.TempDir() + "/x.db", store.Settings{ReadDSN: "postgres://127.0.0.1/x"}},
		{t.TempDir() + "/x.db", store.Settings{Connections: 3}},
		{storetest.DSN(t, "postgres"), store.Settings{ReadDSN: "/var/lib/x.db"}},
		{storetest.DSN(t, "postgres"), store.Settings{Connections: 100_000}},
	} {
		if s, err := store.OpenWith(t.Context(), x.dsn, x.set); err == nil {
			t.Errorf("%+v was taken", x.set)
			_ = s.Close()
		}
	}
}

// foundOrg writes an organisation whose id is its short name.
func foundOrg(t *testing.T, s *store.Store, slug string) {
	t.Helper()
	if err := s.Within(t.Context(), func(tx *store.Tx) error {
		return tx.Add(t.Context(), &models.Organisation{ID: slug, Slug: slug, NameEn: slug, NameCy: slug, Nation: models.EnglandAndWales, Zone: "Europe/London", Profile: "wales-partnership", Version: 1, CreatedAt: time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC)})
	}); err != nil {
		t.Fatal(err)
	}
}

// cluster starts a server that goes with the test.
func cluster(t *testing.T, start func() (*storetest.Cluster, error)) *storetest.Cluster {
	t.Helper()
	c, err := start()
	if errors.Is(err, storetest.ErrNoServer) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// onServer is a database's address on another server that has the same.
func onServer(t *testing.T, dsn, server string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	other, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = other.Host
	return u.String()
}

// eventually waits for something to become true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick, deadline := time.NewTicker(20*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not in 30 seconds: %s", what)
		}
	}
}
