package report

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"beforehand/frontend/words"
	"beforehand/models"
)

// AreaColumn is the choice of a column that names service areas. It is no field
// of the record: an area is found by its name.
const AreaColumn = "area"

// Choices say by hand what a map says in a file: which column feeds which field,
// and what stands in the record of a row that has nothing for a field.
type Choices struct {
	// Source names where the rows come from, as in a map.
	Source string `json:"source"`
	// Key is the number of the column that tells one row from another, from 1 on;
	// 0 is that which feeds the English name.
	Key int `json:"key"`
	// Columns are the fields by column: a path of the record, [AreaColumn], or ""
	// for a column that is left out.
	Columns []string `json:"columns"`
	// CreateAreas makes the service areas that are not there yet.
	CreateAreas bool `json:"createAreas,omitempty"`
	// Otherwise are values for rows that have none, by path.
	Otherwise map[string]string `json:"otherwise,omitempty"`
}

// HandFields are the fields that a column can be given to by hand, in the order
// in which they are offered.
var HandFields = []string{
	"name.en", "name.cy", "oneLine.en", "oneLine.cy", "summary.en", "summary.cy", AreaColumn, "function", "useFamily", "decisionStatus", "owner",
	"seniorResponsibleOwner", "publicContact", "purpose.en", "purpose.cy", "problem.en", "problem.cy", "expectedBenefit.en", "expectedBenefit.cy",
	"aiClass", "activation", "riskLevel", "riskReason.en", "riskReason.cy", "inputs.en", "inputs.cy", "outputs.en", "outputs.cy", "logic.en", "logic.cy",
	"publicData.en", "publicData.cy", "workerChange.en", "workerChange.cy", "effectOnWork.en", "effectOnWork.cy", "adverseEffects.en", "adverseEffects.cy",
	"gainUse.en", "gainUse.cy", "licences", "activeUsers", "suppliers[0].name", "suppliers[0].contractRef", "suppliers[0].contractEnd",
	"models[0].name", "models[0].provider", "models[0].hostingRegion", "humanReview.who",
	"dates.procurement", "dates.pilotPlanned", "dates.goLivePlanned", "dates.inUseSince", "dates.reviewDue", "dates.retired",
}

// OtherwiseFields are the fields that a value can be given for, when no column
// has one: without them no row can be imported.
var OtherwiseFields = []string{"serviceArea", "useFamily", "decisionStatus", "owner"}

// handLayouts are the forms of dates that are read without a map: the day
// stands before the month, as people here write it.
var handLayouts = []layout{
	{"2006-01-02", false},
	{"2/1/2006", false},
	{"2.1.2006", false},
	{"2-1-2006", false},
	{"2 January 2006", false},
	{"2 Jan 2006", false},
	{"2006-01-02T15:04:05Z07:00", false},
	{"January 2006", true},
	{"Jan 2006", true},
	{"2006-01", true},
}

// handEmpty is what counts as an empty cell without a map.
var handEmpty = []string{"n/a", "na", "-", "–", "not applicable", "amherthnasol"}

// Map is the map that the choices make for a table. The error is invalid and
// has an entry for each choice that does not do: of a column "c1" and so on, of
// what stands otherwise "otherwise." and the path.
func (c Choices) Map(t Table) (Map, error) {
	m := Map{Name: c.Source, Source: squeeze(c.Source), empty: handEmpty, layouts: handLayouts, earliest: models.NewDate(1980, 1, 1), CreateAreas: c.CreateAreas, anywhere: true}
	var f models.Faults
	if m.Source == "" {
		f.Add("source", "required")
	} else if utf8.RuneCountInString(m.Source) > 100 {
		f.Add("source", "too_long", "max", 100, "length", utf8.RuneCountInString(m.Source))
	}
	names := columnNames(t.Header)
	fed := c.entries(&m, &f, names)
	c.constants(&m, &f, fed)
	switch at, ok := fed["name.en"]; {
	case c.Key > 0 && c.Key <= len(names):
		m.key = []string{names[c.Key-1]}
	case c.Key != 0:
		f.Add("key", "unknown_value", "value", strconv.Itoa(c.Key), "allowed", "0–"+strconv.Itoa(len(names)))
	case ok:
		m.key = []string{names[at]}
	}
	return m, f.Err()
}

// entries takes each column to its field, and says which column feeds which.
func (c Choices) entries(m *Map, f *models.Faults, names []string) map[string]int {
	fed := map[string]int{}
	for i, path := range c.Columns[:min(len(c.Columns), len(names))] {
		answer := "c" + strconv.Itoa(i+1)
		switch {
		case path == "":
			continue
		case !slices.Contains(HandFields, path):
			f.Add(answer, "unknown_value", "value", path, "allowed", strings.Join(HandFields, ", "))
			continue
		case path == AreaColumn:
			m.area = append(m.area, names[i])
			continue
		}
		to, err := fieldAt(path)
		if err != nil {
			panic(err) // a test goes through them all
		}
		e := entry{column: names[i], field: to, values: valuesOf(to)}
		if _, twice := fed[path]; twice && (to.kind != textKind || to.enum != nil) {
			f.Add(answer, "column_twice")
			continue
		} else if twice {
			between := "\n"
			e.join = &between
		} else {
			fed[path] = i
		}
		m.entries = append(m.entries, e)
	}
	if _, named := fed["name.en"]; !named {
		f.Add("columns", "name_column_missing")
	}
	if _, ok := fed["purpose.en"]; !ok {
		if _, ok := fed["purpose.cy"]; !ok {
			f.Add("columns", "purpose_column_missing")
		}
	}
	return fed
}

// constants are what stands where no column has anything. What neither feeds
// would leave every row refused.
func (c Choices) constants(m *Map, f *models.Faults, fed map[string]int) {
	for _, path := range OtherwiseFields {
		v := squeeze(c.Otherwise[path])
		if v == "" {
			_, ok := fed[path]
			if !ok && (path != "serviceArea" || len(m.area) == 0) {
				f.Add("otherwise."+path, "column_or_value")
			}
			continue
		}
		if path == "serviceArea" && len(m.area) > 0 {
			f.Add("otherwise."+path, "column_and_value")
			continue
		}
		to, err := fieldAt(path)
		if err != nil {
			panic(err)
		}
		if to.enum != nil && !slices.Contains(to.enum, v) {
			f.Add("otherwise."+path, "unknown_value", "value", v, "allowed", strings.Join(to.enum, ", "))
			continue
		}
		m.constants = append(m.constants, constant{to, v})
	}
}

// columnNames are what the columns are called in a map: by the heading, by the
// heading and which of several, or by the number.
func columnNames(header []string) []string {
	headings := make([]string, len(header))
	for i, h := range header {
		headings[i] = fold(h)
	}
	seen := map[string]int{}
	out := make([]string, len(header))
	for i, h := range header {
		seen[headings[i]]++
		for _, name := range []string{squeeze(h), squeeze(h) + " [" + strconv.Itoa(seen[headings[i]]) + "]", "#" + strconv.Itoa(i+1)} {
			if at, _ := place(headings, name); name != "" && at == i {
				out[i] = name
				break
			}
		}
	}
	return out
}

// valuesOf are what the values of a closed list may be written as: as the code,
// or as its words in either language.
func valuesOf(f field) map[string]string {
	if f.enum == nil {
		return nil
	}
	out := map[string]string{}
	for _, v := range f.enum {
		out[fold(v)] = v
		for _, lang := range words.Languages() {
			out[fold(words.Say(lang, f.path+"."+v, nil))] = v
		}
	}
	return out
}

// Fits says whether a table has every column that the map reads.
func (m Map) Fits(t Table) bool {
	c := converter{t: t, m: m, places: map[string]int{}}
	return len(c.find()) == 0
}
