package api

import (
	"context"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
	"beforehand/policy"
)

// Member is a person with one of their roles.
type Member struct {
	ID         string      `json:"id"`
	Membership string      `json:"membership" doc:"Id of the role they hold"`
	Name       string      `json:"name"`
	Email      string      `json:"email,omitempty" doc:"Left out for another party's people"`
	Role       string      `json:"role"`
	Union      string      `json:"union,omitempty"`
	Area       string      `json:"serviceArea,omitempty"`
	Worn       bool        `json:"worn" doc:"The role counts today"`
	From       models.Date `json:"from,omitzero" format:"date"`
	To         models.Date `json:"to,omitzero" format:"date"`
	LentBy     string      `json:"lentBy,omitempty" doc:"Name of whoever lends it"`
	Suspended  string      `json:"suspended,omitempty" format:"date-time"`
	Ended      string      `json:"ended,omitempty" format:"date-time"`
	Version    int         `json:"version" doc:"For If-Match"`
	Can        []string    `json:"can" nullable:"false"`
}

func viewMember(m register.MemberView) Member {
	v := Member{
		ID: m.UserID, Membership: m.ID, Name: m.Name, Email: m.Email, Role: string(m.Role), Worn: m.Worn, From: m.From, To: m.To, LentBy: m.LentBy,
		Suspended: since(m.SuspendedAt), Ended: since(m.EndedAt), Version: m.Version, Can: append([]string{}, m.Can...),
	}
	if m.UnionID != nil {
		v.Union = *m.UnionID
	}
	if m.ServiceAreaID != nil {
		v.Area = *m.ServiceAreaID
	}
	return v
}

func (a *API) members(ctx context.Context, _ *struct{}) (*reply[List[Member]], error) {
	rows, err := a.reg.Members(ctx, web.Actor(ctx))
	return listOf(rows, viewMember), err
}

func (a *API) removeUser(ctx context.Context, in *ByID) (*done, error) {
	return &done{}, a.reg.RemoveUser(ctx, web.Actor(ctx), in.ID)
}

// Hat is a role to be given.
type Hat struct {
	Role        string `json:"role" enum:"cdo,manager,hr,assurer,approver,union_officer,union_rep,scrutiny,auditor,admin" example:"manager"`
	ServiceArea string `json:"serviceArea,omitempty" maxLength:"60" doc:"Limits a manager to this area and those below"`
	Union       string `json:"union,omitempty" maxLength:"60" doc:"Needed for a union's roles"`
}

func (h Hat) register() register.Hat {
	return register.Hat{Role: models.Role(h.Role), ServiceAreaID: h.ServiceArea, UnionID: h.Union}
}

type grantInput struct {
	Body struct {
		Email string `json:"email" format:"email" maxLength:"254" example:"manager@tywi.example"`
		Hat
	}
}

func (a *API) grant(ctx context.Context, in *grantInput) (*done, error) {
	return &done{}, a.reg.GrantRole(ctx, web.Actor(ctx), in.Body.Email, in.Body.register())
}

// Membership is a role that somebody holds.
type Membership struct {
	ID        string      `json:"id"`
	User      string      `json:"user"`
	Role      string      `json:"role"`
	From      models.Date `json:"from,omitzero" format:"date"`
	To        models.Date `json:"to,omitzero" format:"date"`
	Suspended string      `json:"suspended,omitempty" format:"date-time"`
	Ended     string      `json:"ended,omitempty" format:"date-time"`
}

func viewMembership(m models.Membership) Membership {
	return Membership{m.ID, m.UserID, string(m.Role), m.From, m.To, since(m.SuspendedAt), since(m.EndedAt)}
}

type membershipInput struct {
	ByID
	IfMatchHeader
}

type membershipChange func(ctx context.Context, a models.Actor, id string, readAt int) (models.Membership, error)

func changeMembership(ctx context.Context, in *membershipInput, do membershipChange) (*reply[Membership], error) {
	v, err := in.version()
	if err != nil {
		return nil, err
	}
	m, err := do(ctx, web.Actor(ctx), in.ID, v)
	return versioned(viewMembership(m), m.Version), err
}

func (a *API) suspendMembership(ctx context.Context, in *membershipInput) (*reply[Membership], error) {
	return changeMembership(ctx, in, a.reg.SuspendMembership)
}

func (a *API) resumeMembership(ctx context.Context, in *membershipInput) (*reply[Membership], error) {
	return changeMembership(ctx, in, a.reg.ResumeMembership)
}

func (a *API) endMembership(ctx context.Context, in *membershipInput) (*reply[Membership], error) {
	return changeMembership(ctx, in, a.reg.EndMembership)
}

type delegateInput struct {
	ByID
	Body struct {
		Email string      `json:"email" format:"email" maxLength:"254" doc:"To whom: somebody of your side" example:"manager@tywi.example"`
		From  models.Date `json:"from" format:"date" example:"2026-12-01"`
		To    models.Date `json:"to" format:"date" example:"2026-12-31"`
	}
}

func (a *API) delegate(ctx context.Context, in *delegateInput) (*reply[Membership], error) {
	m, err := a.reg.Delegate(ctx, web.Actor(ctx), in.ID, in.Body.Email, in.Body.From, in.Body.To)
	return created(viewMembership(m), m.Version, "/users"), err
}

// Invitation asks somebody to come in.
type Invitation struct {
	ID           string      `json:"id,omitempty"`
	Email        string      `json:"email"`
	Name         string      `json:"name,omitempty"`
	Organisation models.Text `json:"organisation"`
	InvitedBy    string      `json:"invitedBy" doc:"Name"`
	Role         string      `json:"role"`
	Union        string      `json:"union,omitempty" doc:"Abbreviation"`
	Area         models.Text `json:"serviceArea,omitzero"`
	Sent         string      `json:"sent" format:"date-time"`
	Expires      string      `json:"expires" format:"date-time"`
	Status       string      `json:"status" enum:"open,accepted,revoked,lapsed"`
	Can          []string    `json:"can" nullable:"false"`
}

func viewInvitation(v register.InvitationView) Invitation {
	status := "open"
	switch {
	case v.AcceptedAt != nil:
		status = "accepted"
	case v.RevokedAt != nil:
		status = "revoked"
	case v.Stale:
		status = "lapsed"
	}
	return Invitation{
		ID: v.ID, Email: v.Email, Name: v.Name, Organisation: v.Organisation, InvitedBy: v.InvitedByName, Role: string(v.Role), Union: v.UnionAbbrev, Area: v.AreaName,
		Sent: instant(v.CreatedAt), Expires: instant(v.ExpiresAt), Status: status, Can: append([]string{}, v.Can...),
	}
}

func (a *API) invitations(ctx context.Context, _ *struct{}) (*reply[List[Invitation]], error) {
	rows, err := a.reg.Invitations(ctx, web.Actor(ctx))
	return listOf(rows, viewInvitation), err
}

type invitationInput struct {
	Body struct {
		Email    string `json:"email" format:"email" maxLength:"254" example:"manager@tywi.example"`
		Name     string `json:"name,omitempty" maxLength:"200" example:"Mari Rees"`
		Language string `json:"language,omitempty" enum:"en,cy" doc:"Of the mail"`
		Hat
	}
}

func (a *API) invite(ctx context.Context, in *invitationInput) (*reply[Invitation], error) {
	b := in.Body
	v, err := a.reg.Invite(ctx, web.Actor(ctx), register.NewInvitation{Email: b.Email, Name: b.Name, Language: models.Language(b.Language), Hat: b.register()})
	return created(viewInvitation(v), 0, "/invitations"), err
}

func (a *API) revokeInvitation(ctx context.Context, in *ByID) (*done, error) {
	return &done{}, a.reg.RevokeInvitation(ctx, web.Actor(ctx), in.ID)
}

func (a *API) lookAtInvitation(ctx context.Context, in *codeInput) (*reply[Invitation], error) {
	v, err := a.reg.Invitation(ctx, web.Actor(ctx).From, in.Body.Code)
	return &reply[Invitation]{Body: viewInvitation(v)}, err
}

type acceptInput struct {
	Body struct {
		Code     string `json:"code" minLength:"1" maxLength:"100" doc:"The code that was mailed"`
		Name     string `json:"name,omitempty" maxLength:"200" doc:"Needed for a new account" example:"Mari Rees"`
		Language string `json:"language,omitempty" enum:"en,cy"`
		Password string `json:"password,omitempty" maxLength:"1000" doc:"Needed for a new account" example:"a pocketful of slate"`
	}
}

// accept takes an invitation: with the account of whoever is signed in, or
// with a new one.
func (a *API) accept(ctx context.Context, in *acceptInput) (*reply[Me], error) {
	actor, b := web.Actor(ctx), in.Body
	if !actor.Anonymous() {
		who, err := a.reg.AcceptAs(ctx, actor, b.Code)
		if err != nil {
			return nil, err
		}
		if err := a.sessions.Move(ctx, who.OrgID); err != nil {
			return nil, err
		}
		after, err := a.reg.ActorOf(ctx, who.UserID, who.OrgID)
		return &reply[Me]{Body: viewMe(after)}, err
	}
	who, err := a.reg.Accept(ctx, actor.From, register.Acceptance{Code: b.Code, Name: b.Name, Language: models.Language(b.Language), Password: b.Password})
	if err != nil {
		return nil, err
	}
	return a.begin(ctx, who, actor.From)
}

// Permission says whether you may do something, and by which line.
type Permission policy.Decision

type permissionsInput struct {
	Deployment string `query:"deployment" maxLength:"40" doc:"On this deployment; on your organisation when left out" example:"DEP-2026-003"`
}

func (a *API) permissions(ctx context.Context, in *permissionsInput) (*reply[List[Permission]], error) {
	all, err := a.reg.Permissions(ctx, web.Actor(ctx), in.Deployment)
	return listOf(all, func(d policy.Decision) Permission { return Permission(d) }), err
}
