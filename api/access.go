package api

import (
	"context"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/internal/web"
	"beforehand/models"
)

// AccessSettings are what is asked of people's accounts, and how long what is
// written about them is kept.
type AccessSettings struct {
	SecondFactorRoles []string `json:"secondFactorRoles" nullable:"false" maxItems:"10" doc:"Roles that are not worn before a second factor is given" example:"[\"admin\"]"`
	SecurityLogDays   int      `json:"securityLogDays" minimum:"30" maximum:"3650" example:"400"`
	InvitationDays    int      `json:"invitationDays" minimum:"7" maximum:"3650" example:"90"`
}

func viewAccess(s models.AccessSettings) AccessSettings {
	return AccessSettings{strs(s.SecondFactorRoles), s.SecurityLogDays, s.InvitationDays}
}

// accessReply has an ETag even before the first save, when the version is 0.
func accessReply(s models.AccessSettings) *reply[AccessSettings] {
	return &reply[AccessSettings]{ETag: etag(s.Version + 1), Body: viewAccess(s)}
}

func (a *API) accessSettings(ctx context.Context, _ *struct{}) (*reply[AccessSettings], error) {
	s, err := a.reg.AccessSettings(ctx, web.Actor(ctx))
	return accessReply(s), err
}

type accessInput struct {
	IfMatchHeader
	Body AccessSettings
}

func (a *API) configureAccess(ctx context.Context, in *accessInput) (*reply[AccessSettings], error) {
	v, err := in.version()
	if err != nil {
		return nil, err
	}
	set := models.AccessSettings{SecurityLogDays: in.Body.SecurityLogDays, InvitationDays: in.Body.InvitationDays}
	for _, r := range in.Body.SecondFactorRoles {
		set.SecondFactorRoles = append(set.SecondFactorRoles, models.Role(r))
	}
	s, err := a.reg.ConfigureAccess(ctx, web.Actor(ctx), v-1, set)
	return accessReply(s), err
}

// Retention is what the next run of the retention would remove.
type Retention struct {
	SecurityEvents Expiring `json:"securityEvents"`
	Invitations    Expiring `json:"invitations"`
}

// Expiring is how much of something is past its time.
type Expiring struct {
	Before string `json:"before" format:"date-time" doc:"Older than this is removed"`
	Count  int    `json:"count"`
	Oldest string `json:"oldest,omitempty" format:"date-time"`
}

func (a *API) retention(ctx context.Context, _ *struct{}) (*reply[Retention], error) {
	p, err := a.reg.RetentionPreview(ctx, web.Actor(ctx))
	expiring := func(before time.Time, r store.Retained) Expiring {
		return Expiring{instant(before), r.Count, since(r.Oldest)}
	}
	return &reply[Retention]{Body: Retention{expiring(p.EventsBefore, p.Events), expiring(p.InvitationsBefore, p.Invitations)}}, err
}

// SecurityEvent is one line of the security log.
type SecurityEvent struct {
	ID      string         `json:"id"`
	At      string         `json:"at" format:"date-time"`
	Kind    string         `json:"kind" example:"session.begin"`
	User    string         `json:"user,omitempty" doc:"Id of whom it is about"`
	Name    string         `json:"name,omitempty"`
	Actor   string         `json:"actor,omitempty" doc:"Id of who did it"`
	Address string         `json:"address,omitempty" doc:"Left out for another party's people"`
	Agent   string         `json:"agent,omitempty"`
	Detail  map[string]any `json:"detail,omitempty"`
}

func viewEvent(e register.SecurityView) SecurityEvent {
	v := SecurityEvent{ID: e.ID, At: instant(e.At), Kind: string(e.Kind), Name: e.Name, Address: e.Address, Agent: e.Agent, Detail: e.Detail}
	if e.UserID != nil {
		v.User = *e.UserID
	}
	if e.ActorID != nil {
		v.Actor = *e.ActorID
	}
	return v
}

type eventsInput struct {
	Paging
	Kind string `query:"kind" maxLength:"60" doc:"Of one kind" example:"session.refused"`
	User string `query:"user" maxLength:"60" doc:"About one person"`
}

func (a *API) securityEvents(ctx context.Context, in *eventsInput) (*reply[List[SecurityEvent]], error) {
	rows, next, err := a.reg.SecurityEvents(ctx, web.Actor(ctx), register.SecurityQuery{Kind: models.SecurityKind(in.Kind), User: in.User}, in.page(false))
	l := pageOf(rows, viewEvent)
	l.Body.Next = nextPage(ctx, "/security-events", next)
	return l, err
}
