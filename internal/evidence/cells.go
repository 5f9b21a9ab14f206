package evidence

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// cell is the mean of one unit in one step of time, under one arm.
type cell struct {
	unit, team, step int32
	worker           int32 // the only one, or the least
	arm              int
	mean
}

type cellKey struct {
	unit, step int32
	arm        int
}

// byStep averages the kept rows within unit, step and arm, in that order. Rows without a
// date are outside. step 0 begins at origin. arm puts rows of different arms apart or not.
func (f *frame) byStep(ctx context.Context, origin, length int32, unit func(int32) int32, arm func(int32) int) ([]cell, error) {
	f.keep(func(i int32) bool { return f.day(i) != NoDay })
	at := map[cellKey]int{}
	var cells []cell
	for n, i := range f.kept {
		if n%8192 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		key := cellKey{unit(i), stepOf(f.day(i), origin, length), arm(i)}
		k, known := at[key]
		if !known {
			k = len(cells)
			at[key] = k
			cells = append(cells, cell{unit: key.unit, team: -1, worker: -1, step: key.step, arm: key.arm})
		}
		cells[k].add(f.value(i), f.volume(i))
		cells[k].team = lesser(cells[k].team, f.team(i))
		cells[k].worker = lesser(cells[k].worker, f.worker(i))
	}
	slices.SortFunc(cells, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.step, b.step), cmp.Compare(a.arm, b.arm))
	})
	return cells, nil
}

// stepOf divides towards the earlier step, before the origin too.
func stepOf(day, origin, length int32) int32 {
	d, l := int64(day)-int64(origin), int64(length)
	if d < 0 {
		d -= l - 1
	}
	// Days 2³¹ apart are no dates; held to the range, they are steps by themselves.
	return int32(min(max(d/l, math.MinInt32), math.MaxInt32))
}
