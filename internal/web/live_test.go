package web

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

// logs are sizes of logs that a test sets.
type logs struct{ tywi, other, asked atomic.Int64 }

func (l *logs) sizes(context.Context) (map[string]int64, error) {
	if l.asked.Add(1) == 1 {
		return nil, errors.New("the database is not there yet")
	}
	return map[string]int64{"tywi": l.tywi.Load(), "other": l.other.Load()}, nil
}

// grown waits for a watcher to be told.
func grown(t *testing.T, w *Watcher) int64 {
	t.Helper()
	select {
	case n := <-w.Grown:
		return n
	case <-time.After(5 * time.Second):
		t.Fatal("nobody was told")
		return 0
	}
}

func TestLiveTellsThoseWhoWatchThatLog(t *testing.T) {
	t.Parallel()
	var l logs
	l.tywi.Store(3)
	live := NewLive(l.sizes, time.Millisecond)
	t.Cleanup(live.Close)
	a, ok := live.Watch("tywi", "ann", 3)
	b, also := live.Watch("other", "ben", 0)
	if !ok || !also {
		t.Fatal("nobody may watch")
	}
	l.tywi.Store(5)
	if n := grown(t, a); n != 5 {
		t.Errorf("told of %d", n)
	}
	l.other.Store(1)
	if n := grown(t, b); n != 1 {
		t.Errorf("told of %d", n)
	}
	select {
	case n := <-a.Grown:
		t.Errorf("told again, of %d", n)
	default:
	}
	live.Leave(a)
	live.Leave(b)
	if live.stop != nil {
		t.Error("it looks while nobody watches")
	}
	c, ok := live.Watch("tywi", "ann", 5)
	if l.tywi.Store(6); !ok || grown(t, c) != 6 {
		t.Error("who comes later is not told")
	}
}

func TestLiveIsBoundedAndEnds(t *testing.T) {
	t.Parallel()
	live := NewLive((&logs{}).sizes, time.Hour)
	var held []*Watcher
	for range mostLive {
		w, ok := live.Watch("tywi", "ann", 0)
		if !ok {
			t.Fatal("refused too early")
		}
		held = append(held, w)
	}
	if _, ok := live.Watch("tywi", "ann", 0); ok {
		t.Error("one person holds as many as they like")
	}
	if _, ok := live.Watch("tywi", "ben", 0); !ok {
		t.Error("somebody else is refused for it")
	}
	live.Leave(held[0])
	if _, ok := live.Watch("tywi", "ann", 0); !ok {
		t.Error("what was let go still counts")
	}
	live.Close()
	live.Close()
	<-live.Closed()
	if _, ok := live.Watch("tywi", "cat", 0); ok {
		t.Error("somebody watches what has ended")
	}
}
