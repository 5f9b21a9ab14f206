package storetest

import (
	"testing"
	"time"

	"beforehand/internal/store"
)

// Idle says whether no job is under way, nor due before an instant.
func Idle(t testing.TB, s *store.Store, before time.Time) bool {
	t.Helper()
	queues, err := s.Queues(t.Context(), before)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queues {
		if q.Running > 0 {
			return false
		}
	}
	late, _, err := s.LateJobs(t.Context(), before)
	if err != nil {
		t.Fatal(err)
	}
	return late == 0
}
