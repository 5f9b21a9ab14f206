package evidence

import (
	"context"
	"errors"
	"math"
)

// Analyse answers one plan from one set of rows. Progress, which may be nil, is called
// from this goroutine with shares that never fall. The error is a [Refusal], or the
// context's own when it ended first.
//
// Whatever the design, effects are in the units of Rows.Value, with minus without or
// after minus before, except that log_ratio and selection_ratio are ratios.
func Analyse(ctx context.Context, rows Rows, spec Spec, progress func(share float64)) (Analysis, error) {
	spec, err := spec.complete()
	if err != nil {
		return Analysis{}, err
	}
	f, err := newFrame(ctx, rows, spec)
	if err != nil {
		return Analysis{}, err
	}
	a := &analyser{ctx: ctx, frame: f, spec: spec, told: progress}
	a.out = Analysis{
		Design: spec.Design, Estimator: spec.Estimator, Unit: "worker",
		Rows: len(rows.Value), Missing: f.missing,
	}
	a.at(0.1)
	if err := a.design(); err != nil {
		return Analysis{}, err
	}
	a.out.Outside = f.outside
	a.out.Used = a.out.Rows - a.out.Missing - a.out.Outside
	a.attrition()
	if f.log {
		a.out.exponentiate()
	}
	if err := a.out.sweep(); err != nil {
		return Analysis{}, err
	}
	a.at(1)
	return a.out, nil
}

// analyser carries one analysis on its way.
type analyser struct {
	ctx   context.Context
	frame *frame
	spec  Spec
	out   Analysis
	told  func(float64)
	share float64
}

func (a *analyser) design() error {
	if a.spec.Estimator == EstimateSelectionRatio {
		return a.selection()
	}
	switch a.spec.Design {
	case RandomisedTask:
		return a.tasks()
	case RandomisedStaff:
		return a.staff()
	case Stepped:
		return a.stepped()
	case DifferenceInDifferences:
		return a.changes()
	case InterruptedSeries:
		return a.series()
	case Matched:
		return a.matched()
	case Paired:
		return a.paired()
	case BeforeAfter:
		return a.beforeAfter()
	case Survey:
		return a.survey()
	default:
		return refuse("bad_spec", "field", "design")
	}
}

func (a *analyser) note(code string, pairs ...any) {
	a.out.Notes = append(a.out.Notes, Note{Code: code, Params: params(pairs)})
}

// at tells of progress, never backwards.
func (a *analyser) at(share float64) {
	if a.told != nil && share > a.share {
		a.share = share
		a.told(share)
	}
}

// part maps the progress of a piece of work into its part of the whole.
func (a *analyser) part(from, to float64) func(float64) {
	return func(share float64) { a.at(from + float64((to-from)*share)) }
}

// exponentiate turns differences of mean logarithms into ratios of geometric means.
// Standard errors stay on the logarithm, where they are symmetric.
func (a *Analysis) exponentiate() {
	ratio := func(v *float64) { *v = math.Exp(*v) }
	all := []*Estimate{&a.Primary}
	for i := range a.Sensitivity {
		all = append(all, &a.Sensitivity[i])
	}
	for _, e := range all {
		ratio(&e.Effect)
		ratio(&e.Low)
		ratio(&e.High)
	}
	for i := range a.Quantiles {
		ratio(&a.Quantiles[i].Effect)
		ratio(&a.Quantiles[i].Low)
		ratio(&a.Quantiles[i].High)
	}
	for i := range a.Series {
		ratio(&a.Series[i].Mean)
		ratio(&a.Series[i].Fitted)
		ratio(&a.Series[i].Counterfactual)
	}
	if a.Segment != nil {
		ratio(&a.Segment.Level)
		ratio(&a.Segment.Slope)
	}
	ratio(&a.Before)
	ratio(&a.After)
	ratio(&a.MDE)
}

// sweep sees to it that no figure is NaN or infinite: the primary one is then refused,
// others are left out with a note.
func (a *Analysis) sweep() error {
	p := a.Primary
	if !finite(p.Effect, p.Low, p.High, p.SE, p.DF, p.P, a.Before, a.After) {
		return refuse("not_finite")
	}
	lost := map[string]bool{}
	if a.Segment != nil && !finite(a.Segment.Level, a.Segment.Slope) {
		a.Segment, lost["series"] = nil, true
	}
	for name, v := range map[string]*float64{"mde": &a.MDE, "hedges_g": &a.HedgesG} {
		if !finite(*v) {
			*v, lost[name] = 0, true
		}
	}
	a.Sensitivity = sound(a.Sensitivity, lost, "sensitivity", func(e Estimate) bool {
		return finite(e.Effect, e.Low, e.High, e.SE, e.DF, e.P)
	})
	a.Summaries = sound(a.Summaries, lost, "summaries", func(s Summary) bool {
		return finite(s.Mean, s.SD, s.Median, s.P10, s.P25, s.P75, s.P90)
	})
	a.Quantiles = sound(a.Quantiles, lost, "quantiles", func(q QuantileEffect) bool {
		return finite(q.Effect, q.Low, q.High)
	})
	a.Series = sound(a.Series, lost, "series", func(s SeriesPoint) bool {
		return finite(s.Mean, s.Fitted, s.Counterfactual)
	})
	a.Checks = sound(a.Checks, lost, "checks", func(c Check) bool {
		return finite(c.Statistic, c.P, c.Effect, c.Low, c.High)
	})
	a.Balances = sound(a.Balances, lost, "balances", func(b Balance) bool { return finite(b.Difference) })
	for _, what := range []string{"mde", "hedges_g", "sensitivity", "summaries", "quantiles", "series", "checks", "balances"} {
		if lost[what] {
			a.Notes = append(a.Notes, Note{Code: "not_computable", Params: map[string]any{"what": what}})
		}
	}
	return nil
}

func sound[T any](all []T, lost map[string]bool, name string, good func(T) bool) []T {
	var kept []T
	for _, v := range all {
		if good(v) {
			kept = append(kept, v)
		} else {
			lost[name] = true
		}
	}
	return kept
}

// isRefusal says whether an error is a refusal with one of the codes.
func isRefusal(err error, codes ...string) bool {
	var r Refusal
	if !errors.As(err, &r) {
		return false
	}
	for _, code := range codes {
		if r.Code == code {
			return true
		}
	}
	return false
}
