package pages

import (
	"context"
	"net/http"
	"net/url"
	"path"
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

// keptPath is the form that is asked about, if it is asked by whom it was shown
// to: somebody else may have signed in in another tab of the same browser.
func keptPath(c *gin.Context) (string, error) {
	if by := c.Query("for"); by != "" && by != web.Actor(c.Request.Context()).UserID {
		return "", models.Fail(models.Forbidden, "forbidden").With("act", "inbox.choose")
	}
	asked := trimmed(c.Query("path"))
	if path.Clean(asked) != asked {
		return "", models.Missing("page")
	}
	return asked, nil
}

// Kept gives what was typed into a form and not sent.
func (p *Pages) Kept(c *gin.Context) error {
	ctx := c.Request.Context()
	form, err := keptPath(c)
	if err != nil {
		return err
	}
	k, err := p.Register.KeptForm(ctx, web.Actor(ctx), form)
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
	form, err := keptPath(c)
	if err != nil {
		return err
	}
	answers := url.Values{}
	for name, all := range c.Request.PostForm {
		if !fragile(name) && name != keptName && name != "key" && name != "do" && name != "end" {
			answers[name] = all
		}
	}
	if c.Query("drop") != "" {
		err = p.Register.DropKeptForm(ctx, web.Actor(ctx), form)
	} else {
		err = p.Register.KeepForm(ctx, web.Actor(ctx), form, answers)
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
		"data-keep": string(design.Link(ctx, "/keep?"+url.Values{"path": {path}, "for": {here.Actor.UserID}}.Encode())), "data-keep-failed": design.Say(ctx, "page.keep.failed"), "data-keep-said": design.Say(ctx, "page.keep.kept"),
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
