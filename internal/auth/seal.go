package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// keySize is the length of the server's key, in bytes.
const keySize = 32

// sealPrefix names the way of sealing, so that another can follow it.
const sealPrefix = "s1."

// Sealer keeps secrets that the server must be able to read again, such as the
// ones it shares with authenticator apps, unreadable in the database.
type Sealer struct {
	aead cipher.AEAD
	mark []byte
}

// NewSealer takes the server's key, of 32 bytes. What it seals with and what it
// marks with are derived from it separately, so that neither tells of the other.
func NewSealer(key []byte) (*Sealer, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("auth: the key has %d bytes instead of %d", len(key), keySize)
	}
	seal, err := hkdf.Key(sha256.New, key, nil, "beforehand seal 1", keySize)
	if err != nil {
		return nil, err
	}
	mark, err := hkdf.Key(sha256.New, key, nil, "beforehand mark 1", keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(seal)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Sealer{aead: aead, mark: mark}, nil
}

// Seal makes a secret unreadable with AES-256-GCM. About says what it is and
// whose, and opens only with the same: a sealed text that is copied into another
// row stays shut.
func (s *Sealer) Seal(plain []byte, about string) (string, error) {
	sealed := s.aead.Seal(nil, nil, plain, []byte(about)) //nolint:gosec // this AEAD makes its own random nonce and wants none
	return sealPrefix + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open gives a sealed secret back.
func (s *Sealer) Open(sealed, about string) ([]byte, error) {
	text, ok := strings.CutPrefix(sealed, sealPrefix)
	if !ok {
		return nil, errors.New("auth: not a sealed text")
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("auth: not a sealed text: %w", err)
	}
	plain, err := s.aead.Open(nil, nil, b, []byte(about))
	if err != nil {
		return nil, fmt.Errorf("auth: sealed with another key or for something else: %w", err)
	}
	return plain, nil
}

// Mark is a keyed hash, in hex: things are counted under it, such as attempts
// for an address, without the address being stored or guessable.
func (s *Sealer) Mark(text string) string {
	mac := hmac.New(sha256.New, s.mark)
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}
