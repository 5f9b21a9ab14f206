package pages

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/web"
	"beforehand/models"
)

// statuses are the answers to each kind of error.
var statuses = map[models.Kind]int{
	models.Invalid:         http.StatusUnprocessableEntity,
	models.Unauthenticated: http.StatusUnauthorized,
	models.Forbidden:       http.StatusForbidden,
	models.NotFound:        http.StatusNotFound,
	models.Conflict:        http.StatusConflict,
	models.Stale:           http.StatusPreconditionFailed,
	models.Precondition:    http.StatusPreconditionRequired,
	models.Gone:            http.StatusGone,
	models.TooLarge:        http.StatusRequestEntityTooLarge,
	models.Limited:         http.StatusTooManyRequests,
	models.Unavailable:     http.StatusServiceUnavailable,
}

// Problem answers with a page that says what went wrong. It needs no session,
// so that it can answer for what is refused before there is one.
func (s Site) Problem(c *gin.Context, err error) {
	ctx := c.Request.Context()
	here := design.Of(ctx)
	if here.Path == "" {
		here = s.here(c, languageOf(c))
	}
	status, known := statuses[models.KindOf(err)]
	if !known {
		status = http.StatusInternalServerError
	}
	if status >= http.StatusInternalServerError {
		_ = c.Error(err) // the line of the request tells it
	}
	if models.CodeOf(err) == "method_not_allowed" {
		status = http.StatusMethodNotAllowed
	}
	if wait, ok := waitOf(err); ok {
		c.Header("Retry-After", strconv.Itoa(wait))
	}
	ctx = design.At(ctx, here)
	if err := write(ctx, c, status, problemPage(problemOf(ctx, status, err))); err != nil {
		_ = c.Error(err)
		c.String(http.StatusInternalServerError, "Internal error. Gwall mewnol.\n")
	}
}

// waitOf is how many seconds somebody has to wait who has tried too often, or
// found the database away.
func waitOf(err error) (int, bool) {
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Kind != models.Limited && e.Kind != models.Unavailable {
		return 0, false
	}
	wait, ok := e.Params["seconds"].(int)
	return wait, ok
}

// languageOf is the language of an address, or else the one asked for.
func languageOf(c *gin.Context) models.Language {
	for _, l := range []models.Language{models.English, models.Welsh} {
		if path := c.Request.URL.Path; path == "/"+string(l) || strings.HasPrefix(path, "/"+string(l)+"/") {
			return l
		}
	}
	return web.Language(c.Request.Context())
}

// problem is an error as a person reads it.
type problem struct {
	title string
	text  string
	// lines are what is wrong, field by field.
	lines  []string
	signIn bool
	// who are those who may do what the reader may not.
	who string
	// request names the request to whoever is asked for help; "" when that is no use.
	request string
}

func problemOf(ctx context.Context, status int, err error) problem {
	p := problem{title: design.Say(ctx, "page.error."+titled(status)), text: design.Say(ctx, "error.internal")}
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		p.request = web.RequestID(ctx)
		return p
	}
	p.text = sentence(ctx, e)
	p.lines = make([]string, 0, len(e.Fields))
	for _, f := range e.Fields {
		p.lines = append(p.lines, fieldSentence(ctx, f))
	}
	if e.Kind == models.Unavailable {
		p.request = web.RequestID(ctx)
	}
	p.signIn = e.Kind == models.Unauthenticated
	if act, named := e.Params["act"].(string); named && e.Kind == models.Forbidden {
		p.who = whoMay(ctx, act)
	}
	return p
}

// titled is the part of a key that names a status; most need no title of their own.
func titled(status int) string {
	switch status {
	case http.StatusForbidden:
		return "403"
	case http.StatusNotFound:
		return "404"
	case http.StatusInternalServerError:
		return "500"
	case http.StatusServiceUnavailable:
		return "503"
	default:
		return "other"
	}
}

// sentence says an error; one without words of its own is said by its kind.
func sentence(ctx context.Context, e *models.Error) string {
	code := "error." + e.Code
	if !words.Has(words.English, code) {
		code = "error." + string(e.Kind)
	}
	return words.Say(string(design.Of(ctx).Lang), code, e.Params)
}

// fieldSentence says what is wrong with a field. Nothing chosen from a list is
// an answer that is missing.
func fieldSentence(ctx context.Context, f models.Field) string {
	code := "field." + f.Code
	if strings.HasPrefix(f.Code, "gate.") {
		code = f.Code
	}
	if v, chosen := f.Params["value"]; f.Code == "unknown_value" && (!chosen || v == "") {
		code = "field.required"
	}
	return words.Say(string(design.Of(ctx).Lang), code, f.Params)
}
