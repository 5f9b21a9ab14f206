package pages

import (
	"context"

	"beforehand/frontend/design"
	"beforehand/models"
)

// menu are the pages that somebody may open beyond those for everybody.
func (p *Pages) menu(ctx context.Context, a models.Actor) []design.Crumb {
	var out []design.Crumb
	may := p.allowed(ctx, a)
	if !a.Anonymous() {
		out = append(out, design.Crumb{Text: design.Say(ctx, "page.duties.title"), Path: "/duties"}, design.Crumb{Text: design.Say(ctx, "page.inbox.title"), Path: "/inbox"})
	}
	// What reaches over a scope or a union only is not decided without a record.
	for _, m := range []struct{ act, name, path string }{{"partnership.read", "page.partnership.title", "/partnership"}, {"room.read", "page.room.title", "/room"}} {
		if holds(a, m.act) {
			out = append(out, design.Crumb{Text: design.Say(ctx, m.name), Path: m.path})
		}
	}
	// The others who may put its questions find them from the reports: the menu stays short.
	if a.Has(models.RoleScrutiny) {
		out = append(out, design.Crumb{Text: design.Say(ctx, "page.scrutiny.title"), Path: "/scrutiny"})
	}
	for _, m := range []struct{ act, name, path string }{
		{"report.read", "page.reports.title", "/reports"},
		{"organisation.read", "page.organisation.title", "/organisation"},
	} {
		if may[m.act] {
			out = append(out, design.Crumb{Text: design.Say(ctx, m.name), Path: m.path})
		}
	}
	return out
}

// allowed are the acts that somebody may do on their own side, once they have
// proved who they are: what wants a proof asks for it.
func (p *Pages) allowed(ctx context.Context, a models.Actor) map[string]bool {
	out := map[string]bool{}
	if a.Anonymous() {
		return out
	}
	a.Lapsed = false
	all, err := p.Register.Permissions(ctx, a, "")
	if err != nil {
		return out // nothing is offered; what is asked for by its address says why
	}
	for _, d := range all {
		out[d.Act] = d.Allowed
	}
	return out
}
