package charts

import "sort"

// Course is a figure of values over time, before and after a start.
type Course struct {
	Frame
	Heads  CourseHeads
	Points []Point
	// Fitted are the stretches of the fitted line; Counterfactual is where it
	// would have gone.
	Fitted         [][]Point
	Counterfactual []Point
	// Start is the day of the start, when Heads.Start has words for it.
	Start int
	// Day writes a day; days count from anywhere.
	Day func(int) string
}

// CourseHeads are the words of the table and of the legend.
type CourseHeads struct {
	Day, Value, Before, After, Fitted, Counterfactual, Start string
}

// Point is a value of a day.
type Point struct {
	Day   int
	Value float64
}

// Table is the figure for those who do not see it: each point with what was
// fitted, where there is such, and what would have been.
func (f Course) Table() (headings []string, rows [][]string) {
	fitted := map[int]float64{}
	for _, stretch := range f.Fitted {
		for _, p := range stretch {
			fitted[p.Day] = p.Value
		}
	}
	without := map[int]float64{}
	for _, p := range f.Counterfactual {
		without[p.Day] = p.Value
	}
	number := func(from map[int]float64, day int) string {
		if v, ok := from[day]; ok {
			return f.Number(v)
		}
		return ""
	}
	points := append([]Point(nil), f.Points...)
	sort.SliceStable(points, func(i, j int) bool { return points[i].Day < points[j].Day })
	for _, p := range points {
		rows = append(rows, []string{f.Day(p.Day), f.Number(p.Value), number(fitted, p.Day), number(without, p.Day)})
	}
	if f.Heads.Start != "" {
		rows = append(rows, []string{f.Day(f.Start), f.Heads.Start, "", ""})
	}
	return []string{f.Heads.Day, f.Heads.Value, f.Heads.Fitted, f.Heads.Counterfactual}, rows
}

// all are the points of every sort.
func (f Course) all() []Point {
	out := append(append([]Point(nil), f.Points...), f.Counterfactual...)
	for _, stretch := range f.Fitted {
		out = append(out, stretch...)
	}
	return out
}

func (f Course) check() error {
	if err := f.Frame.check(); err != nil {
		return err
	}
	if f.Day == nil {
		return ErrFrame
	}
	if len(f.Points) == 0 {
		return ErrEmpty
	}
	all := f.all()
	if len(all) > mostPoints {
		return ErrTooMany
	}
	for _, p := range append(all, Point{Day: f.Start}) {
		if !finite(p.Value) || p.Day > 10_000_000 || p.Day < -10_000_000 {
			return ErrNotFinite
		}
	}
	return nil
}

// plotHigh is the height of the field of points.
const plotHigh = 280.0

// Series draws the points (rings before the start, dots from it on), the fitted
// line, dashes where it would have gone, and the start. The error is one of the
// package's.
func Series(f Course) (string, error) {
	if err := f.check(); err != nil {
		return "", err
	}
	first, last := f.Points[0].Day, f.Points[0].Day
	var values []float64
	all := f.all()
	started := f.Heads.Start != ""
	if started {
		all = append(all, Point{Day: f.Start, Value: all[0].Value})
	}
	for _, p := range all {
		first, last = min(first, p.Day), max(last, p.Day)
		values = append(values, p.Value)
	}
	c := &canvas{}
	top := c.lines(edge, lineHigh, f.Axis, width-2*edge) + 2*lineHigh
	upright := newScale(values, top+plotHigh, top)
	left := c.uprightAxis(f.Frame, upright)
	days := scale{float64(first) - 1, float64(last) + 1, left, width - edge}
	c.dayAxis(f, days, first, last, top+plotHigh)
	places := func(points []Point) [][2]float64 {
		out := make([][2]float64, len(points))
		for i, p := range points {
			out[i] = [2]float64{days.at(float64(p.Day)), upright.at(p.Value)}
		}
		return out
	}
	c.path(places(f.Counterfactual), 2, dashed)
	for _, stretch := range f.Fitted {
		c.path(places(stretch), 3, solid)
	}
	for i, at := range places(f.Points) {
		c.dot(at[0], at[1], 4, started && f.Points[i].Day < f.Start)
	}
	if started {
		c.start(days.at(float64(f.Start)), top, f.Heads.Start)
	}
	y := top + plotHigh + 2*lineHigh + 8
	y += lineHigh + c.legend(y+lineHigh, courseKeys(c, f, started))
	return c.figure(f.Frame, y), nil
}

// start draws the upright line of the start, with its words on whichever side
// has room.
func (c *canvas) start(x, top float64, says string) {
	c.line(x, top-lineHigh, x, top+plotHigh, 1.5, dotted)
	anchor, side := "start", x+6
	if x > width/2 {
		anchor, side = "end", x-6
	}
	c.text(side, top-8, anchor, cut(says, int((max(x, width-x)-edge)/letter)))
}

func courseKeys(c *canvas, f Course, started bool) []key {
	var keys []key
	if started {
		keys = append(keys, key{func(x, y float64) { c.dot(x, y, 4, true) }, f.Heads.Before})
	}
	keys = append(keys, key{func(x, y float64) { c.dot(x, y, 4, false) }, f.Heads.After})
	if len(f.Fitted) > 0 {
		keys = append(keys, key{func(x, y float64) { c.line(x-12, y, x+12, y, 3, solid) }, f.Heads.Fitted})
	}
	if len(f.Counterfactual) > 0 {
		keys = append(keys, key{func(x, y float64) { c.line(x-12, y, x+12, y, 2, dashed) }, f.Heads.Counterfactual})
	}
	return keys
}

// uprightAxis draws the values at the left, and gives where the field begins.
func (c *canvas) uprightAxis(f Frame, s scale) float64 {
	ticks := s.ticks(6)
	longest := 0
	for _, v := range ticks {
		longest = max(longest, len([]rune(cut(f.Number(v), 24))))
	}
	left := edge + float64(longest)*letter + 12
	for _, v := range ticks {
		c.text(left-10, s.at(v)+5, "end", cut(f.Number(v), 24))
		c.line(left-6, s.at(v), left, s.at(v), 1, solid)
	}
	c.line(left, s.from, left, s.to, 1, solid)
	return left
}

func (c *canvas) dayAxis(f Course, s scale, first, last int, y float64) {
	c.line(s.from, y, s.to, y, 1, solid)
	longest := len([]rune(f.Day(last)))
	wanted := max(1, min(6, int((s.to-s.from)/(float64(longest+2)*letter))))
	for _, d := range dayTicks(first, last, wanted) {
		x := s.at(float64(d))
		c.line(x, y, x, y+6, 1, solid)
		c.text(within(x, f.Day(d)), y+lineHigh+2, "middle", f.Day(d))
	}
}
