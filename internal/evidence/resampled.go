package evidence

import "context"

// Bootstrap says how a bootstrap is to be made.
type Bootstrap struct {
	Draws      int // 200 or more
	Seed       uint64
	Confidence float64
}

// BootstrapT gives the mean of x, or with y the difference of means x − y, with the
// studentised interval; the two samples are drawn apart. Refusal "too_few_rows" below two
// values a side, "constant" without spread, "bootstrap_degenerate" where more than one
// draw in ten has no spread. Same numbers and seed, same digits.
//
// Efron & Tibshirani, An Introduction to the Bootstrap (1993), ch. 12.
func BootstrapT(ctx context.Context, x, y []float64, b Bootstrap) (Estimate, error) {
	e, _, err := newContrast(x, y).meanBoth(ctx, b, nil)
	return e, err
}

// BCa gives the same effect with the bias-corrected and accelerated interval; its
// refusals are those of [BootstrapT].
//
// Efron (1987), Journal of the American Statistical Association 82(397): 171–185.
func BCa(ctx context.Context, x, y []float64, b Bootstrap) (Estimate, error) {
	_, e, err := newContrast(x, y).meanBoth(ctx, b, nil)
	return e, err
}

// closed is the interval in closed form: Welch's or Student's.
func (c contrast) closed(confidence float64) (Estimate, error) {
	if c.y == nil {
		return Student(c.x, confidence)
	}
	return Welch(c.x, c.y, confidence)
}

// meanBoth makes both bootstrap intervals of the mean from the same draws.
func (c contrast) meanBoth(ctx context.Context, b Bootstrap, progress func(float64)) (t, bca Estimate, err error) {
	plain, err := c.closed(b.Confidence)
	if err != nil {
		return t, bca, err
	}
	drawn, err := b.run(ctx, c.units(), 2, c.moments(), progress)
	if err != nil {
		return t, bca, err
	}
	t = Estimate{Effect: plain.Effect, SE: plain.SE, Method: "bootstrap_t"}
	t.Low, t.High, t.P = studentised(plain.Effect, plain.SE, drawn[1], b.Confidence)
	bca = Estimate{Effect: plain.Effect, Method: "bca"}
	bca.Low, bca.High = biasCorrected(plain.Effect, acceleration(c.influences()...), drawn[0], b.Confidence)
	return t.holding(), bca.holding(), nil
}

// trimmedBoth does the same for 20 % trimmed means.
func (c contrast) trimmedBoth(ctx context.Context, b Bootstrap, progress func(float64)) (t, bca Estimate, err error) {
	plain, err := Yuen(c.x, c.y, trim, b.Confidence)
	if err != nil {
		return t, bca, err
	}
	drawn, err := b.run(ctx, c.units(), 2, c.trimmedMoments(), progress)
	if err != nil {
		return t, bca, err
	}
	t = Estimate{Effect: plain.Effect, SE: plain.SE, Method: "bootstrap_t"}
	t.Low, t.High, t.P = studentised(plain.Effect, plain.SE, drawn[1], b.Confidence)
	l, err := c.leftOut(ctx, func(s []float64) float64 { return TrimmedMean(s, trim) })
	if err != nil {
		return t, bca, err
	}
	bca = Estimate{Effect: plain.Effect, Method: "bca"}
	bca.Low, bca.High = biasCorrected(plain.Effect, acceleration(l...), drawn[0], b.Confidence)
	return t.holding(), bca.holding(), nil
}

// atQuantiles gives the effect at each quantile with its percentile interval. BCa is not
// offered: the jackknife, which it needs, fails for quantiles.
func (c contrast) atQuantiles(ctx context.Context, b Bootstrap, at []float64, progress func(float64)) ([]QuantileEffect, error) {
	drawn, err := b.run(ctx, c.units(), len(at), c.quantiles(at), progress)
	if err != nil {
		return nil, err
	}
	out := make([]QuantileEffect, len(at))
	for i, q := range at {
		out[i] = QuantileEffect{Q: q, Effect: c.locate(func(s []float64) float64 { return quantileSorted(s, q) })}
		out[i].Low, out[i].High = percentile(drawn[i], b.Confidence)
		out[i].Low, out[i].High = min(out[i].Low, out[i].Effect), max(out[i].High, out[i].Effect)
	}
	return out, nil
}

func (c contrast) units() int { return len(c.x) + len(c.y) }

// run refuses when a bootstrap lost more than a tenth of its draws.
func (b Bootstrap) run(ctx context.Context, units, width int, start func() func(*stream, []float64), progress func(float64)) ([][]float64, error) {
	if b.Draws < 1 {
		return nil, refuse("bad_spec", "field", "draws")
	}
	r := resampling{draws: b.Draws, seed: b.Seed, units: units, width: width, start: start, progress: progress}
	drawn, err := r.run(ctx)
	if err != nil {
		return nil, err
	}
	if len(drawn[0]) < b.Draws-b.Draws/10 {
		return nil, refuse("bootstrap_degenerate", "kept", len(drawn[0]), "draws", b.Draws)
	}
	return drawn, nil
}

// holding widens an interval that resampling put beside its estimate.
func (e Estimate) holding() Estimate {
	e.Low, e.High = min(e.Low, e.Effect), max(e.High, e.Effect)
	return e
}
