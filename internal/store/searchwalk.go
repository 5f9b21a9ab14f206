package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"beforehand/models"
)

// effort is how far a search goes down a list that something else than its words
// narrows or puts in order, in lines of the list. It ends, so that a search costs
// no more however many there are; a page that it leaves short has a next one.
type effort struct {
	first, step int // at once: at first, and later
	near        int // beyond it is nearer to begin from the words
	few         int // deployments that have the words; these are all looked at
	far         int // where more have them
}

// usualEffort is some tenth of a second. Of 20,000 hits or fewer everything is
// found, so that no page is short in a register of so many.
var usualEffort = effort{first: 200, step: 1000, near: 5000, few: 20_000, far: 10_000}

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

// of makes less of it where more words are looked for in each line.
func (e effort) of(words []string) effort {
	const usual = 4
	if n := len(words); n > usual {
		e.near, e.far = e.near*usual/n, e.far*usual/n
	}
	return e
}

// walk is what a search has found down a list, in the list's own order.
type walk struct {
	page  listPage // of which the cursor is the line that it has come to
	words []string
	want  int
	found []models.Deployment // ids, and what they are put in order by
	lines int
	ended bool // there is as much as is wanted, or no more of the list
}

// walk looks for words down a list until it has found as many as are wanted or
// the list has ended. Where they are common this reads little, and as much in a
// large register as in a small one. Where they are rare, it gives up, and ok is
// false: to begin from the words is nearer then. Where they are neither, it goes
// on for as long as it may, and may not have ended.
func (r Reader) walk(ctx context.Context, p listPage, want int) (w walk, ok bool, err error) {
	p.columns = "d.id, " + sortColumns[p.f.Sort]
	w = walk{page: p, words: wordsOf(p.f.Text), want: want}
	e := cmp.Or(r.effort, usualEffort).of(w.words)
	for !w.ended && want*w.lines <= e.near*len(w.found) {
		if err := r.step(ctx, &w, e); err != nil {
			return w, false, err
		}
	}
	if w.ended {
		return w, true, nil
	}
	if many, err := r.manyHave(ctx, p.org, p.f.Text, e.few); err != nil || !many {
		return w, false, err
	}
	for !w.ended && w.lines < e.far {
		if err := r.step(ctx, &w, e); err != nil {
			return w, false, err
		}
	}
	return w, true, nil
}

// step looks at some more lines of a list.
func (r Reader) step(ctx context.Context, w *walk, e effort) error {
	if err := ctx.Err(); err != nil {
		return err // SQLite's statements end by themselves only, and there are several
	}
	lines := min(e.first+w.lines, e.step)
	w.page.limit = lines - 1 // for one more is asked
	query, args := r.pageSQL(w.page, hits{})
	rows, err := raw[models.Deployment](ctx, r, query, args...)
	if err != nil {
		return err
	}
	if len(rows) == lines {
		w.page.after = w.page.f.Sort.cursor(rows[lines-1])
		if w.page.key, err = w.page.f.Sort.value(w.page.after.Key); err != nil {
			return err
		}
	}
	w.lines += len(rows)
	having, err := r.having(ctx, w.page.org, w.words, rows)
	if err != nil {
		return err
	}
	w.found = append(w.found, having...)
	if len(w.found) >= w.want || len(rows) < lines {
		w.found, w.ended = w.found[:min(w.want, len(w.found))], true
	}
	return nil
}

// manyHave says whether more than so many deployments have all words of a text.
func (r Reader) manyHave(ctx context.Context, org, text string, few int) (bool, error) {
	found := 0
	w := sought{rows: few + 1, newest: true}
	err := r.narrowed(ctx, org, Filter{Text: text, Sort: SortCreated, Desc: true}, nil, w, func(h hits) (int, error) {
		var err error
		found, err = r.number(ctx, h.count(" LIMIT ?"), append(h.countArgs(), few+1))
		return found, err
	})
	return found > few, err
}

// having are those of some deployments that have all words, in the order given.
func (r Reader) having(ctx context.Context, org string, words []string, of []models.Deployment) ([]models.Deployment, error) {
	if len(of) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(deploymentIDs(of))
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
	return slices.DeleteFunc(of, func(d models.Deployment) bool { return !has[d.ID] }), nil
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

// walkedPage is a page of a search, found by [Reader.walk]. The next begins where
// the walk says: of its lines one may have been changed since.
func (r Reader) walkedPage(ctx context.Context, p listPage) (rows []models.Deployment, next Cursor, ok bool, err error) {
	w, ok, err := r.walk(ctx, p, p.limit+1)
	if err != nil || !ok {
		return nil, Cursor{}, false, err
	}
	found, next, _ := cut(w.found, p.f.Sort, p.limit, nil)
	if !w.ended {
		next = w.page.after
	}
	at := make(map[string]int, len(found))
	for i, d := range found {
		at[d.ID] = i
	}
	rows, err = inParts(deploymentIDs(found), func(part []string) ([]models.Deployment, error) {
		return raw[models.Deployment](ctx, r, "SELECT "+p.columns+" FROM deployments d WHERE d.org_id = ? AND d.id IN ?", p.org, evened(part))
	})
	slices.SortFunc(rows, func(a, b models.Deployment) int { return at[a.ID] - at[b.ID] })
	return rows, next, true, err
}

func deploymentIDs(of []models.Deployment) []string {
	return idsOf(of, func(d models.Deployment) string { return d.ID })
}

// evened makes the number of some ids one of a few, with ids that nothing has: a
// statement is kept prepared for each number.
func evened(ids []string) []string {
	n := 16
	for n < len(ids) {
		n *= 4
	}
	return append(slices.Clip(ids), make([]string, n-len(ids))...)
}
