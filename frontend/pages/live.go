package pages

import (
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"beforehand/internal/web"
	"beforehand/models"
)

// heartbeat is how often a connection for live updates says that it is there,
// so that nothing on the way takes it for dead; also how soon it is noticed that
// the session behind it has ended. writeWithin is how long one word may take.
const (
	heartbeat   = 20 * time.Second
	writeWithin = 10 * time.Second
)

// Live sends an event when there is something in the log that the reader may
// know of, and says no more than that there is: what it is, the page says, by
// its own rules. It holds no connection to the database while it waits.
func (p *Pages) Live(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	in, signedIn := p.Sessions.SignIn(ctx)
	if a.Anonymous() || !signedIn || a.TokenID != "" {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	sizes, err := p.Register.LogSizes(ctx)
	if err != nil {
		return err
	}
	seen := sizes[a.OrgID]
	w, ok := p.Updates.Watch(a.OrgID, a.UserID, seen)
	if !ok {
		return models.Fail(models.Limited, "limited")
	}
	defer p.Updates.Leave(w)
	s := stream{c.Writer, http.NewResponseController(c.Writer)}
	c.Header("Content-Type", "text/event-stream")
	c.Header("X-Accel-Buffering", "no")
	if err := s.begin(); err != nil {
		return err
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		word := ": still there\n\n"
		select {
		case <-ctx.Done():
			return nil
		case <-p.Updates.Closed():
			return nil
		case <-beat.C:
		case size := <-w.Grown:
			// Who they are by now decides what they may know of.
			now, err := p.Register.ActorOfSession(ctx, in)
			if err != nil {
				return nil // the account is gone, and the answer has begun
			}
			news, err := p.Register.NewsSince(ctx, now, seen)
			if seen = size; err != nil || !news {
				continue
			}
			word = "event: changed\ndata: \n\n"
		}
		if lives, err := p.Sessions.Lives(ctx); err != nil || !lives {
			return nil // the session has ended, and the answer has begun
		}
		if err := s.say(word); err != nil {
			return nil // nobody is there any more
		}
	}
}

// stream is an answer that goes on, past the time that others may take.
type stream struct {
	w       io.Writer
	control *http.ResponseController
}

func (s stream) begin() error {
	if err := s.control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return s.say(": here\n\n")
}

// say writes a word at once, or not at all.
func (s stream) say(word string) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil { //nolint:forbidigo // a deadline of the network, not of the register
		return err
	}
	if _, err := io.WriteString(s.w, word); err != nil {
		return err
	}
	return s.control.Flush()
}
