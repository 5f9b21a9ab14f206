package register

import (
	"context"

	"beforehand/internal/store"
	"beforehand/models"
)

// mayQuestion says whether somebody may put the questions of scrutiny to the
// register: the employer's side, the auditor and councillors, who read every
// dispute. A union is told of its own.
func mayQuestion(a models.Actor, sees store.Sees) bool {
	return !a.Anonymous() && (sees.Whole || a.Has(models.RoleScrutiny))
}

// Questions counts what answers each question of scrutiny, of what the actor
// may read.
func (r *Register) Questions(ctx context.Context, a models.Actor) (map[store.Question]int, error) {
	if err := r.check(a, "report.read", own(a)); err != nil {
		return nil, err
	}
	sees, err := r.sees(ctx, a)
	if err != nil {
		return nil, err
	}
	if !mayQuestion(a, sees) {
		return nil, models.Fail(models.Forbidden, "forbidden").With("act", "report.read")
	}
	return r.store.CountQuestions(ctx, a.OrgID, sees)
}

// OutcomesOf are how consultation ended on deployments that a question of
// scrutiny has found, by their ids, in the words of both sides.
func (r *Register) OutcomesOf(ctx context.Context, a models.Actor, found []models.Deployment) (map[string][]models.UnionOutcome, error) {
	sees, err := r.sees(ctx, a)
	if err != nil {
		return nil, err
	}
	if !mayQuestion(a, sees) {
		return nil, models.Fail(models.Forbidden, "forbidden").With("act", "report.read")
	}
	ids := make([]string, len(found))
	for i, d := range found {
		ids[i] = d.ID
	}
	rows, err := r.store.OutcomesOf(ctx, a.OrgID, ids)
	out := map[string][]models.UnionOutcome{}
	for _, o := range rows {
		out[o.DeploymentID] = append(out[o.DeploymentID], o)
	}
	return out, err
}
