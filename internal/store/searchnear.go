package store

import (
	"cmp"
	"time"
)

// placed is how many hits of some words have been found, or how many at least; one
// more than CountCap where there are so many. With all there are no others.
type placed struct {
	hits       int
	all, found bool
}

// total is that of a search, as far as it is known.
func (p placed) total(enough int) (_ Total, ok bool) {
	return Total{min(p.hits, CountCap), !p.all || p.hits > CountCap}, p.found && (p.all || p.hits >= enough)
}

// look asks for what has the words of a page and was registered in a period or a little
// around it, up to CountCap+1: how many it has found, and how many of these follow the
// page's last line, or whether more than the page holds. Where so many are likely that
// to find them takes long, it need not look, and says that there are too many. Where a
// period has no end, what is registered meanwhile is in it.
type look func(in period) (found, following int, err error)

// near looks for a page of all that has some words, the last registered first: among
// the recent deployments, as far as a total is counted, and where these have too few, in
// as long a time as they let expect to have enough, or everywhere. Everywhere at first
// where few are likely to have them. So the total is mostly known with the page. Where
// ok, its lines are among what the last look has found; else there are too many.
func (r Reader) near(p listPage, of begun, few bool, look look) (known placed, ok bool, err error) {
	enough := cmp.Or(r.effort, usualEffort).enough
	few = few && !of.near.IsZero()
	if few {
		if known, err = everywhere(look); err != nil || known.all {
			return known, known.all, err
		}
		known.hits = enough
	}
	recent, following, err := look(period{from: of.near})
	if err != nil {
		return placed{}, false, err
	}
	known = placed{max(recent, known.hits), of.near.IsZero(), true}
	switch {
	case recent > CountCap || few && following <= p.limit:
		return known, false, nil
	case known.all || following > p.limit:
		return known, true, nil
	}
	if since := of.letsExpect(p.key, max(p.limit, enough)+1, recent); !since.IsZero() {
		in := period{from: since}
		if at, ok := p.key.(time.Time); ok {
			in.to = at
		}
		found, following, err := look(in)
		if err != nil {
			return placed{}, false, err
		}
		known.hits = max(known.hits, min(found, enough))
		if found > CountCap || following > p.limit {
			return known, found <= CountCap, nil
		}
	}
	all, err := everywhere(look)
	if err != nil || all.all {
		return all, all.all, err
	}
	return placed{max(known.hits, enough), false, true}, false, nil
}

// everywhere is a look that knows all, unless it has found too many.
func everywhere(look look) (placed, error) {
	found, _, err := look(period{})
	return placed{found, err == nil && found <= CountCap, err == nil}, err
}

// letsExpect is since when so many hits are to be expected before a key, or among all
// where it is nil, if the recent ones have found; the zero time is always.
func (b begun) letsExpect(key any, hits, found int) time.Time {
	const margin = 1.5
	last := b.newest
	if at, ok := key.(time.Time); ok && at.Before(last) {
		last = at
	}
	back := margin * float64(hits) / max(float64(found), 0.001) * b.newest.Sub(b.near).Seconds()
	if found == 0 || back >= last.Sub(b.oldest).Seconds() {
		return time.Time{}
	}
	return last.Add(-time.Duration(back * float64(time.Second)))
}
