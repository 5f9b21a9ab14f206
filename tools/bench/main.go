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
	"maps"
	"os"
	"os/signal"
	"regexp"
	"slices"
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
	err = r.places(ctx, all)
	if len(r.tables)+len(r.flat) == 0 {
		return err
	}
	// What was measured before a run broke off is kept.
	return errors.Join(err, r.write(context.WithoutCancel(ctx)))
}

// places measures some places.
func (r *report) places(ctx context.Context, all []place) error {
	engines := map[string][]place{}
	for _, p := range all {
		engines[p.engine] = append(engines[p.engine], p)
		if p.deployments != r.deployments {
			continue
		}
		fmt.Fprintf(os.Stderr, "== %s, %d deployments\n", p.engine, p.deployments)
		t, err := measure(ctx, r.options, p)
		if len(t.lines) > 0 {
			r.tables = append(r.tables, t)
		}
		if err != nil {
			return fmt.Errorf("%s with %d: %w", p.engine, p.deployments, err)
		}
	}
	for _, engine := range slices.Sorted(maps.Keys(engines)) {
		fmt.Fprintf(os.Stderr, "== %s, flatness\n", engine)
		f, err := flatness(ctx, r.options, engines[engine])
		r.flat = append(r.flat, f...)
		if err != nil {
			return fmt.Errorf("flatness of %s: %w", engine, err)
		}
	}
	return nil
}
