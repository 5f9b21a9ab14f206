package register

import (
	"context"
	"encoding/json"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/store"
	"beforehand/models"
)

// SetPassword gives somebody a new password. Only the command line may, for
// there is nobody to ask. Whoever was signed in as them is so no longer, and
// their tokens end.
func (r *Register) SetPassword(ctx context.Context, email, password string) error {
	u, err := r.store.UserByEmail(ctx, email)
	if err != nil {
		return err
	}
	hash, err := r.hash(password, u.Email, u.Name)
	if err != nil {
		return err
	}
	a, err := r.somewhere(ctx, u, models.Origin{})
	if err != nil {
		return err
	}
	a.UserID = System
	return r.secure(ctx, a, "password.reset", u.ID, func(tx *store.Tx, at time.Time) (map[string]any, error) {
		return nil, r.newPassword(ctx, tx, u, hash, "", at)
	})
}

// newPassword replaces a password and ends what the old one had opened.
func (r *Register) newPassword(ctx context.Context, tx *store.Tx, u models.User, hash, butSession string, at time.Time) error {
	readAt := u.Version
	u.PasswordHash = hash
	u.Version++
	if err := tx.SaveUser(ctx, &u, readAt); err != nil {
		return err
	}
	if err := tx.EndSessions(ctx, u.ID, butSession); err != nil {
		return err
	}
	if butSession != "" {
		return nil
	}
	return tx.RevokeTokens(ctx, u.ID, "", at)
}

// ChangePassword gives the actor a new password; their other sign-ins end.
// Whoever came in by a provider alone gets their first.
func (r *Register) ChangePassword(ctx context.Context, a models.Actor, old, password string) error {
	if err := r.checkOwn(ctx, a, "account.change"); err != nil {
		return err
	}
	u, err := r.store.User(ctx, a.UserID)
	if err != nil {
		return err
	}
	tries := r.marks("proof", a.SessionID+a.UserID, a.From)
	if err := r.attempt(ctx, a.From, tries); err != nil {
		return err
	}
	if u.PasswordHash != "" && !auth.CheckPassword(old, u.PasswordHash) {
		return field("old", "wrong_password")
	}
	hash, err := r.hash(password, u.Email, u.Name)
	if err != nil {
		return err
	}
	return r.secure(ctx, a, "password.change", u.ID, func(tx *store.Tx, at time.Time) (map[string]any, error) {
		if err := tx.Succeeded(ctx, tries.account, tries.shared); err != nil {
			return nil, err
		}
		if err := r.newPassword(ctx, tx, u, hash, a.SessionID, at); err != nil {
			return nil, err
		}
		return nil, r.tellChange(ctx, tx, u.ID, "password.change")
	})
}

// resetFor and verifyFor are how long a mailed code may be used.
const (
	resetFor  = time.Hour
	verifyFor = 24 * time.Hour
)

// AskReset mails a code to whoever has an account with this address, when the
// address is known to be theirs. The answer and its time say nothing: what is
// done here is the same for every address, and a job does the rest.
func (r *Register) AskReset(ctx context.Context, from models.Origin, email string) error {
	if err := r.attempt(ctx, from, r.marks("reset", cleanEmail(email), from)); err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error {
		what, err := json.Marshal(asked{cleanEmail(email), from})
		if err != nil {
			return err
		}
		sealed, err := r.sealer.Seal(what, "reset")
		if err != nil {
			return err
		}
		return tx.Promise(ctx, ResetLetter{Asked: sealed})
	})
}

// Reset gives a new password to whoever has the code that was mailed to them.
// Every sign-in and token of theirs ends; a second factor stays.
func (r *Register) Reset(ctx context.Context, from models.Origin, code, password string) error {
	tries := r.marks("code", "", from)
	if err := r.attempt(ctx, from, tries); err != nil {
		return err
	}
	c, err := r.store.MailedCode(ctx, models.ResetPassword, auth.HashCode(code), r.Now())
	if models.KindOf(err) == models.NotFound {
		return field("code", "wrong_code")
	}
	if err != nil {
		return err
	}
	u, err := r.store.User(ctx, c.UserID)
	if err != nil {
		return err
	}
	if u.DisabledAt != nil || c.Email != u.Email { // the address has passed on since
		return field("code", "wrong_code")
	}
	hash, err := r.hash(password, u.Email, u.Name)
	if err != nil {
		return err
	}
	a, err := r.somewhere(ctx, u, from)
	if err != nil {
		return err
	}
	err = r.secure(ctx, a, "password.reset", u.ID, func(tx *store.Tx, at time.Time) (map[string]any, error) {
		if err := tx.UseMailedCode(ctx, c.ID, at); err != nil {
			return nil, err
		}
		if err := r.newPassword(ctx, tx, u, hash, "", at); err != nil {
			return nil, err
		}
		if err := tx.Succeeded(ctx, r.marks("sign-in", u.Email, models.Origin{}).account, tries.shared); err != nil {
			return nil, err
		}
		return nil, r.tellChange(ctx, tx, u.ID, "password.reset")
	})
	if models.KindOf(err) == models.NotFound {
		return field("code", "wrong_code") // another request of the same moment used it
	}
	return err
}

// somewhere is a person in any organisation of theirs, for the log.
func (r *Register) somewhere(ctx context.Context, u models.User, from models.Origin) (models.Actor, error) {
	members, err := r.store.Memberships(ctx, u.ID)
	a := models.Actor{UserID: u.ID, Name: u.Name, Email: u.Email, From: from}
	for _, m := range members {
		if a.OrgID == "" || a.OrgID == m.OrgID {
			a.OrgID = m.OrgID
			a.Grants = append(a.Grants, grantOf(m))
		}
	}
	return a, err
}

// ChangeEmail mails a code to a new address of the actor's, or to the one they
// have when it has not been verified yet. The address is theirs once they give
// the code back.
func (r *Register) ChangeEmail(ctx context.Context, a models.Actor, email string) error {
	if err := r.checkOwn(ctx, a, "account.change"); err != nil {
		return err
	}
	var f models.Faults
	checkAddress(&f, email)
	if err := f.Err(); err != nil {
		return err
	}
	tries := r.marks("verify", a.UserID, a.From)
	if err := r.attempt(ctx, a.From, tries); err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error {
		c := models.MailedCode{ID: newID(), UserID: a.UserID, Purpose: models.VerifyEmail, Email: cleanEmail(email), ExpiresAt: r.Now().Add(verifyFor), CreatedAt: r.Now()}
		if err := tx.ReplaceMailedCode(ctx, c); err != nil {
			return err
		}
		return tx.Promise(ctx, CodeLetter{Code: c.ID})
	})
}

// ConfirmEmail takes the code that was mailed to an address: the address is
// the actor's from now. The one they had is told.
func (r *Register) ConfirmEmail(ctx context.Context, a models.Actor, code string) (models.User, error) {
	var u models.User
	if err := r.checkOwn(ctx, a, "account.change"); err != nil {
		return u, err
	}
	tries := r.marks("code", a.UserID, a.From)
	if err := r.attempt(ctx, a.From, tries); err != nil {
		return u, err
	}
	c, err := r.store.MailedCode(ctx, models.VerifyEmail, auth.HashCode(code), r.Now())
	if models.KindOf(err) == models.NotFound || err == nil && c.UserID != a.UserID {
		return u, field("code", "wrong_code")
	}
	if err != nil {
		return u, err
	}
	kind := models.SecurityKind("email.verify")
	if c.Email != a.Email {
		kind = "email.change"
	}
	return u, r.secure(ctx, a, kind, a.UserID, func(tx *store.Tx, at time.Time) (map[string]any, error) {
		if u, err = tx.User(ctx, a.UserID); err != nil {
			return nil, err
		}
		if err := tx.UseMailedCode(ctx, c.ID, at); err != nil {
			return nil, err
		}
		if err := tx.Succeeded(ctx, tries.account, tries.shared); err != nil {
			return nil, err
		}
		if kind == "email.change" {
			if err := r.tellChange(ctx, tx, u.ID, kind); err != nil { // to the address they had
				return nil, err
			}
		}
		if err := tx.DropMailedCodes(ctx, u.ID, models.ResetPassword); err != nil {
			return nil, err
		}
		readAt := u.Version
		u.Email, u.EmailVerifiedAt = c.Email, &at
		u.Version++
		return nil, emailTaken(tx.SaveUser(ctx, &u, readAt))
	})
}

func emailTaken(err error) error {
	if models.KindOf(err) == models.Conflict {
		return field("email", "taken")
	}
	return err
}
