package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"beforehand/internal/auth"
	"beforehand/internal/fetch"
	"beforehand/internal/files"
	"beforehand/internal/notice"
	"beforehand/internal/register"
	"beforehand/internal/store"
	"beforehand/models"
	"beforehand/policy"
)

// parts are what commands work with, built from the flags.
type parts struct {
	store    *store.Store
	register *register.Register
	keep     files.Store
	mail     notice.Channel
	log      *slog.Logger
	data     string
}

func (p *parts) close() {
	if err := p.store.Close(); err != nil {
		p.log.Error("the database was not closed", "error", err.Error())
	}
}

func (g *Globals) logger(c *console) *slog.Logger {
	if g.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(c.err, nil))
	}
	return slog.New(slog.NewTextHandler(c.err, nil))
}

func (g *Globals) dsn() string {
	if g.Database != "" {
		return g.Database
	}
	return filepath.Join(g.Data, "beforehand.db")
}

// mailSettings are how notices leave. Without a host they are written as .eml
// files into the data folder.
type mailSettings struct {
	Host     string         `name:"smtp-host" help:"Mail server; without one, mails are written as .eml files." env:"BEFOREHAND_SMTP_HOST" placeholder:"HOST"`
	Port     int            `name:"smtp-port" help:"Port of the mail server." default:"587" env:"BEFOREHAND_SMTP_PORT"`
	Username string         `name:"smtp-username" help:"User at the mail server." env:"BEFOREHAND_SMTP_USERNAME" placeholder:"NAME"`
	Password string         `name:"smtp-password" help:"Password at the mail server; better in BEFOREHAND_SMTP_PASSWORD_FILE." env:"BEFOREHAND_SMTP_PASSWORD" placeholder:"SECRET"`
	TLS      string         `name:"smtp-tls" help:"none, starttls or tls." default:"starttls" enum:"none,starttls,tls" env:"BEFOREHAND_SMTP_TLS"`
	Timeout  time.Duration  `name:"smtp-timeout" help:"Time allowed for one message." default:"20s" env:"BEFOREHAND_SMTP_TIMEOUT"`
	From     string         `name:"mail-from" help:"Mailbox that notices come from." default:"notices@localhost.localdomain" env:"BEFOREHAND_MAIL_FROM"`
	Notify   notifySettings `embed:"" prefix:"notify-" envprefix:"BEFOREHAND_NOTIFY_"`
	BaseURL  string         `name:"base-url" help:"Address of the web application, for links in mails." default:"http://localhost:8080" env:"BEFOREHAND_BASE_URL"`
}

// notifySettings send mail through GOV.UK Notify in place of a mail server.
type notifySettings struct {
	Key           string `help:"API key of GOV.UK Notify; better in BEFOREHAND_NOTIFY_KEY_FILE." env:"KEY" placeholder:"SECRET"`
	Template      string `help:"Id of its e-mail template, which holds ((subject)) and ((body))." env:"TEMPLATE" placeholder:"ID"`
	URL           string `help:"Its address." default:"https://api.notifications.service.gov.uk" env:"URL"`
	CallbackToken string `help:"Bearer token with which it calls back at /notify/callback; better in BEFOREHAND_NOTIFY_CALLBACK_TOKEN_FILE." env:"CALLBACK_TOKEN" placeholder:"SECRET"`
}

// place is where messages go.
func (m mailSettings) place(g *Globals) string {
	if m.Notify.Key != "" {
		return "through GOV.UK Notify"
	}
	if m.Host != "" {
		return fmt.Sprintf("by SMTP through %s:%d", m.Host, m.Port)
	}
	return g.Data + "/mail"
}

func (m mailSettings) channel(data string, client *http.Client, now func() time.Time) (notice.Channel, error) {
	if m.Notify.Key != "" {
		return notice.Notify{Client: client, BaseURL: m.Notify.URL, Key: m.Notify.Key, Template: m.Notify.Template, Now: now}, nil
	}
	if m.Host == "" {
		dir := filepath.Join(data, "mail")
		return notice.File{Dir: dir}, os.MkdirAll(dir, 0o750)
	}
	return &notice.Kept{SMTP: notice.SMTP{Host: m.Host, Port: m.Port, Username: m.Username, Password: m.Password, TLS: notice.TLSMode(m.TLS), Timeout: m.Timeout}}, nil
}

// open opens the database, brings it up to date and puts the register together.
func (g *Globals) open(ctx context.Context, c *console, mail mailSettings, now func() time.Time) (*parts, error) {
	profiles, err := policy.LoadDir(g.Profiles)
	if err != nil {
		return nil, err
	}
	log := g.logger(c)
	s, err := store.OpenWith(ctx, g.dsn(), store.Settings{Connections: g.Connections, ReadDSN: g.ReadDatabase, ReadLag: g.ReadLag, Log: log})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.Migrate(ctx), s.Prepare()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	kept, err := g.files()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	allow, err := prefixes(g.AllowPrivate)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	client := fetch.NewClient(allow)
	channel, err := mail.channel(g.Data, client, now)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	put := register.Parts{
		Store: s, Policy: policy.Default(), Profiles: profiles, Files: kept, Mail: channel, HTTP: client, Now: now, Log: log,
		Settings: register.Settings{BaseURL: mail.BaseURL, MailFrom: mail.From, RefuseAfter: refuseAfter, PlainHooks: len(allow) > 0, NotifyToken: mail.Notify.CallbackToken},
	}
	if put.Watermark, err = register.OpenWatermark(filepath.Join(g.Data, "checkpoints")); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := g.keys(&put); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &parts{s, register.New(put), kept.Keep, channel, log, g.Data}, nil
}

// openThere is open for commands that look at a register: one that is not there
// is not made.
func (g *Globals) openThere(ctx context.Context, c *console, mail mailSettings) (*parts, error) {
	if g.Database == "" {
		if _, err := os.Stat(g.dsn()); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no register in %s", g.Data)
		}
	}
	return g.open(ctx, c, mail, c.now)
}

// refuseAfter is well above what hashing a password takes on a slow machine.
const refuseAfter = 250 * time.Millisecond

// keys are what the register seals with, and how people come in.
func (g *Globals) keys(p *register.Parts) error {
	key, err := g.key()
	if err != nil {
		return err
	}
	if p.Sealer, err = auth.NewSealer(key); err != nil {
		return err
	}
	base := p.Settings.BaseURL
	if base == "" {
		base = "http://localhost" // a command that ends signs nobody in
	}
	if p.Passkeys, err = auth.NewPasskeys(base, "Beforehand"); err != nil {
		return err
	}
	var providers []auth.Provider
	if g.OIDC != "" {
		if providers, err = auth.LoadProviders(g.OIDC); err != nil {
			return err
		}
	}
	allow, err := prefixes(g.AllowPrivate)
	p.Providers = auth.NewProviders(providers, fetch.NewClient(allow))
	return err
}

// keep is where attachments are: in the data folder, or in a bucket.
func (g *Globals) keep() (files.Store, error) {
	if g.S3.Bucket == "" {
		return files.OpenFolder(filepath.Join(g.Data, "attachments"))
	}
	return files.OpenBucket(files.BucketSettings{
		Endpoint: g.S3.Endpoint, Region: g.S3.Region, Bucket: g.S3.Bucket, Prefix: g.S3.Prefix, AccessKey: g.S3.AccessKey, SecretKey: g.S3.SecretKey, Insecure: g.S3.Plain,
	})
}

// files are the attachments, what looks at them, and the links that open one.
func (g *Globals) files() (*register.Files, error) {
	keep, err := g.keep()
	if err != nil {
		return nil, err
	}
	key, err := g.key()
	if err != nil {
		return nil, err
	}
	links, err := files.NewLinks(key)
	if err != nil {
		return nil, err
	}
	f, err := register.OpenFiles(keep, filepath.Join(g.Data, "attachments"), links)
	if err == nil {
		f.Scan = files.Scanner{Addr: g.Clamd}
	}
	return f, err
}

// key is the installation's secret: given, or kept in the data folder.
func (g *Globals) key() ([]byte, error) {
	if g.SecretKey == "" {
		return auth.KeyFile(filepath.Join(g.Data, "secret.key"))
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(g.SecretKey))
	if err != nil || len(key) != 32 {
		return nil, errors.New("BEFOREHAND_SECRET_KEY is not 32 bytes in base64: make one with: head -c 32 /dev/urandom | base64")
	}
	return key, nil
}

func prefixes(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("--allow-private %s: an address range such as 10.1.0.0/16 is wanted", s)
		}
		out = append(out, p)
	}
	return out, nil
}

// bootstrap founds an organisation in an empty database, so that a first start
// has somebody who can sign in. The password is shown once.
func (p *parts) bootstrap(ctx context.Context, c *console) error {
	all, err := p.register.Organisations(ctx)
	if err != nil || len(all) > 0 {
		return err
	}
	password := rand.Text()
	if _, _, err := p.register.Found(ctx, register.Founding{
		Slug: "organisation", Name: models.Text{En: "My organisation", Cy: "Fy sefydliad"}, Nation: models.EnglandAndWales, Zone: "Europe/London",
		Profile: "wales-partnership", AdminEmail: "admin@localhost.localdomain", AdminName: "Administrator", AdminPassword: password,
	}); err != nil {
		return err
	}
	fmt.Fprintf(c.err, "A new organisation was made. Sign in once as admin@localhost.localdomain with the password %s and change the settings.\n", password)
	return nil
}

// organisation finds the organisation a command is about.
func (p *parts) organisation(ctx context.Context, slug string) (models.Organisation, error) {
	all, err := p.register.Organisations(ctx)
	if err != nil {
		return models.Organisation{}, err
	}
	if slug == "" && len(all) == 1 {
		return all[0], nil
	}
	i := slices.IndexFunc(all, func(o models.Organisation) bool { return o.Slug == slug })
	if i < 0 {
		return models.Organisation{}, models.Fail(models.Invalid, "organisation_required")
	}
	return all[i], nil
}

// somebody finds a person of the organisation with a role, whom a command acts
// as: the one named, or the first.
func (p *parts) somebody(ctx context.Context, org models.Organisation, email string, role models.Role) (models.Actor, error) {
	members, err := p.store.Members(ctx, org.ID)
	if err != nil {
		return models.Actor{}, err
	}
	for _, m := range members {
		if (email == "" && m.Role == role && m.SuspendedAt == nil && !m.Delegated()) || (email != "" && m.Email == email) {
			return p.register.ActorOf(ctx, m.UserID, org.ID)
		}
	}
	return models.Actor{}, models.Missing("user")
}

// operator is whom an import from the command line acts as when the
// organisation has no digital officer yet: an account without a password.
func (p *parts) operator(ctx context.Context, org models.Organisation, email string) (models.Actor, error) {
	a, err := p.somebody(ctx, org, email, models.RoleCDO)
	if err == nil || email != "" || models.KindOf(err) != models.NotFound {
		return a, err
	}
	admin, err := p.somebody(ctx, org, "", models.RoleAdmin)
	if err != nil {
		return a, err
	}
	u, err := p.register.AddUser(ctx, admin, register.NewUser{
		Email: "operator@localhost.localdomain", Name: "Command line", Password: rand.Text() + rand.Text(), Hat: register.Hat{Role: models.RoleCDO},
	})
	if err != nil {
		return a, err
	}
	return p.register.ActorOf(ctx, u.ID, org.ID)
}
