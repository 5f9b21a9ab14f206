package store

import (
	"context"

	"beforehand/models"
)

// Room is a union's own room, open for as long as a transaction lasts. On
// PostgreSQL the rows are there for nobody else: row-level security shows them
// only to a transaction that has said whose room it opens. On SQLite, which
// has no such wall, every question here names the union.
type Room struct {
	rd         Reader
	tx         *Tx
	org, union string
}

// ReadRoom opens a union's room to read in it.
func (s *Store) ReadRoom(ctx context.Context, org, union string, do func(Room) error) error {
	if !s.postgres {
		return do(Room{rd: s.Reader, org: org, union: union})
	}
	return s.Within(ctx, func(tx *Tx) error { return tx.InRoom(ctx, org, union, do) })
}

// InRoom opens a union's room inside a transaction, and shuts it again.
func (t *Tx) InRoom(ctx context.Context, org, union string, do func(Room) error) error {
	if err := t.open(ctx, org+"/"+union); err != nil {
		return err
	}
	if err := do(Room{rd: t.Reader, tx: t, org: org, union: union}); err != nil {
		return err // the transaction ends, and the room with it
	}
	return t.open(ctx, "")
}

func (t *Tx) open(ctx context.Context, room string) error {
	if !t.postgres {
		return nil
	}
	return t.exec(ctx, "SELECT set_config('beforehand.room', ?, TRUE)", room)
}

// Walled says whether the database itself keeps a room from whoever has not
// opened it: PostgreSQL, unless we are signed in to it as a role that row-level
// security does not hold for.
func (s *Store) Walled(ctx context.Context) (bool, error) {
	if !s.postgres {
		return false, nil
	}
	rows, err := raw[bool](ctx, s.Reader, "SELECT NOT (rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname = current_user")
	return err == nil && len(rows) == 1 && rows[0], err
}

const inRoom = "org_id = ? AND union_id = ?"

// Entries are what is in the room, newest first; of one deployment if it is named.
func (r Room) Entries(ctx context.Context, deploymentID string) ([]models.RoomEntry, error) {
	if deploymentID != "" {
		return many[models.RoomEntry](ctx, r.rd, "created_at DESC, id DESC", inRoom+" AND deployment_id = ?", r.org, r.union, deploymentID)
	}
	return many[models.RoomEntry](ctx, r.rd, "created_at DESC, id DESC", inRoom, r.org, r.union)
}

// Entry finds one.
func (r Room) Entry(ctx context.Context, id string) (models.RoomEntry, error) {
	return one[models.RoomEntry](ctx, r.rd.locking(), "room_entry", inRoom+" AND id = ?", r.org, r.union, id)
}

// Tallies are how many members the reps heard each concern from.
func (r Room) Tallies(ctx context.Context) (map[string][]models.Tally, error) {
	rows, err := many[models.Tally](ctx, r.rd, "at, id", inRoom, r.org, r.union)
	out := map[string][]models.Tally{}
	for _, t := range rows {
		out[t.EntryID] = append(out[t.EntryID], t)
	}
	return out, err
}

// Files are the documents of the room, without their bytes.
func (r Room) Files(ctx context.Context) (map[string][]models.RoomFile, error) {
	rows, err := raw[models.RoomFile](ctx, r.rd, "SELECT org_id, id, union_id, entry_id, name, media_type, size, by_user_id, at FROM room_files WHERE "+inRoom+" ORDER BY at, id", r.org, r.union)
	out := map[string][]models.RoomFile{}
	for _, f := range rows {
		out[f.EntryID] = append(out[f.EntryID], f)
	}
	return out, err
}

// File is one document with its bytes.
func (r Room) File(ctx context.Context, id string) (models.RoomFile, error) {
	return one[models.RoomFile](ctx, r.rd, "room_file", inRoom+" AND id = ?", r.org, r.union, id)
}

// Add writes a row of the room.
func (r Room) Add(ctx context.Context, row any) error { return r.tx.Add(ctx, row) }

// Tally writes how many members a rep has heard a concern from, in the place of
// what they said before.
func (r Room) Tally(ctx context.Context, t models.Tally) error {
	if err := r.tx.exec(ctx, "DELETE FROM room_tallies WHERE org_id = ? AND union_id = ? AND entry_id = ? AND by_user_id = ?", r.org, r.union, t.EntryID, t.ByUserID); err != nil {
		return err
	}
	return r.tx.Add(ctx, &t)
}

// Save writes an entry back.
func (r Room) Save(ctx context.Context, e *models.RoomEntry, readAt int) error {
	return save(ctx, r.tx, e, "room_entry", r.org, e.ID, readAt)
}

// Remove removes an entry with what belongs to it: a room keeps only what its
// union wants kept.
func (r Room) Remove(ctx context.Context, id string) error {
	for _, q := range []string{
		"DELETE FROM room_tallies WHERE org_id = ? AND union_id = ? AND entry_id = ?",
		"DELETE FROM room_files WHERE org_id = ? AND union_id = ? AND entry_id = ?",
		"DELETE FROM room_entries WHERE org_id = ? AND union_id = ? AND id = ?",
	} {
		if err := r.tx.exec(ctx, q, r.org, r.union, id); err != nil {
			return err
		}
	}
	return nil
}
