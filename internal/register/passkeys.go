package register

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/store"
	"beforehand/models"
)

// BeginPasskey asks the actor's device for a new passkey. State is kept in the
// session until FinishPasskey.
func (r *Register) BeginPasskey(ctx context.Context, a models.Actor) (options json.RawMessage, state []byte, err error) {
	if err := r.checkOwn(ctx, a, "account.change"); err != nil {
		return nil, nil, err
	}
	u, err := r.passkeyUser(ctx, a.UserID)
	if err != nil {
		return nil, nil, err
	}
	return r.passkeys.BeginRegistration(u)
}

func (r *Register) passkeyUser(ctx context.Context, userID string) (auth.PasskeyUser, error) {
	u, err := r.store.User(ctx, userID)
	if err != nil {
		return auth.PasskeyUser{}, err
	}
	keys, err := r.store.Passkeys(ctx, userID)
	p := auth.PasskeyUser{ID: u.ID, Name: u.Name, Email: u.Email}
	for _, k := range keys {
		p.Passkeys = append(p.Passkeys, auth.Passkey{ID: k.ID, Data: k.Data})
	}
	return p, err
}

// mostPasskeys bounds how many passkeys an account has.
const mostPasskeys = 20

// FinishPasskey keeps a new passkey under a name. It gives recovery codes,
// shown once, when the person has none.
func (r *Register) FinishPasskey(ctx context.Context, a models.Actor, state, response []byte, name string) (models.Passkey, []string, error) {
	var k models.Passkey
	if err := r.checkOwn(ctx, a, "account.change"); err != nil {
		return k, nil, err
	}
	name = strings.TrimSpace(name)
	var f models.Faults
	if name == "" {
		f.Add("name", "required")
	}
	models.CheckText(&f, "name", name, 100)
	if err := f.Err(); err != nil {
		return k, nil, err
	}
	u, err := r.passkeyUser(ctx, a.UserID)
	if err != nil {
		return k, nil, err
	}
	if len(u.Passkeys) >= mostPasskeys {
		return k, nil, models.Fail(models.Conflict, "too_many_passkeys").With("max", mostPasskeys)
	}
	made, err := r.passkeys.FinishRegistration(u, state, response)
	if err != nil {
		return k, nil, err
	}
	var codes []string
	err = r.secure(ctx, a, "passkey.add", a.UserID, func(tx *store.Tx, at time.Time) (map[string]any, error) {
		k = models.Passkey{ID: made.ID, UserID: a.UserID, Name: name, Data: made.Data, CreatedAt: at}
		if err := tx.Add(ctx, &k); err != nil {
			return nil, err
		}
		if codes, err = r.firstRecoveryCodes(ctx, tx, a, at); err != nil {
			return nil, err
		}
		return map[string]any{"passkey": name}, r.tellChange(ctx, tx, a.UserID, "passkey.add")
	})
	return k, codes, err
}

// RemovePasskey takes one of the actor's passkeys away.
func (r *Register) RemovePasskey(ctx context.Context, a models.Actor, id string) error {
	if err := r.checkOwn(ctx, a, "account.change"); err != nil {
		return err
	}
	return r.secure(ctx, a, "passkey.remove", a.UserID, func(tx *store.Tx, at time.Time) (map[string]any, error) {
		if err := tx.RemovePasskey(ctx, a.UserID, id); err != nil {
			return nil, err
		}
		if err := r.noFactorNoCodes(ctx, tx, a.UserID, at); err != nil {
			return nil, err
		}
		return nil, r.tellChange(ctx, tx, a.UserID, "passkey.remove")
	})
}

// AskPasskey asks whoever is there for a passkey.
func (r *Register) AskPasskey() (options json.RawMessage, state []byte, err error) {
	return r.passkeys.BeginSignIn()
}

// TakePasskey signs in whoever shows a passkey; of whoever is signed in, it is
// a new proof. A counter that goes back is a
// copy: it is refused, and the owner is told.
func (r *Register) TakePasskey(ctx context.Context, a models.Actor, state, response []byte, organisation string) (models.SignIn, error) {
	from := a.From
	tries := r.marks("passkey", "", from)
	if err := r.attempt(ctx, from, tries); err != nil {
		return models.SignIn{}, err
	}
	var shown string
	userID, used, err := r.passkeys.FinishSignIn(state, response, func(id string) (auth.PasskeyUser, error) {
		shown = id
		return r.passkeyUser(ctx, id)
	})
	if models.CodeOf(err) == "passkey_cloned" {
		return models.SignIn{}, errorsOr(r.cloned(ctx, from, shown), err)
	}
	if err != nil {
		return models.SignIn{}, err
	}
	u, err := r.store.User(ctx, userID)
	if err != nil {
		return models.SignIn{}, err
	}
	members, err := r.store.Memberships(ctx, userID)
	if err != nil {
		return models.SignIn{}, err
	}
	if u.DisabledAt != nil || len(members) == 0 {
		return models.SignIn{}, r.refuse(ctx, from, u, members, "passkey")
	}
	who := models.SignIn{UserID: userID, At: r.Now(), SecondFactor: true}
	if a.UserID == userID {
		who.OrgID = a.OrgID // they are here already, and only prove it
	} else if who.OrgID, err = r.belongsTo(ctx, members, organisation); err != nil {
		if models.KindOf(err) == models.NotFound {
			return models.SignIn{}, r.refuse(ctx, from, u, members, "organisation")
		}
		return models.SignIn{}, err
	}
	if err := r.store.Within(ctx, func(tx *store.Tx) error {
		return tx.UsePasskey(ctx, userID, used.ID, used.Data, r.Now())
	}); err != nil {
		return models.SignIn{}, err
	}
	return who, r.arrived(ctx, from, who, "passkey", tries)
}

// cloned notes that a copy of a passkey was shown, and tells its owner.
func (r *Register) cloned(ctx context.Context, from models.Origin, userID string) error {
	return r.store.Within(ctx, func(tx *store.Tx) error {
		if err := r.noteOf(ctx, tx, "passkey.cloned", userID, from); err != nil {
			return err
		}
		return r.tellChange(ctx, tx, userID, "passkey.cloned")
	})
}
