package auth

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"beforehand/models"
)

// params are OWASP's first recommendation for argon2id: 19 MiB, two passes.
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashing bounds how many hashes are made at once, for each takes 19 MiB.
var hashing = make(chan struct{}, 4)

// The least length of a password, in characters, and the most, in bytes.
const (
	shortest = 12
	longest  = 1000
)

// HashPassword gives the hash that is stored. A password shorter than 12
// characters, longer than 1,000 bytes, among the first that are guessed, or
// with the person's name or address in it is refused. About is what is known of
// the person: their e-mail address and their name.
func HashPassword(password string, about ...string) (string, error) {
	if err := checkNew(password, about).Err(); err != nil {
		return "", err
	}
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2id.CreateHash(password, params)
}

// checkNew tells the first thing wrong with a new password: a longer list would
// only help to pass with the next worst one.
func checkNew(password string, about []string) models.Faults {
	var f models.Faults
	switch {
	case utf8.RuneCountInString(password) < shortest:
		f.Add("password", "too_short", "min", shortest)
	case len(password) > longest:
		f.Add("password", "too_long", "max", longest, "length", len(password))
	case personal(password, about):
		f.Add("password", "personal")
	case common(password):
		f.Add("password", "common")
	}
	return f
}

// nobody is the hash of no password: checking against it takes as long as
// checking a real one, so that an address without an account answers no faster.
// It is made up and not computed: that would take every start 19 MiB.
var nobody = fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", params.Memory, params.Iterations, params.Parallelism, noise(params.SaltLength), noise(params.KeyLength))

func noise(n uint32) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails; without randomness the program ends there
	return base64.RawStdEncoding.EncodeToString(b)
}

// CheckPassword says whether a password is the one that was hashed. An empty
// hash matches nothing, in the same time.
func CheckPassword(password, hash string) bool {
	if len(password) > longest {
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
