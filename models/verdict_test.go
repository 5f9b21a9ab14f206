package models

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func minutes(effect, low, high float64) Finding {
	return Finding{Better: LowerIsBetter, Before: 40, Main: Measured{Effect: effect, Low: low, High: high}, UnitName: Text{En: "minutes"}}
}

func TestTheVerdictFollowsTheInterval(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		finding Finding
		claimed Claimed
		verdict ClaimVerdict
		why     string
	}{
		{"beyond the claim", minutes(-12, -14, -10.5), Claimed{Amount: 10}, VerdictSupported, "verdict.beyond_claim"},
		{"just at the claim", minutes(-12, -14, -10), Claimed{Amount: 10}, VerdictSupported, "verdict.beyond_claim"},
		{"the claim within it", minutes(-10.6, -13.6, -7.6), Claimed{Amount: 10}, VerdictInPart, "verdict.claim_within"},
		{"short of the claim", minutes(-5, -7, -3), Claimed{Amount: 10}, VerdictInPart, "verdict.short_of_claim"},
		{"spans nought", minutes(-2, -5, 1), Claimed{Amount: 10}, VerdictNotShown, "verdict.spans_nought"},
		{"ends at nought", minutes(-2, -5, 0), Claimed{Amount: 10}, VerdictNotShown, "verdict.spans_nought"},
		{"all of it worse", minutes(3, 1, 5), Claimed{Amount: 10}, VerdictContradicted, "verdict.worse"},
		{"half of the baseline", minutes(-22, -24, -20.5), Claimed{Amount: 50, Relative: true}, VerdictSupported, "verdict.beyond_claim"},
		{"not half of it", minutes(-12, -14, -10.5), Claimed{Amount: 50, Relative: true}, VerdictInPart, "verdict.short_of_claim"},
		{"a share of nothing", Finding{Main: Measured{Effect: 1, Low: 1, High: 1}}, Claimed{Amount: 50, Relative: true}, VerdictNotShown, "verdict.no_baseline"},
		{"a ratio below one", Finding{Better: LowerIsBetter, Ratio: true, Before: 40, Main: Measured{Effect: 0.7, Low: 0.6, High: 0.74}}, Claimed{Amount: 25, Relative: true}, VerdictSupported, "verdict.beyond_claim"},
		{"a ratio in minutes", Finding{Better: LowerIsBetter, Ratio: true, Before: 40, Main: Measured{Effect: 0.7, Low: 0.6, High: 0.8}}, Claimed{Amount: 10}, VerdictInPart, "verdict.claim_within"},
		{"higher is better", Finding{Better: HigherIsBetter, Main: Measured{Effect: 4, Low: 3, High: 5}}, Claimed{Amount: 2}, VerdictSupported, "verdict.beyond_claim"},
	} {
		if got := Judge(c.finding, c.claimed); got.Verdict != c.verdict || got.Why.Code != c.why || got.Rule.Code != "verdict.rule."+string(c.verdict) {
			t.Errorf("%s: %s, %s", c.name, got.Verdict, got.Why.Code)
		}
	}
}

// Whatever the figures, one verdict is given, a larger claim is never easier to
// support, and what is supported is never a loss.
func TestALargerClaimIsNeverEasier(t *testing.T) {
	t.Parallel()
	rank := []ClaimVerdict{VerdictContradicted, VerdictNotShown, VerdictInPart, VerdictSupported}
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(-50, 50).Draw(t, "low")
		wide := rapid.Float64Range(0, 30).Draw(t, "wide")
		f := Finding{Better: rapid.SampledFrom([]Better{LowerIsBetter, HigherIsBetter}).Draw(t, "better"), Before: 40, Main: Measured{Effect: low + wide/2, Low: low, High: low + wide}}
		amount := rapid.Float64Range(0.1, 40).Draw(t, "amount")
		small, large := Judge(f, Claimed{Amount: amount}), Judge(f, Claimed{Amount: amount + rapid.Float64Range(0, 20).Draw(t, "more")})
		if slices.Index(rank, large.Verdict) > slices.Index(rank, small.Verdict) {
			t.Fatalf("%s for the small claim, %s for the large", small.Verdict, large.Verdict)
		}
		if gain, _ := f.Gain(Claimed{Amount: amount}); small.Verdict == VerdictSupported && (gain.Low <= 0 || gain.Low > gain.High) || math.IsNaN(gain.Effect) {
			t.Fatalf("supported at %+v", gain)
		}
	})
}

func TestTheGradeFollowsTheDesign(t *testing.T) {
	t.Parallel()
	trial := func(change func(*GradeFacts)) GradeFacts {
		f := GradeFacts{
			Plan: Plan{Design: DesignRandomisedStaff, Unit: "worker", Measurement: "system_timestamps"}, Primary: &Finding{Workers: [2]int{20, 20}, Balanced: true},
			Guardrails: []GuardrailFinding{{State: GuardHeld}, {State: GuardBreached}, {State: GuardNotSafe}}, LockedFirst: true,
		}
		if change != nil {
			change(&f)
		}
		return f
	}
	for _, c := range []struct {
		name  string
		facts GradeFacts
		grade Grade
		why   string
	}{
		{"a trial", trial(nil), GradeE4, "grade.once"},
		{"a trial without a baseline", trial(func(f *GradeFacts) { f.Primary.Balanced = false }), GradeE4, "grade.once"},
		{"found again", trial(func(f *GradeFacts) { f.Again = true }), GradeE5, "grade.again"},
		{"someone independent, six months on", trial(func(f *GradeFacts) { f.Independent, f.MonthsOn = true, 6 }), GradeE5, "grade.independent"},
		{"someone independent, at once", trial(func(f *GradeFacts) { f.Independent, f.MonthsOn = true, 5 }), GradeE4, "grade.once"},
		{"locked after the rows", trial(func(f *GradeFacts) { f.LockedFirst = false }), GradeE3, "grade.locked_late"},
		{"a guardrail unreported", trial(func(f *GradeFacts) { f.Guardrails[1].State = GuardNotReported }), GradeE3, "grade.guardrails_unreported"},
		{"two guardrails", trial(func(f *GradeFacts) { f.Guardrails = f.Guardrails[:2] }), GradeE3, "grade.guardrails_unreported"},
		{"rows of randomised staff", trial(func(f *GradeFacts) { f.Plan.Unit = "row" }), GradeE3, "grade.wrong_unit"},
		{"arms of the wrong size", trial(func(f *GradeFacts) { f.Primary.Checks = []SoundnessCheck{{Code: "sample_ratio"}} }), GradeE3, "grade.sample_ratio"},
		{"one arm lost more", trial(func(f *GradeFacts) { f.Primary.Checks = []SoundnessCheck{{Code: "attrition"}} }), GradeE3, "grade.attrition"},
		{"a comparison", trial(func(f *GradeFacts) { f.Plan.Design = DesignDifference }), GradeE3, "grade.not_randomised"},
		{"a comparison unlike", trial(func(f *GradeFacts) { f.Plan.Design, f.Primary.Balanced = DesignDifference, false }), GradeE2, "grade.unbalanced"},
		{"before and after", trial(func(f *GradeFacts) { f.Plan.Design = DesignBeforeAfter }), GradeE2, "grade.no_comparison"},
		{"a series", trial(func(f *GradeFacts) { f.Plan.Design = DesignSeries }), GradeE2, "grade.no_comparison"},
		{"a survey", trial(func(f *GradeFacts) { f.Plan.Design = DesignSurvey }), GradeE1, "grade.survey"},
		{"asked of a trial", trial(func(f *GradeFacts) { f.Plan.Measurement = "survey" }), GradeE1, "grade.survey"},
		{"estimated", trial(func(f *GradeFacts) { f.Plan.Measurement = "estimate" }), GradeE0, "grade.estimated"},
		{"the supplier's", trial(func(f *GradeFacts) { f.Plan.Design = DesignVendor }), GradeE0, "grade.vendor"},
		{"typed in", GradeFacts{}, GradeE0, "grade.asserted"},
	} {
		got := GradeOf(c.facts)
		if got.Grade != c.grade || !slices.ContainsFunc(got.Why, func(r Reason) bool { return r.Code == c.why }) {
			t.Errorf("%s: %s because of %v", c.name, got.Grade, got.Why)
		}
	}
}

func TestSharesOfAGainSumToAHundred(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		shares map[string]int
		code   string
	}{
		"a hundred":   {map[string]int{"direct_work": 70, "unknown": 30}, ""},
		"99":          {map[string]int{"direct_work": 99}, "shares_sum"},
		"nothing":     {nil, "shares_sum"},
		"below":       {map[string]int{"direct_work": 110, "unknown": -10}, "out_of_range"},
		"a new use":   {map[string]int{"bonuses": 100}, "unknown_value"},
		"much of all": {map[string]int{"direct_work": math.MaxInt, "unknown": math.MaxInt}, "out_of_range"},
	} {
		err := CheckShares(c.shares)
		if e, _ := err.(*Error); (e == nil) != (c.code == "") || e != nil && e.Fields[0].Code != c.code { //nolint:errorlint // CheckShares makes it
			t.Errorf("%s: %v", name, err)
		}
	}
}
