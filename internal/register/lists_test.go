package register_test

import (
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/models"
)

// byHandOf are choices that fit [smallFile].
func byHandOf(area string) register.Choices {
	return register.Choices{
		Source: "by hand", Columns: []string{"name.en", "purpose.en", ""},
		Otherwise: map[string]string{"serviceArea": area, "useFamily": "other", "decisionStatus": "idea", "owner": "Head of digital"},
	}
}

// files are what waits to be imported, and one that was.
func (f *records) files(t testing.TB, h *registertest.House) {
	t.Helper()
	ctx := t.Context()
	done := need(h.UploadImport(ctx, h.CDO, "done.csv", []byte("Name,Why\nWeigh bins,Fewer lorries\nNo reason,\n")))(t)
	must(t, h.ChooseImportColumns(ctx, h.CDO, done.ID, byHandOf(h.Area.ID)))
	f.fromFile = need(h.ImportUploaded(ctx, h.CDO, done.ID, "skip", false))(t)
	f.file = need(h.UploadImport(ctx, h.CDO, "small.csv", []byte(smallFile)))(t)
	must(t, h.ChooseImportColumns(ctx, h.CDO, f.file.ID, byHandOf(h.Area.ID)))
	f.view = need(h.SaveView(ctx, h.CDO, "Late", "late=yes"))(t)
}

// lists are the use cases of imports, views and questions.
func lists(h *registertest.House, f records) map[string]func(a models.Actor) error {
	ctx := f.t.Context()
	return map[string]func(a models.Actor) error{
		"UploadImport": func(a models.Actor) error { return second(h.UploadImport(ctx, a, "small.csv", []byte(smallFile))) },
		"ImportFiles":  func(a models.Actor) error { return second(h.ImportFiles(ctx, a)) },
		"ImportFile":   func(a models.Actor) error { return second(h.ImportFile(ctx, a, f.file.ID)) },
		"ChooseImportMap": func(a models.Actor) error {
			return h.ChooseImportMap(ctx, a, f.file.ID, "us-federal-2024")
		},
		"ChooseImportColumns": func(a models.Actor) error {
			return h.ChooseImportColumns(ctx, a, f.file.ID, byHandOf(h.Area.ID))
		},
		"ImportUploaded": func(a models.Actor) error {
			return second(h.ImportUploaded(ctx, a, f.file.ID, "stop", false))
		},
		"DiscardImport": func(a models.Actor) error { return h.DiscardImport(ctx, a, f.file.ID) },
		"Imports": func(a models.Actor) error {
			_, _, err := h.Imports(ctx, a, register.Page{Limit: 10})
			return err
		},
		"Imported": func(a models.Actor) error {
			_, _, err := h.Imported(ctx, a, f.imported.ID)
			return err
		},
		"RefusedRows": func(a models.Actor) error {
			return second(h.RefusedRows(ctx, a, f.fromFile.ID, models.English))
		},
		"DeploymentsAt": func(a models.Actor) error {
			_, _, _, err := h.DeploymentsAt(ctx, a, store.Filter{}, models.MustDate("2026-09-07"), register.Page{Limit: 10})
			return err
		},
		"EachDeployment": func(a models.Actor) error { return second(h.EachDeployment(ctx, a, store.Filter{}, 0)) },
		"CountEach":      func(a models.Actor) error { return second(h.CountEach(ctx, a, []store.Filter{{Late: new(bool)}})) },
		"AreaNames":      func(a models.Actor) error { return second(h.AreaNames(ctx, a, []string{h.Area.ID})) },
		"SavedViews":     func(a models.Actor) error { return second(h.SavedViews(ctx, a)) },
		"SaveView":       func(a models.Actor) error { return second(h.SaveView(ctx, a, "Mine", "stage=live")) },
		"RemoveView":     func(a models.Actor) error { return h.RemoveView(ctx, a, f.view.ID) },
		"Visit":          func(a models.Actor) error { return second(h.Visit(ctx, a)) },
		"NewsSince":      func(a models.Actor) error { return second(h.NewsSince(ctx, a, 0)) },
		"OpenWindows":    func(a models.Actor) error { return second(h.OpenWindows(ctx, a)) },
		"Changes": func(a models.Actor) error {
			_, _, err := h.Changes(ctx, a, time.Time{}, 10)
			return err
		},
		"Questions": func(a models.Actor) error { return second(h.Questions(ctx, a)) },
		"OutcomesOf": func(a models.Actor) error {
			return second(h.OutcomesOf(ctx, a, []models.Deployment{f.noticed.Deployment}))
		},
	}
}
