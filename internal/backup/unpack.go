package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"filippo.io/age"

	"beforehand/internal/files"
	"beforehand/internal/store"
)

// unpacked is a backup that lies in a folder, checked to its last byte.
type unpacked struct {
	Manifest
	dir    string
	at     map[string]int // where an entry lies: its number is its name there
	secret []byte
}

// unpack spools a backup into a folder of its own below scratch, which the
// caller closes, and checks it against its manifest. No name from the archive
// becomes a path.
func unpack(ctx context.Context, r io.Reader, scratch string, most int64, ids []age.Identity) (*unpacked, error) {
	o, err := open(r, ids)
	if err != nil {
		return nil, err
	}
	u := &unpacked{at: map[string]int{}}
	if u.dir, err = os.MkdirTemp(scratch, "backup-"); err != nil {
		return nil, err
	}
	if most <= 0 {
		most = mostBytes
	}
	if err := u.fill(ctx, o, most); err != nil {
		return nil, errors.Join(err, u.close())
	}
	return u, nil
}

func (u *unpacked) close() error { return os.RemoveAll(u.dir) }

func (u *unpacked) fill(ctx context.Context, o *opened, most int64) error {
	archive := tar.NewReader(o)
	var seen []Entry
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := archive.Next()
		if errors.Is(err, io.EOF) && o.src.err == nil {
			return fmt.Errorf("there is no manifest: %w", ErrTruncated)
		}
		if err != nil {
			return o.fault(err)
		}
		if err := u.admit(h, most, len(seen)); err != nil {
			return err
		}
		if h.Name == manifestName {
			if err := u.readManifest(o, archive); err != nil {
				return err
			}
			break
		}
		most -= h.Size
		e, err := u.keep(archive, h, len(seen))
		if err != nil {
			return o.fault(err)
		}
		u.at[e.Name] = len(seen)
		seen = append(seen, e)
	}
	if _, err := archive.Next(); !errors.Is(err, io.EOF) {
		if err != nil {
			return o.fault(err)
		}
		return fmt.Errorf("something follows the manifest: %w", ErrAltered)
	}
	if err := o.end(); err != nil {
		return err
	}
	return u.check(seen)
}

// admit says whether an entry may be in a backup at all, before a byte of it is
// read.
func (u *unpacked) admit(h *tar.Header, most int64, number int) error {
	limit := most
	folder, name, _ := strings.Cut(h.Name, "/")
	switch {
	case h.Name == manifestName:
		limit = largestManifest
	case h.Name == secretName:
		limit = min(most, largestSecret)
	case folder+"/" == filesFolder && files.IsHash(name):
		limit = min(most, files.Largest)
	case folder+"/" == databaseFolder && name != "":
	default:
		return fmt.Errorf("an entry is called %.100q: %w", h.Name, ErrAltered)
	}
	if h.Typeflag != tar.TypeReg || h.Linkname != "" {
		return fmt.Errorf("%.100q is not a file: %w", h.Name, ErrAltered)
	}
	if _, twice := u.at[h.Name]; twice {
		return fmt.Errorf("%.100q is there twice: %w", h.Name, ErrAltered)
	}
	if h.Size > limit || number >= mostEntries {
		return fmt.Errorf("%.100q has %d bytes: %w", h.Name, h.Size, ErrLimit)
	}
	return nil
}

// keep writes an entry to the folder; the secret stays in memory.
func (u *unpacked) keep(r io.Reader, h *tar.Header, number int) (Entry, error) {
	sum := sha256.New()
	e := Entry{Name: h.Name, Size: h.Size}
	if h.Name == secretName {
		b, err := io.ReadAll(io.TeeReader(r, sum))
		u.secret, e.SHA256 = b, hex.EncodeToString(sum.Sum(nil))
		return e, err
	}
	f, err := os.OpenFile(u.path(number), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return e, err
	}
	_, err = io.Copy(io.MultiWriter(f, sum), r)
	e.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return e, errors.Join(err, f.Close())
}

func (u *unpacked) path(number int) string { return filepath.Join(u.dir, strconv.Itoa(number)) }

func (u *unpacked) readManifest(o *opened, r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return o.fault(err)
	}
	var form struct{ V int }
	if err := json.Unmarshal(b, &form); err != nil {
		return fmt.Errorf("read the manifest: %w", errors.Join(ErrAltered, err))
	}
	if form.V != version {
		return fmt.Errorf("the backup has form %d: %w", form.V, ErrNewer)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&u.Manifest); err != nil {
		return fmt.Errorf("read the manifest: %w", errors.Join(ErrAltered, err))
	}
	return nil
}

// check compares what was there with what the manifest says.
func (u *unpacked) check(seen []Entry) error {
	for i, e := range seen {
		if i >= len(u.Entries) || e.Name != u.Entries[i].Name {
			return fmt.Errorf("the manifest does not name %.100q there: %w", e.Name, ErrAltered)
		}
		if e != u.Entries[i] || strings.HasPrefix(e.Name, filesFolder) && e.Name != filesFolder+e.SHA256 {
			return fmt.Errorf("%.100q is not what the manifest says: %w", e.Name, ErrAltered)
		}
	}
	if len(u.Entries) > len(seen) {
		return fmt.Errorf("%.100q is not there: %w", u.Entries[len(seen)].Name, ErrAltered)
	}
	var parts []string
	var attachments int
	var size int64
	for _, e := range seen {
		if name, ok := strings.CutPrefix(e.Name, databaseFolder); ok {
			parts = append(parts, name)
		}
		if strings.HasPrefix(e.Name, filesFolder) {
			attachments++
			size += e.Size
		}
	}
	_, secret := u.at[secretName]
	if u.Engine != u.Dump.Engine || attachments != u.Attachments || size != u.AttachmentBytes || secret != u.Secret || !slices.Equal(parts, u.Dump.Parts()) {
		return fmt.Errorf("the manifest contradicts itself: %w", ErrAltered)
	}
	return nil
}

// load fills an empty database.
func (u *unpacked) load(ctx context.Context, dsn string) error {
	return store.Load(ctx, dsn, u.Dump, func(name string) (io.ReadCloser, error) {
		return os.Open(u.path(u.at[databaseFolder+name]))
	})
}

// each hands out the attachments, one at a time.
func (u *unpacked) each(do func(hash string, b []byte) error) error {
	for i, e := range u.Entries {
		hash, ok := strings.CutPrefix(e.Name, filesFolder)
		if !ok {
			continue
		}
		b, err := os.ReadFile(u.path(i))
		if err != nil {
			return err
		}
		if err := do(hash, b); err != nil {
			return err
		}
	}
	return nil
}
