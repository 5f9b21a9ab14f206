package ledger_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"pgregory.net/rapid"

	"beforehand/internal/ledger"
)

// leafOf is the leaf of an entry that says nothing but its number.
func leafOf(i int) ledger.Root {
	return ledger.Leaf(binary.BigEndian.AppendUint64([]byte("entry "), uint64(i)))
}

func grown(n int) *ledger.Fold {
	var f ledger.Fold
	for i := range n {
		f.Add(leafOf(i))
	}
	return &f
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func need[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func lists(rs []ledger.Root) [][]byte {
	out := make([][]byte, len(rs))
	for i := range rs {
		out[i] = rs[i][:]
	}
	return out
}

// most is the size up to which every proof is tried.
const most = 300

// TestEveryInclusionProof makes the proof of every entry in every log of up to
// 300, and has it checked by us and by another library.
func TestEveryInclusionProof(t *testing.T) {
	t.Parallel()
	f := grown(most)
	other := rfc6962.DefaultHasher
	proofs := 0
	for size := int64(1); size <= most; size++ {
		root := need(f.Root(size))(t)
		for seq := range size {
			p := need(ledger.Inclusion(size, seq, f.Read))(t)
			leaf := leafOf(int(seq))
			must(t, ledger.CheckInclusion(p, size, root, seq, leaf))
			if err := proof.VerifyInclusion(other, uint64(seq), uint64(size), leaf[:], lists(p), root[:]); err != nil {
				t.Fatalf("entry %d of %d: %v", seq, size, err)
			}
			proofs++
		}
	}
	t.Logf("%d inclusion proofs", proofs)
}

// TestEveryConsistencyProof does the same for every pair of sizes.
func TestEveryConsistencyProof(t *testing.T) {
	t.Parallel()
	f := grown(most)
	proofs := 0
	for newer := int64(0); newer <= most; newer++ {
		root := need(f.Root(newer))(t)
		for older := range newer + 1 {
			p := need(ledger.Consistency(older, newer, f.Read))(t)
			old := need(f.Root(older))(t)
			must(t, ledger.CheckConsistency(p, older, old, newer, root))
			if older > 0 { // the other library has no proof from nothing
				if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(older), uint64(newer), lists(p), old[:], root[:]); err != nil {
					t.Fatalf("%d to %d: %v", older, newer, err)
				}
			}
			proofs++
		}
	}
	t.Logf("%d consistency proofs", proofs)
}

// TestRootsAgreeWithAnotherLibrary compares the roots, however they are worked out.
func TestRootsAgreeWithAnotherLibrary(t *testing.T) {
	t.Parallel()
	f := grown(1500)
	var g ledger.Growth
	r := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	for i := range 1500 {
		leaf := leafOf(i)
		made := slices.Clone(g.Add(leaf))
		must(t, r.Append(leaf[:], nil))
		want := need(r.GetRootHash(nil))(t)
		root := need(f.Root(int64(i + 1)))(t)
		if string(root[:]) != string(want) || g.Root() != root {
			t.Fatalf("%d entries: three roots", i+1)
		}
		if nodes := need(ledger.Nodes(int64(i), leaf, f.Read))(t); !slices.Equal(nodes, made) {
			t.Fatalf("entry %d: nodes differ", i)
		}
	}
	if root := need(f.Root(0))(t); root != sha256.Sum256(nil) {
		t.Error("nothing has the hash of nothing")
	}
}

// TestProofsOfLargeLogs tries sizes beyond what can be tried whole, and that a
// proof of one thing proves no other.
func TestProofsOfLargeLogs(t *testing.T) {
	t.Parallel()
	const large = 20_000
	f := grown(large)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(2, large).Draw(t, "size")
		seq := rapid.Int64Range(0, size-1).Draw(t, "seq")
		older := rapid.Int64Range(1, size).Draw(t, "older")
		root, err := f.Root(size)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ledger.Inclusion(size, seq, f.Read)
		if err != nil || ledger.CheckInclusion(p, size, root, seq, leafOf(int(seq))) != nil {
			t.Fatalf("entry %d of %d: %v", seq, size, err)
		}
		old, err := f.Root(older)
		if err != nil {
			t.Fatal(err)
		}
		c, err := ledger.Consistency(older, size, f.Read)
		if err != nil || ledger.CheckConsistency(c, older, old, size, root) != nil {
			t.Fatalf("%d to %d: %v", older, size, err)
		}
		other := rapid.Int64Range(0, size-1).Filter(func(n int64) bool { return n != seq }).Draw(t, "other")
		if ledger.CheckInclusion(p, size, root, other, leafOf(int(seq))) == nil || ledger.CheckInclusion(p, size, root, seq, leafOf(int(other))) == nil {
			t.Fatalf("the proof of %d proves %d", seq, other)
		}
		if len(p) > 0 {
			i, bit := rapid.IntRange(0, len(p)-1).Draw(t, "hash"), rapid.IntRange(0, 255).Draw(t, "bit")
			p[i][bit/8] ^= 1 << (bit % 8)
			if !errors.Is(ledger.CheckInclusion(p, size, root, seq, leafOf(int(seq))), ledger.ErrProof) {
				t.Fatal("an altered proof proves")
			}
		}
		if older < size {
			i, bit := rapid.IntRange(0, len(c)-1).Draw(t, "hash"), rapid.IntRange(0, 255).Draw(t, "bit")
			c[i][bit/8] ^= 1 << (bit % 8)
			if !errors.Is(ledger.CheckConsistency(c, older, old, size, root), ledger.ErrProof) {
				t.Fatal("an altered proof proves")
			}
		}
	})
}

func TestProofsThatAreNone(t *testing.T) {
	t.Parallel()
	f := grown(10)
	root := need(f.Root(10))(t)
	for name, err := range map[string]error{
		"an entry beyond the log":  ledger.CheckInclusion(nil, 10, root, 10, leafOf(0)),
		"an entry before the log":  ledger.CheckInclusion(nil, 10, root, -1, leafOf(0)),
		"a log of nothing":         ledger.CheckInclusion(nil, 0, root, 0, leafOf(0)),
		"older than newer":         ledger.CheckConsistency(nil, 11, root, 10, root),
		"nothing with a proof":     ledger.CheckConsistency([]ledger.Root{root}, 0, ledger.Root{}, 10, root),
		"nothing with a root":      ledger.CheckConsistency(nil, 0, root, 10, root),
		"the same size, two roots": ledger.CheckConsistency(nil, 10, root, 10, leafOf(0)),
		"a proof too short":        ledger.CheckConsistency(nil, 3, need(f.Root(3))(t), 10, root),
	} {
		if !errors.Is(err, ledger.ErrProof) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ledger.Inclusion(10, 10, f.Read); err == nil {
		t.Error("an entry that is not there has no proof")
	}
	if _, err := ledger.Consistency(11, 10, f.Read); err == nil {
		t.Error("a newer log is no beginning of an older one")
	}
	if _, err := ledger.Inclusion(20, 3, f.Read); err == nil {
		t.Error("nodes that are missing make no proof")
	}
}
