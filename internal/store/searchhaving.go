package store

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"beforehand/models"
)

// hitsForALine is about how many hits PostgreSQL reads in the time that it takes to
// look for the words of a line by its id (6 to 8 µs, against 1); placesForALine is
// about how many places SQLite does, at 0.2 µs each.
const (
	hitsForALine   = 6
	placesForALine = 60
	linesForALine  = 20 // of the register, for each of the list: half of them have a common word
)

// having are those lines of a walk that have its words, in the order given.
func (r Reader) having(ctx context.Context, w *walk, lines []models.Deployment) ([]models.Deployment, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	ids, all, err := r.havingThen(ctx, w, lines)
	if err == nil && !all {
		ids, err = r.havingIDs(ctx, w, lines)
	}
	if err != nil {
		return nil, err
	}
	has := make(map[string]bool, len(ids))
	for _, id := range ids {
		has[id] = true
	}
	return slices.DeleteFunc(lines, func(d models.Deployment) bool { return !has[d.ID] }), nil
}

// ends are when the first and the last of some lines in the order of registering
// were registered.
func ends(lines []models.Deployment) (from, to time.Time) {
	from, to = lines[0].CreatedAt, lines[len(lines)-1].CreatedAt
	if to.Before(from) {
		return to, from
	}
	return from, to
}

// havingThen are what has the words and was registered while some lines were:
// where those lie close together, it is nearer than to look each up. Where it finds
// that they do not, all is false, and the walk does not ask it again.
func (r Reader) havingThen(ctx context.Context, w *walk, lines []models.Deployment) (ids []string, all bool, err error) {
	if w.sparse || w.page.f.Sort != SortCreated {
		return nil, false, nil
	}
	from, to := ends(lines)
	if r.postgres || len(w.words) > 1 {
		if close, err := r.closeBy(ctx, w.page.org, from, to, linesForALine*len(lines)); err != nil || !close {
			w.sparse = err == nil
			return nil, false, err
		}
	}
	if !r.postgres {
		ids, all, err = r.havingPlaces(ctx, w, lines, secondPlace(from), secondPlace(to.Add(time.Second)))
		w.sparse = !all
		return ids, all, err
	}
	most := hitsForALine * len(lines)
	h := r.hits(w.page.org, w.page.f.Text, period{from, to}, r.several(ctx))
	ids, err = raw[string](ctx, r, "SELECT deployment_id FROM ("+h.body+" LIMIT ?) h", append(h.args, most+1)...)
	w.sparse = len(ids) > most
	return ids, !w.sparse, err
}

// closeBy says whether no more than so many deployments were registered in a time.
// PostgreSQL finds all that has the words in it before it gives the first, and
// SQLite what has several words goes through what has each.
func (r Reader) closeBy(ctx context.Context, org string, from, to time.Time, most int) (bool, error) {
	n, err := r.number(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM deployments WHERE org_id = ? AND created_at >= ? AND created_at <= ? LIMIT ?) d", []any{org, from, to, most + 1})
	return n <= most, err
}

// havingPlaces are what has the words and was registered in the second of one of
// some lines. The places of all that has them come without a row, and of those few
// only whose they are is read.
func (r Reader) havingPlaces(ctx context.Context, w *walk, lines []models.Deployment, from, before int64) (ids []string, all bool, err error) {
	most := placesForALine * len(lines)
	places, err := r.placesOf(ctx, matching(w.words), from, before, most+1)
	if err != nil || len(places) > most {
		return nil, false, err
	}
	seconds := make(map[int64]bool, len(lines))
	for _, d := range lines {
		seconds[secondPlace(d.CreatedAt)>>placeBits] = true
	}
	places = slices.DeleteFunc(places, func(at int64) bool { return !seconds[at>>placeBits] })
	if len(places) > hitsForALine*len(lines) {
		return nil, false, nil
	}
	ids, err = raw[string](ctx, r, idsAt, jsonOf(places))
	return ids, len(ids) == len(places), err // less where one was saved meanwhile, and has another place
}

// havingIDs are those of some lines that have the words.
func (r Reader) havingIDs(ctx context.Context, w *walk, lines []models.Deployment) ([]string, error) {
	query, args := r.havingSQL(w.page.org, w.words, lines)
	return raw[string](ctx, r, query, args...)
}

// havingSQL begins from the lines, and looks each up by itself. A plan of PostgreSQL's
// for any words and any ids would read all that has the words, for each of the ids;
// SQLite looks in the second in which a line was registered.
func (r Reader) havingSQL(org string, words []string, lines []models.Deployment) (query string, args []any) {
	if r.postgres {
		has, wordArgs := r.hasWords(org, words)
		return "SELECT i.id FROM json_array_elements_text(CAST(? AS json)) AS i(id) WHERE (SELECT " + has + " FROM deployments_fts f WHERE f.org_id = ? AND f.deployment_id = i.id)",
			append(append([]any{jsonOf(deploymentIDs(lines))}, wordArgs...), org)
	}
	seconds := make(map[string]int64, len(lines))
	for _, d := range lines {
		seconds[d.ID] = secondPlace(d.CreatedAt)
	}
	return `SELECT i.key FROM json_each(?) i WHERE (SELECT 1 FROM deployments_fts f
		WHERE f.deployments_fts MATCH ? AND f.rowid >= i.value AND f.rowid < i.value + ? AND f.deployment_id = i.key LIMIT 1) IS NOT NULL`,
		[]any{jsonOf(seconds), matching(words), 1 << placeBits}
}

// jsonOf is a list as one argument of a statement, which is the same however long.
func jsonOf[T []string | []int64 | map[string]int64](list T) string {
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // texts and numbers always marshal
	}
	return string(b)
}

func deploymentIDs(of []models.Deployment) []string {
	return idsOf(of, func(d models.Deployment) string { return d.ID })
}
