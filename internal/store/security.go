package store

import (
	"context"
	"time"

	"beforehand/models"
)

// SecurityFilter says which events of the security log are asked for.
type SecurityFilter struct {
	Kind   models.SecurityKind
	UserID string
	// UnionIDs limits to events of these unions; nil is all.
	UnionIDs []string
	Since    time.Time
}

// SecurityEvents are an organisation's, newest first, after a cursor.
func (r Reader) SecurityEvents(ctx context.Context, org string, f SecurityFilter, after Cursor, limit int) ([]models.SecurityEvent, Cursor, error) {
	db := r.db.WithContext(ctx).Where("org_id = ?", org)
	if f.Kind != "" {
		db = db.Where("kind = ?", f.Kind)
	}
	if f.UserID != "" {
		db = db.Where("user_id = ?", f.UserID)
	}
	if f.UnionIDs != nil {
		db = db.Where("union_id IN ?", f.UnionIDs)
	}
	if !f.Since.IsZero() {
		db = db.Where("at >= ?", f.Since)
	}
	if after.ID != "" {
		// Ids are made in the order of time: the id alone is a place in the log.
		db = db.Where("id < ?", after.ID)
	}
	rows := []models.SecurityEvent{}
	if err := db.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, Cursor{}, translate(err)
	}
	if len(rows) <= limit {
		return rows, Cursor{}, nil
	}
	rows = rows[:limit]
	return rows, Cursor{ID: rows[limit-1].ID}, nil
}

// SecurityEventsOf are the events about one person, newest first.
func (r Reader) SecurityEventsOf(ctx context.Context, userID string) ([]models.SecurityEvent, error) {
	return many[models.SecurityEvent](ctx, r, "at DESC, id DESC", "user_id = ?", userID)
}

// Attempt counts an attempt under a mark before it is known whether it
// succeeds, and gives how many there were and until when the mark was shut
// before this one. A mark unused for an hour begins again.
func (t *Tx) Attempt(ctx context.Context, mark string, now time.Time) (failures int, until time.Time, err error) {
	rows, err := raw[struct {
		Failures int
		Until    time.Time
	}](ctx, t.Reader, `INSERT INTO attempts (mark, failures, last_at, until) VALUES (?, 1, ?, ?)
		ON CONFLICT (mark) DO UPDATE SET failures = CASE WHEN attempts.last_at < ? THEN 1 ELSE attempts.failures + 1 END, last_at = ?
		RETURNING failures, until`, mark, now, now.Add(-time.Hour), now.Add(-time.Hour), now)
	if err != nil {
		return 0, until, err
	}
	return rows[0].Failures, rows[0].Until, nil
}

// ShutUntil keeps a mark shut.
func (t *Tx) ShutUntil(ctx context.Context, mark string, until time.Time) error {
	return t.exec(ctx, "UPDATE attempts SET until = ? WHERE mark = ?", until, mark)
}

// Succeeded takes back what an attempt counted: all of it for an account, one
// for an address, which others may share.
func (t *Tx) Succeeded(ctx context.Context, account, address string) error {
	// In the order in which attempts are counted, or two would wait for each other.
	if err := t.exec(ctx, "UPDATE attempts SET failures = failures - 1 WHERE mark = ? AND failures > 0", address); err != nil {
		return err
	}
	return t.exec(ctx, "DELETE FROM attempts WHERE mark = ?", account)
}

// AccessSettings are an organisation's, or the defaults.
func (r Reader) AccessSettings(ctx context.Context, org string) (models.AccessSettings, error) {
	s, err := one[models.AccessSettings](ctx, r, "access_settings", "org_id = ?", org)
	if models.KindOf(err) == models.NotFound {
		return models.DefaultAccessSettings(org), nil
	}
	return s, err
}

// SaveAccessSettings writes them back; the first save makes the row.
func (t *Tx) SaveAccessSettings(ctx context.Context, s *models.AccessSettings, readAt int) error {
	if readAt == 0 {
		return t.Add(ctx, s)
	}
	res := t.db.WithContext(ctx).Model(s).Where("org_id = ? AND version = ?", s.OrgID, readAt).Select("*").Updates(s)
	if res.Error != nil {
		return translate(res.Error)
	}
	if res.RowsAffected == 0 {
		return models.Fail(models.Stale, "stale_version").With("noun", "access_settings")
	}
	return nil
}

// Retained is how much of something is past its time, and the oldest of it.
type Retained struct {
	Count  int
	Oldest *time.Time
}

// RetentionDue counts what a run of the retention would remove.
func (r Reader) RetentionDue(ctx context.Context, org string, eventsBefore, invitationsBefore time.Time) (events, invitations Retained, err error) {
	e, err := one[models.SecurityEvent](ctx, Reader{db: r.db.Order("id")}, "event", "org_id = ? AND at < ?", org, eventsBefore)
	if err == nil {
		events.Oldest = &e.At
	} else if models.KindOf(err) != models.NotFound {
		return events, invitations, err
	}
	i, err := one[models.Invitation](ctx, Reader{db: r.db.Order("created_at, id")}, "invitation", spentInvitation, org, invitationsBefore)
	if err == nil {
		invitations.Oldest = &i.CreatedAt
	} else if models.KindOf(err) != models.NotFound {
		return events, invitations, err
	}
	n, err := raw[struct{ Events, Invitations int }](ctx, r, `SELECT (SELECT COUNT(*) FROM security_events WHERE org_id = ? AND at < ?) AS events,
		(SELECT COUNT(*) FROM invitations WHERE `+spentInvitation+") AS invitations", org, eventsBefore, org, invitationsBefore)
	if err != nil {
		return events, invitations, err
	}
	events.Count, invitations.Count = n[0].Events, n[0].Invitations
	return events, invitations, nil
}

// spentInvitation is one that was accepted, taken back or let lapse long ago.
const spentInvitation = "org_id = ? AND expires_at < ?"

// Retain removes what is past its time. What belongs to no organisation is
// swept with the sessions.
func (t *Tx) Retain(ctx context.Context, org string, eventsBefore, invitationsBefore time.Time) error {
	if err := t.exec(ctx, "DELETE FROM security_events WHERE org_id = ? AND at < ?", org, eventsBefore); err != nil {
		return err
	}
	return t.exec(ctx, "DELETE FROM invitations WHERE "+spentInvitation, org, invitationsBefore)
}
