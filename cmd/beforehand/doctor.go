package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"beforehand/frontend/words"
	"beforehand/internal/files"
	"beforehand/internal/notice"
	"beforehand/internal/store"
	"beforehand/models"
)

type doctorCmd struct {
	mailSettings
	JSON bool `name:"json" help:"Print JSON on standard output."`
}

// severity is how bad a finding is.
type severity string

const (
	fine severity = "fine"
	mind severity = "mind" // works, and should be looked at
	bad  severity = "bad"
)

// finding is what one check came to, and how it is mended. Its words are
// doctor.CHECK.CODE and doctor.CHECK.CODE.mend.
type finding struct {
	Check    string         `json:"check"`
	Severity severity       `json:"severity"`
	Code     string         `json:"code"`
	Params   map[string]any `json:"params,omitempty"`
	What     string         `json:"what"`
	Mend     string         `json:"mend,omitempty"`
}

// doctor looks, one check after the other; what one needs of those before it
// is in its fields.
type doctor struct {
	g     *Globals
	c     *console
	mail  mailSettings
	found []finding
	p     *parts
	// bare says that there is no secret yet: none shall be made by looking.
	bare bool
}

func (d *doctor) say(check string, s severity, code string, pairs ...any) {
	f := finding{Check: check, Severity: s, Code: code, Params: map[string]any{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Params[pairs[i].(string)] = pairs[i+1]
	}
	f.What = words.Say(d.g.Language, "doctor."+check+"."+code, f.Params)
	if s != fine {
		f.Mend = words.Say(d.g.Language, "doctor."+check+"."+code+".mend", f.Params)
	}
	d.found = append(d.found, f)
}

func (cmd *doctorCmd) Run(ctx context.Context, g *Globals, c *console) error {
	d := &doctor{g: g, c: c, mail: cmd.mailSettings}
	d.look(ctx)
	worst := false
	for _, f := range d.found {
		worst = worst || f.Severity == bad
	}
	if cmd.JSON {
		if err := printJSON(c.out, d.found); err != nil {
			return err
		}
	} else {
		d.print()
	}
	if worst {
		return exit(exitBlocked)
	}
	return nil
}

func (d *doctor) print() {
	marks := map[severity]string{fine: "ok", mind: "?", bad: "!!"}
	for _, f := range d.found {
		fmt.Fprintf(d.c.out, "%-3s%s: %s\n", marks[f.Severity], words.Say(d.g.Language, "doctor."+f.Check, nil), f.What)
		if f.Mend != "" {
			fmt.Fprintf(d.c.out, "   → %s\n", f.Mend)
		}
	}
}

func (d *doctor) look(ctx context.Context) {
	d.secret()
	d.disk()
	d.mails(ctx)
	d.scanner(ctx)
	if !d.database(ctx) {
		return // the others need it
	}
	defer d.p.close()
	d.walls(ctx)
	d.clock(ctx)
	d.keys(ctx)
	d.log(ctx)
	d.jobs(ctx)
	d.attachments(ctx)
	d.backups(ctx)
}

// walls looks whether PostgreSQL keeps the unions' rooms shut, which it does for
// no superuser.
func (d *doctor) walls(ctx context.Context) {
	walled, err := d.p.store.Walled(ctx)
	switch {
	case err != nil:
		d.say("walls", bad, "unreadable", "why", err.Error())
	case walled:
		d.say("walls", fine, "good")
	case d.p.store.Engine() == "postgres":
		d.say("walls", bad, "superuser")
	default:
		d.say("walls", fine, "sqlite")
	}
}

// secret looks at the installation's secret without making one.
func (d *doctor) secret() {
	if d.g.SecretKey != "" {
		if _, err := d.g.key(); err != nil {
			d.say("secret", bad, "malformed")
			return
		}
		d.say("secret", fine, "given")
		return
	}
	path := d.g.Data + "/secret.key"
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		d.bare = true
		d.say("secret", mind, "none", "path", path)
		return
	}
	if _, err := d.g.key(); err != nil {
		d.say("secret", bad, "unreadable", "path", path, "why", err.Error())
		return
	}
	d.say("secret", fine, "kept", "path", path)
}

// Little room is below a gibibyte, or a twentieth of the disk.
const littleRoom = 1 << 30

func (d *doctor) disk() {
	free, all, err := room(d.g.Data)
	gib := func(n uint64) string { return fmt.Sprintf("%.1f", float64(n)/(1<<30)) }
	switch {
	case err != nil:
		d.say("disk", bad, "unreadable", "path", d.g.Data, "why", err.Error())
	case free < littleRoom || free < all/20:
		d.say("disk", bad, "full", "path", d.g.Data, "free", gib(free), "all", gib(all))
	default:
		d.say("disk", fine, "good", "path", d.g.Data, "free", gib(free), "all", gib(all))
	}
}

func (d *doctor) mails(ctx context.Context) {
	if d.mail.Host == "" && d.mail.Notify.Key == "" {
		d.say("mail", mind, "files", "path", d.mail.place(d.g))
		return
	}
	channel, err := d.mail.channel(d.g.Data, nil, nil)
	if err == nil {
		if smtp, ok := channel.(*notice.Kept); ok {
			err = smtp.Check(ctx)
		}
	}
	if err != nil {
		d.say("mail", bad, "unreachable", "host", d.mail.place(d.g), "why", err.Error())
		return
	}
	d.say("mail", fine, "good", "host", d.mail.place(d.g))
}

func (d *doctor) scanner(ctx context.Context) {
	if d.g.Clamd == "" {
		d.say("scanner", fine, "none")
		return
	}
	if err := (files.Scanner{Addr: d.g.Clamd, Timeout: 5 * time.Second}).Ping(ctx); err != nil {
		d.say("scanner", bad, "silent", "addr", d.g.Clamd, "why", err.Error())
		return
	}
	d.say("scanner", fine, "good", "addr", d.g.Clamd)
}

// database looks at the schema before anything brings it up to date.
func (d *doctor) database(ctx context.Context) bool {
	if d.g.Database == "" {
		if _, err := os.Stat(d.g.dsn()); errors.Is(err, fs.ErrNotExist) {
			d.say("database", bad, "none", "path", d.g.dsn())
			return false
		}
	}
	s, err := store.Open(ctx, d.g.dsn())
	if err != nil {
		d.say("database", bad, "unreachable", "why", err.Error())
		return false
	}
	have, want, err := s.SchemaVersions(ctx)
	err = errors.Join(err, s.Close())
	switch {
	case err != nil:
		d.say("database", bad, "unreachable", "why", err.Error())
		return false
	case have != want:
		code := "behind"
		if have > want {
			code = "ahead"
		}
		d.say("migrations", bad, code, "have", fmt.Sprint(have), "want", fmt.Sprint(want))
		return false
	}
	d.say("migrations", fine, "good", "have", fmt.Sprint(have))
	if d.bare {
		return false
	}
	if d.p, err = d.g.open(ctx, d.c, d.mail, d.c.now); err != nil {
		d.say("database", bad, "unreachable", "why", err.Error())
		return false
	}
	d.say("database", fine, "good", "engine", d.p.store.Engine())
	return true
}

// skew is how far two clocks may be apart.
const skew = 5 * time.Second

// clock compares ours with the database's, and with the newest entry: a clock
// that was put back would date entries before those that are there.
func (d *doctor) clock(ctx context.Context) {
	theirs, newest, err := d.p.store.Clock(ctx)
	if err != nil {
		d.say("clock", bad, "unreadable", "why", err.Error())
		return
	}
	now := d.c.now()
	switch off := now.Sub(theirs).Abs(); {
	case off > skew && !theirs.IsZero():
		d.say("clock", bad, "skewed", "seconds", fmt.Sprintf("%.0f", off.Seconds()))
	case newest.After(now.Add(skew)):
		d.say("clock", bad, "behind", "at", words.DateTime(d.g.Language, newest, nil))
	default:
		d.say("clock", fine, "good")
	}
}

func (d *doctor) keys(ctx context.Context) {
	all, err := d.p.register.Organisations(ctx)
	if err != nil {
		d.say("keys", bad, "unreadable", "why", err.Error())
		return
	}
	for _, org := range all {
		n, err := d.p.register.SigningNow(ctx, org.ID)
		params := []any{"organisation", org.Name(), "count", fmt.Sprint(n)}
		var e *models.Error
		switch {
		case errors.As(err, &e) && e.Code == "no_signing_key":
			d.say("keys", bad, "ended", params...)
		case errors.As(err, &e) && e.Code == "signing_key_shut":
			d.say("keys", bad, "shut", params...)
		case err != nil:
			d.say("keys", bad, "unreadable", "why", err.Error())
		case n == 0:
			d.say("keys", mind, "none", params...)
		default:
			d.say("keys", fine, "good", params...)
		}
	}
}

func (d *doctor) log(ctx context.Context) {
	audits, err := d.p.auditLogs(ctx, "")
	if err != nil {
		d.say("log", bad, "unreadable", "why", err.Error())
		return
	}
	for _, a := range audits {
		lines := auditWords(d.g.Language, a)
		if len(a.Findings) == 0 {
			d.say("log", fine, "good", "what", lines[0])
			continue
		}
		d.say("log", bad, "altered", "what", strings.Join(lines, "\n   "))
	}
}

// overdue is how long a job may wait beyond its time.
const overdue = 10 * time.Minute

func (d *doctor) jobs(ctx context.Context) {
	late, given, err := d.p.store.LateJobs(ctx, d.c.now().Add(-overdue))
	if err != nil {
		d.say("jobs", bad, "unreadable", "why", err.Error())
		return
	}
	if late > 0 {
		d.say("jobs", bad, "late", "count", fmt.Sprint(late))
	}
	if given > 0 {
		d.say("jobs", mind, "given_up", "count", fmt.Sprint(given))
	}
	if late+given == 0 {
		d.say("jobs", fine, "good")
	}
}

// attachments compares what rows name with what is kept.
func (d *doctor) attachments(ctx context.Context) {
	if b, ok := d.p.keep.(*files.Bucket); ok {
		if err := b.Check(ctx); err != nil {
			d.say("attachments", bad, "unreachable", "why", err.Error())
			return
		}
	}
	named, err := d.p.store.FileHashes(ctx)
	if err != nil {
		d.say("attachments", bad, "unreachable", "why", err.Error())
		return
	}
	missing := map[string]bool{}
	for _, h := range named {
		missing[h] = true
	}
	err = d.p.keep.Each(ctx, func(hash string, _ int64) error {
		delete(missing, hash)
		return nil
	})
	switch {
	case err != nil:
		d.say("attachments", bad, "unreachable", "why", err.Error())
	case len(missing) > 0:
		d.say("attachments", bad, "missing", "count", fmt.Sprint(len(missing)))
	default:
		d.say("attachments", fine, "good", "count", fmt.Sprint(len(named)))
	}
}

// stale is when a backup is too old to be relied on.
const stale = 48 * time.Hour

func (d *doctor) backups(ctx context.Context) {
	at, err := d.p.register.LastGoodBackup(ctx)
	switch {
	case models.KindOf(err) == models.NotFound:
		d.say("backups", mind, "none")
	case err != nil:
		d.say("backups", bad, "unreadable", "why", err.Error())
	case d.c.now().Sub(at) > stale:
		d.say("backups", bad, "stale", "at", words.DateTime(d.g.Language, at, nil))
	default:
		d.say("backups", fine, "good", "at", words.DateTime(d.g.Language, at, nil))
	}
}
