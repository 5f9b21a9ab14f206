package main

import (
	"context"

	"beforehand/internal/register"
	"beforehand/models"
)

// all are the ids of the unions that take part.
func (s *story) all() []string {
	return []string{s.unions["UNISON"].ID, s.unions["GMB"].ID, s.unions["Unite"].ID}
}

// meet003 is a joint meeting that the employer cancels, and another in its place.
func (s *story) meet003(ctx context.Context) error {
	cdo := s.people["cdo"]
	s.on("2026-09-09 15:30")
	m, err := s.OfferMeeting(ctx, cdo, register.NewMeeting{Deployment: "DEP-2026-003", Unions: s.all(), Title: "Case-note drafting: the pilot", Kind: "consultation", Place: "County Hall, room 2", StartsAt: s.at("2026-09-15 14:00")})
	if err != nil {
		return err
	}
	s.on("2026-09-11 10:00")
	if _, err := s.CancelMeeting(ctx, cdo, m.No, 1, "The head of adult services cannot come."); err != nil {
		return err
	}
	s.on("2026-09-11 16:00")
	_, err = s.OfferMeeting(ctx, cdo, register.NewMeeting{Deployment: "DEP-2026-003", Unions: s.all(), Title: "Case-note drafting: the pilot", Kind: "consultation", Place: "County Hall, room 2", StartsAt: s.at("2026-09-29 14:00"), Replaces: m.No})
	return err
}

// met003 is what came of it: minutes that all who came stand by, and an action.
func (s *story) met003(ctx context.Context) error {
	const no = "MTG-2026-002"
	s.on("2026-09-30 14:00")
	m, err := s.HoldMeeting(ctx, s.people["hr"], no, 1, map[string]int{models.EmployerParty: 3, s.unions["UNISON"].ID: 2, s.unions["GMB"].ID: 1, s.unions["Unite"].ID: 0})
	if err != nil {
		return err
	}
	s.on("2026-09-30 16:10")
	if m, err = s.WriteMinutes(ctx, s.people["hr"], no, m.Version, "The unions asked for a limit of 24 cases. The council will put it to the pilot as a guardrail. New workers are to be left out for three months.", ""); err != nil {
		return err
	}
	for _, who := range []string{"unison", "gmb"} {
		s.on(map[string]string{"unison": "2026-10-01 09:10", "gmb": "2026-10-01 09:25"}[who])
		if m, err = s.AgreeMinutes(ctx, s.people[who], no, m.Version, 1, ""); err != nil {
			return err
		}
	}
	s.on("2026-10-01 09:40")
	_, err = s.AddAction(ctx, s.people["cdo"], register.NewAction{Deployment: "DEP-2026-003", Meeting: no, Text: "Report the caseload of every pilot worker each month", Owner: "Head of adult services", DueOn: models.MustDate("2026-12-04")})
	return err
}

// together003 is a focus group, and a statement that one union does not sign.
func (s *story) together003(ctx context.Context) error {
	const ref = "DEP-2026-003"
	s.on("2026-10-09 15:30")
	if _, err := s.RecordEngagement(ctx, s.people["hr"], register.NewEngagement{
		Deployment: ref, Kind: "focus_group", Title: "What a drafted note leaves out", HeldOn: models.MustDate("2026-10-07"), Summary: "Two hours in Caerfyrddin; workers tried the tool on invented visits.",
		Groups: []models.EngagementGroup{
			{JobFamily: "Social work", Grade: "J", Staff: 30, Invited: 16, Attended: 9}, {JobFamily: "Social work", Grade: "G", Staff: 16, Invited: 8, Attended: 2},
		},
		Themes: []models.Theme{{Dimension: "LIAB", Text: "Workers want to see what was left out of a draft"}, {Dimension: "LOAD", Text: "Time saved is expected to come back as cases"}},
	}); err != nil {
		return err
	}
	s.on("2026-10-09 15:50")
	st, err := s.ProposeStatement(ctx, s.people["cdo"], register.NewStatement{
		Deployment: ref, Unions: s.all(), Title: "The pilot of case-note drafting", Text: "The council and the unions will judge the pilot together. No worker carries more than 24 cases. The pilot stops if a guardrail is breached.",
	})
	if err != nil {
		return err
	}
	for _, x := range []struct{ when, who, own string }{
		{"2026-10-09 16:10", "unison", ""}, {"2026-10-09 16:25", "gmb", ""}, {"2026-10-09 16:40", "unite", "Unite will judge the pilot when the hours of agency workers have been assessed."},
	} {
		s.on(x.when)
		if x.own == "" {
			st, err = s.SignStatement(ctx, s.people[x.who], st.No, st.Version, "")
		} else {
			st, err = s.RefuseStatement(ctx, s.people[x.who], st.No, st.Version, "", x.own)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// dispute007 keeps ranking off: UNISON's dispute, with the status quo.
func (s *story) dispute007(ctx context.Context, ref string) error {
	s.on("2026-10-26 11:00")
	_, err := s.OpenDispute(ctx, s.people["unison"], ref, register.NewDispute{
		Subject: "Ranking of applicants without an equality assessment", Remedy: "Ranking stays off until the assessment is done and the ratio for disabled applicants is explained.",
	})
	return err
}

// further007 takes the dispute to the joint committee; both sides let the
// status quo lie until the end of January.
func (s *story) further007(ctx context.Context) error {
	const no = "DSP-2026-001"
	s.on("2026-11-09 10:00")
	d, err := s.AdvanceDispute(ctx, s.people["unison"], no, 1, "The service has no date for the assessment.")
	if err != nil {
		return err
	}
	s.on("2026-11-12 09:00")
	if d, err = s.AskOfHold(ctx, s.people["unison"], no, d.Version, "extend", models.MustDate("2027-01-29"), "The assessment is promised for January."); err != nil {
		return err
	}
	s.on("2026-11-13 11:30")
	_, err = s.AgreeOfHold(ctx, s.people["cdo"], no, d.Version, "extend")
	return err
}

// year is the rest of a year between the parties: money, a barrier, questions,
// what each union makes of the year's report, and somebody's flag.
func (s *story) year(ctx context.Context) error {
	s.on("2026-11-16 09:00")
	year := 2026
	if _, err := s.SendQuestionnaire(ctx, s.people["hr"], register.NewQuestionnaire{
		Title: t("Social partnership in 2026", "Partneriaeth gymdeithasol yn 2026"), ClosesOn: models.MustDate("2027-01-29"), AnnualFor: &year, Unions: s.all(),
		Questions: []models.Text{t("Were you told early enough to change anything?", "A gawsoch wybod yn ddigon cynnar i newid dim?"), t("What should be done differently next year?", "Beth ddylid ei wneud yn wahanol y flwyddyn nesaf?")},
	}); err != nil {
		return err
	}
	s.on("2026-11-17 10:00")
	for _, c := range []register.NewCost{
		{Year: 2026, Kind: "one_off", Pence: 4_150_000, Booked: "Digital reserve", Note: "Set-up and training"},
		{Year: 2026, Kind: "running", Pence: 1_200_000, Booked: "Adult services", Note: "Licences to March"},
		{Year: 2027, Kind: "forecast", Pence: 2_650_000, Booked: "Adult services"},
		{Year: 2027, Kind: "saving_claimed", Pence: 5_400_000, Note: "Hours, as the claim has them; no post is cut"},
	} {
		if _, err := s.EnterCost(ctx, s.people["cdo"], "DEP-2026-003", c); err != nil {
			return err
		}
	}
	s.on("2026-11-17 12:00")
	if _, err := s.RaiseBarrier(ctx, s.people["unison"], "", "Papers for joint meetings come the day before, so that members cannot be asked."); err != nil {
		return err
	}
	s.on("2026-11-18 08:40")
	if _, _, err := s.RaiseFlag(ctx, models.Actor{OrgID: s.people["cdo"].OrgID}, "Chat window on the housing pages", "It answered a question about my repair, and nobody could tell me what it is.", models.English); err != nil {
		return err
	}
	s.on("2026-11-18 09:00")
	if _, err := s.WriteRoom(ctx, s.people["rep"], register.RoomInput{Kind: models.RoomConcern, Deployment: "DEP-2026-003", Title: "Cases have gone up in the pilot teams", Dimension: "LOAD"}); err != nil {
		return err
	}
	return s.positions(ctx)
}

func (s *story) positions(ctx context.Context) error {
	for _, x := range []struct {
		when, who string
		agrees    bool
		words     string
	}{
		{"2026-11-18 10:00", "unison", true, "We were told before the pilot. We were not told before the ranking."},
		{"2026-11-18 11:00", "gmb", true, ""},
		{"2026-11-18 12:00", "unite", false, "The report counts meetings and not what came of them. Agency workers are still not assessed."},
	} {
		s.on(x.when)
		if _, err := s.StatePosition(ctx, s.people[x.who], 2026, "", x.agrees, x.words, models.English); err != nil {
			return err
		}
	}
	return nil
}
