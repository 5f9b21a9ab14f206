package pages

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Costs shows what a deployment has cost and saved, with a form for one amount more.
func (p *Pages) Costs(c *gin.Context) error { return p.costs(c, url.Values{}, faults{}, nil) }

func (p *Pages) costs(c *gin.Context, v url.Values, wrong faults, held map[string]models.Attachment) error {
	ctx := c.Request.Context()
	sheetOf, err := p.Register.Costs(ctx, web.Actor(ctx), param(c, "ref"))
	if err != nil {
		return err
	}
	lang := string(design.Of(ctx).Lang)
	b := board{
		title: design.Say(ctx, "page.costs.title"), caption: sheetOf.Ref, lead: []string{design.In(ctx, sheetOf.Name).Text, design.Say(ctx, "page.costs.lead", "year", financialYear(ctx, sheetOf.Through))},
		crumbs: []design.Crumb{{Text: design.Say(ctx, "page.register.title"), Path: "/register"}, {Text: sheetOf.Ref, Path: "/deployments/" + sheetOf.Ref}},
	}
	totals := grid{title: design.Say(ctx, "page.costs.totals"), caption: design.Say(ctx, "page.costs.totals_caption"), heads: heads(ctx, "what", "amount")}
	for _, t := range costTotals(sheetOf.Totals) {
		totals.rows = append(totals.rows, []templ.Component{plain(design.Say(ctx, "page.costs."+t.name)), plain(pounds(lang, t.pence))})
	}
	b.parts = []templ.Component{gridTable(totals), gridTable(yearGrid(ctx, sheetOf)), gridTable(costGrid(ctx, sheetOf))}
	if slices.Contains(sheetOf.Can, "cost.enter") {
		b.form = costForm(ctx, sheetOf, v, wrong, held)
	}
	return p.showBoard(c, b)
}

type total struct {
	name  string
	pence int64
}

func costTotals(t models.CostTotals) []total {
	return []total{{"to_date", t.ToDate}, {"forecast", t.Forecast}, {"claimed", t.Claimed}, {"cashable", t.Cashable}, {"evidenced", t.Evidenced}}
}

// totalLines are the sums in sentences, for the deployment's page.
func totalLines(ctx context.Context, t models.CostTotals) []string {
	var out []string
	for _, x := range costTotals(t) {
		out = append(out, design.Say(ctx, "page.costs."+x.name)+": "+pounds(string(design.Of(ctx).Lang), x.pence))
	}
	return out
}

// yearGrid sums what was not taken back by year and kind.
func yearGrid(ctx context.Context, s register.CostSheet) grid {
	g := grid{title: design.Say(ctx, "page.costs.by_year"), caption: design.Say(ctx, "page.costs.by_year_caption"), none: design.Say(ctx, "page.costs.none"), heads: heads(ctx, "year2")}
	for _, k := range models.CostKinds {
		g.heads = append(g.heads, design.Say(ctx, "costEntry."+k))
	}
	sums := map[int]map[string]int64{}
	var years []int
	for _, e := range s.Entries {
		if e.Reversal != nil {
			continue
		}
		if sums[e.Year] == nil {
			sums[e.Year] = map[string]int64{}
			years = append(years, e.Year)
		}
		sums[e.Year][e.Kind] += e.Pence
	}
	slices.Sort(years)
	for _, y := range years {
		row := []templ.Component{plain(financialYear(ctx, y))}
		for _, k := range models.CostKinds {
			if n, there := sums[y][k]; there {
				row = append(row, plain(pounds(string(design.Of(ctx).Lang), n)))
			} else {
				row = append(row, plain(design.Say(ctx, "page.none")))
			}
		}
		g.rows = append(g.rows, row)
	}
	return g
}

// costGrid lists the entries, those taken back too.
func costGrid(ctx context.Context, s register.CostSheet) grid {
	g := grid{title: design.Say(ctx, "page.costs.entries"), id: "entries", caption: design.Say(ctx, "page.costs.entries_caption"), none: design.Say(ctx, "page.costs.none"), heads: heads(ctx, "year2", "kind", "amount", "booked", "bornout", "entered", "status")}
	for _, e := range s.Entries {
		amount := pounds(string(design.Of(ctx).Lang), e.Pence)
		kind := plain(design.Say(ctx, "costEntry."+e.Kind))
		if e.Cashable {
			kind = stack(kind, plain(design.Say(ctx, "page.costs.is_cashable")))
		}
		row := []templ.Component{plain(financialYear(ctx, e.Year)), kind, plain(amount), stack(plain(orNone(ctx, e.Booked)), plain(e.Note)), bornOut(ctx, s, e), design.Time(e.At), plain(design.Say(ctx, "page.costs.counts"))}
		if e.Reversal != nil {
			row[2] = struck(amount)
			row[6] = stack(design.Tag(design.Say(ctx, "page.costs.taken_back"), "grey"), design.Time(e.Reversal.At), plain(e.Reversal.Reason))
		} else if slices.Contains(s.Can, "cost.reverse") {
			row[6] = stack(row[6], pageLink("/deployments/"+s.Ref+"/costs/"+e.ID, design.Line{Text: design.Say(ctx, "page.costs.take_back", "amount", amount)}))
		}
		g.rows = append(g.rows, row)
	}
	return g
}

// bornOut is what bears an amount out: a claim that the parties may read, a file.
func bornOut(ctx context.Context, s register.CostSheet, e models.CostState) templ.Component {
	var out []templ.Component
	if e.ClaimID != nil && s.Claims[*e.ClaimID] != "" {
		ref := s.Claims[*e.ClaimID]
		out = append(out, pageLink("/claims/"+ref, design.Line{Text: ref}))
	}
	if e.AttachmentID != nil {
		out = append(out, fileLink(ctx, s.Files, *e.AttachmentID))
	}
	if out == nil {
		return plain(design.Say(ctx, "page.none"))
	}
	return stacked(out)
}

func costForm(ctx context.Context, of register.CostSheet, v url.Values, wrong faults, held map[string]models.Attachment) *sheet {
	s := &sheet{
		title: design.Say(ctx, "page.costs.enter"), lead: []string{design.Say(ctx, "page.costs.stays")}, path: "/deployments/" + of.Ref + "/costs", button: design.Say(ctx, "page.costs.button"), faults: wrong, at: "year", upload: true,
		hidden: []pair{{"key", otherwise(v.Get("key"), web.RequestID(ctx))}},
		ask: []question{
			ask(ctx, "year", "costyear", otherwise(v.Get("year"), strconv.Itoa(of.Through))).as("text", "off", "govuk-input--width-4"), ask(ctx, "kind", "costkind", v.Get("kind")).oneOf(options(ctx, "page.choose", "costEntry.", models.CostKinds)),
			ask(ctx, "amount", "amount", v.Get("amount")).as("text", "off", "govuk-input--width-10"),
			ask(ctx, "cashable", "cashable", "").manyOf([]design.Option{{Value: "yes", Text: design.Say(ctx, "page.yes")}}, v["cashable"]),
			ask(ctx, "booked", "booked", v.Get("booked")), ask(ctx, "claim", "costclaim", v.Get("claim")).as("text", "off", "govuk-input--width-10"), ask(ctx, "note", "costnote", v.Get("note")).text("3"),
		},
	}
	s.ask, s.hidden = withFile(ctx, s.ask, s.hidden, v, "attachment", "costfile", held)
	return s
}

// moneyForm is pounds, perhaps with a sign before them, thousands kept apart by
// commas, and pence.
var moneyForm = regexp.MustCompile(`^£?\s?(\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(\d{2}))?$`)

// penceOf reads pounds and pence exactly; it knows no fractions of a penny.
func penceOf(s string) (int64, bool) {
	m := moneyForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, false
	}
	whole, err := strconv.ParseInt(strings.ReplaceAll(m[1], ",", ""), 10, 64)
	if err != nil || whole > 1_000_000_000_000 {
		return 0, false
	}
	pence, _ := strconv.ParseInt(otherwise(m[2], "0"), 10, 64)
	return whole*100 + pence, true
}

// EnterCost enters an amount.
func (p *Pages) EnterCost(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	// A file is handed in only beside an amount that may be entered.
	of, err := p.Register.Costs(ctx, web.Actor(ctx), ref)
	if err != nil {
		return err
	}
	if !slices.Contains(of.Can, "cost.enter") {
		return models.Fail(models.Forbidden, "forbidden").With("act", "cost.enter")
	}
	v := typedAnswers(c, "note")
	held, wrong, err := p.takeFiles(c, v, "cost.enter", "attachment")
	if err != nil {
		return err
	}
	var f models.Faults
	in := register.NewCost{Kind: v.Get("kind"), Cashable: v.Get("cashable") == "yes", Booked: v.Get("booked"), Note: v.Get("note"), Claim: v.Get("claim"), Attachment: v.Get("attachment")}
	if in.Year, err = strconv.Atoi(v.Get("year")); err != nil {
		f.Add("year", "not_a_number", "value", v.Get("year"))
	}
	var ok bool
	if in.Pence, ok = penceOf(v.Get("amount")); !ok && v.Get("amount") == "" {
		f.Add("amount", "required")
	} else if !ok {
		f.Add("amount", "not_money", "value", v.Get("amount"))
	}
	if err = f.Err(); err == nil && !wrong.any() {
		_, err = p.Register.EnterCost(keyedFiles(c, v, held), web.Actor(ctx), ref, in)
	}
	if wrong.any() || again(err) && !sentBefore(err) {
		return p.costs(c, v, wrong.and(wrongIn(ctx, err, "pence", "amount")), held)
	}
	if err != nil && !sentBefore(err) {
		return err
	}
	return p.done(c, "/deployments/"+ref+"/costs#entries", "page.costs.entered")
}

// ReverseCostForm asks why an amount is taken back.
func (p *Pages) ReverseCostForm(c *gin.Context) error {
	return p.reverseCost(c, url.Values{}, faults{})
}

func (p *Pages) reverseCost(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	s, err := p.Register.Costs(ctx, web.Actor(ctx), param(c, "ref"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(s.Entries, func(e models.CostState) bool { return e.ID == param(c, "id") })
	switch {
	case i < 0:
		return models.Missing("cost")
	case !slices.Contains(s.Can, "cost.reverse"):
		return models.Fail(models.Forbidden, "forbidden").With("act", "cost.reverse")
	case s.Entries[i].Reversal != nil:
		return models.Fail(models.Conflict, "conflict")
	}
	e := s.Entries[i]
	amount := pounds(string(design.Of(ctx).Lang), e.Pence)
	return p.show(c, sheet{
		title: design.Say(ctx, "page.costs.take_back", "amount", amount), crumbs: []design.Crumb{{Text: s.Ref, Path: "/deployments/" + s.Ref}, {Text: design.Say(ctx, "page.costs.title"), Path: "/deployments/" + s.Ref + "/costs"}},
		lead: []string{financialYear(ctx, e.Year) + ", " + design.Say(ctx, "costEntry."+e.Kind), design.Say(ctx, "page.costs.both_stay")}, path: "/deployments/" + s.Ref + "/costs/" + e.ID,
		faults: wrong, at: "reason", ask: []question{ask(ctx, "reason", "costreason", v.Get("reason")).text("3")}, button: design.Say(ctx, "page.costs.take_back", "amount", amount), danger: true,
	})
}

// ReverseCost takes an amount back.
func (p *Pages) ReverseCost(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	v := typedAnswers(c, "reason")
	err := p.Register.ReverseCost(ctx, web.Actor(ctx), param(c, "id"), v.Get("reason"))
	if again(err) {
		return p.reverseCost(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/deployments/"+ref+"/costs#entries", "page.costs.reversed")
}
