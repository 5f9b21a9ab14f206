package register_test

import (
	"testing"

	"beforehand/internal/files"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// TestFilesThatCannotBeKeptOrRead are told of as something that will be mended,
// and not as a mistake of ours; nothing is written of what was not kept.
func TestFilesThatCannotBeKeptOrRead(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "sqlite")
	ctx := t.Context()
	h := registertest.New(t, s)
	place := need(files.OpenFolder(t.TempDir()))(t)
	h.KeepIn(t, place)
	kept := need(h.Attach(ctx, h.CDO, "kept.txt", []byte("while there was room")))(t)
	must(t, place.Close())
	if _, err := h.Attach(ctx, h.CDO, "late.txt", []byte("when there was none")); models.KindOf(err) != models.Unavailable || models.CodeOf(err) != "files_away" {
		t.Errorf("kept: %v", err)
	}
	if _, _, err := h.Attachment(ctx, h.CDO, kept.ID); models.KindOf(err) != models.Unavailable {
		t.Errorf("read: %v", err)
	}
	again := need(files.OpenFolder(t.TempDir()))(t)
	t.Cleanup(func() { must(t, again.Close()) })
	h.KeepIn(t, again)
	if _, _, err := h.Attachment(ctx, h.CDO, kept.ID); models.CodeOf(err) != "attachment_missing" {
		t.Errorf("what is gone is not away: %v", err)
	}
	need(h.Attach(ctx, h.CDO, "late.txt", []byte("when there was none")))(t)
}
