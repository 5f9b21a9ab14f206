package pages

import (
	"context"

	"beforehand/frontend/design"
	"beforehand/internal/register"
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
