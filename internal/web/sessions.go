package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"

	"beforehand/models"
)

// Sessions are sign-ins, kept on the server. The browser holds only a token,
// and the database only its hash.
type Sessions struct {
	manager *scs.SessionManager
	now     func() time.Time
}

// SessionStore keeps sessions under the hashes of their tokens.
type SessionStore interface {
	SessionData(ctx context.Context, tokenHash string, now time.Time) ([]byte, bool, error)
	BeginSession(ctx context.Context, row models.Session) error
	// KeepSession writes a session that held was when it was read, and says
	// whether it still did.
	KeepSession(ctx context.Context, oldHash string, was []byte, row models.Session) (bool, error)
	DropSession(ctx context.Context, tokenHash string) error
}

// SessionLimits say when a session ends by itself. The zero value is 12 hours,
// or 2 hours unused.
type SessionLimits struct {
	Lifetime time.Duration
	Idle     time.Duration
}

// NewSessions makes sessions. Their cookie says that it came by HTTPS when secure.
func NewSessions(store SessionStore, now func() time.Time, secure bool, limits SessionLimits) *Sessions {
	m := scs.New()
	if limits.Lifetime <= 0 {
		limits.Lifetime = 12 * time.Hour
	}
	if limits.Idle <= 0 {
		limits.Idle = 2 * time.Hour
	}
	m.Store = hashed{store, now, m.Codec, limits}
	m.Lifetime, m.IdleTimeout = limits.Lifetime, limits.Idle
	m.Cookie.Name = "beforehand"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = secure
	if secure {
		m.Cookie.Name = "__Host-beforehand"
	}
	return &Sessions{m, now}
}

// What a session holds, by name.
const (
	keyID      = "id"
	keyUser    = "user"
	keyOrg     = "org"
	keyAt      = "at"
	keyFactor  = "factor"
	keyBy      = "by provider"
	keyAddress = "address"
	keyAgent   = "agent"
	keyBegan   = "began"
	keyKept    = "kept"
	keyFlash   = "flash"
	keyAwaits  = "awaits "
)

// Begin signs somebody in who proved who they are when the sign-in says: a
// provider may have let them in on a proof of this morning. It is under a new token: one that somebody else knew
// before is worth nothing. What the session waited for is over.
func (s *Sessions) Begin(ctx context.Context, in models.SignIn, from models.Origin) error {
	if err := s.manager.RenewToken(ctx); err != nil {
		return err
	}
	flash := s.manager.GetString(ctx, keyFlash)
	if s.manager.GetString(ctx, keyUser) != "" {
		flash = "" // it was for whoever was here before
	}
	if err := s.manager.Clear(ctx); err != nil {
		return err
	}
	if flash != "" {
		s.manager.Put(ctx, keyFlash, flash)
	}
	s.manager.Put(ctx, keyID, uuid.Must(uuid.NewV7()).String())
	s.manager.Put(ctx, keyUser, in.UserID)
	s.manager.Put(ctx, keyOrg, in.OrgID)
	s.manager.Put(ctx, keyAddress, from.Address)
	s.manager.Put(ctx, keyAgent, shorten(from.Agent, 200))
	s.manager.Put(ctx, keyBegan, s.now().UnixMicro())
	s.manager.Put(ctx, keyBy, in.ByProvider)
	s.prove(ctx, in.At, in.SecondFactor)
	return nil
}

// Prove notes that who is signed in has proved who they are again.
func (s *Sessions) Prove(ctx context.Context, secondFactor bool) error {
	// What was readable before the proof is no longer the token.
	if err := s.renew(ctx); err != nil {
		return err
	}
	s.prove(ctx, s.now(), secondFactor || s.manager.GetBool(ctx, keyFactor))
	return nil
}

// renew gives the session another token. Its row stays where it is until the
// new token is written into it: whoever ends the session meanwhile ends it.
func (s *Sessions) renew(ctx context.Context) error {
	return s.manager.RenewToken(context.WithValue(ctx, renewing{}, true))
}

// renewing marks a deletion that is none.
type renewing struct{}

func (s *Sessions) prove(ctx context.Context, at time.Time, secondFactor bool) {
	if !at.IsZero() {
		s.manager.Put(ctx, keyAt, at.UnixMicro())
	}
	s.manager.Put(ctx, keyFactor, secondFactor)
}

// Lives says whether the session is still there: it may have been ended while
// the rest of a request was on its way.
func (s *Sessions) Lives(ctx context.Context) (bool, error) {
	_, found, err := s.manager.Store.(hashed).data(ctx, hash(s.manager.Token(ctx)))
	return found, err
}

// Move changes the organisation that somebody who is signed in works for.
func (s *Sessions) Move(ctx context.Context, org string) error {
	if err := s.renew(ctx); err != nil {
		return err
	}
	s.manager.Put(ctx, keyOrg, org)
	return nil
}

// End signs somebody out.
func (s *Sessions) End(ctx context.Context) error { return s.manager.Destroy(ctx) }

// SignIn is who the session belongs to; false when nobody has signed in.
func (s *Sessions) SignIn(ctx context.Context) (models.SignIn, bool) {
	in := models.SignIn{
		SessionID: s.manager.GetString(ctx, keyID), UserID: s.manager.GetString(ctx, keyUser), OrgID: s.manager.GetString(ctx, keyOrg),
		SecondFactor: s.manager.GetBool(ctx, keyFactor), ByProvider: s.manager.GetBool(ctx, keyBy),
	}
	if at := s.manager.GetInt64(ctx, keyAt); at > 0 {
		in.At = time.UnixMicro(at).UTC()
	}
	return in, in.UserID != ""
}

// waitFor is how long a sign-in may be half done: a password given and the
// code not yet, a passkey asked for and not yet shown.
const waitFor = 10 * time.Minute

// Await keeps something between two parts of one step: it is taken once, and
// soon. Of each step the newest is the only one.
func (s *Sessions) Await(ctx context.Context, step string, state []byte) {
	until := s.now().Add(waitFor).UTC().Format(time.RFC3339)
	s.manager.Put(ctx, keyAwaits+step, until+" "+string(state))
}

// Awaited gives what the part before kept, and forgets it.
func (s *Sessions) Awaited(ctx context.Context, step string) ([]byte, bool) {
	kept := s.manager.PopString(ctx, keyAwaits+step)
	when, state, ok := strings.Cut(kept, " ")
	if !ok {
		return nil, false
	}
	until, err := time.Parse(time.RFC3339, when)
	if err != nil || s.now().After(until) {
		return nil, false
	}
	return []byte(state), true
}

// Left is how long the session lasts if nothing more is asked in it.
func (s *Sessions) Left(ctx context.Context) time.Duration {
	limits := s.manager.Store.(hashed).SessionLimits
	left := limits.Idle
	if began := s.manager.GetInt64(ctx, keyBegan); began > 0 {
		left = min(left, time.UnixMicro(began).Add(limits.Lifetime).Sub(s.now()))
	}
	return max(left, 0)
}

// Keep keeps a value for as long as the session lasts.
func (s *Sessions) Keep(ctx context.Context, name, value string) {
	s.manager.Put(ctx, "kept "+name, value)
}

// Kept is a value that was kept; "" is none.
func (s *Sessions) Kept(ctx context.Context, name string) string {
	return s.manager.GetString(ctx, "kept "+name)
}

// Flash keeps a sentence for the next page.
func (s *Sessions) Flash(ctx context.Context, text string) { s.manager.Put(ctx, keyFlash, text) }

// TakeFlash gives the sentence kept by the last page, once.
func (s *Sessions) TakeFlash(ctx context.Context) string { return s.manager.PopString(ctx, keyFlash) }

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
