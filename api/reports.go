package api

import (
	"bytes"
	"context"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// YearReport is a year's social-partnership report, number by number.
type YearReport struct {
	Year      int         `json:"year" doc:"The financial year that began in April of it"`
	First     models.Date `json:"first" format:"date"`
	Last      models.Date `json:"last" format:"date"`
	LogSize   int64       `json:"logSize" doc:"The log that it was made from: the same log gives the same report"`
	LogRoot   string      `json:"logRoot" doc:"Hex"`
	Parts     []YearPart  `json:"parts" nullable:"false"`
	Positions []Position  `json:"positions" nullable:"false" doc:"What each union says of it"`
	Missing   []string    `json:"missing" nullable:"false" doc:"Unions that have neither agreed nor said why not: until they do, it cannot be exported"`
}

// YearPart is a part of the report.
type YearPart struct {
	Key     string       `json:"key"`
	Figures []YearFigure `json:"figures" nullable:"false"`
}

// YearFigure is a number and the records behind it.
type YearFigure struct {
	Key     string   `json:"key"`
	Value   int      `json:"value"`
	Records []Traced `json:"records" nullable:"false"`
}

// Traced is a record behind a number.
type Traced struct {
	No     string `json:"no"`
	Page   string `json:"page" doc:"Its page, without language"`
	Weight int    `json:"weight" doc:"What it counts for"`
}

func viewYear(y models.YearReport) YearReport {
	v := YearReport{Year: y.Year, First: y.First, Last: y.Last, LogSize: y.Size, LogRoot: y.Root, Parts: []YearPart{}, Positions: []Position{}, Missing: []string{}}
	for _, p := range y.Parts {
		part := YearPart{Key: p.Key, Figures: []YearFigure{}}
		for _, f := range p.Figures {
			fig := YearFigure{Key: f.Key, Value: f.Value(), Records: []Traced{}}
			for _, t := range f.Records {
				fig.Records = append(fig.Records, Traced{t.No, t.Path, t.Weight})
			}
			part.Figures = append(part.Figures, fig)
		}
		v.Parts = append(v.Parts, part)
	}
	for _, u := range y.Unions {
		if p, said := y.Positions[u.ID]; said {
			v.Positions = append(v.Positions, viewPosition(p))
		} else {
			v.Missing = append(v.Missing, u.Abbreviation)
		}
	}
	return v
}

// ByYear names a financial year.
type ByYear struct {
	Year int `path:"year" minimum:"1900" maximum:"2200" example:"2026"`
}

func (a *API) annualReport(ctx context.Context, in *ByYear) (*reply[YearReport], error) {
	y, err := a.reg.AnnualReport(ctx, web.Actor(ctx), in.Year)
	if err != nil {
		return nil, err
	}
	return &reply[YearReport]{Body: viewYear(y)}, nil
}

type reportInput struct {
	ByYear
	What     string          `path:"report" enum:"annual,scrutiny" example:"annual"`
	Form     string          `query:"form" enum:"html,pdf,docx" default:"pdf"`
	Language models.Language `query:"language" enum:"en,cy" default:"en"`
}

func (a *API) reportDocument(ctx context.Context, in *reportInput) (*document, error) {
	var b bytes.Buffer
	if err := a.reg.WriteReport(ctx, web.Actor(ctx), register.ReportKind(in.What), in.Year, in.Form, in.Language, &b); err != nil {
		return nil, err
	}
	return &document{register.ReportForms[in.Form], fmt.Sprintf(`attachment; filename="%s-%d-%s.%s"`, in.What, in.Year, in.Language, in.Form), b.Bytes()}, nil
}

// document is a report as a file.
type document struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// content is what the document says of the answer.
func (*document) content() map[string]*huma.MediaType {
	out := map[string]*huma.MediaType{}
	for _, kind := range register.ReportForms {
		out[kind] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	return out
}

func (a *API) template(ctx context.Context, in *ByRef) (*reply[models.Template], error) {
	t, err := a.reg.Template(ctx, web.Actor(ctx), in.Ref)
	if err != nil {
		return nil, err
	}
	return &reply[models.Template]{Body: t}, nil
}

type templateInput struct {
	Body struct {
		ServiceArea string          `json:"serviceArea" minLength:"1" maxLength:"60" doc:"Id of the service area that it is registered in"`
		Template    models.Template `json:"template"`
	}
}

func (a *API) registerTemplate(ctx context.Context, in *templateInput) (*reply[Deployment], error) {
	who := web.Actor(ctx)
	d, err := a.reg.RegisterTemplate(ctx, who, in.Body.Template, in.Body.ServiceArea)
	if err != nil {
		return nil, err
	}
	v, err := a.reg.Deployment(ctx, who, d.Ref)
	if err != nil {
		return nil, err
	}
	return created(viewDeployment(v), v.Version, "/deployments/"+d.Ref), nil
}

func viewPosition(p models.Position) Position {
	return Position{p.Year, p.UnionID, p.Agrees, p.Statement, string(p.Language), instant(p.At)}
}
