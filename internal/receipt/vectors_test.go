package receipt_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"beforehand/internal/ledger"
	"beforehand/internal/receipt"
)

var update = flag.Bool("update", false, "write the vectors again")

// vector is a file, the keys its reader has, and what is to be said of it. The
// browser's verifier is held to the same.
type vector struct {
	Name    string          `json:"name"`
	File    string          `json:"file"` // base64
	Keys    []string        `json:"keys"`
	Verdict receipt.Verdict `json:"verdict"`
	Fault   string          `json:"fault,omitempty"`
	En      []string        `json:"en"`
	Cy      []string        `json:"cy"`
}

// TestVectors holds the verifier to the vectors that are kept, and the vectors
// to the cases they were made from.
func TestVectors(t *testing.T) {
	path := filepath.Join("testdata", "receipts.json")
	made := vectors(t)
	if *update {
		b, err := json.MarshalIndent(made, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(b, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept := keptVectors(t)
	if len(kept) < 50 || len(kept) != len(made) {
		t.Fatalf("%d vectors are kept, %d are made", len(kept), len(made))
	}
	faults := map[string]bool{}
	for i, v := range kept {
		if v.File != made[i].File || !slices.Equal(v.Keys, made[i].Keys) {
			t.Errorf("%s: the file is made differently now", v.Name)
		}
		r := receipt.Check(unbase64(t, v.File), keys(t, v.Keys...))
		code := ""
		if r.Fault != nil {
			code = r.Fault.Code
		}
		faults[code] = true
		if r.Verdict != v.Verdict || code != v.Fault || !slices.Equal(r.Words("en"), v.En) || !slices.Equal(r.Words("cy"), v.Cy) {
			t.Errorf("%s: %s %s\n%s\nwant %s %s\n%s", v.Name, r.Verdict, code, strings.Join(r.Words("en"), "\n"), v.Verdict, v.Fault, strings.Join(v.En, "\n"))
		}
		for _, line := range slices.Concat(r.Words("en"), r.Words("cy")) {
			if strings.ContainsAny(line, "⟦⟧") {
				t.Errorf("%s: %s", v.Name, line)
			}
		}
	}
	for _, code := range allFaults {
		if !faults[code] {
			t.Errorf("no vector shows %s", code)
		}
	}
}

func keptVectors(t testing.TB) []vector {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "receipts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var kept []vector
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}
	return kept
}

// allFaults are those of docs/receipt-format.md.
var allFaults = []string{
	"too_large", "truncated", "not_json", "not_receipt", "version", "shape", "not_canonical", "key_malformed", "look_alike", "checkpoint_malformed",
	"other_origin", "unknown_key", "signature", "cosignature", "unknown_witness", "unsigned", "signed_twice", "key_unused", "entry_order", "entry_malformed",
	"other_organisation", "proof", "not_notice", "document", "other_notice", "entry_times",
}

func unbase64(t testing.TB, s string) []byte {
	t.Helper()
	if n, ok := strings.CutPrefix(s, "spaces:"); ok {
		return []byte(strings.Repeat(" ", len(n)<<18)) // too large to keep
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func keys(t testing.TB, texts ...string) []ledger.Key {
	t.Helper()
	var out []ledger.Key
	for _, s := range texts {
		k, err := ledger.ParseKey(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, k)
	}
	return out
}

// vectors makes every case anew, always the same.
func vectors(t *testing.T) []vector {
	var all []vector
	put := func(name string, file []byte, known ...ledger.Key) {
		v := vector{Name: name, File: base64.StdEncoding.EncodeToString(file), Keys: []string{}}
		if len(file) > 1<<22 {
			v.File = "spaces:" + strings.Repeat("x", 17)
		}
		for _, k := range known {
			v.Keys = append(v.Keys, k.String())
		}
		r := receipt.Check(file, known)
		v.Verdict, v.En, v.Cy = r.Verdict, r.Words("en"), r.Words("cy")
		if r.Fault != nil {
			v.Fault = r.Fault.Code
		}
		all = append(all, v)
	}
	s := served(t).issue(t)
	k := s.key.Key
	goodVectors(t, s, put)
	fileVectors(t, s, put)
	keyVectors(t, s, put)
	for _, c := range alterations {
		put(c.name, s.file(t, c.alter), k)
	}
	foreignVectors(t, put)
	hostileVectors(t, put)
	return all
}

type putter func(name string, file []byte, known ...ledger.Key)

func goodVectors(t *testing.T, s *issued, put putter) {
	k := s.key.Key
	put("valid", s.bytes, k)
	put("valid, no key given", s.bytes)
	put("valid, several keys given", s.bytes, secret(t, "other.example/ledger/x-000000000000", false, "x").Key, k)

	union := secret(t, "unison.example/witness", true, "unison")
	council := secret(t, "council.example/witness", true, "council")
	witnessed := *s
	witnessed.cp = cosign(t, cosign(t, s.cp, union, "2026-09-08T10:00:00Z"), council, "2026-09-09T07:30:00Z")
	var err error
	if witnessed.bytes, err = receipt.Make(s.doc, s.parts, witnessed.cp, []ledger.Key{k, union.Key, council.Key}, s.book.fold.Read); err != nil {
		t.Fatal(err)
	}
	put("countersigned by a known and an unknown witness", witnessed.bytes, k, union.Key)
	put("countersigned, no key given", witnessed.bytes)
	put("only a witness's key given", witnessed.bytes, union.Key)
	put("a witness's time altered", witnessed.file(t, func(f *receipt.File) {
		f.Checkpoint = s.cp + strings.Replace(strings.TrimPrefix(cosign(t, s.cp, union, "2026-09-08T10:00:00Z"), s.cp), "AAAA", "AAAB", 1) + strings.TrimPrefix(cosign(t, s.cp, council, "2026-09-09T07:30:00Z"), s.cp)
	}), k)
	put("signed by a witness only", witnessed.file(t, func(f *receipt.File) {
		text, signatures, _ := strings.Cut(f.Checkpoint, "\n\n")
		f.Checkpoint = text + "\n\n" + strings.SplitAfterN(signatures, "\n", 2)[1]
	}), k)
	put("a key that has signed nothing", s.file(t, func(f *receipt.File) { f.Witnesses = []string{union.Key.String()} }), k)
	put("a witness's key left out", witnessed.file(t, func(f *receipt.File) { f.Witnesses = f.Witnesses[:1] }), k)
	put("the log's key among the witnesses", s.file(t, func(f *receipt.File) { f.Witnesses = []string{k.String()} }), k)

	late := served(t)
	late.delivery(t, "delivery.record", "deferred", "u2", "2026-09-07T09:05:00Z", "2026-09-07T09:05:00Z")
	late.delivery(t, "delivery.record", "bounced", "u2", "2026-09-07T10:05:00Z", "2026-09-07T10:05:00Z")
	late.delivery(t, "delivery.record", "handed", "u2", "2026-12-11T15:00:00Z", "2026-12-10T11:30:00Z")
	late.delivery(t, "delivery.record", "posted", "u2", "2026-12-12T15:00:00Z", "2026-12-10T12:30:00Z")
	late.delivery(t, "delivery.record", "abandoned", "u2", "2026-12-12T16:00:00Z", "2026-12-12T16:00:00Z")
	late.delivery(t, "delivery.record", "delivered", "u2", "2026-12-12T17:00:00Z", "2026-12-12T17:00:00Z")
	late.delivery(t, "delivery.record", "carrier_pigeon", "u2", "2026-12-12T18:00:00Z", "2026-12-12T18:00:00Z")
	put("every event, in summer and in winter", late.issue(t).bytes, k)

	bare := served(t)
	bare.doc = document(t, "N-2026-014", "Nowhere/Atlantis")
	bare.book, bare.parts = &book{org: orgID}, nil
	bare.parts = []receipt.Part{bare.book.add(t, "notice.serve", "2026-09-07T23:30:00Z", map[string]any{"notice": ledger.Hash([]byte(bare.doc))})}
	put("a log of one entry, in no zone that is known", bare.issue(t).bytes, k)
	bare.book.fill(t, 12345)
	put("a log of many entries", bare.issue(t).bytes, k)

	next := secret(t, s.origin, false, "next")
	turned := served(t)
	cp := turned.book.checkpoint(t, s.origin, s.key, next)
	b, err := receipt.Make(turned.doc, turned.parts, cp, []ledger.Key{k, next.Key}, turned.book.fold.Read)
	if err != nil {
		t.Fatal(err)
	}
	put("signed with the old and the new key, the old one known", b, k)
	put("signed with the old and the new key, the new one known", b, next.Key)
}

func fileVectors(t *testing.T, s *issued, put putter) {
	k := s.key.Key
	text := string(s.bytes)
	put("empty", nil, k)
	put("cut in the middle", s.bytes[:len(s.bytes)/2], k)
	put("one byte short", s.bytes[:len(s.bytes)-1], k)
	put("a line feed at the end", []byte(text+"\n"), k)
	put("a byte order mark", []byte("\ufeff"+text), k)
	put("another encoding", []byte(strings.Replace(text, "Case", "C\xe9se", 1)), k)
	put("an array", []byte("[{}]"), k)
	put("words", []byte("This is a receipt. Honestly {}"), k)
	put("another JSON", []byte(`{"notice":"N-2026-014"}`), k)
	put("a later version", []byte(strings.Replace(text, `"v":1,"witnesses"`, `"v":2,"witnesses"`, 1)), k)
	put("a version that is no number", []byte(strings.Replace(text, `"v":1,"witnesses"`, `"v":"1","witnesses"`, 1)), k)
	put("a field more", []byte(strings.Replace(text, `"type":`, `"a":1,"type":`, 1)), k)
	put("a field twice", []byte(strings.Replace(text, `"type":`, `"type":"beforehand-receipt","type":`, 1)), k)
	put("a blank more", []byte(strings.Replace(text, `"type":`, `"type": `, 1)), k)
	put("an escape more", []byte(strings.Replace(text, "beforehand-receipt", `befor\u0065hand-receipt`, 1)), k)
	put("half a sign", []byte(strings.Replace(text, "Case-note", `\ud800ase-note`, 1)), k)
	put("a field less", []byte(strings.Replace(text, `,"witnesses":[]`, "", 1)), k)
	put("no entries", []byte(text[:strings.Index(text, `"entries":[`)]+`"entries":[]`+text[strings.Index(text, `,"keys":`):]), k)
	put("far too large", bytes.Repeat([]byte(" "), 17<<18), k)
}

func keyVectors(t *testing.T, s *issued, put putter) {
	k := s.key.Key
	put("another key of the same name known", s.bytes, secret(t, s.origin, false, "stranger").Key)
	put("the key of another log known", s.bytes, secret(t, "ai.other.example/ledger/other-aaaaaaaaaaaa", false, "stranger").Key)
	stranger := secret(t, s.origin, false, "stranger")
	forged := s.book.checkpoint(t, s.origin, stranger)
	put("signed by an unknown key, which stands in it", s.file(t, func(f *receipt.File) { f.Checkpoint, f.Keys = forged, []string{stranger.Key.String()} }), k)
	put("signed by an unknown key, which does not", s.file(t, func(f *receipt.File) { f.Checkpoint = forged }), k)
	put("signed besides by an unknown key", s.file(t, func(f *receipt.File) { f.Checkpoint += strings.SplitAfter(forged, "\n\n")[1] }), k)
	put("the signer's name with a Cyrillic letter", s.file(t, func(f *receipt.File) { f.Checkpoint = strings.Replace(f.Checkpoint, "— ai.tywi", "— аi.tywi", 1) }), k)
	put("the origin with a Greek letter", s.file(t, func(f *receipt.File) {
		f.Checkpoint = strings.Replace(f.Checkpoint, "tywi.example", "τywi.example", 1)
	}), k)
	put("the key's name with a Cyrillic letter", s.file(t, func(f *receipt.File) { f.Keys[0] = strings.Replace(f.Keys[0], "tywi", "tуwi", 1) }), k)
	other := served(t)
	other.origin = receipt.Origin("ai.other.example", "other", orgID)
	other.key = secret(t, other.origin, false, "other")
	put("the checkpoint of a log by another name", s.file(t, func(f *receipt.File) { f.Checkpoint = other.issue(t).cp }), k)
}

// foreignVectors are of two organisations.
func foreignVectors(t *testing.T, put putter) {
	const otherID = "01990f5e-2d6e-7c34-9d3c-ffffffffffff"
	s, other := served(t).issue(t), served(t)
	other.book.org = otherID
	other.book.bodies, other.book.fold = nil, ledger.Fold{}
	other.book.fill(t, 12)
	other.parts = []receipt.Part{other.book.add(t, "notice.serve", "2026-09-07T09:00:00Z", map[string]any{"notice": ledger.Hash([]byte(s.doc))})}
	other.book.fill(t, 8)
	var theirs receipt.File
	proof, err := ledger.Inclusion(other.book.fold.Size(), 12, other.book.fold.Read)
	if err != nil {
		t.Fatal(err)
	}
	theirs.Entries = []receipt.Entry{{Body: other.parts[0].Body, Seq: 12}}
	for _, h := range proof {
		theirs.Entries[0].Proof = append(theirs.Entries[0].Proof, base64.StdEncoding.EncodeToString(h[:]))
	}
	put("the entry and proof of another organisation", s.file(t, func(f *receipt.File) { f.Entries = theirs.Entries }), s.key.Key)
	put("the proof of another organisation", s.file(t, func(f *receipt.File) { f.Entries[0].Proof = theirs.Entries[0].Proof }), s.key.Key)

	notice := served(t)
	notice.doc = document(t, "N-2026-015", "Europe/London")
	notice.delivery(t, "delivery.record", "accepted", "u1", "2026-09-07T09:00:03Z", "2026-09-07T09:00:03Z")
	odd := *notice
	odd.doc = s.doc
	cp := odd.book.checkpoint(t, odd.origin, odd.key)
	put("an event of another notice", odd.file1(t, cp), s.key.Key)
	odd.parts = odd.parts[1:]
	put("an event in the place of the notice", odd.file1(t, cp), s.key.Key)

	strange := served(t)
	strange.delivery(t, "delivery.record", "accepted", "u9", "2026-09-07T09:00:03Z", "2026-09-07T09:00:03Z")
	put("an event of a union that is no party", strange.file1(t, strange.book.checkpoint(t, strange.origin, strange.key)), s.key.Key)
	strange = served(t)
	strange.delivery(t, "delivery.record", "accepted", "u1", "2026-09-07T09:00:03Z", "yesterday")
	put("an event at no time", strange.file1(t, strange.book.checkpoint(t, strange.origin, strange.key)), s.key.Key)
}

// file1 puts a receipt together without asking whether it is good.
func (s *issued) file1(t testing.TB, cp string) []byte {
	t.Helper()
	n, err := ledger.ReadNote(cp)
	if err != nil {
		t.Fatal(err)
	}
	f := receipt.File{Checkpoint: cp, Document: s.doc, Keys: []string{s.key.Key.String()}, Type: receipt.Type, V: receipt.Version, Witnesses: []string{}}
	for _, p := range s.parts {
		proof, err := ledger.Inclusion(n.Size, p.Seq, s.book.fold.Read)
		if err != nil {
			t.Fatal(err)
		}
		e := receipt.Entry{Body: p.Body, Seq: p.Seq, Proof: []string{}}
		for _, h := range proof {
			e.Proof = append(e.Proof, base64.StdEncoding.EncodeToString(h[:]))
		}
		f.Entries = append(f.Entries, e)
	}
	b, err := ledger.Canonical(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var alterations = []struct {
	name  string
	alter func(*receipt.File)
}{
	{"a word of the notice altered", func(f *receipt.File) { f.Document = strings.Replace(f.Document, "Case-note", "Case-mote", 1) }},
	{"the time of an entry altered", func(f *receipt.File) { f.Entries[0].Body = strings.Replace(f.Entries[0].Body, "09-07T", "08-07T", 1) }},
	{"an entry's place altered", func(f *receipt.File) { f.Entries[0].Seq = 11 }},
	{"an entry damaged", func(f *receipt.File) { f.Entries[1].Body = f.Entries[1].Body[1:] }},
	{"entries swapped", func(f *receipt.File) { f.Entries[1], f.Entries[2] = f.Entries[2], f.Entries[1] }},
	{"an entry twice", func(f *receipt.File) { f.Entries = append(f.Entries[:2], f.Entries[1:]...) }},
	{"a proof shortened", func(f *receipt.File) { f.Entries[0].Proof = f.Entries[0].Proof[1:] }},
	{"a hash of a proof with a stray bit", func(f *receipt.File) { f.Entries[0].Proof[0] = strayBit(f.Entries[0].Proof[0]) }},
	{"the notice left out", func(f *receipt.File) { f.Entries = f.Entries[1:] }},
	{"the size of the log altered", func(f *receipt.File) { f.Checkpoint = strings.Replace(f.Checkpoint, "\n23\n", "\n24\n", 1) }},
	{"the size of the log with a nought before it", func(f *receipt.File) { f.Checkpoint = strings.Replace(f.Checkpoint, "\n23\n", "\n023\n", 1) }},
	{"no signature", func(f *receipt.File) { f.Checkpoint = strings.SplitAfter(f.Checkpoint, "\n\n")[0] }},
	{"signed twice", func(f *receipt.File) { f.Checkpoint += strings.SplitAfter(f.Checkpoint, "\n\n")[1] }},
	{"a key cut short", func(f *receipt.File) { f.Keys[0] = f.Keys[0][:len(f.Keys[0])-4] }},
	{"a key more", func(f *receipt.File) {
		f.Witnesses = []string{"w.example+9e96e4d7+BEoM4CqnCtpYYzVyTtFo1rZ0OtvyQS6LzMPYSzXVhE3w"}
	}},
}

// strayBit sets a bit of base64 that stands for nothing.
func strayBit(s string) string {
	const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := strings.IndexByte(signs, s[len(s)-2])
	return s[:len(s)-2] + string(signs[i|1]) + "="
}
