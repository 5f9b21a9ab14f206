package store

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"
)

// lasting is a pool of SQLite's that lets no statement be broken off. A context
// that can end makes database/sql and the driver start goroutines for every
// statement, which cost as much as a short statement itself; what is asked of
// a local file is soon answered, and a server's requests have a limit of time.
type lasting struct{ *sql.DB }

// ExecContext carries a statement out.
func (l lasting) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return l.DB.ExecContext(context.WithoutCancel(ctx), query, args...)
}

// QueryContext asks for rows.
func (l lasting) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return l.DB.QueryContext(context.WithoutCancel(ctx), query, args...)
}

// QueryRowContext asks for one row.
func (l lasting) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return l.DB.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}

// BeginTx begins a transaction. Whoever has gone before its turn came does not
// begin one.
func (l lasting) BeginTx(ctx context.Context, opts *sql.TxOptions) (gorm.ConnPool, error) {
	tx, err := l.DB.BeginTx(context.WithoutCancel(ctx), opts)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return &lastingTx{tx}, nil
}

type lastingTx struct{ *sql.Tx }

// ExecContext carries a statement out.
func (l *lastingTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return l.Tx.ExecContext(context.WithoutCancel(ctx), query, args...)
}

// QueryContext asks for rows.
func (l *lastingTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return l.Tx.QueryContext(context.WithoutCancel(ctx), query, args...)
}

// QueryRowContext asks for one row.
func (l *lastingTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return l.Tx.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}
