package pages

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Flags lists what the public says is in use.
func (p *Pages) Flags(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := p.Register.Flags(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	b := board{title: design.Say(ctx, "page.flags.title"), lead: []string{design.Say(ctx, "page.flags.lead")}}
	var open, settled []register.FlagView
	for _, f := range all {
		if f.Status == "open" {
			open = append(open, f)
		} else {
			settled = append(settled, f)
		}
	}
	b.parts = []templ.Component{gridTable(flagGrid(ctx, open, "open")), gridTable(flagGrid(ctx, settled, "settled"))}
	return p.showBoard(c, b)
}

func flagGrid(ctx context.Context, all []register.FlagView, which string) grid {
	g := grid{
		title: design.Say(ctx, "page.flags."+which), caption: design.Say(ctx, "page.flags.caption."+which), none: design.Say(ctx, "page.flags."+which+".none"),
		heads: heads(ctx, "flagged", "when", "status"),
	}
	for _, f := range all {
		status := []templ.Component{design.Tag(design.Say(ctx, "flagStatus."+f.Status), map[string]string{"open": "blue", "idea": "green", "known": "turquoise", "closed": "grey"}[f.Status])}
		if f.AnsweredAt != nil {
			status = append(status, design.Time(*f.AnsweredAt))
		}
		if f.Ref != "" {
			status = append(status, aboutRef(f.Ref))
		}
		if f.Answer != "" {
			status = append(status, plain(f.Answer))
		}
		if slices.Contains(f.Can, "flag.settle") {
			status = append(status, pageLink("/flags/"+f.No, design.Line{Text: design.Say(ctx, "page.flag.settle", "flag", f.No)}))
		}
		g.rows = append(g.rows, []templ.Component{flagText(f), design.Time(f.At), stacked(status)})
	}
	return g
}

// SettleFlagForm asks what is done about a flag.
func (p *Pages) SettleFlagForm(c *gin.Context) error {
	return p.settleFlag(c, url.Values{}, faults{})
}

func (p *Pages) settleFlag(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	all, err := p.Register.Flags(ctx, a)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(f register.FlagView) bool { return f.No == param(c, "no") })
	if i < 0 {
		return models.Missing("flag")
	}
	f := all[i]
	switch {
	case f.Status != "open":
		return models.Fail(models.Conflict, "flag_settled").With("flag", f.No)
	case !slices.Contains(f.Can, "flag.settle"):
		return models.Fail(models.Forbidden, "forbidden").With("act", "flag.settle")
	}
	areas, err := p.Register.ServiceAreas(ctx, a)
	if err != nil {
		return err
	}
	choice := []design.Option{{Text: design.Say(ctx, "page.choose")}}
	for _, s := range areas {
		choice = append(choice, design.Option{Value: s.ID, Text: models.Text{En: s.NameEn, Cy: s.NameCy}.In(design.Of(ctx).Lang)})
	}
	status := ask(ctx, "status", "flagstatus", v.Get("status")).oneOf(options(ctx, "", "flagDo.", models.FlagStatuses[1:]))
	for _, s := range models.FlagStatuses[1:] {
		status.hints = append(status.hints, design.Say(ctx, "flagDo."+s+".hint"))
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.flag.settle", "flag", f.No), crumbs: []design.Crumb{{Text: design.Say(ctx, "page.flags.title"), Path: "/flags"}}, lead: []string{design.Say(ctx, "page.flag.answer_read")},
		before: sideBySide([]side{{title: f.System, lines: []string{design.Instant(ctx, f.At)}, text: design.Written(ctx, f.Language, f.Text)}}), path: "/flags/" + f.No, faults: wrong, at: "status",
		hidden: []pair{{"version", otherwise(v.Get("version"), strconv.Itoa(f.Version))}}, button: design.Say(ctx, "page.flag.button"),
		ask: []question{
			status, ask(ctx, "answer", "flaganswer", v.Get("answer")).text("5"),
			ask(ctx, "serviceArea", "flagarea", v.Get("serviceArea")).oneOf(choice).part(design.Say(ctx, "page.flag.if_idea"), design.Say(ctx, "page.flag.if_idea_lead")),
			ask(ctx, "name.en", "flagnameen", v.Get("name.en")), ask(ctx, "name.cy", "flagnamecy", v.Get("name.cy")),
			ask(ctx, "inUse", "inuse", "").manyOf([]design.Option{{Value: "yes", Text: design.Say(ctx, "page.yes")}}, v["inUse"]),
			ask(ctx, "deployment", "flagdeployment", v.Get("deployment")).as("text", "off", "govuk-input--width-10").part(design.Say(ctx, "page.flag.if_known"), ""),
		},
	})
}

// SettleFlag answers a flag.
func (p *Pages) SettleFlag(c *gin.Context) error {
	ctx := c.Request.Context()
	v := typedAnswers(c, "answer")
	_, err := p.Register.SettleFlag(ctx, web.Actor(ctx), param(c, "no"), readVersion(v), register.Settlement{
		Status: v.Get("status"), Answer: v.Get("answer"), Deployment: v.Get("deployment"), ServiceArea: v.Get("serviceArea"), Name: models.Text{En: v.Get("name.en"), Cy: v.Get("name.cy")}, InUse: v.Get("inUse") == "yes",
	})
	if again(err) && models.CodeOf(err) != "flag_settled" {
		return p.settleFlag(c, v, wrongIn(ctx, err, "serviceAreaId", "serviceArea", "name", "name.en"))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/flags", "page.flag.done")
}
