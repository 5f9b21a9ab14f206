package register_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"beforehand/internal/notice"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

// These tests are of people who would rather not wait, be answered or be seen.

func house(t *testing.T) *registertest.House {
	t.Helper()
	return registertest.New(t, storetest.Open(t, "sqlite"))
}

func code(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || models.CodeOf(err) != want && !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func revise(t *testing.T, h *registertest.House, ref string, edit func(*models.Record), j register.Judgement) error {
	t.Helper()
	d := need(h.Register.Deployment(t.Context(), h.CDO, ref))(t)
	return second(h.Revise(t.Context(), h.CDO, ref, d.Version, func(r models.Record) (models.Record, error) { edit(&r); return r, nil }, j))
}

func TestRoutineIsNoWayRoundTheNotice(t *testing.T) {
	t.Parallel()
	h := house(t)
	rec := h.Record()
	rec.WorkerData, rec.NoWorker = nil, true
	rec.Staffing.RoutineUpdate = true
	_, err := h.RegisterDeployment(t.Context(), h.CDO, register.Registration{Record: rec})
	code(t, err, "required")
	other := h.Deploy(t) // an idea: nothing has been decided about it
	rec.Staffing.RoutineOf = other.Ref
	_, err = h.RegisterDeployment(t.Context(), h.CDO, register.Registration{Record: rec})
	code(t, err, "not_routine")
	d, _ := h.Noticed(t)
	code(t, revise(t, h, d.Ref, func(r *models.Record) { r.Staffing.RoutineUpdate, r.Staffing.RoutineOf = true, d.Ref }, register.Judgement{}), "not_routine")
}

func TestAnEmptyItemCannotBeWithheld(t *testing.T) {
	t.Parallel()
	h := house(t)
	withheld := func(field, until string) []models.Withheld {
		return []models.Withheld{{Field: field, Audience: "unions", Ground: "Commerce", Until: models.MustDate(until), DecidedBy: "Director"}}
	}
	rec := h.Record()
	rec.Withheld = withheld("adverseEffects", "2026-10-01")
	_, err := h.RegisterDeployment(t.Context(), h.CDO, register.Registration{Record: rec})
	code(t, err, "not_allowed")
	rec.Withheld = withheld("suppliers", "9999-12-31")
	_, err = h.RegisterDeployment(t.Context(), h.CDO, register.Registration{Record: rec})
	code(t, err, "out_of_range")
	d := h.Formative(t)
	must(t, revise(t, h, d.Ref, func(r *models.Record) {
		r.Models, r.Withheld = nil, withheld("models", "2026-10-01")
	}, register.Judgement{}))
	draft := need(h.DraftNotice(t.Context(), h.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
	_, err = h.ServeNotice(t.Context(), h.CDO, draft.ID, 1)
	code(t, err, "notice_gaps")
}

func TestServiceByHandCannotBeBackdated(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	h.Outbox.Fail = func(notice.Mail) error { return errors.New("no route") }
	d := h.Formative(t)
	draft := need(h.DraftNotice(ctx, h.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
	n := need(h.ServeNotice(ctx, h.CDO, draft.ID, 1))(t)
	h.Clock.SetTo("2026-10-05 10:00")
	proof := need(h.Attach(ctx, h.CDO, "receipt.txt", []byte("signed")))(t)
	must(t, h.RecordDelivery(ctx, h.CDO, n.No, h.Unison.ID, models.Handed, n.ServedAt.Add(time.Minute), "", proof.ID))
	g := need(h.Gate(ctx, h.CDO, d.Ref, models.StagePilot, 0))(t)
	for _, c := range g.Clocks {
		if c.Union.ID == h.Unison.ID && c.Clock.Started && c.Clock.Deemed != models.MustDate("2026-10-05") {
			t.Errorf("told on 5 October, deemed %v", c.Clock.Deemed)
		}
	}
	past := need(h.Gate(ctx, h.CDO, d.Ref, models.StageDecided, models.MustDate("2026-09-14")))(t)
	for _, c := range past.Clocks {
		if c.Clock.Started {
			t.Error("on 14 September nobody could have known")
		}
	}
	if _, b, err := h.Attachment(ctx, h.Officer, proof.ID); err != nil || len(b) == 0 {
		t.Errorf("the union may read what proves service on it: %v", err)
	}
	_, _, err := h.Attachment(ctx, h.OtherOfficer, proof.ID)
	if models.KindOf(err) != models.NotFound && models.KindOf(err) != models.Forbidden {
		t.Errorf("another union's proof: %v", err)
	}
}

func TestWorseIsNotWhatTheEmployerSays(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d, n := h.Noticed(t)
	h.Clock.SetTo("2026-09-21 10:00")
	must(t, revise(t, h, d.Ref, func(r *models.Record) {
		r.EffectOnWork = models.Text{En: "Forty posts will go", Cy: "Bydd deugain o swyddi’n mynd"}
	}, register.Judgement{}))
	in := registertest.Draft(models.NoticeSupplementary)
	in.Meetings = []models.Date{models.MustDate("2026-09-24"), models.MustDate("2026-09-29")}
	in.Supersedes, in.Correction = n.No, models.Text{En: "TBC"}
	draft := need(h.DraftNotice(ctx, h.CDO, d.Ref, in))(t)
	_, err := h.ServeNotice(ctx, h.CDO, draft.ID, 1)
	code(t, err, "correction.cy")
	in.Correction = models.Text{En: "Posts", Cy: "Swyddi"}
	must(t, second(h.ReviseNotice(ctx, h.CDO, draft.ID, 1, in)))
	served := need(h.ServeNotice(ctx, h.CDO, draft.ID, 2))(t)
	if !served.Restarts {
		t.Error("a correction for the worse did not restart the clock")
	}
	must(t, h.DeliverAll(ctx, served))
	g := need(h.Gate(ctx, h.CDO, d.Ref, models.StagePilot, 0))(t)
	if g.Earliest != models.MustDate("2026-10-19") { // 28 days from 21 September
		t.Errorf("earliest %v", g.Earliest)
	}
}

func TestAUnionThatWasServedStays(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d, _ := h.Noticed(t)
	v := need(h.Recognitions(ctx, h.HR))(t)
	h.Clock.SetTo("2026-09-21 10:00")
	for _, r := range v {
		if r.UnionID != h.Unison.ID {
			continue
		}
		_, err := h.ChangeRecognition(ctx, h.HR, r.Version, r.ID, r.From, false, "", r.ElectronicFrom, nil)
		code(t, err, "out_of_range")
		must(t, second(h.ChangeRecognition(ctx, h.HR, r.Version, r.ID, models.MustDate("2026-09-21"), false, "", r.ElectronicFrom, nil)))
	}
	h.Clock.SetTo("2026-09-22 10:00")
	g := need(h.Gate(ctx, h.CDO, d.Ref, models.StageDecided, 0))(t)
	if !slices.ContainsFunc(g.Clocks, func(c models.UnionClock) bool { return c.Union.ID == h.Unison.ID }) {
		t.Error("UNISON was served and is gone from the gate")
	}
	must(t, second(h.Register.Deployment(ctx, h.Officer, d.Ref)))
	err := revise(t, h, d.Ref, func(r *models.Record) { r.Groups = []models.Group{{JobRoleID: h.OtherRole.ID, Headcount: 6}} }, register.Judgement{NotMaterial: true, Reason: "tidy"})
	code(t, err, "materiality_group")
}

func TestRedactionTakesOutAndPutsNothingIn(t *testing.T) {
	t.Parallel()
	h := house(t)
	d, _ := h.Noticed(t)
	c := need(h.MakeComment(t.Context(), h.Officer, d.Ref, commentInput("Caseloads must not rise.")))(t)
	code(t, h.RedactComment(t.Context(), h.Assurer, c.ID, "We welcome this.", "Personal data"), "not_a_redaction")
	must(t, h.RedactComment(t.Context(), h.Assurer, c.ID, "[…] must not rise.", "Personal data"))
}

func TestOutcomesMustFitWhatWasSaid(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d, _ := h.Noticed(t)
	in := commentInput("We do not agree.")
	in.Kind = "failure_to_agree"
	must(t, second(h.MakeComment(ctx, h.Officer, d.Ref, in)))
	code(t, second(h.RecordOutcome(ctx, h.CDO, d.Ref, 0, h.Unison.ID, "no_response", "", 3)), "outcome_gainsaid")
	code(t, second(h.RecordOutcome(ctx, h.CDO, d.Ref, 0, h.Unison.ID, "consensus", "", 0)), "outcome_gainsaid")
	must(t, second(h.RecordOutcome(ctx, h.CDO, d.Ref, 0, h.Unison.ID, "not_agreed", "We differ", 0)))
	code(t, second(h.RecordOutcome(ctx, h.CDO, d.Ref, 0, h.Unison.ID, "compromise", "", 0)), "version_required")
	must(t, second(h.StateOutcome(ctx, h.Officer, d.Ref, 1, h.Unison.ID, "So do we")))
	public := need(h.Outcomes(ctx, models.Actor{OrgID: h.Org.ID}, d.Ref))(t)
	if public[0].UnionStatement != "" || public[0].EmployerStatement != "" {
		t.Error("the public reads what the parties said to each other")
	}
}

func TestNobodySitsOnBothSides(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	u := need(h.AddUnion(ctx, h.Admin, "Unite", "Unite"))(t)
	code(t, h.GrantRole(ctx, h.Admin, "admin@tywi.example", register.Hat{Role: models.RoleUnionOfficer, UnionID: u.ID}), "both_sides")
	code(t, h.GrantRole(ctx, h.Admin, "unison@tywi.example", register.Hat{Role: models.RoleCDO}), "not_found") // whose address it is, the other side is not told
	_, err := h.AddUser(ctx, h.Admin, register.NewUser{Email: "x@tywi.example", Name: "X", Password: registertest.Password, Hat: register.Hat{Role: models.RoleUnionOfficer, UnionID: h.Unison.ID}})
	code(t, err, "forbidden") // UNISON has an officer: its officers add its people
}

func TestANarrowTokenMakesNoWideOne(t *testing.T) {
	t.Parallel()
	h := house(t)
	a := h.CDO
	a.Scopes, a.TokenID = []string{"token.issue"}, "a token"
	_, _, err := h.IssueToken(t.Context(), a, register.NewToken{Name: "wider", Days: 366})
	code(t, err, "forbidden")
}

func TestWithdrawingHidesNothing(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d := h.Formative(t)
	c := need(h.MakeComment(ctx, h.Officer, d.Ref, commentInput("Not this one.")))(t)
	must(t, second(h.Move(ctx, h.CDO, d.Ref, d.Version, models.StageWithdrawn, "Not wanted")))
	must(t, second(h.Comment(ctx, h.Officer, c.ID)))
	_, err := h.MakeComment(ctx, h.Officer, d.Ref, commentInput("Still."))
	code(t, err, "deployment_withdrawn")
}

func TestAnOverrideIsUsedOnceAndMarksLate(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d, _ := h.Noticed(t)
	code(t, second(h.RequestOverride(ctx, h.CDO, d.Ref, models.StageDecided, "Emergency", models.MustDate("9999-12-31"))), "out_of_range")
	o := need(h.RequestOverride(ctx, h.CDO, d.Ref, models.StageDecided, "Emergency", models.MustDate("2026-09-30")))(t)
	before := len(h.Outbox.Sent())
	must(t, second(h.SignOverride(ctx, h.Approver, o.ID, 1)))
	notices := need(h.Notices(ctx, h.Officer, d.Ref))(t)
	if last := notices[len(notices)-1]; last.Kind != models.NoticeEmergency || len(last.Parties) != 2 {
		t.Errorf("the last notice is %s on %d unions", last.Kind, len(last.Parties))
	}
	must(t, h.DeliverAll(ctx, notices[len(notices)-1].Notice))
	if got := len(h.Outbox.Sent()) - before; got != 2 {
		t.Errorf("%d mails of the override", got)
	}
	d = need(h.Register.Deployment(ctx, h.CDO, d.Ref))(t)
	d = need(h.Move(ctx, h.Approver, d.Ref, d.Version, models.StageDecided, "Under the override"))(t)
	if g := need(h.Gate(ctx, h.CDO, d.Ref, models.StageDecided, 0))(t); g.Override != nil {
		t.Error("an override opens a gate twice")
	}
	o = need(h.RequestOverride(ctx, h.CDO, d.Ref, models.StagePilot, "Emergency", models.MustDate("2026-09-30")))(t)
	must(t, second(h.SignOverride(ctx, h.Approver, o.ID, 1)))
	d = need(h.Move(ctx, h.CDO, d.Ref, d.Version, models.StagePilot, "Under the override"))(t)
	if !d.Late {
		t.Error("emergency use is not on the record as late")
	}
}

func TestAnOverrideDoesNotOpenTheGateBefore(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d := h.Formative(t)
	must(t, revise(t, h, d.Ref, func(r *models.Record) { r.Costs = nil }, register.Judgement{}))
	o := need(h.RequestOverride(ctx, h.CDO, d.Ref, models.StageNoticed, "Emergency", models.MustDate("2026-09-30")))(t)
	must(t, second(h.SignOverride(ctx, h.Approver, o.ID, 1)))
	if got := need(h.Register.Deployment(ctx, h.CDO, d.Ref))(t); got.Stage != models.StageFormative {
		t.Errorf("an emergency notice took it to %s", got.Stage)
	}
	draft := need(h.DraftNotice(ctx, h.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
	_, err := h.ServeNotice(ctx, h.CDO, draft.ID, 1)
	code(t, err, "gate_blocked")
}

func TestWithholdingEnds(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d, _ := h.Noticed(t)
	q := need(h.Ask(ctx, h.Officer, d.Ref, "", "What does it cost?"))(t)
	code(t, second(h.Withhold(ctx, h.CDO, q.No, 1, "No", models.MustDate("9999-12-31"), "")), "out_of_range")
	must(t, second(h.Withhold(ctx, h.CDO, q.No, 1, "Commerce", models.MustDate("2027-01-01"), "")))
	must(t, second(h.Challenge(ctx, h.Officer, q.No, 2, "It is not commercial")))
	h.Clock.SetTo("2026-09-23 10:00") // ten working days after the challenge: 21 September
	if v := need(h.Request(ctx, h.CDO, q.No))(t); !v.Overdue {
		t.Error("a challenge without an answer changes nothing")
	}
}

func TestWithheldFieldsDoNotLeak(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d, n := h.Noticed(t)
	must(t, revise(t, h, d.Ref, func(r *models.Record) {
		r.Withheld = []models.Withheld{{Field: "suppliers", Audience: "public", Ground: "Commerce", Until: models.MustDate("2026-12-01"), DecidedBy: "Director"}}
	}, register.Judgement{}))
	public := models.Actor{OrgID: h.Org.ID}
	if v := need(h.Register.Deployment(ctx, public, d.Ref))(t); len(v.Record.Suppliers) != 0 || len(v.Record.Withheld) != 1 {
		t.Error("the record shows it")
	}
	if v := need(h.Version(ctx, public, d.Ref, 3))(t); len(v.Record.Suppliers) != 0 {
		t.Error("an old version shows it")
	}
	if _, err := h.Version(ctx, public, d.Ref, 1); models.KindOf(err) != models.NotFound {
		t.Errorf("a save from when it was an idea is the employer's own: %v", err)
	}
	for _, c := range need(h.Diff(ctx, public, d.Ref, 3, 4))(t) {
		if strings.HasPrefix(c.Path, "suppliers") {
			t.Error("a diff shows it")
		}
	}
	v := need(h.Notice(ctx, public, n.No))(t)
	for _, it := range v.Body.Items {
		if it.No == 13 && strings.Contains(it.Text.En, "Nodiadau") || v.Content != "" {
			t.Error("the notice shows it")
		}
	}
	if _, _, _, err := h.Deployments(ctx, public, store.Filter{Supplier: "Nodiadau Ltd"}, register.Page{Limit: 10}); err == nil {
		t.Error("a filter tells it")
	}
	rows, _, _, err := h.Deployments(ctx, public, store.Filter{Text: "Nodiadau"}, register.Page{Limit: 10})
	must(t, err)
	if len(rows) != 0 {
		t.Error("the search tells it")
	}
	if v := need(h.Register.Deployment(ctx, h.Officer, d.Ref))(t); len(v.Record.Suppliers) != 1 {
		t.Error("it is kept from the public, not from the unions")
	}
}

// TestAWithheldFieldIsNotGuessed: who may not read a field does not find the
// deployment by it either, nor counted by it, nor in its place by it.
func TestAWithheldFieldIsNotGuessed(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		d, _ := h.Noticed(t)
		rec := need(h.Register.Deployment(ctx, h.CDO, d.Ref))(t).Record
		filters := map[string]store.Filter{
			"useFamily": {UseFamily: rec.UseFamily},
			"aiClass":   {AIClass: rec.AIClass},
			"riskLevel": {Risk: rec.RiskLevel},
			"groups":    {UnionID: h.Unison.ID},
			"dates":     {Sort: store.SortReview},
		}
		found := func(a models.Actor, f store.Filter) bool {
			rows, _, _, err := h.Deployments(ctx, a, f, register.Page{Limit: 10})
			must(t, err)
			return len(rows) == 1
		}
		public := models.Actor{OrgID: h.Org.ID}
		counted := func() (n int) {
			figures, err := h.Facets(ctx, public, store.Filter{})
			must(t, err)
			for _, f := range figures.By {
				if f.Column == "use_family" {
					n += f.Count
				}
			}
			return n
		}
		for field, f := range filters {
			if !found(public, f) {
				t.Errorf("%s is kept from nobody, and the public does not find by it", field)
			}
		}
		if counted() != 1 {
			t.Error("it is not counted by its use")
		}
		must(t, revise(t, h, d.Ref, func(r *models.Record) {
			for field := range filters {
				r.Withheld = append(r.Withheld, models.Withheld{Field: field, Audience: "public", Ground: "Security", Until: models.MustDate("2026-12-01"), DecidedBy: "Director"})
			}
		}, register.Judgement{}))
		for field, f := range filters {
			if found(public, f) {
				t.Errorf("the public finds by %s, which is withheld", field)
			}
			if !found(h.CDO, f) {
				t.Errorf("the employer does not find by %s", field)
			}
		}
		// A service reads every row of the register, and of each what the public does.
		service := models.Actor{UserID: h.Auditor.UserID, OrgID: h.Org.ID, Grants: []models.Grant{{Role: models.RoleService}}}
		for field, f := range filters {
			if found(service, f) {
				t.Errorf("a service finds by %s, which is withheld", field)
			}
		}
		if rows, _, _, err := h.Deployments(ctx, service, store.Filter{}, register.Page{Limit: 10}); err != nil || len(rows) != 1 || rows[0].RiskLevel != "" || rows[0].UseFamily != "" {
			t.Errorf("a list tells a service what is withheld: %+v, %v", rows, err)
		}
		must(t, s.Raw(ctx, "UPDATE deployments SET stage = 'live', review_due = '2026-09-01'"))
		due := func(a models.Actor) (due models.Date) {
			items, err := h.Missing(ctx, a)
			must(t, err)
			for _, it := range items {
				if it.Code == "review_overdue" {
					return it.Due
				}
			}
			t.Error("an overdue review is not listed")
			return 0
		}
		if due(public) != 0 || due(h.Scrutiny) != models.MustDate("2026-09-01") || due(h.CDO) != models.MustDate("2026-09-01") {
			t.Errorf("an overdue review: %v to the public, %v to councillors", due(public), due(h.Scrutiny))
		}
		if !found(public, store.Filter{}) || counted() != 0 {
			t.Error("it is gone from the list, or still counted by its use")
		}
		for field, f := range filters {
			if !found(h.Scrutiny, f) || !found(h.Officer, f) {
				t.Errorf("who may read %s does not find by it", field)
			}
		}
		h.Clock.SetTo("2026-12-02 09:00")
		for field, f := range filters {
			if !found(public, f) {
				t.Errorf("the public does not find by %s after the day it was withheld to", field)
			}
		}
		if counted() != 1 {
			t.Error("it is not counted by its use any more")
		}
	})
}

// TestWithheldCostsAreWithheld: amounts, what bears them out, and the days that
// say what is overdue.
func TestWithheldCostsAreWithheld(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d, _ := h.Noticed(t)
	file := need(h.Attach(ctx, h.CDO, "invoice.txt", []byte("Nodiadau Ltd, 1,000 pounds")))(t)
	must(t, second(h.EnterCost(ctx, h.CDO, d.Ref, register.NewCost{Year: 2026, Kind: "one_off", Pence: 100_000, Attachment: file.ID})))
	reads := func(a models.Actor) bool {
		_, sheet := h.Costs(ctx, a, d.Ref)
		_, _, opened := h.Attachment(ctx, a, file.ID)
		if (sheet == nil) != (opened == nil) {
			t.Errorf("the amounts %v, the file %v", sheet, opened)
		}
		return sheet == nil
	}
	for audience, want := range map[string]struct{ officer, councillor bool }{"public": {true, true}, "scrutiny": {true, false}, "unions": {false, false}} {
		must(t, revise(t, h, d.Ref, func(r *models.Record) {
			r.Withheld = []models.Withheld{{Field: "costs", Audience: audience, Ground: "Commerce", Until: models.MustDate("2026-12-01"), DecidedBy: "Director"}}
		}, register.Judgement{}))
		var pack bytes.Buffer
		must(t, h.WriteReport(ctx, h.Scrutiny, register.ReportScrutiny, 2026, "html", models.English, &pack))
		if told := strings.Contains(pack.String(), "£1,000"); told != want.councillor || strings.Contains(pack.String(), "left out: "+d.Ref) == told {
			t.Errorf("withheld from %s: the pack tells the amounts: %v", audience, told)
		}
		if reads(h.Officer) != want.officer || reads(h.Scrutiny) != want.councillor || !reads(h.CDO) {
			t.Errorf("withheld from %s: officer %v, councillor %v, employer %v", audience, reads(h.Officer), reads(h.Scrutiny), reads(h.CDO))
		}
	}
	for _, field := range []string{"name", "serviceArea", "withheld"} {
		if err := revise(t, h, d.Ref, func(r *models.Record) {
			r.Withheld = []models.Withheld{{Field: field, Audience: "public", Ground: "x", Until: models.MustDate("2026-12-01"), DecidedBy: "Director"}}
		}, register.Judgement{}); models.KindOf(err) != models.Invalid {
			t.Errorf("%s is withheld: %v", field, err)
		}
	}
}

// TestNothingIsDecidedOverAComment races a decision against comments: none
// may stand unanswered in the log before the decision.
func TestNothingIsDecidedOverAComment(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		for range 8 {
			h.Clock.SetTo("2026-09-07 09:00")
			d, _ := h.Noticed(t)
			for _, u := range []models.Union{h.Unison, h.GMB} {
				must(t, second(h.RecordOutcome(ctx, h.CDO, d.Ref, 0, u.ID, "compromise", "", 0)))
			}
			h.Clock.SetTo("2026-10-12 09:00")
			var wg sync.WaitGroup
			var decided, said error
			wg.Go(func() { decided = second(h.Move(ctx, h.Approver, d.Ref, d.Version, models.StageDecided, "Agreed")) })
			wg.Go(func() { said = second(h.MakeComment(ctx, h.Officer, d.Ref, commentInput("Wait."))) })
			wg.Wait()
			must(t, said)
			order := map[string]int{}
			events, _, err := h.Timeline(ctx, h.CDO, d.Ref, 0, 100)
			must(t, err)
			for i, e := range events {
				order[e.Verb] = i
			}
			if decided == nil && order["comment.make"] < order["deployment.decide"] {
				t.Error("decided with a comment unanswered")
			}
		}
	})
}

func TestSignInSaysWhichOrganisation(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	_, _, err := h.Register.Found(ctx, register.Founding{
		Slug: "other", Name: models.Text{En: "Other"}, Nation: models.Scotland, Zone: "Europe/London", Profile: "england-local-government",
		AdminEmail: "admin@tywi.example", AdminName: "Ada Admin", AdminPassword: registertest.Password,
	})
	must(t, err)
	_, err = h.SignIn(ctx, models.Origin{}, register.Credentials{Email: "admin@tywi.example", Password: registertest.Password})
	code(t, err, "organisation_required")
	a := need(h.SignIn(ctx, models.Origin{}, register.Credentials{Email: "admin@tywi.example", Password: registertest.Password, Organisation: "tywi"}))(t)
	if a.OrgID != h.Org.ID || a.UserID != h.Admin.UserID || a.SecondFactor {
		t.Errorf("signed in as %+v", a)
	}
	for _, wrong := range []string{"nobody@tywi.example", "cdo@tywi.example"} {
		_, err = h.SignIn(ctx, models.Origin{}, register.Credentials{Email: wrong, Password: "not the password"})
		code(t, err, "bad_credentials")
	}
}

func TestOnlyTheNewestOfAChainIsCorrected(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d := h.Formative(t)
	first := need(h.DraftNotice(ctx, h.CDO, d.Ref, registertest.Draft(models.NoticeFormative)))(t)
	f := need(h.ServeNotice(ctx, h.CDO, first.ID, 1))(t)
	draft := need(h.DraftNotice(ctx, h.CDO, d.Ref, registertest.Draft(models.NoticeChange)))(t)
	c := need(h.ServeNotice(ctx, h.CDO, draft.ID, 1))(t)
	in := registertest.Draft(models.NoticeSupplementary)
	in.Supersedes, in.Correction = f.No, models.Text{En: "x", Cy: "x"}
	_, err := h.DraftNotice(ctx, h.CDO, d.Ref, in)
	code(t, err, "not_newest")
	in.Supersedes = c.No
	s1 := need(h.DraftNotice(ctx, h.CDO, d.Ref, in))(t)
	n := need(h.ServeNotice(ctx, h.CDO, s1.ID, 1))(t)
	_, err = h.DraftNotice(ctx, h.CDO, d.Ref, in)
	code(t, err, "not_newest")
	in.Supersedes = n.No
	s2 := need(h.DraftNotice(ctx, h.CDO, d.Ref, in))(t)
	if check := need(h.CheckNotice(ctx, h.CDO, s2.ID))(t); check.Earliest[models.BeforePilot] == 0 {
		t.Error("a supplement to a supplement has lost its dates")
	}
}

func TestAFalseConsensusOpensNothing(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d, _ := h.Noticed(t)
	for _, u := range []models.Union{h.Unison, h.GMB} {
		must(t, second(h.RecordOutcome(ctx, h.CDO, d.Ref, 0, u.ID, "consensus", "", 0)))
	}
	in := commentInput("We do not agree.")
	in.Kind = "failure_to_agree"
	c := need(h.MakeComment(ctx, h.Officer, d.Ref, in))(t)
	must(t, second(h.Dispose(ctx, h.CDO, c.ID, "rejected", "We differ on this", nil)))
	must(t, second(h.StateOutcome(ctx, h.Officer, d.Ref, 1, h.Unison.ID, "There was no consensus")))
	h.Clock.SetTo("2026-11-02 09:00")
	g := need(h.Gate(ctx, h.CDO, d.Ref, models.StageDecided, 0))(t)
	if g.Open || !g.Has("outcome_missing") {
		t.Errorf("open %v: %v", g.Open, g.Blockers)
	}
}

func TestAnOverrideOfAnIdeaIsRefused(t *testing.T) {
	t.Parallel()
	h := house(t)
	d := h.Deploy(t)
	_, err := h.RequestOverride(t.Context(), h.CDO, d.Ref, models.StageLive, "Emergency", models.MustDate("2026-09-30"))
	code(t, err, "stage_order")
}

func TestALateCommentIsLateAtEveryStage(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d, _ := h.Noticed(t)
	for _, u := range []models.Union{h.Unison, h.GMB} {
		must(t, second(h.RecordOutcome(ctx, h.CDO, d.Ref, 0, u.ID, "compromise", "", 0)))
	}
	h.Clock.SetTo("2026-10-12 09:00")
	d = need(h.Move(ctx, h.Approver, d.Ref, d.Version, models.StageDecided, "Agreed"))(t)
	must(t, second(h.Move(ctx, h.CDO, d.Ref, d.Version, models.StagePilot, "")))
	c := need(h.MakeComment(ctx, h.Officer, d.Ref, commentInput("It does not work.")))(t)
	if !c.Late {
		t.Error("a comment in the pilot, after the window, is not marked late")
	}
}

func TestAWithheldGuardrailIsNotReadOffTheGate(t *testing.T) {
	t.Parallel()
	h := house(t)
	ctx := t.Context()
	d, _ := h.Noticed(t)
	must(t, revise(t, h, d.Ref, func(r *models.Record) {
		r.Withheld = []models.Withheld{{Field: "evidence", Audience: "public", Ground: "Commerce", Until: models.MustDate("2026-12-01"), DecidedBy: "Director"}}
	}, register.Judgement{}))
	g := need(h.Gate(ctx, models.Actor{OrgID: h.Org.ID}, d.Ref, models.StageLive, 0))(t)
	for _, b := range g.Blockers {
		if guardrail, ok := b.Params["guardrail"].(models.Text); ok {
			t.Errorf("%s tells %v", b.Code, guardrail)
		}
	}
	if !g.Has("guardrail_unreported") {
		t.Error("that it blocks is not withheld")
	}
}
