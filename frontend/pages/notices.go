package pages

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Notice shows a served notice.
func (p *Pages) Notice(c *gin.Context) error {
	ctx := c.Request.Context()
	n, err := p.Register.Notice(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	return p.render(c, http.StatusOK, noticePage(n))
}

// AcknowledgeForm asks whether a union has the notice. Looking at it
// acknowledges nothing.
func (p *Pages) AcknowledgeForm(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	if a.Anonymous() {
		return models.Fail(models.Unauthenticated, "unauthenticated")
	}
	n, err := p.Register.Notice(ctx, a, param(c, "no"))
	if err != nil {
		return err
	}
	if len(acknowledging(n)) == 0 {
		return models.Fail(models.Forbidden, "forbidden").With("act", "notice.acknowledge")
	}
	return p.render(c, http.StatusOK, acknowledgePage(n))
}

// Acknowledge records that a union has the notice.
func (p *Pages) Acknowledge(c *gin.Context) error {
	ctx, no := c.Request.Context(), param(c, "no")
	err := p.Register.Acknowledge(ctx, web.Actor(ctx), no, typed(c, "union"))
	switch {
	case err == nil:
		return p.done(c, "/notices/"+no, "page.acknowledge.done", "no", no)
	case models.CodeOf(err) == "already_acknowledged":
		return p.done(c, "/notices/"+no, "error.already_acknowledged")
	default:
		return err
	}
}

// acknowledging are the parties that the reader may acknowledge for.
func acknowledging(n register.NoticeView) []register.PartyService {
	var out []register.PartyService
	for _, s := range n.Parties {
		if slices.Contains(s.Can, "notice.acknowledge") {
			out = append(out, s)
		}
	}
	return out
}

// waiting are those of them that have not yet acknowledged.
func waiting(n register.NoticeView) []register.PartyService {
	return slices.DeleteFunc(acknowledging(n), func(s register.PartyService) bool { return !s.AcknowledgedAt.IsZero() })
}

// served is the state of service on a party, in a word, and its colour.
func served(ctx context.Context, s register.PartyService) (string, string) {
	switch {
	case !s.AcknowledgedAt.IsZero():
		return design.Say(ctx, "page.service.acknowledged"), "green"
	case !s.ServedAt.IsZero():
		return design.Say(ctx, "page.service.served"), "green"
	default:
		return design.Say(ctx, "page.service.waiting"), "orange"
	}
}

func noticeCrumbs(ctx context.Context, n register.NoticeView) []design.Crumb {
	return []design.Crumb{{Text: design.Say(ctx, "page.register.title"), Path: "/register"}, {Text: n.Ref, Path: "/deployments/" + n.Ref}}
}

// noticeRows are what a notice says of itself.
func noticeRows(ctx context.Context, n register.NoticeView) []design.Row {
	text := func(s string) templ.Component { return design.Inline(design.Line{Text: s}) }
	rows := []design.Row{
		{Key: column(ctx, "deployment"), Value: refLink(n.Ref, n.Body.Name)},
		{Key: design.Say(ctx, "mail.notice.served"), Value: design.Time(n.ServedAt)},
		{Key: column(ctx, "class"), Value: text(design.Say(ctx, "changeClass."+string(n.Class)))},
		{Key: design.Say(ctx, "page.version"), Value: text(design.Say(ctx, "page.notice.version", "version", n.DeploymentVersion))},
		{Key: design.Say(ctx, "page.notice.sufficient"), Value: text(design.Say(ctx, "evidence."+string(n.Body.Rules.Sufficient)))},
	}
	if n.Body.Supersedes != "" {
		rows = append(rows, design.Row{Key: design.Say(ctx, "page.notice.supersedes"), Value: noticeLink(n.Body.Supersedes)})
	}
	if len(n.Body.Told) > 0 {
		told := make([]design.Line, len(n.Body.Told))
		for i, s := range n.Body.Told {
			told[i] = design.Line{Text: s}
		}
		rows = append(rows, design.Row{Key: design.Say(ctx, "page.notice.told"), Value: design.Lines(told)})
	}
	return rows
}

// serviceHeads are the headings of the table of service: what comes next is for
// whoever sees to it.
func serviceHeads(ctx context.Context, n register.NoticeView) []string {
	names := []string{"union", "state", "since", "happened"}
	if slices.Contains(n.Can, "delivery.record") {
		names = append(names, "next")
	}
	return heads(ctx, names...)
}
