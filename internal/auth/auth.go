// Package auth proves who is asking: passwords and bearer tokens. It has no
// routes and no database.
package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"beforehand/models"
)

// params are OWASP's first recommendation for argon2id: 19 MiB, two passes.
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashing bounds how many hashes are made at once, for each takes 19 MiB.
var hashing = make(chan struct{}, 4)

// shortest is the least length of a password, in characters.
const shortest = 12

// HashPassword gives the hash that is stored. A password shorter than 12
// characters, or longer than 1,000 bytes, is refused.
func HashPassword(password string) (string, error) {
	var f models.Faults
	if utf8.RuneCountInString(password) < shortest {
		f.Add("password", "too_short", "min", shortest)
	}
	if len(password) > 1000 {
		f.Add("password", "too_long", "max", 1000, "length", len(password))
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2id.CreateHash(password, params)
}

// nobody is the hash of no password: checking against it takes as long as
// checking a real one, so that an address without an account answers no faster.
var nobody = randomHash()

func randomHash() string {
	h, err := argon2id.CreateHash(rand.Text(), params)
	if err != nil {
		panic(err) // no randomness: nothing below is safe
	}
	return h
}

// CheckPassword says whether a password is the one that was hashed. An empty
// hash matches nothing, in the same time.
func CheckPassword(password, hash string) bool {
	if len(password) > 1000 {
		return false
	}
	hashing <- struct{}{}
	defer func() { <-hashing }()
	against := hash
	if hash == "" {
		against = nobody
	}
	ok, err := argon2id.ComparePasswordAndHash(password, against)
	return err == nil && ok && hash != ""
}

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
