package register

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"beforehand/internal/ledger"
	"beforehand/models"
)

// Watermark remembers the newest checkpoint of each log in a folder outside
// the database. A database that was put back to an earlier state is found out
// by it, and nothing is signed that contradicts it.
type Watermark struct {
	dir string
	mu  sync.Mutex
}

// Mark is what is remembered of a log.
type Mark struct {
	Size int64  `json:"size"`
	Root []byte `json:"root"`
	Note string `json:"note"`
}

// OpenWatermark opens the folder, which is made when it is missing.
func OpenWatermark(dir string) (*Watermark, error) {
	return &Watermark{dir: dir}, os.MkdirAll(dir, 0o750)
}

func (w *Watermark) path(org string) string { return filepath.Join(w.dir, org+".json") }

// read is the mark of a log; one that was never made is empty.
func (w *Watermark) read(org string) (Mark, error) {
	var m Mark
	b, err := os.ReadFile(w.path(org))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil || len(m.Root) != ledger.HashBytes || m.Size < 1 {
		return Mark{}, fmt.Errorf("%w: %w", errMark, errors.Join(err, fs.ErrInvalid))
	}
	return m, nil
}

// errMark says that what is remembered of a log cannot be read. Nothing stops
// for it: the next checkpoint is written in its place.
var errMark = errors.New("the checkpoint remembered outside the database cannot be read")

// raise remembers a checkpoint, if it is newer.
func (w *Watermark) raise(c models.Checkpoint) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m, err := w.read(c.OrgID); err == nil && m.Size >= c.Size {
		return nil // a mark that cannot be read is written again
	}
	b, err := json.Marshal(Mark{c.Size, c.Root, c.Note})
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(w.dir, ".mark-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // gone already when all went well
	_, err = tmp.Write(b)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), w.path(c.OrgID))
}

// PutAside renames the marks, after a restoration that lost entries knowingly:
// from here the log goes on from where the backup was. The old marks stay as
// files beside, for whoever asks what was lost.
func (w *Watermark) PutAside(suffix string) error {
	files, err := filepath.Glob(filepath.Join(w.dir, "*.json"))
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.Rename(f, f+suffix); err != nil {
			return err
		}
	}
	return nil
}
