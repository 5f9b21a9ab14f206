package models

import (
	"slices"
	"strings"
	"time"
)

// CostEntry is an amount of a year: what was spent, is foreseen, or is said or
// shown to be saved. It is never changed; a wrong one is taken back.
type CostEntry struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	DeploymentID string
	// Year is the financial year that begins in April of it.
	Year     int
	Kind     string
	Pence    int64
	Cashable bool
	Booked   string
	Note     string
	// ClaimID and AttachmentID are what bears the amount out.
	ClaimID      *string
	AttachmentID *string
	ByUserID     string
	At           time.Time
}

// CostKinds is the closed list. Forecasts and savings claimed are not money
// spent; savings evidenced name the claim that shows them.
var CostKinds = []string{"one_off", "running", "forecast", "saving_claimed", "saving_evidenced"}

// CostReversal takes an entry back, with a reason.
type CostReversal struct {
	OrgID    string `gorm:"primaryKey"`
	EntryID  string `gorm:"primaryKey"`
	Reason   string
	ByUserID string
	At       time.Time
}

// CostState is an entry, and why it was taken back if it was.
type CostState struct {
	CostEntry
	Reversal *CostReversal
}

// CostTotals are sums in pence.
type CostTotals struct {
	ToDate, Forecast, Claimed, Cashable, Evidenced int64
}

// FinancialYear is the year in which the financial year of a day began.
func FinancialYear(d Date) int {
	year := d.Time().Year()
	if d < MustDate(yearStart(year)) {
		return year - 1
	}
	return year
}

func yearStart(year int) string {
	return time.Date(year, 4, 1, 0, 0, 0, 0, time.UTC).Format("2006-01-02")
}

// YearBounds are the first and the last day of a financial year.
func YearBounds(year int) (first, last Date) {
	return MustDate(yearStart(year)), MustDate(yearStart(year+1)) - 1
}

// Totals sums what was not taken back: spent up to and including a financial
// year, foreseen after it, and saved.
func Totals(entries []CostState, throughYear int) CostTotals {
	var t CostTotals
	for _, e := range entries {
		if e.Reversal != nil || strings.HasPrefix(e.Kind, "saving_") && e.Year > throughYear+1 {
			continue // a saving further off than the year to come is none to report
		}
		switch e.Kind {
		case "one_off", "running":
			if e.Year <= throughYear {
				t.ToDate += e.Pence
			} else {
				t.Forecast += e.Pence
			}
		case "forecast":
			if e.Year > throughYear || !spent(entries, e.Year) {
				t.Forecast += e.Pence
			}
		case "saving_claimed":
			t.Claimed += e.Pence
			if e.Cashable {
				t.Cashable += e.Pence
			}
		case "saving_evidenced":
			t.Evidenced += e.Pence
		}
	}
	return t
}

// spent says whether anything was spent in a year: then its forecast has had
// its time.
func spent(entries []CostState, year int) bool {
	return slices.ContainsFunc(entries, func(e CostState) bool {
		return e.Reversal == nil && e.Year == year && (e.Kind == "one_off" || e.Kind == "running")
	})
}
