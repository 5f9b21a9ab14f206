package register

import (
	"context"

	"beforehand/models"
)

// Template is a deployment as a template for another employer, of what the
// actor may read of it.
func (r *Register) Template(ctx context.Context, a models.Actor, ref string) (models.Template, error) {
	v, err := r.Deployment(ctx, a, ref)
	if err != nil {
		return models.Template{}, err
	}
	org, err := r.store.Organisation(ctx, a.OrgID)
	return models.TemplateOf(v.Record, models.Text{En: org.NameEn, Cy: org.NameCy}, v.Ref), err
}

// firstOwner is the office of whoever registers something of which nobody else
// has said whose it is: it is theirs until they name another.
func firstOwner(a models.Actor) string {
	if len(a.Grants) == 0 {
		return ""
	}
	return say(models.English, models.Reason{Code: "role." + string(a.Grants[0].Role)})
}

// RegisterTemplate registers an idea from a template, in a service area.
func (r *Register) RegisterTemplate(ctx context.Context, a models.Actor, t models.Template, serviceArea string) (models.Deployment, error) {
	if err := r.mayRegister(ctx, a, serviceArea); err != nil {
		return models.Deployment{}, err
	}
	if err := t.Check(); err != nil {
		return models.Deployment{}, err
	}
	if serviceArea == "" {
		return models.Deployment{}, field("serviceArea", "required")
	}
	rec := models.TemplateOf(t.Record, t.From, t.Ref).Record
	rec.ServiceAreaID, rec.Owner, rec.DecisionStatus = serviceArea, firstOwner(a), "idea"
	return r.RegisterDeployment(ctx, a, Registration{Record: rec})
}
