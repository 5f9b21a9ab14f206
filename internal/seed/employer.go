package seed

import (
	"context"
	"fmt"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/register"
	"beforehand/models"
)

// employer is an organisation while it is made: what its deployments point to.
type employer struct {
	*chance
	m     *maker
	slug  string
	began time.Time
	zone  *time.Location
	log   acts

	org          models.Organisation
	areas        []models.ServiceArea
	units        []models.BargainingUnit
	roles        []models.JobRole
	roleByID     map[string]models.JobRole
	unions       map[string]models.Union
	branches     []models.Branch
	recognitions []models.Recognition
	addresses    []models.ServiceAddress
	people       map[models.Role][]models.User
	ofUnion      map[string][]models.User // officers first, then reps
	calendar     models.Calendar
	howToAsk     models.Text
	dispute      models.Text

	comments int   // still to be made in this stretch
	able     int   // deployments still to come in it that can have comments
	held     *life // the newest that can
	numbers  map[series]int
	frozenOn models.Date
	frozen   models.FrozenCalendar
}

// series is a run of numbers in a year.
type series struct {
	name string
	year int
}

func newEmployer(m *maker, k int, began time.Time) *employer {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err) // the time zones are built in
	}
	e := &employer{
		chance: newChance(m.size.Seed, k), m: m, slug: Slug(m.size.Seed, k+1), began: began, zone: zone,
		roleByID: map[string]models.JobRole{}, unions: map[string]models.Union{}, people: map[models.Role][]models.User{}, ofUnion: map[string][]models.User{}, numbers: map[series]int{}, log: acts{most: heldBytes},
	}
	name := e.name()
	e.org = models.Organisation{
		ID: e.id(began), Slug: e.slug, NameEn: name + " County Council", NameCy: "Cyngor Sir " + name, Nation: m.profile.Nation, Zone: "Europe/London",
		Profile: m.profile.Code, Contact: "ai@" + e.slug + ".example", Version: 1, CreatedAt: began,
	}
	e.calendar = models.NewCalendar(e.org.Nation, nil)
	e.howToAsk = register.Both(models.Reason{Code: "notice.how_to_ask", Params: models.Params{"contact": e.org.Contact, "days": m.profile.RequestDays}})
	for _, st := range m.profile.Disputes {
		line := register.Both(models.Reason{Code: "notice.dispute_stage", Params: models.Params{"name": st.Name, "days": st.DueDays}})
		e.dispute.En = strings.TrimSpace(e.dispute.En + "\n" + line.En)
		e.dispute.Cy = strings.TrimSpace(e.dispute.Cy + "\n" + line.Cy)
	}
	return e
}

// next is the next number of a series.
func (e *employer) next(name string, year int) int {
	e.numbers[series{name, year}]++
	return e.numbers[series{name, year}]
}

// saveCounters says how far each series has come.
func (e *employer) saveCounters() {
	for s, last := range e.numbers {
		e.m.bulk.SetCounter(e.org.ID, s.name, s.year, last)
	}
}

// found makes the organisation with its people, services, unions and agreements.
func (e *employer) found(ctx context.Context) error {
	if err := e.m.bulk.Add(ctx, &e.org); err != nil {
		return err
	}
	// Before anybody who speaks for one.
	for _, abbreviation := range unionNames {
		u := models.Union{OrgID: e.org.ID, ID: e.id(e.began), Name: abbreviation, Abbreviation: abbreviation, Version: 1}
		b := models.Branch{OrgID: e.org.ID, ID: e.id(e.began), UnionID: u.ID, Name: "Cangen " + abbreviation + " " + e.slug}
		e.unions[u.ID] = u
		e.branches = append(e.branches, b)
		if err := e.m.bulk.Add(ctx, &u, &b); err != nil {
			return err
		}
	}
	admin, err := e.hire(ctx, models.RoleAdmin, 0, "")
	if err != nil {
		return err
	}
	if err := e.act("organisation.found", e.org.ID, "", admin.ID, e.began, map[string]any{"slug": e.slug}); err != nil {
		return err
	}
	if err := e.recogniseAll(ctx, admin.ID); err != nil {
		return err
	}
	for _, p := range []struct {
		role models.Role
		n    int
	}{{models.RoleCDO, 2}, {models.RoleManager, 4}, {models.RoleHR, 1}, {models.RoleAssurer, 1}, {models.RoleApprover, 2}, {models.RoleScrutiny, 3}, {models.RoleAuditor, 1}} {
		for i := range p.n {
			if _, err := e.hire(ctx, p.role, i, ""); err != nil {
				return err
			}
		}
	}
	return e.posts(ctx, admin.ID)
}

// hire adds a person with a role and no password: nobody can sign in as them.
func (e *employer) hire(ctx context.Context, role models.Role, i int, unionID string) (models.User, error) {
	name := e.name() + " " + e.name()
	kind := strings.ReplaceAll(string(role), "_", "-")
	if unionID != "" {
		kind += "-" + strings.ToLower(e.unions[unionID].Abbreviation)
	}
	u := models.User{ID: e.id(e.began), Kind: models.Person, Email: fmt.Sprintf("%s-%d@%s.example", kind, i+1, e.slug), Name: name, Language: models.English, EmailVerifiedAt: &e.began, Version: 1, CreatedAt: e.began}
	m := models.Membership{OrgID: e.org.ID, ID: e.id(e.began), UserID: u.ID, Role: role, Version: 1, CreatedAt: e.began}
	if unionID != "" {
		m.UnionID = &unionID
		e.ofUnion[unionID] = append(e.ofUnion[unionID], u)
	}
	e.people[role] = append(e.people[role], u)
	if err := e.m.bulk.Add(ctx, &u, &m); err != nil || role == models.RoleAdmin {
		return u, err
	}
	return u, e.act("user.add", u.ID, "", e.people[models.RoleAdmin][0].ID, e.began, map[string]any{"role": string(role)})
}

var unionNames = []string{"UNISON", "GMB", "Unite", "UCAC"}

// recogniseAll makes the units, and unions with their branches, people,
// agreements and addresses. The last unit has no recognised union.
func (e *employer) recogniseAll(ctx context.Context, admin string) error {
	since := models.DateOf(e.began, e.zone).AddDays(-400)
	for _, name := range []string{"NJC: offices", "NJC: care", "NJC: operations", "Teachers", "Chief officers"} {
		unit := models.BargainingUnit{OrgID: e.org.ID, ID: e.id(e.began), Name: name, Version: 1}
		e.units = append(e.units, unit)
		if err := e.m.bulk.Add(ctx, &unit); err != nil {
			return err
		}
		if err := e.act("bargaining_unit.add", unit.ID, "", admin, e.began, map[string]any{"name": name}); err != nil {
			return err
		}
	}
	for i, b := range e.branches {
		u := e.unions[b.UnionID]
		if err := e.act("union.add", u.ID, "", admin, e.began, map[string]any{"union": u.Abbreviation}); err != nil {
			return err
		}
		if err := e.act("branch.add", b.ID, "", admin, e.began, map[string]any{"name": b.Name}); err != nil {
			return err
		}
		if err := e.union(ctx, u, b, since, i); err != nil {
			return err
		}
	}
	return nil
}

// union makes a union's people, agreements and address.
func (e *employer) union(ctx context.Context, u models.Union, b models.Branch, since models.Date, i int) error {
	for n, role := range []models.Role{models.RoleUnionOfficer, models.RoleUnionOfficer, models.RoleUnionRep} {
		p, err := e.hire(ctx, role, n, u.ID)
		if err != nil {
			return err
		}
		if role != models.RoleUnionOfficer {
			continue
		}
		o := models.Officer{OrgID: e.org.ID, ID: e.id(e.began), BranchID: b.ID, UserID: p.ID, Post: []string{"officer", "deputy"}[n], From: since}
		if err := e.m.bulk.Add(ctx, &o); err != nil {
			return err
		}
		if err := e.act("officer.appoint", b.ID, "", p.ID, e.began, map[string]any{"post": o.Post}); err != nil {
			return err
		}
	}
	officer := e.ofUnion[u.ID][0]
	for _, at := range [][]int{{0, 1, 2}, {0, 2}, {1, 2}, {3}}[i] {
		v := models.Recognition{OrgID: e.org.ID, ID: e.id(e.began), UnionID: u.ID, BranchID: b.ID, BargainingUnitID: e.units[at].ID, Subjects: []string{models.AllSubjects}, From: since, ElectronicFrom: since, Version: 1}
		e.recognitions = append(e.recognitions, v)
		if err := e.m.bulk.Add(ctx, &v); err != nil {
			return err
		}
		if err := e.act("recognition.agree", v.ID, "", officer.ID, e.began, map[string]any{"union": v.UnionID, "unit": v.BargainingUnitID, "from": v.From, "row": hashOf(v)}); err != nil {
			return err
		}
	}
	s := models.ServiceAddress{OrgID: e.org.ID, ID: e.id(e.began), BranchID: b.ID, Channel: models.ByEmail, Address: "branch-" + strings.ToLower(u.Abbreviation) + "@" + e.slug + ".example", Languages: []models.Language{models.English, models.Welsh}, From: since, CreatedAt: e.began, ConfirmedAt: &e.began, ConfirmedBy: &officer.ID}
	e.addresses = append(e.addresses, s)
	if err := e.m.bulk.Add(ctx, &s); err != nil {
		return err
	}
	return e.act("service_address.agree", b.ID, "", officer.ID, e.began, map[string]any{"channel": string(s.Channel), "from": s.From, "row": hashOf(s)})
}

func hashOf(v any) string {
	b, err := ledger.Canonical(v)
	if err != nil {
		panic(err) // rows are plain values: they always have a canonical form
	}
	return ledger.Hash(b)
}

// posts makes the service areas and the job roles in them.
func (e *employer) posts(ctx context.Context, admin string) error {
	hr := e.people[models.RoleHR][0].ID
	for i, name := range services {
		area := models.ServiceArea{OrgID: e.org.ID, ID: e.id(e.began), NameEn: capital(name.en), NameCy: capital(name.cy), Version: 1, Path: "/"}
		if i >= 6 {
			parent := e.areas[i%6]
			area.ParentID, area.Path = &parent.ID, parent.Path
		}
		area.Path += area.ID + "/"
		e.areas = append(e.areas, area)
		if err := e.m.bulk.Add(ctx, &area); err != nil {
			return err
		}
		if err := e.act("service_area.add", area.ID, "", admin, e.began, map[string]any{"name": area.NameEn}); err != nil {
			return err
		}
	}
	for i, who := range people {
		unit := e.units[[]int{0, 1, 2, 0, 3, 2, 1, 0, 2, 4, 0, 1, 2, 3}[i]].ID
		j := models.JobRole{
			OrgID: e.org.ID, ID: e.id(e.began), Title: capital(who.en), JobFamily: capital(services[i].en), PayGroup: "NJC", Grade: string(rune('C' + i%8)), SOC2020: fmt.Sprint(2000 + 131*i),
			ServiceAreaID: e.areas[i].ID, Site: "Neuadd y Sir", Headcount: e.between(8, 400), AgencyCount: e.IntN(12), BargainingUnitID: &unit, Version: 1,
		}
		j.FTE = float64(j.Headcount) * 0.9
		e.roles = append(e.roles, j)
		e.roleByID[j.ID] = j
		if err := e.m.bulk.Add(ctx, &j); err != nil {
			return err
		}
		if err := e.act("job_role.add", j.ID, "", hr, e.began, map[string]any{"title": j.Title, "headcount": j.Headcount}); err != nil {
			return err
		}
	}
	return nil
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
