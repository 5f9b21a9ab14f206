package register

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// Ask records an information request of a union. Its due day is worked out
// now, in working days of the profile, and does not move.
func (r *Register) Ask(ctx context.Context, a models.Actor, ref, unionID, question string) (models.RequestState, error) {
	var q models.RequestState
	var f models.Faults
	if models.IsTBC(question) {
		f.Add("question", "required")
	}
	models.CheckText(&f, "question", question, longestComment)
	if err := f.Err(); err != nil {
		return q, err
	}
	err := r.change(ctx, a, "request.ask", func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.openForUnion(ctx, tx.Reader, a, ref, "request.ask", &unionID)
		if err != nil {
			return entry{}, err
		}
		if s.Stage == models.StageWithdrawn {
			return entry{}, models.Fail(models.Conflict, "deployment_withdrawn").With("ref", s.Ref)
		}
		f, err := r.gateFacts(ctx, tx.Reader, s, 0)
		if err != nil {
			return entry{}, err
		}
		n, err := tx.NextNumber(ctx, a.OrgID, "request", f.At.Year())
		if err != nil {
			return entry{}, err
		}
		q.Request = models.Request{
			OrgID: a.OrgID, ID: newID(), No: fmt.Sprintf("IR-%d-%03d", f.At.Year(), n), DeploymentID: s.ID, UnionID: unionID,
			Question: question, AskedBy: a.UserID, AskedAt: at, DueOn: f.Calendar.AddWorking(f.At, f.Profile.RequestDays), Version: 1,
		}
		return requestEntry(q.Request, s, map[string]any{"question": ledger.Hash([]byte(question)), "due": q.DueOn}), tx.Add(ctx, &q.Request)
	})
	return q, err
}

func requestEntry(q models.Request, s subject, more map[string]any) entry {
	data := map[string]any{"ref": s.Ref, "request": q.No, "union": q.UnionID, "version": q.Version}
	for k, v := range more {
		data[k] = v
	}
	return entry{subject: q.ID, deployment: s.ID, data: data}
}

// openRequest loads a request. A request is its union's and the employer's:
// another union's is not found.
func (r *Register) openRequest(ctx context.Context, rd store.Reader, a models.Actor, no, act string) (models.RequestState, subject, error) {
	q, err := rd.Request(ctx, a.OrgID, no)
	if err != nil {
		return q, subject{}, err
	}
	d, err := rd.DeploymentByID(ctx, a.OrgID, q.DeploymentID)
	if err != nil {
		return q, subject{}, err
	}
	s, err := r.opened(ctx, rd, a, d, "deployment.read")
	if err != nil {
		return q, s, models.Missing("request").Because(err)
	}
	if !seesRequest(a, q.UnionID) {
		return q, s, models.Missing("request")
	}
	res := s.res
	res.UnionID = q.UnionID
	return q, s, r.check(a, act, res)
}

func seesRequest(a models.Actor, unionID string) bool {
	return a.EmployerSide() || a.Has(models.RoleAuditor) || slices.Contains(a.Unions(), unionID)
}

// event adds what happened to a request, if nobody was quicker.
func (r *Register) event(ctx context.Context, a models.Actor, no, act string, readAt int, e models.RequestEvent, may func(models.RequestState, models.Date, *time.Location) error) (models.RequestState, error) {
	var q models.RequestState
	err := r.change(ctx, a, act, func(tx *store.Tx, at time.Time) (entry, error) {
		var s subject
		var err error
		if q, s, err = r.openRequest(ctx, tx.Reader, a, no, act); err != nil {
			return entry{}, err
		}
		if err := versionIs("request", q.Version, readAt); err != nil {
			return entry{}, err
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		if err := may(q, models.DateOf(at, org.Location()), org.Location()); err != nil {
			return entry{}, err
		}
		e.OrgID, e.ID, e.RequestID, e.ByUserID, e.At = a.OrgID, newID(), q.ID, a.UserID, at
		if err := tx.Add(ctx, &e); err != nil {
			return entry{}, err
		}
		q.Version++
		q.Events = append(q.Events, e)
		more := map[string]any{"event": e.Kind, "text": ledger.Hash([]byte(e.Text)), "ground": ledger.Hash([]byte(e.Ground)), "expires": e.ExpiresOn}
		return requestEntry(q.Request, s, more), tx.SaveRequest(ctx, &q.Request, readAt)
	})
	return q, err
}

// unanswered allows an answer while none stands.
func unanswered(q models.RequestState, today models.Date, zone *time.Location) error {
	if slices.ContainsFunc(q.Events, func(e models.RequestEvent) bool { return e.Kind == "answered" }) {
		return models.Fail(models.Conflict, "request_answered").With("request", q.No)
	}
	return nil
}

// Answer answers a request; one that was withheld may be answered after all.
func (r *Register) Answer(ctx context.Context, a models.Actor, no string, readAt int, text string) (models.RequestState, error) {
	var f models.Faults
	if models.IsTBC(text) {
		f.Add("text", "required")
	}
	models.CheckText(&f, "text", text, longestComment)
	if err := f.Err(); err != nil {
		return models.RequestState{}, err
	}
	return r.event(ctx, a, no, "request.answer", readAt, models.RequestEvent{Kind: "answered", Text: text}, unanswered)
}

// Withhold refuses an answer on a stated ground until a day. From the day
// after, the request is open again.
func (r *Register) Withhold(ctx context.Context, a models.Actor, no string, readAt int, ground string, expires models.Date, text string) (models.RequestState, error) {
	var f models.Faults
	if models.IsTBC(ground) {
		f.Add("ground", "required")
	}
	models.CheckText(&f, "ground", ground, 5000)
	models.CheckText(&f, "text", text, longestComment)
	if expires == 0 {
		f.Add("expiresOn", "required")
	}
	if err := f.Err(); err != nil {
		return models.RequestState{}, err
	}
	p, err := r.profileOf(ctx, a)
	if err != nil {
		return models.RequestState{}, err
	}
	longest := p.WithholdDays
	e := models.RequestEvent{Kind: "withheld", Text: text, Ground: ground, ExpiresOn: expires}
	return r.event(ctx, a, no, "request.withhold", readAt, e, func(q models.RequestState, today models.Date, zone *time.Location) error {
		if err := unanswered(q, today, zone); err != nil {
			return err
		}
		if expires <= today || expires > today.AddDays(longest) {
			return field("expiresOn", "out_of_range", "min", (today + 1).String(), "max", today.AddDays(longest).String())
		}
		if q.AnsweredOn(today, zone) != 0 {
			return models.Fail(models.Conflict, "request_answered").With("request", q.No)
		}
		return nil
	})
}

// profileOf is the policy profile of the actor's organisation.
func (r *Register) profileOf(ctx context.Context, a models.Actor) (models.Profile, error) {
	org, err := r.store.Organisation(ctx, a.OrgID)
	if err != nil {
		return models.Profile{}, err
	}
	return r.profile(org)
}

// Challenge disputes that an answer is withheld. If no answer comes within the
// days that a request has, the request is open again, whatever the expiry was.
func (r *Register) Challenge(ctx context.Context, a models.Actor, no string, readAt int, text string) (models.RequestState, error) {
	if strings.TrimSpace(text) == "" {
		return models.RequestState{}, field("text", "required")
	}
	p, err := r.profileOf(ctx, a)
	if err != nil {
		return models.RequestState{}, err
	}
	org, err := r.store.Organisation(ctx, a.OrgID)
	if err != nil {
		return models.RequestState{}, err
	}
	closures, err := r.store.ClosureDays(ctx, a.OrgID)
	if err != nil {
		return models.RequestState{}, err
	}
	due := models.NewCalendar(org.Nation, closures).AddWorking(models.DateOf(r.Now(), org.Location()), p.RequestDays)
	return r.event(ctx, a, no, "request.challenge", readAt, models.RequestEvent{Kind: "challenged", Text: text, ExpiresOn: due}, func(q models.RequestState, _ models.Date, _ *time.Location) error {
		if len(q.Events) == 0 || q.Events[len(q.Events)-1].Kind != "withheld" {
			return models.Fail(models.Conflict, "request_not_withheld").With("request", q.No)
		}
		return nil
	})
}

// RequestView is a request as somebody may read it.
type RequestView struct {
	models.RequestState
	Ref        string
	AnsweredOn models.Date
	Overdue    bool
	Can        []string
}

var requestActs = []string{"request.answer", "request.withhold", "request.challenge"}

func (r *Register) requestView(ctx context.Context, a models.Actor, s subject, q models.RequestState) (RequestView, error) {
	org, err := r.store.Organisation(ctx, s.OrgID)
	if err != nil {
		return RequestView{}, err
	}
	today := models.DateOf(r.Now(), org.Location())
	res := s.res
	res.UnionID = q.UnionID
	return RequestView{q, s.Ref, q.AnsweredOn(today, org.Location()), q.Overdue(today, org.Location()), r.policy.Allowed(a, requestActs, res)}, nil
}

// Requests are the information requests on a deployment that the actor may read.
func (r *Register) Requests(ctx context.Context, a models.Actor, ref string) ([]RequestView, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "request.read")
	if err != nil {
		return nil, err
	}
	all, err := r.store.Requests(ctx, s.OrgID, s.ID)
	if err != nil {
		return nil, err
	}
	out := []RequestView{}
	for _, q := range all {
		if !seesRequest(a, q.UnionID) {
			continue
		}
		v, err := r.requestView(ctx, a, s, q)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Request is one information request by its number.
func (r *Register) Request(ctx context.Context, a models.Actor, no string) (RequestView, error) {
	q, s, err := r.openRequest(ctx, r.store.Reader, a, no, "request.read")
	if err != nil {
		return RequestView{}, err
	}
	return r.requestView(ctx, a, s, q)
}
