package register_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	gomail "github.com/wneessen/go-mail"
	smtpclient "github.com/wneessen/go-mail/smtp"

	"beforehand/internal/notice"
	"beforehand/internal/store/storetest"
)

// limitConns are connections that stay open, as in the figure that the goal is
// taken from.
const limitConns = 8

// limit sends as many mails as a wave has, by go-mail alone.
func (m *mailing) limit(b *testing.B) {
	b.Helper()
	sample := *m.last.Load()
	conns := need(newPooled(b.Context(), m.sink.port))(b)
	defer conns.close()
	var all tally
	b.ResetTimer()
	for range b.N {
		m.sink.forget()
		before := need(storetest.Spent())(b)
		must(b, conns.sendAll(sample, m.mails))
		must(b, m.sink.wait(b.Context(), m.mails))
		n, _ := m.sink.got()
		all.add(n, need(storetest.Spent())(b)-before, 0)
	}
	b.StopTimer()
	all.report(b)
	b.ReportMetric(float64(need(need(bare(sample, 0))(b).WriteTo(io.Discard))(b)), "B/msg")
}

// pooled is a go-mail client with connections that stay open.
type pooled struct {
	client *gomail.Client
	conns  []*smtpclient.Client
}

func newPooled(ctx context.Context, port int) (*pooled, error) {
	client, err := gomail.NewClient("127.0.0.1", gomail.WithPort(port), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithHELO("tywi.example"))
	if err != nil {
		return nil, err
	}
	p := &pooled{client: client}
	for range limitConns {
		conn, err := client.DialToSMTPClientWithContext(ctx)
		if err != nil {
			p.close()
			return nil, err
		}
		p.conns = append(p.conns, conn)
	}
	return p, nil
}

// sendAll shares copies of a mail out among the connections.
func (p *pooled) sendAll(m notice.Mail, copies int) error {
	var next atomic.Int64
	return waiting(len(p.conns), func(i int) error {
		for n := next.Add(1); n <= int64(copies); n = next.Add(1) {
			msg, err := bare(m, n)
			if err != nil {
				return err
			}
			if err := p.client.SendWithSMTPClient(p.conns[i], msg); err != nil {
				return err
			}
		}
		return nil
	})
}

// close takes leave of the server; what it says to that does not matter.
func (p *pooled) close() {
	for _, conn := range p.conns {
		_ = p.client.CloseWithSMTPClient(conn)
	}
}

// waiting returns the first error of several goroutines.
func waiting(n int, do func(i int) error) error {
	errs := make(chan error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if err := do(i); err != nil {
				errs <- err
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}

// bare makes go-mail's message of a mail, as our channel does.
func bare(m notice.Mail, id int64) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(m.From); err != nil {
		return nil, err
	}
	if err := msg.To(m.To); err != nil {
		return nil, err
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(fmt.Sprintf("%d@tywi.example", id))
	msg.SetDateWithValue(m.Date)
	for name, value := range m.Headers {
		msg.SetGenHeader(gomail.Header(name), value)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}
