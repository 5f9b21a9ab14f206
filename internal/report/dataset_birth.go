package report

import (
	"regexp"
	"strconv"
	"time"

	"beforehand/models"
)

var (
	numericDay = regexp.MustCompile(`(?:^|\D)(\d{1,2})[ ]?[/.\-_][ ]?(\d{1,2})[ ]?[/.\-_][ ]?(\d{4}|\d{2})(?:\D|$)`)
	isoDay     = regexp.MustCompile(`(?:^|\D)((?:19|20)\d\d)[/.\-_ ]?(\d{2})[/.\-_ ]?(\d{2})(?:\D|$)`)
	compactDay = regexp.MustCompile(`(?:^|\D)(\d{2})(\d{2})((?:19|20)\d\d)(?:\D|$)`)
	wordDay    = regexp.MustCompile(`(?:^|\D)\d{1,2}(?:st|nd|rd|th|af|ail|ydd|fed|eg|ain)?[ \-./]*(?:o )?(?:` + months + `)[a-z]*[ \-.,/]*(?:(?:19|20)\d\d|'?\d\d)(?:\D|$)|` +
		`(?:^|[^a-z])(?:` + months + `)[a-z]*[ \-./]*\d{1,2}(?:st|nd|rd|th)?[ ,\-./]+(?:19|20)\d\d(?:\D|$)`)
)

const months = `jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ion|chwe|maw|ebr|mai|meh|gor|aws|med|hyd|tach|rhag`

// hasBirthDate finds a day in a text where no day belongs.
func hasBirthDate(lower string, digits, letters int) bool {
	if letters >= 3 && wordDay.MatchString(lower) {
		return true
	}
	if digits < 4 {
		return false
	}
	for _, m := range numericDay.FindAllStringSubmatch(lower, -1) {
		if realDay(m[1], m[2], m[3]) || realDay(m[2], m[1], m[3]) {
			return true
		}
	}
	if digits < 8 {
		return false
	}
	for _, m := range isoDay.FindAllStringSubmatch(lower, -1) {
		if realDay(m[3], m[2], m[1]) {
			return true
		}
	}
	for _, m := range compactDay.FindAllStringSubmatch(lower, -1) {
		if realDay(m[1], m[2], m[3]) {
			return true
		}
	}
	return false
}

func realDay(day, month, year string) bool {
	d, m, y := atoi(day), atoi(month), atoi(year)
	if len(year) == 2 {
		y += 1900
	}
	if y < 1900 || m < 1 || m > 12 || d < 1 {
		return false
	}
	return models.NewDate(y, time.Month(m), d).Time().Day() == d
}

// atoi reads digits that a pattern found.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
