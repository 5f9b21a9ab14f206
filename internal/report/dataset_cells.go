package report

import (
	"bytes"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"beforehand/models"
)

const (
	longestText = 60     // characters of a team, a group, a language, a pair
	mostSeen    = 20_000 // texts of a column whose verdict is remembered
)

// verdict is what a cell was found to say.
type verdict struct {
	text   string
	which  int8   // of the two words of an arm or a period
	code   string // of what is wrong; "" for nothing
	params models.Params
	absent bool
}

// understand reads the cells of a row by their columns.
func (d *dataset) understand(number int, cells [][]byte) DataRow {
	out := DataRow{Number: number, Arm: -1, Period: 1, Volume: 1, Values: d.values()}
	for i, col := range d.columns {
		var cell []byte
		if i < len(cells) {
			cell = bytes.TrimSpace(cells[i])
		}
		if len(cell) > longestDataCell {
			d.problem(Problem{Row: number, Column: col.heading, Code: "dataset.cell_too_long", Params: models.Params{"max": "4 KiB"}})
			continue
		}
		switch col.role {
		case models.RoleOfValue:
			out.Values[col.value] = d.number(number, col, cell)
		case models.RoleOfVolume:
			out.Volume = d.number(number, col, cell)
		case models.RoleOfDate:
			out.Date = d.date(number, col, cell)
		default:
			d.text(&out, col, cell)
		}
	}
	if !d.faulty {
		d.place(&out)
	}
	return out
}

// values gives a fresh slice; they are cut from slabs, a thousand at a time.
func (d *dataset) values() []float64 {
	n := d.rules.values
	if len(d.slab) < n {
		d.slab = make([]float64, 1024*n)
	}
	out := d.slab[:n:n]
	d.slab = d.slab[n:]
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}

// place finds the period of a row. With no period column and no date, or no
// windows, every row is an observation.
func (d *dataset) place(out *DataRow) {
	if !d.rules.dated || !d.rules.windows {
		return
	}
	plan := d.rules.plan
	by := int8(-1)
	switch {
	case plan.Baseline.Holds(out.Date):
		by = 0
	case plan.Observation.Holds(out.Date):
		by = 1
	}
	if !d.rules.period {
		out.Period = by
		return
	}
	said := plan.Baseline
	if out.Period == 1 {
		said = plan.Observation
	}
	if by != out.Period && said != (models.Window{}) {
		d.problem(Problem{Row: out.Number, Column: d.headingOf(models.RoleOfPeriod), Code: "dataset.period_disagrees", Params: models.Params{"from": said.From, "to": said.To}})
	}
}

func (d *dataset) headingOf(role models.ColumnRole) string {
	for _, c := range d.columns {
		if c.role == role {
			return c.heading
		}
	}
	return ""
}

// text reads a cell that is no number and no date.
func (d *dataset) text(out *DataRow, col *dataColumn, cell []byte) {
	v, known := col.seen[string(cell)]
	if !known {
		v = d.judge(col, string(cell))
		if len(col.seen) < mostSeen {
			col.seen[string(cell)] = v
		}
	}
	switch {
	case v.code == "dataset.undecodable":
		d.undecodable(out.Number, col.heading)
	case v.code != "":
		d.problem(Problem{Row: out.Number, Column: col.heading, Code: v.code, Params: v.params})
	case v.absent:
		d.missing(out.Number, col.heading)
	}
	switch col.role {
	case models.RoleOfWorker:
		out.Worker = v.text
	case models.RoleOfTeam:
		out.Team = v.text
	case models.RoleOfGroup:
		out.Group = v.text
	case models.RoleOfLanguage:
		out.Language = v.text
	case models.RoleOfPair:
		out.Pair = v.text
	case models.RoleOfArm:
		out.Arm = v.which
	case models.RoleOfPeriod:
		out.Period = v.which
	default: // a unit is only compared
	}
}

// judge says what a text is, and whether it may be there at all.
func (d *dataset) judge(col *dataColumn, cell string) verdict {
	if !readable(cell) {
		return verdict{code: "dataset.undecodable"}
	}
	text := norm.NFC.String(squeeze(cell))
	reading := d.rules.reading
	switch col.role {
	case models.RoleOfArm:
		return d.word(text, "dataset.unknown_arm", reading.Comparison, reading.With, "comparison", "with")
	case models.RoleOfPeriod:
		return d.word(text, "dataset.unknown_period", reading.Before, reading.After, "before", "after")
	case models.RoleOfUnit:
		if v := d.word(text, "dataset.mixed_units", reading.Unit, reading.Unit, "unit", "unit"); v.code != "dataset.required" {
			return v
		}
		return verdict{code: "dataset.mixed_units", params: models.Params{"unit": reading.Unit}}
	default:
	}
	if isMissing(text) {
		if col.role == models.RoleOfWorker || col.role == models.RoleOfPair {
			return verdict{code: "dataset.required"}
		}
		return verdict{absent: true}
	}
	return col.label(d.rules, text)
}

// label judges a text that sorts rows: a worker, a pair, a team, and the like.
func (col *dataColumn) label(rules *rowRules, text string) verdict {
	code := rules.identifier(text)
	switch {
	case code != "":
	case col.role == models.RoleOfWorker:
		code = pseudonymFault(text)
	case looksLikeFormula(text):
		code = "dataset.formula"
	case utf8.RuneCountInString(text) > longestText:
		return verdict{code: "dataset.text_too_long", params: models.Params{"max": longestText}}
	case longNumber.MatchString(plainForm(text)):
		code = "dataset.long_number"
	}
	if code != "" {
		return verdict{code: code}
	}
	if col.limit > 0 && !col.good[text] {
		if len(col.good) >= col.limit {
			return verdict{code: "dataset.too_many_values", params: models.Params{"max": col.limit}}
		}
		col.good[text] = true
	}
	return verdict{text: text}
}

// word reads a cell that must be one of two words.
func (d *dataset) word(text, code, nought, one, noughtName, oneName string) verdict {
	switch {
	case headingKey(text) == headingKey(nought):
		return verdict{which: 0}
	case headingKey(text) == headingKey(one):
		return verdict{which: 1}
	case isMissing(text):
		return verdict{code: "dataset.required"}
	}
	if found := d.rules.identifier(text); found != "" {
		return verdict{code: found}
	}
	return verdict{code: code, params: models.Params{noughtName: nought, oneName: one}}
}

// isMissing knows the ways in which people write that there is nothing.
func isMissing(text string) bool {
	switch strings.ToLower(text) {
	case "", "na", "n/a", "null", "-", "–", "—", ".":
		return true
	}
	return false
}

// readable says whether a text is what was meant: decoded, and with no control
// characters but those of lines.
func readable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
	}
	return true
}

func looksLikeFormula(s string) bool { return s != "" && strings.ContainsRune("=+@", rune(s[0])) }
