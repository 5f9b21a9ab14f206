package models

import "slices"

// EmployerParty is the employer's side among the parties to a meeting, a
// statement or a scorecard; every other party is the id of a union.
const EmployerParty = "employer"

// SideOf is the side of a party: union or employer.
func SideOf(party string) string {
	if party == EmployerParty {
		return EmployerParty
	}
	return "union"
}

// UnionsOf are the unions among parties.
func UnionsOf(parties []string) []string {
	return slices.DeleteFunc(slices.Clone(parties), func(p string) bool { return p == EmployerParty })
}
