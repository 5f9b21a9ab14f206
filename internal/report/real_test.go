package report

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beforehand/frontend/words"
	"beforehand/models"
)

// realFile is outside the repository: it is large and not ours.
const realFile = "../../../shared/data/us-federal-ai-inventory-2024.csv"

func readReal(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(realFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the federal inventory of 2024 is not beside the repository; testdata/sample.csv stands for it")
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func bundled(t *testing.T) Map {
	t.Helper()
	m, ok := BundledMap("us-federal-2024")
	if !ok {
		t.Fatal("there is no bundled map us-federal-2024")
	}
	return m
}

func TestFederalInventory(t *testing.T) {
	t.Parallel()
	b := readReal(t)
	begin := time.Now() //nolint:forbidigo // how long it takes is what is asked
	table, err := ReadTable("us.csv", b)
	if err != nil {
		t.Fatal(err)
	}
	c := Convert(table, bundled(t))
	took := time.Since(begin)
	if len(c.Problems) > 0 {
		t.Fatal(c.Problems)
	}
	if took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if table.Encoding != "Windows-1252" || len(table.Header) != 62 || table.First != 2 || len(table.Problems) > 0 || len(c.Rows) != 2133 {
		t.Errorf("read as %s with %d columns, first row %d, %d ragged, %d rows", table.Encoding, len(table.Header), table.First, len(table.Problems), len(c.Rows))
	}
	if h := table.Header[8]; h != "Describe the AI system’s outputs." {
		t.Errorf("byte 0x92 of a heading was read as %q", h)
	}
	names, folded, agencies, keys := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, row := range table.Rows {
		names[clean(row[0])] = true
		agencies[clean(row[2])] = true
		if clean(row[9]) != "" {
			folded[fold(row[0])] = true
		}
	}
	// 2,036 is what the data's README says. It is the count of names that differ
	// by more than case and space among the rows that say a stage; all rows have
	// 2,044 names as written.
	if len(names) != 2044 || len(folded) != 2036 || len(agencies) != 41 {
		t.Errorf("%d names, %d folded, %d agencies; want 2044, 2036, 41", len(names), len(folded), len(agencies))
	}
	stages, ok, repaired, refused, reasons, repairs, samples := map[string]int{}, 0, 0, 0, map[string]int{}, map[string]int{}, map[string][]string{}
	inUse, retired := 0, 0
	for i, r := range c.Rows {
		stages[clean(table.Rows[i][9])]++
		if keys[r.Key] || len([]rune(r.Key)) > longestKey {
			t.Errorf("row %d: key %q is not new, or too long", r.Number, r.Key)
		}
		keys[r.Key] = true
		switch {
		case len(r.Problems) > 0:
			refused++
		case len(r.Repairs) > 0:
			repaired++
		default:
			ok++
		}
		for _, p := range r.Problems {
			reasons[p.Column+": "+words.Say(words.English, p.Code, p.Params)]++
		}
		for _, p := range r.Repairs {
			k := p.Code + " " + cut(p.Column, 50)
			if repairs[k]++; len(samples[k]) < 4 {
				samples[k] = append(samples[k], cut(p.Before, 60)+" → "+cut(p.After, 40))
			}
		}
		if r.Record.Dates.InUseSince != 0 {
			inUse++
		}
		if r.Retired {
			retired++
		}
		if len(r.Record.Groups)+len(r.Record.WorkerData)+len(r.Record.Manages) > 0 || r.Record.NoWorker {
			t.Errorf("row %d: facts about workers were invented", r.Number)
		}
		sayable(t, r)
	}
	want := map[string]int{"Operation and Maintenance": 874, "Acquisition and/or Development": 404, "Initiated": 370}
	for stage, n := range want {
		if stages[stage] != n {
			t.Errorf("stage %q: %d rows, want %d", stage, stages[stage], n)
		}
	}
	if ok+repaired+refused != 2133 || refused > 20 {
		t.Errorf("%d as they are, %d repaired, %d refused", ok, repaired, refused)
	}
	t.Logf("%d as they are, %d repaired, %d refused, in %v; %d retired, %d dated in use", ok, repaired, refused, took, retired, inUse)
	for why, n := range reasons {
		t.Logf("%5d refused: %s", n, why)
	}
	for what, n := range repairs {
		t.Logf("%5d %s: %s", n, what, strings.Join(samples[what], " | "))
	}
}

// sayable asks that every problem and repair has a whole sentence in both languages.
func sayable(t *testing.T, r Row) {
	t.Helper()
	say := func(code string, params models.Params) {
		for _, lang := range words.Languages() {
			if s := words.Say(lang, code, params); strings.ContainsAny(s, "⟦⟧") || strings.Contains(s, "“”") {
				t.Errorf("row %d, %s: %s", r.Number, lang, s)
			}
		}
	}
	for _, p := range r.Problems {
		say(p.Code, p.Params)
	}
	for _, p := range r.Repairs {
		say(p.Code, nil)
	}
}

func TestSameBytesGiveTheSameRows(t *testing.T) {
	t.Parallel()
	b := readReal(t)
	var runs [2]Conversion
	for i := range runs {
		table, err := ReadTable("us.csv", b)
		if err != nil {
			t.Fatal(err)
		}
		runs[i] = Convert(table, bundled(t))
	}
	if diff := cmp.Diff(runs[0], runs[1]); diff != "" {
		t.Error(diff)
	}
}
