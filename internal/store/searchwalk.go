package store

import (
	"context"
	"encoding/json"
	"slices"

	"beforehand/models"
)

const (
	firstStep  = 200
	longStep   = 1000
	mostWalked = 5000
)

// walks says whether a search is of a list that something else than its words
// narrows or puts in order. Then the words alone do not say how far to look: what
// has them may be a large part of the register, and next to nothing of the list.
func (r Reader) walks(org string, f Filter) bool {
	if len(wordsOf(f.Text)) == 0 {
		return false
	}
	if f.Sort != SortCreated || !f.Desc || len(f.Sees.circles()) > 1 {
		return true
	}
	return len(r.where(org, f).parts) > len(r.where(org, Filter{Sees: f.Sees}).parts)
}

// walk looks for words down a list, in the list's own order, until it has found
// as many as are wanted or the list has ended. Where they are common this reads
// little, and as much in a large register as in a small one. Where they are not,
// it gives up, and ended is false: to begin from the words is nearer then.
func (r Reader) walk(ctx context.Context, p listPage, want int) (found []string, ended bool, err error) {
	words := wordsOf(p.f.Text)
	p.columns = "d.id, " + sortColumns[p.f.Sort]
	step, walked := firstStep, 0
	for {
		p.limit = step - 1 // for one more is asked
		query, args := r.pageSQL(p, hits{})
		rows, err := raw[models.Deployment](ctx, r, query, args...)
		if err != nil {
			return nil, false, err
		}
		having, err := r.having(ctx, p.org, words, rows)
		if err != nil {
			return nil, false, err
		}
		found, walked = append(found, having...), walked+len(rows)
		if len(found) >= want || len(rows) < step {
			return found[:min(want, len(found))], true, nil
		}
		if want*walked > mostWalked*len(found) {
			return nil, false, nil
		}
		last := rows[len(rows)-1]
		p.after = Cursor{p.f.Sort.key(last), last.ID}
		if p.key, err = p.f.Sort.value(p.after.Key); err != nil {
			return nil, false, err
		}
		step = min(2*step, longStep)
	}
}

// having are those of some deployments that have all words, in the order given.
func (r Reader) having(ctx context.Context, org string, words []string, of []models.Deployment) ([]string, error) {
	if len(of) == 0 {
		return nil, nil
	}
	ids := make([]string, len(of))
	for i, d := range of {
		ids[i] = d.ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	query, args := r.havingSQL(org, words, string(list))
	rows, err := raw[string](ctx, r, query, args...)
	if err != nil {
		return nil, err
	}
	has := make(map[string]bool, len(rows))
	for _, id := range rows {
		has[id] = true
	}
	return slices.DeleteFunc(ids, func(id string) bool { return !has[id] }), nil
}

// havingSQL begins from the ids, a JSON list of them, and looks each up by itself.
// A plan of PostgreSQL's for any words and any ids would read all that has the
// words, for each of the ids; SQLite would walk an index of all deployments.
func (r Reader) havingSQL(org string, words []string, ids string) (query string, args []any) {
	if r.postgres {
		has, wordArgs := hasWords(words)
		return "SELECT i.id FROM json_array_elements_text(CAST(? AS json)) AS i(id) WHERE (SELECT " + has + " FROM deployments_fts f WHERE f.org_id = ? AND f.deployment_id = i.id)",
			append(append([]any{ids}, wordArgs...), "", org)
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

// walkedPage is a page of a search, found by [Reader.walk].
func (r Reader) walkedPage(ctx context.Context, p listPage) (rows []models.Deployment, ended bool, err error) {
	ids, ended, err := r.walk(ctx, p, p.limit+1)
	if err != nil || !ended {
		return nil, ended, err
	}
	rows, err = inParts(ids, func(part []string) ([]models.Deployment, error) {
		return raw[models.Deployment](ctx, r, "SELECT "+p.columns+" FROM deployments d WHERE d.org_id = ? AND d.id IN ?", p.org, part)
	})
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		at[id] = i
	}
	slices.SortFunc(rows, func(a, b models.Deployment) int { return at[a.ID] - at[b.ID] })
	return rows, true, err
}
