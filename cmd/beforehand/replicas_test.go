package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"beforehand/internal/register/registertest"
	"beforehand/internal/store/storetest"
)

// full says that the sizes are those of `make replicas`: 10,000 messages, and
// leaders that are killed.
var full = os.Getenv("BEFOREHAND_REPLICAS") == "full"

// TestThreeReplicas are three processes on one PostgreSQL behind a proxy. The
// parts share them, and come one after another.
func TestThreeReplicas(t *testing.T) {
	if testing.Short() {
		t.Skip("starts three servers; run without -short")
	}
	t.Parallel()
	more := []string{}
	if full {
		more = append(more, "--backup-dir", t.TempDir(), "--backup-every", "1m")
	}
	f := newFleet(t, 3, more...)
	t.Run("a session is good everywhere, and ends everywhere", f.sessions)
	t.Run("a repeated request has one answer", f.repeated)
	t.Run("numbers have no gaps", f.numbers)
	t.Run("an open page hears of what another replica wrote", f.live)
	t.Run("each job is done once", f.jobs)
	t.Run("a rolling restart fails no request", f.rolling)
	t.Run("what comes round comes once in its time", f.schedules)
}

func (f *fleet) at(i int, path string, args ...any) string { return f.replicas[i].url(path, args...) }

// signIn signs somebody in at one replica.
func (f *fleet) signIn(t *testing.T, i int, who string) *http.Cookie {
	t.Helper()
	r := call{method: "POST", url: f.at(i, "/api/v1/session"), body: map[string]any{"email": who + "@tywi.example", "password": registertest.Password}}.must(t, 200)
	for _, c := range r.cookies {
		if c.Name == "beforehand" {
			return c
		}
	}
	t.Fatal("no session came")
	return nil
}

func (f *fleet) sessions(t *testing.T) {
	cookie := f.signIn(t, 0, "approver")
	for i := range f.replicas {
		me := into[struct{ Email string }](t, call{method: "GET", url: f.at(i, "/api/v1/me"), cookie: cookie}.must(t, 200).body)
		if me.Email != "approver@tywi.example" {
			t.Errorf("replica %d takes them for %q", i, me.Email)
		}
	}
	call{method: "DELETE", url: f.at(2, "/api/v1/session"), cookie: cookie}.must(t, 204)
	for i := range f.replicas {
		call{method: "GET", url: f.at(i, "/api/v1/me"), cookie: cookie}.must(t, 401)
	}
}

// registered is what the API says of a deployment that was registered.
type registered struct{ Ref string }

func (f *fleet) repeated(t *testing.T) {
	before := f.count(t, "deployments")
	ask := call{method: "POST", url: f.at(0, "/api/v1/deployments"), body: f.Record(), token: f.token, key: "once"}
	first := ask.must(t, 201)
	for i := range f.replicas {
		ask.url = f.at(i, "/api/v1/deployments")
		again := ask.must(t, 201)
		if !bytes.Equal(again.body, first.body) || again.header.Get("Location") != first.header.Get("Location") {
			t.Errorf("replica %d answers otherwise: %s", i, again.body)
		}
	}
	if n := f.count(t, "deployments"); n != before+1 {
		t.Errorf("%d deployments were made", n-before)
	}
}

func (f *fleet) count(t *testing.T, table string) int {
	t.Helper()
	counts, err := f.Store.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int(counts[table])
}

func (f *fleet) numbers(t *testing.T) {
	each := 10
	if full {
		each = 100
	}
	before := f.count(t, "deployments")
	var mu sync.Mutex
	var refs []string
	var wg sync.WaitGroup
	for worker := range 6 {
		wg.Go(func() {
			for range each {
				r, err := call{method: "POST", url: f.at(worker%3, "/api/v1/deployments"), body: f.Record(), token: f.token}.send(t.Context())
				if err != nil || r.status != 201 {
					t.Errorf("%d %v %s", r.status, err, r.body)
					return
				}
				mu.Lock()
				refs = append(refs, into[registered](t, r.body).Ref)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(refs)
	for i, ref := range refs {
		if want := fmt.Sprintf("DEP-%d-%03d", time.Now().Year(), before+i+1); ref != want {
			t.Fatalf("number %d is %s, want %s", i, ref, want)
		}
	}
	if len(refs) != 6*each {
		t.Errorf("%d refs", len(refs))
	}
}

// live has an open page at one replica hear of what is written at another well
// before it would have looked by itself.
func (f *fleet) live(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	defer end()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.at(1, "/en/live"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(f.signIn(t, 1, "approver"))
	res, err := (&http.Client{}).Do(r)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	defer func() { _ = res.Body.Close() }()
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			lines <- s.Text()
		}
	}()
	wait := func(want string) {
		t.Helper()
		late := time.After(liveEvery / 2)
		for {
			select {
			case line, ok := <-lines:
				if !ok {
					t.Fatal("it ended")
				}
				if line == want {
					return
				}
			case <-late:
				t.Fatalf("%q did not come", want)
			}
		}
	}
	wait(": here")
	call{method: "POST", url: f.at(0, "/api/v1/deployments"), body: f.Record(), token: f.token}.must(t, 201)
	wait("event: changed")
	// What a command writes beside them is heard of alike.
	f.Deploy(t)
	wait("event: changed")
}

// jobs promises messages from a process of its own, and counts what arrives: one
// mail to each recipient of each notice, no more.
func (f *fleet) jobs(t *testing.T) {
	notices := 100
	if full {
		notices = 5000
	}
	before := f.count(t, "dispatches")
	var d string
	for i := range notices {
		if i%100 == 0 {
			d = f.Formative(t).Ref
		}
		f.serve(t, d)
	}
	until(t, "all is delivered", 10*time.Minute, func() bool {
		return storetest.Idle(t, f.Store, time.Now().Add(time.Hour))
	})
	workers := map[string]int{}
	f.ask(t, func(r *sql.Rows) error {
		var by string
		var attempts, n int
		err := r.Scan(&by, &attempts, &n)
		if workers[by] += n; attempts != 1 {
			t.Errorf("%d messages were attempted %d times", n, attempts)
		}
		return err
	}, "SELECT attempted_by[1], attempt, COUNT(*) FROM river_job WHERE kind = 'notice.deliver' GROUP BY 1, 2")
	if len(workers) != 3 {
		t.Errorf("%d replicas worked: %v", len(workers), workers)
	}
	messages := 0
	f.box.mu.Lock()
	defer f.box.mu.Unlock()
	f.ask(t, func(r *sql.Rows) error {
		var id, address string
		err := r.Scan(&id, &address)
		messages++
		if n := f.box.came[id+" "+address]; n != 1 {
			t.Errorf("%s came to %s %d times", id, address, n)
		}
		return err
	}, "SELECT message_id, address FROM dispatches")
	if messages != before+2*notices {
		t.Errorf("%d messages, want %d more than %d", messages, 2*notices, before)
	}
	t.Logf("%d messages, each arrived once, worked by %v", messages, workers)
}

// schedules looks at what the leader promises by the clock: once in each hour,
// whoever led in it.
func (f *fleet) schedules(t *testing.T) {
	kinds := 0
	f.ask(t, func(r *sql.Rows) error {
		var kind string
		var hour time.Time
		var n int
		err := r.Scan(&kind, &hour, &n)
		if kinds++; n != 1 {
			t.Errorf("%s came %d times in the hour from %s", kind, n, hour)
		}
		return err
	}, "SELECT kind, date_trunc('hour', scheduled_at), COUNT(*) FROM river_job WHERE kind IN ('sweep', 'evidence.sweep', 'news.daily', 'checkpoint.daily') GROUP BY 1, 2")
	if kinds < 4 {
		t.Errorf("only %d kinds came at all", kinds)
	}
	if full {
		f.killLeader(t)
	}
}

// killLeader kills the replica that leads (−9) and waits until another has
// promised the backups of the next minutes: one for each.
func (f *fleet) killLeader(t *testing.T) {
	var leader string
	f.ask(t, func(r *sql.Rows) error { return r.Scan(&leader) }, "SELECT leader_id FROM river_leader")
	i := slices.IndexFunc(f.replicas, func(p *process) bool { return strings.Contains(leader, fmt.Sprintf("-%d-", p.cmd.Process.Pid)) })
	if i < 0 {
		t.Fatalf("nobody is %q", leader)
	}
	f.replicas[i].kill(t)
	killed := time.Now()
	made := func() (minutes []time.Time) {
		f.ask(t, func(r *sql.Rows) error {
			var at time.Time
			err := r.Scan(&at)
			minutes = append(minutes, at.UTC().Truncate(time.Minute))
			return err
		}, "SELECT scheduled_at FROM river_job WHERE kind = 'backup.make' ORDER BY scheduled_at")
		return minutes
	}
	until(t, "two more backups after the leader was killed", 4*time.Minute, func() bool {
		m := made()
		return len(m) > 1 && m[len(m)-2].After(killed)
	})
	for minutes, k := made(), 1; k < len(minutes); k++ {
		if !minutes[k].Equal(minutes[k-1].Add(time.Minute)) {
			t.Errorf("after the backup of %s came that of %s", minutes[k-1], minutes[k])
		}
	}
	t.Logf("backups of %v; the leader was killed at %s", made(), killed.UTC().Format(time.TimeOnly))
	f.replicas[i].begin(t)
	f.replicas[i].ready(t)
}

// rolling restarts one replica after another under load.
func (f *fleet) rolling(t *testing.T) {
	rounds := 1
	if full {
		rounds = 4
	}
	before := f.count(t, "comments") + f.count(t, "deployments")
	ctx, stop := context.WithCancel(t.Context())
	l := &load{f: f, failed: map[string]int{}}
	var driver sync.WaitGroup
	driver.Go(func() { l.drive(ctx, 200) })
	for range rounds {
		for _, p := range f.replicas {
			at := time.Now()
			p.end(t)
			ended := time.Now()
			p.begin(t)
			p.ready(t)
			t.Logf("it took %s to end and %s to begin", ended.Sub(at).Round(time.Millisecond), time.Since(ended).Round(time.Millisecond))
		}
	}
	stop()
	driver.Wait()
	t.Logf("%d requests in %s (%.0f a second), %d of them writes; %d were tried at a second replica; the slowest took %s",
		l.sent.Load(), l.took.Round(time.Millisecond), float64(l.sent.Load())/l.took.Seconds(), l.writes.Load(), f.proxy.again.Load(), time.Duration(l.slowest.Load()).Round(time.Millisecond))
	for what, n := range l.failed {
		t.Errorf("%d requests failed: %s", n, what)
	}
	if n := f.count(t, "comments") + f.count(t, "deployments") - before; n != int(l.writes.Load()) {
		t.Errorf("%d rows are there of %d that were acknowledged", n, l.writes.Load())
	}
	if l.sent.Load() < 500 {
		t.Errorf("only %d requests were made", l.sent.Load())
	}
}
