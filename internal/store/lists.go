package store

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"beforehand/models"
)

// CountCap is where a total stops being counted unless it is asked exactly.
const CountCap = 1000

// lineColumns are those of a line in a list: all but the record, which is long.
// It comes only with what keeps something from somebody.
const lineColumns = `d.org_id, d.id, d.ref, d.stage, d.audience, d.class, d.raised_to, d.raised_reason, d.late, d.late_reason, d.late_on, d.name_en, d.name_cy, d.service_area_id,
	d.use_family, d.ai_class, d.risk_level, d.review_due, d.go_live_planned, d.source, d.source_key, d.version, d.created_by, d.created_at, d.updated_at,
	CASE WHEN (SELECT 1 FROM deployment_withheld w WHERE w.org_id = d.org_id AND w.deployment_id = d.id LIMIT 1) IS NOT NULL THEN d.record ELSE '' END AS record`

// Deployments is a page of the register, with whole records, and the cursor of
// the next one.
func (r Reader) Deployments(ctx context.Context, org string, f Filter, after Cursor, limit int) ([]models.Deployment, Cursor, error) {
	return r.page(ctx, "d.*", org, f, after, limit)
}

// DeploymentLines is [Reader.Deployments] for a list. A deployment has its
// record only where something in it is withheld; elsewhere it is "".
func (r Reader) DeploymentLines(ctx context.Context, org string, f Filter, after Cursor, limit int) ([]models.Deployment, Cursor, error) {
	return r.page(ctx, lineColumns, org, f, after, limit)
}

func (r Reader) page(ctx context.Context, columns, org string, f Filter, after Cursor, limit int) ([]models.Deployment, Cursor, error) {
	if _, ok := sortColumns[f.Sort]; !ok {
		f.Sort = SortCreated
	}
	p := listPage{columns: columns, org: org, f: f, after: after, limit: limit}
	if after.ID != "" {
		var err error
		if p.key, err = f.Sort.value(after.Key); err != nil {
			return nil, Cursor{}, err
		}
	}
	var rows []models.Deployment
	err := r.narrowed(ctx, org, f, p.key, func(h hits) (bool, error) {
		sql, args := r.pageSQL(p, h)
		var err error
		rows, err = raw[models.Deployment](ctx, r, sql, args...)
		return len(rows) > limit, err
	})
	if err != nil || len(rows) <= limit {
		return rows, Cursor{}, err
	}
	last := rows[limit-1]
	return rows[:limit], Cursor{f.Sort.key(last), last.ID}, nil
}

// CountDeployments counts what a filter chooses, up to CountCap+1 unless exact.
func (r Reader) CountDeployments(ctx context.Context, org string, f Filter, exact bool) (int, error) {
	if exact {
		return r.counted(ctx, org, f, r.hits(org, f.Text), true)
	}
	var total int
	f.Sort, f.Desc = SortCreated, true
	err := r.narrowed(ctx, org, f, nil, func(h hits) (bool, error) {
		var err error
		total, err = r.counted(ctx, org, f, h, false)
		return total > CountCap, err
	})
	return total, err
}

// listPage is what a page of a list is asked for by.
type listPage struct {
	columns, org string
	f            Filter
	after        Cursor
	key          any // of the cursor, nil on the first page
	limit        int
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
		c := r.where(p.org, f)
		if f.Sort == SortReview {
			c.and("d.review_due IS NOT NULL")
			c.told(f.Sees, "dates")
		}
		if p.after.ID != "" {
			c.and(column+" "+beyond+"= ? AND ("+column+" "+beyond+" ? OR d.id "+beyond+" ?)", p.key, p.key, p.after.ID)
		}
		parts[i] = "SELECT " + p.columns + " FROM " + h.from() + " WHERE " + c.sql() + order
		args = append(append(args, c.args...), p.limit+1)
	}
	if len(parts) == 1 {
		return h.with + parts[0], args
	}
	return h.with + "SELECT * FROM (SELECT * FROM (" + strings.Join(parts, ") a UNION ALL SELECT * FROM (") + ") b) d" + order, append(args, p.limit+1)
}

func (r Reader) counted(ctx context.Context, org string, f Filter, h hits, exact bool) (int, error) {
	circles := f.Sees.circles()
	parts := make([]string, len(circles))
	args := slices.Clone(h.args)
	limit, most := "", []any{}
	if !exact {
		limit, most = " LIMIT ?", []any{CountCap + 1}
	}
	for i, circle := range circles {
		f := f
		f.Sees = circle
		c := r.where(org, f)
		parts[i] = "SELECT 1 FROM " + h.from() + " WHERE " + c.sql() + limit
		args = append(append(args, c.args...), most...)
	}
	all := parts[0]
	if len(parts) > 1 {
		all = "SELECT * FROM (" + strings.Join(parts, ") a UNION ALL SELECT * FROM (") + ") b" + limit
		args = append(args, most...)
	}
	n, err := raw[int](ctx, r, h.with+"SELECT COUNT(*) FROM ("+all+") c", args...)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// hits are what a search found, as a table to begin from; the zero value is
// that nothing is searched for.
type hits struct {
	with string
	args []any
}

func (h hits) from() string {
	if h.with == "" {
		return "deployments d"
	}
	return "hits h JOIN deployments d ON d.id = h.deployment_id"
}

// narrowed asks for a list. A search is tried in the newest days, months and
// years first, until what is asked says that it has enough: so it costs as much
// as what is shown, and not as much as there is. Each span is some ten times the
// last, so one that has not enough has little, and the next one little more.
func (r Reader) narrowed(ctx context.Context, org string, f Filter, key any, ask func(hits) (enough bool, err error)) error {
	if strings.TrimSpace(f.Text) != "" && f.Sort == SortCreated && f.Desc {
		from, ok := key.(time.Time)
		if !ok {
			newest, err := raw[models.Deployment](ctx, r, "SELECT created_at FROM deployments WHERE org_id = ? ORDER BY created_at DESC, id DESC LIMIT 1", org)
			if err != nil || len(newest) == 0 {
				return err
			}
			from = newest[0].CreatedAt
		}
		for _, s := range spans {
			at := from.UTC()
			if enough, err := ask(r.hits(org, f.Text, r.mark(s.kind, at.Format(s.layout)), r.mark(s.kind, s.before(at).Format(s.layout)))); enough || err != nil {
				return err
			}
		}
	}
	_, err := ask(r.hits(org, f.Text))
	return err
}

// hits asks for every word, as it stands or, of an English one, its stem; in
// one organisation and, when spans are given, in any of them.
func (r Reader) hits(org, text string, in ...string) hits {
	if strings.TrimSpace(text) == "" {
		return hits{}
	}
	const begin, end = "WITH hits AS MATERIALIZED (SELECT deployment_id FROM deployments_fts WHERE ", ") "
	words := slices.DeleteFunc(strings.Fields(strings.Map(searched, folded(text))), func(w string) bool {
		return !strings.ContainsFunc(w, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsNumber(c) })
	})
	if len(words) == 0 {
		return hits{with: begin + "1 = 0" + end} // nothing was asked for that a text could hold
	}
	if r.postgres {
		q, args := "words @@ (", []any{}
		for _, w := range words {
			// Word by word: of a whole text the English configuration leaves words out.
			q += "(plainto_tsquery('english', ?) || plainto_tsquery('simple', ?)) && "
			args = append(args, w, w)
		}
		marks := "'" + r.mark("o", org) + "'"
		if len(in) > 0 {
			marks += " & ('" + strings.Join(in, "' | '") + "')"
		}
		return hits{with: begin + q + "CAST(? AS tsquery)) AND org_id = ?" + end, args: append(args, marks, org)}
	}
	for i, w := range words {
		words[i] = `"` + strings.ReplaceAll(w, `"`, `""`) + `"`
	}
	match := "(body : (" + strings.Join(words, " ") + ")) AND (marks : " + r.mark("o", org) + ")"
	if len(in) > 0 {
		match += " AND (marks : (" + strings.Join(in, " OR ") + "))"
	}
	return hits{with: begin + "deployments_fts MATCH ? AND org_id = ?" + end, args: []any{match, org}}
}

// searched leaves of a text what a word may be made of: of anything else
// PostgreSQL's parser makes a tag or a symbol, and a query that asks nothing.
func searched(c rune) rune {
	if unicode.IsLetter(c) || unicode.IsNumber(c) || strings.ContainsRune("-._'’", c) {
		return c
	}
	return ' '
}
