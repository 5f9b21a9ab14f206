package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
)

// Job is a promise made inside a transaction: what to do once it has committed.
// Kind is a stable name; the value is stored as JSON.
type Job interface{ Kind() string }

// LongQueue is where jobs wait that take long, so that they do not hold up the
// others; one of them is done at a time. A job goes there when it says so in a
// method Queue.
const LongQueue = "long"

// HookQueue is where messages to webhooks wait, whose receivers are not ours: one
// that hangs holds up no notice, letter or announcement. Half as many are done at
// a time as of the others.
const HookQueue = "hooks"

func queueOf(j Job) string {
	if q, ok := j.(interface{ Queue() string }); ok {
		return q.Queue()
	}
	return river.QueueDefault
}

// Workers say what is done for each kind of job.
type Workers struct {
	workers  *river.Workers
	periodic []*river.PeriodicJob
}

// NewWorkers makes an empty set.
func NewWorkers() *Workers { return &Workers{workers: river.NewWorkers()} }

// Attempt tells a worker which try this is.
type Attempt struct {
	Number int
	Last   bool
}

// Handle says what is done for one kind of job. An error is tried again, with
// growing pauses, unless it is wrapped by [Never].
func Handle[T Job](w *Workers, do func(ctx context.Context, job T, a Attempt) error) {
	river.AddWorker(w.workers, river.WorkFunc(func(ctx context.Context, j *river.Job[T]) error {
		return settled(do(ctx, j.Args, Attempt{j.Attempt, j.Attempt >= j.MaxAttempts}))
	}))
}

// HandleLong is [Handle] for a job that takes longer than others may.
func HandleLong[T Job](w *Workers, longest time.Duration, do func(ctx context.Context, job T, a Attempt) error) {
	river.AddWorker(w.workers, &longWorker[T]{longest: longest, do: do})
}

type longWorker[T Job] struct {
	river.WorkerDefaults[T]
	longest time.Duration
	do      func(ctx context.Context, job T, a Attempt) error
}

// Timeout is how long the job may take.
func (l *longWorker[T]) Timeout(*river.Job[T]) time.Duration { return l.longest }

// Work does the job.
func (l *longWorker[T]) Work(ctx context.Context, j *river.Job[T]) error {
	return settled(l.do(ctx, j.Args, Attempt{j.Attempt, j.Attempt >= j.MaxAttempts}))
}

// settled turns an error into what the queue makes of it.
func settled(err error) error {
	if never, ok := errors.AsType[never](err); ok {
		return river.JobCancel(never.error)
	}
	if later, ok := errors.AsType[later](err); ok {
		return river.JobSnooze(later.wait)
	}
	return err
}

// Every promises a job again and again, once in each interval for all replicas:
// one that takes over from another, or starts anew, finds that it was promised.
// Intervals are those of the clock, so a daily job is not put off by a restart.
func Every[T Job](w *Workers, every time.Duration, job T) {
	once := &river.InsertOpts{}
	if every >= time.Second { // the queue tells no shorter ones apart
		once.UniqueOpts = river.UniqueOpts{ByPeriod: every}
	}
	w.periodic = append(w.periodic, river.NewPeriodicJob(interval(every),
		func() (river.JobArgs, *river.InsertOpts) { return job, once }, &river.PeriodicJobOpts{RunOnStart: true}))
}

// interval is a schedule that begins anew at each multiple of itself.
type interval time.Duration

// Next is the beginning of the next one.
func (i interval) Next(at time.Time) time.Time {
	return at.UTC().Truncate(time.Duration(i)).Add(time.Duration(i))
}

type never struct{ error }

// Never marks an error that no further try can mend.
func Never(err error) error { return never{err} }

type later struct{ wait time.Duration }

func (l later) Error() string { return "not before " + l.wait.String() }

// Later puts a job off that has come too early. It is no failure.
func Later(wait time.Duration) error { return later{wait} }

// JobSettings are what an operator may tune.
type JobSettings struct {
	Workers int
	// Name tells this process from others that work the same jobs, which take
	// over from it when it dies; at most 99 characters. "" is made up, and others
	// wait until a job of its could no longer be under way.
	Name string
	// FirstRetry is the pause after the first failure; each one after doubles, up to six hours.
	FirstRetry time.Duration
	Log        *slog.Logger
}

const (
	jobTimeout  = 30 * time.Second
	jobAttempts = 15
	longestWait = 6 * time.Hour
)

type backoff struct{ first time.Duration }

// NextRetry doubles the pause at each failure. It counts from the failure: counted
// from the beginning of a try that took longer than its pause it would lie in the
// past, and the queue takes a pause of its own instead, of minutes. It is in UTC, for
// SQLite compares times as text.
func (b backoff) NextRetry(j *rivertype.JobRow) time.Time {
	wait := b.first << min(len(j.Errors), 20)
	if wait > longestWait || wait <= 0 {
		wait = longestWait
	}
	return time.Now().UTC().Add(wait)
}

func (s *Store) driver() riverdriver.Driver[*sql.Tx] {
	if s.postgres {
		return riverdatabasesql.New(s.db)
	}
	return riversqlite.New(s.db)
}

// Prepare lets transactions promise jobs without working them: for commands
// that end before the jobs do. The server picks them up.
func (s *Store) Prepare() error {
	c, err := river.NewClient(s.driver(), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	s.jobs = c
	return err
}

// Work starts working the jobs. Stop ends it after those under way.
func (s *Store) Work(ctx context.Context, w *Workers, set JobSettings) (stop func(context.Context) error, err error) {
	if !s.postgres {
		// An SQLite file has one server: what was running when the last one
		// died is running nowhere now, and nobody leads.
		for _, q := range []string{"UPDATE river_job SET state = 'available' WHERE state = 'running'", "DELETE FROM river_leader"} {
			if _, err := s.db.ExecContext(ctx, q); err != nil {
				return nil, fmt.Errorf("take up interrupted jobs: %w", err)
			}
		}
	} else if set.Name != "" {
		set.Name += presenceMark
	}
	c, err := river.NewClient(s.driver(), &river.Config{
		ID:                   set.Name,
		Workers:              w.workers,
		PeriodicJobs:         w.periodic,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: set.Workers}, HookQueue: {MaxWorkers: max(1, set.Workers/2)}, LongQueue: {MaxWorkers: 1}},
		FetchCooldown:        5 * time.Millisecond,
		FetchPollInterval:    250 * time.Millisecond,
		PollOnly:             true,
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: jobTimeout + 10*time.Second,
		MaxAttempts:          jobAttempts,
		RetryPolicy:          backoff{set.FirstRetry},
		Logger:               set.Log,
	})
	if err != nil {
		return nil, err
	}
	s.jobs = c
	if err := c.Start(ctx); err != nil {
		return nil, err
	}
	s.working = func() bool {
		select {
		case <-c.Stopped():
			return false
		default:
			return true
		}
	}
	if !s.postgres || set.Name == "" {
		return c.Stop, nil
	}
	here, leave := context.WithCancel(context.WithoutCancel(ctx))
	go (&presence{dsn: s.dsn, name: set.Name, log: set.Log}).keep(here)
	return func(ctx context.Context) error {
		defer leave() // its jobs are its own until they are done
		return c.Stop(ctx)
	}, nil
}

// Promise makes a job part of the transaction: it is done if this commits.
func (t *Tx) Promise(ctx context.Context, jobs ...Job) error {
	if len(jobs) == 0 {
		return nil
	}
	tx, err := t.sql()
	if err != nil {
		return err
	}
	params := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		params[i] = river.InsertManyParams{Args: j, InsertOpts: &river.InsertOpts{MaxAttempts: jobAttempts, Queue: queueOf(j)}}
	}
	_, err = t.store.jobs.InsertManyTx(ctx, tx, params)
	return unavailable(err)
}

// PromiseAt is Promise for a job that is not due before an instant.
func (t *Tx) PromiseAt(ctx context.Context, at time.Time, job Job) error {
	tx, err := t.sql()
	if err != nil {
		return err
	}
	_, err = t.store.jobs.InsertTx(ctx, tx, job, &river.InsertOpts{MaxAttempts: jobAttempts, ScheduledAt: at.UTC()})
	return unavailable(err)
}
