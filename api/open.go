package api

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// openData are the addresses of what anybody may take away: the published
// register and its history, a feed, a calendar, and each deployment in the form
// of other registers. They ask nobody to sign in and say the same to everybody.
func (a *API) openData(e *gin.Engine) {
	reads := []string{http.MethodGet, http.MethodHead}
	g := e.Group("/open/:organisation")
	for name, media := range register.OpenFileTypes {
		g.Match(reads, "/"+string(name), a.forAll(func(c *gin.Context, who models.Actor) error { return a.openFile(c, who, name, media) }))
	}
	g.Match(reads, "/register.atom", a.forAll(a.registerFeed))
	g.Match(reads, "/windows.ics", a.forAll(a.windows))
	g.Match(reads, "/deployments/:ref/atrs.json", a.forAll(a.atrs))
	g.Match(reads, "/deployments/:ref/atrs.csv", a.forAll(a.atrs))
	g.Match(reads, "/deployments/:ref/atrs.html", a.forAll(a.atrs))
	g.Match(reads, "/deployments/:ref/algoritmeregister.json", a.forAll(a.algoritmeregister))
	e.Match(reads, "/sitemap.xml", a.sitemap)
	e.Match(reads, "/calendar/:code", a.ownCalendar)
	e.POST(web.CallbackPath, a.notifyCallback)
}

// forAll answers for the public of the organisation in the address.
func (a *API) forAll(h func(*gin.Context, models.Actor) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		who, err := a.reg.PublicActor(c.Request.Context(), c.Param("organisation"))
		if err == nil {
			err = h(c, who)
		}
		if err != nil && !c.Writer.Written() {
			WriteProblem(a.log)(c, err)
			return
		}
		if err != nil {
			// The status has gone out: all that is left is not to end the answer well.
			a.log.ErrorContext(c.Request.Context(), "an export broke off", "path", c.FullPath(), "error", err.Error())
			panic(http.ErrAbortHandler)
		}
	}
}

// late is a writer that sends the headers with the first bytes, so that what
// fails before them is answered as the failure it is.
type late struct {
	c     *gin.Context
	media string
	name  string
}

// Write writes the answer.
func (l *late) Write(b []byte) (int, error) {
	if !l.c.Writer.Written() {
		l.head()
	}
	return l.c.Writer.Write(b)
}

func (l *late) head() {
	l.c.Header("Content-Type", l.media)
	l.c.Header("Cache-Control", "no-cache")
	l.c.Header("Access-Control-Allow-Origin", "*")
	if l.name != "" {
		l.c.Header("Content-Disposition", `attachment; filename="`+l.name+`"`)
	}
	l.c.Status(http.StatusOK)
}

func (a *API) openFile(c *gin.Context, who models.Actor, name register.OpenFile, media string) error {
	out := &late{c: c, media: media, name: c.Param("organisation") + "-" + string(name)}
	if c.Request.Method == http.MethodHead {
		out.head()
		return nil
	}
	return a.reg.WriteOpen(c.Request.Context(), who, name, out)
}

// spoken is the language that an address asks for, or that the reader prefers.
func spoken(c *gin.Context) models.Language {
	switch c.Query("language") {
	case "en":
		return models.English
	case "cy":
		return models.Welsh
	}
	c.Header("Vary", "Accept-Language")
	return web.Language(c.Request.Context())
}

func (a *API) registerFeed(c *gin.Context, who models.Actor) error {
	var b bytes.Buffer
	if err := a.reg.RegisterFeed(c.Request.Context(), who, spoken(c), c.Query("after"), &b); err != nil {
		return err
	}
	c.Header("Cache-Control", "no-cache")
	c.Header("Access-Control-Allow-Origin", "*")
	c.Data(http.StatusOK, "application/atom+xml; charset=utf-8", b.Bytes())
	return nil
}

func (a *API) windows(c *gin.Context, who models.Actor) error {
	b, err := a.reg.WindowsCalendar(c.Request.Context(), who, spoken(c))
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "text/calendar; charset=utf-8", b)
	return nil
}

func (a *API) atrs(c *gin.Context, who models.Actor) error {
	_, form, _ := strings.Cut(c.FullPath(), "atrs.")
	var b bytes.Buffer
	if err := a.reg.WriteATRS(c.Request.Context(), who, c.Param("ref"), c.DefaultQuery("version", "4"), form, spoken(c), &b); err != nil {
		return err
	}
	media := map[string]string{"json": "application/json", "csv": "text/csv; charset=utf-8", "html": "text/html; charset=utf-8"}[form]
	if form != "html" {
		c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-atrs.%s"`, fileName(c.Param("ref")), form))
	}
	c.Header("Cache-Control", "no-cache")
	c.Header("Access-Control-Allow-Origin", "*")
	c.Data(http.StatusOK, media, b.Bytes())
	return nil
}

func (a *API) algoritmeregister(c *gin.Context, who models.Actor) error {
	b, err := a.reg.Algoritmeregister(c.Request.Context(), who, c.Param("ref"))
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-cache")
	c.Header("Access-Control-Allow-Origin", "*")
	c.Data(http.StatusOK, "application/json", b)
	return nil
}

// fileName keeps what may stand in a file's name.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}

// mostAddresses is how many addresses a sitemap holds: what the protocol allows
// (sitemaps.org, 50,000).
const mostAddresses = 50_000

// errEnough ends a walk that has found all that fits.
var errEnough = errors.New("enough")

func (a *API) sitemap(c *gin.Context) {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	n := 0
	err := a.reg.Sitemap(c.Request.Context(), func(address string, changed time.Time) error {
		if n++; n > mostAddresses {
			return errEnough
		}
		b.WriteString("<url><loc>")
		if err := xml.EscapeText(&b, []byte(address)); err != nil {
			return err
		}
		_, err := fmt.Fprintf(&b, "</loc><lastmod>%s</lastmod></url>\n", changed.UTC().Format(time.DateOnly))
		return err
	})
	if err != nil && !errors.Is(err, errEnough) {
		WriteProblem(a.log)(c, err)
		return
	}
	b.WriteString("</urlset>\n")
	c.Data(http.StatusOK, "application/xml; charset=utf-8", b.Bytes())
}

// ownCalendar is somebody's calendar, for whoever has its address.
func (a *API) ownCalendar(c *gin.Context) {
	code, ok := strings.CutSuffix(c.Param("code"), ".ics")
	var b []byte
	err := error(models.Missing("calendar"))
	if ok {
		b, err = a.reg.Calendar(c.Request.Context(), code)
	}
	if err != nil {
		WriteProblem(a.log)(c, err)
		return
	}
	c.Header("Cache-Control", "private, no-cache")
	c.Header("Referrer-Policy", "no-referrer")
	c.Header("X-Robots-Tag", "noindex")
	c.Data(http.StatusOK, "text/calendar; charset=utf-8", b)
}

// mostCallback is how many bytes a provider may say.
const mostCallback = 64 << 10

// notifyCallback takes what GOV.UK Notify says of a message. It is kept at once
// and handled later: a provider that waits calls again.
func (a *API) notifyCallback(c *gin.Context) {
	token, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer ")
	if !ok {
		WriteProblem(a.log)(c, models.Fail(models.Unauthenticated, "unauthenticated"))
		return
	}
	b, err := io.ReadAll(io.LimitReader(c.Request.Body, mostCallback+1))
	switch {
	case err != nil:
		err = models.Fail(models.Invalid, "body_unreadable").Because(err)
	case len(b) > mostCallback:
		err = models.Fail(models.TooLarge, "too_large")
	default:
		err = a.reg.NotifyCalledBack(c.Request.Context(), token, b)
	}
	if err != nil {
		WriteProblem(a.log)(c, err)
		return
	}
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
}
