package register_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

func TestAClaimFromItsSentenceToItsAnswer(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		d, _ := h.Noticed(t)

		v, err := h.MakeClaim(ctx, h.Manager, d.Ref, registertest.Plan())
		ok(t, err)
		if _, err := h.Register.Claim(ctx, h.Officer, v.Ref); models.KindOf(err) != models.NotFound {
			t.Errorf("a union reads a claim whose plan is not locked: %v", err)
		}
		if _, err := h.UploadDataset(ctx, h.Manager, v.Ref, "x.csv", strings.NewReader(registertest.Rows(12, 11, 20))); models.CodeOf(err) != "plan_not_locked" {
			t.Errorf("rows before the plan: %v", err)
		}
		v, err = h.LockClaim(ctx, h.Manager, v.Ref, v.Version, "")
		ok(t, err)
		seen, err := h.Register.Claim(ctx, h.Officer, v.Ref)
		ok(t, err)
		if seen.Status != models.ClaimUnverified || seen.Grade != models.GradeE0 || seen.Plan.Metric != "case_note_minutes" {
			t.Errorf("the union reads %s %s %q", seen.Status, seen.Grade, seen.Plan.Metric)
		}
		set, err := h.UploadDataset(ctx, h.Manager, v.Ref, `C:\secret\notes.csv`, strings.NewReader(registertest.Rows(12, 11, 20)))
		ok(t, err)
		if set.Rows != 144 || set.Workers != 24 || set.FileName != "notes.csv" || len(set.SHA256) != 64 {
			t.Errorf("read %+v", set.Dataset)
		}
		run, err := h.Analyse(ctx, h.Manager, v.Ref)
		ok(t, err)
		if run.State != models.RunDone || *run.ResultNo != 1 {
			t.Fatalf("ended %s %s", run.State, run.Refusal)
		}
		// Before it is shared the unions know that there is a result, and not what it says.
		seen, err = h.Register.Claim(ctx, h.Officer, v.Ref)
		ok(t, err)
		if seen.Result != nil || seen.Unshared != 1 || seen.Status != models.ClaimUnverified || len(seen.Results) != 0 {
			t.Errorf("unshared, and the union reads %+v", seen)
		}
		if _, err := h.ResultFile(ctx, h.Officer, v.Ref, 1); models.KindOf(err) != models.NotFound {
			t.Errorf("an unshared result file: %v", err)
		}
		v, err = h.Register.Claim(ctx, h.Manager, v.Ref)
		ok(t, err)
		if v.Result.Grade.Grade != models.GradeE3 {
			t.Errorf("grade %+v", v.Result.Grade)
		}
		v, err = h.ShareClaim(ctx, h.Manager, v.Ref, v.Version)
		ok(t, err)
		seen, err = h.Register.Claim(ctx, h.Officer, v.Ref)
		ok(t, err)
		if seen.Result == nil || seen.ResultNo != 1 || seen.Datasets[0].FileName != "" {
			t.Errorf("shared, and the union reads %+v", seen)
		}
		if public, err := h.Register.Claim(ctx, models.Actor{OrgID: h.Org.ID}, v.Ref); err != nil || public.Result == nil || public.Parties {
			t.Errorf("the public: %v", err)
		}

		x, err := h.MakeChallenge(ctx, h.Officer, v.Ref, register.ChallengeInput{Ground: "exclusion", Body: "Two teams were left out.", Question: &models.Question{Estimator: "median"}})
		ok(t, err)
		ok(t, h.WorkRuns(ctx, h.Org.ID))
		seen, err = h.Register.Claim(ctx, h.Officer, v.Ref)
		ok(t, err)
		if seen.Status != models.ClaimDisputed || len(seen.Challenges[0].Results) != 1 {
			t.Errorf("after a challenge: %s, results %v", seen.Status, seen.Challenges[0].Results)
		}
		if err := h.AnswerChallenge(ctx, h.Manager, x.No, "not_upheld", "They were not."); models.CodeOf(err) != "own_claim" {
			t.Errorf("whoever claimed answers: %v", err)
		}
		ok(t, h.AnswerChallenge(ctx, h.CDO, x.No, "upheld_in_part", "A second look counts them."))
		if err := h.CloseChallenge(ctx, h.OtherOfficer, x.No); models.KindOf(err) != models.Forbidden {
			t.Errorf("another union closes it: %v", err)
		}
		ok(t, h.CloseChallenge(ctx, h.Officer, x.No))
		v, err = h.Register.Claim(ctx, h.Manager, v.Ref)
		ok(t, err)
		if v.Status != models.ClaimStatus(v.Result.Verdict.Verdict) || v.Challenges[0].Finding != "upheld_in_part" {
			t.Errorf("closed, and %s", v.Status)
		}
	})
}

func asError(t *testing.T, err error) *models.Error {
	t.Helper()
	e, is := errors.AsType[*models.Error](err)
	if !is {
		t.Fatalf("%v is no error of ours", err)
	}
	return e
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRowsThatTellWhoSomebodyIsAreRefusedWhole(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	d, _ := h.Noticed(t)
	v := h.Locked(t, d.Ref)
	rows := strings.Replace(registertest.Rows(12, 11, 20), "w003,T1", "w003,ceri.jones@tywi.gov.uk", 1)
	_, err := h.UploadDataset(t.Context(), h.Manager, v.Ref, "x.csv", strings.NewReader(rows))
	e := asError(t, err)
	if e.Code != "dataset_refused" || len(e.Fields) == 0 || e.Fields[0].Code != "dataset.email" || e.Fields[0].Path != "rows[14].team" {
		t.Fatalf("%+v", e)
	}
	if strings.Contains(err.Error(), "ceri") {
		t.Errorf("the refusal repeats who it is: %v", err)
	}
	if seen, err := h.Register.Claim(t.Context(), h.Manager, v.Ref); err != nil || len(seen.Datasets) != 0 {
		t.Errorf("something was kept: %+v, %v", seen.Datasets, err)
	}
	future := strings.Replace(registertest.Rows(12, 11, 20), "2026-06-23", "2026-06-27", 1)
	h.Clock.Set(time.Date(2026, 6, 24, 9, 0, 0, 0, time.UTC))
	if _, err := h.UploadDataset(t.Context(), h.Manager, v.Ref, "x.csv", strings.NewReader(future)); models.CodeOf(err) != "dataset_future" {
		t.Errorf("rows of a day to come: %v", err)
	}
}

func TestABreachedGuardrailIsNotUndoneByWithdrawingTheClaim(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	ctx := t.Context()
	d, _ := h.Noticed(t)
	v := h.Shared(t, d.Ref, 11, 27)
	breached := func() bool {
		g, err := h.Gate(ctx, h.CDO, d.Ref, models.StageLive, 0)
		ok(t, err)
		return g.Has("guardrail_failed")
	}
	if !breached() {
		t.Fatal("a caseload of 27 did not block")
	}
	// A plan with a laxer limit does not clear it either.
	p := registertest.Plan()
	p.Guardrails[1].Margin = 30
	v, err := h.ReviseClaim(ctx, h.Manager, v.Ref, v.Version, p)
	ok(t, err)
	v, err = h.LockClaim(ctx, h.Manager, v.Ref, v.Version, "The limit was too low")
	ok(t, err)
	if !v.Plans[1].AfterLook {
		t.Error("a plan locked after the rows does not say so")
	}
	_, err = h.UploadDataset(ctx, h.Manager, v.Ref, "x.csv", strings.NewReader(registertest.Rows(12, 11, 27)))
	ok(t, err)
	_, err = h.Analyse(ctx, h.Manager, v.Ref)
	ok(t, err)
	if !breached() {
		t.Error("a laxer limit cleared the breach")
	}
	v, err = h.Register.Claim(ctx, h.Manager, v.Ref)
	ok(t, err)
	_, err = h.WithdrawClaim(ctx, h.Manager, v.Ref, v.Version, "We would rather not")
	ok(t, err)
	if !breached() {
		t.Error("withdrawing the claim cleared the breach")
	}
	// Nor does a claim made since over the same days.
	h.Clock.Set(h.Clock.Now().Add(time.Hour))
	h.Analysed(t, d.Ref, 11, 22)
	if !breached() {
		t.Error("other rows of the same days cleared the breach")
	}
	// One over days that came after it, on the same terms and held, does.
	h.Clock.Set(h.Clock.Now().Add(120 * 24 * time.Hour))
	later := registertest.Plan()
	later.Observation = models.Window{From: models.MustDate("2026-10-05"), To: models.MustDate("2026-11-28")}
	rows := registertest.Rows(12, 11, 22)
	for was, is := range map[string]string{"2026-05-12": "2026-10-12", "2026-06-09": "2026-11-09", "2026-06-23": "2026-11-23"} {
		rows = strings.ReplaceAll(rows, was, is)
	}
	v, err = h.MakeClaim(ctx, h.Manager, d.Ref, later)
	ok(t, err)
	v, err = h.LockClaim(ctx, h.Manager, v.Ref, v.Version, "")
	ok(t, err)
	_, err = h.UploadDataset(ctx, h.Manager, v.Ref, "later.csv", strings.NewReader(rows))
	ok(t, err)
	_, err = h.Analyse(ctx, h.Manager, v.Ref)
	ok(t, err)
	if !breached() {
		t.Error("a result that nobody was shown cleared the breach")
	}
	v, err = h.Register.Claim(ctx, h.Manager, v.Ref)
	ok(t, err)
	_, err = h.ShareClaim(ctx, h.Manager, v.Ref, v.Version)
	ok(t, err)
	if breached() {
		t.Error("the guardrail was found held since, and still blocks")
	}
}

// TestWhatWorkersDoAtOnceIsDoneOnce: a job that was taken over may be under way
// twice.
func TestWhatWorkersDoAtOnceIsDoneOnce(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		d, _ := h.Noticed(t)
		h.Shared(t, d.Ref, 11, 20)
		h.Clock.Set(time.Date(2027, 6, 30, 1, 0, 0, 0, time.UTC))
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				if err := errors.Join(h.AskReinvestments(ctx), h.PurgeDue(ctx), h.SignDaily(ctx)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		// Of six months and of three somebody is asked by then.
		for verb, want := range map[string]int{"dataset.purge": 1, "reinvestment.ask": 2, "checkpoint.daily": 1} {
			if n := entriesOf(t, h, verb); n != want {
				t.Errorf("%s: %d entries, want %d", verb, n, want)
			}
		}
	})
}

func TestRowsArePurgedOnTheDayAndTheirHashStays(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		ctx := t.Context()
		d, _ := h.Noticed(t)
		v := h.Shared(t, d.Ref, 11, 20)
		ok(t, h.PurgeDue(ctx))
		if now, err := h.Register.Claim(ctx, h.Manager, v.Ref); err != nil || now.Datasets[0].PurgedAt != nil {
			t.Fatalf("purged early: %v", err)
		}
		h.Clock.Set(time.Date(2027, 6, 30, 1, 0, 0, 0, time.UTC))
		ok(t, h.PurgeDue(ctx))
		now, err := h.Register.Claim(ctx, h.Manager, v.Ref)
		ok(t, err)
		if now.Datasets[0].PurgedAt == nil || now.Datasets[0].Secret != nil || now.Datasets[0].SHA256 != v.Datasets[0].SHA256 {
			t.Errorf("after the day: %+v", now.Datasets[0])
		}
		if now.Result == nil || slices.Contains(now.Can, "claim.analyse") {
			t.Error("the result went with the rows, or they could be analysed still")
		}
		if _, err := h.StartRun(ctx, h.Manager, v.Ref); models.CodeOf(err) != "no_rows" {
			t.Errorf("an analysis without rows: %v", err)
		}
	})
}

func TestReinvestmentIsAskedAtThreeSixAndTwelveMonths(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	ctx := t.Context()
	d, _ := h.Noticed(t)
	v := h.Shared(t, d.Ref, 11, 20)
	shares := map[string]int{"direct_work": 60, "caseload": 30, "unknown": 10}
	if _, err := h.Reinvest(ctx, h.Manager, v.Ref, 3, shares, ""); models.CodeOf(err) != "reinvestment_early" {
		t.Errorf("three months at once: %v", err)
	}
	_, err := h.Reinvest(ctx, h.Manager, v.Ref, 0, shares, "As planned")
	ok(t, err)
	if _, err := h.Reinvest(ctx, h.Manager, v.Ref, 0, map[string]int{"direct_work": 99}, ""); asError(t, err).Fields[0].Code != "shares_sum" {
		t.Errorf("99 per cent: %v", err)
	}
	h.Clock.Set(h.Clock.Now().Add(100 * 24 * time.Hour))
	ok(t, h.AskReinvestments(ctx))
	missing, err := h.Missing(ctx, h.Officer)
	ok(t, err)
	if len(missing) != 1 || missing[0].Code != "reinvestment_overdue" || missing[0].Month != 3 {
		t.Fatalf("missing: %+v", missing)
	}
	v, err = h.Reinvest(ctx, h.Manager, v.Ref, 3, shares, "")
	ok(t, err)
	if v.Reinvestments[1].AskedAt == nil || register.SharesOf(v.Reinvestments[1])["caseload"] != 30 {
		t.Errorf("answered: %+v", v.Reinvestments)
	}
	if _, err := h.Reinvest(ctx, h.Manager, v.Ref, 3, shares, ""); models.CodeOf(err) != "reinvestment_answered" {
		t.Errorf("said again: %v", err)
	}
}

func TestARunCanBeCancelledAndLeavesNoResult(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	ctx := t.Context()
	d, _ := h.Noticed(t)
	v := h.Locked(t, d.Ref)
	_, err := h.UploadDataset(ctx, h.Manager, v.Ref, "x.csv", strings.NewReader(registertest.Rows(12, 11, 20)))
	ok(t, err)
	run, err := h.StartRun(ctx, h.Manager, v.Ref)
	ok(t, err)
	if _, err := h.StartRun(ctx, h.Manager, v.Ref); models.CodeOf(err) != "run_under_way" {
		t.Errorf("two at once: %v", err)
	}
	if _, err := h.CancelRun(ctx, h.Officer, run.ID); models.KindOf(err) != models.Forbidden && models.KindOf(err) != models.NotFound {
		t.Errorf("a union stops the employer's run: %v", err)
	}
	_, err = h.CancelRun(ctx, h.Manager, run.ID)
	ok(t, err)
	ok(t, h.WorkRuns(ctx, h.Org.ID))
	v, err = h.Register.Claim(ctx, h.Manager, v.Ref)
	ok(t, err)
	if len(v.Results) != 0 || v.Run.State != models.RunCancelled {
		t.Errorf("cancelled, and %d results, %s", len(v.Results), v.Run.State)
	}
	if _, err := h.CancelRun(ctx, h.Manager, run.ID); models.CodeOf(err) != "run_ended" {
		t.Errorf("cancelled again: %v", err)
	}
}

func TestTooFewPeopleGiveNoFigure(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	d, _ := h.Noticed(t)
	v := h.Locked(t, d.Ref)
	_, err := h.UploadDataset(t.Context(), h.Manager, v.Ref, "x.csv", strings.NewReader(registertest.Rows(9, 11, 20)))
	ok(t, err)
	run, err := h.Analyse(t.Context(), h.Manager, v.Ref)
	ok(t, err)
	why, refused := register.RefusalOf(run)
	if !refused || run.State != models.RunRefused || !strings.Contains(register.Both(why).En, "fewer people") || strings.Contains(register.Both(why).Cy, "⟦") {
		t.Errorf("9 a side: %s %+v", run.State, register.Both(why))
	}
}

// The register and the command line print the same bytes of the same plan, rows
// and seed.
func TestTheRegisterAndTheCommandLinePrintTheSameBytes(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		d, _ := h.Noticed(t)
		v := h.Analysed(t, d.Ref, 11, 20)
		kept, err := h.ResultFile(t.Context(), h.Manager, v.Ref, 1)
		ok(t, err)
		plan, err := h.LockedPlanFile(t.Context(), h.Manager, v.Ref, 1)
		ok(t, err)
		printed, _, err := register.AnalyseFile(t.Context(), register.Standalone{
			Plan: []byte(plan.Body), Rows: strings.NewReader(registertest.Rows(12, 11, 20)), Least: 10,
		}, nil)
		ok(t, err)
		if kept.Body != string(printed) {
			t.Errorf("the register keeps\n%s\nand the command line prints\n%s", kept.Body, printed)
		}
	})
}

// A result that nobody was shown is not buried by withdrawing the claim, by
// making it anew, or by saying that it was only the supplier's.
func TestABadResultIsNotBuried(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	ctx := t.Context()
	d, _ := h.Noticed(t)
	v := h.Analysed(t, d.Ref, -11, 20)
	if v.Result.Verdict.Verdict != models.VerdictContradicted {
		t.Fatalf("the fixture came out %s", v.Result.Verdict.Verdict)
	}
	p := registertest.Plan()
	p.Design, p.Vendor = models.DesignVendor, &models.VendorFigure{Says: models.Text{En: "Half the time"}, Source: "A brochure"}
	revised, err := h.ReviseClaim(ctx, h.Manager, v.Ref, v.Version, p)
	ok(t, err)
	if _, err := h.LockClaim(ctx, h.Manager, v.Ref, revised.Version, "It was theirs"); models.CodeOf(err) != "vendor_only" {
		t.Errorf("a claim put to the test became the supplier's: %v", err)
	}
	_, err = h.WithdrawClaim(ctx, h.Manager, v.Ref, revised.Version, "We would rather not")
	ok(t, err)
	seen, err := h.Register.Claim(ctx, h.Officer, v.Ref)
	ok(t, err)
	if seen.Result == nil || seen.Result.Verdict.Verdict != models.VerdictContradicted || seen.Unshared != 0 {
		t.Error("the union never reads what was withdrawn")
	}
	again := h.Shared(t, d.Ref, 11, 20)
	if !again.Plans[0].AfterLook || !slices.ContainsFunc(again.Result.Limitations, func(l models.Reason) bool { return l.Code == "limit.locked_late" }) {
		t.Error("a claim made anew says nothing of the rows that were there")
	}
}

func TestRowsThatReplaceOthersSaySo(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	ctx := t.Context()
	d, _ := h.Noticed(t)
	v := h.Analysed(t, d.Ref, 3, 20)
	_, err := h.UploadDataset(ctx, h.Manager, v.Ref, "better.csv", strings.NewReader(registertest.Rows(13, 14, 20)))
	ok(t, err)
	_, err = h.Analyse(ctx, h.Manager, v.Ref)
	ok(t, err)
	v, err = h.Register.Claim(ctx, h.Manager, v.Ref)
	ok(t, err)
	if !slices.ContainsFunc(v.Result.Limitations, func(l models.Reason) bool { return l.Code == "limit.rows_replaced" }) {
		t.Errorf("limitations: %+v", v.Result.Limitations)
	}
}

// Until a result is shared, nobody but the employer learns what was found: not by
// a question, nor from the timeline or the gate.
func TestWhatIsNotSharedIsNotRead(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	ctx := t.Context()
	d, _ := h.Noticed(t)
	h.Locked(t, d.Ref)
	_, err := h.MakeClaim(ctx, h.Manager, d.Ref, registertest.Plan())
	ok(t, err)
	v := h.Analysed(t, d.Ref, 11, 27)
	if _, err := h.MakeChallenge(ctx, h.Officer, v.Ref, register.ChallengeInput{Ground: "sample", Body: "x", Question: &models.Question{}}); models.CodeOf(err) != "question_early" {
		t.Errorf("an empty question: %v", err)
	}
	public := models.Actor{OrgID: h.Org.ID}
	for who, a := range map[string]models.Actor{"the public": public, "a union": h.Officer} {
		events, _, err := h.Timeline(ctx, a, d.Ref, 0, 200)
		ok(t, err)
		for _, e := range events {
			if e.Verb == "claim.result" || e.Verb == "claim.make" || e.Verb == "dataset.upload" || who == "the public" && strings.HasPrefix(e.Verb, "claim.") {
				t.Errorf("%s reads %s in the timeline", who, e.Verb)
			}
		}
		g, err := h.Gate(ctx, a, d.Ref, models.StageLive, 0)
		ok(t, err)
		if !g.Has("guardrail_failed") {
			t.Errorf("%s is not told that something blocks", who)
		}
		for _, b := range g.Blockers {
			if sentence, told := b.Params["claim"].(models.Text); told && who == "the public" {
				t.Errorf("the public reads the claim %q", sentence.En)
			}
			if name, told := b.Params["guardrail"].(models.Text); told && b.Code == "guardrail_failed" {
				t.Errorf("%s reads that %q failed", who, name.En)
			}
		}
	}
	if g, err := h.Gate(ctx, h.CDO, d.Ref, models.StageLive, 0); err != nil || !slices.ContainsFunc(g.Blockers, func(b models.Blocker) bool { n, _ := b.Params["guardrail"].(models.Text); return n.En == "Caseload" }) {
		t.Errorf("the employer does not read its own guardrail: %v", err)
	}
	v, err = h.ShareClaim(ctx, h.Manager, v.Ref, v.Version)
	ok(t, err)
	_, err = h.MakeChallenge(ctx, h.Officer, v.Ref, register.ChallengeInput{Ground: "sample", Body: "x", Question: &models.Question{Estimator: "median"}})
	ok(t, err)
	if _, err := h.MakeChallenge(ctx, h.Officer, v.Ref, register.ChallengeInput{Ground: "sample", Body: "x", Question: &models.Question{}}); models.CodeOf(err) != "question_under_way" {
		t.Errorf("two questions at once: %v", err)
	}
	ok(t, h.WorkRuns(ctx, h.Org.ID))
	if seen, err := h.Register.Claim(ctx, public, v.Ref); err != nil || len(seen.Challenges[0].Results) != 1 || seen.PlanJSON != "" {
		t.Errorf("what the union's question found is not public with the rest: %v", err)
	}
}

// A union asks about what it has read, whatever has been sent since; what is
// withdrawn while it is worked out is no result.
func TestAQuestionIsAboutWhatWasShared(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	ctx := t.Context()
	d, _ := h.Noticed(t)
	v := h.Shared(t, d.Ref, 11, 20)
	_, err := h.UploadDataset(ctx, h.Manager, v.Ref, "other.csv", strings.NewReader(registertest.Rows(14, 2, 20)))
	ok(t, err)
	x, err := h.MakeChallenge(ctx, h.Officer, v.Ref, register.ChallengeInput{Ground: "sample", Body: "x", Question: &models.Question{Estimator: "trimmed_mean"}})
	ok(t, err)
	ok(t, h.WorkRuns(ctx, h.Org.ID))
	now, err := h.ClaimChallenge(ctx, h.Officer, x.No)
	ok(t, err)
	if len(now.Results) != 1 {
		t.Fatalf("no answer: %+v", now)
	}
	seen, err := h.Register.Claim(ctx, h.Officer, v.Ref)
	ok(t, err)
	if answer := seen.Results[len(seen.Results)-1]; answer.DatasetID != v.Results[0].DatasetID {
		t.Error("it was answered of rows that the union has read nothing of")
	}
	run, err := h.StartRun(ctx, h.Manager, v.Ref)
	ok(t, err)
	claim, err := h.Register.Claim(ctx, h.Manager, v.Ref)
	ok(t, err)
	_, err = h.WithdrawClaim(ctx, h.Manager, v.Ref, claim.Version, "Enough")
	ok(t, err)
	ok(t, h.WorkRuns(ctx, h.Org.ID))
	if run, err = h.Register.Run(ctx, h.Manager, run.ID); err != nil || run.State != models.RunCancelled || run.ResultNo != nil {
		t.Errorf("a result that nobody could share: %+v %v", run, err)
	}
}
