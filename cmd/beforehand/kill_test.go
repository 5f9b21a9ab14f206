package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	netmail "net/mail"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// TestKilledWhileServing kills the server (−9) at random moments while 1,000
// notices go out, and starts it again: every recipient has its mail, under one
// Message-ID, and no notice is without its ledger entry.
func TestKilledWhileServing(t *testing.T) {
	if testing.Short() {
		t.Skip("kills servers for a minute or two; run without -short")
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			killWhileServing(t, engine)
		})
	}
}

const killNotices = 1000

func killWhileServing(t *testing.T, engine string) {
	dsn := storetest.DSN(t, engine)
	w := prepareWave(t, dsn)
	box := newMailbox(t)
	p := start(t, "--data", t.TempDir(), "--database", dsn, "--smtp-host", "127.0.0.1", "--smtp-port", fmt.Sprint(box.port), "--smtp-tls", "none", "--first-retry", "500ms", "--mail-from", "notices@tywi.example")
	p.ready(t)
	done := make(chan struct{})
	var kills atomic.Int32
	var killer sync.WaitGroup
	killer.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Duration(400+rand.IntN(1200)) * time.Millisecond):
				p.kill(t)
				kills.Add(1)
				p.begin(t)
				p.ready(t)
			}
		}
	})
	w.serveAll(t, p)
	close(done)
	killer.Wait()
	t.Logf("%s: the server was killed %d times", engine, kills.Load())
	if kills.Load() == 0 {
		t.Error("the wave was over before anything was killed")
	}
	if t.Failed() {
		return // nothing to wait for
	}
	w.settle(t, dsn, box)
	p.end(t)
	w.check(t, dsn, box)
}

// wave is a thousand drafts to be served.
type wave struct {
	org, token string
	drafts     []models.Draft
}

func prepareWave(t *testing.T, dsn string) wave {
	t.Helper()
	ctx := t.Context()
	s, err := store.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	h := registertest.New(t, s)
	h.Clock.Set(time.Now())
	w := wave{org: h.Org.ID}
	for range killNotices / 10 {
		d := h.Formative(t)
		for range 10 {
			in := registertest.Draft(models.NoticeChange)
			in.Meetings = []models.Date{models.DateOf(time.Now(), time.UTC) + 7, models.DateOf(time.Now(), time.UTC) + 14}
			draft, err := h.DraftNotice(ctx, h.CDO, d.Ref, in)
			if err != nil {
				t.Fatal(err)
			}
			w.drafts = append(w.drafts, draft)
		}
	}
	if w.token, _, err = h.IssueToken(ctx, h.CDO, register.NewToken{Name: "wave", Scopes: []string{"deployment.*", "notice.*"}, Days: 9}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return w
}

// serveAll serves every draft, trying again whenever the server is gone.
func (w wave) serveAll(t *testing.T, p *process) {
	t.Helper()
	work := make(chan models.Draft)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for d := range work {
				w.serve(t, p, d)
			}
		})
	}
	for _, d := range w.drafts {
		work <- d
	}
	close(work)
	wg.Wait()
}

func (w wave) serve(t *testing.T, p *process, d models.Draft) {
	for try := range 2000 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url("/api/v1/drafts/%s/serve", d.ID), nil)
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+w.token)
		req.Header.Set("If-Match", `"1"`)
		req.Header.Set("Idempotency-Key", d.ID)
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			b, _ := io.ReadAll(res.Body) // cut short by a kill: tried again
			_ = res.Body.Close()
			// 409: it was served, and the answer was lost with the server.
			if res.StatusCode == http.StatusCreated || res.StatusCode == http.StatusConflict && (strings.Contains(string(b), "idempotency_done") || strings.Contains(string(b), "notice_served_already")) {
				return
			}
			if res.StatusCode != http.StatusConflict && res.StatusCode < 500 {
				t.Errorf("draft %s, try %d: %d %s", d.ID, try, res.StatusCode, b)
				return
			}
		}
		select {
		case <-time.After(30 * time.Millisecond):
		case <-t.Context().Done():
			return
		}
	}
	t.Errorf("draft %s was never served", d.ID)
}

// settle waits until every message is recorded as accepted.
func (w wave) settle(t *testing.T, dsn string, box *mailbox) {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	tick, deadline := time.NewTicker(500*time.Millisecond), time.After(4*time.Minute)
	defer tick.Stop()
	for {
		counts, err := s.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if counts["dispatches"] == 2*killNotices && counts["deliveries"] >= 2*killNotices {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			jobs, _ := s.Queues(context.WithoutCancel(t.Context()), time.Now())
			t.Fatalf("%d notices, %d messages, %d deliveries, %d mails, jobs %v", counts["notices"], counts["dispatches"], counts["deliveries"], box.count(), jobs)
		}
	}
}

func (w wave) check(t *testing.T, dsn string, box *mailbox) {
	t.Helper()
	ctx := t.Context()
	s, err := store.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	entries, err := s.LedgerEntries(ctx, w.org, 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	for i, e := range entries {
		if e.Seq != int64(i) {
			t.Fatalf("entry %d has sequence number %d", i, e.Seq)
		}
		var body struct {
			Data struct{ No, Notice string }
		}
		if err := json.Unmarshal([]byte(e.Body), &body); err != nil {
			t.Fatal(err)
		}
		if e.Verb == "notice.serve" {
			served[body.Data.No] = true
		}
	}
	seen := box.byRecipient()
	year := time.Now().Year()
	for i := 1; i <= killNotices; i++ {
		no := fmt.Sprintf("N-%d-%03d", year, i)
		if !served[no] {
			t.Errorf("%s has no ledger entry", no)
		}
		n, err := s.Notice(ctx, w.org, no)
		if err != nil {
			t.Fatalf("%s: %v", no, err)
		}
		dispatches, err := s.Dispatches(ctx, w.org, n.ID)
		if err != nil || len(dispatches) != 2 {
			t.Fatalf("%s: %d messages, %v", no, len(dispatches), err)
		}
		for _, d := range dispatches {
			ids := seen[d.Address+" "+no]
			if len(ids) != 1 || !ids[d.MessageID] {
				t.Errorf("%s to %s: Message-IDs %v, want %s", no, d.Address, ids, d.MessageID)
			}
		}
	}
	if len(served) != killNotices {
		t.Errorf("%d entries for %d notices", len(served), killNotices)
	}
}

// mailbox is a real mail server that remembers what came.
type mailbox struct {
	port int
	mu   sync.Mutex
	got  map[string]map[string]bool // address and notice → Message-IDs
	said map[string][]string        // address → bodies as they came, oldest first
	came map[string]int             // Message-ID and address → how often
	n    int
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	b := &mailbox{got: map[string]map[string]bool{}, said: map[string][]string{}, came: map[string]int{}}
	srv := smtp.NewServer(b)
	srv.Domain = "localhost"
	srv.ErrorLog = log.New(io.Discard, "", 0) // clients are killed in the middle of a sentence
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.port = l.Addr().(*net.TCPAddr).Port
	go func() { _ = srv.Serve(l) }() // ends with the error of the closed listener
	t.Cleanup(func() { _ = srv.Close() })
	return b
}

// NewSession begins a conversation.
func (b *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &mailSession{box: b}, nil }

func (b *mailbox) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.n
}

func (b *mailbox) byRecipient() map[string]map[string]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.got
}

type mailSession struct {
	box *mailbox
	to  string
}

// Mail takes the sender.
func (*mailSession) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt takes a recipient.
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }

// Reset forgets.
func (*mailSession) Reset() {}

// Logout ends.
func (*mailSession) Logout() error { return nil }

// Data takes the message. Only what arrived whole counts.
func (s *mailSession) Data(r io.Reader) error {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	no := ""
	for _, word := range strings.FieldsFunc(m.Header.Get("Subject"), func(c rune) bool { return !strings.ContainsRune("N-0123456789", c) }) {
		if strings.HasPrefix(word, "N-") {
			no = word
			break
		}
	}
	id := strings.Trim(m.Header.Get("Message-Id"), "<>")
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	key := s.to + " " + no
	if s.box.got[key] == nil {
		s.box.got[key] = map[string]bool{}
	}
	s.box.got[key][id] = true
	s.box.came[id+" "+s.to]++
	if no == "" { // a letter to a person; a thousand notices need not be kept
		s.box.said[s.to] = append(s.box.said[s.to], string(body))
	}
	s.box.n++
	return nil
}
