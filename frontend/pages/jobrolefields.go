package pages

import (
	"context"
	"net/url"
	"strconv"

	"beforehand/models"
)

// jobRoleField is a field of a job role: its name in a form, the key of its
// question, and how it reads.
type jobRoleField struct {
	name, key string
	of        func(ctx context.Context, s structure, j models.JobRole) string
}

// jobRoleFields are in the order of the form.
var jobRoleFields = []jobRoleField{
	{"title", "roletitle", func(_ context.Context, _ structure, j models.JobRole) string { return j.Title }},
	{"jobFamily", "rolefamily", func(_ context.Context, _ structure, j models.JobRole) string { return j.JobFamily }},
	{"payGroup", "rolepay", func(_ context.Context, _ structure, j models.JobRole) string { return j.PayGroup }},
	{"grade", "rolegrade", func(_ context.Context, _ structure, j models.JobRole) string { return j.Grade }},
	{"soc2020", "rolesoc", func(_ context.Context, _ structure, j models.JobRole) string { return j.SOC2020 }},
	{"serviceArea", "rolearea", func(ctx context.Context, s structure, j models.JobRole) string {
		return s.area(ctx, j.ServiceAreaID).Text
	}},
	{"site", "rolesite", func(_ context.Context, _ structure, j models.JobRole) string { return j.Site }},
	{"headcount", "roleheadcount", func(_ context.Context, _ structure, j models.JobRole) string { return strconv.Itoa(j.Headcount) }},
	{"fte", "rolefte", func(_ context.Context, _ structure, j models.JobRole) string { return decimal(j.FTE) }},
	{"agencyCount", "roleagency", func(_ context.Context, _ structure, j models.JobRole) string { return strconv.Itoa(j.AgencyCount) }},
	{"bargainingUnit", "roleunit", func(_ context.Context, s structure, j models.JobRole) string { return s.unit(unitOf(j)) }},
}

func unitOf(j models.JobRole) string {
	if j.BargainingUnitID == nil {
		return ""
	}
	return *j.BargainingUnitID
}

// decimal is a number as it is typed.
func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// jobRoleValues fills the form with a job role.
func jobRoleValues(j models.JobRole) url.Values {
	v := url.Values{}
	for _, f := range jobRoleFields {
		v.Set(f.name, f.of(context.Background(), structure{}, j))
	}
	v.Set("serviceArea", j.ServiceAreaID)
	v.Set("bargainingUnit", unitOf(j))
	v.Set("version", strconv.Itoa(j.Version))
	return v
}

// jobRoleTyped reads a job role from the form.
func jobRoleTyped(f *models.Faults, v url.Values) models.JobRole {
	whole := func(name string) int {
		n, err := strconv.Atoi(otherwise(v.Get(name), "0"))
		if err != nil {
			f.Add(name, "not_a_number", "value", v.Get(name))
		}
		return n
	}
	j := models.JobRole{
		Title: v.Get("title"), JobFamily: v.Get("jobFamily"), PayGroup: v.Get("payGroup"), Grade: v.Get("grade"), SOC2020: v.Get("soc2020"),
		ServiceAreaID: v.Get("serviceArea"), Site: v.Get("site"), Headcount: whole("headcount"), AgencyCount: whole("agencyCount"),
	}
	var err error
	if j.FTE, err = strconv.ParseFloat(otherwise(v.Get("fte"), "0"), 64); err != nil {
		f.Add("fte", "not_a_number", "value", v.Get("fte"))
	}
	if id := v.Get("bargainingUnit"); id != "" {
		j.BargainingUnitID = &id
	}
	return j
}

func jobRoleQuestions(ctx context.Context, s structure, v url.Values) []question {
	out := make([]question, 0, len(jobRoleFields))
	for _, f := range jobRoleFields {
		q := ask(ctx, f.name, f.key, v.Get(f.name))
		switch f.name {
		case "serviceArea":
			q = q.oneOf(s.areaOptions(ctx, "page.choose"))
		case "bargainingUnit":
			q = q.oneOf(s.unitOptions(ctx, "page.jobrole.no_unit"))
		case "soc2020", "headcount", "fte", "agencyCount", "grade":
			q = q.as("text", "off", "govuk-input--width-5")
		}
		out = append(out, q)
	}
	return out
}
