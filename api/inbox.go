package api

import (
	"context"
	"fmt"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Inbox is a page of what somebody was told.
type Inbox struct {
	Items  []InboxItem `json:"items" nullable:"false" doc:"Newest first"`
	Unread int         `json:"unread" minimum:"0" maximum:"100" doc:"How many you have not looked at; stops at 100"`
	Next   string      `json:"next,omitempty" doc:"Address of the next page"`
}

// InboxItem is something somebody is told.
type InboxItem struct {
	ID     string      `json:"id"`
	Topic  string      `json:"topic" example:"dispute"`
	Code   string      `json:"code" example:"news.dispute.open"`
	What   models.Text `json:"what" doc:"The same in words"`
	Page   string      `json:"page" doc:"Address of the page, without language" example:"/disputes/DSP-2026-001"`
	DueOn  models.Date `json:"dueOn,omitzero" format:"date"`
	At     string      `json:"at" format:"date-time"`
	ReadAt string      `json:"readAt,omitempty" format:"date-time"`
}

func viewInboxItem(i models.InboxItem) InboxItem {
	v := InboxItem{ID: i.ID, Topic: string(i.Topic), Code: i.Code, What: register.Both(models.Reason{Code: i.Code, Params: i.Params}), Page: i.Path, DueOn: i.DueOn, At: instant(i.At)}
	if i.ReadAt != nil {
		v.ReadAt = instant(*i.ReadAt)
	}
	return v
}

func (a *API) inbox(ctx context.Context, in *Paging) (*reply[Inbox], error) {
	rows, unread, err := a.reg.Inbox(ctx, web.Actor(ctx), in.Cursor, in.Limit)
	v := Inbox{Items: []InboxItem{}, Unread: unread}
	for _, i := range rows {
		v.Items = append(v.Items, viewInboxItem(i))
	}
	if len(rows) == in.Limit {
		v.Next = nextPage(ctx, "/inbox", rows[len(rows)-1].ID)
	}
	return &reply[Inbox]{Body: v}, err
}

type readInput struct {
	Body struct {
		ID string `json:"id,omitempty" maxLength:"60" doc:"Id of one item; all of them when left out"`
	}
}

func (a *API) markRead(ctx context.Context, in *readInput) (*done, error) {
	return &done{}, a.reg.MarkRead(ctx, web.Actor(ctx), in.Body.ID)
}

// TopicChoice is how somebody hears of a topic.
type TopicChoice struct {
	Topic string `json:"topic" enum:"notice,comment,request,stage,evidence,dispute,meeting,statement,action,flag,deadline,escalation,system" example:"dispute"`
	Mode  string `json:"mode" enum:"off,inbox,at_once,daily" example:"at_once"`
}

func (a *API) topicModes(ctx context.Context, _ *struct{}) (*reply[List[TopicChoice]], error) {
	modes, err := a.reg.TopicModes(ctx, web.Actor(ctx))
	return listOf(models.Topics, func(t models.Topic) TopicChoice { return TopicChoice{string(t), string(modes[t])} }), err
}

type choicesInput struct {
	Body struct {
		Choices []TopicChoice `json:"choices" nullable:"false" minItems:"1" maxItems:"13" doc:"Topics that are left out stay as they are"`
	}
}

func (a *API) chooseTopics(ctx context.Context, in *choicesInput) (*reply[List[TopicChoice]], error) {
	modes := map[models.Topic]models.Mode{}
	var f models.Faults
	for i, c := range in.Body.Choices {
		if _, twice := modes[models.Topic(c.Topic)]; twice {
			f.Add(fmt.Sprintf("choices[%d].topic", i), "duplicate", "value", c.Topic)
		}
		modes[models.Topic(c.Topic)] = models.Mode(c.Mode)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if err := a.reg.ChooseTopics(ctx, web.Actor(ctx), modes); err != nil {
		return nil, err
	}
	return a.topicModes(ctx, nil)
}

// NotificationSettings are the organisation's own.
type NotificationSettings struct {
	EscalateTo string `json:"escalateTo,omitempty" doc:"Id of the person who is told of what is overdue"`
	Licence    string `json:"licence,omitempty" doc:"Under which the public register's data may be used" example:"OGL-UK-3.0"`
	Version    int    `json:"version" minimum:"0"`
}

func viewNotification(s models.NotificationSettings) *reply[NotificationSettings] {
	v := NotificationSettings{Licence: s.Licence, Version: s.Version}
	if s.EscalateTo != nil {
		v.EscalateTo = *s.EscalateTo
	}
	return versioned(v, s.Version)
}

func (a *API) notificationSettings(ctx context.Context, _ *struct{}) (*reply[NotificationSettings], error) {
	s, err := a.reg.NotificationSettings(ctx, web.Actor(ctx))
	return viewNotification(s), err
}

type notificationInput struct {
	IfMatchHeader
	Body struct {
		EscalateTo string `json:"escalateTo,omitempty" maxLength:"254" doc:"Address of the person who is told of what is overdue; nobody when left out" example:"chief.executive@tywi.example"`
		Licence    string `json:"licence,omitempty" maxLength:"200" example:"OGL-UK-3.0"`
	}
}

func (a *API) configureNotifications(ctx context.Context, in *notificationInput) (*reply[NotificationSettings], error) {
	n, err := in.orNew()
	if err != nil {
		return nil, err
	}
	s, err := a.reg.ConfigureNotifications(ctx, web.Actor(ctx), n, in.Body.EscalateTo, in.Body.Licence)
	return viewNotification(s), err
}

// Message is one message that is not a notice, and what became of it. What it
// said is not in it.
type Message struct {
	ID        string `json:"id"`
	Channel   string `json:"channel" enum:"mail,webhook,teams"`
	Hook      string `json:"hook,omitempty"`
	Recipient string `json:"recipient,omitempty" doc:"A host, a person of the employer's, or a union"`
	Topic     string `json:"topic" example:"dispute"`
	Record    string `json:"record,omitempty" doc:"What a hook was told of" example:"DEP-2026-003"`
	State     string `json:"state" enum:"pending,accepted,delivered,failed,cancelled"`
	Attempts  int    `json:"attempts" minimum:"0"`
	Answer    int    `json:"answer,omitempty" doc:"HTTP status that the other side answered with" example:"200"`
	Problem   string `json:"problem,omitempty"`
	At        string `json:"at" format:"date-time"`
	TriedAt   string `json:"triedAt,omitempty" format:"date-time"`
	SettledAt string `json:"settledAt,omitempty" format:"date-time"`
}

func viewMessage(m register.MessageView) Message {
	v := Message{ID: m.ID, Channel: m.Channel, Recipient: m.To, Topic: string(m.Topic), Record: m.Record, State: m.State, Attempts: m.Attempts, Answer: m.Status, Problem: m.Problem, At: instant(m.At)}
	if m.HookID != nil {
		v.Hook = *m.HookID
	}
	for at, field := range map[*time.Time]*string{m.TriedAt: &v.TriedAt, m.SettledAt: &v.SettledAt} {
		if at != nil {
			*field = instant(*at)
		}
	}
	return v
}

type messagesInput struct {
	Paging
	Hook  string `query:"hook" maxLength:"60" doc:"Only those to this hook"`
	State string `query:"state" enum:"pending,accepted,delivered,failed,cancelled"`
}

func (a *API) messages(ctx context.Context, in *messagesInput) (*reply[List[Message]], error) {
	rows, err := a.reg.Messages(ctx, web.Actor(ctx), in.Hook, in.State, in.Cursor, in.Limit)
	out := pageOf(rows, viewMessage)
	if len(rows) == in.Limit {
		out.Body.Next = nextPage(ctx, "/messages", rows[len(rows)-1].ID)
	}
	return out, err
}

// CalendarLink is a private address of one's calendar.
type CalendarLink struct {
	URL string `json:"url" format:"uri" doc:"Shown once: whoever has it reads your calendar" example:"https://beforehand.tywi.example/calendar/shown-once.ics"`
}

func (a *API) linkCalendar(ctx context.Context, _ *struct{}) (*reply[CalendarLink], error) {
	url, err := a.reg.LinkCalendar(ctx, web.Actor(ctx))
	return &reply[CalendarLink]{Body: CalendarLink{url}}, err
}

func (a *API) unlinkCalendar(ctx context.Context, _ *struct{}) (*done, error) {
	return &done{}, a.reg.UnlinkCalendar(ctx, web.Actor(ctx))
}

// Duty is something that you owe.
type Duty struct {
	Code       string      `json:"code" example:"request_answer"`
	What       models.Text `json:"what" doc:"The same in words"`
	No         string      `json:"no,omitempty" doc:"Of what it is about" example:"IR-2026-001"`
	Deployment string      `json:"deployment,omitempty"`
	Party      string      `json:"party" doc:"Who owes it: employer, or the id of a union"`
	DueOn      models.Date `json:"dueOn,omitzero" format:"date"`
	Page       string      `json:"page" doc:"Address of the page, without language" example:"/requests/IR-2026-001"`
}

func viewDuty(d models.Duty) Duty {
	return Duty{d.Code, register.Both(models.Reason{Code: "duty." + d.Code, Params: d.Params()}), d.No, d.Ref, d.Party, d.Due, d.Path}
}

func (a *API) duties(ctx context.Context, _ *struct{}) (*reply[List[Duty]], error) {
	rows, err := a.reg.Duties(ctx, web.Actor(ctx))
	return listOf(rows, viewDuty), err
}
