package api

import (
	"context"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Meeting is one between the employer and unions.
type Meeting struct {
	No           string         `json:"no" example:"MTG-2026-001"`
	Deployment   string         `json:"deployment,omitempty"`
	Title        string         `json:"title"`
	Kind         string         `json:"kind" enum:"joint_committee,consultation,briefing,other"`
	Place        string         `json:"place,omitempty"`
	StartsAt     string         `json:"startsAt" format:"date-time"`
	OfferedBy    string         `json:"offeredBy" doc:"employer, or the id of a union" example:"employer"`
	OfferedAt    string         `json:"offeredAt" format:"date-time"`
	Status       string         `json:"status" enum:"offered,held,cancelled"`
	CancelledBy  string         `json:"cancelledBy,omitempty" doc:"employer, or the id of a union"`
	CancelledWhy string         `json:"cancelledWhy,omitempty"`
	CancelledAt  string         `json:"cancelledAt,omitempty" format:"date-time"`
	ReplacedBy   string         `json:"replacedBy,omitempty" doc:"Number of the meeting in its place"`
	Parties      []MeetingParty `json:"parties" nullable:"false"`
	Minutes      []Minutes      `json:"minutes" nullable:"false" doc:"Every text put forward; outside the parties only what all agreed to"`
	Agreed       int            `json:"agreed,omitempty" doc:"Number of the text that all who came agreed to"`
	Party        string         `json:"party,omitempty" doc:"For whom you would speak"`
	Version      int            `json:"version"`
	Can          []string       `json:"can" nullable:"false"`
}

// MeetingParty is one side at a meeting.
type MeetingParty struct {
	Party  string `json:"party" doc:"employer, or the id of a union"`
	People *int   `json:"people,omitempty" doc:"How many of it came; left out until it was held"`
}

// Minutes are one text of a meeting's minutes. None is ever changed.
type Minutes struct {
	Number   int      `json:"number"`
	Text     string   `json:"text"`
	SHA256   string   `json:"sha256"`
	Party    string   `json:"party" doc:"Who put it forward"`
	At       string   `json:"at" format:"date-time"`
	AgreedBy []string `json:"agreedBy" nullable:"false"`
}

func viewMeeting(v register.MeetingView) Meeting {
	m := Meeting{
		No: v.No, Deployment: v.Ref, Title: v.Title, Kind: v.Kind, Place: v.Place, StartsAt: instant(v.StartsAt), OfferedBy: v.OfferedBy, OfferedAt: instant(v.At),
		Status: v.Status, CancelledBy: v.CancelledBy, CancelledWhy: v.CancelledWhy, Parties: []MeetingParty{}, Minutes: []Minutes{}, Party: v.Party,
		Version: v.Version, Can: list(v.Can),
	}
	if v.CancelledAt != nil {
		m.CancelledAt = instant(*v.CancelledAt)
	}
	if v.ReplacedBy != nil {
		m.ReplacedBy = v.ReplacedBy.No
	}
	if v.Agreed != nil {
		m.Agreed = v.Agreed.Number
	}
	for _, p := range v.Parties {
		m.Parties = append(m.Parties, MeetingParty{p.Party, p.People})
	}
	for _, t := range v.Minutes {
		m.Minutes = append(m.Minutes, Minutes{t.Number, t.Text, t.SHA256, t.Party, instant(t.At), list(v.AgreedBy(t.ID))})
	}
	return m
}

func (a *API) meetings(ctx context.Context, in *About) (*reply[List[Meeting]], error) {
	rows, err := a.reg.Meetings(ctx, web.Actor(ctx), in.Deployment)
	return listOf(rows, viewMeeting), err
}

func (a *API) meeting(ctx context.Context, in *ByNo) (*reply[Meeting], error) {
	v, err := a.reg.Meeting(ctx, web.Actor(ctx), in.No)
	return versioned(viewMeeting(v), v.Version), err
}

type meetingInput struct {
	Body struct {
		Deployment string    `json:"deployment,omitempty" maxLength:"40" doc:"What it is about, if it is about one" example:"DEP-2026-003"`
		Unions     []string  `json:"unions,omitempty" nullable:"false" maxItems:"100" doc:"Ids of the unions; your own when left out"`
		Title      string    `json:"title" minLength:"1" maxLength:"200" example:"Case notes: what changes in October"`
		Kind       string    `json:"kind" enum:"joint_committee,consultation,briefing,other" example:"consultation"`
		Place      string    `json:"place,omitempty" maxLength:"300" example:"County Hall, room 4"`
		StartsAt   time.Time `json:"startsAt" example:"2026-09-15T10:00:00Z"`
		Replaces   string    `json:"replaces,omitempty" maxLength:"40" doc:"Number of a cancelled meeting that it stands in for" example:"MTG-2026-001"`
	}
}

func (a *API) offerMeeting(ctx context.Context, in *meetingInput) (*reply[Meeting], error) {
	b := in.Body
	m, err := a.reg.OfferMeeting(ctx, web.Actor(ctx), register.NewMeeting{
		Deployment: b.Deployment, Unions: b.Unions, Title: b.Title, Kind: b.Kind, Place: b.Place, StartsAt: b.StartsAt, Replaces: b.Replaces,
	})
	if err != nil {
		return nil, err
	}
	v, err := a.reg.Meeting(ctx, web.Actor(ctx), m.No)
	return created(viewMeeting(v), v.Version, "/meetings/"+m.No), err
}

// atMeeting does one step and shows the meeting as it is then.
func (a *API) atMeeting(ctx context.Context, no string, m IfMatchHeader, do func(version int) (models.MeetingState, error)) (*reply[Meeting], error) {
	n, err := m.version()
	if err != nil {
		return nil, err
	}
	if _, err := do(n); err != nil {
		return nil, err
	}
	v, err := a.reg.Meeting(ctx, web.Actor(ctx), no)
	return versioned(viewMeeting(v), v.Version), err
}

type cancelInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		Why string `json:"why" minLength:"1" maxLength:"2000" example:"The head of service is ill"`
	}
}

func (a *API) cancelMeeting(ctx context.Context, in *cancelInput) (*reply[Meeting], error) {
	return a.atMeeting(ctx, in.No, in.IfMatchHeader, func(n int) (models.MeetingState, error) {
		return a.reg.CancelMeeting(ctx, web.Actor(ctx), in.No, n, in.Body.Why)
	})
}

type heldInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		People map[string]int `json:"people" maxProperties:"101" doc:"How many of each party came: employer, or the id of a union" example:"{\"employer\":3}"`
	}
}

func (a *API) holdMeeting(ctx context.Context, in *heldInput) (*reply[Meeting], error) {
	return a.atMeeting(ctx, in.No, in.IfMatchHeader, func(n int) (models.MeetingState, error) {
		return a.reg.HoldMeeting(ctx, web.Actor(ctx), in.No, n, in.Body.People)
	})
}

type minutesInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		Party string `json:"party,omitempty" maxLength:"60" doc:"Id of your union, when you speak for several"`
		Text  string `json:"text" minLength:"1" maxLength:"100000" example:"Present: three of the employer and two of UNISON. Agreed: a caseload guardrail."`
	}
}

func (a *API) writeMinutes(ctx context.Context, in *minutesInput) (*reply[Meeting], error) {
	return a.atMeeting(ctx, in.No, in.IfMatchHeader, func(n int) (models.MeetingState, error) {
		return a.reg.WriteMinutes(ctx, web.Actor(ctx), in.No, n, in.Body.Text, in.Body.Party)
	})
}

type agreeMinutesInput struct {
	ByNo
	IfMatchHeader
	Number int `path:"number" minimum:"1" maximum:"1000000" doc:"Of the text that you have read"`
	Body   struct {
		Party string `json:"party,omitempty" maxLength:"60" doc:"Id of your union, when you speak for several"`
	}
}

func (a *API) agreeMinutes(ctx context.Context, in *agreeMinutesInput) (*reply[Meeting], error) {
	return a.atMeeting(ctx, in.No, in.IfMatchHeader, func(n int) (models.MeetingState, error) {
		return a.reg.AgreeMinutes(ctx, web.Actor(ctx), in.No, n, in.Number, in.Body.Party)
	})
}
