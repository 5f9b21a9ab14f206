package notice

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"
)

// The statuses of a message at GOV.UK Notify.
const (
	NotifyCreated   = "created"
	NotifySending   = "sending"
	NotifyDelivered = "delivered"
	// NotifyPermanent: the address does not exist.
	NotifyPermanent = "permanent-failure"
	// NotifyTemporary: the inbox is full, or did not answer for 72 hours.
	NotifyTemporary = "temporary-failure"
	// NotifyTechnical: Notify and its provider did not get on.
	NotifyTechnical = "technical-failure"
)

var notifyStatuses = []string{NotifyCreated, NotifySending, NotifyDelivered, NotifyPermanent, NotifyTemporary, NotifyTechnical}

// NotifyStatus is what has become of a message.
type NotifyStatus struct {
	// ID is Notify's own, and Reference the message id it was sent under, or "".
	ID, Reference string
	// To is the address it was sent to.
	To string
	// Status is one of the statuses above.
	Status string
	// At is when it came to that, as far as Notify says: when it was completed,
	// or else sent, or else created (UTC).
	At time.Time
	// Kind is "email".
	Kind string
}

// ErrNotifyAnswer says that a callback or an answer is not what Notify sends.
var ErrNotifyAnswer = errors.New("this is not the status of a message of GOV.UK Notify")

// longestCallback is the most that the body of a callback may weigh, in bytes.
const longestCallback = 64 << 10

// notifyWire is a status on the wire. A callback and an answer name two of its
// fields differently.
type notifyWire struct {
	ID        string     `json:"id"`
	Reference *string    `json:"reference"`
	Status    string     `json:"status"`
	Created   *time.Time `json:"created_at"`
	Sent      *time.Time `json:"sent_at"`
	Completed *time.Time `json:"completed_at"`

	CallbackTo   string `json:"to"`
	CallbackKind string `json:"notification_type"`

	AnswerTo   *string `json:"email_address"`
	AnswerKind string  `json:"type"`
}

// ParseNotifyCallback reads the delivery receipt that Notify posts, of 64 KiB
// at most. Fields it does not know it passes over; those it knows must be of
// their type, the status one of the six, and the message an email. Whether it
// was Notify that posted it, the caller knows by the bearer token.
func ParseNotifyCallback(body []byte) (NotifyStatus, error) {
	if len(body) > longestCallback || !utf8.Valid(body) || !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return NotifyStatus{}, ErrNotifyAnswer
	}
	var w notifyWire
	if err := json.Unmarshal(body, &w); err != nil {
		return NotifyStatus{}, ErrNotifyAnswer
	}
	return w.status(w.CallbackTo, w.CallbackKind)
}

func (w notifyWire) status(to, kind string) (NotifyStatus, error) {
	s := NotifyStatus{ID: w.ID, To: to, Status: w.Status, Kind: kind}
	if w.Reference != nil {
		s.Reference = *w.Reference
	}
	for _, at := range []*time.Time{w.Completed, w.Sent, w.Created} {
		if at != nil && s.At.IsZero() {
			s.At = at.UTC()
		}
	}
	const longest = 1000 // characters of a reference; of an address, 320
	if !notifyID.MatchString(s.ID) || kind != "email" || !slices.Contains(notifyStatuses, s.Status) || s.At.IsZero() || s.At.Year() < 2016 ||
		s.To == "" || len(s.To) > 320 || len(s.Reference) > longest || oneLine("address", s.To) != nil || oneLine("reference", s.Reference) != nil {
		return NotifyStatus{}, ErrNotifyAnswer
	}
	return s, nil
}

// Status asks what has become of a message that was sent in the last days
// (Notify forgets after seven, or after what the service has set).
func (n Notify) Status(ctx context.Context, id string) (NotifyStatus, error) {
	if !notifyID.MatchString(id) {
		return NotifyStatus{}, ErrNotifyAnswer
	}
	answer, err := n.call(ctx, http.MethodGet, "/v2/notifications/"+id, nil)
	if err != nil {
		return NotifyStatus{}, err
	}
	var w notifyWire
	if err := json.Unmarshal(answer, &w); err != nil {
		return NotifyStatus{}, ErrNotifyAnswer
	}
	return w.answer()
}

func (w notifyWire) answer() (NotifyStatus, error) {
	if w.AnswerTo == nil {
		return NotifyStatus{}, ErrNotifyAnswer
	}
	return w.status(*w.AnswerTo, w.AnswerKind)
}

// Since gives a page of up to 250 messages, the newest first: those older than
// the message with an id, or the newest for "". next is the id to ask with for
// the page after, and "" at the end. Messages whose status makes no sense are
// left out. A page carries every message's text: the client must read several
// MiB.
func (n Notify) Since(ctx context.Context, olderThan string) (page []NotifyStatus, next string, err error) {
	query := url.Values{"template_type": {"email"}}
	if olderThan != "" {
		if !notifyID.MatchString(olderThan) {
			return nil, "", ErrNotifyAnswer
		}
		query.Set("older_than", olderThan)
	}
	answer, err := n.call(ctx, http.MethodGet, "/v2/notifications?"+query.Encode(), nil)
	if err != nil {
		return nil, "", err
	}
	var said struct {
		Notifications []notifyWire `json:"notifications"`
		Links         struct {
			Next string `json:"next"`
		} `json:"links"`
	}
	if err := json.Unmarshal(answer, &said); err != nil {
		return nil, "", ErrNotifyAnswer
	}
	for _, w := range said.Notifications {
		if s, err := w.answer(); err == nil {
			page = append(page, s)
		}
	}
	// Only the id is taken from the link: the address to ask stays ours.
	if link, err := url.Parse(said.Links.Next); err == nil {
		if id := link.Query().Get("older_than"); notifyID.MatchString(id) && id != olderThan {
			next = id
		}
	}
	return page, next, nil
}
