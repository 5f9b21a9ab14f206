// Command bench measures the server over HTTP beside the least that could
// answer the same (bench/limit), on the same database in one run, and writes
// what it found as text that a person reads. It needs Linux: what a request
// costs is read from /proc.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// options are what a run is asked for.
type options struct {
	server, limit string
	work          string
	deployments   int
	comments      int
	light         int
	seconds       time.Duration
	rounds        int
	workers       int
	places        places
	out           string
	commit        string
	only          *regexp.Regexp
}

// places are databases that have been seeded already.
type places []place

// String is of flag.Value.
func (p *places) String() string { return fmt.Sprint(*p) }

// Set reads name=deployments=database=tokens, such as
// postgres=100000=postgres://…=tokens.txt; an SQLite database is a data folder.
func (p *places) Set(s string) error {
	name, rest, _ := strings.Cut(s, "=")
	n, rest, _ := strings.Cut(rest, "=")
	i := strings.LastIndex(rest, "=")
	var count int
	if _, err := fmt.Sscan(n, &count); err != nil || i < 0 {
		return fmt.Errorf("%q is not engine=deployments=database=tokens", s)
	}
	*p = append(*p, place{engine: name, deployments: count, dsn: rest[:i], tokens: rest[i+1:]})
	return nil
}

func main() {
	var o options
	flag.StringVar(&o.server, "server", "bin/beforehand", "the server")
	flag.StringVar(&o.limit, "limit", "build/limit", "the limit")
	flag.StringVar(&o.work, "work", "build/bench", "folder of what is seeded")
	flag.IntVar(&o.deployments, "n", 100_000, "deployments of the main table")
	flag.IntVar(&o.comments, "comments", 0, "comments; twice the deployments when left out")
	flag.IntVar(&o.light, "light", 95, "per cent of the deployments that are light")
	flag.DurationVar(&o.seconds, "for", 5*time.Second, "how long each row is loaded, each time")
	flag.IntVar(&o.rounds, "rounds", 3, "how often each row is measured; medians are printed")
	flag.IntVar(&o.workers, "workers", 8, "requests under way at once")
	flag.Var(&o.places, "place", "engine=deployments=database=tokens of what is seeded already; may be given several times")
	flag.StringVar(&o.out, "out", "bench/results", "folder of the results")
	flag.StringVar(&o.commit, "commit", "unknown", "commit that is measured")
	only := flag.String("only", "", "regular expression of the rows to measure; all when left out")
	flag.Parse()
	o.only = regexp.MustCompile(*only)
	if o.comments == 0 {
		o.comments = 2 * o.deployments
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	all, err := o.seeded(ctx)
	if err != nil {
		return err
	}
	r := report{options: o, began: time.Now()}
	for _, p := range all {
		if err = r.place(ctx, p); err != nil {
			break
		}
	}
	if len(r.tables)+len(r.flat) == 0 {
		return err
	}
	// What was measured before a run broke off is kept.
	return errors.Join(err, r.write(context.WithoutCancel(ctx)))
}

// place measures one place.
func (r *report) place(ctx context.Context, p place) error {
	fmt.Fprintf(os.Stderr, "== %s, %d deployments\n", p.engine, p.deployments)
	if p.deployments == r.deployments {
		t, err := measure(ctx, r.options, p)
		if len(t.lines) > 0 {
			r.tables = append(r.tables, t)
		}
		if err != nil {
			return fmt.Errorf("%s with %d: %w", p.engine, p.deployments, err)
		}
	}
	f, err := flatness(ctx, r.options, p)
	r.flat = append(r.flat, f...)
	if err != nil {
		return fmt.Errorf("%s with %d: %w", p.engine, p.deployments, err)
	}
	return nil
}
