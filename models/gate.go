package models

import (
	"slices"
	"strconv"
	"time"
)

// GateFacts are everything that a gate is a function of. Events after Until
// are not counted, so any past date can be read again.
type GateFacts struct {
	Deployment Deployment
	Record     Record
	Profile    Profile
	Scope      Scope
	Notices    []ServedNotice // oldest first
	Comments   []CommentState // those of unions, without their words
	Requests   []RequestState
	Outcomes   []UnionOutcome
	Holds      []Hold
	// Meetings are those about the deployment.
	Meetings  []MeetingState
	Overrides []Override
	Material  []MaterialChange
	Moves     []StageMove
	// Claims are the claims made of the deployment, withdrawn ones too.
	Claims []ClaimState
	// Gaps are what the items of a notice lack, from [Items] and [Gaps].
	Gaps     []Gap
	Calendar Calendar
	Zone     *time.Location
	At       Date
	// Until is the instant up to which events count.
	Until time.Time
}

// Blocker is one thing that must be true and is not. Code is a key under
// "gate." in the catalogues and its mend a key under "fix.".
type Blocker struct {
	Code   string
	Stage  Stage
	Item   string
	Union  *Union
	Params Params
}

// UnionClock is the clock of one union before one trigger.
type UnionClock struct {
	Union   Union
	Trigger Trigger
	// Notice is the number of the notice that it runs from, or "".
	Notice string
	Clock  Clock
}

// Gate says whether a deployment may enter a stage on a day, what stops it,
// and the earliest permitted date with its working.
type Gate struct {
	To   Stage
	At   Date
	Open bool
	// Override is set when the gate is open only because of one.
	Override *Override
	Blockers []Blocker
	Warnings []Reason
	Clocks   []UnionClock
	// Earliest is the latest over the unions and triggers; no date when no
	// clock applies. Projected means that service is still to come.
	Earliest  Date
	Projected bool
}

// triggers are the clocks that must have run before a stage.
var triggers = map[Stage]Trigger{StageDecided: BeforeDecision, StagePilot: BeforePilot, StageLive: BeforeRollout}

// ReadGate reads the gate into a stage: the blockers of every stage on the way
// there (domain section 4). It fails when the profile says nothing of the class.
func ReadGate(f GateFacts, to Stage) (Gate, error) {
	g := Gate{To: to, At: f.At}
	class := f.Deployment.EffectiveClass()
	path := f.Deployment.Stage.Path(to, class, f.Profile)
	if f.Deployment.Stage == to {
		path = []Stage{to}
	}
	if path == nil {
		g.block(to, "stage_order", "stage", nil, "from", reason("stage."+string(f.Deployment.Stage)), "to", reason("stage."+string(to)))
		return g, nil
	}
	if len(path) > 1 {
		g.block(to, "stage_first", "stage", nil, "stage", reason("stage."+string(path[0])))
	}
	// The clocks already passed are shown too: their working is what people ask for.
	for _, s := range clockStages(f.Deployment.Stage, path, to) {
		if err := g.readClocks(f, s, slices.Contains(path, s)); err != nil {
			return g, err
		}
	}
	for _, s := range path {
		g.check(f, s)
	}
	if to != StageWithdrawn && to != StagePaused && to != StageRetired {
		g.holds(f)
	}
	g.settle(f)
	return g, nil
}

// clockStages are the stages up to the target whose clocks are shown.
func clockStages(from Stage, path []Stage, to Stage) []Stage {
	var out []Stage
	if to.Rank() > StageLive.Rank() || to == StagePaused {
		return nil
	}
	for _, s := range []Stage{StageDecided, StagePilot, StageLive} {
		if slices.Contains(path, s) || s.Rank() <= from.Rank() && s.Rank() <= to.Rank() {
			out = append(out, s)
		}
	}
	return out
}

func (g *Gate) block(s Stage, code, item string, u *Union, pairs ...any) {
	b := Blocker{Code: code, Stage: s, Item: item, Union: u}
	b.Params = (&Error{}).With(pairs...).Params
	if b.Params == nil {
		b.Params = Params{}
	}
	b.Params["stage_name"] = reason("stage." + string(s))
	if u != nil {
		b.Params["union"] = u.Abbreviation
	}
	g.Blockers = append(g.Blockers, b)
}

// settle decides: open when nothing blocks, or when an override is in force.
func (g *Gate) settle(f GateFacts) {
	g.Open = len(g.Blockers) == 0
	if g.Open {
		return
	}
	for _, o := range f.Overrides {
		used := slices.ContainsFunc(f.Moves, func(m StageMove) bool { return m.OverrideID != nil && *m.OverrideID == o.ID && !m.At.After(f.Until) })
		if !used && o.InForce(g.To, f.At, f.Zone) && !o.SecondAt.After(f.Until) {
			g.Open, g.Override = true, &o
			return
		}
	}
}

func (g *Gate) check(f GateFacts, s Stage) {
	switch s {
	case StageFormative:
		g.formative(f)
	case StageNoticed:
		g.noticed(f)
	case StageDecided:
		g.decided(f)
	case StagePilot:
		g.pilot(f)
	case StageEvaluated:
		g.evaluated(f)
	case StageLive:
		g.live(f)
	default: // the other stages ask nothing
	}
	if s.Rank() >= StagePilot.Rank() && s.Rank() <= StageLive.Rank() && s != StagePaused {
		g.approval(f, s)
	}
}

func (g *Gate) formative(f GateFacts) {
	const s = StageFormative
	r := f.Record
	for _, need := range []struct {
		there bool
		field string
	}{{word(r.Owner), "owner"}, {r.ServiceAreaID != "", "serviceArea"}, {r.UseFamily != "", "useFamily"}, {len(r.Groups) > 0, "groups"}} {
		if !need.there {
			g.block(s, "field_missing", need.field, nil, "field", reason("record."+need.field))
		}
	}
	if f.Deployment.Late {
		return
	}
	if p := r.Dates.Procurement; p != 0 && p <= f.At {
		g.block(s, "contract_awarded", "dates.procurement", nil, "date", p)
	}
	if u := r.Dates.InUseSince; u != 0 && u <= f.At {
		g.block(s, "in_use", "dates.inUseSince", nil, "date", u)
	}
}

func (g *Gate) noticed(f GateFacts) {
	const s = StageNoticed
	for _, gap := range f.Gaps {
		code := "item_empty"
		if gap.Language != "" {
			code = "item_language"
		}
		g.block(s, code, "item."+strconv.Itoa(gap.No), nil, "no", gap.No, "label", reason("label."+gap.Label), "language", reason("language."+string(gap.Language)))
	}
	for _, a := range f.Record.Assessments {
		if !a.Settled() {
			g.block(s, "assessment_open", "assessments."+a.Kind, nil, "kind", reason("assessment."+a.Kind))
		}
	}
	if len(f.Record.Costs) == 0 {
		g.block(s, "cost_missing", "costs", nil)
	}
	if class := f.Deployment.EffectiveClass(); class >= ClassC && len(f.claims()) == 0 {
		g.block(s, "plan_unlocked", "claims", nil)
	}
}

func (g *Gate) decided(f GateFacts) {
	const s = StageDecided
	open := 0
	var oldest Date
	for _, c := range f.Comments {
		if c.Open(f.Until) {
			open++
			if day := DateOf(c.At, f.Zone); oldest == 0 || day < oldest {
				oldest = day
			}
		}
	}
	if open > 0 {
		g.block(s, "comments_unanswered", "comments", nil, "count", open, "oldest", oldest)
	}
	for _, r := range f.Requests {
		if !r.AskedAt.After(f.Until) && r.Overdue(f.At, f.Zone) {
			u := Union{ID: r.UnionID, Abbreviation: r.UnionAbbrev}
			g.block(s, "request_overdue", "request."+r.No, &u, "request", r.No, "due", r.DueOn)
		}
	}
	for _, u := range f.Scope.Unions {
		if !slices.ContainsFunc(f.Outcomes, func(o UnionOutcome) bool {
			return o.UnionID == u.Union.ID && !o.At.After(f.Until) && !o.Gainsaid(f.Comments, f.Until)
		}) {
			g.block(s, "outcome_missing", "outcomes", &u.Union)
		}
	}
}

func (g *Gate) pilot(f GateFacts) {
	const s = StagePilot
	if done, need := f.Record.Training.PercentDone, f.Profile.TrainingShare; done < need {
		g.block(s, "training_short", "training.percentDone", nil, "done", done, "need", need)
	}
	if !word(f.Record.FailSafe.Who) {
		g.block(s, "stop_unnamed", "failSafe.who", nil)
	}
	if b := f.Record.Evidence.BaselineOn; b == 0 || b > f.At {
		g.block(s, "baseline_missing", "evidence.baselineCapturedOn", nil)
	}
}

func (g *Gate) live(f GateFacts) {
	const s = StageLive
	g.guardrails(f)
	for i, c := range f.Record.Commitments {
		if c.Status != "accepted" && c.Status != "met" {
			g.block(s, "commitment_open", "commitments["+strconv.Itoa(i)+"]", nil, "kind", reason("commitment."+c.Kind))
		}
	}
	due := f.Record.Dates.ReviewDue
	if due == 0 || due <= f.At || due > f.At.AddMonths(f.Profile.ReviewMonths) {
		g.block(s, "review_date", "dates.reviewDue", nil, "months", f.Profile.ReviewMonths, "latest", f.At.AddMonths(f.Profile.ReviewMonths))
	}
}

// approval blocks when a material change voided the decision given to an older version.
func (g *Gate) approval(f GateFacts, s Stage) {
	last := LastMaterial(f.Material, f.Until)
	approved := 0
	for _, m := range f.Moves {
		if m.ToStage == StageDecided && !m.At.After(f.Until) {
			approved = max(approved, m.Version)
		}
	}
	if last > approved && approved > 0 {
		g.block(s, "approval_void", "decision", nil, "version", last, "approved", approved)
	}
}

func (g *Gate) holds(f GateFacts) {
	for _, h := range f.Holds {
		if h.InForce(f.At) && !h.CreatedAt.After(f.Until) {
			g.block(g.To, "hold", "holds", nil, "ground", h.Ground, "from", h.From, "until", h.Until)
		}
	}
}

// readClocks reads the clock of every union before one stage, and blocks where
// it must have run and has not.
func (g *Gate) readClocks(f GateFacts, s Stage, required bool) error {
	trigger := triggers[s]
	class := f.Deployment.EffectiveClass()
	if _, err := f.Profile.PeriodsFor(class, trigger); err != nil {
		return err
	}
	covered := LastMaterial(f.Material, f.Until)
	for _, u := range f.Scope.Unions {
		root, input, err := clockInput(f, u, trigger)
		if err != nil {
			return err
		}
		k := ReadClock(input)
		if !k.Started && !required {
			continue
		}
		g.Clocks = append(g.Clocks, UnionClock{Union: u.Union, Trigger: trigger, Notice: root, Clock: k})
		if k.Earliest > g.Earliest {
			g.Earliest = k.Earliest
		}
		g.Projected = g.Projected || k.Projected
		if required {
			g.clockBlocker(f, s, u, root, k, covered)
		}
	}
	return nil
}

func (g *Gate) clockBlocker(f GateFacts, s Stage, u InScope, root string, k Clock, covered int) {
	union := u.Union
	if f.Deployment.EffectiveClass() == ClassA && !k.Started {
		// A routine change may be told after it; not later than the profile says.
		if by := f.Calendar.AddWorking(f.firstDecision(), f.Profile.InformWithin); by >= f.At {
			g.Warnings = append(g.Warnings, reason("warn.inform_by", "union", union.Abbreviation, "date", by))
			return
		}
	}
	trigger := reason("trigger." + string(triggers[s]))
	switch {
	case root == "":
		g.block(s, "not_served", "notice", &union, "trigger", trigger)
	case !k.Started:
		g.block(s, "no_evidence", "notice."+root, &union, "notice", root)
	case covered > 0 && !coveredBy(f, union.ID, covered):
		g.block(s, "change_not_served", "notice", &union, "version", covered)
	case f.At < k.Earliest:
		g.block(s, "period_running", "notice."+root, &union, "notice", root, "earliest", k.Earliest, "trigger", trigger)
	}
}

// coveredBy says whether a notice drawn from this version or a later one has been served on a union.
func coveredBy(f GateFacts, unionID string, version int) bool {
	return slices.ContainsFunc(f.Notices, func(n ServedNotice) bool {
		told := n.Notice.Kind.Starts(BeforeDecision) || n.Notice.Kind.Starts(BeforeRollout) || n.Notice.Kind == NoticeSupplementary
		return told && n.Notice.DeploymentVersion >= version && !n.EvidenceFor(unionID, f.Until).IsZero()
	})
}

// firstDecision is the day of the first decision, or the day of reading.
func (f GateFacts) firstDecision() Date {
	for _, m := range f.Moves {
		if m.ToStage == StageDecided && !m.At.After(f.Until) {
			return DateOf(m.At, f.Zone)
		}
	}
	return f.At
}

// NoticeBlockers are what a first notice must have besides its items: the
// gate into noticed, whatever stage the deployment has come to by an override.
func NoticeBlockers(f GateFacts) []Blocker {
	g := Gate{To: StageNoticed, At: f.At}
	f.Gaps = nil
	g.noticed(f)
	return g.Blockers
}

// KeepParties puts every union that a notice has been served on into the
// scope of the gate, whatever has become of its recognition or the groups
// since: it was told, and what it was told must run.
func (s *Scope) KeepParties(notices []ServedNotice, unions map[string]Union, until time.Time) {
	for _, n := range notices {
		if n.Notice.ServedAt.After(until) || n.Notice.Kind == NoticeEmergency {
			continue
		}
		for _, p := range n.Content.Parties {
			if _, in := s.Union(p.UnionID); !in {
				// Its agreement is the one that the notice was served under.
				agreed := Recognition{UnionID: p.UnionID, BranchID: p.BranchID, ElectronicFrom: 1}
				for _, period := range p.Periods {
					if period.Source != n.Content.Rules.Profile {
						agreed.Periods = append(agreed.Periods, period)
					}
				}
				s.Unions = append(s.Unions, InScope{Union: unions[p.UnionID], Derived: true, WithoutPrejudice: p.WithoutPrejudice, Recognitions: []Recognition{agreed}, Why: []Reason{reason("scope.party", "notice", n.Notice.No)}})
			}
		}
	}
	slices.SortFunc(s.Unions, func(a, b InScope) int { return compareUnions(a.Union, b.Union) })
}

// clockInput gathers what one union's clock depends on, and the number of the
// notice it runs from. A served notice brings its own frozen rules.
func clockInput(f GateFacts, u InScope, trigger Trigger) (string, ClockInput, error) {
	in := ClockInput{Zone: f.Zone, CutOff: f.Profile.CutOff, Calendar: f.Calendar, At: f.At}
	for _, r := range f.Requests {
		if r.UnionID == u.Union.ID && !r.AskedAt.After(f.Until) {
			for _, p := range r.Pauses(f.Zone) {
				if p.Due < f.At || p.Answered != 0 && p.Answered <= f.At {
					in.Pauses = append(in.Pauses, p)
				}
			}
		}
	}
	in.Pauses = append(in.Pauses, cancelled(f, u.Union.ID)...)
	chain := chainFor(f, u.Union.ID, trigger)
	root := ""
	for _, n := range chain {
		if n.Notice.Restarts {
			in.Restarted = n.Notice.No
		}
		if root == "" || n.Notice.Restarts {
			root = n.Notice.No
		}
		if at := n.EvidenceFor(u.Union.ID, f.Until); !at.IsZero() && (in.Evidence.IsZero() || at.Before(in.Evidence)) {
			in.Evidence = at
		}
	}
	if len(chain) == 0 {
		periods, err := PeriodsOn(f.Profile, u, f.Deployment.EffectiveClass(), trigger)
		in.Periods = periods
		return "", in, err
	}
	rules := chain[0].Content.Rules.Clock
	party, _ := chain[0].Content.Party(u.Union.ID)
	in.CutOff, in.Calendar = rules.CutOff, rules.Calendar.Calendar()
	if zone, err := time.LoadLocation(rules.Zone); err == nil {
		in.Zone = zone
	}
	for _, p := range party.Periods {
		if p.Trigger == trigger {
			in.Periods = append(in.Periods, p)
		}
	}
	if class := f.Deployment.EffectiveClass(); class > chain[len(chain)-1].Notice.Class {
		// The class has risen since the notice was served: the longer periods count too.
		risen, err := PeriodsOn(f.Profile, u, class, trigger)
		if err != nil {
			return root, in, err
		}
		in.Periods = append(in.Periods, risen...)
	}
	return root, in, nil
}

// cancelled are the stretches that meetings which the employer cancelled left a
// union waiting, where the profile lets them stop the clock.
func cancelled(f GateFacts, unionID string) []Pause {
	var out []Pause
	for _, m := range f.Meetings {
		if !f.Profile.PausesOnCancelled || m.At.After(f.Until) || m.CancelledAt == nil || m.CancelledAt.After(f.Until) || !slices.Contains(m.PartyIDs(), unionID) {
			continue
		}
		if p, ok := m.Pause(f.Zone); ok && p.Due < f.At {
			out = append(out, p)
		}
	}
	return out
}

// chainFor gives the notices whose evidence counts for a union before a
// trigger: the last one that starts it and the supplements to it, from the
// last restart on. Notices that never had the union as a party are left out.
func chainFor(f GateFacts, unionID string, trigger Trigger) []ServedNotice {
	root := -1
	for i, n := range f.Notices {
		if n.Notice.Kind.Starts(trigger) && !n.Notice.ServedAt.After(f.Until) {
			root = i
		}
	}
	if root < 0 {
		return nil
	}
	ids := []string{f.Notices[root].Notice.ID}
	chain := []ServedNotice{f.Notices[root]}
	for _, n := range f.Notices[root+1:] {
		if n.Notice.SupersedesID == nil || n.Notice.ServedAt.After(f.Until) || !slices.Contains(ids, *n.Notice.SupersedesID) {
			continue
		}
		ids = append(ids, n.Notice.ID)
		if n.Notice.Restarts {
			chain = chain[:0]
		}
		chain = append(chain, n)
	}
	return slices.DeleteFunc(chain, func(n ServedNotice) bool {
		_, party := n.Recipients[unionID]
		return !party
	})
}

// PeriodsOn gives the profile's periods and those of every agreement that
// applies to a union, before a trigger.
func PeriodsOn(p Profile, u InScope, class ChangeClass, trigger Trigger) ([]Period, error) {
	periods, err := p.PeriodsFor(class, trigger)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(periods)
	for i := range out {
		if out[i].Source == "" {
			out[i].Source = p.Code
		}
	}
	for _, r := range u.Recognitions {
		for _, a := range r.Periods {
			if a.Trigger != trigger || a.Class != "" && a.Class != class {
				continue
			}
			if a.Source == "" {
				a.Source = u.Union.Abbreviation
			}
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out, nil
}

// Has says whether a blocker is among those that keep the gate shut.
func (g Gate) Has(code string) bool {
	return slices.ContainsFunc(g.Blockers, func(b Blocker) bool { return b.Code == code })
}
