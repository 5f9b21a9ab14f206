package web

import (
	"context"
	"sync"
	"time"
)

// mostLive is how many connections one person may hold open for live updates: a
// browser has six to one place for all its tabs, and pages want some of them.
const mostLive = 3

// Live tells those who watch an organisation that its log has grown. While
// anybody watches, it asks for the sizes of all logs every few seconds, one
// statement whoever watches what: what another process has written is noticed
// alike. It holds nothing of the database between two looks.
type Live struct {
	sizes func(context.Context) (map[string]int64, error)
	every time.Duration

	mu       sync.Mutex
	watchers map[*Watcher]bool
	stop     context.CancelFunc // of the looking, nil while nobody watches
	closed   chan struct{}
}

// NewLive makes one that looks every so often.
func NewLive(sizes func(context.Context) (map[string]int64, error), every time.Duration) *Live {
	return &Live{sizes: sizes, every: every, watchers: map[*Watcher]bool{}, closed: make(chan struct{})}
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
		case <-tick.C:
			// A database that does not answer now is asked again.
			if sizes, err := l.sizes(ctx); err == nil {
				l.tell(sizes)
			}
		}
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
