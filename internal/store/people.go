package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm/clause"

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
	AreaPath *string
}

const memberColumns = `SELECT m.*, u.name, u.email, u.language, a.path AS area_path FROM memberships m
	JOIN users u ON u.id = m.user_id
	LEFT JOIN service_areas a ON a.org_id = m.org_id AND a.id = m.service_area_id `

// Members are the people of an organisation and their roles, by name.
func (r Reader) Members(ctx context.Context, org string) ([]Member, error) {
	return raw[Member](ctx, r, memberColumns+"WHERE m.org_id = ? AND u.disabled_at IS NULL ORDER BY u.name, u.id, m.role", org)
}

// Memberships are the roles of one person, in every organisation.
func (r Reader) Memberships(ctx context.Context, userID string) ([]Member, error) {
	return raw[Member](ctx, r, memberColumns+"WHERE m.user_id = ? ORDER BY m.org_id, m.role, m.id", userID)
}

// RolesOf are the roles a person holds in one organisation, whatever has
// become of their account.
func (r Reader) RolesOf(ctx context.Context, org, userID string) ([]models.Role, error) {
	return raw[models.Role](ctx, r, "SELECT role FROM memberships WHERE org_id = ? AND user_id = ? ORDER BY role", org, userID)
}

// UnionHasPeople says whether anybody was ever given a role for a union.
func (r Reader) UnionHasPeople(ctx context.Context, org, unionID string) (bool, error) {
	n, err := raw[int](ctx, r, "SELECT COUNT(*) FROM memberships WHERE org_id = ? AND union_id = ?", org, unionID)
	return err == nil && n[0] > 0, err
}

// SessionData is what a session holds, and whether it is still there.
func (r Reader) SessionData(ctx context.Context, tokenHash string, now time.Time) ([]byte, bool, error) {
	s, err := one[models.Session](ctx, r, "session", "token_hash = ? AND expires_at > ?", tokenHash, now)
	if models.KindOf(err) == models.NotFound {
		return nil, false, nil
	}
	return s.Data, err == nil, err
}

// KeepSession writes a session. Sessions are not register content: they have
// no ledger entry and a transaction of their own.
func (s *Store) KeepSession(ctx context.Context, row models.Session) error {
	return translate(s.writer.WithContext(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// DropSession ends a session.
func (s *Store) DropSession(ctx context.Context, tokenHash string) error {
	return s.writer.WithContext(ctx).Exec("DELETE FROM sessions WHERE token_hash = ?", tokenHash).Error
}

// Sweep removes what has expired: sessions, and answers kept for repeated requests.
func (s *Store) Sweep(ctx context.Context, now time.Time, keysBefore time.Time) error {
	return errors.Join(
		s.writer.WithContext(ctx).Exec("DELETE FROM sessions WHERE expires_at <= ?", now).Error,
		s.writer.WithContext(ctx).Exec("DELETE FROM idempotency_keys WHERE created_at <= ?", keysBefore).Error,
	)
}

// Token finds a bearer token by its hash.
func (r Reader) Token(ctx context.Context, hash string) (models.Token, error) {
	return one[models.Token](ctx, r, "token", "hash = ?", hash)
}

// TouchToken notes when a token was last used, at most once a minute.
func (s *Store) TouchToken(ctx context.Context, id string, now time.Time) error {
	return s.writer.WithContext(ctx).Exec("UPDATE tokens SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)",
		now, id, now.Add(-time.Minute)).Error
}

// SetPassword replaces a person's password hash.
func (t *Tx) SetPassword(ctx context.Context, userID, hash string) error {
	return t.exec(ctx, "UPDATE users SET password_hash = ?, version = version + 1 WHERE id = ?", hash, userID)
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
