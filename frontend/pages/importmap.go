package pages

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// byHand is the answer that the columns are mapped by hand.
const byHand = "hand"

// ImportMapForm asks how the columns of a file are to be taken.
func (p *Pages) ImportMapForm(c *gin.Context) error { return p.importMap(c, url.Values{}, faults{}) }

func (p *Pages) importMap(c *gin.Context, v url.Values, wrong faults) error {
	ctx := c.Request.Context()
	f, err := p.fileHere(c)
	if err != nil {
		return err
	}
	if f.ImportID != nil {
		return p.done(c, "/imports/"+*f.ImportID, "")
	}
	chosen := byHand
	if len(f.Fits) > 0 {
		chosen = f.Fits[0]
	}
	q := ask(ctx, "map", "importmap", otherwise(v.Get("map"), otherwise(f.Map, chosen)))
	q.options = []design.Option{{Value: byHand, Text: design.Say(ctx, "page.importmap.hand")}}
	q.hints = []string{design.Say(ctx, "page.importmap.hand.hint")}
	if f.Remembered {
		q.hints[0] = design.Say(ctx, "page.importmap.remembered")
	}
	for _, name := range register.ImportMaps() {
		q.options = append(q.options, design.Option{Value: name, Text: mapName(ctx, name)})
		fits := "page.importmap.fits_not"
		if slices.Contains(f.Fits, name) {
			fits = "page.importmap.fits"
		}
		q.hints = append(q.hints, design.Say(ctx, fits))
	}
	return p.show(c, sheet{
		title: design.Say(ctx, "page.importmap.title", "name", f.FileName), crumbs: importCrumbs(ctx), lead: []string{design.Say(ctx, "page.importmap.lead", "count", f.Rows, "columns", len(f.Header))},
		path: "/imports/new/" + f.ID, ask: []question{q}, button: design.Say(ctx, "page.importmap.button"), faults: wrong, at: "map",
	})
}

func mapName(ctx context.Context, name string) string {
	if code := "page.importmap.name." + name; words.Has(words.English, code) {
		return design.Say(ctx, code)
	}
	return name
}

// fileHere is the file that waits which an address names.
func (p *Pages) fileHere(c *gin.Context) (register.ImportFile, error) {
	ctx := c.Request.Context()
	return p.Register.ImportFile(ctx, web.Actor(ctx), param(c, "id"))
}

// ChooseImportMap takes a file by a map, or leads to mapping it by hand.
func (p *Pages) ChooseImportMap(c *gin.Context) error {
	ctx, id := c.Request.Context(), param(c, "id")
	v := typedAnswers(c)
	if v.Get("map") == byHand {
		return p.done(c, "/imports/new/"+id+"/columns", "")
	}
	var err error
	if v.Get("map") == "" {
		var f models.Faults
		f.Add("map", "required")
		err = f.Err()
	} else {
		err = p.Register.ChooseImportMap(ctx, web.Actor(ctx), id, v.Get("map"))
	}
	if again(err) {
		return p.importMap(c, v, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/imports/new/"+id+"/preview", "")
}

// ImportColumnsForm asks of each column which field it feeds.
func (p *Pages) ImportColumnsForm(c *gin.Context) error {
	f, err := p.fileHere(c)
	if err != nil {
		return err
	}
	return p.importColumns(c, f, f.Choices, faults{})
}

func (p *Pages) importColumns(c *gin.Context, f register.ImportFile, chosen register.Choices, wrong faults) error {
	ctx := c.Request.Context()
	if f.ImportID != nil {
		return p.done(c, "/imports/"+*f.ImportID, "")
	}
	areas, err := p.Register.ServiceAreas(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	s := sheet{
		title: design.Say(ctx, "page.importcolumns.title", "name", f.FileName), crumbs: append(importCrumbs(ctx), design.Crumb{Text: f.FileName, Path: "/imports/new/" + f.ID}),
		lead: []string{design.Say(ctx, "page.importcolumns.lead"), design.Say(ctx, "page.importcolumns.guessed")},
		path: "/imports/new/" + f.ID + "/columns", button: design.Say(ctx, "page.importcolumns.button"), faults: wrong, at: "c1",
	}
	if f.Remembered {
		s.lead[1] = design.Say(ctx, "page.importmap.remembered")
	}
	fields := fieldOptions(ctx)
	for i, h := range f.Header {
		q := question{Field: design.Field{ID: columnAnswer(i), Name: columnAnswer(i), Label: design.Say(ctx, "page.importcolumns.column", "number", i+1, "heading", orNone(ctx, h))}, options: fields}
		if i < len(chosen.Columns) {
			q.Value = chosen.Columns[i]
		}
		if f.Samples[i] != "" {
			q.Hint = design.Say(ctx, "page.importcolumns.sample", "value", f.Samples[i])
		}
		s.ask = append(s.ask, q)
	}
	s.ask = append(s.ask, otherwiseQuestions(ctx, f, chosen, areas)...)
	return p.show(c, s)
}

func columnAnswer(i int) string { return "c" + strconv.Itoa(i+1) }

// otherwiseQuestions ask for what the columns do not say.
func otherwiseQuestions(ctx context.Context, f register.ImportFile, chosen register.Choices, areas []models.ServiceArea) []question {
	keys := []design.Option{{Value: "0", Text: design.Say(ctx, "page.importcolumns.by_name")}}
	for i, h := range f.Header {
		keys = append(keys, design.Option{Value: strconv.Itoa(i + 1), Text: design.Say(ctx, "page.importcolumns.column", "number", i+1, "heading", orNone(ctx, h))})
	}
	where := []design.Option{{Text: design.Say(ctx, "page.importcolumns.none")}}
	for _, s := range areas {
		where = append(where, design.Option{Value: s.ID, Text: design.In(ctx, models.Text{En: s.NameEn, Cy: s.NameCy}).Text})
	}
	none, other := "page.importcolumns.none", chosen.Otherwise
	statuses := []string{"idea", "preferred_option", "decided", "already_in_use"}
	made := ""
	if chosen.CreateAreas {
		made = "yes"
	}
	return []question{
		ask(ctx, "otherwise.serviceArea", "importarea", other["serviceArea"]).oneOf(where).part(design.Say(ctx, "page.importcolumns.otherwise"), design.Say(ctx, "page.importcolumns.otherwise.lead")),
		ask(ctx, "otherwise.useFamily", "importuse", other["useFamily"]).oneOf(options(ctx, none, "useFamily.", models.UseFamilies)),
		ask(ctx, "otherwise.decisionStatus", "importstatus", other["decisionStatus"]).oneOf(options(ctx, none, "decisionStatus.", statuses)),
		ask(ctx, "otherwise.owner", "importowner", other["owner"]),
		ask(ctx, "createAreas", "importareas", "").as("", "", "govuk-checkboxes--small").manyOf([]design.Option{{Value: "yes", Text: design.Say(ctx, "page.importcolumns.create")}}, []string{made}),
		ask(ctx, "key", "importkey", strconv.Itoa(chosen.Key)).oneOf(keys).part(design.Say(ctx, "page.importcolumns.again"), design.Say(ctx, "page.importcolumns.again.lead")),
		ask(ctx, "source", "importsource", chosen.Source),
	}
}

// fieldOptions are the fields that a column can feed.
func fieldOptions(ctx context.Context) []design.Option {
	out := []design.Option{{Text: design.Say(ctx, "page.importcolumns.leave")}}
	for _, path := range register.ImportFields {
		out = append(out, design.Option{Value: path, Text: importFieldName(ctx, path)})
	}
	return out
}

// importFieldName is what a field of the record is called, with its language where it
// has one for each.
func importFieldName(ctx context.Context, path string) string {
	if code := "page.importfield." + path; words.Has(words.English, code) {
		return design.Say(ctx, code)
	}
	field, part, _ := strings.Cut(path, ".")
	name := design.Say(ctx, "record."+field)
	if part != "" {
		name += " (" + design.Say(ctx, "language."+part) + ")"
	}
	return name
}

// ChooseImportColumns keeps which field each column feeds.
func (p *Pages) ChooseImportColumns(c *gin.Context) error {
	ctx := c.Request.Context()
	f, err := p.fileHere(c)
	if err != nil {
		return err
	}
	v := typedAnswers(c)
	chosen := register.Choices{Source: v.Get("source"), CreateAreas: v.Get("createAreas") == "yes", Columns: make([]string, len(f.Header)), Otherwise: map[string]string{}}
	for i := range f.Header {
		chosen.Columns[i] = v.Get(columnAnswer(i))
	}
	for _, path := range register.OtherwiseFields {
		if s := v.Get("otherwise." + path); s != "" {
			chosen.Otherwise[path] = s
		}
	}
	if n, err := strconv.Atoi(otherwise(v.Get("key"), "0")); err == nil {
		chosen.Key = n
	} else {
		chosen.Key = -1 // which is no column
	}
	err = p.Register.ChooseImportColumns(ctx, web.Actor(ctx), f.ID, chosen)
	if again(err) {
		return p.importColumns(c, f, chosen, faultsOf(ctx, err))
	}
	if err != nil {
		return err
	}
	return p.done(c, "/imports/new/"+f.ID+"/preview", "")
}
