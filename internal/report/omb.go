package report

import (
	"bytes"
	"encoding/csv"
	"io"
	"iter"
	"strings"

	"beforehand/frontend/words"
	"beforehand/models"
)

// OMB writes the register with the columns of the inventory of AI use cases of
// United States federal agencies, 2024 (OMB memorandum M-24-10), which the
// bundled import map us-federal-2024 reads back. A column that the register has
// nothing for stays empty.
func OMB(w io.Writer, all iter.Seq2[Published, error]) error {
	columns, err := ombColumns()
	if err != nil {
		return err
	}
	c := newCSV(w)
	if err := c.row(append([]string{}, columns...)); err != nil {
		return err
	}
	for p, err := range all {
		if err != nil {
			return err
		}
		values := ombValues(p)
		cells := make([]string, len(columns))
		for i, name := range columns {
			cells[i] = values[strings.TrimSpace(name)]
			delete(values, strings.TrimSpace(name)) // four columns are all named "If Other, please explain."
		}
		if err := c.row(cells); err != nil {
			return err
		}
	}
	return c.end()
}

// ombColumns are the headings of the published file, spaces at their ends and
// all.
func ombColumns() ([]string, error) {
	b, err := outFiles.ReadFile("maps/out/omb-2024.csv")
	if err != nil {
		return nil, err
	}
	return csv.NewReader(bytes.NewReader(b)).Read()
}

func ombValues(p Published) map[string]string {
	r := p.Record
	en := func(t models.Text) string { return t.In(models.English) }
	of := func(field, text string) string { return p.orWithheld(words.English, field, text) }
	v := map[string]string{
		"Use Case Name":                     cut(en(r.Name), 100),
		"Agency":                            en(p.Organisation),
		"Agency Abbreviation":               initialsOf(en(p.Organisation)),
		"Bureau":                            en(p.Area),
		"Use Case Topic Area":               r.Function,
		"Stage of Development":              ombStage(p.Stage),
		"Date Implemented":                  firstDate(r.Dates.InUseSince, p.LiveOn).String(),
		"Date Retired":                      r.Dates.Retired.String(),
		"System Name":                       strings.Join(modelsOf(r), "; "),
		"Date Initiated":                    "",
		"Describe the AI system’s outputs.": of("outputs", en(r.Outputs)),
		"What is the intended purpose and expected benefits of the AI?":                                       within(20_000, of("purpose", en(r.Purpose)), of("expectedBenefit", en(r.ExpectedBenefit))),
		"Date when Acquisition and/or Development began":                                                      r.Dates.Procurement.String(),
		"Is the AI use case rights-impacting, safety-impacting, both, or neither?":                            ombImpact(r),
		"Is the AI use case found in the below list of general commercial AI products and services?":          ombProduct(r.UseFamily),
		"Provide the Procurement Instrument Identifier(s) (PIID) of the contract(s) used.":                    strings.Join(contractsOf(r), "; "),
		"What are the key risks from using the AI for this particular use case and how were they identified?": of("adverseEffects", en(r.AdverseEffects)),
	}
	developed := "Was the AI system involved in this use case developed (or is it to be developed) under contract(s) or in-house?"
	switch {
	case r.Activation == "in_house":
		v[developed] = "Developed in-house."
	case len(r.Suppliers) > 0:
		v[developed] = "Developed with contracting resources."
	}
	return v
}

// ombStage is the nearest of the inventory's stages.
func ombStage(s models.Stage) string {
	switch s {
	case models.StageIdea, models.StageFormative:
		return "Initiated"
	case models.StageNoticed, models.StageDecided:
		return "Acquisition and/or Development"
	case models.StagePilot, models.StageEvaluated:
		return "Implementation and Assessment"
	case models.StageLive, models.StagePaused:
		return "Operation and Maintenance"
	default:
		return "Retired"
	}
}

// ombImpact says what M-24-10 presumes: that decisions about people at work
// bear on their rights.
func ombImpact(r models.Record) string {
	if len(r.Manages) > 0 || r.RiskLevel == "high" || r.RiskLevel == "impactful" {
		return "Rights-impacting"
	}
	return "Neither"
}

// ombProduct names the kinds of use that the inventory has a line for.
func ombProduct(f models.UseFamily) string {
	switch f {
	case "search":
		return "Searching for information using AI."
	case "summarising":
		return "Summarizing the key points of a lengthy report using AI." //nolint:misspell // as the inventory spells
	case "drafting":
		return "Improving the quality of written communications using AI tools."
	default:
		return "None of the above."
	}
}

func contractsOf(r models.Record) (out []string) {
	for _, s := range r.Suppliers {
		out = append(out, filled(s.ContractRef)...)
	}
	return out
}

// initialsOf abbreviates a name: "Cyngor Sir Tywi" is CST.
func initialsOf(name string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(name) {
		for _, r := range word {
			b.WriteRune(r)
			break
		}
	}
	return strings.ToUpper(b.String())
}
