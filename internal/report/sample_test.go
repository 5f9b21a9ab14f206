package report

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"beforehand/models"
)

// testdata/sample.csv has the headings of the federal inventory and eight rows
// of ours with its kinds of dirt.
func sample(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/sample.csv")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sampleText(t *testing.T) string {
	t.Helper()
	s, err := charmap.Windows1252.NewDecoder().String(string(sample(t)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t *testing.T, b []byte) Table {
	t.Helper()
	table, err := ReadTable("test", b)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func utf16Of(s string, order binary.AppendByteOrder, mark bool) []byte {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

func workbook(t *testing.T, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func set(t *testing.T, f *excelize.File, cell string, v any) {
	t.Helper()
	if err := f.SetCellValue("Sheet1", cell, v); err != nil {
		t.Fatal(err)
	}
}

func TestSampleIsTheSameInEveryEncoding(t *testing.T) {
	t.Parallel()
	text := sampleText(t)
	want := read(t, sample(t))
	if want.Encoding != "Windows-1252" || len(want.Header) != 62 || len(want.Rows) != 8 || want.First != 2 || len(want.Problems) > 0 {
		t.Fatalf("the sample was read as %s, %d columns, %d rows from %d, %v", want.Encoding, len(want.Header), len(want.Rows), want.First, want.Problems)
	}
	book := workbook(t, func(f *excelize.File) {
		for i, cells := range append([][]string{want.Header}, want.Rows...) {
			for j, cell := range cells {
				at, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					t.Fatal(err)
				}
				set(t, f, at, cell)
			}
		}
	})
	for name, tc := range map[string]struct {
		b        []byte
		encoding string
	}{
		"UTF-8":                             {[]byte(text), "UTF-8"},
		"UTF-8 with a mark":                 {[]byte("\ufeff" + text), "UTF-8"},
		"UTF-16, small end first":           {utf16Of(text, binary.LittleEndian, true), "UTF-16LE"},
		"UTF-16, large end first":           {utf16Of(text, binary.BigEndian, true), "UTF-16BE"},
		"UTF-16, small end first, unmarked": {utf16Of(text, binary.LittleEndian, false), "UTF-16LE"},
		"UTF-16, large end first, unmarked": {utf16Of(text, binary.BigEndian, false), "UTF-16BE"},
		"XLSX":                              {book, "UTF-8"},
		"LF instead of CR LF":               {[]byte(strings.ReplaceAll(text, "\r\n", "\n")), "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, tc.b)
			if got.Encoding != tc.encoding {
				t.Errorf("encoding is %s, want %s", got.Encoding, tc.encoding)
			}
			if diff := cmp.Diff(Convert(want, bundled(t)), Convert(got, bundled(t))); diff != "" {
				t.Errorf("rows of the sample (-) and of this (+):\n%s", diff)
			}
		})
	}
}

// brief is a repair or a problem in one line.
func brief(r Row) (repairs, problems []string) {
	for _, p := range r.Repairs {
		repairs = append(repairs, strings.TrimPrefix(p.Code, "import.repair_")+" "+cut(p.Column, 18)+": "+cut(p.Before, 30)+" → "+p.After)
	}
	for _, p := range r.Problems {
		problems = append(problems, strings.TrimPrefix(p.Code, "import.")+" "+cut(p.Column, 18)+": "+p.Value)
	}
	return repairs, problems
}

func TestSample(t *testing.T) {
	t.Parallel()
	c := Convert(read(t, sample(t)), bundled(t))
	if len(c.Problems) > 0 || len(c.Rows) != 8 || c.Source != "us-federal-2024" || !c.CreateAreas {
		t.Fatalf("%+v", c)
	}
	tests := c.Rows[0].Area[:1]
	if diff := cmp.Diff([]string{"Department of Tests"}, tests); diff != "" {
		t.Error(diff)
	}
	letter := models.Record{
		Name:    models.Text{En: "Letter drafting"},
		Purpose: models.Text{En: "Purpose: drafts replies.\nBenefit: “plain” words – sooner."},
		Outputs: models.Text{En: "A draft letter"}, Function: "Mission-Enabling (internal agency support)",
		UseFamily: "drafting", Owner: "Chief AI Officer", DecisionStatus: "already_in_use", Activation: "new_purchase",
		Suppliers:  []models.Supplier{{Name: "Not named in the inventory", ContractRef: "47QX-0001"}},
		RiskLevel:  "other",
		RiskReason: models.Text{En: "The agency judges it neither rights-impacting nor safety-impacting (M-24-10)."},
		PublicData: models.Text{En: "It involves no personally identifiable information that the agency keeps.\nThe agency’s senior official for privacy has assessed the privacy risks."},
		Dates:      models.Dates{Procurement: models.MustDate("2022-10-01"), InUseSince: models.MustDate("2024-02-29")},
	}
	if diff := cmp.Diff(letter, c.Rows[0].Record); diff != "" {
		t.Errorf("first row (-want +got):\n%s", diff)
	}
	for i, want := range []struct {
		key               string
		retired           bool
		repairs, problems []string
	}{
		{key: "DOTS / Post Room / Letter drafting", repairs: []string{
			"cleaned Use Case Name: Letter drafting\u00a0 → Letter drafting",
			"cleaned Use Case Topic…: Mission-Enabling (internal… → Mission-Enabling (internal agency support)",
			"emptied Describe any…: N/A → ",
		}},
		{key: "DOTS / Contact Centre / Queue forecast", repairs: []string{
			"cleaned Stage of Developm…:  initiated  → initiated",
			"cleaned Is the AI use…: Rights-Impacting\n → Rights-Impacting",
		}},
		{key: "DOTS / Contact Centre / Queue forecast #2", repairs: []string{
			"emptied Is the AI use…: N/A → ",
			"blank Is the AI use…:  → other",
			"month Date when Acquisi…: 24-Oct → 2024-10-01",
			"otherwise Is the AI use…: No, use case is too new to… → other",
		}},
		{key: "DOTS / – / A very long name of a use case that goes on and on, far beyond what anybody would write on a label, with a second half", repairs: []string{
			"cut Use Case Name: A very long name of a use… → A very long name of a use case that goes on and on, far beyond what anybody would write on a label…",
			"blank Is the AI use…:  → other",
			"otherwise Date when Acquisi…: Q4FY25 → ",
			"emptied Provide the…: TBD → ",
		}},
		{key: "DOTS / Archive / Old search", retired: true},
		{
			key: "DOTS / Archive / No purpose",
			repairs: []string{
				"cleaned What is the…:   → ",
				"blank Is the AI use…:  → other",
			},
			problems: []string{"required What is the…: "},
		},
		{
			key: "DOTS / Archive / No such stage", repairs: []string{"blank Is the AI use…:  → other"},
			problems: []string{"unknown_value Stage of Developm…: Thinking about it"},
		},
		{
			key: "– / – / No agency", repairs: []string{"blank Is the AI use…:  → other"},
			problems: []string{"area_empty Agency: "},
		},
	} {
		r := c.Rows[i]
		repairs, problems := brief(r)
		if r.Key != want.key || r.Number != i+2 || r.Retired != want.retired {
			t.Errorf("row %d: number %d, key %q, retired %t", i, r.Number, r.Key, r.Retired)
		}
		if diff := cmp.Diff(want.repairs, repairs); diff != "" {
			t.Errorf("row %d: repairs (-want +got):\n%s", i, diff)
		}
		if diff := cmp.Diff(want.problems, problems); diff != "" {
			t.Errorf("row %d: problems (-want +got):\n%s", i, diff)
		}
		sayable(t, r)
	}
	if r := c.Rows[3].Record; !strings.HasSuffix(r.Summary.En, "with a second half") {
		t.Errorf("the whole name is not in the summary: %q", r.Summary.En)
	}
	if r := c.Rows[1].Record; r.Function != "Staffing of telephones" || r.Dates.InUseSince != 0 || r.RiskLevel != "impactful" {
		t.Errorf("function %q, in use since %s, risk %s", r.Function, r.Dates.InUseSince, r.RiskLevel)
	}
	if r := c.Rows[4].Record; r.Dates.Retired != models.MustDate("2024-03-31") || r.DecisionStatus != "decided" {
		t.Errorf("retired on %s, %s", r.Dates.Retired, r.DecisionStatus)
	}
}
