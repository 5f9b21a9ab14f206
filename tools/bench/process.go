package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// process is a server under measurement, with the database server behind it.
type process struct {
	name       string
	url        string
	figures    string // where its profiles are; "" when it has none
	cmd        *exec.Cmd
	said       bytes.Buffer
	postmaster int // 0 when there is none
	database   string
	// shared says that other databases of the server were in use: what their
	// connections cost is not counted, and neither is what ours cost that ended.
	shared bool
	// took is how long it was from its start to its first answer.
	took time.Duration
}

// start starts a program that listens on a free port of this machine, and waits
// until it answers.
func start(ctx context.Context, name, program, probe string, args ...string) (*process, error) {
	addr, err := free(ctx)
	if err != nil {
		return nil, err
	}
	p := &process{name: name, url: "http://" + addr}
	flag := "--addr"
	p.cmd = exec.CommandContext(ctx, program, append(args, flag, addr)...)
	p.cmd.Stderr = &p.said
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	tick, deadline := time.NewTicker(time.Millisecond), time.After(2*time.Minute)
	defer tick.Stop()
	for {
		res, err := http.Get(p.url + probe)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				p.took = time.Since(began)
				return p, nil
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			return nil, errors.Join(fmt.Errorf("%s does not answer: %s", name, p.said.String()), p.stop())
		}
	}
}

// free is an address of this machine that nobody listens on.
func free(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s did not end well: %w: %s", p.name, err, p.said.String())
	}
	return nil
}

// behind finds the database server, when it is on this machine.
func (p *process) behind(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is left to be said
	var backend int
	if err := conn.QueryRow(ctx, `SELECT pg_backend_pid(), current_database(), EXISTS (SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname <> current_database())`).Scan(&backend, &p.database, &p.shared); err != nil {
		return err
	}
	s, err := statOf(backend)
	p.postmaster = s.parent
	return err
}

// stat is what /proc says of a process.
type stat struct {
	parent int
	cpu    float64 // seconds, of itself and of the children it has waited for
}

const ticksPerSecond = 100 // USER_HZ of every Linux that Go runs on

func statOf(pid int) (stat, error) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return stat{}, err
	}
	// The name, in brackets, may hold anything.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	var s stat
	ticks := 0
	for i, into := range map[int]*int{1: &s.parent} {
		if *into, err = strconv.Atoi(fields[i]); err != nil {
			return s, err
		}
	}
	for _, i := range []int{11, 12, 13, 14} { // utime, stime, cutime, cstime
		n, err := strconv.Atoi(fields[i])
		if err != nil {
			return s, err
		}
		ticks += n
	}
	s.cpu = float64(ticks) / ticksPerSecond
	return s, nil
}

// cpu is the processor time of the process and of all of the database server's,
// and that of the process alone.
func (p *process) cpu() (total, alone float64, err error) {
	own, err := statOf(p.cmd.Process.Pid)
	if err != nil || p.postmaster == 0 {
		return own.cpu, own.cpu, err
	}
	total = own.cpu
	if !p.shared {
		master, err := statOf(p.postmaster)
		if err != nil {
			return 0, 0, err
		}
		total += master.cpu
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, 0, err
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if s, err := statOf(pid); err == nil && s.parent == p.postmaster && p.serves(pid) {
			total += s.cpu
		}
	}
	return total, own.cpu, nil
}

// takesTurns counts all processes of the database server from now on: of several
// servers on it one is at work at a time, and what a connection has cost is the
// postmaster's when it ends.
func (p *process) takesTurns() { p.database, p.shared = "", false }

// serves says whether a process of the database server is at work for this
// database: a connection to another one is not.
func (p *process) serves(pid int) bool {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return false
	}
	// "postgres: user database address state"; the server's own have no address.
	title := strings.Fields(strings.TrimRight(string(b), "\x00"))
	return p.database == "" || len(title) < 5 || title[2] == p.database
}

// memory is the anonymous and the whole resident memory of the process in MiB.
func (p *process) memory() (anonymous, resident float64) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "status"))
	if err != nil {
		return 0, 0
	}
	value := func(name string) float64 {
		_, after, _ := strings.Cut(string(b), name+":")
		fields := strings.Fields(after)
		if len(fields) == 0 {
			return 0
		}
		kb, _ := strconv.ParseFloat(fields[0], 64)
		return kb / 1024
	}
	return value("RssAnon"), value("VmRSS")
}

// settle waits until the process does nothing by itself, and says how long that
// took: a server that has just started has jobs to see to.
func (p *process) settle(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last, _, err := p.cpu()
	for err == nil && time.Since(began) < 3*time.Minute {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-tick.C:
		}
		var now float64
		if now, _, err = p.cpu(); now-last < 0.05 {
			break
		}
		last = now
	}
	return time.Since(began), err
}
