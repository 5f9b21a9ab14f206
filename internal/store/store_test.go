package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

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

// TestFrozenRowsStay tries to change and to remove rows by raw SQL: the
// database itself refuses, on both engines.
func TestFrozenRowsStay(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		d, n := h.Noticed(t)
		c := need(h.MakeComment(ctx, h.Officer, d.Ref, commentInput()))(t)
		must(t, h.Acknowledge(ctx, h.Officer, n.No, ""))
		need(h.Ask(ctx, h.Officer, d.Ref, "", "How many cases?"))(t)
		must(t, h.WidenComment(ctx, h.Officer, c.ID, models.CirclePublic))
		if _, err := h.Dispose(ctx, h.CDO, c.ID, "rejected", "It is in the notice", nil); err != nil {
			t.Fatal(err)
		}
		claim := h.Shared(t, d.Ref, 11, 27)
		doubt := need(h.MakeChallenge(ctx, h.Officer, claim.Ref, register.ChallengeInput{Ground: "sample", Body: "Volunteers only"}))(t)
		must(t, h.AnswerChallenge(ctx, h.CDO, doubt.No, "not_upheld", "They were not"))
		must(t, h.CloseChallenge(ctx, h.Officer, doubt.No))
		need(h.Reinvest(ctx, h.Manager, claim.Ref, 0, map[string]int{"direct_work": 100}, ""))(t)
		metric := need(h.Metrics(ctx, h.Manager))(t)[0].Metric
		need(h.DefineMetric(ctx, h.Manager, metric))(t)
		before := need(s.Counts(ctx))(t)
		statements := []string{
			"UPDATE metrics SET body = '{}'", "DELETE FROM metrics",
			"UPDATE claim_plans SET body = '{}'", "DELETE FROM claim_plans",
			"UPDATE claim_results SET verdict = 'supported'", "DELETE FROM claim_results",
			"UPDATE claim_shares SET at = at", "DELETE FROM claim_shares",
			"UPDATE challenges SET body = 'We agree'", "DELETE FROM challenges",
			"UPDATE challenge_answers SET finding = 'upheld'", "DELETE FROM challenge_answers",
			"UPDATE challenge_closings SET at = at", "DELETE FROM challenge_closings",
			"UPDATE datasets SET sha256 = rows_sha256", "UPDATE datasets SET purged_at = at, secret = NULL, rows = 1", "DELETE FROM datasets",
			"UPDATE dataset_chunks SET no = no + 1", "DELETE FROM dataset_chunks",
			"UPDATE reinvestments SET shares = '{\"unknown\":100}' WHERE month = 0", "DELETE FROM reinvestments",
			"UPDATE notices SET content = '{}'", "DELETE FROM notices",
			"UPDATE notice_recipients SET union_id = union_id", "DELETE FROM notice_recipients",
			"UPDATE dispatches SET address = 'x'", "DELETE FROM dispatches",
			"UPDATE deliveries SET event = 'bounced'", "DELETE FROM deliveries",
			"UPDATE acknowledgements SET at = at", "DELETE FROM acknowledgements",
			"UPDATE comments SET kind = 'support'", "DELETE FROM comments",
			"UPDATE comment_words SET body = 'I agree'", "DELETE FROM comment_words",
			"UPDATE comment_widenings SET circle = 'scrutiny'", "DELETE FROM comment_widenings",
			"UPDATE dispositions SET verdict = 'accepted'", "DELETE FROM dispositions",
			"UPDATE deployment_versions SET record = '{}'", "DELETE FROM deployment_versions",
			"UPDATE stage_moves SET to_stage = 'live'", "DELETE FROM stage_moves",
			"UPDATE ledger_entries SET body = '{}'", "DELETE FROM ledger_entries",
			"UPDATE ledger_hashes SET pos = pos", "DELETE FROM ledger_hashes", "UPDATE ledger_heads SET size = size - 1", "DELETE FROM ledger_heads",
			"UPDATE checkpoints SET at = at", "DELETE FROM checkpoints", "UPDATE signing_keys SET public = 'x'", "DELETE FROM signing_keys",
			"UPDATE deployments SET ref = 'DEP-1'",
			"UPDATE information_requests SET question = 'nothing'", "DELETE FROM information_requests",
		}
		if s.Engine() == "sqlite" {
			statements = append(statements,
				"INSERT OR REPLACE INTO notices SELECT * FROM notices", "INSERT OR REPLACE INTO comments SELECT * FROM comments",
				"INSERT OR REPLACE INTO deliveries SELECT * FROM deliveries", "REPLACE INTO comment_words SELECT org_id, comment_id, 'We love it' FROM comment_words",
				"REPLACE INTO dispositions SELECT * FROM dispositions", "REPLACE INTO deployment_versions SELECT * FROM deployment_versions", "REPLACE INTO stage_moves SELECT * FROM stage_moves", "REPLACE INTO notice_recipients SELECT * FROM notice_recipients", "INSERT OR REPLACE INTO ledger_entries SELECT * FROM ledger_entries",
				"UPDATE OR REPLACE ledger_entries SET seq = seq + 1",
				"REPLACE INTO claim_results SELECT * FROM claim_results", "REPLACE INTO claim_plans SELECT * FROM claim_plans", "REPLACE INTO challenges SELECT * FROM challenges", "REPLACE INTO datasets SELECT * FROM datasets")
		} else {
			statements = append(statements, "TRUNCATE notices CASCADE", "TRUNCATE ledger_entries", "TRUNCATE comments CASCADE", "TRUNCATE deliveries CASCADE", "TRUNCATE comment_words", "TRUNCATE claim_results CASCADE", "TRUNCATE datasets CASCADE", "TRUNCATE dataset_chunks", "TRUNCATE claim_plans CASCADE")
		}
		for _, q := range statements {
			if err := s.Raw(ctx, q); err == nil || !strings.Contains(err.Error(), "frozen") {
				t.Errorf("%s: %v", q, err)
			}
		}
		for table, rows := range need(s.Counts(ctx))(t) {
			if rows != before[table] {
				t.Errorf("%s had %d rows and has %d", table, before[table], rows)
			}
		}
		if got := need(s.NoticeByID(ctx, n.OrgID, n.ID))(t); got.Content != n.Content || ledger.Hash([]byte(got.Content)) != n.SHA256 {
			t.Error("the notice is not what was served")
		}
		// A late mark never clears.
		if _, err := h.MarkLate(ctx, h.CDO, d.Ref, need(h.Register.Deployment(ctx, h.CDO, d.Ref))(t).Version, "Found in use"); err != nil {
			t.Fatal(err)
		}
		if err := s.Raw(ctx, "UPDATE deployments SET late = FALSE"); err == nil {
			t.Error("a late mark was cleared")
		}
	})
}

// TestRedactionErasesWordsAndKeepsTheHash is the one way in which words go.
func TestRedactionErasesWordsAndKeepsTheHash(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		d, _ := h.Noticed(t)
		c := need(h.MakeComment(ctx, h.Officer, d.Ref, commentInput()))(t)
		must(t, h.RedactComment(ctx, h.Assurer, c.ID, "[…] has too many cases", "Names a colleague"))
		got := need(s.Comment(ctx, c.OrgID, c.ID))(t)
		if got.Body != "[…] has too many cases" || got.SHA256 != c.SHA256 || !got.Redacted || got.RedactedWhy != "Names a colleague" {
			t.Errorf("%+v", got)
		}
		if n := need(s.Counts(ctx))(t)["comment_words"]; n != 0 {
			t.Errorf("%d rows of words are left", n)
		}
	})
}

func TestRollbackLeavesNothing(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		before, counts := need(s.LedgerSize(ctx, h.Org.ID))(t), need(s.Counts(ctx))(t)
		jobs := need(s.Queues(ctx, time.Now()))(t)
		stop := errors.New("stop")
		err := s.Within(ctx, func(tx *store.Tx) error {
			must(t, tx.Add(ctx, &models.BargainingUnit{OrgID: h.Org.ID, ID: "x", Name: "x", Version: 1}))
			must(t, tx.Promise(ctx, echo{"never"}))
			if _, err := tx.NextNumber(ctx, h.Org.ID, "notice", 2026); err != nil {
				return err
			}
			if _, err := tx.Append(ctx, ledger.Entry{V: 1, Org: h.Org.ID, At: h.Now(), Verb: "x"}, nil); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		after := need(s.Counts(ctx))(t)
		for table, n := range counts {
			if after[table] != n {
				t.Errorf("%s: %d rows became %d", table, n, after[table])
			}
		}
		if n := need(s.LedgerSize(ctx, h.Org.ID))(t); n != before {
			t.Errorf("the log grew from %d to %d", before, n)
		}
		if now := need(s.Queues(ctx, time.Now()))(t); now[0].Due != jobs[0].Due {
			t.Errorf("jobs: %v became %v", jobs, now)
		}
	})
}

type echo struct{ Text string }

// Kind is the stable name of the job.
func (echo) Kind() string { return "test.echo" }

func TestJobsRunOnceRetryAndGiveUp(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var mu sync.Mutex
		tries := map[string]int{}
		done := make(chan struct{}, 100)
		w := store.NewWorkers()
		store.Handle(w, func(_ context.Context, j echo, _ store.Attempt) error {
			mu.Lock()
			defer mu.Unlock()
			tries[j.Text]++
			defer func() { done <- struct{}{} }()
			switch {
			case j.Text == "refused":
				return store.Never(errors.New("refused"))
			case j.Text == "slow" && tries[j.Text] < 3:
				return errors.New("not yet")
			}
			return nil
		})
		stop := need(s.Work(ctx, w, store.JobSettings{Workers: 20, FirstRetry: 100 * time.Millisecond, Log: quiet()}))(t)
		must(t, s.Within(ctx, func(tx *store.Tx) error {
			return tx.Promise(ctx, echo{"once"}, echo{"refused"}, echo{"slow"})
		}))
		for range 5 { // once, refused, and three times slow
			select {
			case <-done:
			case <-time.After(30 * time.Second):
				t.Fatalf("tries so far: %v", tries)
			}
		}
		must(t, stop(context.WithoutCancel(ctx)))
		if tries["once"] != 1 || tries["refused"] != 1 || tries["slow"] != 3 {
			t.Errorf("tries: %v", tries)
		}
	})
}

func TestLostUpdateIsRefused(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		d := h.Deploy(t)
		row := need(s.Deployment(ctx, d.OrgID, d.Ref))(t)
		save := func() error {
			next := row
			next.Version++
			return s.Within(ctx, func(tx *store.Tx) error { return tx.SaveState(ctx, &next, row.Version) })
		}
		must(t, save())
		if err := save(); models.KindOf(err) != models.Stale {
			t.Errorf("a second save from the same version: %v", err)
		}
	})
}

func TestNumbersHaveNoGaps(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		var mu sync.Mutex
		seen := map[int]bool{}
		var wg sync.WaitGroup
		for i := range 60 {
			wg.Go(func() {
				err := s.Within(ctx, func(tx *store.Tx) error {
					n, err := tx.NextNumber(ctx, h.Org.ID, "test", 2026)
					if err != nil {
						return err
					}
					if i%3 == 0 {
						return errors.New("changed my mind")
					}
					mu.Lock()
					defer mu.Unlock()
					seen[n] = true
					return nil
				})
				if err != nil && i%3 != 0 {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for n := 1; n <= 40; n++ {
			if !seen[n] {
				t.Errorf("%d was given to nobody", n)
			}
		}
	})
}

// TestMigratedFromEmpty compares the schema that the migrations make with the
// one written down: a change of schema is seen in review.
func TestMigratedFromEmpty(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		got := need(s.Schema(t.Context()))(t)
		path := filepath.Join("testdata", "schema."+s.Engine()+".golden")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			must(t, os.WriteFile(path, []byte(got), 0o600))
		}
		want := need(os.ReadFile(path))(t)
		if got != string(want) {
			t.Errorf("the schema differs from %s; run with UPDATE_GOLDEN=1 and look at the difference", path)
		}
		// A second run changes nothing.
		must(t, s.Migrate(t.Context()))
		if again := need(s.Schema(t.Context()))(t); again != got {
			t.Error("migrating twice changed the schema")
		}
	})
}
