package main

import (
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// readyWithin is how long the database may take to say that it is there.
const readyWithin = 2 * time.Second

// drain is the time between being asked to end and ending: whoever shares the
// requests out learns at /readyz that no more are wanted, and those that come
// meanwhile are answered.
type drain struct {
	lasts time.Duration
	begun atomic.Bool
}

// drainTime is how long it lasts: as said, or as long as a proxy needs when
// there is one.
func (s *serveCmd) drainTime() time.Duration {
	switch {
	case s.Drain != nil:
		return *s.Drain
	case len(s.Proxies) > 0:
		return drainTime
	}
	return 0
}

// wait begins it and ends with it, or with the server's own failure.
func (d *drain) wait(failed <-chan error) error {
	d.begun.Store(true)
	end := time.NewTimer(d.lasts)
	defer end.Stop()
	select {
	case err := <-failed:
		return err
	case <-end.C:
		return nil
	}
}

// handler has every connection end with the answer it carries while this lasts:
// one that was left open could be closed just as the next request comes on it.
func (d *drain) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.begun.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// processName tells one replica from another where they share the work: the
// machine, the process and when it began.
func processName(now time.Time) string {
	host, _ := os.Hostname() // without one, the rest tells them apart
	return fmt.Sprintf("%.60s-%d-%d", host, os.Getpid(), now.Unix())
}
