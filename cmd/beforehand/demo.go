package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"beforehand/internal/register"
	"beforehand/models"
)

type demoCmd struct{ mailSettings }

// demoPassword is that of every demo account; the organisation is fictional.
const demoPassword = "beforehand-demo"

// Run tells the demo story through the same use cases a person would use, with
// the clock set to each date. Once told, it is not told again.
func (d demoCmd) Run(ctx context.Context, g *Globals, c *console) error {
	clock := &storyClock{}
	d.From = "hysbysiadau-ai-notices@tywi.example"
	p, err := g.open(ctx, c, d.mailSettings, clock.now)
	if err != nil {
		return err
	}
	defer p.close()
	all, err := p.register.Organisations(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.Slug == "tywi" {
			fmt.Fprintln(c.err, "The demo story is here already.")
			return nil
		}
	}
	s := &story{Register: p.register, clock: clock, people: map[string]models.Actor{}, unions: map[string]models.Union{}, roles: map[string]models.JobRole{}, areas: map[string]models.ServiceArea{}}
	if err := s.tell(ctx); err != nil {
		return fmt.Errorf("the demo story stopped at %s: %w", clock.at.Format(time.DateTime), err)
	}
	if err := s.examples(g.Data); err != nil {
		return err
	}
	fmt.Fprintf(c.err, "The demo story is loaded. Everybody's password is %s:\n", demoPassword)
	for _, who := range demoPeople {
		fmt.Fprintf(c.err, "  %-28s %s\n", who.name+"@tywi.example", who.role)
	}
	fmt.Fprintf(c.err, "Mails are in %s/mail, examples for curl in %s/examples.\n", g.Data, g.Data)
	return nil
}

// storyClock says whatever the story sets; each look is a moment later, so
// that what happens after something else is after it.
type storyClock struct{ at time.Time }

func (c *storyClock) now() time.Time {
	c.at = c.at.Add(time.Millisecond)
	return c.at
}

// story is the demo story while it is told.
type story struct {
	*register.Register
	clock  *storyClock
	org    models.Organisation
	people map[string]models.Actor
	unions map[string]models.Union
	roles  map[string]models.JobRole
	areas  map[string]models.ServiceArea
}

// on sets the clock to a wall time in Wales, such as "2026-09-07 10:00".
func (s *story) on(wall string) { s.clock.at = s.at(wall) }

// at is an instant of the story, by the employer's clock.
func (s *story) at(wall string) time.Time {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err) // the time zones are built in
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", wall, zone)
	if err != nil {
		panic(err) // the times of the story are written out
	}
	return at
}

var demoPeople = []struct {
	name, full string
	role       models.Role
	union      string
}{
	{"cdo", "Carys Davies", models.RoleCDO, ""},
	{"manager", "Mari Rees", models.RoleManager, ""},
	{"hr", "Huw Roberts", models.RoleHR, ""},
	{"assurer", "Anwen Selwyn", models.RoleAssurer, ""},
	{"approver", "Alun Prys", models.RoleApprover, ""},
	{"unison", "Una Nicholas", models.RoleUnionOfficer, "UNISON"},
	{"gmb", "Gwyn Morgan", models.RoleUnionOfficer, "GMB"},
	{"unite", "Iestyn Tomos", models.RoleUnionOfficer, "Unite"},
	{"rep", "Rhian Evans", models.RoleUnionRep, "UNISON"},
	{"councillor", "Cadi Lewis", models.RoleScrutiny, ""},
	{"auditor", "Aled Owen", models.RoleAuditor, ""},
	{"admin", "Non Griffiths", models.RoleAdmin, ""},
}

// found makes the council: people, services, unions and their agreements.
func (s *story) found(ctx context.Context) error {
	s.on("2026-01-05 09:00")
	var err error
	var admin models.Actor
	s.org, admin, err = s.Found(ctx, register.Founding{
		Slug: "tywi", Name: models.Text{En: "Tywi County Council", Cy: "Cyngor Sir Tywi"}, Nation: models.EnglandAndWales, Zone: "Europe/London",
		Profile: "wales-partnership", Contact: "ai@tywi.example", AdminEmail: "admin@tywi.example", AdminName: "Non Griffiths", AdminPassword: demoPassword,
	})
	if err != nil {
		return err
	}
	s.people["admin"] = admin
	for _, a := range []struct{ key, en, cy string }{{"care", "Adult social care", "Gofal cymdeithasol oedolion"}, {"people", "People management", "Rheoli pobl"}, {"customer", "Customer services", "Gwasanaethau cwsmeriaid"}} {
		if s.areas[a.key], err = s.AddServiceArea(ctx, admin, models.Text{En: a.en, Cy: a.cy}, ""); err != nil {
			return err
		}
	}
	for _, u := range []string{"UNISON", "GMB", "Unite"} {
		if s.unions[u], err = s.AddUnion(ctx, admin, u, u); err != nil {
			return err
		}
	}
	if err := s.hire(ctx, admin); err != nil {
		return err
	}
	return s.agreements(ctx)
}

func (s *story) hire(ctx context.Context, admin models.Actor) error {
	for _, p := range demoPeople {
		if p.name == "admin" {
			continue
		}
		by, hat := admin, register.Hat{Role: p.role}
		if p.union != "" {
			hat.UnionID = s.unions[p.union].ID
		}
		if p.role == models.RoleUnionRep {
			by = s.people["unison"] // a union's own officer adds its reps
		}
		if p.role == models.RoleManager {
			hat.ServiceAreaID = s.areas["care"].ID
		}
		u, err := s.AddUser(ctx, by, register.NewUser{Email: p.name + "@tywi.example", Name: p.full, Password: demoPassword, Hat: hat})
		if err != nil {
			return err
		}
		if s.people[p.name], err = s.ActorOf(ctx, u.ID, s.org.ID); err != nil {
			return err
		}
	}
	return nil
}

// agreements are the job roles, and the unions recognised for them. The local
// agreement asks 56 days before a pilot.
func (s *story) agreements(ctx context.Context) error {
	hr := s.people["hr"]
	units := map[string]models.BargainingUnit{}
	for _, name := range []string{"NJC: social work", "NJC: corporate", "NJC: libraries", "Chief officers"} {
		unit, err := s.AddBargainingUnit(ctx, hr, name)
		if err != nil {
			return err
		}
		units[name] = unit
	}
	for _, r := range []struct {
		key, unit string
		role      models.JobRole
	}{
		{"social", "NJC: social work", models.JobRole{Title: "Social worker", JobFamily: "Social work", PayGroup: "NJC", Grade: "J", SOC2020: "2461", ServiceAreaID: s.areas["care"].ID, Site: "Neuadd y Sir", Headcount: 46, FTE: 41.5, AgencyCount: 3}},
		{"recruit", "NJC: corporate", models.JobRole{Title: "Recruitment officer", JobFamily: "Human resources", PayGroup: "NJC", Grade: "G", SOC2020: "3571", ServiceAreaID: s.areas["people"].ID, Site: "Neuadd y Sir", Headcount: 9, FTE: 8}},
		{"contact", "NJC: corporate", models.JobRole{Title: "Customer adviser", JobFamily: "Customer services", PayGroup: "NJC", Grade: "E", SOC2020: "7219", ServiceAreaID: s.areas["customer"].ID, Site: "Canolfan Gyswllt", Headcount: 31, FTE: 27.4}},
		{"library", "NJC: libraries", models.JobRole{Title: "Library assistant", JobFamily: "Libraries", PayGroup: "NJC", Grade: "D", SOC2020: "4135", ServiceAreaID: s.areas["customer"].ID, Site: "Llyfrgell y Dref", Headcount: 14, FTE: 9.6}},
		{"head", "Chief officers", models.JobRole{Title: "Head of service", JobFamily: "Management", PayGroup: "JNC", Grade: "HoS", SOC2020: "1139", ServiceAreaID: s.areas["people"].ID, Headcount: 12, FTE: 12}},
	} {
		unit := units[r.unit].ID
		r.role.BargainingUnitID = &unit
		role, err := s.AddJobRole(ctx, hr, r.role)
		if err != nil {
			return err
		}
		s.roles[r.key] = role
	}
	local := []models.Period{{Class: models.ClassB, Trigger: models.BeforePilot, Days: 56, Kind: models.CalendarDays, Source: "Tywi local agreement on technology 2025"}}
	for _, u := range []struct {
		union string
		units []string
	}{{"UNISON", []string{"NJC: social work", "NJC: corporate", "NJC: libraries"}}, {"GMB", []string{"NJC: social work", "NJC: corporate"}}, {"Unite", []string{"NJC: social work"}}} {
		if err := s.recognise(ctx, u.union, u.units, units, local); err != nil {
			return err
		}
	}
	_, err := s.SetClosureDays(ctx, hr, 1, "2026-12-29 Closed between Christmas and New Year\n2026-12-30 Closed between Christmas and New Year\n2026-12-31 Closed between Christmas and New Year\n")
	return err
}

func (s *story) recognise(ctx context.Context, union string, names []string, units map[string]models.BargainingUnit, local []models.Period) error {
	hr, u := s.people["hr"], s.unions[union]
	b, err := s.AddBranch(ctx, hr, u.ID, "Cangen Tywi "+union)
	if err != nil {
		return err
	}
	since := models.MustDate("2025-04-01")
	for _, name := range names {
		v := models.Recognition{UnionID: u.ID, BranchID: b.ID, BargainingUnitID: units[name].ID, From: since, ElectronicFrom: since, Periods: local}
		if _, err := s.Agree(ctx, hr, v); err != nil {
			return err
		}
	}
	address := models.ServiceAddress{BranchID: b.ID, Channel: models.ByEmail, Address: "branch@" + map[string]string{"UNISON": "unison-tywi", "GMB": "gmb-tywi", "Unite": "unite-tywi"}[union] + ".example", Languages: []models.Language{models.Welsh, models.English}, From: since}
	if _, err := s.AgreeAddress(ctx, hr, address); err != nil {
		return err
	}
	officer := map[string]string{"UNISON": "unison", "GMB": "gmb", "Unite": "unite"}[union]
	_, err = s.AppointOfficer(ctx, s.people[officer], b.ID, officer+"@tywi.example", "officer", since, 0)
	return err
}

// examples writes the files that the README's curl lines send.
func (s *story) examples(data string) error {
	dir := filepath.Join(data, "examples")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	rec := s.caseNotes()
	rec.Name = models.Text{En: "Summarise reading-group notes", Cy: "Crynhoi nodiadau grwpiau darllen"}
	rec.ServiceAreaID, rec.Groups = s.areas["customer"].ID, []models.Group{{JobRoleID: s.roles["library"].ID, Headcount: 14}}
	today := models.DateOf(time.Now(), s.org.Location())
	rec.Dates = models.Dates{PilotPlanned: today + 90, GoLivePlanned: today + 200, ReviewDue: today + 300}
	for name, v := range map[string]any{
		"deployment.json": rec,
		"notice.json":     map[string]any{"kind": "change", "meetings": []models.Date{today + 7, today + 21}},
	} {
		b, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), append(b, '\n'), 0o600); err != nil {
			return err
		}
	}
	return nil
}
