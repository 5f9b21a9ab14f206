package evidence

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// How the simulated work looks: minutes per task, lognormal within and between workers.
const (
	typical = 30.0
	between = 0.35 // SD of a worker's level, on the logarithm
	within  = 0.6  // SD of a task, on the logarithm
	drift   = 0.15 // SD of a worker's own change between windows, on the logarithm
	claim   = 0.02 // a small claim, as a part of the mean
)

// level is the mean of a task over all workers.
var level = typical * math.Exp(between*between/2+within*within/2)

// simulation makes one data set under a ratio of the deployment's effect and says what is
// true of the estimand.
type simulation struct {
	name     string
	spec     Spec
	ratio    float64 // under an effect; 0 = 0.8
	shares   bool    // values are 0 and 1
	shown    bool    // shown, not held to the band
	generate func(r *rand.Rand, ratio float64) (Rows, float64)
}

type table struct{ Rows }

func (t *table) row(worker, arm, period, day int, value float64) {
	t.Worker = append(t.Worker, int32(worker))
	t.Arm = append(t.Arm, int8(arm))
	t.Period = append(t.Period, int8(period))
	t.Day = append(t.Day, int32(day))
	t.Value = append(t.Value, value)
}

// rate draws a worker's median minutes; own draws a change whose mean ratio is one.
func rate(r *rand.Rand) float64 { return typical * math.Exp(between*r.NormFloat64()) }
func own(r *rand.Rand) float64  { return math.Exp(drift*r.NormFloat64() - drift*drift/2) }
func task(r *rand.Rand) float64 { return math.Exp(within * r.NormFloat64()) }

// window adds a worker's tasks in one window.
func (t *table) window(r *rand.Rand, worker, arm, period int, mean, shift float64) {
	for range 5 + r.IntN(20) {
		t.row(worker, arm, period, 100*period+r.IntN(28), mean*task(r)+shift)
	}
}

func twoArms(perArm int, additive bool) func(*rand.Rand, float64) (Rows, float64) {
	return func(r *rand.Rand, ratio float64) (Rows, float64) {
		var t table
		for w := range 2 * perArm {
			arm, mean := w%2, rate(r)
			after, shift := mean*own(r), 0.0
			if arm == 1 && additive {
				shift = level * (ratio - 1)
			} else if arm == 1 {
				after *= ratio
			}
			t.window(r, w, arm, baseline, mean, 0)
			t.window(r, w, arm, observation, after, shift)
		}
		return t.Rows, level * (ratio - 1)
	}
}

func logOf(g func(*rand.Rand, float64) (Rows, float64)) func(*rand.Rand, float64) (Rows, float64) {
	return func(r *rand.Rand, ratio float64) (Rows, float64) {
		rows, _ := g(r, ratio)
		return rows, ratio
	}
}

func tasksWithin(r *rand.Rand, ratio float64) (Rows, float64) {
	var t table
	for w := range 24 {
		mean := rate(r)
		with := mean * ratio * own(r)
		for range 10 + r.IntN(30) {
			if r.IntN(2) == 1 {
				t.row(w, 1, observation, 0, with*task(r))
			} else {
				t.row(w, 0, observation, 0, mean*task(r))
			}
		}
	}
	return t.Rows, level * (ratio - 1)
}

func twoWindows(workers int, absent float64) func(*rand.Rand, float64) (Rows, float64) {
	return func(r *rand.Rand, ratio float64) (Rows, float64) {
		var t table
		for w := range workers {
			mean, u := rate(r), r.Float64()
			if u >= absent {
				t.window(r, w, 1, baseline, mean, 0)
			}
			if u < 1-absent {
				t.window(r, w, 1, observation, mean*ratio*own(r), 0)
			}
		}
		return t.Rows, level * (ratio - 1)
	}
}

func pairsOfWorkers(r *rand.Rand, ratio float64) (Rows, float64) {
	var t table
	for pair := range 25 {
		// What a pair shares and what it does not make up the variance between workers.
		shared := 0.8 * between * r.NormFloat64()
		for arm := range 2 {
			mean := typical * math.Exp(shared+0.6*between*r.NormFloat64())
			if arm == 1 {
				mean *= ratio
			}
			t.window(r, 2*pair+arm, arm, observation, mean, 0)
		}
	}
	for _, w := range t.Worker {
		t.Pair = append(t.Pair, w/2)
	}
	return t.Rows, level * (ratio - 1)
}

func rollout(r *rand.Rand, ratio float64) (Rows, float64) {
	const workers, weeks = 32, 16
	var t table
	shift := level * (ratio - 1)
	var season [weeks]float64
	for week := range season {
		season[week] = 2 * r.NormFloat64()
	}
	for w := range workers {
		mean, crossing := rate(r), 3+3*(w%4)
		wandering := 0.0
		for week := range weeks {
			wandering = 0.5*wandering + 0.1*r.NormFloat64()
			arm := 0
			if week >= crossing {
				arm = 1
			}
			for range 2 + r.IntN(4) {
				t.row(w, arm, arm, 7*week+r.IntN(7), mean*math.Exp(wandering)*task(r)+season[week]+shift*float64(arm))
			}
		}
	}
	return t.Rows, shift
}

// weekly is one team over time. Its effect is on these workers: they are in every step.
func weekly(weeks int, together float64) func(*rand.Rand, float64) (Rows, float64) {
	return func(r *rand.Rand, ratio float64) (Rows, float64) {
		const shock = 0.06
		var t table
		var means []float64
		for range 24 {
			means = append(means, rate(r))
		}
		common := shock * r.NormFloat64()
		for week := -weeks; week < weeks; week++ {
			common = together*common + shock*math.Sqrt(1-together*together)*r.NormFloat64()
			factor, period := math.Exp(common-shock*shock/2), baseline
			if week >= 0 {
				factor, period = factor*ratio, observation
			}
			for w, mean := range means {
				for range 1 + r.IntN(4) {
					t.row(w, 1, period, 7*week+r.IntN(7), mean*factor*task(r))
				}
			}
		}
		return t.Rows, Mean(means) * math.Exp(within*within/2) * (ratio - 1)
	}
}

// answers are ratings of 1 to 10; the truth comes from the normal distribution they round.
func answers(r *rand.Rand, ratio float64) (Rows, float64) {
	var t table
	centre := [2]float64{6, 6 - (1-ratio)*6}
	for i := range 90 {
		arm := i % 2
		v := min(10, max(1, math.Round(centre[arm]+2.5*r.NormFloat64())))
		t.row(-1, arm, observation, 0, v)
	}
	return t.Rows, expectedRating(centre[1]) - expectedRating(centre[0])
}

func expectedRating(centre float64) float64 {
	e := 10.0
	for v := 1; v < 10; v++ {
		e -= normalCDF((float64(v) + 0.5 - centre) / 2.5)
	}
	return e
}

func yesses(r *rand.Rand, ratio float64) (Rows, float64) {
	var t table
	p := [2]float64{0.45, 0.45 * ratio}
	for i := range 120 {
		t.row(-1, i%2, observation, 0, yes(r, p[i%2]))
	}
	return t.Rows, p[1] - p[0]
}

func applicants(r *rand.Rand, ratio float64) (Rows, float64) {
	var t table
	p := [2]float64{0.35, 0.35 * ratio}
	for i := range 300 {
		g := 0
		if i%3 == 0 {
			g = 1
		}
		t.Group = append(t.Group, int32(g))
		t.row(-1, 1, observation, 0, yes(r, p[g]))
	}
	return t.Rows, ratio
}

func yes(r *rand.Rand, p float64) float64 {
	if r.Float64() < p {
		return 1
	}
	return 0
}

// simulations are all designs with their default interval, and then what can be asked of
// them instead.
var simulations = []simulation{
	{name: "randomised tasks", spec: Spec{Design: RandomisedTask}, generate: tasksWithin},
	{name: "randomised staff, 20 a side", spec: Spec{Design: RandomisedStaff}, generate: twoArms(20, false)},
	{name: "randomised staff, adjusted", spec: Spec{Design: RandomisedStaff, Covariate: true}, generate: twoArms(20, false)},
	{name: "stepped, 32 workers", spec: Spec{Design: Stepped}, generate: rollout},
	{name: "differences, 12 a side", spec: Spec{Design: DifferenceInDifferences}, generate: twoArms(12, false)},
	{name: "differences, 24 a side", spec: Spec{Design: DifferenceInDifferences}, generate: twoArms(24, false)},
	{name: "series, 16+16, free", spec: Spec{Design: InterruptedSeries}, generate: weekly(16, 0)},
	{name: "series, 16+16, AR 0.3", spec: Spec{Design: InterruptedSeries}, generate: weekly(16, 0.3)},
	{name: "series, 40+40, AR 0.3", spec: Spec{Design: InterruptedSeries}, generate: weekly(40, 0.3)},
	{name: "series, 12+12, AR 0.5", spec: Spec{Design: InterruptedSeries}, shown: true, generate: weekly(12, 0.5)},
	{name: "matched, 25 pairs", spec: Spec{Design: Matched}, generate: pairsOfWorkers},
	{name: "paired, 24", spec: Spec{Design: Paired}, generate: twoWindows(24, 0)},
	{name: "before–after, 24, some once", spec: Spec{Design: BeforeAfter}, generate: twoWindows(24, 0.15)},
	{name: "before–after, 50, some once", spec: Spec{Design: BeforeAfter}, generate: twoWindows(50, 0.15)},
	{name: "survey, scores", spec: Spec{Design: Survey}, generate: answers},
	{name: "survey, shares", spec: Spec{Design: Survey, Estimator: EstimateShare, ByRow: true}, shares: true, generate: yesses},
	{name: "selection ratio", spec: Spec{Design: Survey, Estimator: EstimateSelectionRatio, ByRow: true}, shares: true, generate: applicants},
	{name: "differences, Welch", shown: true, spec: Spec{Design: DifferenceInDifferences, Interval: IntervalT}, generate: twoArms(24, false)},
	{name: "differences, BCa", shown: true, spec: Spec{Design: DifferenceInDifferences, Interval: IntervalBCa}, generate: twoArms(24, false)},
	{name: "differences, log", shown: true, spec: Spec{Design: DifferenceInDifferences, Estimator: EstimateLogRatio}, generate: logOf(twoArms(24, false))},
	{name: "differences, trimmed", shown: true, spec: Spec{Design: DifferenceInDifferences, Estimator: EstimateTrimmedMean}, generate: twoArms(24, true)},
	{name: "differences, median", shown: true, spec: Spec{Design: DifferenceInDifferences, Estimator: EstimateMedian}, generate: twoArms(24, true)},
	{name: "differences, ranks", shown: true, spec: Spec{Design: DifferenceInDifferences, Estimator: EstimateHodgesLehmann}, generate: twoArms(24, true)},
	{name: "paired, bootstrap-t", shown: true, spec: Spec{Design: Paired, Interval: IntervalBootstrapT}, generate: twoWindows(24, 0)},
	{name: "before–after, bootstrap-t", shown: true, spec: Spec{Design: BeforeAfter, Interval: IntervalBootstrapT}, generate: twoWindows(50, 0.15)},
}

// covered is what a simulation came to.
type covered struct {
	simulation
	interval        Interval
	coverage, wrong float64 // per cent
	width           float64
	seconds         float64
	refused         int
	refusal         error // the last
}

// coverage analyses data sets under an effect and under none.
func coverage(s simulation, sets int, seed uint64) covered {
	if s.ratio == 0 {
		s.ratio = 0.8
	}
	out := covered{simulation: s}
	started := time.Now() //nolint:forbidigo // what a simulation costs is part of the table
	var lock sync.Mutex
	var held, wrong int
	var wait sync.WaitGroup
	for core := range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for set := core; set < sets; set += runtime.GOMAXPROCS(0) {
				r := rand.New(rand.NewPCG(seed, uint64(set)))
				e, truth, used, err := s.once(r, s.ratio, uint64(set))
				null, _, _, nullErr := s.once(r, 1, uint64(set))
				lock.Lock()
				if err != nil || nullErr != nil {
					out.refused++
					out.refusal = errors.Join(err, nullErr)
				} else {
					out.interval = used
					out.width += (e.High - e.Low) / float64(sets)
					held += count(e.Low <= truth && truth <= e.High)
					wrong += count(s.supported(null))
				}
				lock.Unlock()
			}
		})
	}
	wait.Wait()
	out.coverage, out.wrong = 100*float64(held)/float64(sets), 100*float64(wrong)/float64(sets)
	out.seconds = time.Since(started).Seconds()
	return out
}

func (s simulation) once(r *rand.Rand, ratio float64, seed uint64) (Estimate, float64, Interval, error) {
	rows, truth := s.generate(r, ratio)
	spec := s.spec
	spec.Seed, spec.Reference, spec.StartDay = seed, 0, 0
	if spec.Draws == 0 {
		spec.Draws = 1000
	}
	a, err := Analyse(context.Background(), rows, spec, nil)
	return a.Primary, truth, a.Interval, err
}

// supported says that the whole interval lies beyond the small claim, less being better.
func (s simulation) supported(e Estimate) bool {
	switch {
	case s.spec.Estimator == EstimateLogRatio || s.spec.Estimator == EstimateSelectionRatio:
		return e.High < 1-claim
	case s.shares:
		return e.High < -claim*0.45
	case s.spec.Design == Survey:
		return e.High < -claim*6
	}
	return e.High < -claim*level
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// TestCoverage asks how often the intervals hold the truth. BEFOREHAND_COVERAGE=full makes
// it 2,000 data sets a design and holds the defaults to 93–97 %; otherwise 200 sets and a
// band that chance alone hardly leaves.
func TestCoverage(t *testing.T) {
	sets, low, high, mostFalse := 120, 88.0, 99.8, 8.0
	full := os.Getenv("BEFOREHAND_COVERAGE") == "full"
	if full {
		sets, low, high, mostFalse = 2000, 93, 97, 3
	} else if testing.Short() {
		t.Skip("simulations take seconds")
	}
	only := os.Getenv("BEFOREHAND_COVERAGE_ONLY") // a part of a name, to look at one design
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-30s %-14s %-12s %9s %8s %9s %8s\n", "design", "estimator", "interval", "coverage", "false", "width", "seconds")
	for _, s := range simulations {
		if !strings.Contains(s.name, only) {
			continue
		}
		c := coverage(s, sets, 20261122)
		estimator := instead(c.spec.Estimator, EstimateMean)
		fmt.Fprintf(&b, "%-30s %-14s %-12s %8.1f%% %7.1f%% %9.3g %8.1f\n",
			c.name, estimator, c.interval, c.coverage, c.wrong, c.width, c.seconds)
		if c.refused > 0 {
			t.Errorf("%s: %d sets refused, such as: %v", c.name, c.refused, c.refusal)
		}
		if !c.shown && (c.coverage < low || c.coverage > high || c.wrong > mostFalse) {
			t.Errorf("%s: coverage %.1f %%, false %.1f %%", c.name, c.coverage, c.wrong)
		}
	}
	t.Log(b.String())
}
