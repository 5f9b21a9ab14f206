package pages

import (
	"context"
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

// Statements lists the joint statements that the reader may read.
func (p *Pages) Statements(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := p.Register.Statements(ctx, web.Actor(ctx), listOf(ctx))
	if err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	path := "/statements/new"
	if ref := listOf(ctx); ref != "" {
		path += "?deployment=" + url.QueryEscape(ref)
	}
	b := board{
		title: design.Say(ctx, "page.statements.title"), crumbs: partnershipCrumbs(ctx), lead: []string{design.Say(ctx, "page.statements.lead")},
		do: offer(ctx, "statement.propose", "page.statement.propose", path),
	}
	ofDeployment(ctx, &b, "/statements")
	b.parts = []templ.Component{gridTable(statementGrid(ctx, names, all, ""))}
	return p.showBoard(c, b)
}

func statementGrid(ctx context.Context, names parties, all []register.StatementView, which string) grid {
	g := grid{caption: design.Say(ctx, "page.statements.caption"), none: design.Say(ctx, "page.statements.none"), heads: heads(ctx, "statement", "parties", "signedby", "deployment", "status")}
	if which != "" {
		g.title, g.none = design.Say(ctx, "page.statements."+which), design.Say(ctx, "page.statements."+which+".none")
	}
	for _, s := range all {
		g.rows = append(g.rows, []templ.Component{
			named("/statements/"+s.No, s.No, design.Written(ctx, s.Language, s.Title)), plain(names.list(ctx, s.Parties)), plain(orNone(ctx, names.list(ctx, signedBy(s)))), aboutRef(s.Ref), statementTag(ctx, s),
		})
	}
	return g
}

func signedBy(s register.StatementView) []string {
	var out []string
	for _, x := range s.Signatures {
		if x.Signed {
			out = append(out, x.Party)
		}
	}
	return out
}

func statementTag(ctx context.Context, s register.StatementView) templ.Component {
	return design.Tag(design.Say(ctx, "statementStatus."+s.Status), map[string]string{"proposed": "blue", "agreed": "green", "not_agreed": "orange"}[s.Status])
}

func statementCrumbs(ctx context.Context) []design.Crumb {
	return partnershipCrumbs(ctx, design.Say(ctx, "page.statements.title"), "/statements")
}

// Statement shows one: the text, who stands by it, and what those say who do not.
func (p *Pages) Statement(c *gin.Context) error {
	ctx := c.Request.Context()
	s, err := p.Register.Statement(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	title := design.Written(ctx, s.Language, s.Title)
	b := board{title: title.Text, caption: s.No, crumbs: statementCrumbs(ctx)}
	b.parts = append(b.parts, design.SummaryList([]design.Row{
		factOf(ctx, "page.column.status", statementTag(ctx, s)), factOf(ctx, "page.statement.proposed_by", plain(names.name(ctx, s.ProposedBy)+", "+design.Instant(ctx, s.At))),
		factOf(ctx, "page.column.parties", plain(names.list(ctx, s.Parties))), factOf(ctx, "page.column.deployment", aboutRef(s.Ref)),
	}), heading2(design.Say(ctx, "page.statement.texts"), "texts"))
	text := side{title: design.Say(ctx, "page.statement.joint"), text: design.Written(ctx, s.Language, s.Text)}
	sides := []side{text}
	for _, x := range s.Signatures {
		if !x.Signed {
			sides = append(sides, side{title: design.Say(ctx, "page.statement.own", "party", names.name(ctx, x.Party)), lines: []string{design.Instant(ctx, x.At)}, text: design.Line{Text: x.OwnText}})
		}
	}
	b.parts = append(b.parts, sideBySide(sides))
	g := grid{title: design.Say(ctx, "page.statement.signatures"), caption: design.Say(ctx, "page.statement.signatures_caption"), heads: heads(ctx, "party", "gave", "when")}
	for _, who := range s.Parties {
		row := []templ.Component{plain(names.name(ctx, who)), plain(design.Say(ctx, "page.statement.nothing_yet")), plain(design.Say(ctx, "page.none"))}
		if x, ok := s.Of(who); ok {
			row[1], row[2] = plain(design.Say(ctx, "page.statement.signed")), design.Time(x.At)
			if !x.Signed {
				row[1] = plain(design.Say(ctx, "page.statement.refused"))
			}
		}
		g.rows = append(g.rows, row)
	}
	b.parts = append(b.parts, gridTable(g))
	if len(s.Can) > 0 {
		b.parts = append(b.parts, heading2(design.Say(ctx, "page.partnership.next"), "next"))
		for _, act := range s.Can {
			do := map[string]string{"statement.sign": "sign", "statement.refuse": "refuse"}[act]
			b.parts = append(b.parts, more("/statements/"+s.No+"/"+do, design.Say(ctx, "page.statement.do."+do)))
		}
	}
	return p.showBoard(c, b)
}

// NewStatementForm asks for a text that both sides may stand by.
func (p *Pages) NewStatementForm(c *gin.Context) error {
	ctx := c.Request.Context()
	return p.newStatement(c, url.Values{"deployment": {listOf(ctx)}, "unions": web.Actor(ctx).Unions(), "language": {string(design.Of(ctx).Lang)}}, faults{})
}

func (p *Pages) newStatement(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "statement.propose"); err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.statement.propose"), crumbs: statementCrumbs(ctx), lead: []string{design.Say(ctx, "page.statement.propose_lead")}, path: "/statements/new", faults: wrong, at: "title",
		hidden: []pair{{"key", otherwise(v.Get("key"), web.RequestID(ctx))}}, button: design.Say(ctx, "page.statement.propose_button"),
		ask: []question{
			ask(ctx, "title", "statementtitle", v.Get("title")), ask(ctx, "unions", "withunions", "").manyOf(names.unions(), v["unions"]), ask(ctx, "text", "statementtext", v.Get("text")).text("12"),
			ask(ctx, "language", "textlanguage", v.Get("language")).oneOf(options(ctx, "", "language.", []models.Language{models.English, models.Welsh})),
			ask(ctx, "deployment", "deployment", v.Get("deployment")).as("text", "off", "govuk-input--width-10"),
		},
	})
}

// ProposeStatement puts it forward.
func (p *Pages) ProposeStatement(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c, "text")
	s, err := p.Register.ProposeStatement(keyed(ctx, v.Get("key")), web.Actor(ctx), register.NewStatement{
		Deployment: v.Get("deployment"), Unions: v["unions"], Title: v.Get("title"), Text: v.Get("text"), Language: models.Language(v.Get("language")),
	})
	err = aboutField(err, v.Get("deployment"))
	if sentBefore(err) {
		return p.done(c, "/statements", "page.statement.proposed")
	}
	if again(err) {
		return p.newStatement(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/statements/"+s.No, "page.statement.proposed")
}

// StatementForm asks whether one's party stands by a statement.
func (p *Pages) StatementForm(c *gin.Context) error {
	return p.statementStep(c, url.Values{}, faults{})
}

func (p *Pages) statementStep(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	s, err := p.Register.Statement(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	do := param(c, "do")
	act := map[string]string{"sign": "statement.sign", "refuse": "statement.refuse"}[do]
	if act == "" {
		return models.Missing("page")
	}
	if !slices.Contains(s.Can, act) && !wrong.any() {
		if _, given := s.Of(s.Party); given && s.Party != "" {
			return models.Fail(models.Conflict, "statement_given").With("statement", s.No)
		}
		return models.Fail(models.Forbidden, "forbidden").With("act", act)
	}
	form := sheet{
		title: design.Say(ctx, "page.statement.do."+do), crumbs: append(statementCrumbs(ctx), design.Crumb{Text: s.No, Path: "/statements/" + s.No}), lead: []string{design.Say(ctx, "page.statement.lead."+do)},
		path: "/statements/" + s.No + "/" + do, faults: wrong, at: "text", hidden: []pair{{"version", otherwise(v.Get("version"), strconv.Itoa(s.Version))}},
		button: design.Say(ctx, "page.statement.button."+do, "party", names.name(ctx, s.Party)),
		before: sideBySide([]side{{title: design.Written(ctx, s.Language, s.Title).Text, text: design.Written(ctx, s.Language, s.Text)}}),
	}
	if do == "refuse" {
		form.ask = []question{ask(ctx, "text", "owntext", v.Get("text")).text("10")}
	}
	return p.show(c, form)
}

// StepStatement signs a statement, or puts one's own text in its place.
func (p *Pages) StepStatement(c *gin.Context) error {
	ctx, no, do := c.Request.Context(), param(c, "no"), param(c, "do")
	v := typedAnswers(c, "text")
	var err error
	switch do {
	case "sign":
		_, err = p.Register.SignStatement(ctx, web.Actor(ctx), no, readVersion(v), "")
	case "refuse":
		_, err = p.Register.RefuseStatement(ctx, web.Actor(ctx), no, readVersion(v), "", v.Get("text"))
	default:
		return models.Missing("page")
	}
	if again(err) {
		return p.statementStep(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/statements/"+no, "page.statement.done."+do)
}
