package register

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"beforehand/internal/report"
	"beforehand/internal/store"
	"beforehand/models"
)

// ReportKind names a report that is made for a year.
type ReportKind string

// The reports.
const (
	ReportAnnual   ReportKind = "annual"
	ReportScrutiny ReportKind = "scrutiny"
)

// ReportForms are the forms that a report is made in, with the type of each.
var ReportForms = map[string]string{
	"html": "text/html; charset=utf-8", "pdf": "application/pdf", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

// WriteReport writes a report of a year in a form and a language. The annual
// report is refused while a union has neither agreed nor said why not. From the
// same log come the same bytes.
func (r *Register) WriteReport(ctx context.Context, a models.Actor, what ReportKind, year int, form string, l models.Language, w io.Writer) error {
	if err := r.check(a, "report.export", own(a)); err != nil {
		return err
	}
	write := map[string]func(io.Writer, report.Document) error{"html": report.HTML, "pdf": report.PDF, "docx": report.DOCX}[form]
	if write == nil {
		return models.Missing("file")
	}
	d, err := r.reportOf(ctx, a, what, year, l, true)
	if err != nil {
		return err
	}
	return write(w, d)
}

// Report is a report of a year to be read on the page: also while a union has
// not spoken yet.
func (r *Register) Report(ctx context.Context, a models.Actor, what ReportKind, year int, l models.Language) (report.Document, error) {
	if err := r.check(a, "report.read", own(a)); err != nil {
		return report.Document{}, err
	}
	return r.reportOf(ctx, a, what, year, l, false)
}

func (r *Register) reportOf(ctx context.Context, a models.Actor, what ReportKind, year int, l models.Language, final bool) (report.Document, error) {
	// What the pack gathers is what councillors may read; a union reads its own elsewhere.
	if what == ReportScrutiny && !a.EmployerSide() && !a.Has(models.RoleScrutiny) && !a.Has(models.RoleAuditor) {
		return report.Document{}, models.Fail(models.Forbidden, "forbidden").With("act", "report.read")
	}
	y, at, err := r.annualReport(ctx, a.OrgID, year)
	if err != nil {
		return report.Document{}, err
	}
	org, err := r.store.Organisation(ctx, a.OrgID)
	if err != nil {
		return report.Document{}, err
	}
	m := &manuscript{r: r, ctx: ctx, l: l, org: org, y: y, at: at}
	switch what {
	case ReportAnnual:
		if missing := y.Missing(); final && len(missing) > 0 {
			names := make([]string, len(missing))
			for i, u := range missing {
				names[i] = u.Abbreviation
			}
			return report.Document{}, models.Fail(models.Conflict, "positions_missing").With("year", itoa(year), "unions", strings.Join(names, ", "))
		}
		return m.annual(), nil
	case ReportScrutiny:
		return m.scrutiny()
	}
	return report.Document{}, models.Missing("report")
}

// manuscript writes one report.
type manuscript struct {
	r      *Register
	ctx    context.Context //nolint:containedctx // lives as long as its call
	l      models.Language
	org    models.Organisation
	y      models.YearReport
	at     time.Time
	blocks []report.Block
}

func (m *manuscript) say(code string, pairs ...any) string {
	p := models.Params{}
	for i := 0; i+1 < len(pairs); i += 2 {
		p[pairs[i].(string)] = pairs[i+1] //nolint:forcetypeassert // written out in this file
	}
	return say(m.l, models.Reason{Code: code, Params: p})
}

func (m *manuscript) add(b ...report.Block) { m.blocks = append(m.blocks, b...) }

func (m *manuscript) heading(level int, text, id string) {
	m.add(report.Heading{Level: level, Text: text, ID: id})
}

func (m *manuscript) para(text string) { m.add(report.Para{Spans: report.Plain(text)}) }

// document is the report with what stands at its head.
func (m *manuscript) document(kind ReportKind) report.Document {
	name := models.Text{En: m.org.NameEn, Cy: m.org.NameCy}
	return report.Document{
		Lang: string(m.l), Title: m.say("report." + string(kind) + ".title"), Subtitle: m.say("report.subtitle", "organisation", name, "first", m.y.First, "last", m.y.Last),
		Meta: []report.Pair{
			{Label: m.say("report.organisation"), Value: name.In(m.l)},
			{Label: m.say("report.year"), Value: m.say("report.year.value", "first", m.y.First, "last", m.y.Last)},
			{Label: m.say("report.log"), Value: m.say("report.log.value", "size", itoa(int(m.y.Size)), "root", m.y.Root)},
		},
		Blocks: m.blocks, At: m.at.In(m.org.Location()), Organisation: name.In(m.l),
	}
}

// annual is the social-partnership report.
func (m *manuscript) annual() report.Document {
	m.para(m.say("report.annual.lead"))
	for _, p := range m.y.Parts {
		m.heading(2, m.say("report.part."+p.Key), p.Key)
		rows := make([][]report.Cell, len(p.Figures))
		for i, f := range p.Figures {
			rows[i] = []report.Cell{{Spans: report.Plain(m.say("report.figure." + f.Key)), Header: true}, m.number(f)}
		}
		m.add(report.Grid{Caption: m.say("report.part." + p.Key), Headings: []string{m.say("report.measure"), m.say("report.number")}, Rows: rows})
	}
	m.positions()
	m.behind()
	return m.document(ReportAnnual)
}

// number is a figure that leads to the records behind it.
func (m *manuscript) number(f models.YearFigure) report.Cell {
	text := itoa(f.Value())
	if f.Median {
		text = m.say("report.days", "count", f.Value())
		if len(f.Records) == 0 {
			text = m.say("report.none")
		}
	}
	span := report.Span{Text: text}
	if len(f.Records) > 0 {
		span.Href = "#records-" + f.Key
	}
	return report.Cell{Spans: []report.Span{span}, Numeric: true}
}

// positions are what the unions say of the report, unedited.
func (m *manuscript) positions() {
	m.heading(2, m.say("report.positions"), "positions")
	if len(m.y.Unions) == 0 {
		m.para(m.say("report.positions.none"))
	}
	for _, u := range m.y.Unions {
		m.heading(3, u.Abbreviation, "position-"+u.Abbreviation)
		p, said := m.y.Positions[u.ID]
		switch {
		case !said:
			m.para(m.say("report.position.missing", "union", u.Abbreviation))
		case p.Agrees:
			m.para(m.say("report.position.agrees", "union", u.Abbreviation, "date", models.DateOf(p.At, m.org.Location()), "size", itoa(int(p.LogSize))))
		default:
			m.para(m.say("report.position.not", "union", u.Abbreviation, "date", models.DateOf(p.At, m.org.Location()), "size", itoa(int(p.LogSize))))
		}
		if p.Statement != "" {
			m.add(report.Quote{Spans: []report.Span{{Text: p.Statement, Lang: string(p.Language)}}, By: u.Abbreviation})
		}
	}
}

// behind lists the records behind each number, each with its page.
func (m *manuscript) behind() {
	m.heading(2, m.say("report.behind"), "records")
	for _, p := range m.y.Parts {
		for _, f := range p.Figures {
			if len(f.Records) == 0 {
				continue
			}
			m.heading(3, m.say("report.figure."+f.Key), "records-"+f.Key)
			items := make([][]report.Span, len(f.Records))
			for i, t := range f.Records {
				items[i] = []report.Span{{Text: t.No}}
				if t.Path != "" {
					items[i][0].Href = m.r.page(m.l, t.Path)
				}
				if f.Median || t.Weight != 1 {
					items[i] = append(items[i], report.Span{Text: ": " + itoa(t.Weight)})
				}
			}
			m.add(report.List{Items: items})
		}
	}
}

// scrutiny is the pack for councillors: what it cost and saved, what the unions
// said in their own words, and what is disputed.
func (m *manuscript) scrutiny() (report.Document, error) {
	m.para(m.say("report.scrutiny.lead"))
	deployments, err := m.deployments()
	if err != nil {
		return report.Document{}, err
	}
	for _, part := range []func([]models.Deployment) error{m.costs, m.disputed, m.statements} {
		if err := part(deployments); err != nil {
			return report.Document{}, err
		}
	}
	m.positions()
	return m.document(ReportScrutiny), nil
}

// deployments are those that councillors may read, by ref.
func (m *manuscript) deployments() ([]models.Deployment, error) {
	var out []models.Deployment
	after := store.Cursor{}
	for {
		rows, next, err := m.r.store.Deployments(m.ctx, m.org.ID, store.Filter{Sort: store.SortCreated, Sees: store.Sees{Parties: true, On: m.y.Last}}, after, perExport)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
		if next.ID == "" {
			break
		}
		after = next
	}
	slices.SortFunc(out, func(a, b models.Deployment) int { return strings.Compare(a.Ref, b.Ref) })
	return out, nil
}

// money writes pence as pounds: £1,234.56.
func money(l models.Language, pence int64) string {
	pounds, rest := pence/100, pence%100
	digits := fmt.Sprint(pounds)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return say(l, models.Reason{Code: "money", Params: models.Params{"amount": fmt.Sprintf("%s.%02d", digits, rest)}})
}

func (m *manuscript) costs(deployments []models.Deployment) error {
	m.heading(2, m.say("report.costs"), "costs")
	all, err := m.r.store.Costs(m.ctx, m.org.ID, "")
	if err != nil {
		return err
	}
	of := map[string][]models.CostState{}
	for _, c := range all {
		of[c.DeploymentID] = append(of[c.DeploymentID], c)
	}
	var rows [][]report.Cell
	var withheld []string
	var sum models.CostTotals
	line := func(head report.Cell, t models.CostTotals) []report.Cell {
		row := []report.Cell{head}
		for _, pence := range []int64{t.ToDate, t.Forecast, t.Claimed, t.Cashable, t.Evidenced} {
			row = append(row, report.Cell{Spans: report.Plain(money(m.l, pence)), Numeric: true})
		}
		return row
	}
	for _, d := range deployments {
		if len(of[d.ID]) == 0 {
			continue
		}
		rec, err := readRecord(d.RecordJSON)
		if err != nil {
			return err
		}
		if rec.Keeps("costs", "scrutiny", models.DateOf(m.at, m.org.Location())) {
			withheld = append(withheld, d.Ref)
			continue
		}
		t := models.Totals(of[d.ID], m.y.Year)
		sum.ToDate, sum.Forecast, sum.Claimed, sum.Cashable, sum.Evidenced = sum.ToDate+t.ToDate, sum.Forecast+t.Forecast, sum.Claimed+t.Claimed, sum.Cashable+t.Cashable, sum.Evidenced+t.Evidenced
		head := report.Cell{Spans: []report.Span{{Text: d.Ref, Href: m.r.page(m.l, "/deployments/"+d.Ref+"/costs")}, {Text: " " + models.Text{En: d.NameEn, Cy: d.NameCy}.In(m.l)}}, Header: true}
		rows = append(rows, line(head, t))
	}
	if len(withheld) > 0 {
		m.para(m.say("report.costs.withheld", "refs", strings.Join(withheld, ", ")))
	}
	if len(rows) == 0 {
		m.para(m.say("report.costs.none"))
		return nil
	}
	rows = append(rows, line(report.Cell{Spans: report.Plain(m.say("report.total")), Header: true}, sum))
	m.add(report.Grid{Caption: m.say("report.costs.caption", "year", itoa(m.y.Year)), Rows: rows, Headings: []string{
		m.say("report.deployment"), m.say("report.todate"), m.say("report.forecast"), m.say("report.claimed"), m.say("report.cashable"), m.say("report.evidenced"),
	}})
	return nil
}

// disputed are the claims that a union disputes, by the grade of what was shown.
func (m *manuscript) disputed(deployments []models.Deployment) error {
	m.heading(2, m.say("report.disputed"), "disputed")
	var items [][]report.Span
	for _, d := range deployments {
		claims, err := m.r.store.Claims(m.ctx, m.org.ID, d.ID)
		if err != nil {
			return err
		}
		for _, c := range claims {
			for _, x := range c.Challenges {
				if !x.At.After(m.at) && x.Standing(m.at) {
					items = append(items, []report.Span{{Text: c.Ref, Href: m.r.page(m.l, "/claims/"+c.Ref)}, {Text: ": " + c.Sentence().In(m.l) + " "}, {Text: m.say("report.challenge", "no", x.No), Strong: true}})
				}
			}
		}
	}
	if len(items) == 0 {
		m.para(m.say("report.disputed.none"))
		return nil
	}
	m.add(report.List{Items: items})
	return nil
}

// statements are the unions' words as they filed them, by deployment: what
// reaches scrutiny, unedited, and the joint statements with every text.
func (m *manuscript) statements(deployments []models.Deployment) error {
	m.heading(2, m.say("report.statements"), "statements")
	said := false
	for _, d := range deployments {
		comments, err := m.r.store.Comments(m.ctx, m.org.ID, d.ID)
		if err != nil {
			return err
		}
		outcomes, err := m.r.store.Outcomes(m.ctx, m.org.ID, d.ID)
		if err != nil {
			return err
		}
		quotes := m.quotes(comments)
		for _, o := range outcomes {
			if o.UnionStatement == "" {
				continue
			}
			u, err := m.r.store.Union(m.ctx, m.org.ID, o.UnionID)
			if err != nil {
				return err
			}
			quotes = append(quotes, report.Quote{Spans: report.Plain(o.UnionStatement), By: m.say("report.by", "union", u.Abbreviation, "what", models.Reason{Code: "outcome." + o.Outcome}, "date", models.DateOf(o.At, m.org.Location()))})
		}
		if len(quotes) == 0 {
			continue
		}
		said = true
		m.heading(3, d.Ref+" "+models.Text{En: d.NameEn, Cy: d.NameCy}.In(m.l), "words-"+d.Ref)
		m.add(quotes...)
	}
	joint, err := m.joint()
	if err != nil {
		return err
	}
	if !said && !joint {
		m.para(m.say("report.statements.none"))
	}
	return nil
}

func (m *manuscript) quotes(comments []models.CommentState) []report.Block {
	var out []report.Block
	for _, c := range comments {
		if c.UnionID == nil || c.Reach == models.CircleParties || c.At.After(m.at) {
			continue
		}
		by := m.say("report.by", "union", c.UnionAbbrev, "what", models.Reason{Code: "commentKind." + string(c.Kind)}, "date", models.DateOf(c.At, m.org.Location()))
		if c.WithdrawnAt != nil {
			by += " " + m.say("report.withdrawn")
		}
		out = append(out, report.Quote{Spans: []report.Span{{Text: c.Body, Lang: string(c.Language)}}, By: by})
	}
	return out
}

func (m *manuscript) joint() (bool, error) {
	rows, err := m.r.store.Statements(m.ctx, m.org.ID, "")
	if err != nil {
		return false, err
	}
	said := false
	slices.Reverse(rows)
	for _, s := range rows {
		if s.Status == "proposed" {
			continue
		}
		said = true
		m.heading(3, s.No+" "+s.Title, "statement-"+s.No)
		m.para(m.say("report.statement." + s.Status))
		m.add(report.Quote{Spans: []report.Span{{Text: s.Text, Lang: string(s.Language)}}, By: m.partyName(s.ProposedBy)})
		for _, x := range s.Signatures {
			if x.Signed {
				m.para(m.say("report.signed", "party", m.partyName(x.Party), "date", models.DateOf(x.At, m.org.Location())))
				continue
			}
			m.add(report.Quote{Spans: []report.Span{{Text: x.OwnText, Lang: string(s.Language)}}, By: m.partyName(x.Party)})
		}
	}
	return said, nil
}

func (m *manuscript) partyName(party string) string {
	if party == models.EmployerParty {
		return models.Text{En: m.org.NameEn, Cy: m.org.NameCy}.In(m.l)
	}
	u, err := m.r.store.Union(m.ctx, m.org.ID, party)
	if err != nil {
		return party
	}
	return u.Abbreviation
}

// ReportDocument is a report, for the page that shows it.
type ReportDocument = report.Document

// ReportHeading opens a part of a report.
type ReportHeading = report.Heading

// ReportPara is a paragraph of a report.
type ReportPara = report.Para

// ReportList is a list in a report.
type ReportList = report.List

// ReportGrid is a table of a report.
type ReportGrid = report.Grid

// ReportQuote is somebody's own words in a report.
type ReportQuote = report.Quote

// ReportSpan is a piece of text of a report.
type ReportSpan = report.Span

// ReportYears are the financial years that there may be a report of, newest
// first: from that in which the log begins to the present one.
func (r *Register) ReportYears(ctx context.Context, a models.Actor) ([]int, error) {
	if err := r.check(a, "report.read", own(a)); err != nil {
		return nil, err
	}
	org, err := r.store.Organisation(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	first := models.FinancialYear(models.DateOf(org.CreatedAt, org.Location()))
	rows, err := r.store.LedgerEntries(ctx, a.OrgID, 0, 1)
	if err != nil {
		return nil, err
	}
	if len(rows) > 0 {
		first = min(first, models.FinancialYear(models.DateOf(rows[0].At, org.Location())))
	}
	var out []int
	for year := models.FinancialYear(models.DateOf(r.Now(), org.Location())); year >= first; year-- {
		out = append(out, year)
	}
	return out, nil
}
