package models

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// period reads "28c", "20w", or "28c!" for clear days.
func period(s string) Period {
	p := Period{Trigger: BeforePilot, Kind: CalendarDays, Source: s}
	s, p.Clear = strings.CutSuffix(s, "!")
	if strings.HasSuffix(s, "w") {
		p.Kind = WorkingDays
	}
	days, err := strconv.Atoi(s[:len(s)-1])
	if err != nil {
		panic(err)
	}
	p.Days = days
	return p
}

// pauses reads "2026-09-28/2026-09-30", due and answered; open without the second.
func pauses(list string) []Pause {
	var out []Pause
	for i, s := range strings.Fields(list) {
		due, answered, _ := strings.Cut(s, "/")
		p := Pause{Request: fmt.Sprint("IR-", i+1), Due: MustDate(due)}
		if answered != "" {
			p.Answered = MustDate(answered)
		}
		out = append(out, p)
	}
	return out
}

// The dates here were counted on paper, not by the program; the comment is
// the counting. No nation is England and Wales; no cut-off is 16:30.
func TestWorkedClocks(t *testing.T) {
	t.Parallel()
	const none = 24 * 60 // no cut-off: only midnight divides the days
	for _, c := range []struct {
		name     string
		evidence string
		periods  string
		want     string
		nation   Nation
		closed   string
		pauses   string
		at       string
		cutOff   int
	}{
		// Deemed service: no days, so the earliest date is the deemed day.
		{name: "a Monday morning", evidence: "2026-09-07 09:00", periods: "0c", want: "2026-09-07"},
		{name: "a second before the cut-off", evidence: "2026-09-07 16:29:59", periods: "0c", want: "2026-09-07"},
		{name: "on the cut-off", evidence: "2026-09-07 16:30:00", periods: "0c", want: "2026-09-08"},
		{name: "a minute after the cut-off", evidence: "2026-09-07 16:31", periods: "0c", want: "2026-09-08"},
		{name: "Friday on the cut-off", evidence: "2026-09-11 16:30", periods: "0c", want: "2026-09-14"},
		{name: "Saturday", evidence: "2026-09-12 09:00", periods: "0c", want: "2026-09-14"},
		{name: "Saturday evening is not Tuesday", evidence: "2026-09-12 20:00", periods: "0c", want: "2026-09-14"},
		{name: "Sunday, last second", evidence: "2026-09-13 23:59:59", periods: "0c", want: "2026-09-14"},
		{name: "Monday, first second", evidence: "2026-09-14 00:00", periods: "0c", want: "2026-09-14"},
		// Fri 3 Good Friday, 4, 5 weekend, 6 Easter Monday
		{name: "Good Friday", evidence: "2026-04-03", periods: "0c", want: "2026-04-07"},
		{name: "Maundy Thursday late", evidence: "2026-04-02 16:30", periods: "0c", want: "2026-04-07"},
		{name: "Maundy Thursday late in Scotland: Easter Monday is worked", evidence: "2026-04-02 16:30", periods: "0c", want: "2026-04-06", nation: Scotland},
		// 25 Fri holiday, 26, 27 weekend, 28 Boxing Day in lieu
		{name: "Christmas Eve late", evidence: "2026-12-24 17:00", periods: "0c", want: "2026-12-29"},
		// 29–31 closed, 1 Jan holiday, 2, 3 weekend
		{name: "Christmas Eve late, closed till New Year", evidence: "2026-12-24 17:00", periods: "0c", want: "2027-01-04", closed: "2026-12-29 2026-12-30 2026-12-31"},
		// and 4 Jan is 2 January in lieu
		{name: "the same in Scotland", evidence: "2026-12-24 17:00", periods: "0c", want: "2027-01-05", nation: Scotland, closed: "2026-12-29 2026-12-30 2026-12-31"},
		{name: "a closure day", evidence: "2026-09-09", periods: "0c", want: "2026-09-10", closed: "2026-09-09"},
		{name: "late before a closed Friday", evidence: "2026-09-10 16:30", periods: "0c", want: "2026-09-14", closed: "2026-09-11"},
		{name: "a holiday's evening is not two days", evidence: "2026-08-31 18:00", periods: "0c", want: "2026-09-01"},
		{name: "no period at all", evidence: "2026-09-07", periods: "", want: "2026-09-07"},

		// The clocks go on at 01:00 UTC on Sunday 29 March 2026: 16:30 is 16:30 UTC before and 15:30 UTC after.
		{name: "Friday before summer time, 16:29:59", evidence: "2026-03-27 16:29:59Z", periods: "0c", want: "2026-03-27"},
		{name: "Friday before summer time, 16:30", evidence: "2026-03-27 16:30Z", periods: "0c", want: "2026-03-30"},
		{name: "Monday after, 16:29:59", evidence: "2026-03-30 15:29:59Z", periods: "0c", want: "2026-03-30"},
		{name: "Monday after, 16:30", evidence: "2026-03-30 15:30Z", periods: "0c", want: "2026-03-31"},
		{name: "Monday after, 16:31", evidence: "2026-03-30 15:31Z", periods: "0c", want: "2026-03-31"},
		{name: "Friday before, last second in winter time", evidence: "2026-03-27 23:59:59Z", periods: "0c", want: "2026-03-27", cutOff: none},
		{name: "Saturday before, first second", evidence: "2026-03-28 00:00Z", periods: "0c", want: "2026-03-30", cutOff: none},
		{name: "the hour that is skipped", evidence: "2026-03-29 01:00Z", periods: "0c", want: "2026-03-30"},
		{name: "Monday after, last second in summer time", evidence: "2026-03-30 22:59:59Z", periods: "0c", want: "2026-03-30", cutOff: none},
		{name: "Tuesday after, first second", evidence: "2026-03-30 23:00Z", periods: "0c", want: "2026-03-31", cutOff: none},
		// They go back at 01:00 UTC on Sunday 25 October 2026.
		{name: "Friday in summer time, 16:29:59", evidence: "2026-10-23 15:29:59Z", periods: "0c", want: "2026-10-23"},
		{name: "Friday in summer time, 16:30", evidence: "2026-10-23 15:30Z", periods: "0c", want: "2026-10-26"},
		{name: "Monday in winter time, 15:30 is early", evidence: "2026-10-26 15:30Z", periods: "0c", want: "2026-10-26"},
		{name: "Monday in winter time, 16:29:59", evidence: "2026-10-26 16:29:59Z", periods: "0c", want: "2026-10-26"},
		{name: "Monday in winter time, 16:30", evidence: "2026-10-26 16:30Z", periods: "0c", want: "2026-10-27"},
		{name: "Friday, last second in summer time", evidence: "2026-10-23 22:59:59Z", periods: "0c", want: "2026-10-23", cutOff: none},
		{name: "Saturday, first second in summer time", evidence: "2026-10-23 23:00Z", periods: "0c", want: "2026-10-26", cutOff: none},
		{name: "half past one the second time", evidence: "2026-10-25 01:30Z", periods: "0c", want: "2026-10-26"},
		{name: "Monday, last second in winter time", evidence: "2026-10-26 23:59:59Z", periods: "0c", want: "2026-10-26", cutOff: none},
		// 16 March + 28: 15 days left in March, 13 in April; the lost hour is no day
		{name: "28 days over the spring night", evidence: "2026-03-16", periods: "28c", want: "2026-04-13"},
		{name: "7 days over the autumn night", evidence: "2026-10-19", periods: "7c", want: "2026-10-26"},

		// Calendar days. 7 Sep + 28: 23 days left in September, 5 October.
		{name: "28 days", evidence: "2026-09-07", periods: "28c", want: "2026-10-05"},
		{name: "56 days", evidence: "2026-09-07", periods: "56c", want: "2026-11-02"}, // 23 + 31 + 2
		{name: "60 days", evidence: "2026-09-07", periods: "60c", want: "2026-11-06"},
		{name: "90 days end on a Sunday", evidence: "2026-09-07", periods: "90c", want: "2026-12-06"},      // 23 + 31 + 30 + 6
		{name: "28 days end on Christmas Day", evidence: "2026-11-27", periods: "28c", want: "2026-12-25"}, // 3 + 25
		{name: "closure days do not stretch calendar days", evidence: "2026-09-07", periods: "28c", want: "2026-10-05", closed: "2026-09-14 2026-09-15 2026-09-16"},
		{name: "28 clear days", evidence: "2026-09-07", periods: "28c!", want: "2026-10-06"},
		{name: "no days, clear", evidence: "2026-09-11", periods: "0c!", want: "2026-09-12"},
		{name: "served late, 28 days", evidence: "2026-09-07 16:30", periods: "28c", want: "2026-10-06"},
		// 29 February
		{name: "28 days over 29 February", evidence: "2028-02-08", periods: "28c", want: "2028-03-07"}, // 21 + 7
		{name: "28 days from 29 February", evidence: "2028-02-29", periods: "28c", want: "2028-03-28"},
		{name: "to 29 February", evidence: "2028-02-28", periods: "1c", want: "2028-02-29"},
		{name: "a year from 29 February", evidence: "2028-02-29", periods: "365c", want: "2029-02-28"},
		{name: "no 29 February", evidence: "2027-02-26", periods: "3c", want: "2027-03-01"},                  // 27, 28, 1
		{name: "5 working days over 29 February", evidence: "2028-02-25", periods: "5w", want: "2028-03-03"}, // 28, 29, 1, 2, 3

		// Working days.
		{name: "10 working days are two weeks", evidence: "2026-09-14", periods: "10w", want: "2026-09-28"},
		{name: "20 working days are four weeks", evidence: "2026-09-07", periods: "20w", want: "2026-10-05"},
		{name: "30 working days are six weeks", evidence: "2026-09-07", periods: "30w", want: "2026-10-19"},
		{name: "10 clear working days", evidence: "2026-09-14", periods: "10w!", want: "2026-09-29"},
		{name: "no working days, clear, on a Friday", evidence: "2026-09-11", periods: "0w!", want: "2026-09-14"},
		// Easter 2026: 2 | 7 8 9 10
		{name: "5 over Easter 2026", evidence: "2026-04-01", periods: "5w", want: "2026-04-10"},
		{name: "5 clear over Easter 2026", evidence: "2026-04-01", periods: "5w!", want: "2026-04-13"},
		{name: "5 over Easter 2026 in Scotland", evidence: "2026-04-01", periods: "5w", want: "2026-04-09", nation: Scotland},                // 2 | 6 7 8 9
		{name: "5 over Easter 2026 in Northern Ireland", evidence: "2026-04-01", periods: "5w", want: "2026-04-10", nation: NorthernIreland}, // 2 | 7 8 9 10
		// 24–27: 4, 30–2: 8, 7–10: 12, 13–17: 17, 20 21 22
		{name: "20 over Easter 2026", evidence: "2026-03-23", periods: "20w", want: "2026-04-22"},
		{name: "5 over Easter 2027", evidence: "2027-03-24", periods: "5w", want: "2027-04-02"},                               // 25 | 30 31 1 2
		{name: "5 over Easter 2027 in Scotland", evidence: "2027-03-24", periods: "5w", want: "2027-04-01", nation: Scotland}, // 25 | 29 30 31 1
		{name: "28 days over Easter 2027", evidence: "2027-03-15", periods: "28c", want: "2027-04-12"},                        // 16 + 12
		// 22 23 24 | 29 30 31 | 4 5 6 7
		{name: "10 over Christmas 2026", evidence: "2026-12-21", periods: "10w", want: "2027-01-07"},
		{name: "10 over Christmas 2026 in Scotland", evidence: "2026-12-21", periods: "10w", want: "2027-01-08", nation: Scotland}, // 4 Jan off
		{name: "10 over Christmas 2026 in Northern Ireland", evidence: "2026-12-21", periods: "10w", want: "2027-01-07", nation: NorthernIreland},
		// 22 23 24 | 4 5 6 7 8 | 11 12
		{name: "10 over Christmas 2026, closed between", evidence: "2026-12-21", periods: "10w", want: "2027-01-12", closed: "2026-12-29 2026-12-30 2026-12-31"},
		// 21 22 23 24 | 29 30 31 | 4 5 6
		{name: "10 over Christmas 2027", evidence: "2027-12-20", periods: "10w", want: "2028-01-06"},
		{name: "10 over Christmas 2027 in Scotland", evidence: "2027-12-20", periods: "10w", want: "2028-01-07", nation: Scotland}, // 3 and 4 Jan off
		{name: "5 over Christmas 2022", evidence: "2022-12-22", periods: "5w", want: "2023-01-03"},                                 // 23 | 28 29 30 | 3
		{name: "5 over Christmas 2022 in Scotland", evidence: "2022-12-22", periods: "5w", want: "2023-01-04", nation: Scotland},   // 2 and 3 Jan off
		{name: "the Twelfth", evidence: "2026-07-09", periods: "5w", want: "2026-07-17", nation: NorthernIreland},                  // 10 | 14 15 16 17
		{name: "no Twelfth in England", evidence: "2026-07-09", periods: "5w", want: "2026-07-16"},                                 // 10 | 13 14 15 16
		{name: "St Patrick's Day", evidence: "2026-03-16", periods: "2w", want: "2026-03-19", nation: NorthernIreland},             // 18 19
		{name: "St Andrew's Day", evidence: "2026-11-27", periods: "2w", want: "2026-12-02", nation: Scotland},                     // 1 2
		{name: "no St Andrew's Day in Wales", evidence: "2026-11-27", periods: "2w", want: "2026-12-01"},                           // 30 1
		{name: "World Cup Monday", evidence: "2026-06-12", periods: "1w", want: "2026-06-16", nation: Scotland},
		{name: "summer holiday in Scotland", evidence: "2026-07-31", periods: "1w", want: "2026-08-04", nation: Scotland},
		{name: "late summer holiday in England", evidence: "2026-08-28", periods: "1w", want: "2026-09-01"},
		{name: "late August in Scotland is worked", evidence: "2026-08-28", periods: "1w", want: "2026-08-31", nation: Scotland},
		{name: "Jubilee", evidence: "2022-05-30", periods: "5w", want: "2022-06-08"}, // 31 1 | 6 7 8
		{name: "State Funeral", evidence: "2022-09-16", periods: "1w", want: "2022-09-20"},
		{name: "VE Day", evidence: "2020-05-07", periods: "1w", want: "2020-05-11"},
		{name: "the May Monday that VE Day took", evidence: "2020-05-01", periods: "1w", want: "2020-05-04"},
		{name: "Coronation", evidence: "2023-05-05", periods: "5w", want: "2023-05-15"}, // 9 10 11 12 | 15
		{name: "a closure day inside", evidence: "2026-09-14", periods: "10w", want: "2026-09-29", closed: "2026-09-23"},
		{name: "a closure day on day 0 is not asked", evidence: "2026-09-14", periods: "1w", want: "2026-09-16", closed: "2026-09-15"},
		{name: "closed on a Saturday changes nothing", evidence: "2026-09-14", periods: "10w", want: "2026-09-28", closed: "2026-09-19"},
		{name: "closed on a holiday changes nothing", evidence: "2026-08-28", periods: "5w", want: "2026-09-07", closed: "2026-08-31"}, // 1 2 3 4 | 7

		// Several periods: the longest wins.
		{name: "28 days and 30 working days", evidence: "2026-09-07", periods: "28c 30w", want: "2026-10-19"},
		{name: "28 days and an agreement's 56", evidence: "2026-09-07", periods: "28c 56c", want: "2026-11-02"},
		{name: "the order does not matter", evidence: "2026-09-07", periods: "56c 28c", want: "2026-11-02"},
		// 28c: 11 Jan. 20w: 15–18: 4, 21–24: 8, 29–31: 11, 4–8: 16, 11–14
		{name: "20 working days outlast 28 over Christmas", evidence: "2026-12-14", periods: "28c 20w", want: "2027-01-14"},
		{name: "one of them is nought", evidence: "2026-09-07", periods: "0c 5w", want: "2026-09-14"},

		// Pauses.
		{name: "the demo story", evidence: "2026-09-07", periods: "28c 56c", want: "2026-11-04", pauses: "2026-09-28/2026-09-30"}, // 29, 30 Sep
		{name: "answered when due", evidence: "2026-09-07", periods: "56c", want: "2026-11-02", pauses: "2026-09-28/2026-09-28"},
		{name: "answered before", evidence: "2026-09-07", periods: "56c", want: "2026-11-02", pauses: "2026-09-28/2026-09-20"},
		{name: "answered a day late", evidence: "2026-09-07", periods: "56c", want: "2026-11-03", pauses: "2026-09-28/2026-09-29"},
		{name: "after the end", evidence: "2026-09-07", periods: "56c", want: "2026-11-02", pauses: "2026-11-10/2026-11-12"},
		{name: "due on the last day", evidence: "2026-09-07", periods: "28c", want: "2026-10-05", pauses: "2026-10-05/2026-10-09"},
		{name: "due the day before the last", evidence: "2026-09-07", periods: "28c", want: "2026-10-10", pauses: "2026-10-04/2026-10-09"}, // 5–9: 5 days
		{name: "before the clock started", evidence: "2026-09-07", periods: "28c", want: "2026-10-08", pauses: "2026-09-01/2026-09-10"},    // 8 9 10
		{name: "over a weekend, working days", evidence: "2026-09-14", periods: "10w", want: "2026-09-28", pauses: "2026-09-18/2026-09-20"},
		{name: "over a weekend, calendar days", evidence: "2026-09-14", periods: "14c", want: "2026-09-30", pauses: "2026-09-18/2026-09-20"},
		{name: "answered on a Saturday", evidence: "2026-09-14", periods: "10w", want: "2026-09-29", pauses: "2026-09-17/2026-09-19"}, // only Fri 18 lost
		{name: "inside the Easter holiday", evidence: "2026-04-01", periods: "5w", want: "2026-04-10", pauses: "2026-04-02/2026-04-06"},
		{name: "inside the Easter holiday, calendar days", evidence: "2026-04-01", periods: "14c", want: "2026-04-19", pauses: "2026-04-02/2026-04-06"},               // 3–6: 4 days
		{name: "inside the Easter weekend in Scotland", evidence: "2026-04-01", periods: "5w", want: "2026-04-10", nation: Scotland, pauses: "2026-04-02/2026-04-06"}, // Mon 6 lost
		{name: "out of the Easter holiday", evidence: "2026-04-01", periods: "5w", want: "2026-04-13", pauses: "2026-04-02/2026-04-07"},                               // 2 | 8 9 10 | 13
		{name: "two apart", evidence: "2026-09-07", periods: "28c", want: "2026-10-07", pauses: "2026-09-14/2026-09-15 2026-09-21/2026-09-22"},
		{name: "two that overlap: 15–21 once", evidence: "2026-09-07", periods: "28c", want: "2026-10-12", pauses: "2026-09-14/2026-09-18 2026-09-16/2026-09-21"},
		{name: "one inside another: 11–20 once", evidence: "2026-09-07", periods: "28c", want: "2026-10-15", pauses: "2026-09-10/2026-09-20 2026-09-12/2026-09-15"},
		{name: "the same twice", evidence: "2026-09-07", periods: "56c", want: "2026-11-04", pauses: "2026-09-28/2026-09-30 2026-09-28/2026-09-30"},
		// 15–18 move 5 Oct to 9 Oct, and so into 7, 8
		{name: "one pushes the end into another", evidence: "2026-09-07", periods: "28c", want: "2026-10-11", pauses: "2026-09-14/2026-09-18 2026-10-06/2026-10-08"},
		{name: "a weekend's pause makes the calendar period the longer", evidence: "2026-09-07", periods: "20w 28c", want: "2026-10-07", pauses: "2026-09-11/2026-09-13"},
		{name: "no days cannot be paused", evidence: "2026-09-07", periods: "0c", want: "2026-09-07", pauses: "2026-09-01/2026-09-30"},
		{name: "clear days and a pause", evidence: "2026-09-07", periods: "28c!", want: "2026-10-07", pauses: "2026-09-14/2026-09-15"},
		{name: "a pause over a closure day", evidence: "2026-09-14", periods: "10w", want: "2026-09-30", closed: "2026-09-23", pauses: "2026-09-22/2026-09-24"}, // 23 closed, 24 paused
		{name: "a pause over Christmas", evidence: "2026-12-21", periods: "10w", want: "2027-01-08", pauses: "2026-12-24/2026-12-29"},                           // of 25–29 only the 29th counted
		// Open: 29 Sep to 10 Oct are 12 days
		{name: "open, read on 10 October", evidence: "2026-09-07", periods: "28c", want: "2026-10-17", pauses: "2026-09-28", at: "2026-10-10"},
		{name: "open, read on its due day", evidence: "2026-09-07", periods: "28c", want: "2026-10-05", pauses: "2026-09-28", at: "2026-09-28"},
		{name: "open, read the day after", evidence: "2026-09-07", periods: "28c", want: "2026-10-06", pauses: "2026-09-28", at: "2026-09-29"},
		{name: "read before the answer came", evidence: "2026-09-07", periods: "56c", want: "2026-11-03", pauses: "2026-09-28/2026-09-30", at: "2026-09-29"},
		{name: "open and answered together", evidence: "2026-09-07", periods: "28c", want: "2026-10-09", pauses: "2026-09-28 2026-09-20/2026-09-22", at: "2026-09-30"}, // 21 22, 29 30

		// Nothing served: what service on the day of reading would give.
		{name: "projected on a Monday", periods: "28c", want: "2026-10-05", at: "2026-09-07"},
		{name: "projected on a Saturday", periods: "28c", want: "2026-10-12", at: "2026-09-12"},
		{name: "projected on Good Friday", periods: "5w", want: "2026-04-14", at: "2026-04-03"}, // 7 | 8 9 10 13 14
		{name: "projected without a period", periods: "", want: "2026-09-14", at: "2026-09-12"},
	} {
		in := ClockInput{Zone: london, CutOff: 16*60 + 30, Pauses: pauses(c.pauses), At: MustDate("2030-01-01")}
		if c.cutOff != 0 {
			in.CutOff = c.cutOff
		}
		if c.nation == "" {
			c.nation = EnglandAndWales
		}
		in.Calendar = NewCalendar(c.nation, closedOn(strings.Fields(c.closed)...))
		for _, p := range strings.Fields(c.periods) {
			in.Periods = append(in.Periods, period(p))
		}
		if c.at != "" {
			in.At = MustDate(c.at)
		}
		if c.evidence != "" {
			in.Evidence = when(t, c.evidence)
		}
		k := ReadClock(in)
		if got := k.Earliest.String(); got != c.want {
			t.Errorf("%s: %s, not %s\n%v", c.name, got, c.want, k.Steps)
		}
		if k.Started != (c.evidence != "") || k.Projected == k.Started {
			t.Errorf("%s: started %v, projected %v", c.name, k.Started, k.Projected)
		}
	}
}

func TestAddWorking(t *testing.T) {
	t.Parallel()
	c := NewCalendar(EnglandAndWales, nil)
	if got := c.AddWorking(MustDate("2026-09-14"), 10); got != MustDate("2026-09-28") {
		t.Errorf("10 working days after 14 September 2026: %v", got)
	}
	if got := c.AddWorking(MustDate("2026-09-12"), 0); got != MustDate("2026-09-12") {
		t.Errorf("no days move nothing: %v", got)
	}
}

func stepCodes(steps []Reason) string {
	var codes []string
	for _, s := range steps {
		codes = append(codes, strings.TrimPrefix(s.Code, "clock."))
	}
	return strings.Join(codes, " ")
}

func TestTheWorkingIsSaidStepByStep(t *testing.T) {
	t.Parallel()
	in := ClockInput{
		Evidence: when(t, "2026-09-07"), Zone: london, CutOff: 990, At: MustDate("2026-10-01"),
		Calendar: NewCalendar(EnglandAndWales, nil), Periods: []Period{period("28c"), period("56c")},
		Pauses: pauses("2026-09-28/2026-09-30 2027-01-04/2027-01-08"), Restarted: "N-9",
	}
	k := ReadClock(in)
	want := "restarted deemed_same_day period_calendar period_calendar pause pause_without_effect earliest"
	if got := stepCodes(k.Steps); got != want {
		t.Errorf("%s\nnot %s", got, want)
	}
	p := k.Steps[4].Params
	if p["first"] != MustDate("2026-09-29") || p["last"] != MustDate("2026-09-30") || p["days"] != 2 ||
		p["before"] != MustDate("2026-11-02") || p["after"] != MustDate("2026-11-04") {
		t.Errorf("the pause is told as %v", p)
	}
	in.Pauses, in.Restarted, in.Evidence = pauses("2026-09-28"), "", when(t, "2026-09-12")
	if got := stepCodes(ReadClock(in).Steps); got != "deemed_not_working period_calendar period_calendar pause_open earliest" {
		t.Error(got)
	}
	in.Pauses, in.Periods, in.Evidence = nil, []Period{period("5w!")}, when(t, "2026-09-07 18:00")
	if got := stepCodes(ReadClock(in).Steps); got != "deemed_after_cut_off period_working_clear earliest" {
		t.Error(got)
	}
}

func event(t *testing.T, kind, at, expires string) RequestEvent {
	t.Helper()
	e := RequestEvent{Kind: kind, At: when(t, at)}
	if expires != "" {
		e.ExpiresOn = MustDate(expires)
	}
	return e
}

func TestPausesOfARequest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		events []RequestEvent
		want   string
	}{
		{"open", nil, "28/open"},
		{"answered", []RequestEvent{event(t, "answered", "2026-09-30", "")}, "28/30"},
		{"answered late in the evening, London time", []RequestEvent{event(t, "answered", "2026-09-29 23:30Z", "")}, "28/30"},
		{"challenged is no answer", []RequestEvent{event(t, "challenged", "2026-09-29", "")}, "28/open"},
		{"withheld", []RequestEvent{event(t, "withheld", "2026-09-25", "2026-10-09")}, "28/25 09/open"},
		{
			"withheld, expired, answered",
			[]RequestEvent{event(t, "withheld", "2026-09-30", "2026-10-09"), event(t, "answered", "2026-10-12", "")},
			"28/30 09/12",
		},
		{
			"withheld, challenged, answered before expiry",
			[]RequestEvent{event(t, "withheld", "2026-09-30", "2026-10-09"), event(t, "challenged", "2026-10-01", ""), event(t, "answered", "2026-10-05", "")},
			"28/30 09/05",
		},
	} {
		r := RequestState{Request: Request{No: "IR-1", DueOn: MustDate("2026-09-28")}, Events: c.events}
		var got []string
		for _, p := range r.Pauses(london) {
			end := "open"
			if p.Answered != 0 {
				end = p.Answered.String()[8:]
			}
			got = append(got, p.Due.String()[8:]+"/"+end)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, not %s", c.name, s, c.want)
		}
	}
	// 28 days from 7 Sep: 29, 30 Sep and 10, 11, 12 Oct are not counted: 5 Oct + 2 = 7 Oct, which is before
	// the second pause; so it has no effect.
	expired := RequestState{Request: Request{DueOn: MustDate("2026-09-28")}, Events: []RequestEvent{
		event(t, "withheld", "2026-09-30", "2026-10-09"), event(t, "answered", "2026-10-12", ""),
	}}
	in := ClockInput{
		Evidence: when(t, "2026-09-07"), Zone: london, CutOff: 990, At: MustDate("2026-12-01"),
		Calendar: NewCalendar(EnglandAndWales, nil), Periods: []Period{period("28c")}, Pauses: expired.Pauses(london),
	}
	if got := ReadClock(in).Earliest; got != MustDate("2026-10-07") {
		t.Error(got)
	}
	in.Periods = []Period{period("56c")} // 2 Nov + 2 + 3
	if got := ReadClock(in).Earliest; got != MustDate("2026-11-07") {
		t.Error(got)
	}
}

func TestOverdue(t *testing.T) {
	t.Parallel()
	r := RequestState{Request: Request{DueOn: MustDate("2026-09-28")}, Events: []RequestEvent{
		event(t, "withheld", "2026-09-30", "2026-10-09"), event(t, "answered", "2026-10-12", ""),
	}}
	for day, want := range map[string]bool{
		"2026-09-28": false, "2026-09-29": true, "2026-09-30": false, "2026-10-09": false,
		"2026-10-10": true, "2026-10-11": true, "2026-10-12": false,
	} {
		if got := r.Overdue(MustDate(day), london); got != want {
			t.Errorf("overdue on %s: %v", day, got)
		}
	}
}

// Properties.

func drawClock(t *rapid.T) ClockInput {
	base := int32(MustDate("2026-01-01"))
	day := func(name string) Date { return Date(base + rapid.Int32Range(0, 800).Draw(t, name)) }
	in := ClockInput{Zone: london, CutOff: rapid.IntRange(0, 24*60).Draw(t, "cut-off"), At: day("at")}
	in.Evidence = day("served").At(rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"), london)
	var closed []ClosureDay
	for range rapid.IntRange(0, 12).Draw(t, "closures") {
		closed = append(closed, ClosureDay{Day: day("closed")})
	}
	in.Calendar = NewCalendar(rapid.SampledFrom([]Nation{EnglandAndWales, Scotland, NorthernIreland}).Draw(t, "nation"), closed)
	for range rapid.IntRange(0, 3).Draw(t, "periods") {
		in.Periods = append(in.Periods, Period{
			Trigger: BeforePilot, Days: rapid.IntRange(0, 90).Draw(t, "days"),
			Kind: rapid.SampledFrom([]DayKind{CalendarDays, WorkingDays}).Draw(t, "kind"), Clear: rapid.Bool().Draw(t, "clear"),
		})
	}
	for range rapid.IntRange(0, 4).Draw(t, "pauses") {
		in.Pauses = append(in.Pauses, drawPause(t, day("due")))
	}
	return in
}

func drawPause(t *rapid.T, due Date) Pause {
	p := Pause{Due: due}
	if rapid.Bool().Draw(t, "answered") {
		p.Answered = due + Date(rapid.Int32Range(-5, 60).Draw(t, "days late"))
	}
	return p
}

func TestALaterServiceNeverGivesAnEarlierDate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawClock(t)
		before := ReadClock(in)
		in.Evidence = in.Evidence.Add(time.Duration(rapid.Int64Range(1, 60*24*40).Draw(t, "minutes later")) * time.Minute)
		if after := ReadClock(in); after.Earliest < before.Earliest {
			t.Fatalf("%v became %v", before, after)
		}
	})
}

func TestAClosureDayNeverShortens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawClock(t)
		before := ReadClock(in)
		more := MustDate("2026-01-01") + Date(rapid.Int32Range(0, 1000).Draw(t, "one more"))
		closed := []ClosureDay{{Day: more}}
		for d := range in.Calendar.closed {
			closed = append(closed, ClosureDay{Day: d})
		}
		in.Calendar = NewCalendar(in.Calendar.nation, closed)
		if after := ReadClock(in); after.Earliest < before.Earliest {
			t.Fatalf("%v became %v", before, after)
		}
	})
}

func TestAPauseNeverShortens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawClock(t)
		before := ReadClock(in)
		due := MustDate("2026-01-01") + Date(rapid.Int32Range(0, 1000).Draw(t, "one more"))
		in.Pauses = append(slices.Clone(in.Pauses), drawPause(t, due))
		if after := ReadClock(in); after.Earliest < before.Earliest {
			t.Fatalf("%v became %v", before, after)
		}
	})
}

func TestTheFrozenCalendarIsTheLiveOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawClock(t)
		live := ReadClock(in)
		day := DateOf(in.Evidence, london)
		in.Calendar = in.Calendar.Freeze(day-30, live.Earliest+400).Calendar()
		if frozen := ReadClock(in); frozen.Earliest != live.Earliest || stepCodes(frozen.Steps) != stepCodes(live.Steps) {
			t.Fatalf("%v became %v", live, frozen)
		}
	})
}

func TestAFrozenCalendarKeepsWhatWasKnown(t *testing.T) {
	t.Parallel()
	frozen := NewCalendar(Scotland, closedOn("2026-09-09")).Freeze(MustDate("2026-06-01"), MustDate("2026-12-31"))
	frozen.Holidays = slices.DeleteFunc(frozen.Holidays, func(d NamedDay) bool { return d.Day == MustDate("2026-06-15") })
	c := frozen.Calendar()
	for day, want := range map[string]bool{
		"2026-06-15": true,  // proclaimed after this was frozen
		"2026-08-03": false, // Scotland's summer holiday
		"2026-09-09": false, // closed
		"2027-01-01": false, // outside: the nation's own list
	} {
		if c.Working(MustDate(day)) != want {
			t.Errorf("%s: working is not %v", day, want)
		}
	}
}

// Through the gate: which evidence, which periods, which notice.

func TestTheDemoStory(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageDecided, "2026-10-15")
	asked := RequestState{Request: Request{
		No: "IR-2026-001", UnionID: "u1", AskedAt: when(t, "2026-09-14"),
		DueOn: f.Calendar.AddWorking(MustDate("2026-09-14"), f.Profile.RequestDays),
	}}
	f.Requests = []RequestState{asked}
	f.Requests[0].Events = []RequestEvent{event(t, "answered", "2026-09-30", "")}
	for at, want := range map[string]string{
		"2026-09-14": "2026-11-02", "2026-09-28": "2026-11-02", // not overdue yet
		"2026-09-29": "2026-11-03", "2026-09-30": "2026-11-04", "2026-12-31": "2026-11-04",
	} {
		read(&f, t, at)
		g := gate(t, f, StagePilot)
		if got := g.earliest("UNISON", BeforePilot); got != want || g.Earliest.String() != want {
			t.Errorf("UNISON's date on %s: %s, gate's %v, not %s", at, got, g.Earliest, want)
		}
		if got := g.earliest("GMB", BeforePilot); got != "2026-10-05" {
			t.Errorf("GMB's date on %s: %s", at, got)
		}
	}
}

func TestTwoUnionsWithDifferentAgreements(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageDecided, "2026-10-05")
	g := gate(t, f, StagePilot)
	if !slices.Equal(g.codes(), []string{"period_running UNISON"}) {
		t.Errorf("on 5 October GMB's 28 days have run and UNISON's 56 have not: %v", g.codes())
	}
	read(&f, t, "2026-10-04")
	if got := gate(t, f, StagePilot).codes(); !slices.Equal(got, []string{"period_running GMB", "period_running UNISON"}) {
		t.Error(got)
	}
	read(&f, t, "2026-11-02")
	if g := gate(t, f, StagePilot); !g.Open || g.Earliest != MustDate("2026-11-02") {
		t.Errorf("%v, %v", g.codes(), g.Earliest)
	}
}

func TestEvidenceAtDifferentTimes(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageDecided, "2026-11-02")
	// GMB's mail bounced; the letter was handed over on Monday 21 September: 28 days, 19 October.
	f.Notices[0].Events["u2"] = []Delivery{
		{Event: Bounced, At: when(t, "2026-09-07")}, {Event: Handed, At: when(t, "2026-09-21")}, {Event: Acknowledged, At: when(t, "2026-09-23")},
	}
	if got := gate(t, f, StagePilot).earliest("GMB", BeforePilot); got != "2026-10-19" {
		t.Error(got)
	}
	// A notice frozen with a stricter rule counts from the acknowledgement: Wednesday 23 September.
	f.Notices[0].Content.Rules.Sufficient = EvidenceAcknowledged
	if got := gate(t, f, StagePilot).earliest("GMB", BeforePilot); got != "2026-10-21" {
		t.Error(got)
	}
}

func TestASupplementaryNoticeRestarts(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageDecided, "2026-12-31")
	serve(t, &f, NoticeSupplementary, "2026-09-21", supplement("N-1", true))
	g := gate(t, f, StagePilot)
	if u, m := g.earliest("UNISON", BeforePilot), g.earliest("GMB", BeforePilot); u != "2026-11-16" || m != "2026-10-19" {
		t.Errorf("restarted on 21 September: UNISON %s (56 days), GMB %s (28 days)", u, m)
	}
	if g.Clocks[len(g.Clocks)-1].Notice != "N-3" {
		t.Errorf("the clock runs from %s", g.Clocks[len(g.Clocks)-1].Notice)
	}
	// Read before it was served, the old clock stands.
	read(&f, t, "2026-09-20")
	if got := gate(t, f, StagePilot).earliest("UNISON", BeforePilot); got != "2026-11-02" {
		t.Error(got)
	}
	// Nothing is worse: the clock runs on.
	f = gateFacts(t, StageDecided, "2026-12-31")
	serve(t, &f, NoticeSupplementary, "2026-09-21", supplement("N-1", false))
	if got := gate(t, f, StagePilot).earliest("UNISON", BeforePilot); got != "2026-11-02" {
		t.Errorf("not for the worse: %s", got)
	}
	// A supplement to that supplement, for the worse: Monday 5 October + 56 = 30 November.
	serve(t, &f, NoticeSupplementary, "2026-10-05", supplement("N-3", true))
	if got := gate(t, f, StagePilot).earliest("UNISON", BeforePilot); got != "2026-11-30" {
		t.Errorf("restarted by the second: %s", got)
	}
	// One that restarts and has not reached GMB has stopped GMB's clock.
	f.Notices[3].Events["u2"] = nil
	if got := gate(t, f, StagePilot).codes(); !slices.Equal(got, []string{"no_evidence GMB"}) {
		t.Error(got)
	}
}

func TestRestartsOnlyForTheItemsThatCount(t *testing.T) {
	t.Parallel()
	for no := 1; no <= 26; no++ {
		want := no == 5 || no == 6 || no == 8 || no == 10 || no == 12
		if Restarts([]int{no}) != want {
			t.Errorf("item %d", no)
		}
	}
	if Restarts(nil) || !Restarts([]int{1, 12}) {
		t.Error("none restarts nothing; one of several is enough")
	}
}

func TestTheRulesAreThoseOfTheDayOfService(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageNoticed, "2026-12-31")
	// 20 working days from 7 September: 5 October. Later the employer closes a week and the profile doubles.
	f.Calendar = NewCalendar(EnglandAndWales, closedOn("2026-09-14", "2026-09-15", "2026-09-16"))
	for i := range f.Profile.Periods {
		f.Profile.Periods[i].Days *= 2
	}
	f.Profile.CutOff = 60
	if got := gate(t, f, StageDecided).earliest("GMB", BeforeDecision); got != "2026-10-05" {
		t.Error(got)
	}
}

func TestProjectedClocks(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageDecided, "2026-10-01")
	f.Notices = nil
	g := gate(t, f, StagePilot)
	if !g.Projected || g.earliest("UNISON", BeforePilot) != "2026-11-26" { // 1 Oct + 56: 30 + 26
		t.Errorf("projected %v: %s", g.Projected, g.earliest("UNISON", BeforePilot))
	}
	if got := g.codes(); !slices.Equal(got, []string{"not_served GMB", "not_served UNISON"}) {
		t.Error(got)
	}
	// The longer it waits, the later it gets.
	read(&f, t, "2026-10-10") // a Saturday: Monday 12 Oct + 56: 19 + 30 + 7
	if got := gate(t, f, StagePilot).earliest("UNISON", BeforePilot); got != "2026-12-07" {
		t.Error(got)
	}
}

func TestLateNoticeStartsTheClocksBeforeDecisionAndPilot(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageFormative, "2026-12-31")
	f.Notices = nil
	f.Deployment.Late = true
	serve(t, &f, NoticeLate, "2026-09-14")
	g := gate(t, f, StagePilot)
	if d, p := g.earliest("GMB", BeforeDecision), g.earliest("GMB", BeforePilot); d != "2026-10-12" || p != "2026-10-12" { // 20 working days, 28 days
		t.Errorf("%s, %s", d, p)
	}
	if got := gate(t, f, StageLive).codes(); !slices.Contains(got, "not_served GMB") {
		t.Errorf("a late notice is no rollout notice: %v", got)
	}
}

func TestAClassRaisedAfterServiceAsksForItsOwnPeriods(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageNoticed, "2026-12-31")
	f.Deployment.RaisedTo = ClassC
	// 30 working days from 7 September, not 20: 19 October.
	if got := gate(t, f, StageDecided).earliest("GMB", BeforeDecision); got != "2026-10-19" {
		t.Error(got)
	}
}
