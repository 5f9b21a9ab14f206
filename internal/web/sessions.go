package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"beforehand/models"
)

// Sessions are sign-ins, kept on the server. The browser holds only a token,
// and the database only its hash.
type Sessions struct{ manager *scs.SessionManager }

// SessionStore keeps sessions under the hashes of their tokens.
type SessionStore interface {
	SessionData(ctx context.Context, tokenHash string, now time.Time) ([]byte, bool, error)
	KeepSession(ctx context.Context, row models.Session) error
	DropSession(ctx context.Context, tokenHash string) error
}

// NewSessions makes sessions that end after 12 hours, or 2 hours unused.
func NewSessions(store SessionStore, now func() time.Time, secure bool) *Sessions {
	m := scs.New()
	m.Store = hashed{store, now}
	m.Lifetime = 12 * time.Hour
	m.IdleTimeout = 2 * time.Hour
	m.Cookie.Name = "beforehand"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = secure
	if secure {
		m.Cookie.Name = "__Host-beforehand"
	}
	return &Sessions{m}
}

// Begin signs somebody in, under a new token.
func (s *Sessions) Begin(ctx context.Context, a models.Actor) error {
	if err := s.manager.RenewToken(ctx); err != nil {
		return err
	}
	s.manager.Put(ctx, "user", a.UserID)
	s.manager.Put(ctx, "org", a.OrgID)
	return nil
}

// End signs somebody out.
func (s *Sessions) End(ctx context.Context) error { return s.manager.Destroy(ctx) }

func (s *Sessions) who(ctx context.Context) (user, org string) {
	return s.manager.GetString(ctx, "user"), s.manager.GetString(ctx, "org")
}

// Flash keeps a sentence for the next page.
func (s *Sessions) Flash(ctx context.Context, text string) { s.manager.Put(ctx, "flash", text) }

// TakeFlash gives the sentence kept by the last page, once.
func (s *Sessions) TakeFlash(ctx context.Context) string { return s.manager.PopString(ctx, "flash") }

// hashed is a session store for scs. Only its context methods are used; the
// others satisfy an older interface of the library.
type hashed struct {
	store SessionStore
	now   func() time.Time
}

func hash(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

func (h hashed) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return h.store.SessionData(ctx, hash(token), h.now().UTC())
}

func (h hashed) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	return h.store.KeepSession(ctx, models.Session{TokenHash: hash(token), Data: b, ExpiresAt: expiry.UTC()})
}

func (h hashed) DeleteCtx(ctx context.Context, token string) error {
	return h.store.DropSession(ctx, hash(token))
}

func (h hashed) Find(token string) ([]byte, bool, error) {
	return h.FindCtx(context.Background(), token)
}

func (h hashed) Commit(token string, b []byte, expiry time.Time) error {
	return h.CommitCtx(context.Background(), token, b, expiry)
}

func (h hashed) Delete(token string) error { return h.DeleteCtx(context.Background(), token) }
