package api

import (
	"context"
	"encoding/json"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/web"
	"beforehand/models"
)

// DraftFields are what a person adds to the record to make a notice of it.
type DraftFields struct {
	Kind       string        `json:"kind" enum:"formative,change,rollout,supplementary,late,withdrawal,review" example:"change"`
	Supersedes string        `json:"supersedes,omitempty" maxLength:"40" doc:"Number of the notice that a supplementary one corrects"`
	Worse      []int         `json:"worse,omitempty" nullable:"false" maxItems:"26" doc:"Items changed for the worse: 5, 6, 8, 10 and 12 restart the clock"`
	Languages  []string      `json:"languages,omitempty" nullable:"false" maxItems:"2" enum:"en,cy" doc:"Worked out from the recipients when left out"`
	Meetings   []models.Date `json:"meetings,omitempty" nullable:"false" maxItems:"20" doc:"At least two meeting dates" example:"[\"2026-09-15\",\"2026-09-29\"]"`
	HowToAsk   models.Text   `json:"howToAsk,omitempty"`
	Dispute    models.Text   `json:"dispute,omitempty"`
	StatusQuo  bool          `json:"statusQuo,omitempty"`
	Correction models.Text   `json:"correction,omitempty" doc:"What a supplementary notice corrects"`
	NotWorse   string        `json:"notWorse,omitempty" maxLength:"5000" doc:"Why changes to items 5, 6, 8, 10 or 12 are not for the worse; printed in the notice. Left empty, they restart the clock"`
}

func (d DraftFields) input() register.DraftInput {
	return register.DraftInput{
		Kind: models.NoticeKind(d.Kind), Supersedes: d.Supersedes, Worse: d.Worse, Languages: langs(d.Languages), Meetings: d.Meetings,
		HowToAsk: d.HowToAsk, Dispute: d.Dispute, StatusQuo: d.StatusQuo, Correction: d.Correction, NotWorse: d.NotWorse,
	}
}

// Draft is a notice that has not been served.
type Draft struct {
	ID string `json:"id"`
	DraftFields
	Version int `json:"version"`
}

func viewDraft(d models.Draft) Draft {
	return Draft{d.ID, DraftFields{string(d.Kind), "", d.Worse, strs(d.Languages), d.Meetings, d.HowToAsk, d.Dispute, d.StatusQuo, d.Correction, d.NotWorse}, d.Version}
}

func (a *API) drafts(ctx context.Context, in *ByRef) (*reply[List[Draft]], error) {
	rows, err := a.reg.Drafts(ctx, web.Actor(ctx), in.Ref)
	return listOf(rows, viewDraft), err
}

type draftInput struct {
	ByRef
	Body DraftFields
}

func (a *API) draftNotice(ctx context.Context, in *draftInput) (*reply[Draft], error) {
	d, err := a.reg.DraftNotice(ctx, web.Actor(ctx), in.Ref, in.Body.input())
	return created(viewDraft(d), d.Version, "/drafts/"+d.ID), err
}

// NoticeCheck is what a draft would say if it were served now.
type NoticeCheck struct {
	Draft
	Deployment string                 `json:"deployment"`
	Ready      bool                   `json:"ready" doc:"Nothing is missing"`
	Items      []models.NoticeItem    `json:"items" nullable:"false"`
	Gaps       []Gap                  `json:"gaps" nullable:"false"`
	Recipients []Recipient            `json:"recipients" nullable:"false"`
	Told       []string               `json:"toldDirectly" nullable:"false" doc:"Groups without a recognised union"`
	Earliest   map[string]models.Date `json:"earliest" doc:"By what it must come before, if served now"`
}

// Gap is a mandatory item that is empty or \"TBC\", or lacks a language.
type Gap struct {
	Item     int         `json:"item"`
	Part     string      `json:"part"`
	Language string      `json:"language,omitempty"`
	What     models.Text `json:"what"`
}

// Recipient is a union that would be served.
type Recipient struct {
	Union            string   `json:"union"`
	Branch           string   `json:"branch"`
	WithoutPrejudice bool     `json:"withoutPrejudice,omitempty"`
	Addresses        int      `json:"addresses" doc:"How many agreed service addresses"`
	Languages        []string `json:"languages" nullable:"false"`
}

func viewCheck(c register.NoticeCheck) NoticeCheck {
	v := NoticeCheck{Draft: viewDraft(c.Draft), Deployment: c.Ref, Ready: len(c.Gaps) == 0, Items: list(c.Rendered), Gaps: []Gap{}, Recipients: []Recipient{}, Told: list(c.Told), Earliest: map[string]models.Date{}}
	for _, g := range c.Gaps {
		code := "gate.item_empty"
		if g.Language != "" {
			code = "gate.item_language"
		}
		p := models.Params{"no": g.No, "label": models.Reason{Code: "label." + g.Label}, "language": models.Reason{Code: "language." + string(g.Language)}}
		v.Gaps = append(v.Gaps, Gap{g.No, g.Label, string(g.Language), both(code, p)})
	}
	for _, p := range c.Parties {
		r := Recipient{Union: p.Union.Abbreviation, Branch: p.Branch.Name, WithoutPrejudice: p.WithoutPrejudice, Addresses: len(p.Addresses), Languages: []string{}}
		for _, s := range p.Addresses {
			r.Languages = append(r.Languages, strs(s.Languages)...)
		}
		v.Recipients = append(v.Recipients, r)
	}
	for t, d := range c.Earliest {
		v.Earliest[string(t)] = d
	}
	return v
}

func (a *API) checkNotice(ctx context.Context, in *ByID) (*reply[NoticeCheck], error) {
	c, err := a.reg.CheckNotice(ctx, web.Actor(ctx), in.ID)
	return versioned(viewCheck(c), c.Draft.Version), err
}

type reviseDraftInput struct {
	ByID
	IfMatchHeader
	Body DraftFields
}

func (a *API) reviseNotice(ctx context.Context, in *reviseDraftInput) (*reply[Draft], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	d, err := a.reg.ReviseNotice(ctx, web.Actor(ctx), in.ID, n, in.Body.input())
	return versioned(viewDraft(d), d.Version), err
}

type draftVersionInput struct {
	ByID
	IfMatchHeader
}

func (a *API) discardNotice(ctx context.Context, in *draftVersionInput) (*done, error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	return &done{}, a.reg.DiscardNotice(ctx, web.Actor(ctx), in.ID, n)
}

func (a *API) serveNotice(ctx context.Context, in *draftVersionInput) (*reply[Notice], error) {
	n, err := in.version()
	if err != nil {
		return nil, err
	}
	served, err := a.reg.ServeNotice(ctx, web.Actor(ctx), in.ID, n)
	if err != nil {
		return nil, err
	}
	v, err := a.reg.Notice(ctx, web.Actor(ctx), served.No)
	return created(viewNotice(v), 0, "/notices/"+served.No), err
}

// Notice is a served notice: frozen, numbered, hashed.
type Notice struct {
	No         string              `json:"no" example:"N-2026-014"`
	Kind       string              `json:"kind"`
	Deployment string              `json:"deployment"`
	Class      string              `json:"class"`
	ServedAt   string              `json:"servedAt" format:"date-time"`
	SHA256     string              `json:"sha256" doc:"Of the canonical JSON (RFC 8785) in content"`
	Supersedes string              `json:"supersedes,omitempty"`
	Restarts   bool                `json:"restarts,omitempty" doc:"Changed for the worse: the clock restarted"`
	Content    json.RawMessage     `json:"content,omitempty" doc:"The exact bytes that were served and hashed; left out while an item is withheld from you"`
	Items      []models.NoticeItem `json:"items" nullable:"false"`
	Parties    []PartyService      `json:"parties" nullable:"false"`
}

// PartyService is how a notice was served on one union.
type PartyService struct {
	UnionID          string     `json:"unionId"`
	Union            string     `json:"union"`
	Branch           string     `json:"branch"`
	WithoutPrejudice bool       `json:"withoutPrejudice,omitempty"`
	ServedAt         string     `json:"servedAt,omitempty" format:"date-time" doc:"First sufficient evidence of service"`
	AcknowledgedAt   string     `json:"acknowledgedAt,omitempty" format:"date-time"`
	Events           []Delivery `json:"events" nullable:"false"`
	Can              []string   `json:"can" nullable:"false"`
}

// Delivery is one event of a delivery.
type Delivery struct {
	Event      string `json:"event"`
	At         string `json:"at" format:"date-time"`
	RecordedAt string `json:"recordedAt" format:"date-time"`
	Address    string `json:"address,omitempty"`
	MessageID  string `json:"messageId,omitempty"`
	Detail     string `json:"detail,omitempty"`
	Proof      string `json:"proof,omitempty" doc:"Id of the attachment"`
}

func viewNotice(v register.NoticeView) Notice {
	n := Notice{
		No: v.No, Kind: string(v.Kind), Deployment: v.Ref, Class: string(v.Class), ServedAt: instant(v.Notice.ServedAt), SHA256: v.SHA256,
		Supersedes: v.Body.Supersedes, Restarts: v.Restarts, Items: list(v.Body.Items), Parties: []PartyService{},
	}
	if v.Content != "" {
		n.Content = json.RawMessage(v.Content)
	}
	for _, p := range v.Parties {
		n.Parties = append(n.Parties, viewParty(p))
	}
	return n
}

func viewParty(p register.PartyService) PartyService {
	s := PartyService{UnionID: p.UnionID, Union: p.Union, Branch: p.Branch, WithoutPrejudice: p.WithoutPrejudice, ServedAt: moment(p.ServedAt), AcknowledgedAt: moment(p.AcknowledgedAt), Events: []Delivery{}, Can: list(p.Can)}
	for _, e := range p.Events {
		d := Delivery{Event: string(e.Event), At: instant(e.At), RecordedAt: instant(e.RecordedAt), Detail: e.Detail}
		if e.AttachmentID != nil {
			d.Proof = *e.AttachmentID
		}
		for _, m := range p.Dispatches {
			if e.DispatchID != nil && m.ID == *e.DispatchID {
				d.Address, d.MessageID = m.Address, m.MessageID
			}
		}
		s.Events = append(s.Events, d)
	}
	return s
}

// moment is an instant that may not have come.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return instant(t)
}

func (a *API) notices(ctx context.Context, in *ByRef) (*reply[List[Notice]], error) {
	rows, err := a.reg.Notices(ctx, web.Actor(ctx), in.Ref)
	return listOf(rows, viewNotice), err
}

func (a *API) notice(ctx context.Context, in *ByNo) (*reply[Notice], error) {
	v, err := a.reg.Notice(ctx, web.Actor(ctx), in.No)
	return &reply[Notice]{Body: viewNotice(v)}, err
}

type unionBody struct {
	ByNo
	Body struct {
		Union string `json:"union,omitempty" maxLength:"60" doc:"Id of your union, when you speak for several"`
	}
}

func (a *API) acknowledge(ctx context.Context, in *unionBody) (*done, error) {
	return &done{}, a.reg.Acknowledge(ctx, web.Actor(ctx), in.No, in.Body.Union)
}

type deliveryInput struct {
	ByNo
	Body struct {
		Union  string    `json:"union" maxLength:"60" doc:"Id of the union"`
		Event  string    `json:"event" enum:"handed,posted" example:"handed"`
		At     time.Time `json:"at" doc:"When it was handed over or posted" example:"2026-09-07T10:00:00Z"`
		Detail string    `json:"detail,omitempty" maxLength:"2000" example:"To the branch secretary at County Hall"`
		Proof  string    `json:"proof" maxLength:"60" doc:"Id of an attachment: a signed receipt, proof of posting"`
	}
}

func (a *API) recordDelivery(ctx context.Context, in *deliveryInput) (*done, error) {
	b := in.Body
	return &done{}, a.reg.RecordDelivery(ctx, web.Actor(ctx), in.No, b.Union, models.DeliveryEvent(b.Event), b.At, b.Detail, b.Proof)
}
