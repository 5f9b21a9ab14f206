package api

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// keepsAnswer says whether the answers of an act may be kept: those that hold a
// secret, shown once, may not, nor is there anybody to keep a sign-in for; and
// what is in a union's room is kept nowhere else. To sign or countersign again
// what is signed changes nothing, with or without a key, and neither does it to
// look again at what one was told.
func keepsAnswer(act any) bool {
	switch act {
	case openToAll, "token.issue", "service_account.add", "account.change", "account.prove", "attachment.link", "checkpoint.sign", "checkpoint.cosign",
		"hook.add", "calendar.link", "flag.raise", "room.write", "inbox.read":
		return false
	}
	return true
}

// once answers a repeated request as it was answered the first time. The key
// itself is written in the transaction of the change; the answer after it.
func (a *API) once(c huma.Context, next func(huma.Context)) {
	key := c.Header("Idempotency-Key")
	actor := web.Actor(c.Context())
	if key == "" || actor.Anonymous() || !keepsAnswer(c.Operation().Metadata[actKey]) {
		next(c)
		return
	}
	if len(key) > 200 || !utf8.ValidString(key) || strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsPrint(r) }) {
		e := models.Fail(models.Invalid, "invalid")
		e.Fields = []models.Field{{Path: "Idempotency-Key", Code: "malformed", Params: models.Params{"value": shown(key)}}}
		a.write(c, problem(c.Context(), a.log, e))
		return
	}
	k := register.Key{Key: key, Hash: web.BodyHash(c.Context())}
	kept, err := a.reg.Answered(c.Context(), actor, k)
	switch {
	case err == nil:
		for name, value := range kept.Headers {
			c.SetHeader(name, value)
		}
		c.SetHeader("Idempotent-Replayed", "true")
		c.SetStatus(kept.Status)
		if _, err := c.BodyWriter().Write(kept.Body); err != nil {
			a.log.WarnContext(c.Context(), "a kept answer was not written", "error", err.Error())
		}
		return
	case models.KindOf(err) != models.NotFound:
		a.write(c, problem(c.Context(), a.log, err))
		return
	}
	g := humagin.Unwrap(c)
	tee := &teeWriter{ResponseWriter: g.Writer}
	g.Writer = tee
	next(huma.WithContext(c, register.WithKey(c.Context(), k)))
	a.keep(c, actor, k, tee)
}

// keep keeps a good answer; a failed request changed nothing and may be tried again.
func (a *API) keep(c huma.Context, actor models.Actor, k register.Key, tee *teeWriter) {
	if s := tee.Status(); s < 200 || s >= 300 {
		return
	}
	headers := map[string]string{}
	for _, name := range []string{"Content-Type", "Etag", "Location"} {
		if v := tee.Header().Get(name); v != "" {
			headers[name] = v
		}
	}
	// Whoever gave up waiting will ask again: the answer is kept all the same.
	if err := a.reg.KeepAnswer(context.WithoutCancel(c.Context()), actor, k, tee.Status(), headers, tee.body.Bytes()); err != nil {
		a.log.WarnContext(c.Context(), "an answer was not kept", "error", err.Error())
	}
}

// teeWriter keeps a copy of what is written.
type teeWriter struct {
	gin.ResponseWriter
	body bytes.Buffer
}

// Write writes and keeps.
func (t *teeWriter) Write(b []byte) (int, error) {
	t.body.Write(b)
	return t.ResponseWriter.Write(b)
}

// WriteString writes and keeps.
func (t *teeWriter) WriteString(s string) (int, error) {
	t.body.WriteString(s)
	return t.ResponseWriter.WriteString(s)
}

var _ http.ResponseWriter = (*teeWriter)(nil)
