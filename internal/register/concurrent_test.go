package register_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/notice"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// TestConcurrentServing serves 200 notices at once: consecutive numbers, one
// mail an address, one ledger entry a notice.
func TestConcurrentServing(t *testing.T) {
	const notices = 200
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		drafts := make([]models.Draft, notices)
		for i := range drafts {
			d := h.Formative(t)
			drafts[i] = need(h.DraftNotice(ctx, h.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
		}
		before := need(s.LedgerSize(ctx, h.Org.ID))(t)
		stop := need(s.Work(ctx, h.Workers(), store.JobSettings{Workers: 20, FirstRetry: time.Second, Log: slog.New(slog.DiscardHandler)}))(t)
		served := make([]models.Notice, notices)
		errs := make([]error, notices)
		var wg sync.WaitGroup
		for i, d := range drafts {
			wg.Go(func() { served[i], errs[i] = h.ServeNotice(ctx, h.CDO, d.ID, d.Version) })
		}
		wg.Wait()
		numbers := map[string]bool{}
		for i, n := range served {
			must(t, errs[i])
			numbers[n.No] = true
			if n.SHA256 != ledger.Hash([]byte(n.Content)) {
				t.Errorf("%s: the hash is not that of the content", n.No)
			}
		}
		for i := 1; i <= notices; i++ {
			if no := fmt.Sprintf("N-2026-%03d", i); !numbers[no] {
				t.Errorf("no notice is numbered %s", no)
			}
		}
		eachMailOnce(t, h, 2*notices)
		must(t, stop(context.WithoutCancel(ctx)))
		entries := allEntries(t, s, h.Org.ID)
		counts := map[string]int{}
		for _, e := range entries[before:] {
			counts[e.Verb]++
		}
		if counts["notice.serve"] != notices || counts["delivery.record"] != 2*notices {
			t.Errorf("entries: %v", counts)
		}
	})
}

// eachMailOnce waits until so many mails were sent, and checks that each
// Message-ID was used once.
func eachMailOnce(t *testing.T, h *registertest.House, want int) {
	t.Helper()
	deadline := time.After(60 * time.Second)
	for tick := time.NewTicker(50 * time.Millisecond); len(noticesSent(h)) < want; {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d of %d mails were sent", len(noticesSent(h)), want)
		}
	}
	seen := map[string]int{}
	for _, m := range noticesSent(h) {
		seen[m.MessageID]++
		if seen[m.MessageID] > 1 {
			t.Errorf("%s was sent %d times", m.MessageID, seen[m.MessageID])
		}
	}
	if len(seen) != want {
		t.Errorf("%d messages for %d addresses", len(seen), want)
	}
}

// allEntries reads the whole log and checks it: sequence without gaps, exact
// bytes, leaves.
func allEntries(t *testing.T, s *store.Store, org string) []store.LedgerRow {
	t.Helper()
	rows := need(s.LedgerEntries(t.Context(), org, 0, 1_000_000))(t)
	for i, r := range rows {
		if r.Seq != int64(i) {
			t.Fatalf("entry %d has sequence number %d", i, r.Seq)
		}
		if leaf := ledger.Leaf([]byte(r.Body)); string(leaf[:]) != string(r.Leaf) {
			t.Errorf("entry %d: the leaf is not that of its body", i)
		}
		canonical := need(ledger.Canonical(json.RawMessage(r.Body)))(t)
		if string(canonical) != r.Body {
			t.Errorf("entry %d is not canonical: %s", i, r.Body)
		}
		if strings.Contains(r.Body, "branch@") || strings.Contains(r.Body, "cdo@") || strings.Contains(r.Body, "Caseloads must") {
			t.Errorf("entry %d holds what is personal: %s", i, r.Body)
		}
	}
	if n := need(s.LedgerSize(t.Context(), org))(t); n != int64(len(rows)) {
		t.Errorf("the head says %d, there are %d", n, len(rows))
	}
	return rows
}

// noticesSent are the mails to branches: letters to people are not counted.
func noticesSent(h *registertest.House) []notice.Mail {
	return slices.DeleteFunc(h.Outbox.Sent(), func(m notice.Mail) bool { return !strings.HasPrefix(m.To, "branch@") })
}
