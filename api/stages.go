package api

import (
	"context"
	"strconv"

	"beforehand/internal/web"
	"beforehand/models"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

type moveInput struct {
	ByRef
	IfMatchHeader
	Body struct {
		To     string `json:"to" enum:"formative,noticed,pilot,evaluated,paused,retired,withdrawn" example:"formative"`
		Reason string `json:"reason,omitempty" maxLength:"5000"`
	}
}

func (a *API) move(ctx context.Context, in *moveInput) (*reply[Deployment], error) {
	return a.into(ctx, in.ByRef, in.IfMatchHeader, models.Stage(in.Body.To), in.Body.Reason)
}

type reasonInput struct {
	ByRef
	IfMatchHeader
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"5000" example:"Agreed with every union"`
	}
}

func (a *API) decide(ctx context.Context, in *reasonInput) (*reply[Deployment], error) {
	return a.into(ctx, in.ByRef, in.IfMatchHeader, models.StageDecided, in.Body.Reason)
}

func (a *API) goLive(ctx context.Context, in *reasonInput) (*reply[Deployment], error) {
	return a.into(ctx, in.ByRef, in.IfMatchHeader, models.StageLive, in.Body.Reason)
}

func (a *API) into(ctx context.Context, ref ByRef, m IfMatchHeader, to models.Stage, reason string) (*reply[Deployment], error) {
	n, err := m.version()
	if err != nil {
		return nil, err
	}
	v, err := a.reg.Move(ctx, web.Actor(ctx), ref.Ref, n, to, reason)
	return versioned(viewDeployment(v), v.Version), err
}

func (a *API) markLate(ctx context.Context, in *reasonInput) (*reply[Deployment], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := a.reg.MarkLate(ctx, web.Actor(ctx), in.Ref, n, in.Body.Reason)
	return versioned(viewDeployment(v), v.Version), err
}

type classInput struct {
	ByRef
	IfMatchHeader
	Body struct {
		Class  string `json:"class" enum:"A,B,C,D" example:"C"`
		Reason string `json:"reason" minLength:"1" maxLength:"2000" example:"Output will feed supervision"`
	}
}

func (a *API) raiseClass(ctx context.Context, in *classInput) (*reply[Deployment], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := a.reg.RaiseClass(ctx, web.Actor(ctx), in.Ref, n, models.ChangeClass(in.Body.Class), in.Body.Reason)
	return versioned(viewDeployment(v), v.Version), err
}

// MaterialChange is a save that changed what a notice had said.
type MaterialChange struct {
	Version  int      `json:"version"`
	Fields   []string `json:"fields" nullable:"false"`
	Material bool     `json:"material"`
	Reason   string   `json:"reason,omitempty"`
	JudgedBy string   `json:"judgedBy,omitempty"`
	At       string   `json:"at" format:"date-time"`
}

func viewMaterial(m models.MaterialChange) MaterialChange {
	v := MaterialChange{Version: m.Version, Fields: list(m.Fields), Material: m.Material, Reason: m.Reason, At: instant(m.At)}
	if m.JudgedBy != nil {
		v.JudgedBy = *m.JudgedBy
	}
	return v
}

func (a *API) materialChanges(ctx context.Context, in *ByRef) (*reply[List[MaterialChange]], error) {
	rows, err := a.reg.MaterialChanges(ctx, web.Actor(ctx), in.Ref)
	return listOf(rows, viewMaterial), err
}

type judgeInput struct {
	VersionInput
	Body struct {
		Material bool   `json:"material"`
		Reason   string `json:"reason" minLength:"1" maxLength:"5000" example:"The new region is in the same country"`
	}
}

func (a *API) judgeMateriality(ctx context.Context, in *judgeInput) (*done, error) {
	return &done{}, a.reg.JudgeMateriality(ctx, web.Actor(ctx), in.Ref, in.Number, in.Body.Material, in.Body.Reason)
}

// Hold is a status quo over a deployment.
type Hold struct {
	ID       string      `json:"id"`
	Union    string      `json:"union,omitempty"`
	Ground   string      `json:"ground"`
	From     models.Date `json:"from" format:"date"`
	Until    models.Date `json:"until" format:"date"`
	LiftedOn models.Date `json:"liftedOn,omitzero" format:"date"`
	Reason   string      `json:"liftedReason,omitempty"`
	Version  int         `json:"version"`
}

func viewHold(h models.Hold) Hold {
	v := Hold{ID: h.ID, Ground: h.Ground, From: h.From, Until: h.Until, LiftedOn: h.LiftedOn, Reason: h.LiftedReason, Version: h.Version}
	if h.UnionID != nil {
		v.Union = *h.UnionID
	}
	return v
}

func (a *API) holds(ctx context.Context, in *ByRef) (*reply[List[Hold]], error) {
	rows, err := a.reg.Holds(ctx, web.Actor(ctx), in.Ref)
	return listOf(rows, viewHold), err
}

type holdInput struct {
	ByRef
	Body struct {
		Union  string      `json:"union,omitempty" maxLength:"60" doc:"Id of the union whose dispute it comes from"`
		Ground string      `json:"ground" minLength:"1" maxLength:"5000" example:"Status quo while the dispute is heard"`
		Until  models.Date `json:"until" format:"date" doc:"So many days from today at most as the profile says" example:"2026-10-30"`
	}
}

func (a *API) placeHold(ctx context.Context, in *holdInput) (*reply[Hold], error) {
	h, err := a.reg.PlaceHold(ctx, web.Actor(ctx), in.Ref, in.Body.Union, in.Body.Ground, in.Body.Until)
	return created(viewHold(h), h.Version, "/deployments/"+in.Ref+"/holds"), err
}

type liftInput struct {
	ByID
	IfMatchHeader
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"5000" example:"Both sides agreed terms"`
	}
}

func (a *API) liftHold(ctx context.Context, in *liftInput) (*reply[Hold], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	h, err := a.reg.LiftHold(ctx, web.Actor(ctx), in.ID, n, in.Body.Reason)
	return versioned(viewHold(h), h.Version), err
}

// Override lets a deployment past a shut gate; it stays on the public record.
type Override struct {
	ID        string      `json:"id"`
	To        string      `json:"to"`
	Ground    string      `json:"ground"`
	ExpiresOn models.Date `json:"expiresOn" format:"date"`
	FirstAt   string      `json:"firstAt" format:"date-time"`
	FirstBy   string      `json:"firstBy"`
	SecondAt  string      `json:"secondAt,omitempty" format:"date-time"`
	SecondBy  string      `json:"secondBy,omitempty"`
	Version   int         `json:"version"`
}

func viewOverride(o models.Override) Override {
	v := Override{ID: o.ID, To: string(o.ToStage), Ground: o.Ground, ExpiresOn: o.ExpiresOn, FirstAt: instant(o.FirstAt), FirstBy: o.FirstBy, Version: o.Version}
	if o.SecondAt != nil {
		v.SecondAt, v.SecondBy = instant(*o.SecondAt), *o.SecondBy
	}
	return v
}

func (a *API) overrides(ctx context.Context, in *ByRef) (*reply[List[Override]], error) {
	rows, err := a.reg.Overrides(ctx, web.Actor(ctx), in.Ref)
	return listOf(rows, viewOverride), err
}

type overrideInput struct {
	ByRef
	Body struct {
		To        string      `json:"to" enum:"noticed,decided,pilot,evaluated,live" example:"live"`
		Ground    string      `json:"ground" minLength:"1" maxLength:"5000" example:"Emergency: the old system fails tonight"`
		ExpiresOn models.Date `json:"expiresOn" format:"date" example:"2030-12-31"`
	}
}

func (a *API) requestOverride(ctx context.Context, in *overrideInput) (*reply[Override], error) {
	o, err := a.reg.RequestOverride(ctx, web.Actor(ctx), in.Ref, models.Stage(in.Body.To), in.Body.Ground, in.Body.ExpiresOn)
	return created(viewOverride(o), o.Version, "/deployments/"+in.Ref+"/overrides"), err
}

type signInputOverride struct {
	ByID
	IfMatchHeader
}

func (a *API) signOverride(ctx context.Context, in *signInputOverride) (*reply[Override], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	o, err := a.reg.SignOverride(ctx, web.Actor(ctx), in.ID, n)
	return versioned(viewOverride(o), o.Version), err
}

// Scorecard is one party's judgement of the impact.
type Scorecard struct {
	Party   string         `json:"party" doc:"employer, or the id of a union"`
	Version int            `json:"version"`
	Scores  []models.Score `json:"scores" nullable:"false"`
}

func (a *API) scores(ctx context.Context, in *ByRef) (*reply[List[Scorecard]], error) {
	rows, err := a.reg.Scores(ctx, web.Actor(ctx), in.Ref)
	var cards []Scorecard
	for _, s := range rows {
		if n := len(cards); n == 0 || cards[n-1].Party != s.Party {
			cards = append(cards, Scorecard{Party: s.Party, Version: s.Version})
		}
		last := &cards[len(cards)-1]
		last.Scores = append(last.Scores, s)
	}
	return listOf(cards, func(c Scorecard) Scorecard { return c }), err
}

type scoresInput struct {
	ByRef
	IfMatchHeader
	Party string `path:"party" maxLength:"60" doc:"employer, or the id of your union" example:"employer"`
	Body  struct {
		Scores []models.Score `json:"scores" nullable:"false" minItems:"1" maxItems:"14"`
	}
}

func (a *API) giveScores(ctx context.Context, in *scoresInput) (*reply[Scorecard], error) {
	n, err := in.orNew()
	if err != nil {
		return nil, err
	}
	s, err := a.reg.GiveScores(ctx, web.Actor(ctx), in.Ref, n, in.Party, in.Body.Scores)
	if err != nil {
		return nil, err
	}
	return versioned(Scorecard{in.Party, s[0].Version, list(s)}, s[0].Version), nil
}
