package store_test

import (
	"context"
	"testing"
	"time"

	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
)

// TestWhatADeadProcessHadInHandIsTakenOver long before its jobs would be given
// up, and what a living one has is left alone.
func TestWhatADeadProcessHadInHandIsTakenOver(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "postgres")
	ctx := t.Context()
	did := make(chan struct{}, 9)
	work := store.NewWorkers()
	store.Handle(work, func(context.Context, Hourly, store.Attempt) error { did <- struct{}{}; return nil })
	must(t, s.Within(ctx, func(tx *store.Tx) error { return tx.Promise(ctx, Hourly{}, Hourly{}) }))
	must(t, s.Raw(ctx, "UPDATE river_job SET state = 'running', attempt = 1, attempted_at = now(), attempted_by = ARRAY['dead~'] WHERE id = (SELECT MIN(id) FROM river_job)"))
	must(t, s.Raw(ctx, "UPDATE river_job SET state = 'running', attempt = 1, attempted_at = now(), attempted_by = ARRAY['of an earlier release'] WHERE id = (SELECT MAX(id) FROM river_job)"))
	must(t, s.Raw(ctx, "INSERT INTO river_leader (elected_at, expires_at, leader_id, name) VALUES (now(), now() + interval '1 hour', 'dead~', 'default')"))
	stop, err := s.Work(ctx, work, store.JobSettings{Name: "alive", Workers: 2, FirstRetry: time.Second, Log: quiet()})
	must(t, err)
	defer func() { must(t, stop(context.WithoutCancel(ctx))) }()
	select {
	case <-did:
	case <-time.After(25 * time.Second):
		t.Fatal("nobody took it over")
	}
	// One that has never said that it is there is not taken for dead.
	eventually(t, "one is done and one left", func() bool {
		q := need(s.Queues(ctx, time.Now()))(t)[0]
		return q.Due == 0 && q.Running == 1
	})
}
