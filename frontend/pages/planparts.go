package pages

import (
	"context"
	"strconv"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/models"
)

// planPart is a part of the form of a plan, with a heading.
type planPart struct {
	head, lead string
	ask        []question
	tables     []planTable
	then       []question
}

// planTable is a list of the plan, a row each.
type planTable struct {
	list, caption, add string
	heads              []string
	rows               [][]cell
	hidden             []pair
	suggest            bool
}

// cell is one answer of a row.
type cell struct {
	design.Field
	options []design.Option
	tick    bool
}

// parts are the form, in its order.
func (f planForm) parts(ctx context.Context) []planPart {
	b := planAsker{ctx: ctx, planForm: f}
	return []planPart{b.claim(), b.test(), b.people(), b.rails(), b.file(), b.worth(), b.statistics(), b.others()}
}

type planAsker struct {
	// ctx lives as long as the page is written.
	ctx context.Context
	planForm
}

func (b planAsker) part(name string, ask ...question) planPart {
	return planPart{head: design.Say(b.ctx, "page.planform."+name), lead: design.Say(b.ctx, "page.planform."+name+".lead"), ask: ask}
}

// one asks for the answer of a name; its words are those of the key.
func (b planAsker) one(name, key string) question {
	q := question{Field: design.Field{ID: name, Name: name, Label: design.Say(b.ctx, "page.plan."+key), Value: b.v.Get(name), Error: b.faults[name]}}
	if hint := "page.plan." + key + ".hint"; words.Has(words.English, hint) {
		q.Hint = design.Say(b.ctx, hint)
	}
	return q
}

func (b planAsker) short(name, class string) question {
	return b.one(name, name).as("text", "off", class)
}

// both asks for a text in English and in Welsh.
func (b planAsker) both(name, rows string) []question {
	return []question{b.one(name+".en", name+".en").text(rows), b.one(name+".cy", name+".cy").text(rows)}
}

func (b planAsker) date(name, key string) question {
	return dated(b.one(name, key), partsOf(b.v, name))
}

// tick asks yes or no.
func (b planAsker) tick(name string) question {
	q := b.one(name, name)
	yes := []design.Option{{Value: "yes", Text: design.Say(b.ctx, "page.yes")}}
	return q.manyOf(yes, []string{b.v.Get(name)})
}

const (
	narrow = "govuk-input--width-5"
	middle = "govuk-input--width-10"
	wide   = "govuk-input--width-20"
)

func (b planAsker) claim() planPart {
	ask := b.both("sentence", "2")
	ask = append(ask, b.one("metric", "metric").oneOf(b.metricOptions(b.ctx, "page.choose")))
	ask = append(ask, b.both("population", "2")...)
	ask = append(ask, b.short("claimed.amount", narrow), b.tick("claimed.relative"))
	return b.part("claim", append(ask, b.both("decisionRule", "3")...)...)
}

func (b planAsker) test() planPart {
	kind := b.one("design", "design").oneOf(options(b.ctx, "", "design.", models.ClaimDesigns))
	for _, d := range models.ClaimDesigns {
		kind.hints = append(kind.hints, design.Say(b.ctx, "page.design."+string(d)))
	}
	return b.part("test", kind,
		b.date("baseline.from", "baseline.from"), b.date("baseline.to", "baseline.to"), b.date("observation.from", "observation.from"), b.date("observation.to", "observation.to"),
		b.one("unit", "unit").oneOf(options(b.ctx, "page.choose", "unitOf.", models.Units)),
		b.one("measurement", "measurement").oneOf(options(b.ctx, "page.choose", "measurement.", models.Measurements)),
		b.one("checkingTime", "checkingTime").oneOf(options(b.ctx, "page.choose", "checkingTime.", models.CheckingTimes)),
	)
}

func (b planAsker) people() planPart {
	return b.part("people", append(b.both("sampling.frame", "2"),
		b.short("sampling.size", narrow), b.one("sampling.invited[1]", "sampling.invited.with").as("text", "off", narrow), b.one("sampling.invited[0]", "sampling.invited.comparison").as("text", "off", narrow),
		b.short("sampling.dropped", narrow), b.tick("sampling.volunteers"), b.short("sampling.allocation", narrow))...)
}

func (b planAsker) rails() planPart {
	out := b.part("rails")
	rails := planTable{list: "guardrails", caption: design.Say(b.ctx, "page.plan.guardrails"), add: design.Say(b.ctx, "page.planform.add_guardrail"), heads: heads(b.ctx, "number", "metric", "kind", "margin"), suggest: true}
	for i := range b.count("guardrails") {
		at := rowName("guardrails", i)
		rails.rows = append(rails.rows, []cell{
			b.cell(at+".metric", "metric", i, b.metricOptions(b.ctx, "page.choose")), b.cell(at+".kind", "kind", i, options(b.ctx, "", "guardKind.", models.GuardKinds)), b.cell(at+".margin", "margin", i, nil),
		})
		for _, kept := range []string{".was", ".name.en", ".name.cy"} {
			rails.hidden = append(rails.hidden, pair{at + kept, b.v.Get(at + kept)})
		}
	}
	others := planTable{list: "secondaries", caption: design.Say(b.ctx, "page.planform.secondaries"), add: design.Say(b.ctx, "page.planform.add_secondary"), heads: heads(b.ctx, "number", "metric")}
	for i := range b.count("secondaries") {
		others.rows = append(others.rows, []cell{b.cell(rowName("secondaries", i), "metric", i, b.metricOptions(b.ctx, "page.none"))})
	}
	out.tables = []planTable{rails, others}
	return out
}

// cell is the answer of a row; what a column is called names it for whoever
// cannot see where it stands.
func (b planAsker) cell(name, head string, row int, options []design.Option) cell {
	label := design.Say(b.ctx, "page.planform.cell", "column", column(b.ctx, head), "number", strconv.Itoa(row+1))
	return cell{Field: design.Field{ID: name, Name: name, Label: label, Value: b.v.Get(name), Error: b.faults[name]}, options: options}
}

func (b planAsker) file() planPart {
	out := b.part("file")
	table := planTable{list: "columns", caption: design.Say(b.ctx, "page.plan.columns"), add: design.Say(b.ctx, "page.planform.add_columns"), heads: heads(b.ctx, "number", "heading", "what2", "metric", "own")}
	for i := range b.count("columns") {
		at := rowName("columns", i)
		self := b.cell(at+".selfReport", "own", i, nil)
		self.tick = true
		table.rows = append(table.rows, []cell{
			b.cell(at+".heading", "heading", i, nil), b.cell(at+".role", "what2", i, options(b.ctx, "page.choose", "column.", models.ColumnRoles)),
			b.cell(at+".metric", "metric", i, b.metricOptions(b.ctx, "page.none")), self,
		})
	}
	out.tables = []planTable{table}
	forms := []design.Option{{Text: models.DateForms[0]}}
	for _, form := range models.DateForms[1:] {
		forms = append(forms, design.Option{Value: form, Text: form})
	}
	out.then = []question{b.tick("reading.decimalComma"), b.one("reading.dateForm", "reading.dateForm").oneOf(forms)}
	for _, name := range []string{"with", "comparison", "before", "after", "unit", "reference"} {
		out.then = append(out.then, b.short("reading."+name, middle))
	}
	out.then = append(out.then, b.short("reading.staffNumber", wide), b.date("keepUntil", "keepUntil"))
	return out
}

func (b planAsker) worth() planPart {
	return b.part("worth", b.short("volume.perYear", middle), b.one("volume.source", "volume.source"), b.short("volume.hourPence", narrow), b.short("volume.cashablePercent", narrow))
}

func (b planAsker) statistics() planPart {
	return b.part("statistics",
		b.one("estimator", "estimator").oneOf(options(b.ctx, "page.planform.usual", "estimator.", models.Estimators)),
		b.one("interval", "interval").oneOf(options(b.ctx, "page.planform.usual", "interval.", models.Intervals)),
		b.short("confidence", narrow), b.short("draws", narrow), b.short("seed", middle), b.tick("adjustedForBaseline"), b.short("lags", narrow), b.short("stepDays", narrow))
}

func (b planAsker) others() planPart {
	return b.part("others", append(b.both("vendor.says", "2"), b.one("vendor.source", "vendor.source"), b.short("independent", wide))...)
}
