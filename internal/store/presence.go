package store

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// presenceClass is the first half of the locks that say who is there.
	presenceClass = 720_911_403
	// presenceMark ends the name of a process that holds such a lock while it
	// lives. One without, of an earlier release, says nothing by holding none.
	presenceMark = "~"
	presenceLook = 2 * time.Second
	// presenceLooks is how often in a row a process must be missed: while the
	// database itself was gone, everybody's lock was.
	presenceLooks = 3
)

// presence holds a lock in PostgreSQL for as long as this process lives, and
// takes from processes that are dead what they had in hand: their jobs, which
// would else wait for the end of the longest that a job may take, and being the
// leader. PostgreSQL lets go of the lock when the process ends, however it ends.
type presence struct {
	dsn, name string
	log       *slog.Logger
	missed    map[string]int
}

// keep does so until ctx ends.
func (p *presence) keep(ctx context.Context) {
	for ctx.Err() == nil {
		err := p.hold(ctx)
		if ctx.Err() != nil {
			return
		}
		p.log.Warn("other processes do not see this one for a moment", "error", err.Error())
		again := time.NewTimer(listenAgain)
		select {
		case <-ctx.Done():
		case <-again.C:
		}
		again.Stop()
	}
}

// hold keeps one connection, and with it the lock, until that is lost.
func (p *presence) hold(ctx context.Context) error {
	dial, cancel := context.WithTimeout(ctx, announceWithin)
	defer cancel()
	conn, err := pgx.Connect(dial, p.dsn)
	if err != nil {
		return errUnreachable
	}
	defer func() { _ = conn.Close(dial) }() // lost, or no longer wanted
	if _, err := conn.Exec(dial, "SELECT pg_advisory_lock_shared($1::int, hashtext($2))", presenceClass, p.name); err != nil {
		return err
	}
	p.missed = map[string]int{}
	// A ticker would make up for a slow look by two quick ones: three times in a
	// row would then be less than four seconds.
	next := time.NewTimer(presenceLook)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-next.C:
		}
		ask, done := context.WithTimeout(ctx, announceWithin)
		err := p.look(ask, conn)
		done()
		if err != nil {
			return err
		}
		next.Reset(presenceLook)
	}
}

// look counts who is missing, and takes over from those missed often enough.
func (p *presence) look(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `SELECT DISTINCT attempted_by[array_upper(attempted_by, 1)] FROM river_job WHERE state = 'running' UNION SELECT leader_id FROM river_leader`)
	if err != nil {
		return err
	}
	busy, err := pgx.CollectRows(rows, pgx.RowTo[*string])
	if err != nil {
		return err
	}
	missed := map[string]int{}
	for _, name := range busy {
		if name == nil || *name == p.name || !strings.HasSuffix(*name, presenceMark) {
			continue
		}
		var there bool
		if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = $1::bigint::oid AND objsubid = 2
			AND objid = (hashtext($2)::bigint & 4294967295)::oid AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`, presenceClass, *name).Scan(&there); err != nil {
			return err
		}
		if there {
			continue
		}
		if missed[*name] = p.missed[*name] + 1; missed[*name] < presenceLooks {
			continue
		}
		if err := p.takeOver(ctx, conn, *name); err != nil {
			return err
		}
	}
	p.missed = missed
	return nil
}

func (p *presence) takeOver(ctx context.Context, conn *pgx.Conn, name string) error {
	freed, err := conn.Exec(ctx, "UPDATE river_job SET state = 'available', scheduled_at = LEAST(scheduled_at, now()) WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1", name)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "DELETE FROM river_leader WHERE leader_id = $1", name); err != nil {
		return err
	}
	p.log.Warn("a process is gone; what it had in hand was taken over", "process", name, "jobs", freed.RowsAffected())
	return nil
}
