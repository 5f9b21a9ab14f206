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

// asked is the deployment that the address limits a list to, or "".
func listOf(ctx context.Context) string { return design.Of(ctx).Query.Get("deployment") }

// ofDeployment says what a list is limited to, and leads to all of it.
func ofDeployment(ctx context.Context, b *board, path string) {
	if ref := listOf(ctx); ref != "" {
		b.lead = append(b.lead, design.Say(ctx, "page.partnership.of", "ref", ref))
		b.do = append(b.do, design.Crumb{Text: design.Say(ctx, "page.partnership.everything"), Path: path})
	}
}

// Disputes lists the disputes that the reader may read.
func (p *Pages) Disputes(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := p.Register.Disputes(ctx, web.Actor(ctx), listOf(ctx))
	if err != nil {
		return err
	}
	b := board{title: design.Say(ctx, "page.disputes.title"), crumbs: partnershipCrumbs(ctx), lead: []string{design.Say(ctx, "page.disputes.lead")}}
	if could(ctx, "dispute.open") {
		b.lead = append(b.lead, design.Say(ctx, "page.disputes.how"))
	}
	ofDeployment(ctx, &b, "/disputes")
	b.parts = []templ.Component{gridTable(disputeGrid(ctx, all, ""))}
	return p.showBoard(c, b)
}

// disputeGrid is a table of disputes; which names the list it is.
func disputeGrid(ctx context.Context, all []register.DisputeView, which string) grid {
	g := grid{caption: design.Say(ctx, "page.disputes.caption"), none: design.Say(ctx, "page.disputes.none"), heads: heads(ctx, "dispute", "deployment", "union", "stage", "due", "status")}
	if which != "" {
		g.title, g.none = design.Say(ctx, "page.disputes."+which), design.Say(ctx, "page.disputes."+which+".none")
	}
	for _, d := range all {
		g.rows = append(g.rows, []templ.Component{
			named("/disputes/"+d.No, d.No, design.Line{Text: d.Subject}), deploymentLink(d.Ref, d.Name), plain(d.UnionAbbrev),
			written(design.In(ctx, d.Now().Name)), dayCell(d.DueOn), disputeTag(ctx, d),
		})
	}
	return g
}

func disputeTag(ctx context.Context, d register.DisputeView) templ.Component {
	switch {
	case !d.Open():
		return design.Tag(design.Say(ctx, "disputeOutcome."+d.Outcome), "grey")
	case d.Overdue:
		return design.Tag(design.Say(ctx, "page.dispute.overdue"), "red")
	default:
		return design.Tag(design.Say(ctx, "page.dispute.runs"), "blue")
	}
}

// disputeSide is the side for which the reader would speak in a dispute.
func disputeSide(ctx context.Context, d register.DisputeView) string {
	if slices.Contains(web.Actor(ctx).Unions(), d.UnionID) {
		return "union"
	}
	return models.EmployerParty
}

// sideName is what a side of a dispute is called.
func sideName(ctx context.Context, d register.DisputeView, side string) string {
	if side == "union" {
		return d.UnionAbbrev
	}
	return design.Say(ctx, "page.party.employer")
}

// held says whether the status quo of a dispute lies over its deployment today.
func (p *Pages) held(ctx context.Context, d register.DisputeView) bool {
	return d.Hold != nil && d.Hold.InForce(p.today(ctx))
}

func (p *Pages) today(ctx context.Context) models.Date {
	return models.DateOf(p.Register.Now(), design.Of(ctx).Org.Location())
}

// steps are what the reader may do in a dispute as it stands.
func (p *Pages) steps(ctx context.Context, d register.DisputeView) []string {
	var out []string
	side := disputeSide(ctx, d)
	can := func(act string) bool { return slices.Contains(d.Can, act) }
	for _, kind := range []struct{ asked, agree string }{{"lift_asked", "agree-lift"}, {"extension_asked", "agree-extend"}} {
		if e, ok := d.Asked(kind.asked); ok && e.Side != side && can("dispute.agree") && d.Hold != nil && d.Hold.LiftedOn == 0 {
			out = append(out, kind.agree)
		}
	}
	if can("dispute.ask") && p.held(ctx, d) {
		out = append(out, "lift", "extend")
	}
	if can("dispute.advance") && d.Stage+1 < len(d.Stages) {
		out = append(out, "advance")
	}
	if can("dispute.settle") && len(p.outcomesOf(ctx, d)) > 0 {
		out = append(out, "settle")
	}
	return out
}

// outcomesOf are the ways in which the reader's side may end a dispute now.
func (p *Pages) outcomesOf(ctx context.Context, d register.DisputeView) []string {
	var out []string
	side := disputeSide(ctx, d)
	for _, o := range models.DisputeOutcomes {
		ok := true
		switch o {
		case "settled":
			ok = side == "union" || d.OpenedBy != "union"
		case "withdrawn":
			ok = side == d.OpenedBy
		case "decided_outside":
			ok = d.Now().Outside != ""
		case "not_settled":
			ok = d.Stage+1 >= len(d.Stages) && d.DisputeState.Overdue(p.today(ctx))
		}
		if ok {
			out = append(out, o)
		}
	}
	return out
}

// Dispute shows one dispute.
func (p *Pages) Dispute(c *gin.Context) error {
	ctx := c.Request.Context()
	d, err := p.Register.Dispute(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	b := board{title: d.Subject, caption: d.No, crumbs: disputeCrumbs(ctx)}
	if p.held(ctx, d) {
		b.warnings = []string{design.Say(ctx, "page.dispute.held", "until", d.Hold.Until, "ref", d.Ref)}
	}
	for _, e := range []string{"lift_asked", "extension_asked"} {
		if asked, ok := d.Asked(e); ok && d.Open() {
			b.parts = append(b.parts, inset(design.Say(ctx, "page.dispute.waits."+e, "side", sideName(ctx, d, asked.Side), "until", asked.DueOn)))
		}
	}
	b.parts = append(b.parts, design.SummaryList(p.disputeFacts(ctx, d)))
	if steps := p.steps(ctx, d); len(steps) > 0 {
		b.parts = append(b.parts, heading2(design.Say(ctx, "page.partnership.next"), "next"))
		for _, s := range steps {
			b.parts = append(b.parts, more("/disputes/"+d.No+"/"+s, design.Say(ctx, "page.dispute.do."+s)))
		}
	}
	b.parts = append(b.parts, stagesOf(d), heading2(design.Say(ctx, "page.dispute.events"), "events"), happenings(disputeEvents(ctx, d)))
	return p.showBoard(c, b)
}

func (p *Pages) disputeFacts(ctx context.Context, d register.DisputeView) []design.Row {
	rows := []design.Row{
		factOf(ctx, "page.column.deployment", deploymentLink(d.Ref, d.Name)), factOf(ctx, "page.column.union", plain(d.UnionAbbrev)),
		factOf(ctx, "page.dispute.opened_by", plain(sideName(ctx, d, d.OpenedBy)+", "+design.Instant(ctx, d.At))),
		factOf(ctx, "page.dispute.remedy", design.Prose(design.Line{Text: d.Remedy})),
	}
	if d.Open() {
		rows = append(rows, factOf(ctx, "page.dispute.present", written(design.In(ctx, d.Now().Name))), factOf(ctx, "page.column.due", stack(design.DayTime(d.DueOn), disputeTag(ctx, d))))
	} else {
		rows = append(rows, factOf(ctx, "page.dispute.ended", stack(disputeTag(ctx, d), design.DayTime(d.ClosedOn))))
	}
	text := design.Say(ctx, "page.dispute.no_hold")
	switch {
	case d.Hold != nil && d.Hold.LiftedOn != 0:
		text = design.Say(ctx, "page.dispute.lifted", "from", d.Hold.From, "date", d.Hold.LiftedOn)
	case d.Hold != nil && p.held(ctx, d):
		text = design.Say(ctx, "page.dispute.holds", "from", d.Hold.From, "until", d.Hold.Until)
	case d.Hold != nil:
		text = design.Say(ctx, "page.dispute.ran_out", "from", d.Hold.From, "until", d.Hold.Until)
	}
	return append(rows, factOf(ctx, "page.dispute.hold", plain(text)))
}

func disputeCrumbs(ctx context.Context) []design.Crumb {
	return partnershipCrumbs(ctx, design.Say(ctx, "page.disputes.title"), "/disputes")
}

// stageLine says what a stage of the route is.
func stageLine(ctx context.Context, s models.DisputeStage) string {
	out := design.Say(ctx, "page.dispute.days", "days", s.DueDays)
	if s.StatusQuo {
		out += " " + design.Say(ctx, "page.dispute.keeps")
	} else {
		out += " " + design.Say(ctx, "page.dispute.keeps_not")
	}
	if s.Outside != "" {
		out += " " + design.Say(ctx, "page.dispute.outside", "body", s.Outside)
	}
	return out
}

func disputeEvents(ctx context.Context, d register.DisputeView) []happening {
	out := make([]happening, 0, len(d.Events))
	for _, e := range d.Events {
		h := happening{title: design.Say(ctx, "disputeEvent."+e.Kind, "side", sideName(ctx, d, e.Side)), at: e.At, text: design.Line{Text: e.Text}, tone: "legal"}
		if e.Stage < len(d.Stages) && (e.Kind == "opened" || e.Kind == "advanced") {
			h.lines = append(h.lines, design.Say(ctx, "page.dispute.event_stage", "stage", d.Stages[e.Stage].Name, "due", e.DueOn))
		}
		if e.Kind == "extension_asked" && e.DueOn != 0 {
			h.lines = append(h.lines, design.Say(ctx, "page.dispute.event_until", "until", e.DueOn))
		}
		if e.Kind == "opened" {
			h.text = design.Line{}
		}
		out = append(out, h)
	}
	return out
}

// profileHere is the policy profile of the reader's organisation.
func (p *Pages) profileHere(ctx context.Context) (models.Profile, error) {
	all, err := p.Register.Profiles(web.Actor(ctx))
	for _, x := range all {
		if x.Code == design.Of(ctx).Org.Profile {
			return x, err
		}
	}
	return models.Profile{}, err
}

// NewDisputeForm asks what a dispute is about, and says what opening it does.
func (p *Pages) NewDisputeForm(c *gin.Context) error { return p.newDispute(c, url.Values{}, faults{}) }

func (p *Pages) newDispute(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	a, ref := web.Actor(ctx), param(c, "ref")
	dep, err := p.Register.Deployment(ctx, a, ref)
	if err != nil {
		return err
	}
	if err := mayAct(ctx, "dispute.open"); err != nil {
		return err
	}
	profile, err := p.profileHere(ctx)
	if err != nil {
		return err
	}
	s := sheet{
		title: design.Say(ctx, "page.dispute.open"), crumbs: []design.Crumb{{Text: design.Say(ctx, "page.register.title"), Path: "/register"}, {Text: ref, Path: "/deployments/" + ref}},
		lead: []string{design.In(ctx, dep.Record.Name).Text}, path: "/deployments/" + ref + "/dispute", faults: wrong, at: "subject", button: design.Say(ctx, "page.dispute.open_button"),
		hidden: []pair{{"key", otherwise(v.Get("key"), web.RequestID(ctx))}},
	}
	if len(profile.Disputes) > 0 {
		first := profile.Disputes[0]
		s.lead = append(s.lead, design.Say(ctx, "page.dispute.first", "stage", first.Name)+" "+stageLine(ctx, first))
		if first.StatusQuo {
			s.warning = design.Say(ctx, "page.dispute.will_hold", "days", profile.HoldDays)
		}
	}
	if s.ask, err = p.speakFor(ctx, v.Get("union")); err != nil {
		return err
	}
	if len(a.Unions()) == 0 {
		scope, _, err := p.Register.Scope(ctx, a, ref)
		if err != nil {
			return err
		}
		offered := []design.Option{{Text: design.Say(ctx, "page.choose")}}
		for _, u := range scope.Unions {
			offered = append(offered, design.Option{Value: u.Union.ID, Text: u.Union.Abbreviation})
		}
		s.ask = append(s.ask, ask(ctx, "union", "disputewith", v.Get("union")).oneOf(offered))
	}
	s.ask = append(s.ask, ask(ctx, "subject", "subject", v.Get("subject")), ask(ctx, "remedy", "remedy", v.Get("remedy")).text("5"))
	return p.show(c, s)
}

// OpenDispute opens a dispute about a deployment.
func (p *Pages) OpenDispute(c *gin.Context) error {
	ctx, ref := c.Request.Context(), param(c, "ref")
	v := typedAnswers(c, "remedy")
	d, err := p.Register.OpenDispute(keyed(ctx, v.Get("key")), web.Actor(ctx), ref, register.NewDispute{UnionID: v.Get("union"), Subject: v.Get("subject"), Remedy: v.Get("remedy")})
	if sentBefore(err) {
		return p.done(c, "/disputes?deployment="+ref, "page.dispute.opened")
	}
	if again(err) {
		return p.newDispute(c, v, wrongIn(ctx, err, "party", "union"))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/disputes/"+d.No, "page.dispute.opened")
}

// DisputeForm asks for one step in a dispute.
func (p *Pages) DisputeForm(c *gin.Context) error { return p.disputeStep(c, url.Values{}, faults{}) }

func (p *Pages) disputeStep(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	d, err := p.Register.Dispute(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	do := param(c, "do")
	acts := map[string]string{"advance": "dispute.advance", "lift": "dispute.ask", "extend": "dispute.ask", "agree-lift": "dispute.agree", "agree-extend": "dispute.agree", "settle": "dispute.settle"}
	switch {
	case acts[do] == "":
		return models.Missing("page")
	case !d.Open():
		return models.Fail(models.Conflict, "dispute_closed").With("dispute", d.No)
	case !slices.Contains(d.Can, acts[do]):
		return models.Fail(models.Forbidden, "forbidden").With("act", acts[do])
	case !slices.Contains(p.steps(ctx, d), do) && !wrong.any():
		return models.Fail(models.Conflict, "conflict")
	}
	s := sheet{
		title: design.Say(ctx, "page.dispute.do."+do), crumbs: append(disputeCrumbs(ctx), design.Crumb{Text: d.No, Path: "/disputes/" + d.No}),
		lead: []string{d.No + ": " + d.Subject, design.Say(ctx, "page.dispute.lead."+do)}, path: "/disputes/" + d.No + "/" + do, faults: wrong, at: "text",
		hidden: []pair{{"version", otherwise(v.Get("version"), strconv.Itoa(d.Version))}}, button: design.Say(ctx, "page.dispute.button."+do),
	}
	switch do {
	case "advance":
		if d.Stage+1 < len(d.Stages) {
			next := d.Stages[d.Stage+1]
			s.lead = append(s.lead, design.Say(ctx, "page.dispute.first", "stage", next.Name)+" "+stageLine(ctx, next))
		}
		s.ask = []question{ask(ctx, "text", "disputewhy", v.Get("text")).text("5")}
	case "lift":
		s.ask = []question{ask(ctx, "text", "disputewhy", v.Get("text")).text("5")}
	case "extend":
		s.ask = []question{dated(ask(ctx, "until", "until", ""), partsOf(v, "until")), ask(ctx, "text", "disputewhy", v.Get("text")).text("5")}
	case "agree-lift", "agree-extend":
		kind := map[string]string{"agree-lift": "lift_asked", "agree-extend": "extension_asked"}[do]
		if e, ok := d.Asked(kind); ok {
			s.lead = append(s.lead, design.Say(ctx, "page.dispute.waits."+kind, "side", sideName(ctx, d, e.Side), "until", e.DueOn))
			s.before = sideBySide([]side{{title: sideName(ctx, d, e.Side), text: design.Line{Text: e.Text}}})
		}
	case "settle":
		offered := []design.Option{}
		for _, o := range p.outcomesOf(ctx, d) {
			offered = append(offered, design.Option{Value: o, Text: design.Say(ctx, "disputeOutcome."+o)})
		}
		q := ask(ctx, "outcome", "disputeoutcome", v.Get("outcome")).oneOf(offered)
		for _, o := range offered {
			q.hints = append(q.hints, hintFor(ctx, "disputeOutcome."+o.Value+".hint"))
		}
		s.ask = []question{q, ask(ctx, "text", "disputeend", v.Get("text")).text("5")}
		s.warning, s.danger = design.Say(ctx, "page.dispute.settle_warning"), true
	}
	return p.show(c, s)
}

// StepDispute takes one step in a dispute.
func (p *Pages) StepDispute(c *gin.Context) error {
	ctx, no, do := c.Request.Context(), param(c, "no"), param(c, "do")
	a := web.Actor(ctx)
	v := typedAnswers(c, "text")
	readAt := readVersion(v)
	var err error
	switch do {
	case "advance":
		_, err = p.Register.AdvanceDispute(ctx, a, no, readAt, v.Get("text"))
	case "lift":
		_, err = p.Register.AskOfHold(ctx, a, no, readAt, "lift", 0, v.Get("text"))
	case "extend":
		var f models.Faults
		until := dayTyped(&f, v, "until")
		if err = f.Err(); err == nil {
			_, err = p.Register.AskOfHold(ctx, a, no, readAt, "extend", until, v.Get("text"))
		}
	case "agree-lift":
		_, err = p.Register.AgreeOfHold(ctx, a, no, readAt, "lift")
	case "agree-extend":
		_, err = p.Register.AgreeOfHold(ctx, a, no, readAt, "extend")
	case "settle":
		_, err = p.Register.SettleDispute(ctx, a, no, readAt, v.Get("outcome"), v.Get("text"))
	default:
		return models.Missing("page")
	}
	if again(err) && models.CodeOf(err) != "dispute_closed" {
		return p.disputeStep(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/disputes/"+no, "page.dispute.done."+do)
}
