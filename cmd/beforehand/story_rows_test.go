package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
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

// scores are n values with mean nought and the standard deviation asked for,
// spread like a bell and in an order that means nothing.
func scores(rng *rand.Rand, n int, sd float64) []float64 {
	out, sum := make([]float64, n), 0.0
	for i := range out {
		p := (float64(i) + 0.625) / (float64(n) + 0.25)
		out[i] = math.Sqrt2 * math.Erfinv(2*p-1)
		sum += out[i] * out[i]
	}
	scale := sd / math.Sqrt(sum/float64(n-1))
	rng.Shuffle(n, func(i, j int) { out[i], out[j] = out[j], out[i] })
	for i := range out {
		out[i] *= scale
	}
	return out
}

// around are n skewed values whose mean is the one asked for.
func around(rng *rand.Rand, n int, mean float64) []float64 {
	out, sum := make([]float64, n), 0.0
	for i := range out {
		out[i] = math.Exp(0.35 * rng.NormFloat64())
		sum += out[i]
	}
	for i := range out {
		out[i] *= mean * float64(n) / sum
	}
	return out
}

// workdays are the first n of every few working days from a day on.
func workdays(from models.Date, every, n int) []models.Date {
	var out []models.Date
	for d, k := from, 0; len(out) < n; d++ {
		if w := d.Weekday(); w == 0 || w == 6 {
			continue
		}
		if k%every == 0 {
			out = append(out, d)
		}
		k++
	}
	return out
}

// spreadOfChanges is how much the workers' changes differ: it makes the
// interval of the story, 3 minutes either way.
const spreadOfChanges = 5.06

// makeCaseNotes makes the rows of 24 workers with the tool and 22 without:
// 42.5 minutes a note became 31.1, and 0.8 less without.
func makeCaseNotes() string {
	rng := rand.New(rand.NewPCG(2026, 3))
	var b strings.Builder
	b.WriteString("worker,team,arm,date,language,minutes,error,caseload,after hours edits\n")
	before, after := workdays(models.MustDate("2026-07-06"), 2, 20), workdays(models.MustDate("2026-11-04"), 1, 10)
	worker := 0
	for _, arm := range []struct {
		name         string
		n            int
		from, change float64
		teams        [2]string
	}{{"with", 24, 42.5, -11.4, [2]string{"A", "B"}}, {"comparison", 22, 42.9, -0.8, [2]string{"C", "D"}}} {
		base, changes := scores(rng, arm.n, 5.5), scores(rng, arm.n, spreadOfChanges)
		for i := range arm.n {
			worker++
			level, load := arm.from+base[i], 18+i%6
			for _, w := range []struct {
				days  []models.Date
				mean  float64
				after bool
			}{{before, level, false}, {after, level + arm.change + changes[i], true}} {
				minutes := around(rng, len(w.days), w.mean)
				for k, day := range w.days {
					cases, edits := load, rng.IntN(3)
					if w.after && arm.name == "with" {
						cases, edits = load+5, rng.IntN(5)/2
						if i%6 > 2 {
							cases = load + 3
						}
					}
					audited := ""
					if k%2 == 0 {
						audited = "0"
						if rng.Float64() < 0.09 {
							audited = "1"
						}
					}
					language := "English"
					if rng.IntN(3) == 0 {
						language = "Welsh"
					}
					fmt.Fprintf(&b, "p%02d,%s,%s,%s,%s,%.1f,%s,%d,%d\n", worker, arm.teams[i%2], arm.name, day, language, minutes[k], audited, cases, edits)
				}
			}
		}
	}
	return b.String()
}

// makeApplications makes the rows of 14 people who screen: 14.6 minutes an
// application became 8.7, and 0.69 as many disabled applicants as others were
// shortlisted.
func makeApplications() string {
	rng := rand.New(rand.NewPCG(2026, 7))
	var b strings.Builder
	b.WriteString("worker,date,group,minutes,shortlisted,error,opened again\n")
	before, after := workdays(models.MustDate("2026-02-02"), 2, 24), workdays(models.MustDate("2026-04-13"), 1, 100)
	base, changes := scores(rng, 14, 1.6), scores(rng, 14, 1.5)
	others, disabled := quota{share: 0.29}, quota{share: 0.2001}
	for i := range 14 {
		for _, w := range []struct {
			days  []models.Date
			mean  float64
			after bool
		}{{before, 14.6 + base[i], false}, {after, 8.7 + base[i] + changes[i], true}} {
			minutes := around(rng, len(w.days), w.mean)
			for k, day := range w.days {
				group, chosen := "others", rng.Float64() < 0.28
				if rng.IntN(6) == 0 {
					group = "disabled"
				}
				if w.after {
					chosen = others.next()
					if group == "disabled" {
						others.undo(chosen)
						chosen = disabled.next()
					}
				}
				audited := ""
				if k%4 == 0 {
					audited = yes(rng.Float64() < 0.06)
				}
				fmt.Fprintf(&b, "s%02d,%s,%s,%.1f,%s,%s,%s\n", i+1, day, group, minutes[k], yes(chosen), audited, yes(rng.Float64() < 0.05))
			}
		}
	}
	return b.String()
}

func yes(is bool) string {
	if is {
		return "1"
	}
	return "0"
}

// quota selects a share of those it is asked about, as evenly as can be.
type quota struct {
	share           float64
	asked, selected int
}

func (q *quota) next() bool {
	q.asked++
	chosen := float64(q.selected) < q.share*float64(q.asked)-0.5
	if chosen {
		q.selected++
	}
	return chosen
}

func (q *quota) undo(chosen bool) {
	q.asked--
	if chosen {
		q.selected--
	}
}
