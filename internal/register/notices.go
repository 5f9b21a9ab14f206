package register

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

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
	return n, s, hiddenAs("notice", err)
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
		if err != nil {
			return entry{}, err
		}
		return deliveryEntry(e, n, s, unionID), tx.Promise(ctx,
			SignCheckpoint{Org: n.OrgID, Cause: models.CheckpointAcknowledge}, ReceiptLetter{ID: newID(), Org: n.OrgID, Notice: n.ID, Union: unionID, User: a.UserID})
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
		proof, err := r.readable(ctx, tx.Reader, a, proofID)
		if err != nil {
			return entry{}, err
		}
		if proof.FromUnion {
			return entry{}, models.Fail(models.Conflict, "file_of_a_union")
		}
		e := models.Delivery{OrgID: n.OrgID, ID: newID(), NoticeID: n.ID, RecipientID: rec.ID, Event: event, At: at, RecordedAt: now, Detail: detail, AttachmentID: &proof.ID, ByUserID: &a.UserID}
		done := deliveryEntry(e, n, s, unionID)
		done.data["proof"] = proof.SHA256
		return done, tx.Add(ctx, &e)
	})
}
