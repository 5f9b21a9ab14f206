package register

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/notice"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// selfOf is a resource that is the actor's own.
func selfOf(a models.Actor) policy.Resource {
	return policy.Resource{OrgID: a.OrgID, OwnerID: a.UserID}
}

// wholly asks whether the actor may do something that is their own, with every
// role that they hold: who came in through the employer's provider, or without
// the second factor that a role wants, is not told what that role is told, and
// changes nothing about it. Who holds no role any more is told nothing.
func (r *Register) wholly(ctx context.Context, a models.Actor, act string) error {
	if err := r.check(a, act, selfOf(a)); err != nil {
		return err
	}
	all, err := r.ActorOf(ctx, a.UserID, a.OrgID)
	if err != nil {
		return err
	}
	if len(all.Grants) == 0 || len(a.Grants) < len(all.Grants) {
		return models.Fail(models.Forbidden, "roles_withheld").With("act", act)
	}
	return nil
}

// Inbox is what the actor was told, newest first, before an id, and how many
// they have not looked at.
func (r *Register) Inbox(ctx context.Context, a models.Actor, before string, limit int) ([]models.InboxItem, int, error) {
	if err := r.wholly(ctx, a, "inbox.read"); err != nil {
		return nil, 0, err
	}
	rows, err := r.store.Inbox(ctx, a.OrgID, a.UserID, before, limit)
	if err != nil {
		return nil, 0, err
	}
	n, err := r.store.Unread(ctx, a.OrgID, a.UserID)
	return rows, n, err
}

// MarkRead marks one item, or all of them when none is named, as looked at.
func (r *Register) MarkRead(ctx context.Context, a models.Actor, id string) error {
	if err := r.wholly(ctx, a, "inbox.read"); err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error { return tx.MarkRead(ctx, a.OrgID, a.UserID, id, r.Now()) })
}

// TopicModes are how the actor hears of each topic.
func (r *Register) TopicModes(ctx context.Context, a models.Actor) (map[models.Topic]models.Mode, error) {
	if err := r.wholly(ctx, a, "inbox.read"); err != nil {
		return nil, err
	}
	rows, err := r.store.TopicChoices(ctx, a.OrgID, a.UserID)
	if err != nil {
		return nil, err
	}
	c := chosen{a.UserID: {}}
	for _, row := range rows {
		c[a.UserID][row.Topic] = row.Mode
	}
	out := map[models.Topic]models.Mode{}
	for _, t := range models.Topics {
		out[t] = c.of(a, t)
	}
	return out, nil
}

// ChooseTopics says how the actor wants to hear of topics.
func (r *Register) ChooseTopics(ctx context.Context, a models.Actor, modes map[models.Topic]models.Mode) error {
	if err := r.wholly(ctx, a, "inbox.choose"); err != nil {
		return err
	}
	var f models.Faults
	for t, m := range modes {
		if !slices.Contains(models.Topics, t) {
			f.Add("topics."+string(t), "unknown_value", "value", string(t), "allowed", "notice, comment, request, …")
		}
		if !slices.Contains(models.Modes, m) {
			f.Add("topics."+string(t), "unknown_value", "value", string(m), "allowed", "off, inbox, at_once, daily")
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error {
		for t, m := range modes {
			if err := tx.Choose(ctx, models.TopicChoice{OrgID: a.OrgID, UserID: a.UserID, Topic: t, Mode: m}); err != nil {
				return err
			}
		}
		return nil
	})
}

// NotificationSettings are the organisation's own.
func (r *Register) NotificationSettings(ctx context.Context, a models.Actor) (models.NotificationSettings, error) {
	if err := r.check(a, "notification.configure", own(a)); err != nil {
		return models.NotificationSettings{}, err
	}
	return r.store.NotificationSettings(ctx, a.OrgID)
}

// ConfigureNotifications says who is told of what is overdue, by their address,
// and under which licence the public register's data may be used.
func (r *Register) ConfigureNotifications(ctx context.Context, a models.Actor, readAt int, escalateTo, licence string) (models.NotificationSettings, error) {
	var s models.NotificationSettings
	if err := r.check(a, "notification.configure", own(a)); err != nil {
		return s, err
	}
	var f models.Faults
	models.CheckText(&f, "licence", licence, 200)
	if err := f.Err(); err != nil {
		return s, err
	}
	err := r.change(ctx, a, "notification.configure", func(tx *store.Tx, _ time.Time) (entry, error) {
		now, err := tx.NotificationSettings(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		if err := versionIs("settings", now.Version, readAt); err != nil {
			return entry{}, err
		}
		s = models.NotificationSettings{OrgID: a.OrgID, Licence: licence, Version: now.Version + 1}
		if escalateTo != "" {
			people, err := tx.Members(ctx, a.OrgID)
			if err != nil {
				return entry{}, err
			}
			i := slices.IndexFunc(people, func(m store.Member) bool {
				return m.Email == cleanEmail(escalateTo) && m.Role.OfEmployer() && m.Role != models.RoleAssurer && m.EndedAt == nil
			})
			if i < 0 {
				return entry{}, field("escalateTo", "unknown_reference")
			}
			s.EscalateTo = &people[i].UserID
		}
		return entry{subject: a.OrgID, data: map[string]any{"escalateTo": deref(s.EscalateTo), "licence": licence}}, tx.SaveNotificationSettings(ctx, &s, readAt)
	})
	return s, err
}

// MessageView is a message and what became of it. What it said is not in it.
type MessageView struct {
	models.Message
	To string
}

// Messages are those of the organisation that are not notices, newest first.
func (r *Register) Messages(ctx context.Context, a models.Actor, hook, state, before string, limit int) ([]MessageView, error) {
	if err := r.check(a, "message.read", own(a)); err != nil {
		return nil, err
	}
	rows, err := r.store.Messages(ctx, a.OrgID, hook, state, before, limit)
	if err != nil {
		return nil, err
	}
	to := map[string]string{}
	hooks, err := r.store.Hooks(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	for _, h := range hooks {
		to[h.ID] = h.Host
	}
	people, err := r.store.Members(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	all, err := r.store.Unions(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	unions := map[string]string{}
	for _, u := range all {
		unions[u.ID] = u.Abbreviation
	}
	for _, m := range people {
		to[m.UserID] = m.Name
		if m.Role.ForUnion() { // outside the parties a union's people are the union's
			to[m.UserID] = unions[deref(m.UnionID)]
		}
	}
	out := make([]MessageView, len(rows))
	for i, m := range rows {
		m.Body = ""
		if m.HookID == nil {
			m.Record = "" // that somebody of a union was told of a record is theirs
		}
		out[i] = MessageView{Message: m, To: to[deref(m.HookID)+deref(m.UserID)]}
	}
	return out, nil
}

// LinkCalendar makes a private address at which the actor's calendar can be
// subscribed to; an earlier one stops working. It is shown once.
func (r *Register) LinkCalendar(ctx context.Context, a models.Actor) (string, error) {
	if err := r.wholly(ctx, a, "calendar.link"); err != nil {
		return "", err
	}
	code, hash := auth.NewCode()
	err := r.store.Within(ctx, func(tx *store.Tx) error {
		return tx.LinkCalendar(ctx, models.CalendarLink{OrgID: a.OrgID, UserID: a.UserID, Hash: hash, At: r.Now()})
	})
	return r.set.BaseURL + "/calendar/" + code + ".ics", err
}

// UnlinkCalendar ends the address.
func (r *Register) UnlinkCalendar(ctx context.Context, a models.Actor) error {
	if err := r.wholly(ctx, a, "calendar.link"); err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error { return tx.UnlinkCalendar(ctx, a.OrgID, a.UserID) })
}

// HasCalendar says whether the actor has such an address.
func (r *Register) HasCalendar(ctx context.Context, a models.Actor) (bool, error) {
	if err := r.wholly(ctx, a, "inbox.read"); err != nil {
		return false, err
	}
	return r.store.HasCalendarLink(ctx, a.OrgID, a.UserID)
}

// Calendar is the calendar of whoever a private address belongs to: meetings
// and what they owe, as long as they hold a role.
func (r *Register) Calendar(ctx context.Context, code string) ([]byte, error) {
	l, err := r.store.CalendarLink(ctx, auth.HashCode(code))
	if err != nil {
		return nil, err
	}
	a, err := r.ActorOf(ctx, l.UserID, l.OrgID)
	if err != nil {
		return nil, hiddenAs("calendar", err)
	}
	u, err := r.store.User(ctx, l.UserID)
	if err != nil {
		return nil, err
	}
	org, err := r.store.Organisation(ctx, l.OrgID)
	if err != nil {
		return nil, err
	}
	duties, err := r.Duties(ctx, a)
	if err != nil {
		return nil, err
	}
	var events []notice.CalendarEvent
	for _, d := range duties {
		if d.Due == 0 || d.Code == "meeting_attend" {
			continue
		}
		events = append(events, notice.CalendarEvent{UID: sureID(org.ID, d.Key), Summary: say(u.Language, models.Reason{Code: "duty." + d.Code, Params: d.Params()}), URL: r.page(u.Language, d.Path), Day: d.Due, EndDay: d.Due, Updated: l.At})
	}
	meetings, err := r.meetingsOf(ctx, a)
	if err != nil {
		return nil, err
	}
	for _, m := range meetings {
		events = append(events, notice.CalendarEvent{
			UID: m.ID, Summary: m.Title, URL: r.page(u.Language, "/meetings/"+m.No), Place: m.Place, Start: m.StartsAt, End: m.StartsAt.Add(time.Hour),
			Cancelled: m.Status == "cancelled", Updated: m.At, Sequence: m.Version - 1,
		})
	}
	return notice.Calendar(say(u.Language, models.Reason{Code: "calendar.own", Params: models.Params{"organisation": models.Text{En: org.NameEn, Cy: org.NameCy}}}), string(u.Language), r.mailDomain(), events), nil
}

// meetingsOf are the meetings that somebody reads; none for those who read none.
func (r *Register) meetingsOf(ctx context.Context, a models.Actor) ([]MeetingView, error) {
	rows, err := r.Meetings(ctx, a, "")
	if models.KindOf(err) == models.Forbidden {
		return nil, nil
	}
	return rows, err
}

// NotifyCalledBack keeps what GOV.UK Notify says of a message, and does what it
// means later: the provider must not wait. A token that is not ours is refused.
func (r *Register) NotifyCalledBack(ctx context.Context, token string, body []byte) error {
	if r.set.NotifyToken == "" || subtle.ConstantTimeCompare([]byte(token), []byte(r.set.NotifyToken)) != 1 {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	s, err := notice.ParseNotifyCallback(body)
	if err != nil {
		return models.Fail(models.Invalid, "callback_malformed").Because(err)
	}
	return r.keepStatus(ctx, s)
}

func (r *Register) keepStatus(ctx context.Context, s notice.NotifyStatus) error {
	c := models.Callback{Provider: "notify", ProviderID: s.ID, Status: s.Status, Reference: s.Reference, HappenedAt: s.At.UTC().Truncate(time.Microsecond), ReceivedAt: r.Now()}
	return r.store.Within(ctx, func(tx *store.Tx) error {
		isNew, err := tx.KeepCallback(ctx, &c)
		if err != nil || !isNew {
			return err // a replay changes nothing
		}
		return tx.Promise(ctx, HandleCallbacks{})
	})
}

// HandleCallbacks does what providers said that nothing was done with yet.
type HandleCallbacks struct{}

// Kind is the stable name of the job.
func (HandleCallbacks) Kind() string { return "notify.handle" }

func (r *Register) handleCallbacks(ctx context.Context, _ HandleCallbacks, _ store.Attempt) error {
	rows, err := r.store.OpenCallbacks(ctx, 100)
	if err != nil {
		return err
	}
	for _, c := range rows {
		if err := r.handleCallback(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// notifyEvents are what a provider's word is as evidence of service.
var notifyEvents = map[string]models.DeliveryEvent{
	"delivered": models.Delivered, "permanent-failure": models.Bounced, "temporary-failure": models.Deferred, "technical-failure": models.Deferred,
}

// handleCallback records what a provider said of a notice as an event of its
// delivery. What is not of a notice is only kept.
func (r *Register) handleCallback(ctx context.Context, c models.Callback) error {
	// Two workers may have read the same: what the first one wrote is not written twice.
	errDone := errors.New("it is done with")
	done := func(tx *store.Tx, at time.Time) error {
		open, err := tx.HandledCallback(ctx, c, at)
		if err == nil && !open {
			return errDone
		}
		return err
	}
	once := func(err error) error {
		if errors.Is(err, errDone) {
			return nil
		}
		return err
	}
	d, err := r.store.DispatchByMessageID(ctx, c.Reference)
	event, known := notifyEvents[c.Status]
	if models.KindOf(err) == models.NotFound || err == nil && !known {
		return once(r.store.Within(ctx, func(tx *store.Tx) error { return done(tx, r.Now()) }))
	}
	if err != nil {
		return err
	}
	n, err := r.store.NoticeByID(ctx, d.OrgID, d.NoticeID)
	if err != nil {
		return err
	}
	return once(r.change(ctx, models.Actor{OrgID: d.OrgID}, "delivery.record", func(tx *store.Tx, at time.Time) (entry, error) {
		happened := c.HappenedAt
		if happened.After(at) {
			happened = at
		}
		e := models.Delivery{OrgID: d.OrgID, ID: newID(), NoticeID: n.ID, RecipientID: d.RecipientID, DispatchID: &d.ID, Event: event, At: happened, RecordedAt: at, Detail: "notify: " + c.Status}
		rec, err := tx.Recipient(ctx, d.OrgID, d.RecipientID)
		if err != nil {
			return entry{}, err
		}
		if err := tx.Add(ctx, &e); err != nil {
			return entry{}, err
		}
		return entry{subject: e.ID, deployment: n.DeploymentID, data: map[string]any{"no": n.No, "notice": n.SHA256, "union": rec.UnionID, "event": string(event), "message": d.MessageID, "at": happened}}, done(tx, at)
	}))
}
