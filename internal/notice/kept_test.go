package notice

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"
)

// counted is a listener that says how many connections it took, and can end them.
type counted struct {
	net.Listener
	taken atomic.Int64
	last  atomic.Pointer[net.Conn]
}

func (c *counted) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.taken.Add(1)
		c.last.Store(&conn)
	}
	return conn, err
}

// office is a mail server behind a counted listener.
func office(t *testing.T, p *postOffice) (*Kept, *counted) {
	t.Helper()
	l := &counted{Listener: listen(t)}
	p.open(t, l, nil)
	return &Kept{SMTP: to(l.Listener, TLSNone)}, l
}

func TestKeptUsesAConnectionAgain(t *testing.T) {
	t.Parallel()
	var p postOffice
	channel, l := office(t, &p)
	m := composed(t, caseNotes(t))
	for range mailsACall + 3 {
		if err := channel.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.letters) != mailsACall+3 || l.taken.Load() != 2 {
		t.Errorf("%d letters over %d connections", len(p.letters), l.taken.Load())
	}
	same(t, p.letters[mailsACall+2], m)
}

// A connection that the server has ended meanwhile costs nobody a mail, and
// nobody gets two.
func TestKeptOutlivesItsConnection(t *testing.T) {
	t.Parallel()
	var p postOffice
	channel, l := office(t, &p)
	m := composed(t, caseNotes(t))
	for i := range 5 {
		if err := channel.Send(t.Context(), m); err != nil {
			t.Fatal(i, err)
		}
		_ = (*l.last.Load()).Close()
	}
	if len(p.letters) != 5 || l.taken.Load() != 5 {
		t.Errorf("%d letters over %d connections", len(p.letters), l.taken.Load())
	}
}

// tired is a server that takes two mails on a connection and no third.
type tired struct{ *postOffice }

func (s tired) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &tiredSession{counter{s.postOffice}, 0}, nil
}

type tiredSession struct {
	counter
	mails int
}

func (s *tiredSession) Mail(from string, o *smtp.MailOptions) error {
	if s.mails++; s.mails > 2 {
		return &smtp.SMTPError{Code: 421, Message: "too many mails on this connection"}
	}
	return s.counter.Mail(from, o)
}

func TestKeptGoesOnWhenAConnectionHasHadEnough(t *testing.T) {
	t.Parallel()
	var p postOffice
	l := &counted{Listener: listen(t)}
	server := smtp.NewServer(tired{&p})
	server.Domain, server.ErrorLog = "mail.example", quiet{}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	channel, m := &Kept{SMTP: to(l.Listener, TLSNone)}, composed(t, caseNotes(t))
	for i := range 7 {
		if err := channel.Send(t.Context(), m); err != nil {
			t.Fatal(i, err)
		}
	}
	if len(p.letters) != 7 || l.taken.Load() != 4 {
		t.Errorf("%d letters over %d connections", len(p.letters), l.taken.Load())
	}
}

// What the server refuses is refused as over a new connection, and the next
// mail goes.
func TestKeptRefusalsHarmNobodyElse(t *testing.T) {
	t.Parallel()
	var p postOffice
	channel, _ := office(t, &p)
	m := composed(t, caseNotes(t))
	for i := range 6 {
		p.mu.Lock()
		p.refuse, p.dataErr = nil, nil
		if i%3 == 1 {
			p.refuse = &smtp.SMTPError{Code: 550, Message: "nobody of that name"}
		}
		if i%3 == 2 {
			p.dataErr = &smtp.SMTPError{Code: 451, Message: "later"}
		}
		p.mu.Unlock()
		if err := channel.Send(t.Context(), m); (err == nil) != (i%3 == 0) {
			t.Error(i, err)
		}
	}
	if len(p.letters) != 2 {
		t.Errorf("%d letters", len(p.letters))
	}
	p.dataErr = nil
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := channel.Send(gone, m); err == nil {
		t.Error("sent for somebody who has gone")
	}
	if err := channel.Send(t.Context(), m); err != nil {
		t.Error(err)
	}
}

// full is a server that takes a mail on a connection, and then nobody's name.
type full struct{ *postOffice }

func (s full) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &fullSession{counter{s.postOffice}, 0}, nil
}

type fullSession struct {
	counter
	names int
}

func (s *fullSession) Rcpt(to string, o *smtp.RcptOptions) error {
	if s.names++; s.names > 1 {
		return &smtp.SMTPError{Code: 554, Message: "too many messages this session"}
	}
	return s.counter.Rcpt(to, o)
}

// What a server says because of the connection is no word about the mail: a
// notice does not bounce by it.
func TestKeptAsksAgainWhetherANameIsRefused(t *testing.T) {
	t.Parallel()
	var p postOffice
	l := &counted{Listener: listen(t)}
	server := smtp.NewServer(full{&p})
	server.Domain, server.ErrorLog = "mail.example", quiet{}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	channel, m := &Kept{SMTP: to(l.Listener, TLSNone)}, composed(t, caseNotes(t))
	for i := range 3 {
		if err := channel.Send(t.Context(), m); err != nil {
			t.Fatal(i, err)
		}
	}
	if len(p.letters) != 3 || l.taken.Load() != 3 {
		t.Errorf("%d letters over %d connections", len(p.letters), l.taken.Load())
	}
}

// silenced passes on what comes until it is told to be silent, and then neither
// answers nor hangs up.
type silenced struct {
	net.Conn
	silent *atomic.Bool
}

func (s silenced) Write(b []byte) (int, error) {
	if s.silent.Load() {
		return len(b), nil
	}
	return s.Conn.Write(b)
}

type silencing struct {
	*counted
	silent []*atomic.Bool
}

func (s *silencing) Accept() (net.Conn, error) {
	conn, err := s.counted.Accept()
	if err != nil {
		return nil, err
	}
	var silent atomic.Bool
	s.silent = append(s.silent, &silent)
	return silenced{conn, &silent}, nil
}

func TestKeptDoesNotWaitForAConnectionThatIsSilent(t *testing.T) {
	t.Parallel()
	var p postOffice
	l := &silencing{counted: &counted{Listener: listen(t)}}
	p.open(t, l, nil)
	channel, m := &Kept{SMTP: to(l.Listener, TLSNone)}, composed(t, caseNotes(t))
	if err := channel.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	l.silent[0].Store(true)
	if err := channel.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if len(p.letters) != 2 || l.taken.Load() != 2 {
		t.Errorf("%d letters over %d connections", len(p.letters), l.taken.Load())
	}
}

func TestKeptServesManyAtOnce(t *testing.T) {
	t.Parallel()
	var p postOffice
	channel, l := office(t, &p)
	m := composed(t, caseNotes(t))
	const workers, each = 20, 15
	failed := make(chan error, workers)
	for range workers {
		go func() {
			var err error
			for range each {
				if e := channel.Send(t.Context(), m); e != nil {
					err = fmt.Errorf("of many: %w", e)
				}
			}
			failed <- err
		}()
	}
	for range workers {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.letters) != workers*each || l.taken.Load() >= workers*each/2 {
		t.Errorf("%d letters over %d connections", len(p.letters), l.taken.Load())
	}
}
