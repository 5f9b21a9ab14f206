// Package seed makes up organisations with a history: deployments, notices,
// comments and all that belongs to them, as the register would have written
// them, in any number and the same every time. It is for measuring a register
// at sizes that nobody types in. The bulk writing is the store's.
package seed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"beforehand/internal/ledger"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// Size is how much is made. The same size and seed make the same rows, but for
// the instants, which go by Until.
type Size struct {
	Deployments   int
	Comments      int
	Organisations int
	// Light is how many per cent of the deployments are ideas of which little
	// is said; the others go on from there, with full records.
	Light int
	Seed  uint64
	// Until is the instant at which the made history ends.
	Until time.Time
}

// Check says what is wrong with a size.
func (s Size) Check() error {
	switch {
	case s.Deployments < 1 || s.Organisations < 1:
		return errors.New("make at least one organisation with one deployment")
	case s.Deployments < s.Organisations:
		return fmt.Errorf("%d deployments are too few for %d organisations", s.Deployments, s.Organisations)
	case s.Light < 0 || s.Light > 100:
		return fmt.Errorf("%d is no share in per cent", s.Light)
	case s.Comments < 0:
		return fmt.Errorf("%d is no number of comments", s.Comments)
	}
	return nil
}

// Slug is the short name of one of the organisations that a seed makes.
func Slug(seed uint64, organisation int) string {
	return fmt.Sprintf("seed-%d-%d", seed, organisation)
}

// Progress is how far the making has come.
type Progress struct {
	Deployments, Comments int
	Rows                  int64
}

const (
	// years is how long the made history is.
	years = 6
	// mostStretches is how many transactions an organisation is written in at
	// most. Each holds the whole lives of the deployments registered in it, which
	// end, as far as they have come, with it: the log is then in the order of time.
	mostStretches = 8
	// leastInStretch is how many deployments make a stretch of time worth it.
	leastInStretch = 15
	// tooLate is how many per cent of a stretch's deployments come too late in it
	// to be noticed.
	tooLate = 12
)

// Make writes the organisations into a database that has been migrated, and
// says from time to time how far it has come. An organisation that is there
// already is an error, and nothing is changed.
func Make(ctx context.Context, s *store.Store, profiles policy.Set, size Size, tell func(Progress)) error {
	if err := size.Check(); err != nil {
		return err
	}
	for k := range size.Organisations {
		slug := Slug(size.Seed, k+1)
		if _, err := s.OrganisationBySlug(ctx, slug); err == nil {
			return fmt.Errorf("the organisation %s is there already: choose another seed, or an empty database", slug)
		} else if models.KindOf(err) != models.NotFound {
			return err
		}
	}
	profile, err := profiles.Profile("wales-partnership")
	if err != nil {
		return err
	}
	m := &maker{size: size, bulk: s.Bulk(), profile: profile, metrics: map[string]models.Metric{}, tell: tell}
	for _, metric := range policy.Metrics() {
		m.metrics[metric.Key] = metric
	}
	for k := range size.Organisations {
		if err := m.organisation(ctx, k); err != nil {
			return fmt.Errorf("make %s: %w", Slug(size.Seed, k+1), err)
		}
	}
	return s.MergeWords(ctx)
}

// maker makes organisations one after the other.
type maker struct {
	size    Size
	bulk    *store.Bulk
	profile models.Profile
	metrics map[string]models.Metric
	tell    func(Progress)
	done    Progress
}

// share is how many of a number the organisation k has. The first has half, as
// one employer is larger than most.
func (m *maker) share(n, k int) int {
	rest := m.size.Organisations - 1
	first := n
	if rest > 0 {
		first = (n + 1) / 2
	}
	if k == 0 {
		return first
	}
	return (n-first)*k/rest - (n-first)*(k-1)/rest
}

func (m *maker) organisation(ctx context.Context, k int) (err error) {
	end := m.size.Until.UTC().Truncate(time.Microsecond)
	began := end.AddDate(-years, 0, 0)
	e := newEmployer(m, k, began)
	defer func() {
		if left := e.log.close(); err == nil {
			err = left
		}
	}()
	deployments, comments := m.share(m.size.Deployments, k), m.share(m.size.Comments, k)
	stretches := max(1, min(mostStretches, deployments/leastInStretch))
	at := func(i int) time.Time { return began.Add(end.Sub(began) * time.Duration(i) / time.Duration(stretches)) }
	for i := range stretches {
		n := deployments*(i+1)/stretches - deployments*i/stretches
		e.comments = comments*(i+1)/stretches - comments*i/stretches
		err := m.bulk.Within(ctx, func() error {
			if i == 0 {
				if err := e.found(ctx); err != nil {
					return err
				}
			}
			if err := e.stretch(ctx, at(i), at(i+1), n); err != nil {
				return err
			}
			e.saveCounters()
			return e.writeLog(ctx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stretch makes n deployments and what becomes of them in a stretch of time.
func (e *employer) stretch(ctx context.Context, from, to time.Time, n int) error {
	e.held, e.able = nil, n*(100-tooLate)*(100-e.m.size.Light)/10_000
	for j := range n {
		if err := e.deploy(ctx, from.Add(time.Duration(float64(to.Sub(from))*float64(j)/float64(n))), to); err != nil {
			return err
		}
	}
	if e.held == nil {
		return errors.New("a stretch of time without a notice")
	}
	return e.held.write(ctx, e.comments)
}

// act says one thing in the log.
func (e *employer) act(verb, subject, deployment, actor string, at time.Time, data map[string]any) error {
	sealed, err := ledger.Prepare(ledger.Entry{V: 1, Org: e.org.ID, At: at, Verb: verb, Subject: subject, Actor: actor, Data: data})
	if err != nil {
		return err
	}
	return e.log.add(act{at.UnixMicro(), verb, subject, deployment, sealed})
}

// writeLog writes the entries of a stretch in the order of time.
func (e *employer) writeLog(ctx context.Context) error {
	return e.log.each(func(a act) error {
		row := store.LedgerRow{OrgID: e.org.ID, At: a.instant(), Verb: a.verb, Subject: a.subject}
		if a.deployment != "" {
			row.DeploymentID = &a.deployment
		}
		return e.m.bulk.Append(ctx, row, a.sealed)
	})
}
