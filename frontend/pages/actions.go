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

// Actions lists what is to be done, with a form for one more.
func (p *Pages) Actions(c *gin.Context) error {
	return p.actions(c, url.Values{"deployment": {listOf(c.Request.Context())}, "meeting": {design.Of(c.Request.Context()).Query.Get("meeting")}}, faults{})
}

func (p *Pages) actions(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	all, err := p.Register.Actions(ctx, web.Actor(ctx), listOf(ctx))
	if err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	b := board{title: design.Say(ctx, "page.actions.title"), crumbs: partnershipCrumbs(ctx), lead: []string{design.Say(ctx, "page.actions.lead")}}
	ofDeployment(ctx, &b, "/actions")
	var open, done []register.ActionView
	for _, x := range all {
		if x.DoneOn == 0 {
			open = append(open, x)
		} else {
			done = append(done, x)
		}
	}
	b.parts = []templ.Component{gridTable(actionGrid(ctx, names, open, "due")), gridTable(actionGrid(ctx, names, done, "done"))}
	b.form = actionSheet(ctx, names, v, wrong)
	return p.showBoard(c, b)
}

// actionSheet asks for an action: councillors ask the employer for one, the
// parties take one on.
func actionSheet(ctx context.Context, names parties, v url.Values, wrong faults) *sheet {
	adds, asks := could(ctx, "action.add"), could(ctx, "action.ask")
	if !adds && !asks {
		return nil
	}
	s := sheet{path: "/actions", title: design.Say(ctx, "page.action.add"), button: design.Say(ctx, "page.action.button"), faults: wrong, at: "text", hidden: []pair{{"key", otherwise(v.Get("key"), web.RequestID(ctx))}}}
	if !adds {
		s.title, s.button, s.lead = design.Say(ctx, "page.action.ask"), design.Say(ctx, "page.action.ask_button"), []string{design.Say(ctx, "page.action.ask_lead")}
	}
	s.ask = []question{ask(ctx, "text", "actiontext", v.Get("text")).text("4")}
	if adds {
		whose := []design.Option{{Value: models.EmployerParty, Text: names.name(ctx, models.EmployerParty)}}
		mine := web.Actor(ctx).Unions()
		for _, o := range names.unions() {
			if len(mine) == 0 || slices.Contains(mine, o.Value) || v.Get("meeting") != "" {
				whose = append(whose, o)
			}
		}
		s.ask = append(s.ask, ask(ctx, "party", "actionparty", otherwise(v.Get("party"), firstParty(mine))).oneOf(whose))
	}
	s.ask = append(s.ask, ask(ctx, "owner", "actionowner", v.Get("owner")), dated(ask(ctx, "dueOn", "actiondue", ""), partsOf(v, "dueOn")), ask(ctx, "deployment", "deployment", v.Get("deployment")).as("text", "off", "govuk-input--width-10"))
	if adds {
		s.ask = append(s.ask, ask(ctx, "meeting", "actionmeeting", v.Get("meeting")).as("text", "off", "govuk-input--width-10"))
	}
	return &s
}

// firstParty is the first of some ids, or the employer.
func firstParty(all []string) string {
	if len(all) == 0 {
		return models.EmployerParty
	}
	return all[0]
}

func actionGrid(ctx context.Context, names parties, all []register.ActionView, which string) grid {
	g := grid{
		title: design.Say(ctx, "page.actions."+which), caption: design.Say(ctx, "page.actions.caption."+which), none: design.Say(ctx, "page.actions."+which+".none"),
		heads: heads(ctx, "action2", "whoseaction", "due", "deployment", "status"),
	}
	for _, x := range all {
		whose := plain(names.name(ctx, x.Party) + ": " + x.Owner)
		if x.AskedBy == models.AskedByScrutiny {
			whose = stack(whose, plain(design.Say(ctx, "page.action.asked")))
		}
		status := actionTag(ctx, x)
		if x.DoneOn != 0 {
			status = stack(status, dayCell(x.DoneOn), plain(x.DoneNote))
		} else if slices.Contains(x.Can, "action.finish") {
			status = stack(status, pageLink("/actions/"+x.No+"/finish", design.Line{Text: design.Say(ctx, "page.action.finish", "action", x.No)}))
		}
		g.rows = append(g.rows, []templ.Component{anchored(x.No, x.Text), whose, dayCell(x.DueOn), aboutRef(x.Ref), status})
	}
	return g
}

func actionTag(ctx context.Context, x register.ActionView) templ.Component {
	switch {
	case x.DoneOn != 0:
		return design.Tag(design.Say(ctx, "page.action.is_done"), "green")
	case x.Overdue:
		return design.Tag(design.Say(ctx, "page.action.overdue"), "red")
	default:
		return design.Tag(design.Say(ctx, "page.action.is_open"), "blue")
	}
}

// AddAction writes an action down.
func (p *Pages) AddAction(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c, "text")
	var f models.Faults
	in := register.NewAction{Deployment: v.Get("deployment"), Meeting: v.Get("meeting"), Text: v.Get("text"), Party: v.Get("party"), Owner: v.Get("owner"), DueOn: dayTyped(&f, v, "dueOn")}
	err := f.Err()
	if err == nil {
		_, err = p.Register.AddAction(keyed(ctx, v.Get("key")), web.Actor(ctx), in)
		err = aboutField(err, in.Deployment)
	}
	if again(err) && !sentBefore(err) {
		return p.actions(c, v, faultsOf(ctx, err))
	}
	if err != nil && !sentBefore(err) {
		return err
	}
	return p.done(c, "/actions", "page.action.added")
}

// FinishActionForm asks how an action was done.
func (p *Pages) FinishActionForm(c *gin.Context) error {
	return p.finishAction(c, url.Values{}, faults{})
}

func (p *Pages) finishAction(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	x, err := p.Register.Action(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	if !slices.Contains(x.Can, "action.finish") && !wrong.any() {
		if x.DoneOn != 0 {
			return models.Fail(models.Conflict, "action_done").With("action", x.No)
		}
		return models.Fail(models.Forbidden, "forbidden").With("act", "action.finish")
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.action.finish", "action", x.No), crumbs: partnershipCrumbs(ctx, design.Say(ctx, "page.actions.title"), "/actions"), lead: []string{x.Text, design.Say(ctx, "page.action.due", "due", x.DueOn)},
		path: "/actions/" + x.No + "/finish", hidden: []pair{{"version", otherwise(v.Get("version"), strconv.Itoa(x.Version))}}, faults: wrong, at: "note",
		ask: []question{ask(ctx, "note", "actionnote", v.Get("note")).text("4")}, button: design.Say(ctx, "page.action.finish_button"),
	})
}

// FinishAction says that an action is done.
func (p *Pages) FinishAction(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c, "note")
	_, err := p.Register.FinishAction(ctx, web.Actor(ctx), param(c, "no"), readVersion(v), v.Get("note"))
	if again(err) {
		return p.finishAction(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/actions", "page.action.finished")
}

// Barriers lists what stands in the way of partnership.
func (p *Pages) Barriers(c *gin.Context) error {
	return p.barriers(c, url.Values{"deployment": {listOf(c.Request.Context())}}, faults{})
}

func (p *Pages) barriers(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	all, err := p.Register.Barriers(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	b := board{title: design.Say(ctx, "page.barriers.title"), crumbs: partnershipCrumbs(ctx), lead: []string{design.Say(ctx, "page.barriers.lead")}}
	b.parts = []templ.Component{gridTable(barrierGrid(ctx, names, all, ""))}
	if could(ctx, "barrier.raise") {
		b.form = &sheet{
			path: "/barriers", title: design.Say(ctx, "page.barrier.raise"), button: design.Say(ctx, "page.barrier.button"), faults: wrong, at: "text", hidden: []pair{{"key", otherwise(v.Get("key"), web.RequestID(ctx))}},
			ask: []question{ask(ctx, "text", "barriertext", v.Get("text")).text("4"), ask(ctx, "deployment", "deployment", v.Get("deployment")).as("text", "off", "govuk-input--width-10")},
		}
	}
	return p.showBoard(c, b)
}

func barrierGrid(ctx context.Context, names parties, all []register.BarrierView, which string) grid {
	g := grid{caption: design.Say(ctx, "page.barriers.caption"), none: design.Say(ctx, "page.barriers.none"), heads: heads(ctx, "barrier", "raisedby", "deployment", "status")}
	if which != "" {
		g.title, g.none = design.Say(ctx, "page.barriers."+which), design.Say(ctx, "page.barriers."+which+".none")
	}
	for _, x := range all {
		status := design.Tag(design.Say(ctx, "page.barrier.is_open"), "orange")
		if x.SettledOn != 0 {
			status = stack(design.Tag(design.Say(ctx, "page.barrier.is_settled"), "green"), dayCell(x.SettledOn), plain(x.Settlement))
		} else if slices.Contains(x.Can, "barrier.settle") {
			status = stack(status, pageLink("/barriers/"+x.No+"/settle", design.Line{Text: design.Say(ctx, "page.barrier.settle", "barrier", x.No)}))
		}
		g.rows = append(g.rows, []templ.Component{anchored(x.No, x.Text), plain(names.name(ctx, x.Party)), aboutRef(x.Ref), status})
	}
	return g
}

// RaiseBarrier writes down what stands in the way.
func (p *Pages) RaiseBarrier(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c, "text")
	_, err := p.Register.RaiseBarrier(keyed(ctx, v.Get("key")), web.Actor(ctx), v.Get("deployment"), v.Get("text"))
	err = aboutField(err, v.Get("deployment"))
	if again(err) && !sentBefore(err) {
		return p.barriers(c, v, faultsOf(ctx, err))
	}
	if err != nil && !sentBefore(err) {
		return err
	}
	return p.done(c, "/barriers", "page.barrier.raised")
}

// SettleBarrierForm asks what was done about a barrier.
func (p *Pages) SettleBarrierForm(c *gin.Context) error {
	return p.settleBarrier(c, url.Values{}, faults{})
}

func (p *Pages) settleBarrier(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	all, err := p.Register.Barriers(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(x register.BarrierView) bool { return x.No == param(c, "no") })
	if i < 0 {
		return models.Missing("barrier")
	}
	x := all[i]
	if !slices.Contains(x.Can, "barrier.settle") && !wrong.any() {
		if x.SettledOn != 0 {
			return models.Fail(models.Conflict, "barrier_settled").With("barrier", x.No)
		}
		return models.Fail(models.Forbidden, "forbidden").With("act", "barrier.settle")
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.barrier.settle", "barrier", x.No), crumbs: partnershipCrumbs(ctx, design.Say(ctx, "page.barriers.title"), "/barriers"), lead: []string{x.Text},
		path: "/barriers/" + x.No + "/settle", hidden: []pair{{"version", otherwise(v.Get("version"), strconv.Itoa(x.Version))}}, faults: wrong, at: "text",
		ask: []question{ask(ctx, "text", "barrierend", v.Get("text")).text("4")}, button: design.Say(ctx, "page.barrier.settle_button"),
	})
}

// SettleBarrier says what was done about a barrier.
func (p *Pages) SettleBarrier(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c, "text")
	_, err := p.Register.SettleBarrier(ctx, web.Actor(ctx), param(c, "no"), readVersion(v), v.Get("text"))
	if again(err) {
		return p.settleBarrier(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/barriers", "page.barrier.settled")
}
