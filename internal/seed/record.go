package seed

import (
	"fmt"
	"strings"
	"time"

	"beforehand/models"
)

// record makes what a deployment says of itself. A light one has the six
// answers and little more; a full one lacks nothing that a notice must say.
func (e *employer) record(at time.Time, light, inUse bool) models.Record {
	on := models.DateOf(at, e.zone)
	area := e.areas[e.rank(len(e.areas))]
	r := models.Record{
		Name: e.text("name"), ServiceAreaID: area.ID, UseFamily: pick(e.chance, models.UseFamilies), AIClass: pick(e.chance, models.AIClasses), Activation: pick(e.chance, models.Activations),
		Owner: "Head of " + strings.ToLower(area.NameEn), Purpose: e.text("why"), DecisionStatus: pick(e.chance, []string{"idea", "preferred_option", "decided"}), RiskLevel: pick(e.chance, []models.RiskLevel{"other", "impactful", "presumed_high_but_not", "high"}),
		Groups: e.groups(),
	}
	if r.RiskLevel == "presumed_high_but_not" {
		r.RiskReason = e.text("logic")
	}
	if e.oneIn(3) {
		r.OneLine = e.text("oneLine")
	}
	e.supply(&r, on)
	if light {
		r.Light = e.oneIn(2)
		r.Licences = e.IntN(60)
		if len(models.MustBeFull(r)) > 0 {
			r.Light = false
		}
		return r
	}
	e.say(&r)
	e.staff(&r, on)
	e.promises(&r, on, inUse)
	return r
}

func (e *employer) groups() []models.Group {
	var out []models.Group
	first := e.rank(len(e.roles))
	for i := range 1 + e.rank(3) {
		role := e.roles[(first+i*5)%len(e.roles)]
		out = append(out, models.Group{JobRoleID: role.ID, Headcount: e.between(1, role.Headcount), Agency: e.IntN(role.AgencyCount + 1), Indirect: i > 0 && e.oneIn(2)})
	}
	return out
}

// supply says who provides it, and which models do the work.
func (e *employer) supply(r *models.Record, on models.Date) {
	if r.Activation != "in_house" || e.oneIn(2) {
		n := e.rank(400)
		s := models.Supplier{Name: madeName(n*13) + " " + []string{"Ltd", "Cyf", "Systems", "Group"}[n%4], Role: "Supplier of the service", Procurement: pick(e.chance, []string{"G-Cloud", "Framework", "Direct award"}), ContractEnd: on.AddDays(e.between(200, 1500))}
		if e.oneIn(2) {
			s.CompanyNumber, s.ContractRef, s.DataTerms = fmt.Sprintf("%08d", e.IntN(1e8)), fmt.Sprintf("C-%d-%03d", on.Year(), e.IntN(1000)), "No training on our data"
		}
		if e.oneIn(4) {
			s.SubProcessors = []string{madeName(e.rank(200)) + " Hosting"}
		}
		r.Suppliers = append(r.Suppliers, s)
	}
	for range 1 + e.rank(2) {
		family := madeName(7 + 29*e.rank(60))
		r.Models = append(r.Models, models.AIModel{Name: family + " " + pick(e.chance, []string{"2", "3", "mini", "pro"}), Version: fmt.Sprintf("%d.%d", e.between(1, 5), e.IntN(10)), Family: family, Provider: madeName(e.rank(30)), Region: pick(e.chance, []string{"UK South", "UK West", "EU West", "EU North"})})
	}
}

// say writes the texts of a full record.
func (e *employer) say(r *models.Record) {
	r.OneLine, r.Summary, r.Problem, r.ExpectedBenefit = e.text("oneLine"), e.text("summary"), e.text("why"), e.text("claim")
	r.Function = pick(e.chance, things).en
	r.Alternatives = []models.Alternative{{Text: e.text("without"), WithoutAI: true}, {Text: e.text("other")}}
	r.NatureOfChange, r.Outputs, r.Logic = e.text("nature"), e.text("outputs"), e.text("logic")
	r.WorkerChange, r.EffectOnWork, r.AdverseEffects, r.GainUse = e.text("worker"), e.text("effect"), e.text("adverse"), e.text("gain")
	r.FailSafe = models.FailSafe{How: e.text("stop"), Who: "Manager on duty", WithinMinutes: e.between(5, 120), Instead: e.text("instead")}
	r.Training = models.Training{Who: "everybody who uses it", Hours: float64(e.between(1, 14)) / 2, Paid: !e.oneIn(9), When: "before it is used", PercentDone: e.IntN(101)}
	r.Evidence = models.Evidence{Plan: e.text("plan"), Guardrails: []models.StatedGuardrail{{Name: e.text("rail"), Margin: fmt.Sprint(e.between(1, 5), " per cent"), State: "held"}}}
	r.Regimes = []string{"UK GDPR Article 35"}
	if e.oneIn(2) {
		r.Regimes = append(r.Regimes, "Social Partnership and Public Procurement (Wales) Act 2023")
	}
	r.SeniorResponsible, r.PublicContact = "Director of resources", e.org.Contact
	if e.oneIn(3) {
		r.StaffComms, r.PreviousProcess, r.Inputs = e.text("comms"), e.text("instead"), e.text("oneLine")
	}
}

// staff says what it does to people at work and with what is known of them.
func (e *employer) staff(r *models.Record, on models.Date) {
	if e.oneIn(8) {
		r.Manages = []models.Managing{pick(e.chance, models.Managings)}
	}
	if e.oneIn(25) {
		r.Staffing = models.Staffing{SavingClaimed: true, PostsLost: e.between(1, 6)}
		r.Redeployment = e.text("promise")
	}
	r.HumanReview = models.HumanReview{Kind: pick(e.chance, []string{"in_the_loop", "on_the_loop", "over_the_loop"}), Who: "whoever asked for it", MinutesAllowed: e.between(2, 30), RightToOverride: !e.oneIn(10), OverrideIsLogged: e.oneIn(2)}
	if e.oneIn(40) {
		r.HumanReview = models.HumanReview{Kind: "none", Why: e.text("logic")}
	}
	r.NoWorker = e.oneIn(2)
	for i := range 1 + e.rank(3) {
		if r.NoWorker {
			break
		}
		category := []string{"Times of drafts and edits", "Names of users", "Recordings of calls", "Locations of vehicles", "Scores of work"}[(e.rank(5)+i)%5]
		r.WorkerData = append(r.WorkerData, models.WorkerData{Category: category, Source: "the tool", Purpose: "running the service", Recipients: []string{"line manager"}, RetentionDays: e.between(30, 720), ForPerformance: e.oneIn(20), ForDiscipline: e.oneIn(60)})
	}
	for i, kind := range []string{"dpia", "eqia", "job_impact", "welsh_language", "health_and_safety", "fundamental_rights"}[:e.between(2, 6)] {
		a := models.Assessment{Kind: kind, State: pick(e.chance, []string{"yes", "in_progress", "not_applicable", "waived"}), On: on.AddDays(i - 20), By: "Data protection officer", Why: "It was looked at and found so"}
		r.Assessments = append(r.Assessments, a)
	}
}

// promises are commitments, money, days, and what is withheld.
func (e *employer) promises(r *models.Record, on models.Date, inUse bool) {
	for i, kind := range []string{"no_redundancy", "no_detriment", "training_hours", "no_discipline_use", "gain_share", "hours", "regrade_review"}[:e.rank(4)] {
		r.Commitments = append(r.Commitments, models.Commitment{Kind: kind, Text: e.text("promise"), Owner: "Director of resources", Due: on.AddDays(300 + 30*i), Status: pick(e.chance, []string{"accepted", "offered", "met"})})
	}
	year := on.Year()
	for _, kind := range []string{"one_off", "annual", "to_date", "forecast"}[:e.between(1, 4)] {
		r.Costs = append(r.Costs, models.Cost{Kind: kind, Year: year, Pence: int64(e.between(1, 90_000)) * 1000, Booked: "Digital programme"})
	}
	if e.oneIn(5) {
		r.Costs = append(r.Costs, models.Cost{Kind: "saving_claimed", Year: year + 1, Pence: int64(e.between(1, 90_000)) * 1000, Cashable: e.oneIn(3), Booked: "Service"})
	}
	r.Dates = models.Dates{Procurement: on.AddDays(30), PilotPlanned: on.AddDays(110), GoLivePlanned: on.AddDays(220), ReviewDue: on.AddDays(520)}
	r.Evidence.BaselineOn = on.AddDays(5)
	if inUse {
		r.DecisionStatus, r.Dates.InUseSince = "already_in_use", on.AddDays(-e.between(20, 300))
	}
	if e.oneIn(20) {
		field := pick(e.chance, []string{"suppliers", "costs", "models", "evidence", "workerData"})
		audience := "public"
		if field == "suppliers" || field == "costs" {
			audience = pick(e.chance, []string{"public", "scrutiny", "unions"})
		}
		r.Withheld = []models.Withheld{{Field: field, Audience: audience, Ground: "Commercial: the tender is open", Until: on.AddDays(e.between(30, e.m.profile.WithholdDays)), DecidedBy: "Director of resources"}}
	}
}
