package evidence

import (
	"context"
	"math"
)

// frame is the rows that lie in a window and have a value, with columns that may be
// asked for though nobody has them.
type frame struct {
	rows Rows
	kept []int32 // numbers of the rows
	log  bool    // values are compared as logarithms

	missing, outside int
}

// newFrame holds the rows against the plan. Refusals: "bad_spec" where columns differ in
// length, "not_finite", "not_binary", "not_positive" with the first row and how many,
// "too_few_rows", "no_period".
func newFrame(ctx context.Context, rows Rows, spec Spec) (*frame, error) {
	if err := rows.aligned(); err != nil {
		return nil, err
	}
	f := &frame{rows: rows, log: spec.Estimator == EstimateLogRatio}
	var infinite, notBinary, notPositive wrong
	binary := spec.Estimator == EstimateShare || spec.Estimator == EstimateSelectionRatio
	for i, v := range rows.Value {
		if i%8192 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		w := f.volume(int32(i))
		infinite.note(i, math.IsInf(v, 0) || math.IsInf(w, 0))
		switch {
		case math.IsNaN(v) || !(w > 0):
			f.missing++
			continue
		case f.period(int32(i)) < 0:
			f.outside++
			continue
		}
		notBinary.note(i, binary && v != 0 && v != 1)
		notPositive.note(i, f.log && !(v > 0))
		f.kept = append(f.kept, int32(i))
	}
	return f, f.refusal(infinite, notBinary, notPositive)
}

func (f *frame) refusal(infinite, notBinary, notPositive wrong) error {
	switch {
	case infinite.count > 0:
		return infinite.refuse("not_finite")
	case notBinary.count > 0:
		return notBinary.refuse("not_binary")
	case notPositive.count > 0:
		return notPositive.refuse("not_positive")
	case len(f.rows.Value)-f.missing == 0:
		return refuse("too_few_rows", "need", 1, "have", 0)
	case len(f.kept) == 0:
		return refuse("no_period")
	}
	return nil
}

// wrong counts rows that cannot be used and remembers the first.
type wrong struct{ first, count int }

func (w *wrong) note(row int, is bool) {
	if !is {
		return
	}
	if w.count == 0 {
		w.first = row
	}
	w.count++
}

func (w wrong) refuse(code string) error { return refuse(code, "row", w.first, "rows", w.count) }

func (r Rows) aligned() error {
	n := len(r.Value)
	if n > math.MaxInt32 {
		return refuse("bad_spec", "field", "rows")
	}
	for _, c := range []struct {
		name   string
		length int
	}{
		{"worker", len(r.Worker)},
		{"team", len(r.Team)},
		{"arm", len(r.Arm)},
		{"period", len(r.Period)},
		{"day", len(r.Day)},
		{"group", len(r.Group)},
		{"pair", len(r.Pair)},
		{"volume", len(r.Volume)},
	} {
		if c.length != 0 && c.length != n {
			return refuse("bad_spec", "field", c.name, "need", n, "have", c.length)
		}
	}
	return nil
}

func label(column []int32, i int32) int32 {
	if len(column) == 0 || column[i] < 0 {
		return -1
	}
	return column[i]
}

func (f *frame) worker(i int32) int32 { return label(f.rows.Worker, i) }
func (f *frame) team(i int32) int32   { return label(f.rows.Team, i) }
func (f *frame) group(i int32) int32  { return label(f.rows.Group, i) }
func (f *frame) pair(i int32) int32   { return label(f.rows.Pair, i) }

// arm is 0, 1, or 2 where none is stated.
func (f *frame) arm(i int32) int {
	if len(f.rows.Arm) == 0 || f.rows.Arm[i] < 0 || f.rows.Arm[i] > 1 {
		return noArm
	}
	return int(f.rows.Arm[i])
}

func (f *frame) period(i int32) int {
	if len(f.rows.Period) == 0 || f.rows.Period[i] < 0 || f.rows.Period[i] > 1 {
		return -1
	}
	return int(f.rows.Period[i])
}

func (f *frame) day(i int32) int32 {
	if len(f.rows.Day) == 0 {
		return NoDay
	}
	return f.rows.Day[i]
}

func (f *frame) volume(i int32) float64 {
	if len(f.rows.Volume) == 0 {
		return 1
	}
	return f.rows.Volume[i]
}

func (f *frame) value(i int32) float64 {
	if f.log {
		return math.Log(f.rows.Value[i])
	}
	return f.rows.Value[i]
}

// keep leaves only rows that pass; the others count as outside.
func (f *frame) keep(pass func(i int32) bool) (dropped int) {
	kept := f.kept[:0]
	for _, i := range f.kept {
		if pass(i) {
			kept = append(kept, i)
		}
	}
	dropped = len(f.kept) - len(kept)
	f.kept, f.outside = kept, f.outside+dropped
	return dropped
}
