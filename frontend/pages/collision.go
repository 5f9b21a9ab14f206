package pages

import (
	"context"

	"github.com/a-h/templ"

	"beforehand/frontend/design"
)

// difference is an answer as it stands now, beside what was typed.
type difference struct{ label, now, yours string }

// collision shows what somebody else has changed beside what was typed, where
// the two differ. The form below it then knows what stands now: sent again, it
// is what whoever sends it has seen.
func collision(ctx context.Context, all []difference) templ.Component {
	g := grid{
		title: design.Say(ctx, "page.collision.title"), id: "collision", caption: design.Say(ctx, "page.collision.caption"), none: design.Say(ctx, "page.collision.none"),
		heads: heads(ctx, "field", "standsnow", "yours"),
	}
	for _, d := range all {
		if d.now != d.yours {
			g.rows = append(g.rows, []templ.Component{plain(d.label), plain(orNone(ctx, d.now)), plain(orNone(ctx, d.yours))})
		}
	}
	return templ.Join(gridTable(g), paragraph(design.Say(ctx, "page.collision.again")))
}

// beside puts a collision above a form, to which what is wrong then leads.
func (s sheet) beside(collision templ.Component) sheet {
	if collision != nil {
		s.before, s.stale, s.at = collision, true, "collision"
	}
	return s
}

// differences are the answers of a form as they stand now, beside what was typed.
func differences(ctx context.Context, now, typed []question) []difference {
	stands := map[string]string{}
	for _, q := range now {
		stands[q.Name] = inWords(ctx, q)
	}
	var out []difference
	for _, q := range typed {
		out = append(out, difference{q.Label, stands[q.Name], inWords(ctx, q)})
	}
	return out
}
