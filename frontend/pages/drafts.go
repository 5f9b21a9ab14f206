package pages

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// draftPage is a notice as it would be served now, to be checked before it is.
type draftPage struct {
	register.NoticeCheck
	deployment register.DeploymentView
	// gaps are what stops it, each with the page on which it is mended.
	gaps   []design.Row
	faults []design.Fault
	serves bool
}

// Draft shows what a notice would say, to whom it would go and what it lacks.
func (p *Pages) Draft(c *gin.Context) error { return p.showDraft(c, nil) }

// checked opens a draft and its deployment.
func (p *Pages) checked(c *gin.Context) (register.NoticeCheck, register.DeploymentView, error) {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	if a.Anonymous() {
		return register.NoticeCheck{}, register.DeploymentView{}, models.Fail(models.Unauthenticated, "unauthenticated")
	}
	n, err := p.Register.CheckNotice(ctx, a, param(c, "id"))
	if err != nil {
		return n, register.DeploymentView{}, err
	}
	d, err := p.mayOn(ctx, n.Ref, "notice.draft")
	return n, d, err
}

func (p *Pages) showDraft(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	n, d, err := p.checked(c)
	if err != nil {
		return err
	}
	v := draftPage{NoticeCheck: n, deployment: d, gaps: gapRows(ctx, n), serves: p.allowedOn(ctx, d.Ref)["notice.serve"]}
	status := http.StatusOK
	if failed != nil {
		status = http.StatusUnprocessableEntity
		if models.KindOf(failed) == models.Stale {
			status = http.StatusPreconditionFailed
		}
		f := draftFaults(ctx, failed)
		if f.general != "" || len(f.by) == 0 {
			v.faults = append(v.faults, design.Fault{Text: f.general})
		}
		for _, name := range slices.Sorted(maps.Keys(f.by)) {
			v.faults = append(v.faults, design.Fault{ID: "gaps", Text: f.by[name]})
		}
	}
	return p.render(c, status, draftDetailPage(v))
}

// ready says whether nothing that the page can see stops the notice.
func (v draftPage) ready() bool {
	return len(v.gaps) == 0 && len(v.Parties) > 0 && !slices.ContainsFunc(v.Parties, func(x register.Party) bool { return len(x.Addresses) == 0 })
}

// bilingual says whether the notice stands in both languages.
func (v draftPage) bilingual() bool { return len(v.Languages) > 1 }

// only is the one language of a notice that has one.
func (v draftPage) only() models.Language {
	if len(v.Languages) == 1 {
		return v.Languages[0]
	}
	return models.English
}

// gapRows are what a notice lacks, item by item, with the page that mends it.
func gapRows(ctx context.Context, n register.NoticeCheck) []design.Row {
	var out []design.Row
	for _, g := range n.Gaps {
		what := design.Say(ctx, "label."+g.Label)
		if g.Language != "" {
			what = design.Say(ctx, "page.pair", "first", what, "second", design.Say(ctx, "language."+string(g.Language)))
		}
		path := "/drafts/" + n.Draft.ID + "/change"
		if t, ok := topicOf(g.Label); ok {
			path = "/deployments/" + n.Ref + "/prepare/" + t.id + "#" + anchorOf(t, recordPath(g.Label), g.Language)
		}
		out = append(out, design.Row{
			Key: strconv.Itoa(g.No) + ". " + design.Say(ctx, "itemTitle."+strconv.Itoa(g.No)), Value: pageLink(path, design.Line{Text: what}),
		})
	}
	return out
}

// anchorOf is the id of the answer of a form that a path of the record is about.
func anchorOf(t recordTopic, path string, l models.Language) string {
	for _, a := range t.answers {
		if a.path != path {
			continue
		}
		if a.kind == asBoth || a.kind == asBothLong {
			if l == models.Welsh {
				return path + ".cy"
			}
			return path + ".en"
		}
		return path
	}
	for _, a := range t.answers {
		if firstField(a.path) == firstField(path) {
			return a.path
		}
	}
	return ""
}

func draftCrumbs(ctx context.Context, n register.NoticeCheck) []design.Crumb {
	return append(deploymentCrumbs(ctx, n.Ref), design.Crumb{Text: design.Say(ctx, "page.draft.title"), Path: "/drafts/" + n.Draft.ID})
}

// partyRows are a recipient of a notice: where it goes, in which language, and why.
func partyRows(ctx context.Context, x register.Party) []design.Row {
	var addresses, why []design.Line
	for _, s := range x.Addresses {
		text := design.Say(ctx, "page.pair", "first", design.Say(ctx, "channel."+string(s.Channel)), "second", s.Address)
		for _, l := range s.Languages {
			text += ", " + design.Say(ctx, "language."+string(l))
		}
		addresses = append(addresses, design.Line{Text: text})
	}
	if len(addresses) == 0 {
		addresses = append(addresses, design.Line{Text: design.Say(ctx, "page.draft.no_address", "union", x.Union.Abbreviation)})
	}
	for _, w := range x.Why {
		why = append(why, design.Line{Text: design.SayReason(ctx, w)})
	}
	rows := []design.Row{
		factOf(ctx, "page.draft.branch", plain(orNone(ctx, x.Branch.Name))), factOf(ctx, "page.draft.addresses", design.Lines(addresses)),
		factOf(ctx, "page.draft.why", design.Lines(why)),
	}
	if x.WithoutPrejudice {
		rows = append(rows, factOf(ctx, "page.draft.jurisdiction", plain(design.Say(ctx, "page.service.prejudice"))))
	}
	return rows
}

// clockRows are the earliest dates, were the notice served now.
func (v draftPage) clockRows(ctx context.Context) []design.Row {
	var out []design.Row
	for _, t := range models.Triggers {
		if e, ok := v.Earliest[t]; ok {
			out = append(out, design.Row{Key: design.Say(ctx, "page.draft.earliest."+string(t)), Value: design.DayTime(e)})
		}
	}
	return out
}

// ServeDraft serves a notice: from then on it cannot be edited.
func (p *Pages) ServeDraft(c *gin.Context) error {
	ctx := c.Request.Context()
	n, err := p.Register.ServeNotice(ctx, web.Actor(ctx), param(c, "id"), versionTyped(c), typed(c, "checked"))
	switch {
	case models.CodeOf(err) == "notice_served_already":
		return p.done(c, "/register", "error.notice_served_already")
	case again(err):
		return p.showDraft(c, err)
	case err != nil:
		return err
	}
	return p.done(c, "/notices/"+n.No+"/served", "")
}

// DiscardForm warns before a draft is given up.
func (p *Pages) DiscardForm(c *gin.Context) error {
	ctx := c.Request.Context()
	n, _, err := p.checked(c)
	if err != nil {
		return err
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.draft.discard"), crumbs: draftCrumbs(ctx, n), path: "/drafts/" + n.Draft.ID + "/discard", danger: true,
		lead: []string{design.Say(ctx, "page.draft.discard_lead")}, button: design.Say(ctx, "page.draft.discard"), hidden: []pair{{"version", strconv.Itoa(n.Draft.Version)}},
	})
}

// Discard gives up a draft.
func (p *Pages) Discard(c *gin.Context) error {
	ctx := c.Request.Context()
	n, err := p.Register.CheckNotice(ctx, web.Actor(ctx), param(c, "id"))
	if err == nil {
		err = p.Register.DiscardNotice(ctx, web.Actor(ctx), param(c, "id"), versionTyped(c))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/deployments/"+n.Ref+"/prepare", "page.draft.discarded")
}

// Served confirms that a notice was served: its number, whom it went to, until
// when they may answer, and its receipt.
func (p *Pages) Served(c *gin.Context) error {
	ctx := c.Request.Context()
	n, err := p.Register.Notice(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	if !p.allowedOn(ctx, n.Ref)["notice.serve"] {
		return p.done(c, "/notices/"+n.No, "")
	}
	return p.render(c, http.StatusOK, servedPage(n))
}

// windowOfNotice is what a notice says of the response window: its item 21.
func windowOfNotice(ctx context.Context, n register.NoticeView) templ.Component {
	for _, it := range n.Body.Items {
		if it.No == 21 {
			return design.Prose(design.In(ctx, it.Text))
		}
	}
	return plain(design.Say(ctx, "page.none"))
}
