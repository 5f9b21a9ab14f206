package models

import "slices"

// ScopeFacts are the facts that unions in scope are derived from.
type ScopeFacts struct {
	Groups       []Group
	Roles        map[string]JobRole
	Recognitions []Recognition
	Unions       map[string]Union
	Additions    []ScopeAddition
	On           Date
}

// ScopeAddition is a union put in scope by a person, with a reason. A derived union is never dropped.
type ScopeAddition struct {
	OrgID        string `gorm:"primaryKey"`
	DeploymentID string `gorm:"primaryKey"`
	UnionID      string `gorm:"primaryKey"`
	Reason       string
	ByUserID     string
	On           Date `gorm:"column:added_on"`
}

// InScope is a union that must hear of a deployment, and why.
type InScope struct {
	Union Union
	// Derived is false for a union that a person added.
	Derived bool
	// WithoutPrejudice marks a union all of whose recognitions here are contested.
	WithoutPrejudice bool
	Recognitions     []Recognition
	Why              []Reason
}

// Scope is who must be told: unions, and the groups with no recognised union,
// whose staff are told directly.
type Scope struct {
	Unions    []InScope
	Unserved  []Group
	Contested []Recognition
}

// Union finds a union in scope.
func (s Scope) Union(id string) (InScope, bool) {
	i := slices.IndexFunc(s.Unions, func(u InScope) bool { return u.Union.ID == id })
	if i < 0 {
		return InScope{}, false
	}
	return s.Unions[i], true
}

// DeriveScope finds every union recognised on the day for a bargaining unit of
// an affected group (domain section 2), each with its why, and adds the unions
// that people have added. Unions are sorted by abbreviation.
func DeriveScope(f ScopeFacts) Scope {
	byUnit := map[string][]Recognition{}
	for _, r := range f.Recognitions {
		if r.InForce(f.On) {
			byUnit[r.BargainingUnitID] = append(byUnit[r.BargainingUnitID], r)
		}
	}
	found := map[string]*InScope{}
	var scope Scope
	for _, g := range f.Groups {
		role := f.Roles[g.JobRoleID]
		var here []Recognition
		if role.BargainingUnitID != nil {
			here = byUnit[*role.BargainingUnitID]
		}
		if len(here) == 0 {
			scope.Unserved = append(scope.Unserved, g)
		}
		for _, r := range here {
			note(found, f.Unions[r.UnionID], role, g, r)
			if r.Contested && !slices.ContainsFunc(scope.Contested, func(c Recognition) bool { return c.ID == r.ID }) {
				scope.Contested = append(scope.Contested, r)
			}
		}
	}
	for _, a := range f.Additions {
		if _, derived := found[a.UnionID]; !derived && a.On <= f.On {
			found[a.UnionID] = &InScope{Union: f.Unions[a.UnionID], Why: []Reason{reason("scope.added", "reason", a.Reason, "on", a.On)}}
		}
	}
	for _, u := range found {
		scope.Unions = append(scope.Unions, *u)
	}
	slices.SortFunc(scope.Unions, func(a, b InScope) int { return compareUnions(a.Union, b.Union) })
	return scope
}

func note(found map[string]*InScope, u Union, role JobRole, g Group, r Recognition) {
	s := found[u.ID]
	if s == nil {
		s = &InScope{Union: u, Derived: true, WithoutPrejudice: true}
		found[u.ID] = s
	}
	s.WithoutPrejudice = s.WithoutPrejudice && r.Contested
	if !slices.ContainsFunc(s.Recognitions, func(o Recognition) bool { return o.ID == r.ID }) {
		s.Recognitions = append(s.Recognitions, r)
	}
	code := "scope.recognised"
	if r.Contested {
		code = "scope.contested"
	}
	s.Why = append(s.Why, reason(code, "union", u.Abbreviation, "role", role.Title, "headcount", g.Headcount+g.Agency, "from", r.From))
}

func compareUnions(a, b Union) int {
	switch {
	case a.Abbreviation != b.Abbreviation:
		if a.Abbreviation < b.Abbreviation {
			return -1
		}
		return 1
	case a.ID < b.ID:
		return -1
	case a.ID > b.ID:
		return 1
	}
	return 0
}
