package register

import (
	"context"
	"math"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// Founding is what a new organisation begins with: itself and an administrator.
type Founding struct {
	Slug          string
	Name          models.Text
	Nation        models.Nation
	Zone          string
	Profile       string
	Contact       string
	AdminEmail    string
	AdminName     string
	AdminPassword string
}

var slugShape = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$`)

// Found makes an organisation and its first administrator. Only the command
// line may: there is nobody yet to ask.
func (r *Register) Found(ctx context.Context, in Founding) (models.Organisation, models.Actor, error) {
	var f models.Faults
	if !slugShape.MatchString(in.Slug) {
		f.Add("slug", "malformed", "value", in.Slug)
	}
	if in.Name.En == "" {
		f.Add("name.en", "required")
	}
	if _, err := time.LoadLocation(in.Zone); err != nil || in.Zone == "" {
		f.Add("zone", "unknown_value", "value", in.Zone, "allowed", "Europe/London")
	}
	if _, err := r.profiles.Profile(in.Profile); err != nil {
		f.Add("profile", "unknown_value", "value", in.Profile, "allowed", "")
	}
	if err := f.Err(); err != nil {
		return models.Organisation{}, models.Actor{}, err
	}
	hash, err := r.hash(in.AdminPassword)
	if err != nil {
		return models.Organisation{}, models.Actor{}, err
	}
	org := models.Organisation{
		ID: newID(), Slug: in.Slug, NameEn: in.Name.En, NameCy: in.Name.Cy, Nation: in.Nation, Zone: in.Zone,
		Profile: in.Profile, Contact: in.Contact, Version: 1, CreatedAt: r.Now(),
	}
	admin := models.User{ID: newID(), Email: cleanEmail(in.AdminEmail), Name: in.AdminName, Language: models.English, PasswordHash: hash, Version: 1, CreatedAt: r.Now()}
	admin.EmailVerifiedAt = &admin.CreatedAt // whoever sets this up vouches for it
	actor := models.Actor{UserID: admin.ID, OrgID: org.ID, Name: admin.Name, Email: admin.Email, Grants: []models.Grant{{Role: models.RoleAdmin}}}
	err = r.change(ctx, actor, "organisation.found", func(tx *store.Tx, at time.Time) (entry, error) {
		if err := tx.Add(ctx, &org); err != nil {
			return entry{}, err
		}
		// A person who already runs another organisation here keeps one account.
		if known, err := tx.UserByEmail(ctx, admin.Email); err == nil {
			admin, actor.UserID = known, known.ID
		} else if err := tx.Add(ctx, &admin); err != nil {
			return entry{}, err
		}
		m := models.Membership{OrgID: org.ID, ID: newID(), UserID: admin.ID, Role: models.RoleAdmin, Version: 1, CreatedAt: at}
		return entry{subject: org.ID, data: map[string]any{"slug": org.Slug}}, tx.Add(ctx, &m)
	})
	return org, actor, err
}

// Organisations are the employers on this installation.
func (r *Register) Organisations(ctx context.Context) ([]models.Organisation, error) {
	return r.store.Organisations(ctx)
}

// Employer is the actor's organisation as it stands at the top of every page:
// anybody may know its names.
func (r *Register) Employer(ctx context.Context, a models.Actor) (models.Organisation, error) {
	return r.store.Organisation(ctx, a.OrgID)
}

// Organisation is the actor's organisation.
func (r *Register) Organisation(ctx context.Context, a models.Actor) (models.Organisation, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return models.Organisation{}, err
	}
	return r.store.Organisation(ctx, a.OrgID)
}

// Configuration is what an administrator may change of an organisation.
type Configuration struct {
	Name    models.Text
	Zone    string
	Profile string
	Contact string
	// HeaderColour is written "#1d70b8"; "" is the product's own.
	HeaderColour string
}

// check is what is wrong with a configuration, but for its profile.
func (in Configuration) check(f *models.Faults) {
	if strings.TrimSpace(in.Name.En) == "" {
		f.Add("name.en", "required")
	}
	models.CheckText(f, "name.en", in.Name.En, 200)
	models.CheckText(f, "name.cy", in.Name.Cy, 200)
	if _, err := time.LoadLocation(in.Zone); err != nil || in.Zone == "" {
		f.Add("zone", "unknown_value", "value", in.Zone, "allowed", "Europe/London")
	}
	if in.Contact != "" {
		checkMailbox(f, "contact", in.Contact)
	}
	models.CheckHeaderColour(f, "headerColour", in.HeaderColour)
}

// checkMailbox refuses what is not one plain e-mail address.
func checkMailbox(f *models.Faults, path, s string) {
	if addr, err := mail.ParseAddress(s); err != nil || addr.Address != s || len(s) > 254 {
		f.Add(path, "not_an_address", "value", s)
	}
}

// Configure changes an organisation's settings. Notices already served keep
// the rules they were served under.
func (r *Register) Configure(ctx context.Context, a models.Actor, readAt int, in Configuration) (models.Organisation, error) {
	var org models.Organisation
	if err := r.check(a, "organisation.configure", own(a)); err != nil {
		return org, err
	}
	var f models.Faults
	in.HeaderColour = strings.ToLower(in.HeaderColour)
	in.check(&f)
	p, err := r.profiles.Profile(in.Profile)
	if err != nil {
		f.Add("profile", "unknown_value", "value", in.Profile, "allowed", "")
	}
	if err := f.Err(); err != nil {
		return org, err
	}
	err = r.change(ctx, a, "organisation.configure", func(tx *store.Tx, _ time.Time) (entry, error) {
		if org, err = tx.Organisation(ctx, a.OrgID); err != nil {
			return entry{}, err
		}
		if err := versionIs("organisation", org.Version, readAt); err != nil {
			return entry{}, err
		}
		org.NameEn, org.NameCy, org.Zone, org.Profile, org.Contact, org.HeaderColour, org.Nation = in.Name.En, in.Name.Cy, in.Zone, in.Profile, in.Contact, in.HeaderColour, p.Nation
		org.Version++
		return entry{subject: org.ID, data: map[string]any{"profile": org.Profile, "version": org.Version, "row": hashOf(org)}}, tx.SaveOrganisation(ctx, &org, readAt)
	})
	return org, err
}

// Profiles are the policy profiles on offer.
func (r *Register) Profiles(a models.Actor) ([]models.Profile, error) {
	return r.profiles.Profiles(), r.check(a, "profile.read", own(a))
}

// ClosureDays are the days on which the employer is closed.
func (r *Register) ClosureDays(ctx context.Context, a models.Actor) ([]models.ClosureDay, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return nil, err
	}
	return r.store.ClosureDays(ctx, a.OrgID)
}

// SetClosureDays replaces the closure days by those of a file, one a line. A
// bad line changes nothing. readAt is the version of the organisation.
func (r *Register) SetClosureDays(ctx context.Context, a models.Actor, readAt int, text string) ([]models.ClosureDay, error) {
	if err := r.check(a, "closure_days.set", own(a)); err != nil {
		return nil, err
	}
	days, err := models.ParseClosureDays(text)
	if err != nil {
		return nil, err
	}
	for i := range days {
		days[i].OrgID = a.OrgID
	}
	err = r.change(ctx, a, "closure_days.set", func(tx *store.Tx, _ time.Time) (entry, error) {
		// They are part of the organisation's settings, and so of its version.
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		if err := versionIs("organisation", org.Version, readAt); err != nil {
			return entry{}, err
		}
		org.Version++
		if err := tx.SaveOrganisation(ctx, &org, readAt); err != nil {
			return entry{}, err
		}
		return entry{subject: a.OrgID, data: map[string]any{"days": len(days), "row": hashOf(days)}}, tx.SetClosureDays(ctx, a.OrgID, days)
	})
	return days, err
}

// ServiceAreas are the parts of the organisation, parents before children.
func (r *Register) ServiceAreas(ctx context.Context, a models.Actor) ([]models.ServiceArea, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return nil, err
	}
	return r.store.ServiceAreas(ctx, a.OrgID)
}

// AddServiceArea adds a part of the organisation, under a parent when one is named.
func (r *Register) AddServiceArea(ctx context.Context, a models.Actor, name models.Text, parentID string) (models.ServiceArea, error) {
	area := models.ServiceArea{OrgID: a.OrgID, ID: newID(), NameEn: name.En, NameCy: name.Cy, Version: 1}
	if err := r.check(a, "service_area.add", own(a)); err != nil {
		return area, err
	}
	var f models.Faults
	if strings.TrimSpace(name.En) == "" {
		f.Add("name.en", "required")
	}
	models.CheckText(&f, "name.en", name.En, 200)
	models.CheckText(&f, "name.cy", name.Cy, 200)
	if err := f.Err(); err != nil {
		return area, err
	}
	err := r.change(ctx, a, "service_area.add", func(tx *store.Tx, _ time.Time) (entry, error) {
		area.Path = "/"
		if parentID != "" {
			parent, err := tx.ServiceArea(ctx, a.OrgID, parentID)
			if err != nil {
				return entry{}, err
			}
			area.ParentID, area.Path = &parent.ID, parent.Path
		}
		area.Path += area.ID + "/"
		return entry{subject: area.ID, data: map[string]any{"name": area.NameEn}}, tx.Add(ctx, &area)
	})
	return area, err
}

// checkName asks for a name of a sensible length.
func checkName(path, name string) error {
	var f models.Faults
	if strings.TrimSpace(name) == "" {
		f.Add(path, "required")
	}
	models.CheckText(&f, path, name, 200)
	return f.Err()
}

// BargainingUnits are the groups of posts that unions are recognised for.
func (r *Register) BargainingUnits(ctx context.Context, a models.Actor) ([]models.BargainingUnit, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return nil, err
	}
	return r.store.BargainingUnits(ctx, a.OrgID)
}

// AddBargainingUnit adds a group of posts.
func (r *Register) AddBargainingUnit(ctx context.Context, a models.Actor, name string) (models.BargainingUnit, error) {
	unit := models.BargainingUnit{OrgID: a.OrgID, ID: newID(), Name: name, Version: 1}
	if err := r.check(a, "bargaining_unit.add", own(a)); err != nil {
		return unit, err
	}
	if err := checkName("name", name); err != nil {
		return unit, err
	}
	err := r.change(ctx, a, "bargaining_unit.add", func(tx *store.Tx, _ time.Time) (entry, error) {
		return entry{subject: unit.ID, data: map[string]any{"name": name}}, tx.Add(ctx, &unit)
	})
	return unit, err
}

// JobRoles are the job roles of the organisation.
func (r *Register) JobRoles(ctx context.Context, a models.Actor) ([]models.JobRole, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return nil, err
	}
	return r.store.JobRoles(ctx, a.OrgID)
}

// JobRole is one job role.
func (r *Register) JobRole(ctx context.Context, a models.Actor, id string) (models.JobRole, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return models.JobRole{}, err
	}
	return r.store.JobRole(ctx, a.OrgID, id)
}

// occupationCode is the form of a code of SOC 2020.
var occupationCode = regexp.MustCompile(`^\d{4}$`)

// mostPeople is the most that one job role can count.
const mostPeople = 10_000_000

func checkJobRole(j models.JobRole) error {
	var f models.Faults
	if strings.TrimSpace(j.Title) == "" {
		f.Add("title", "required")
	}
	if j.ServiceAreaID == "" {
		f.Add("serviceArea", "required")
	}
	if j.SOC2020 != "" && !occupationCode.MatchString(j.SOC2020) {
		f.Add("soc2020", "malformed", "value", j.SOC2020)
	}
	for path, n := range map[string]float64{"headcount": float64(j.Headcount), "agencyCount": float64(j.AgencyCount), "fte": j.FTE} {
		if n < 0 || n > mostPeople || math.IsNaN(n) {
			f.Add(path, "out_of_range", "min", 0, "max", mostPeople)
		}
	}
	for _, x := range []struct {
		path, text string
		most       int
	}{{"title", j.Title, 200}, {"jobFamily", j.JobFamily, 200}, {"payGroup", j.PayGroup, 100}, {"grade", j.Grade, 40}, {"site", j.Site, 200}} {
		models.CheckText(&f, x.path, x.text, x.most)
	}
	return f.Err()
}

// AddJobRole adds a job role with its headcounts.
func (r *Register) AddJobRole(ctx context.Context, a models.Actor, j models.JobRole) (models.JobRole, error) {
	j.OrgID, j.ID, j.Version = a.OrgID, newID(), 1
	if err := r.check(a, "job_role.add", own(a)); err != nil {
		return j, err
	}
	if err := checkJobRole(j); err != nil {
		return j, err
	}
	err := r.change(ctx, a, "job_role.add", func(tx *store.Tx, _ time.Time) (entry, error) {
		if err := rolesBelong(ctx, tx, j); err != nil {
			return entry{}, err
		}
		return entry{subject: j.ID, data: map[string]any{"title": j.Title, "headcount": j.Headcount}}, tx.Add(ctx, &j)
	})
	return j, err
}

// ChangeJobRole changes a job role, its headcounts or its bargaining unit.
func (r *Register) ChangeJobRole(ctx context.Context, a models.Actor, readAt int, j models.JobRole) (models.JobRole, error) {
	j.OrgID = a.OrgID
	if err := r.check(a, "job_role.change", own(a)); err != nil {
		return j, err
	}
	if err := checkJobRole(j); err != nil {
		return j, err
	}
	err := r.change(ctx, a, "job_role.change", func(tx *store.Tx, _ time.Time) (entry, error) {
		was, err := tx.JobRole(ctx, a.OrgID, j.ID)
		if err != nil {
			return entry{}, err
		}
		if err := versionIs("job_role", was.Version, readAt); err != nil {
			return entry{}, err
		}
		if err := rolesBelong(ctx, tx, j); err != nil {
			return entry{}, err
		}
		j.Version = was.Version + 1
		return entry{subject: j.ID, data: map[string]any{"title": j.Title, "headcount": j.Headcount, "version": j.Version, "row": hashOf(j)}}, tx.SaveJobRole(ctx, &j, readAt)
	})
	return j, err
}

// rolesBelong checks that what a job role points to is this organisation's own.
func rolesBelong(ctx context.Context, tx *store.Tx, j models.JobRole) error {
	if _, err := tx.ServiceArea(ctx, j.OrgID, j.ServiceAreaID); err != nil {
		return err
	}
	if j.BargainingUnitID == nil {
		return nil
	}
	_, err := tx.BargainingUnit(ctx, j.OrgID, *j.BargainingUnitID)
	return err
}

// area is the resource of a service area.
func (r *Register) area(ctx context.Context, rd store.Reader, a models.Actor, id string) (policy.Resource, models.ServiceArea, error) {
	area, err := rd.ServiceArea(ctx, a.OrgID, id)
	return policy.Resource{OrgID: a.OrgID, AreaPath: area.Path}, area, err
}

func cleanEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
