package store

import (
	"context"
	"errors"
	"time"

	"beforehand/models"
)

// SessionData is what a session holds, and whether it is still there.
func (r Reader) SessionData(ctx context.Context, tokenHash string, now time.Time) ([]byte, bool, error) {
	s, err := one[models.Session](ctx, r, "session", "token_hash = ? AND expires_at > ?", tokenHash, now)
	if models.KindOf(err) == models.NotFound {
		return nil, false, nil
	}
	return s.Data, err == nil, err
}

// Sessions are the sign-ins of one person that have not ended, newest first.
func (r Reader) Sessions(ctx context.Context, userID string, now time.Time) ([]models.Session, error) {
	return many[models.Session](ctx, r, "began_at DESC, id", "user_id = ? AND expires_at > ?", userID, now)
}

// BeginSession writes a new session. Sessions are not register content: they
// have no ledger entry and a transaction of their own.
func (s *Store) BeginSession(ctx context.Context, row models.Session) error {
	return translate(s.writer.WithContext(ctx).Create(&row).Error)
}

// KeepSession writes what a session holds now, and its token when it got
// another, if it still holds what it held: false when another request changed it
// meanwhile, or it was ended, and nothing is written. A request under way does
// not bring back what was ended.
func (s *Store) KeepSession(ctx context.Context, oldHash string, was []byte, row models.Session) (bool, error) {
	res := s.writer.WithContext(ctx).Exec("UPDATE sessions SET token_hash = ?, data = ?, seen_at = ?, expires_at = ?, user_id = ?, org_id = ? WHERE token_hash = ? AND data = ?",
		row.TokenHash, row.Data, row.SeenAt, row.ExpiresAt, row.UserID, row.OrgID, oldHash, was)
	return res.RowsAffected > 0, translate(res.Error)
}

// DropSession ends a session.
func (s *Store) DropSession(ctx context.Context, tokenHash string) error {
	return s.writer.WithContext(ctx).Exec("DELETE FROM sessions WHERE token_hash = ?", tokenHash).Error
}

// EndSession ends one session of somebody, by its id.
func (t *Tx) EndSession(ctx context.Context, userID, id string) error {
	return t.affect(ctx, "session", "DELETE FROM sessions WHERE user_id = ? AND id = ?", userID, id)
}

// EndSessions ends all sessions of somebody but one.
func (t *Tx) EndSessions(ctx context.Context, userID, but string) error {
	return t.exec(ctx, "DELETE FROM sessions WHERE user_id = ? AND id <> ?", userID, but)
}

// Sweep removes what has expired and nobody can use any more: sessions,
// answers kept for repeated requests, mailed codes, counted attempts.
func (s *Store) Sweep(ctx context.Context, now, keysBefore, formsBefore time.Time) error {
	db := s.writer.WithContext(ctx)
	return errors.Join(
		s.remark(ctx),
		db.Exec("DELETE FROM sessions WHERE expires_at <= ?", now).Error,
		db.Exec("DELETE FROM idempotency_keys WHERE created_at <= ?", keysBefore).Error,
		db.Exec("DELETE FROM mailed_codes WHERE expires_at <= ?", now).Error,
		db.Exec("DELETE FROM kept_forms WHERE at <= ?", formsBefore).Error,
		db.Exec("DELETE FROM security_events WHERE org_id IS NULL AND at <= ?", now.AddDate(0, 0, -400)).Error,
		db.Exec("DELETE FROM attempts WHERE last_at <= ? AND until <= ?", now.Add(-24*time.Hour), now).Error,
	)
}

// PresentedToken is a bearer token that came from an address.
type PresentedToken struct {
	models.Token
	AreaPath *string // of the service area that it is limited to
	// KnownAddress says that the token was used from the address before.
	KnownAddress bool
}

// PresentedToken finds a bearer token by its hash, with what is to be known of
// it where it comes from.
func (r Reader) PresentedToken(ctx context.Context, hash, address string) (PresentedToken, error) {
	rows, err := raw[PresentedToken](ctx, r, `SELECT t.*, a.path AS area_path, EXISTS (SELECT 1 FROM token_addresses f WHERE f.token_id = t.id AND f.address = ?) AS known_address
		FROM tokens t LEFT JOIN service_areas a ON a.org_id = t.org_id AND a.id = t.service_area_id WHERE t.hash = ?`, address, hash)
	if err == nil && len(rows) == 0 {
		err = models.Missing("token")
	}
	if err != nil {
		return PresentedToken{}, err
	}
	return rows[0], nil
}

// TokenByID finds a token of somebody.
func (r Reader) TokenByID(ctx context.Context, org, userID, id string) (models.Token, error) {
	return one[models.Token](ctx, r, "token", "org_id = ? AND user_id = ? AND id = ?", org, userID, id)
}

// Tokens are the tokens of somebody in an organisation, newest first.
func (r Reader) Tokens(ctx context.Context, org, userID string) ([]models.Token, error) {
	return many[models.Token](ctx, r, "created_at DESC, id", "org_id = ? AND user_id = ?", org, userID)
}

// TouchToken notes when a token was last used, at most once a minute.
func (s *Store) TouchToken(ctx context.Context, id string, now time.Time) error {
	return s.writer.WithContext(ctx).Exec("UPDATE tokens SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)",
		now, id, now.Add(-time.Minute)).Error
}

// TokenAddress is an address that a token was used from.
type TokenAddress struct {
	TokenID string
	Address string
	FirstAt time.Time
}

// RevokeToken ends a token.
func (t *Tx) RevokeToken(ctx context.Context, id string, at time.Time) error {
	return t.exec(ctx, "UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", at, id)
}

// RevokeTokens ends all tokens of somebody; with an organisation, those for it.
func (t *Tx) RevokeTokens(ctx context.Context, userID, org string, at time.Time) error {
	return t.exec(ctx, "UPDATE tokens SET revoked_at = ? WHERE user_id = ? AND (? = '' OR org_id = ?) AND revoked_at IS NULL", at, userID, org, org)
}

// RevokeIssued ends the tokens that somebody made for other systems in an
// organisation: they have seen them.
func (t *Tx) RevokeIssued(ctx context.Context, userID, org string, at time.Time) error {
	return t.exec(ctx, "UPDATE tokens SET revoked_at = ? WHERE issued_by = ? AND org_id = ? AND revoked_at IS NULL", at, userID, org)
}
