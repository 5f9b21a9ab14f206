package frontend

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"beforehand/internal/register"
	"beforehand/internal/store"
)

// ask is what a reader without a session gets, who may have the page already.
func (s *site) ask(t *testing.T, path, tag string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// A public page is kept while the log stands still, and not a change longer.
func TestAPublicPageIsKeptUntilTheLogGrows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	path := "/en/deployments/" + d.Ref
	first := s.ask(t, path, "")
	tag := first.Header().Get("ETag")
	if first.Code != http.StatusOK || tag == "" || first.Header().Get("Cache-Control") != "no-cache" {
		t.Fatalf("%d %v", first.Code, first.Header())
	}
	if again := s.ask(t, path, ""); again.Code != http.StatusOK || again.Body.String() != first.Body.String() || again.Header().Get("Content-Type") != first.Header().Get("Content-Type") {
		t.Errorf("the page is another one: %d", again.Code)
	}
	if have := s.ask(t, path, tag); have.Code != http.StatusNotModified || have.Body.Len() != 0 || have.Header().Get("ETag") != tag {
		t.Errorf("a reader who has it is sent it: %d, %d bytes", have.Code, have.Body.Len())
	}
	if other := s.ask(t, "/cy/deployments/"+d.Ref, tag); other.Code != http.StatusOK {
		t.Errorf("the Welsh page is taken for the English one: %d", other.Code)
	}

	// It is kept when the log has stood still for a while, and a question that is
	// long never is.
	s.Clock.Set(s.Clock.Now().Add(time.Minute))
	cost := func(path string) int64 {
		ctx, asked := store.Counted(t.Context())
		s.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
		return asked()
	}
	if first, again := cost(path), cost(path); first < 20 || again > 2 {
		t.Errorf("the page is made with %d statements, and given again with %d", first, again)
	}
	long := path + "?x=" + strings.Repeat("y", 3000)
	if first, again := cost(long), cost(long); again < first {
		t.Errorf("a long question is kept: %d statements, then %d", first, again)
	}

	s.as(t, "unison").get(t, path).wants(t, http.StatusOK)
	if _, err := s.MakeComment(t.Context(), s.Officer, d.Ref, register.CommentInput{Target: "deployment", Kind: "concern", Body: "Said after it was read"}); err != nil {
		t.Fatal(err)
	}
	changed := s.ask(t, path, tag)
	if changed.Code != http.StatusOK || changed.Header().Get("ETag") == tag {
		t.Errorf("the page of before the comment is given: %d", changed.Code)
	}
	s.browser().get(t, path).wants(t, http.StatusOK, "1 comment has no reasoned answer")
	// Who has signed in is answered for themselves, and nothing of it is kept.
	b := s.as(t, "cdo")
	if a := b.get(t, path); a.header.Get("Cache-Control") != "no-store" || a.header.Get("ETag") != "" {
		t.Errorf("a page of somebody who has signed in may be kept: %v", a.header)
	}
	// The days that are left change by themselves.
	before := s.browser().get(t, path).text
	s.Clock.Set(s.Clock.Now().Add(7 * 24 * time.Hour))
	if s.browser().get(t, path).text == before {
		t.Error("a week later the page says what it said")
	}
}
