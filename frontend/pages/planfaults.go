package pages

import (
	"beforehand/frontend/design"
)

// answersOf are the answers of the form, in its order.
func answersOf(parts []planPart) []string {
	var out []string
	for _, p := range parts {
		for _, q := range p.ask {
			out = append(out, q.Name)
		}
		for _, t := range p.tables {
			for _, r := range t.rows {
				for _, c := range r {
					out = append(out, c.Name)
				}
			}
		}
		for _, q := range p.then {
			out = append(out, q.Name)
		}
	}
	return out
}

// wrong lists what was wrong, in the order of the form.
func (f planForm) wrong(parts []planPart) []design.Fault {
	var out []design.Fault
	if f.general != "" {
		out = append(out, design.Fault{Text: f.general})
	}
	add := func(id, label, text string) {
		if text != "" {
			out = append(out, design.Fault{ID: id, Text: label + ": " + text})
		}
	}
	for _, p := range parts {
		for _, q := range p.ask {
			add(q.first(), q.Label, q.Error)
		}
		for _, t := range p.tables {
			for _, r := range t.rows {
				for _, c := range r {
					add(c.ID, c.Label, c.Error)
				}
			}
		}
		for _, q := range p.then {
			add(q.first(), q.Label, q.Error)
		}
	}
	return out
}
