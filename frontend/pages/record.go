package pages

import (
	"context"
	"strconv"
	"strings"

	"beforehand/frontend/design"
	"beforehand/frontend/words"
	"beforehand/models"
)

// topic is a part of the record with a heading of its own.
type topic struct {
	id   string
	rows []design.Row
}

// topics sets out the record. Fields that are empty are left out; fields that
// are withheld from the reader are shown as withheld.
func (v dossier) topics(ctx context.Context) []topic {
	r := v.Record
	var out []topic
	for _, t := range []struct {
		id   string
		fill func(*rows)
	}{
		{"about", func(b *rows) { b.about(v) }},
		{"purpose", func(b *rows) { b.purpose(r) }},
		{"workers", func(b *rows) { b.workers(v) }},
		{"supply", func(b *rows) { b.supply(r) }},
		{"value", func(b *rows) { b.value(r) }},
		{"dates", func(b *rows) { b.dates(r) }},
	} {
		b := rows{ctx: ctx, withheld: map[string]models.Withheld{}}
		for _, w := range r.Withheld {
			if w.Until >= v.today {
				b.withheld[w.Field] = w
			}
		}
		t.fill(&b)
		if len(b.out) > 0 {
			out = append(out, topic{t.id, b.out})
		}
	}
	return out
}

// rows gathers the rows of one topic.
type rows struct {
	// ctx lives as long as the page is written.
	ctx      context.Context
	withheld map[string]models.Withheld
	out      []design.Row
}

// lines adds a field of the record by its JSON name.
func (b *rows) lines(field string, all ...design.Line) {
	kept := all[:0]
	for _, l := range all {
		if strings.TrimSpace(l.Text) != "" {
			kept = append(kept, l)
		}
	}
	if w, held := b.withheld[field]; held && len(kept) == 0 {
		kept = append(kept, design.Line{Text: design.Say(b.ctx, "page.withheld.until", "until", w.Until, "ground", w.Ground)})
	}
	if len(kept) > 0 {
		b.out = append(b.out, design.Row{Key: design.Say(b.ctx, "record."+field), Value: design.Lines(kept)})
	}
}

func (b *rows) text(field string, t models.Text) { b.lines(field, design.In(b.ctx, t)) }
func (b *rows) plain(field, s string)            { b.lines(field, design.Line{Text: s}) }

// word adds a field with a value from a closed list.
func (b *rows) word(field, prefix, value string) { b.lines(field, b.known(prefix, value)) }

func (b *rows) known(prefix, value string) design.Line {
	if value == "" {
		return design.Line{}
	}
	return b.say(prefix + value)
}

// say is a sentence of ours.
func (b *rows) say(code string, pairs ...any) design.Line {
	return design.Line{Text: design.Say(b.ctx, code, pairs...)}
}

// labelled is somebody's words with what they are before them.
func (b *rows) labelled(label string, t models.Text) design.Line {
	l := design.In(b.ctx, t)
	if l.Text != "" {
		l.Text = design.Say(b.ctx, "label."+label) + ": " + l.Text
	}
	return l
}

func (b *rows) about(v dossier) {
	r := v.Record
	b.text("name", r.Name)
	b.text("oneLine", r.OneLine)
	b.text("summary", r.Summary)
	b.text("serviceArea", models.Text{En: v.Area.NameEn, Cy: v.Area.NameCy})
	b.plain("function", r.Function)
	b.word("useFamily", "useFamily.", string(r.UseFamily))
	b.word("aiClass", "aiClass.", string(r.AIClass))
	manages := make([]design.Line, len(r.Manages))
	for i, m := range r.Manages {
		manages[i] = b.known("manages.", string(m))
	}
	b.lines("managesPeople", manages...)
	b.word("activation", "activation.", string(r.Activation))
	b.plain("licences", counted(r.Licences))
	b.plain("activeUsers", counted(r.ActiveUsers))
	b.word("decisionStatus", "decisionStatus.", r.DecisionStatus)
	b.word("riskLevel", "riskLevel.", string(r.RiskLevel))
	b.text("riskReason", r.RiskReason)
	b.plain("owner", r.Owner)
	b.plain("seniorResponsibleOwner", r.SeniorResponsible)
	b.plain("publicContact", r.PublicContact)
}

func (b *rows) purpose(r models.Record) {
	b.text("purpose", r.Purpose)
	b.text("problem", r.Problem)
	b.text("previousProcess", r.PreviousProcess)
	var other []design.Line
	for _, a := range r.Alternatives {
		label := "alternative"
		if a.WithoutAI {
			label = "alternativeWithoutAI"
		}
		other = append(other, b.labelled(label, a.Text))
	}
	b.lines("alternatives", other...)
	b.text("natureOfChange", r.NatureOfChange)
	b.text("inputs", r.Inputs)
	b.text("outputs", r.Outputs)
	b.text("logic", r.Logic)
	b.text("publicData", r.PublicData)
}

func (b *rows) workers(v dossier) {
	r := v.Record
	var groups []design.Line
	for _, g := range r.Groups {
		role, code := v.roles[g.JobRoleID], "item.group"
		if g.Indirect {
			code = "item.group_indirect"
		}
		groups = append(groups, b.say(code, "role", role.Title, "family", dash(role.JobFamily), "grade", dash(role.Grade), "site", dash(role.Site), "headcount", g.Headcount, "agency", g.Agency))
	}
	b.lines("groups", groups...)
	b.text("workerChange", r.WorkerChange)
	b.text("effectOnWork", r.EffectOnWork)
	b.text("adverseEffects", r.AdverseEffects)
	b.staffing(r.Staffing)
	b.review(r.HumanReview)
	b.workerData(r)
	var train []design.Line
	if t := r.Training; t.Who != "" && t.When != "" {
		code := "item.training_unpaid"
		if t.Paid {
			code = "item.training_paid"
		}
		train = append(train, b.say(code, "who", t.Who, "hours", strconv.FormatFloat(t.Hours, 'f', -1, 64), "when", t.When), b.say("page.trained", "percent", t.PercentDone))
	}
	b.lines("training", train...)
	var promises []design.Line
	for _, c := range r.Commitments {
		promises = append(promises, b.say("page.commitment", "kind", design.Say(b.ctx, "commitment."+c.Kind), "state", b.known("commitmentStatus.", c.Status).Text, "owner", dash(c.Owner)))
		if own := design.In(b.ctx, c.Text); own.Lang == "" && own.Text != "" {
			promises[len(promises)-1].Text += " " + own.Text
		} else {
			promises = append(promises, own)
		}
	}
	b.lines("commitments", promises...)
	b.text("redeployment", r.Redeployment)
	b.text("staffCommunications", r.StaffComms)
}

func (b *rows) staffing(s models.Staffing) {
	var out []design.Line
	if s.PostsLost > 0 {
		out = append(out, b.say("class.posts", "count", s.PostsLost))
	}
	for _, fact := range []struct {
		is   bool
		code string
	}{
		{s.SavingClaimed, "page.saving_claimed"},
		{s.GradesChange, "class.grades"},
		{s.HoursChange, "class.hours"},
		{s.PlaceChange, "class.place"},
		{s.Outsourcing, "class.outsourcing"},
		{s.WorkloadNorms, "class.workload"},
		{s.RoutineUpdate, "class.routine"},
	} {
		if fact.is {
			out = append(out, b.say(fact.code))
		}
	}
	b.lines("staffing", out...)
}

func (b *rows) review(h models.HumanReview) {
	out := []design.Line{b.known("humanReview.", h.Kind), design.In(b.ctx, h.Why)}
	if h.Who != "" {
		override := "item.no_override"
		if h.RightToOverride {
			override = "item.may_override"
		}
		out = append(out, b.say("item.reviewer", "who", h.Who, "minutes", h.MinutesAllowed), b.say(override))
	}
	b.lines("humanReview", out...)
}

func (b *rows) workerData(r models.Record) {
	var out []design.Line
	for _, w := range r.WorkerData {
		out = append(out, b.say("item.worker_data", "category", w.Category, "source", dash(w.Source), "purpose", dash(w.Purpose), "days", w.RetentionDays))
		for _, use := range []struct {
			yes  bool
			code string
		}{{w.ForPerformance, "item.for_performance"}, {w.ForDiscipline, "item.for_discipline"}, {w.ForPay, "item.for_pay"}} {
			if use.yes {
				out = append(out, b.say(use.code, "category", w.Category))
			}
		}
	}
	if r.NoWorker {
		out = append(out, b.say("item.no_worker_data"))
	}
	b.lines("workerData", out...)
}

func (b *rows) supply(r models.Record) {
	var suppliers, systems, checks, rules []design.Line
	for _, s := range r.Suppliers {
		code := "item.supplier"
		if s.ContractEnd != 0 {
			code = "item.supplier_until"
		}
		suppliers = append(suppliers, b.say(code, "name", s.Name, "role", dash(s.Role), "end", s.ContractEnd))
	}
	for _, m := range r.Models {
		systems = append(systems, b.say("item.model", "name", m.Name, "version", dash(m.Version), "provider", dash(m.Provider), "region", dash(m.Region)))
	}
	for _, a := range r.Assessments {
		kind := design.Say(b.ctx, "assessment."+a.Kind)
		if a.Settled() {
			checks = append(checks, b.say("item.assessment_"+a.State, "kind", kind, "date", a.On, "by", dash(a.By), "why", dash(a.Why)))
		} else {
			checks = append(checks, b.say("page.pair", "first", kind, "second", design.Say(b.ctx, "assessmentState."+a.State)))
		}
	}
	for _, s := range r.Regimes {
		rules = append(rules, design.Line{Text: s})
	}
	b.lines("suppliers", suppliers...)
	b.lines("models", systems...)
	b.lines("assessments", checks...)
	b.lines("regimes", rules...)
	stop := []design.Line{design.In(b.ctx, r.FailSafe.How)}
	if r.FailSafe.Who != "" {
		stop = append(stop, b.say("item.stop_who", "who", r.FailSafe.Who, "minutes", r.FailSafe.WithinMinutes))
	}
	b.lines("failSafe", append(stop, b.labelled("failSafe.instead", r.FailSafe.Instead))...)
	b.text("implementationProcedure", r.Procedure)
}

func (b *rows) value(r models.Record) {
	b.text("expectedBenefit", r.ExpectedBenefit)
	b.text("gainUse", r.GainUse)
	var costs []design.Line
	for _, c := range r.Costs {
		code := "page.cost"
		if c.Year == 0 {
			code = "page.cost.once"
		}
		costs = append(costs, b.say(code, "kind", design.Say(b.ctx, "costKind."+c.Kind), "year", c.Year, "amount", pounds(string(design.Of(b.ctx).Lang), c.Pence)))
	}
	b.lines("costs", costs...)
	e := r.Evidence
	out := []design.Line{design.In(b.ctx, e.Plan)}
	for _, c := range e.Claims {
		out = append(out, b.say("page.claim", "sentence", c.Sentence, "result", dash(c.Result)))
	}
	for _, g := range e.Guardrails {
		state := g.State
		if state == "" {
			state = "not_reported"
		}
		out = append(out, b.say("page.guardrail", "name", g.Name, "state", design.Say(b.ctx, "guardrail."+state)))
	}
	b.lines("evidence", out...)
}

func (b *rows) dates(r models.Record) {
	var out []design.Line
	for _, d := range []struct {
		on   models.Date
		code string
	}{
		{r.Dates.Procurement, "page.date.procurement"},
		{r.Dates.InUseSince, "item.in_use_since"},
		{r.Dates.PilotPlanned, "item.pilot"},
		{r.Dates.GoLivePlanned, "item.go_live"},
		{r.Dates.ReviewDue, "item.review"},
		{r.Dates.Retired, "page.date.retired"},
	} {
		if d.on != 0 {
			out = append(out, b.say(d.code, "date", d.on))
		}
	}
	b.lines("dates", out...)
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func counted(n int) string {
	if n == 0 {
		return ""
	}
	return words.Number(words.English, n)
}

// number reads a number from an address; what is none is 0.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// pounds writes pence as pounds, the pence only when there are any.
func pounds(lang string, pence int64) string {
	s := "£" + words.Number(lang, int(pence/100))
	if rest := pence % 100; rest != 0 {
		s += "." + strconv.FormatInt(100+rest, 10)[1:]
	}
	return s
}
