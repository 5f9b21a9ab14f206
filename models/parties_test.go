package models

import (
	"testing"
	"time"
)

func TestAWithholdingShorterThanTheRequestPausesNothingEarly(t *testing.T) {
	t.Parallel()
	noon := func(day string) time.Time { return MustDate(day).At(12, 0, time.UTC) }
	r := RequestState{Request: Request{No: "IR-1", DueOn: MustDate("2026-09-21")}, Events: []RequestEvent{
		{Kind: "withheld", At: noon("2026-09-07"), ExpiresOn: MustDate("2026-09-08")},
	}}
	// From the 9th it is open again, but not overdue before the 22nd.
	for _, p := range r.Pauses(time.UTC) {
		if p.Due < r.DueOn {
			t.Errorf("a pause counts from %v, before the request was due", p.Due)
		}
	}
	if r.Overdue(MustDate("2026-09-21"), time.UTC) || !r.Overdue(MustDate("2026-09-22"), time.UTC) {
		t.Error("overdue from the day after it was due")
	}
}

func TestAUnionThatStaysKeepsItsPeriods(t *testing.T) {
	t.Parallel()
	served := ServedNotice{Notice: Notice{No: "N-1", Kind: NoticeChange, ServedAt: MustDate("2026-09-07").At(10, 0, time.UTC)}, Content: NoticeContent{
		Rules: NoticeRules{Profile: "own"},
		Parties: []NoticeParty{{UnionID: "u", BranchID: "b", Periods: []Period{
			{Trigger: BeforePilot, Days: 28, Kind: CalendarDays, Source: "own"},
			{Trigger: BeforePilot, Days: 120, Kind: CalendarDays, Source: "agreement"},
		}}},
	}}
	var s Scope
	s.KeepParties([]ServedNotice{served}, map[string]Union{"u": {ID: "u", Abbreviation: "U"}}, MustDate("2026-10-01").At(0, 0, time.UTC))
	if len(s.Unions) != 1 {
		t.Fatalf("%d unions", len(s.Unions))
	}
	profile := Profile{Code: "own", Periods: []Period{{Class: ClassB, Trigger: BeforePilot, Days: 28, Kind: CalendarDays}}}
	periods, err := PeriodsOn(profile, s.Unions[0], ClassB, BeforePilot)
	if err != nil || len(periods) != 2 || periods[1].Days != 120 {
		t.Errorf("%v, %v", periods, err)
	}
	var before Scope
	before.KeepParties([]ServedNotice{served}, nil, MustDate("2026-09-01").At(0, 0, time.UTC))
	if len(before.Unions) != 0 {
		t.Error("before it was served, nobody was a party")
	}
}
