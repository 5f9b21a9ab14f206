package evidence

import "math"

// PowerDesign is the shape of a planned comparison.
type PowerDesign string

// The shapes: two arms of units, one arm measured twice, two arms of yes or no.
const (
	PowerTwoArm PowerDesign = "two_arm"
	PowerPaired PowerDesign = "paired"
	PowerShare  PowerDesign = "share"
)

// Power is a planned comparison. Effects are in the units of SD, those of shares in
// points of a share.
type Power struct {
	Design      PowerDesign
	N           [2]int  // units per arm (comparison, with); for paired the second alone; not used by SampleSize
	SD          float64 // of one unit's value; not used by shares
	ICC         float64 // correlation of two units of one cluster, 0 to 1
	PerCluster  float64 // units per cluster; 0 or 1 = no clusters
	Correlation float64 // of a unit's two measurements (paired)
	BaseRate    float64 // share without the deployment (share)
	Effect      float64 // to be found, above 0; only used by SampleSize
	Confidence  float64 // 0 = 0.95
	Power       float64 // 0 = 0.8
}

// DesignEffect is by how much clusters of m units multiply a variance: 1 + (m−1)·icc.
//
// Kish, Survey Sampling (1965), ch. 5.
func DesignEffect(m, icc float64) float64 { return 1 + float64((m-1)*icc) }

// MinimumDetectable gives the smallest true effect that a two-sided test finds with
// the stated power: (t(1−α/2) + t(power))·SE, in the units of SD, with Student's
// quantiles on the degrees of freedom of the clusters; for shares the difference from
// the base rate, towards one half, by the normal formula. Refusal "bad_spec" names the
// field that makes no sense.
//
// Bloom (1995), Evaluation Review 19(5): 547–556; shares: Fleiss, Levin & Paik,
// Statistical Methods for Rates and Proportions (3rd ed., 2003), ch. 4.
func MinimumDetectable(p Power) (float64, error) {
	p, err := p.complete()
	if err != nil {
		return 0, err
	}
	need := 2
	if p.Design == PowerPaired {
		p.N[0] = p.N[1]
	}
	if min(p.N[0], p.N[1]) < need {
		return 0, refuse("bad_spec", "field", "n")
	}
	return p.detectable(float64(p.N[0]), float64(p.N[1]))
}

// SampleSize gives the units needed per arm (paired: in all) so that
// [MinimumDetectable] is at most Effect; with clusters, before rounding up to whole
// ones. Refusal "bad_spec" as there, or for an effect that 100 million do not reach.
func SampleSize(p Power) (int, error) {
	p, err := p.complete()
	if err != nil {
		return 0, err
	}
	if !(p.Effect > 0) || math.IsInf(p.Effect, 0) {
		return 0, refuse("bad_spec", "field", "effect")
	}
	enough := func(n int) bool {
		found, err := p.detectable(float64(n), float64(n))
		return err == nil && found <= p.Effect
	}
	const most = 100_000_000
	low, high := 1, 2
	for !enough(high) {
		if low, high = high, 2*high; high > most {
			return 0, refuse("bad_spec", "field", "effect")
		}
	}
	for high-low > 1 {
		if middle := (low + high) / 2; enough(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high, nil
}

func (p Power) complete() (Power, error) {
	if p.Confidence == 0 {
		p.Confidence = 0.95
	}
	if p.Power == 0 {
		p.Power = 0.8
	}
	if p.PerCluster == 0 {
		p.PerCluster = 1
	}
	share, paired := p.Design == PowerShare, p.Design == PowerPaired
	// NaN is inside nothing.
	inside := func(v, low, high float64) bool { return v > low && v < high }
	for _, c := range []struct {
		field string
		good  bool
	}{
		{"design", share || paired || p.Design == PowerTwoArm},
		{"confidence", inside(p.Confidence, 0.5, 1)},
		{"power", inside(p.Power, 0.5, 1)},
		{"per_cluster", p.PerCluster >= 1 && !math.IsInf(p.PerCluster, 0)},
		{"icc", p.ICC >= 0 && p.ICC <= 1},
		{"correlation", !paired || inside(p.Correlation, -1, 1)},
		{"base_rate", !share || inside(p.BaseRate, 0, 1)},
		{"sd", share || inside(p.SD, 0, math.Inf(1))},
	} {
		if !c.good {
			return p, refuse("bad_spec", "field", c.field)
		}
	}
	return p, nil
}

func (p Power) detectable(n0, n1 float64) (float64, error) {
	inflate := DesignEffect(p.PerCluster, p.ICC)
	switch p.Design {
	case PowerShare:
		return p.detectableShare(n0/inflate, n1/inflate)
	case PowerPaired:
		df := n1/p.PerCluster - 1
		return p.reach(p.SD*math.Sqrt(2*(1-p.Correlation)*inflate/n1), df)
	default:
		df := (n0+n1)/p.PerCluster - 2
		return p.reach(p.SD*math.Sqrt(inflate*(1/n0+1/n1)), df)
	}
}

func (p Power) reach(se, df float64) (float64, error) {
	// Below one degree of freedom there is no spread to judge by.
	if df < 1 {
		return 0, refuse("bad_spec", "field", "n")
	}
	return reach(se, df, p.Confidence, p.Power), nil
}

func reach(se, df, confidence, power float64) float64 {
	return se * (studentQuantile(1-(1-confidence)/2, df) + studentQuantile(power, df))
}

// detectableShare finds the second share at which the formula's power is reached.
func (p Power) detectableShare(n0, n1 float64) (float64, error) {
	za, zb := normalQuantile(1-(1-p.Confidence)/2), normalQuantile(p.Power)
	base, room, sign := p.BaseRate, 1-p.BaseRate, 1.0
	if base > 0.5 {
		room, sign = base, -1
	}
	short := func(d float64) float64 {
		other := base + sign*d
		pooled := (float64(n0*base) + float64(n1*other)) / (n0 + n1)
		under := math.Sqrt(pooled * (1 - pooled) * (1/n0 + 1/n1))
		apart := math.Sqrt(max(0, base*(1-base)/n0+other*(1-other)/n1))
		return d - float64(za*under) - float64(zb*apart)
	}
	if short(room) < 0 {
		return 0, refuse("bad_spec", "field", "n")
	}
	return bisect(short, 0, room), nil
}
