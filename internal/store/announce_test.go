package store_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
)

// heard keeps what one process was told.
type heard struct {
	mu    sync.Mutex
	sizes map[string]int64
	words int
	looks int
}

func (h *heard) tell(sizes map[string]int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if sizes == nil {
		h.looks++
		return
	}
	h.words++
	if h.sizes == nil {
		h.sizes = map[string]int64{}
	}
	for org, n := range sizes {
		h.sizes[org] = max(h.sizes[org], n)
	}
}

func (h *heard) of() (map[string]int64, int, int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.sizes), h.words, h.looks
}

func appendTo(ctx context.Context, s *store.Store, org string, fail error) error {
	return s.Within(ctx, func(tx *store.Tx) error {
		if _, err := tx.Append(ctx, ledger.Entry{V: 1, Org: org, At: time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC), Verb: "x.y", Subject: "z", Actor: "a"}, nil); err != nil {
			return err
		}
		return fail
	})
}

// TestALogThatGrewIsAnnounced to every process on the database, and only once
// it has committed.
func TestALogThatGrewIsAnnounced(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		org := "tywi"
		foundOrg(t, s, org)
		var here, there heard
		s.Listen(ctx, quiet(), here.tell)
		if s.Engine() == "postgres" {
			eventually(t, "it listens", func() bool { _, _, looks := here.of(); return looks > 0 })
			other, err := store.Open(ctx, s.DSN())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = other.Close() })
			other.Listen(ctx, quiet(), there.tell)
			eventually(t, "the other listens", func() bool { _, _, looks := there.of(); return looks > 0 })
		}
		if err := appendTo(ctx, s, org, errors.New("no")); err == nil {
			t.Fatal("a transaction that failed did not")
		}
		const many = 200
		for range many {
			if err := appendTo(ctx, s, org, nil); err != nil {
				t.Fatal(err)
			}
		}
		told := func(h *heard) func() bool {
			return func() bool { sizes, _, _ := h.of(); return sizes[org] == many }
		}
		eventually(t, "told here", told(&here))
		if s.Engine() == "postgres" {
			eventually(t, "told there", told(&there))
		}
		if _, words, _ := here.of(); words > many {
			t.Errorf("%d words of %d changes: they are not gathered", words, many)
		}
	})
}

// TestACommandThatEndsAnnounces what it did last.
func TestACommandThatEndsAnnounces(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "postgres")
	org := "tywi"
	foundOrg(t, s, org)
	var here heard
	s.Listen(t.Context(), quiet(), here.tell)
	eventually(t, "it listens", func() bool { _, _, looks := here.of(); return looks > 0 })
	command, err := store.Open(t.Context(), s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := appendTo(t.Context(), command, org, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := command.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "told", func() bool { sizes, _, _ := here.of(); return sizes[org] == 3 })
}
