package models

import (
	"sync/atomic"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/gb"
)

// The names are those of the list that the government publishes. What falls on
// a weekend is a holiday on its substitute day only, as in that list.
var (
	toMonday = []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 1}}

	newYear      = gb.NewYear
	goodFriday   = gb.GoodFriday
	easterMonday = gb.EasterMonday
	earlyMay     = gb.EarlyMay.Clone(&cal.Holiday{Name: "Early May bank holiday"})
	veDay        = gb.VEDay.Clone(&cal.Holiday{Name: "Early May bank holiday (VE day)"})
	coronation   = gb.CoronationDay.Clone(&cal.Holiday{Name: "Bank holiday for the coronation of King Charles III"})
	spring       = gb.SpringHoliday.Clone(&cal.Holiday{Name: "Spring bank holiday"})
	spring2022   = gb.SpringHoliday2022.Clone(&cal.Holiday{Name: "Spring bank holiday"})
	jubilee      = gb.PlatinumJubilee.Clone(&cal.Holiday{Name: "Platinum Jubilee bank holiday"})
	funeral      = oneOff("Bank Holiday for the State Funeral of Queen Elizabeth II", 2022, time.September, 19)
	summer       = gb.SummerHoliday.Clone(&cal.Holiday{Name: "Summer bank holiday"})
	christmas    = gb.ChristmasDay
	boxingDay    = gb.BoxingDay

	// In Scotland 2 January is a holiday too, and makes way for New Year's Day
	// as Boxing Day does for Christmas Day.
	newYear2 = &cal.Holiday{
		Name: "2nd January", Type: cal.ObservanceBank, Month: time.January, Day: 2, Func: cal.CalcDayOfMonth,
		Observed: []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 2}, {Day: time.Monday, Offset: 1}},
	}
	summerScotland = gb.SummerHolidayScotland.Clone(&cal.Holiday{Name: "Summer bank holiday"})
	stAndrew       = onDay("St Andrew’s Day", time.November, 30)
	worldCup       = oneOff("World Cup bank holiday", 2026, time.June, 15)

	stPatrick = onDay("St Patrick’s Day", time.March, 17)
	boyne     = onDay("Battle of the Boyne (Orangemen’s Day)", time.July, 12)
)

func onDay(name string, month time.Month, day int) *cal.Holiday {
	return &cal.Holiday{Name: name, Type: cal.ObservanceBank, Month: month, Day: day, Observed: toMonday, Func: cal.CalcDayOfMonth}
}

func oneOff(name string, year int, month time.Month, day int) *cal.Holiday {
	h := onDay(name, month, day)
	h.StartYear, h.EndYear = year, year
	return h
}

// bankHolidays of each nation, by [nationIndex].
var bankHolidays = [3][]*cal.Holiday{
	{
		newYear, goodFriday, easterMonday, earlyMay, veDay, coronation, spring, spring2022, jubilee, funeral,
		summer, christmas, boxingDay,
	},
	{
		newYear, newYear2, goodFriday, earlyMay, veDay, coronation, spring, spring2022, jubilee, worldCup, summerScotland,
		funeral, stAndrew, christmas, boxingDay,
	},
	{
		newYear, stPatrick, goodFriday, easterMonday, earlyMay, veDay, coronation, spring, spring2022, jubilee, boyne,
		funeral, summer, christmas, boxingDay,
	},
}

func nationIndex(n Nation) int {
	switch n {
	case EnglandAndWales:
		return 0
	case Scotland:
		return 1
	case NorthernIreland:
		return 2
	default:
		return -1
	}
}

// Years whose lists are kept once they have been worked out. Others are worked
// out each time.
const (
	firstKept = 1990
	lastKept  = 2150
)

var keptYears [3][lastKept - firstKept + 1]atomic.Pointer[[]NamedDay]

// yearOfHolidays is the list of a nation and year, in no order. Two that ask
// at once both work it out, to the same list.
func yearOfHolidays(nation, year int) []NamedDay {
	kept := year >= firstKept && year <= lastKept
	if kept {
		if list := keptYears[nation][year-firstKept].Load(); list != nil {
			return *list
		}
	}
	list := make([]NamedDay, 0, len(bankHolidays[nation]))
	for _, h := range bankHolidays[nation] {
		actual, observed := h.Calc(year)
		if actual.IsZero() {
			continue
		}
		day, name := NewDate(observed.Date()), h.Name
		if !observed.Equal(actual) {
			name += " (substitute day)"
		}
		list = append(list, NamedDay{day, name})
	}
	if kept {
		keptYears[nation][year-firstKept].Store(&list)
	}
	return list
}

// bankHoliday is the name of a nation's bank holiday, or "". No substitute day
// falls into the year after.
func bankHoliday(n Nation, d Date) string {
	nation := nationIndex(n)
	if nation < 0 {
		return ""
	}
	for _, h := range yearOfHolidays(nation, d.Year()) {
		if h.Day == d {
			return h.Name
		}
	}
	return ""
}
