package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// FigureTable is a figure as data: what its drawing shows.
type FigureTable struct {
	Name     string     `json:"name" enum:"effects,margins,spread,series"`
	Title    string     `json:"title"`
	Text     string     `json:"text" doc:"What it shows, in words"`
	Headings []string   `json:"headings" nullable:"false"`
	Rows     [][]string `json:"rows" nullable:"false"`
	Drawing  string     `json:"drawing" doc:"Address of the drawing"`
}

// FiguresInput names a result and a language.
type FiguresInput struct {
	ClaimNumber
	Lang string `query:"lang" enum:"en,cy" doc:"Language; yours when left out"`
}

func (in FiguresInput) language(ctx context.Context) models.Language {
	if in.Lang != "" {
		return models.Language(in.Lang)
	}
	return web.Language(ctx)
}

func (a *API) figures(ctx context.Context, in *FiguresInput) (*reply[List[FigureTable]], error) {
	rows, err := a.reg.Figures(ctx, web.Actor(ctx), in.Claim, in.Number, in.language(ctx))
	return listOf(rows, func(f register.Figure) FigureTable {
		return FigureTable{f.Name, f.Title, f.Text, f.Headings, f.Rows, "/api/v1/claims/" + in.Claim + "/results/" + itoa(int64(in.Number)) + "/figures/" + f.Name}
	}), err
}

// drawing is an answer in SVG.
type drawing struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// content is what the document says of the answer.
func (*drawing) content() map[string]*huma.MediaType {
	return map[string]*huma.MediaType{"image/svg+xml": {Schema: &huma.Schema{Type: huma.TypeString}}}
}

type figureInput struct {
	FiguresInput
	Figure string `path:"figure" enum:"effects,margins,spread,series" example:"effects"`
}

func (a *API) figure(ctx context.Context, in *figureInput) (*drawing, error) {
	rows, err := a.reg.Figures(ctx, web.Actor(ctx), in.Claim, in.Number, in.language(ctx))
	if err != nil {
		return nil, err
	}
	for _, f := range rows {
		if f.Name == in.Figure {
			return &drawing{"image/svg+xml", []byte(f.SVG)}, nil
		}
	}
	return nil, models.Missing("figure")
}
