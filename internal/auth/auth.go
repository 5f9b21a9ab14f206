// Package auth proves who is asking: passwords, single-use codes, passkeys, an
// organisation's own sign-in and bearer tokens. It has no routes and no
// database.
package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// TokenPrefix lets secret scanners recognise a token.
const TokenPrefix = "bfh_"

// NewToken makes a bearer token and the hash under which it is kept.
func NewToken() (token, hash string) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		panic(err)
	}
	token = TokenPrefix + base64.RawURLEncoding.EncodeToString(b)
	return token, HashToken(token)
}

// HashToken is the SHA-256 of a token. A token has 256 random bits, so a fast
// hash is enough.
func HashToken(token string) string {
	h := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return hex.EncodeToString(h[:])
}
