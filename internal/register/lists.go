package register

import (
	"context"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"beforehand/internal/report"
	"beforehand/internal/store"
	"beforehand/models"
)

// DeploymentsAt is a page of the register as it was at the end of a day: which
// deployments there were that the actor reads today, with their stage, class,
// late mark and record of then. It can be narrowed by the first three.
func (r *Register) DeploymentsAt(ctx context.Context, a models.Actor, f store.Filter, on models.Date, p Page) ([]models.Deployment, string, store.Total, error) {
	f, at, err := r.askedAt(ctx, a, f, on)
	if err != nil {
		return nil, "", store.Total{}, err
	}
	rows, next, err := r.listedAt(ctx, a, f, at, p)
	if err != nil {
		return nil, "", store.Total{}, err
	}
	total, err := r.store.CountDeploymentsAt(ctx, a.OrgID, f, at.instant)
	return rows, next, total, err
}

// EachDeployment walks all that [Register.Deployments] lists, or, of a past
// day, [Register.DeploymentsAt]; a page at a time, with no transaction held.
func (r *Register) EachDeployment(ctx context.Context, a models.Actor, f store.Filter, on models.Date) (iter.Seq2[models.Deployment, error], error) {
	var at past
	var err error
	if on == 0 {
		f, err = r.asked(ctx, a, f)
	} else {
		f, at, err = r.askedAt(ctx, a, f, on)
	}
	if err != nil {
		return nil, err
	}
	page := func(after string) ([]models.Deployment, string, error) {
		if on == 0 {
			l, err := r.listed(ctx, a, f, Page{After: after, Limit: perExport})
			return l.Rows, l.Next.String(), err
		}
		return r.listedAt(ctx, a, f, at, Page{After: after, Limit: perExport})
	}
	return func(yield func(models.Deployment, error) bool) {
		for after, begun := "", false; !begun || after != ""; begun = true {
			rows, next, err := page(after)
			if err != nil {
				yield(models.Deployment{}, err)
				return
			}
			for _, d := range rows {
				if !yield(d, nil) {
					return
				}
			}
			after = next
		}
	}, nil
}

// WriteCSV writes rows of cells that no spreadsheet takes for a formula.
func WriteCSV(w io.Writer, rows iter.Seq2[[]string, error]) error { return report.RowsCSV(w, rows) }

// CountEach counts what each of several filters chooses, up to store.CountCap.
func (r *Register) CountEach(ctx context.Context, a models.Actor, filters []store.Filter) ([]store.Total, error) {
	out := make([]store.Total, len(filters))
	for i, f := range filters {
		f, err := r.asked(ctx, a, f)
		if err != nil {
			return nil, err
		}
		if out[i], err = r.store.CountDeployments(ctx, a.OrgID, f, false, store.Listing{}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// AreaNames are the names of the service areas named, or of all, for whoever
// reads a list of what is in them.
func (r *Register) AreaNames(ctx context.Context, a models.Actor, ids []string) (map[string]models.Text, error) {
	if _, err := r.sees(ctx, a); err != nil {
		return nil, err
	}
	all, err := r.store.ServiceAreas(ctx, a.OrgID)
	out := map[string]models.Text{}
	for _, s := range all {
		if ids == nil || slices.Contains(ids, s.ID) {
			out[s.ID] = models.Text{En: s.NameEn, Cy: s.NameCy}
		}
	}
	return out, err
}

// SavedView is a filter of the register that somebody gave a name.
type SavedView = store.SavedView

// mostViews is how many views somebody may keep, longestView how long one may be.
const (
	mostViews   = 30
	longestView = 2000
)

// keepsViews says whether somebody may keep views: a setting of their own, as
// what they hear of is, while they hold a role.
func (r *Register) keepsViews(a models.Actor) error {
	if err := r.check(a, "inbox.choose", selfOf(a)); err != nil {
		return err
	}
	if len(a.Grants) == 0 {
		return models.Fail(models.Forbidden, "forbidden").With("act", "inbox.choose")
	}
	return nil
}

// SavedViews are the actor's own, by name.
func (r *Register) SavedViews(ctx context.Context, a models.Actor) ([]SavedView, error) {
	if err := r.keepsViews(a); err != nil {
		return nil, err
	}
	return r.store.SavedViews(ctx, a.OrgID, a.UserID)
}

// SaveView keeps a filter under a name. It changes no state of the register and
// is not in the log.
func (r *Register) SaveView(ctx context.Context, a models.Actor, name, query string) (SavedView, error) {
	if err := r.keepsViews(a); err != nil {
		return SavedView{}, err
	}
	v := SavedView{OrgID: a.OrgID, ID: newID(), UserID: a.UserID, Name: strings.Join(strings.Fields(name), " "), Query: query, At: r.Now()}
	var f models.Faults
	if v.Name == "" {
		f.Add("name", "required")
	}
	models.CheckText(&f, "name", v.Name, 60)
	if n := utf8.RuneCountInString(query); n > longestView {
		f.Add("query", "too_long", "max", longestView, "length", n)
	}
	if err := f.Err(); err != nil {
		return v, err
	}
	return v, r.store.Within(ctx, func(tx *store.Tx) error {
		all, err := tx.SavedViews(ctx, a.OrgID, a.UserID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(o SavedView) bool { return o.Name == v.Name }) {
			return field("name", "duplicate", "value", v.Name)
		}
		if len(all) >= mostViews {
			return field("name", "too_many", "max", mostViews)
		}
		return tx.Add(ctx, &v)
	})
}

// RemoveView takes one of the actor's views away.
func (r *Register) RemoveView(ctx context.Context, a models.Actor, id string) error {
	if err := r.keepsViews(a); err != nil {
		return err
	}
	return r.store.Within(ctx, func(tx *store.Tx) error { return tx.RemoveView(ctx, a.OrgID, a.UserID, id) })
}
