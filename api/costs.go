package api

import (
	"context"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// CostSheet is what a deployment has cost and saved, in pence.
type CostSheet struct {
	Deployment string      `json:"deployment"`
	Name       models.Text `json:"name"`
	Entries    []CostEntry `json:"entries" nullable:"false"`
	Totals     CostTotals  `json:"totals" doc:"Without what was taken back"`
	Through    int         `json:"through" doc:"Financial year up to which amounts count as spent" example:"2026"`
	Can        []string    `json:"can" nullable:"false"`
}

// CostEntry is an amount of a year. It stays; a wrong one is taken back.
type CostEntry struct {
	ID         string        `json:"id"`
	Year       int           `json:"year" doc:"Year in whose April the financial year begins" example:"2026"`
	Kind       string        `json:"kind" enum:"one_off,running,forecast,saving_claimed,saving_evidenced"`
	Pence      int64         `json:"pence" minimum:"0"`
	Cashable   bool          `json:"cashable,omitempty"`
	Booked     string        `json:"booked,omitempty" doc:"Where it is booked"`
	Note       string        `json:"note,omitempty"`
	Claim      string        `json:"claim,omitempty" doc:"The claim that bears it out"`
	Attachment string        `json:"attachment,omitempty"`
	At         string        `json:"at" format:"date-time"`
	Reversal   *CostReversal `json:"reversal,omitempty"`
}

// CostReversal takes an entry back.
type CostReversal struct {
	Reason string `json:"reason"`
	At     string `json:"at" format:"date-time"`
}

// CostTotals are sums in pence.
type CostTotals struct {
	ToDate    int64 `json:"toDate"`
	Forecast  int64 `json:"forecast"`
	Claimed   int64 `json:"claimed"`
	Cashable  int64 `json:"cashable"`
	Evidenced int64 `json:"evidenced"`
}

func viewCost(c models.CostState, claim string) CostEntry {
	v := CostEntry{ID: c.ID, Year: c.Year, Kind: c.Kind, Pence: c.Pence, Cashable: c.Cashable, Booked: c.Booked, Note: c.Note, Claim: claim, At: instant(c.At)}
	if c.AttachmentID != nil {
		v.Attachment = *c.AttachmentID
	}
	if c.Reversal != nil {
		v.Reversal = &CostReversal{c.Reversal.Reason, instant(c.Reversal.At)}
	}
	return v
}

func (a *API) costs(ctx context.Context, in *ByRef) (*reply[CostSheet], error) {
	s, err := a.reg.Costs(ctx, web.Actor(ctx), in.Ref)
	v := CostSheet{Deployment: s.Ref, Name: s.Name, Entries: []CostEntry{}, Totals: CostTotals(s.Totals), Through: s.Through, Can: list(s.Can)}
	for _, c := range s.Entries {
		claim := ""
		if c.ClaimID != nil {
			claim = s.Claims[*c.ClaimID]
		}
		v.Entries = append(v.Entries, viewCost(c, claim))
	}
	return &reply[CostSheet]{Body: v}, err
}

type costInput struct {
	ByRef
	Body struct {
		Year       int    `json:"year" minimum:"1990" maximum:"2100" doc:"Year in whose April the financial year begins" example:"2026"`
		Kind       string `json:"kind" enum:"one_off,running,forecast,saving_claimed,saving_evidenced" example:"one_off"`
		Pence      int64  `json:"pence" minimum:"0" maximum:"100000000000" example:"1250000"`
		Cashable   bool   `json:"cashable,omitempty" doc:"A saving that leaves the budget"`
		Booked     string `json:"booked,omitempty" maxLength:"300" doc:"Where it is booked" example:"Digital programme 4410"`
		Note       string `json:"note,omitempty" maxLength:"2000"`
		Claim      string `json:"claim,omitempty" maxLength:"40" doc:"The claim that bears it out; needed for a saving evidenced" example:"CL-2026-001"`
		Attachment string `json:"attachment,omitempty" maxLength:"60" doc:"Id of a file; who may read the amounts may open it"`
	}
}

func (a *API) enterCost(ctx context.Context, in *costInput) (*reply[CostEntry], error) {
	b := in.Body
	c, err := a.reg.EnterCost(ctx, web.Actor(ctx), in.Ref, register.NewCost{
		Year: b.Year, Kind: b.Kind, Pence: b.Pence, Cashable: b.Cashable, Booked: b.Booked, Note: b.Note, Claim: b.Claim, Attachment: b.Attachment,
	})
	return created(viewCost(models.CostState{CostEntry: c}, b.Claim), 0, "/deployments/"+in.Ref+"/costs"), err
}

type reverseInput struct {
	ByID
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"2000" example:"Booked twice"`
	}
}

func (a *API) reverseCost(ctx context.Context, in *reverseInput) (*done, error) {
	return &done{}, a.reg.ReverseCost(ctx, web.Actor(ctx), in.ID, in.Body.Reason)
}
