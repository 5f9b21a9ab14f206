package charts

// Spreads is a figure of how values are spread in each group.
type Spreads struct {
	Frame
	Heads  SpreadHeads
	Groups []Spread
	Lines  []Line
}

// SpreadHeads are the words of the table and of the legend.
type SpreadHeads struct {
	Group, P10, P25, Median, P75, P90, Mean string
	// Box and Strip say what the two stretches are, for the legend: the middle
	// half, and the middle eight tenths.
	Box, Strip string
}

// Spread is one group. Single values are never drawn, for they are somebody's.
type Spread struct {
	Label                            string
	Value                            string // in words, over the row
	P10, P25, Median, P75, P90, Mean float64
}

// Table is the figure for those who do not see it: the groups, then the lines.
func (f Spreads) Table() (headings []string, rows [][]string) {
	for _, g := range f.Groups {
		row := []string{g.Label}
		for _, v := range []float64{g.P10, g.P25, g.Median, g.P75, g.P90, g.Mean} {
			row = append(row, f.Number(v))
		}
		rows = append(rows, row)
	}
	for _, l := range f.Lines {
		rows = append(rows, []string{l.Label, f.Number(l.At), "", "", "", "", ""})
	}
	h := f.Heads
	return []string{h.Group, h.P10, h.P25, h.Median, h.P75, h.P90, h.Mean}, rows
}

func (f Spreads) check() ([]float64, error) {
	if err := f.Frame.check(); err != nil {
		return nil, err
	}
	if len(f.Groups) == 0 {
		return nil, ErrEmpty
	}
	if len(f.Groups) > mostRows || len(f.Lines) > 20 {
		return nil, ErrTooMany
	}
	var values []float64
	for _, g := range f.Groups {
		if !finite(g.P10, g.P25, g.Median, g.P75, g.P90, g.Mean) {
			return nil, ErrNotFinite
		}
		if g.P10 > g.P25 || g.P25 > g.Median || g.Median > g.P75 || g.P75 > g.P90 {
			return nil, ErrOrder
		}
		values = append(values, g.P10, g.P90, g.Mean)
	}
	for _, l := range f.Lines {
		if !finite(l.At) {
			return nil, ErrNotFinite
		}
		values = append(values, l.At)
	}
	return values, nil
}

// Distribution draws a strip, a box, the median and the mean of each group. The
// error is one of the package's.
func Distribution(f Spreads) (string, error) {
	values, err := f.check()
	if err != nil {
		return "", err
	}
	c := &canvas{}
	s := newScale(values, edge, width-edge)
	y := 0.0
	for _, g := range f.Groups {
		y += c.rowLabel(y, g.Label, g.Value)
		c.references(f.Lines, s, y)
		c.line(s.at(g.P10), y, s.at(g.P25), y, 2, solid)
		c.line(s.at(g.P75), y, s.at(g.P90), y, 2, solid)
		c.box(s.at(g.P25), y-9, s.at(g.P75), y+9)
		c.line(s.at(g.Median), y-9, s.at(g.Median), y+9, 4, solid)
		c.diamond(s.at(g.Mean), y, 6)
		y += rowGap
	}
	y += c.axis(f.Frame, s, y) + lineHigh + 6
	y += c.legend(y, append([]key{
		{func(x, y float64) { c.line(x, y-9, x, y+9, 4, solid) }, f.Heads.Median},
		{func(x, y float64) { c.diamond(x, y, 6) }, f.Heads.Mean},
		{func(x, y float64) { c.box(x-10, y-8, x+10, y+8) }, f.Heads.Box},
		{func(x, y float64) { c.line(x-12, y, x+12, y, 2, solid) }, f.Heads.Strip},
	}, c.lineKeys(f.Lines)...))
	return c.figure(f.Frame, y), nil
}
