package auth_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"beforehand/internal/auth"
)

func newSealer(t testing.TB, key string) *auth.Sealer {
	t.Helper()
	s, err := auth.NewSealer([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	keyA = "0123456789abcdef0123456789abcdef"
	keyB = "0123456789abcdef0123456789abcdeF"
)

func TestSeal(t *testing.T) {
	t.Parallel()
	s, other := newSealer(t, keyA), newSealer(t, keyB)
	for _, plain := range []string{"", "JBSWY3DPEHPK3PXP", strings.Repeat("x", 10_000)} {
		sealed, err := s.Seal([]byte(plain), "totp:user-1")
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Seal([]byte(plain), "totp:user-1")
		if err != nil || again == sealed || plain != "" && strings.Contains(sealed, plain) {
			t.Errorf("%q, %q, %v", sealed, again, err)
		}
		if got, err := s.Open(sealed, "totp:user-1"); err != nil || string(got) != plain {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := s.Open(sealed, "totp:user-2"); err == nil {
			t.Error("opens for somebody else")
		}
		if _, err := other.Open(sealed, "totp:user-1"); err == nil {
			t.Error("opens with another key")
		}
		for i := range min(len(sealed), 60) {
			tampered := []byte(sealed)
			tampered[i] ^= 1
			if _, err := s.Open(string(tampered), "totp:user-1"); err == nil {
				t.Errorf("opens with character %d changed", i)
			}
		}
	}
	for _, bad := range []string{"", "s1.", "s1.AAAA", "s2.AAAA", "JBSWY3DPEHPK3PXP"} {
		if _, err := s.Open(bad, ""); err == nil {
			t.Errorf("%q opens", bad)
		}
	}
	for _, n := range []int{0, 16, 31, 33} {
		if _, err := auth.NewSealer(make([]byte, n)); err == nil {
			t.Errorf("a key of %d bytes", n)
		}
	}
}

func TestMark(t *testing.T) {
	t.Parallel()
	s := newSealer(t, keyA)
	mark := s.Mark("sian@tywi.example")
	if len(mark) != 64 || mark != newSealer(t, keyA).Mark("sian@tywi.example") {
		t.Errorf("%q is not the same each time", mark)
	}
	if mark == s.Mark("sian@tywi.example ") || mark == newSealer(t, keyB).Mark("sian@tywi.example") {
		t.Error("another text or key has the same mark")
	}
}

func FuzzOpen(f *testing.F) {
	s := newSealer(f, keyA)
	// One text, and not a new one each time: the fuzzer's processes share it.
	const sealed = "s1.BVB4bfhKbcQpgzRICcnFaVtnEmFIRcAwGga_LH3S5hiYAw"
	f.Add(sealed, "about")
	f.Add("s1.", "")
	f.Fuzz(func(t *testing.T, text, about string) {
		plain, err := s.Open(text, about)
		if right := text == sealed && about == "about"; right != (err == nil) || right && string(plain) != "secret" {
			t.Errorf("%q opens to %q, %v", text, plain, err)
		}
	})
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	const starts = 8
	keys := make([][]byte, starts)
	var all sync.WaitGroup
	for i := range starts {
		all.Go(func() {
			var err error
			if keys[i], err = auth.KeyFile(path); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, key := range keys {
		if len(key) != 32 || !bytes.Equal(key, keys[0]) {
			t.Errorf("%x is not %x", key, keys[0])
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
	if _, err := auth.KeyFile(filepath.Join(filepath.Dir(path), "none", "key")); err == nil {
		t.Error("a folder that is not there")
	}
}

func TestKeyFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	good := base64.StdEncoding.EncodeToString([]byte(keyA))
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		ok   bool
	}{
		"good":            {good + "\n", 0o600, true},
		"read-only":       {good, 0o400, true},
		"group can read":  {good, 0o640, false},
		"others can read": {good, 0o604, false},
		"empty":           {"", 0o600, false},
		"short":           {good[:20], 0o600, false},
		"two lines":       {good + "\n" + good, 0o600, false},
		"not base64":      {"not a key", 0o600, false},
	} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil { // whatever the umask
			t.Fatal(err)
		}
		key, err := auth.KeyFile(path)
		if (err == nil) != c.ok || c.ok && string(key) != keyA {
			t.Errorf("%s: %q, %v", name, key, err)
		}
		if err != nil && len(c.text) > 8 && strings.Contains(err.Error(), c.text[:8]) {
			t.Errorf("%s: the error tells the key: %v", name, err)
		}
	}
}
