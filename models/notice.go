package models

import (
	"slices"
	"time"
)

// NoticeKind is why a notice is served.
type NoticeKind string

// The kinds of domain section 5.
const (
	NoticeFormative     NoticeKind = "formative"
	NoticeChange        NoticeKind = "change"
	NoticeRollout       NoticeKind = "rollout"
	NoticeSupplementary NoticeKind = "supplementary"
	NoticeLate          NoticeKind = "late"
	NoticeEmergency     NoticeKind = "emergency"
	NoticeWithdrawal    NoticeKind = "withdrawal"
	NoticeReview        NoticeKind = "review"
)

// NoticeKinds are all of them.
var NoticeKinds = []NoticeKind{
	NoticeFormative, NoticeChange, NoticeRollout, NoticeSupplementary,
	NoticeLate, NoticeEmergency, NoticeWithdrawal, NoticeReview,
}

// Starts says whether a notice of this kind starts the clock of a trigger.
// An emergency notice tells of an override; it starts none.
func (k NoticeKind) Starts(t Trigger) bool {
	switch t {
	case BeforeDecision:
		return k == NoticeFormative || k == NoticeChange || k == NoticeLate
	case BeforePilot:
		return k == NoticeChange || k == NoticeLate
	case BeforeRollout:
		return k == NoticeRollout
	default:
		return false
	}
}

// Draft is a notice that has not been served: what a person adds to the record.
type Draft struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	DeploymentID string
	Kind         NoticeKind
	// Supersedes is the id of the notice that a supplementary one corrects.
	Supersedes *string
	// Worse says, item by item, that a correction is for the worse: 5, 6, 8, 10 or 12 restart the clock.
	Worse      []int      `gorm:"serializer:json"`
	Languages  []Language `gorm:"serializer:json"`
	Meetings   []Date     `gorm:"serializer:json"`
	HowToAsk   Text       `gorm:"serializer:json"`
	Dispute    Text       `gorm:"serializer:json"`
	StatusQuo  bool
	Correction Text `gorm:"serializer:json"`
	// NotWorse is why the changes of a correction are not for the worse. Left
	// empty, a change to items 5, 6, 8, 10 or 12 restarts the clock.
	NotWorse    string
	Version     int
	CreatedBy   string
	CreatedAt   time.Time
	NoticeID    *string // set when served
	DiscardedAt *time.Time
}

// TableName is notice_drafts.
func (Draft) TableName() string { return "notice_drafts" }

// Notice is a served notice: frozen, numbered, hashed. The database refuses to
// change or remove it.
type Notice struct {
	OrgID        string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	No           string // N-2026-014
	Year         int
	Number       int
	DeploymentID string
	Kind         NoticeKind
	SupersedesID *string
	// Restarts says that a supplementary notice changed items for the worse.
	Restarts bool
	// DeploymentVersion is the version of the record it was drawn from.
	DeploymentVersion int
	Class             ChangeClass
	// Content is the canonical JSON (RFC 8785) of a [NoticeContent].
	Content  string
	SHA256   string `gorm:"column:sha256"`
	ServedBy string
	ServedAt time.Time
}

// NoticeContent is what a notice says, in the form that is hashed.
type NoticeContent struct {
	V            int           `json:"v"`
	No           string        `json:"no"`
	Kind         NoticeKind    `json:"kind"`
	Ref          string        `json:"ref"`
	Name         Text          `json:"name"`
	Version      int           `json:"deploymentVersion"`
	Class        ChangeClass   `json:"class"`
	Late         bool          `json:"late,omitempty"`
	Organisation Text          `json:"organisation"`
	ServedAt     time.Time     `json:"servedAt"`
	Supersedes   string        `json:"supersedes,omitempty"`
	Restarts     bool          `json:"restarts,omitempty"`
	Correction   Text          `json:"correction,omitzero"`
	Changed      []int         `json:"changedItems,omitempty"`
	NotWorse     string        `json:"notWorse,omitempty"`
	Languages    []Language    `json:"languages"`
	Items        []NoticeItem  `json:"items"`
	Parties      []NoticeParty `json:"parties"`
	Told         []string      `json:"toldDirectly,omitempty"`
	Rules        NoticeRules   `json:"rules"`
}

// NoticeItem is one numbered item, in the languages of the notice.
type NoticeItem struct {
	No    int  `json:"no"`
	Title Text `json:"title"`
	Text  Text `json:"text"`
}

// NoticeParty is a union that the notice is served on, and why.
type NoticeParty struct {
	UnionID          string   `json:"unionId"`
	BranchID         string   `json:"branchId"`
	Union            string   `json:"union"`
	Branch           string   `json:"branch"`
	WithoutPrejudice bool     `json:"withoutPrejudice,omitempty"`
	Why              []Text   `json:"why"`
	Periods          []Period `json:"periods"`
}

// NoticeRules are the rules the notice is judged by, frozen with it.
type NoticeRules struct {
	Profile    string    `json:"profile"`
	Sufficient Evidenced `json:"sufficientEvidence"`
	// ProofDays are the working days within which service by hand or post must
	// be recorded to count from when it happened.
	ProofDays int        `json:"proofDays"`
	Clock     ClockRules `json:"clock"`
}

// Party finds a union's entry.
func (c NoticeContent) Party(unionID string) (NoticeParty, bool) {
	i := slices.IndexFunc(c.Parties, func(p NoticeParty) bool { return p.UnionID == unionID })
	if i < 0 {
		return NoticeParty{}, false
	}
	return c.Parties[i], true
}

// Recipient is a party that a notice was served on: a union's branch.
type Recipient struct {
	OrgID            string `gorm:"primaryKey"`
	ID               string `gorm:"primaryKey"`
	NoticeID         string
	UnionID          string
	BranchID         string
	WithoutPrejudice bool
}

// TableName is notice_recipients.
func (Recipient) TableName() string { return "notice_recipients" }

// Dispatch is one message, to one address of a recipient.
type Dispatch struct {
	OrgID       string `gorm:"primaryKey"`
	ID          string `gorm:"primaryKey"`
	NoticeID    string
	RecipientID string
	Channel     Channel
	Address     string
	Languages   []Language `gorm:"serializer:json"`
	// MessageID is the same at every attempt, so that a retry is recognisable.
	MessageID string
}

// Evidenced ranks evidence of service, weakest to strongest.
type Evidenced string

// The ranks of domain section 5. None is an attempt without evidence.
const (
	EvidenceNone         Evidenced = "none"
	EvidenceAccepted     Evidenced = "accepted"     // by the mail server
	EvidenceDelivered    Evidenced = "delivered"    // the provider says so
	EvidenceHand         Evidenced = "hand_or_post" // recorded with proof
	EvidenceAcknowledged Evidenced = "acknowledged" // behind sign-in
)

var evidenceRanks = []Evidenced{EvidenceNone, EvidenceAccepted, EvidenceDelivered, EvidenceHand, EvidenceAcknowledged}

// Suffices says whether this evidence is at least as strong as what a profile asks.
func (e Evidenced) Suffices(least Evidenced) bool {
	floor := slices.Index(evidenceRanks, least)
	return floor > 0 && slices.Index(evidenceRanks, e) >= floor
}

// DeliveryEvent is what happened to a message.
type DeliveryEvent string

// The events of a delivery; each is a row kept for good.
const (
	Accepted     DeliveryEvent = "accepted"
	Deferred     DeliveryEvent = "deferred"
	Bounced      DeliveryEvent = "bounced"
	Abandoned    DeliveryEvent = "abandoned"
	Delivered    DeliveryEvent = "delivered"
	Handed       DeliveryEvent = "handed"
	Posted       DeliveryEvent = "posted"
	Acknowledged DeliveryEvent = "acknowledged"
)

// Evidence is the rank of an event.
func (e DeliveryEvent) Evidence() Evidenced {
	switch e {
	case Accepted:
		return EvidenceAccepted
	case Delivered:
		return EvidenceDelivered
	case Handed, Posted:
		return EvidenceHand
	case Acknowledged:
		return EvidenceAcknowledged
	default:
		return EvidenceNone
	}
}

// Delivery is one event of a delivery: an attempt, an acceptance, a bounce, a
// proof by hand or post, an acknowledgement.
type Delivery struct {
	OrgID       string `gorm:"primaryKey"`
	ID          string `gorm:"primaryKey"`
	NoticeID    string
	RecipientID string
	DispatchID  *string
	Event       DeliveryEvent
	// At is when it happened; for hand and post, when it was handed over.
	At           time.Time
	RecordedAt   time.Time
	Detail       string
	AttachmentID *string
	ByUserID     *string
}

// Served is the instant of a recipient's first sufficient evidence, or zero.
func Served(events []Delivery, least Evidenced) time.Time {
	var first time.Time
	for _, e := range events {
		if e.Event.Evidence().Suffices(least) && (first.IsZero() || e.At.Before(first)) {
			first = e.At
		}
	}
	return first
}

// ServedNotice is a notice as the gate needs it: its frozen content and what
// happened to each recipient.
type ServedNotice struct {
	Notice  Notice
	Content NoticeContent
	// Events by union id.
	Events map[string][]Delivery
	// Recipients by union id; a union missing here was never a party.
	Recipients map[string]Recipient
}

// EvidenceFor is the first sufficient evidence on a union up to an instant, or zero.
func (n ServedNotice) EvidenceFor(unionID string, until time.Time) time.Time {
	zone, err := time.LoadLocation(n.Content.Rules.Clock.Zone)
	if err != nil {
		zone = time.UTC
	}
	calendar := n.Content.Rules.Clock.Calendar.Calendar()
	var known []Delivery
	for _, e := range n.Events[unionID] {
		if e.RecordedAt.After(until) {
			continue // on that day nobody could have known
		}
		if by := calendar.AddWorking(DateOf(e.At, zone), n.Content.Rules.ProofDays); DateOf(e.RecordedAt, zone) > by {
			e.At = e.RecordedAt // told too late to count from when it is said to have happened
		}
		known = append(known, e)
	}
	at := Served(known, n.Content.Rules.Sufficient)
	if at.After(until) {
		return time.Time{}
	}
	return at
}

// RootOf follows a notice back through what it supersedes to the first of its chain.
func RootOf(all []Notice, n Notice) Notice {
	for n.SupersedesID != nil {
		i := slices.IndexFunc(all, func(o Notice) bool { return o.ID == *n.SupersedesID })
		if i < 0 {
			return n
		}
		n = all[i]
	}
	return n
}

// RestartItems are the items whose change for the worse restarts the clock.
var RestartItems = []int{5, 6, 8, 10, 12}

// Restarts says whether a supplementary notice restarts the clock.
func Restarts(worse []int) bool {
	return slices.ContainsFunc(worse, func(no int) bool { return slices.Contains(RestartItems, no) })
}
