package report

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"beforehand/models"
)

func TestReadCSV(t *testing.T) {
	t.Parallel()
	ragged := func(row, cells, columns int) Problem {
		return Problem{Row: row, Code: "import.ragged", Params: models.Params{"cells": cells, "columns": columns}}
	}
	undecodable := func(encoding string) Problem {
		return Problem{Row: 2, Code: "import.undecodable", Params: models.Params{"encoding": encoding}}
	}
	for name, tc := range map[string]struct {
		in       string
		header   []string
		rows     [][]string
		first    int
		problems []Problem
	}{
		"plain":                            {in: "a,b\n1,2\n", header: []string{"a", "b"}, rows: [][]string{{"1", "2"}}, first: 2},
		"no line end at the end":           {in: "a,b\n1,2", header: []string{"a", "b"}, rows: [][]string{{"1", "2"}}, first: 2},
		"semicolons":                       {in: "a;\"b,c,d\"\n1;2\n", header: []string{"a", "b,c,d"}, rows: [][]string{{"1", "2"}}, first: 2},
		"tabs":                             {in: "a\tb\n1\t2,3\n", header: []string{"a", "b"}, rows: [][]string{{"1", "2,3"}}, first: 2},
		"one column":                       {in: "a\n1\n", header: []string{"a"}, rows: [][]string{{"1"}}, first: 2},
		"mixed line ends":                  {in: "a,b\r\n1,2\r3,4\n5,6\r\n", header: []string{"a", "b"}, rows: [][]string{{"1", "2"}, {"3", "4"}, {"5", "6"}}, first: 2},
		"a line break in quotes":           {in: "a,b\n\"1\r\n1\",2\n3,4\n", header: []string{"a", "b"}, rows: [][]string{{"1\r\n1", "2"}, {"3", "4"}}, first: 2},
		"a line break in a heading":        {in: "\"a\nx\",b\n1,2\n", header: []string{"a x", "b"}, rows: [][]string{{"1", "2"}}, first: 2},
		"quotation marks doubled":          {in: "a,b\n\"say \"\"no\"\"\",2\n", header: []string{"a", "b"}, rows: [][]string{{"say \"no\"", "2"}}, first: 2},
		"a quotation mark within":          {in: "a,b\n5\" pipe,2\n", header: []string{"a", "b"}, rows: [][]string{{"5\" pipe", "2"}}, first: 2},
		"text after the closing one":       {in: "a,b\n\"1\"x,2\n", header: []string{"a", "b"}, rows: [][]string{{"1x", "2"}}, first: 2},
		"blank rows count":                 {in: "\n\na,b\n1,2\n,\n\n3,4\n\n\n", header: []string{"a", "b"}, rows: [][]string{{"1", "2"}, nil, nil, {"3", "4"}}, first: 4},
		"empty cells at the end":           {in: "a,b,c\n1,,\n", header: []string{"a", "b", "c"}, rows: [][]string{{"1"}}, first: 2},
		"empty columns at the end":         {in: "a,b,,\n1,2,,\n", header: []string{"a", "b"}, rows: [][]string{{"1", "2"}}, first: 2},
		"an empty last cell, no line end":  {in: "a,b\n1,", header: []string{"a", "b"}, rows: [][]string{{"1"}}, first: 2},
		"only a heading":                   {in: "a,b\n", header: []string{"a", "b"}, first: 2},
		"a short row":                      {in: "a,b,c\n1,2\n3,4,5\n", header: []string{"a", "b", "c"}, rows: [][]string{{"1", "2"}, {"3", "4", "5"}}, first: 2, problems: []Problem{ragged(2, 2, 3)}},
		"a long row":                       {in: "a,b\n1,2,3\n", header: []string{"a", "b"}, rows: [][]string{{"1", "2", "3"}}, first: 2, problems: []Problem{ragged(2, 3, 2)}},
		"a quotation mark never closed":    {in: "a,b\n1,2\n3,\"4\n5,6\n", header: []string{"a", "b"}, rows: [][]string{{"1", "2"}, {"3", "4\n5,6\n"}}, first: 2, problems: []Problem{{Row: 3, Code: "import.quote_unclosed"}}},
		"a quotation mark and nothing":     {in: "a,b\n\"", header: []string{"a", "b"}, rows: [][]string{nil}, first: 2, problems: []Problem{{Row: 2, Code: "import.quote_unclosed"}}},
		"NUL in a cell":                    {in: "a,b\n1,x\x00y\n", header: []string{"a", "b"}, rows: [][]string{{"1", "x\x00y"}}, first: 2},
		"a delimiter only inside quotes":   {in: "\"a;a;a\",b\n1,2\n", header: []string{"a;a;a", "b"}, rows: [][]string{{"1", "2"}}, first: 2},
		"UTF-16 with half a pair":          {in: "\xff\xfea\x00\n\x00\x00\xd8b\x00", header: []string{"a"}, rows: [][]string{{"\ufffdb"}}, first: 2, problems: []Problem{undecodable("UTF-16LE")}},
		"Windows-1252 by an odd byte":      {in: "a\x92s,b\n1,2\n", header: []string{"a’s", "b"}, rows: [][]string{{"1", "2"}}, first: 2},
		"Windows-1252, undefined position": {in: "a,b\n\x81\xe9,2\n", header: []string{"a", "b"}, rows: [][]string{{"\ufffdé", "2"}}, first: 2, problems: []Problem{undecodable("Windows-1252")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, []byte(tc.in))
			for i, r := range got.Rows {
				if len(r) == 0 {
					got.Rows[i] = nil
				}
			}
			if diff := cmp.Diff(Table{Name: "test", Format: CSV, Encoding: got.Encoding, Header: tc.header, Rows: tc.rows, First: tc.first, Problems: tc.problems}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestReadTableRefuses(t *testing.T) {
	t.Parallel()
	bomb := func(size int) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create("xl/worksheets/sheet1.xml")
		if err != nil {
			t.Fatal(err)
		}
		zeros := make([]byte, 1<<20)
		for range size {
			if _, err := w.Write(zeros); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	wide := workbook(t, func(f *excelize.File) {
		set(t, f, "A1", "a")
		set(t, f, "AAA1", "far")
	})
	deep := workbook(t, func(f *excelize.File) {
		set(t, f, "A1", "a")
		set(t, f, "A300000", "deep")
	})
	for name, tc := range map[string]struct {
		b    []byte
		code string
	}{
		"an empty file":             {nil, "import_unreadable"},
		"a file of spaces":          {[]byte("\n\r\n\n"), "import_unreadable"},
		"only a mark":               {[]byte("\ufeff"), "import_unreadable"},
		"bad UTF-8 after a mark":    {[]byte("\ufeffa\xff,b\n"), "import_unreadable"},
		"UTF-16 with half a letter": {[]byte("\xff\xfea\x00,\x00b"), "import_unreadable"},
		"a heading never closed":    {[]byte("a,\"b\n1,2\n"), "import_unreadable"},
		"NUL in the heading":        {[]byte("a\x00\x01\x02b,c\n1,2\n"), "import_unreadable"},
		"an old Excel file":         {append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 512)...), "import_unreadable"},
		"a broken zip":              {[]byte("PK\x03\x04 and then nothing"), "import_unreadable"},
		"a zip that is no workbook": {bomb(1), "import_unreadable"},
		"a zip bomb":                {bomb(200), "upload_too_large"},
		"a larger zip bomb":         {bomb(300), "upload_too_large"},
		"more than 50 MiB":          {make([]byte, largestFile+1), "upload_too_large"},
		"too many rows":             {[]byte("a\n" + strings.Repeat("1\n", mostRows+1)), "upload_too_large"},
		"too many rows between":     {[]byte("a\n1\n" + strings.Repeat("\n", mostRows+1) + "2\n"), "upload_too_large"},
		"too many columns":          {[]byte(strings.Repeat("a,", mostColumns) + "a\n"), "upload_too_large"},
		"too many cells in a row":   {[]byte("a,b\n" + strings.Repeat("1,", mostColumns) + "1\n"), "upload_too_large"},
		"a row of commas":           {[]byte("a,b\n" + strings.Repeat(",", 1<<20) + "\n"), "upload_too_large"},
		"a huge cell":               {[]byte("a,b\n1," + strings.Repeat("x", longestCell+1) + "\n"), "upload_too_large"},
		"a huge heading":            {[]byte(strings.Repeat("x", longestCell+1) + ",b\n1,2\n"), "upload_too_large"},
		"a workbook too wide":       {wide, "upload_too_large"},
		"a workbook too deep":       {deep, "upload_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ReadTable("test", tc.b)
			if models.CodeOf(err) != tc.code {
				t.Errorf("got %v, want %s", err, tc.code)
			}
		})
	}
}

func TestBlankRowsAtTheEndAreFree(t *testing.T) {
	t.Parallel()
	got := read(t, []byte("a\n1\n"+strings.Repeat("\n", 2*mostRows)))
	if len(got.Rows) != 1 {
		t.Errorf("%d rows", len(got.Rows))
	}
}

func TestReadXLSX(t *testing.T) {
	t.Parallel()
	b := workbook(t, func(f *excelize.File) {
		set(t, f, "A2", " Name ") // row 1 is blank
		set(t, f, "B2", "Sum")
		set(t, f, "C2", "Day")
		set(t, f, "D2", "Yes")
		set(t, f, "A3", "x\u00a0")
		set(t, f, "B3", 41) // the text stored with the formula, wrong on purpose
		if err := f.SetCellFormula("Sheet1", "B3", "=1+1"); err != nil {
			t.Fatal(err)
		}
		set(t, f, "C3", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC))
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", "C3", "C3", style); err != nil {
			t.Fatal(err)
		}
		set(t, f, "D3", true)
		set(t, f, "E5", "outside")
		if _, err := f.NewSheet("Second"); err != nil {
			t.Fatal(err)
		}
	})
	want := Table{
		Name: "test", Format: XLSX, Encoding: "UTF-8", Header: []string{"Name", "Sum", "Day", "Yes"}, First: 3,
		Rows:     [][]string{{"x\u00a0", "41", "2024-02-29", "TRUE"}, nil, {"", "", "", "", "outside"}},
		Problems: []Problem{{Row: 5, Code: "import.ragged", Params: models.Params{"cells": 5, "columns": 4}}},
	}
	if diff := cmp.Diff(want, read(t, b)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Rights-Impacting\n":    "Rights-Impacting",
		"\u00a0 a\u00a0b\u202f": "a b",
		"a\u200bb\ufeff":        "ab",
		"a\r\nb\rc":             "a\nb\nc",
		"👩‍💻":                   "👩‍💻",
		"a  b":                  "a  b",
		" ":                     "",
	} {
		if got := clean(in); got != want || clean(got) != got {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ten letter": "ten letter", "ten letters": "ten…", "words, and": "words, and", "words and more": "words and…", "abcdefghijklmn": "abcdefghi…", "a bcdefghijklm": "a bcdefgh…",
	} {
		got := cut(in, 10)
		if in == "ten letters" {
			want = "ten lette…" // the space lies too far back
		}
		if got != want {
			t.Errorf("cut(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzReadTable(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a;b\r\"x\"\"\";\"", "\xff\xfea\x00,\x00", "PK\x03\x04", "\ufeff\"a\nb\"\tc\n", "a\x92,b\n\n\n1"} {
		f.Add([]byte(s))
	}
	m, _ := BundledMap("us-federal-2024")
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := ReadTable("fuzz", b)
		if err != nil {
			if models.KindOf(err) == "" {
				t.Fatalf("an internal error: %v", err)
			}
			return
		}
		if len(table.Header) == 0 || table.First < 2 {
			t.Fatalf("no heading: %+v", table)
		}
		for _, p := range table.Problems {
			if p.Row < table.First || p.Row >= table.First+len(table.Rows) {
				t.Fatalf("a problem of row %d, which there is not", p.Row)
			}
		}
		Convert(table, m)
	})
}
