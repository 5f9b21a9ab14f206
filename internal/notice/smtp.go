package notice

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// TLSMode says how a connection to a mail server is protected.
type TLSMode string

// TLSStart refuses a server that does not offer STARTTLS: a notice is never
// sent in the clear because somebody on the way took the offer out.
const (
	TLSNone  TLSMode = "none"
	TLSStart TLSMode = "starttls"
	TLSFirst TLSMode = "tls"
)

// SMTP sends through a mail server.
type SMTP struct {
	Host     string
	Port     int
	Username string // empty is no sign-in
	Password string
	TLS      TLSMode
	// Timeout bounds one whole attempt; zero is 30 seconds.
	Timeout time.Duration
	// LocalName is what we call ourselves in EHLO; empty is the machine's name.
	LocalName string
	// TLSConfig replaces the usual settings, such as whom to trust; nil is usual.
	TLSConfig *tls.Config
}

const usualTimeout = 30 * time.Second

// Send gives the message to the server. It fails when the server did not
// accept it within the timeout.
func (s SMTP) Send(ctx context.Context, m Mail) error {
	msg, err := message(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout())
	defer cancel()
	l, err := s.call(ctx)
	if err != nil {
		return fmt.Errorf("mail server %s: %w", s.Host, err)
	}
	err = l.client.SendWithSMTPClient(l.conn, msg)
	// Whether the server takes its leave politely does not matter: what it
	// accepted it has accepted, and sending that again would be a second copy.
	_ = l.client.CloseWithSMTPClient(l.conn)
	if err != nil && !msg.IsDelivered() {
		return fmt.Errorf("mail server %s: %w", s.Host, err)
	}
	return nil
}

// Check greets the server, as far as signing in, and sends nothing.
func (s SMTP) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout())
	defer cancel()
	l, err := s.call(ctx)
	if err != nil {
		return fmt.Errorf("mail server %s: %w", s.Host, err)
	}
	return l.client.CloseWithSMTPClient(l.conn)
}

func (s SMTP) timeout() time.Duration {
	if s.Timeout <= 0 {
		return usualTimeout
	}
	return s.Timeout
}

// call opens a connection and greets the server. It closes when the attempt that
// it is opened for is over, unless it is released before.
func (s SMTP) call(attempt context.Context) (*call, error) {
	l := &call{hangUp: func() {}, release: func() bool { return true }}
	var err error
	if l.client, err = s.client(attempt, l); err != nil {
		return nil, err
	}
	if l.conn, err = l.client.DialToSMTPClientWithContext(attempt); err != nil {
		l.hangUp()
		return nil, err
	}
	return l, nil
}

func (s SMTP) client(attempt context.Context, l *call) (*gomail.Client, error) {
	settings := s.TLSConfig
	if settings == nil {
		settings = &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	}
	options := []gomail.Option{
		gomail.WithPort(s.Port),
		gomail.WithTimeout(s.timeout()),
		gomail.WithoutNoop(),
		gomail.WithTLSConfig(settings),
	}
	var direct *tls.Config
	switch s.TLS {
	case TLSNone:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case TLSStart:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLSFirst:
		options = append(options, gomail.WithSSL())
		direct = settings
	default:
		return nil, fmt.Errorf("%q is not none, starttls or tls", s.TLS)
	}
	if s.LocalName != "" {
		options = append(options, gomail.WithHELO(s.LocalName))
	}
	if s.Username != "" {
		// In order of preference. The library gives a password in words (PLAIN,
		// LOGIN) only to a server behind TLS, or on this machine.
		options = append(options,
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin),
			gomail.WithUsername(s.Username), gomail.WithPassword(s.Password))
	}
	return gomail.NewClient(s.Host, append(options, gomail.WithDialContextFunc(dial(attempt, direct, l)))...)
}

// dial opens a connection that closes when the attempt is over: the library
// has a deadline for each step, not for all of them, and cannot be cancelled
// between two.
func dial(attempt context.Context, direct *tls.Config, l *call) gomail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		l.hangUp = func() { _ = conn.Close() }
		l.release = context.AfterFunc(attempt, l.hangUp)
		if direct == nil {
			return conn, nil
		}
		secure := tls.Client(conn, direct)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return secure, nil
	}
}
