package pages

import (
	"context"
	"slices"

	"beforehand/frontend/design"
	"beforehand/internal/web"
	"beforehand/models"
)

// structure is what records of the organisation point to, by its id.
type structure struct {
	areas  []models.ServiceArea
	units  []models.BargainingUnit
	unions []models.Union
	branch []models.Branch
}

// structure reads what the reader may read of it all.
func (p *Pages) structure(ctx context.Context) (structure, error) {
	var s structure
	var err error
	a := web.Actor(ctx)
	if s.areas, err = p.Register.ServiceAreas(ctx, a); err != nil {
		return s, err
	}
	if s.units, err = p.Register.BargainingUnits(ctx, a); err != nil {
		return s, err
	}
	if s.unions, err = p.Register.Unions(ctx, a); err != nil {
		return s, err
	}
	s.branch, err = p.Register.Branches(ctx, a)
	return s, err
}

// area is the name of a service area with those above it.
func (s structure) area(ctx context.Context, id string) design.Line {
	i := slices.IndexFunc(s.areas, func(x models.ServiceArea) bool { return x.ID == id })
	if i < 0 {
		return design.Line{}
	}
	l := design.In(ctx, models.Text{En: s.areas[i].NameEn, Cy: s.areas[i].NameCy})
	if up := s.areas[i].ParentID; up != nil {
		l.Text = s.area(ctx, *up).Text + " / " + l.Text
	}
	return l
}

func (s structure) unit(id string) string {
	for _, u := range s.units {
		if u.ID == id {
			return u.Name
		}
	}
	return ""
}

func (s structure) union(id string) string {
	for _, u := range s.unions {
		if u.ID == id {
			return u.Abbreviation
		}
	}
	return ""
}

// branchOf is a branch by its id.
func (s structure) branchOf(id string) models.Branch {
	for _, b := range s.branch {
		if b.ID == id {
			return b
		}
	}
	return models.Branch{}
}

// areaOptions are the service areas to choose from, after one that chooses none.
func (s structure) areaOptions(ctx context.Context, none string) []design.Option {
	out := []design.Option{{Value: "", Text: design.Say(ctx, none)}}
	for _, x := range s.areas {
		out = append(out, design.Option{Value: x.ID, Text: s.area(ctx, x.ID).Text})
	}
	return out
}

func (s structure) unitOptions(ctx context.Context, none string) []design.Option {
	out := []design.Option{{Value: "", Text: design.Say(ctx, none)}}
	for _, x := range s.units {
		out = append(out, design.Option{Value: x.ID, Text: x.Name})
	}
	return out
}

func (s structure) unionOptions(ctx context.Context) []design.Option {
	out := []design.Option{{Value: "", Text: design.Say(ctx, "page.choose")}}
	for _, x := range s.unions {
		out = append(out, design.Option{Value: x.ID, Text: x.Abbreviation})
	}
	return out
}

// branchOptions name each branch with its union: two may be called alike.
func (s structure) branchOptions(ctx context.Context) []design.Option {
	out := []design.Option{{Value: "", Text: design.Say(ctx, "page.choose")}}
	for _, x := range s.branch {
		out = append(out, design.Option{Value: x.ID, Text: s.union(x.UnionID) + ": " + x.Name})
	}
	return out
}
