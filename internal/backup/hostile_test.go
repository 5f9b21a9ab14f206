package backup_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"beforehand/internal/backup"
	"beforehand/internal/files"
	"beforehand/internal/register"
	"beforehand/internal/store"
)

var comment = register.CommentInput{Kind: "concern", Dimension: "LOAD", Body: "Ffion Hughes has too many cases"}

// item is one entry of an archive that a stranger made.
type item struct {
	tar.Header
	body []byte
}

func items(t testing.TB, b []byte) (list []item) {
	t.Helper()
	r := tar.NewReader(need(gzip.NewReader(bytes.NewReader(b)))(t))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		must(t, err)
		list = append(list, item{*h, need(io.ReadAll(r))(t)})
	}
}

func entries(t testing.TB, b []byte) map[string][]byte {
	t.Helper()
	m := map[string][]byte{}
	for _, i := range items(t, b) {
		m[i.Name] = i.body
	}
	return m
}

// pack writes entries as they are, with the manifest that is among them.
func pack(t testing.TB, list []item) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for _, i := range list {
		h := i.Header
		if h.Size == 0 || h.Typeflag == tar.TypeReg {
			h.Size = int64(len(i.body))
		}
		must(t, w.WriteHeader(&h))
		if h.Typeflag == tar.TypeReg {
			need(w.Write(i.body))(t)
		}
	}
	must(t, errors.Join(w.Close(), z.Close()))
	return out.Bytes()
}

// signed writes entries with a manifest that names them: what a stranger makes
// who takes care.
func signed(t testing.TB, list []item, change func(m *backup.Manifest)) []byte {
	t.Helper()
	list = slices.Clone(list)
	last := &list[len(list)-1]
	var m backup.Manifest
	must(t, json.Unmarshal(last.body, &m))
	m.Entries = nil
	for _, i := range list[:len(list)-1] {
		sum := sha256.Sum256(i.body)
		m.Entries = append(m.Entries, backup.Entry{Name: i.Name, Size: int64(len(i.body)), SHA256: hex.EncodeToString(sum[:])})
	}
	change(&m)
	last.body = need(json.Marshal(m))(t)
	return pack(t, list)
}

func file(name, body string) item {
	return item{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600}, []byte(body)}
}

func TestAHostileArchiveIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w town) {
		b, _ := w.write(t)
		good := items(t, b)
		last := len(good) - 1
		before := func(i ...item) []item { return slices.Concat(good[:last], i, good[last:]) }
		as := func(flag byte) item {
			return item{tar.Header{Typeflag: flag, Name: "files/" + files.Hash([]byte("x")), Linkname: "/etc/passwd", Mode: 0o600}, nil}
		}
		nothing := func(*backup.Manifest) {}
		p := newPlace(t, w.engine)
		swapped := slices.Clone(good)
		swapped[0].body = append(bytes.Clone(swapped[0].body), ' ')
		first := slices.IndexFunc(good, func(i item) bool { return strings.HasPrefix(i.Name, "files/") })
		forged := slices.Clone(good)
		forged[first].body = bytes.Repeat([]byte("x"), len(good[first].body))
		older := slices.Clone(good)
		older[last].body = bytes.Replace(older[last].body, []byte(`"v": 1`), []byte(`"v": 2`), 1)
		more := slices.Clone(good)
		more[last].body = bytes.Replace(more[last].body, []byte(`"v": 1`), []byte(`"v": 1, "x": 1`), 1)
		garbage := slices.Clone(good)
		garbage[last].body = []byte("{")
		for name, c := range map[string]struct {
			b    []byte
			want error
		}{
			"nothing":                  {nil, backup.ErrTruncated},
			"no backup":                {[]byte("PK\x03\x04 a zip"), backup.ErrFormat},
			"text":                     {[]byte(strings.Repeat("hello ", 1000)), backup.ErrFormat},
			"an empty archive":         {pack(t, nil), backup.ErrTruncated},
			"only a manifest":          {pack(t, good[last:]), backup.ErrAltered},
			"no manifest":              {pack(t, good[:last]), backup.ErrTruncated},
			"manifest first":           {pack(t, slices.Concat(good[last:], good[:last])), backup.ErrAltered},
			"two manifests":            {pack(t, append(slices.Clone(good), good[last])), backup.ErrAltered},
			"manifest of a later form": {pack(t, older), backup.ErrNewer},
			"manifest with more in it": {pack(t, more), backup.ErrAltered},
			"manifest that is none":    {pack(t, garbage), backup.ErrAltered},
			"one more, not named":      {pack(t, before(file("files/"+files.Hash([]byte("x")), "x"))), backup.ErrAltered},
			"one more, named":          {signed(t, before(file("files/"+files.Hash([]byte("x")), "x")), nothing), backup.ErrAltered},
			"one less":                 {pack(t, good[1:]), backup.ErrAltered},
			"one less, and not named":  {signed(t, good[1:], nothing), backup.ErrAltered},
			"the same twice":           {signed(t, before(good[0]), nothing), backup.ErrAltered},
			"a file twice": {signed(t, before(good[first]), func(m *backup.Manifest) {
				m.Attachments, m.AttachmentBytes = m.Attachments+1, m.AttachmentBytes+int64(len(good[first].body))
			}), backup.ErrAltered},
			"another order":               {pack(t, slices.Concat([]item{good[1], good[0]}, good[2:])), backup.ErrAltered},
			"longer":                      {pack(t, swapped), backup.ErrAltered},
			"a file of another hash":      {pack(t, forged), backup.ErrAltered},
			"a file of another hash, too": {signed(t, forged, nothing), backup.ErrAltered},
			"a path upwards":              {signed(t, before(file("../../tmp/x", "x")), nothing), backup.ErrAltered},
			"a path upwards from files":   {signed(t, before(file("files/../../x", "x")), nothing), backup.ErrAltered},
			"a path upwards from tables":  {signed(t, before(file("database/../../x", "x")), nothing), backup.ErrAltered},
			"an absolute path":            {signed(t, before(file("/tmp/x", "x")), nothing), backup.ErrAltered},
			"an unknown name":             {signed(t, before(file("README", "x")), nothing), backup.ErrAltered},
			"an unknown table":            {signed(t, before(file("database/table/x", "x")), nothing), backup.ErrAltered},
			"a symbolic link":             {signed(t, before(as(tar.TypeSymlink)), nothing), backup.ErrAltered},
			"a hard link":                 {signed(t, before(as(tar.TypeLink)), nothing), backup.ErrAltered},
			"a folder":                    {signed(t, before(as(tar.TypeDir)), nothing), backup.ErrAltered},
			"a device":                    {signed(t, before(as(tar.TypeChar)), nothing), backup.ErrAltered},
			"a secret, not named":         {pack(t, before(file("secret", "x"))), backup.ErrAltered},
			"a large secret":              {signed(t, before(file("secret", strings.Repeat("x", 5000))), nothing), backup.ErrLimit},
			"something behind it":         {append(bytes.Clone(b), 'x'), backup.ErrAltered},
			"another behind it":           {append(bytes.Clone(b), b...), backup.ErrAltered},
			"zeros behind it":             {append(bytes.Clone(b), make([]byte, 512)...), backup.ErrAltered},
			"of another engine":           {signed(t, good, func(m *backup.Manifest) { m.Engine = "mysql" }), backup.ErrAltered},
			"of another engine's dump":    {signed(t, good, func(m *backup.Manifest) { m.Engine, m.Dump.Engine = "mysql", "mysql" }), nil},
			"of a later release":          {signed(t, good, func(m *backup.Manifest) { m.Dump.Version = 99_999 }), backup.ErrNewer},
			"without tables":              {signed(t, good, func(m *backup.Manifest) { m.Dump.Tables = nil }), nil},
			"with other counts":           {signed(t, good, func(m *backup.Manifest) { m.Dump.Tables[0].Rows = 1 << 40 }), backup.ErrDump},
			"with fewer attachments":      {signed(t, good, func(m *backup.Manifest) { m.Attachments = 1 }), backup.ErrAltered},
			"saying it has a secret":      {signed(t, good, func(m *backup.Manifest) { m.Secret = true }), backup.ErrAltered},
		} {
			_, _, err := backup.Restore(t.Context(), bytes.NewReader(c.b), p.Target, nil)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !typed(err) {
				t.Errorf("%s: %v", name, err)
			}
			if left, ok := errors.AsType[*backup.Left](err); ok {
				if len(kept(t, p.Files)) != left.Files {
					t.Errorf("%s: %v, and there are %d", name, err, len(kept(t, p.Files)))
				}
				for _, e := range need(os.ReadDir(p.filesDir))(t) {
					must(t, os.RemoveAll(filepath.Join(p.filesDir, e.Name())))
				}
			}
			p.untouched(t)
			on := w.bench(t)
			if _, err := backup.Verify(t.Context(), bytes.NewReader(c.b), on, nil); err == nil {
				t.Errorf("%s: verified", name)
			}
			nothingIn(t, on.Scratch)
		}
	})
}

// typed says whether an error is of a kind that words are put on.
func typed(err error) bool {
	return slices.ContainsFunc([]error{
		backup.ErrFormat, backup.ErrTruncated, backup.ErrAltered, backup.ErrLimit, backup.ErrKey, backup.ErrEncrypted, backup.ErrPlain,
		backup.ErrLog, backup.ErrEngine, backup.ErrNotEmpty, backup.ErrNewer, backup.ErrDump,
	}, func(kind error) bool { return errors.Is(err, kind) })
}

func TestABackupIsVerifiedAgainstItsHeads(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w town) {
		b, _ := w.write(t)
		good := items(t, b)
		for name, change := range map[string]func(m *backup.Manifest){
			"a longer log":   func(m *backup.Manifest) { m.Heads[0].Size++ },
			"another root":   func(m *backup.Manifest) { m.Heads[0].Root[31] ^= 1 },
			"another town":   func(m *backup.Manifest) { m.Heads[0].Org = "teifi" },
			"no head":        func(m *backup.Manifest) { m.Heads = nil },
			"one head twice": func(m *backup.Manifest) { m.Heads = append(m.Heads, m.Heads[0]) },
		} {
			on := w.bench(t)
			if _, err := backup.Verify(t.Context(), bytes.NewReader(signed(t, good, change)), on, nil); !errors.Is(err, backup.ErrLog) {
				t.Errorf("%s: %v", name, err)
			}
			nothingIn(t, on.Scratch)
		}
		if _, err := backup.Verify(t.Context(), bytes.NewReader(signed(t, good, func(m *backup.Manifest) { m.Missing = []string{files.Hash(nil)} })), w.bench(t), nil); !errors.Is(err, backup.ErrAltered) {
			t.Errorf("one said to be missing: %v", err)
		}
		if w.engine == "postgres" {
			altered := slices.Clone(good)
			for i := range altered {
				if altered[i].Name == "database/table/ledger_entries" {
					altered[i].body = bytes.Replace(altered[i].body, []byte("org.found"), []byte("org.drown"), 2)
					if bytes.Equal(altered[i].body, good[i].body) {
						altered[i].body = bytes.Replace(altered[i].body, []byte(`"v":1`), []byte(`"v":2`), 1)
					}
					if bytes.Equal(altered[i].body, good[i].body) {
						t.Fatal("no entry was altered")
					}
				}
			}
			if _, err := backup.Verify(t.Context(), bytes.NewReader(signed(t, altered, func(*backup.Manifest) {})), w.bench(t), nil); !errors.Is(err, backup.ErrLog) {
				t.Errorf("an entry under its old hash: %v", err)
			}
		}
	})
}

func TestABackupThatWouldUnpackToTooMuchIsLeft(t *testing.T) {
	t.Parallel()
	w := found(t, "sqlite")
	b, _ := w.write(t)
	p := newPlace(t, "sqlite")
	p.Most = 10_000
	if _, _, err := backup.Restore(t.Context(), bytes.NewReader(b), p.Target, nil); !errors.Is(err, backup.ErrLimit) {
		t.Error(err)
	}
	p.untouched(t)
	p.Most = 0
	// What is only declared is refused before it is looked for; and a bomb of
	// zeros, however well packed, is not unpacked.
	for name, size := range map[string]int64{"database/database.sqlite": 1 << 60, "files/" + files.Hash(nil): files.Largest + 1, "manifest.json": 1 << 40, "secret": 1 << 40} {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		must(t, tar.NewWriter(z).WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, Format: tar.FormatPAX}))
		need(z.Write(make([]byte, 1<<20)))(t)
		must(t, z.Close())
		if _, _, err := backup.Restore(t.Context(), bytes.NewReader(out.Bytes()), p.Target, nil); !errors.Is(err, backup.ErrLimit) {
			t.Errorf("%s: %v", name, err)
		}
		p.untouched(t)
	}
}

func TestABackupCutShortIsRefused(t *testing.T) {
	t.Parallel()
	w := found(t, "sqlite")
	id := identity(t)
	plain, _ := w.write(t)
	sealed, _ := w.write(t, id.Recipient())
	for i := range 50 {
		p := newPlace(t, "sqlite")
		cut := plain[:len(plain)*i/50]
		if _, _, err := backup.Restore(t.Context(), bytes.NewReader(cut), p.Target, nil); !errors.Is(err, backup.ErrTruncated) {
			t.Errorf("%d of %d bytes: %v", len(cut), len(plain), err)
		}
		p.untouched(t)
		cut = sealed[:len(sealed)*i/50]
		if _, _, err := backup.Restore(t.Context(), bytes.NewReader(cut), p.Target, []age.Identity{id}); !errors.Is(err, backup.ErrTruncated) && !errors.Is(err, backup.ErrAltered) {
			t.Errorf("%d of %d encrypted bytes: %v", len(cut), len(sealed), err)
		}
		p.untouched(t)
	}
	for _, cut := range []int{1, 8, 9, 600} { // in what comes after the last byte that matters
		p := newPlace(t, "sqlite")
		if _, _, err := backup.Restore(t.Context(), bytes.NewReader(plain[:len(plain)-cut]), p.Target, nil); !errors.Is(err, backup.ErrTruncated) {
			t.Errorf("without the last %d bytes: %v", cut, err)
		}
		p.untouched(t)
	}
}

// TestAFlippedBit flips bits everywhere. A bit of the packing may mean nothing,
// such as the time in its header: then what comes out is what went in.
func TestAFlippedBit(t *testing.T) {
	t.Parallel()
	w := found(t, "sqlite")
	id := identity(t)
	dice := rand.New(rand.NewPCG(7, 209)) // the same bits each time
	for name, to := range map[string][]age.Recipient{"plain": nil, "encrypted": {id.Recipient()}} {
		b, want := w.write(t, to...)
		var ids []age.Identity
		if to != nil {
			ids = []age.Identity{id}
		}
		harmless := 0
		for n := range 300 {
			at := dice.IntN(len(b))
			if n < 100 {
				at = n // the headers, where most is decided
			}
			bit := byte(1) << dice.IntN(8)
			b[at] ^= bit
			p := newPlace(t, "sqlite")
			m, s, err := backup.Restore(t.Context(), bytes.NewReader(b), p.Target, ids)
			switch {
			case err == nil:
				harmless++
				if to != nil || !reflect.DeepEqual(m, want) || s != nil {
					t.Errorf("%s: with a bit of byte %d flipped it comes back as %+v", name, at, m)
				}
			case !typed(err):
				t.Errorf("%s: byte %d: %v", name, at, err)
			default:
				p.untouched(t)
			}
			b[at] ^= bit
		}
		if harmless > 10 {
			t.Errorf("%s: %d bits mean nothing", name, harmless)
		}
	}
}

func TestKeysThatDoNotOpen(t *testing.T) {
	t.Parallel()
	w := found(t, "sqlite")
	id := identity(t)
	plain, _ := w.write(t)
	sealed, _ := w.write(t, id.Recipient())
	for name, c := range map[string]struct {
		b    []byte
		ids  []age.Identity
		want error
	}{
		"another key":            {sealed, []age.Identity{identity(t), need(age.GenerateHybridIdentity())(t)}, backup.ErrKey},
		"no key":                 {sealed, nil, backup.ErrEncrypted},
		"a key for a plain":      {plain, []age.Identity{id}, backup.ErrPlain},
		"a plain one, disguised": {slices.Concat([]byte("age-encryption.org/v1\n"), plain), []age.Identity{id}, backup.ErrAltered},
	} {
		p := newPlace(t, "sqlite")
		if _, _, err := backup.Restore(t.Context(), bytes.NewReader(c.b), p.Target, c.ids); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		p.untouched(t)
		if _, err := backup.Verify(t.Context(), bytes.NewReader(c.b), w.bench(t), c.ids); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABackupOfOneEngineDoesNotGoIntoTheOther(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w town) {
		b, _ := w.write(t)
		other := map[string]string{"sqlite": "postgres", "postgres": "sqlite"}[w.engine]
		p := newPlace(t, other)
		if _, _, err := backup.Restore(t.Context(), bytes.NewReader(b), p.Target, nil); !errors.Is(err, backup.ErrEngine) {
			t.Error(err)
		}
		p.untouched(t)
		if w.engine == "postgres" {
			for _, dsn := range []string{"", p.DSN} {
				on := backup.Bench{DSN: dsn, Scratch: t.TempDir()}
				if _, err := backup.Verify(t.Context(), bytes.NewReader(b), on, nil); !errors.Is(err, backup.ErrEngine) {
					t.Errorf("tried on %q: %v", dsn, err)
				}
				nothingIn(t, on.Scratch)
			}
		}
	})
}

// broken is a source that fails in the middle.
type broken struct {
	r    io.Reader
	left int
}

var errGone = errors.New("the network is gone")

func (b *broken) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errGone
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func TestASourceThatFailsIsNotAFaultOfTheBackup(t *testing.T) {
	t.Parallel()
	w := found(t, "sqlite")
	id := identity(t)
	plain, _ := w.write(t)
	sealed, _ := w.write(t, id.Recipient())
	for _, c := range []struct {
		b   []byte
		ids []age.Identity
	}{{plain, nil}, {sealed, []age.Identity{id}}} {
		for _, after := range []int{0, 10, 100, len(c.b) / 2, len(c.b) - 1} {
			p := newPlace(t, "sqlite")
			_, _, err := backup.Restore(t.Context(), &broken{bytes.NewReader(c.b), after}, p.Target, c.ids)
			if !errors.Is(err, errGone) || typed(err) {
				t.Errorf("after %d bytes: %v", after, err)
			}
			p.untouched(t)
		}
	}
}

// TestASpoiltDatabaseInAWellMadeArchive hands SQLite files that no server wrote:
// it refuses them, or they are databases all the same, but never the end of the
// program.
func TestASpoiltDatabaseInAWellMadeArchive(t *testing.T) {
	t.Parallel()
	w := found(t, "sqlite")
	b, _ := w.write(t)
	good := items(t, b)
	dice := rand.New(rand.NewPCG(7, 2026))
	refused := 0
	for n := range 60 {
		spoilt := slices.Clone(good)
		body := bytes.Clone(good[0].body)
		switch n % 3 {
		case 0: // a bit of the first page, where the schema begins
			body[dice.IntN(4096)] ^= 1 << dice.IntN(8)
		case 1: // a page
			at := dice.IntN(len(body) / 4096)
			for i := range 4096 {
				body[at*4096+i] = byte(dice.Int())
			}
		case 2: // the end
			body = body[:dice.IntN(len(body))]
		}
		spoilt[0].body = body
		p := newPlace(t, "sqlite")
		_, _, err := backup.Restore(t.Context(), bytes.NewReader(signed(t, spoilt, func(*backup.Manifest) {})), p.Target, nil)
		if err == nil {
			continue
		}
		refused++
		if !errors.Is(err, backup.ErrDump) {
			t.Errorf("%d: %v", n, err)
		}
		must(t, store.Vacant(t.Context(), p.DSN))
	}
	if refused < 40 {
		t.Errorf("only %d of 60 were refused", refused)
	}
}

func FuzzRestore(f *testing.F) {
	good := []item{file("database/database.sqlite", "x"), file("manifest.json", `{"v":1,"engine":"sqlite","dump":{"engine":"sqlite","version":1,"queue":1}}`)}
	for _, seed := range [][]item{good, good[:1], good[1:], {file("secret", "x"), file("files/"+files.Hash(nil), "")}, nil} {
		f.Add(need(io.ReadAll(need(gzip.NewReader(bytes.NewReader(pack(f, seed))))(f)))(f))
	}
	f.Fuzz(func(t *testing.T, archive []byte) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		need(z.Write(archive))(t)
		must(t, z.Close())
		p := newPlace(t, "sqlite")
		p.Most = 1 << 20
		if _, _, err := backup.Restore(t.Context(), &b, p.Target, nil); err == nil || !typed(err) {
			t.Errorf("restored: %v", err)
		}
		p.untouched(t)
	})
}
