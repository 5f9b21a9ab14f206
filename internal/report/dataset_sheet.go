package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"beforehand/models"
)

// rows gives the cells of each row that a sheet holds, with the row's number,
// each cell written as it would be in a text file of the same plan.
func (b *book) rows(part string, reading models.Reading, row func(number int, cells [][]byte) error) error {
	rc, r, err := b.open(part, largestPart)
	if err != nil {
		return err
	}
	defer rc.Close()
	s := &sheet{book: b, reading: reading, x: xml.NewDecoder(r)}
	for {
		t, err := s.x.RawToken()
		if errors.Is(err, io.EOF) && s.ended {
			return nil
		}
		if err != nil {
			return partFault(err, s.number)
		}
		switch v := t.(type) {
		case xml.StartElement:
			err = s.start(v)
		case xml.EndElement:
			if v.Name.Local == "row" && len(s.cells) > 0 {
				if err := row(s.number, s.cells); err != nil {
					return err
				}
			}
			s.ended = s.ended || v.Name.Local == "worksheet"
			r.passed()
		}
		if err != nil {
			return partFault(err, s.number)
		}
	}
}

// sheet is the reading of one sheet.
type sheet struct {
	book    *book
	reading models.Reading
	x       *xml.Decoder
	number  int
	cells   [][]byte
	column  int  // of the last cell, from 1
	ended   bool // the element that holds all has been closed
}

func (s *sheet) start(v xml.StartElement) error {
	switch v.Name.Local {
	case "row":
		next := s.number + 1
		if r := attr(v, "r"); r != "" {
			n, err := strconv.Atoi(r)
			if err != nil || n < next || n > lastSheetRow {
				return fmt.Errorf("row %q after row %d", cut(r, 20), s.number)
			}
			next = n
		}
		if next > lastSheetRow {
			return errors.New("more rows than the format has")
		}
		s.number, s.cells, s.column = next, s.cells[:0], 0
	case "c":
		return s.cell(v)
	}
	return nil
}

func (s *sheet) cell(v xml.StartElement) error {
	column := s.column + 1
	if ref := attr(v, "r"); ref != "" {
		column = columnOf(ref)
	}
	if column <= s.column || column > lastColumn {
		return fmt.Errorf("column %d after %d", column, s.column)
	}
	s.column = column
	kind := attr(v, "t")
	text, err := s.content(kind)
	if err != nil || text == "" {
		return err
	}
	switch kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || i < 0 || i >= len(s.book.shared) {
			return errors.New("a shared text that is not there")
		}
		text = s.book.shared[i]
	case "", "n":
		style, _ := strconv.Atoi(attr(v, "s"))
		text = s.numeric(text, style)
	}
	for len(s.cells) < column-1 {
		s.cells = append(s.cells, nil)
	}
	s.cells = append(s.cells, []byte(text))
	return nil
}

// content reads a cell up to its end: its value, or the text that stands in it.
// The formula that a value was worked out by is passed over.
func (s *sheet) content(kind string) (string, error) {
	var out strings.Builder
	taking := 0
	for depth := 1; depth > 0; {
		t, err := s.x.RawToken()
		if err != nil {
			return "", err
		}
		switch v := t.(type) {
		case xml.StartElement:
			depth++
			if v.Name.Local == "v" && kind != "inlineStr" || v.Name.Local == "t" && kind == "inlineStr" {
				taking = depth
			}
		case xml.EndElement:
			if depth--; depth < taking {
				taking = 0
			}
		case xml.CharData:
			if taking > 0 {
				out.Write(v)
			}
		}
	}
	return out.String(), nil
}

// numeric writes a stored number. A day is written in the plan's form; a time
// and a share of a hundred keep the mark that makes them refused, since what is
// stored is not what a person sees.
func (s *sheet) numeric(text string, style int) string {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return text
	}
	look := lookNumber
	if style >= 0 && style < len(s.book.styles) {
		look = s.book.styles[style]
	}
	switch {
	case look == lookDay && v >= 1 && v < 2_958_466 && v == math.Trunc(v):
		return s.day(int(v))
	case look == lookDay || look == lookTime:
		minutes := int64(math.Round(math.Mod(math.Abs(v), 1) * 24 * 60))
		return fmt.Sprintf("%02d:%02d", int64(math.Abs(v))*24%100_000+minutes/60, minutes%60)
	case look == lookShare:
		return strconv.FormatFloat(v*100, 'g', -1, 64) + "%"
	}
	if math.Abs(v) < 1e15 {
		text = strconv.FormatFloat(v, 'f', -1, 64)
	}
	if s.reading.DecimalComma {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// day writes the day of a serial number.
func (s *sheet) day(serial int) string {
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if s.book.from04 {
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	layout := map[string]string{"dd/mm/yyyy": "02/01/2006", "dd.mm.yyyy": "02.01.2006"}[s.reading.DateForm]
	if layout == "" {
		layout = time.DateOnly
	}
	return epoch.AddDate(0, 0, serial).Format(layout)
}

func attr(v xml.StartElement, name string) string {
	for _, a := range v.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// columnOf reads the letters of a reference such as AB12; 0 is none.
func columnOf(ref string) int {
	n := 0
	for i := range len(ref) {
		c := ref[i]
		if c < 'A' || c > 'Z' {
			break
		}
		if n = n*26 + int(c-'A') + 1; n > lastColumn {
			return 0
		}
	}
	return n
}
