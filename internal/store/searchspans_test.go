package store_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"beforehand/internal/seed"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
)

// A time is covered by its days, and by the months and years that are whole in it.
func TestATimeIsCoveredToTheDay(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ from, to, want string }{
		{"2026-03-01 10:00", "2026-03-01 10:00", "20260301"},
		{"2026-03-30 23:59", "2026-04-02 00:00", "20260330 20260331 20260401 20260402"},
		{"2026-02-01 00:00", "2026-02-28 00:00", "202602"},
		{"2025-12-31 12:00", "2027-02-01 12:00", "20251231 2026 202701 20270201"},
		{"2024-02-29 00:00", "2024-04-01 00:00", "20240229 202403 20240401"},
	} {
		from, to := instantOf(t, x.from), instantOf(t, x.to)
		if got := strings.Join(store.Covering(from, to), " "); got != x.want {
			t.Errorf("from %s to %s: %s", x.from, x.to, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		from := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "from"), 0).UTC()
		to := from.Add(time.Duration(rapid.Int64Range(0, 4e8).Draw(t, "seconds")) * time.Second)
		marks := store.Covering(from, to)
		if most := to.Year() - from.Year() + 82; len(marks) > most {
			t.Fatal(len(marks), "marks")
		}
		next := from.Format("20060102")
		for _, m := range marks { // one after the other, without a gap
			first, after, err := spanOf(m)
			if err != nil || first.Format("20060102") != next {
				t.Fatal(m, next, err)
			}
			next = after.Format("20060102")
		}
		if want := to.AddDate(0, 0, 1).Format("20060102"); next != want {
			t.Fatal("ends before", next, "and not", want)
		}
	})
}

// What many old deployments have, and none or few of the recent ones, is found from the
// newest back, in a day that has too many as well.
func TestASearchGoesBackToWhatIsOld(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		const deployments = 2*store.CountCap + 700
		org := seeded(t, s, deployments)
		f := store.Filter{Sees: store.Sees{All: true, Parties: true, Whole: true}, Sort: store.SortCreated, Desc: true}
		all, err := paged(t, s, org.ID, f, 200)
		if err != nil || len(all) != deployments {
			t.Fatal(len(all), err)
		}
		const day, inDay = 600, store.CountCap + 300
		for n, x := range []struct {
			what string
			has  func(i int) bool // of the deployments, the last registered first
			down int              // lines of a crowded day
			// Above 0 so many are common, of a crowd of twice as many.
			common int
		}{
			{"none of the recent", func(i int) bool { return i >= 900 }, 0, 150},
			{"some of the recent", func(i int) bool { return i%40 == 7 && i < 500 || i >= 1500 }, 0, 0},
			{"few, and many older", func(i int) bool { return i >= 300 && i < 340 || i >= 700 }, 0, 150},
			{"all but the recent 60", func(i int) bool { return i >= 60 }, 0, 0},
			{"many of an old day", func(i int) bool { return i >= day && i < day+inDay }, 20, 0},
			{"many of an old day, some later and older ones", func(i int) bool { return i%50 == 7 || i >= day }, 200, 0},
			{"nearly too many of a day, and older ones", func(i int) bool { return i >= day && (i < day+store.CountCap-5 || i >= day+inDay) }, 200, 150},
		} {
			what := x.what
			if what == "many of an old day" && s.Engine() == "postgres" { // and later
				inOneDay(t, s, org.ID, all[day:day+inDay], time.Date(2024, 6, 3, 12, 0, 0, 0, time.UTC))
			}
			marked(t, s, all, x.has)
			f.Text = "gorwel"
			s.LookNoFurther(0, 0, 0, 0)
			want, err := paged(t, s, org.ID, f, 200) // all are recent
			if err != nil || len(want) < store.CountCap {
				t.Fatal(what, len(want), err)
			}
			limit := 200
			if strings.Contains(what, "day") {
				limit = 50
			}
			s.LookNoFurther(0, x.down, 0, 0)
			s.CountAmong(100+n, 15) // what is remembered is of another number
			most := int64(25)
			if x.common > 0 && s.Engine() == "postgres" { // and it is asked what it expects, each time
				if err := s.Raw(t.Context(), "ANALYZE deployments_fts"); err != nil {
					t.Fatal(err)
				}
				s.TakeForCommon(2*x.common, x.common)
				most *= 2
			}
			got, pages, l := []string{}, 0, store.Listing{}
			for after := (store.Cursor{}); pages == 0 || after.ID != ""; pages++ {
				if l, err = s.DeploymentLines(t.Context(), org.ID, f, after, limit); err != nil {
					t.Fatal(what, err)
				}
				for _, d := range l.Rows {
					got = append(got, d.ID)
				}
				after = l.Next
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %d at once: %d of %d found, or in another order", what, limit, len(got), len(want))
			}
			for _, key := range []string{"0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1999-01-01T00:00:00Z"} {
				if l, err = s.DeploymentLines(t.Context(), org.ID, f, store.Cursor{Key: key, ID: "z"}, limit); err != nil || len(l.Rows) > 0 {
					t.Errorf("%s: %d lines after %s, %v", what, len(l.Rows), key, err)
				}
			}
			ctx, sent := store.Counted(t.Context())
			if l, err = s.DeploymentLines(ctx, org.ID, f, store.Cursor{}, limit); err != nil || len(l.Rows) != limit || sent() > most {
				t.Errorf("%s: %d statements for %d lines, %v", what, sent(), len(l.Rows), err)
			}
			if s.Engine() == "postgres" && strings.HasPrefix(what, "many of an old day") {
				since := []string{"'=t202406040"}
				if x.down < limit { // those of that day are not found going down
					since = append(since, "'=t202406030")
				}
				readsSince(t, s, org.ID, f, since...)
			}
			s.LookNoFurther(0, 0, 0, 0)
		}
	})
}

// readsSince wants all hits of a page read since some days, each time until the one before.
func readsSince(t *testing.T, s *store.Store, org string, f store.Filter, days ...string) {
	t.Helper()
	asked, err := s.Asked(func(r store.Reader) error {
		_, err := r.DeploymentLines(t.Context(), org, f, store.Cursor{}, 50)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var since []string
	for statement := range asked {
		marks := timeMark.FindAllString(statement, -1)
		if len(marks) > 0 && findsByWords(statement) && !strings.Contains(statement, fmt.Sprint("LIMIT ", store.CountCap+1)) {
			since = append(since, marks[0])
		}
	}
	slices.Sort(since)
	slices.Sort(days)
	if !slices.Equal(since, days) {
		t.Errorf("read all since %q, and not since %q", since, days)
	}
}

// What PostgreSQL expects to find too often is not looked for everywhere, for its index
// gives all before the first; and the total is known with the page.
func TestWhatIsCommonIsNotLookedForEverywhere(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "postgres")
	const deployments, common, enough = 2400, 800, 60
	org := seededUntil(t, s, deployments, 2, time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC))
	other, err := s.OrganisationBySlug(t.Context(), seed.Slug(7, 2))
	if err != nil {
		t.Fatal(err)
	}
	f := store.Filter{Sees: store.Sees{All: true, Parties: true, Whole: true}, Sort: store.SortCreated, Desc: true}
	all, err := paged(t, s, org.ID, f, 200)
	if err != nil || len(all) != deployments/2 {
		t.Fatal(len(all), err)
	}
	others, err := paged(t, s, other.ID, f, 200)
	if err != nil || len(others) != deployments/2 {
		t.Fatal(len(others), err)
	}
	marked(t, s, slices.Concat(all, others), func(i int) bool { return i >= 300 })
	if err := s.Raw(t.Context(), "ANALYZE deployments_fts"); err != nil {
		t.Fatal(err)
	}
	f.Text = "gorwel"
	s.CountAmong(100, enough)
	for _, x := range []struct {
		from       int // so many are common
		everywhere bool
	}{{common, false}, {deployments, true}} {
		s.TakeForCommon(x.from/2, x.from)
		l, after, total := store.Listing{}, store.Cursor{}, store.Total{}
		for first := 300; first < 304; first += 2 {
			asked, err := s.Asked(func(r store.Reader) (err error) {
				if l, err = r.DeploymentLines(t.Context(), org.ID, f, after, 2); err == nil {
					total, err = r.CountDeployments(t.Context(), org.ID, f, false, l)
				}
				return err
			})
			if err != nil || len(l.Rows) != 2 || l.Rows[0].ID != all[first] || l.Rows[1].ID != all[first+1] {
				t.Fatalf("common from %d, line %d: %d lines, %v", x.from, first, len(l.Rows), err)
			}
			if total.Count < enough || total.More == x.everywhere { // all are fewer than CountCap
				t.Errorf("common from %d, line %d: %+v in all", x.from, first, total)
			}
			if everywhere := slices.ContainsFunc(slices.Collect(maps.Keys(asked)), looksEverywhere); everywhere != x.everywhere {
				t.Errorf("common from %d, line %d: looked everywhere is %v", x.from, first, everywhere)
			}
			after = l.Next
		}
	}
}

// Of a day in which many were registered PostgreSQL does not find all hits for a page, nor
// for its total; and beyond that day the page goes on.
func TestOfACrowdedDayNotAllIsFound(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "postgres")
	const deployments, first, inDay, enough = 1500, 40, 1000, 15
	org := seededUntil(t, s, deployments, 1, time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC))
	f := store.Filter{Sees: store.Sees{All: true, Parties: true, Whole: true}, Sort: store.SortCreated, Desc: true}
	all, err := paged(t, s, org.ID, f, 200)
	if err != nil || len(all) != deployments {
		t.Fatal(len(all), err)
	}
	crowd := all[first : first+inDay]
	lines, err := s.DeploymentLines(t.Context(), org.ID, f, store.Cursor{}, first)
	if err != nil {
		t.Fatal(err)
	}
	day := lines.Rows[first-1].CreatedAt.UTC().Truncate(24 * time.Hour).Add(-time.Hour)
	for _, sql := range []string{ // what is older is older than that day, and in the same order
		"UPDATE deployments SET created_at = created_at - interval '400 days' WHERE id IN (SELECT id FROM deployments ORDER BY created_at DESC, id DESC OFFSET 1040)",
		"UPDATE deployments_fts SET created_at = '-infinity'",
	} {
		if err := s.Raw(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	inOneDay(t, s, org.ID, crowd, day)
	for n, x := range []struct {
		what  string
		has   func(i int) bool
		reads int // pages for which all hits of the day are read
	}{
		{"of every third", func(i int) bool { return i%3 == 1 }, 0},
		{"of the first of the day and older ones", func(i int) bool { return i >= first+500 }, 2},
		{"of the last of the day and older ones", func(i int) bool { return i < first+500 || i >= first+inDay }, 1},
	} {
		marked(t, s, all, x.has)
		if err := s.Raw(t.Context(), "ANALYZE deployments_fts"); err != nil {
			t.Fatal(err)
		}
		f.Text = "gorwel"
		s.LookNoFurther(0, 200, 0, 0)
		s.CountAmong(60+n, enough)
		s.TakeForCommon(300, 150)
		var got, want []string
		for i, id := range all {
			if x.has(i) {
				want = append(want, id)
			}
		}
		reads, l := 0, store.Listing{}
		for after, pages := (store.Cursor{}), 0; pages == 0 || after.ID != ""; pages++ {
			asked, err := s.Asked(func(r store.Reader) (err error) {
				l, err = r.DeploymentLines(t.Context(), org.ID, f, after, 19) // the last page has fewer than are enough
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, sent := store.Counted(t.Context())
			total, err := s.CountDeployments(ctx, org.ID, f, false, l)
			if sent() > 0 {
				t.Errorf("%s, page %d: %d statements for the total", x.what, pages, sent())
			}
			if err != nil || total.Count < enough || total.Count > len(want) || !total.More {
				t.Errorf("%s, page %d: %+v in all, %v", x.what, pages, total, err)
			}
			for statement := range asked {
				switch {
				case looksEverywhere(statement):
					t.Errorf("%s, page %d: looks everywhere: %s", x.what, pages, statement)
				case readsDay(statement, day):
					reads++
				}
			}
			for _, d := range l.Rows {
				got = append(got, d.ID)
			}
			after = l.Next
		}
		if !slices.Equal(got, want) || reads != x.reads {
			t.Errorf("%s: %d of %d found, or in another order; %d times all of the day", x.what, len(got), len(want), reads)
		}
	}
}

// readsDay says whether a statement finds all hits of a day.
func readsDay(statement string, day time.Time) bool {
	return findsByWords(statement) && slices.ContainsFunc(timeMark.FindAllString(statement, -1), func(mark string) bool {
		first, after, err := spanOf(mark[len("'=t") : len(mark)-1])
		return err == nil && !day.Before(first) && day.Before(after)
	})
}

// looksEverywhere says whether a statement looks for words without the marks of a time.
func looksEverywhere(statement string) bool {
	return findsByWords(statement) && !timeMark.MatchString(statement)
}

// findsByWords says whether a statement begins from words, rather than look for them in
// lines that it has, or at what is expected of them.
func findsByWords(statement string) bool {
	return strings.Contains(statement, "FROM deployments_fts") && !strings.Contains(statement, "f.deployment_id = d.id") && !strings.HasPrefix(statement, "EXPLAIN")
}

var timeMark = regexp.MustCompile(`'=[tmy][0-9]+`)

// marked gives some of the deployments, of which the last registered are first, a word
// that no other has, and takes it from the rest.
func marked(t *testing.T, s *store.Store, all []string, has func(i int) bool) {
	t.Helper()
	var ids []string
	for i, id := range all {
		if has(i) {
			ids = append(ids, "'"+id+"'")
		}
	}
	for _, sql := range []string{
		"UPDATE deployments_fts SET body = REPLACE(body, ' gorwel', '')",
		"UPDATE deployments_fts SET body = body || ' gorwel' WHERE deployment_id IN (" + strings.Join(ids, ", ") + ")",
	} {
		if err := s.Raw(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// inOneDay makes deployments, the last registered first, of one day, in their order.
func inOneDay(t *testing.T, s *store.Store, org string, ids []string, day time.Time) {
	t.Helper()
	for i, id := range ids {
		at := day.Add(-time.Duration(i) * time.Second).Format(time.RFC3339)
		for _, sql := range []string{
			"UPDATE deployments SET created_at = '" + at + "' WHERE org_id = '" + org + "' AND id = '" + id + "'",
			"UPDATE deployments_fts SET created_at = '-infinity' WHERE org_id = '" + org + "' AND deployment_id = '" + id + "'",
		} {
			if err := s.Raw(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Remark(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// spanOf are the first day of a day, month or year, and the first after it.
func spanOf(name string) (first, after time.Time, err error) {
	const layout = "20060102"
	first, err = time.Parse(layout[:len(name)], name)
	switch len(name) {
	case 4:
		return first, first.AddDate(1, 0, 0), err
	case 6:
		return first, first.AddDate(0, 1, 0), err
	}
	return first, first.AddDate(0, 0, 1), err
}

func instantOf(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
