package register

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// verbRestored is the entry that a log goes on with after a restoration.
const verbRestored = "ledger.restore"

// Restored is a restoration that the log tells of.
type Restored struct {
	Organisation models.Text
	// At is when it was restored, BackupAt when the backup was made (UTC).
	At, BackupAt time.Time
	// Size is how many entries the backup had; Lost how many more were known
	// to have been signed, by what is remembered outside the database.
	Size, Lost int64
}

// skipped is how many numbers are left out of each series after a restoration: a
// lost notice and a new one must never bear the same. A gap is honest.
const skipped = 100

// NoteRestored writes into each log that it was restored from a backup, and
// how many entries are known to be lost. From here the logs go on; the marks
// that remember later checkpoints are put aside.
func (r *Register) NoteRestored(ctx context.Context, backupAt time.Time) ([]Restored, error) {
	all, err := r.store.Organisations(ctx)
	if err != nil {
		return nil, err
	}
	var out []Restored
	for _, org := range all {
		size, err := r.store.LedgerSize(ctx, org.ID)
		if err != nil {
			return nil, err
		}
		mark, err := r.watermark.read(org.ID)
		if err != nil {
			r.log.WarnContext(ctx, "how much was lost is not known", "error", err.Error())
		}
		v := Restored{Organisation: org.Name(), At: r.Now(), BackupAt: backupAt.UTC(), Size: size, Lost: max(0, mark.Size-size)}
		root, err := ledger.TreeRoot(size, r.store.Nodes(ctx, org.ID))
		if err != nil {
			return nil, err
		}
		err = r.change(ctx, models.Actor{OrgID: org.ID}, verbRestored, func(tx *store.Tx, _ time.Time) (entry, error) {
			if err := errors.Join(tx.SkipNumbers(ctx, org.ID, skipped), tx.EndAllSessions(ctx)); err != nil {
				return entry{}, err
			}
			return entry{subject: org.ID, data: map[string]any{"backup": v.BackupAt, "size": size, "root": base64.StdEncoding.EncodeToString(root[:]), "lost": v.Lost, "skipped": skipped}}, nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, r.watermark.PutAside(".before-" + r.Now().Format("20060102T150405Z"))
}

// Restorations are those that the logs tell of, oldest first.
func (r *Register) Restorations(ctx context.Context) ([]Restored, error) {
	all, err := r.store.Organisations(ctx)
	if err != nil {
		return nil, err
	}
	var out []Restored
	for _, org := range all {
		rows, err := r.store.EntriesAbout(ctx, org.ID, []string{org.ID})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.Verb != verbRestored {
				continue
			}
			v := Restored{Organisation: org.Name(), At: row.At}
			var body struct {
				Data struct {
					Backup time.Time
					Size   int64
					Lost   int64
				}
			}
			if err := json.Unmarshal([]byte(row.Body), &body); err != nil {
				return nil, err
			}
			v.BackupAt, v.Size, v.Lost = body.Data.Backup, body.Data.Size, body.Data.Lost
			out = append(out, v)
		}
	}
	return out, nil
}

// RolledBack are the organisations whose log is shorter than what is
// remembered outside the database, or has other entries: nobody restored it
// in the way that is provided.
func (r *Register) RolledBack(ctx context.Context) ([]models.Reason, error) {
	all, err := r.store.Organisations(ctx)
	if err != nil {
		return nil, err
	}
	var out []models.Reason
	for _, org := range all {
		size, err := r.store.LedgerSize(ctx, org.ID)
		if err != nil {
			return nil, err
		}
		mark, err := r.watermark.read(org.ID)
		if err != nil {
			out = append(out, models.Reason{Code: "log.finding.mark_unreadable", Params: models.Params{"organisation": org.Name()}})
			continue
		}
		err = extends(size, r.store.Nodes(ctx, org.ID), mark.Size, mark.Root)
		if e, ok := errors.AsType[*models.Error](err); ok && e.Kind == models.Conflict {
			e.Params["organisation"] = org.Name()
			out = append(out, models.Reason{Code: "error." + e.Code, Params: e.Params})
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}
