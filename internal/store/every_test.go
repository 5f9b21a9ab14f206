package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
)

// Hourly is a job that comes round.
type Hourly struct{}

// Kind is its name.
func (Hourly) Kind() string { return "test.hourly" }

// Secondly is another, which comes round at each start.
type Secondly struct{}

// Kind is its name.
func (Secondly) Kind() string { return "test.secondly" }

// TestWhatComesRoundComesOnce in each interval, though the jobs were begun anew
// several times in it.
func TestWhatComesRoundComesOnce(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		var mu sync.Mutex
		hours, seconds := map[time.Time]int{}, 0
		w := store.NewWorkers()
		store.Handle(w, func(context.Context, Hourly, store.Attempt) error {
			mu.Lock()
			defer mu.Unlock()
			hours[time.Now().Truncate(time.Hour)]++
			return nil
		})
		store.Handle(w, func(context.Context, Secondly, store.Attempt) error {
			mu.Lock()
			defer mu.Unlock()
			seconds++
			return nil
		})
		store.Every(w, time.Hour, Hourly{})
		store.Every(w, time.Second, Secondly{})
		ran := func() (int, int) {
			mu.Lock()
			defer mu.Unlock()
			return len(hours), seconds
		}
		for range 3 {
			_, before := ran()
			stop, err := s.Work(t.Context(), w, store.JobSettings{Workers: 2, FirstRetry: time.Second, Log: quiet()})
			must(t, err)
			must(t, s.Ready(t.Context()))
			// Twice: what is promised at the start has been promised by then.
			eventually(t, "they ran", func() bool { hour, second := ran(); return hour > 0 && second > before+1 })
			must(t, stop(context.WithoutCancel(t.Context())))
			if s.Ready(t.Context()) == nil {
				t.Error("ready, though no jobs are worked")
			}
		}
		for at, n := range hours {
			if n != 1 {
				t.Errorf("%d times in the hour from %s", n, at)
			}
		}
	})
}
