package models

import "slices"

// Grade is how far a figure can be relied on (domain section 7). It is printed
// beside the figure, everywhere.
type Grade string

// The grades.
const (
	GradeE0 Grade = "E0" // asserted, or a vendor's
	GradeE1 Grade = "E1" // survey
	GradeE2 Grade = "E2" // before and after, no comparison
	GradeE3 Grade = "E3" // with comparison and balance
	GradeE4 Grade = "E4" // randomised at the right unit, plan locked, guardrails reported
	GradeE5 Grade = "E5" // E4 again, or later on by someone independent
)

// Grades are all of them, weakest first.
var Grades = []Grade{GradeE0, GradeE1, GradeE2, GradeE3, GradeE4, GradeE5}

// Graded is a grade, the rule that gave it and what kept it from the next one.
type Graded struct {
	Grade Grade    `json:"grade" enum:"E0,E1,E2,E3,E4,E5"`
	Rule  Reason   `json:"rule"`
	Why   []Reason `json:"why" nullable:"false"`
}

// GradeFacts are what a grade is a function of. Primary is nil when nothing was
// worked out from rows.
type GradeFacts struct {
	Plan       Plan
	Primary    *Finding
	Guardrails []GuardrailFinding
	// LockedFirst says that the plan used was locked before rows were there to look at.
	LockedFirst bool
	// Replaced says that other rows had been analysed before these.
	Replaced bool
	// Again says that another claim found the same on E4's terms.
	Again bool
	// Independent says that somebody independent of the employer and the
	// supplier did it, MonthsOn after the deployment began.
	Independent bool
	MonthsOn    int
}

// GradeOf gives the grade by rule.
func GradeOf(f GradeFacts) Graded {
	grade := func(g Grade, why ...Reason) Graded {
		if why == nil {
			why = []Reason{}
		}
		return Graded{g, reason("grade.rule." + string(g)), why}
	}
	switch {
	case f.Plan.Design == DesignVendor:
		return grade(GradeE0, reason("grade.vendor"))
	case f.Primary == nil:
		return grade(GradeE0, reason("grade.asserted"))
	case f.Plan.Measurement == "estimate":
		return grade(GradeE0, reason("grade.estimated"))
	case f.Plan.Design == DesignSurvey || f.Plan.Measurement == "survey":
		return grade(GradeE1, reason("grade.survey"))
	case !f.Plan.Design.Arms() || f.Primary.Workers[0] == 0:
		return grade(GradeE2, reason("grade.no_comparison"))
	case !f.Primary.Balanced && !f.Plan.Design.Randomised():
		return grade(GradeE2, reason("grade.unbalanced"))
	}
	if lacks := f.lacksForE4(); len(lacks) > 0 {
		return grade(GradeE3, lacks...)
	}
	if f.Again {
		return grade(GradeE5, reason("grade.again"))
	}
	if f.Independent && f.MonthsOn >= 6 {
		return grade(GradeE5, reason("grade.independent", "months", f.MonthsOn, "who", f.Plan.Independent))
	}
	return grade(GradeE4, reason("grade.once"))
}

// lacksForE4 is what keeps a compared figure from the grade of a trial.
func (f GradeFacts) lacksForE4() []Reason {
	var why []Reason
	add := func(when bool, code string) {
		if when {
			why = append(why, reason("grade."+code))
		}
	}
	randomised := f.Plan.Design.Randomised()
	add(!randomised, "not_randomised")
	add(randomised && f.Plan.Unit == "row" && f.Plan.Design == DesignRandomisedStaff, "wrong_unit")
	add(!f.LockedFirst, "locked_late")
	add(f.Replaced, "rows_replaced")
	add(len(f.Guardrails) < LeastGuardrails || slices.ContainsFunc(f.Guardrails, func(g GuardrailFinding) bool { return g.State == GuardNotReported }), "guardrails_unreported")
	for _, c := range f.Primary.Checks {
		add(!c.OK && c.Code == "sample_ratio", "sample_ratio")
		add(!c.OK && c.Code == "attrition", "attrition")
	}
	return why
}

// Randomised says whether chance decided who had the deployment.
func (d ClaimDesign) Randomised() bool {
	return d == DesignRandomisedStaff || d == DesignRandomisedTask
}
