package ledger

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is what a log says of itself at a size: the three lines of C2SP
// tlog-checkpoint, without extension lines.
type Checkpoint struct {
	// Origin names the log, for good: host/ledger/slug-suffix. It is also the name of its keys.
	Origin string
	Size   int64
	Root   Root
}

// Text is what is signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// Faults of a checkpoint. Each is wrapped in a [CheckpointError] that says whose.
var (
	ErrMalformed       = errors.New("this is no checkpoint")
	ErrLookAlike       = errors.New("the name holds letters that may look like others")
	ErrOrigin          = errors.New("the checkpoint is of another log")
	ErrUnsigned        = errors.New("the log has not signed")
	ErrSignature       = errors.New("the log's signature is not of these words")
	ErrUnknownKey      = errors.New("the log's signature is by a key that is not known")
	ErrCosignature     = errors.New("a witness's signature is not of these words")
	ErrUnknownWitness  = errors.New("a signature is by a witness that is not known")
	ErrSignedTwice     = errors.New("one key has signed twice")
	ErrWithoutSignings = errors.New("a key is named that has not signed")
)

// CheckpointError is a fault of a checkpoint.
type CheckpointError struct {
	Err error
	// Name and Hash are of the key that it is about; Hash may be empty.
	Name, Hash string
}

// Error says it for logs.
func (e *CheckpointError) Error() string {
	if e.Name == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v: %s %s", e.Err, e.Name, e.Hash)
}

// Unwrap gives the fault.
func (e *CheckpointError) Unwrap() error { return e.Err }

func faulty(err error, name, hash string) error { return &CheckpointError{err, name, hash} }

// Sign writes a checkpoint as a signed note (C2SP signed-note) with a
// signature by each key.
func Sign(c Checkpoint, keys ...SecretKey) (string, error) {
	signers := make([]note.Signer, len(keys))
	for i, k := range keys {
		if k.Name != c.Origin || k.Witness {
			return "", faulty(ErrOrigin, k.Name, k.Hash())
		}
		signers[i] = signer{k}
	}
	b, err := note.Sign(&note.Note{Text: c.Text()}, signers...)
	return string(b), err
}

// signer and verifier are keys as the notes' library wants them.
type signer struct{ key SecretKey }

func (s signer) Name() string                    { return s.key.Name }
func (s signer) KeyHash() uint32                 { return s.key.KeyHash() }
func (s signer) Sign(msg []byte) ([]byte, error) { return s.key.sign(msg), nil }

type verifier struct{ key Key }

func (v verifier) Name() string    { return v.key.Name }
func (v verifier) KeyHash() uint32 { return v.key.KeyHash() }

// Verify takes a witness's signature with the time before it.
func (v verifier) Verify(msg, sig []byte) bool {
	if !v.key.Witness {
		return v.key.verify(msg, sig)
	}
	if len(sig) < timeBytes {
		return false
	}
	at, ok := cosignedAt(sig)
	return ok && v.key.verify(cosigned(msg, at), sig[timeBytes:])
}

// timeBytes is how a cosignature begins: seconds since 1970 in UTC, eight
// bytes, the greatest first (C2SP tlog-cosignature).
const timeBytes = 8

func cosigned(text []byte, at time.Time) []byte {
	return append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", at.Unix())), text...)
}

func cosignedAt(sig []byte) (time.Time, bool) {
	seconds := binary.BigEndian.Uint64(sig)
	if seconds == 0 || seconds >= 1<<40 { // not before 1970, nor after the year 30000
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0).UTC(), true
}

// Cosign gives the line that a witness adds to a checkpoint: that it has seen
// it at an instant (UTC, whole seconds), and no checkpoint that contradicts it.
func Cosign(text string, k SecretKey, at time.Time) (line string, err error) {
	if !k.Witness {
		return "", ErrKey
	}
	sig := binary.BigEndian.AppendUint64(nil, uint64(at.Unix())) //nolint:gosec // after 1970
	sig = append(sig, k.sign(cosigned([]byte(text), at))...)
	return signatureLine(k.Key, sig), nil
}

func signatureLine(k Key, sig []byte) string {
	return fmt.Sprintf("— %s %s\n", k.Name, base64.StdEncoding.EncodeToString(append(binary.BigEndian.AppendUint32(nil, k.KeyHash()), sig...)))
}

// Signature is one line below a checkpoint.
type Signature struct {
	Name string
	Hash uint32
	raw  []byte
	// By is the key that it was checked with.
	By Key
	// At is when a witness signed, in UTC; zero for the log.
	At time.Time
}

// Line is the signature as it stands in a note.
func (s Signature) Line() string {
	return fmt.Sprintf("— %s %s\n", s.Name, base64.StdEncoding.EncodeToString(append(binary.BigEndian.AppendUint32(nil, s.Hash), s.raw...)))
}

// Note is a checkpoint with its signatures.
type Note struct {
	Checkpoint
	Signatures []Signature
}

// mostSignatures is how many a note may carry.
const mostSignatures = 64

// ReadNote reads a signed checkpoint without checking a signature. It takes
// nothing that is not exactly as [Sign] and [Cosign] write it.
func ReadNote(msg string) (Note, error) {
	var n Note
	text, sigs, ok := strings.Cut(msg, "\n\n")
	lines := strings.Split(text, "\n")
	if !ok || len(lines) != 3 || len(msg) > 1<<16 {
		return n, faulty(ErrMalformed, "", "")
	}
	if !plain(lines[0]) {
		return n, faulty(ErrLookAlike, lines[0], "")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || size > 1<<53 || strconv.FormatInt(size, 10) != lines[1] {
		return n, faulty(ErrMalformed, "", "")
	}
	root, err := unbase64(lines[2])
	if err != nil || len(root) != HashBytes {
		return n, faulty(ErrMalformed, "", "")
	}
	n.Checkpoint = Checkpoint{lines[0], size, Root(root)}
	if !strings.HasSuffix(sigs, "\n") {
		return n, faulty(ErrMalformed, "", "")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(sigs, "\n"), "\n") {
		s, err := readSignature(line)
		if err != nil {
			return n, err
		}
		n.Signatures = append(n.Signatures, s)
	}
	if len(n.Signatures) > mostSignatures {
		return n, faulty(ErrMalformed, "", "")
	}
	return n, nil
}

func readSignature(line string) (Signature, error) {
	rest, ok := strings.CutPrefix(line, "— ")
	name, b64, both := strings.Cut(rest, " ")
	if !ok || !both || name == "" {
		return Signature{}, faulty(ErrMalformed, "", "")
	}
	if !plain(name) {
		return Signature{}, faulty(ErrLookAlike, name, "")
	}
	raw, err := unbase64(b64)
	if err != nil || len(raw) < 5 {
		return Signature{}, faulty(ErrMalformed, "", "")
	}
	return Signature{Name: name, Hash: binary.BigEndian.Uint32(raw), raw: raw[4:]}, nil
}

// OpenNote reads a signed checkpoint and checks every signature in it. Each
// must be by one of the keys, each key must have signed, and one of them must
// be the log's, whose name is the origin. The error is a [CheckpointError].
func OpenNote(msg string, keys []Key) (Note, error) {
	n, err := ReadNote(msg)
	if err != nil {
		return n, err
	}
	for _, k := range keys {
		if !k.Witness && k.Name != n.Origin {
			return n, faulty(ErrOrigin, n.Origin, k.Name)
		}
	}
	verifiers := make([]note.Verifier, len(keys))
	for i, k := range keys {
		verifiers[i] = verifier{k}
	}
	for i := range n.Signatures {
		if err := n.check(i, keys); err != nil {
			return n, err
		}
	}
	if _, err := note.Open([]byte(msg), note.VerifierList(verifiers...)); err != nil {
		return n, faulty(ErrUnsigned, n.Origin, "")
	}
	if !slices.ContainsFunc(n.Signatures, func(s Signature) bool { return !s.By.Witness }) {
		return n, faulty(ErrUnsigned, n.Origin, "")
	}
	for _, k := range keys {
		if !slices.ContainsFunc(n.Signatures, func(s Signature) bool { return s.By.Equal(k) }) {
			return n, faulty(ErrWithoutSignings, k.Name, k.Hash())
		}
	}
	return n, nil
}

func (n *Note) check(i int, keys []Key) error {
	s := &n.Signatures[i]
	hash := fmt.Sprintf("%08x", s.Hash)
	for _, before := range n.Signatures[:i] {
		if before.Name == s.Name && before.Hash == s.Hash {
			return faulty(ErrSignedTwice, s.Name, hash)
		}
	}
	for _, k := range keys {
		if k.Name != s.Name || k.KeyHash() != s.Hash {
			continue
		}
		if !(verifier{k}).Verify([]byte(n.Text()), s.raw) {
			if k.Witness {
				return faulty(ErrCosignature, s.Name, hash)
			}
			return faulty(ErrSignature, s.Name, hash)
		}
		if s.By = k; k.Witness {
			s.At, _ = cosignedAt(s.raw)
		}
		return nil
	}
	if s.Name == n.Origin {
		return faulty(ErrUnknownKey, s.Name, hash)
	}
	return faulty(ErrUnknownWitness, s.Name, hash)
}

// ReadCosignature reads one line by a witness and checks it against a
// checkpoint. The error is a [CheckpointError].
func ReadCosignature(line string, c Checkpoint, k Key) (Signature, error) {
	s, err := readSignature(strings.TrimSuffix(line, "\n"))
	if err != nil {
		return s, err
	}
	if !k.Witness || s.Name != k.Name || s.Hash != k.KeyHash() {
		return s, faulty(ErrUnknownWitness, s.Name, fmt.Sprintf("%08x", s.Hash))
	}
	if !(verifier{k}).Verify([]byte(c.Text()), s.raw) {
		return s, faulty(ErrCosignature, s.Name, k.Hash())
	}
	s.By = k
	s.At, _ = cosignedAt(s.raw)
	return s, nil
}

// KnownNote is a note with only the signatures by keys that somebody knows.
type KnownNote struct {
	Text string
	Keys []Key
}

// Known leaves out the signatures by keys that are not among these, and the
// keys that have not signed: for whoever has a key and is given a note that
// others have signed as well.
func Known(n Note, keys []Key) KnownNote {
	out := KnownNote{Text: n.Text() + "\n"}
	for _, s := range n.Signatures {
		i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == s.Name && k.KeyHash() == s.Hash })
		if i >= 0 {
			out.Text += s.Line()
			out.Keys = append(out.Keys, keys[i])
		}
	}
	if len(out.Keys) == 0 { // by none that is known: let it be said by whom
		for _, s := range n.Signatures {
			out.Text += s.Line()
		}
	}
	return out
}
