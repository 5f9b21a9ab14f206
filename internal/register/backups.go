package register

import (
	"context"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// shownBackups is how many backups are listed.
const shownBackups = 60

// Backups are those of this installation, newest first: when, how large, and
// whether they were tried. Nothing in them is read here.
func (r *Register) Backups(ctx context.Context, a models.Actor) ([]models.Backup, error) {
	if err := r.check(a, "backup.read", own(a)); err != nil {
		return nil, err
	}
	return r.store.Backups(ctx, shownBackups)
}

// LastGoodBackup is when the last backup was made and tried, for the
// operator's metrics; not found when there is none.
func (r *Register) LastGoodBackup(ctx context.Context) (time.Time, error) {
	b, err := r.store.LastGoodBackup(ctx)
	return b.At, err
}

// NoteBackup writes down a backup that was made, or failed, as of the moment
// that it began: nothing later is in it. It belongs to no
// organisation's log: it holds all of them.
func (r *Register) NoteBackup(ctx context.Context, b models.Backup) error {
	b.ID, b.At = newID(), b.At.UTC().Truncate(time.Microsecond)
	return r.store.Within(ctx, func(tx *store.Tx) error { return tx.Add(ctx, &b) })
}

// NoteRemoved writes down that a backup's time was over.
func (r *Register) NoteRemoved(ctx context.Context, id string) error {
	return r.store.Within(ctx, func(tx *store.Tx) error { return tx.RemovedBackup(ctx, id, r.Now()) })
}
