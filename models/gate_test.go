package models

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// A day on which nothing stands in the way of each stage.
var openings = []struct {
	from, to Stage
	at       string
}{
	{StageIdea, StageFormative, "2026-09-07"},
	{StageFormative, StageNoticed, "2026-09-07"},
	{StageNoticed, StageDecided, "2026-10-05"},
	{StageDecided, StagePilot, "2026-11-02"},
	{StagePilot, StageEvaluated, "2026-12-15"},
	{StageEvaluated, StageLive, "2026-12-15"},
	{StageLive, StagePaused, "2026-12-15"},
	{StagePaused, StageLive, "2026-12-15"},
	{StageLive, StageRetired, "2026-12-15"},
	{StageNoticed, StageWithdrawn, "2026-09-07"},
}

func TestTheGateIsOpenWhenNothingIsMissing(t *testing.T) {
	t.Parallel()
	for _, o := range openings {
		g := gate(t, gateFacts(t, o.from, o.at), o.to)
		if !g.Open || g.Override != nil || len(g.Blockers) != 0 {
			t.Errorf("%s to %s: %v", o.from, o.to, g.codes())
		}
	}
}

func TestEachBlockerAppearsAndDisappears(t *testing.T) {
	t.Parallel()
	u1 := "u1"
	for _, c := range []struct {
		name string
		to   Stage
		// change puts something in the way.
		change func(*GateFacts)
		code   string
		item   string
	}{
		{"no owner", StageFormative, func(f *GateFacts) { f.Record.Owner = "TBC" }, "field_missing", "owner"},
		{"no service", StageFormative, func(f *GateFacts) { f.Record.ServiceAreaID = "" }, "field_missing", "serviceArea"},
		{"no use family", StageFormative, func(f *GateFacts) { f.Record.UseFamily = "" }, "field_missing", "useFamily"},
		{"no groups", StageFormative, func(f *GateFacts) { f.Record.Groups = nil }, "field_missing", "groups"},
		{"contract awarded", StageFormative, func(f *GateFacts) { f.Record.Dates.Procurement = f.At }, "contract_awarded", "dates.procurement"},
		{"switched on", StageFormative, func(f *GateFacts) { f.Record.Dates.InUseSince = f.At - 100 }, "in_use", "dates.inUseSince"},

		{"an item empty", StageNoticed, func(f *GateFacts) { f.Gaps = []Gap{{No: 8, Label: "effectOnWork"}} }, "item_empty", "item.8"},
		{"an item in one language", StageNoticed, func(f *GateFacts) { f.Gaps = []Gap{{No: 8, Label: "effectOnWork", Language: Welsh}} }, "item_language", "item.8"},
		{"an assessment", StageNoticed, func(f *GateFacts) { f.Record.Assessments[0].On = 0 }, "assessment_open", "assessments.dpia"},
		{"no cost", StageNoticed, func(f *GateFacts) { f.Record.Costs = nil }, "cost_missing", "costs"},
		{"plan unlocked", StageNoticed, func(f *GateFacts) { f.Deployment.Class, f.Claims = ClassC, nil }, "plan_unlocked", "claims"},
		{"plan locked tomorrow", StageNoticed, func(f *GateFacts) {
			f.Deployment.RaisedTo, f.Claims = ClassD, []ClaimState{{Plans: []LockedPlan{{At: f.Until.Add(time.Second)}}}}
		}, "plan_unlocked", "claims"},

		{"not served", StageDecided, func(f *GateFacts) { f.Scope.Unions = f.Scope.Unions[:1]; f.Notices = nil }, "not_served GMB", "notice"},
		{"a union that was no party", StageDecided, func(f *GateFacts) { delete(f.Notices[0].Recipients, "u1") }, "not_served UNISON", "notice"},
		{"no evidence", StageDecided, func(f *GateFacts) { f.Notices[0].Events["u1"] = []Delivery{{Event: Bounced, At: f.Until}} }, "no_evidence UNISON", "notice.N-1"},
		{"evidence too weak", StageDecided, func(f *GateFacts) {
			f.Notices[0].Content.Rules.Sufficient = EvidenceDelivered
			f.Notices[0].Events["u2"] = []Delivery{{Event: Acknowledged, At: f.Notices[0].Notice.ServedAt}}
		}, "no_evidence UNISON", "notice.N-1"},
		{"the period still runs", StageDecided, func(f *GateFacts) { f.At-- }, "period_running GMB", "notice.N-1"},
		{"a comment", StageDecided, func(f *GateFacts) {
			f.Comments = []CommentState{{Comment: Comment{UnionID: &u1, At: f.Notices[0].Notice.ServedAt}}}
		}, "comments_unanswered", "comments"},
		{"a request", StageDecided, func(f *GateFacts) {
			f.Requests = []RequestState{{Request: Request{No: "IR-1", UnionID: "u9", DueOn: f.At - 1}, UnionAbbrev: "NEU"}}
		}, "request_overdue NEU", "request.IR-1"},
		{"an outcome", StageDecided, func(f *GateFacts) { f.Outcomes = f.Outcomes[1:] }, "outcome_missing UNISON", "outcomes"},
		{"a material change", StageDecided, func(f *GateFacts) {
			f.Material = []MaterialChange{{Version: 2, Material: true, At: f.Until}}
		}, "change_not_served GMB", "notice"},
		{"a hold", StageDecided, func(f *GateFacts) { f.Holds = []Hold{{From: f.At, Until: f.At}} }, "hold", "holds"},

		{"training", StagePilot, func(f *GateFacts) { f.Record.Training.PercentDone = 79 }, "training_short", "training.percentDone"},
		{"stop authority", StagePilot, func(f *GateFacts) { f.Record.FailSafe.Who = "tbc" }, "stop_unnamed", "failSafe.who"},
		{"baseline", StagePilot, func(f *GateFacts) { f.Record.Evidence.BaselineOn = f.At + 1 }, "baseline_missing", "evidence.baselineCapturedOn"},
		{"approval void", StagePilot, voidApproval, "approval_void", "decision"},

		{"no claims", StageEvaluated, func(f *GateFacts) { f.Record.Evidence.Claims = nil }, "claims_missing", "evidence.claims"},
		{"a claim unshared", StageEvaluated, func(f *GateFacts) { f.Record.Evidence.Claims[0].SharedOn = 0 }, "claim_unshared", "evidence.claims[0]"},
		{"a claim not analysed", StageEvaluated, func(f *GateFacts) { f.Record.Evidence.Claims[0].AnalysedOn = f.At + 1 }, "claim_unshared", "evidence.claims[0]"},
		{"no guardrails", StageEvaluated, func(f *GateFacts) { f.Record.Evidence.Guardrails = nil }, "guardrails_missing", "evidence.guardrails"},
		{"a guardrail unreported", StageEvaluated, func(f *GateFacts) { f.Record.Evidence.Guardrails[0].State = "not_reported" }, "guardrail_unreported", "evidence.guardrails[0]"},
		// Shared on 1 December: 10 working days are 15 December.
		{"the window", StageEvaluated, func(f *GateFacts) { f.At-- }, "response_window", "evidence.claims"},

		{"a guardrail breached", StageLive, func(f *GateFacts) { f.Record.Evidence.Guardrails[0].State = "breached" }, "guardrail_failed", "evidence.guardrails[0]"},
		{"a commitment", StageLive, func(f *GateFacts) { f.Record.Commitments[0].Status = "offered" }, "commitment_open", "commitments[0]"},
		{"no review", StageLive, func(f *GateFacts) { f.Record.Dates.ReviewDue = 0 }, "review_date", "dates.reviewDue"},
		{"review past", StageLive, func(f *GateFacts) { f.Record.Dates.ReviewDue = f.At }, "review_date", "dates.reviewDue"},
		{"review too far", StageLive, func(f *GateFacts) { f.Record.Dates.ReviewDue = MustDate("2027-12-16") }, "review_date", "dates.reviewDue"},
		{"no rollout notice", StageLive, func(f *GateFacts) { f.Notices, f.Scope.Unions = f.Notices[:1], f.Scope.Unions[:1] }, "not_served GMB", "notice"},
		{"an approval void before live", StageLive, voidApproval, "approval_void", "decision"},
	} {
		i := slices.IndexFunc(openings, func(o struct {
			from, to Stage
			at       string
		},
		) bool {
			return o.to == c.to
		})
		from, at := openings[i].from, openings[i].at
		f := gateFacts(t, from, at)
		c.change(&f)
		g := gate(t, f, c.to)
		if g.Open || !slices.Contains(g.codes(), c.code) {
			t.Errorf("%s: %v, open %v, not %s", c.name, g.codes(), g.Open, c.code)
			continue
		}
		for _, b := range g.Blockers {
			if b.Stage != c.to || b.Item != c.item || b.Params["stage_name"] == nil {
				t.Errorf("%s: %+v", c.name, b)
			}
		}
		if g := gate(t, gateFacts(t, from, at), c.to); !g.Open {
			t.Errorf("%s: mended, and %v", c.name, g.codes())
		}
	}
}

// voidApproval has version 1 decided, and version 2 change it materially and be noticed.
func voidApproval(f *GateFacts) {
	f.Moves = []StageMove{{ToStage: StageDecided, Version: 1, At: f.Notices[0].Notice.ServedAt}}
	f.Material = []MaterialChange{{Version: 2, Material: true, At: f.Notices[0].Notice.ServedAt}}
	for i := range f.Notices {
		f.Notices[i].Notice.DeploymentVersion = 2
	}
}

func TestAMaterialChangeIsMendedByANoticeAndANewDecision(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageDecided, "2026-12-31")
	f.Moves = []StageMove{{ToStage: StageDecided, Version: 1, At: when(t, "2026-10-05")}}
	f.Material = []MaterialChange{{Version: 2, Fields: []string{"purpose"}, Material: true, At: when(t, "2026-10-10")}}
	if got := gate(t, f, StagePilot).codes(); !slices.Equal(got, []string{"change_not_served GMB", "change_not_served UNISON", "approval_void"}) {
		t.Error(got)
	}
	serve(t, &f, NoticeChange, "2026-10-12", func(n *ServedNotice) { n.Notice.DeploymentVersion = 2 })
	g := gate(t, f, StagePilot)
	if !slices.Equal(g.codes(), []string{"approval_void"}) || g.earliest("GMB", BeforePilot) != "2026-11-09" { // 12 Oct + 28
		t.Errorf("%v, %s", g.codes(), g.earliest("GMB", BeforePilot))
	}
	f.Moves = append(f.Moves, StageMove{ToStage: StageDecided, Version: 2, At: when(t, "2026-11-10")})
	if g := gate(t, f, StagePilot); !g.Open {
		t.Error(g.codes())
	}
	// Judged not material, the old approval stands.
	judged := when(t, "2026-10-11")
	f = gateFacts(t, StageDecided, "2026-12-31")
	f.Moves = []StageMove{{ToStage: StageDecided, Version: 1, At: when(t, "2026-10-05")}}
	f.Material = []MaterialChange{{Version: 2, Material: false, JudgedAt: &judged, At: when(t, "2026-10-10")}}
	if g := gate(t, f, StagePilot); !g.Open {
		t.Error(g.codes())
	}
}

func TestClassAIsWarnedAndNotBlocked(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageDecided, "2026-09-07")
	f.Deployment.Class, f.Notices = ClassA, nil
	for i := range f.Scope.Unions {
		f.Scope.Unions[i].Recognitions = nil
	}
	g := gate(t, f, StageLive)
	if !g.Open || len(g.Warnings) != 2 {
		t.Fatalf("%v, %v", g.codes(), g.Warnings)
	}
	for _, w := range g.Warnings {
		if w.Code != "warn.inform_by" || w.Params["date"] != MustDate("2026-09-14") { // 5 working days
			t.Errorf("%+v", w)
		}
	}
	serve(t, &f, NoticeRollout, "2026-09-07")
	if g := gate(t, f, StageLive); !g.Open || len(g.Warnings) != 0 {
		t.Errorf("told: %v, %v", g.codes(), g.Warnings)
	}
}

func TestALateSystemIsRegularised(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageIdea, "2026-09-07")
	f.Record.Dates.InUseSince, f.Record.Dates.Procurement = MustDate("2026-04-01"), MustDate("2026-03-01")
	if got := gate(t, f, StageFormative).codes(); !slices.Equal(got, []string{"contract_awarded", "in_use"}) {
		t.Error(got)
	}
	f.Deployment.Late = true
	if g := gate(t, f, StageFormative); !g.Open {
		t.Errorf("with the late mark it may be registered: %v", g.codes())
	}
}

func TestStagesAreEnteredInOrder(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageNoticed, "2026-12-15")
	g := gate(t, f, StageLive)
	if got := g.codes(); !slices.Equal(got, []string{"stage_first"}) {
		t.Error(got)
	}
	if len(g.Clocks) != 6 {
		t.Errorf("three clocks for each of two unions, not %d", len(g.Clocks))
	}
	f.Record.Training.PercentDone = 0
	if got := gate(t, f, StageLive).codes(); !slices.Equal(got, []string{"stage_first", "training_short"}) {
		t.Errorf("what stands on the way is told: %v", got)
	}
	if got := gate(t, gateFacts(t, StageLive, "2026-12-15"), StageDecided).codes(); !slices.Equal(got, []string{"stage_order"}) {
		t.Error(got)
	}
}

func TestAProfileWithoutTheClassIsAnError(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageNoticed, "2026-12-15")
	f.Profile.Periods = f.Profile.Periods[:3] // class A alone
	if _, err := ReadGate(f, StageDecided); CodeOf(err) != "profile_lacks_class" || KindOf(err) != Invalid {
		t.Error(err)
	}
}

func TestHoldsBlockTheNextStageButNotTheWayOut(t *testing.T) {
	t.Parallel()
	for _, o := range openings {
		f := gateFacts(t, o.from, o.at)
		f.Holds = []Hold{{Ground: "dispute", From: f.At - 1, Until: f.At + 1}}
		out := o.to == StageWithdrawn || o.to == StagePaused || o.to == StageRetired
		if g := gate(t, f, o.to); g.Open != out {
			t.Errorf("%s to %s under a hold: open %v", o.from, o.to, g.Open)
		}
		f.Holds[0].LiftedOn = f.At
		if g := gate(t, f, o.to); !g.Open {
			t.Errorf("%s to %s, lifted: %v", o.from, o.to, g.codes())
		}
		f.Holds[0] = Hold{From: f.At - 9, Until: f.At - 1}
		if g := gate(t, f, o.to); !g.Open {
			t.Errorf("%s to %s, run out: %v", o.from, o.to, g.codes())
		}
	}
}

func TestAnOverrideOpensOneStageForATime(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageDecided, "2026-10-20")
	signed := when(t, "2026-10-15")
	full := Override{ToStage: StagePilot, Ground: "flood", ExpiresOn: MustDate("2026-10-20"), SecondAt: &signed}
	for name, c := range map[string]struct {
		change func(*Override)
		open   bool
	}{
		"signed by both":    {func(*Override) {}, true},
		"signed by one":     {func(o *Override) { o.SecondAt = nil }, false},
		"run out":           {func(o *Override) { o.ExpiresOn-- }, false},
		"for another stage": {func(o *Override) { o.ToStage = StageLive }, false},
		"signed later":      {func(o *Override) { later := when(t, "2026-10-21"); o.SecondAt = &later }, false},
	} {
		o := full
		c.change(&o)
		f.Overrides = []Override{o}
		g := gate(t, f, StagePilot)
		if g.Open != c.open || (g.Override != nil) != c.open || len(g.Blockers) == 0 {
			t.Errorf("%s: open %v, override %v, %v", name, g.Open, g.Override, g.codes())
		}
	}
	f.Overrides, f.Until = []Override{full}, when(t, "2026-10-15 09:59")
	f.At = MustDate("2026-10-15")
	if gate(t, f, StagePilot).Open {
		t.Error("open a minute before the second signed")
	}
	read(&f, t, "2026-11-02")
	f.Overrides = []Override{{ToStage: StagePilot, ExpiresOn: MustDate("2026-12-31"), SecondAt: &signed}}
	if g := gate(t, f, StagePilot); !g.Open || g.Override != nil {
		t.Error("a gate that is open needs no override")
	}
}

func TestAGuardrailNotShownSafeIsAWarning(t *testing.T) {
	t.Parallel()
	f := gateFacts(t, StageEvaluated, "2026-12-15")
	f.Record.Evidence.Guardrails[0].State = "not_shown_safe"
	if g := gate(t, f, StageLive); !g.Open || len(g.Warnings) != 1 || g.Warnings[0].Code != "warn.guardrail_not_shown_safe" {
		t.Errorf("%v, %v", g.codes(), g.Warnings)
	}
}

// What happens later changes no answer about a day that is past.
func TestAPastDayIsReadTheSameAfterLaterEvents(t *testing.T) {
	t.Parallel()
	later, u1 := "2026-12-20", "u1"
	for _, o := range openings {
		f := gateFacts(t, o.from, o.at)
		f.Requests = []RequestState{{
			Request: Request{No: "IR-1", UnionID: "u1", AskedAt: when(t, "2026-09-01"), DueOn: f.At - 3}, UnionAbbrev: "UNISON",
		}}
		f.Comments = []CommentState{{Comment: Comment{UnionID: &u1, At: when(t, "2026-09-05")}}}
		f.Notices[1].Events["u2"] = nil
		before := gate(t, f, o.to)

		f.Requests[0].Events = []RequestEvent{{Kind: "answered", At: when(t, later)}}
		f.Requests = append(f.Requests, RequestState{Request: Request{No: "IR-2", UnionID: "u2", AskedAt: when(t, later), DueOn: MustDate(later)}})
		withdrawn := when(t, later)
		f.Comments[0].WithdrawnAt = &withdrawn
		f.Comments = append(f.Comments, CommentState{Comment: Comment{UnionID: &u1, At: when(t, later)}})
		f.Notices[1].Events["u2"] = []Delivery{{Event: Acknowledged, At: when(t, later)}}
		serve(t, &f, NoticeChange, later)
		serve(t, &f, NoticeSupplementary, later, supplement("N-1", true))
		f.Material = []MaterialChange{{Version: 9, Material: true, At: when(t, later)}}
		f.Moves = []StageMove{{ToStage: StageDecided, Version: 8, At: when(t, later)}}
		f.Holds = []Hold{{From: f.At, Until: f.At + 500, CreatedAt: when(t, later)}}
		f.Outcomes = append(f.Outcomes, UnionOutcome{UnionID: "u2", At: when(t, later)})
		f.Overrides = []Override{{ToStage: o.to, ExpiresOn: f.At + 500, SecondAt: &withdrawn}}
		if after := gate(t, f, o.to); !reflect.DeepEqual(before, after) {
			t.Errorf("%s to %s:\n%+v\nbecame\n%+v", o.from, o.to, before, after)
		}
	}
}
