package auth

import (
	"crypto/rand"
	"strings"
	"testing"
)

func TestList(t *testing.T) {
	t.Parallel()
	if n := len(listed()); n != 47_023 {
		t.Errorf("%d entries", n)
	}
	for entry := range listed() {
		if entry == "" || entry != strings.ToLower(entry) || strings.ContainsAny(entry, "\r\n\t ") {
			t.Errorf("%q can match nothing", entry)
		}
	}
}

func TestRandomTextIsNeverCommon(t *testing.T) {
	t.Parallel()
	for range 2000 {
		if s := rand.Text(); common(s) {
			t.Errorf("%q", s)
		}
	}
}

func FuzzCommon(f *testing.F) {
	for _, s := range []string{"password1234", "\xff\xfe\xff\xfe", "ŵŵ", "1qaz2wsx3edc", ""} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, password, about string) {
		common(password)
		// What holds a name holds it in any case.
		if personal(password, []string{about}) && !personal(password+"x", []string{about}) {
			t.Errorf("%q holds a part of %q, and no more with a letter behind", password, about)
		}
		if doubled := password + password; listed()[password] && !common(doubled) {
			t.Errorf("%q is listed, and twice it is not common", password)
		}
	})
}
