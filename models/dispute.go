package models

import (
	"slices"
	"time"
)

// Dispute is a disagreement taken through the stages of the profile, which are
// frozen into it when it is opened (domain section 6).
type Dispute struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	No           string // DSP-2026-001
	DeploymentID string
	UnionID      string
	// OpenedBy is the side: union or employer.
	OpenedBy string
	Subject  string
	Remedy   string
	Stages   []DisputeStage `gorm:"serializer:json"`
	// Stage is the index of the present stage, and DueOn its last day.
	Stage int
	DueOn Date
	// HoldID is the status quo that lies over the deployment, if one does.
	HoldID   *string
	ClosedOn Date
	Outcome  string
	Version  int
	ByUserID string
	At       time.Time
}

// DisputeOutcomes are the ways in which a dispute ends.
var DisputeOutcomes = []string{"settled", "withdrawn", "decided_outside", "not_settled"}

// DisputeEvent is something that happened to a dispute; it stays for good.
type DisputeEvent struct {
	OrgID     string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"`
	DisputeID string
	Kind      string // opened, advanced, lift_asked, extension_asked, lifted, extended, settled
	Side      string
	Stage     int
	DueOn     Date
	Text      string
	ByUserID  string
	At        time.Time
}

// DisputeState is a dispute with what happened to it, oldest first.
type DisputeState struct {
	Dispute
	Events      []DisputeEvent
	UnionAbbrev string
	Hold        *Hold
}

// Open says whether the dispute runs.
func (d Dispute) Open() bool { return d.ClosedOn == 0 }

// Now is the present stage.
func (d Dispute) Now() DisputeStage {
	if d.Stage < 0 || d.Stage >= len(d.Stages) {
		return DisputeStage{}
	}
	return d.Stages[d.Stage]
}

// Overdue says whether the present stage has run past its last day.
func (d Dispute) Overdue(on Date) bool { return d.Open() && on > d.DueOn }

// MayOpen says whether a side may open a dispute at the first stage.
func MayOpen(stages []DisputeStage, side string) bool {
	return len(stages) > 0 && slices.Contains(stages[0].MayOpen, side)
}

// Asked is the newest request to lift or to extend that the other side has not
// answered: nothing that happened to the hold came after it.
func (d DisputeState) Asked(kind string) (DisputeEvent, bool) {
	for _, e := range slices.Backward(d.Events) {
		switch e.Kind {
		case kind:
			return e, true
		case "lifted", "extended", "advanced", "settled":
			return DisputeEvent{}, false
		}
	}
	return DisputeEvent{}, false
}

// HoldBound is the last day that a hold may lie on: so many calendar days from
// its first, as the profile says. Both sides may agree to go on from there, by
// as much again each time.
func HoldBound(from Date, p Profile) Date { return from.AddDays(p.HoldDays) }
