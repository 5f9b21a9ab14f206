package evidence

import "math"

// windows compares the workers' means of two windows, with workers that are in both or in
// one only.
func (a *analyser) windows() error {
	if err := a.needPeriods(); err != nil {
		return err
	}
	workers, err := a.treatedWorkers()
	if err != nil {
		return err
	}
	before, after := windowMeans(workers, baseline), windowMeans(workers, observation)
	a.out.Workers = [2]int{0, len(workers)}
	if err := a.enough(len(before), len(after)); err != nil {
		return err
	}
	a.note("no_comparison")
	a.describeArms([2][]worker{nil, workers})
	a.worseOff(finiteOnly(each(workers, (*worker).change)))
	o := newOverlap(each(workers, (*worker).before), each(workers, (*worker).observed))
	if err := a.answerWindows(o, before, after); err != nil {
		return err
	}
	effect, _ := o.estimate()
	a.standardise(effect, before)
	return nil
}

func finiteOnly(x []float64) (kept []float64) {
	for _, v := range x {
		if !math.IsNaN(v) {
			kept = append(kept, v)
		}
	}
	return kept
}

// answerWindows is answer for workers who may be in one window or both. The closed form is
// the default: in simulations of 20 to 50 workers it held the truth 95.6 % of the time and the
// studentised bootstrap, though wider, 93 to 94 %.
func (a *analyser) answerWindows(o overlap, before, after []float64) error {
	as, used, err := a.method(a.spec.Interval)
	if err != nil {
		return err
	}
	if as != EstimateMean && as != EstimateMedian {
		return refuse("bad_spec", "field", "estimator")
	}
	all, err := a.windowMeans(o)
	if err != nil {
		return err
	}
	if len(all) == 1 && as == EstimateMean {
		used = IntervalT
	}
	a.out.MDE = reach(all[0].SE, all[0].DF, a.spec.Confidence, usualPower)
	if as == EstimateMedian || o.size() <= mostQuantileUnits {
		if err := a.windowQuantiles(o, before, after, as); err != nil {
			return err
		}
		m := a.out.Quantiles[2]
		e := Estimate{Effect: m.Effect, Low: m.Low, High: m.High, Method: "percentile_median"}
		all = append(all, named{e, EstimateMedian, IntervalPercentile})
	}
	a.out.Interval = used
	for _, e := range all {
		e.Method += "_worker_means"
		if e.as == as && e.interval == used {
			a.out.Primary = e.Estimate
		} else {
			a.out.Sensitivity = append(a.out.Sensitivity, e.Estimate)
		}
	}
	return nil
}

// windowMeans gives the closed form and, unless resampling fails for want of spread, both
// bootstrap intervals.
func (a *analyser) windowMeans(o overlap) ([]named, error) {
	t, bt, bca, err := o.estimates(a.ctx, a.spec.bootstrap(), a.part(0.15, 0.7))
	all := []named{{t, EstimateMean, IntervalT}}
	if isRefusal(err, "bootstrap_degenerate") {
		a.note("bootstrap_degenerate")
		return all, nil
	}
	return append(all, named{bt, EstimateMean, IntervalBootstrapT}, named{bca, EstimateMean, IntervalBCa}), err
}

func (o overlap) size() int { return len(o.units) }

func (a *analyser) windowQuantiles(o overlap, before, after []float64, as Estimator) error {
	b := a.spec.lighter()
	if as == EstimateMedian {
		b = a.spec.bootstrap()
	}
	drawn, err := b.run(a.ctx, o.size(), len(quantilesAt), o.quantiles(quantilesAt), a.part(0.7, 0.95))
	if err != nil {
		return err
	}
	s0, s1 := sorted(before), sorted(after)
	for i, q := range quantilesAt {
		e := QuantileEffect{Q: q, Effect: quantileSorted(s1, q) - quantileSorted(s0, q)}
		e.Low, e.High = percentile(drawn[i], b.Confidence)
		e.Low, e.High = min(e.Low, e.Effect), max(e.High, e.Effect)
		a.out.Quantiles = append(a.out.Quantiles, e)
	}
	return nil
}
