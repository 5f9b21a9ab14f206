package ledger_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"beforehand/internal/ledger"
)

// stored is a log as a database keeps it.
type stored struct {
	rows   []ledger.Row
	nodes  []ledger.Node
	size   int64
	signed []ledger.Signed
}

const auditedOrg = "01990f5e-2d6e-7c34-9d3c-0a8f4f6f2a10"

func entryAt(t testing.TB, seq int64, verb string) ledger.Row {
	t.Helper()
	at := time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC).Add(time.Duration(seq) * time.Minute)
	e := ledger.Entry{V: 1, Org: auditedOrg, Seq: seq, At: at, Verb: verb, Subject: fmt.Sprintf("s-%d", seq), Actor: "a", Data: map[string]any{"n": seq, "name": "Siân \"S\""}}
	body, leaf, err := ledger.Seal(e)
	must(t, err)
	return ledger.Row{Seq: seq, At: at, Verb: verb, Subject: e.Subject, Body: body, Leaf: leaf[:]}
}

func newStored(t testing.TB, n int) stored {
	t.Helper()
	s := stored{size: int64(n)}
	for i := range n {
		s.rows = append(s.rows, entryAt(t, int64(i), "deployment.revise"))
	}
	s.grow()
	return s
}

// grow works out the nodes, and a checkpoint at every hundred entries and the last.
func (s *stored) grow() {
	var g ledger.Growth
	s.nodes, s.signed = nil, nil
	for i, r := range s.rows {
		for k, h := range g.Add(ledger.Leaf(r.Body)) {
			s.nodes = append(s.nodes, ledger.Node{Pos: ledger.Position(int64(i)) + int64(k), Hash: slices.Clone(h[:])})
		}
		if n := int64(i + 1); n%100 == 0 || n == s.size {
			s.signed = append(s.signed, ledger.Signed{Size: n, Root: g.Root()})
		}
	}
}

func (s stored) clone() stored {
	s.rows = slices.Clone(s.rows)
	return s
}

func (s stored) audit() []ledger.Finding {
	a := ledger.NewAudit(auditedOrg, s.size, s.signed)
	a.Expect(s.nodes)
	for _, r := range s.rows {
		a.Take(r)
	}
	return a.Finish()
}

// named says whether the findings name an entry.
func named(fs []ledger.Finding, code string, seq int64) bool {
	return slices.ContainsFunc(fs, func(f ledger.Finding) bool { return f.Code == code && f.Seq == seq })
}

func TestAGoodLogIsGood(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 1000} {
		if got := newStored(t, n).audit(); len(got) > 0 {
			t.Errorf("%d entries: %v", n, got)
		}
	}
}

// TestEveryAlterationIsFound alters a log of 1,000 entries in every way at
// every place, and wants the place named.
func TestEveryAlterationIsFound(t *testing.T) {
	t.Parallel()
	good := newStored(t, 1000)
	tried := 0
	for i := range good.rows {
		seq := int64(i)
		for name, c := range map[string]struct {
			do   func(*stored)
			code string
			at   int64
		}{
			"its words changed":                      {func(s *stored) { s.rows[i].Body = entryAt(t, seq, "deployment.register").Body }, ledger.EntryAltered, seq},
			"one bit of it changed":                  {func(s *stored) { s.rows[i].Body = flip(s.rows[i].Body, i) }, ledger.EntryAltered, seq},
			"its leaf changed":                       {func(s *stored) { s.rows[i].Leaf = flip(s.rows[i].Leaf, i) }, ledger.EntryAltered, seq},
			"its words and its leaf changed":         {func(s *stored) { s.rows[i] = entryAt(t, seq, "deployment.register") }, ledger.NodeAltered, seq},
			"found under another verb":               {func(s *stored) { s.rows[i].Verb = "notice.serve" }, ledger.EntryColumns, seq},
			"found under another subject":            {func(s *stored) { s.rows[i].Subject = "x" }, ledger.EntryColumns, seq},
			"found at another time":                  {func(s *stored) { s.rows[i].At = s.rows[i].At.Add(time.Microsecond) }, ledger.EntryColumns, seq},
			"taken out":                              {func(s *stored) { s.rows = slices.Delete(s.rows, i, i+1) }, ledger.EntryMissing, seq},
			"taken out, and those after it moved up": {func(s *stored) { s.rows = slices.Delete(s.rows, i, i+1); renumber(s.rows) }, movedOrMissing(seq), seq},
			"another put in, and those after it down": {func(s *stored) {
				s.rows = slices.Insert(s.rows, i, entryAt(t, seq, "deployment.register"))
				renumber(s.rows)
			}, ledger.NodeAltered, seq},
			"one put in between": {func(s *stored) { s.rows = slices.Insert(s.rows, i, s.rows[i]) }, ledger.EntryAdded, seq},
		} {
			s := good.clone()
			c.do(&s)
			if got := s.audit(); !named(got, c.code, c.at) || got[0].Seq != c.at {
				t.Errorf("entry %d, %s: %v, want %s at %d", i, name, got, c.code, c.at)
			}
			tried++
		}
		if i+1 < len(good.rows) {
			s := good.clone()
			s.rows[i], s.rows[i+1] = s.rows[i+1], s.rows[i]
			renumber(s.rows)
			if got := s.audit(); !named(got, ledger.EntryMoved, seq) || !named(got, ledger.EntryMoved, seq+1) {
				t.Errorf("entries %d and %d swapped: %v", i, i+1, got)
			}
			tried++
		}
		// Whoever writes the leaf and the whole tree anew is found by what was signed.
		s := good.clone()
		s.rows[i] = entryAt(t, seq, "deployment.register")
		signed := s.signed
		s.grow()
		s.signed = signed
		from := seq / 100 * 100
		if got := s.audit(); len(got) != 1 || got[0].Code != ledger.Contradicted || got[0].From != from || got[0].To != from+100 {
			t.Errorf("entry %d and the tree written anew: %v", i, got)
		}
		tried++
	}
	t.Logf("%d alterations", tried)
}

// movedOrMissing: the last entry taken out leaves nothing to move up.
func movedOrMissing(seq int64) string {
	if seq == 999 {
		return ledger.EntryMissing
	}
	return ledger.EntryMoved
}

func flip(b []byte, i int) []byte {
	b = slices.Clone(b)
	b[i%len(b)] ^= 1 << (i % 8)
	return b
}

// renumber gives rows the numbers of their places, as raw SQL would.
func renumber(rows []ledger.Row) {
	for i := range rows {
		rows[i].Seq = int64(i)
	}
}

func TestOtherFaultsOfALog(t *testing.T) {
	t.Parallel()
	good := newStored(t, 300)
	for name, c := range map[string]struct {
		do   func(*stored)
		want ledger.Finding
	}{
		"rolled back":                {func(s *stored) { s.rows, s.nodes, s.size = s.rows[:250], s.nodes[:ledger.Position(250)], 250 }, ledger.Finding{Code: ledger.RolledBack, Seq: -1, From: 250, To: 300}},
		"the end cut off":            {func(s *stored) { s.rows = s.rows[:299] }, ledger.Finding{Code: ledger.EntryMissing, Seq: 299}},
		"one beyond the end":         {func(s *stored) { s.rows = append(s.rows, entryAt(t, 300, "x")) }, ledger.Finding{Code: ledger.EntryAdded, Seq: 300}},
		"a node altered":             {func(s *stored) { s.nodes[5].Hash = flip(s.nodes[5].Hash, 3) }, ledger.Finding{Code: ledger.NodeAltered, Seq: 3}},
		"a node missing":             {func(s *stored) { s.nodes = slices.Delete(slices.Clone(s.nodes), 5, 6) }, ledger.Finding{Code: ledger.NodeMissing, Seq: 3}},
		"a node too many":            {func(s *stored) { s.nodes = append(s.nodes, ledger.Node{Pos: 9999, Hash: make([]byte, 32)}) }, ledger.Finding{Code: ledger.NodeAdded, Seq: 300}},
		"of another organisation":    {func(s *stored) { s.rows[7] = foreign(t, 7) }, ledger.Finding{Code: ledger.EntryForeign, Seq: 7}},
		"dated before the last one":  {func(s *stored) { s.rows[200] = backdated(t, 200); s.grow() }, ledger.Finding{Code: ledger.EntryBackdated, Seq: 200}},
		"no entry at all":            {func(s *stored) { s.rows[9] = rubbish(9) }, ledger.Finding{Code: ledger.EntryUnreadable, Seq: 9}},
		"a checkpoint of other rows": {func(s *stored) { s.signed[1].Root[0] ^= 1 }, ledger.Finding{Code: ledger.Contradicted, Seq: -1, From: 100, To: 200}},
	} {
		s := good.clone()
		s.nodes, s.signed = slices.Clone(good.nodes), slices.Clone(good.signed)
		c.do(&s)
		if got := s.audit(); len(got) == 0 || got[0] != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func foreign(t testing.TB, seq int64) ledger.Row {
	t.Helper()
	r := entryAt(t, seq, "deployment.revise")
	body, leaf, err := ledger.Seal(ledger.Entry{V: 1, Org: "another", Seq: seq, At: r.At, Verb: r.Verb, Subject: r.Subject, Actor: "a"})
	must(t, err)
	r.Body, r.Leaf = body, leaf[:]
	return r
}

func backdated(t testing.TB, seq int64) ledger.Row {
	t.Helper()
	r := entryAt(t, seq, "deployment.revise")
	r.At = r.At.Add(-2 * time.Hour)
	body, leaf, err := ledger.Seal(ledger.Entry{V: 1, Org: auditedOrg, Seq: seq, At: r.At, Verb: r.Verb, Subject: r.Subject, Actor: "a"})
	must(t, err)
	r.Body, r.Leaf = body, leaf[:]
	return r
}

func rubbish(seq int64) ledger.Row {
	leaf := ledger.Leaf([]byte("not JSON"))
	return ledger.Row{Seq: seq, At: time.Date(2026, 9, 7, 9, 9, 0, 0, time.UTC), Verb: "x", Subject: "y", Body: []byte("not JSON"), Leaf: leaf[:]}
}

// BenchmarkAudit reads a log of entries of about 300 bytes; BenchmarkSHA256
// hashes the same bytes and does nothing else.
func BenchmarkAudit(b *testing.B) {
	s := newBenchLog(b)
	for b.Loop() {
		if got := s.audit(); len(got) > 0 {
			b.Fatal(got)
		}
	}
	b.ReportMetric(float64(len(s.rows)*b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkSHA256(b *testing.B) {
	s := newBenchLog(b)
	for b.Loop() {
		for _, r := range s.rows {
			sum := sha256.Sum256(r.Body)
			if sum[0] == 0 && sum[1] == 0 && sum[2] == 0 && sum[3] == 0 && sum[4] == 0 {
				b.Fatal("a hash of five noughts: look again")
			}
		}
	}
	b.ReportMetric(float64(len(s.rows)*b.N)/b.Elapsed().Seconds(), "events/s")
}

func newBenchLog(b *testing.B) stored {
	b.Helper()
	s := stored{size: 50_000}
	for i := range s.size {
		r := entryAt(b, i, "delivery.record")
		e := ledger.Entry{V: 1, Org: auditedOrg, Seq: i, At: r.At, Verb: r.Verb, Subject: r.Subject, Actor: "system", Data: map[string]any{"event": "accepted", "notice": ledger.Hash(r.Body)}}
		body, leaf, err := ledger.Seal(e)
		must(b, err)
		r.Body, r.Leaf = body, leaf[:]
		s.rows = append(s.rows, r)
	}
	s.grow()
	b.ReportMetric(float64(len(s.rows[0].Body)), "bytes/event")
	return s
}

// BenchmarkProof makes and checks one inclusion proof in a log of a size.
func BenchmarkProof(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		f := grown(n)
		root := need(f.Root(int64(n)))(b)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				seq := i * 7919 % n
				p, err := ledger.Inclusion(int64(n), int64(seq), f.Read)
				if err != nil || ledger.CheckInclusion(p, int64(n), root, int64(seq), leafOf(seq)) != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
