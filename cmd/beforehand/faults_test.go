package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestFaults tries misfortunes on real servers, databases and mail servers while
// clerks are at work, and looks afterwards at what must hold whatever happened.
// `make faults` tries all of them with five seeds each and prints a table;
// FAULT_SEEDS is how many seeds, or which ("3,5"), FAULT_ONLY a part of names.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("kills servers and databases; run without -short")
	}
	t.Parallel()
	all := os.Getenv("BEFOREHAND_FAULTS") == "full"
	only := regexp.MustCompile(os.Getenv("FAULT_ONLY"))
	l := newLanes(t)
	var mu sync.Mutex
	results := map[string]result{}
	seeds := seedsOf(t, os.Getenv("FAULT_SEEDS"), all)
	began := time.Now()
	t.Run("each", func(t *testing.T) {
		for n, sc := range misfortunes {
			if !only.MatchString(sc.name) || !all && !sc.taste {
				continue
			}
			for _, seed := range seeds {
				t.Run(fmt.Sprintf("%s, seed %d", sc.name, seed), func(t *testing.T) {
					t.Parallel()
					r := result{engine: sc.engines[(n+seed)%len(sc.engines)], outcome: "did not end"}
					keep := func() {
						if t.Skipped() {
							r.outcome = "not run"
						}
						mu.Lock()
						defer mu.Unlock()
						results[fmt.Sprintf("%02d %d", n+1, seed)] = r
					}
					keep()
					defer keep()
					r = try(t, sc, n, seed, r.engine, l)
				})
			}
		}
	})
	table := tableOf(results, seeds)
	t.Logf("%d trials in %s on %d processors\n%s", len(results), time.Since(began).Round(time.Second), runtime.NumCPU(), table)
	if path := os.Getenv("FAULT_TABLE"); path != "" {
		if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// seedsOf are the numbers that vary moment and mix.
func seedsOf(t *testing.T, said string, all bool) []int {
	if list := strings.Split(said, ","); len(list) > 1 {
		var out []int
		for _, s := range list {
			n, err := strconv.Atoi(strings.TrimSpace(s))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, n)
		}
		return out
	}
	most := 1
	if all {
		most = 5
	}
	if n, err := strconv.Atoi(said); err == nil {
		most = n
	}
	var out []int
	for i := range most {
		out = append(out, i+1)
	}
	return out
}

// result is what became of one trial.
type result struct {
	engine  string
	outcome string
	broken  int
	done    int // things that were acknowledged
	retries int
	took    time.Duration
}

// slowTrial is how long a trial may take before it is worth a look why.
const slowTrial = 40 * time.Second

// someWork is how many things the clerks do before and after a misfortune at least.
const someWork = 8

func try(t *testing.T, sc scenario, n, seed int, engine string, l *lanes) result {
	if sc.movable && !movableClock {
		t.Skip("wants the program whose clock can be moved: make faults")
	}
	began := time.Now()
	tr := &trial{T: t, engine: engine, skewed: sc.movable, hands: rand.New(rand.NewPCG(uint64(n+1), uint64(seed)))} //nolint:gosec // chance for a trial that can be repeated
	tr.prepare(sc, l)
	tr.begin(sc)
	if sc.bare {
		tr.foundLate()
	}
	for _, p := range tr.fleet {
		p.ready(t)
	}
	tr.employ()
	tr.load.achieve(someWork)
	sc.happen(tr)
	tr.load.achieve(someWork)
	tr.load.dismiss()
	tr.settle()
	for _, p := range tr.fleet {
		p.end(t)
	}
	tr.check()
	for _, line := range tr.broken {
		t.Error(line)
	}
	if len(tr.broken) > 0 || time.Since(began) > slowTrial {
		for _, p := range tr.fleet {
			t.Logf("the server's last words:\n%s", lastLines(p.said.String(), 60))
		}
	}
	done := 0
	for _, n := range tr.load.finished {
		done += n
	}
	t.Logf("%v, %d tried again, %d past the gate, %d mails", tr.load.finished, tr.load.retries, tr.load.decided, tr.post.count())
	return result{engine: engine, outcome: "held", broken: len(tr.broken), done: done, retries: tr.load.retries, took: time.Since(began)}
}

// foundLate kills the server while it makes the schema and the first
// organisation, thrice, and founds a world when it has managed.
func (tr *trial) foundLate() {
	for range 3 {
		tr.pause(0, 700*time.Millisecond)
		tr.one().kill(tr)
		tr.one().begin(tr)
	}
	tr.one().ready(tr)
	tr.world = makeWorld(tr.T, tr.dsn)
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	kept := []string{}
	for _, line := range lines {
		if !strings.Contains(line, "level=INFO msg=request") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-n):], "\n")
}

// tableOf is a line a scenario and a column a seed: the invariants that broke.
func tableOf(results map[string]result, seeds []int) string {
	var b strings.Builder
	b.WriteString("| | misfortune |")
	for _, s := range seeds {
		fmt.Fprintf(&b, " seed %d |", s)
	}
	b.WriteString(" done | tried again |\n|---|---|" + strings.Repeat("---|", len(seeds)+2) + "\n")
	broken, trials := 0, 0
	for n, sc := range misfortunes {
		cells, done, retries, ran := "", 0, 0, false
		for _, s := range seeds {
			r, ok := results[fmt.Sprintf("%02d %d", n+1, s)]
			switch {
			case !ok:
				cells += " – |"
				continue
			case r.outcome == "held":
				cells += fmt.Sprintf(" %d (%s, %.0f s) |", r.broken, letterOf[r.engine], r.took.Seconds())
			default:
				cells += " " + r.outcome + " |"
			}
			ran = true
			trials++
			broken += r.broken
			done += r.done
			retries += r.retries
		}
		if ran {
			fmt.Fprintf(&b, "| %d | %s |%s %d | %d |\n", n+1, sc.name, cells, done, retries)
		}
	}
	fmt.Fprintf(&b, "\nBroken invariants: %d in %d trials.\n", broken, trials)
	return b.String()
}

var letterOf = map[string]string{"sqlite": "S", "postgres": "P"}
