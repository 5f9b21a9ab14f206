package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beforehand/internal/ledger"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
)

// dumped is a dump in memory.
type dumped struct {
	store.Dump
	parts map[string][]byte
	heads []store.Head
}

func dump(t testing.TB, s *store.Store) dumped {
	t.Helper()
	d := dumped{parts: map[string][]byte{}}
	scratch := t.TempDir()
	d.Dump = need(s.Dump(t.Context(), scratch, func(name string, size int64, r io.Reader) error {
		b, err := io.ReadAll(r)
		if int64(len(b)) != size {
			t.Errorf("%s has %d bytes, it says %d", name, len(b), size)
		}
		d.parts[name] = b
		return err
	}, func(r store.Reader) (err error) {
		if len(d.parts) > 0 {
			t.Error("the parts came before the moment was read")
		}
		d.heads, err = r.Heads(t.Context())
		return err
	}))(t)
	if want := slices.Sorted(slices.Values(d.Parts())); !slices.Equal(slices.Sorted(maps.Keys(d.parts)), want) {
		t.Errorf("the parts are %v, not %v", slices.Sorted(maps.Keys(d.parts)), want)
	}
	empty(t, scratch)
	return d
}

func empty(t testing.TB, dir string) {
	t.Helper()
	if left := need(os.ReadDir(dir))(t); len(left) > 0 {
		t.Errorf("left in the folder: %v", left)
	}
}

func (d dumped) part(name string) (io.ReadCloser, error) {
	b, ok := d.parts[name]
	if !ok {
		return nil, fmt.Errorf("no part %s", name)
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// vacant is an address of an engine where nothing is yet.
func vacant(t testing.TB, engine string) string {
	t.Helper()
	if engine == "postgres" {
		return storetest.PostgresURL(t)
	}
	return filepath.Join(t.TempDir(), "restored.db")
}

func (d dumped) load(t testing.TB) *store.Store {
	t.Helper()
	dsn := vacant(t, d.Engine)
	must(t, store.Load(t.Context(), dsn, d.Dump, d.part))
	return reopened(t, dsn)
}

func reopened(t testing.TB, dsn string) *store.Store {
	t.Helper()
	s := need(store.Open(t.Context(), dsn))(t)
	t.Cleanup(func() { must(t, s.Close()) })
	must(t, s.Migrate(context.WithoutCancel(t.Context())))
	must(t, s.Prepare())
	return s
}

type greet struct{ Name string }

func (greet) Kind() string { return "greet" }

func TestADumpComesBackAsItWas(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := registertest.New(t, s)
		d, _ := h.Noticed(t)
		must(t, h.WidenComment(ctx, h.Officer, need(h.MakeComment(ctx, h.Officer, d.Ref, commentInput()))(t).ID, "public"))
		h.Shared(t, d.Ref, 11, 27)
		need(h.Attach(ctx, h.CDO, "evidence.txt", []byte("tabs\t, \\N, \\. and\r\nlines, Cyngor Tŷ")))(t)
		h.Found(t, "teifi") // a second organisation, with areas below others
		must(t, s.Within(ctx, func(tx *store.Tx) error { return tx.Promise(ctx, greet{"Ffion"}, greet{"Owain\x01\t"}) }))
		before := dump(t, s)
		back := before.load(t)
		at := time.Now()

		if diff := cmp.Diff(need(s.Counts(ctx))(t), need(back.Counts(ctx))(t)); diff != "" {
			t.Errorf("rows: %s", diff)
		}
		if diff := cmp.Diff(need(s.Schema(ctx))(t), need(back.Schema(ctx))(t)); diff != "" {
			t.Errorf("schema: %s", diff)
		}
		if diff := cmp.Diff(need(s.Queues(ctx, at))(t), need(back.Queues(ctx, at))(t)); diff != "" {
			t.Errorf("jobs: %s", diff)
		}
		again := dump(t, back)
		if diff := cmp.Diff(before.Dump, again.Dump); diff != "" {
			t.Errorf("a dump of what came back: %s", diff)
		}
		if diff := cmp.Diff(before.heads, again.heads); diff != "" || len(before.heads) != 2 || before.heads[0].Size == 0 {
			t.Errorf("heads: %d, %s", len(before.heads), diff)
		}
		for name, b := range before.parts {
			if before.Engine == "postgres" && !bytes.Equal(b, again.parts[name]) { // SQLite counts its changes in the file
				t.Errorf("%s is not the same text", name)
			}
		}
		org := need(back.OrganisationBySlug(ctx, "tywi"))(t)
		for _, words := range []string{"case", "cases", "gofal"} {
			want, _, err := s.Deployments(ctx, org.ID, store.Filter{Text: words}, store.Cursor{}, 10)
			must(t, err)
			got, _, err := back.Deployments(ctx, org.ID, store.Filter{Text: words}, store.Cursor{}, 10)
			must(t, err)
			if len(got) != len(want) || words == "cases" && len(got) != 1 {
				t.Errorf("%q finds %d systems and found %d", words, len(got), len(want))
			}
		}
		// It is a database to go on with: numbers are taken up, what is frozen stays.
		must(t, back.Within(ctx, func(tx *store.Tx) error {
			if err := tx.Promise(ctx, greet{"Cadi"}); err != nil {
				return err
			}
			seq, err := tx.Append(ctx, ledger.Entry{V: 1, Org: org.ID, At: h.Clock.Now(), Verb: "test", Subject: "x"}, nil)
			if size := sizeOf(before.heads, org.ID); seq != size {
				t.Errorf("entry %d follows %d", seq, size)
			}
			return err
		}))
		if back.Raw(ctx, "UPDATE ledger_entries SET verb = 'other'") == nil {
			t.Error("the restored log can be rewritten")
		}
		if back.Raw(ctx, "UPDATE notices SET no = 'N-9'") == nil {
			t.Error("a restored notice can be rewritten")
		}
	})
}

func sizeOf(heads []store.Head, org string) int64 {
	for _, h := range heads {
		if h.OrgID == org {
			return h.Size
		}
	}
	return -1
}

func TestADumpIsOfOneMomentWhileOthersWrite(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			dsn := storetest.DSN(t, engine)
			s := reopened(t, dsn)
			h := registertest.New(t, s)
			other := reopened(t, dsn) // another server
			ctx, cancel := context.WithCancel(t.Context())
			written, done := make(chan struct{}), make(chan error, 1)
			go func() {
				var err error
				for err == nil && ctx.Err() == nil {
					err = other.Within(ctx, func(tx *store.Tx) error {
						// Two rows that belong together, far apart in the order of the tables.
						if err := tx.Promise(ctx, greet{"Ffion"}); err != nil {
							return err
						}
						_, err := tx.Append(ctx, ledger.Entry{V: 1, Org: h.Org.ID, At: h.Clock.Now(), Verb: "test", Subject: "x"}, nil)
						return err
					})
					select {
					case written <- struct{}{}:
					case <-ctx.Done():
					}
				}
				done <- err
			}()
			start := need(s.LedgerSize(t.Context(), h.Org.ID))(t)
			first := dump(t, s)
			before, beforeJobs := int64(0), rows(first, "river_job")-rows(first, "ledger_entries")
			for range 4 {
				for range 5 {
					<-written
				}
				stop := make(chan struct{})
				go func() { // goes on writing for as long as the dump takes
					for {
						select {
						case <-written:
						case <-stop:
							return
						}
					}
				}()
				d := dump(t, s)
				close(stop)
				size := sizeOf(d.heads, h.Org.ID)
				if size <= before || size <= start || size != rows(d, "ledger_entries") || rows(d, "river_job")-size != beforeJobs {
					t.Errorf("%d, then %d entries, %d rows, %d jobs", before, size, rows(d, "ledger_entries"), rows(d, "river_job"))
				}
				before = size
				back := d.load(t)
				if diff := cmp.Diff(d.heads, need(back.Heads(t.Context()))(t)); diff != "" {
					t.Errorf("heads: %s", diff)
				}
			}
			cancel()
			if err := <-done; err != nil && !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "interrupted") {
				t.Errorf("the writer was disturbed: %v", err)
			}
		})
	}
}

func rows(d dumped, table string) int64 {
	for _, t := range d.Tables {
		if t.Name == table {
			return t.Rows
		}
	}
	return -1
}

// TestADumpOfAnOldReleaseComesBack dumps what a release before this one made.
func TestADumpOfAnOldReleaseComesBack(t *testing.T) {
	for _, file := range need(filepath.Glob(filepath.Join("testdata", "releases", "*.gz")))(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			old := need(store.Open(t.Context(), restored(t, file)))(t)
			defer func() { must(t, old.Close()) }()
			d := dumped{parts: map[string][]byte{}}
			d.Dump = need(old.Dump(t.Context(), t.TempDir(), func(name string, _ int64, r io.Reader) (err error) {
				d.parts[name], err = io.ReadAll(r)
				return err
			}, func(store.Reader) error { return nil }))(t)
			checkDemo(t, d.load(t))
		})
	}
}

func TestADumpThatDoesNotFitLeavesNothing(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		h := registertest.New(t, s)
		h.Deploy(t)
		good := dump(t, s)
		other := map[string]string{"sqlite": "postgres", "postgres": "sqlite"}[good.Engine]
		spoil := func(change func(d *dumped)) dumped {
			d := dumped{Dump: good.Dump, parts: maps.Clone(good.parts)}
			d.Tables, d.Sequences = slices.Clone(good.Tables), slices.Clone(good.Sequences)
			change(&d)
			return d
		}
		first := slices.MaxFunc(good.Parts(), func(a, b string) int { return len(good.parts[a]) - len(good.parts[b]) })
		cases := map[string]struct {
			dumped
			want error
		}{
			"of the other engine":  {spoil(func(d *dumped) { d.Engine = other }), store.ErrEngine},
			"of no engine":         {spoil(func(d *dumped) { d.Engine = "" }), store.ErrEngine},
			"of a later release":   {spoil(func(d *dumped) { d.Version = 99_999 }), store.ErrNewer},
			"of version 0":         {spoil(func(d *dumped) { d.Version = 0 }), store.ErrDump},
			"of version -1":        {spoil(func(d *dumped) { d.Version = -1 }), store.ErrDump},
			"of an earlier one":    {spoil(func(d *dumped) { d.Version = 2 }), store.ErrDump},
			"of a queue to come":   {spoil(func(d *dumped) { d.Queue = 99_999 }), nil},
			"without a table":      {spoil(func(d *dumped) { d.Tables = d.Tables[1:] }), store.ErrDump},
			"with a table twice":   {spoil(func(d *dumped) { d.Tables = append(d.Tables, d.Tables[0]) }), store.ErrDump},
			"with one more":        {spoil(func(d *dumped) { d.Tables = append(d.Tables, store.TableDump{Name: `x" (); --`}) }), store.ErrDump},
			"with too few rows":    {spoil(func(d *dumped) { d.Tables[0].Rows++ }), store.ErrDump},
			"without a part":       {spoil(func(d *dumped) { delete(d.parts, first) }), nil},
			"with half a part":     {spoil(func(d *dumped) { d.parts[first] = d.parts[first][:len(d.parts[first])/2] }), nil},
			"with an empty part":   {spoil(func(d *dumped) { d.parts[first] = nil }), nil},
			"with nonsense inside": {spoil(func(d *dumped) { d.parts[first] = bytes.Repeat([]byte("nonsense\x00\n"), 1000) }), nil},
		}
		if good.Engine == "postgres" {
			cases["without a column"] = struct {
				dumped
				want error
			}{spoil(func(d *dumped) { d.Tables[0].Columns = d.Tables[0].Columns[1:] }), store.ErrDump}
			cases["without a sequence"] = struct {
				dumped
				want error
			}{spoil(func(d *dumped) { d.Sequences = nil }), store.ErrDump}
			cases["with an orphan"] = struct {
				dumped
				want error
			}{spoil(func(d *dumped) {
				d.parts["table/organisations"] = nil
				for i := range d.Tables {
					if d.Tables[i].Name == "organisations" {
						d.Tables[i].Rows = 0
					}
				}
			}), store.ErrDump}
		}
		dsn := vacant(t, good.Engine)
		for name, c := range cases {
			err := store.Load(t.Context(), dsn, c.Dump, c.part)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || strings.Contains(fmt.Sprint(err), "half filled") {
				t.Errorf("%s: %v", name, err)
			}
			if err := store.Vacant(t.Context(), dsn); err != nil {
				t.Fatalf("%s: something was left: %v", name, err)
			}
			if good.Engine == "sqlite" {
				empty(t, filepath.Dir(dsn))
			}
		}
		gone, cancel := context.WithCancel(t.Context())
		err := store.Load(gone, dsn, good.Dump, func(name string) (io.ReadCloser, error) {
			if name == good.Parts()[len(good.Parts())/2] {
				cancel() // in the middle of it
			}
			return good.part(name)
		})
		if err == nil || store.Vacant(t.Context(), dsn) != nil {
			t.Errorf("cancelled: %v, %v", err, store.Vacant(t.Context(), dsn))
		}
		must(t, store.Load(t.Context(), dsn, good.Dump, good.part))
		if err := store.Load(t.Context(), dsn, good.Dump, good.part); !errors.Is(err, store.ErrNotEmpty) {
			t.Errorf("loaded twice: %v", err)
		}
		if diff := cmp.Diff(good.heads, need(reopened(t, dsn).Heads(t.Context()))(t)); diff != "" {
			t.Errorf("what was loaded first: %s", diff)
		}
	})
}

func TestADumpThatCannotBeHandedOutLeavesNothing(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		full := errors.New("the disk is full")
		scratch := t.TempDir()
		nothing := func(store.Reader) error { return nil }
		if _, err := s.Dump(t.Context(), scratch, func(string, int64, io.Reader) error { return full }, nothing); !errors.Is(err, full) {
			t.Error(err)
		}
		if _, err := s.Dump(t.Context(), scratch, nil, func(store.Reader) error { return full }); !errors.Is(err, full) {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Dump(ctx, scratch, nil, nothing); err == nil {
			t.Error("dumped for nobody")
		}
		if _, err := s.Dump(t.Context(), filepath.Join(scratch, "missing"), func(string, int64, io.Reader) error { return nil }, nothing); err == nil {
			t.Error("dumped into no folder")
		}
		empty(t, scratch)
		registertest.New(t, s) // and the connections are still good
	})
}

func TestTablesInACircleAreNotDumped(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, "postgres")
	must(t, s.Raw(t.Context(), `CREATE TABLE chicken (id INT PRIMARY KEY, egg INT); CREATE TABLE egg (id INT PRIMARY KEY, chicken INT REFERENCES chicken (id));
		ALTER TABLE chicken ADD FOREIGN KEY (egg) REFERENCES egg (id)`))
	if _, err := s.Dump(t.Context(), t.TempDir(), nil, func(store.Reader) error { return nil }); err == nil || !strings.Contains(err.Error(), "circle") {
		t.Error(err)
	}
}

func TestADumpIsTriedInASchemaOfItsOwn(t *testing.T) {
	t.Parallel()
	dsn := storetest.DSN(t, "postgres")
	s := reopened(t, dsn)
	registertest.New(t, s)
	d := dump(t, s)
	scratch, drop, err := store.ScratchPostgres(t.Context(), dsn)
	must(t, err)
	must(t, store.Load(t.Context(), scratch, d.Dump, d.part))
	tried := need(store.Open(t.Context(), scratch))(t)
	must(t, tried.Migrate(t.Context()))
	if diff := cmp.Diff(d.heads, need(tried.Heads(t.Context()))(t)); diff != "" {
		t.Errorf("heads: %s", diff)
	}
	must(t, tried.Within(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Append(t.Context(), ledger.Entry{V: 1, Org: d.heads[0].OrgID, At: time.Unix(0, 0).UTC(), Verb: "test", Subject: "x"}, nil)
		return err
	}))
	if diff := cmp.Diff(d.heads, need(s.Heads(t.Context()))(t)); diff != "" {
		t.Errorf("the database beside it: %s", diff)
	}
	must(t, tried.Close())
	must(t, drop())
	db := need(sql.Open("pgx", dsn))(t)
	defer func() { must(t, db.Close()) }()
	var schemas int
	must(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM pg_namespace WHERE nspname LIKE 'beforehand_try_%'").Scan(&schemas))
	if schemas != 0 {
		t.Errorf("%d schemas are left", schemas)
	}
	if _, _, err := store.ScratchPostgres(t.Context(), "postgres://nobody:x@127.0.0.1:1/none"); err == nil {
		t.Error("made a schema nowhere")
	}
}
