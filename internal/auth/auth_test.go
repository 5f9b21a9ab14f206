package auth_test

import (
	"strings"
	"testing"

	"beforehand/internal/auth"
	"beforehand/models"
)

func TestPasswords(t *testing.T) {
	t.Parallel()
	const good = "cawl cennin a thatws"
	hash, err := auth.HashPassword(good)
	if err != nil || !strings.HasPrefix(hash, "$argon2id$") {
		t.Fatalf("%q, %v", hash, err)
	}
	again, err := auth.HashPassword(good)
	if err != nil || again == hash {
		t.Errorf("two hashes of one password are the same, or %v", err)
	}
	for password, want := range map[string]bool{good: true, good + " ": false, "": false, strings.ToUpper(good): false} {
		if auth.CheckPassword(password, hash) != want {
			t.Errorf("%q: not %v", password, want)
		}
	}
	if auth.CheckPassword("", "") || auth.CheckPassword(good, "") || auth.CheckPassword(good, "rubbish") {
		t.Error("no hash, or no sound one, matches nothing")
	}
	for _, bad := range []string{"", "eleven char", "ŵŵŵŵŵŵŵŵŵŵŵ", strings.Repeat("x", 1001)} {
		if _, err := auth.HashPassword(bad); models.KindOf(err) != models.Invalid {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
	if _, err := auth.HashPassword("ŵŷŵŷŵŷŵŷŵŷŵŷ"); err != nil {
		t.Errorf("twelve characters, whatever their bytes: %v", err)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	token, hash := auth.NewToken()
	other, _ := auth.NewToken()
	if !strings.HasPrefix(token, auth.TokenPrefix) || len(token) < 40 || token == other || strings.Contains(hash, token) {
		t.Errorf("%q and %q", token, other)
	}
	if auth.HashToken(token) != hash || auth.HashToken(" "+token+"\n") != hash || auth.HashToken(other) == hash {
		t.Error("a token hashes to its own hash and to no other")
	}
}
