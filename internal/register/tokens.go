package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// NewToken is a token to be made.
type NewToken struct {
	Name string
	// Scopes are the acts it may do, or all of a noun ("gate.*"). None is all
	// that its owner may read.
	Scopes []string
	// ServiceAreaID limits it to a service area and those below; "" does not.
	ServiceAreaID string
	// Days is how long it lasts: 1 to 366.
	Days int
}

// Tokens are the actor's own.
func (r *Register) Tokens(ctx context.Context, a models.Actor) ([]models.Token, error) {
	if err := r.check(a, "token.read", mine(a)); err != nil {
		return nil, err
	}
	return r.store.Tokens(ctx, a.OrgID, a.UserID)
}

// IssueToken makes a bearer token for the actor. It is shown once, here.
func (r *Register) IssueToken(ctx context.Context, a models.Actor, in NewToken) (string, models.Token, error) {
	if err := r.checkOwn(ctx, a, "token.issue"); err != nil {
		return "", models.Token{}, err
	}
	if len(a.Withheld) > 0 {
		// A token wears every role: it would go round the second factor.
		return "", models.Token{}, models.Fail(models.Forbidden, "second_factor_needed")
	}
	return r.issue(ctx, a, a.UserID, a.Grants, in)
}

// issue makes a token for its owner.
func (r *Register) issue(ctx context.Context, a models.Actor, userID string, grants []models.Grant, in NewToken) (string, models.Token, error) {
	secret, t, err := r.newToken(a, userID, grants, in)
	if err != nil {
		return "", t, err
	}
	return secret, t, r.secure(ctx, a, "token.issue", userID, func(tx *store.Tx, _ time.Time) (map[string]any, error) {
		return tokenDetail(t), addToken(ctx, tx, t)
	})
}

// newToken makes up a token for the actor or for a service account. Grants are
// what its owner holds: a scope that neither they nor whoever makes it could
// use is refused.
func (r *Register) newToken(a models.Actor, userID string, grants []models.Grant, in NewToken) (string, models.Token, error) {
	var f models.Faults
	name := strings.TrimSpace(in.Name)
	if name == "" {
		f.Add("name", "required")
	}
	models.CheckText(&f, "name", name, 100)
	if in.Days < 1 || in.Days > 366 {
		f.Add("days", "out_of_range", "min", 1, "max", 366)
	}
	scopes := r.scopes(&f, a, grants, in.Scopes)
	if err := f.Err(); err != nil {
		return "", models.Token{}, err
	}
	secret, hash := auth.NewToken()
	t := models.Token{
		ID: newID(), OrgID: a.OrgID, UserID: userID, Name: name, Hash: hash, Hint: secret[:len(auth.TokenPrefix)+4], Scopes: scopes, SecondFactor: !a.OneFactor, IssuedBy: &a.UserID,
		ExpiresAt: r.Now().AddDate(0, 0, in.Days), CreatedAt: r.Now(),
	}
	if in.ServiceAreaID != "" {
		t.ServiceAreaID = &in.ServiceAreaID
	}
	return secret, t, nil
}

func addToken(ctx context.Context, tx *store.Tx, t models.Token) error {
	if t.ServiceAreaID != nil {
		if _, err := tx.ServiceArea(ctx, t.OrgID, *t.ServiceAreaID); err != nil {
			return err
		}
	}
	return tx.Add(ctx, &t)
}

func tokenDetail(t models.Token) map[string]any {
	return map[string]any{"token": t.ID, "name": t.Name, "scopes": t.Scopes}
}

// scopes spells out what a token may do. What is asked for must be an act, one
// that a token can do, and one that both its owner and its maker may.
func (r *Register) scopes(f *models.Faults, a models.Actor, grants []models.Grant, asked []string) []string {
	may := func(act string) bool { return holds(r.policy, grants, act) }
	if slices.ContainsFunc(grants, func(g models.Grant) bool { return g.Role == models.RoleService }) {
		// What is passed on is passed on for the whole organisation: whoever may
		// read only what is published, or one area, has not got it to give.
		may = func(act string) bool { return holds(r.policy, grants, act) && holdsAll(r.policy, a.Grants, act) }
	}
	var out []string
	add := func(act string) {
		if !slices.Contains(out, act) {
			out = append(out, act)
		}
	}
	if len(asked) == 0 {
		for _, act := range policy.Acts() {
			if may(act) && policy.Reads(act) && policy.ByToken(act) {
				add(act)
			}
		}
		return out
	}
	for i, s := range asked {
		path := "scopes[" + itoa(i) + "]"
		prefix, noun := strings.CutSuffix(s, "*")
		noun = noun && strings.HasSuffix(prefix, ".") && strings.Count(prefix, ".") == 1
		found := false
		for _, act := range policy.Acts() {
			if act != s && (!noun || !strings.HasPrefix(act, prefix)) {
				continue
			}
			found = true
			switch {
			case policy.ByToken(act) && may(act):
				add(act)
			case !noun:
				f.Add(path, "scope_not_yours", "value", s)
			}
		}
		if !found {
			f.Add(path, "unknown_value", "value", shorten(s, 100), "allowed", "")
		}
	}
	if f.Err() == nil && len(out) == 0 {
		f.Add("scopes", "scope_not_yours", "value", strings.Join(asked, ", "))
	}
	return out
}

func holds(p *policy.Policy, grants []models.Grant, act string) bool {
	may := func(role models.Role) bool { _, ok := p.Permitted(role, act); return ok }
	return may(models.RolePerson) || may(models.RolePublic) || slices.ContainsFunc(grants, func(g models.Grant) bool { return may(g.Role) })
}

// holdsAll says whether one of the grants lets do an act on every record of
// the organisation.
func holdsAll(p *policy.Policy, grants []models.Grant, act string) bool {
	return slices.ContainsFunc(grants, func(g models.Grant) bool {
		reach, ok := p.Permitted(g.Role, act)
		return ok && reach == "organisation" && g.AreaPath == ""
	})
}

// RevokeToken ends one of the actor's tokens.
func (r *Register) RevokeToken(ctx context.Context, a models.Actor, id string) error {
	if err := r.check(a, "token.revoke", mine(a)); err != nil {
		return err
	}
	return r.secure(ctx, a, "token.revoke", a.UserID, func(tx *store.Tx, at time.Time) (map[string]any, error) {
		t, err := tx.TokenByID(ctx, a.OrgID, a.UserID, id)
		if err != nil {
			return nil, err
		}
		if t.RevokedAt != nil {
			return nil, models.Fail(models.Conflict, "token_revoked")
		}
		return map[string]any{"token": t.ID, "name": t.Name}, tx.RevokeToken(ctx, id, at)
	})
}

// ServiceAccountView is a service account with its tokens.
type ServiceAccountView struct {
	ID     string
	Name   string
	At     time.Time
	Tokens []models.Token
	Can    []string
}

// ServiceAccounts are the other systems that come in, by name.
func (r *Register) ServiceAccounts(ctx context.Context, a models.Actor) ([]ServiceAccountView, error) {
	if err := r.check(a, "service_account.read", own(a)); err != nil {
		return nil, err
	}
	all, err := r.store.Members(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	out := []ServiceAccountView{}
	for _, m := range all {
		if m.UserKind != models.ServiceAccount {
			continue
		}
		v := ServiceAccountView{ID: m.UserID, Name: m.Name, At: m.CreatedAt, Can: r.policy.Allowed(a, []string{"service_account.end"}, own(a))}
		if v.Tokens, err = r.store.Tokens(ctx, a.OrgID, m.UserID); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// AddServiceAccount lets another system in with a token, which is shown once.
// It can do nothing that whoever adds it could not.
func (r *Register) AddServiceAccount(ctx context.Context, a models.Actor, in NewToken) (string, models.Token, error) {
	if err := r.check(a, "service_account.add", own(a)); err != nil {
		return "", models.Token{}, err
	}
	if len(in.Scopes) == 0 {
		return "", models.Token{}, field("scopes", "required")
	}
	id := newID()
	secret, t, err := r.newToken(a, id, []models.Grant{{Role: models.RoleService}}, in)
	if err != nil {
		return "", t, err
	}
	return secret, t, r.change(ctx, a, "service_account.add", func(tx *store.Tx, at time.Time) (entry, error) {
		u := models.User{ID: id, Kind: models.ServiceAccount, Email: "service-" + id + "@invalid", Name: t.Name, Language: models.English, Version: 1, CreatedAt: at}
		m := models.Membership{OrgID: a.OrgID, ID: newID(), UserID: id, Role: models.RoleService, Version: 1, CreatedAt: at}
		if err := errorsOr(tx.Add(ctx, &u), tx.Add(ctx, &m), addToken(ctx, tx, t)); err != nil {
			return entry{}, err
		}
		if err := errorsOr(r.logFor(ctx, tx, a, "service_account.add", id, "", map[string]any{"name": u.Name}), r.logFor(ctx, tx, a, "token.issue", id, "", tokenDetail(t))); err != nil {
			return entry{}, err
		}
		return entry{subject: id, data: map[string]any{"name": u.Name}}, nil
	})
}

// EndServiceAccount shuts another system out: its tokens end.
func (r *Register) EndServiceAccount(ctx context.Context, a models.Actor, id string) error {
	return r.change(ctx, a, "service_account.end", func(tx *store.Tx, at time.Time) (entry, error) {
		if err := r.check(a, "service_account.end", own(a)); err != nil {
			return entry{}, err
		}
		all, err := tx.Memberships(ctx, id)
		if err != nil {
			return entry{}, err
		}
		i := slices.IndexFunc(all, func(m store.Member) bool { return m.OrgID == a.OrgID && m.UserKind == models.ServiceAccount })
		if i < 0 {
			return entry{}, models.Missing("service_account")
		}
		m := all[i].Membership
		readAt := m.Version
		m.EndedAt, m.EndedBy = &at, &a.UserID
		m.Version++
		if err := errorsOr(tx.SaveMembership(ctx, &m, readAt), tx.RevokeTokens(ctx, id, a.OrgID, at)); err != nil {
			return entry{}, err
		}
		return entry{subject: id}, r.logFor(ctx, tx, a, "service_account.end", id, "", map[string]any{"name": all[i].Name})
	})
}

// Sessions are the actor's sign-ins, newest first.
func (r *Register) Sessions(ctx context.Context, a models.Actor) ([]models.Session, error) {
	if err := r.check(a, "session.read", mine(a)); err != nil {
		return nil, err
	}
	return r.store.Sessions(ctx, a.UserID, r.Now())
}

// EndSession ends one of the actor's sign-ins.
func (r *Register) EndSession(ctx context.Context, a models.Actor, id string) error {
	if err := r.check(a, "session.end", mine(a)); err != nil {
		return err
	}
	return r.secure(ctx, a, "session.revoke", a.UserID, func(tx *store.Tx, _ time.Time) (map[string]any, error) {
		return nil, tx.EndSession(ctx, a.UserID, id)
	})
}

// EndOtherSessions ends all of the actor's sign-ins but this one.
func (r *Register) EndOtherSessions(ctx context.Context, a models.Actor) error {
	if err := r.check(a, "session.end", mine(a)); err != nil {
		return err
	}
	return r.secure(ctx, a, "session.revoke", a.UserID, func(tx *store.Tx, _ time.Time) (map[string]any, error) {
		return map[string]any{"all": true}, tx.EndSessions(ctx, a.UserID, a.SessionID)
	})
}
