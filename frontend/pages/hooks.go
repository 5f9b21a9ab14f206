package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Hooks lists the other systems that are told of things, with a form for one more.
func (p *Pages) Hooks(c *gin.Context) error { return p.hooks(c, url.Values{}, faults{}) }

func (p *Pages) hooks(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	all, err := p.Register.Hooks(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	b := board{title: design.Say(ctx, "page.hooks.title"), crumbs: organisationCrumbs(ctx), lead: []string{design.Say(ctx, "page.hooks.lead")}, do: offer(ctx, "message.read", "page.messages.title", "/messages")}
	g := grid{caption: design.Say(ctx, "page.hooks.caption"), none: design.Say(ctx, "page.hooks.none"), heads: heads(ctx, "host", "kind", "topics", "added", "status", "action")}
	for _, h := range all {
		status := design.Tag(design.Say(ctx, "page.hook.works"), "green")
		switch {
		case h.DisabledAt != nil:
			status = stack(design.Tag(design.Say(ctx, "page.hook.disabled"), "red"), design.Time(*h.DisabledAt), plain(design.Say(ctx, "page.hook.disabled_why", "why", problemWords(ctx, h.DisabledWhy, 0))))
			b.warnings = append(b.warnings, design.Say(ctx, "page.hook.disabled_means", "host", h.Host))
		case h.FailingSince != nil:
			status = stack(design.Tag(design.Say(ctx, "page.hook.failing"), "orange"), design.Time(*h.FailingSince))
		}
		do := []templ.Component{pageLink("/messages?hook="+h.ID, design.Line{Text: design.Say(ctx, "page.hook.messages", "host", h.Host)})}
		for _, s := range []struct{ act, name string }{{"hook.replay", "replay"}, {"hook.end", "end"}} {
			if could(ctx, s.act) {
				do = append(do, pageLink("/hooks/"+h.ID+"/"+s.name, design.Line{Text: design.Say(ctx, "page.hook.do."+s.name, "host", h.Host)}))
			}
		}
		g.rows = append(g.rows, []templ.Component{plain(h.Host), plain(design.Say(ctx, "channel."+h.Kind)), plain(topicsOf(ctx, h.Topics)), design.Time(h.At), status, stacked(do)})
	}
	b.parts = []templ.Component{gridTable(g)}
	if could(ctx, "hook.add") {
		b.form = &sheet{
			path: "/hooks", title: design.Say(ctx, "page.hook.add"), lead: []string{design.Say(ctx, "page.hook.add_lead")}, button: design.Say(ctx, "page.hook.button"), faults: wrong, at: "kind",
			ask: []question{
				ask(ctx, "kind", "hookkind", v.Get("kind")).oneOf([]design.Option{{Value: "webhook", Text: design.Say(ctx, "channel.webhook")}, {Value: "teams", Text: design.Say(ctx, "channel.teams")}}),
				ask(ctx, "url", "hookurl", v.Get("url")).as("text", "off", ""), ask(ctx, "topics", "hooktopics", "").as("", "", "govuk-checkboxes--small").manyOf(options(ctx, "", "topic.", models.Topics), v["topics"]),
			},
		}
	}
	return p.showBoard(c, b)
}

// topicsOf are what a hook is told of; none named is all.
func topicsOf(ctx context.Context, all []models.Topic) string {
	if len(all) == 0 {
		return design.Say(ctx, "page.hook.everything")
	}
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = design.Say(ctx, "topic."+string(t))
	}
	return strings.Join(out, ", ")
}

func hookCrumbs(ctx context.Context) []design.Crumb {
	return organisationCrumbs(ctx, design.Say(ctx, "page.hooks.title"), "/hooks")
}

// AddHook has another system told; the secret of a webhook is shown here and
// never again.
func (p *Pages) AddHook(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c)
	in := register.NewHook{Kind: v.Get("kind"), URL: v.Get("url")}
	for _, t := range v["topics"] {
		in.Topics = append(in.Topics, models.Topic(t))
	}
	h, secret, err := p.Register.AddHook(ctx, web.Actor(ctx), in)
	if again(err) {
		return p.hooks(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	if secret == "" {
		return p.done(c, "/hooks", "page.hook.added")
	}
	return p.render(c, http.StatusOK, madeTokenPage(madeToken{
		title: design.Say(ctx, "page.hook.made"), warning: design.Say(ctx, "page.hook.once"), name: h.Host, secret: secret, crumbs: hookCrumbs(ctx), back: "/hooks", backText: design.Say(ctx, "page.hook.back"),
	}))
}

// HookForm asks from when on to send again, or warns of the end.
func (p *Pages) HookForm(c *gin.Context) error { return p.hookStep(c, url.Values{}, faults{}) }

func (p *Pages) hookStep(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	all, err := p.Register.Hooks(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	do := param(c, "do")
	i := slices.IndexFunc(all, func(h models.Hook) bool { return h.ID == param(c, "id") })
	switch {
	case do != "replay" && do != "end":
		return models.Missing("page")
	case i < 0:
		return models.Missing("hook")
	case !could(ctx, "hook."+do):
		return models.Fail(models.Forbidden, "forbidden").With("act", "hook."+do)
	}
	s := sheet{
		title: design.Say(ctx, "page.hook.do."+do, "host", all[i].Host), crumbs: hookCrumbs(ctx), lead: []string{design.Say(ctx, "page.hook.lead."+do)}, path: "/hooks/" + all[i].ID + "/" + do,
		faults: wrong, at: "since", button: design.Say(ctx, "page.hook.button."+do),
	}
	if do == "replay" {
		s.ask = []question{dated(ask(ctx, "since", "since", ""), partsOf(v, "since"))}
	} else {
		s.danger, s.after = true, more("/hooks", design.Say(ctx, "page.hook.keep"))
	}
	return p.show(c, s)
}

// StepHook sends a hook again what it was sent, or ends it.
func (p *Pages) StepHook(c *gin.Context) error {
	ctx, id := c.Request.Context(), param(c, "id")
	a := web.Actor(ctx)
	switch param(c, "do") {
	case "replay":
		v := typedAnswers(c)
		var f models.Faults
		since := dayTyped(&f, v, "since")
		if since == 0 && f.Err() == nil {
			f.Add("since", "required")
		}
		if err := f.Err(); err != nil {
			return p.hookStep(c, v, faultsOf(ctx, err))
		}
		y, m, d := since.Time().Date()
		n, err := p.Register.ReplayHook(ctx, a, id, time.Date(y, m, d, 0, 0, 0, 0, design.Of(ctx).Org.Location()))
		if err != nil {
			return err
		}
		return p.done(c, "/hooks", "page.hook.replayed", "count", n)
	case "end":
		if err := p.Register.EndHook(ctx, a, id); err != nil {
			return err
		}
		return p.done(c, "/hooks", "page.hook.ended")
	default:
		return models.Missing("page")
	}
}
