package report

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"beforehand/frontend/words"
	"beforehand/models"
)

// Remark is what is wrong with a row, in words.
type Remark struct {
	Row           int
	Column, Value string
	What          models.Text
}

// RefusedCSV writes the rows of a table that have something wrong with them, as
// they stand, with two columns more: which row of the file it was, and why it
// was refused.
func RefusedCSV(w io.Writer, t Table, remarks []Remark, lang models.Language) error {
	why := map[int][]string{}
	for _, r := range remarks {
		said := r.What.In(lang)
		if r.Column != "" {
			said = r.Column + ": " + said
		}
		why[r.Row] = append(why[r.Row], said)
	}
	c := newCSV(w)
	if err := c.row(append(slices.Clone(t.Header), words.Say(string(lang), "page.import.row_column", nil), words.Say(string(lang), "page.import.why_column", nil))); err != nil {
		return err
	}
	for i, cells := range t.Rows {
		n := t.Number(i)
		if why[n] == nil {
			continue
		}
		row := make([]string, len(t.Header), len(t.Header)+2)
		copy(row, cells)
		if err := c.row(append(row, strconv.Itoa(n), strings.Join(why[n], "\n"))); err != nil {
			return err
		}
	}
	return c.end()
}

// RemarksCSV writes what is wrong with a file, one row a problem.
func RemarksCSV(w io.Writer, remarks []Remark, lang models.Language) error {
	c := newCSV(w)
	heads := make([]string, 4)
	for i, name := range []string{"row", "columnname", "value", "wrong"} {
		heads[i] = words.Say(string(lang), "page.column."+name, nil)
	}
	if err := c.row(heads); err != nil {
		return err
	}
	for _, r := range remarks {
		if err := c.row([]string{strconv.Itoa(r.Row), r.Column, r.Value, r.What.In(lang)}); err != nil {
			return err
		}
	}
	return c.end()
}
