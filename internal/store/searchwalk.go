package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"beforehand/models"
)

// effort is how far a search goes down a list that something else than its words
// narrows or puts in order, in lines of the list. It ends, so that a search costs
// no more however many there are; a page that it leaves short has a next one.
//
// A total is counted as far as CountCap among the deployments registered last, and
// beyond them only until there are enough: for how many hits a large register has
// more than a small one, so much more it would cost to count them.
type effort struct {
	first, step int // at once: at first, and later; fewer lines than first are looked at to the end
	rare        int // deployments that have the words: to begin from these is nearer than any walk
	few         int // deployments that have the words; a page begins from these rather than go far
	far         int // lines, where more have them
	recent      int // deployments, registered last: of which a total is; 0 for all
	enough      int // hits of a total, where it goes beyond those: as many as a page shows
	crowd       int // deployments of a time: of no more all hits may be found
	common      int // deployments that are likely to have the words: of a crowd they are not all looked for
}

// usualEffort is less than a tenth of a second for each walk, of which a page makes
// a few. Of as many hits everything is found, so that no page is short in a register
// of so many.
var usualEffort = effort{first: 200, step: 1000, rare: 1000, few: 10_000, far: 10_000, recent: 10_000, enough: 50, crowd: 20_000, common: 10_000}

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
		e.far = e.far * usual / n
	}
	return e
}

// walk is what a search has found down a list, in the list's own order.
type walk struct {
	page  listPage // of which the cursor is the line that it has come to
	words []string
	sought
	found []models.Deployment // ids, and what they are put in order by
	lines int
	many  bool // more than rare have the words
	most  bool // more than few have them
	end   bool // there is no more of the list
	// sparse says that much else was registered between its lines.
	sparse bool
	// recent says that it ended with the recent ones, of which it has enough.
	recent bool
}

func (r Reader) newWalk(p listPage, s sought) *walk {
	p.columns = r.keyOf(p.f.Sort)
	return (&walk{page: p, words: wordsOf(p.f.Text)}).onTo(s)
}

// onTo goes on from where a walk has come to, for more.
func (w *walk) onTo(s sought) *walk {
	on := *w
	on.sought = s
	if w.page.f.Sort != SortCreated { // the recent ones are not the beginning of another order
		on.since = time.Time{}
	}
	return &on
}

func (w *walk) ended() bool { return w.end || w.recent || len(w.found) >= w.rows }

// total is how many it has found, of a walk that has ended or gone far enough.
func (w *walk) total() Total {
	if w.end {
		return upTo(len(w.found), CountCap)
	}
	return Total{min(len(w.found), w.rows-1), true}
}

// walk looks for words down a list until it has found as many as are wanted or
// the list has ended. Where they are common this reads little, and as much in a
// large register as in a small one. Where they are rare, or it would have to go too
// far for what few have, it gives up, and ok is false: to begin from the words is
// nearer then. Else it goes on for as long as it may, and may not have ended.
func (r Reader) walk(ctx context.Context, w *walk) (_ *walk, ok bool, err error) {
	e := cmp.Or(r.effort, usualEffort).of(w.words)
	if !w.many {
		if w.many, err = r.manyHave(ctx, w.page.org, w.page.f.Text, e.rare); err != nil || !w.many {
			return w, false, err
		}
	}
	for !w.ended() && w.rows*w.lines <= e.far*len(w.found) {
		if err := r.step(ctx, w, e); err != nil {
			return w, false, err
		}
	}
	if w.ended() {
		return w, true, nil
	}
	if !w.most {
		if w.most, err = r.manyHave(ctx, w.page.org, w.page.f.Text, e.few); err != nil || !w.most {
			return w, false, err
		}
	}
	for !w.ended() && w.lines < e.far {
		if err := r.step(ctx, w, e); err != nil {
			return w, false, err
		}
	}
	return w, true, nil
}

// keyOf are the columns that say which a deployment is, and where it stands: in a
// list, and in SQLite's word index.
func (r Reader) keyOf(sort Sort) string {
	if r.postgres || sort == SortCreated {
		return "d.id, " + sortColumns[sort]
	}
	return "d.id, d.created_at, " + sortColumns[sort]
}

// step looks at some more lines of a list.
func (r Reader) step(ctx context.Context, w *walk, e effort) error {
	if err := ctx.Err(); err != nil {
		return err // SQLite's statements end by themselves only, and there are several
	}
	lines := max(1, min(w.further(e), e.step, e.far-w.lines))
	if w.page.since = w.since; w.lines < e.first {
		w.page.since = time.Time{}
	}
	w.page.limit = lines - 1 // for one more is asked
	query, args := r.pageSQL(w.page, hits{})
	rows, err := raw[models.Deployment](ctx, r, query, args...)
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		w.page.after = w.page.f.Sort.cursor(rows[len(rows)-1])
		if w.page.key, err = w.page.f.Sort.value(w.page.after.Key); err != nil {
			return err
		}
	}
	having, err := r.having(ctx, w, rows)
	if err != nil {
		return err
	}
	w.found, w.lines = append(w.found, having...), w.lines+len(rows)
	switch {
	case len(rows) == lines:
	case w.page.since.IsZero():
		w.end = true
	case len(w.found) < w.enough:
		w.since, w.rows = time.Time{}, w.enough+1
	default:
		w.recent = true
	}
	return nil
}

// further is how many lines a walk lets expect that it has to look at, and in any
// case so many that it need not begin anew very often where there are no more hits.
func (w *walk) further(e effort) int {
	switch {
	case w.lines < e.first && !w.since.IsZero():
		return e.first
	case len(w.found) == 0:
		return max(e.first+w.lines, 2*w.rows)
	}
	return max(e.first/4, w.lines/4, (w.rows-len(w.found))*w.lines*5/4/len(w.found))
}

// manyHave says whether more than so many deployments have all words of a text.
func (r Reader) manyHave(ctx context.Context, org, text string, few int) (bool, error) {
	found := 0
	w := sought{rows: few + 1, newest: true}
	_, err := r.narrowed(ctx, org, Filter{Text: text, Sort: SortCreated, Desc: true}, nil, w, func(h hits, _ int) (int, error) {
		var err error
		found, err = r.number(ctx, h.count(" LIMIT ?"), append(h.countArgs(), few+1))
		return found, err
	})
	return found > few, err
}

// walkedPage is a page of a search, found by [Reader.walk]. The next begins where
// the walk says: of its lines one may have been changed since.
func (r Reader) walkedPage(ctx context.Context, p listPage) (Listing, error) {
	w, ok, err := r.walk(ctx, r.newWalk(p, sought{rows: p.limit + 1}))
	if err != nil || !ok {
		return Listing{}, err
	}
	found, next, _ := cut(w.found, p.f.Sort, p.limit, nil)
	if !w.ended() {
		next = w.page.after
	}
	rows, err := r.filled(ctx, p, found)
	return Listing{rows, next, p.after.ID == "", w, placed{}}, err
}

// filled are the rows of a page of which only the ids are known, in their order.
func (r Reader) filled(ctx context.Context, p listPage, found []models.Deployment) ([]models.Deployment, error) {
	at := make(map[string]int, len(found))
	for i, d := range found {
		at[d.ID] = i
	}
	rows, err := inParts(deploymentIDs(found), func(part []string) ([]models.Deployment, error) {
		return raw[models.Deployment](ctx, r, "SELECT "+p.columns+" FROM deployments d WHERE d.org_id = ? AND d.id IN ?", p.org, evened(part))
	})
	slices.SortFunc(rows, func(a, b models.Deployment) int { return at[a.ID] - at[b.ID] })
	return rows, err
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
