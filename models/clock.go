package models

import (
	"slices"
	"time"
)

// DayKind says which days a period counts.
type DayKind string

// Calendar days count all; working days skip weekends, bank holidays and closure days.
const (
	CalendarDays DayKind = "calendar"
	WorkingDays  DayKind = "working"
)

// Trigger is what a period must run before.
type Trigger string

// The triggers, in the order in which a deployment meets them.
const (
	BeforeDecision Trigger = "decision"
	BeforePilot    Trigger = "pilot"
	BeforeRollout  Trigger = "rollout"
)

// Triggers in order.
var Triggers = []Trigger{BeforeDecision, BeforePilot, BeforeRollout}

// Period is a minimum time between service and what it must come before.
// Class "" is every class. A clear period ends a counted day later.
type Period struct {
	Class   ChangeClass `json:"class,omitempty" enum:"A,B,C,D,"`
	Trigger Trigger     `json:"before" enum:"decision,pilot,rollout"`
	Days    int         `json:"days" minimum:"0" maximum:"730"`
	Kind    DayKind     `json:"kind" enum:"calendar,working"`
	Clear   bool        `json:"clear,omitempty"`
	// Source names the profile or agreement that asks for it.
	Source string `json:"source,omitempty"`
}

func (p Period) counts(c Calendar, d Date) bool { return p.Kind == CalendarDays || c.Working(d) }

// Pause is a stretch of days that do not count: an information request that
// was overdue from the day after Due up to and including the day of its
// answer. Answered zero is still open.
type Pause struct {
	Request string
	// Meeting is the number of a meeting that the employer cancelled, when that
	// stopped the clock and not a request; Due is the day that it was to be, and
	// Answered that of the one in its place.
	Meeting  string
	Due      Date
	Answered Date
}

// last is the last day not counted, seen from a day.
func (p Pause) last(at Date) Date {
	if p.Answered == 0 || p.Answered > at {
		return at
	}
	return p.Answered
}

// ClockRules are what a notice is counted by, frozen into it when served.
type ClockRules struct {
	Zone string `json:"zone"`
	// CutOff is minutes after midnight: evidence from then on counts the next working day.
	CutOff   int            `json:"cutOffMinutes"`
	Calendar FrozenCalendar `json:"calendar"`
}

// ClockInput is everything that one union's clock for one trigger depends on.
type ClockInput struct {
	// Evidence is the instant of the first sufficient evidence of service, or zero.
	Evidence time.Time
	// Restarted is the number of the supplementary notice that the clock
	// restarted from, when Evidence is of that one.
	Restarted string
	Periods   []Period
	Pauses    []Pause
	Zone      *time.Location
	CutOff    int
	Calendar  Calendar
	// At is the day the clock is read: a pause still open runs up to it.
	At Date
}

// Clock is a clock that has been read. Earliest is the first permitted date;
// Steps are its working, in the order a person would do it.
type Clock struct {
	Started  bool
	Deemed   Date
	Earliest Date
	// Projected says that nothing has been served: the dates are what service
	// on the day of reading would give.
	Projected bool
	Steps     []Reason
}

// Deem gives the deemed day of service of an instant of evidence: that day
// when it is a working day and the cut-off has not come, else the next working day.
func Deem(evidence time.Time, zone *time.Location, cutOff int, c Calendar) (Date, Reason) {
	local := evidence.In(zone)
	day := DateOf(evidence, zone)
	clock := local.Format("15:04")
	if why := c.WhyNot(day); why.Code != "" {
		deemed := c.NextWorking(day)
		return deemed, reason("clock.deemed_not_working", "time", clock, "day", day, "why", why, "deemed", deemed)
	}
	if local.Hour()*60+local.Minute() >= cutOff {
		deemed := c.NextWorking(day + 1)
		return deemed, reason("clock.deemed_after_cut_off", "time", clock, "day", day, "cutOff", HourMinute(cutOff), "deemed", deemed)
	}
	return day, reason("clock.deemed_same_day", "time", clock, "day", day)
}

// ReadClock reads one union's clock. The deemed day is day 0 and the earliest
// date is day N, the latest over the periods; days inside a pause are not
// counted (domain section 5).
func ReadClock(in ClockInput) Clock {
	var k Clock
	if in.Restarted != "" {
		k.Steps = append(k.Steps, reason("clock.restarted", "notice", in.Restarted))
	}
	if in.Evidence.IsZero() {
		k.Projected = true
		k.Deemed = in.Calendar.NextWorking(in.At)
		k.Steps = append(k.Steps, reason("clock.projected", "deemed", k.Deemed))
	} else {
		k.Started = true
		var step Reason
		k.Deemed, step = Deem(in.Evidence, in.Zone, in.CutOff, in.Calendar)
		k.Steps = append(k.Steps, step)
	}
	k.Earliest = k.Deemed
	if len(in.Periods) == 0 {
		k.Steps = append(k.Steps, reason("clock.no_period", "earliest", k.Earliest))
		return k
	}
	longest, winner := Date(-1), in.Periods[0]
	for _, p := range in.Periods {
		end := count(p, k.Deemed, in.Calendar, nil, in.At)
		k.Steps = append(k.Steps, periodStep(p, k.Deemed, end))
		if full := count(p, k.Deemed, in.Calendar, in.Pauses, in.At); full > longest {
			longest, winner = full, p
		}
	}
	k.pause(in, winner)
	k.Earliest = longest
	k.Steps = append(k.Steps, reason("clock.earliest", "earliest", k.Earliest))
	return k
}

// pause explains, pause by pause, how the winning period's end moved.
func (k *Clock) pause(in ClockInput, p Period) {
	pauses := slices.Clone(in.Pauses)
	slices.SortStableFunc(pauses, func(a, b Pause) int { return int(a.Due) - int(b.Due) })
	before := count(p, k.Deemed, in.Calendar, nil, in.At)
	for i, pause := range pauses {
		after := count(p, k.Deemed, in.Calendar, pauses[:i+1], in.At)
		first, last := pause.Due+1, pause.last(in.At)
		of, what, no := "", "request", pause.Request
		if pause.Meeting != "" {
			of, what, no = "_meeting", "meeting", pause.Meeting
		}
		switch {
		case last < first || after == before:
			k.Steps = append(k.Steps, reason("clock.pause_without_effect"+of, what, no, "due", pause.Due))
		case pause.Answered == 0 || pause.Answered > in.At:
			k.Steps = append(k.Steps, reason("clock.pause_open"+of, what, no, "due", pause.Due,
				"first", first, "last", last, "before", before, "after", after))
		default:
			k.Steps = append(k.Steps, reason("clock.pause"+of, what, no, "due", pause.Due, "answered", pause.Answered,
				"first", first, "last", last, "days", int(last-first)+1, "before", before, "after", after))
		}
		before = after
	}
}

// count gives day N: the Nth counted day after day 0, pauses left out.
func count(p Period, day0 Date, c Calendar, pauses []Pause, at Date) Date {
	n := p.Days
	if p.Clear {
		n++
	}
	d := day0
	for n > 0 {
		d++
		if p.counts(c, d) && !paused(d, pauses, at) {
			n--
		}
	}
	return d
}

func paused(d Date, pauses []Pause, at Date) bool {
	return slices.ContainsFunc(pauses, func(p Pause) bool { return p.Due < d && d <= p.last(at) })
}

func periodStep(p Period, deemed, end Date) Reason {
	code := "clock.period_" + string(p.Kind)
	if p.Clear {
		code += "_clear"
	}
	return reason(code, "days", p.Days, "source", p.Source, "before", reason("trigger."+string(p.Trigger)), "deemed", deemed, "end", end)
}

// HourMinute writes minutes after midnight as "16:30".
func HourMinute(minutes int) string {
	return time.Date(1, 1, 1, 0, minutes, 0, 0, time.UTC).Format("15:04")
}

// Pauses are the stretches in which a request of a union was overdue. A
// withholding answers until it expires; from then on the request is open again.
func (r RequestState) Pauses(zone *time.Location) []Pause {
	due := r.DueOn
	var out []Pause
	for _, e := range r.Events {
		day := DateOf(e.At, zone)
		switch e.Kind {
		case "answered":
			return append(out, Pause{Request: r.No, Due: due, Answered: day})
		case "withheld":
			out = append(out, Pause{Request: r.No, Due: due, Answered: day})
			due = max(r.DueOn, e.ExpiresOn)
		case "challenged":
			if e.ExpiresOn != 0 {
				due = max(r.DueOn, min(due, e.ExpiresOn))
			}
		}
	}
	return append(out, Pause{Request: r.No, Due: due})
}
