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
	s := rowSearch{Reader: r, page: p, several: r.several(ctx), last: time.Now()}
	if of.newest.After(s.last) {
		s.last = of.newest
	}
	s.last = s.last.AddDate(0, 0, 1) // of what was registered since that was asked: a clock may be ahead
	look := func(in period) (found, following int, err error) { return s.look(ctx, in) }
	known, ok, err = r.near(p, of, reference.MatchString(strings.TrimSpace(p.f.Text)), look, func() (bool, error) {
		return r.common(ctx, r.hits(p.org, p.f.Text, period{}, false)) // the mark of an organisation says what its id says
	})
	if err != nil || ok || of.near.IsZero() {
		return s.rows, known, ok, err
	}
	e := cmp.Or(r.effort, usualEffort)
	s.page.limit = max(p.limit, e.enough) // so the total is known with a short page too
	ok, err = backward{
		look:  look,
		count: func(in period) (int, error) { return s.count(ctx, in) },
		read:  func(in period) (int, error) { return s.read(ctx, in) },
		down:  func(from, before time.Time) (int, error) { return s.down(ctx, from, before, e.step) },
	}.find(s.page, of, s.last, e.recent)
	known.hits = max(known.hits, min(s.seen, e.enough))
	return s.rows, known, ok, err
}

// rowSearch is for the rows of a page in PostgreSQL.
type rowSearch struct {
	Reader
	page    listPage
	several bool
	last    time.Time // nothing was registered later
	rows    []models.Deployment
	seen    int // hits, at least
}

func (s *rowSearch) hitsIn(in period) hits {
	return s.hits(s.page.org, s.page.f.Text, in, s.several)
}

// look is [look].
func (s *rowSearch) look(ctx context.Context, in period) (found, following int, err error) {
	if !in.from.IsZero() && (in.to.IsZero() || in.to.After(s.last)) { // a cursor may name any
		in.to = s.last
	}
	type row struct {
		models.Deployment `gorm:"embedded"`
		Found             int
	}
	query, args := s.nearSQL(s.page, s.hitsIn(in))
	some, err := raw[row](ctx, s.Reader, query, args...)
	if err != nil {
		return 0, 0, err
	}
	found, s.rows = some[0].Found, nil
	s.seen = max(s.seen, found)
	for _, x := range some {
		if x.ID != "" {
			s.rows = append(s.rows, x.Deployment)
		}
	}
	return found, len(s.rows), nil
}

// count counts the hits of a period, up to CountCap+1.
func (s *rowSearch) count(ctx context.Context, in period) (int, error) {
	h := s.hitsIn(in)
	n, err := s.number(ctx, h.count(" LIMIT ?"), append(h.countArgs(), CountCap+1))
	s.seen = max(s.seen, n)
	return n, err
}

// read reads the rows of the page that were registered in a period.
func (s *rowSearch) read(ctx context.Context, in period) (int, error) {
	query, args := s.wordsSQL(s.page, s.hitsIn(in))
	var err error
	s.rows, err = raw[models.Deployment](ctx, s.Reader, query, args...)
	s.seen = max(s.seen, len(s.rows))
	return len(s.rows), err
}

// down adds to the rows from an instant on what of the page is among so many lines of the
// list before it. It looks for the words in each of them.
func (s *rowSearch) down(ctx context.Context, from, before time.Time, lines int) (int, error) {
	s.rows = slices.DeleteFunc(s.rows, func(d models.Deployment) bool { return d.CreatedAt.Before(before) })
	p := s.page
	beyond, args := "", []any{p.org, from, before}
	if p.after.ID != "" {
		beyond = " AND created_at <= ? AND (created_at < ? OR id < ?)"
		args = append(args, p.key, p.key, p.after.ID)
	}
	has, words := s.hasWords(p.org, wordsOf(p.f.Text))
	query := "SELECT " + p.columns + " FROM (SELECT * FROM deployments WHERE org_id = ? AND created_at >= ? AND created_at < ?" + beyond +
		" ORDER BY created_at DESC, id DESC LIMIT ?) d WHERE (SELECT " + has + " FROM deployments_fts f WHERE f.org_id = d.org_id AND f.deployment_id = d.id) ORDER BY d.created_at DESC, d.id DESC LIMIT ?"
	args = slices.Concat(args, []any{lines}, words, []any{p.limit + 1})
	found, err := raw[models.Deployment](ctx, s.Reader, query, args...)
	s.rows = append(s.rows, found...)
	s.seen = max(s.seen, len(s.rows))
	return len(s.rows), err
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
