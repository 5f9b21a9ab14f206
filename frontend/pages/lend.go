package pages

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// lend is the form in which somebody lends a role, as it was filled in.
type lend struct {
	email    string
	from, to design.DateParts
}

func dateParts(c *gin.Context, name string) design.DateParts {
	return design.DateParts{Day: typed(c, name+"-day"), Month: typed(c, name+"-month"), Year: typed(c, name+"-year")}
}

// dateOf reads a date that was typed in parts; false when it is none. Nothing
// typed is no date.
func dateOf(d design.DateParts) (models.Date, bool) {
	if d.Day+d.Month+d.Year == "" {
		return 0, true
	}
	two := func(s string) string {
		if len(s) == 1 {
			return "0" + s
		}
		return s
	}
	out, err := models.ParseDate(d.Year + "-" + two(d.Month) + "-" + two(d.Day))
	return out, err == nil
}

func dated(q question, d design.DateParts) question {
	q.date, q.parts = true, d
	return q
}

func lendSheet(ctx context.Context, m register.MemberView, f lend, wrong faults) sheet {
	return sheet{
		title: design.Say(ctx, "page.lend.title"), lead: []string{
			design.Say(ctx, "page.lend.lead", "role", design.Say(ctx, "role."+string(m.Role))), design.Say(ctx, "page.lend.while"),
		},
		crumbs: organisationCrumbs(ctx, design.Say(ctx, "page.people.title"), "/people"),
		path:   "/people/" + m.ID + "/lend", button: design.Say(ctx, "page.lend.button"), faults: wrong, at: "email",
		ask: []question{
			ask(ctx, "email", "borrower", f.email).as("email", "off", "govuk-input--width-20"),
			dated(ask(ctx, "from", "from", ""), f.from), dated(ask(ctx, "to", "to", ""), f.to),
		},
	}
}

// lendable is the reader's own role that an address names.
func (p *Pages) lendable(c *gin.Context) (register.MemberView, error) {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	all, err := p.Register.Members(ctx, a)
	i := slices.IndexFunc(all, func(m register.MemberView) bool { return m.ID == param(c, "id") && m.UserID == a.UserID })
	if err != nil || i < 0 {
		if err == nil {
			err = models.Missing("membership")
		}
		return register.MemberView{}, err
	}
	return all[i], nil
}

// LendForm asks to whom a role is to be lent, and for how long.
func (p *Pages) LendForm(c *gin.Context) error {
	ctx := c.Request.Context()
	m, err := p.lendable(c)
	if err != nil {
		return err
	}
	return p.show(c, lendSheet(ctx, m, lend{}, faults{}))
}

// Lend lends it.
func (p *Pages) Lend(c *gin.Context) error {
	ctx := c.Request.Context()
	m, err := p.lendable(c)
	if err != nil {
		return err
	}
	f := lend{typed(c, "email"), dateParts(c, "from"), dateParts(c, "to")}
	wrong := faults{by: map[string]string{}}
	read := func(name string, d design.DateParts) models.Date {
		out, ok := dateOf(d)
		if !ok {
			wrong.by[name] = design.Say(ctx, "field.not_a_date", "value", d.Year+"-"+d.Month+"-"+d.Day)
		}
		return out
	}
	from, to := read("from", f.from), read("to", f.to)
	if wrong.any() {
		return p.show(c, lendSheet(ctx, m, f, wrong))
	}
	_, err = p.Register.Delegate(ctx, web.Actor(ctx), m.ID, f.email, from, to)
	if models.KindOf(err) == models.NotFound {
		wrong.by["email"] = design.Say(ctx, "page.lend.nobody")
		return p.show(c, lendSheet(ctx, m, f, wrong))
	}
	if again(err) {
		return p.show(c, lendSheet(ctx, m, f, faultsOf(ctx, err)))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/people", "page.lend.done", "email", f.email)
}

// warnOfLeaving says what it means that a role ends.
func (p *Pages) warnOfLeaving(c *gin.Context, id string) error {
	ctx := c.Request.Context()
	all, err := p.Register.Members(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.ID == id {
			return p.show(c, sheet{
				title: design.Say(ctx, "page.people.end_title"), lead: []string{design.Say(ctx, "page.people.end_lead", "about", about(ctx, m))},
				warning: design.Say(ctx, "page.people.warning"), path: "/people", hidden: []pair{{"do", "end_now"}, {"id", id}, {"version", version(m)}},
				button: design.Say(ctx, "page.people.end_button"), danger: true, after: more("/people", design.Say(ctx, "page.people.keep")),
			})
		}
	}
	return models.Missing("membership")
}
