package models

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func unit(id string) *string { return &id }

func scopeFacts() ScopeFacts {
	return ScopeFacts{
		On: MustDate("2026-09-07"),
		Roles: map[string]JobRole{
			"clerk":  {ID: "clerk", Title: "Clerk", BargainingUnitID: unit("office")},
			"driver": {ID: "driver", Title: "Driver", BargainingUnitID: unit("depot")},
			"chief":  {ID: "chief", Title: "Chief"},
			"cook":   {ID: "cook", Title: "Cook", BargainingUnitID: unit("kitchen")},
		},
		Unions: map[string]Union{
			"u1": {ID: "u1", Abbreviation: "UNISON"}, "u2": {ID: "u2", Abbreviation: "GMB"}, "u3": {ID: "u3", Abbreviation: "Unite"},
		},
		Recognitions: []Recognition{
			{ID: "r1", UnionID: "u1", BargainingUnitID: "office", From: MustDate("2010-01-01")},
			{ID: "r2", UnionID: "u2", BargainingUnitID: "office", From: MustDate("2010-01-01"), To: MustDate("2026-09-07")},
			{ID: "r3", UnionID: "u2", BargainingUnitID: "depot", From: MustDate("2026-09-08")},
			{ID: "r4", UnionID: "u3", BargainingUnitID: "depot", From: MustDate("2010-01-01"), Contested: true},
		},
	}
}

func names(s Scope) []string {
	out := []string{}
	for _, u := range s.Unions {
		out = append(out, u.Union.Abbreviation)
	}
	return out
}

func TestScopeIsDerived(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		groups   []string
		on       string
		unions   []string
		unserved int
	}{
		{"nobody", nil, "2026-09-07", []string{}, 0},
		{"two unions for one unit", []string{"clerk"}, "2026-09-07", []string{"GMB", "UNISON"}, 0},
		{"the day after an agreement's last", []string{"clerk"}, "2026-09-08", []string{"UNISON"}, 0},
		{"the day before an agreement's first", []string{"driver"}, "2026-09-07", []string{"Unite"}, 0},
		{"an agreement's first day", []string{"driver"}, "2026-09-08", []string{"GMB", "Unite"}, 0},
		{"before all agreements", []string{"clerk"}, "2009-12-31", []string{}, 1},
		{"no unit", []string{"chief"}, "2026-09-07", []string{}, 1},
		{"a unit without a union", []string{"cook", "clerk"}, "2026-09-07", []string{"GMB", "UNISON"}, 1},
		{"a post that is gone", []string{"gone"}, "2026-09-07", []string{}, 1},
		{"each union once", []string{"clerk", "clerk", "driver"}, "2026-09-07", []string{"GMB", "UNISON", "Unite"}, 0},
	} {
		f := scopeFacts()
		f.On = MustDate(c.on)
		for _, g := range c.groups {
			f.Groups = append(f.Groups, Group{JobRoleID: g, Headcount: 10, Agency: 2})
		}
		s := DeriveScope(f)
		if !slices.Equal(names(s), c.unions) || len(s.Unserved) != c.unserved {
			t.Errorf("%s: %v and %d groups without a union", c.name, names(s), len(s.Unserved))
		}
	}
}

func TestEachUnionInScopeSaysWhy(t *testing.T) {
	t.Parallel()
	f := scopeFacts()
	f.Groups = []Group{{JobRoleID: "clerk", Headcount: 10, Agency: 2}, {JobRoleID: "driver", Headcount: 5}}
	s := DeriveScope(f)
	u, ok := s.Union("u1")
	if !ok || !u.Derived || u.WithoutPrejudice || len(u.Why) != 1 {
		t.Fatalf("%+v", u)
	}
	if p := u.Why[0].Params; u.Why[0].Code != "scope.recognised" || p["headcount"] != 12 || p["role"] != "Clerk" || p["from"] != MustDate("2010-01-01") {
		t.Errorf("%+v", u.Why)
	}
	contested, _ := s.Union("u3")
	if !contested.WithoutPrejudice || contested.Why[0].Code != "scope.contested" || len(s.Contested) != 1 {
		t.Errorf("%+v", contested)
	}
	// A union contested for one unit and not for another is served without reserve.
	f.Recognitions = append(f.Recognitions, Recognition{ID: "r5", UnionID: "u3", BargainingUnitID: "office", From: MustDate("2010-01-01")})
	if u, _ := DeriveScope(f).Union("u3"); u.WithoutPrejudice {
		t.Error("without prejudice, though one jurisdiction is undisputed")
	}
	if _, ok := s.Union("u9"); ok {
		t.Error("a union that is not in scope was found")
	}
}

func TestPeopleAddUnionsAndDropNone(t *testing.T) {
	t.Parallel()
	f := scopeFacts()
	f.Groups = []Group{{JobRoleID: "clerk", Headcount: 10}}
	f.Additions = []ScopeAddition{
		{UnionID: "u3", Reason: "drivers read the notes", On: MustDate("2026-09-01")},
		{UnionID: "u1", Reason: "in case", On: MustDate("2026-09-01")},
	}
	s := DeriveScope(f)
	if !slices.Equal(names(s), []string{"GMB", "UNISON", "Unite"}) {
		t.Fatal(names(s))
	}
	if u, _ := s.Union("u3"); u.Derived || u.Why[0].Code != "scope.added" {
		t.Errorf("%+v", u)
	}
	if u, _ := s.Union("u1"); !u.Derived || len(u.Why) != 1 {
		t.Errorf("an addition changed a derived union: %+v", u)
	}
	f.On = MustDate("2026-08-31")
	if got := names(DeriveScope(f)); !slices.Equal(got, []string{"GMB", "UNISON"}) {
		t.Errorf("added before it was added: %v", got)
	}
}

func TestAnAdditionNeverNarrowsTheScope(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := scopeFacts()
		for range rapid.IntRange(0, 4).Draw(t, "groups") {
			f.Groups = append(f.Groups, Group{JobRoleID: rapid.SampledFrom([]string{"clerk", "driver", "chief", "cook"}).Draw(t, "role")})
		}
		before := DeriveScope(f)
		f.Additions = append(f.Additions, ScopeAddition{UnionID: rapid.SampledFrom([]string{"u1", "u2", "u3"}).Draw(t, "union"), On: f.On})
		after := DeriveScope(f)
		for _, u := range before.Unions {
			if now, ok := after.Union(u.Union.ID); !ok || !now.Derived {
				t.Fatalf("%s was derived and is not any more", u.Union.Abbreviation)
			}
		}
	})
}
