package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"beforehand/models"
)

// rowRules are what a plan says of the rows, made ready to be applied.
type rowRules struct {
	plan    models.Plan
	reading models.Reading // with its defaults
	columns map[string]*dataColumn
	values  int
	period  bool // there is a period column
	dated   bool // there is a date column
	windows bool // the plan has at least one
	// staff finds a staff number in a text, staffWhole a cell that is one.
	staff, staffWhole *regexp.Regexp
}

// dataColumn is a column that the plan names.
type dataColumn struct {
	heading string
	role    models.ColumnRole
	value   int // place among the value columns
	metric  models.Metric
	least   string // of the metric, as its problems say it; "" for no bound
	most    string
	distinct
}

// distinct remembers the texts of a column: what was said of each, so that it
// is judged once, and how many were good.
type distinct struct {
	seen  map[string]verdict
	good  map[string]bool
	limit int // of good ones, 0 for none
}

// onceOnly are the roles that at most one column has.
var onceOnly = []models.ColumnRole{
	models.RoleOfWorker, models.RoleOfTeam, models.RoleOfArm, models.RoleOfPeriod, models.RoleOfDate,
	models.RoleOfVolume, models.RoleOfLanguage, models.RoleOfGroup, models.RoleOfPair, models.RoleOfUnit,
}

// most distinct texts of the columns that sort people: more is a list of people.
var limitOf = map[models.ColumnRole]int{models.RoleOfTeam: 500, models.RoleOfGroup: 50, models.RoleOfLanguage: 20}

// newRowRules checks what reading depends on; the error names each field.
func newRowRules(plan models.Plan, metrics map[string]models.Metric) (*rowRules, error) {
	var faults models.Faults
	r := &rowRules{
		plan: plan, reading: plan.Reading.Words(), columns: map[string]*dataColumn{},
		windows: plan.Baseline != models.Window{} || plan.Observation != models.Window{},
	}
	if len(plan.Columns) == 0 {
		faults.Add("columns", "required")
	}
	if len(plan.Columns) > mostDataColumns {
		faults.Add("columns", "too_many", "max", mostDataColumns)
	}
	roles := map[models.ColumnRole]bool{}
	for i, c := range plan.Columns {
		r.column(&faults, fmt.Sprintf("columns[%d]", i), c, metrics, roles)
	}
	if roles[models.RoleOfUnit] && plan.Reading.Unit == "" {
		faults.Add("reading.unit", "required")
	}
	r.period, r.dated = roles[models.RoleOfPeriod], roles[models.RoleOfDate]
	if !slices.Contains(models.DateForms, r.reading.DateForm) {
		faults.Add("reading.dateForm", "unknown_value", "value", r.reading.DateForm, "allowed", strings.Join(models.DateForms, ", "))
	}
	r.staffNumber(&faults)
	return r, faults.Err()
}

func (r *rowRules) column(faults *models.Faults, path string, c models.Column, metrics map[string]models.Metric, roles map[models.ColumnRole]bool) {
	col := &dataColumn{heading: headingText(c.Heading), role: c.Role}
	col.seen, col.good, col.limit = map[string]verdict{}, map[string]bool{}, limitOf[c.Role]
	key := headingKey(c.Heading)
	switch {
	case key == "":
		faults.Add(path+".heading", "required")
	case r.columns[key] != nil:
		faults.Add(path+".heading", "duplicate", "value", c.Heading)
	case !slices.Contains(models.ColumnRoles, c.Role):
		faults.Add(path+".role", "unknown_value", "value", string(c.Role), "allowed", join(models.ColumnRoles))
	case roles[c.Role] && slices.Contains(onceOnly, c.Role):
		faults.Add(path+".role", "duplicate", "value", string(c.Role))
	}
	roles[c.Role] = true
	r.columns[key] = col
	if c.Role != models.RoleOfValue {
		return
	}
	m, known := metrics[c.Metric]
	if !known {
		faults.Add(path+".metric", "not_found", "value", c.Metric)
	}
	col.value, col.metric = r.values, m
	col.least, col.most = bound(m.Min), bound(m.Max)
	r.values++
}

func (r *rowRules) staffNumber(faults *models.Faults) {
	pattern := r.reading.StaffNumber
	if pattern == "" {
		return
	}
	// A pattern of repeated groups can grow to a large machine; 200 characters
	// and RE2's own limit on repeats keep that small.
	re, err := regexp.Compile(pattern)
	if err != nil || len(pattern) > 200 || re.MatchString("") {
		faults.Add("reading.staffNumber", "malformed", "value", pattern)
		return
	}
	r.staff, r.staffWhole = re, regexp.MustCompile(`^(?:`+pattern+`)$`)
}

func bound(v *float64) string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf("%g", *v)
}

func join[T ~string](all []T) string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = string(v)
	}
	return strings.Join(out, ", ")
}

// headingText is a heading as it is shown, and headingKey what two spellings of
// it share.
func headingText(s string) string { return norm.NFC.String(squeeze(s)) }
func headingKey(s string) string  { return strings.ToLower(headingText(s)) }

// head matches the headings of the file with the plan's, one to one.
func (d *dataset) head(number int, cells [][]byte) error {
	if len(cells) > mostDataColumns {
		return models.Fail(models.TooLarge, "dataset_too_many_columns").With("max", mostDataColumns)
	}
	var unknown, twice, missing []string
	found := map[*dataColumn]bool{}
	for i, cell := range cells {
		text := string(cell)
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\ufffd") {
			return datasetUnreadable(nil)
		}
		if len(text) > longestDataCell {
			return rowTooLong(number)
		}
		col := d.rules.columns[headingKey(text)]
		switch {
		case col == nil:
			unknown = append(unknown, d.rules.shown(i, text))
		case found[col]:
			twice = append(twice, col.heading)
		default:
			found[col] = true
		}
		d.columns = append(d.columns, col)
	}
	for _, c := range d.rules.plan.Columns {
		if !found[d.rules.columns[headingKey(c.Heading)]] {
			missing = append(missing, headingText(c.Heading))
		}
	}
	if len(unknown)+len(twice)+len(missing) > 0 {
		return models.Fail(models.Invalid, "dataset_columns").With("row", number,
			"missing", strings.Join(missing, ", "), "unknown", strings.Join(unknown, ", "), "twice", strings.Join(twice, ", "))
	}
	return d.personalHeadings(number)
}

// personalHeadings refuses a column whose heading says that it tells who
// somebody is, whatever the plan calls it.
func (d *dataset) personalHeadings(number int) error {
	for i, col := range d.columns {
		if code := d.rules.identifier(col.heading); code != "" {
			d.problem(Problem{Row: number, Column: nth(i), Code: code})
		} else if personalHeading(col.heading, col.role) {
			d.problem(Problem{Row: number, Column: col.heading, Code: "dataset.personal_heading"})
		}
	}
	if d.report.ProblemCount > 0 {
		return errStop
	}
	return nil
}

// shown is a heading that nobody planned, unless it may be somebody's: a file
// without headings has its first row there.
func (r *rowRules) shown(i int, heading string) string {
	s := headingText(heading)
	if s == "" || r.identifier(s) != "" || holdsName(s) {
		return nth(i)
	}
	return cut(s, 60)
}

// nth names a column by where it stands.
func nth(i int) string { return fmt.Sprintf("#%d", i+1) }
