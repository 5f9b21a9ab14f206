package report

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"beforehand/models"
)

// hostile is a file that must not be taken. Marks are what must not come out of
// it, neither in a row nor in the report.
type hostile struct {
	name  string
	sort  string
	read  func() io.Reader
	marks []string
}

// disguises are ways to write the same characters otherwise.
var disguises = []struct {
	name string
	do   func(string) string
}{
	{"plain", func(s string) string { return s }},
	{"inside a text", func(s string) string { return "see " + s + " today" }},
	{"full width", fullWidth},
	{"zero width", func(s string) string { return strings.Join(strings.Split(s, ""), "\u200b") }},
	{"Arabic digits", func(s string) string { return shiftDigits(s, '٠') }},
	{"mathematical digits", func(s string) string { return shiftDigits(s, '𝟎') }},
	{"no-break spaces", func(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }},
	{"soft hyphens", func(s string) string { return strings.Join(strings.Split(s, ""), "\u00ad") }},
	{"in quotes", func(s string) string { return "“" + s + "”" }},
	{"in brackets", func(s string) string { return "(" + s + ")" }},
}

func fullWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + 0xfee0
		}
		return r
	}, s)
}

func shiftDigits(s string, nought rune) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return nought + r - '0'
		}
		return r
	}, s)
}

// identities makes one of each sort of identifier.
func identities(rng *rand.Rand) map[string]string {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	nhs := func() string {
		for {
			if s := fmt.Sprintf("%010d", rng.Int64N(10_000_000_000)); isNHS(s) {
				return s
			}
		}
	}()
	given := pick("Ceri", "Siân", "Mohammed", "Gwenllian", "Aisha", "John", "Rhiannon", "Agnieszka")
	family := pick("Jones", "Khan", "Llewellyn", "O’Brien", "McDonald", "Patel", "Nowak", "Williams")
	return map[string]string{
		"e-mail": pick("ceri.jones@cyngor.cymru", "c.jones (at) council.gov.uk", "cj@x.uk", "ceri at council dot gov dot uk", "ceri [at] council.uk"),
		"national insurance": pick(fmt.Sprintf("%s%06d%s", pick("AB", "CE", "JY", "WM", "PX"), rng.IntN(1_000_000), pick("A", "B", "C", "D")),
			fmt.Sprintf("AB %02d %02d %02d C", rng.IntN(100), rng.IntN(100), rng.IntN(100)), fmt.Sprintf("ab-%06d-d", rng.IntN(1_000_000))),
		"NHS":       pick(nhs, nhs[:3]+" "+nhs[3:6]+" "+nhs[6:], nhs[:3]+"-"+nhs[3:6]+"-"+nhs[6:], nhs[:3]+"."+nhs[3:6]+"."+nhs[6:]),
		"telephone": pick("07700 900123", "+44 7700 900123", "0044 20 7946 0958", "029 2018 0123", "(01632) 960 123", "+44 (0)1632 960123"),
		"staff":     pick("K123X", "K987X", fmt.Sprintf("SW%08d", rng.IntN(100_000_000)), fmt.Sprintf("E%05d", rng.IntN(100_000))),
		"name":      pick(given+" "+family, family+", "+given, "Mr "+family, given[:1]+". "+family, strings.ToUpper("Mrs "+family), given+family, "the team of "+given, "Oluwaseun Adebayo"),
	}
}

// hostileFiles are exactly 200, always the same.
func hostileFiles(t *testing.T, plan models.Plan) []hostile {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 2026))
	headings := planHeadings(plan)
	out := shapes(t, plan)
	for n := 0; len(out) < 200; n++ {
		ids := identities(rng)
		sort := []string{"e-mail", "national insurance", "NHS", "telephone", "staff", "name"}[n%6]
		column := headings[n/6%len(headings)]
		disguise := disguises[rng.IntN(len(disguises))]
		text := disguise.do(ids[sort])
		rows := [][]string{headings}
		for range rng.IntN(5) {
			rows = append(rows, goodCells)
		}
		rows = append(rows, rowWith(plan, column, text), goodCells)
		file, how := csvOf(rows...), "CSV"
		var b []byte
		switch rng.IntN(4) {
		case 0:
			b, how = asWorkbook(t, rows), "XLSX"
		case 1:
			b, how = utf16LE(file), "UTF-16"
		default:
			b = []byte(file)
		}
		out = append(out, hostile{
			name: fmt.Sprintf("%s in %s, %s, %s", sort, column, disguise.name, how), sort: sort,
			read: func() io.Reader { return bytes.NewReader(b) }, marks: []string{text, ids[sort]},
		})
	}
	return out
}

// shapes are the files whose form is the harm.
func shapes(t *testing.T, plan models.Plan) []hostile {
	t.Helper()
	headings := planHeadings(plan)
	good := csvOf(headings, goodCells)
	of := func(s string) func() io.Reader { return func() io.Reader { return strings.NewReader(s) } }
	cell := func(heading, text string) string { return csvOf(headings, rowWith(plan, heading, text)) }
	book := asWorkbook(t, [][]string{headings, goodCells})
	flat := bytes.Clone(book)
	flat[len(flat)/2] ^= 0xff
	out := []hostile{
		{name: "10 MB in one cell", read: func() io.Reader {
			return io.MultiReader(strings.NewReader(good), io.LimitReader(repeated("x"), 10<<20))
		}},
		{name: "10 MB in one quoted cell", read: func() io.Reader {
			return io.MultiReader(strings.NewReader(good+`"`), io.LimitReader(repeated("x,\n"), 10<<20))
		}},
		{name: "NULs", read: of(strings.ReplaceAll(good, "w017", "w\x0017"))},
		{name: "only NULs", read: func() io.Reader { return io.LimitReader(repeated("\x00"), 1<<20) }},
		{name: "two byte order marks", read: of("\xef\xbb\xbf\xff\xfe" + good)},
		{name: "UTF-16 mark before UTF-8", read: of("\xff\xfe" + good)},
		{name: "UTF-8 mark before UTF-16", read: of("\xef\xbb\xbf" + string(utf16LE(good)[2:]))},
		{name: "Windows-1252", read: of(strings.ReplaceAll(good, "Adult", "T\xeem"))},
		{name: "half a surrogate", read: of(string(utf16LE(good)) + "\x00\xd8")},
		{name: "formula in a team", read: of(cell("Team", "=HYPERLINK(\"http://x\",\"y\")"))},
		{name: "formula in a number", read: of(cell("Minutes", "+cmd|' /C calc'!A0"))},
		{name: "formula in a group", read: of(cell("Group", "@SUM(A1)"))},
		{name: "ten thousand columns", read: of(strings.Repeat("a,", 10_000) + "\n")},
		{name: "a million columns", read: of(strings.Repeat("a,", 1_000_000) + "\n")},
		{name: "ten thousand cells in a row", read: of(good + strings.Repeat("1,", 10_000) + "\n")},
		{name: "300 MB of rows", read: func() io.Reader {
			return io.MultiReader(strings.NewReader(good), io.LimitReader(repeated(strings.Repeat(",", 12)+strings.Repeat(" ", 5000)+"\n"), 300<<20))
		}},
		{name: "blank lines without end", read: func() io.Reader {
			return io.MultiReader(strings.NewReader(good), io.LimitReader(repeated("\n"), 190<<20))
		}},
		{name: "a workbook cut short", read: of(string(book[:len(book)*2/3]))},
		{name: "a workbook with a flipped byte", read: of(string(flat))},
		{name: "a workbook that is a bomb", read: of(string(bomb(t)))},
		{name: "a workbook with a cell of 10 MB", read: of(string(withSheet(t, book, `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>`+strings.Repeat("x", 10<<20)+`</t></is></c></row></sheetData></worksheet>`)))},
		{name: "a workbook with rows backwards", read: of(string(withSheet(t, book, `<worksheet><sheetData><row r="2"></row><row r="1"></row></sheetData></worksheet>`)))},
		{name: "a workbook with row nought", read: of(string(withSheet(t, book, `<worksheet><sheetData><row r="0"></row></sheetData></worksheet>`)))},
		{name: "a workbook with a far column", read: of(string(withSheet(t, book, `<worksheet><sheetData><row r="1"><c r="ZZZZZZ1"><v>1</v></c></row></sheetData></worksheet>`)))},
		{name: "a workbook with a text that is not there", read: of(string(withSheet(t, book, `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>99999</v></c></row></sheetData></worksheet>`)))},
		{name: "a workbook of open elements", read: of(string(withSheet(t, book, strings.Repeat("<a>", 1<<20))))},
		{name: "a workbook with an entity bomb", read: of(string(withSheet(t, book, `<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData><row r="1"><c r="A1" t="str"><v>&a;</v></c></row></sheetData></worksheet>`)))},
		{name: "a workbook with a key in a hidden sheet", marks: []string{"Ceri Jones"}, read: of(string(workbook(t, func(f *excelize.File) {
			fillSheet(t, f, [][]string{headings, goodCells})
			_, _ = f.NewSheet("Key")
			_ = f.SetCellValue("Key", "C9", "w017 is Ceri Jones")
			_ = f.SetSheetVisible("Key", false, true)
		})))},
		{name: "an identifier for a heading", marks: []string{"ceri@x.uk"}, read: of(strings.Replace(good, "Team", "ceri@x.uk", 1))},
		{name: "a file without headings", marks: []string{"ceri@x.uk"}, read: of(csvOf(rowWith(plan, "Team", "ceri@x.uk")))},
		{name: "a ragged row with an identifier", marks: []string{"Ceri Jones"}, read: of(good + "w1,Ceri Jones\n")},
		{name: "an unclosed quotation mark", read: of(good + "w1,\"Adult\n")},
		{name: "a lone given name", marks: []string{"Rhiannon"}, read: of(cell("Worker", "Rhiannon"))},
		{name: "a lone surname", marks: []string{"Davies1"}, read: of(cell("Worker", "Davies1"))},
		{name: "a payroll number", marks: []string{"00451234"}, read: of(cell("Worker", "00451234"))},
		{name: "a date of birth", marks: []string{"07/03/1980"}, read: of(cell("Group", "07/03/1980"))},
		{name: "a postcode", marks: []string{"NP23 6XB"}, read: of(cell("Team", "NP23 6XB"))},
		{name: "an NHS number that a spreadsheet made a number", marks: []string{"9434765919"}, read: of(cell("Other", "9.434765919E+09"))},
		{name: "NaN", read: of(cell("Minutes", "NaN"))},
		{name: "infinity", read: of(cell("Minutes", "1e999"))},
	}
	for i := range out {
		out[i].sort = "shape"
	}
	return out
}

func TestHostileFiles(t *testing.T) {
	plan, metrics := evidencePlan()
	files := hostileFiles(t, plan)
	counts := map[string]int{}
	accepted, panics := 0, 0
	for _, h := range files {
		outcome := func() (outcome string) {
			defer func() {
				if p := recover(); p != nil {
					panics++
					t.Errorf("%s: %v", h.name, p)
				}
			}()
			rows, report, err := readRows(t, plan, metrics, h.read())
			said := fmt.Sprintf("%v %v %v", report.Problems, report.MissingRows, err)
			if e, ok := errors.AsType[*models.Error](err); ok {
				said += fmt.Sprint(e.Params)
			}
			for _, mark := range h.marks {
				if text := fmt.Sprint(rows); mark != "" && strings.Contains(text, mark) {
					t.Errorf("%s: taken", h.name)
				}
				if mark != "" && strings.Contains(said, mark) {
					t.Errorf("%s: the report shows it: %s", h.name, said)
				}
			}
			if err != nil {
				return models.CodeOf(err)
			}
			if report.ProblemCount == 0 {
				accepted++
				t.Errorf("%s: accepted", h.name)
				return "accepted"
			}
			return report.Problems[0].Code
		}()
		counts[outcome]++
	}
	t.Logf("%d hostile files: %d accepted, %d panics; %v", len(files), accepted, panics, counts)
	if len(files) != 200 {
		t.Errorf("%d files", len(files))
	}
}

// TestGoodFilesOfTheSameShape holds the screen to what councils really write.
func TestGoodFilesOfTheSameShape(t *testing.T) {
	t.Parallel()
	plan, metrics := evidencePlan()
	for heading, cells := range map[string][]string{
		"Worker": {"w017", "W-1042", "p3", "a_9", "x9k2", "9f86d081884c7d659a2feaa0c55ad015", "case12", "n1b2c3", "GB7", "p01", "s01", "case1", "pair12", "mwj1"},
		"Team": {
			"Adult Services North", "Ebbw Vale", "Tîm Glyn Ebwy", "Revenues & Benefits", "Children’s Services (East)", "Llanfair-ym-Muallt", "Team 7",
			"Victoria Park", "St David’s House", "Morgan House", "Scott Street depot", "24/7 call centre", "Bryn Mawr", "Sir Fynwy", "Merthyr Tudful", "Rose Hill",
			"Housing Options", "MASH", "IT", "Aneurin Bevan", "Stanley Road", "Prince Charles", "Dr Grays Road"[3:], "Ward 12", "Block C", "Tŷ Gwyn",
			"Lloyd George Avenue", "Hywel Dda", "Glan Clwyd", "King Edward Court", "Social Work Team A", "Pont-y-pŵl", "Area 3-4", "Stewart Street",
			"Rose Ward", "Victoria Centre", "Llandaff North", "Tîm A", "Tîm Gofal", "Glyn Ebwy", "Friends of Rose Ward", "Forest of Dean", "Dewi Sant", "Ysgol Dewi Sant",
			"Bolton", "Office 1234", "Victoria", "A", "D",
		},
		"Group":    {"disabled", "not disabled", "Grade 7", "White British", "Black or Black British", "50–64", "16-24", "part time", "Band 5", "prefer not to say", "anabl", "NJC 12-17", "Female", "Christian", "Jewish", "Islam", "Cook", "May"},
		"Language": {"Welsh", "Cymraeg", "English", "en", "cy", "BSL", "dwyieithog"},
		"Minutes":  {"12", "0.25", "12.333333333333334", "479.99", "1e-3", "N/A", "+5"},
		"Other":    {"-3", "123456", "99999.5", "1234567", "0.1234567891", "3.3333333333"},
		"Pair":     {"p1", "pair 12", "A-7"},
	} {
		for _, cell := range cells {
			_, report, err := readRows(t, plan, metrics, strings.NewReader(csvOf(planHeadings(plan), rowWith(plan, heading, cell))))
			if err != nil || report.ProblemCount != 0 {
				t.Errorf("%s %q: %v %v", heading, cell, report.Problems, err)
			}
		}
	}
}

// manyRows writes a heading and n rows, and holds none of them.
type manyRows struct {
	head string
	left int
	row  func(i int) string
	rest string
}

func (m *manyRows) Read(b []byte) (int, error) {
	n := copy(b, m.head)
	m.head = m.head[n:]
	for n < len(b) {
		if m.rest == "" {
			if m.left == 0 {
				if n == 0 {
					return 0, io.EOF
				}
				return n, nil
			}
			m.left--
			m.rest = m.row(m.left)
		}
		k := copy(b[n:], m.rest)
		m.rest = m.rest[k:]
		n += k
	}
	return n, nil
}

func TestMillionRowsOfOneWorker(t *testing.T) {
	plan, metrics := evidencePlan()
	row := csvOf(goodCells)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	peak, n := uint64(0), 0
	report, err := ReadDataset(t.Context(), &manyRows{head: csvOf(planHeadings(plan)), left: mostDataRows, row: func(int) string { return row }}, plan, metrics,
		func(DataRow) error {
			if n++; n%100_000 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&after)
				peak = max(peak, after.HeapAlloc)
			}
			return nil
		}, nil)
	if err != nil || report.Rows != mostDataRows || n != mostDataRows {
		t.Fatalf("%d rows, %v", n, err)
	}
	if peak > before.HeapAlloc+8<<20 {
		t.Errorf("held %d KiB", (peak-before.HeapAlloc)>>10)
	}
	t.Logf("%d rows, %d MiB read, %d KiB held", report.Rows, report.Bytes>>20, (int64(peak)-int64(before.HeapAlloc))>>10)
	_, err = ReadDataset(t.Context(), &manyRows{head: csvOf(planHeadings(plan)), left: mostDataRows + 1, row: func(int) string { return row }}, plan, metrics,
		func(DataRow) error { return nil }, nil)
	if models.CodeOf(err) != "dataset_too_many_rows" {
		t.Errorf("one row more: %v", err)
	}
}

// A workbook is read from a file of ours; that there is no room for it is not told
// as a fault of the workbook's.
func TestAWorkbookThatFindsNoRoom(t *testing.T) {
	plan, metrics := evidencePlan()
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "nowhere"))
	_, err := ReadDataset(t.Context(), strings.NewReader("PK\x03\x04"), plan, metrics, func(DataRow) error { return nil }, nil)
	if models.CodeOf(err) != "files_away" {
		t.Error(err)
	}
}

func BenchmarkReadDataset(b *testing.B) {
	plan, metrics := evidencePlan()
	plan.Columns = []models.Column{plan.Columns[0], plan.Columns[1], plan.Columns[2], plan.Columns[4], plan.Columns[5], plan.Columns[9]}
	rows := make([]string, 4096)
	for i := range rows {
		rows[i] = fmt.Sprintf("w%03d,Team %d,%s,2026-03-%02d,%d.%d,Welsh\n", i%700, i%40, []string{"with", "comparison"}[i%2], 2+i%28, i%400, i%100)
	}
	b.ReportAllocs()
	for b.Loop() {
		report, err := ReadDataset(b.Context(), &manyRows{head: csvOf(planHeadings(plan)), left: mostDataRows, row: func(i int) string { return rows[i%4096] }}, plan, metrics,
			func(DataRow) error { return nil }, nil)
		if err != nil || report.ProblemCount > 0 {
			b.Fatal(report.Problems, err)
		}
	}
	b.ReportMetric(float64(b.N)*mostDataRows/b.Elapsed().Seconds(), "rows/s")
}

// FuzzReadDataset puts an identifier into every file beside what the fuzzer
// writes, and it must never come out.
func FuzzReadDataset(f *testing.F) {
	plan, metrics := evidencePlan()
	head := csvOf(planHeadings(plan))
	f.Add([]byte(head+csvOf(goodCells)), uint8(0), false)
	f.Add([]byte(csvOf(goodCells)), uint8(1), true)
	f.Add([]byte("w1,\"a\"\"b\",with\r\r\n"), uint8(2), true)
	f.Add([]byte("\xff\xfew\x00,\x00"), uint8(5), false)
	f.Add(asWorkbook(f, [][]string{planHeadings(plan), goodCells}), uint8(5), false)
	f.Fuzz(func(t *testing.T, b []byte, column uint8, whole bool) {
		const mark = "ceri.jones@x.uk"
		text := b
		if whole {
			heading := plan.Columns[int(column)%len(plan.Columns)].Heading
			text = append([]byte(head+csvOf(rowWith(plan, heading, mark))), b...)
		}
		rows, report, err := readRows(t, plan, metrics, bytes.NewReader(text))
		if err == nil && len(rows) > report.Rows {
			t.Errorf("%d rows taken of %d", len(rows), report.Rows)
		}
		for _, p := range report.Problems {
			if p.Row < 1 || !strings.HasPrefix(p.Code, "dataset.") {
				t.Errorf("problem %+v", p)
			}
		}
		if err == nil && whole && report.ProblemCount == 0 {
			t.Error("an identifier is in it and nothing was said")
		}
		for _, r := range rows {
			for _, s := range []string{r.Worker, r.Team, r.Group, r.Language, r.Pair} {
				if strings.Contains(s, "@") && strings.Contains(s, "jones") {
					t.Errorf("taken: %+v", r)
				}
			}
		}
		if strings.Contains(fmt.Sprint(report), mark) {
			t.Error("shown")
		}
	})
}

// repeated gives the same text without end.
type repeated string

func (r repeated) Read(b []byte) (int, error) {
	n := 0
	for len(b)-n >= len(r) {
		n += copy(b[n:], r)
	}
	if n == 0 {
		return copy(b, r), nil
	}
	return n, nil
}

func utf16LE(s string) []byte { return utf16Of(s, binary.LittleEndian, true) }

func fillSheet(t testing.TB, f *excelize.File, rows [][]string) {
	t.Helper()
	for i, row := range rows {
		cells := make([]any, len(row))
		for j, c := range row {
			cells[j] = c
		}
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &cells); err != nil {
			t.Fatal(err)
		}
	}
}

func asWorkbook(t testing.TB, rows [][]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fillSheet(t, f, rows)
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withSheet puts other XML in the place of a workbook's first sheet.
func withSheet(t *testing.T, book []byte, sheet string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		part, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "xl/worksheets/sheet1.xml" {
			_, err = io.WriteString(part, sheet)
		} else {
			var r io.ReadCloser
			if r, err = f.Open(); err == nil {
				_, err = io.CopyN(part, r, int64(f.UncompressedSize64))
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bomb is a workbook that unpacks to far more than it is.
func bomb(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	part, err := w.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(part, io.LimitReader(repeated(" "), 100<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
