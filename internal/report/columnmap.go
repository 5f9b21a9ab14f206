package report

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"beforehand/models"
)

// Map says which column of a file feeds which field of a record. It is a YAML
// file that an employer may write; maps/us-federal-2024.yaml shows every key.
type Map struct {
	Name string
	// Source names where the rows come from: a later import of the same source
	// and key is the same deployment.
	Source string
	// CreateAreas lets an import make the service areas that it does not find.
	CreateAreas bool
	// anywhere says that one name of a service area is enough, wherever it stands.
	anywhere bool

	key, area []string
	empty     []string
	layouts   []layout
	earliest  models.Date
	constants []constant
	retired   *condition
	entries   []entry
}

// layout is a form of dates, as Go writes them.
type layout struct {
	form      string
	monthOnly bool
}

type constant struct {
	field field
	value string
}

// condition holds when a column has one of some values.
type condition struct {
	column string
	is     []string // folded
}

// entry takes one column to one field.
type entry struct {
	column string
	field  field
	// values gives what each value of the file means; keep lets others through
	// as they are.
	values map[string]string // folded
	keep   bool
	// otherwise stands for what cannot be read, blank for an empty cell (both
	// are repairs), anything for whatever the cell holds.
	otherwise, blank, anything *string
	empty                      []string // folded, besides the map's
	longest                    int
	into                       *field
	join                       *string
	prefix                     string
	when                       *condition
}

//go:embed maps/*.yaml
var mapFiles embed.FS

// BundledMaps are the names of the maps that come with the program, sorted.
func BundledMaps() []string {
	entries, err := mapFiles.ReadDir("maps")
	if err != nil {
		panic(err) // it is embedded
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}

// BundledMap gives a map that comes with the program.
func BundledMap(name string) (Map, bool) {
	if !slices.Contains(BundledMaps(), name) {
		return Map{}, false
	}
	file := path.Join("maps", name+".yaml")
	b, err := mapFiles.ReadFile(file)
	if err != nil {
		panic(err)
	}
	m, err := LoadMap(name, b)
	if err != nil {
		panic(err) // a test loads every one
	}
	return m, true
}

// largestMap bounds a map, in bytes.
const largestMap = 1 << 20

// LoadMap reads a map. The error is invalid and has an entry for everything
// that is wrong, whose path is the file, the line and the key; its cause says
// the same in English for a terminal.
func LoadMap(name string, b []byte) (Map, error) {
	r := mapReader{file: name}
	m := Map{Name: name}
	if len(b) > largestMap {
		return Map{}, tooLarge("max", "1 MiB")
	}
	if root := r.parse(b); root != nil {
		r.read(root, &m)
	}
	if err := r.err(); err != nil {
		return Map{}, err
	}
	return m, nil
}

// mapReader walks the nodes of the file, because only a node knows its line.
type mapReader struct {
	file   string
	fields []models.Field
	causes []error
}

func (r *mapReader) err() error {
	if len(r.fields) == 0 {
		return nil
	}
	err := models.Fail(models.Invalid, "invalid").Because(errors.Join(r.causes...))
	err.Fields = r.fields
	return err
}

// fault notes what is wrong: for people by a code under "field.", for a
// terminal in English.
func (r *mapReader) fault(line int, key string, why models.Reason, format string, args ...any) {
	at := fmt.Sprintf("%s:%d", r.file, max(line, 1))
	r.causes = append(r.causes, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
	if key != "" {
		at += " " + key
	}
	r.fields = append(r.fields, models.Field{Path: at, Code: why.Code, Params: why.Params})
}

var (
	wrongType = models.Reason{Code: "wrong_type"}
	required  = models.Reason{Code: "required"}
)

func unknownValue(value string, allowed ...string) models.Reason {
	return models.Reason{Code: "unknown_value", Params: models.Params{"value": glimpse(value), "allowed": strings.Join(allowed, ", ")}}
}

var (
	yamlStart = regexp.MustCompile(`^yaml: (line \d+: )?`)
	yamlLine  = regexp.MustCompile(`line (\d+)`)
	// The YAML reader counts from nought in these.
	yamlLineBefore = regexp.MustCompile(`did not find expected (key|node content|',' or|'-' indicator|<)`)
)

func (r *mapReader) parse(b []byte) *yaml.Node {
	d := yaml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))))
	var doc, more yaml.Node
	err := d.Decode(&doc)
	if err == nil {
		if err = d.Decode(&more); err == nil {
			r.fault(more.Line, "", models.Reason{Code: "bad_line", Params: models.Params{"line": more.Line}}, "a map is one document, and another begins here")
			return nil
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	switch {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0:
		r.fault(1, "", required, "the map is empty")
		return nil
	case err != nil:
		line := 1
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			line, _ = strconv.Atoi(m[1])
			if yamlLineBefore.MatchString(err.Error()) {
				line++
			}
		}
		what := yamlStart.ReplaceAllString(err.Error(), "")
		r.fault(line, "", models.Reason{Code: "bad_line", Params: models.Params{"line": line}}, "%s", what)
		return nil
	}
	return doc.Content[0]
}

// keys reads a mapping: no key unknown, none twice, none of the needed missing.
func (r *mapReader) keys(n *yaml.Node, known map[string]func(*yaml.Node), needed ...string) {
	if n.Kind != yaml.MappingNode {
		r.fault(n.Line, "", wrongType, "keys and values are expected here")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, ok := known[key.Value]
		switch {
		case !ok:
			r.fault(key.Line, glimpse(key.Value), models.Reason{Code: "unknown_field"}, "unknown key %q", glimpse(key.Value))
		case seen[key.Value]:
			r.fault(key.Line, key.Value, models.Reason{Code: "duplicate", Params: models.Params{"value": key.Value}}, "%q is said twice", key.Value)
		default:
			seen[key.Value] = true
			read(value)
		}
	}
	for _, key := range needed {
		if !seen[key] {
			r.fault(n.Line, key, required, "%q is missing", key)
		}
	}
}

// text reads a text; it may be empty only where that says something.
func (r *mapReader) text(n *yaml.Node, key string, mayBeEmpty bool) string {
	if n.Kind != yaml.ScalarNode || !mayBeEmpty && strings.TrimSpace(n.Value) == "" {
		r.fault(n.Line, key, wrongType, "%s: a text is expected here", key)
		return ""
	}
	return n.Value
}

func (r *mapReader) str(key string, to *string) func(*yaml.Node) {
	return func(n *yaml.Node) { *to = r.text(n, key, false) }
}

func (r *mapReader) maybe(key string, to **string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s := r.text(n, key, true)
		*to = &s
	}
}

func (r *mapReader) flag(key string, to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
			r.fault(n.Line, key, wrongType, "%s: true or false is expected here", key)
			return
		}
		*to = n.Value == "true"
	}
}

// list reads texts; fold makes spellings the same.
func (r *mapReader) list(key string, to *[]string, how func(string) string, mayBeEmpty bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
			r.fault(n.Line, key, wrongType, "%s: a list is expected here", key)
			return
		}
		for _, e := range n.Content {
			*to = append(*to, how(r.text(e, key, mayBeEmpty)))
		}
	}
}

func (r *mapReader) condition(key, list string, to **condition) func(*yaml.Node) {
	return func(n *yaml.Node) {
		c := &condition{}
		r.keys(n, map[string]func(*yaml.Node){
			"column": r.str("column", &c.column),
			list:     r.list(key, &c.is, fold, true),
		}, "column", list)
		*to = c
	}
}

func (r *mapReader) read(root *yaml.Node, m *Map) {
	r.keys(root, map[string]func(*yaml.Node){
		"source": func(n *yaml.Node) {
			if m.Source = squeeze(r.text(n, "source", false)); utf8.RuneCountInString(m.Source) > 100 {
				r.fault(n.Line, "source", models.Reason{Code: "too_long", Params: models.Params{"max": 100}}, "source: at most 100 characters")
			}
		},
		"createAreas": r.flag("createAreas", &m.CreateAreas),
		"key":         r.list("key", &m.key, squeeze, false),
		"area":        r.list("area", &m.area, squeeze, false),
		"empty":       r.list("empty", &m.empty, fold, true),
		"dates":       func(n *yaml.Node) { r.layouts(n, m) },
		"earliest": func(n *yaml.Node) {
			d, err := models.ParseDate(n.Value)
			if err != nil {
				r.fault(n.Line, "earliest", models.Reason{Code: "not_a_date", Params: models.Params{"value": glimpse(n.Value)}}, "earliest: %v", err)
			}
			m.earliest = d
		},
		"constants": func(n *yaml.Node) { r.constants(n, m) },
		"retired":   r.condition("retired", "values", &m.retired),
		"columns": func(n *yaml.Node) {
			if n.Kind != yaml.SequenceNode || len(n.Content) > 4*mostColumns {
				r.fault(n.Line, "columns", wrongType, "columns: a list is expected here")
				return
			}
			for _, e := range n.Content {
				r.entry(e, m)
			}
		},
	}, "source", "key", "columns")
	if len(r.fields) == 0 {
		r.answers(root, m)
	}
}

// answers asks that something feeds each of the six answers of a draft: without
// it every row would be refused.
func (r *mapReader) answers(root *yaml.Node, m *Map) {
	fed := map[string]bool{}
	for _, e := range m.entries {
		fed[top(e.field.path)] = true
		if e.into != nil {
			fed[top(e.into.path)] = true
		}
	}
	for _, c := range m.constants {
		fed[top(c.field.path)] = true
	}
	for _, path := range []string{"name", "useFamily", "purpose", "owner", "decisionStatus"} {
		if !fed[path] {
			r.fault(root.Line, path, required, "nothing feeds %q, without which no row can be imported", path)
		}
	}
	if len(m.area) == 0 && !fed["serviceArea"] {
		r.fault(root.Line, "area", required, "neither area nor a constant for serviceArea says where a row belongs")
	}
}

func (r *mapReader) layouts(n *yaml.Node, m *Map) {
	if n.Kind != yaml.SequenceNode {
		r.fault(n.Line, "dates", wrongType, "dates: a list is expected here")
		return
	}
	probe := time.Date(2019, 11, 23, 0, 0, 0, 0, time.UTC)
	for _, e := range n.Content {
		form := squeeze(r.text(e, "dates", false))
		back, err := time.Parse(form, probe.Format(form))
		// A form that loses the year or the month would invent them.
		if err != nil || back.Year() != 2019 || back.Month() != 11 {
			r.fault(e.Line, "dates", models.Reason{Code: "malformed", Params: models.Params{"value": glimpse(form)}},
				"dates: %q is not a form of 2 January 2006 with at least its year and month", glimpse(form))
			continue
		}
		m.layouts = append(m.layouts, layout{form, back.Day() != 23})
	}
}

func (r *mapReader) constants(n *yaml.Node, m *Map) {
	if n.Kind != yaml.MappingNode {
		r.fault(n.Line, "constants", wrongType, "constants: keys and values are expected here")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		f, ok := r.fieldOf(key, "constants")
		if !ok {
			continue
		}
		if seen[f.path] {
			r.fault(key.Line, f.path, models.Reason{Code: "duplicate", Params: models.Params{"value": f.path}}, "%q is said twice", f.path)
		}
		seen[f.path] = true
		v := r.text(value, f.path, false)
		r.fits(value.Line, f.path, f, v)
		m.constants = append(m.constants, constant{f, v})
	}
}

func (r *mapReader) fieldOf(n *yaml.Node, key string) (field, bool) {
	f, err := fieldAt(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		r.fault(n.Line, key, unknownValue(n.Value), "%s: %v", key, err)
		return f, false
	}
	return f, true
}

// fits asks that a value which the map itself gives can stand in the field.
// Empty means that the field is left out.
func (r *mapReader) fits(line int, key string, f field, v string) {
	if v == "" {
		return
	}
	if f.enum != nil && !slices.Contains(f.enum, v) {
		r.fault(line, key, unknownValue(v, f.enum...), "%s: %q is not one of %s", key, glimpse(v), strings.Join(f.enum, ", "))
		return
	}
	if err := f.set(&models.Record{}, v); err != nil {
		r.fault(line, key, models.Reason{Code: "malformed", Params: models.Params{"value": glimpse(v)}}, "%s: %q does not fit %s", key, glimpse(v), f.path)
	}
}

// given is a value of the map to be checked once the field is known.
type given struct {
	line  int
	key   string
	value string
}

func (r *mapReader) entry(n *yaml.Node, m *Map) {
	var e entry
	var at, into, longest *yaml.Node
	var values []given
	text := func(key string, to **string) func(*yaml.Node) {
		return func(n *yaml.Node) {
			r.maybe(key, to)(n)
			values = append(values, given{n.Line, key, **to})
		}
	}
	before := len(r.fields)
	r.keys(n, map[string]func(*yaml.Node){
		"column":    r.str("column", &e.column),
		"field":     func(n *yaml.Node) { at = n },
		"keep":      r.flag("keep", &e.keep),
		"otherwise": text("otherwise", &e.otherwise),
		"blank":     text("blank", &e.blank),
		"anything":  text("anything", &e.anything),
		"empty":     r.list("empty", &e.empty, fold, true),
		"join":      r.maybe("join", &e.join),
		"prefix":    r.str("prefix", &e.prefix),
		"longest":   func(n *yaml.Node) { longest = n },
		"into":      func(n *yaml.Node) { into = n },
		"when":      r.condition("when", "is", &e.when),
		"values": func(n *yaml.Node) {
			if n.Kind != yaml.MappingNode {
				r.fault(n.Line, "values", wrongType, "values: keys and values are expected here")
				return
			}
			e.values = map[string]string{}
			for i := 0; i+1 < len(n.Content); i += 2 {
				k := fold(r.text(n.Content[i], "values", true))
				if _, ok := e.values[k]; ok {
					r.fault(n.Content[i].Line, "values", models.Reason{Code: "duplicate", Params: models.Params{"value": glimpse(k)}}, "values: %q is said twice; case and space do not tell values apart", glimpse(k))
				}
				v := r.text(n.Content[i+1], "values", true)
				e.values[k] = v
				values = append(values, given{n.Content[i+1].Line, "values", v})
			}
		},
	}, "column", "field")
	if at == nil || len(r.fields) > before {
		return
	}
	e.column = squeeze(e.column)
	var ok bool
	if e.field, ok = r.fieldOf(at, "field"); !ok {
		return
	}
	if e.field.path == "serviceArea" {
		r.fault(at.Line, "field", unknownValue("serviceArea"), "field: a service area is given by name, in the columns under area")
	}
	for _, v := range values {
		r.fits(v.line, v.key, e.field, v.value)
	}
	if e.keep && e.values == nil {
		r.fault(n.Line, "keep", required, "keep says nothing without values")
	}
	if e.field.kind != textKind && (e.join != nil || e.prefix != "" || longest != nil) {
		r.fault(at.Line, "field", wrongType, "join, prefix and longest are for texts, and %s is none", e.field.path)
	}
	if longest != nil {
		if e.longest = r.number(longest, "longest", 2, 20000); into != nil {
			if f, ok := r.fieldOf(into, "into"); ok && f.kind == textKind && f.enum == nil {
				e.into = &f
			} else if ok {
				r.fault(into.Line, "into", wrongType, "into: %s is not a text", f.path)
			}
		}
	} else if into != nil {
		r.fault(into.Line, "into", required, "into says nothing without longest")
	}
	m.entries = append(m.entries, e)
}

func (r *mapReader) number(n *yaml.Node, key string, least, most int) int {
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < least || v > most {
		r.fault(n.Line, key, models.Reason{Code: "out_of_range", Params: models.Params{"min": least, "max": most}}, "%s: a whole number from %d to %d is expected", key, least, most)
	}
	return v
}

// top is the record's own field of a path: suppliers of suppliers[0].name.
func top(path string) string {
	if i := strings.IndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return path
}
