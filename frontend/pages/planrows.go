package pages

import (
	"context"
	"strconv"

	"beforehand/frontend/design"
	"beforehand/models"
)

// planRows are a plan in words. What is not filled in is left out.
func planRows(ctx context.Context, p models.FrozenPlan) []design.Row {
	b := planList{ctx: ctx, FrozenPlan: p}
	b.claim()
	b.test()
	b.method()
	b.rest()
	return b.out
}

type planList struct {
	// ctx lives as long as the page is written.
	ctx context.Context
	models.FrozenPlan
	out []design.Row
}

// lines adds a field of the plan by its JSON name.
func (b *planList) lines(code string, all ...design.Line) {
	kept := all[:0]
	for _, l := range all {
		if l.Text != "" {
			kept = append(kept, l)
		}
	}
	if len(kept) > 0 {
		b.out = append(b.out, design.Row{Key: design.Say(b.ctx, code), Value: design.Lines(kept)})
	}
}

func (b *planList) text(code string, t models.Text)  { b.lines(code, design.In(b.ctx, t)) }
func (b *planList) plain(code string, all ...string) { b.lines(code, plainLines(all...)...) }

// word adds a value of a closed list.
func (b *planList) word(code, prefix, value string) {
	if value != "" {
		b.plain(code, design.Say(b.ctx, prefix+value))
	}
}

// number adds a number that is not nought.
func (b *planList) number(code string, n int) {
	if n != 0 {
		b.plain(code, strconv.Itoa(n))
	}
}

func (b *planList) claim() {
	b.text("page.plan.sentence", b.Sentence)
	if b.Metric != "" {
		b.plain("page.plan.metric", metricName(b.ctx, b.FrozenPlan, b.Metric))
	}
	b.text("page.plan.population", b.Population)
	if b.Claimed.Amount > 0 {
		b.plain("page.plan.claimed", claimedGrade(b.ctx, b.FrozenPlan, models.GradeE0))
	}
	b.text("page.plan.decisionRule", b.DecisionRule)
}

func (b *planList) test() {
	b.word("page.plan.design", "design.", string(b.Design))
	b.plain("page.plan.baseline", windowOf(b.ctx, b.Baseline))
	b.plain("page.plan.observation", windowOf(b.ctx, b.Observation))
	b.word("page.plan.unit", "unitOf.", string(b.Unit))
	b.word("page.plan.measurement", "measurement.", string(b.Measurement))
	b.word("page.plan.checkingTime", "checkingTime.", string(b.Checking))
	s := b.Sampling
	lines := []design.Line{design.In(b.ctx, s.Frame)}
	say := func(there bool, code string, pairs ...any) {
		if there {
			lines = append(lines, design.Line{Text: design.Say(b.ctx, code, pairs...)})
		}
	}
	say(s.Size > 0, "page.sampling.size", "number", s.Size)
	say(s.Invited != [2]int{}, "page.sampling.invited", "with", s.Invited[1], "comparison", s.Invited[0])
	say(s.Dropped > 0, "page.sampling.dropped", "number", s.Dropped)
	say(s.Volunteers, "page.sampling.volunteers")
	say(s.Allocation > 0, "page.sampling.allocation", "percent", s.Allocation*100)
	b.lines("page.plan.sampling", lines...)
}

func (b *planList) method() {
	b.word("page.plan.estimator", "estimator.", b.Estimator)
	b.word("page.plan.interval", "interval.", b.Interval)
	if b.Confidence > 0 {
		b.plain("page.plan.confidence", share(b.ctx, b.Confidence))
	}
	b.number("page.plan.draws", b.Draws)
	if b.Seed > 0 {
		b.plain("page.plan.seed", strconv.FormatUint(b.Seed, 10))
	}
	if b.Adjusted {
		b.plain("page.plan.adjustedForBaseline", design.Say(b.ctx, "page.yes"))
	}
	b.number("page.plan.lags", b.Lags)
	b.number("page.plan.stepDays", b.StepDays)
	var others []string
	for _, key := range b.Secondaries {
		others = append(others, metricName(b.ctx, b.FrozenPlan, key))
	}
	b.plain("page.plan.secondaries", others...)
}

func (b *planList) rest() {
	r := b.Reading
	if len(b.Columns) > 0 {
		w := r.Words()
		decimal := "page.reading.point"
		if r.DecimalComma {
			decimal = "page.reading.comma"
		}
		lines := []string{
			design.Say(b.ctx, decimal), design.Say(b.ctx, "page.reading.dates", "form", w.DateForm),
			design.Say(b.ctx, "page.reading.arms", "with", w.With, "comparison", w.Comparison), design.Say(b.ctx, "page.reading.periods", "before", w.Before, "after", w.After),
		}
		if r.Unit != "" {
			lines = append(lines, design.Say(b.ctx, "page.pair", "first", design.Say(b.ctx, "page.plan.reading.unit"), "second", r.Unit))
		}
		if r.Reference != "" {
			lines = append(lines, design.Say(b.ctx, "page.pair", "first", design.Say(b.ctx, "page.plan.reading.reference"), "second", r.Reference))
		}
		b.plain("page.plan.reading", lines...)
	}
	if v := b.Volume; v != nil {
		lines := []string{design.Say(b.ctx, "page.volume.year", "number", v.PerYear, "source", dash(v.Source))}
		if v.HourPence > 0 {
			lines = append(lines, design.Say(b.ctx, "page.volume.hour", "amount", pounds(string(design.Of(b.ctx).Lang), v.HourPence), "percent", v.CashablePercent))
		}
		b.plain("page.plan.volume", lines...)
	}
	b.plain("page.plan.independent", b.Independent)
	b.plain("page.plan.keepUntil", design.Day(b.ctx, b.KeepUntil))
}

// metricRows are a definition: what is captured and what is not.
func metricRows(ctx context.Context, m models.Metric) []design.Row {
	var out []design.Row
	add := func(code string, l design.Line) {
		if l.Text != "" {
			out = append(out, design.Row{Key: design.Say(ctx, code), Value: design.Lines([]design.Line{l})})
		}
	}
	add("page.metric.captured", design.In(ctx, m.Captured))
	add("page.metric.notCaptured", design.In(ctx, m.NotCaptured))
	add("page.metric.unit", design.In(ctx, m.Unit))
	add("page.metric.kind", design.Line{Text: design.Say(ctx, "metricKind."+string(m.Kind))})
	add("page.metric.better", design.Line{Text: design.Say(ctx, "better."+string(m.Better))})
	add("page.metric.source", design.In(ctx, m.Source))
	add("page.metric.checkingTime", design.Line{Text: design.Say(ctx, "checkingTime."+string(m.Checking))})
	if m.MinutesEach > 0 {
		add("page.metric.minutesEach", design.Line{Text: figure(ctx, m.MinutesEach)})
	}
	if m.Min != nil && m.Max != nil {
		add("page.metric.bounds", design.Line{Text: design.Say(ctx, "page.metric.from_to", "min", *m.Min, "max", *m.Max)})
	}
	return out
}
