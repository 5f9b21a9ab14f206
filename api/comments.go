package api

import (
	"context"
	"fmt"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Comment is a union's words, verbatim, with all that has happened to them.
type Comment struct {
	ID          string       `json:"id"`
	Deployment  string       `json:"deployment"`
	Target      string       `json:"target"`
	TargetKey   string       `json:"targetKey,omitempty"`
	Kind        string       `json:"kind"`
	Dimension   string       `json:"dimension,omitempty"`
	Union       string       `json:"union,omitempty"`
	Author      string       `json:"author,omitempty" doc:"Shown to the parties only"`
	Circle      string       `json:"circle" doc:"Who may read it"`
	Language    string       `json:"language"`
	Body        string       `json:"body"`
	SHA256      string       `json:"sha256" doc:"Of the original words"`
	Late        bool         `json:"late,omitempty" doc:"Made after the response window"`
	At          string       `json:"at" format:"date-time"`
	Corrects    string       `json:"corrects,omitempty"`
	CorrectedBy string       `json:"correctedBy,omitempty"`
	WithdrawnAt string       `json:"withdrawnAt,omitempty" format:"date-time"`
	Redacted    string       `json:"redacted,omitempty" doc:"Why personal data was taken out"`
	Disposition *Disposition `json:"disposition,omitempty"`
	Can         []string     `json:"can" nullable:"false"`
}

// Disposition is the employer's reasoned answer.
type Disposition struct {
	Verdict          string `json:"verdict"`
	Reason           string `json:"reason"`
	ChangedInVersion int    `json:"changedInVersion,omitempty" doc:"You said, we did"`
	ChangedDiff      string `json:"changedDiff,omitempty" doc:"Address of what changed"`
	At               string `json:"at" format:"date-time"`
}

func viewComment(v register.CommentView) Comment {
	c := Comment{
		ID: v.ID, Deployment: v.Ref, Target: v.Target, TargetKey: v.TargetKey, Kind: string(v.Kind), Dimension: string(v.Dimension), Union: v.UnionAbbrev,
		Author: v.AuthorName, Circle: string(v.Reach), Language: string(v.Language), Body: v.Body, SHA256: v.SHA256, Late: v.Late, At: instant(v.At),
		Redacted: v.RedactedWhy, Can: list(v.Can),
	}
	if v.Corrects != nil {
		c.Corrects = *v.Corrects
	}
	if v.CorrectedBy != nil {
		c.CorrectedBy = *v.CorrectedBy
	}
	if v.WithdrawnAt != nil {
		c.WithdrawnAt = instant(*v.WithdrawnAt)
	}
	if v.Disposition != nil {
		d := viewDisposition(*v.Disposition, v.Ref)
		c.Disposition = &d
	}
	return c
}

func viewDisposition(d models.Disposition, ref string) Disposition {
	v := Disposition{Verdict: d.Verdict, Reason: d.Reason, At: instant(d.At)}
	if n := d.ChangedInVersion; n != nil {
		v.ChangedInVersion = *n
		if *n > 1 && ref != "" {
			v.ChangedDiff = fmt.Sprintf("/api/v1/deployments/%s/diff?from=%d&to=%d", ref, *n-1, *n)
		}
	}
	return v
}

func (a *API) unanswered(ctx context.Context, in *Paging) (*reply[List[Comment]], error) {
	rows, next, err := a.reg.Unanswered(ctx, web.Actor(ctx), in.page(false))
	out := pageOf(rows, viewComment)
	out.Body.Next = nextPage(ctx, "/comments", next)
	return out, err
}

func (a *API) comments(ctx context.Context, in *ByRef) (*reply[List[Comment]], error) {
	rows, err := a.reg.Comments(ctx, web.Actor(ctx), in.Ref)
	return listOf(rows, viewComment), err
}

func (a *API) comment(ctx context.Context, in *ByID) (*reply[Comment], error) {
	v, err := a.reg.Comment(ctx, web.Actor(ctx), in.ID)
	return &reply[Comment]{Body: viewComment(v)}, err
}

type commentInput struct {
	ByRef
	Body struct {
		Union     string `json:"union,omitempty" maxLength:"60" doc:"Id of your union, when you speak for several"`
		Target    string `json:"target,omitempty" enum:"deployment,notice,impact,claim"`
		TargetKey string `json:"targetKey,omitempty" maxLength:"100" doc:"N-2026-014#12 for an item of a notice, LOAD for an impact, 0 for a claim"`
		Kind      string `json:"kind" enum:"question,concern,suggestion,support,formal_response,failure_to_agree" example:"concern"`
		Dimension string `json:"dimension,omitempty" enum:"JOBS,GRADE,SKILL,LOAD,TIME,WATCH,AUTON,LIAB,SAFE,EQUAL,LANG,CARE,VOICE,GAIN"`
		Circle    string `json:"circle,omitempty" enum:"parties,scrutiny,public" doc:"Who may read it; the parties when left out"`
		Language  string `json:"language,omitempty" enum:"en,cy"`
		Body      string `json:"body" minLength:"1" maxLength:"50000" example:"Caseloads must not rise."`
	}
}

func (a *API) makeComment(ctx context.Context, in *commentInput) (*reply[Comment], error) {
	b := in.Body
	c, err := a.reg.MakeComment(ctx, web.Actor(ctx), in.Ref, register.CommentInput{
		UnionID: b.Union, Target: b.Target, TargetKey: b.TargetKey, Kind: models.CommentKind(b.Kind), Dimension: models.Dimension(b.Dimension),
		Circle: models.Circle(b.Circle), Language: models.Language(b.Language), Body: b.Body,
	})
	return created(viewComment(register.CommentView{CommentState: c, Ref: in.Ref}), 0, "/comments/"+c.ID), err
}

type correctInput struct {
	ByID
	Body struct {
		Body string `json:"body" minLength:"1" maxLength:"50000" example:"Caseloads must not rise above 20."`
	}
}

func (a *API) correctComment(ctx context.Context, in *correctInput) (*reply[Comment], error) {
	c, err := a.reg.CorrectComment(ctx, web.Actor(ctx), in.ID, in.Body.Body)
	return created(viewComment(register.CommentView{CommentState: c}), 0, "/comments/"+c.ID), err
}

func (a *API) withdrawComment(ctx context.Context, in *ByID) (*done, error) {
	return &done{}, a.reg.WithdrawComment(ctx, web.Actor(ctx), in.ID)
}

type redactInput struct {
	ByID
	Body struct {
		Body   string `json:"body" maxLength:"50000" doc:"The words with the personal data replaced by […], and nothing else changed" example:"[…] was off sick."`
		Reason string `json:"reason" minLength:"1" maxLength:"2000" example:"Names a colleague and their health"`
	}
}

func (a *API) redactComment(ctx context.Context, in *redactInput) (*done, error) {
	return &done{}, a.reg.RedactComment(ctx, web.Actor(ctx), in.ID, in.Body.Body, in.Body.Reason)
}

type widenInput struct {
	ByID
	Body struct {
		Circle string `json:"circle" enum:"scrutiny,public" example:"public"`
	}
}

func (a *API) widenComment(ctx context.Context, in *widenInput) (*done, error) {
	return &done{}, a.reg.WidenComment(ctx, web.Actor(ctx), in.ID, models.Circle(in.Body.Circle))
}

type disposeInput struct {
	ByID
	Body struct {
		Verdict          string `json:"verdict" maxLength:"40" doc:"accepted, accepted_in_part, rejected, deferred, already_covered or out_of_scope; noted is not an answer" example:"accepted"`
		Reason           string `json:"reason" minLength:"1" maxLength:"50000" example:"A caseload guardrail was added."`
		ChangedInVersion *int   `json:"changedInVersion,omitempty" minimum:"1" maximum:"1000000" doc:"Version of the record that changed because of it"`
	}
}

func (a *API) dispose(ctx context.Context, in *disposeInput) (*reply[Disposition], error) {
	d, err := a.reg.Dispose(ctx, web.Actor(ctx), in.ID, in.Body.Verdict, in.Body.Reason, in.Body.ChangedInVersion)
	return created(viewDisposition(d, ""), 0, "/comments/"+in.ID), err
}

// Outcome is how consultation with one union ended.
type Outcome struct {
	Union             string `json:"union" doc:"Id of the union"`
	Outcome           string `json:"outcome"`
	EmployerStatement string `json:"employerStatement,omitempty"`
	UnionStatement    string `json:"unionStatement,omitempty"`
	Reminders         int    `json:"reminders,omitempty"`
	At                string `json:"at" format:"date-time"`
	Version           int    `json:"version"`
}

func viewOutcome(o models.UnionOutcome) Outcome {
	return Outcome{o.UnionID, o.Outcome, o.EmployerStatement, o.UnionStatement, o.Reminders, instant(o.At), o.Version}
}

func (a *API) outcomes(ctx context.Context, in *ByRef) (*reply[List[Outcome]], error) {
	rows, err := a.reg.Outcomes(ctx, web.Actor(ctx), in.Ref)
	return listOf(rows, viewOutcome), err
}

// ByUnion names a union of a deployment.
type ByUnion struct {
	ByRef
	Union string `path:"union" maxLength:"60" doc:"Id of the union"`
}

type outcomeInput struct {
	ByUnion
	IfMatchHeader
	Body struct {
		Outcome   string `json:"outcome" enum:"consensus,compromise,not_agreed,no_response" example:"compromise"`
		Statement string `json:"statement,omitempty" maxLength:"50000" doc:"Needed when not agreed"`
		Reminders int    `json:"reminders,omitempty" minimum:"0" maximum:"99" doc:"Needed when there was no response"`
	}
}

func (a *API) recordOutcome(ctx context.Context, in *outcomeInput) (*reply[Outcome], error) {
	n, err := in.orNew()
	if err != nil {
		return nil, err
	}
	o, err := a.reg.RecordOutcome(ctx, web.Actor(ctx), in.Ref, n, in.Union, in.Body.Outcome, in.Body.Statement, in.Body.Reminders)
	return versioned(viewOutcome(o), o.Version), err
}

type statementInput struct {
	ByUnion
	IfMatchHeader
	Body struct {
		Statement string `json:"statement" minLength:"1" maxLength:"50000" example:"We do not agree that workload is safe."`
	}
}

func (a *API) stateOutcome(ctx context.Context, in *statementInput) (*reply[Outcome], error) {
	n, err := in.orNew()
	if err != nil {
		return nil, err
	}
	o, err := a.reg.StateOutcome(ctx, web.Actor(ctx), in.Ref, n, in.Union, in.Body.Statement)
	return versioned(viewOutcome(o), o.Version), err
}

// Request is an information request.
type Request struct {
	No         string         `json:"no" example:"IR-2026-001"`
	Deployment string         `json:"deployment"`
	Union      string         `json:"union"`
	Question   string         `json:"question"`
	AskedAt    string         `json:"askedAt" format:"date-time"`
	DueOn      models.Date    `json:"dueOn" format:"date"`
	AnsweredOn models.Date    `json:"answeredOn,omitzero" format:"date"`
	Overdue    bool           `json:"overdue,omitempty"`
	Events     []RequestEvent `json:"events" nullable:"false"`
	Version    int            `json:"version"`
	Can        []string       `json:"can" nullable:"false"`
}

// RequestEvent is an answer, a withholding or a challenge.
type RequestEvent struct {
	Kind      string      `json:"kind"`
	Text      string      `json:"text,omitempty"`
	Ground    string      `json:"ground,omitempty"`
	ExpiresOn models.Date `json:"expiresOn,omitzero" format:"date"`
	At        string      `json:"at" format:"date-time"`
}

func viewRequest(v register.RequestView) Request {
	q := Request{No: v.No, Deployment: v.Ref, Union: v.UnionAbbrev, Question: v.Question, AskedAt: instant(v.AskedAt), DueOn: v.DueOn, AnsweredOn: v.AnsweredOn, Overdue: v.Overdue, Events: []RequestEvent{}, Version: v.Version, Can: list(v.Can)}
	for _, e := range v.Events {
		q.Events = append(q.Events, RequestEvent{e.Kind, e.Text, e.Ground, e.ExpiresOn, instant(e.At)})
	}
	return q
}

func (a *API) requests(ctx context.Context, in *ByRef) (*reply[List[Request]], error) {
	rows, err := a.reg.Requests(ctx, web.Actor(ctx), in.Ref)
	return listOf(rows, viewRequest), err
}

func (a *API) request(ctx context.Context, in *ByNo) (*reply[Request], error) {
	v, err := a.reg.Request(ctx, web.Actor(ctx), in.No)
	return versioned(viewRequest(v), v.Version), err
}

type askInput struct {
	ByRef
	Body struct {
		Union    string `json:"union,omitempty" maxLength:"60" doc:"Id of your union, when you speak for several"`
		Question string `json:"question" minLength:"1" maxLength:"50000" example:"How many cases does each worker carry?"`
	}
}

func (a *API) ask(ctx context.Context, in *askInput) (*reply[Request], error) {
	q, err := a.reg.Ask(ctx, web.Actor(ctx), in.Ref, in.Body.Union, in.Body.Question)
	return created(viewRequest(register.RequestView{RequestState: q, Ref: in.Ref}), q.Version, "/requests/"+q.No), err
}

type answerInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"50000" example:"Between 18 and 24."`
	}
}

func (a *API) answered(ctx context.Context, no string, m IfMatchHeader, do func(version int) (models.RequestState, error)) (*reply[Request], error) {
	n, err := m.version()
	if err != nil {
		return nil, err
	}
	if _, err := do(n); err != nil {
		return nil, err
	}
	v, err := a.reg.Request(ctx, web.Actor(ctx), no)
	return versioned(viewRequest(v), v.Version), err
}

func (a *API) answer(ctx context.Context, in *answerInput) (*reply[Request], error) {
	return a.answered(ctx, in.No, in.IfMatchHeader, func(n int) (models.RequestState, error) {
		return a.reg.Answer(ctx, web.Actor(ctx), in.No, n, in.Body.Text)
	})
}

type withholdInput struct {
	ByNo
	IfMatchHeader
	Body struct {
		Ground    string      `json:"ground" minLength:"1" maxLength:"5000" example:"Commercial confidence until the contract is signed"`
		ExpiresOn models.Date `json:"expiresOn" format:"date" example:"2030-12-31"`
		Text      string      `json:"text,omitempty" maxLength:"50000"`
	}
}

func (a *API) withhold(ctx context.Context, in *withholdInput) (*reply[Request], error) {
	return a.answered(ctx, in.No, in.IfMatchHeader, func(n int) (models.RequestState, error) {
		return a.reg.Withhold(ctx, web.Actor(ctx), in.No, n, in.Body.Ground, in.Body.ExpiresOn, in.Body.Text)
	})
}

func (a *API) challenge(ctx context.Context, in *answerInput) (*reply[Request], error) {
	return a.answered(ctx, in.No, in.IfMatchHeader, func(n int) (models.RequestState, error) {
		return a.reg.Challenge(ctx, web.Actor(ctx), in.No, n, in.Body.Text)
	})
}
