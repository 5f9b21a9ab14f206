package register

import (
	"context"
	"slices"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// secure holds the one transaction of a change to somebody's account: what it
// writes, its jobs, the request's key and, last, its event in the security
// log. What is no register content has no entry in the ledger.
func (r *Register) secure(ctx context.Context, a models.Actor, kind models.SecurityKind, about string, do func(tx *store.Tx, at time.Time) (map[string]any, error)) error {
	at := r.Now()
	return r.store.Within(ctx, func(tx *store.Tx) error {
		if a.OrgID != "" {
			if err := useKey(ctx, tx, a, at); err != nil {
				return err
			}
		}
		detail, err := do(tx, at)
		if err != nil {
			return err
		}
		return r.logOf(ctx, tx, a, kind, about, detail)
	})
}

// logOf writes an event of the actor's own side.
func (r *Register) logOf(ctx context.Context, tx *store.Tx, a models.Actor, kind models.SecurityKind, about string, detail map[string]any) error {
	return r.logFor(ctx, tx, a, kind, about, "", detail)
}

// logFor writes an event about somebody of a union, or of none.
func (r *Register) logFor(ctx context.Context, tx *store.Tx, a models.Actor, kind models.SecurityKind, about, union string, detail map[string]any) error {
	e := models.SecurityEvent{Kind: kind, Address: a.From.Address, Agent: a.From.Agent, Detail: detail}
	for _, p := range []struct {
		to *(*string)
		id string
	}{{&e.OrgID, a.OrgID}, {&e.ActorID, a.UserID}, {&e.UserID, about}, {&e.UnionID, union}} {
		if p.id != "" {
			*p.to = &p.id
		}
	}
	return r.noteEvent(ctx, tx, e)
}

func (r *Register) noteEvent(ctx context.Context, tx *store.Tx, e models.SecurityEvent) error {
	e.ID, e.At = newID(), r.Now()
	if e.Detail == nil {
		e.Detail = map[string]any{}
	}
	if e.UnionID == nil && e.OrgID != nil && e.UserID != nil {
		// Whose it is does not hang on what they wear just now.
		of, err := tx.UnionsOf(ctx, *e.OrgID, *e.UserID)
		if err != nil {
			return err
		}
		if len(of) > 0 {
			e.UnionID = &of[0].UnionID
		}
	}
	return tx.Add(ctx, &e)
}

// onlyOrganisation is whose log an attempt at nobody's account belongs in: the
// only organisation's, when there is one.
func (r *Register) onlyOrganisation(ctx context.Context) (*string, error) {
	all, err := r.store.Organisations(ctx)
	if err != nil || len(all) != 1 {
		return nil, err
	}
	return &all[0].ID, nil
}

// noteOf writes an event about somebody outside any request of theirs, into
// the log of an organisation of theirs.
func (r *Register) noteOf(ctx context.Context, tx *store.Tx, kind models.SecurityKind, userID string, from models.Origin) error {
	members, err := tx.Memberships(ctx, userID)
	if err != nil {
		return err
	}
	e := models.SecurityEvent{Kind: kind, UserID: &userID, Address: from.Address, Agent: from.Agent}
	for _, m := range members {
		e.OrgID = &m.OrgID
		if m.UnionID != nil {
			e.UnionID = m.UnionID
		}
	}
	return r.noteEvent(ctx, tx, e)
}

// SecurityView is one event as it is read.
type SecurityView struct {
	models.SecurityEvent
	// Name is whom it is about, as they are called now.
	Name string
}

// SecurityQuery says which events are asked for.
type SecurityQuery struct {
	Kind models.SecurityKind
	User string
}

// SecurityEvents are the security log, newest first. A union's officers read
// what is about their own people; an auditor reads all, but not from where the
// people of a union work.
func (r *Register) SecurityEvents(ctx context.Context, a models.Actor, q SecurityQuery, p Page) ([]SecurityView, string, error) {
	f := store.SecurityFilter{Kind: q.Kind, UserID: q.User}
	if err := r.check(a, "security.read", own(a)); err != nil {
		unions := a.Unions()
		if len(unions) == 0 || r.check(a, "security.read", policy.Resource{OrgID: a.OrgID, UnionID: unions[0]}) != nil {
			return nil, "", err
		}
		f.UnionIDs = unions
	}
	after, err := store.ParseCursor(p.After)
	if err != nil {
		return nil, "", err
	}
	rows, next, err := r.store.SecurityEvents(ctx, a.OrgID, f, after, p.Limit)
	if err != nil {
		return nil, "", err
	}
	names, err := r.store.Names(ctx, a.OrgID)
	if err != nil {
		return nil, "", err
	}
	of, err := r.store.UnionsOf(ctx, a.OrgID, "")
	if err != nil {
		return nil, "", err
	}
	out := make([]SecurityView, len(rows))
	for i, e := range rows {
		out[i] = SecurityView{SecurityEvent: e, Name: names[deref(e.UserID)]}
		if !ownPeople(f.UnionIDs, of, e) {
			out[i].Address, out[i].Agent = "", ""
		}
	}
	return out, next.String(), nil
}

// ownPeople says whether from where something was done may be read: to a
// union's officers, of who is theirs; to an auditor, of who is no union's.
func ownPeople(unions []string, of []store.UnionOf, e models.SecurityEvent) bool {
	who := deref(e.ActorID)
	if who == "" {
		who = deref(e.UserID)
	}
	theirs := slices.ContainsFunc(of, func(u store.UnionOf) bool { return u.UserID == who && slices.Contains(unions, u.UnionID) })
	anybodys := slices.ContainsFunc(of, func(u store.UnionOf) bool { return u.UserID == who })
	if unions == nil {
		return !anybodys && e.UnionID == nil
	}
	return theirs
}
