package register_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// TestWhatIsKeptOfAForm: it is sealed, its writer's alone, never of a room, and
// gone when it was sent, when it is old, and with its writer's account.
func TestWhatIsKeptOfAForm(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		const path, words = "/deployments/DEP-2026-001/comments", "Ein haelodau sy’n pryderu"
		typed := url.Values{"body": {words}, "kind": {"concern"}}
		ok(t, h.KeepForm(ctx, h.Officer, path, typed))
		got := need(h.KeptForm(ctx, h.Officer, path))(t)
		if got.Answers.Get("body") != words {
			t.Errorf("kept: %v", got)
		}
		row := need(h.Store.KeptForm(ctx, h.Org.ID, h.Officer.UserID, path))(t)
		if strings.Contains(row.Sealed, "haelodau") {
			t.Error("the database holds the words themselves")
		}
		for _, a := range []models.Actor{h.CDO, h.Rep, h.Admin, h.OtherOfficer} {
			if _, err := h.KeptForm(ctx, a, path); models.KindOf(err) != models.NotFound {
				t.Errorf("%v: %v", a.Grants, err)
			}
		}
		// Put in another's place, it does not open.
		row.UserID = h.CDO.UserID
		ok(t, h.Store.Within(ctx, func(tx *store.Tx) error { return tx.KeepForm(ctx, row) }))
		if _, err := h.KeptForm(ctx, h.CDO, path); err == nil {
			t.Error("another's words opened")
		}
		for _, refused := range []string{"/room/new", "room", "", "/" + strings.Repeat("x", 300)} {
			if err := h.KeepForm(ctx, h.Officer, refused, typed); models.KindOf(err) != models.Invalid {
				t.Errorf("%q is kept: %v", refused, err)
			}
		}
		if err := h.KeepForm(ctx, h.Officer, path, url.Values{"body": {strings.Repeat("a", 300<<10)}}); models.KindOf(err) != models.TooLarge {
			t.Errorf("a body of 300 kB: %v", err)
		}
		if err := h.KeepForm(ctx, models.Actor{OrgID: h.Org.ID}, path, typed); err == nil {
			t.Error("nobody's words are kept")
		}
		held := need(h.ExportAccount(ctx, h.Officer))(t)
		if len(held.Unsent) != 1 || held.Unsent[0].Answers.Get("body") != words {
			t.Errorf("a copy of what is held: %v", held.Unsent)
		}
		for i := range 45 {
			ok(t, h.KeepForm(ctx, h.Rep, "/deployments/DEP-2026-001/prepare/"+string(rune('a'+i%26))+string(rune('a'+i/26)), typed))
		}
		if all := need(h.Store.KeptForms(ctx, h.Org.ID, h.Rep.UserID))(t); len(all) > 40 {
			t.Errorf("%d forms are kept", len(all))
		}
		ok(t, h.DropKeptForm(ctx, h.Officer, path))
		if _, err := h.KeptForm(ctx, h.Officer, path); models.KindOf(err) != models.NotFound {
			t.Errorf("thrown away: %v", err)
		}
		ok(t, h.KeepForm(ctx, h.Officer, path, typed))
		h.Clock.Set(h.Now().Add(31 * 24 * time.Hour))
		ok(t, h.Store.Sweep(ctx, h.Now(), h.Now(), h.Now().Add(-30*24*time.Hour)))
		if _, err := h.KeptForm(ctx, h.Officer, path); models.KindOf(err) != models.NotFound {
			t.Errorf("after thirty-one days: %v", err)
		}
	})
}
