package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"

	"beforehand/internal/files"
	"beforehand/internal/store"
)

// Options say how a backup is written.
type Options struct {
	// Recipients may read it; without any it is not encrypted.
	Recipients []age.Recipient
	// At is when it is made.
	At time.Time
	// Scratch is a folder for one part of the database at a time; empty is the
	// system's.
	Scratch string
}

// Write writes a backup. The database is copied as it stands at one moment, the
// attachments after it: a file is always kept before the row that names it, so
// none is missed. What was written before an error is no backup.
func Write(ctx context.Context, w io.Writer, src Source, o Options) (Manifest, error) {
	m, err := write(ctx, w, src, o)
	if err != nil {
		return m, fmt.Errorf("write the backup: %w", err)
	}
	return m, nil
}

func write(ctx context.Context, w io.Writer, src Source, o Options) (m Manifest, err error) {
	if len(o.Recipients) == 0 {
		src.Secret = nil
	}
	if len(src.Secret) > largestSecret {
		return m, fmt.Errorf("the secret has %d bytes: %w", len(src.Secret), ErrLimit)
	}
	var sealed io.WriteCloser
	if len(o.Recipients) > 0 {
		if sealed, err = age.Encrypt(w, o.Recipients...); err != nil {
			return m, fmt.Errorf("encrypt: %w", err)
		}
		w = sealed
	}
	packed := gzip.NewWriter(w)
	a := &archive{tar: tar.NewWriter(packed), at: o.At.UTC().Truncate(time.Second)}
	m = Manifest{V: version, Engine: src.Store.Engine(), Release: src.Version, At: o.At.UTC(), Secret: len(src.Secret) > 0}
	var hashes []string
	m.Dump, err = src.Store.Dump(ctx, o.Scratch,
		func(name string, size int64, r io.Reader) error { return a.add(databaseFolder+name, size, r) },
		func(r store.Reader) error {
			heads, err := r.Heads(ctx)
			if err != nil {
				return fmt.Errorf("read the heads of the logs: %w", err)
			}
			m.Heads = headsOf(heads)
			hashes, err = r.FileHashes(ctx)
			return err
		})
	if err != nil {
		return m, err
	}
	if err := a.addFiles(ctx, src.Files, hashes, &m); err != nil {
		return m, err
	}
	if m.Secret {
		if err := a.add(secretName, int64(len(src.Secret)), bytes.NewReader(src.Secret)); err != nil {
			return m, err
		}
	}
	if err := a.addManifest(&m); err != nil {
		return m, err
	}
	if err := errors.Join(a.tar.Close(), packed.Close()); err != nil {
		return m, err
	}
	if sealed != nil {
		return m, sealed.Close()
	}
	return m, nil
}

// archive writes entries and notes what it has written.
type archive struct {
	tar     *tar.Writer
	at      time.Time
	entries []Entry
}

func (a *archive) add(name string, size int64, r io.Reader) error {
	if err := a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: a.at, Format: tar.FormatPAX}); err != nil {
		return fmt.Errorf("begin %s: %w", name, err)
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(a.tar, sum), r)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if n != size {
		return fmt.Errorf("write %s: %d bytes instead of %d", name, n, size)
	}
	a.entries = append(a.entries, Entry{name, size, hex.EncodeToString(sum.Sum(nil))})
	return nil
}

// addFiles copies the attachments. One that is lost is no reason to lose the
// others as well: the manifest tells.
func (a *archive) addFiles(ctx context.Context, from files.Store, hashes []string, m *Manifest) error {
	for _, hash := range hashes {
		b, err := from.Get(ctx, hash)
		switch {
		case errors.Is(err, files.ErrMissing):
			m.Missing = append(m.Missing, hash)
			continue
		case errors.Is(err, files.ErrAltered):
			m.Altered = append(m.Altered, hash)
			continue
		case err != nil:
			return err
		}
		if err := a.add(filesFolder+hash, int64(len(b)), bytes.NewReader(b)); err != nil {
			return err
		}
		m.Attachments++
		m.AttachmentBytes += int64(len(b))
	}
	return nil
}

func (a *archive) addManifest(m *Manifest) error {
	m.Entries = a.entries
	b, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return err
	}
	if len(b) > largestManifest || len(m.Entries) > mostEntries {
		return fmt.Errorf("the manifest names %d files: %w", len(m.Entries), ErrLimit)
	}
	return a.add(manifestName, int64(len(b)), bytes.NewReader(b))
}
