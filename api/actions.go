package api

import (
	"context"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Action is something that a party will have done by a day.
type Action struct {
	No         string      `json:"no" example:"ACT-2026-001"`
	Deployment string      `json:"deployment,omitempty"`
	Text       string      `json:"text"`
	Party      string      `json:"party" doc:"Whose it is: employer, or the id of a union"`
	Owner      string      `json:"owner" doc:"An office, not a person" example:"Head of digital"`
	DueOn      models.Date `json:"dueOn" format:"date"`
	Overdue    bool        `json:"overdue,omitempty"`
	DoneOn     models.Date `json:"doneOn,omitzero" format:"date"`
	DoneNote   string      `json:"doneNote,omitempty"`
	AskedBy    string      `json:"askedBy" doc:"employer, the id of a union, or scrutiny" example:"scrutiny"`
	At         string      `json:"at" format:"date-time"`
	Version    int         `json:"version"`
	Can        []string    `json:"can" nullable:"false"`
}

func viewAction(v register.ActionView) Action {
	return Action{v.No, v.Ref, v.Text, v.Party, v.Owner, v.DueOn, v.Overdue, v.DoneOn, v.DoneNote, v.AskedBy, instant(v.At), v.Version, list(v.Can)}
}

func (a *API) actions(ctx context.Context, in *About) (*reply[List[Action]], error) {
	rows, err := a.reg.Actions(ctx, web.Actor(ctx), in.Deployment)
	return listOf(rows, viewAction), err
}

func (a *API) action(ctx context.Context, in *ByNo) (*reply[Action], error) {
	v, err := a.reg.Action(ctx, web.Actor(ctx), in.No)
	return versioned(viewAction(v), v.Version), err
}

type actionInput struct {
	Body struct {
		Deployment string      `json:"deployment,omitempty" maxLength:"40" doc:"What it is about, if it is about one" example:"DEP-2026-003"`
		Meeting    string      `json:"meeting,omitempty" maxLength:"40" doc:"Number of the meeting at which it was agreed" example:"MTG-2026-001"`
		Text       string      `json:"text" minLength:"1" maxLength:"5000" example:"Show the committee what the pilot cost"`
		Party      string      `json:"party,omitempty" maxLength:"60" doc:"Whose it is: employer, or the id of a union; your own when left out" example:"employer"`
		Owner      string      `json:"owner" minLength:"1" maxLength:"200" doc:"An office, not a person" example:"Head of digital"`
		DueOn      models.Date `json:"dueOn" format:"date" example:"2026-12-01"`
	}
}

// addAction adds one, and asks for one: by what whoever calls may do.
func (a *API) addAction(ctx context.Context, in *actionInput) (*reply[Action], error) {
	b := in.Body
	x, err := a.reg.AddAction(ctx, web.Actor(ctx), register.NewAction{Deployment: b.Deployment, Meeting: b.Meeting, Text: b.Text, Party: b.Party, Owner: b.Owner, DueOn: b.DueOn})
	if err != nil {
		return nil, err
	}
	v, err := a.reg.Action(ctx, web.Actor(ctx), x.No)
	return created(viewAction(v), v.Version, "/actions/"+x.No), err
}

type finishInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		Note string `json:"note" minLength:"1" maxLength:"5000" doc:"How it was done" example:"The sheet went to the committee"`
	}
}

func (a *API) finishAction(ctx context.Context, in *finishInput) (*reply[Action], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	if _, err := a.reg.FinishAction(ctx, web.Actor(ctx), in.No, n, in.Body.Note); err != nil {
		return nil, err
	}
	v, err := a.reg.Action(ctx, web.Actor(ctx), in.No)
	return versioned(viewAction(v), v.Version), err
}

// Barrier is something that stood in the way of partnership.
type Barrier struct {
	No         string      `json:"no" example:"BAR-2026-001"`
	Deployment string      `json:"deployment,omitempty"`
	Party      string      `json:"party" doc:"Who met it: employer, or the id of a union"`
	Text       string      `json:"text"`
	SettledOn  models.Date `json:"settledOn,omitzero" format:"date"`
	Settlement string      `json:"settlement,omitempty"`
	At         string      `json:"at" format:"date-time"`
	Version    int         `json:"version"`
	Can        []string    `json:"can" nullable:"false"`
}

func viewBarrier(v register.BarrierView) Barrier {
	return Barrier{v.No, v.Ref, v.Party, v.Text, v.SettledOn, v.Settlement, instant(v.At), v.Version, list(v.Can)}
}

func (a *API) barriers(ctx context.Context, _ *struct{}) (*reply[List[Barrier]], error) {
	rows, err := a.reg.Barriers(ctx, web.Actor(ctx))
	return listOf(rows, viewBarrier), err
}

type barrierInput struct {
	Body struct {
		Deployment string `json:"deployment,omitempty" maxLength:"40" doc:"What it is about, if it is about one" example:"DEP-2026-003"`
		Text       string `json:"text" minLength:"1" maxLength:"5000" example:"Two meetings were cancelled on the day"`
	}
}

func (a *API) raiseBarrier(ctx context.Context, in *barrierInput) (*reply[Barrier], error) {
	x, err := a.reg.RaiseBarrier(ctx, web.Actor(ctx), in.Body.Deployment, in.Body.Text)
	return created(viewBarrier(register.BarrierView{Barrier: x, Ref: in.Body.Deployment}), x.Version, "/barriers"), err
}

type settleBarrierInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"5000" doc:"What was done about it" example:"Dates are set a year ahead"`
	}
}

func (a *API) settleBarrier(ctx context.Context, in *settleBarrierInput) (*reply[Barrier], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	x, err := a.reg.SettleBarrier(ctx, web.Actor(ctx), in.No, n, in.Body.Text)
	return versioned(viewBarrier(register.BarrierView{Barrier: x}), x.Version), err
}
