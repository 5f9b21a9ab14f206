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

// SignIn finds who has this address and password. The answer and the time it
// takes are the same whether the address or the password is wrong.
func (r *Register) SignIn(ctx context.Context, email, password, organisation string) (models.Actor, error) {
	wrong := models.Fail(models.Unauthenticated, "bad_credentials")
	u, err := r.store.UserByEmail(ctx, email)
	if err != nil && models.KindOf(err) != models.NotFound {
		return models.Actor{}, err
	}
	if !auth.CheckPassword(password, u.PasswordHash) || u.DisabledAt != nil {
		return models.Actor{}, wrong
	}
	org := ""
	if organisation != "" {
		o, err := r.store.OrganisationBySlug(ctx, organisation)
		if err != nil {
			return models.Actor{}, wrong
		}
		org = o.ID
	}
	a, err := r.actor(ctx, u, org)
	if models.KindOf(err) == models.NotFound {
		return a, wrong
	}
	return a, err
}

// ActorOf is a signed-in person as they are now: roles taken away since
// sign-in are gone.
func (r *Register) ActorOf(ctx context.Context, userID, org string) (models.Actor, error) {
	u, err := r.store.User(ctx, userID)
	if err != nil {
		return models.Actor{}, err
	}
	if u.DisabledAt != nil {
		return models.Actor{}, models.Missing("user")
	}
	return r.actor(ctx, u, org)
}

// actor gathers the roles of a person in an organisation; "" is the only one
// they belong to.
func (r *Register) actor(ctx context.Context, u models.User, org string) (models.Actor, error) {
	members, err := r.store.Memberships(ctx, u.ID)
	if err != nil {
		return models.Actor{}, err
	}
	a := models.Actor{UserID: u.ID, Name: u.Name, Email: u.Email}
	if org == "" && slices.ContainsFunc(members, func(m store.Member) bool { return m.OrgID != members[0].OrgID }) {
		return a, models.Fail(models.Invalid, "organisation_required") // which one is theirs to say
	}
	for _, m := range members {
		if org == "" {
			org = m.OrgID
		}
		if m.OrgID != org {
			continue
		}
		g := models.Grant{Role: m.Role}
		if m.AreaPath != nil {
			g.AreaPath = *m.AreaPath
		}
		if m.UnionID != nil {
			g.UnionID = *m.UnionID
		}
		a.OrgID = org
		a.Grants = append(a.Grants, g)
	}
	if a.OrgID == "" {
		return a, models.Missing("membership")
	}
	return a, nil
}

// ActorOfToken is whom a bearer token stands for.
func (r *Register) ActorOfToken(ctx context.Context, token string) (models.Actor, error) {
	bad := models.Fail(models.Unauthenticated, "bad_credentials")
	t, err := r.store.Token(ctx, auth.HashToken(token))
	if models.KindOf(err) == models.NotFound {
		return models.Actor{}, bad
	}
	if err != nil {
		return models.Actor{}, err
	}
	if t.RevokedAt != nil || !t.ExpiresAt.After(r.Now()) {
		return models.Actor{}, bad
	}
	a, err := r.ActorOf(ctx, t.UserID, t.OrgID)
	if err != nil {
		return models.Actor{}, bad.Because(err)
	}
	a.Scopes = t.Scopes
	if t.LastUsedAt == nil || r.Now().Sub(*t.LastUsedAt) > time.Minute {
		if err := r.store.TouchToken(ctx, t.ID, r.Now()); err != nil {
			r.log.WarnContext(ctx, "a token's last use was not noted", "error", err)
		}
	}
	return a, nil
}

// PublicActor is somebody without an account, reading one organisation's
// register. Without a name it is the only organisation there is.
func (r *Register) PublicActor(ctx context.Context, slug string) (models.Actor, error) {
	if slug != "" {
		o, err := r.store.OrganisationBySlug(ctx, slug)
		return models.Actor{OrgID: o.ID}, err
	}
	all, err := r.store.Organisations(ctx)
	if err != nil {
		return models.Actor{}, err
	}
	if len(all) != 1 {
		return models.Actor{}, models.Fail(models.Invalid, "organisation_required")
	}
	return models.Actor{OrgID: all[0].ID}, nil
}

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

// AddUser adds a person with a role. An administrator adds the employer's
// people and the first officer of a union only; the union's officers add the
// rest of their own.
func (r *Register) AddUser(ctx context.Context, a models.Actor, in NewUser) (models.User, error) {
	var user models.User
	if err := r.check(a, "user.add", policy.Resource{OrgID: a.OrgID, UnionID: in.Hat.UnionID}); err != nil {
		return user, err
	}
	var f models.Faults
	if addr, err := mail.ParseAddress(in.Email); err != nil || !strings.EqualFold(addr.Address, strings.TrimSpace(in.Email)) {
		f.Add("email", "not_an_address", "value", in.Email)
	}
	if strings.TrimSpace(in.Name) == "" {
		f.Add("name", "required")
	}
	models.CheckText(&f, "name", in.Name, 200)
	if err := f.Err(); err != nil {
		return user, err
	}
	hash, err := auth.HashPassword(in.Password)
	if err != nil {
		return user, err
	}
	if in.Language == "" {
		in.Language = models.English
	}
	err = r.change(ctx, a, "user.add", func(tx *store.Tx, at time.Time) (entry, error) {
		user = models.User{ID: newID(), Email: cleanEmail(in.Email), Name: in.Name, Language: in.Language, PasswordHash: hash, Version: 1, CreatedAt: at}
		if err := tx.Add(ctx, &user); err != nil {
			return entry{}, err
		}
		if err := r.wear(ctx, tx, a, user, in.Hat, at); err != nil {
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
		// Somebody of another organisation only is not known here.
		if held, err := tx.RolesOf(ctx, a.OrgID, user.ID); err != nil || len(held) == 0 {
			return entry{}, errors.Join(err, models.Missing("user"))
		}
		return entry{subject: user.ID, data: map[string]any{"role": string(hat.Role)}}, r.wear(ctx, tx, a, user, hat, at)
	})
}

func (r *Register) wear(ctx context.Context, tx *store.Tx, a models.Actor, user models.User, hat Hat, at time.Time) error {
	if !slices.Contains(models.Roles, hat.Role) {
		return field("role", "unknown_value", "value", string(hat.Role), "allowed", "")
	}
	if hat.Role.ForUnion() != (hat.UnionID != "") {
		return field("union", "required")
	}
	// Nobody sits on both sides: a union is a party in its own right.
	held, err := tx.RolesOf(ctx, a.OrgID, user.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(held, func(r models.Role) bool { return r.ForUnion() != hat.Role.ForUnion() }) {
		return models.Fail(models.Conflict, "both_sides")
	}
	m := models.Membership{OrgID: a.OrgID, ID: newID(), UserID: user.ID, Role: hat.Role, CreatedAt: at}
	if hat.ServiceAreaID != "" {
		if hat.Role != models.RoleManager { // no other role's acts reach by area: it would be unlimited
			return field("serviceArea", "contradicts", "other", "role")
		}
		if _, err := tx.ServiceArea(ctx, a.OrgID, hat.ServiceAreaID); err != nil {
			return err
		}
		m.ServiceAreaID = &hat.ServiceAreaID
	}
	if hat.UnionID == "" {
		if len(a.Unions()) > 0 && !a.Has(models.RoleAdmin) {
			return models.Fail(models.Forbidden, "forbidden").With("act", "membership.grant")
		}
		return tx.Add(ctx, &m)
	}
	if _, err := tx.Union(ctx, a.OrgID, hat.UnionID); err != nil {
		return err
	}
	if err := firstOfficerOnly(ctx, tx, a, hat); err != nil {
		return err
	}
	m.UnionID = &hat.UnionID
	return tx.Add(ctx, &m)
}

// firstOfficerOnly holds an administrator back from a union that has an
// officer already: from there on the union's officers add its people.
func firstOfficerOnly(ctx context.Context, tx *store.Tx, a models.Actor, hat Hat) error {
	if slices.Contains(a.Unions(), hat.UnionID) {
		return nil
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

// Members are the people of the organisation with their roles. A union's
// officers see their own people only.
func (r *Register) Members(ctx context.Context, a models.Actor) ([]store.Member, error) {
	res := own(a)
	unions := a.Unions()
	if len(unions) > 0 {
		res.UnionID = unions[0]
	}
	if err := r.check(a, "user.read", res); err != nil {
		return nil, err
	}
	all, err := r.store.Members(ctx, a.OrgID)
	if err != nil || a.Has(models.RoleAdmin) || a.Has(models.RoleAuditor) {
		return all, err
	}
	return slices.DeleteFunc(all, func(m store.Member) bool { return m.UnionID == nil || !slices.Contains(unions, *m.UnionID) }), nil
}

// IssueToken makes a bearer token for somebody. It is shown once, here.
func (r *Register) IssueToken(ctx context.Context, a models.Actor, name string, scopes []string, days int) (string, models.Token, error) {
	if err := r.check(a, "token.issue", policy.Resource{OrgID: a.OrgID, OwnerID: a.UserID}); err != nil {
		return "", models.Token{}, err
	}
	if a.Scopes != nil {
		// A token that made tokens would outlive and outgrow itself.
		return "", models.Token{}, models.Fail(models.Forbidden, "forbidden").With("act", "token.issue")
	}
	for i, s := range scopes {
		if !slices.Contains(policy.Acts(), s) && !strings.HasSuffix(s, ".*") {
			return "", models.Token{}, field("scopes["+itoa(i)+"]", "unknown_value", "value", s, "allowed", "")
		}
	}
	if days < 1 || days > 366 {
		return "", models.Token{}, field("days", "out_of_range", "min", 1, "max", 366)
	}
	secret, hash := auth.NewToken()
	t := models.Token{ID: newID(), OrgID: a.OrgID, UserID: a.UserID, Name: name, Hash: hash, Scopes: scopes, ExpiresAt: r.Now().AddDate(0, 0, days), CreatedAt: r.Now()}
	err := r.change(ctx, a, "token.issue", func(tx *store.Tx, _ time.Time) (entry, error) {
		return entry{subject: t.ID, data: map[string]any{"expires": t.ExpiresAt, "scopes": scopes}}, tx.Add(ctx, &t)
	})
	return secret, t, err
}

// SetPassword gives somebody a new password. Only the command line may, for
// there is nobody to ask. A password is no register content: it has no entry.
func (r *Register) SetPassword(ctx context.Context, email, password string) error {
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	u, err := r.store.UserByEmail(ctx, email)
	if err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error { return tx.SetPassword(ctx, u.ID, hash) })
}
