package pages

import "beforehand/frontend/design"

// rowedForm is a form with a list among its questions, a row each.
type rowedForm struct {
	sheet sheet
	// title and lead stand above the rows.
	title, lead string
	rows        planTable
}

// list is what was wrong, for the summary.
func (f rowedForm) list() []design.Fault {
	out := f.sheet.list()
	for _, row := range f.rows.rows {
		for _, x := range row {
			if x.Error != "" {
				out = append(out, design.Fault{ID: x.ID, Text: x.Label + ": " + x.Error})
			}
		}
	}
	return out
}
