package api

import (
	"context"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Organisation is the employer's settings.
type Organisation struct {
	ID      string      `json:"id"`
	Slug    string      `json:"slug" example:"tywi"`
	Name    models.Text `json:"name"`
	Nation  string      `json:"nation" example:"england_and_wales"`
	Zone    string      `json:"zone" example:"Europe/London"`
	Profile string      `json:"profile" example:"wales-partnership"`
	Contact string      `json:"contact,omitempty" example:"ai@tywi.example"`
	Colour  string      `json:"headerColour,omitempty" doc:"Of the header of the pages" example:"#1d70b8"`
	Version int         `json:"version"`
}

func viewOrganisation(o models.Organisation) Organisation {
	return Organisation{o.ID, o.Slug, o.Name(), string(o.Nation), o.Zone, o.Profile, o.Contact, o.HeaderColour, o.Version}
}

func (a *API) organisation(ctx context.Context, _ *struct{}) (*reply[Organisation], error) {
	o, err := a.reg.Organisation(ctx, web.Actor(ctx))
	return versioned(viewOrganisation(o), o.Version), err
}

type configureInput struct {
	IfMatchHeader
	Body struct {
		Name    models.Text `json:"name"`
		Zone    string      `json:"zone" maxLength:"60" example:"Europe/London"`
		Profile string      `json:"profile" maxLength:"60" example:"wales-partnership"`
		Contact string      `json:"contact,omitempty" format:"email" maxLength:"254" example:"ai@tywi.example"`
		Colour  string      `json:"headerColour,omitempty" maxLength:"7" doc:"Of the header of the pages; white text must stand out from it, 4.5 to 1" example:"#1d70b8"`
	}
}

func (a *API) configure(ctx context.Context, in *configureInput) (*reply[Organisation], error) {
	v, err := in.version()
	if err != nil {
		return nil, err
	}
	o, err := a.reg.Configure(ctx, web.Actor(ctx), v, register.Configuration{Name: in.Body.Name, Zone: in.Body.Zone, Profile: in.Body.Profile, Contact: in.Body.Contact, HeaderColour: in.Body.Colour})
	return versioned(viewOrganisation(o), o.Version), err
}

// ClosureDay is a day on which the employer is closed.
type ClosureDay struct {
	Day  models.Date `json:"day" format:"date"`
	Note string      `json:"note,omitempty"`
}

func viewClosureDay(d models.ClosureDay) ClosureDay { return ClosureDay{d.Day, d.Note} }

func (a *API) closureDays(ctx context.Context, _ *struct{}) (*reply[List[ClosureDay]], error) {
	days, err := a.reg.ClosureDays(ctx, web.Actor(ctx))
	return listOf(days, viewClosureDay), err
}

type closureDaysInput struct {
	IfMatchHeader
	Body struct {
		Lines string `json:"lines" maxLength:"100000" doc:"One a line: a date, then what the day is" example:"2026-12-29 Closed between Christmas and New Year"`
	}
}

func (a *API) setClosureDays(ctx context.Context, in *closureDaysInput) (*reply[List[ClosureDay]], error) {
	v, err := in.version()
	if err != nil {
		return nil, err
	}
	days, err := a.reg.SetClosureDays(ctx, web.Actor(ctx), v, in.Body.Lines)
	return listOf(days, viewClosureDay), err
}

// Profile is a policy profile. Its defaults are starting points to be bargained.
type Profile struct {
	Code         string          `json:"code" example:"wales-partnership"`
	Name         models.Text     `json:"name"`
	Jurisdiction string          `json:"jurisdiction"`
	CutOff       string          `json:"cutOff" example:"16:30"`
	Sufficient   string          `json:"sufficientEvidence"`
	RequestDays  int             `json:"requestWorkingDays"`
	Periods      []models.Period `json:"periods" nullable:"false"`
	Rules        []ProfileRule   `json:"rules" nullable:"false"`
}

// ProfileRule is a rule of law or guidance; only one in force binds.
type ProfileRule struct {
	Code        string      `json:"code"`
	Status      string      `json:"status" doc:"in force, future, proposed, vetoed or guidance"`
	AppliesFrom models.Date `json:"appliesFrom,omitzero" format:"date"`
	Trigger     string      `json:"trigger"`
	Audience    string      `json:"audience"`
	Source      string      `json:"source"`
	CheckedOn   models.Date `json:"checkedOn,omitzero" format:"date"`
}

func viewProfile(p models.Profile) Profile {
	v := Profile{p.Code, p.Name, p.Jurisdiction, models.HourMinute(p.CutOff), string(p.Sufficient), p.RequestDays, p.Periods, []ProfileRule{}}
	for _, r := range p.Rules {
		v.Rules = append(v.Rules, ProfileRule{r.Code, r.Status, r.AppliesFrom, r.Trigger, r.Audience, r.Source, r.CheckedOn})
	}
	return v
}

func (a *API) profiles(ctx context.Context, _ *struct{}) (*reply[List[Profile]], error) {
	ps, err := a.reg.Profiles(web.Actor(ctx))
	return listOf(ps, viewProfile), err
}

// ServiceArea is a part of the organisation.
type ServiceArea struct {
	ID     string      `json:"id"`
	Parent string      `json:"parent,omitempty"`
	Name   models.Text `json:"name"`
}

func viewArea(s models.ServiceArea) ServiceArea {
	v := ServiceArea{ID: s.ID, Name: models.Text{En: s.NameEn, Cy: s.NameCy}}
	if s.ParentID != nil {
		v.Parent = *s.ParentID
	}
	return v
}

func (a *API) serviceAreas(ctx context.Context, _ *struct{}) (*reply[List[ServiceArea]], error) {
	rows, err := a.reg.ServiceAreas(ctx, web.Actor(ctx))
	return listOf(rows, viewArea), err
}

type serviceAreaInput struct {
	Body struct {
		Name   models.Text `json:"name"`
		Parent string      `json:"parent,omitempty" maxLength:"60" doc:"Id of the area above"`
	}
}

func (a *API) addServiceArea(ctx context.Context, in *serviceAreaInput) (*reply[ServiceArea], error) {
	s, err := a.reg.AddServiceArea(ctx, web.Actor(ctx), in.Body.Name, in.Body.Parent)
	return created(viewArea(s), 0, "/service-areas"), err
}

// BargainingUnit is a group of posts.
type BargainingUnit struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func viewUnit(u models.BargainingUnit) BargainingUnit { return BargainingUnit{u.ID, u.Name} }

func (a *API) bargainingUnits(ctx context.Context, _ *struct{}) (*reply[List[BargainingUnit]], error) {
	rows, err := a.reg.BargainingUnits(ctx, web.Actor(ctx))
	return listOf(rows, viewUnit), err
}

type bargainingUnitInput struct {
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"200" example:"NJC: social work"`
	}
}

func (a *API) addBargainingUnit(ctx context.Context, in *bargainingUnitInput) (*reply[BargainingUnit], error) {
	u, err := a.reg.AddBargainingUnit(ctx, web.Actor(ctx), in.Body.Name)
	return created(viewUnit(u), 0, "/bargaining-units"), err
}

// JobRole is a kind of post with its headcounts.
type JobRole struct {
	ID string `json:"id"`
	JobRoleFields
	Version int `json:"version"`
}

// JobRoleFields are what may be said of a job role.
type JobRoleFields struct {
	Title          string  `json:"title" minLength:"1" maxLength:"200" example:"Social worker"`
	JobFamily      string  `json:"jobFamily,omitempty" maxLength:"200"`
	PayGroup       string  `json:"payGroup,omitempty" maxLength:"100"`
	Grade          string  `json:"grade,omitempty" maxLength:"40" example:"J"`
	SOC2020        string  `json:"soc2020,omitempty" pattern:"^([0-9]{4})?$" doc:"UK Standard Occupational Classification 2020" example:"2461"`
	ServiceArea    string  `json:"serviceArea" maxLength:"60" doc:"Id of the service area"`
	Site           string  `json:"site,omitempty" maxLength:"200"`
	Headcount      int     `json:"headcount" minimum:"0" maximum:"10000000" example:"46"`
	FTE            float64 `json:"fte,omitempty" minimum:"0" maximum:"10000000"`
	AgencyCount    int     `json:"agencyCount,omitempty" minimum:"0" maximum:"10000000"`
	BargainingUnit string  `json:"bargainingUnit,omitempty" maxLength:"60" doc:"Id of the bargaining unit"`
}

func (f JobRoleFields) model(id string) models.JobRole {
	j := models.JobRole{
		ID: id, Title: f.Title, JobFamily: f.JobFamily, PayGroup: f.PayGroup, Grade: f.Grade, SOC2020: f.SOC2020, ServiceAreaID: f.ServiceArea,
		Site: f.Site, Headcount: f.Headcount, FTE: f.FTE, AgencyCount: f.AgencyCount,
	}
	if f.BargainingUnit != "" {
		j.BargainingUnitID = &f.BargainingUnit
	}
	return j
}

func viewJobRole(j models.JobRole) JobRole {
	v := JobRole{j.ID, JobRoleFields{j.Title, j.JobFamily, j.PayGroup, j.Grade, j.SOC2020, j.ServiceAreaID, j.Site, j.Headcount, j.FTE, j.AgencyCount, ""}, j.Version}
	if j.BargainingUnitID != nil {
		v.BargainingUnit = *j.BargainingUnitID
	}
	return v
}

func (a *API) jobRoles(ctx context.Context, _ *struct{}) (*reply[List[JobRole]], error) {
	rows, err := a.reg.JobRoles(ctx, web.Actor(ctx))
	return listOf(rows, viewJobRole), err
}

func (a *API) jobRole(ctx context.Context, in *ByID) (*reply[JobRole], error) {
	j, err := a.reg.JobRole(ctx, web.Actor(ctx), in.ID)
	return versioned(viewJobRole(j), j.Version), err
}

func (a *API) addJobRole(ctx context.Context, in *struct{ Body JobRoleFields }) (*reply[JobRole], error) {
	j, err := a.reg.AddJobRole(ctx, web.Actor(ctx), in.Body.model(""))
	return created(viewJobRole(j), j.Version, "/job-roles/"+j.ID), err
}

type changeJobRoleInput struct {
	ByID
	IfMatchHeader
	Body JobRoleFields
}

func (a *API) changeJobRole(ctx context.Context, in *changeJobRoleInput) (*reply[JobRole], error) {
	v, err := in.version()
	if err != nil {
		return nil, err
	}
	j, err := a.reg.ChangeJobRole(ctx, web.Actor(ctx), v, in.Body.model(in.ID))
	return versioned(viewJobRole(j), j.Version), err
}
