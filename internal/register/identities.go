package register

import (
	"context"
	"net/url"
	"slices"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/store"
	"beforehand/models"
)

// Provider is an organisation's own sign-in, by OpenID Connect.
type Provider = auth.Provider

// Providers are the identity providers that an organisation's people may come
// in by.
func (r *Register) Providers(organisation string) []Provider {
	return r.providers.Of(organisation)
}

// AskProvider begins a sign-in with a provider: where to send the browser, and
// what to keep in the session until it comes back. Fresh asks for a new proof
// of who is there, whoever may be signed in at the provider.
func (r *Register) AskProvider(ctx context.Context, organisation, id string, fresh bool) (address string, state []byte, err error) {
	return r.providers.Begin(ctx, organisation, id, r.set.BaseURL+ProviderReturn, fresh, r.Now())
}

// ProviderReturn is the path that providers send the browser back to.
const ProviderReturn = "/auth/return"

// ProviderSignIn is a sign-in that came by a provider.
type ProviderSignIn struct {
	models.SignIn
	// IDToken names the sign-in when signing out at the provider.
	IDToken string
}

// TakeProvider ends a sign-in with a provider. The account is the one linked
// to issuer and subject, whatever address the provider names; there is a new
// one when the provider's claims give a role and nobody is linked. The roles
// that claims gave follow the claims.
//
// With somebody signed in, it links the identity to them, or, when it is
// theirs already, proves again who they are.
func (r *Register) TakeProvider(ctx context.Context, a models.Actor, state []byte, query url.Values) (ProviderSignIn, error) {
	who, err := r.providers.Finish(ctx, state, query, r.Now())
	if err != nil {
		return ProviderSignIn{}, err
	}
	org, err := r.store.OrganisationBySlug(ctx, who.Provider.Organisation)
	if err != nil {
		return ProviderSignIn{}, err
	}
	u, made, err := r.identified(ctx, a, org, who)
	if err != nil {
		return ProviderSignIn{}, err
	}
	from := a.From
	if err := r.follow(ctx, models.Actor{UserID: u.ID, OrgID: org.ID, Name: u.Name, Email: u.Email, From: from}, u, made, who); err != nil {
		return ProviderSignIn{}, err
	}
	// When the provider last asked for a proof is when there was one: a sign-in
	// that took no typing is none.
	in := models.SignIn{UserID: u.ID, OrgID: org.ID, At: earlier(who.AuthTime, r.Now()), SecondFactor: who.SecondFactor, ByProvider: true}
	return ProviderSignIn{SignIn: in, IDToken: who.IDToken}, r.arrived(ctx, from, in, "provider", tries{})
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// noUnions keeps an employer's provider from vouching for whoever speaks, or
// has spoken, for a union: it would be the employer's word that it is them.
func (r *Register) noUnions(ctx context.Context, userID string) error {
	ever, err := r.store.MembershipsEver(ctx, userID)
	if err == nil && slices.ContainsFunc(ever, func(m store.Member) bool { return m.UnionID != nil && m.EndedAt == nil }) {
		return models.Fail(models.Conflict, "provider_union")
	}
	return err
}

// identified finds whom an identity belongs to, or makes the account that it
// would.
func (r *Register) identified(ctx context.Context, a models.Actor, org models.Organisation, who auth.Identity) (u models.User, made bool, err error) {
	known, err := r.store.Identity(ctx, who.Issuer, who.Subject)
	if err == nil {
		if !a.Anonymous() && known.UserID != a.UserID {
			return u, false, models.Fail(models.Conflict, "identity_taken")
		}
		if u, err = r.store.User(ctx, known.UserID); err == nil && u.DisabledAt != nil {
			err = models.Fail(models.Unauthenticated, "bad_credentials")
		}
		return u, false, errorsOr(err, r.noUnions(ctx, known.UserID))
	}
	if models.KindOf(err) != models.NotFound {
		return u, false, err
	}
	if !a.Anonymous() {
		if err := r.checkOwn(ctx, a, "account.change"); err != nil {
			return u, false, err
		}
		if a.OrgID != org.ID {
			return u, false, models.Fail(models.Conflict, "identity_elsewhere")
		}
		u, err = r.store.User(ctx, a.UserID)
		return u, false, errorsOr(err, r.noUnions(ctx, a.UserID))
	}
	if len(who.Roles) == 0 {
		return u, false, models.Fail(models.Forbidden, "oidc_no_role")
	}
	if _, err := r.store.UserByEmail(ctx, who.Email); models.KindOf(err) != models.NotFound {
		// Whose it is, their own sign-in shows; an address proves nothing.
		return u, false, errorsOr(err, models.Fail(models.Conflict, "oidc_email_taken"))
	}
	var f models.Faults
	checkAddress(&f, who.Email)
	if f.Err() != nil {
		return u, false, models.Fail(models.Conflict, "oidc_no_email")
	}
	at := r.Now()
	u = models.User{ID: newID(), Kind: models.Person, Email: cleanEmail(who.Email), Name: shorten(who.Name, 200), Language: models.English, Version: 1, CreatedAt: at}
	if u.Name == "" {
		u.Name = u.Email
	}
	// The provider's word does not verify the address: only a mailed code does,
	// and whoever has that one may take the address over.
	return u, true, nil
}

// follow writes what came with an identity: the account when it is new, the
// link, and the roles that the claims give and took away.
func (r *Register) follow(ctx context.Context, a models.Actor, u models.User, made bool, who auth.Identity) error {
	source := "oidc:" + who.Provider.ID
	var hats []Hat
	for _, m := range who.Roles {
		hat := Hat{Role: m.Role}
		if m.ServiceArea != "" {
			areas, err := r.store.ServiceAreas(ctx, a.OrgID)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(areas, func(s models.ServiceArea) bool { return s.NameEn == m.ServiceArea || s.ID == m.ServiceArea })
			if i < 0 {
				return models.Fail(models.Conflict, "oidc_no_area").With("area", m.ServiceArea)
			}
			hat.ServiceAreaID = areas[i].ID
		}
		if !slices.Contains(hats, hat) {
			hats = append(hats, hat)
		}
	}
	_, err := r.store.Identity(ctx, who.Issuer, who.Subject)
	linked := err == nil
	if err != nil && models.KindOf(err) != models.NotFound {
		return err
	}
	held, err := r.store.Memberships(ctx, u.ID)
	if err != nil {
		return err
	}
	var gone []store.Member
	kept := 0
	for _, m := range held {
		if m.OrgID != a.OrgID || m.Delegated() {
			continue
		}
		if i := slices.Index(hats, Hat{Role: m.Role, ServiceAreaID: deref(m.ServiceAreaID)}); i >= 0 && m.UnionID == nil {
			hats = slices.Delete(hats, i, i+1) // held already, by claim or by hand
			kept++
		} else if m.Source == source {
			gone = append(gone, m)
		} else {
			kept++
		}
	}
	if kept+len(hats) == 0 {
		// No role is left: nothing is opened, and what the claims took away is
		// taken away below all the same.
		if err := r.adjust(ctx, a, u, made, nil, gone, source, who, linked); err != nil {
			return err
		}
		return models.Fail(models.Forbidden, "oidc_no_role")
	}
	return r.adjust(ctx, a, u, made, hats, gone, source, who, linked)
}

func (r *Register) adjust(ctx context.Context, a models.Actor, u models.User, made bool, hats []Hat, gone []store.Member, source string, who auth.Identity, linked bool) error {
	if linked && len(hats)+len(gone) == 0 {
		return r.store.Within(ctx, func(tx *store.Tx) error { return tx.UseIdentity(ctx, who.Issuer, who.Subject, r.Now()) })
	}
	system := models.Actor{OrgID: a.OrgID, From: a.From, Grants: []models.Grant{{Role: models.RoleAdmin}}}
	return r.change(ctx, system, "membership.grant", func(tx *store.Tx, at time.Time) (entry, error) {
		if made {
			if err := tx.Add(ctx, &u); err != nil {
				return entry{}, err
			}
		}
		if err := r.link(ctx, tx, a, who, linked, at); err != nil {
			return entry{}, err
		}
		var got, lost []string
		for _, hat := range hats {
			m, err := r.fits(ctx, tx, system, hat)
			if err != nil {
				return entry{}, err
			}
			if err := oneSide(ctx, tx, a.OrgID, u.ID, hat.Role); err != nil {
				return entry{}, err
			}
			m.OrgID, m.ID, m.UserID, m.Source, m.Version, m.CreatedAt = a.OrgID, newID(), u.ID, source, 1, at
			if err := tx.Add(ctx, &m); err != nil {
				return entry{}, err
			}
			got = append(got, string(hat.Role))
		}
		for _, m := range gone {
			if err := lastOne(ctx, tx, m.Membership); models.KindOf(err) == models.Conflict {
				continue // an organisation is not left without an administrator by a claim
			} else if err != nil {
				return entry{}, err
			}
			row := m.Membership
			row.EndedAt = &at
			row.Version++
			if err := errorsOr(tx.SaveMembership(ctx, &row, m.Version), r.left(ctx, tx, row, at)); err != nil {
				return entry{}, err
			}
			lost = append(lost, string(row.Role))
		}
		data := map[string]any{"source": source, "given": orEmpty(got), "ended": orEmpty(lost)}
		return entry{subject: u.ID, data: data}, r.logFor(ctx, tx, system, "membership.grant", u.ID, "", data)
	})
}

// orEmpty is a list that is never null.
func orEmpty(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}

func (r *Register) link(ctx context.Context, tx *store.Tx, a models.Actor, who auth.Identity, linked bool, at time.Time) error {
	if linked {
		return tx.UseIdentity(ctx, who.Issuer, who.Subject, at)
	}
	if err := tx.Add(ctx, &models.Identity{Issuer: who.Issuer, Subject: who.Subject, UserID: a.UserID, CreatedAt: at, LastUsedAt: at}); err != nil {
		return err
	}
	return r.logOf(ctx, tx, a, "identity.link", a.UserID, map[string]any{"provider": who.Provider.ID})
}

// UnlinkIdentity takes a provider away from the actor's account, if another
// way in is left.
func (r *Register) UnlinkIdentity(ctx context.Context, a models.Actor, issuer, subject string) error {
	if err := r.checkOwn(ctx, a, "account.change"); err != nil {
		return err
	}
	f, err := r.Factors(ctx, a)
	if err != nil {
		return err
	}
	if !f.HasPassword && len(f.Passkeys) == 0 && len(f.Identities) <= 1 {
		return models.Fail(models.Conflict, "last_way_in")
	}
	return r.secure(ctx, a, "identity.unlink", a.UserID, func(tx *store.Tx, _ time.Time) (map[string]any, error) {
		return nil, tx.RemoveIdentity(ctx, a.UserID, issuer, subject)
	})
}

// LeaveProvider is where to sign out at the provider, too.
func (r *Register) LeaveProvider(ctx context.Context, organisation, id, idToken string) (string, bool) {
	return r.providers.LogoutURL(ctx, organisation, id, idToken, r.set.BaseURL+"/")
}
