package api

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/words"
	"beforehand/internal/web"
	"beforehand/models"
)

// wellKnown are the addresses at which programs of others, witnesses above
// all, find an organisation's log. They are plain text and ask nobody to sign in.
func (a *API) wellKnown(e *gin.Engine) {
	g := e.Group("/.well-known/beforehand/:organisation")
	reads := []string{http.MethodGet, http.MethodHead}
	g.Match(reads, "/checkpoint", a.plainly(a.knownCheckpoint))
	g.Match(reads, "/checkpoint/:size", a.plainly(a.knownCheckpoint))
	g.Match(reads, "/keys", a.plainly(a.knownKeys))
	g.Match(reads, "/consistency/:old", a.plainly(a.knownConsistency))
	g.Match(reads, "/consistency/:old/:size", a.plainly(a.knownConsistency))
	g.Match(reads, "/checkpoints.atom", a.feed)
	e.Match(reads, "/shared/:token", a.shared)
	g.POST("/cosignature/:size", a.plainly(a.takeCosignature))
}

// plainly answers with text, for the public of the organisation in the address.
func (a *API) plainly(h func(*gin.Context, models.Actor) (string, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		who, err := a.reg.PublicActor(c.Request.Context(), c.Param("organisation"))
		var text string
		if err == nil {
			text, err = h(c, who)
		}
		if err != nil {
			WriteProblem(a.log)(c, err)
			return
		}
		c.Header("Cache-Control", "no-cache")
		c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(text))
	}
}

// sizeOf reads a size from the address; one that is left out is the newest, and
// one that is no number is nowhere. Of nothing there is no checkpoint, though a
// proof may begin from it.
func sizeOf(c *gin.Context, name string) (int64, error) {
	s := c.Param(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1<<53 || strconv.FormatInt(n, 10) != s || n == 0 && name == "size" {
		return 0, models.Missing("checkpoint")
	}
	return n, nil
}

func (a *API) knownCheckpoint(c *gin.Context, who models.Actor) (string, error) {
	size, err := sizeOf(c, "size")
	if err != nil {
		return "", err
	}
	cp, err := a.reg.Checkpoint(c.Request.Context(), who, size)
	return cp.Signed(), err
}

func (a *API) knownKeys(c *gin.Context, who models.Actor) (string, error) {
	keys, err := a.reg.Keys(c.Request.Context(), who)
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(k.Public + "\n")
	}
	return b.String(), err
}

// knownConsistency is the body that C2SP tlog-witness wants of a log: the old
// size, the proof, an empty line, a checkpoint: the newest, or that of a size.
func (a *API) knownConsistency(c *gin.Context, who models.Actor) (string, error) {
	old, err := sizeOf(c, "old")
	if err != nil {
		return "", err
	}
	size, err := sizeOf(c, "size")
	if err != nil {
		return "", err
	}
	p, err := a.reg.Consistency(c.Request.Context(), who, old, size)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "old %d\n", p.Old)
	for _, h := range p.Proof {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	return b.String() + "\n" + p.New.Signed(), nil
}

// mostLines is how many bytes the lines of witnesses may have.
const mostLines = 20_000

func (a *API) takeCosignature(c *gin.Context, who models.Actor) (string, error) {
	size, err := sizeOf(c, "size")
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(c.Request.Body, mostLines+1))
	if err != nil {
		return "", models.Fail(models.Invalid, "body_unreadable").Because(err)
	}
	if len(b) > mostLines {
		return "", models.Fail(models.TooLarge, "too_large")
	}
	cp, err := a.reg.Cosign(c.Request.Context(), who, size, string(b))
	return cp.Signed(), err
}

// shared opens the attachment of a link, for whoever has it. Its address is
// not given on to where the file leads, nor kept by anything between.
func (a *API) shared(c *gin.Context) {
	f, b, err := a.reg.Linked(c.Request.Context(), c.Param("token"))
	if err != nil {
		WriteProblem(a.log)(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Referrer-Policy", "no-referrer")
	c.Header("Content-Disposition", disposition(f))
	c.Data(http.StatusOK, f.MediaType, b)
}

// The feed, as RFC 4287 writes it.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Content atomContent `xml:"content"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// inFeed is how many checkpoints the feed holds.
const inFeed = 50

// changed is when a checkpoint was signed, or last countersigned.
func changed(c models.Checkpoint) time.Time {
	at := c.At
	for _, s := range c.Cosignatures {
		if s.At.After(at) {
			at = s.At
		}
	}
	return at
}

// feed is the Atom feed of the checkpoints, newest first: each whole, with
// whoever has countersigned it by now.
func (a *API) feed(c *gin.Context) {
	ctx := c.Request.Context()
	slug := c.Param("organisation")
	who, err := a.reg.PublicActor(ctx, slug)
	var rows []models.Checkpoint
	if err == nil {
		rows, err = a.reg.Checkpoints(ctx, who, 0, inFeed)
	}
	var name models.Text
	if err == nil {
		name, err = a.reg.OrganisationName(ctx, who)
	}
	if err != nil {
		WriteProblem(a.log)(c, err)
		return
	}
	lang := string(web.Language(ctx))
	base := a.reg.Address() + "/.well-known/beforehand/" + slug
	f := atomFeed{
		Lang: lang, ID: base + "/checkpoints.atom", Title: words.Say(lang, "feed.checkpoints", map[string]any{"organisation": name}),
		Updated: time.Unix(0, 0).UTC().Format(time.RFC3339), Author: name.In(models.Language(lang)),
		Links: []atomLink{{"self", "application/atom+xml", base + "/checkpoints.atom"}},
	}
	for i, cp := range rows {
		if at := changed(cp).Format(time.RFC3339); i == 0 || at > f.Updated {
			f.Updated = at
		}
		at := base + "/checkpoint/" + strconv.FormatInt(cp.Size, 10)
		f.Entries = append(f.Entries, atomEntry{
			ID: at, Title: words.Say(lang, "feed.checkpoint", map[string]any{"size": words.Number(lang, int(cp.Size))}), Updated: changed(cp).Format(time.RFC3339),
			Links: []atomLink{{"alternate", "text/plain", at}}, Content: atomContent{"text", cp.Signed()},
		})
	}
	b, err := xml.MarshalIndent(f, "", " ")
	if err != nil {
		WriteProblem(a.log)(c, err)
		return
	}
	c.Header("Cache-Control", "no-cache")
	c.Header("Vary", "Accept-Language")
	c.Data(http.StatusOK, "application/atom+xml; charset=utf-8", append([]byte(xml.Header), b...))
}
