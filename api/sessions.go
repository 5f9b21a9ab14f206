package api

import (
	"context"
	"encoding/json"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

type signInInput struct {
	Body struct {
		Email        string `json:"email" format:"email" maxLength:"254" example:"cdo@tywi.example"`
		Password     string `json:"password" maxLength:"1000" example:"correct horse battery"`
		Code         string `json:"code,omitempty" maxLength:"60" doc:"One-time or recovery code, when you have a second factor" example:"492039"`
		Organisation string `json:"organisation,omitempty" maxLength:"40" doc:"Short name, when you belong to several" example:"tywi"`
	}
}

// Me is who somebody is and what they hold.
type Me struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	Email        string    `json:"email"`
	Organisation string    `json:"organisation" doc:"Id of the organisation"`
	Roles        []Holding `json:"roles" nullable:"false"`
	Withheld     []string  `json:"withheld,omitempty" nullable:"false" doc:"Roles that are not worn before a second factor is given"`
	Fresh        bool      `json:"fresh" doc:"You have proved who you are within the last ten minutes"`
}

// Holding is one role that somebody holds.
type Holding struct {
	Role  string `json:"role" example:"union_officer"`
	Union string `json:"union,omitempty" doc:"Id of the union it is held for"`
	Area  string `json:"areaPath,omitempty" doc:"Service area and below, when limited"`
	For   string `json:"for,omitempty" doc:"Id of the person in whose stead it is held"`
}

func viewMe(a models.Actor) Me {
	m := Me{ID: a.UserID, Name: a.Name, Email: a.Email, Organisation: a.OrgID, Roles: []Holding{}, Withheld: strs(a.Withheld), Fresh: !a.Lapsed}
	for _, g := range a.Grants {
		m.Roles = append(m.Roles, Holding{string(g.Role), g.UnionID, g.AreaPath, g.For})
	}
	return m
}

func (a *API) signIn(ctx context.Context, in *signInInput) (*reply[Me], error) {
	from := web.Actor(ctx).From
	who, err := a.reg.SignIn(ctx, from, register.Credentials(in.Body))
	if err != nil {
		return nil, err
	}
	return a.begin(ctx, who, from)
}

// begin signs in, and says as whom.
func (a *API) begin(ctx context.Context, who models.SignIn, from models.Origin) (*reply[Me], error) {
	if err := a.sessions.Begin(ctx, who, from); err != nil {
		return nil, err
	}
	in, _ := a.sessions.SignIn(ctx)
	actor, err := a.reg.ActorOfSession(ctx, in)
	return &reply[Me]{Body: viewMe(actor)}, err
}

func (a *API) signOut(ctx context.Context, _ *struct{}) (*done, error) {
	if err := a.reg.SignOut(ctx, web.Actor(ctx)); err != nil {
		return nil, err
	}
	return &done{}, a.sessions.End(ctx)
}

func (a *API) me(ctx context.Context, _ *struct{}) (*reply[Me], error) {
	return &reply[Me]{Body: viewMe(web.Actor(ctx))}, nil
}

type proveInput struct {
	Body struct {
		Password string `json:"password,omitempty" maxLength:"1000" example:"correct horse battery"`
		Code     string `json:"code,omitempty" maxLength:"60" doc:"One-time or recovery code, when you have a second factor" example:"492039"`
	}
}

func (a *API) prove(ctx context.Context, in *proveInput) (*done, error) {
	factor, err := a.reg.Prove(ctx, web.Actor(ctx), in.Body.Password, in.Body.Code)
	if err != nil {
		return nil, err
	}
	return &done{}, a.sessions.Prove(ctx, factor)
}

type workInput struct {
	Body struct {
		Organisation string `json:"organisation" minLength:"1" maxLength:"40" doc:"Short name" example:"tywi"`
	}
}

func (a *API) work(ctx context.Context, in *workInput) (*done, error) {
	org, err := a.reg.Work(ctx, web.Actor(ctx), in.Body.Organisation)
	if err != nil {
		return nil, err
	}
	return &done{}, a.sessions.Move(ctx, org)
}

// Steps of a sign-in that the session waits for.
const (
	stepPasskey    = "passkey"
	stepNewPasskey = "passkey.new"
)

// Ceremony is what a browser is to ask its passkeys (WebAuthn, level 3).
type Ceremony struct {
	PublicKey json.RawMessage `json:"publicKey" doc:"Options for navigator.credentials"`
}

func ceremony(options json.RawMessage) (*reply[Ceremony], error) {
	var c struct {
		PublicKey json.RawMessage `json:"publicKey"`
	}
	err := json.Unmarshal(options, &c)
	return &reply[Ceremony]{Body: Ceremony{c.PublicKey}}, err
}

func (a *API) askPasskey(ctx context.Context, _ *struct{}) (*reply[Ceremony], error) {
	options, state, err := a.reg.AskPasskey()
	if err != nil {
		return nil, err
	}
	a.sessions.Await(ctx, stepPasskey, state)
	return ceremony(options)
}

type passkeyInput struct {
	Body struct {
		Response     map[string]any `json:"response" doc:"The credential, as PublicKeyCredential.toJSON gives it"`
		Organisation string         `json:"organisation,omitempty" maxLength:"40" doc:"Short name, when you belong to several" example:"tywi"`
	}
}

// takePasskey signs in with a passkey; when it is that of whoever is signed in
// already, it proves again who they are.
func (a *API) takePasskey(ctx context.Context, in *passkeyInput) (*reply[Me], error) {
	state, ok := a.sessions.Awaited(ctx, stepPasskey)
	if !ok {
		return nil, models.Fail(models.Unauthenticated, "passkey_refused")
	}
	response, err := json.Marshal(in.Body.Response)
	if err != nil {
		return nil, err
	}
	actor := web.Actor(ctx)
	who, err := a.reg.TakePasskey(ctx, actor, state, response, in.Body.Organisation)
	if err != nil {
		return nil, err
	}
	if signed, ok := a.sessions.SignIn(ctx); ok && signed.UserID == who.UserID && actor.TokenID == "" {
		if err := a.sessions.Prove(ctx, true); err != nil {
			return nil, err
		}
		actor, err := a.reg.ActorOfSession(ctx, models.SignIn{SessionID: signed.SessionID, UserID: who.UserID, OrgID: signed.OrgID, At: a.reg.Now(), SecondFactor: true})
		return &reply[Me]{Body: viewMe(actor)}, err
	}
	return a.begin(ctx, who, actor.From)
}

// Session is one sign-in of yours.
type Session struct {
	ID      string `json:"id"`
	Began   string `json:"began" format:"date-time"`
	Seen    string `json:"seen" format:"date-time"`
	Expires string `json:"expires" format:"date-time"`
	Address string `json:"address,omitempty" example:"192.0.2.7"`
	Agent   string `json:"agent,omitempty" doc:"What the browser calls itself"`
	Current bool   `json:"current" doc:"The one that asks"`
}

func (a *API) sessionList(ctx context.Context, _ *struct{}) (*reply[List[Session]], error) {
	actor := web.Actor(ctx)
	rows, err := a.reg.Sessions(ctx, actor)
	return listOf(rows, func(s models.Session) Session {
		return Session{s.ID, instant(s.BeganAt), instant(s.SeenAt), instant(s.ExpiresAt), s.Address, s.Agent, s.ID == actor.SessionID}
	}), err
}

func (a *API) endSession(ctx context.Context, in *ByID) (*done, error) {
	return &done{}, a.reg.EndSession(ctx, web.Actor(ctx), in.ID)
}

func (a *API) endOtherSessions(ctx context.Context, _ *struct{}) (*done, error) {
	return &done{}, a.reg.EndOtherSessions(ctx, web.Actor(ctx))
}

type tokenInput struct {
	Body tokenFields
}

type tokenFields struct {
	Name        string   `json:"name" minLength:"1" maxLength:"100" example:"release pipeline"`
	Scopes      []string `json:"scopes,omitempty" nullable:"false" maxItems:"100" doc:"Acts it may do, or all of a noun; none is all that you may read" example:"[\"gate.read\"]"`
	ServiceArea string   `json:"serviceArea,omitempty" maxLength:"60" doc:"Limits it to this area and those below"`
	Days        int      `json:"days" minimum:"1" maximum:"366" doc:"Days until it expires" example:"90"`
}

func (f tokenFields) token() register.NewToken {
	return register.NewToken{Name: f.Name, Scopes: f.Scopes, ServiceAreaID: f.ServiceArea, Days: f.Days}
}

// Token is a bearer token, without the token itself.
type Token struct {
	ID       string   `json:"id"`
	Name     string   `json:"name" example:"release pipeline"`
	Hint     string   `json:"hint" doc:"How it begins" example:"bfh_Ab3x"`
	Scopes   []string `json:"scopes" nullable:"false"`
	Area     string   `json:"serviceArea,omitempty"`
	Created  string   `json:"created" format:"date-time"`
	Expires  string   `json:"expires" format:"date-time"`
	LastUsed string   `json:"lastUsed,omitempty" format:"date-time"`
	Revoked  string   `json:"revoked,omitempty" format:"date-time"`
}

func viewToken(t models.Token) Token {
	v := Token{ID: t.ID, Name: t.Name, Hint: t.Hint, Scopes: append([]string{}, t.Scopes...), Created: instant(t.CreatedAt), Expires: instant(t.ExpiresAt), LastUsed: since(t.LastUsedAt), Revoked: since(t.RevokedAt)}
	if t.ServiceAreaID != nil {
		v.Area = *t.ServiceAreaID
	}
	return v
}

// since is an instant that may not have come.
func since(at *time.Time) string {
	if at == nil {
		return ""
	}
	return instant(*at)
}

// IssuedToken is a token, shown once.
type IssuedToken struct {
	Token string `json:"token" doc:"Shown once: keep it safe"`
	Issued
}

// Issued is what is known of it from then on.
type Issued struct {
	ID      string `json:"id"`
	Expires string `json:"expires" format:"date-time"`
}

func (a *API) tokens(ctx context.Context, _ *struct{}) (*reply[List[Token]], error) {
	rows, err := a.reg.Tokens(ctx, web.Actor(ctx))
	return listOf(rows, viewToken), err
}

func (a *API) issueToken(ctx context.Context, in *tokenInput) (*reply[IssuedToken], error) {
	secret, t, err := a.reg.IssueToken(ctx, web.Actor(ctx), in.Body.token())
	return &reply[IssuedToken]{Body: IssuedToken{secret, Issued{t.ID, instant(t.ExpiresAt)}}}, err
}

func (a *API) revokeToken(ctx context.Context, in *ByID) (*done, error) {
	return &done{}, a.reg.RevokeToken(ctx, web.Actor(ctx), in.ID)
}

// ServiceAccount is another system that comes in with a token.
type ServiceAccount struct {
	ID     string   `json:"id"`
	Name   string   `json:"name" example:"release pipeline"`
	Added  string   `json:"added" format:"date-time"`
	Tokens []Token  `json:"tokens" nullable:"false"`
	Can    []string `json:"can" nullable:"false"`
}

func (a *API) serviceAccounts(ctx context.Context, _ *struct{}) (*reply[List[ServiceAccount]], error) {
	rows, err := a.reg.ServiceAccounts(ctx, web.Actor(ctx))
	return listOf(rows, func(v register.ServiceAccountView) ServiceAccount {
		s := ServiceAccount{ID: v.ID, Name: v.Name, Added: instant(v.At), Tokens: []Token{}, Can: v.Can}
		for _, t := range v.Tokens {
			s.Tokens = append(s.Tokens, viewToken(t))
		}
		return s
	}), err
}

func (a *API) addServiceAccount(ctx context.Context, in *tokenInput) (*reply[IssuedToken], error) {
	secret, t, err := a.reg.AddServiceAccount(ctx, web.Actor(ctx), in.Body.token())
	return &reply[IssuedToken]{Body: IssuedToken{secret, Issued{t.UserID, instant(t.ExpiresAt)}}}, err
}

func (a *API) endServiceAccount(ctx context.Context, in *ByID) (*done, error) {
	return &done{}, a.reg.EndServiceAccount(ctx, web.Actor(ctx), in.ID)
}
