package evidence

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// The figures here come from other people's software, on data that is mostly public; see
// scripts/evidence-reference, which makes both files anew. Where two programs know a
// method, both are held against.

// reference is a data set: its columns need not be of one length.
type reference struct {
	Name, Source string
	Columns      map[string][]float64
}

// comparison is one call of ours and what another program says to it. Columns are named
// "set.column".
type comparison struct {
	Method, By                            string
	X, Y, X0, Y0, Cluster, Unit, Step     string
	Treated, Rows                         string
	Design                                []string  // columns of a regression, "1" for its constant
	C                                     []float64 // the combination of coefficients
	Table                                 json.RawMessage
	Args                                  map[string]float64
	Want, Spread                          map[string]float64
	Bounds                                map[string][2]float64
	Batch, Batches                        float64
	column                                func(name string) []float64
	rows                                  func(name string) map[string][]float64
	x, y, x0, y0, cluster, unit, step, on []float64
	table                                 []float64
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/reference/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// references reads the data sets and the comparisons, with every column in its place.
func references(t *testing.T) ([]reference, []comparison) {
	t.Helper()
	var data struct{ Sets []reference }
	var figures struct{ Cases []comparison }
	read(t, "data.json", &data)
	read(t, "figures.json", &figures)
	sets := map[string]reference{}
	for _, s := range data.Sets {
		if s.Source == "" {
			t.Errorf("%s: no source", s.Name)
		}
		sets[s.Name] = s
	}
	column := func(name string) []float64 {
		if name == "" {
			return nil
		}
		set, key, _ := strings.Cut(name, ".")
		values, known := sets[set].Columns[key]
		if !known {
			t.Fatalf("no column %s", name)
		}
		return values
	}
	for i := range figures.Cases {
		c := &figures.Cases[i]
		c.column = column
		c.rows = func(name string) map[string][]float64 { return sets[name].Columns }
		for name, to := range map[string]*[]float64{
			c.X: &c.x, c.Y: &c.y, c.X0: &c.x0, c.Y0: &c.y0, c.Cluster: &c.cluster,
			c.Unit: &c.unit, c.Step: &c.step, c.Treated: &c.on,
		} {
			if name != "" {
				*to = column(name)
			}
		}
		var name string
		switch {
		case len(c.Table) == 0:
		case json.Unmarshal(c.Table, &name) == nil:
			c.table = column(name)
		default:
			if err := json.Unmarshal(c.Table, &c.table); err != nil {
				t.Fatal(err)
			}
		}
	}
	return data.Sets, figures.Cases
}

// ours are the figures of one call, by the names that the other programs' have.
type ours map[string]float64

func of(e Estimate) ours {
	return ours{"effect": e.Effect, "low": e.Low, "high": e.High, "se": e.SE, "df": e.DF, "p": e.P}
}

func estimated(e Estimate, err error) (ours, error) { return of(e), err }

func (c comparison) counts() (a, b, d, e int) {
	return int(c.table[0]), int(c.table[1]), int(c.table[2]), int(c.table[3])
}

// design is the regression row by row.
func (c comparison) design() [][]float64 {
	x := make([][]float64, len(c.y))
	for _, name := range c.Design {
		for i := range x {
			v := 1.0
			if name != "1" {
				v = c.column(name)[i]
			}
			x[i] = append(x[i], v)
		}
	}
	return x
}

func whole(x []float64) []int {
	out := make([]int, len(x))
	for i, v := range x {
		out[i] = int(v)
	}
	return out
}

// fitted gives the standard error that a function finds in a fit.
func fitted(c comparison, of func(*Fit) (float64, error)) (ours, error) {
	fit, err := OLS(c.design(), c.y)
	if err != nil {
		return nil, err
	}
	se, err := of(fit)
	return ours{"effect": fit.Combine(c.C), "se": se}, err
}

func planned(c comparison, d PowerDesign) (ours, error) {
	a := c.Args
	mde, err := MinimumDetectable(Power{
		Design: d, N: [2]int{int(a["n0"]), int(a["n1"])}, SD: a["sd"], ICC: a["icc"], PerCluster: a["m"],
		Correlation: a["r"], BaseRate: a["base"], Confidence: a["conf"], Power: a["power"],
	})
	return ours{"mde": mde}, err
}

func sized(c comparison) (ours, error) {
	a := c.Args
	n, err := SampleSize(Power{
		Design: PowerTwoArm, SD: a["sd"], ICC: a["icc"], PerCluster: a["m"], Effect: a["effect"],
		Confidence: a["conf"], Power: a["power"],
	})
	return ours{"n": float64(n)}, err
}

// method is how one of ours is called, and how near it must be.
type method struct {
	within float64 // 0 = closed
	// ofSize holds effects against the size of the values rather than their own: a
	// difference of means of 1e9 is known to the last digit of those, by anybody.
	ofSize bool
	call   func(c comparison) (ours, error)
}

// The relative error allowed.
const (
	closed         = 1e-9 // what has a closed form
	illConditioned = 1e-5 // of statsmodels where columns nearly go together; exact figures stand beside it
	approximate    = 0.01 // Bloom's formula beside the power of the t-test itself
)

func welchOf(c comparison) (ours, error)  { return estimated(Welch(c.x, c.y, c.Args["conf"])) }
func pairedOf(c comparison) (ours, error) { return estimated(PairedT(c.x, c.y, c.Args["conf"])) }

func yuenOf(c comparison) (ours, error) {
	return estimated(Yuen(c.x, c.y, c.Args["share"], c.Args["conf"]))
}

func shiftOf(c comparison) (ours, error) {
	return estimated(HodgesLehmannShift(c.x, c.y, cmp.Or(c.Args["conf"], 0.95)))
}

func signedOf(c comparison) (ours, error) { return estimated(HodgesLehmann(c.x, c.Args["conf"])) }

func rankSum(c comparison) (ours, error) {
	u, p, err := MannWhitney(c.x, c.y)
	return ours{"u": u, "p": p}, err
}

func coefficients(c comparison) (ours, error) {
	fit, err := OLS(c.design(), c.y)
	if err != nil {
		return nil, err
	}
	out := ours{}
	for i, b := range fit.Coefficients {
		out[fmt.Sprintf("b%d", i)] = b
	}
	return out, nil
}

func hc3Of(c comparison) (ours, error) {
	return fitted(c, func(f *Fit) (float64, error) { return f.HC3(c.C) })
}

func classicalOf(c comparison) (ours, error) {
	return fitted(c, func(f *Fit) (float64, error) { return f.Classical(c.C), nil })
}

func neweyWestOf(c comparison) (ours, error) {
	return fitted(c, func(f *Fit) (float64, error) {
		return f.NeweyWest(c.C, int(c.Args["lags"]), c.Args["small"] == 1), nil
	})
}

func cr1Of(c comparison) (ours, error) {
	return fitted(c, func(f *Fit) (float64, error) { return f.CR1(c.C, whole(c.cluster)) })
}

func jackknifeOf(c comparison) (ours, error) {
	return estimated(ClusterJackknife(c.design(), c.y, whole(c.cluster), c.C, c.Args["conf"]))
}

func twoWayOf(c comparison) (ours, error) {
	all := make([]Observation, len(c.y))
	for i, v := range c.y {
		all[i] = Observation{Unit: int(c.unit[i]), Step: int(c.step[i]), Treated: c.on[i] == 1, Value: v}
	}
	return estimated(TwoWay(context.Background(), all, 0.95))
}

func segmentedOf(c comparison) (ours, error) {
	s, err := Segmented(whole(c.step), c.y, int(c.Args["lags"]), 0.95)
	return ours{"effect": s.Estimate.Effect, "se": s.Estimate.SE, "level": s.Level, "slope": s.Slope}, err
}

func adjustedP(c comparison) (ours, error) {
	out := ours{}
	for i, q := range BenjaminiHochberg(c.x) {
		out[fmt.Sprintf("q%d", i+1)] = q
	}
	return out, nil
}

var methods = map[string]method{
	"welch":            {call: welchOf},
	"paired t":         {call: pairedOf},
	"one-sample t":     {call: func(c comparison) (ours, error) { return estimated(Student(c.x, c.Args["conf"])) }},
	"log ratio":        {call: func(c comparison) (ours, error) { return estimated(LogRatio(c.x, c.y, c.Args["conf"])) }},
	"yuen":             {call: yuenOf},
	"yuen, one sample": {call: yuenOf},
	"trimmed mean": {call: func(c comparison) (ours, error) {
		return ours{"effect": TrimmedMean(c.x, c.Args["share"])}, nil
	}},
	"hedges g": {call: func(c comparison) (ours, error) {
		g, err := HedgesG(c.x, c.y)
		return ours{"effect": g}, err
	}},
	"quantile": {call: func(c comparison) (ours, error) {
		return ours{"effect": Quantile(c.x, c.Args["at"])}, nil
	}},
	"wilson": {call: func(c comparison) (ours, error) {
		return estimated(Wilson(int(c.Args["count"]), int(c.Args["n"]), c.Args["conf"]))
	}},
	"newcombe": {call: func(c comparison) (ours, error) {
		a, b, d, e := c.counts()
		return estimated(Newcombe(a, a+b, d, d+e, c.Args["conf"]))
	}},
	"selection ratio (katz)": {call: func(c comparison) (ours, error) {
		a, b, d, e := c.counts()
		return estimated(SelectionRatio(a, a+b, d, d+e, c.Args["conf"]))
	}},
	"fisher": {call: func(c comparison) (ours, error) {
		p, err := FisherExact(c.counts())
		return ours{"p": p}, err
	}},
	"sample ratio": {call: func(c comparison) (ours, error) {
		s, err := SampleRatio([2]int{int(c.table[0]), int(c.table[1])}, c.Args["share"])
		return ours{"statistic": s.Statistic, "p": s.P}, err
	}},
	"benjamini-hochberg":             {call: adjustedP},
	"mann-whitney exact":             {call: rankSum},
	"mann-whitney exact, ties":       {call: rankSum},
	"mann-whitney normal":            {call: rankSum},
	"hodges-lehmann shift, exact":    {call: shiftOf},
	"hodges-lehmann shift, normal":   {call: shiftOf},
	"hodges-lehmann shift, estimate": {call: shiftOf},
	"signed rank, exact":             {call: signedOf},
	"signed rank, normal":            {call: signedOf},
	"ols coefficients":               {call: coefficients},
	"hc3":                            {call: hc3Of},
	"classical se":                   {call: classicalOf},
	"newey-west":                     {call: neweyWestOf},
	"cr1":                            {call: cr1Of},
	"cv3 jackknife":                  {call: jackknifeOf},
	"ancova hc3": {call: func(c comparison) (ours, error) {
		nx, ny := min(len(c.x), len(c.x0)), min(len(c.y), len(c.y0))
		return estimated(Ancova(c.x[:nx], c.x0[:nx], c.y[:ny], c.y0[:ny], 0.95))
	}},
	"two-way fixed effects":               {call: twoWayOf},
	"segmented regression":                {call: segmentedOf},
	"power, two arms":                     {call: func(c comparison) (ours, error) { return planned(c, PowerTwoArm) }},
	"power, paired":                       {call: func(c comparison) (ours, error) { return planned(c, PowerPaired) }},
	"power, shares":                       {call: func(c comparison) (ours, error) { return planned(c, PowerShare) }},
	"power, against the non-central t":    {within: approximate, call: func(c comparison) (ours, error) { return planned(c, PowerTwoArm) }},
	"sample size":                         {call: sized},
	"welch, offset":                       {ofSize: true, call: welchOf},
	"paired t, offset":                    {ofSize: true, call: pairedOf},
	"ols coefficients, near-collinear":    {call: coefficients},
	"classical se, near-collinear":        {within: illConditioned, call: classicalOf},
	"cv3 jackknife, near-collinear":       {call: jackknifeOf},
	"hc3, near-collinear":                 {within: illConditioned, call: hc3Of},
	"newey-west, near-collinear":          {within: illConditioned, call: neweyWestOf},
	"cr1, near-collinear":                 {within: illConditioned, call: cr1Of},
	"classical se, near-collinear, exact": {call: classicalOf},
	"hc3, near-collinear, exact":          {call: hc3Of},
	"newey-west, near-collinear, exact":   {call: neweyWestOf},
	"cr1, near-collinear, exact":          {call: cr1Of},
}

// off is the relative error, the absolute one of nought.
func off(got, want float64) float64 {
	if want == 0 {
		return math.Abs(got)
	}
	return math.Abs(got-want) / math.Abs(want)
}

// tally keeps what a method's comparisons came to.
type tally struct {
	sets           map[string]bool
	cases, figures int
	greatest       float64
	at             string
}

func (s *tally) add(c comparison, name string, off float64) {
	s.figures++
	if off > s.greatest || math.IsNaN(off) {
		s.greatest = off
		s.at = fmt.Sprintf("%s of %s (%s)", name, c.data(), c.By)
	}
}

// data is what a comparison is about.
func (c comparison) data() string {
	var names []string
	for _, name := range []string{c.Rows, c.X, c.Step, c.Y, strings.Trim(string(c.Table), `"`)} {
		if name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func (c comparison) set() string {
	name, _, _ := strings.Cut(c.data(), " ")
	set, _, _ := strings.Cut(name, ".")
	return set
}

func TestAgainstOtherSoftware(t *testing.T) {
	sets, cases := references(t)
	tallies := map[string]*tally{}
	for _, c := range cases {
		m, known := methods[c.Method]
		if !known {
			continue
		}
		got, err := m.call(c)
		if err != nil {
			t.Errorf("%s of %s: %v", c.Method, c.data(), err)
			continue
		}
		row := tallies[c.Method]
		if row == nil {
			row = &tally{sets: map[string]bool{}}
			tallies[c.Method] = row
		}
		if set := c.set(); set != "" {
			row.sets[set] = true
		}
		row.cases++
		for name, want := range c.Want {
			value, given := got[name]
			if !given {
				t.Errorf("%s gives no %s", c.Method, name)
			}
			d := off(value, want)
			if m.ofSize {
				switch name {
				case "effect", "low", "high":
					d = math.Abs(value-want) / math.Abs(c.x[0])
				case "p": // goes with the effect
					continue
				}
			}
			row.add(c, name, d)
			if limit := cmp.Or(m.within, closed); !(d <= limit) {
				t.Errorf("%s of %s: %s = %.17g, %s says %.17g, off by %.1e", c.Method, c.data(), name, value, c.By, want, d)
			}
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%d data sets\n%-36s %4s %5s %7s  %-8s  %s\n", len(sets), "method", "sets", "cases", "figures", "greatest", "where")
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		row := tallies[name]
		if row == nil {
			t.Errorf("%s: nothing to compare with", name)
			continue
		}
		fmt.Fprintf(&out, "%-36s %4d %5d %7d  %.1e  %s\n", name, len(row.sets), row.cases, row.figures, row.greatest, row.at)
	}
	t.Log(out.String())
}
