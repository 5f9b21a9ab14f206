package models

import (
	"slices"
	"time"
)

// Statement is a joint statement: a text that every party to it signs, or is
// recorded as not agreed, with the texts of those who did not (domain section 6).
type Statement struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	No           string // JST-2026-001
	DeploymentID *string
	Title        string
	Text         string
	Language     Language
	SHA256       string `gorm:"column:sha256"`
	Status       string // proposed, agreed, not_agreed
	ProposedBy   string
	Version      int
	ByUserID     string
	At           time.Time
}

// Signature is a party's signature under a statement, or its own text in place
// of one. A party gives one, once.
type Signature struct {
	OrgID       string `gorm:"primaryKey"`
	StatementID string `gorm:"primaryKey"`
	Party       string `gorm:"primaryKey"`
	Signed      bool
	OwnText     string
	ByUserID    string
	At          time.Time
}

// TableName is statement_signatures.
func (Signature) TableName() string { return "statement_signatures" }

// StatementState is a statement with its parties and what they gave.
type StatementState struct {
	Statement
	Parties    []string
	Signatures []Signature
}

// Of is what a party gave.
func (s StatementState) Of(party string) (Signature, bool) {
	i := slices.IndexFunc(s.Signatures, func(x Signature) bool { return x.Party == party })
	if i < 0 {
		return Signature{}, false
	}
	return s.Signatures[i], true
}

// Settled is what the statement has become: agreed when every party signed, not
// agreed when one gave its own text, else still proposed.
func (s StatementState) Settled() string {
	for _, x := range s.Signatures {
		if !x.Signed {
			return "not_agreed"
		}
	}
	if len(s.Signatures) == len(s.Parties) {
		return "agreed"
	}
	return "proposed"
}

// Position is what a union says of a year's report: that it agrees, or why not.
// The newest of a union counts; the older ones stay.
type Position struct {
	OrgID     string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"`
	Year      int
	UnionID   string
	Agrees    bool
	Statement string
	// LogSize is how long the log was that it was said of.
	LogSize  int64
	Language Language
	ByUserID string
	At       time.Time
}
