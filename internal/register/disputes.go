package register

import (
	"context"
	"slices"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// NewDispute is a dispute to be opened.
type NewDispute struct {
	// UnionID is the union that it is with; a union's officer need not name it.
	UnionID string
	Subject string
	Remedy  string
}

const longestStatement = 20_000

// OpenDispute opens a dispute at the first stage of the profile. Where that
// stage keeps the status quo, a hold lies over the deployment from now until
// the stage's last day, or the profile's bound if that is sooner.
func (r *Register) OpenDispute(ctx context.Context, a models.Actor, ref string, in NewDispute) (models.DisputeState, error) {
	var d models.DisputeState
	var f models.Faults
	spoken(&f, "subject", in.Subject, 300)
	spoken(&f, "remedy", in.Remedy, longestStatement)
	if models.IsTBC(in.Remedy) && in.Remedy != "" {
		f.Add("remedy", "required")
	}
	if err := f.Err(); err != nil {
		return d, err
	}
	err := r.change(ctx, a, "dispute.open", func(tx *store.Tx, at time.Time) (entry, error) {
		s, err := r.open(ctx, tx.Reader, a, ref, "deployment.read")
		if err != nil {
			return entry{}, err
		}
		side := models.EmployerParty
		if len(a.Unions()) > 0 {
			side = "union"
			if in.UnionID, err = party(a, in.UnionID, a.Unions()); err != nil {
				return entry{}, err
			}
		}
		res := s.res
		if side == "union" {
			res.UnionID = in.UnionID
		}
		if err := r.check(a, "dispute.open", res); err != nil {
			return entry{}, err
		}
		if s.Audience == models.AudienceEmployer {
			return entry{}, field("deployment", "not_shared")
		}
		u, err := tx.Union(ctx, a.OrgID, in.UnionID)
		if err != nil {
			return entry{}, field("union", "unknown_reference")
		}
		facts, err := r.gateFacts(ctx, tx.Reader, s, 0)
		if err != nil {
			return entry{}, err
		}
		if _, ok := facts.Scope.Union(u.ID); !ok {
			return entry{}, models.Fail(models.Conflict, "union_not_in_scope").With("union", u.Abbreviation)
		}
		if !models.MayOpen(facts.Profile.Disputes, side) {
			return entry{}, models.Fail(models.Conflict, "dispute_side").With("profile", facts.Profile.Code)
		}
		// One at a time: a second would only renew the status quo of the first.
		running, err := tx.Disputes(ctx, a.OrgID, s.ID)
		if err != nil {
			return entry{}, err
		}
		for _, x := range running {
			if x.UnionID == u.ID && x.Open() {
				return entry{}, models.Fail(models.Conflict, "dispute_runs").With("dispute", x.No)
			}
		}
		no, today, err := r.numbered(ctx, tx, a, "dispute", "DSP", at)
		if err != nil {
			return entry{}, err
		}
		d.Dispute = models.Dispute{
			OrgID: a.OrgID, ID: newID(), No: no, DeploymentID: s.ID, UnionID: u.ID, OpenedBy: side, Subject: in.Subject, Remedy: in.Remedy,
			Stages: facts.Profile.Disputes, DueOn: facts.Calendar.AddWorking(today, facts.Profile.Disputes[0].DueDays), Version: 1, ByUserID: a.UserID, At: at,
		}
		d.UnionAbbrev = u.Abbreviation
		if err := r.statusQuo(ctx, tx, a, &d, facts, at); err != nil {
			return entry{}, err
		}
		if err := tx.Add(ctx, &d.Dispute); err != nil {
			return entry{}, err
		}
		if err := addDisputeEvent(ctx, tx, a, &d, "opened", side, in.Subject, at); err != nil {
			return entry{}, err
		}
		return disputeEntry(d, s.Ref, map[string]any{"subject": ledger.Hash([]byte(in.Subject)), "remedy": ledger.Hash([]byte(in.Remedy))}), nil
	})
	return d, err
}

// statusQuo lays a hold over the deployment while a stage keeps the status quo.
func (r *Register) statusQuo(ctx context.Context, tx *store.Tx, a models.Actor, d *models.DisputeState, f models.GateFacts, at time.Time) error {
	if !d.Now().StatusQuo || d.HoldID != nil {
		return nil
	}
	today := models.DateOf(at, f.Zone)
	bound, err := r.boundOf(ctx, tx, *d, today, f.Profile)
	if err != nil || bound < today {
		return err
	}
	h := models.Hold{
		OrgID: a.OrgID, ID: newID(), DeploymentID: d.DeploymentID, UnionID: &d.UnionID, Ground: d.No, // what it is about is between the parties
		From: today, Until: min(d.DueOn, bound), ByUserID: a.UserID, Version: 1, CreatedAt: at,
	}
	d.HoldID, d.Hold = &h.ID, &h
	return tx.Add(ctx, &h)
}

// boundOf is the last day that a union's disputes about a deployment may hold it:
// counted from the first of those that lie so near that one renews the other.
func (r *Register) boundOf(ctx context.Context, tx *store.Tx, d models.DisputeState, today models.Date, p models.Profile) (models.Date, error) {
	first := today
	before, err := tx.Disputes(ctx, d.OrgID, d.DeploymentID)
	for _, x := range before { // newest first
		if x.UnionID == d.UnionID && x.ID != d.ID && x.Hold != nil && x.Hold.Until >= first.AddDays(-p.HoldDays) {
			first = x.Hold.From
		}
	}
	return models.HoldBound(first, p), err
}

func disputeEntry(d models.DisputeState, ref string, more map[string]any) entry {
	data := map[string]any{"no": d.No, "ref": ref, "union": d.UnionID, "stage": d.Stage, "due": d.DueOn, "version": d.Version, "parties": []string{models.EmployerParty, d.UnionID}}
	if d.Hold != nil {
		data["holdUntil"], data["held"] = d.Hold.Until, d.Hold.LiftedOn == 0
	}
	for k, v := range more {
		data[k] = v
	}
	return entry{subject: d.ID, deployment: d.DeploymentID, data: data}
}

func addDisputeEvent(ctx context.Context, tx *store.Tx, a models.Actor, d *models.DisputeState, kind, side, text string, at time.Time) error {
	e := models.DisputeEvent{OrgID: d.OrgID, ID: newID(), DisputeID: d.ID, Kind: kind, Side: side, Stage: d.Stage, DueOn: d.DueOn, Text: text, ByUserID: a.UserID, At: at}
	d.Events = append(d.Events, e)
	return tx.Add(ctx, &e)
}

// inDispute is one step in a dispute that is open, by somebody of either side.
func (r *Register) inDispute(ctx context.Context, a models.Actor, no, act string, readAt int, step func(tx *store.Tx, d *models.DisputeState, side string, f models.GateFacts, at time.Time) (map[string]any, error)) (models.DisputeState, error) {
	var d models.DisputeState
	err := r.change(ctx, a, act, func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		if d, err = tx.Dispute(ctx, a.OrgID, no); err != nil {
			return entry{}, err
		}
		side, ref, err := r.disputeSide(ctx, tx.Reader, a, d, act)
		if err != nil {
			return entry{}, err
		}
		if err := versionIs("dispute", d.Version, readAt); err != nil {
			return entry{}, err
		}
		if !d.Open() {
			return entry{}, models.Fail(models.Conflict, "dispute_closed").With("dispute", d.No)
		}
		dep, err := tx.DeploymentByID(ctx, a.OrgID, d.DeploymentID)
		if err != nil {
			return entry{}, err
		}
		s := subject{Deployment: dep}
		if s.rec, err = readRecord(dep.RecordJSON); err != nil {
			return entry{}, err
		}
		f, err := r.gateFacts(ctx, tx.Reader, s, 0)
		if err != nil {
			return entry{}, err
		}
		more, err := step(tx, &d, side, f, at)
		if err != nil {
			return entry{}, err
		}
		d.Version++
		return disputeEntry(d, ref, more), tx.SaveDispute(ctx, &d.Dispute, readAt)
	})
	return d, err
}

// disputeSide asks whether the actor may do something in a dispute, and for which side.
func (r *Register) disputeSide(ctx context.Context, rd store.Reader, a models.Actor, d models.DisputeState, act string) (side, ref string, err error) {
	b, err := recordedFor(ctx, rd, a.OrgID, &d.DeploymentID, []string{models.EmployerParty, d.UnionID})
	if err != nil {
		return "", "", err
	}
	if slices.Contains(a.Unions(), d.UnionID) {
		b.res.UnionID, side = d.UnionID, "union"
	} else {
		side = models.EmployerParty
	}
	if err := r.check(a, "partnership.read", b.res); err != nil {
		return side, b.ref, hiddenAs("dispute", err)
	}
	return side, b.ref, r.check(a, act, b.res)
}

// AdvanceDispute takes a dispute to the next stage, because the present one has
// not settled it: whoever opened it at any time, the other side once the stage
// has had its time. A hold lies on to its day whatever the next stage keeps.
func (r *Register) AdvanceDispute(ctx context.Context, a models.Actor, no string, readAt int, text string) (models.DisputeState, error) {
	var f models.Faults
	spoken(&f, "text", text, longestStatement)
	if err := f.Err(); err != nil {
		return models.DisputeState{}, err
	}
	return r.inDispute(ctx, a, no, "dispute.advance", readAt, func(tx *store.Tx, d *models.DisputeState, side string, f models.GateFacts, at time.Time) (map[string]any, error) {
		if d.Stage+1 >= len(d.Stages) {
			return nil, models.Fail(models.Conflict, "dispute_last_stage").With("dispute", d.No)
		}
		today := models.DateOf(at, f.Zone)
		// The side that did not open it waits until the stage has had its time.
		if side != d.OpenedBy && !d.Overdue(today) {
			return nil, models.Fail(models.Conflict, "dispute_stage_runs").With("dispute", d.No, "due", d.DueOn)
		}
		d.Stage++
		d.DueOn = f.Calendar.AddWorking(today, d.Now().DueDays)
		switch {
		case d.Now().StatusQuo && (d.Hold == nil || d.Hold.LiftedOn != 0):
			// A hold that both sides lifted stays lifted; the stage may ask for a new one.
			if d.Hold == nil {
				if err := r.statusQuo(ctx, tx, a, d, f, at); err != nil {
					return nil, err
				}
			}
		case d.Now().StatusQuo:
			until := min(d.DueOn, models.HoldBound(d.Hold.From, f.Profile))
			if err := r.holdUntil(ctx, tx, d, max(until, d.Hold.Until)); err != nil {
				return nil, err
			}
		}
		return map[string]any{"text": ledger.Hash([]byte(text))}, addDisputeEvent(ctx, tx, a, d, "advanced", side, text, at)
	})
}

func (r *Register) liftFor(ctx context.Context, tx *store.Tx, d *models.DisputeState, today models.Date, why string) error {
	read := d.Hold.Version
	d.Hold.LiftedOn, d.Hold.LiftedReason = today, why
	d.Hold.Version++
	return tx.SaveHold(ctx, d.Hold, read)
}

func (r *Register) holdUntil(ctx context.Context, tx *store.Tx, d *models.DisputeState, until models.Date) error {
	read := d.Hold.Version
	d.Hold.Until = until
	d.Hold.Version++
	return tx.SaveHold(ctx, d.Hold, read)
}

// AskOfHold is one side asking the other to lift the status quo, or to let it
// lie until a later day.
func (r *Register) AskOfHold(ctx context.Context, a models.Actor, no string, readAt int, what string, until models.Date, text string) (models.DisputeState, error) {
	var f models.Faults
	spoken(&f, "text", text, longestStatement)
	among(&f, "what", what, []string{"lift", "extend"})
	if what == "extend" && until == 0 {
		f.Add("until", "required")
	}
	if err := f.Err(); err != nil {
		return models.DisputeState{}, err
	}
	return r.inDispute(ctx, a, no, "dispute.ask", readAt, func(tx *store.Tx, d *models.DisputeState, side string, f models.GateFacts, at time.Time) (map[string]any, error) {
		today := models.DateOf(at, f.Zone)
		if d.Hold == nil || !d.Hold.InForce(today) {
			return nil, models.Fail(models.Conflict, "no_hold").With("dispute", d.No)
		}
		kind := "lift_asked"
		e := models.DisputeEvent{OrgID: d.OrgID, ID: newID(), DisputeID: d.ID, Side: side, Stage: d.Stage, Text: text, ByUserID: a.UserID, At: at}
		if what == "extend" {
			kind = "extension_asked"
			if latest := d.Hold.Until.AddDays(f.Profile.HoldDays); until <= d.Hold.Until || until > latest {
				return nil, field("until", "out_of_range", "min", (d.Hold.Until + 1).String(), "max", latest.String())
			}
			e.DueOn = until
		}
		e.Kind = kind
		d.Events = append(d.Events, e)
		return map[string]any{"what": what, "until": e.DueOn, "text": ledger.Hash([]byte(text))}, tx.Add(ctx, &e)
	})
}

// AgreeOfHold is the other side agreeing to what was asked: the status quo is
// lifted today, or lies on until the day that was asked for.
func (r *Register) AgreeOfHold(ctx context.Context, a models.Actor, no string, readAt int, what string) (models.DisputeState, error) {
	if what != "lift" && what != "extend" {
		return models.DisputeState{}, field("what", "unknown_value", "value", what, "allowed", "lift, extend")
	}
	return r.inDispute(ctx, a, no, "dispute.agree", readAt, func(tx *store.Tx, d *models.DisputeState, side string, f models.GateFacts, at time.Time) (map[string]any, error) {
		today := models.DateOf(at, f.Zone)
		kind, done := "lift_asked", "lifted"
		if what == "extend" {
			kind, done = "extension_asked", "extended"
		}
		asked, ok := d.Asked(kind)
		switch {
		case !ok:
			return nil, models.Fail(models.Conflict, "nothing_asked").With("dispute", d.No)
		case asked.Side == side:
			return nil, models.Fail(models.Conflict, "own_question").With("dispute", d.No)
		case d.Hold == nil || !d.Hold.InForce(today):
			return nil, models.Fail(models.Conflict, "no_hold").With("dispute", d.No)
		}
		var err error
		if what == "lift" {
			err = r.liftFor(ctx, tx, d, today, d.No)
		} else {
			err = r.holdUntil(ctx, tx, d, asked.DueOn)
		}
		if err != nil {
			return nil, err
		}
		return map[string]any{"what": what}, addDisputeEvent(ctx, tx, a, d, done, side, "", at)
	})
}

// SettleDispute ends a dispute with its outcome. A union may withdraw its own;
// what was decided outside names the decision. The hold ends with it.
func (r *Register) SettleDispute(ctx context.Context, a models.Actor, no string, readAt int, outcome, text string) (models.DisputeState, error) {
	var f models.Faults
	spoken(&f, "text", text, longestStatement)
	among(&f, "outcome", outcome, models.DisputeOutcomes)
	if err := f.Err(); err != nil {
		return models.DisputeState{}, err
	}
	return r.inDispute(ctx, a, no, "dispute.settle", readAt, func(tx *store.Tx, d *models.DisputeState, side string, f models.GateFacts, at time.Time) (map[string]any, error) {
		switch {
		case outcome != "not_settled" && side != d.OpenedBy: // how it was settled is for who brought it to say
			return nil, models.Fail(models.Conflict, "dispute_not_yours").With("dispute", d.No)
		case outcome == "decided_outside" && d.Now().Outside == "":
			return nil, models.Fail(models.Conflict, "dispute_no_outside").With("dispute", d.No)
		case outcome == "not_settled" && d.Stage+1 < len(d.Stages):
			return nil, models.Fail(models.Conflict, "dispute_more_stages").With("dispute", d.No)
		case outcome == "not_settled" && !d.Overdue(models.DateOf(at, f.Zone)):
			return nil, models.Fail(models.Conflict, "dispute_stage_runs").With("dispute", d.No, "due", d.DueOn)
		}
		today := models.DateOf(at, f.Zone)
		d.ClosedOn, d.Outcome = today, outcome
		if d.Hold != nil && d.Hold.InForce(today) {
			if err := r.liftFor(ctx, tx, d, today, d.No); err != nil {
				return nil, err
			}
		}
		return map[string]any{"outcome": outcome, "text": ledger.Hash([]byte(text))}, addDisputeEvent(ctx, tx, a, d, "settled", side, text, at)
	})
}

// DisputeView is a dispute as somebody may read it.
type DisputeView struct {
	models.DisputeState
	Ref     string
	Name    models.Text
	Overdue bool
	Can     []string
}

var disputeActs = []string{"dispute.advance", "dispute.ask", "dispute.agree", "dispute.settle"}

func (r *Register) disputeView(ctx context.Context, a models.Actor, d models.DisputeState) (DisputeView, error) {
	dep, err := r.store.DeploymentByID(ctx, d.OrgID, d.DeploymentID)
	if err != nil {
		return DisputeView{}, err
	}
	b, err := recordedFor(ctx, r.store.Reader, d.OrgID, &d.DeploymentID, []string{models.EmployerParty, d.UnionID})
	if err != nil {
		return DisputeView{}, err
	}
	if slices.Contains(a.Unions(), d.UnionID) {
		b.res.UnionID = d.UnionID
	}
	if err := r.check(a, "partnership.read", b.res); err != nil {
		return DisputeView{}, hiddenAs("dispute", err)
	}
	org, err := r.store.Organisation(ctx, d.OrgID)
	if err != nil {
		return DisputeView{}, err
	}
	v := DisputeView{DisputeState: d, Ref: dep.Ref, Name: models.Text{En: dep.NameEn, Cy: dep.NameCy}, Overdue: d.Overdue(models.DateOf(r.Now(), org.Location())), Can: []string{}}
	if d.Open() {
		v.Can = r.policy.Allowed(a, disputeActs, b.res)
	}
	return v, nil
}

// Dispute is one dispute by its number.
func (r *Register) Dispute(ctx context.Context, a models.Actor, no string) (DisputeView, error) {
	d, err := r.store.Dispute(ctx, a.OrgID, no)
	if err != nil {
		return DisputeView{}, err
	}
	return r.disputeView(ctx, a, d)
}

// Disputes are those the actor may read, newest first; of one deployment if it is named.
func (r *Register) Disputes(ctx context.Context, a models.Actor, ref string) ([]DisputeView, error) {
	id, err := r.maybeOf(ctx, a, ref)
	if err != nil {
		return nil, err
	}
	all, err := r.store.Disputes(ctx, a.OrgID, id)
	if err != nil {
		return nil, err
	}
	return seen(all, func(d models.DisputeState) (DisputeView, error) { return r.disputeView(ctx, a, d) })
}

// maybeOf is the id of a deployment that a list may be limited to. A list of
// things between parties takes somebody who reads such things at all.
func (r *Register) maybeOf(ctx context.Context, a models.Actor, ref string) (string, error) {
	res := own(a)
	res.Audience, res.UnionsInScope = models.AudienceParties, a.Unions()
	if err := r.check(a, "partnership.read", res); err != nil {
		if models.KindOf(err) == models.NotFound {
			return "", models.Fail(models.Forbidden, "forbidden").With("act", "partnership.read")
		}
		return "", err
	}
	if ref == "" {
		return "", nil
	}
	s, err := r.open(ctx, r.store.Reader, a, ref, "deployment.read")
	return s.ID, err
}

// seen are the views of what the actor may read; the rest is left out.
func seen[T, V any](rows []T, view func(T) (V, error)) ([]V, error) {
	out := []V{}
	for _, row := range rows {
		v, err := view(row)
		if kind := models.KindOf(err); kind == models.NotFound || kind == models.Forbidden || kind == models.Unauthenticated {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
