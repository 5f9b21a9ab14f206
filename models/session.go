package models

import "time"

// FreshFor is how long somebody who has proved who they are need not do so
// again for an act that binds their side: serving a notice, an override, a
// formal response, a signature.
const FreshFor = 10 * time.Minute

// SignIn is what a session says of the sign-in that it began with.
type SignIn struct {
	SessionID string
	UserID    string
	OrgID     string
	// At is when they last proved who they are.
	At time.Time
	// SecondFactor says whether that took two factors, or a passkey, which is both.
	SecondFactor bool
	// ByProvider says that an identity provider vouched for them.
	ByProvider bool
}

// Fresh says whether the proof is recent enough to bind.
func (s SignIn) Fresh(now time.Time) bool {
	return !s.At.IsZero() && now.Sub(s.At) < FreshFor
}

// Session is a sign-in, kept on the server under the hash of its token.
type Session struct {
	TokenHash string `gorm:"primaryKey"`
	ID        string
	UserID    *string
	OrgID     *string
	Address   string
	Agent     string
	BeganAt   time.Time
	SeenAt    time.Time
	Data      []byte
	ExpiresAt time.Time
}

// Token is a bearer token, kept as a hash; the token itself is shown once.
type Token struct {
	ID     string `gorm:"primaryKey"`
	OrgID  string
	UserID string
	Name   string
	Hash   string
	// Hint is how the token begins, by which its owner knows it again.
	Hint   string
	Scopes []string `gorm:"serializer:json"`
	// ServiceAreaID limits the token to this service area and those below.
	ServiceAreaID *string
	// SecondFactor says that whoever made it had given one.
	SecondFactor bool
	IssuedBy     *string
	ExpiresAt    time.Time
	LastUsedAt   *time.Time
	RevokedAt    *time.Time
	CreatedAt    time.Time
}

// Passkey is a public key that somebody signs in with.
type Passkey struct {
	ID     string `gorm:"primaryKey"`
	UserID string
	Name   string
	// Data is the credential as the library keeps it.
	Data       []byte
	CreatedAt  time.Time
	LastUsedAt *time.Time
}

// TOTP is a shared secret for one-time codes, sealed. It counts once it has
// been confirmed with a code.
type TOTP struct {
	UserID   string `gorm:"primaryKey"`
	Secret   string
	LastStep int64
	// ConfirmedAt is when the first code was given.
	ConfirmedAt *time.Time
	CreatedAt   time.Time
}

// TableName is totps.
func (TOTP) TableName() string { return "totps" }

// RecoveryCode takes the place of a one-time code, once.
type RecoveryCode struct {
	Hash      string `gorm:"primaryKey"`
	UserID    string
	UsedAt    *time.Time
	CreatedAt time.Time
}

// Identity is who somebody is at an identity provider.
type Identity struct {
	Issuer     string `gorm:"primaryKey"`
	Subject    string `gorm:"primaryKey"`
	UserID     string
	CreatedAt  time.Time
	LastUsedAt time.Time
}

// CodePurpose is what a mailed code is for.
type CodePurpose string

// What codes are mailed for.
const (
	VerifyEmail   CodePurpose = "verify"
	ResetPassword CodePurpose = "reset"
)

// MailedCode is a single-use code that was mailed to somebody; only its hash
// is kept, and that only once the mail is made.
type MailedCode struct {
	ID        string `gorm:"primaryKey"`
	UserID    string
	Purpose   CodePurpose
	Email     string
	Hash      *string
	ExpiresAt time.Time
	UsedAt    *time.Time
	CreatedAt time.Time
}

// SecurityEvent is one line of the security log: who came in, who failed to,
// what was given to whom. It is no part of the register's ledger.
type SecurityEvent struct {
	ID    string `gorm:"primaryKey"`
	OrgID *string
	At    time.Time
	Kind  SecurityKind
	// UserID is whom it is about, ActorID who did it, UnionID whose it is.
	UserID  *string
	ActorID *string
	UnionID *string
	Address string
	Agent   string
	Detail  map[string]any `gorm:"serializer:json"`
}

// SecurityKind is what happened.
type SecurityKind string

// SecurityKinds are all there are.
var SecurityKinds = []SecurityKind{
	"session.begin", "session.refused", "session.limited", "session.step_up", "session.end", "session.revoke",
	"password.change", "password.ask_reset", "password.reset", "email.change", "email.verify",
	"passkey.add", "passkey.remove", "passkey.cloned", "totp.add", "totp.remove", "recovery.make", "recovery.use",
	"identity.link", "identity.unlink",
	"invitation.send", "invitation.revoke", "invitation.accept",
	"membership.grant", "membership.delegate", "membership.suspend", "membership.resume", "membership.end",
	"token.issue", "token.revoke", "token.first_address", "service_account.add", "service_account.end",
	"access.configure", "account.displaced", "account.export", "account.remove", "retention.run",
}
