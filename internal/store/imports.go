package store

import (
	"context"
	"time"
)

// ImportFile is a file that somebody has sent and that waits to be imported, or
// has been. It is destroyed some days after it came.
type ImportFile struct {
	OrgID    string `gorm:"primaryKey"`
	ID       string `gorm:"primaryKey"`
	ByUserID string
	FileName string
	SHA256   string `gorm:"column:sha256"`
	Data     []byte
	// Map is the name of a bundled map; Choices is JSON, of a map made by hand.
	Map     string
	Choices string
	At      time.Time
	// ImportID is the import that it became.
	ImportID *string
}

// TableName is where files that wait are kept.
func (ImportFile) TableName() string { return "import_files" }

// ImportFile finds a file that somebody has sent; another's is not there.
func (r Reader) ImportFile(ctx context.Context, org, user, id string) (ImportFile, error) {
	return one[ImportFile](ctx, r, "import_file", "org_id = ? AND by_user_id = ? AND id = ?", org, user, id)
}

// FileOfImport finds the file that an import was made from, while it is kept.
func (r Reader) FileOfImport(ctx context.Context, org, importID string) (ImportFile, error) {
	return one[ImportFile](ctx, r, "import_file", "org_id = ? AND import_id = ?", org, importID)
}

// ImportFiles are the files of somebody that wait, newest first, without what is in them.
func (r Reader) ImportFiles(ctx context.Context, org, user string) ([]ImportFile, error) {
	return raw[ImportFile](ctx, r, `SELECT org_id, id, by_user_id, file_name, sha256, map, choices, at, import_id FROM import_files
		WHERE org_id = ? AND by_user_id = ? AND import_id IS NULL ORDER BY at DESC, id LIMIT 100`, org, user)
}

// MapImportFile says how the columns of a file are taken.
func (t *Tx) MapImportFile(ctx context.Context, f ImportFile) error {
	return t.affect(ctx, "import_file", "UPDATE import_files SET map = ?, choices = ? WHERE org_id = ? AND by_user_id = ? AND id = ? AND import_id IS NULL", f.Map, f.Choices, f.OrgID, f.ByUserID, f.ID)
}

// TakeImportFile says which import a file has become. It was locked before.
func (t *Tx) TakeImportFile(ctx context.Context, f ImportFile, importID string) error {
	return t.affect(ctx, "import_file", "UPDATE import_files SET import_id = ? WHERE org_id = ? AND id = ? AND import_id IS NULL", importID, f.OrgID, f.ID)
}

// LockImportFile finds a file that somebody has sent and keeps others from
// importing it until the transaction ends.
func (t *Tx) LockImportFile(ctx context.Context, org, user, id string) (ImportFile, error) {
	return one[ImportFile](ctx, t.locking(), "import_file", "org_id = ? AND by_user_id = ? AND id = ?", org, user, id)
}

// DiscardImportFile destroys a file that was not imported.
func (t *Tx) DiscardImportFile(ctx context.Context, org, user, id string) error {
	return t.affect(ctx, "import_file", "DELETE FROM import_files WHERE org_id = ? AND by_user_id = ? AND id = ? AND import_id IS NULL", org, user, id)
}

// ForgetImportFiles destroys the files that came before an instant.
func (s *Store) ForgetImportFiles(ctx context.Context, before time.Time) error {
	return translate(s.writer.WithContext(ctx).Exec("DELETE FROM import_files WHERE at < ?", before).Error)
}

// ImportChoices is how the columns of files with some headings were last mapped by hand.
type ImportChoices struct {
	OrgID    string `gorm:"primaryKey"`
	Headings string `gorm:"primaryKey"`
	Choices  string
	ByUserID string
	At       time.Time
}

// TableName is where choices are remembered.
func (ImportChoices) TableName() string { return "import_choices" }

// ImportChoices finds how files with the same headings were mapped.
func (r Reader) ImportChoices(ctx context.Context, org, headings string) (ImportChoices, error) {
	return one[ImportChoices](ctx, r, "import_choices", "org_id = ? AND headings = ?", org, headings)
}

// RememberChoices keeps how files with the same headings are mapped.
func (t *Tx) RememberChoices(ctx context.Context, c ImportChoices) error {
	return t.exec(ctx, `INSERT INTO import_choices (org_id, headings, choices, by_user_id, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (org_id, headings) DO UPDATE SET choices = excluded.choices, by_user_id = excluded.by_user_id, at = excluded.at`, c.OrgID, c.Headings, c.Choices, c.ByUserID, c.At)
}

// ImportRow is an import as a list shows it.
type ImportRow struct {
	Import
	Name string // of who ran it
}

// Imports are those of an organisation, newest first, before an instant and id.
func (r Reader) Imports(ctx context.Context, org string, after Cursor, limit int) ([]ImportRow, Cursor, error) {
	c := &conditions{}
	c.and("i.org_id = ?", org)
	if after.ID != "" {
		at, err := time.Parse(time.RFC3339Nano, after.Key)
		if err != nil {
			return nil, Cursor{}, badCursor()
		}
		c.and("(i.at < ? OR i.at = ? AND i.id < ?)", at, at, after.ID)
	}
	rows, err := raw[ImportRow](ctx, r, `SELECT i.org_id, i.id, i.file_name, i.sha256, i.map, i.imported, i.updated, i.unchanged, i.repaired, i.refused, i.by_user_id, i.at, u.name
		FROM imports i JOIN users u ON u.id = i.by_user_id WHERE `+c.sql()+" ORDER BY i.at DESC, i.id DESC LIMIT ?", append(c.args, limit+1)...)
	if err != nil || len(rows) <= limit {
		return rows, Cursor{}, err
	}
	last := rows[limit-1]
	return rows[:limit], Cursor{last.At.UTC().Format(time.RFC3339Nano), last.ID}, nil
}

// ImportRow finds one import and who ran it, with its report.
func (r Reader) ImportRow(ctx context.Context, org, id string) (ImportRow, error) {
	row, err := r.Import(ctx, org, id)
	if err != nil {
		return ImportRow{}, err
	}
	u, err := r.User(ctx, row.ByUserID)
	return ImportRow{row, u.Name}, err
}
