package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// Hat is a role that somebody is given: for a service area, or for a union.
type Hat struct {
	Role          models.Role
	ServiceAreaID string
	UnionID       string
}

// NewUser is a person to be added with a first role.
type NewUser struct {
	Email    string
	Name     string
	Language models.Language
	Password string
	Hat      Hat
}

// AddUser adds a person with a role and a password. Only the command line
// does: everybody else is invited and chooses a password that no one else
// knows. Whoever adds a person vouches for their address.
func (r *Register) AddUser(ctx context.Context, a models.Actor, in NewUser) (models.User, error) {
	var user models.User
	if err := r.check(a, "user.add", policy.Resource{OrgID: a.OrgID, UnionID: in.Hat.UnionID}); err != nil {
		return user, err
	}
	var f models.Faults
	checkAddress(&f, in.Email)
	if strings.TrimSpace(in.Name) == "" {
		f.Add("name", "required")
	}
	models.CheckText(&f, "name", in.Name, 200)
	if err := f.Err(); err != nil {
		return user, err
	}
	hash, err := r.hash(in.Password)
	if err != nil {
		return user, err
	}
	if in.Language == "" {
		in.Language = models.English
	}
	err = r.change(ctx, a, "user.add", func(tx *store.Tx, at time.Time) (entry, error) {
		user = models.User{
			ID: newID(), Kind: models.Person, Email: cleanEmail(in.Email), Name: in.Name, Language: in.Language, PasswordHash: hash,
			EmailVerifiedAt: &at, Version: 1, CreatedAt: at,
		}
		if err := tx.Add(ctx, &user); err != nil {
			return entry{}, err
		}
		if err := r.wear(ctx, tx, a, user.ID, in.Hat, at); err != nil {
			return entry{}, err
		}
		return entry{subject: user.ID, data: map[string]any{"role": string(in.Hat.Role)}}, nil
	})
	return user, err
}

// GrantRole gives somebody who already has an account another role.
func (r *Register) GrantRole(ctx context.Context, a models.Actor, email string, hat Hat) error {
	if err := r.check(a, "membership.grant", policy.Resource{OrgID: a.OrgID, UnionID: hat.UnionID}); err != nil {
		return err
	}
	return r.change(ctx, a, "membership.grant", func(tx *store.Tx, at time.Time) (entry, error) {
		user, err := tx.UserByEmail(ctx, email)
		if err != nil {
			return entry{}, err
		}
		// Somebody of another organisation only, or of the other side, or to a
		// union's officer anybody who is not of their union, is not known here.
		held, err := tx.Memberships(ctx, user.ID)
		if err != nil {
			return entry{}, err
		}
		known := func(m store.Member) bool {
			return m.OrgID == a.OrgID && (m.UnionID == nil && a.Has(models.RoleAdmin) || m.UnionID != nil && slices.Contains(a.Unions(), *m.UnionID))
		}
		if user.Kind != models.Person || !slices.ContainsFunc(held, known) {
			return entry{}, models.Missing("user")
		}
		if err := r.logFor(ctx, tx, a, "membership.grant", user.ID, hat.UnionID, map[string]any{"role": string(hat.Role)}); err != nil {
			return entry{}, err
		}
		return entry{subject: user.ID, data: map[string]any{"role": string(hat.Role)}}, r.wear(ctx, tx, a, user.ID, hat, at)
	})
}

// wear gives somebody a role, on the word of whoever may give it.
func (r *Register) wear(ctx context.Context, tx *store.Tx, by models.Actor, userID string, hat Hat, at time.Time) error {
	m, err := r.fits(ctx, tx, by, hat)
	if err != nil {
		return err
	}
	if err := oneSide(ctx, tx, by.OrgID, userID, hat.Role); err != nil {
		return err
	}
	if hat.Role.ForUnion() {
		came, err := tx.CameByProvider(ctx, userID)
		if err != nil {
			return err
		}
		if came {
			return models.Fail(models.Conflict, "provider_account")
		}
	}
	m.OrgID, m.ID, m.UserID, m.Version, m.CreatedAt = by.OrgID, newID(), userID, 1, at
	return tx.Add(ctx, &m)
}

// oneSide holds that nobody sits on both sides: a union is a party in its own right.
func oneSide(ctx context.Context, tx *store.Tx, org, userID string, role models.Role) error {
	if err := tx.LockUser(ctx, userID); err != nil {
		return err
	}
	held, err := tx.RolesOf(ctx, org, userID)
	if err == nil && slices.ContainsFunc(held, func(r models.Role) bool { return r.ForUnion() != role.ForUnion() }) {
		return models.Fail(models.Conflict, "both_sides")
	}
	return err
}

// fits says whether a role can be given at all by whoever gives it, and makes
// the membership that it would be.
func (r *Register) fits(ctx context.Context, tx *store.Tx, by models.Actor, hat Hat) (models.Membership, error) {
	m := models.Membership{Role: hat.Role}
	if !slices.Contains(models.Roles, hat.Role) {
		return m, field("role", "unknown_value", "value", string(hat.Role), "allowed", "")
	}
	if hat.Role.ForUnion() != (hat.UnionID != "") {
		return m, field("union", "required")
	}
	if hat.ServiceAreaID != "" {
		if hat.Role != models.RoleManager { // no other role's acts reach by area: it would be unlimited
			return m, field("serviceArea", "contradicts", "other", "role")
		}
		if _, err := tx.ServiceArea(ctx, by.OrgID, hat.ServiceAreaID); err != nil {
			return m, err
		}
		m.ServiceAreaID = &hat.ServiceAreaID
	}
	if hat.UnionID == "" {
		if len(by.Unions()) > 0 && !by.Has(models.RoleAdmin) {
			return m, models.Fail(models.Forbidden, "forbidden").With("act", "membership.grant")
		}
		return m, nil
	}
	u, err := tx.Union(ctx, by.OrgID, hat.UnionID)
	if err != nil {
		return m, err
	}
	m.UnionID = &u.ID
	return m, firstOfficerOnly(ctx, tx, by, hat)
}

// firstOfficerOnly holds an administrator back from a union that has an
// officer already: from there on the union's officers add its people.
func firstOfficerOnly(ctx context.Context, tx *store.Tx, a models.Actor, hat Hat) error {
	if slices.Contains(a.Unions(), hat.UnionID) {
		return nil
	}
	if err := tx.LockPeople(ctx, a.OrgID, hat.UnionID); err != nil {
		return err
	}
	has, err := tx.UnionHasPeople(ctx, a.OrgID, hat.UnionID)
	if err != nil {
		return err
	}
	if has || hat.Role != models.RoleUnionOfficer {
		return models.Fail(models.Forbidden, "forbidden").With("act", "membership.grant")
	}
	return nil
}

// MemberView is a person with one of their roles, and what may be done about it.
type MemberView struct {
	store.Member
	// Worn says whether the role counts today.
	Worn bool
	// LentBy is the name of whoever lends it.
	LentBy string
	Can    []string
}

// Members are the people of the organisation with their roles. A union's
// officers see their own people only; of a union's people an administrator and
// an auditor see who speaks for it, but not by what address they sign in.
// Everybody sees their own roles.
func (r *Register) Members(ctx context.Context, a models.Actor) ([]MemberView, error) {
	if err := r.check(a, "user.read", mine(a)); err != nil {
		return nil, err
	}
	all, err := r.store.Members(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, m := range all {
		names[m.UserID] = m.Name
	}
	out := []MemberView{}
	for _, m := range all {
		if m.UserKind != models.Person || r.check(a, "user.read", memberResource(m)) != nil {
			continue
		}
		if m.UnionID != nil && !slices.Contains(a.Unions(), *m.UnionID) && m.UserID != a.UserID {
			m.Email, m.HasFactor = "", false
		}
		v := MemberView{Member: m, LentBy: names[deref(m.DelegatedBy)], Can: r.memberActs(a, m)}
		if v.Worn, err = r.worn(ctx, m); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func memberResource(m store.Member) policy.Resource {
	return policy.Resource{OrgID: m.OrgID, UnionID: deref(m.UnionID), OwnerID: m.UserID}
}

func (r *Register) memberActs(a models.Actor, m store.Member) []string {
	acts := []string{"membership.suspend", "membership.end"}
	if m.SuspendedAt != nil {
		acts = []string{"membership.resume", "membership.end"}
	}
	if m.UserID == a.UserID && !m.Delegated() && (m.Role.OfEmployer() || m.Role.ForUnion()) {
		acts = append(acts, "membership.delegate")
	}
	res := memberResource(m)
	if m.DelegatedBy != nil && *m.DelegatedBy == a.UserID {
		res.OwnerID = a.UserID // whoever lent it may take it back
	}
	return r.policy.Allowed(a, append(acts, "user.remove"), res)
}
