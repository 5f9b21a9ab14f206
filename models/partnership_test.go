package models

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestConcernedSaysFromFiveUp(t *testing.T) {
	t.Parallel()
	for members, want := range map[int]int{0: 0, 1: 0, 4: 0, 5: 5, 12: 12} {
		n, shown := Concerned([]Tally{{Members: members}})
		if n != want || shown != (want > 0) {
			t.Errorf("%d members: %d, %v", members, n, shown)
		}
	}
	if n, shown := Concerned([]Tally{{Members: 3}, {Members: 2}}); n != 5 || !shown {
		t.Errorf("two reps: %d, %v", n, shown)
	}
}

func TestUnderRepresented(t *testing.T) {
	t.Parallel()
	e := EngagementState{Groups: []EngagementGroup{
		{JobFamily: "Social work", Grade: "J", Staff: 40, Attended: 12},
		{JobFamily: "Social work", Grade: "G", Staff: 40, Attended: 4}, // 8 is its share, 6.4 four fifths of it
		{JobFamily: "Nobody", Grade: "A", Staff: 0, Attended: 0},
	}}
	for i, want := range []bool{false, true, false} {
		if got := e.UnderRepresented(e.Groups[i]); got != want {
			t.Errorf("group %d: %v", i, got)
		}
	}
	if (EngagementState{Groups: []EngagementGroup{{Staff: 3}}}).UnderRepresented(EngagementGroup{Staff: 3}) {
		t.Error("nobody came, and yet one group is under-represented")
	}
}

func TestMinutesAreAgreedByAllWhoCame(t *testing.T) {
	t.Parallel()
	n := func(i int) *int { return &i }
	m := MeetingState{
		Meeting: Meeting{Status: "held"}, Parties: []MeetingParty{{Party: EmployerParty, People: n(2)}, {Party: "unison", People: n(1)}, {Party: "gmb", People: n(0)}},
		Minutes: []Minutes{{ID: "1", Number: 1}, {ID: "2", Number: 2}},
	}
	if _, ok := m.Agreed(); ok {
		t.Error("agreed by nobody")
	}
	m.Agreements = []MinutesAgreement{{MinutesID: "1", Party: EmployerParty}, {MinutesID: "2", Party: "unison"}}
	if _, ok := m.Agreed(); ok {
		t.Error("each agreed to another text")
	}
	m.Agreements = append(m.Agreements, MinutesAgreement{MinutesID: "2", Party: EmployerParty})
	if text, ok := m.Agreed(); !ok || text.Number != 2 {
		t.Errorf("%v %v: GMB did not come, and need not agree", text, ok)
	}
}

func TestCostTotals(t *testing.T) {
	t.Parallel()
	got := Totals([]CostState{
		{CostEntry: CostEntry{Year: 2025, Kind: "one_off", Pence: 100}},
		{CostEntry: CostEntry{Year: 2026, Kind: "running", Pence: 10}},
		{CostEntry: CostEntry{Year: 2026, Kind: "running", Pence: 7}, Reversal: &CostReversal{}},
		{CostEntry: CostEntry{Year: 2026, Kind: "forecast", Pence: 500}}, // its year has been spent in
		{CostEntry: CostEntry{Year: 2027, Kind: "forecast", Pence: 40}},
		{CostEntry: CostEntry{Year: 2027, Kind: "one_off", Pence: 2}}, // to come: foreseen
		{CostEntry: CostEntry{Year: 2026, Kind: "saving_claimed", Pence: 9, Cashable: true}},
		{CostEntry: CostEntry{Year: 2026, Kind: "saving_claimed", Pence: 1}},
		{CostEntry: CostEntry{Year: 2026, Kind: "saving_evidenced", Pence: 3}},
	}, 2026)
	if want := (CostTotals{ToDate: 110, Forecast: 42, Claimed: 10, Cashable: 9, Evidenced: 3}); got != want {
		t.Errorf("%+v, not %+v", got, want)
	}
}

func TestFinancialYear(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]int{"2026-03-31": 2025, "2026-04-01": 2026, "2026-12-31": 2026, "2027-01-01": 2026} {
		if got := FinancialYear(MustDate(day)); got != want {
			t.Errorf("%s: %d", day, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := MustDate("1990-01-01") + Date(rapid.IntRange(0, 40_000).Draw(t, "day"))
		first, last := YearBounds(FinancialYear(d))
		if d < first || d > last {
			t.Fatalf("%s is not between %s and %s", d, first, last)
		}
	})
}

func TestYearFigure(t *testing.T) {
	t.Parallel()
	days := func(w ...int) YearFigure {
		f := YearFigure{Median: true}
		for _, x := range w {
			f.Records = append(f.Records, Traced{Weight: x})
		}
		return f
	}
	for _, c := range []struct {
		f    YearFigure
		want int
	}{{days(), 0}, {days(58), 58}, {days(58, 4, 30), 30}, {days(58, 30), 44}, {days(3, 4), 3}, {YearFigure{Records: []Traced{{Weight: 20}, {Weight: 0}, {Weight: 5}}}, 25}} {
		if got := c.f.Value(); got != c.want {
			t.Errorf("%+v: %d, not %d", c.f, got, c.want)
		}
	}
}

// TestACancelledMeetingStopsTheClock where the profile says so: the days from
// the day after it to that of the one in its place are not counted.
func TestACancelledMeetingStopsTheClock(t *testing.T) {
	t.Parallel()
	at := func(day string) time.Time { return MustDate(day).At(10, 0, time.UTC) }
	gone := at("2026-09-20")
	m := MeetingState{Meeting: Meeting{No: "MTG-2026-001", Status: "cancelled", CancelledBy: EmployerParty, CancelledAt: &gone, StartsAt: at("2026-09-22"), At: at("2026-09-08")}, Parties: []MeetingParty{{Party: "unison"}}}
	facts := GateFacts{Profile: Profile{PausesOnCancelled: true}, Meetings: []MeetingState{m}, Zone: time.UTC, At: MustDate("2026-10-30"), Until: at("2026-10-30")}
	read := func() Date {
		return ReadClock(ClockInput{
			Evidence: at("2026-09-07"), Periods: []Period{{Days: 28, Kind: CalendarDays}}, Pauses: cancelled(facts, "unison"), Zone: time.UTC, CutOff: 990,
			Calendar: NewCalendar(EnglandAndWales, nil), At: facts.At,
		}).Earliest
	}
	if got := read(); got != MustDate("2026-11-12") { // 13 of the 28 days had run; it stands still up to the day of reading
		t.Errorf("without another meeting: %s", got)
	}
	facts.Meetings[0].ReplacedBy = &Meeting{StartsAt: at("2026-09-25"), Status: "held", At: at("2026-09-21")}
	if got := read(); got != MustDate("2026-10-08") {
		t.Errorf("with another three days later: %s", got)
	}
	if len(cancelled(facts, "gmb")) != 0 {
		t.Error("a union that was not to be there waits for it")
	}
	facts.Profile.PausesOnCancelled = false
	if got := read(); got != MustDate("2026-10-05") {
		t.Errorf("where the profile does not say so: %s", got)
	}
	facts.Profile.PausesOnCancelled, facts.Meetings[0].CancelledBy = true, "unison"
	if got := read(); got != MustDate("2026-10-05") {
		t.Errorf("cancelled by the union: %s", got)
	}
}

func TestAskedOfAHold(t *testing.T) {
	t.Parallel()
	d := DisputeState{Events: []DisputeEvent{{Kind: "opened"}, {Kind: "lift_asked", Side: "employer"}}}
	if e, ok := d.Asked("lift_asked"); !ok || e.Side != "employer" {
		t.Error("what was asked is not found")
	}
	d.Events = append(d.Events, DisputeEvent{Kind: "extension_asked", Side: "union"})
	if _, ok := d.Asked("lift_asked"); !ok {
		t.Error("another question took it away")
	}
	d.Events = append(d.Events, DisputeEvent{Kind: "extended"})
	if _, ok := d.Asked("lift_asked"); ok {
		t.Error("it is still asked after the hold has changed")
	}
}

func TestDutiesByDue(t *testing.T) {
	t.Parallel()
	if ByDue(Duty{Due: 0}, Duty{Due: 5}) <= 0 || ByDue(Duty{Due: 4}, Duty{Due: 5}) >= 0 || ByDue(Duty{Key: "a", Due: 5}, Duty{Key: "b", Due: 5}) >= 0 {
		t.Error("what is due first is not first, or what has no day not last")
	}
	d := Duty{Party: "unison", Roles: []Role{RoleUnionOfficer}}
	if !d.OwedBy([]Grant{{Role: RoleUnionOfficer, UnionID: "unison"}}) || d.OwedBy([]Grant{{Role: RoleUnionOfficer, UnionID: "gmb"}}) || d.OwedBy([]Grant{{Role: RoleCDO}}) {
		t.Error("a duty is owed by somebody else's people")
	}
}
