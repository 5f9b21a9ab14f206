package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// scopeOf derives the unions in scope on a day; no day is today.
func (r *Register) scopeOf(ctx context.Context, rd store.Reader, s *subject, on models.Date) error {
	org, err := rd.Organisation(ctx, s.OrgID)
	if err != nil {
		return err
	}
	if on == 0 {
		on = models.DateOf(r.Now(), org.Location())
	}
	facts, err := scopeFacts(ctx, rd, s.Deployment, s.rec, on)
	if err != nil {
		return err
	}
	s.scope = models.DeriveScope(facts)
	s.res.UnionsInScope = s.res.UnionsInScope[:0]
	for _, u := range s.scope.Unions {
		s.res.UnionsInScope = append(s.res.UnionsInScope, u.Union.ID)
	}
	return r.partiesStay(ctx, rd, s)
}

// partiesStay keeps a union that was ever served as a reader, whatever has
// become of its recognition: it was told, and may look up what.
func (r *Register) partiesStay(ctx context.Context, rd store.Reader, s *subject) error {
	notices, err := rd.Notices(ctx, s.OrgID, s.ID)
	if err != nil || len(notices) == 0 {
		return err
	}
	recipients, err := rd.Recipients(ctx, s.OrgID, noticeIDs(notices))
	for _, p := range recipients {
		if !slices.Contains(s.res.UnionsInScope, p.UnionID) {
			s.res.UnionsInScope = append(s.res.UnionsInScope, p.UnionID)
		}
	}
	return err
}

func noticeIDs(notices []models.Notice) []string {
	ids := make([]string, len(notices))
	for i, n := range notices {
		ids[i] = n.ID
	}
	return ids
}

func scopeFacts(ctx context.Context, rd store.Reader, d models.Deployment, rec models.Record, on models.Date) (models.ScopeFacts, error) {
	f, err := factsOf(ctx, rd, d.OrgID, rec.Groups, on)
	if err != nil {
		return f, err
	}
	f.Additions, err = rd.ScopeAdditions(ctx, d.OrgID, d.ID)
	return f, err
}

// factsOf are the facts of the organisation's own that a scope is derived from.
func factsOf(ctx context.Context, rd store.Reader, org string, groups []models.Group, on models.Date) (models.ScopeFacts, error) {
	f := models.ScopeFacts{Groups: groups, On: on, Unions: map[string]models.Union{}}
	var err error
	if f.Roles, err = rd.JobRolesOf(ctx, org, groups); err != nil {
		return f, err
	}
	if f.Recognitions, err = rd.Recognitions(ctx, org); err != nil {
		return f, err
	}
	unions, err := rd.Unions(ctx, org)
	if err != nil {
		return f, err
	}
	for _, u := range unions {
		f.Unions[u.ID] = u
	}
	return f, nil
}

// WhoWouldBeTold is the scope that a deployment would have which affected all
// of some job roles, on a day. Nothing is kept of it.
func (r *Register) WhoWouldBeTold(ctx context.Context, a models.Actor, jobRoles []string, on models.Date) (models.Scope, map[string]models.JobRole, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return models.Scope{}, nil, err
	}
	var f models.Faults
	if len(jobRoles) == 0 {
		f.Add("jobRoles", "required")
	}
	if on == 0 {
		f.Add("on", "required")
	}
	if err := f.Err(); err != nil {
		return models.Scope{}, nil, err
	}
	groups := make([]models.Group, 0, len(jobRoles))
	for _, id := range jobRoles {
		role, err := r.store.JobRole(ctx, a.OrgID, id)
		if err != nil {
			return models.Scope{}, nil, err
		}
		if !slices.ContainsFunc(groups, func(g models.Group) bool { return g.JobRoleID == id }) {
			groups = append(groups, models.Group{JobRoleID: id, Headcount: role.Headcount, Agency: role.AgencyCount})
		}
	}
	facts, err := factsOf(ctx, r.store.Reader, a.OrgID, groups, on)
	return models.DeriveScope(facts), facts.Roles, err
}

// AddToScope adds a union that was not derived, with a reason.
func (r *Register) AddToScope(ctx context.Context, a models.Actor, ref, unionID, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return field("reason", "required")
	}
	return r.change(ctx, a, "scope.add", func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.open(ctx, tx.Reader, a, ref, "scope.add")
		if err != nil {
			return entry{}, err
		}
		u, err := tx.Union(ctx, a.OrgID, unionID)
		if err != nil {
			return entry{}, err
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		on := models.DateOf(at, org.Location())
		if err := r.scopeOf(ctx, tx.Reader, &s, on); err != nil {
			return entry{}, err
		}
		if _, in := s.scope.Union(u.ID); in {
			return entry{}, models.Fail(models.Conflict, "union_in_scope").With("union", u.Abbreviation)
		}
		add := models.ScopeAddition{OrgID: s.OrgID, DeploymentID: s.ID, UnionID: u.ID, Reason: reason, ByUserID: a.UserID, On: on}
		return entry{subject: s.ID, deployment: s.ID, data: map[string]any{"ref": s.Ref, "union": u.Abbreviation, "on": on}}, tx.Add(ctx, &add)
	})
}

// Scope is who must be told of a deployment, and why.
func (r *Register) Scope(ctx context.Context, a models.Actor, ref string) (models.Scope, map[string]models.JobRole, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	if err != nil {
		return models.Scope{}, nil, err
	}
	if err := r.scopeOf(ctx, r.store.Reader, &s, 0); err != nil {
		return models.Scope{}, nil, err
	}
	roles, err := r.store.JobRolesOf(ctx, s.OrgID, s.rec.Groups)
	if slices.Contains(s.rec.ItemsWithheld(audienceOf(a, s.res), models.DateOf(r.Now(), time.UTC)), groupsItem) {
		// The whys and the groups told directly would show who is affected.
		s.scope.Unserved = nil
		for i := range s.scope.Unions {
			s.scope.Unions[i].Why = []models.Reason{{Code: "item.withheld_here"}}
		}
	}
	return s.scope, roles, err
}

// groupsItem is the notice item that says who is affected.
const groupsItem = 6
