package models

import "time"

// Flag is what a member of the public says is in use and may not be in the
// register. Nobody's name is asked for; whoever has the link reads the answer.
type Flag struct {
	OrgID string `gorm:"primaryKey"`
	ID    string `gorm:"primaryKey"`
	No    string // FLG-2026-001
	// Hash is of the code in the follow-up link.
	Hash         string
	System       string
	Text         string
	Language     Language
	Status       string // open, idea, known, closed
	Answer       string
	DeploymentID *string
	AnsweredAt   *time.Time
	Version      int
	At           time.Time
}

// FlagStatuses is the closed list of what became of a flag.
var FlagStatuses = []string{"open", "idea", "known", "closed"}
