package models

import (
	"slices"
	"strings"
	"time"
)

// Topic is what somebody may want to hear of.
type Topic string

// The topics. A deadline is a reminder of something due, an escalation one that
// has passed.
const (
	TopicNotice     Topic = "notice"
	TopicComment    Topic = "comment"
	TopicRequest    Topic = "request"
	TopicStage      Topic = "stage"
	TopicEvidence   Topic = "evidence"
	TopicDispute    Topic = "dispute"
	TopicMeeting    Topic = "meeting"
	TopicStatement  Topic = "statement"
	TopicAction     Topic = "action"
	TopicFlag       Topic = "flag"
	TopicDeadline   Topic = "deadline"
	TopicEscalation Topic = "escalation"
	TopicSystem     Topic = "system"
)

// Topics in the order in which they are shown.
var Topics = []Topic{
	TopicNotice, TopicComment, TopicRequest, TopicStage, TopicEvidence, TopicDispute, TopicMeeting, TopicStatement, TopicAction, TopicFlag,
	TopicDeadline, TopicEscalation, TopicSystem,
}

// topicOf says what an entry of the ledger is about, by its verb. A verb that
// is not here is told to nobody: what concerns accounts, drafts and deliveries
// has its own letters.
var topicOf = map[string]Topic{
	"notice.serve": TopicNotice, "notice.acknowledge": TopicNotice,
	"comment.make": TopicComment, "comment.respond": TopicComment, "comment.dispose": TopicComment, "outcome.record": TopicComment, "outcome.state": TopicComment,
	"request.ask": TopicRequest, "request.answer": TopicRequest, "request.withhold": TopicRequest, "request.challenge": TopicRequest,
	"deployment.move": TopicStage, "deployment.decide": TopicStage, "deployment.go_live": TopicStage, "deployment.mark_late": TopicStage,
	"hold.place": TopicStage, "hold.lift": TopicStage, "override.sign": TopicStage,
	"claim.lock": TopicEvidence, "claim.share": TopicEvidence, "claim.challenge": TopicEvidence, "challenge.answer": TopicEvidence,
	"dispute.open": TopicDispute, "dispute.advance": TopicDispute, "dispute.ask": TopicDispute, "dispute.agree": TopicDispute, "dispute.settle": TopicDispute,
	"meeting.offer": TopicMeeting, "meeting.hold": TopicMeeting, "meeting.cancel": TopicMeeting, "minutes.write": TopicMeeting, "minutes.agree": TopicMeeting,
	"engagement.record": TopicMeeting, "questionnaire.send": TopicStatement, "questionnaire.answer": TopicStatement,
	"statement.propose": TopicStatement, "statement.sign": TopicStatement, "statement.refuse": TopicStatement, "position.state": TopicStatement,
	"action.add": TopicAction, "action.ask": TopicAction, "action.finish": TopicAction, "barrier.raise": TopicAction, "barrier.settle": TopicAction,
	"flag.raise": TopicFlag, "flag.settle": TopicFlag,
}

// TopicOf is what a verb is about, and whether anybody is told of it.
func TopicOf(verb string) (Topic, bool) {
	t, ok := topicOf[verb]
	return t, ok
}

// ToldVerbs are the verbs that somebody is told of, sorted.
func ToldVerbs() []string {
	out := make([]string, 0, len(topicOf))
	for v := range topicOf {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// Mode is how somebody hears of a topic.
type Mode string

// The modes. Off is not even in the inbox; inbox is without mail.
const (
	ModeOff    Mode = "off"
	ModeInbox  Mode = "inbox"
	ModeAtOnce Mode = "at_once"
	ModeDaily  Mode = "daily"
)

// Modes in order.
var Modes = []Mode{ModeOff, ModeInbox, ModeAtOnce, ModeDaily}

// UsualMode is how somebody hears of a topic who has chosen nothing: deadlines
// and what a party must act on at once, the rest in a daily mail.
func UsualMode(t Topic) Mode {
	switch t {
	case TopicDeadline, TopicEscalation, TopicDispute, TopicSystem:
		return ModeAtOnce
	case TopicNotice:
		return ModeInbox // the notice itself goes to the union's service address
	default:
		return ModeDaily
	}
}

// hears says which roles hear of a topic who have not chosen otherwise. The
// employer's and the unions' people hear of what they must act on; councillors
// of what both sides said in the end.
var hears = map[Topic][]Role{
	TopicNotice:     {RoleCDO, RoleUnionOfficer, RoleUnionRep},
	TopicComment:    {RoleCDO, RoleManager, RoleUnionOfficer},
	TopicRequest:    {RoleCDO, RoleManager, RoleUnionOfficer},
	TopicStage:      {RoleCDO, RoleManager, RoleApprover, RoleUnionOfficer, RoleUnionRep},
	TopicEvidence:   {RoleCDO, RoleManager, RoleUnionOfficer},
	TopicDispute:    {RoleCDO, RoleHR, RoleApprover, RoleUnionOfficer},
	TopicMeeting:    {RoleCDO, RoleHR, RoleUnionOfficer},
	TopicStatement:  {RoleCDO, RoleHR, RoleUnionOfficer, RoleScrutiny},
	TopicAction:     {RoleCDO, RoleHR, RoleManager, RoleUnionOfficer, RoleScrutiny},
	TopicFlag:       {RoleCDO},
	TopicDeadline:   {RoleCDO, RoleHR, RoleManager, RoleApprover, RoleUnionOfficer},
	TopicEscalation: {RoleCDO, RoleHR, RoleManager, RoleAssurer, RoleApprover, RoleAuditor, RoleAdmin, RoleUnionOfficer},
	TopicSystem:     {RoleCDO, RoleAdmin},
}

// UsualModeOf is how somebody with these roles hears of a topic who has chosen
// nothing.
func UsualModeOf(t Topic, roles []Role) Mode {
	if !slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(hears[t], r) }) {
		return ModeOff
	}
	return UsualMode(t)
}

// TopicChoice is how somebody wants to hear of a topic.
type TopicChoice struct {
	OrgID  string `gorm:"primaryKey"`
	UserID string `gorm:"primaryKey"`
	Topic  Topic  `gorm:"primaryKey"`
	Mode   Mode
}

// InboxItem is something somebody is told. Code and Params are said in the
// reader's language when it is read.
type InboxItem struct {
	OrgID  string `gorm:"primaryKey"`
	ID     string `gorm:"primaryKey"`
	UserID string
	Topic  Topic
	// Key is what it is about: the same is told once.
	Key    string
	Code   string
	Params Params `gorm:"serializer:json"`
	// Path is the page, without language.
	Path   string
	DueOn  Date
	Mode   Mode
	At     time.Time
	ReadAt *time.Time
}

// Hook is where another system is told.
type Hook struct {
	OrgID string `gorm:"primaryKey"`
	ID    string `gorm:"primaryKey"`
	Kind  string // webhook, teams
	// Host is shown; Address and Secret are sealed.
	Host         string
	Address      string
	Secret       string
	Topics       []Topic `gorm:"serializer:json"`
	FailingSince *time.Time
	DisabledAt   *time.Time
	DisabledWhy  string
	EndedAt      *time.Time
	Version      int
	ByUserID     string
	At           time.Time
}

// Works says whether the hook is told anything.
func (h Hook) Works() bool { return h.DisabledAt == nil && h.EndedAt == nil }

// Wants says whether the hook asked for a topic; none asked for is all.
func (h Hook) Wants(t Topic) bool { return len(h.Topics) == 0 || slices.Contains(h.Topics, t) }

// Message is one message that is not a notice, and what became of it.
type Message struct {
	OrgID   string `gorm:"primaryKey"`
	ID      string `gorm:"primaryKey"`
	Channel string // mail, webhook, teams
	HookID  *string
	UserID  *string
	Topic   Topic
	// Record is what it is about: messages of one record arrive in order of Seq.
	Record   string
	Seq      int64
	Body     string
	State    string // pending, accepted, delivered, failed, cancelled
	Attempts int
	Status   int
	Problem  string
	At       time.Time
	// LeasedUntil keeps other workers from a message that one is sending.
	LeasedUntil *time.Time
	TriedAt     *time.Time
	SettledAt   *time.Time
}

// NotificationSettings are an organisation's own.
type NotificationSettings struct {
	OrgID string `gorm:"primaryKey"`
	// EscalateTo is the person who is told of what is overdue, or nil.
	EscalateTo *string
	// Licence is under which the public register's data may be used.
	Licence string
	Version int
}

// Callback is what a mail provider said of a message.
type Callback struct {
	Provider   string `gorm:"primaryKey"`
	ProviderID string `gorm:"primaryKey"`
	Status     string `gorm:"primaryKey"`
	Reference  string
	HappenedAt time.Time
	ReceivedAt time.Time
	HandledAt  *time.Time
}

// TableName is provider_callbacks.
func (Callback) TableName() string { return "provider_callbacks" }

// CalendarLink opens somebody's calendar to whoever has its code.
type CalendarLink struct {
	OrgID  string `gorm:"primaryKey"`
	UserID string `gorm:"primaryKey"`
	Hash   string
	At     time.Time
}

// Path joins parts of a page's address.
func Path(parts ...string) string { return "/" + strings.Join(parts, "/") }
