package notice

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Notify sends through GOV.UK Notify, which councils and other public bodies
// of the United Kingdom may use
// (https://docs.notifications.service.gov.uk/rest-api.html).
//
// Its email template must have the subject ((subject)) and a body of
//
//	((body))
//
//	((file1))
//
//	((file2))
//
//	((file3))
//
// and nothing else that is filled in. Notify carries plain text only, and a
// file as a link in the place of its placeholder, for 26 weeks; a place without
// a file is filled with nothing. To send files, the service needs contact
// details in "Send files by email" of its settings.
type Notify struct {
	// Client goes to Notify; it is asked not to follow redirects.
	Client *http.Client
	// BaseURL is for tests; empty is Notify's own address.
	BaseURL string
	// Key is an API key: its name, the id of the service and the secret, with -
	// between them.
	Key string
	// Template is the id of the template.
	Template string
	// ReplyTo is the id that Notify gave a reply address; empty is the service's
	// usual one. The reply address of a [Mail] cannot be used.
	ReplyTo string
	// Now dates the token, which lasts 30 seconds; nil is the clock.
	Now func() time.Time
}

const (
	notifyURL = "https://api.notifications.service.gov.uk"
	// notifyAnswer bounds what is read of an answer, in bytes: a page of 250
	// messages comes with all that was written in them.
	notifyAnswer = 16 << 20
)

var (
	// ErrNotifyKey says that the key is not name-service-secret.
	ErrNotifyKey = errors.New("the API key of GOV.UK Notify does not end in two ids")
	// ErrNotifyTemplate says that the template or the reply address is no id.
	ErrNotifyTemplate = errors.New("the template or reply address of GOV.UK Notify is not an id")
)

var notifyID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// Send gives a message to Notify. See [Notify.SendID].
func (n Notify) Send(ctx context.Context, m Mail) error {
	_, err := n.SendID(ctx, m)
	return err
}

// SendID gives a message to Notify and returns the id it was given there. The
// message id goes along as the reference, under which [Notify.Status] and the
// callbacks know it too; the id is "" when Notify took the message but its
// answer could not be read.
//
// Notify refuses with 400 and 403 for good ([Permanent]): an address it cannot
// use, but also a template that lacks a place, or a key that was withdrawn.
// Every other failure may pass. Notify does not recognise a second copy: after
// a timeout, look for the reference before sending again.
func (n Notify) SendID(ctx context.Context, m Mail) (string, error) {
	if err := m.check(); err != nil {
		return "", err
	}
	if !notifyID.MatchString(n.Template) || n.ReplyTo != "" && !notifyID.MatchString(n.ReplyTo) {
		return "", ErrNotifyTemplate
	}
	to, err := mail.ParseAddress(m.To)
	if err != nil {
		return "", fmt.Errorf("the recipient: %w", err)
	}
	body, err := json.Marshal(notifyMessage{
		To: to.Address, Template: n.Template, Personalisation: personalisation(m), Reference: m.MessageID,
		ReplyTo: n.ReplyTo, Unsubscribe: oneClick(m),
	})
	if err != nil {
		return "", err
	}
	answer, err := n.call(ctx, http.MethodPost, "/v2/notifications/email", body)
	if err != nil {
		return "", err
	}
	var accepted struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(answer, &accepted); err != nil || !notifyID.MatchString(accepted.ID) {
		return "", nil //nolint:nilerr // it was taken: sending it again would be a second copy
	}
	return accepted.ID, nil
}

type notifyMessage struct {
	To              string         `json:"email_address"`
	Template        string         `json:"template_id"`
	Personalisation map[string]any `json:"personalisation"`
	Reference       string         `json:"reference"`
	ReplyTo         string         `json:"email_reply_to_id,omitempty"`
	Unsubscribe     string         `json:"one_click_unsubscribe_url,omitempty"`
}

// oneClick is where a mail can be unsubscribed from in one click (RFC 8058);
// Notify wants https and writes the headers itself.
func oneClick(m Mail) string {
	u := strings.Trim(m.Headers["List-Unsubscribe"], "<>")
	if m.Headers["List-Unsubscribe-Post"] == "" || !strings.HasPrefix(u, "https://") {
		return ""
	}
	return u
}

// call sends one request and returns the body of a success.
func (n Notify) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	client, err := still(n.Client)
	if err != nil {
		return nil, err
	}
	token, err := n.token()
	if err != nil {
		return nil, err
	}
	base := n.BaseURL
	if base == "" {
		base = notifyURL
	}
	ctx, cancel := context.WithTimeout(ctx, usualTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(base, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("the address of GOV.UK Notify: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, failed(ctx, "notify", err, nil)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, notifyAnswer))
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		if err != nil && method != http.MethodPost {
			return nil, &Failure{To: "notify", Problem: ProblemAnswer, Status: resp.StatusCode, over: ctx.Err()}
		}
		return answer, nil
	}
	f := answered("notify", resp, n.Now())
	f.Code = notifyCode(answer)
	// A 403 is our own sign-in, which an administrator can mend: like a mail
	// server's refusal of ours it may pass.
	f.refusal = resp.StatusCode == http.StatusBadRequest
	return nil, f
}

var notifyErrorKind = regexp.MustCompile(`^[A-Za-z]{1,40}$`)

// notifyCode takes the kind of the first error from an answer, and none of its
// sentences.
func notifyCode(answer []byte) string {
	var said struct {
		Errors []struct {
			Error string `json:"error"`
		} `json:"errors"`
	}
	if json.Unmarshal(answer, &said) != nil || len(said.Errors) == 0 || !notifyErrorKind.MatchString(said.Errors[0].Error) {
		return ""
	}
	return said.Errors[0].Error
}

// token signs who asks, and when, with the secret of the key.
func (n Notify) token() (string, error) {
	const id = 36
	if len(n.Key) < 2*id+1 {
		return "", ErrNotifyKey
	}
	end := n.Key[len(n.Key)-(2*id+1):]
	service, secret := end[:id], end[id+1:]
	if end[id] != '-' || !notifyID.MatchString(service) || !notifyID.MatchString(secret) {
		return "", ErrNotifyKey
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(secret)}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", ErrNotifyKey
	}
	claims, err := json.Marshal(map[string]any{"iss": service, "iat": n.Now().Unix()})
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", ErrNotifyKey
	}
	return signed.CompactSerialize()
}
