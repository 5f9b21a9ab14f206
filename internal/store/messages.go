package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"beforehand/models"
)

// AddInbox writes what somebody is told, once: of the same thing they have been
// told before, nothing is written. It says whether it was new.
func (t *Tx) AddInbox(ctx context.Context, item *models.InboxItem) (bool, error) {
	res := t.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(item)
	return res.RowsAffected > 0, translate(res.Error)
}

// Inbox is what somebody was told in an organisation, newest first, before an id.
func (r Reader) Inbox(ctx context.Context, org, user, before string, limit int) ([]models.InboxItem, error) {
	return limited[models.InboxItem](ctx, r, limit, "id DESC", "org_id = ? AND user_id = ? AND (? = '' OR id < ?)", org, user, before, before)
}

func limited[T any](ctx context.Context, r Reader, limit int, order, where string, args ...any) ([]T, error) {
	rows := []T{}
	err := r.db.WithContext(ctx).Where(where, args...).Order(order).Limit(limit).Find(&rows).Error
	return rows, translate(err)
}

// Unread counts what somebody has not looked at, up to 100.
func (r Reader) Unread(ctx context.Context, org, user string) (int, error) {
	rows, err := raw[int](ctx, r, "SELECT COUNT(*) FROM (SELECT 1 FROM inbox_items WHERE org_id = ? AND user_id = ? AND read_at IS NULL LIMIT 100) n", org, user)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0], nil
}

// MarkRead marks what somebody was told as looked at: one item, or all.
func (t *Tx) MarkRead(ctx context.Context, org, user, id string, at time.Time) error {
	return t.exec(ctx, "UPDATE inbox_items SET read_at = ? WHERE org_id = ? AND user_id = ? AND read_at IS NULL AND (? = '' OR id = ?)", at, org, user, id, id)
}

// Daily are what is due in the daily mails of an organisation, between two
// instants, by person and time.
func (r Reader) Daily(ctx context.Context, org string, after, until time.Time) ([]models.InboxItem, error) {
	return many[models.InboxItem](ctx, r, "user_id, at, id", "org_id = ? AND mode = 'daily' AND at > ? AND at <= ?", org, after, until)
}

// TopicChoices are how people of an organisation want to hear of topics; of one
// person if they are named.
func (r Reader) TopicChoices(ctx context.Context, org, user string) ([]models.TopicChoice, error) {
	return many[models.TopicChoice](ctx, r, "user_id, topic", "org_id = ? AND (? = '' OR user_id = ?)", org, user, user)
}

// Choose writes how somebody wants to hear of a topic.
func (t *Tx) Choose(ctx context.Context, c models.TopicChoice) error {
	return translate(t.db.WithContext(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&c).Error)
}

// NotificationSettings are an organisation's own; without any, the usual ones at version 0.
func (r Reader) NotificationSettings(ctx context.Context, org string) (models.NotificationSettings, error) {
	s, err := one[models.NotificationSettings](ctx, r, "settings", "org_id = ?", org)
	if models.KindOf(err) == models.NotFound {
		return models.NotificationSettings{OrgID: org}, nil
	}
	return s, err
}

// SaveNotificationSettings writes them, if nobody has since they were read.
func (t *Tx) SaveNotificationSettings(ctx context.Context, s *models.NotificationSettings, readAt int) error {
	if readAt == 0 {
		return t.Add(ctx, s)
	}
	res := t.db.WithContext(ctx).Model(s).Where("org_id = ? AND version = ?", s.OrgID, readAt).Select("*").Updates(s)
	if res.Error == nil && res.RowsAffected == 0 {
		return models.Fail(models.Stale, "stale_version").With("noun", "settings")
	}
	return translate(res.Error)
}

// Hooks are where other systems of an organisation are told, newest first;
// those that were ended are left out.
func (r Reader) Hooks(ctx context.Context, org string) ([]models.Hook, error) {
	return many[models.Hook](ctx, r, "at DESC, id DESC", "org_id = ? AND ended_at IS NULL", org)
}

// Hook finds one.
func (r Reader) Hook(ctx context.Context, org, id string) (models.Hook, error) {
	return one[models.Hook](ctx, r, "hook", "org_id = ? AND id = ? AND ended_at IS NULL", org, id)
}

// LockHook finds one and keeps others from changing it meanwhile.
func (t *Tx) LockHook(ctx context.Context, org, id string) (models.Hook, error) {
	return one[models.Hook](ctx, t.locking(), "hook", "org_id = ? AND id = ? AND ended_at IS NULL", org, id)
}

// SaveHook writes a hook back.
func (t *Tx) SaveHook(ctx context.Context, h *models.Hook, readAt int) error {
	return save(ctx, t, h, "hook", h.OrgID, h.ID, readAt)
}

// AddMessage writes a message to a hook, once for an entry of the ledger.
func (t *Tx) AddMessage(ctx context.Context, m *models.Message) (bool, error) {
	res := t.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(m)
	return res.RowsAffected > 0, translate(res.Error)
}

// FirstPending is the oldest message of one record that a hook still waits for.
func (r Reader) FirstPending(ctx context.Context, org, hook, record string) (models.Message, error) {
	rows, err := limited[models.Message](ctx, r.locking(), 1, "seq", "org_id = ? AND hook_id = ? AND record = ? AND state = 'pending'", org, hook, record)
	if err == nil && len(rows) == 0 {
		err = models.Missing("message")
	}
	if err != nil {
		return models.Message{}, err
	}
	return rows[0], nil
}

// Lease takes a message for one worker until an instant.
func (t *Tx) Lease(ctx context.Context, org, id string, until time.Time) error {
	return t.exec(ctx, "UPDATE messages SET leased_until = ? WHERE org_id = ? AND id = ?", until, org, id)
}

// Message finds one.
func (r Reader) Message(ctx context.Context, org, id string) (models.Message, error) {
	return one[models.Message](ctx, r, "message", "org_id = ? AND id = ?", org, id)
}

// Messages are an organisation's, newest first, before an id; of a hook or in a
// state if they are named.
func (r Reader) Messages(ctx context.Context, org, hook, state, before string, limit int) ([]models.Message, error) {
	return limited[models.Message](ctx, r, limit, "id DESC", "org_id = ? AND (? = '' OR hook_id = ?) AND (? = '' OR state = ?) AND (? = '' OR id < ?)",
		org, hook, hook, state, state, before, before)
}

// Unannounced says whether an entry of an organisation's log before one is still to
// be announced: it may bring a message that is not written yet.
func (r Reader) Unannounced(ctx context.Context, org string, seq int64) (bool, error) {
	args := "json_extract(args, '$.org') = ? AND json_extract(args, '$.seq') < ?"
	if r.postgres {
		args = "args->>'org' = ? AND CAST(args->>'seq' AS bigint) < ?"
	}
	n, err := r.number(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM river_job WHERE kind = 'news.announce' AND queue = 'default'
		AND state IN ('available', 'running', 'retryable', 'scheduled', 'pending') AND `+args+` LIMIT 1) j`, []any{org, seq})
	return n > 0, err
}

// Tried writes down what a try of a message came to, and says whether it was still
// whose lease the message has: what is settled stays so, and what another worker has
// taken over since is that one's.
func (t *Tx) Tried(ctx context.Context, m models.Message) (mine bool, err error) {
	res := t.db.WithContext(ctx).Exec(`UPDATE messages SET state = ?, attempts = ?, status = ?, problem = ?, leased_until = NULL, tried_at = ?, settled_at = ?
		WHERE org_id = ? AND id = ? AND state = 'pending' AND leased_until IS NOT DISTINCT FROM ?`,
		m.State, m.Attempts, m.Status, m.Problem, m.TriedAt, m.SettledAt, m.OrgID, m.ID, m.LeasedUntil)
	return res.RowsAffected == 1, translate(res.Error)
}

// Again makes what failed or was given up wait once more, and names the records.
func (t *Tx) Again(ctx context.Context, org, hook string, since time.Time) ([]string, error) {
	records, err := raw[string](ctx, t.Reader, "SELECT DISTINCT record FROM messages WHERE org_id = ? AND hook_id = ? AND at >= ? ORDER BY record", org, hook, since)
	if err != nil {
		return nil, err
	}
	return records, t.exec(ctx, "UPDATE messages SET state = 'pending', attempts = 0, status = 0, problem = '', settled_at = NULL WHERE org_id = ? AND hook_id = ? AND at >= ?", org, hook, since)
}

// Waiting are the records of a hook that have messages waiting.
func (r Reader) Waiting(ctx context.Context, org, hook string) ([]string, error) {
	return raw[string](ctx, r, "SELECT DISTINCT record FROM messages WHERE org_id = ? AND hook_id = ? AND state = 'pending' ORDER BY record", org, hook)
}

// GiveUp settles everything that waits for a hook.
func (t *Tx) GiveUp(ctx context.Context, org, hook string, at time.Time) error {
	return t.exec(ctx, "UPDATE messages SET state = 'cancelled', settled_at = ? WHERE org_id = ? AND hook_id = ? AND state = 'pending'", at, org, hook)
}

// KeepCallback keeps what a provider said, once, and says whether it was new.
func (t *Tx) KeepCallback(ctx context.Context, c *models.Callback) (bool, error) {
	res := t.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(c)
	return res.RowsAffected > 0, translate(res.Error)
}

// OpenCallbacks are those that nothing was done with yet, oldest first.
func (r Reader) OpenCallbacks(ctx context.Context, limit int) ([]models.Callback, error) {
	return limited[models.Callback](ctx, r, limit, "received_at, provider_id, status", "handled_at IS NULL")
}

// HandledCallback marks one as done with, and says whether it was not already.
func (t *Tx) HandledCallback(ctx context.Context, c models.Callback, at time.Time) (bool, error) {
	res := t.db.WithContext(ctx).Exec("UPDATE provider_callbacks SET handled_at = ? WHERE provider = ? AND provider_id = ? AND status = ? AND handled_at IS NULL", at, c.Provider, c.ProviderID, c.Status)
	return res.RowsAffected == 1, translate(res.Error)
}

// DispatchByMessageID finds the message of a notice that a provider speaks of.
func (r Reader) DispatchByMessageID(ctx context.Context, messageID string) (models.Dispatch, error) {
	return one[models.Dispatch](ctx, r, "dispatch", "message_id = ?", messageID)
}

// LinkCalendar replaces somebody's calendar link.
func (t *Tx) LinkCalendar(ctx context.Context, l models.CalendarLink) error {
	return translate(t.db.WithContext(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&l).Error)
}

// UnlinkCalendar ends somebody's calendar link.
func (t *Tx) UnlinkCalendar(ctx context.Context, org, user string) error {
	return t.exec(ctx, "DELETE FROM calendar_links WHERE org_id = ? AND user_id = ?", org, user)
}

// CalendarLink finds whose calendar a code opens.
func (r Reader) CalendarLink(ctx context.Context, hash string) (models.CalendarLink, error) {
	return one[models.CalendarLink](ctx, r, "calendar", "hash = ?", hash)
}

// HasCalendarLink says whether somebody has one.
func (r Reader) HasCalendarLink(ctx context.Context, org, user string) (bool, error) {
	_, err := one[models.CalendarLink](ctx, r, "calendar", "org_id = ? AND user_id = ?", org, user)
	if models.KindOf(err) == models.NotFound {
		return false, nil
	}
	return err == nil, err
}

// InboxItem finds one thing that somebody was told.
func (r Reader) InboxItem(ctx context.Context, org, id string) (models.InboxItem, error) {
	return one[models.InboxItem](ctx, r, "item", "org_id = ? AND id = ?", org, id)
}
