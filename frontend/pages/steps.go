package pages

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// step is something that is done to a deployment beyond its record.
type step struct {
	act string
	// at is the answer that a fault of no one answer leads to.
	at string
	// ask are the questions; take does it.
	ask  func(ctx context.Context, p *Pages, d register.DeploymentView, v url.Values) ([]question, error)
	take func(ctx context.Context, p *Pages, d register.DeploymentView, readAt int, v url.Values) error
}

// steps by their names in an address.
var deploymentSteps = map[string]step{
	"move":     {act: "deployment.move", at: "to", ask: askMove, take: takeMove},
	"late":     {act: "deployment.mark_late", at: "reason", ask: askReason, take: takeLate},
	"class":    {act: "deployment.raise_class", at: "class", ask: askClass, take: takeClass},
	"scope":    {act: "scope.add", at: "union", ask: askScope, take: takeScope},
	"hold":     {act: "hold.place", at: "ground", ask: askHold, take: takeHold},
	"override": {act: "override.request", at: "to", ask: askOverride, take: takeOverride},
}

// stepNames are the steps in the order in which they are offered.
var stepNames = []string{"move", "class", "scope", "late", "hold", "override"}

// movers are the acts by which a deployment enters one stage or another.
var movers = []string{"deployment.move", "deployment.decide", "deployment.go_live"}

// mayStep says whether somebody may do a step, by the acts they may do.
func mayStep(name string, may map[string]bool) bool {
	if name == "move" {
		return slices.ContainsFunc(movers, func(act string) bool { return may[act] })
	}
	return may[deploymentSteps[name].act]
}

// StepForm asks for one step.
func (p *Pages) StepForm(c *gin.Context) error {
	v := url.Values{}
	v.Set("to", design.Of(c.Request.Context()).Query.Get("to"))
	return p.showStep(c, v, faults{})
}

// openStep opens a deployment for one step of it.
func (p *Pages) openStep(c *gin.Context) (step, register.DeploymentView, error) {
	ctx := c.Request.Context()
	name := param(c, "do")
	s, known := deploymentSteps[name]
	if !known {
		return s, register.DeploymentView{}, models.Missing("page")
	}
	a := web.Actor(ctx)
	d, err := p.Register.Deployment(ctx, a, param(c, "ref"))
	switch {
	case err != nil:
		return s, d, err
	case a.Anonymous():
		return s, d, models.Fail(models.Unauthenticated, "unauthenticated")
	case !mayStep(name, p.allowedOn(ctx, d.Ref)):
		return s, d, models.Fail(models.Forbidden, "forbidden").With("act", s.act)
	}
	return s, d, nil
}

func (p *Pages) showStep(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	of, d, err := p.openStep(c)
	if err != nil {
		return err
	}
	name := param(c, "do")
	if wrong.stale { // the page shows how things stand now
		v.Set("version", strconv.Itoa(d.Version))
	}
	s := sheet{
		title: design.Say(ctx, "page.step."+name), crumbs: deploymentCrumbs(ctx, d.Ref), path: "/deployments/" + d.Ref + "/step/" + name, faults: wrong, at: of.at, stale: wrong.stale,
		lead: []string{d.Ref + ": " + design.In(ctx, d.Record.Name).Text, design.Say(ctx, "page.step."+name+".lead")}, button: design.Say(ctx, "page.step."+name+".button"),
		hidden: []pair{{"version", otherwise(v.Get("version"), strconv.Itoa(d.Version))}, {"key", otherwise(v.Get("key"), web.RequestID(ctx))}},
	}
	if warning := hintFor(ctx, "page.step."+name+".warning"); warning != "" {
		s.warning, s.danger = warning, true
	}
	if s.ask, err = of.ask(ctx, p, d, v); err != nil {
		return err
	}
	if name == "move" {
		g, err := p.Register.Gate(ctx, web.Actor(ctx), d.Ref, models.Stage(v.Get("to")), 0)
		if err != nil && models.KindOf(err) != models.Invalid && !hidden(err) {
			return err
		}
		if err == nil {
			s.after = gateVerdict(gatePanel{GateView: g, read: true})
		}
	}
	return p.show(c, s)
}

// TakeStep does one step.
func (p *Pages) TakeStep(c *gin.Context) error {
	ctx := c.Request.Context()
	of, d, err := p.openStep(c)
	if err != nil {
		return err
	}
	v := typedAnswers(c, "reason", "ground")
	err = of.take(keyed(ctx, v.Get("key")), p, d, readVersion(v), v)
	if again(err) && !sentBefore(err) {
		wrong := draftFaults(ctx, err)
		if models.CodeOf(err) == "gate_blocked" {
			wrong = faults{general: sentenceOf(ctx, err)} // the gate below names each blocker
		}
		return p.showStep(c, v, wrong)
	}
	if err != nil && !sentBefore(err) {
		return err
	}
	return p.done(c, "/deployments/"+d.Ref, "page.step."+param(c, "do")+".done")
}

func askReason(ctx context.Context, _ *Pages, _ register.DeploymentView, v url.Values) ([]question, error) {
	return []question{ask(ctx, "reason", "stepreason", v.Get("reason")).text("4")}, nil
}

func takeLate(ctx context.Context, p *Pages, d register.DeploymentView, readAt int, v url.Values) error {
	_, err := p.Register.MarkLate(ctx, web.Actor(ctx), d.Ref, readAt, v.Get("reason"))
	return err
}

// profile is the one that the organisation goes by.
func (p *Pages) profile(ctx context.Context) (models.Profile, error) {
	all, err := p.Register.Profiles(web.Actor(ctx))
	for _, x := range all {
		if x.Code == design.Of(ctx).Org.Profile {
			return x, err
		}
	}
	return models.Profile{}, err
}

func askMove(ctx context.Context, p *Pages, d register.DeploymentView, v url.Values) ([]question, error) {
	profile, err := p.profile(ctx)
	if err != nil {
		return nil, err
	}
	may := p.allowedOn(ctx, d.Ref)
	var open []models.Stage
	for _, s := range d.Stage.Next(d.EffectiveClass(), profile) {
		act := map[models.Stage]string{models.StageDecided: "deployment.decide", models.StageLive: "deployment.go_live"}[s]
		if may[otherwise(act, "deployment.move")] && s != models.StageNoticed { // serving its first notice enters it
			open = append(open, s)
		}
	}
	if d.Stage.Rank() > models.StageNoticed.Rank() && d.Stage.Rank() < models.StageLive.Rank() && may["deployment.decide"] {
		open = append(open, models.StageDecided) // decided again after a material change
	}
	if len(open) > 0 && v.Get("to") == "" {
		v.Set("to", string(open[0]))
	}
	to := ask(ctx, "to", "stepto", v.Get("to")).oneOf(options(ctx, "", "stage.", open))
	for _, s := range open {
		to.hints = append(to.hints, hintFor(ctx, "page.step.into."+string(s)))
	}
	if len(open) == 0 {
		return nil, models.Fail(models.Forbidden, "forbidden").With("act", "deployment.decide")
	}
	return []question{to, ask(ctx, "reason", "movereason", v.Get("reason")).text("4")}, nil
}

func takeMove(ctx context.Context, p *Pages, d register.DeploymentView, readAt int, v url.Values) error {
	_, err := p.Register.Move(ctx, web.Actor(ctx), d.Ref, readAt, models.Stage(v.Get("to")), v.Get("reason"))
	return err
}

func askClass(ctx context.Context, _ *Pages, d register.DeploymentView, v url.Values) ([]question, error) {
	higher := slices.DeleteFunc(slices.Clone(classes), func(c models.ChangeClass) bool { return c <= d.EffectiveClass() })
	return []question{
		ask(ctx, "class", "stepclass", v.Get("class")).oneOf(options(ctx, "page.choose", "changeClass.", higher)), ask(ctx, "reason", "stepreason", v.Get("reason")).text("4"),
	}, nil
}

func takeClass(ctx context.Context, p *Pages, d register.DeploymentView, readAt int, v url.Values) error {
	_, err := p.Register.RaiseClass(ctx, web.Actor(ctx), d.Ref, readAt, models.ChangeClass(v.Get("class")), v.Get("reason"))
	if models.CodeOf(err) == "class_reason" {
		return &models.Error{Kind: models.Invalid, Code: "invalid", Fields: []models.Field{{Path: "reason", Code: "required"}}}
	}
	return err
}

func askScope(ctx context.Context, p *Pages, d register.DeploymentView, v url.Values) ([]question, error) {
	all, err := p.Register.Unions(ctx, web.Actor(ctx))
	if err != nil {
		return nil, err
	}
	scope, _, err := p.Register.Scope(ctx, web.Actor(ctx), d.Ref)
	if err != nil {
		return nil, err
	}
	open := []design.Option{{Text: design.Say(ctx, "page.choose")}}
	for _, u := range all {
		if _, in := scope.Union(u.ID); !in {
			open = append(open, design.Option{Value: u.ID, Text: u.Abbreviation + ": " + u.Name})
		}
	}
	return []question{ask(ctx, "union", "stepunion", v.Get("union")).oneOf(open), ask(ctx, "reason", "stepreason", v.Get("reason")).text("4")}, nil
}

func takeScope(ctx context.Context, p *Pages, d register.DeploymentView, _ int, v url.Values) error {
	if v.Get("union") == "" {
		return &models.Error{Kind: models.Invalid, Code: "invalid", Fields: []models.Field{{Path: "union", Code: "required"}}}
	}
	return p.Register.AddToScope(ctx, web.Actor(ctx), d.Ref, v.Get("union"), v.Get("reason"))
}

func askHold(ctx context.Context, p *Pages, d register.DeploymentView, v url.Values) ([]question, error) {
	scope, _, err := p.Register.Scope(ctx, web.Actor(ctx), d.Ref)
	unions := []design.Option{{Text: design.Say(ctx, "page.step.hold.nobody")}}
	for _, u := range scope.Unions {
		unions = append(unions, design.Option{Value: u.Union.ID, Text: u.Union.Abbreviation})
	}
	return []question{
		ask(ctx, "ground", "holdground", v.Get("ground")).text("4"), ask(ctx, "union", "holdunion", v.Get("union")).oneOf(unions), dated(ask(ctx, "until", "holduntil", ""), partsOf(v, "until")),
	}, err
}

func takeHold(ctx context.Context, p *Pages, d register.DeploymentView, _ int, v url.Values) error {
	var f models.Faults
	until := dayTyped(&f, v, "until")
	if err := f.Err(); err != nil {
		return err
	}
	_, err := p.Register.PlaceHold(ctx, web.Actor(ctx), d.Ref, v.Get("union"), v.Get("ground"), until)
	return err
}

// overridable are the stages into which an override lets a deployment.
var overridable = []models.Stage{models.StageNoticed, models.StageDecided, models.StagePilot, models.StageEvaluated, models.StageLive}

func askOverride(ctx context.Context, _ *Pages, _ register.DeploymentView, v url.Values) ([]question, error) {
	return []question{
		ask(ctx, "to", "overrideto", v.Get("to")).oneOf(options(ctx, "page.choose", "stage.", overridable)), ask(ctx, "ground", "overrideground", v.Get("ground")).text("4"),
		dated(ask(ctx, "expiresOn", "overrideuntil", ""), partsOf(v, "expiresOn")),
	}, nil
}

func takeOverride(ctx context.Context, p *Pages, d register.DeploymentView, _ int, v url.Values) error {
	var f models.Faults
	until := dayTyped(&f, v, "expiresOn")
	if err := f.Err(); err != nil {
		return err
	}
	_, err := p.Register.RequestOverride(ctx, web.Actor(ctx), d.Ref, models.Stage(v.Get("to")), v.Get("ground"), until)
	return err
}
