package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// Made is a backup in a file.
type Made struct {
	Manifest
	Bytes  int64
	SHA256 string
}

// ToFile writes a backup into a file, which must not be there yet, and tries
// it: it is restored into a scratch place and its logs are compared. The file
// appears when it is good, or not at all. One that is encrypted can be tried
// because it is encrypted to one key more, which is made for this and forgotten.
func ToFile(ctx context.Context, path string, src Source, o Options, on Bench) (Made, error) {
	var m Made
	if _, err := os.Lstat(path); err == nil {
		return m, fmt.Errorf("write the backup: %w", os.ErrExist)
	}
	var ids []age.Identity
	if len(o.Recipients) > 0 {
		once, err := age.GenerateX25519Identity()
		if err != nil {
			return m, err
		}
		o.Recipients = append(append([]age.Recipient{}, o.Recipients...), once.Recipient())
		ids = []age.Identity{once}
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return m, err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // gone already when all went well
	sum := sha256.New()
	if m.Manifest, err = Write(ctx, io.MultiWriter(tmp, sum), src, o); err != nil {
		return m, errors.Join(err, tmp.Close())
	}
	m.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if m.Bytes, err = tmp.Seek(0, io.SeekEnd); err == nil {
		_, err = tmp.Seek(0, io.SeekStart)
	}
	if err := errors.Join(err, tmp.Sync()); err != nil {
		return m, errors.Join(err, tmp.Close())
	}
	_, err = Verify(ctx, tmp, on, ids)
	if err := errors.Join(err, tmp.Close()); err != nil {
		return m, fmt.Errorf("try the backup: %w", err)
	}
	return m, os.Rename(tmp.Name(), path)
}
