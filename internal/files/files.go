// Package files keeps attachments outside the database: each under the hash of
// its bytes, in a folder or in a bucket of an object store. Here live also the
// scanner that looks for malware in them and the links that open one of them for
// a while. Who may see a file is decided elsewhere.
package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Largest is what one file may weigh, in bytes: a store holds it in memory.
const Largest = 64 << 20

var (
	// ErrHash says that a hash is not 64 lower-case hex digits, or not that of the bytes.
	ErrHash = errors.New("not the SHA-256 of the file")
	// ErrMissing says that the store has no file of this hash.
	ErrMissing = errors.New("the file is missing")
	// ErrAltered says that what is stored under a hash does not have that hash.
	ErrAltered = errors.New("the file was altered or cut short")
	// ErrTooLarge says that a file is larger than [Largest].
	ErrTooLarge = errors.New("the file is too large")
)

// Store keeps files under the SHA-256 of their bytes, in lower-case hex. It is
// durable: once Put has returned, the file is there after a crash. It may be
// used by many at a time.
type Store interface {
	// Put keeps a file. To put one again is harmless, and mends it if it was altered.
	Put(ctx context.Context, hash string, b []byte) error
	// Get reads a file and checks it: ErrMissing, ErrAltered.
	Get(ctx context.Context, hash string) ([]byte, error)
	// Each names every file in the order of the hashes. It reads none: a size
	// is what the store says it is. An error of do ends it and is returned.
	Each(ctx context.Context, do func(hash string, size int64) error) error
}

// Hash is the name under which a file is kept.
func Hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// IsHash says whether a text has the form of a hash. Nothing else becomes part
// of a path.
func IsHash(s string) bool {
	return len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}

// place is where a file lies, in a folder as in a bucket: few file systems like
// a million names in one folder.
func place(hash string) (string, error) {
	if !IsHash(hash) {
		return "", ErrHash
	}
	return path.Join(hash[:2], hash), nil
}

// placeOf is place for a file that is about to be written.
func placeOf(hash string, b []byte) (string, error) {
	at, err := place(hash)
	if err != nil {
		return "", err
	}
	if len(b) > Largest {
		return "", ErrTooLarge
	}
	if Hash(b) != hash {
		return "", ErrHash
	}
	return at, nil
}

// hashAt is the hash of the file that lies at a place, or nothing when what lies
// there is not ours.
func hashAt(at string) (string, bool) {
	dir, hash, _ := strings.Cut(at, "/")
	return hash, IsHash(hash) && dir == hash[:2]
}

// checked reads a stored file. One that has grown beyond all bounds is not read
// to its end to find that out.
func checked(hash string, r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, Largest+1))
	if err != nil {
		return nil, fmt.Errorf("read file %s: %w", hash, err)
	}
	if len(b) > Largest || Hash(b) != hash {
		return nil, fmt.Errorf("file %s: %w", hash, ErrAltered)
	}
	return b, nil
}
