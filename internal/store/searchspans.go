package store

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"beforehand/models"
)

// A unit is a length of time that deployments are marked with: the day, month
// or year that they were registered in.
type unit struct {
	kind, layout string
	next         func(time.Time) time.Time
}

var units = []unit{
	{"t", "20060102", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
	{"m", "200601", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
	{"y", "2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
}

// period is from one instant to another, both within; the zero value is always.
type period struct{ from, to time.Time }

// covering are the marks of the days that lie in a period, wholly or in part; those
// of the months and years instead of which all days do: of ten years some ninety marks.
func (r Reader) covering(in period) []string {
	var marks []string
	end := units[0].next(dayOf(in.to))
	for at := dayOf(in.from); at.Before(end); {
		u := units[0]
		for _, longer := range units[1:] {
			if longer.begins(at) && !longer.next(at).After(end) {
				u = longer
			}
		}
		marks, at = append(marks, r.mark(u.kind, at.Format(u.layout))), u.next(at)
	}
	return marks
}

func dayOf(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// begins says whether a day is the first of a unit.
func (u unit) begins(day time.Time) bool {
	first, err := time.Parse(u.layout, day.Format(u.layout))
	if err != nil {
		panic(err) // what a layout wrote it reads
	}
	return first.Equal(day)
}

// Everything is asked at once after so many periods, or where there are so few hits
// in all, as far as a period lets expect.
const (
	mostTries = 3
	fewHits   = 1000
)

// sought is how much a search is to find.
type sought struct {
	rows      int
	perSecond float64 // hits, as far as known; 0 when they are not
	// newest says that what is asked ends by itself when it has enough, where the
	// hits come in the order of registering.
	newest bool
	// since is when the recent ones begin, and the zero value where a search does
	// not stop with these: of what is older it need have no more than enough.
	since  time.Time
	enough int
}

// narrowed asks for a list. A search in the order of registering, the last
// first, is tried in so long a period as it would need if every tenth was a hit,
// and then in what the hits so far let expect, until it has found what it needs:
// so it costs as much as what is shown, and not as much as there is. What is asked
// need not find more than most; recent says that it was of the recent ones only.
func (r Reader) narrowed(ctx context.Context, org string, f Filter, key any, w sought, ask func(h hits, most int) (found int, err error)) (recent bool, err error) {
	several := f.Text != "" && r.several(ctx)
	all := r.hits(org, f.Text, period{}, several)
	if all.body == "" || f.Sort != SortCreated || !f.Desc {
		_, err := ask(all, w.rows)
		return false, err
	}
	if all.match != "" && w.newest {
		return w.recentFirst(func(since time.Time) (int, error) { return ask(all.registered(since), w.rows) })
	}
	at, err := r.edges(ctx, org, key, nearBy)
	if err != nil {
		return false, err
	}
	return w.recentFirst(func(since time.Time) (int, error) {
		return w.within(at, since, func(in period) (int, error) { return ask(r.hits(org, f.Text, in, several), w.rows) })
	})
}

// recentFirst looks among the recent ones, and everywhere where they are not enough.
func (w *sought) recentFirst(look func(since time.Time) (found int, err error)) (recent bool, err error) {
	if !w.since.IsZero() {
		if found, err := look(w.since); err != nil || found >= w.enough {
			return true, err
		}
		w.rows = w.enough + 1
	}
	_, err = look(time.Time{})
	return false, err
}

// within looks at what was registered since an instant, or at everything where it
// is the zero time: in periods that become longer until they have enough.
func (w *sought) within(at edges, since time.Time, ask func(period) (int, error)) (found int, err error) {
	const day = 24 * 60 * 60
	span, last := at.newest.Sub(at.oldest).Seconds(), period{}
	if !since.IsZero() && !since.After(at.newest) {
		span, last = at.newest.Sub(since).Seconds(), period{since, at.newest}
	}
	back, least := 10*float64(w.rows)*max(at.newest.Sub(at.near).Seconds(), 1)/nearBy, 0.0
	for range mostTries {
		if w.perSecond > 0 {
			back = max(least, day, 1.5*float64(w.rows)/w.perSecond)
		}
		if back >= span || w.perSecond > 0 && w.perSecond*span <= fewHits {
			break
		}
		found, err := ask(period{at.newest.Add(-time.Duration(back * float64(time.Second))), at.newest})
		if err != nil || found >= w.rows {
			return found, err
		}
		w.perSecond, least = max(float64(found), 0.5)/back, 2*back
	}
	found, err = ask(last)
	w.perSecond = max(float64(found), 0.5) / max(span, 1)
	return found, err
}

// nearBy is how far from the newest deployment one looks to see how many there
// are in a time.
const nearBy = 500

// edges are when the newest, the one so many after it and the oldest deployment
// were registered. With fewer than so many, near is the oldest.
type edges struct{ newest, near, oldest time.Time }

// edges are those of all or of those not after key.
func (r Reader) edges(ctx context.Context, org string, key any, many int) (edges, error) {
	const one = "SELECT created_at FROM deployments WHERE org_id = ?"
	upTo, args := "", []any{org}
	if key != nil {
		upTo, args = " AND created_at <= ?", append(args, key)
	}
	sql := "SELECT * FROM (" + one + upTo + " ORDER BY created_at DESC, id DESC LIMIT 1) a UNION ALL SELECT * FROM (" + one + upTo + " ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ?) b UNION ALL SELECT * FROM (" +
		one + " ORDER BY created_at, id LIMIT 1) c"
	rows, err := raw[models.Deployment](ctx, r, sql, append(append(append(slices.Clone(args), args...), many), org)...)
	if err != nil || len(rows) == 0 {
		return edges{}, err
	}
	slices.SortFunc(rows, func(a, b models.Deployment) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return edges{rows[0].CreatedAt, rows[min(1, len(rows)-1)].CreatedAt, rows[len(rows)-1].CreatedAt}, nil
}

// tenants remembers whether there are several organisations. An only one is
// searched without its mark, which every row has: that would be read as well.
// And it remembers when the recent deployments of each begin.
type tenants struct {
	several atomic.Bool
	asked   atomic.Int64 // Unix seconds
	recent  sync.Map     // see [Reader.recent]
}

// several says whether there may be more than one organisation. In PostgreSQL it
// may be a minute behind, for there no answer depends on it: only how it is found.
func (r Reader) several(ctx context.Context) bool {
	if r.tenants == nil || r.tenants.several.Load() {
		return true
	}
	now := time.Now().Unix()
	if !r.postgres || now-r.tenants.asked.Load() > 60 {
		n, err := raw[int](ctx, r, "SELECT COUNT(*) FROM (SELECT 1 FROM organisations LIMIT 2) o")
		if err != nil {
			return true
		}
		if n[0] > 1 {
			r.tenants.several.Store(true) // none ever ends
		}
		r.tenants.asked.Store(now)
	}
	return r.tenants.several.Load()
}
