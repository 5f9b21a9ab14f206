package pages

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// preview is what would become of a file, with the question what to do about
// rows that cannot be taken.
type preview struct {
	file register.ImportFile
	rep  register.ImportReport
	form sheet
}

func newPreview(ctx context.Context, f register.ImportFile, rep register.ImportReport, onProblem string, wrong faults) preview {
	q := ask(ctx, "onProblem", "onproblem", otherwise(onProblem, "stop"))
	params := []any{"new", rep.Imported, "changed", rep.Updated, "refused", rep.Refused}
	for _, how := range register.OnProblem {
		q.options = append(q.options, design.Option{Value: how, Text: design.Say(ctx, "page.preview."+how)})
		q.hints = append(q.hints, design.Say(ctx, "page.preview."+how+".hint", params...))
	}
	v := preview{file: f, rep: rep}
	v.form = sheet{
		title: design.Say(ctx, "page.preview.title", "name", f.FileName), path: "/imports/new/" + f.ID + "/preview", ask: []question{q},
		button: design.Say(ctx, "page.preview.button"), faults: wrong, at: "onProblem",
		bare: rep.Stopped || rep.Imported+rep.Updated == 0,
	}
	v.form = v.form.settle()
	return v
}

// crumbs lead back through the steps.
func (v preview) crumbs(ctx context.Context) []design.Crumb {
	return append(importCrumbs(ctx), design.Crumb{Text: v.file.FileName, Path: "/imports/new/" + v.file.ID})
}

// remap is the page where the columns are mapped.
func (v preview) remap() string {
	if v.file.Map != "" {
		return "/imports/new/" + v.file.ID
	}
	return "/imports/new/" + v.file.ID + "/columns"
}

// ImportPreview says what would become of the rows of a file.
func (p *Pages) ImportPreview(c *gin.Context) error { return p.importPreview(c, "", faults{}) }

func (p *Pages) importPreview(c *gin.Context, onProblem string, wrong faults) error {
	ctx, id := c.Request.Context(), param(c, "id")
	rep, err := p.Register.ImportUploaded(ctx, web.Actor(ctx), id, "update", true)
	if models.CodeOf(err) == "import_not_mapped" {
		return p.done(c, "/imports/new/"+id, "")
	}
	if err != nil {
		if done, err := p.doneAlready(c, err); done || err != nil {
			return err
		}
	}
	f, err := p.fileHere(c)
	if err != nil {
		return err
	}
	return p.render(c, previewStatus(wrong), previewPage(newPreview(ctx, f, rep, onProblem, wrong)))
}

func previewStatus(wrong faults) int {
	if wrong.any() {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// PreviewProblems is what is wrong with a file that waits, as CSV.
func (p *Pages) PreviewProblems(c *gin.Context) error {
	ctx := c.Request.Context()
	f, err := p.fileHere(c)
	if err != nil {
		return err
	}
	rep, err := p.Register.ImportUploaded(ctx, web.Actor(ctx), f.ID, "update", true)
	if err != nil {
		return err
	}
	return problemsFile(c, f.FileName, rep)
}

// RunImport takes a file into the register.
func (p *Pages) RunImport(c *gin.Context) error {
	ctx, id := c.Request.Context(), param(c, "id")
	v := typedAnswers(c)
	if v.Get("onProblem") == "" {
		return p.importPreview(c, "", fault("onProblem", design.Say(ctx, "field.required")))
	}
	rep, err := p.Register.ImportUploaded(ctx, web.Actor(ctx), id, v.Get("onProblem"), false)
	switch {
	case models.KindOf(err) == models.Conflict:
		if done, err := p.doneAlready(c, err); done || err != nil {
			return err
		}
	case again(err):
		return p.importPreview(c, v.Get("onProblem"), faultsOf(ctx, err))
	case err != nil:
		return err
	case rep.ID == "" && rep.Stopped:
		return p.importPreview(c, v.Get("onProblem"), fault("onProblem", design.Say(ctx, "page.preview.stopped", "count", rep.Refused)))
	case rep.ID == "":
		return p.importPreview(c, v.Get("onProblem"), fault("onProblem", design.Say(ctx, "page.preview.nothing")))
	}
	return p.done(c, "/imports/"+rep.ID, "page.imported.done")
}
