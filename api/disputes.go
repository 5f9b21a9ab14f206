package api

import (
	"context"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// About limits a list to what is about one deployment.
type About struct {
	Deployment string `query:"deployment" maxLength:"40" doc:"Only what is about this deployment" example:"DEP-2026-003"`
}

// Dispute is a disagreement that is taken through stages, frozen when it was opened.
type Dispute struct {
	No         string         `json:"no" example:"DSP-2026-001"`
	Deployment string         `json:"deployment"`
	Name       models.Text    `json:"name" doc:"Of the deployment"`
	Union      string         `json:"union" doc:"Id of the union that it is with"`
	Short      string         `json:"unionShort" doc:"The union's short name" example:"UNISON"`
	OpenedBy   string         `json:"openedBy" enum:"union,employer"`
	Subject    string         `json:"subject"`
	Remedy     string         `json:"remedy" doc:"What whoever opened it asks for"`
	Stages     []DisputeStage `json:"stages" nullable:"false"`
	StageNo    int            `json:"stageNo" doc:"The present stage, counted from 1" minimum:"1"`
	DueOn      models.Date    `json:"dueOn" format:"date" doc:"Last day of the present stage"`
	Overdue    bool           `json:"overdue,omitempty"`
	Hold       *Hold          `json:"hold,omitempty" doc:"The status quo that it laid over the deployment"`
	Events     []DisputeEvent `json:"events" nullable:"false" doc:"What happened, oldest first"`
	OpenedAt   string         `json:"openedAt" format:"date-time"`
	ClosedOn   models.Date    `json:"closedOn,omitzero" format:"date"`
	Outcome    string         `json:"outcome,omitempty" enum:"settled,withdrawn,decided_outside,not_settled"`
	Version    int            `json:"version"`
	Can        []string       `json:"can" nullable:"false"`
}

// DisputeStage is one of the stages that a dispute may go through.
type DisputeStage struct {
	Name      models.Text `json:"name"`
	DueDays   int         `json:"dueDays" doc:"Working days that it may take"`
	StatusQuo bool        `json:"statusQuo,omitempty" doc:"A hold lies over the deployment during it"`
	Outside   string      `json:"outside,omitempty" doc:"Who outside hears it" example:"Acas"`
}

// DisputeEvent is something that happened to a dispute.
type DisputeEvent struct {
	Kind    string      `json:"kind" enum:"opened,advanced,lift_asked,extension_asked,lifted,extended,settled"`
	Side    string      `json:"side" enum:"union,employer"`
	StageNo int         `json:"stageNo" minimum:"1"`
	DueOn   models.Date `json:"dueOn,omitzero" format:"date"`
	Text    string      `json:"text,omitempty"`
	At      string      `json:"at" format:"date-time"`
}

func viewDispute(v register.DisputeView) Dispute {
	d := Dispute{
		No: v.No, Deployment: v.Ref, Name: v.Name, Union: v.UnionID, Short: v.UnionAbbrev, OpenedBy: v.OpenedBy, Subject: v.Subject, Remedy: v.Remedy,
		Stages: []DisputeStage{}, StageNo: v.Stage + 1, DueOn: v.DueOn, Overdue: v.Overdue, Events: []DisputeEvent{}, OpenedAt: instant(v.At),
		ClosedOn: v.ClosedOn, Outcome: v.Outcome, Version: v.Version, Can: list(v.Can),
	}
	for _, s := range v.Stages {
		d.Stages = append(d.Stages, DisputeStage{s.Name, s.DueDays, s.StatusQuo, s.Outside})
	}
	if v.Hold != nil {
		h := viewHold(*v.Hold)
		d.Hold = &h
	}
	for _, e := range v.Events {
		d.Events = append(d.Events, DisputeEvent{e.Kind, e.Side, e.Stage + 1, e.DueOn, e.Text, instant(e.At)})
	}
	return d
}

func (a *API) disputes(ctx context.Context, in *About) (*reply[List[Dispute]], error) {
	rows, err := a.reg.Disputes(ctx, web.Actor(ctx), in.Deployment)
	return listOf(rows, viewDispute), err
}

func (a *API) dispute(ctx context.Context, in *ByNo) (*reply[Dispute], error) {
	v, err := a.reg.Dispute(ctx, web.Actor(ctx), in.No)
	return versioned(viewDispute(v), v.Version), err
}

type disputeInput struct {
	ByRef
	Body struct {
		Union   string `json:"union,omitempty" maxLength:"60" doc:"Id of the union that it is with; a union of one's own need not be named"`
		Subject string `json:"subject" minLength:"1" maxLength:"300" example:"Caseloads have risen since the pilot"`
		Remedy  string `json:"remedy" minLength:"1" maxLength:"20000" example:"No more than 20 cases a worker until the review"`
	}
}

func (a *API) openDispute(ctx context.Context, in *disputeInput) (*reply[Dispute], error) {
	b := in.Body
	d, err := a.reg.OpenDispute(ctx, web.Actor(ctx), in.Ref, register.NewDispute{UnionID: b.Union, Subject: b.Subject, Remedy: b.Remedy})
	if err != nil {
		return nil, err
	}
	v, err := a.reg.Dispute(ctx, web.Actor(ctx), d.No)
	return created(viewDispute(v), v.Version, "/disputes/"+d.No), err
}

// inDispute does one step and shows the dispute as it is then.
func (a *API) inDispute(ctx context.Context, no string, m IfMatchHeader, do func(version int) (models.DisputeState, error)) (*reply[Dispute], error) {
	n, err := m.version()
	if err != nil {
		return nil, err
	}
	if _, err := do(n); err != nil {
		return nil, err
	}
	v, err := a.reg.Dispute(ctx, web.Actor(ctx), no)
	return versioned(viewDispute(v), v.Version), err
}

type advanceInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"20000" example:"Local discussion has not settled it"`
	}
}

func (a *API) advanceDispute(ctx context.Context, in *advanceInput) (*reply[Dispute], error) {
	return a.inDispute(ctx, in.No, in.IfMatchHeader, func(n int) (models.DisputeState, error) {
		return a.reg.AdvanceDispute(ctx, web.Actor(ctx), in.No, n, in.Body.Text)
	})
}

type askHoldInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		What  string      `json:"what" enum:"lift,extend" doc:"Lift the status quo, or let it lie longer" example:"extend"`
		Until models.Date `json:"until,omitzero" format:"date" doc:"To which day it is to lie longer" example:"2026-12-15"`
		Text  string      `json:"text" minLength:"1" maxLength:"20000" example:"The committee meets on the tenth"`
	}
}

func (a *API) askOfHold(ctx context.Context, in *askHoldInput) (*reply[Dispute], error) {
	return a.inDispute(ctx, in.No, in.IfMatchHeader, func(n int) (models.DisputeState, error) {
		return a.reg.AskOfHold(ctx, web.Actor(ctx), in.No, n, in.Body.What, in.Body.Until, in.Body.Text)
	})
}

type agreeHoldInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		What string `json:"what" enum:"lift,extend" doc:"What the other side asked for" example:"extend"`
	}
}

func (a *API) agreeOfHold(ctx context.Context, in *agreeHoldInput) (*reply[Dispute], error) {
	return a.inDispute(ctx, in.No, in.IfMatchHeader, func(n int) (models.DisputeState, error) {
		return a.reg.AgreeOfHold(ctx, web.Actor(ctx), in.No, n, in.Body.What)
	})
}

type settleDisputeInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		Outcome string `json:"outcome" enum:"settled,withdrawn,decided_outside,not_settled" example:"settled"`
		Text    string `json:"text" minLength:"1" maxLength:"20000" example:"A caseload guardrail was agreed"`
	}
}

func (a *API) settleDispute(ctx context.Context, in *settleDisputeInput) (*reply[Dispute], error) {
	return a.inDispute(ctx, in.No, in.IfMatchHeader, func(n int) (models.DisputeState, error) {
		return a.reg.SettleDispute(ctx, web.Actor(ctx), in.No, n, in.Body.Outcome, in.Body.Text)
	})
}
