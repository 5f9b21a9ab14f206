package files_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beforehand/internal/files"
)

func folder(t *testing.T) place {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "made", "when missing")
	return place{openFolder(t, dir), func(t *testing.T, at string, b []byte) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(at)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, at), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}}
}

func openFolder(t *testing.T, dir string) *files.Folder {
	t.Helper()
	f, err := files.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestAFolderReadsWhatLiesThereAlready(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hash := files.Hash([]byte("from before"))
	if err := os.MkdirAll(filepath.Join(dir, hash[:2]), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, hash[:2], hash), []byte("from before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := openFolder(t, dir).Get(t.Context(), hash); err != nil || string(b) != "from before" {
		t.Errorf("read %q, %v", b, err)
	}
}

func TestNoLinkLeadsOutOfTheFolder(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	f := openFolder(t, dir)
	b := []byte("a secret of the machine")
	hash := files.Hash(b)
	if err := os.WriteFile(filepath.Join(outside, hash), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, hash[:2])); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Get(t.Context(), hash); err == nil {
		t.Errorf("read %q", got)
	}
	if err := os.Remove(filepath.Join(outside, hash)); err != nil {
		t.Fatal(err)
	}
	if err := f.Put(t.Context(), hash, b); err == nil {
		t.Error("wrote outside")
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
		t.Errorf("outside there are %v, %v", left, err)
	}
}

func TestAFileThatCannotBeNamedLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := openFolder(t, dir)
	b := []byte("a file")
	hash := files.Hash(b)
	// A folder that is not empty stands where the file would.
	if err := os.MkdirAll(filepath.Join(dir, hash[:2], hash, "in the way"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := f.Put(t.Context(), hash, b); err == nil {
		t.Error("put it on a folder")
	}
	if err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s was left", path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Get(t.Context(), hash); err == nil || errors.Is(err, files.ErrMissing) {
		t.Errorf("reading a folder said %v", err)
	}
}

func TestAFolderThatIsAFileIsNotOpened(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{path, filepath.Join(path, "below")} {
		if _, err := files.OpenFolder(dir); err == nil {
			t.Errorf("opened %s", dir)
		}
	}
}
