package notice

import (
	"bytes"
	"context"
	"errors"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Channel takes a message to its recipient. Send returns nil only when the
// other side has taken responsibility for the message; it may be called again
// with the same message, and from many goroutines. An error says, by way of
// [Permanent], whether trying again can help.
type Channel interface {
	Send(ctx context.Context, m Mail) error
}

// Permanent says whether a recipient's server has refused a message for good,
// which is a bounce. Everything else may pass: a greylist, a full queue, a
// server that is away, and our own sign-in, which an administrator can mend.
func Permanent(err error) bool {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Permanent()
	}
	refusal, ok := errors.AsType[*gomail.SendError](err)
	if !ok || refusal.IsTemp() {
		return false
	}
	switch code := refusal.ErrorCode(); code {
	case 530, 534, 535, 538:
		// These refuse us, not the message: authentication or encryption is asked for.
		return false
	default:
		return code >= 500 && code <= 599
	}
}

// message builds the bytes that every channel writes.
func message(m Mail) (*gomail.Msg, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.From(m.From), msg.To(m.To)); err != nil {
		return nil, err
	}
	if m.ReplyTo != "" {
		if err := msg.ReplyTo(m.ReplyTo); err != nil {
			return nil, err
		}
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.MessageID)
	msg.SetDateWithValue(m.Date.In(time.UTC))
	for name, value := range m.Headers {
		msg.SetGenHeader(gomail.Header(name), value)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	if m.Calendar != nil {
		err := msg.AttachReader(m.CalendarName, bytes.NewReader(m.Calendar),
			gomail.WithFileContentType("text/calendar; charset=utf-8; method=PUBLISH"))
		if err != nil {
			return nil, err
		}
	}
	for _, f := range m.Files {
		if err := msg.AttachReader(f.Name, bytes.NewReader(f.Bytes), gomail.WithFileContentType(gomail.ContentType(f.Type))); err != nil {
			return nil, err
		}
	}
	return msg, nil
}
