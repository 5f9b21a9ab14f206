package web_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"beforehand/internal/web"
	"beforehand/models"
)

// table is a sessions table, looked into by tests.
type table struct {
	mu   sync.Mutex
	rows map[string]models.Session
	away error // what every question is answered with, when it is
	full error // what is written, when it cannot be
}

// SessionData finds a row that has not expired.
func (t *table) SessionData(_ context.Context, hash string, now time.Time) ([]byte, bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.away != nil {
		return nil, false, t.away
	}
	row, ok := t.rows[hash]
	if !ok || !row.ExpiresAt.After(now) {
		return nil, false, nil
	}
	return row.Data, true, nil
}

// BeginSession writes a new row.
func (t *table) BeginSession(_ context.Context, row models.Session) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := cmp.Or(t.away, t.full)
	if err == nil {
		t.rows[row.TokenHash] = row
	}
	return err
}

// KeepSession changes a row that is there and holds what it held.
func (t *table) KeepSession(_ context.Context, oldHash string, was []byte, row models.Session) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.full != nil {
		return false, t.full
	}
	old, ok := t.rows[oldHash]
	if ok = ok && bytes.Equal(old.Data, was); ok {
		delete(t.rows, oldHash)
		t.rows[row.TokenHash] = row
	}
	return ok, nil
}

// DropSession takes a row out.
func (t *table) DropSession(_ context.Context, hash string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.rows, hash)
	return nil
}

func (t *table) hashes() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for h := range t.rows {
		out = append(out, h)
	}
	return out
}

// people are Ann, who may have left, one token, and one organisation.
type people struct {
	left bool
	// asked is told each time Ann is looked for, when somebody listens.
	asked chan struct{}
}

// ActorOfSession finds Ann.
func (p *people) ActorOfSession(_ context.Context, in models.SignIn) (models.Actor, error) {
	select {
	case p.asked <- struct{}{}:
	default:
	}
	if p.left || in.UserID != "ann" {
		return models.Actor{}, models.Missing("user")
	}
	return models.Actor{UserID: in.UserID, OrgID: in.OrgID}, nil
}

// ActorOfToken knows "good".
func (p *people) ActorOfToken(_ context.Context, token string, _ models.Origin) (models.Actor, error) {
	if token != "good" {
		return models.Actor{}, models.Fail(models.Unauthenticated, "bad_credentials")
	}
	return models.Actor{UserID: "bot", OrgID: "tywi"}, nil
}

// PublicActor knows "tywi".
func (p *people) PublicActor(_ context.Context, slug string) (models.Actor, error) {
	if slug != "" && slug != "tywi" {
		return models.Actor{}, models.Missing("organisation")
	}
	return models.Actor{OrgID: "tywi"}, nil
}

type site struct {
	t      *testing.T
	url    string
	table  *table
	people *people
	log    *bytes.Buffer
	mu     sync.Mutex
	now    time.Time
	routes []string
	// held is told when a request is held, and tells it to go on.
	held chan struct{}
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// serve serves a few routes, by HTTPS when it is secure.
func serve(t *testing.T, secure bool) *site {
	t.Helper()
	s := &site{t: t, table: &table{rows: map[string]models.Session{}}, people: &people{asked: make(chan struct{}, 1)}, held: make(chan struct{}), log: &bytes.Buffer{}, now: time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	sessions := web.NewSessions(s.table, s.clock, secure, web.SessionLimits{})
	o := web.Options{
		People: s.people, Sessions: sessions, Log: log, Secure: secure, Now: s.clock,
		Observe: func(route, method string, status int, _ time.Duration) {
			s.routes = append(s.routes, fmt.Sprint(method, " ", route, " ", status))
		},
		Problem: func(c *gin.Context, err error) {
			status := map[models.Kind]int{models.NotFound: 404, models.TooLarge: 413, models.Invalid: 422, models.Forbidden: 403, models.Unauthenticated: 401, models.Unavailable: 503}[models.KindOf(err)]
			if status == 0 {
				status = 500
			}
			c.JSON(status, gin.H{"code": models.CodeOf(err), "instance": web.RequestID(c.Request.Context()), "language": web.Language(c.Request.Context())})
		},
	}
	o.Count = func(ctx context.Context) (context.Context, func() int64) { return ctx, func() int64 { return 7 } }
	e := web.New(o)
	for _, path := range []string{"/api/v1/room", "/api/v1/room/:id/file", "/en/inbox", "/cy/duties"} {
		e.GET(path, func(c *gin.Context) { c.Status(http.StatusNotFound) })
		e.PUT(path, func(c *gin.Context) { c.Status(http.StatusNoContent) })
	}
	e.GET("/who", func(c *gin.Context) {
		c.JSON(200, gin.H{"user": web.Actor(c).UserID, "org": web.Actor(c).OrgID, "language": web.Language(c), "flash": sessions.TakeFlash(c)})
	})
	e.POST("/in", func(c *gin.Context) {
		if err := sessions.Begin(c, models.SignIn{UserID: "ann", OrgID: "tywi"}, web.Actor(c).From); err != nil {
			c.Status(500)
		}
	})
	e.POST("/in-loudly", func(c *gin.Context) {
		_ = sessions.Begin(c, models.SignIn{UserID: "ann", OrgID: "tywi"}, web.Actor(c).From) // it is not kept yet
		c.String(200, "come in")
	})
	e.POST("/out", func(c *gin.Context) {
		if err := sessions.End(c); err != nil {
			c.Status(500)
		}
	})
	e.POST("/flash", func(c *gin.Context) { sessions.Flash(c, "Saved.") })
	e.POST("/flash-pressed", func(c *gin.Context) {
		sessions.Flash(c, "Pressed.")
		c.Header("Content-Encoding", "gzip")
		c.Header("Content-Disposition", "attachment")
		c.Data(http.StatusOK, "text/css", []byte("pressed"))
	})
	e.POST("/prove", func(c *gin.Context) {
		if err := sessions.Prove(c, true); err != nil {
			c.Status(500)
		}
	})
	e.POST("/await", func(c *gin.Context) { sessions.Await(c, "step", []byte("half")) })
	e.POST("/awaited", func(c *gin.Context) {
		b, _ := sessions.Awaited(c, "step")
		c.String(200, string(b))
	})
	e.POST("/held/:keeps", func(c *gin.Context) {
		if name := c.Param("keeps"); name != "nothing" {
			sessions.Keep(c, name, "kept")
		}
		s.held <- struct{}{}
		<-s.held
		c.String(200, "held")
	})
	e.GET("/kept/:name", func(c *gin.Context) { c.String(200, sessions.Kept(c, c.Param("name"))) })
	e.GET("/panic", func(*gin.Context) { panic("the secret cause") })
	e.GET("/half", func(c *gin.Context) { c.String(200, "half"); panic("after the answer began") })
	echo := func(c *gin.Context) {
		b, err := io.ReadAll(c.Request.Body)
		c.JSON(200, gin.H{"bytes": len(b), "hash": web.BodyHash(c), "error": err != nil})
	}
	e.POST("/echo", echo)
	e.POST("/attachments", echo)
	srv := httptest.NewServer(o.Handler(e))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

type reply struct {
	*http.Response
	body string
}

func (r reply) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		t.Fatalf("%v in %q", err, r.body)
	}
	return v
}

func (s *site) do(method, path, body string, headers ...string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{res, string(b)}
}

// signIn gives the cookie of a session.
func (s *site) signIn(with ...string) *http.Cookie {
	s.t.Helper()
	res := s.do("POST", "/in", "", with...)
	for _, c := range res.Cookies() {
		return c
	}
	s.t.Fatalf("no cookie: %d %s", res.StatusCode, res.body)
	return nil
}

func TestTheCookie(t *testing.T) {
	for _, secure := range []bool{false, true} {
		c := serve(t, secure).signIn()
		want := map[bool]string{false: "beforehand", true: "__Host-beforehand"}[secure]
		if c.Name != want || !c.HttpOnly || c.Secure != secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("secure %v: %+v", secure, c)
		}
	}
}

func TestOnlyTheHashIsKept(t *testing.T) {
	s := serve(t, false)
	c := s.signIn()
	hashes := s.table.hashes()
	if len(hashes) != 1 || len(hashes[0]) != 64 || strings.Contains(hashes[0], c.Value) || strings.Contains(string(s.table.rows[hashes[0]].Data), c.Value) {
		t.Errorf("the table holds %q for %q", hashes, c.Value)
	}
	// Who reads the table has nothing to sign in with.
	if got := s.do("GET", "/who", "", "Cookie", c.Name+"="+hashes[0]); got.json(t)["user"] != "" {
		t.Errorf("the hash signs in: %s", got.body)
	}
}

func TestASessionFromSignInToSignOut(t *testing.T) {
	s := serve(t, false)
	before := s.do("POST", "/flash", "").Cookies()[0] // a session of nobody's
	c := s.signIn("Cookie", before.Name+"="+before.Value)
	if c.Value == before.Value {
		t.Error("the token stayed the same at sign-in")
	}
	cookie := c.Name + "=" + c.Value
	got := s.do("GET", "/who", "", "Cookie", cookie).json(t)
	if got["user"] != "ann" || got["org"] != "tywi" || got["flash"] != "Saved." {
		t.Errorf("signed in: %v", got)
	}
	if got := s.do("GET", "/who", "", "Cookie", cookie).json(t); got["flash"] != "" {
		t.Errorf("the flash came twice: %v", got)
	}
	if got := s.do("GET", "/who", "", "Cookie", before.Name+"="+before.Value).json(t); got["user"] != "" {
		t.Errorf("the token from before sign-in is worth something: %v", got)
	}
	s.do("POST", "/out", "", "Cookie", cookie)
	if got := s.do("GET", "/who", "", "Cookie", cookie).json(t); got["user"] != "" {
		t.Errorf("signed out: %v", got)
	}
	if n := len(s.table.hashes()); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// TestRequestsOfOneSessionAtOnce: a page has its stream, its forms are kept and
// its links followed at once. The request that ends last undoes nothing.
func TestRequestsOfOneSessionAtOnce(t *testing.T) {
	s := serve(t, false)
	c := s.signIn()
	cookie := c.Name + "=" + c.Value
	s.do("POST", "/flash", "", "Cookie", cookie)
	meanwhile := func(keeps string, what func()) *http.Response {
		t.Helper()
		answer := make(chan *http.Response)
		go func() { answer <- s.do("POST", "/held/"+keeps, "", "Cookie", cookie).Response }()
		<-s.held
		what()
		s.held <- struct{}{}
		return <-answer
	}
	for _, keeps := range []string{"nothing", "a"} {
		meanwhile(keeps, func() { s.do("POST", "/await", "", "Cookie", cookie) })
		if got := s.do("POST", "/awaited", "", "Cookie", cookie); got.body != "half" {
			t.Errorf("what was begun while a request kept %s: %q", keeps, got.body)
		}
	}
	meanwhile("b", func() {
		if got := s.do("GET", "/who", "", "Cookie", cookie).json(t); got["flash"] != "Saved." {
			t.Errorf("the sentence: %v", got)
		}
		s.do("POST", "/await", "", "Cookie", cookie)
		s.do("POST", "/awaited", "", "Cookie", cookie)
	})
	for name, want := range map[string]string{"a": "kept", "b": "kept", "c": ""} {
		if got := s.do("GET", "/kept/"+name, "", "Cookie", cookie); got.body != want {
			t.Errorf("kept %s: %q", name, got.body)
		}
	}
	if got := s.do("GET", "/who", "", "Cookie", cookie).json(t); got["flash"] != "" {
		t.Errorf("the sentence came back: %v", got)
	}
	if got := s.do("POST", "/awaited", "", "Cookie", cookie); got.body != "" {
		t.Errorf("what was taken came back: %q", got.body)
	}

	// The token that a proof replaces is not given again by who came with it.
	var proved []*http.Cookie
	late := meanwhile("c", func() { proved = s.do("POST", "/prove", "", "Cookie", cookie).Cookies() })
	if len(proved) != 1 || proved[0].Value == c.Value || len(late.Cookies()) != 0 {
		t.Fatalf("the proof gives %v, the request before it %v", proved, late.Cookies())
	}
	if got := s.do("GET", "/who", "", "Cookie", c.Name+"="+proved[0].Value).json(t); got["user"] != "ann" || len(s.table.hashes()) != 1 {
		t.Errorf("after the proof: %v, %d sessions", got, len(s.table.hashes()))
	}
}

// TestARequestHeldBack: whoever begins a request and holds its body back until
// their session was ended does nothing with it.
func TestARequestHeldBack(t *testing.T) {
	s := serve(t, false)
	c := s.signIn()
	body, rest := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/echo", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", c.Name+"="+c.Value)
	req.Header.Set("Content-Type", "text/plain")
	done := make(chan int)
	go func() {
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			done <- 0
			return
		}
		_ = res.Body.Close()
		done <- res.StatusCode
	}()
	if _, err := rest.Write([]byte("the first half")); err != nil {
		t.Fatal(err)
	}
	<-s.people.asked // who asks has been decided
	if err := s.table.DropSession(t.Context(), s.table.hashes()[0]); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.now = s.now.Add(2 * time.Second)
	s.mu.Unlock()
	if err := rest.Close(); err != nil {
		t.Fatal(err)
	}
	if status := <-done; status != http.StatusUnauthorized {
		t.Errorf("carried out: %d", status)
	}
}

func TestASessionEnds(t *testing.T) {
	s := serve(t, false)
	c := s.signIn()
	s.mu.Lock()
	s.now = s.table.rows[s.table.hashes()[0]].ExpiresAt
	s.mu.Unlock()
	if got := s.do("GET", "/who", "", "Cookie", c.Name+"="+c.Value).json(t); got["user"] != "" {
		t.Errorf("at its end: %v", got)
	}
}

func TestASessionGoesWithItsAccount(t *testing.T) {
	s := serve(t, false)
	c := s.signIn()
	s.people.left = true
	if got := s.do("GET", "/who", "", "Cookie", c.Name+"="+c.Value).json(t); got["user"] != "" {
		t.Errorf("somebody who left: %v", got)
	}
	if n := len(s.table.hashes()); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestWhoAsks(t *testing.T) {
	s := serve(t, false)
	c := s.signIn()
	for _, w := range []struct {
		name, path string
		headers    []string
		status     int
		user       string
	}{
		{"nobody", "/who", nil, 200, ""},
		{"a token", "/who", []string{"Authorization", "Bearer good"}, 200, "bot"},
		{"a token before a session", "/who", []string{"Authorization", "bearer good", "Cookie", c.Name + "=" + c.Value}, 200, "bot"},
		{"a wrong token beside a session", "/who", []string{"Authorization", "Bearer bad", "Cookie", c.Name + "=" + c.Value}, 401, ""},
		{"another scheme", "/who", []string{"Authorization", "Basic good"}, 401, ""},
		{"a cookie that is nobody's", "/who", []string{"Cookie", c.Name + "=x\xff"}, 200, ""},
		{"an organisation that is not", "/who?organisation=atlantis", nil, 404, ""},
	} {
		got := s.do("GET", w.path, "", w.headers...)
		if user, _ := got.json(t)["user"].(string); got.StatusCode != w.status || user != w.user {
			t.Errorf("%s: %d %s", w.name, got.StatusCode, got.body)
		}
	}
}

func TestHeaders(t *testing.T) {
	for _, secure := range []bool{false, true} {
		s := serve(t, secure)
		for path, status := range map[string]int{"/who": 200, "/nowhere": 404, "/panic": 500, "/in": 404} {
			got := s.do("GET", path, "")
			if got.StatusCode != status {
				t.Errorf("%s: %d", path, got.StatusCode)
			}
			h := got.Header
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
				"Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store",
			} {
				if h.Get(name) != want {
					t.Errorf("%s: %s is %q", path, name, h.Get(name))
				}
			}
			csp := h.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
				if !strings.Contains(csp, want) {
					t.Errorf("%s: %q is not in %q", path, want, csp)
				}
			}
			if strings.Contains(csp, "unsafe") || (h.Get("Strict-Transport-Security") != "") != secure {
				t.Errorf("%s: %v", path, h)
			}
		}
	}
}

func TestEveryRequestHasAnIDOfOurs(t *testing.T) {
	s := serve(t, false)
	a, b := s.do("GET", "/nowhere", "", "X-Request-Id", "mine"), s.do("GET", "/nowhere", "")
	x, y := a.Header.Get("X-Request-Id"), b.Header.Get("X-Request-Id")
	if len(x) != 36 || x == y || a.json(t)["instance"] != x {
		t.Errorf("%q and %q, told as %v", x, y, a.json(t)["instance"])
	}
	if !strings.Contains(s.log.String(), x) {
		t.Error("the log does not know the request")
	}
}

// TestARoomLeavesNoTraceInTheLog: what is counted, timed and written of a
// union's room cannot be told from somebody's reading their inbox.
func TestARoomLeavesNoTraceInTheLog(t *testing.T) {
	s := serve(t, false)
	s.do("GET", "/who", "")
	if !strings.Contains(s.log.String(), "statements=7") {
		t.Errorf("the log does not say how many statements a request took: %s", s.log)
	}
	s.log.Reset()
	s.routes = nil
	for _, path := range []string{"/api/v1/room", "/api/v1/room/x/file", "/en/inbox", "/cy/duties"} {
		for _, method := range []string{"GET", "PUT"} {
			s.do(method, path, "")
		}
	}
	for _, r := range s.routes {
		if r != "GET private 200" {
			t.Errorf("observed: %q", r)
		}
	}
	log := s.log.String()
	if strings.Count(log, "route=private") != 8 || strings.Count(log, "statements=0") != 8 || strings.Contains(log, "room") || strings.Contains(log, "PUT") || strings.Contains(log, "status=404") {
		t.Errorf("the log says %s", log)
	}
}

func TestAPanicIsAnAnswerAndALine(t *testing.T) {
	s := serve(t, false)
	got := s.do("GET", "/panic?name=private", "")
	if got.StatusCode != http.StatusInternalServerError || strings.Contains(got.body, "secret") || strings.Contains(got.body, "goroutine") {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	if log := s.log.String(); !strings.Contains(log, "the secret cause") || !strings.Contains(log, got.Header.Get("X-Request-Id")) || strings.Contains(log, "private") {
		t.Errorf("the log says %s", log)
	}
	if got := s.do("GET", "/half", ""); got.body != "half" {
		t.Errorf("an answer was added to: %s", got.body)
	}
	if len(s.routes) != 2 || s.routes[0] != "GET /panic 500" {
		t.Errorf("observed: %q", s.routes)
	}
}

// TestASessionThatCannotBeReadOrKept is an answer as any other error is, and the
// whole of it: nothing of what the handler said comes after it.
func TestASessionThatCannotBeReadOrKept(t *testing.T) {
	s := serve(t, false)
	s.table.away = models.Fail(models.Unavailable, "database_away").Because(errors.New("refused"))
	for want, got := range map[string]reply{"database_away": s.do("GET", "/who", "", "Cookie", "beforehand=one"), "session_unkept": s.do("POST", "/in-loudly", "")} {
		if code, _ := got.json(t)["code"].(string); got.StatusCode != http.StatusServiceUnavailable || code != want || got.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%d %s", got.StatusCode, got.body)
		}
		if log := s.log.String(); !strings.Contains(log, "refused") || !strings.Contains(log, got.Header.Get("X-Request-Id")) {
			t.Errorf("the log says %s", log)
		}
	}
}

// Where nothing can be written, whoever has signed in reads on. What they do is
// answered as what it may be, done, and not as a file of the handler's.
func TestASessionThatCannotBeWritten(t *testing.T) {
	s := serve(t, false)
	c := s.signIn()
	cookie := c.Name + "=" + c.Value
	s.do("POST", "/flash", "", "Cookie", cookie)
	s.table.full = models.Fail(models.Unavailable, "database_full").Because(errors.New("no space"))
	for range 2 {
		if got := s.do("GET", "/who", "", "Cookie", cookie); got.StatusCode != http.StatusOK || got.json(t)["user"] != "ann" || got.json(t)["flash"] != "Saved." {
			t.Errorf("reading: %d %s", got.StatusCode, got.body)
		}
	}
	got := s.do("POST", "/flash-pressed", "", "Cookie", cookie, "Accept-Encoding", "gzip")
	if code := got.json(t)["code"]; got.StatusCode != http.StatusServiceUnavailable || code != "session_unkept" || got.json(t)["instance"] != got.Header.Get("X-Request-Id") {
		t.Errorf("writing: %d %s", got.StatusCode, got.body)
	}
	for name, want := range map[string]string{"Content-Encoding": "", "Content-Disposition": "", "Content-Type": "application/json; charset=utf-8"} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s: %s", name, v)
		}
	}
	if got := s.do("POST", "/in", ""); got.json(t)["code"] != "session_unkept" {
		t.Errorf("signing in: %d %s", got.StatusCode, got.body)
	}
	s.table.full = nil
	if got := s.do("GET", "/who", "", "Cookie", cookie).json(t); got["user"] != "ann" || got["flash"] != "Saved." {
		t.Errorf("afterwards: %v", got)
	}
}

func TestBodies(t *testing.T) {
	s := serve(t, false)
	big := strings.Repeat("x", web.MaxBody+1)
	for _, b := range []struct {
		name, path, body, kind string
		status                 int
		code                   string
	}{
		{"none", "/echo", "", "application/json", 200, ""},
		{"as much as may be", "/echo", big[1:], "text/plain", 200, ""},
		{"too much", "/echo", big, "text/plain", 413, "body_too_large"},
		{"a file of nobody’s", "/attachments", big, "application/octet-stream", 413, "body_too_large"},
		{"JSON that is not UTF-8", "/echo", "\"\xff\"", "application/merge-patch+json", 422, "not_utf8"},
		{"a file that is not UTF-8", "/attachments", "\xff", "application/octet-stream", 200, ""},
	} {
		got := s.do("POST", b.path, b.body, "Content-Type", b.kind)
		v := got.json(t)
		if code, _ := v["code"].(string); got.StatusCode != b.status || code != b.code {
			t.Errorf("%s: %d %s", b.name, got.StatusCode, got.body)
		}
		if got.StatusCode == http.StatusOK && int(v["bytes"].(float64)) != len(b.body) {
			t.Errorf("%s: %v of %d bytes arrived", b.name, v["bytes"], len(b.body))
		}
	}
}

func TestTheHashIsOfAllThatIsAsked(t *testing.T) {
	s := serve(t, false)
	of := func(path, body, kind string) any {
		return s.do("POST", path, body, "Content-Type", kind).json(t)["hash"]
	}
	first := of("/echo?a=1", "{}", "application/json")
	if first != of("/echo?a=1", "{}", "application/json") {
		t.Error("the same request has two hashes")
	}
	for _, other := range []any{of("/echo?a=2", "{}", "application/json"), of("/echo?a=1", "{ }", "application/json"), of("/echo?a=1", "{}", "text/plain")} {
		if other == first {
			t.Error("another request has the same hash")
		}
	}
}

func TestLanguages(t *testing.T) {
	s := serve(t, false)
	for header, want := range map[string]string{
		"": "en", "cy": "cy", "CY-gb": "cy", "en, cy": "en", "cy;q=0.9, en;q=0.8": "cy", "fr, cy": "cy", "fr": "en", ";;,": "en",
	} {
		if got := s.do("GET", "/who", "", "Accept-Language", header).json(t)["language"]; got != want {
			t.Errorf("%q: %v, want %s", header, got, want)
		}
	}
}

func TestOtherSitesMayNotPost(t *testing.T) {
	s := serve(t, false)
	c := s.signIn()
	cookie := c.Name + "=" + c.Value
	for _, h := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		got := s.do("POST", "/out", "", append(h, "Cookie", cookie, "Accept-Language", "cy")...)
		v := got.json(t)
		if got.StatusCode != http.StatusForbidden || v["code"] != "cross_origin" || v["instance"] == "" || v["language"] != "cy" || got.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%v: %d %s %v", h, got.StatusCode, got.body, got.Header)
		}
	}
	if got := s.do("GET", "/who", "", "Cookie", cookie, "Sec-Fetch-Site", "cross-site"); got.json(t)["user"] != "ann" {
		t.Errorf("a link from elsewhere: %s", got.body)
	}
	if got := s.do("POST", "/out", "", "Cookie", cookie, "Sec-Fetch-Site", "same-origin"); got.StatusCode != http.StatusOK {
		t.Errorf("from here: %d", got.StatusCode)
	}
}

func TestAddresses(t *testing.T) {
	s := serve(t, false)
	for path, want := range map[string]string{
		"/%00": "404 not_found", "/who%ff": "404 not_found", "/who?x=%00": "422 invalid", "/who?%00=x": "422 invalid", "/who?x=%ff": "422 invalid",
		"/who?organisation=%00": "422 invalid", "/who/": "404 not_found", "//who": "404 not_found", "/who?x=line%0afeed": "200 ",
	} {
		got := s.do("GET", path, "")
		code, _ := got.json(t)["code"].(string)
		if g := fmt.Sprint(got.StatusCode, " ", code); g != want {
			t.Errorf("%s: %s, want %s", path, g, want)
		}
	}
	if got := s.do("DELETE", "/who", ""); got.json(t)["code"] != "method_not_allowed" {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}
