package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"

	"beforehand/models"
)

func ptr(v float64) *float64 { return &v }

// evidencePlan is a plan with a column of every role.
func evidencePlan() (models.Plan, map[string]models.Metric) {
	metrics := map[string]models.Metric{
		"minutes": {Key: "minutes", Kind: models.MetricDuration, Min: ptr(0), Max: ptr(480)},
		"errors":  {Key: "errors", Kind: models.MetricShare},
		"free":    {Key: "free", Kind: models.MetricCount},
	}
	return models.Plan{
		Metric:      "minutes",
		Baseline:    models.Window{From: models.MustDate("2026-01-05"), To: models.MustDate("2026-02-27")},
		Observation: models.Window{From: models.MustDate("2026-03-02"), To: models.MustDate("2026-04-24")},
		Columns: []models.Column{
			{Heading: "Worker", Role: models.RoleOfWorker},
			{Heading: "Team", Role: models.RoleOfTeam},
			{Heading: "Arm", Role: models.RoleOfArm},
			{Heading: "Period", Role: models.RoleOfPeriod},
			{Heading: "Date", Role: models.RoleOfDate},
			{Heading: "Minutes", Role: models.RoleOfValue, Metric: "minutes"},
			{Heading: "Wrong", Role: models.RoleOfValue, Metric: "errors"},
			{Heading: "Other", Role: models.RoleOfValue, Metric: "free"},
			{Heading: "Notes written", Role: models.RoleOfVolume},
			{Heading: "Language", Role: models.RoleOfLanguage},
			{Heading: "Group", Role: models.RoleOfGroup},
			{Heading: "Pair", Role: models.RoleOfPair},
			{Heading: "Unit", Role: models.RoleOfUnit},
		},
		Reading: models.Reading{Unit: "minutes", StaffNumber: `\bK\d{3}X\b`},
	}, metrics
}

// goodCells is a row of that plan, in the order of its columns.
var goodCells = []string{"w017", "Adult Services North", "with", "after", "2026-03-03", "12.5", "1", "3", "4", "Welsh", "disabled", "p1", "Minutes"}

func planHeadings(p models.Plan) []string {
	out := make([]string, len(p.Columns))
	for i, c := range p.Columns {
		out[i] = c.Heading
	}
	return out
}

// rowWith is the good row with one cell changed.
func rowWith(p models.Plan, heading, cell string) []string {
	out := append([]string(nil), goodCells...)
	for i, c := range p.Columns {
		if c.Heading == heading {
			out[i] = cell
		}
	}
	return out
}

func csvOf(rows ...[]string) string {
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			if strings.ContainsAny(cell, ",\"\r\n") || cell == "" {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func readRows(t testing.TB, plan models.Plan, metrics map[string]models.Metric, r io.Reader) ([]DataRow, DataReport, error) {
	t.Helper()
	var rows []DataRow
	report, err := ReadDataset(context.Background(), r, plan, metrics, func(row DataRow) error {
		rows = append(rows, row)
		return nil
	}, nil)
	return rows, report, err
}

func TestReadDataset(t *testing.T) {
	t.Parallel()
	plan, metrics := evidencePlan()
	text := csvOf(planHeadings(plan), goodCells, rowWith(plan, "Minutes", "n/a"))
	rows, report, err := readRows(t, plan, metrics, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := DataRow{
		Number: 2, Worker: "w017", Team: "Adult Services North", Group: "disabled", Language: "Welsh", Pair: "p1",
		Arm: 1, Period: 1, Date: models.MustDate("2026-03-03"), Volume: 4, Values: []float64{12.5, 1, 3},
	}
	second := want
	second.Number, second.Values = 3, []float64{math.NaN(), 1, 3}
	if diff := cmp.Diff([]DataRow{want, second}, rows, cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
	sum := sha256.Sum256([]byte(text))
	wantReport := DataReport{
		Format: "CSV", Encoding: "UTF-8", Delimiter: ",", Bytes: int64(len(text)), SHA256: hex.EncodeToString(sum[:]), Rows: 2,
		Missing: map[string]int{"Minutes": 1}, MissingRows: []Problem{{Row: 3, Column: "Minutes", Code: "dataset.missing"}},
	}
	if diff := cmp.Diff(wantReport, report); diff != "" {
		t.Error(diff)
	}
}

// TestEveryCell changes one cell of a good row and expects one problem, or none.
func TestEveryCell(t *testing.T) {
	t.Parallel()
	plan, metrics := evidencePlan()
	for _, tc := range []struct{ heading, cell, code string }{
		{"Worker", "w1", ""},
		{"Worker", "AB7", ""},
		{"Worker", "abc", "dataset.pseudonym"},
		{"Worker", "CJ", "dataset.pseudonym"},
		{"Worker", "RhJ", "dataset.pseudonym"},
		{"Worker", "A12345", "dataset.staff_number"},
		{"Worker", "E10234", "dataset.staff_number"},
		{"Worker", "CCC01234", "dataset.staff_number"},
		{"Worker", "ab12345", "dataset.staff_number"},
		{"Worker", "ab12345X", "dataset.staff_number"},
		{"Worker", "K-12345", "dataset.staff_number"},
		{"Worker", "sionedp2", "dataset.name"},
		{"Worker", "jones1", "dataset.name"},
		{"Worker", "turner7", "dataset.name"},
		{"Worker", "sam2", "dataset.name"},
		{"Worker", "niap2", "dataset.name"},
		{"Worker", "9434765919abcdef", "dataset.nhs_number"},
		{"Worker", "abcdef9434765919", "dataset.nhs_number"},
		{"Worker", "abcd9434765919ef", "dataset.nhs_number"},
		{"Worker", "07700900123abcde", "dataset.phone"},
		{"Worker", "94347659191a2b3c4d5e", "dataset.nhs_number"},
		{"Pair", "9434765919a86d081884c7d659a2feaa", "dataset.nhs_number"},
		{"Pair", "9f86d081884c7d659a2feaa0c55ad015", ""},
		{"Team", "Ceri", "dataset.name"},
		{"Team", "Pugh", "dataset.name"},
		{"Team", "Nkechi", "dataset.name"},
		{"Team", "Kowalska", "dataset.name"},
		{"Group", "Xiaoming", "dataset.name"},
		{"Group", "Łukasz", "dataset.name"},
		{"Pair", "PUGH.", "dataset.name"},
		{"Language", "Siân", "dataset.name"},
		{"Team", "Oluwaseun Adebayo", "dataset.name"},
		{"Team", "Sioned Zylstra", "dataset.name"},
		{"Team", "Zylstra, Sioned", "dataset.name"},
		{"Team", "Aneirin W", "dataset.name"},
		{"Team", "jones.c", "dataset.name"},
		{"Team", "team of Sioned", "dataset.name"},
		{"Team", "cases for Nkechi today", "dataset.name"},
		{"Team", "tîm gan Sioned", "dataset.name"},
		{"Team", "SW12345678", "dataset.staff_number"},
		{"Team", "12345678", "dataset.staff_number"},
		{"Group", "12345", "dataset.staff_number"},
		{"Language", "line A12345", "dataset.staff_number"},
		{"Pair", "office 10234", "dataset.staff_number"},
		{"Team", "office10234", "dataset.long_number"},
		{"Team", "12345 notes", "dataset.long_number"},
		{"Minutes", "12345 min", "dataset.unit_in_cell"},
		{"Minutes", "12345,5", "dataset.decimal_comma"},
		{"Worker", "p00017", ""},
		{"Worker", "w_1-x", ""},
		{"Worker", "9f86d081884c7d659a2feaa0c55ad015", ""},
		{"Worker", "", "dataset.required"},
		{"Worker", "12345", "dataset.staff_number"},
		{"Worker", "E123456", "dataset.staff_number"},
		{"Worker", "EMP-00123", "dataset.staff_number"},
		{"Worker", "K123X", "dataset.staff_number"},
		{"Worker", "Ceri", "dataset.name"},
		{"Worker", "Nia", "dataset.name"},
		{"Worker", "Siân", "dataset.name"},
		{"Worker", "jonesc2", "dataset.name"},
		{"Worker", "cjones01", "dataset.name"},
		{"Worker", "ceri-7", "dataset.name"},
		{"Worker", "Xanthippe", "dataset.name"},
		{"Worker", "Jones, Ceri", "dataset.name"},
		{"Worker", "w 1", "dataset.pseudonym"},
		{"Worker", "w1\u200b7\u0660", "dataset.pseudonym"},
		{"Worker", "w" + strings.Repeat("1a", 16), "dataset.pseudonym"},
		{"Team", "Ebbw Vale", ""},
		{"Team", "Aneurin Bevan 2", ""},
		{"Team", "Tîm Sir Gâr", ""},
		{"Team", "Scott House", ""},
		{"Team", "Victoria Park", ""},
		{"Team", "MS Nurses", ""},
		{"Team", "Ward C", ""},
		{"Team", "", ""},
		{"Team", "Ceri Jones", "dataset.name"},
		{"Team", "team of Jones, Ceri", "dataset.name"},
		{"Team", "C. Jones", "dataset.name"},
		{"Team", "C Jones", "dataset.name"},
		{"Team", "MR JONES", "dataset.name"},
		{"Team", "Ceri J", "dataset.name"},
		{"Team", "Evans S.", "dataset.name"},
		{"Team", "Ceri M. McDonald", "dataset.name"},
		{"Team", "CeriJones", "dataset.name"},
		{"Team", "cerijones team", "dataset.name"},
		{"Team", "Rhys ap Gwilym", "dataset.name"},
		{"Team", "=1+1", "dataset.formula"},
		{"Team", "@SUM", "dataset.formula"},
		{"Team", strings.Repeat("long ", 13), "dataset.text_too_long"},
		{"Team", strings.Repeat("x", 5000), "dataset.cell_too_long"},
		{"Team", "unit 123456789", "dataset.long_number"},
		{"Team", "ceri@x.uk", "dataset.email"},
		{"Team", "ceri (at) x.uk", "dataset.email"},
		{"Team", "ceri at cyngor dot cymru", "dataset.email"},
		{"Team", "ceri＠x．uk", "dataset.email"},
		{"Team", "AB 12 34 56 C", "dataset.ni_number"},
		{"Team", "seen by ab123456c today", "dataset.ni_number"},
		{"Team", "АВ１２３４５６С", "dataset.ni_number"},
		{"Pair", "P-AB123456", "dataset.ni_number"},
		{"Team", "943 476 5919", "dataset.nhs_number"},
		{"Team", "no. 943-476-5919", "dataset.nhs_number"},
		{"Team", "٩٤٣٤٧٦٥٩١٩", "dataset.nhs_number"},
		{"Team", "9\u200b4\u200b3\u200b4\u200b7\u200b6\u200b5\u200b9\u200b1\u200b9", "dataset.nhs_number"},
		{"Team", "+44 (0)20 7946 0958", "dataset.phone"},
		{"Team", "0044 7700 900123", "dataset.phone"},
		{"Team", "07700-900-123", "dataset.phone"},
		{"Team", "CF10 4UW", "dataset.postcode"},
		{"Team", "born 07/03/1980", "dataset.birth_date"},
		{"Team", "7 Mawrth 1980", "dataset.birth_date"},
		{"Team", "1980-03-07", "dataset.birth_date"},
		{"Team", "a\x00b", "dataset.undecodable"},
		{"Team", "a\xffb", "dataset.undecodable"},
		{"Group", "Grade 7", ""},
		{"Group", "White British", ""},
		{"Group", "Jones C", ""},
		{"Arm", "Comparison ", ""},
		{"Arm", "", "dataset.required"},
		{"Arm", "neither", "dataset.unknown_arm"},
		{"Arm", "ceri@x.uk", "dataset.email"},
		{"Period", "", "dataset.required"},
		{"Period", "during", "dataset.unknown_period"},
		{"Period", "before", "dataset.period_disagrees"},
		{"Date", "", "dataset.required"},
		{"Date", "2026-02-30", "dataset.not_a_date"},
		{"Date", "03/03/2026", "dataset.not_a_date"},
		{"Date", "1989-12-31", "dataset.not_a_date"},
		{"Date", "2026-06-01", "dataset.period_disagrees"},
		{"Date", "07700 900123", "dataset.phone"},
		{"Minutes", "0", ""},
		{"Minutes", "1.25e1", ""},
		{"Minutes", "12.34567891234", ""},
		{"Minutes", "\u200b12", ""},
		{"Minutes", "１２", "dataset.not_a_number"},
		{"Minutes", "-", ""},
		{"Minutes", ".", ""},
		{"Minutes", "12,5", "dataset.decimal_comma"},
		{"Minutes", "1,234.5", "dataset.thousands"},
		{"Minutes", "1 234", "dataset.thousands"},
		{"Minutes", "12 min", "dataset.unit_in_cell"},
		{"Minutes", "0.5h", "dataset.unit_in_cell"},
		{"Minutes", "00:12", "dataset.unit_in_cell"},
		{"Minutes", "50%", "dataset.unit_in_cell"},
		{"Minutes", "NaN", "dataset.not_finite"},
		{"Minutes", "-inf", "dataset.not_finite"},
		{"Minutes", "1e999", "dataset.not_finite"},
		{"Minutes", "twelve", "dataset.not_a_number"},
		{"Minutes", "0x1p4", "dataset.unit_in_cell"},
		{"Minutes", "=A1", "dataset.formula"},
		{"Minutes", "+cmd|' /C calc'!A0", "dataset.formula"},
		{"Minutes", "-1", "dataset.impossible"},
		{"Minutes", "481", "dataset.impossible"},
		{"Wrong", "0.5", "dataset.impossible"},
		{"Other", "1000000", ""},
		{"Other", "9434765919", "dataset.nhs_number"},
		{"Other", "9.434765919E+09", "dataset.nhs_number"},
		{"Other", "943476591.9", "dataset.nhs_number"},
		{"Other", "-9434765919", "dataset.nhs_number"},
		{"Other", "9,434,765,919", "dataset.nhs_number"},
		{"Other", "07700900123", "dataset.phone"},
		{"Other", "7700900123", "dataset.phone"},
		{"Other", "AB123456C", "dataset.ni_number"},
		{"Notes written", "0", "dataset.volume"},
		{"Notes written", "", ""},
		{"Pair", "", "dataset.required"},
		{"Pair", "Ceri Jones", "dataset.name"},
		{"Unit", "hours", "dataset.mixed_units"},
		{"Unit", "", "dataset.mixed_units"},
	} {
		t.Run(tc.heading+" "+cut(tc.cell, 30), func(t *testing.T) {
			t.Parallel()
			rows, report, err := readRows(t, plan, metrics, strings.NewReader(csvOf(planHeadings(plan), rowWith(plan, tc.heading, tc.cell))))
			if err != nil {
				t.Fatal(err)
			}
			var got string
			for _, p := range report.Problems {
				if got = p.Code; p.Row != 2 || p.Column != tc.heading && p.Code != "dataset.period_disagrees" {
					t.Errorf("problem is at row %d column %q", p.Row, p.Column)
				}
				if len(tc.cell) > 3 && strings.HasPrefix(strings.TrimPrefix(p.Code, "dataset."), "n") && p.Value != "" {
					t.Errorf("shows %q", p.Value)
				}
			}
			if got != tc.code || report.ProblemCount > 1 || len(rows) != 1-report.ProblemCount {
				t.Errorf("got %q (%d problems, %d rows), want %q", got, report.ProblemCount, len(rows), tc.code)
			}
		})
	}
}

func TestHeadings(t *testing.T) {
	t.Parallel()
	metrics := map[string]models.Metric{"m": {Key: "m", Kind: models.MetricCount}}
	plan := func(headings ...string) models.Plan {
		p := models.Plan{}
		for i, h := range headings {
			c := models.Column{Heading: h, Role: models.RoleOfValue, Metric: "m"}
			if i == 0 {
				c.Role = models.RoleOfTeam
			}
			p.Columns = append(p.Columns, c)
		}
		return p
	}
	t.Run("a column that nobody planned", func(t *testing.T) {
		t.Parallel()
		_, _, err := readRows(t, plan("Team", "M"), metrics, strings.NewReader("Team,Extra,Ceri Jones,team\nA,1,2,3\n"))
		want := models.Params{"row": 1, "missing": "M", "unknown": "Extra, #3", "twice": "Team"}
		var e *models.Error
		if !errors.As(err, &e) || e.Code != "dataset_columns" || !cmp.Equal(want, e.Params) {
			t.Error(cmp.Diff(want, e.Params))
		}
	})
	for heading, personal := range map[string]bool{
		"Name": true, "enw": true, "Cyfenw": true, "E-bost": true, "NI number": true, "rhif yswiriant gwladol": true, "Staff_Number": true, "payrollNo": true,
		"Employee": true, "Ffôn": true, "Date of birth": true, "DYDDIAD GENI": true, "Address": true, "Post code": true, "Worker surname": true, "Ｎａｍｅ": true,
		"Minutes per e-mail": false, "Team name": false, "Calls by phone": false, "Employee satisfaction": false, "Enw’r tîm": false,
	} {
		t.Run(heading, func(t *testing.T) {
			t.Parallel()
			_, report, err := readRows(t, plan("T", heading), metrics, strings.NewReader("T,"+heading+"\nA,1\n"))
			if err != nil {
				t.Fatal(err)
			}
			if (report.ProblemCount > 0) != personal {
				t.Errorf("problems: %v", report.Problems)
			}
		})
	}
}

func TestWholeFiles(t *testing.T) {
	t.Parallel()
	metrics := map[string]models.Metric{"m": {Key: "m", Kind: models.MetricCount}}
	plan := models.Plan{Columns: []models.Column{{Heading: "T", Role: models.RoleOfTeam}, {Heading: "M", Role: models.RoleOfValue, Metric: "m"}}}
	for name, tc := range map[string]struct{ in, want string }{
		"empty":                     {"", "dataset_empty"},
		"only headings":             {"T,M\n", "dataset_empty"},
		"only blank lines":          {"\n\n,,\n", "dataset_empty"},
		"NULs":                      {"T\x00,M\x00\n", "dataset_unreadable"},
		"a cell without end":        {"T,M\n\"" + strings.Repeat("x", 10<<20), "dataset_row_too_long"},
		"many columns":              {strings.Repeat("a,", 70) + "\n", "dataset_too_many_columns"},
		"not an archive":            {"PK\x03\x04 and no more", "dataset_unreadable"},
		"an old workbook":           {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "dataset_unreadable"},
		"CR":                        {"T,M\rA,1\r\rB,2\r", "2 4"},
		"CRLF and blank lines":      {"\r\nT,M\r\n\r\nA,1\r\nB,2", "4 5"},
		"semicolons":                {"T;M\nA;1\n", "2"},
		"UTF-16":                    {"", "2"},
		"a short row":               {"T,M\nA\nB,2\n", "3 dataset.ragged"},
		"a long row":                {"T,M\nA,1,9\n", " dataset.ragged"},
		"empty cells beyond":        {"T,M,\nA,1,\n", "2"},
		"a quotation mark unclosed": {"T,M\nA,1\nB,\"2\nC,3\n", "2 dataset.quote_unclosed"},
		"a mark after the closing":  {"T,M\n\"A\"x\"\"y,1\n", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := tc.in
			if name == "UTF-16" {
				in = string(utf16Of("T,M\r\nTîm,1\r\n", binary.LittleEndian, true))
			}
			rows, report, err := readRows(t, plan, metrics, strings.NewReader(in))
			parts := []string{}
			for _, r := range rows {
				parts = append(parts, strconv.Itoa(r.Number))
			}
			for _, p := range report.Problems {
				parts = append(parts, p.Code)
			}
			got := strings.Join(parts, " ")
			if err != nil {
				got = models.CodeOf(err)
			}
			if got != strings.TrimSpace(tc.want) {
				t.Errorf("got %q (%v), want %q", got, err, tc.want)
			}
		})
	}
}

func TestPlanFaults(t *testing.T) {
	t.Parallel()
	plan, metrics := evidencePlan()
	plan.Reading.StaffNumber, plan.Reading.DateForm = "(", "mm/dd/yy"
	plan.Columns[5].Metric = "none"
	plan.Columns[1].Heading = "WORKER"
	_, _, err := readRows(t, plan, metrics, strings.NewReader(""))
	var e *models.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Path+" "+f.Code)
	}
	want := []string{"columns[1].heading duplicate", "columns[5].metric not_found", "reading.dateForm unknown_value", "reading.staffNumber malformed"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecimalComma(t *testing.T) {
	t.Parallel()
	plan, metrics := evidencePlan()
	plan.Reading.DecimalComma = true
	for cell, code := range map[string]string{"12,5": "", "12": "", "12.5": "dataset.decimal_point", "1.234,5": "dataset.thousands", "1,2,3": "dataset.not_a_number"} {
		rows, report, err := readRows(t, plan, metrics, strings.NewReader(csvOf(planHeadings(plan), rowWith(plan, "Minutes", cell))))
		if err != nil {
			t.Fatal(err)
		}
		if code == "" && (len(rows) != 1 || rows[0].Values[0] < 12) || code != "" && (report.ProblemCount != 1 || report.Problems[0].Code != code) {
			t.Errorf("%q: %v %v", cell, rows, report.Problems)
		}
	}
}

func TestPeriodByDate(t *testing.T) {
	t.Parallel()
	plan, metrics := evidencePlan()
	plan.Columns = []models.Column{plan.Columns[4], plan.Columns[5]}
	plan.Reading.DateForm = "dd/mm/yyyy"
	rows, report, err := readRows(t, plan, metrics, strings.NewReader("date,minutes\n05/01/2026,1\n24/04/2026,1\n25/04/2026,1\n"))
	if err != nil || len(rows) != 3 {
		t.Fatal(rows, err)
	}
	if rows[0].Period != 0 || rows[1].Period != 1 || rows[2].Period != -1 || report.Outside != 1 || rows[0].Arm != -1 || rows[0].Volume != 1 {
		t.Errorf("%+v %+v", rows, report)
	}
}

func TestTooManyTeams(t *testing.T) {
	t.Parallel()
	metrics := map[string]models.Metric{"m": {Key: "m", Kind: models.MetricCount}}
	plan := models.Plan{Columns: []models.Column{{Heading: "L", Role: models.RoleOfLanguage}, {Heading: "M", Role: models.RoleOfValue, Metric: "m"}}}
	text := "L,M\n"
	for i := range 150 {
		text += "lang " + strconv.Itoa(i) + ",1\n"
	}
	rows, report, err := readRows(t, plan, metrics, strings.NewReader(text))
	if err != nil || len(rows) != 20 || report.ProblemCount != 130 || len(report.Problems) != 100 || report.Problems[0].Code != "dataset.too_many_values" {
		t.Errorf("%d rows, %d problems, %v", len(rows), report.ProblemCount, err)
	}
}

func TestReadWorkbook(t *testing.T) {
	t.Parallel()
	plan, metrics := evidencePlan()
	plan.Columns = []models.Column{plan.Columns[0], plan.Columns[4], plan.Columns[5]}
	plan.Reading.DateForm = "dd/mm/yyyy"
	fill := func(f *excelize.File) {
		set(t, f, "A1", "Worker")
		set(t, f, "B1", "Date")
		set(t, f, "C1", "Minutes")
		day, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
		whole, _ := f.NewStyle(&excelize.Style{NumFmt: 1})
		set(t, f, "A3", "w1")
		set(t, f, "B3", 46084) // 3 March 2026
		set(t, f, "C3", 12.345)
		_ = f.SetCellStyle("Sheet1", "B3", "B3", day)
		_ = f.SetCellStyle("Sheet1", "C3", "C3", whole)
		set(t, f, "A4", "w2")
		set(t, f, "B4", "04/03/2026")
		set(t, f, "C4", 0.5)
	}
	t.Run("good", func(t *testing.T) {
		t.Parallel()
		rows, report, err := readRows(t, plan, metrics, bytes.NewReader(workbook(t, fill)))
		if err != nil || len(rows) != 2 {
			t.Fatal(rows, report.Problems, err)
		}
		if rows[0].Number != 3 || rows[0].Date != models.MustDate("2026-03-03") || rows[0].Values[0] != 12.345 || rows[1].Number != 4 || report.Format != "XLSX" {
			t.Errorf("%+v", rows)
		}
	})
	for name, tc := range map[string]struct {
		with func(f *excelize.File)
		code string
	}{
		"a time":            {func(f *excelize.File) { style(t, f, "C4", 20) }, "dataset.unit_in_cell"},
		"per cent":          {func(f *excelize.File) { style(t, f, "C4", 9) }, "dataset.unit_in_cell"},
		"a second sheet":    {func(f *excelize.File) { _, _ = f.NewSheet("Key"); _ = f.SetCellValue("Key", "A1", "x") }, "dataset_sheets"},
		"a hidden row":      {func(f *excelize.File) { set(t, f, "A4", "Ceri Jones"); _ = f.SetRowVisible("Sheet1", 4, false) }, "dataset.name"},
		"an empty sheet":    {func(f *excelize.File) { _, _ = f.NewSheet("Sheet2") }, ""},
		"a formula's value": {func(f *excelize.File) { _ = f.SetCellFormula("Sheet1", "C4", "1/2") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := workbook(t, func(f *excelize.File) { fill(f); tc.with(f) })
			_, report, err := readRows(t, plan, metrics, bytes.NewReader(b))
			got := models.CodeOf(err)
			if len(report.Problems) > 0 {
				got = report.Problems[0].Code
			}
			if got != tc.code {
				t.Errorf("got %q %v, want %q", got, err, tc.code)
			}
		})
	}
	t.Run("cut short", func(t *testing.T) {
		t.Parallel()
		b := workbook(t, fill)
		for n := 4; n < len(b); n += 37 {
			if _, _, err := readRows(t, plan, metrics, bytes.NewReader(b[:n])); models.KindOf(err) != models.Invalid {
				t.Fatalf("%d bytes: %v", n, err)
			}
		}
	})
}

func style(t *testing.T, f *excelize.File, cell string, format int) {
	t.Helper()
	id, err := f.NewStyle(&excelize.Style{NumFmt: format})
	if err == nil {
		err = f.SetCellStyle("Sheet1", cell, cell, id)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadDatasetStops(t *testing.T) {
	t.Parallel()
	plan, metrics := evidencePlan()
	text := csvOf(planHeadings(plan), goodCells, goodCells)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := ReadDataset(ctx, strings.NewReader(text), plan, metrics, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	mine := errors.New("mine")
	if _, err := ReadDataset(context.Background(), strings.NewReader(text), plan, metrics, func(DataRow) error { return mine }, nil); !errors.Is(err, mine) {
		t.Errorf("got %v", err)
	}
	if _, _, err := readRows(t, plan, metrics, io.MultiReader(strings.NewReader(text[:200]), brokenReader{mine})); !errors.Is(err, mine) {
		t.Errorf("got %v", err)
	}
}

type brokenReader struct{ err error }

func (b brokenReader) Read([]byte) (int, error) { return 0, b.err }
