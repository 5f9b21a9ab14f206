package report

import (
	"fmt"
	"slices"
	"strings"

	"beforehand/frontend/charts"
	"beforehand/frontend/words"
	"beforehand/models"
)

// Figure is a drawing of a result, its table and the words in its place.
type Figure struct {
	Name     string     `json:"name"`
	Title    string     `json:"title"`
	Text     string     `json:"text" doc:"What it shows, in words"`
	Headings []string   `json:"headings" nullable:"false"`
	Rows     [][]string `json:"rows" nullable:"false"`
	SVG      string     `json:"-"`
}

// Figures draws what a result has to show, in one language: the effect beside
// other ways of working it out, the guardrails' margins, how the staff are
// spread, and a series with where it would have gone.
func Figures(res models.Result, claimed models.Claimed, grade models.Grade, lang string) ([]Figure, error) {
	d := drawing{res: res, claimed: claimed, grade: grade, lang: lang}
	var out []Figure
	for _, draw := range []func() (Figure, bool, error){d.effects, d.margins, d.spread, d.series} {
		f, there, err := draw()
		if err != nil {
			return nil, err
		}
		if there {
			out = append(out, f)
		}
	}
	return out, nil
}

type drawing struct {
	res     models.Result
	claimed models.Claimed
	grade   models.Grade
	lang    string
}

func (d drawing) say(code string, pairs ...any) string {
	p := models.Params{}
	for i := 0; i+1 < len(pairs); i += 2 {
		p[pairs[i].(string)] = pairs[i+1] //nolint:forcetypeassert // written out in this file
	}
	return words.Say(d.lang, code, p)
}

func (d drawing) reason(r models.Reason) string { return words.Say(d.lang, r.Code, r.Params) }

func (d drawing) number(v float64) string { return words.Figure(d.lang, v) }

func (d drawing) frame(name string, unit models.Reason, text string) charts.Frame {
	title := d.say("figure."+name) + ": " + d.res.Primary.Name.In(models.Language(d.lang)) + " (" + string(d.grade) + ")"
	return charts.Frame{ID: "figure-" + name, Language: d.lang, Title: title, Text: text, Axis: d.reason(unit), Number: d.number}
}

// interval writes an effect with its interval: "−10.6 (−13.6 to −7.6)".
func (d drawing) interval(m models.Measured) string {
	return d.say("figure.interval", "effect", m.Effect, "low", m.Low, "high", m.High)
}

func (d drawing) effects() (Figure, bool, error) {
	p := d.res.Primary
	text := d.say("figure.effects_text", "name", p.Name, "interval", d.interval(p.Main), "unit", p.EffectUnit(), "grade", string(d.grade))
	f := charts.Intervals{
		Frame: d.frame("effects", p.EffectUnit(), text),
		Heads: charts.IntervalHeads{Row: d.say("figure.head_way"), Point: d.say("figure.head_effect"), Low: d.say("figure.head_low"), High: d.say("figure.head_high")},
	}
	add := func(m models.Measured, open bool) {
		f.Rows = append(f.Rows, charts.Interval{Label: d.reason(m.How()), Value: d.interval(m), Point: m.Effect, Low: m.Low, High: m.High, Open: open})
	}
	add(p.Main, false)
	for _, m := range p.Sensitivity {
		if m.Method != "log_ratio" && !strings.HasPrefix(m.Method, "log_ratio") && m.Low <= m.High {
			add(m, true)
		}
	}
	if d.res.SelfReport != nil {
		m := d.res.SelfReport.Finding.Main
		f.Rows = append(f.Rows, charts.Interval{Label: d.say("figure.self_report"), Value: d.interval(m), Point: m.Effect, Low: m.Low, High: m.High, Open: true})
	}
	nought := 0.0
	if p.Ratio {
		nought = 1
	}
	f.Lines = append(f.Lines, charts.Line{Kind: charts.Zero, At: nought, Label: d.say("figure.no_change")})
	if at, ok := claimAt(p, d.claimed); ok && (d.res.Question == nil || d.res.Question.Metric == "") {
		f.Lines = append(f.Lines, charts.Line{Kind: charts.Claim, At: at, Label: d.say("figure.claimed", "amount", at)})
	}
	svg, err := charts.DotInterval(f)
	heads, rows := f.Table()
	return Figure{"effects", f.Title, text, heads, rows, svg}, true, err
}

// claimAt is where on the axis of the effect the claim lies.
func claimAt(f models.Finding, c models.Claimed) (float64, bool) {
	amount := c.Amount
	switch {
	case amount <= 0:
		return 0, false
	case c.Relative && f.Ratio:
		amount /= 100
	case c.Relative:
		amount *= f.Before / 100
	case f.Ratio && f.Before != 0:
		amount /= f.Before
	case f.Ratio:
		return 0, false
	}
	if f.Better == models.LowerIsBetter {
		amount = -amount
	}
	if f.Ratio {
		amount++
	}
	return amount, true
}

// margins draws each guardrail's change as a share of its margin, since their
// units differ: at 100 the margin is reached.
func (d drawing) margins() (Figure, bool, error) {
	f := charts.Intervals{
		Heads: charts.IntervalHeads{Row: d.say("figure.head_guardrail"), Point: d.say("figure.head_effect"), Low: d.say("figure.head_low"), High: d.say("figure.head_high")},
		Lines: []charts.Line{{Kind: charts.Zero, At: 0, Label: d.say("figure.no_change")}, {Kind: charts.Margin, At: 100, Label: d.say("figure.margin")}},
	}
	var told []string
	for _, g := range d.res.Guardrails {
		if g.Kind != models.GuardMargin || g.Finding == nil || g.Margin <= 0 {
			continue
		}
		m := g.Finding.Main
		low, point, high := m.Low/g.Margin*100, m.Effect/g.Margin*100, m.High/g.Margin*100
		if g.Finding.Better == models.HigherIsBetter {
			low, point, high = -high, -point, -low
		}
		label := g.Name.In(models.Language(d.lang)) + ": " + d.say("guardrail."+string(g.State))
		told = append(told, label)
		f.Rows = append(f.Rows, charts.Interval{Label: label, Value: d.interval(m) + " " + d.reason(g.Finding.EffectUnit()), Point: point, Low: low, High: high})
	}
	if len(f.Rows) == 0 {
		return Figure{}, false, nil
	}
	text := d.say("figure.margins_text", "guardrails", strings.Join(told, "; "))
	f.Frame = d.frame("margins", models.Reason{Code: "figure.share_of_margin"}, text)
	svg, err := charts.DotInterval(f)
	heads, rows := f.Table()
	return Figure{"margins", f.Title, text, heads, rows, svg}, true, err
}

func (d drawing) spread() (Figure, bool, error) {
	p := d.res.Primary
	if len(p.Summaries) == 0 {
		return Figure{}, false, nil
	}
	var told []string
	f := charts.Spreads{Heads: charts.SpreadHeads{
		Group: d.say("figure.head_group"), P10: d.say("figure.p10"), P25: d.say("figure.p25"), Median: d.say("figure.median"), P75: d.say("figure.p75"), P90: d.say("figure.p90"),
		Mean: d.say("figure.mean"), Box: d.say("figure.box"), Strip: d.say("figure.strip"),
	}}
	for _, s := range p.Summaries {
		label := d.say("figure.group", "arm", models.Reason{Code: "arm." + s.Arm}, "period", models.Reason{Code: "period." + s.Period}, "people", s.Workers)
		told = append(told, fmt.Sprintf("%s %s", label, d.number(s.Mean)))
		f.Groups = append(f.Groups, charts.Spread{Label: label, Value: d.number(s.Mean), P10: s.P10, P25: s.P25, Median: s.Median, P75: s.P75, P90: s.P90, Mean: s.Mean})
	}
	text := d.say("figure.spread_text", "groups", strings.Join(told, "; "), "unit", p.LevelUnit())
	f.Frame = d.frame("spread", p.LevelUnit(), text)
	svg, err := charts.Distribution(f)
	heads, rows := f.Table()
	return Figure{"spread", f.Title, text, heads, rows, svg}, true, err
}

func (d drawing) series() (Figure, bool, error) {
	p := d.res.Primary
	if len(p.Series) == 0 {
		return Figure{}, false, nil
	}
	start := slices.IndexFunc(p.Series, func(s models.SeriesStep) bool { return s.After })
	text := d.say("figure.series_text", "name", p.Name, "interval", d.interval(p.Main), "unit", p.EffectUnit())
	f := charts.Course{
		Frame: d.frame("series", p.LevelUnit(), text),
		Heads: charts.CourseHeads{
			Day: d.say("figure.head_day"), Value: d.say("figure.mean"), Before: d.say("period.before"), After: d.say("period.after"),
			Fitted: d.say("figure.fitted"), Counterfactual: d.say("figure.counterfactual"), Start: d.say("figure.start"),
		},
		Fitted: make([][]charts.Point, 2),
		Day:    func(day int) string { return words.ShortDate(d.lang, models.Date(day).Time()) }, //nolint:gosec // a date of ours
	}
	for i, s := range p.Series {
		day := int(s.From)
		f.Points = append(f.Points, charts.Point{Day: day, Value: s.Mean})
		part := 0
		if s.After {
			part = 1
			f.Counterfactual = append(f.Counterfactual, charts.Point{Day: day, Value: s.Counterfactual})
		}
		f.Fitted[part] = append(f.Fitted[part], charts.Point{Day: day, Value: s.Fitted})
		if i == start {
			f.Start = day
		}
	}
	svg, err := charts.Series(f)
	heads, rows := f.Table()
	return Figure{"series", f.Title, text, heads, rows, svg}, true, err
}
