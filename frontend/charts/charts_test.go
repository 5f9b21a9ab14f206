package charts

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

func day(d int) string {
	return time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).AddDate(0, 0, d).Format("2 Jan 2006")
}

func frame(id string) Frame {
	return Frame{ID: id, Language: "cy", Title: "Munudau fesul nodyn achos", Text: "Arbedwyd 4.1 munud (2.0 i 6.2).", Axis: "munud fesul nodyn achos", Number: number}
}

func intervals() Intervals {
	return Intervals{
		Frame: frame("effect"),
		Heads: IntervalHeads{"Result", "Estimate", "From", "To"},
		Rows: []Interval{
			{Label: "All workers", Value: "4.1 (2.0 to 6.2)", Point: 4.1, Low: 2, High: 6.2},
			{Label: "Welsh: notes that were written in Welsh or in both languages by workers of the county’s three area teams", Value: "1.2 (−1.5 to 3.9)", Point: 1.2, Low: -1.5, High: 3.9},
			{Label: "What people say themselves", Value: "9.0 (7.4 to 10.6)", Point: 9, Low: 7.4, High: 10.6, Open: true},
		},
		Lines: []Line{{Zero, 0, "No change"}, {Claim, 8, "Claimed: 8"}, {Margin, -1, "Margin: −1"}},
	}
}

func spreads() Spreads {
	return Spreads{
		Frame: frame("spread"),
		Heads: SpreadHeads{"Group", "P10", "P25", "Median", "P75", "P90", "Mean", "Middle half of workers", "Middle eight tenths of workers"},
		Groups: []Spread{
			{Label: "Comparison", Value: "n = 41", P10: 8, P25: 11, Median: 14, P75: 19, P90: 30, Mean: 16.2},
			{Label: "With the deployment", Value: "n = 39", P10: 6, P25: 8.5, Median: 10, P75: 14, P90: 25, Mean: 12.1},
		},
		Lines: []Line{{Claim, 9, "Claimed"}},
	}
}

func course() Course {
	f := Course{
		Frame: frame("course"), Day: day, Start: 56,
		Heads: CourseHeads{"Week of", "Minutes", "Before", "Since the start", "Fitted line", "As it would have gone on", "Start of the pilot"},
	}
	for w := range 16 {
		v := 14 - 0.05*float64(w) + math.Sin(float64(w))
		if w >= 8 {
			v -= 3
		}
		f.Points = append(f.Points, Point{7 * w, v})
	}
	f.Fitted = [][]Point{{{0, 14.1}, {49, 13.7}}, {{56, 10.7}, {105, 10.3}}}
	f.Counterfactual = []Point{{56, 13.6}, {105, 13.2}}
	return f
}

func drawn(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	var err error
	for name, draw := range map[string]func() (string, error){
		"intervals": func() (string, error) { return DotInterval(intervals()) },
		"spreads":   func() (string, error) { return Distribution(spreads()) },
		"course":    func() (string, error) { return Series(course()) },
	} {
		if out[name], err = draw(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestGoldens(t *testing.T) {
	for name, got := range drawn(t) {
		file := filepath.Join("testdata", name+".svg")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs; look at it and run with -update", file)
		}
	}
}

var (
	forbidden = regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|href=|javascript:|<foreignObject|<image|url\(|#[0-9a-f]{3,6}"`)
	coloured  = regexp.MustCompile(`(?:fill|stroke)="([^"]*)"`)
	placed    = regexp.MustCompile(`\b(?:x|y|x1|y1|x2|y2|cx|cy)="([^"]*)"`)
)

// checkSVG holds a figure to what every figure is.
func checkSVG(t *testing.T, id, s string) {
	t.Helper()
	ids, labelled, texts := map[string]bool{}, "", 0
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, s)
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local == "text" {
			texts++
		}
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "id":
				ids[a.Value] = true
			case "aria-labelledby":
				labelled = a.Value
			}
		}
	}
	if labelled != id+"-title "+id+"-desc" || !ids[id+"-title"] || !ids[id+"-desc"] || texts == 0 {
		t.Errorf("labelled by %q, ids %v, %d texts", labelled, ids, texts)
	}
	tags := regexp.MustCompile(`>[^<]*<`).ReplaceAllString(s, "><") // without what is said
	if bad := forbidden.FindString(tags); bad != "" {
		t.Errorf("holds %q", bad)
	}
	for _, m := range coloured.FindAllStringSubmatch(tags, -1) {
		if m[1] != "currentColor" && m[1] != "none" {
			t.Errorf("colour %q", m[1])
		}
	}
	for _, m := range placed.FindAllStringSubmatch(tags, -1) {
		if v, err := strconv.ParseFloat(m[1], 64); err != nil || math.IsNaN(v) || math.Abs(v) > 1e5 {
			t.Errorf("place %q", m[1])
		}
	}
}

func TestFiguresAreAccessible(t *testing.T) {
	t.Parallel()
	ids := map[string]string{"intervals": "effect", "spreads": "spread", "course": "course"}
	for name, s := range drawn(t) {
		checkSVG(t, ids[name], s)
		for _, want := range []string{`role="img"`, `xml:lang="cy"`, `viewBox="0 0 640 `, `width="100%"`, "<title ", "<desc "} {
			if !strings.Contains(s, want) {
				t.Errorf("%s has no %s", name, want)
			}
		}
	}
}

const nasty = `</text><script>alert(1)</script>"' onload="x" style="a" & <b> ` + "\x00\x1b\xff\u202e"

func TestHostileWordsAreEscaped(t *testing.T) {
	t.Parallel()
	i, d, c := intervals(), spreads(), course()
	for _, f := range []*Frame{&i.Frame, &d.Frame, &c.Frame} {
		f.Title, f.Text, f.Axis = nasty, nasty, nasty
		f.Number = func(float64) string { return nasty }
	}
	i.Rows[0].Label, i.Rows[0].Value, i.Lines[0].Label = nasty, nasty, nasty
	d.Groups[0].Label, d.Heads.Median = nasty, nasty
	c.Heads.Start, c.Heads.Fitted, c.Day = nasty, nasty, func(int) string { return nasty }
	for id, draw := range map[string]func() (string, error){
		"effect": func() (string, error) { return DotInterval(i) },
		"spread": func() (string, error) { return Distribution(d) },
		"course": func() (string, error) { return Series(c) },
	} {
		s, err := draw()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(s, "<script") || strings.Contains(s, "<b>") {
			t.Errorf("%s: not escaped", id)
		}
		checkSVG(t, id, s)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		draw func() (string, error)
		want error
	}{
		"NaN":             {func() (string, error) { f := intervals(); f.Rows[0].Low = math.NaN(); return DotInterval(f) }, ErrNotFinite},
		"infinity":        {func() (string, error) { f := intervals(); f.Lines[0].At = math.Inf(1); return DotInterval(f) }, ErrNotFinite},
		"reversed":        {func() (string, error) { f := intervals(); f.Rows[0].Low = 99; return DotInterval(f) }, ErrOrder},
		"no rows":         {func() (string, error) { f := intervals(); f.Rows = nil; return DotInterval(f) }, ErrEmpty},
		"many rows":       {func() (string, error) { f := intervals(); f.Rows = make([]Interval, 201); return DotInterval(f) }, ErrTooMany},
		"no title":        {func() (string, error) { f := intervals(); f.Title = ""; return DotInterval(f) }, ErrFrame},
		"a broken tongue": {func() (string, error) { f := intervals(); f.Language = `c"y`; return DotInterval(f) }, ErrFrame},
		"a broken ID":     {func() (string, error) { f := intervals(); f.ID = `a"b`; return DotInterval(f) }, ErrFrame},
		"NaN quantile":    {func() (string, error) { f := spreads(); f.Groups[0].Mean = math.NaN(); return Distribution(f) }, ErrNotFinite},
		"wild quantiles":  {func() (string, error) { f := spreads(); f.Groups[0].P25 = 0; return Distribution(f) }, ErrOrder},
		"no groups":       {func() (string, error) { f := spreads(); f.Groups = nil; return Distribution(f) }, ErrEmpty},
		"NaN point":       {func() (string, error) { f := course(); f.Points[3].Value = math.NaN(); return Series(f) }, ErrNotFinite},
		"NaN fit":         {func() (string, error) { f := course(); f.Fitted[0][0].Value = math.Inf(-1); return Series(f) }, ErrNotFinite},
		"no points":       {func() (string, error) { f := course(); f.Points = nil; return Series(f) }, ErrEmpty},
		"no day format":   {func() (string, error) { f := course(); f.Day = nil; return Series(f) }, ErrFrame},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if s, err := tc.draw(); !errors.Is(err, tc.want) || s != "" {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]interface {
		Table() ([]string, [][]string)
	}{"intervals": intervals(), "spreads": spreads(), "course": course()} {
		headings, rows := f.Table()
		if len(rows) < 3 {
			t.Errorf("%s: %d rows", name, len(rows))
		}
		for _, r := range rows {
			if len(r) != len(headings) {
				t.Errorf("%s: row %v under %v", name, r, headings)
			}
		}
	}
	_, rows := course().Table()
	if got := rows[8]; got[0] != "2 Mar 2026" || got[2] != "10.7" || got[3] != "13.6" {
		t.Errorf("got %v", got)
	}
}

func TestTicks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		low, high float64
		want      string
	}{
		{0, 10, "[0 2 4 6 8 10]"},
		{-1.5, 10.6, "[0 5 10]"},
		{0, 1, "[0 0.2 0.4 0.6 0.8 1]"},
		{0.1, 0.4, "[0.1 0.15 0.2 0.25 0.3 0.35 0.4]"},
		{-300, 1200, "[0 500 1000]"},
		{1e6, 1e6 + 3, "[1e+06 1.0000005e+06 1.000001e+06 1.0000015e+06 1.000002e+06 1.0000025e+06 1.000003e+06]"},
	} {
		if got := fmt.Sprint(scale{tc.low, tc.high, 0, 1}.ticks(6)); got != tc.want {
			t.Errorf("%v to %v: %s", tc.low, tc.high, got)
		}
	}
	for _, v := range []float64{0, 1, -1, 1e15, -1e15, 1e-300, 5e-324} {
		if got := newScale([]float64{v, v}, 0, 1).ticks(6); len(got) < 2 || len(got) > 15 {
			t.Errorf("%v: %v", v, got)
		}
	}
	for _, last := range []int{0, 1, 6, 27, 200, 3650, 100_000} {
		if got := dayTicks(0, last, 6); len(got) < 1 || len(got) > 7 {
			t.Errorf("%d days: %v", last, got)
		}
	}
}

func FuzzFigures(f *testing.F) {
	f.Add(1.0, 0.5, 2.0, "a label", 3)
	f.Add(-1e15, -1e15, 1e15, nasty, -10)
	f.Add(math.NaN(), 0.0, 1e-320, "", 1<<40)
	f.Fuzz(func(t *testing.T, point, low, high float64, label string, days int) {
		i := intervals()
		i.Rows = append(i.Rows, Interval{Label: label, Value: label, Point: point, Low: low, High: high})
		i.Lines[0] = Line{Kind: LineKind(days), At: low, Label: label}
		if s, err := DotInterval(i); err == nil {
			checkSVG(t, "effect", s)
		}
		d := spreads()
		d.Groups = []Spread{{label, label, low, low, point, high, high, low}}
		if s, err := Distribution(d); err == nil {
			checkSVG(t, "spread", s)
		}
		c := course()
		c.Title, c.Heads.Start, c.Start = label, label, days
		c.Points = append(c.Points, Point{days, high})
		if s, err := Series(c); err == nil {
			checkSVG(t, "course", s)
		}
	})
}
