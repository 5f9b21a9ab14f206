package pages

import (
	"context"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
)

// SaveView keeps the filter of the register that the reader sees under a name.
func (p *Pages) SaveView(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	q, err := url.ParseQuery(v.Get("query"))
	if err != nil {
		q = url.Values{}
	}
	l, _ := listAsked(q) // a day that is none chooses nothing
	kept := l.answers.Encode()
	_, err = p.Register.SaveView(ctx, web.Actor(ctx), v.Get("name"), kept)
	if again(err) {
		l.answers.Set("name", v.Get("name"))
		return p.list(c, l.answers, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, viewPath(kept), "page.view.saved")
}

// RemoveView takes a view of the reader's away.
func (p *Pages) RemoveView(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := p.Register.RemoveView(ctx, web.Actor(ctx), param(c, "id")); err != nil {
		return err
	}
	return p.done(c, "/register", "page.view.removed")
}

// viewPath is where a view is seen.
func viewPath(query string) string {
	if query == "" {
		return "/register"
	}
	return "/register?" + query
}

// viewLink leads to a view.
func viewLink(ctx context.Context, v register.SavedView) templ.SafeURL {
	return design.Link(ctx, viewPath(v.Query))
}

// viewSheet asks for a name for what is shown now.
func (l list) viewSheet(ctx context.Context) sheet {
	return sheet{
		path: "/register/views", hidden: []pair{{"query", l.answers.Encode()}}, ask: []question{ask(ctx, "name", "viewname", l.name)},
		button: design.Say(ctx, "page.view.save"), faults: l.faults,
	}.settle()
}

// wrong are the faults of the page, for its summary.
func (l list) wrong(ctx context.Context) []design.Fault {
	var out []design.Fault
	if text := l.faults.by["q"]; text != "" {
		out = append(out, design.Fault{ID: "q", Text: design.Say(ctx, "page.register.search") + ": " + text})
	}
	if text := l.faults.by["at"]; text != "" {
		out = append(out, design.Fault{ID: "at-day", Text: design.Say(ctx, "page.ask.asat") + ": " + text})
	}
	if text := l.faults.by["name"]; text != "" {
		out = append(out, design.Fault{ID: "name", Text: design.Say(ctx, "page.ask.viewname") + ": " + text})
	}
	if text := l.faults.by["query"]; text != "" {
		out = append(out, design.Fault{ID: "name", Text: text})
	}
	return out
}
