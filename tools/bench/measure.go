package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// table is what was measured of a place.
type table struct {
	place
	lines []measured
	// starts are how long it was from start to answer; idle the memory then, in MiB.
	starts          []time.Duration
	idle, idleWhole float64
	settled         time.Duration
	binary          int64
	shared          bool
}

// measured is a row with its medians; limit is nil where there is none.
type measured struct {
	row
	server figures
	limit  *figures
	spent  []share
}

const coldStarts = 5

func (o options) startServer(ctx context.Context, p place) (*process, error) {
	figures, err := free(ctx)
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, "the server", o.server, "/readyz", append([]string{"serve", "--rate-limit", "0", "--metrics-addr", figures}, p.flags(o.work)...)...)
	if err == nil {
		s.figures = "http://" + figures
	}
	if err == nil && p.engine == "postgres" {
		err = s.behind(ctx, p.dsn)
	}
	return s, err
}

// measure fills the table of targets for a place.
func measure(ctx context.Context, o options, p place) (t table, err error) {
	t.place = p
	info, err := os.Stat(o.server)
	if err != nil {
		return t, err
	}
	t.binary = info.Size()
	for range coldStarts {
		s, err := o.startServer(ctx, p)
		if err != nil {
			return t, err
		}
		t.starts = append(t.starts, s.took)
		if err := s.stop(); err != nil {
			return t, err
		}
	}
	s, err := o.startServer(ctx, p)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if t.settled, err = s.settle(ctx); err != nil {
		return t, err
	}
	t.idle, t.idleWhole = s.memory()
	a, err := ask(ctx, s, p)
	if err != nil {
		return t, err
	}
	l, err := start(ctx, "the limit", o.limit, "/healthz", "--database", p.database(), "--can", string(a.can))
	if err != nil {
		return t, err
	}
	l.postmaster, l.database, l.shared = s.postmaster, s.database, s.shared
	t.shared = s.shared
	defer func() { err = errors.Join(err, l.stop()) }()
	for _, r := range a.table() {
		if !o.only.MatchString(r.name) {
			continue
		}
		m, err := o.row(ctx, s, l, r)
		if err != nil {
			return t, fmt.Errorf("%s: %w", r.name, err)
		}
		t.lines = append(t.lines, m)
	}
	if !o.only.MatchString(unchangedPage) && !o.only.MatchString(keptPage) {
		return t, nil
	}
	again, err := o.again(ctx, s, a)
	t.lines = append(t.lines, again...)
	return t, err
}

// The public page of a deployment, as it is made, as it is given again while the
// log stands still (decision 30), and as a browser has it already.
const (
	madePage      = "public page, rendered"
	keptPage      = "public page, given again"
	unchangedPage = "public page, unchanged (304)"
)

// row measures one row so many times, the server and the limit in turn.
func (o options) row(ctx context.Context, s, l *process, r row) (measured, error) {
	fmt.Fprintf(os.Stderr, "%s\n", r.name)
	m := measured{row: r}
	if r.limited {
		if err := same(ctx, s, l, r); err != nil {
			return m, err
		}
	}
	var server, limit []figures
	for range o.rounds {
		f, err := load(ctx, s, o, r.status, r.requests)
		if err != nil {
			return m, err
		}
		server = append(server, f)
		if !r.limited {
			continue
		}
		if f, err = load(ctx, l, o, r.status, r.requests); err != nil {
			return m, err
		}
		limit = append(limit, f)
	}
	m.server = medians(server)
	var err error
	if m.spent, err = o.profiled(ctx, s, r); err != nil {
		return m, err
	}
	if r.limited {
		f := medians(limit)
		m.limit = &f
	}
	return m, nil
}

// again asks for pages that were made before: as somebody else does, and as a
// browser does that has them.
func (o options) again(ctx context.Context, s *process, a asked) ([]measured, error) {
	kept := measured{row: row{name: keptPage, status: http.StatusOK}}
	had := measured{row: row{name: unchangedPage, status: http.StatusNotModified}}
	// One is asked for before the log is known to stand, and the others kept after it.
	refs := a.late[:min(50, len(a.late))]
	if _, _, err := fetch(ctx, s.url+a.page(refs, nil)[0].path, a.page(refs, nil)[0]); err != nil {
		return nil, err
	}
	if err := quiet(ctx); err != nil {
		return nil, err
	}
	kept.requests = a.page(refs, nil)
	tags := make([]string, len(refs))
	for i, q := range kept.requests {
		_, h, err := fetch(ctx, s.url+q.path, q)
		if err != nil {
			return nil, err
		}
		if tags[i] = h.Get("ETag"); tags[i] == "" {
			return nil, errors.New("the pages have no ETag")
		}
	}
	had.requests = a.page(refs, tags)
	out := make([]measured, 0, 2)
	for _, m := range []measured{kept, had} {
		if !o.only.MatchString(m.name) {
			continue
		}
		m, err := o.row(ctx, s, nil, m.row)
		if err != nil {
			return out, err
		}
		out = append(out, m)
	}
	return out, nil
}

// quiet waits until what the public reads may be kept again: the log must have
// stood still for fifteen seconds (decision 30).
func quiet(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(17 * time.Second):
		return nil
	}
}

// medians are the medians of each figure over the rounds; of memory the most.
func medians(all []figures) figures {
	of := func(get func(figures) float64) float64 {
		values := make([]float64, len(all))
		for i, f := range all {
			values[i] = get(f)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return figures{
		perSecond: of(func(f figures) float64 { return f.perSecond }), cpu: of(func(f figures) float64 { return f.cpu }), own: of(func(f figures) float64 { return f.own }),
		p50: time.Duration(of(func(f figures) float64 { return float64(f.p50) })), p99: time.Duration(of(func(f figures) float64 { return float64(f.p99) })),
		anonymous: slices.MaxFunc(all, func(a, b figures) int { return cmp.Compare(a.anonymous, b.anonymous) }).anonymous,
		requests:  uint64(of(func(f figures) float64 { return float64(f.requests) })),
		stolen:    slices.MaxFunc(all, func(a, b figures) int { return cmp.Compare(a.stolen, b.stolen) }).stolen,
	}
}

// flat is a read path at one size.
type flat struct {
	place
	path string
	page int
	// found is how many deployments a search finds, counted up to the cap, on average
	// of its words; 0 of what is no search.
	found float64
	figures
}

// deep is the page that is as far down as the table of targets asks.
const deep = 1000

// flatness measures the read paths whose cost must not grow with the register.
func flatness(ctx context.Context, o options, p place) (out []flat, err error) {
	s, err := o.startServer(ctx, p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if _, err := s.settle(ctx); err != nil {
		return nil, err
	}
	a, err := ask(ctx, s, p)
	if err != nil {
		return nil, err
	}
	for _, q := range a.readPaths() {
		if !o.only.MatchString(q.path) {
			continue
		}
		requests := q.requests
		f, err := o.steady(ctx, s, requests)
		if err != nil {
			return out, err
		}
		found, err := foundBy(ctx, s, requests)
		if err != nil {
			return out, err
		}
		out = append(out, flat{p, q.path, 1, found, f})
		if !q.paged {
			continue
		}
		next, page, err := walk(ctx, s, requests[0].path, requests[0].token)
		if err != nil {
			return out, err
		}
		requests[0].path = next
		if f, err = o.steady(ctx, s, requests); err != nil {
			return out, err
		}
		out = append(out, flat{p, q.path, page, 0, f})
	}
	return out, nil
}

// foundBy is how many deployments each of some searches finds, on average.
func foundBy(ctx context.Context, s *process, requests []request) (float64, error) {
	sum := 0.0
	for _, r := range requests {
		if !strings.Contains(r.path, "q=") {
			return 0, nil
		}
		var l struct{ Total float64 }
		if err := getJSON(ctx, s.url+r.path, r.token, &l); err != nil {
			return 0, err
		}
		sum += l.Total
	}
	return sum / float64(len(requests)), nil
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

func (o options) steady(ctx context.Context, s *process, requests []request) (figures, error) {
	var all []figures
	for range o.rounds {
		f, err := load(ctx, s, o, http.StatusOK, requests)
		if err != nil {
			return f, err
		}
		all = append(all, f)
	}
	return medians(all), nil
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
