package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/models"
)

// Whole says what an archive of one organisation holds. It is of no engine:
// what left an SQLite file may go into PostgreSQL.
type Whole struct {
	// Version is the schema's, which the place that takes it in must have.
	Version int64        `json:"version"`
	Org     string       `json:"organisation"`
	Slug    string       `json:"shortName"`
	Size    int64        `json:"logSize"`
	Root    []byte       `json:"logRoot"`
	Tables  []WholeTable `json:"tables"`
	// Files are the hashes of the attachments.
	Files []string `json:"files"`
}

// WholeTable is a table in the archive, one row a line.
type WholeTable struct {
	Name    string        `json:"name"`
	Columns []WholeColumn `json:"columns"`
	Rows    int64         `json:"rows"`
}

// WholeColumn is a column and what kind of thing is in it: text, int, float,
// bool, date, time or bytes.
type WholeColumn struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// ErrWhole says that an archive is not what it says it is.
var ErrWhole = errors.New("the archive does not fit")

// leftOut are the tables that no archive holds: the rooms, which are the
// unions' and not the employer's to take away; what somebody comes in with; what
// is kept for a few days only; and what can be made again.
var leftOut = map[string]bool{
	"room_entries": true, "room_tallies": true, "room_files": true,
	"sessions": true, "tokens": true, "token_addresses": true, "invitations": true, "idempotency_keys": true, "calendar_links": true, "kept_forms": true,
	"deployments_fts": true, "import_files": true, "visits": true,
}

// blanked are the columns that an archive holds empty: passwords and keys are
// not for another place.
var blanked = map[string]string{"users.password_hash": "", "signing_keys.secret": "", "hooks.address": "-", "hooks.secret": "", "datasets.secret": ""}

// kindOf is what kind of thing a column holds, by the type it was declared with.
func kindOf(declared string) string {
	t := strings.ToLower(declared)
	for _, k := range []struct{ has, kind string }{{"timestamp", "time"}, {"date", "date"}, {"bool", "bool"}, {"blob", "bytes"}, {"bytea", "bytes"}, {"int", "int"}, {"double", "float"}, {"real", "float"}} {
		if strings.Contains(t, k.has) {
			return k.kind
		}
	}
	return "text"
}

// wholeTables are the tables of one organisation, those first which others
// refer to; the users stand for themselves.
func (s *Store) wholeTables(ctx context.Context, tx *sql.Tx) ([]WholeTable, error) {
	types, references := `SELECT c.relname || '.' || a.attname, format_type(a.atttypid, NULL) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.relname, a.attnum`,
		`SELECT f.relname, t.relname FROM pg_constraint k JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
		WHERE k.contype = 'f' AND f.relnamespace = current_schema()::regnamespace AND k.conrelid <> k.confrelid`
	if !s.postgres {
		types = `SELECT m.name || '.' || p.name, p.type FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'deployments_fts%' ORDER BY m.name, p.cid`
		references = `SELECT m.name, f."table" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f."table" <> m.name`
	}
	columns, err := pairs(ctx, tx, types)
	if err != nil {
		return nil, fmt.Errorf("list the columns: %w", err)
	}
	refs, err := pairs(ctx, tx, references)
	if err != nil {
		return nil, fmt.Errorf("list the foreign keys: %w", err)
	}
	byName := map[string]*WholeTable{}
	for _, c := range columns {
		table, column, _ := strings.Cut(c[0], ".")
		if byName[table] == nil {
			byName[table] = &WholeTable{Name: table}
		}
		byName[table].Columns = append(byName[table].Columns, WholeColumn{column, kindOf(c[1])})
	}
	var names []TableDump
	for name, t := range byName {
		scoped := slices.ContainsFunc(t.Columns, func(c WholeColumn) bool { return c.Name == "org_id" })
		if (scoped || name == "organisations" || name == "users") && !leftOut[name] {
			names = append(names, TableDump{Name: name})
		}
	}
	slices.SortFunc(names, func(a, b TableDump) int { return strings.Compare(a.Name, b.Name) })
	ordered, err := inOrder(names, refs)
	if err != nil {
		return nil, err
	}
	out := make([]WholeTable, len(ordered))
	for i, t := range ordered {
		out[i] = *byName[t.Name]
	}
	return out, nil
}

// rowsOf is where the rows of one organisation are in a table.
func rowsOf(table string) string {
	switch table {
	case "organisations":
		return "id = $1"
	case "users":
		return "id IN (SELECT user_id FROM memberships WHERE org_id = $1)"
	}
	return "org_id = $1"
}

// TakeOut writes everything of one organisation as it stood at one moment: put
// is handed each table's rows as lines of JSON, and what there is in all is
// said at the end.
func (s *Store) TakeOut(ctx context.Context, org models.Organisation, put func(name string, write func(io.Writer) error) error) (Whole, error) {
	w := Whole{Org: org.ID, Slug: org.Slug}
	level := sql.LevelDefault
	if s.postgres {
		level = sql.LevelRepeatableRead
	}
	tx, err := s.snapshot(ctx, &sql.TxOptions{Isolation: level, ReadOnly: s.postgres})
	if err != nil {
		return w, unavailable(err)
	}
	defer func() { _ = tx.Rollback() }() // it only read
	if w.Version, _, err = versions(ctx, tx); err != nil {
		return w, err
	}
	tables, err := s.wholeTables(ctx, tx)
	if err != nil {
		return w, err
	}
	var grown ledger.Fold
	for _, t := range tables {
		err := put(t.Name, func(out io.Writer) error { return writeRows(ctx, tx, &t, org.ID, out, &grown) })
		if err != nil {
			return w, fmt.Errorf("take out %s: %w", t.Name, err)
		}
		w.Tables = append(w.Tables, t)
	}
	w.Size = grown.Size()
	root, err := grown.Root(w.Size)
	if err != nil {
		return w, err
	}
	w.Root = root[:]
	files, err := pairs(ctx, tx, "SELECT DISTINCT sha256, '' FROM attachments WHERE org_id = '"+strings.ReplaceAll(org.ID, "'", "''")+"' ORDER BY 1")
	for _, f := range files {
		w.Files = append(w.Files, f[0])
	}
	return w, err
}

func writeRows(ctx context.Context, tx *sql.Tx, t *WholeTable, org string, out io.Writer, grown *ledger.Fold) error {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = quoted(c.Name)
	}
	order := "1"
	for _, key := range []string{"id", "seq", "pos"} {
		if slices.ContainsFunc(t.Columns, func(c WholeColumn) bool { return c.Name == key }) {
			order = quoted(key) // a row that refers to another of its table was made later
			break
		}
	}
	rows, err := tx.QueryContext(ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+quoted(t.Name)+" WHERE "+rowsOf(t.Name)+" ORDER BY "+order, org) //nolint:gosec // names from the catalogue, quoted
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // it was read to its end
	values, places := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		places[i] = &values[i]
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		line := make([]any, len(values))
		for i, c := range t.Columns {
			if line[i], err = outward(c.Kind, values[i]); err != nil {
				return fmt.Errorf("%s: %w", c.Name, err)
			}
			if blank, ok := blanked[t.Name+"."+c.Name]; ok && line[i] != nil {
				line[i] = blank
			}
			if t.Name == "ledger_entries" && c.Name == "body" {
				grown.Add(ledger.Leaf([]byte(line[i].(string)))) //nolint:forcetypeassert // a text column
			}
		}
		t.Rows++
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return rows.Err()
}

// outward is a value as an archive holds it, whichever engine it comes from.
func outward(kind string, v any) (any, error) {
	if b, ok := v.([]byte); ok && kind != "bytes" {
		v = string(b)
	}
	switch x := v.(type) {
	case nil:
		return nil, nil
	case []byte:
		return base64.StdEncoding.EncodeToString(x), nil
	case time.Time:
		if kind == "date" {
			return x.UTC().Format(time.DateOnly), nil
		}
		return x.UTC().Format(time.RFC3339Nano), nil
	case int64:
		if kind == "bool" {
			return x != 0, nil
		}
		return x, nil
	case string:
		if kind == "date" && len(x) > len(time.DateOnly) {
			return x[:len(time.DateOnly)], nil
		}
		return x, nil
	case bool, float64, int32:
		return x, nil
	}
	return nil, fmt.Errorf("there is a %T in a column of %s", v, kind)
}

// inward is a value as the database takes it.
func inward(kind string, v any) (any, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case bool:
		if kind == "bool" {
			return x, nil
		}
	case json.Number:
		switch kind {
		case "int":
			return x.Int64()
		case "float":
			return x.Float64()
		}
	case string:
		switch kind {
		case "text":
			return x, nil
		case "bytes":
			return base64.StdEncoding.DecodeString(x)
		case "time":
			return time.Parse(time.RFC3339Nano, x)
		case "date":
			_, err := models.ParseDate(x)
			return x, err
		}
	}
	return nil, fmt.Errorf("a %T in a column of %s: %w", v, kind, ErrWhole)
}

// Vacant says whether there is no organisation yet.
func (r Reader) Vacant(ctx context.Context) (bool, error) {
	n, err := raw[int](ctx, r, "SELECT COUNT(*) FROM organisations")
	return err == nil && len(n) == 1 && n[0] == 0, err
}

// TakeIn fills an empty installation with an archive, or leaves it as it was.
// What it says of itself must be so: the version, the rows, and the log.
func (s *Store) TakeIn(ctx context.Context, w Whole, part func(name string) (io.ReadCloser, error)) error {
	return s.Within(ctx, func(tx *Tx) error {
		if vacant, err := tx.Vacant(ctx); err != nil || !vacant {
			return errorsOf(err, ErrNotEmpty)
		}
		conn, err := tx.sql()
		if err != nil {
			return err
		}
		version, _, err := versions(ctx, conn)
		if err != nil {
			return err
		}
		if version != w.Version {
			return fmt.Errorf("an archive of version %d into version %d: %w", w.Version, version, ErrWhole)
		}
		tables, err := s.wholeTables(ctx, conn)
		if err != nil {
			return err
		}
		if err := sameWhole(w.Tables, tables); err != nil {
			return err
		}
		if !s.postgres {
			if err := tx.exec(ctx, "PRAGMA defer_foreign_keys = ON"); err != nil {
				return err
			}
		}
		var grown ledger.Fold
		for _, t := range tables {
			i := slices.IndexFunc(w.Tables, func(x WholeTable) bool { return x.Name == t.Name })
			if err := tx.takeTable(ctx, w, w.Tables[i], part, &grown); err != nil {
				return fmt.Errorf("take in %s: %w", t.Name, err)
			}
		}
		root, err := grown.Root(grown.Size())
		if err != nil {
			return err
		}
		if grown.Size() != w.Size || string(root[:]) != string(w.Root) {
			return fmt.Errorf("the log is another than the archive says: %w", ErrWhole)
		}
		if err := tx.asWritten(ctx, w); err != nil {
			return err
		}
		return tx.findable(ctx, w.Org)
	})
}

// asWritten reads the log back, entry by entry: a row that says something else
// than the entry that was hashed is refused, and so is a hash of the tree that
// is not that of its entries.
func (t *Tx) asWritten(ctx context.Context, w Whole) error {
	const batch = 1000
	audit := ledger.NewAudit(w.Org, w.Size, nil)
	for from, pos := int64(0), int64(0); ; {
		rows, err := t.AuditRows(ctx, w.Org, from, batch)
		if err != nil {
			return err
		}
		next, until := from, pos+batch
		if len(rows) > 0 {
			next = rows[len(rows)-1].Seq + 1
			until = ledger.Position(next)
		}
		nodes, err := t.NodeRows(ctx, w.Org, pos, until)
		if err != nil {
			return err
		}
		audit.Expect(nodes)
		if len(rows) == 0 {
			break
		}
		for _, row := range rows {
			audit.Take(row)
		}
		from, pos = next, until
	}
	for _, f := range audit.Finish() {
		if f.Code != ledger.EntryBackdated { // it is what was written, though not when it says
			return fmt.Errorf("entry %d of the log, %s: %w", f.Seq, f.Code, ErrWhole)
		}
	}
	return nil
}

func errorsOf(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func sameWhole(said, here []WholeTable) error {
	if len(said) != len(here) {
		return fmt.Errorf("%d tables, and not %d: %w", len(said), len(here), ErrWhole)
	}
	for _, t := range here {
		i := slices.IndexFunc(said, func(x WholeTable) bool { return x.Name == t.Name })
		if i < 0 {
			return fmt.Errorf("%s is not there: %w", t.Name, ErrWhole)
		}
		sorted := func(list []WholeColumn) []WholeColumn {
			return slices.SortedFunc(slices.Values(list), func(a, b WholeColumn) int { return strings.Compare(a.Name, b.Name) })
		}
		if !slices.Equal(sorted(said[i].Columns), sorted(t.Columns)) {
			return fmt.Errorf("%s has other columns: %w", t.Name, ErrWhole)
		}
	}
	return nil
}

// takeTable writes the rows of one table. Each must be of the archive's
// organisation: an archive brings nothing of anybody else's.
func (t *Tx) takeTable(ctx context.Context, of Whole, w WholeTable, part func(string) (io.ReadCloser, error), grown *ledger.Fold) (err error) {
	in, err := part(w.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	names := make([]string, len(w.Columns))
	for i, c := range w.Columns {
		names[i] = quoted(c.Name)
	}
	into := quoted(w.Name) + " (" + strings.Join(names, ", ") + ")"
	dec := json.NewDecoder(in)
	dec.UseNumber()
	var rows insert
	var n int64
	for {
		var line []any
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("row %d: %w: %s", n+1, ErrWhole, err.Error()) // a file that ends too soon is no database that has gone
		}
		if len(line) != len(w.Columns) {
			return fmt.Errorf("row %d has %d values: %w", n+1, len(line), ErrWhole)
		}
		values, err := inwards(w, line, of.Org, of.Files, grown)
		if err != nil {
			return fmt.Errorf("row %d: %w", n+1, err)
		}
		rows.add(into, values...)
		if n++; n%100 == 0 {
			if err := rows.run(ctx, t); err != nil {
				return err
			}
			rows = insert{}
		}
	}
	if n != w.Rows {
		return fmt.Errorf("%d rows, the archive says %d: %w", n, w.Rows, ErrWhole)
	}
	return rows.run(ctx, t)
}

func inwards(w WholeTable, line []any, org string, files []string, grown *ledger.Fold) ([]any, error) {
	values := make([]any, len(line))
	for i, c := range w.Columns {
		v, err := inward(c.Kind, line[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, errors.Join(ErrWhole, err))
		}
		if whose := c.Name == "org_id" || w.Name == "organisations" && c.Name == "id"; whose && v != org {
			return nil, fmt.Errorf("it is of another organisation: %w", ErrWhole)
		}
		if blank, ok := blanked[w.Name+"."+c.Name]; ok && v != nil && v != blank {
			return nil, fmt.Errorf("%s is to be empty: %w", c.Name, ErrWhole)
		}
		if sha, _ := v.(string); w.Name == "attachments" && c.Name == "sha256" && !slices.Contains(files, sha) {
			return nil, fmt.Errorf("its file is not there: %w", ErrWhole)
		}
		if w.Name == "ledger_entries" && c.Name == "body" {
			body, _ := v.(string)
			grown.Add(ledger.Leaf([]byte(body)))
		}
		values[i] = v
	}
	return values, nil
}

// findable makes the words of every deployment findable again.
func (t *Tx) findable(ctx context.Context, org string) error {
	rows, err := many[models.Deployment](ctx, t.Reader, "id", "org_id = ?", org)
	if err != nil {
		return err
	}
	for _, d := range rows {
		var rec models.Record
		if err := json.Unmarshal([]byte(d.RecordJSON), &rec); err != nil {
			return fmt.Errorf("the record of %s: %w", d.Ref, errors.Join(ErrWhole, err))
		}
		var found insert
		if err := t.index(ctx, &found, &d, rec); err != nil {
			return err
		}
		if err := found.run(ctx, t); err != nil {
			return err
		}
	}
	return nil
}
