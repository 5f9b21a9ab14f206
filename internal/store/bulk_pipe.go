package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// bulkPipe writes one batch while the next is being made.
type bulkPipe struct {
	work   chan []bulkTable
	done   chan error
	failed error
	closed bool
}

func (b *Bulk) startPipe(ctx context.Context, conn *sql.Conn, tx *sql.Tx) *bulkPipe {
	p := &bulkPipe{work: make(chan []bulkTable), done: make(chan error, 1)}
	write := inserter{tx: tx, prepared: map[string]*sql.Stmt{}}.write
	if b.store.postgres {
		write = func(ctx context.Context, t bulkTable) error { return copyRows(ctx, conn, t) }
	}
	go func() {
		for batch := range p.work {
			for _, t := range batch {
				if err := write(ctx, t); err != nil {
					p.done <- fmt.Errorf("write %s: %w", t.name, err)
					return
				}
			}
		}
		p.done <- nil
	}()
	return p
}

func (p *bulkPipe) put(batch []bulkTable) error {
	select {
	case p.work <- batch:
		return nil
	case p.failed = <-p.done:
		p.closed = true
		return p.failed
	}
}

// close waits for what was put, and says what became of it.
func (p *bulkPipe) close() error {
	if p.closed {
		return p.failed
	}
	p.closed = true
	close(p.work)
	return <-p.done
}

// copyRows writes rows by COPY, in the transaction that the connection is in.
func copyRows(ctx context.Context, conn *sql.Conn, t bulkTable) error {
	return conn.Raw(func(c any) error {
		_, err := c.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromRows(t.rows))
		return err
	})
}

// inserter writes rows by prepared inserts of many rows.
type inserter struct {
	tx       *sql.Tx
	prepared map[string]*sql.Stmt
}

// mostValues is how many values go into one insert: fewer than SQLite's limit
// of 32,766, and few enough for its text to be parsed at once.
const mostValues = 1000

func (in inserter) write(ctx context.Context, t bulkTable) error {
	each := max(1, mostValues/len(t.columns))
	for rows := t.rows; len(rows) > 0; {
		n := each
		if len(rows) < each {
			n = 1
		}
		stmt, err := in.statement(ctx, t, n)
		if err != nil {
			return err
		}
		args := make([]any, 0, n*len(t.columns))
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		if _, err := stmt.ExecContext(ctx, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (in inserter) statement(ctx context.Context, t bulkTable, n int) (*sql.Stmt, error) {
	key := fmt.Sprint(t.name, n)
	if stmt, ok := in.prepared[key]; ok {
		return stmt, nil
	}
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(t.columns)), ", ") + ")"
	q := "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ", ") + ") VALUES " + strings.TrimSuffix(strings.Repeat(row+", ", n), ", ")
	stmt, err := in.tx.PrepareContext(ctx, q)
	if err == nil {
		in.prepared[key] = stmt // the end of the transaction closes it
	}
	return stmt, err
}
