package ledger

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// HashBytes is the length of a hash: SHA-256.
const HashBytes = 32

// Root is the RFC 6962 hash of a whole tree, or of one of its nodes.
type Root = [HashBytes]byte

// Hashes reads nodes of the tree by their positions in the one row in which
// a log keeps them: complete subtrees only, as golang.org/x/mod/sumdb/tlog
// orders them. It answers as many hashes as it was asked for, in that order.
type Hashes func(positions []int64) ([]Root, error)

// ReadHashes reads for the library.
func (h Hashes) ReadHashes(positions []int64) ([]tlog.Hash, error) {
	got, err := h(positions)
	if err != nil {
		return nil, err
	}
	if len(got) != len(positions) {
		return nil, fmt.Errorf("%d of %d nodes of the tree are there", len(got), len(positions))
	}
	out := make([]tlog.Hash, len(got))
	for i, r := range got {
		out[i] = tlog.Hash(r)
	}
	return out, nil
}

// Position is where the first node lies that comes into being with a leaf.
func Position(seq int64) int64 { return tlog.StoredHashIndex(0, seq) }

// Nodes are the nodes that come into being with a leaf, to be kept from
// [Position] on: the leaf, and every subtree that it completes.
func Nodes(seq int64, leaf Root, h Hashes) ([]Root, error) {
	made, err := tlog.StoredHashesForRecordHash(seq, tlog.Hash(leaf), h)
	if err != nil {
		return nil, err
	}
	return roots(made), nil
}

func roots(hashes []tlog.Hash) []Root {
	out := make([]Root, len(hashes))
	for i, h := range hashes {
		out[i] = Root(h)
	}
	return out
}

// TreeRoot is the hash of the tree of a size. A tree without leaves has the
// hash of nothing, as RFC 6962 section 2.1 says.
func TreeRoot(size int64, h Hashes) (Root, error) {
	if size == 0 {
		return emptyRoot, nil
	}
	r, err := tlog.TreeHash(size, h)
	return Root(r), err
}

var emptyRoot = sha256Sum(nil)

// ErrProof says that a proof does not prove what it should.
var ErrProof = errors.New("the proof does not lead to the hash of the tree")

// Inclusion proves that the leaf of a sequence number is in the tree of a
// size: the hashes of RFC 6962 section 2.1.1, from the leaf up.
func Inclusion(size, seq int64, h Hashes) ([]Root, error) {
	if seq < 0 || seq >= size {
		return nil, fmt.Errorf("entry %d is not in a log of %d entries", seq, size)
	}
	p, err := tlog.ProveRecord(size, seq, h)
	return roots(p), err
}

// CheckInclusion checks an [Inclusion]. The error is [ErrProof].
func CheckInclusion(proof []Root, size int64, root Root, seq int64, leaf Root) error {
	if seq < 0 || seq >= size {
		return ErrProof
	}
	if tlog.CheckRecord(hashes(proof), size, tlog.Hash(root), seq, tlog.Hash(leaf)) != nil {
		return ErrProof
	}
	return nil
}

// Consistency proves that the tree of an older size is the beginning of that
// of a newer one: the hashes of RFC 6962 section 2.1.2. Nothing is a beginning
// of everything, and everything of itself: those proofs are empty.
func Consistency(older, newer int64, h Hashes) ([]Root, error) {
	if older < 0 || older > newer {
		return nil, fmt.Errorf("a log of %d entries is not the beginning of one of %d", older, newer)
	}
	if older == 0 || older == newer {
		return []Root{}, nil
	}
	p, err := tlog.ProveTree(newer, older, h)
	return roots(p), err
}

// CheckConsistency checks a [Consistency]. The error is [ErrProof].
func CheckConsistency(proof []Root, older int64, olderRoot Root, newer int64, newerRoot Root) error {
	switch {
	case older < 0 || older > newer:
		return ErrProof
	case older == 0:
		return proven(len(proof) == 0 && olderRoot == emptyRoot)
	case older == newer:
		return proven(len(proof) == 0 && olderRoot == newerRoot)
	}
	return proven(tlog.CheckTree(hashes(proof), newer, tlog.Hash(newerRoot), older, tlog.Hash(olderRoot)) == nil)
}

func proven(yes bool) error {
	if yes {
		return nil
	}
	return ErrProof
}

func hashes(rs []Root) []tlog.Hash {
	out := make([]tlog.Hash, len(rs))
	for i, r := range rs {
		out[i] = tlog.Hash(r)
	}
	return out
}

// Fold computes the tree of leaves that come one after the other, keeping
// every node: what a log that is read from its beginning is compared with.
type Fold struct {
	size  int64
	nodes []Root
}

// Add takes the next leaf, and gives the nodes that come into being with it.
func (f *Fold) Add(leaf Root) []Root {
	made, err := Nodes(f.size, leaf, f.Read)
	if err != nil {
		panic(err) // it reads only what it has kept
	}
	f.nodes = append(f.nodes, made...)
	f.size++
	return made
}

// Size is how many leaves there are.
func (f *Fold) Size() int64 { return f.size }

// Read reads nodes, as a [Hashes].
func (f *Fold) Read(positions []int64) ([]Root, error) {
	out := make([]Root, len(positions))
	for i, p := range positions {
		if p < 0 || p >= int64(len(f.nodes)) {
			return nil, fmt.Errorf("node %d is not there yet", p)
		}
		out[i] = f.nodes[p]
	}
	return out, nil
}

// Root is the hash of the tree when it had a size, which is at most that now.
func (f *Fold) Root(size int64) (Root, error) { return TreeRoot(size, f.Read) }
