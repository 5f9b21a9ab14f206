package register_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

func TestAFileBecomesOneImport(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx, h := t.Context(), registertest.New(t, s)
		f := need(h.UploadImport(ctx, h.CDO, "small.csv", []byte(smallFile)))(t)
		must(t, h.ChooseImportColumns(ctx, h.CDO, f.ID, byHandOf(h.Area.ID)))
		if rep := need(h.ImportUploaded(ctx, h.CDO, f.ID, "stop", true))(t); rep.Imported != 2 || rep.ID != "" {
			t.Fatalf("a preview: %+v", rep)
		}
		before := need(s.LedgerSize(ctx, h.Org.ID))(t)
		var wait sync.WaitGroup
		var reps [4]register.ImportReport
		var errs [4]error
		for i := range reps {
			wait.Go(func() { reps[i], errs[i] = h.ImportUploaded(ctx, h.CDO, f.ID, "stop", false) })
		}
		wait.Wait()
		done := 0
		for i, err := range errs {
			switch {
			case err == nil && reps[i].ID != "":
				done++
			case err != nil && models.CodeOf(err) != "import_done_already":
				t.Error(err)
			}
		}
		if n := need(s.LedgerSize(ctx, h.Org.ID))(t); done != 1 || n != before+1 {
			t.Errorf("%d of four imported, %d entries", done, n-before)
		}
		_, _, total, err := h.Deployments(ctx, h.CDO, store.Filter{}, register.Page{Limit: 10})
		if must(t, err); total.Count != 2 {
			t.Errorf("%d deployments", total.Count)
		}
	})
}

func TestChoicesAreRememberedByHeadings(t *testing.T) {
	t.Parallel()
	ctx, h := t.Context(), registertest.New(t, storetest.Open(t, "sqlite"))
	f := need(h.UploadImport(ctx, h.CDO, "list.csv", []byte("Name,Why,Where\nRead meters,Fewer visits,Estates\nNo reason,,Estates\n")))(t)
	if f.Remembered || f.Choices.Columns[0] != "name.en" {
		t.Errorf("before anything was said: %+v", f.Choices)
	}
	must(t, h.ChooseImportColumns(ctx, h.CDO, f.ID, byHandOf(h.Area.ID)))
	rep := need(h.ImportUploaded(ctx, h.CDO, f.ID, "skip", false))(t)
	if rep.Imported != 1 || rep.Refused != 1 {
		t.Fatalf("%+v", rep)
	}
	left := string(need(h.RefusedRows(ctx, h.CDO, rep.ID, models.English))(t))
	if !strings.HasPrefix(left, "Name,Why,Where,Row of the file sent before,Why this row was left out\nNo reason,,Estates,3,") {
		t.Error(left)
	}
	// The list that was mended comes back with our two columns, and in the same order.
	mended := strings.Replace(left, "No reason,,", "No reason,Found one,", 1)
	again := need(h.UploadImport(ctx, h.CDO, "mended.csv", []byte(mended)))(t)
	if !again.Remembered || again.Choices.Source != "by hand" {
		t.Errorf("%+v", again.Choices)
	}
	must(t, h.ChooseImportColumns(ctx, h.CDO, again.ID, again.Choices))
	if rep := need(h.ImportUploaded(ctx, h.CDO, again.ID, "stop", false))(t); rep.Imported != 1 {
		t.Errorf("%+v", rep)
	}
}

func TestWhoSentAFileImportsItAndItIsDestroyed(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), storetest.Open(t, "sqlite")
	h := registertest.New(t, s)
	f := need(h.UploadImport(ctx, h.CDO, "small.csv", []byte(smallFile)))(t)
	must(t, h.GrantRole(ctx, h.Admin, "hr@tywi.example", register.Hat{Role: models.RoleCDO}))
	other := need(h.ActorOf(ctx, h.HR.UserID, h.Org.ID))(t)
	if _, err := h.ImportFile(ctx, other, f.ID); models.KindOf(err) != models.NotFound {
		t.Errorf("somebody else’s file: %v", err)
	}
	if _, err := h.ImportUploaded(ctx, h.CDO, f.ID, "stop", false); models.CodeOf(err) != "import_not_mapped" {
		t.Errorf("a file of which nobody said how it is read: %v", err)
	}
	must(t, s.ForgetImportFiles(ctx, h.Clock.Now().Add(-7*24*time.Hour)))
	need(h.ImportFile(ctx, h.CDO, f.ID))(t)
	must(t, s.ForgetImportFiles(ctx, h.Clock.Now().Add(time.Second)))
	if _, err := h.ImportFile(ctx, h.CDO, f.ID); models.KindOf(err) != models.NotFound {
		t.Errorf("a file that is too old: %v", err)
	}
}

func TestRowsOfUnknownAreasAreRefusedBeforehand(t *testing.T) {
	t.Parallel()
	ctx, h := t.Context(), registertest.New(t, storetest.Open(t, "sqlite"))
	file := "Name,Why,Where\nRead meters,Fewer visits," + h.Area.NameEn + "\nSort post,Faster post,Nowhere\n"
	f := need(h.UploadImport(ctx, h.CDO, "areas.csv", []byte(file)))(t)
	c := byHandOf("")
	c.Columns[2] = register.AreaColumn
	must(t, h.ChooseImportColumns(ctx, h.CDO, f.ID, c))
	rep := need(h.ImportUploaded(ctx, h.CDO, f.ID, "skip", true))(t)
	if rep.Imported != 1 || rep.Refused != 1 || rep.Problems[0].Code != "import.area_unknown" || rep.Problems[0].Row != 3 {
		t.Errorf("%+v", rep)
	}
	c.CreateAreas = true
	must(t, h.ChooseImportColumns(ctx, h.CDO, f.ID, c))
	if rep := need(h.ImportUploaded(ctx, h.CDO, f.ID, "stop", false))(t); rep.Imported != 2 {
		t.Errorf("%+v", rep)
	}
	areas := need(h.ServiceAreas(ctx, h.CDO))(t)
	if last := areas[len(areas)-1]; last.NameEn != "Nowhere" {
		t.Errorf("made %q", last.NameEn)
	}
}
