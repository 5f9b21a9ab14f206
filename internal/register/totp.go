package register

import (
	"context"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/store"
	"beforehand/models"
)

// OneTimeSecret is a new secret for one-time codes, as its owner is shown it.
type OneTimeSecret = auth.TOTP

// BeginTOTP makes a secret for one-time codes. It counts once ConfirmTOTP has
// been given a code of it; until then the old one does.
func (r *Register) BeginTOTP(ctx context.Context, a models.Actor) (OneTimeSecret, error) {
	if err := r.checkOwn(ctx, a, "account.change"); err != nil {
		return OneTimeSecret{}, err
	}
	if has, err := r.hasCodes(ctx, a.UserID); err != nil || has {
		if err == nil {
			err = models.Fail(models.Conflict, "totp_exists")
		}
		return OneTimeSecret{}, err
	}
	t, err := auth.NewTOTP("Beforehand", a.Email)
	if err != nil {
		return t, err
	}
	sealed, err := r.sealer.Seal([]byte(t.Secret), totpOf(a.UserID))
	if err != nil {
		return t, err
	}
	return t, r.store.Within(ctx, func(tx *store.Tx) error {
		return tx.ReplaceTOTP(ctx, models.TOTP{UserID: a.UserID, Secret: sealed, CreatedAt: r.Now()})
	})
}

// ConfirmTOTP takes the first code of a new secret. It gives recovery codes,
// shown once, when the person has none.
func (r *Register) ConfirmTOTP(ctx context.Context, a models.Actor, code string) ([]string, error) {
	if err := r.checkOwn(ctx, a, "account.change"); err != nil {
		return nil, err
	}
	tries := r.marks("confirm", a.UserID, a.From)
	if err := r.attempt(ctx, a.From, tries); err != nil {
		return nil, err
	}
	t, err := r.store.TOTP(ctx, a.UserID)
	if err != nil {
		return nil, err
	}
	if t.ConfirmedAt != nil {
		return nil, models.Fail(models.Conflict, "totp_exists")
	}
	step, ok, err := r.matches(t, code)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, field("code", "wrong_code")
	}
	var codes []string
	return codes, r.secure(ctx, a, "totp.add", a.UserID, func(tx *store.Tx, at time.Time) (map[string]any, error) {
		if err := tx.ConfirmTOTP(ctx, a.UserID, step, at); err != nil {
			return nil, err
		}
		if err := tx.Succeeded(ctx, tries.account, tries.shared); err != nil {
			return nil, err
		}
		codes, err = r.firstRecoveryCodes(ctx, tx, a, at)
		return nil, errorsOr(err, r.tellChange(ctx, tx, a.UserID, "totp.add"))
	})
}

// RemoveTOTP takes the one-time codes away.
func (r *Register) RemoveTOTP(ctx context.Context, a models.Actor) error {
	if err := r.checkOwn(ctx, a, "account.change"); err != nil {
		return err
	}
	return r.secure(ctx, a, "totp.remove", a.UserID, func(tx *store.Tx, at time.Time) (map[string]any, error) {
		if _, err := tx.TOTP(ctx, a.UserID); err != nil {
			return nil, err
		}
		if err := tx.RemoveTOTP(ctx, a.UserID); err != nil {
			return nil, err
		}
		if err := r.noFactorNoCodes(ctx, tx, a.UserID, at); err != nil {
			return nil, err
		}
		return nil, r.tellChange(ctx, tx, a.UserID, "totp.remove")
	})
}
