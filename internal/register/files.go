package register

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// Files keeps attachments in one folder, each under its hash. The folder is
// opened as a root, so no name can lead out of it.
type Files struct{ root *os.Root }

// OpenFiles opens the folder, which is made when it is missing.
func OpenFiles(dir string) (*Files, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	return &Files{root}, err
}

// put writes a file under its hash; one that is there already is the same one.
func (f *Files) put(hash string, b []byte) error {
	dir := hash[:2]
	if err := f.root.Mkdir(dir, 0o750); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	tmp := path.Join(dir, "."+hash+"."+newID())
	w, err := f.root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, bytes.NewReader(b)); err != nil {
		return errors.Join(err, w.Close(), f.root.Remove(tmp))
	}
	if err := errors.Join(w.Sync(), w.Close()); err != nil {
		return err
	}
	return f.root.Rename(tmp, path.Join(dir, hash))
}

func (f *Files) open(hash string) (io.ReadCloser, error) {
	return f.root.Open(path.Join(hash[:2], hash))
}

// allowedTypes are what may be attached. HTML, SVG and programs are not.
var allowedTypes = []string{"application/pdf", "image/png", "image/jpeg", "text/plain", "application/zip", "message/rfc822"}

// largestFile is the limit of an attachment, in bytes.
const largestFile = 20 << 20

// Attach keeps a file. Its type is found from its content, not believed; its
// name is cleaned. The file is written before the row: one without a row is
// harmless, a row without its file is not.
func (r *Register) Attach(ctx context.Context, a models.Actor, name string, b []byte) (models.Attachment, error) {
	var at models.Attachment
	if err := r.check(a, "attachment.add", own(a)); err != nil {
		return at, err
	}
	if len(b) == 0 {
		return at, models.Fail(models.Invalid, "attachment_empty")
	}
	if len(b) > largestFile {
		return at, models.Fail(models.TooLarge, "upload_too_large").With("max", fmt.Sprint(largestFile>>20))
	}
	kind, _, _ := strings.Cut(http.DetectContentType(b), ";")
	if !slices.Contains(allowedTypes, kind) {
		return at, models.Fail(models.Invalid, "attachment_type").With("type", kind)
	}
	at = models.Attachment{OrgID: a.OrgID, ID: newID(), Name: cleanName(name), MediaType: kind, Size: int64(len(b)), SHA256: ledger.Hash(b), ByUserID: a.UserID, CreatedAt: r.Now()}
	if err := r.files.put(at.SHA256, b); err != nil {
		return at, fmt.Errorf("keep the attachment: %w", err)
	}
	err := r.change(ctx, a, "attachment.add", func(tx *store.Tx, _ time.Time) (entry, error) {
		return entry{subject: at.ID, data: map[string]any{"file": at.SHA256, "size": at.Size}}, tx.Add(ctx, &at)
	})
	return at, err
}

func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || strings.ContainsRune(`<>:"/|?*`, c) || c == unicode.ReplacementChar {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	name = strings.Trim(shorten(name, 120), ". ")
	if name == "" {
		return "file"
	}
	return name
}

// Attachment opens a file that somebody may read: the employer's side, or
// whoever handed it in.
func (r *Register) Attachment(ctx context.Context, a models.Actor, id string) (models.Attachment, io.ReadCloser, error) {
	at, err := r.store.Attachment(ctx, a.OrgID, id)
	if err != nil {
		return at, nil, err
	}
	res := own(a)
	res.OwnerID = at.ByUserID
	if err := r.check(a, "attachment.read", res); err != nil {
		// A union may read what is said to prove service on it.
		proof, perr := r.store.ProofFor(ctx, a.OrgID, id, a.Unions())
		if perr != nil {
			return at, nil, perr
		}
		if !proof {
			return at, nil, err
		}
	}
	f, err := r.files.open(at.SHA256)
	return at, f, err
}
