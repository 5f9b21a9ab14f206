package register

import (
	"context"
	"slices"

	"beforehand/models"
)

// OfficerView is a post in a branch. Outside the parties it has no name.
type OfficerView struct {
	models.Officer
	Name string
}

// Officers are the officers and deputies of all branches. Who acts for a union
// is known by name to that union and to the employer's side, and to auditors;
// others are told that the post is filled.
func (r *Register) Officers(ctx context.Context, a models.Actor) ([]OfficerView, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return nil, err
	}
	branches, err := r.store.Branches(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	all, err := r.store.Officers(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	names, err := r.store.Names(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	unions := map[string]string{}
	for _, b := range branches {
		unions[b.ID] = b.UnionID
	}
	out := make([]OfficerView, 0, len(all))
	for _, o := range all {
		v := OfficerView{Officer: o}
		if a.EmployerSide() || a.Has(models.RoleAuditor) || slices.Contains(a.Unions(), unions[o.BranchID]) {
			v.Name = names[o.UserID]
		} else {
			v.UserID = ""
		}
		out = append(out, v)
	}
	return out, nil
}
