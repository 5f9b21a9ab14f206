package models

import "slices"

// ChangeClass says how much a deployment changes for the people at work, A to D.
type ChangeClass string

// The classes of domain section 3.
const (
	ClassA ChangeClass = "A" // routine
	ClassB ChangeClass = "B" // assistive
	ClassC ChangeClass = "C" // people-affecting
	ClassD ChangeClass = "D" // jobs and grades
)

// Classify computes the change class of a record, with its reasons. A record
// is as high as its gravest fact.
func Classify(r Record) (ChangeClass, []Reason) {
	if why := jobsAndGrades(r.Staffing); len(why) > 0 {
		return ClassD, why
	}
	if why := peopleAffecting(r); len(why) > 0 {
		return ClassC, why
	}
	if r.Staffing.RoutineUpdate && len(r.WorkerData) == 0 {
		return ClassA, []Reason{reason("class.routine")}
	}
	return ClassB, []Reason{reason("class.assistive")}
}

func jobsAndGrades(s Staffing) []Reason {
	var why []Reason
	add := func(yes bool, code string) {
		if yes {
			why = append(why, reason(code))
		}
	}
	if s.PostsLost > 0 {
		why = append(why, reason("class.posts", "count", s.PostsLost))
	}
	add(s.GradesChange, "class.grades")
	add(s.HoursChange, "class.hours")
	add(s.PlaceChange, "class.place")
	add(s.Outsourcing, "class.outsourcing")
	return why
}

var peopleFamilies = []UseFamily{"recruitment_screening", "task_allocation", "rostering", "monitoring", "performance_evaluation"}

func peopleAffecting(r Record) []Reason {
	var why []Reason
	if slices.Contains(peopleFamilies, r.UseFamily) {
		why = append(why, reason("class.family", "family", reason("useFamily."+string(r.UseFamily))))
	}
	for _, m := range r.Manages {
		why = append(why, reason("class.manages", "managing", reason("manages."+string(m))))
	}
	for _, w := range r.WorkerData {
		if w.ForPerformance || w.ForDiscipline || w.ForPay {
			why = append(why, reason("class.worker_data", "category", w.Category))
		}
	}
	if r.Staffing.WorkloadNorms {
		why = append(why, reason("class.workload"))
	}
	return why
}

// RoutineOf says whether a record is a version bump of another one as it was
// decided: nothing differs materially, and no group has grown.
func RoutineOf(update, decided Record) bool {
	for _, g := range update.Groups {
		if !slices.ContainsFunc(decided.Groups, func(d Group) bool { return d.JobRoleID == g.JobRoleID && g.Headcount+g.Agency <= d.Headcount+d.Agency }) {
			return false
		}
	}
	for _, r := range []*Record{&update, &decided} {
		r.Staffing.RoutineUpdate, r.Staffing.RoutineOf = false, ""
	}
	return len(Material(decided, update)) == 0
}

// Raise applies a class set by hand: it may raise what was computed, never lower it.
func Raise(computed, byHand ChangeClass) ChangeClass { return max(computed, byHand) }

// MustBeFull says why a light entry must become a full one: it manages people,
// monitors workers, or claims a staffing saving.
func MustBeFull(r Record) []Reason {
	var why []Reason
	if len(r.Manages) > 0 {
		why = append(why, reason("light.manages"))
	}
	if r.UseFamily == "monitoring" || slices.ContainsFunc(r.WorkerData, func(w WorkerData) bool { return w.ForPerformance || w.ForDiscipline }) {
		why = append(why, reason("light.monitors"))
	}
	if r.Staffing.SavingClaimed || r.Staffing.PostsLost > 0 || slices.ContainsFunc(r.Costs, func(c Cost) bool { return c.Kind == "saving_claimed" }) {
		why = append(why, reason("light.saving"))
	}
	return why
}
