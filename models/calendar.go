package models

import "time"

// Nation chooses a list of bank holidays.
type Nation string

// The nations whose bank holidays are known.
const (
	EnglandAndWales Nation = "england_and_wales"
	Scotland        Nation = "scotland"
	NorthernIreland Nation = "northern_ireland"
)

// NamedDay is a day off and what it is called.
type NamedDay struct {
	Day  Date   `json:"day"`
	Name string `json:"name"`
}

// Calendar tells working days: not a weekend, not a bank holiday of the
// nation, not a closure day of the employer.
type Calendar struct {
	nation Nation
	closed map[Date]string
	// frozen bank holidays replace the library's from frozenFrom to frozenTo,
	// so that a notice keeps the calendar it was served under.
	frozen               map[Date]string
	frozenFrom, frozenTo Date
}

// NewCalendar makes the calendar of a nation and an employer's closure days.
func NewCalendar(nation Nation, closures []ClosureDay) Calendar {
	c := Calendar{nation: nation, closed: make(map[Date]string, len(closures))}
	for _, d := range closures {
		c.closed[d.Day] = d.Note
	}
	return c
}

// FrozenCalendar is a calendar written down: what was known when a notice was served.
type FrozenCalendar struct {
	Nation   Nation     `json:"nation"`
	From     Date       `json:"from"`
	To       Date       `json:"to"`
	Holidays []NamedDay `json:"holidays"`
	Closures []NamedDay `json:"closures"`
}

// Freeze writes down every bank holiday and closure day from one day to another.
func (c Calendar) Freeze(from, to Date) FrozenCalendar {
	f := FrozenCalendar{Nation: c.nation, From: from, To: to, Holidays: []NamedDay{}, Closures: []NamedDay{}}
	for d := from; d <= to; d++ {
		if name := c.holiday(d); name != "" {
			f.Holidays = append(f.Holidays, NamedDay{d, name})
		}
		if note, ok := c.closed[d]; ok {
			f.Closures = append(f.Closures, NamedDay{d, note})
		}
	}
	return f
}

// Calendar is the calendar that was written down. Outside its days the
// nation's own list is used.
func (f FrozenCalendar) Calendar() Calendar {
	c := Calendar{
		nation: f.Nation, closed: make(map[Date]string, len(f.Closures)),
		frozen: make(map[Date]string, len(f.Holidays)), frozenFrom: f.From, frozenTo: f.To,
	}
	for _, d := range f.Closures {
		c.closed[d.Day] = d.Name
	}
	for _, d := range f.Holidays {
		c.frozen[d.Day] = d.Name
	}
	return c
}

func (c Calendar) holiday(d Date) string {
	if c.frozen != nil && c.frozenFrom <= d && d <= c.frozenTo {
		return c.frozen[d]
	}
	return bankHoliday(c.nation, d)
}

// Working says whether a day is a working day.
func (c Calendar) Working(d Date) bool {
	if wd := d.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return false
	}
	if _, closed := c.closed[d]; closed {
		return false
	}
	return c.holiday(d) == ""
}

// WhyNot is why a day is not a working day; a working day has an empty code.
func (c Calendar) WhyNot(d Date) Reason {
	if wd := d.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return reason("day.weekend")
	}
	if name := c.holiday(d); name != "" {
		return reason("day.bank_holiday", "name", name)
	}
	if note, closed := c.closed[d]; closed {
		return reason("day.closure", "note", note)
	}
	return Reason{}
}

// NextWorking is the first working day on or after d.
func (c Calendar) NextWorking(d Date) Date {
	for !c.Working(d) {
		d++
	}
	return d
}

// AddWorking moves n working days on from d, which is day 0.
func (c Calendar) AddWorking(d Date, n int) Date {
	for n > 0 {
		d++
		if c.Working(d) {
			n--
		}
	}
	return d
}
