package evidence

import (
	"context"
	"math"
)

// Lags is the number of lags for a series of n steps: ⌈1.3·√n⌉, fewer than n.
//
// Lazarus, Lewis, Stock & Watson (2018), Journal of Business & Economic Statistics
// 36(4): 541–559.
func Lags(n int) int {
	return max(0, min(n-1, int(math.Ceil(1.3*math.Sqrt(float64(n))))))
}

// Segments is a series cut in two at step 0: a level and a slope before, and a
// change of both from step 0 on.
type Segments struct {
	Estimate Estimate // mean of fitted − counterfactual over the steps from 0 on
	Level    float64  // change of level at step 0
	Slope    float64  // change of slope, per step
	Fitted   []float64
	Without  []float64 // the line before, carried on
	Critical float64   // how many standard errors the interval reaches to either side
	Carried  float64   // first autocorrelation of the errors, 0 to 0.9
	Lags     int
}

// Segmented fits y = a + b·t + level·[t ≥ 0] + slope·t·[t ≥ 0] to values at steps t in
// rising order (gaps allowed). The standard error is Newey–West's; 0 lags asks for
// [Lags]. Against the normal distribution such errors are too small in short series, so
// the interval and p-value use the fixed-b distribution of the t-statistic, in which the
// lags are a fixed share of the series. It depends on the regressors and, in short series,
// on how far one step's error carries into the next, so it is drawn for these very steps
// from normal errors with the autocorrelation of the residuals. The stream of draws is
// fixed. Refusal "too_few_steps" for fewer than three steps on a side, "constant" where the
// line leaves no residual.
//
// Wagner, Soumerai, Zhang & Ross-Degnan (2002), Journal of Clinical Pharmacy and
// Therapeutics 27(4): 299–309; Kiefer & Vogelsang (2005), Econometric Theory 21(6):
// 1130–1164; drawing from an autoregression: Bühlmann (1997), Bernoulli 3(2): 123–148.
func Segmented(step []int, y []float64, lags int, confidence float64) (Segments, error) {
	return segmented(context.Background(), step, y, lags, confidence)
}

func segmented(ctx context.Context, step []int, y []float64, lags int, confidence float64) (Segments, error) {
	x, c := segmentColumns(step)
	if before, after := sides(step); min(before, after) < 3 {
		return Segments{}, refuse("too_few_steps", "need", 3, "before", before, "after", after)
	}
	fit, err := OLS(x, y)
	if err != nil {
		return Segments{}, err
	}
	if lags <= 0 {
		lags = Lags(len(y))
	}
	se := fit.NeweyWest(c, lags, true)
	if negligible(se, y) {
		return Segments{}, refuse("constant")
	}
	effect := fit.Combine(c)
	null := newSeriesNull(fit, step, fit.pull(c), lags)
	carried := null.carried(ctx, autocorrelation(fit.Residuals))
	drawn := null.draw(ctx, carried)
	if ctx.Err() != nil {
		return Segments{}, ctx.Err()
	}
	critical := quantileSorted(drawn, confidence)
	out := Segments{
		Level: fit.Coefficients[2], Slope: fit.Coefficients[3], Fitted: fit.Fitted,
		Critical: critical, Carried: carried, Lags: lags,
		Estimate: Estimate{
			Effect: effect, Low: effect - float64(critical*se), High: effect + float64(critical*se),
			SE: se, P: shareBeyond(drawn, math.Abs(effect/se)), Method: "fixed_b_segmented",
		},
	}
	for i := range x {
		out.Without = append(out.Without, fit.Coefficients[0]+float64(fit.Coefficients[1]*x[i][1]))
	}
	return out, nil
}

// segmentColumns gives the columns and the combination of coefficients that is the
// mean effect over the steps from 0 on.
func segmentColumns(step []int) (x [][]float64, c []float64) {
	c = []float64{0, 0, 1, 0}
	after := 0.0
	for _, s := range step {
		row := []float64{1, float64(s), 0, 0}
		if s >= 0 {
			row[2], row[3] = 1, float64(s)
			c[3] += float64(s)
			after++
		}
		x = append(x, row)
	}
	c[3] /= max(1, after)
	return x, c
}

func sides(step []int) (before, after int) {
	for _, s := range step {
		if s < 0 {
			before++
		} else {
			after++
		}
	}
	return before, after
}
