package storetest_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"beforehand/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestPostgresURLGivesEachTestADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	first, second := storetest.PostgresURL(t), storetest.PostgresURL(t)
	if first == second {
		t.Fatal("two calls returned the same database")
	}
	if _, err := open(t, first).ExecContext(t.Context(), `CREATE TABLE only_here (id int)`); err != nil {
		t.Fatal(err)
	}
	var seen bool
	err := open(t, second).QueryRowContext(t.Context(), `SELECT to_regclass('only_here') IS NOT NULL`).Scan(&seen)
	if err != nil || seen {
		t.Fatalf("seen = %v, err = %v; want a table of one database to be unknown to the other", seen, err)
	}
}

func TestPostgresURLDropsTheDatabaseThoughAConnectionWasLeaked(t *testing.T) {
	t.Parallel()
	_ = storetest.PostgresURL(t) // skips or fails here when there is no server
	var url string
	t.Run("a test that leaks", func(t *testing.T) {
		url = storetest.PostgresURL(t)
		db, err := sql.Open("pgx", url)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Conn(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
	})
	if err := open(t, url).PingContext(t.Context()); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Fatalf("err = %v; want the database to be gone", err)
	}
}

func TestAClusterGoesWithTheProcessThatStartedIt(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a second server")
	}
	if os.Getenv("STORETEST_CHILD") == "1" {
		c, err := storetest.StartCluster()
		if errors.Is(err, storetest.ErrNoServer) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, _ = os.Stdout.WriteString("URL " + c.URL() + "\n")
		select {} // until killed
	}
	t.Parallel()
	_ = storetest.PostgresURL(t) // skips or fails here when there is no server
	child := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	child.Env = append(os.Environ(), "STORETEST_CHILD=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, _ := out.Read(buf)
	said := strings.TrimSpace(string(buf[:n]))
	if said == "PASS" && os.Getenv(storetest.PostgresEnv) != "" {
		t.Skip("the server in use is not on this machine, and none is installed here")
	}
	url, ok := strings.CutPrefix(said, "URL ")
	if !ok {
		t.Fatalf("the child said %q", buf[:n])
	}
	db := open(t, url)
	if err := db.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	deadline, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for db.PingContext(deadline) == nil {
		select {
		case <-deadline.Done():
			t.Fatal("the server outlived its process by 20 seconds")
		case <-tick.C:
		}
	}
}
