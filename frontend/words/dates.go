package words

import (
	"fmt"
	"strconv"
	"time"
)

// Neither Go nor Chromium knows Welsh months and days, so they are here.
var (
	weekdays = map[string][7]string{
		English: {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		Welsh: {
			"dydd Sul", "dydd Llun", "dydd Mawrth", "dydd Mercher", "dydd Iau", "dydd Gwener", "dydd Sadwrn",
		},
	}
	months = map[string][12]string{
		English: {
			"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December",
		},
		Welsh: {
			"Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin",
			"Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr",
		},
	}
	shortMonths = map[string][12]string{
		English: {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		Welsh:   {"Ion", "Chwef", "Maw", "Ebr", "Mai", "Meh", "Gorff", "Awst", "Medi", "Hyd", "Tach", "Rhag"},
	}
)

func known(lang string) string {
	if lang == Welsh {
		return Welsh
	}
	return English
}

// noDate says whether a time stands for no date: the zero time, or the day
// before it, which is what a zero civil date becomes.
func noDate(t time.Time) bool { return t.Year() <= 1 }

// Date gives a date in words, with its weekday: "Monday 7 September 2026",
// "dydd Llun 7 Medi 2026". No date is "". The time is read in its own zone.
func Date(lang string, t time.Time) string {
	if noDate(t) {
		return ""
	}
	return weekdays[known(lang)][t.Weekday()] + " " + longDate(lang, t)
}

func longDate(lang string, t time.Time) string {
	return fmt.Sprintf("%d %s %d", t.Day(), months[known(lang)][t.Month()-1], t.Year())
}

// ShortDate is a date for tables: "7 Sep 2026", "7 Medi 2026". No date is "".
func ShortDate(lang string, t time.Time) string {
	if noDate(t) {
		return ""
	}
	return fmt.Sprintf("%d %s %d", t.Day(), shortMonths[known(lang)][t.Month()-1], t.Year())
}

// DateTime gives an instant in a zone: "8 September 2026 at 10:12",
// "8 Medi 2026 am 10:12". No time is ""; no zone is UTC.
func DateTime(lang string, t time.Time, zone *time.Location) string {
	if noDate(t) {
		return ""
	}
	if zone == nil {
		zone = time.UTC
	}
	at := " at "
	if known(lang) == Welsh {
		at = " am "
	}
	local := t.In(zone)
	return longDate(lang, local) + at + local.Format("15:04")
}

// Number writes a whole number with its thousands apart, which English and
// Welsh do alike: "12,345".
func Number(_ string, n int) string {
	s := strconv.Itoa(n)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
