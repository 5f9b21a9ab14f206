package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"beforehand/frontend/words"
	"beforehand/internal/auth"
	"beforehand/internal/backup"
	"beforehand/internal/store"
	"beforehand/models"
)

type backupCmd struct {
	Out       string   `arg:"" help:"File to write; it must not be there yet." type:"path"`
	Recipient []string `help:"age public key that may read it (age1…), or a file of them. Without one the backup is not encrypted, and holds no secret." placeholder:"KEY|FILE"`
}

func (cmd *backupCmd) Run(ctx context.Context, g *Globals, c *console) error {
	p, err := g.openThere(ctx, c, mailSettings{})
	if err != nil {
		return err
	}
	defer p.close()
	at := c.now()
	m, err := p.backup(ctx, g, cmd.Out, cmd.Recipient, at)
	if err != nil {
		return backupError(err)
	}
	if err := p.register.NoteBackup(ctx, noted(m, at, cmd.Out, len(cmd.Recipient) > 0)); err != nil {
		return err
	}
	return say(c, g.Language, "cli.backup_done", map[string]any{
		"file": cmd.Out, "size": words.Number(g.Language, int(m.Bytes)), "entries": words.Number(g.Language, int(entriesOf(m.Manifest))), "attachments": words.Number(g.Language, m.Attachments),
	}, secretWords(m.Manifest), lostFiles(m.Manifest))
}

// noted is what is kept of a backup.
func noted(m backup.Made, at time.Time, file string, encrypted bool) models.Backup {
	return models.Backup{At: at, Folder: filepath.Dir(file), Name: filepath.Base(file), Bytes: m.Bytes, SHA256: m.SHA256, Entries: entriesOf(m.Manifest), Encrypted: encrypted}
}

// secretWords says whether the installation's secret is in a backup.
func secretWords(m backup.Manifest) string {
	if m.Secret {
		return "cli.backup_secret"
	}
	return "cli.backup_no_secret"
}

func lostFiles(m backup.Manifest) string {
	if len(m.Missing)+len(m.Altered) > 0 {
		return "cli.backup_files_missing"
	}
	return ""
}

func say(c *console, lang, code string, params map[string]any, more ...string) error {
	lines := []string{words.Say(lang, code, params)}
	for _, m := range more {
		if m != "" {
			lines = append(lines, words.Say(lang, m, params))
		}
	}
	_, err := fmt.Fprintln(c.out, strings.Join(lines, "\n"))
	return err
}

func entriesOf(m backup.Manifest) int64 {
	var n int64
	for _, h := range m.Heads {
		n += h.Size
	}
	return n
}

// backup writes a backup of everything, and tries it.
func (p *parts) backup(ctx context.Context, g *Globals, out string, recipients []string, at time.Time) (backup.Made, error) {
	to, err := keyTexts(recipients)
	if err != nil {
		return backup.Made{}, err
	}
	scratch, err := g.scratch(at)
	if err != nil {
		return backup.Made{}, err
	}
	o := backup.Options{At: at, Scratch: scratch}
	if to != "" {
		if o.Recipients, err = backup.ParseRecipients(to); err != nil {
			return backup.Made{}, err
		}
	}
	secret, err := g.key()
	if err != nil {
		return backup.Made{}, err
	}
	src := backup.Source{Store: p.store, Files: p.keep, Secret: secret, Version: version}
	return backup.ToFile(ctx, out, src, o, backup.Bench{DSN: g.Database, Scratch: scratch})
}

// scratch is a folder for what is being packed or tried, on the data's own disk:
// the system's may be small. What a killed process left there goes after a day.
func (g *Globals) scratch(now time.Time) (string, error) {
	dir := filepath.Join(g.Data, "scratch")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return dir, sweep(dir, "", now)
}

// sweep removes what a killed process left in a folder more than a day ago.
func sweep(dir, prefix string, now time.Time) error {
	left, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range left {
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), prefix) && now.Sub(info.ModTime()) > 24*time.Hour {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// keyTexts reads keys that are given as they are, or as files.
func keyTexts(given []string) (string, error) {
	var all []string
	for _, k := range given {
		b, err := os.ReadFile(k) //nolint:gosec // who starts the program names the file
		switch {
		case err == nil:
			k = string(b)
		case !errors.Is(err, fs.ErrNotExist) || strings.ContainsAny(k, `/\`):
			return "", err
		}
		all = append(all, k)
	}
	return strings.Join(all, "\n"), nil
}

// backupError puts words on what may be wrong with a backup.
func backupError(err error) error {
	for cause, code := range map[error]string{
		backup.ErrFormat: "backup_format", backup.ErrTruncated: "backup_truncated", backup.ErrAltered: "backup_altered", backup.ErrLimit: "backup_limit", backup.ErrKey: "backup_key",
		backup.ErrEncrypted: "backup_encrypted", backup.ErrPlain: "backup_plain", backup.ErrLog: "backup_log", backup.ErrEngine: "backup_engine", backup.ErrNotEmpty: "backup_not_empty",
		backup.ErrNewer: "backup_newer", backup.ErrDump: "backup_dump", backup.ErrRecipient: "backup_recipient", backup.ErrIdentity: "backup_identity", os.ErrExist: "backup_there",
	} {
		if errors.Is(err, cause) {
			return models.Fail(models.Invalid, code).Because(err)
		}
	}
	return err
}

type restoreCmd struct {
	File     string   `arg:"" help:"The backup." type:"existingfile"`
	Identity []string `help:"File of the age secret key that opens it." placeholder:"FILE"`
}

// Run restores into the data folder, or --database: both must be empty. Each
// log then goes on with an entry that says so.
func (cmd *restoreCmd) Run(ctx context.Context, g *Globals, c *console) error {
	if err := os.MkdirAll(g.Data, 0o750); err != nil {
		return err
	}
	keep, err := g.keep()
	if err != nil {
		return err
	}
	if err := store.Vacant(ctx, g.dsn()); err != nil {
		return backupError(err)
	}
	// From here until the log tells of it, a start tells it instead.
	if err := os.WriteFile(g.pending(), nil, 0o600); err != nil {
		return err
	}
	m, secret, err := readBackup(cmd.File, cmd.Identity, func(r io.Reader, ids backupKeys) (backup.Manifest, []byte, error) {
		scratch, err := g.scratch(c.now())
		if err != nil {
			return backup.Manifest{}, nil, err
		}
		return backup.Restore(ctx, r, backup.Target{DSN: g.dsn(), Files: keep, Shared: g.S3.Bucket != "", Scratch: scratch}, ids)
	})
	if err != nil {
		return errors.Join(backupError(err), os.Remove(g.pending()))
	}
	if err := g.keepSecret(secret, c.now()); err != nil {
		return err
	}
	p, err := g.open(ctx, c, mailSettings{}, c.now)
	if err != nil {
		return err
	}
	defer p.close()
	back, err := p.register.NoteRestored(ctx, m.At)
	if err != nil {
		return err
	}
	if err := os.Remove(g.pending()); err != nil {
		return err
	}
	for _, v := range back {
		if err := say(c, g.Language, "cli.restored", restoredParams(g.Language, v.Organisation, v.BackupAt, v.Size, v.Lost)); err != nil {
			return err
		}
	}
	more := ""
	if secret == nil && g.SecretKey == "" {
		more = "cli.restored_no_secret"
	}
	return say(c, g.Language, "cli.restored_access", nil, more)
}

func restoredParams(lang string, org models.Text, at time.Time, size, lost int64) map[string]any {
	return map[string]any{"organisation": org, "at": words.DateTime(lang, at, nil), "size": words.Number(lang, int(size)), "lost": words.Number(lang, int(lost))}
}

// pending marks a restoration that the log does not tell of yet.
func (g *Globals) pending() string { return filepath.Join(g.Data, "restore.pending") }

// finishRestore tells the log of a restoration that broke off after its
// database was there. When its backup was made is not known any more: the
// newest entry says how far it went.
func (p *parts) finishRestore(ctx context.Context, g *Globals) error {
	if _, err := os.Stat(g.pending()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	_, newest, err := p.store.Clock(ctx)
	if err != nil {
		return err
	}
	if _, err := p.register.NoteRestored(ctx, newest); err != nil {
		return err
	}
	return os.Remove(g.pending())
}

// keepSecret puts the installation's secret back where it is looked for: what
// is in the backup is sealed with it. Another one that is there is put aside.
func (g *Globals) keepSecret(secret []byte, now time.Time) error {
	if secret == nil || g.SecretKey != "" {
		return nil
	}
	path := filepath.Join(g.Data, "secret.key")
	if _, err := os.Stat(path); err == nil {
		if there, err := auth.KeyFile(path); err == nil && bytes.Equal(there, secret) {
			return nil
		}
		if err := os.Rename(path, path+".before-"+now.UTC().Format("20060102T150405Z")); err != nil {
			return err
		}
	}
	return auth.PutKeyFile(path, secret)
}

type verifyBackupCmd struct {
	File     string   `arg:"" help:"The backup." type:"existingfile"`
	Identity []string `help:"File of the age secret key that opens it." placeholder:"FILE"`
}

func (cmd *verifyBackupCmd) Run(ctx context.Context, g *Globals, c *console) error {
	m, _, err := readBackup(cmd.File, cmd.Identity, func(r io.Reader, ids backupKeys) (backup.Manifest, []byte, error) {
		m, err := backup.Verify(ctx, r, backup.Bench{DSN: g.Database}, ids)
		return m, nil, err
	})
	if errors.Is(err, backup.ErrTruncated) || errors.Is(err, backup.ErrAltered) || errors.Is(err, backup.ErrLog) || errors.Is(err, backup.ErrFormat) || errors.Is(err, backup.ErrDump) {
		complain(c.err, g.Language, backupError(err))
		return exit(exitBlocked)
	}
	if err != nil {
		return backupError(err)
	}
	return say(c, g.Language, "cli.backup_good", map[string]any{
		"at": words.DateTime(g.Language, m.At, nil), "release": m.Release, "engine": m.Engine, "entries": words.Number(g.Language, int(entriesOf(m))), "attachments": words.Number(g.Language, m.Attachments),
	}, secretWords(m), lostFiles(m))
}

// readBackup opens a backup and the keys for it.
func readBackup(path string, identities []string, do func(io.Reader, backupKeys) (backup.Manifest, []byte, error)) (backup.Manifest, []byte, error) {
	var ids backupKeys
	texts, err := keyTexts(identities)
	if err == nil && texts != "" {
		ids, err = backup.ParseIdentities(texts)
	}
	if err != nil {
		return backup.Manifest{}, nil, err
	}
	f, err := os.Open(path) //nolint:gosec // who starts the program names the file
	if err != nil {
		return backup.Manifest{}, nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	return do(f, ids)
}

// backupKeys are the secret keys that open a backup.
type backupKeys = backup.Identities

// backupSettings are the backups that the server makes by itself.
type backupSettings struct {
	Dir       string        `name:"backup-dir" help:"Folder for backups that the server makes by itself; without one it makes none." env:"BEFOREHAND_BACKUP_DIR" type:"path" placeholder:"DIR"`
	Every     time.Duration `name:"backup-every" help:"How often a backup is made." default:"24h" env:"BEFOREHAND_BACKUP_EVERY"`
	Keep      int           `name:"backup-keep" help:"How many good backups are kept." default:"14" env:"BEFOREHAND_BACKUP_KEEP"`
	Recipient []string      `name:"backup-recipient" help:"age public key that may read them (age1…), or a file of them." env:"BEFOREHAND_BACKUP_RECIPIENT" placeholder:"KEY|FILE"`
}

// MakeBackup is the job of a backup.
type MakeBackup struct{}

// Kind is the stable name of the job.
func (MakeBackup) Kind() string { return "backup.make" }

// Queue says that it takes long.
func (MakeBackup) Queue() string { return store.LongQueue }

// longestBackup is how long one may take.
const longestBackup = 6 * time.Hour

// schedule adds the backups to what is done by jobs.
func (b backupSettings) schedule(w *store.Workers, p *parts, g *Globals, now func() time.Time) error {
	if b.Dir == "" {
		return nil
	}
	if b.Every < time.Minute || b.Keep < 1 {
		return errors.New("backups are made once a minute at most, and one at least is kept")
	}
	if err := os.MkdirAll(b.Dir, 0o700); err != nil {
		return err
	}
	store.HandleLong(w, longestBackup, func(ctx context.Context, _ MakeBackup, a store.Attempt) error { return b.run(ctx, p, g, now(), a) })
	store.Every(w, b.Every, MakeBackup{})
	return nil
}

// run makes a backup if it is time, writes down how it went, and removes those
// whose time is over.
func (b backupSettings) run(ctx context.Context, p *parts, g *Globals, at time.Time, try store.Attempt) error {
	if last, err := p.register.LastGoodBackup(ctx); err == nil && !last.UTC().Truncate(b.Every).Before(at.UTC().Truncate(b.Every)) {
		return nil // of this interval there is one: the server was started again since
	}
	name := "beforehand-" + at.UTC().Format("20060102T150405Z") + ".backup"
	if len(b.Recipient) > 0 {
		name += ".age"
	}
	if err := sweep(b.Dir, ".beforehand-", at); err != nil {
		p.log.WarnContext(ctx, "what an earlier backup left was not removed", "error", err.Error())
	}
	m, err := p.backup(ctx, g, filepath.Join(b.Dir, name), b.Recipient, at)
	if err != nil {
		row := models.Backup{At: at, Folder: b.Dir, Encrypted: len(b.Recipient) > 0, Failed: "backup_failed"}
		if e, ok := errors.AsType[*models.Error](backupError(err)); ok {
			row.Failed = e.Code // the cause, which may name places, is in the log
		}
		p.log.ErrorContext(ctx, "the backup failed", "error", err.Error())
		if try.Number > 1 {
			return err // it is written down already, and tried again
		}
		return errors.Join(err, p.register.NoteBackup(ctx, row))
	}
	return errors.Join(p.register.NoteBackup(ctx, noted(m, at, filepath.Join(b.Dir, name), len(b.Recipient) > 0)), b.prune(ctx, p))
}

func (b backupSettings) prune(ctx context.Context, p *parts) error {
	rows, err := p.store.GoodBackups(ctx, b.Dir)
	if err != nil || len(rows) <= b.Keep {
		return err
	}
	for _, old := range rows[b.Keep:] {
		// The name is ours, from the table; nothing beside the folder is touched.
		if err := os.Remove(filepath.Join(b.Dir, filepath.Base(old.Name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := p.register.NoteRemoved(ctx, old.ID); err != nil {
			return err
		}
	}
	return nil
}
