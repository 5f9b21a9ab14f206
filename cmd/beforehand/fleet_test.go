package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// fleet is some replicas on one PostgreSQL behind a proxy, and an organisation.
type fleet struct {
	*registertest.House
	dsn      string
	replicas []*process
	proxy    *proxy
	box      *mailbox
	token    string   // of the digital officer
	union    string   // token of the union's officer
	shared   []string // refs of deployments that the unions know of
}

// newFleet founds an organisation and starts replicas. The house stays open
// beside them: it is what an operator's command would be.
func newFleet(t *testing.T, n int, more ...string) *fleet {
	t.Helper()
	f := &fleet{dsn: storetest.DSN(t, "postgres"), box: newMailbox(t)}
	s, err := store.Open(t.Context(), f.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	f.House = registertest.New(t, s)
	f.Clock.Set(time.Now())
	f.token = issue(t, f.House, f.CDO, "deployment.*", "notice.*", "gate.*", "comment.*", "organisation.read")
	f.union = issue(t, f.House, f.Officer, "deployment.read", "comment.*")
	for range 12 {
		ref := f.Formative(t).Ref
		f.serve(t, ref)
		f.shared = append(f.shared, ref)
	}
	args := append([]string{
		"--data", t.TempDir(), "--database", f.dsn, "--secret-key", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)),
		"--smtp-host", "127.0.0.1", "--smtp-port", fmt.Sprint(f.box.port), "--smtp-tls", "none", "--first-retry", "500ms", "--mail-from", "notices@tywi.example",
		"--rate-limit", "0", "--drain", "700ms",
	}, more...)
	var addrs []string
	for range n {
		p := start(t, args...)
		f.replicas = append(f.replicas, p)
		addrs = append(addrs, p.addr)
	}
	for _, p := range f.replicas {
		p.ready(t)
	}
	f.proxy = newProxy(t, addrs...)
	for _, u := range f.proxy.replicas {
		until(t, "the proxy finds the replicas", 30*time.Second, u.ready.Load)
	}
	return f
}

// serve serves a notice about a deployment.
func (f *fleet) serve(t *testing.T, ref string) models.Notice {
	t.Helper()
	in := registertest.Draft(models.NoticeChange)
	today := models.DateOf(time.Now(), time.UTC)
	in.Meetings = []models.Date{today + 7, today + 14}
	draft, err := f.DraftNotice(t.Context(), f.CDO, ref, in)
	if err != nil {
		t.Fatal(err)
	}
	n, err := f.ServeNotice(t.Context(), f.CDO, draft.ID, draft.Version)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// ask reads from the database beside the product, row by row.
func (f *fleet) ask(t *testing.T, row func(*sql.Rows) error, query string, args ...any) {
	t.Helper()
	db, err := sql.Open("pgx", f.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// issue makes a token for somebody.
func issue(t *testing.T, h *registertest.House, a models.Actor, scopes ...string) string {
	t.Helper()
	token, _, err := h.IssueToken(t.Context(), a, register.NewToken{Name: "fleet", Scopes: scopes, Days: 9})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// call is one request to the API.
type call struct {
	method, url string
	body        any
	token, key  string
	cookie      *http.Cookie
	version     string // If-Match
}

// reply is its answer.
type reply struct {
	status  int
	body    []byte
	header  http.Header
	cookies []*http.Cookie
}

// patient is a client that waits as long as a person would.
var patient = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// send makes a call; an error is that no answer came.
func (c call) send(ctx context.Context) (reply, error) {
	var body io.Reader
	if c.body != nil {
		b, err := json.Marshal(c.body)
		if err != nil {
			return reply{}, err
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, c.method, c.url, body)
	if err != nil {
		return reply{}, err
	}
	for name, v := range map[string]string{"Idempotency-Key": c.key, "If-Match": c.version} {
		if v != "" {
			r.Header.Set(name, v)
		}
	}
	if c.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.cookie != nil {
		r.AddCookie(c.cookie)
	}
	res, err := patient.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = res.Body.Close() }() // it was read to its end
	b, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, b, res.Header, res.Cookies()}, err
}

// must makes a call that has to end with a status.
func (c call) must(t *testing.T, status int) reply {
	t.Helper()
	r, err := c.send(t.Context())
	if err != nil {
		t.Fatalf("%s %s: %v", c.method, c.url, err)
	}
	if r.status != status {
		t.Fatalf("%s %s: %d, want %d\n%s", c.method, c.url, r.status, status, r.body)
	}
	return r
}

// into reads an answer.
func into[T any](t testing.TB, b []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return v
}

// until waits for something to become true.
func until(t testing.TB, what string, longest time.Duration, is func() bool) {
	t.Helper()
	tick, deadline := time.NewTicker(20*time.Millisecond), time.After(longest)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not in %s: %s", longest, what)
		}
	}
}
