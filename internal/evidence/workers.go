package evidence

import (
	"context"
	"math"
	"slices"
)

// The windows, and the arm of a row that states none.
const (
	baseline    = 0
	observation = 1
	noArm       = 2
)

// mean is a weighted mean on the way.
type mean struct {
	sum, weight total
	rows        int
}

func (m *mean) add(v, w float64) {
	m.sum.add(float64(v * w))
	m.weight.add(w)
	m.rows++
}

func (m *mean) merge(o mean) {
	if o.rows == 0 {
		return
	}
	m.sum.merge(o.sum)
	m.weight.merge(o.weight)
	m.rows += o.rows
}

func (m mean) value() float64 {
	if m.rows == 0 {
		return math.NaN()
	}
	return m.sum.value() / m.weight.value()
}

// worker is one person's rows, averaged by window and stated arm.
type worker struct {
	id, team, pair int32
	cells          [2][3]mean
	early, late    mean // the halves of the baseline by date
}

// window is the mean of everything in a window, whatever arm the rows state.
func (w *worker) window(period int) mean {
	m := w.cells[period][0]
	m.merge(w.cells[period][1])
	m.merge(w.cells[period][noArm])
	return m
}

// arm is the only arm the rows state, noArm for none and -1 for both.
func (w *worker) arm() int {
	stated := [2]bool{}
	for arm := range stated {
		stated[arm] = w.cells[baseline][arm].rows+w.cells[observation][arm].rows > 0
	}
	switch {
	case stated[0] && stated[1]:
		return -1
	case stated[0]:
		return 0
	case stated[1]:
		return 1
	}
	return noArm
}

// change is observation − baseline, NaN where a window is empty.
func (w *worker) change() float64 {
	return w.window(observation).value() - w.window(baseline).value()
}

// byWorker averages the kept rows within worker, in order of the worker's number. Rows
// without a worker are outside.
func (f *frame) byWorker(ctx context.Context) ([]worker, error) {
	f.keep(func(i int32) bool { return f.worker(i) >= 0 })
	place := f.places()
	workers := make([]worker, 0, len(place))
	at := map[int32]int32{}
	dense := len(place) == 0 || int(slices.Max(place)) < 4*len(f.kept)+1024
	var direct []int32
	if dense && len(place) > 0 {
		direct = make([]int32, slices.Max(place)+1)
	}
	for k, id := range place {
		workers = append(workers, worker{id: id, team: -1, pair: -1})
		if dense {
			direct[id] = int32(k)
		} else {
			at[id] = int32(k)
		}
	}
	middle := f.baselineMiddle()
	for n, i := range f.kept {
		if n%8192 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		k := at[f.worker(i)]
		if dense {
			k = direct[f.worker(i)]
		}
		f.put(&workers[k], i, middle)
	}
	return workers, nil
}

func (f *frame) put(w *worker, i int32, middle float64) {
	v, volume, period := f.value(i), f.volume(i), f.period(i)
	w.cells[period][f.arm(i)].add(v, volume)
	if day := f.day(i); period == baseline && day != NoDay {
		if float64(day) <= middle {
			w.early.add(v, volume)
		} else {
			w.late.add(v, volume)
		}
	}
	// The smallest number, so that the order of rows decides nothing.
	w.team, w.pair = lesser(w.team, f.team(i)), lesser(w.pair, f.pair(i))
}

func lesser(a, b int32) int32 {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}

// places lists the workers of the kept rows in order of their numbers.
func (f *frame) places() []int32 {
	ids := make([]int32, 0, len(f.kept))
	last := int32(-1)
	for _, i := range f.kept {
		if id := f.worker(i); id != last {
			ids, last = append(ids, id), id
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// baselineMiddle is the day half-way through the baseline.
func (f *frame) baselineMiddle() float64 {
	first, last := int32(math.MaxInt32), int32(NoDay)
	for _, i := range f.kept {
		if day := f.day(i); f.period(i) == baseline && day != NoDay {
			first, last = min(first, day), max(last, day)
		}
	}
	return (float64(first) + float64(last)) / 2
}

func teamsOf(workers []worker) int {
	seen := map[int32]bool{}
	for _, w := range workers {
		if w.team >= 0 {
			seen[w.team] = true
		}
	}
	return len(seen)
}
