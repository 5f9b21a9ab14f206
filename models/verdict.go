package models

import "math"

// ClaimVerdict is what the figures say of a claim (domain section 7).
type ClaimVerdict string

// The verdicts.
const (
	VerdictSupported    ClaimVerdict = "supported"
	VerdictInPart       ClaimVerdict = "supported_in_part"
	VerdictNotShown     ClaimVerdict = "not_shown"
	VerdictContradicted ClaimVerdict = "contradicted"
)

// Judged is a verdict with its rule and its reason, to be said in words.
type Judged struct {
	Verdict ClaimVerdict `json:"verdict" enum:"supported,supported_in_part,not_shown,contradicted"`
	Rule    Reason       `json:"rule"`
	Why     Reason       `json:"why"`
}

// Gain turns an effect into a gain: positive is better, in the unit in which
// the claim is stated. ok is false when that cannot be said: a share of a
// baseline that is nought.
func (f Finding) Gain(c Claimed) (gain Measured, ok bool) {
	m := f.Main
	if f.Ratio {
		m.Effect, m.Low, m.High = m.Effect-1, m.Low-1, m.High-1 // share of what it was
		if !c.Relative {
			m.Effect, m.Low, m.High = m.Effect*f.Before, m.Low*f.Before, m.High*f.Before
		}
	}
	if c.Relative {
		base := math.Abs(f.Before) / 100
		if f.Ratio {
			base = 0.01
		}
		if base == 0 {
			return m, false
		}
		m.Effect, m.Low, m.High = m.Effect/base, m.Low/base, m.High/base
	}
	if f.Better == LowerIsBetter {
		m.Effect, m.Low, m.High = -m.Effect, -m.High, -m.Low
	}
	return m, true
}

// JudgeOther says of another metric than the claim's whether it got better,
// worse, or neither can be shown: nothing was claimed of it.
func JudgeOther(f Finding) Judged {
	j := Judge(f, Claimed{})
	if j.Verdict == VerdictSupported {
		j.Verdict, j.Rule = VerdictInPart, reason("verdict.rule."+string(VerdictInPart))
	}
	j.Why = reason("verdict.other_metric", "effect", f.Main.Effect, "low", f.Main.Low, "high", f.Main.High, "unit", f.EffectUnit())
	return j
}

// Judge gives the verdict by rule: supported when the whole interval lies at or
// beyond the claim; in part when it excludes no gain and not the claim;
// contradicted when all of it is a loss; not shown when it spans nought.
func Judge(f Finding, c Claimed) Judged {
	rule := func(v ClaimVerdict, why string, pairs ...any) Judged {
		return Judged{v, reason("verdict.rule." + string(v)), reason("verdict."+why, pairs...)}
	}
	gain, ok := f.Gain(c)
	if !ok {
		return rule(VerdictNotShown, "no_baseline")
	}
	figures := []any{"low", gain.Low, "high", gain.High, "claimed", c.Amount, "effect", gain.Effect, "unit", f.EffectUnit()}
	switch {
	case c.Relative:
		figures[len(figures)-1] = reason("unit.percent")
	case f.Ratio:
		figures[len(figures)-1] = f.LevelUnit() // a gain was made of the ratio
	}
	switch {
	case gain.Low >= c.Amount && gain.Low > 0:
		return rule(VerdictSupported, "beyond_claim", figures...)
	case gain.Low > 0 && gain.High < c.Amount:
		return rule(VerdictInPart, "short_of_claim", figures...)
	case gain.Low > 0:
		return rule(VerdictInPart, "claim_within", figures...)
	case gain.High < 0:
		return rule(VerdictContradicted, "worse", figures...)
	default:
		return rule(VerdictNotShown, "spans_nought", append(figures, "mde", f.MDE, "mdeUnit", f.EffectUnit())...)
	}
}
