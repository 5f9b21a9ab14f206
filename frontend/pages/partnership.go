package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
	"beforehand/policy"
)

// board is a page with lists or facts, what can be done about them, and
// perhaps a form.
type board struct {
	title, caption string
	crumbs         []design.Crumb
	lead           []string
	warnings       []string
	// do are the pages where something is done.
	do    []design.Crumb
	parts []templ.Component
	form  *sheet
	// tried is a form among the parts, which changes nothing.
	tried *sheet
	after templ.Component
}

// asked is the form of the board, if it has any.
func (b board) asked() *sheet {
	if b.form != nil {
		return b.form
	}
	return b.tried
}

func (b board) failed() bool { return b.asked() != nil && b.asked().faults.any() }

// showBoard answers with a board: as one whose form was refused, when something
// was wrong with it.
func (p *Pages) showBoard(c *gin.Context, b board) error {
	status := http.StatusOK
	if b.form != nil {
		s := b.form.settle()
		b.form = &s
	}
	if f := b.asked(); f != nil {
		status = f.status()
	}
	return p.render(c, status, boardPage(b))
}

// grid is a table; none is said when it has no row.
type grid struct {
	title, id, caption, none string
	heads                    []string
	rows                     [][]templ.Component
}

// happening is one event of something between parties.
type happening struct {
	title, tone string
	at          time.Time
	lines       []string
	text        design.Line
}

// side is what one party said, beside what another did.
type side struct {
	title string
	lines []string
	text  design.Line
}

// parties are the names of the parties to something, by their ids.
type parties struct {
	all   []models.Union
	names map[string]string
}

func (p *Pages) parties(ctx context.Context) (parties, error) {
	all, err := p.Register.Unions(ctx, web.Actor(ctx))
	if err != nil && !hidden(err) {
		return parties{}, err
	}
	out := parties{all: all, names: map[string]string{}}
	for _, u := range all {
		out.names[u.ID] = u.Abbreviation
	}
	return out, nil
}

// name is what a party is called.
func (n parties) name(ctx context.Context, id string) string {
	switch {
	case id == models.EmployerParty, id == models.AskedByScrutiny:
		return design.Say(ctx, "page.party."+id)
	case n.names[id] != "":
		return n.names[id]
	default:
		return design.Say(ctx, "noun.union")
	}
}

func (n parties) list(ctx context.Context, ids []string) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = n.name(ctx, id)
	}
	return strings.Join(out, ", ")
}

// unions are the unions to choose from.
func (n parties) unions() []design.Option {
	out := []design.Option{}
	for _, u := range n.all {
		out = append(out, design.Option{Value: u.ID, Text: u.Abbreviation})
	}
	return out
}

// could says whether a role of the reader lets them do something at all; on
// what, the register says.
func could(ctx context.Context, act string) bool { return holds(web.Actor(ctx), act) }

// holds says whether one of somebody's roles has a line for an act.
func holds(a models.Actor, act string) bool {
	return slices.ContainsFunc(a.Grants, func(g models.Grant) bool {
		_, ok := policy.Permitted(g.Role, act)
		return ok
	})
}

// offer gives the link to a page where something is done, to whoever could.
func offer(ctx context.Context, act, code, path string) []design.Crumb {
	if !could(ctx, act) {
		return nil
	}
	return []design.Crumb{{Text: design.Say(ctx, code), Path: path}}
}

// mayAct refuses the page of a form to whoever could not send it.
func mayAct(ctx context.Context, act string) error {
	switch {
	case web.Actor(ctx).Anonymous():
		return models.Fail(models.Unauthenticated, "unauthenticated")
	case !could(ctx, act):
		return models.Fail(models.Forbidden, "forbidden").With("act", act)
	default:
		return nil
	}
}

// typedAnswers are the answers of a form: texts of several lines as they were
// typed, the others cleaned.
func typedAnswers(c *gin.Context, texts ...string) url.Values {
	v := allTyped(c)
	for _, name := range texts {
		if _, there := v[name]; there {
			v[name] = slices.Clone(c.PostFormArray(name))
		}
	}
	return v
}

// aboutField puts what was said of the deployment beside the answer that named
// it: one that the actor does not read is not there for them.
func aboutField(err error, name string) error {
	if name != "" && models.KindOf(err) == models.NotFound {
		return &models.Error{Kind: models.Invalid, Code: "invalid", Fields: []models.Field{{Path: "deployment", Code: "not_found", Params: models.Params{"value": name}}}}
	}
	return err
}

// wrongIn are the faults of a form of which some answers have parts: a fault of
// a part stands at the whole.
func wrongIn(ctx context.Context, err error, moved ...string) faults {
	f := faultsOf(ctx, err)
	for i := 0; i+1 < len(moved); i += 2 {
		if text := f.by[moved[i]]; text != "" {
			delete(f.by, moved[i])
			if f.by[moved[i+1]] == "" {
				f.by[moved[i+1]] = text
			}
		}
	}
	return f
}

func partnershipCrumbs(ctx context.Context, more ...string) []design.Crumb {
	out := []design.Crumb{{Text: design.Say(ctx, "page.partnership.title"), Path: "/partnership"}}
	for i := 0; i+1 < len(more); i += 2 {
		out = append(out, design.Crumb{Text: more[i], Path: more[i+1]})
	}
	return out
}

// readVersion is the version that a form was read at.
func readVersion(v url.Values) int { return int(number(v.Get("version"))) }

func stack(all ...templ.Component) templ.Component { return stacked(all) }

// cut shortens a text for a list; the page of the record has all of it.
func cut(s string) string {
	const most = 120
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return s
}

func factOf(ctx context.Context, code string, value templ.Component) design.Row {
	return design.Row{Key: design.Say(ctx, code), Value: value}
}

// hintFor gives words to an answer of a closed list, when there are any.
func hintFor(ctx context.Context, code string) string {
	if !words.Has(words.English, code) {
		return ""
	}
	return design.Say(ctx, code)
}

// fewest is how many rows of each list the overview shows.
const fewest = 5

// Partnership is what is between the parties, at a glance.
func (p *Pages) Partnership(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	b := board{title: design.Say(ctx, "page.partnership.title"), lead: []string{design.Say(ctx, "page.partnership.lead")}}
	meetings, err := p.Register.Meetings(ctx, a, "")
	if err != nil {
		return err
	}
	disputes, err := p.Register.Disputes(ctx, a, "")
	if err != nil {
		return err
	}
	statements, err := p.Register.Statements(ctx, a, "")
	if err != nil {
		return err
	}
	asked, err := p.Register.Questionnaires(ctx, a)
	if err != nil {
		return err
	}
	actions, err := p.Register.Actions(ctx, a, "")
	if err != nil {
		return err
	}
	barriers, err := p.Register.Barriers(ctx, a)
	if err != nil {
		return err
	}
	now := p.Register.Now()
	meetings = slices.DeleteFunc(meetings, func(m register.MeetingView) bool { return m.Status != "offered" || m.StartsAt.Before(now) })
	slices.SortFunc(meetings, func(a, b register.MeetingView) int { return a.StartsAt.Compare(b.StartsAt) })
	disputes = slices.DeleteFunc(disputes, func(d register.DisputeView) bool { return !d.Open() })
	statements = slices.DeleteFunc(statements, func(s register.StatementView) bool { return s.Status != "proposed" })
	asked = slices.DeleteFunc(asked, func(q register.QuestionnaireView) bool { return q.Closed && len(q.Can) == 0 })
	actions = slices.DeleteFunc(actions, func(x register.ActionView) bool { return x.DoneOn != 0 })
	barriers = slices.DeleteFunc(barriers, func(x register.BarrierView) bool { return x.SettledOn != 0 })
	for _, part := range []struct {
		act, code, path string
	}{
		{"meeting.offer", "page.meeting.offer", "/meetings/new"},
		{"statement.propose", "page.statement.propose", "/statements/new"},
		{"questionnaire.send", "page.questionnaire.send", "/questionnaires/new"},
		{"engagement.record", "page.engagement.record", "/engagements/new"},
		{"action.add", "page.action.add", "/actions#form"},
		{"action.ask", "page.action.ask", "/actions#form"},
		{"barrier.raise", "page.barrier.raise", "/barriers#form"},
	} {
		b.do = append(b.do, offer(ctx, part.act, part.code, part.path)...)
	}
	b.do = append(b.do, offer(ctx, "room.read", "page.room.title", "/room")...)
	b.parts = []templ.Component{
		shortTable(meetingGrid(ctx, names, first(meetings), "next"), "/meetings", design.Say(ctx, "page.meetings.all")),
		shortTable(disputeGrid(ctx, first(disputes), "open"), "/disputes", design.Say(ctx, "page.disputes.all")),
		shortTable(statementGrid(ctx, names, first(statements), "waiting"), "/statements", design.Say(ctx, "page.statements.all")),
		shortTable(questionnaireGrid(ctx, names, first(asked), "waiting"), "/questionnaires", design.Say(ctx, "page.questionnaires.all")),
		shortTable(actionGrid(ctx, names, first(actions), "due"), "/actions", design.Say(ctx, "page.actions.all")),
		shortTable(barrierGrid(ctx, names, first(barriers), "open"), "/barriers", design.Say(ctx, "page.barriers.all")),
		more("/engagements", design.Say(ctx, "page.engagements.all")),
	}
	return p.showBoard(c, b)
}

func first[T any](all []T) []T { return all[:min(len(all), fewest)] }

// betweenRow is one line of a deployment's page about what is between the
// parties: how many there are, and the first of them.
type betweenRow struct {
	title, path, none string
	count             int
	items             []templ.Component
	do                []design.Crumb
}

// gatherBetween gathers what is between the parties about a deployment, for whoever
// reads any of it.
func (p *Pages) gatherBetween(ctx context.Context, a models.Actor, v *dossier) error {
	disputes, err := p.Register.Disputes(ctx, a, v.Ref)
	if err != nil {
		if hidden(err) {
			return nil
		}
		return err
	}
	row := func(noun string, count int, items []templ.Component, do ...design.Crumb) {
		v.between = append(v.between, betweenRow{
			title: design.Say(ctx, "page."+noun+".title"), path: "/" + noun + "?deployment=" + v.Ref, none: design.Say(ctx, "page."+noun+".none"),
			count: count, items: first(items), do: do,
		})
	}
	may := p.allowedOn(ctx, v.Ref)
	about := "?deployment=" + v.Ref
	var do []design.Crumb
	if may["dispute.open"] {
		do = offer(ctx, "dispute.open", "page.dispute.open", "/deployments/"+v.Ref+"/dispute")
	}
	var items []templ.Component
	for _, d := range disputes {
		items = append(items, templ.Join(pageLink("/disputes/"+d.No, design.Line{Text: d.No + ": " + cut(d.Subject)}), plain(" "), disputeTag(ctx, d)))
	}
	row("disputes", len(disputes), items, do...)
	meetings, err := p.Register.Meetings(ctx, a, v.Ref)
	if err != nil {
		return err
	}
	items = nil
	for _, m := range meetings {
		items = append(items, templ.Join(pageLink("/meetings/"+m.No, design.Line{Text: m.Title}), plain(", "+design.Instant(ctx, m.StartsAt)+" "), meetingTag(ctx, m)))
	}
	row("meetings", len(meetings), items, offer(ctx, "meeting.offer", "page.meeting.offer", "/meetings/new"+about)...)
	heard, err := p.Register.Engagements(ctx, a, v.Ref)
	if err != nil {
		return err
	}
	items = nil
	for _, e := range heard {
		items = append(items, templ.Join(pageLink("/engagements/"+e.No, design.Line{Text: e.Title}), plain(", "+design.ShortDay(ctx, e.HeldOn))))
	}
	row("engagements", len(heard), items, offer(ctx, "engagement.record", "page.engagement.record", "/engagements/new"+about)...)
	statements, err := p.Register.Statements(ctx, a, v.Ref)
	if err != nil {
		return err
	}
	items = nil
	for _, s := range statements {
		items = append(items, templ.Join(pageLink("/statements/"+s.No, design.Written(ctx, s.Language, s.Title)), plain(" "), statementTag(ctx, s)))
	}
	row("statements", len(statements), items, offer(ctx, "statement.propose", "page.statement.propose", "/statements/new"+about)...)
	actions, err := p.Register.Actions(ctx, a, v.Ref)
	if err != nil {
		return err
	}
	items = nil
	for _, x := range actions {
		items = append(items, templ.Join(pageLink("/actions#"+x.No, design.Line{Text: cut(x.Text)}), plain(" "), actionTag(ctx, x)))
	}
	add := append(offer(ctx, "action.add", "page.action.add", "/actions"+about+"#form"), offer(ctx, "action.ask", "page.action.ask", "/actions"+about+"#form")...)
	row("actions", len(actions), items, add...)
	return p.betweenCosts(ctx, a, v)
}

func (p *Pages) betweenCosts(ctx context.Context, a models.Actor, v *dossier) error {
	costs, err := p.Register.Costs(ctx, a, v.Ref)
	if hidden(err) {
		return nil
	}
	if err != nil {
		return err
	}
	r := betweenRow{title: design.Say(ctx, "page.costs.title"), path: "/deployments/" + v.Ref + "/costs", none: design.Say(ctx, "page.costs.none"), count: len(costs.Entries)}
	if len(costs.Entries) > 0 {
		for _, t := range totalLines(ctx, costs.Totals) {
			r.items = append(r.items, plain(t))
		}
	}
	v.between = append(v.between, r)
	return nil
}

// Partners puts the pages of what is between the parties on an address each.
func (p *Pages) Partners(get, post func(string, func(*gin.Context) error)) {
	both := func(path string, show, take func(*gin.Context) error) {
		get(path, show)
		post(path, take)
	}
	get("/partnership", p.Partnership)
	get("/disputes", p.Disputes)
	get("/disputes/:no", p.Dispute)
	both("/disputes/:no/:do", p.DisputeForm, p.StepDispute)
	both("/deployments/:ref/dispute", p.NewDisputeForm, p.OpenDispute)
	get("/meetings", p.Meetings)
	both("/meetings/new", p.NewMeetingForm, p.OfferMeeting)
	get("/meetings/:no", p.Meeting)
	both("/meetings/:no/:do", p.MeetingForm, p.StepMeeting)
	get("/engagements", p.Engagements)
	both("/engagements/new", p.NewEngagementForm, p.RecordEngagement)
	get("/engagements/:no", p.Engagement)
	get("/questionnaires", p.Questionnaires)
	both("/questionnaires/new", p.NewQuestionnaireForm, p.SendQuestionnaire)
	get("/questionnaires/:no", p.Questionnaire)
	both("/questionnaires/:no/answer", p.AnswerQuestionnaireForm, p.AnswerQuestionnaire)
	both("/actions", p.Actions, p.AddAction)
	both("/actions/:no/finish", p.FinishActionForm, p.FinishAction)
	both("/barriers", p.Barriers, p.RaiseBarrier)
	both("/barriers/:no/settle", p.SettleBarrierForm, p.SettleBarrier)
	get("/statements", p.Statements)
	both("/statements/new", p.NewStatementForm, p.ProposeStatement)
	get("/statements/:no", p.Statement)
	both("/statements/:no/:do", p.StatementForm, p.StepStatement)
	both("/deployments/:ref/costs", p.Costs, p.EnterCost)
	both("/deployments/:ref/costs/:id", p.ReverseCostForm, p.ReverseCost)
	get("/attachments/:id", p.Attachment)
	get("/room", p.Room)
	both("/room/new", p.NewRoomForm, p.WriteRoom)
	get("/room/files/:id", p.RoomFile)
	get("/room/:id", p.RoomEntry)
	both("/room/:id/:do", p.RoomForm, p.StepRoom)
	both("/inbox", p.Inbox, p.MarkRead)
	both("/notifications", p.Notifications, p.ChangeNotifications)
	get("/duties", p.Duties)
	get("/requests/:no", p.Request)
	both("/hooks", p.Hooks, p.AddHook)
	both("/hooks/:id/:do", p.HookForm, p.StepHook)
	get("/messages", p.Messages)
	both("/notification-settings", p.NotificationSettings, p.ConfigureNotifications)
	get("/flags", p.Flags)
	both("/flags/:no", p.SettleFlagForm, p.SettleFlag)
}
