package register

import (
	"context"
	"encoding/json"
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
func (r *Register) ServeNotice(ctx context.Context, a models.Actor, id string, readAt int) (models.Notice, error) {
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
	v, err := tx.Version(ctx, s.OrgID, s.ID, old.DeploymentVersion)
	if err != nil {
		return err
	}
	before, err := readRecord(v.RecordJSON)
	if err != nil {
		return err
	}
	c.Changed = models.ChangedItems(before, s.rec)
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
	if err := tx.Promise(ctx, jobs...); err != nil {
		return err
	}
	watch := f.Calendar.AddWorking(f.Calendar.NextWorking(f.At), f.Profile.SilentDays).AddDays(1).At(0, 0, f.Zone)
	return tx.PromiseAt(ctx, watch, WatchSilence{Org: n.OrgID, Notice: n.ID, Due: watch.UTC()})
}

// NoticeView is a served notice with the delivery of each party that the
// reader may see.
type NoticeView struct {
	models.Notice
	Body    models.NoticeContent
	Ref     string
	Parties []PartyService
	Can     []string
}

// PartyService is how a notice was served on one union.
type PartyService struct {
	models.Recipient
	Union      string
	Branch     string
	Dispatches []models.Dispatch
	Events     []models.Delivery
	// ServedAt is the instant of the first sufficient evidence, or zero.
	ServedAt       time.Time
	AcknowledgedAt time.Time
	AcknowledgedBy string
	Can            []string
}

// Notice is a served notice by its number.
func (r *Register) Notice(ctx context.Context, a models.Actor, no string) (NoticeView, error) {
	n, s, err := r.openNotice(ctx, r.store.Reader, a, no, "notice.read")
	if err != nil {
		return NoticeView{}, err
	}
	return r.noticeView(ctx, a, s, n)
}

// Notices are the served notices of a deployment, oldest first.
func (r *Register) Notices(ctx context.Context, a models.Actor, ref string) ([]NoticeView, error) {
	s, err := r.open(ctx, r.store.Reader, a, ref, "notice.read")
	if err != nil {
		return nil, err
	}
	notices, err := r.store.Notices(ctx, s.OrgID, s.ID)
	if err != nil {
		return nil, err
	}
	out := make([]NoticeView, 0, len(notices))
	for _, n := range notices {
		v, err := r.noticeView(ctx, a, s, n)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *Register) openNotice(ctx context.Context, rd store.Reader, a models.Actor, no, act string) (models.Notice, subject, error) {
	n, err := rd.Notice(ctx, a.OrgID, no)
	if err != nil {
		return n, subject{}, err
	}
	d, err := rd.DeploymentByID(ctx, a.OrgID, n.DeploymentID)
	if err != nil {
		return n, subject{}, err
	}
	s, err := r.opened(ctx, rd, a, d, act)
	return n, s, err
}

func (r *Register) noticeView(ctx context.Context, a models.Actor, s subject, n models.Notice) (NoticeView, error) {
	v := NoticeView{Notice: n, Ref: s.Ref, Can: r.policy.Allowed(a, []string{"delivery.record", "notice.draft"}, s.res)}
	if err := json.Unmarshal([]byte(n.Content), &v.Body); err != nil {
		return v, err
	}
	// What the record withholds from this reader is not read here either.
	org, err := r.store.Organisation(ctx, n.OrgID)
	if err != nil {
		return v, err
	}
	for _, no := range s.rec.ItemsWithheld(audienceOf(a, s.res), models.DateOf(r.Now(), org.Location())) {
		for i := range v.Body.Items {
			if v.Body.Items[i].No == no {
				v.Body.Items[i].Text = Both(models.Reason{Code: "item.withheld_here"})
				v.Content = "" // the frozen words would show it
			}
		}
	}
	served, err := withService(ctx, r.store.Reader, n.OrgID, []models.Notice{n})
	if err != nil {
		return v, err
	}
	dispatches, err := r.store.Dispatches(ctx, n.OrgID, n.ID)
	if err != nil {
		return v, err
	}
	acks, err := r.store.Acknowledgements(ctx, n.OrgID, []string{n.ID})
	if err != nil {
		return v, err
	}
	for _, np := range v.Body.Parties {
		rec, ok := served[0].Recipients[np.UnionID]
		if !ok {
			continue
		}
		res := s.res
		res.UnionID = np.UnionID
		p := PartyService{Recipient: rec, Union: np.Union, Branch: np.Branch, Can: r.policy.Allowed(a, []string{"notice.acknowledge", "delivery.record"}, res)}
		p.ServedAt = served[0].EvidenceFor(np.UnionID, r.Now())
		for _, k := range acks {
			if k.RecipientID == rec.ID {
				p.AcknowledgedAt, p.AcknowledgedBy = k.At, k.ByUserID
			}
		}
		// Where a union is served, and what came of it, is its own and the employer's.
		if r.policy.Check(a, "delivery.read", res) == nil {
			p.Events = served[0].Events[np.UnionID]
			for _, m := range dispatches {
				if m.RecipientID == rec.ID {
					p.Dispatches = append(p.Dispatches, m)
				}
			}
		} else {
			p.AcknowledgedBy = ""
		}
		v.Parties = append(v.Parties, p)
	}
	return v, nil
}

// Acknowledge records, behind sign-in, that a union has the notice. It is the
// strongest evidence of service.
func (r *Register) Acknowledge(ctx context.Context, a models.Actor, no, unionID string) error {
	return r.change(ctx, a, "notice.acknowledge", func(tx *store.Tx, at time.Time) (entry, error) {
		n, s, err := r.openNotice(ctx, tx.Reader, a, no, "notice.read")
		if err != nil {
			return entry{}, err
		}
		unionID := unionID
		if mine := a.Unions(); unionID == "" && len(mine) == 1 {
			unionID = mine[0]
		}
		rec, err := recipientOf(ctx, tx.Reader, n, unionID)
		if err != nil {
			return entry{}, err
		}
		res := s.res
		res.UnionID = unionID
		if err := r.check(a, "notice.acknowledge", res); err != nil {
			return entry{}, err
		}
		e := models.Delivery{OrgID: n.OrgID, ID: newID(), NoticeID: n.ID, RecipientID: rec.ID, Event: models.Acknowledged, At: at, RecordedAt: at, ByUserID: &a.UserID}
		if err := tx.Add(ctx, &e); err != nil {
			return entry{}, err
		}
		acks, err := tx.Acknowledgements(ctx, n.OrgID, []string{n.ID})
		if err != nil {
			return entry{}, err
		}
		if slices.ContainsFunc(acks, func(k store.Acknowledgement) bool { return k.RecipientID == rec.ID }) {
			return entry{}, models.Fail(models.Conflict, "already_acknowledged").With("notice", no)
		}
		err = tx.Add(ctx, &store.Acknowledgement{OrgID: n.OrgID, RecipientID: rec.ID, DeliveryID: e.ID, ByUserID: a.UserID, At: at})
		if models.KindOf(err) == models.Conflict {
			return entry{}, models.Fail(models.Conflict, "already_acknowledged").With("notice", no)
		}
		return deliveryEntry(e, n, s, unionID), err
	})
}

func deliveryEntry(e models.Delivery, n models.Notice, s subject, unionID string) entry {
	return entry{subject: e.ID, deployment: s.ID, data: map[string]any{"ref": s.Ref, "no": n.No, "notice": n.SHA256, "union": unionID, "event": string(e.Event), "at": e.At}}
}

func recipientOf(ctx context.Context, rd store.Reader, n models.Notice, unionID string) (models.Recipient, error) {
	all, err := rd.Recipients(ctx, n.OrgID, []string{n.ID})
	if err != nil {
		return models.Recipient{}, err
	}
	for _, p := range all {
		if p.UnionID == unionID {
			return p, nil
		}
	}
	return models.Recipient{}, models.Missing("recipient")
}

// RecordDelivery records service by hand or post, with a proof file.
func (r *Register) RecordDelivery(ctx context.Context, a models.Actor, no, unionID string, event models.DeliveryEvent, at time.Time, detail, proofID string) error {
	var f models.Faults
	if event != models.Handed && event != models.Posted {
		f.Add("event", "unknown_value", "value", string(event), "allowed", "handed, posted")
	}
	if proofID == "" {
		f.Add("proof", "required")
	}
	models.CheckText(&f, "detail", detail, 2000)
	if err := f.Err(); err != nil {
		return err
	}
	return r.change(ctx, a, "delivery.record", func(tx *store.Tx, now time.Time) (entry, error) {
		n, s, err := r.openNotice(ctx, tx.Reader, a, no, "delivery.record")
		if err != nil {
			return entry{}, err
		}
		at := at.UTC().Truncate(time.Microsecond)
		if at.After(now) || at.Before(n.ServedAt) {
			return entry{}, field("at", "out_of_range", "min", n.ServedAt.Format(time.RFC3339), "max", now.Format(time.RFC3339))
		}
		rec, err := recipientOf(ctx, tx.Reader, n, unionID)
		if err != nil {
			return entry{}, err
		}
		proof, err := tx.Attachment(ctx, a.OrgID, proofID)
		if err != nil {
			return entry{}, err
		}
		e := models.Delivery{OrgID: n.OrgID, ID: newID(), NoticeID: n.ID, RecipientID: rec.ID, Event: event, At: at, RecordedAt: now, Detail: detail, AttachmentID: &proof.ID, ByUserID: &a.UserID}
		done := deliveryEntry(e, n, s, unionID)
		done.data["proof"] = proof.SHA256
		return done, tx.Add(ctx, &e)
	})
}
