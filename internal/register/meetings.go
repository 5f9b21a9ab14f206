package register

import (
	"context"
	"slices"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
)

// NewMeeting is a meeting to be offered.
type NewMeeting struct {
	Deployment string // its ref, or ""
	Unions     []string
	Title      string
	Kind       string
	Place      string
	StartsAt   time.Time
	// Replaces is the number of a cancelled meeting that this one stands in for.
	Replaces string
}

// OfferMeeting offers a meeting to the other side.
func (r *Register) OfferMeeting(ctx context.Context, a models.Actor, in NewMeeting) (models.MeetingState, error) {
	var m models.MeetingState
	var f models.Faults
	spoken(&f, "title", in.Title, 200)
	models.CheckText(&f, "place", in.Place, 300)
	among(&f, "kind", in.Kind, models.MeetingKinds)
	if in.StartsAt.IsZero() {
		f.Add("startsAt", "required")
	}
	if err := f.Err(); err != nil {
		return m, err
	}
	if err := r.mayWithUnions(a, "meeting.offer"); err != nil {
		return m, err
	}
	err := r.change(ctx, a, "meeting.offer", func(tx *store.Tx, at time.Time) (entry, error) {
		parties, err := withParties(ctx, tx.Reader, a, in.Unions)
		if err != nil {
			return entry{}, err
		}
		b, err := r.about(ctx, tx.Reader, a, in.Deployment, parties)
		if err != nil {
			return entry{}, err
		}
		if err := r.check(a, "meeting.offer", b.res); err != nil {
			return entry{}, err
		}
		by, err := party(a, "", parties)
		if err != nil {
			return entry{}, err
		}
		if days := in.StartsAt.Sub(at).Hours() / 24; days < 0 || days > 2*366 {
			return entry{}, field("startsAt", "out_of_range", "min", at.Format(time.DateOnly), "max", at.AddDate(2, 0, 0).Format(time.DateOnly))
		}
		no, _, err := r.numbered(ctx, tx, a, "meeting", "MTG", at)
		if err != nil {
			return entry{}, err
		}
		m.Meeting = models.Meeting{
			OrgID: a.OrgID, ID: newID(), No: no, DeploymentID: b.deployment, Title: in.Title, Kind: in.Kind, Place: in.Place,
			StartsAt: in.StartsAt.UTC().Truncate(time.Minute), OfferedBy: by, Status: "offered", Version: 1, ByUserID: a.UserID, At: at,
		}
		if in.Replaces != "" {
			if err := r.inPlaceOf(ctx, tx, a, &m.Meeting, in.Replaces, parties); err != nil {
				return entry{}, err
			}
		}
		if err := tx.Add(ctx, &m.Meeting); err != nil {
			return entry{}, err
		}
		for _, p := range parties {
			row := models.MeetingParty{OrgID: a.OrgID, MeetingID: m.ID, Party: p}
			m.Parties = append(m.Parties, row)
			if err := tx.Add(ctx, &row); err != nil {
				return entry{}, err
			}
		}
		return b.entry(m.ID, no, map[string]any{"party": by, "startsAt": m.StartsAt, "kind": m.Kind, "replaces": in.Replaces, "title": ledger.Hash([]byte(in.Title))}), nil
	})
	return m, err
}

// mayWithUnions asks whether the actor may do something at all with its own unions.
func (r *Register) mayWithUnions(a models.Actor, act string) error {
	res := own(a)
	res.Audience, res.UnionsInScope, res.AreaPath = models.AudienceParties, a.Unions(), a.AreaPath
	return r.check(a, act, res)
}

// inPlaceOf makes a meeting stand in for a cancelled one, with the same parties
// at least and about the same deployment.
func (r *Register) inPlaceOf(ctx context.Context, tx *store.Tx, a models.Actor, m *models.Meeting, no string, parties []string) error {
	old, err := tx.Meeting(ctx, a.OrgID, no)
	if err == nil {
		_, err = r.recorded(ctx, tx.Reader, a, "partnership.read", "meeting", old.DeploymentID, old.PartyIDs())
	}
	if err != nil {
		return field("replaces", "unknown_reference")
	}
	switch {
	case old.Status != "cancelled":
		return models.Fail(models.Conflict, "meeting_not_cancelled").With("meeting", no)
	case old.ReplacedBy != nil:
		return models.Fail(models.Conflict, "meeting_replaced").With("meeting", no, "by", old.ReplacedBy.No)
	case deref(old.DeploymentID) != deref(m.DeploymentID) || slices.ContainsFunc(old.PartyIDs(), func(p string) bool { return !slices.Contains(parties, p) }):
		return field("replaces", "other_parties")
	}
	m.Replaces = &old.ID
	return nil
}

// atMeeting is one change to a meeting, by one of its parties.
func (r *Register) atMeeting(ctx context.Context, a models.Actor, no, act, want string, readAt int, step func(tx *store.Tx, m *models.MeetingState, by string, at time.Time) (map[string]any, error)) (models.MeetingState, error) {
	var m models.MeetingState
	err := r.change(ctx, a, act, func(tx *store.Tx, at time.Time) (entry, error) {
		var err error
		if m, err = tx.Meeting(ctx, a.OrgID, no); err != nil {
			return entry{}, err
		}
		b, err := r.recorded(ctx, tx.Reader, a, act, "meeting", m.DeploymentID, m.PartyIDs())
		if err != nil {
			return entry{}, err
		}
		by, err := party(a, want, m.PartyIDs())
		if err != nil {
			return entry{}, err
		}
		if err := versionIs("meeting", m.Version, readAt); err != nil {
			return entry{}, err
		}
		more, err := step(tx, &m, by, at)
		if err != nil {
			return entry{}, err
		}
		m.Version++
		if more == nil {
			more = map[string]any{}
		}
		more["party"], more["version"] = by, m.Version
		return b.entry(m.ID, m.No, more), tx.SaveMeeting(ctx, &m.Meeting, readAt)
	})
	return m, err
}

// CancelMeeting cancels a meeting that was offered. Which side did, and why,
// stays and is counted.
func (r *Register) CancelMeeting(ctx context.Context, a models.Actor, no string, readAt int, why string) (models.MeetingState, error) {
	var f models.Faults
	spoken(&f, "why", why, 2000)
	if models.IsTBC(why) && why != "" {
		f.Add("why", "required")
	}
	if err := f.Err(); err != nil {
		return models.MeetingState{}, err
	}
	return r.atMeeting(ctx, a, no, "meeting.cancel", "", readAt, func(_ *store.Tx, m *models.MeetingState, by string, at time.Time) (map[string]any, error) {
		if m.Status != "offered" {
			return nil, models.Fail(models.Conflict, "meeting_over").With("meeting", m.No)
		}
		m.Status, m.CancelledBy, m.CancelledWhy, m.CancelledAt = "cancelled", by, why, &at
		return map[string]any{"why": ledger.Hash([]byte(why))}, nil
	})
}

// HoldMeeting records that a meeting was held, and how many of each party came.
func (r *Register) HoldMeeting(ctx context.Context, a models.Actor, no string, readAt int, people map[string]int) (models.MeetingState, error) {
	return r.atMeeting(ctx, a, no, "meeting.hold", "", readAt, func(tx *store.Tx, m *models.MeetingState, _ string, at time.Time) (map[string]any, error) {
		switch {
		case m.Status != "offered":
			return nil, models.Fail(models.Conflict, "meeting_over").With("meeting", m.No)
		case at.Before(m.StartsAt):
			return nil, models.Fail(models.Conflict, "meeting_to_come").With("meeting", m.No)
		}
		var f models.Faults
		came := 0
		for p, n := range people {
			if !slices.Contains(m.PartyIDs(), p) {
				f.Add("people."+p, "unknown_reference")
			}
			if n < 0 || n > 1000 {
				f.Add("people."+p, "out_of_range", "min", "0", "max", "1000")
			}
			if n > 0 {
				came++
			}
		}
		if (came < 2 || people[models.EmployerParty] < 1) && f.Err() == nil {
			f.Add("people", "two_parties")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		for i := range m.Parties {
			n := people[m.Parties[i].Party]
			m.Parties[i].People = &n
			if err := tx.Attended(ctx, m.Parties[i]); err != nil {
				return nil, err
			}
		}
		m.Status = "held"
		return map[string]any{"people": people}, nil
	})
}

// WriteMinutes puts a text of the minutes forward; the party that does agrees
// to it. Once every party that came has agreed to one text there is no other.
func (r *Register) WriteMinutes(ctx context.Context, a models.Actor, no string, readAt int, text, as string) (models.MeetingState, error) {
	var f models.Faults
	spoken(&f, "text", text, 100_000)
	if err := f.Err(); err != nil {
		return models.MeetingState{}, err
	}
	return r.atMeeting(ctx, a, no, "minutes.write", as, readAt, func(tx *store.Tx, m *models.MeetingState, by string, at time.Time) (map[string]any, error) {
		if err := minutesOpen(*m, by); err != nil {
			return nil, err
		}
		row := models.Minutes{OrgID: m.OrgID, ID: newID(), MeetingID: m.ID, Number: len(m.Minutes) + 1, Text: text, SHA256: ledger.Hash([]byte(text)), Party: by, ByUserID: a.UserID, At: at}
		yes := models.MinutesAgreement{OrgID: m.OrgID, MinutesID: row.ID, Party: by, ByUserID: a.UserID, At: at}
		m.Minutes, m.Agreements = append(m.Minutes, row), append(m.Agreements, yes)
		if err := tx.Add(ctx, &row); err != nil {
			return nil, err
		}
		return map[string]any{"number": row.Number, "minutes": row.SHA256}, tx.Add(ctx, &yes)
	})
}

func minutesOpen(m models.MeetingState, by string) error {
	if m.Status != "held" {
		return models.Fail(models.Conflict, "meeting_not_held").With("meeting", m.No)
	}
	if _, agreed := m.Agreed(); agreed {
		return models.Fail(models.Conflict, "minutes_agreed").With("meeting", m.No)
	}
	if i := slices.IndexFunc(m.Parties, func(p models.MeetingParty) bool { return p.Party == by }); i < 0 || m.Parties[i].People == nil || *m.Parties[i].People == 0 {
		return models.Fail(models.Conflict, "not_present").With("meeting", m.No)
	}
	return nil
}

// AgreeMinutes agrees to the newest text of the minutes, which is named by its
// number so that nobody agrees to one they have not read.
func (r *Register) AgreeMinutes(ctx context.Context, a models.Actor, no string, readAt, number int, as string) (models.MeetingState, error) {
	return r.atMeeting(ctx, a, no, "minutes.agree", as, readAt, func(tx *store.Tx, m *models.MeetingState, by string, at time.Time) (map[string]any, error) {
		if err := minutesOpen(*m, by); err != nil {
			return nil, err
		}
		if len(m.Minutes) == 0 || number != len(m.Minutes) {
			return nil, models.Fail(models.Conflict, "minutes_newer").With("meeting", m.No, "number", len(m.Minutes))
		}
		text := m.Minutes[number-1]
		if slices.Contains(m.AgreedBy(text.ID), by) {
			return nil, models.Fail(models.Conflict, "already_agreed").With("meeting", m.No)
		}
		row := models.MinutesAgreement{OrgID: m.OrgID, MinutesID: text.ID, Party: by, ByUserID: a.UserID, At: at}
		m.Agreements = append(m.Agreements, row)
		return map[string]any{"number": number, "minutes": text.SHA256}, tx.Add(ctx, &row)
	})
}

// MeetingView is a meeting as somebody may read it.
type MeetingView struct {
	models.MeetingState
	Ref string
	// Agreed is the text that all who came have agreed to, or nil.
	Agreed *models.Minutes
	// Party is for whom the reader would speak, or "".
	Party string
	Can   []string
}

var meetingActs = []string{"meeting.hold", "meeting.cancel", "minutes.write", "minutes.agree"}

func (r *Register) meetingView(ctx context.Context, a models.Actor, m models.MeetingState) (MeetingView, error) {
	b, err := r.recorded(ctx, r.store.Reader, a, "partnership.read", "meeting", m.DeploymentID, m.PartyIDs())
	if err != nil {
		return MeetingView{}, err
	}
	v := MeetingView{MeetingState: m, Ref: b.ref, Can: []string{}}
	if text, ok := m.Agreed(); ok {
		v.Agreed = &text
	}
	v.Party = speaksAs(a, m.PartyIDs())
	if !a.EmployerSide() && len(a.Unions()) == 0 && !a.Has(models.RoleAuditor) {
		v.Minutes = nil // outside the parties there are only minutes that both sides stand by
		if v.Agreed != nil {
			v.Minutes = []models.Minutes{*v.Agreed}
		}
	}
	for _, act := range r.policy.Allowed(a, meetingActs, b.res) {
		if meetingAllows(m, act, v.Party) {
			v.Can = append(v.Can, act)
		}
	}
	return v, nil
}

// meetingAllows says whether an act makes sense at a meeting as it is.
func meetingAllows(m models.MeetingState, act, by string) bool {
	switch act {
	case "meeting.hold", "meeting.cancel":
		return m.Status == "offered" && by != ""
	case "minutes.write":
		return minutesOpen(m, by) == nil
	default:
		return minutesOpen(m, by) == nil && len(m.Minutes) > 0 && !slices.Contains(m.AgreedBy(m.Minutes[len(m.Minutes)-1].ID), by)
	}
}

// Meeting is one meeting by its number.
func (r *Register) Meeting(ctx context.Context, a models.Actor, no string) (MeetingView, error) {
	m, err := r.store.Meeting(ctx, a.OrgID, no)
	if err != nil {
		return MeetingView{}, err
	}
	return r.meetingView(ctx, a, m)
}

// Meetings are those the actor may read, latest first; about one deployment if it is named.
func (r *Register) Meetings(ctx context.Context, a models.Actor, ref string) ([]MeetingView, error) {
	id, err := r.maybeOf(ctx, a, ref)
	if err != nil {
		return nil, err
	}
	list := func() ([]models.MeetingState, error) { return r.store.Meetings(ctx, a.OrgID) }
	if id != "" {
		list = func() ([]models.MeetingState, error) { return r.store.MeetingsOf(ctx, a.OrgID, id) }
	}
	all, err := list()
	if err != nil {
		return nil, err
	}
	return seen(all, func(m models.MeetingState) (MeetingView, error) { return r.meetingView(ctx, a, m) })
}
