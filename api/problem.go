package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/words"
	"beforehand/internal/web"
	"beforehand/models"
)

// Problem is how every error leaves the house (RFC 9457).
type Problem struct {
	Type   string `json:"type" doc:"Where the kind of problem is described" example:"/docs/problems#invalid"`
	Title  string `json:"title" doc:"The kind of problem in a few words" example:"Unprocessable Entity"`
	Status int    `json:"status" doc:"HTTP status" example:"422"`
	Detail string `json:"detail,omitempty" doc:"What is wrong, and how to mend it"`
	Code   string `json:"code" doc:"Stable code of the problem" example:"invalid"`
	// Instance is the id of the request, which the log knows too.
	Instance string         `json:"instance,omitempty" doc:"Id of the request"`
	Errors   []ProblemField `json:"errors,omitempty" nullable:"false" doc:"One entry a field"`

	retryAfter string
}

// ProblemField is what is wrong with one field.
type ProblemField struct {
	Path    string `json:"path" example:"name.en"`
	Code    string `json:"code" example:"required"`
	Message string `json:"message"`
}

// Error satisfies error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetHeaders are the headers that go with it: when to try again.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter != "" {
		h.Set("Retry-After", p.retryAfter)
	}
	return h
}

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problem documents.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statuses is the one place where a kind becomes an HTTP status.
var statuses = map[models.Kind]int{
	models.Invalid: http.StatusUnprocessableEntity, models.Unauthenticated: http.StatusUnauthorized, models.Forbidden: http.StatusForbidden,
	models.NotFound: http.StatusNotFound, models.Conflict: http.StatusConflict, models.Stale: http.StatusPreconditionFailed,
	models.Precondition: http.StatusPreconditionRequired, models.Gone: http.StatusGone, models.TooLarge: http.StatusRequestEntityTooLarge,
	models.Limited: http.StatusTooManyRequests, models.Unavailable: http.StatusServiceUnavailable,
}

// problem turns any error into one that may be shown. What is not ours is
// internal: it is logged here, and nobody sees its text.
func problem(ctx context.Context, log *slog.Logger, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	lang := string(web.Language(ctx))
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		if !errors.Is(err, context.Canceled) {
			log.ErrorContext(ctx, "internal error", "request", web.RequestID(ctx), "error", err.Error())
		}
		e = models.Fail("internal", "internal")
	}
	if e.Kind == models.Unavailable {
		log.ErrorContext(ctx, "not available", "code", e.Code, "request", web.RequestID(ctx), "error", err.Error())
	}
	status, known := statuses[e.Kind]
	if !known {
		status = http.StatusInternalServerError
	}
	if e.Code == "method_not_allowed" {
		status = http.StatusMethodNotAllowed
	}
	p := newProblem(ctx, status, e.Code, words.Say(lang, "error."+e.Code, e.Params))
	if seconds, ok := e.Params["seconds"].(int); ok && (e.Kind == models.Limited || e.Kind == models.Unavailable) {
		p.retryAfter = itoa(int64(seconds))
	}
	for _, f := range e.Fields {
		code := "field." + f.Code
		if strings.Contains(f.Code, ".") {
			code = f.Code // a blocker of a gate has sentences of its own
		}
		p.Errors = append(p.Errors, ProblemField{Path: f.Path, Code: f.Code, Message: words.Say(lang, code, f.Params)})
	}
	return p
}

func newProblem(ctx context.Context, status int, code, detail string) *Problem {
	return &Problem{Type: "/docs/problems#" + code, Title: http.StatusText(status), Status: status, Detail: detail, Code: code, Instance: web.RequestID(ctx)}
}

// codeOfStatus names the problems that the decoder finds by itself.
var codeOfStatus = map[int]string{
	http.StatusBadRequest: "malformed_json", http.StatusUnprocessableEntity: "invalid", http.StatusRequestEntityTooLarge: "body_too_large",
	http.StatusNotAcceptable: "not_acceptable", http.StatusUnsupportedMediaType: "not_acceptable",
}

// fromDecoder turns what huma finds wrong with a request into our problem.
func fromDecoder(c huma.Context, status int, _ string, errs ...error) huma.StatusError {
	ctx := context.Background()
	if c != nil {
		ctx = c.Context()
	}
	code, known := codeOfStatus[status]
	if !known {
		code = "internal"
	}
	if status == http.StatusBadRequest && c != nil && c.Operation() != nil && sendsFile(c.Operation()) {
		code = "attachment_empty"
	}
	p := newProblem(ctx, status, code, words.Say(string(web.Language(ctx)), "error."+code, nil))
	for _, err := range errs {
		if err != nil {
			p.Errors = append(p.Errors, decoded(string(web.Language(ctx)), err))
		}
	}
	return p
}

// sendsFile says whether the body of an operation is a file, and not JSON.
func sendsFile(o *huma.Operation) bool {
	return o.RequestBody != nil && o.RequestBody.Content["application/octet-stream"] != nil
}

// WriteProblem answers a request that no handler has taken.
func WriteProblem(log *slog.Logger) func(*gin.Context, error) {
	return func(c *gin.Context, err error) {
		p := problem(c.Request.Context(), log, err)
		if p.retryAfter != "" {
			c.Header("Retry-After", p.retryAfter)
		}
		b, err := json.Marshal(p)
		if err != nil {
			c.Status(http.StatusInternalServerError)
			return
		}
		c.Data(p.Status, p.ContentType(""), b)
	}
}
