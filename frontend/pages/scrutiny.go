package pages

import (
	"context"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/store"
	"beforehand/internal/web"
	"beforehand/models"
)

// Scrutiny puts the questions of a councillor to the whole register.
func (p *Pages) Scrutiny(c *gin.Context) error {
	ctx := c.Request.Context()
	counts, err := p.Register.Questions(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	g := grid{caption: design.Say(ctx, "page.scrutiny.caption"), heads: heads(ctx, "question", "deployments")}
	for _, q := range store.Questions {
		n := strconv.Itoa(counts[q])
		if counts[q] > store.CountCap {
			n = design.Say(ctx, "page.register.many")
		}
		g.rows = append(g.rows, []templ.Component{pageLink("/register?ask="+string(q), design.Line{Text: design.Say(ctx, "page.scrutiny."+string(q))}), plain(n)})
	}
	b := board{title: design.Say(ctx, "page.scrutiny.title"), lead: []string{design.Say(ctx, "page.scrutiny.lead")}, parts: []templ.Component{gridTable(g)}}
	b.do = append(offer(ctx, "action.ask", "page.action.ask", "/actions#form"), offer(ctx, "report.read", "page.reports.title", "/reports")...)
	return p.showBoard(c, b)
}

// bothSides is a deployment that answers to a question, with the words of both
// sides about it.
type bothSides struct {
	models.Deployment
	outcomes []outcomeSides
	ask      bool
}

// outcomeSides is how consultation with one union ended, side by side.
type outcomeSides struct {
	title string
	sides []side
}

// gatherSides finds the words of both sides about what a question has found.
func (p *Pages) gatherSides(ctx context.Context, a models.Actor, l *list) error {
	found, err := p.Register.OutcomesOf(ctx, a, l.rows)
	if err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	said := func(text string) design.Line {
		return design.Line{Text: otherwise(text, design.Say(ctx, "page.scrutiny.no_statement"))}
	}
	for _, d := range l.rows {
		x := bothSides{Deployment: d, ask: could(ctx, "action.ask")}
		for _, o := range found[d.ID] {
			union := names.name(ctx, o.UnionID)
			x.outcomes = append(x.outcomes, outcomeSides{
				title: design.Say(ctx, "page.pair", "first", union, "second", design.Say(ctx, "outcome."+o.Outcome)),
				sides: []side{{title: design.Say(ctx, "page.outcomes.employer"), text: said(o.EmployerStatement)}, {title: design.Say(ctx, "page.outcomes.union", "union", union), text: said(o.UnionStatement)}},
			})
		}
		l.sides = append(l.sides, x)
	}
	return nil
}
