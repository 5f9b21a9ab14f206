package evidence

import (
	"math"
	"slices"
)

// Above these, what stands beside the primary figure is left out for its cost.
const (
	mostQuantileUnits = 5_000
	mostRankUnits     = 20_000
	mostSidePicks     = 100_000_000
)

// quantilesAt are the quantiles whose effects are given.
var quantilesAt = []float64{0.1, 0.25, 0.5, 0.75, 0.9}

// answer fills in the primary figure, the figures beside it, the effects at quantiles
// and the smallest effect that could have been found. subject ends the method's code.
func (a *analyser) answer(c contrast, subject string) error {
	if err := a.spread(c); err != nil {
		return err
	}
	as, interval, err := a.method(a.spec.Interval)
	if err != nil {
		return err
	}
	all, err := a.estimates(c, as, interval)
	if isRefusal(err, "bootstrap_degenerate") {
		a.note("bootstrap_degenerate")
		interval = IntervalT
		all, err = a.estimates(c, as, interval)
	}
	if err != nil {
		return err
	}
	a.out.Interval = interval
	for _, e := range all {
		e.Method += "_" + subject
		if e.as == as && e.interval == interval {
			a.out.Primary = e.Estimate
		} else {
			a.out.Sensitivity = append(a.out.Sensitivity, e.Estimate)
		}
	}
	if plain, err := c.closed(a.spec.Confidence); err == nil {
		a.out.MDE = reach(plain.SE, plain.DF, a.spec.Confidence, usualPower)
	}
	return nil
}

const usualPower = 0.8

// spread refuses a comparison without any, and notes an arm without.
func (a *analyser) spread(c contrast) error {
	flat := func(s []float64) bool { return negligible(s[len(s)-1]-s[0], s) }
	switch {
	case len(c.x) < 2, c.y != nil && len(c.y) < 2:
		return refuse("one_cluster")
	case c.y == nil && flat(c.x), c.y != nil && flat(c.x) && flat(c.y):
		return refuse("constant")
	case c.y == nil:
	case flat(c.x):
		a.note("zero_variance_arm", "arm", 1)
	case flat(c.y):
		a.note("zero_variance_arm", "arm", 0)
	}
	return nil
}

// method settles the estimator, as it is computed, and the interval. An interval that the
// estimator does not have gives way to one it has, with a note.
func (a *analyser) method(asked Interval) (Estimator, Interval, error) {
	as := a.spec.Estimator
	var has []Interval
	switch as {
	case EstimateLogRatio, EstimateShare, EstimateMean:
		as, has = EstimateMean, []Interval{IntervalT, IntervalBootstrapT, IntervalBCa}
	case EstimateTrimmedMean:
		has = []Interval{IntervalT, IntervalBootstrapT, IntervalBCa}
	case EstimateMedian:
		has = []Interval{IntervalPercentile}
	case EstimateHodgesLehmann:
		has = []Interval{IntervalRank}
	default:
		return as, "", refuse("bad_spec", "field", "estimator")
	}
	used := has[0]
	if a.spec.Design == DifferenceInDifferences && len(has) > 1 {
		used = IntervalBootstrapT
	}
	switch {
	case asked == "":
	case slices.Contains(has, asked):
		used = asked
	default:
		a.replaced(asked, used)
	}
	return as, used, nil
}

func (a *analyser) replaced(asked, used Interval) {
	if asked != "" && asked != used {
		a.note("interval_replaced", "asked", string(asked), "used", string(used))
	}
}

// named is an estimate that knows what it is.
type named struct {
	Estimate
	as       Estimator
	interval Interval
}

// estimates gives the primary figure among all that are cheap, in a fixed order.
func (a *analyser) estimates(c contrast, as Estimator, interval Interval) ([]named, error) {
	var all []named
	for _, step := range []func(contrast, Estimator, Interval) ([]named, error){
		a.means, a.trimmedMeans, a.medians, a.ranks,
	} {
		some, err := step(c, as, interval)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func (a *analyser) means(c contrast, as Estimator, interval Interval) ([]named, error) {
	plain, err := c.closed(a.spec.Confidence)
	if err != nil {
		return nil, err
	}
	all := []named{{plain, EstimateMean, IntervalT}}
	drawn := as == EstimateMean && interval != IntervalT
	b := a.spec.lighter()
	if drawn {
		b = a.spec.bootstrap()
	} else if b.Draws*c.units() > mostSidePicks {
		return all, nil
	}
	t, bca, err := c.meanBoth(a.ctx, b, a.part(0.15, 0.6))
	switch {
	case err == nil:
		all = append(all, named{t, EstimateMean, IntervalBootstrapT}, named{bca, EstimateMean, IntervalBCa})
	case drawn, a.ctx.Err() != nil:
		return nil, err
	}
	return all, nil
}

func (a *analyser) trimmedMeans(c contrast, as Estimator, interval Interval) ([]named, error) {
	plain, err := Yuen(c.x, c.y, trim, a.spec.Confidence)
	if err != nil && as != EstimateTrimmedMean {
		return nil, nil
	}
	all := []named{{plain, EstimateTrimmedMean, IntervalT}}
	if err != nil || as != EstimateTrimmedMean || interval == IntervalT {
		return all, err
	}
	t, bca, err := c.trimmedBoth(a.ctx, a.spec.bootstrap(), a.part(0.6, 0.75))
	return append(all,
		named{t.called("trimmed_mean"), EstimateTrimmedMean, IntervalBootstrapT},
		named{bca.called("trimmed_mean"), EstimateTrimmedMean, IntervalBCa}), err
}

func (e Estimate) called(what string) Estimate {
	e.Method += "_" + what
	return e
}

// medians also gives the effects at the other quantiles, from the same draws.
func (a *analyser) medians(c contrast, as Estimator, _ Interval) ([]named, error) {
	b := a.spec.lighter()
	if as == EstimateMedian {
		b = a.spec.bootstrap()
	} else if c.units() > mostQuantileUnits {
		return nil, nil
	}
	quantiles, err := c.atQuantiles(a.ctx, b, quantilesAt, a.part(0.75, 0.95))
	if err != nil {
		return nil, err
	}
	a.out.Quantiles = quantiles
	m := quantiles[2]
	e := Estimate{Effect: m.Effect, Low: m.Low, High: m.High, Method: "percentile_median"}
	return []named{{e, EstimateMedian, IntervalPercentile}}, nil
}

func (a *analyser) ranks(c contrast, as Estimator, _ Interval) ([]named, error) {
	if as != EstimateHodgesLehmann && c.units() > mostRankUnits {
		return nil, nil
	}
	e, err := c.hodgesLehmann(a.spec.Confidence)
	if err != nil {
		if as == EstimateHodgesLehmann {
			return nil, err
		}
		return nil, nil
	}
	return []named{{e, EstimateHodgesLehmann, IntervalRank}}, nil
}

func (c contrast) hodgesLehmann(confidence float64) (Estimate, error) {
	if c.y == nil {
		return HodgesLehmann(c.x, confidence)
	}
	return HodgesLehmannShift(c.x, c.y, confidence)
}

// standardise gives Hedges' g of an effect in the deviations of reference values, which
// stand for the units as they were without the deployment.
//
// Morris (2008), "Estimating Effect Sizes From Pretest-Posttest-Control Group Designs", for
// the choice of the deviation before the start.
func (a *analyser) standardise(effect float64, reference ...[]float64) {
	var squares, df float64
	for _, x := range reference {
		if len(x) > 1 {
			squares += float64(Variance(x) * float64(len(x)-1))
			df += float64(len(x) - 1)
		}
	}
	sd := math.Sqrt(squares / max(1, df))
	if df > 1 && !negligible(sd, reference...) {
		a.out.HedgesG = HedgesJ(df) * effect / sd
	}
}
