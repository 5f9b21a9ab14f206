package models

import (
	"slices"
	"time"
)

// Role is a hat somebody wears in one organisation.
type Role string

// The roles, as domain section 1 lists them.
const (
	RoleCDO          Role = "cdo"
	RoleManager      Role = "manager"
	RoleHR           Role = "hr"
	RoleAssurer      Role = "assurer"
	RoleApprover     Role = "approver"
	RoleUnionOfficer Role = "union_officer"
	RoleUnionRep     Role = "union_rep"
	RoleScrutiny     Role = "scrutiny"
	RoleAuditor      Role = "auditor"
	RoleAdmin        Role = "admin"
	// RoleService is another system's: what its tokens may do at most.
	RoleService Role = "service"
	// RolePerson is anybody who has signed in, whatever else they hold: their
	// own account is theirs.
	RolePerson Role = "person"
	RolePublic Role = "public"
)

// Roles are all that a person can be given; the public and somebody who has
// signed in need none, and service is what a service account is.
var Roles = []Role{
	RoleCDO, RoleManager, RoleHR, RoleAssurer, RoleApprover,
	RoleUnionOfficer, RoleUnionRep, RoleScrutiny, RoleAuditor, RoleAdmin,
}

// ForUnion says whether the role is held for one union.
func (r Role) ForUnion() bool { return r == RoleUnionOfficer || r == RoleUnionRep }

// User is somebody with an account: a person, or another system.
type User struct {
	ID           string   `gorm:"primaryKey"`
	Kind         UserKind `gorm:"default:person"`
	Email        string
	Name         string
	Language     Language
	PasswordHash string
	// EmailVerifiedAt is when the person showed that the address reaches them.
	EmailVerifiedAt *time.Time
	DisabledAt      *time.Time
	// RemovedAt is when the account was removed: only what was written is left.
	RemovedAt *time.Time
	Version   int
	CreatedAt time.Time
}

// UserKind says whether an account is a person's or another system's.
type UserKind string

// The kinds of account.
const (
	Person         UserKind = "person"
	ServiceAccount UserKind = "service"
)

// Membership is a role of a user in an organisation, for all of it, for one
// service area and those below it, or for one union. It may be lent for some
// days, suspended and ended; the row stays.
type Membership struct {
	OrgID         string `gorm:"primaryKey"`
	ID            string `gorm:"primaryKey"`
	UserID        string
	Role          Role
	ServiceAreaID *string
	UnionID       *string
	// From and To are the first and last day of a role that is lent, in the
	// employer's zone.
	From Date `gorm:"column:from_date"`
	To   Date `gorm:"column:to_date"`
	// DelegatedBy is who lends the role. It is worn only while they hold it.
	DelegatedBy *string
	// Source is the identity provider whose claims gave the role; "" is a person.
	Source      string
	SuspendedAt *time.Time
	EndedAt     *time.Time
	EndedBy     *string
	Version     int
	CreatedAt   time.Time
}

// Delegated says whether the role is lent.
func (m Membership) Delegated() bool { return m.DelegatedBy != nil }

// Worn says whether the role counts on a day: it has not ended, is not
// suspended, and its days, when it has any, are running.
func (m Membership) Worn(on Date) bool {
	return m.EndedAt == nil && m.SuspendedAt == nil && (m.From == 0 || m.From <= on) && (m.To == 0 || on <= m.To)
}

// Grant is a membership as a decision needs it.
type Grant struct {
	Role Role
	// AreaPath limits the role to this service area and those below; "" is no limit.
	AreaPath string
	// UnionID is the union a union role is held for.
	UnionID string
	// For is in whose stead the role is held; "" is one's own.
	For string
}

// Actor is who asks. The zero Actor is the public.
type Actor struct {
	UserID string
	OrgID  string
	Name   string
	Email  string
	Grants []Grant
	// Withheld are roles that are not worn before a second factor is given.
	Withheld []Role
	// Scopes are the acts a token may do; nil is whatever the roles may do.
	Scopes []string
	// TokenID is the token that asks; "" is a person.
	TokenID string
	// AreaPath limits a token to the records of this service area and those below.
	AreaPath string
	// SessionID is the sign-in that asks.
	SessionID string
	// OneFactor says that the sign-in took one factor only.
	OneFactor bool
	// ByProvider says that the sign-in came by an identity provider, which is
	// one organisation's.
	ByProvider bool
	// Lapsed says that who asks has not proved who they are of late: acts that
	// bind a party want that first. A token can never prove it.
	Lapsed bool
	// From is where the request came from.
	From Origin
}

// Origin is where a request came from, as far as it can be told.
type Origin struct {
	Address string
	Agent   string
}

// Anonymous says whether nobody has signed in.
func (a Actor) Anonymous() bool { return a.UserID == "" }

// Has says whether the actor holds a role anywhere in the organisation.
func (a Actor) Has(role Role) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == role })
}

// Unions lists the unions the actor speaks for.
func (a Actor) Unions() []string {
	var ids []string
	for _, g := range a.Grants {
		if g.Role.ForUnion() && !slices.Contains(ids, g.UnionID) {
			ids = append(ids, g.UnionID)
		}
	}
	return ids
}

// EmployerSide says whether the actor holds a role of the employer's own.
func (a Actor) EmployerSide() bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role.OfEmployer() })
}

// OfEmployer says whether the role is one of the employer's own, by which it
// is a party.
func (r Role) OfEmployer() bool {
	switch r {
	case RoleCDO, RoleManager, RoleHR, RoleAssurer, RoleApprover:
		return true
	default:
		return false
	}
}

// Invitation asks somebody to come in with one role. It is accepted once, with
// the code that was mailed; only its hash is kept.
type Invitation struct {
	OrgID         string `gorm:"primaryKey"`
	ID            string `gorm:"primaryKey"`
	Hash          *string
	Email         string
	Name          string
	Language      Language
	Role          Role
	ServiceAreaID *string
	UnionID       *string
	InvitedBy     string
	CreatedAt     time.Time
	ExpiresAt     time.Time
	AcceptedAt    *time.Time
	AcceptedBy    *string
	RevokedAt     *time.Time
}

// InvitationDays is how long an invitation may be accepted.
const InvitationDays = 7

// Open says whether an invitation can still be accepted.
func (i Invitation) Open(at time.Time) bool {
	return i.AcceptedAt == nil && i.RevokedAt == nil && at.Before(i.ExpiresAt)
}

// AccessSettings are what an organisation asks of its people's accounts, and
// how long what is written about them is kept.
type AccessSettings struct {
	OrgID string `gorm:"primaryKey"`
	// SecondFactorRoles are not worn before a second factor is given.
	SecondFactorRoles []Role `gorm:"serializer:json"`
	// SecurityLogDays is how long an event of the security log is kept.
	SecurityLogDays int
	// InvitationDays is how long an invitation is kept once it is spent.
	InvitationDays int
	Version        int
}

// DefaultAccessSettings hold until an administrator sets others: 400 days are
// a year and a month, so that a yearly audit finds the whole year.
func DefaultAccessSettings(org string) AccessSettings {
	return AccessSettings{OrgID: org, SecondFactorRoles: []Role{}, SecurityLogDays: 400, InvitationDays: 90}
}
