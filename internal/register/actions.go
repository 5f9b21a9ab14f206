package register

import (
	"context"
	"slices"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// NewAction is something to be done.
type NewAction struct {
	Deployment string // its ref, or ""
	Meeting    string // its number, or ""
	Text       string
	// Party is whose it is: employer, or a union's id. Empty is one's own, and
	// for councillors the employer's.
	Party string
	// Owner is an office, such as Head of digital.
	Owner string
	DueOn models.Date
}

// AddAction writes an action down with an owner and a day. Councillors ask for
// one; the parties take one on, or agree one at a meeting.
func (r *Register) AddAction(ctx context.Context, a models.Actor, in NewAction) (models.Action, error) {
	var x models.Action
	var f models.Faults
	spoken(&f, "text", in.Text, 5000)
	spoken(&f, "owner", in.Owner, 200)
	if in.DueOn == 0 {
		f.Add("dueOn", "required")
	}
	if err := f.Err(); err != nil {
		return x, err
	}
	act, askedBy := "action.add", models.EmployerParty
	if a.Has(models.RoleScrutiny) && !a.EmployerSide() {
		act, askedBy = "action.ask", models.AskedByScrutiny
	}
	if err := r.mayWithUnions(a, act); err != nil {
		return x, err
	}
	err := r.change(ctx, a, act, func(tx *store.Tx, at time.Time) (entry, error) {
		parties := []string{models.EmployerParty}
		if mine := a.Unions(); len(mine) > 0 {
			parties, askedBy = append(parties, mine[0]), mine[0]
		}
		if in.Party == "" {
			in.Party = parties[len(parties)-1]
		}
		var meeting *string
		if in.Meeting != "" {
			m, err := tx.Meeting(ctx, a.OrgID, in.Meeting)
			if err == nil {
				_, err = r.recorded(ctx, tx.Reader, a, "partnership.read", "meeting", m.DeploymentID, m.PartyIDs())
			}
			if err != nil {
				return entry{}, field("meeting", "unknown_reference")
			}
			if m.Status != "held" {
				return entry{}, models.Fail(models.Conflict, "meeting_not_held").With("meeting", m.No)
			}
			meeting, parties = &m.ID, m.PartyIDs()
		}
		if !slices.Contains(parties, in.Party) {
			return entry{}, field("party", "unknown_reference")
		}
		// A party takes on what is its own; another's is agreed at a meeting that was held.
		if act != "action.ask" && meeting == nil && (in.Party == models.EmployerParty) != a.EmployerSide() {
			return entry{}, field("party", "not_yours")
		}
		b, err := r.about(ctx, tx.Reader, a, in.Deployment, parties)
		if err != nil {
			return entry{}, err
		}
		if err := r.check(a, act, b.res); err != nil {
			return entry{}, err
		}
		no, today, err := r.numbered(ctx, tx, a, "action", "ACT", at)
		if err != nil {
			return entry{}, err
		}
		if in.DueOn < today || in.DueOn > today.AddDays(2*366) {
			return entry{}, field("dueOn", "out_of_range", "min", today.String(), "max", today.AddDays(2*366).String())
		}
		x = models.Action{OrgID: a.OrgID, ID: newID(), No: no, DeploymentID: b.deployment, MeetingID: meeting, Text: in.Text, Party: in.Party, Owner: in.Owner, DueOn: in.DueOn, AskedBy: askedBy, Version: 1, ByUserID: a.UserID, At: at}
		return b.entry(x.ID, no, map[string]any{"party": x.Party, "due": x.DueOn, "text": hashWords(x.Text), "askedBy": askedBy}), tx.Add(ctx, &x)
	})
	return x, err
}

// actionParties are who reads an action: whose it is, who asked, and, of one
// agreed at a meeting, all who were to be there.
func actionParties(ctx context.Context, rd store.Reader, x models.Action) ([]string, error) {
	parties := []string{models.EmployerParty}
	for _, p := range []string{x.Party, x.AskedBy} {
		if p != models.AskedByScrutiny && !slices.Contains(parties, p) {
			parties = append(parties, p)
		}
	}
	if x.MeetingID == nil {
		return parties, nil
	}
	all, err := rd.MeetingParties(ctx, x.OrgID, *x.MeetingID)
	for _, p := range all {
		if !slices.Contains(parties, p) {
			parties = append(parties, p)
		}
	}
	return parties, err
}

// FinishAction says that an action is done, and how.
func (r *Register) FinishAction(ctx context.Context, a models.Actor, no string, readAt int, note string) (models.Action, error) {
	var x models.Action
	var f models.Faults
	spoken(&f, "note", note, 5000)
	if err := f.Err(); err != nil {
		return x, err
	}
	err := r.change(ctx, a, "action.finish", func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		if x, err = tx.Action(ctx, a.OrgID, no); err != nil {
			return entry{}, err
		}
		b, err := r.opensAction(ctx, tx.Reader, a, x, "action.finish")
		if err != nil {
			return entry{}, err
		}
		if (x.Party == models.EmployerParty) != a.EmployerSide() {
			return entry{}, models.Fail(models.Forbidden, "forbidden").With("act", "action.finish")
		}
		if err := versionIs("action", x.Version, readAt); err != nil {
			return entry{}, err
		}
		if x.DoneOn != 0 {
			return entry{}, models.Fail(models.Conflict, "action_done").With("action", x.No)
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		x.DoneOn, x.DoneNote = models.DateOf(at, org.Location()), note
		x.Version++
		return b.entry(x.ID, x.No, map[string]any{"done": x.DoneOn, "note": hashWords(note)}), tx.SaveAction(ctx, &x, readAt)
	})
	return x, err
}

func (r *Register) opensAction(ctx context.Context, rd store.Reader, a models.Actor, x models.Action, act string) (between, error) {
	parties, err := actionParties(ctx, rd, x)
	if err != nil {
		return between{}, err
	}
	if x.Party == models.EmployerParty && x.MeetingID == nil {
		if parties, err = r.besideParties(ctx, rd, a, x.DeploymentID, parties); err != nil {
			return between{}, err
		}
	}
	b, err := r.recorded(ctx, rd, a, "partnership.read", "action", x.DeploymentID, parties)
	if err != nil {
		return b, err
	}
	if x.Party != models.EmployerParty {
		b.res.UnionID = x.Party
	}
	return b, r.check(a, act, b.res)
}

// besideParties lets a union read what the employer has to do about a deployment
// that it is in scope of, though it is no party to it.
func (r *Register) besideParties(ctx context.Context, rd store.Reader, a models.Actor, deployment *string, parties []string) ([]string, error) {
	if deployment == nil || len(a.Unions()) == 0 {
		return parties, nil
	}
	d, err := rd.DeploymentByID(ctx, a.OrgID, *deployment)
	if err != nil {
		return parties, err
	}
	s, err := r.opened(ctx, rd, a, d, "deployment.read")
	if models.Refused(err) {
		return parties, nil // it is not theirs to read
	}
	return append(parties, s.res.UnionsInScope...), err
}

// ActionView is an action as somebody may read it.
type ActionView struct {
	models.Action
	Ref     string
	Overdue bool
	Can     []string
}

func (r *Register) actionView(ctx context.Context, a models.Actor, x models.Action) (ActionView, error) {
	b, err := r.opensAction(ctx, r.store.Reader, a, x, "partnership.read")
	if err != nil {
		return ActionView{}, err
	}
	org, err := r.store.Organisation(ctx, a.OrgID)
	if err != nil {
		return ActionView{}, err
	}
	v := ActionView{Action: x, Ref: b.ref, Overdue: x.Overdue(models.DateOf(r.Now(), org.Location())), Can: []string{}}
	if x.DoneOn == 0 && (x.Party == models.EmployerParty) == a.EmployerSide() {
		v.Can = r.policy.Allowed(a, []string{"action.finish"}, b.res)
	}
	return v, nil
}

// Action is one by its number.
func (r *Register) Action(ctx context.Context, a models.Actor, no string) (ActionView, error) {
	x, err := r.store.Action(ctx, a.OrgID, no)
	if err != nil {
		return ActionView{}, err
	}
	return r.actionView(ctx, a, x)
}

// Actions are those the actor may read: the open ones first, by the day they are due.
func (r *Register) Actions(ctx context.Context, a models.Actor, ref string) ([]ActionView, error) {
	id, err := r.maybeOf(ctx, a, ref)
	if err != nil {
		return nil, err
	}
	all, err := r.store.Actions(ctx, a.OrgID, id)
	if err != nil {
		return nil, err
	}
	return seen(all, func(x models.Action) (ActionView, error) { return r.actionView(ctx, a, x) })
}

// RaiseBarrier writes down what stands in the way of partnership, in the words
// of who met it.
func (r *Register) RaiseBarrier(ctx context.Context, a models.Actor, ref, text string) (models.Barrier, error) {
	var x models.Barrier
	var f models.Faults
	spoken(&f, "text", text, 5000)
	if err := f.Err(); err != nil {
		return x, err
	}
	if err := r.mayWithUnions(a, "barrier.raise"); err != nil {
		return x, err
	}
	err := r.change(ctx, a, "barrier.raise", func(tx *store.Tx, at time.Time) (entry, error) {
		parties := append([]string{models.EmployerParty}, a.Unions()...)
		b, err := r.about(ctx, tx.Reader, a, ref, parties)
		if err != nil {
			return entry{}, err
		}
		by, err := party(a, "", parties)
		if err != nil {
			return entry{}, err
		}
		no, _, err := r.numbered(ctx, tx, a, "barrier", "BAR", at)
		if err != nil {
			return entry{}, err
		}
		x = models.Barrier{OrgID: a.OrgID, ID: newID(), No: no, DeploymentID: b.deployment, Party: by, Text: text, Version: 1, ByUserID: a.UserID, At: at}
		return b.entry(x.ID, no, map[string]any{"party": by, "text": hashWords(text)}), tx.Add(ctx, &x)
	})
	return x, err
}

// barrierFor opens a barrier: every union reads what stands in the way, whoever
// met it, unless it is about a deployment that it does not read.
func (r *Register) barrierFor(ctx context.Context, rd store.Reader, a models.Actor, x models.Barrier, act string) (between, error) {
	parties := append([]string{models.EmployerParty}, a.Unions()...)
	if x.DeploymentID != nil && len(a.Unions()) > 0 && !slices.Contains(a.Unions(), x.Party) {
		// About a deployment it is for those who are in scope of it.
		scope, err := r.besideParties(ctx, rd, a, x.DeploymentID, nil)
		if err != nil {
			return between{}, err
		}
		parties = append([]string{models.EmployerParty}, scope...)
	}
	b, err := r.recorded(ctx, rd, a, "partnership.read", "barrier", x.DeploymentID, parties)
	if err != nil {
		return b, err
	}
	if x.Party != models.EmployerParty {
		b.res.UnionID = x.Party
	}
	return b, r.check(a, act, b.res)
}

// SettleBarrier says what was done about a barrier. Whoever raised it says so:
// the employer does not settle what a union met.
func (r *Register) SettleBarrier(ctx context.Context, a models.Actor, no string, readAt int, text string) (models.Barrier, error) {
	var x models.Barrier
	var f models.Faults
	spoken(&f, "text", text, 5000)
	if err := f.Err(); err != nil {
		return x, err
	}
	err := r.change(ctx, a, "barrier.settle", func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		if x, err = tx.Barrier(ctx, a.OrgID, no); err != nil {
			return entry{}, err
		}
		b, err := r.barrierFor(ctx, tx.Reader, a, x, "barrier.settle")
		if err != nil {
			return entry{}, err
		}
		if (x.Party == models.EmployerParty) != a.EmployerSide() {
			return entry{}, models.Fail(models.Forbidden, "forbidden").With("act", "barrier.settle")
		}
		if err := versionIs("barrier", x.Version, readAt); err != nil {
			return entry{}, err
		}
		if x.SettledOn != 0 {
			return entry{}, models.Fail(models.Conflict, "barrier_settled").With("barrier", x.No)
		}
		org, err := tx.Organisation(ctx, a.OrgID)
		if err != nil {
			return entry{}, err
		}
		x.SettledOn, x.Settlement = models.DateOf(at, org.Location()), text
		x.Version++
		return b.entry(x.ID, x.No, map[string]any{"settled": x.SettledOn, "text": hashWords(text)}), tx.SaveBarrier(ctx, &x, readAt)
	})
	return x, err
}

// BarrierView is a barrier as somebody may read it.
type BarrierView struct {
	models.Barrier
	Ref string
	Can []string
}

// Barriers are those the actor may read, newest first.
func (r *Register) Barriers(ctx context.Context, a models.Actor) ([]BarrierView, error) {
	if _, err := r.maybeOf(ctx, a, ""); err != nil {
		return nil, err
	}
	all, err := r.store.Barriers(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	return seen(all, func(x models.Barrier) (BarrierView, error) {
		b, err := r.barrierFor(ctx, r.store.Reader, a, x, "partnership.read")
		if err != nil {
			return BarrierView{}, err
		}
		v := BarrierView{Barrier: x, Ref: b.ref, Can: []string{}}
		if x.SettledOn == 0 && (x.Party == models.EmployerParty) == a.EmployerSide() {
			v.Can = r.policy.Allowed(a, []string{"barrier.settle"}, b.res)
		}
		return v, nil
	})
}
