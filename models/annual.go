package models

import "slices"

// Traced is one record behind a number: what it is called and its page.
type Traced struct {
	No   string
	Path string // without language
	// Weight is what it counts for: one, a number of people, or of days.
	Weight int
}

// YearFigure is one number of a year's report, with the records behind it.
type YearFigure struct {
	Key     string
	Params  Params
	Records []Traced
	// Median says that the number is the median of the weights, not their sum.
	Median bool
}

// Value is the number: the records, or the sum or median of their weights.
func (f YearFigure) Value() int {
	if f.Median {
		return median(f.Records)
	}
	n := 0
	for _, r := range f.Records {
		n += r.Weight
	}
	return n
}

// median is the middle weight; of an even number, the mean of the middle two
// rounded down, so that it is never said to be longer than it was.
func median(rows []Traced) int {
	if len(rows) == 0 {
		return 0
	}
	days := make([]int, len(rows))
	for i, r := range rows {
		days[i] = r.Weight
	}
	slices.Sort(days)
	mid := len(days) / 2
	if len(days)%2 == 1 {
		return days[mid]
	}
	return (days[mid-1] + days[mid]) / 2
}

// YearPart is a part of a year's report.
type YearPart struct {
	Key     string
	Figures []YearFigure
}

// YearReport is the annual social-partnership report of a financial year
// (Social Partnership and Public Procurement (Wales) Act 2023, s.18): numbers
// with the records behind them, and what each union says of it.
type YearReport struct {
	Year        int
	First, Last Date
	// Size and Root are the log that it was made from.
	Size      int64
	Root      string
	Parts     []YearPart
	Unions    []Union
	Positions map[string]Position
}

// Missing are the unions that have neither agreed nor said why not.
func (y YearReport) Missing() []Union {
	var out []Union
	for _, u := range y.Unions {
		if _, said := y.Positions[u.ID]; !said {
			out = append(out, u)
		}
	}
	return out
}

// Empty says whether there is nothing in the year.
func (y YearReport) Empty() bool {
	for _, p := range y.Parts {
		for _, f := range p.Figures {
			if len(f.Records) > 0 {
				return false
			}
		}
	}
	return true
}
