package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// scenario is one kind of misfortune.
type scenario struct {
	name    string
	engines []string // by turns, seed by seed
	// happen is what goes wrong while clerks are at work. It ends when all is
	// well again.
	happen   func(*trial)
	replicas int
	bare     bool // the database has nothing in it at first
	folder   bool // mails go into a folder, and the database is elsewhere
	small    int  // MiB of the disk that the data folder is on; 0 is the machine's
	movable  bool // wants the program whose clock can be moved
	taste    bool // is tried by go test ./... too
}

var (
	either   = []string{"sqlite", "postgres"}
	postgres = []string{"postgres"}
	sqlite   = []string{"sqlite"}
)

var misfortunes = []scenario{
	{name: "the server is killed", engines: either, happen: (*trial).killed, taste: true},
	{name: "the server is killed twice in a row", engines: either, happen: (*trial).killedTwice},
	{name: "the server is killed in its first start", engines: either, bare: true, happen: (*trial).killedAtStart},
	{name: "the server is killed while it serves a notice", engines: either, happen: (*trial).killedServing},
	{name: "one of three replicas is killed", engines: postgres, replicas: 3, happen: (*trial).oneKilled},
	{name: "the leader of three is killed", engines: postgres, replicas: 3, happen: (*trial).leaderKilled},
	{name: "PostgreSQL is stopped (fast)", engines: postgres, happen: func(tr *trial) { tr.stopped("fast") }},
	{name: "PostgreSQL is stopped (immediate)", engines: postgres, happen: func(tr *trial) { tr.stopped("immediate") }, taste: true},
	{name: "PostgreSQL is restarted", engines: postgres, happen: (*trial).restarted},
	{name: "a backend of PostgreSQL is killed", engines: postgres, happen: (*trial).backendKilled},
	{name: "PostgreSQL does not answer for seconds", engines: postgres, happen: (*trial).frozen},
	{name: "others take all connections", engines: postgres, happen: (*trial).exhausted},
	{name: "the disk of the SQLite file is full", engines: sqlite, small: 24, happen: func(tr *trial) { tr.full(0, false) }},
	{name: "the disk is full while SQLite's log grows", engines: sqlite, small: 24, happen: func(tr *trial) { tr.full(512<<10, true) }},
	{name: "the disk of mails and files is full", engines: either, small: 4, folder: true, happen: func(tr *trial) { tr.full(0, false) }},
	{name: "the mail server is slow", engines: either, happen: func(tr *trial) { tr.moody(slow) }},
	{name: "the mail server says later", engines: either, happen: func(tr *trial) { tr.moody(later) }},
	{name: "the mail server says never", engines: either, happen: func(tr *trial) { tr.moody(never) }},
	{name: "the mail server hangs up in the middle", engines: either, happen: func(tr *trial) { tr.moody(halfClosed) }},
	{name: "the mail server takes it and hangs up, or says so twice", engines: either, happen: func(tr *trial) { tr.moody(forgetful, repetitive) }, taste: true},
	{name: "the mail server refuses connections", engines: either, happen: (*trial).shut},
	{name: "the mail server does as it likes", engines: either, happen: func(tr *trial) { tr.moody(kind, slow, later, halfClosed, forgetful, repetitive) }},
	{name: "the clock is put forward between restarts", engines: either, movable: true, happen: func(tr *trial) { tr.skew(1) }},
	{name: "the clock is put back between restarts", engines: either, movable: true, happen: func(tr *trial) { tr.skew(-1) }},
}

// again starts a server that is gone, and waits for it.
func (tr *trial) again(p *process) {
	p.begin(tr)
	p.ready(tr)
}

func (tr *trial) killed() {
	tr.pause(300*time.Millisecond, 1500*time.Millisecond)
	tr.one().kill(tr)
	tr.again(tr.one())
}

func (tr *trial) killedTwice() {
	tr.pause(200*time.Millisecond, 1200*time.Millisecond)
	tr.one().kill(tr)
	tr.one().begin(tr)
	tr.pause(0, 700*time.Millisecond) // while it starts, or just after
	tr.one().kill(tr)
	tr.again(tr.one())
}

// killedAtStart kills it while it makes the schema and the first organisation;
// then a world is founded there, and it is killed once more.
func (tr *trial) killedAtStart() {
	tr.pause(200*time.Millisecond, 1000*time.Millisecond)
	tr.one().kill(tr)
	tr.again(tr.one())
}

func (tr *trial) killedServing() {
	for range 2 {
		was := tr.load.served.Load()
		until(tr, "a notice is being served", 30*time.Second, func() bool { return tr.load.served.Load() > was })
		tr.pause(0, 25*time.Millisecond)
		tr.one().kill(tr)
		tr.again(tr.one())
	}
}

func (tr *trial) oneKilled() {
	tr.pause(300*time.Millisecond, 1200*time.Millisecond)
	p := tr.fleet[tr.hands.IntN(len(tr.fleet))]
	p.kill(tr)
	tr.pause(0, 800*time.Millisecond)
	tr.again(p)
}

func (tr *trial) leaderKilled() {
	tr.pause(300*time.Millisecond, 1000*time.Millisecond)
	leader := ""
	until(tr, "somebody leads", 30*time.Second, func() bool {
		err := tr.rows("SELECT leader_id FROM river_leader", func(r *sql.Rows) error { return r.Scan(&leader) })
		return err == nil && leader != ""
	})
	i := slices.IndexFunc(tr.fleet, func(p *process) bool { return strings.Contains(leader, fmt.Sprintf("-%d-", p.cmd.Process.Pid)) })
	if i < 0 {
		tr.breaks("nobody is the leader %q", leader)
		return
	}
	tr.fleet[i].kill(tr)
	until(tr, "another leads", 30*time.Second, func() bool {
		now := leader
		err := tr.rows("SELECT leader_id FROM river_leader", func(r *sql.Rows) error { return r.Scan(&now) })
		return err == nil && now != leader
	})
	tr.again(tr.fleet[i])
}

func (tr *trial) control(args ...string) {
	if err := tr.lane.Control(args...); err != nil {
		tr.Fatal(err)
	}
}

func (tr *trial) stopped(how string) {
	tr.pause(300*time.Millisecond, 1500*time.Millisecond)
	tr.control("stop", "-m", how)
	tr.pause(100*time.Millisecond, 1000*time.Millisecond)
	tr.control("start")
	tr.one().ready(tr)
}

func (tr *trial) restarted() {
	for range 2 {
		tr.pause(200*time.Millisecond, 900*time.Millisecond)
		tr.control("restart", "-m", "fast")
	}
	tr.one().ready(tr)
}

// backendKilled kills (−9) a process that serves one connection. PostgreSQL then
// ends all others and starts anew by itself.
func (tr *trial) backendKilled() {
	tr.pause(300*time.Millisecond, 1500*time.Millisecond)
	pid := 0
	if err := tr.rows("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY md5(pid::text) LIMIT 1", func(r *sql.Rows) error { return r.Scan(&pid) }); err != nil || pid == 0 {
		tr.Fatal(pid, err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		tr.Fatal(err)
	}
	until(tr, "PostgreSQL is back", 30*time.Second, func() bool {
		return tr.rows("SELECT 1", func(*sql.Rows) error { return nil }) == nil
	})
	tr.one().ready(tr)
}

func (tr *trial) frozen() {
	tr.pause(300*time.Millisecond, 1200*time.Millisecond)
	if err := tr.lane.Signal(syscall.SIGSTOP); err != nil {
		tr.Fatal(err)
	}
	tr.pause(1000*time.Millisecond, 3500*time.Millisecond)
	if err := tr.lane.Signal(syscall.SIGCONT); err != nil {
		tr.Fatal(err)
	}
	tr.one().ready(tr)
}

// exhausted takes every connection that the server gives, and those that it
// takes away from ours.
func (tr *trial) exhausted() {
	tr.pause(200*time.Millisecond, 1000*time.Millisecond)
	var held []*sql.DB
	defer func() {
		for _, db := range held {
			_ = db.Close()
		}
	}()
	hold := func() bool {
		db, err := sql.Open("pgx", tr.dsn)
		if err != nil {
			tr.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		held = append(held, db)
		return db.PingContext(tr.Context()) == nil
	}
	for hold() {
		if len(held) > 300 {
			tr.Fatal("the server gives connections without end")
		}
	}
	tr.lane.admin(tr, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'beforehand_app' AND state = 'idle' AND pid % 2 = 0")
	for hold() {
		if len(held) > 600 {
			break
		}
	}
	tr.pause(500*time.Millisecond, 2000*time.Millisecond)
}

// smallDisk puts a small disk where a folder is.
func smallDisk(t *testing.T, dir string, mib int) {
	t.Helper()
	if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mib)); err != nil {
		t.Skipf("no small disk can be made here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// full fills the small disk but for some bytes, and makes room again. While
// somebody reads an old state, SQLite's log can only grow.
func (tr *trial) full(room int64, reading bool) {
	tr.pause(200*time.Millisecond, 900*time.Millisecond)
	if reading {
		db, err := sql.Open("sqlite", "file:"+tr.dsn)
		if err != nil {
			tr.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		tx, err := db.BeginTx(tr.Context(), &sql.TxOptions{ReadOnly: true})
		if err != nil {
			tr.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		var n int
		if err := tx.QueryRowContext(tr.Context(), "SELECT COUNT(*) FROM deployments").Scan(&n); err != nil {
			tr.Fatal(err)
		}
	}
	name := filepath.Join(tr.data, "filler")
	f, err := os.Create(name)
	if err != nil {
		tr.Fatal(err)
	}
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		tr.Fatal(err)
	}
	if room > 0 {
		at, err := f.Seek(0, 2)
		if err == nil {
			err = f.Truncate(max(at-room, 0))
		}
		if err != nil {
			tr.Fatal(err)
		}
	}
	tr.pause(1000*time.Millisecond, 2500*time.Millisecond)
	if err := errors.Join(f.Close(), os.Remove(name)); err != nil {
		tr.Fatal(err)
	}
}

// moody has the mail server show some tempers for a while, each message by
// chance, and be kind again.
func (tr *trial) moody(some ...temper) {
	hands := tr.hands.Uint64()
	n := uint64(0)
	tr.post.behave(func() temper { n++; return some[(hands+n*n)%uint64(len(some))] })
	tr.pause(1500*time.Millisecond, 3000*time.Millisecond)
	tr.post.behave(func() temper { return kind })
}

func (tr *trial) shut() {
	tr.pause(100*time.Millisecond, 600*time.Millisecond)
	if err := tr.post.shut(); err != nil {
		tr.Fatal(err)
	}
	tr.pause(800*time.Millisecond, 2500*time.Millisecond)
	if err := tr.post.reopen(); err != nil {
		tr.Fatal(err)
	}
}

// skew moves the clock between two restarts: far enough that a notice runs, or
// back to before it was served. Then it is right again.
func (tr *trial) skew(way int) {
	days := []int{1, 40, 90, 200, 3}[tr.hands.IntN(5)]
	set := func(hours int) {
		tr.one().kill(tr)
		if err := os.WriteFile(filepath.Join(tr.data, "clock"), fmt.Appendf(nil, "%dh", hours), 0o600); err != nil {
			tr.Fatal(err)
		}
		tr.again(tr.one())
	}
	tr.pause(300*time.Millisecond, 900*time.Millisecond)
	set(way * days * 24)
	tr.load.decide()
	tr.Logf("the clock was moved by %d days; %d past the gate; the gate says %.300s", way*days, tr.load.decided, tr.load.refusal)
	tr.pause(600*time.Millisecond, 1500*time.Millisecond)
	set(0)
}
