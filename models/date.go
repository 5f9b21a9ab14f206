package models

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// Date is a civil date with no time of day and no zone. It counts days from
// 1 January of the year 1, which is 1; zero is no date.
type Date int32

var dateEpoch = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)

// NewDate returns the date of a year, month and day, normalised as time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	return dateOfUTC(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the civil date of an instant in a zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return NewDate(y, m, d)
}

func dateOfUTC(t time.Time) Date {
	return Date((t.Unix()-dateEpoch.Unix())/86400 + 1) //nolint:gosec // 32 bits hold the days of five million years
}

// ParseDate reads "2026-09-07". A date that does not exist, such as 30 February, is an error.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return 0, fmt.Errorf("%q is not a date such as 2026-09-07", s)
	}
	return dateOfUTC(t), nil
}

// MustDate is ParseDate for literals; it panics on a mistake.
func MustDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// Time is midnight UTC of the date, for formatting only.
func (d Date) Time() time.Time { return dateEpoch.AddDate(0, 0, int(d)-1) }

// At is an instant of the date in a zone. A wall time skipped by summer time
// is moved on as time.Date does.
func (d Date) At(hour, minute int, zone *time.Location) time.Time {
	y, m, day := d.Time().Date()
	return time.Date(y, m, day, hour, minute, 0, 0, zone)
}

// AddDays moves by whole calendar days.
func (d Date) AddDays(n int) Date { return d + Date(n) } //nolint:gosec // days are counted in thousands at most

// AddMonths moves by calendar months; 31 January plus one month is 28 or 29 February.
func (d Date) AddMonths(n int) Date {
	y, m, day := d.Time().Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return dateOfUTC(first.AddDate(0, 0, min(day, last)-1))
}

// MonthsUntil is how many whole months lie between this day and another one;
// 0 when the other is not later.
func (d Date) MonthsUntil(o Date) int {
	n := 0
	for o > d && d.AddMonths(n+1) <= o {
		n++
	}
	return n
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return time.Weekday((int(d)%7 + 7) % 7) }

// Year is the calendar year.
func (d Date) Year() int { return d.Time().Year() }

// String is "2026-09-07", or "" for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format(time.DateOnly)
}

// MarshalText writes "2026-09-07".
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalJSON writes "2026-09-07", and null for no date, which reads back.
func (d Date) MarshalJSON() ([]byte, error) {
	if d == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(d.String())
}

// UnmarshalText reads "2026-09-07"; empty is no date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	v, err := ParseDate(string(b))
	if err == nil {
		*d = v
	}
	return err
}

// Value stores the date as text that both databases accept for a DATE column.
func (d Date) Value() (driver.Value, error) {
	if d == 0 {
		return nil, nil //nolint:nilnil // SQL NULL is what no date is
	}
	return d.String(), nil
}

// Scan reads a DATE column of either database.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = 0
	case time.Time:
		*d = NewDate(v.Date())
	case string:
		return d.UnmarshalText([]byte(v[:min(len(v), 10)]))
	case []byte:
		return d.UnmarshalText(v[:min(len(v), 10)])
	default:
		return fmt.Errorf("cannot read a date from %T", src)
	}
	return nil
}
