package register_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"beforehand/internal/notice"
)

// sinkEnv makes this program a mail server instead of tests. It is a process
// of its own so that its processor time is not counted as that of who sends.
const sinkEnv = "BEFOREHAND_BENCH_SINK"

// sink is a mail server that takes everything and keeps nothing.
type sink struct {
	port int

	mu      sync.Mutex
	count   int
	first   time.Time
	arrived chan struct{} // holds a token when something came since somebody looked
}

// newSink starts a sink, which ends with the benchmark.
func newSink(b *testing.B) *sink {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), sinkEnv+"=1")
	cmd.Stderr = os.Stderr
	leash := need(cmd.StdinPipe())(b)
	out := need(cmd.StdoutPipe())(b)
	must(b, cmd.Start())
	from := bufio.NewReader(out)
	line := need(from.ReadString('\n'))(b)
	s := &sink{port: need(strconv.Atoi(strings.TrimSpace(line)))(b), arrived: make(chan struct{}, 1)}
	var reading sync.WaitGroup
	reading.Go(func() { s.read(from) })
	b.Cleanup(func() {
		must(b, leash.Close())
		reading.Wait()
		must(b, cmd.Wait())
	})
	return s
}

// read counts the mails: the sink says one byte for each.
func (s *sink) read(from io.Reader) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			s.mu.Lock()
			if s.count == 0 {
				s.first = time.Now() //nolint:forbidigo // how long a mail takes is what is measured
			}
			s.count += n
			s.mu.Unlock()
			select {
			case s.arrived <- struct{}{}:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

// forget begins to count anew.
func (s *sink) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count, s.first = 0, time.Time{}
}

// got is how many mails came, and when the first did.
func (s *sink) got() (int, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count, s.first
}

// wait returns when at least so many mails have come.
func (s *sink) wait(ctx context.Context, want int) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for {
		n, _ := s.got()
		if n >= want {
			return nil
		}
		select {
		case <-s.arrived:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d mails came: %w", n, want, ctx.Err())
		}
	}
}

// channel is the product's own way to the sink.
func (s *sink) channel() *notice.Kept {
	return &notice.Kept{SMTP: notice.SMTP{Host: "127.0.0.1", Port: s.port, TLS: notice.TLSNone, LocalName: "tywi.example"}}
}

// serveSink is the sink's own process. It says its port, then a byte for each
// mail, and ends when its standard input does.
func serveSink() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintln(os.Stdout, l.Addr().(*net.TCPAddr).Port)
	srv := smtp.NewServer(taker{})
	srv.Domain = "localhost"
	srv.ErrorLog = log.New(io.Discard, "", 0)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is what we wait for
		_ = srv.Close()
	}()
	if err := srv.Serve(l); err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

type taker struct{}

func (taker) NewSession(*smtp.Conn) (smtp.Session, error) { return taker{}, nil }
func (taker) Mail(string, *smtp.MailOptions) error        { return nil }
func (taker) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (taker) Reset()                                      {}
func (taker) Logout() error                               { return nil }

// Data takes a message and says so.
func (taker) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	_, err := os.Stdout.Write([]byte{'.'})
	return err
}
