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
	RolePublic       Role = "public"
)

// Roles are all that an account can be given; public needs none.
var Roles = []Role{
	RoleCDO, RoleManager, RoleHR, RoleAssurer, RoleApprover,
	RoleUnionOfficer, RoleUnionRep, RoleScrutiny, RoleAuditor, RoleAdmin,
}

// ForUnion says whether the role is held for one union.
func (r Role) ForUnion() bool { return r == RoleUnionOfficer || r == RoleUnionRep }

// User is a person with an account.
type User struct {
	ID           string `gorm:"primaryKey"`
	Email        string
	Name         string
	Language     Language
	PasswordHash string
	DisabledAt   *time.Time
	Version      int
	CreatedAt    time.Time
}

// Membership is a role of a user in an organisation, for all of it, for one
// service area and those below it, or for one union.
type Membership struct {
	OrgID         string `gorm:"primaryKey"`
	ID            string `gorm:"primaryKey"`
	UserID        string
	Role          Role
	ServiceAreaID *string
	UnionID       *string
	CreatedAt     time.Time
}

// Grant is a membership as a decision needs it.
type Grant struct {
	Role Role
	// AreaPath limits the role to this service area and those below; "" is no limit.
	AreaPath string
	// UnionID is the union a union role is held for.
	UnionID string
}

// Actor is who asks. The zero Actor is the public.
type Actor struct {
	UserID string
	OrgID  string
	Name   string
	Email  string
	Grants []Grant
	// Scopes are the acts a token may do; nil is whatever the roles may do.
	Scopes []string
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
	return slices.ContainsFunc(a.Grants, func(g Grant) bool {
		switch g.Role {
		case RoleCDO, RoleManager, RoleHR, RoleAssurer, RoleApprover:
			return true
		default:
			return false
		}
	})
}

// Session is a sign-in, kept on the server under the hash of its token.
type Session struct {
	TokenHash string `gorm:"primaryKey"`
	Data      []byte
	ExpiresAt time.Time
}

// Token is a bearer token, kept as a hash; the token itself is shown once.
type Token struct {
	ID         string `gorm:"primaryKey"`
	OrgID      string
	UserID     string
	Name       string
	Hash       string
	Scopes     []string `gorm:"serializer:json"`
	ExpiresAt  time.Time
	LastUsedAt *time.Time
	RevokedAt  *time.Time
	CreatedAt  time.Time
}
