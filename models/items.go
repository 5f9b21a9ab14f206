package models

import (
	"slices"
	"strconv"
)

// ItemFacts are what the items of a notice are filled from.
type ItemFacts struct {
	Deployment   Deployment
	Organisation Organisation
	Area         ServiceArea
	Record       Record
	Draft        Draft
	Profile      Profile
	Roles        map[string]JobRole
	// Earliest is the computed earliest date of the trigger this notice runs before.
	Earliest map[Trigger]Date
	// WindowEnds is the last day of the response window.
	WindowEnds Date
	// Today is the day on which what is withheld is judged.
	Today Date
}

// Part is one line of an item: a label and either words of the employer's own
// (Text) or a sentence of ours (Say).
type Part struct {
	Label string
	Text  Text
	Say   *Reason
}

// Item is a numbered item of a notice, filled from the record.
type Item struct {
	No        int
	Mandatory bool
	Parts     []Part
	// Missing are the parts that are empty or "TBC", by label.
	Missing []string
}

// Gap is a mandatory item that is not filled, or not in a language that a
// recipient needs.
type Gap struct {
	No       int
	Label    string
	Language Language // "" when it is empty in all
}

// Gaps lists what stops a notice from being served in the languages given.
func Gaps(items []Item, languages []Language) []Gap {
	var gaps []Gap
	for _, it := range items {
		if it.Mandatory {
			for _, m := range it.Missing {
				gaps = append(gaps, Gap{No: it.No, Label: m})
			}
		}
		for _, p := range it.Parts {
			if p.Say != nil {
				continue
			}
			for _, l := range languages {
				if own := p.Text.only(l); IsTBC(own) {
					gaps = append(gaps, Gap{No: it.No, Label: p.Label, Language: l})
				}
			}
		}
	}
	return gaps
}

func (t Text) only(l Language) string {
	if l == Welsh {
		return t.Cy
	}
	return t.En
}

// filler gathers the parts of one item.
type filler struct{ item Item }

// text adds the employer's own words, or notes that they are missing. Words
// in one language only are present: the language is a gap of its own.
func (f *filler) text(label string, t Text) {
	if IsTBC(t.En) && IsTBC(t.Cy) {
		f.item.Missing = append(f.item.Missing, label)
		return
	}
	f.item.Parts = append(f.item.Parts, Part{Label: label, Text: t})
}

// maybe adds the employer's own words when there are any.
func (f *filler) maybe(label string, t Text) {
	if !IsTBC(t.En) || !IsTBC(t.Cy) {
		f.item.Parts = append(f.item.Parts, Part{Label: label, Text: t})
	}
}

// say adds a sentence of ours when the fact is there, or notes that it is missing.
func (f *filler) say(there bool, label string, r Reason) {
	if !there {
		f.item.Missing = append(f.item.Missing, label)
		return
	}
	f.item.Parts = append(f.item.Parts, Part{Label: label, Say: &r})
}

func word(s string) bool { return !IsTBC(s) }

// Items fills the 26 items of domain section 5 from the record and the draft.
func Items(f ItemFacts) []Item {
	fillers := []func(*filler, ItemFacts){
		itemWhat, itemNature, itemWhy, itemStatus, itemDates, itemPlaces, itemWorker, itemEffect, itemAdverse,
		itemDecides, itemReview, itemWorkerData, itemSupplier, itemAssessments, itemTraining, itemRedeployment,
		itemMeasure, itemGain, itemStop, itemComms, itemWindow, itemReviewDate, itemWithheld, itemDispute,
		itemProcedure, itemLanguages,
	}
	items := make([]Item, len(fillers))
	for i, fill := range fillers {
		b := filler{Item{No: i + 1, Mandatory: f.Profile.mandatory(i+1, f.Deployment.EffectiveClass())}}
		fill(&b, f)
		items[i] = b.item
	}
	return withheldItems(items, f.Record, "unions", f.Today)
}

// itemOfField is the notice item that shows a field of the record, where a
// field may be withheld at all: items 1, 4, 21, 23, 24 and 26 never are.
var itemOfField = map[string]int{
	"natureOfChange": 2, "purpose": 3, "problem": 3, "alternatives": 3, "dates": 5, "groups": 6, "workerChange": 7, "effectOnWork": 8,
	"adverseEffects": 9, "outputs": 10, "logic": 10, "humanReview": 11, "workerData": 12, "suppliers": 13, "models": 13, "assessments": 14,
	"training": 15, "commitments": 16, "redeployment": 16, "evidence": 17, "expectedBenefit": 17, "gainUse": 18, "failSafe": 19,
	"staffCommunications": 20, "implementationProcedure": 25,
}

// ItemsWithheld are the numbers of the items that hold a field withheld from
// an audience on a day.
func (r Record) ItemsWithheld(audience string, on Date) []int {
	var out []int
	for _, w := range r.Withheld {
		if no := itemOfField[w.Field]; no != 0 && w.Until >= on && withholds(w.Audience, audience) && !slices.Contains(out, no) {
			out = append(out, no)
		}
	}
	return out
}

// withheldItems puts a plain statement in the place of an item that holds a
// withheld field: it is shown as withheld, not left out.
func withheldItems(items []Item, r Record, audience string, on Date) []Item {
	for _, no := range r.ItemsWithheld(audience, on) {
		say := reason("item.withheld_here")
		items[no-1].Parts = []Part{{Label: "withheld", Say: &say}} // what is missing is missing all the same
	}
	return items
}

func (p Profile) mandatory(no int, class ChangeClass) bool {
	return slices.ContainsFunc(p.Items, func(r ItemRule) bool {
		return r.No == no && (len(r.Classes) == 0 || slices.Contains(r.Classes, class))
	})
}

func itemWhat(b *filler, f ItemFacts) {
	b.say(true, "employer", reason("item.employer", "employer", f.Organisation.Name(), "service", Text{f.Area.NameEn, f.Area.NameCy}))
	b.say(true, "ref", reason("item.ref", "ref", f.Deployment.Ref, "class", string(f.Deployment.EffectiveClass())))
	b.text("name", f.Record.Name)
	for _, r := range f.Record.Regimes {
		b.say(true, "regime", reason("item.regime", "regime", r))
	}
	b.say(len(f.Record.Regimes) > 0, "regimes", reason("item.regimes", "count", len(f.Record.Regimes)))
}

func itemNature(b *filler, f ItemFacts) { b.text("natureOfChange", f.Record.NatureOfChange) }

func itemWhy(b *filler, f ItemFacts) {
	b.text("purpose", f.Record.Purpose)
	without := false
	for _, a := range f.Record.Alternatives {
		label := "alternative"
		if a.WithoutAI {
			label, without = "alternativeWithoutAI", true
		}
		b.text(label, a.Text)
	}
	if len(f.Record.Alternatives) < 2 {
		b.item.Missing = append(b.item.Missing, "alternatives")
	}
	if !without {
		b.item.Missing = append(b.item.Missing, "alternativeWithoutAI")
	}
}

func itemStatus(b *filler, f ItemFacts) {
	s := f.Record.DecisionStatus
	b.say(s != "", "decisionStatus", reason("decisionStatus."+s))
}

func itemDates(b *filler, f ItemFacts) {
	d := f.Record.Dates
	if d.InUseSince != 0 {
		b.say(true, "inUseSince", reason("item.in_use_since", "date", d.InUseSince))
	} else if !f.Profile.MaySkipPilot(f.Deployment.EffectiveClass()) || d.PilotPlanned != 0 {
		b.say(d.PilotPlanned != 0, "dates.pilotPlanned", reason("item.pilot", "date", d.PilotPlanned))
	}
	if d.InUseSince == 0 || d.GoLivePlanned != 0 {
		b.say(d.GoLivePlanned != 0, "dates.goLivePlanned", reason("item.go_live", "date", d.GoLivePlanned))
	}
	for _, t := range Triggers {
		if e, ok := f.Earliest[t]; ok {
			b.say(true, "earliest", reason("item.earliest_"+string(t), "date", e))
		}
	}
}

func itemPlaces(b *filler, f ItemFacts) {
	for _, g := range f.Record.Groups {
		r := f.Roles[g.JobRoleID]
		code := "item.group"
		if g.Indirect {
			code = "item.group_indirect"
		}
		b.say(true, "group", reason(code, "role", r.Title, "family", orDash(r.JobFamily), "grade", orDash(r.Grade), "site", orDash(r.Site), "headcount", g.Headcount, "agency", g.Agency))
	}
	if len(f.Record.Groups) == 0 {
		b.item.Missing = append(b.item.Missing, "groups")
	}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func itemWorker(b *filler, f ItemFacts)  { b.text("workerChange", f.Record.WorkerChange) }
func itemEffect(b *filler, f ItemFacts)  { b.text("effectOnWork", f.Record.EffectOnWork) }
func itemAdverse(b *filler, f ItemFacts) { b.text("adverseEffects", f.Record.AdverseEffects) }

func itemDecides(b *filler, f ItemFacts) {
	b.text("outputs", f.Record.Outputs)
	b.text("logic", f.Record.Logic)
}

func itemReview(b *filler, f ItemFacts) {
	h := f.Record.HumanReview
	b.say(h.Kind != "", "humanReview", reason("humanReview."+h.Kind))
	switch h.Kind {
	case "":
	case "none":
		b.text("humanReview.why", h.Why)
	default:
		b.say(word(h.Who), "humanReview.who", reason("item.reviewer", "who", h.Who, "minutes", h.MinutesAllowed))
		code := "item.no_override"
		if h.RightToOverride {
			code = "item.may_override"
		}
		b.say(true, "override", reason(code))
	}
}

func itemWorkerData(b *filler, f ItemFacts) {
	for _, w := range f.Record.WorkerData {
		b.say(word(w.Category), "workerData.category", reason("item.worker_data", "category", w.Category, "source", orDash(w.Source), "purpose", orDash(w.Purpose), "days", w.RetentionDays))
		for _, use := range []struct {
			yes  bool
			code string
		}{{w.ForPerformance, "item.for_performance"}, {w.ForDiscipline, "item.for_discipline"}, {w.ForPay, "item.for_pay"}} {
			if use.yes {
				b.say(true, "use", reason(use.code, "category", w.Category))
			}
		}
	}
	if len(f.Record.WorkerData) == 0 {
		b.say(f.Record.NoWorker, "workerData", reason("item.no_worker_data"))
	}
}

func itemSupplier(b *filler, f ItemFacts) {
	for _, s := range f.Record.Suppliers {
		code := "item.supplier"
		if s.ContractEnd != 0 {
			code = "item.supplier_until"
		}
		b.say(word(s.Name), "suppliers.name", reason(code, "name", s.Name, "role", orDash(s.Role), "end", s.ContractEnd))
	}
	if len(f.Record.Suppliers) == 0 {
		b.say(f.Record.Activation == "in_house", "suppliers", reason("item.in_house"))
	}
	for _, m := range f.Record.Models {
		b.say(word(m.Name) && word(m.Region), "models.hostingRegion", reason("item.model", "name", m.Name, "version", orDash(m.Version), "provider", orDash(m.Provider), "region", m.Region))
	}
	if len(f.Record.Models) == 0 {
		b.item.Missing = append(b.item.Missing, "models")
	}
}

func itemAssessments(b *filler, f ItemFacts) {
	for _, a := range f.Record.Assessments {
		b.say(a.Settled(), "assessments."+a.Kind, reason("item.assessment_"+a.State, "kind", reason("assessment."+a.Kind), "date", a.On, "by", orDash(a.By), "why", orDash(a.Why)))
	}
	if len(f.Record.Assessments) == 0 {
		b.item.Missing = append(b.item.Missing, "assessments")
	}
}

// Settled says whether an assessment is done or dated, or waived or not
// applicable with what that needs.
func (a Assessment) Settled() bool {
	switch a.State {
	case "yes", "in_progress":
		return a.On != 0
	case "waived":
		return word(a.By) && word(a.Why)
	case "not_applicable":
		return word(a.Why)
	default:
		return false
	}
}

func itemTraining(b *filler, f ItemFacts) {
	t := f.Record.Training
	code := "item.training_unpaid"
	if t.Paid {
		code = "item.training_paid"
	}
	b.say(word(t.Who) && word(t.When), "training", reason(code, "who", t.Who, "hours", strconv.FormatFloat(t.Hours, 'f', -1, 64), "when", t.When))
}

func itemRedeployment(b *filler, f ItemFacts) {
	for _, c := range f.Record.Commitments {
		b.say(true, "commitment", reason("item.commitment", "kind", reason("commitment."+c.Kind), "owner", orDash(c.Owner)))
	}
	if b.item.Mandatory {
		b.text("redeployment", f.Record.Redeployment)
	} else {
		b.maybe("redeployment", f.Record.Redeployment)
	}
}

func itemMeasure(b *filler, f ItemFacts) {
	b.text("evidence.plan", f.Record.Evidence.Plan)
	for _, g := range f.Record.Evidence.Guardrails {
		b.text("guardrail", g.Name)
	}
}

func itemGain(b *filler, f ItemFacts) { b.text("gainUse", f.Record.GainUse) }

func itemStop(b *filler, f ItemFacts) {
	s := f.Record.FailSafe
	b.text("failSafe.how", s.How)
	b.say(word(s.Who), "failSafe.who", reason("item.stop_who", "who", s.Who, "minutes", s.WithinMinutes))
	b.maybe("failSafe.instead", s.Instead)
}

func itemComms(b *filler, f ItemFacts) {
	b.maybe("staffCommunications", f.Record.StaffComms)
	if len(b.item.Parts) == 0 {
		b.item.Missing = append(b.item.Missing, "staffCommunications")
	}
}

func itemWindow(b *filler, f ItemFacts) {
	b.say(f.WindowEnds != 0, "window", reason("item.window", "date", f.WindowEnds))
	var meetings []Date
	for _, m := range f.Draft.Meetings {
		// A day gone by is no meeting that anybody can come to; two on one day are one.
		if m >= f.Today && !slices.Contains(meetings, m) {
			meetings = append(meetings, m)
		}
	}
	b.say(len(meetings) >= 2, "meetings", reason("item.meetings", "count", len(meetings)))
	for _, m := range meetings {
		b.say(true, "meeting", reason("item.meeting", "date", m))
	}
	b.text("howToAsk", f.Draft.HowToAsk)
}

func itemReviewDate(b *filler, f ItemFacts) {
	b.say(f.Record.Dates.ReviewDue != 0, "dates.reviewDue", reason("item.review", "date", f.Record.Dates.ReviewDue))
}

func itemWithheld(b *filler, f ItemFacts) {
	if len(f.Record.Withheld) == 0 {
		b.say(true, "nothingWithheld", reason("item.nothing_withheld"))
	}
	for _, w := range f.Record.Withheld {
		b.say(word(w.Ground) && w.Until != 0, "withheld", reason("item.withheld", "field", w.Field, "audience", reason("audience."+w.Audience), "ground", w.Ground, "until", w.Until))
	}
}

func itemDispute(b *filler, f ItemFacts) {
	b.text("dispute", f.Draft.Dispute)
	code := "item.no_status_quo"
	if f.Draft.StatusQuo {
		code = "item.status_quo"
	}
	b.say(true, "statusQuo", reason(code))
}

func itemProcedure(b *filler, f ItemFacts) {
	b.maybe("implementationProcedure", f.Record.Procedure)
	if len(b.item.Parts) == 0 {
		b.item.Missing = append(b.item.Missing, "implementationProcedure")
	}
}

func itemLanguages(b *filler, f ItemFacts) {
	for _, l := range f.Draft.Languages {
		b.say(true, "language", reason("language."+string(l)))
	}
	for _, l := range f.Profile.Languages {
		if !slices.Contains(f.Draft.Languages, l) {
			b.item.Missing = append(b.item.Missing, "language."+string(l))
		}
	}
}
