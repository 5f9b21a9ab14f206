package notice

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	notifyService  = "26785a09-ab16-4eb0-8407-a37497a57506"
	notifySecret   = "3d844edf-8d35-48ac-975b-e847b4f122b0"
	notifyTemplate = "f33517ff-2a88-4f6e-b855-c550268ce08a"
	notifyGiven    = "740e5834-3a29-46b4-9a6f-16142fde533a"
)

// fakeNotify is GOV.UK Notify as far as its documentation goes. It checks the
// token with nothing but the standard library.
type fakeNotify struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []*http.Request
	sent   []map[string]any
	status int
	answer string
}

func newFakeNotify(t *testing.T) *fakeNotify {
	t.Helper()
	f := &fakeNotify{status: http.StatusCreated, answer: `{"id":"` + notifyGiven + `","reference":"x","content":{"body":"…"},"uri":"…"}`}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked = append(f.asked, r)
		if err := tokenProblem(r.Header.Get("Authorization"), worldNow()); err != nil {
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprintf(w, `{"status_code":403,"errors":[{"error":"AuthError","message":%q}]}`, err)
			return
		}
		if r.Method == http.MethodPost {
			var body map[string]any
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Header.Get("Content-Type") != "application/json" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			f.sent = append(f.sent, body)
		}
		w.WriteHeader(f.status)
		_, _ = io.WriteString(w, f.answer)
	}))
	t.Cleanup(f.Close)
	return f
}

func tokenProblem(header string, now time.Time) error {
	parts := strings.Split(strings.TrimPrefix(header, "Bearer "), ".")
	if len(parts) != 3 || !strings.HasPrefix(header, "Bearer ") {
		return errors.New("no token")
	}
	mac := hmac.New(sha256.New, []byte(notifySecret))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) != parts[2] {
		return errors.New("Invalid token: signature")
	}
	var head struct{ Typ, Alg string }
	var claims struct {
		Iss string
		Iat int64
	}
	for i, into := range []any{&head, &claims} {
		b, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(b, into) != nil {
			return errors.New("Invalid token")
		}
	}
	if off := now.Sub(time.Unix(claims.Iat, 0)); head.Typ != "JWT" || head.Alg != "HS256" || claims.Iss != notifyService || off.Abs() > 30*time.Second {
		return fmt.Errorf("%+v %+v", head, claims)
	}
	return nil
}

func (f *fakeNotify) transport() Notify {
	return Notify{Now: worldNow, Client: f.Client(), BaseURL: f.URL + "/", Key: "our-key-" + notifyService + "-" + notifySecret, Template: notifyTemplate}
}

func notifyMail(t *testing.T) Mail {
	t.Helper()
	n := caseNotes(t)
	n.Files = []Attached{
		{"receipt-N-2026-014.json", "application/json", []byte(`{"v":1}`)},
		{"checkpoint-41.txt", "text/plain", []byte("tywi\n41\n")},
		{"tool.exe", "application/octet-stream", []byte("MZ")},
		{"big.pdf", "application/pdf", make([]byte, 2<<20+1)},
		{"empty.pdf", "application/pdf", nil},
	}
	n.VerifyURL = "https://tywi.example/en/verify"
	n.Party.Union = "UNISON"
	return composed(t, n)
}

func TestNotifySends(t *testing.T) {
	t.Parallel()
	f := newFakeNotify(t)
	n := f.transport()
	n.ReplyTo = notifyService
	m := notifyMail(t)
	var _ Channel = n
	id, err := n.SendID(t.Context(), m)
	if err != nil || id != notifyGiven {
		t.Fatalf("%q, %v", id, err)
	}
	if r := f.asked[0]; r.Method != http.MethodPost || r.URL.Path != "/v2/notifications/email" {
		t.Errorf("%s %s", r.Method, r.URL)
	}
	sent := f.sent[0]
	for name, want := range map[string]string{
		"email_address": "branch@unison.example", "template_id": notifyTemplate, "reference": m.MessageID, "email_reply_to_id": notifyService,
	} {
		if sent[name] != want {
			t.Errorf("%s is %v, not %s", name, sent[name], want)
		}
	}
	p := sent["personalisation"].(map[string]any)
	if len(sent) != 5 || len(p) != 5 || p["subject"] != m.Subject || p["file3"] != "" {
		t.Errorf("%v, %v", sent, p)
	}
	file := p["file1"].(map[string]any)
	if b, err := base64.StdEncoding.DecodeString(file["file"].(string)); err != nil || string(b) != `{"v":1}` || len(file) != 4 ||
		file["filename"] != "receipt-N-2026-014.json" || file["confirm_email_before_download"] != false || file["retention_period"] != "26 weeks" {
		t.Errorf("%v, %v", file, err)
	}
	body := p["body"].(string)
	for _, want := range []string{
		"Mae Cyngor Sir Tywi yn cyflwyno", "https://tywi.example/cy/notices/N-2026-014",
		"Daw’r ffeiliau hyn gyda’r neges hon, yn y drefn hon: receipt-N-2026-014.json, checkpoint-41.txt.",
		"These files could not be sent in this way: N-2026-014.ics, tool.exe, big.pdf, empty.pdf.",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the body has no %q:\n%s", want, body)
		}
	}
	if strings.Contains(body, "⟦") || strings.Contains(fmt.Sprint(sent), "<html") {
		t.Error("words are missing, or HTML was sent")
	}
}

func TestNotifyBodyHidesNoLink(t *testing.T) {
	t.Parallel()
	m := Mail{Text: "[Pay here](https://evil.example) and [there][1]\n\n[1]: https://evil.example\n"}
	body := personalisation(m)["body"].(string)
	if strings.Contains(body, "](") || strings.Contains(body, "][") || strings.Contains(body, "]:") || strings.Count(body, "https://evil.example") != 2 {
		t.Error(body)
	}
}

func TestNotifySendsALetter(t *testing.T) {
	t.Parallel()
	f := newFakeNotify(t)
	m, err := ComposeNews(someNews(t, false))
	if err != nil {
		t.Fatal(err)
	}
	f.answer = "not JSON" // taken all the same
	if id, err := f.transport().SendID(t.Context(), m); id != "" || err != nil {
		t.Errorf("%q, %v", id, err)
	}
	if sent := f.sent[0]; sent["one_click_unsubscribe_url"] != "https://tywi.example/unsubscribe?token=abc" {
		t.Errorf("%v", sent)
	} else if body := sent["personalisation"].(map[string]any)["body"].(string); strings.Contains(body, "file") {
		t.Errorf("files without any:\n%s", body)
	}
}

func TestNotifyRefusals(t *testing.T) {
	t.Parallel()
	m := notifyMail(t)
	for status, permanent := range map[int]bool{400: true, 403: false, 302: false, 401: false, 404: false, 413: false, 429: false, 500: false, 503: false} {
		f := newFakeNotify(t)
		f.status, f.answer = status, `{"status_code":400,"errors":[{"error":"BadRequestError","message":"Can’t send to branch@unison.example"}]}`
		err := f.transport().Send(t.Context(), m)
		failure, ok := errors.AsType[*Failure](err)
		if !ok || failure.Status != status || Permanent(err) != permanent || Permanent(fmt.Errorf("wrapped: %w", err)) != permanent ||
			err.Error() != fmt.Sprintf("notify: status %d BadRequestError", status) {
			t.Errorf("%d: %v, permanent: %v", status, err, Permanent(err))
		}
	}
	f := newFakeNotify(t)
	late := f.transport()
	late.Now = func() time.Time { return worldNow().Add(-time.Minute) }
	if err := late.Send(t.Context(), m); err == nil || !strings.Contains(err.Error(), "403 AuthError") {
		t.Errorf("a token of a minute ago: %v", err)
	}
	f.Close()
	if err := f.transport().Send(t.Context(), m); err == nil || Permanent(err) || strings.Contains(err.Error(), notifySecret) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestNotifyIsNotAsked(t *testing.T) {
	t.Parallel()
	f := newFakeNotify(t)
	for name, spoil := range map[string]func(*Notify, *Mail){
		"no key":              func(n *Notify, _ *Mail) { n.Key = "" },
		"half a key":          func(n *Notify, _ *Mail) { n.Key = notifySecret },
		"no hyphen":           func(n *Notify, _ *Mail) { n.Key = notifyService + "x" + notifySecret },
		"no ids":              func(n *Notify, _ *Mail) { n.Key = strings.Repeat("x", 100) },
		"no template":         func(n *Notify, _ *Mail) { n.Template = "" },
		"an address to reply": func(n *Notify, _ *Mail) { n.ReplyTo = "a@b.example" },
		"no client":           func(n *Notify, _ *Mail) { n.Client = nil },
		"a forged subject":    func(_ *Notify, m *Mail) { m.Subject = "a\nb" },
		"no recipient":        func(_ *Notify, m *Mail) { m.To = "nobody" },
	} {
		n, m := f.transport(), notifyMail(t)
		spoil(&n, &m)
		if err := n.Send(t.Context(), m); err == nil || Permanent(err) || strings.Contains(err.Error(), notifySecret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(f.asked) != 0 {
		t.Errorf("it was asked %d times", len(f.asked))
	}
}

const notifyOne = `{"id":"740e5834-3a29-46b4-9a6f-16142fde533a","reference":"n-1@tywi.example","email_address":"branch@unison.example","phone_number":null,
 "type":"email","status":"delivered","template":{"version":1},"body":"…","created_at":"2026-09-07T09:12:00.000000Z","sent_at":"2026-09-07T09:12:05.000000Z","completed_at":"2026-09-07T09:12:30.500000Z"}`

func TestNotifyStatuses(t *testing.T) {
	t.Parallel()
	f := newFakeNotify(t)
	f.status, f.answer = 200, notifyOne
	n := f.transport()
	want := NotifyStatus{
		ID: notifyGiven, Reference: "n-1@tywi.example", To: "branch@unison.example", Status: NotifyDelivered, Kind: "email",
		At: time.Date(2026, 9, 7, 9, 12, 30, 500_000_000, time.UTC),
	}
	if got, err := n.Status(t.Context(), notifyGiven); err != nil || got != want || f.asked[0].URL.Path != "/v2/notifications/"+notifyGiven {
		t.Errorf("%+v, %v, %s", got, err, f.asked[0].URL)
	}
	sms := strings.NewReplacer(`"email"`, `"sms"`, `"branch@unison.example"`, "null").Replace(notifyOne)
	f.answer = `{"notifications":[` + notifyOne + "," + sms + "," + strings.Replace(notifyOne, "delivered", "sending", 1) + `],
	 "links":{"current":"x","next":"https://evil.example/v2/notifications?older_than=` + notifyService + `"}}`
	page, next, err := n.Since(t.Context(), notifyGiven)
	if err != nil || len(page) != 2 || page[0] != want || page[1].Status != NotifySending || next != notifyService {
		t.Errorf("%+v, %q, %v", page, next, err)
	}
	if got := f.asked[1].URL.RequestURI(); got != "/v2/notifications?older_than="+notifyGiven+"&template_type=email" {
		t.Error(got)
	}
	f.answer = `{"notifications":[],"links":{"current":"x"}}`
	if page, next, err := n.Since(t.Context(), ""); err != nil || len(page) != 0 || next != "" {
		t.Errorf("%+v, %q, %v", page, next, err)
	}
	for _, id := range []string{"../templates", "", notifyGiven + "/x"} {
		if _, err := n.Status(t.Context(), id); !errors.Is(err, ErrNotifyAnswer) {
			t.Errorf("%q: %v", id, err)
		}
	}
	f.answer = `{"notifications":[{"id":1}]}`
	if _, _, err := n.Since(t.Context(), ""); !errors.Is(err, ErrNotifyAnswer) {
		t.Error(err)
	}
}

const callback = `{"id":"740e5834-3a29-46b4-9a6f-16142fde533a","reference":"n-1@tywi.example","to":"branch@unison.example","status":"permanent-failure",
 "created_at":"2026-09-07T09:12:00.000000Z","completed_at":"2026-09-07T09:12:30.000000Z","sent_at":"2026-09-07T09:12:05.000000Z","notification_type":"email",
 "template_id":"f33517ff-2a88-4f6e-b855-c550268ce08a","template_version":1,"something_new":{"a":[1]}}`

func TestParseNotifyCallback(t *testing.T) {
	t.Parallel()
	got, err := ParseNotifyCallback([]byte(callback))
	if err != nil || got != (NotifyStatus{
		ID: notifyGiven, Reference: "n-1@tywi.example", To: "branch@unison.example", Status: NotifyPermanent, Kind: "email",
		At: time.Date(2026, 9, 7, 9, 12, 30, 0, time.UTC),
	}) {
		t.Fatalf("%+v, %v", got, err)
	}
	got, err = ParseNotifyCallback([]byte(strings.NewReplacer(`"n-1@tywi.example"`, "null", `"2026-09-07T09:12:30.000000Z"`, "null").Replace(callback)))
	if err != nil || got.Reference != "" || got.At.Second() != 5 {
		t.Errorf("nulls: %+v, %v", got, err)
	}
	for name, hostile := range map[string]string{
		"nothing": "", "null": "null", "a list": "[]", "a text": `"x"`, "half": callback[:100], "two": callback + callback, "no fields": "{}",
		"a number as id":  strings.Replace(callback, `"740e5834-3a29-46b4-9a6f-16142fde533a"`, "740", 1),
		"no id":           strings.Replace(callback, "740e5834-", "../../..-", 1),
		"a list of to":    strings.Replace(callback, `"branch@unison.example"`, `["a","b"]`, 1),
		"a line break":    strings.Replace(callback, "branch@", `branch\r\nX: y@`, 1),
		"other status":    strings.Replace(callback, "permanent-failure", "acknowledged", 1),
		"a text message":  strings.Replace(callback, `"email"`, `"sms"`, 1),
		"no time":         strings.ReplaceAll(callback, "2026-09-07T", "yesterday "),
		"year one":        strings.ReplaceAll(callback, "2026-", "0001-"),
		"a number as now": strings.Replace(callback, `"2026-09-07T09:12:30.000000Z"`, "1788772350", 1),
		"long reference":  strings.Replace(callback, "n-1@", strings.Repeat("n", 1001)+"@", 1),
		"too long":        strings.Replace(callback, `"a":[1]`, `"a":"`+strings.Repeat("a", 64<<10)+`"`, 1),
		"no UTF-8":        strings.Replace(callback, "something", "some\xff", 1),
		"deep":            `{"id":` + strings.Repeat("[", 30000) + strings.Repeat("]", 30000) + "}",
	} {
		if got, err := ParseNotifyCallback([]byte(hostile)); !errors.Is(err, ErrNotifyAnswer) || got != (NotifyStatus{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func FuzzParseNotifyCallback(f *testing.F) {
	f.Add([]byte(callback))
	f.Add([]byte(notifyOne))
	f.Add([]byte(`{"ID":"740e5834-3a29-46b4-9a6f-16142fde533a","status":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := ParseNotifyCallback(body)
		if err != nil {
			if s != (NotifyStatus{}) {
				t.Errorf("%+v with %v", s, err)
			}
			return
		}
		if !notifyID.MatchString(s.ID) || s.Kind != "email" || s.At.IsZero() || s.To == "" || strings.ContainsAny(s.To+s.Reference, "\r\n\x00") || len(body) > longestCallback {
			t.Errorf("%q became %+v", body, s)
		}
		if again, err := ParseNotifyCallback(bytes.Clone(body)); err != nil || again != s {
			t.Errorf("%+v, then %+v, %v", s, again, err)
		}
	})
}
