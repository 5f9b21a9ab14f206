package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Unchanged keeps answers to what the public reads, each as long as the log of
// its organisation has not grown: nothing of the register changes without an
// entry in it. So a page that many read is made once, whichever replica the
// change went through, and a reader who has it already is told so. Because some
// sentences hang on the time of day, an answer is kept to the end of the hour
// at most.
type Unchanged struct {
	logSize func(ctx context.Context, org string) (int64, error)
	now     func() time.Time

	mu   sync.Mutex
	kept *simplelru.LRU[question, *answer]
	held int             // bytes
	seen map[string]seen // by organisation
}

// seen is the size of a log, and since when this process has known it.
type seen struct {
	size  int64
	since time.Time
}

// What is kept at most: bytes of one answer, and of all.
const (
	longestKept     = 512 << 10
	longestQuestion = 2 << 10
	mostKept        = 32 << 20
)

// settled is how long a log must have stood still before an answer is kept: an
// answer may come from a standby that is behind, or before the instant of an
// entry that another replica wrote by a clock that is ahead.
const settled = 15 * time.Second

// NewUnchanged makes one, which asks for the size of an organisation's log.
func NewUnchanged(logSize func(ctx context.Context, org string) (int64, error), now func() time.Time) *Unchanged {
	u := &Unchanged{logSize: logSize, now: now, seen: map[string]seen{}}
	kept, err := simplelru.NewLRU(1<<20, func(q question, a *answer) { u.held -= q.size() + a.size() })
	if err != nil {
		panic(err) // only of a size that is not positive
	}
	u.kept = kept
	return u
}

// question is all that an answer to nobody in particular hangs on, but the time.
type question struct{ org, address, language, accepts, encoding string }

func (q question) size() int {
	return len(q.org) + len(q.address) + len(q.language) + len(q.accepts) + len(q.encoding)
}

type answer struct {
	logSize int64
	hour    time.Time
	tag     string
	own     bool // the tag is the handler's, and names a version and not a text
	header  http.Header
	body    []byte
}

func (a *answer) size() int { return len(a.body) + 1024 }

// keepable are the routes whose whole answer comes out of the register. What is
// not here may say something that the log does not know of.
var keepable = regexp.MustCompile(`^/(en|cy)(/(deployments/:ref|notices/:no|claims/:claim|register))?$|` +
	`^/api/v1/(deployments(/:ref(/(gate|scope|timeline|notices|versions))?)?|notices/:no)$`)

// Keep answers from memory, or has the request answered and keeps that.
func (u *Unchanged) Keep(c *gin.Context) {
	ctx := c.Request.Context()
	actor := Actor(ctx)
	if c.Request.Method != http.MethodGet || !actor.Anonymous() || actor.OrgID == "" || c.GetHeader("Cookie") != "" || c.GetHeader("Range") != "" || !keepable.MatchString(c.FullPath()) {
		return
	}
	size, err := u.logSize(ctx, actor.OrgID)
	if err != nil {
		return // whoever answers will say what is wrong
	}
	q := question{actor.OrgID, c.Request.URL.RequestURI(), c.GetHeader("Accept-Language"), c.GetHeader("Accept"), c.GetHeader("Accept-Encoding")}
	if q.size() > longestQuestion {
		return // whoever asks so long is not many
	}
	now := u.now().UTC()
	hour := now.Truncate(time.Hour)
	u.mu.Lock()
	a, found := u.kept.Get(q)
	stands, known := u.seen[actor.OrgID]
	if !known || stands.size != size {
		stands = seen{size, now}
		u.seen[actor.OrgID] = stands
	}
	u.mu.Unlock()
	if !found || a.logSize != size || !a.hour.Equal(hour) {
		if a = u.have(c, size, hour); a == nil {
			return
		}
		if now.Sub(stands.since) >= settled {
			u.keep(q, a)
		}
	}
	a.write(c)
	c.Abort()
}

// have has the request answered; nil is for an answer that is not one to keep,
// and has been given.
func (u *Unchanged) have(c *gin.Context, size int64, hour time.Time) *answer {
	w := &overhearing{ResponseWriter: c.Writer}
	before := c.Writer.Header().Clone()
	c.Writer = w
	func() {
		defer func() { c.Writer = w.ResponseWriter }() // also for whoever answers a panic
		c.Next()
	}()
	header := w.Header()
	if w.Status() != http.StatusOK || header.Get("Set-Cookie") != "" || w.body.Len() > longestKept || w.passes {
		w.release()
		return nil
	}
	a := &answer{logSize: size, hour: hour, tag: header.Get("ETag"), own: header.Get("ETag") != "", header: http.Header{}, body: bytes.Clone(w.body.Bytes())}
	for name, values := range header {
		if strings.Join(before[name], "\n") != strings.Join(values, "\n") {
			a.header[name] = values
		}
	}
	if !a.own {
		sum := sha256.Sum256(a.body)
		a.tag = `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
		a.header.Set("ETag", a.tag)
		// Kept by a browser, but asked about each time: what is public may change.
		a.header.Set("Cache-Control", "no-cache")
	}
	return a
}

func (u *Unchanged) keep(q question, a *answer) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if old, found := u.kept.Peek(q); found {
		u.held -= q.size() + old.size() // what is replaced is not told of as left out
	}
	u.held += q.size() + a.size()
	u.kept.Add(q, a)
	for u.held > mostKept {
		u.kept.RemoveOldest()
	}
}

func (a *answer) write(c *gin.Context) {
	for name, values := range a.header {
		c.Writer.Header()[name] = values
	}
	if !a.own && c.GetHeader("If-None-Match") == a.tag {
		for _, name := range []string{"Content-Type", "Content-Encoding", "Content-Length"} {
			c.Writer.Header().Del(name)
		}
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	c.Status(http.StatusOK)
	_, _ = c.Writer.Write(a.body) // whoever is gone does not hear it
}

// overhearing holds an answer back until it is known whether it is to be kept.
type overhearing struct {
	gin.ResponseWriter
	body   bytes.Buffer
	passes bool
}

// Write holds some bytes back.
func (w *overhearing) Write(b []byte) (int, error) {
	if w.passes {
		return w.ResponseWriter.Write(b)
	}
	n, err := w.body.Write(b)
	if w.body.Len() > longestKept {
		w.release()
	}
	return n, err
}

// WriteString holds a text back.
func (w *overhearing) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// WriteHeaderNow waits like the body does.
func (w *overhearing) WriteHeaderNow() {
	if w.passes {
		w.ResponseWriter.WriteHeaderNow()
	}
}

// Flush gives up holding back: somebody wants what there is.
func (w *overhearing) Flush() {
	w.release()
	w.ResponseWriter.Flush()
}

// release gives what was held back, and everything after it as it comes.
func (w *overhearing) release() {
	if w.passes {
		return
	}
	w.passes = true
	w.ResponseWriter.WriteHeaderNow()
	_, _ = w.ResponseWriter.Write(w.body.Bytes())
}
