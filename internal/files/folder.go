package files

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// Folder keeps files in a folder of this machine. It is opened as a root, so no
// name can lead out of it.
type Folder struct{ root *os.Root }

// OpenFolder opens the folder, which is made when it is missing.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of files: %w", err)
	}
	return &Folder{root}, nil
}

// Close lets go of the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Put writes the file beside its place and then renames it: whoever reads sees
// all of it or none.
func (f *Folder) Put(ctx context.Context, hash string, b []byte) error {
	at, err := placeOf(hash, b)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	dir := path.Dir(at)
	if err := f.root.Mkdir(dir, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make a folder for the file: %w", err)
	}
	tmp := path.Join(dir, "."+hash+"."+rand.Text())
	if err := f.write(tmp, b); err != nil {
		return fmt.Errorf("write the file: %w", errors.Join(err, f.remove(tmp)))
	}
	if err := f.root.Rename(tmp, at); err != nil {
		return fmt.Errorf("name the file: %w", errors.Join(err, f.remove(tmp)))
	}
	// A name outlives a crash only when its folder is synced too; and that
	// folder may be new itself.
	if err := errors.Join(f.sync(dir), f.sync(".")); err != nil {
		return fmt.Errorf("sync the folder of the file: %w", err)
	}
	return nil
}

func (f *Folder) write(name string, b []byte) error {
	w, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, bytes.NewReader(b)); err != nil {
		return errors.Join(err, w.Close())
	}
	return errors.Join(w.Sync(), w.Close())
}

func (f *Folder) remove(name string) error {
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (f *Folder) sync(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Get reads a file and checks it against its hash.
func (f *Folder) Get(ctx context.Context, hash string) ([]byte, error) {
	at, err := place(hash)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := f.root.Open(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("file %s: %w", hash, ErrMissing)
	}
	if err != nil {
		return nil, fmt.Errorf("open file %s: %w", hash, err)
	}
	defer func() { _ = r.Close() }() // only read
	return checked(hash, r)
}

// Each names every file. What a crash left half written is not a file.
func (f *Folder) Each(ctx context.Context, do func(hash string, size int64) error) error {
	tree := f.root.FS()
	dirs, err := fs.ReadDir(tree, ".")
	if err != nil {
		return fmt.Errorf("list the files: %w", err)
	}
	for _, dir := range dirs {
		if len(dir.Name()) != 2 || !dir.IsDir() {
			continue
		}
		entries, err := fs.ReadDir(tree, dir.Name())
		if err != nil {
			return fmt.Errorf("list the files: %w", err)
		}
		for _, e := range entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			hash, ok := hashAt(path.Join(dir.Name(), e.Name()))
			if !ok || !e.Type().IsRegular() {
				continue
			}
			info, err := e.Info()
			if err != nil {
				return fmt.Errorf("list the files: %w", err)
			}
			if err := do(hash, info.Size()); err != nil {
				return err
			}
		}
	}
	return nil
}
