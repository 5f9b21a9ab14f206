package models

import "time"

// Engagement is something that was done to hear staff: a focus group, a survey
// (domain section 6).
type Engagement struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	No           string // ENG-2026-001
	DeploymentID *string
	Kind         string
	Title        string
	HeldOn       Date
	Summary      string
	ByUserID     string
	At           time.Time
}

// EngagementKinds is the closed list.
var EngagementKinds = []string{"focus_group", "survey", "workshop", "demonstration", "other"}

// EngagementGroup is how many of a job family and grade there are, were
// invited and came.
type EngagementGroup struct {
	OrgID        string `gorm:"primaryKey"`
	EngagementID string `gorm:"primaryKey"`
	JobFamily    string `gorm:"primaryKey"`
	Grade        string `gorm:"primaryKey"`
	Staff        int
	Invited      int
	Attended     int
}

// Theme is what was said, perhaps linked to a comment that a union made of it.
type Theme struct {
	OrgID        string `gorm:"primaryKey"`
	EngagementID string `gorm:"primaryKey"`
	Number       int    `gorm:"primaryKey"`
	Dimension    Dimension
	Text         string
	CommentID    *string
}

// TableName is engagement_themes.
func (Theme) TableName() string { return "engagement_themes" }

// EngagementState is an engagement with its groups and themes.
type EngagementState struct {
	Engagement
	Groups []EngagementGroup
	Themes []Theme
}

// underrepresented is the share of its due below which a group counts as
// under-represented: four fifths, as for selection ratios (EEOC Uniform
// Guidelines 1978, 29 CFR 1607.4 D, used here as a plain rule of thumb).
const underrepresented = 0.8

// UnderRepresented says whether a group came in less than four fifths of its
// share of the staff. Without staff, or when nobody came, it is false.
func (e EngagementState) UnderRepresented(g EngagementGroup) bool {
	var staff, attended int
	for _, x := range e.Groups {
		staff += x.Staff
		attended += x.Attended
	}
	if staff == 0 || attended == 0 || g.Staff == 0 {
		return false
	}
	due := float64(attended) * float64(g.Staff) / float64(staff)
	return float64(g.Attended) < underrepresented*due
}

// Totals are the staff, the invited and those who came, over all groups.
func (e EngagementState) Totals() (staff, invited, attended int) {
	for _, g := range e.Groups {
		staff, invited, attended = staff+g.Staff, invited+g.Invited, attended+g.Attended
	}
	return staff, invited, attended
}
