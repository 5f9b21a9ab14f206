package report

import (
	"time"

	"beforehand/models"
)

// date reads a cell of dates in the one form that the plan names; 0 is none.
func (d *dataset) date(row int, col *dataColumn, cell []byte) models.Date {
	if day, ok := readDate(cell, d.rules.reading.DateForm); ok {
		return day
	}
	text := string(cell)
	p := Problem{Row: row, Column: col.heading}
	switch {
	case !readable(text):
		d.undecodable(row, col.heading)
		return 0
	case isMissing(squeeze(text)):
		p.Code = "dataset.required"
	default:
		// A date in another form looks like a date of birth, and is none here.
		if p.Code = d.rules.identifier(squeeze(text)); p.Code == "" || p.Code == "dataset.birth_date" {
			p.Code, p.Params = "dataset.not_a_date", models.Params{"form": d.rules.reading.DateForm}
		}
	}
	d.problem(p)
	return 0
}

// readDate reads ten characters: a real day of the years 1990 to 2100.
func readDate(cell []byte, form string) (models.Date, bool) {
	if len(cell) != len(form) {
		return 0, false
	}
	var year, month, day int
	for i, c := range cell {
		var to *int
		switch form[i] {
		case 'y':
			to = &year
		case 'm':
			to = &month
		case 'd':
			to = &day
		default:
			if c != form[i] {
				return 0, false
			}
			continue
		}
		if c < '0' || c > '9' {
			return 0, false
		}
		*to = *to*10 + int(c-'0')
	}
	if year < 1990 || year > 2100 || month < 1 || month > 12 || day < 1 || day > 31 {
		return 0, false
	}
	out := models.NewDate(year, time.Month(month), day)
	return out, out.Time().Day() == day // 31 April would be 1 May
}
