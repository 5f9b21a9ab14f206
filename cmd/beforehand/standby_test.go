package main

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"testing"
	"time"

	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
)

// TestPublicPagesComeFromTheStandby is on a real server and one that streams
// from it, told apart by pausing what the second replays.
func TestPublicPagesComeFromTheStandby(t *testing.T) {
	if testing.Short() {
		t.Skip("starts two database servers; run without -short")
	}
	t.Parallel()
	primary := ownCluster(t, storetest.StartCluster)
	dsn, err := primary.Database()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	h := registertest.New(t, s)
	h.Noticed(t)
	second := ownCluster(t, primary.StartStandby)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	there, err := url.Parse(second.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.Host = there.Host
	p := start(t, "--data", t.TempDir(), "--database", dsn, "--read-database", u.String(), "--read-lag", "4s", "--rate-limit", "0")
	p.ready(t)
	h.Clock.Set(time.Now())
	token := issue(t, h, h.Auditor, "deployment.read")
	list := func(token string) int {
		r := call{method: "GET", url: p.url("/api/v1/deployments?organisation=tywi"), token: token}.must(t, 200)
		return len(into[struct{ Items []registered }](t, r.body).Items)
	}
	if list("") != 1 || list(token) != 1 {
		t.Fatalf("the public sees %d deployments, the auditor %d", list(""), list(token))
	}
	admin, err := sql.Open("pgx", second.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	if _, err := admin.ExecContext(t.Context(), "SELECT pg_wal_replay_pause()"); err != nil {
		t.Fatal(err)
	}
	until(t, "it pauses", 30*time.Second, func() bool {
		var state string
		err := admin.QueryRowContext(t.Context(), "SELECT pg_get_wal_replay_pause_state()").Scan(&state)
		return err == nil && state == "paused"
	})
	h.Clock.Set(time.Date(2026, 9, 8, 9, 0, 0, 0, time.UTC))
	h.Noticed(t)
	if n := list(token); n != 2 {
		t.Errorf("who is signed in sees %d deployments: not what the primary has", n)
	}
	if n := list(""); n != 1 {
		t.Errorf("the public sees %d deployments at once: not what the standby has", n)
	}
	until(t, "the public is answered by the primary", 30*time.Second, func() bool { return list("") == 2 })
	if err := second.Control("stop", "-m", "immediate"); err != nil {
		t.Fatal(err)
	}
	if list("") != 2 {
		t.Error("without the standby the public sees something else")
	}
}

// ownCluster starts a database server that goes with the test.
func ownCluster(t *testing.T, start func() (*storetest.Cluster, error)) *storetest.Cluster {
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
