package register

import (
	"context"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// NewInvitation is somebody to be asked in, and to what.
type NewInvitation struct {
	Email    string
	Name     string
	Language models.Language
	Hat      Hat
}

// InvitationView is an invitation as it is read: who invites, and to what.
type InvitationView struct {
	models.Invitation
	Organisation  models.Text
	InvitedByName string
	UnionAbbrev   string
	AreaName      models.Text
	// Stale says that it can no longer be accepted, though nobody took it back.
	Stale bool
	Can   []string
}

// Invite mails an invitation. An administrator invites the employer's people
// and the first officer of a union; the union's officers invite the rest of
// their own.
func (r *Register) Invite(ctx context.Context, a models.Actor, in NewInvitation) (InvitationView, error) {
	var v InvitationView
	if err := r.check(a, "invitation.send", policy.Resource{OrgID: a.OrgID, UnionID: in.Hat.UnionID}); err != nil {
		return v, err
	}
	var f models.Faults
	checkAddress(&f, in.Email)
	models.CheckText(&f, "name", in.Name, 200)
	if in.Language == "" {
		in.Language = models.English
	}
	if err := f.Err(); err != nil {
		return v, err
	}
	err := r.change(ctx, a, "invitation.send", func(tx *store.Tx, at time.Time) (entry, error) {
		m, err := r.fits(ctx, tx, a, in.Hat)
		if err != nil {
			return entry{}, err
		}
		if err := oneFirstOfficer(ctx, tx, a, in.Hat, at); err != nil {
			return entry{}, err
		}
		i := models.Invitation{
			OrgID: a.OrgID, ID: newID(), Email: cleanEmail(in.Email), Name: strings.TrimSpace(in.Name), Language: in.Language, Role: m.Role,
			ServiceAreaID: m.ServiceAreaID, UnionID: m.UnionID, InvitedBy: a.UserID, CreatedAt: at, ExpiresAt: at.AddDate(0, 0, models.InvitationDays),
		}
		if err := tx.Add(ctx, &i); err != nil {
			return entry{}, err
		}
		v.Invitation = i
		if err := r.logFor(ctx, tx, a, "invitation.send", "", in.Hat.UnionID, map[string]any{"invitation": i.ID, "role": string(i.Role)}); err != nil {
			return entry{}, err
		}
		return entry{subject: i.ID, data: map[string]any{"role": string(i.Role), "union": in.Hat.UnionID}}, tx.Promise(ctx, InvitationLetter{Org: a.OrgID, Invitation: i.ID})
	})
	if err != nil {
		return v, err
	}
	return r.invitationView(ctx, v.Invitation)
}

// oneFirstOfficer keeps an administrator from inviting several first officers.
func oneFirstOfficer(ctx context.Context, tx *store.Tx, a models.Actor, hat Hat, at time.Time) error {
	if hat.UnionID == "" || slices.Contains(a.Unions(), hat.UnionID) {
		return nil
	}
	open, err := tx.OpenInvitationFor(ctx, a.OrgID, hat.UnionID, at)
	if err == nil && open {
		return models.Fail(models.Conflict, "first_officer_invited")
	}
	return err
}

func checkAddress(f *models.Faults, email string) {
	if addr, err := mail.ParseAddress(email); err != nil || !strings.EqualFold(addr.Address, strings.TrimSpace(email)) || len(email) > 254 {
		f.Add("email", "not_an_address", "value", shorten(email, 254))
	}
}

func (r *Register) invitationView(ctx context.Context, i models.Invitation) (InvitationView, error) {
	v := InvitationView{Invitation: i, Stale: i.AcceptedAt == nil && i.RevokedAt == nil && !i.Open(r.Now())}
	org, err := r.store.Organisation(ctx, i.OrgID)
	if err != nil {
		return v, err
	}
	by, err := r.store.User(ctx, i.InvitedBy)
	if err != nil {
		return v, err
	}
	v.Organisation, v.InvitedByName = org.Name(), by.Name
	if i.UnionID != nil {
		u, err := r.store.Union(ctx, i.OrgID, *i.UnionID)
		if err != nil {
			return v, err
		}
		v.UnionAbbrev = u.Abbreviation
	}
	if i.ServiceAreaID != nil {
		area, err := r.store.ServiceArea(ctx, i.OrgID, *i.ServiceAreaID)
		if err != nil {
			return v, err
		}
		v.AreaName = models.Text{En: area.NameEn, Cy: area.NameCy}
	}
	return v, nil
}

// Invitations are those of the actor's side, newest first: a union's officers
// see their own union's.
func (r *Register) Invitations(ctx context.Context, a models.Actor) ([]InvitationView, error) {
	res := own(a)
	unions := a.Unions()
	if len(unions) > 0 {
		res.UnionID = unions[0]
	}
	if err := r.check(a, "invitation.read", res); err != nil {
		return nil, err
	}
	all, err := r.store.Invitations(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	out := []InvitationView{}
	for _, i := range all {
		if !r.seesInvitation(a, i) {
			continue
		}
		v, err := r.invitationView(ctx, i)
		if err != nil {
			return nil, err
		}
		if i.Open(r.Now()) {
			v.Can = r.policy.Allowed(a, []string{"invitation.revoke"}, policy.Resource{OrgID: i.OrgID, UnionID: deref(i.UnionID)})
		}
		out = append(out, v)
	}
	return out, nil
}

// seesInvitation keeps a union's invitations from the other side: of those,
// only the sender's own, which is the first officer's, are seen there.
func (r *Register) seesInvitation(a models.Actor, i models.Invitation) bool {
	if r.check(a, "invitation.read", policy.Resource{OrgID: i.OrgID, UnionID: deref(i.UnionID)}) != nil {
		return false
	}
	return i.UnionID == nil || slices.Contains(a.Unions(), *i.UnionID) || i.InvitedBy == a.UserID
}

// RevokeInvitation takes back an invitation that has not been accepted.
func (r *Register) RevokeInvitation(ctx context.Context, a models.Actor, id string) error {
	return r.change(ctx, a, "invitation.revoke", func(tx *store.Tx, at time.Time) (entry, error) {
		if err := r.check(a, "invitation.read", r.ownSide(a)); err != nil {
			return entry{}, err
		}
		i, err := tx.Invitation(ctx, a.OrgID, id)
		if err != nil {
			return entry{}, err
		}
		if !r.seesInvitation(a, i) {
			return entry{}, models.Missing("invitation")
		}
		if err := r.check(a, "invitation.revoke", policy.Resource{OrgID: i.OrgID, UnionID: deref(i.UnionID)}); err != nil {
			return entry{}, err
		}
		if !i.Open(at) {
			return entry{}, models.Fail(models.Gone, "invitation_spent")
		}
		if err := tx.RevokeInvitation(ctx, a.OrgID, id, at); err != nil {
			return entry{}, err
		}
		return entry{subject: id}, r.logFor(ctx, tx, a, "invitation.revoke", "", deref(i.UnionID), map[string]any{"invitation": id})
	})
}

// ownSide is a resource of the actor's own side: a union's, or the organisation.
func (r *Register) ownSide(a models.Actor) policy.Resource {
	res := own(a)
	if unions := a.Unions(); len(unions) > 0 {
		res.UnionID = unions[0]
	}
	return res
}

// Invitation shows whoever has the code who invites them, and to what.
func (r *Register) Invitation(ctx context.Context, from models.Origin, code string) (InvitationView, error) {
	i, err := r.invited(ctx, from, code)
	if err != nil {
		return InvitationView{}, err
	}
	return r.invitationView(ctx, i)
}

// invited finds the open invitation of a code. A wrong code, one used before
// and one that has lapsed are told apart only where there was an invitation.
func (r *Register) invited(ctx context.Context, from models.Origin, code string) (models.Invitation, error) {
	t := r.marks("invitation", "", from)
	if err := r.attempt(ctx, from, t); err != nil {
		return models.Invitation{}, err
	}
	i, err := r.store.InvitationByHash(ctx, auth.HashCode(code))
	if models.KindOf(err) == models.NotFound {
		return i, field("code", "wrong_code")
	}
	if err != nil {
		return i, err
	}
	if !i.Open(r.Now()) {
		return i, models.Fail(models.Gone, "invitation_spent")
	}
	return i, r.store.Within(ctx, func(tx *store.Tx) error { return tx.Succeeded(ctx, t.account, t.shared) })
}

// Acceptance is what a new person says of themselves.
type Acceptance struct {
	Code     string
	Name     string
	Language models.Language
	Password string
}

// Accept makes an account for whoever was invited and gives it its role. The
// code came by mail, so the address is known to be theirs. Somebody who has an
// account already signs in and accepts as themselves.
func (r *Register) Accept(ctx context.Context, from models.Origin, in Acceptance) (models.SignIn, error) {
	i, err := r.invited(ctx, from, in.Code)
	if err != nil {
		return models.SignIn{}, err
	}
	old, err := r.displaced(ctx, i.OrgID, i.Email)
	if err != nil {
		return models.SignIn{}, err
	}
	var f models.Faults
	name := strings.TrimSpace(in.Name)
	if name == "" {
		f.Add("name", "required")
	}
	models.CheckText(&f, "name", name, 200)
	hash, err := r.hash(in.Password, i.Email, name)
	if err != nil {
		return models.SignIn{}, errors.Join(f.Err(), err)
	}
	if err := f.Err(); err != nil {
		return models.SignIn{}, err
	}
	if in.Language == "" {
		in.Language = i.Language
	}
	at := r.Now()
	u := models.User{ID: newID(), Kind: models.Person, Email: i.Email, Name: name, Language: in.Language, PasswordHash: hash, EmailVerifiedAt: &at, Version: 1, CreatedAt: at}
	a := models.Actor{UserID: u.ID, OrgID: i.OrgID, Name: u.Name, Email: u.Email, From: from}
	return models.SignIn{UserID: u.ID, OrgID: i.OrgID, At: at}, r.accept(ctx, a, i, &u, old)
}

// displaced finds the account that has an address now, when whoever has the
// mailed code may take the address over: nobody can come in by the account any
// more, or it is another organisation's and never showed that the address is
// its own. What was written under it stays with it.
func (r *Register) displaced(ctx context.Context, org, email string) (*models.User, error) {
	u, err := r.store.UserByEmail(ctx, email)
	if models.KindOf(err) == models.NotFound {
		return nil, nil //nolint:nilnil // nobody is in the way, and nothing is wrong
	}
	if err != nil {
		return nil, err
	}
	held, err := r.store.Memberships(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	here := slices.ContainsFunc(held, func(m store.Member) bool { return m.OrgID == org })
	if here || len(held) > 0 && u.EmailVerifiedAt != nil {
		return nil, models.Fail(models.Conflict, "account_exists")
	}
	return &u, nil
}

// AcceptAs accepts an invitation with the account of the person who is signed
// in: the one it was sent to.
func (r *Register) AcceptAs(ctx context.Context, a models.Actor, code string) (models.SignIn, error) {
	if err := r.check(a, "account.prove", mine(a)); err != nil {
		return models.SignIn{}, err
	}
	i, err := r.invited(ctx, a.From, code)
	if err != nil {
		return models.SignIn{}, err
	}
	if a.ByProvider && i.OrgID != a.OrgID {
		return models.SignIn{}, models.Fail(models.Forbidden, "provider_elsewhere")
	}
	if i.Email != a.Email {
		return models.SignIn{}, models.Fail(models.Forbidden, "invitation_elsewhere")
	}
	in := a
	in.OrgID = i.OrgID
	return models.SignIn{UserID: a.UserID, OrgID: i.OrgID}, r.accept(ctx, in, i, nil, nil)
}

// accept gives the role that was offered, if whoever offered it still may.
func (r *Register) accept(ctx context.Context, a models.Actor, i models.Invitation, made, old *models.User) error {
	by, err := r.ActorOf(ctx, i.InvitedBy, i.OrgID)
	if err != nil {
		if models.KindOf(err) == models.NotFound {
			return models.Fail(models.Gone, "invitation_spent").Because(err)
		}
		return err
	}
	hat := Hat{Role: i.Role, ServiceAreaID: deref(i.ServiceAreaID), UnionID: deref(i.UnionID)}
	if err := r.check(by, "invitation.send", policy.Resource{OrgID: i.OrgID, UnionID: hat.UnionID}); err != nil {
		return models.Fail(models.Gone, "invitation_spent").Because(err)
	}
	return r.change(ctx, a, "invitation.accept", func(tx *store.Tx, at time.Time) (entry, error) {
		if old != nil {
			readAt := old.Version
			old.Email, old.EmailVerifiedAt = "displaced-"+old.ID+"@invalid", nil
			old.Version++
			if err := errorsOr(tx.SaveUser(ctx, old, readAt), r.noteOf(ctx, tx, "account.displaced", old.ID, models.Origin{})); err != nil {
				return entry{}, err
			}
		}
		if made != nil {
			if err := tx.Add(ctx, made); err != nil {
				return entry{}, err
			}
		}
		if err := tx.AcceptInvitation(ctx, i.OrgID, i.ID, a.UserID, at); err != nil {
			return entry{}, models.Fail(models.Gone, "invitation_spent").Because(err)
		}
		if err := r.wear(ctx, tx, by, a.UserID, hat, at); err != nil {
			return entry{}, err
		}
		if err := r.logFor(ctx, tx, a, "invitation.accept", a.UserID, hat.UnionID, map[string]any{"invitation": i.ID, "role": string(i.Role)}); err != nil {
			return entry{}, err
		}
		return entry{subject: i.ID, data: map[string]any{"user": a.UserID, "role": string(i.Role)}}, nil
	})
}
