package main

import (
	"context"
	"fmt"
	"strings"

	"beforehand/internal/register"
	"beforehand/internal/report"
	"beforehand/models"
)

func t(en, cy string) models.Text { return models.Text{En: en, Cy: cy} }

// tell is the story of domain section 11: case-note drafting, which waits for
// its notice, and recruitment ranking, which did not.
func (s *story) tell(ctx context.Context) error {
	for _, chapter := range []func(context.Context) error{s.found, s.drafts, s.register003, s.moreDrafts, s.claim003, s.serve003, s.meet003, s.consult003, s.met003, s.answer003, s.decide003, s.together003, s.late007, s.pilot003, s.further007, s.year, s.results, s.doubt} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

// idea registers a small draft: six answers.
func (s *story) idea(ctx context.Context, when, area string, name, purpose models.Text, use models.UseFamily) error {
	s.on(when)
	_, err := s.RegisterDeployment(ctx, s.people["cdo"], register.Registration{Record: models.Record{
		Name: name, Purpose: purpose, ServiceAreaID: s.areas[area].ID, UseFamily: use, Owner: "Head of digital", DecisionStatus: "idea",
	}})
	return err
}

func (s *story) drafts(ctx context.Context) error {
	if err := s.idea(ctx, "2026-02-11 10:20", "customer", t("Answer questions about leisure services", "Ateb cwestiynau am wasanaethau hamdden"), t("Shorter waits on the telephone", "Llai o aros ar y ffôn"), "customer_facing"); err != nil {
		return err
	}
	return s.idea(ctx, "2026-04-22 15:05", "people", t("Translate meeting papers", "Cyfieithu papurau cyfarfodydd"), t("Papers in both languages on the same day", "Papurau yn y ddwy iaith ar yr un diwrnod"), "drafting")
}

func (s *story) moreDrafts(ctx context.Context) error {
	if err := s.idea(ctx, "2026-07-09 11:40", "customer", t("Summarise planning objections", "Crynhoi gwrthwynebiadau cynllunio"), t("Officers see every point raised", "Swyddogion yn gweld pob pwynt a godir"), "summarising"); err != nil {
		return err
	}
	if err := s.idea(ctx, "2026-07-30 09:15", "people", t("Find duplicate invoices", "Canfod anfonebau dyblyg"), t("Fewer payments made twice", "Llai o daliadau dwbl"), "decision_support"); err != nil {
		return err
	}
	return s.idea(ctx, "2026-08-18 14:00", "customer", t("Transcribe contact-centre calls", "Trawsgrifio galwadau’r ganolfan gyswllt"), t("Advisers write fewer notes", "Cynghorwyr yn ysgrifennu llai o nodiadau"), "summarising")
}

func (s *story) register003(ctx context.Context) error {
	s.on("2026-06-15 10:00")
	d, err := s.RegisterDeployment(ctx, s.people["cdo"], register.Registration{Record: s.caseNotes()})
	if err != nil {
		return err
	}
	s.on("2026-07-01 09:30")
	if _, err := s.Move(ctx, s.people["cdo"], d.Ref, d.Version, models.StageFormative, ""); err != nil {
		return err
	}
	_, err = s.GiveScores(ctx, s.people["cdo"], d.Ref, 0, register.EmployerParty, []models.Score{
		{Dimension: "LOAD", Direction: 1, Likelihood: 3, Reach: 46, Reversibility: 1, Duration: 3, Confidence: "medium", Evidence: "Two teams asked", Mitigation: "Caseload reviewed monthly"},
		{Dimension: "SKILL", Direction: 0, Likelihood: 2, Reach: 46, Reversibility: 2, Duration: 3, Confidence: "low"},
	})
	return err
}

// serve003 serves the notice on Monday 7 September 2026: 56 days before a
// pilot is 2 November.
func (s *story) serve003(ctx context.Context) error {
	cdo := s.people["cdo"]
	s.on("2026-09-04 15:10")
	d, err := s.DraftNotice(ctx, cdo, "DEP-2026-003", register.DraftInput{Kind: models.NoticeChange, Meetings: []models.Date{models.MustDate("2026-09-15"), models.MustDate("2026-09-29")}})
	if err != nil {
		return err
	}
	s.on("2026-09-07 10:00")
	n, err := s.ServeNotice(ctx, cdo, d.ID, d.Version)
	if err != nil {
		return err
	}
	s.on("2026-09-07 10:01")
	if err := s.DeliverAll(ctx, n); err != nil {
		return err
	}
	s.on("2026-09-08 10:12")
	if err := s.Acknowledge(ctx, s.people["unison"], n.No, ""); err != nil {
		return err
	}
	s.on("2026-09-09 14:47")
	return s.Acknowledge(ctx, s.people["gmb"], n.No, "")
}

// consult003 is what the unions said. UNISON's request of 14 September is due
// in 10 working days, on 28 September, and answered on the 30th.
func (s *story) consult003(ctx context.Context) error {
	const ref = "DEP-2026-003"
	s.on("2026-09-14 09:20")
	if _, err := s.Ask(ctx, s.people["unison"], ref, "", "How many cases does each social worker in the pilot teams carry now, and what would the council count as too many?"); err != nil {
		return err
	}
	for _, c := range []struct {
		when, who string
		in        register.CommentInput
	}{
		{"2026-09-16 11:05", "unison", register.CommentInput{Kind: "concern", Dimension: "LOAD", Body: "Time saved on notes must not come back as more cases. We ask for a limit that is watched from the first day."}},
		{"2026-09-17 16:50", "rep", register.CommentInput{Kind: "question", Dimension: "LIAB", Body: "Who answers for it if a draft leaves out a safeguarding concern and the worker signs it?"}},
		{"2026-09-21 10:30", "gmb", register.CommentInput{Kind: "suggestion", Dimension: "SKILL", Language: models.Welsh, Body: "Dylai gweithwyr newydd ysgrifennu eu nodiadau eu hunain am y tri mis cyntaf."}},
	} {
		s.on(c.when)
		if _, err := s.MakeComment(ctx, s.people[c.who], ref, c.in); err != nil {
			return err
		}
	}
	s.on("2026-09-24 09:00")
	_, err := s.GiveScores(ctx, s.people["unison"], ref, 0, s.unions["UNISON"].ID, []models.Score{
		{Dimension: "LOAD", Direction: -2, Likelihood: 3, Reach: 49, Reversibility: 3, Duration: 4, Confidence: "medium", Evidence: "Members' accounts from the last system"},
		{Dimension: "LIAB", Direction: -1, Likelihood: 2, Reach: 49, Reversibility: 3, Duration: 3, Confidence: "low"},
	})
	if err != nil {
		return err
	}
	s.on("2026-09-25 13:15")
	if _, err := s.MakeComment(ctx, s.people["unite"], ref, register.CommentInput{Kind: "formal_response", Body: "Unite does not agree to the pilot while the effect on agency social workers has not been assessed."}); err != nil {
		return err
	}
	s.on("2026-09-30 11:25")
	_, err = s.Answer(ctx, s.people["manager"], "IR-2026-001", 1, "Between 18 and 24 cases, 21 in the middle. The council counts more than 24 as too many.")
	return err
}

// answer003 answers every comment, with a reason; one of them changed the record.
func (s *story) answer003(ctx context.Context) error {
	const ref = "DEP-2026-003"
	s.on("2026-10-01 10:00")
	d, err := s.Deployment(ctx, s.people["cdo"], ref)
	if err != nil {
		return err
	}
	d, err = s.Revise(ctx, s.people["cdo"], ref, d.Version, func(r models.Record) (models.Record, error) {
		r.Evidence.Guardrails = append(r.Evidence.Guardrails, models.StatedGuardrail{Name: t("No worker carries more than 24 cases", "Dim gweithiwr yn cario mwy na 24 achos"), Margin: "24 cases", State: "not_reported"})
		return r, nil
	}, register.Judgement{})
	if err != nil {
		return err
	}
	comments, err := s.Comments(ctx, s.people["cdo"], ref)
	if err != nil {
		return err
	}
	answers := []struct {
		verdict, reason string
		changed         *int
	}{
		{"accepted", "A guardrail of 24 cases was added and is reported each month; the pilot stops if it is passed.", &d.Version},
		{"accepted_in_part", "The worker who files a note answers for it, as now. The tool marks what it left out; the practice lead samples ten notes a week.", nil},
		{"accepted", "Gweithwyr newydd: dim drafftio am dri mis. New workers are left out of the pilot for three months.", nil},
		{"rejected", "Agency workers are named in the notice and in the assessment of 20 August; they use the tool on the same terms.", nil},
	}
	for i, c := range comments {
		s.on(fmt.Sprintf("2026-10-02 10:%02d", 10*i))
		if _, err := s.Dispose(ctx, s.people["manager"], c.ID, answers[i].verdict, answers[i].reason, answers[i].changed); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) decide003(ctx context.Context) error {
	const ref = "DEP-2026-003"
	s.on("2026-10-05 12:00")
	for _, o := range []struct{ union, outcome, statement string }{
		{"UNISON", "compromise", "A caseload guardrail was agreed."},
		{"GMB", "consensus", ""},
		{"Unite", "not_agreed", "The council has assessed the effect on agency workers and finds it no different."},
	} {
		if _, err := s.RecordOutcome(ctx, s.people["cdo"], ref, 0, s.unions[o.union].ID, o.outcome, o.statement, 0); err != nil {
			return err
		}
	}
	s.on("2026-10-06 09:40")
	if _, err := s.StateOutcome(ctx, s.people["unite"], ref, 1, s.unions["Unite"].ID, "The assessment of 20 August says nothing of agency workers' hours. We do not agree."); err != nil {
		return err
	}
	// The decision, too, must wait: UNISON's 20 working days end on 7 October.
	s.on("2026-10-09 14:00")
	d, err := s.Deployment(ctx, s.people["approver"], ref)
	if err != nil {
		return err
	}
	_, err = s.Move(ctx, s.people["approver"], ref, d.Version, models.StageDecided, "To pilot in two teams, with the caseload guardrail; Unite's disagreement is on the record.")
	return err
}

// late007 is found in use since April: a late mark, a retrospective notice and
// a status quo.
func (s *story) late007(ctx context.Context) error {
	cdo := s.people["cdo"]
	s.on("2026-10-12 09:10")
	d, err := s.RegisterDeployment(ctx, cdo, register.Registration{Record: s.ranking(), LateReason: "Found during a licence review: switched on by the supplier in April."})
	if err != nil {
		return err
	}
	if d.Ref != "DEP-2026-007" {
		return fmt.Errorf("recruitment ranking became %s", d.Ref)
	}
	s.on("2026-10-13 10:00")
	if _, err := s.Move(ctx, cdo, d.Ref, d.Version, models.StageFormative, ""); err != nil {
		return err
	}
	s.on("2026-10-13 15:20")
	if err := s.claim(ctx, "cdo", d.Ref, applicationPlan); err != nil {
		return err
	}
	s.on("2026-10-14 09:00")
	draft, err := s.DraftNotice(ctx, cdo, d.Ref, register.DraftInput{Kind: models.NoticeLate, Meetings: []models.Date{models.MustDate("2026-10-21"), models.MustDate("2026-11-04")}, StatusQuo: true})
	if err != nil {
		return err
	}
	s.on("2026-10-14 16:45") // after the cut-off: deemed the next working day
	n, err := s.ServeNotice(ctx, cdo, draft.ID, draft.Version)
	if err != nil {
		return err
	}
	if err := s.DeliverAll(ctx, n); err != nil {
		return err
	}
	s.on("2026-10-15 08:55")
	if err := s.Acknowledge(ctx, s.people["unison"], n.No, ""); err != nil {
		return err
	}
	s.on("2026-10-15 10:00")
	m, err := s.OfferMeeting(ctx, cdo, register.NewMeeting{Deployment: d.Ref, Unions: []string{s.unions["UNISON"].ID}, Title: "Recruitment ranking", Kind: "consultation", StartsAt: s.at("2026-10-21 14:00")})
	if err != nil {
		return err
	}
	s.on("2026-10-20 15:30")
	if _, err := s.MakeComment(ctx, s.people["unison"], d.Ref, register.CommentInput{Kind: "failure_to_agree", Dimension: "EQUAL", Body: "Disabled applicants were shortlisted at 0.69 of the rate of others. Ranking must stop until the equality assessment is done."}); err != nil {
		return err
	}
	s.on("2026-10-20 16:45")
	if _, err := s.CancelMeeting(ctx, cdo, m.No, 1, "The supplier cannot come; no other day is free."); err != nil {
		return err
	}
	return s.dispute007(ctx, d.Ref)
}

// pilot003 may not begin on 2 November; on the 4th it may.
func (s *story) pilot003(ctx context.Context) error {
	const ref = "DEP-2026-003"
	cdo := s.people["cdo"]
	s.on("2026-10-30 16:00")
	d, err := s.Deployment(ctx, cdo, ref)
	if err != nil {
		return err
	}
	d, err = s.Revise(ctx, cdo, ref, d.Version, func(r models.Record) (models.Record, error) {
		r.Training.PercentDone = 100
		return r, nil
	}, register.Judgement{})
	if err != nil {
		return err
	}
	s.on("2026-11-02 09:00")
	if _, err := s.Move(ctx, cdo, ref, d.Version, models.StagePilot, ""); models.CodeOf(err) != "gate_blocked" {
		return fmt.Errorf("the gate into the pilot was not shut on 2 November: %w", err)
	}
	s.on("2026-11-04 09:00")
	_, err = s.Move(ctx, cdo, ref, d.Version, models.StagePilot, "24 workers in two teams, 22 in two others for comparison")
	return err
}

// claim makes a claim of a deployment from one of the demo's plans, and locks it.
func (s *story) claim(ctx context.Context, who, ref string, text []byte) error {
	plan, _, err := report.ReadPlan(text)
	if err != nil {
		return err
	}
	v, err := s.MakeClaim(ctx, s.people[who], ref, plan)
	if err != nil {
		return err
	}
	_, err = s.LockClaim(ctx, s.people[who], v.Ref, v.Version, "")
	return err
}

// claim003 is made, and its plan locked, before the notice is served.
func (s *story) claim003(ctx context.Context) error {
	s.on("2026-09-03 14:10")
	if err := s.claim(ctx, "manager", "DEP-2026-003", caseNotePlan); err != nil {
		return err
	}
	s.on("2026-09-03 14:30")
	_, err := s.Reinvest(ctx, s.people["manager"], "CL-2026-001", 0, map[string]int{"direct_work": 70, "training": 10, "wellbeing_or_hours": 20}, "Agreed with the team managers")
	return err
}

// results are early: rows to 18 November, of a window that runs to 29 December.
func (s *story) results(ctx context.Context) error {
	for _, r := range []struct{ when, who, claim, file, rows string }{
		{"2026-11-19 14:20", "manager", "CL-2026-001", "case-notes.csv", caseNoteRows},
		{"2026-11-19 16:05", "cdo", "CL-2026-002", "applications.csv", applicationRows},
	} {
		s.on(r.when)
		if _, err := s.UploadDataset(ctx, s.people[r.who], r.claim, r.file, strings.NewReader(r.rows)); err != nil {
			return err
		}
		run, err := s.Analyse(ctx, s.people[r.who], r.claim)
		if err != nil {
			return err
		}
		if run.State != models.RunDone {
			return fmt.Errorf("%s: the analysis ended %s: %s", r.claim, run.State, run.Refusal)
		}
		v, err := s.Claim(ctx, s.people[r.who], r.claim)
		if err != nil {
			return err
		}
		if _, err := s.ShareClaim(ctx, s.people[r.who], r.claim, v.Version); err != nil {
			return err
		}
	}
	return nil
}

// doubt is UNISON's: the teams asked for the tool, and the claim may be theirs.
func (s *story) doubt(ctx context.Context) error {
	s.on("2026-11-20 10:15")
	_, err := s.MakeChallenge(ctx, s.people["unison"], "CL-2026-001", register.ChallengeInput{
		Ground: "sample", Body: "Both pilot teams asked for the tool. Teams that did not ask may gain less, and caseloads rose in the same weeks.",
		Question: &models.Question{Estimator: "median"},
	})
	if err != nil {
		return err
	}
	return s.WorkRuns(ctx, s.people["unison"].OrgID)
}
