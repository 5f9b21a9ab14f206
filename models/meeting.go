package models

import (
	"slices"
	"time"
)

// Meeting is one between the employer and unions: offered, held or cancelled,
// and by which side (domain section 6).
type Meeting struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	No           string // MTG-2026-001
	DeploymentID *string
	Title        string
	Kind         string
	Place        string
	StartsAt     time.Time
	// OfferedBy and CancelledBy are parties: employer, or the id of a union.
	OfferedBy    string
	Status       string // offered, held, cancelled
	CancelledBy  string
	CancelledWhy string
	CancelledAt  *time.Time
	// Replaces is the cancelled meeting that this one stands in for.
	Replaces *string
	Version  int
	ByUserID string
	At       time.Time
}

// MeetingKinds is the closed list.
var MeetingKinds = []string{"joint_committee", "consultation", "briefing", "other"}

// MeetingParty is one side at a meeting; People is how many of it came, nil
// until the meeting was held.
type MeetingParty struct {
	OrgID     string `gorm:"primaryKey"`
	MeetingID string `gorm:"primaryKey"`
	Party     string `gorm:"primaryKey"`
	People    *int
}

// TableName is meeting_parties.
func (MeetingParty) TableName() string { return "meeting_parties" }

// Minutes are one text of a meeting's minutes. A party that wants other words
// writes the next number; none is ever changed.
type Minutes struct {
	OrgID     string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"`
	MeetingID string
	Number    int
	Text      string
	SHA256    string `gorm:"column:sha256"`
	Party     string
	ByUserID  string
	At        time.Time
}

// TableName is meeting_minutes.
func (Minutes) TableName() string { return "meeting_minutes" }

// MinutesAgreement is a party's agreement to one text of the minutes.
type MinutesAgreement struct {
	OrgID     string `gorm:"primaryKey"`
	MinutesID string `gorm:"primaryKey"`
	Party     string `gorm:"primaryKey"`
	ByUserID  string
	At        time.Time
}

// TableName is minutes_agreements.
func (MinutesAgreement) TableName() string { return "minutes_agreements" }

// MeetingState is a meeting with its parties, its minutes in order and who has
// agreed to which.
type MeetingState struct {
	Meeting
	Parties    []MeetingParty
	Minutes    []Minutes
	Agreements []MinutesAgreement
	// ReplacedBy is the meeting that stands in for this one, if one does.
	ReplacedBy *Meeting
}

// PartyIDs are the parties to the meeting.
func (m MeetingState) PartyIDs() []string {
	out := make([]string, len(m.Parties))
	for i, p := range m.Parties {
		out[i] = p.Party
	}
	return out
}

// present are the parties whose agreement the minutes want: those that came.
func (m MeetingState) present() []string {
	var out []string
	for _, p := range m.Parties {
		if p.People != nil && *p.People > 0 {
			out = append(out, p.Party)
		}
	}
	return out
}

// AgreedBy are the parties that agreed to one text.
func (m MeetingState) AgreedBy(minutesID string) []string {
	var out []string
	for _, a := range m.Agreements {
		if a.MinutesID == minutesID {
			out = append(out, a.Party)
		}
	}
	return out
}

// Agreed is the text that every party present has agreed to: the employer and
// a union at least. From then on there is no other.
func (m MeetingState) Agreed() (Minutes, bool) {
	present := m.present()
	if len(present) == 0 {
		return Minutes{}, false
	}
	for _, text := range m.Minutes {
		by := m.AgreedBy(text.ID)
		if !slices.ContainsFunc(present, func(p string) bool { return !slices.Contains(by, p) }) {
			return text, true
		}
	}
	return Minutes{}, false
}

// Unreplaced says whether the employer cancelled the meeting and has offered
// none in its place, as seen at an instant.
func (m MeetingState) Unreplaced(until time.Time) bool {
	return m.Status == "cancelled" && m.CancelledBy == EmployerParty && !m.CancelledAt.After(until) && (m.ReplacedBy == nil || m.ReplacedBy.At.After(until))
}

// Pause is the stretch in which the clock of a deployment's unions stands still
// because the employer cancelled a meeting: from the day after it was to be, up
// to and including the day of the one in its place. It is asked for by a
// profile (pausesOnCancelled) and is nothing otherwise.
func (m MeetingState) Pause(zone *time.Location) (Pause, bool) {
	if m.Status != "cancelled" || m.CancelledBy != EmployerParty {
		return Pause{}, false
	}
	p := Pause{Meeting: m.No, Due: DateOf(m.StartsAt, zone)}
	if m.ReplacedBy != nil { // if that was cancelled too, by the employer, it is a pause of its own
		p.Answered = DateOf(m.ReplacedBy.StartsAt, zone)
	}
	return p, true
}
