package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// DraftInput is what a person adds to the record to make a notice of it.
type DraftInput struct {
	Kind models.NoticeKind
	// Supersedes is the number of the notice that a supplementary one corrects.
	Supersedes string
	Worse      []int
	Languages  []models.Language
	Meetings   []models.Date
	HowToAsk   models.Text
	Dispute    models.Text
	StatusQuo  bool
	Correction models.Text
	// NotWorse is why the changes of a correction are not for the worse.
	NotWorse string
}

func (in DraftInput) check() error {
	var f models.Faults
	if !slices.Contains(models.NoticeKinds, in.Kind) || in.Kind == models.NoticeEmergency {
		f.Add("kind", "unknown_value", "value", string(in.Kind), "allowed", "formative, change, rollout, supplementary, late, withdrawal, review")
	}
	if (in.Kind == models.NoticeSupplementary) != (in.Supersedes != "") {
		f.Add("supersedes", "required")
	}
	if in.Kind == models.NoticeSupplementary && in.Correction == (models.Text{}) {
		f.Add("correction", "required")
	}
	for i, no := range in.Worse {
		if no < 1 || no > 26 {
			f.Add("worse["+itoa(i)+"]", "out_of_range", "min", 1, "max", 26)
		}
	}
	for i, l := range in.Languages {
		if l != models.English && l != models.Welsh || slices.Contains(in.Languages[:i], l) {
			f.Add("languages["+itoa(i)+"]", "unknown_value", "value", string(l), "allowed", "en, cy")
		}
	}
	if len(in.Meetings) > 20 {
		f.Add("meetings", "too_many", "max", 20)
	}
	for p, t := range map[string]models.Text{"howToAsk": in.HowToAsk, "dispute": in.Dispute, "correction": in.Correction} {
		models.CheckText(&f, p+".en", t.En, 5000)
		models.CheckText(&f, p+".cy", t.Cy, 5000)
	}
	models.CheckText(&f, "notWorse", in.NotWorse, 5000)
	return f.Err()
}

func (in DraftInput) into(d *models.Draft) {
	d.Kind, d.Worse, d.Languages, d.Meetings = in.Kind, in.Worse, in.Languages, in.Meetings
	d.HowToAsk, d.Dispute, d.StatusQuo, d.Correction, d.NotWorse = in.HowToAsk, in.Dispute, in.StatusQuo, in.Correction, in.NotWorse
	slices.Sort(d.Meetings)
}

// DraftNotice begins a notice. How to ask and the dispute route are filled in
// from the profile when they are left empty.
func (r *Register) DraftNotice(ctx context.Context, a models.Actor, ref string, in DraftInput) (models.Draft, error) {
	var d models.Draft
	if err := in.check(); err != nil {
		return d, err
	}
	err := r.change(ctx, a, "notice.draft", func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.open(ctx, tx.Reader, a, ref, "notice.draft")
		if err != nil {
			return entry{}, err
		}
		d = models.Draft{OrgID: a.OrgID, ID: newID(), DeploymentID: s.ID, Version: 1, CreatedBy: a.UserID, CreatedAt: at}
		in.into(&d)
		if in.Supersedes != "" {
			n, err := tx.Notice(ctx, a.OrgID, in.Supersedes)
			if err != nil {
				return entry{}, err
			}
			if n.DeploymentID != s.ID {
				return entry{}, models.Missing("notice")
			}
			if err := current(ctx, tx, n); err != nil {
				return entry{}, err
			}
			d.Supersedes = &n.ID
		}
		if err := r.defaults(ctx, tx, &d); err != nil {
			return entry{}, err
		}
		return draftEntry(d, s), tx.Add(ctx, &d)
	})
	return d, err
}

// current allows a correction only of the newest link of the chain that clocks
// run from: correcting an older notice would be a way round the restart.
func current(ctx context.Context, tx *store.Tx, n models.Notice) error {
	all, err := tx.Notices(ctx, n.OrgID, n.DeploymentID)
	if err != nil {
		return err
	}
	refused := models.Fail(models.Conflict, "not_newest").With("notice", n.No)
	root, at := models.RootOf(all, n), 0
	for i, o := range all {
		if o.SupersedesID != nil && *o.SupersedesID == n.ID {
			return refused
		}
		if o.ID == root.ID {
			at = i
		}
	}
	starts := false
	for _, t := range models.Triggers {
		if !root.Kind.Starts(t) {
			continue
		}
		starts = true
		if slices.ContainsFunc(all[at+1:], func(o models.Notice) bool { return o.Kind.Starts(t) }) {
			return refused
		}
	}
	if !starts {
		return refused
	}
	return nil
}

func draftEntry(d models.Draft, s subject) entry {
	return entry{subject: d.ID, deployment: s.ID, data: map[string]any{"ref": s.Ref, "kind": string(d.Kind), "version": d.Version}}
}

// defaults fills the parts of a draft that most notices share.
func (r *Register) defaults(ctx context.Context, tx *store.Tx, d *models.Draft) error {
	org, err := tx.Organisation(ctx, d.OrgID)
	if err != nil {
		return err
	}
	p, err := r.profile(org)
	if err != nil {
		return err
	}
	if d.HowToAsk == (models.Text{}) {
		d.HowToAsk = Both(models.Reason{Code: "notice.how_to_ask", Params: models.Params{"contact": org.Contact, "days": p.RequestDays}})
	}
	if d.Dispute == (models.Text{}) {
		for _, st := range p.Disputes {
			line := Both(models.Reason{Code: "notice.dispute_stage", Params: models.Params{"name": st.Name, "days": st.DueDays}})
			d.Dispute.En = strings.TrimSpace(d.Dispute.En + "\n" + line.En)
			d.Dispute.Cy = strings.TrimSpace(d.Dispute.Cy + "\n" + line.Cy)
		}
	}
	return nil
}

// openDraft loads a draft that is still to be served.
func (r *Register) openDraft(ctx context.Context, rd store.Reader, a models.Actor, id, act string, readAt int) (models.Draft, subject, error) {
	d, err := rd.Draft(ctx, a.OrgID, id)
	if err != nil {
		return d, subject{}, err
	}
	dep, err := rd.DeploymentByID(ctx, a.OrgID, d.DeploymentID)
	if err != nil {
		return d, subject{}, err
	}
	s, err := r.opened(ctx, rd, a, dep, act)
	if err != nil {
		return d, s, err
	}
	if d.NoticeID != nil {
		return d, s, models.Fail(models.Conflict, "notice_served_already")
	}
	if d.DiscardedAt != nil {
		return d, s, models.Fail(models.Gone, "notice_discarded")
	}
	if readAt >= 0 {
		err = versionIs("notice", d.Version, readAt)
	}
	return d, s, err
}

// ReviseNotice changes a notice that has not been served. Its kind stays.
func (r *Register) ReviseNotice(ctx context.Context, a models.Actor, id string, readAt int, in DraftInput) (models.Draft, error) {
	var d models.Draft
	err := r.change(ctx, a, "notice.revise", func(tx *store.Tx, _ time.Time) (entry, error) {
		var s subject
		var err error
		if d, s, err = r.openDraft(ctx, tx.Reader, a, id, "notice.revise", readAt); err != nil {
			return entry{}, err
		}
		in.Kind, in.Supersedes = d.Kind, deref(d.Supersedes)
		if err := in.check(); err != nil {
			return entry{}, err
		}
		in.into(&d)
		if err := r.defaults(ctx, tx, &d); err != nil {
			return entry{}, err
		}
		d.Version++
		return draftEntry(d, s), tx.SaveDraft(ctx, &d, readAt)
	})
	return d, err
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// DiscardNotice gives up a notice that has not been served.
func (r *Register) DiscardNotice(ctx context.Context, a models.Actor, id string, readAt int) error {
	return r.change(ctx, a, "notice.discard", func(tx *store.Tx, at time.Time) (entry, error) {
		d, s, err := r.openDraft(ctx, tx.Reader, a, id, "notice.discard", readAt)
		if err != nil {
			return entry{}, err
		}
		d.Version++
		d.DiscardedAt = &at
		return draftEntry(d, s), tx.SaveDraft(ctx, &d, readAt)
	})
}

// Drafts are the notices of a deployment that have not been served.
func (r *Register) Drafts(ctx context.Context, a models.Actor, ref string) ([]models.Draft, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "notice.draft")
	if err != nil {
		return nil, err
	}
	return r.store.Drafts(ctx, s.OrgID, s.ID)
}

// NoticeCheck is what a draft would say if it were served now, and what it lacks.
type NoticeCheck struct {
	Draft models.Draft
	Ref   string
	// Supersedes is the number of the notice that a correction stands in for.
	Supersedes string
	Items      []models.Item
	Rendered   []models.NoticeItem
	Gaps       []models.Gap
	Languages  []models.Language
	Parties    []Party
	// Told are the groups without a recognised union, whose staff are told directly.
	Told []string
	// Changed are the items that may restart the clock and differ from the
	// notice that this one corrects.
	Changed []int
	// Earliest by trigger, if it were served now.
	Earliest map[models.Trigger]models.Date
	// Seal is the hash of all of the above that would be frozen: who has looked
	// at it serves that, or nothing.
	Seal string
}

// Party is a union that a notice would be served on: a branch that it names,
// and the addresses agreed to by every branch that is recognised here.
type Party struct {
	models.InScope
	Branch    models.Branch
	Addresses []models.ServiceAddress
}

// CheckNotice fills a draft from the record and names every gap.
func (r *Register) CheckNotice(ctx context.Context, a models.Actor, id string) (NoticeCheck, error) {
	d, s, err := r.openDraft(ctx, r.store.Reader, a, id, "notice.draft", -1)
	if err != nil {
		return NoticeCheck{}, err
	}
	f, err := r.gateFacts(ctx, r.store.Reader, s, 0)
	if err != nil {
		return NoticeCheck{}, err
	}
	return r.prepare(ctx, r.store.Reader, s, f, d)
}

// prepare works out everything about a draft that is to be served.
func (r *Register) prepare(ctx context.Context, rd store.Reader, s subject, f models.GateFacts, d models.Draft) (NoticeCheck, error) {
	c := NoticeCheck{Draft: d, Ref: s.Ref}
	if d.Supersedes != nil {
		old, err := rd.NoticeByID(ctx, s.OrgID, *d.Supersedes)
		if err != nil {
			return c, err
		}
		c.Supersedes = old.No
	}
	org, err := rd.Organisation(ctx, s.OrgID)
	if err != nil {
		return c, err
	}
	roles, err := rd.JobRolesOf(ctx, s.OrgID, f.Record.Groups)
	if err != nil {
		return c, err
	}
	if c.Parties, err = parties(ctx, rd, s.OrgID, f.Scope, f.At); err != nil {
		return c, err
	}
	if c.Items, c.Languages, err = r.items(ctx, rd, org, s.area, f, d, roles); err != nil {
		return c, err
	}
	c.Draft.Languages = c.Languages
	c.Gaps = models.Gaps(c.Items, c.Languages)
	for _, it := range c.Items {
		if len(it.Parts) > 0 {
			c.Rendered = append(c.Rendered, RenderItem(it, c.Languages))
		}
	}
	for _, g := range f.Scope.Unserved {
		c.Told = append(c.Told, roles[g.JobRoleID].Title)
	}
	if c.Earliest, err = projected(f, d); err != nil {
		return c, err
	}
	c.Seal, err = c.seal()
	return c, err
}

// seal is the hash of what would be frozen if the draft were served now.
func (c NoticeCheck) seal() (string, error) {
	type recipient struct {
		Union, Branch string
		Addresses     []models.ServiceAddress
		Prejudice     bool
	}
	to := make([]recipient, len(c.Parties))
	for i, p := range c.Parties {
		to[i] = recipient{p.Union.ID, p.Branch.ID, p.Addresses, p.WithoutPrejudice}
	}
	b, err := ledger.Canonical(map[string]any{
		"items": c.Rendered, "languages": c.Languages, "told": c.Told, "earliest": c.Earliest, "to": to,
		"correction": c.Draft.Correction, "notWorse": c.Draft.NotWorse, "worse": c.Draft.Worse,
	})
	return ledger.Hash(b), err
}

// items fills the items of a notice and says in which languages it must be.
func (r *Register) items(ctx context.Context, rd store.Reader, org models.Organisation, area models.ServiceArea, f models.GateFacts, d models.Draft, roles map[string]models.JobRole) ([]models.Item, []models.Language, error) {
	if len(d.Languages) == 0 {
		ps, err := parties(ctx, rd, org.ID, f.Scope, f.At)
		if err != nil {
			return nil, nil, err
		}
		d.Languages = languagesOf(f.Profile, ps)
	}
	earliest, err := projected(f, d)
	if err != nil {
		return nil, nil, err
	}
	facts := models.ItemFacts{
		Deployment: f.Deployment, Organisation: org, Area: area, Record: f.Record, Draft: d,
		Profile: f.Profile, Roles: roles, Earliest: earliest, WindowEnds: windowEnds(earliest, f.At), Today: f.At,
	}
	return models.Items(facts), d.Languages, nil
}

// windowEnds is the last day to respond: the day before the first thing the
// notice runs before.
func windowEnds(earliest map[models.Trigger]models.Date, today models.Date) models.Date {
	for _, t := range models.Triggers {
		if e, ok := earliest[t]; ok {
			return max(e-1, today)
		}
	}
	return today
}

// projected is the earliest date before each trigger if a draft were served now
// and its evidence came at once: after the cut-off hour that is the next working
// day, in the notice's own words as on its clock.
func projected(f models.GateFacts, d models.Draft) (map[models.Trigger]models.Date, error) {
	kind := d.Kind
	if kind == models.NoticeSupplementary {
		all := make([]models.Notice, len(f.Notices))
		for i, n := range f.Notices {
			all[i] = n.Notice
		}
		kind = models.RootOf(all, models.Notice{SupersedesID: d.Supersedes}).Kind
	}
	out := map[models.Trigger]models.Date{}
	for _, t := range models.Triggers {
		if !kind.Starts(t) {
			continue
		}
		for _, u := range f.Scope.Unions {
			periods, err := models.PeriodsOn(f.Profile, u, f.Deployment.EffectiveClass(), t)
			if err != nil {
				return nil, err
			}
			k := models.ReadClock(models.ClockInput{Evidence: f.Until, Periods: periods, Zone: f.Zone, CutOff: f.Profile.CutOff, Calendar: f.Calendar, At: f.At})
			out[t] = max(out[t], k.Earliest)
		}
	}
	return out, nil
}

// parties finds the branch and the addresses in force of every union in scope.
func parties(ctx context.Context, rd store.Reader, org string, scope models.Scope, on models.Date) ([]Party, error) {
	branches, err := rd.Branches(ctx, org)
	if err != nil {
		return nil, err
	}
	addresses, err := rd.ServiceAddresses(ctx, org)
	if err != nil {
		return nil, err
	}
	out := make([]Party, 0, len(scope.Unions))
	for _, u := range scope.Unions {
		p := Party{InScope: u}
		var of []string
		for _, b := range branches {
			recognised := slices.ContainsFunc(u.Recognitions, func(v models.Recognition) bool { return v.BranchID == b.ID })
			if recognised || len(u.Recognitions) == 0 && b.UnionID == u.Union.ID {
				of = append(of, b.ID)
				if p.Branch.ID == "" {
					p.Branch = b
				}
			}
		}
		if len(of) > 0 {
			inForce := slices.Clone(addresses)
			inForce = slices.DeleteFunc(inForce, func(s models.ServiceAddress) bool { return !slices.Contains(of, s.BranchID) || !s.InForce(on) })
			for _, s := range confirmed(inForce) {
				if s.Channel != models.ByEmail || electronic(u, on) {
					p.Addresses = append(p.Addresses, s)
				}
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// confirmed leaves out what only the employer recorded, where the branch has
// said of an address of the same kind that it is its own.
func confirmed(all []models.ServiceAddress) []models.ServiceAddress {
	var out []models.ServiceAddress
	for _, s := range all {
		better := func(o models.ServiceAddress) bool {
			return o.ConfirmedAt != nil && o.BranchID == s.BranchID && o.Channel == s.Channel
		}
		if s.ConfirmedAt != nil || !slices.ContainsFunc(all, better) {
			out = append(out, s)
		}
	}
	return out
}

// electronic says whether service by e-mail has been agreed with a union. A
// union added by hand has no agreement: the address it gave is its consent.
func electronic(u models.InScope, on models.Date) bool {
	return len(u.Recognitions) == 0 || slices.ContainsFunc(u.Recognitions, func(v models.Recognition) bool {
		return v.ElectronicFrom != 0 && v.ElectronicFrom <= on
	})
}

// languagesOf are the languages a notice must be in: the profile's and every recipient's.
func languagesOf(p models.Profile, ps []Party) []models.Language {
	out := slices.Clone(p.Languages)
	for _, party := range ps {
		for _, s := range party.Addresses {
			for _, l := range s.Languages {
				if !slices.Contains(out, l) {
					out = append(out, l)
				}
			}
		}
	}
	if len(out) == 0 {
		out = []models.Language{models.English}
	}
	return out
}
