package register

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"beforehand/internal/store"
	"beforehand/models"
)

// visitEnds is how long after somebody's last look at their first page their
// visit is over: who comes back later is told what happened meanwhile.
const visitEnds = 30 * time.Minute

// visitKept is how long after it was noted a look is noted again.
const visitKept = time.Minute

// Visit notes that somebody looks at their first page, and says since when they
// have not seen what happened: since the visit before this one ended. It is
// nobody else's to know, and not in the log.
func (r *Register) Visit(ctx context.Context, a models.Actor) (time.Time, error) {
	if err := r.keepsViews(a); err != nil {
		return time.Time{}, err
	}
	now := r.Now()
	v, err := r.store.Visit(ctx, a.OrgID, a.UserID)
	switch {
	case models.KindOf(err) == models.NotFound:
		v = store.Visit{OrgID: a.OrgID, UserID: a.UserID, BeforeAt: now}
	case err != nil:
		return now, err
	case now.Sub(v.LastAt) > visitEnds:
		v.BeforeAt = v.LastAt
	case now.Sub(v.LastAt) < visitKept:
		return v.BeforeAt, nil
	}
	v.LastAt = now
	return v.BeforeAt, r.store.Within(ctx, func(tx *store.Tx) error { return tx.NoteVisit(ctx, v) })
}

// Change is something that happened to a deployment.
type Change struct {
	Event
	Ref  string
	Name models.Text
}

// mostLooked is how many entries are looked through for changes.
const mostLooked = 500

// Changes are what happened since an instant to what the actor reads, newest
// first, as each deployment's own timeline would tell them; what they did
// themselves is not among it. more says that there is more than was looked at.
func (r *Register) Changes(ctx context.Context, a models.Actor, since time.Time, limit int) (changes []Change, more bool, err error) {
	return r.changes(ctx, a, 0, since, limit)
}

// NewsSince says whether the log holds, from a sequence number on, anything
// about what the actor reads that they may know of.
func (r *Register) NewsSince(ctx context.Context, a models.Actor, from int64) (bool, error) {
	found, _, err := r.changes(ctx, a, from, time.Time{}, 1)
	return len(found) > 0, err
}

func (r *Register) changes(ctx context.Context, a models.Actor, from int64, since time.Time, limit int) ([]Change, bool, error) {
	if err := r.keepsViews(a); err != nil {
		return nil, false, err
	}
	sees, err := r.sees(ctx, a)
	if err != nil {
		return nil, false, err
	}
	rows, err := r.store.ChangesFrom(ctx, a.OrgID, from, since, mostLooked)
	if err != nil {
		return nil, false, err
	}
	ids := []string{}
	for _, row := range rows {
		if !slices.Contains(ids, *row.DeploymentID) {
			ids = append(ids, *row.DeploymentID)
		}
	}
	readable, err := r.store.Readable(ctx, a.OrgID, sees, ids)
	if err != nil {
		return nil, false, err
	}
	out := []Change{}
	for _, row := range rows {
		d, ok := readable[*row.DeploymentID]
		if !ok {
			continue
		}
		h, err := readHappened(row)
		if err != nil {
			return nil, false, err
		}
		shows, err := timelineShows(a, h.Event)
		if err != nil {
			return nil, false, err
		}
		if h.actor == a.UserID || !shows {
			continue
		}
		if len(out) == limit {
			return out, true, nil
		}
		out = append(out, Change{Event: h.Event, Ref: d.Ref, Name: models.Text{En: d.NameEn, Cy: d.NameCy}})
	}
	return out, len(rows) == mostLooked, nil
}

// OpenWindow is a notice whose response window is running.
type OpenWindow struct {
	No    string
	Ref   string
	Name  models.Text
	Until models.Date
}

// OpenWindows are the notices whose response window is running: for somebody of
// a union those served on their union, for others all that they read; the one
// that ends first is the first.
func (r *Register) OpenWindows(ctx context.Context, a models.Actor) ([]OpenWindow, error) {
	if err := r.keepsViews(a); err != nil {
		return nil, err
	}
	sees, err := r.sees(ctx, a)
	if err != nil {
		return nil, err
	}
	rows, err := r.store.NoticesOpen(ctx, a.OrgID, sees, a.Unions(), r.Now().AddDate(-1, 0, 0), mostOpenNotices)
	if err != nil {
		return nil, err
	}
	out := []OpenWindow{}
	for _, n := range rows {
		var c models.NoticeContent
		if err := json.Unmarshal([]byte(n.Content), &c); err != nil {
			return nil, err
		}
		w := OpenWindow{No: n.No, Ref: c.Ref, Name: c.Name}
		for _, party := range c.Parties {
			if mine := a.Unions(); len(mine) > 0 && !slices.Contains(mine, party.UnionID) {
				continue
			}
			if _, end := window(c, party); end >= sees.On && end > w.Until {
				w.Until = end
			}
		}
		if w.Until != 0 {
			out = append(out, w)
		}
	}
	slices.SortStableFunc(out, func(a, b OpenWindow) int { return int(a.Until - b.Until) })
	return out, nil
}

// mostOpenNotices is how many notices are looked at for open windows.
const mostOpenNotices = 200

// WindowsClosing counts the response windows of unions, in all organisations,
// that end within some days from today, for each number of days asked.
func (r *Register) WindowsClosing(ctx context.Context, within ...int) (map[int]int, error) {
	rows, err := r.store.NoticesServedSince(ctx, r.Now().AddDate(0, 0, -longestWindow), mostNoticesCounted)
	if err != nil {
		return nil, err
	}
	out := map[int]int{}
	for _, row := range rows {
		var c models.NoticeContent
		if err := json.Unmarshal([]byte(row.Content), &c); err != nil {
			return nil, err
		}
		today := models.DateOf(r.Now(), models.Organisation{Zone: row.Zone}.Location())
		for _, party := range c.Parties {
			_, end := window(c, party)
			for _, days := range within {
				if end >= today && end <= today+models.Date(days) {
					out[days]++
				}
			}
		}
	}
	return out, nil
}

// longestWindow is how many days back a notice is looked for whose window might
// still be open, and mostNoticesCounted how many notices are read for a figure.
const (
	longestWindow      = 120
	mostNoticesCounted = 2_000
)

// LogSizes are the sizes of all logs, by organisation: a log that has grown
// holds something new, and nothing more is said of it here.
func (r *Register) LogSizes(ctx context.Context) (map[string]int64, error) {
	return r.store.LogSizes(ctx)
}

// LogSize is the size of one organisation's log.
func (r *Register) LogSize(ctx context.Context, org string) (int64, error) {
	return r.store.LedgerSize(ctx, org)
}
