package pages

import (
	"bytes"
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// Imported says what an import did.
func (p *Pages) Imported(c *gin.Context) error {
	ctx := c.Request.Context()
	row, rep, err := p.Register.Imported(ctx, web.Actor(ctx), param(c, "id"))
	if err != nil {
		return err
	}
	b := board{title: design.Say(ctx, "page.imported.title", "name", row.FileName), crumbs: importCrumbs(ctx), lead: []string{design.Say(ctx, "page.imported.lead", "at", design.Instant(ctx, row.At), "who", row.Name)}}
	b.parts = []templ.Component{design.SummaryList(countRows(ctx, rep))}
	if rep.Refused > 0 {
		b.parts = append(b.parts, gridTable(problemGrid(ctx, rep.Problems)))
		b.do = []design.Crumb{{Text: design.Say(ctx, "page.imported.problems"), Path: "/imports/" + row.ID + "/problems.csv"}}
		b.do = append(b.do, offer(ctx, "import.run", "page.imported.refused", "/imports/"+row.ID+"/refused.csv")...)
	}
	b.after = more("/register?sort=updated", design.Say(ctx, "page.imported.register"))
	return p.showBoard(c, b)
}

func importCrumbs(ctx context.Context) []design.Crumb {
	return []design.Crumb{{Text: design.Say(ctx, "page.imports.title"), Path: "/imports"}}
}

// countRows are what became of the rows of a file, or would.
func countRows(ctx context.Context, rep register.ImportReport) []design.Row {
	out := []design.Row{}
	for _, n := range []struct {
		code  string
		count int
	}{{"rows", rep.Rows}, {"imported", rep.Imported}, {"updated", rep.Updated}, {"unchanged", rep.Unchanged}, {"repaired", rep.Repaired}, {"refused", rep.Refused}} {
		out = append(out, factOf(ctx, "page.import.count."+n.code, plain(words.Number(string(design.Of(ctx).Lang), n.count))))
	}
	return out
}

// problemGrid are the first problems of a file, by row and column.
func problemGrid(ctx context.Context, all []register.ImportRemark) grid {
	shown := all[:min(len(all), mostProblems)]
	g := grid{title: design.Say(ctx, "page.import.problems"), id: "problems", heads: heads(ctx, "row", "columnname", "value", "wrong")}
	g.caption = design.Say(ctx, "page.import.problems.caption", "shown", len(shown), "count", len(all))
	for _, r := range shown {
		g.rows = append(g.rows, []templ.Component{plain(strconv.Itoa(r.Row)), plain(orNone(ctx, r.Column)), plain(orNone(ctx, r.Value)), plain(r.What.In(design.Of(ctx).Lang))})
	}
	return g
}

// ImportedProblems is what was wrong with the rows of an import, as CSV.
func (p *Pages) ImportedProblems(c *gin.Context) error {
	ctx := c.Request.Context()
	row, rep, err := p.Register.Imported(ctx, web.Actor(ctx), param(c, "id"))
	if err != nil {
		return err
	}
	return problemsFile(c, row.FileName, rep)
}

// problemsFile answers with the problems of a file as CSV.
func problemsFile(c *gin.Context, name string, rep register.ImportReport) error {
	var b bytes.Buffer
	if err := register.WriteImportProblems(&b, rep, design.Of(c.Request.Context()).Lang); err != nil {
		return err
	}
	csvFile(c, csvName(c.Request.Context(), "page.import.file.problems", name), b.Bytes())
	return nil
}

// RefusedRows are the rows that an import left out, as CSV.
func (p *Pages) RefusedRows(c *gin.Context) error {
	ctx := c.Request.Context()
	row, _, err := p.Register.Imported(ctx, web.Actor(ctx), param(c, "id"))
	if err != nil {
		return err
	}
	b, err := p.Register.RefusedRows(ctx, web.Actor(ctx), row.ID, design.Of(ctx).Lang)
	if err != nil {
		return err
	}
	csvFile(c, csvName(ctx, "page.import.file.refused", row.FileName), b)
	return nil
}

// csvName names a file that is made of another.
func csvName(ctx context.Context, code, name string) string {
	return strings.TrimSuffix(name, path.Ext(name)) + "-" + design.Say(ctx, code) + ".csv"
}

// csvFile answers with a CSV to be kept.
func csvFile(c *gin.Context, name string, b []byte) {
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	c.Data(http.StatusOK, "text/csv; charset=utf-8", b)
}

// doneAlready leads to the import that a file has become, when an error says
// that there is one.
func (p *Pages) doneAlready(c *gin.Context, err error) (bool, error) {
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Code != "import_done_already" {
		return false, err
	}
	id, _ := e.Params["import"].(string)
	return true, p.done(c, "/imports/"+url.PathEscape(id), "")
}
