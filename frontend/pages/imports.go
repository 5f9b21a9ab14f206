package pages

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
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

// mostImports is how many imports a page lists.
const mostImports = 25

// Imports lists the imports that were run, with a form for another file.
func (p *Pages) Imports(c *gin.Context) error { return p.imports(c, faults{}) }

func (p *Pages) imports(c *gin.Context, wrong faults) error {
	ctx := c.Request.Context()
	a, after := web.Actor(ctx), design.Of(ctx).Query.Get("after")
	rows, next, err := p.Register.Imports(ctx, a, register.Page{After: after, Limit: mostImports})
	if err != nil {
		return err
	}
	b := board{title: design.Say(ctx, "page.imports.title"), lead: []string{design.Say(ctx, "page.imports.lead")}}
	if could(ctx, "import.run") {
		waiting, err := p.Register.ImportFiles(ctx, a)
		if err != nil {
			return err
		}
		if len(waiting) > 0 {
			b.parts = append(b.parts, gridTable(waitingGrid(ctx, waiting)))
		}
		b.form = uploadSheet(ctx, wrong)
	}
	g := grid{
		title: design.Say(ctx, "page.imports.past"), caption: design.Say(ctx, "page.imports.past.caption"), none: design.Say(ctx, "page.imports.past.none"),
		heads: heads(ctx, "file", "ranon", "ranby", "imported", "updated", "refused"),
	}
	for _, x := range rows {
		g.rows = append(g.rows, []templ.Component{
			pageLink("/imports/"+x.ID, design.Line{Text: x.FileName}), design.Time(x.At), plain(x.Name),
			plain(strconv.Itoa(x.Imported)), plain(strconv.Itoa(x.Updated)), plain(strconv.Itoa(x.Refused)),
		})
	}
	b.parts = append(b.parts, gridTable(g), design.Pagination(firstOf(ctx, after == "", "/imports"), nextOf(ctx, next, "/imports?after=")))
	return p.showBoard(c, b)
}

func waitingGrid(ctx context.Context, all []register.ImportFile) grid {
	g := grid{title: design.Say(ctx, "page.imports.waiting"), caption: design.Say(ctx, "page.imports.waiting.caption"), heads: heads(ctx, "file", "senton", "keptuntil", "action")}
	for _, f := range all {
		g.rows = append(g.rows, []templ.Component{
			pageLink("/imports/new/"+f.ID, design.Line{Text: f.FileName}), design.Time(f.At), design.Time(f.Until),
			act("/imports/new/"+f.ID+"/discard", design.Say(ctx, "page.imports.discard"), f.FileName),
		})
	}
	return g
}

func uploadSheet(ctx context.Context, wrong faults) *sheet {
	q := ask(ctx, "file", "importfile", "")
	q.file = true
	return &sheet{
		path: "/imports", title: design.Say(ctx, "page.imports.new"), lead: []string{design.Say(ctx, "page.imports.kept")}, upload: true, ask: []question{q},
		button: design.Say(ctx, "page.imports.button"), faults: wrong, at: "file",
	}
}

// UploadImport takes a file that is to be imported.
func (p *Pages) UploadImport(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := mayAct(ctx, "import.run"); err != nil {
		return err
	}
	name, b, err := wholeFile(c, "file")
	var f register.ImportFile
	if err == nil {
		f, err = p.Register.UploadImport(ctx, web.Actor(ctx), name, b)
	}
	if again(err) || models.KindOf(err) == models.TooLarge {
		wrong := faultsOf(ctx, err)
		if models.CodeOf(err) == "import_unreadable" {
			wrong.general = design.Say(ctx, "page.imports.wrong_kind", "name", name, "kind", kindOfFile(ctx, name, b))
		}
		return p.imports(c, wrong)
	}
	if err != nil {
		return err
	}
	return p.done(c, "/imports/new/"+f.ID, "")
}

// wholeFile is a file of a form, whole.
func wholeFile(c *gin.Context, name string) (string, []byte, error) {
	none := &models.Error{Kind: models.Invalid, Code: "invalid", Fields: []models.Field{{Path: name, Code: "required"}}}
	given, err := c.FormFile(name)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || err == nil && given.Filename == "" {
		return "", nil, none
	}
	if err != nil {
		return "", nil, models.Fail(models.Invalid, "malformed_form").Because(err)
	}
	f, err := given.Open()
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	return clean(given.Filename), b, err
}

// kindOfFile is what a file that is no table seems to be: by what is in it, and
// where that says nothing by its name.
func kindOfFile(ctx context.Context, name string, b []byte) string {
	kind, _, _ := strings.Cut(http.DetectContentType(b), ";")
	if ext := path.Ext(name); kind == "application/octet-stream" && ext != "" {
		return ext
	}
	if bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0")) {
		kind = "old-office"
	}
	if code := "page.filekind." + kind; words.Has(words.English, code) {
		return design.Say(ctx, code)
	}
	return kind
}

// DiscardImport destroys a file that waits.
func (p *Pages) DiscardImport(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := p.Register.DiscardImport(ctx, web.Actor(ctx), param(c, "id")); err != nil {
		return err
	}
	return p.done(c, "/imports", "page.imports.discarded")
}
