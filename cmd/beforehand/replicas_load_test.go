package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// load is a mix of reads and writes at a steady rate.
type load struct {
	f                     *fleet
	sent, writes, slowest atomic.Int64
	took                  time.Duration
	mu                    sync.Mutex
	failed                map[string]int
}

// mostAtOnce is how many requests wait for their answers. Beyond that the machine
// is too slow for the rate, and the next request waits: the trial is of restarts,
// not of what the machine bears.
const mostAtOnce = 24

// drive sends so many requests a second until it is stopped, and waits for the
// answers.
func (l *load) drive(ctx context.Context, perSecond int) {
	began, waiting := time.Now(), make(chan struct{}, mostAtOnce)
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	var wg sync.WaitGroup
	for due := 0; ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-tick.C:
			// A late tick makes up for those that it replaces.
			for want := int(time.Since(began).Seconds() * float64(perSecond)); due < want; due++ {
				waiting <- struct{}{}
				wg.Go(func() { l.one(context.WithoutCancel(ctx)); <-waiting })
			}
		}
	}
	wg.Wait()
	l.took = time.Since(began)
}

func (l *load) one(ctx context.Context) {
	c, want := l.pick(), 200
	if c.method == "POST" {
		want = 201
	}
	began := time.Now()
	r, err := c.send(ctx)
	took := int64(time.Since(began))
	for old := l.slowest.Load(); took > old && !l.slowest.CompareAndSwap(old, took); old = l.slowest.Load() {
	}
	l.sent.Add(1)
	switch {
	case err != nil:
		l.fail(c.method + ": no answer")
	case r.status != want:
		l.fail(fmt.Sprintf("%s: %d %.60s", c.method, r.status, r.body))
	case want == 201:
		l.writes.Add(1)
	}
}

func (l *load) pick() call {
	at := l.f.proxy.URL
	ref := fmt.Sprintf("DEP-%d-%03d", time.Now().Year(), 1+rand.IntN(12)) // there from the first
	switch n := rand.IntN(10); {
	case n < 1:
		return call{method: "POST", url: at + "/api/v1/deployments", token: l.f.token, body: l.f.Record()}
	case n < 2:
		return call{method: "POST", url: at + "/api/v1/deployments/" + l.f.shared[rand.IntN(len(l.f.shared))] + "/comments", token: l.f.union, body: map[string]any{"kind": "concern", "dimension": "LOAD", "body": "Caseloads must not rise."}}
	case n < 5:
		return call{method: "GET", url: at + "/api/v1/deployments/" + ref, token: l.f.token}
	case n < 9:
		return call{method: "GET", url: at + "/api/v1/organisation", token: l.f.token}
	}
	return call{method: "GET", url: at + "/api/v1/deployments/" + ref + "/gate?to=noticed", token: l.f.token}
}

func (l *load) fail(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed[what]++
}
