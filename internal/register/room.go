package register

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"beforehand/internal/report"
	"beforehand/internal/store"
	"beforehand/models"
)

// RoomInput is something for a union's own room.
type RoomInput struct {
	UnionID    string // need not be said by whoever is of one union only
	Deployment string // its ref, or ""
	Kind       models.RoomKind
	Title      string
	Body       string
	Dimension  models.Dimension
	// CommentKind is what a draft is to be when it is filed.
	CommentKind models.CommentKind
	Language    models.Language
}

func (in *RoomInput) check() error {
	var f models.Faults
	spoken(&f, "title", in.Title, 200)
	models.CheckText(&f, "body", in.Body, longestComment)
	if !slices.Contains(models.RoomKinds, in.Kind) {
		f.Add("kind", "unknown_value", "value", string(in.Kind), "allowed", "note, draft, concern, document")
	}
	if in.Dimension != "" && !slices.Contains(models.Dimensions, in.Dimension) {
		f.Add("dimension", "unknown_value", "value", string(in.Dimension), "allowed", "JOBS, GRADE, …")
	}
	if in.Language == "" {
		in.Language = models.English
	}
	among(&f, "language", string(in.Language), []string{"en", "cy"})
	if in.Kind == models.RoomDraft {
		if in.CommentKind == "" {
			in.CommentKind = "formal_response"
		}
		if !slices.Contains(models.CommentKinds, in.CommentKind) {
			f.Add("commentKind", "unknown_value", "value", string(in.CommentKind), "allowed", "question, concern, suggestion, support, formal_response, failure_to_agree")
		}
		if in.Deployment == "" {
			f.Add("deployment", "required")
		}
		if strings.TrimSpace(in.Body) == "" {
			f.Add("body", "required")
		}
	} else if in.CommentKind != "" {
		f.Add("commentKind", "not_allowed")
	}
	if in.Kind == models.RoomConcern && report.NamesSomebody(in.Title+"\n"+in.Body) {
		f.Add("body", "names_somebody")
	}
	return f.Err()
}

// ofRoom is the union whose room the actor opens: theirs, and no other's. A
// room that is not theirs is not there.
func (r *Register) ofRoom(a models.Actor, unionID, act string) (string, error) {
	mine := a.Unions()
	if unionID == "" && len(mine) > 1 {
		return "", field("union", "required")
	}
	if unionID == "" && len(mine) == 1 {
		unionID = mine[0]
	}
	return unionID, hiddenAs("room", r.speaksFor(a, act, unionID))
}

// WriteRoom puts something into a union's own room. Nothing of it goes into the
// log: nobody but the union's own people learns even that there is something.
func (r *Register) WriteRoom(ctx context.Context, a models.Actor, in RoomInput) (models.RoomEntry, error) {
	var e models.RoomEntry
	union, err := r.ofRoom(a, in.UnionID, "room.write")
	if err != nil {
		return e, err
	}
	if err := in.check(); err != nil {
		return e, err
	}
	err = r.store.Within(ctx, func(tx *store.Tx) error {
		at := r.Now()
		e = models.RoomEntry{OrgID: a.OrgID, ID: newID(), UnionID: union, Kind: in.Kind, Title: in.Title, Body: in.Body, Dimension: in.Dimension, CommentKind: in.CommentKind, Language: in.Language, Version: 1, ByUserID: a.UserID, CreatedAt: at, UpdatedAt: at}
		if err := r.roomDeployment(ctx, tx.Reader, a, in.Deployment, &e); err != nil {
			return err
		}
		return tx.InRoom(ctx, a.OrgID, union, func(room store.Room) error { return room.Add(ctx, &e) })
	})
	return e, err
}

func (r *Register) roomDeployment(ctx context.Context, rd store.Reader, a models.Actor, ref string, e *models.RoomEntry) error {
	e.DeploymentID = nil
	if ref == "" {
		return nil
	}
	s, err := r.open(ctx, rd, a, ref, "deployment.read")
	if err != nil {
		return field("deployment", "unknown_reference")
	}
	e.DeploymentID = &s.ID
	return nil
}

// inRoom is one change to an entry of a room.
func (r *Register) inRoom(ctx context.Context, a models.Actor, unionID, id string, readAt int, do func(tx *store.Tx, room store.Room, e *models.RoomEntry) error) (models.RoomEntry, error) {
	var e models.RoomEntry
	union, err := r.ofRoom(a, unionID, "room.write")
	if err != nil {
		return e, err
	}
	err = r.store.Within(ctx, func(tx *store.Tx) error {
		return tx.InRoom(ctx, a.OrgID, union, func(room store.Room) error {
			var err error
			if e, err = room.Entry(ctx, id); err != nil {
				return err
			}
			if readAt > 0 {
				if err := versionIs("room_entry", e.Version, readAt); err != nil {
					return err
				}
			}
			return do(tx, room, &e)
		})
	})
	return e, err
}

// ReviseRoom changes an entry of a room. What has been filed stays as it was filed.
func (r *Register) ReviseRoom(ctx context.Context, a models.Actor, id string, readAt int, in RoomInput) (models.RoomEntry, error) {
	if err := in.check(); err != nil {
		if _, room := r.ofRoom(a, in.UnionID, "room.write"); room != nil {
			return models.RoomEntry{}, room
		}
		return models.RoomEntry{}, err
	}
	return r.inRoom(ctx, a, in.UnionID, id, readAt, func(tx *store.Tx, room store.Room, e *models.RoomEntry) error {
		if e.FiledAs != nil {
			return models.Fail(models.Conflict, "already_filed")
		}
		if e.Kind != in.Kind {
			return field("kind", "not_allowed")
		}
		if err := r.roomDeployment(ctx, tx.Reader, a, in.Deployment, e); err != nil {
			return err
		}
		read := e.Version
		e.Title, e.Body, e.Dimension, e.CommentKind, e.Language, e.UpdatedAt = in.Title, in.Body, in.Dimension, in.CommentKind, in.Language, r.Now()
		e.Version++
		return room.Save(ctx, e, read)
	})
}

// RemoveRoom removes an entry with its files and counts; what was filed of it
// stays where it was filed.
func (r *Register) RemoveRoom(ctx context.Context, a models.Actor, unionID, id string, readAt int) error {
	_, err := r.inRoom(ctx, a, unionID, id, readAt, func(_ *store.Tx, room store.Room, e *models.RoomEntry) error { return room.Remove(ctx, e.ID) })
	return err
}

// TallyRoom says from how many members a rep has heard a concern by now: a later
// number takes the place of their earlier one, so that nobody counts twice.
func (r *Register) TallyRoom(ctx context.Context, a models.Actor, unionID, id string, members int) error {
	if members < 1 || members > 500 {
		if _, err := r.ofRoom(a, unionID, "room.write"); err != nil {
			return err
		}
		return field("members", "out_of_range", "min", "1", "max", "500")
	}
	_, err := r.inRoom(ctx, a, unionID, id, 0, func(_ *store.Tx, room store.Room, e *models.RoomEntry) error {
		if e.Kind != models.RoomConcern {
			return models.Fail(models.Conflict, "not_a_concern")
		}
		return room.Tally(ctx, models.Tally{OrgID: e.OrgID, ID: newID(), UnionID: e.UnionID, EntryID: e.ID, Members: members, ByUserID: a.UserID, At: r.Now()})
	})
	return err
}

// largestRoomFile is the limit of a document of a room, in bytes: it lies in
// the database, behind the room's wall.
const largestRoomFile = 5 << 20

// mostRoomFiles is how many documents a room holds.
const mostRoomFiles = 200

// AttachRoom puts a document into a room. It is kept with the room and not
// among the attachments, which the employer's side may open.
func (r *Register) AttachRoom(ctx context.Context, a models.Actor, unionID, id, name string, b []byte) (models.RoomFile, error) {
	var file models.RoomFile
	if _, err := r.ofRoom(a, unionID, "room.write"); err != nil {
		return file, err
	}
	if len(b) == 0 {
		return file, models.Fail(models.Invalid, "attachment_empty")
	}
	if len(b) > largestRoomFile {
		return file, models.Fail(models.TooLarge, "upload_too_large").With("max", itoa(largestRoomFile>>20))
	}
	kind, _, _ := strings.Cut(http.DetectContentType(b), ";")
	if !slices.Contains(AttachmentTypes, kind) {
		return file, models.Fail(models.Invalid, "attachment_type").With("type", kind)
	}
	if err := r.scan(ctx, b); err != nil {
		return file, err
	}
	_, err := r.inRoom(ctx, a, unionID, id, 0, func(_ *store.Tx, room store.Room, e *models.RoomEntry) error {
		there, err := room.Files(ctx)
		if err != nil {
			return err
		}
		n := 0
		for _, list := range there {
			n += len(list)
		}
		if n >= mostRoomFiles {
			return models.Fail(models.Conflict, "room_full").With("most", itoa(mostRoomFiles))
		}
		file = models.RoomFile{OrgID: e.OrgID, ID: newID(), UnionID: e.UnionID, EntryID: e.ID, Name: cleanName(name), MediaType: kind, Size: int64(len(b)), Bytes: b, ByUserID: a.UserID, At: r.Now()}
		return room.Add(ctx, &file)
	})
	return file, err
}

// RoomFile opens a document of a room.
func (r *Register) RoomFile(ctx context.Context, a models.Actor, unionID, id string) (models.RoomFile, error) {
	var file models.RoomFile
	union, err := r.ofRoom(a, unionID, "room.read")
	if err != nil {
		return file, err
	}
	err = r.store.ReadRoom(ctx, a.OrgID, union, func(room store.Room) error {
		file, err = room.File(ctx, id)
		return err
	})
	return file, err
}

// FileDraft files a draft: it becomes a comment, a formal response as a rule,
// with the instant of now, and from then on the other side reads it. Nothing
// that came before it does.
func (r *Register) FileDraft(ctx context.Context, a models.Actor, unionID, id string, readAt int) (models.Comment, error) {
	var c models.Comment
	union, err := r.ofRoom(a, unionID, "room.file")
	if err != nil {
		return c, err
	}
	err = r.change(ctx, a, "comment.make", func(tx *store.Tx, at time.Time) (entry, error) {
		var done entry
		err := tx.InRoom(ctx, a.OrgID, union, func(room store.Room) error {
			e, err := room.Entry(ctx, id)
			if err != nil {
				return err
			}
			if err := versionIs("room_entry", e.Version, readAt); err != nil {
				return err
			}
			switch {
			case e.FiledAs != nil:
				return models.Fail(models.Conflict, "already_filed")
			case e.Kind != models.RoomDraft || e.DeploymentID == nil:
				return models.Fail(models.Conflict, "not_a_draft")
			}
			d, err := tx.DeploymentByID(ctx, a.OrgID, *e.DeploymentID)
			if err != nil {
				return err
			}
			in := CommentInput{UnionID: union, Target: "deployment", Kind: e.CommentKind, Dimension: e.Dimension, Language: e.Language, Body: e.Body}
			if err := in.check(); err != nil {
				return err
			}
			if c, done, err = r.comment(ctx, tx, a, d.Ref, in, at); err != nil {
				return err
			}
			e.FiledAs, e.FiledAt, e.UpdatedAt = &c.ID, &at, at
			e.Version++
			return room.Save(ctx, &e, readAt)
		})
		return done, err
	})
	return c, err
}

// RoomEntryView is an entry with what belongs to it.
type RoomEntryView struct {
	models.RoomEntry
	Ref string
	// Members is how many members raised a concern; it is said from five up.
	Members int
	Counted bool
	Files   []models.RoomFile
}

// RoomView is a union's room.
type RoomView struct {
	Union   models.Union
	Entries []RoomEntryView
	// Walled says whether the database itself keeps the room shut.
	Walled bool
}

// Room is a union's own room as its people read it; of one deployment if it is named.
func (r *Register) Room(ctx context.Context, a models.Actor, unionID, ref string) (RoomView, error) {
	var v RoomView
	union, err := r.ofRoom(a, unionID, "room.read")
	if err != nil {
		return v, err
	}
	if v.Union, err = r.store.Union(ctx, a.OrgID, union); err != nil {
		return v, err
	}
	if v.Walled, err = r.store.Walled(ctx); err != nil {
		return v, err
	}
	of := ""
	if ref != "" {
		s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
		if err != nil {
			return v, err
		}
		of = s.ID
	}
	var rows []models.RoomEntry
	var tallies map[string][]models.Tally
	var files map[string][]models.RoomFile
	if err := r.store.ReadRoom(ctx, a.OrgID, union, func(room store.Room) error {
		var errs [3]error
		rows, errs[0] = room.Entries(ctx, of)
		tallies, errs[1] = room.Tallies(ctx)
		files, errs[2] = room.Files(ctx)
		return errorsOr(errs[:]...)
	}); err != nil {
		return v, err
	}
	refs, err := r.store.RefsOf(ctx, a.OrgID)
	if err != nil {
		return v, err
	}
	v.Entries = []RoomEntryView{}
	for _, e := range rows {
		row := RoomEntryView{RoomEntry: e, Ref: refs[deref(e.DeploymentID)], Files: files[e.ID]}
		row.Members, row.Counted = models.Concerned(tallies[e.ID])
		v.Entries = append(v.Entries, row)
	}
	return v, nil
}
