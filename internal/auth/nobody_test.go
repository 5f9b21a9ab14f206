package auth

import (
	"testing"

	"github.com/alexedwards/argon2id"
)

// Checking against nobody's hash is checking a real one: the same work, and no
// password is it.
func TestNobodysHashIsARealOne(t *testing.T) {
	t.Parallel()
	p, salt, key, err := argon2id.DecodeHash(nobody)
	if err != nil || *p != *params || len(salt) != int(params.SaltLength) || len(key) != int(params.KeyLength) {
		t.Fatalf("%+v, %d, %d, %v", p, len(salt), len(key), err)
	}
	if CheckPassword("", "") || CheckPassword("correct horse battery staple", "") {
		t.Error("nobody has a password")
	}
}
