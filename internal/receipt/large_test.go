package receipt_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/receipt"
)

// large is a receipt of sixty entries, far apart in a log of five thousand.
// The browser's verifier is held to the same file, and to the same bits of it.
func large(t testing.TB) *issued {
	t.Helper()
	s := served(t)
	at := time.Date(2026, time.September, 8, 9, 12, 0, 0, time.UTC)
	for i := range 57 {
		s.book.fill(t, 80)
		event, verb := receipt.Events[i%len(receipt.Events)], "delivery.record"
		if event == "acknowledged" {
			verb = "notice.acknowledge"
		}
		at = at.Add(7 * time.Hour)
		s.delivery(t, verb, event, fmt.Sprintf("u%d", 1+i%2), at.Format(time.RFC3339), at.Format(time.RFC3339))
	}
	s.book.fill(t, 5000-len(s.book.bodies))
	return s.issue(t)
}

func TestLarge(t *testing.T) {
	t.Parallel()
	s, path := large(t), filepath.Join("testdata", "large.json")
	if *update {
		if err := os.WriteFile(path, s.bytes, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, s.bytes) {
		t.Error("the large receipt is made differently now")
	}
	if r := receipt.Check(kept, []ledger.Key{s.key.Key}); r.Verdict != receipt.Valid || len(r.Events) != 59 {
		t.Errorf("%s with %d events: %v", r.Verdict, len(r.Events), r.Fault)
	}
	mostFlips := 10_000
	if testing.Short() {
		mostFlips = 100
	}
	next := shift(20260907)
	for range mostFlips {
		refuseFlip(t, kept, int(next())%len(kept), int(next())%8, s.key.Key)
	}
}

func TestEveryBit(t *testing.T) {
	t.Parallel()
	s := served(t).issue(t)
	for at := range s.bytes {
		for bit := range 8 {
			refuseFlip(t, s.bytes, at, bit, s.key.Key)
		}
	}
}

// refuseFlip wants a receipt with one bit wrong refused, whatever keys are given.
func refuseFlip(t *testing.T, good []byte, at, bit int, key ledger.Key) {
	t.Helper()
	b := bytes.Clone(good)
	b[at] ^= 1 << bit
	// Without a key less is asked; so what is refused then is refused with one.
	if r := receipt.Check(b, nil); r.Verdict != receipt.Invalid || r.Fault == nil {
		t.Errorf("byte %d, bit %d: %s", at, bit, r.Verdict)
	}
	if at%16 == 0 {
		if r := receipt.Check(b, []ledger.Key{key}); r.Verdict != receipt.Invalid {
			t.Errorf("byte %d, bit %d, with the key: %s", at, bit, r.Verdict)
		}
	}
}

// shift is Marsaglia's xorshift, which is the same in every language.
func shift(x uint32) func() uint32 {
	return func() uint32 {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		return x
	}
}
