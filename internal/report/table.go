package report

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"beforehand/models"
)

// The limits of a file. A table is held in memory whole, since an import is all
// or nothing; these keep one upload from taking the server's memory.
const (
	largestFile = 50 << 20 // bytes, as sent
	mostRows    = 200_000  // blank rows between others count too
	mostColumns = 500
	mostCells   = 16_000_000
	longestCell = 1 << 20 // bytes
)

// The formats of a table.
const (
	CSV  = "CSV"
	XLSX = "XLSX"
)

// Table is a file of rows, read but not understood: cells are as they stand.
type Table struct {
	Name   string
	Format string // CSV or XLSX
	// Encoding is UTF-8, UTF-16LE, UTF-16BE or Windows-1252; an XLSX is UTF-8.
	Encoding string
	Header   []string
	// Rows leave out empty cells at their end; a blank row is empty.
	Rows [][]string
	// First is the number of Rows[0] as a person counts in a spreadsheet.
	First int
	// Problems are what is wrong with the shape of single rows.
	Problems []Problem
}

// Number is the number of a row as a person counts in a spreadsheet.
func (t Table) Number(i int) int { return t.First + i }

// ReadTable reads a CSV or an XLSX, which its content decides and not its name.
// An error is one of models: what cannot be read, or is too large. Rows of the
// wrong length are problems of the table.
func ReadTable(name string, b []byte) (Table, error) {
	if len(b) > largestFile {
		return Table{}, tooLarge("max", "50 MiB")
	}
	var t Table
	var err error
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) || bytes.HasPrefix(b, []byte("PK\x05\x06")) {
		t, err = readXLSX(b)
	} else {
		t, err = readCSV(b)
	}
	if err != nil {
		return Table{}, err
	}
	t.Name = name
	return t, nil
}

func tooLarge(pairs ...any) error {
	return models.Fail(models.TooLarge, "upload_too_large").With(pairs...)
}

func unreadable(cause error) error {
	return models.Fail(models.Invalid, "import_unreadable").Because(cause)
}

// collector gathers rows within the limits. The first row that is not blank is
// the heading.
type collector struct {
	t      Table
	number int // of the row last added
	blanks int // rows passed since, which count only when another follows
	cells  int
	begun  bool
}

// add takes a row; it keeps the strings and not the slice. faults are the codes
// of what its reader found wrong. wide says that the file writes every cell of
// a row, even empty ones, so that a short row has lost some.
func (c *collector) add(cells []string, wide bool, faults ...string) error {
	end := len(cells)
	for end > 0 && cells[end-1] == "" {
		end--
	}
	if end == 0 && len(faults) == 0 {
		c.blanks++
		return nil
	}
	c.number += c.blanks + 1
	if !c.begun {
		if len(faults) > 0 {
			return unreadable(nil) // without headings there is nothing to go by
		}
		c.begun, c.blanks = true, 0
		return c.head(cells[:end])
	}
	c.cells += end
	if end > mostColumns || c.cells > mostCells || len(c.t.Rows)+c.blanks >= mostRows {
		return tooLarge("row", c.number, "maxRows", mostRows, "maxColumns", mostColumns)
	}
	for _, cell := range cells[:end] {
		if len(cell) > longestCell {
			return tooLarge("row", c.number, "max", "1 MiB")
		}
	}
	for range c.blanks {
		c.t.Rows = append(c.t.Rows, nil)
	}
	c.blanks = 0
	c.t.Rows = append(c.t.Rows, slices.Clone(cells[:end]))
	for _, code := range faults {
		c.t.Problems = append(c.t.Problems, Problem{Row: c.number, Code: code})
	}
	if c.t.Encoding != "UTF-8" && slices.ContainsFunc(cells[:end], undecoded) {
		c.t.Problems = append(c.t.Problems, Problem{
			Row: c.number, Code: "import.undecodable", Params: models.Params{"encoding": c.t.Encoding},
		})
	}
	// Empty cells beyond the last heading are what spreadsheets leave behind.
	if want := len(c.t.Header); len(faults) == 0 && (end > want || wide && len(cells) < want) {
		c.t.Problems = append(c.t.Problems, Problem{
			Row: c.number, Code: "import.ragged",
			Params: models.Params{"cells": max(end, min(len(cells), want)), "columns": want},
		})
	}
	return nil
}

// undecoded says whether a decoder put U+FFFD where it could not read: a text
// must not be changed without anybody noticing.
func undecoded(cell string) bool { return strings.ContainsRune(cell, utf8.RuneError) }

func (c *collector) head(cells []string) error {
	if len(cells) > mostColumns {
		return tooLarge("maxColumns", mostColumns)
	}
	for _, cell := range cells {
		if len(cell) > longestCell {
			return tooLarge("row", c.number, "max", "1 MiB")
		}
		// What has NULs where its headings should be is not a table at all.
		if strings.ContainsRune(cell, 0) {
			return unreadable(nil)
		}
		c.t.Header = append(c.t.Header, squeeze(cell))
	}
	c.t.First = c.number + 1
	return nil
}

func (c *collector) table() (Table, error) {
	if !c.begun {
		return Table{}, unreadable(nil)
	}
	return c.t, nil
}

func readCSV(b []byte) (Table, error) {
	text, enc, err := decode(b)
	if err != nil {
		return Table{}, err
	}
	c := collector{t: Table{Format: CSV, Encoding: enc}}
	if err := splitCSV(text, delimiter(text), &c); err != nil {
		return Table{}, err
	}
	return c.table()
}

// decode gives the text of a file. A byte order mark decides; then NULs in
// every other place; then whether it is good UTF-8. What is left is taken for
// Windows-1252, which spreadsheets on Windows write.
func decode(b []byte) (text, enc string, err error) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		if b = b[3:]; !utf8.Valid(b) {
			return "", "", unreadable(nil)
		}
		return string(b), "UTF-8", nil
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return decode16(b[2:], unicode.LittleEndian)
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return decode16(b[2:], unicode.BigEndian)
	}
	if order, ok := nulPattern(b); ok {
		return decode16(b, order)
	}
	if utf8.Valid(b) {
		return string(b), "UTF-8", nil
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return "", "", unreadable(err)
	}
	return string(out), "Windows-1252", nil
}

func decode16(b []byte, order unicode.Endianness) (string, string, error) {
	out, err := unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Bytes(b)
	if err != nil || len(b)%2 != 0 {
		return "", "", unreadable(err)
	}
	if order == unicode.LittleEndian {
		return string(out), "UTF-16LE", nil
	}
	return string(out), "UTF-16BE", nil
}

// nulPattern recognises UTF-16 without a byte order mark: a heading line in a
// European language has NULs in every other place and hardly any elsewhere.
func nulPattern(b []byte) (order unicode.Endianness, ok bool) {
	look := b[:min(len(b), 4096)&^1]
	var nuls [2]int
	for i, c := range look {
		if c == 0 {
			nuls[i%2]++
		}
	}
	few, many := len(look)/2/20, len(look)/2*7/10
	switch {
	case len(look) < 4:
		return order, false
	case nuls[1] >= many && nuls[0] <= few:
		return unicode.LittleEndian, true
	case nuls[0] >= many && nuls[1] <= few:
		return unicode.BigEndian, true
	}
	return order, false
}

// delimiter is the one of comma, semicolon and tab that is commonest outside
// quotation marks in the first line that is not blank.
func delimiter(text string) byte {
	marks := []byte{',', ';', '\t'}
	var counts [3]int
	quoted, begun := false, false
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			quoted, begun = !quoted, true
		case quoted:
		case c == '\n' || c == '\r':
			if begun {
				return marks[most(counts)]
			}
		default:
			begun = begun || c != ' '
			if at := bytes.IndexByte(marks, c); at >= 0 {
				counts[at]++
			}
		}
	}
	return marks[most(counts)]
}

func most(counts [3]int) int {
	best := 0
	for i, n := range counts {
		if n > counts[best] {
			best = i
		}
	}
	return best
}

// splitCSV cuts a text into rows. encoding/csv is not used: it passes over
// blank lines, so that a row's number is not the one that a person sees, it
// knows no CR alone, and it gives up at the first fault. A quotation mark
// inside a cell that does not begin with one is a plain character.
func splitCSV(text string, comma byte, c *collector) error {
	var row []string
	ends := string([]byte{comma, '\n', '\r'})
	for len(text) > 0 {
		if len(row) > 4*mostColumns {
			return tooLarge("maxColumns", mostColumns)
		}
		cell, rest, open := "", "", false
		if text[0] == '"' {
			cell, rest, open = quotedCell(text[1:], ends)
		} else {
			end := strings.IndexAny(text, ends)
			if end < 0 {
				end = len(text)
			}
			cell, rest = text[:end], text[end:]
		}
		if row, text = append(row, cell), rest; open {
			return c.add(row, true, "import.quote_unclosed")
		}
		if text != "" && text[0] == comma {
			if text = text[1:]; text != "" {
				continue
			}
			row = append(row, "") // the delimiter was the last thing in the file
		}
		// CR LF, LF, and a CR alone each end a row.
		text = strings.TrimPrefix(strings.TrimPrefix(text, "\r"), "\n")
		if err := c.add(row, true); err != nil {
			return err
		}
		row = row[:0]
	}
	return nil
}

// quotedCell reads a cell after its opening quotation mark. open says that the
// closing one never came.
func quotedCell(text, ends string) (cell, rest string, open bool) {
	var parts strings.Builder
	for {
		i := strings.IndexByte(text, '"')
		if i < 0 {
			return parts.String() + text, "", true
		}
		if after := text[i+1:]; strings.HasPrefix(after, `"`) {
			parts.WriteString(text[:i+1])
			text = after[1:]
			continue
		}
		// Anything between the closing mark and the delimiter belongs to the cell.
		end := strings.IndexAny(text[i+1:], ends)
		if end < 0 {
			end = len(text) - i - 1
		}
		if parts.Len() == 0 && end == 0 {
			return text[:i], text[i+1:], false
		}
		parts.WriteString(text[:i])
		parts.WriteString(text[i+1 : i+1+end])
		return parts.String(), text[i+1+end:], false
	}
}
