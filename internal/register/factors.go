package register

import (
	"context"
	"strings"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/store"
	"beforehand/models"
)

// Factors are the ways in which somebody proves who they are.
type Factors struct {
	HasPassword   bool
	OneTimeCodes  bool
	RecoveryCodes int // left
	Passkeys      []models.Passkey
	Identities    []models.Identity
	// PasskeysAvailable says whether this address can have passkeys at all.
	PasskeysAvailable bool
	EmailVerified     bool
}

// Factors are the actor's own.
func (r *Register) Factors(ctx context.Context, a models.Actor) (Factors, error) {
	f := Factors{PasskeysAvailable: r.passkeys.Available()}
	if err := r.check(a, "account.read", mine(a)); err != nil {
		return f, err
	}
	u, err := r.store.User(ctx, a.UserID)
	if err != nil {
		return f, err
	}
	f.HasPassword, f.EmailVerified = u.PasswordHash != "", u.EmailVerifiedAt != nil
	if f.OneTimeCodes, err = r.hasCodes(ctx, a.UserID); err != nil {
		return f, err
	}
	if f.RecoveryCodes, err = r.store.RecoveryCodesLeft(ctx, a.UserID); err != nil {
		return f, err
	}
	if f.Passkeys, err = r.store.Passkeys(ctx, a.UserID); err != nil {
		return f, err
	}
	f.Identities, err = r.store.Identities(ctx, a.UserID)
	return f, err
}

// checkOwn checks an act on the actor's own account. Who has a second factor
// has to have given it: the first alone must not replace the second.
func (r *Register) checkOwn(ctx context.Context, a models.Actor, act string) error {
	if err := r.check(a, act, mine(a)); err != nil || !a.OneFactor {
		return err
	}
	enrolled, err := r.enrolled(ctx, a.UserID)
	if err == nil && enrolled {
		return models.Fail(models.Unauthenticated, "step_up_required").With("act", act)
	}
	return err
}

func (r *Register) hasCodes(ctx context.Context, userID string) (bool, error) {
	t, err := r.store.TOTP(ctx, userID)
	if models.KindOf(err) == models.NotFound {
		return false, nil
	}
	return err == nil && t.ConfirmedAt != nil, err
}

// enrolled says whether somebody has a second factor: then a password alone
// lets nobody in.
func (r *Register) enrolled(ctx context.Context, userID string) (bool, error) {
	codes, err := r.hasCodes(ctx, userID)
	if err != nil || codes {
		return codes, err
	}
	keys, err := r.store.Passkeys(ctx, userID)
	return len(keys) > 0, err
}

// takeCode takes a one-time code, or a recovery code, and uses it up. A code
// that was taken before, or in its own window by another request, is refused.
func (r *Register) takeCode(ctx context.Context, userID, code string) error {
	wrong := models.Fail(models.Unauthenticated, "bad_code")
	if len(strings.TrimSpace(code)) > 12 {
		err := r.store.Within(ctx, func(tx *store.Tx) error {
			if err := tx.UseRecoveryCode(ctx, userID, auth.HashCode(code), r.Now()); err != nil {
				return err
			}
			return r.noteOf(ctx, tx, "recovery.use", userID, models.Origin{})
		})
		if models.KindOf(err) == models.NotFound {
			return wrong
		}
		return err
	}
	t, err := r.store.TOTP(ctx, userID)
	if models.KindOf(err) == models.NotFound || err == nil && t.ConfirmedAt == nil {
		return wrong
	}
	if err != nil {
		return err
	}
	step, ok, err := r.matches(t, code)
	if err != nil {
		return err
	}
	if !ok {
		return wrong
	}
	err = r.store.Within(ctx, func(tx *store.Tx) error { return tx.TakeStep(ctx, userID, step) })
	if models.KindOf(err) == models.NotFound {
		return wrong
	}
	return err
}

func (r *Register) matches(t models.TOTP, code string) (int64, bool, error) {
	secret, err := r.sealer.Open(t.Secret, totpOf(t.UserID))
	if err != nil {
		return 0, false, err
	}
	step, ok := auth.CheckTOTP(string(secret), code, r.Now(), t.LastStep)
	return step, ok, nil
}

// totpOf is what a sealed secret is bound to: it opens for no other account.
func totpOf(userID string) string { return "totp " + userID }

// noFactorNoCodes drops the recovery codes with the last factor they stand in for.
func (r *Register) noFactorNoCodes(ctx context.Context, tx *store.Tx, userID string, at time.Time) error {
	keys, err := tx.Passkeys(ctx, userID)
	if err != nil || len(keys) > 0 {
		return err
	}
	if t, err := tx.TOTP(ctx, userID); models.KindOf(err) != models.NotFound && (err != nil || t.ConfirmedAt != nil) {
		return err
	}
	return tx.ReplaceRecoveryCodes(ctx, userID, nil, at)
}

// firstRecoveryCodes makes codes for somebody who has none yet.
func (r *Register) firstRecoveryCodes(ctx context.Context, tx *store.Tx, a models.Actor, at time.Time) ([]string, error) {
	left, err := tx.RecoveryCodesLeft(ctx, a.UserID)
	if err != nil || left > 0 {
		return nil, err
	}
	codes, hashes := auth.NewRecoveryCodes()
	return codes, tx.ReplaceRecoveryCodes(ctx, a.UserID, hashes, at)
}

// NewRecoveryCodes replaces the actor's recovery codes; the old ones end.
func (r *Register) NewRecoveryCodes(ctx context.Context, a models.Actor) ([]string, error) {
	if err := r.checkOwn(ctx, a, "account.change"); err != nil {
		return nil, err
	}
	if has, err := r.enrolled(ctx, a.UserID); err != nil || !has {
		if err == nil {
			err = models.Fail(models.Conflict, "no_second_factor")
		}
		return nil, err
	}
	codes, hashes := auth.NewRecoveryCodes()
	return codes, r.secure(ctx, a, "recovery.make", a.UserID, func(tx *store.Tx, at time.Time) (map[string]any, error) {
		if err := tx.ReplaceRecoveryCodes(ctx, a.UserID, hashes, at); err != nil {
			return nil, err
		}
		return nil, r.tellChange(ctx, tx, a.UserID, "recovery.make")
	})
}

// Prove lets somebody who is signed in prove again who they are: by password,
// and by code where they have a second factor. Who has no password gives the
// code alone. It says whether a second factor was given.
func (r *Register) Prove(ctx context.Context, a models.Actor, password, code string) (bool, error) {
	if err := r.check(a, "account.prove", mine(a)); err != nil {
		return false, err
	}
	u, err := r.store.User(ctx, a.UserID)
	if err != nil {
		return false, err
	}
	tries := r.marks("proof", a.SessionID+a.UserID, a.From)
	if err := r.attempt(ctx, a.From, tries); err != nil {
		return false, err
	}
	members, err := r.store.Memberships(ctx, u.ID)
	if err != nil {
		return false, err
	}
	enrolled, err := r.enrolled(ctx, u.ID)
	if err != nil {
		return false, err
	}
	if u.PasswordHash != "" && !auth.CheckPassword(password, u.PasswordHash) {
		return false, r.refuse(ctx, a.From, u, members, "password")
	}
	switch {
	case u.PasswordHash == "" && !enrolled:
		return false, models.Fail(models.Conflict, "nothing_to_prove_with")
	case enrolled && code == "":
		return false, models.Fail(models.Unauthenticated, "second_factor_required")
	case enrolled:
		if err := r.takeCode(ctx, u.ID, code); err != nil {
			return false, r.refusedCode(ctx, a.From, u, members, err)
		}
	}
	return enrolled, r.proved(ctx, a, tries, "password")
}

func (r *Register) proved(ctx context.Context, a models.Actor, t tries, by string) error {
	return r.secure(ctx, a, "session.step_up", a.UserID, func(tx *store.Tx, _ time.Time) (map[string]any, error) {
		return map[string]any{"by": by}, tx.Succeeded(ctx, t.account, t.shared)
	})
}

// errorsOr is the first error there is.
func errorsOr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
