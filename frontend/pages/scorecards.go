package pages

import (
	"context"
	"errors"
	"net/http"
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

// scorecards are what each party makes of the impact: side by side, and never
// added up or averaged (domain section 8).
type scorecards struct {
	register.DeploymentView
	parties []scoreParty
	// fill are the parties whose scorecard the reader may fill in.
	fill []scoreParty
}

// scoreParty is one party and its scores by dimension.
type scoreParty struct {
	id, name string
	version  int
	by       map[models.Dimension]models.Score
}

// Scorecards shows the scorecards of a deployment.
func (p *Pages) Scorecards(c *gin.Context) error {
	ctx := c.Request.Context()
	v, err := p.scorecards(ctx, param(c, "ref"))
	if err != nil {
		return err
	}
	return p.render(c, http.StatusOK, scorecardsPage(v))
}

func (p *Pages) scorecards(ctx context.Context, ref string) (scorecards, error) {
	a := web.Actor(ctx)
	var v scorecards
	var err error
	if v.DeploymentView, err = p.Register.Deployment(ctx, a, ref); err != nil {
		return v, err
	}
	scope, _, err := p.Register.Scope(ctx, a, v.Ref)
	if err != nil {
		return v, err
	}
	all, err := p.Register.Scores(ctx, a, v.Ref)
	if err != nil {
		return v, err
	}
	v.parties = scoreParties(ctx, scope, all)
	for _, x := range v.parties {
		if could(ctx, "score.give") && (x.id == models.EmployerParty && a.EmployerSide() || slices.Contains(a.Unions(), x.id)) {
			v.fill = append(v.fill, x)
		}
	}
	return v, nil
}

// scoreParties sorts scores by party: the employer first, then each union in
// scope, whether it has scored or not.
func scoreParties(ctx context.Context, scope models.Scope, all []models.Score) []scoreParty {
	out := []scoreParty{{id: models.EmployerParty, name: design.Say(ctx, "page.score.employer")}}
	for _, u := range scope.Unions {
		out = append(out, scoreParty{id: u.Union.ID, name: u.Union.Abbreviation})
	}
	for i, x := range out {
		out[i].by = map[models.Dimension]models.Score{}
		for _, s := range all {
			if s.Party == x.id {
				out[i].by[s.Dimension], out[i].version = s, s.Version
			}
		}
	}
	return out
}

// scoreForm is a scorecard as it was filled in.
type scoreForm struct {
	register.DeploymentView
	party  scoreParty
	v      url.Values
	faults faults
	rows   []recordRow
	// before shows what somebody else has changed.
	before templ.Component
}

// ScoreForm asks one party for its scorecard.
func (p *Pages) ScoreForm(c *gin.Context) error { return p.showScores(c, nil, faults{}) }

func (p *Pages) showScores(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if web.Actor(ctx).Anonymous() {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	of, err := p.scorecards(ctx, param(c, "ref"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(of.fill, func(x scoreParty) bool { return x.id == param(c, "party") })
	if i < 0 {
		return models.Fail(models.Forbidden, "forbidden").With("act", "score.give")
	}
	f := scoreForm{DeploymentView: of.DeploymentView, party: of.fill[i], v: v, faults: wrong}
	stands := scoreForm{v: f.party.values()}
	if v == nil {
		f.v = stands.v
	}
	var both []difference
	for _, d := range models.Dimensions {
		row := recordRow{legend: design.Say(ctx, "dimension."+string(d)), ask: f.questions(ctx, d)}
		for _, x := range differences(ctx, stands.questions(ctx, d), row.ask) {
			both = append(both, difference{row.legend + ", " + x.label, x.now, x.yours})
		}
		f.rows = append(f.rows, row)
	}
	status := http.StatusOK
	switch {
	case wrong.stale:
		f.v.Set("version", strconv.Itoa(f.party.version))
		f.before, status = collision(ctx, both), http.StatusPreconditionFailed
	case wrong.any():
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, scoreFormPage(f))
}

// values are a scorecard as somebody would have typed it.
func (x scoreParty) values() url.Values {
	v := url.Values{"version": {strconv.Itoa(x.version)}}
	for d, s := range x.by {
		at := string(d) + "."
		for name, n := range map[string]int{"direction": s.Direction, "likelihood": s.Likelihood, "reach": s.Reach, "reversibility": s.Reversibility, "duration": s.Duration} {
			v.Set(at+name, strconv.Itoa(n))
		}
		v.Set(at+"confidence", s.Confidence)
		v.Set(at+"evidence", s.Evidence)
		v.Set(at+"mitigation", s.Mitigation)
	}
	return v
}

// scale are the steps of a scale, each a number with its word.
func scale(ctx context.Context, prefix string, low, high int) []design.Option {
	out := []design.Option{{Text: design.Say(ctx, "page.choose")}}
	for n := low; n <= high; n++ {
		out = append(out, design.Option{Value: strconv.Itoa(n), Text: design.Say(ctx, prefix+strconv.Itoa(n))})
	}
	return out
}

func (f scoreForm) questions(ctx context.Context, d models.Dimension) []question {
	at := string(d) + "."
	one := func(name, key string) question {
		q := ask(ctx, at+name, key, f.v.Get(at+name))
		q.Error = f.faults.by[at+name]
		return q
	}
	return []question{
		one("direction", "scoredirection").oneOf(scale(ctx, "score.direction.", -2, 2)), one("likelihood", "scorelikelihood").oneOf(scale(ctx, "score.likelihood.", 1, 4)),
		one("reach", "scorereach").as("text", "off", narrow), one("reversibility", "scorereversibility").oneOf(scale(ctx, "score.reversibility.", 1, 4)),
		one("duration", "scoreduration").oneOf(scale(ctx, "score.duration.", 1, 4)),
		one("confidence", "scoreconfidence").oneOf(options(ctx, "page.choose", "score.confidence.", []string{"low", "medium", "high"})),
		one("evidence", "scoreevidence").text("2"), one("mitigation", "scoremitigation").text("2"),
	}
}

// list is what was wrong, in the order of the form.
func (f scoreForm) list() []design.Fault {
	var out []design.Fault
	if f.faults.general != "" {
		out = append(out, design.Fault{Text: f.faults.general})
	}
	for _, r := range f.rows {
		for _, q := range r.ask {
			if q.Error != "" {
				out = append(out, design.Fault{ID: q.ID, Text: r.legend + ", " + q.Label + ": " + q.Error})
			}
		}
	}
	return out
}

// GiveScores replaces one party's scorecard. A dimension without a direction
// is not scored.
func (p *Pages) GiveScores(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	r := planReader{v: v}
	var scores []models.Score
	for _, d := range models.Dimensions {
		at := string(d) + "."
		if v.Get(at+"direction") == "" {
			for _, rest := range []string{"likelihood", "reach", "reversibility", "duration", "confidence", "evidence", "mitigation"} {
				if v.Get(at+rest) != "" {
					r.faults.Add(at+"direction", "required")
					break
				}
			}
			continue
		}
		s := models.Score{Dimension: d, Confidence: v.Get(at + "confidence"), Evidence: c.PostForm(at + "evidence"), Mitigation: c.PostForm(at + "mitigation")}
		s.Direction, s.Likelihood, s.Reach = r.int(at+"direction"), r.int(at+"likelihood"), r.int(at+"reach")
		s.Reversibility, s.Duration = r.int(at+"reversibility"), r.int(at+"duration")
		scores = append(scores, s)
	}
	err := r.faults.Err()
	if err == nil {
		_, err = p.Register.GiveScores(ctx, web.Actor(ctx), param(c, "ref"), versionTyped(c), param(c, "party"), scores)
	}
	if again(err) {
		return p.showScores(c, v, scoreFaults(ctx, err, scores))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/deployments/"+param(c, "ref")+"/scorecards", "page.score.done")
}

// scoreFaults moves what is wrong with a score in the list to its dimension.
func scoreFaults(ctx context.Context, err error, scores []models.Score) faults {
	out := faults{by: map[string]string{}}
	e, ok := errors.AsType[*models.Error](err)
	if !ok || len(e.Fields) == 0 {
		return faultsOf(ctx, err)
	}
	for _, f := range e.Fields {
		m := listIndex.FindStringSubmatchIndex(f.Path)
		if f.Path == "scores" {
			out.general = design.Say(ctx, "page.score.none_given")
		} else if m == nil {
			out.by[f.Path] = fieldSentence(ctx, f)
		} else if i := int(number(f.Path[m[2]:m[3]])); i < len(scores) {
			out.by[string(scores[i].Dimension)+f.Path[m[1]:]] = fieldSentence(ctx, f)
		}
	}
	return out
}

// scoreHeads are the headings of the table: the dimension, and a column a party.
func scoreHeads(ctx context.Context, parties []scoreParty) []string {
	out := heads(ctx, "dimension")
	for _, x := range parties {
		out = append(out, x.name)
	}
	return out
}
