package frontend

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// listen opens the page's connection for live updates, on a server whose other
// answers must be quick.
func listen(t *testing.T, srv *httptest.Server, b *browser) (lines <-chan string, status int) {
	t.Helper()
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(end)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/en/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: v})
	}
	res, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		return nil, res.StatusCode
	}
	if kind := res.Header.Get("Content-Type"); kind != "text/event-stream" || res.Header.Get("Content-Encoding") != "" {
		t.Errorf("it comes as %s, %s", kind, res.Header.Get("Content-Encoding"))
	}
	out := make(chan string, 100)
	go func() {
		defer close(out)
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			if s.Text() != "" {
				out <- s.Text()
			}
		}
	}()
	return out, res.StatusCode
}

// next is the next line of an answer that goes on; ok is false when it has ended.
func next(t *testing.T, lines <-chan string) (line string, ok bool) {
	t.Helper()
	select {
	case line, ok = <-lines:
		return line, ok
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
		return "", false
	}
}

func TestLiveUpdates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	srv := httptest.NewUnstartedServer(s.handler)
	srv.Config.WriteTimeout, srv.Config.ReadTimeout = time.Second, time.Second
	srv.Start()
	t.Cleanup(srv.CloseClientConnections)
	union := s.as(t, "unison")
	lines, status := listen(t, srv, union)
	if line, _ := next(t, lines); status != 200 || line != ": here" {
		t.Fatal(status, line)
	}
	// An idea is the employer's own: the first that the union hears of is what is shared.
	s.Deploy(t)
	s.Noticed(t)
	if line, _ := next(t, lines); line != "event: changed" {
		t.Error(line)
	}
	if line, _ := next(t, lines); line != "data: " && line != "data:" {
		t.Errorf("it says more than that: %q", line)
	}
	// It ends with the session.
	union.post(t, "/en/sign-out", url.Values{})
	s.Noticed(t)
	for line, ok := next(t, lines); ok; line, ok = next(t, lines) {
		if !strings.HasPrefix(line, "event:") && !strings.HasPrefix(line, "data:") {
			t.Errorf("after signing out: %q", line)
		}
	}
	union.get(t, "/en/live").wants(t, 303)
}

func TestTheFirstPageByRole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, n := s.Noticed(t)
	union := s.as(t, "unison")
	union.get(t, "/en").wants(t, 200, "What you owe", "Open for responses", n.No, "Nothing that you may read has changed since").without(t, "Comments without an answer")
	union.get(t, "/cy").wants(t, 200, "Ar agor ar gyfer ymatebion", "Ers i chi fod yma ddiwethaf")
	cdo := s.as(t, "cdo")
	cdo.get(t, "/en").wants(t, 200, "Open for responses")
	s.Clock.Set(s.Clock.Now().Add(40 * time.Minute))
	union.post(t, "/en/deployments/"+d.Ref+"/comments", url.Values{"kind": {"concern"}, "dimension": {"LOAD"}, "body": {"Caseloads must not rise."}, "union": {s.Unison.ID}}).wants(t, 303)
	s.Clock.Set(s.Clock.Now().Add(40 * time.Minute))
	home := cdo.get(t, "/en").wants(t, 200, "What others have done since", "Since you were last here")
	linkWith(t, home.body, "/deployments/"+d.Ref+"#timeline")
	union.get(t, "/en").wants(t, 200, "Nothing that you may read has changed since")
	cdo.get(t, "/en").wants(t, 200, "What others have done since")
	s.browser().get(t, "/en").wants(t, 200).without(t, "Since you were last here", "Open for responses")
	s.browser().get(t, "/en/live").wants(t, 303)
}
