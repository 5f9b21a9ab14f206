package store

import (
	"context"
	"database/sql"
	"time"
)

// Queue is a queue of jobs as it stands.
type Queue struct {
	Name string
	// Due are the jobs that might be worked now, and Oldest when the first of
	// them was to be; zero when there is none.
	Due    int
	Oldest time.Time
	// Running, Later and GivenUp are jobs under way, jobs put off to a time to
	// come or after a failure, and jobs that nobody tries any more.
	Running, Later, GivenUp int
}

// Queues are the queues of jobs.
func (r Reader) Queues(ctx context.Context, now time.Time) ([]Queue, error) {
	out := make([]Queue, 0, 3)
	for _, name := range []string{"default", HookQueue, LongQueue} {
		q, err := raw[Queue](ctx, r, `SELECT
			COUNT(CASE WHEN state = 'available' AND scheduled_at <= ? THEN 1 END) AS due, COUNT(CASE WHEN state = 'running' THEN 1 END) AS running,
			COUNT(CASE WHEN state IN ('retryable', 'scheduled') OR state = 'available' AND scheduled_at > ? THEN 1 END) AS later, COUNT(CASE WHEN state = 'discarded' THEN 1 END) AS given_up
			FROM river_job WHERE queue = ? AND state IN ('available', 'running', 'retryable', 'scheduled', 'discarded')`, now.UTC(), now.UTC(), name)
		if err != nil {
			return nil, err
		}
		q[0].Name = name
		if q[0].Due > 0 {
			first, err := raw[struct{ ScheduledAt time.Time }](ctx, r, "SELECT scheduled_at FROM river_job WHERE queue = ? AND state = 'available' ORDER BY scheduled_at LIMIT 1", name)
			if err != nil {
				return nil, err
			}
			if len(first) > 0 {
				q[0].Oldest = first[0].ScheduledAt
			}
		}
		out = append(out, q[0])
	}
	return out, nil
}

// Tally is how many there are of something.
type Tally struct {
	State string
	Count int
}

// DeliveriesSince counts what became of deliveries since an instant, by event.
func (r Reader) DeliveriesSince(ctx context.Context, since time.Time) ([]Tally, error) {
	return raw[Tally](ctx, r, "SELECT event AS state, COUNT(*) AS count FROM deliveries WHERE recorded_at >= ? GROUP BY event", since)
}

// MessagesSince counts the messages to people and hooks since an instant, by state.
func (r Reader) MessagesSince(ctx context.Context, since time.Time) ([]Tally, error) {
	return raw[Tally](ctx, r, "SELECT state, COUNT(*) AS count FROM messages WHERE at >= ? GROUP BY state", since)
}

// Undelivered counts the mails of notices served since an instant of which it is
// not known that any server has taken them.
func (r Reader) Undelivered(ctx context.Context, since time.Time) (int, error) {
	n, err := raw[int](ctx, r, `SELECT COUNT(*) FROM notices n JOIN dispatches p ON p.org_id = n.org_id AND p.notice_id = n.id WHERE n.served_at >= ? AND p.channel = 'email'
		AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.org_id = p.org_id AND e.notice_id = p.notice_id AND e.dispatch_id = p.id AND e.event IN ('accepted', 'delivered', 'bounced', 'abandoned'))`, since)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// Log is an organisation's log as it stands: how many entries it has, when the
// last was written, how many a checkpoint signs, and since when there have been
// others.
type Log struct {
	Size          int64
	At            time.Time
	SignedSize    int64
	UnsignedSince time.Time
}

// Logs are those of every organisation.
func (r Reader) Logs(ctx context.Context) ([]Log, error) {
	return raw[Log](ctx, r, `SELECT h.size, e.at, h.signed AS signed_size, u.at AS unsigned_since
		FROM (SELECT org_id, size, COALESCE((SELECT MAX(c.size) FROM checkpoints c WHERE c.org_id = l.org_id), 0) AS signed FROM ledger_heads l) h
		JOIN ledger_entries e ON e.org_id = h.org_id AND e.seq = h.size - 1
		JOIN ledger_entries u ON u.org_id = h.org_id AND u.seq = CASE WHEN h.signed < h.size THEN h.signed ELSE h.size - 1 END`)
}

// NoticesServedSince are the contents of notices served since an instant, as JSON, the
// newest first, with the zone of their organisation; what another notice took the
// place of is not among them.
func (r Reader) NoticesServedSince(ctx context.Context, since time.Time, limit int) ([]ServedContent, error) {
	return raw[ServedContent](ctx, r, `SELECT n.content, o.zone FROM notices n JOIN organisations o ON o.id = n.org_id WHERE n.served_at >= ?
		AND NOT EXISTS (SELECT 1 FROM notices s WHERE s.org_id = n.org_id AND s.supersedes_id = n.id) ORDER BY n.served_at DESC LIMIT ?`, since, limit)
}

// ServedContent is what a notice said, and where.
type ServedContent struct{ Content, Zone string }

// Pool is the pool that requests read from, for its figures.
func (s *Store) Pool() *sql.DB { return s.ro }
