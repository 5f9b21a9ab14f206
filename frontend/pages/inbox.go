package pages

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/web"
	"beforehand/models"
)

// inboxLength is how many items of the inbox a page lists.
const inboxLength = 50

// inbox is what the page of the inbox shows.
type inbox struct {
	rows   []models.InboxItem
	unread int
	next   string
	first  bool
}

// told says an item of the inbox; one whose words are not in the catalogues is
// said by its topic.
func told(ctx context.Context, code string, params models.Params, topic models.Topic) string {
	if !words.Has(words.English, code) {
		return design.Say(ctx, "topic."+string(topic))
	}
	return said(ctx, models.Reason{Code: code, Params: params})
}

// Inbox lists what the reader was told.
func (p *Pages) Inbox(c *gin.Context) error {
	ctx := c.Request.Context()
	before := design.Of(ctx).Query.Get("before")
	v := inbox{first: before == ""}
	var err error
	if v.rows, v.unread, err = p.Register.Inbox(ctx, web.Actor(ctx), before, inboxLength+1); err != nil {
		return err
	}
	if len(v.rows) > inboxLength {
		v.rows = v.rows[:inboxLength]
		v.next = v.rows[inboxLength-1].ID
	}
	return p.render(c, http.StatusOK, inboxPage(v))
}

// MarkRead marks one item as looked at, and leads to what it is about; or all
// of them.
func (p *Pages) MarkRead(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := p.Register.MarkRead(ctx, web.Actor(ctx), typed(c, "id")); err != nil {
		return err
	}
	return p.done(c, "/inbox", "page.inbox.marked")
}

// Notifications asks how the reader wants to hear of things.
func (p *Pages) Notifications(c *gin.Context) error { return p.notifications(c, nil, faults{}) }

func (p *Pages) notifications(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	modes, err := p.Register.TopicModes(ctx, a)
	if err != nil {
		return err
	}
	has, err := p.Register.HasCalendar(ctx, a)
	if err != nil {
		return err
	}
	s := sheet{
		title: design.Say(ctx, "page.notifications.title"), lead: []string{design.Say(ctx, "page.notifications.lead")}, crumbs: []design.Crumb{{Text: design.Say(ctx, "page.inbox.title"), Path: "/inbox"}},
		path: "/notifications", hidden: []pair{{"do", "choose"}}, button: design.Say(ctx, "page.notifications.button"), faults: wrong, at: "topics." + string(models.Topics[0]), after: calendarPart(has),
	}
	for _, t := range models.Topics {
		name := "topics." + string(t)
		chosen := string(modes[t])
		if v != nil {
			chosen = v.Get(name)
		}
		q := question{Field: design.Field{ID: name, Name: name, Label: design.Say(ctx, "topic."+string(t)), Value: chosen, Class: "govuk-radios--inline govuk-radios--small"}}.oneOf(options(ctx, "", "mode.", models.Modes))
		q.hints = []string{}
		s.ask = append(s.ask, q)
	}
	return p.show(c, s)
}

// ChangeNotifications keeps the choices, or makes or ends the private calendar.
func (p *Pages) ChangeNotifications(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	switch c.PostForm("do") {
	case "choose":
		v := allTyped(c)
		modes := map[models.Topic]models.Mode{}
		for _, t := range models.Topics {
			if m := v.Get("topics." + string(t)); m != "" {
				modes[t] = models.Mode(m)
			}
		}
		err := p.Register.ChooseTopics(ctx, a, modes)
		if again(err) {
			return p.notifications(c, v, faultsOf(ctx, err))
		}
		if err != nil {
			return err
		}
		return p.done(c, "/notifications", "page.notifications.done")
	case "link":
		address, err := p.Register.LinkCalendar(ctx, a)
		if err != nil {
			return err
		}
		return p.render(c, http.StatusOK, madeTokenPage(madeToken{
			title: design.Say(ctx, "page.calendar.made"), warning: design.Say(ctx, "page.calendar.once"), name: design.Say(ctx, "page.calendar.how"), secret: address,
			crumbs: []design.Crumb{{Text: design.Say(ctx, "page.notifications.title"), Path: "/notifications"}}, back: "/notifications", backText: design.Say(ctx, "page.notifications.back"),
		}))
	case "unlink":
		if err := p.Register.UnlinkCalendar(ctx, a); err != nil {
			return err
		}
		return p.done(c, "/notifications", "page.calendar.ended")
	default:
		return models.Missing("page")
	}
}

// NotificationSettings asks who is told of what is overdue, and how the open
// data may be used.
func (p *Pages) NotificationSettings(c *gin.Context) error {
	return p.notificationSettings(c, nil, faults{})
}

func (p *Pages) notificationSettings(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	now, err := p.Register.NotificationSettings(ctx, a)
	if err != nil {
		return err
	}
	if v == nil {
		v = url.Values{"licence": {now.Licence}, "version": {words.Number(words.English, now.Version)}}
		if now.EscalateTo != nil {
			all, err := p.Register.Members(ctx, a)
			if err != nil {
				return err
			}
			for _, m := range all {
				if m.UserID == *now.EscalateTo {
					v.Set("escalateTo", m.Email)
				}
			}
		}
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.settings.title"), crumbs: organisationCrumbs(ctx), lead: []string{design.Say(ctx, "page.settings.lead")}, path: "/notification-settings", hidden: []pair{{"version", otherwise(v.Get("version"), "0")}}, button: design.Say(ctx, "page.settings.button"),
		faults: wrong, at: "escalateTo", ask: []question{ask(ctx, "escalateTo", "escalateto", v.Get("escalateTo")).as("email", "off", "govuk-input--width-20"), ask(ctx, "licence", "licence", v.Get("licence"))},
	})
}

// ConfigureNotifications keeps the settings.
func (p *Pages) ConfigureNotifications(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	_, err := p.Register.ConfigureNotifications(ctx, web.Actor(ctx), readVersion(v), v.Get("escalateTo"), v.Get("licence"))
	if again(err) {
		return p.notificationSettings(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/notification-settings", "page.settings.done")
}

// messageStates are what may have become of a message.
var messageStates = []string{"pending", "accepted", "delivered", "failed", "cancelled"}

// Messages lists what was sent that is no notice, and what became of it.
func (p *Pages) Messages(c *gin.Context) error {
	ctx := c.Request.Context()
	q := design.Of(ctx).Query
	v := messages{state: q.Get("state"), hook: q.Get("hook"), first: q.Get("before") == ""}
	all, err := p.Register.Messages(ctx, web.Actor(ctx), v.hook, v.state, q.Get("before"), inboxLength+1)
	if err != nil {
		return err
	}
	if len(all) > inboxLength {
		all = all[:inboxLength]
		v.next = all[inboxLength-1].ID
	}
	v.grid = grid{caption: design.Say(ctx, "page.messages.caption"), none: design.Say(ctx, "page.messages.none"), heads: heads(ctx, "when", "to2", "by2", "topic", "status", "tries")}
	if v.state != "" || v.hook != "" {
		v.grid.none = design.Say(ctx, "page.messages.no_match")
	}
	for _, m := range all {
		state := []templ.Component{design.Tag(design.Say(ctx, "messageState."+m.State), map[string]string{"delivered": "green", "accepted": "turquoise", "failed": "red", "cancelled": "grey", "pending": "blue"}[m.State])}
		if m.Problem != "" && m.State != "delivered" && m.State != "accepted" {
			state = append(state, plain(problemWords(ctx, m.Problem, m.Status)))
		}
		if m.SettledAt != nil {
			state = append(state, design.Time(*m.SettledAt))
		}
		v.grid.rows = append(v.grid.rows, []templ.Component{design.Time(m.At), plain(orNone(ctx, m.To)), plain(design.Say(ctx, "channel."+m.Channel)), plain(design.Say(ctx, "topic."+string(m.Topic))), stacked(state), plain(orNone(ctx, counted(m.Attempts)))})
	}
	return p.render(c, http.StatusOK, messagesPage(v))
}

// messages is a page of messages that are no notices.
type messages struct {
	state, hook, next string
	first             bool
	grid              grid
}

// page is the address of this list from an id on.
func (v messages) page(ctx context.Context, before string) templ.SafeURL {
	q := url.Values{}
	for name, s := range map[string]string{"state": v.state, "hook": v.hook, "before": before} {
		if s != "" {
			q.Set(name, s)
		}
	}
	return design.Link(ctx, "/messages?"+q.Encode())
}

// problemWords say why a message did not arrive.
func problemWords(ctx context.Context, problem string, status int) string {
	if code := "hookProblem." + problem; words.Has(words.English, code) {
		return design.Say(ctx, code, "status", counted(status))
	}
	return design.Say(ctx, "hookProblem.other", "problem", problem)
}

// Request leads to where an information request stands.
func (p *Pages) Request(c *gin.Context) error {
	ctx := c.Request.Context()
	q, err := p.Register.Request(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	return p.done(c, "/deployments/"+q.Ref+"#request-"+q.ID, "")
}
