package pages

import (
	"context"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// WhoWouldBeTold tries out whom a notice about some job roles would go to, on
// a day. Nothing is kept of it.
func (p *Pages) WhoWouldBeTold(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "organisation.read"); err != nil {
		return err
	}
	a := web.Actor(ctx)
	roles, err := p.Register.JobRoles(ctx, a)
	if err != nil {
		return err
	}
	v := url.Values{}
	for name, all := range design.Of(ctx).Query {
		for _, s := range all {
			v.Add(name, trimmed(s))
		}
	}
	if v.Get("ask") == "" {
		setDay(v, "on", models.DateOf(p.Register.Now(), design.Of(ctx).Org.Location()))
	}
	b := board{title: design.Say(ctx, "page.told.title"), crumbs: recognitionCrumbs(ctx), lead: []string{design.Say(ctx, "page.told.lead")}}
	form := sheet{at: "jobRoles", ask: tryQuestions(ctx, roles, v)}
	if v.Get("ask") != "" {
		var f models.Faults
		on := dayTyped(&f, v, "on")
		err = f.Err()
		if err == nil {
			var scope models.Scope
			if scope, _, err = p.Register.WhoWouldBeTold(ctx, a, v["jobRoles"], on); err == nil {
				b.parts = toldParts(ctx, scope, roles, on)
			}
		}
		if err != nil && !again(err) {
			return err
		}
		form.faults = faultsOf(ctx, err)
	}
	form = form.settle()
	b.parts, b.tried = append([]templ.Component{tryOut(form)}, b.parts...), &form
	return p.showBoard(c, b)
}

func tryQuestions(ctx context.Context, roles []models.JobRole, v url.Values) []question {
	choices := []design.Option{}
	for _, r := range roles {
		choices = append(choices, design.Option{Value: r.ID, Text: design.Say(ctx, "page.told.role", "role", r.Title, "headcount", r.Headcount+r.AgencyCount)})
	}
	return []question{ask(ctx, "jobRoles", "toldroles", "").as("", "", "govuk-checkboxes--small").manyOf(choices, v["jobRoles"]), dated(ask(ctx, "on", "toldday", ""), partsOf(v, "on"))}
}

// toldParts are the unions that would be told, each with its why, and whom
// nobody speaks for.
func toldParts(ctx context.Context, scope models.Scope, roles []models.JobRole, on models.Date) []templ.Component {
	title := map[string]string{}
	for _, r := range roles {
		title[r.ID] = r.Title
	}
	g := grid{
		title: design.Say(ctx, "page.told.unions", "on", on), id: "told", caption: design.Say(ctx, "page.told.caption", "on", on), none: design.Say(ctx, "page.told.none", "on", on),
		heads: heads(ctx, "union", "why"),
	}
	for _, u := range scope.Unions {
		var why []templ.Component
		for _, r := range u.Why {
			why = append(why, plain(design.SayReason(ctx, r)))
		}
		name := plain(u.Union.Abbreviation)
		if u.WithoutPrejudice {
			name = stack(name, design.Tag(design.Say(ctx, "page.told.without_prejudice"), "orange"))
		}
		g.rows = append(g.rows, []templ.Component{name, stacked(why)})
	}
	out := []templ.Component{gridTable(g)}
	if len(scope.Unserved) > 0 {
		var names []string
		for _, x := range scope.Unserved {
			names = append(names, design.Say(ctx, "page.told.role", "role", title[x.JobRoleID], "headcount", x.Headcount+x.Agency))
		}
		out = append(out, heading2(design.Say(ctx, "page.told.unserved"), "unserved"), paragraph(design.Say(ctx, "page.told.directly")), bulleted(names))
	}
	return out
}
