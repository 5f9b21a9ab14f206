package models

import "time"

// Action is something that a party will have done by a day.
type Action struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	No           string // ACT-2026-001
	DeploymentID *string
	MeetingID    *string
	Text         string
	// Party is whose action it is; Owner is an office, not a person.
	Party    string
	Owner    string
	DueOn    Date
	DoneOn   Date
	DoneNote string
	// AskedBy is the party that asked for it, or scrutiny.
	AskedBy  string
	Version  int
	ByUserID string
	At       time.Time
}

// AskedByScrutiny marks the actions that councillors asked for.
const AskedByScrutiny = "scrutiny"

// Overdue says whether the action was to be done before a day and is not.
func (a Action) Overdue(on Date) bool { return a.DoneOn == 0 && on > a.DueOn }

// Barrier is something that stood in the way of partnership, in the words of
// the party that met it.
type Barrier struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	No           string // BAR-2026-001
	DeploymentID *string
	Party        string
	Text         string
	SettledOn    Date
	Settlement   string
	Version      int
	ByUserID     string
	At           time.Time
}
