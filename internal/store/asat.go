package store

import (
	"context"
	"time"

	"beforehand/models"
)

// Then is a deployment as it was at the end of a day: its newest save by then,
// and its record as it is now, which says what is withheld.
type Then struct {
	OrgID     string
	ID        string
	Ref       string
	CreatedAt time.Time
	Stage     models.Stage
	Class     models.ChangeClass
	Late      bool
	Record    string
	Number    int
	At        time.Time
	Now       string
}

// thenSQL joins each deployment with its newest save by an instant.
const thenSQL = `FROM deployments d JOIN deployment_versions v ON v.org_id = d.org_id AND v.deployment_id = d.id AND v.number =
	(SELECT w.number FROM deployment_versions w WHERE w.org_id = d.org_id AND w.deployment_id = d.id AND w.at <= ? ORDER BY w.at DESC, w.number DESC LIMIT 1)`

// DeploymentsAt is a page of the register as it was at an instant, those
// registered last first, and the cursor of the next one. It is narrowed by what
// a save says of itself: stage, class and late mark.
func (r Reader) DeploymentsAt(ctx context.Context, org string, f Filter, at time.Time, after Cursor, limit int) ([]Then, Cursor, error) {
	c := thenWhere(org, f, at)
	if after.ID != "" {
		v, err := SortCreated.value(after.Key)
		if err != nil {
			return nil, Cursor{}, err
		}
		c.and("(d.created_at < ? OR d.created_at = ? AND d.id < ?)", v, v, after.ID)
	}
	rows, err := raw[Then](ctx, r, `SELECT d.org_id, d.id, d.ref, d.created_at, v.stage, v.class, v.late, v.record, v.number, v.at, d.record AS now `+thenSQL+
		" WHERE "+c.sql()+" ORDER BY d.created_at DESC, d.id DESC LIMIT ?", append(append([]any{at}, c.args...), limit+1)...)
	if err != nil || len(rows) <= limit {
		return rows, Cursor{}, err
	}
	last := rows[limit-1]
	return rows[:limit], Cursor{last.CreatedAt.UTC().Format(time.RFC3339Nano), last.ID}, nil
}

// CountDeploymentsAt counts what [Reader.DeploymentsAt] lists, up to CountCap.
func (r Reader) CountDeploymentsAt(ctx context.Context, org string, f Filter, at time.Time) (Total, error) {
	c := thenWhere(org, f, at)
	n, err := raw[int](ctx, r, "SELECT COUNT(*) FROM (SELECT 1 "+thenSQL+" WHERE "+c.sql()+" LIMIT ?) n", append(append([]any{at}, c.args...), CountCap+1)...)
	if err != nil {
		return Total{}, err
	}
	return upTo(n[0], CountCap), nil
}

func thenWhere(org string, f Filter, at time.Time) *conditions {
	c := &conditions{}
	c.and("d.org_id = ? AND d.created_at <= ?", org, at)
	c.sees(f.Sees)
	c.saves(f.Sees)
	if f.Sees.Under != "" {
		c.and("d.service_area_id IN (SELECT id FROM service_areas WHERE org_id = ? AND path LIKE ?)", org, f.Sees.Under+"%")
	}
	for _, eq := range []struct{ column, value string }{{"stage", string(f.Stage)}, {"class", string(f.Class)}} {
		if eq.value != "" {
			c.and("v."+eq.column+" = ?", eq.value)
		}
	}
	if f.Late != nil {
		c.and("v.late = ?", *f.Late)
	}
	return c
}

// saves leaves out what was the employer's own when it was saved, or the
// parties', for a reader who reads neither: that a deployment is public now
// does not open what was saved of it before.
func (c *conditions) saves(s Sees) {
	if s.Whole {
		return
	}
	c.and("NOT (v.stage = 'idea' AND NOT v.late)")
	switch {
	case s.All, s.Parties:
	case len(s.Unions) > 0:
		c.and("(NOT (v.stage = 'formative' AND NOT v.late) OR "+inScopeOf+")", s.Unions, s.On, s.On, s.Unions, s.Unions)
	default:
		c.and("NOT (v.stage = 'formative' AND NOT v.late)")
	}
}
