package web

import (
	"context"
	"sync"
	"time"
)

// mostLive is how many connections one person may hold open for live updates: a
// browser has six to one place for all its tabs, and pages want some of them.
const mostLive = 3

// Live tells those who watch an organisation that its log has grown. It is told
// itself, by Tell, as soon as anything was written by whichever process. Should
// word be lost on its way, it also looks: while anybody watches, it asks for the
// sizes of all logs from time to time, one statement whoever watches what. It
// holds nothing of the database between two looks.
type Live struct {
	sizes func(context.Context) (map[string]int64, error)
	every time.Duration

	mu       sync.Mutex
	watchers map[*Watcher]bool
	stop     context.CancelFunc // of the looking, nil while nobody watches
	now      chan struct{}      // to look at once
	closed   chan struct{}
}

// NewLive makes one that looks every so often.
func NewLive(sizes func(context.Context) (map[string]int64, error), every time.Duration) *Live {
	return &Live{sizes: sizes, every: every, watchers: map[*Watcher]bool{}, now: make(chan struct{}, 1), closed: make(chan struct{})}
}

// Watcher is somebody who watches an organisation. Grown says how large its log
// is whenever that is more than it was; a size that nobody took is replaced by
// the next.
type Watcher struct {
	Grown     chan int64
	org, user string
	size      int64
}

// Watch begins to watch an organisation whose log has a size by now. It says no
// to whoever watches with too many connections already, and after Close. The
// watcher is to be let go with Leave.
func (l *Live) Watch(org, user string, size int64) (*Watcher, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closed:
		return nil, false
	default:
	}
	held := 0
	for w := range l.watchers {
		if w.user == user {
			held++
		}
	}
	if held >= mostLive {
		return nil, false
	}
	w := &Watcher{Grown: make(chan int64, 1), org: org, user: user, size: size}
	l.watchers[w] = true
	if l.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		l.stop = stop
		go l.look(ctx)
	}
	return w, true
}

// Leave lets a watcher go.
func (l *Live) Leave(w *Watcher) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.watchers, w)
	if len(l.watchers) == 0 && l.stop != nil {
		l.stop()
		l.stop = nil
	}
}

// Closed is closed when there will be no more: the server is going down.
func (l *Live) Closed() <-chan struct{} { return l.closed }

// Close ends it for everybody, once.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
}

func (l *Live) look(ctx context.Context) {
	tick := time.NewTicker(l.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.closed:
			return
		case <-l.now:
			l.ask(ctx)
		case <-tick.C:
			l.ask(ctx)
		}
	}
}

// ask asks for the sizes of all logs. A database that does not answer now is
// asked again.
func (l *Live) ask(ctx context.Context) {
	if sizes, err := l.sizes(ctx); err == nil {
		l.tell(sizes)
	}
}

// Tell says how large logs are that have grown, by organisation; nil is that it
// is not known which, and that it is looked at once if anybody watches.
func (l *Live) Tell(sizes map[string]int64) {
	if sizes != nil {
		l.tell(sizes)
		return
	}
	select {
	case l.now <- struct{}{}:
	default: // it is about to look
	}
}

func (l *Live) tell(sizes map[string]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for w := range l.watchers {
		if n := sizes[w.org]; n > w.size {
			w.size = n
			select {
			case <-w.Grown: // what was not taken is older
			default:
			}
			w.Grown <- n
		}
	}
}
