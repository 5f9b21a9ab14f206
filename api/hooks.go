package api

import (
	"context"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Hook is where another system is told.
type Hook struct {
	ID           string         `json:"id"`
	Kind         string         `json:"kind" enum:"webhook,teams"`
	Host         string         `json:"host" doc:"Of its address, which is not shown again" example:"hooks.tywi.example"`
	Topics       []models.Topic `json:"topics" nullable:"false" doc:"What it is told of; none is all"`
	FailingSince string         `json:"failingSince,omitempty" format:"date-time"`
	DisabledAt   string         `json:"disabledAt,omitempty" format:"date-time"`
	DisabledWhy  string         `json:"disabledWhy,omitempty"`
	At           string         `json:"at" format:"date-time"`
}

func viewHook(h models.Hook) Hook {
	v := Hook{ID: h.ID, Kind: h.Kind, Host: h.Host, Topics: list(h.Topics), DisabledWhy: h.DisabledWhy, At: instant(h.At)}
	if h.FailingSince != nil {
		v.FailingSince = instant(*h.FailingSince)
	}
	if h.DisabledAt != nil {
		v.DisabledAt = instant(*h.DisabledAt)
	}
	return v
}

func (a *API) hooks(ctx context.Context, _ *struct{}) (*reply[List[Hook]], error) {
	rows, err := a.reg.Hooks(ctx, web.Actor(ctx))
	return listOf(rows, viewHook), err
}

// NewHook is a hook with its secret, which is shown once.
type NewHook struct {
	Hook
	Secret string `json:"secret,omitempty" doc:"Shown once: a webhook is signed with it (Standard Webhooks)" example:"whsec_shown-once"`
}

type hookInput struct {
	Body struct {
		Kind   string         `json:"kind" enum:"webhook,teams" doc:"A webhook as the Standard Webhooks specification says, or a workflow of Microsoft Teams" example:"webhook"`
		URL    string         `json:"url" minLength:"1" maxLength:"2000" example:"https://hooks.tywi.example/beforehand"`
		Topics []models.Topic `json:"topics,omitempty" nullable:"false" maxItems:"13" enum:"notice,comment,request,stage,evidence,dispute,meeting,statement,action,flag,deadline,escalation,system" doc:"What it is told of; all when left out"`
	}
}

func (a *API) addHook(ctx context.Context, in *hookInput) (*reply[NewHook], error) {
	h, secret, err := a.reg.AddHook(ctx, web.Actor(ctx), register.NewHook{Kind: in.Body.Kind, URL: in.Body.URL, Topics: in.Body.Topics})
	return created(NewHook{viewHook(h), secret}, 0, "/hooks"), err
}

func (a *API) endHook(ctx context.Context, in *ByID) (*done, error) {
	return &done{}, a.reg.EndHook(ctx, web.Actor(ctx), in.ID)
}

// Replayed says how much is sent again.
type Replayed struct {
	Records int `json:"records" minimum:"0" doc:"How many records its messages are about"`
}

type replayInput struct {
	ByID
	Body struct {
		Since time.Time `json:"since" doc:"What was to be sent from then on is sent again, with the same ids" example:"2026-09-07T10:00:00Z"`
	}
}

func (a *API) replayHook(ctx context.Context, in *replayInput) (*reply[Replayed], error) {
	n, err := a.reg.ReplayHook(ctx, web.Actor(ctx), in.ID, in.Body.Since)
	return &reply[Replayed]{Body: Replayed{n}}, err
}
