package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"beforehand/api"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/internal/web"
	"beforehand/models"
	"beforehand/policy"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// server is the API as cmd/beforehand serves it, over a real database.
type server struct {
	*registertest.House
	t   testing.TB
	api *api.API
	url string
	// handler answers without a socket, for tests that ask tens of thousands of times.
	handler http.Handler
	log     *logs

	mu     sync.Mutex
	tokens map[string]string
}

// logs is where the server writes its log; tests look that no cause is lost.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps.
func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serve founds an organisation on a database and serves it.
func serve(t testing.TB, s *store.Store) *server {
	t.Helper()
	return serveHouse(t, registertest.New(t, s), policy.Default())
}

// serveHouse serves a house that is already founded.
func serveHouse(t testing.TB, h *registertest.House, p *policy.Policy) *server {
	t.Helper()
	k := &server{House: h, t: t, log: &logs{}, tokens: map[string]string{}}
	log := slog.New(slog.NewJSONHandler(k.log, nil))
	sessions := web.NewSessions(h.Store, h.Clock.Now, false, web.SessionLimits{})
	o := web.Options{People: h.Register, Sessions: sessions, Log: log, Problem: api.WriteProblem(log), Now: h.Clock.Now, Unchanged: web.NewUnchanged(h.LogSize, h.Clock.Now), Count: store.Counted}
	e := web.New(o)
	k.api = api.Mount(e, api.Parts{Register: h.Register, Sessions: sessions, Policy: p, Log: log, Version: "test"})
	e.GET("/panic", func(*gin.Context) { panic("the secret cause") })
	k.handler = o.Handler(e)
	srv := httptest.NewServer(k.handler)
	t.Cleanup(srv.Close)
	k.url = srv.URL
	return k
}

// as is the Authorization header of somebody: a token is made once and kept.
func (k *server) as(a models.Actor) string {
	k.t.Helper()
	if a.Anonymous() {
		return ""
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	key := a.OrgID + " " + a.UserID
	if _, known := k.tokens[key]; !known {
		secret, _, err := k.IssueToken(k.t.Context(), a, register.NewToken{Name: "test", Scopes: tokenActs(a), Days: 90})
		if err != nil {
			k.t.Fatal(err)
		}
		k.tokens[key] = "Bearer " + secret
		// Where a token is first used from is noted: let that be behind us.
		k.send(http.MethodGet, "profiles", nil, http.Header{"Authorization": {k.tokens[key]}})
	}
	return k.tokens[key]
}

// tokenActs are all that a token of somebody can be for, what binds included.
func tokenActs(a models.Actor) []string {
	roles := []models.Role{models.RolePerson, models.RolePublic}
	for _, g := range a.Grants {
		roles = append(roles, g.Role)
	}
	var acts []string
	for _, act := range policy.Acts() {
		may := slices.ContainsFunc(roles, func(r models.Role) bool { _, ok := policy.Default().Permitted(r, act); return ok })
		if may && policy.ByToken(act) {
			acts = append(acts, act)
		}
	}
	return acts
}

// answer is what came back.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.Status, a.Body) }

// into decodes a body.
func into[T any](t testing.TB, a answer) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(a.Body, &v); err != nil {
		t.Fatalf("%v in %s", err, a)
	}
	return v
}

// problem decodes a problem document.
func (a answer) problem(t testing.TB) api.Problem {
	t.Helper()
	if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("the content type of %s is %q", a, ct)
	}
	return into[api.Problem](t, a)
}

// headers are header names and values, in turn.
type headers map[string]string

// do sends a request as somebody. The body may be bytes, text that is sent as
// it is, or anything else, which is sent as JSON.
func (k *server) do(who models.Actor, method, path string, body any, more ...headers) answer {
	k.t.Helper()
	h := http.Header{}
	var r io.Reader
	if body != nil {
		r = bytes.NewReader(k.bodyOf(body, h))
	}
	if auth := k.as(who); auth != "" {
		h.Set("Authorization", auth)
	}
	for _, m := range more {
		for name, v := range m {
			h.Set(name, v)
		}
	}
	return k.send(method, path, r, h)
}

func (k *server) send(method, path string, body io.Reader, h http.Header) answer {
	k.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = "/api/v1/" + path
	}
	req, err := http.NewRequestWithContext(k.t.Context(), method, k.url+path, body)
	if err != nil {
		k.t.Fatal(err)
	}
	req.Header = h
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		k.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		k.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, b}
}

// ask sends a request straight to the handler, without a socket.
func (k *server) ask(method, path string, body []byte, h http.Header) answer {
	k.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = "/api/v1/" + path
	}
	got, _ := k.counted(method, path, body, h)
	return got
}

// counted asks, and says how many statements the answer took.
func (k *server) counted(method, path string, body []byte, h http.Header) (answer, int64) {
	ctx, statements := store.Counted(k.t.Context())
	req := httptest.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	req.Header = h
	rec := httptest.NewRecorder()
	k.handler.ServeHTTP(rec, req)
	return answer{rec.Code, rec.Header(), rec.Body.Bytes()}, statements()
}

// bodyOf is what is sent: bytes and text as they are, anything else as JSON.
func (k *server) bodyOf(body any, h http.Header) []byte {
	k.t.Helper()
	if body == nil {
		return nil
	}
	h.Set("Content-Type", "application/json")
	switch b := body.(type) {
	case []byte:
		return b
	case string:
		return []byte(b)
	}
	return need(json.Marshal(body))(k.t)
}

func ifMatch(version int) headers { return headers{"If-Match": fmt.Sprintf(`"%d"`, version)} }

// state is what a refused request must leave as it was.
type state struct {
	counts map[string]int
	ledger map[string]int64
}

func (k *server) state(orgs ...models.Organisation) state {
	k.t.Helper()
	counts, err := k.Store.Counts(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	s := state{counts, map[string]int64{}}
	for _, o := range append(orgs, k.Org) {
		if s.ledger[o.Slug], err = k.Store.LedgerSize(k.t.Context(), o.ID); err != nil {
			k.t.Fatal(err)
		}
	}
	return s
}

// unchanged fails when anything was written between two states.
func unchanged(t testing.TB, before, after state) {
	t.Helper()
	if diff := cmp.Diff(before.counts, after.counts); diff != "" {
		t.Errorf("rows were written (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(before.ledger, after.ledger); diff != "" {
		t.Errorf("the ledger grew (-before +after):\n%s", diff)
	}
}

// scenario is one request and what must come of it.
type scenario struct {
	name         string
	who          models.Actor
	method, path string
	headers      headers
	body         any
	status       int
	code         string // of the problem
	fields       []string
	has, not     []string
	entries      int64 // new ledger entries
}

// run plays a scenario: one that adds no entry must change nothing at all.
func (k *server) run(t *testing.T, sc scenario) answer {
	t.Helper()
	before := k.state()
	got := k.do(sc.who, sc.method, sc.path, sc.body, sc.headers)
	after := k.state()
	if got.Status != sc.status {
		t.Errorf("%s %.200s: %.2000s, want %d", sc.method, sc.path, got, sc.status)
	}
	for _, s := range sc.has {
		if !strings.Contains(string(got.Body), s) {
			t.Errorf("%q is not in %.2000s", s, got)
		}
	}
	for _, s := range sc.not {
		if strings.Contains(string(got.Body), s) {
			t.Errorf("%q is in %.2000s", s, got)
		}
	}
	if got.Status >= 400 {
		k.wellFormed(t, got, sc)
	}
	if sc.status == http.StatusUnauthorized { // who fails to come in is counted, and logged
		for _, table := range []string{"attempts", "security_events"} {
			delete(before.counts, table)
			delete(after.counts, table)
		}
	}
	if sc.entries == 0 {
		unchanged(t, before, after)
	} else if n := after.ledger[k.Org.Slug] - before.ledger[k.Org.Slug]; n != sc.entries {
		t.Errorf("%d ledger entries, want %d", n, sc.entries)
	}
	return got
}

// leaks are pieces of text that would show how the house is built.
var leaks = []string{"SQLSTATE", "gorm", "sqlite", "pgx", "panic", "goroutine", ".go:", "internal/", "ERROR:", "constraint"}

// wellFormed holds that a problem is whole and gives nothing away.
func (k *server) wellFormed(t *testing.T, got answer, sc scenario) {
	t.Helper()
	p := got.problem(t)
	if p.Type == "" || p.Title == "" || p.Status != got.Status || p.Detail == "" || p.Code == "" || p.Instance == "" {
		t.Errorf("the problem lacks a part: %.1000s", got)
	}
	if sc.code != "" && p.Code != sc.code {
		t.Errorf("code %q, want %q in %.1000s", p.Code, sc.code, got)
	}
	var paths []string
	for _, f := range p.Errors {
		paths = append(paths, f.Path)
		if f.Code == "" || f.Message == "" {
			t.Errorf("an entry lacks a part: %+v", f)
		}
	}
	for _, want := range sc.fields {
		if !slices.Contains(paths, want) {
			t.Errorf("%q is not among the fields %q of %.1000s", want, paths, got)
		}
	}
	for _, s := range leaks {
		if strings.Contains(string(got.Body), s) {
			t.Errorf("the problem shows %q: %.1000s", s, got)
		}
	}
}

// object is a JSON object.
type object map[string]any

// with is an object with some members changed; nil removes.
func (o object) with(more object) object {
	out := maps.Clone(o)
	for name, v := range more {
		if v == nil {
			delete(out, name)
			continue
		}
		out[name] = v
	}
	return out
}

// asObject is a value as the JSON object it becomes.
func asObject(t testing.TB, v any) object {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var o object
	if err := json.Unmarshal(b, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// draftBody is what a complete notice adds to the record.
func draftBody(kind string) object {
	return object{"kind": kind, "meetings": []string{"2026-09-15", "2026-09-29"}}
}

func need[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refuseAfter is how long a refused sign-in takes at least; tests do not wait.
var refuseAfter time.Duration

// ruledBy gives a house other rules than the bundled ones, and a folder of files.
func ruledBy(t testing.TB, h *registertest.House, p *policy.Policy, set policy.Set, dir string) {
	t.Helper()
	files, err := registertest.OpenFiles(dir)
	must(t, err)
	h.Register = register.New(registertest.WithKeys(t, register.Parts{
		Store: h.Store, Policy: p, Profiles: set, Files: files, Mail: h.Outbox, Now: h.Clock.Now, Log: slog.New(slog.DiscardHandler),
		Settings: register.Settings{BaseURL: "http://localhost:8080", MailFrom: "notices@tywi.example", RefuseAfter: refuseAfter},
	}))
}

// jsonEncoder writes JSON as a person would.
func jsonEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}
