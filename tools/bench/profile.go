package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// share is a part of the processor time of a row.
type share struct {
	of   string
	part float64 // of 1
}

// parts are what a profile of the server is divided into: a sample belongs to
// the first that a function of it is of, seen from where the time was spent
// outwards.
var parts = []struct{ of, in string }{
	{"collecting garbage", "runtime.gcBgMarkWorker"},
	{"collecting garbage", "runtime.gcAssistAlloc"},
	{"JSON", "encoding/json"},
	{"SQLite", "modernc.org/"},
	{"pgx", "github.com/jackc/"},
	{"database/sql", "database/sql."},
	{"gorm", "gorm.io/"},
	{"compression", "klauspost/compress"},
	{"metrics", "prometheus/"},
	{"log", "log/slog"},
	{"pages", "beforehand/frontend"},
	{"policy", "beforehand/policy"},
	{"ledger", "beforehand/internal/ledger"},
	{"store", "beforehand/internal/store"},
	{"rules", "beforehand/internal/register"},
	{"rules", "beforehand/models"},
	{"API", "beforehand/api"},
	{"API", "danielgtaylor/huma"},
	{"web", "beforehand/internal/web"},
	{"web", "gin-gonic/gin"},
	{"net/http", "net/http."},
}

// profiled is where the server spends its time while a row is loaded.
func (o options) profiled(ctx context.Context, s *process, r row) ([]share, error) {
	type taken struct {
		shares []share
		err    error
	}
	done := make(chan taken, 1)
	go func() {
		shares, err := s.sharesOf(ctx)
		done <- taken{shares, err}
	}()
	for {
		if _, err := attack(ctx, s, o, o.seconds, r.status, targets(s, r.requests)); err != nil {
			return nil, err
		}
		select {
		case t := <-done:
			return t.shares, t.err
		default: // the profile is not over
		}
	}
}

func (p *process) sharesOf(ctx context.Context) ([]share, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.figures+"/debug/pprof/profile?seconds=2", nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // it has been read
	prof, err := profile.Parse(res.Body)
	if err != nil {
		return nil, fmt.Errorf("the profile: %w", err)
	}
	spent, whole := map[string]int64{}, int64(0)
	for _, sample := range prof.Sample {
		ns := sample.Value[len(sample.Value)-1]
		spent[partOf(sample)] += ns
		whole += ns
	}
	var out []share
	for of, ns := range spent {
		out = append(out, share{of, float64(ns) / float64(max(whole, 1))})
	}
	slices.SortFunc(out, func(a, b share) int { return cmp.Compare(b.part, a.part) })
	return out, nil
}

func partOf(s *profile.Sample) string {
	for _, l := range s.Location {
		for _, line := range l.Line {
			for _, p := range parts {
				if line.Function != nil && strings.Contains(line.Function.Name, p.in) {
					return p.of
				}
			}
		}
	}
	return "the runtime"
}

// spent prints where the time of each row goes.
func spent(b *strings.Builder, t table) {
	fmt.Fprint(b, "\nWhere the time goes: the database's part of the processor time, and the server's own by what it was spent in (profiles of two seconds under the same load; parts below 4 % are left out).\n\n| row | database | server | of the server's |\n|---|---|---|---|\n")
	for _, m := range t.lines {
		if len(m.spent) == 0 {
			continue
		}
		var parts []string
		for _, s := range m.spent {
			if s.part >= 0.04 {
				parts = append(parts, fmt.Sprintf("%s %.0f %%", s.of, s.part*100))
			}
		}
		own := m.server.own / m.server.cpu
		fmt.Fprintf(b, "| %s | %.0f %% | %.0f %% | %s |\n", m.name, (1-own)*100, own*100, strings.Join(parts, ", "))
	}
}
