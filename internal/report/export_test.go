package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	pdfreader "github.com/ledongthuc/pdf"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"beforehand/frontend/words"
	"beforehand/models"
)

// fill gives every field of a struct something: its path, the first of its
// list, seven, yes, 7 September 2026, one item.
func fill(v reflect.Value, path, enum string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name := jsonName(f)
			fill(v.Field(i), strings.TrimPrefix(path+"."+name, "."), f.Tag.Get("enum"))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), path, enum)
	case reflect.String:
		if first, _, _ := strings.Cut(enum, ","); first != "" {
			path = first
		}
		v.SetString(path)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.Set(reflect.ValueOf(models.MustDate("2026-09-07")))
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(7)
	}
}

func fullRecord() models.Record {
	var r models.Record
	fill(reflect.ValueOf(&r).Elem(), "", "")
	r.Name = models.Text{En: "Draft case notes", Cy: "Drafftio nodiadau achos"}
	return r
}

func published() Published {
	return Published{
		Ref: "DEP-2026-003", URL: "https://register.example/en/deployments/DEP-2026-003", WelshURL: "https://register.example/cy/deployments/DEP-2026-003",
		Stage: models.StagePilot, Class: models.ClassB, Record: fullRecord(), Area: models.Text{En: "Adult social care", Cy: "Gofal cymdeithasol i oedolion"},
		Organisation: models.Text{En: "Tywi County Council", Cy: "Cyngor Sir Tywi"}, OrganisationURL: "https://tywi.example", Contact: "ai@tywi.example",
		FirstPublished: time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC), Updated: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC), Version: 3,
		LiveOn: 0, Unions: []string{"GMB", "UNISON"}, Earliest: models.MustDate("2026-11-04"),
		Withheld: []models.Withheld{{Field: "costs", Audience: "public", Ground: "commercial confidence", Until: models.MustDate("2027-01-31"), DecidedBy: "person-1"}},
	}
}

func each[T any](all ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func failing[T any](first T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if yield(first, nil) {
			yield(first, errors.New("the database is gone"))
		}
	}
}

var exportMeta = RegisterMeta{Organisation: models.Text{En: "Tywi County Council", Cy: "Cyngor Sir Tywi"}, Licence: "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/", GeneratedAt: time.Date(2026, 10, 2, 0, 0, 0, 0, time.UTC)}

func change(p Published) Change {
	return Change{Ref: p.Ref, Version: 2, At: p.Updated, Stage: p.Stage, Class: p.Class, Note: "=1+1", Record: p.Record, Withheld: p.Withheld}
}

func TestRegisterFiles(t *testing.T) {
	t.Parallel()
	var list, object, history, changes bytes.Buffer
	if err := errors.Join(
		RegisterCSV(&list, each(published())), RegisterJSON(&object, each(published(), published()), exportMeta),
		HistoryCSV(&history, each(change(published()))), HistoryJSON(&changes, each(change(published())), exportMeta),
	); err != nil {
		t.Fatal(err)
	}
	golden(t, "register.csv", list.Bytes())
	golden(t, "history.csv", history.Bytes())
	golden(t, "register.json", object.Bytes())
	var read struct {
		Organisation models.Text
		Licence      string
		GeneratedAt  time.Time
		Deployments  []struct {
			Ref      string
			Record   models.Record
			Withheld []map[string]string
		}
	}
	if err := json.Unmarshal(object.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if len(read.Deployments) != 2 || read.Deployments[0].Record.Name.Cy != "Drafftio nodiadau achos" || read.Deployments[0].Withheld[0]["ground"] != "commercial confidence" {
		t.Errorf("%+v", read)
	}
	for name, b := range map[string]*bytes.Buffer{"register.csv": &list, "register.json": &object, "history.csv": &history, "history.json": &changes} {
		if strings.Contains(b.String(), "person-1") || strings.Contains(b.String(), "withheld.decidedBy") {
			t.Errorf("%s tells who decided to withhold", name)
		}
	}
	// Every field of the record is a column, but for the two told otherwise.
	if n := reflect.TypeFor[models.Record]().NumField(); len(flatFields) < n-2 {
		t.Errorf("%d columns of %d fields", len(flatFields), n)
	}
}

func TestExportsStopWhenTheSourceFails(t *testing.T) {
	t.Parallel()
	p := published()
	for name, err := range map[string]error{
		"csv": RegisterCSV(io.Discard, failing(p)), "json": RegisterJSON(io.Discard, failing(p), exportMeta), "omb": OMB(io.Discard, failing(p)),
		"history csv": HistoryCSV(io.Discard, failing(change(p))), "history json": HistoryJSON(io.Discard, failing(change(p)), exportMeta),
		"atom": Atom(io.Discard, Feed{}, failing(FeedEntry{ID: "urn:x"})), "full": RegisterCSV(broken0{}, each(p)), "full json": RegisterJSON(broken0{}, each(p), exportMeta),
		"atom full": Atom(broken0{}, Feed{}, each(FeedEntry{ID: "urn:x"})), "no id": Atom(io.Discard, Feed{}, each(FeedEntry{})),
	} {
		if err == nil {
			t.Errorf("%s says nothing of it", name)
		}
	}
}

func TestHostileExports(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := hostileText().Draw(t, "text")
		p := published()
		p.Record.Name.En, p.Record.Purpose.En, p.Record.Function, p.Record.Suppliers[0].Name, p.Ref = s, s, s, s, s
		p.Withheld[0].Ground, p.URL = s, s
		var list, object bytes.Buffer
		if err := errors.Join(RegisterCSV(&list, each(p)), RegisterJSON(&object, each(p), exportMeta)); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(object.Bytes()) {
			t.Fatal("the JSON is broken")
		}
		rows, err := csv.NewReader(&list).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, cell := range rows[1] {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Fatalf("a spreadsheet would run %q", cell)
			}
		}
		b, err := Algoritmeregister(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := algoritmeSchema.Validate(parsed(t, b)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestExportHoldsOneRowAtATime(t *testing.T) {
	t.Parallel()
	p := published()
	given, most := 0, 0
	var seen int
	count := writerFunc(func(b []byte) (int, error) { seen += len(b); return len(b), nil })
	all := func(yield func(Published, error) bool) {
		for given < 2000 && yield(p, nil) {
			given++
			most = max(most, given*1000-seen) // each row is well over 1,000 bytes
		}
	}
	if err := RegisterCSV(count, all); err != nil {
		t.Fatal(err)
	}
	if most > 20_000 {
		t.Errorf("%d bytes were held back", most)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// The map is whole: each field of each version has a source that gives
// something on a full record, or says why there is none.
func TestEveryATRSFieldHasASource(t *testing.T) {
	t.Parallel()
	m, err := loadATRS()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ATRSVersions(), []string{"2.1", "3", "4"}) {
		t.Fatal(ATRSVersions())
	}
	p := published()
	for version, sections := range m.Versions {
		numbers := map[string]bool{}
		view := reflect.ValueOf(viewOf(p, version))
		for _, s := range sections {
			for _, f := range s.Fields {
				where := version + " " + f.Number + " " + f.Title
				if numbers[f.Number] || f.Number == "" || m.Welsh[f.Title] == "" || m.Welsh[s.Section] == "" {
					t.Errorf("%s is twice there, or has no Welsh", where)
				}
				numbers[f.Number] = true
				if (f.None == "") != (len(f.From) > 0) {
					t.Errorf("%s has neither a source nor a reason why not, or both", where)
				}
				for _, place := range f.From {
					checkPlace(t, where, view, place)
				}
			}
		}
	}
}

func checkPlace(t *testing.T, where string, v reflect.Value, p atrsPlace) {
	t.Helper()
	found, ok := find(v, p.Path)
	if !ok {
		t.Errorf("%s: %s leads nowhere", where, p.Path)
		return
	}
	for _, lang := range words.Languages() {
		if told := p.told(v, lang); len(told) == 0 || strings.ContainsAny(strings.Join(told, ""), "⟦") || p.Words != "" && strings.Contains(told[0], "_") {
			t.Errorf("%s: %s gives %q in %s", where, p.Path, told, lang)
		}
	}
	for _, inner := range p.Each {
		for _, one := range found {
			checkPlace(t, where, one, inner)
		}
	}
}

func TestATRSFiles(t *testing.T) {
	t.Parallel()
	p := published()
	p.Record.Suppliers, p.Record.ExpectedBenefit = nil, models.Text{}
	p.Withheld = append(p.Withheld, models.Withheld{Field: "suppliers", Ground: "commercial confidence", Until: models.MustDate("2027-01-31")})
	var object, list bytes.Buffer
	if err := errors.Join(ATRS(&object, "4", p), ATRSCSV(&list, "4", p)); err != nil {
		t.Fatal(err)
	}
	golden(t, "atrs-4.json", object.Bytes())
	if !strings.Contains(object.String(), "Withheld. Ground: commercial confidence.") || strings.Contains(object.String(), "⟦") {
		t.Error("what is withheld is not said")
	}
	if rows, err := csv.NewReader(&list).ReadAll(); err != nil || len(rows) < 40 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if models.KindOf(ATRS(io.Discard, "5", p)) != models.NotFound {
		t.Error("a version that does not exist is written")
	}
	d, err := ATRSDocument("3", p, "cy")
	if err != nil {
		t.Fatal(err)
	}
	page := string(written(t, HTML, d))
	for _, want := range []string{"Cofnod tryloywder algorithmig: Drafftio nodiadau achos", "Disgrifiad manwl", "Nid yw’r gofrestr hon yn ei gadw", `<a href="https://register.example/cy/`, "Wedi’i gadw’n ôl"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	file := written(t, PDF, d)
	checkPDF(t, file)
	r, err := pdfreader.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if marks := r.Outline().Child; len(marks) != 7 || marks[0].Title != "Metadata a gwybodaeth am y teitl" {
		t.Errorf("bookmarks %+v", marks)
	}
}

var algoritmeSchema = func() *jsonschema.Schema {
	return jsonschema.NewCompiler().MustCompile("testdata/algoritmeregister-1.0.schema.json")
}()

func parsed(t fatal, b []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	return v
}

func TestAlgoritmeregister(t *testing.T) {
	t.Parallel()
	full, bare := published(), Published{Ref: "DEP-2026-001", Stage: models.StageIdea}
	full.Record.Logic, full.Withheld = models.Text{}, append(full.Withheld, models.Withheld{Field: "logic", Ground: "security", Until: models.MustDate("2027-01-31")})
	long := published()
	long.Record.Name.En, long.Record.Summary.En, long.Record.Logic.En = strings.Repeat("long name ", 40), strings.Repeat("ŵ", 900), strings.Repeat("word ", 3000)
	for name, p := range map[string]Published{"full": full, "bare": bare, "long": long} {
		b, err := Algoritmeregister(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := algoritmeSchema.Validate(parsed(t, b)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "full" {
			golden(t, "algoritmeregister.json", b)
		}
	}
	if err := algoritmeSchema.Validate(map[string]any{"name": "x"}); err == nil {
		t.Error("the schema takes anything")
	}
}

// What goes out in the federal form comes back through the bundled import map.
func TestFederalFormComesBack(t *testing.T) {
	t.Parallel()
	a, b := published(), published()
	a.Record.ExpectedBenefit = models.Text{}
	b.Ref, b.Record.Name.En, b.Record.Purpose.En, b.Stage = "DEP-2026-004", "Plan rotas", "Plans rotas, \"fairly\".\nSecond line.", models.StageLive
	b.LiveOn = models.MustDate("2026-10-05")
	var out bytes.Buffer
	if err := OMB(&out, each(a, b)); err != nil {
		t.Fatal(err)
	}
	table, err := ReadTable("out.csv", out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	c := Convert(table, bundled(t))
	if len(c.Problems) > 0 || len(c.Rows) != 2 {
		t.Fatalf("%d rows, problems %v", len(c.Rows), c.Problems)
	}
	for i, p := range []Published{a, b} {
		got, want := c.Rows[i], p.Record
		if len(got.Problems) > 0 {
			t.Errorf("row %d: %v", i, got.Problems)
		}
		if got.Record.Name.En != want.Name.En || !strings.HasPrefix(got.Record.Purpose.En, want.Purpose.En) || got.Record.Outputs.En != want.Outputs.En {
			t.Errorf("row %d came back as %q: %q", i, got.Record.Name.En, got.Record.Purpose.En)
		}
		if !slices.Equal(got.Area, []string{"Tywi County Council", "Adult social care"}) {
			t.Errorf("row %d: area %v", i, got.Area)
		}
	}
	if c.Rows[0].Record.Purpose.En != a.Record.Purpose.En {
		t.Errorf("the purpose came back as %q", c.Rows[0].Record.Purpose.En)
	}
}

// The headings are those of the published file, to the last space.
func TestFederalHeadings(t *testing.T) {
	t.Parallel()
	theirs, err := ReadTable("us.csv", readReal(t))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := ombColumns()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(trimmed(theirs.Header), trimmed(ours)) || len(ours) != 62 {
		t.Errorf("the headings are not the inventory's:\n%q\n%q", ours, theirs.Header)
	}
}

func trimmed(names []string) (out []string) {
	for _, n := range names {
		out = append(out, strings.TrimSpace(n))
	}
	return out
}

// Whatever is said here under "report.", in code or in a map, has words in both
// languages.
func TestEveryCodeOfTheReportsHasWords(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`["\s:](report\.[a-z_]+)["}\s]`)
	found := 0
	for _, name := range append(files, "maps/out/atrs.yaml") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(text), -1) {
			found++
			for _, lang := range words.Languages() {
				if !words.Has(lang, m[1]) {
					t.Errorf("%s says %s, which has no words in %s", name, m[1], lang)
				}
			}
		}
	}
	if found < 14 {
		t.Errorf("only %d codes were found", found)
	}
}
