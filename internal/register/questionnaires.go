package register

import (
	"context"
	"fmt"
	"slices"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// NewQuestionnaire is a set of questions to be sent to several unions.
type NewQuestionnaire struct {
	Title     models.Text
	ClosesOn  models.Date
	AnnualFor *int
	Unions    []string
	Questions []models.Text
}

const mostQuestions = 50

func (in NewQuestionnaire) check() error {
	var f models.Faults
	if in.Title.En == "" && in.Title.Cy == "" {
		f.Add("title", "required")
	}
	models.CheckText(&f, "title.en", in.Title.En, 200)
	models.CheckText(&f, "title.cy", in.Title.Cy, 200)
	if len(in.Questions) == 0 || len(in.Questions) > mostQuestions {
		f.Add("questions", "out_of_range", "min", "1", "max", itoa(mostQuestions))
	}
	for i, q := range in.Questions {
		at := fmt.Sprintf("questions[%d]", i)
		if q.En == "" && q.Cy == "" {
			f.Add(at, "required")
		}
		models.CheckText(&f, at+".en", q.En, 2000)
		models.CheckText(&f, at+".cy", q.Cy, 2000)
	}
	if in.ClosesOn == 0 {
		f.Add("closesOn", "required")
	}
	if in.AnnualFor != nil && (*in.AnnualFor < 2000 || *in.AnnualFor > 2100) {
		f.Add("annualFor", "out_of_range", "min", "2000", "max", "2100")
	}
	return f.Err()
}

// SendQuestionnaire sends a set of questions to unions, with a closing day.
func (r *Register) SendQuestionnaire(ctx context.Context, a models.Actor, in NewQuestionnaire) (models.QuestionnaireState, error) {
	var q models.QuestionnaireState
	if err := r.check(a, "questionnaire.send", own(a)); err != nil {
		return q, err
	}
	if err := in.check(); err != nil {
		return q, err
	}
	err := r.change(ctx, a, "questionnaire.send", func(tx *store.Tx, at time.Time) (entry, error) {
		parties, err := withParties(ctx, tx.Reader, a, in.Unions)
		if err != nil {
			return entry{}, err
		}
		no, today, err := r.numbered(ctx, tx, a, "questionnaire", "QNR", at)
		if err != nil {
			return entry{}, err
		}
		if in.ClosesOn <= today || in.ClosesOn > today.AddDays(366) {
			return entry{}, field("closesOn", "out_of_range", "min", (today + 1).String(), "max", today.AddDays(366).String())
		}
		q.Questionnaire = models.Questionnaire{OrgID: a.OrgID, ID: newID(), No: no, TitleEn: in.Title.En, TitleCy: in.Title.Cy, ClosesOn: in.ClosesOn, AnnualFor: in.AnnualFor, ByUserID: a.UserID, At: at}
		q.Unions = models.UnionsOf(parties)
		if err := tx.Add(ctx, &q.Questionnaire); err != nil {
			return entry{}, err
		}
		for i, text := range in.Questions {
			row := models.Asked{OrgID: a.OrgID, QuestionnaireID: q.ID, Number: i + 1, TextEn: text.En, TextCy: text.Cy}
			q.Questions = append(q.Questions, row)
			if err := tx.Add(ctx, &row); err != nil {
				return entry{}, err
			}
		}
		b := between{parties: parties}
		return b.entry(q.ID, no, map[string]any{"closes": in.ClosesOn, "questions": hashOf(q.Questions)}), tx.SendTo(ctx, a.OrgID, q.ID, q.Unions)
	})
	return q, err
}

// GivenAnswer is a union's answer to one question.
type GivenAnswer struct {
	Number     int
	Text       string
	Language   models.Language // "" is English
	Attachment string          // the id of a file that the actor handed in, or ""
}

// AnswerQuestionnaire files a union's answers to all the questions, once. After
// the closing day they are taken, and marked late.
func (r *Register) AnswerQuestionnaire(ctx context.Context, a models.Actor, no, unionID string, answers []GivenAnswer) (models.QuestionnaireState, error) {
	var q models.QuestionnaireState
	err := r.change(ctx, a, "questionnaire.answer", func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		if q, err = tx.Questionnaire(ctx, a.OrgID, no); err != nil {
			return entry{}, err
		}
		b, err := r.recorded(ctx, tx.Reader, a, "partnership.read", "questionnaire", nil, q.Unions)
		if err != nil {
			return entry{}, err
		}
		b.parties = append([]string{models.EmployerParty}, q.Unions...)
		if len(a.Unions()) == 0 {
			return entry{}, models.Fail(models.Forbidden, "forbidden").With("act", "questionnaire.answer")
		}
		by, err := party(a, unionID, q.Unions)
		if err != nil {
			return entry{}, err
		}
		b.res.UnionID = by
		if err := r.check(a, "questionnaire.answer", b.res); err != nil {
			return entry{}, err
		}
		if q.Answered(by) {
			return entry{}, models.Fail(models.Conflict, "questionnaire_answered").With("questionnaire", q.No)
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		rows, files, err := answersTo(ctx, tx.Reader, a, q, by, answers)
		if err != nil {
			return entry{}, err
		}
		late := q.Closed(models.DateOf(at, org.Location()))
		for _, row := range rows {
			row.Late, row.ByUserID, row.At = late, a.UserID, at
			q.Answers = append(q.Answers, row)
			if err := tx.Add(ctx, &row); err != nil {
				return entry{}, err
			}
		}
		return b.entry(q.ID, q.No, map[string]any{"union": by, "late": late, "answers": hashOf(rows), "files": files}), nil
	})
	return q, err
}

// answersTo checks that each question has one answer, and gives the hashes of
// the files attached.
func answersTo(ctx context.Context, rd store.Reader, a models.Actor, q models.QuestionnaireState, by string, answers []GivenAnswer) ([]models.QuestionnaireAnswer, []string, error) {
	var f models.Faults
	var rows []models.QuestionnaireAnswer
	files := []string{}
	given := map[int]bool{}
	for i, g := range answers {
		at := fmt.Sprintf("answers[%d]", i)
		if g.Number < 1 || g.Number > len(q.Questions) || given[g.Number] {
			f.Add(at+".number", "unknown_reference")
			continue
		}
		given[g.Number] = true
		spoken(&f, at+".text", g.Text, longestStatement)
		if g.Language == "" {
			g.Language = models.English
		}
		among(&f, at+".language", string(g.Language), []string{"en", "cy"})
		row := models.QuestionnaireAnswer{OrgID: a.OrgID, QuestionnaireID: q.ID, UnionID: by, Number: g.Number, Text: g.Text, Language: g.Language}
		if g.Attachment != "" {
			file, err := handedIn(ctx, rd, a, g.Attachment)
			if err != nil {
				f.Add(at+".attachment", "unknown_reference")
			}
			files = append(files, file.SHA256)
			row.AttachmentID = &g.Attachment
		}
		rows = append(rows, row)
	}
	for n := range len(q.Questions) {
		if !given[n+1] && len(answers) <= len(q.Questions) {
			f.Add(fmt.Sprintf("answers[%d]", n), "required")
		}
	}
	return rows, files, f.Err()
}

// QuestionnaireView is a questionnaire as somebody may read it. Until it has
// closed a union sees only its own answers and everybody else none, so that
// nobody answers with another's words in front of them.
type QuestionnaireView struct {
	models.QuestionnaireState
	Closed bool
	// Answered are the unions that have answered: that they have is no secret.
	Answered []string
	// Files are the files attached to the answers shown, by id.
	Files map[string]models.Attachment
	Can   []string
}

func (r *Register) questionnaireView(ctx context.Context, rd store.Reader, a models.Actor, q models.QuestionnaireState) (QuestionnaireView, error) {
	b, err := r.recorded(ctx, rd, a, "partnership.read", "questionnaire", nil, q.Unions)
	if err != nil {
		return QuestionnaireView{}, err
	}
	org, err := rd.Organisation(ctx, a.OrgID)
	if err != nil {
		return QuestionnaireView{}, err
	}
	v := QuestionnaireView{QuestionnaireState: q, Closed: q.Closed(models.DateOf(r.Now(), org.Location())), Can: []string{}, Answered: []string{}}
	for _, u := range q.Unions {
		if q.Answered(u) {
			v.Answered = append(v.Answered, u)
		}
	}
	if mine, err := party(a, "", q.Unions); err == nil && !q.Answered(mine) && len(a.Unions()) > 0 {
		b.res.UnionID = mine
		v.Can = r.policy.Allowed(a, []string{"questionnaire.answer"}, b.res)
	}
	if !v.Closed {
		v.Answers = slices.DeleteFunc(slices.Clone(q.Answers), func(x models.QuestionnaireAnswer) bool { return !slices.Contains(a.Unions(), x.UnionID) })
	}
	var cited []string
	for _, x := range v.Answers {
		if x.AttachmentID != nil {
			cited = append(cited, *x.AttachmentID)
		}
	}
	v.Files, err = rd.Attachments(ctx, a.OrgID, cited)
	return v, err
}

// Questionnaire is one by its number.
func (r *Register) Questionnaire(ctx context.Context, a models.Actor, no string) (QuestionnaireView, error) {
	return r.questionnaireIn(ctx, r.store.Reader, a, no)
}

func (r *Register) questionnaireIn(ctx context.Context, rd store.Reader, a models.Actor, no string) (QuestionnaireView, error) {
	q, err := rd.Questionnaire(ctx, a.OrgID, no)
	if err != nil {
		return QuestionnaireView{}, err
	}
	return r.questionnaireView(ctx, rd, a, q)
}

// Questionnaires are those the actor may read, newest first.
func (r *Register) Questionnaires(ctx context.Context, a models.Actor) ([]QuestionnaireView, error) {
	if _, err := r.maybeOf(ctx, a, ""); err != nil {
		return nil, err
	}
	all, err := r.store.Questionnaires(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	return seen(all, func(q models.QuestionnaireState) (QuestionnaireView, error) {
		return r.questionnaireView(ctx, r.store.Reader, a, q)
	})
}

// annual says whether a questionnaire was for a year's report and has closed.
func annual(q models.QuestionnaireState, year int, on models.Date) bool {
	return q.AnnualFor != nil && *q.AnnualFor == year && q.Closed(on)
}

// hashWords is the hash of words that the log commits to.
func hashWords(s string) string { return ledger.Hash([]byte(s)) }
