package study

import (
	"math"

	"beforehand/internal/evidence"
	"beforehand/models"
)

// usualPairing is the correlation of a worker's two measurements when nobody says.
const usualPairing = 0.5

// SampleSize says how many people a design needs, or what so many could find.
// A difference of differences has the variance of a change in each arm, and an
// adjusted comparison what the baseline leaves of it (Borm, Fransen & Lemmens
// 2007, Journal of Clinical Epidemiology 60: 1234–1238). Of a stepped rollout
// the same is said, though its steps may tell more.
func SampleSize(q models.SampleQuestion) (models.SampleAnswer, models.Reason, error) {
	var a models.SampleAnswer
	note := why("sample.note", "design", models.Reason{Code: "design." + string(q.Design)}, "power", orElse(q.PowerPct, 80), "confidence", orElse(q.Level, 0.95)*100)
	if err := q.Check(); err != nil {
		return a, note, err
	}
	p, points := power(q)
	if q.Effect > 0 {
		p.Effect = q.Effect / points
		n, err := evidence.SampleSize(p)
		if err != nil {
			return a, note, said(err)
		}
		a.PerArm = n
	}
	if q.N != [2]int{} {
		p.N = q.N
		if p.Design == evidence.PowerPaired {
			p.N = [2]int{0, max(q.N[0], q.N[1])}
		}
		mde, err := evidence.MinimumDetectable(p)
		if err != nil {
			return a, note, said(err)
		}
		a.MDE = digits(mde * points)
	}
	return a, note, nil
}

func orElse(v, otherwise float64) float64 {
	if v == 0 {
		return otherwise
	}
	return v
}

// power is the question as the statistics take it, and how many of its units
// one of theirs is.
func power(q models.SampleQuestion) (evidence.Power, float64) {
	p := evidence.Power{
		Design: evidence.PowerTwoArm, SD: q.SD, ICC: q.ICC, PerCluster: q.PerTeam, Correlation: orElse(q.Pairing, usualPairing),
		Confidence: q.Level, Power: q.PowerPct / 100,
	}
	if q.Share {
		p.Design, p.BaseRate = evidence.PowerShare, q.BasePct/100
		return p, 100
	}
	switch q.Design {
	case models.DesignPaired, models.DesignBeforeAfter, models.DesignMatched, models.DesignRandomisedTask:
		p.Design = evidence.PowerPaired
	case models.DesignDifference, models.DesignStepped:
		p.SD *= math.Sqrt(2 * (1 - p.Correlation))
	default: // two arms, measured once
	}
	return p, 1
}
