package register

import (
	"context"
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/report"
	"beforehand/internal/store"
	"beforehand/models"
)

// Choices say by hand which column of a file feeds which field.
type Choices = report.Choices

// What a map made by hand can say; see the report package.
var (
	ImportFields    = report.HandFields
	OtherwiseFields = report.OtherwiseFields
)

// AreaColumn is the choice of a column that names service areas.
const AreaColumn = report.AreaColumn

// importFilesKept is how long a file that was sent is kept, imported or not.
const importFilesKept = 7 * 24 * time.Hour

// mostImportFiles is how many files of somebody may wait at a time.
const mostImportFiles = 10

// ImportFile is a file that waits to be imported.
type ImportFile struct {
	store.ImportFile
	// Until is when it is destroyed.
	Until time.Time
	Rows  int
	// Header are the headings, Samples the first thing that is in each column.
	Header, Samples []string
	// Fits are the bundled maps of which the file has every column.
	Fits    []string
	Choices Choices
	// Remembered says that an earlier file with the same headings was mapped so.
	Remembered bool
}

// ImportMaps are the names of the maps that come with the program.
func ImportMaps() []string { return report.BundledMaps() }

// UploadImport keeps a file that is to be imported. What cannot be read as a
// table is refused at once. It changes no register: the import itself is logged.
func (r *Register) UploadImport(ctx context.Context, a models.Actor, name string, b []byte) (ImportFile, error) {
	if err := r.check(a, "import.run", own(a)); err != nil {
		return ImportFile{}, err
	}
	// Nearly anything can be read as a table of one column, a PDF too.
	if kind, _, _ := strings.Cut(http.DetectContentType(b), ";"); !slices.Contains([]string{"text/plain", "application/octet-stream", "application/zip"}, kind) {
		return ImportFile{}, models.Fail(models.Invalid, "import_unreadable")
	}
	t, err := report.ReadTable(name, b)
	if err != nil {
		return ImportFile{}, err
	}
	if len(t.Rows) == 0 {
		return ImportFile{}, models.Fail(models.Invalid, "import_no_rows")
	}
	row := store.ImportFile{OrgID: a.OrgID, ID: newID(), ByUserID: a.UserID, FileName: cleanName(name), SHA256: ledger.Hash(b), Data: b, At: r.Now()}
	err = r.store.Within(ctx, func(tx *store.Tx) error {
		waiting, err := tx.ImportFiles(ctx, a.OrgID, a.UserID)
		if err != nil {
			return err
		}
		if len(waiting) >= mostImportFiles {
			return models.Fail(models.Conflict, "too_many_imports").With("max", mostImportFiles)
		}
		return tx.Add(ctx, &row)
	})
	if err != nil {
		return ImportFile{}, err
	}
	v, _, err := r.seen(ctx, row)
	return v, err
}

// ImportFiles are the files of the actor that wait, newest first.
func (r *Register) ImportFiles(ctx context.Context, a models.Actor) ([]ImportFile, error) {
	if err := r.check(a, "import.run", own(a)); err != nil {
		return nil, err
	}
	rows, err := r.store.ImportFiles(ctx, a.OrgID, a.UserID)
	out := make([]ImportFile, len(rows))
	for i, f := range rows {
		out[i] = ImportFile{ImportFile: f, Until: f.At.Add(importFilesKept)}
	}
	return out, err
}

// ImportFile is a file of the actor's that waits, with how its columns are
// taken: as was said, as was said of an earlier file with the same headings, or
// as the headings let guess.
func (r *Register) ImportFile(ctx context.Context, a models.Actor, id string) (ImportFile, error) {
	v, _, err := r.waiting(ctx, a, id)
	return v, err
}

func (r *Register) waiting(ctx context.Context, a models.Actor, id string) (ImportFile, report.Table, error) {
	if err := r.check(a, "import.run", own(a)); err != nil {
		return ImportFile{}, report.Table{}, err
	}
	f, err := r.store.ImportFile(ctx, a.OrgID, a.UserID, id)
	if err != nil {
		return ImportFile{}, report.Table{}, err
	}
	return r.seen(ctx, f)
}

// seen reads a file and finds out how its columns are taken.
func (r *Register) seen(ctx context.Context, f store.ImportFile) (ImportFile, report.Table, error) {
	v := ImportFile{ImportFile: f, Until: f.At.Add(importFilesKept)}
	t, err := report.ReadTable(f.FileName, f.Data)
	if err != nil {
		return v, t, err
	}
	v.Data = nil // the table has it
	v.Header, v.Rows, v.Samples = t.Header, len(t.Rows), make([]string, len(t.Header))
	for i := range v.Header {
		for _, row := range t.Rows {
			if i < len(row) && strings.TrimSpace(row[i]) != "" {
				v.Samples[i] = shorten(strings.Join(strings.Fields(row[i]), " "), 80)
				break
			}
		}
	}
	for _, name := range report.BundledMaps() {
		if m, ok := report.BundledMap(name); ok && m.Fits(t) {
			v.Fits = append(v.Fits, name)
		}
	}
	said := f.Choices
	if said == "" {
		kept, err := r.store.ImportChoices(ctx, f.OrgID, report.HeadingsKey(t.Header))
		if err != nil && models.KindOf(err) != models.NotFound {
			return v, t, err
		}
		said, v.Remembered = kept.Choices, kept.Choices != ""
	}
	if said == "" {
		v.Choices = Choices{Source: stem(f.FileName), Columns: report.Guess(t.Header), Otherwise: map[string]string{}}
		return v, t, nil
	}
	return v, t, json.Unmarshal([]byte(said), &v.Choices)
}

// stem is a file's name without what says its kind, to name a source by.
func stem(name string) string { return shorten(strings.TrimSuffix(name, path.Ext(name)), 100) }

// ChooseImportMap takes a file by one of the maps that come with the program.
func (r *Register) ChooseImportMap(ctx context.Context, a models.Actor, id, name string) error {
	v, _, err := r.waiting(ctx, a, id)
	if err != nil {
		return err
	}
	if !slices.Contains(report.BundledMaps(), name) {
		return field("map", "unknown_value", "value", name, "allowed", strings.Join(report.BundledMaps(), ", "))
	}
	v.ImportFile.Map, v.ImportFile.Choices = name, ""
	return r.store.Within(ctx, func(tx *store.Tx) error { return tx.MapImportFile(ctx, v.ImportFile) })
}

// ChooseImportColumns takes a file by a map made by hand, which is remembered
// for the next one with the same headings.
func (r *Register) ChooseImportColumns(ctx context.Context, a models.Actor, id string, c Choices) error {
	v, t, err := r.waiting(ctx, a, id)
	if err != nil {
		return err
	}
	_, wrong := c.Map(t)
	areas, err := r.store.ServiceAreas(ctx, a.OrgID)
	if err != nil {
		return err
	}
	if where := c.Otherwise["serviceArea"]; wrong == nil && where != "" && !slices.ContainsFunc(areas, func(s models.ServiceArea) bool { return s.ID == where }) {
		wrong = field("otherwise.serviceArea", "unknown_reference")
	}
	if wrong != nil {
		return wrong
	}
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	v.ImportFile.Map, v.ImportFile.Choices = "", string(b)
	return r.store.Within(ctx, func(tx *store.Tx) error {
		if err := tx.MapImportFile(ctx, v.ImportFile); err != nil {
			return err
		}
		return tx.RememberChoices(ctx, store.ImportChoices{OrgID: a.OrgID, Headings: report.HeadingsKey(t.Header), Choices: string(b), ByUserID: a.UserID, At: r.Now()})
	})
}

// ImportUploaded takes a file that waits into the register, all of it or
// nothing, or says what would become of it. A file becomes one import: sent
// twice, it is imported once.
func (r *Register) ImportUploaded(ctx context.Context, a models.Actor, id, onProblem string, dryRun bool) (ImportReport, error) {
	if err := r.check(a, "import.run", own(a)); err != nil {
		return ImportReport{}, err
	}
	f, err := r.store.ImportFile(ctx, a.OrgID, a.UserID, id)
	if err != nil {
		return ImportReport{}, err
	}
	if f.ImportID != nil {
		return ImportReport{}, models.Fail(models.Conflict, "import_done_already").With("import", *f.ImportID)
	}
	t, m, err := tableOf(f)
	if err != nil {
		return ImportReport{}, err
	}
	return r.importTable(ctx, a, ImportInput{FileName: f.FileName, Data: f.Data, OnProblem: onProblem, DryRun: dryRun, file: &f}, t, m)
}

// tableOf reads a file and the map that was chosen for it.
func tableOf(f store.ImportFile) (report.Table, report.Map, error) {
	t, err := report.ReadTable(f.FileName, f.Data)
	if err != nil {
		return t, report.Map{}, err
	}
	if f.Map != "" {
		m, err := loadMap(ImportInput{Map: f.Map})
		return t, m, err
	}
	if f.Choices == "" {
		return t, report.Map{}, models.Fail(models.Conflict, "import_not_mapped")
	}
	var c Choices
	if err := json.Unmarshal([]byte(f.Choices), &c); err != nil {
		return t, report.Map{}, err
	}
	m, err := c.Map(t)
	return t, m, err
}

// DiscardImport destroys a file that waits.
func (r *Register) DiscardImport(ctx context.Context, a models.Actor, id string) error {
	if err := r.check(a, "import.run", own(a)); err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error { return tx.DiscardImportFile(ctx, a.OrgID, a.UserID, id) })
}
