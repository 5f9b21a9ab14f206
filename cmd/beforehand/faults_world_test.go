package main

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// world is a register that trials begin with: an organisation whose digital
// officer and union's officer have tokens, deployments to comment on, drafts to
// serve, and one deployment that only the clock keeps from being decided.
type world struct {
	dsn                 string
	org                 string
	record              models.Record // of a deployment that lacks nothing
	cdo, union, decider string        // tokens
	shared              []string
	drafts              []waitingDraft
	gated               string
}

// waitingDraft is a draft of a notice that has not been served.
type waitingDraft struct{ id, ref string }

const (
	worldShared = 4
	worldDrafts = 24
)

func makeWorld(t *testing.T, dsn string) world {
	t.Helper()
	ctx := t.Context()
	s, err := store.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	h := registertest.New(t, s)
	h.Clock.Set(time.Now())
	w := world{dsn: dsn, org: h.Org.ID, record: h.Record(), cdo: longToken(t, h, h.CDO), union: longToken(t, h, h.Officer), decider: longToken(t, h, h.Approver)}
	today := models.DateOf(time.Now(), time.UTC)
	draft := func(ref string) models.Draft {
		in := registertest.Draft(models.NoticeChange)
		in.Meetings = []models.Date{today + 7, today + 14}
		d, err := h.DraftNotice(ctx, h.CDO, ref, in)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	serve := func(ref string) {
		d := draft(ref)
		if _, err := h.ServeNotice(ctx, h.CDO, d.ID, d.Version); err != nil {
			t.Fatal(err)
		}
	}
	for range worldShared {
		ref := h.Formative(t).Ref
		serve(ref)
		w.shared = append(w.shared, ref)
	}
	for range worldDrafts {
		ref := h.Formative(t).Ref
		w.drafts = append(w.drafts, waitingDraft{draft(ref).ID, ref})
	}
	w.gated = h.Formative(t).Ref
	serve(w.gated)
	for _, u := range []models.Union{h.Unison, h.GMB} {
		if _, err := h.RecordOutcome(ctx, h.CDO, w.gated, 0, u.ID, "consensus", "", 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return w
}

func longToken(t *testing.T, h *registertest.House, a models.Actor) string {
	t.Helper()
	token, _, err := h.IssueToken(t.Context(), a, register.NewToken{Name: "trial", Scopes: []string{"deployment.*", "notice.*", "comment.*", "gate.*", "organisation.read"}, Days: 300})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// lane is a PostgreSQL server of which one trial has the use, with a world to copy.
type lane struct {
	*storetest.Cluster
	world world
}

// lanes are handed from trial to trial.
type lanes struct {
	whole  *testing.T // what they last for
	mu     sync.Mutex
	free   []*lane
	sqlite func() world
}

func newLanes(t *testing.T) *lanes {
	return &lanes{whole: t, sqlite: sync.OnceValue(func() world { return makeWorld(t, storetest.DSN(t, "sqlite")) })}
}

// take gives a server that nobody else uses; it is given back when the test ends.
func (l *lanes) take(t *testing.T) *lane {
	t.Helper()
	l.mu.Lock()
	var n *lane
	if len(l.free) > 0 {
		n = l.free[len(l.free)-1]
		l.free = l.free[:len(l.free)-1]
	}
	l.mu.Unlock()
	if n == nil {
		n = newLane(t, l.whole)
	}
	t.Cleanup(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.free = append(l.free, n)
	})
	return n
}

// newLane starts a server that keeps what it has acknowledged, with few
// connections to give.
func newLane(t, whole *testing.T) *lane {
	t.Helper()
	n := &lane{Cluster: ownCluster(whole, storetest.StartCluster)}
	n.admin(t, "ALTER SYSTEM SET synchronous_commit = 'on'")
	n.admin(t, "ALTER SYSTEM SET max_connections = 120")
	if err := n.Control("restart", "-m", "fast"); err != nil {
		t.Fatal(err)
	}
	dsn, err := n.Database()
	if err != nil {
		t.Fatal(err)
	}
	n.world = makeWorld(whole, dsn)
	return n
}

// admin does something as the server's superuser.
func (n *lane) admin(t testing.TB, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", n.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// trial is one scenario with one seed.
type trial struct {
	*testing.T
	world
	engine string
	data   string // folder of the server's data
	lane   *lane  // nil on SQLite
	post   *post
	hands  *rand.Rand // what varies between seeds
	fleet  []*process
	load   *clerks
	skewed bool // the clock was moved: gates may open

	mu     sync.Mutex
	broken []string
}

// breaks notes an invariant that does not hold.
func (tr *trial) breaks(format string, args ...any) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if line := fmt.Sprintf(format, args...); len(tr.broken) < 200 && !slices.Contains(tr.broken, line) {
		tr.broken = append(tr.broken, line)
	}
}

// prepare copies a world for the trial, on a small disk of its own when asked.
func (tr *trial) prepare(sc scenario, l *lanes) {
	tr.data = tr.TempDir()
	if sc.small > 0 {
		smallDisk(tr.T, tr.data, sc.small)
	}
	tr.post = newPost(tr.T)
	if tr.engine == "postgres" {
		tr.lane = l.take(tr.T)
		tr.world = tr.lane.world
		var err error
		if sc.bare {
			tr.dsn, err = tr.lane.Empty()
		} else {
			tr.dsn, err = tr.lane.Copy(tr.lane.world.dsn)
		}
		if err != nil {
			tr.Fatal(err)
		}
		return
	}
	tr.world = l.sqlite()
	dir := tr.data
	if sc.folder {
		dir = tr.TempDir() // the database is not on the small disk
	}
	from := tr.dsn
	tr.dsn = filepath.Join(dir, "beforehand.db")
	if sc.bare {
		return
	}
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(tr.dsn, b, 0o600)
	}
	if err != nil {
		tr.Fatal(err)
	}
}

// begin starts the servers.
func (tr *trial) begin(sc scenario) {
	args := []string{
		"--data", tr.data, "--database", tr.dsn, "--secret-key", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)),
		"--first-retry", "200ms", "--mail-from", "notices@tywi.example", "--rate-limit", "0", "--drain", "0s", "--workers", "8",
	}
	if !sc.folder {
		args = append(args, "--smtp-host", "127.0.0.1", "--smtp-port", fmt.Sprint(tr.post.port), "--smtp-tls", "none", "--smtp-timeout", "3s")
	}
	for range max(sc.replicas, 1) {
		p := start(tr.T, args...)
		p.env = []string{"BEFOREHAND_CLOCK_FILE=" + filepath.Join(tr.data, "clock")}
		tr.fleet = append(tr.fleet, p)
	}
}

// one is the only server, or the first.
func (tr *trial) one() *process { return tr.fleet[0] }

// pause waits for a time that the seed chooses.
func (tr *trial) pause(least, most time.Duration) {
	tr.rest(least + time.Duration(tr.hands.Int64N(int64(most-least)+1)))
}

// rest lets time go by while clerks and servers are at work.
func (tr *trial) rest(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-tr.Context().Done():
	}
}
