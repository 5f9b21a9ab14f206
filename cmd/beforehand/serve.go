package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"beforehand/api"
	"beforehand/frontend"
	"beforehand/frontend/words"
	"beforehand/internal/store"
	"beforehand/internal/web"
	"beforehand/models"
	"beforehand/policy"
)

type serveCmd struct {
	Addr            string         `help:"Address to listen on." default:"127.0.0.1:8080" env:"BEFOREHAND_ADDR"`
	Workers         int            `help:"Jobs worked at once." default:"20" env:"BEFOREHAND_WORKERS"`
	FirstRetry      time.Duration  `help:"Pause after a message's first failure; it doubles each time." default:"30s" env:"BEFOREHAND_FIRST_RETRY"`
	RateLimit       float64        `help:"Requests a second that one person, or one address, may make; 0 does not count." default:"50" env:"BEFOREHAND_RATE_LIMIT"`
	RateBurst       int            `help:"Requests that may come at once before they are counted." default:"300" env:"BEFOREHAND_RATE_BURST"`
	Proxies         []string       `name:"trusted-proxies" help:"Addresses or ranges of the reverse proxies whose X-Forwarded-For is believed." env:"BEFOREHAND_TRUSTED_PROXIES" placeholder:"CIDR"`
	SessionLifetime time.Duration  `help:"How long a sign-in lasts at most." default:"12h" env:"BEFOREHAND_SESSION_LIFETIME"`
	MetricsAddr     string         `help:"Address, in a network of the operator's own, where anybody who reaches it reads the metrics of all organisations, and takes profiles of the program." env:"BEFOREHAND_METRICS_ADDR" placeholder:"ADDR"`
	SessionIdle     time.Duration  `help:"How long a sign-in lasts unused." default:"2h" env:"BEFOREHAND_SESSION_IDLE"`
	Drain           *time.Duration `help:"How long, when asked to end, it goes on answering and says at /readyz that it is going; 2s behind a reverse proxy (--trusted-proxies), else 0s." env:"BEFOREHAND_DRAIN" placeholder:"DURATION"`
	mailSettings
	backupSettings
}

// shutdownTime is how long requests and jobs under way may take at the end.
const shutdownTime = 25 * time.Second

// liveEvery is how often it is looked for what is new, for pages that are open,
// should word of it have been lost with the process that wrote it.
const liveEvery = 30 * time.Second

// drainTime is how long a proxy is given to notice that a replica is going.
const drainTime = 2 * time.Second

func (s *serveCmd) Run(ctx context.Context, g *Globals, c *console) error {
	settle := collectLater()
	defer settle()
	proxies, err := web.ParseProxies(s.Proxies)
	if err != nil {
		return err
	}
	s.Proxies = proxies
	p, err := g.open(ctx, c, s.mailSettings, c.now)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.bootstrap(ctx, c); err != nil {
		return err
	}
	if err := p.sayHistory(ctx, g, c); err != nil {
		return err
	}
	work := p.register.Workers()
	if err := s.schedule(work, p, g, c.now); err != nil {
		return err
	}
	around, stopTracing, err := tracing()
	if err != nil {
		return err
	}
	stopJobs, err := p.store.Work(context.WithoutCancel(ctx), work, store.JobSettings{Name: processName(c.now()), Workers: s.Workers, FirstRetry: s.FirstRetry, Log: p.log})
	if err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Addr)
	if err != nil {
		return errors.Join(err, stopJobs(ctx))
	}
	live := web.NewLive(p.register.LogSizes, liveEvery)
	listening, deaf := context.WithCancel(context.WithoutCancel(ctx))
	defer deaf()
	p.store.Listen(listening, p.log, live.Tell)
	going := &drain{lasts: s.drainTime()}
	answers, figures := s.handler(p, c, live, going, around)
	stopFigures, err := s.serveFigures(ctx, figures)
	if err != nil {
		return errors.Join(err, listener.Close(), stopJobs(ctx))
	}
	defer stopFigures()
	srv := &http.Server{
		Handler: going.handler(answers), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, WriteTimeout: 2 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	// What goes on for ever would hold up the end of what does not.
	srv.RegisterOnShutdown(live.Close)
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	defer time.AfterFunc(time.Second, settle).Stop()
	fmt.Fprintf(c.err, "Beforehand is on http://%s (%s) — mails: %s\n", listener.Addr(), s.BaseURL, s.place(g))
	if s.Host == "" {
		fmt.Fprintln(c.err, "No mail server is set (--smtp-host): notices are written to files there, and reach nobody by themselves.")
	}
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = going.wait(failed)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	return errors.Join(err, srv.Shutdown(end), stopJobs(end), stopTracing(end))
}

// collectLater lets the garbage of a start lie until the server answers: to
// collect it while it is made takes a fifth of the start. Then what the start
// alone needed is given back. An operator's own GOGC stands.
func collectLater() (settle func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	debug.SetGCPercent(400)
	return sync.OnceFunc(func() {
		debug.SetGCPercent(100)
		debug.FreeOSMemory()
	})
}

// serveFigures serves the metrics on an address of their own, when there is one.
func (s *serveCmd) serveFigures(ctx context.Context, figures http.Handler) (stop func(), err error) {
	if s.MetricsAddr == "" {
		return func() {}, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.MetricsAddr)
	if err != nil {
		return nil, fmt.Errorf("listen for readers of the metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", figures)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	for _, name := range []string{"allocs", "goroutine", "heap"} {
		mux.Handle("GET /debug/pprof/"+name, pprof.Handler(name))
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.Serve(l) }() // it ends with the program
	return func() { _ = srv.Close() }, nil
}

// handler is everything that answers requests; figures are the metrics of all
// organisations.
func (s *serveCmd) handler(p *parts, c *console, live *web.Live, going *drain, around gin.HandlerFunc) (answers, figures http.Handler) {
	secure := strings.HasPrefix(s.BaseURL, "https://")
	sessions := web.NewSessions(p.store, c.now, secure, web.SessionLimits{Lifetime: s.SessionLifetime, Idle: s.SessionIdle})
	all, own, observe := metrics(p, c.now)
	problem := api.WriteProblem(p.log)
	o := web.Options{Around: around, People: p.register, Sessions: sessions, Log: p.log, Secure: secure, Observe: observe, Count: store.Counted, MayLag: store.MayLag, Unchanged: web.NewUnchanged(p.register.LogSize, c.now), Now: c.now, Proxies: s.Proxies, Spool: p.data, Limiter: web.NewLimiter(web.Limits{PerSecond: s.RateLimit, Burst: s.RateBurst}, c.now), Problem: func(gc *gin.Context, err error) {
		if wantsPage(gc) {
			frontend.ErrorPage(gc, err)
			return
		}
		problem(gc, err)
	}}
	e := web.New(o)
	api.Mount(e, api.Parts{Register: p.register, Sessions: sessions, Policy: policy.Default(), Log: p.log, Version: version})
	frontend.Mount(e, frontend.Options{Register: p.register, Sessions: sessions, Version: version, Live: live})
	e.GET("/healthz", func(gc *gin.Context) { gc.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", func(gc *gin.Context) {
		if going.begun.Load() {
			gc.String(http.StatusServiceUnavailable, "it is about to end\n")
			return
		}
		ctx, cancel := context.WithTimeout(gc.Request.Context(), readyWithin)
		defer cancel()
		if err := p.register.Healthy(ctx); err != nil {
			p.log.WarnContext(ctx, "not ready", "why", err.Error())
			gc.String(http.StatusServiceUnavailable, "the database does not answer, or is not up to date, or the jobs are not worked: the log says which\n")
			return
		}
		gc.String(http.StatusOK, "ready\n")
	})
	e.GET("/metrics", func(gc *gin.Context) {
		a := web.Actor(gc.Request.Context())
		if err := policy.Check(a, "metrics.read", policy.Resource{OrgID: a.OrgID}); err != nil {
			problem(gc, err)
			return
		}
		reg := all
		if _, err := p.store.OnlyOrganisation(gc.Request.Context()); err != nil {
			reg = own // how busy another organisation is, is not theirs to know
		}
		promhttp.HandlerFor(reg, promhttp.HandlerOpts{}).ServeHTTP(gc.Writer, gc.Request)
	})
	return o.Handler(e), promhttp.HandlerFor(all, promhttp.HandlerOpts{})
}

// wantsPage says whether a person is looking: a browser outside the API.
func wantsPage(c *gin.Context) bool {
	return !strings.HasPrefix(c.Request.URL.Path, "/api/") && strings.Contains(c.GetHeader("Accept"), "text/html")
}

// sayHistory says at start what nobody should overlook: that the register was
// restored from a backup, or that its database was put back behind its back.
func (p *parts) sayHistory(ctx context.Context, g *Globals, c *console) error {
	if err := p.finishRestore(ctx, g); err != nil {
		return err
	}
	restored, err := p.register.Restorations(ctx)
	if err != nil {
		return err
	}
	for _, v := range restored {
		fmt.Fprintln(c.err, words.Say(g.Language, "cli.restored", restoredParams(g.Language, v.Organisation, v.BackupAt, v.Size, v.Lost)))
	}
	back, err := p.register.RolledBack(ctx)
	for _, reason := range back {
		fmt.Fprintln(c.err, words.Say(g.Language, "cli.rolled_back", map[string]any{"organisation": reason.Params["organisation"], "why": reason}))
	}
	return err
}

type migrateCmd struct{}

func (migrateCmd) Run(ctx context.Context, g *Globals, c *console) error {
	s, err := store.Open(ctx, g.dsn())
	if err != nil {
		return err
	}
	if err := errors.Join(s.Migrate(ctx), s.Close()); err != nil {
		return err
	}
	fmt.Fprintln(c.err, "The database is up to date.")
	return nil
}

type openapiCmd struct{}

// Run prints the document without a database: the routes know it by themselves.
func (openapiCmd) Run(g *Globals, c *console) error {
	a := api.Mount(gin.New(), api.Parts{Policy: policy.Default(), Log: g.logger(c), Version: version})
	b, err := a.OpenAPI()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, string(b))
	return err
}

type healthcheckCmd struct {
	Addr string `help:"Address of the server." default:"127.0.0.1:8080" env:"BEFOREHAND_ADDR"`
}

func (h healthcheckCmd) Run(ctx context.Context) error {
	host, port, err := net.SplitHostPort(h.Addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // listening everywhere includes here
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return models.Fail(models.Conflict, "not_ready").With("status", res.StatusCode)
	}
	return nil
}
