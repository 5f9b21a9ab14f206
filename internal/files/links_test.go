package files_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"beforehand/internal/files"
)

var (
	noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	key  = bytes.Repeat([]byte("k"), 32)
)

func links(t testing.TB, key []byte) files.Links {
	t.Helper()
	l, err := files.NewLinks(key)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestALinkOpensWhatItWasMadeForUntilThen(t *testing.T) {
	t.Parallel()
	l := links(t, key)
	for _, id := range []string{"", "a", files.Hash(nil), "0198-id", "with\nlines\x00and zeros", strings.Repeat("x", 500)} {
		token := l.Make(id, noon)
		for when, want := range map[time.Time]error{
			noon.Add(-time.Hour): nil, noon.Add(-time.Nanosecond): nil, noon: files.ErrLinkExpired, noon.Add(time.Hour): files.ErrLinkExpired,
		} {
			got, err := l.Read(token, when)
			if !errors.Is(err, want) || (want == nil) != (err == nil) || (err == nil) != (got == id) && id != "" {
				t.Errorf("%q at %s: %q, %v", id, when, got, err)
			}
		}
	}
}

func TestALinkThatWasNotMadeHereOpensNothing(t *testing.T) {
	t.Parallel()
	l := links(t, key)
	token := l.Make("an attachment", noon.Add(time.Hour))
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for bit := range 8 {
			raw[i] ^= 1 << bit
			if id, err := l.Read(base64.RawURLEncoding.EncodeToString(raw), noon); !errors.Is(err, files.ErrLink) {
				t.Errorf("bit %d of byte %d flipped opens %q, %v", bit, i, id, err)
			}
			raw[i] ^= 1 << bit
		}
	}
	for i := range token {
		if id, err := l.Read(token[:i], noon); !errors.Is(err, files.ErrLink) {
			t.Errorf("cut at %d it opens %q, %v", i, id, err)
		}
	}
	for name, forged := range map[string]string{
		"of another key": links(t, bytes.Repeat([]byte("K"), 32)).Make("an attachment", noon.Add(time.Hour)),
		"with a newline": token[:10] + "\n" + token[10:],
		"padded":         token + "==",
		"longer":         token + "AA",
		"very long":      strings.Repeat("A", 1<<20),
		"standard":       strings.Repeat("+/", 40),
		"bytes":          "\xff\xfe\x00",
	} {
		if id, err := l.Read(forged, noon); !errors.Is(err, files.ErrLink) {
			t.Errorf("%s it opens %q, %v", name, id, err)
		}
	}
}

func TestAKeyTooShortSignsNoLinks(t *testing.T) {
	t.Parallel()
	for _, short := range [][]byte{nil, {}, key[:31]} {
		if _, err := files.NewLinks(short); err == nil {
			t.Errorf("took a key of %d bytes", len(short))
		}
	}
}

// FuzzLinks finds a text that reads as a link and is not the one that was made.
func FuzzLinks(f *testing.F) {
	l := links(f, key)
	token := l.Make("an attachment", noon.Add(time.Hour))
	for _, seed := range []string{"", token, token[:len(token)-1], token + "A", strings.Repeat("A", 100), "-_-_", "\r\n"} {
		f.Add(seed, "id", int64(0))
	}
	f.Fuzz(func(t *testing.T, text, id string, seconds int64) {
		if got, err := l.Read(text, noon); err == nil && text != l.Make(got, noon.Add(time.Hour)) {
			t.Errorf("%q opens %q", text, got)
		}
		made := l.Make(id, time.Unix(seconds, 0))
		got, err := l.Read(made, time.Unix(seconds, 0).Add(-time.Second))
		if len(made) <= 1024 && (err != nil || got != id) && seconds > -1<<40 && seconds < 1<<40 {
			t.Errorf("%q until %d reads as %q, %v", id, seconds, got, err)
		}
	})
}
