// Package web is what the API and the pages share: the gin engine, request
// ids, who is asking, sessions, limits, security headers, cross-origin
// protection, repeated requests. It knows no resource and renders nothing.
package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"beforehand/models"
)

// Limits of a request, in bytes.
const (
	MaxBody   = 1 << 20
	MaxUpload = 50 << 20
	// MaxDataset is rows of evidence, with what a form puts around them.
	MaxDataset = 201 << 20
)

// People finds out who is asking.
type People interface {
	ActorOfSession(ctx context.Context, in models.SignIn) (models.Actor, error)
	ActorOfToken(ctx context.Context, token string, from models.Origin) (models.Actor, error)
	PublicActor(ctx context.Context, slug string) (models.Actor, error)
}

// Options are what the engine is made of.
type Options struct {
	People   People
	Sessions *Sessions
	Log      *slog.Logger
	// Secure says that people reach us by HTTPS.
	Secure bool
	// Problem writes an error to a request that no handler has taken.
	Problem func(c *gin.Context, err error)
	// Observe is told of each answered request; it may be nil.
	Observe func(route, method string, status int, took time.Duration)
	Now     func() time.Time
	// Count gives a context that counts the statements sent to the database,
	// and what asks for the number; nil does not count.
	Count func(context.Context) (context.Context, func() int64)
	// MayLag marks the reads that a standby of the database may answer, a few
	// seconds late; nil marks none.
	MayLag func(context.Context) context.Context
	// Around goes around everything else that answers a request; nil does not.
	Around gin.HandlerFunc
	// Unchanged keeps answers to what the public reads; nil keeps none.
	Unchanged *Unchanged
	// Limiter bounds how often one person or address may ask; nil does not.
	Limiter *Limiter
	// Proxies are the addresses whose word is taken for where a request came
	// from; nobody's, when there are none.
	Proxies []string
	// Spool is the folder where large uploads lie while they are read; "" is
	// the system's for temporary files.
	Spool string
}

// Gin prints to standard output until it is told not to, where subcommands
// write what scripts read.
func init() { gin.SetMode(gin.ReleaseMode) }

// New makes the engine. Its Handler wraps it in sessions and cross-origin protection.
func New(o Options) *gin.Engine {
	e := gin.New()
	e.MaxMultipartMemory = MaxUpload // the body is in memory already: no part of it goes to a disk
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.ContextWithFallback = true
	if err := e.SetTrustedProxies(o.Proxies); err != nil {
		panic(err) // ParseProxies has looked at them
	}
	if o.Around != nil {
		e.Use(o.Around)
	}
	e.Use(o.requestID, o.log, o.recover, o.headers, language, o.address, o.actor, o.body)
	if o.Unchanged != nil {
		e.Use(o.Unchanged.Keep)
	}
	e.NoRoute(func(c *gin.Context) { o.Problem(c, models.Missing("page")) })
	e.NoMethod(func(c *gin.Context) { o.Problem(c, models.Fail(models.NotFound, "method_not_allowed")) })
	return e
}

// Handler is the engine behind sessions and cross-origin protection.
func (o Options) Handler(e *gin.Engine) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.Problem(o.outside(w, r), models.Fail(models.Forbidden, "cross_origin"))
	}))
	o.Sessions.manager.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		handled := w.Header().Get("X-Request-Id") != ""
		for name := range w.Header() { // they were of the answer that does not go out
			if name != "Vary" && name != "X-Request-Id" {
				w.Header().Del(name)
			}
		}
		c := o.outside(w, r)
		o.Problem(c, unkept(r, err, handled))
		if r.Context().Err() == nil { // or who asked has gone
			o.Log.ErrorContext(c, "a session was not read or kept", "request", RequestID(c.Request.Context()), "error", err.Error())
		}
		if whole, ok := w.(*wholeWriter); ok {
			whole.answered = true
		}
	}
	kept := o.Sessions.manager.LoadAndSave(e)
	return guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, was := reading(r)
		kept.ServeHTTP(&wholeWriter{ResponseWriter: w, was: was, cookie: o.Sessions.manager.Cookie.Name}, r)
	}))
}

// unkept is what is said to somebody whose session was not read or kept. What
// they did may be done by then, whatever the database says of the session.
func unkept(r *http.Request, err error, handled bool) error {
	if !handled || r.Method == http.MethodGet || r.Method == http.MethodHead || models.KindOf(err) != models.Unavailable {
		return err
	}
	e, _ := errors.AsType[*models.Error](err)
	return models.Fail(models.Unavailable, "session_unkept").With("seconds", e.Params["seconds"]).Because(err)
}

// wholeWriter takes no more once the request has been answered: the library goes
// on with the handler's answer after its session could not be kept, and gives
// the cookie of one that was ended.
type wholeWriter struct {
	http.ResponseWriter
	answered bool
	was      *read
	cookie   string
}

// Unwrap is for what else the connection can do.
func (w *wholeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader begins the answer.
func (w *wholeWriter) WriteHeader(status int) {
	if w.answered {
		return
	}
	if w.was.ended {
		dropCookie(w.Header(), w.cookie)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write goes on with the answer.
func (w *wholeWriter) Write(b []byte) (int, error) {
	if w.answered {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// outside is the context of a request that the engine has not been handed.
func (o Options) outside(w http.ResponseWriter, r *http.Request) *gin.Context {
	c, _ := gin.CreateTestContext(w)
	c.Request = r
	o.requestID(c)
	o.headers(c)
	language(c)
	return c
}

type ctxKey int

const (
	actorKey ctxKey = iota
	languageKey
	requestKey
	bodyKey
	queryKey
)

// Actor is who asks.
func Actor(ctx context.Context) models.Actor {
	a, _ := ctx.Value(actorKey).(models.Actor)
	return a
}

// Language is the language to answer in.
func Language(ctx context.Context) models.Language {
	if l, ok := ctx.Value(languageKey).(models.Language); ok {
		return l
	}
	return models.English
}

// RequestID names the request in answers and logs.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey).(string)
	return id
}

// BodyHash is the SHA-256 of the request: method, address and body.
func BodyHash(ctx context.Context) string {
	h, _ := ctx.Value(bodyKey).(string)
	return h
}

func with(c *gin.Context, key ctxKey, v any) {
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), key, v))
}

// WithLanguage answers the rest of a request in a language.
func WithLanguage(c *gin.Context, l models.Language) { with(c, languageKey, l) }

func (o Options) requestID(c *gin.Context) {
	id := c.Writer.Header().Get("X-Request-Id")
	if id == "" {
		id = uuid.Must(uuid.NewV7()).String()
	}
	with(c, requestKey, id)
	with(c, queryKey, c.Request.URL.Query())
	c.Header("X-Request-Id", id)
}

// recover answers a panic as an internal error; the stack goes to the log.
func (o Options) recover(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		o.Log.ErrorContext(c, "a handler panicked", "request", RequestID(c.Request.Context()), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		if !c.Writer.Written() {
			o.Problem(c, errors.New("panic"))
		}
		c.Abort()
	}()
	c.Next()
}

// private says whether a route is one of a union's room, or of the pages that
// are told from it by nothing: an inbox, what one owes.
func private(route string) bool {
	for _, part := range []string{"/room", "/inbox", "/duties"} {
		if strings.HasSuffix(route, part) || strings.Contains(route, part+"/") {
			return true
		}
	}
	return false
}

// Told is what is told of an answered request to whoever watches the server: its
// route, and never its address. That a union's room is used, and how, is nobody
// else's.
func Told(c *gin.Context) (route, method string, status int) {
	route, method, status = c.FullPath(), c.Request.Method, c.Writer.Status()
	switch {
	case route == "":
		route = "none"
	case private(route) && status < http.StatusInternalServerError:
		return "private", http.MethodGet, http.StatusOK
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other" // whoever asks may call it what they like
	}
	return route, method, status
}

// log writes one line a request, without personal data: the route, not the address.
func (o Options) log(c *gin.Context) {
	start, statements := o.Now(), func() int64 { return 0 }
	if o.Count != nil {
		var ctx context.Context
		ctx, statements = o.Count(c.Request.Context())
		c.Request = c.Request.WithContext(ctx)
	}
	c.Next()
	took := o.Now().Sub(start)
	route, method, status := Told(c)
	n := statements()
	if route == "private" {
		n = 0 // as many as the rows of a room are nobody's to know
	}
	if o.Observe != nil {
		o.Observe(route, method, status, took)
	}
	level := slog.LevelInfo
	if status >= 500 {
		level = slog.LevelError
	}
	line := []any{"id", RequestID(c.Request.Context()), "method", method, "route", route, "status", status, "ms", took.Milliseconds(), "statements", n}
	if level == slog.LevelError && len(c.Errors) > 0 {
		line = append(line, "error", c.Errors.Last().Error())
	}
	o.Log.Log(c, level, "request", line...)
}

func (o Options) headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if o.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// language reads Accept-Language: Welsh when it comes before English.
func language(c *gin.Context) {
	for part := range strings.SplitSeq(c.GetHeader("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(strings.ToLower(part)), ";")
		base, _, _ := strings.Cut(tag, "-")
		if base == "cy" || base == "en" {
			with(c, languageKey, models.Language(base))
			return
		}
	}
}

// address refuses an address that no database can look up: bytes that are not
// UTF-8, and control characters that nobody types.
func (o Options) address(c *gin.Context) {
	if !typable(c.Request.URL.Path) {
		o.refuse(c, models.Missing("page"))
		return
	}
	for name, values := range Query(c.Request.Context()) {
		for _, v := range values {
			if !typable(name) || !typable(v) {
				o.refuse(c, &models.Error{Kind: models.Invalid, Code: "invalid", Fields: []models.Field{{Path: strings.ToValidUTF8(name, "?"), Code: "control_characters"}}})
				return
			}
		}
	}
}

func typable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f })
}

// body reads the whole body, within its limit, so that it can be hashed and
// checked: JSON that is not UTF-8 is refused before anybody decodes it.
func (o Options) body(c *gin.Context) {
	if c.Request.Body == nil || c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead {
		return
	}
	if a := Actor(c.Request.Context()); dataset.MatchString(c.Request.URL.Path) && (a.EmployerSide() || a.Has(models.RoleService)) {
		o.spool(c)
		return
	}
	kind := c.ContentType()
	limit := int64(MaxBody)
	if isUpload(c.Request.URL.Path) && !Actor(c.Request.Context()).Anonymous() {
		limit = MaxUpload
	}
	began := o.Now()
	b, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	if err != nil {
		o.refuseBody(c, err, limit)
		return
	}
	if o.Now().Sub(began) > time.Second && !o.stillThere(c) {
		return
	}
	if (strings.HasSuffix(kind, "json") || kind == "") && !utf8.Valid(b) && limit == MaxBody {
		o.refuse(c, models.Fail(models.Invalid, "not_utf8"))
		return
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s\n%s\n", c.Request.Method, c.Request.URL.RequestURI(), kind)
	sum.Write(b)
	with(c, bodyKey, hex.EncodeToString(sum.Sum(nil)))
	c.Request.Body = io.NopCloser(bytes.NewReader(b))
	c.Request.ContentLength = int64(len(b))
}

func (o Options) refuseBody(c *gin.Context, err error, limit int64) {
	if big, ok := errors.AsType[*http.MaxBytesError](err); ok && big != nil {
		code := "body_too_large"
		if limit > MaxBody {
			code = "upload_too_large"
		}
		o.refuse(c, models.Fail(models.TooLarge, code).With("max", fmt.Sprint(limit>>20)))
		return
	}
	if _, ours := errors.AsType[*fs.PathError](err); ours {
		o.refuse(c, models.FilesAway(err))
		return
	}
	o.refuse(c, models.Fail(models.Invalid, "malformed_json").Because(err))
}

// spool takes a body that memory should not hold into a file, which is gone
// when the request has been answered. It is hashed like any other.
func (o Options) spool(c *gin.Context) {
	f, err := os.CreateTemp(o.Spool, ".upload.*")
	if err != nil {
		o.refuse(c, models.FilesAway(err))
		return
	}
	defer f.Close() //nolint:errcheck // what was in it has been read, or will not be
	// Without a name it is gone with the process, however that ends.
	if err := os.Remove(f.Name()); err != nil {
		o.refuse(c, models.FilesAway(err))
		return
	}
	began := o.Now()
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s\n%s\n", c.Request.Method, c.Request.URL.RequestURI(), c.ContentType())
	n, err := io.Copy(io.MultiWriter(f, sum), http.MaxBytesReader(c.Writer, c.Request.Body, MaxDataset))
	if err != nil {
		o.refuseBody(c, err, MaxDataset)
		return
	}
	if o.Now().Sub(began) > time.Second && !o.stillThere(c) {
		return
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		o.refuse(c, models.FilesAway(err))
		return
	}
	with(c, bodyKey, hex.EncodeToString(sum.Sum(nil)))
	c.Request.Body, c.Request.ContentLength = f, n
	c.Next()
}

// dataset are the addresses that take rows of evidence: of the API, and of a page.
var dataset = regexp.MustCompile(`^/(api/v1|en|cy)/claims/[^/]+/(datasets|rows)$`)

// stillThere decides anew who asks when the body was long on its way: a request
// that was begun before a session ended, or a role was taken away, and held
// back, must not be carried out on what was true then.
func (o Options) stillThere(c *gin.Context) bool {
	ctx := c.Request.Context()
	if a := Actor(ctx); !a.Anonymous() && a.TokenID == "" {
		lives, err := o.Sessions.Lives(ctx)
		if err == nil && !lives {
			err = models.Fail(models.Unauthenticated, "unauthenticated")
		}
		if err != nil {
			o.refuse(c, err)
			return false
		}
	}
	o.actor(c)
	return !c.IsAborted()
}

// withFiles are the addresses of forms that take a file or several beside what is typed.
var withFiles = regexp.MustCompile(`^/(en|cy)/(deployments/[^/]+/costs|questionnaires/[^/]+/answer)$`)

func isUpload(path string) bool {
	return strings.HasSuffix(path, "/imports") || strings.HasSuffix(path, "/attachments") || strings.Contains(path, "/import/") || withFiles.MatchString(path) ||
		strings.Contains(path, "/room/") && strings.HasSuffix(path, "/files")
}

func (o Options) refuse(c *gin.Context, err error) {
	o.Problem(c, err)
	c.Abort()
}

// CallbackPath is where a mail provider says what became of a message. It
// brings a token of its own, which is for the handler to check.
const CallbackPath = "/notify/callback"

// actor finds out who is asking: a bearer token first, else the session, else
// the public. A token that is wrong is an error, not the public. Whoever asks
// too often is told when to ask again: somebody signed in is counted for
// themselves, for a whole town hall may share one address.
func (o Options) actor(c *gin.Context) {
	from := models.Origin{Address: c.ClientIP(), Agent: shorten(strings.ToValidUTF8(c.GetHeader("User-Agent"), ""), 200)}
	a, err := o.whoAsks(c, from)
	key := clientKey(c)
	if err == nil && !a.Anonymous() {
		key = a.UserID + a.TokenID
	}
	if wait, ok := o.Limiter.Allow(key); !ok {
		c.Header("Retry-After", retryAfter(wait))
		o.refuse(c, models.Fail(models.Limited, "limited"))
		return
	}
	if err != nil {
		o.refuse(c, err)
		return
	}
	a.From = from
	with(c, actorKey, a)
	if o.MayLag != nil && mayLag(c, a) {
		c.Request = c.Request.WithContext(o.MayLag(c.Request.Context()))
	}
}

func (o Options) whoAsks(c *gin.Context, from models.Origin) (models.Actor, error) {
	ctx := c.Request.Context()
	if c.FullPath() == CallbackPath {
		return models.Actor{}, nil // its bearer token is none of ours
	}
	if h := c.GetHeader("Authorization"); h != "" {
		scheme, token, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return models.Actor{}, models.Fail(models.Unauthenticated, "bad_credentials")
		}
		return o.People.ActorOfToken(ctx, token, from)
	}
	if in, ok := o.Sessions.SignIn(ctx); ok {
		a, err := o.People.ActorOfSession(ctx, in)
		if err == nil {
			return a, nil
		}
		if models.KindOf(err) != models.NotFound {
			return a, err
		}
		// The account is gone: the session goes with it.
		if err := o.Sessions.End(ctx); err != nil {
			return models.Actor{}, err
		}
	}
	if route := c.FullPath(); route == "/healthz" || route == "/readyz" || strings.HasPrefix(route, "/assets/") {
		return models.Actor{}, nil // the same for everybody: no organisation is looked up for it
	}
	a, err := o.People.PublicActor(ctx, c.Query("organisation"))
	if models.Refused(err) && c.Query("organisation") == "" {
		return models.Actor{}, nil // no organisation yet, or many: routes that need one say so
	}
	return a, err
}

// Query is the query of the request.
func Query(ctx context.Context) url.Values {
	q, _ := ctx.Value(queryKey).(url.Values)
	return q
}
