package store

import (
	"context"
	"encoding/json"
)

// likely are about how many deployments of an organisation there are, and of all at most
// in a day, month or year, by its mark: those that PostgreSQL knows to be common words,
// from when the words were last analysed. Without that they are none.
type likely struct {
	all  float64
	with map[string]float64
}

// likely is asked of PostgreSQL's statistics, for which it looks at no deployment
// (https://www.postgresql.org/docs/current/view-pg-stats.html: of a text of words the
// most common elements are those, each with the share of rows that have it).
func (r Reader) likely(ctx context.Context, org string) (likely, error) {
	marks, err := raw[struct {
		Mark string
		Rows float64
	}](ctx, r, `SELECT e.mark, e.share * c.reltuples AS rows FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = 'words'
		CROSS JOIN LATERAL UNNEST(CAST(CAST(s.most_common_elems AS text) AS text[]), s.most_common_elem_freqs) AS e(mark, share)
		WHERE c.oid = CAST('deployments_fts' AS regclass) AND e.mark LIKE '=%'`)
	l := likely{with: make(map[string]float64, len(marks))}
	for _, m := range marks {
		l.with[m.Mark] = m.Rows
	}
	l.all = l.with[r.mark("o", org)]
	return l, err
}

// registeredIn is about how many deployments were registered in a period, at most.
func (r Reader) registeredIn(l likely, in period) (n float64) {
	if in == (period{}) {
		return l.all
	}
	for _, mark := range r.covering(in) {
		n += l.with[mark]
	}
	return min(n, l.all)
}

// expected is how many hits PostgreSQL expects.
func (r Reader) expected(ctx context.Context, h hits) (float64, error) {
	plans, err := raw[string](ctx, r, "EXPLAIN (FORMAT JSON) "+h.body, h.args...)
	if err != nil {
		return 0, err
	}
	var plan []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	if err := json.Unmarshal([]byte(plans[0]), &plan); err != nil || len(plan) == 0 {
		return 0, err
	}
	return plan[0].Plan.Rows, nil
}
