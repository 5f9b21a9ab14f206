package register

import (
	"context"
	"errors"
	"slices"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// Credentials are what somebody signs in with.
type Credentials struct {
	Email    string
	Password string
	// Code is a one-time or recovery code; it may be given in a second step.
	Code string
	// Organisation is the short name of one of several; "" is the only one.
	Organisation string
}

// SignIn finds who has this address and password. Whatever is wrong, and
// whether there is such an account, the answer is the same and takes as long.
//
// Errors: bad_credentials; limited, with the seconds to wait;
// organisation_required; second_factor_required, together with who it is that
// must still give a code.
func (r *Register) SignIn(ctx context.Context, from models.Origin, in Credentials) (models.SignIn, error) {
	tries := r.marks("sign-in", cleanEmail(in.Email), from)
	if err := r.attempt(ctx, from, tries); err != nil {
		return models.SignIn{}, err
	}
	even := time.NewTimer(r.set.RefuseAfter)
	defer even.Stop()
	who, err := r.firstFactor(ctx, from, in, tries)
	if models.CodeOf(err) == "bad_credentials" {
		select {
		case <-even.C:
		case <-ctx.Done():
		}
	}
	return who, err
}

func (r *Register) firstFactor(ctx context.Context, from models.Origin, in Credentials, t tries) (models.SignIn, error) {
	u, err := r.store.UserByEmail(ctx, in.Email)
	if err != nil && models.KindOf(err) != models.NotFound {
		return models.SignIn{}, err
	}
	members, err := r.store.Memberships(ctx, u.ID)
	if err != nil {
		return models.SignIn{}, err
	}
	if !auth.CheckPassword(in.Password, u.PasswordHash) || u.DisabledAt != nil || len(members) == 0 {
		return models.SignIn{}, r.refuse(ctx, from, u, members, "password")
	}
	org, err := r.belongsTo(ctx, members, in.Organisation)
	if models.KindOf(err) == models.NotFound {
		return models.SignIn{}, r.refuse(ctx, from, u, members, "organisation")
	}
	who := models.SignIn{UserID: u.ID, OrgID: org, At: r.Now()}
	if err != nil {
		return who, err
	}
	enrolled, err := r.enrolled(ctx, u.ID)
	if err != nil {
		return models.SignIn{}, err
	}
	if enrolled && in.Code == "" {
		return who, models.Fail(models.Unauthenticated, "second_factor_required")
	}
	if enrolled {
		if err := r.takeCode(ctx, u.ID, in.Code); err != nil {
			return models.SignIn{}, r.refusedCode(ctx, from, u, members, err)
		}
		who.SecondFactor = true
	}
	return who, r.arrived(ctx, from, who, "password", t)
}

// SecondFactor is the second step of a sign-in whose password was right.
func (r *Register) SecondFactor(ctx context.Context, from models.Origin, who models.SignIn, code string) (models.SignIn, error) {
	u, err := r.store.User(ctx, who.UserID)
	if err != nil {
		return models.SignIn{}, err
	}
	first, tries := r.marks("sign-in", u.Email, from), r.marks("code", u.ID, from)
	if err := r.attempt(ctx, from, tries); err != nil {
		return models.SignIn{}, err
	}
	members, err := r.store.Memberships(ctx, u.ID)
	if err != nil {
		return models.SignIn{}, err
	}
	if err := r.takeCode(ctx, u.ID, code); err != nil {
		return models.SignIn{}, r.refusedCode(ctx, from, u, members, err)
	}
	if u.DisabledAt != nil {
		return models.SignIn{}, r.refuse(ctx, from, u, members, "disabled")
	}
	who.SecondFactor, who.At = true, r.Now()
	if err := r.store.Within(ctx, func(tx *store.Tx) error { return tx.Succeeded(ctx, first.account, first.shared) }); err != nil {
		return models.SignIn{}, err
	}
	return who, r.arrived(ctx, from, who, "password", tries)
}

// refusedCode tells a code that is wrong from one that could not be tried.
func (r *Register) refusedCode(ctx context.Context, from models.Origin, u models.User, members []store.Member, err error) error {
	if models.KindOf(err) != models.Unauthenticated {
		return err
	}
	return errors.Join(err, ignoreRefusal(r.refuse(ctx, from, u, members, "code")))
}

// ignoreRefusal drops the answer of refuse, and keeps what stopped it.
func ignoreRefusal(err error) error {
	if models.KindOf(err) == models.Unauthenticated {
		return nil
	}
	return err
}

// refuse writes a failed sign-in into the security log, of an account that
// exists or not, and gives the one answer.
func (r *Register) refuse(ctx context.Context, from models.Origin, u models.User, members []store.Member, why string) error {
	only, err := r.onlyOrganisation(ctx) // asked in any case, so that it takes as long
	if err != nil {
		return err
	}
	e := models.SecurityEvent{OrgID: only, Kind: "session.refused", Address: from.Address, Agent: from.Agent, Detail: map[string]any{"by": why}}
	if u.ID != "" {
		e.UserID = &u.ID
	}
	for _, m := range members {
		e.OrgID = &m.OrgID
		if m.UnionID != nil {
			e.UnionID = m.UnionID
		}
	}
	if err := r.store.Within(ctx, func(tx *store.Tx) error { return r.noteEvent(ctx, tx, e) }); err != nil {
		return err
	}
	return models.Fail(models.Unauthenticated, "bad_credentials")
}

// arrived ends a sign-in that went well.
func (r *Register) arrived(ctx context.Context, from models.Origin, who models.SignIn, by string, t tries) error {
	a, err := r.ActorOf(ctx, who.UserID, who.OrgID)
	if err != nil {
		return err
	}
	a.From = from
	return r.store.Within(ctx, func(tx *store.Tx) error {
		if err := tx.Succeeded(ctx, t.account, t.shared); err != nil {
			return err
		}
		return r.logOf(ctx, tx, a, "session.begin", who.UserID, map[string]any{"by": by, "secondFactor": who.SecondFactor})
	})
}

// belongsTo is the organisation that somebody means: the one they name, or the
// only one of theirs.
func (r *Register) belongsTo(ctx context.Context, members []store.Member, slug string) (string, error) {
	org := members[0].OrgID
	if slug != "" {
		o, err := r.store.OrganisationBySlug(ctx, slug)
		if err != nil {
			return "", err
		}
		org = o.ID
	}
	if !slices.ContainsFunc(members, func(m store.Member) bool { return m.OrgID == org }) {
		return "", models.Missing("membership")
	}
	if slug == "" && slices.ContainsFunc(members, func(m store.Member) bool { return m.OrgID != org }) {
		return "", models.Fail(models.Invalid, "organisation_required") // which one is theirs to say
	}
	return org, nil
}

// SignOut notes that somebody has signed out.
func (r *Register) SignOut(ctx context.Context, a models.Actor) error {
	if a.Anonymous() {
		return nil
	}
	return r.secure(ctx, a, "session.end", a.UserID, func(*store.Tx, time.Time) (map[string]any, error) { return nil, nil })
}

// Work changes the organisation that somebody is signed in to.
func (r *Register) Work(ctx context.Context, a models.Actor, slug string) (string, error) {
	if err := r.check(a, "account.prove", mine(a)); err != nil {
		return "", err
	}
	if a.ByProvider {
		// One employer's provider vouches for nobody at another's.
		return "", models.Fail(models.Forbidden, "provider_elsewhere")
	}
	members, err := r.store.Memberships(ctx, a.UserID)
	if err != nil {
		return "", err
	}
	if len(members) == 0 {
		return "", models.Missing("organisation")
	}
	org, err := r.belongsTo(ctx, members, slug)
	if models.KindOf(err) == models.NotFound {
		return "", models.Missing("organisation")
	}
	return org, err
}

// OwnOrganisations are those that the actor has a role in, by name.
func (r *Register) OwnOrganisations(ctx context.Context, a models.Actor) ([]models.Organisation, error) {
	if err := r.check(a, "account.read", mine(a)); err != nil {
		return nil, err
	}
	members, err := r.store.Memberships(ctx, a.UserID)
	if err != nil {
		return nil, err
	}
	all, err := r.store.Organisations(ctx)
	return slices.DeleteFunc(all, func(o models.Organisation) bool {
		return !slices.ContainsFunc(members, func(m store.Member) bool { return m.OrgID == o.ID })
	}), err
}

// mine is a resource that is the actor's own.
func mine(a models.Actor) policy.Resource {
	return policy.Resource{OrgID: a.OrgID, OwnerID: a.UserID}
}
