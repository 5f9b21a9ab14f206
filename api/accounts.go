package api

import (
	"context"
	"encoding/json"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Factors are the ways in which you prove who you are.
type Factors struct {
	Password          bool       `json:"password" doc:"You have a password"`
	EmailVerified     bool       `json:"emailVerified"`
	OneTimeCodes      bool       `json:"oneTimeCodes"`
	RecoveryCodes     int        `json:"recoveryCodes" doc:"Codes left"`
	PasskeysAvailable bool       `json:"passkeysAvailable"`
	Passkeys          []Passkey  `json:"passkeys" nullable:"false"`
	Identities        []Identity `json:"identities" nullable:"false"`
}

// Passkey is one of yours.
type Passkey struct {
	ID       string `json:"id"`
	Name     string `json:"name" example:"Work laptop"`
	Added    string `json:"added" format:"date-time"`
	LastUsed string `json:"lastUsed,omitempty" format:"date-time"`
}

func viewPasskey(k models.Passkey) Passkey {
	return Passkey{k.ID, k.Name, instant(k.CreatedAt), since(k.LastUsedAt)}
}

// Identity is who you are at an identity provider.
type Identity struct {
	Issuer   string `json:"issuer" example:"https://login.tywi.example"`
	Subject  string `json:"subject"`
	Linked   string `json:"linked" format:"date-time"`
	LastUsed string `json:"lastUsed" format:"date-time"`
}

func viewFactors(f register.Factors) Factors {
	v := Factors{
		Password: f.HasPassword, EmailVerified: f.EmailVerified, OneTimeCodes: f.OneTimeCodes, RecoveryCodes: f.RecoveryCodes,
		PasskeysAvailable: f.PasskeysAvailable, Passkeys: []Passkey{}, Identities: []Identity{},
	}
	for _, k := range f.Passkeys {
		v.Passkeys = append(v.Passkeys, viewPasskey(k))
	}
	for _, i := range f.Identities {
		v.Identities = append(v.Identities, Identity{i.Issuer, i.Subject, instant(i.CreatedAt), instant(i.LastUsedAt)})
	}
	return v
}

func (a *API) factors(ctx context.Context, _ *struct{}) (*reply[Factors], error) {
	f, err := a.reg.Factors(ctx, web.Actor(ctx))
	return &reply[Factors]{Body: viewFactors(f)}, err
}

type passwordInput struct {
	Body struct {
		Old string `json:"old,omitempty" maxLength:"1000" doc:"The one you have" example:"correct horse battery"`
		New string `json:"new" maxLength:"1000" doc:"At least 12 characters, and not a common one" example:"a pocketful of slate"`
	}
}

func (a *API) changePassword(ctx context.Context, in *passwordInput) (*done, error) {
	return &done{}, a.reg.ChangePassword(ctx, web.Actor(ctx), in.Body.Old, in.Body.New)
}

// NewTOTP is a secret for one-time codes, shown once.
type NewTOTP struct {
	Secret string `json:"secret" doc:"Base32"`
	URL    string `json:"url" doc:"otpauth address, which the picture holds too"`
	QR     []byte `json:"qr" doc:"PNG in base64"`
}

func (a *API) beginTOTP(ctx context.Context, _ *struct{}) (*reply[NewTOTP], error) {
	t, err := a.reg.BeginTOTP(ctx, web.Actor(ctx))
	return &reply[NewTOTP]{Body: NewTOTP{t.Secret, t.URL, t.QR}}, err
}

type codeInput struct {
	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"100" example:"492039"`
	}
}

// RecoveryCodes take the place of a second factor, each once.
type RecoveryCodes struct {
	Codes []string `json:"recoveryCodes" nullable:"false" doc:"Shown once; none when you have some already"`
}

func recovery(codes []string) *reply[RecoveryCodes] {
	return &reply[RecoveryCodes]{Body: RecoveryCodes{append([]string{}, codes...)}}
}

func (a *API) confirmTOTP(ctx context.Context, in *codeInput) (*reply[RecoveryCodes], error) {
	codes, err := a.reg.ConfirmTOTP(ctx, web.Actor(ctx), in.Body.Code)
	if err != nil {
		return nil, err
	}
	// A code was given just now: that is a second factor.
	return recovery(codes), a.sessions.Prove(ctx, true)
}

func (a *API) removeTOTP(ctx context.Context, _ *struct{}) (*done, error) {
	return &done{}, a.reg.RemoveTOTP(ctx, web.Actor(ctx))
}

func (a *API) newRecoveryCodes(ctx context.Context, _ *struct{}) (*reply[RecoveryCodes], error) {
	codes, err := a.reg.NewRecoveryCodes(ctx, web.Actor(ctx))
	return recovery(codes), err
}

func (a *API) beginPasskey(ctx context.Context, _ *struct{}) (*reply[Ceremony], error) {
	options, state, err := a.reg.BeginPasskey(ctx, web.Actor(ctx))
	if err != nil {
		return nil, err
	}
	a.sessions.Await(ctx, stepNewPasskey, state)
	return ceremony(options)
}

type newPasskeyInput struct {
	Body struct {
		Name     string         `json:"name" minLength:"1" maxLength:"100" example:"Work laptop"`
		Response map[string]any `json:"response" doc:"The credential, as PublicKeyCredential.toJSON gives it"`
	}
}

// AddedPasskey is a new passkey, with the recovery codes that came with the
// first second factor.
type AddedPasskey struct {
	Passkey
	RecoveryCodes
}

func (a *API) addPasskey(ctx context.Context, in *newPasskeyInput) (*reply[AddedPasskey], error) {
	state, _ := a.sessions.Awaited(ctx, stepNewPasskey) // none is refused below, after the permission
	response, err := json.Marshal(in.Body.Response)
	if err != nil {
		return nil, err
	}
	k, codes, err := a.reg.FinishPasskey(ctx, web.Actor(ctx), state, response, in.Body.Name)
	if err != nil {
		return nil, err
	}
	return &reply[AddedPasskey]{Body: AddedPasskey{viewPasskey(k), recovery(codes).Body}}, a.sessions.Prove(ctx, true)
}

// ByPasskey names a passkey.
type ByPasskey struct {
	ID string `path:"id" maxLength:"1400" example:"q1w2e3r4"`
}

func (a *API) removePasskey(ctx context.Context, in *ByPasskey) (*done, error) {
	return &done{}, a.reg.RemovePasskey(ctx, web.Actor(ctx), in.ID)
}

type identityInput struct {
	Issuer  string `query:"issuer" required:"true" maxLength:"500" example:"https://login.tywi.example"`
	Subject string `query:"subject" required:"true" maxLength:"500" example:"248289761001"`
}

func (a *API) unlinkIdentity(ctx context.Context, in *identityInput) (*done, error) {
	return &done{}, a.reg.UnlinkIdentity(ctx, web.Actor(ctx), in.Issuer, in.Subject)
}

type emailInput struct {
	Body struct {
		Email string `json:"email" format:"email" maxLength:"254" example:"cdo@tywi.example"`
	}
}

func (a *API) changeEmail(ctx context.Context, in *emailInput) (*done, error) {
	return &done{}, a.reg.ChangeEmail(ctx, web.Actor(ctx), in.Body.Email)
}

func (a *API) confirmEmail(ctx context.Context, in *codeInput) (*done, error) {
	_, err := a.reg.ConfirmEmail(ctx, web.Actor(ctx), in.Body.Code)
	return &done{}, err
}

func (a *API) askReset(ctx context.Context, in *emailInput) (*done, error) {
	return &done{}, a.reg.AskReset(ctx, web.Actor(ctx).From, in.Body.Email)
}

type resetInput struct {
	Body struct {
		Code     string `json:"code" minLength:"1" maxLength:"100" doc:"The code that was mailed"`
		Password string `json:"password" maxLength:"1000" example:"a pocketful of slate"`
	}
}

func (a *API) reset(ctx context.Context, in *resetInput) (*done, error) {
	return &done{}, a.reg.Reset(ctx, web.Actor(ctx).From, in.Body.Code, in.Body.Password)
}

// PersonalData is all that is held about you.
type PersonalData struct {
	ID            string          `json:"id"`
	Email         string          `json:"email"`
	Name          string          `json:"name"`
	Language      string          `json:"language"`
	Created       string          `json:"created" format:"date-time"`
	Memberships   []Member        `json:"memberships" nullable:"false" doc:"Every role you were ever given"`
	Factors       Factors         `json:"factors"`
	Sessions      []Session       `json:"sessions" nullable:"false"`
	Tokens        []Token         `json:"tokens" nullable:"false"`
	Events        []SecurityEvent `json:"securityEvents" nullable:"false"`
	Contributions []Contribution  `json:"contributions" nullable:"false" doc:"What you wrote"`
	Unsent        []UnsentForm    `json:"unsent" nullable:"false" doc:"What you typed into forms and have not sent"`
}

// UnsentForm is what you typed into a form and have not sent.
type UnsentForm struct {
	Form    string              `json:"form" doc:"Address that the form is sent to"`
	At      string              `json:"at" format:"date-time"`
	Answers map[string][]string `json:"answers"`
}

// Contribution is something that you wrote.
type Contribution struct {
	Kind       string `json:"kind" example:"comment"`
	ID         string `json:"id"`
	Deployment string `json:"deployment"`
	At         string `json:"at" format:"date-time"`
	Text       string `json:"text"`
}

func (a *API) exportAccount(ctx context.Context, _ *struct{}) (*reply[PersonalData], error) {
	d, err := a.reg.ExportAccount(ctx, web.Actor(ctx))
	if err != nil {
		return nil, err
	}
	v := PersonalData{
		ID: d.User.ID, Email: d.User.Email, Name: d.User.Name, Language: string(d.User.Language), Created: instant(d.User.CreatedAt), Factors: viewFactors(d.Factors),
		Memberships: []Member{}, Sessions: []Session{}, Tokens: []Token{}, Events: []SecurityEvent{}, Contributions: []Contribution{}, Unsent: []UnsentForm{},
	}
	for _, m := range d.Memberships {
		v.Memberships = append(v.Memberships, viewMember(register.MemberView{Member: m, Worn: m.EndedAt == nil && m.SuspendedAt == nil}))
	}
	for _, s := range d.Sessions {
		v.Sessions = append(v.Sessions, Session{s.ID, instant(s.BeganAt), instant(s.SeenAt), instant(s.ExpiresAt), s.Address, s.Agent, s.ID == web.Actor(ctx).SessionID})
	}
	for _, t := range d.Tokens {
		v.Tokens = append(v.Tokens, viewToken(t))
	}
	for _, e := range d.Events {
		v.Events = append(v.Events, viewEvent(register.SecurityView{SecurityEvent: e, Name: d.User.Name}))
	}
	for _, c := range d.Contributions {
		v.Contributions = append(v.Contributions, Contribution{c.Kind, c.ID, c.Ref, instant(c.At), c.Text})
	}
	for _, k := range d.Unsent {
		v.Unsent = append(v.Unsent, UnsentForm{k.Path, instant(k.At), k.Answers})
	}
	return &reply[PersonalData]{Body: v}, nil
}

func (a *API) removeAccount(ctx context.Context, _ *struct{}) (*done, error) {
	if err := a.reg.RemoveAccount(ctx, web.Actor(ctx)); err != nil {
		return nil, err
	}
	return &done{}, a.sessions.End(ctx)
}
