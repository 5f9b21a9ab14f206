package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is what a run found.
type report struct {
	options
	began  time.Time
	tables []table
	flat   []flat
}

// peers are what others cost where they were measured: CPU seconds for 1,000
// requests on PostgreSQL or their own store. They are never measured here.
var peers = map[string]string{
	"(a) get, with children":         "PocketBase 2.11, Directus 7.58, VerifyWise 3.19 (row alone)",
	"(b) list of 50, exact total":    "PocketBase 7.05, Directus 6.76, VerifyWise 5.50 (no pages)",
	"(c) search":                     "PocketBase 523, Directus 1,580",
	"(d) create, ledger and job too": "PocketBase 1.63 (no text index), Directus 19.1, VerifyWise 79.1 (one insert)",
	"(e) list as a union's officer":  "PocketBase 145, Directus 14.0",
	"empty route":                    "gotify /version 0.06, gin hello 0.03, net/http hello 0.03",
}

func (r report) write(ctx context.Context) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Measured on %s, commit %s\n\n%s\n", r.began.Format(time.DateOnly), r.commit, r.machine(ctx))
	for _, t := range r.tables {
		r.table(&b, t)
	}
	r.flatness(&b)
	fmt.Fprint(&b, "\n## Peers, from an earlier run elsewhere\n\nNot measured here. CPU seconds for 1,000 requests, 100,000 deployments, on another machine.\n\n| row | peers |\n|---|---|\n")
	names := make([]string, 0, len(peers))
	for name := range peers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "| %s | %s |\n", name, peers[name])
	}
	if err := os.MkdirAll(r.out, 0o750); err != nil {
		return err
	}
	path := filepath.Join(r.out, r.began.Format(time.DateOnly)+"-"+r.commit+".md")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil { //nolint:gosec // results are for everybody
		return err
	}
	fmt.Fprintln(os.Stderr, "The results are in", path)
	_, err := fmt.Print(b.String())
	return err
}

func (r report) machine(ctx context.Context) string {
	model, memory := "unknown processor", "unknown"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, after, ok := strings.Cut(string(b), "model name"); ok {
			line, _, _ := strings.Cut(after, "\n")
			model = strings.TrimSpace(strings.TrimLeft(line, "\t :"))
		}
	}
	if b, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kb int
		if _, err := fmt.Sscanf(string(b), "MemTotal: %d", &kb); err == nil {
			memory = fmt.Sprintf("%.0f GiB", float64(kb)/(1<<20))
		}
	}
	said := func(name string, args ...string) string {
		out, err := exec.CommandContext(ctx, name, args...).Output()
		if err != nil {
			return "none"
		}
		return strings.TrimSpace(string(out))
	}
	psql := "none"
	if found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); err == nil && len(found) > 0 {
		psql = said(found[len(found)-1], "--version")
	}
	busy := ""
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		busy = strings.Join(strings.Fields(string(b))[:3], " ")
	}
	return fmt.Sprintf("%d cores of %s, %s, %s %s; %s; %s. Load averages at the end: %s.\n\n%d requests under way at once, each row %s, medians of %d rounds; the load generator (vegeta) runs on the same machine, so latencies and throughput are those of a shared machine. "+
		"What was measured while the host of this virtual machine took more than 2 %% of its time was measured again, up to three times; where it took more in all of them, the least disturbed counts, and it is said how much was taken. CPU is the processor time of the server and of all processes of the database, for 1,000 requests. The limit is bench/limit, on the same database in the same run; before each row its answers were compared with the server's.",
		runtime.NumCPU(), model, memory, said("uname", "-s"), said("uname", "-r"), runtime.Version(), psql, busy, r.workers, r.seconds, r.rounds)
}

func (r report) table(b *strings.Builder, t table) {
	fmt.Fprintf(b, "\n## %s, %d deployments\n\n| row | req/s | p50 | p99 | CPU s/1,000 | limit: CPU s/1,000, p50 | x limit | goal | |\n|---|---|---|---|---|---|---|---|---|\n", t.engine, t.deployments)
	limits := map[string]*figures{}
	var whole float64
	for _, m := range t.lines {
		limits[m.name] = m.limit
		whole = max(whole, m.server.anonymous)
		limit, ratio, goal, met := "–", "–", "–", ""
		if m.limit != nil {
			limit = fmt.Sprintf("%s, %s", m.limit.cost(), ms(m.limit.p50))
		}
		by := m.limit
		if m.of != "" {
			by = limits[m.of]
		}
		if by != nil {
			x := m.server.cpu / by.cpu
			ratio, goal, met = fmt.Sprintf("%.2f", x), fmt.Sprintf("≤ %.2f", m.goal), verdict(x <= m.goal)
			if m.of != "" {
				goal += " of " + m.of
			}
		}
		fmt.Fprintf(b, "| %s | %.0f | %s | %s | %s | %s | %s | %s | %s |\n", m.name, m.server.perSecond, ms(m.server.p50), ms(m.server.p99), m.server.cost(), limit, ratio, goal, met)
	}
	spent(b, t)
	if t.shared {
		fmt.Fprint(b, "\nOther databases of the same PostgreSQL server were in use while this was measured.\n")
	}
	fmt.Fprintf(b, "\n| other | figure | goal | |\n|---|---|---|---|\n")
	get := t.cost("(a) get, with children")
	for _, name := range []string{madePage, keptPage} {
		if x := t.cost(name) / get; get > 0 && x > 0 {
			fmt.Fprintf(b, "| %s, against our own (a) | %.2f | ≤ 2 | %s |\n", name, x, verdict(x <= 2))
		}
	}
	if x := t.cost(unchangedPage); x > 0 {
		fmt.Fprintf(b, "| 304, CPU s/1,000 | %.2f | ≤ 0.1 | %s |\n", x, verdict(x <= 0.1))
	}
	slices.Sort(t.starts)
	cold := t.starts[len(t.starts)/2]
	fmt.Fprintf(b, "| cold start to the first answer, median of %d (%s to %s) | %s | ≤ 60 ms | %s |\n", len(t.starts), ms(t.starts[0]), ms(t.starts[len(t.starts)-1]), ms(cold), verdict(cold <= 60*time.Millisecond))
	fmt.Fprintf(b, "| quiet after a start (jobs done) | %.0f s | – | |\n", t.settled.Seconds())
	fmt.Fprintf(b, "| idle memory, resident (anonymous) | %.0f MiB (%.0f) | ≤ 35 MB | %s |\n", t.idleWhole, t.idle, verdict(t.idleWhole*1.048576 <= 35))
	fmt.Fprintf(b, "| most anonymous memory under load | %.0f MiB | ≤ 150 MB | %s |\n", whole, verdict(whole*1.048576 <= 150))
	fmt.Fprintf(b, "| the program | %.1f MB | ≤ 45 MB | %s |\n", float64(t.binary)/1e6, verdict(t.binary <= 45e6))
}

// cost is the processor time of a row, in seconds for 1,000 requests; 0 when it
// was not measured.
func (t table) cost(name string) float64 {
	for _, m := range t.lines {
		if m.name == name {
			return m.server.cpu
		}
	}
	return 0
}

// against are a path's processor time and p50, in those of another.
func (f flat) against(o flat) string {
	return fmt.Sprintf("%.2f, %.2f", f.cpu/o.cpu, float64(f.p50)/float64(o.p50))
}

// cost is the processor time, and how much of the machine its host took meanwhile
// where that was much: such a figure is too high.
func (f figures) cost() string {
	if f.stolen <= mostStolen {
		return fmt.Sprintf("%.2f", f.cpu)
	}
	return fmt.Sprintf("%.2f (%.0f %% taken)", f.cpu, 100*f.stolen)
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "not met"
}

func ms(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

// flatness prints the read paths by size.
func (r report) flatness(b *strings.Builder) {
	if len(r.flat) == 0 {
		return
	}
	fmt.Fprint(b, "\n## Flatness\n\nThe same read path as the register grows, each measured in all registers of an engine in turn, round after round: goal at 1,000,000 ≤ 1.5 x that at 10,000 (a record 3 x, when the database is larger than memory), and a deep page ≤ 1.5 x the first. A search that finds more costs more until it has a page and its total, which is of the 10,000 registered last, up to 1,000, and beyond them of 50 (decisions 37 and 39): so beside the smallest register stands the smallest in which the same words find at least nine tenths as many, shown and counted.\n\n| path | engine | deployments | page | shown, counted | CPU s/1,000 | p50 | x smallest register: CPU, p50 | x smallest with as many found | x page 1 |\n|---|---|---|---|---|---|---|---|---|---|\n")
	slices.SortStableFunc(r.flat, func(a, c flat) int {
		return strings.Compare(fmt.Sprintf("%s %s %v %09d", a.path, a.engine, a.page > 1, a.deployments), fmt.Sprintf("%s %s %v %09d", c.path, c.engine, c.page > 1, c.deployments))
	})
	for _, f := range r.flat {
		size, alike, first, found := "–", "–", "–", ""
		if f.found > 0 {
			found = fmt.Sprintf("%.0f, %.0f", f.shown, f.found)
		}
		for _, o := range r.flat {
			if o.path != f.path || o.engine != f.engine {
				continue
			}
			if o.deployments < f.deployments && (o.page > 1) == (f.page > 1) && size == "–" {
				size = f.against(o)
			}
			if o.deployments < f.deployments && f.page == 1 && o.page == 1 && f.found > 0 && o.found >= 0.9*f.found && o.shown >= 0.9*f.shown && alike == "–" {
				alike = fmt.Sprintf("%s (%d)", f.against(o), o.deployments)
			}
			if o.deployments == f.deployments && o.page == 1 && f.page > 1 {
				first = fmt.Sprintf("%.2f", f.cpu/o.cpu)
			}
		}
		fmt.Fprintf(b, "| %s | %s | %d | %d | %s | %s | %s | %s | %s | %s |\n", f.path, f.engine, f.deployments, f.page, found, f.cost(), ms(f.p50), size, alike, first)
	}
}
