package seed

import (
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/models"
)

// served is a notice with the unions it was served on.
type served struct {
	no      string
	at      time.Time
	parties []party
}

// party is a union that a notice was served on.
type party struct {
	union models.Union
	// windowEnds is the first day on which a comment is late.
	windowEnds models.Date
}

// frozenDays is how far ahead a notice writes down the calendar, as the register has it.
const frozenDays = 800

// serve drafts, freezes and sends a notice on every union in scope. Nothing is
// served when there is none, or no time left.
func (l *life) serve(kind models.NoticeKind) *served {
	cdo := l.by(models.RoleCDO)
	scope := l.scope()
	drafted := l.at
	if len(scope.Unions) == 0 || !l.after(1, 4) {
		return nil
	}
	today := models.DateOf(l.at, l.zone)
	draft := models.Draft{
		OrgID: l.org.ID, ID: l.id(drafted), DeploymentID: l.d.ID, Kind: kind, Languages: l.m.profile.Languages, Meetings: []models.Date{today.AddDays(7), today.AddDays(21)},
		HowToAsk: l.howToAsk, Dispute: l.dispute, StatusQuo: l.oneIn(2), Version: 1, CreatedBy: cdo, CreatedAt: drafted,
	}
	l.note("notice.draft", draft.ID, cdo, drafted, map[string]any{"ref": l.d.Ref, "kind": string(kind), "version": 1})
	n := models.Notice{
		OrgID: l.org.ID, ID: l.id(l.at), DeploymentID: l.d.ID, Kind: kind, Year: today.Year(), Number: l.next("notice", today.Year()),
		DeploymentVersion: l.d.Version, Class: l.d.EffectiveClass(), ServedBy: cdo, ServedAt: l.at,
	}
	n.No = number("N", n.Year, n.Number)
	content := l.content(n, draft, scope, today)
	l.advance(kind, cdo)
	b, err := ledger.Canonical(content)
	l.fail(err)
	n.Content, n.SHA256 = string(b), ledger.Hash(b)
	draft.NoticeID, draft.Version = &n.ID, 2
	l.rows = append(l.rows, &n, &draft)
	names := make([]string, 0, len(scope.Unions))
	for _, u := range scope.Unions {
		names = append(names, u.Union.Abbreviation)
	}
	l.note("notice.serve", n.ID, cdo, l.at, map[string]any{"ref": l.d.Ref, "no": n.No, "kind": string(kind), "notice": n.SHA256, "unions": names, "stage": string(l.d.Stage), "record": n.DeploymentVersion})
	return l.deliver(n, scope)
}

func (l *life) scope() models.Scope {
	return models.DeriveScope(models.ScopeFacts{Groups: l.rec.Groups, Roles: l.roleByID, Recognitions: l.recognitions, Unions: l.unions, On: models.DateOf(l.at, l.zone)})
}

// advance takes a formative deployment to noticed by its first notice.
func (l *life) advance(kind models.NoticeKind, by string) {
	from := l.d.Stage
	if from == models.StageFormative && kind.Starts(models.BeforePilot) {
		l.d.Stage = models.StageNoticed
	}
	l.widen(true)
	if l.d.Stage == from {
		return
	}
	l.d.Version++
	l.save(by, "")
	l.rows = append(l.rows, &models.StageMove{OrgID: l.org.ID, ID: l.id(l.at), DeploymentID: l.d.ID, FromStage: from, ToStage: l.d.Stage, Version: l.d.Version, ByUserID: by, At: l.at})
}

// content is what the notice says, with the rules that it is judged by.
func (l *life) content(n models.Notice, draft models.Draft, scope models.Scope, today models.Date) models.NoticeContent {
	earliest := map[models.Trigger]models.Date{}
	for _, t := range models.Triggers {
		if !n.Kind.Starts(t) {
			continue
		}
		for _, u := range scope.Unions {
			earliest[t] = max(earliest[t], l.clock(u, n.Class, t, l.at))
		}
	}
	var window models.Date
	for _, t := range models.Triggers {
		if day, ok := earliest[t]; ok {
			window = max(day-1, today)
			break
		}
	}
	area := l.areas[0]
	for _, a := range l.areas {
		if a.ID == l.rec.ServiceAreaID {
			area = a
		}
	}
	items := models.Items(models.ItemFacts{
		Deployment: l.d, Organisation: l.org, Area: area, Record: l.rec, Draft: draft, Profile: l.m.profile, Roles: l.roleByID,
		Earliest: earliest, WindowEnds: window, Today: today,
	})
	out := models.NoticeContent{
		V: 1, No: n.No, Kind: n.Kind, Ref: l.d.Ref, Name: l.rec.Name, Version: n.DeploymentVersion, Class: n.Class, Late: l.d.Late,
		Organisation: l.org.Name(), ServedAt: n.ServedAt, Languages: draft.Languages,
		Rules: models.NoticeRules{Profile: l.m.profile.Code, Sufficient: l.m.profile.Sufficient, ProofDays: l.m.profile.SilentDays, Clock: models.ClockRules{
			Zone: l.org.Zone, CutOff: l.m.profile.CutOff, Calendar: l.freeze(today),
		}},
	}
	if gaps := models.Gaps(items, draft.Languages); len(gaps) > 0 {
		l.fail(models.Fail(models.Invalid, "notice_gaps").With("count", len(gaps)))
	}
	for _, it := range items {
		if len(it.Parts) > 0 {
			out.Items = append(out.Items, register.RenderItem(it, draft.Languages))
		}
	}
	for _, g := range scope.Unserved {
		out.Told = append(out.Told, l.roleByID[g.JobRoleID].Title)
	}
	for _, u := range scope.Unions {
		out.Parties = append(out.Parties, l.party(u, n.Class))
	}
	return out
}

func (l *life) party(u models.InScope, class models.ChangeClass) models.NoticeParty {
	b := l.branch(u.Union.ID)
	out := models.NoticeParty{UnionID: u.Union.ID, BranchID: b.ID, Union: u.Union.Abbreviation, Branch: b.Name, WithoutPrejudice: u.WithoutPrejudice, Periods: []models.Period{}, Why: []models.Text{}}
	for _, w := range u.Why {
		out.Why = append(out.Why, register.Both(w))
	}
	for _, t := range models.Triggers {
		periods, err := models.PeriodsOn(l.m.profile, u, class, t)
		l.fail(err)
		out.Periods = append(out.Periods, periods...)
	}
	return out
}

func (e *employer) branch(unionID string) models.Branch {
	for _, b := range e.branches {
		if b.UnionID == unionID {
			return b
		}
	}
	panic("a union without a branch") // each was made with one
}

// freeze writes the calendar down; notices of one day share it.
func (e *employer) freeze(today models.Date) models.FrozenCalendar {
	if e.frozenOn != today {
		e.frozenOn, e.frozen = today, e.calendar.Freeze(today, today+frozenDays)
	}
	return e.frozen
}

// clock is the first day that a union's period before a trigger permits.
func (l *life) clock(u models.InScope, class models.ChangeClass, t models.Trigger, evidence time.Time) models.Date {
	periods, err := models.PeriodsOn(l.m.profile, u, class, t)
	l.fail(err)
	return models.ReadClock(models.ClockInput{Evidence: evidence, Periods: periods, Zone: l.zone, CutOff: l.m.profile.CutOff, Calendar: l.calendar, At: models.DateOf(l.at, l.zone)}).Earliest
}

// deliver writes who is served and where, what the mail server said, and who
// acknowledged it.
func (l *life) deliver(n models.Notice, scope models.Scope) *served {
	out := &served{no: n.No, at: l.at}
	for i, u := range scope.Unions {
		b := l.branch(u.Union.ID)
		rec := models.Recipient{OrgID: n.OrgID, ID: l.id(l.at), NoticeID: n.ID, UnionID: u.Union.ID, BranchID: b.ID, WithoutPrejudice: u.WithoutPrejudice}
		accepted := l.at.Add(time.Duration(2+i)*time.Second + time.Duration(l.IntN(1e6))*time.Microsecond)
		l.rows = append(l.rows, &rec)
		for _, s := range l.addresses {
			if s.BranchID != b.ID {
				continue
			}
			d := models.Dispatch{OrgID: n.OrgID, ID: l.id(l.at), NoticeID: n.ID, RecipientID: rec.ID, Channel: s.Channel, Address: s.Address, Languages: s.Languages}
			d.MessageID = d.ID + "@" + l.slug + ".example"
			l.rows = append(l.rows, &d)
			if l.oneIn(30) {
				l.event(n, rec, d, models.Deferred, accepted, "451 try again later")
				accepted = accepted.Add(10 * time.Minute)
			}
			l.event(n, rec, d, models.Accepted, accepted, "")
		}
		for _, t := range models.Triggers {
			if n.Kind.Starts(t) {
				day := l.clock(u, n.Class, t, accepted)
				l.earliest[t] = max(l.earliest[t], day)
				if t == models.BeforeDecision {
					out.parties = append(out.parties, party{u.Union, day})
				}
			}
		}
		if l.oneIn(2) {
			l.acknowledge(n, rec, l.working(accepted.Add(time.Duration(l.IntN(72))*time.Hour)))
		}
	}
	return out
}

func (l *life) event(n models.Notice, rec models.Recipient, d models.Dispatch, event models.DeliveryEvent, at time.Time, detail string) {
	row := models.Delivery{OrgID: n.OrgID, ID: l.id(at), NoticeID: n.ID, RecipientID: rec.ID, DispatchID: &d.ID, Event: event, At: at, RecordedAt: at, Detail: detail}
	l.rows = append(l.rows, &row)
	l.note("delivery.record", row.ID, register.System, at, map[string]any{"no": n.No, "notice": n.SHA256, "union": rec.UnionID, "event": string(event), "message": d.MessageID, "at": at})
}

func (l *life) acknowledge(n models.Notice, rec models.Recipient, at time.Time) {
	if !at.Before(l.end.Add(-time.Hour)) {
		return
	}
	by := l.ofUnion[rec.UnionID][0].ID
	row := models.Delivery{OrgID: n.OrgID, ID: l.id(at), NoticeID: n.ID, RecipientID: rec.ID, Event: models.Acknowledged, At: at, RecordedAt: at, ByUserID: &by}
	l.rows = append(l.rows, &row, &store.Acknowledgement{OrgID: n.OrgID, RecipientID: rec.ID, DeliveryID: row.ID, ByUserID: by, At: at})
	l.note("notice.acknowledge", row.ID, by, at, map[string]any{"ref": l.d.Ref, "no": n.No, "notice": n.SHA256, "union": rec.UnionID, "event": string(models.Acknowledged), "at": at})
}
