package study

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"beforehand/internal/report"
	"beforehand/models"
)

// appendRow writes a row as one line: its people under the names given, then
// everything else, parted by tabs. Quoting keeps tabs out of cells.
func appendRow(b []byte, d report.DataRow, worker string) []byte {
	for _, s := range []string{worker, d.Team, d.Group, d.Language, d.Pair} {
		if s != "" {
			b = strconv.AppendQuote(b, s)
		}
		b = append(b, '\t')
	}
	b = strconv.AppendInt(b, int64(d.Arm), 10)
	b = append(b, '\t')
	b = strconv.AppendInt(b, int64(d.Period), 10)
	b = append(b, '\t')
	if d.Date != 0 {
		b = append(b, d.Date.String()...)
	}
	b = append(b, '\t')
	b = appendNumber(b, d.Volume)
	for _, v := range d.Values {
		b = append(b, '\t')
		b = appendNumber(b, v)
	}
	return append(b, '\n')
}

func appendNumber(b []byte, v float64) []byte {
	if math.IsNaN(v) {
		return b
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// Writer writes rows for keeping: compressed, each person, team and pair under
// another name.
type Writer struct {
	zip   *gzip.Writer
	rekey func(name string) string
	line  []byte
}

// NewWriter writes to w. rekey gives the name that a pseudonym is kept under.
func NewWriter(w io.Writer, rekey func(string) string) *Writer {
	return &Writer{zip: gzip.NewWriter(w), rekey: rekey}
}

// Add writes a row.
func (w *Writer) Add(d report.DataRow) error {
	for kind, name := range map[string]*string{"": &d.Worker, "team ": &d.Team, "pair ": &d.Pair} {
		if *name != "" {
			*name = w.rekey(kind + *name)
		}
	}
	w.line = appendRow(w.line[:0], d, d.Worker)
	_, err := w.zip.Write(w.line)
	return err
}

// Close ends the rows; it does not close what they were written to.
func (w *Writer) Close() error { return w.zip.Close() }

// Read reads back what a [Writer] wrote.
func Read(r io.Reader, valueColumns int) (*Rows, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("read the rows: %w", err)
	}
	rows := NewRows(valueColumns)
	lines := bufio.NewReaderSize(z, 256<<10)
	for n := 1; ; n++ {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read row %d: %w", n, err)
		}
		d, err := readRow(string(line[:len(line)-1]), valueColumns)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", n, err)
		}
		if err := rows.Add(d); err != nil {
			return nil, err
		}
	}
}

const fixedCells = 9 // before the values

func readRow(line string, valueColumns int) (report.DataRow, error) {
	cells := strings.Split(line, "\t")
	if len(cells) != fixedCells+valueColumns {
		return report.DataRow{}, fmt.Errorf("%d cells", len(cells))
	}
	var d report.DataRow
	for i, to := range []*string{&d.Worker, &d.Team, &d.Group, &d.Language, &d.Pair} {
		if cells[i] == "" {
			continue
		}
		s, err := strconv.Unquote(cells[i])
		if err != nil {
			return d, err
		}
		*to = s
	}
	for i, to := range []*int8{&d.Arm, &d.Period} {
		n, err := strconv.ParseInt(cells[5+i], 10, 8)
		if err != nil {
			return d, err
		}
		*to = int8(n)
	}
	if cells[7] != "" {
		date, err := models.ParseDate(cells[7])
		if err != nil {
			return d, err
		}
		d.Date = date
	}
	d.Values = make([]float64, valueColumns)
	for i, to := 0, &d.Volume; i <= valueColumns; i++ {
		if i > 0 {
			to = &d.Values[i-1]
		}
		*to = math.NaN()
		if cell := cells[8+i]; cell != "" {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return d, err
			}
			*to = v
		}
	}
	return d, nil
}
