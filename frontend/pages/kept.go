package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// keptName is the hidden answer with which a form says that something was kept
// of it, which nobody needs once it was taken.
const keptName = "kept"

// Kept gives what was typed into a form and not sent.
func (p *Pages) Kept(c *gin.Context) error {
	ctx := c.Request.Context()
	k, err := p.Register.KeptForm(ctx, web.Actor(ctx), trimmed(c.Query("path")))
	if models.KindOf(err) == models.NotFound {
		c.Status(http.StatusNoContent)
		return nil
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"at": design.Instant(ctx, k.At), "answers": k.Answers})
	return nil
}

// Keep keeps what was typed into a form, or throws it away.
func (p *Pages) Keep(c *gin.Context) error {
	ctx := c.Request.Context()
	_ = c.PostForm("") // the form is read
	path, answers := trimmed(c.Query("path")), url.Values{}
	for name, all := range c.Request.PostForm {
		if !fragile(name) && name != keptName && name != "version" && name != "key" && name != "do" {
			answers[name] = all
		}
	}
	var err error
	if c.Query("drop") != "" {
		err = p.Register.DropKeptForm(ctx, web.Actor(ctx), path)
	} else {
		err = p.Register.KeepForm(ctx, web.Actor(ctx), path, answers)
	}
	if err == nil {
		c.Status(http.StatusNoContent)
	}
	return err
}

// keeping are the attributes of a form of which a script keeps what is typed,
// on the server, until it is sent. Nothing is kept of a union's room, nor of
// whoever has not signed in.
func keeping(ctx context.Context, path string) templ.Attributes {
	here := design.Of(ctx)
	if here.Actor.Anonymous() || strings.HasPrefix(path, "/room") {
		return nil
	}
	return templ.Attributes{
		"data-keep": string(design.Link(ctx, "/keep?path="+url.QueryEscape(path))), "data-keep-said": design.Say(ctx, "page.keep.kept"),
		"data-keep-found": design.Say(ctx, "page.keep.found"), "data-keep-back": design.Say(ctx, "page.keep.back"), "data-keep-drop": design.Say(ctx, "page.keep.drop"),
		"data-keep-offline": design.Say(ctx, "page.keep.offline"),
	}
}

// sent throws away what was kept of a form that was taken.
func (p *Pages) sent(c *gin.Context) error {
	if c.Request.Method != http.MethodPost || c.PostForm(keptName) == "" {
		return nil
	}
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	if a.Anonymous() {
		return nil
	}
	err := p.Register.DropKeptForm(ctx, a, design.Of(ctx).Path)
	if hidden(err) {
		return nil
	}
	return err
}
