package store

import (
	"context"
	"time"

	"beforehand/models"
)

// Passkeys are somebody's, oldest first.
func (r Reader) Passkeys(ctx context.Context, userID string) ([]models.Passkey, error) {
	return many[models.Passkey](ctx, r, "created_at, id", "user_id = ?", userID)
}

// UsePasskey keeps a passkey's counter and when it was used.
func (t *Tx) UsePasskey(ctx context.Context, userID, id string, data []byte, at time.Time) error {
	return t.affect(ctx, "passkey", "UPDATE passkeys SET data = ?, last_used_at = ? WHERE user_id = ? AND id = ?", data, at, userID, id)
}

// RemovePasskey takes a passkey away.
func (t *Tx) RemovePasskey(ctx context.Context, userID, id string) error {
	return t.affect(ctx, "passkey", "DELETE FROM passkeys WHERE user_id = ? AND id = ?", userID, id)
}

// TOTP is somebody's secret for one-time codes, confirmed or not.
func (r Reader) TOTP(ctx context.Context, userID string) (models.TOTP, error) {
	return one[models.TOTP](ctx, r, "totp", "user_id = ?", userID)
}

// ReplaceTOTP puts a new secret in the place of one.
func (t *Tx) ReplaceTOTP(ctx context.Context, row models.TOTP) error {
	if err := t.RemoveTOTP(ctx, row.UserID); err != nil {
		return err
	}
	return t.Add(ctx, &row)
}

// RemoveTOTP takes the secret away.
func (t *Tx) RemoveTOTP(ctx context.Context, userID string) error {
	return t.exec(ctx, "DELETE FROM totps WHERE user_id = ?", userID)
}

// TakeStep marks a one-time code as used: two requests with the same code do
// not both pass.
func (t *Tx) TakeStep(ctx context.Context, userID string, step int64) error {
	return t.affect(ctx, "totp", "UPDATE totps SET last_step = ? WHERE user_id = ? AND last_step < ?", step, userID, step)
}

// ConfirmTOTP makes a secret count.
func (t *Tx) ConfirmTOTP(ctx context.Context, userID string, step int64, at time.Time) error {
	return t.affect(ctx, "totp", "UPDATE totps SET confirmed_at = ?, last_step = ? WHERE user_id = ? AND confirmed_at IS NULL", at, step, userID)
}

// RecoveryCodesLeft counts the codes that have not been used.
func (r Reader) RecoveryCodesLeft(ctx context.Context, userID string) (int, error) {
	n, err := raw[int](ctx, r, "SELECT COUNT(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL", userID)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// UseRecoveryCode uses one up.
func (t *Tx) UseRecoveryCode(ctx context.Context, userID, hash string, at time.Time) error {
	return t.affect(ctx, "recovery_code", "UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND hash = ? AND used_at IS NULL", at, userID, hash)
}

// ReplaceRecoveryCodes puts new codes in the place of the old; none takes them away.
func (t *Tx) ReplaceRecoveryCodes(ctx context.Context, userID string, hashes []string, at time.Time) error {
	if err := t.exec(ctx, "DELETE FROM recovery_codes WHERE user_id = ?", userID); err != nil || len(hashes) == 0 {
		return err
	}
	rows := make([]models.RecoveryCode, len(hashes))
	for i, h := range hashes {
		rows[i] = models.RecoveryCode{Hash: h, UserID: userID, CreatedAt: at}
	}
	return t.Add(ctx, &rows)
}

// Identity finds who signs in with a provider.
func (r Reader) Identity(ctx context.Context, issuer, subject string) (models.Identity, error) {
	return one[models.Identity](ctx, r, "identity", "issuer = ? AND subject = ?", issuer, subject)
}

// Identities are somebody's, oldest first.
func (r Reader) Identities(ctx context.Context, userID string) ([]models.Identity, error) {
	return many[models.Identity](ctx, r, "created_at, issuer", "user_id = ?", userID)
}

// CameByProvider says whether an identity provider has, or ever had, a say in
// an account.
func (r Reader) CameByProvider(ctx context.Context, userID string) (bool, error) {
	n, err := raw[int](ctx, r, `SELECT (SELECT COUNT(*) FROM identities WHERE user_id = ?) +
		(SELECT COUNT(*) FROM memberships WHERE user_id = ? AND source <> '')`, userID, userID)
	return err == nil && n[0] > 0, err
}

// UseIdentity notes when somebody came in by it.
func (t *Tx) UseIdentity(ctx context.Context, issuer, subject string, at time.Time) error {
	return t.exec(ctx, "UPDATE identities SET last_used_at = ? WHERE issuer = ? AND subject = ?", at, issuer, subject)
}

// RemoveIdentity unlinks one.
func (t *Tx) RemoveIdentity(ctx context.Context, userID, issuer, subject string) error {
	return t.affect(ctx, "identity", "DELETE FROM identities WHERE user_id = ? AND issuer = ? AND subject = ?", userID, issuer, subject)
}

// MailedCode finds an unused code by its hash.
func (r Reader) MailedCode(ctx context.Context, purpose models.CodePurpose, hash string, now time.Time) (models.MailedCode, error) {
	return one[models.MailedCode](ctx, r, "code", "purpose = ? AND hash = ? AND used_at IS NULL AND expires_at > ?", purpose, hash, now)
}

// MailedCodeByID finds one whose mail is still to be made.
func (r Reader) MailedCodeByID(ctx context.Context, id string) (models.MailedCode, error) {
	return one[models.MailedCode](ctx, r, "code", "id = ?", id)
}

// ReplaceMailedCode writes a new code; earlier ones for the same purpose end.
func (t *Tx) ReplaceMailedCode(ctx context.Context, c models.MailedCode) error {
	if err := t.exec(ctx, "DELETE FROM mailed_codes WHERE user_id = ? AND purpose = ?", c.UserID, c.Purpose); err != nil {
		return err
	}
	return t.Add(ctx, &c)
}

// DropMailedCodes ends the codes that somebody was mailed for a purpose.
func (t *Tx) DropMailedCodes(ctx context.Context, userID string, purpose models.CodePurpose) error {
	return t.exec(ctx, "DELETE FROM mailed_codes WHERE user_id = ? AND purpose = ?", userID, purpose)
}

// HashMailedCode says what the code of a mail is.
func (t *Tx) HashMailedCode(ctx context.Context, id, hash string) error {
	return t.affect(ctx, "code", "UPDATE mailed_codes SET hash = ? WHERE id = ? AND used_at IS NULL", hash, id)
}

// UseMailedCode uses a code up.
func (t *Tx) UseMailedCode(ctx context.Context, id string, at time.Time) error {
	return t.affect(ctx, "code", "UPDATE mailed_codes SET used_at = ? WHERE id = ? AND used_at IS NULL", at, id)
}

// ForgetUser takes away all by which somebody could come in.
func (t *Tx) ForgetUser(ctx context.Context, u models.User, at time.Time) error {
	userID := u.ID
	for _, query := range []string{
		"DELETE FROM sessions WHERE user_id = ?",
		"DELETE FROM passkeys WHERE user_id = ?",
		"DELETE FROM totps WHERE user_id = ?",
		"DELETE FROM recovery_codes WHERE user_id = ?",
		"DELETE FROM identities WHERE user_id = ?",
		"DELETE FROM mailed_codes WHERE user_id = ?",
		"DELETE FROM idempotency_keys WHERE user_id = ?",
		"DELETE FROM kept_forms WHERE user_id = ?",
		"DELETE FROM import_files WHERE by_user_id = ?",
		"DELETE FROM saved_views WHERE user_id = ?",
		"DELETE FROM visits WHERE user_id = ?",
		"DELETE FROM token_addresses WHERE token_id IN (SELECT id FROM tokens WHERE user_id = ?)",
	} {
		if err := t.exec(ctx, query, userID); err != nil {
			return err
		}
	}
	if err := t.exec(ctx, `UPDATE invitations SET email = '-', name = '' WHERE accepted_by = ?
		OR email = ? AND (accepted_at IS NOT NULL OR revoked_at IS NOT NULL OR expires_at < ?)`, userID, u.Email, at); err != nil {
		return err
	}
	return t.RevokeTokens(ctx, userID, "", at)
}

// Invitations are those sent by an organisation, newest first.
func (r Reader) Invitations(ctx context.Context, org string) ([]models.Invitation, error) {
	return many[models.Invitation](ctx, r, "created_at DESC, id", "org_id = ?", org)
}

// Invitation finds one.
func (r Reader) Invitation(ctx context.Context, org, id string) (models.Invitation, error) {
	return one[models.Invitation](ctx, r, "invitation", "org_id = ? AND id = ?", org, id)
}

// InvitationByHash finds one by the hash of its code.
func (r Reader) InvitationByHash(ctx context.Context, hash string) (models.Invitation, error) {
	return one[models.Invitation](ctx, r, "invitation", "hash = ?", hash)
}

// HashInvitation says what the code of an invitation is.
func (t *Tx) HashInvitation(ctx context.Context, org, id, hash string) error {
	return t.affect(ctx, "invitation", "UPDATE invitations SET hash = ? WHERE org_id = ? AND id = ? AND accepted_at IS NULL AND revoked_at IS NULL", hash, org, id)
}

// AcceptInvitation uses an invitation up.
func (t *Tx) AcceptInvitation(ctx context.Context, org, id, userID string, at time.Time) error {
	return t.affect(ctx, "invitation", `UPDATE invitations SET accepted_at = ?, accepted_by = ?
		WHERE org_id = ? AND id = ? AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > ?`, at, userID, org, id, at)
}

// RevokeInvitation takes an invitation back.
func (t *Tx) RevokeInvitation(ctx context.Context, org, id string, at time.Time) error {
	return t.affect(ctx, "invitation", "UPDATE invitations SET revoked_at = ? WHERE org_id = ? AND id = ? AND accepted_at IS NULL AND revoked_at IS NULL", at, org, id)
}

// OpenInvitationFor says whether a union's first officer has been invited and
// may still come.
func (r Reader) OpenInvitationFor(ctx context.Context, org, unionID string, now time.Time) (bool, error) {
	n, err := raw[int](ctx, r, "SELECT COUNT(*) FROM invitations WHERE org_id = ? AND union_id = ? AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > ?", org, unionID, now)
	return err == nil && n[0] > 0, err
}

// affect runs a statement that must change exactly what it names: when it
// changes nothing, the noun is missing.
func (t *Tx) affect(ctx context.Context, noun, query string, args ...any) error {
	res := t.db.WithContext(ctx).Exec(query, args...)
	if res.Error != nil {
		return translate(res.Error)
	}
	if res.RowsAffected == 0 {
		return models.Missing(noun)
	}
	return nil
}

// Contribution is something that somebody wrote.
type Contribution struct {
	Kind string
	ID   string
	Ref  string
	At   time.Time
	Text string
}

// Contributions are what somebody wrote, oldest first: comments, questions and
// answers, dispositions.
func (r Reader) Contributions(ctx context.Context, userID string) ([]Contribution, error) {
	return raw[Contribution](ctx, r, `SELECT 'comment' AS kind, c.id, d.ref, c.at, w.body AS text FROM comments c
			JOIN comment_words w ON w.org_id = c.org_id AND w.comment_id = c.id JOIN deployments d ON d.org_id = c.org_id AND d.id = c.deployment_id WHERE c.by_user_id = ?
		UNION ALL SELECT 'disposition', s.comment_id, d.ref, s.at, s.reason FROM dispositions s
			JOIN comments c ON c.org_id = s.org_id AND c.id = s.comment_id JOIN deployments d ON d.org_id = c.org_id AND d.id = c.deployment_id WHERE s.by_user_id = ?
		ORDER BY 4, 2`, userID, userID)
}

// BlankEvents takes from where somebody came, and what they called their
// devices, out of the security log: the events stay, without. They are the one thing in it that
// is ever changed, so a row is put in the place of each.
func (t *Tx) BlankEvents(ctx context.Context, userID string) error {
	rows, err := many[models.SecurityEvent](ctx, t.Reader, "id", "user_id = ? OR actor_id = ?", userID, userID)
	if err != nil || len(rows) == 0 {
		return err
	}
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i], rows[i].Address, rows[i].Agent = rows[i].ID, "", ""
		delete(rows[i].Detail, "name")
		delete(rows[i].Detail, "passkey")
	}
	if err := t.exec(ctx, "DELETE FROM security_events WHERE id IN ?", ids); err != nil {
		return err
	}
	return translate(t.db.WithContext(ctx).CreateInBatches(&rows, 200).Error)
}
