package registertest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"beforehand/internal/register"
	"beforehand/models"
)

// Plan is a plan that lacks nothing: a difference in differences of minutes a
// case note, with three guardrails.
func Plan() models.Plan {
	both := func(en string) models.Text { return models.Text{En: en, Cy: "Cymraeg: " + en} }
	return models.Plan{
		Sentence: both("A case note takes ten minutes less."), Metric: "case_note_minutes", Population: both("Social workers of adult services"),
		Claimed: models.Claimed{Amount: 10}, Design: models.DesignDifference, Unit: "worker", Measurement: "system_timestamps", Checking: models.CheckingIncluded,
		Baseline: models.Window{From: models.MustDate("2026-03-02"), To: models.MustDate("2026-04-26")}, Observation: models.Window{From: models.MustDate("2026-05-04"), To: models.MustDate("2026-06-28")},
		Sampling: models.Sampling{Frame: both("Four teams of adult services"), Size: 46},
		Draws:    500, Seed: 7,
		Guardrails: []models.PlanGuardrail{
			{Metric: "blind_audit_errors", Kind: models.GuardMargin, Margin: 5, Name: both("Errors")},
			{Metric: "caseload_per_fte", Kind: models.GuardLimit, Margin: 24, Name: both("Caseload")},
			{Metric: "after_hours_edits", Kind: models.GuardMargin, Margin: 2, Name: both("After hours")},
		},
		DecisionRule: both("Go on if the claim is supported and no guardrail fails."),
		Columns: []models.Column{
			{Heading: "worker", Role: models.RoleOfWorker},
			{Heading: "team", Role: models.RoleOfTeam},
			{Heading: "arm", Role: models.RoleOfArm},
			{Heading: "date", Role: models.RoleOfDate},
			{Heading: "minutes", Role: models.RoleOfValue, Metric: "case_note_minutes"},
			{Heading: "error", Role: models.RoleOfValue, Metric: "blind_audit_errors"},
			{Heading: "caseload", Role: models.RoleOfValue, Metric: "caseload_per_fte"},
			{Heading: "after hours", Role: models.RoleOfValue, Metric: "after_hours_edits"},
		},
		KeepUntil: models.MustDate("2027-06-30"),
		Volume:    &models.Volume{PerYear: 300, Source: "Case system, 2025", HourPence: 2400, CashablePercent: 10},
	}
}

// Rows are rows of the plan in CSV: workers a side, by how many minutes those
// with the deployment became quicker, and the largest caseload.
func Rows(workers int, quicker, caseload float64) string {
	var b strings.Builder
	b.WriteString("worker,team,arm,date,minutes,error,caseload,after hours\n")
	for w := range 2 * workers {
		arm, team := "comparison", "T"+fmt.Sprint(1+w%2)
		if w >= workers {
			arm, team = "with", "T"+fmt.Sprint(3+w%2)
		}
		for i, day := range []string{"2026-03-10", "2026-03-24", "2026-04-14", "2026-05-12", "2026-06-09", "2026-06-23"} {
			// Spread that does not depend on the arm, so that the arms are balanced.
			minutes := 42 + 6*math.Sin(float64(w%workers)*1.7) + 3*math.Cos(float64((w%workers)*7+i*3))
			if arm == "with" && i > 2 {
				minutes -= quicker + 1.5*math.Sin(float64(w)*2.3)
			}
			cases := 18 + float64(w%5)
			if arm == "with" && i > 2 {
				cases = caseload - float64(w%3)
			}
			fmt.Fprintf(&b, "w%03d,%s,%s,%s,%.1f,%d,%.0f,%d\n", w+1, team, arm, day, minutes, (w*7+i*5)%13/12, cases, (w+i)%3)
		}
	}
	return b.String()
}

// Locked makes a claim on a deployment and locks its plan.
func (h *House) Locked(t testing.TB, ref string) register.ClaimView {
	t.Helper()
	v := need(h.MakeClaim(t.Context(), h.Manager, ref, Plan()))(t)
	return need(h.LockClaim(t.Context(), h.Manager, v.Ref, v.Version, ""))(t)
}

// Analysed makes a claim with rows and one result. A caseload above 24 breaches
// a guardrail.
func (h *House) Analysed(t testing.TB, ref string, quicker, caseload float64) register.ClaimView {
	t.Helper()
	v := h.Locked(t, ref)
	need(h.UploadDataset(t.Context(), h.Manager, v.Ref, "notes.csv", strings.NewReader(Rows(12, quicker, caseload))))(t)
	run := need(h.Analyse(t.Context(), h.Manager, v.Ref))(t)
	if run.State != models.RunDone {
		t.Fatalf("the analysis ended %s: %s", run.State, run.Refusal)
	}
	return need(h.Register.Claim(t.Context(), h.Manager, v.Ref))(t)
}

// Shared is Analysed, and shared with the unions.
func (h *House) Shared(t testing.TB, ref string, quicker, caseload float64) register.ClaimView {
	t.Helper()
	v := h.Analysed(t, ref, quicker, caseload)
	return need(h.ShareClaim(t.Context(), h.Manager, v.Ref, v.Version))(t)
}
