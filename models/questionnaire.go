package models

import "time"

// Questionnaire is a set of questions to several unions, with a closing day.
type Questionnaire struct {
	OrgID    string `gorm:"primaryKey"`
	ID       string `gorm:"primaryKey"`
	No       string // QNR-2026-001
	TitleEn  string
	TitleCy  string
	ClosesOn Date
	// AnnualFor is the year whose report the answers are for, or nil.
	AnnualFor *int
	ByUserID  string
	At        time.Time
}

// Title is the title in both languages.
func (q Questionnaire) Title() Text { return Text{q.TitleEn, q.TitleCy} }

// Asked is one question of a questionnaire.
type Asked struct {
	OrgID           string `gorm:"primaryKey"`
	QuestionnaireID string `gorm:"primaryKey"`
	Number          int    `gorm:"primaryKey"`
	TextEn          string
	TextCy          string
}

// TableName is questions.
func (Asked) TableName() string { return "questions" }

// Text is the question in both languages.
func (q Asked) Text() Text { return Text{q.TextEn, q.TextCy} }

// QuestionnaireAnswer is a union's answer to one question. It is given once.
type QuestionnaireAnswer struct {
	OrgID           string `gorm:"primaryKey"`
	QuestionnaireID string `gorm:"primaryKey"`
	UnionID         string `gorm:"primaryKey"`
	Number          int    `gorm:"primaryKey"`
	Text            string
	Language        Language
	AttachmentID    *string
	Late            bool
	ByUserID        string
	At              time.Time
}

// QuestionnaireState is a questionnaire with its questions, whom it went to and
// what they answered.
type QuestionnaireState struct {
	Questionnaire
	Questions []Asked
	Unions    []string
	Answers   []QuestionnaireAnswer
}

// Answered says whether a union has answered.
func (q QuestionnaireState) Answered(union string) bool {
	for _, a := range q.Answers {
		if a.UnionID == union {
			return true
		}
	}
	return false
}

// Closed says whether the closing day has passed: only then are the answers
// shown side by side, so that nobody answers with another's words before them.
func (q Questionnaire) Closed(on Date) bool { return on > q.ClosesOn }
