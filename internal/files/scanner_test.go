package files_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beforehand/internal/files"
)

// eicar is the file that every scanner agrees to call infected. In two parts,
// so that a scanner leaves this one alone.
var eicar = []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)

// clamd stands for the daemon. It reads the protocol as strictly as clamd does,
// and more: what is not as documented ends the test.
func clamd(t *testing.T, network, addr string, limit int, reply func(b []byte) string) string {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			serve(t, conn, limit, reply)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

func serve(t *testing.T, conn net.Conn, limit int, reply func([]byte) string) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	command, err := r.ReadString(0)
	if command == "zPING\x00" {
		_, _ = io.WriteString(conn, reply(nil))
		return
	}
	if command != "zINSTREAM\x00" {
		t.Errorf("the command is %q, %v", command, err)
		return
	}
	var b []byte
	for {
		var n uint32
		if err := binary.Read(r, binary.BigEndian, &n); err != nil {
			t.Errorf("after %d bytes: %v", len(b), err)
			return
		}
		if n == 0 {
			break
		}
		if n > 1<<20 {
			t.Errorf("a chunk has %d bytes", n)
			return
		}
		if len(b)+int(n) > limit {
			_, _ = io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
			return // without reading the rest, as clamd does
		}
		chunk := make([]byte, n)
		if _, err := io.ReadFull(r, chunk); err != nil {
			t.Errorf("in a chunk: %v", err)
			return
		}
		b = append(b, chunk...)
	}
	_, _ = io.WriteString(conn, reply(b))
}

func verdict(b []byte) string {
	if bytes.Contains(b, eicar) {
		return "stream: Eicar-Test-Signature FOUND\x00"
	}
	return "stream: OK\x00"
}

func TestScan(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "clamd.sock")
	for network, addr := range map[string]string{"tcp": "127.0.0.1:0", "unix": socket} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			scanTable(t, files.Scanner{Addr: clamd(t, network, addr, 1<<20, verdict)}, "Eicar-Test-Signature")
		})
	}
}

// scanTable tries a scanner whose limit is a MiB.
func scanTable(t *testing.T, s files.Scanner, name string) {
	t.Helper()
	for _, c := range []struct {
		name  string
		b     []byte
		found bool
	}{
		{"nothing", nil, false},
		{"a word", []byte("hello"), false},
		{"one chunk", make([]byte, 64<<10), false},
		{"a byte more", make([]byte, 64<<10+1), false},
		{"most that is taken", make([]byte, 1<<20), false},
		{"the test file", eicar, true},
	} {
		err := s.Scan(t.Context(), c.b)
		infected, ok := errors.AsType[*files.Infected](err)
		if ok != c.found || !ok && err != nil || ok && !strings.Contains(infected.Name, name) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, size := range []int{1<<20 + 1, 20 << 20} {
		if err := s.Scan(t.Context(), make([]byte, size)); !errors.Is(err, files.ErrScanLimit) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestAScannerThatGivesNoVerdictLetsNothingPass(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]string{
		"nothing":          "",
		"no end":           "stream: OK",
		"half":             "stream: ",
		"more":             "stream: OK\x00stream: OK\x00",
		"an error":         "stream: Can't allocate memory ERROR\x00",
		"unknown command":  "UNKNOWN COMMAND\x00",
		"another protocol": "HTTP/1.1 200 OK\r\n\r\n",
		"lower case":       "stream: ok\x00",
		"found nothing":    "stream:  FOUND\x00",
		"no stream":        "OK\x00",
		"endless":          strings.Repeat("stream: OK ", 100_000) + "\x00",
		"bytes":            "\xff\xfe\x00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := files.Scanner{Addr: clamd(t, "tcp", "127.0.0.1:0", 1<<20, func([]byte) string { return reply })}
			for doing, err := range map[string]error{"scan": s.Scan(t.Context(), []byte("a file")), "ping": s.Ping(t.Context())} {
				if err == nil {
					t.Errorf("%s: passed", doing)
				}
				if _, ok := errors.AsType[*files.Infected](err); ok {
					t.Errorf("%s: %v", doing, err)
				}
				if len(fmt.Sprint(err)) > 20_000 {
					t.Errorf("%s: the error has %d characters", doing, len(fmt.Sprint(err)))
				}
			}
		})
	}
}

func TestWhatTheScannerFoundIsQuoted(t *testing.T) {
	t.Parallel()
	s := files.Scanner{Addr: clamd(t, "tcp", "127.0.0.1:0", 1<<20, func([]byte) string { return "stream: a\nline FOUND\x00" })}
	err := s.Scan(t.Context(), nil)
	if infected, ok := errors.AsType[*files.Infected](err); !ok || infected.Name != "a\nline" || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

func TestAScannerThatCannotBeReached(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{l.Addr().String(), filepath.Join(t.TempDir(), "none.sock"), "", "no port", "127.0.0.1:99999"} {
		s := files.Scanner{Addr: addr, Timeout: 10 * time.Second}
		if s.Scan(t.Context(), eicar) == nil || s.Ping(t.Context()) == nil {
			t.Errorf("%q answered", addr)
		}
	}
}

func TestAScannerThatHangsIsLeft(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") // connects, and nobody reads
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, size := range []int{0, 64 << 20} { // stuck in reading, stuck in writing
		s := files.Scanner{Addr: l.Addr().String(), Timeout: 50 * time.Millisecond}
		if err := s.Scan(t.Context(), make([]byte, size)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%d bytes: %v", size, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		s.Timeout = time.Hour
		if err := s.Scan(ctx, make([]byte, size)); !errors.Is(err, context.Canceled) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// TestRealClamd tries ClamAV itself, with a signature of our own so that it
// needs none from the network.
func TestRealClamd(t *testing.T) {
	t.Parallel()
	bin, err := exec.LookPath("clamd")
	if err != nil {
		t.Skip("clamd is not installed (on Debian: apt-get install clamav-daemon), so only our reading of its protocol is tried")
	}
	// A folder with a short name: that of a socket may have no more than 107 characters.
	dir, err := os.MkdirTemp("", "clamd-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	signature := fmt.Sprintf("Ours.Test:0:*:%x\n", eicar)
	socket := filepath.Join(dir, "clamd.sock")
	conf := fmt.Sprintf("DatabaseDirectory %s\nLocalSocket %s\nForeground yes\nStreamMaxLength 1M\n", dir, socket)
	for name, text := range map[string]string{"ours.ndb": signature, "clamd.conf": conf} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said bytes.Buffer
	daemon := exec.Command(bin, "--config-file", filepath.Join(dir, "clamd.conf"))
	daemon.Stdout, daemon.Stderr = &said, &said
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() { gone <- daemon.Wait() }()
	t.Cleanup(func() { _ = daemon.Process.Kill() })
	s := files.Scanner{Addr: socket, Timeout: 30 * time.Second}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for s.Ping(t.Context()) != nil {
		select {
		case err := <-gone:
			t.Fatalf("clamd ended: %v: %s", err, &said)
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-tick.C:
		}
	}
	scanTable(t, s, "Ours.Test")
}
