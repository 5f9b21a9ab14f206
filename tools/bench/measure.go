package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
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
		if err = s.behind(ctx, p.dsn); err != nil {
			return nil, errors.Join(err, s.stop())
		}
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
