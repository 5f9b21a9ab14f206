package api

import (
	"context"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Statement is a text that both sides stand by, or are recorded as not agreeing to.
type Statement struct {
	No         string      `json:"no" example:"JST-2026-001"`
	Deployment string      `json:"deployment,omitempty"`
	Title      string      `json:"title"`
	Text       string      `json:"text"`
	Language   string      `json:"language" enum:"en,cy"`
	SHA256     string      `json:"sha256"`
	Status     string      `json:"status" enum:"proposed,agreed,not_agreed"`
	ProposedBy string      `json:"proposedBy" doc:"employer, or the id of a union" example:"employer"`
	Parties    []string    `json:"parties" nullable:"false"`
	Signatures []Signature `json:"signatures" nullable:"false"`
	Party      string      `json:"party,omitempty" doc:"For whom you would speak"`
	At         string      `json:"at" format:"date-time"`
	Version    int         `json:"version"`
	Can        []string    `json:"can" nullable:"false"`
}

// Signature is a party's, or its own text in place of one.
type Signature struct {
	Party   string `json:"party"`
	Signed  bool   `json:"signed"`
	OwnText string `json:"ownText,omitempty"`
	At      string `json:"at" format:"date-time"`
}

func viewStatement(v register.StatementView) Statement {
	s := Statement{
		No: v.No, Deployment: v.Ref, Title: v.Title, Text: v.Text, Language: string(v.Language), SHA256: v.SHA256, Status: v.Status, ProposedBy: v.ProposedBy,
		Parties: list(v.Parties), Signatures: []Signature{}, Party: v.Party, At: instant(v.At), Version: v.Version, Can: list(v.Can),
	}
	for _, x := range v.Signatures {
		s.Signatures = append(s.Signatures, Signature{x.Party, x.Signed, x.OwnText, instant(x.At)})
	}
	return s
}

func (a *API) statements(ctx context.Context, in *About) (*reply[List[Statement]], error) {
	rows, err := a.reg.Statements(ctx, web.Actor(ctx), in.Deployment)
	return listOf(rows, viewStatement), err
}

func (a *API) statement(ctx context.Context, in *ByNo) (*reply[Statement], error) {
	v, err := a.reg.Statement(ctx, web.Actor(ctx), in.No)
	return versioned(viewStatement(v), v.Version), err
}

type proposeInput struct {
	Body struct {
		Deployment string   `json:"deployment,omitempty" maxLength:"40" doc:"What it is about, if it is about one" example:"DEP-2026-003"`
		Unions     []string `json:"unions,omitempty" nullable:"false" maxItems:"100" doc:"Ids of the unions; your own when left out"`
		Title      string   `json:"title" minLength:"1" maxLength:"200" example:"Case notes: what we agreed"`
		Text       string   `json:"text" minLength:"1" maxLength:"20000" example:"No worker carries more than 20 cases."`
		Language   string   `json:"language,omitempty" enum:"en,cy"`
	}
}

func (a *API) proposeStatement(ctx context.Context, in *proposeInput) (*reply[Statement], error) {
	b := in.Body
	st, err := a.reg.ProposeStatement(ctx, web.Actor(ctx), register.NewStatement{Deployment: b.Deployment, Unions: b.Unions, Title: b.Title, Text: b.Text, Language: models.Language(b.Language)})
	if err != nil {
		return nil, err
	}
	v, err := a.reg.Statement(ctx, web.Actor(ctx), st.No)
	return created(viewStatement(v), v.Version, "/statements/"+st.No), err
}

// onStatement does one step and shows the statement as it is then.
func (a *API) onStatement(ctx context.Context, no string, m IfMatchHeader, do func(version int) (models.StatementState, error)) (*reply[Statement], error) {
	n, err := m.version()
	if err != nil {
		return nil, err
	}
	if _, err := do(n); err != nil {
		return nil, err
	}
	v, err := a.reg.Statement(ctx, web.Actor(ctx), no)
	return versioned(viewStatement(v), v.Version), err
}

type signStatementInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		Party string `json:"party,omitempty" maxLength:"60" doc:"Id of your union, when you speak for several"`
	}
}

func (a *API) signStatement(ctx context.Context, in *signStatementInput) (*reply[Statement], error) {
	return a.onStatement(ctx, in.No, in.IfMatchHeader, func(n int) (models.StatementState, error) {
		return a.reg.SignStatement(ctx, web.Actor(ctx), in.No, n, in.Body.Party)
	})
}

type refuseInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		Party string `json:"party,omitempty" maxLength:"60" doc:"Id of your union, when you speak for several"`
		Text  string `json:"text" minLength:"1" maxLength:"20000" doc:"Your side's own text, which stays beside the other" example:"We do not agree that workload is safe."`
	}
}

func (a *API) refuseStatement(ctx context.Context, in *refuseInput) (*reply[Statement], error) {
	return a.onStatement(ctx, in.No, in.IfMatchHeader, func(n int) (models.StatementState, error) {
		return a.reg.RefuseStatement(ctx, web.Actor(ctx), in.No, n, in.Body.Party, in.Body.Text)
	})
}

// Position is what a union says of a year's report.
type Position struct {
	Year      int    `json:"year"`
	Union     string `json:"union"`
	Agrees    bool   `json:"agrees"`
	Statement string `json:"statement,omitempty"`
	Language  string `json:"language" enum:"en,cy"`
	At        string `json:"at" format:"date-time"`
}

type positionInput struct {
	Body struct {
		Year      int    `json:"year" minimum:"2000" maximum:"2100" doc:"Year in whose April the reported year begins" example:"2025"`
		Union     string `json:"union,omitempty" maxLength:"60" doc:"Id of your union, when you speak for several"`
		Agrees    bool   `json:"agrees"`
		Statement string `json:"statement,omitempty" maxLength:"20000" doc:"Needed when you do not agree" example:"Two notices came late."`
		Language  string `json:"language,omitempty" enum:"en,cy"`
	}
}

func (a *API) statePosition(ctx context.Context, in *positionInput) (*reply[Position], error) {
	b := in.Body
	p, err := a.reg.StatePosition(ctx, web.Actor(ctx), b.Year, b.Union, b.Agrees, b.Statement, models.Language(b.Language))
	return &reply[Position]{Body: viewPosition(p)}, err
}
