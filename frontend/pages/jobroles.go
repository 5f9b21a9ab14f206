package pages

import (
	"context"
	"net/url"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/web"
	"beforehand/models"
)

// JobRoles lists the job roles with their headcounts.
func (p *Pages) JobRoles(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "organisation.read"); err != nil {
		return err
	}
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	all, err := p.Register.JobRoles(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	lang := string(design.Of(ctx).Lang)
	g := grid{caption: design.Say(ctx, "page.jobroles.caption"), none: design.Say(ctx, "page.jobroles.none"), heads: heads(ctx, "jobrole", "area", "grade2", "headcount", "fte", "agency", "bargainingunit")}
	for _, j := range all {
		unit := design.Say(ctx, "page.jobrole.no_unit")
		if j.BargainingUnitID != nil {
			unit = s.unit(*j.BargainingUnitID)
		}
		g.rows = append(g.rows, []templ.Component{
			pageLink("/organisation/job-roles/"+j.ID, design.Line{Text: j.Title}), lineOf(ctx, s.area(ctx, j.ServiceAreaID)), plain(orNone(ctx, j.Grade)),
			plain(words.Number(lang, j.Headcount)), plain(words.Figure(lang, j.FTE)), plain(words.Number(lang, j.AgencyCount)), plain(unit),
		})
	}
	return p.showBoard(c, board{
		title: design.Say(ctx, "page.jobroles.title"), crumbs: organisationCrumbs(ctx), lead: []string{design.Say(ctx, "page.jobroles.lead")},
		do: offer(ctx, "job_role.add", "page.jobroles.add", "/organisation/job-roles/new"), parts: []templ.Component{gridTable(g)},
	})
}

func jobRoleCrumbs(ctx context.Context) []design.Crumb {
	return organisationCrumbs(ctx, design.Say(ctx, "page.jobroles.title"), "/organisation/job-roles")
}

// NewJobRoleForm asks for a job role.
func (p *Pages) NewJobRoleForm(c *gin.Context) error { return p.newJobRole(c, url.Values{}, faults{}) }

func (p *Pages) newJobRole(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "job_role.add"); err != nil {
		return err
	}
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.jobroles.add"), crumbs: jobRoleCrumbs(ctx), path: "/organisation/job-roles/new", faults: wrong, at: "title", button: design.Say(ctx, "page.jobrole.add_button"),
		ask: jobRoleQuestions(ctx, s, v),
	})
}

// AddJobRole adds a job role.
func (p *Pages) AddJobRole(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	var f models.Faults
	j := jobRoleTyped(&f, v)
	err := f.Err()
	if err == nil {
		_, err = p.Register.AddJobRole(ctx, web.Actor(ctx), j)
	}
	if again(err) {
		return p.newJobRole(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/organisation/job-roles", "page.jobrole.added")
}

// JobRole shows a job role: as a form to whoever may change it.
func (p *Pages) JobRole(c *gin.Context) error {
	ctx := c.Request.Context()
	j, err := p.Register.JobRole(ctx, web.Actor(ctx), param(c, "id"))
	if err != nil {
		return err
	}
	if could(ctx, "job_role.change") {
		return p.jobRole(c, j, jobRoleValues(j), faults{}, nil)
	}
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	var rows []design.Row
	for _, f := range jobRoleFields {
		rows = append(rows, factOf(ctx, "page.ask."+f.key, plain(orNone(ctx, f.of(ctx, s, j)))))
	}
	return p.showBoard(c, board{title: j.Title, crumbs: jobRoleCrumbs(ctx), parts: []templ.Component{design.SummaryList(rows)}})
}

func (p *Pages) jobRole(c *gin.Context, j models.JobRole, v url.Values, wrong faults, before templ.Component) error {
	ctx := c.Request.Context()
	s, err := p.structure(ctx)
	if err != nil {
		return err
	}
	return p.show(c, sheet{
		title: j.Title, crumbs: jobRoleCrumbs(ctx), lead: []string{design.Say(ctx, "page.jobrole.lead")}, path: "/organisation/job-roles/" + j.ID, faults: wrong, at: "title",
		button: design.Say(ctx, "page.jobrole.button"), hidden: []pair{{"version", v.Get("version")}}, ask: jobRoleQuestions(ctx, s, v),
	}.beside(before))
}

// ChangeJobRole changes a job role. When somebody else has in the meantime,
// both are shown, and nothing is lost.
func (p *Pages) ChangeJobRole(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	v := typedAnswers(c)
	var f models.Faults
	j := jobRoleTyped(&f, v)
	j.ID = param(c, "id")
	err := f.Err()
	if err == nil {
		_, err = p.Register.ChangeJobRole(ctx, a, readVersion(v), j)
	}
	if err == nil {
		return p.done(c, "/organisation/job-roles", "page.jobrole.changed")
	}
	if !again(err) {
		return err
	}
	now, shown := p.Register.JobRole(ctx, a, j.ID)
	if shown != nil {
		return shown
	}
	if models.KindOf(err) != models.Stale {
		return p.jobRole(c, now, v, faultsOf(ctx, err), nil)
	}
	s, shown := p.structure(ctx)
	if shown != nil {
		return shown
	}
	var both []difference
	for _, f := range jobRoleFields {
		both = append(both, difference{design.Say(ctx, "page.ask."+f.key), f.of(ctx, s, now), f.of(ctx, s, j)})
	}
	v.Set("version", strconv.Itoa(now.Version))
	return p.jobRole(c, now, v, faultsOf(ctx, err), collision(ctx, both))
}
