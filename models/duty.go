package models

import "slices"

// Duty is something that somebody owes, perhaps by a day.
type Duty struct {
	// Code is what is owed, such as request_answer, and Key says which one.
	Code string
	Key  string
	// Due is the day by which, or no date.
	Due Date
	// Party is who owes it: employer, or the id of a union; Roles are those of
	// its people whose work it is.
	Party string
	Roles []Role
	// Parties are those that may know of it beside.
	Parties []string
	// No is the number of what it is about, Ref the deployment's, Path its page.
	No, Ref, Path string
	Name          Text
	DeploymentID  string
}

// Params are what its words are said with.
func (d Duty) Params() Params {
	return Params{"no": d.No, "ref": d.Ref, "name": d.Name, "due": d.Due}
}

// OwedBy says whether a duty is that of somebody with these grants.
func (d Duty) OwedBy(grants []Grant) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool {
		if !slices.Contains(d.Roles, g.Role) {
			return false
		}
		return d.Party == EmployerParty || g.UnionID == d.Party
	})
}

// Overdue says whether its day has passed.
func (d Duty) Overdue(on Date) bool { return d.Due != 0 && on > d.Due }

// ByDue sorts what is due first to the front, and what has no day to the end.
func ByDue(a, b Duty) int {
	switch {
	case a.Due == b.Due:
		return compareStrings(a.Key, b.Key)
	case a.Due == 0:
		return 1
	case b.Due == 0:
		return -1
	}
	return int(a.Due) - int(b.Due)
}

func compareStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
