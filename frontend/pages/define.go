package pages

import (
	"context"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// DefineForm asks for the definition of a metric: a new one, or one in the
// place of that which the address names.
func (p *Pages) DefineForm(c *gin.Context) error {
	ctx := c.Request.Context()
	v := url.Values{}
	if key := design.Of(ctx).Query.Get("key"); key != "" {
		all, err := p.metrics(ctx, web.Actor(ctx))
		if err != nil {
			return err
		}
		if m, ok := all[key]; ok {
			v = metricValues(m)
		}
	}
	return p.showDefine(c, v, faults{})
}

func metricValues(m models.Metric) url.Values {
	b := planWriter{v: url.Values{}}
	b.set("key", m.Key)
	b.text("name", m.Name)
	b.text("unit", m.Unit)
	b.text("captured", m.Captured)
	b.text("notCaptured", m.NotCaptured)
	b.text("source", m.Source)
	b.set("kind", string(m.Kind))
	b.set("better", string(m.Better))
	b.set("checkingTime", string(m.Checking))
	b.float("minutesEach", m.MinutesEach)
	for name, bound := range map[string]*float64{"min": m.Min, "max": m.Max} {
		if bound != nil {
			b.set(name, strconv.FormatFloat(*bound, 'f', -1, 64))
		}
	}
	b.v["guardrails"] = m.Guardrails
	return b.v
}

func (p *Pages) showDefine(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	if a.Anonymous() {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	f := planForm{}
	var err error
	if f.metrics, err = p.Register.Metrics(ctx, a); err != nil {
		return err
	}
	if !p.allowed(ctx, a)["metric.define"] {
		return models.Fail(models.Forbidden, "forbidden").With("act", "metric.define")
	}
	s := sheet{
		title: design.Say(ctx, "page.define.title"), crumbs: metricCrumbs(ctx), path: "/define-metric", faults: wrong, at: "key",
		lead: []string{design.Say(ctx, "page.define.lead"), design.Say(ctx, "page.define.locked")}, button: design.Say(ctx, "page.define.button"),
	}
	one := func(name, key string) question { return ask(ctx, name, key, v.Get(name)) }
	s.ask = append(s.ask, one("key", "metrickey").as("text", "off", wide), one("name.en", "metricname"), one("name.cy", "metricnamecy"), one("unit.en", "metricunit"), one("unit.cy", "metricunitcy"),
		one("kind", "metrickind").oneOf(options(ctx, "page.choose", "metricKind.", models.MetricKinds)),
		one("better", "metricbetter").oneOf(options(ctx, "page.choose", "better.", []models.Better{models.LowerIsBetter, models.HigherIsBetter})),
		one("captured.en", "captured").text("3"), one("captured.cy", "capturedcy").text("3"), one("notCaptured.en", "notcaptured").text("3"), one("notCaptured.cy", "notcapturedcy").text("3"),
		one("source.en", "metricsource"), one("source.cy", "metricsourcecy"),
		one("checkingTime", "metricchecking").oneOf(options(ctx, "page.choose", "checkingTime.", models.CheckingTimes)),
		one("minutesEach", "minuteseach").as("text", "off", narrow), one("min", "metricmin").as("text", "off", narrow), one("max", "metricmax").as("text", "off", narrow),
		one("guardrails", "metricguardrails").manyOf(f.metricOptions(ctx, "page.none")[1:], v["guardrails"]),
	)
	return p.show(c, s)
}

// DefineMetric takes a definition.
func (p *Pages) DefineMetric(c *gin.Context) error {
	ctx := c.Request.Context()
	v := allTyped(c)
	r := planReader{v: v}
	m := models.Metric{
		Key: r.get("key"), Name: r.text("name"), Unit: r.text("unit"), Kind: models.MetricKind(r.get("kind")), Better: models.Better(r.get("better")),
		Captured: r.text("captured"), NotCaptured: r.text("notCaptured"), Source: r.text("source"), Checking: models.CheckingTime(r.get("checkingTime")),
		MinutesEach: r.float("minutesEach"), Min: r.bound("min"), Max: r.bound("max"), Guardrails: v["guardrails"],
	}
	err := r.faults.Err()
	if err == nil {
		_, err = p.Register.DefineMetric(ctx, web.Actor(ctx), m)
	}
	if again(err) {
		return p.showDefine(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/metrics/"+m.Key, "page.define.done")
}

// bound reads a number that need not be given.
func (r *planReader) bound(name string) *float64 {
	if r.get(name) == "" {
		return nil
	}
	return new(r.float(name))
}

// sampleDesigns are the designs of which a number of people can be said.
func sampleDesigns() []models.ClaimDesign {
	var out []models.ClaimDesign
	for _, d := range models.ClaimDesigns {
		if d != models.DesignSeries && d != models.DesignVendor {
			out = append(out, d)
		}
	}
	return out
}

// SampleForm asks what a test is to find, or how many people there are.
func (p *Pages) SampleForm(c *gin.Context) error { return p.showSample(c, url.Values{}, nil, faults{}) }

func (p *Pages) showSample(c *gin.Context, v url.Values, found *models.SampleAnswer, wrong faults) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	if a.Anonymous() {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	one := func(name, key string) question { return ask(ctx, name, key, v.Get(name)).as("text", "off", narrow) }
	s := sheet{
		title: design.Say(ctx, "page.sample.title"), crumbs: []design.Crumb{{Text: design.Say(ctx, "page.claims.title"), Path: "/claims"}},
		lead: []string{design.Say(ctx, "page.sample.lead")}, path: "/sample-size", faults: wrong, at: "design", button: design.Say(ctx, "page.sample.button"),
		ask: []question{
			ask(ctx, "design", "sampledesign", v.Get("design")).oneOf(options(ctx, "page.choose", "design.", sampleDesigns())),
			ask(ctx, "share", "sampleshare", "").manyOf([]design.Option{{Value: "yes", Text: design.Say(ctx, "page.yes")}}, v["share"]),
			one("standardDeviation", "samplesd"), one("basePercent", "samplebase"), one("effect", "sampleeffect"),
			one("people[1]", "samplewith"), one("people[0]", "samplecomparison"),
			one("correlation", "samplecorrelation"), one("icc", "sampleicc"), one("perTeam", "sampleteam"), one("powerPercent", "samplepower"), one("confidence", "sampleconfidence"),
		},
	}
	if found != nil {
		s.before = sampleFound(sampleLines(ctx, *found))
	}
	return p.show(c, s)
}

// SampleSize answers; nothing is kept.
func (p *Pages) SampleSize(c *gin.Context) error {
	ctx := c.Request.Context()
	v := allTyped(c)
	r := planReader{v: v}
	q := models.SampleQuestion{
		Design: models.ClaimDesign(r.get("design")), Share: r.tick("share"), SD: r.float("standardDeviation"), BasePct: r.float("basePercent"), Effect: r.float("effect"),
		N: [2]int{r.int("people[0]"), r.int("people[1]")}, Pairing: r.float("correlation"), ICC: r.float("icc"), PerTeam: r.float("perTeam"), PowerPct: r.float("powerPercent"), Level: r.float("confidence"),
	}
	err := r.faults.Err()
	var found models.SampleAnswer
	if err == nil {
		found, err = p.Register.SampleSize(ctx, web.Actor(ctx), q)
	}
	if again(err) {
		return p.showSample(c, v, nil, nearest(faultsOf(ctx, err), "people", "people[1]"))
	}
	if err != nil {
		return err
	}
	return p.showSample(c, v, &found, faults{})
}

// sampleLines are the answer in words.
func sampleLines(ctx context.Context, a models.SampleAnswer) []string {
	var out []string
	if a.PerArm > 0 {
		out = append(out, design.Say(ctx, "page.sample.per_arm", "number", a.PerArm))
	}
	if a.MDE > 0 {
		out = append(out, design.Say(ctx, "page.sample.mde", "mde", a.MDE))
	}
	return append(out, a.Note.In(design.Of(ctx).Lang))
}
