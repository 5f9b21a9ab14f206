package register

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/report"
	"beforehand/internal/store"
	"beforehand/models"
)

// ImportInput is a file to be taken into the register.
type ImportInput struct {
	FileName string
	Data     []byte
	// Map is the name of a bundled column map, or MapFile the bytes of one's own.
	Map     string
	MapFile []byte
	DryRun  bool
	// OnProblem is stop (any problem or difference stops the run), skip (rows
	// with problems, and rows that differ from what is here, are left out) or
	// update (rows that differ are updated).
	OnProblem string
	// file is what was uploaded before, which becomes one import and no more.
	file *store.ImportFile
}

// ImportReport is what an import did, or would do.
type ImportReport struct {
	ID        string         `json:"id,omitempty"`
	Source    string         `json:"source"`
	Encoding  string         `json:"encoding"`
	Rows      int            `json:"rows"`
	Imported  int            `json:"imported"`
	Updated   int            `json:"updated"`
	Unchanged int            `json:"unchanged"`
	Repaired  int            `json:"repaired"` // rows with at least one repair
	Refused   int            `json:"refused"`  // rows with at least one problem
	DryRun    bool           `json:"dryRun,omitempty"`
	Stopped   bool           `json:"stopped,omitempty"`
	Problems  []ImportRemark `json:"problems"`
	Repairs   []ImportRemark `json:"repairs"`
}

// ImportRemark is a problem or a repair by row and column, in words: what is
// wrong and how to mend it.
type ImportRemark struct {
	Row    int         `json:"row"`
	Column string      `json:"column,omitempty"`
	Value  string      `json:"value,omitempty"`
	After  string      `json:"after,omitempty"`
	Code   string      `json:"code"`
	What   models.Text `json:"what"`
}

func (rep *ImportReport) problems(list ...report.Problem) {
	for _, p := range list {
		rep.Problems = append(rep.Problems, ImportRemark{Row: p.Row, Column: p.Column, Value: p.Value, Code: p.Code, What: Both(models.Reason{Code: p.Code, Params: p.Params})})
	}
}

func (rep *ImportReport) repairs(list ...report.Repair) {
	for _, p := range list {
		rep.Repairs = append(rep.Repairs, ImportRemark{Row: p.Row, Column: p.Column, Value: p.Before, After: p.After, Code: p.Code, What: Both(models.Reason{Code: p.Code})})
	}
}

// planned is what is to become of one row.
type planned struct {
	row    report.Row
	old    *models.Deployment
	merged models.Record
}

// Import takes a file into the register, all of it or nothing. The same file
// a second time changes nothing.
func (r *Register) Import(ctx context.Context, a models.Actor, in ImportInput) (ImportReport, error) {
	var rep ImportReport
	if err := r.check(a, "import.run", own(a)); err != nil {
		return rep, err
	}
	m, err := loadMap(in)
	if err != nil {
		return rep, err
	}
	t, err := report.ReadTable(in.FileName, in.Data)
	if err != nil {
		return rep, err
	}
	return r.importTable(ctx, a, in, t, m)
}

// importTable takes a table that has been read into the register, for somebody
// who may.
func (r *Register) importTable(ctx context.Context, a models.Actor, in ImportInput, t report.Table, m report.Map) (ImportReport, error) {
	var rep ImportReport
	if in.OnProblem == "" {
		in.OnProblem = "stop"
	}
	if !slices.Contains(OnProblem, in.OnProblem) {
		return rep, field("onProblem", "unknown_value", "value", in.OnProblem, "allowed", strings.Join(OnProblem, ", "))
	}
	conv := report.Convert(t, m)
	rep = ImportReport{Source: conv.Source, Encoding: t.Encoding, Rows: len(conv.Rows), DryRun: in.DryRun, Problems: []ImportRemark{}, Repairs: []ImportRemark{}}
	rep.problems(conv.Problems...)
	if len(conv.Problems) > 0 {
		rep.Stopped = true
		return rep, nil
	}
	if in.DryRun {
		_, err := r.plan(ctx, r.store.Reader, a, conv, in, &rep)
		return rep, err
	}
	return rep, r.runImport(ctx, a, in, conv, &rep)
}

// OnProblem is what can be done about rows with problems.
var OnProblem = []string{"stop", "skip", "update"}

func loadMap(in ImportInput) (report.Map, error) {
	if len(in.MapFile) > 0 {
		return report.LoadMap(in.Map, in.MapFile)
	}
	m, ok := report.BundledMap(in.Map)
	if !ok {
		return m, models.Fail(models.Invalid, "import_unknown_map").With("map", in.Map, "maps", strings.Join(report.BundledMaps(), ", "))
	}
	return m, nil
}

// plan decides what becomes of each row, and counts it.
func (r *Register) plan(ctx context.Context, rd store.Reader, a models.Actor, conv report.Conversion, in ImportInput, rep *ImportReport) ([]planned, error) {
	known, err := rd.ImportedFrom(ctx, a.OrgID, conv.Source)
	if err != nil {
		return nil, err
	}
	areas, err := rd.ServiceAreas(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	places := placesOf(areas)
	var out []planned
	for _, row := range conv.Rows {
		places.settle(&row, conv)
		if len(row.Repairs) > 0 && len(row.Problems) == 0 {
			rep.Repaired++
			rep.repairs(row.Repairs...)
		}
		p := planned{row: row}
		if old, ok := known[row.Key]; ok && len(row.Problems) == 0 {
			p.old = &old
			same, err := p.merge()
			if err != nil {
				return nil, err
			}
			if same {
				rep.Unchanged++
				continue
			}
			if in.OnProblem != "update" {
				row.Problems = append(row.Problems, report.Problem{Row: row.Number, Code: "import.differs", Params: models.Params{"ref": old.Ref}})
			}
		}
		if len(row.Problems) > 0 {
			rep.Refused++
			rep.problems(row.Problems...)
			continue
		}
		if p.old != nil {
			rep.Updated++
		} else {
			rep.Imported++
		}
		out = append(out, p)
	}
	rep.Stopped = in.OnProblem == "stop" && rep.Refused > 0
	if rep.Stopped {
		rep.Imported, rep.Updated = 0, 0
		return nil, nil
	}
	return out, nil
}

// merge lays what the row says over what is here: fields that the file does
// not have stay as people left them. It says whether nothing changes.
func (p *planned) merge() (same bool, err error) {
	old, err := readRecord(p.old.RecordJSON)
	if err != nil {
		return false, err
	}
	p.row.Record.ServiceAreaID = old.ServiceAreaID
	patch, err := json.Marshal(p.row.Record)
	if err != nil {
		return false, err
	}
	if p.merged, err = models.Merge(old, patch); err != nil {
		return false, err
	}
	b, err := ledger.Canonical(becomeFull(p.merged))
	return string(b) == p.old.RecordJSON, err
}

func (r *Register) runImport(ctx context.Context, a models.Actor, in ImportInput, conv report.Conversion, rep *ImportReport) error {
	plan, err := r.plan(ctx, r.store.Reader, a, conv, in, rep)
	if err != nil || len(plan) == 0 {
		return err // stopped, or nothing to do: nothing is written
	}
	// The plan was made outside the transaction; it is made again inside, where
	// nobody can be quicker.
	*rep = ImportReport{Source: rep.Source, Encoding: rep.Encoding, Rows: rep.Rows, Problems: []ImportRemark{}, Repairs: []ImportRemark{}}
	return r.change(ctx, a, "import.run", func(tx *store.Tx, at time.Time) (entry, error) {
		if err := untaken(ctx, tx, in.file); err != nil {
			return entry{}, err
		}
		plan, err := r.plan(ctx, tx.Reader, a, conv, in, rep)
		if err != nil {
			return entry{}, err
		}
		areas, err := r.areaFinder(ctx, tx, a, conv.CreateAreas)
		if err != nil {
			return entry{}, err
		}
		rep.ID = newID()
		hashes := make([]string, 0, len(plan))
		for _, p := range plan {
			d, err := r.takeRow(ctx, tx, a, conv.Source, p, areas, at)
			if err != nil {
				return entry{}, err
			}
			hashes = append(hashes, d.Ref+" "+ledger.Hash([]byte(d.RecordJSON)))
		}
		full, err := json.Marshal(rep)
		if err != nil {
			return entry{}, err
		}
		row := store.Import{
			OrgID: a.OrgID, ID: rep.ID, FileName: cleanName(in.FileName), SHA256: ledger.Hash(in.Data), Map: conv.Source, Imported: rep.Imported, Updated: rep.Updated,
			Unchanged: rep.Unchanged, Repaired: rep.Repaired, Refused: rep.Refused, Report: string(full), ByUserID: a.UserID, At: at,
		}
		data := map[string]any{"file": row.SHA256, "source": conv.Source, "imported": rep.Imported, "updated": rep.Updated, "refused": rep.Refused, "records": ledger.Hash([]byte(strings.Join(hashes, "\n")))}
		if err := tx.Add(ctx, &row); err != nil || in.file == nil {
			return entry{subject: row.ID, data: data}, err
		}
		return entry{subject: row.ID, data: data}, tx.TakeImportFile(ctx, *in.file, row.ID)
	})
}

// untaken keeps others from importing a file that was uploaded, and refuses one
// that somebody has imported meanwhile.
func untaken(ctx context.Context, tx *store.Tx, f *store.ImportFile) error {
	if f == nil {
		return nil
	}
	now, err := tx.LockImportFile(ctx, f.OrgID, f.ByUserID, f.ID)
	if err == nil && now.ImportID != nil {
		err = models.Fail(models.Conflict, "import_done_already").With("import", *now.ImportID)
	}
	return err
}

// takeRow registers a row, or revises the deployment it made before.
func (r *Register) takeRow(ctx context.Context, tx *store.Tx, a models.Actor, source string, p planned, area func([]string) (string, error), at time.Time) (models.Deployment, error) {
	if p.old != nil {
		old, err := tx.DeploymentByID(ctx, a.OrgID, p.old.ID) // locked, and as it is by now
		if err != nil {
			return *p.old, err
		}
		p.old = &old
		if _, err := p.merge(); err != nil {
			return old, err
		}
		s, err := r.opened(ctx, tx.Reader, a, old, "deployment.revise")
		if err != nil {
			return old, err
		}
		before := s.rec
		s.rec = p.merged
		_, err = r.revised(ctx, tx, a, &s, before, Judgement{}, at)
		return s.Deployment, err
	}
	rec := p.row.Record
	if len(p.row.Area) > 0 {
		id, err := area(p.row.Area)
		if err != nil {
			return models.Deployment{}, err
		}
		rec.ServiceAreaID = id
	}
	in := Registration{Record: rec, LateReason: "import", Source: source, SourceKey: p.row.Key}
	if p.row.Retired {
		in.Stage = models.StageRetired
	}
	return r.register(ctx, tx, a, in, at)
}

// areaFinder finds service areas by their names from the root down, and makes
// those that are missing when the map allows it.
func (r *Register) areaFinder(ctx context.Context, tx *store.Tx, a models.Actor, create bool) (func([]string) (string, error), error) {
	all, err := tx.ServiceAreas(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	byName := map[string]models.ServiceArea{}
	for _, s := range all {
		byName[deref(s.ParentID)+"\n"+s.NameEn] = s
	}
	return func(names []string) (string, error) {
		var at models.ServiceArea
		for _, name := range names {
			s, ok := byName[at.ID+"\n"+name]
			if !ok {
				if !create {
					return "", field("serviceArea", "not_found", "value", name)
				}
				s = models.ServiceArea{OrgID: a.OrgID, ID: newID(), NameEn: name, Version: 1, Path: "/"}
				if at.ID != "" {
					parent := at.ID
					s.ParentID, s.Path = &parent, at.Path
				}
				s.Path += s.ID + "/"
				if err := tx.Add(ctx, &s); err != nil {
					return "", err
				}
				byName[at.ID+"\n"+name] = s
			}
			at = s
		}
		return at.ID, nil
	}, nil
}

// ImportReport is what an earlier import did.
func (r *Register) ImportReport(ctx context.Context, a models.Actor, id string) (ImportReport, error) {
	var rep ImportReport
	if err := r.check(a, "import.read", own(a)); err != nil {
		return rep, err
	}
	row, err := r.store.Import(ctx, a.OrgID, id)
	if err != nil {
		return rep, err
	}
	return rep, json.Unmarshal([]byte(row.Report), &rep)
}
