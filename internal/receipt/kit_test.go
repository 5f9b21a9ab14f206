package receipt_test

import (
	"crypto/sha256"
	"encoding/json"
	"testing"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/receipt"
)

const orgID = "01990f5e-2d6e-7c34-9d3c-0a8f4f6f2a10"

// secret makes the same key every time, for vectors that stay the same.
func secret(t testing.TB, name string, witness bool, seed string) ledger.SecretKey {
	t.Helper()
	raw := sha256.Sum256([]byte(seed))
	k, err := ledger.SecretFromSeed(name, witness, raw[:])
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// book is a log in memory, of an organisation.
type book struct {
	org    string
	fold   ledger.Fold
	bodies []string
}

func (b *book) add(t testing.TB, verb, at string, data map[string]any) receipt.Part {
	t.Helper()
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	seq := int64(len(b.bodies))
	body, leaf, err := ledger.Seal(ledger.Entry{V: 1, Org: b.org, Seq: seq, At: when, Verb: verb, Subject: "s", Actor: "a", Data: data})
	if err != nil {
		t.Fatal(err)
	}
	b.fold.Add(leaf)
	b.bodies = append(b.bodies, string(body))
	return receipt.Part{Seq: seq, Body: string(body)}
}

// fill adds entries about other things.
func (b *book) fill(t testing.TB, n int) {
	t.Helper()
	for i := range n {
		b.add(t, "deployment.revise", "2026-09-01T08:00:00Z", map[string]any{"n": i})
	}
}

func (b *book) checkpoint(t testing.TB, origin string, keys ...ledger.SecretKey) string {
	t.Helper()
	root, err := b.fold.Root(b.fold.Size())
	if err != nil {
		t.Fatal(err)
	}
	cp, err := ledger.Sign(ledger.Checkpoint{Origin: origin, Size: b.fold.Size(), Root: root}, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

func cosign(t testing.TB, cp string, w ledger.SecretKey, at string) string {
	t.Helper()
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	n, err := ledger.ReadNote(cp)
	if err != nil {
		t.Fatal(err)
	}
	line, err := ledger.Cosign(n.Text(), w, when)
	if err != nil {
		t.Fatal(err)
	}
	return cp + line
}

// document is a small notice to two unions.
func document(t testing.TB, no, zone string) string {
	t.Helper()
	b, err := ledger.Canonical(map[string]any{
		"v": 1, "no": no, "name": map[string]string{"en": "Case-note drafting", "cy": "Drafftio nodiadau achos"},
		"organisation": map[string]string{"en": "Tywi County Council", "cy": "Cyngor Sir Tywi"},
		"parties":      []map[string]string{{"unionId": "u1", "union": "UNISON"}, {"unionId": "u2", "union": "GMB"}},
		"rules":        map[string]any{"clock": map[string]string{"zone": zone}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// issued is a receipt with everything that it was made of.
type issued struct {
	bytes  []byte
	key    ledger.SecretKey
	book   *book
	doc    string
	parts  []receipt.Part
	cp     string
	origin string
}

// delivery adds an event of the notice's delivery.
func (s *issued) delivery(t testing.TB, verb, event, union, recorded, at string) {
	t.Helper()
	s.parts = append(s.parts, s.book.add(t, verb, recorded, map[string]any{
		"no": "N-2026-014", "notice": ledger.Hash([]byte(s.doc)), "union": union, "event": event, "at": at,
	}))
}

// served is a notice that was served, mailed and acknowledged by one of two unions.
func served(t testing.TB) *issued {
	t.Helper()
	s := &issued{origin: receipt.Origin("ai.tywi.example", "tywi", orgID), doc: document(t, "N-2026-014", "Europe/London")}
	s.key = secret(t, s.origin, false, "log")
	s.book = &book{org: orgID}
	s.book.fill(t, 12)
	s.parts = []receipt.Part{s.book.add(t, "notice.serve", "2026-09-07T09:00:00.001Z", map[string]any{"ref": "DEP-2026-003", "no": "N-2026-014", "notice": ledger.Hash([]byte(s.doc)), "unions": []string{"UNISON", "GMB"}})}
	s.delivery(t, "delivery.record", "accepted", "u1", "2026-09-07T09:00:03Z", "2026-09-07T09:00:03Z")
	s.book.fill(t, 3)
	s.delivery(t, "notice.acknowledge", "acknowledged", "u1", "2026-09-08T09:12:00Z", "2026-09-08T09:12:00Z")
	s.book.fill(t, 5)
	return s
}

// issue signs the log as it is and makes the receipt.
func (s *issued) issue(t testing.TB) *issued {
	t.Helper()
	s.cp = s.book.checkpoint(t, s.origin, s.key)
	b, err := receipt.Make(s.doc, s.parts, s.cp, []ledger.Key{s.key.Key}, s.book.fold.Read)
	if err != nil {
		t.Fatal(err)
	}
	s.bytes = b
	return s
}

// file is the receipt to be altered: what comes back is canonical again.
func (s *issued) file(t testing.TB, alter func(*receipt.File)) []byte {
	t.Helper()
	var f receipt.File
	if err := json.Unmarshal(s.bytes, &f); err != nil {
		t.Fatal(err)
	}
	alter(&f)
	b, err := ledger.Canonical(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
