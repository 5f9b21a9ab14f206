package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite" // the driver that the server has
)

// row is what has been read of a row.
type row interface{ Scan(into ...any) error }

// database is as much of a driver as is needed. Values stand at question marks.
type database interface {
	// each reads rows one by one.
	each(ctx context.Context, query string, args []any, do func(row) error) error
	// within runs statements in one transaction.
	within(ctx context.Context, do func(query func(string, ...any) row, exec func(string, ...any) error) error) error
	postgres() bool
	close() error
}

var errNone = errors.New("no such row")

type pg struct {
	pool  *pgxpool.Pool
	texts sync.Map // of a query with question marks
}

func openPostgres(ctx context.Context, dsn string) (database, error) {
	c, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("the database address is not a URL")
	}
	c.MaxConns = int32(max(16, 4*runtime.NumCPU())) //nolint:gosec // as many as the server has
	pool, err := pgxpool.NewWithConfig(ctx, c)
	return &pg{pool: pool}, err
}

// text is a query with $1 and so on.
func (p *pg) text(query string) string {
	if t, ok := p.texts.Load(query); ok {
		return t.(string)
	}
	var b strings.Builder
	n := 0
	for _, part := range strings.SplitAfter(query, "?") {
		if before, found := strings.CutSuffix(part, "?"); found {
			n++
			b.WriteString(before + "$" + strconv.Itoa(n))
			continue
		}
		b.WriteString(part)
	}
	p.texts.Store(query, b.String())
	return b.String()
}

func (p *pg) each(ctx context.Context, query string, args []any, do func(row) error) error {
	rows, err := p.pool.Query(ctx, p.text(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (p *pg) within(ctx context.Context, do func(func(string, ...any) row, func(string, ...any) error) error) error {
	return pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		return do(func(q string, args ...any) row { return tx.QueryRow(ctx, p.text(q), args...) }, func(q string, args ...any) error {
			_, err := tx.Exec(ctx, p.text(q), args...)
			return err
		})
	})
}

func (p *pg) postgres() bool { return true }
func (p *pg) close() error   { p.pool.Close(); return nil }

// lite keeps every statement prepared; one connection writes.
type lite struct {
	read, write *sql.DB
	prepared    sync.Map
}

func openSQLite(ctx context.Context, path string) (database, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=synchronous(NORMAL)&_time_format=sqlite&_timezone=UTC"
	read, err := sql.Open("sqlite", dsn+"&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	read.SetMaxOpenConns(max(4, 2*runtime.NumCPU()))
	read.SetMaxIdleConns(max(4, 2*runtime.NumCPU()))
	write, err := sql.Open("sqlite", dsn+"&_txlock=immediate")
	if err != nil {
		return nil, errors.Join(err, read.Close())
	}
	write.SetMaxOpenConns(1)
	return &lite{read: read, write: write}, read.PingContext(ctx)
}

func (l *lite) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := l.prepared.Load(query); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := l.read.PrepareContext(ctx, query)
	if err == nil {
		l.prepared.Store(query, s)
	}
	return s, err
}

func (l *lite) each(ctx context.Context, query string, args []any, do func(row) error) error {
	// A context that can end makes the driver start a goroutine for each step.
	ctx = context.WithoutCancel(ctx)
	s, err := l.statement(ctx, query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err says what went wrong
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (l *lite) within(ctx context.Context, do func(func(string, ...any) row, func(string, ...any) error) error) error {
	ctx = context.WithoutCancel(ctx)
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	err = do(func(q string, args ...any) row { return tx.QueryRowContext(ctx, q, args...) }, func(q string, args ...any) error {
		_, err := tx.ExecContext(ctx, q, args...)
		return err
	})
	if err != nil {
		return err
	}
	return tx.Commit()
}

func (l *lite) postgres() bool { return false }
func (l *lite) close() error   { return errors.Join(l.read.Close(), l.write.Close()) }
