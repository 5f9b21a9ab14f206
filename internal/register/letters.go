package register

import (
	"context"
	"encoding/json"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/notice"
	"beforehand/internal/store"
	"beforehand/models"
)

// ResetLetter mails a code to whoever has an account with an address. The
// address is sealed: a job is kept for a day after it is done.
type ResetLetter struct {
	Asked string `json:"asked"`
}

// asked is who asked for a new password, of which address.
type asked struct {
	Email string
	From  models.Origin
}

// Kind is the stable name of the job.
func (ResetLetter) Kind() string { return "account.reset_letter" }

// CodeLetter mails a code.
type CodeLetter struct {
	Code string `json:"code"`
}

// Kind is the stable name of the job.
func (CodeLetter) Kind() string { return "account.code_letter" }

// InvitationLetter mails an invitation.
type InvitationLetter struct {
	Org        string `json:"org"`
	Invitation string `json:"invitation"`
}

// Kind is the stable name of the job.
func (InvitationLetter) Kind() string { return "invitation.letter" }

// ChangeLetter tells somebody that their account was changed, at the address
// that they had when it was.
type ChangeLetter struct {
	ID   string              `json:"id"`
	User string              `json:"user"`
	To   string              `json:"to"` // sealed
	What models.SecurityKind `json:"what"`
	At   time.Time           `json:"at"`
}

// Kind is the stable name of the job.
func (ChangeLetter) Kind() string { return "account.change_letter" }

// AddressLetter tells a union's officer that somebody else has recorded an
// address at which the union is to be served.
type AddressLetter struct {
	ID   string `json:"id"`
	User string `json:"user"`
}

// Kind is the stable name of the job.
func (AddressLetter) Kind() string { return "service_address.letter" }

func (r *Register) sendAddress(ctx context.Context, j AddressLetter, _ store.Attempt) error {
	u, err := r.store.User(ctx, j.User)
	if err != nil || u.DisabledAt != nil {
		return err
	}
	return r.post(ctx, notice.Letter{
		Kind: notice.LetterAddress, MessageID: j.ID + "@" + r.mailDomain(), To: u.Email, Language: u.Language, Name: u.Name, Date: r.Now(),
		URL: r.page(u.Language, "/addresses"),
	})
}

// tellChange promises a letter about a change to somebody's account. An
// account without a person behind it, or without an address, gets none.
func (r *Register) tellChange(ctx context.Context, tx *store.Tx, userID string, what models.SecurityKind) error {
	u, err := tx.User(ctx, userID)
	if err != nil || u.Kind == models.ServiceAccount || u.DisabledAt != nil {
		return err
	}
	job := ChangeLetter{ID: newID(), User: userID, What: what, At: r.Now()}
	if job.To, err = r.sealer.Seal([]byte(u.Email), "letter "+job.ID); err != nil {
		return err
	}
	return tx.Promise(ctx, job)
}

func (r *Register) sendChange(ctx context.Context, j ChangeLetter, _ store.Attempt) error {
	u, err := r.store.User(ctx, j.User)
	if err != nil {
		return err
	}
	to, err := r.sealer.Open(j.To, "letter "+j.ID)
	if err != nil {
		return store.Never(err)
	}
	return r.post(ctx, notice.Letter{
		Kind: notice.LetterChange, MessageID: j.ID + "@" + r.mailDomain(), To: string(to), Language: u.Language, Name: u.Name, What: j.What, At: j.At, Date: r.Now(),
		URL: r.page(u.Language, "/account"),
	})
}

// sendReset makes the code and its mail. A try that failed is made again with
// a new code: the one of the newest mail is the one that counts.
func (r *Register) sendReset(ctx context.Context, j ResetLetter, _ store.Attempt) error {
	opened, err := r.sealer.Open(j.Asked, "reset")
	if err != nil {
		return store.Never(err)
	}
	var by asked
	if err := json.Unmarshal(opened, &by); err != nil {
		return store.Never(err)
	}
	u, err := r.store.UserByEmail(ctx, by.Email)
	if models.KindOf(err) == models.NotFound {
		return nil
	}
	if err != nil || u.DisabledAt != nil || u.EmailVerifiedAt == nil || u.Kind != models.Person {
		return err
	}
	a, err := r.somewhere(ctx, u, by.From)
	if err != nil {
		return err
	}
	code, hash := auth.NewCode()
	c := models.MailedCode{ID: newID(), UserID: u.ID, Purpose: models.ResetPassword, Email: u.Email, Hash: &hash, ExpiresAt: r.Now().Add(resetFor), CreatedAt: r.Now()}
	if err := r.secure(ctx, a, "password.ask_reset", u.ID, func(tx *store.Tx, _ time.Time) (map[string]any, error) {
		return nil, tx.ReplaceMailedCode(ctx, c)
	}); err != nil {
		return err
	}
	return r.post(ctx, notice.Letter{
		Kind: notice.LetterReset, MessageID: c.ID + "@" + r.mailDomain(), To: u.Email, Language: u.Language, Name: u.Name, Code: code, Until: c.ExpiresAt, Date: r.Now(),
		URL: r.page(u.Language, "/reset-password"),
	})
}

func (r *Register) sendCode(ctx context.Context, j CodeLetter, _ store.Attempt) error {
	c, err := r.store.MailedCodeByID(ctx, j.Code)
	if models.KindOf(err) == models.NotFound {
		return nil // a newer one took its place
	}
	if err != nil || c.UsedAt != nil || !c.ExpiresAt.After(r.Now()) {
		return err
	}
	u, err := r.store.User(ctx, c.UserID)
	if err != nil {
		return err
	}
	code, hash := auth.NewCode()
	if err := r.store.Within(ctx, func(tx *store.Tx) error { return tx.HashMailedCode(ctx, c.ID, hash) }); err != nil {
		return err
	}
	return r.post(ctx, notice.Letter{
		Kind: notice.LetterVerify, MessageID: newID() + "@" + r.mailDomain(), To: c.Email, Language: u.Language, Name: u.Name, Code: code, Until: c.ExpiresAt, Date: r.Now(),
		URL: r.page(u.Language, "/account/email"),
	})
}

func (r *Register) sendInvitation(ctx context.Context, j InvitationLetter, _ store.Attempt) error {
	i, err := r.store.Invitation(ctx, j.Org, j.Invitation)
	if err != nil || !i.Open(r.Now()) {
		return err
	}
	v, err := r.invitationView(ctx, i)
	if err != nil {
		return err
	}
	code, hash := auth.NewCode()
	if err := r.store.Within(ctx, func(tx *store.Tx) error { return tx.HashInvitation(ctx, i.OrgID, i.ID, hash) }); err != nil {
		return err
	}
	return r.post(ctx, notice.Letter{
		Kind: notice.LetterInvitation, MessageID: newID() + "@" + r.mailDomain(), To: i.Email, Language: i.Language, Name: i.Name, Code: code, Until: i.ExpiresAt, Date: r.Now(),
		URL: r.page(i.Language, "/invitation"), Organisation: v.Organisation, InvitedBy: v.InvitedByName, Role: i.Role, Union: v.UnionAbbrev,
	})
}

// post sends a letter. A refusal for good is not tried again.
func (r *Register) post(ctx context.Context, l notice.Letter) error {
	l.From = r.set.MailFrom
	m, err := notice.ComposeLetter(l)
	if err != nil {
		return store.Never(err)
	}
	err = r.mail.Send(ctx, m)
	if err != nil && notice.Permanent(err) {
		return store.Never(err)
	}
	return err
}

// page is the address of a page in somebody's language.
func (r *Register) page(l models.Language, path string) string {
	if l != models.Welsh {
		l = models.English
	}
	return r.set.BaseURL + "/" + string(l) + path
}
