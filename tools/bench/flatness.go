package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// flat is a read path at one size.
type flat struct {
	place
	path string
	page int
	// found is how many deployments a search finds, as far as counted, and shown how
	// many its page has, on average of its words; 0 of what is no search.
	found, shown float64
	figures
}

// deep is the page that is as far down as the table of targets asks.
const deep = 1000

// flatness measures the read paths whose cost must not grow with the register: each
// in all places of an engine in turn, round after round, so that what slows the
// machine for a while slows each of them.
func flatness(ctx context.Context, o options, places []place) (out []flat, err error) {
	var paths [][]readPath
	var servers []*process
	defer func() {
		for _, s := range servers {
			err = errors.Join(err, s.stop())
		}
	}()
	for _, p := range places {
		s, err := o.startServer(ctx, p)
		if err != nil {
			return nil, err
		}
		servers = append(servers, s)
		s.takesTurns()
		if _, err := s.settle(ctx); err != nil {
			return nil, err
		}
		a, err := ask(ctx, s, p)
		if err != nil {
			return nil, err
		}
		paths = append(paths, a.readPaths())
	}
	for i, q := range paths[0] {
		if !o.only.MatchString(q.path) {
			continue
		}
		var all []*steady
		for k, s := range servers {
			of, err := steadyOf(ctx, s, places[k], paths[k][i])
			if err != nil {
				return out, err
			}
			all = append(all, of...)
		}
		for range o.rounds {
			for _, m := range all {
				f, err := load(ctx, m.server, o, http.StatusOK, m.requests)
				if err != nil {
					return out, err
				}
				m.rounds = append(m.rounds, f)
			}
		}
		for _, m := range all {
			m.figures = medians(m.rounds)
			out = append(out, m.flat)
		}
	}
	return out, nil
}

// steady is a read path that is measured.
type steady struct {
	flat
	server   *process
	requests []request
	rounds   []figures
}

// steadyOf is a read path of a place: its first page, and one far down where it has pages.
func steadyOf(ctx context.Context, s *process, p place, q readPath) ([]*steady, error) {
	found, shown, err := foundBy(ctx, s, q.requests)
	if err != nil {
		return nil, err
	}
	all := []*steady{{flat: flat{place: p, path: q.path, page: 1, found: found, shown: shown}, server: s, requests: q.requests}}
	if !q.paged {
		return all, nil
	}
	next, page, err := walk(ctx, s, q.requests[0].path, q.requests[0].token)
	if err != nil {
		return nil, err
	}
	far := q.requests[0]
	far.path = next
	return append(all, &steady{flat: flat{place: p, path: q.path, page: page}, server: s, requests: []request{far}}), nil
}

// foundBy is how many deployments each of some searches finds, as far as counted, and
// how many of them its page shows, on average.
func foundBy(ctx context.Context, s *process, requests []request) (found, shown float64, err error) {
	for _, r := range requests {
		if !strings.Contains(r.path, "q=") {
			return 0, 0, nil
		}
		var l struct {
			listed
			Total float64
		}
		if err := getJSON(ctx, s.url+r.path, r.token, &l); err != nil {
			return 0, 0, err
		}
		found, shown = found+l.Total, shown+float64(len(l.Items))
	}
	return found / float64(len(requests)), shown / float64(len(requests)), nil
}

// readPath is one whose cost must not grow with the register.
type readPath struct {
	path     string
	requests []request
	paged    bool
}

func (a asked) readPaths() []readPath {
	const list, search = "/api/v1/deployments?limit=50", "/api/v1/deployments?q=%s&limit=50"
	all := []readPath{
		{"record", a.paths("cdo", "/api/v1/deployments/%s", a.refs), false},
		{"list", []request{{method: http.MethodGet, path: list, token: a.roles["cdo"]}}, true},
		{"list as an officer", []request{{method: http.MethodGet, path: list, token: a.roles["union_officer"]}}, true},
		{"search", a.paths("cdo", search, a.words), false},
	}
	for _, k := range kinds {
		all = append(all, readPath{"search, " + k.what, a.paths("cdo", search, k.words), false})
	}
	return append(all,
		readPath{"search, by name, " + kinds[0].what, a.paths("cdo", search+"&sort=name", kinds[0].words), false},
		readPath{"search in a class, " + kinds[0].what, a.paths("cdo", search+"&class=C", kinds[0].words), false},
		readPath{"search as an officer, " + kinds[0].what, a.paths("union_officer", search, kinds[0].words), false})
}

// walk goes to a page deep down, or to the last one, as a reader must: from
// cursor to cursor, in larger pages.
func walk(ctx context.Context, s *process, path, token string) (at string, page int, err error) {
	const step = 200
	u, err := url.Parse(path)
	if err != nil {
		return "", 0, err
	}
	q := u.Query()
	q.Set("limit", fmt.Sprint(step))
	at, page = u.Path+"?"+q.Encode(), 1
	for page < deep {
		var l listed
		if err := getJSON(ctx, s.url+at, token, &l); err != nil {
			return "", 0, err
		}
		if l.Next == "" {
			break
		}
		at, page = l.Next, page+step/50
	}
	if u, err = url.Parse(at); err != nil {
		return "", 0, err
	}
	q = u.Query()
	q.Set("limit", "50")
	return u.Path + "?" + q.Encode(), page, nil
}
