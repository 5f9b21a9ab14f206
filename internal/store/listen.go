package store

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// listenCheck is how long nothing may be heard before it is asked whether
	// the server is still there.
	listenCheck = 20 * time.Second
	// listenAgain is the pause before a lost connection is made anew.
	listenAgain = time.Second
)

// Listen has a function told whenever logs have grown, whichever process wrote,
// until ctx ends. It is handed sizes by organisation, or nil when it is not
// known which: then it is to look. It must not block. What was said while the
// connection was lost is not said again, but the function is told to look.
func (s *Store) Listen(ctx context.Context, log *slog.Logger, tell func(sizes map[string]int64)) {
	forget := s.news.hear(tell)
	if !s.postgres {
		context.AfterFunc(ctx, forget)
		return
	}
	go func() {
		defer forget()
		for ctx.Err() == nil {
			err := s.listen(ctx, tell)
			if ctx.Err() != nil {
				return
			}
			log.Warn("nothing is heard of other processes for a moment", "error", err.Error())
			again := time.NewTimer(listenAgain)
			select {
			case <-ctx.Done():
			case <-again.C:
			}
			again.Stop()
		}
	}()
}

// listen hears on a connection of its own until that is lost.
func (s *Store) listen(ctx context.Context, tell func(map[string]int64)) error {
	dial, cancel := context.WithTimeout(ctx, announceWithin)
	defer cancel()
	conn, err := pgx.Connect(dial, s.dsn)
	if err != nil {
		return errors.New("reach PostgreSQL") // the cause would show the address
	}
	defer func() { _ = conn.Close(dial) }() // lost, or no longer wanted
	if _, err := conn.Exec(dial, "LISTEN "+logChannel); err != nil {
		return err
	}
	tell(nil)
	for {
		wait, stop := context.WithTimeout(ctx, listenCheck)
		n, err := conn.WaitForNotification(wait)
		stop()
		switch {
		case err == nil:
			tell(grownOf(n.Payload))
		case ctx.Err() != nil:
			return ctx.Err()
		case wait.Err() != nil: // a quiet time: is anybody there?
			ask, done := context.WithTimeout(ctx, announceWithin)
			err := conn.Ping(ask)
			done()
			if err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// notify carries a word to every process that listens. It is a statement of its
// own: PostgreSQL lets one transaction at a time commit that has notified, in
// the whole database, and no change shall wait for that.
func (s *Store) notify(ctx context.Context, word string) error {
	_, err := s.db.ExecContext(ctx, "SELECT pg_notify($1, $2)", logChannel, word)
	return err
}
