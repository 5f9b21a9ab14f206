package register

import (
	"context"
	"slices"
	"time"

	"beforehand/frontend/words"
	"beforehand/internal/store"
	"beforehand/models"
)

// PersonalData is all that is held about one person: what they are entitled to
// a copy of (UK GDPR, article 15).
type PersonalData struct {
	User          models.User
	Memberships   []store.Member
	Factors       Factors
	Sessions      []models.Session
	Tokens        []models.Token
	Events        []models.SecurityEvent
	Contributions []store.Contribution
	Unsent        []KeptForm
}

// ExportAccount gathers what is held about the actor. That it was taken is
// written into the security log.
func (r *Register) ExportAccount(ctx context.Context, a models.Actor) (PersonalData, error) {
	var d PersonalData
	if err := r.checkOwn(ctx, a, "account.export"); err != nil {
		return d, err
	}
	if err := r.secure(ctx, a, "account.export", a.UserID, func(*store.Tx, time.Time) (map[string]any, error) { return nil, nil }); err != nil {
		return d, err
	}
	var errs [8]error
	d.User, errs[0] = r.store.User(ctx, a.UserID)
	d.Memberships, errs[1] = r.store.MembershipsEver(ctx, a.UserID)
	d.Factors, errs[2] = r.Factors(ctx, a)
	d.Sessions, errs[3] = r.store.Sessions(ctx, a.UserID, r.Now())
	d.Tokens, errs[4] = r.store.Tokens(ctx, a.OrgID, a.UserID)
	d.Events, errs[5] = r.store.SecurityEventsOf(ctx, a.UserID)
	for i, e := range d.Events {
		if e.ActorID != nil && *e.ActorID != a.UserID { // where others were is theirs
			d.Events[i].Address, d.Events[i].Agent = "", ""
		}
	}
	d.Contributions, errs[6] = r.store.Contributions(ctx, a.UserID)
	d.Unsent, errs[7] = r.unsent(ctx, a)
	return d, errorsOr(errs[:]...)
}

// unsent is what the actor typed and has not sent.
func (r *Register) unsent(ctx context.Context, a models.Actor) ([]KeptForm, error) {
	rows, err := r.store.KeptForms(ctx, a.OrgID, a.UserID)
	if err != nil {
		return nil, err
	}
	out := make([]KeptForm, len(rows))
	for i, row := range rows {
		if out[i], err = r.unsealed(a, row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// RemoveAccount removes the actor's own account.
func (r *Register) RemoveAccount(ctx context.Context, a models.Actor) error {
	if err := r.checkOwn(ctx, a, "account.remove"); err != nil {
		return err
	}
	return r.remove(ctx, a, a.UserID)
}

// RemoveUser removes the account of somebody of the actor's side, all of whose
// roles are in this organisation.
func (r *Register) RemoveUser(ctx context.Context, a models.Actor, userID string) error {
	if err := r.check(a, "user.read", r.ownSide(a)); err != nil {
		return err
	}
	// Whoever has left may still be removed.
	ever, err := r.store.MembershipsEver(ctx, userID)
	if err != nil {
		return err
	}
	here := slices.DeleteFunc(slices.Clone(ever), func(m store.Member) bool { return m.OrgID != a.OrgID })
	if len(here) == 0 || here[0].UserKind != models.Person {
		return models.Missing("user")
	}
	// What they hold decides whose they are; of whoever has left, what they held.
	live := slices.ContainsFunc(here, func(m store.Member) bool { return m.EndedAt == nil })
	for _, m := range here {
		if live && m.EndedAt != nil {
			continue
		}
		if err := r.check(a, "user.remove", memberResource(m)); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(ever, func(m store.Member) bool { return m.OrgID != a.OrgID && m.EndedAt == nil }) {
		return models.Fail(models.Conflict, "member_elsewhere")
	}
	return r.remove(ctx, a, userID)
}

// remove takes away everything by which a person could come in or be found,
// and leaves what they wrote under what they were: "UNISON officer". The
// ledger names people by id alone, so its hashes stay as they are.
func (r *Register) remove(ctx context.Context, a models.Actor, userID string) error {
	return r.change(ctx, a, "account.remove", func(tx *store.Tx, at time.Time) (entry, error) {
		u, err := tx.User(ctx, userID)
		if err != nil {
			return entry{}, err
		}
		ever, err := tx.MembershipsEver(ctx, userID)
		if err != nil {
			return entry{}, err
		}
		union := ""
		for _, m := range ever {
			if m.EndedAt != nil {
				continue
			}
			if err := lastOne(ctx, tx, m.Membership); err != nil {
				return entry{}, err
			}
			now, err := tx.Membership(ctx, m.OrgID, m.ID)
			if models.KindOf(err) == models.NotFound {
				continue // a loan, which has ended with the role before it
			}
			if err != nil {
				return entry{}, err
			}
			row := now.Membership
			row.EndedAt, row.EndedBy = &at, &a.UserID
			row.Version++
			if err := errorsOr(tx.SaveMembership(ctx, &row, now.Version), r.left(ctx, tx, row, at)); err != nil {
				return entry{}, err
			}
			if m.UnionID != nil && m.OrgID == a.OrgID {
				union = *m.UnionID
			}
		}
		if u.RemovedAt != nil {
			return entry{}, models.Missing("user")
		}
		if err := tx.ForgetUser(ctx, u, at); err != nil {
			return entry{}, err
		}
		readAt := u.Version
		if u.Name, err = formerly(ctx, tx, ever); err != nil {
			return entry{}, err
		}
		u.Email, u.PasswordHash, u.EmailVerifiedAt, u.DisabledAt, u.RemovedAt = "removed-"+u.ID+"@invalid", "", nil, &at, &at
		u.Version++
		if err := tx.SaveUser(ctx, &u, readAt); err != nil {
			return entry{}, err
		}
		if err := tx.BlankEvents(ctx, userID); err != nil {
			return entry{}, err
		}
		a.From = models.Origin{}
		for _, m := range ever {
			if m.EndedAt != nil || m.OrgID == a.OrgID {
				continue
			}
			there := a
			there.OrgID = m.OrgID
			if err := errorsOr(r.logFor(ctx, tx, there, "membership.end", userID, deref(m.UnionID), map[string]any{"role": string(m.Role)}),
				r.append(ctx, tx, there, "membership.end", at, entry{subject: m.ID, data: map[string]any{"user": userID, "role": string(m.Role)}})); err != nil {
				return entry{}, err
			}
		}
		return entry{subject: userID}, r.logFor(ctx, tx, a, "account.remove", userID, union, nil)
	})
}

// formerly is what somebody is called once their account is gone, in both
// languages: their union's officer, or the last role they held.
func formerly(ctx context.Context, tx *store.Tx, ever []store.Member) (string, error) {
	if len(ever) == 0 {
		return inBoth("former.nobody", nil), nil
	}
	m := ever[len(ever)-1]
	for _, o := range ever {
		if o.UnionID != nil && (o.Role == models.RoleUnionOfficer || m.UnionID == nil) {
			m = o
		}
	}
	// One name for all readers: who has worn hats of both sides, or elsewhere, is
	// not told apart by it.
	for _, o := range ever {
		if o.OrgID != m.OrgID || (o.UnionID == nil) != (m.UnionID == nil) {
			return inBoth("former.nobody", nil), nil
		}
	}
	if m.UnionID == nil {
		return inBoth("role."+string(m.Role), nil), nil
	}
	u, err := tx.Union(ctx, m.OrgID, *m.UnionID)
	return inBoth("former."+string(m.Role), map[string]any{"union": u.Abbreviation}), err
}

// inBoth says something in English and in Welsh: a name is one text for all readers.
func inBoth(code string, params map[string]any) string {
	return words.Say(string(models.English), code, params) + " / " + words.Say(string(models.Welsh), code, params)
}
