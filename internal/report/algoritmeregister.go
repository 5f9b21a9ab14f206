package report

import (
	"encoding/json"
	"strings"
	"time"

	"beforehand/frontend/words"
	"beforehand/models"
)

// algoritme is a registration under the publication standard 1.0 of the Dutch
// Algoritmeregister (MinBZK/Algoritmeregister, schemas/config/v1_0.json).
type algoritme struct {
	Name                string     `json:"name"`
	DescriptionShort    string     `json:"description_short"`
	Organisation        string     `json:"organization"` //nolint:misspell // the standard's name
	Category            []string   `json:"category,omitempty"`
	Status              string     `json:"status"`
	BeginDate           string     `json:"begin_date,omitempty"`
	EndDate             string     `json:"end_date,omitempty"`
	ContactEmail        string     `json:"contact_email"`
	Website             string     `json:"website,omitempty"`
	PublicationCategory string     `json:"publication_category"`
	URL                 string     `json:"url,omitempty"`
	Goal                string     `json:"goal,omitempty"`
	Proportionality     string     `json:"proportionality,omitempty"`
	HumanIntervention   string     `json:"human_intervention,omitempty"`
	Risks               string     `json:"risks,omitempty"`
	LawfulBasis         string     `json:"lawful_basis,omitempty"`
	ImpactGrouping      []linkedNL `json:"impacttoetsen_grouping,omitempty"`
	Impact              string     `json:"impacttoetsen,omitempty"`
	SourceData          string     `json:"source_data,omitempty"`
	MethodsAndModels    string     `json:"methods_and_models,omitempty"`
	Provider            string     `json:"provider,omitempty"`
	Lang                string     `json:"lang"`
	StandardVersion     string     `json:"standard_version"`
	SourceID            string     `json:"source_id,omitempty"`
	Tags                string     `json:"tags,omitempty"`
}

type linkedNL struct {
	Title string `json:"title"`
	Link  string `json:"link,omitempty"`
}

// Algoritmeregister writes a deployment as JSON for the Dutch Algoritmeregister,
// publication standard 1.0. Texts that are longer than the standard allows are
// cut at a word.
//
// The standard knows one language, Dutch (lang "nld"). The texts here are the
// register's own, English or Welsh: they are to be translated before they are
// sent.
func Algoritmeregister(p Published) ([]byte, error) {
	r := p.Record
	en := func(t models.Text) string { return t.In(models.English) }
	say := func(prefix, code string) string {
		if code == "" {
			return ""
		}
		return words.Say(words.English, prefix+"."+code, nil)
	}
	// of is what a field of the record has, or that it is withheld.
	of := func(field string, texts ...string) string {
		return p.orWithheld(words.English, field, strings.Join(filled(texts...), "\n"))
	}
	inputs := of("inputs", en(r.Inputs))
	a := algoritme{
		Name: cut(needed(of("name", en(r.Name)), p.Ref, "-"), 100), SourceID: cut(p.Ref, 100), Lang: "nld", StandardVersion: "1.0",
		DescriptionShort:    cut(needed(en(r.Summary), en(r.OneLine), en(r.Purpose), en(r.Name), of("summary"), p.Ref, "-"), 350),
		Organisation:        cut(needed(en(p.Organisation), p.OrganisationURL, "-"), 100),
		Category:            []string{"Organisatie en bedrijfsvoering"},
		Status:              statusNL(p.Stage),
		ContactEmail:        cut(needed(r.PublicContact, p.Contact, p.OrganisationURL, "-"), 500),
		URL:                 addressNL(p.URL),
		PublicationCategory: categoryNL(r.RiskLevel),
		Goal:                within(2500, of("purpose", en(r.Purpose)), of("problem", en(r.Problem)), of("expectedBenefit", en(r.ExpectedBenefit))),
		Proportionality:     within(2500, of("riskReason", en(r.RiskReason)), of("alternatives", alternativesOf(r)...)),
		HumanIntervention:   within(2500, of("humanReview", say("humanReview", r.HumanReview.Kind), r.HumanReview.Who, en(r.HumanReview.Why))),
		Risks:               within(2500, of("adverseEffects", en(r.AdverseEffects)), of("failSafe", en(r.FailSafe.How), en(r.FailSafe.Instead))),
		LawfulBasis:         within(2500, of("regimes", r.Regimes...)),
		SourceData:          within(2500, inputs, of("publicData", en(r.PublicData)), of("workerData", workerDataOf(r)...)),
		MethodsAndModels:    within(5000, of("logic", en(r.Logic)), inputs, of("outputs", en(r.Outputs)), say("aiClass", string(r.AIClass)), of("models", modelsOf(r)...)),
		Provider:            cut(of("suppliers", strings.Join(suppliersOf(r), "; ")), 200),
		Tags:                within(2500, strings.Join(filled(en(p.Area), say("useFamily", string(r.UseFamily))), ", ")),
	}
	if a.Status == statusesNL[2] {
		a.EndDate = monthNL(r.Dates.Retired)
	}
	if live := firstDate(r.Dates.InUseSince, p.LiveOn); live != 0 && a.Status != statusesNL[0] {
		a.BeginDate = monthNL(live)
	}
	var whyNot []string
	for _, x := range r.Assessments {
		title := say("assessment", x.Kind)
		if x.State == "yes" {
			a.ImpactGrouping = append(a.ImpactGrouping, linkedNL{cut(title, 500), addressNL(x.Link)})
			continue
		}
		whyNot = append(whyNot, title+": "+strings.Join(filled(say("assessmentState", x.State), x.Why), ". "))
	}
	a.Impact = within(2500, of("assessments", whyNot...))
	return json.MarshalIndent(a, "", "  ")
}

// statusesNL are the standard's: being made, in use, out of use.
var statusesNL = [3]string{"In ontwikkeling", "In gebruik", "Buiten gebruik"}

func statusNL(s models.Stage) string {
	switch s {
	case models.StagePilot, models.StageEvaluated, models.StageLive:
		return statusesNL[1]
	case models.StagePaused, models.StageRetired, models.StageWithdrawn:
		return statusesNL[2]
	default:
		return statusesNL[0]
	}
}

func categoryNL(r models.RiskLevel) string {
	switch r {
	case "high":
		return "Hoog-risico AI-systeem"
	case "impactful", "presumed_high_but_not":
		return "Impactvolle algoritmes" //nolint:misspell // Dutch
	default:
		return "Overige algoritmes" //nolint:misspell // Dutch
	}
}

// monthNL is "2026-11", which is as exact as the standard is.
func monthNL(d models.Date) string {
	if d == 0 {
		return ""
	}
	return d.Time().Format(time.DateOnly)[:7]
}

// addressNL is an address that the standard takes: absolute, 500 characters.
func addressNL(s string) string {
	if href, ok := absoluteHref(s); ok && len(href) <= 500 {
		return href
	}
	return ""
}

// within joins what there is, a line each, and cuts it.
func within(most int, parts ...string) string { return cut(strings.Join(filled(parts...), "\n"), most) }

// needed is the first that has something.
func needed(parts ...string) string {
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			return p
		}
	}
	return ""
}

func firstDate(dates ...models.Date) models.Date {
	for _, d := range dates {
		if d != 0 {
			return d
		}
	}
	return 0
}

func alternativesOf(r models.Record) (out []string) {
	for _, a := range r.Alternatives {
		out = append(out, a.Text.In(models.English))
	}
	return out
}

func workerDataOf(r models.Record) (out []string) {
	for _, w := range r.WorkerData {
		out = append(out, strings.Join(filled(w.Category, w.Source, w.Purpose), ", "))
	}
	return out
}

func modelsOf(r models.Record) (out []string) {
	for _, m := range r.Models {
		out = append(out, strings.Join(filled(m.Name, m.Version, m.Provider), ", "))
	}
	return out
}

func suppliersOf(r models.Record) (out []string) {
	for _, s := range r.Suppliers {
		out = append(out, filled(s.Name)...)
	}
	return out
}

// filled are those that have something.
func filled(parts ...string) (out []string) {
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}
