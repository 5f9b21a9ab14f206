package notice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Kept is SMTP whose connections stay open for the mails that follow: a notice
// to forty branches greets the server a few times, and not forty. It is safe for
// use by several at once.
type Kept struct {
	SMTP

	mu   sync.Mutex
	idle []*call
}

// How long a connection waits for the next mail, how many wait, and how many
// mails go over one: servers end connections that are idle or long in use, and a
// mail should not be what finds out.
const (
	idleTime   = 10 * time.Second
	mostIdle   = 8
	mailsACall = 50
)

// call is a connection to a mail server that has been greeted.
type call struct {
	client *gomail.Client
	conn   *smtp.Client
	// hangUp closes it, whatever it is doing.
	hangUp func()
	// release takes it out of the attempt that it was opened or taken up for, and
	// says whether that had not ended yet.
	release func() bool
	mails   int
	waiting *time.Timer
}

// Send gives the message to the server, over a connection that is open or a new
// one. It fails when the server did not accept it within the timeout.
func (k *Kept) Send(ctx context.Context, m Mail) error {
	msg, err := message(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, k.timeout())
	defer cancel()
	l, used, err := k.take(ctx)
	if err == nil {
		err = l.client.SendWithSMTPClient(l.conn, msg)
	}
	if used && notBegun(err) {
		// The server would hear no more on that connection: of the mail it has
		// heard nothing yet.
		l.hangUp()
		if l, err = k.call(ctx); err == nil {
			err = l.client.SendWithSMTPClient(l.conn, msg)
		}
	}
	if l != nil {
		k.put(l, err)
	}
	if err != nil && !msg.IsDelivered() {
		return fmt.Errorf("mail server %s: %w", k.Host, err)
	}
	return nil
}

// notBegun says whether a mail failed before the server had taken its sender.
func notBegun(err error) bool {
	failed, ok := errors.AsType[*gomail.SendError](err)
	return ok && (failed.Reason == gomail.ErrSMTPMailFrom || failed.Reason == gomail.ErrConnCheck)
}

// take is a connection that still answers, or a new one.
func (k *Kept) take(ctx context.Context) (l *call, used bool, err error) {
	for {
		k.mu.Lock()
		n := len(k.idle)
		if n > 0 {
			l, k.idle = k.idle[n-1], k.idle[:n-1]
		}
		k.mu.Unlock()
		if n == 0 {
			l, err = k.call(ctx)
			return l, false, err
		}
		l.waiting.Stop()
		stop := context.AfterFunc(ctx, l.hangUp)
		l.release = stop
		if l.conn.UpdateDeadline(k.timeout()) == nil && l.conn.Noop() == nil {
			return l, true, nil
		}
		l.hangUp()
	}
}

// put has a connection wait for the next mail, or takes leave of the server.
func (k *Kept) put(l *call, err error) {
	l.mails++
	if err != nil || l.mails >= mailsACall || !l.release() {
		// Whether the server takes its leave politely does not matter: what it
		// accepted it has accepted, and sending that again would be a second copy.
		_ = l.client.CloseWithSMTPClient(l.conn)
		l.hangUp()
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.idle) >= mostIdle {
		l.hangUp()
		return
	}
	k.idle = append(k.idle, l)
	l.waiting = time.AfterFunc(idleTime, func() { k.drop(l) })
}

// drop ends a connection that nobody has taken.
func (k *Kept) drop(l *call) {
	k.mu.Lock()
	i := slices.Index(k.idle, l)
	if i >= 0 {
		k.idle = slices.Delete(k.idle, i, i+1)
	}
	k.mu.Unlock()
	if i >= 0 {
		_ = l.client.CloseWithSMTPClient(l.conn)
		l.hangUp()
	}
}
