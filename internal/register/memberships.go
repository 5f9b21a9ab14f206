package register

import (
	"context"
	"errors"
	"slices"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// SuspendMembership keeps a role from being worn until it is resumed. A
// union's officers see to their own people; nobody else can.
func (r *Register) SuspendMembership(ctx context.Context, a models.Actor, id string, readAt int) (models.Membership, error) {
	return r.changeMembership(ctx, a, "membership.suspend", id, readAt, func(m *models.Membership, at time.Time) error {
		if m.SuspendedAt != nil {
			return models.Fail(models.Conflict, "membership_suspended")
		}
		m.SuspendedAt = &at
		return nil
	})
}

// ResumeMembership lets a suspended role be worn again.
func (r *Register) ResumeMembership(ctx context.Context, a models.Actor, id string, readAt int) (models.Membership, error) {
	return r.changeMembership(ctx, a, "membership.resume", id, readAt, func(m *models.Membership, _ time.Time) error {
		if m.SuspendedAt == nil {
			return models.Fail(models.Conflict, "membership_not_suspended")
		}
		m.SuspendedAt = nil
		return nil
	})
}

// EndMembership takes a role away for good: what the person wrote stays
// theirs. Everybody may lay down their own, and whoever lent a role may take
// it back.
func (r *Register) EndMembership(ctx context.Context, a models.Actor, id string, readAt int) (models.Membership, error) {
	return r.changeMembership(ctx, a, "membership.end", id, readAt, func(m *models.Membership, at time.Time) error {
		m.EndedAt, m.EndedBy = &at, &a.UserID
		return nil
	})
}

func (r *Register) changeMembership(ctx context.Context, a models.Actor, verb, id string, readAt int, do func(*models.Membership, time.Time) error) (models.Membership, error) {
	var m models.Membership
	err := r.change(ctx, a, verb, func(tx *store.Tx, at time.Time) (entry, error) {
		held, err := tx.Membership(ctx, a.OrgID, id)
		if err != nil {
			return entry{}, err
		}
		if err := r.mayEnd(a, verb, held); err != nil {
			return entry{}, err
		}
		m = held.Membership
		if err := versionIs("membership", m.Version, readAt); err != nil {
			return entry{}, err
		}
		if err := do(&m, at); err != nil {
			return entry{}, err
		}
		if verb != "membership.resume" {
			if err := lastOne(ctx, tx, held.Membership); err != nil {
				return entry{}, err
			}
		}
		m.Version++
		if err := tx.SaveMembership(ctx, &m, readAt); err != nil {
			return entry{}, err
		}
		if m.EndedAt != nil {
			if err := r.left(ctx, tx, m, at); err != nil {
				return entry{}, err
			}
		}
		data := map[string]any{"user": m.UserID, "role": string(m.Role)}
		if err := r.logFor(ctx, tx, a, models.SecurityKind(verb), m.UserID, deref(m.UnionID), map[string]any{"role": string(m.Role)}); err != nil {
			return entry{}, err
		}
		return entry{subject: m.ID, data: data}, nil
	})
	return m, err
}

// mayEnd is the check on a membership. Whoever lent a role may take it back as
// if it were their own.
func (r *Register) mayEnd(a models.Actor, verb string, m store.Member) error {
	res := memberResource(m)
	if verb == "membership.end" && m.DelegatedBy != nil && *m.DelegatedBy == a.UserID {
		res.OwnerID = a.UserID
	}
	return r.check(a, verb, res)
}

// lastOne keeps a union from losing its last officer, whom nobody could
// replace, and an organisation its last administrator.
func lastOne(ctx context.Context, tx *store.Tx, m models.Membership) error {
	if m.Delegated() {
		return nil
	}
	switch {
	case m.Role == models.RoleUnionOfficer:
		if err := tx.LockPeople(ctx, m.OrgID, *m.UnionID); err != nil {
			return err
		}
		n, err := tx.OfficersOf(ctx, m.OrgID, *m.UnionID)
		if err == nil && n <= 1 && m.SuspendedAt == nil {
			return models.Fail(models.Conflict, "last_officer")
		}
		return err
	case m.Role == models.RoleAdmin && m.SuspendedAt == nil:
		if err := tx.LockPeople(ctx, m.OrgID, ""); err != nil {
			return err
		}
		n, err := tx.AdminsOf(ctx, m.OrgID)
		if err == nil && n <= 1 {
			return models.Fail(models.Conflict, "last_admin")
		}
		return err
	}
	return nil
}

// left tidies up after somebody whose role has ended: what they lent of it ends,
// their posts in branches end, and when it was their last role here, so do
// loans to them, their tokens, and those that they made for other systems.
func (r *Register) left(ctx context.Context, tx *store.Tx, m models.Membership, at time.Time) error {
	held, err := tx.Memberships(ctx, m.UserID)
	if err != nil {
		return err
	}
	sameUnion := func(o store.Member) bool {
		return o.OrgID == m.OrgID && o.UnionID != nil && m.UnionID != nil && *o.UnionID == *m.UnionID
	}
	if m.UnionID != nil && !slices.ContainsFunc(held, sameUnion) {
		org, err := tx.Organisation(ctx, m.OrgID)
		if err != nil {
			return err
		}
		if err := tx.EndPosts(ctx, m.OrgID, m.UserID, *m.UnionID, models.DateOf(at, org.Location())); err != nil {
			return err
		}
	}
	if !m.Delegated() {
		if err := tx.EndLoans(ctx, m, at); err != nil {
			return err
		}
	}
	// A loan is to somebody who is here in their own right.
	own := func(o store.Member) bool { return o.OrgID == m.OrgID && !o.Delegated() }
	if slices.ContainsFunc(held, own) {
		return nil
	}
	for _, o := range held {
		if o.OrgID != m.OrgID {
			continue
		}
		row := o.Membership
		row.EndedAt, row.EndedBy = &at, m.EndedBy
		row.Version++
		if err := tx.SaveMembership(ctx, &row, o.Version); err != nil {
			return err
		}
	}
	return errorsOr(tx.RevokeTokens(ctx, m.UserID, m.OrgID, at), tx.RevokeIssued(ctx, m.UserID, m.OrgID, at))
}

// longestLoan is how many days a role may be lent for.
const longestLoan = 366

// Delegate lends one of the actor's own roles to somebody of the same side,
// from a day to a day: for leave, or while a post is handed over. The role is
// worn in the lender's stead and only while the lender holds it.
func (r *Register) Delegate(ctx context.Context, a models.Actor, id, email string, from, to models.Date) (models.Membership, error) {
	var lent models.Membership
	err := r.change(ctx, a, "membership.delegate", func(tx *store.Tx, at time.Time) (entry, error) {
		if err := r.check(a, "membership.delegate", mine(a)); err != nil {
			return entry{}, err
		}
		m, err := tx.Membership(ctx, a.OrgID, id)
		if err != nil {
			return entry{}, err
		}
		if m.UserID != a.UserID {
			return entry{}, models.Missing("membership")
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		if err := loanable(m.Membership, models.DateOf(at, org.Location()), from, to); err != nil {
			return entry{}, err
		}
		// Roles that want a second factor want it of who lends them, too.
		if slices.Contains(a.Withheld, m.Role) {
			return entry{}, models.Fail(models.Forbidden, "second_factor_needed")
		}
		borrows, err := borrower(ctx, tx, m, email)
		if err != nil {
			return entry{}, err
		}
		lent = models.Membership{
			OrgID: a.OrgID, ID: newID(), UserID: borrows.ID, Role: m.Role, ServiceAreaID: m.ServiceAreaID, UnionID: m.UnionID,
			From: from, To: to, DelegatedBy: &a.UserID, Version: 1, CreatedAt: at,
		}
		if err := tx.Add(ctx, &lent); err != nil {
			return entry{}, err
		}
		data := map[string]any{"user": borrows.ID, "role": string(m.Role), "from": from, "to": to}
		if err := r.logFor(ctx, tx, a, "membership.delegate", borrows.ID, deref(m.UnionID), map[string]any{"role": string(m.Role), "from": from.String(), "to": to.String()}); err != nil {
			return entry{}, err
		}
		return entry{subject: lent.ID, data: data}, nil
	})
	return lent, err
}

func loanable(m models.Membership, today, from, to models.Date) error {
	var f models.Faults
	switch {
	case from == 0:
		f.Add("from", "required")
	case from < today:
		f.Add("from", "out_of_range", "min", today.String(), "max", "")
	}
	switch {
	case to == 0:
		f.Add("to", "required")
	case to < from:
		f.Add("to", "order", "earlier", "from", "later", "to")
	case from != 0 && to > from+longestLoan:
		f.Add("to", "out_of_range", "min", from.String(), "max", (from + longestLoan).String())
	}
	if err := f.Err(); err != nil {
		return err
	}
	// What a role is that is no party's, audit for one, is that no party wears it.
	if m.Delegated() || !m.Worn(today) || !m.Role.OfEmployer() && !m.Role.ForUnion() {
		return models.Fail(models.Conflict, "not_yours_to_lend")
	}
	return nil
}

// borrower is somebody who may be lent a role: of the same union, or of the
// employer's side, and not oneself.
func borrower(ctx context.Context, tx *store.Tx, m store.Member, email string) (models.User, error) {
	u, err := tx.UserByEmail(ctx, email)
	if err != nil {
		return u, err
	}
	all, err := tx.Memberships(ctx, u.ID)
	if err != nil {
		return u, err
	}
	sameSide := func(o store.Member) bool {
		if o.OrgID != m.OrgID || o.Delegated() || o.SuspendedAt != nil {
			return false
		}
		if m.UnionID != nil {
			return o.UnionID != nil && *o.UnionID == *m.UnionID
		}
		return o.Role.OfEmployer()
	}
	if u.Kind != models.Person || !slices.ContainsFunc(all, sameSide) {
		return u, errors.Join(models.Missing("user"))
	}
	if u.ID == m.UserID {
		return u, field("email", "contradicts", "other", "lender")
	}
	return u, nil
}
