package models

// TemplateFormat names the form of a template's file, and TemplateVersion which.
const (
	TemplateFormat  = "beforehand-template"
	TemplateVersion = 1
)

// Template is a deployment prefilled by whoever knows the product: its supplier,
// or another employer that uses it. It says what the product is and does, and
// nothing of one employer's people, dates, money or decisions.
type Template struct {
	Format  string `json:"format" enum:"beforehand-template"`
	Version int    `json:"version" enum:"1"`
	// From is who wrote it, and Ref which deployment it was taken from.
	From   Text   `json:"from,omitzero"`
	Ref    string `json:"ref,omitempty" maxLength:"40"`
	Record Record `json:"record"`
}

// TemplateOf is a record without what is one employer's own.
func TemplateOf(r Record, from Text, ref string) Template {
	t := Template{Format: TemplateFormat, Version: TemplateVersion, From: from, Ref: ref}
	t.Record = Record{
		Name: r.Name, OneLine: r.OneLine, Summary: r.Summary, Function: r.Function, UseFamily: r.UseFamily, AIClass: r.AIClass, Manages: r.Manages,
		Models: r.Models, Purpose: r.Purpose, Problem: r.Problem, ExpectedBenefit: r.ExpectedBenefit, Alternatives: r.Alternatives, Inputs: r.Inputs, Outputs: r.Outputs,
		Logic: r.Logic, HumanReview: r.HumanReview, WorkerData: r.WorkerData, NoWorker: r.NoWorker, PublicData: r.PublicData, WorkerChange: r.WorkerChange,
		AdverseEffects: r.AdverseEffects, RiskLevel: r.RiskLevel, RiskReason: r.RiskReason, FailSafe: r.FailSafe, Light: r.Light,
		Training: Training{Hours: r.Training.Hours},
	}
	for _, s := range r.Suppliers {
		t.Record.Suppliers = append(t.Record.Suppliers, Supplier{Name: s.Name, CompanyNumber: s.CompanyNumber, Role: s.Role, DataTerms: s.DataTerms, SubProcessors: s.SubProcessors})
	}
	return t
}

// Check says whether a template is one that this release reads. What is one
// employer's own is not taken from it, whatever it holds.
func (t Template) Check() error {
	var f Faults
	if t.Format != TemplateFormat {
		f.Add("format", "unknown_value", "value", t.Format, "allowed", TemplateFormat)
	}
	if t.Version != TemplateVersion {
		f.Add("version", "unknown_value", "value", t.Version, "allowed", "1")
	}
	return f.Err()
}
