package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// CountCap is where a total stops being counted unless it is asked exactly.
const CountCap = 1000

// Total is how many there are; with More there are more, or may be.
type Total struct {
	Count int
	More  bool
}

// upTo is a total of which one more than a cap was counted, if there are so many.
func upTo(n, most int) Total { return Total{min(n, most), n > most} }

// CountDeployments counts what a filter chooses, up to CountCap unless exact, and
// of a search no further than it looks for a total (see [effort]). A page of it
// says how much there may be; there may be none.
func (r Reader) CountDeployments(ctx context.Context, org string, f Filter, exact bool, known Listing) (Total, error) {
	if exact {
		n, err := r.counted(ctx, org, f, r.hits(org, f.Text, period{}, r.several(ctx)), 0)
		return Total{Count: n}, err
	}
	w, err := r.soughtInAll(ctx, org, f)
	if err != nil {
		return Total{}, err
	}
	if t, ok := known.hits.total(w.enough); ok {
		return t, nil
	}
	newest, listed := f, f
	newest.Sort, newest.Desc = SortCreated, true
	if f.Sort != SortReview { // whose list leaves some out; another order is nothing to a total
		listed = newest
	}
	if f.Sort == SortCreated && f.Desc {
		w.learn(known)
	}
	if r.walks(org, listed) {
		begun := r.newWalk(listPage{org: org, f: listed}, w)
		if known.first && known.walk != nil && f.Sort == listed.Sort && f.Desc == listed.Desc {
			begun = known.walk.onTo(w)
		}
		walked, ok, err := r.walk(ctx, begun)
		switch {
		case err != nil:
			return Total{}, err
		case ok:
			return walked.total(), nil
		case !walked.many: // all that has the words is to be found in any case
			w.since, w.rows = time.Time{}, CountCap+1
		}
	}
	w.newest = f.Sort != SortReview && r.wordsAlone(org, newest)
	var total, limit int
	recent, err := r.narrowed(ctx, org, newest, nil, w, func(h hits, most int) (int, error) {
		var err error
		limit = most
		total, err = r.counted(ctx, org, f, h, most)
		return total, err
	})
	t := upTo(total, limit-1)
	t.More = t.More || recent
	return t, err
}

// learn takes from a page of the last registered how many more are to be expected.
func (w *sought) learn(known Listing) {
	if known.hits.found {
		w.since, w.rows = time.Time{}, w.enough+1
	}
	if len(known.Rows) < 2 {
		return
	}
	newest, oldest := known.Rows[0].CreatedAt, known.Rows[len(known.Rows)-1].CreatedAt
	w.perSecond = float64(len(known.Rows)) / max(newest.Sub(oldest).Seconds(), 1)
	if known.first && len(known.Rows) <= w.enough && oldest.Before(w.since) {
		w.since, w.rows = time.Time{}, w.enough+1 // of the recent ones there are fewer
	}
}

// soughtInAll is what a total is counted of, and what the figures beside it are.
func (r Reader) soughtInAll(ctx context.Context, org string, f Filter) (sought, error) {
	w := sought{rows: CountCap + 1}
	e := cmp.Or(r.effort, usualEffort)
	if len(wordsOf(f.Text)) == 0 {
		return w, nil
	}
	w.enough = e.enough
	of, err := r.recent(ctx, org)
	w.since = of.near
	return w, err
}

// begun is when the recent deployments began to be registered, of which a total is;
// its edges are the zero value where nothing is older than those.
type begun struct {
	edges
	likely
	asked time.Time
}

// recent is remembered for a minute: what is registered meanwhile is recent as well.
func (r Reader) recent(ctx context.Context, org string) (begun, error) {
	few := cmp.Or(r.effort, usualEffort).recent
	if few == 0 {
		return begun{}, nil
	}
	key := struct {
		org string
		few int
	}{org, few}
	if r.tenants != nil {
		if v, ok := r.tenants.recent.Load(key); ok && time.Since(v.(begun).asked) < time.Minute {
			return v.(begun), nil
		}
	}
	b := begun{asked: time.Now()}
	at, err := r.edges(ctx, org, nil, few-1)
	if err != nil {
		return begun{}, err
	}
	if at.near.After(at.oldest) {
		b.edges = at
	}
	if r.postgres && !b.near.IsZero() {
		if b.likely, err = r.likely(ctx, org); err != nil {
			return begun{}, err
		}
	}
	if r.tenants != nil {
		r.tenants.recent.Store(key, b)
	}
	return b, nil
}

// counted counts what a list has, as far as most where that is not 0.
func (r Reader) counted(ctx context.Context, org string, f Filter, h hits, most int) (int, error) {
	circles := f.Sees.circles()
	parts := make([]string, len(circles))
	args := slices.Clone(h.args)
	limit, limits := "", []any{}
	if most > 0 {
		limit, limits = " LIMIT ?", []any{most}
	}
	for i, circle := range circles {
		f := f
		f.Sees = circle
		c := r.listed(org, f)
		if h.body != "" && len(c.parts) == 1 {
			return r.number(ctx, h.count(limit), append(h.countArgs(), limits...)) // nothing is asked of a deployment but its words
		}
		parts[i] = "SELECT 1 FROM " + h.from() + " WHERE " + c.sql() + limit
		args = append(append(args, c.args...), limits...)
	}
	all := parts[0]
	if len(parts) > 1 {
		all = "SELECT * FROM (" + strings.Join(parts, ") a UNION ALL SELECT * FROM (") + ") b" + limit
		args = append(args, limits...)
	}
	return r.number(ctx, h.with()+"SELECT COUNT(*) FROM ("+all+") c", args)
}

func (r Reader) number(ctx context.Context, query string, args []any) (int, error) {
	n, err := raw[int](ctx, r, query, args...)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}
