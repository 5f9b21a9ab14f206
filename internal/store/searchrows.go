package store

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"beforehand/models"
)

// reference is all of a deployment's: what is but part of one many have, and PostgreSQL
// finds all that there are before it gives the first.
var reference = regexp.MustCompile(`(?i)^dep-\d+-\d+$`)

// nearRows asks PostgreSQL for the rows of a page, as [Reader.near] says, each look in
// one statement; and where that leaves them to it, as [backward.find] says. Of a register
// that has recent deployments only that is not done, and ok is false.
func (r Reader) nearRows(ctx context.Context, p listPage) (rows []models.Deployment, known placed, ok bool, err error) {
	of, err := r.recent(ctx, p.org)
	if err != nil {
		return nil, placed{}, false, err
	}
	s := rowSearch{Reader: r, page: p, of: of, several: r.several(ctx), last: time.Now(), e: cmp.Or(r.effort, usualEffort)}
	s.one = reference.MatchString(strings.TrimSpace(p.f.Text))
	if of.newest.After(s.last) {
		s.last = of.newest
	}
	s.last = s.last.AddDate(0, 0, 1) // of what was registered since that was asked: a clock may be ahead
	look := func(in period) (found, following int, err error) { return s.look(ctx, in) }
	known, ok, err = r.near(p, of, s.one, look)
	if s.guessed {
		known.hits = min(known.hits, s.seen)
	}
	if err != nil || ok || of.near.IsZero() {
		return s.rows, known, ok, err
	}
	s.page.limit = max(p.limit, s.e.enough) // so the total is known with a short page too
	ok, err = backward{
		look:  look,
		count: func(in period) (int, error) { return s.count(ctx, in) },
		read:  func(in period) (int, error) { return s.read(ctx, in) },
		down:  func(from, before time.Time) (int, error) { return s.down(ctx, from, before) },
	}.find(s.page, of, s.last, s.e.recent)
	if err != nil || !ok {
		return s.rows, known, ok, err
	}
	known, err = s.knownBack(ctx, p, known)
	return s.rows, known, true, err
}

// knownBack is what is known of all hits when the page has been found by going back. Of
// the last page it is what is known with the first.
func (s *rowSearch) knownBack(ctx context.Context, p listPage, near placed) (placed, error) {
	near.hits = max(near.hits, min(s.seen, s.e.enough))
	switch {
	case near.hits >= s.e.enough || len(s.rows) > s.page.limit:
		return near, nil
	case p.after.ID == "":
		return placed{len(s.rows), true, true}, nil
	}
	p.columns, p.after, p.key, p.limit = "d.id, d.created_at", Cursor{}, nil, 1
	_, known, _, err := s.nearRows(ctx, p)
	return known, err
}

// rowSearch is for the rows of a page in PostgreSQL.
type rowSearch struct {
	Reader
	page    listPage
	of      begun
	e       effort
	several bool
	one     bool      // not many have the words, whatever is expected
	last    time.Time // nothing was registered later
	rows    []models.Deployment
	kept    int  // rows that are on the page in any case, the first of all
	seen    int  // hits, at least
	guessed bool // there was no look at some hits that are likely to be many
}

func (s *rowSearch) hitsIn(in period) hits {
	return s.hits(s.page.org, s.page.f.Text, in, s.several)
}

// many says whether so many are likely to have the words in a period that PostgreSQL's
// index would take long to find them: it gives all before the first. It is asked what it
// expects where there are many at all.
func (s *rowSearch) many(ctx context.Context, in period) (bool, error) {
	if s.one && in == (period{}) || s.registeredIn(s.of.likely, in) <= float64(s.e.crowd) {
		return false, nil
	}
	n, err := s.expects(ctx, in)
	many := n > float64(s.e.common)
	s.guessed = s.guessed || many
	return many, err
}

// expects is how many hits PostgreSQL expects in a period. The mark of an organisation is
// left out, for it says what its id says, and would count twice.
func (s *rowSearch) expects(ctx context.Context, in period) (float64, error) {
	return s.expected(ctx, s.hits(s.page.org, s.page.f.Text, in, false))
}

// look is [look].
func (s *rowSearch) look(ctx context.Context, in period) (found, following int, err error) {
	if !in.from.IsZero() && (in.to.IsZero() || in.to.After(s.last)) { // a cursor may name any
		in.to = s.last
	}
	s.rows = s.rows[:s.kept]
	if many, err := s.many(ctx, in); err != nil || many {
		return CountCap + 1, s.kept, err
	}
	type row struct {
		models.Deployment `gorm:"embedded"`
		Found             int
	}
	query, args := s.nearSQL(s.left(), s.hitsIn(in))
	some, err := raw[row](ctx, s.Reader, query, args...)
	if err != nil {
		return 0, 0, err
	}
	found = some[0].Found
	s.seen = max(s.seen, s.kept+found)
	for _, x := range some {
		if x.ID != "" {
			s.rows = append(s.rows, x.Deployment)
		}
	}
	return found, len(s.rows), nil
}

// left is the page but for the rows that are kept.
func (s *rowSearch) left() listPage {
	p := s.page
	p.limit -= s.kept
	return p
}

// count counts the hits of a period, up to CountCap+1, or says so many where that many
// are likely.
func (s *rowSearch) count(ctx context.Context, in period) (int, error) {
	if many, err := s.many(ctx, in); err != nil || many {
		return CountCap + 1, err
	}
	h := s.hitsIn(in)
	n, err := s.number(ctx, h.count(" LIMIT ?"), append(h.countArgs(), CountCap+1))
	s.seen = max(s.seen, s.kept+n)
	return n, err
}

// read adds the rows that were registered in a period, and keeps them.
func (s *rowSearch) read(ctx context.Context, in period) (int, error) {
	query, args := s.wordsSQL(s.left(), s.hitsIn(in))
	return s.keep(ctx, query, args)
}

// keep adds some rows to those that are on the page in any case.
func (s *rowSearch) keep(ctx context.Context, query string, args []any) (int, error) {
	some, err := raw[models.Deployment](ctx, s.Reader, query, args...)
	s.rows = append(s.rows[:s.kept], some...)
	s.kept = len(s.rows)
	s.seen = max(s.seen, s.kept)
	return s.kept, err
}

// down adds what of the page was registered from an instant on and before another, in
// days of which much is expected. It goes down the list, and looks for the words in each
// line, as far as that takes about as long as to find what is expected by the words; and
// if neither the page nor those days end with that, it finds it so.
func (s *rowSearch) down(ctx context.Context, from, before time.Time) (int, error) {
	within := period{from, before.Add(-time.Microsecond)}
	expected, err := s.expects(ctx, within)
	if err != nil {
		return s.kept, err
	}
	lines := max(s.e.step, int(expected)/hitsForALine)
	kept := s.kept
	query, args := s.linesSQL(s.left(), within, lines)
	if n, err := s.keep(ctx, query, args); err != nil || n > s.page.limit {
		return n, err
	}
	to := within.to
	if at, ok := s.page.key.(time.Time); ok && at.Before(to) {
		to = at
	}
	if all, err := s.closeBy(ctx, s.page.org, from, to, lines); err != nil || all {
		return s.kept, err
	}
	s.kept = kept
	return s.read(ctx, within)
}

// linesSQL are the rows of a page among so many lines of the list, in a period.
func (r Reader) linesSQL(p listPage, in period, lines int) (query string, args []any) {
	beyond, args := "", []any{p.org, in.from, in.to}
	if p.after.ID != "" {
		beyond = " AND created_at <= ? AND (created_at < ? OR id < ?)"
		args = append(args, p.key, p.key, p.after.ID)
	}
	has, words := r.hasWords(p.org, wordsOf(p.f.Text))
	query = "SELECT " + p.columns + " FROM (SELECT * FROM deployments WHERE org_id = ? AND created_at >= ? AND created_at <= ?" + beyond +
		" ORDER BY created_at DESC, id DESC LIMIT ?) d WHERE (SELECT " + has + " FROM deployments_fts f WHERE f.org_id = d.org_id AND f.deployment_id = d.id) ORDER BY d.created_at DESC, d.id DESC LIMIT ?"
	return query, slices.Concat(args, []any{lines}, words, []any{p.limit + 1})
}

// nearSQL are the rows of a page among some hits, and how many hits there are, up to
// CountCap+1: one row without a deployment where the page has none, or there are too many.
func (r Reader) nearSQL(p listPage, h hits) (query string, args []any) {
	follows, beyond, key := "", "", []any{}
	if p.after.ID != "" {
		follows, beyond = " AND created_at <= ? AND (created_at < ? OR deployment_id < ?)", " WHERE d.created_at <= ? AND (d.created_at < ? OR d.id < ?)"
		key = []any{p.key, p.key, p.after.ID}
	}
	query = "WITH hits AS MATERIALIZED (" + h.blind + " LIMIT ?) SELECT n.found, d.* FROM (SELECT COUNT(*) AS found FROM hits) n LEFT JOIN LATERAL (SELECT " + p.columns +
		" FROM (SELECT * FROM hits WHERE n.found <= ?" + follows + " ORDER BY created_at DESC, deployment_id DESC LIMIT ?) h JOIN deployments d ON d.org_id = ? AND d.id = h.deployment_id" +
		beyond + ") d ON TRUE ORDER BY d.created_at DESC, d.id DESC"
	return query, slices.Concat(h.args, []any{CountCap + 1, CountCap}, key, []any{p.limit + 1, p.org}, key)
}
