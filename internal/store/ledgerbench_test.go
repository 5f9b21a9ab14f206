package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"beforehand/internal/ledger"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
)

// BenchmarkAppend appends one entry a transaction, with its nodes, by many
// writers at once: they queue for the head of the log.
func BenchmarkAppend(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		s := storetest.Open(b, engine)
		h := registertest.New(b, s)
		for _, writers := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("%s/%d", engine, writers), func(b *testing.B) {
				var left atomic.Int64
				left.Store(int64(b.N))
				var all sync.WaitGroup
				b.ResetTimer()
				for range writers {
					all.Go(func() {
						for left.Add(-1) >= 0 {
							if err := s.Within(b.Context(), func(tx *store.Tx) error {
								_, err := tx.Append(b.Context(), ledger.Entry{V: 1, Org: h.Org.ID, At: h.Now(), Verb: "delivery.record", Subject: "s", Actor: "system", Data: map[string]any{"event": "accepted"}}, nil)
								return err
							}); err != nil {
								b.Error(err)
							}
						}
					})
				}
				all.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
			})
		}
	}
}

// BenchmarkStoredProof makes an inclusion proof from the database.
func BenchmarkStoredProof(b *testing.B) {
	s := storetest.Open(b, "sqlite")
	h := registertest.New(b, s)
	for _, size := range []int64{1_000, 10_000} {
		must(b, s.Within(b.Context(), func(tx *store.Tx) error {
			for n := need(tx.LedgerSize(b.Context(), h.Org.ID))(b); n < size; n++ {
				if _, err := tx.Append(b.Context(), ledger.Entry{V: 1, Org: h.Org.ID, At: h.Now(), Verb: "x", Subject: "s", Actor: "system"}, nil); err != nil {
					return err
				}
			}
			return nil
		}))
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			nodes := s.Nodes(b.Context(), h.Org.ID)
			for i := int64(0); b.Loop(); i++ {
				if _, err := ledger.Inclusion(size, i*7919%size, nodes); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
