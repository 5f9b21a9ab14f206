package register

import (
	"context"
	"fmt"
	"slices"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// frozenDays is how far ahead a served notice writes down the calendar: longer
// than any period with its pauses is likely to run.
const frozenDays = 800

// ServeNotice freezes a draft, numbers and hashes it, and promises a message
// to every address of every union in scope, all in one transaction. Serving a
// first notice takes a formative deployment to noticed, if that gate is open.
// Where the seal is given of what somebody checked, that is served or nothing:
// the record may have been changed since.
func (r *Register) ServeNotice(ctx context.Context, a models.Actor, id string, readAt int, checked ...string) (models.Notice, error) {
	var n models.Notice
	err := r.change(ctx, a, "notice.serve", func(tx *store.Tx, at time.Time) (entry, error) {
		d, s, err := r.openDraft(ctx, tx.Reader, a, id, "notice.serve", readAt)
		if err != nil {
			return entry{}, err
		}
		f, err := r.gateFacts(ctx, tx.Reader, s, 0)
		if err != nil {
			return entry{}, err
		}
		if err := mayServe(f, d.Kind); err != nil {
			return entry{}, err
		}
		c, err := r.prepare(ctx, tx.Reader, s, f, d)
		if err != nil {
			return entry{}, err
		}
		if len(checked) > 0 && checked[0] != c.Seal {
			return entry{}, models.Fail(models.Stale, "notice_changed")
		}
		if err := r.worse(ctx, tx, s, &c); err != nil {
			return entry{}, err
		}
		if err := complete(c); err != nil {
			return entry{}, err
		}
		n, err = r.serve(ctx, tx, a, &s, f, c, at)
		if err != nil {
			return entry{}, err
		}
		d.NoticeID = &n.ID
		d.Version++
		return noticeEntry(n, s, c), tx.SaveDraft(ctx, &d, readAt)
	})
	return n, err
}

func noticeEntry(n models.Notice, s subject, c NoticeCheck) entry {
	unions := make([]string, 0, len(c.Parties))
	for _, p := range c.Parties {
		unions = append(unions, p.Union.Abbreviation)
	}
	return entry{subject: n.ID, deployment: s.ID, data: map[string]any{
		"ref": s.Ref, "no": n.No, "kind": string(n.Kind), "notice": n.SHA256, "unions": unions, "stage": string(s.Stage), "record": n.DeploymentVersion,
	}}
}

// mayServe says whether a notice of this kind has its place at this stage.
func mayServe(f models.GateFacts, kind models.NoticeKind) error {
	stage := f.Deployment.Stage
	wrong := models.Fail(models.Conflict, "draft_kind").With("kind", models.Reason{Code: "noticeKind." + string(kind)}, "stage", stageName(stage))
	switch {
	case stage == models.StageIdea, stage == models.StageRetired, stage == models.StageWithdrawn && kind != models.NoticeWithdrawal:
		return wrong
	case kind == models.NoticeRollout && stage.Rank() < models.StageDecided.Rank():
		return wrong
	case kind == models.NoticeFormative || kind == models.NoticeWithdrawal || kind == models.NoticeReview:
		return nil
	case slices.ContainsFunc(f.Notices, func(n models.ServedNotice) bool { return n.Notice.Kind.Starts(models.BeforePilot) }):
		return nil
	}
	// The first change or late notice is the gate into noticed: what that asks
	// beyond the items, which are checked by themselves, must be there.
	if b := models.NoticeBlockers(f); len(b) > 0 {
		return blocked(models.Gate{To: models.StageNoticed, Blockers: b})
	}
	return nil
}

// worse finds which of the items that may restart the clock differ from the
// notice that a supplementary one corrects. They restart it, unless whoever
// serves says why they are not for the worse; that is printed in the notice.
func (r *Register) worse(ctx context.Context, tx *store.Tx, s subject, c *NoticeCheck) error {
	if c.Draft.Supersedes == nil {
		return nil
	}
	old, err := tx.NoticeByID(ctx, s.OrgID, *c.Draft.Supersedes)
	if err != nil {
		return err
	}
	if err := current(ctx, tx, old); err != nil {
		return err
	}
	v, err := tx.Version(ctx, s.OrgID, s.ID, old.DeploymentVersion)
	if err != nil {
		return err
	}
	before, err := readRecord(v.RecordJSON)
	if err != nil {
		return err
	}
	c.Changed = models.ChangedItems(before, s.rec)
	if slices.Contains(models.Material(before, s.rec), "worker_group") {
		c.Draft.Worse = append(slices.Clone(c.Draft.Worse), groupsItem) // whatever anybody says
	}
	if models.IsTBC(c.Draft.NotWorse) {
		c.Draft.Worse = append(slices.Clone(c.Draft.Worse), c.Changed...)
	}
	return nil
}

// complete names every item that is empty or "TBC", every recipient's language
// that is missing, and every union without a place to be served at.
func complete(c NoticeCheck) error {
	if len(c.Parties) == 0 {
		return models.Fail(models.Invalid, "notice_no_union")
	}
	e := models.Fail(models.Invalid, "notice_gaps").With("count", len(c.Gaps))
	for _, g := range c.Gaps {
		code := "item_empty"
		if g.Language != "" {
			code = "item_language"
		}
		e.Fields = append(e.Fields, models.Field{Path: "items[" + itoa(g.No) + "]", Code: "gate." + code, Params: models.Params{
			"no": g.No, "label": models.Reason{Code: "label." + g.Label}, "language": models.Reason{Code: "language." + string(g.Language)},
		}})
	}
	if c.Draft.Kind == models.NoticeSupplementary {
		for _, l := range c.Languages {
			if text := map[models.Language]string{models.English: c.Draft.Correction.En, models.Welsh: c.Draft.Correction.Cy}[l]; models.IsTBC(text) {
				e.Fields = append(e.Fields, models.Field{Path: "correction." + string(l), Code: "required"})
			}
		}
	}
	for _, p := range c.Parties {
		if len(p.Addresses) == 0 {
			e.Fields = append(e.Fields, models.Field{Path: "recipients[" + p.Union.Abbreviation + "]", Code: "no_address", Params: models.Params{"union": p.Union.Abbreviation}})
		}
		for _, s := range p.Addresses {
			for _, l := range s.Languages {
				if !slices.Contains(c.Languages, l) {
					e.Fields = append(e.Fields, models.Field{Path: "languages", Code: "language_missing", Params: models.Params{
						"union": p.Union.Abbreviation, "language": models.Reason{Code: "language." + string(l)},
					}})
				}
			}
		}
	}
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// serve writes the frozen notice, its recipients and messages, and promises the jobs.
func (r *Register) serve(ctx context.Context, tx *store.Tx, a models.Actor, s *subject, f models.GateFacts, c NoticeCheck, at time.Time) (models.Notice, error) {
	d := c.Draft
	n := models.Notice{
		OrgID: a.OrgID, ID: newID(), DeploymentID: s.ID, Kind: d.Kind, SupersedesID: d.Supersedes,
		Restarts: d.Kind == models.NoticeSupplementary && models.Restarts(d.Worse), DeploymentVersion: s.Version,
		Class: s.EffectiveClass(), ServedBy: a.UserID, ServedAt: at,
	}
	if err := r.advance(ctx, tx, a, s, d.Kind, at); err != nil {
		return n, err
	}
	// The counter is locked from here to the commit: as late as can be.
	n.Year = models.DateOf(at, f.Zone).Year()
	var err error
	if n.Number, err = tx.NextNumber(ctx, a.OrgID, "notice", n.Year); err != nil {
		return n, err
	}
	n.No = fmt.Sprintf("N-%d-%03d", n.Year, n.Number)
	content, err := r.content(ctx, tx.Reader, n, *s, f, c)
	if err != nil {
		return n, err
	}
	b, err := ledger.Canonical(content)
	if err != nil {
		return n, err
	}
	n.Content, n.SHA256 = string(b), ledger.Hash(b)
	if err := tx.Add(ctx, &n); err != nil {
		return n, err
	}
	return n, r.dispatch(ctx, tx, n, f, c.Parties)
}

// advance moves a formative deployment on when its first notice is served, and
// opens it to the public.
func (r *Register) advance(ctx context.Context, tx *store.Tx, a models.Actor, s *subject, kind models.NoticeKind, at time.Time) error {
	readAt, from := s.Version, s.Stage
	if s.Stage == models.StageFormative && kind.Starts(models.BeforePilot) {
		s.Stage = models.StageNoticed
	}
	audience := models.AudienceAt(s.Stage, s.Late, true)
	if s.Stage == from && audience == s.Audience {
		return nil
	}
	s.Audience, s.UpdatedAt = audience, at
	if s.Stage != from {
		// The record stays as it is; its state is a version of its own.
		s.Version++
		if err := addVersion(ctx, tx, a, s.Deployment, at, ""); err != nil {
			return err
		}
		move := models.StageMove{OrgID: s.OrgID, ID: newID(), DeploymentID: s.ID, FromStage: from, ToStage: s.Stage, Version: s.Version, ByUserID: a.UserID, At: at}
		if err := tx.Add(ctx, &move); err != nil {
			return err
		}
	}
	return tx.SaveState(ctx, &s.Deployment, readAt)
}

// content is what the notice says, with the rules that it is judged by.
func (r *Register) content(ctx context.Context, rd store.Reader, n models.Notice, s subject, f models.GateFacts, c NoticeCheck) (models.NoticeContent, error) {
	org, err := rd.Organisation(ctx, s.OrgID)
	if err != nil {
		return models.NoticeContent{}, err
	}
	out := models.NoticeContent{
		V: 1, No: n.No, Kind: n.Kind, Ref: s.Ref, Name: s.rec.Name, Version: n.DeploymentVersion, Class: n.Class, Late: s.Late,
		Organisation: org.Name(), ServedAt: n.ServedAt, Restarts: n.Restarts, Correction: c.Draft.Correction,
		Changed: c.Changed, NotWorse: c.Draft.NotWorse, Languages: c.Languages, Items: c.Rendered, Told: c.Told,
	}
	if n.SupersedesID != nil {
		old, err := rd.NoticeByID(ctx, n.OrgID, *n.SupersedesID)
		if err != nil {
			return out, err
		}
		out.Supersedes = old.No
	}
	out.Rules = models.NoticeRules{Profile: f.Profile.Code, Sufficient: f.Profile.Sufficient, ProofDays: f.Profile.SilentDays, Clock: models.ClockRules{
		Zone: org.Zone, CutOff: f.Profile.CutOff, Calendar: f.Calendar.Freeze(f.At, f.At+frozenDays),
	}}
	for _, p := range c.Parties {
		np := models.NoticeParty{UnionID: p.Union.ID, BranchID: p.Branch.ID, Union: p.Union.Abbreviation, Branch: p.Branch.Name, WithoutPrejudice: p.WithoutPrejudice, Periods: []models.Period{}, Why: []models.Text{}}
		for _, w := range p.Why {
			np.Why = append(np.Why, Both(w))
		}
		for _, t := range models.Triggers {
			periods, err := models.PeriodsOn(f.Profile, p.InScope, n.Class, t)
			if err != nil {
				return out, err
			}
			np.Periods = append(np.Periods, periods...)
		}
		out.Parties = append(out.Parties, np)
	}
	return out, nil
}

// dispatch writes who is served and where, one message an address, and
// promises the e-mails and the watch over silence.
func (r *Register) dispatch(ctx context.Context, tx *store.Tx, n models.Notice, f models.GateFacts, ps []Party) error {
	var recipients []models.Recipient
	var messages []models.Dispatch
	var jobs []store.Job
	seen := map[string]bool{}
	for _, p := range ps {
		rec := models.Recipient{OrgID: n.OrgID, ID: newID(), NoticeID: n.ID, UnionID: p.Union.ID, BranchID: p.Branch.ID, WithoutPrejudice: p.WithoutPrejudice}
		recipients = append(recipients, rec)
		for _, s := range p.Addresses {
			key := rec.ID + string(s.Channel) + s.Address
			if seen[key] {
				continue
			}
			seen[key] = true
			m := models.Dispatch{OrgID: n.OrgID, ID: newID(), NoticeID: n.ID, RecipientID: rec.ID, Channel: s.Channel, Address: s.Address, Languages: s.Languages}
			m.MessageID = m.ID + "@" + r.mailDomain()
			messages = append(messages, m)
			if s.Channel == models.ByEmail {
				jobs = append(jobs, Deliver{Org: n.OrgID, Dispatch: m.ID})
			}
		}
	}
	if err := tx.Add(ctx, &recipients); err != nil {
		return err
	}
	if err := tx.Add(ctx, &messages); err != nil {
		return err
	}
	jobs = append(jobs, SignCheckpoint{Org: n.OrgID, Cause: models.CheckpointNotice})
	if err := tx.Promise(ctx, jobs...); err != nil {
		return err
	}
	watch := f.Calendar.AddWorking(f.Calendar.NextWorking(f.At), f.Profile.SilentDays).AddDays(1).At(0, 0, f.Zone)
	return tx.PromiseAt(ctx, watch, WatchSilence{Org: n.OrgID, Notice: n.ID, Due: watch.UTC()})
}
