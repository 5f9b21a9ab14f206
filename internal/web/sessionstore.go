package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"

	"beforehand/models"
)

// hashed is a session store for scs. Only its context methods are used; the
// others satisfy an older interface of the library.
type hashed struct {
	store SessionStore
	now   func() time.Time
	codec scs.Codec
	SessionLimits
}

func hash(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// read is what a session held when its request began, which the library does
// not keep. Several requests of one browser are under way at once, and each
// writes only what it changed: the one that ends last would otherwise undo what
// the others did.
type read struct {
	data  []byte
	ended bool // by the time it was to be kept
}

type readKey struct{}

// reading makes room for what the session holds.
func reading(r *http.Request) (*http.Request, *read) {
	was := &read{}
	return r.WithContext(context.WithValue(r.Context(), readKey{}, was)), was
}

// readOf is what was read for a request; outside of one, nothing.
func readOf(ctx context.Context) *read {
	if was, ok := ctx.Value(readKey{}).(*read); ok {
		return was
	}
	return &read{}
}

func (h hashed) data(ctx context.Context, key string) ([]byte, bool, error) {
	return h.store.SessionData(ctx, key, h.now().UTC())
}

func (h hashed) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	b, found, err := h.data(ctx, hash(token))
	readOf(ctx).data = b
	return b, found, err
}

// CommitCtx writes a session. One that was kept before, under this token or
// the one before it, is only changed, never made anew: whoever ended it
// meanwhile has ended it. The library's own clock decides nothing.
func (h hashed) CommitCtx(ctx context.Context, token string, b []byte, _ time.Time) error {
	deadline, values, err := h.codec.Decode(b)
	if err != nil {
		return err
	}
	key := hash(token)
	before, _ := values[keyKept].(string)
	values[keyKept] = key
	if before != "" {
		return h.keep(ctx, before, key, deadline, values)
	}
	if b, err = h.codec.Encode(deadline, values); err != nil {
		return err
	}
	row := h.row(key, values, b)
	if row.ID == "" {
		row.ID = uuid.Must(uuid.NewV7()).String() // nobody's yet
	}
	return h.store.BeginSession(ctx, row)
}

// keep writes what a request changed in its session into what the session holds
// by now.
func (h hashed) keep(ctx context.Context, before, key string, deadline time.Time, values map[string]any) error {
	was := readOf(ctx)
	_, old, err := h.codec.Decode(was.data)
	if err != nil {
		return err
	}
	changed, gone := difference(old, values)
	stored := was.data
	for {
		now, data := values, stored
		if len(changed)+len(gone) > 0 {
			if _, now, err = h.codec.Decode(stored); err != nil {
				return err
			}
			maps.Copy(now, changed)
			maps.DeleteFunc(now, func(name string, _ any) bool { return slices.Contains(gone, name) })
			if data, err = h.codec.Encode(deadline, now); err != nil {
				return err
			}
		}
		kept, err := h.store.KeepSession(ctx, before, stored, h.row(key, now, data))
		if models.KindOf(err) == models.Unavailable && len(changed) == 0 && !slices.ContainsFunc(gone, func(name string) bool { return name != keyFlash }) {
			return nil // it ends a little sooner: no reason to keep somebody from reading
		}
		if kept || err != nil {
			return err
		}
		var found bool
		if stored, found, err = h.data(ctx, before); err != nil || !found {
			was.ended = err == nil
			return err
		}
	}
}

// difference is what values has that old has not, or has otherwise, and the
// names of what it has no more.
func difference(old, values map[string]any) (changed map[string]any, gone []string) {
	changed = map[string]any{}
	for name, v := range values {
		if o, ok := old[name]; !ok || !reflect.DeepEqual(o, v) {
			changed[name] = v
		}
	}
	for name := range old {
		if _, ok := values[name]; !ok {
			gone = append(gone, name)
		}
	}
	return changed, gone
}

// row is a session as the table keeps it.
func (h hashed) row(key string, values map[string]any, data []byte) models.Session {
	text := func(name string) string { v, _ := values[name].(string); return v }
	now := h.now().UTC()
	row := models.Session{
		TokenHash: key, ID: text(keyID), Address: text(keyAddress), Agent: text(keyAgent), BeganAt: now, SeenAt: now, Data: data, ExpiresAt: now.Add(h.Idle),
	}
	if began, ok := values[keyBegan].(int64); ok {
		row.BeganAt = time.UnixMicro(began).UTC()
	}
	if end := row.BeganAt.Add(h.Lifetime); end.Before(row.ExpiresAt) {
		row.ExpiresAt = end
	}
	if user := text(keyUser); user != "" {
		row.UserID = &user
	}
	if org := text(keyOrg); org != "" {
		row.OrgID = &org
	}
	return row
}

// DeleteCtx ends a session, unless it is only given another token.
func (h hashed) DeleteCtx(ctx context.Context, token string) error {
	if ctx.Value(renewing{}) != nil {
		return nil
	}
	return h.store.DropSession(ctx, hash(token))
}

func (h hashed) Find(token string) ([]byte, bool, error) {
	return h.FindCtx(context.Background(), token)
}

func (h hashed) Commit(token string, b []byte, expiry time.Time) error {
	return h.CommitCtx(context.Background(), token, b, expiry)
}

func (h hashed) Delete(token string) error { return h.DeleteCtx(context.Background(), token) }

// dropCookie takes the session's cookie back from an answer that has not gone
// out. The session was ended, or got another token, while the request was under
// way: the browser may have the other one by now, and must keep it.
func dropCookie(h http.Header, name string) {
	h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], func(c string) bool { return strings.HasPrefix(c, name+"=") })
}
