package api

import (
	"context"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Questionnaire is a set of questions to several unions, with a closing day.
type Questionnaire struct {
	No        string                `json:"no" example:"QNR-2026-001"`
	Title     models.Text           `json:"title" example:"{\"en\":\"Partnership in 2026\"}"`
	ClosesOn  models.Date           `json:"closesOn" format:"date"`
	Closed    bool                  `json:"closed,omitempty" doc:"The closing day has passed: the answers stand side by side"`
	AnnualFor *int                  `json:"annualFor,omitempty" doc:"The year whose report the answers are for"`
	Questions []AskedQuestion       `json:"questions" nullable:"false"`
	Unions    []string              `json:"unions" nullable:"false" doc:"Whom it went to"`
	Answered  []string              `json:"answered" nullable:"false" doc:"Which of them have answered"`
	Answers   []QuestionnaireAnswer `json:"answers" nullable:"false" doc:"Until it has closed, only your own union's"`
	SentAt    string                `json:"sentAt" format:"date-time"`
	Can       []string              `json:"can" nullable:"false"`
}

// AskedQuestion is one of a questionnaire's.
type AskedQuestion struct {
	Number int         `json:"number"`
	Text   models.Text `json:"text"`
}

// QuestionnaireAnswer is a union's answer to one question.
type QuestionnaireAnswer struct {
	Union      string          `json:"union"`
	Number     int             `json:"number"`
	Text       string          `json:"text"`
	Language   models.Language `json:"language"`
	Attachment string          `json:"attachment,omitempty" doc:"Id of a file; who may read the answer may open it"`
	Late       bool            `json:"late,omitempty" doc:"Given after the closing day"`
	At         string          `json:"at" format:"date-time"`
}

func viewQuestionnaire(v register.QuestionnaireView) Questionnaire {
	q := Questionnaire{
		No: v.No, Title: v.Title(), ClosesOn: v.ClosesOn, Closed: v.Closed, AnnualFor: v.AnnualFor, Questions: []AskedQuestion{}, Unions: list(v.Unions),
		Answered: list(v.Answered), Answers: []QuestionnaireAnswer{}, SentAt: instant(v.At), Can: list(v.Can),
	}
	for _, x := range v.Questions {
		q.Questions = append(q.Questions, AskedQuestion{x.Number, x.Text()})
	}
	for _, x := range v.Answers {
		answer := QuestionnaireAnswer{Union: x.UnionID, Number: x.Number, Text: x.Text, Language: x.Language, Late: x.Late, At: instant(x.At)}
		if x.AttachmentID != nil {
			answer.Attachment = *x.AttachmentID
		}
		q.Answers = append(q.Answers, answer)
	}
	return q
}

func (a *API) questionnaires(ctx context.Context, _ *struct{}) (*reply[List[Questionnaire]], error) {
	rows, err := a.reg.Questionnaires(ctx, web.Actor(ctx))
	return listOf(rows, viewQuestionnaire), err
}

func (a *API) questionnaire(ctx context.Context, in *ByNo) (*reply[Questionnaire], error) {
	v, err := a.reg.Questionnaire(ctx, web.Actor(ctx), in.No)
	return &reply[Questionnaire]{Body: viewQuestionnaire(v)}, err
}

type questionnaireInput struct {
	Body struct {
		Title     models.Text   `json:"title" example:"{\"en\":\"Partnership in 2026\",\"cy\":\"Partneriaeth yn 2026\"}"`
		ClosesOn  models.Date   `json:"closesOn" format:"date" example:"2026-12-01"`
		AnnualFor *int          `json:"annualFor,omitempty" minimum:"2000" maximum:"2100" doc:"The year whose report the answers are for" example:"2026"`
		Unions    []string      `json:"unions" nullable:"false" minItems:"1" maxItems:"100" doc:"Ids of the unions"`
		Questions []models.Text `json:"questions" nullable:"false" minItems:"1" maxItems:"50"`
	}
}

func (a *API) sendQuestionnaire(ctx context.Context, in *questionnaireInput) (*reply[Questionnaire], error) {
	b := in.Body
	q, err := a.reg.SendQuestionnaire(ctx, web.Actor(ctx), register.NewQuestionnaire{Title: b.Title, ClosesOn: b.ClosesOn, AnnualFor: b.AnnualFor, Unions: b.Unions, Questions: b.Questions})
	if err != nil {
		return nil, err
	}
	v, err := a.reg.Questionnaire(ctx, web.Actor(ctx), q.No)
	return created(viewQuestionnaire(v), 0, "/questionnaires/"+q.No), err
}

type givenAnswer struct {
	Number     int             `json:"number" minimum:"1" maximum:"50"`
	Text       string          `json:"text" minLength:"1" maxLength:"20000" example:"We were told in time twice out of three."`
	Language   models.Language `json:"language,omitempty" enum:"en,cy" default:"en" doc:"The language of the text"`
	Attachment string          `json:"attachment,omitempty" maxLength:"60" doc:"Id of a file that you handed in"`
}

type answersInput struct {
	ByNo
	Body struct {
		Union   string        `json:"union,omitempty" maxLength:"60" doc:"Id of your union, when you speak for several"`
		Answers []givenAnswer `json:"answers" nullable:"false" minItems:"1" maxItems:"50" doc:"One for each question"`
	}
}

func (a *API) answerQuestionnaire(ctx context.Context, in *answersInput) (*reply[Questionnaire], error) {
	var answers []register.GivenAnswer
	for _, x := range in.Body.Answers {
		answers = append(answers, register.GivenAnswer{Number: x.Number, Text: x.Text, Language: x.Language, Attachment: x.Attachment})
	}
	if _, err := a.reg.AnswerQuestionnaire(ctx, web.Actor(ctx), in.No, in.Body.Union, answers); err != nil {
		return nil, err
	}
	v, err := a.reg.Questionnaire(ctx, web.Actor(ctx), in.No)
	return created(viewQuestionnaire(v), 0, "/questionnaires/"+in.No), err
}
