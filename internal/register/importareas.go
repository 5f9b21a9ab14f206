package register

import (
	"strings"

	"beforehand/internal/report"
	"beforehand/models"
)

// places are the service areas as a file names them: from the root down, or one
// name, wherever it stands.
type places struct {
	byPath map[string]bool
	byName map[string][]string // ids
}

func placesOf(areas []models.ServiceArea) places {
	p := places{byPath: map[string]bool{}, byName: map[string][]string{}}
	paths := map[string]string{}
	for _, s := range areas { // parents come before children
		paths[s.ID] = paths[deref(s.ParentID)] + "\n" + s.NameEn
		p.byPath[paths[s.ID]] = true
		names := []string{strings.ToLower(s.NameEn)}
		if cy := strings.ToLower(s.NameCy); cy != "" && cy != names[0] {
			names = append(names, cy)
		}
		for _, n := range names {
			p.byName[n] = append(p.byName[n], s.ID)
		}
	}
	return p
}

// settle finds the service area of a row. One that is not there is a problem of
// the row, unless the import may make it.
func (p places) settle(row *report.Row, conv report.Conversion) {
	if len(row.Area) == 0 {
		return
	}
	if conv.AreasAnywhere && len(row.Area) == 1 {
		ids := p.byName[strings.ToLower(row.Area[0])]
		if len(ids) == 1 {
			row.Record.ServiceAreaID, row.Area = ids[0], nil
			return
		}
		if len(ids) > 1 {
			row.Problems = append(row.Problems, report.Problem{Row: row.Number, Code: "import.area_ambiguous", Params: models.Params{"value": row.Area[0]}})
			return
		}
	}
	if !conv.CreateAreas && !p.byPath["\n"+strings.Join(row.Area, "\n")] {
		row.Problems = append(row.Problems, report.Problem{Row: row.Number, Code: "import.area_unknown", Params: models.Params{"value": strings.Join(row.Area, " / ")}})
	}
}
