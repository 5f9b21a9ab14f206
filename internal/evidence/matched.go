package evidence

import "slices"

// matched compares the two of each pair: with minus without in the observation window, or
// their changes where the pairs have a baseline.
func (a *analyser) matched() error {
	if err := a.needArms(); err != nil {
		return err
	}
	if err := a.needObservation(); err != nil {
		return err
	}
	arms, err := a.workersByArm()
	if err != nil {
		return err
	}
	change := (*worker).change
	level := func(w *worker) float64 { return w.window(observation).value() }
	d, kept := pairDifferences(arms, change)
	subject := "pair_changes"
	// Changes need all four cells; they are taken when most pairs have them.
	if levels, inPairs := pairDifferences(arms, level); 2*len(d) < len(levels) || len(d) < a.spec.MinPeople {
		d, kept, subject = levels, inPairs, "pair_differences"
	}
	a.leaveOut(arms, kept)
	a.out.Unit = "pair"
	a.out.Workers = [2]int{len(kept[0]), len(kept[1])}
	if err := a.enough(len(d), len(kept[0]), len(kept[1])); err != nil {
		return err
	}
	a.describeArms(kept)
	if subject == "pair_differences" {
		a.out.Before = Mean(windowMeans(kept[0], observation))
	} else {
		a.worseOff(each(kept[1], change))
	}
	a.compareBaselines(kept)
	a.fewTeams(kept)
	if err := a.answer(newContrast(d, nil), subject); err != nil {
		return err
	}
	a.standardise(Mean(d), windowMeans(kept[0], observation), windowMeans(kept[1], observation))
	return nil
}

// leaveOut counts as outside the workers whose pair is not complete.
func (a *analyser) leaveOut(arms, kept [2][]worker) {
	for arm := range arms {
		for _, w := range arms[arm] {
			a.frame.outside += w.rows()
		}
		for _, w := range kept[arm] {
			a.frame.outside -= w.rows()
		}
	}
	if left := len(arms[0]) + len(arms[1]) - len(kept[0]) - len(kept[1]); left > 0 {
		a.note("workers_without_pair", "workers", left)
	}
}

// pairDifferences gives arm 1 − arm 0 of each pair that has the figure on both sides, in
// order of the pair's number, and the workers in them. Several workers on one side of a
// pair are averaged.
func pairDifferences(arms [2][]worker, of func(*worker) float64) (d []float64, kept [2][]worker) {
	sides := [2]map[int32]*mean{pairMeans(arms[0], of), pairMeans(arms[1], of)}
	var pairs []int32
	for pair := range sides[1] {
		if sides[0][pair] != nil {
			pairs = append(pairs, pair)
		}
	}
	slices.Sort(pairs)
	for _, pair := range pairs {
		d = append(d, sides[1][pair].value()-sides[0][pair].value())
	}
	for arm := range arms {
		for i := range arms[arm] {
			w := &arms[arm][i]
			if w.pair >= 0 && sides[0][w.pair] != nil && sides[1][w.pair] != nil && finite(of(w)) {
				kept[arm] = append(kept[arm], *w)
			}
		}
	}
	return d, kept
}

// pairMeans averages a figure over the workers of each pair that have it.
func pairMeans(workers []worker, of func(*worker) float64) map[int32]*mean {
	means := map[int32]*mean{}
	for i := range workers {
		w := &workers[i]
		v := of(w)
		if w.pair < 0 || !finite(v) {
			continue
		}
		if means[w.pair] == nil {
			means[w.pair] = &mean{}
		}
		means[w.pair].add(v, 1)
	}
	return means
}
