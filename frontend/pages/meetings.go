package pages

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Meetings lists the meetings that the reader may read.
func (p *Pages) Meetings(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := p.Register.Meetings(ctx, web.Actor(ctx), listOf(ctx))
	if err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	path := "/meetings/new"
	if ref := listOf(ctx); ref != "" {
		path += "?deployment=" + url.QueryEscape(ref)
	}
	b := board{
		title: design.Say(ctx, "page.meetings.title"), crumbs: partnershipCrumbs(ctx), lead: []string{design.Say(ctx, "page.meetings.lead")},
		do: offer(ctx, "meeting.offer", "page.meeting.offer", path),
	}
	ofDeployment(ctx, &b, "/meetings")
	b.parts = []templ.Component{gridTable(meetingGrid(ctx, names, all, ""))}
	return p.showBoard(c, b)
}

func meetingGrid(ctx context.Context, names parties, all []register.MeetingView, which string) grid {
	g := grid{caption: design.Say(ctx, "page.meetings.caption"), none: design.Say(ctx, "page.meetings.none"), heads: heads(ctx, "meeting", "when", "parties", "deployment", "status")}
	if which != "" {
		g.title, g.none = design.Say(ctx, "page.meetings."+which), design.Say(ctx, "page.meetings."+which+".none")
	}
	for _, m := range all {
		g.rows = append(g.rows, []templ.Component{
			named("/meetings/"+m.No, m.No, design.Line{Text: m.Title}), design.Time(m.StartsAt), plain(names.list(ctx, m.PartyIDs())), aboutRef(m.Ref), meetingTag(ctx, m),
		})
	}
	return g
}

func meetingTag(ctx context.Context, m register.MeetingView) templ.Component {
	text, colour := design.Say(ctx, "meetingStatus."+m.Status), map[string]string{"offered": "blue", "held": "green", "cancelled": "grey"}[m.Status]
	if m.Status == "cancelled" && m.CancelledBy == models.EmployerParty && m.ReplacedBy == nil {
		text, colour = design.Say(ctx, "page.meeting.unreplaced"), "red"
	}
	return design.Tag(text, colour)
}

func meetingCrumbs(ctx context.Context) []design.Crumb {
	return partnershipCrumbs(ctx, design.Say(ctx, "page.meetings.title"), "/meetings")
}

// Meeting shows one meeting.
func (p *Pages) Meeting(c *gin.Context) error {
	ctx := c.Request.Context()
	m, err := p.Register.Meeting(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	b := board{title: m.Title, caption: m.No, crumbs: meetingCrumbs(ctx)}
	if m.Status == "cancelled" {
		b.warnings = append(b.warnings, design.Say(ctx, "page.meeting.cancelled", "party", names.name(ctx, m.CancelledBy), "time", design.Instant(ctx, *m.CancelledAt)))
		if m.CancelledBy == models.EmployerParty && m.ReplacedBy == nil {
			b.lead = append(b.lead, design.Say(ctx, "page.meeting.counted"))
		}
	}
	rows := []design.Row{
		factOf(ctx, "page.column.status", meetingTag(ctx, m)), factOf(ctx, "page.column.when", design.Time(m.StartsAt)), factOf(ctx, "page.column.kind", plain(design.Say(ctx, "meetingKind."+m.Kind))),
		factOf(ctx, "page.meeting.place", plain(orNone(ctx, m.Place))), factOf(ctx, "page.meeting.offered_by", plain(names.name(ctx, m.OfferedBy)+", "+design.Instant(ctx, m.At))), factOf(ctx, "page.column.deployment", aboutRef(m.Ref)),
	}
	if m.Status == "cancelled" {
		rows = append(rows, factOf(ctx, "page.meeting.why", design.Prose(design.Line{Text: m.CancelledWhy})))
		if m.ReplacedBy != nil {
			rows = append(rows, factOf(ctx, "page.meeting.replaced_by", stack(named("/meetings/"+m.ReplacedBy.No, m.ReplacedBy.No, design.Line{Text: m.ReplacedBy.Title}), design.Time(m.ReplacedBy.StartsAt))))
		} else {
			rows = append(rows, factOf(ctx, "page.meeting.replaced_by", plain(design.Say(ctx, "page.meeting.by_none"))))
		}
	}
	if m.Replaces != nil {
		if old, err := p.replaced(ctx, *m.Replaces); err != nil {
			return err
		} else if old != "" {
			rows = append(rows, factOf(ctx, "page.meeting.replaces", pageLink("/meetings/"+old, design.Line{Text: old})))
		}
	}
	b.parts = append(b.parts, design.SummaryList(rows))
	var steps []templ.Component
	for _, s := range []struct{ act, do string }{{"meeting.hold", "hold"}, {"meeting.cancel", "cancel"}, {"minutes.write", "minutes"}, {"minutes.agree", "agree"}} {
		if slices.Contains(m.Can, s.act) && !(s.do == "hold" && p.Register.Now().Before(m.StartsAt)) {
			steps = append(steps, more("/meetings/"+m.No+"/"+s.do, design.Say(ctx, "page.meeting.do."+s.do)))
		}
	}
	if m.Status == "cancelled" && m.ReplacedBy == nil && could(ctx, "meeting.offer") && m.Party != "" {
		steps = append(steps, more("/meetings/new?replaces="+m.No+"&deployment="+url.QueryEscape(m.Ref), design.Say(ctx, "page.meeting.replace")))
	}
	if len(steps) > 0 {
		b.parts = append(append(b.parts, heading2(design.Say(ctx, "page.partnership.next"), "next")), steps...)
	}
	b.parts = append(b.parts, gridTable(attendance(ctx, names, m)), heading2(design.Say(ctx, "page.meeting.minutes"), "minutes"))
	if len(m.Minutes) == 0 {
		b.parts = append(b.parts, paragraph(design.Say(ctx, "page.meeting.no_minutes")))
	}
	for _, text := range m.Minutes {
		b.parts = append(b.parts, minutesArticle(ctx, names, m, text))
	}
	return p.showBoard(c, b)
}

// replaced is the number of a meeting that another stands in for.
func (p *Pages) replaced(ctx context.Context, id string) (string, error) {
	all, err := p.Register.Meetings(ctx, web.Actor(ctx), "")
	for _, m := range all {
		if m.ID == id {
			return m.No, err
		}
	}
	return "", err
}

func attendance(ctx context.Context, names parties, m register.MeetingView) grid {
	g := grid{title: design.Say(ctx, "page.meeting.parties"), caption: design.Say(ctx, "page.meeting.attendance"), heads: heads(ctx, "party", "came")}
	for _, x := range m.Parties {
		came := design.Say(ctx, "page.meeting.not_yet")
		switch {
		case x.People != nil:
			came = strconv.Itoa(*x.People)
		case m.Status == "cancelled":
			came = design.Say(ctx, "page.none")
		}
		g.rows = append(g.rows, []templ.Component{plain(names.name(ctx, x.Party)), plain(came)})
	}
	return g
}

func minutesArticle(ctx context.Context, names parties, m register.MeetingView, x models.Minutes) templ.Component {
	v := minutesView{no: strconv.Itoa(x.Number), text: x, by: names.name(ctx, x.Party), agreed: m.Agreed != nil && m.Agreed.ID == x.ID}
	v.who = names.list(ctx, m.AgreedBy(x.ID))
	return minutesOf(v)
}

// minutesView is one text of the minutes.
type minutesView struct {
	no, by, who string
	text        models.Minutes
	agreed      bool
}

// NewMeetingForm asks for a meeting to be offered.
func (p *Pages) NewMeetingForm(c *gin.Context) error {
	ctx := c.Request.Context()
	v := url.Values{}
	q := design.Of(ctx).Query
	for _, name := range []string{"deployment", "replaces"} {
		v.Set(name, q.Get(name))
	}
	v["unions"] = web.Actor(ctx).Unions()
	if v.Get("replaces") != "" {
		old, err := p.Register.Meeting(ctx, web.Actor(ctx), v.Get("replaces"))
		if err != nil {
			return err
		}
		v["unions"] = models.UnionsOf(old.PartyIDs())
		v.Set("title", old.Title)
		v.Set("kind", old.Kind)
		v.Set("place", old.Place)
		v.Set("deployment", old.Ref)
	}
	return p.newMeeting(c, v, faults{})
}

func (p *Pages) newMeeting(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "meeting.offer"); err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	s := sheet{
		title: design.Say(ctx, "page.meeting.offer"), crumbs: meetingCrumbs(ctx), path: "/meetings/new", faults: wrong, at: "title", button: design.Say(ctx, "page.meeting.offer_button"),
		hidden: []pair{{"key", otherwise(v.Get("key"), web.RequestID(ctx))}, {"replaces", v.Get("replaces")}}, lead: []string{design.Say(ctx, "page.meeting.offer_lead")},
	}
	if v.Get("replaces") != "" {
		s.lead = append(s.lead, design.Say(ctx, "page.meeting.in_place_of", "meeting", v.Get("replaces")))
	}
	s.ask = []question{
		ask(ctx, "title", "meetingtitle", v.Get("title")), ask(ctx, "kind", "meetingkind", v.Get("kind")).oneOf(options(ctx, "page.choose", "meetingKind.", models.MeetingKinds)),
		ask(ctx, "unions", "withunions", "").manyOf(names.unions(), v["unions"]), dated(ask(ctx, "startsAt", "meetingday", ""), partsOf(v, "startsAt")),
		ask(ctx, "time", "meetingtime", v.Get("time")).as("text", "off", "govuk-input--width-5"), ask(ctx, "place", "place", v.Get("place")),
		ask(ctx, "deployment", "deployment", v.Get("deployment")).as("text", "off", "govuk-input--width-10"),
	}
	return p.show(c, s)
}

// timeTyped reads a time of day such as 9:30 or 14.00.
func timeTyped(f *models.Faults, name, s string) (hour, minute int) {
	h, m, ok := strings.Cut(strings.ReplaceAll(s, ".", ":"), ":")
	hour, err := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	switch {
	case s == "":
		f.Add(name, "required")
	case !ok || err != nil || err2 != nil || hour < 0 || hour > 23 || minute < 0 || minute > 59 || len(m) != 2:
		f.Add(name, "not_a_time", "value", s)
	}
	return hour, minute
}

// OfferMeeting offers a meeting.
func (p *Pages) OfferMeeting(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	var f models.Faults
	day := dayTyped(&f, v, "startsAt")
	if day == 0 && f.Err() == nil {
		f.Add("startsAt", "required")
	}
	hour, minute := timeTyped(&f, "time", v.Get("time"))
	in := register.NewMeeting{Deployment: v.Get("deployment"), Unions: v["unions"], Title: v.Get("title"), Kind: v.Get("kind"), Place: v.Get("place"), Replaces: v.Get("replaces")}
	err := f.Err()
	var m models.MeetingState
	if err == nil {
		y, month, d := day.Time().Date()
		in.StartsAt = time.Date(y, month, d, hour, minute, 0, 0, design.Of(ctx).Org.Location())
		m, err = p.Register.OfferMeeting(keyed(ctx, v.Get("key")), web.Actor(ctx), in)
		err = aboutField(err, in.Deployment)
	}
	if sentBefore(err) {
		return p.done(c, "/meetings", "page.meeting.offered")
	}
	if again(err) {
		return p.newMeeting(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/meetings/"+m.No, "page.meeting.offered")
}

// MeetingForm asks for one step at a meeting.
func (p *Pages) MeetingForm(c *gin.Context) error { return p.meetingStep(c, url.Values{}, faults{}) }

var meetingActs = map[string]string{"cancel": "meeting.cancel", "hold": "meeting.hold", "minutes": "minutes.write", "agree": "minutes.agree"}

func (p *Pages) meetingStep(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	m, err := p.Register.Meeting(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	do := param(c, "do")
	if meetingActs[do] == "" {
		return models.Missing("page")
	}
	if !slices.Contains(m.Can, meetingActs[do]) {
		return cannotMeet(ctx, m, do)
	}
	s := sheet{
		title: design.Say(ctx, "page.meeting.do."+do), crumbs: append(meetingCrumbs(ctx), design.Crumb{Text: m.No, Path: "/meetings/" + m.No}),
		lead: []string{m.No + ": " + m.Title + ", " + design.Instant(ctx, m.StartsAt), design.Say(ctx, "page.meeting.lead."+do)}, path: "/meetings/" + m.No + "/" + do, faults: wrong,
		hidden: []pair{{"version", otherwise(v.Get("version"), strconv.Itoa(m.Version))}}, button: design.Say(ctx, "page.meeting.button."+do, "party", names.name(ctx, m.Party)),
	}
	switch do {
	case "cancel":
		s.at, s.danger = "why", true
		s.ask = []question{ask(ctx, "why", "cancelwhy", v.Get("why")).text("4")}
		if m.Party == models.EmployerParty {
			s.warning = design.Say(ctx, "page.meeting.cancel_warning")
		}
	case "hold":
		s.at = "people"
		for i, x := range m.Parties {
			name := "people." + x.Party
			q := ask(ctx, name, "people", v.Get(name)).as("text", "off", "govuk-input--width-3")
			q.Label = design.Say(ctx, "page.meeting.people_of", "party", names.name(ctx, x.Party))
			if i == 0 {
				s.at = name
			}
			s.ask = append(s.ask, q)
		}
	case "minutes":
		s.at = "text"
		if len(m.Minutes) > 0 && v.Get("text") == "" && !wrong.any() {
			v.Set("text", m.Minutes[len(m.Minutes)-1].Text)
		}
		s.ask = []question{ask(ctx, "text", "minutes", v.Get("text")).text("16")}
	case "agree":
		last := m.Minutes[len(m.Minutes)-1]
		s.lead = append(s.lead, design.Say(ctx, "page.meeting.number", "number", strconv.Itoa(last.Number), "party", names.name(ctx, last.Party)))
		s.hidden = append(s.hidden, pair{"number", strconv.Itoa(last.Number)})
		s.button = design.Say(ctx, "page.meeting.button.agree", "party", names.name(ctx, m.Party), "number", strconv.Itoa(last.Number))
		s.before = minutesArticle(ctx, names, m, last)
	}
	return p.show(c, s)
}

// cannotMeet says why something cannot be done at a meeting.
func cannotMeet(ctx context.Context, m register.MeetingView, do string) error {
	switch {
	case !could(ctx, meetingActs[do]) || m.Party == "":
		return models.Fail(models.Forbidden, "forbidden").With("act", meetingActs[do])
	case do == "cancel" || do == "hold":
		return models.Fail(models.Conflict, "meeting_over").With("meeting", m.No)
	case m.Status != "held":
		return models.Fail(models.Conflict, "meeting_not_held").With("meeting", m.No)
	case m.Agreed != nil:
		return models.Fail(models.Conflict, "minutes_agreed").With("meeting", m.No)
	case do == "agree" && len(m.Minutes) > 0 && slices.Contains(m.AgreedBy(m.Minutes[len(m.Minutes)-1].ID), m.Party):
		return models.Fail(models.Conflict, "already_agreed").With("meeting", m.No)
	default:
		return models.Fail(models.Conflict, "not_present").With("meeting", m.No)
	}
}

// StepMeeting takes one step at a meeting.
func (p *Pages) StepMeeting(c *gin.Context) error {
	ctx, no, do := c.Request.Context(), param(c, "no"), param(c, "do")
	a := web.Actor(ctx)
	v := typedAnswers(c, "why", "text")
	readAt := readVersion(v)
	var err error
	switch do {
	case "cancel":
		_, err = p.Register.CancelMeeting(ctx, a, no, readAt, v.Get("why"))
	case "hold":
		var f models.Faults
		people := map[string]int{}
		for name := range v {
			if party, ok := strings.CutPrefix(name, "people."); ok {
				n, bad := strconv.Atoi(otherwise(v.Get(name), "0"))
				if bad != nil {
					f.Add(name, "not_a_number", "value", v.Get(name))
				}
				people[party] = n
			}
		}
		if err = f.Err(); err == nil {
			_, err = p.Register.HoldMeeting(ctx, a, no, readAt, people)
		}
	case "minutes":
		_, err = p.Register.WriteMinutes(ctx, a, no, readAt, v.Get("text"), "")
	case "agree":
		_, err = p.Register.AgreeMinutes(ctx, a, no, readAt, int(number(v.Get("number"))), "")
	default:
		return models.Missing("page")
	}
	if again(err) {
		if m, shown := p.Register.Meeting(ctx, a, no); shown == nil && slices.Contains(m.Can, meetingActs[do]) {
			v.Set("version", fmt.Sprint(readAt))
			return p.meetingStep(c, v, faultsOf(ctx, err))
		}
	}
	if err != nil {
		return err
	}
	return p.done(c, "/meetings/"+no, "page.meeting.done."+do)
}
