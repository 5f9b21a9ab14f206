package report

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"beforehand/models"
)

// The limits of a file of evidence rows. It is streamed, so these bound time and
// what the caller keeps, and not only memory.
const (
	largestDataset  = 200 << 20 // bytes, as sent
	largestWorkbook = 50 << 20  // bytes of an XLSX, whose directory stands at its end
	mostDataRows    = 1_000_000
	mostDataColumns = 60
	longestDataCell = 4 << 10  // bytes
	longestRecord   = 64 << 10 // bytes of one row
	mostProblems    = 100      // that a report lists; the rest are counted
)

// DataRow is one row, read and understood. The strings and the slice belong to
// whoever took the row.
type DataRow struct {
	Number                              int // as a person counts in a spreadsheet
	Worker, Team, Group, Language, Pair string
	Arm                                 int8        // 1 with the deployment, 0 comparison, -1 no such column
	Period                              int8        // 0 baseline, 1 observation, -1 outside both windows
	Date                                models.Date // 0 for no such column
	Volume                              float64     // 1 for no such column, NaN for missing
	Values                              []float64   // one a value column, in the plan's order; NaN for missing
}

// DataReport says what a file was and what is wrong with it. It never holds
// what may tell who somebody is.
type DataReport struct {
	Format    string // CSV or XLSX
	Encoding  string // UTF-8, UTF-16LE or UTF-16BE
	Delimiter string // "" for an XLSX
	Bytes     int64
	SHA256    string // of the bytes as sent, in hexadecimal
	Rows      int    // that are not blank, below the heading
	Outside   int    // rows taken whose date lies in neither window
	// Missing counts empty cells by heading; MissingRows says where the first are.
	Missing     map[string]int
	MissingRows []Problem
	// Problems are the first ones, by row and then column. When ProblemCount is
	// not nought the caller refuses the file and discards what it took.
	Problems     []Problem
	ProblemCount int
}

// ReadDataset reads rows as a plan says they are written and gives each to take,
// in order. It holds one row at a time, and of an XLSX also its shared texts. A
// row with a problem is not given. metrics, by key, say what is possible;
// progress may be nil.
//
// Errors are models.Error: a plan that cannot be read by (its fields), or a file
// that is none (dataset_unreadable, dataset_empty, dataset_columns, dataset_sheets,
// dataset_too_large, dataset_too_many_rows, dataset_too_many_columns,
// dataset_row_too_long). An error of take, of the reader, or of the
// context comes back as it is. Rows with problems are no error: see the report.
func ReadDataset(
	ctx context.Context, r io.Reader, plan models.Plan, metrics map[string]models.Metric,
	take func(DataRow) error, progress func(bytes int64),
) (DataReport, error) {
	rules, err := newRowRules(plan, metrics)
	if err != nil {
		return DataReport{}, err
	}
	src := newSource(ctx, r, progress)
	d := &dataset{ctx: ctx, rules: rules, take: take}
	b := bufio.NewReaderSize(src, 64<<10)
	if magic, _ := b.Peek(4); bytes.Equal(magic, []byte("PK\x03\x04")) {
		err = d.readWorkbook(b, src)
	} else {
		err = d.readText(b)
	}
	if err == nil {
		err = src.drain(b)
	}
	if err == nil && d.columns == nil {
		err = models.Fail(models.Invalid, "dataset_empty")
	}
	if src.failed != nil { // whatever the decoder made of it
		err = src.failed
	}
	if err != nil {
		return DataReport{}, err
	}
	if d.report.Rows == 0 && d.report.ProblemCount == 0 {
		return DataReport{}, models.Fail(models.Invalid, "dataset_empty")
	}
	d.report.Bytes, d.report.SHA256 = src.read, src.sum()
	return d.report, nil
}

// errStop ends the reading of a file of which the rest cannot be told apart.
var errStop = errors.New("the rest cannot be read")

// dataset is one reading of one file.
type dataset struct {
	ctx     context.Context
	rules   *rowRules
	take    func(DataRow) error
	columns []*dataColumn // of the file, in its order; nil before the heading
	report  DataReport
	faulty  bool // the row at hand has a problem
	slab    []float64
}

// row takes the cells of a row as they stand in the file, the first that is not
// blank being the heading. wide says that the format writes every cell, so that
// a short row has lost some. The cells are only good during the call.
func (d *dataset) row(number int, cells [][]byte, wide bool) error {
	full := len(cells)
	for full > 0 && len(bytes.TrimSpace(cells[full-1])) == 0 {
		full--
	}
	if full == 0 {
		return nil
	}
	if number&1023 == 0 && d.ctx.Err() != nil {
		return d.ctx.Err()
	}
	if d.columns == nil {
		return d.head(number, cells[:full])
	}
	if d.report.Rows++; d.report.Rows > mostDataRows {
		return tooManyRows()
	}
	d.faulty = false
	if full > len(d.columns) || wide && len(cells) < len(d.columns) {
		d.problem(Problem{Row: number, Code: "dataset.ragged", Params: models.Params{"cells": max(full, min(len(cells), len(d.columns))), "columns": len(d.columns)}})
		d.searchAll(number, cells)
		return nil
	}
	out := d.understand(number, cells)
	if d.faulty {
		return nil
	}
	if out.Period < 0 {
		d.report.Outside++
	}
	return d.take(out)
}

// searchAll looks for identifiers in a row that cannot be understood, so that a
// person hears of them at once.
func (d *dataset) searchAll(number int, cells [][]byte) {
	for i, cell := range cells {
		p := Problem{Row: number, Code: d.rules.identifier(string(cell[:min(len(cell), longestDataCell)]))}
		if p.Code == "" {
			continue
		}
		if i < len(d.columns) {
			p.Column = d.columns[i].heading
		}
		d.problem(p)
	}
}

func (d *dataset) problem(p Problem) {
	d.faulty = true
	d.report.ProblemCount++
	if len(d.report.Problems) < mostProblems {
		d.report.Problems = append(d.report.Problems, p)
	}
}

func (d *dataset) missing(number int, heading string) {
	if d.report.Missing == nil {
		d.report.Missing = map[string]int{}
	}
	d.report.Missing[heading]++
	if len(d.report.MissingRows) < mostProblems {
		d.report.MissingRows = append(d.report.MissingRows, Problem{Row: number, Column: heading, Code: "dataset.missing"})
	}
}

func datasetTooLarge(most string) error {
	return models.Fail(models.TooLarge, "dataset_too_large").With("max", most)
}

func tooManyRows() error {
	return models.Fail(models.TooLarge, "dataset_too_many_rows").With("max", mostDataRows)
}

func rowTooLong(number int) error {
	return models.Fail(models.TooLarge, "dataset_row_too_long").With("row", number, "max", "64 KiB")
}

func datasetUnreadable(cause error) error {
	return models.Fail(models.Invalid, "dataset_unreadable").Because(cause)
}
