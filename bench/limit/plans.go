package main

import (
	"net/url"
	"strings"
	"time"
)

// plan is the two queries of a page: its rows and its total.
type plan struct {
	page, count         string
	pageArgs, countArgs []any
}

const inScope = `EXISTS (SELECT 1 FROM affected_groups g
	JOIN job_roles j ON j.org_id = g.org_id AND j.id = g.job_role_id
	JOIN recognitions n ON n.org_id = j.org_id AND n.bargaining_unit_id = j.bargaining_unit_id
	WHERE g.org_id = d.org_id AND g.deployment_id = d.id AND n.union_id = ? AND n.from_date <= ? AND (n.to_date IS NULL OR n.to_date >= ?))`

// search is one query, which finds the words once, for the page and for its
// total: in the last column.
func (l *limit) search(a asker, words, where []string, args []any, rows int) plan {
	hits, found := "SELECT deployment_id FROM deployments_fts WHERE org_id = ?", []any{a.org}
	if l.db.postgres() {
		for _, w := range words {
			hits += " AND (words @@ plainto_tsquery('english', ?) OR words @@ plainto_tsquery('simple', ?))"
			found = append(found, w, w)
		}
	} else {
		hits += " AND deployments_fts MATCH ?"
		found = append(found, "body : (\""+strings.Join(words, "\" \"")+"\")")
	}
	from := " FROM hits h JOIN deployments d ON d.org_id = ? AND d.id = h.deployment_id WHERE " + strings.Join(where, " AND ")
	all := append(append(found, a.org), args...)
	return plan{
		page:     "WITH hits AS MATERIALIZED (" + hits + "), n AS (SELECT COUNT(*) AS total FROM (SELECT 1 FROM hits LIMIT 1001) c) SELECT " + lineColumns + ", (SELECT total FROM n)" + from + " ORDER BY d.created_at DESC, d.id DESC LIMIT ?",
		pageArgs: append(all, rows),
	}
}

// plan chooses the queries. What a union's officer sees is the union of two
// parts, each of which an index has in the order of the page.
func (l *limit) plan(a asker, q url.Values, rows int) plan {
	where, args := []string{"d.org_id = ?"}, []any{a.org}
	and := func(part string, values ...any) {
		where, args = append(where, part), append(args, values...)
	}
	for _, eq := range [][2]string{{"stage", "stage"}, {"riskLevel", "risk_level"}} {
		if v := q.Get(eq[0]); v != "" {
			and("d."+eq[1]+" = ?", v)
		}
	}
	counted, countArgs := strings.Join(where, " AND "), args
	if at, id := cursor(q); id != "" {
		and("(d.created_at, d.id) < (?, ?)", at, id)
	}
	if s := searched(q); s != "" {
		return l.search(a, strings.Fields(s), where, args, rows)
	}
	paged, limit := strings.Join(where, " AND "), ""
	if q.Get("total") != "exact" {
		limit = " LIMIT 1001"
	}
	order := " ORDER BY created_at DESC, id DESC LIMIT ?"
	if len(a.unions) == 0 {
		return plan{
			"SELECT " + lineColumns + " FROM deployments d WHERE " + paged + order, "SELECT COUNT(*) FROM (SELECT 1 FROM deployments d WHERE " + counted + limit + ") c",
			append(args[:len(args):len(args)], rows), countArgs,
		}
	}
	today := time.Now().UTC().Format(time.DateOnly)
	scope := []any{a.unions[0], today, today}
	part := func(audience, also string) string {
		return "SELECT * FROM (SELECT " + lineColumns + " FROM deployments d WHERE d.audience = '" + audience + "' AND " + paged + also + order + ") AS part_" + audience
	}
	count := func(audience, also string) string {
		return "SELECT 1 FROM deployments d WHERE d.audience = '" + audience + "' AND " + counted + also
	}
	p := plan{
		page:  part("public", "") + " UNION ALL " + part("parties", " AND "+inScope) + order,
		count: "SELECT COUNT(*) FROM (" + count("public", "") + " UNION ALL " + count("parties", " AND "+inScope) + limit + ") c",
	}
	p.pageArgs = append(append(append(append(append(p.pageArgs, args...), rows), args...), scope...), rows, rows)
	p.countArgs = append(append(append(p.countArgs, countArgs...), countArgs...), scope...)
	return p
}
