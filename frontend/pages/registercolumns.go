package pages

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// columnNames are the columns of the register to choose from, besides the
// deployment itself; usualColumns are those that stand there when none is chosen.
var (
	columnNames  = []string{"stage", "class", "area", "use", "ai", "risk", "late", "golive", "review", "registered", "updated"}
	usualColumns = []string{"stage", "class", "golive", "review"}
)

// columns are those of this list.
func (l list) columns() []string {
	if chosen := l.answers["cols"]; len(chosen) > 0 {
		return chosen
	}
	return usualColumns
}

// headings are the names of the columns.
func (l list) headings(ctx context.Context) []string {
	return heads(ctx, append([]string{"deployment"}, l.columns()...)...)
}

// cell is what a column says of a deployment, in words.
func (l list) cell(ctx context.Context, name string, d models.Deployment) string {
	said := func(prefix, v string) string {
		if v == "" {
			return ""
		}
		return design.Say(ctx, prefix+v)
	}
	switch name {
	case "stage":
		return design.Say(ctx, "stage."+string(d.Stage))
	case "class":
		return design.Say(ctx, "changeClass."+string(d.EffectiveClass()))
	case "area":
		return design.In(ctx, l.areas[d.ServiceAreaID]).Text
	case "use":
		return said("useFamily.", string(d.UseFamily))
	case "ai":
		return said("aiClass.", string(d.AIClass))
	case "risk":
		return said("riskLevel.", string(d.RiskLevel))
	case "late":
		if d.Late {
			return design.Say(ctx, "page.late.yes")
		}
		return ""
	case "golive":
		return design.ShortDay(ctx, d.GoLivePlanned)
	case "review":
		return design.ShortDay(ctx, d.ReviewDue)
	case "registered":
		return design.ShortDay(ctx, models.DateOf(d.CreatedAt, design.Of(ctx).Org.Location()))
	default:
		return design.ShortDay(ctx, models.DateOf(d.UpdatedAt, design.Of(ctx).Org.Location()))
	}
}

// table is what was found, as a table.
func (l list) table(ctx context.Context) grid {
	g := grid{caption: design.Say(ctx, "page.register.caption"), heads: l.headings(ctx)}
	if l.at != 0 {
		g.caption = design.Say(ctx, "page.register.caption_at", "date", l.at)
	}
	for _, d := range l.rows {
		path := "/deployments/" + d.Ref
		if l.at != 0 {
			path += "/as-at/" + l.at.String()
		}
		name := named(path, d.Ref, design.In(ctx, models.Text{En: d.NameEn, Cy: d.NameCy}))
		if d.Late {
			name = stack(name, lateTag())
		}
		row := []templ.Component{name}
		for _, column := range l.columns() {
			if column == "stage" {
				row = append(row, design.Tag(l.cell(ctx, column, d), stageColour(d.Stage)))
				continue
			}
			row = append(row, plain(orNone(ctx, l.cell(ctx, column, d))))
		}
		g.rows = append(g.rows, row)
	}
	return g
}

// columnOptions are the columns to choose from.
func columnOptions(ctx context.Context) []design.Option {
	out := make([]design.Option, len(columnNames))
	for i, name := range columnNames {
		out[i] = design.Option{Value: name, Text: design.Say(ctx, "page.register.column", "name", column(ctx, name))}
	}
	return out
}

// RegisterFile is the list as CSV: every row that the filter chooses, in the
// columns that are chosen, written as it is read.
func (p *Pages) RegisterFile(c *gin.Context) error {
	ctx := c.Request.Context()
	a := web.Actor(ctx)
	l, err := listAsked(design.Of(ctx).Query)
	if err != nil {
		return err
	}
	if err := p.knownArea(ctx, a, &l); err != nil {
		return err
	}
	rows, err := p.Register.EachDeployment(ctx, a, l.filter(""), l.at)
	if err != nil {
		return err
	}
	if slices.Contains(l.columns(), "area") {
		if l.areas, err = p.Register.AreaNames(ctx, a, nil); err != nil {
			return err
		}
	}
	c.Header("Content-Disposition", `attachment; filename="register.csv"`)
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Status(http.StatusOK)
	if err := register.WriteCSV(c.Writer, l.file(ctx, rows)); err != nil {
		// The answer has begun: to end it as if it were whole would be untrue.
		panic(http.ErrAbortHandler)
	}
	return nil
}

// file are the rows of the CSV, the headings first.
func (l list) file(ctx context.Context, rows iter.Seq2[models.Deployment, error]) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		if !yield(append(heads(ctx, "ref", "name_en", "name_cy"), l.headings(ctx)[1:]...), nil) {
			return
		}
		for d, err := range rows {
			cells := []string{d.Ref, d.NameEn, d.NameCy}
			for _, name := range l.columns() {
				cells = append(cells, l.cell(ctx, name, d))
			}
			if !yield(cells, err) || err != nil {
				return
			}
		}
	}
}

// compareFolded orders texts without regard to case.
func compareFolded(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }
