package models

import (
	"strings"
	"sync"
	"testing"
)

// The dates that gov.uk published, written out by hand: "MM-DD" by year. The
// three lists are written separately so that no slip is shared.
var published = map[Nation]map[int]string{
	EnglandAndWales: {
		2019: "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
		2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
		2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
		2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
		2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
		2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
		2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
		2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
		2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
		2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
	},
	// 15 June 2026 was proclaimed for Scotland alone on 4 February 2026.
	Scotland: {
		2019: "01-01 01-02 04-19 05-06 05-27 08-05 12-02 12-25 12-26",
		2020: "01-01 01-02 04-10 05-08 05-25 08-03 11-30 12-25 12-28",
		2021: "01-01 01-04 04-02 05-03 05-31 08-02 11-30 12-27 12-28",
		2022: "01-03 01-04 04-15 05-02 06-02 06-03 08-01 09-19 11-30 12-26 12-27",
		2023: "01-02 01-03 04-07 05-01 05-08 05-29 08-07 11-30 12-25 12-26",
		2024: "01-01 01-02 03-29 05-06 05-27 08-05 12-02 12-25 12-26",
		2025: "01-01 01-02 04-18 05-05 05-26 08-04 12-01 12-25 12-26",
		2026: "01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-28",
		2027: "01-01 01-04 03-26 05-03 05-31 08-02 11-30 12-27 12-28",
		2028: "01-03 01-04 04-14 05-01 05-29 08-07 11-30 12-25 12-26",
	},
	NorthernIreland: {
		2019: "01-01 03-18 04-19 04-22 05-06 05-27 07-12 08-26 12-25 12-26",
		2020: "01-01 03-17 04-10 04-13 05-08 05-25 07-13 08-31 12-25 12-28",
		2021: "01-01 03-17 04-02 04-05 05-03 05-31 07-12 08-30 12-27 12-28",
		2022: "01-03 03-17 04-15 04-18 05-02 06-02 06-03 07-12 08-29 09-19 12-26 12-27",
		2023: "01-02 03-17 04-07 04-10 05-01 05-08 05-29 07-12 08-28 12-25 12-26",
		2024: "01-01 03-18 03-29 04-01 05-06 05-27 07-12 08-26 12-25 12-26",
		2025: "01-01 03-17 04-18 04-21 05-05 05-26 07-14 08-25 12-25 12-26",
		2026: "01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28",
		2027: "01-01 03-17 03-26 03-29 05-03 05-31 07-12 08-30 12-27 12-28",
		2028: "01-03 03-17 04-14 04-17 05-01 05-29 07-12 08-28 12-25 12-26",
	},
}

func TestBankHolidaysAreThosePublished(t *testing.T) {
	t.Parallel()
	for nation, years := range published {
		for year, want := range years {
			var got []string
			for d := NewDate(year, 1, 1); d <= NewDate(year, 12, 31); d++ {
				if bankHoliday(nation, d) != "" {
					got = append(got, d.String()[len("2026-"):])
				}
			}
			if days := strings.Join(got, " "); days != want {
				t.Errorf("%s %d:\n got %s\nwant %s", nation, year, days, want)
			}
		}
	}
}

func TestBankHolidayNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		nation Nation
		day    string
		want   string
	}{
		{EnglandAndWales, "2026-12-25", "Christmas Day"},
		{EnglandAndWales, "2026-12-28", "Boxing Day (substitute day)"},
		{EnglandAndWales, "2022-09-19", "Bank Holiday for the State Funeral of Queen Elizabeth II"},
		{EnglandAndWales, "2020-05-04", ""},
		{EnglandAndWales, "2022-05-30", ""},
		{EnglandAndWales, "2026-06-15", ""},
		{Scotland, "2026-06-15", "World Cup bank holiday"},
		{Scotland, "2026-04-06", ""},
		{Scotland, "2027-01-04", "2nd January (substitute day)"},
		{NorthernIreland, "2026-07-13", "Battle of the Boyne (Orangemen’s Day) (substitute day)"},
		{NorthernIreland, "2026-11-30", ""},
		{Nation("wales"), "2026-12-25", ""},
		{EnglandAndWales, "1980-12-25", "Christmas Day"}, // a year that is not kept
	} {
		if got := bankHoliday(c.nation, MustDate(c.day)); got != c.want {
			t.Errorf("%s %s is %q, not %q", c.nation, c.day, got, c.want)
		}
	}
}

func TestBankHolidaysAreKept(t *testing.T) {
	days := []Date{MustDate("2026-12-25"), MustDate("2026-12-24"), MustDate("2031-03-03")}
	ask := func() {
		for _, d := range days {
			bankHoliday(Scotland, d)
		}
	}
	ask()
	if n := testing.AllocsPerRun(100, ask); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestBankHolidaysAskedAtOnce(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for year := 2040; year < 2060; year++ {
				if bankHoliday(NorthernIreland, NewDate(year, 12, 24)) != "" {
					t.Errorf("Christmas Eve of %d", year)
				}
			}
		})
	}
	all.Wait()
}
