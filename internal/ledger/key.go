package ledger

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

func sha256Sum(b []byte) Root { return sha256.Sum256(b) }

// The algorithms of keys, as C2SP signed-note numbers them.
const (
	algEd25519     = 0x01 // a signature by the log itself
	algCosignature = 0x04 // a cosignature/v1 by a witness, with its own time
)

// Key is a public key: of a log when Witness is false, else of a witness. Its
// text is that of C2SP signed-note: NAME+HASH+BASE64.
type Key struct {
	Name    string
	Witness bool
	public  ed25519.PublicKey
}

// ErrKey says that a text is no key of ours.
var ErrKey = errors.New("this is no key: NAME+HASH+KEY is wanted, on one line")

// String is the key as it is given to others.
func (k Key) String() string {
	return fmt.Sprintf("%s+%s+%s", k.Name, k.Hash(), base64.StdEncoding.EncodeToString(append([]byte{k.alg()}, k.public...)))
}

func (k Key) alg() byte {
	if k.Witness {
		return algCosignature
	}
	return algEd25519
}

// Hash is the key's short name: eight hexadecimal digits that people compare,
// and that stand in each of its signatures. SHA-256 of the name, a line feed,
// the algorithm and the key; the first four bytes.
func (k Key) Hash() string { return fmt.Sprintf("%08x", k.KeyHash()) }

// KeyHash is [Key.Hash] as a number.
func (k Key) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(k.Name+"\n"+string(rune(k.alg()))), k.public...))
	return binary.BigEndian.Uint32(sum[:])
}

// Equal says whether two keys are one.
func (k Key) Equal(o Key) bool {
	return k.Name == o.Name && k.Witness == o.Witness && k.public.Equal(o.public)
}

// ParseKey reads a key. What is not exactly as [Key.String] writes it is
// [ErrKey]; a name with letters that only look like others is [ErrLookAlike].
func ParseKey(s string) (Key, error) {
	name, rest, ok := strings.Cut(s, "+")
	if !ok || name == "" {
		return Key{}, ErrKey
	}
	if !plain(name) {
		return Key{}, ErrLookAlike
	}
	_, b64, ok := strings.Cut(rest, "+")
	if !ok {
		return Key{}, ErrKey
	}
	raw, err := unbase64(b64)
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != algEd25519 && raw[0] != algCosignature {
		return Key{}, ErrKey
	}
	k := Key{name, raw[0] == algCosignature, raw[1:]}
	if k.String() != s || smallOrder(raw[1:]) {
		return Key{}, ErrKey
	}
	return k, nil
}

// smallOrders are the points of Ed25519 whose order divides eight, without
// their sign. For such a key anybody can make a signature, one for every text,
// so that it binds nobody (RFC 8032 section 5.1.7 leaves it to its users).
var smallOrders = map[string]bool{
	"0000000000000000000000000000000000000000000000000000000000000000": true,
	"0100000000000000000000000000000000000000000000000000000000000000": true,
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05": true,
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a": true,
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f": true,
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f": true,
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f": true,
}

func smallOrder(point []byte) bool {
	p := [32]byte(point)
	p[31] &= 0x7f
	return smallOrders[hex.EncodeToString(p[:])]
}

// plain says whether a name can be read in one way only: visible ASCII without
// the signs that divide a signature's line.
func plain(name string) bool {
	if name == "" || len(name) > 200 {
		return false
	}
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f || c == '+' {
			return false
		}
	}
	return true
}

// unbase64 reads standard base64 that is written in the one right way.
func unbase64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err == nil && base64.StdEncoding.EncodeToString(b) != s {
		return nil, errors.New("line breaks in base64") // which the library skips
	}
	return b, err
}

// SecretKey signs for a log or a witness.
type SecretKey struct {
	Key
	private ed25519.PrivateKey
}

// NewKey makes a key. The name is visible ASCII without blanks and plus signs.
func NewKey(name string, witness bool) (SecretKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := rand.Read(seed); err != nil {
		return SecretKey{}, err
	}
	return SecretFromSeed(name, witness, seed)
}

// SecretFromSeed is the key of a seed of 32 bytes: the same seed, the same key.
func SecretFromSeed(name string, witness bool, seed []byte) (SecretKey, error) {
	if !plain(name) {
		return SecretKey{}, fmt.Errorf("%q: %w", name, ErrLookAlike)
	}
	if len(seed) != ed25519.SeedSize {
		return SecretKey{}, ErrKey
	}
	private := ed25519.NewKeyFromSeed(seed)
	return SecretKey{Key{name, witness, private.Public().(ed25519.PublicKey)}, private}, nil
}

const secretPrefix = "PRIVATE+KEY+"

// Secret is the key as it is kept: whoever has it signs in its name.
func (s SecretKey) Secret() string {
	return fmt.Sprintf("%s%s+%s+%s", secretPrefix, s.Name, s.Hash(), base64.StdEncoding.EncodeToString(append([]byte{s.alg()}, s.private.Seed()...)))
}

// ParseSecret reads what [SecretKey.Secret] wrote. The error is [ErrKey].
func ParseSecret(text string) (SecretKey, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), secretPrefix)
	parts := strings.Split(rest, "+")
	if !ok || len(parts) < 3 {
		return SecretKey{}, ErrKey
	}
	raw, err := unbase64(strings.Join(parts[2:], "+"))
	if err != nil || len(raw) != 1+ed25519.SeedSize || raw[0] != algEd25519 && raw[0] != algCosignature {
		return SecretKey{}, ErrKey
	}
	s, err := SecretFromSeed(parts[0], raw[0] == algCosignature, raw[1:])
	if err != nil {
		return SecretKey{}, ErrKey
	}
	if s.Hash() != parts[1] {
		return SecretKey{}, ErrKey
	}
	return s, nil
}

func (s SecretKey) sign(msg []byte) []byte { return ed25519.Sign(s.private, msg) }

func (k Key) verify(msg, sig []byte) bool {
	return len(sig) == ed25519.SignatureSize && !smallOrder(sig[:32]) && ed25519.Verify(k.public, msg, sig)
}
