package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"beforehand/internal/register"
	"beforehand/models"
)

var update = flag.Bool("update", false, "write the demo's rows anew")

// The demo's rows are the ones that were generated for it.
func TestTheDemoRowsAreTheGeneratedOnes(t *testing.T) {
	for name, made := range map[string]string{"case-notes.csv": makeCaseNotes(), "applications.csv": makeApplications()} {
		path := filepath.Join("demo", name)
		if *update {
			if err := os.WriteFile(path, []byte(made), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(kept) != made {
			t.Errorf("%s differs from what is generated", name)
		}
	}
}

// The demo's claims come out as the story says, from the committed rows.
func TestTheDemoClaimsComeOutAsTheStorySays(t *testing.T) {
	t.Parallel()
	notes := analyseDemo(t, "case-notes")
	p := notes.Primary
	for _, want := range []struct {
		what string
		is   float64
		says string
	}{
		{"before", p.Before, "42.5"}, {"after", p.After, "31.1"}, {"effect", p.Main.Effect, "-10.6"}, {"low", p.Main.Low, "-13.6"}, {"high", p.Main.High, "-7.6"},
	} {
		if got := strings.TrimSuffix(number(want.is), ".0"); got != want.says {
			t.Errorf("case notes, %s: %s, and the story says %s", want.what, got, want.says)
		}
	}
	if p.Workers != [2]int{22, 24} || notes.Grade.Grade != models.GradeE3 || notes.Verdict.Verdict != models.VerdictInPart {
		t.Errorf("case notes: %v workers, %s, %s", p.Workers, notes.Grade.Grade, notes.Verdict.Verdict)
	}
	for i, state := range []models.GuardState{models.GuardNotSafe, models.GuardBreached, models.GuardHeld} {
		if notes.Guardrails[i].State != state {
			t.Errorf("case notes, guardrail %s: %s, not %s (%+v)", notes.Guardrails[i].Metric, notes.Guardrails[i].State, state, notes.Guardrails[i].Why)
		}
	}
	applications := analyseDemo(t, "applications")
	if got := number(applications.Primary.Main.Effect); got != "-5.9" || applications.Grade.Grade != models.GradeE2 {
		t.Errorf("applications: %s, %s", got, applications.Grade.Grade)
	}
	ratio := applications.Guardrails[0]
	if ratio.Finding == nil || number2(ratio.Finding.Main.Effect) != "0.69" || ratio.State != models.GuardBreached {
		t.Errorf("applications, shortlist ratio: %+v", ratio)
	}
}

func analyseDemo(t *testing.T, name string) models.Result {
	t.Helper()
	plan, err := os.ReadFile(filepath.Join("demo", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := os.ReadFile(filepath.Join("demo", name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	body, _, err := register.AnalyseFile(t.Context(), register.Standalone{Plan: plan, Rows: bytes.NewReader(rows), Least: 10, LockedFirst: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var res models.Result
	if err := json.Unmarshal(body, &res); err != nil {
		t.Fatal(err)
	}
	return res
}

func number(v float64) string  { return trimmed(v, 1) }
func number2(v float64) string { return trimmed(v, 2) }

func trimmed(v float64, places int) string { return strconv.FormatFloat(v, 'f', places, 64) }
