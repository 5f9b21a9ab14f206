package report

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"beforehand/models"
)

// Conversion is what a file becomes under a map.
type Conversion struct {
	Source      string
	CreateAreas bool
	// AreasAnywhere says that one name of a service area is enough, wherever it stands.
	AreasAnywhere bool
	Rows          []Row
	// Problems are of the file as a whole: while there is one there are no rows.
	Problems []Problem
}

// Row is one row of the file as a record. A row with a problem is not fit to be
// stored.
type Row struct {
	Number int // as a person counts in a spreadsheet
	// Key tells the row within its source, the same in every import.
	Key    string
	Record models.Record
	// Area names the service area from the root down; whoever stores the row
	// finds or makes it. Empty when the map gives the id itself.
	Area     []string
	Retired  bool
	Repairs  []Repair
	Problems []Problem
}

// Problem is why a row, or a file, cannot be taken as it is. Code is a key under
// "import." in the catalogues; its sentence says what is wrong and the mend.
type Problem struct {
	Row    int           `json:"row"`
	Column string        `json:"column,omitempty"`
	Value  string        `json:"value,omitempty"` // the beginning of it, when it is long
	Code   string        `json:"code"`
	Params models.Params `json:"params,omitempty"`
}

// Words is what the catalogues need to say the problem.
func (p Problem) Words() (code string, params map[string]any) { return p.Code, p.Params }

// Repair is what was changed on the way in. Code is a key under "import.".
type Repair struct {
	Row    int    `json:"row"`
	Column string `json:"column"`
	Before string `json:"before"` // the beginning of it, when it is long
	After  string `json:"after"`
	Code   string `json:"code"`
}

// Words is what the catalogues need to say the repair.
func (r Repair) Words() (code string, params map[string]any) { return r.Code, nil }

// Convert reads a table by a map. The same table and map give the same rows,
// with the same keys, in the same order.
func Convert(t Table, m Map) Conversion {
	c := converter{t: t, m: m, places: map[string]int{}, keys: map[string]bool{}, counts: map[string]int{}, shape: map[int][]Problem{}}
	out := Conversion{Source: m.Source, CreateAreas: m.CreateAreas, AreasAnywhere: m.anywhere, Problems: c.find()}
	if len(out.Problems) > 0 {
		return out
	}
	for _, p := range t.Problems {
		c.shape[p.Row] = append(c.shape[p.Row], p)
	}
	for i, cells := range t.Rows {
		if len(cells) > 0 || len(c.shape[t.Number(i)]) > 0 {
			out.Rows = append(out.Rows, c.row(t.Number(i), cells))
		}
	}
	return out
}

type converter struct {
	t      Table
	m      Map
	places map[string]int // of the columns that the map names
	keys   map[string]bool
	counts map[string]int
	shape  map[int][]Problem
}

// find looks up every column that the map names.
func (c *converter) find() []Problem {
	names := slices.Concat(c.m.key, c.m.area)
	if c.m.retired != nil {
		names = append(names, c.m.retired.column)
	}
	for _, e := range c.m.entries {
		if names = append(names, e.column); e.when != nil {
			names = append(names, e.when.column)
		}
	}
	headings := make([]string, len(c.t.Header))
	for i, h := range c.t.Header {
		headings[i] = fold(h)
	}
	var problems []Problem
	for _, name := range names {
		if _, seen := c.places[name]; seen {
			continue
		}
		at, times := place(headings, name)
		c.places[name] = at
		code := ""
		switch {
		case times > 1:
			code = "import.column_ambiguous"
		case at < 0:
			code = "import.column_missing"
		default:
			continue
		}
		problems = append(problems, Problem{
			Row: c.t.First - 1, Column: name, Code: code, Params: models.Params{"column": name, "times": times},
		})
	}
	return problems
}

var (
	nthHeading = regexp.MustCompile(`^(.*\S) ?\[([1-9][0-9]{0,2})\]$`)
	nthColumn  = regexp.MustCompile(`^#([1-9][0-9]{0,2})$`)
)

// place finds a column by its heading, by the heading and which of several
// ("If Other, please explain. [2]"), or by its number ("#26"). times is how
// often a heading occurs when nothing says which is meant.
func place(headings []string, name string) (at, times int) {
	want := fold(name)
	var found []int
	for i, h := range headings {
		if h == want {
			found = append(found, i)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], 1
	case len(found) > 1:
		return -1, len(found)
	}
	if m := nthColumn.FindStringSubmatch(want); m != nil {
		if n, _ := strconv.Atoi(m[1]); n <= len(headings) {
			return n - 1, 1
		}
	}
	if m := nthHeading.FindStringSubmatch(want); m != nil {
		n, _ := strconv.Atoi(m[2])
		for i, h := range headings {
			if h == m[1] {
				if n--; n == 0 {
					return i, 1
				}
			}
		}
	}
	return -1, 0
}

// rowReader is one row on its way to be a record.
type rowReader struct {
	*converter
	Row
	cells []string
	seen  map[string]string // cleaned cells by column
	// fed says which column filled a field, failed which fields have a problem.
	fed    map[string]string
	failed map[string]bool
}

// resolvedLater stands for the service area while a record is checked.
const resolvedLater = "resolved later"

func (c *converter) row(number int, cells []string) Row {
	r := rowReader{
		converter: c, Row: Row{Number: number, Problems: slices.Clone(c.shape[number])}, cells: cells,
		seen: map[string]string{}, fed: map[string]string{}, failed: map[string]bool{},
	}
	r.name()
	for _, column := range c.m.area {
		if s := squeeze(r.cell(column)); s != "" {
			r.Area = append(r.Area, s)
		}
	}
	for _, e := range c.m.entries {
		if e.when == nil || r.holds(e.when) {
			r.feed(e)
		}
	}
	for _, k := range c.m.constants {
		if !k.field.filled(&r.Record) {
			_ = k.field.set(&r.Record, k.value) // it fitted when the map was loaded
		}
	}
	r.Retired = c.m.retired != nil && r.holds(c.m.retired)
	compact(&r.Record)
	r.check()
	return r.Row
}

// cell gives a cleaned cell, with the map's words for nothing emptied. What
// cleaning changed is a repair, told once.
func (r *rowReader) cell(column string) string {
	if s, ok := r.seen[column]; ok {
		return s
	}
	raw := ""
	if i := r.places[column]; i < len(r.cells) {
		raw = r.cells[i]
	}
	s := clean(raw)
	if s != "" && slices.Contains(r.m.empty, fold(s)) {
		r.repair(column, raw, "", "import.repair_emptied")
		s = ""
	} else if s != raw {
		r.repair(column, raw, s, "import.repair_cleaned")
	}
	r.seen[column] = s
	return s
}

func (r *rowReader) repair(column, before, after, code string) {
	more := Repair{Row: r.Number, Column: column, Before: glimpse(before), After: glimpse(after), Code: code}
	// A column that feeds two fields is repaired once.
	if !slices.Contains(r.Repairs, more) {
		r.Repairs = append(r.Repairs, more)
	}
}

func (r *rowReader) problem(column, value, code string, params models.Params) {
	r.Problems = append(r.Problems, Problem{Row: r.Number, Column: column, Value: glimpse(value), Code: code, Params: params})
}

func (r *rowReader) holds(c *condition) bool { return slices.Contains(c.is, fold(r.cell(c.column))) }

// longestKey is the limit of a key, in characters.
const longestKey = 400

// name gives the row its key: the cells of the key's columns, readable, and
// "#2" when they occur a second time.
func (r *rowReader) name() {
	parts := make([]string, len(r.m.key))
	blank := true
	for i, column := range r.m.key {
		if parts[i] = squeeze(r.cell(column)); parts[i] == "" {
			parts[i] = "–"
		} else {
			blank = false
		}
	}
	if blank {
		r.problem(r.m.key[0], "", "import.key_empty", models.Params{"columns": slices.Clone(r.m.key)})
	}
	base := strings.Join(parts, " / ")
	n := r.counts[base] + 1
	key := nthKey(base, n)
	for r.keys[key] { // another row may be called "… #2" by its own name
		n++
		key = nthKey(base, n)
	}
	r.counts[base], r.keys[key] = n, true
	r.Key = key
}

func nthKey(base string, n int) string {
	if n > 1 {
		base += " #" + strconv.Itoa(n)
	}
	return shortKey(base)
}

// shortKey keeps long keys apart by a hash of the whole.
func shortKey(s string) string {
	if utf8.RuneCountInString(s) <= longestKey {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return cut(s, longestKey-65) + " " + hex.EncodeToString(sum[:])
}

// feed takes one column to its field. The first column that has something for a
// field fills it; one that joins adds to it.
func (r *rowReader) feed(e entry) {
	if e.field.filled(&r.Record) && e.join == nil {
		return
	}
	raw := r.cell(e.column)
	v, ok := r.means(e, raw)
	if !ok || v == "" {
		return
	}
	if e.field.kind != textKind {
		r.typed(e, raw, v)
		return
	}
	v = e.prefix + v
	if e.join != nil && e.field.filled(&r.Record) {
		v = e.field.in(&r.Record).String() + *e.join + v
	}
	if e.longest > 0 && utf8.RuneCountInString(v) > e.longest {
		whole := v
		v = cut(whole, e.longest)
		r.repair(e.column, whole, v, "import.repair_cut")
		if e.into != nil && !e.into.filled(&r.Record) {
			e.into.in(&r.Record).SetString(whole)
			r.fed[e.into.path] = e.column
		}
	}
	e.field.in(&r.Record).SetString(v)
	r.fed[e.field.path] = e.column
}

// means is what a cell stands for by the map. ok is false when that is a
// problem, which is noted.
func (r *rowReader) means(e entry, raw string) (v string, ok bool) {
	if raw != "" && slices.Contains(e.empty, fold(raw)) {
		r.repair(e.column, raw, "", "import.repair_emptied")
		raw = ""
	}
	if v, listed := e.values[fold(raw)]; listed {
		return v, true
	}
	switch {
	case raw == "" && e.blank == nil:
		return "", true
	case raw == "":
		r.repair(e.column, "", *e.blank, "import.repair_blank")
		return *e.blank, true
	case e.anything != nil:
		return *e.anything, true
	case e.values == nil || e.keep:
		return raw, true
	case e.otherwise != nil:
		r.repair(e.column, raw, *e.otherwise, "import.repair_otherwise")
		return *e.otherwise, true
	}
	r.fail(e, raw, "import.unknown_value", nil)
	return "", false
}

func (r *rowReader) fail(e entry, value, code string, params models.Params) {
	if params == nil {
		params = models.Params{}
	}
	params["value"] = glimpse(value)
	r.failed[top(e.field.path)] = true
	r.problem(e.column, value, code, params)
}

// typed fills a date, a number or a yes and no.
func (r *rowReader) typed(e entry, raw, v string) {
	r.fed[e.field.path] = e.column
	code, params := "", models.Params{}
	if e.field.kind == dateKind {
		d, monthOnly, early := r.date(v)
		switch {
		case early:
			code, params = "import.date_too_early", models.Params{"earliest": r.m.earliest}
		case d == 0:
			code = "import.not_a_date"
		default:
			if e.field.setDate(&r.Record, d); monthOnly {
				r.repair(e.column, v, d.String(), "import.repair_month")
			}
			return
		}
	} else {
		switch err := e.field.set(&r.Record, v); {
		case err == nil:
			return
		case errors.Is(err, errFlag):
			code = "import.not_yes_or_no"
		default:
			code = "import.not_a_number"
		}
	}
	if e.otherwise == nil {
		r.fail(e, raw, code, params)
		return
	}
	r.repair(e.column, raw, *e.otherwise, "import.repair_otherwise")
	if *e.otherwise != "" {
		_ = e.field.set(&r.Record, *e.otherwise) // it fitted when the map was loaded
	}
}

// date reads a date by the first layout that fits. A date before the map's
// earliest is none: a spreadsheet makes 14 July 1905 of the year 2022.
func (r *rowReader) date(s string) (d models.Date, monthOnly, early bool) {
	s = squeeze(s)
	for _, l := range r.m.layouts {
		t, err := time.Parse(l.form, s)
		if err != nil || t.Year() < 1 {
			continue
		}
		y, month, day := t.Date()
		if d = models.NewDate(y, month, day); d < r.m.earliest {
			return 0, false, true
		}
		return d, l.monthOnly, false
	}
	return 0, false, false
}

// codes are the sentences of an import for faults of a record; any other is
// said in the record's own words.
var codes = map[string]string{
	"required":           "import.required",
	"too_long":           "import.too_long",
	"control_characters": "import.control_characters",
	"order":              "import.date_order",
	"not_an_address":     "import.not_an_address",
	"unknown_value":      "import.not_allowed",
}

// check asks the record's own rules, and says what they find of the columns.
func (r *rowReader) check() {
	if len(r.Area) == 0 && r.Record.ServiceAreaID == "" {
		r.problem(r.m.area[0], "", "import.area_empty", nil)
	}
	rec := r.Record
	if rec.ServiceAreaID == "" {
		rec.ServiceAreaID = resolvedLater
	}
	var bad *models.Error
	if !errors.As(rec.Validate(), &bad) {
		return
	}
	told := map[string]bool{}
	for _, f := range bad.Fields {
		root := top(f.Path)
		if r.failed[root] && f.Code == "required" {
			continue // the reason was told
		}
		column := r.columnOf(f.Path)
		code, ok := codes[f.Code]
		if !ok {
			code = "import.answer"
		}
		// A text that is too long for two rules is too long once.
		if told[column+code] {
			continue
		}
		told[column+code] = true
		params := models.Params{"answer": models.Reason{Code: "record." + root}, "fault": models.Reason{Code: "field." + f.Code, Params: f.Params}}
		value := ""
		if column != "" {
			value = r.cell(column)
		}
		for k, v := range f.Params {
			params[k] = v
		}
		if _, ok := params["value"]; !ok {
			params["value"] = glimpse(value)
		}
		r.problem(column, value, code, params)
	}
}

// columnOf is the column that filled a field or would have, the nearest to its
// path; a constant has none.
func (r *rowReader) columnOf(path string) string {
	best, column := -1, ""
	for _, e := range r.m.entries {
		fit := nearness(e.field.path, path)
		if r.fed[e.field.path] == e.column {
			fit = 2*fit + 1
		} else {
			fit *= 2
		}
		if fit > 1 && fit > best {
			best, column = fit, e.column
		}
	}
	return column
}

// nearness is how much of two paths is the same, whole names only.
func nearness(a, b string) int {
	as, bs := strings.FieldsFunc(a, dotted), strings.FieldsFunc(b, dotted)
	n := 0
	for n < len(as) && n < len(bs) && as[n] == bs[n] {
		n++
	}
	return n
}

func dotted(c rune) bool { return c == '.' || c == '[' || c == ']' }
