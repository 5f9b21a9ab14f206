package frontend

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/net/html"

	"beforehand/frontend/pages"
	"beforehand/frontend/words"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/internal/web"
	"beforehand/models"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// site is the pages over a small organisation.
type site struct {
	*registertest.House
	handler http.Handler
}

func newSite(t *testing.T) *site {
	t.Helper()
	h := registertest.New(t, storetest.Open(t, "sqlite"))
	return serve(h)
}

// serve puts the pages of a house behind the real engine. The names of the
// assets are made up, so that a tree without a build is tested alike.
func serve(h *registertest.House) *site {
	sessions := web.NewSessions(h.Store, h.Clock.Now, false, web.SessionLimits{})
	o := web.Options{People: h.Register, Sessions: sessions, Log: slog.New(slog.DiscardHandler), Problem: ErrorPage, Now: h.Clock.Now, Unchanged: web.NewUnchanged(h.LogSize, h.Clock.Now)}
	e := web.New(o)
	names := map[string]string{"app.css": "app.1.css", "init.js": "init.1.js"}
	mount(e, pages.Pages{Site: pages.Site{Assets: names, Version: "v1"}, Register: h.Register, Sessions: sessions, Updates: web.NewLive(h.LogSizes, time.Millisecond)})
	return &site{h, o.Handler(e)}
}

// browser keeps cookies, as a browser does, and follows nothing by itself.
type browser struct {
	*site
	cookies map[string]string
}

func (s *site) browser() *browser { return &browser{s, map[string]string{}} }

// as is a browser in which somebody has signed in.
func (s *site) as(t *testing.T, name string) *browser {
	t.Helper()
	b := s.browser()
	r := b.post(t, "/en/sign-in", url.Values{"email": {name + "@tywi.example"}, "password": {registertest.Password}})
	if r.status != http.StatusSeeOther {
		t.Fatalf("%s cannot sign in: %d", name, r.status)
	}
	return b
}

// answer is a page as it came.
type answer struct {
	status int
	header http.Header
	body   string
	text   string // what a person reads
}

func (b *browser) get(t *testing.T, path string) answer {
	t.Helper()
	return b.send(t, http.MethodGet, path, nil)
}

func (b *browser) post(t *testing.T, path string, form url.Values) answer {
	t.Helper()
	return b.send(t, http.MethodPost, path, form)
}

func (b *browser) send(t *testing.T, method, path string, form url.Values) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(context.WithoutCancel(t.Context()), method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, v := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: v})
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	res := w.Result()
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, body: string(body)}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && a.header.Get("Location") == "" {
		a.text = checkPage(t, method+" "+path, a.body, "/"+strings.TrimPrefix(path, "/"))
	}
	return a
}

func (a answer) wants(t *testing.T, status int, texts ...string) answer {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d", a.status, status)
	}
	for _, s := range texts {
		if !strings.Contains(a.text, s) {
			t.Errorf("the page does not say %q:\n%s", s, a.text)
		}
	}
	return a
}

func (a answer) without(t *testing.T, texts ...string) answer {
	t.Helper()
	for _, s := range texts {
		if strings.Contains(a.text, s) {
			t.Errorf("the page says %q", s)
		}
	}
	return a
}

// void elements have no end tag.
var void = []string{"meta", "link", "br", "input", "hr", "img"}

// checkPage holds what is true of every page, and gives its text.
func checkPage(t *testing.T, what, body, path string) string {
	t.Helper()
	if strings.Contains(body, "⟦") {
		t.Errorf("%s: words are missing: %s", what, body[strings.Index(body, "⟦"):][:60])
	}
	if strings.Contains(body, "<style") || strings.Contains(body, " style=") || strings.Contains(body, " onclick=") {
		t.Errorf("%s: inline style or script", what)
	}
	var open []string
	var text strings.Builder
	ids, links := map[string]bool{}, []string{}
	lang, title := "", ""
	z := html.NewTokenizer(strings.NewReader(body))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		tok := z.Token()
		switch kind {
		case html.TextToken:
			if len(open) > 1 && open[len(open)-1] == "title" && open[len(open)-2] == "head" {
				title += tok.Data
			} else {
				text.WriteString(tok.Data)
			}
		case html.StartTagToken:
			for _, a := range tok.Attr {
				switch {
				case a.Key == "id" && ids[a.Val]:
					t.Errorf("%s: two elements have the id %q", what, a.Val)
				case a.Key == "id":
					ids[a.Val] = true
				case a.Key == "href" && strings.HasPrefix(a.Val, "#"), a.Key == "for":
					links = append(links, strings.TrimPrefix(a.Val, "#"))
				case a.Key == "aria-describedby", a.Key == "aria-labelledby":
					links = append(links, strings.Fields(a.Val)...)
				case a.Key == "lang" && tok.Data == "html":
					lang = a.Val
				}
			}
			if !slices.Contains(void, tok.Data) {
				open = append(open, tok.Data)
			}
			if tok.Data != "span" && tok.Data != "a" {
				text.WriteString(" ")
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != tok.Data {
				t.Fatalf("%s: </%s> closes %v", what, tok.Data, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: never closed: %v", what, open)
	}
	for _, l := range links {
		if !ids[l] {
			t.Errorf("%s: points to %q, which is not on the page", what, l)
		}
	}
	if want := path[1:3]; (want == "en" || want == "cy") && lang != want {
		t.Errorf("%s: lang is %q", what, lang)
	}
	if lang == "" || !strings.HasSuffix(strings.TrimSpace(title), " – Beforehand") {
		t.Errorf("%s: lang %q, title %q", what, lang, title)
	}
	return strings.Join(strings.Fields(text.String()), " ")
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	b.get(t, "/en/sign-in").wants(t, 200, "Sign in", "E-mail address")
	wrong := b.post(t, "/en/sign-in", url.Values{"email": {"nobody@tywi.example"}, "password": {"x"}}).wants(t, 422, "There is a problem", "The e-mail address or the password is wrong.")
	if !strings.Contains(wrong.body, `value="nobody@tywi.example"`) || !strings.Contains(wrong.body, "Error: ") {
		t.Error("the address is not kept, or the title does not say Error")
	}
	other := b.post(t, "/en/sign-in", url.Values{"email": {"cdo@tywi.example"}, "password": {"x"}}).wants(t, 422)
	if strings.ReplaceAll(other.text, "cdo@", "nobody@") != wrong.text {
		t.Error("a wrong address and a wrong password get different answers")
	}
	b.post(t, "/cy/sign-in", url.Values{"email": {"cdo@tywi.example"}, "password": {"x"}}).wants(t, 422, "Mae’r cyfeiriad e-bost neu’r cyfrinair yn anghywir.")
	in := b.post(t, "/en/sign-in", url.Values{"email": {"cdo@tywi.example"}, "password": {registertest.Password}, "next": {"/en/register"}})
	if in.status != 303 || in.header.Get("Location") != "/en/register" {
		t.Fatalf("%d %s", in.status, in.header.Get("Location"))
	}
	b.get(t, "/en").wants(t, 200, "Signed in: cdo", "Every comment has been answered.")
	b.post(t, "/en/sign-out", url.Values{}).wants(t, 303)
	b.get(t, "/en").wants(t, 200).without(t, "Signed in")
}

func TestSignInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, next := range []string{"https://evil.example/", "//evil.example/en/", "/\\evil.example", "/en/\\evil", "javascript:alert(1)", "/assets/x", "/enx"} {
		r := s.browser().post(t, "/en/sign-in", url.Values{"email": {"cdo@tywi.example"}, "password": {registertest.Password}, "next": {next}})
		if to := r.header.Get("Location"); r.status != 303 || to != "/en" {
			t.Errorf("%s leads to %s", next, to)
		}
	}
}

func TestTheFrontDoor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for accept, want := range map[string]string{"": "/en", "cy": "/cy", "en-GB,cy;q=0.5": "/en", "cy-GB,en;q=0.5": "/cy"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", accept)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != 302 || w.Header().Get("Location") != want || w.Header().Get("Vary") != "Accept-Language" {
			t.Errorf("%q: %d %v", accept, w.Code, w.Header())
		}
	}
}

func TestTheRegister(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	b.get(t, "/en/register").wants(t, 200, "There is nothing on the register that you may read yet.")
	d, _ := s.Noticed(t)
	b.get(t, "/en/register").wants(t, 200, "1 deployment", "Draft case notes", d.Ref, "Notice served", "B: assistive", "1 Mar 2027")
	b.get(t, "/cy/register").wants(t, 200, "1 defnydd", "Cymraeg: Draft case notes", "Hysbysiad wedi’i gyflwyno", "1 Maw 2027")
	b.get(t, "/en/register?q=visits&stage=noticed&class=B&late=no&sort=name").wants(t, 200, d.Ref)
	b.get(t, "/en/register?q=nonsense").wants(t, 200, "Nothing matches", "Clear the filters").without(t, d.Ref)
	for _, q := range []string{"late=yes", "stage=live", "class=D"} {
		b.get(t, "/en/register?"+q).wants(t, 200, "Nothing matches")
	}
	b.get(t, "/en/register?stage=nonsense&sort=nonsense&late=perhaps&class=Z").wants(t, 200, d.Ref)
	b.get(t, "/en/register?q=%FF%00").wants(t, 422)
	b.get(t, "/en/register?q="+strings.Repeat("a+", 100)).wants(t, 200)
	b.get(t, "/en/register?q="+strings.Repeat("a+", 20_000)).wants(t, 422, "200")
	b.get(t, "/en/register?after=rubbish").wants(t, 422)
	b.get(t, "/en/register?q=%22%3Cscript%3E").wants(t, 200, "Nothing matches")
}

func TestTheRegisterHasPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 27 {
		s.Deploy(t)
	}
	b := s.as(t, "cdo")
	first := b.get(t, "/en/register?class=B&sort=created").wants(t, 200, "27 deployments", "DEP-2026-027", "Next page").without(t, "DEP-2026-002", "First page")
	next := linkWith(t, first.body, "after=")
	for _, kept := range []string{"class=B", "sort=created"} {
		if !strings.Contains(next, kept) {
			t.Errorf("the next page forgets %s: %s", kept, next)
		}
	}
	b.get(t, next).wants(t, 200, "DEP-2026-002", "DEP-2026-001", "First page").without(t, "DEP-2026-003 ", "Next page")
	b.get(t, "/en").wants(t, 200, "Deployments whose next gate is shut", "Only the 5 deployments")
}

// linkWith finds the first link whose address holds something.
func linkWith(t *testing.T, body, part string) string {
	t.Helper()
	for chunk := range strings.SplitSeq(body, `href="`) {
		if href, _, _ := strings.Cut(chunk, `"`); strings.HasPrefix(href, "/") && strings.Contains(href, part) {
			return html.UnescapeString(href)
		}
	}
	t.Fatalf("no link with %q", part)
	return ""
}

func TestADeployment(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, n := s.Noticed(t)
	page := "/en/deployments/" + d.Ref
	for who, b := range map[string]*browser{"cdo": s.as(t, "cdo"), "unison": s.as(t, "unison"), "gmb": s.as(t, "gmb"), "auditor": s.as(t, "auditor"), "councillor": s.as(t, "councillor"), "public": s.browser()} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			a := b.get(t, page).wants(t, 200,
				"Draft case notes", d.Ref, "Notice served", "UNISON has been recognised since Monday 1 January 2024 for Social worker (49 people affected).",
				"Nodiadau Ltd (supplier), contract until Friday 31 March 2028", "One-off, 2026: £40,000", "Guardrail: Errors in blind audit. Not reported.", n.No, "Change notice",
				"Notice N-2026-001 served", "7 September 2026 at 09:00", "GMB, UNISON.",
			)
			if form := strings.Contains(a.text, "Send comment"); form != (who == "unison" || who == "gmb") {
				t.Errorf("has a comment form: %v", form)
			}
			b.get(t, "/cy/deployments/"+d.Ref).wants(t, 200, "Cymraeg: Draft case notes", "Yr undebau o fewn y cwmpas", "dydd Llun 1 Ionawr 2024", "7 Medi 2026 am 09:00")
		})
	}
}

func TestTheGatePanel(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	b := s.browser()
	page := "/en/deployments/" + d.Ref
	b.get(t, page).wants(t, 200, "The gate into “Decided” is shut on Monday 7 September 2026", "What to do: ", "No outcome is recorded for GMB.")
	b.get(t, page+"?to=pilot&at=2026-10-05").wants(t, 200,
		"The gate into “Pilot” is shut on Monday 5 October 2026", "The stage “Decided” comes first.", "UNISON, before the pilot: Monday 5 October 2026",
		"asks for 28 calendar days before the pilot: counted from Monday 7 September 2026, day 28 is Monday 5 October 2026.",
		"The earliest permitted date is Monday 5 October 2026.",
	)
	b.get(t, "/cy/deployments/"+d.Ref+"?to=pilot&at=2026-10-05").wants(t, 200,
		"Ar ddydd Llun 5 Hydref 2026, mae’r porth i’r cam “Peilot” ar gau", "Daw’r cam “Penderfynwyd” yn gyntaf.", "UNISON, cyn y peilot: dydd Llun 5 Hydref 2026",
	)
	b.get(t, page+"?to=nonsense").wants(t, 422, "There is a problem", "There is no such stage.", "Draft case notes")
	bad := b.get(t, page+"?to=live&at=2026-02-30").wants(t, 422, "“2026-02-30” is not a date such as 2026-09-07.", "Draft case notes")
	if !strings.Contains(bad.body, `value="2026-02-30"`) || !strings.Contains(bad.body, "<title>Error: ") {
		t.Error("the answer is not kept, or the title does not say Error")
	}
	b.get(t, page+"?at=2020-01-01").wants(t, 200, "was not on the register on that day")
}

func TestACommentFromTheForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	b := s.as(t, "unison")
	page := "/en/deployments/" + d.Ref
	words := "\nCaseloads must not rise.\r\n<b>Not at all.</b>"
	refused := b.post(t, page+"/comments", url.Values{"body": {words}, "language": {"en"}, "circle": {"public"}}).wants(t, 422,
		"There is a problem", "Kind of comment: Give an answer.", "Caseloads must not rise.", "<b>Not at all.</b>")
	if !strings.Contains(refused.body, `<option value="public" selected`) || !strings.Contains(refused.body, "<title>Error: ") {
		t.Error("what was chosen is not kept, or the title does not say Error")
	}
	b.post(t, "/cy/deployments/"+d.Ref+"/comments", url.Values{"kind": {"concern"}}).wants(t, 422, "Eich sylw: Rhowch ateb.")
	form := url.Values{"kind": {"concern"}, "dimension": {"LOAD"}, "body": {words}, "language": {"en"}, "circle": {"public"}, "key": {"k-1"}}
	for range 2 { // a form that is sent twice counts once
		sent := b.post(t, page+"/comments", form)
		if sent.status != 303 || sent.header.Get("Location") != page+"#comments" {
			t.Fatalf("%d %s %s", sent.status, sent.header.Get("Location"), sent.text)
		}
	}
	form.Set("body", "Another matter.")
	b.post(t, page+"/comments", form).wants(t, 303) // other words are another comment, whatever the key
	shown := b.get(t, page).wants(t, 200, "Another matter.", "Success", "Your comment is on the record.", "UNISON: Concern, Workload and intensity (unison)", "<b>Not at all.</b>", "Not answered yet.")
	if strings.Count(shown.text, "Caseloads must not rise.") != 1 {
		t.Error("the comment is not there once")
	}
	b.get(t, page).without(t, "Your comment is on the record.")
	c := need(s.Comments(t.Context(), s.Manager, d.Ref))(t)[0]
	if c.Body != words {
		t.Errorf("the words were changed: %q", c.Body)
	}
	if _, err := s.Dispose(t.Context(), s.Manager, c.ID, "accepted", "A guardrail was added.", nil); err != nil {
		t.Fatal(err)
	}
	s.browser().get(t, page).wants(t, 200, "UNISON: Concern, Workload and intensity", "Answer of the employer: Accepted", "A guardrail was added.").without(t, "(unison)")
	s.as(t, "cdo").get(t, "/cy/deployments/"+d.Ref).wants(t, 200, "Ateb y cyflogwr: Derbyniwyd")
	s.browser().post(t, page+"/comments", form).wants(t, 401, "You have been signed out")
	s.as(t, "cdo").post(t, page+"/comments", form).wants(t, 403, "You may not do this")
}

func TestANotice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, n := s.Noticed(t)
	page := "/en/notices/" + n.No
	s.browser().get(t, page).wants(t, 200, "Notice N-2026-001", "Change notice", "1. Employer, service, reference and rules that apply", "26. ", n.SHA256, "UNISON", "Served").
		without(t, "Accepted by the mail server, 7", "Acknowledge notice")
	s.browser().get(t, "/cy/notices/"+n.No).wants(t, 200, "Hysbysiad N-2026-001", "Cymraeg: Less time writing, more time visiting", "Cyflwynwyd")
	s.as(t, "cdo").get(t, page).wants(t, 200, "Accepted by the mail server, 7 September 2026 at 09:00").without(t, "Acknowledge notice")
	s.browser().get(t, "/en/notices/N-2026-999").wants(t, 404, "Page not found", "Not found: notice.")
}

func TestAcknowledging(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, n := s.Noticed(t)
	form := "/en/notices/" + n.No + "/acknowledge"
	anonymous := s.browser().get(t, form)
	if to := anonymous.header.Get("Location"); anonymous.status != 303 || to != "/en/sign-in?next="+url.QueryEscape(form) {
		t.Fatalf("%d %s", anonymous.status, to)
	}
	b := s.as(t, "unison")
	b.get(t, form).wants(t, 200, "You confirm that your union has received this notice.", "Acknowledge notice N-2026-001 for UNISON").without(t, "for GMB")
	if v := need(s.Notice(t.Context(), s.Officer, n.No))(t); !party(v, s.Unison.ID).AcknowledgedAt.IsZero() {
		t.Fatal("looking acknowledged it")
	}
	for _, who := range []string{"cdo", "rep", "auditor"} {
		s.as(t, who).get(t, form).wants(t, 403)
		s.as(t, who).post(t, form, url.Values{"union": {s.Unison.ID}}).wants(t, 403)
	}
	b.post(t, form, url.Values{"union": {s.GMB.ID}}).wants(t, 403)
	sent := b.post(t, form, url.Values{"union": {s.Unison.ID}})
	if sent.status != 303 || sent.header.Get("Location") != "/en/notices/"+n.No {
		t.Fatalf("%d %s", sent.status, sent.text)
	}
	b.get(t, "/en/notices/"+n.No).wants(t, 200, "Notice N-2026-001 is acknowledged.", "Acknowledged after sign-in, 7 September 2026").without(t, "Acknowledge notice N-2026-001")
	b.get(t, form).wants(t, 200, "UNISON acknowledged this notice on 7 September 2026").without(t, "for UNISON")
	b.post(t, form, url.Values{"union": {s.Unison.ID}}).wants(t, 303)
	b.get(t, "/en/notices/"+n.No).wants(t, 200, "Your union has acknowledged this notice already.")
}

func party(v register.NoticeView, union string) register.PartyService {
	i := slices.IndexFunc(v.Parties, func(s register.PartyService) bool { return s.UnionID == union })
	return v.Parties[i]
}

func TestWithheldAndLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	rec := s.Record()
	rec.Dates.InUseSince = models.MustDate("2026-04-01")
	rec.Withheld = []models.Withheld{{Field: "suppliers", Audience: "unions", Ground: "Trade secret", Until: models.MustDate("2027-01-31"), DecidedBy: "Director"}}
	d := need(s.RegisterDeployment(t.Context(), s.CDO, register.Registration{Record: rec, LateReason: "Found in an audit"}))(t)
	if _, err := s.Move(t.Context(), s.CDO, d.Ref, d.Version, models.StageFormative, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PlaceHold(t.Context(), s.CDO, d.Ref, s.Unison.ID, "Dispute on grades", models.MustDate("2026-11-01")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RequestOverride(t.Context(), s.CDO, d.Ref, models.StageNoticed, "Winter pressure", models.MustDate("2026-10-01")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Ask(t.Context(), s.Officer, d.Ref, "", "How many cases?"); err != nil {
		t.Fatal(err)
	}
	page := "/en/deployments/" + d.Ref
	seen := []string{"Marked late on Monday 7 September 2026", "Found in an audit", "Dispute on grades", "Winter pressure", "The second signature is missing", "Withheld until Sunday 31 January 2027. Ground: Trade secret"}
	secret := "Nodiadau Ltd (supplier)"
	s.browser().get(t, page).wants(t, 200, seen...).without(t, secret, "How many cases?", "Information requests")
	s.as(t, "unison").get(t, page).wants(t, 200, append(seen, "How many cases?", "IR-2026-001")...).without(t, secret)
	s.as(t, "gmb").get(t, page).wants(t, 200, seen...).without(t, secret, "How many cases?")
	s.as(t, "cdo").get(t, page).wants(t, 200, secret, "How many cases?")
	s.as(t, "cdo").get(t, "/cy/deployments/"+d.Ref).wants(t, 200, "Marciwyd yn hwyr ar ddydd Llun 7 Medi 2026")
	s.browser().get(t, "/en/register?late=yes").wants(t, 200, d.Ref, "Late")
}

func TestEndedAndInternal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.Deploy(t)
	s.browser().get(t, "/en/deployments/"+d.Ref).wants(t, 404)
	s.as(t, "unison").get(t, "/en/deployments/"+d.Ref).wants(t, 404)
	b := s.as(t, "cdo")
	b.get(t, "/en/deployments/"+d.Ref).wants(t, 200, "The gate into “Formative” is open")
	if _, err := s.Move(t.Context(), s.CDO, d.Ref, d.Version, models.StageWithdrawn, "Not bought"); err != nil {
		t.Fatal(err)
	}
	b.get(t, "/en/deployments/"+d.Ref).wants(t, 200, "This deployment has ended")
}

func TestErrorPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, n := s.Noticed(t)
	s.Found(t, "elsewhere")
	foreign := s.as(t, "cdo") // of tywi: the second organisation has its own people
	foreign.get(t, "/en/deployments/"+d.Ref).wants(t, 200)
	other := s.browser()
	other.post(t, "/en/sign-in", url.Values{"email": {"cdo@elsewhere.example"}, "password": {registertest.Password}}).wants(t, 303)
	for _, path := range []string{"/deployments/" + d.Ref, "/notices/" + n.No, "/notices/" + n.No + "/acknowledge", "/deployments/DEP-2026-%FF%00", "/nowhere"} {
		other.get(t, "/en"+path).wants(t, 404, "Page not found")
		other.get(t, "/cy"+path).wants(t, 404, "Heb ganfod y dudalen")
	}
	other.post(t, "/en/deployments/"+d.Ref+"/comments", url.Values{"kind": {"concern"}, "body": {"x"}}).wants(t, 404)
	other.post(t, "/en/register", url.Values{}).wants(t, 405)

	// Two organisations: who has not signed in chooses one, and stays in it.
	b := s.browser()
	home := b.get(t, "/en").wants(t, 200, "Choose an organisation")
	b.get(t, linkWith(t, home.body, "organisation=tywi")).wants(t, 200, d.Ref)
	b.get(t, "/en/register?organisation=elsewhere").wants(t, 200).without(t, d.Ref)
	linkWith(t, b.get(t, "/en/register?organisation=tywi").body, "/deployments/"+d.Ref+"?organisation=tywi")
	b.get(t, "/en/register?organisation=nowhere").wants(t, 404)
	b.get(t, "/cy/register").wants(t, 404)
}

func TestInternalErrorsSayNothingOfThemselves(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{"en": "Something went wrong on our side", "cy": "Aeth rhywbeth o’i le ar ein hochr ni"} {
		w := httptest.NewRecorder()
		c, _ := gin.CreateTestContext(w) // no session and no actor: refused before there is one
		c.Request = httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/"+lang+"/register", nil)
		ErrorPage(c, io.ErrUnexpectedEOF)
		a := answer{status: w.Code, text: checkPage(t, lang, w.Body.String(), "/"+lang)}
		a.wants(t, 500, want).without(t, "EOF")
	}
}

// TestAPageSaysThatTheDatabaseIsAway to whoever sends a form, and to whoever only reads.
func TestAPageSaysThatTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{"en": "The service is not available at the moment", "cy": "Nid yw’r gwasanaeth ar gael ar hyn o bryd"} {
		g := storetest.NewGate(t)
		far := need(store.Open(t.Context(), g.DSN))(t)
		t.Cleanup(func() { _ = far.Close() })
		if err := far.Prepare(); err != nil {
			t.Fatal(err)
		}
		b := serve(registertest.New(t, far)).as(t, "cdo")
		g.Shut()
		for _, got := range []answer{b.get(t, "/"+lang+"/register"), b.post(t, "/"+lang+"/sign-in", url.Values{"email": {"cdo@tywi.example"}, "password": {registertest.Password}}), b.site.browser().get(t, "/"+lang)} {
			got.wants(t, 503, want, words.Say(lang, "error.database_away", nil))
			if got.header.Get("Retry-After") != "5" {
				t.Errorf("to be asked again in %q", got.header.Get("Retry-After"))
			}
		}
		g.Open()
		b.get(t, "/"+lang+"/register").wants(t, 200)
	}
}

func TestPagesAreNotKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.as(t, "cdo").get(t, "/en")
	if a.header.Get("Cache-Control") != "no-store" || !strings.Contains(a.header.Get("Content-Security-Policy"), "style-src 'self'") {
		t.Error(a.header)
	}
	if head := s.browser().send(t, http.MethodHead, "/en", nil); head.status != 200 {
		t.Error(head.status)
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	if !Built() {
		t.Skip("the style sheet and scripts are not built: run make assets")
	}
	s := newSite(t)
	for name, kind := range map[string]string{"app.css": "text/css; charset=utf-8", "init.js": "text/javascript; charset=utf-8"} {
		a := s.browser().get(t, "/assets/"+assets[name])
		if a.status != 200 || a.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || a.header.Get("Content-Type") != kind || len(a.body) == 0 {
			t.Errorf("%s: %d %v", name, a.status, a.header)
		}
	}
	for _, name := range []string{"manifest.json", ".gitkeep", "..%2f..%2fembed.go", "app.css"} {
		s.browser().get(t, "/assets/"+name).wants(t, 404)
	}
}

func TestWithoutAssetsPagesSayHowToBuildThem(t *testing.T) {
	t.Parallel()
	h := registertest.Empty(t, storetest.Open(t, "sqlite"))
	sessions := web.NewSessions(h.Store, h.Clock.Now, false, web.SessionLimits{})
	o := web.Options{People: h.Register, Sessions: sessions, Log: slog.New(slog.DiscardHandler), Problem: ErrorPage, Now: h.Clock.Now, Unchanged: web.NewUnchanged(h.LogSize, h.Clock.Now)}
	e := web.New(o)
	e.GET("/api/v1/x", func(c *gin.Context) { c.String(200, "here") })
	mount(e, pages.Pages{Register: h.Register, Sessions: sessions, Updates: web.NewLive(h.LogSizes, time.Millisecond)})
	b := (&site{h, o.Handler(e)}).browser()
	for _, path := range []string{"/", "/en", "/cy/register"} {
		if a := b.get(t, path); a.status != 503 || !strings.Contains(a.body, "make build") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := b.get(t, "/api/v1/x"); a.status != 200 {
		t.Error("the API is gone too")
	}
}

func TestAnEmptyInstallation(t *testing.T) {
	t.Parallel()
	s := serve(registertest.Empty(t, storetest.Open(t, "sqlite")))
	s.browser().get(t, "/en").wants(t, 200, "There is no organisation here yet.")
}

func need[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
