package receipt_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/receipt"
)

// hostileVectors are receipts that a dishonest organisation could sign, and
// that two verifiers might read in two ways.
func hostileVectors(t *testing.T, put putter) {
	serve := func(notice string) map[string]any { return map[string]any{"notice": notice} }
	of := func(name, doc string, body func(hash string) string) {
		s := served(t)
		s.doc, s.book = doc, &book{org: orgID}
		b := body(ledger.Hash([]byte(doc)))
		s.book.fold.Add(ledger.Leaf([]byte(b)))
		s.parts = []receipt.Part{{Seq: 0, Body: b}}
		put(name, s.file1(t, s.book.checkpoint(t, s.origin, s.key)), s.key.Key)
	}
	entry := func(v map[string]any) func(string) string {
		return func(hash string) string {
			e := map[string]any{"v": 1, "org": orgID, "seq": 0, "at": "2026-09-07T09:00:00Z", "verb": "notice.serve", "data": serve(hash)}
			for k, x := range v {
				if e[k] = x; x == nil {
					delete(e, k)
				}
			}
			return canonical(t, e)
		}
	}
	good := document(t, "N-2026-014", "Europe/London")
	of("the verb under a name in capitals", good, entry(map[string]any{"verb": nil, "Verb": "notice.serve"}))
	of("the number under a name in capitals", strings.Replace(good, `"no":`, `"No":`, 1), entry(nil))
	of("a name twice in the notice", `{"name":{"en":"A"},"name":{"cy":"B"},"no":"N-1"}`, entry(nil))
	of("a number beyond counting in the notice", `{"no":"N-1","x":1e999}`, entry(nil))
	of("a comma in the seconds", good, entry(map[string]any{"at": "2026-09-07T09:00:00,5Z"}))
	of("an hour of one digit", good, entry(map[string]any{"at": "2026-09-07T9:00:00Z"}))
	of("30 February", good, entry(map[string]any{"at": "2026-02-30T09:00:00Z"}))
	of("a verb that is a number", good, entry(map[string]any{"verb": 7}))
	of("an entry far too long", good, entry(map[string]any{"x": strings.Repeat("x", 17<<10)}))
	of("a zone by a path", document(t, "N-2026-014", "posix/Europe/London"), entry(nil))
	of("a zone in small letters", document(t, "N-2026-014", "europe/london"), entry(nil))
	of("a zone of this machine", document(t, "N-2026-014", "Local"), entry(nil))
	of("an emergency notice", good, entry(map[string]any{"verb": "override.sign"}))
	of("a zone far away", document(t, "N-2026-014", "Australia/Lord_Howe"), entry(nil))
	of("a name that says a line of its own", strings.Replace(good, "Case-note drafting", `x)\nSigned as h.example with the key 00000000 that you gave.`, 1), entry(nil))
	of("a name that is turned about", strings.Replace(good, "Case-note drafting", "Case\u202e-note drafting", 1), entry(nil))

	event := func(name, verb, event, recorded, at string) {
		s := served(t)
		s.delivery(t, verb, event, "u2", recorded, at)
		put(name, s.file1(t, s.book.checkpoint(t, s.origin, s.key)), s.key.Key)
	}
	event("acknowledged, by the employer's word", "delivery.record", "acknowledged", "2026-09-09T09:00:00Z", "2026-09-09T09:00:00Z")
	event("an acknowledgement of something else", "notice.acknowledge", "bounced", "2026-09-09T09:00:00Z", "2026-09-09T09:00:00Z")
	event("delivered before there was a notice", "delivery.record", "delivered", "2026-09-09T09:00:00Z", "2020-01-01T09:00:00Z")
	event("delivered in times to come", "delivery.record", "delivered", "2026-09-09T09:00:00Z", "2031-01-01T09:00:00Z")
	event("delivered by a clock that was put back", "delivery.record", "delivered", "2026-09-07T08:10:00Z", "2026-09-07T08:10:00Z")
	of("two unions by one name", strings.Replace(good, `"GMB"`, `"UNISON"`, 1), entry(nil))
	of("a union by two names", strings.Replace(good, `"u2"`, `"u1"`, 1), entry(nil))
	of("a name with a sign without width", strings.Replace(good, `"GMB"`, "\"UNI\u200bSON\"", 1), entry(nil))

	// A key of small order has one signature for every text.
	s := served(t).issue(t)
	point := append([]byte{1, 1}, make([]byte, 31)...)
	name := s.origin
	weak := fmt.Sprintf("%s+%s+%s", name, keyHash(name, point), base64.StdEncoding.EncodeToString(point))
	put("a key that signs everything", s.file(t, func(f *receipt.File) { f.Keys = []string{weak} }), s.key.Key)
	put("a key twice", s.file(t, func(f *receipt.File) { f.Keys = append(f.Keys, f.Keys[0]) }), s.key.Key)
}

func canonical(t testing.TB, v any) string {
	t.Helper()
	b, err := ledger.Canonical(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func keyHash(name string, raw []byte) string {
	return ledger.Hash(append([]byte(name+"\n"), raw...))[:8]
}

// TestManyNamesTakeNoMinutes gives the check entries that are small to send and
// long to read: it must not hang.
func TestManyNamesTakeNoMinutes(t *testing.T) {
	t.Parallel()
	s := served(t).issue(t)
	var b strings.Builder
	b.WriteString("{")
	for i := range 60_000 {
		fmt.Fprintf(&b, `"%06d":1,`, i)
	}
	many := b.String() + `"z":1}`
	files := [][]byte{
		s.file(t, func(f *receipt.File) { f.Entries[0].Body = many }),
		s.file(t, func(f *receipt.File) { f.Document = many }),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, file := range files {
			if r := receipt.Check(file, nil); r.Verdict != receipt.Invalid {
				t.Error(r.Verdict)
			}
		}
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Error("it takes more than 20 seconds")
	}
}

// FuzzCheck looks for a file that the check falls over, or finds good without
// its being one that was made.
func FuzzCheck(f *testing.F) {
	s := served(f).issue(f)
	known := []ledger.Key{s.key.Key}
	f.Add(s.bytes)
	for _, v := range keptVectors(f) {
		if len(v.File) < 1<<16 && !strings.HasPrefix(v.File, "spaces:") {
			f.Add(unbase64(f, v.File))
		}
	}
	good := map[string]bool{}
	for _, v := range keptVectors(f) {
		if v.Verdict != receipt.Invalid {
			good[string(unbase64(f, v.File))] = true
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := receipt.Check(b, known)
		if r.Verdict != receipt.Invalid && !good[string(b)] {
			t.Fatalf("%s: %q", r.Verdict, b)
		}
		if words := r.Words("cy"); len(words) < 2 {
			t.Fatalf("said only %q", words)
		}
	})
}
