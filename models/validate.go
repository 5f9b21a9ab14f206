package models

import (
	"fmt"
	"net/mail"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// longest is the limit of every text that has none of its own, in characters.
const longest = 20000

// Validate says everything that is wrong with a record, one entry a field. A
// draft needs six answers: name, service area, use family, purpose, owner and
// decision status. What a stage needs is asked by its gate.
func (r Record) Validate() error {
	var f Faults
	r.sixAnswers(&f)
	limitText(&f, "name", r.Name, 100)
	limitText(&f, "oneLine", r.OneLine, 160)
	limitText(&f, "summary", r.Summary, 400)
	for l, s := range map[string]string{"en": r.NatureOfChange.En, "cy": r.NatureOfChange.Cy} {
		if n := len(strings.Fields(s)); n > 300 {
			f.Add("natureOfChange."+l, "too_many_words", "max", 300, "words", n)
		}
	}
	walkText(&f, "", reflect.ValueOf(r))
	oneOf(&f, "useFamily", r.UseFamily, UseFamilies)
	oneOf(&f, "aiClass", r.AIClass, AIClasses)
	oneOf(&f, "activation", r.Activation, Activations)
	oneOf(&f, "riskLevel", r.RiskLevel, RiskLevels)
	oneOf(&f, "decisionStatus", r.DecisionStatus, []string{"idea", "preferred_option", "decided", "already_in_use"})
	oneOf(&f, "humanReview.kind", r.HumanReview.Kind, []string{"in_the_loop", "on_the_loop", "over_the_loop", "none"})
	for i, m := range r.Manages {
		oneOf(&f, at("managesPeople", i, ""), m, Managings)
	}
	if r.RiskLevel == "presumed_high_but_not" && r.RiskReason == (Text{}) {
		f.Add("riskReason", "required")
	}
	if r.PublicContact != "" {
		if a, err := mail.ParseAddress(r.PublicContact); err != nil || a.Address != r.PublicContact {
			f.Add("publicContact", "not_an_address", "value", r.PublicContact)
		}
	}
	r.lists(&f)
	r.dates(&f)
	if p := r.Training.PercentDone; p < 0 || p > 100 {
		f.Add("training.percentDone", "out_of_range", "min", 0, "max", 100)
	}
	return f.Err()
}

func (r Record) sixAnswers(f *Faults) {
	for _, need := range []struct {
		path  string
		there bool
	}{
		{"name", r.Name != Text{}},
		{"serviceArea", r.ServiceAreaID != ""},
		{"useFamily", r.UseFamily != ""},
		{"purpose", r.Purpose != Text{}},
		{"owner", strings.TrimSpace(r.Owner) != ""},
		{"decisionStatus", r.DecisionStatus != ""},
	} {
		if !need.there {
			f.Add(need.path, "required")
		}
	}
}

func (r Record) lists(f *Faults) {
	seen := map[string]bool{}
	for i, g := range r.Groups {
		if g.JobRoleID == "" {
			f.Add(at("groups", i, "jobRole"), "required")
		} else if seen[g.JobRoleID] {
			f.Add(at("groups", i, "jobRole"), "duplicate", "value", g.JobRoleID)
		}
		seen[g.JobRoleID] = true
		nonNegative(f, at("groups", i, "headcount"), g.Headcount)
		nonNegative(f, at("groups", i, "agency"), g.Agency)
	}
	for i, s := range r.Suppliers {
		needed(f, at("suppliers", i, "name"), s.Name)
	}
	for i, m := range r.Models {
		needed(f, at("models", i, "name"), m.Name)
	}
	for i, w := range r.WorkerData {
		needed(f, at("workerData", i, "category"), w.Category)
		nonNegative(f, at("workerData", i, "retentionDays"), w.RetentionDays)
	}
	if r.NoWorker && len(r.WorkerData) > 0 {
		f.Add("noWorkerData", "contradicts", "other", "workerData")
	}
	for i, a := range r.Assessments {
		known(f, at("assessments", i, "kind"), a.Kind, []string{"dpia", "eqia", "fundamental_rights", "job_impact", "health_and_safety", "welsh_language"})
		known(f, at("assessments", i, "state"), a.State, []string{"yes", "in_progress", "waived", "not_applicable"})
	}
	for i, c := range r.Commitments {
		known(f, at("commitments", i, "kind"), c.Kind, []string{"no_redundancy", "no_detriment", "regrade_review", "training_hours", "no_discipline_use", "gain_share", "hours"})
		known(f, at("commitments", i, "status"), c.Status, []string{"offered", "accepted", "met", "broken"})
	}
	for i, c := range r.Costs {
		known(f, at("costs", i, "kind"), c.Kind, []string{"one_off", "annual", "to_date", "forecast", "saving_claimed"})
		if c.Pence < 0 {
			f.Add(at("costs", i, "pence"), "out_of_range", "min", 0, "max", "")
		}
		if c.Year != 0 && (c.Year < 2000 || c.Year > 2100) {
			f.Add(at("costs", i, "year"), "out_of_range", "min", 2000, "max", 2100)
		}
	}
	for i, g := range r.Evidence.Guardrails {
		oneOf(f, at("evidence.guardrails", i, "state"), g.State, []string{"not_reported", "held", "not_shown_safe", "breached"})
	}
	for i, w := range r.Withheld {
		known(f, at("withheld", i, "audience"), w.Audience, []string{"public", "scrutiny", "unions"})
		needed(f, at("withheld", i, "ground"), w.Ground)
		needed(f, at("withheld", i, "decidedBy"), w.DecidedBy)
		if w.Until == 0 {
			f.Add(at("withheld", i, "until"), "required")
		}
		if slices.Contains(neverWithheld, w.Field) {
			f.Add(at("withheld", i, "field"), "not_allowed")
		} else if w.Audience == "unions" && !slices.Contains(withholdable, w.Field) {
			f.Add(at("withheld", i, "field"), "not_allowed")
		}
		if !slices.Contains(RecordFields(), w.Field) {
			f.Add(at("withheld", i, "field"), "unknown_value", "value", w.Field, "allowed", "")
		}
	}
}

// withholdable are the fields that may be kept from the unions themselves:
// commerce and security. What a notice must say of the work, the staff and the
// decision is never among them.
var withholdable = []string{"suppliers", "models", "costs", "inputs", "publicData"}

// neverWithheld are the fields that say which record it is and what is kept
// from whom.
var neverWithheld = []string{"name", "serviceArea", "withheld"}

// dates holds the order of planned dates: a pilot comes before going live.
func (r Record) dates(f *Faults) {
	d := r.Dates
	if d.PilotPlanned != 0 && d.GoLivePlanned != 0 && d.PilotPlanned > d.GoLivePlanned {
		f.Add("dates.pilotPlanned", "order", "earlier", "pilotPlanned", "later", "goLivePlanned")
	}
	if d.GoLivePlanned != 0 && d.ReviewDue != 0 && d.ReviewDue < d.GoLivePlanned {
		f.Add("dates.reviewDue", "order", "earlier", "goLivePlanned", "later", "reviewDue")
	}
	if d.Retired != 0 && d.InUseSince != 0 && d.Retired < d.InUseSince {
		f.Add("dates.retired", "order", "earlier", "inUseSince", "later", "retired")
	}
}

func at(list string, i int, field string) string {
	if field == "" {
		return fmt.Sprintf("%s[%d]", list, i)
	}
	return fmt.Sprintf("%s[%d].%s", list, i, field)
}

func needed(f *Faults, path, s string) {
	if strings.TrimSpace(s) == "" {
		f.Add(path, "required")
	}
}

func nonNegative(f *Faults, path string, n int) {
	if n < 0 || n > 10_000_000 {
		f.Add(path, "out_of_range", "min", 0, "max", 10_000_000)
	}
}

func limitText(f *Faults, path string, t Text, most int) {
	for l, s := range map[string]string{"en": t.En, "cy": t.Cy} {
		if n := utf8.RuneCountInString(s); n > most {
			f.Add(path+"."+l, "too_long", "max", most, "length", n)
		}
	}
}

// oneOf checks a value that may be left empty.
func oneOf[T ~string](f *Faults, path string, v T, allowed []T) {
	if v != "" {
		known(f, path, v, allowed)
	}
}

// known checks a value that may not be left empty.
func known[T ~string](f *Faults, path string, v T, allowed []T) {
	if slices.Contains(allowed, v) {
		return
	}
	list := make([]string, len(allowed))
	for i, a := range allowed {
		list[i] = string(a)
	}
	f.Add(path, "unknown_value", "value", string(v), "allowed", strings.Join(list, ", "))
}

// walkText refuses texts that are too long or hold what no person can type:
// control characters, or bytes that are not UTF-8.
func walkText(f *Faults, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			walkText(f, join(path, jsonName(v.Type().Field(i))), v.Field(i))
		}
	case reflect.Slice:
		if v.Len() > 500 {
			f.Add(path, "too_many", "max", 500)
			return
		}
		for i := range v.Len() {
			walkText(f, at(path, i, ""), v.Index(i))
		}
	case reflect.String:
		CheckText(f, path, v.String(), longest)
	}
}

// CheckText refuses a text that is too long or holds control characters.
func CheckText(f *Faults, path, s string, most int) {
	if n := utf8.RuneCountInString(s); n > most {
		f.Add(path, "too_long", "max", most, "length", n)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(c rune) bool {
		return c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f || c == '\ufffe' || c == '\uffff'
	}) {
		f.Add(path, "control_characters")
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// RecordFields are the JSON names of a record's fields, in order.
func RecordFields() []string {
	t := reflect.TypeFor[Record]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = jsonName(t.Field(i))
	}
	return names
}

// ForAudience is the record as an audience may read it on a day: withheld
// fields are emptied, and the entries of withheld say so until they expire. No
// day is whatever the day.
func (r Record) ForAudience(audience string, on Date) Record {
	v := reflect.ValueOf(&r).Elem()
	names := RecordFields()
	for _, w := range r.Withheld {
		if !w.keeps(audience, on) {
			continue
		}
		if i := slices.Index(names, w.Field); i >= 0 && !slices.Contains(neverWithheld, w.Field) {
			v.Field(i).SetZero()
		}
	}
	return r
}

// keeps says whether something is kept from an audience on a day; no day is
// whatever the day.
func (w Withheld) keeps(audience string, on Date) bool {
	return (on == 0 || w.Until >= on) && withholds(w.Audience, audience)
}

// Keeps says whether a field, by its JSON name, is kept from an audience on a day.
func (r Record) Keeps(field, audience string, on Date) bool {
	return slices.ContainsFunc(r.Withheld, func(w Withheld) bool { return w.Field == field && w.keeps(audience, on) })
}

// withholds says whether what is kept from one audience is kept from a reader:
// what the unions may not read, councillors and the public may not either.
// The employer's side, "", reads everything.
func withholds(from, reader string) bool {
	rank := []string{"public", "scrutiny", "unions"}
	return reader != "" && slices.Index(rank, reader) <= slices.Index(rank, from)
}
