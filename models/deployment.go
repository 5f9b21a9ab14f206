package models

import "time"

// Deployment is one use of AI in the register: its state, and the facts
// computed from its [Record].
type Deployment struct {
	OrgID string `gorm:"primaryKey"`
	ID    string `gorm:"primaryKey"`
	// Ref is DEP-2026-007, kept for life.
	Ref   string
	Stage Stage
	// Audience is the widest circle that may read it.
	Audience Audience
	Class    ChangeClass
	// RaisedTo is a class set by hand, never below the computed one.
	RaisedTo     ChangeClass
	RaisedReason string
	Late         bool
	LateReason   string
	LateOn       Date
	// Record columns lifted for filters, sorting and search.
	NameEn        string
	NameCy        string
	ServiceAreaID string
	UseFamily     UseFamily
	AIClass       AIClass `gorm:"column:ai_class"`
	RiskLevel     RiskLevel
	ReviewDue     Date
	GoLivePlanned Date
	// Source and SourceKey name the row of an import that made it.
	Source    *string
	SourceKey *string
	// RecordJSON is the current record, as canonical JSON.
	RecordJSON string `gorm:"column:record"`
	Version    int
	CreatedBy  string
	CreatedAt  time.Time
	UpdatedAt  time.Time `gorm:"autoUpdateTime:false"` // set by the use case, never by the ORM
}

// EffectiveClass is the computed class, or the higher one set by hand.
func (d Deployment) EffectiveClass() ChangeClass { return Raise(d.Class, d.RaisedTo) }

// Version is one save of a deployment's record, kept for good.
type Version struct {
	OrgID        string `gorm:"primaryKey"`
	DeploymentID string `gorm:"primaryKey"`
	Number       int    `gorm:"primaryKey"`
	RecordJSON   string `gorm:"column:record"`
	SHA256       string `gorm:"column:sha256"`
	Class        ChangeClass
	Stage        Stage
	Late         bool
	ByUserID     string
	At           time.Time
	Note         string
}

// TableName is deployment_versions.
func (Version) TableName() string { return "deployment_versions" }

// Audience is a circle of readers; each holds those before it.
type Audience string

// The circles, from the inside out.
const (
	AudienceEmployer Audience = "employer"
	AudienceParties  Audience = "parties"
	AudiencePublic   Audience = "public"
)

// AudienceAt says who may read a deployment at a stage: an idea is the
// employer's own; the parties read it from the formative stage; from the
// notice on, and whenever it was found in use, so does everybody.
func AudienceAt(s Stage, late bool, noticed bool) Audience {
	switch {
	case late || noticed:
		return AudiencePublic
	case s == StageIdea || s == StageWithdrawn:
		return AudienceEmployer
	case s == StageFormative:
		return AudienceParties
	default:
		return AudiencePublic
	}
}

// Widest is the wider of two circles: what people could once read they may
// still read.
func Widest(a, b Audience) Audience {
	rank := func(x Audience) int {
		return map[Audience]int{AudienceEmployer: 1, AudienceParties: 2, AudiencePublic: 3}[x]
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// StageMove is one step of a deployment through its stages.
type StageMove struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	DeploymentID string
	FromStage    Stage
	ToStage      Stage
	Reason       string
	Version      int
	OverrideID   *string
	ByUserID     string
	At           time.Time
}

// Override lets a deployment into a stage whose gate is shut: two named
// people, a ground, an expiry. It stays on the public page.
type Override struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	DeploymentID string
	ToStage      Stage
	Ground       string
	ExpiresOn    Date
	FirstBy      string
	FirstAt      time.Time
	// RequestedFor is in whose stead the first signed, when in somebody's.
	RequestedFor *string
	SecondBy     *string
	SecondAt     *time.Time
	Version      int
}

// InForce says whether both have signed and it has not expired on a day.
func (o Override) InForce(to Stage, on Date, zone *time.Location) bool {
	return o.ToStage == to && o.SecondAt != nil && DateOf(*o.SecondAt, zone) <= on && on <= o.ExpiresOn
}

// Hold is a status quo that lies over any stage and blocks the next.
type Hold struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	DeploymentID string
	UnionID      *string
	Ground       string
	From         Date `gorm:"column:from_date"`
	Until        Date `gorm:"column:until_date"`
	LiftedOn     Date
	LiftedReason string
	ByUserID     string
	Version      int
	CreatedAt    time.Time
}

// InForce says whether the hold lies on a day.
func (h Hold) InForce(on Date) bool {
	return h.From <= on && on <= h.Until && (h.LiftedOn == 0 || on < h.LiftedOn)
}

// Score is one party's judgement of one impact dimension. Scorecards of the
// employer and of each union stand side by side and are never averaged.
type Score struct {
	OrgID         string    `gorm:"primaryKey" json:"-"`
	DeploymentID  string    `gorm:"primaryKey" json:"-"`
	Party         string    `gorm:"primaryKey" json:"-"` // employer, or a union's id
	Dimension     Dimension `gorm:"primaryKey" json:"dimension" enum:"JOBS,GRADE,SKILL,LOAD,TIME,WATCH,AUTON,LIAB,SAFE,EQUAL,LANG,CARE,VOICE,GAIN"`
	Direction     int       `json:"direction" minimum:"-2" maximum:"2"`
	Likelihood    int       `json:"likelihood" minimum:"1" maximum:"4"`
	Reach         int       `json:"reach" minimum:"0" doc:"Headcount"`
	Reversibility int       `json:"reversibility" minimum:"1" maximum:"4"`
	Duration      int       `json:"duration" minimum:"1" maximum:"4"`
	Confidence    string    `json:"confidence" enum:"low,medium,high"`
	Evidence      string    `json:"evidence,omitempty" maxLength:"2000"`
	Mitigation    string    `json:"mitigation,omitempty" maxLength:"2000"`
	Version       int       `json:"-"`
	ByUserID      string    `json:"-"`
	At            time.Time `json:"-"`
}

// TableName is scorecards.
func (Score) TableName() string { return "scorecards" }

// Dimension is an impact dimension of domain section 8.
type Dimension string

// Dimensions in the order in which they are shown.
var Dimensions = []Dimension{
	"JOBS", "GRADE", "SKILL", "LOAD", "TIME", "WATCH", "AUTON", "LIAB", "SAFE", "EQUAL", "LANG", "CARE", "VOICE", "GAIN",
}
