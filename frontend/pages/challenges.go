package pages

import (
	"context"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// ChallengeForm asks what a union doubts.
func (p *Pages) ChallengeForm(c *gin.Context) error {
	return p.showChallenge(c, url.Values{}, faults{})
}

func (p *Pages) showChallenge(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	claim, err := p.mayDo(ctx, param(c, "ref"), "claim.challenge")
	if err != nil {
		return err
	}
	page, err := p.claim(ctx, web.Actor(ctx), claim.Ref)
	if err != nil {
		return err
	}
	s := claimSheet(ctx, claim, "challenge", wrong)
	s.title, s.at = design.Say(ctx, "page.challenge.title"), "ground"
	s.hidden = append(s.hidden, pair{"key", otherwise(v.Get("key"), web.RequestID(ctx))})
	s.lead = []string{design.In(ctx, claim.Sentence()).Text, found(ctx, claim), design.Say(ctx, "page.challenge.stays")}
	if s.ask, err = p.speakFor(ctx, v.Get("union")); err != nil {
		return err
	}
	s.ask = append(s.ask,
		ask(ctx, "ground", "ground", v.Get("ground")).oneOf(options(ctx, "page.choose", "ground.", models.ChallengeGrounds)),
		ask(ctx, "body", "doubt", v.Get("body")).text("6"),
		ask(ctx, "figures", "ownfigures", v.Get("figures")).text("6"),
	)
	if claim.SharedNo > 0 {
		s.ask = append(s.ask, look(ctx, page.frozen, v)...)
	}
	s.button = design.Say(ctx, "page.challenge.button")
	return p.show(c, s)
}

// speakFor asks for which union somebody speaks who speaks for several.
func (p *Pages) speakFor(ctx context.Context, chosen string) ([]question, error) {
	mine := web.Actor(ctx).Unions()
	if len(mine) < 2 {
		return nil, nil
	}
	all, err := p.Register.Unions(ctx, web.Actor(ctx))
	if err != nil {
		return nil, err
	}
	offered := []design.Option{{Text: design.Say(ctx, "page.choose")}}
	for _, u := range all {
		if slices.Contains(mine, u.ID) {
			offered = append(offered, design.Option{Value: u.ID, Text: u.Abbreviation})
		}
	}
	return []question{ask(ctx, "union", "speakfor", chosen).oneOf(offered)}, nil
}

// look are the questions with which the same rows can be looked at otherwise.
func look(ctx context.Context, p models.FrozenPlan, v url.Values) []question {
	measured := []design.Option{{Text: design.Say(ctx, "page.look.same")}}
	for _, m := range p.Metrics {
		if m.Key != p.Metric && p.Measures(m.Key) {
			measured = append(measured, design.Option{Value: m.Key, Text: m.Name.In(design.Of(ctx).Lang)})
		}
	}
	out := []question{
		ask(ctx, "question.estimator", "lookestimator", v.Get("question.estimator")).oneOf(options(ctx, "page.look.same", "estimator.", models.Estimators)).part(design.Say(ctx, "page.challenge.look"), design.Say(ctx, "page.look.lead")),
		ask(ctx, "question.interval", "lookinterval", v.Get("question.interval")).oneOf(options(ctx, "page.look.same", "interval.", models.Intervals)),
		ask(ctx, "question.unit", "lookunit", v.Get("question.unit")).oneOf(options(ctx, "page.look.same", "unitOf.", models.Units)),
		ask(ctx, "question.metric", "lookmetric", v.Get("question.metric")).oneOf(measured),
	}
	if p.Has(models.RoleOfDate) {
		for _, w := range []struct {
			key string
			models.Window
		}{{"baseline", p.Baseline}, {"observation", p.Observation}} {
			if w.Window == (models.Window{}) {
				continue
			}
			name := "question." + w.key
			head := design.Say(ctx, "page.look."+w.key, "window", windowOf(ctx, w.Window))
			out = append(out, dated(ask(ctx, name+".from", "lookfrom", ""), partsOf(v, name+".from")).part("", head), dated(ask(ctx, name+".to", "lookto", ""), partsOf(v, name+".to")))
		}
	}
	if p.Has(models.RoleOfLanguage) {
		out = append(out, ask(ctx, "question.language", "looklanguage", v.Get("question.language")).as("text", "off", "govuk-input--width-10"))
	}
	if p.Has(models.RoleOfGroup) {
		out = append(out, ask(ctx, "question.group", "lookgroup", v.Get("question.group")).as("text", "off", "govuk-input--width-10"))
	}
	return out
}

func partsOf(v url.Values, name string) design.DateParts {
	return design.DateParts{Day: v.Get(name + "-day"), Month: v.Get(name + "-month"), Year: v.Get(name + "-year")}
}

// Challenge takes a union's doubt.
func (p *Pages) Challenge(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	v := allTyped(c)
	in := register.ChallengeInput{UnionID: v.Get("union"), Ground: v.Get("ground"), Body: c.PostForm("body"), Figures: c.PostForm("figures")}
	v.Set("body", in.Body)
	v.Set("figures", in.Figures)
	var f models.Faults
	q := models.Question{
		Estimator: v.Get("question.estimator"), Interval: v.Get("question.interval"), Unit: models.UnitOf(v.Get("question.unit")), Metric: v.Get("question.metric"),
		Language: v.Get("question.language"), Group: v.Get("question.group"),
		Baseline: windowTyped(&f, v, "question.baseline"), Observed: windowTyped(&f, v, "question.observation"),
	}
	if q != (models.Question{}) {
		in.Question = &q
	}
	err := f.Err()
	if err == nil {
		_, err = p.Register.MakeChallenge(keyed(ctx, v.Get("key")), web.Actor(ctx), ref, in)
	}
	if sentBefore(err) {
		return p.done(c, "/claims/"+ref+"#challenges", "page.challenge.done")
	}
	if again(err) {
		wrong := nearest(nearest(faultsOf(ctx, err), "question.baseline", "question.baseline.from"), "question.observation", "question.observation.from")
		return p.showChallenge(c, v, wrong)
	}
	if err != nil {
		return err
	}
	if in.Question != nil {
		return p.done(c, "/claims/"+ref+"#challenges", "page.challenge.done_look")
	}
	return p.done(c, "/claims/"+ref+"#challenges", "page.challenge.done")
}

// allTyped are the answers of a form, cleaned and without space around them.
func allTyped(c *gin.Context) url.Values {
	_ = c.PostForm("") // the form is read
	out := url.Values{}
	for name, all := range c.Request.PostForm {
		for _, s := range all {
			out.Add(name, trimmed(s))
		}
	}
	return out
}

// windowTyped reads a window whose ends were typed; nothing typed is none.
func windowTyped(f *models.Faults, v url.Values, name string) *models.Window {
	w := models.Window{From: dayTyped(f, v, name+".from"), To: dayTyped(f, v, name+".to")}
	if w == (models.Window{}) {
		return nil
	}
	return &w
}

// dayTyped reads a date that was typed in parts.
func dayTyped(f *models.Faults, v url.Values, name string) models.Date {
	parts := partsOf(v, name)
	d, ok := dateOf(parts)
	if !ok {
		f.Add(name, "not_a_date", "value", parts.Day+" "+parts.Month+" "+parts.Year)
	}
	return d
}
