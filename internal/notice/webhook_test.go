package notice

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// consumer is a receiver as its makers would write it: it believes what the
// standard-webhooks library believes.
type consumer struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
	verdicts []error
	answer   func(http.ResponseWriter, *http.Request)
}

func newConsumer(t *testing.T, secret string) *consumer {
	t.Helper()
	c := &consumer{answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }}
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		c.requests, c.bodies = append(c.requests, r), append(c.bodies, string(body))
		c.verdicts = append(c.verdicts, wh.Verify(body, r.Header))
		c.mu.Unlock()
		c.answer(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

const hookBody = `{"type":"notice.serve","timestamp":"2026-09-07T09:12:00Z","data":{"organisation":"Tywi"}}`

func TestWebhookIsVerifiedByTheLibrary(t *testing.T) {
	t.Parallel()
	secret := NewHookSecret()
	c := newConsumer(t, secret)
	h := Hook{Now: worldNow, Client: c.Client()}
	answer, err := h.Deliver(t.Context(), HookTarget{c.URL + "/hooks", secret}, "msg_1", []byte(hookBody))
	if err != nil || answer.Status != 204 || answer.Problem != "" || answer.Gone {
		t.Fatalf("%+v, %v", answer, err)
	}
	r := c.requests[0]
	if c.verdicts[0] != nil || c.bodies[0] != hookBody || r.Method != http.MethodPost || r.URL.Path != "/hooks" {
		t.Errorf("%v: %s %s %q", c.verdicts[0], r.Method, r.URL, c.bodies[0])
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "User-Agent": "beforehand", "Webhook-Id": "msg_1"} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
	wh, _ := standardwebhooks.NewWebhook(secret)
	if err := wh.Verify([]byte(strings.Replace(hookBody, "Tywi", "Tafi", 1)), r.Header); !errors.Is(err, standardwebhooks.ErrNoMatchingSignature) {
		t.Errorf("a tampered body: %v", err)
	}
	other := r.Header.Clone()
	other.Set("Webhook-Id", "msg_2")
	if err := wh.Verify([]byte(hookBody), other); !errors.Is(err, standardwebhooks.ErrNoMatchingSignature) {
		t.Errorf("another id: %v", err)
	}
	wrong := newConsumer(t, NewHookSecret())
	if _, err := h.Deliver(t.Context(), HookTarget{wrong.URL, secret}, "msg_1", []byte(hookBody)); err != nil || wrong.verdicts[0] == nil {
		t.Errorf("another secret: %v, %v", err, wrong.verdicts)
	}
}

func TestEachAttemptIsSignedAnew(t *testing.T) {
	t.Parallel()
	secret := NewHookSecret()
	c := newConsumer(t, secret)
	now := worldNow().Add(-2 * time.Minute)
	h := Hook{Client: c.Client(), UserAgent: "beforehand/1", Now: func() time.Time { now = now.Add(time.Minute); return now }}
	for range 2 {
		if _, err := h.Deliver(t.Context(), HookTarget{c.URL, secret}, "evt-7", []byte(hookBody)); err != nil {
			t.Fatal(err)
		}
	}
	one, two := c.requests[0].Header, c.requests[1].Header
	if one.Get("Webhook-Id") != two.Get("Webhook-Id") || one.Get("Webhook-Timestamp") == two.Get("Webhook-Timestamp") ||
		one.Get("Webhook-Signature") == two.Get("Webhook-Signature") || c.verdicts[0] != nil || c.verdicts[1] != nil {
		t.Errorf("first %v, second %v, %v", one, two, c.verdicts)
	}
}

func TestWebhookAnswers(t *testing.T) {
	t.Parallel()
	secret := NewHookSecret()
	now := worldNow().UTC().Truncate(time.Second)
	for name, tc := range map[string]struct {
		status    int
		header    string
		wait      time.Duration
		gone, bad bool
	}{
		"ok":                         {status: 200},
		"accepted":                   {status: 202, header: "9"},
		"gone":                       {status: 410, gone: true, bad: true},
		"not found":                  {status: 404, bad: true},
		"too many, seconds":          {status: 429, header: "120", wait: 2 * time.Minute, bad: true},
		"away, a date":               {status: 503, header: now.Add(time.Hour).Format(http.TimeFormat), wait: time.Hour, bad: true},
		"away, a date long ago":      {status: 503, header: now.Add(-time.Hour).Format(http.TimeFormat), bad: true},
		"too long":                   {status: 429, header: "86400", wait: 6 * time.Hour, bad: true},
		"more than a number holds":   {status: 429, header: "99999999999999999999999", wait: 6 * time.Hour, bad: true},
		"a year":                     {status: 503, header: now.AddDate(1, 0, 0).Format(http.TimeFormat), wait: 6 * time.Hour, bad: true},
		"nonsense":                   {status: 429, header: "soon", bad: true},
		"less than nothing":          {status: 429, header: "-5", bad: true},
		"an error that asks to wait": {status: 500, header: "60", bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsumer(t, secret)
			c.answer = func(w http.ResponseWriter, _ *http.Request) {
				if tc.header != "" {
					w.Header().Set("Retry-After", tc.header)
				}
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, "the answer of somebody else")
			}
			h := Hook{Client: c.Client(), Now: func() time.Time { return now }}
			answer, err := h.Deliver(t.Context(), HookTarget{c.URL + "/path-that-is-secret", secret}, "m", []byte(hookBody))
			if (err != nil) != tc.bad || (answer.Problem == ProblemStatus) != tc.bad || answer.Status != tc.status || answer.Gone != tc.gone || answer.RetryAfter != tc.wait {
				t.Errorf("%+v, %v", answer, err)
			}
			if err != nil && (Permanent(err) != tc.gone || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "somebody") || strings.Contains(err.Error(), secret)) {
				t.Errorf("%v, permanent: %v", err, Permanent(err))
			}
		})
	}
}

func TestWebhookDoesNotFollow(t *testing.T) {
	t.Parallel()
	secret := NewHookSecret()
	elsewhere := newConsumer(t, secret)
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := newConsumer(t, secret)
		c.answer = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) }
		answer, err := Hook{Now: worldNow, Client: c.Client()}.Deliver(t.Context(), HookTarget{c.URL, secret}, "m", []byte(hookBody))
		if err == nil || answer.Status != status || answer.Problem != ProblemStatus || answer.Gone {
			t.Errorf("%d: %+v, %v", status, answer, err)
		}
	}
	if len(elsewhere.requests) != 0 {
		t.Errorf("it was followed %d times", len(elsewhere.requests))
	}
}

func TestWebhookProblems(t *testing.T) {
	t.Parallel()
	secret := NewHookSecret()
	slow := newConsumer(t, secret)
	release := make(chan struct{})
	slow.answer = func(http.ResponseWriter, *http.Request) { <-release }
	t.Cleanup(func() { close(release) })
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // that we break off is what is tested
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := newConsumer(t, secret)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	no := errors.New("inside")
	refusing := &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, no })}

	for name, tc := range map[string]struct {
		hook Hook
		url  string
		want string
	}{
		"slow":            {Hook{Now: worldNow, Client: &http.Client{Timeout: 30 * time.Millisecond}}, slow.URL, ProblemTimeout},
		"strange signer":  {Hook{Now: worldNow, Client: &http.Client{}}, secure.URL, ProblemTLS},
		"no TLS":          {Hook{Now: worldNow, Client: &http.Client{}}, strings.Replace(plain.URL, "http:", "https:", 1), ProblemTLS},
		"nobody there":    {Hook{Now: worldNow, Client: &http.Client{}}, closed.URL, ProblemNetwork},
		"refused by ours": {Hook{Now: worldNow, Client: refusing, Refused: func(err error) bool { return errors.Is(err, no) }}, plain.URL, ProblemRefusedAddress},
	} {
		answer, err := tc.hook.Deliver(t.Context(), HookTarget{tc.url + "/a-token", secret}, "m", []byte(hookBody))
		f, ok := errors.AsType[*Failure](err)
		if !ok || f.Problem != tc.want || answer.Problem != tc.want || answer.Status != 0 || Permanent(err) || strings.Contains(err.Error(), "a-token") {
			t.Errorf("%s: %+v, %v", name, answer, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if answer, err := (Hook{Now: worldNow, Client: slow.Client()}).Deliver(ctx, HookTarget{slow.URL, secret}, "m", []byte(hookBody)); !errors.Is(err, context.DeadlineExceeded) || answer.Problem != ProblemTimeout {
		t.Errorf("the caller’s own deadline: %+v, %v", answer, err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestWebhookIsNotTried(t *testing.T) {
	t.Parallel()
	good := NewHookSecret()
	c := newConsumer(t, good)
	for name, tc := range map[string]struct {
		hook   Hook
		to     HookTarget
		id     string
		expect error
	}{
		"no client":       {Hook{Now: worldNow}, HookTarget{c.URL, good}, "m", errNoClient},
		"a short secret":  {Hook{Now: worldNow, Client: c.Client()}, HookTarget{c.URL, "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 23))}, "m", ErrHookSecret},
		"a long secret":   {Hook{Now: worldNow, Client: c.Client()}, HookTarget{c.URL, "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 65))}, "m", ErrHookSecret},
		"no prefix":       {Hook{Now: worldNow, Client: c.Client()}, HookTarget{c.URL, strings.TrimPrefix(good, "whsec_")}, "m", ErrHookSecret},
		"no base64":       {Hook{Now: worldNow, Client: c.Client()}, HookTarget{c.URL, "whsec_%%%"}, "m", ErrHookSecret},
		"a stop in an id": {Hook{Now: worldNow, Client: c.Client()}, HookTarget{c.URL, good}, "a.b", ErrHookID},
		"a line break":    {Hook{Now: worldNow, Client: c.Client()}, HookTarget{c.URL, good}, "a\r\nX: y", ErrHookID},
		"no id":           {Hook{Now: worldNow, Client: c.Client()}, HookTarget{c.URL, good}, "", ErrHookID},
		"no address":      {Hook{Now: worldNow, Client: c.Client()}, HookTarget{"http://a b/s3cret", good}, "m", ErrHookURL},
	} {
		answer, err := tc.hook.Deliver(t.Context(), tc.to, tc.id, []byte(hookBody))
		if !errors.Is(err, tc.expect) || answer != (HookAnswer{}) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %+v, %v", name, answer, err)
		}
	}
	if len(c.requests) != 0 {
		t.Errorf("%d were tried", len(c.requests))
	}
}

func TestNewHookSecret(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		s := NewHookSecret()
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "whsec_"))
		if !strings.HasPrefix(s, "whsec_") || err != nil || len(key) < 24 || len(key) > 64 || seen[s] {
			t.Fatalf("%q, %v", s, err)
		}
		seen[s] = true
	}
}

func TestCheckHookURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]error{
		"https://hooks.example/a?b=c": nil, "https://hooks.example:8443": nil, "https://8.8.8.8/x": nil, "https://[2606:4700::1111]/": nil,
		"https://xn--strnge-exa.example/": nil, "https://1and1.example/": nil,
		"http://hooks.example/": ErrHookScheme, "ftp://hooks.example/": ErrHookScheme, "//hooks.example/": ErrHookScheme, "": ErrHookScheme,
		"javascript:alert(1)": ErrHookScheme, "https:hooks.example": ErrHookHost, "https:///x": ErrHookHost, "https://:443/": ErrHookHost,
		"https://user@hooks.example/": ErrHookUser, "https://u:p@hooks.example/": ErrHookUser,
		"https://hooks.example/#": ErrHookFragment, "https://hooks.example/#x": ErrHookFragment,
		"https://hooks.example/\r\nX: y": ErrHookURL, "https://hooks .example/": ErrHookURL, "https://hooks.example/%zz": ErrHookURL, "https://hooks.example/a b": ErrHookURL,
		"https://hooks.example/" + strings.Repeat("a", 1978): nil, "https://hooks.example/" + strings.Repeat("a", 1979): ErrHookLength,
		"https://localhost/": ErrHookPrivate, "https://a.LOCALHOST./": ErrHookPrivate, "https://127.0.0.1/": ErrHookPrivate, "https://127.1/": ErrHookPrivate,
		"https://2130706433/": ErrHookPrivate, "https://0x7f000001/": ErrHookPrivate, "https://0x7f.1/": ErrHookPrivate, "https://10.1.2.3/": ErrHookPrivate,
		"https://172.16.0.1/": ErrHookPrivate, "https://192.168.1.1:8443/": ErrHookPrivate, "https://169.254.169.254/latest": ErrHookPrivate, "https://0.0.0.0/": ErrHookPrivate,
		"https://100.64.0.1/": ErrHookPrivate, "https://[::1]/": ErrHookPrivate, "https://[fe80::1]/": ErrHookPrivate, "https://[fe80::1%25eth0]/": ErrHookPrivate, "https://[fd00::1]/": ErrHookPrivate,
		"https://[::ffff:10.0.0.1]/": ErrHookPrivate, "https://[::ffff:7f00:1]/": ErrHookPrivate, "https://[ff02::1]/": ErrHookPrivate, "https://224.0.0.1/": ErrHookPrivate, "https://./": ErrHookPrivate,
	} {
		if got := CheckHookURL(url, false); !errors.Is(got, want) {
			t.Errorf("%q: %v, not %v", url, got, want)
		}
	}
	for url, want := range map[string]error{"http://127.0.0.1:9000/hook": nil, "http://localhost/": nil, "ftp://localhost/": ErrHookScheme, "http://u@localhost/": ErrHookUser} {
		if got := CheckHookURL(url, true); !errors.Is(got, want) {
			t.Errorf("plain %q: %v, not %v", url, got, want)
		}
	}
}

func TestHookEvent(t *testing.T) {
	t.Parallel()
	e := HookEvent{Type: "notice.serve", Timestamp: time.Date(2026, 9, 7, 10, 12, 0, 0, london(t)), Data: HookData{
		Organisation: "Cyngor Sir Tywi", Deployment: "DEP-2026-003", Subject: "N-2026-014", Seq: 41, URL: "https://tywi.example/en/notices/N-2026-014?a&b",
	}}
	b, err := e.Marshal()
	want := `{"type":"notice.serve","timestamp":"2026-09-07T09:12:00Z","data":{"organisation":"Cyngor Sir Tywi","deployment":"DEP-2026-003","subject":"N-2026-014","seq":41,"url":"https://tywi.example/en/notices/N-2026-014?a\u0026b"}}`
	if err != nil || string(b) != want {
		t.Errorf("%s, %v", b, err)
	}
	var back HookEvent
	if err := json.Unmarshal(b, &back); err != nil || !back.Timestamp.Equal(e.Timestamp) || back.Data != e.Data {
		t.Errorf("%+v, %v", back, err)
	}
	for name, spoil := range map[string]func(*HookEvent){
		"no type": func(e *HookEvent) { e.Type = "" }, "capitals": func(e *HookEvent) { e.Type = "Notice.serve" }, "an empty word": func(e *HookEvent) { e.Type = "notice..serve" },
		"a line break": func(e *HookEvent) { e.Type = "notice\nserve" }, "no time": func(e *HookEvent) { e.Timestamp = time.Time{} }, "a year without four digits": func(e *HookEvent) { e.Timestamp = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		spoilt := e
		spoil(&spoilt)
		if _, err := spoilt.Marshal(); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

// worldNow is the clock that consumers go by.
func worldNow() time.Time { return time.Now() } //nolint:forbidigo // signatures are checked against the world's clock
