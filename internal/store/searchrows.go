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
// one statement; and where there are too many hits, as [Reader.back] says. Of a register
// that has recent deployments only that is not done, and ok is false.
func (r Reader) nearRows(ctx context.Context, p listPage) (rows []models.Deployment, known placed, ok bool, err error) {
	of, err := r.recent(ctx, p.org)
	if err != nil {
		return nil, placed{}, false, err
	}
	several, last := r.several(ctx), time.Now()
	if of.newest.After(last) {
		last = of.newest
	}
	last = last.AddDate(0, 0, 1) // of what was registered since that was asked: a clock may be ahead
	look := func(in period) (found, following int, err error) {
		if !in.from.IsZero() && (in.to.IsZero() || in.to.After(last)) { // a cursor may name any
			in.to = last
		}
		type row struct {
			models.Deployment `gorm:"embedded"`
			Found             int
		}
		query, args := r.nearSQL(p, r.hits(p.org, p.f.Text, in, several))
		some, err := raw[row](ctx, r, query, args...)
		if err != nil {
			return 0, 0, err
		}
		found, rows = some[0].Found, nil
		for _, x := range some {
			if x.ID != "" {
				rows = append(rows, x.Deployment)
			}
		}
		return found, len(rows), nil
	}
	known, ok, err = r.near(p, of, reference.MatchString(strings.TrimSpace(p.f.Text)), look)
	if err != nil || ok || of.near.IsZero() {
		return rows, known, ok, err
	}
	ok, err = r.back(p, of, last, look, func(in period) (int, error) {
		h := r.hits(p.org, p.f.Text, in, several)
		return r.number(ctx, h.count(" LIMIT ?"), append(h.countArgs(), CountCap+1))
	}, func(in period) (int, error) {
		var err error
		query, args := r.wordsSQL(p, r.hits(p.org, p.f.Text, in, several))
		rows, err = raw[models.Deployment](ctx, r, query, args...)
		return len(rows), err
	})
	return rows, known, ok, err
}

// back looks for a page of what many have, from its last line back, or from the last that
// was registered. It begins with as long a time as it needs of what every tenth has; then
// it counts in the time before that, each time twice as long, up to a part of all; and
// where there are too many, in half of it, to the day. Of a day that has too many, and of
// what is left at the end, it reads all. It is not ok where nothing can follow that line.
func (r Reader) back(p listPage, of begun, last time.Time, look look, count, read func(in period) (int, error)) (ok bool, err error) {
	const day, parts = 24 * time.Hour, 24
	if at, ok := p.key.(time.Time); ok && at.Before(last) {
		last = at
	}
	newest, oldest := of.newest, dayOf(of.oldest)
	if last.Before(newest) {
		newest = last
	}
	if newest.Before(of.oldest) {
		return false, nil
	}
	length := time.Duration(10 * float64(p.limit+1) / float64(cmp.Or(r.effort, usualEffort).recent) * float64(of.newest.Sub(of.near)))
	before := func(at time.Time) time.Time {
		if at = dayOf(at.Add(-length)); at.Before(oldest) {
			at = oldest
		}
		length = max(day, min(2*length, of.newest.Sub(of.oldest)/parts))
		return at
	}
	// Since few no more than the page holds follow its last line, and since many there are
	// too many, of which those of the day of that line may not follow it.
	few, have, many, since := dayOf(last).Add(day), 0, time.Time{}, before(newest)
	for first := true; ; first = false {
		found := 0
		if !first { // nothing is counted yet then, and all that there are since are looked for at once
			if found, err = count(period{since, few.Add(-1)}); err != nil {
				return false, err
			}
		}
		switch counted := have + found; {
		case counted > CountCap:
			many = since
		case counted > p.limit || first:
			all, following, err := look(period{since, last})
			if err != nil || following > p.limit {
				return true, err
			}
			if all > CountCap {
				many = since
			} else {
				few, have = since, following
			}
		default:
			few, have = since, counted
		}
		if !many.IsZero() && few.Sub(many) > day {
			since = dayOf(many.Add(few.Sub(many) / 2))
			continue
		}
		if !many.IsZero() || !few.After(oldest) {
			if !many.IsZero() {
				few, many = many, time.Time{}
			}
			if have, err = read(period{few, last}); err != nil || have > p.limit || !few.After(oldest) {
				return true, err
			}
		}
		since = before(few)
	}
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
