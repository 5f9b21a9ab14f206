package register

import (
	"context"

	"beforehand/models"
	"beforehand/policy"
)

// readings are deployments that a list speaks of, opened for its reader all at
// once: one statement for all, and one for each union that the reader acts for.
type readings struct {
	r      *Register
	a      models.Actor
	opened map[string]subject
	org    models.Organisation
}

// read opens deployments by their ids. Those that are not there, or may not be
// read, are not among them.
func (r *Register) read(ctx context.Context, a models.Actor, ids []string) (readings, error) {
	v := readings{r: r, a: a, opened: map[string]subject{}}
	var err error
	if v.org, err = r.store.Organisation(ctx, a.OrgID); err != nil {
		return v, err
	}
	rows, err := r.store.DeploymentsToRead(ctx, a.OrgID, ids)
	if err != nil {
		return v, err
	}
	today := models.DateOf(r.Now(), v.org.Location())
	inScope := map[string][]string{}
	for _, union := range a.Unions() {
		of, err := r.store.UnionReads(ctx, a.OrgID, ids, union, today)
		if err != nil {
			return v, err
		}
		for _, id := range of {
			inScope[id] = append(inScope[id], union)
		}
	}
	for _, d := range rows {
		s := subject{Deployment: d.Deployment, area: d.Area()}
		s.res = policy.Resource{OrgID: d.OrgID, AreaPath: s.area.Path, Audience: d.Audience, OwnerID: d.CreatedBy}
		if d.Audience != models.AudienceEmployer {
			s.res.UnionsInScope = inScope[d.ID]
		}
		if s.rec, err = readRecord(d.RecordJSON); err != nil {
			return v, err
		}
		if r.check(a, "deployment.read", s.res) == nil {
			v.opened[d.ID] = s
		}
	}
	return v, nil
}

// of is a deployment, if it may be read.
func (v readings) of(id string) (subject, bool) {
	s, ok := v.opened[id]
	return s, ok
}

// claim is what a claim is read by, if it may be read.
func (v readings) claim(c models.ClaimState) (subject, bool) {
	s, ok := v.opened[c.DeploymentID]
	if !ok {
		return s, false
	}
	s.res = claimResource(s, c, v.r.Now())
	return s, v.r.check(v.a, "claim.read", s.res) == nil
}

func distinct[T any](rows []T, id func(T) string) []string {
	seen := map[string]bool{}
	ids := []string{}
	for _, row := range rows {
		if v := id(row); !seen[v] {
			seen[v] = true
			ids = append(ids, v)
		}
	}
	return ids
}
