package ledger

import (
	"bytes"
	"encoding/json"
	"math/bits"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Growth computes the hash of a tree whose leaves come one after the other,
// and keeps only what it needs: one hash for each bit of the size.
type Growth struct {
	size int64
	tops []Root // the complete subtrees, largest first
	made []Root
}

// Add takes the next leaf, and gives the nodes that come into being with it,
// as [Nodes] does. They are good until the next call.
func (g *Growth) Add(leaf Root) []Root {
	g.made = append(g.made[:0], leaf)
	node := tlog.Hash(leaf)
	for range bits.TrailingZeros64(^uint64(g.size)) { //nolint:gosec // a size is not negative
		last := len(g.tops) - 1
		node = tlog.NodeHash(tlog.Hash(g.tops[last]), node)
		g.tops = g.tops[:last]
		g.made = append(g.made, Root(node))
	}
	g.tops = append(g.tops, Root(node))
	g.size++
	return g.made
}

// Size is how many leaves there are.
func (g *Growth) Size() int64 { return g.size }

// Root is the hash of the tree as it is.
func (g *Growth) Root() Root {
	if g.size == 0 {
		return emptyRoot
	}
	last := len(g.tops) - 1
	node := tlog.Hash(g.tops[last])
	for i := last - 1; i >= 0; i-- {
		node = tlog.NodeHash(tlog.Hash(g.tops[i]), node)
	}
	return Root(node)
}

// Row is an entry as a database keeps it: its bytes, and what it repeats of
// them for searching.
type Row struct {
	Seq           int64
	At            time.Time
	Verb, Subject string
	Body          []byte
	Leaf          []byte
}

// Node is a node of the tree as a database keeps it.
type Node struct {
	Pos  int64
	Hash []byte
}

// Finding is what an audit found: a fault, and at which entry.
type Finding struct {
	// Code is one of those below.
	Code string
	// Seq is the entry that it is about; -1 is the log as a whole.
	Seq int64
	// From and To bound what it is about when no single entry can be named:
	// from this entry on, and before that one.
	From, To int64
}

// What an audit may find.
const (
	EntryMissing    = "entry_missing"    // there is a gap
	EntryAdded      = "entry_added"      // beyond the end of the log, or twice
	EntryAltered    = "entry_altered"    // its bytes are not those that were hashed
	EntryMoved      = "entry_moved"      // it says that it stands elsewhere
	EntryForeign    = "entry_foreign"    // it is of another organisation
	EntryUnreadable = "entry_unreadable" // it is not canonical JSON of an entry
	EntryColumns    = "entry_columns"    // the columns for searching say something else
	EntryBackdated  = "entry_backdated"  // it is dated well before the one before it
	NodeAltered     = "node_altered"     // a hash of the tree is not that of its entries
	NodeMissing     = "node_missing"     // a hash of the tree is missing
	NodeAdded       = "node_added"       // a hash too many
	Contradicted    = "contradicted"     // a checkpoint was signed over other entries
	BadCheckpoint   = "bad_checkpoint"   // a checkpoint's signature is not good
	RolledBack      = "rolled_back"      // more entries were signed than there are
)

// mostFindings is where an audit stops listing: one alteration may show at
// every entry after it.
const mostFindings = 100

// Signed is a checkpoint that an audit compares the log with.
type Signed struct {
	Size int64
	Root Root
}

// Audit compares a log, read from its beginning, with itself and with what was
// signed of it.
type Audit struct {
	org      string
	size     int64
	signed   []Signed
	grown    Growth
	next     int64
	last     time.Time
	agreed   int64
	nodes    []Node
	findings []Finding
	suffix   []byte
	broken   bool
}

// NewAudit begins an audit of an organisation's log of a size, against the
// checkpoints signed of it, smallest first.
func NewAudit(org string, size int64, signed []Signed) *Audit {
	return &Audit{org: org, size: size, signed: signed}
}

// Findings are what has been found so far.
func (a *Audit) Findings() []Finding { return a.findings }

// Root is the hash of all that has been taken.
func (a *Audit) Root() Root { return a.grown.Root() }

func (a *Audit) find(code string, seq int64) {
	a.broken = true
	if len(a.findings) < mostFindings {
		a.findings = append(a.findings, Finding{Code: code, Seq: seq})
	}
}

// Expect gives the stored nodes that the next rows are compared with, in the
// order of their positions.
func (a *Audit) Expect(nodes []Node) { a.nodes = append(a.nodes, nodes...) }

// backdatable is how far the time of an entry may be before that of the one
// before it: changes that run side by side take their time before they queue.
const backdatable = time.Hour

// Take reads the next row. Rows come in the order of their numbers.
func (a *Audit) Take(r Row) {
	for a.next < r.Seq && len(a.findings) < mostFindings && a.next < a.size {
		a.find(EntryMissing, a.next)
		a.next++
	}
	if r.Seq >= a.size || r.Seq < a.next {
		a.find(EntryAdded, r.Seq)
		return
	}
	a.next = r.Seq + 1
	leaf := Leaf(r.Body)
	switch {
	case !bytes.Equal(leaf[:], r.Leaf):
		a.find(EntryAltered, r.Seq)
	case !a.says(r):
		a.find(a.why(r), r.Seq)
	case r.At.Before(a.last.Add(-backdatable)):
		a.find(EntryBackdated, r.Seq)
		a.broken = false // it is what was written, though not when it says
	}
	if r.At.After(a.last) {
		a.last = r.At
	}
	if a.grown.Size() != r.Seq {
		return // after a gap there is no tree to compare with
	}
	a.compare(r.Seq, a.grown.Add(leaf))
	a.against(r.Seq + 1)
}

// says holds when a body says of itself what its row says. The canonical form
// of an entry ends in these fields, so that there is nothing to be parsed.
func (a *Audit) says(r Row) bool {
	s := append(a.suffix[:0], `,"org":`...)
	s = quoted(s, a.org)
	s = append(s, `,"seq":`...)
	s = strconv.AppendInt(s, r.Seq, 10)
	s = append(s, `,"subject":`...)
	s = quoted(s, r.Subject)
	s = append(s, `,"v":1,"verb":`...)
	s = quoted(s, r.Verb)
	s = append(s, '}')
	a.suffix = s
	if !bytes.HasSuffix(r.Body, s) {
		return a.why(r) == ""
	}
	// The time stands first, after the actor.
	_, rest, ok := bytes.Cut(r.Body[:min(len(r.Body), 300)], []byte(`","at":"`))
	at, _, ends := bytes.Cut(rest, []byte(`"`))
	if !ok || !ends || !bytes.HasPrefix(r.Body, []byte(`{"actor":"`)) {
		return a.why(r) == ""
	}
	var buf [40]byte
	return bytes.Equal(at, r.At.UTC().AppendFormat(buf[:0], time.RFC3339Nano))
}

// quoted writes plain text as JSON; anything else as what no entry holds, so
// that the slow way decides.
func quoted(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return append(b, 0)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// why names the first thing in which a body differs from its row; nothing is "".
func (a *Audit) why(r Row) string {
	var e Entry
	canonical, err := Canonical(json.RawMessage(r.Body))
	if err != nil || !bytes.Equal(canonical, r.Body) || json.Unmarshal(r.Body, &e) != nil {
		return EntryUnreadable
	}
	switch {
	case e.Org != a.org:
		return EntryForeign
	case e.Seq != r.Seq:
		return EntryMoved
	case e.Verb != r.Verb || e.Subject != r.Subject || !e.At.Equal(r.At):
		return EntryColumns
	}
	return ""
}

// compare holds the stored nodes against those that came into being.
func (a *Audit) compare(seq int64, made []Root) {
	pos := Position(seq)
	for i, want := range made {
		at := pos + int64(i)
		for len(a.nodes) > 0 && a.nodes[0].Pos < at {
			a.nodes = a.nodes[1:]
		}
		switch {
		case len(a.nodes) == 0 || a.nodes[0].Pos != at:
			if !a.broken {
				a.find(NodeMissing, seq)
			}
			continue
		case !bytes.Equal(a.nodes[0].Hash, want[:]) && !a.broken:
			a.find(NodeAltered, seq)
		}
		a.nodes = a.nodes[1:]
	}
}

// against compares with the checkpoint of a size, if there is one.
func (a *Audit) against(size int64) {
	for len(a.signed) > 0 && a.signed[0].Size <= size {
		s := a.signed[0]
		a.signed = a.signed[1:]
		if s.Size != size {
			continue
		}
		if a.grown.Root() == s.Root {
			a.agreed = size
			continue
		}
		if len(a.findings) < mostFindings {
			a.findings = append(a.findings, Finding{Code: Contradicted, Seq: -1, From: a.agreed, To: size})
		}
		a.signed = nil // every later one disagrees as well
	}
}

// Finish says what is missing at the end.
func (a *Audit) Finish() []Finding {
	for a.next < a.size && len(a.findings) < mostFindings {
		a.find(EntryMissing, a.next)
		a.next++
	}
	if len(a.signed) > 0 {
		if last := a.signed[len(a.signed)-1].Size; last > a.size {
			a.findings = append(a.findings, Finding{Code: RolledBack, Seq: -1, From: a.size, To: last})
		}
	}
	if len(a.nodes) > 0 && !a.broken {
		a.find(NodeAdded, a.size)
	}
	return a.findings
}
