// Package api is the REST API under /api/v1. A handler decodes, calls one use
// case and writes a view of what comes back; the OpenAPI document is made from
// the same types. routes.go is the whole surface.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
	"beforehand/policy"
)

// API answers requests with the use cases of a register.
type API struct {
	reg      *register.Register
	sessions *web.Sessions
	policy   *policy.Policy
	log      *slog.Logger
	huma     huma.API
	document func() ([]byte, error)
}

// Parts are what the API is made of. Register may be nil when only the
// document is wanted.
type Parts struct {
	Register *register.Register
	Sessions *web.Sessions
	Policy   *policy.Policy
	Log      *slog.Logger
	Version  string
}

// As in web.New, no part of a form goes to a disk: nobody would remove it there.
func init() { humagin.MultipartMaxMemory = web.MaxUpload }

// Mount puts the API on an engine.
func Mount(e *gin.Engine, p Parts) *API {
	huma.NewErrorWithContext = fromDecoder
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return fromDecoder(nil, status, msg, errs...)
	}
	huma.DefaultArrayNullable = false
	cfg := huma.DefaultConfig("Beforehand", p.Version)
	cfg.CreateHooks = nil
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.Info.Description = "The AI workplace impact register with change notices. Every change to a record takes If-Match; every POST may carry an Idempotency-Key. While the database is away, full or too busy the answer is 503 with Retry-After: the same request, with its key, may be sent again and is done once."
	cfg.Servers = []*huma.Server{{URL: "/", Description: "This installation"}}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer":  {Type: "http", Scheme: "bearer", Description: "A token made by `beforehand user token`"},
		"session": {Type: "apiKey", In: "cookie", Name: "beforehand", Description: "The cookie set by POST /api/v1/session"},
	}
	a := &API{reg: p.Register, sessions: p.Sessions, policy: p.Policy, log: p.Log}
	a.huma = humagin.New(e, cfg)
	a.huma.UseMiddleware(a.mayTry)
	a.routes()
	a.document = sync.OnceValues(func() ([]byte, error) { // few ask for it, and examples are a sixth of a start
		a.examples()
		return a.huma.OpenAPI().MarshalJSON()
	})
	a.pages(e)
	a.wellKnown(e)
	a.openData(e)
	return a
}

// OpenAPI is the document of the API, as JSON.
func (a *API) OpenAPI() ([]byte, error) { return a.document() }

// actKey is where an operation's metadata names its permission; openToAll
// marks the few that need none.
const (
	actKey    = "act"
	openToAll = "open"
)

// mayTry refuses whoever holds no role that may do this at all, before
// anything is decoded. The use case decides about the record.
func (a *API) mayTry(c huma.Context, next func(huma.Context)) {
	act, _ := c.Operation().Metadata[actKey].(string)
	if act == openToAll {
		next(c)
		return
	}
	actor := web.Actor(c.Context())
	may := func(role models.Role) bool { _, ok := a.policy.Permitted(role, act); return ok }
	if actor.Anonymous() && actor.OrgID == "" && may(models.RolePublic) {
		a.write(c, problem(c.Context(), a.log, models.Fail(models.Invalid, "organisation_required")))
		return
	}
	if may(models.RolePublic) || may(models.RolePerson) && !actor.Anonymous() || slices.ContainsFunc(actor.Grants, func(g models.Grant) bool { return may(g.Role) }) {
		next(c)
		return
	}
	err := models.Fail(models.Forbidden, "forbidden").With("act", act)
	if actor.Anonymous() {
		err = models.Fail(models.Unauthenticated, "unauthenticated")
	}
	a.write(c, problem(c.Context(), a.log, err))
}

func (a *API) write(c huma.Context, p *Problem) {
	c.SetHeader("Content-Type", p.ContentType(""))
	if p.retryAfter != "" {
		c.SetHeader("Retry-After", p.retryAfter)
	}
	c.SetStatus(p.Status)
	if err := a.huma.Marshal(c.BodyWriter(), "application/json", p); err != nil {
		a.log.ErrorContext(c.Context(), "a problem was not written", "error", err.Error())
	}
}

// op is one operation of the surface.
type op struct {
	method, path, act, summary string
	status                     int
	tag                        string
	maxBody                    int64
}

// add registers an operation: its permission, its errors and its handler.
func add[I, O any](a *API, o op, h func(context.Context, *I) (*O, error)) {
	errs := []int{401, 403, 404, 405, 410, 422, 429, 500, 503}
	if o.method != http.MethodGet {
		errs = append(errs, 400, 409, 412, 413, 415, 428)
	}
	slices.Sort(errs)
	operation := huma.Operation{
		OperationID: operationID(o), Method: o.method, Path: "/api/v1" + o.path, Summary: o.summary, Tags: []string{o.tag},
		Metadata: map[string]any{actKey: o.act}, Errors: errs, DefaultStatus: o.status, MaxBodyBytes: o.maxBody,
		Description: "Permission: `" + o.act + "`.", SkipValidateParams: false,
	}
	if o.act != openToAll {
		operation.Security = []map[string][]string{{"bearer": {}}, {"session": {}}}
		if _, public := a.policy.Permitted(models.RolePublic, o.act); public {
			operation.Security = append(operation.Security, map[string][]string{})
			operation.Parameters = append(operation.Parameters, &huma.Param{
				Name: "organisation", In: "query", Description: "Short name of the organisation, when you are not signed in and there are several",
				Schema: &huma.Schema{Type: "string", MaxLength: ptr(40)}, Example: "tywi",
			})
		}
	} else {
		operation.Security = []map[string][]string{{}}
	}
	if o.method == http.MethodPost && keepsAnswer(o.act) {
		operation.Middlewares = huma.Middlewares{a.once}
		operation.Parameters = append(operation.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header", Description: "A key of your own: the same key and body give the first answer again",
			Schema: &huma.Schema{Type: "string", MaxLength: ptr(200)}, Example: "7f0c1e0e-5c0a-4a53-9d4c-3f2b6f0c9a11",
		})
	}
	if _, streams := any(new(I)).(streamed); streams {
		operation.RequestBody = &huma.RequestBody{
			Description: "CSV or XLSX, at most 200 MiB (XLSX 50), as the locked plan says", Required: true,
			Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}}},
		}
	}
	huma.Register(a.huma, operation, func(ctx context.Context, in *I) (*O, error) {
		if err := untypable(in); err != nil {
			return nil, problem(ctx, a.log, err)
		}
		out, err := h(ctx, in)
		if err != nil {
			return nil, problem(ctx, a.log, err)
		}
		return out, nil
	})
	if b, ok := any(new(O)).(bytewise); ok {
		a.huma.OpenAPI().Paths[operation.Path].Get.Responses[strconv.Itoa(o.status)].Content = b.content()
	}
}

// bytewise is an answer that is written as it is, and not as JSON of a type.
type bytewise interface {
	content() map[string]*huma.MediaType
}

// streamed marks an input whose body is read as it comes.
type streamed interface{ streamed() }

func ptr[T any](v T) *T { return &v }

// operationID is the act, with the address where an act has several routes.
func operationID(o op) string {
	return strings.Trim(strings.NewReplacer("/", "-", "{", "", "}", "").Replace(strings.ToLower(o.method)+o.path), "-") + "." + strings.ReplaceAll(o.act, "_", "-")
}

// IfMatchHeader is the version that a change was made from.
type IfMatchHeader struct {
	IfMatch string `header:"If-Match" doc:"ETag of the version you read" example:"\"1\""`
}

func (m IfMatchHeader) version() (int, error) {
	if m.IfMatch == "" {
		return 0, models.Fail(models.Precondition, "version_required")
	}
	tag := strings.TrimPrefix(m.IfMatch, "W/")
	n, err := strconv.Atoi(strings.Trim(tag, `"`))
	if err != nil || n < 1 || n > 1<<30 || len(tag) < 3 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return 0, models.Fail(models.Stale, "version_malformed").With("value", m.IfMatch)
	}
	return n, nil
}

// orNew is the version, or 0 when nothing has been read because there was nothing yet.
func (m IfMatchHeader) orNew() (int, error) {
	if m.IfMatch == "" {
		return 0, nil
	}
	return m.version()
}

func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// Paging is how a list is asked for.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"1000" doc:"The next link's cursor"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (p Paging) page(exact bool) register.Page {
	return register.Page{After: p.Cursor, Limit: p.Limit, Exact: exact}
}

// List is a page of a list.
type List[T any] struct {
	Items []T `json:"items" nullable:"false"`
	// Total counts what was asked for; above 1,000 it stops unless total=exact, and
	// a search counts no further than among the deployments registered last.
	// Lists that go on without being counted have none.
	Total       *int   `json:"total,omitempty" minimum:"0" doc:"How many there are; stops at 1000, and where a search has looked far enough, unless total=exact. Left out where pages are not counted"`
	TotalCapped bool   `json:"totalCapped,omitempty" doc:"There are more than the total says, or may be"`
	Next        string `json:"next,omitempty" doc:"Address of the next page; where a search has looked far enough there is one behind a short page, or an empty one"`
}

// listOf is a whole list.
func listOf[M, T any](rows []M, view func(M) T) *reply[List[T]] {
	l := pageOf(rows, view)
	l.Body.Total = ptr(len(rows))
	return l
}

// pageOf is a part of a list that nobody has counted.
func pageOf[M, T any](rows []M, view func(M) T) *reply[List[T]] {
	l := List[T]{Items: make([]T, 0, len(rows))}
	for _, r := range rows {
		l.Items = append(l.Items, view(r))
	}
	return &reply[List[T]]{Body: l}
}

// reply is an answer with a body.
type reply[T any] struct {
	ETag     string `header:"ETag" doc:"Version, for If-Match"`
	Location string `header:"Location" doc:"Address of what was made"`
	Body     T
}

// versioned is an answer that can be changed from.
func versioned[T any](v T, version int) *reply[T] { return &reply[T]{ETag: etag(version), Body: v} }

func created[T any](v T, version int, path string) *reply[T] {
	r := &reply[T]{Location: "/api/v1" + path, Body: v}
	if version > 0 {
		r.ETag = etag(version)
	}
	return r
}

// done is an answer without a body.
type done struct{}

// ByRef names a deployment.
type ByRef struct {
	Ref string `path:"ref" maxLength:"40" example:"DEP-2026-003"`
}

// ByID names a record.
type ByID struct {
	ID string `path:"id" maxLength:"60" example:"01990f5e-2d6e-7c34-9d3c-0a8f4f6f2a10"`
}

// ByNo names a notice or request by its number.
type ByNo struct {
	No string `path:"no" maxLength:"40" example:"N-2026-001"`
}
