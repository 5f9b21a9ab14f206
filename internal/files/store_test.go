package files_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"beforehand/internal/files"
)

// place is a store under test and a way to spoil what lies in it.
type place struct {
	files.Store
	spoil func(t *testing.T, at string, b []byte)
}

// each runs a test on every kind of store.
func each(t *testing.T, test func(t *testing.T, s place)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T) place{"folder": folder, "bucket": bucket, "real bucket": realBucket} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func at(hash string) string { return hash[:2] + "/" + hash }

func TestWhatIsPutIsGot(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s place) {
		for name, b := range map[string][]byte{
			"empty":   {},
			"short":   []byte("Ffion Hughes has too many cases"),
			"zeros":   make([]byte, 70_000),
			"20 MiB":  bytes.Repeat([]byte("0123456789abcdef"), 20<<16),
			"not one": bytes.Repeat([]byte{0, 0xff, '\n', '\r'}, 1000),
		} {
			hash := files.Hash(b)
			for range 2 { // twice, since the same file may be attached twice
				if err := s.Put(t.Context(), hash, b); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			got, err := s.Get(t.Context(), hash)
			if err != nil || !bytes.Equal(got, b) {
				t.Errorf("%s: got %d of %d bytes, %v", name, len(got), len(b), err)
			}
		}
	})
}

func TestAHashThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	b := []byte("a file")
	good := files.Hash(b)
	each(t, func(t *testing.T, s place) {
		for _, hash := range []string{
			"", "ab", "..", "../../etc/passwd", "../" + good, good + "/..", good[:63], good + "0", strings.ToUpper(good),
			"/" + good[1:], good[:62] + "/.", good[:63] + "\x00", good[:63] + "\n", good[:63] + "g", ".." + good[2:],
			strings.Repeat("é", 32), good[:2] + "/" + good[:61],
		} {
			if err := s.Put(t.Context(), hash, b); !errors.Is(err, files.ErrHash) {
				t.Errorf("put %q: %v", hash, err)
			}
			if _, err := s.Get(t.Context(), hash); !errors.Is(err, files.ErrHash) {
				t.Errorf("get %q: %v", hash, err)
			}
		}
		if other := files.Hash([]byte("another")); !errors.Is(s.Put(t.Context(), other, b), files.ErrHash) {
			t.Error("a file was put under the hash of another")
		}
		if got := list(t, s); len(got) > 0 {
			t.Errorf("there are %v", got)
		}
	})
}

func TestAFileTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	s := folder(t)
	b := make([]byte, files.Largest+1)
	if err := s.Put(t.Context(), files.Hash(b), b); !errors.Is(err, files.ErrTooLarge) {
		t.Error(err)
	}
}

func TestAMissingFileIsSaidToBeMissing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s place) {
		if _, err := s.Get(t.Context(), files.Hash([]byte("never put"))); !errors.Is(err, files.ErrMissing) {
			t.Error(err)
		}
	})
}

func TestASpoiltFileIsNoticedAndMended(t *testing.T) {
	t.Parallel()
	b := bytes.Repeat([]byte("evidence "), 500)
	hash := files.Hash(b)
	flipped := bytes.Clone(b)
	flipped[1000] ^= 1
	for name, spoilt := range map[string][]byte{
		"cut short": b[:len(b)-1], "emptied": {}, "a bit flipped": flipped, "longer": append(bytes.Clone(b), 0), "another": []byte("another"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s place) {
				if err := s.Put(t.Context(), hash, b); err != nil {
					t.Fatal(err)
				}
				s.spoil(t, at(hash), spoilt)
				if _, err := s.Get(t.Context(), hash); !errors.Is(err, files.ErrAltered) {
					t.Errorf("read it and said %v", err)
				}
				if err := s.Put(t.Context(), hash, b); err != nil {
					t.Fatal(err)
				}
				if got, err := s.Get(t.Context(), hash); err != nil || !bytes.Equal(got, b) {
					t.Errorf("put again it gives %d bytes, %v", len(got), err)
				}
			})
		})
	}
}

func TestTheSameFileIsPutByManyAtOnce(t *testing.T) {
	t.Parallel()
	b := bytes.Repeat([]byte("the same "), 5000)
	hash := files.Hash(b)
	each(t, func(t *testing.T, s place) {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := s.Put(t.Context(), hash, b); err != nil {
					t.Error(err)
				}
				if _, err := s.Get(t.Context(), hash); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := list(t, s); !slices.Equal(got, []string{hash}) {
			t.Errorf("there are %v", got)
		}
	})
}

func TestEachNamesEveryFileInOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s place) {
		var want []string
		for i := range 30 {
			b := bytes.Repeat([]byte{byte(i)}, i)
			want = append(want, files.Hash(b))
			if err := s.Put(t.Context(), files.Hash(b), b); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(want)
		// What others leave there is not ours: a name, a place and a half-written file.
		s.spoil(t, "ab/README.txt", []byte("x"))
		s.spoil(t, "ab/"+files.Hash([]byte("elsewhere")), []byte("x"))
		s.spoil(t, want[0][:2]+"/."+want[0]+".ABC", []byte("x"))
		s.spoil(t, "other/"+want[0], []byte("x"))
		if got := list(t, s); !slices.Equal(got, want) {
			t.Errorf("there are %v, not %v", got, want)
		}
		enough := errors.New("enough")
		n := 0
		err := s.Each(t.Context(), func(string, int64) error {
			if n++; n == 3 {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) || n != 3 {
			t.Errorf("it went on to %d and said %v", n, err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Each(gone, func(string, int64) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("a listing that nobody waits for said %v", err)
		}
	})
}

func list(t *testing.T, s files.Store) (hashes []string) {
	t.Helper()
	if err := s.Each(t.Context(), func(hash string, size int64) error {
		b, err := s.Get(t.Context(), hash)
		if int64(len(b)) != size {
			t.Errorf("%s has %d bytes, it says %d", hash, len(b), size)
		}
		hashes = append(hashes, hash)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return hashes
}
