package register_test

import (
	"context"
	"strings"
	"testing"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// TestARoomIsItsUnionsOwn opens UNISON's room as everybody else: it is not
// there, in the words that are said of a room that never was.
func TestARoomIsItsUnionsOwn(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		note := need(h.WriteRoom(ctx, h.Rep, register.RoomInput{Kind: models.RoomNote, Title: "Before the meeting", Body: secretWords}))(t)
		before := need(s.LedgerSize(ctx, h.Org.ID))(t)
		for name, who := range map[string]models.Actor{
			"admin": h.Admin, "cdo": h.CDO, "manager": h.Manager, "hr": h.HR, "assurer": h.Assurer, "approver": h.Approver, "gmb": h.OtherOfficer,
			"scrutiny": h.Scrutiny, "auditor": h.Auditor, "public": {OrgID: h.Org.ID},
		} {
			_, err := h.Room(ctx, who, h.Unison.ID, "")
			_, nowhere := h.Room(ctx, who, "no-such-union", "")
			if err == nil || err.Error() != nowhere.Error() {
				t.Errorf("%s: %v, and of a room that is nowhere %v", name, err, nowhere)
			}
			for what, err := range map[string]error{
				"write":  second(h.WriteRoom(ctx, who, register.RoomInput{UnionID: h.Unison.ID, Kind: models.RoomNote, Title: "x"})),
				"revise": second(h.ReviseRoom(ctx, who, note.ID, 1, register.RoomInput{UnionID: h.Unison.ID, Kind: models.RoomNote, Title: "x"})),
				"remove": h.RemoveRoom(ctx, who, h.Unison.ID, note.ID, 1), "tally": h.TallyRoom(ctx, who, h.Unison.ID, note.ID, 2),
				"file": second(h.FileDraft(ctx, who, h.Unison.ID, note.ID, 1)),
			} {
				if kind := models.KindOf(err); kind != models.NotFound && kind != models.Unauthenticated {
					t.Errorf("%s may %s: %v", name, what, err)
				}
			}
		}
		// GMB's own room is open to GMB, and UNISON's entry is not in it.
		if err := h.RemoveRoom(ctx, h.OtherOfficer, "", note.ID, 1); models.KindOf(err) != models.NotFound {
			t.Errorf("an entry of another union's room: %v", err)
		}
		if size := need(s.LedgerSize(ctx, h.Org.ID))(t); size != before {
			t.Error("a room left a trace in the log")
		}
		if v := need(h.Room(ctx, h.Officer, "", ""))(t); len(v.Entries) != 1 || v.Entries[0].Body != secretWords || v.Walled != (s.Engine() == "postgres") {
			t.Errorf("%+v", v)
		}
	})
}

// TestTheDatabaseKeepsARoomShut asks PostgreSQL itself, as the application's own
// role: without saying whose room it opens it sees and changes no row.
func TestTheDatabaseKeepsARoomShut(t *testing.T) {
	s := storetest.Open(t, "postgres")
	h := registertest.New(t, s)
	f := makeRecords(t, h)
	ctx := t.Context()
	count := func(table, setting string) int {
		t.Helper()
		n := -1
		must(t, s.Within(ctx, func(tx *store.Tx) error {
			if setting != "" {
				if err := tx.Set(ctx, "beforehand.room", setting); err != nil {
					return err
				}
			}
			var err error
			n, err = tx.CountRows(ctx, table)
			return err
		}))
		return n
	}
	for table, there := range map[string]int{"room_entries": 3, "room_tallies": 1, "room_files": 1} {
		if table == "room_tallies" {
			must(t, h.TallyRoom(ctx, h.Rep, "", f.concern.ID, 3))
		}
		for _, setting := range []string{"", h.Org.ID + "/" + h.GMB.ID, h.Unison.ID, "%", "other/" + h.Unison.ID, h.Org.ID + "/" + h.Unison.ID + " "} {
			if n := count(table, setting); n != 0 {
				t.Errorf("%s under %q shows %d rows", table, setting, n)
			}
		}
		if n := count(table, h.Org.ID+"/"+h.Unison.ID); n != there {
			t.Errorf("%s in its own room shows %d rows, not %d", table, n, there)
		}
		for _, q := range []string{"UPDATE " + table + " SET at = now()", "UPDATE " + table + " SET union_id = '" + h.GMB.ID + "'", "DELETE FROM " + table} {
			if table == "room_entries" {
				q = strings.Replace(q, " at ", " updated_at ", 1)
			}
			must(t, s.Raw(ctx, q))
		}
		if n := count(table, h.Org.ID+"/"+h.Unison.ID); n != there {
			t.Errorf("%s was changed from outside", table)
		}
	}
	// The role is no superuser, takes no wall down for itself by a setting, and
	// after a transaction nothing is open.
	if walled := need(s.Walled(ctx))(t); !walled {
		t.Error("the tests run as a role that no wall holds")
	}
	must(t, s.ReadRoom(ctx, h.Org.ID, h.Unison.ID, func(r store.Room) error { _, err := r.Entries(ctx, ""); return err }))
	if n := count("room_entries", ""); n != 0 {
		t.Errorf("a room stayed open: %d rows", n)
	}
}

// TestADraftIsFiledOnce becomes a comment at the instant of filing; the other
// side reads that and nothing before it.
func TestADraftIsFiledOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		d, _ := h.Noticed(t)
		draft := need(h.WriteRoom(ctx, h.Rep, register.RoomInput{Kind: models.RoomDraft, Deployment: d.Ref, Title: "First thoughts", Body: secretWords}))(t)
		draft = need(h.ReviseRoom(ctx, h.Officer, draft.ID, 1, register.RoomInput{Kind: models.RoomDraft, Deployment: d.Ref, Title: "Our response", Body: "We do not agree."}))(t)
		if len(need(h.Comments(ctx, h.CDO, d.Ref))(t)) != 0 {
			t.Error("the employer reads a draft")
		}
		if _, err := h.FileDraft(ctx, h.Rep, "", draft.ID, draft.Version); models.KindOf(err) != models.Forbidden {
			t.Errorf("a rep files for the union: %v", err)
		}
		c := need(h.FileDraft(ctx, h.Officer, "", draft.ID, draft.Version))(t)
		got := need(h.Comments(ctx, h.CDO, d.Ref))(t)
		if len(got) != 1 || got[0].ID != c.ID || got[0].Body != "We do not agree." || got[0].Kind != "formal_response" || got[0].Reach != models.CircleScrutiny || !got[0].At.After(draft.UpdatedAt) {
			t.Errorf("%+v", got)
		}
		for what, err := range map[string]error{
			"filed again": second(h.FileDraft(ctx, h.Officer, "", draft.ID, draft.Version+1)), "changed": second(h.ReviseRoom(ctx, h.Officer, draft.ID, draft.Version+1, register.RoomInput{Kind: models.RoomDraft, Deployment: d.Ref, Title: "x", Body: "y"})),
		} {
			if models.CodeOf(err) != "already_filed" {
				t.Errorf("%s: %v", what, err)
			}
		}
		stale := context.WithoutCancel(ctx)
		if _, err := h.FileDraft(stale, h.Officer, "", draft.ID, 1); models.KindOf(err) != models.Stale {
			t.Errorf("a draft that had moved on: %v", err)
		}
		if _, err := h.WriteRoom(ctx, h.Rep, register.RoomInput{Kind: models.RoomConcern, Title: "Load", Body: "Ask siân@tywi.example"}); models.KindOf(err) != models.Invalid {
			t.Errorf("a concern with an address in it: %v", err)
		}
	})
}
