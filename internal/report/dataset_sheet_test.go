package report

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"beforehand/models"
)

func TestLookOf(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]cellLook{
		"General": lookNumber, "0.00": lookNumber, "#,##0": lookNumber, `0 "days"`: lookNumber, "[Red]0": lookNumber, `"x`: lookNumber, "0\\d": lookNumber,
		"dd/mm/yyyy": lookDay, "[$-809]d mmmm yyyy": lookDay, "yyyy-mm-dd": lookDay,
		"hh:mm": lookTime, "[h]:mm": lookTime, "[mm]": lookTime, "dd/mm/yyyy hh:mm": lookTime, "mm:ss": lookTime,
		"0%": lookShare, "0.0%": lookShare,
	} {
		if got := lookOf(code); got != want {
			t.Errorf("%q: %d, want %d", code, got, want)
		}
	}
}

func TestNumericCells(t *testing.T) {
	t.Parallel()
	s := &sheet{book: &book{styles: []cellLook{lookNumber, lookDay, lookTime, lookShare}}, reading: models.Reading{DecimalComma: true, DateForm: "dd.mm.yyyy"}}
	for _, tc := range []struct {
		text  string
		style int
		want  string
	}{
		{"12.5", 0, "12,5"},
		{"9.434765919E9", 0, "9434765919"},
		{"46084", 1, "03.03.2026"},
		{"0.5", 2, "12:00"},
		{"1.5", 2, "36:00"},
		{"0.5", 3, "50%"},
		{"7", 99, "7"},
		{"1e999", 0, "1e999"},
	} {
		if got := s.numeric(tc.text, tc.style); got != tc.want {
			t.Errorf("%s in style %d: %q, want %q", tc.text, tc.style, got, tc.want)
		}
	}
	s.book.from04 = true
	if got := s.day(44622); got != "03.03.2026" {
		t.Errorf("from 1904: %s", got)
	}
}

// TestWorkbookIsStreamed reads 200,000 rows and looks at what is held meanwhile.
func TestWorkbookIsStreamed(t *testing.T) {
	metrics := map[string]models.Metric{"m": {Key: "m", Kind: models.MetricCount}}
	plan := models.Plan{Columns: []models.Column{{Heading: "W", Role: models.RoleOfWorker}, {Heading: "M", Role: models.RoleOfValue, Metric: "m"}}}
	var sheet strings.Builder
	sheet.WriteString(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>W</t></is></c><c r="B1" t="str"><v>M</v></c></row>`)
	for i := range 200_000 {
		fmt.Fprintf(&sheet, `<row r="%d"><c r="A%d" t="inlineStr"><is><t>w%d</t></is></c><c r="B%d"><v>%d.25</v></c></row>`, i+2, i+2, i%500, i+2, i*7919%1000)
	}
	sheet.WriteString(`</sheetData></worksheet>`)
	b := withSheet(t, asWorkbook(t, [][]string{{"W", "M"}}), sheet.String())
	size := sheet.Len()
	sheet.Reset()
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n, peak := 0, int64(0)
	report, err := ReadDataset(t.Context(), bytes.NewReader(b), plan, metrics, func(DataRow) error {
		if n++; n%50_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			peak = max(peak, int64(now.HeapAlloc)-int64(before.HeapAlloc))
		}
		return nil
	}, nil)
	if err != nil || n != 200_000 || report.ProblemCount > 0 {
		t.Fatal(n, report.Problems, err)
	}
	if peak > 8<<20 {
		t.Errorf("held %d KiB", peak>>10)
	}
	t.Logf("%d rows, %d MiB unpacked, %d KiB held", n, size>>20, peak>>10)
}

// FuzzReadSheet writes the XML of a sheet into a workbook that is otherwise good.
func FuzzReadSheet(f *testing.F) {
	metrics := map[string]models.Metric{"m": {Key: "m", Kind: models.MetricCount}}
	plan := models.Plan{Columns: []models.Column{{Heading: "W", Role: models.RoleOfWorker}, {Heading: "M", Role: models.RoleOfValue, Metric: "m"}}}
	f.Add(`<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>W</v></c><c t="str"><v>M</v></c></row><row r="3"><c t="inlineStr"><is><t>w1</t></is></c><c s="1"><v>2</v></c></row></sheetData></worksheet>`)
	f.Add(`<worksheet><row/><row r="9"><c t="s"><v>0</v></c><c r="C9" t="e"><v>#N/A</v></c></row></worksheet>`)
	f.Fuzz(func(t *testing.T, text string) {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for name, s := range map[string]string{
			"xl/workbook.xml":            `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" r:id="r1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml":   text,
		} {
			part, err := w.Create(name)
			if err == nil {
				_, err = io.WriteString(part, s)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		rows, report, err := readRows(t, plan, metrics, bytes.NewReader(out.Bytes()))
		if err != nil && models.KindOf(err) == "" {
			t.Errorf("not ours: %v", err)
		}
		if err == nil && len(rows) > report.Rows {
			t.Errorf("%d of %d", len(rows), report.Rows)
		}
	})
}
