package store

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"beforehand/models"
)

// hitsForALine is how many hits are read in the time that it takes to look for
// the words of a line by its id, as measured on PostgreSQL.
const hitsForALine = 6

// having are those lines of a walk that have its words, in the order given.
func (r Reader) having(ctx context.Context, w *walk, lines []models.Deployment) ([]models.Deployment, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	find := r.havingIDs
	if w.perSecond > 0 {
		from, to := ends(lines)
		if to.Sub(from).Seconds()*w.perSecond*w.share() <= float64(hitsForALine*len(lines)) {
			find = r.havingThen
		}
	}
	ids, err := find(ctx, w, lines)
	if err != nil {
		return nil, err
	}
	has := make(map[string]bool, len(ids))
	for _, id := range ids {
		has[id] = true
	}
	return slices.DeleteFunc(lines, func(d models.Deployment) bool { return !has[d.ID] }), nil
}

// share is how many of some lines are likely to have the words, by those before.
func (w *walk) share() float64 {
	if w.lines == 0 {
		return 0.5
	}
	return float64(len(w.found)+1) / float64(w.lines)
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

// havingThen are all that have the words and were registered while some lines
// were. Where those lie close together, it is nearer than to look each up.
func (r Reader) havingThen(ctx context.Context, w *walk, lines []models.Deployment) ([]string, error) {
	from, to := ends(lines)
	h := r.hits(w.page.org, w.page.f.Text, period{from, to}, r.several(ctx))
	query, args := "SELECT deployment_id FROM ("+h.body+") h", h.args
	if r.postgres { // whose marks are of days, or of longer
		query, args = query+" WHERE created_at >= ? AND created_at <= ?", append(args, from, to)
	}
	return raw[string](ctx, r, query, args...)
}

// havingIDs are those of some lines that have the words.
func (r Reader) havingIDs(ctx context.Context, w *walk, lines []models.Deployment) ([]string, error) {
	list, err := json.Marshal(deploymentIDs(lines))
	if err != nil {
		return nil, err
	}
	query, args := r.havingSQL(w.page.org, w.words, string(list))
	return raw[string](ctx, r, query, args...)
}

// havingSQL begins from the ids, a JSON list of them, and looks each up by itself.
// A plan of PostgreSQL's for any words and any ids would read all that has the
// words, for each of the ids; SQLite would walk an index of all deployments.
func (r Reader) havingSQL(org string, words []string, ids string) (query string, args []any) {
	if r.postgres {
		has, wordArgs := r.hasWords(org, words)
		return "SELECT i.id FROM json_array_elements_text(CAST(? AS json)) AS i(id) WHERE (SELECT " + has + " FROM deployments_fts f WHERE f.org_id = ? AND f.deployment_id = i.id)",
			append(append([]any{ids}, wordArgs...), org)
	}
	return `SELECT d.id FROM json_each(?) i CROSS JOIN deployments d ON d.org_id = ? AND d.id = i.value WHERE (SELECT 1 FROM deployments_fts f
		WHERE f.deployments_fts MATCH ? AND f.rowid >= ` + secondOf("0") + ` AND f.rowid < ` + secondOf("1") + ` AND f.deployment_id = d.id LIMIT 1) IS NOT NULL`,
		[]any{ids, org, matching(words), placeBits, placeBits}
}

// secondOf is the place of the second in which a deployment was registered, or of
// one later, as SQLite works it out of the instant it keeps: see [secondPlace].
func secondOf(later string) string {
	return "((unixepoch(substr(d.created_at, 1, 19)) + " + later + ") << ?)"
}

func deploymentIDs(of []models.Deployment) []string {
	return idsOf(of, func(d models.Deployment) string { return d.ID })
}
