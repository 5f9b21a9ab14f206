package models

import (
	"slices"
	"strings"
	"time"
)

// CommentKind is what a comment is.
type CommentKind string

// Formal says whether comments of this kind are filed formally and so reach
// scrutiny unedited.
func (k CommentKind) Formal() bool { return k == "formal_response" || k == "failure_to_agree" }

// Circle is who may read a comment; each holds those before it.
type Circle string

// The circles of domain section 6. The union room has its own records.
const (
	CircleParties  Circle = "parties"
	CircleScrutiny Circle = "scrutiny"
	CirclePublic   Circle = "public"
)

var circles = []Circle{CircleParties, CircleScrutiny, CirclePublic}

// WiderThan says whether a circle holds another and more.
func (c Circle) WiderThan(o Circle) bool { return slices.Index(circles, c) > slices.Index(circles, o) }

// The closed lists of domain section 6.
var (
	CommentKinds = []CommentKind{"question", "concern", "suggestion", "support", "formal_response", "failure_to_agree"}
	Verdicts     = []string{"accepted", "accepted_in_part", "rejected", "deferred", "already_covered", "out_of_scope"}
	Outcomes     = []string{"consensus", "compromise", "not_agreed", "no_response"}
)

// Comment is somebody's words, verbatim and append-only. Its words lie in a
// row of their own so that personal data can be redacted, visibly and with a
// reason, while the hash stays.
type Comment struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	DeploymentID string
	// Target is deployment, notice, impact or claim; TargetKey says which one.
	Target    string
	TargetKey string
	Kind      CommentKind
	Dimension Dimension
	// UnionID is the union it was made for; nil is the employer's side or a councillor.
	UnionID *string
	// Corrects is the comment that this one corrects.
	Corrects *string
	// Circle is who could read it when it was made; widenings are rows of their own.
	Circle   Circle
	Language Language
	SHA256   string `gorm:"column:sha256"`
	Late     bool
	ByUserID string
	At       time.Time
}

// CommentState is a comment with all that has happened to it.
type CommentState struct {
	Comment
	Body        string
	AuthorName  string
	UnionAbbrev string
	Reach       Circle
	Redacted    bool
	RedactedWhy string
	WithdrawnAt *time.Time
	CorrectedBy *string
	CorrectedAt *time.Time
	Disposition *Disposition
}

// Open says whether the employer still owes an answer at an instant.
func (c CommentState) Open(until time.Time) bool {
	if c.UnionID == nil || c.At.After(until) || c.CorrectedAt != nil && !c.CorrectedAt.After(until) {
		return false
	}
	if c.WithdrawnAt != nil && !c.WithdrawnAt.After(until) {
		return false
	}
	return c.Disposition == nil || c.Disposition.At.After(until)
}

// Disposition is the employer's reasoned answer to a comment; there is one.
type Disposition struct {
	OrgID     string `gorm:"primaryKey"`
	CommentID string `gorm:"primaryKey"`
	Verdict   string
	Reason    string
	// ChangedInVersion is the version of the record that changed because of it.
	ChangedInVersion *int
	ByUserID         string
	At               time.Time
}

// UnionOutcome is how consultation with one union ended. Both statements are kept.
type UnionOutcome struct {
	OrgID             string `gorm:"primaryKey"`
	ID                string `gorm:"primaryKey"`
	DeploymentID      string
	UnionID           string
	Outcome           string
	EmployerStatement string
	UnionStatement    string
	Reminders         int
	Version           int
	ByUserID          string
	At                time.Time
}

// Gainsaid says whether a union's own words speak against an outcome: no
// response of one that has spoken, consensus with one that has filed a failure to agree.
func (o UnionOutcome) Gainsaid(comments []CommentState, until time.Time) bool {
	return slices.ContainsFunc(comments, func(c CommentState) bool {
		if c.UnionID == nil || *c.UnionID != o.UnionID || c.At.After(until) || c.WithdrawnAt != nil && !c.WithdrawnAt.After(until) {
			return false
		}
		return o.Outcome == "no_response" || o.Outcome == "consensus" && c.Kind == "failure_to_agree"
	})
}

// Request is an information request of a union.
type Request struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	No           string // IR-2026-003
	DeploymentID string
	UnionID      string
	Question     string
	AskedBy      string
	AskedAt      time.Time
	// DueOn is worked out when it is asked and does not move.
	DueOn   Date
	Version int
}

// TableName is information_requests.
func (Request) TableName() string { return "information_requests" }

// RequestEvent is an answer, a refusal to answer on a ground with an expiry,
// or a challenge of that refusal.
type RequestEvent struct {
	OrgID     string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"`
	RequestID string
	Kind      string // answered, withheld, challenged
	Text      string
	Ground    string
	ExpiresOn Date
	ByUserID  string
	At        time.Time
}

// TableName is information_request_events.
func (RequestEvent) TableName() string { return "information_request_events" }

// RequestState is a request with its events, oldest first.
type RequestState struct {
	Request
	Events      []RequestEvent
	UnionAbbrev string
}

// AnsweredOn is the day the request was answered or withheld, or no date. An
// expired withholding is no answer any more from the day after its expiry.
func (r RequestState) AnsweredOn(at Date, zone *time.Location) Date {
	var on, until Date
	for _, e := range r.Events {
		day := DateOf(e.At, zone)
		if day > at {
			continue
		}
		switch e.Kind {
		case "answered":
			return day
		case "withheld":
			on, until = day, e.ExpiresOn
		case "challenged": // withheld no longer than the challenge may go unanswered
			if e.ExpiresOn != 0 {
				until = min(until, e.ExpiresOn)
			}
		}
	}
	if until < at {
		return 0
	}
	return on
}

// Overdue says whether the request is overdue on a day: still unanswered after its due day.
func (r RequestState) Overdue(at Date, zone *time.Location) bool {
	return r.AnsweredOn(at, zone) == 0 && at > r.DueOn
}

// IsTBC says whether a text says nothing: empty, or a stand-in for later.
func IsTBC(s string) bool {
	t := strings.ToLower(strings.Trim(strings.TrimSpace(s), ".…!-–—?[](){}<> \u00a0"))
	t = strings.ReplaceAll(strings.ReplaceAll(t, ".", ""), "/", "")
	switch t {
	case "", "tbc", "tbd", "tba", "to be confirmed", "to be decided", "to be determined", "to be agreed", "to follow",
		"todo", "to do", "xxx", "na", "pending", "i'w gadarnhau", "i’w gadarnhau", "iw gadarnhau", "i'w benderfynu", "i'w gytuno", "ig":
		return true
	}
	return false
}
