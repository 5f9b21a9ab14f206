package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"beforehand/models"
)

// lineColumns are those of a line in a list: all but the record, which is long.
// It comes only with what keeps something from somebody.
const lineColumns = `d.org_id, d.id, d.ref, d.stage, d.audience, d.class, d.raised_to, d.raised_reason, d.late, d.late_reason, d.late_on, d.name_en, d.name_cy, d.service_area_id,
	d.use_family, d.ai_class, d.risk_level, d.review_due, d.go_live_planned, d.source, d.source_key, d.version, d.created_by, d.created_at, d.updated_at,
	CASE WHEN (SELECT 1 FROM deployment_withheld w WHERE w.org_id = d.org_id AND w.deployment_id = d.id LIMIT 1) IS NOT NULL THEN d.record ELSE '' END AS record`

// Deployments is a page of the register, with whole records, and the cursor of
// the next one. A page of a search may be short, even empty, and have a next one:
// see [effort].
func (r Reader) Deployments(ctx context.Context, org string, f Filter, after Cursor, limit int) ([]models.Deployment, Cursor, error) {
	l, err := r.page(ctx, "d.*", org, f, after, limit)
	return l.Rows, l.Next, err
}

// Listing is a page of the register, and what was found out about the rest of it.
type Listing struct {
	Rows  []models.Deployment
	Next  Cursor
	first bool  // nothing is listed before it
	walk  *walk // by which it was found; nil where it was not
	hits  placed
}

// DeploymentLines is [Reader.Deployments] for a list. A deployment has its
// record only where something in it is withheld; elsewhere it is "".
func (r Reader) DeploymentLines(ctx context.Context, org string, f Filter, after Cursor, limit int) (Listing, error) {
	return r.page(ctx, lineColumns, org, f, after, limit)
}

func (r Reader) page(ctx context.Context, columns, org string, f Filter, after Cursor, limit int) (Listing, error) {
	if _, ok := sortColumns[f.Sort]; !ok {
		f.Sort = SortCreated
	}
	p := listPage{columns: columns, org: org, f: f, after: after, limit: limit}
	if after.ID != "" {
		var err error
		if p.key, err = f.Sort.value(after.Key); err != nil {
			return Listing{}, err
		}
	}
	asked := p
	walks := r.walks(org, f)
	if walks {
		l, err := r.walkedPage(ctx, p)
		if err != nil || l.walk != nil {
			return l, err
		}
		asked.columns = r.keyOf(f.Sort) // much that has the words may not be on the page
	}
	pageSQL, w := r.pageSQL, sought{rows: limit + 1, newest: r.wordsAlone(org, f)}
	if w.newest {
		pageSQL = r.wordsSQL
	}
	var rows []models.Deployment
	var known placed
	var ok bool
	var err error
	if w.newest && r.postgres {
		rows, known, ok, err = r.nearRows(ctx, p)
	}
	if err == nil && !ok {
		_, err = r.narrowed(ctx, org, f, p.key, w, func(h hits, _ int) (int, error) {
			asked, lines, err := asked, 0, error(nil)
			if w.newest && h.match != "" {
				if asked.places, known, err = r.places(ctx, asked, h); err != nil {
					return 0, err
				}
				asked.places, lines = asked.onPage(asked.places)
			}
			read := func() {
				sql, args := pageSQL(asked, h)
				rows, err = raw[models.Deployment](ctx, r, sql, args...)
			}
			if read(); err == nil && len(rows) < lines { // meanwhile one was saved, and has another place
				asked.places, known = nil, placed{}
				read()
			}
			return len(rows), err
		})
	}
	rows, next, err := cut(rows, f.Sort, limit, err)
	if walks && err == nil {
		rows, err = r.filled(ctx, p, rows)
	}
	return Listing{rows, next, after.ID == "", nil, known}, err
}

// cut leaves of the rows of a page, of which one more was asked for, those of
// the page, and says where the next begins.
func cut(rows []models.Deployment, sort Sort, limit int, err error) ([]models.Deployment, Cursor, error) {
	if err != nil || len(rows) <= limit {
		return rows, Cursor{}, err
	}
	return rows[:limit], sort.cursor(rows[limit-1]), nil
}

// listPage is what a page of a list is asked for by.
type listPage struct {
	columns, org string
	f            Filter
	after        Cursor
	key          any // of the cursor, nil on the first page
	limit        int
	since        time.Time // where older ones are left out
	places       []int64   // of what has the words and may be on the page, where SQLite knows them; nil when it does not
}

// wordsAlone says whether a list is of all that has some words, the last
// registered first: then the words' own table has all that is asked but the lines.
func (r Reader) wordsAlone(org string, f Filter) bool {
	return strings.TrimSpace(f.Text) != "" && f.Sort == SortCreated && f.Desc && len(f.Sees.circles()) == 1 && len(r.where(org, f).parts) == 1
}

// wordsSQL is pageSQL for wordsAlone: it reads the deployments of the page only.
func (r Reader) wordsSQL(p listPage, h hits) (query string, args []any) {
	newest := "SELECT * FROM (" + h.body + ") f"
	args = slices.Clone(h.args)
	if h.match != "" {
		newest, args = r.newestPlaces(p, h)
	}
	if r.postgres {
		if p.after.ID != "" {
			newest += " WHERE created_at <= ? AND (created_at < ? OR deployment_id < ?)"
			args = append(args, p.key, p.key, p.after.ID)
		}
		newest, args = newest+" ORDER BY created_at DESC, deployment_id DESC LIMIT ?", append(args, p.limit+1)
	}
	query = "SELECT " + p.columns + " FROM (" + newest + ") h " + h.join + " deployments d ON d.org_id = ? AND d.id = h.deployment_id"
	args = append(args, p.org)
	if p.after.ID != "" {
		query, args = query+" WHERE d.created_at <= ? AND (d.created_at < ? OR d.id < ?)", append(args, p.key, p.key, p.after.ID)
	}
	return query + " ORDER BY d.created_at DESC, d.id DESC LIMIT ?", append(args, p.limit+1)
}

func (r Reader) pageSQL(p listPage, h hits) (query string, args []any) {
	column, direction, beyond := sortColumns[p.f.Sort], "", ">"
	if p.f.Desc {
		direction, beyond = " DESC", "<"
	}
	order := " ORDER BY " + column + direction + ", d.id" + direction + " LIMIT ?"
	circles := p.f.Sees.circles()
	parts := make([]string, len(circles))
	args = slices.Clone(h.args)
	for i, circle := range circles {
		f := p.f
		f.Sees = circle
		c := r.listed(p.org, f)
		if !p.since.IsZero() {
			c.and("d.created_at >= ?", p.since)
		}
		if p.after.ID != "" {
			c.and(column+" "+beyond+"= ? AND ("+column+" "+beyond+" ? OR d.id "+beyond+" ?)", p.key, p.key, p.after.ID)
		}
		parts[i] = "SELECT " + p.columns + " FROM " + h.from() + " WHERE " + c.sql() + order
		args = append(append(args, c.args...), p.limit+1)
	}
	if len(parts) == 1 {
		return h.with() + parts[0], args
	}
	return h.with() + "SELECT * FROM (SELECT * FROM (" + strings.Join(parts, ") a UNION ALL SELECT * FROM (") + ") b) d" + order, append(args, p.limit+1)
}

// listed are the conditions of a list and of its total: what has no date of
// review, or none that the reader may know, is in no list by it.
func (r Reader) listed(org string, f Filter) *conditions {
	c := r.where(org, f)
	if f.Sort == SortReview {
		c.and("d.review_due IS NOT NULL")
		c.told(f.Sees, "dates")
	}
	return c
}

// hits are what a search finds, as a query; the zero value is that nothing is
// searched for.
type hits struct {
	body string
	args []any
	// blind is the same, for a statement that ends when it has so many: of common
	// words PostgreSQL would else read its table from the oldest on until it had them,
	// though all that has them may be new. It cannot tell here how common they are.
	blind string
	// join begins from the hits in any case: SQLite may otherwise walk all
	// deployments in order until it has met enough hits.
	join string
	// match is the words alone, where SQLite may look for the newest by them: all
	// that has them is of one organisation.
	match string
	since time.Time // with match, where older ones are left out
}

// registered are those of an instant and later, where they are found by a match.
func (h hits) registered(since time.Time) hits {
	h.since = since
	return h
}

// with begins a query that reads the hits as a table.
func (h hits) with() string {
	if h.body == "" {
		return ""
	}
	return "WITH hits AS MATERIALIZED (" + h.body + ") "
}

// count counts them, or as many as a limit says.
func (h hits) count(limit string) string {
	if h.match != "" { // SQLite reads no rows for it
		return "SELECT COUNT(*) FROM (SELECT rowid FROM deployments_fts WHERE deployments_fts MATCH ? AND rowid >= ?" + limit + ") c"
	}
	if limit != "" {
		return "SELECT COUNT(*) FROM (" + cmp.Or(h.blind, h.body) + limit + ") c"
	}
	return "SELECT COUNT(*) FROM (" + h.body + ") c"
}

func (h hits) countArgs() []any {
	if h.match != "" {
		return []any{h.match, secondPlace(h.since)}
	}
	return slices.Clone(h.args)
}

func (h hits) from() string {
	if h.body == "" {
		return "deployments d"
	}
	return "hits h " + h.join + " deployments d ON d.id = h.deployment_id"
}

// hits asks for every word, as it stands or, of an English one, its stem; in
// one organisation, of perhaps several, and of what was registered in a period
// or a little around it.
func (r Reader) hits(org, text string, in period, several bool) hits {
	if strings.TrimSpace(text) == "" {
		return hits{}
	}
	begin := "SELECT deployment_id FROM deployments_fts WHERE "
	if r.postgres {
		begin = "SELECT deployment_id, created_at FROM deployments_fts WHERE "
	}
	words := wordsOf(text)
	if len(words) == 0 {
		return hits{body: begin + "1 = 0", blind: begin + "1 = 0", join: "JOIN"} // nothing was asked for that a text could hold
	}
	if r.postgres {
		has, args := r.hasWords(org, words)
		narrowed := ""
		if several {
			narrowed, args = narrowed+" AND words @@ CAST(? AS tsquery)", append(args, "'"+r.mark("o", org)+"'")
		}
		if in != (period{}) {
			narrowed, args = narrowed+" AND words @@ CAST(? AS tsquery)", append(args, "'"+strings.Join(r.covering(in), "' | '")+"'")
		}
		narrowed += " AND org_id = ?"
		blind := every(len(words), "words @@ (SELECT "+asWord+")")
		return hits{body: begin + has + narrowed, blind: begin + blind + narrowed, args: append(args, org), join: "JOIN"}
	}
	match := matching(words)
	h := hits{join: "CROSS JOIN", body: begin + "deployments_fts MATCH ? AND org_id = ?", args: []any{match, org}}
	if !several && in == (period{}) {
		h.match = match
	}
	if in != (period{}) {
		h.body += " AND rowid >= ? AND rowid < ?"
		h.args = append(h.args, secondPlace(in.from), secondPlace(in.to.Add(time.Second)))
	}
	// From the newest back, or it would read its way there from the oldest.
	h.body += " ORDER BY rowid DESC"
	return h
}

// wordsOf are the words that a search asks for.
func wordsOf(text string) []string {
	words := strings.Fields(strings.Map(searched, folded(text)))
	slices.Sort(words) // each is looked for once
	return slices.DeleteFunc(slices.Compact(words), func(w string) bool {
		return !strings.ContainsFunc(w, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsNumber(c) })
	})
}

// hasWords holds in PostgreSQL of what has every word. It asks word by word: the
// English configuration leaves some out. What it leaves in, it finds wherever the
// word itself stands; a word of which nothing is left, everywhere. Each is a
// condition of its own, for the index goes from what has one to the next that may
// have all, and through what has the rarest of them where they are one query.
func (r Reader) hasWords(org string, words []string) (condition string, args []any) {
	for _, w := range words {
		args = append(args, w, w, w, w, "'"+r.mark("o", org)+"'")
	}
	return every(len(words), "words @@ "+asWord), args
}

// asWord is what PostgreSQL looks for: see [Reader.hasWords].
const asWord = `CASE WHEN numnode(plainto_tsquery('english', ?)) > 0 THEN plainto_tsquery('english', ?)
			WHEN numnode(plainto_tsquery('simple', ?)) > 0 THEN plainto_tsquery('simple', ?) ELSE CAST(? AS tsquery) END`

// every is a condition so many times, for the arguments of each.
func every(n int, condition string) string {
	return strings.Join(slices.Repeat([]string{condition}, n), " AND ")
}

// matching asks SQLite for every word.
func matching(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + strings.ReplaceAll(w, `"`, `""`) + `"`
	}
	return "body : (" + strings.Join(quoted, " ") + ")"
}

// searched leaves of a text what a word may be made of: of anything else
// PostgreSQL's parser makes a tag or a symbol, and a query that asks nothing.
func searched(c rune) rune {
	if unicode.IsLetter(c) || unicode.IsNumber(c) || strings.ContainsRune("-._'’", c) {
		return c
	}
	return ' '
}
