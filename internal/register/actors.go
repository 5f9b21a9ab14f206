package register

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/store"
	"beforehand/models"
)

// ActorOf is a person as they are now, for whoever needs no proof of who they
// are: the command line, a job.
func (r *Register) ActorOf(ctx context.Context, userID, org string) (models.Actor, error) {
	a, _, err := r.actor(ctx, userID, org)
	return a, err
}

// ActorOfSession is a signed-in person as they are now: roles taken away since
// sign-in are gone, and those that want a second factor are withheld without.
func (r *Register) ActorOfSession(ctx context.Context, in models.SignIn) (models.Actor, error) {
	a, wanting, err := r.actor(ctx, in.UserID, in.OrgID)
	if err != nil {
		return a, err
	}
	a.SessionID, a.Lapsed, a.OneFactor, a.ByProvider = in.SessionID, !in.Fresh(r.Now()), !in.SecondFactor, in.ByProvider
	if in.ByProvider {
		a.Grants = slices.DeleteFunc(a.Grants, func(g models.Grant) bool { return g.Role.ForUnion() })
	}
	if !in.SecondFactor {
		withhold(&a, wanting)
	}
	return a, nil
}

// withhold takes the roles that want a second factor from somebody who came
// without one.
func withhold(a *models.Actor, wanting []models.Role) {
	a.Grants = slices.DeleteFunc(a.Grants, func(g models.Grant) bool {
		wants := slices.Contains(wanting, g.Role)
		if wants && !slices.Contains(a.Withheld, g.Role) {
			a.Withheld = append(a.Withheld, g.Role)
		}
		return wants
	})
}

// actor gathers the roles of a person in an organisation, and says which of its
// roles want a second factor; "" is the only one they belong to.
func (r *Register) actor(ctx context.Context, userID, org string) (models.Actor, []models.Role, error) {
	held, err := r.store.Held(ctx, userID)
	if err != nil {
		return models.Actor{}, nil, err
	}
	if len(held) == 0 {
		u, err := r.store.User(ctx, userID)
		if err != nil || u.DisabledAt != nil {
			return models.Actor{}, nil, errorsOr(err, models.Missing("user"))
		}
		return models.Actor{UserID: u.ID, Name: u.Name, Email: u.Email}, nil, models.Missing("membership")
	}
	if held[0].Disabled != nil {
		return models.Actor{}, nil, models.Missing("user")
	}
	a := models.Actor{UserID: userID, Name: held[0].Name, Email: held[0].Email}
	if org == "" && slices.ContainsFunc(held, func(m store.Held) bool { return m.OrgID != held[0].OrgID }) {
		return a, nil, models.Fail(models.Invalid, "organisation_required") // which one is theirs to say
	}
	var wanting []models.Role
	for _, m := range held {
		if org == "" {
			org = m.OrgID
		}
		if m.OrgID != org {
			continue
		}
		if a.OrgID == "" && m.WantsFactor != nil {
			if err := json.Unmarshal([]byte(*m.WantsFactor), &wanting); err != nil {
				return models.Actor{}, nil, fmt.Errorf("read which roles want a second factor: %w", err)
			}
		}
		a.OrgID = org
		if m.LenderHolds && m.Worn(models.DateOf(r.Now(), models.Organisation{Zone: m.Zone}.Location())) {
			a.Grants = append(a.Grants, models.Grant{Role: m.Role, AreaPath: deref(m.AreaPath), UnionID: deref(m.UnionID), For: deref(m.DelegatedBy)})
		}
	}
	if a.OrgID == "" {
		return a, nil, models.Missing("membership")
	}
	return a, wanting, nil
}

func grantOf(m store.Member) models.Grant {
	return models.Grant{Role: m.Role, AreaPath: deref(m.AreaPath), UnionID: deref(m.UnionID), For: deref(m.DelegatedBy)}
}

// worn says whether a role counts today, in the zone of its organisation.
func (r *Register) worn(ctx context.Context, m store.Member) (bool, error) {
	if !m.LenderHolds {
		return false, nil
	}
	if m.From == 0 && m.To == 0 {
		return m.Worn(0), nil
	}
	org, err := r.store.Organisation(ctx, m.OrgID)
	if err != nil {
		return false, err
	}
	return m.Worn(models.DateOf(r.Now(), org.Location())), nil
}

// ActorOfToken is whom a bearer token stands for, and what it may do for them.
func (r *Register) ActorOfToken(ctx context.Context, token string, from models.Origin) (models.Actor, error) {
	bad := models.Fail(models.Unauthenticated, "bad_credentials")
	t, err := r.store.PresentedToken(ctx, auth.HashToken(token), from.Address)
	if models.KindOf(err) == models.NotFound {
		return models.Actor{}, bad
	}
	if err != nil {
		return models.Actor{}, err
	}
	if t.RevokedAt != nil || !t.ExpiresAt.After(r.Now()) {
		return models.Actor{}, bad
	}
	a, wanting, err := r.actor(ctx, t.UserID, t.OrgID)
	if err != nil {
		if !models.Refused(err) {
			return models.Actor{}, err
		}
		return models.Actor{}, bad.Because(err)
	}
	a.Scopes, a.TokenID, a.Lapsed, a.From = t.Scopes, t.ID, true, from
	if a.Scopes == nil {
		a.Scopes = []string{}
	}
	// A role that wants a second factor is worn by no token that was made without.
	if !t.SecondFactor {
		withhold(&a, wanting)
	}
	if t.ServiceAreaID != nil {
		if t.AreaPath == nil {
			return models.Actor{}, bad // limited to what is gone is not unlimited
		}
		a.AreaPath = *t.AreaPath
	}
	return a, r.tokenUsed(ctx, a, t)
}

// tokenUsed notes when a token was used, and each address it is used from
// once. Both are worth less than the answer to the request.
func (r *Register) tokenUsed(ctx context.Context, a models.Actor, t store.PresentedToken) error {
	if t.LastUsedAt == nil || r.Now().Sub(*t.LastUsedAt) > time.Minute {
		if err := r.store.TouchToken(ctx, t.ID, r.Now()); err != nil {
			r.log.WarnContext(ctx, "a token's last use was not noted", "error", err)
		}
	}
	if a.From.Address == "" || t.KnownAddress {
		return nil
	}
	err := r.secure(ctx, a, "token.first_address", t.UserID, func(tx *store.Tx, at time.Time) (map[string]any, error) {
		return map[string]any{"token": t.ID, "name": t.Name}, tx.Add(ctx, &store.TokenAddress{TokenID: t.ID, Address: a.From.Address, FirstAt: at})
	})
	if models.KindOf(err) == models.Conflict {
		return nil // another request of the same moment has noted it
	}
	return err
}

// PublicActor is somebody without an account, reading one organisation's
// register. Without a name it is the only organisation there is.
func (r *Register) PublicActor(ctx context.Context, slug string) (models.Actor, error) {
	if slug != "" {
		o, err := r.store.OrganisationBySlug(ctx, slug)
		return models.Actor{OrgID: o.ID}, err
	}
	only, err := r.store.OnlyOrganisation(ctx)
	if models.KindOf(err) == models.NotFound {
		return models.Actor{}, models.Fail(models.Invalid, "organisation_required")
	}
	return models.Actor{OrgID: only}, err
}
