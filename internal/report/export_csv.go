package report

import (
	"encoding/csv"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"beforehand/models"
)

// RegisterCSV writes the published register, one row a deployment, as UTF-8
// without a byte-order mark. It holds one row at a time.
func RegisterCSV(w io.Writer, all iter.Seq2[Published, error]) error {
	c := newCSV(w)
	if err := c.row(slices.Concat([]string{
		"ref", "version", "stage", "class", "late", "firstPublished", "updated", "liveOn", "earliestDate", "unions", "url.en", "url.cy",
		"organisation.en", "organisation.cy", "area.en", "area.cy", "contact", "withheld",
	}, flatPaths())); err != nil {
		return err
	}
	for p, err := range all {
		if err != nil {
			return err
		}
		cells, err := flatCells(p.Record)
		if err != nil {
			return err
		}
		if err := c.row(slices.Concat([]string{
			p.Ref, strconv.Itoa(p.Version), string(p.Stage), string(p.Class), strconv.FormatBool(p.Late), instant(p.FirstPublished), instant(p.Updated), p.LiveOn.String(),
			p.Earliest.String(), strings.Join(p.Unions, "; "), p.URL, p.WelshURL, p.Organisation.En, p.Organisation.Cy, p.Area.En, p.Area.Cy, p.Contact, withheldCell(p.Withheld),
		}, cells)); err != nil {
			return err
		}
	}
	return c.end()
}

// HistoryCSV writes every published version, one row each, with the columns of
// the record as in [RegisterCSV].
func HistoryCSV(w io.Writer, all iter.Seq2[Change, error]) error {
	c := newCSV(w)
	if err := c.row(slices.Concat([]string{"ref", "version", "updated", "stage", "class", "late", "note", "withheld"}, flatPaths())); err != nil {
		return err
	}
	for h, err := range all {
		if err != nil {
			return err
		}
		cells, err := flatCells(h.Record)
		if err != nil {
			return err
		}
		if err := c.row(slices.Concat([]string{
			h.Ref, strconv.Itoa(h.Version), instant(h.At), string(h.Stage), string(h.Class), strconv.FormatBool(h.Late), h.Note, withheldCell(h.Withheld),
		}, cells)); err != nil {
			return err
		}
	}
	return c.end()
}

// safeCSV writes cells that no spreadsheet takes for a formula.
type safeCSV struct{ w *csv.Writer }

func newCSV(w io.Writer) safeCSV { return safeCSV{csv.NewWriter(w)} }

// row writes a row. It owns cells.
func (c safeCSV) row(cells []string) error {
	for i, s := range cells {
		cells[i] = safeCell(s)
	}
	return c.w.Write(cells)
}

func (c safeCSV) end() error {
	c.w.Flush()
	return c.w.Error()
}

// safeCell puts an apostrophe before what a spreadsheet would run (OWASP, CSV
// injection), and takes out what no text file should hold.
func safeCell(s string) string {
	s = strings.ReplaceAll(legible(s), "\r\n", "\n")
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// withheldCell is "purpose: commercial confidence (2027-01-31); …": field, ground
// and the day it is looked at again.
func withheldCell(list []models.Withheld) string {
	parts := make([]string, len(list))
	for i, w := range list {
		parts[i] = w.Field + ": " + w.Ground
		if w.Until != 0 {
			parts[i] += " (" + w.Until.String() + ")"
		}
	}
	return strings.Join(parts, "; ")
}

// instant is a time in UTC (RFC 3339), "" for none.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// RowsCSV writes rows of cells, one at a time.
func RowsCSV(w io.Writer, rows iter.Seq2[[]string, error]) error {
	c := newCSV(w)
	for cells, err := range rows {
		if err != nil {
			return err
		}
		if err := c.row(cells); err != nil {
			return err
		}
	}
	return c.end()
}
