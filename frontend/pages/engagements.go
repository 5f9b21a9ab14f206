package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Engagements lists what was done to hear staff.
func (p *Pages) Engagements(c *gin.Context) error {
	ctx := c.Request.Context()
	all, err := p.Register.Engagements(ctx, web.Actor(ctx), listOf(ctx))
	if err != nil {
		return err
	}
	path := "/engagements/new"
	if ref := listOf(ctx); ref != "" {
		path += "?deployment=" + url.QueryEscape(ref)
	}
	b := board{
		title: design.Say(ctx, "page.engagements.title"), crumbs: partnershipCrumbs(ctx), lead: []string{design.Say(ctx, "page.engagements.lead")},
		do: offer(ctx, "engagement.record", "page.engagement.record", path),
	}
	ofDeployment(ctx, &b, "/engagements")
	g := grid{caption: design.Say(ctx, "page.engagements.caption"), none: design.Say(ctx, "page.engagements.none"), heads: heads(ctx, "engagement", "kind", "heldon", "deployment", "invitedcame", "under")}
	for _, e := range all {
		_, invited, came := e.Totals()
		under := 0
		for _, u := range e.Under {
			if u {
				under++
			}
		}
		g.rows = append(g.rows, []templ.Component{
			named("/engagements/"+e.No, e.No, design.Line{Text: e.Title}), plain(design.Say(ctx, "engagementKind."+e.Kind)), dayCell(e.HeldOn), aboutRef(e.Ref),
			plain(design.Say(ctx, "page.engagement.came_of", "came", strconv.Itoa(came), "invited", strconv.Itoa(invited))), plain(orNone(ctx, counted(under))),
		})
	}
	b.parts = []templ.Component{gridTable(g)}
	return p.showBoard(c, b)
}

func engagementCrumbs(ctx context.Context) []design.Crumb {
	return partnershipCrumbs(ctx, design.Say(ctx, "page.engagements.title"), "/engagements")
}

// Engagement shows one.
func (p *Pages) Engagement(c *gin.Context) error {
	ctx := c.Request.Context()
	e, err := p.Register.Engagement(ctx, web.Actor(ctx), param(c, "no"))
	if err != nil {
		return err
	}
	staff, invited, came := e.Totals()
	b := board{title: e.Title, caption: e.No, crumbs: engagementCrumbs(ctx)}
	b.parts = append(b.parts, design.SummaryList([]design.Row{
		factOf(ctx, "page.column.kind", plain(design.Say(ctx, "engagementKind."+e.Kind))), factOf(ctx, "page.column.heldon", design.DayTime(e.HeldOn)), factOf(ctx, "page.column.deployment", aboutRef(e.Ref)),
		factOf(ctx, "page.engagement.totals", plain(design.Say(ctx, "page.engagement.total_words", "staff", strconv.Itoa(staff), "invited", strconv.Itoa(invited), "came", strconv.Itoa(came)))),
	}))
	if e.Summary != "" {
		b.parts = append(b.parts, heading2(design.Say(ctx, "page.engagement.summary"), "summary"), design.Prose(design.Line{Text: e.Summary}))
	}
	g := grid{title: design.Say(ctx, "page.engagement.groups"), caption: design.Say(ctx, "page.engagement.groups_caption"), heads: heads(ctx, "jobfamily", "grade2", "staff", "invited", "attended", "represented")}
	for i, x := range e.Groups {
		represented := design.Tag(design.Say(ctx, "page.engagement.fair"), "grey")
		if e.Under[i] {
			represented = design.Tag(design.Say(ctx, "page.engagement.under"), "orange")
		}
		g.rows = append(g.rows, []templ.Component{
			plain(orNone(ctx, x.JobFamily)), plain(orNone(ctx, x.Grade)), plain(strconv.Itoa(x.Staff)), plain(strconv.Itoa(x.Invited)), plain(strconv.Itoa(x.Attended)), represented,
		})
	}
	b.parts = append(b.parts, gridTable(g))
	if slices.Contains(e.Under, true) {
		b.parts = append(b.parts, paragraph(design.Say(ctx, "page.engagement.under_means")))
	}
	b.parts = append(b.parts, heading2(design.Say(ctx, "page.engagement.themes"), "themes"))
	if len(e.Themes) == 0 {
		b.parts = append(b.parts, paragraph(design.Say(ctx, "page.engagement.no_themes")))
	}
	for _, t := range e.Themes {
		title := strconv.Itoa(t.Number)
		if t.Dimension != "" {
			title += ". " + design.Say(ctx, "dimension."+string(t.Dimension))
		}
		link := ""
		if t.CommentID != nil && e.Ref != "" {
			link = "/deployments/" + e.Ref + "#comment-" + *t.CommentID
		}
		b.parts = append(b.parts, themeOf(title, t.Text, link))
	}
	return p.showBoard(c, b)
}

// engagementForm is the form of an engagement as it was filled in, its rows by
// number. A row of which nothing is filled in is none.
type engagementForm struct {
	v      url.Values
	faults faults
	// cells are what is wrong with the answers of rows, by their names.
	cells map[string]string
	// comments are those on the deployment that is named, which a theme may be
	// linked to.
	comments []register.CommentView
}

const (
	leastGroups, leastThemes = 3, 2
	// mostRows is how many rows of either a form has.
	mostRows = 60
	// mostToLink is how many comments, the newest, a theme can be linked to.
	mostToLink = 100
)

var (
	groupFields = []string{".jobFamily", ".grade", ".staff", ".invited", ".attended"}
	themeFields = []string{".text", ".dimension", ".comment"}
)

func (f engagementForm) count(list string, least int) int {
	return min(max(int(number(f.v.Get("count."+list))), least), mostRows)
}

// told says whether anything of a row is filled in.
func (f engagementForm) told(list string, i int, fields []string) bool {
	return slices.ContainsFunc(fields, func(name string) bool { return f.v.Get(rowName(list, i)+name) != "" })
}

// NewEngagementForm asks what was done to hear staff.
func (p *Pages) NewEngagementForm(c *gin.Context) error {
	return p.newEngagement(c, engagementForm{v: url.Values{"deployment": {listOf(c.Request.Context())}}})
}

func (p *Pages) newEngagement(c *gin.Context, f engagementForm) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "engagement.record"); err != nil {
		return err
	}
	status := http.StatusOK
	if f.faults.any() || len(f.cells) > 0 {
		status = http.StatusUnprocessableEntity
	}
	if ref := f.v.Get("deployment"); ref != "" {
		all, err := p.Register.Comments(ctx, web.Actor(ctx), ref)
		if err != nil && models.KindOf(err) != models.NotFound {
			return err
		}
		f.comments = slices.DeleteFunc(all, func(v register.CommentView) bool {
			return v.UnionID == nil || v.WithdrawnAt != nil || v.CorrectedBy != nil
		})
		f.comments = f.comments[max(0, len(f.comments)-mostToLink):]
	}
	if len(f.comments) == 0 {
		f.unlinked()
	}
	return p.render(c, status, engagementFormPage(f))
}

// unlinked says at what was said what is wrong with a link that the form, no
// deployment being named, has no place for.
func (f engagementForm) unlinked() {
	for i := range f.count("themes", leastThemes) {
		at := rowName("themes", i)
		if wrong := f.cells[at+".comment"]; wrong != "" {
			f.cells[at+".text"] = wrong
		}
	}
}

// commentOptions are the unions' comments on the deployment, by whom, when and
// how they begin.
func (f engagementForm) commentOptions(ctx context.Context) []design.Option {
	out := []design.Option{{Text: design.Say(ctx, "page.engagement.no_comment")}}
	for _, v := range f.comments {
		out = append(out, design.Option{Value: v.ID, Text: design.Say(ctx, "page.engagement.comment_option", "union", v.UnionAbbrev, "at", v.At, "text", cut(v.Body))})
	}
	return out
}

// sheet are the questions before the rows.
func (f engagementForm) sheet(ctx context.Context) sheet {
	return sheet{
		faults: f.faults, at: "title", ask: []question{
			ask(ctx, "title", "engagementtitle", f.v.Get("title")), ask(ctx, "kind", "engagementkind", f.v.Get("kind")).oneOf(options(ctx, "page.choose", "engagementKind.", models.EngagementKinds)),
			dated(ask(ctx, "heldOn", "heldon", ""), partsOf(f.v, "heldOn")), ask(ctx, "deployment", "deployment", f.v.Get("deployment")).as("text", "off", "govuk-input--width-10"),
			ask(ctx, "summary", "engagementsummary", f.v.Get("summary")).text("5"),
		},
	}.settle()
}

// list is what was wrong, for the summary.
func (f engagementForm) list(ctx context.Context) []design.Fault {
	out := f.sheet(ctx).list()
	for _, t := range []struct {
		table  planTable
		fields []string
	}{{f.groups(ctx), groupFields}, {f.themes(ctx), themeFields}} {
		for _, row := range t.table.rows {
			for _, x := range row {
				if x.Error != "" {
					out = append(out, design.Fault{ID: x.ID, Text: x.Label + ": " + x.Error})
				}
			}
		}
	}
	return out
}

func (f engagementForm) cell(ctx context.Context, name, head string, row int, options []design.Option) cell {
	label := design.Say(ctx, "page.planform.cell", "column", column(ctx, head), "number", strconv.Itoa(row+1))
	return cell{Field: design.Field{ID: name, Name: name, Label: label, Value: f.v.Get(name), Error: f.cells[name]}, options: options}
}

func (f engagementForm) groups(ctx context.Context) planTable {
	t := planTable{list: "groups", caption: design.Say(ctx, "page.engagement.groups"), add: design.Say(ctx, "page.engagement.add_group"), heads: heads(ctx, "number", "jobfamily", "grade2", "staff", "invited", "attended")}
	for i := range f.count("groups", leastGroups) {
		at := rowName("groups", i)
		t.rows = append(t.rows, []cell{
			f.cell(ctx, at+".jobFamily", "jobfamily", i, nil), f.cell(ctx, at+".grade", "grade2", i, nil), f.cell(ctx, at+".staff", "staff", i, nil), f.cell(ctx, at+".invited", "invited", i, nil), f.cell(ctx, at+".attended", "attended", i, nil),
		})
	}
	return t
}

func (f engagementForm) themes(ctx context.Context) planTable {
	t := planTable{list: "themes", caption: design.Say(ctx, "page.engagement.themes"), add: design.Say(ctx, "page.engagement.add_theme"), heads: heads(ctx, "number", "theme", "dimension")}
	if len(f.comments) > 0 {
		t.heads = append(t.heads, column(ctx, "themecomment"))
	}
	for i := range f.count("themes", leastThemes) {
		at := rowName("themes", i)
		row := []cell{f.cell(ctx, at+".text", "theme", i, nil), f.cell(ctx, at+".dimension", "dimension", i, options(ctx, "page.comment.no_dimension", "dimension.", models.Dimensions))}
		if len(f.comments) > 0 {
			row = append(row, f.cell(ctx, at+".comment", "themecomment", i, f.commentOptions(ctx)))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// RecordEngagement records what was done to hear staff, or offers another row.
func (p *Pages) RecordEngagement(c *gin.Context) error {
	ctx := c.Request.Context()
	f := engagementForm{v: typedAnswers(c, "summary"), cells: map[string]string{}}
	if list, ok := strings.CutPrefix(f.v.Get("do"), "add."); ok {
		if list == "groups" || list == "themes" {
			f.v.Set("count."+list, strconv.Itoa(f.count(list, 2)+1))
		}
		return p.newEngagement(c, f)
	}
	var wrong models.Faults
	in := register.NewEngagement{Deployment: f.v.Get("deployment"), Kind: f.v.Get("kind"), Title: f.v.Get("title"), Summary: f.v.Get("summary"), HeldOn: dayTyped(&wrong, f.v, "heldOn")}
	// Where the rows that are filled in stood on the form.
	var groupsAt, themesAt []int
	for i := range f.count("groups", leastGroups) {
		if !f.told("groups", i, groupFields) {
			continue
		}
		at := rowName("groups", i)
		number := func(name string) int {
			n, err := strconv.Atoi(otherwise(f.v.Get(at+name), "0"))
			if err != nil {
				f.cells[at+name] = design.Say(ctx, "field.not_a_number", "value", f.v.Get(at+name))
			}
			return n
		}
		groupsAt = append(groupsAt, i)
		in.Groups = append(in.Groups, models.EngagementGroup{JobFamily: f.v.Get(at + ".jobFamily"), Grade: f.v.Get(at + ".grade"), Staff: number(".staff"), Invited: number(".invited"), Attended: number(".attended")})
	}
	for i := range f.count("themes", leastThemes) {
		if f.told("themes", i, themeFields) {
			at := rowName("themes", i)
			themesAt = append(themesAt, i)
			t := models.Theme{Text: f.v.Get(at + ".text"), Dimension: models.Dimension(f.v.Get(at + ".dimension"))}
			if id := f.v.Get(at + ".comment"); id != "" {
				t.CommentID = &id
			}
			in.Themes = append(in.Themes, t)
		}
	}
	err := wrong.Err()
	if err == nil && len(f.cells) == 0 {
		var e models.EngagementState
		if e, err = p.Register.RecordEngagement(keyed(ctx, f.v.Get("key")), web.Actor(ctx), in); err == nil {
			return p.done(c, "/engagements/"+e.No, "page.engagement.done")
		}
		err = aboutField(err, in.Deployment)
	}
	if sentBefore(err) {
		return p.done(c, "/engagements", "page.engagement.done")
	}
	if err != nil && !again(err) {
		return err
	}
	f.refuse(ctx, err, groupsAt, themesAt)
	return p.newEngagement(c, f)
}

// refuse puts each fault beside its answer: one of a row where the row stood.
func (f *engagementForm) refuse(ctx context.Context, err error, groupsAt, themesAt []int) {
	f.faults = faultsOf(ctx, err)
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		return
	}
	for _, x := range e.Fields {
		for list, at := range map[string]struct {
			rows  []int
			first string
		}{"groups": {groupsAt, ".jobFamily"}, "themes": {themesAt, ".text"}} {
			rest, ok := strings.CutPrefix(x.Path, list+"[")
			if !ok {
				continue
			}
			delete(f.faults.by, list)
			n, rest, _ := strings.Cut(rest, "]")
			if i := int(number(n)); i < len(at.rows) {
				f.cells[rowName(list, at.rows[i])+otherwise(rest, at.first)] = fieldSentence(ctx, x)
			}
		}
		if x.Path == "groups" {
			delete(f.faults.by, "groups")
			f.cells[rowName("groups", 0)+".jobFamily"] = fieldSentence(ctx, x)
		}
	}
}
