package auth_test

import (
	"regexp"
	"strings"
	"testing"

	"beforehand/internal/auth"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^[a-z2-7]{4}(-[a-z2-7]{4}){7}$`)
	seen := map[string]bool{}
	for range 100 {
		code, hash := auth.NewCode()
		if !shape.MatchString(code) || seen[code] || len(hash) != 64 || hash != auth.HashCode(code) {
			t.Errorf("%q, %q", code, hash)
		}
		seen[code] = true
	}
	code, hash := auth.NewCode()
	for name, typed := range map[string]string{
		"upper case":     strings.ToUpper(code),
		"no dashes":      strings.ReplaceAll(code, "-", ""),
		"spaces":         " " + strings.ReplaceAll(code, "-", " ") + "\r\n",
		"other dashes":   strings.ReplaceAll(code, "-", "–"),
		"no-break space": strings.ReplaceAll(code, "-", "\u00a0"),
	} {
		if auth.HashCode(typed) != hash {
			t.Errorf("%s: %q is another code", name, typed)
		}
	}
	for _, other := range []string{"", code + "a", code[1:], strings.ReplaceAll(code, "-", ".")} {
		if auth.HashCode(other) == hash {
			t.Errorf("%q is the same code", other)
		}
	}
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	codes, hashes := auth.NewRecoveryCodes()
	if len(codes) != 10 || len(hashes) != 10 {
		t.Fatalf("%d and %d", len(codes), len(hashes))
	}
	shape := regexp.MustCompile(`^[a-z2-7]{5}(-[a-z2-7]{5}){4}$`)
	seen := map[string]bool{}
	for i, code := range codes {
		if !shape.MatchString(code) || seen[code] || hashes[i] != auth.HashCode(code) {
			t.Errorf("%q, %q", code, hashes[i])
		}
		seen[code] = true
	}
}

func FuzzHashCode(f *testing.F) {
	f.Add("abcd-efgh", 4)
	f.Add("\xff- ", 1)
	f.Fuzz(func(t *testing.T, code string, at int) {
		hash := auth.HashCode(code)
		if at >= 0 && at <= len(code) && strings.ToValidUTF8(code, "") == code &&
			strings.ToValidUTF8(code[:at], "") == code[:at] && auth.HashCode(code[:at]+" - "+code[at:]) != hash {
			t.Errorf("%q: a dash at %d makes another code", code, at)
		}
	})
}
