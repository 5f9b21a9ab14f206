package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"beforehand/internal/store"
)

// Run runs a test on SQLite and on PostgreSQL, each on a migrated database of its own.
func Run(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, Open(t, engine))
		})
	}
}

// Open opens a migrated, empty database of an engine, closed when the test ends.
func Open(t testing.TB, engine string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), DSN(t, engine))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	return s
}

// DSN is the address of a migrated, empty database of an engine.
func DSN(t testing.TB, engine string) string {
	t.Helper()
	if engine == "postgres" {
		return migratedURL(t)
	}
	b, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "beforehand.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sqliteTemplate is a migrated database file, made once for the process.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "beforehand-template-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover in the temporary folder harms nobody
	path := filepath.Join(dir, "template.db")
	if err := migrate(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(dsn string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(ctx), s.Close())
}

var (
	templateMu   sync.Mutex
	templateName string
)

// migratedURL copies a migrated PostgreSQL database, made once for the process.
func migratedURL(t testing.TB) string {
	t.Helper()
	srv, err := shared()
	if errors.Is(err, ErrNoServer) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	// One copy at a time: PostgreSQL refuses to copy a database that is in use.
	templateMu.Lock()
	defer templateMu.Unlock()
	if templateName == "" {
		name := "template_" + randomHex(12)
		if err := srv.exec(`CREATE DATABASE ` + name + ` OWNER ` + appRole + ` TEMPLATE template0`); err != nil {
			t.Fatalf("storetest: %v", err)
		}
		if err := migrate(srv.urlOf(name)); err != nil {
			t.Fatalf("storetest: %v", err)
		}
		templateName = name
	}
	return srv.copyOf(t, templateName)
}

// copyOf makes a database that is dropped when the test ends.
func (s *server) copyOf(t testing.TB, template string) string {
	t.Helper()
	name := "t_" + randomHex(12)
	if err := s.exec(`CREATE DATABASE ` + name + ` OWNER ` + appRole + ` TEMPLATE ` + template); err != nil {
		t.Fatalf("storetest: %v", err)
	}
	t.Cleanup(func() {
		// FORCE, so that a connection leaked by a test spoils that test only.
		if err := s.exec(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`); err != nil {
			t.Errorf("storetest: %v", err)
		}
	})
	return s.urlOf(name)
}
