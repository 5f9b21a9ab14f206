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
//
// One that does not answer within answerTime is given up, with nearly all of the
// attempt left for a new one.
const (
	answerTime = 2 * time.Second
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

// notBegun says whether a mail failed before the server heard any of its text.
// What a server refuses because it has had enough of the connection it may say at
// any of these; what it refuses for the mail's own sake it will refuse again.
func notBegun(err error) bool {
	failed, ok := errors.AsType[*gomail.SendError](err)
	return ok && slices.Contains([]gomail.SendErrReason{gomail.ErrConnCheck, gomail.ErrSMTPMailFrom, gomail.ErrSMTPRcptTo, gomail.ErrSMTPData}, failed.Reason)
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
		if l.conn.UpdateDeadline(answerTime) == nil && l.conn.Noop() == nil {
			return l, true, nil
		}
		l.hangUp()
	}
}

// put has a connection wait for the next mail, or takes leave of the server.
func (k *Kept) put(l *call, err error) {
	l.mails++
	if err != nil || l.mails >= mailsACall || !l.release() {
		l.leave()
		return
	}
	k.mu.Lock()
	full := len(k.idle) >= mostIdle
	if !full {
		k.idle = append(k.idle, l)
		l.waiting = time.AfterFunc(idleTime, func() { k.drop(l) })
	}
	k.mu.Unlock()
	if full {
		l.leave()
	}
}

// leave ends a connection. Whether the server takes its leave politely does not
// matter: what it accepted it has accepted, and sending that again would be a
// second copy.
func (l *call) leave() {
	if l.conn.UpdateDeadline(answerTime) == nil {
		_ = l.client.CloseWithSMTPClient(l.conn)
	}
	l.hangUp()
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
		l.leave()
	}
}
