package store

import (
	"context"
	"slices"

	"beforehand/models"
)

// Organisation finds an employer by id.
func (r Reader) Organisation(ctx context.Context, id string) (models.Organisation, error) {
	return one[models.Organisation](ctx, r, "organisation", "id = ?", id)
}

// OrganisationBySlug finds an employer by its short name.
func (r Reader) OrganisationBySlug(ctx context.Context, slug string) (models.Organisation, error) {
	return one[models.Organisation](ctx, r, "organisation", "slug = ?", slug)
}

// Organisations are all employers of this installation, by name.
func (r Reader) Organisations(ctx context.Context) ([]models.Organisation, error) {
	return many[models.Organisation](ctx, r, "name_en, id", "1 = 1")
}

// OnlyOrganisation is the id of the only employer of this installation; not
// found is that there is none, or that there are several.
func (r Reader) OnlyOrganisation(ctx context.Context) (string, error) {
	ids, err := raw[string](ctx, r, "SELECT id FROM organisations LIMIT 2")
	if err == nil && len(ids) != 1 {
		err = models.Missing("organisation")
	}
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// SaveOrganisation writes the settings back if nobody has since they were read.
func (t *Tx) SaveOrganisation(ctx context.Context, o *models.Organisation, readAt int) error {
	res := t.db.WithContext(ctx).Model(o).Where("id = ? AND version = ?", o.ID, readAt).Select("*").Updates(o)
	if res.Error != nil {
		return translate(res.Error)
	}
	if res.RowsAffected == 0 {
		return models.Fail(models.Stale, "stale_version").With("noun", "organisation")
	}
	return nil
}

// ClosureDays are the employer's closure days, in order.
func (r Reader) ClosureDays(ctx context.Context, org string) ([]models.ClosureDay, error) {
	return many[models.ClosureDay](ctx, r, "day", "org_id = ?", org)
}

// SetClosureDays replaces the employer's closure days.
func (t *Tx) SetClosureDays(ctx context.Context, org string, days []models.ClosureDay) error {
	if err := t.exec(ctx, "DELETE FROM closure_days WHERE org_id = ?", org); err != nil || len(days) == 0 {
		return err
	}
	return t.Add(ctx, &days)
}

// ServiceArea finds one part of the organisation.
func (r Reader) ServiceArea(ctx context.Context, org, id string) (models.ServiceArea, error) {
	return one[models.ServiceArea](ctx, r, "service_area", "org_id = ? AND id = ?", org, id)
}

// ServiceAreas are all parts, parents before children.
func (r Reader) ServiceAreas(ctx context.Context, org string) ([]models.ServiceArea, error) {
	return many[models.ServiceArea](ctx, r, "path", "org_id = ?", org)
}

// BargainingUnits are all groups of posts, by name.
func (r Reader) BargainingUnits(ctx context.Context, org string) ([]models.BargainingUnit, error) {
	return many[models.BargainingUnit](ctx, r, "name", "org_id = ?", org)
}

// BargainingUnit finds one.
func (r Reader) BargainingUnit(ctx context.Context, org, id string) (models.BargainingUnit, error) {
	return one[models.BargainingUnit](ctx, r, "bargaining_unit", "org_id = ? AND id = ?", org, id)
}

// JobRoles are all job roles, by title.
func (r Reader) JobRoles(ctx context.Context, org string) ([]models.JobRole, error) {
	return many[models.JobRole](ctx, r, "title, id", "org_id = ?", org)
}

// JobRole finds one.
func (r Reader) JobRole(ctx context.Context, org, id string) (models.JobRole, error) {
	return one[models.JobRole](ctx, r, "job_role", "org_id = ? AND id = ?", org, id)
}

// JobRolesOf finds the job roles of affected groups, by id. One that does not
// exist is missing from the answer.
func (r Reader) JobRolesOf(ctx context.Context, org string, groups []models.Group) (map[string]models.JobRole, error) {
	ids := make([]string, 0, len(groups))
	for _, g := range groups {
		ids = append(ids, g.JobRoleID)
	}
	byID := make(map[string]models.JobRole, len(ids))
	for chunk := range slices.Chunk(ids, 500) {
		rows, err := many[models.JobRole](ctx, r, "id", "org_id = ? AND id IN ?", org, chunk)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			byID[row.ID] = row
		}
	}
	return byID, nil
}

// SaveJobRole writes a job role back.
func (t *Tx) SaveJobRole(ctx context.Context, j *models.JobRole, readAt int) error {
	return save(ctx, t, j, "job_role", j.OrgID, j.ID, readAt)
}

// Attachment finds a file's row.
func (r Reader) Attachment(ctx context.Context, org, id string) (models.Attachment, error) {
	return one[models.Attachment](ctx, r, "attachment", "org_id = ? AND id = ?", org, id)
}

// Attachments are the rows of files, by their ids.
func (r Reader) Attachments(ctx context.Context, org string, ids []string) (map[string]models.Attachment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := many[models.Attachment](ctx, r, "id", "org_id = ? AND id IN ?", org, ids)
	byID := make(map[string]models.Attachment, len(rows))
	for _, f := range rows {
		byID[f.ID] = f
	}
	return byID, err
}

// Uncited is how many files that somebody of a union handed in nothing cites yet.
func (r Reader) Uncited(ctx context.Context, org, userID string) (int, error) {
	n, err := raw[int](ctx, r, `SELECT COUNT(*) FROM attachments f WHERE org_id = ? AND by_user_id = ? AND from_union
		AND NOT EXISTS (SELECT 1 FROM questionnaire_answers a WHERE a.org_id = f.org_id AND a.attachment_id = f.id)`, org, userID)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// Citations are what names a file.
type Citations struct {
	// Costs are the ids of the deployments of whose amounts, those taken back
	// left out, it is evidence.
	Costs []string
	// Questionnaires are the numbers of those in whose answers it is attached.
	Questionnaires []string
	// Proof says that it is a proof of service.
	Proof bool
}

// Citations are what names a file.
func (r Reader) Citations(ctx context.Context, org, id string) (Citations, error) {
	var c Citations
	var err error
	if c.Costs, err = raw[string](ctx, r, `SELECT DISTINCT deployment_id FROM cost_entries e WHERE org_id = ? AND attachment_id = ?
		AND NOT EXISTS (SELECT 1 FROM cost_reversals v WHERE v.org_id = e.org_id AND v.entry_id = e.id) ORDER BY 1`, org, id); err != nil {
		return c, err
	}
	if c.Questionnaires, err = raw[string](ctx, r, `SELECT DISTINCT q.no FROM questionnaire_answers a JOIN questionnaires q ON q.org_id = a.org_id AND q.id = a.questionnaire_id
		WHERE a.org_id = ? AND a.attachment_id = ? ORDER BY 1`, org, id); err != nil {
		return c, err
	}
	n, err := raw[int](ctx, r, "SELECT COUNT(*) FROM deliveries WHERE org_id = ? AND attachment_id = ?", org, id)
	c.Proof = err == nil && n[0] > 0
	return c, err
}
