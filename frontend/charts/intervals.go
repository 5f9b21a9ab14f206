package charts

// Intervals is a figure of estimates, a row each, with what they are uncertain by.
type Intervals struct {
	Frame
	// Heads are the headings of the table: what a row is, the estimate, its ends.
	Heads IntervalHeads
	Rows  []Interval
	Lines []Line
}

// IntervalHeads are the words of the table.
type IntervalHeads struct{ Row, Point, Low, High string }

// Interval is one row.
type Interval struct {
	Label string
	// Value is the figure in words, such as "4.1 (2.0 to 6.2)"; it stands over the row.
	Value            string
	Point, Low, High float64
	// Open is drawn as a ring: what is of another sort, such as what people say themselves.
	Open bool
}

// Table is the figure for those who do not see it: the rows, then the lines.
func (f Intervals) Table() (headings []string, rows [][]string) {
	for _, r := range f.Rows {
		rows = append(rows, []string{r.Label, f.Number(r.Point), f.Number(r.Low), f.Number(r.High)})
	}
	for _, l := range f.Lines {
		rows = append(rows, []string{l.Label, f.Number(l.At), "", ""})
	}
	return []string{f.Heads.Row, f.Heads.Point, f.Heads.Low, f.Heads.High}, rows
}

func (f Intervals) check() ([]float64, error) {
	if err := f.Frame.check(); err != nil {
		return nil, err
	}
	if len(f.Rows) == 0 {
		return nil, ErrEmpty
	}
	if len(f.Rows) > mostRows || len(f.Lines) > 20 {
		return nil, ErrTooMany
	}
	var values []float64
	for _, r := range f.Rows {
		if !finite(r.Point, r.Low, r.High) {
			return nil, ErrNotFinite
		}
		if r.Low > r.High {
			return nil, ErrOrder
		}
		// The estimate may lie outside: a bootstrap's interval need not hold it.
		values = append(values, r.Point, r.Low, r.High)
	}
	for _, l := range f.Lines {
		if !finite(l.At) {
			return nil, ErrNotFinite
		}
		values = append(values, l.At)
	}
	return values, nil
}

// DotInterval draws a dot and an interval for each row. The error is one of the
// package's.
func DotInterval(f Intervals) (string, error) {
	values, err := f.check()
	if err != nil {
		return "", err
	}
	c := &canvas{}
	s := newScale(values, edge, width-edge)
	y := 0.0
	for _, r := range f.Rows {
		y += c.rowLabel(y, r.Label, r.Value)
		c.references(f.Lines, s, y)
		c.line(s.at(r.Low), y, s.at(r.High), y, 3, solid)
		for _, end := range []float64{r.Low, r.High} {
			c.line(s.at(end), y-7, s.at(end), y+7, 3, solid)
		}
		c.dot(s.at(r.Point), y, 6, r.Open)
		y += rowGap
	}
	y += c.axis(f.Frame, s, y) + lineHigh + 6
	y += c.legend(y, c.lineKeys(f.Lines))
	return c.figure(f.Frame, y), nil
}

// rowLabel writes what a row is and its figure in words, and gives the way down
// to the middle of what is drawn below.
func (c *canvas) rowLabel(y float64, label, value string) float64 {
	room := width - 2*edge
	if value != "" {
		value = cut(value, 40)
		c.text(width-edge, y+lineHigh-6, "end", value)
		room -= float64(len([]rune(value))+2) * letter
	}
	return max(c.lines(edge, y+lineHigh-6, label, room), lineHigh) + 14
}
