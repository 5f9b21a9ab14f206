package models

import (
	"sync"
	"time"
)

// Language is "en" or "cy".
type Language string

// The languages of the catalogues.
const (
	English Language = "en"
	Welsh   Language = "cy"
)

// Text is a text in English and Welsh.
type Text struct {
	En string `json:"en,omitempty" doc:"English"`
	Cy string `json:"cy,omitempty" doc:"Welsh"`
}

// In gives the text in a language, or the other one when that is all there is.
func (t Text) In(l Language) string {
	if l == Welsh && t.Cy != "" || t.En == "" {
		return t.Cy
	}
	return t.En
}

// Bilingual gives both languages, for the catalogues.
func (t Text) Bilingual() (en, cy string) { return t.En, t.Cy }

// Organisation is an employer: the tenant that owns a register.
type Organisation struct {
	ID     string `gorm:"primaryKey"`
	Slug   string
	NameEn string
	NameCy string
	// Nation chooses the bank holidays.
	Nation Nation
	// Zone is the IANA time zone in which its days begin and its cut-off hour is read.
	Zone string
	// Profile is the code of the policy profile in force.
	Profile string
	// Contact is the mailbox that notices come from and that people may write to.
	Contact string
	// HeaderColour is the colour of the pages' header, such as "#1d70b8"; "" is
	// the product's own.
	HeaderColour string `json:",omitempty"`
	Version      int
	CreatedAt    time.Time
}

// Name is the organisation's name in both languages.
func (o Organisation) Name() Text { return Text{o.NameEn, o.NameCy} }

// Location is the organisation's time zone; a zone this machine does not know is UTC.
func (o Organisation) Location() *time.Location {
	if loc, known := zones.Load(o.Zone); known {
		return loc.(*time.Location) //nolint:forcetypeassert // nothing else is put there
	}
	loc, err := time.LoadLocation(o.Zone)
	if err != nil {
		return time.UTC
	}
	zones.Store(o.Zone, loc)
	return loc
}

// zones are those that organisations have: to read one takes a file.
var zones sync.Map

// ClosureDay is a day on which the employer is closed: not a working day.
type ClosureDay struct {
	OrgID string `gorm:"primaryKey"`
	Day   Date   `gorm:"primaryKey"`
	Note  string
}

// ServiceArea is a part of the organisation, in a tree.
type ServiceArea struct {
	OrgID    string `gorm:"primaryKey"`
	ID       string `gorm:"primaryKey"`
	ParentID *string
	NameEn   string
	NameCy   string
	// Path holds the ids from the root to this area, each between slashes.
	Path    string
	Version int
}

// BargainingUnit is a group of posts that a union may be recognised for.
type BargainingUnit struct {
	OrgID   string `gorm:"primaryKey"`
	ID      string `gorm:"primaryKey"`
	Name    string
	Version int
}

// JobRole is a kind of post with its headcounts.
type JobRole struct {
	OrgID     string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"`
	Title     string
	JobFamily string
	PayGroup  string
	Grade     string
	// SOC2020 is the four-digit code of the UK Standard Occupational Classification 2020.
	SOC2020          string `gorm:"column:soc2020"`
	ServiceAreaID    string
	Site             string
	Headcount        int
	FTE              float64 `gorm:"column:fte"`
	AgencyCount      int
	BargainingUnitID *string
	Version          int
}

// Attachment is a file that somebody handed in, kept by its hash.
type Attachment struct {
	OrgID     string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"`
	Name      string
	MediaType string
	Size      int64
	SHA256    string `gorm:"column:sha256"`
	ByUserID  string
	// FromUnion says that somebody of a union handed it in: until it is cited,
	// nobody but them opens it.
	FromUnion bool
	CreatedAt time.Time
}
