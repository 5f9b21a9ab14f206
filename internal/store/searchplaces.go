package store

import (
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

// places asks SQLite for the places of what has the words of a page, as [Reader.near]
// says. It finds them from the oldest on: from the newest back it goes through the words
// in small steps, and for what is rare through all of them. They are nil where there are
// too many.
func (r Reader) places(ctx context.Context, p listPage, h hits) (places []int64, known placed, err error) {
	of, err := r.recent(ctx, p.org)
	if err != nil {
		return nil, placed{}, err
	}
	reference := strings.ContainsFunc(p.f.Text, unicode.IsNumber) // likely, and one has it
	known, ok, err := r.near(p, of, reference, func(in period) (found, following int, err error) {
		within := int64(math.MaxInt64)
		if !in.to.IsZero() {
			within = secondPlace(in.to.Add(time.Second))
		}
		places, err = r.placesOf(ctx, h.match, secondPlace(in.from), within, CountCap+1)
		return len(places), p.following(places), err
	})
	if err != nil || !ok {
		return nil, known, err
	}
	return places, known, nil
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
