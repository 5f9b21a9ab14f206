package api

import (
	"context"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Flag is what a member of the public says is in use.
type Flag struct {
	No         string   `json:"no" example:"FLG-2026-001"`
	System     string   `json:"system"`
	Text       string   `json:"text"`
	Language   string   `json:"language" enum:"en,cy"`
	Status     string   `json:"status" enum:"open,idea,known,closed"`
	Answer     string   `json:"answer,omitempty"`
	Deployment string   `json:"deployment,omitempty"`
	AnsweredAt string   `json:"answeredAt,omitempty" format:"date-time"`
	At         string   `json:"at" format:"date-time"`
	Version    int      `json:"version"`
	Can        []string `json:"can" nullable:"false"`
}

func viewFlag(v register.FlagView) Flag {
	f := Flag{No: v.No, System: v.System, Text: v.Text, Language: string(v.Language), Status: v.Status, Answer: v.Answer, Deployment: v.Ref, At: instant(v.At), Version: v.Version, Can: list(v.Can)}
	if v.AnsweredAt != nil {
		f.AnsweredAt = instant(*v.AnsweredAt)
	}
	return f
}

func (a *API) flags(ctx context.Context, _ *struct{}) (*reply[List[Flag]], error) {
	rows, err := a.reg.Flags(ctx, web.Actor(ctx))
	return listOf(rows, viewFlag), err
}

// RaisedFlag is what whoever flagged something is given.
type RaisedFlag struct {
	No   string `json:"no" example:"FLG-2026-001"`
	Link string `json:"link" format:"uri" doc:"Shown once: whoever has it reads what became of the flag" example:"https://beforehand.tywi.example/en/flagged#code=shown-once"`
}

type flagInput struct {
	Body struct {
		System   string `json:"system" minLength:"1" maxLength:"200" doc:"What you say is in use" example:"A chatbot on the housing line"`
		Text     string `json:"text" minLength:"1" maxLength:"5000" doc:"What you saw; name nobody" example:"It answered me on Monday and did not say that it was a machine."`
		Language string `json:"language,omitempty" enum:"en,cy"`
	}
}

func (a *API) raiseFlag(ctx context.Context, in *flagInput) (*reply[RaisedFlag], error) {
	f, link, err := a.reg.RaiseFlag(ctx, web.Actor(ctx), in.Body.System, in.Body.Text, models.Language(in.Body.Language))
	return &reply[RaisedFlag]{Body: RaisedFlag{f.No, link}}, err
}

// FlagAnswer is what became of a flag, for whoever raised it.
type FlagAnswer struct {
	No         string `json:"no" example:"FLG-2026-001"`
	System     string `json:"system"`
	Status     string `json:"status" enum:"open,idea,known,closed"`
	Answer     string `json:"answer,omitempty"`
	AnsweredAt string `json:"answeredAt,omitempty" format:"date-time"`
	At         string `json:"at" format:"date-time"`
}

func (a *API) lookAtFlag(ctx context.Context, in *codeInput) (*reply[FlagAnswer], error) {
	f, err := a.reg.FlagByCode(ctx, web.Actor(ctx).From, in.Body.Code)
	v := FlagAnswer{No: f.No, System: f.System, Status: f.Status, Answer: f.Answer, At: instant(f.At)}
	if f.AnsweredAt != nil {
		v.AnsweredAt = instant(*f.AnsweredAt)
	}
	return &reply[FlagAnswer]{Body: v}, err
}

type settleFlagInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		Status      string      `json:"status" enum:"idea,known,closed" doc:"An idea is registered in the same step" example:"closed"`
		Answer      string      `json:"answer" minLength:"1" maxLength:"5000" example:"It is a recorded message and not a system of this kind."`
		Deployment  string      `json:"deployment,omitempty" maxLength:"40" doc:"What was flagged, when it is known" example:"DEP-2026-003"`
		ServiceArea string      `json:"serviceArea,omitempty" maxLength:"60" doc:"Id of the service area of an idea"`
		Name        models.Text `json:"name,omitzero" doc:"Of an idea; what was flagged when left out"`
		InUse       bool        `json:"inUse,omitempty" doc:"It was found in use: it gets the late mark and is public"`
	}
}

func (a *API) settleFlag(ctx context.Context, in *settleFlagInput) (*reply[Flag], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	b := in.Body
	f, err := a.reg.SettleFlag(ctx, web.Actor(ctx), in.No, n, register.Settlement{Status: b.Status, Answer: b.Answer, Deployment: b.Deployment, ServiceArea: b.ServiceArea, Name: b.Name, InUse: b.InUse})
	return versioned(viewFlag(register.FlagView{Flag: f, Ref: b.Deployment}), f.Version), err
}
