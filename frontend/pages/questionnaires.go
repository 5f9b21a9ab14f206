package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Questionnaires lists the questionnaires that the reader may read.
func (p *Pages) Questionnaires(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := p.Register.Questionnaires(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	return p.showBoard(c, board{
		title: design.Say(ctx, "page.questionnaires.title"), crumbs: partnershipCrumbs(ctx), lead: []string{design.Say(ctx, "page.questionnaires.lead")},
		do:    offer(ctx, "questionnaire.send", "page.questionnaire.send", "/questionnaires/new"),
		parts: []templ.Component{gridTable(questionnaireGrid(ctx, names, all, ""))},
	})
}

func questionnaireGrid(ctx context.Context, names parties, all []register.QuestionnaireView, which string) grid {
	g := grid{caption: design.Say(ctx, "page.questionnaires.caption"), none: design.Say(ctx, "page.questionnaires.none"), heads: heads(ctx, "questionnaire", "closes", "sentto", "answeredby", "status")}
	if which != "" {
		g.title, g.none = design.Say(ctx, "page.questionnaires."+which), design.Say(ctx, "page.questionnaires."+which+".none")
	}
	for _, q := range all {
		g.rows = append(g.rows, []templ.Component{
			named("/questionnaires/"+q.No, q.No, design.In(ctx, q.Title())), dayCell(q.ClosesOn), plain(names.list(ctx, q.Unions)), plain(orNone(ctx, names.list(ctx, q.Answered))), questionnaireTag(ctx, q),
		})
	}
	return g
}

func questionnaireTag(ctx context.Context, q register.QuestionnaireView) templ.Component {
	switch {
	case len(q.Can) > 0 && q.Closed:
		return design.Tag(design.Say(ctx, "page.questionnaire.late"), "red")
	case len(q.Can) > 0:
		return design.Tag(design.Say(ctx, "page.questionnaire.yours"), "blue")
	case q.Closed:
		return design.Tag(design.Say(ctx, "page.questionnaire.closed"), "grey")
	default:
		return design.Tag(design.Say(ctx, "page.questionnaire.open"), "turquoise")
	}
}

func questionnaireCrumbs(ctx context.Context) []design.Crumb {
	return partnershipCrumbs(ctx, design.Say(ctx, "page.questionnaires.title"), "/questionnaires")
}

// Questionnaire shows one, the answers side by side.
func (p *Pages) Questionnaire(c *gin.Context) error {
	ctx := c.Request.Context()
	q, err := p.Register.Questionnaire(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	b := board{title: design.In(ctx, q.Title()).Text, caption: q.No, crumbs: questionnaireCrumbs(ctx)}
	rows := []design.Row{
		factOf(ctx, "page.column.status", questionnaireTag(ctx, q)), factOf(ctx, "page.column.closes", design.DayTime(q.ClosesOn)), factOf(ctx, "page.column.sentto", plain(names.list(ctx, q.Unions))),
		factOf(ctx, "page.column.answeredby", plain(orNone(ctx, names.list(ctx, q.Answered)))),
	}
	if q.AnnualFor != nil {
		rows = append(rows, factOf(ctx, "page.questionnaire.annual", plain(financialYear(ctx, *q.AnnualFor))))
	}
	b.parts = append(b.parts, design.SummaryList(rows))
	if len(q.Can) > 0 {
		b.parts = append(b.parts, more("/questionnaires/"+q.No+"/answer", design.Say(ctx, "page.questionnaire.answer")))
	}
	if !q.Closed {
		b.parts = append(b.parts, inset(design.Say(ctx, "page.questionnaire.sealed", "closes", q.ClosesOn)))
	}
	g := grid{title: design.Say(ctx, "page.questionnaire.answers"), caption: design.Say(ctx, "page.questionnaire.answers_caption"), heads: heads(ctx, "question")}
	shown := slices.DeleteFunc(slices.Clone(q.Unions), func(u string) bool { return !q.Closed && !slices.Contains(web.Actor(ctx).Unions(), u) })
	for _, u := range shown {
		g.heads = append(g.heads, names.name(ctx, u))
	}
	for _, x := range q.Questions {
		row := []templ.Component{written(numberedLine(x.Number, design.In(ctx, x.Text())))}
		for _, u := range shown {
			row = append(row, answerOf(ctx, q, u, x.Number))
		}
		g.rows = append(g.rows, row)
	}
	b.parts = append(b.parts, gridTable(g))
	return p.showBoard(c, b)
}

func numberedLine(n int, l design.Line) design.Line {
	return design.Line{Text: strconv.Itoa(n) + ". " + l.Text, Lang: l.Lang}
}

// answerOf is a union's answer to a question, as it was given.
func answerOf(ctx context.Context, q register.QuestionnaireView, union string, number int) templ.Component {
	for _, x := range q.Answers {
		if x.UnionID == union && x.Number == number {
			out := []templ.Component{design.Prose(design.Written(ctx, x.Language, x.Text))}
			if x.AttachmentID != nil {
				out = append(out, fileLink(ctx, q.Files, *x.AttachmentID))
			}
			if x.Late {
				out = append(out, lateTag())
			}
			return templ.Join(out...)
		}
	}
	return plain(design.Say(ctx, "page.questionnaire.no_answer"))
}

// financialYear names a financial year by both the years that it lies in.
func financialYear(ctx context.Context, year int) string {
	return design.Say(ctx, "page.costs.year", "from", strconv.Itoa(year), "to", strconv.Itoa(year+1))
}

const (
	leastQuestions, mostQuestions = 3, 50
)

// NewQuestionnaireForm asks for the questions, and to whom they go.
func (p *Pages) NewQuestionnaireForm(c *gin.Context) error {
	return p.newQuestionnaire(c, url.Values{}, faults{}, map[string]string{})
}

func questionCount(v url.Values) int {
	return min(max(int(number(v.Get("count.questions"))), leastQuestions), mostQuestions)
}

func (p *Pages) newQuestionnaire(c *gin.Context, v url.Values, wrong faults, cells map[string]string) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "questionnaire.send"); err != nil {
		return err
	}
	names, err := p.parties(ctx)
	if err != nil {
		return err
	}
	f := rowedForm{}
	f.sheet = sheet{
		title: design.Say(ctx, "page.questionnaire.send"), crumbs: questionnaireCrumbs(ctx), path: "/questionnaires/new", faults: wrong, at: "title.en", button: design.Say(ctx, "page.questionnaire.button"),
		hidden: []pair{{"key", otherwise(v.Get("key"), web.RequestID(ctx))}}, lead: []string{design.Say(ctx, "page.questionnaire.send_lead")},
		ask: []question{
			ask(ctx, "title.en", "titleen", v.Get("title.en")), ask(ctx, "title.cy", "titlecy", v.Get("title.cy")), ask(ctx, "unions", "sendto", "").manyOf(names.unions(), v["unions"]),
			dated(ask(ctx, "closesOn", "closeson", ""), partsOf(v, "closesOn")), ask(ctx, "annualFor", "annualfor", v.Get("annualFor")).as("text", "off", "govuk-input--width-4"),
		},
	}.settle()
	f.rows = planTable{list: "questions", caption: design.Say(ctx, "page.questionnaire.questions"), add: design.Say(ctx, "page.questionnaire.add"), heads: heads(ctx, "number", "questionen", "questioncy")}
	for i := range questionCount(v) {
		at := rowName("questions", i)
		one := func(part, head string) cell {
			label := design.Say(ctx, "page.planform.cell", "column", column(ctx, head), "number", strconv.Itoa(i+1))
			return cell{Field: design.Field{ID: at + part, Name: at + part, Label: label, Value: v.Get(at + part), Error: cells[at+part]}}
		}
		f.rows.rows = append(f.rows.rows, []cell{one(".en", "questionen"), one(".cy", "questioncy")})
	}
	status := http.StatusOK
	if len(f.list()) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return p.render(c, status, rowedPage(f))
}

// SendQuestionnaire sends it, or offers another row.
func (p *Pages) SendQuestionnaire(c *gin.Context) error {
	ctx := c.Request.Context()
	v, cells := typedAnswers(c), map[string]string{}
	if v.Get("do") == "add.questions" {
		v.Set("count.questions", strconv.Itoa(questionCount(v)+1))
		return p.newQuestionnaire(c, v, faults{}, cells)
	}
	var f models.Faults
	in := register.NewQuestionnaire{Title: models.Text{En: v.Get("title.en"), Cy: v.Get("title.cy")}, ClosesOn: dayTyped(&f, v, "closesOn"), Unions: v["unions"]}
	if s := v.Get("annualFor"); s != "" {
		year, err := strconv.Atoi(s)
		if err != nil {
			f.Add("annualFor", "not_a_number", "value", s)
		}
		in.AnnualFor = &year
	}
	var at []int
	for i := range questionCount(v) {
		name := rowName("questions", i)
		if v.Get(name+".en")+v.Get(name+".cy") != "" {
			at = append(at, i)
			in.Questions = append(in.Questions, models.Text{En: v.Get(name + ".en"), Cy: v.Get(name + ".cy")})
		}
	}
	err := f.Err()
	if err == nil {
		var q models.QuestionnaireState
		if q, err = p.Register.SendQuestionnaire(keyed(ctx, v.Get("key")), web.Actor(ctx), in); err == nil {
			return p.done(c, "/questionnaires/"+q.No, "page.questionnaire.sent")
		}
	}
	if sentBefore(err) {
		return p.done(c, "/questionnaires", "page.questionnaire.sent")
	}
	if !again(err) {
		return err
	}
	wrong := wrongIn(ctx, err, "title", "title.en")
	e, _ := errors.AsType[*models.Error](err)
	for _, x := range e.Fields {
		rest, ok := strings.CutPrefix(x.Path, "questions")
		if !ok {
			continue
		}
		delete(wrong.by, "questions")
		i, part := 0, ".en"
		if n, after, ok := strings.Cut(strings.TrimPrefix(rest, "["), "]"); ok {
			if row := int(number(n)); row < len(at) {
				i = at[row]
			}
			part = otherwise(after, part)
		}
		cells[rowName("questions", i)+part] = fieldSentence(ctx, x)
	}
	return p.newQuestionnaire(c, v, wrong, cells)
}

// AnswerQuestionnaireForm asks all the questions.
func (p *Pages) AnswerQuestionnaireForm(c *gin.Context) error {
	return p.answerQuestionnaire(c, url.Values{"language": {string(design.Of(c.Request.Context()).Lang)}}, faults{}, nil)
}

func (p *Pages) answering(c *gin.Context) (register.QuestionnaireView, error) {
	ctx := c.Request.Context()
	q, err := p.Register.Questionnaire(ctx, web.Actor(ctx), param(c, "no"))
	switch {
	case err != nil:
		return q, err
	case slices.Contains(q.Can, "questionnaire.answer"):
		return q, nil
	case could(ctx, "questionnaire.answer") && slices.ContainsFunc(web.Actor(ctx).Unions(), func(u string) bool { return slices.Contains(q.Answered, u) }):
		return q, models.Fail(models.Conflict, "questionnaire_answered").With("questionnaire", q.No)
	default:
		return q, models.Fail(models.Forbidden, "forbidden").With("act", "questionnaire.answer")
	}
}

func answerName(n int) string { return "answer-" + strconv.Itoa(n) }

// evidenceName is the name of the file in evidence of an answer.
func evidenceName(n int) string { return "evidence-" + strconv.Itoa(n) }

func (p *Pages) answerQuestionnaire(c *gin.Context, v url.Values, wrong faults, held map[string]models.Attachment) error {
	ctx := c.Request.Context()
	q, err := p.answering(c)
	if err != nil {
		return err
	}
	s := sheet{
		title: design.Say(ctx, "page.questionnaire.answer"), crumbs: append(questionnaireCrumbs(ctx), design.Crumb{Text: q.No, Path: "/questionnaires/" + q.No}),
		lead: []string{design.In(ctx, q.Title()).Text, design.Say(ctx, "page.questionnaire.once")}, path: "/questionnaires/" + q.No + "/answer", faults: wrong, at: answerName(1),
		hidden: []pair{{"do", "check"}}, button: design.Say(ctx, "page.questionnaire.check"), upload: true,
	}
	if q.Closed {
		s.warning = design.Say(ctx, "page.questionnaire.will_be_late")
	}
	for _, x := range q.Questions {
		name := answerName(x.Number)
		s.ask = append(s.ask, question{Field: design.Field{ID: name, Name: name, Label: numberedLine(x.Number, design.In(ctx, x.Text())).Text, Value: v.Get(name)}}.text("5"))
		s.ask, s.hidden = withFile(ctx, s.ask, s.hidden, v, evidenceName(x.Number), "evidencefile", held)
	}
	s.ask = append(s.ask, ask(ctx, "language", "textlanguage", v.Get("language")).oneOf(options(ctx, "", "language.", []models.Language{models.English, models.Welsh})))
	return p.show(c, s)
}

// AnswerQuestionnaire shows the answers once more, and then files them.
func (p *Pages) AnswerQuestionnaire(c *gin.Context) error {
	ctx := c.Request.Context()
	q, err := p.answering(c)
	if err != nil {
		return err
	}
	names, files := make([]string, len(q.Questions)), make([]string, len(q.Questions))
	for i, x := range q.Questions {
		names[i], files[i] = answerName(x.Number), evidenceName(x.Number)
	}
	v := typedAnswers(c, names...)
	held, wrong, err := p.takeFiles(c, v, "questionnaire.answer", files...)
	if err != nil {
		return err
	}
	var given []register.GivenAnswer
	for i, x := range q.Questions {
		if strings.TrimSpace(v.Get(names[i])) == "" {
			wrong.by[names[i]] = design.Say(ctx, "field.required")
		}
		given = append(given, register.GivenAnswer{Number: x.Number, Text: v.Get(names[i]), Language: models.Language(v.Get("language")), Attachment: v.Get(files[i])})
	}
	if wrong.any() || v.Get("do") == "change" {
		return p.answerQuestionnaire(c, v, wrong, held)
	}
	if v.Get("do") != "send" {
		return p.render(c, http.StatusOK, checkAnswersPage(q, v, held))
	}
	_, err = p.Register.AnswerQuestionnaire(ctx, web.Actor(ctx), q.No, "", given)
	if models.KindOf(err) == models.Invalid {
		f := faults{by: map[string]string{}}
		e, _ := errors.AsType[*models.Error](err)
		for _, x := range e.Fields {
			n, _, _ := strings.Cut(strings.TrimPrefix(x.Path, "answers["), "]")
			f.by[answerName(int(number(n))+1)] = fieldSentence(ctx, x)
		}
		return p.answerQuestionnaire(c, v, f, held)
	}
	if err != nil {
		return err
	}
	return p.done(c, "/questionnaires/"+q.No, "page.questionnaire.answered")
}
