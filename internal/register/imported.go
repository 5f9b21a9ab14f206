package register

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"beforehand/internal/report"
	"beforehand/internal/store"
	"beforehand/models"
)

// ImportView is an import that was run, and who ran it.
type ImportView = store.ImportRow

// Imports are those that were run, newest first, and the cursor of the next page.
func (r *Register) Imports(ctx context.Context, a models.Actor, p Page) ([]ImportView, string, error) {
	if err := r.check(a, "import.read", own(a)); err != nil {
		return nil, "", err
	}
	after, err := store.ParseCursor(p.After)
	if err != nil {
		return nil, "", err
	}
	rows, next, err := r.store.Imports(ctx, a.OrgID, after, p.Limit)
	return rows, next.String(), err
}

// Imported is an import that was run, who ran it, and what it did.
func (r *Register) Imported(ctx context.Context, a models.Actor, id string) (ImportView, ImportReport, error) {
	var rep ImportReport
	if err := r.check(a, "import.read", own(a)); err != nil {
		return ImportView{}, rep, err
	}
	row, err := r.store.ImportRow(ctx, a.OrgID, id)
	if err != nil {
		return row, rep, err
	}
	return row, rep, json.Unmarshal([]byte(row.Report), &rep)
}

// remarksOf are problems as a list of them is written.
func remarksOf(all []ImportRemark) []report.Remark {
	out := make([]report.Remark, len(all))
	for i, p := range all {
		out[i] = report.Remark{Row: p.Row, Column: p.Column, Value: p.Value, What: p.What}
	}
	return out
}

// WriteImportProblems writes what is wrong with a file as CSV.
func WriteImportProblems(w io.Writer, rep ImportReport, l models.Language) error {
	return report.RemarksCSV(w, remarksOf(rep.Problems), l)
}

// RefusedRows are the rows that an import left out, as they stood in the file,
// with why, for whoever may import. They are there as long as the file is.
func (r *Register) RefusedRows(ctx context.Context, a models.Actor, importID string, l models.Language) ([]byte, error) {
	if err := r.check(a, "import.run", own(a)); err != nil {
		return nil, err
	}
	_, rep, err := r.Imported(ctx, a, importID)
	if err != nil {
		return nil, err
	}
	f, err := r.store.FileOfImport(ctx, a.OrgID, importID)
	if models.KindOf(err) == models.NotFound {
		return nil, models.Fail(models.Gone, "import_file_gone").Because(err)
	}
	if err != nil {
		return nil, err
	}
	t, err := report.ReadTable(f.FileName, f.Data)
	if err != nil {
		return nil, errors.Join(errors.New("a file that was imported cannot be read again"), err)
	}
	var b bytes.Buffer
	err = report.RefusedCSV(&b, t, remarksOf(rep.Problems), l)
	return b.Bytes(), err
}
