package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"modernc.org/sqlite"
)

// statementsKept is how many prepared statements a connection to SQLite keeps.
// The register has some 300 of its own; lists of different lengths make more.
const statementsKept = 400

// sqliteDB is a pool whose connections keep their statements prepared: to read
// a statement's text costs SQLite more than to carry it out. pgx does the same
// for PostgreSQL by itself.
func sqliteDB(dsn string, most int) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	db := sql.OpenDB(preparing{c})
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most) // a new connection reads the whole schema
	return db, nil
}

type preparing struct{ driver.Connector }

// Connect opens a connection that keeps its statements.
func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := c.(sqliteDriverConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the SQLite driver's connection is a %T", c), c.Close())
	}
	kept, err := simplelru.NewLRU(statementsKept, func(_ string, s *keptStatement) { s.forget() })
	return &keepingConn{sqliteDriverConn: conn, kept: kept}, err
}

type sqliteDriverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keepingConn is one connection; database/sql has it used by one goroutine at a time.
type keepingConn struct {
	sqliteDriverConn
	kept *simplelru.LRU[string, *keptStatement]
}

type sqliteStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// keptStatement is a prepared statement. Busy are rows of it that are being
// read; one that falls out of the cache meanwhile is closed when they are.
type keptStatement struct {
	sqliteStatement
	busy, gone bool
}

func (s *keptStatement) forget() {
	s.gone = true
	if !s.busy {
		_ = s.Close() // nothing that it did is undone by this
	}
}

// statement finds or prepares a statement; nil is for what is not kept: pragmas
// and the like, and one whose rows are still being read.
func (c *keepingConn) statement(ctx context.Context, query string) (*keptStatement, error) {
	if s, ok := c.kept.Get(query); ok {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if !keeps(query) {
		return nil, nil
	}
	p, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := p.(sqliteStatement)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the SQLite driver's statement is a %T", p), p.Close())
	}
	k := &keptStatement{sqliteStatement: s}
	c.kept.Add(query, k)
	return k, nil
}

func keeps(query string) bool {
	verb, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	switch strings.ToUpper(verb) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return true
	}
	return false
}

// ExecContext carries a statement out.
func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, query)
	if err != nil || s == nil {
		return nextOr(err, func() (driver.Result, error) { return c.sqliteDriverConn.ExecContext(ctx, query, args) })
	}
	return s.ExecContext(ctx, args)
}

// QueryContext asks for rows.
func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, query)
	if err != nil || s == nil {
		return nextOr(err, func() (driver.Rows, error) { return c.sqliteDriverConn.QueryContext(ctx, query, args) })
	}
	found, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	rows, ok := found.(sqliteRows)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the SQLite driver's rows are a %T", found), found.Close())
	}
	s.busy = true
	return &keptRows{rows, s}, nil
}

func nextOr[T any](err error, next func() (T, error)) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return next()
}

// Close closes the connection and its statements.
func (c *keepingConn) Close() error {
	c.kept.Purge()
	return c.sqliteDriverConn.Close()
}

type sqliteRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

type keptRows struct {
	sqliteRows
	of *keptStatement
}

// Close ends the reading; the statement may be used again.
func (r *keptRows) Close() error {
	err := r.sqliteRows.Close()
	r.of.busy = false
	if r.of.gone {
		err = errors.Join(err, r.of.Close())
	}
	return err
}
