package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"beforehand/models"
)

const (
	clerkCount = 4
	// clerkPause is how long a clerk rests between two things.
	clerkPause = 15 * time.Millisecond
	// clerkPatience is how long after everything is well again a clerk tries for.
	clerkPatience = 60 * time.Second
)

// clerks work at the register and remember each thing that it acknowledged.
type clerks struct {
	tr     *trial
	client *http.Client
	end    chan struct{}
	late   context.Context // nothing is tried after it
	wg     sync.WaitGroup
	n      atomic.Int64
	served atomic.Int64

	mu       sync.Mutex
	asked    map[string]bool // names and bodies that were sent, acknowledged or not
	names    []string        // deployments, by their names
	bodies   []string        // comments
	refs     []string        // deployments of which the notice was served
	acks     []string        // notices that were acknowledged
	known    []known         // what may be read back
	notices  []string
	drafts   []waitingDraft
	decided  int    // how often the gate let through
	refusal  string // the last that the gate said no with
	retries  int
	finished map[string]int // by what was done
}

// known is a deployment that can be read back.
type known struct{ ref, name string }

// employ sets clerks to work. Each is told apart by the seed.
func (tr *trial) employ() {
	late, cancel := context.WithCancel(context.WithoutCancel(tr.Context()))
	l := &clerks{
		tr: tr, client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2 * clerkCount}},
		end: make(chan struct{}), late: late, asked: map[string]bool{}, finished: map[string]int{}, drafts: append([]waitingDraft(nil), tr.drafts...),
	}
	tr.load = l
	tr.Cleanup(func() { cancel(); l.client.CloseIdleConnections() })
	for range clerkCount {
		hands := rand.New(rand.NewPCG(tr.hands.Uint64(), tr.hands.Uint64())) //nolint:gosec // chance for a trial that can be repeated
		l.wg.Go(func() { l.work(hands) })
	}
	go func() {
		select {
		case <-l.end:
		case <-late.Done():
		}
		timer := time.NewTimer(clerkPatience)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-late.Done():
		}
	}()
}

// achieve waits until so many more things were acknowledged.
func (l *clerks) achieve(more int) {
	all := func() (n int) {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, k := range l.finished {
			n += k
		}
		return n
	}
	was := all()
	until(l.tr, "the clerks get on with their work", time.Minute, func() bool { return all() >= was+more })
}

// dismiss lets the clerks finish what they have in hand.
func (l *clerks) dismiss() {
	close(l.end)
	l.wg.Wait()
}

func (l *clerks) work(hands *rand.Rand) {
	for {
		select {
		case <-l.end:
			return
		default:
		}
		switch n := hands.IntN(20); {
		case n < 5:
			l.register()
		case n < 10:
			l.comment(hands)
		case n < 13:
			l.serve()
		case n < 15:
			l.acknowledge()
		case n < 19:
			l.read(hands)
		default:
			l.decide()
		}
		l.rest(clerkPause)
	}
}

func (l *clerks) rest(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.late.Done():
	}
}

// at is an address at one of the servers, each in its turn.
func (l *clerks) at(path string, args ...any) string {
	return l.tr.fleet[int(l.n.Add(1))%len(l.tr.fleet)].url(path, args...)
}

// insist makes a call until it is answered for good, at whichever server. ok is
// that it was acknowledged; body is empty when only that is known.
func (l *clerks) insist(what string, c call, path string) (body []byte, ok bool) {
	c.key = fmt.Sprintf("trial-%d", l.n.Add(1))
	for {
		c.url = l.at("%s", path)
		r, err := c.through(l.late, l.client)
		switch {
		case err == nil && r.status < 300:
			l.done(what)
			return r.body, true
		case err == nil && r.status == http.StatusConflict && (strings.Contains(string(r.body), "idempotency_done") || strings.Contains(string(r.body), "_already")):
			l.done(what) // it was done, and the answer was lost with the server
			return nil, true
		case err == nil && r.status >= 400 && r.status < 500 && r.status != http.StatusConflict && r.status != http.StatusTooManyRequests:
			if !l.tr.skewed { // with another clock a draft may lack a meeting to come
				l.tr.breaks("%s was refused: %d %.120s", what, r.status, r.body)
			}
			return nil, false
		}
		l.mu.Lock()
		l.retries++
		l.mu.Unlock()
		l.rest(50 * time.Millisecond)
		if l.late.Err() != nil {
			l.tr.breaks("%s was never answered: %d %v %.120s", what, r.status, err, r.body)
			return nil, false
		}
	}
}

func (l *clerks) done(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.finished[what]++
}

// marked makes words that nothing else has.
func (l *clerks) marked(what string) string {
	s := fmt.Sprintf("%s %06d of this trial", what, l.n.Add(1))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked[s] = true
	return s
}

func (l *clerks) register() {
	name := l.marked("Deployment")
	rec := l.tr.record
	rec.Name = models.Text{En: name, Cy: name}
	body, ok := l.insist("register", call{method: "POST", token: l.tr.cdo, body: rec}, "/api/v1/deployments")
	if !ok {
		return
	}
	var d registered
	_ = json.Unmarshal(body, &d) // without an answer it is known by its name only
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names = append(l.names, name)
	if d.Ref != "" {
		l.known = append(l.known, known{d.Ref, name})
	}
}

func (l *clerks) comment(hands *rand.Rand) {
	body := l.marked("Comment")
	ref := l.tr.shared[hands.IntN(len(l.tr.shared))]
	if _, ok := l.insist("comment", call{method: "POST", token: l.tr.union, body: map[string]any{"kind": "concern", "dimension": "LOAD", "body": body}}, "/api/v1/deployments/"+ref+"/comments"); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.bodies = append(l.bodies, body)
	}
}

func (l *clerks) serve() {
	l.mu.Lock()
	if len(l.drafts) == 0 {
		l.mu.Unlock()
		return
	}
	d := l.drafts[0]
	l.drafts = l.drafts[1:]
	l.mu.Unlock()
	l.served.Add(1)
	body, ok := l.insist("serve", call{method: "POST", token: l.tr.cdo, version: `"1"`}, "/api/v1/drafts/"+d.id+"/serve")
	if !ok {
		return
	}
	var n struct{ No string }
	_ = json.Unmarshal(body, &n) // as above
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refs = append(l.refs, d.ref)
	if n.No != "" {
		l.notices = append(l.notices, n.No)
	}
}

func (l *clerks) acknowledge() {
	l.mu.Lock()
	if len(l.notices) == 0 {
		l.mu.Unlock()
		return
	}
	no := l.notices[0]
	l.notices = l.notices[1:]
	l.mu.Unlock()
	if _, ok := l.insist("acknowledge", call{method: "POST", token: l.tr.union, body: map[string]any{}}, "/api/v1/notices/"+no+"/acknowledge"); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.acks = append(l.acks, no)
	}
}

// read reads back what was acknowledged: when there is an answer, it must be that.
func (l *clerks) read(hands *rand.Rand) {
	l.mu.Lock()
	if len(l.known) == 0 {
		l.mu.Unlock()
		return
	}
	k := l.known[hands.IntN(len(l.known))]
	l.mu.Unlock()
	r, err := call{method: "GET", url: l.at("/api/v1/deployments/%s", k.ref), token: l.tr.cdo}.through(l.late, l.client)
	if err == nil && (r.status == http.StatusOK && !strings.Contains(string(r.body), k.name) || r.status == http.StatusNotFound) {
		l.tr.breaks("%s was acknowledged as %q and is read as %d %.200s", k.ref, k.name, r.status, r.body)
	}
}

// decide tries the gate, which only the clock keeps shut.
func (l *clerks) decide() {
	r, err := call{method: "GET", url: l.at("/api/v1/deployments/%s", l.tr.gated), token: l.tr.decider}.through(l.late, l.client)
	if err != nil || r.status != http.StatusOK {
		return
	}
	r, err = call{method: "POST", url: l.at("/api/v1/deployments/%s/decide", l.tr.gated), token: l.tr.decider, version: r.header.Get("Etag"), body: map[string]any{"reason": "It is time."}}.through(l.late, l.client)
	if err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.status < 300 {
		l.decided++
		return
	}
	l.refusal = string(r.body)
}
