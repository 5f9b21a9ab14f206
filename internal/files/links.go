package files

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

var (
	// ErrLink says that a link was not made here, or has been changed.
	ErrLink = errors.New("the link is not one of ours")
	// ErrLinkExpired says that a link was good and no longer is.
	ErrLinkExpired = errors.New("the link has expired")
)

const (
	// linkKey is the least that a server's key may weigh, in bytes.
	linkKey = 32
	// longestLink bounds what is decoded for a stranger, in characters.
	longestLink = 1 << 10
	// expirySize is the size of the expiry in a link, in bytes.
	expirySize = 8
)

// Links makes and reads links that open one file for a while, for whoever holds
// them. A link says what it opens; it hides nothing.
type Links struct{ key []byte }

// NewLinks takes the server's key, of 32 bytes or more. What the links are
// signed with is derived from it and tells nothing of it.
func NewLinks(key []byte) (Links, error) {
	if len(key) < linkKey {
		return Links{}, fmt.Errorf("files: the key has %d bytes instead of %d", len(key), linkKey)
	}
	derived, err := hkdf.Key(sha256.New, key, nil, "beforehand file link 1", sha256.Size)
	return Links{derived}, err
}

// Make gives the token of a link to what is called id, good until a moment,
// whose fraction of a second is dropped.
func (l Links) Make(id string, until time.Time) string {
	said := binary.BigEndian.AppendUint64(nil, uint64(until.Unix())) //nolint:gosec // read back as it was
	said = append(said, id...)
	return base64.RawURLEncoding.EncodeToString(append(l.sign(said), said...))
}

// Read gives what a token opens: ErrLink, ErrLinkExpired.
func (l Links) Read(token string, now time.Time) (string, error) {
	if len(token) > longestLink {
		return "", ErrLink
	}
	b, err := base64.RawURLEncoding.DecodeString(token)
	// The decoder passes over line ends and loose bits: a link has one form.
	if err != nil || base64.RawURLEncoding.EncodeToString(b) != token {
		return "", ErrLink
	}
	if len(b) < sha256.Size+expirySize {
		return "", ErrLink
	}
	signature, said := b[:sha256.Size], b[sha256.Size:]
	if !hmac.Equal(signature, l.sign(said)) {
		return "", ErrLink
	}
	until := time.Unix(int64(binary.BigEndian.Uint64(said)), 0) //nolint:gosec // written by Make
	if !now.Before(until) {
		return "", ErrLinkExpired
	}
	return string(said[expirySize:]), nil
}

func (l Links) sign(said []byte) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(said)
	return mac.Sum(nil)
}
