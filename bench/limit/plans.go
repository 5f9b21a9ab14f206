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
	if s := searched(q); s != "" {
		if l.db.postgres() {
			for _, w := range strings.Fields(s) {
				and("d.id IN (SELECT deployment_id FROM deployments_fts WHERE org_id = ? AND (words @@ plainto_tsquery('english', ?) OR words @@ plainto_tsquery('simple', ?)))", a.org, w, w)
			}
		} else {
			and("d.id IN (SELECT deployment_id FROM deployments_fts WHERE deployments_fts MATCH ? AND org_id = ?)", "body : ("+`"`+strings.Join(strings.Fields(s), `" "`)+`"`+")", a.org)
		}
	}
	counted, countArgs := strings.Join(where, " AND "), args
	if at, id := cursor(q); id != "" {
		and("(d.created_at, d.id) < (?, ?)", at, id)
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
