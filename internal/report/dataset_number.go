package report

import (
	"bytes"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"beforehand/models"
)

// number reads a cell of values or of volumes; NaN is one that is missing or wrong.
func (d *dataset) number(row int, col *dataColumn, cell []byte) float64 {
	v, ok := dataNumber(cell, d.rules.reading.DecimalComma)
	if !ok {
		return d.noNumber(row, col, string(cell))
	}
	fault := Problem{Row: row, Column: col.heading}
	fault.Code = d.rules.numberIdentifier(string(cell), v)
	switch {
	case fault.Code != "":
	case math.IsInf(v, 0) || math.IsNaN(v):
		fault.Code = "dataset.not_finite"
	case col.role == models.RoleOfVolume && v <= 0:
		fault.Code = "dataset.volume"
	case col.role == models.RoleOfValue && !col.metric.Possible(v):
		fault.Code = "dataset.impossible"
		fault.Params = models.Params{"min": col.least, "max": col.most, "share": col.metric.Kind == models.MetricShare}
		fault.Value = shownValue(string(cell))
	default:
		return v
	}
	d.problem(fault)
	return math.NaN()
}

// dataNumber reads digits with at most a sign, a decimal mark and an exponent.
func dataNumber(cell []byte, comma bool) (float64, bool) {
	mark, other := byte('.'), byte(',')
	if comma {
		mark, other = other, mark
	}
	var digits, marks int
	for i, c := range cell {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == mark:
			marks++
		case c == other:
			return 0, false
		case c == '-' || c == '+':
			if i > 0 && cell[i-1]|0x20 != 'e' {
				return 0, false
			}
		case c|0x20 == 'e' && i > 0 && digits > 0:
		default:
			return 0, false
		}
	}
	if digits == 0 || marks > 1 {
		return 0, false
	}
	if comma && marks == 1 {
		cell = bytes.Replace(cell, []byte{','}, []byte{'.'}, 1)
	}
	v, err := strconv.ParseFloat(string(cell), 64)
	return v, err == nil || math.IsInf(v, 0)
}

var (
	anyNumber   = `[-+]?[0-9]+(?:[.,][0-9]+)?`
	otherMark   = regexp.MustCompile(`^[-+]?[0-9]+[.,][0-9]+$`)
	grouped     = regexp.MustCompile(`^[-+]?[0-9]{1,3}(?:[ ,.'’][0-9]{3})+(?:[.,][0-9]+)?$`)
	withUnit    = regexp.MustCompile(`^[£$€]? ?` + anyNumber + ` ?(?:[\pL%‰£$€°][\pL%./ ]*[0-9 \pL]*)?$|^[0-9]{1,3}(?::[0-9]{2}){1,2}$`)
	notFinite   = regexp.MustCompile(`(?i)^[-+]?(?:nan|inf|infinity|∞)$`)
	shownNumber = regexp.MustCompile(`^[-+£$€]?[0-9][0-9.,:' ]*[\pL%]{0,5}\.?$`)
)

// noNumber says why a cell is no number, or notes that it is missing.
func (d *dataset) noNumber(row int, col *dataColumn, cell string) float64 {
	if !readable(cell) {
		d.undecodable(row, col.heading)
		return math.NaN()
	}
	text := squeeze(cell)
	if _, ok := dataNumber([]byte(text), d.rules.reading.DecimalComma); ok && text != cell {
		return d.number(row, col, []byte(text)) // there was only something of no width
	}
	if isMissing(text) {
		d.missing(row, col.heading)
		return math.NaN()
	}
	p := Problem{Row: row, Column: col.heading, Code: d.rules.identifier(text)}
	if p.Code == "" {
		p.Code, p.Value = numberFault(text, d.rules.reading.DecimalComma), shownValue(text)
	}
	d.problem(p)
	return math.NaN()
}

func numberFault(text string, comma bool) string {
	switch {
	case grouped.MatchString(text):
		return "dataset.thousands"
	case otherMark.MatchString(text) && comma:
		return "dataset.decimal_point"
	case otherMark.MatchString(text):
		return "dataset.decimal_comma"
	case notFinite.MatchString(text):
		return "dataset.not_finite"
	case looksLikeFormula(text):
		return "dataset.formula"
	case withUnit.MatchString(text):
		return "dataset.unit_in_cell"
	}
	return "dataset.not_a_number"
}

// shownValue is what a problem shows of a cell with no identifier in it: the
// beginning of what looks like a number, and nothing of any other text, which
// may be a name that nobody knows.
func shownValue(text string) string {
	if !shownNumber.MatchString(text) {
		return ""
	}
	return cut(text, 20)
}

// numberIdentifier finds what was written as a number and is none: a number
// with ten digits or so, whole or with a point inside, as spreadsheets write
// telephone and NHS numbers when they take them for numbers.
func (r *rowRules) numberIdentifier(cell string, v float64) string {
	if r.staffWhole != nil && r.staffWhole.MatchString(cell) {
		return "dataset.staff_number"
	}
	if math.Abs(v) < 100_000 && !(len(cell) >= 10 && onlyDigits(cell)) || math.IsInf(v, 0) {
		return ""
	}
	for _, form := range []string{cell, strconv.FormatFloat(math.Abs(v), 'f', -1, 64)} {
		digits := strings.Map(func(c rune) rune {
			if !unicode.IsDigit(c) {
				return -1
			}
			return c
		}, form)
		if code := digitIdentifier(digits); code != "" {
			return code
		}
	}
	return ""
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
