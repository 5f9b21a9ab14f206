package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/models"
)

// Deployment finds one by its ref. Inside a transaction it is locked until the
// end: what is decided about a deployment is decided about one state of it.
func (r Reader) Deployment(ctx context.Context, org, ref string) (models.Deployment, error) {
	return one[models.Deployment](ctx, r.locking(), "deployment", "org_id = ? AND ref = ?", org, ref)
}

// DeploymentByID finds one by its id, locked inside a transaction.
func (r Reader) DeploymentByID(ctx context.Context, org, id string) (models.Deployment, error) {
	return one[models.Deployment](ctx, r.locking(), "deployment", "org_id = ? AND id = ?", org, id)
}

// Opened is a deployment with what is needed to decide who may read it.
type Opened struct {
	models.Deployment
	AreaParent *string
	AreaNameEn string
	AreaNameCy string
	AreaPath   string
	AreaEdit   int
	Zone       string // of the organisation
}

// Area is the service area that the deployment belongs to.
func (o Opened) Area() models.ServiceArea {
	return models.ServiceArea{OrgID: o.OrgID, ID: o.ServiceAreaID, ParentID: o.AreaParent, NameEn: o.AreaNameEn, NameCy: o.AreaNameCy, Path: o.AreaPath, Version: o.AreaEdit}
}

const toReadSQL = `SELECT d.*, a.parent_id AS area_parent, a.name_en AS area_name_en, a.name_cy AS area_name_cy, a.path AS area_path, a.version AS area_edit, o.zone` + readersOfSQL

const readersOfSQL = `
	FROM deployments d JOIN service_areas a ON a.org_id = d.org_id AND a.id = d.service_area_id JOIN organisations o ON o.id = d.org_id WHERE d.org_id = ? AND `

// DeploymentToRead finds one by its ref for somebody who only reads: all that
// [Reader.Deployment] and its service area say, in one statement.
func (r Reader) DeploymentToRead(ctx context.Context, org, ref string) (Opened, error) {
	rows, err := raw[Opened](ctx, r, toReadSQL+"d.ref = ?", org, ref)
	if err == nil && len(rows) == 0 {
		err = models.Missing("deployment")
	}
	if err != nil {
		return Opened{}, err
	}
	return rows[0], nil
}

// ReadersOf finds, by a deployment's ref, no more than decides who may read it:
// its id, audience and maker, the path of its area and the zone.
func (r Reader) ReadersOf(ctx context.Context, org, ref string) (Opened, error) {
	rows, err := raw[Opened](ctx, r, "SELECT d.org_id, d.id, d.audience, d.created_by, a.path AS area_path, o.zone"+readersOfSQL+"d.ref = ?", org, ref)
	if err == nil && len(rows) == 0 {
		err = models.Missing("deployment")
	}
	if err != nil {
		return Opened{}, err
	}
	return rows[0], nil
}

// DeploymentsToRead finds several by their ids; one that is not there is not
// among them.
func (r Reader) DeploymentsToRead(ctx context.Context, org string, ids []string) ([]Opened, error) {
	return inParts(ids, func(part []string) ([]Opened, error) {
		return raw[Opened](ctx, r, toReadSQL+"d.id IN ?", org, part)
	})
}

// UnionReads are those of some deployments that a union is in scope of on a
// day, or was ever served about.
func (r Reader) UnionReads(ctx context.Context, org string, ids []string, union string, on models.Date) ([]string, error) {
	u := []string{union}
	return inParts(ids, func(part []string) ([]string, error) {
		return raw[string](ctx, r, "SELECT d.id FROM deployments d WHERE d.org_id = ? AND d.id IN ? AND "+inScopeOf, org, part, u, on, on, u, u)
	})
}

// inParts asks for many by their ids, a thousand at a time: a statement takes
// only so many parameters.
func inParts[T any](ids []string, ask func(part []string) ([]T, error)) ([]T, error) {
	var out []T
	for part := range slices.Chunk(ids, 1000) {
		rows, err := ask(part)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// ImportedFrom finds the deployments that rows of a source have made, by the row's key.
func (r Reader) ImportedFrom(ctx context.Context, org, source string) (map[string]models.Deployment, error) {
	rows, err := many[models.Deployment](ctx, r, "source_key", "org_id = ? AND source = ?", org, source)
	if err != nil {
		return nil, err
	}
	byKey := make(map[string]models.Deployment, len(rows))
	for _, d := range rows {
		byKey[*d.SourceKey] = d
	}
	return byKey, nil
}

// AddDeployment writes a new deployment and what its record lifts into tables.
func (t *Tx) AddDeployment(ctx context.Context, d *models.Deployment, rec models.Record) error {
	if err := t.Add(ctx, d); err != nil {
		return err
	}
	return t.lift(ctx, d, rec)
}

// SaveDeployment writes a deployment back, with a new record, if nobody has
// since it was read.
func (t *Tx) SaveDeployment(ctx context.Context, d *models.Deployment, rec models.Record, readAt int) error {
	if err := t.SaveState(ctx, d, readAt); err != nil {
		return err
	}
	if err := t.unindex(ctx, d); err != nil {
		return err
	}
	for _, table := range liftedTables {
		if err := t.exec(ctx, "DELETE FROM "+table+" WHERE org_id = ? AND deployment_id = ?", d.OrgID, d.ID); err != nil {
			return err
		}
	}
	return t.lift(ctx, d, rec)
}

// SaveState writes a deployment's state back when its record has not changed.
func (t *Tx) SaveState(ctx context.Context, d *models.Deployment, readAt int) error {
	return save(ctx, t, d, "deployment", d.OrgID, d.ID, readAt)
}

var liftedTables = []string{
	"affected_groups", "deployment_suppliers", "deployment_models", "deployment_worker_data",
	"deployment_assessments", "deployment_commitments", "deployment_costs", "deployment_withheld",
}

// lift writes what a record lifts into tables.
func (t *Tx) lift(ctx context.Context, d *models.Deployment, rec models.Record) error {
	rows := t.lifted(d, rec)
	if err := t.index(ctx, &rows, d, rec); err != nil {
		return err
	}
	return rows.run(ctx, t)
}

// lifted are the parts of a record that the database checks, joins and filters
// by.
func (r Reader) lifted(d *models.Deployment, rec models.Record) insert {
	var rows insert
	for _, g := range rec.Groups {
		rows.add("affected_groups (org_id, deployment_id, job_role_id, headcount, agency, indirect)", d.OrgID, d.ID, g.JobRoleID, g.Headcount, g.Agency, g.Indirect)
	}
	for i, s := range rec.Suppliers {
		rows.add("deployment_suppliers (org_id, deployment_id, pos, name, company_number, contract_end)", d.OrgID, d.ID, i, s.Name, s.CompanyNumber, s.ContractEnd)
	}
	for i, m := range rec.Models {
		rows.add("deployment_models (org_id, deployment_id, pos, name, provider, region)", d.OrgID, d.ID, i, m.Name, m.Provider, m.Region)
	}
	for i, w := range rec.WorkerData {
		rows.add("deployment_worker_data (org_id, deployment_id, pos, category, for_performance, for_discipline)", d.OrgID, d.ID, i, w.Category, w.ForPerformance, w.ForDiscipline)
	}
	for i, a := range rec.Assessments {
		rows.add("deployment_assessments (org_id, deployment_id, pos, kind, state, on_date)", d.OrgID, d.ID, i, a.Kind, a.State, a.On)
	}
	for i, c := range rec.Commitments {
		rows.add("deployment_commitments (org_id, deployment_id, pos, kind, status, due)", d.OrgID, d.ID, i, c.Kind, c.Status, c.Due)
	}
	for i, c := range rec.Costs {
		rows.add("deployment_costs (org_id, deployment_id, pos, kind, year, pence, cashable)", d.OrgID, d.ID, i, c.Kind, c.Year, c.Pence, c.Cashable)
	}
	for i, w := range rec.Withheld {
		rows.add("deployment_withheld (org_id, deployment_id, pos, field, audience, until)", d.OrgID, d.ID, i, w.Field, w.Audience, w.Until)
	}
	return rows
}

// insert gathers rows so that each table is written in one statement.
type insert struct {
	order []string
	rows  map[string][][]any
}

func (in *insert) add(into string, values ...any) {
	if in.rows == nil {
		in.rows = map[string][][]any{}
	}
	if _, seen := in.rows[into]; !seen {
		in.order = append(in.order, into)
	}
	in.rows[into] = append(in.rows[into], values)
}

func (in *insert) run(ctx context.Context, t *Tx) error {
	for _, into := range in.order {
		rows := in.rows[into]
		holes := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(rows[0])), ", ") + ")"
		args := make([]any, 0, len(rows)*len(rows[0]))
		for _, row := range rows {
			args = append(args, row...)
		}
		q := "INSERT INTO " + into + " VALUES " + strings.TrimSuffix(strings.Repeat(holes+", ", len(rows)), ", ")
		if err := t.exec(ctx, q, args...); err != nil {
			return err
		}
	}
	return nil
}

// Filter chooses deployments. Empty fields choose all.
type Filter struct {
	Text       string
	Stage      models.Stage
	Class      models.ChangeClass
	UseFamily  models.UseFamily
	AIClass    models.AIClass
	Risk       models.RiskLevel
	AreaPath   string // a service area and those below it
	UnionID    string // a party of a notice, or recognised for an affected group
	Supplier   string
	Model      string
	WorkerData string // a category
	Assessment string // a kind that is not done
	Commitment string // a status
	SavingOver int64  // a claimed saving of at least so many pence
	Late       *bool
	ReviewDue  models.Date // on or before
	Ask        Question    // what is asked of the register as a whole
	// What the reader may see: the employer's side sees everything, a union
	// what it is in scope of, the public what is published.
	Sees Sees
	Sort Sort
	Desc bool
}

// Sees is how much of the register a reader may see.
type Sees struct {
	All bool
	// Whole is of the employer's side and the auditor: nothing is withheld from them.
	Whole bool
	// Parties shows formative deployments as well as published ones (scrutiny).
	Parties bool
	// Unions shows the deployments that any of these unions is in scope of.
	Unions []string
	// Under is the path of the service area that a token is limited to; "" is no limit.
	Under string
	On    models.Date
	// circle narrows a union's reading to one of the two circles it is made of.
	circle models.Audience
}

// circles are the parts that the reading is the sum of. A list asks for each
// by itself, in order, and merges them: of an OR over two indexes neither
// engine walks either.
func (s Sees) circles() []Sees {
	if s.All || s.Parties || len(s.Unions) == 0 {
		return []Sees{s}
	}
	public, parties := s, s
	public.circle, parties.circle = models.AudiencePublic, models.AudienceParties
	return []Sees{public, parties}
}

// Sort is an order of the list.
type Sort string

// The sorts; every one ends on the id.
const (
	SortCreated Sort = "created"
	SortUpdated Sort = "updated"
	SortName    Sort = "name"
	SortReview  Sort = "review"
)

var sortColumns = map[Sort]string{SortCreated: "d.created_at", SortUpdated: "d.updated_at", SortName: "d.name_en", SortReview: "d.review_due"}

// cursor is the place of a deployment in a list.
func (s Sort) cursor(d models.Deployment) Cursor { return Cursor{s.key(d), d.ID} }

func (s Sort) key(d models.Deployment) string {
	switch s {
	case SortUpdated:
		return d.UpdatedAt.UTC().Format(time.RFC3339Nano)
	case SortName:
		return d.NameEn
	case SortReview:
		return d.ReviewDue.String()
	default:
		return d.CreatedAt.UTC().Format(time.RFC3339Nano)
	}
}

func (s Sort) value(key string) (any, error) {
	switch s {
	case SortName:
		return key, nil
	case SortReview:
		d, err := models.ParseDate(key)
		if err != nil {
			return nil, badCursor()
		}
		return d, nil
	default:
		at, err := time.Parse(time.RFC3339Nano, key)
		if err != nil {
			return nil, badCursor()
		}
		return at, nil
	}
}

type conditions struct {
	parts []string
	args  []any
}

func (c *conditions) and(part string, args ...any) {
	c.parts = append(c.parts, part)
	c.args = append(c.args, args...)
}

func (c *conditions) sql() string { return strings.Join(c.parts, " AND ") }

// inScopeOf holds of a deployment d that a union is in scope of. Its parts are
// written as values and not as EXISTS: of those PostgreSQL would rather read the
// whole of the tables once than a few rows for each of the few that it shows. And
// SQLite begins from the notices of the deployment, as it is written: otherwise
// from all that the union ever got.
const inScopeOf = `((SELECT 1 FROM affected_groups g
	JOIN job_roles j ON j.org_id = g.org_id AND j.id = g.job_role_id
	JOIN recognitions n ON n.org_id = j.org_id AND n.bargaining_unit_id = j.bargaining_unit_id
	WHERE g.org_id = d.org_id AND g.deployment_id = d.id AND n.union_id IN ? AND n.from_date <= ? AND (n.to_date IS NULL OR n.to_date >= ?) LIMIT 1) IS NOT NULL
	OR (SELECT 1 FROM scope_additions a WHERE a.org_id = d.org_id AND a.deployment_id = d.id AND a.union_id IN ? LIMIT 1) IS NOT NULL
	OR (SELECT 1 FROM notices m CROSS JOIN notice_recipients p
		WHERE p.org_id = m.org_id AND p.notice_id = m.id AND m.org_id = d.org_id AND m.deployment_id = d.id AND p.union_id IN ? LIMIT 1) IS NOT NULL)`

func (r Reader) where(org string, f Filter) *conditions {
	c := &conditions{}
	c.and("d.org_id = ?", org)
	c.sees(f.Sees)
	for _, eq := range []struct{ column, field, value string }{
		{"stage", "", string(f.Stage)},
		{"class", "", string(f.Class)},
		{"use_family", "useFamily", string(f.UseFamily)},
		{"ai_class", "aiClass", string(f.AIClass)},
		{"risk_level", "riskLevel", string(f.Risk)},
	} {
		if eq.value != "" {
			c.and("d."+eq.column+" = ?", eq.value)
			c.told(f.Sees, eq.field)
		}
	}
	if f.Late != nil {
		c.and("d.late = ?", *f.Late)
	}
	if f.ReviewDue != 0 {
		c.and("d.review_due <= ?", f.ReviewDue)
		c.told(f.Sees, "dates")
	}
	if f.Sees.Under != "" {
		c.and("d.service_area_id IN (SELECT id FROM service_areas WHERE org_id = ? AND path LIKE ?)", org, f.Sees.Under+"%")
	}
	if f.AreaPath != "" {
		c.and("d.service_area_id IN (SELECT id FROM service_areas WHERE org_id = ? AND path LIKE ?)", org, f.AreaPath+"%")
	}
	if f.UnionID != "" {
		u := []string{f.UnionID}
		c.and(inScopeOf, u, f.Sees.On, f.Sees.On, u, u)
		c.told(f.Sees, "groups")
	}
	c.lifted(org, f)
	if c.question(f.Ask, f.Sees.On); f.Ask == AskReviewOverdue {
		c.told(f.Sees, "dates")
	}
	return c
}

func (c *conditions) sees(s Sees) {
	switch {
	case s.All:
	case s.Parties:
		c.and("d.audience IN ('parties', 'public')")
	case len(s.Unions) > 0 && s.circle == models.AudienceParties:
		c.and("d.audience = 'parties' AND "+inScopeOf, s.Unions, s.On, s.On, s.Unions, s.Unions)
	case len(s.Unions) > 0 && s.circle == "":
		c.and("(d.audience = 'public' OR d.audience = 'parties' AND "+inScopeOf+")", s.Unions, s.On, s.On, s.Unions, s.Unions)
	default:
		c.and("d.audience = 'public'")
	}
}

// toldSQL holds of a deployment that keeps a field from none of some audiences.
const toldSQL = `(SELECT 1 FROM deployment_withheld w
	WHERE w.org_id = d.org_id AND w.deployment_id = d.id AND w.field = ? AND w.until >= ? AND w.audience IN ? LIMIT 1) IS NULL`

// told leaves out what keeps a field of its record from the reader when they
// choose or order by that field: to be among what is found, or above it, would
// tell what the field says. Of what a union is in scope of, no field that a
// list is chosen by can be kept from it.
func (c *conditions) told(s Sees, field string) {
	if s.Whole || field == "" {
		return
	}
	from := []string{"unions", "scrutiny", "public"}
	if s.Parties && !s.All {
		from = from[:2]
	}
	if len(s.Unions) > 0 {
		c.and("("+toldSQL+" OR "+inScopeOf+")", field, s.On, from, s.Unions, s.On, s.On, s.Unions, s.Unions)
		return
	}
	c.and(toldSQL, field, s.On, from)
}

func (c *conditions) lifted(org string, f Filter) {
	in := func(table, condition string, args ...any) {
		c.and("d.id IN (SELECT deployment_id FROM "+table+" WHERE org_id = ? AND "+condition+")", append([]any{org}, args...)...)
	}
	if f.Supplier != "" {
		in("deployment_suppliers", "name = ?", f.Supplier)
	}
	if f.Model != "" {
		in("deployment_models", "name = ?", f.Model)
	}
	if f.WorkerData != "" {
		in("deployment_worker_data", "category = ?", f.WorkerData)
	}
	if f.Assessment != "" {
		in("deployment_assessments", "kind = ? AND state = 'in_progress'", f.Assessment)
		c.told(f.Sees, "assessments")
	}
	if f.Commitment != "" {
		in("deployment_commitments", "status = ?", f.Commitment)
		c.told(f.Sees, "commitments")
	}
	if f.SavingOver > 0 {
		in("deployment_costs", "kind = 'saving_claimed' AND pence >= ?", f.SavingOver)
	}
}

// Versions are the saves of a deployment, newest first, below a number when it is not 0.
func (r Reader) Versions(ctx context.Context, org, deploymentID string, below, limit int) ([]models.Version, error) {
	rows := []models.Version{}
	g := r.db.WithContext(ctx).Where("org_id = ? AND deployment_id = ?", org, deploymentID)
	if below > 0 {
		g = g.Where("number < ?", below)
	}
	err := g.Order("number DESC").Limit(limit).Find(&rows).Error
	return rows, translate(err)
}

// Version finds one save.
func (r Reader) Version(ctx context.Context, org, deploymentID string, number int) (models.Version, error) {
	return one[models.Version](ctx, r, "version", "org_id = ? AND deployment_id = ? AND number = ?", org, deploymentID, number)
}

// VersionAt finds the save in force at an instant.
func (r Reader) VersionAt(ctx context.Context, org, deploymentID string, at time.Time) (models.Version, error) {
	rows, err := raw[models.Version](ctx, r, "SELECT * FROM deployment_versions WHERE org_id = ? AND deployment_id = ? AND at <= ? ORDER BY number DESC LIMIT 1", org, deploymentID, at)
	if err != nil {
		return models.Version{}, err
	}
	if len(rows) == 0 {
		return models.Version{}, models.Missing("version")
	}
	return rows[0], nil
}

// Moves are the stage moves of a deployment, oldest first.
func (r Reader) Moves(ctx context.Context, org, deploymentID string) ([]models.StageMove, error) {
	return many[models.StageMove](ctx, r, "at, id", "org_id = ? AND deployment_id = ?", org, deploymentID)
}

// Around is what a gate asks first about a deployment: the employer, and of
// what there is anything to be read. Most deployments have had no dispute, no
// request and no override, and nine statements would each find nothing.
type Around struct {
	Organisation models.Organisation `gorm:"embedded"`
	Closures     bool                // of the employer
	Requests     bool
	Meetings     bool
	Outcomes     bool
	Claims       bool
	Holds        bool
	Overrides    bool
	Material     bool
	Additions    bool // to its scope
}

// Around finds out what there is to be read about a deployment.
func (r Reader) Around(ctx context.Context, org, deploymentID string) (Around, error) {
	rows, err := raw[Around](ctx, r, `SELECT o.*, EXISTS (SELECT 1 FROM closure_days x WHERE x.org_id = o.id) AS closures,
		EXISTS (SELECT 1 FROM information_requests x WHERE x.org_id = d.org_id AND x.deployment_id = d.id) AS requests,
		EXISTS (SELECT 1 FROM meetings x WHERE x.org_id = d.org_id AND x.deployment_id = d.id) AS meetings,
		EXISTS (SELECT 1 FROM union_outcomes x WHERE x.org_id = d.org_id AND x.deployment_id = d.id) AS outcomes,
		EXISTS (SELECT 1 FROM claims x WHERE x.org_id = d.org_id AND x.deployment_id = d.id) AS claims,
		EXISTS (SELECT 1 FROM holds x WHERE x.org_id = d.org_id AND x.deployment_id = d.id) AS holds,
		EXISTS (SELECT 1 FROM overrides x WHERE x.org_id = d.org_id AND x.deployment_id = d.id) AS overrides,
		EXISTS (SELECT 1 FROM material_changes x WHERE x.org_id = d.org_id AND x.deployment_id = d.id) AS material,
		EXISTS (SELECT 1 FROM scope_additions x WHERE x.org_id = d.org_id AND x.deployment_id = d.id) AS additions
		FROM deployments d JOIN organisations o ON o.id = d.org_id WHERE d.org_id = ? AND d.id = ?`, org, deploymentID)
	if err == nil && len(rows) == 0 {
		err = models.Missing("deployment")
	}
	if err != nil {
		return Around{}, err
	}
	return rows[0], nil
}

// Overrides are the overrides of a deployment, oldest first.
func (r Reader) Overrides(ctx context.Context, org, deploymentID string) ([]models.Override, error) {
	return many[models.Override](ctx, r, "first_at, id", "org_id = ? AND deployment_id = ?", org, deploymentID)
}

// Override finds one.
func (r Reader) Override(ctx context.Context, org, id string) (models.Override, error) {
	return one[models.Override](ctx, r, "override", "org_id = ? AND id = ?", org, id)
}

// SaveOverride writes an override back.
func (t *Tx) SaveOverride(ctx context.Context, o *models.Override, readAt int) error {
	return save(ctx, t, o, "override", o.OrgID, o.ID, readAt)
}

// Holds are the holds on a deployment, oldest first.
func (r Reader) Holds(ctx context.Context, org, deploymentID string) ([]models.Hold, error) {
	return many[models.Hold](ctx, r, "from_date, id", "org_id = ? AND deployment_id = ?", org, deploymentID)
}

// Hold finds one.
func (r Reader) Hold(ctx context.Context, org, id string) (models.Hold, error) {
	return one[models.Hold](ctx, r, "hold", "org_id = ? AND id = ?", org, id)
}

// SaveHold writes a hold back.
func (t *Tx) SaveHold(ctx context.Context, h *models.Hold, readAt int) error {
	return save(ctx, t, h, "hold", h.OrgID, h.ID, readAt)
}

// MaterialChanges are the material changes of a deployment, oldest first.
func (r Reader) MaterialChanges(ctx context.Context, org, deploymentID string) ([]models.MaterialChange, error) {
	return many[models.MaterialChange](ctx, r, "version", "org_id = ? AND deployment_id = ?", org, deploymentID)
}

// JudgeMaterial writes down who judged a change, and why.
func (t *Tx) JudgeMaterial(ctx context.Context, m models.MaterialChange) error {
	return t.exec(ctx, "UPDATE material_changes SET material = ?, reason = ?, judged_by = ?, judged_at = ? WHERE org_id = ? AND deployment_id = ? AND version = ?",
		m.Material, m.Reason, m.JudgedBy, m.JudgedAt, m.OrgID, m.DeploymentID, m.Version)
}

// Judgement is one judgement of a material change; each is kept for good.
type Judgement struct {
	OrgID        string
	ID           string
	DeploymentID string
	Version      int
	Material     bool
	Reason       string
	ByUserID     string
	At           time.Time
}

// TableName is material_judgements.
func (Judgement) TableName() string { return "material_judgements" }

// Judgements are all judgements of a deployment's material changes, oldest first.
func (r Reader) Judgements(ctx context.Context, org, deploymentID string) ([]Judgement, error) {
	return many[Judgement](ctx, r, "at, id", "org_id = ? AND deployment_id = ?", org, deploymentID)
}

// ScopeAdditions are the unions that people added to a deployment's scope.
func (r Reader) ScopeAdditions(ctx context.Context, org, deploymentID string) ([]models.ScopeAddition, error) {
	return many[models.ScopeAddition](ctx, r, "added_on, union_id", "org_id = ? AND deployment_id = ?", org, deploymentID)
}

// Scores are the scorecards of a deployment, by party and dimension.
func (r Reader) Scores(ctx context.Context, org, deploymentID string) ([]models.Score, error) {
	return many[models.Score](ctx, r, "party, dimension", "org_id = ? AND deployment_id = ?", org, deploymentID)
}

// SetScores replaces one party's scorecard.
func (t *Tx) SetScores(ctx context.Context, org, deploymentID, party string, scores []models.Score) error {
	if err := t.exec(ctx, "DELETE FROM scorecards WHERE org_id = ? AND deployment_id = ? AND party = ?", org, deploymentID, party); err != nil || len(scores) == 0 {
		return err
	}
	return t.Add(ctx, &scores)
}

// Import is one run of an import.
type Import struct {
	OrgID     string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"`
	FileName  string
	SHA256    string `gorm:"column:sha256"`
	Map       string
	Imported  int
	Updated   int
	Unchanged int
	Repaired  int
	Refused   int
	Report    string // JSON: every problem with row, column, value and mend
	ByUserID  string
	At        time.Time
}

// Import finds one run.
func (r Reader) Import(ctx context.Context, org, id string) (Import, error) {
	return one[Import](ctx, r, "import", "org_id = ? AND id = ?", org, id)
}

// Counts counts the rows of every table of ours that holds register content,
// for tests and the doctor.
func (s *Store) Counts(ctx context.Context) (map[string]int, error) {
	q := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	if s.postgres {
		q = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
	}
	tables, err := raw[string](ctx, s.Reader, q)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, t := range tables {
		if strings.HasPrefix(t, "river_") || strings.HasPrefix(t, "goose_") || strings.HasPrefix(t, "deployments_fts_") || t == "sessions" {
			continue
		}
		n, err := raw[int](ctx, s.Reader, "SELECT COUNT(*) FROM "+t)
		if err != nil {
			return nil, err
		}
		counts[t] = n[0]
	}
	return counts, nil
}
