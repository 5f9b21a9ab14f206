package api

import (
	"context"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Engagement is something that was done to hear staff.
type Engagement struct {
	No         string            `json:"no" example:"ENG-2026-001"`
	Deployment string            `json:"deployment,omitempty"`
	Kind       string            `json:"kind" enum:"focus_group,survey,workshop,demonstration,other"`
	Title      string            `json:"title"`
	HeldOn     models.Date       `json:"heldOn" format:"date"`
	Summary    string            `json:"summary,omitempty"`
	Groups     []EngagementGroup `json:"groups" nullable:"false"`
	Themes     []Theme           `json:"themes" nullable:"false"`
	At         string            `json:"at" format:"date-time"`
}

// EngagementGroup is how many of a job family and grade there are, were invited
// and came.
type EngagementGroup struct {
	JobFamily string `json:"jobFamily,omitempty" maxLength:"100" example:"Social work"`
	Grade     string `json:"grade,omitempty" maxLength:"50" example:"J"`
	Staff     int    `json:"staff" minimum:"0" maximum:"1000000" example:"46"`
	Invited   int    `json:"invited" minimum:"0" maximum:"1000000" example:"20"`
	Attended  int    `json:"attended" minimum:"0" maximum:"1000000" example:"12"`
	Under     bool   `json:"underRepresented,omitempty" readOnly:"true" doc:"It came in less than four fifths of its share of the staff"`
}

// Theme is what was said.
type Theme struct {
	Dimension string `json:"dimension,omitempty" enum:"JOBS,GRADE,SKILL,LOAD,TIME,WATCH,AUTON,LIAB,SAFE,EQUAL,LANG,CARE,VOICE,GAIN" example:"LOAD"`
	Text      string `json:"text" minLength:"1" maxLength:"2000" example:"More cases may be given"`
	Comment   string `json:"comment,omitempty" maxLength:"60" doc:"Id of the comment that a union made of it"`
}

func viewEngagement(v register.EngagementView) Engagement {
	e := Engagement{No: v.No, Deployment: v.Ref, Kind: v.Kind, Title: v.Title, HeldOn: v.HeldOn, Summary: v.Summary, Groups: []EngagementGroup{}, Themes: []Theme{}, At: instant(v.At)}
	for i, g := range v.Groups {
		e.Groups = append(e.Groups, EngagementGroup{g.JobFamily, g.Grade, g.Staff, g.Invited, g.Attended, i < len(v.Under) && v.Under[i]})
	}
	for _, t := range v.Themes {
		theme := Theme{Dimension: string(t.Dimension), Text: t.Text}
		if t.CommentID != nil {
			theme.Comment = *t.CommentID
		}
		e.Themes = append(e.Themes, theme)
	}
	return e
}

func (a *API) engagements(ctx context.Context, in *About) (*reply[List[Engagement]], error) {
	rows, err := a.reg.Engagements(ctx, web.Actor(ctx), in.Deployment)
	return listOf(rows, viewEngagement), err
}

func (a *API) engagement(ctx context.Context, in *ByNo) (*reply[Engagement], error) {
	v, err := a.reg.Engagement(ctx, web.Actor(ctx), in.No)
	return &reply[Engagement]{Body: viewEngagement(v)}, err
}

// engagedGroup is an [EngagementGroup] as it is sent.
type engagedGroup struct {
	JobFamily string `json:"jobFamily,omitempty" maxLength:"100" example:"Social work"`
	Grade     string `json:"grade,omitempty" maxLength:"50" example:"J"`
	Staff     int    `json:"staff" minimum:"0" maximum:"1000000" example:"46"`
	Invited   int    `json:"invited" minimum:"0" maximum:"1000000" example:"20"`
	Attended  int    `json:"attended" minimum:"0" maximum:"1000000" example:"12"`
}

type engagementInput struct {
	Body struct {
		Deployment string         `json:"deployment,omitempty" maxLength:"40" doc:"What it was about, if it was about one" example:"DEP-2026-003"`
		Kind       string         `json:"kind" enum:"focus_group,survey,workshop,demonstration,other" example:"focus_group"`
		Title      string         `json:"title" minLength:"1" maxLength:"200" example:"Case notes: three focus groups"`
		HeldOn     models.Date    `json:"heldOn" format:"date" example:"2026-09-01"`
		Summary    string         `json:"summary,omitempty" maxLength:"20000"`
		Groups     []engagedGroup `json:"groups" nullable:"false" minItems:"1" maxItems:"200"`
		Themes     []Theme        `json:"themes,omitempty" nullable:"false" maxItems:"200"`
	}
}

func (a *API) recordEngagement(ctx context.Context, in *engagementInput) (*reply[Engagement], error) {
	b := in.Body
	e := register.NewEngagement{Deployment: b.Deployment, Kind: b.Kind, Title: b.Title, HeldOn: b.HeldOn, Summary: b.Summary}
	for _, g := range b.Groups {
		e.Groups = append(e.Groups, models.EngagementGroup{JobFamily: g.JobFamily, Grade: g.Grade, Staff: g.Staff, Invited: g.Invited, Attended: g.Attended})
	}
	for _, t := range b.Themes {
		theme := models.Theme{Dimension: models.Dimension(t.Dimension), Text: t.Text}
		if t.Comment != "" {
			theme.CommentID = &t.Comment
		}
		e.Themes = append(e.Themes, theme)
	}
	made, err := a.reg.RecordEngagement(ctx, web.Actor(ctx), e)
	if err != nil {
		return nil, err
	}
	v, err := a.reg.Engagement(ctx, web.Actor(ctx), made.No)
	return created(viewEngagement(v), 0, "/engagements/"+made.No), err
}
