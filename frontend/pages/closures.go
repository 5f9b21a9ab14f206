package pages

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// Closures lists the days on which the employer is closed, with a form that
// replaces them all.
func (p *Pages) Closures(c *gin.Context) error { return p.closures(c, nil, faults{}, nil) }

func (p *Pages) closures(c *gin.Context, v url.Values, wrong faults, before templ.Component) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	days, err := p.Register.ClosureDays(ctx, a)
	if err != nil {
		return err
	}
	o, err := p.Register.Organisation(ctx, a)
	if err != nil {
		return err
	}
	g := grid{caption: design.Say(ctx, "page.closures.caption"), none: design.Say(ctx, "page.closures.none"), heads: heads(ctx, "closureday", "closurenote")}
	for _, d := range days {
		g.rows = append(g.rows, []templ.Component{design.DayTime(d.Day), plain(orNone(ctx, d.Note))})
	}
	b := board{title: design.Say(ctx, "page.closures.title"), crumbs: organisationCrumbs(ctx), lead: []string{design.Say(ctx, "page.closures.lead")}, parts: []templ.Component{gridTable(g)}}
	if could(ctx, "closure_days.set") {
		if v == nil {
			v = url.Values{"lines": {closureLines(days)}, "version": {strconv.Itoa(o.Version)}}
		}
		s := sheet{
			title: design.Say(ctx, "page.closures.replace"), lead: []string{design.Say(ctx, "page.closures.replace_lead")}, path: "/organisation/closure-days", button: design.Say(ctx, "page.closures.button"), faults: wrong, at: "lines",
			hidden: []pair{{"version", v.Get("version")}}, ask: []question{ask(ctx, "lines", "closurelines", v.Get("lines")).text("12")},
		}.beside(before)
		if before != nil {
			b.parts = append(b.parts, before)
		}
		b.form = &s
	}
	return p.showBoard(c, b)
}

// closureLines are the days as they are typed, one a line.
func closureLines(days []models.ClosureDay) string {
	var b strings.Builder
	for _, d := range days {
		b.WriteString(strings.TrimSpace(d.Day.String()+" "+d.Note) + "\n")
	}
	return b.String()
}

// SetClosures replaces the closure days. A line that cannot be read changes nothing.
func (p *Pages) SetClosures(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	v := typedAnswers(c, "lines")
	_, err := p.Register.SetClosureDays(ctx, a, readVersion(v), v.Get("lines"))
	if err == nil {
		return p.done(c, "/organisation/closure-days", "page.closures.done")
	}
	if !again(err) {
		return err
	}
	if models.KindOf(err) != models.Stale {
		return p.closures(c, v, lineFaults(ctx, err), nil)
	}
	o, shown := p.Register.Organisation(ctx, a)
	if shown != nil {
		return shown
	}
	days, shown := p.Register.ClosureDays(ctx, a)
	if shown != nil {
		return shown
	}
	v.Set("version", strconv.Itoa(o.Version))
	both := []difference{{design.Say(ctx, "page.ask.closurelines"), strings.TrimSpace(closureLines(days)), strings.TrimSpace(v.Get("lines"))}}
	return p.closures(c, v, faultsOf(ctx, err), collision(ctx, both))
}

// lineFaults says every line that is wrong beside the one answer.
func lineFaults(ctx context.Context, err error) faults {
	f := faultsOf(ctx, err)
	if f.by["lines"] == "" {
		return f
	}
	var all []string
	for _, x := range fieldsOf(err) {
		all = append(all, fieldSentence(ctx, x))
	}
	return fault("lines", strings.Join(all, " "))
}
