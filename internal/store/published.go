package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"beforehand/models"
)

// Facet counts how many of what a filter chooses have one value.
type Facet struct {
	Column string
	Value  string
	Count  int
}

// Figures are those beside a list, and of how many deployments they are.
type Figures struct {
	By []Facet
	Of Total
}

// facetColumns are what a reader may narrow the register down by, and the field
// of a record that a column is made from, where it can be withheld.
var facetColumns = []struct{ column, field string }{
	{"stage", ""}, {"class", ""}, {"late", ""}, {"service_area_id", ""}, {"use_family", "useFamily"}, {"ai_class", "aiClass"}, {"risk_level", "riskLevel"},
}

// Facets count what a filter chooses by each column, the most frequent first: of
// those registered last, CountCap+1 of them at most and as far as a search looks
// (see [effort]), so that it costs no more the more there are. What is withheld from the reader is
// not counted by the column that it is in.
func (r Reader) Facets(ctx context.Context, org string, f Filter) (Figures, error) {
	f.Sort, f.Desc = SortCreated, true
	w, err := r.soughtInAll(ctx, org, f)
	if err != nil {
		return Figures{}, err
	}
	if r.walks(org, f) {
		walked, ok, err := r.walk(ctx, r.newWalk(listPage{org: org, f: f}, w))
		if err != nil {
			return Figures{}, err
		}
		if ok {
			t := walked.total()
			among := r.where(org, f)
			among.and("d.id IN ?", evened(deploymentIDs(walked.found[:t.Count])))
			by, err := r.facets(ctx, f, hits{}, among, CountCap)
			return Figures{by, t}, err
		}
		if !walked.many {
			w.since = time.Time{}
		}
	}
	var figures Figures
	recent, err := r.narrowed(ctx, org, f, nil, w, func(h hits, most int) (int, error) {
		by, err := r.facets(ctx, f, h, r.where(org, f), most)
		found := 0
		for _, x := range by {
			if x.Column == facetColumns[0].column {
				found += x.Count
			}
		}
		figures = Figures{by, Total{found, found >= most}}
		return found, err
	})
	figures.Of.More = figures.Of.More || recent
	return figures, err
}

func (r Reader) facets(ctx context.Context, f Filter, h hits, q *conditions, most int) ([]Facet, error) {
	args := slices.Clone(h.args)
	columns, parts := make([]string, len(facetColumns)), make([]string, len(facetColumns))
	for i, x := range facetColumns {
		value := "d." + x.column
		if x.column == "late" {
			value = "CASE WHEN d.late THEN 'yes' ELSE 'no' END"
		}
		told := &conditions{}
		told.told(f.Sees, x.field)
		if len(told.parts) > 0 {
			value = "CASE WHEN " + told.sql() + " THEN " + value + " END"
			args = append(args, told.args...)
		}
		columns[i] = value + " AS " + x.column
		parts[i] = "SELECT * FROM (SELECT '" + x.column + "' AS column, " + x.column + " AS value, COUNT(*) AS count FROM found WHERE " + x.column + " IS NOT NULL GROUP BY " + x.column + " ORDER BY 3 DESC, 2 LIMIT 50) f"
	}
	begin := "WITH "
	if h.body != "" {
		begin = h.with() + ", "
	}
	sql := begin + "found AS MATERIALIZED (SELECT " + strings.Join(columns, ", ") + " FROM " + h.from() + " WHERE " + q.sql() + " ORDER BY d.created_at DESC, d.id DESC LIMIT ?) " + strings.Join(parts, " UNION ALL ")
	return raw[Facet](ctx, r, sql, append(append(args, q.args...), most)...)
}

// Publication is what is known of a deployment's way into the open.
type Publication struct {
	DeploymentID string
	// At is when it was first to be read by everybody; Live when it first went live.
	At   *time.Time
	Live *time.Time
}

// Publications are those of the deployments named.
func (r Reader) Publications(ctx context.Context, org string, ids []string) (map[string]Publication, error) {
	rows, err := many[models.StageMove](ctx, r, "at", "org_id = ? AND deployment_id IN ? AND to_stage IN ?", org, ids, []string{"noticed", "live"})
	if err != nil {
		return nil, err
	}
	notices, err := many[models.Notice](ctx, r, "served_at", "org_id = ? AND deployment_id IN ?", org, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]Publication{}
	earliest := func(old *time.Time, at time.Time) *time.Time {
		if old == nil || at.Before(*old) {
			return &at
		}
		return old
	}
	for _, m := range rows {
		p := out[m.DeploymentID]
		if m.ToStage == models.StageLive {
			p.Live = earliest(p.Live, m.At)
		} else {
			p.At = earliest(p.At, m.At)
		}
		out[m.DeploymentID] = p
	}
	for _, n := range notices {
		p := out[n.DeploymentID]
		p.At = earliest(p.At, n.ServedAt)
		out[n.DeploymentID] = p
	}
	return out, nil
}

// ServedUnions are the abbreviations of the unions that were ever served a
// notice of each of the deployments named, sorted.
func (r Reader) ServedUnions(ctx context.Context, org string, ids []string) (map[string][]string, error) {
	type row struct{ DeploymentID, Abbreviation string }
	rows, err := raw[row](ctx, r, `SELECT DISTINCT n.deployment_id, u.abbreviation FROM notices n
		JOIN notice_recipients p ON p.org_id = n.org_id AND p.notice_id = n.id JOIN unions u ON u.org_id = p.org_id AND u.id = p.union_id
		WHERE n.org_id = ? AND n.deployment_id IN ? ORDER BY 1, 2`, org, ids)
	out := map[string][]string{}
	for _, x := range rows {
		out[x.DeploymentID] = append(out[x.DeploymentID], x.Abbreviation)
	}
	return out, err
}

// NoticesSince are the notices served since an instant of deployments that
// everybody may read, newest first.
func (r Reader) NoticesSince(ctx context.Context, org string, since time.Time, limit int) ([]models.Notice, error) {
	return limited[models.Notice](ctx, r, limit, "served_at DESC, id DESC",
		"org_id = ? AND served_at >= ? AND deployment_id IN (SELECT id FROM deployments WHERE org_id = ? AND audience = 'public')", org, since, org)
}

// VersionsFrom are the saves of a deployment from a number on, oldest first.
func (r Reader) VersionsFrom(ctx context.Context, org, deploymentID string, from, limit int) ([]models.Version, error) {
	return limited[models.Version](ctx, r, limit, "number", "org_id = ? AND deployment_id = ? AND number >= ?", org, deploymentID, from)
}

// OpenWork is what is left undone that everybody may know of.
type OpenWork struct {
	DeploymentID string
	Count        int
	Due          models.Date
}

// UnansweredByDeployment count the union comments that lack an answer, of what
// everybody may read, and the day of the oldest.
func (r Reader) UnansweredByDeployment(ctx context.Context, org string) ([]OpenWork, error) {
	return raw[OpenWork](ctx, r, `SELECT c.deployment_id, COUNT(*) AS count FROM comments c
		JOIN deployments d ON d.org_id = c.org_id AND d.id = c.deployment_id
		WHERE c.org_id = ? AND c.union_id IS NOT NULL AND d.audience <> 'employer'
		AND NOT EXISTS (SELECT 1 FROM dispositions x WHERE x.org_id = c.org_id AND x.comment_id = c.id)
		AND NOT EXISTS (SELECT 1 FROM comment_withdrawals x WHERE x.org_id = c.org_id AND x.comment_id = c.id)
		AND NOT EXISTS (SELECT 1 FROM comments k WHERE k.org_id = c.org_id AND k.corrects = c.id)
		GROUP BY c.deployment_id ORDER BY c.deployment_id LIMIT 200`, org)
}

// LateUnnoticed are deployments with a late mark of which no notice was served.
func (r Reader) LateUnnoticed(ctx context.Context, org string) ([]OpenWork, error) {
	return raw[OpenWork](ctx, r, `SELECT d.id AS deployment_id, d.late_on AS due FROM deployments d WHERE d.org_id = ? AND d.late
		AND d.stage NOT IN ('retired', 'withdrawn') AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.org_id = d.org_id AND n.deployment_id = d.id)
		ORDER BY d.late_on, d.ref LIMIT 200`, org)
}

// CancelledMeetings are the meetings about a deployment that the employer
// cancelled and offered none in the place of.
func (r Reader) CancelledMeetings(ctx context.Context, org string) ([]models.Meeting, error) {
	return limited[models.Meeting](ctx, r, 200, "starts_at, id",
		"org_id = ? AND status = 'cancelled' AND cancelled_by = 'employer' AND deployment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM meetings n WHERE n.org_id = meetings.org_id AND n.replaces = meetings.id)", org)
}
