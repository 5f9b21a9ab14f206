package study

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"beforehand/internal/report"
	"beforehand/models"
)

// What is written for keeping is read back as it was but for people's names,
// and its hash does not depend on those.
func TestRowsAreReadBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Float64Range(-1e300, 1e300), rapid.Just(math.NaN()))
		word := rapid.StringN(0, 12, 40)
		var rows []report.DataRow
		for i := range rapid.IntRange(1, 30).Draw(t, "rows") {
			rows = append(rows, report.DataRow{
				Worker: fmt.Sprintf("w%d", rapid.IntRange(0, 9).Draw(t, "worker")), Team: word.Draw(t, "team"), Group: word.Draw(t, "group"), Language: word.Draw(t, "language"), Pair: word.Draw(t, "pair"),
				Arm: int8(rapid.IntRange(-1, 1).Draw(t, "arm")), Period: int8(rapid.IntRange(-1, 1).Draw(t, "period")), Date: models.MustDate("2026-01-01").AddDays(i),
				Volume: number.Draw(t, "volume"), Values: []float64{number.Draw(t, "a"), number.Draw(t, "b")},
			})
		}
		var kept bytes.Buffer
		w, straight := NewWriter(&kept, func(s string) string { return "other " + s }), NewRows(2)
		for _, row := range rows {
			if err := w.Add(row); err != nil {
				t.Fatal(err)
			}
			if err := straight.Add(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		back, err := Read(&kept, 2)
		if err != nil {
			t.Fatal(err)
		}
		if back.Sum() != straight.Sum() || back.Workers() != straight.Workers() || back.Outside() != straight.Outside() || back.Rows() != len(rows) {
			t.Fatalf("%d rows became %d, %s and %s", len(rows), back.Rows(), straight.Sum(), back.Sum())
		}
		for i, row := range rows {
			if v := back.values[1][i]; v != row.Values[1] && !(math.IsNaN(v) && math.IsNaN(row.Values[1])) {
				t.Fatalf("row %d: %v became %v", i, row.Values[1], v)
			}
		}
	})
}

func TestRowsThatWereNotWrittenHereAreAnError(t *testing.T) {
	t.Parallel()
	var truncated bytes.Buffer
	w := NewWriter(&truncated, func(s string) string { return s })
	for range 100 {
		if err := w.Add(report.DataRow{Worker: "w1", Values: []float64{1}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"nothing": nil, "no compression": []byte("w1\t"), "cut": truncated.Bytes()[:truncated.Len()-6]} {
		if _, err := Read(bytes.NewReader(b), 1); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if _, err := Read(bytes.NewReader(truncated.Bytes()), 2); err == nil || !strings.Contains(err.Error(), "row 1") {
		t.Errorf("rows of another plan: %v", err)
	}
}

// fewWelsh are rows of some workers, of whom a few also work in Welsh.
func fewWelsh(welsh int) (*Rows, Study) {
	rows := NewRows(1)
	for w := range 30 {
		for k := range 8 {
			d := report.DataRow{Worker: fmt.Sprintf("w%02d", w), Language: "English", Arm: -1, Period: int8(k / 4), Date: models.MustDate("2026-03-02").AddDays(k*7 + 30*(k/4)), Volume: 1}
			if w < welsh && k%2 == 0 {
				d.Language = "Welsh"
			}
			d.Values = []float64{40 + float64((w*7+k*3)%11) - 3*float64(k/4)}
			if err := rows.Add(d); err != nil {
				panic(err) // nothing can fail in memory
			}
		}
	}
	return rows, Study{
		Plan: models.Plan{
			Metric: "m", Design: models.DesignPaired, Unit: "worker", Claimed: models.Claimed{Amount: 2}, Draws: 500,
			Columns: []models.Column{{Heading: "m", Role: models.RoleOfValue, Metric: "m"}, {Heading: "l", Role: models.RoleOfLanguage}},
		},
		Metrics: map[string]models.Metric{"m": {Key: "m", Kind: models.MetricDuration, Better: models.LowerIsBetter}}, Least: 10,
	}
}

// A union's question must not tell of a few people by what it leaves out.
func TestAQuestionTellsNothingOfAFew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		welsh    int
		language string
		refused  bool
	}{{3, "Welsh", true}, {3, "English", true}, {9, "English", true}, {12, "Welsh", false}, {12, "English", false}, {12, "Cornish", true}} {
		rows, s := fewWelsh(c.welsh)
		_, err := s.Analyse(t.Context(), Data{Rows: rows}, &models.Question{Language: c.language}, nil)
		if refused := models.CodeOf(err) == "analysis_refused"; refused != c.refused || err != nil && !refused {
			t.Errorf("%d work in Welsh too, asked of %s: %v", c.welsh, c.language, err)
		}
	}
}

func TestNoFigureIsEverNoNumber(t *testing.T) {
	t.Parallel()
	rows, s := fewWelsh(12)
	res, err := s.Analyse(t.Context(), Data{Rows: rows}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if m := res.Primary.Main; m.Low > m.Effect || m.Effect > m.High || res.Verdict.Verdict != models.VerdictSupported && res.Verdict.Verdict != models.VerdictInPart {
		t.Errorf("%+v %s", m, res.Verdict.Verdict)
	}
	if digits(math.NaN()) != 0 || digits(-1e-310) == 0 || digits(1.23456789012345) != 1.23456789012 {
		t.Error("digits")
	}
}

func TestTheSampleSizeFindsTheEffectThatItWasAskedFor(t *testing.T) {
	t.Parallel()
	for _, design := range []models.ClaimDesign{models.DesignRandomisedStaff, models.DesignDifference, models.DesignPaired, models.DesignStepped, models.DesignSurvey} {
		a, _, err := SampleSize(models.SampleQuestion{Design: design, SD: 8, Effect: 4})
		if err != nil || a.PerArm < 10 {
			t.Fatalf("%s: %+v %v", design, a, err)
		}
		back, _, err := SampleSize(models.SampleQuestion{Design: design, SD: 8, N: [2]int{a.PerArm, a.PerArm}})
		if err != nil || back.MDE > 4 || back.MDE < 3.6 {
			t.Errorf("%s: %d people find %v, %v", design, a.PerArm, back.MDE, err)
		}
	}
	if _, _, err := SampleSize(models.SampleQuestion{Design: models.DesignSeries, SD: 8, Effect: 4}); models.KindOf(err) != models.Invalid {
		t.Errorf("a series: %v", err)
	}
}

// Two answers must not tell of one person by their difference.
func TestTwoQuestionsDoNotTellOfOnePerson(t *testing.T) {
	t.Parallel()
	rows, s := fewWelsh(12)
	early := models.Window{From: models.MustDate("2026-04-01"), To: models.MustDate("2026-12-31")}
	if err := rows.Add(report.DataRow{Worker: "w00", Language: "English", Arm: -1, Period: 1, Date: models.MustDate("2026-12-31"), Volume: 1, Values: []float64{99}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Analyse(t.Context(), Data{Rows: rows}, &models.Question{Observed: &early}, nil); err != nil {
		t.Fatalf("all of it: %v", err)
	}
	early.To--
	if _, err := s.Analyse(t.Context(), Data{Rows: rows}, &models.Question{Observed: &early}, nil); models.CodeOf(err) != "analysis_refused" {
		t.Errorf("all but one person's last row: %v", err)
	}
	// Against an earlier answer, and not only against all rows.
	welsh, s := fewWelsh(12)
	s.Asked = []models.Question{{Language: "Welsh", Observed: &models.Window{From: models.MustDate("2026-01-01"), To: models.MustDate("2027-01-01")}}}
	if _, err := s.Analyse(t.Context(), Data{Rows: welsh}, &models.Question{Language: "Welsh"}, nil); err != nil {
		t.Errorf("the same rows again: %v", err)
	}
}

// With steps the comparison ends by itself, and the rows are no less whole.
func TestTheLastDayIsOfTheArmThatMustLast(t *testing.T) {
	t.Parallel()
	rows := NewRows(1)
	for i, arm := range []int8{0, 1} {
		if err := rows.Add(report.DataRow{Worker: "w1", Arm: arm, Period: 1, Date: models.MustDate("2026-05-01").AddDays(30 * i), Values: []float64{1}}); err != nil {
			t.Fatal(err)
		}
	}
	if rows.last(true) != models.MustDate("2026-05-01") || rows.last(false) != models.MustDate("2026-05-31") || rows.span(1) != 31 || rows.span(0) != 0 {
		t.Errorf("%s, %s, %d", rows.last(true), rows.last(false), rows.span(1))
	}
}
