package store

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
)

// idsAt are the deployments at some places: of FTS5's table of contents, for the way
// through the index costs several times as much
// (https://www.sqlite.org/fts5.html#fts5_data_structures).
const idsAt = "SELECT c1 AS deployment_id FROM deployments_fts_content WHERE id IN (SELECT value FROM json_each(?))"

// placed is how many places SQLite has found of what has some words and was
// registered since an instant, or how many at least; one more than CountCap where
// there are so many. With all there are no others.
type placed struct {
	hits       int
	all, found bool
}

// total is that of a search, as far as it is known.
func (p placed) total(enough int) (_ Total, ok bool) {
	return Total{min(p.hits, CountCap), !p.all || p.hits > CountCap}, p.found && (p.all || p.hits >= enough)
}

// places asks SQLite for the places of what has the words of a page: of the recent
// deployments, as far as a total is counted, and where these have too few, of as long
// a time as they let expect to have enough, or of all. Of all at once where a word has
// a figure in it, for that is likely a reference, which one has. It finds them from the
// oldest on: from the newest back it goes through the words in small steps, and for what
// is rare through all of them. They are nil where there are too many.
func (r Reader) places(ctx context.Context, p listPage, h hits) (places []int64, known placed, err error) {
	of, err := r.recent(ctx, p.org)
	if err != nil {
		return nil, placed{}, err
	}
	enough := cmp.Or(r.effort, usualEffort).enough
	reference := !of.near.IsZero() && strings.ContainsFunc(p.f.Text, unicode.IsNumber)
	if reference {
		if places, err = r.placesOf(ctx, h.match, math.MinInt64, math.MaxInt64, CountCap+1); err != nil || len(places) <= CountCap {
			return places, placed{len(places), true, err == nil}, err
		}
		known.hits = enough
	}
	if places, err = r.placesOf(ctx, h.match, secondPlace(of.near), math.MaxInt64, CountCap+1); err != nil {
		return nil, placed{}, err
	}
	recent := len(places)
	known = placed{max(recent, known.hits), of.near.IsZero(), true}
	switch {
	case recent > CountCap:
		return nil, known, nil
	case known.all || p.following(places) > p.limit:
		return places, known, nil
	case reference:
		return nil, known, nil
	}
	within, _ := placesBefore(p.key)
	if since := of.letsExpect(p.key, max(p.limit, enough)+1, recent); !since.IsZero() {
		if places, err = r.placesOf(ctx, h.match, secondPlace(since), within, CountCap+1); err != nil {
			return nil, placed{}, err
		}
		known.hits = max(known.hits, min(len(places), enough))
		switch {
		case len(places) > CountCap:
			return nil, known, nil
		case p.following(places) > p.limit:
			return places, known, nil
		}
	}
	if places, err = r.placesOf(ctx, h.match, math.MinInt64, math.MaxInt64, CountCap+1); err != nil || len(places) <= CountCap {
		return places, placed{len(places), true, err == nil}, err
	}
	return nil, placed{max(known.hits, enough), false, true}, nil
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

// placesOf are the places from one on and before another of what matches, as far as
// most. They come as one value: as rows each costs several times as much to hand over
// as to find.
func (r Reader) placesOf(ctx context.Context, match string, from, before int64, most int) ([]int64, error) {
	lists, err := raw[string](ctx, r, "SELECT json_group_array(rowid) FROM (SELECT rowid FROM deployments_fts WHERE deployments_fts MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid LIMIT ?)", match, from, before, most)
	if err != nil {
		return nil, err
	}
	places := []int64{}
	err = json.Unmarshal([]byte(lists[0]), &places)
	slices.Sort(places) // no engine promises in what order an aggregate is given its rows
	return places, err
}

// onPage are those of some places that the page has, and how many lines that makes;
// nil where others were registered in the same second: if one of them was missing,
// it could not be told.
func (p listPage) onPage(places []int64) (chosen []int64, lines int) {
	within, before := placesBefore(p.key)
	chosen = newest(places, within, before, p.limit)
	lines = p.following(chosen)
	if lines > p.limit+1 || len(chosen) > lines+1 {
		return nil, 0
	}
	return chosen, lines
}

// following is how many of some places are of what follows a page's last line in any case.
func (p listPage) following(places []int64) int {
	_, before := placesBefore(p.key)
	n, _ := slices.BinarySearch(places, before)
	return n
}

// newestPlaces are the words of a page, and of what was registered in the second
// of its last: in the order of their places SQLite reads no others.
func (r Reader) newestPlaces(p listPage, h hits) (query string, args []any) {
	if p.places != nil {
		return idsAt, []any{jsonOf(p.places)}
	}
	within, before := placesBefore(p.key)
	return `SELECT deployment_id FROM deployments_fts WHERE deployments_fts MATCH ? AND rowid < ? AND rowid >= COALESCE(
		(SELECT (rowid >> ?) << ? FROM deployments_fts WHERE deployments_fts MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT 1 OFFSET ?), ?) ORDER BY rowid DESC`,
		[]any{h.match, within, placeBits, placeBits, h.match, before, p.limit, int64(math.MinInt64)}
}

// placesBefore are where the places end of what may follow a page's last line, and
// of what does in any case: in the second of that line either may be.
func placesBefore(key any) (within, before int64) {
	at, ok := key.(time.Time)
	if !ok {
		return math.MaxInt64, math.MaxInt64
	}
	return secondPlace(at.Add(time.Second)), secondPlace(at)
}

// newest are those of some places that newestPlaces would find.
func newest(places []int64, within, before int64, limit int) []int64 {
	last, beyond := int64(math.MinInt64), 0
	for _, at := range slices.Backward(places) {
		if at < before {
			if beyond++; beyond > limit {
				last = at >> placeBits << placeBits
				break
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(places), func(at int64) bool { return at >= within || at < last })
}
