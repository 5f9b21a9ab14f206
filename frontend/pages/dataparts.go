package pages

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"beforehand/frontend/design"
	"beforehand/models"
)

// dataRows are what of a file of rows is kept, and what was in it.
func dataRows(ctx context.Context, d models.Dataset) []design.Row {
	var out []design.Row
	add := func(code string, lines ...design.Line) {
		out = append(out, design.Row{Key: design.Say(ctx, code), Value: design.Lines(lines)})
	}
	if d.FileName != "" {
		add("page.data.file", design.Line{Text: d.FileName})
	}
	add("page.data.plan", design.Line{Text: strconv.Itoa(d.PlanNo)})
	add("page.data.rows", plainLines(design.Say(ctx, "page.data.rows_of", "rows", count(ctx, d.Rows), "people", count(ctx, d.Workers)), design.Say(ctx, "page.data.outside", "rows", count(ctx, d.Outside)))...)
	add("page.data.missing", missingValues(ctx, d)...)
	if d.PurgedAt != nil {
		add("page.data.purge", plainLines(design.Say(ctx, "page.data.purged", "time", design.Instant(ctx, *d.PurgedAt)))...)
	} else {
		add("page.data.purge", plainLines(design.Day(ctx, d.PurgeOn))...)
	}
	out = append(out, design.Row{Key: design.Say(ctx, "page.data.sha"), Value: hashWord(d.SHA256)}, design.Row{Key: design.Say(ctx, "page.data.rows_sha"), Value: hashWord(d.RowsSHA256)})
	return out
}

// missingValues are how many values are missing under each heading.
func missingValues(ctx context.Context, d models.Dataset) []design.Line {
	by := map[string]int{}
	if err := json.Unmarshal([]byte(d.Missing), &by); err != nil {
		by = nil // the database holds only what an upload wrote
	}
	heads := make([]string, 0, len(by))
	for h, n := range by {
		if n > 0 {
			heads = append(heads, h)
		}
	}
	slices.Sort(heads)
	var out []design.Line
	for _, h := range heads {
		out = append(out, design.Line{Text: design.Say(ctx, "page.pair", "first", h, "second", strconv.Itoa(by[h]))})
	}
	if len(out) == 0 {
		return plainLines(design.Say(ctx, "page.none"))
	}
	return out
}
