package pages

import (
	"context"
	"errors"
	"slices"
	"time"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// dossier is all that the page of a deployment shows, each part as the reader
// may read it. Parts that they may not read at all are left out.
type dossier struct {
	register.DeploymentView
	today     models.Date
	scope     models.Scope
	roles     map[string]models.JobRole
	gate      gatePanel
	notices   []register.NoticeView
	comments  []register.CommentView
	requests  []register.RequestView
	asks      bool // the reader may read information requests
	outcomes  []models.UnionOutcome
	holds     []models.Hold
	overrides []models.Override
	events    []register.Event
	later     int64 // where the timeline goes on, or 0
	scores    []scoreParty
	claims    []register.ClaimView
	mayClaim  bool
	now       time.Time
	unions    map[string]string
	form      *commentForm
	// could are the acts that the reader may do here, once they have proved who
	// they are; acts lead to them.
	could map[string]bool
	acts  []design.Crumb
	// between is what is between the parties, for whoever reads any of it.
	between []betweenRow
}

// gatePanel is the gate that was asked for, or why it cannot be read.
type gatePanel struct {
	register.GateView
	read   bool
	to, at string
	// sentence says why there is no gate to show.
	sentence string
	faults   []design.Fault
	// ref and could are the deployment and what the reader may do to it.
	ref   string
	could map[string]bool
}

// timelineLength is how many events a page shows.
const timelineLength = 200

func (p *Pages) dossier(ctx context.Context, ref string) (dossier, error) {
	a := web.Actor(ctx)
	var v dossier
	var err error
	if v.DeploymentView, err = p.Register.Deployment(ctx, a, ref); err != nil {
		return v, err
	}
	v.today = models.DateOf(p.Register.Now(), design.Of(ctx).Org.Location())
	if v.gate, err = p.gate(ctx, a, v.DeploymentView); err != nil {
		return v, err
	}
	if v.scope, v.roles, err = p.Register.Scope(ctx, a, ref); err != nil {
		return v, err
	}
	if err := p.told(ctx, a, &v); err != nil {
		return v, err
	}
	if err := p.claimed(ctx, a, &v); err != nil {
		return v, err
	}
	if err := p.stood(ctx, a, &v); err != nil {
		return v, err
	}
	v.nameUnions()
	if err := p.gatherBetween(ctx, a, &v); err != nil {
		return v, err
	}
	if v.may("comment.make") {
		v.form = newCommentForm(ctx, a, v)
	}
	v.could = p.allowedOn(ctx, v.Ref)
	v.gate.could, v.gate.ref = v.could, v.Ref
	v.offer(ctx)
	return v, nil
}

// may says whether the reader may do something here.
func (v dossier) may(act string) bool { return slices.Contains(v.Can, act) }

// told gathers what was said between the parties.
func (p *Pages) told(ctx context.Context, a models.Actor, v *dossier) error {
	var errs [4]error
	v.notices, errs[0] = p.Register.Notices(ctx, a, v.Ref)
	v.comments, errs[1] = p.Register.Comments(ctx, a, v.Ref)
	v.requests, errs[2] = p.Register.Requests(ctx, a, v.Ref)
	v.asks = errs[2] == nil
	v.outcomes, errs[3] = p.Register.Outcomes(ctx, a, v.Ref)
	return firstShown(errs[:])
}

// claimed gathers what is claimed of the deployment, and what was found of it.
func (p *Pages) claimed(ctx context.Context, a models.Actor, v *dossier) error {
	all, err := p.Register.Claims(ctx, a, v.Ref)
	if err != nil && !hidden(err) {
		return err
	}
	v.now, v.mayClaim = p.Register.Now(), v.Stage != models.StageWithdrawn && p.allowedOn(ctx, v.Ref)["claim.make"]
	v.claims, err = p.read(ctx, all)
	return err
}

// stood gathers what lay over the deployment, and what happened to it.
func (p *Pages) stood(ctx context.Context, a models.Actor, v *dossier) error {
	var errs [4]error
	scores, err := p.Register.Scores(ctx, a, v.Ref)
	errs[3] = err
	if len(scores) > 0 {
		v.scores = scoreParties(ctx, v.scope, scores)
	}
	v.holds, errs[0] = p.Register.Holds(ctx, a, v.Ref)
	v.overrides, errs[1] = p.Register.Overrides(ctx, a, v.Ref)
	v.events, v.later, errs[2] = p.Register.Timeline(ctx, a, v.Ref, number(design.Of(ctx).Query.Get("from")), timelineLength)
	return firstShown(errs[:])
}

// firstShown is the first error that is more than a part left out.
func firstShown(errs []error) error {
	for _, err := range errs {
		if err != nil && !hidden(err) {
			return err
		}
	}
	return nil
}

// gate reads the gate that the address asks for: into which stage, on which day.
func (p *Pages) gate(ctx context.Context, a models.Actor, d register.DeploymentView) (gatePanel, error) {
	q := design.Of(ctx).Query
	g := gatePanel{to: q.Get("to"), at: q.Get("at")}
	if d.Stage.Rank() == models.StageRetired.Rank() && g.to == "" {
		g.sentence = design.Say(ctx, "page.gate.ended")
		return g, nil
	}
	on, err := models.Date(0), error(nil)
	if g.at != "" {
		if on, err = models.ParseDate(g.at); err != nil || on.Year() < 2000 || on.Year() > 2100 {
			g.faults = append(g.faults, design.Fault{ID: "at", Text: design.Say(ctx, "field.not_a_date", "value", g.at)})
			return g, nil //nolint:nilerr // a day that cannot be read is told in the form
		}
	}
	g.GateView, err = p.Register.Gate(ctx, a, d.Ref, models.Stage(g.to), on)
	e, known := errors.AsType[*models.Error](err)
	switch {
	case err == nil:
		g.read, g.to = true, string(g.To)
	case known && len(e.Fields) > 0:
		g.faults = append(g.faults, design.Fault{ID: "to", Text: design.Say(ctx, "page.gate.no_stage")})
	case known && e.Kind == models.Invalid:
		g.sentence = sentence(ctx, e)
	case known && e.Kind == models.NotFound && on != 0:
		g.sentence = design.Say(ctx, "page.gate.not_yet")
	default:
		return g, err
	}
	return g, nil
}

// nameUnions gathers the abbreviations of every union that has to do with the
// deployment: some records name them by id only.
func (v *dossier) nameUnions() {
	v.unions = map[string]string{}
	for _, u := range v.scope.Unions {
		v.unions[u.Union.ID] = u.Union.Abbreviation
	}
	for _, n := range v.notices {
		for _, p := range n.Parties {
			v.unions[p.UnionID] = p.Union
		}
	}
	for _, c := range v.comments {
		if c.UnionID != nil {
			v.unions[*c.UnionID] = c.UnionAbbrev
		}
	}
	for _, q := range v.requests {
		v.unions[q.UnionID] = q.UnionAbbrev
	}
}
