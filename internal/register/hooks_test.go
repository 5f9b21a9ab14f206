package register_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// consumer takes webhooks as another system would, with the library of the
// specification, and fails as often as it is told to.
type consumer struct {
	*httptest.Server
	mu      sync.Mutex
	verify  *standardwebhooks.Webhook
	fails   float64
	dice    *rand.Rand
	arrived map[string][]int64 // by record, in the order of first arrival
	seen    map[string]bool
	wrong   []string
	answer  int
}

func newConsumer(t *testing.T, fails float64) *consumer {
	t.Helper()
	c := &consumer{fails: fails, dice: rand.New(rand.NewPCG(7, 7)), arrived: map[string][]int64{}, seen: map[string]bool{}, answer: http.StatusNoContent}
	c.Server = httptest.NewServer(http.HandlerFunc(c.take))
	t.Cleanup(c.Close)
	return c
}

func (c *consumer) take(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = c.verify.VerifyIgnoringTimestamp(body, r.Header) // the house's clock is not the world's
	}
	if err != nil {
		c.wrong = append(c.wrong, err.Error())
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if c.dice.Float64() < c.fails {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var e struct {
		Data struct {
			Deployment string `json:"deployment"`
			Seq        int64  `json:"seq"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		c.wrong = append(c.wrong, err.Error())
	}
	if id := r.Header.Get("webhook-id"); !c.seen[id] {
		c.seen[id] = true
		c.arrived[e.Data.Deployment] = append(c.arrived[e.Data.Deployment], e.Data.Seq)
	}
	w.WriteHeader(c.answer)
}

func (c *consumer) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.seen)
}

func workingJobs(t *testing.T, h *registertest.House) {
	t.Helper()
	stop, err := h.Store.Work(t.Context(), h.Workers(), jobSettings())
	must(t, err)
	t.Cleanup(func() { must(t, stop(context.WithoutCancel(t.Context()))) })
}

// TestEveryEventReachesAFailingConsumer sends a thousand events to a system that
// fails three times in ten: each arrives, and those of one record in order.
func TestEveryEventReachesAFailingConsumer(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		const records, each = 20, 50
		ctx := t.Context()
		h := registertest.New(t, s)
		h.AllowPlainHooks(t)
		c := newConsumer(t, 0.3)
		_, secret := hooked(t, h, c.URL)
		c.verify = need(standardwebhooks.NewWebhook(secret))(t)
		must(t, s.Prepare())
		due := models.MustDate("2026-10-01")
		for i := range records {
			d := h.Deploy(t)
			for n := range each {
				need(h.AddAction(ctx, h.CDO, register.NewAction{Deployment: d.Ref, Text: fmt.Sprintf("Action %d of %d", n, i), Owner: "Head of digital", DueOn: due}))(t)
			}
		}
		workingJobs(t, h)
		eventually(t, "not every event arrived", func() bool {
			h.Clock.Set(h.Clock.Now().Add(50 * time.Millisecond)) // a try that a busy machine cut off gives its message back by the clock
			return c.count() == records*each
		})
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.wrong) > 0 {
			t.Errorf("%d were not signed as they should be: %s", len(c.wrong), c.wrong[0])
		}
		if len(c.arrived) != records {
			t.Errorf("%d records", len(c.arrived))
		}
		for ref, seqs := range c.arrived {
			if len(seqs) != each {
				t.Errorf("%s: %d events", ref, len(seqs))
			}
			for i := 1; i < len(seqs); i++ {
				if seqs[i] <= seqs[i-1] {
					t.Errorf("%s: %d arrived after %d", ref, seqs[i], seqs[i-1])
				}
			}
		}
	})
}

// TestAMessageInTheHandsOfOneThatDied is sent by whoever takes its job over, when
// the lease is at its end: nobody else would look before the next hour.
func TestAMessageInTheHandsOfOneThatDied(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "sqlite")
	ctx := t.Context()
	h := registertest.New(t, s)
	h.AllowPlainHooks(t)
	c := newConsumer(t, 1)
	_, secret := hooked(t, h, c.URL)
	c.verify = need(standardwebhooks.NewWebhook(secret))(t)
	d := h.Deploy(t)
	need(h.AddAction(ctx, h.CDO, register.NewAction{Deployment: d.Ref, Text: "One", Owner: "Head of digital", DueOn: models.MustDate("2026-10-01")}))(t)
	waiting := func() int {
		n := 0
		for _, q := range need(s.Queues(ctx, time.Now()))(t) {
			n += q.Later
		}
		return n
	}
	slow := jobSettings()
	slow.FirstRetry = time.Hour
	stop := need(s.Work(ctx, h.Workers(), slow))(t)
	swept := func() bool { // the hour's sweep would send it too
		var done bool
		must(t, s.Pool().QueryRowContext(ctx, "SELECT COUNT(*) > 0 FROM river_job WHERE kind = 'sweep' AND state = 'completed'").Scan(&done))
		return done
	}
	eventually(t, "it has not failed", func() bool { return swept() && waiting() > 0 && storetest.Idle(t, s, time.Now()) })
	must(t, stop(ctx))
	failed := waiting()
	c.mu.Lock()
	c.fails = 0
	c.mu.Unlock()
	must(t, s.Within(ctx, func(tx *store.Tx) error {
		all, err := tx.Waiting(ctx, h.Org.ID, need(h.Hooks(ctx, h.CDO))(t)[0].ID)
		if err != nil || len(all) == 0 {
			return errors.Join(err, errors.New("nothing waits"))
		}
		for _, record := range all {
			m, err := tx.FirstPending(ctx, h.Org.ID, need(h.Hooks(ctx, h.CDO))(t)[0].ID, record)
			if err = errors.Join(err, tx.Lease(ctx, h.Org.ID, m.ID, h.Clock.Now().Add(2*time.Second))); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, s.Raw(ctx, "UPDATE river_job SET state = 'running', scheduled_at = attempted_at WHERE kind = 'hook.drain' AND state = 'retryable'"))
	workingJobs(t, h)
	eventually(t, "it waits for the lease to end", func() bool { return waiting() >= failed && storetest.Idle(t, s, time.Now()) })
	if c.count() != 0 {
		t.Fatal("it was sent in spite of the lease")
	}
	h.Clock.Set(h.Clock.Now().Add(3 * time.Second))
	eventually(t, "it was not sent", func() bool { return c.count() > 0 })
}

// TestNothingOvertakesWhatIsNotAnnounced holds back what came after an entry whose
// announcement failed and is tried again: it makes a message that belongs before.
func TestNothingOvertakesWhatIsNotAnnounced(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		h.AllowPlainHooks(t)
		c := newConsumer(t, 0)
		_, secret := hooked(t, h, c.URL)
		c.verify = need(standardwebhooks.NewWebhook(secret))(t)
		must(t, s.Prepare())
		d := h.Deploy(t)
		for _, text := range []string{"One", "Two", "Three"} {
			need(h.AddAction(ctx, h.CDO, register.NewAction{Deployment: d.Ref, Text: text, Owner: "Head of digital", DueOn: models.MustDate("2026-10-01")}))(t)
		}
		count := func(what string) int {
			var n int
			must(t, s.Pool().QueryRowContext(ctx, "SELECT COUNT(*) FROM river_job WHERE "+what).Scan(&n))
			return n
		}
		const first = "id = (SELECT id FROM (SELECT id FROM river_job WHERE kind = 'news.announce' ORDER BY id LIMIT 1 OFFSET 1) j)"
		must(t, s.Raw(ctx, "UPDATE river_job SET state = 'retryable', scheduled_at = '2099-01-01 00:00:00+00:00' WHERE "+first))
		workingJobs(t, h)
		eventually(t, "nothing waits for it", func() bool {
			return count("kind = 'news.announce' AND state = 'completed'") >= 2 && count("kind = 'hook.drain' AND CAST(metadata AS TEXT) LIKE '%snoozes%'") > 0
		})
		if got := c.count(); got != 1 {
			t.Errorf("%d arrived, of which one came before", got)
		}
		must(t, s.Raw(ctx, "UPDATE river_job SET state = 'available', scheduled_at = '2026-01-01 00:00:00+00:00' WHERE "+first))
		eventually(t, "not all arrived", func() bool { return c.count() == 3 })
		c.mu.Lock()
		defer c.mu.Unlock()
		if seqs := c.arrived[d.Ref]; !slices.IsSorted(seqs) {
			t.Errorf("arrived as %v", seqs)
		}
	})
}

// TestALateTryChangesNothing that another worker has taken over or settled since.
func TestALateTryChangesNothing(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		h.AllowPlainHooks(t)
		hook, _ := hooked(t, h, "http://127.0.0.1:1/")
		must(t, s.Prepare())
		at := h.Clock.Now().Truncate(time.Microsecond)
		m := models.Message{OrgID: h.Org.ID, ID: "018f0000-0000-7000-8000-000000000001", Channel: "webhook", HookID: &hook.ID, Topic: models.TopicSystem, Record: "DEP-2026-001", Body: "{}", State: "pending", At: at}
		within := func(do func(tx *store.Tx) error) {
			t.Helper()
			must(t, s.Within(ctx, do))
		}
		mine, theirs := at.Add(time.Minute), at.Add(2*time.Minute)
		within(func(tx *store.Tx) error { _, err := tx.AddMessage(ctx, &m); return err })
		lease := func(until time.Time) models.Message {
			within(func(tx *store.Tx) error { return tx.Lease(ctx, m.OrgID, m.ID, until) })
			leased := need(s.Message(ctx, m.OrgID, m.ID))(t)
			leased.LeasedUntil = &until
			return leased
		}
		tried := func(m models.Message, state string) (mine bool) {
			m.State, m.TriedAt = state, &at
			m.Attempts++
			within(func(tx *store.Tx) (err error) { mine, err = tx.Tried(ctx, m); return err })
			return mine
		}
		slow, quick := lease(mine), lease(theirs)
		if tried(slow, "pending") {
			t.Error("a try without a lease was written down")
		}
		if now := need(s.Message(ctx, m.OrgID, m.ID))(t); now.LeasedUntil == nil || !now.LeasedUntil.Equal(theirs) {
			t.Errorf("the lease of the other is %v", now.LeasedUntil)
		}
		if !tried(quick, "delivered") || tried(slow, "pending") || tried(quick, "pending") {
			t.Error("what was settled did not stay so")
		}
		if now := need(s.Message(ctx, m.OrgID, m.ID))(t); now.State != "delivered" || now.Attempts != 1 {
			t.Errorf("%+v", now)
		}
	})
}

// TestAHookThatHangsHoldsUpNothingElse: its messages are sent by workers of their
// own, of which there are fewer.
func TestAHookThatHangsHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "sqlite")
	h := registertest.New(t, s)
	h.AllowPlainHooks(t)
	hangs := make(chan struct{})
	away := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hangs }))
	t.Cleanup(away.Close)
	hooked(t, h, away.URL)
	for range 4 {
		d := h.Deploy(t)
		need(h.AddAction(t.Context(), h.CDO, register.NewAction{Deployment: d.Ref, Text: "One", Owner: "Head of digital", DueOn: models.MustDate("2026-10-01")}))(t)
	}
	workingJobs(t, h)
	t.Cleanup(func() { close(hangs) })
	eventually(t, "the rest was not done while a hook hung", func() bool {
		queues := map[string]store.Queue{}
		for _, q := range need(s.Queues(t.Context(), time.Now()))(t) {
			queues[q.Name] = q
		}
		others, hooks := queues["default"], queues[store.HookQueue]
		return hooks.Running > 0 && others.Running+others.Due == 0
	})
}

// TestAHookThatIsGone is told nothing more, and whoever made it hears of that.
func TestAHookThatIsGone(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	ctx := t.Context()
	h := registertest.New(t, s)
	h.AllowPlainHooks(t)
	c := newConsumer(t, 0)
	hook, secret := hooked(t, h, c.URL)
	c.verify, c.answer = need(standardwebhooks.NewWebhook(secret))(t), http.StatusGone
	d := h.Deploy(t)
	need(h.AddAction(ctx, h.CDO, register.NewAction{Deployment: d.Ref, Text: "One", Owner: "Head of digital", DueOn: models.MustDate("2026-10-01")}))(t)
	workingJobs(t, h)
	eventually(t, "it is still told", func() bool {
		got := need(h.Hooks(ctx, h.CDO))(t)[0]
		if got.DisabledAt != nil && (got.DisabledWhy != "gone" || got.Address != "" || got.Secret != "") {
			t.Errorf("%+v", got)
		}
		return got.DisabledAt != nil
	})
	items, _, err := h.Inbox(ctx, h.CDO, "", 10)
	must(t, err)
	if len(items) == 0 || items[0].Code != "news.hook_disabled" {
		t.Errorf("%+v", items)
	}
	// What it missed is sent again when somebody asks.
	c.mu.Lock()
	c.answer, c.seen = http.StatusNoContent, map[string]bool{}
	c.mu.Unlock()
	if n := need(h.ReplayHook(ctx, h.CDO, hook.ID, h.Clock.Now().Add(-time.Hour)))(t); n != 1 {
		t.Errorf("%d records", n)
	}
	eventually(t, "it was not sent again", func() bool { return c.count() > 0 })
}

// eventually waits until something has come about, for minutes at most.
func eventually(t *testing.T, otherwise string, done func() bool) {
	t.Helper()
	deadline := time.After(3 * time.Minute)
	for !done() {
		select {
		case <-deadline:
			t.Fatal(otherwise)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func jobSettings() store.JobSettings {
	return store.JobSettings{Workers: 20, FirstRetry: 50 * time.Millisecond, Log: slog.New(slog.DiscardHandler)}
}
