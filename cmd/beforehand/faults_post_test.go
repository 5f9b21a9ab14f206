package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// temper is how a mail server behaves to one message.
type temper int

const (
	kind temper = iota
	slow
	later      // refuses for now (4xx)
	never      // refuses for good (5xx)
	halfClosed // hangs up in the middle of the message
	forgetful  // takes the message, and hangs up before it says so
	repetitive // says twice that it has taken it
	tempers    = int(repetitive) + 1
)

// post is a mail server whose temper a scenario chooses, message by message.
type post struct {
	*mailbox
	srv *smtp.Server

	moods    sync.Mutex
	mood     func() temper
	refusals map[string]int // addresses that were refused for good
}

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{mailbox: &mailbox{got: map[string]map[string]bool{}, said: map[string][]string{}, came: map[string]int{}}, mood: func() temper { return kind }, refusals: map[string]int{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.port = l.Addr().(*net.TCPAddr).Port
	p.open(l)
	t.Cleanup(func() { _ = p.srv.Close() })
	return p
}

func (p *post) open(l net.Listener) {
	p.srv = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &postSession{mailSession{box: p.mailbox}, c, p, p.now()}, nil
	}))
	p.srv.Domain = "localhost"
	p.srv.ErrorLog = log.New(io.Discard, "", 0)
	srv := p.srv
	go func() { _ = srv.Serve(l) }() // ends with the error of the closed listener
}

// shut refuses connections until it is opened again.
func (p *post) shut() error { return p.srv.Close() }

// reopen listens where it did before.
func (p *post) reopen() error {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p.port))
	if err == nil {
		p.open(l)
	}
	return err
}

// behave chooses the temper for each message from now on.
func (p *post) behave(mood func() temper) {
	p.moods.Lock()
	defer p.moods.Unlock()
	p.mood = mood
}

func (p *post) now() temper {
	p.moods.Lock()
	defer p.moods.Unlock()
	return p.mood()
}

func (p *post) refused(address string) bool {
	p.moods.Lock()
	defer p.moods.Unlock()
	return p.refusals[address] > 0
}

type postSession struct {
	mailSession
	conn   *smtp.Conn
	post   *post
	temper temper
}

// Rcpt takes a recipient, or does not.
func (s *postSession) Rcpt(to string, o *smtp.RcptOptions) error {
	switch s.temper {
	case later:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	case never:
		s.post.moods.Lock()
		s.post.refusals[to]++
		s.post.moods.Unlock()
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Not wanted"}
	case slow:
		<-time.After(300 * time.Millisecond)
	}
	return s.mailSession.Rcpt(to, o)
}

// Data takes the message in its own way.
func (s *postSession) Data(r io.Reader) error {
	switch s.temper {
	case halfClosed:
		_, _ = io.CopyN(io.Discard, r, 512)
		return s.hangUp()
	case slow:
		<-time.After(700 * time.Millisecond)
	}
	if err := s.mailSession.Data(r); err != nil {
		return err
	}
	switch s.temper {
	case forgetful:
		return s.hangUp()
	case repetitive:
		_, _ = io.Copy(s.conn.Conn(), strings.NewReader("250 2.0.0 OK: queued\r\n"))
	}
	return nil
}

func (s *postSession) hangUp() error {
	_ = s.conn.Conn().Close()
	return io.ErrClosedPipe
}
