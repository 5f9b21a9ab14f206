package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"
	"unicode"
)

// recoveryCodes is how many are made at once.
const recoveryCodes = 10

// NewCode makes a single-use code for a message, and the hash under which it is
// kept. It has 160 random bits, so nobody guesses it and a fast hash is enough.
func NewCode() (code, hash string) {
	code = randomCode(32, 4)
	return code, HashCode(code)
}

// NewRecoveryCodes makes ten single-use codes to be written down, and the
// hashes under which they are kept. Each has 125 random bits; from 112 on, a
// fast hash is enough (OWASP ASVS 5).
func NewRecoveryCodes() (codes, hashes []string) {
	for range recoveryCodes {
		code := randomCode(25, 5)
		codes = append(codes, code)
		hashes = append(hashes, HashCode(code))
	}
	return codes, hashes
}

// HashCode is the SHA-256 of a code. Case, spaces and dashes do not matter, for
// a code is copied by hand and mail programs break lines.
func HashCode(code string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, code)
	h := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(h[:])
}

// randomCode gives so many letters of base32, which holds no 0, 1, 8 and 9 to
// mistake, five random bits each, in groups.
func randomCode(letters, group int) string {
	b := make([]byte, letters*5/8+1)
	if _, err := rand.Read(b); err != nil {
		panic(err) // no randomness: nothing is safe
	}
	text := strings.ToLower(base32.StdEncoding.EncodeToString(b))[:letters]
	var out strings.Builder
	for i, r := range text {
		if i > 0 && i%group == 0 {
			out.WriteByte('-')
		}
		out.WriteRune(r)
	}
	return out.String()
}
