package models

import "time"

// Union is a trade union that the employer deals with.
type Union struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	Name         string
	Abbreviation string
	Version      int
}

// Branch is the part of a union that a notice is served on.
type Branch struct {
	OrgID   string `gorm:"primaryKey"`
	ID      string `gorm:"primaryKey"`
	UnionID string
	Name    string
}

// Officer is a person who acts for a branch: an officer or a deputy.
type Officer struct {
	OrgID    string `gorm:"primaryKey"`
	ID       string `gorm:"primaryKey"`
	BranchID string
	UserID   string
	Post     string // officer or deputy
	From     Date   `gorm:"column:from_date"`
	To       Date   `gorm:"column:to_date"`
}

// TableName is branch_officers: officers alone would be anybody's.
func (Officer) TableName() string { return "branch_officers" }

// AllSubjects recognises a union for everything.
const AllSubjects = "all"

// Recognition is an agreement: a union, a bargaining unit, the subjects, from
// and to, with the agreement's own minimum periods.
type Recognition struct {
	OrgID            string `gorm:"primaryKey"`
	ID               string `gorm:"primaryKey"`
	UnionID          string
	BranchID         string
	BargainingUnitID string
	Subjects         []string `gorm:"serializer:json"`
	From             Date     `gorm:"column:from_date"`
	// To is the last day in force; no date is open-ended.
	To Date `gorm:"column:to_date"`
	// Contested records that another union disputes the jurisdiction: notice
	// still goes to this union, marked without prejudice.
	Contested     bool
	ContestedNote string
	// ElectronicFrom is the day from which service by e-mail is agreed; no date is not agreed.
	ElectronicFrom Date
	// Periods are the agreement's own minimum periods.
	Periods []Period `gorm:"serializer:json"`
	Version int
}

// InForce says whether the agreement holds on a day.
func (r Recognition) InForce(on Date) bool {
	return r.From <= on && (r.To == 0 || on <= r.To)
}

// Channel is a way a notice reaches an address.
type Channel string

// The channels of this version; the database holds no other.
const (
	ByEmail Channel = "email"
	ByHand  Channel = "hand"
	ByPost  Channel = "post"
)

// ServiceAddress is where a branch has agreed to be served.
type ServiceAddress struct {
	OrgID    string `gorm:"primaryKey"`
	ID       string `gorm:"primaryKey"`
	BranchID string
	Channel  Channel
	Address  string
	// Languages are what a notice to this address must be written in.
	Languages []Language `gorm:"serializer:json"`
	From      Date       `gorm:"column:from_date"`
	To        Date       `gorm:"column:to_date"`
	CreatedAt time.Time
	// ConfirmedAt is when the union itself said that the address is its own.
	ConfirmedAt *time.Time
	ConfirmedBy *string
}

// InForce says whether the address is in use on a day.
func (a ServiceAddress) InForce(on Date) bool { return a.From <= on && (a.To == 0 || on <= a.To) }
