package pages

import (
	"context"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/models"
)

// aboutPart is one part of a page about this service.
type aboutPart struct {
	id, title string
	text      []string
	items     []string
}

// part gathers a part of a page: its title, then as many numbered texts and
// items as there are words for.
func part(ctx context.Context, page, id string, pairs ...any) aboutPart {
	key := "page." + page + "." + id
	out := aboutPart{id: id, title: design.Say(ctx, key)}
	for i := 1; words.Has(words.English, key+".text"+strconv.Itoa(i)); i++ {
		out.text = append(out.text, design.Say(ctx, key+".text"+strconv.Itoa(i), pairs...))
	}
	for i := 1; words.Has(words.English, key+".item"+strconv.Itoa(i)); i++ {
		out.items = append(out.items, design.Say(ctx, key+".item"+strconv.Itoa(i), pairs...))
	}
	return out
}

// contactOf is whom to write to.
func contactOf(ctx context.Context) string {
	if at := design.Of(ctx).Org.Contact; at != "" {
		return at
	}
	return design.Say(ctx, "page.about.no_contact")
}

// Accessibility is the accessibility statement: what was looked at, and what
// was not.
func (p *Pages) Accessibility(c *gin.Context) error {
	ctx := c.Request.Context()
	b := board{title: design.Say(ctx, "page.accessibility.title"), lead: []string{design.Say(ctx, "page.accessibility.lead", "employer", headerName(ctx))}}
	for _, id := range []string{"can", "tested", "untested", "known", "tell"} {
		b.parts = append(b.parts, aboutSection(part(ctx, "accessibility", id, "contact", contactOf(ctx))))
	}
	return p.showBoard(c, b)
}

// Privacy says what is held about whom, why, and how long.
func (p *Pages) Privacy(c *gin.Context) error {
	ctx := c.Request.Context()
	kept := models.DefaultAccessSettings("")
	pairs := []any{"contact", contactOf(ctx), "employer", headerName(ctx), "logDays", kept.SecurityLogDays, "invitationDays", kept.InvitationDays}
	b := board{title: design.Say(ctx, "page.privacy.title"), lead: []string{design.Say(ctx, "page.privacy.lead", pairs...)}}
	for _, id := range []string{"accounts", "words", "union", "workers", "public", "cookies"} {
		b.parts = append(b.parts, aboutSection(part(ctx, "privacy", id, pairs...)))
	}
	b.parts = append(b.parts, gridTable(keptGrid(ctx, pairs)))
	for _, id := range []string{"log", "shared", "rights"} {
		b.parts = append(b.parts, aboutSection(part(ctx, "privacy", id, pairs...)))
	}
	return p.showBoard(c, b)
}

// keptGrid says how long each kind of thing is kept.
func keptGrid(ctx context.Context, pairs []any) grid {
	g := grid{title: design.Say(ctx, "page.privacy.kept"), id: "kept", caption: design.Say(ctx, "page.privacy.kept_caption"), heads: heads(ctx, "held", "howlong")}
	for _, k := range []string{"account", "session", "token", "invitation", "securitylog", "unsent", "imported", "said", "rows", "room", "letters", "applicationlog", "backups"} {
		g.rows = append(g.rows, []templ.Component{plain(design.Say(ctx, "page.kept."+k)), plain(design.Say(ctx, "page.kept."+k+".long", pairs...))})
	}
	return g
}

// headerName is whose register this is.
func headerName(ctx context.Context) string {
	return otherwise(design.Of(ctx).Org.Name().In(design.Of(ctx).Lang), design.Say(ctx, "page.about.employer"))
}
