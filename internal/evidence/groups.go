package evidence

import (
	"cmp"
	"math"
	"slices"
)

// counts is one group's applicants.
type counts struct {
	group       int32
	n, selected int
	people      int
	suppressed  bool
}

// rateAbove compares in whole numbers, so that equal rates are equal.
func (c counts) rateAbove(o counts) bool {
	return int64(c.selected)*int64(o.n) > int64(o.selected)*int64(c.n)
}

// selection compares the groups' selection rates in the observation window, with the
// deployment where arms are stated.
func (a *analyser) selection() error {
	f := a.frame
	a.out.Unit = "row"
	if err := a.needObservation(); err != nil {
		return err
	}
	with := slices.ContainsFunc(f.kept, func(i int32) bool { return f.period(i) == observation && f.arm(i) == 1 })
	f.keep(func(i int32) bool {
		return f.period(i) == observation && f.group(i) >= 0 && (!with || f.arm(i) == 1)
	})
	groups := f.countGroups()
	people, selected, n := 0, 0, 0
	for _, g := range groups {
		people, selected, n = people+g.people, selected+g.selected, n+g.n
	}
	a.out.Workers = [2]int{0, people}
	if err := a.enough(people); err != nil {
		return err
	}
	switch {
	case len(groups) < 2:
		return refuse("one_group")
	case selected == 0:
		return refuse("no_selection")
	case selected == n:
		return refuse("constant")
	}
	a.suppress(groups)
	reference, err := a.reference(groups)
	if err != nil {
		return err
	}
	return a.compareGroups(groups, reference)
}

// countGroups counts by group, in order of its number. A person with several rows is one.
func (f *frame) countGroups() []counts {
	at := map[int32]int{}
	var all []counts
	var people []map[int32]bool
	for _, i := range f.kept {
		g := f.group(i)
		k, known := at[g]
		if !known {
			k = len(all)
			at[g] = k
			all, people = append(all, counts{group: g}), append(people, map[int32]bool{})
		}
		all[k].n++
		if f.rows.Value[i] == 1 {
			all[k].selected++
		}
		if w := f.worker(i); w >= 0 {
			people[k][w] = true
		}
	}
	for k := range all {
		all[k].people = all[k].n
		if known := len(people[k]); known > 0 {
			all[k].people = min(all[k].n, known)
		}
	}
	slices.SortFunc(all, func(a, b counts) int { return cmp.Compare(a.group, b.group) })
	return all
}

// suppress hides the groups of fewer than k people. One hidden group alone could be had from
// the total, so the next smallest is hidden with it.
func (a *analyser) suppress(groups []counts) {
	hidden, next := 0, -1
	for i := range groups {
		g := &groups[i]
		if g.people < a.spec.MinPeople {
			g.suppressed = true
			hidden++
		} else if next < 0 || g.people < groups[next].people {
			next = i
		}
	}
	if hidden == 1 && next >= 0 {
		groups[next].suppressed = true
		hidden++
	}
	if hidden > 0 {
		a.note("groups_suppressed", "groups", hidden)
	}
}

// reference is the group that others are held against.
func (a *analyser) reference(groups []counts) (int, error) {
	best := -1
	for i, g := range groups {
		if g.group == a.spec.Reference && a.spec.Reference >= 0 {
			if g.suppressed {
				return 0, refuse("too_few_people", "need", a.spec.MinPeople, "have", g.people)
			}
			return i, nil
		}
		if !g.suppressed && (best < 0 || g.rateAbove(groups[best])) {
			best = i
		}
	}
	switch {
	case a.spec.Reference >= 0:
		return 0, refuse("bad_spec", "field", "reference")
	case best < 0:
		return 0, refuse("too_few_people", "need", a.spec.MinPeople, "have", 0)
	}
	a.note("reference_chosen", "group", int(groups[best].group))
	return best, nil
}

// compareGroups gives every group's ratio; the lowest is the primary figure.
func (a *analyser) compareGroups(groups []counts, reference int) error {
	ref, worst := groups[reference], -1
	var lowest Estimate
	for i, g := range groups {
		if g.suppressed {
			a.out.Groups = append(a.out.Groups, GroupRate{Group: g.group, Suppressed: true})
			continue
		}
		r := GroupRate{Group: g.group, N: g.n, Selected: g.selected, Rate: float64(g.selected) / float64(g.n)}
		if i == reference {
			r.Reference, r.Ratio, r.Low, r.High, r.P = true, 1, 1, 1, 1
			a.out.Groups = append(a.out.Groups, r)
			continue
		}
		e, err := SelectionRatio(g.selected, g.n, ref.selected, ref.n, a.spec.Confidence)
		if err != nil {
			return err
		}
		r.Ratio, r.Low, r.High, r.P = e.Effect, e.Low, e.High, e.P
		a.out.Groups = append(a.out.Groups, r)
		if g.selected == 0 {
			a.note("zero_cell", "group", int(g.group))
		}
		if worst < 0 || e.Effect < lowest.Effect {
			worst, lowest = i, e
		}
	}
	if worst < 0 {
		return refuse("too_few_people", "need", a.spec.MinPeople, "have", 0)
	}
	a.lowestRatio(groups[worst], ref, lowest)
	return nil
}

func (a *analyser) lowestRatio(g, ref counts, e Estimate) {
	a.out.Primary, a.out.Interval = e, IntervalKatz
	a.replaced(a.spec.Interval, IntervalKatz)
	a.out.Primary.Method = "katz_rows"
	a.out.Checks = append(a.out.Checks, Check{
		Code: "four_fifths", OK: e.Effect >= FourFifths, Statistic: e.Effect, P: e.P,
		Effect: e.Effect, Low: e.Low, High: e.High,
	})
	a.out.Before = float64(ref.selected) / float64(ref.n)
	a.out.After = float64(g.selected) / float64(g.n)
	z := normalQuantile(1-(1-a.spec.Confidence)/2) + normalQuantile(usualPower)
	a.out.MDE = math.Exp(-z * e.SE)
	// The same people more than once: no interval here allows for it.
	if rows := len(a.frame.kept); rows > a.out.Workers[1] {
		a.note("rows_not_independent", "rows", rows, "workers", a.out.Workers[1])
	}
}
