package models

import (
	"slices"
	"testing"
	"time"
)

// london is where the employer of these tests has its clocks.
var london = func() *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return zone
}()

// when reads "2026-09-07 16:29:59" or "2026-09-07 10:00" on the wall in London,
// or, with a Z, in UTC. Only a date is ten in the morning.
func when(t testing.TB, s string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02 15:04:05Z", "2006-01-02 15:04Z"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	if len(s) == len(time.DateOnly) {
		s += " 10:00"
	}
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, s, london); err == nil {
			return at.UTC()
		}
	}
	t.Fatalf("%q is not a time", s)
	return time.Time{}
}

func closedOn(days ...string) []ClosureDay {
	out := make([]ClosureDay, len(days))
	for i, d := range days {
		out[i] = ClosureDay{Day: MustDate(d), Note: "closed"}
	}
	return out
}

func both(s string) Text { return Text{En: s, Cy: s + " (cy)"} }

// wales is a profile with the defaults of domain section 5.
func wales() Profile {
	p := Profile{
		Code: "wales", Nation: EnglandAndWales, CutOff: 16*60 + 30, Languages: []Language{English, Welsh},
		InformWithin: 5, Sufficient: EvidenceAccepted, RequestDays: 10, SilentDays: 2, ReviewMonths: 12, ResponseDays: 10,
		TrainingShare: 80,
	}
	for _, c := range []struct {
		class            ChangeClass
		decision, before int
	}{{ClassA, 0, 0}, {ClassB, 20, 28}, {ClassC, 30, 60}, {ClassD, 30, 90}} {
		p.Periods = append(p.Periods,
			Period{Class: c.class, Trigger: BeforeDecision, Days: c.decision, Kind: WorkingDays},
			Period{Class: c.class, Trigger: BeforePilot, Days: c.before, Kind: CalendarDays},
			Period{Class: c.class, Trigger: BeforeRollout, Days: c.before, Kind: CalendarDays})
	}
	for no := 1; no <= 26; no++ {
		switch no {
		case 16:
			p.Items = append(p.Items, ItemRule{No: no, Classes: []ChangeClass{ClassD}})
		case 20, 25:
		default:
			p.Items = append(p.Items, ItemRule{No: no})
		}
	}
	return p
}

// fullRecord says everything that any gate or mandatory item asks for.
func fullRecord() Record {
	return Record{
		Name: both("Draft case notes"), ServiceAreaID: "area", UseFamily: "drafting", AIClass: "generative",
		Owner: "Head of Service", Suppliers: []Supplier{{Name: "Acme"}}, Models: []AIModel{{Name: "M", Region: "UK"}},
		Purpose: both("faster notes"), DecisionStatus: "preferred_option", NatureOfChange: both("small"),
		Alternatives: []Alternative{{Text: both("more clerks"), WithoutAI: true}, {Text: both("another tool")}},
		Outputs:      both("a draft"), Logic: both("a language model"),
		HumanReview:  HumanReview{Kind: "in_the_loop", Who: "the social worker", MinutesAllowed: 10, RightToOverride: true},
		WorkerData:   []WorkerData{{Category: "log-ins"}},
		Groups:       []Group{{JobRoleID: "role", Headcount: 40, Agency: 2}},
		WorkerChange: both("checks drafts"), EffectOnWork: both("none on numbers"), AdverseEffects: both("wrong notes"),
		Assessments:  []Assessment{{Kind: "dpia", State: "yes", On: MustDate("2026-08-01")}},
		Regimes:      []string{"SPPP-16"},
		Commitments:  []Commitment{{Kind: "no_redundancy", Owner: "Chief Executive", Status: "accepted"}},
		Redeployment: both("no redundancy"),
		Training:     Training{Who: "all", Hours: 3, Paid: true, When: "October", PercentDone: 100},
		FailSafe:     FailSafe{How: both("switch it off"), Who: "the duty manager", WithinMinutes: 5},
		Costs:        []Cost{{Kind: "annual", Pence: 100}}, GainUse: both("visits"),
		Evidence: Evidence{
			Plan: both("timings"), BaselineOn: MustDate("2026-09-01"),
			Claims:     []Assertion{{Sentence: both("faster"), AnalysedOn: MustDate("2026-11-30"), SharedOn: MustDate("2026-12-01")}},
			Guardrails: []StatedGuardrail{{Name: both("errors"), State: "held"}},
		},
		Dates: Dates{PilotPlanned: MustDate("2026-11-02"), GoLivePlanned: MustDate("2027-02-01"), ReviewDue: MustDate("2027-09-01")},
	}
}

var (
	unison = Union{ID: "u1", Abbreviation: "UNISON"}
	gmb    = Union{ID: "u2", Abbreviation: "GMB"}
)

// bothInScope has UNISON, whose agreement asks 56 days before a pilot, and GMB, whose asks nothing.
func bothInScope() Scope {
	return Scope{Unions: []InScope{
		{Union: gmb, Derived: true, Recognitions: []Recognition{{ID: "r2"}}},
		{Union: unison, Derived: true, Recognitions: []Recognition{{ID: "r1", Periods: []Period{
			{Trigger: BeforePilot, Days: 56, Kind: CalendarDays, Source: "local agreement"},
		}}}},
	}}
}

// gateFacts are of a deployment of class B of which nothing stands in the way
// on a day, whatever the next stage is: all was served on 7 September 2026.
func gateFacts(t testing.TB, stage Stage, at string) GateFacts {
	t.Helper()
	f := GateFacts{
		Deployment: Deployment{Ref: "DEP-2026-003", Stage: stage, Class: ClassB},
		Record:     fullRecord(), Profile: wales(), Scope: bothInScope(),
		Calendar: NewCalendar(EnglandAndWales, nil), Zone: london,
		Outcomes: []UnionOutcome{
			{UnionID: "u1", Outcome: "consensus", At: when(t, "2026-09-20")},
			{UnionID: "u2", Outcome: "consensus", At: when(t, "2026-09-20")},
		},
	}
	read(&f, t, at)
	serve(t, &f, NoticeChange, "2026-09-07")
	serve(t, &f, NoticeRollout, "2026-09-07")
	return f
}

// read sets the day and instant that a gate is read at: the evening of a day.
func read(f *GateFacts, t testing.TB, at string) {
	t.Helper()
	f.At = MustDate(at)
	f.Until = when(t, at+" 23:59:59")
}

// serve adds a notice to all in scope whose mail was accepted at a time.
func serve(t testing.TB, f *GateFacts, kind NoticeKind, at string, change ...func(*ServedNotice)) *ServedNotice {
	t.Helper()
	instant := when(t, at)
	day := DateOf(instant, london)
	no := "N-" + string(rune('1'+len(f.Notices)))
	n := ServedNotice{
		Notice: Notice{ID: "id " + no, No: no, Kind: kind, DeploymentVersion: 1, Class: ClassB, ServedAt: instant},
		Content: NoticeContent{Rules: NoticeRules{Sufficient: f.Profile.Sufficient, Clock: ClockRules{
			Zone: "Europe/London", CutOff: f.Profile.CutOff, Calendar: f.Calendar.Freeze(day-7, day+400),
		}}},
		Events: map[string][]Delivery{}, Recipients: map[string]Recipient{},
	}
	for _, u := range f.Scope.Unions {
		party := NoticeParty{UnionID: u.Union.ID}
		for _, trigger := range Triggers {
			periods, err := PeriodsOn(f.Profile, u, f.Deployment.EffectiveClass(), trigger)
			if err != nil {
				t.Fatal(err)
			}
			party.Periods = append(party.Periods, periods...)
		}
		n.Content.Parties = append(n.Content.Parties, party)
		n.Events[u.Union.ID] = []Delivery{{Event: Accepted, At: instant}}
		n.Recipients[u.Union.ID] = Recipient{UnionID: u.Union.ID}
	}
	for _, c := range change {
		c(&n)
	}
	f.Notices = append(f.Notices, n)
	return &f.Notices[len(f.Notices)-1]
}

func supplement(to string, restarts bool) func(*ServedNotice) {
	return func(n *ServedNotice) {
		id := "id " + to
		n.Notice.SupersedesID, n.Notice.Restarts = &id, restarts
	}
}

func gate(t testing.TB, f GateFacts, to Stage) Gate {
	t.Helper()
	g, err := ReadGate(f, to)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// earliest is what a union's clock before a trigger says, or "".
func (g Gate) earliest(union string, trigger Trigger) string {
	i := slices.IndexFunc(g.Clocks, func(c UnionClock) bool { return c.Union.Abbreviation == union && c.Trigger == trigger })
	if i < 0 {
		return ""
	}
	return g.Clocks[i].Clock.Earliest.String()
}

func (g Gate) codes() []string {
	out := []string{}
	for _, b := range g.Blockers {
		code := b.Code
		if b.Union != nil {
			code += " " + b.Union.Abbreviation
		}
		out = append(out, code)
	}
	return out
}
