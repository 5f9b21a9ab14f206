package notice

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Hook delivers events to an organisation's own servers as Standard Webhooks
// (https://github.com/standard-webhooks/standard-webhooks, version 1), signed
// with the secret that both sides keep.
type Hook struct {
	// Client is the guarded one; its own timeout applies as well. It is asked
	// not to follow redirects.
	Client *http.Client
	// Now dates the signature; nil is the clock.
	Now func() time.Time
	// UserAgent is what we call ourselves; empty is "beforehand".
	UserAgent string
	// Refused recognises the client's own refusal to go to an address, for the
	// problem "refused_address"; nil recognises none.
	Refused func(error) bool
}

// HookTarget is where events go, and the secret they are signed with (whsec_…).
type HookTarget struct{ URL, Secret string }

// HookAnswer is what came of one attempt, as the list of deliveries shows it.
type HookAnswer struct {
	// Status is that of the answer; 0 when there was none.
	Status int
	// RetryAfter is what the other side asks for with 429 and 503, 0 to 6 h.
	RetryAfter time.Duration
	// Gone says that the other side wants no more (410): the target is to be
	// disabled at once.
	Gone bool
	// Problem is "" when it was delivered, or a Problem code.
	Problem string
}

// What is wrong with a delivery before it is tried.
var (
	ErrHookSecret = errors.New("the secret of the webhook is not whsec_ and 24 to 64 bytes in base64")
	ErrHookID     = errors.New("the id of the message is not 1 to 100 letters, digits, - and _")
)

const (
	secretPrefix = "whsec_"
	secretBytes  = 32
)

// NewHookSecret makes a secret of 32 random bytes, as Standard Webhooks writes
// it: "whsec_" and base64.
func NewHookSecret() string {
	key := make([]byte, secretBytes)
	_, _ = rand.Read(key) // never fails: the program ends instead
	return secretPrefix + base64.StdEncoding.EncodeToString(key)
}

// signer refuses what the library would take: short keys, and any base64.
func signer(secret string) (*standardwebhooks.Webhook, error) {
	text, ok := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, ErrHookSecret
	}
	return standardwebhooks.NewWebhookRaw(key)
}

// hookID leaves out the full stop, which separates what is signed.
var hookID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// Deliver tries once to deliver a body, which is JSON. The id is the same at
// every attempt, so that the other side can tell a second copy; the time and
// with it the signature are new at each, since receivers refuse those older
// than five minutes.
//
// Every status of 2xx is delivered. Everything else is a [Failure], with the
// same problem as the answer: 3xx is not followed, and 410 says [HookAnswer].Gone.
func (h Hook) Deliver(ctx context.Context, to HookTarget, id string, body []byte) (HookAnswer, error) {
	client, err := still(h.Client)
	if err != nil {
		return HookAnswer{}, err
	}
	req, err := h.request(ctx, to, id, body)
	if err != nil {
		return HookAnswer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, usualTimeout)
	defer cancel()
	resp, err := client.Do(req.WithContext(ctx))
	var answer HookAnswer
	if err != nil {
		f := failed(ctx, "webhook", err, h.Refused)
		answer.Problem = f.Problem
		return answer, f
	}
	// What the answer says does not matter, and reading it could take for ever.
	_ = resp.Body.Close()
	answer.Status = resp.StatusCode
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		return answer, nil
	}
	f := answered("webhook", resp, h.Now())
	answer.Problem, answer.RetryAfter = f.Problem, f.RetryAfter
	if resp.StatusCode == http.StatusGone {
		answer.Gone, f.refusal = true, true
	}
	return answer, f
}

func (h Hook) request(ctx context.Context, to HookTarget, id string, body []byte) (*http.Request, error) {
	key, err := signer(to.Secret)
	if err != nil {
		return nil, err
	}
	if !hookID.MatchString(id) {
		return nil, ErrHookID
	}
	at := h.Now()
	signature, err := key.Sign(id, at, body)
	if err != nil {
		return nil, fmt.Errorf("signing a webhook: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(body))
	if err != nil {
		return nil, ErrHookURL // the error of net/http holds the address
	}
	agent := h.UserAgent
	if agent == "" {
		agent = "beforehand"
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", agent)
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return req, nil
}
