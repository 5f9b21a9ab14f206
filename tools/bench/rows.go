package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// row is one line of the table of targets.
type row struct {
	name     string
	status   int
	requests []request
	// limited says that the limit answers the same; limitOnly that the requests
	// of the limit are others.
	limited bool
	// goal is how many times the limit's processor time it may cost; 0 is none.
	goal float64
	// of names the row whose limit this one is measured by, when it is another's.
	of string
	// loose are members whose values differ from one answer to the next.
	loose []string
	// either are members that one of the answers may have and the other not.
	either []string
}

// rows are what is asked of a place: the paths of many records and words, so
// that no cache of one of them decides.
type asked struct {
	refs, late []string // of class B, in the order of their names; published
	words      []string
	roles      map[string]string // tokens
	example    []byte            // a record to register
	can        json.RawMessage
}

type listed struct {
	Items []struct {
		Ref         string `json:"ref"`
		ServiceArea string `json:"serviceArea"`
		Name        struct {
			En string `json:"en"`
		} `json:"name"`
	} `json:"items"`
	Next string `json:"next"`
}

// kinds of words are searched for in registers of every size, so that their
// figures can be compared: what a third of all has is found as often as it is
// shown and counted in the smallest of them; of the others there is more to show
// and to count in a larger one, until there is a page and as many as are counted.
var kinds = []struct {
	what  string
	words []string
}{
	{"words that a third has", []string{"letters", "housing", "staff", "minutes", "reports", "quicker", "nodiadau"}},
	{"two words", []string{"allocate archives", "allocate letters", "answer calls", "audit minutes", "check benefits", "draft reports", "summarise forms"}},
	{"names of places", []string{"Ararlan", "Ararmor", "Arelgwen", "Arnefgar", "Benhellan", "Arbenlan", "Sanpenlan"}},
	{"numbers", []string{"DEP-2021-007", "DEP-2022-1001", "DEP-2023-730", "DEP-2024-099", "DEP-2025-1632", "DEP-2026-500", "DEP-2024-1200"}},
}

func allWords() (all []string) {
	for _, k := range kinds {
		all = append(all, k.words...)
	}
	return all
}

// ask finds out what there is.
func ask(ctx context.Context, s *process, p place) (asked, error) {
	a := asked{roles: map[string]string{}, words: allWords()}
	for _, role := range []string{"cdo", "union_officer", "scrutiny"} {
		var err error
		if a.roles[role], err = p.token(role); err != nil {
			return a, err
		}
	}
	var area string
	for path := "/api/v1/deployments?class=B&sort=name&limit=200"; path != "" && len(a.refs) < 600; {
		var l listed
		if err := getJSON(ctx, s.url+path, a.roles["cdo"], &l); err != nil {
			return a, err
		}
		for _, d := range l.Items {
			a.refs, area = append(a.refs, d.Ref), d.ServiceArea
		}
		path = l.Next
	}
	var live listed
	if err := getJSON(ctx, s.url+"/api/v1/deployments?stage=noticed&sort=name&limit=200", a.roles["cdo"], &live); err != nil {
		return a, err
	}
	for _, d := range live.Items {
		a.late = append(a.late, d.Ref)
	}
	if len(a.refs) < 50 || len(a.late) < 10 {
		return a, errors.New("too little is in this register to measure it")
	}
	return a, a.prepare(ctx, s, area)
}

// prepare takes a record to register, and what the digital officer may do.
func (a *asked) prepare(ctx context.Context, s *process, area string) error {
	var one struct {
		Can    json.RawMessage `json:"can"`
		Record map[string]any  `json:"record"`
	}
	if err := getJSON(ctx, s.url+"/api/v1/deployments/"+a.refs[0], a.roles["cdo"], &one); err != nil {
		return err
	}
	a.can = one.Can
	var err error
	a.example, err = json.Marshal(map[string]any{
		"name": map[string]string{"en": "Sort letters for housing with Measured", "cy": "Didoli llythyrau ar gyfer tai gyda Measured"}, "serviceArea": area, "useFamily": "drafting", "aiClass": "language",
		"purpose": map[string]string{"en": "Quicker letters for tenants, with less time spent sorting.", "cy": "Llythyrau cyflymach i denantiaid."}, "owner": "Head of housing", "decisionStatus": "idea",
		"oneLine": map[string]string{"en": "A tool that helps staff sort letters"}, "groups": one.Record["groups"],
	})
	return err
}

func getJSON(ctx context.Context, url, token string, into any) error {
	b, _, err := fetch(ctx, url, request{method: http.MethodGet, token: token})
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

// fetch makes one request; any status but a good one is an error.
func fetch(ctx context.Context, url string, r request) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, url, bytes.NewReader(r.body))
	if err != nil {
		return nil, nil, err
	}
	for k, v := range r.header {
		req.Header[k] = v
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // it is read to its end
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %.300s", r.method, url, res.Status, b)
	}
	return b, res.Header, err
}

func (a asked) paths(role string, format string, over []string) []request {
	out := make([]request, len(over))
	for i, x := range over {
		out[i] = request{method: http.MethodGet, token: a.roles[role], path: fmt.Sprintf(format, strings.ReplaceAll(x, " ", "+"))}
	}
	return out
}

var stages = []string{"noticed", "formative", "pilot", "decided", "live", "idea"}

// table is the table of targets, as far as it is asked over HTTP.
func (a asked) table() []row {
	return []row{
		{name: "(a) get, with children", status: 200, requests: a.paths("cdo", "/api/v1/deployments/%s", a.refs), limited: true, goal: 1.5},
		{name: "(b) list of 50, exact total", status: 200, requests: a.paths("cdo", "/api/v1/deployments?stage=%s&limit=50&total=exact", stages), limited: true, goal: 1.25},
		{name: "(b') list of 50, capped", status: 200, requests: a.paths("cdo", "/api/v1/deployments?stage=%s&limit=50", stages), limited: true, goal: 0.75, of: "(b) list of 50, exact total"},
		// The limit counts as far as 1,000 among all; a search among the recent ones.
		{name: "(c) search", status: 200, requests: a.paths("cdo", "/api/v1/deployments?q=%s&limit=50", a.words), limited: true, goal: 1.3, loose: []string{"total"}, either: []string{"totalCapped"}},
		{name: "(d) create, ledger and job too", status: 201, requests: []request{{method: http.MethodPost, path: "/api/v1/deployments", token: a.roles["cdo"], body: a.example}}, limited: true, goal: 2, loose: []string{"ref", "createdAt", "updatedAt", "links"}},
		{name: "(e) list as a union's officer", status: 200, requests: a.paths("union_officer", "/api/v1/deployments?riskLevel=%s&limit=50", []string{"other", "impactful", "high"}), limited: true, goal: 1.3},
		{name: "empty route", status: 200, requests: []request{{method: http.MethodGet, path: "/healthz"}}, limited: true, goal: 2.5},
		{name: "timeline", status: 200, requests: a.paths("cdo", "/api/v1/deployments/%s/timeline", a.late), goal: 1.5, of: "(a) get, with children"},
		{name: "gate", status: 200, requests: a.paths("cdo", "/api/v1/deployments/%s/gate?to=decided", a.late), goal: 1.5, of: "(a) get, with children"},
		{name: madePage, status: 200, requests: a.made(a.late)},
	}
}

// made asks for pages in a way that none is kept of: for a part, which is given whole.
func (a asked) made(refs []string) []request {
	out := a.page(refs, nil)
	for i := range out {
		out[i].header["Range"] = []string{"bytes=0-"}
	}
	return out
}

// page asks for pages as somebody who has not signed in.
func (a asked) page(refs []string, tags []string) []request {
	out := make([]request, len(refs))
	for i, ref := range refs {
		out[i] = request{method: http.MethodGet, path: "/en/deployments/" + ref, header: http.Header{"Accept": {"text/html"}}}
		if tags != nil {
			out[i].header["If-None-Match"] = []string{tags[i]}
		}
	}
	return out
}
