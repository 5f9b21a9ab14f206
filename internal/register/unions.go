package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// Unions are the unions that the employer deals with.
func (r *Register) Unions(ctx context.Context, a models.Actor) ([]models.Union, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return nil, err
	}
	return r.store.Unions(ctx, a.OrgID)
}

// AddUnion adds a union.
func (r *Register) AddUnion(ctx context.Context, a models.Actor, name, abbreviation string) (models.Union, error) {
	u := models.Union{OrgID: a.OrgID, ID: newID(), Name: name, Abbreviation: abbreviation, Version: 1}
	if err := r.check(a, "union.add", own(a)); err != nil {
		return u, err
	}
	var f models.Faults
	if strings.TrimSpace(name) == "" {
		f.Add("name", "required")
	}
	if strings.TrimSpace(abbreviation) == "" {
		f.Add("abbreviation", "required")
	}
	models.CheckPlainName(&f, "name", name, 200)
	models.CheckPlainName(&f, "abbreviation", abbreviation, 40)
	if err := f.Err(); err != nil {
		return u, err
	}
	err := r.change(ctx, a, "union.add", func(tx *store.Tx, _ time.Time) (entry, error) {
		all, err := tx.Unions(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		for _, o := range all {
			// Receipts name unions by these: none shall seem to be another.
			if folded := models.FoldedName(abbreviation); o.Abbreviation != abbreviation && (folded == models.FoldedName(o.Abbreviation) || folded == models.FoldedName(o.Name)) {
				return entry{}, field("abbreviation", "name_taken")
			}
		}
		return entry{subject: u.ID, data: map[string]any{"union": abbreviation}}, tx.Add(ctx, &u)
	})
	return u, err
}

// Branches are the branches of all unions.
func (r *Register) Branches(ctx context.Context, a models.Actor) ([]models.Branch, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return nil, err
	}
	return r.store.Branches(ctx, a.OrgID)
}

// AddBranch adds a branch of a union.
func (r *Register) AddBranch(ctx context.Context, a models.Actor, unionID, name string) (models.Branch, error) {
	b := models.Branch{OrgID: a.OrgID, ID: newID(), UnionID: unionID, Name: name}
	if err := r.check(a, "branch.add", policy.Resource{OrgID: a.OrgID, UnionID: unionID}); err != nil {
		return b, err
	}
	if unionID == "" {
		return b, field("union", "required")
	}
	if err := checkName("name", name); err != nil {
		return b, err
	}
	err := r.change(ctx, a, "branch.add", func(tx *store.Tx, _ time.Time) (entry, error) {
		if _, err := tx.Union(ctx, a.OrgID, unionID); err != nil {
			return entry{}, err
		}
		return entry{subject: b.ID, data: map[string]any{"name": name}}, tx.Add(ctx, &b)
	})
	return b, err
}

// AppointOfficer makes a person of the union an officer or deputy of a branch.
func (r *Register) AppointOfficer(ctx context.Context, a models.Actor, branchID, email, post string, from, to models.Date) (models.Officer, error) {
	var o models.Officer
	if branchID == "" {
		if err := r.check(a, "organisation.read", own(a)); err != nil {
			return o, err
		}
		return o, field("branch", "required")
	}
	branch, err := r.store.Branch(ctx, a.OrgID, branchID)
	if err != nil {
		return o, err
	}
	if err := r.check(a, "officer.appoint", policy.Resource{OrgID: a.OrgID, UnionID: branch.UnionID}); err != nil {
		return o, err
	}
	var f models.Faults
	if post != "officer" && post != "deputy" {
		f.Add("post", "unknown_value", "value", post, "allowed", "officer, deputy")
	}
	if from == 0 {
		f.Add("from", "required")
	}
	if to != 0 && to < from {
		f.Add("to", "order", "earlier", "from", "later", "to")
	}
	if strings.TrimSpace(email) == "" {
		f.Add("email", "required")
	}
	if err := f.Err(); err != nil {
		return o, err
	}
	err = r.change(ctx, a, "officer.appoint", func(tx *store.Tx, _ time.Time) (entry, error) {
		if err := firstAppointmentOnly(ctx, tx, a, branch.UnionID); err != nil {
			return entry{}, err
		}
		members, err := tx.Members(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		i := slices.IndexFunc(members, func(m store.Member) bool {
			return m.Email == cleanEmail(email) && m.UnionID != nil && *m.UnionID == branch.UnionID
		})
		if i < 0 {
			return entry{}, field("email", "not_of_union", "value", email)
		}
		o = models.Officer{OrgID: a.OrgID, ID: newID(), BranchID: branchID, UserID: members[i].UserID, Post: post, From: from, To: to}
		return entry{subject: branchID, data: map[string]any{"post": post}}, tx.Add(ctx, &o)
	})
	return o, err
}

// firstAppointmentOnly holds an administrator back from a union that has
// appointed anybody: from there on its officers see to their own posts.
func firstAppointmentOnly(ctx context.Context, tx *store.Tx, a models.Actor, unionID string) error {
	if slices.Contains(a.Unions(), unionID) {
		return nil
	}
	branches, err := tx.Branches(ctx, a.OrgID)
	if err != nil {
		return err
	}
	officers, err := tx.Officers(ctx, a.OrgID)
	if err != nil {
		return err
	}
	for _, o := range officers {
		if slices.ContainsFunc(branches, func(b models.Branch) bool { return b.ID == o.BranchID && b.UnionID == unionID }) {
			return models.Fail(models.Forbidden, "forbidden").With("act", "officer.appoint")
		}
	}
	return nil
}

// Recognitions are the agreements by which unions are recognised.
func (r *Register) Recognitions(ctx context.Context, a models.Actor) ([]models.Recognition, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return nil, err
	}
	return r.store.Recognitions(ctx, a.OrgID)
}

func checkRecognition(f *models.Faults, v models.Recognition) {
	if v.From == 0 {
		f.Add("from", "required")
	}
	if v.To != 0 && v.To < v.From {
		f.Add("to", "order", "earlier", "from", "later", "to")
	}
	for i, p := range v.Periods {
		path := "periods[" + itoa(i) + "]"
		if p.Days < 0 || p.Days > 730 {
			f.Add(path+".days", "out_of_range", "min", 0, "max", 730)
		}
		if !slices.Contains(models.Triggers, p.Trigger) {
			f.Add(path+".before", "unknown_value", "value", string(p.Trigger), "allowed", "decision, pilot, rollout")
		}
		if p.Kind != models.CalendarDays && p.Kind != models.WorkingDays {
			f.Add(path+".kind", "unknown_value", "value", string(p.Kind), "allowed", "calendar, working")
		}
		if p.Class != "" && (p.Class < models.ClassA || p.Class > models.ClassD || len(p.Class) != 1) {
			f.Add(path+".class", "unknown_value", "value", string(p.Class), "allowed", "A, B, C, D")
		}
	}
	if v.Contested && strings.TrimSpace(v.ContestedNote) == "" {
		f.Add("contestedNote", "required")
	}
	models.CheckText(f, "contestedNote", v.ContestedNote, 2000)
	for _, s := range v.Subjects {
		models.CheckText(f, "subjects", s, 200)
	}
}

// Agree records a recognition agreement.
func (r *Register) Agree(ctx context.Context, a models.Actor, v models.Recognition) (models.Recognition, error) {
	v.OrgID, v.ID, v.Version = a.OrgID, newID(), 1
	if err := r.check(a, "recognition.agree", policy.Resource{OrgID: a.OrgID, UnionID: v.UnionID}); err != nil {
		return v, err
	}
	var f models.Faults
	for path, id := range map[string]string{"union": v.UnionID, "branch": v.BranchID, "bargainingUnit": v.BargainingUnitID} {
		if id == "" {
			f.Add(path, "required")
		}
	}
	checkRecognition(&f, v)
	if err := f.Err(); err != nil {
		return v, err
	}
	if len(v.Subjects) == 0 {
		v.Subjects = []string{models.AllSubjects}
	}
	err := r.change(ctx, a, "recognition.agree", func(tx *store.Tx, _ time.Time) (entry, error) {
		if err := recognitionBelongs(ctx, tx, v); err != nil {
			return entry{}, err
		}
		return entry{subject: v.ID, data: map[string]any{"union": v.UnionID, "unit": v.BargainingUnitID, "from": v.From, "row": hashOf(v)}}, tx.Add(ctx, &v)
	})
	return v, err
}

func recognitionBelongs(ctx context.Context, tx *store.Tx, v models.Recognition) error {
	if _, err := tx.Union(ctx, v.OrgID, v.UnionID); err != nil {
		return err
	}
	b, err := tx.Branch(ctx, v.OrgID, v.BranchID)
	if err != nil {
		return err
	}
	if b.UnionID != v.UnionID {
		return field("branch", "not_found", "value", v.BranchID)
	}
	_, err = tx.BargainingUnit(ctx, v.OrgID, v.BargainingUnitID)
	return err
}

// ChangeRecognition ends an agreement, or records that it is contested or has
// new periods. Whom it is with and when it began stay.
func (r *Register) ChangeRecognition(ctx context.Context, a models.Actor, readAt int, id string, to models.Date, contested bool, note string, electronicFrom models.Date, periods []models.Period) (models.Recognition, error) {
	var v models.Recognition
	if err := r.check(a, "recognition.change", own(a)); err != nil {
		return v, err
	}
	err := r.change(ctx, a, "recognition.change", func(tx *store.Tx, _ time.Time) (entry, error) {
		var err error
		if v, err = tx.Recognition(ctx, a.OrgID, id); err != nil {
			return entry{}, err
		}
		if err := versionIs("recognition", v.Version, readAt); err != nil {
			return entry{}, err
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		if today := models.DateOf(r.Now(), org.Location()); to != v.To && to != 0 && to < today {
			return entry{}, field("to", "out_of_range", "min", today.String(), "max", "") // what was agreed was agreed
		}
		v.To, v.Contested, v.ContestedNote, v.ElectronicFrom, v.Periods = to, contested, note, electronicFrom, periods
		var f models.Faults
		checkRecognition(&f, v)
		if err := f.Err(); err != nil {
			return entry{}, err
		}
		v.Version++
		return entry{subject: v.ID, data: map[string]any{"to": v.To, "contested": v.Contested, "version": v.Version, "row": hashOf(v)}}, tx.SaveRecognition(ctx, &v, readAt)
	})
	return v, err
}

// ServiceAddresses are where branches have agreed to be served. A union's
// people see their own.
func (r *Register) ServiceAddresses(ctx context.Context, a models.Actor) ([]models.ServiceAddress, error) {
	if err := r.check(a, "organisation.read", own(a)); err != nil {
		return nil, err
	}
	all, err := r.store.ServiceAddresses(ctx, a.OrgID)
	if err != nil || a.EmployerSide() || a.Has(models.RoleAuditor) {
		return all, err
	}
	branches, err := r.store.Branches(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	mine := map[string]bool{}
	for _, b := range branches {
		mine[b.ID] = slices.Contains(a.Unions(), b.UnionID)
	}
	return slices.DeleteFunc(all, func(s models.ServiceAddress) bool { return !mine[s.BranchID] }), nil
}

// AgreeAddress records where a branch has agreed to be served.
func (r *Register) AgreeAddress(ctx context.Context, a models.Actor, s models.ServiceAddress) (models.ServiceAddress, error) {
	s.OrgID, s.ID, s.CreatedAt = a.OrgID, newID(), r.Now()
	if s.BranchID == "" {
		if err := r.check(a, "service_address.agree", own(a)); err != nil {
			return s, err
		}
		return s, field("branch", "required")
	}
	branch, err := r.store.Branch(ctx, a.OrgID, s.BranchID)
	if err != nil {
		return s, err
	}
	if err := r.check(a, "service_address.agree", policy.Resource{OrgID: a.OrgID, UnionID: branch.UnionID}); err != nil {
		return s, err
	}
	var f models.Faults
	if s.Channel == models.ByEmail {
		checkMailbox(&f, "address", s.Address)
	} else if s.Channel != models.ByHand && s.Channel != models.ByPost {
		f.Add("channel", "unknown_value", "value", string(s.Channel), "allowed", "email, hand, post")
	}
	if strings.TrimSpace(s.Address) == "" {
		f.Add("address", "required")
	}
	models.CheckText(&f, "address", s.Address, 500)
	if s.From == 0 {
		f.Add("from", "required")
	}
	if s.To != 0 && s.To < s.From {
		f.Add("to", "order", "earlier", "from", "later", "to")
	}
	if len(s.Languages) == 0 {
		f.Add("languages", "required")
	}
	for i, l := range s.Languages {
		if l != models.English && l != models.Welsh || slices.Contains(s.Languages[:i], l) {
			f.Add("languages["+itoa(i)+"]", "unknown_value", "value", string(l), "allowed", "en, cy")
		}
	}
	if err := f.Err(); err != nil {
		return s, err
	}
	err = r.change(ctx, a, "service_address.agree", func(tx *store.Tx, _ time.Time) (entry, error) {
		if err := tx.Add(ctx, &s); err != nil {
			return entry{}, err
		}
		return entry{subject: s.BranchID, data: map[string]any{"channel": string(s.Channel), "from": s.From, "row": hashOf(s)}}, tellOfficers(ctx, tx, a, branch.UnionID)
	})
	return s, err
}

// tellOfficers tells a union's officers that the employer has recorded where
// the union is served: nobody else could notice that the address is not theirs.
func tellOfficers(ctx context.Context, tx *store.Tx, a models.Actor, unionID string) error {
	members, err := tx.Members(ctx, a.OrgID)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.Role == models.RoleUnionOfficer && deref(m.UnionID) == unionID && m.SuspendedAt == nil {
			if err := tx.Promise(ctx, AddressLetter{ID: newID(), User: m.UserID}); err != nil {
				return err
			}
		}
	}
	return nil
}

// ConfirmAddress is a union's own word that an address is its branch's.
func (r *Register) ConfirmAddress(ctx context.Context, a models.Actor, id string) (models.ServiceAddress, error) {
	return r.changeAddress(ctx, a, "service_address.confirm", id, func(s *models.ServiceAddress, at time.Time, _ models.Date) error {
		if s.ConfirmedAt != nil {
			return models.Fail(models.Conflict, "address_confirmed")
		}
		s.ConfirmedAt, s.ConfirmedBy = &at, &a.UserID
		return nil
	})
}

// EndAddress ends an address: from the day after, the union is no longer
// served there. Only the union itself may.
func (r *Register) EndAddress(ctx context.Context, a models.Actor, id string) (models.ServiceAddress, error) {
	return r.changeAddress(ctx, a, "service_address.end", id, func(s *models.ServiceAddress, _ time.Time, today models.Date) error {
		if s.To != 0 && s.To <= today {
			return models.Fail(models.Conflict, "address_ended")
		}
		s.To = max(today, s.From)
		return nil
	})
}

func (r *Register) changeAddress(ctx context.Context, a models.Actor, verb, id string, do func(*models.ServiceAddress, time.Time, models.Date) error) (models.ServiceAddress, error) {
	var s models.ServiceAddress
	err := r.change(ctx, a, verb, func(tx *store.Tx, at time.Time) (entry, error) {
		if err := r.check(a, "organisation.read", own(a)); err != nil {
			return entry{}, err
		}
		var err error
		if s, err = tx.ServiceAddress(ctx, a.OrgID, id); err != nil {
			return entry{}, err
		}
		branch, err := tx.Branch(ctx, a.OrgID, s.BranchID)
		if err != nil {
			return entry{}, err
		}
		if !a.EmployerSide() && !a.Has(models.RoleAuditor) && !slices.Contains(a.Unions(), branch.UnionID) {
			return entry{}, models.Missing("service_address") // another union's is not seen
		}
		if err := r.check(a, verb, policy.Resource{OrgID: a.OrgID, UnionID: branch.UnionID}); err != nil {
			return entry{}, err
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		if err := do(&s, at, models.DateOf(at, org.Location())); err != nil {
			return entry{}, err
		}
		return entry{subject: s.BranchID, data: map[string]any{"address": s.ID, "to": s.To, "row": hashOf(s)}}, tx.SaveAddress(ctx, &s)
	})
	return s, err
}
