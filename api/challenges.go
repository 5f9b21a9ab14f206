package api

import (
	"context"
	"encoding/json"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// ChallengeView is a union's doubt on a named ground, and what became of it.
type ChallengeView struct {
	No       string           `json:"no" example:"CH-2026-001"`
	Claim    string           `json:"claim"`
	Union    string           `json:"union"`
	Ground   string           `json:"ground"`
	Body     string           `json:"body"`
	Figures  string           `json:"figures,omitempty" doc:"The union's own analysis, in its own words"`
	Question *models.Question `json:"question,omitempty" doc:"Another look at the same rows"`
	Results  []int            `json:"results" nullable:"false" doc:"Numbers of the results that answer the question"`
	ResultNo int              `json:"resultNo,omitempty" doc:"The claim's result that it doubts; none for its plan"`
	DueOn    models.Date      `json:"dueOn" format:"date"`
	Overdue  bool             `json:"overdue,omitempty"`
	Finding  string           `json:"finding,omitempty" enum:"upheld,upheld_in_part,not_upheld"`
	Answer   string           `json:"answer,omitempty"`
	At       string           `json:"at" format:"date-time"`
	Answered string           `json:"answeredAt,omitempty" format:"date-time"`
	Closed   string           `json:"closedAt,omitempty" format:"date-time" doc:"When the union let it rest"`
	Can      []string         `json:"can" nullable:"false"`
}

func viewChallenge(v register.ChallengeView) ChallengeView {
	c := ChallengeView{
		No: v.No, Claim: v.Claim, Union: v.UnionAbbrev, Ground: v.Ground, Body: v.Body, Figures: v.Figures, Results: list(v.Results), ResultNo: v.ResultNo,
		DueOn: v.DueOn, Overdue: v.Overdue, Finding: v.Finding, Answer: v.Answer, At: instant(v.At), Can: list(v.Can),
	}
	if v.Question != "" {
		c.Question = &models.Question{}
		if err := json.Unmarshal([]byte(v.Question), c.Question); err != nil {
			c.Question = nil // the database holds only what a challenge wrote
		}
	}
	if v.AnsweredAt != nil {
		c.Answered = instant(*v.AnsweredAt)
	}
	if v.ClosedAt != nil {
		c.Closed = instant(*v.ClosedAt)
	}
	return c
}

type challengeClaimInput struct {
	ByClaim
	Body struct {
		Union    string           `json:"union,omitempty" maxLength:"60" doc:"Id of the union; not needed when you speak for one"`
		Ground   string           `json:"ground" enum:"baseline,sample,metric,exclusion,attribution,reinvestment" example:"sample"`
		Body     string           `json:"body" minLength:"1" maxLength:"50000" example:"The pilot teams chose themselves."`
		Question *models.Question `json:"question,omitempty"`
		Figures  string           `json:"figures,omitempty" maxLength:"50000"`
	}
}

func (a *API) makeChallenge(ctx context.Context, in *challengeClaimInput) (*reply[ChallengeView], error) {
	b := in.Body
	x, err := a.reg.MakeChallenge(ctx, web.Actor(ctx), in.Claim, register.ChallengeInput{UnionID: b.Union, Ground: b.Ground, Body: b.Body, Question: b.Question, Figures: b.Figures})
	return created(viewChallenge(register.ChallengeView{ChallengeState: x, Claim: in.Claim}), 0, "/challenges/"+x.No), err
}

func (a *API) challengeOf(ctx context.Context, in *ByNo) (*reply[ChallengeView], error) {
	v, err := a.reg.ClaimChallenge(ctx, web.Actor(ctx), in.No)
	return &reply[ChallengeView]{Body: viewChallenge(v)}, err
}

type answerChallengeInput struct {
	ByNo
	Body struct {
		Finding string `json:"finding" enum:"upheld,upheld_in_part,not_upheld" example:"upheld_in_part"`
		Answer  string `json:"answer" minLength:"1" maxLength:"50000" example:"A second look leaves volunteers out."`
	}
}

func (a *API) answerChallenge(ctx context.Context, in *answerChallengeInput) (*done, error) {
	return &done{}, a.reg.AnswerChallenge(ctx, web.Actor(ctx), in.No, in.Body.Finding, in.Body.Answer)
}

func (a *API) closeChallenge(ctx context.Context, in *ByNo) (*done, error) {
	return &done{}, a.reg.CloseChallenge(ctx, web.Actor(ctx), in.No)
}

// Reinvestment is where a gain goes, or went.
type Reinvestment struct {
	Month   int            `json:"month" doc:"0 is what was planned; 3, 6 and 12 what came of it"`
	DueOn   models.Date    `json:"dueOn,omitzero" format:"date"`
	Overdue bool           `json:"overdue,omitempty"`
	Shares  map[string]int `json:"shares,omitempty" doc:"Per cent by use; sums to 100"`
	Note    string         `json:"note,omitempty"`
	At      string         `json:"at,omitempty" format:"date-time"`
}

func viewReinvestment(r models.Reinvestment, today models.Date) Reinvestment {
	v := Reinvestment{Month: r.Month, DueOn: r.DueOn, Overdue: r.Overdue(today), Shares: register.SharesOf(r), Note: r.Note}
	if r.At != nil {
		v.At = instant(*r.At)
	}
	return v
}

type reinvestInput struct {
	ByClaim
	Body struct {
		Month  int            `json:"month" enum:"0,3,6,12" example:"0"`
		Shares map[string]int `json:"shares" doc:"Per cent by use: direct_work, caseload, backlog, training, wellbeing_or_hours, vacancy_saving, unknown; sums to 100"`
		Note   string         `json:"note,omitempty" maxLength:"5000"`
	}
}

func (a *API) reinvest(ctx context.Context, in *reinvestInput) (*reply[ProductivityClaim], error) {
	v, err := a.reg.Reinvest(ctx, web.Actor(ctx), in.Claim, in.Body.Month, in.Body.Shares, in.Body.Note)
	return versioned(viewClaim(v), v.Version), err
}
