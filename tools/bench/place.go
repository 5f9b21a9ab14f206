package main

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// place is a seeded database.
type place struct {
	engine      string // sqlite or postgres
	deployments int
	dsn         string // postgres:// address, or the data folder of an SQLite file
	tokens      string // file of "role token" lines
}

// token is the bearer token of a role.
func (p place) token(role string) (string, error) {
	f, err := os.Open(p.tokens)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // it was only read
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, token, _ := strings.Cut(s.Text(), " "); name == role {
			return token, nil
		}
	}
	return "", fmt.Errorf("%s has no token of a %s", p.tokens, role)
}

// flags are how the server is told of the database.
func (p place) flags(work string) []string {
	if p.engine == "postgres" {
		return []string{"--database", p.dsn, "--data", filepath.Join(work, fmt.Sprint("postgres-", p.deployments))}
	}
	return []string{"--data", p.dsn}
}

// database is what the limit opens.
func (p place) database() string {
	if p.engine == "postgres" {
		return p.dsn
	}
	return filepath.Join(p.dsn, "beforehand.db")
}

// seeded gives the places that were named, or makes one on each engine. On
// PostgreSQL a database is made on the server of BEFOREHAND_TEST_POSTGRES.
func (o options) seeded(ctx context.Context) ([]place, error) {
	if len(o.places) > 0 {
		return o.places, nil
	}
	all := []place{{engine: "sqlite", deployments: o.deployments, dsn: filepath.Join(o.work, fmt.Sprint("sqlite-", o.deployments))}}
	if server := os.Getenv("BEFOREHAND_TEST_POSTGRES"); server != "" {
		dsn, err := makeDatabase(ctx, server, fmt.Sprint("bench_", o.deployments))
		if err != nil {
			return nil, err
		}
		all = append(all, place{engine: "postgres", deployments: o.deployments, dsn: dsn})
	} else {
		fmt.Fprintln(os.Stderr, "There is no PostgreSQL (BEFOREHAND_TEST_POSTGRES): only SQLite is measured.")
	}
	for i := range all {
		p := &all[i]
		p.tokens = filepath.Join(o.work, fmt.Sprint(p.engine, "-", p.deployments, ".tokens"))
		if err := o.seed(ctx, *p); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func makeDatabase(ctx context.Context, server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", fmt.Errorf("BEFOREHAND_TEST_POSTGRES is not a URL")
	}
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is left to be said
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

// seed fills a place, unless an SQLite file of an earlier run is there.
func (o options) seed(ctx context.Context, p place) error {
	if p.engine == "sqlite" {
		if _, err := os.Stat(p.tokens); err == nil {
			return nil
		}
		if err := os.RemoveAll(p.dsn); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(o.work, 0o750); err != nil {
		return err
	}
	args := append([]string{"seed", "--deployments", fmt.Sprint(o.deployments), "--comments", fmt.Sprint(o.comments), "--light", fmt.Sprint(o.light), "--tokens", p.tokens}, p.flags(o.work)...)
	cmd := exec.CommandContext(ctx, o.server, args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("seed %s: %w", p.engine, err)
	}
	if p.engine != "postgres" {
		return nil
	}
	// What the server does by itself in time.
	conn, err := pgx.Connect(ctx, p.dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is left to be said
	_, err = conn.Exec(ctx, "VACUUM ANALYZE")
	return err
}
