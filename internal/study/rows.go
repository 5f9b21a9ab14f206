package study

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"math"
	"strconv"

	"beforehand/internal/evidence"
	"beforehand/internal/report"
	"beforehand/models"
)

// epoch is 1 January 1970 as a civil date.
var epoch = models.MustDate("1970-01-01")

// names number strings in the order in which they first appear.
type names struct {
	index map[string]int32
	list  []string
}

// number gives the number of a name; "" has none, which is -1.
func (n *names) number(s string) int32 {
	if s == "" {
		return -1
	}
	if i, ok := n.index[s]; ok {
		return i
	}
	if n.index == nil {
		n.index = map[string]int32{}
	}
	i := int32(len(n.list)) //nolint:gosec // a file has a million rows at most
	n.index[s], n.list = i, append(n.list, s)
	return i
}

// Tally counts and hashes rows without keeping them.
type Tally struct {
	workers names
	teams   names
	pairs   names
	rows    int
	outside int
	sum     hash.Hash
	line    []byte
}

// NewTally begins at nothing.
func NewTally() *Tally { return &Tally{sum: sha256.New()} }

// Add takes a row, and gives its person's number.
func (t *Tally) Add(d report.DataRow) int32 {
	n := t.workers.number(d.Worker)
	d.Team, d.Pair = numbered("t", t.teams.number(d.Team)), numbered("p", t.pairs.number(d.Pair))
	t.rows++
	if d.Period < 0 {
		t.outside++
	}
	t.line = appendRow(t.line[:0], d, numbered("w", n))
	t.sum.Write(t.line)
	return n
}

// numbered is a name made of a number; none has none.
func numbered(kind string, n int32) string {
	if n < 0 {
		return ""
	}
	return kind + strconv.Itoa(int(n))
}

// Rows is how many rows there were.
func (t *Tally) Rows() int { return t.rows }

// Workers is how many different people there are.
func (t *Tally) Workers() int { return len(t.workers.list) }

// Outside is how many rows lie in neither window.
func (t *Tally) Outside() int { return t.outside }

// Sum is the hash of the rows with people numbered: it does not depend on how
// they were called.
func (t *Tally) Sum() string { return hex.EncodeToString(t.sum.Sum(nil)) }

// Rows are a dataset's rows in columns, people numbered in the order in which
// they appear. A million rows take some 60 bytes each.
type Rows struct {
	*Tally
	worker, team, group, language, pair []int32
	arm, period                         []int8
	date                                []models.Date
	volume                              []float64
	values                              [][]float64 // by value column

	groups, languages names
}

// NewRows makes room for rows with some value columns.
func NewRows(valueColumns int) *Rows {
	return &Rows{Tally: NewTally(), values: make([][]float64, valueColumns)}
}

// Add takes a row.
func (r *Rows) Add(d report.DataRow) error {
	r.worker = append(r.worker, r.Tally.Add(d))
	r.team = append(r.team, r.Tally.teams.number(d.Team))
	r.group = append(r.group, r.groups.number(d.Group))
	r.language = append(r.language, r.languages.number(d.Language))
	r.pair = append(r.pair, r.Tally.pairs.number(d.Pair))
	r.arm, r.period = append(r.arm, d.Arm), append(r.period, d.Period)
	r.date, r.volume = append(r.date, d.Date), append(r.volume, d.Volume)
	for i := range r.values {
		r.values[i] = append(r.values[i], d.Values[i])
	}
	return nil
}

// of gives the rows of one value column as the statistics read them.
func (r *Rows) of(column int) evidence.Rows {
	day := make([]int32, len(r.date))
	for i, d := range r.date {
		day[i] = evidence.NoDay
		if d != 0 {
			day[i] = int32(d - epoch)
		}
	}
	return evidence.Rows{
		Worker: r.worker, Team: r.team, Arm: r.arm, Period: r.period, Day: day, Group: r.group, Pair: r.pair,
		Value: r.values[column], Volume: r.volume,
	}
}

// only keeps the rows that a test holds for, with their people's numbers.
func (r *Rows) only(keep func(i int) bool) *Rows {
	out := &Rows{Tally: r.Tally, values: make([][]float64, len(r.values)), groups: r.groups, languages: r.languages}
	for i := range r.arm {
		if !keep(i) {
			continue
		}
		out.worker, out.team, out.group = append(out.worker, r.worker[i]), append(out.team, r.team[i]), append(out.group, r.group[i])
		out.language, out.pair = append(out.language, r.language[i]), append(out.pair, r.pair[i])
		out.arm, out.period = append(out.arm, r.arm[i]), append(out.period, r.period[i])
		out.date, out.volume = append(out.date, r.date[i]), append(out.volume, r.volume[i])
		for c := range r.values {
			out.values[c] = append(out.values[c], r.values[c][i])
		}
	}
	return out
}

// last is the last day of the observation that there are rows of; of the arm
// that ends sooner, when each must last.
func (r *Rows) last(each bool) models.Date {
	ends := map[int8]models.Date{}
	for i, d := range r.date {
		arm := r.arm[i]
		if !each {
			arm = 0
		}
		if r.period[i] == 1 && d > ends[arm] {
			ends[arm] = d
		}
	}
	var last models.Date
	for _, d := range ends {
		if last == 0 || d < last {
			last = d
		}
	}
	return last
}

// span is how many days lie between the first and the last row of a window,
// both counted; 0 when rows have no dates.
func (r *Rows) span(period int8) int {
	var first, last models.Date
	for i, d := range r.date {
		if r.period[i] != period || d == 0 {
			continue
		}
		if first == 0 || d < first {
			first = d
		}
		last = max(last, d)
	}
	if first == 0 {
		return 0
	}
	return int(last-first) + 1
}

// missing is the share of rows of an arm whose value is not there.
func (r *Rows) missing(column int, arm int8) (share float64, of int) {
	lacks := 0
	for i, v := range r.values[column] {
		if r.arm[i] != arm || r.period[i] < 0 {
			continue
		}
		of++
		if math.IsNaN(v) {
			lacks++
		}
	}
	if of == 0 {
		return 0, 0
	}
	return float64(lacks) / float64(of), of
}
