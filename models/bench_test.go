package models

import (
	"fmt"
	"testing"
)

// The organisation of the benchmarks: 500 job roles in 25 units, 12 unions,
// each recognised for every third unit.
func largeScope() ScopeFacts {
	f := ScopeFacts{Roles: map[string]JobRole{}, Unions: map[string]Union{}, On: MustDate("2026-09-07")}
	for i := range 500 {
		id, unit := fmt.Sprintf("role%03d", i), fmt.Sprintf("unit%02d", i%25)
		f.Roles[id] = JobRole{ID: id, Title: "Role " + id, BargainingUnitID: &unit}
		f.Groups = append(f.Groups, Group{JobRoleID: id, Headcount: 10 + i%7})
	}
	for u := range 12 {
		id := fmt.Sprintf("u%02d", u)
		f.Unions[id] = Union{ID: id, Abbreviation: "UNION" + id}
		for unit := u % 3; unit < 25; unit += 3 {
			f.Recognitions = append(f.Recognitions, Recognition{
				ID: fmt.Sprintf("r%02d-%02d", u, unit), UnionID: id, BargainingUnitID: fmt.Sprintf("unit%02d", unit), From: MustDate("2010-01-01"),
				Periods: []Period{{Trigger: BeforePilot, Days: 28 + u, Kind: CalendarDays}},
			})
		}
	}
	return f
}

func BenchmarkDeriveScope(b *testing.B) {
	f := largeScope()
	b.ReportAllocs()
	for b.Loop() {
		if s := DeriveScope(f); len(s.Unions) != 12 || len(s.Unserved) != 0 {
			b.Fatalf("%d unions", len(s.Unions))
		}
	}
}

func BenchmarkReadClock(b *testing.B) {
	in := ClockInput{
		Evidence: when(b, "2026-12-07"), Zone: london, CutOff: 990, At: MustDate("2027-02-01"),
		Calendar: NewCalendar(EnglandAndWales, closedOn("2026-12-29", "2026-12-30", "2026-12-31")),
		Periods:  []Period{period("28c"), period("30w"), period("56c")}, Pauses: pauses("2027-01-04/2027-01-08"),
	}
	b.ReportAllocs()
	for b.Loop() {
		if k := ReadClock(in); !k.Started {
			b.Fatal("not started")
		}
	}
}

func BenchmarkReadGate(b *testing.B) {
	f := gateFacts(b, StageEvaluated, "2026-12-15")
	f.Scope, f.Notices = DeriveScope(largeScope()), nil
	serve(b, &f, NoticeChange, "2026-09-07")
	serve(b, &f, NoticeRollout, "2026-09-07")
	b.ReportAllocs()
	for b.Loop() {
		g, err := ReadGate(f, StageLive)
		if err != nil || len(g.Clocks) != 36 {
			b.Fatal(err, len(g.Clocks))
		}
	}
}
