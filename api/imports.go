package api

import (
	"context"
	"io"
	"mime/multipart"

	"github.com/danielgtaylor/huma/v2"

	"beforehand/internal/register"
	"beforehand/internal/web"
)

type importForm struct {
	File huma.FormFile `form:"file" required:"true" doc:"CSV or XLSX, at most 50 MiB"`
	Map  huma.FormFile `form:"mapFile" doc:"A column map of your own (YAML)"`
}

type importInput struct {
	MapName   string `query:"map" maxLength:"100" doc:"Name of a bundled map, when you send none" example:"us-federal-2024"`
	DryRun    bool   `query:"dryRun" doc:"Preview: list every problem and change nothing"`
	OnProblem string `query:"onProblem" enum:"stop,skip,update" default:"stop"`
	RawBody   huma.MultipartFormFiles[importForm]
}

func (a *API) runImport(ctx context.Context, in *importInput) (*reply[register.ImportReport], error) {
	form := in.RawBody.Data()
	data, err := readAll(form.File)
	if err != nil {
		return nil, err
	}
	input := register.ImportInput{FileName: form.File.Filename, Data: data, Map: in.MapName, DryRun: in.DryRun, OnProblem: in.OnProblem}
	if form.Map.IsSet {
		input.Map = form.Map.Filename
		if input.MapFile, err = readAll(form.Map); err != nil {
			return nil, err
		}
	}
	r, err := a.reg.Import(ctx, web.Actor(ctx), input)
	if err != nil {
		return nil, err
	}
	out := &reply[register.ImportReport]{Body: r}
	if r.ID != "" {
		out.Location = "/api/v1/imports/" + r.ID
	}
	return out, nil
}

func readAll(f huma.FormFile) ([]byte, error) {
	defer func(m multipart.File) { _ = m.Close() }(f.File) // read only: nothing is lost
	return io.ReadAll(f.File)
}

func (a *API) importReport(ctx context.Context, in *ByID) (*reply[register.ImportReport], error) {
	r, err := a.reg.ImportReport(ctx, web.Actor(ctx), in.ID)
	return &reply[register.ImportReport]{Body: r}, err
}
