package store

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// logChannel is where PostgreSQL carries word of logs that have grown.
	logChannel = "beforehand_log"
	// announceEvery is how soon after one word the next may follow: at most ten
	// a second from one process, however much it writes.
	announceEvery = 100 * time.Millisecond
	// announceWithin is how long saying it may take.
	announceWithin = 5 * time.Second
	// longestWord is what fits into one notification, in bytes, with room to spare.
	longestWord = 7900
)

// announcer says which logs have grown, after the transaction that made them
// grow has committed and never before. It gathers what comes meanwhile into one
// word. What is lost with a process is found by whoever looks from time to time.
type announcer struct {
	// say carries a word to other processes; nil when there are none.
	say func(ctx context.Context, word string) error

	mu     sync.Mutex
	grown  map[string]int64 // sizes by organisation, not yet said
	ears   map[int]func(map[string]int64)
	next   int
	busy   bool // a word is being said, or was a moment ago
	closed bool
	saying sync.Mutex // held while a word is said
}

// grew notes sizes of logs, by organisation.
func (a *announcer) grew(sizes map[string]int64) {
	if len(sizes) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.grown == nil {
		a.grown = map[string]int64{}
	}
	for org, n := range sizes {
		a.grown[org] = max(a.grown[org], n)
	}
	if !a.busy && !a.closed {
		a.busy = true
		go a.flush()
	}
}

// flush says what there is to say, and comes again when it may be said.
func (a *announcer) flush() {
	a.saying.Lock()
	defer a.saying.Unlock()
	a.mu.Lock()
	grown, ears := a.grown, slices.Collect(maps.Values(a.ears))
	a.grown = nil
	if len(grown) == 0 || a.closed {
		a.busy = false
		a.mu.Unlock()
		return
	}
	a.mu.Unlock()
	for _, tell := range ears {
		tell(grown)
	}
	if a.say != nil {
		ctx, cancel := context.WithTimeout(context.Background(), announceWithin)
		// A word that is not heard is no failure of what was done: others look too.
		_ = a.say(ctx, wordOf(grown))
		cancel()
	}
	time.AfterFunc(announceEvery, a.flush)
}

// hear has a function told of what grows; forget ends that.
func (a *announcer) hear(tell func(map[string]int64)) (forget func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ears == nil {
		a.ears = map[int]func(map[string]int64){}
	}
	a.next++
	n := a.next
	a.ears[n] = tell
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.ears, n)
	}
}

// close says what has not been said: a command ends right after its last change.
func (a *announcer) close() {
	a.saying.Lock()
	defer a.saying.Unlock()
	a.mu.Lock()
	grown := a.grown
	a.grown, a.closed = nil, true
	a.mu.Unlock()
	if len(grown) > 0 && a.say != nil {
		ctx, cancel := context.WithTimeout(context.Background(), announceWithin)
		defer cancel()
		_ = a.say(ctx, wordOf(grown)) // as above
	}
}

// wordOf is what is said of logs that grew; "" is that so many did that each
// had better look.
func wordOf(grown map[string]int64) string {
	b, err := json.Marshal(grown)
	if err != nil || len(b) > longestWord {
		return ""
	}
	return string(b)
}

// grownOf reads a word; nil is to look.
func grownOf(word string) map[string]int64 {
	var grown map[string]int64
	if json.Unmarshal([]byte(word), &grown) != nil {
		return nil
	}
	return grown
}
