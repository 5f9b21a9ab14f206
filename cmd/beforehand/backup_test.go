package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"

	"beforehand/internal/backup"
	"beforehand/internal/register"
	"beforehand/internal/register/registertest"
	"beforehand/internal/store"
	"beforehand/internal/store/storetest"
)

// TestBackupWhileWriting makes a backup of a server that takes 200 changes a
// second, kills it (−9), restores the backup elsewhere and compares: nothing
// that was acknowledged before the backup is lost, receipts still verify, and
// one from after it is said to be from a later log.
func TestBackupWhileWriting(t *testing.T) {
	if testing.Short() {
		t.Skip("writes for half a minute; run without -short")
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) { backupWhileWriting(t, engine) })
	}
}

// perSecond is how many changes are made in a second, and seconds how long.
const (
	perSecond = 200
	seconds   = 8
)

// testSecret is what registertest seals with.
var testSecret = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

func backupWhileWriting(t *testing.T, engine string) {
	ctx := t.Context()
	dsn, data, out := storetest.DSN(t, engine), t.TempDir(), t.TempDir()
	no, token, reader := prepareBackup(t, dsn)
	p := start(t, "--data", data, "--database", dsn, "--secret-key", testSecret, "--rate-limit", "0", "--mail-from", "notices@tywi.example")
	p.ready(t)
	early := receiptOf(t, p, no, reader, filepath.Join(out, "early.json"))
	w := writeOn(ctx, p, token)
	time.Sleep(seconds / 3 * time.Second) //nolint:forbidigo // changes must be under way
	before := w.acknowledged()
	file, identity := filepath.Join(out, "b.age"), ageIdentity(t, out)
	where := []string{"--data", data, "--database", dsn, "--secret-key", testSecret}
	if code, said, errs := cli(t, append(where, "backup", file, "--recipient", identity.Recipient().String())...); code != exitOK {
		t.Fatalf("backup: %d %s%s", code, said, errs)
	}
	time.Sleep(seconds / 3 * time.Second) //nolint:forbidigo // changes must go on after it
	late := receiptOf(t, p, no, reader, filepath.Join(out, "late.json"))
	p.kill(t)
	rate := w.stop()
	t.Logf("%s: %d changes acknowledged, %.0f a second; %d before the backup began", engine, len(w.acknowledged()), rate, len(before))

	to := []string{"--data", t.TempDir(), "--secret-key", testSecret}
	if engine == "postgres" {
		to = append(to, "--database", storetest.PostgresURL(t))
	}
	if code, said, errs := cli(t, append(to, "restore", file, "--identity", filepath.Join(out, "identity"))...); code != exitOK || !strings.Contains(said, "was restored from the backup") {
		t.Fatalf("restore: %d %s%s", code, said, errs)
	}
	checkRestored(t, to, before, w.acknowledged())
	if code, said, errs := cli(t, append(to, "verify", "log")...); code != exitOK {
		t.Errorf("the restored log: %d %s%s", code, said, errs)
	}
	keys := filepath.Join(out, "keys")
	_, listed, _ := cli(t, append(to, "keys")...)
	if err := os.WriteFile(keys, []byte(listed), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, said, _ := cli(t, append(to, "verify", "receipt", early, "--key", keys, "--here")...); code != exitOK || !strings.Contains(said, "begins as the receipt says") {
		t.Errorf("a receipt from before: %d %s", code, said)
	}
	if code, said, _ := cli(t, append(to, "verify", "receipt", late, "--key", keys, "--here")...); code != exitLater || !strings.Contains(said, "from a later log than this one") {
		t.Errorf("a receipt from after: %d %s", code, said)
	}
	// It says so at start, and goes on.
	again := start(t, append([]string{"--rate-limit", "0"}, to...)...)
	again.ready(t)
	if !strings.Contains(again.said.String(), "was restored from the backup") {
		t.Errorf("at start it says nothing: %s", again.said.String())
	}
	more := writeOn(ctx, again, token)
	time.Sleep(time.Second) //nolint:forbidigo // it must outgrow what was lost in part
	more.stop()
	if len(more.acknowledged()) == 0 {
		t.Error("nothing is taken after a restoration")
	}
	again.end(t)
	if code, said, _ := cli(t, append(to, "verify", "receipt", late, "--key", keys, "--here")...); code != exitLater {
		t.Errorf("later on, a receipt from after: %d %s", code, said)
	}
}

func ageIdentity(t *testing.T, dir string) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "identity"), []byte(id.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return id
}

// prepareBackup founds a council with a notice and a token that may add areas.
func prepareBackup(t *testing.T, dsn string) (no, token, reader string) {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	h := registertest.New(t, s)
	_, n := h.Noticed(t)
	h.Clock.Set(time.Now())
	if token, _, err = h.IssueToken(t.Context(), h.Admin, register.NewToken{Name: "writer", Scopes: []string{"service_area.*"}, Days: 9}); err != nil {
		t.Fatal(err)
	}
	if reader, _, err = h.IssueToken(t.Context(), h.CDO, register.NewToken{Name: "reader", Scopes: []string{"notice.read", "checkpoint.sign", "delivery.read"}, Days: 9}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return n.No, token, reader
}

// receiptOf has the log signed and fetches a receipt into a file.
func receiptOf(t *testing.T, p *process, no, token, file string) string {
	t.Helper()
	for _, c := range []struct{ method, path string }{{http.MethodPost, "/api/v1/checkpoints"}, {http.MethodGet, "/api/v1/notices/" + no + "/receipt"}} {
		code, b, err := asked(t.Context(), p, c.method, c.path, "", token)
		if err != nil || code >= 300 {
			t.Fatalf("%s: %d %s %v", c.path, code, b, err)
		}
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

func asked(ctx context.Context, p *process, method, path, body, token string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.url("%s", path), strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, b, errors.Join(err, res.Body.Close())
}

// writer makes changes at a steady rate and remembers those acknowledged.
type writer struct {
	mu     sync.Mutex
	ids    []string
	began  time.Time
	cancel context.CancelFunc
	done   sync.WaitGroup
}

var named atomic.Int64

func writeOn(ctx context.Context, p *process, token string) *writer {
	ctx, cancel := context.WithCancel(ctx)
	w := &writer{began: time.Now(), cancel: cancel}
	due := make(chan struct{}, perSecond)
	w.done.Go(func() {
		tick := time.NewTicker(time.Second / perSecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				select {
				case due <- struct{}{}:
				default:
				}
			case <-ctx.Done():
				return
			}
		}
	})
	for range 8 {
		w.done.Go(func() {
			for {
				select {
				case <-due:
					w.write(ctx, p, token)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	return w
}

func (w *writer) write(ctx context.Context, p *process, token string) {
	code, b, err := asked(ctx, p, http.MethodPost, "/api/v1/service-areas", fmt.Sprintf(`{"name":{"en":"Area %d"}}`, named.Add(1)), token)
	var made struct{ ID string }
	if err != nil || code != http.StatusCreated || json.Unmarshal(b, &made) != nil {
		return // not acknowledged
	}
	w.mu.Lock()
	w.ids = append(w.ids, made.ID)
	w.mu.Unlock()
}

func (w *writer) acknowledged() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.ids...)
}

func (w *writer) stop() (rate float64) {
	took := time.Since(w.began)
	w.cancel()
	w.done.Wait()
	return float64(len(w.acknowledged())) / took.Seconds()
}

// checkRestored holds what was acknowledged before the backup, and every row
// and entry that came back, against each other.
func checkRestored(t *testing.T, to []string, before, all []string) {
	t.Helper()
	dsn := filepath.Join(to[1], "beforehand.db")
	if len(to) > 4 {
		dsn = to[5]
	}
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	org, err := s.OrganisationBySlug(t.Context(), "tywi")
	if err != nil {
		t.Fatal(err)
	}
	areas, err := s.ServiceAreas(t.Context(), org.ID)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := s.LedgerEntries(t.Context(), org.ID, 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	rows, recorded := map[string]bool{}, map[string]bool{}
	for _, a := range areas {
		rows[a.ID] = true
	}
	for _, e := range entries {
		if e.Verb == "service_area.add" {
			recorded[e.Subject] = true
		}
	}
	lost, halves, kept := 0, 0, 0
	for _, id := range before {
		if !rows[id] || !recorded[id] {
			lost++
		}
	}
	for _, id := range all {
		if rows[id] != recorded[id] {
			halves++
		}
		if rows[id] {
			kept++
		}
	}
	t.Logf("%d of %d changes came back, with %d log entries", kept, len(all), len(entries))
	if lost > 0 || halves > 0 || len(before) == 0 || kept == len(all) {
		t.Errorf("%d of %d acknowledged before the backup are lost, %d are there by half; %d of %d came back", lost, len(before), halves, kept, len(all))
	}
}

// TestBackupsByThemselves lets a server make its own, and keep two.
func TestBackupsByThemselves(t *testing.T) {
	t.Parallel()
	data, dir := t.TempDir(), t.TempDir()
	g := &Globals{Data: data}
	c := &console{out: io.Discard, err: io.Discard, now: time.Now}
	p, err := g.open(t.Context(), c, mailSettings{}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if err := p.bootstrap(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	set := backupSettings{Dir: dir, Every: time.Millisecond, Keep: 2}
	at := time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC)
	for i := range 4 {
		at = at.Add(time.Duration(i+1) * time.Second)
		if err := set.run(t.Context(), p, g, at, store.Attempt{Number: 1}); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.backup"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v %v", files, err)
	}
	rows, err := p.store.Backups(t.Context(), 10)
	if err != nil || len(rows) != 4 || rows[0].RemovedAt != nil || rows[3].RemovedAt == nil || rows[0].Bytes == 0 || rows[0].Entries == 0 {
		t.Errorf("%+v %v", rows, err)
	}
	// A folder that is gone is a failure that is written down, and no good backup.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := set.run(t.Context(), p, g, at.Add(time.Hour), store.Attempt{Number: 1}); err == nil {
		t.Error("it was made nowhere")
	}
	if rows, err = p.store.Backups(t.Context(), 10); err != nil || rows[0].Failed == "" {
		t.Errorf("%+v %v", rows[0], err)
	}
	// It is not time yet.
	set.Every = 24 * time.Hour
	if err := set.run(t.Context(), p, g, at.Add(2*time.Hour), store.Attempt{Number: 1}); err != nil {
		t.Errorf("it is not time, but: %v", err)
	}
	if err := set.run(t.Context(), p, g, at.Add(16*time.Hour), store.Attempt{Number: 1}); err == nil {
		t.Error("the next day it is time, and the folder is gone")
	}
}

// TestBackupFaults holds the commands to their words and codes.
func TestBackupFaults(t *testing.T) {
	t.Parallel()
	data, out := t.TempDir(), t.TempDir()
	if code, _, errs := cli(t, "demo", "--data", data); code != exitOK {
		t.Fatal(errs)
	}
	plain, sealed := filepath.Join(out, "plain"), filepath.Join(out, "sealed")
	id := ageIdentity(t, out)
	for file, more := range map[string][]string{plain: nil, sealed: {"--recipient", id.Recipient().String()}} {
		if code, _, errs := cli(t, append([]string{"backup", file, "--data", data}, more...)...); code != exitOK {
			t.Fatal(errs)
		}
	}
	b, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	damaged, cut := filepath.Join(out, "damaged"), filepath.Join(out, "cut")
	flipped := bytes.Clone(b)
	flipped[len(flipped)/2] ^= 4
	for file, content := range map[string][]byte{damaged: flipped, cut: b[:len(b)-700], filepath.Join(out, "words"): []byte("Dear Sir")} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	identity := filepath.Join(out, "identity")
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"good":               {[]string{"verify", "backup", plain}, exitOK, "The backup is good"},
		"good, encrypted":    {[]string{"verify", "backup", sealed, "--identity", identity}, exitOK, "It holds the installation’s secret"},
		"good, in Welsh":     {[]string{"--language", "cy", "verify", "backup", plain}, exitOK, "Mae’r copi wrth gefn yn dda"},
		"without the key":    {[]string{"verify", "backup", sealed}, exitError, "is encrypted"},
		"a key too many":     {[]string{"verify", "backup", plain, "--identity", identity}, exitError, "is not encrypted"},
		"damaged":            {[]string{"verify", "backup", damaged}, exitBlocked, "altered or damaged"},
		"cut":                {[]string{"verify", "backup", cut}, exitBlocked, "ends too early"},
		"no backup":          {[]string{"verify", "backup", filepath.Join(out, "words")}, exitBlocked, "no backup of Beforehand"},
		"there already":      {[]string{"backup", plain, "--data", data}, exitError, "there already"},
		"no age key":         {[]string{"backup", filepath.Join(out, "x"), "--data", data, "--recipient", "age1nonsense"}, exitError, "no list of age public keys"},
		"not into an empty":  {[]string{"restore", plain, "--data", data}, exitError, "into an empty place only"},
		"damaged, restored":  {[]string{"restore", damaged, "--data", t.TempDir()}, exitError, "altered or damaged"},
		"no identity":        {[]string{"restore", sealed, "--identity", plain, "--data", t.TempDir()}, exitError, "no file of age secret keys"},
		"restored":           {[]string{"restore", plain, "--data", t.TempDir()}, exitOK, "Put the old secret.key into the data folder"},
		"restored, with key": {[]string{"restore", sealed, "--identity", identity, "--data", t.TempDir()}, exitOK, "was restored from the backup"},
	} {
		code, said, errs := cli(t, c.args...)
		if code != c.code || !strings.Contains(said+errs, c.says) {
			t.Errorf("%s: %d, want %d, %s%s", name, code, c.code, said, errs)
		}
	}
	if err := backupError(backup.ErrNewer); err.Error() == "" {
		t.Error("no words")
	}
}
