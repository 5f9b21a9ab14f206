package store_test

import (
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"

	"beforehand/internal/store"
)

// The pause counts from the failure: a try that took longer than it would be over
// before it began, and the queue would make one of minutes.
func TestAPauseCountsFromTheFailure(t *testing.T) {
	t.Parallel()
	longAgo := time.Now().Add(-time.Hour)
	for failures, pause := range map[int]time.Duration{0: time.Second, 1: 2 * time.Second, 5: 32 * time.Second, 20: 6 * time.Hour, 60: 6 * time.Hour} {
		now := time.Now()
		at := store.NextRetry(time.Second, &rivertype.JobRow{AttemptedAt: &longAgo, Errors: make([]rivertype.AttemptError, failures)})
		if wait := at.Sub(now); wait < pause || wait > pause+time.Minute || at.Location() != time.UTC {
			t.Errorf("after %d: %s, want %s", failures+1, wait, pause)
		}
	}
}
