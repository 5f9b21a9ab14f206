package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is the program running as a process of its own.
type process struct {
	addr string
	args []string
	env  []string // beside that of the test
	cmd  *exec.Cmd
	said *safeBuffer
}

// safeBuffer can be read while a process writes to it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds.
func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String is what was written so far.
func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// start starts `beforehand serve` on a free port of the loopback address.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &process{addr: l.Addr().String(), args: args, said: &safeBuffer{}}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	p.begin(t)
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // already gone in a test that ended well
		_, _ = p.cmd.Process.Wait()
	})
	return p
}

func (p *process) begin(t testing.TB) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(self, append([]string{"serve", "--addr", p.addr}, p.args...)...)
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	p.cmd.Env = append(p.cmd.Env, p.env...)
	p.cmd.Stderr = p.said
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// ready waits until the server answers.
func (p *process) ready(t testing.TB) {
	t.Helper()
	tick, deadline := time.NewTicker(20*time.Millisecond), time.After(60*time.Second)
	defer tick.Stop()
	for {
		res, err := http.Get("http://" + p.addr + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the server is not ready: %v\n%s", err, p.said.String())
		}
	}
}

// kill ends the process at once, as a power cut would.
func (p *process) kill(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, _ = p.cmd.Process.Wait() // killed: the error says so
}

// end asks the process to stop and waits until it has.
func (p *process) end(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		exited, ok := errors.AsType[*exec.ExitError](err)
		t.Errorf("the server did not end well: %v %v\n%s", err, ok && exited != nil, p.said.String())
	}
}

func (p *process) url(path string, args ...any) string {
	return "http://" + p.addr + fmt.Sprintf(path, args...)
}
