package pages

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// OutcomeForm asks how consultation with one union ended: the employer for the
// outcome, the union for its own statement.
func (p *Pages) OutcomeForm(c *gin.Context) error { return p.showOutcome(c, nil, faults{}) }

// outcomeOf opens a deployment and what is recorded of one union.
func (p *Pages) outcomeOf(c *gin.Context) (register.DeploymentView, models.Union, models.UnionOutcome, bool, error) {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	var now models.UnionOutcome
	d, err := p.Register.Deployment(ctx, a, param(c, "ref"))
	if err != nil {
		return d, models.Union{}, now, false, err
	}
	if a.Anonymous() {
		return d, models.Union{}, now, false, models.Fail(models.Unauthenticated, "unauthenticated")
	}
	scope, _, err := p.Register.Scope(ctx, a, d.Ref)
	if err != nil {
		return d, models.Union{}, now, false, err
	}
	in, there := scope.Union(param(c, "union"))
	if !there {
		return d, models.Union{}, now, false, models.Missing("union")
	}
	may := p.allowedOn(ctx, d.Ref)
	states := may["outcome.state"] && slices.Contains(a.Unions(), in.Union.ID)
	if !states && !may["outcome.record"] {
		return d, in.Union, now, false, models.Fail(models.Forbidden, "forbidden").With("act", "outcome.record")
	}
	all, err := p.Register.Outcomes(ctx, a, d.Ref)
	for _, o := range all {
		if o.UnionID == in.Union.ID {
			now = o
		}
	}
	return d, in.Union, now, states, err
}

func (p *Pages) showOutcome(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	d, u, now, states, err := p.outcomeOf(c)
	if err != nil {
		return err
	}
	stands := url.Values{"outcome": {now.Outcome}, "statement": {now.EmployerStatement}, "reminders": {counted(now.Reminders)}}
	if states {
		stands.Set("statement", now.UnionStatement)
	}
	if v == nil {
		v = stands
	}
	if wrong.stale {
		v.Set("version", strconv.Itoa(now.Version))
	}
	s := sheet{
		title: design.Say(ctx, "page.outcome.title", "union", u.Abbreviation), crumbs: deploymentCrumbs(ctx, d.Ref), path: "/deployments/" + d.Ref + "/outcomes/" + u.ID, faults: wrong,
		at: "statement", lead: []string{d.Ref + ": " + design.In(ctx, d.Record.Name).Text}, hidden: []pair{{"version", otherwise(v.Get("version"), strconv.Itoa(now.Version))}},
	}
	s.at, s.button = "outcome", design.Say(ctx, "page.outcome.button")
	if states {
		s.at, s.button = "statement", design.Say(ctx, "page.outcome.union_button", "union", u.Abbreviation)
		s.lead = append(s.lead, design.Say(ctx, "page.outcome.union_lead"))
	}
	s.ask = outcomeQuestions(ctx, v, states)
	if wrong.stale {
		s = s.beside(collision(ctx, differences(ctx, outcomeQuestions(ctx, stands, states), s.ask)))
	}
	return p.show(c, s)
}

// outcomeQuestions ask a union for its statement, and the employer for the rest.
func outcomeQuestions(ctx context.Context, v url.Values, states bool) []question {
	if states {
		return []question{ask(ctx, "statement", "unionstatement", v.Get("statement")).text("6")}
	}
	kind := ask(ctx, "outcome", "outcome", v.Get("outcome")).oneOf(options(ctx, "", "outcome.", models.Outcomes))
	for _, o := range models.Outcomes {
		kind.hints = append(kind.hints, hintFor(ctx, "page.outcome.hint."+o))
	}
	return []question{
		kind, ask(ctx, "statement", "employerstatement", v.Get("statement")).text("6"), ask(ctx, "reminders", "reminders", v.Get("reminders")).as("text", "off", narrow),
	}
}

// TakeOutcome records how consultation with one union ended.
func (p *Pages) TakeOutcome(c *gin.Context) error {
	ctx := c.Request.Context()
	d, u, _, states, err := p.outcomeOf(c)
	if err != nil {
		return err
	}
	v := typedAnswers(c, "statement")
	r := planReader{v: v}
	reminders := r.int("reminders")
	if err = r.faults.Err(); err == nil && states {
		_, err = p.Register.StateOutcome(ctx, web.Actor(ctx), d.Ref, readVersion(v), u.ID, v.Get("statement"))
	} else if err == nil {
		_, err = p.Register.RecordOutcome(ctx, web.Actor(ctx), d.Ref, readVersion(v), u.ID, v.Get("outcome"), v.Get("statement"), reminders)
	}
	if again(err) {
		return p.showOutcome(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/deployments/"+d.Ref+"#outcomes", "page.outcome.done", "union", u.Abbreviation)
}

// Changes lists the material changes of a deployment, and who judged them.
func (p *Pages) Changes(c *gin.Context) error {
	ctx := c.Request.Context()
	d, err := p.Register.Deployment(ctx, web.Actor(ctx), param(c, "ref"))
	if err != nil {
		return err
	}
	all, err := p.Register.MaterialChanges(ctx, web.Actor(ctx), d.Ref)
	if err != nil {
		return err
	}
	judges := p.allowedOn(ctx, d.Ref)["materiality.judge"]
	g := grid{caption: design.Say(ctx, "page.changes.caption"), none: design.Say(ctx, "page.changes.none"), heads: heads(ctx, "version", "when", "what2", "material", "why")}
	for _, m := range all {
		kinds := make([]design.Line, len(m.Fields))
		for i, k := range m.Fields {
			kinds[i] = design.Line{Text: design.Say(ctx, "material."+k)}
		}
		no := strconv.Itoa(m.Version)
		word := design.Say(ctx, "page.no")
		if m.Material {
			word = design.Say(ctx, "page.yes")
		}
		why := []templ.Component{plain(orNone(ctx, m.Reason))}
		if judges {
			why = append(why, pageLink("/deployments/"+d.Ref+"/changes/"+no, design.Line{Text: design.Say(ctx, "page.changes.judge", "version", no)}))
		}
		g.rows = append(g.rows, []templ.Component{pageLink("/deployments/"+d.Ref+"/versions/"+no, design.Line{Text: no}), design.Time(m.At), design.Lines(kinds), plain(word), stack(why...)})
	}
	return p.showBoard(c, board{
		title: design.Say(ctx, "page.changes.title"), caption: d.Ref, crumbs: deploymentCrumbs(ctx, d.Ref), lead: []string{design.Say(ctx, "page.changes.lead")},
		parts: []templ.Component{gridTable(g)},
	})
}

// JudgeForm asks whether a change is material.
func (p *Pages) JudgeForm(c *gin.Context) error { return p.showJudge(c, url.Values{}, faults{}) }

func (p *Pages) showJudge(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	d, err := p.mayOn(ctx, param(c, "ref"), "materiality.judge")
	if err != nil {
		return err
	}
	no := param(c, "number")
	answers := []design.Option{{Value: "yes", Text: design.Say(ctx, "page.changes.is")}, {Value: "no", Text: design.Say(ctx, "page.changes.is_not")}}
	kind := ask(ctx, "material", "material", v.Get("material")).oneOf(answers)
	kind.hints = []string{design.Say(ctx, "page.changes.is_hint"), design.Say(ctx, "page.changes.is_not_hint")}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.changes.judge", "version", no), at: "reason", faults: wrong, path: "/deployments/" + d.Ref + "/changes/" + url.PathEscape(no),
		crumbs: append(deploymentCrumbs(ctx, d.Ref), design.Crumb{Text: design.Say(ctx, "page.changes.title"), Path: "/deployments/" + d.Ref + "/changes"}),
		lead:   []string{design.Say(ctx, "page.changes.judge_lead")}, button: design.Say(ctx, "page.changes.button"),
		ask: []question{kind, ask(ctx, "reason", "stepreason", v.Get("reason")).text("4")},
	})
}

// Judge says whether a change is material, with a reason that stays.
func (p *Pages) Judge(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c, "reason")
	ref := param(c, "ref")
	if v.Get("material") != "yes" && v.Get("material") != "no" {
		return p.showJudge(c, v, fault("material", design.Say(ctx, "field.required")))
	}
	err := p.Register.JudgeMateriality(ctx, web.Actor(ctx), ref, int(min(number(param(c, "number")), 1<<30)), v.Get("material") == "yes", v.Get("reason"))
	if again(err) {
		return p.showJudge(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/deployments/"+ref+"/changes", "page.changes.done")
}

// overrideOf finds an override of a deployment by its id.
func (p *Pages) overrideOf(c *gin.Context, act string) (register.DeploymentView, models.Override, error) {
	ctx := c.Request.Context()
	d, err := p.mayOn(ctx, param(c, "ref"), act)
	if err != nil {
		return d, models.Override{}, err
	}
	all, err := p.Register.Overrides(ctx, web.Actor(ctx), d.Ref)
	for _, o := range all {
		if o.ID == param(c, "id") {
			return d, o, nil
		}
	}
	if err == nil {
		err = models.Missing("override")
	}
	return d, models.Override{}, err
}

// SignOverrideForm is the page before a second signature.
func (p *Pages) SignOverrideForm(c *gin.Context) error { return p.showSignOverride(c, faults{}) }

func (p *Pages) showSignOverride(c *gin.Context, wrong faults) error {
	ctx := c.Request.Context()
	d, o, err := p.overrideOf(c, "override.sign")
	if err != nil {
		return err
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.override.sign", "ref", d.Ref), crumbs: deploymentCrumbs(ctx, d.Ref), path: "/deployments/" + d.Ref + "/overrides/" + o.ID, faults: wrong, danger: true,
		lead: []string{
			design.In(ctx, d.Record.Name).Text, design.Say(ctx, "page.over.override", "stage", design.Say(ctx, "stage."+string(o.ToStage)), "until", o.ExpiresOn, "ground", o.Ground),
			design.Say(ctx, "page.override.first", "time", design.Instant(ctx, o.FirstAt)),
		},
		warning: design.Say(ctx, "page.override.warning"), button: design.Say(ctx, "page.override.button"), hidden: []pair{{"version", strconv.Itoa(o.Version)}},
	})
}

// SignOverride signs an override second.
func (p *Pages) SignOverride(c *gin.Context) error {
	ctx := c.Request.Context()
	_, err := p.Register.SignOverride(ctx, web.Actor(ctx), param(c, "id"), versionTyped(c))
	if again(err) {
		return p.showSignOverride(c, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/deployments/"+param(c, "ref")+"#over", "page.override.done")
}

// LiftForm asks why a hold is lifted.
func (p *Pages) LiftForm(c *gin.Context) error { return p.showLift(c, "", faults{}) }

func (p *Pages) showLift(c *gin.Context, reason string, wrong faults) error {
	ctx := c.Request.Context()
	d, err := p.mayOn(ctx, param(c, "ref"), "hold.lift")
	if err != nil {
		return err
	}
	h, err := p.holdOf(ctx, d.Ref, param(c, "id"))
	if err != nil {
		return err
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.lift.title"), crumbs: deploymentCrumbs(ctx, d.Ref), path: "/deployments/" + d.Ref + "/holds/" + h.ID, faults: wrong, at: "reason",
		lead: []string{design.Say(ctx, "gate.hold", "from", h.From, "until", h.Until, "ground", h.Ground)}, button: design.Say(ctx, "page.lift.title"),
		ask: []question{ask(ctx, "reason", "stepreason", reason).text("4")}, hidden: []pair{{"version", strconv.Itoa(h.Version)}},
	})
}

func (p *Pages) holdOf(ctx context.Context, ref, id string) (models.Hold, error) {
	all, err := p.Register.Holds(ctx, web.Actor(ctx), ref)
	for _, h := range all {
		if h.ID == id {
			return h, nil
		}
	}
	if err == nil {
		err = models.Missing("hold")
	}
	return models.Hold{}, err
}

// Lift lifts a hold.
func (p *Pages) Lift(c *gin.Context) error {
	ctx := c.Request.Context()
	reason := c.PostForm("reason")
	_, err := p.Register.LiftHold(ctx, web.Actor(ctx), param(c, "id"), versionTyped(c), reason)
	if again(err) {
		return p.showLift(c, reason, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/deployments/"+param(c, "ref")+"#over", "page.lift.done")
}
