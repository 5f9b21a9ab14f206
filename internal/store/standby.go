package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"
)

const (
	standbyLag   = 10 * time.Second
	standbyLook  = time.Second // how often it is looked how far the standby is
	standbyReply = 2 * time.Second
)

type mayLag struct{}

// MayLag marks reads that a standby may answer, a few seconds late: what the
// public reads, and what is taken away as a file. Without a standby, and inside
// a transaction, it means nothing.
func MayLag(ctx context.Context) context.Context { return context.WithValue(ctx, mayLag{}, true) }

// standby is a streaming standby of the database. It stands where gorm wants
// connections for the reads that may lag, and turns to the primary whenever
// that is the surer answer.
type standby struct {
	*sql.DB
	primary *sql.DB
	lag     freshness
	log     *slog.Logger
	stop    context.CancelFunc
	done    chan struct{}

	mu   sync.Mutex
	good context.Context // ends when the standby is given up; nil while it is
	end  context.CancelFunc
}

// openStandby begins to read from a standby what may lag. One that does not
// answer now may later.
func (s *Store) openStandby(ctx context.Context, set Settings) error {
	if !isPostgres(set.ReadDSN) {
		return errors.New("the second database to read from must be a postgres:// address")
	}
	db, _, err := pool(set.ReadDSN, set)
	if err != nil {
		return err
	}
	b := &standby{DB: db, primary: s.db, lag: freshness{most: set.ReadLag}, log: set.Log, done: make(chan struct{})}
	if b.lag.most <= 0 {
		b.lag.most = standbyLag
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if err := b.serve(s.Reader.db); err != nil {
		return errors.Join(err, db.Close())
	}
	b.look(ctx)
	watch, stop := context.WithCancel(context.WithoutCancel(ctx))
	b.stop = stop
	go b.watch(watch)
	s.standby = b
	return nil
}

func (b *standby) close() {
	b.stop()
	<-b.done
	b.give(errors.New("closed"))
	_ = b.DB.Close() // it only read
}

// serve puts the standby in the place of the primary for reads that may lag.
// This is the one place where that is decided.
func (b *standby) serve(g *gorm.DB) error {
	choose := func(db *gorm.DB) {
		_, inTx := db.Statement.ConnPool.(gorm.TxCommitter)
		if !inTx && db.Statement.Context.Value(mayLag{}) != nil {
			db.Statement.ConnPool = b
		}
	}
	c := g.Callback()
	return errors.Join(c.Query().Before("gorm:query").Register("standby", choose), c.Row().Before("gorm:row").Register("standby", choose))
}

// usable is a context that ends when the standby is given up; nil when it is.
func (b *standby) usable() context.Context {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.good
}

func (b *standby) take() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.good == nil {
		b.good, b.end = context.WithCancel(context.Background())
		b.log.Info("what may lag is read from the standby")
	}
}

// give gives the standby up until it is looked at again. What waits for it is
// asked of the primary.
func (b *standby) give(why error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.good != nil {
		b.end()
		b.good = nil
		b.log.Warn("nothing is read from the standby for now", "why", why.Error())
	}
}

// QueryContext asks the standby, and the primary when it does not answer: to
// read again harms nobody, and a mistake in the statement is made twice.
func (b *standby) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	good := b.usable()
	if good == nil {
		return b.primary.QueryContext(ctx, query, args...)
	}
	asked, cancel := context.WithCancel(ctx)
	waits := context.AfterFunc(good, cancel)
	rows, err := b.DB.QueryContext(asked, query, args...)
	if err == nil && waits() {
		context.AfterFunc(ctx, cancel) // the rows are read to their end under it
		return rows, nil
	}
	if err == nil {
		err = errors.Join(errors.New("given up while it answered"), rows.Close())
	}
	waits()
	cancel()
	if ctx.Err() != nil {
		return nil, err
	}
	b.give(err)
	return b.primary.QueryContext(ctx, query, args...)
}

// QueryRowContext is asked of the primary: its failure would show too late to
// ask again.
func (b *standby) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return b.primary.QueryRowContext(ctx, query, args...)
}

// ExecContext is for the primary, as is all that is prepared.
func (b *standby) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return b.primary.ExecContext(ctx, query, args...)
}

// PrepareContext prepares on the primary.
func (b *standby) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return b.primary.PrepareContext(ctx, query)
}

// snapshot begins a transaction that only reads.
func (s *Store) snapshot(ctx context.Context, o *sql.TxOptions) (*sql.Tx, error) {
	if s.standby != nil && ctx.Value(mayLag{}) != nil && s.standby.usable() != nil {
		tx, err := s.standby.BeginTx(ctx, o)
		if err == nil || ctx.Err() != nil {
			return tx, err
		}
		s.standby.give(err)
	}
	return s.ro.BeginTx(ctx, o)
}

func (b *standby) watch(ctx context.Context) {
	defer close(b.done)
	tick := time.NewTicker(standbyLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			b.look(ctx)
		}
	}
}

// look sees how far behind the standby is, and takes it or gives it up.
func (b *standby) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, standbyReply)
	defer cancel()
	at := time.Now() //nolint:forbidigo // an interval between two looks, not a date of the register
	var written, replayed sql.NullInt64
	var recovering bool
	if err := b.primary.QueryRowContext(ctx, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint").Scan(&written); err != nil {
		return // the primary is what is asked then, and says so itself
	}
	err := b.DB.QueryRowContext(ctx, "SELECT pg_is_in_recovery(), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint").Scan(&recovering, &replayed)
	switch {
	case err != nil:
		b.give(err)
	case !recovering || !replayed.Valid:
		b.give(errors.New("it is no streaming standby"))
	default:
		if behind, ok := b.lag.seen(at, written.Int64, replayed.Int64); !ok {
			b.give(fmt.Errorf("it is behind by %s", behind.Round(time.Second)))
			return
		}
		b.take()
	}
}

// freshness tells how old what a standby shows is. It remembers when the
// primary was at which position: what the standby has replayed by now was
// written then. By this an idle primary is no lag, however long ago its last
// transaction was, and a standby whose connection is lost is one, though it has
// replayed all that it was sent.
type freshness struct {
	most  time.Duration
	marks []mark    // positions that the standby has not come to, oldest first
	as    time.Time // when the primary was at the last that it has; zero is never
}

type mark struct {
	at       time.Time
	position int64
}

// mostMarks is how many positions are remembered; a standby that is further
// behind is given up anyway.
const mostMarks = 600

// seen takes one look, and says how far behind the standby is and whether that
// is near enough. Until it has come to a position whose time is known, it is not.
func (f *freshness) seen(at time.Time, written, replayed int64) (behind time.Duration, ok bool) {
	f.marks = append(f.marks, mark{at, written})
	for len(f.marks) > 0 && f.marks[0].position <= replayed {
		f.as, f.marks = f.marks[0].at, f.marks[1:]
	}
	if len(f.marks) > mostMarks {
		f.marks = f.marks[1:]
	}
	if f.as.IsZero() {
		return at.Sub(f.marks[0].at), false
	}
	behind = at.Sub(f.as)
	return behind, behind <= f.most
}
