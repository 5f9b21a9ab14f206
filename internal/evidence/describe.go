package evidence

import "math"

// describe adds a summary of workers' means in a window. Too few for k are left out: their
// quantiles would be the persons.
func (a *analyser) describe(arm, period int, workers []worker) {
	s := summaryOf(arm, period)
	var present []worker
	for _, w := range workers {
		if m := w.window(period); m.rows > 0 {
			present = append(present, w)
			s.Rows += m.rows
		}
	}
	s.Workers, s.Teams = len(present), teamsOf(present)
	a.summarise(s, windowMeans(present, period))
}

func summaryOf(arm, period int) Summary {
	return Summary{Arm: int8(arm), Period: int8(period)} //nolint:gosec // both are 0 or 1
}

// summarise completes a summary from the unit values. Logarithms are turned back, so that
// people read geometric means in their own units.
func (a *analyser) summarise(s Summary, values []float64) {
	if s.Workers == 0 {
		return
	}
	if s.Workers < a.spec.MinPeople {
		a.note("summary_suppressed", "arm", int(s.Arm), "period", int(s.Period))
		return
	}
	if a.frame.log {
		turned := make([]float64, len(values))
		for i, v := range values {
			turned[i] = math.Exp(v)
		}
		values = turned
	}
	v := sorted(values)
	s.Mean, s.SD = Mean(v), standardDeviation(v)
	s.P10, s.P25, s.Median = quantileSorted(v, 0.1), quantileSorted(v, 0.25), quantileSorted(v, 0.5)
	s.P75, s.P90 = quantileSorted(v, 0.75), quantileSorted(v, 0.9)
	a.out.Summaries = append(a.out.Summaries, s)
}

// worseOff counts the workers whose own value moved against the claim. It counts every
// move, however small, so noise alone would make it a half.
func (a *analyser) worseOff(changes []float64) {
	w := &WorseOff{Of: len(changes)}
	for _, d := range changes {
		if a.spec.LowerIsBetter && d > 0 || !a.spec.LowerIsBetter && d < 0 {
			w.Count++
		}
	}
	if w.Count < a.spec.MinPeople {
		a.out.WorseOff = &WorseOff{Of: w.Of, Suppressed: true}
		return
	}
	if share, err := Wilson(w.Count, w.Of, a.spec.Confidence); err == nil {
		w.Share, w.Low, w.High = share.Effect, share.Low, share.High
	}
	a.out.WorseOff = w
}

// fewTeams warns where arms are made of whole teams and few of them: what sets the teams
// apart cannot then be told from the effect.
func (a *analyser) fewTeams(arms [2][]worker) {
	var teams [2]map[int32]bool
	for arm := range arms {
		teams[arm] = map[int32]bool{}
		for _, w := range arms[arm] {
			if w.team >= 0 {
				teams[arm][w.team] = true
			}
		}
	}
	if len(teams[0]) == 0 && len(teams[1]) == 0 {
		return
	}
	for team := range teams[0] {
		if teams[1][team] {
			return
		}
	}
	if min(len(teams[0]), len(teams[1])) < 10 {
		a.note("few_teams", "comparison", len(teams[0]), "with", len(teams[1]))
	}
}
