package api

import (
	"context"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Union is a trade union.
type Union struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Abbreviation string `json:"abbreviation" example:"UNISON"`
}

func viewUnion(u models.Union) Union { return Union{u.ID, u.Name, u.Abbreviation} }

func (a *API) unions(ctx context.Context, _ *struct{}) (*reply[List[Union]], error) {
	rows, err := a.reg.Unions(ctx, web.Actor(ctx))
	return listOf(rows, viewUnion), err
}

type unionInput struct {
	Body struct {
		Name         string `json:"name" minLength:"1" maxLength:"200" example:"UNISON"`
		Abbreviation string `json:"abbreviation" minLength:"1" maxLength:"20" example:"UNISON"`
	}
}

func (a *API) addUnion(ctx context.Context, in *unionInput) (*reply[Union], error) {
	u, err := a.reg.AddUnion(ctx, web.Actor(ctx), in.Body.Name, in.Body.Abbreviation)
	return created(viewUnion(u), 0, "/unions"), err
}

// Branch is the part of a union that is served.
type Branch struct {
	ID    string `json:"id"`
	Union string `json:"union"`
	Name  string `json:"name"`
}

func viewBranch(b models.Branch) Branch { return Branch{b.ID, b.UnionID, b.Name} }

func (a *API) branches(ctx context.Context, _ *struct{}) (*reply[List[Branch]], error) {
	rows, err := a.reg.Branches(ctx, web.Actor(ctx))
	return listOf(rows, viewBranch), err
}

type branchInput struct {
	Body struct {
		Union string `json:"union" maxLength:"60" doc:"Id of the union"`
		Name  string `json:"name" minLength:"1" maxLength:"200" example:"UNISON Tywi"`
	}
}

func (a *API) addBranch(ctx context.Context, in *branchInput) (*reply[Branch], error) {
	b, err := a.reg.AddBranch(ctx, web.Actor(ctx), in.Body.Union, in.Body.Name)
	return created(viewBranch(b), 0, "/branches"), err
}

// Officer acts for a branch.
type Officer struct {
	ID   string      `json:"id"`
	User string      `json:"user"`
	Post string      `json:"post"`
	From models.Date `json:"from" format:"date"`
	To   models.Date `json:"to,omitzero" format:"date"`
}

// Post is a post in a branch. Whose it is, the parties read.
type Post struct {
	ID     string      `json:"id"`
	Branch string      `json:"branch"`
	User   string      `json:"user,omitempty" doc:"Left out for who is not one of the parties"`
	Name   string      `json:"name,omitempty"`
	Post   string      `json:"post"`
	From   models.Date `json:"from" format:"date"`
	To     models.Date `json:"to,omitzero" format:"date"`
}

func viewPost(o register.OfficerView) Post {
	return Post{o.ID, o.BranchID, o.UserID, o.Name, o.Post, o.From, o.To}
}

func (a *API) officers(ctx context.Context, _ *struct{}) (*reply[List[Post]], error) {
	rows, err := a.reg.Officers(ctx, web.Actor(ctx))
	return listOf(rows, viewPost), err
}

type toldInput struct {
	Body struct {
		JobRoles []string    `json:"jobRoles" nullable:"false" maxItems:"200" doc:"Ids of the job roles that would be affected, whole"`
		On       models.Date `json:"on" format:"date" example:"2026-09-07"`
	}
}

func (a *API) whoWouldBeTold(ctx context.Context, in *toldInput) (*reply[Scope], error) {
	s, roles, err := a.reg.WhoWouldBeTold(ctx, web.Actor(ctx), in.Body.JobRoles, in.Body.On)
	return &reply[Scope]{Body: viewScope(s, roles)}, err
}

type officerInput struct {
	ByID
	Body struct {
		Email string      `json:"email" format:"email" maxLength:"254" example:"unison@tywi.example"`
		Post  string      `json:"post" enum:"officer,deputy" example:"officer"`
		From  models.Date `json:"from" format:"date" example:"2026-01-01"`
		To    models.Date `json:"to,omitempty" format:"date"`
	}
}

func (a *API) appoint(ctx context.Context, in *officerInput) (*reply[Officer], error) {
	o, err := a.reg.AppointOfficer(ctx, web.Actor(ctx), in.ID, in.Body.Email, in.Body.Post, in.Body.From, in.Body.To)
	return created(Officer{o.ID, o.UserID, o.Post, o.From, o.To}, 0, "/branches"), err
}

// ServiceAddress is where a branch has agreed to be served.
type ServiceAddress struct {
	ID     string `json:"id"`
	Branch string `json:"branch"`
	ServiceAddressFields
	Confirmed string `json:"confirmed,omitempty" format:"date-time" doc:"When the union said that it is its own"`
}

// ServiceAddressFields are what was agreed.
type ServiceAddressFields struct {
	Channel   string      `json:"channel" enum:"email,hand,post" example:"email"`
	Address   string      `json:"address" minLength:"1" maxLength:"500" example:"branch@unison.example"`
	Languages []string    `json:"languages" nullable:"false" minItems:"1" maxItems:"2" enum:"en,cy" example:"[\"en\",\"cy\"]"`
	From      models.Date `json:"from" format:"date" example:"2026-01-01"`
	To        models.Date `json:"to,omitempty" format:"date"`
}

func viewAddress(s models.ServiceAddress) ServiceAddress {
	return ServiceAddress{s.ID, s.BranchID, ServiceAddressFields{string(s.Channel), s.Address, strs(s.Languages), s.From, s.To}, since(s.ConfirmedAt)}
}

func (a *API) confirmAddress(ctx context.Context, in *ByID) (*reply[ServiceAddress], error) {
	s, err := a.reg.ConfirmAddress(ctx, web.Actor(ctx), in.ID)
	return &reply[ServiceAddress]{Body: viewAddress(s)}, err
}

func (a *API) endAddress(ctx context.Context, in *ByID) (*reply[ServiceAddress], error) {
	s, err := a.reg.EndAddress(ctx, web.Actor(ctx), in.ID)
	return &reply[ServiceAddress]{Body: viewAddress(s)}, err
}

func strs[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, v := range in {
		out[i] = string(v)
	}
	return out
}

func langs(in []string) []models.Language {
	var out []models.Language
	for _, v := range in {
		out = append(out, models.Language(v))
	}
	return out
}

func (a *API) serviceAddresses(ctx context.Context, _ *struct{}) (*reply[List[ServiceAddress]], error) {
	rows, err := a.reg.ServiceAddresses(ctx, web.Actor(ctx))
	return listOf(rows, viewAddress), err
}

type addressInput struct {
	ByID
	Body ServiceAddressFields
}

func (a *API) agreeAddress(ctx context.Context, in *addressInput) (*reply[ServiceAddress], error) {
	b := in.Body
	s, err := a.reg.AgreeAddress(ctx, web.Actor(ctx), models.ServiceAddress{BranchID: in.ID, Channel: models.Channel(b.Channel), Address: b.Address, Languages: langs(b.Languages), From: b.From, To: b.To})
	return created(viewAddress(s), 0, "/service-addresses"), err
}

// Recognition is an agreement between a union and the employer.
type Recognition struct {
	ID             string      `json:"id"`
	Union          string      `json:"union"`
	Branch         string      `json:"branch"`
	BargainingUnit string      `json:"bargainingUnit"`
	Subjects       []string    `json:"subjects" nullable:"false"`
	From           models.Date `json:"from" format:"date"`
	RecognitionTerms
	Version int `json:"version"`
}

// RecognitionTerms are what may change in an agreement.
type RecognitionTerms struct {
	To             models.Date     `json:"to,omitempty" format:"date" doc:"Last day in force"`
	Contested      bool            `json:"contested,omitempty" doc:"Another union disputes the jurisdiction"`
	ContestedNote  string          `json:"contestedNote,omitempty" maxLength:"2000"`
	ElectronicFrom models.Date     `json:"electronicFrom,omitempty" format:"date" doc:"Service by e-mail is agreed from this day" example:"2024-01-01"`
	Periods        []models.Period `json:"periods,omitempty" nullable:"false" maxItems:"50" doc:"The agreement's own minimum periods" example:"[{\"before\":\"pilot\",\"days\":56,\"kind\":\"calendar\"}]"`
}

func viewRecognition(v models.Recognition) Recognition {
	return Recognition{v.ID, v.UnionID, v.BranchID, v.BargainingUnitID, v.Subjects, v.From, RecognitionTerms{v.To, v.Contested, v.ContestedNote, v.ElectronicFrom, v.Periods}, v.Version}
}

func (a *API) recognitions(ctx context.Context, _ *struct{}) (*reply[List[Recognition]], error) {
	rows, err := a.reg.Recognitions(ctx, web.Actor(ctx))
	return listOf(rows, viewRecognition), err
}

type recognitionInput struct {
	Body struct {
		Union          string      `json:"union" maxLength:"60" doc:"Id of the union"`
		Branch         string      `json:"branch" maxLength:"60" doc:"Id of the branch that is served"`
		BargainingUnit string      `json:"bargainingUnit" maxLength:"60" doc:"Id of the bargaining unit"`
		Subjects       []string    `json:"subjects,omitempty" nullable:"false" maxItems:"50"`
		From           models.Date `json:"from" format:"date" example:"2024-01-01"`
		RecognitionTerms
	}
}

func (a *API) agree(ctx context.Context, in *recognitionInput) (*reply[Recognition], error) {
	b := in.Body
	v, err := a.reg.Agree(ctx, web.Actor(ctx), models.Recognition{
		UnionID: b.Union, BranchID: b.Branch, BargainingUnitID: b.BargainingUnit, Subjects: b.Subjects, From: b.From,
		To: b.To, Contested: b.Contested, ContestedNote: b.ContestedNote, ElectronicFrom: b.ElectronicFrom, Periods: b.Periods,
	})
	return created(viewRecognition(v), v.Version, "/recognitions"), err
}

type changeRecognitionInput struct {
	ByID
	IfMatchHeader
	Body RecognitionTerms
}

func (a *API) changeRecognition(ctx context.Context, in *changeRecognitionInput) (*reply[Recognition], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	b := in.Body
	v, err := a.reg.ChangeRecognition(ctx, web.Actor(ctx), n, in.ID, b.To, b.Contested, b.ContestedNote, b.ElectronicFrom, b.Periods)
	return versioned(viewRecognition(v), v.Version), err
}
