package store

import (
	"context"
	"strings"
	"time"

	"beforehand/models"
)

// User finds a person by id.
func (r Reader) User(ctx context.Context, id string) (models.User, error) {
	return one[models.User](ctx, r, "user", "id = ?", id)
}

// UserByEmail finds a person by address, whatever its case.
func (r Reader) UserByEmail(ctx context.Context, email string) (models.User, error) {
	return one[models.User](ctx, r, "user", "email = ?", strings.ToLower(strings.TrimSpace(email)))
}

// Member is a person with one of their roles in an organisation.
type Member struct {
	models.Membership
	Name     string
	Email    string
	Language models.Language
	UserKind models.UserKind
	AreaPath *string
	// LenderHolds says that whoever lends the role still holds it.
	LenderHolds bool
	// HasFactor says that the person has a passkey or one-time codes.
	HasFactor bool
}

const lenderHolds = `m.delegated_by IS NULL OR EXISTS (SELECT 1 FROM memberships l JOIN users lu ON lu.id = l.user_id AND lu.disabled_at IS NULL
		WHERE l.org_id = m.org_id AND l.user_id = m.delegated_by AND l.role = m.role AND l.delegated_by IS NULL
		AND COALESCE(l.service_area_id, '') = COALESCE(m.service_area_id, '') AND COALESCE(l.union_id, '') = COALESCE(m.union_id, '')
		AND l.ended_at IS NULL AND l.suspended_at IS NULL) AS lender_holds`

const memberColumns = `SELECT m.*, u.name, u.email, u.language, u.kind AS user_kind, a.path AS area_path, ` + lenderHolds + `,
	EXISTS (SELECT 1 FROM passkeys k WHERE k.user_id = u.id) OR EXISTS (SELECT 1 FROM totps o WHERE o.user_id = u.id AND o.confirmed_at IS NOT NULL) AS has_factor
	FROM memberships m
	JOIN users u ON u.id = m.user_id
	LEFT JOIN service_areas a ON a.org_id = m.org_id AND a.id = m.service_area_id `

// Members are the people of an organisation and their roles that have not
// ended, by name.
func (r Reader) Members(ctx context.Context, org string) ([]Member, error) {
	return raw[Member](ctx, r, memberColumns+"WHERE m.org_id = ? AND m.ended_at IS NULL AND u.disabled_at IS NULL ORDER BY u.name, u.id, m.role, m.id", org)
}

// Memberships are the roles of one person that have not ended, in every organisation.
func (r Reader) Memberships(ctx context.Context, userID string) ([]Member, error) {
	return raw[Member](ctx, r, memberColumns+"WHERE m.user_id = ? AND m.ended_at IS NULL ORDER BY m.org_id, m.role, m.id", userID)
}

// Held is a role of a person's with what decides whether it is worn.
type Held struct {
	models.Membership
	Name     string
	Email    string
	Disabled *time.Time
	AreaPath *string
	// Zone is the organisation's.
	Zone string
	// LenderHolds says that whoever lends the role still holds it.
	LenderHolds bool
	// WantsFactor are the roles that the organisation lets nobody wear without
	// a second factor, as JSON; nil where it has not said.
	WantsFactor *string
}

// Held are the roles of one person that have not ended, in every organisation:
// who somebody is, in the one statement that nearly every request begins with.
func (r Reader) Held(ctx context.Context, userID string) ([]Held, error) {
	return raw[Held](ctx, r, `SELECT m.*, u.name, u.email, u.disabled_at AS disabled, a.path AS area_path, o.zone, s.second_factor_roles AS wants_factor, `+lenderHolds+`
		FROM memberships m JOIN users u ON u.id = m.user_id JOIN organisations o ON o.id = m.org_id
		LEFT JOIN service_areas a ON a.org_id = m.org_id AND a.id = m.service_area_id
		LEFT JOIN access_settings s ON s.org_id = m.org_id
		WHERE m.user_id = ? AND m.ended_at IS NULL ORDER BY m.org_id, m.role, m.id`, userID)
}

// MembershipsEver are all roles a person was ever given, oldest first.
func (r Reader) MembershipsEver(ctx context.Context, userID string) ([]Member, error) {
	return raw[Member](ctx, r, memberColumns+"WHERE m.user_id = ? ORDER BY m.created_at, m.id", userID)
}

// Membership finds one role of a person that has not ended.
func (r Reader) Membership(ctx context.Context, org, id string) (Member, error) {
	rows, err := raw[Member](ctx, r, memberColumns+"WHERE m.org_id = ? AND m.id = ? AND m.ended_at IS NULL AND u.disabled_at IS NULL", org, id)
	if err == nil && len(rows) == 0 {
		return Member{}, models.Missing("membership")
	}
	if err != nil {
		return Member{}, err
	}
	return rows[0], nil
}

// LockPeople keeps others from changing who speaks for a union, or, with "",
// who administers the organisation, until the transaction ends: two who each
// see another left must not both go. SQLite has one writer anyway.
func (t *Tx) LockPeople(ctx context.Context, org, unionID string) error {
	switch {
	case !t.postgres:
		return nil
	case unionID == "":
		return t.exec(ctx, "SELECT 1 FROM organisations WHERE id = ? FOR NO KEY UPDATE", org)
	default:
		return t.exec(ctx, "SELECT 1 FROM unions WHERE org_id = ? AND id = ? FOR NO KEY UPDATE", org, unionID)
	}
}

// LockUser keeps others from giving somebody a role until the transaction ends.
func (t *Tx) LockUser(ctx context.Context, userID string) error {
	if !t.postgres {
		return nil
	}
	return t.exec(ctx, "SELECT 1 FROM users WHERE id = ? FOR NO KEY UPDATE", userID)
}

// SaveMembership writes a membership back.
func (t *Tx) SaveMembership(ctx context.Context, m *models.Membership, readAt int) error {
	return save(ctx, t, m, "membership", m.OrgID, m.ID, readAt)
}

// RolesOf are the roles a person holds in one organisation, whatever has
// become of their account.
func (r Reader) RolesOf(ctx context.Context, org, userID string) ([]models.Role, error) {
	return raw[models.Role](ctx, r, "SELECT role FROM memberships WHERE org_id = ? AND user_id = ? AND ended_at IS NULL ORDER BY role", org, userID)
}

// OfficersOf counts the officers of a union whose role is their own, has not
// ended and is not suspended.
func (r Reader) OfficersOf(ctx context.Context, org, unionID string) (int, error) {
	n, err := raw[int](ctx, r, `SELECT COUNT(DISTINCT m.user_id) FROM memberships m JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
		WHERE m.org_id = ? AND m.union_id = ? AND m.role = ? AND m.delegated_by IS NULL AND m.ended_at IS NULL AND m.suspended_at IS NULL`, org, unionID, models.RoleUnionOfficer)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// AdminsOf counts the administrators whose role has neither ended nor is suspended.
func (r Reader) AdminsOf(ctx context.Context, org string) (int, error) {
	n, err := raw[int](ctx, r, `SELECT COUNT(DISTINCT m.user_id) FROM memberships m JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
		WHERE m.org_id = ? AND m.role = ? AND m.delegated_by IS NULL AND m.ended_at IS NULL AND m.suspended_at IS NULL`, org, models.RoleAdmin)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// UnionOf is a union that somebody speaks for, or once did.
type UnionOf struct{ UserID, UnionID string }

// UnionsOf are the unions of one person, or of everybody with "": those that
// they speak for, suspended or not, and of whoever has left those that they did.
func (r Reader) UnionsOf(ctx context.Context, org, userID string) ([]UnionOf, error) {
	return raw[UnionOf](ctx, r, `SELECT m.user_id, m.union_id FROM memberships m WHERE m.org_id = ? AND m.union_id IS NOT NULL AND (? = '' OR m.user_id = ?)
		AND (m.ended_at IS NULL OR NOT EXISTS (SELECT 1 FROM memberships l WHERE l.org_id = m.org_id AND l.user_id = m.user_id AND l.ended_at IS NULL))
		ORDER BY m.created_at DESC, m.id`, org, userID, userID)
}

// EndLoans ends what somebody has lent of a role that has ended.
func (t *Tx) EndLoans(ctx context.Context, m models.Membership, at time.Time) error {
	return t.exec(ctx, `UPDATE memberships SET ended_at = ?, ended_by = ?, version = version + 1 WHERE org_id = ? AND delegated_by = ? AND role = ?
		AND COALESCE(service_area_id, '') = COALESCE(?, '') AND COALESCE(union_id, '') = COALESCE(?, '') AND ended_at IS NULL`,
		at, m.EndedBy, m.OrgID, m.UserID, m.Role, m.ServiceAreaID, m.UnionID)
}

// EndPosts ends the posts that somebody holds in branches of one union, or of
// all when it is "". A post that was to begin later ends on its first day.
func (t *Tx) EndPosts(ctx context.Context, org, userID, unionID string, on models.Date) error {
	return t.exec(ctx, `UPDATE branch_officers SET to_date = CASE WHEN from_date > ? THEN from_date ELSE ? END
		WHERE org_id = ? AND user_id = ? AND (to_date IS NULL OR to_date > ?)
		AND (? = '' OR branch_id IN (SELECT id FROM branches WHERE org_id = ? AND union_id = ?))`, on, on, org, userID, on, unionID, org, unionID)
}

// Names are what the people of an organisation are called, by id: those who
// have left too.
func (r Reader) Names(ctx context.Context, org string) (map[string]string, error) {
	rows, err := raw[struct{ ID, Name string }](ctx, r, "SELECT DISTINCT u.id, u.name FROM users u JOIN memberships m ON m.user_id = u.id WHERE m.org_id = ?", org)
	names := make(map[string]string, len(rows))
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	return names, err
}

// UnionHasPeople says whether anybody was ever given a role for a union.
func (r Reader) UnionHasPeople(ctx context.Context, org, unionID string) (bool, error) {
	n, err := raw[int](ctx, r, "SELECT COUNT(*) FROM memberships WHERE org_id = ? AND union_id = ?", org, unionID)
	return err == nil && n[0] > 0, err
}

// SaveUser writes an account back.
func (t *Tx) SaveUser(ctx context.Context, u *models.User, readAt int) error {
	res := t.db.WithContext(ctx).Model(u).Where("id = ? AND version = ?", u.ID, readAt).Select("*").Updates(u)
	if res.Error != nil {
		return translate(res.Error)
	}
	if res.RowsAffected == 0 {
		return models.Fail(models.Stale, "stale_version").With("noun", "user")
	}
	return nil
}

// IdempotencyKey is a request that has been carried out, and its answer once it was given.
type IdempotencyKey struct {
	OrgID       string
	UserID      string
	Key         string
	RequestHash string
	Status      int
	Headers     map[string]string `gorm:"serializer:json"`
	Body        []byte
	CreatedAt   time.Time
}

// Idempotency finds what a key was used for.
func (r Reader) Idempotency(ctx context.Context, org, userID, key string) (IdempotencyKey, error) {
	return one[IdempotencyKey](ctx, r, "idempotency_key", "org_id = ? AND user_id = ? AND key = ?", org, userID, key)
}

// KeepAnswer keeps the answer that was given to a request.
func (s *Store) KeepAnswer(ctx context.Context, k IdempotencyKey) error {
	return s.writer.WithContext(ctx).Model(&k).Where("org_id = ? AND user_id = ? AND key = ?", k.OrgID, k.UserID, k.Key).
		Select("Status", "Headers", "Body").Updates(&k).Error
}
