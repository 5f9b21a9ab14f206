package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"beforehand/internal/backup"
	"beforehand/internal/files"
	"beforehand/internal/ledger"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
	"beforehand/models"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

var (
	at     = time.Date(2026, 9, 7, 3, 0, 0, 123_000, time.UTC)
	secret = []byte("0123456789abcdef0123456789abcdef")
)

// town is an installation with something in it.
type town struct {
	*registertest.House
	engine, dsn string
	files       *files.Folder
	filesDir    string
}

// each runs a test on an installation of each engine.
func each(t *testing.T, test func(t *testing.T, w town)) {
	t.Helper()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, found(t, engine))
		})
	}
}

func found(t *testing.T, engine string) town {
	t.Helper()
	w := town{engine: engine, dsn: storetest.DSN(t, engine), filesDir: t.TempDir()}
	s := opened(t, w.dsn)
	must(t, s.Prepare())
	w.House = registertest.New(t, s)
	w.files = folder(t, w.filesDir)
	d, _ := w.Noticed(t)
	need(w.MakeComment(t.Context(), w.Officer, d.Ref, comment))(t)
	for _, text := range []string{"evidence", "more evidence", "evidence"} { // one of them twice
		w.attach(t, text)
	}
	return w
}

// attach writes the file and then its row, as the register does.
func (w town) attach(t testing.TB, text string) string {
	t.Helper()
	b := []byte(text)
	must(t, w.files.Put(t.Context(), files.Hash(b), b))
	w.row(t, text)
	return files.Hash(b)
}

func (w town) row(t testing.TB, text string) {
	t.Helper()
	must(t, w.Store.Within(t.Context(), func(tx *store.Tx) error {
		return tx.Add(t.Context(), &models.Attachment{
			OrgID: w.Org.ID, ID: text + w.Clock.Now().String(), Name: "evidence.txt", MediaType: "text/plain",
			Size: int64(len(text)), SHA256: files.Hash([]byte(text)), ByUserID: w.CDO.UserID, CreatedAt: w.Clock.Now(),
		})
	}))
}

func (w town) source() backup.Source {
	return backup.Source{Store: w.Store, Files: w.files, Secret: secret, Version: "0.3.0"}
}

// write makes a backup and looks after what it leaves.
func (w town) write(t testing.TB, to ...age.Recipient) ([]byte, backup.Manifest) {
	t.Helper()
	var out bytes.Buffer
	scratch := t.TempDir()
	m := need(backup.Write(t.Context(), &out, w.source(), backup.Options{Recipients: to, At: at, Scratch: scratch}))(t)
	nothingIn(t, scratch)
	return out.Bytes(), m
}

// place is somewhere to restore to.
type place struct {
	backup.Target
	filesDir string
}

func newPlace(t testing.TB, engine string) place {
	t.Helper()
	p := place{filesDir: t.TempDir()}
	p.Files, p.Scratch = folder(t, p.filesDir), t.TempDir()
	if engine == "postgres" {
		p.DSN = storetest.PostgresURL(t)
	} else {
		p.DSN = filepath.Join(t.TempDir(), "restored.db")
	}
	return p
}

// untouched says whether nothing was made there.
func (p place) untouched(t testing.TB) {
	t.Helper()
	if err := store.Vacant(context.WithoutCancel(t.Context()), p.DSN); err != nil {
		t.Errorf("the database: %v", err)
	}
	nothingIn(t, p.filesDir)
	nothingIn(t, p.Scratch)
}

func nothingIn(t testing.TB, dir string) {
	t.Helper()
	if left := need(os.ReadDir(dir))(t); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func folder(t testing.TB, dir string) *files.Folder {
	t.Helper()
	f := need(files.OpenFolder(dir))(t)
	t.Cleanup(func() { must(t, f.Close()) })
	return f
}

func opened(t testing.TB, dsn string) *store.Store {
	t.Helper()
	s := need(store.Open(t.Context(), dsn))(t)
	t.Cleanup(func() { must(t, s.Close()) })
	must(t, s.Migrate(t.Context()))
	return s
}

func (w town) bench(t testing.TB) backup.Bench {
	t.Helper()
	b := backup.Bench{Scratch: t.TempDir()}
	if w.engine == "postgres" {
		b.DSN = w.dsn
	}
	return b
}

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	return need(age.GenerateX25519Identity())(t)
}

func TestABackupComesBackAsItWas(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w town) {
		id := identity(t)
		other := need(age.GenerateHybridIdentity())(t) // for when quantum computers come
		for name, c := range map[string]struct {
			to  []age.Recipient
			ids []age.Identity
		}{
			"plain": {}, "encrypted": {[]age.Recipient{id.Recipient()}, []age.Identity{identity(t), id}},
			"for the day after": {[]age.Recipient{other.Recipient()}, []age.Identity{other}},
		} {
			b, written := w.write(t, c.to...)
			on := w.bench(t)
			verified := need(backup.Verify(t.Context(), bytes.NewReader(b), on, c.ids))(t)
			nothingIn(t, on.Scratch)
			p := newPlace(t, w.engine)
			m, s, err := backup.Restore(t.Context(), bytes.NewReader(b), p.Target, c.ids)
			must(t, err)
			nothingIn(t, p.Scratch)
			if cmp.Diff(written, m) != "" || cmp.Diff(written, verified) != "" {
				t.Errorf("%s: written %+v, restored %+v", name, written, m)
			}
			if m.Secret != (len(c.to) > 0) || m.Secret && !bytes.Equal(s, secret) || !m.Secret && s != nil {
				t.Errorf("%s: the secret is %q", name, s)
			}
			if m.Attachments != 2 || m.AttachmentBytes != int64(len("evidence"+"more evidence")) || m.Release != "0.3.0" || !m.At.Equal(at) || m.Engine != w.engine {
				t.Errorf("%s: %+v", name, m)
			}
			back := opened(t, p.DSN)
			if diff := cmp.Diff(need(w.Store.Heads(t.Context()))(t), need(back.Heads(t.Context()))(t)); diff != "" {
				t.Errorf("%s: heads: %s", name, diff)
			}
			if diff := cmp.Diff(need(w.Store.Counts(t.Context()))(t), need(back.Counts(t.Context()))(t)); diff != "" {
				t.Errorf("%s: rows: %s", name, diff)
			}
			if diff := cmp.Diff(kept(t, w.files), kept(t, p.Files)); diff != "" {
				t.Errorf("%s: files: %s", name, diff)
			}
			if _, _, err := backup.Restore(t.Context(), bytes.NewReader(b), p.Target, c.ids); !errors.Is(err, backup.ErrNotEmpty) {
				t.Errorf("%s: restored twice: %v", name, err)
			}
		}
	})
}

func kept(t testing.TB, s files.Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, s.Each(t.Context(), func(hash string, _ int64) error {
		all[hash] = string(need(s.Get(t.Context(), hash))(t))
		return nil
	}))
	return all
}

func TestASecretIsNeverWrittenInTheClear(t *testing.T) {
	t.Parallel()
	w := found(t, "sqlite")
	b, m := w.write(t)
	for name, body := range entries(t, b) {
		if name == "secret" || bytes.Contains(body, secret) {
			t.Errorf("%s holds the secret", name)
		}
	}
	if m.Secret {
		t.Error("the manifest names a secret")
	}
}

func TestABackupIsOfOneMomentWhileOthersWrite(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w town) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		other := opened(t, w.dsn)
		done := make(chan error, 1)
		wrote := make(chan struct{}, 1)
		go func() { // 200 entries a second, each with an attachment, as another server would
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					done <- nil
					return
				case <-tick.C:
				}
				b := []byte(w.Clock.Now().String())
				err := w.files.Put(ctx, files.Hash(b), b)
				if err == nil {
					err = other.Within(ctx, func(tx *store.Tx) error {
						if err := tx.Add(ctx, &models.Attachment{
							OrgID: w.Org.ID, ID: string(b), Name: "x", MediaType: "text/plain", Size: int64(len(b)), SHA256: files.Hash(b), ByUserID: w.CDO.UserID, CreatedAt: at,
						}); err != nil {
							return err
						}
						_, err := tx.Append(ctx, ledger.Entry{V: 1, Org: w.Org.ID, At: at, Verb: "attachment.add", Subject: string(b)}, nil)
						return err
					})
				}
				if err != nil && ctx.Err() == nil {
					done <- err
					return
				}
				select {
				case wrote <- struct{}{}:
				default:
				}
			}
		}()
		var sizes []int64
		var last []byte
		var moment backup.Manifest
		for range 3 {
			<-wrote
			b, m := w.write(t)
			sizes = append(sizes, m.Heads[0].Size)
			if len(m.Missing)+len(m.Altered) > 0 {
				t.Errorf("missing: %v", m.Missing)
			}
			need(backup.Verify(t.Context(), bytes.NewReader(b), w.bench(t), nil))(t)
			last, moment = b, m
		}
		cancel()
		must(t, <-done)
		p := newPlace(t, w.engine)
		if _, _, err := backup.Restore(t.Context(), bytes.NewReader(last), p.Target, nil); err != nil {
			t.Fatal(err)
		}
		head := need(opened(t, p.DSN).Heads(t.Context()))(t)[0]
		if head.Size != moment.Heads[0].Size || !bytes.Equal(head.Root, moment.Heads[0].Root) {
			t.Errorf("restored to %d, backed up at %d", head.Size, moment.Heads[0].Size)
		}
		if !slices.IsSorted(sizes) || sizes[0] == sizes[len(sizes)-1] {
			t.Errorf("nothing was written meanwhile: %v", sizes)
		}
	})
}

func TestALostAttachmentIsToldAndLosesNoOther(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w town) {
		w.row(t, "never written")
		spoilt := w.attach(t, "spoilt")
		must(t, os.WriteFile(filepath.Join(w.filesDir, spoilt[:2], spoilt), []byte("other"), 0o600))
		b, m := w.write(t)
		if !slices.Equal(m.Missing, []string{files.Hash([]byte("never written"))}) || !slices.Equal(m.Altered, []string{spoilt}) || m.Attachments != 2 {
			t.Errorf("missing %v, altered %v, %d are there", m.Missing, m.Altered, m.Attachments)
		}
		need(backup.Verify(t.Context(), bytes.NewReader(b), w.bench(t), nil))(t)
		p := newPlace(t, w.engine)
		if _, _, err := backup.Restore(t.Context(), bytes.NewReader(b), p.Target, nil); err != nil {
			t.Error(err)
		}
		if got := kept(t, p.Files); len(got) != 2 {
			t.Errorf("restored %d attachments", len(got))
		}
	})
}

func TestAStoreOfFilesWithOthersInItIsNotEmpty(t *testing.T) {
	t.Parallel()
	w := found(t, "sqlite")
	b, _ := w.write(t)
	p := newPlace(t, w.engine)
	same, other := []byte("evidence"), []byte("of another town")
	must(t, p.Files.Put(t.Context(), files.Hash(same), same)) // as after a restore that failed
	must(t, p.Files.Put(t.Context(), files.Hash(other), other))
	if _, _, err := backup.Restore(t.Context(), bytes.NewReader(b), p.Target, nil); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("over other files: %v", err)
	}
	must(t, store.Vacant(t.Context(), p.DSN))
	p.Shared = true
	if _, _, err := backup.Restore(t.Context(), bytes.NewReader(b), p.Target, nil); err != nil {
		t.Error(err)
	}
	if got := kept(t, p.Files); len(got) != 3 {
		t.Errorf("there are %d files", len(got))
	}
}

// failing is a store of files that fails after some.
type failing struct {
	files.Store
	after int
}

var errFull = errors.New("the disk is full")

func (f *failing) Put(ctx context.Context, hash string, b []byte) error {
	if f.after--; f.after < 0 {
		return errFull
	}
	return f.Store.Put(ctx, hash, b)
}

func (f *failing) Get(ctx context.Context, hash string) ([]byte, error) {
	if f.after--; f.after < 0 {
		return nil, errFull
	}
	return f.Store.Get(ctx, hash)
}

func TestARestoreThatFailsSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	w := found(t, "sqlite")
	b, _ := w.write(t)
	p := newPlace(t, w.engine)
	good := p.Files
	for after := range 2 {
		p.Files = &failing{good, after}
		_, _, err := backup.Restore(t.Context(), bytes.NewReader(b), p.Target, nil)
		left, ok := errors.AsType[*backup.Left](err)
		if !errors.Is(err, errFull) || ok != (after > 0) || ok && left.Files != after || len(kept(t, good)) != after {
			t.Errorf("after %d: %v", after, err)
		}
		must(t, store.Vacant(t.Context(), p.DSN))
		nothingIn(t, p.Scratch)
	}
	p.Files = good
	if _, _, err := backup.Restore(t.Context(), bytes.NewReader(b), p.Target, nil); err != nil {
		t.Errorf("the second time: %v", err)
	}
}

// writerFunc is a place to write to.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestABackupThatCannotBeWrittenSaysSo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w town) {
		o := backup.Options{At: at, Scratch: t.TempDir(), Recipients: []age.Recipient{identity(t).Recipient()}}
		b, _ := w.write(t, o.Recipients...)
		for _, room := range []int{0, 100, len(b) / 2, len(b) - 1000} {
			left := room
			full := writerFunc(func(b []byte) (int, error) {
				if left -= len(b); left < 0 {
					return 0, errFull
				}
				return len(b), nil
			})
			if _, err := backup.Write(t.Context(), full, w.source(), o); !errors.Is(err, errFull) {
				t.Errorf("with room for %d bytes: %v", room, err)
			}
		}
		src := w.source()
		src.Files = &failing{w.files, 1}
		if _, err := backup.Write(t.Context(), io.Discard, src, o); !errors.Is(err, errFull) {
			t.Errorf("without its files: %v", err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := backup.Write(gone, io.Discard, w.source(), o); err == nil {
			t.Error("wrote for nobody")
		}
		nothingIn(t, o.Scratch)
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	id, other := identity(t), identity(t)
	hybrid := need(age.GenerateHybridIdentity())(t)
	pub, more := id.Recipient().String(), hybrid.Recipient().String()
	for text, want := range map[string]int{
		pub: 1, pub + "\n": 1, pub + ", " + more: 2, "# ours, all of them\n\n  " + pub + "\r\n" + more: 2,
		"": 0, "# none": 0, "age1": 0, pub + "x": 0, id.String(): 0, "ssh-ed25519 AAAA": 0, pub + " " + more: 0,
	} {
		got, err := backup.ParseRecipients(text)
		if len(got) != want || (want == 0) != errors.Is(err, backup.ErrRecipient) {
			t.Errorf("%.30q: %d recipients, %v", text, len(got), err)
		}
	}
	for text, want := range map[string]int{
		id.String(): 1, "# created: 2026\n# public key: " + pub + "\n" + id.String() + "\n": 1, id.String() + "\n" + other.String() + "\n" + hybrid.String(): 3,
		"": 0, pub: 0, id.String()[:40]: 0, "AGE-SECRET-KEY-1": 0,
	} {
		got, err := backup.ParseIdentities(text)
		if len(got) != want || (want == 0) != errors.Is(err, backup.ErrIdentity) {
			t.Errorf("%d identities, %v", len(got), err)
		}
	}
}

func need[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
