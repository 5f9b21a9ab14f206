package store

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river/rivertype"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"beforehand/models"
)

// DSN is the address that a PostgreSQL store was opened with.
func (s *Store) DSN() string { return s.dsn }

// ReadsStandby says whether what may lag is read from the standby now.
func (s *Store) ReadsStandby() bool { return s.standby.usable() != nil }

// PlanOfPage is how the database would find a page of a list: it is kept from
// reading whole tables wherever there is another way.
func (s *Store) PlanOfPage(ctx context.Context, org string, f Filter, after Cursor, from, to time.Time) (string, error) {
	if f.Sort == "" {
		f.Sort = SortCreated
	}
	p := listPage{columns: lineColumns, org: org, f: f, after: after, limit: 50}
	if after.ID != "" {
		var err error
		if p.key, err = f.Sort.value(after.Key); err != nil {
			return "", err
		}
	}
	query, args := s.pageSQL(p, s.hits(org, f.Text, period{from, to}, true))
	return s.plan(ctx, query, args)
}

// PlansOfLooks is how PostgreSQL looks for a page of a search and its total, and counts
// as far as a limit: of its own choice, in a table that it knows, from a cursor or none.
func (s *Store) PlansOfLooks(ctx context.Context, org, text string, after Cursor) (plans []string, err error) {
	if err := s.Raw(ctx, "ANALYZE deployments_fts"); err != nil {
		return nil, err
	}
	p := listPage{columns: lineColumns, org: org, f: Filter{Text: text, Sort: SortCreated, Desc: true}, after: after, limit: 50}
	if after.ID != "" {
		if p.key, err = p.f.Sort.value(after.Key); err != nil {
			return nil, err
		}
	}
	h := s.hits(org, text, period{}, false)
	look, lookArgs := s.nearSQL(p, h)
	for query, args := range map[string][]any{look: lookArgs, h.count(" LIMIT ?"): append(h.countArgs(), CountCap+1)} {
		steps, err := raw[string](ctx, s.Reader, "EXPLAIN "+query, args...)
		if err != nil {
			return nil, err
		}
		plans = append(plans, strings.Join(steps, "\n"))
	}
	return plans, nil
}

// Remark marks what was added without an instant.
func (s *Store) Remark(ctx context.Context) error { return s.remark(ctx) }

// Covering are the days, months and years by whose marks PostgreSQL finds a time.
func Covering(from, to time.Time) (units []string) {
	for _, mark := range (Reader{postgres: true}).covering(period{from, to}) {
		units = append(units, mark[2:len(mark)-1])
	}
	return units
}

// PlanOfWalk is how the database would look for words among some deployments.
func (s *Store) PlanOfWalk(ctx context.Context, org, text string, lines []models.Deployment) (string, error) {
	query, args := s.havingSQL(org, wordsOf(text), lines)
	return s.plan(ctx, query, args)
}

// PlanOfLines is how the database would find the lines of a list that are looked at
// for words.
func (s *Store) PlanOfLines(ctx context.Context, org string, f Filter) (string, error) {
	query, args := s.pageSQL(s.newWalk(listPage{org: org, f: f, limit: 200}, sought{}).page, hits{})
	return s.plan(ctx, query, args)
}

// PlanOf is how the database would carry out a query.
func (s *Store) PlanOf(ctx context.Context, query string, args ...any) (string, error) {
	return s.plan(ctx, query, args)
}

// Asked are the statements that are asked of a reader.
func (s *Store) Asked(read func(Reader) error) (statements map[string]string, err error) {
	rd, asked := s.Reader, recorder{Interface: logger.Discard, asked: map[string]string{}}
	rd.db = rd.db.Session(&gorm.Session{Logger: asked})
	return asked.asked, read(rd)
}

// PlansOf is how the database would carry out each statement that is asked of a reader.
func (s *Store) PlansOf(ctx context.Context, read func(Reader) error) (map[string]string, error) {
	asked, err := s.Asked(read)
	if err != nil {
		return nil, err
	}
	for query := range asked {
		if asked[query], err = s.plan(ctx, query, nil); err != nil {
			return nil, err
		}
	}
	return asked, nil
}

// recorder keeps the statements that it is told of.
type recorder struct {
	logger.Interface
	asked map[string]string
}

// Trace keeps a statement.
func (r recorder) Trace(_ context.Context, _ time.Time, said func() (string, int64), _ error) {
	query, _ := said()
	r.asked[query] = ""
}

func (s *Store) plan(ctx context.Context, query string, args []any) (string, error) {
	if !s.postgres {
		var steps []struct{ Detail string }
		err := s.Reader.db.WithContext(ctx).Raw("EXPLAIN QUERY PLAN "+query, args...).Scan(&steps).Error
		out := ""
		for _, x := range steps {
			out += x.Detail + "\n"
		}
		return out, err
	}
	out := ""
	err := s.Within(ctx, func(t *Tx) error {
		if err := t.exec(ctx, "SET LOCAL enable_seqscan = off"); err != nil {
			return err
		}
		steps, err := raw[string](ctx, t.Reader, "EXPLAIN "+query, args...)
		out = strings.Join(steps, "\n")
		return err
	})
	return out, err
}

// PartsOfWords is how many parts SQLite's word index is in: the second number of
// its structure, https://www.sqlite.org/fts5.html#fts5_data_structures; 0 on
// PostgreSQL, whose index has none.
func (s *Store) PartsOfWords(ctx context.Context) (int, error) {
	if s.postgres {
		return 0, nil
	}
	rows, err := raw[[]byte](ctx, s.Reader, "SELECT block FROM deployments_fts_data WHERE id = 10")
	if err != nil {
		return 0, err
	}
	return int(rows[0][5]), nil // each is below 128, in a byte
}

// Setting is one of the PostgreSQL server's, for this store's connections.
func (s *Store) Setting(ctx context.Context, name string) (string, error) {
	rows, err := raw[string](ctx, s.Reader, "SELECT current_setting(?)", name)
	if err != nil {
		return "", err
	}
	return rows[0], nil
}

// LookNoFurther says how far a search goes down a list; of zeros, as usual.
func (s *Store) LookNoFurther(first, step, few, far int) {
	s.effort = effort{first: first, step: step, few: few, far: far}
}

// BeginFrom says of how many that have its words a search begins from these.
func (s *Store) BeginFrom(rare int) { s.effort.rare = rare }

// CountAmong says among how many deployments, registered last, a total is counted,
// and how many hits are enough beyond these.
func (s *Store) CountAmong(recent, enough int) {
	s.effort.recent, s.effort.enough = recent, enough
	s.effort.crowd, s.effort.common = usualEffort.crowd, usualEffort.common
}

// TakeForCommon says how many hits PostgreSQL expects of words that it does not look for
// in a time in which more than so many deployments were registered.
func (s *Store) TakeForCommon(crowd, hits int) { s.effort.crowd, s.effort.common = crowd, hits }

// StepsInVain are those of a walk that finds no more after its first lines.
func StepsInVain(found, wanted int) (steps int) {
	w := walk{lines: usualEffort.first, found: make([]models.Deployment, found), sought: sought{rows: wanted}}
	for ; w.lines < usualEffort.far; steps++ {
		w.lines += min(w.further(usualEffort), usualEffort.step)
	}
	return steps
}

// NextRetry is when a job is tried again after a failure.
func NextRetry(first time.Duration, j *rivertype.JobRow) time.Time {
	return backoff{first}.NextRetry(j)
}

// AfterPlaces does something, once, when SQLite has found the places of some words.
func (s *Store) AfterPlaces(do func()) error {
	once := sync.OnceFunc(do)
	return s.Reader.db.Callback().Row().After("gorm:row").Register("places", func(db *gorm.DB) {
		if strings.Contains(db.Statement.SQL.String(), "json_group_array") {
			once()
		}
	})
}
