package notice

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// teamsMessage is what a workflow reads.
type teamsMessage struct {
	Type        string
	Attachments []struct {
		ContentType string
		Content     struct {
			Type, Version, Lang string
			Body                []struct {
				Type    string
				Inlines []struct{ Type, Text, Weight string }
			}
			Actions []struct{ Type, Title, URL string }
		}
	}
}

func (m teamsMessage) texts() (all []string) {
	for _, b := range m.Attachments[0].Content.Body {
		text := ""
		for _, i := range b.Inlines {
			text += i.Text
		}
		all = append(all, text)
	}
	return all
}

// workflow is a server that takes cards.
func workflow(t *testing.T, status int) (url string, posted *[][]byte) {
	t.Helper()
	posted = &[][]byte{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		*posted = append(*posted, b)
		if status == 429 {
			w.Header().Set("Retry-After", "17")
		}
		if status == 302 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "the answer")
	}))
	t.Cleanup(s.Close)
	return s.URL + "/workflows/abc/triggers/manual?sig=s3cret", posted
}

func TestTeamsPosts(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 202} {
		url, posted := workflow(t, status)
		card := Card{
			Title: "Notice *N-2026-014*", Text: "**Served** on [UNISON](https://evil.example)\r\n\r\n# not a heading {{DATE(2026-09-07T09:12:00Z)}}",
			Facts: []Pair{{"Due", "5 October 2026"}, {"_Ref_", "DEP-2026-003"}}, Link: "https://tywi.example/en/notices/N-2026-014?a=1&b=2", Lang: "cy",
		}
		if err := (Teams{Now: worldNow, Client: &http.Client{}}).Post(t.Context(), url, card); err != nil {
			t.Fatal(err)
		}
		var m teamsMessage
		if err := json.Unmarshal((*posted)[0], &m); err != nil || m.Type != "message" || len(m.Attachments) != 1 {
			t.Fatalf("%s, %v", (*posted)[0], err)
		}
		a := m.Attachments[0]
		if a.ContentType != "application/vnd.microsoft.card.adaptive" || a.Content.Type != "AdaptiveCard" || a.Content.Version != "1.4" || a.Content.Lang != "cy" {
			t.Errorf("%+v", a)
		}
		for _, b := range a.Content.Body {
			if b.Type != "RichTextBlock" || b.Inlines[0].Type != "TextRun" {
				t.Errorf("%+v reads Markdown", b)
			}
		}
		want := []string{
			"Notice *N-2026-014*", "**Served** on [UNISON](https://evil.example)", "# not a heading {\u200b{DATE(2026-09-07T09:12:00Z)}}",
			"Due: 5 October 2026", "_Ref_: DEP-2026-003",
		}
		if got := m.texts(); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q", got)
		}
		if x := a.Content.Actions; len(x) != 1 || x[0].Type != "Action.OpenUrl" || x[0].URL != card.Link || x[0].Title != "Agor yn Beforehand" {
			t.Errorf("%+v", x)
		}
	}
}

func TestTeamsLongCards(t *testing.T) {
	t.Parallel()
	facts := make([]Pair, 50)
	for i := range facts {
		facts[i] = Pair{strings.Repeat("n", 200), strings.Repeat("ŵ", 1000)}
	}
	for name, text := range map[string]string{
		"letters": strings.Repeat("a", 200_000), "Welsh": strings.Repeat("ŵ", 50_000), "faces": strings.Repeat("😀", 20_000), "quotes": strings.Repeat(`"`, 40_000),
		"markup": strings.Repeat("<&>", 30_000), "lines": strings.Repeat("a\n", 30_000), "no UTF-8": strings.Repeat("a\xff", 40_000), "braces": strings.Repeat("{{", 20_000),
	} {
		card := Card{Title: strings.Repeat("t", 9000), Text: text, Facts: facts, Link: "https://tywi.example/" + strings.Repeat("a", 1900), LinkText: strings.Repeat("l", 500)}
		b, err := card.message()
		if err != nil || len(b) > teamsLimit || len(b) < teamsLimit-400 || !utf8.Valid(b) {
			t.Errorf("%s: %d bytes, %v", name, len(b), err)
			continue
		}
		var m teamsMessage
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		if texts := m.texts(); !strings.HasSuffix(texts[len(texts)-mostFacts-1], "…") {
			t.Errorf("%s: nothing shows that it was shortened: %q", name, texts[len(texts)-mostFacts-1])
		}
	}
	b, err := Card{Title: "t", Text: strings.Repeat("a", 20_000)}.message()
	if err != nil || strings.Contains(string(b), "…") || strings.Contains(string(b), `"actions"`) {
		t.Errorf("a text that fits was shortened, %v", err)
	}
	for _, link := range []string{"javascript:alert(1)", "https://" + strings.Repeat("a", 2000), "https://a.example/\nb"} {
		if err := (Teams{Now: worldNow, Client: &http.Client{}}).Post(t.Context(), "http://127.0.0.1:1", Card{Title: "t", Link: link}); !errors.Is(err, ErrTeamsLink) {
			t.Errorf("%.30q: %v", link, err)
		}
	}
}

func TestTeamsFailures(t *testing.T) {
	t.Parallel()
	for status, permanent := range map[int]bool{302: false, 400: true, 401: true, 403: true, 404: true, 410: true, 429: false, 500: false, 502: false} {
		url, posted := workflow(t, status)
		err := Teams{Now: worldNow, Client: &http.Client{}}.Post(t.Context(), url, Card{Title: "t"})
		f, ok := errors.AsType[*Failure](err)
		if !ok || f.Status != status || Permanent(err) != permanent || len(*posted) != 1 || (f.RetryAfter == 17*time.Second) != (status == 429) {
			t.Errorf("%d: %+v, %v", status, f, err)
		}
		noSecret(t, err)
	}
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(release) })
	for name, tc := range map[string]struct {
		client *http.Client
		url    string
	}{
		"slow":         {&http.Client{Timeout: 20 * time.Millisecond}, slow.URL + "/?sig=s3cret"},
		"nobody there": {&http.Client{}, "http://127.0.0.1:1/?sig=s3cret"},
		"no address":   {&http.Client{}, "http://a b/?sig=s3cret"},
		"no client":    {nil, "https://a.example/?sig=s3cret"},
	} {
		err := Teams{Now: worldNow, Client: tc.client}.Post(t.Context(), tc.url, Card{Title: "t"})
		if err == nil || Permanent(err) {
			t.Errorf("%s: %v", name, err)
		}
		noSecret(t, err)
	}
}

// noSecret looks through everything that an error wraps.
func noSecret(t *testing.T, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		if s := err.Error(); strings.Contains(s, "s3cret") || strings.Contains(s, "http") || strings.Contains(s, "the answer") {
			t.Errorf("%q says too much", s)
		}
	}
}
