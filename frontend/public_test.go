package frontend

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/models"
)

// withhold keeps a field from the public from now on.
func (s *site) withhold(t *testing.T, ref, field string) {
	t.Helper()
	v, err := s.Register.Deployment(t.Context(), s.CDO, ref)
	if err == nil {
		_, err = s.Revise(t.Context(), s.CDO, ref, v.Version, func(r models.Record) (models.Record, error) {
			r.Withheld = append(r.Withheld, models.Withheld{Field: field, Audience: "public", Ground: "Commercial confidence", Until: models.MustDate("2026-12-01"), DecidedBy: "Monitoring officer"})
			return r, nil
		}, register.Judgement{})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// readers are those for whom a page may differ.
func (s *site) readers(t *testing.T) map[string]*browser {
	t.Helper()
	out := map[string]*browser{"public": s.browser()}
	for _, name := range []string{"unison", "councillor", "cdo"} {
		out[name] = s.as(t, name)
	}
	return out
}

func TestPublicPagesForEverybody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, n := s.Noticed(t)
	idea := s.Deploy(t)
	page := "/deployments/" + d.Ref
	says := map[string][2]string{
		"/open-data":      {"Everything that is published may be taken away", "Gellir cymryd a defnyddio popeth"},
		"/flag":           {"You need no account, and nobody asks who you are.", "Nid oes angen cyfrif arnoch"},
		"/flagged":        {"Give the code from the link", "Rhowch y cod o’r ddolen"},
		"/missing":        {"Missing", "goll"},
		"/register":       {"Draft case notes", "Cymraeg: Draft case notes"},
		page:              {"Draft case notes", "Cymraeg: Draft case notes"},
		page + "/history": {"Every save is kept.", "Cedwir pob fersiwn."},
		page + fmt.Sprintf("/versions/%d", d.Version): {"Hash of this version", "Hash y fersiwn hwn"},
		page + "/as-at/2026-09-07":                    {"As it was at the end of Monday 7 September 2026", "Fel yr oedd ar ddiwedd"},
		"/notices/" + n.No:                            {n.No, n.No},
		"/verify":                                     {"receipt", "derbynneb"},
	}
	for who, b := range s.readers(t) {
		for path, words := range says {
			for i, lang := range []string{"en", "cy"} {
				a := b.get(t, "/"+lang+path)
				if a.status != 200 || !strings.Contains(a.text, words[i]) {
					t.Errorf("%s /%s%s: status %d, and does not say %q:\n%.1500s", who, lang, path, a.status, words[i], a.text)
				}
				if !strings.Contains(a.body, fmt.Sprintf(`<html class="govuk-template" lang="%s">`, lang)) {
					t.Errorf("%s /%s%s is in another language", who, lang, path)
				}
				other := "/cy" + path
				if lang == "cy" {
					other = "/en" + path
				}
				if !strings.Contains(a.body, `href="`+other+`" rel="alternate"`) {
					t.Errorf("%s /%s%s does not lead to its twin", who, lang, path)
				}
			}
		}
		for path, status := range map[string]int{
			page + "/versions/0": 404, page + "/versions/x": 404, page + "/versions/999": 404, page + "/as-at/2020-01-01": 404, page + "/as-at/nonsense": 404, page + "/as-at/2026-02-30": 404,
			page + "/history?on=nonsense": 422, page + "/history?on=2026-09-07": 303, "/deployments/DEP-2026-999/history": 404, "/deployments/DEP-2026-999/versions/1": 404,
		} {
			b.get(t, "/en"+path).wants(t, status)
			b.get(t, "/cy"+path).wants(t, status)
		}
		// An idea, and what was saved as one, is the employer's own.
		own := 404
		if who == "cdo" {
			own = 200
		}
		b.get(t, "/en"+page+"/versions/1").wants(t, own)
		for _, path := range []string{"", "/history", "/versions/1", "/as-at/2026-09-07"} {
			b.get(t, "/en/deployments/"+idea.Ref+path).wants(t, own)
		}
	}
	to := s.browser().get(t, "/cy"+page+"/history?on=2026-09-07").header.Get("Location")
	if to != "/cy"+page+"/as-at/2026-09-07" {
		t.Errorf("a day leads to %q", to)
	}
}

func TestWithheldIsShownAsWithheld(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, n := s.Noticed(t)
	s.withhold(t, d.Ref, "suppliers")
	now, err := s.Register.Deployment(t.Context(), s.CDO, d.Ref)
	if err != nil {
		t.Fatal(err)
	}
	const secret = "Nodiadau Ltd"
	page := "/deployments/" + d.Ref
	// Saved in the open and withheld since; and withheld when it was saved.
	saves := []string{page, page + fmt.Sprintf("/versions/%d", d.Version), page + fmt.Sprintf("/versions/%d", now.Version), page + "/as-at/2026-09-07"}
	everybody := s.browser()
	for _, path := range saves {
		// The model's provider is another field, which says the same name.
		en := everybody.get(t, "/en"+path).wants(t, 200, "Withheld until Tuesday 1 December 2026. Ground: Commercial confidence").without(t, secret+", supplier", "Monitoring officer")
		if strings.Count(en.text, "Commercial confidence") < 2 {
			t.Errorf("%s does not list what is withheld:\n%s", path, en.text)
		}
		everybody.get(t, "/cy"+path).wants(t, 200, "Cedwir yn ôl tan", "Commercial confidence")
	}
	for _, path := range []string{"/register?q=Nodiadau", "/notices/" + n.No, page + "/history"} {
		everybody.get(t, "/en"+path).without(t, "Monitoring officer")
	}
	for _, who := range []string{"unison", "cdo"} {
		b := s.as(t, who)
		for _, path := range saves {
			b.get(t, "/en"+path).wants(t, 200, secret).without(t, "Withheld until")
		}
	}
}

func TestAnybodyFlags(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Noticed(t)
	for who, b := range s.readers(t) {
		b.get(t, "/en/flag").wants(t, 200, "What is the system called", "nobody asks who you are")
		b.post(t, "/en/flag", url.Values{"system": {"  "}, "text": {"It answered me."}}).wants(t, 422, "Give an answer.").keeps(t, "It answered me.")
		b.post(t, "/cy/flag", url.Values{"system": {"Sgwrsfot"}, "text": {strings.Repeat("x", 5001)}}).wants(t, 422).keeps(t, "Sgwrsfot")
		a := b.post(t, "/cy/flag", url.Values{"system": {"Sgwrsfot"}, "text": {"Atebodd fi.\r\nEto."}}).wants(t, 200, "Cofnodwyd fel FLG-")
		if a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: a page with a code may be kept: %q", who, a.header.Get("Cache-Control"))
		}
		_, code, found := strings.Cut(a.body, "/cy/flagged#code=")
		if !found {
			t.Fatalf("%s: no link to the answer: %s", who, a.text)
		}
		code, _, _ = strings.Cut(code, `"`)
		b.post(t, "/en/flagged", url.Values{"code": {code + "x"}}).wants(t, 422, "There is no flag with this code.").without(t, "Sgwrsfot")
		b.post(t, "/en/flagged", url.Values{"code": {""}}).wants(t, 422)
		b.post(t, "/en/flagged", url.Values{"code": {" " + code + " "}}).wants(t, 200, "Sgwrsfot", "Atebodd fi.", "There is no answer yet.")
		b.post(t, "/cy/flagged", url.Values{"code": {code}}).wants(t, 200, "Nid oes ateb eto.")
	}
	// Whoever flagged is nobody, signed in or not.
	flags, err := s.Flags(t.Context(), s.CDO)
	if err != nil || len(flags) != 4 {
		t.Fatal(flags, err)
	}
	entries, err := s.Store.LedgerEntries(t.Context(), s.Org.ID, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if text := e.Body; e.Verb == "flag.raise" && (strings.Contains(text, s.Officer.UserID) || strings.Contains(text, "Sgwrsfot")) {
			t.Errorf("the log says who flagged, or what: %s", text)
		}
	}
}

func TestReportPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	who := s.readers(t)
	for _, path := range []string{"/reports", "/reports/annual/2026", "/reports/scrutiny/2026", "/reports/annual/2026/document.pdf"} {
		who["public"].get(t, "/en"+path).wants(t, 303)
	}
	annual := "/reports/annual/2026"
	for _, name := range []string{"unison", "councillor", "cdo"} {
		b := who[name]
		b.get(t, "/en/reports").wants(t, 200, "April 2026 to March 2027", "Annual social-partnership report")
		b.get(t, "/cy/reports").wants(t, 200, "Ebrill 2026 i Fawrth 2027")
		// While a union has not spoken nobody is offered it, and everybody is told who is missing.
		a := b.get(t, "/en"+annual).wants(t, 200, "This report cannot be exported yet:", "UNISON", "GMB", "root hash")
		if strings.Contains(a.body, "document.pdf") {
			t.Errorf("%s is offered a report that a union has not spoken in", name)
		}
		if at := strings.Index(a.body, `href="#records-registered"`); at < 0 || !strings.Contains(a.body, `id="records-registered"`) || !strings.Contains(a.body, "/en/deployments/"+d.Ref+`"`) {
			t.Errorf("the numbers do not lead to records")
		}
		b.get(t, "/cy"+annual).wants(t, 200, "Ni ellir allforio’r adroddiad hwn eto")
		// What the pack gathers, councillors may read; a union is not offered it.
		list := b.get(t, "/en/reports")
		if name == "unison" {
			list.without(t, "Scrutiny pack")
			b.get(t, "/en/reports/scrutiny/2026").wants(t, 403).without(t, "Scrutiny pack")
		} else {
			list.wants(t, 200, "Scrutiny pack")
			b.get(t, "/en/reports/scrutiny/2026").wants(t, 200, "Scrutiny pack").without(t, "cannot be exported yet")
		}
		for path, status := range map[string]int{
			"/reports/annual/1999": 422, "/reports/annual/2999": 422, "/reports/annual/x": 404, "/reports/other/2026": 404, annual + "/document.exe": 404, annual + "/other.pdf": 404,
		} {
			if got := b.get(t, "/en"+path).status; got != status {
				t.Errorf("%s %s: status %d, want %d", name, path, got, status)
			}
		}
		said := strings.Contains(a.body, `name="agrees"`)
		if said != (name == "unison") {
			t.Errorf("%s is asked what their union says: %v", name, said)
		}
		if name != "unison" {
			if got := b.post(t, "/en"+annual, url.Values{"agrees": {"yes"}}).status; got != 403 && got != 404 {
				t.Errorf("%s speaks for a union: %d", name, got)
			}
		}
	}
	exports := map[string]bool{}
	for _, name := range []string{"unison", "councillor", "cdo"} {
		got := who[name].get(t, "/en"+annual+"/document.pdf")
		switch got.status {
		case 409:
			exports[name] = true
			got.wants(t, 409, "GMB", "UNISON")
		case 403:
		default:
			t.Errorf("%s exports what a union has not spoken in: %d", name, got.status)
		}
	}
	if !exports["cdo"] || !exports["councillor"] {
		t.Errorf("who exports: %v", exports)
	}

	union := who["unison"]
	union.post(t, "/en"+annual, url.Values{}).wants(t, 422, "Give an answer.")
	union.post(t, "/en"+annual, url.Values{"agrees": {"no"}, "statement": {" "}}).wants(t, 422)
	union.follow(t, "/en"+annual, url.Values{"agrees": {"no"}, "statement": {"Not <b>asked</b>.\r\n\r\nNot told."}})
	a := who["councillor"].get(t, "/en"+annual).wants(t, 200, "This report cannot be exported yet: GMB", "Not <b>asked</b>.", "Not told.")
	if strings.Contains(a.body, "<b>asked") {
		t.Error("a union's words are markup")
	}
	s.as(t, "gmb").follow(t, "/cy"+annual, url.Values{"agrees": {"yes"}})
	for _, name := range []string{"unison", "councillor", "cdo"} {
		for _, kind := range []string{"annual", "scrutiny"} {
			may := exports[name] && (name != "unison" || kind == "annual")
			if name != "unison" || kind == "annual" {
				who[name].get(t, "/en/reports/"+kind+"/2026").wants(t, 200, "Not told.").without(t, "cannot be exported")
			}
			a := who[name].get(t, "/en/reports/"+kind+"/2026")
			if offered := strings.Contains(a.body, "document.pdf"); offered != may {
				t.Errorf("%s is offered the %s report: %v", name, kind, offered)
			}
			for _, lang := range []string{"en", "cy"} {
				for form, first := range map[string]string{"pdf": "%PDF", "docx": "PK", "html": "<!DOCTYPE html>"} {
					got := who[name].download("/" + lang + "/reports/" + kind + "/2026/document." + form)
					if !may {
						if got.Code != 403 {
							t.Errorf("%s takes %s away: %d", name, form, got.Code)
						}
						continue
					}
					if got.Code != 200 || !strings.HasPrefix(got.Body.String(), first) || got.Header().Get("Content-Disposition") != fmt.Sprintf(`attachment; filename="%s-2026-%s.%s"`, kind, lang, form) {
						t.Errorf("%s %s %s: %d %.40q %v", name, kind, form, got.Code, got.Body.String(), got.Header())
					}
					if again := who[name].download("/" + lang + "/reports/" + kind + "/2026/document." + form); !bytes.Equal(again.Body.Bytes(), got.Body.Bytes()) {
						t.Errorf("the same log gives another %s", form)
					}
				}
			}
		}
	}
}

// download asks for a file, or for a page as a browser that takes gzip.
func (b *browser) download(path string, more ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for name, v := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: v})
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func TestPagesGoOutPressed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, _ := s.Noticed(t)
	nobody, union := s.browser(), s.as(t, "unison")
	page := "/en/deployments/" + d.Ref
	for _, x := range []struct {
		b             *browser
		path, accepts string
		pressed       bool
	}{
		{nobody, page, "gzip, deflate, br", true},
		{nobody, page, "br;q=1.0, GZIP;q=0.8", true},
		{nobody, page, "gzip;q=0", false},
		{nobody, page, "gzip; q=0.000", false},
		{nobody, page, "br", false},
		{nobody, page, "", false},
		{nobody, "/en/register?q=note", "gzip", true},
		{nobody, "/en/nothing", "gzip", false},
		{union, page, "gzip", true},
		// What the address says stands beside what only the reader may read.
		{union, "/en/register?q=note", "gzip", false},
	} {
		plain := x.b.download(x.path)
		w := x.b.download(x.path, "Accept-Encoding", x.accepts)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != x.pressed {
			t.Errorf("%s for %q: gzip %v", x.path, x.accepts, got)
		}
		body := w.Body.Bytes()
		if x.pressed {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			whole, err := io.ReadAll(z)
			if err != nil || len(body)*2 > len(whole) {
				t.Errorf("%s: %d bytes of %d, %v", x.path, len(body), len(whole), err)
			}
			body = whole
			if !strings.Contains(strings.Join(plain.Header().Values("Vary"), ","), "Accept-Encoding") || !strings.Contains(strings.Join(w.Header().Values("Vary"), ","), "Accept-Encoding") {
				t.Errorf("%s does not say that it varies", x.path)
			}
		}
		// The form of somebody who has signed in has a key of its own each time.
		if x.b == nobody && !bytes.Equal(body, plain.Body.Bytes()) {
			t.Errorf("%s for %q is another page", x.path, x.accepts)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/en/sign-in", strings.NewReader(url.Values{"email": {"a@b.example"}, "password": {registertest.Password}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Header().Get("Content-Encoding") != "" {
		t.Error("the answer to a form is pressed")
	}
	for _, name := range assets {
		w := nobody.download("/assets/"+name, "Accept-Encoding", "gzip")
		plain := nobody.download("/assets/" + name)
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if b, err := io.ReadAll(z); err != nil || !bytes.Equal(b, plain.Body.Bytes()) || plain.Header().Get("Content-Encoding") != "" || plain.Header().Get("Vary") == "" {
			t.Errorf("%s is another file as gzip: %v", name, err)
		}
	}
}
